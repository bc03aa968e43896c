"""Values of the library as JSON has them: ids as strings, exact numbers and dates as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from relgraph import Change, Entity, EntityRef, Event, Money, PartialDate, Path, Percent, Relation


def entity_json(entity: Entity) -> dict[str, Any]:
    """Return an entity as JSON; ``version`` is what its ETag is made of."""
    return {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        "tags": list(entity.tags),
        "keys": [{"source": source, "key": key} for source, key in entity.keys],
        "fields": {name: value_json(entity[name]) for name in entity.fields},
        "version": str(entity.version),
    }


def end_json(end: EntityRef | Entity) -> dict[str, Any]:
    """Return an end of a relation as JSON: enough to name it."""
    return {"id": end.id, "type": end.type, "name": end.name}


def relation_json(relation: Relation) -> dict[str, Any]:
    """Return a relation as JSON, subject to object."""
    return {
        "id": relation.id,
        "predicate": relation.predicate,
        "subject": end_json(relation.subject),
        "object": end_json(relation.object),
        "since": _text(relation.since),
        "until": _text(relation.until),
        "attributes": {name: value_json(relation[name]) for name in relation.attributes},
        "sources": [{"source": one.name, "key": one.key} for one in relation.sources],
        "confidence": relation.confidence,
        "recorded_at": None if relation.recorded_at is None else relation.recorded_at.isoformat(),
        "recorded_by": relation.recorded_by,
        "version": str(relation.version),
    }


def change_json(change: Change) -> dict[str, Any]:
    """Return a change as JSON, with the entry of the log it belongs to."""
    return {
        "thing": change.thing,
        "id": change.id,
        "change": change.change,
        "words": change.words,
        "predicate": change.predicate,
        "before": value_json(change.before),
        "after": value_json(change.after),
        "transaction": event_json(change.event),
    }


def event_json(event: Event) -> dict[str, Any]:
    """Return an entry of the log as JSON."""
    return {
        "id": event.id,
        "number": str(event.number),
        "recorded_at": event.recorded_at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "reason": event.reason,
        "batch": event.batch,
        "undoes": event.undoes,
    }


def value_json(value: Any) -> Any:
    """Return any value of a row, field or attribute as JSON has it."""
    match value:
        case None | bool() | str():
            return value
        case int():
            # beyond what a double holds, JavaScript would round it
            return value if abs(value) < 2**53 else str(value)
        case float():
            return value
        case Entity():
            return end_json(value)
        case Relation():
            return relation_json(value)
        case EntityRef():
            return end_json(value)
        case Path():
            return {
                "entities": [end_json(one) for one in value.entities],
                "relations": [relation_json(one) for one in value.relations],
                "hops": value.hops,
                "strength": _text(value.strength),
            }
        case Money():
            return {"amount": str(value.amount), "currency": value.currency}
        case Percent() | Decimal() | PartialDate() | timedelta():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(name): value_json(one) for name, one in value.items()}
        case set() | frozenset():
            return sorted((value_json(one) for one in value), key=str)
        case tuple() | list():
            return [value_json(one) for one in value]
        case _:
            return str(value)


# what is told is made for it and holds no circles
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=value_json, check_circular=False)


def dumps(value: Any) -> str:
    """Return JSON text, compact."""
    return _ENCODER.encode(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def shown(value: Any) -> str:
    """Return a value as people read it in a table."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case Entity() | EntityRef():
            return value.name
        case Path():
            return " \N{RIGHTWARDS ARROW} ".join(one.name for one in value.entities)
        case tuple() | list():
            return ", ".join(shown(one) for one in value)
        case Mapping():
            return ", ".join(f"{name} {shown(one)}" for name, one in value.items())
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case _:
            return str(value)
