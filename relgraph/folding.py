"""Folding: the form in which names are compared when case, accents and spacing do not matter."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ł": "l",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
    }
)
# classes below 10 are nuktas, viramas and the voicing marks of kana: they change the letter, not its accent
_FIRST_ACCENT = 10


def fold(text: str) -> str:
    """Return the text without case, accents, typographic quotes and surplus spaces.

    Letters that Unicode does not take apart (ø, ł, æ) become their plain neighbors.

    >>> fold("  Société  Générale "), fold("MØLLER–Mærsk"), fold("Straße")
    ('societe generale', 'moller-maersk', 'strasse')
    """
    if text.isascii() and "`" not in text:
        return " ".join(text.lower().split())
    # before the marks are taken off, as an acute accent alone decomposes into a space and a mark
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold().translate(_LETTERS)).casefold()
    kept = "".join([one for one in plain if unicodedata.combining(one) < _FIRST_ACCENT])
    return " ".join(unicodedata.normalize("NFC", kept).translate(_LETTERS).split())
