"""Between stored forms and properties that look natural in the database, without loss.

==================  ======================================================================================
stored              property
==================  ======================================================================================
text and its kin    the text
integer, boolean    the same
decimal, percent    a double (at most 15 digits, so it is exact); a percent as its fraction
money               a double, and the currency in ``<name>_currency``
date                a date
partial date        the first day as a date, and ``_<name>_precision`` (1 a month, 2 a year) where it is partial
datetime            a datetime in UTC
a list              a list of the same; of money two lists, of partial dates two lists
none of its field   its JSON in ``_<name>_unread``, where no question sees it
==================  ======================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

from neo4j.time import Date, DateTime

from relgraph.engines.neo4j.names import token, untoken
from relgraph.errors import CapabilityError
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.values import canonical, datetime_text, exact, parse_datetime
from relgraph.vocabulary.fields import scale_of
from relgraph.vocabulary.model import Field, Vocabulary

Properties = dict[str, Any]

_PLAIN = {"integer": int, "boolean": bool}
"""Kinds that are no text and look in the database as they do in stored form."""
_AS_KEPT = frozenset(("text", "integer", "boolean", "url", "email", "phone", "country", "choice"))
"""Kinds whose properties are stored values as they are."""
_UNREAD = "_unread"
_MOST_KNOWN = 1_000
_LAST = date.max.toordinal()
_TOO_LARGE = 1e15
"""What has more digits before the point than a double holds exactly, which no field takes."""


def currency_property(name: str) -> str:
    """Return the property that holds the currency of a money."""
    return f"{token(name)}_currency"


def precision_property(name: str) -> str:
    """Return the property that says how partial a date is."""
    return f"_{token(name)}_precision"


def _partial(text: str) -> tuple[date, int]:
    precision = {10: 0, 7: 1, 4: 2}[len(text)]
    return date.fromisoformat(text + ("", "-01", "-01-01")[precision]), precision


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a day or a time of no zone")
    return moment.astimezone(UTC)


def unread_property(name: str) -> str:
    """Return the property that holds what is no value of its field: a field of another kind has left it."""
    return f"_{token(name)}{_UNREAD}"


def kept_properties(field: Field) -> tuple[str, ...]:
    """Return the properties that a field may be kept in, the one of its value first."""
    name = field.name
    # what would be the currency of any other field is a name that a field of its own may have
    currency = (currency_property(name),) if field.kind == "money" else ()
    return token(name), *currency, precision_property(name), unread_property(name)


def put(field: Field, stored: Any, into: Properties) -> None:
    """Add the properties of one stored value; what is no value of its field is put aside."""
    try:
        _put(field, stored, into)
    except (TypeError, ValueError, KeyError, IndexError):
        put_aside(field.name, stored, into)


def put_aside(name: str, stored: Any, into: Properties) -> None:
    """Add the property of a stored value that is none of its field, in place of those that would say one."""
    into[unread_property(name)] = json.dumps(stored, ensure_ascii=False)


def _double(field: Field, stored: Any) -> float:
    if type(stored) is not str and (type(stored) is not int or field.kind != "decimal"):
        raise TypeError("no number")
    number = float(stored)
    if not -_TOO_LARGE < number < _TOO_LARGE:
        raise ValueError("no number")
    return number


def _money(field: Field, stored: Any) -> tuple[float, str]:
    amount, currency = stored
    if type(currency) is not str:
        raise TypeError("no currency")
    return _double(field, amount), currency


def _same(field: Field, stored: Any) -> Any:
    if type(stored) is not _PLAIN.get(field.kind, str):
        raise TypeError("no value of this kind")
    return stored


def _put(field: Field, stored: Any, into: Properties) -> None:
    name = token(field.name)
    many = field.many
    match field.kind:
        case "decimal" | "percent":
            into[name] = [_double(field, one) for one in stored] if many else _double(field, stored)
        case "money":
            amounts = [_money(field, one) for one in (stored if many else [stored])]
            into[name] = [one[0] for one in amounts] if many else amounts[0][0]
            into[currency_property(field.name)] = [one[1] for one in amounts] if many else amounts[0][1]
        case "date":
            into[name] = [date.fromisoformat(one) for one in stored] if many else date.fromisoformat(stored)
        case "partial date":
            parts = [_partial(one) for one in (stored if many else [stored])]
            into[name] = [one[0] for one in parts] if many else parts[0][0]
            if any(one[1] for one in parts):
                into[precision_property(field.name)] = [one[1] for one in parts] if many else parts[0][1]
        case "datetime":
            into[name] = [_moment(one) for one in stored] if many else _moment(stored)
        case _:
            into[name] = [_same(field, one) for one in stored] if many else _same(field, stored)


def properties(fields: Mapping[str, Field], stored: Mapping[str, Any]) -> Properties:
    """Return the properties of stored values; a name without a field is kept by what its value looks like."""
    found: Properties = {}
    for name, value in stored.items():
        field = fields.get(name)
        if field is not None:
            put(field, value, found)
        elif isinstance(value, list) and any(isinstance(one, list) for one in value):
            # no property holds lists of lists: amounts with their currencies
            put_aside(name, value, found)
        else:
            found[token(name)] = value
    return found


@lru_cache(maxsize=1 << 14)
def _number(value: float, scale: int) -> str:
    """Return a number of the database in stored form, rounded to what the field holds: others keep more digits."""
    if value != value or abs(value) >= _TOO_LARGE:  # noqa: PLR0124 - only what is no number differs from itself
        raise ValueError("no number")
    text = canonical(exact(value))
    if len(text.partition(".")[2]) <= scale:
        return text
    return canonical(Decimal(text).quantize(Decimal((0, (1,), -scale)), ROUND_HALF_EVEN))


def _amount(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return _number(float(value), scale_of(field))


def _day(value: Any) -> str:
    return str(value.iso_format())


def _instant(value: Any) -> str:
    return datetime_text(parse_datetime(value.to_native()))


def driver_time(value: Any) -> Any:
    """Return a day or moment of Python as the driver has it, alone or in a list; any other value as it is."""
    if isinstance(value, list):
        return [driver_time(one) for one in value]
    if isinstance(value, datetime):
        return DateTime.from_native(value)
    return Date.from_native(value) if isinstance(value, date) else value


def _take_partial(value: Any, precision: int) -> str:
    return _day(value)[: (10, 7, 4)[precision]]


def _plain(value: Any) -> Any:
    """Return what a property without a field of its own is in stored form, by its type."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return canonical(exact(value)) if abs(value) < _TOO_LARGE else str(value)
    native = getattr(value, "to_native", None)
    if native is not None and hasattr(value, "iso_format"):
        return value.iso_format()
    return str(value)


