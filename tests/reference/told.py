"""What the reference answers from, read from a network thing by thing, and answers in its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import relgraph
from relgraph.folding import fold
from relgraph.network.execute.names import parts_of
from relgraph.query import ir
from relgraph.query.ready import check_parameters
from relgraph.vocabulary.model import Vocabulary
from tests.reference.world import E, Fact, R, Thing, Way, World

Known = tuple[list[Thing], list[Fact]]


def told(graph: relgraph.View) -> Known:
    """Return all entities and relations, read plainly, one by one."""
    things = [Thing(one.id, one.type, one.name, dict(one.fields), frozenset(one.tags)) for one in graph.entities()]
    facts = [
        Fact(
            one.id,
            one.predicate,
            one.subject.id,
            one.object.id,
            one.since,
            one.until,
            dict(one.attributes),
            tuple(sorted({source.name for source in one.sources})),
            None if one.confidence is None else Decimal(str(one.confidence)),
            one.recorded_at,
            one.recorded_by,
        )
        for one in graph.relations(ever=True)
    ]
    return things, facts


def world(
    known: Known,
    bound: ir.BoundQuery,
    vocabulary: Vocabulary,
    *,
    today: str,
    me: str,
    us: Sequence[str],
    given: Mapping[str, Any],
    kept: Callable[[str], str] = str,
) -> World:
    """Return what the reference answers a question from; LookupError where nobody fits a position of it.

    ``kept`` gives the id of the entity that an id stands for since entities were merged.
    """
    things, facts = known
    asked = {one.name: given[one.name] for one in bound.parameters}
    values = {one: value for one, value in check_parameters(bound, asked).items() if one.kind != "entity"}
    members: dict[ir.Member, list[str]] = {}
    for one in parts_of(bound.query):
        match one:
            case ir.EntityId(identifier):
                members[one] = fitting(things, vocabulary, [kept(identifier)], ())
            case ir.Named(text, types):
                members[one] = called(things, vocabulary, text, types)
            case ir.Me(types):
                members[one] = fitting(things, vocabulary, [kept(me)], types)
            case ir.Us(types):
                members[one] = fitting(things, vocabulary, [*map(kept, us)], types)
            case ir.Parameter(name, kind="entity", types=types):
                members[one] = fitting(things, vocabulary, [*map(kept, asked[name])], types)
            case _:
                pass
    return World(vocabulary, things, facts, date.fromisoformat(today), "UTC", values, members)


def fitting(things: Sequence[Thing], vocabulary: Vocabulary, meant: Sequence[str], types: tuple[str, ...]) -> list[str]:
    """Return those of some entities that may stand at a position."""
    kinds = {one.id: one.type for one in things}
    if not kinds.keys() >= {*meant}:
        raise LookupError(meant)
    found = [one for one in meant if not types or any(vocabulary.is_a(kinds[one], kind) for kind in types)]
    if not found:
        raise LookupError(meant)
    return found


def called(things: Sequence[Thing], vocabulary: Vocabulary, text: str, types: tuple[str, ...]) -> list[str]:
    """Return the one entity of a name among the types of a position: exactly, else folded."""
    fitting = [one for one in things if not types or any(vocabulary.is_a(one.type, kind) for kind in types)]
    exact = [one.id for one in fitting if one.name == text]
    folded = [one.id for one in fitting if fold(one.name) == fold(text)]
    found = exact or folded
    if len(found) != 1:
        raise LookupError(text)
    return found


def plain(value: Any) -> Any:
    """Return a value of an answer as the reference has it."""
    match value:
        case relgraph.Entity():
            return E(value.id)
        case relgraph.Relation():
            return R(value.id)
        case relgraph.Path():
            hops = tuple(tuple(one.id for one in some) for some in value.parallels)
            return Way(tuple(one.id for one in value.entities), hops, value.strength)
        case tuple():
            return tuple(plain(one) for one in value)
        case _:
            return value
