"""Questions that the server answers: statements run, and their rows as the tables that the shared code finishes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from relgraph.engines.neo4j.along import along
from relgraph.engines.neo4j.among import among
from relgraph.engines.neo4j.asked import given as given_to
from relgraph.engines.neo4j.asked import rows_of, tell
from relgraph.engines.neo4j.between import between
from relgraph.engines.neo4j.cypher.ending import Counted, Ending, First, Grouped, ending
from relgraph.engines.neo4j.cypher.statement import Statement, required_and_optional, width, written
from relgraph.engines.neo4j.cypher.untold import Untold, compares, untold
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported
from relgraph.engines.neo4j.fetched import Fetched
from relgraph.engines.neo4j.names import token
from relgraph.engines.neo4j.near import around
from relgraph.engines.neo4j.network import Network
from relgraph.model.columns import once
from relgraph.model.records import RelationRow
from relgraph.network.execute.answer import set_of
from relgraph.network.execute.expressions import Scope, truth
from relgraph.network.execute.find import Finding
from relgraph.network.execute.names import giving
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import Solver
from relgraph.network.execute.source import NetworkSource
from relgraph.network.execute.table import NOTHING, Column, Entities, Key, Numbers64, RelationsColumn, Table, Values
from relgraph.network.execute.tail import Answer, Tail
from relgraph.query import ir

_TESTED = 0


def answered(run: Run, query: ir.Query, source_at: Callable[[ir.Time], NetworkSource]) -> Answer | None:
    """Return the answer of a question that is put to the server; None where it is not one for statements."""
    try:
        match query:
            case ir.Find():
                return _found(run, query)
            case ir.SetQuery():
                numbers = set_of(run, query, source_at, _entities)
                table = Table.of(query.variables[0].name, numbers)
                return Tail(run, Solver(run), query.tail, lambda _: table).answer()
            case ir.Paths() | ir.Cycles():
                return _listed(run, query)
            case ir.Relations():
                return among(run, query)
    except Unsupported:
        return None


def _found(run: Run, find: ir.Find) -> Answer | None:
    try:
        found = Found(run, find, ending(run, find))
        tail = Tail if found.ended is None else partial(Ended, ended=found.ended)
        return tail(found.run, Solver(run), find.tail, found.over).answer()
    except Unsupported:
        near = along(run, find)
    if near is None:
        return None
    own = run.within(find.time, near)
    finding = Finding(own, find)
    return Tail(own, finding.solver, find.tail, finding.over).answer()


def _listed(run: Run, query: ir.Paths | ir.Cycles) -> Answer | None:
    from relgraph.network.execute.listed import Listed  # noqa: PLC0415 - loaded when paths are asked for

    if isinstance(query, ir.Paths) and (found := between(run, query)) is not None:
        return found
    near = around(run, query)
    if near is None:
        return None
    own = run.within(query.time, near)
    listed = Listed(own, query)
    return Tail(own, listed.solver, query.tail, listed.over, listed=True).answer()


def _entities(run: Run, find: ir.Find) -> Numbers64:
    try:
        return Found(run, find).entities()
    except Unsupported:
        near = along(run, find)
        return Finding(run if near is None else run.within(find.time, near), find).entities()


class Found:
    """One find that the server answers.

    ``run`` is what the things of its rows are looked at with: of relations it holds those of the rows.
    """

    def __init__(self, run: Run, find: ir.Find, tail: Ending | None = None) -> None:
        network = run.source
        if not isinstance(network, Network) or network.reader.looks_back_to is not None:
            raise Unsupported("what was known at an earlier time")
        self._find = find
        self._asked = run
        self._reader = network.reader
        self._fetched = Fetched(network)
        self.run = run.within(find.time, self._fetched)
        _, self._optional = required_and_optional(find)
        self._tables: dict[tuple[ir.Optional, ...], Table] = {}
        self._ending = tail
        self.ended: tuple[Counted | Grouped, list[list[Any]]] | None = None
        """The rows of counts, where the statement gives these and no things."""
        self._table(())
        if not run.quiet and compares(find):
            self._note(network)

    def over(self, names: Iterable[str]) -> Table:
        """Return the distinct rows over some names, optional parts that give one of them included."""
        asked = frozenset(names)
        table = self._table(giving(self._optional, asked))
        return table.distinct([one.name for one in self._find.variables if one.name in asked])[0]

    def entities(self) -> Numbers64:
        """Return the found entities, sorted, each once."""
        return once(self._table(()).numbers(self._find.variables[0].name))

    def _table(self, parts: tuple[ir.Optional, ...]) -> Table:
        found = self._tables.get(parts)
        if found is None:
            found = self._tables[parts] = self._run(parts)
        return found

    def _written(self, parts: tuple[ir.Optional, ...]) -> Statement:
        reader = self._reader
        told = None if parts else self._ending
        shapes, asked, find = reader.shapes, self._asked, self._find

        hidden = reader.seen.hidden

        def make() -> Statement:
            return written(asked, shapes.names, reader.used, find, parts, ending=told, hidden=hidden)

        beside = (tuple(map(id, parts)), told, hidden)
        statement: Statement = shapes.statements.get(asked, reader.used, find, beside, make)
        return statement

    def _run(self, parts: tuple[ir.Optional, ...]) -> Table:
        run = self.run
        run.tick()
        write = partial(self._written, parts)
        statement, rows = rows_of(self._asked, self._reader, write)
        run.held(len(rows))
        tell(self._asked, self._reader, write, len(rows))
        if isinstance(statement.ending, Counted | Grouped):
            if isinstance(statement.ending, Grouped) and not statement.ending.good(rows):
                self._ending = None
                return self._run(parts)
            self.ended = statement.ending, rows
            return Table(0, {})
        if isinstance(statement.ending, First) and not _is_sure(statement, statement.ending, rows):
            self._ending = None
            return self._run(parts)
        rows = _ours(statement, rows)
        cells = list(zip(*rows, strict=True)) if rows else [()] * sum(width(one.thing) for one in statement.columns)
        columns: dict[Key, Column] = {}
        relations: dict[str, list[RelationRow | None]] = {}
        at = 0
        for one in statement.columns:
            some = cells[at : at + width(one.thing)]
            at += width(one.thing)
            if one.thing.sort == "entity":
                columns[one.key] = Entities(np.array([NOTHING if cell is None else cell for cell in some[0]], np.int64))
                self._tell(some, one.properties)
            else:
                relations[one.key] = [self._reader.relation_of(*told) for told in zip(*some[1:], strict=True)]
        self._fetched.take(row for told in relations.values() for row in told if row is not None)
        columns.update({key: self._relations(told) for key, told in relations.items()})
        table = Table(len(rows), columns)
        for late in statement.late:
            before = table.size
            table = table.take(truth(Scope(run, table, _key(statement, late.this)), late.test))
            run.took("keep", late.test, before, table.size)
        return table

    def _note(self, network: Network) -> None:
        """Note what the tests met that was missing or uncertain."""
        reader = self._reader
        shapes, asked, find = reader.shapes, self._asked, self._find

        def make() -> Untold | None:
            return untold(asked, shapes.names, reader.used, find)

        statement = shapes.untold.get(asked, reader.used, find, (), make)
        if statement is None:
            return
        self.run.tick()
        rows = self._counted(network, statement)
        for index, part in enumerate(statement.parts):
            fetched = Fetched(network)
            run = self.run.quietly(fetched)
            alike: dict[int, list[int]] = {}
            found: list[RelationRow] = []
            for at, kind, held, numbers, subject, obj, one in rows:
                if at != index:
                    continue
                number = numbers[0]
                if part.sort == "entity":
                    fetched.tell(number, kind, held, part.properties)
                elif (row := reader.relation_of(kind, subject, obj, one)) is not None:
                    number = row.number
                    found.append(row)
                else:
                    continue
                alike[number] = numbers
            if not alike:
                continue
            column: Column = Entities(np.array([*alike], np.int64))
            if part.sort == "relation":
                fetched.take(found)
                places = [(row.number, run.predicate(row.predicate), fetched.position(row)) for row in found]
                column = RelationsColumn(*np.array(places, np.int64).T)
            truth(Scope(run, Table(len(alike), {_TESTED: column}), _TESTED), part.test)

            def meant(_: str, numbers: Numbers64, alike: dict[int, list[int]] = alike) -> Numbers64:
                return np.concatenate([np.array(alike[one], np.int64) for one in numbers.tolist()])

            self.run.notes.take(run.notes, meant)

    def _counted(self, network: Network, statement: Untold) -> Sequence[Sequence[Any]]:
        """Return what a statement counts, which no value that is compared with changes, from memory where it is."""
        reader = self._reader
        parameters = given_to(self._asked, statement)
        asked = statement.text, repr(sorted(parameters.items()))
        held = network.held.counted(asked, reader.moment)
        if held is not None:
            return held
        rows = reader.ask(statement.text, parameters, self.run.clock.left())
        if reader.moment_now() == reader.moment:
            network.held.keep_counted(asked, reader.moment, rows, sum(len(row[3]) for row in rows))
        return rows

    def _tell(self, cells: Sequence[Sequence[Any]], properties: frozenset[str] | None) -> None:
        for number, labels, held in zip(*cells, strict=True):
            if number is not None:
                self._fetched.tell(number, labels, held, properties)
                if properties is None:
                    self._reader.told(labels, held)

    def _relations(self, rows: Sequence[RelationRow | None]) -> RelationsColumn:
        places = [(NOTHING, NOTHING, NOTHING) if row is None else self._place(row) for row in rows]
        table = np.array(places, np.int64).reshape(len(rows), 3)
        return RelationsColumn(table[:, 0], table[:, 1], table[:, 2])

    def _place(self, row: RelationRow) -> tuple[int, int, int]:
        return row.number, self.run.predicate(row.predicate), self._fetched.position(row)


def _ours(statement: Statement, rows: list[list[Any]]) -> list[list[Any]]:
    """Return the rows without those of nodes that another program made: they have no number."""
    places, at = [], 0
    for one in statement.columns:
        places += [at] if one.thing.sort == "entity" else []
        at += width(one.thing)
    if all(row[at] is not None for row in rows for at in places):
        return rows
    # who is not there at all has no labels either
    return [row for row in rows if all(row[at] is not None or row[at + 1] is None for at in places)]


def _is_sure(statement: Statement, first: First, rows: Sequence[Sequence[Any]]) -> bool:
    """Return whether the first rows, as the server orders them, hold the first ones as they are ordered here."""
    if len(rows) < first.count:
        return True
    texts: list[object] = []
    captions = []
    at = 0
    for one in statement.columns:
        held = [row[at + width(one.thing) - 1] for row in rows]
        at += width(one.thing)
        texts += [some["id"] for some in held]
        texts += [
            some.get(token(key.name))
            for key in first.texts
            if key.of == ir.Ref(one.key, one.thing.sort)
            for some in held
        ]
        if one.thing.sort == "entity":
            captions.append(held[-1])
    return first.is_sure(texts, captions)


class Ended(Tail):
    """A tail whose groups were made by the server."""

    def __init__(self, *rest: Any, ended: tuple[Counted | Grouped, list[list[Any]]]) -> None:
        super().__init__(*rest)
        self._ended = ended

    def answer(self) -> Answer:
        """Return the rows of the answer."""
        ending, rows = self._ended
        if isinstance(ending, Counted):
            return Answer(self._tail.columns, (Values.of([rows[0][0]]),), 1, truncated=False)
        return super().answer()

    def _grouped(self, grouping: tuple[ir.Expression, ...]) -> tuple[Scope, list[Values | Numbers64]]:
        ending, rows = self._ended
        if isinstance(ending, Counted):
            return super()._grouped(grouping)
        cells = list(zip(*rows, strict=True)) or [()] * (len(ending.keys) + len(ending.counts))
        made: tuple[ir.Expression, ...] = (*ending.keys, *ending.counts)
        ready = dict(zip(made, map(Values.of, cells), strict=True))
        return Scope(self._run, Table(len(rows), {}), None, ready), [ready[one] for one in ending.keys]


def _key(statement: Statement, thing: Thing) -> str:
    return statement.key(thing.var)
