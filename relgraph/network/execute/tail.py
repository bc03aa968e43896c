"""What is done with the rows: groups, columns, order, and how many are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import QueryLimitError
from relgraph.network.execute.aggregates import aggregated
from relgraph.network.execute.expressions import Scope, evaluate, things, truth
from relgraph.network.execute.names import counts_in, looked_at, parts_of, remembered, used
from relgraph.network.execute.run import EntityAt, RelationAt, Run
from relgraph.network.execute.scalars import sort_key
from relgraph.network.execute.solve import At, Solver
from relgraph.network.execute.table import (
    NOTHING,
    Column,
    Entities,
    Numbers64,
    Route,
    Table,
    Values,
    distinct_rows,
)
from relgraph.network.rows import Positions
from relgraph.query import ir

Over = Callable[[Iterable[str]], Table]


Cells = Values | Column
"""What stands in one column of an answer, row by row: values, or things as they were found."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question, column by column."""

    columns: tuple[ir.Column, ...]
    cells: tuple[Cells, ...]
    size: int
    truncated: bool

    @property
    def nothing(self) -> bool:
        """Whether no row was found: there is none, or the only one counts none."""
        if self.size != 1:
            return not self.size
        counts = [
            cell.to_list()[0]
            for column, cell in zip(self.columns, self.cells, strict=True)
            if isinstance(column.value, ir.Aggregate) and isinstance(cell, Values)
        ]
        return bool(counts) and not any(counts)


