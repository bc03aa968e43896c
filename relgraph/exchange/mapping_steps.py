"""The steps of a cell as mapping files write them: each key one transformation, done in the order of writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relgraph.exchange.cells import Step
from relgraph.exchange.reading import Reading
from relgraph.exchange.transform import (
    AsCountry,
    AsDate,
    AsMoment,
    AsMoney,
    AsPercent,
    AsPhone,
    Case,
    Choose,
    Nulls,
    Number,
    Replace,
    Round,
    Scale,
    Split,
    Trim,
)
from relgraph.vocabulary.document import Item

Siblings = Mapping[str, Item]
_Maker = Callable[[Reading, Item, Siblings], Step | None]


def _trim(reading: Reading, item: Item, _: Siblings) -> Step | None:
    return Trim() if reading.boolean(item, "trim") else None


def _null(reading: Reading, item: Item, _: Siblings) -> Step:
    return Nulls(frozenset(reading.texts(item, "null")))


def _case(reading: Reading, item: Item, _: Siblings) -> Step:
    return Case(reading.choice(item, "case", ("upper", "lower", "title"), "lower"))


def _replace(reading: Reading, item: Item, _: Siblings) -> Step:
    return Replace(tuple((old, str(one.value or "")) for old, one in _table(reading, item, "replace").items()))


def _map(reading: Reading, item: Item, siblings: Siblings) -> Step:
    table = {
        known: None if one.empty else reading.text(one, f"what '{known}' stands for")
        for known, one in _table(reading, item, "map").items()
    }
    otherwise = reading.choice(siblings.get("otherwise"), "otherwise", ("refuse", "keep", "empty"), "refuse")
    return Choose(table, otherwise)


def _table(reading: Reading, item: Item, what: str) -> dict[str, Item]:
    if item.mapping is None:
        reading.fault(item.mark.line, f"{what} must be values with what they become")
        return {}
    return item.mapping


def _split(reading: Reading, item: Item, _: Siblings) -> Step | None:
    text = item.value if isinstance(item.value, str) else ""
    if not text:
        reading.fault(item.mark.line, "split needs the text between the parts")
        return None
    return Split(text)


def _number(reading: Reading, item: Item, _: Siblings) -> Step:
    found = reading.keys(item, ("decimal", "group"), "number")
    decimal = reading.choice(found.get("decimal"), "decimal", (".", ","), ".")
    group = found.get("group")
    return Number(decimal, str(group.value or "") if group is not None else "")


def _factor(reading: Reading, item: Item, what: str) -> Decimal:
    try:
        factor = Decimal(str(item.value))
    except InvalidOperation:
        factor = Decimal(0)
    if not factor.is_finite() or not factor:
        reading.fault(item.mark.line, f"{what} needs a number other than 0")
        return Decimal(1)
    return factor


def _multiply(reading: Reading, item: Item, _: Siblings) -> Step:
    return Scale(_factor(reading, item, "multiply"))


def _divide(reading: Reading, item: Item, _: Siblings) -> Step:
    return Scale(_factor(reading, item, "divide"), divide=True)


def _round(reading: Reading, item: Item, _: Siblings) -> Step:
    return Round(reading.integer(item, "round", least=0))


def _percent(reading: Reading, item: Item, _: Siblings) -> Step:
    return AsPercent(reading.choice(item, "percent", ("points", "fraction"), "points"))


def _currency(reading: Reading, item: Item, _: Siblings) -> Step:
    code = reading.text(item, "currency") or ""
    if len(code) != 3 or not code.isascii() or not code.isupper():
        reading.fault(item.mark.line, f"'{code}' is no currency", hint="write its three letters, such as EUR")
    return AsMoney(code)


def _date(reading: Reading, item: Item, _: Siblings) -> Step:
    return AsDate(_formats(reading, item, "date"))


def _datetime(reading: Reading, item: Item, siblings: Siblings) -> Step:
    zone = reading.text(siblings.get("zone"), "zone") or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reading.fault(siblings["zone"].mark.line, f"there is no time zone '{zone}'", hint="such as Europe/Paris")
        zone = "UTC"
    return AsMoment(_formats(reading, item, "datetime"), zone)


def _formats(reading: Reading, item: Item, what: str) -> tuple[str, ...]:
    formats = reading.texts(item, what)
    for one in formats:
        if one not in ("iso", "seconds", "milliseconds") and "%" not in one:
            hint = "iso, seconds, milliseconds, or a pattern such as %d/%m/%Y"
            reading.fault(item.mark.line, f"'{one}' is no form of a {what}", hint=hint)
    return formats


def _country(reading: Reading, item: Item, _: Siblings) -> Step | None:
    return AsCountry() if reading.boolean(item, "country") else None


def _phone(reading: Reading, item: Item, _: Siblings) -> Step:
    if item.mapping is None:
        prefix, trunk = reading.text(item, "phone") or "", "0"
    else:
        found = reading.keys(item, ("prefix", "trunk"), "phone")
        prefix = reading.text(found.get("prefix"), "prefix") or ""
        trunk = str(found["trunk"].value or "") if "trunk" in found else "0"
    if not (prefix.startswith("+") and prefix[1:].isdigit()):
        reading.fault(item.mark.line, f"'{prefix}' is no country's prefix", hint='such as "+33"')
    return AsPhone(prefix, trunk)


_STEPS: Mapping[str, _Maker] = {
    "trim": _trim,
    "null": _null,
    "case": _case,
    "replace": _replace,
    "map": _map,
    "split": _split,
    "number": _number,
    "multiply": _multiply,
    "divide": _divide,
    "round": _round,
    "percent": _percent,
    "currency": _currency,
    "date": _date,
    "datetime": _datetime,
    "country": _country,
    "phone": _phone,
}
_COMPANIONS: Mapping[str, str] = {"otherwise": "map", "zone": "datetime"}

STEP_KEYS: tuple[str, ...] = (*_STEPS, *_COMPANIONS)
"""Every key of a cell that is a step, or says more of one."""


def read_steps(reading: Reading, found: Mapping[str, Item]) -> tuple[Step, ...]:
    """Return the steps of a cell in the order they are written."""
    for companion, step in _COMPANIONS.items():
        if companion in found and step not in found:
            reading.fault(found[companion].mark.line, f"`{companion}` goes with `{step}` only")
    steps = (_STEPS[key](reading, one, found) for key, one in found.items() if key in _STEPS)
    return tuple(step for step in steps if step is not None)
