"""The relations that a question asks for, with both of their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relgraph.query import ir
from tests.reference.conditions import Conditions
from tests.reference.world import R, Row


def relation_rows(query: ir.Relations, asked: Conditions) -> list[Row]:
    """Return a row for each way in which a relation fits what is asked."""
    key = query.variables[0].name
    rows: list[Row] = []
    for stored in query.alternatives:
        for fact in asked.world.facts:
            if fact.predicate not in stored.predicates or not asked.holds_then(fact, stored.when):
                continue
            if fact.subject not in asked.thing or fact.object not in asked.thing:
                continue
            row: Row = {key: R(fact.id)}
            tests = [one for one in (stored.test, query.test) if one is not None]
            if not all(asked.comparison(one, R(fact.id), row) for one in tests):
                continue
            ways = []
            if stored.direction in {"out", "both"}:
                ways.append((fact.subject, fact.object))
            if stored.direction in {"in", "both"}:
                ways.append((fact.object, fact.subject))
            for left, right in ways:
                for found in _end(asked, query.source, left, row):
                    ends = _end(asked, query.target, right, found)
                    rows += [both for both in ends if _ends_met(asked, query.ends, left, right, both)]
    return rows


def _end(asked: Conditions, target: ir.Pattern | ir.Same | None, one: str, row: Row) -> Iterator[Row]:
    if target is None:
        yield row
    else:
        yield from asked.arrive(target, one, (), row, stayed=False)


def _ends_met(asked: Conditions, ends: Sequence[ir.Pattern], left: str, right: str, row: Row) -> bool:
    def met(pattern: ir.Pattern, one: str) -> bool:
        return next(iter(asked.arrive(pattern, one, (), row, stayed=False)), None) is not None

    if not ends:
        return True
    if len(ends) == 1:
        return met(ends[0], left) or met(ends[0], right)
    return (met(ends[0], left) and met(ends[1], right)) or (met(ends[0], right) and met(ends[1], left))
