"""Fields at work: what people and programs give is checked and brought into stored form.

:mod:`relgraph.vocabulary.stored` says what the stored forms are, and reads them back.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, Final

from relgraph.codes import country_code
from relgraph.errors import ValueProblem
from relgraph.folding import fold
from relgraph.values import (
    DIGITS,
    Money,
    PartialDate,
    Percent,
    canonical,
    datetime_text,
    day_bounds,
    exact,
    parse_datetime,
    shown,
)
from relgraph.values.exact import shifted
from relgraph.values.percent import repair
from relgraph.vocabulary.model import Field
from relgraph.vocabulary.stored import (
    TEXTS,
    amount,
    describe,
    load,
    meant,
    scale_of,
    scaled,
    sort_key,
    unscaled,
)

__all__ = [
    "UNTAKEN",
    "amount",
    "describe",
    "load",
    "meant",
    "rounded",
    "scale_of",
    "scaled",
    "settled",
    "sort_key",
    "store",
    "store_fast",
    "unscaled",
]

UNTAKEN: Final = (ValueProblem, TypeError, ValueError, ArithmeticError, LookupError)
"""What comes of a value that a field does not take: what another kind of field wrote may not even be readable."""

_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1
_MATCHED: Final = 1000
"""Characters that a text checked by a pattern may have, so that no pattern can take minutes."""
_COMPARED: Final = 100
"""Characters of a wrong text that are compared with what may have been meant."""
_CACHED: Final = 1 << 16

_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://[^\s\x00-\x1f\x7f]+|(?:mailto|tel|urn|sip|news):[^\s\x00-\x1f\x7f]+)", re.IGNORECASE
)
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(?:\.[^\s@.\x00-\x1f\x7f]+)*")
_PHONE = re.compile(r"(?=(?:\D*\d){2})[\d\s+().,;:/*#x~‐-–-]{2,60}(?:ext\.?\s?\d{1,10})?", re.IGNORECASE)
_BOOLEANS: Final[Mapping[str, bool]] = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}
# more digits than any admitted number has, so that quantizing never fails
_WIDE = Context(prec=2000)
# no datetime: two that are equal, in two zones, may be midnight in one of them only
_CACHED_TYPES: Final = (str, int, float, Decimal, Percent, Money, PartialDate, date)


def store(field: Field, value: object) -> object:
    """Return a value in the field's stored form; ValueProblem names the field, the value and what is expected.

    >>> store(Field("share", "percent"), "25 %"), store(Field("price", "money"), "9k EUR")
    ('0.25', ['9000', 'EUR'])
    """
    if not field.many:
        return _store(field, value)
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _problem(field, value, hint=f"give a list, such as [{shown(value)}]")
    single = replace(field, many=False)
    stored = [_store(single, one) for one in value]
    # a set has no order of its own, and the same one must be stored the same each time
    return sorted(stored, key=lambda one: sort_key(single, one)) if isinstance(value, AbstractSet) else stored


def settled(field: Field, stored: object) -> object:
    """Return what stands for a stored value in a field that may have been of another kind; raises any of UNTAKEN.

    >>> settled(Field("share", "percent"), "25%"), settled(Field("size", "decimal"), 5)
    ('0.25', '5')
    """
    return store(field, load(field, stored))


def store_fast(field: Field) -> Callable[[object], object]:
    """Return :func:`store` for one field as a function that remembers what it stored: for loading many rows.

    >>> storing = store_fast(Field("share", "percent"))
    >>> storing("40%"), storing("40.0%")
    ('0.4', '0.4')
    """
    if field.many:
        return lambda value: store(field, value)
    if field.kind == "text" and field.pattern is None and not field.choices:

        def store_text(value: object) -> object:
            return value if type(value) is str and value.isascii() else _store(field, value)

        return store_text
    # apart by type, as 1, 1.0 and True are one key to a dict and are not one value to a field
    caches: dict[type, dict[Any, object]] = {one: {} for one in _CACHED_TYPES}

    def store_cached(value: object) -> object:
        cache = caches.get(type(value))
        if cache is None:
            return _store(field, value)
        found = cache.get(value)
        if found is None:
            found = _store(field, value)
            if len(cache) >= _CACHED:
                cache.clear()
            cache[value] = found
        # a list handed out twice could be changed in one place and would change in the other
        return found.copy() if type(found) is list else found

    return store_cached


def rounded(field: Field, value: object) -> object:
    """Return a number, percent or money rounded to what the field holds, half to even: for sources that say more.

    Other values, and texts that are no number, come back as they are, for :func:`store` to judge.

    >>> rounded(Field("share", "percent"), "33.333333333%")
    Percent('33.3333%')
    """
    try:
        match field.kind:
            case "percent" if isinstance(value, str | Percent):
                return Percent(_round(field, (value if isinstance(value, Percent) else Percent(value)).fraction))
            case "money" if isinstance(value, str | Money | tuple | list):
                money = _as_money(value)
                return Money(_round(field, money.amount), money.currency)
            case "decimal":
                return _round(field, exact(value))
            case "integer":
                return int(exact(value).to_integral_value(ROUND_HALF_EVEN))
    except (ValueProblem, TypeError):
        pass
    return value


def _round(field: Field, number: Decimal) -> Decimal:
    # one rounding, at the coarser of the two limits: rounding twice could go the wrong way
    finest = max(-scale_of(field), number.adjusted() - DIGITS + 1)
    return number.quantize(Decimal((0, (1,), finest)), ROUND_HALF_EVEN, _WIDE)


def _problem(
    field: Field, value: object, *, because: str = "", hint: str | None = None, candidates: Iterable[str] = ()
) -> ValueProblem:
    wrong = f"and {because}" if because else f"not {shown(value)}"
    return ValueProblem(
        f"{field.name} takes {describe(field)}, {wrong}",
        hint=hint,
        candidates=candidates,
        details={"field": field.name, "kind": field.kind, "value": shown(value)},
    )


def _store(field: Field, value: object) -> object:
    if type(value).__module__ == "numpy" and type(value).__name__ != "datetime64":
        value = value.item()  # type: ignore[attr-defined]  # numbers of arrays and frames have it
    try:
        stored = _STORE[field.kind](field, value)
    except ValueProblem as problem:
        if "field" in problem.details:
            raise
        raise _problem(
            field, value, because=problem.message, hint=problem.hint, candidates=problem.candidates
        ) from None
    if field.kind in TEXTS:
        _check_text(field, str(stored))
    elif field.minimum is not None or field.maximum is not None:
        _check_limits(field, stored, value)
    return stored


def _check_text(field: Field, stored: str) -> None:
    if field.choices and stored not in field.choices:
        table = {fold(choice): choice for choice in field.choices}
        near = difflib.get_close_matches(fold(stored[:_COMPARED]), table, n=3, cutoff=0.6)
        raise _problem(field, stored, candidates=[table[one] for one in near])
    if field.pattern is not None:
        if len(stored) > _MATCHED:
            hint = f"text that is checked by a pattern has at most {_MATCHED} characters"
            raise _problem(field, stored, hint=hint)
        if _compiled(field.pattern).fullmatch(stored) is None:
            raise _problem(field, stored, hint=f"such as {field.example}" if field.example else None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueProblem(f"{shown(pattern)} is no regular expression: {error}") from None


def _check_limits(field: Field, stored: Any, value: object) -> None:
    for limit, sign in ((field.minimum, 1), (field.maximum, -1)):
        if limit is not None and sign * _distance(field, stored, limit, value, sign) < 0:
            raise _problem(field, value)


def _distance(field: Field, stored: Any, limit: Any, value: object, sign: int) -> int:
    """Return a number with the sign of stored minus limit."""
    match field.kind:
        case "money":
            # no amount is any amount's zero, whatever the currency
            if stored[1] != limit[1] and Decimal(limit[0]):
                raise _problem(field, value, because=f"{stored[1]} cannot be compared with {limit[1]}")
            left, right = Decimal(stored[0]), Decimal(limit[0])
        case "partial date":
            # refused only where no day of it is allowed
            low, high, _ = day_bounds(stored)
            limit_low, limit_high, _ = day_bounds(limit)
            left, right = (Decimal(high), Decimal(limit_low)) if sign > 0 else (Decimal(low), Decimal(limit_high))
        case _:
            left, right = sort_key(field, stored), sort_key(field, limit)
    return (left > right) - (left < right)


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        hint = f"write {str(value)!r}" if isinstance(value, int | float | Decimal | date) else None
        raise _problem(field, value, hint=hint)
    # of a subclass the plain text, so that it is JSON whatever the subclass prints
    text = value if type(value) is str else str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            because = f"{shown(text)} has half a character (a lone surrogate) at position {error.start}"
            raise _problem(field, text, because=because, hint="read the source with its true encoding") from None
    return text


def _shaped(
    shape: re.Pattern[str], most: int, repairing: Callable[[str], str | None]
) -> Callable[[Field, object], str]:
    def storing(field: Field, value: object) -> str:
        text = _text(field, value).strip()
        if not text:
            raise _problem(field, text, hint="leave it out where it is not known")
        if len(text) > most or shape.fullmatch(text) is None:
            raise _problem(field, text, hint=repairing(text) if len(text) <= most else f"at most {most} characters")
        return text

    return storing


def _repair_url(text: str) -> str | None:
    if re.fullmatch(r"[\w.-]+\.[a-z]{2,}(?:[/:?#]\S*)?", text, re.IGNORECASE):
        return f"write https://{text}"
    return None


def _repair_email(text: str) -> str | None:
    inside = re.search(r"<([^<>\s]+@[^<>\s]+)>", text)
    return f"write {inside[1]}" if inside else "such as ana@example.com"


def _country(field: Field, value: object) -> str:
    return country_code(_text(field, value).strip())


def _integer(field: Field, value: object) -> int:
    number = value if type(value) is int else exact(value)
    # of a Decimal, the size first: turning 1e400 into an integer is cheap, printing it is not
    if not _SMALLEST <= number <= _LARGEST:
        raise _problem(field, value, hint="whole numbers have at most 64 bits; keep longer ones as text")
    whole = int(number)
    if whole != number:
        raise _problem(field, value, hint=f"round it to {round(number)}, or declare the field as decimal")
    return whole


def _boolean(field: Field, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        found = _BOOLEANS.get(str(value).strip().casefold())
        if found is not None:
            return found
    raise _problem(field, value)


def _checked(field: Field, number: Decimal, value: object) -> str:
    """Return the canonical text of a number that the field's scale and fifteen digits hold."""
    text = canonical(number)
    whole, _, decimals = text.lstrip("-").partition(".")
    scale = scale_of(field)
    if len(decimals) > scale or len(f"{whole}{decimals}".strip("0")) > DIGITS:
        said = f"{shown(value)} has more than {scale} decimals" if len(decimals) > scale else ""
        if field.kind == "percent" and said:
            said = f"{shown(value)} has more than {max(scale - 2, 0)} decimals"
        because = said or f"{shown(value)} has more than {DIGITS} significant digits"
        raise _problem(field, value, because=because, hint=f"round it to {_show(field, _round(field, number), value)}")
    if len(whole) + scale >= 19 and int(whole + decimals.ljust(scale, "0")) > _LARGEST:
        most = canonical(shifted(Decimal(_LARGEST), -scale))
        hint = f"with {scale} decimals it may be up to {most}; a field with a smaller scale has more room"
        raise _problem(field, value, because=f"{shown(value)} is too large", hint=hint)
    return text


