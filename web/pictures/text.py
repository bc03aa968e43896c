"""How wide text is, roughly: SVG made on the server has no fonts to ask."""

from __future__ import annotations

from typing import Final

_NARROW: Final = frozenset("iljI.,:;'|!ft()[] ")
_WIDE: Final = frozenset("mwMW@%&'")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in a common sans-serif font, in the unit of ``size``."""
    total = 0.0
    for one in text:
        if one in _NARROW:
            total += 0.28
        elif one in _WIDE:
            total += 0.86
        else:
            # letters outside of Latin are about as wide as they are high
            total += 1.0 if ord(one) > 0x2E80 else 0.68 if one.isupper() else 0.57
    return total * size * (1.06 if bold else 1)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, with its middle left out where it is longer.

    >>> shortened("Axel Springer Gesellschaft für Publizistik GmbH & Co.", 30)
    'Axel Springer Gesel…GmbH & Co.'
    """
    if len(text) <= most:
        return text
    head = -(-most * 62 // 100)
    return text[:head].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - (most - head - 1) :].lstrip()


def wrapped(text: str, room: float, size: float, *, lines: int = 2) -> list[str]:
    """Return a bold text in at most so many lines that fit into ``room``."""
    found: list[str] = []
    words = text.split()
    while words and len(found) < lines:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size, bold=True) <= room:
            line += " " + words.pop(0)
        if words and len(found) == lines - 1:
            line, words = " ".join([line, *words]), []
        most = len(line)
        while width(shortened(line, most), size, bold=True) > room and most > 4:
            most -= 1
        found.append(shortened(line, most))
    return found
