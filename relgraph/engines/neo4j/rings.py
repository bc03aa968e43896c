"""Rings that added relations would close, looked for level by level over what is fetched as the search goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from relgraph.model.columns import Columns, Ints

_WHOLE = 300
"""From so many added relations on, the whole predicate is fetched once instead of level by level."""


class Edge(NamedTuple):
    """A relation as the search sees it; ``since`` and ``until`` are its sure period."""

    number: int
    subject: int
    object: int
    since: int
    until: int


class Fetching(Protocol):
    """Where relations come from."""

    def columns(self, predicates: Sequence[str], *, subjects: Ints | None = None) -> Columns:
        """Return live relations of these predicates, those that start at these entities or all."""


def _edges(columns: Columns) -> Iterator[Edge]:
    parts = (columns.number, columns.subject, columns.object, columns.sure_since, columns.sure_until)
    for cells in zip(*[part.tolist() for part in parts], strict=True):
        edge = Edge(*cells)
        if edge.since < edge.until:
            yield edge


class RingSearch:
    """The relations of some predicates, without some and with others, fetched as far as they are looked at."""

    def __init__(self, source: Fetching, predicates: Sequence[str], added: Columns, removed: Ints) -> None:
        self._source = source
        self._predicates = predicates
        self._removed = frozenset(removed.tolist())
        self._added = list(_edges(added))
        self._from: dict[int, list[Edge]] = {}
        self._new: dict[int, list[Edge]] = defaultdict(list)
        for edge in self._added:
            self._new[edge.subject].append(edge)

    def find(self, limit: int) -> list[tuple[int, ...]]:
        """Return rings through added relations that hold on one common day, at most so many."""
        candidates = self._added
        if len(candidates) >= _WHOLE:
            core = self._core()
            candidates = [edge for edge in candidates if edge.subject in core and edge.object in core]
        rings: dict[frozenset[int], tuple[int, ...]] = {}
        for edge in candidates:
            ring = self._close(edge)
            if ring is not None:
                rings.setdefault(frozenset(ring), ring)
                if len(rings) >= limit:
                    break
        return list(rings.values())

    def _core(self) -> set[int]:
        """Fetch everything and return the entities that are left when those without a way in or out are taken off."""
        self._keep(_edges(self._source.columns(self._predicates)))
        edges = [edge for found in self._from.values() for edge in found]
        for subject, found in self._new.items():
            self._from.setdefault(subject, list(found))
        entering: dict[int, int] = defaultdict(int)
        for edge in (*edges, *self._added):
            entering[edge.object] += 1
        everyone = {end for edge in (*edges, *self._added) for end in (edge.subject, edge.object)}
        free = [entity for entity in everyone if not entering[entity]]
        while free:
            entity = free.pop()
            everyone.discard(entity)
            for edge in self._from.get(entity, ()):
                entering[edge.object] -= 1
                if not entering[edge.object]:
                    free.append(edge.object)
        # nothing is fetched again: an entity that starts no relation is known to start none
        for entity in everyone:
            self._from.setdefault(entity, [])
        return everyone

    def _keep(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            if edge.number not in self._removed:
                if edge.subject not in self._from:
                    self._from[edge.subject] = list(self._new.get(edge.subject, ()))
                self._from[edge.subject].append(edge)

    def _fetch(self, entities: Iterable[int]) -> None:
        missing = [entity for entity in dict.fromkeys(entities) if entity not in self._from]
        if missing:
            self._keep(_edges(self._source.columns(self._predicates, subjects=np.array(missing, np.int64))))
            for entity in missing:
                self._from.setdefault(entity, list(self._new.get(entity, ())))

    def _close(self, first: Edge) -> tuple[int, ...] | None:
        """Return the shortest way back to where a relation starts, on a day that all of it shares, or None."""
        if first.subject == first.object:
            return (first.number,)
        reached: dict[int, list[tuple[int, int]]] = {first.object: [(first.since, first.until)]}
        level: list[tuple[int, int, int, tuple[int, ...]]] = [(first.object, first.since, first.until, (first.number,))]
        while level:
            self._fetch(entity for entity, *_ in level)
            following = []
            for entity, since, until, way in level:
                for edge in self._from[entity]:
                    low, high = max(since, edge.since), min(until, edge.until)
                    if low >= high:
                        continue
                    if edge.object == first.subject:
                        return (*way, edge.number)
                    # a period inside one in which the entity was reached before leads nowhere new
                    before = reached.setdefault(edge.object, [])
                    if not any(a <= low and high <= b for a, b in before):
                        before.append((low, high))
                        following.append((edge.object, low, high, (*way, edge.number)))
            level = following
        return None
