"""What templates may call: small answers about values, fields and the vocabulary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from relgraph_web.jsonable import shown
from relgraph_web.site import site, window

from relgraph import Money

_HINTS = {
    "partial date": "2024, 2024-03 or 2024-03-05",
    "date": "2024-03-05",
    "datetime": "2024-03-05T12:00Z",
    "percent": "such as 25%",
    "money": "such as 9000 EUR",
    "country": "such as FR",
    "integer": "a whole number",
    "decimal": "a number",
}


def kind_hint(field: Any) -> str:
    """Return how a value of a field is written."""
    return str(field.example or _HINTS.get(field.kind, ""))


def shown_plain(value: Any) -> str:
    """Return a value as it would be typed in."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return "\n".join(shown_plain(one) for one in value)
        case Money() | int():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            return shown(value)


def tags_for(type_name: str) -> list[tuple[str, str]]:
    """Return the tags that an entity of a type may carry, with their labels."""
    words, styles = window().vocabulary, site().styles()
    if type_name not in words.types:
        return []
    return [
        (name, styles.say(one.label, name))
        for name, one in words.tags.items()
        if not one.types
        or any(words.is_a(type_name, end) for end in one.types if end in words.types or end == "Entity")
    ]


def dated(predicate: str) -> bool:
    """Return whether relations of a predicate have a period."""
    one = window().vocabulary.predicates.get(predicate)
    return one is not None and one.time != "none"


def day_of(seconds: float) -> str:
    """Return the day of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def minute_of(seconds: float) -> str:
    """Return the minute of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def rules_of(predicate: Any) -> list[str]:
    """Return the rules of a predicate in a few words each."""
    found = []
    if predicate.max_objects is not None:
        found.append(f"at most {predicate.max_objects.maximum} on a day")
    if predicate.max_subjects is not None:
        found.append(f"from at most {predicate.max_subjects.maximum} on a day")
    found += [f"{one.attribute} adds up to at most {_limit(one.maximum)}" for one in predicate.sums]
    if predicate.acyclic is not None:
        found.append("no circles" if predicate.acyclic == "error" else "warns of circles")
    if predicate.unique == "pair":
        found.append("once a pair")
    if predicate.implies:
        found.append("also " + ", ".join(predicate.implies))
    if not predicate.enabled:
        found.append("no new ones")
    return found


def _limit(stored: object) -> str:
    try:
        number = float(str(stored))
    except ValueError:
        return str(stored)
    # shares are kept as fractions of one
    return f"{number * 100:g}%" if number <= 1 else f"{number:g}"


def fields_of(type_name: str) -> list[str]:
    """Return the labels of a type's fields."""
    styles = site().styles()
    return [styles.say(one.label, one.name) for one in window().vocabulary.fields(type_name).values()]