class Tail:
    """Turns the rows of one query into its answer."""

    def __init__(self, run: Run, solver: Solver, tail: ir.Tail, over: Over, *, listed: bool = False) -> None:
        self._run = run
        self._solver = solver
        self._tail = tail
        self._over = over
        # paths and rings come in the order in which they were asked for
        self._listed = listed

    def answer(self) -> Answer:
        """Return the rows of the answer."""
        tail = self._tail
        counted = _counted(tail)
        if counted is not None and self._run.limits.rows:
            there = self._over((counted,)).columns[counted].codes != NOTHING
            self._run.took("groups", "count what is found", len(there), 1)
            return Answer(tail.columns, (Values.of([int(np.count_nonzero(there))]),), 1, truncated=False)
        ties: list[Values | Numbers64]
        if tail.grouping is None:
            scope = self._ready(Scope(self._run, self._over(looked_at(tail))))
            ties = [] if self._listed else [self._tie(scope.table.columns[name]) for name in tail.things]
        else:
            scope, ties = self._grouped(tail.grouping)
        if tail.having is not None:
            kept = np.flatnonzero(truth(scope, tail.having))
            self._run.took("keep", tail.having, scope.table.size, len(kept))
            scope, ties = scope.take(kept), [one.take(kept) for one in ties]
        order = self._ordered(scope, ties)
        if tail.distinct:
            cells = self._cells(scope)
            at, truncated = self._cut(scope, _first_of_equal(order, [one for one in cells if isinstance(one, Values)]))
            cells = [one.take(at) for one in cells]
        else:
            # what is shown is worked out for the rows that are given alone
            at, truncated = self._cut(scope, order)
            cells = self._cells(scope.take(at))
        return Answer(tail.columns, tuple(cells), len(at), truncated)

    def _cells(self, scope: Scope) -> list[Cells]:
        """Return what is shown of each row; a thing costs nothing to tell."""
        distinct, values = self._tail.distinct, (one.value for one in self._tail.columns)
        return [
            scope.column(one) if isinstance(one, ir.Ref) and not distinct else evaluate(scope, one) for one in values
        ]

    def _tie(self, column: Column) -> Values | Numbers64:
        """Return what orders the rows by one thing: places where the source has them, else the things themselves."""
        if not isinstance(column, Entities) or not len(column.numbers):
            return things(column)
        numbers, source = column.numbers, self._run.source
        lacking = numbers == NOTHING
        ranks = source.ranks(numbers)
        if ranks is not None:
            return np.where(lacking, source.room + 1, ranks)
        names = source.captions(numbers[~lacking].tolist())
        place = {name: rank for rank, name in enumerate(sorted(set(names)))}
        found = np.full(len(numbers), len(place), np.int64)
        found[~lacking] = [place[name] for name in names]
        return found

    # -- groups ------------------------------------------------------------------------------------------------------

    def _grouped(self, grouping: tuple[ir.Expression, ...]) -> tuple[Scope, list[Values | Numbers64]]:
        tail = self._tail
        keys = used(grouping)
        table = self._over(keys | _outside_aggregates(tail))
        groups, first = self._groups(table, grouping)
        count = len(first)
        if not grouping:
            # there is one group, whether or not it has a row
            count, first = 1, first[:1]
        base = Scope(self._run, table.take(first) if grouping else Table(1, {}))
        ready: dict[ir.Expression, Values] = {}
        known = self._key_table(table, groups, grouping)
        for aggregate in _aggregates(tail):
            ready[aggregate] = self._aggregate(aggregate, grouping, keys, known, count)
        scope = self._ready(Scope(self._run, base.table, None, ready))
        self._run.took("groups", "put together in groups", table.size, count)
        return scope, [evaluate(scope, one) for one in grouping]

    def _groups(self, table: Table, grouping: tuple[ir.Expression, ...]) -> tuple[Positions, Positions]:
        """Return the group of each row, and the first row of each group."""
        if not grouping or not table.size:
            return np.zeros(table.size, np.intp), np.zeros(min(table.size, 1), np.intp)
        scope = self._ready(Scope(self._run, table))
        first, inverse = distinct_rows([_codes(evaluate(scope, one)) for one in grouping])
        return inverse, first

    def _key_table(
        self, table: Table, groups: Positions, grouping: tuple[ir.Expression, ...]
    ) -> dict[tuple[Any, ...], int]:
        if not grouping:
            return {(): 0}
        scope = self._ready(Scope(self._run, table))
        columns = [[key_of(item) for item in evaluate(scope, one).to_list()] for one in grouping]
        return dict(zip(zip(*columns, strict=True), groups.tolist(), strict=True))

    def _aggregate(
        self,
        aggregate: ir.Aggregate,
        grouping: tuple[ir.Expression, ...],
        keys: frozenset[str],
        known: dict[tuple[Any, ...], int],
        count: int,
    ) -> Values:
        table = self._over(keys | frozenset(aggregate.over))
        scope = self._ready(Scope(self._run, table))
        if grouping:
            columns = [[key_of(item) for item in evaluate(scope, one).to_list()] for one in grouping]
            groups = np.array([known[key] for key in zip(*columns, strict=True)], np.int64)
            if table.size:
                # what only the keys look at must not multiply
                first, _ = distinct_rows(
                    [groups, *(table.columns[name].codes for name in dict.fromkeys(aggregate.over))]
                )
                groups, scope = groups[first], scope.take(first)
        else:
            groups = np.zeros(table.size, np.int64)
        things_counted = aggregate.arguments or (ir.Ref(aggregate.over[0], "entity"),)
        only = things_counted[0]
        if aggregate.function == "count" and len(things_counted) == 1 and isinstance(only, ir.Ref):
            # each combination is there once, so the things need not be looked at
            there = groups[scope.column(only).codes != NOTHING]
            return Values.of(np.bincount(there, minlength=count).tolist())
        arguments = [evaluate(scope, one) for one in things_counted]
        return aggregated(aggregate, groups, count, arguments, self._collect_key(arguments))

    def _collect_key(self, arguments: Sequence[Values]) -> Callable[[Any], Any]:
        items = {item for one in arguments for item in one.items if isinstance(item, EntityAt | RelationAt | Route)}
        ranks = self._ranks_of(items)
        return lambda item: ranks[item] if isinstance(item, EntityAt | RelationAt | Route) else sort_key(item)

    def _ready(self, scope: Scope) -> Scope:
        """Return the scope with the counts of related things that the tail asks for."""
        asked = counts_in(self._tail)
        if not asked:
            return scope
        ready = dict(scope.ready)
        for one in asked:
            if one not in ready and one.of.name in scope.table.columns:
                ready[one] = self._count_related(scope.table, one)
        return Scope(scope.run, scope.table, scope.this, ready)

    def _count_related(self, table: Table, count: ir.CountRelated) -> Values:
        numbers, inverse = np.unique(table.numbers(count.of.name), return_inverse=True)
        one = Table(len(numbers), {count.of.name: Entities(numbers), 0: Entities(np.arange(len(numbers)))})
        chain = ir.Chain((ir.Link(count.step, ir.Pattern()),))
        counts = self._solver.counts(one, chain, At.root(count.of.name, None), relations=False)
        pairs = zip(numbers.tolist(), counts.tolist(), strict=True)
        items = [None if number == NOTHING else found for number, found in pairs]
        return Values(inverse, items)

    # -- order -------------------------------------------------------------------------------------------------------

    def _ordered(self, scope: Scope, ties: Sequence[Values | Numbers64]) -> Positions:
        ranks = []
        for key in self._tail.order:
            values = evaluate(scope, key.value)
            ranks.append(self._ranks(values, descending=key.descending))
        ranks += [self._ranks(one, descending=False) if isinstance(one, Values) else one for one in ties]
        if not ranks:
            return np.arange(scope.table.size)
        return np.lexsort(ranks[::-1])

    def _ranks(self, values: Values, *, descending: bool) -> NDArray[np.int64]:
        """Return whole numbers that order the values; what is missing comes last either way."""
        items = values.items
        there = [index for index, item in enumerate(items) if item is not None and item != ()]
        things = {items[index] for index in there if isinstance(items[index], EntityAt | RelationAt | Route)}
        if things:
            table = self._ranks_of(things)
            keys = [table[items[index]] for index in there]
        else:
            keys = [sort_key(items[index]) for index in there]
        ranks = np.full(len(items), len(items) + 1, np.int64)
        rank = -1
        last: Any = None
        for key, index in sorted(zip(keys, there, strict=True), key=lambda pair: pair[0], reverse=descending):
            if rank < 0 or key != last:
                rank, last = rank + 1, key
            ranks[index] = rank
        return ranks[values.codes]

    def _ranks_of(self, things: set[Any]) -> dict[Any, Any]:
        return order_keys(self._run, things)

    # -- how many ----------------------------------------------------------------------------------------------------

    def _cut(self, scope: Scope, order: Positions) -> tuple[Positions, bool]:
        """Return the rows that are given, of those in order, and whether the caller's limit left some out."""
        tail, limits = self._tail, self._run.limits
        limit = self._number(tail.limit)
        if limit is not None and limit > limits.most_rows:
            raise QueryLimitError(
                f"a limit of {limit:,} is over the most that may be asked for, {limits.most_rows:,}",
                details={"limit": limits.most_rows, "what": "rows"},
            )
        if tail.per is not None and limit is not None:
            order = _first_per(order, evaluate(scope, tail.per), limit)
            limit = None
        order = order[self._number(tail.skip) or 0 :]
        truncated = False
        if limit is None:
            limit = limits.rows
            truncated = len(order) > limit
        at = order[:limit]
        self._run.took("give", "put in order and cut", scope.table.size, len(at))
        return at, truncated

    def _number(self, given: int | ir.Parameter | None) -> int | None:
        if isinstance(given, ir.Parameter):
            value: int = self._run.parameter(given)
            return value
        return given


