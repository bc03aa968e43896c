"""The meaning of every question, slowly and plainly, over lists of entities and relations.

It shares nothing with the engines but the IR. Where there is a choice it tries all: every path is listed, every row is
made, then rows that say the same are put together.
"""

from __future__ import annotations

from typing import Any

from relgraph.query import ir
from tests.reference.conditions import Conditions
from tests.reference.paths import Ways
from tests.reference.relations import relation_rows
from tests.reference.tails import Tails
from tests.reference.world import E, Row, World


def evaluate(query: ir.Query, world: World) -> list[tuple[Any, ...]]:
    """Return the rows of a question, as many as there are, in their order."""
    asked = Conditions(world, query.time)
    key = query.variables[0].name
    match query:
        case ir.Find():
            rows = _found(query, asked)
        case ir.SetQuery():
            rows = [{key: E(one)} for one in sorted(_set_of(query, world))]
        case ir.Relations():
            rows = relation_rows(query, asked)
        case ir.Paths():
            rows = [{key: one} for one in Ways(asked).paths(query)]
        case ir.Cycles():
            rows = [{key: one} for one in Ways(asked).rings(query)]
    listed = isinstance(query, ir.Paths | ir.Cycles)
    return Tails(asked).tail(query.tail, query.variables, rows, listed=listed)


def _set_of(query: ir.Find | ir.SetQuery, world: World) -> set[str]:
    if isinstance(query, ir.Find):
        key = query.variables[0].name
        return {row[key].id for row in _found(query, Conditions(world, query.time))}
    found = [_set_of(one, world) for one in query.operands]
    match query.operator:
        case "union":
            return set().union(*found)
        case "intersect":
            return set.intersection(*found)
        case "minus":
            return found[0].difference(*found[1:])


def _found(find: ir.Find, asked: Conditions) -> list[Row]:
    key = find.variables[0].name
    found = []
    for thing in asked.world.things:
        row = {key: E(thing.id)}
        if asked.fits(find.found, thing.id, row):
            tests = [find.test] if find.found.inner is None else [find.test, find.found.inner]
            found += list(asked.solutions(ir.All(tuple(tests)), thing.id, (thing.id,), row))
    return found