def _show(field: Field, number: Decimal, value: object) -> str:
    match field.kind:
        case "percent":
            return str(Percent(number))
        case "money":
            return str(Money(number, _as_money(value).currency))
        case _:
            return canonical(number)


def _decimal(field: Field, value: object) -> str:
    return _checked(field, exact(value), value)


def _percent(field: Field, value: object) -> str:
    if isinstance(value, Percent):
        return _checked(field, value.fraction, value)
    if isinstance(value, str) and value.strip() != "0":
        try:
            fraction = Percent(value).fraction
        except ValueProblem as problem:
            hint = _beyond(field, value) or problem.hint
            raise _problem(field, value, because=problem.message, hint=hint) from None
        return _checked(field, fraction, value)
    # nothing is nothing, with the sign or without
    if exact(value):
        raise _problem(field, value, hint=_beyond(field, value) or repair(value))
    return "0"


def _beyond(field: Field, value: object) -> str | None:
    """Return what to say of a number that lacks its sign, where the limits would refuse it with the sign, too."""
    try:
        number = exact(value)
    except ValueProblem:
        return None
    meant = Percent(shifted(number, -2))
    below = field.minimum is not None and meant.fraction < Decimal(str(field.minimum))
    above = field.maximum is not None and meant.fraction > Decimal(str(field.maximum))
    # a number up to 1 may be meant as a fraction
    if abs(number) <= 1 or not (below or above):
        return None
    return f"a percent is written with its sign, but {meant} is out of this range, too: look at where it comes from"


