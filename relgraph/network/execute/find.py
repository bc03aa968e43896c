"""The entities that a question finds, and the rows that its names make of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from relgraph.model.columns import once
from relgraph.network.execute.anchors import Anchored, types_at
from relgraph.network.execute.backwards import starting
from relgraph.network.execute.names import given, giving, needed
from relgraph.network.execute.parts import parted
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import At, Solver
from relgraph.network.execute.straight import straight
from relgraph.network.execute.table import (
    NOTHING,
    Column,
    Entities,
    Key,
    Numbers64,
    RelationsColumn,
    Routes,
    Table,
    stacked,
)
from relgraph.query import ir

_ROW = -1
FEW = 16
"""So few entities are tested by themselves rather than from the far end of a chain."""


class Finding:
    """One ``find`` over one run: its required part is worked out once, optional parts when something asks for them."""

    def __init__(self, run: Run, find: ir.Find) -> None:
        self._run = run
        self._find = find
        self._solver = Solver(run)
        self._key = find.variables[0].name
        parts = parted(find)
        self._required, self._late, self._optional = parts.required, parts.late, parts.optional
        self._wanted = parts.wanted
        self._joined: list[ir.Optional] = []
        self._at = At.root(self._key, types_at(find.found, run.vocabulary))
        self._table: Table | None = None
        self._over: dict[frozenset[str], Table] = {}
        self._is_straight = False

    @property
    def solver(self) -> Solver:
        """The solver of the run."""
        return self._solver

    def over(self, names: Iterable[str]) -> Table:
        """Return the distinct rows over some names, optional parts that give one of them included."""
        asked = frozenset(names)
        found = self._over.get(asked)
        if found is None:
            table = self._base()
            if self._is_straight and len(asked) == 1 and self._key in asked:
                return table
            for part in giving(self._optional, asked):
                if part not in self._joined:
                    table = self._join(table, part)
            found = self._over[asked] = table.distinct([one.name for one in self._find.variables if one.name in asked])[
                0
            ]
        return found

    def entities(self) -> Numbers64:
        """Return the found entities, sorted, each once."""
        return once(self._base().numbers(self._key))

    def _base(self) -> Table:
        if self._table is None:
            self._table = self._solved()
        return self._table

    def _solved(self) -> Table:
        solver, find = self._solver, self._find
        ends = straight(self._run, find, solver.moves)
        if ends is not None:
            self._is_straight = True
            return Table.of(self._key, ends)
        numbers, left = self._started()
        table = Table.of(self._key, numbers)
        known = frozenset({self._key})
        for part in solver.ordered(left, known, self._wanted):
            if not table.size:
                break
            table = self._kept(table, part)
        return self._tested_late(self._completed(table))

    def _tested_late(self, table: Table) -> Table:
        if not self._late:
            return table
        for one in giving(self._optional, needed(tuple(self._late))):
            table = self._join(table, one)
            self._joined.append(one)
        known = frozenset(key for key in table.columns if isinstance(key, str))
        for part in self._solver.ordered(self._late, known, self._wanted):
            table = self._kept(table, part)
        return table

    def _kept(self, table: Table, part: ir.Test) -> Table:
        found = self._solver.solve(table, part, self._at, self._wanted)
        self._run.took("keep", part, table.size, found.size)
        return found

    def _completed(self, table: Table) -> Table:
        """Return the table with the columns of names that no row was left to reach."""
        missing = [
            one
            for one in self._find.variables
            if one.name in self._wanted and one.name not in table.columns and not one.optional
        ]
        return table.plus({one.name: nothing(one.sort, table.size) for one in missing}) if missing else table

    def _started(self) -> tuple[Numbers64, list[ir.Test]]:
        """Return the entities to start with, and the parts that are still to be tested on them."""
        anchors, find = self._solver.anchors, self._find
        types = self._at.way[-1].types
        numbers: Numbers64 | None = None
        if find.found.members:
            numbers = anchors.standing(find.found)
            self._run.took("start", find.found, None, len(numbers))
        left: list[ir.Test] = []
        for part in self._required:
            if numbers is not None and len(numbers) <= FEW:
                left.append(part)
                continue
            most = None if numbers is None else len(numbers)
            anchored = anchors.of_test(part, types, most)
            if anchored is None:
                left.append(part)
                continue
            starts, exact = self._starting(part, anchored)
            numbers = starts if numbers is None else np.intersect1d(numbers, starts, assume_unique=True)
            if not exact:
                left.append(part)
        if numbers is not None:
            return numbers[anchors.fitting(find.found, numbers)], left
        numbers = anchors.standing(find.found)
        self._run.took("start", find.found, None, len(numbers))
        return self._narrowed(numbers, left)

    def _narrowed(self, numbers: Numbers64, left: list[ir.Test]) -> tuple[Numbers64, list[ir.Test]]:
        """Start from the far end of a chain after all where far fewer entities stand there."""
        still = []
        for part in left:
            anchored = self._solver.anchors.of_test(part, self._at.way[-1].types, len(numbers))
            if anchored is None:
                still.append(part)
                continue
            starts, exact = self._starting(part, anchored)
            numbers = np.intersect1d(numbers, starts, assume_unique=True)
            if not exact:
                still.append(part)
        return numbers, still

    def _starting(self, part: ir.Test, anchored: Anchored) -> tuple[Numbers64, bool]:
        """Return what can start a part, and whether nothing of it is left to be tested."""
        if given(part) & self._wanted:
            return anchored.numbers, False
        if not anchored.exact and isinstance(part, ir.Chain):
            found = starting(self._solver, part, self._find.found)
            if found is not None:
                return found, True
        return anchored.numbers, anchored.exact

    def _join(self, table: Table, part: ir.Optional) -> Table:
        """Return each row with each way along an optional part, and as it is where there is none."""
        numbered = table.plus({_ROW: Entities(np.arange(table.size))})
        wanted = given(part)
        found = self._solver.solve(numbered, part.chain, self._at, wanted)
        without = np.ones(table.size, np.bool_)
        without[found.numbers(_ROW)] = False
        self._run.took("keep", part, table.size, found.size + int(np.count_nonzero(without)))
        alone = numbered.take(np.flatnonzero(without))
        sorts = {one.name: one.sort for one in self._find.variables}
        alone = alone.plus({name: nothing(sorts[name], alone.size) for name in sorted(wanted)})
        keys: list[Key] = [*table.columns, *sorted(wanted)]
        return stacked([found.only(keys), alone.only(keys)])


def nothing(sort: ir.Sort, size: int) -> Column:
    """Return a column of things that are missing."""
    none = np.full(size, NOTHING, np.int64)
    match sort:
        case "entity":
            return Entities(none)
        case "relation":
            return RelationsColumn(none, none, none)
        case "route":
            return Routes(none, ())
