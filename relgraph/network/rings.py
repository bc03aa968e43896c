"""Rings that hold on one common day: how the rule *acyclic* is decided.

A company that is bought back later closes a ring over time and no ring on any day. So the union over time is peeled
first, which leaves nothing in an honest network; only what is left is searched, inside the period of one relation, and
where the ring that is found has no common day, in each part of that period by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from relgraph.model.columns import once
from relgraph.network.layers import Period
from relgraph.network.pointers import Pointers, ranges, sorting
from relgraph.network.rows import Days, Mask, Numbers, Positions
from relgraph.network.steps import ShouldStop

WIDE = 200
"""From so many entities in a level upwards, peeling goes on with arrays; below, one entity at a time."""


class Arc(NamedTuple):
    """A relation as it is met on a search: its number (or index), the other end, its sure period."""

    number: int
    other: int
    since: int
    until: int


Arcs = Callable[[int], Iterable[Arc]]
"""What leads out of an entity, or into it."""


def chain_on_a_day(
    out: Arcs, into: Arcs, ends: tuple[int, int], period: Period, *, should_stop: ShouldStop | None = None
) -> list[int] | None:
    """Return relations that lead from the first end to the second and all hold on one day of a period, or None."""
    windows = [period]
    while windows:
        if should_stop is not None:
            should_stop()
        first, last = windows.pop()
        chain = _two_sided(out, into, ends, (first, last))
        if chain is None:
            continue
        latest = max(arc.since for arc in chain)
        earliest = min(arc.until for arc in chain)
        if latest < earliest:
            return [arc.number for arc in chain]
        # nothing of this chain fits into one part alone: the relation that ends first is missing from the later part,
        # the one that starts last from the earlier
        windows += [(earliest, last), (first, earliest)]
    return None


def _two_sided(out: Arcs, into: Arcs, ends: tuple[int, int], window: Period) -> list[Arc] | None:
    start, goal = ends
    first, last = window
    came: dict[int, tuple[int, Arc] | None] = {start: None}
    goes: dict[int, tuple[int, Arc] | None] = {goal: None}
    ahead, behind = [start], [goal]
    while ahead and behind:
        forward = len(ahead) <= len(behind)
        arcs, seen, others, edge = (out, came, goes, ahead) if forward else (into, goes, came, behind)
        found = []
        for entity in edge:
            for arc in arcs(entity):
                if arc.other in seen or arc.since >= last or arc.until <= first:
                    continue
                seen[arc.other] = (entity, arc)
                if arc.other in others:
                    return _trace(came, goes, arc.other)
                found.append(arc.other)
        if forward:
            ahead = found
        else:
            behind = found
    return None


def _trace(came: dict[int, tuple[int, Arc] | None], goes: dict[int, tuple[int, Arc] | None], middle: int) -> list[Arc]:
    chain: list[Arc] = []
    step = came[middle]
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    chain.reverse()
    step = goes[middle]
    while step is not None:
        chain.append(step[1])
        step = goes[step[0]]
    return chain


@dataclass(frozen=True, slots=True)
class Graph:
    """Relations as columns, with the order of both directions: what is peeled and searched in bulk."""

    subject: Numbers
    object: Numbers
    since: Days
    until: Days
    outward: Positions
    inward: Positions
    out_pointers: Pointers
    in_pointers: Pointers

    @classmethod
    def of(cls, subject: Numbers, target: Numbers, since: Days, until: Days) -> Graph:
        """Build from columns of equal length."""
        return cls(
            subject,
            target,
            since,
            until,
            sorting(subject),
            sorting(target),
            Pointers.over(subject),
            Pointers.over(target),
        )

    def out(self, entity: int) -> Iterator[Arc]:
        """Yield what leads out of an entity; numbers are indexes of the columns."""
        start, end = self.out_pointers.span(entity)
        at = self.outward[start:end]
        columns = (at, self.object[at], self.since[at], self.until[at])
        return map(Arc._make, zip(*(column.tolist() for column in columns), strict=True))

    def into(self, entity: int) -> Iterator[Arc]:
        """Yield what leads into an entity."""
        start, end = self.in_pointers.span(entity)
        at = self.inward[start:end]
        columns = (at, self.subject[at], self.since[at], self.until[at])
        return map(Arc._make, zip(*(column.tolist() for column in columns), strict=True))


def peel(graph: Graph, *, forward: bool = True, should_stop: ShouldStop | None = None) -> tuple[Numbers, Mask]:
    """Return entities in topological order as far as there is one, and which entities have a place in it.

    Backwards, the order runs from the last one. Entities that no relation names are left out of the order.
    """
    ends, others = (graph.subject, graph.object) if forward else (graph.object, graph.subject)
    order, pointers = (graph.outward, graph.out_pointers) if forward else (graph.inward, graph.in_pointers)
    size = int(max(ends.max(), others.max())) + 1 if len(ends) else 0
    left = np.bincount(others, minlength=size)
    named = np.zeros(size, np.bool_)
    named[ends] = True
    named[others] = True
    frontier = np.flatnonzero((left == 0) & named)
    done: list[Numbers] = []
    while len(frontier) >= WIDE:
        if should_stop is not None:
            should_stop()
        done.append(frontier)
        starts, counts = pointers.spans(frontier)
        reached = others[order[ranges(starts, counts)]]
        np.subtract.at(left, reached, 1)
        # an entity is met again with each of its relations, so it is taken once
        frontier = once(reached[left[reached] == 0])
    if len(frontier):
        done.append(_peel_narrow(frontier, left, others[order], pointers, should_stop=should_stop))
    every: Numbers = np.concatenate(done) if done else np.zeros(0, np.intp)
    placed = np.zeros(size, np.bool_)
    placed[every] = True
    return every, placed


def _peel_narrow(
    frontier: Positions, left: Positions, others: Numbers, pointers: Pointers, *, should_stop: ShouldStop | None
) -> Numbers:
    counts = left.tolist()
    queue = deque(frontier.tolist())
    done = []
    while queue:
        entity = queue.popleft()
        done.append(entity)
        if should_stop is not None and len(done) % 10_000 == 0:
            should_stop()
        start, end = pointers.span(entity)
        for other in others[start:end].tolist():
            counts[other] -= 1
            if not counts[other]:
                queue.append(other)
    return np.array(done, dtype=np.intp)


def back_edges(graph: Graph, *, should_stop: ShouldStop | None = None) -> tuple[list[int], list[int]]:
    """Return the relations that close a ring in a depth-first search, and the entities in an order without those."""
    closing: list[int] = []
    finished: list[int] = []
    # 1 while an entity is on the way that is searched, 2 when all behind it is done
    state: dict[int, int] = {}
    for root in once(graph.subject).tolist():
        if root in state:
            continue
        state[root] = 1
        trail = [(root, graph.out(root))]
        while trail:
            entity, arcs = trail[-1]
            arc = next(arcs, None)
            if arc is None:
                trail.pop()
                state[entity] = 2
                finished.append(entity)
                if should_stop is not None and len(finished) % 1000 == 0:
                    should_stop()
                continue
            known = state.get(arc.other)
            if known is None:
                state[arc.other] = 1
                trail.append((arc.other, graph.out(arc.other)))
            elif known == 1:
                closing.append(arc.number)
    return closing, finished[::-1]


def find_cycles(
    subject: Numbers,
    target: Numbers,
    sure: tuple[Days, Days],
    *,
    through: Mask | None = None,
    limit: int = 1000,
    should_stop: ShouldStop | None = None,
) -> list[tuple[int, ...]]:
    """Return rings of relations that all hold on one common day, as indexes into the columns.

    ``sure`` are the two bounds of the sure periods. There is no ring if and only if the list is empty. At most one
    is given for each relation that closes one, each ring once, at most ``limit``. With ``through`` only rings that
    use a relation of that mask, and begin with one. Relations whose sure period is empty take no part; a
    self-relation is a ring by itself.
    """
    since, until = sure
    held = since < until
    own = np.flatnonzero(held & (subject == target)).tolist()
    rings: list[tuple[int, ...]] = [(index,) for index in own if through is None or through[index]]
    at = np.flatnonzero(held & (subject != target))
    graph = Graph.of(subject[at], target[at], since[at], until[at])
    for forward in (True, False):
        if not len(at):
            return rings[:limit]
        _, placed = peel(graph, forward=forward, should_stop=should_stop)
        left = ~(placed[graph.subject] | placed[graph.object])
        if not left.all():
            at = at[left]
            graph = Graph.of(subject[at], target[at], since[at], until[at])
    wanted = np.ones(len(at), np.bool_) if through is None else through[at]
    closing, _ = back_edges(graph, should_stop=should_stop)
    known: set[frozenset[int]] = set()
    old = False
    for index in closing:
        if len(rings) >= limit:
            return rings[:limit]
        ring = _ring(graph, index, should_stop)
        if ring is None or frozenset(ring) in known:
            continue
        begin = next((place for place, one in enumerate(ring) if wanted[one]), None)
        if begin is None:
            # a ring that was there before hides whether a new relation closes another one through the same place
            old = True
            continue
        known.add(frozenset(ring))
        rings.append(tuple(int(at[one]) for one in ring[begin:] + ring[:begin]))
    if old:
        for index in np.flatnonzero(wanted).tolist():
            if len(rings) >= limit:
                break
            ring = _ring(graph, index, should_stop)
            if ring is not None and frozenset(ring) not in known:
                known.add(frozenset(ring))
                rings.append(tuple(int(at[one]) for one in ring))
    return rings[:limit]


def _ring(graph: Graph, index: int, should_stop: ShouldStop | None) -> list[int] | None:
    ends = int(graph.object[index]), int(graph.subject[index])
    period = int(graph.since[index]), int(graph.until[index])
    chain = chain_on_a_day(graph.out, graph.into, ends, period, should_stop=should_stop)
    return None if chain is None else [index, *chain]
