"""What a question is answered from where the server does not answer it: arrays of the predicates that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.neo4j.arrays import Arrays, built, refuse_too_many
from relgraph.engines.neo4j.names import quoted, token
from relgraph.engines.neo4j.relations import types_of
from relgraph.engines.neo4j.values import currency_property, from_order_key, precision_property, take
from relgraph.model.columns import once
from relgraph.model.records import RelationRow
from relgraph.network.arrays import Adjacency
from relgraph.network.execute.table import Values
from relgraph.network.rows import Mask
from relgraph.values import datetime_of, parse_datetime
from relgraph.vocabulary.fields import meant

if TYPE_CHECKING:
    from relgraph.engines.neo4j.questions import AskedReader
    from relgraph.network.execute.run import Run
    from relgraph.network.execute.source import NetworkSource
    from relgraph.network.execute.tail import Answer
    from relgraph.query import ir

_PAGE: Final = 20_000
_UNKNOWN: Final = -2
NONE: Final = -1
"""The code of an entity that is of no type."""
CAPTION: Final = ("id", "_caption", "_caption_full")
"""The properties that an entity is ordered by."""
_Cells = tuple[list[str], Mapping[str, Any]]


class Network:
    """The arrays of one snapshot (a ``NetworkSource``); each thing is read from the server when it is asked for.

    The relations of a predicate are read whole, entities one by one as questions come to them. Relations of trashed
    and merged entities are in the arrays; :attr:`live` tells which entities may be stood on.
    """

    def __init__(self, reader: AskedReader, arrays: Arrays) -> None:
        self.reader = reader
        self.held = arrays
        self._arrays: dict[str, Adjacency] = {}
        self._read = 0
        self._types = tuple(reader.vocabulary.types)
        self._code = {name: code for code, name in enumerate(self._types)}
        self._kinds: NDArray[np.int32] | None = None
        self._live: tuple[Mask | None] | None = None
        self._room: int | None = None
        self._told: dict[int, tuple[_Cells, frozenset[str] | None]] = {}

    def answered(self, run: Run, query: ir.Query, source_at: Callable[[ir.Time], NetworkSource]) -> Answer | None:
        """Return the answer of a question that the server works out itself, None for any other."""
        from relgraph.engines.neo4j.answers import answered  # noqa: PLC0415 - it stands on this module

        return answered(run, query, source_at)

    def native(self, bound: ir.BoundQuery, today: date) -> Iterator[str]:
        """Yield the lines that tell what the server would be asked for a question."""
        from relgraph.engines.neo4j.native import native  # noqa: PLC0415 - it stands on this module

        return native(self, bound, today)

    # -- relations ---------------------------------------------------------------------------------------------------

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of exactly this predicate."""
        found = self._arrays.get(predicate)
        if found is None:
            found = self._arrays[predicate] = self._adjacency(predicate)
        return found

    def _adjacency(self, predicate: str) -> Adjacency:
        reader = self.reader
        definition = reader.vocabulary.predicates[predicate]
        if predicate not in reader.used and reader.looks_back_to is None:
            return built(definition, ())
        moment = reader.moment
        if reader.looks_back_to is None:
            held = self.held.get(predicate, moment)
            if held is not None:
                return held
        self._read += self._count(predicate)
        refuse_too_many(self._read)
        arrays = built(definition, self._pages(predicate))
        # the server shows what is committed when it is asked: what was read is of that moment if nothing came between
        if reader.looks_back_to is None and reader.moment_now() == moment:
            self.held.keep(predicate, moment, arrays)
        return arrays

    def _count(self, predicate: str) -> int:
        if predicate not in self.reader.used:
            return 0
        rows = self.reader.run(f"MATCH ()-[x{types_of([predicate])}]->() RETURN count(x)", {})
        return int(rows[0][0])

    def _pages(self, predicate: str) -> Iterator[list[RelationRow]]:
        after = -1
        while True:
            page = self.reader.page([predicate], after, _PAGE)
            yield page
            if len(page) < _PAGE:
                return
            after = page[-1].number

    def every(self) -> Adjacency:
        """Return the relations of all predicates together, without attributes; a text column tells the predicate."""
        parts = [(name, self.adjacency(name)) for name in self.reader.vocabulary.predicates]
        return self.held.together([(name, arrays) for name, arrays in parts if len(arrays)])

    def _predicates_of(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return the predicates of those relations that are in arrays at hand."""
        asked = np.array(numbers, np.int64)
        found: dict[int, str] = {}
        for name, arrays in self._arrays.items():
            found.update(dict.fromkeys(arrays.number(arrays.find(asked)).tolist(), name))
        return found

    def relations(self, numbers: Sequence[int]) -> dict[int, RelationRow]:
        """Return relations by number."""
        self.reader.tell_predicates(self._predicates_of(numbers))
        return self.reader.relations(numbers)

    def relation_names(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the predicate and the id of each relation."""
        rows = self.relations(numbers)
        return [(rows[number].predicate, rows[number].id) for number in numbers]

    def relation_facts(self, numbers: Sequence[int], name: str) -> list[Any]:
        """Return what the arrays do not have: ``id``, ``source`` (a tuple), ``recorded_at`` or ``recorded_by``."""
        if name == "source":
            sources = self.reader.sources(numbers)
            return [tuple(sorted({one.source for one in sources.get(number, ())})) for number in numbers]
        rows = self.relations(numbers)
        if name == "id":
            return [rows[number].id for number in numbers]
        told = self.reader.run(
            "MATCH (t:_Transaction) WHERE t.number IN $list RETURN t.number, t.recorded_at, t.actor",
            {"list": sorted({row.told_in for row in rows.values()})},
        )
        by_number = {number: (at, actor) for number, at, actor in told}
        cells = [by_number.get(rows[number].told_in, (None, None)) for number in numbers]
        if name == "recorded_by":
            return [actor for _, actor in cells]
        return [None if at is None else datetime_of(parse_datetime(at.to_native())) for at, _ in cells]

    # -- entities ----------------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """More than the largest entity number."""
        if self._room is None:
            rows = self.reader.run("MATCH (c:_Clock {name: 'numbers'}) RETURN c.entities", {})
            self._room = int(rows[0][0]) + 2
        return self._room

    @property
    def live(self) -> Mask | None:
        """Which entities may be stood on, by number; None where all that have relations may."""
        if self._live is None:
            self._live = (self._shown(),)
        return self._live[0]

    def _shown(self) -> Mask | None:
        if self.reader.looks_back_to is None:
            hidden = self.reader.hidden()
            if not hidden:
                return None
            shown = np.ones(self.room, np.bool_)
            shown[list(hidden)] = False
            return shown
        # of then, only those are there whose type still has a name
        shown = np.zeros(self.room, np.bool_)
        shown[self.of_types(self._types)] = True
        return shown

    def of_types(self, types: Iterable[str]) -> NDArray[np.int64]:
        """Return the live entities of exactly these types, sorted."""
        numbers = self.reader.numbers_of_types(types)
        return np.array(sorted(numbers), np.int64)

    def _cells(self, numbers: Iterable[int], properties: Iterable[str]) -> dict[int, _Cells]:
        """Return labels and some properties of entities."""
        asked = frozenset(properties)
        found: dict[int, _Cells] = {}
        wanted = []
        for number in numbers:
            told = self._told.get(number)
            if told is not None and (told[1] is None or asked <= told[1]):
                found[number] = told[0]
            else:
                wanted.append(number)
        chosen = ", ".join(f".{quoted(one)}" for one in (*sorted(asked), "_type"))
        match = "UNWIND $list AS i MATCH (x:{label} {{_number: i}}) WHERE <when> RETURN i, labels(x), x {{{chosen}}}"
        for start in range(0, len(wanted), _PAGE):
            rows = self.reader.believed(
                match.format(label="Entity", chosen=chosen),
                match.format(label="_PastEntity", chosen=chosen),
                {"list": wanted[start : start + _PAGE]},
            )
            found.update({number: (labels, held) for number, labels, held in rows})
        return found

    def tell(self, number: int, labels: list[str], held: Mapping[str, Any], properties: frozenset[str] | None) -> None:
        """Keep what a statement has brought of an entity: some properties, or all of them (None)."""
        self._told[number] = (labels, held), properties

    def _type(self, cells: _Cells | None) -> str | None:
        if cells is None:
            return None
        return cells[1].get("_type") or self.reader.shapes.names.type_of(cells[0])

    def _kinds_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        if self._kinds is None:
            self._kinds = np.full(self.room, _UNKNOWN, np.int32)
        kinds = self._kinds
        missing = once(numbers[kinds[numbers] == _UNKNOWN]).tolist()
        if missing:
            cells = self._cells(missing, ())
            kinds[missing] = [self._code.get(self._type(cells.get(one)) or "", NONE) for one in missing]
        return kinds[numbers]

    def fits(self, numbers: NDArray[np.int64], types: Iterable[str]) -> Mask:
        """Return which of the entities are of exactly these types."""
        codes = [self._code[name] for name in types if name in self._code]
        return np.isin(self._kinds_of(numbers), codes)

    def types_of(self, numbers: NDArray[np.int64]) -> Values:
        """Return the type of each entity."""
        kinds, codes = np.unique(self._kinds_of(numbers), return_inverse=True)
        return Values(codes, [None if kind < 0 else self._types[kind] for kind in kinds.tolist()])

    def tagged(self, numbers: NDArray[np.int64], tag: str) -> Mask:
        """Return which of the entities carry a tag."""
        carriers = self.reader.tags(once(numbers).tolist())
        return np.array([tag in carriers.get(one, ()) for one in numbers.tolist()], np.bool_)

    def fields(self, numbers: NDArray[np.int64], name: str) -> Values:
        """Return a declared field of each entity as it is kept in Python, a list as a tuple; None where missing."""
        asked, codes = np.unique(numbers, return_inverse=True)
        cells = self._cells(asked.tolist(), field_properties(name))
        return Values(codes, [self._field(cells.get(number), name) for number in asked.tolist()])

    def _field(self, cells: _Cells | None, name: str) -> Any:
        kind = self._type(cells)
        if cells is None or kind is None:
            return None
        field = self.reader.shapes.fields(kind).get(name)
        if field is None or cells[1].get(token(name)) is None:
            return None
        return meant(field, take(field, cells[1]))

    def ranks(self, numbers: NDArray[np.int64]) -> None:
        """Leave ordering to :meth:`captions`: not all names are at hand."""

    def captions(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the name and the id of each entity."""
        cells = self._cells(dict.fromkeys(numbers), CAPTION)
        return [_caption(cells[number][1]) for number in numbers]


def field_properties(name: str) -> tuple[str, ...]:
    """Return the properties that a field is kept in."""
    return token(name), currency_property(name), precision_property(name)


def _caption(held: Mapping[str, Any]) -> tuple[str, str]:
    full = held.get("_caption_full")
    return (from_order_key(str(held.get("_caption", ""))) if full is None else full), str(held.get("id", ""))
