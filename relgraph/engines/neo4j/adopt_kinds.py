"""Properties of a database that relgraph did not make, as kinds of fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from relgraph.errors import ValueProblem
from relgraph.values import day_bounds
from relgraph.vocabulary.fields import rounded, store
from relgraph.vocabulary.model import Field, Kind

_KINDS: Final[dict[str, Kind]] = {
    "string": "text",
    "long": "integer",
    "integer": "integer",
    "double": "decimal",
    "float": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "zoned datetime": "datetime",
}
_FINEST: Final = 12
"""Digits after the point that are looked for in a sample."""


def kind_of(told: str) -> tuple[Kind, bool]:
    """Return the kind behind a property type as a server says it, and whether it is a list.

    Releases say it in two ways; what relgraph has no kind for is kept as text.

    >>> kind_of("StringArray"), kind_of("LIST<INTEGER NOT NULL> NOT NULL"), kind_of("Point")
    (('text', True), ('integer', True), ('text', False))
    """
    text = told.removesuffix(" NOT NULL").strip()
    many = text.endswith("Array") or text.upper().startswith("LIST<")
    inner = text.removesuffix("Array").replace("NOT NULL", "")
    if many and "<" in inner:
        inner = inner[inner.index("<") + 1 : inner.rindex(">")]
    return _KINDS.get(inner.strip().casefold(), "text"), many


def common(told: Iterable[str]) -> tuple[Kind, bool]:
    """Return the kind that takes every value of a property of several types.

    >>> common(["Long", "Double"]), common(["Long", "String"])
    (('decimal', False), ('text', False))
    """
    return together({kind_of(one) for one in told})


def together(found: Collection[tuple[Kind, bool]]) -> tuple[Kind, bool]:
    """Return the kind that takes every value of several, and whether it is a list.

    >>> together({("integer", False), ("integer", True)})
    ('integer', True)
    """
    kinds = {kind for kind, _ in found}
    many = any(many for _, many in found)
    if len(kinds) == 1:
        return kinds.pop(), many
    return ("decimal" if kinds == {"integer", "decimal"} else "text"), many


def scale_for(sample: Iterable[Any], usual: int = 6) -> int | None:
    """Return how many digits after the point numbers need, None where the usual ones do.

    >>> scale_for([1.5, 0.123456789]), scale_for([1.5])
    (9, None)
    """
    most = usual
    for value in sample:
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, float):
                digits = f"{number:.{_FINEST}f}".rstrip("0").partition(".")[2]
                most = max(most, len(digits))
    return most if most > usual else None


def readable(value: Any) -> bool:
    """Return whether a value is one, and not what the driver puts in the place of one that it could not read."""
    return not hasattr(value, "raw_data")


def told(value: Any) -> str:
    """Return a value as its text, the same at each reading, also of what is not readable."""
    if isinstance(value, list):
        return f"[{', '.join(map(told, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {told(one)}' for name, one in value.items())}}}"
    return repr(value) if readable(value) else repr(value.raw_data.fields)


def native(value: Any) -> Any:
    """Return a value of the driver as Python has it; what relgraph has no kind for as its text."""
    if isinstance(value, list):
        return [native(one) for one in value]
    if isinstance(value, str | bool | int | float):
        return value
    if not readable(value):
        raise ValueProblem("it is no day of the years 1 to 9999, or in a zone that is unknown here")
    found = value.to_native() if hasattr(value, "to_native") else value
    if isinstance(found, datetime) and found.tzinfo is None:
        return value.iso_format()
    if hasattr(value, "iso_format") and type(found).__name__ not in {"date", "datetime"}:
        return value.iso_format()
    if isinstance(value, tuple):
        # a point, of whichever system
        return f"point({', '.join(map(str, value))})"
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return found if type(found).__module__ == "datetime" else str(value)


def stored(field: Field, value: Any) -> tuple[Any, bool]:
    """Return a property in the field's stored form, and whether it was rounded; ValueProblem where it cannot be."""
    given = native(value)
    if field.many:
        if not isinstance(given, list):
            given = [given]
        pairs = [_single(field, one) for one in given]
        return store(field, [one for one, _ in pairs]), any(changed for _, changed in pairs)
    one, changed = _single(field, given)
    return store(field, one), changed


def _single(field: Field, given: Any) -> tuple[Any, bool]:
    if field.kind in {"text", "url", "email", "phone", "choice"} and not isinstance(given, str):
        return _text(given), False
    if field.kind == "decimal" and isinstance(given, float):
        fitting = rounded(field, given)
        return fitting, float(fitting) != given  # type: ignore[arg-type]  # a decimal is rounded to a decimal
    return given, False


def _text(given: Any) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, list):
        return ", ".join(map(_text, given))
    return given.isoformat() if hasattr(given, "isoformat") else str(given)


def bound(value: Any) -> tuple[int, int, int]:
    """Return the first and the last day of a bound and its precision; ValueProblem where it is no date."""
    given = native(value)
    if isinstance(given, bool) or (not isinstance(given, str | int) and not hasattr(given, "toordinal")):
        raise ValueProblem(f"{given!r} is no date")
    if isinstance(given, datetime):
        given = given.date()
    if isinstance(given, int) and not 1000 <= given <= 9999:
        raise ValueProblem(f"{given} is no year")
    if isinstance(given, str) and not re.fullmatch(r"\d{4}(-\d\d){0,2}", given):
        raise ValueProblem(f"{given!r} is no date")
    first, last, precision = day_bounds(given)
    return first, last, precision


def dates(sample: Sequence[Any]) -> bool:
    """Return whether all values may be bounds of a period."""
    try:
        for value in sample:
            bound(value)
    except ValueProblem:
        return False
    return bool(sample)
