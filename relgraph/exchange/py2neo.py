"""The network as a Subgraph of py2neo, and the address behind a Graph of py2neo.

A Subgraph looks like what relgraph keeps on a Neo4j server: labels are the type and its ancestors, relationship types
are predicates in upper case, fields and attributes are properties. What has no place in nature stands in properties
that begin with ``_``: tags, external keys, how partial a date is, and what sources say beside their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

from relgraph.engines.neo4j.names import label, labels_of, relationship_type
from relgraph.engines.neo4j.values import Properties, properties, put_bounds
from relgraph.errors import CapabilityError, StoreUnavailable
from relgraph.exchange.frames import chosen_entities
from relgraph.model.entity import Entity, EntityRef, Relation
from relgraph.model.prepare import end, start
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.vocabulary.model import ENTITY, Vocabulary

if TYPE_CHECKING:
    from relgraph.view import View

TAGS, KEYS, STATEMENTS, NAMED = "_tags", "_keys", "_statements", "_caption"
"""Properties of tags, external keys, what sources state, and the name of what is only named."""


def library() -> ModuleType:
    """Return py2neo; CapabilityError where it is not installed."""
    try:
        import py2neo  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise CapabilityError(
            "py2neo is not installed", hint="install relgraph[py2neo]", details={"capability": "py2neo"}
        ) from error
    found: ModuleType = py2neo
    return found


# -- a graph of py2neo -----------------------------------------------------------------------------------------------


def address(graph: Any) -> tuple[str, tuple[str, str], str | None]:
    """Return the address, the user with the password and the database that a Graph of py2neo is connected to.

    Raises StoreUnavailable where it goes over HTTP, which the official driver does not speak.
    """
    profile = graph.service.profile
    host = f"[{profile.host}]" if ":" in profile.host else profile.host
    if profile.protocol != "bolt":
        raise StoreUnavailable(
            f"py2neo reaches {profile.scheme}://{host}:{profile.port} over HTTP, and relgraph speaks Bolt",
            hint=f"open it by its Bolt address, such as bolt://{host}:7687",
        )
    return f"{profile.scheme}://{host}:{profile.port}", (profile.user, profile.password), graph.name


# -- a subgraph ------------------------------------------------------------------------------------------------------


def to_py2neo(
    view: View,
    *,
    types: Sequence[str] | None = None,
    predicates: Sequence[str] | None = None,
    ever: bool = False,
) -> Any:
    """Return the network of a view as a Subgraph of py2neo.

    Its nodes are the entities of these types, its relationships the relations of these predicates (None: all) that
    hold on the view's day (``ever``: on any) and whose ends are among the nodes. ``graph.load_py2neo`` reads it back
    without a loss; trash, merges and history are not in it.
    """
    library()
    chosen = view.relations(ever=ever) if predicates is None else _relations(view, predicates, ever=ever)
    return subgraph(chosen_entities(view, types), chosen, view.vocabulary, closed=True)


def _relations(view: View, predicates: Sequence[str], *, ever: bool) -> Iterator[Relation]:
    seen: set[str] = set()
    for name in predicates:
        for relation in view.relations(name, ever=ever):
            if relation.id not in seen:
                seen.add(relation.id)
                yield relation


def subgraph(
    entities: Iterable[Entity], relations: Iterable[Relation], vocabulary: Vocabulary | None, *, closed: bool = False
) -> Any:
    """Return entities and relations as a Subgraph.

    Where an end of a relation is not among the entities, ``closed`` leaves the relation out; else the end is a node
    that says only its id and name.
    """
    from py2neo import Node, Relationship, Subgraph  # noqa: PLC0415 - an extra

    # one node for each entity: two that say the same are two to py2neo
    nodes: dict[str, Any] = {}
    for entity in entities:
        nodes[entity.id] = Node(*_labels(vocabulary, entity.type), **_sendable(_node(entity)))

    def node(one: EntityRef) -> Any:
        if one.id not in nodes and not closed:
            nodes[one.id] = Node(*_labels(vocabulary, one.type), **{"id": one.id, NAMED: one.name})
        return nodes.get(one.id)

    found = []
    for relation in relations:
        first, last = node(relation.subject), node(relation.object)
        if first is not None and last is not None:
            kind = relationship_type(relation.predicate)
            found.append(Relationship(first, kind, last, **_sendable(_relationship(relation))))
    return Subgraph(nodes.values(), found)


def _labels(vocabulary: Vocabulary | None, type_name: str) -> list[str]:
    if vocabulary is None or type_name not in vocabulary.types:
        return [label(type_name)]
    return [one for one in labels_of(vocabulary, type_name) if one != ENTITY]


def _node(entity: Entity) -> Properties:
    found = properties(entity.declared, entity.stored)
    found["id"] = entity.id
    if entity.tags:
        found[TAGS] = list(entity.tags)
    if entity.keys:
        found[KEYS] = json.dumps(entity.keys, ensure_ascii=False)
    return found


def _relationship(relation: Relation) -> Properties:
    found = properties(relation.declared, relation.stored)
    since, low = (OPEN_START, 0) if relation.since is None else start(relation.since)
    until, high = (OPEN_END, 0) if relation.until is None else end(relation.until)
    put_bounds(found, since, until, low, high)
    # always: to py2neo two relationships that say the same are one
    found["id"] = relation.id
    if relation.confidence is not None:
        found["confidence"] = relation.confidence
    if relation.sources:
        found["source"] = sorted({one.name for one in relation.sources})
    if any(one.key or one.says is not None for one in relation.sources):
        told = [[one.name, one.key, one.says] for one in relation.sources]
        found[STATEMENTS] = json.dumps(told, ensure_ascii=False)
    return found


def _sendable(held: Mapping[str, Any]) -> Properties:
    """Return properties that py2neo can send: the moments as it has them itself."""
    return {
        name: [_sent(one) for one in value] if isinstance(value, list) else _sent(value) for name, value in held.items()
    }


def _sent(value: Any) -> Any:
    """Return a moment in UTC as py2neo's own; any other value as it is.

    What py2neo sends of a datetime of Python fails with the zones of the standard library, and may lie a nanosecond,
    and so a microsecond, before it: it counts in floating seconds and cuts off.
    """
    if not isinstance(value, datetime):
        return value
    import pytz  # noqa: PLC0415 - comes with py2neo
    from interchange.time import Date, DateTime, Time  # noqa: PLC0415 - the same

    clock = None
    for nudge in (0.0, 0.5e-9, 1e-9, 2e-9):
        seconds = value.second + value.microsecond / 1e6 + nudge
        clock = Time(value.hour, value.minute, seconds, pytz.utc)
        if clock.to_clock_time().nanoseconds // 1000 == value.microsecond:
            break
    return DateTime.combine(Date(value.year, value.month, value.day), clock)