def _as_money(value: object) -> Money:
    match value:
        case Money():
            return value
        case str():
            return Money(value)
        case (list() | tuple()) as pair if len(pair) == 2:
            amount, currency = pair
            return Money(exact(amount), currency)
        case {"amount": amount, "currency": currency, **rest} if not rest:
            return Money(exact(amount), currency)
        case _:
            number = canonical(exact(value))
            hint = f"the currency is missing: write '{number} EUR', or Money({number}, 'EUR')"
            raise ValueProblem(f"{shown(value)} is no money", hint=hint)


def _money(field: Field, value: object) -> list[str]:
    money = _as_money(value)
    return [_checked(field, money.amount, money), money.currency]


def _date(field: Field, value: object) -> str:
    first, _, precision = day_bounds(value)
    if precision:
        hint = "write the day too, or declare the field as partial date"
        raise _problem(field, value, because=f"{shown(value)} is no day", hint=hint)
    return date.fromordinal(first).isoformat()


def _partial_date(_: Field, value: object) -> str:
    first, _last, precision = day_bounds(value)
    return date.fromordinal(first).isoformat()[: (10, 7, 4)[precision]]


def _datetime(_: Field, value: object) -> str:
    return datetime_text(parse_datetime(value))


_STORE: Final[Mapping[str, Callable[[Field, Any], object]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "partial date": _partial_date,
    "percent": _percent,
    "money": _money,
    "url": _shaped(_URL, 4000, _repair_url),
    "email": _shaped(_EMAIL, 320, _repair_email),
    "phone": _shaped(_PHONE, 60, lambda _: "such as +33 1 23 45 67 89"),
    "country": _country,
    "choice": _text,
}
