"""What stored forms mean: as Python values, as scaled integers, as sort keys, and in words.

A stored form is JSON-able and there is one for each value, so that equal values are equal as they stand:

==============================================  ==================================================
text, url, email, phone, country, choice        the text (a country by its two-letter code)
integer, boolean                                the number, true or false
decimal                                         its canonical text, ``'0.5'``
percent                                         the canonical text of the fraction, ``'0.25'``
money                                           ``['9000.5', 'EUR']``
date, partial date                              ``'2024-03-05'``, ``'2024-03'``, ``'2024'``
datetime                                        ``'2024-03-05T12:00:00.000000Z'``
a list of any of them                           the list of their stored forms
==============================================  ==================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from relgraph.errors import ValueProblem
from relgraph.values import Money, PartialDate, Percent, parse_datetime, shown
from relgraph.values.exact import plainly, shifted
from relgraph.vocabulary.model import Field

_Value = TypeVar("_Value")

SCALES: Final[Mapping[str, int]] = {"decimal": 6, "percent": 6, "money": 4}
"""Decimals that a number has where its field declares no scale; of a percent, those of the fraction."""

TEXTS: Final = frozenset(("text", "url", "email", "phone", "country", "choice"))
"""Kinds whose stored form is free text."""

_WORDS: Final[Mapping[str, str]] = {
    "text": "text",
    "integer": "a whole number",
    "decimal": "a number",
    "boolean": "true or false",
    "date": "a day such as 2024-03-05",
    "datetime": "a moment such as 2024-03-05T12:00:00Z",
    "partial date": "a day, month or year such as 2024-03",
    "percent": "a percent such as 25%",
    "money": "an amount such as 9000 EUR",
    "url": "an address such as https://example.com",
    "email": "an email address",
    "phone": "a phone number",
    "country": "a country such as DE",
    "choice": "a choice",
}


def in_order(stored: Mapping[str, _Value], declared: Iterable[str]) -> dict[str, _Value]:
    """Return values in the order in which their fields are declared; those of no such field come last, by name.

    Each store keeps values in an order of its own, and one that is changed comes last in one of them.

    >>> in_order({"gone": 1, "size": 2, "name": "ACME"}, ["name", "sector", "size"])
    {'name': 'ACME', 'size': 2, 'gone': 1}
    """
    found = {name: stored[name] for name in declared if name in stored}
    if len(found) < len(stored):
        found.update((name, stored[name]) for name in sorted(stored.keys() - found.keys()))
    return found


def scale_of(field: Field) -> int:
    """Return how many decimals the field's numbers have at most."""
    return SCALES.get(field.kind, 0) if field.scale is None else field.scale


def _decimal(stored: Any) -> Decimal:
    number = Decimal(stored)
    if type(stored) is not str or not number.is_finite():
        raise ValueError("no number")
    return number


def _either_number(stored: Any) -> Decimal:
    # a whole number is what a field that was of integers has left
    return Decimal(stored) if type(stored) is int else _decimal(stored)


def _money(stored: Any) -> Money:
    amount, currency = stored
    return Money(_decimal(amount), currency)


def _moment(stored: Any) -> datetime:
    moment = datetime.fromisoformat(stored)
    if moment.tzinfo is None:
        raise ValueError("a day or a time of no zone")
    return moment.astimezone(UTC)


def _text(stored: object) -> object:
    if not isinstance(stored, str):
        raise TypeError("no text")
    return stored


def _integer(stored: object) -> object:
    if type(stored) is not int:
        raise TypeError("no whole number")
    return stored


def _boolean(stored: object) -> object:
    if type(stored) is not bool:
        raise TypeError("neither true nor false")
    return stored


_UNREADABLE: Final = (ValueError, ArithmeticError, TypeError, AttributeError, LookupError)
"""What comes of a stored form that is none of its field: the field was of another kind, or another program wrote it."""

_LOAD: Final[Mapping[str, Callable[[Any], Any]]] = {
    "integer": _integer,
    "boolean": _boolean,
    "decimal": _either_number,
    "percent": lambda stored: Percent(_decimal(stored)),
    "money": _money,
    "date": date.fromisoformat,
    "partial date": PartialDate.parse,
    "datetime": _moment,
}


def load(field: Field, stored: object) -> Any:
    """Return a stored form as the Python value that users see; a list as a tuple.

    What is no stored form of the field comes as it stands: ``check`` lists it.

    >>> load(Field("share", "percent"), "0.25"), load(Field("share", "percent"), "all")
    (Percent('25%'), 'all')
    """
    try:
        return _loaded(field, stored)
    except _UNREADABLE:
        return as_it_stands(stored)


