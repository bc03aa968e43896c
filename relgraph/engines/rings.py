"""Rings that added relations would close, looked for level by level over any reader: for a store without arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from relgraph.model.columns import Columns, Ints

Edge = tuple[int, int, int, int]
"""Number, object, and the sure period."""


class _Source(Protocol):
    def columns(self, predicates: Sequence[str], *, subjects: Ints | None = None) -> Columns:
        """Return live relations of these predicates that start at any of these entities."""


class _Edges:
    """Relations by subject: the added ones, and those of the network as they are asked for."""

    def __init__(self, source: _Source, predicates: Sequence[str], added: Columns, removed: Ints) -> None:
        self._source = source
        self._predicates = predicates
        self._removed = set(removed.tolist())
        self._known: dict[int, list[Edge]] = {}
        self._added: dict[int, list[Edge]] = {}
        for start, edge in _edges(added):
            self._added.setdefault(start, []).append(edge)

    def fetch(self, starts: Sequence[int]) -> None:
        """Read the relations of several entities at once."""
        missing = [start for start in starts if start not in self._known]
        if not missing:
            return
        for start in missing:
            self._known[start] = list(self._added.get(start, ()))
        columns = self._source.columns(self._predicates, subjects=np.array(missing, np.int64))
        for start, edge in _edges(columns):
            if edge[0] not in self._removed:
                self._known[start].append(edge)

    def of(self, start: int) -> list[Edge]:
        """Return the relations that start at an entity."""
        return self._known[start]


def _edges(columns: Columns) -> list[tuple[int, Edge]]:
    parts = (columns.subject, columns.number, columns.object, columns.sure_since, columns.sure_until)
    rows = zip(*[part.tolist() for part in parts], strict=True)
    return [(start, (number, end, since, until)) for start, number, end, since, until in rows if since < until]


def find(
    source: _Source, predicates: Sequence[str], added: Columns, removed: Ints, limit: int
) -> list[tuple[int, ...]]:
    """Return rings through added relations that hold on one common day, shortest first for each of them."""
    edges = _Edges(source, predicates, added, removed)
    rings: dict[frozenset[int], tuple[int, ...]] = {}
    for start, (number, end, since, until) in _edges(added):
        ring = _close(edges, start, end, number, (since, until))
        if ring is not None:
            rings.setdefault(frozenset(ring), ring)
            if len(rings) >= limit:
                break
    return list(rings.values())


def _close(edges: _Edges, goal: int, start: int, first: int, period: tuple[int, int]) -> tuple[int, ...] | None:
    """Return the shortest way back from start to goal within the period, or None."""
    if start == goal:
        return (first,)
    # what was reached, with the periods it was reached in: a period inside an earlier one tells nothing new
    reached: dict[int, list[tuple[int, int]]] = {start: [period]}
    level: list[tuple[int, int, int, tuple[int, ...]]] = [(start, *period, (first,))]
    while level:
        edges.fetch([one[0] for one in level])
        following = []
        for entity, since, until, way in level:
            for number, end, edge_since, edge_until in edges.of(entity):
                low, high = max(since, edge_since), min(until, edge_until)
                if low >= high:
                    continue
                if end == goal:
                    return (*way, number)
                seen = reached.setdefault(end, [])
                if any(a <= low and high <= b for a, b in seen):
                    continue
                seen.append((low, high))
                following.append((end, low, high, (*way, number)))
        level = following
    return None