def take(field: Field, held: Mapping[str, Any]) -> Any:
    """Return the stored form of one field's properties; what another tool wrote differently comes as it is."""
    value = held[token(field.name)]
    many = field.many and isinstance(value, list)
    try:
        match field.kind:
            case "decimal" | "percent":
                return [_amount(field, one) for one in value] if many else _amount(field, value)
            case "money":
                currency = held[currency_property(field.name)]
                if many:
                    return [[_amount(field, one), which] for one, which in zip(value, currency, strict=True)]
                return [_amount(field, value), currency]
            case "date":
                return [_day(one) for one in value] if many else _day(value)
            case "partial date":
                how = held.get(precision_property(field.name))
                if many:
                    return [_take_partial(one, part) for one, part in zip(value, how or [0] * len(value), strict=True)]
                return _take_partial(value, how or 0)
            case "datetime":
                return [_instant(one) for one in value] if many else _instant(value)
            case _:
                return list(value) if many else value
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        return _plain(value)


def taken_aside(held: Any) -> Any:
    """Return a stored value that is none of its field from its property."""
    try:
        return json.loads(held, object_hook=_none_of_ours)
    except (TypeError, ValueError):
        return str(held)


def _none_of_ours(_: object) -> None:
    raise ValueError("no stored form holds an object")


def _left_aside(kept: str) -> str | None:
    """Return the name whose value a property holds aside, None for any other property."""
    return untoken(kept[1:].removesuffix(_UNREAD)) if kept.startswith("_") and kept.endswith(_UNREAD) else None


