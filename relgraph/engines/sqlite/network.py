"""What a question is answered from: the arrays of one snapshot, predicate by predicate, and its population."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from relgraph.engines.sqlite import adjacency, population
from relgraph.engines.sqlite.adjacency import AdjacencyCache
from relgraph.engines.sqlite.population import Population, PopulationCache
from relgraph.engines.sqlite.snapshot import Snapshot
from relgraph.network.arrays import Adjacency, combined
from relgraph.network.order import Order
from relgraph.network.rows import Mask


@dataclass(slots=True)
class HeldOrder:
    """A topological order over a family of predicates, by their numbers, and the last transaction it knows of."""

    order: Order
    upto: int


class Caches:
    """The arrays that one open store holds in memory."""

    __slots__ = ("adjacency", "orders", "patience", "population", "together")

    def __init__(self) -> None:
        self.orders: dict[tuple[int, ...], HeldOrder] = {}
        self.patience: dict[tuple[int, ...], int] = {}
        self.adjacency = AdjacencyCache()
        self.population = PopulationCache()
        self.together: tuple[tuple[Adjacency, ...], Adjacency] | None = None

    def drop(self) -> None:
        """Forget everything."""
        self.adjacency.drop()
        self.population.drop()
        self.together = None
        self.orders.clear()


class Network:
    """The arrays of one snapshot; each is made ready when it is first asked for.

    Relations of trashed and merged entities are in the arrays; :attr:`live` tells which entities may be stood on.
    """

    __slots__ = ("_arrays", "_caches", "_every", "_live", "_masks", "_population", "_snapshot")

    def __init__(self, snapshot: Snapshot, caches: Caches) -> None:
        self._snapshot = snapshot
        self._caches = caches
        self._arrays: dict[str, Adjacency] = {}
        self._every: Adjacency | None = None
        self._population: Population | None = None
        self._live: Mask | None = None
        self._masks: dict[tuple[str, ...], Mask] = {}

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of exactly this predicate (not of those that imply it)."""
        found = self._arrays.get(predicate)
        if found is None:
            snapshot, cache = self._snapshot, self._caches.adjacency
            number = snapshot.names.predicates.number[predicate]
            layout = cache.layout(snapshot.vocabulary, predicate, number)
            with snapshot.link.lock:
                found = cache.at(snapshot.link, number, layout, snapshot.newest)
                known = snapshot.looks_back_to
                if known is not None:
                    found = adjacency.looked_back(snapshot.link, number, layout, found, known)
            self._arrays[predicate] = found
        return found

    def at_hand(self, predicate: str) -> Adjacency | None:
        """Return arrays of a predicate that are in memory, of whatever moment: good for an estimate."""
        return self._caches.adjacency.peek(self._snapshot.names.predicates.number[predicate])

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

    def of_types(self, names: Iterable[str]) -> Mask:
        """Return which entities are live and of exactly these types, by number."""
        asked = tuple(sorted(set(names)))
        found = self._masks.get(asked)
        if found is None:
            people = self.population
            numbers = self._snapshot.names.types.numbers(asked)
            found = self._masks[asked] = np.isin(people.kind, numbers) & people.live
        return found

    def tagged(self, name: str) -> Mask:
        """Return which entities carry a tag, by number."""
        people = self.population
        found = np.zeros(len(people.kind), np.bool_)
        number = self._snapshot.names.tags.number.get(name)
        found[list(people.carriers.get(number, ()) if number is not None else ())] = True
        return found
