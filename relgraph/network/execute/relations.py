"""Questions about relations themselves: those of some predicates that meet tests, between some ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from relgraph.model.columns import once
from relgraph.network.arrays import Adjacency
from relgraph.network.execute.expressions import Scope, truth
from relgraph.network.execute.names import needed
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import At, Solver
from relgraph.network.execute.table import Column, Entities, Key, Numbers64, RelationsColumn, Table, stacked
from relgraph.network.layers import Period
from relgraph.network.rows import Mask, Positions
from relgraph.query import ir

_LEFT, _RIGHT = -2, -3


class RelationsFound:
    """One ``find relations`` over one run."""

    def __init__(self, run: Run, query: ir.Relations) -> None:
        self._run = run
        self._query = query
        self.solver = Solver(run)
        self._key = query.variables[0].name
        self._table: Table | None = None

    def over(self, names: Iterable[str]) -> Table:
        """Return the distinct rows over some names."""
        if self._table is None:
            parts = [self._found(one, name) for one in self._query.alternatives for name in one.predicates]
            parts = [part for part in parts if part.size] or parts[:1] or [self._none()]
            self._table = stacked(parts)
        asked = set(names)
        return self._table.distinct([one.name for one in self._query.variables if one.name in asked])[0]

    def _none(self) -> Table:
        none = np.zeros(0, np.int64)
        columns: dict[Key, Column] = {
            one.name: RelationsColumn(none, none, none) if one.sort == "relation" else Entities(none)
            for one in self._query.variables
        }
        return Table(0, columns)

    def _found(self, stored: ir.Stored, predicate: str) -> Table:
        run, query = self._run, self._query
        run.tick()
        arrays = run.source.adjacency(predicate)
        position = self._candidates(arrays, stored)
        run.took("start", stored, None, len(position))
        position = _held(arrays, position, run.period(stored.when))
        live = run.source.live
        if live is not None:
            position = position[live[arrays.subject(position)] & live[arrays.object(position)]]
        code = run.predicate(predicate)
        numbers = arrays.number(position).astype(np.int64)
        relation = RelationsColumn(numbers, np.full(len(position), code, np.int64), position.astype(np.int64))
        table = Table(len(position), {self._key: relation})
        for test in (stored.test, query.test):
            if test is not None:
                before = table.size
                table = table.take(truth(Scope(run, table, self._key), test))
                run.took("keep", test, before, table.size)
        found = self._with_ends(table, arrays, stored)
        run.took("keep", "keep those whose ends fit", table.size, found.size)
        return found

    def _candidates(self, arrays: Adjacency, stored: ir.Stored) -> Positions:
        """Return the positions to look at: around an end that is named, else all."""
        query = self._query
        for pattern in query.ends:
            if pattern.members:
                return self._around(arrays, self.solver.anchors.standing(pattern), "both")
        sides = ((query.source, stored.direction), (query.target, _TURNED[stored.direction]))
        for target, direction in sides:
            if isinstance(target, ir.Pattern) and target.members:
                return self._around(arrays, self.solver.anchors.standing(target), direction)
        return arrays.positions()

    def _around(self, arrays: Adjacency, entities: Numbers64, direction: str) -> Positions:
        parts = []
        if direction != "in":
            parts.append(arrays.neighbors(entities, direction="forward").position)
        if direction != "out":
            parts.append(arrays.neighbors(entities, direction="backward").position)
        found: Positions = once(np.concatenate(parts))
        return found

    def _with_ends(self, table: Table, arrays: Adjacency, stored: ir.Stored) -> Table:
        """Return the relations whose ends fit, with the ends that have a name."""
        query = self._query
        position = _positions(table, self._key)
        subject = Entities(arrays.subject(position).astype(np.int64))
        target = Entities(arrays.object(position).astype(np.int64))
        ways = {"out": [(subject, target)], "in": [(target, subject)], "both": [(subject, target), (target, subject)]}
        # where nothing is asked of an end, either way round is the same
        asked = query.source is not None or query.target is not None or bool(query.ends)
        parts = []
        for left, right in ways[stored.direction] if asked or stored.direction == "in" else [(subject, target)]:
            one = table.plus({_LEFT: left, _RIGHT: right})
            one = self._standing(one, query.source, _LEFT)
            one = self._standing(one, query.target, _RIGHT)
            parts.append(one)
        found = stacked(parts)
        if query.ends:
            found = self._between(found, query.ends)
        names: list[Key] = [one.name for one in query.variables]
        return found.distinct(names)[0]

    def _standing(self, table: Table, target: ir.Pattern | ir.Same | None, key: Key) -> Table:
        match target:
            case None:
                return table
            case ir.Same(name):
                return table.take(table.numbers(key) == table.numbers(name))
            case ir.Pattern():
                table = table.take(self._fits(table, target, key))
                if target.name is not None:
                    table = table.plus({target.name: Entities(table.numbers(key))})
                if target.inner is not None:
                    at = At.root(key, self.solver.anchors.types(target))
                    wanted = frozenset(one.name for one in self._query.variables)
                    table = self.solver.solve(table, target.inner, at, wanted)
                return table

    def _fits(self, table: Table, pattern: ir.Pattern, key: Key) -> Mask:
        if needed(pattern.types):
            raise TypeError("an end of relations is compared with nothing outside it")
        numbers, inverse = np.unique(table.numbers(key), return_inverse=True)
        return self.solver.anchors.fitting(pattern, numbers)[inverse]

    def _between(self, table: Table, ends: Sequence[ir.Pattern]) -> Table:
        """Return the relations where each pattern is met by an end, two of them by different ends."""
        met = [(self._met(table, one, _LEFT), self._met(table, one, _RIGHT)) for one in ends]
        if len(met) == 1:
            return table.take(met[0][0] | met[0][1])
        (first_left, first_right), (second_left, second_right) = met
        return table.take((first_left & second_right) | (first_right & second_left))

    def _met(self, table: Table, pattern: ir.Pattern, key: Key) -> Mask:
        good = self._fits(table, pattern, key)
        if pattern.inner is not None:
            at = At.root(key, self.solver.anchors.types(pattern))
            good &= self.solver.holds(table, pattern.inner, at)
        return good


_TURNED = {"out": "in", "in": "out", "both": "both"}


def _positions(table: Table, key: Key) -> Positions:
    column = table.columns[key]
    if not isinstance(column, RelationsColumn):
        raise TypeError(f"{key!r} is no column of relations")
    return column.position


def _held(arrays: Adjacency, position: Positions, period: Period | None) -> Positions:
    if period is None:
        return position
    held = (arrays.since(position) < period[1]) & (arrays.until(position) > period[0])
    found: Positions = position[held]
    return found
