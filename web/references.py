"""Ids in addresses: any text, so that what an address gives a meaning to is written with a tilde."""

from __future__ import annotations

import re
from typing import Final

from werkzeug.routing import BaseConverter

_SPECIAL: Final = re.compile(r"[~/\\\x00-\x1f]|^\.{1,2}$|\.(?=(?:json|csv|svg)$)")
_CODE: Final = re.compile(r"~([0-9A-F]{2})")


def as_reference(text: str) -> str:
    r"""Return an id as it stands in an address: ``~`` and two hex digits for a slash, a tilde, a final ``.json``.

    >>> as_reference("a/b.json"), from_reference("a~2Fb~2Ejson")
    ('a~2Fb~2Ejson', 'a/b.json')
    """
    return _SPECIAL.sub(lambda found: "".join(f"~{ord(one):02X}" for one in found[0]), text)


def from_reference(text: str) -> str:
    """Return the id that a part of an address means."""
    return _CODE.sub(lambda found: chr(int(found[1], 16)), text)


class ReferenceConverter(BaseConverter):
    """Converts ids between addresses and the network."""

    regex = r"[^/]+?"

    def to_python(self, value: str) -> str:
        """Return the id."""
        return from_reference(value)

    def to_url(self, value: object) -> str:
        """Return the part of the address."""
        return str(super().to_url(as_reference(str(value))))