def order_keys(run: Run, things: Iterable[Any]) -> dict[Any, Any]:
    """Return what orders entities (name, id), relations (predicate, id) and routes (hop by hop)."""
    entities = [one for one in things if isinstance(one, EntityAt)]
    relations = [one for one in things if isinstance(one, RelationAt)]
    routes = [one for one in things if isinstance(one, Route)]
    keys: dict[Any, Any] = dict(zip(entities, run.source.captions(entities), strict=True)) if entities else {}
    if not relations and not routes:
        return keys
    numbers = sorted({*relations, *(hop[0] for route in routes for hop in route.hops if hop)})
    told = dict(zip(numbers, run.source.relation_names(numbers), strict=True))
    keys.update({one: told[one] for one in relations})
    # where a hop has no relation of its own, and where there is none, the entities tell routes apart
    passed = {one: one.entities if () in one.hops else one.entities[:1] for one in routes}
    some = sorted({entity for entities in passed.values() for entity in entities})
    names = dict(zip(some, run.source.captions(some), strict=True))
    for one, ways in passed.items():
        hops = tuple(told[hop[0]] if hop else ("", "") for hop in one.hops)
        keys[one] = hops, tuple(names[entity] for entity in ways)
    return keys


def key_of(value: Any) -> Any:
    """Return what makes two values of a group key the same."""
    return (type(value).__name__, value) if isinstance(value, bool) else value


def _codes(values: Values) -> Numbers64:
    known: dict[Any, int] = {}
    table = np.array([known.setdefault(key_of(item), len(known)) for item in values.items] or [0], np.int64)
    return table[values.codes]


def _first_of_equal(order: Positions, columns: Sequence[Values]) -> Positions:
    if not len(order):
        return order
    first, _ = distinct_rows([_codes(one)[order] for one in columns])
    return order[np.sort(first)]


def _first_per(order: Positions, per: Values, limit: int) -> Positions:
    codes = _codes(per)[order]
    seen: dict[int, int] = {}
    kept = []
    for index, code in enumerate(codes.tolist()):
        seen[code] = seen.get(code, 0) + 1
        if seen[code] <= limit:
            kept.append(index)
    return order[np.array(kept, np.intp)]


@remembered
def _counted(tail: ir.Tail) -> str | None:
    """Return the name whose things a question counts, where that is all that it asks for."""
    match tail:
        case ir.Tail(columns=(ir.Column(value=ir.Aggregate("count") as counted),), grouping=(), limit=None, skip=None):
            pass
        case _:
            return None
    name = counted.over[0] if len(counted.over) == 1 else None
    plain = not tail.order and tail.having is None and tail.per is None
    return name if plain and counted.arguments in {(), (ir.Ref(name or "", "entity"),)} else None


@remembered
def _aggregates(tail: ir.Tail) -> tuple[ir.Aggregate, ...]:
    """Return what is worked out over the rows of each group."""
    parts = parts_of((tail.columns, tail.having, tail.order, tail.per))
    return tuple(dict.fromkeys(one for one in parts if isinstance(one, ir.Aggregate)))


@remembered
def _outside_aggregates(tail: ir.Tail) -> frozenset[str]:
    """Return the names that are looked at other than by aggregates."""
    found = set()
    waiting: list[Any] = [(tail.columns, tail.having, tail.order, tail.per)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += one
        elif isinstance(one, ir.Ref):
            found.add(one.name)
        elif is_dataclass(one) and not isinstance(one, type | ir.Aggregate):
            waiting += [getattr(one, slot.name) for slot in fields(one)]
    return frozenset(found)