class Forms:
    """How the properties of the nodes of one type, or of the relationships of one predicate, are read.

    ``own`` are properties that are no fields.
    """

    def __init__(self, fields: Mapping[str, Field], own: Iterable[str]) -> None:
        self._fields = fields
        self._read = tuple(
            (name, token(name), unread_property(name), field, field.kind in _AS_KEPT and not field.many)
            for name, field in fields.items()
        )
        beside = {currency_property(name) for name, field in fields.items() if field.kind == "money"}
        # a name may begin with what marks the properties of relgraph's own
        beside.update(of(name) for name in fields for of in (precision_property, unread_property))
        self._known = {*own, *beside, *map(token, fields)}

    def stored(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values: of fields in the vocabulary's order, then of what has no field."""
        found: dict[str, Any] = {}
        for name, kept, aside, field, as_kept in self._read:
            value = held.get(kept)
            if value is not None:
                found[name] = value if as_kept else take(field, held)
            elif (unread := held.get(aside)) is not None:
                found[name] = taken_aside(unread)
        known = self._known
        for kept, value in held.items():
            if kept in known or value is None:
                continue
            left = _left_aside(kept)
            further = untoken(kept)
            if left is not None:
                if left not in found and left not in self._fields:
                    found[left] = taken_aside(value)
            elif further is None:
                # a property of relgraph's own, of which there are few
                if len(known) < _MOST_KNOWN:
                    known.add(kept)
            elif further not in found and further not in self._fields:
                found[further] = _plain(value)
        return found


def day_value(day: int) -> date | None:
    """Return a bound as a property: None where it is open; the day after the last one is the last one."""
    if day in (OPEN_START, OPEN_END):
        return None
    return date.fromordinal(min(day, _LAST))


def put_bounds(into: Properties, since: int, until: int, since_precision: int, until_precision: int) -> None:
    """Add the properties of a period."""
    if since != OPEN_START:
        into["since"] = day_value(since)
        if since_precision:
            into["_since_precision"] = int(since_precision)
    if until != OPEN_END:
        into["until"] = day_value(until)
        if until_precision:
            into["_until_precision"] = int(until_precision)
        if until > _LAST:
            # the calendar of the database's clients ends there
            into["_until_beyond"] = True


def bounds(held: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return since, until and their precisions from properties."""
    since, until = held.get("since"), held.get("until")
    return (
        _ordinal(since, OPEN_START),
        _ordinal(until, OPEN_END) + (1 if held.get("_until_beyond") else 0),
        _precision(held.get("_since_precision")),
        _precision(held.get("_until_precision")),
    )


def _precision(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= 2 else 0


def _ordinal(value: Any, absent: int) -> int:
    if value is None:
        return absent
    try:
        return int(value.toordinal())
    except (AttributeError, TypeError, ValueError):
        # a bound that another tool wrote as text or number is no bound: `check` lists it
        return absent


def refuse_clashes(vocabulary: Vocabulary) -> None:
    """Raise CapabilityError where a field's name is the property of a money's currency beside it."""
    owners = {name: vocabulary.fields(name) for name in vocabulary.types}
    owners |= {name: vocabulary.attributes(name) for name in vocabulary.predicates}
    for owner, fields in owners.items():
        for name, field in fields.items():
            if field.kind == "money" and f"{name}_currency" in fields:
                raise CapabilityError(
                    f"on Neo4j the currency of {owner}.{name} is kept as {name}_currency, which is also a field",
                    hint=f"give the field {name}_currency another name",
                    details={"capability": "currency names", "owner": owner, "field": f"{name}_currency"},
                )


_STEP = 0xD7FF


def order_key(text: str) -> str:
    r"""Return a text that sorts by code point whether UTF-16 units or code points are compared.

    The database does one at run time and the other on an index. Text without rare characters is its own key.

    >>> order_key("Acme"), order_key("\uff21") < order_key("\U0001f600")
    ('Acme', True)
    """
    if text.isascii() or max(text) < chr(_STEP):
        return text
    return "".join(
        [
            one if ord(one) < _STEP else f"{chr(_STEP)}{chr(0x100 + (ord(one) >> 12))}{chr(0x100 + (ord(one) & 0xFFF))}"
            for one in text
        ]
    )


def from_order_key(key: str) -> str:
    r"""Return the text behind an order key.

    >>> from_order_key(order_key("a\U0001f600b")) == "a\U0001f600b"
    True
    """
    if chr(_STEP) not in key:
        return key
    parts = key.split(chr(_STEP))
    return parts[0] + "".join(
        [chr(((ord(part[0]) - 0x100) << 12) | (ord(part[1]) - 0x100)) + part[2:] for part in parts[1:]]
    )
