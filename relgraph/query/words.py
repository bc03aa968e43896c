"""The words of the language, and how names, texts and numbers are written so that they are read back the same."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Final

RESERVED: Final = frozenset(
    {
        "and",
        "any",
        "anything",
        "as",
        "asc",
        "avoiding",
        "between",
        "but",
        "cycles",
        "desc",
        "distinct",
        "during",
        "ever",
        "every",
        "falling",
        "false",
        "find",
        "from",
        "has",
        "having",
        "in",
        "intersect",
        "limit",
        "me",
        "minus",
        "no",
        "not",
        "only",
        "optionally",
        "or",
        "per",
        "prefer",
        "relations",
        "rising",
        "show",
        "skip",
        "that",
        "through",
        "times",
        "to",
        "today",
        "true",
        "union",
        "us",
        "via",
        "where",
        "which",
        "who",
        "whose",
        "with",
        "without",
    }
)
"""Words that are no names unless in backticks (``me`` and ``us`` in lower case only)."""

# one word of each keyword of two words that two names side by side could make, and the keyword that may stand alone
# where a name does: canonical text must not depend on what stands beside a name
_SOFT: Final = frozenset(
    {"all", "are", "by", "exactly", "is", "known", "least", "most", "of", "shortest", "strongest", "than"}
)
_TEXT_OPERATORS: Final = frozenset(["contains", "matches", "starts", "ends"])

_SHORT_ID: Final = re.compile(r"\w[\w:-]*")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


@cache
def marks() -> str:
    r"""Return, for a character class, the marks that identifiers may hold and ``\w`` leaves out."""
    runs: list[list[int]] = []
    # between these are ideographs, syllables and private use, which never get any
    for first, end in ((0x300, 0x3400), (0xA000, 0xAC00), (0xFB00, 0x1F000), (0xE0100, 0xE01F0)):
        for code, category in enumerate(map(unicodedata.category, map(chr, range(first, end))), first):
            if category in ("Mn", "Mc"):
                if runs and runs[-1][1] == code - 1:
                    runs[-1][1] = code
                else:
                    runs.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)


@cache
def _name() -> re.Pattern[str]:
    return re.compile(f"[^\\W\\d][\\w{marks()}]*")


@cache
def _names() -> re.Pattern[str]:
    # what holds no names stands first: texts, comments, parameters and ids
    texts = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|“[^”]*”|„[^“”]*[“”]|«[^»]*»|--[^\n]*|[$@][\w:-]+'
    return re.compile(f"{texts}|`([^`]*)`|({_name().pattern})")


def names_in(text: str) -> set[str]:
    """Return the words of a question's text that may be names, whether or not the text can be read.

    >>> sorted(names_in('find Company (owns{2} "supplies") and count(`paid by`) > 2 -- knows'))
    ['Company', 'and', 'count', 'find', 'owns', 'paid by']
    """
    return {found[1] or found[2] for found in _names().finditer(text)} - {None}


def reserved(word: str) -> bool:
    """Return whether the word is no name unless in backticks.

    >>> reserved("THAT"), reserved("us"), reserved("US")
    (True, True, False)
    """
    return word in {"me", "us"} or (word.lower() not in {"me", "us"} and word.lower() in RESERVED)


def written_name(name: str, *, as_type: bool = False) -> str:
    """Return a name as it is written, in backticks where it would not be read as one.

    >>> written_name("owns"), written_name("limit"), written_name("has part"), written_name("contains", as_type=True)
    ('owns', '`limit`', '`has part`', '`contains`')
    """
    plain = _name().fullmatch(name) and not reserved(name) and name.lower() not in _SOFT
    if plain and not (as_type and name.lower() in _TEXT_OPERATORS):
        return name
    return f"`{name}`"


def written_text(text: str) -> str:
    r"""Return text in quotes.

    >>> print(written_text('say "yes"'))
    "say \"yes\""
    """
    return '"' + "".join(_ESCAPES.get(one) or (one if one >= " " else f"\\u{ord(one):04x}") for one in text) + '"'


def written_id(identifier: str) -> str:
    """Return an entity's id as it is written.

    >>> written_id("acme-1"), written_id("a 1")
    ('@acme-1', '@"a 1"')
    """
    return f"@{identifier}" if _SHORT_ID.fullmatch(identifier) else f"@{written_text(identifier)}"


def written_decimal(number: Decimal) -> str:
    """Return a decimal number without an exponent."""
    return f"{number:f}"
