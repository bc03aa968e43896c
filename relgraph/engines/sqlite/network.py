"""What a question is answered from: the arrays of one snapshot, predicate by predicate, and its population."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite import adjacency, field_columns, population
from relgraph.engines.sqlite.adjacency import AdjacencyCache
from relgraph.engines.sqlite.codec import loads
from relgraph.engines.sqlite.entities import EntityReads
from relgraph.engines.sqlite.field_columns import Column, FieldColumns
from relgraph.engines.sqlite.known import KnownCache
from relgraph.engines.sqlite.population import Population, PopulationCache
from relgraph.engines.sqlite.snapshot import listed
from relgraph.network.arrays import Adjacency, combined
from relgraph.network.execute.table import Values
from relgraph.network.order import Order
from relgraph.network.rows import Mask
from relgraph.values import datetime_of
from relgraph.vocabulary.fields import meant

_NOBODY = np.zeros(0, np.int64)
# from so many entities on, a field of all of them is read into a column
_FEW = 1000
# so few entities are likely to be shown after they were put in order
_SHOWN = 50


@dataclass(slots=True)
class HeldOrder:
    """A topological order over a family of predicates, by their numbers, and the last transaction it knows of."""

    order: Order
    upto: int


class Caches:
    """The arrays that one open store holds in memory."""

    __slots__ = ("adjacency", "fields", "known", "orders", "patience", "population", "together", "walks")

    def __init__(self) -> None:
        self.orders: dict[tuple[int, ...], HeldOrder] = {}
        self.patience: dict[tuple[int, ...], int] = {}
        self.adjacency = AdjacencyCache()
        self.fields = FieldColumns()
        self.known = KnownCache()
        self.population = PopulationCache()
        self.together: tuple[tuple[Adjacency, ...], Adjacency] | None = None
        self.walks: dict[int, Any] = {}

    def drop(self) -> None:
        """Forget everything."""
        self.adjacency.drop()
        self.population.drop()
        self.fields.drop()
        self.known.drop()
        self.together = None
        self.walks.clear()
        self.orders.clear()


class Network:
    """The arrays of one snapshot (a ``NetworkSource``); each is made ready when it is first asked for.

    Relations of trashed and merged entities are in the arrays; :attr:`live` tells which entities may be stood on.
    """

    __slots__ = ("_arrays", "_caches", "_columns", "_every", "_live", "_population", "_snapshot")

    def __init__(self, snapshot: EntityReads, caches: Caches) -> None:
        self._snapshot = snapshot
        self._caches = caches
        self._arrays: dict[str, Adjacency] = {}
        self._every: Adjacency | None = None
        self._population: Population | None = None
        self._live: Mask | None = None
        self._columns: dict[str, Column] = {}

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of exactly this predicate (not of those that imply it)."""
        found = self._arrays.get(predicate)
        if found is None:
            snapshot, cache = self._snapshot, self._caches.adjacency
            number = snapshot.names.predicates.number[predicate]
            layout = cache.layout(snapshot.vocabulary, snapshot.names, predicate)
            with snapshot.link.lock:
                found = cache.at(snapshot.link, number, layout, snapshot.newest)
                known = snapshot.looks_back_to
                if known is not None:
                    found = adjacency.looked_back(snapshot.link, number, layout, found, known)
            self._arrays[predicate] = found
        return found

    @property
    def walks(self) -> dict[int, Any]:
        """A place for walks over these arrays, which goes when the arrays do."""
        return self._caches.walks

    def at_hand(self, predicate: str) -> Adjacency | None:
        """Return arrays of a predicate that are in memory, of whatever moment: good for an estimate."""
        return self._caches.adjacency.peek(self._snapshot.names.predicates.number[predicate])

    def ready(self, predicates: Sequence[str]) -> Iterator[Adjacency]:
        """Yield the arrays of these predicates that are in memory, of whatever moment: good for an estimate."""
        numbers, cache = self._snapshot.names.predicates.number, self._caches.adjacency
        asked = {numbers[name] for name in predicates}
        for number in cache.held:
            arrays = cache.peek(number) if number in asked else None
            if arrays is not None:
                yield arrays

    def every(self) -> Adjacency:
        """Return the relations of all predicates together, without attributes; a text column tells the predicate."""
        if self._every is None:
            names = [name for name in self._snapshot.vocabulary.predicates if len(self.adjacency(name))]
            parts = tuple(self.adjacency(name) for name in names)
            held = self._caches.together
            if (
                held is None
                or len(held[0]) != len(parts)
                or any(a is not b for a, b in zip(held[0], parts, strict=True))
            ):
                held = self._caches.together = (parts, combined(zip(names, parts, strict=True)))
            self._every = held[1]
        return self._every

    @property
    def population(self) -> Population:
        """Types, states and tags of all entities."""
        if self._population is None:
            snapshot = self._snapshot
            with snapshot.link.lock:
                found = self._caches.population.at(snapshot.link, snapshot.newest)
                known = snapshot.looks_back_to
                if known is not None:
                    found = population.looked_back(snapshot.link, found, known)
            self._population = found
        return self._population

    @property
    def room(self) -> int:
        """The length of a mask over all entities: more than the largest number."""
        return len(self.population.kind)

    @property
    def live(self) -> Mask | None:
        """Which entities may be stood on, by number; None where all that have relations may."""
        people = self.population
        types = self._snapshot.names.types
        if not people.hidden and self._snapshot.looks_back_to is None and len(types.live) == len(types.name):
            return None
        if self._live is None:
            gone = types.name.keys() - types.live.keys()
            self._live = people.live & ~np.isin(people.kind, list(gone)) if gone else people.live
        return self._live

    def of_types(self, types: Iterable[str]) -> NDArray[np.int64]:
        """Return the live entities of exactly these types, sorted."""
        people = self.population
        numbers = self._snapshot.names.types.numbers(types)
        return np.flatnonzero(np.isin(people.kind, numbers) & people.live)

    def fits(self, numbers: NDArray[np.int64], types: Iterable[str]) -> Mask:
        """Return which of the entities are of exactly these types."""
        # a look-up by the type's number, whose last entry is what no type (-1) picks
        fitting = self._snapshot.names.types.fitting(types)
        return fitting[self.population.kind[numbers]]

    def tagged(self, numbers: NDArray[np.int64], tag: str) -> Mask:
        """Return which of the entities carry a tag."""
        number = self._snapshot.names.tags.number.get(tag)
        if number is None:
            return np.zeros(len(numbers), np.bool_)
        return np.isin(numbers, self.population.carriers.get(number, _NOBODY))

    def types_of(self, numbers: NDArray[np.int64]) -> Values:
        """Return the type of each entity."""
        kinds, codes = np.unique(self.population.kind[numbers], return_inverse=True)
        names = self._snapshot.names.types.live
        return Values(codes, [names.get(kind) for kind in kinds.tolist()])

    def fields(self, numbers: NDArray[np.int64], name: str) -> Values:
        """Return a declared field of each entity as it is kept in Python, a list as a tuple; None where missing."""
        snapshot, cache = self._snapshot, self._caches.fields
        column = self._columns.get(name)
        if column is None and len(numbers) < _FEW and not cache.ready(name):
            return self._fields_of_few(numbers, name)
        if column is None:
            with snapshot.link.lock:
                column = cache.at(
                    snapshot.link,
                    name,
                    snapshot.vocabulary,
                    snapshot.names,
                    last=snapshot.newest,
                    room=self.room,
                )
                known = snapshot.looks_back_to
                if known is not None:
                    column = field_columns.looked_back(snapshot.link, name, column, known)
            self._columns[name] = column
        return column.values(numbers)

    def _fields_of_few(self, numbers: NDArray[np.int64], name: str) -> Values:
        vocabulary, types = self._snapshot.vocabulary, self._snapshot.names.types.live
        rows = self._snapshot.believed(
            "SELECT x.number, x.type, x.fields FROM json_each(:list) e"
            " CROSS JOIN entities{past} x ON x.number = e.value{when}",
            listed(numbers.tolist()),
        )
        found: dict[int, Any] = {}
        for number, kind, text in rows:
            field = vocabulary.fields(types[kind]).get(name) if kind in types else None
            stored = None if field is None else loads(text).get(name)
            if field is not None and stored is not None:
                found[number] = meant(field, stored)
        return Values.of([found.get(number) for number in numbers.tolist()])

    def ranks(self, numbers: NDArray[np.int64]) -> NDArray[np.int32] | None:
        """Return what orders entities by name and id, None where that is read for them more quickly."""
        snapshot = self._snapshot
        if snapshot.looks_back_to is not None:
            return None
        with snapshot.link.lock:
            known = self._caches.known.at(snapshot.newest)
            every = None if known is None else known.ranked(snapshot.link, len(numbers), self.room)
        return None if every is None else every[numbers]

    def captions(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the name and the id of each entity."""
        if len(numbers) <= _SHOWN:
            known = self._snapshot.entities(numbers)
            if len(known) == len(set(numbers)):
                return [(known[number].caption, known[number].id) for number in numbers]
        rows = self._snapshot.believed(
            "SELECT x.number, x.caption, x.id FROM json_each(:list) e"
            " CROSS JOIN entities{past} x ON x.number = e.value{when}",
            listed(numbers),
        )
        found = {number: (caption, identifier) for number, caption, identifier in rows}
        return [found[number] for number in numbers]

    def relation_names(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the predicate and the id of each relation."""
        rows = self._snapshot.believed(
            "SELECT x.number, x.predicate, x.id FROM json_each(:list) e"
            " CROSS JOIN relations{past} x ON x.number = e.value{when}",
            listed(numbers),
        )
        names = self._snapshot.names.predicates.name
        found = {number: (names[predicate], identifier) for number, predicate, identifier in rows}
        return [found[number] for number in numbers]

    def relation_facts(self, numbers: Sequence[int], name: str) -> list[Any]:
        """Return what the arrays do not have: ``id``, ``source`` (a tuple), ``recorded_at`` or ``recorded_by``."""
        asked = listed(numbers)
        if name == "source":
            rows = self._snapshot.believed(
                "SELECT x.relation, x.source FROM json_each(:list) e"
                " CROSS JOIN relation_sources{past} x ON x.relation = e.value{when}",
                asked,
            )
            sources: dict[int, set[str]] = {}
            for number, source in rows:
                sources.setdefault(number, set()).add(source)
            return [tuple(sorted(sources.get(number, ()))) for number in numbers]
        cell = {"id": "x.id", "recorded_at": "t.recorded_at", "recorded_by": "t.actor"}[name]
        log = "" if name == "id" else " CROSS JOIN transactions t ON t.number = x.told_in"
        found: dict[int, Any] = dict(
            self._snapshot.believed(
                f"SELECT x.number, {cell} FROM json_each(:list) e"
                f" CROSS JOIN relations{{past}} x ON x.number = e.value{log}{{when}}",
                asked,
            )
        )
        if name == "recorded_at":
            return [datetime_of(found[number]) for number in numbers]
        return [found[number] for number in numbers]
