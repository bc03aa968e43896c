"""Exact decimal numbers: read from what people and programs write, and printed in one way only."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from relgraph.errors import ValueProblem

DIGITS: Final = 15
"""Significant digits that a number may have: a double holds each such number apart from its neighbors."""

# far beyond any amount, yet small enough that printing without an exponent stays short
_MOST_PLACES: Final = 400

_NUMBER = re.compile(r"([+-]?)(\d+(?:_\d+)*(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d{1,4}))?\s?(k|M|bn)?", re.ASCII)
_UNITS: Final = {"k": 3, "M": 6, "bn": 9}
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[., '’\u00a0\u202f]\d{3})+(?:[.,]\d+)?", re.ASCII)
# wide enough that no product or shift of numbers admitted here is ever rounded
_WIDE = Context(prec=4096, Emax=9999, Emin=-9999, traps=[InvalidOperation, Inexact])


def shown(value: object) -> str:
    """Return a value as messages show it: its repr, cut where it is long.

    >>> shown("x" * 1000)[-4:]
    "xx…'"
    """
    if isinstance(value, str) and len(value) > 60:
        return repr(value[:60] + "…")
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Python does not print integers of many thousand digits, nor lists nested as deep
        return f"a very large {type(value).__name__}"
    return text if len(text) <= 80 else text[:80] + "…"


def exact(value: object) -> Decimal:
    """Return a number exactly as it is written; a float is taken as Python prints it, so 0.1 is one tenth.

    Text may have ``_`` between digits, an exponent, and ``k``, ``M`` or ``bn`` behind it. ValueProblem where the
    value is no finite number.

    >>> exact("1_000.50"), exact(0.1), exact("10k")
    (Decimal('1000.50'), Decimal('0.1'), Decimal('1.0E+4'))
    """
    match value:
        case bool():
            raise ValueProblem(f"{value!r} is no number", hint="write 1 or 0, or use a boolean field")
        case Decimal():
            number = value
        case int():
            # before it is printed anywhere: Python refuses to print more than a few thousand digits
            if value.bit_length() > 3 * _MOST_PLACES:
                raise ValueProblem("a whole number of several hundred digits is too large")
            number = Decimal(value)
        case float():
            # float.__repr__ and not repr: subclasses print themselves in other words
            number = Decimal(float.__repr__(value))
        case str():
            number = _from_text(value)
        case _:
            raise ValueProblem(f"{shown(value)} is no number")
    if not number.is_finite():
        raise ValueProblem(f"{value} is no finite number", hint="leave the value out where it is not known")
    _, digits, exponent = number.as_tuple()
    if len(digits) > _MOST_PLACES or (number and abs(int(exponent)) > _MOST_PLACES):
        raise ValueProblem(f"{shown(value)} has too many digits, or is too large or too small")
    return number


def _from_text(text: str) -> Decimal:
    plain = text.strip().replace("−", "-")
    found = _NUMBER.fullmatch(plain) if len(plain) <= 2 * _MOST_PLACES else None
    if found is None:
        raise ValueProblem(f"{shown(text)} is no number", hint=_repair(plain))
    sign, digits, exponent, unit = found.groups()
    number = Decimal(f"{sign}{digits.replace('_', '')}e{exponent or 0}")
    return number.scaleb(_UNITS[unit], _WIDE) if unit else number


def _repair(text: str) -> str | None:
    if text.lower() in {"nan", "inf", "infinity", "-inf", "-infinity", "none", "null", "n/a", "-", ""}:
        return "leave the value out where it is not known"
    if _COMMA.fullmatch(text) and len(text.rpartition(",")[2]) != 3:
        return f"decimals stand after a point: {text.replace(',', '.')}"
    if _GROUPED.fullmatch(text):
        return "write digits without separators, or with _ between them, and decimals after a point: 1_000.50"
    return None


def canonical(number: Decimal) -> str:
    """Return the one text of a number: no exponent, no surplus zeros, no negative zero.

    >>> canonical(Decimal("0.50")), canonical(Decimal("1E+3")), canonical(Decimal("-0.0"))
    ('0.5', '1000', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plainly(number: Decimal) -> Decimal:
    """Return the number without surplus zeros, as one that was given has none.

    >>> plainly(Decimal("0.500000")), plainly(Decimal("1E+3"))
    (Decimal('0.5'), Decimal('1000'))
    """
    return Decimal(canonical(number))


def shifted(number: Decimal, places: int) -> Decimal:
    """Return the number times ten to that power, exactly."""
    return number.scaleb(places, _WIDE)
