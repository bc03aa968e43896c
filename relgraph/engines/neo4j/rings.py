"""Rings that added relations would close, looked for level by level over what is fetched as the search goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def _mutual(ahead: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return for each entity the number of its part: two are in one if each is reached from the other."""
    # Tarjan's walk: an entity opens a part unless something found behind it leads back before it
    found: dict[int, int] = {}
    lowest: dict[int, int] = {}
    part: dict[int, int] = {}
    open_ones: list[int] = []
    for root in ahead:
        if root in found:
            continue
        trail = [(root, iter(ahead[root]))]
        while trail:
            entity, others = trail[-1]
            if entity not in found:
                found[entity] = lowest[entity] = len(found)
                open_ones.append(entity)
            for other in others:
                if other not in found:
                    trail.append((other, iter(ahead[other])))
                    break
                if other not in part:
                    lowest[entity] = min(lowest[entity], found[other])
            else:
                trail.pop()
                if trail:
                    above = trail[-1][0]
                    lowest[above] = min(lowest[above], lowest[entity])
                while lowest[entity] == found[entity] and entity not in part:
                    part[open_ones.pop()] = found[entity]
    return part


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
            part = self._parts()
            candidates = [edge for edge in candidates if part[edge.subject] == part[edge.object]]
        rings: dict[frozenset[int], tuple[int, ...]] = {}
        for edge in candidates:
            ring = self._close(edge)
            if ring is not None:
                rings.setdefault(frozenset(ring), ring)
                if len(rings) >= limit:
                    break
        return list(rings.values())

    def _parts(self) -> dict[int, int]:
        """Fetch everything, keep what leads from an entity back to it, and return which entities reach each other."""
        self._keep(_edges(self._source.columns(self._predicates)))
        for subject, found in self._new.items():
            self._from.setdefault(subject, list(found))
        ends = {edge.object for found in self._from.values() for edge in found}
        # nothing is fetched again: an entity that starts no relation is known to start none
        for entity in ends - self._from.keys():
            self._from[entity] = []
        part = _mutual({entity: [edge.object for edge in found] for entity, found in self._from.items()})
        for entity, found in self._from.items():
            # a ring stays among those that reach each other
            self._from[entity] = [edge for edge in found if part[edge.object] == part[entity]]
        return part

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
