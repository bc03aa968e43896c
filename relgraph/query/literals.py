"""From the words of a text to values: numbers, dates, quoted texts, names."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from relgraph.errors import ValueProblem
from relgraph.query import syntax as s
from relgraph.query.problems import Refused, syntax
from relgraph.values import Money, Percent, exact, period_bounds

_SCALES: Final = {"k": 1_000, "M": 1_000_000, "bn": 1_000_000_000}
_NUMBER: Final = re.compile(r"(\d[\d_]*(?:\.\d+)?)(k|M|bn)?")
_CODE: Final = re.compile(r"[A-Z]{3}")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_PLAIN_ESCAPES: Final = {"n": "\n", "t": "\t"}
_LARGEST: Final = 2**63 - 1


def _refuse(about: str, message: str, span: s.Span, hint: str | None = None) -> Refused:
    return Refused(syntax(about, message, span, hint=hint))


def name_of(word: str) -> str:
    """Return the name that a word writes, without backticks, in the composed form of Unicode."""
    plain = word[1:-1] if word.startswith("`") else word
    return unicodedata.normalize("NFC", str(plain))


def text_of(quoted: str, span: s.Span) -> str:
    """Return the text that stands in quotes; a backslash escapes in straight quotes only."""
    inner = str(quoted[1:-1])
    if quoted[0] not in "\"'" or "\\" not in inner:
        return inner
    plain = _ESCAPE.sub(_unescaped, inner)
    try:
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise _refuse(
            "surrogate", "half a character is no text", span, "\\u escapes above ffff come in pairs"
        ) from None


def _unescaped(found: re.Match[str]) -> str:
    said = found[1]
    if said[0] == "u" and len(said) == 5:
        return chr(int(said[1:], 16))
    return _PLAIN_ESCAPES.get(said, said)


def id_of(word: str, span: s.Span) -> str:
    """Return the id that ``@id`` or ``@"any id"`` writes."""
    plain = word[1:]
    return text_of(plain, span) if plain[0] in "\"'" else str(plain)


def unit(word: str) -> s.Unit:
    """Return the unit of time that a word says, in the singular."""
    said: s.Unit = str(word).lower().removesuffix("s")  # type: ignore[assignment]
    return said


def whole(word: str, span: s.Span) -> int:
    """Return a whole number such as ``42``, ``1_000`` or ``10k``; refused past 64 bits."""
    found = _NUMBER.fullmatch(word)
    digits = found[1].replace("_", "") if found else ""
    if found is None or len(digits) > 19 or (number := int(digits) * _SCALES.get(found[2], 1)) > _LARGEST:
        raise _refuse("number", f"the number is too large: at most {_LARGEST}", span)
    return number


def _decimal(word: str) -> Decimal:
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise ValueProblem(f"'{word}' is no number")
    return exact(found[1].replace("_", "")) * _SCALES.get(found[2], 1)


def number(token: str, span: s.Span) -> s.Number:
    """Return the number, percent or amount of money that a word writes."""
    word = str(token)
    try:
        if word.endswith("%"):
            return s.Number(Percent(_decimal(word[:-1].strip()).scaleb(-2)), span=span)
        if code := _CODE.search(word):
            amount = (word[: code.start()] + word[code.end() :]).strip()
            _grouped(amount, word, span)
            return s.Number(Money(_decimal(amount), code[0]), span=span)
        if word.isascii() and "." in word:
            return s.Number(plain(_decimal(word)), span=span)
    except ValueProblem as problem:
        raise _refuse("number", problem.message, span, problem.hint) from None
    return s.Number(whole(word, span), span=span)


def _grouped(amount: str, word: str, span: s.Span) -> None:
    if _THOUSANDS.fullmatch(amount):
        joined = word.replace(".", "")
        raise _refuse(
            "thousands", f"'{word}' may be meant as thousands", span, f"a point starts decimals: write {joined}"
        )


def plain(value: Decimal) -> int | Decimal:
    """Return a decimal as an int where it is whole."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def negated(value: s.Number) -> s.Number:
    """Return the number with its sign turned."""
    match value.value:
        case Percent():
            turned: int | Decimal | Percent | Money = Percent(-value.value.fraction)
        case Money():
            turned = Money(-value.value.amount, value.value.currency)
        case _:
            turned = -value.value
    return s.Number(turned, span=value.span)


def when(token: str, span: s.Span) -> s.When:
    """Return a day, month, quarter or moment, refusing those that the calendar does not have."""
    word = str(token).upper()
    try:
        if "T" in word:
            datetime.fromisoformat(word)
        else:
            period_bounds(word)
    except ValueError as error:
        hint = error.hint if isinstance(error, ValueProblem) else None
        raise _refuse("date", f"'{token}' is not in the calendar", span, hint) from None
    return s.When(word, span=span)


def day_part(kind: str) -> Literal["date", "datetime", "period"]:
    """Return what a written time is: a day, a moment, or a period of several days."""
    if "T" in kind:
        return "datetime"
    return "date" if len(kind) == 10 else "period"