def as_it_stands(stored: object) -> object:
    """Return a stored form with tuples in place of lists, which can be a key.

    >>> as_it_stands([["5", "EUR"], ["6", "USD"]])
    (('5', 'EUR'), ('6', 'USD'))
    """
    return tuple([as_it_stands(one) for one in stored]) if isinstance(stored, list) else stored


def meant(field: Field, stored: object) -> Any:
    """Return a stored form as a question has it: as :func:`load`, but None for what is no stored form of the field."""
    try:
        return _loaded(field, stored)
    except _UNREADABLE:
        return None


def _loaded(field: Field, stored: object) -> Any:
    loading = _LOAD.get(field.kind, _text)
    if field.many:
        if not isinstance(stored, list):
            raise TypeError("no list")
        return tuple([loading(one) for one in stored])
    return loading(stored)


def scaled(field: Field, stored: Any) -> int:
    """Return a stored number as an integer, exact for adding: times ten to the field's scale.

    A money's currency is left to the caller. Dates are their ordinals, moments microseconds, booleans 0 and 1.
    ValueProblem where a number has more decimals than the field's scale, TypeError for kinds that are no numbers.

    >>> scaled(Field("share", "percent"), "0.25"), scaled(Field("price", "money"), ["9000.5", "EUR"])
    (250000, 90005000)
    """
    match field.kind:
        case "decimal" | "percent":
            return _scaled(field, str(stored) if type(stored) is int else stored)
        case "money":
            return _scaled(field, stored[0])
        case "integer" | "boolean":
            return int(stored)
        case "date":
            return date.fromisoformat(stored).toordinal()
        case "datetime":
            return parse_datetime(stored)
        case _:
            raise TypeError(f"{field.name} is {describe(field)} and has no number")


def amount(field: Field, stored: Any) -> int | None:
    """Return a stored number as :func:`scaled` does, None for what is no number of the field, or too large for one.

    >>> amount(Field("share", "percent"), "all") is None
    True
    """
    try:
        number = scaled(field, stored)
    except _UNREADABLE:
        return None
    return number if -_LARGEST < number < _LARGEST else None


_LARGEST: Final = 2**63
"""Columns hold whole numbers of 64 bits, the least of which marks what is missing."""


def _scaled(field: Field, text: str) -> int:
    scale = scale_of(field)
    whole, _, decimals = text.partition(".")
    if len(decimals) > scale:
        raise ValueProblem(f"{field.name} has {text}, which is finer than its scale of {scale}")
    return int(f"{whole}{decimals:0<{scale}}")


def unscaled(field: Field, number: int, currency: str | None = None) -> Any:
    """Return what a scaled integer, such as a sum of them, stands for: the inverse of :func:`scaled`.

    >>> unscaled(Field("share", "percent"), 1_000_000)
    Percent('100%')
    """
    match field.kind:
        case "decimal":
            return plainly(shifted(Decimal(number), -scale_of(field)))
        case "percent":
            return Percent(shifted(Decimal(number), -scale_of(field)))
        case "money":
            return Money(shifted(Decimal(number), -scale_of(field)), currency)
        case "integer":
            return number
        case _:
            raise TypeError(f"{field.name} is {describe(field)} and has no number")


def sort_key(field: Field, stored: Any) -> Any:
    """Return what orders the stored forms of one field: numbers by size, money within its currency, text as is.

    >>> sort_key(Field("size", "decimal"), "10") > sort_key(Field("size", "decimal"), "9.5")
    True
    """
    key = _KEYS.get(field.kind, _itself)
    return tuple([key(one) for one in stored]) if field.many else key(stored)


def _itself(stored: Any) -> Any:
    return stored


def _money_key(stored: Any) -> tuple[str, Decimal]:
    return stored[1], Decimal(stored[0])


_KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {"decimal": Decimal, "percent": Decimal, "money": _money_key}


def describe(field: Field) -> str:
    """Return in words what the field takes.

    >>> describe(Field("share", "percent", minimum="0", maximum="1"))
    'a percent from 0% to 100%'
    >>> describe(Field("sectors", "choice", many=True, choices=("Steel", "Media")))
    'a list, each Steel or Media'
    """
    words = _WORDS[field.kind]
    if field.choices:
        words = _either(field.choices)
    limits = _limits(field)
    if limits:
        words = words.partition(" such as ")[0] + limits
    if field.pattern is not None:
        words += f" that matches {shown(field.pattern)}"
    return f"a list, each {words}" if field.many else words


def _either(choices: tuple[str, ...]) -> str:
    if len(choices) > 12:
        return f"one of {len(choices)} choices ({', '.join(choices[:6])}, ...)"
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


def _limits(field: Field) -> str:
    single = replace(field, many=False)
    low = None if field.minimum is None else load(single, field.minimum)
    high = None if field.maximum is None else load(single, field.maximum)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if high is None else f" of at most {high}"
