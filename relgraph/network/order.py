"""A topological order that is kept while relations come: whether a new one closes a ring costs next to nothing.

The dynamic order of Pearce and Kelly ("A dynamic topological sort algorithm for directed acyclic graphs", 2006): a
relation that agrees with the order is let in at once; for one that does not, only the entities between its two ends in
the order are searched and moved. Relations that close a ring over time, though on no single day, stand aside of the
order; while there are any, each new relation is looked at day by day.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from relgraph.network.arrays import Adjacency, Direction
from relgraph.network.layers import Period
from relgraph.network.rings import Arc, Graph, back_edges, chain_on_a_day, peel
from relgraph.network.rows import Days
from relgraph.network.steps import ShouldStop

Neighbors = Callable[[int], Iterable[int]]
_NOWHERE = -(2**62)


def _days(since: Days, until: Days) -> list[Period]:
    """Return the days of some periods as few periods that are apart."""
    found: list[Period] = []
    for first, last in sorted(zip(since.tolist(), until.tolist(), strict=True)):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


class Order:
    """A place for each entity such that relations lead from lower places to higher ones.

    It stays right when relations go, and when a transaction that it has seen is given up: an order of more relations
    is one of fewer. ``aside`` are the days of the relations that do not agree with it, as periods.
    """

    __slots__ = ("_highest", "_lowest", "_place", "aside")

    def __init__(self, entities: Iterable[int] = (), aside: Iterable[Period] = ()) -> None:
        known = list(entities)
        self._place = array("q", [_NOWHERE]) * (max(known, default=-1) + 1)
        for place, entity in enumerate(known):
            self._place[entity] = place
        self._lowest, self._highest = 0, len(known) - 1
        self.aside: list[Period] = list(aside)

    @classmethod
    def build(cls, arrays: Sequence[Adjacency], *, should_stop: ShouldStop | None = None) -> Order:
        """Return the order of all relations of some predicates that are sure for a day at least."""
        graph = _graph_of(arrays)
        entities, placed = peel(graph, should_stop=should_stop)
        left = ~placed[graph.object]
        left &= ~placed[graph.subject]
        if not left.any():
            return cls(entities.tolist())
        rest = Graph.of(graph.subject[left], graph.object[left], graph.since[left], graph.until[left])
        # new relations meet what lasts longest: where that alone has no ring, it is what ended that stands aside
        lasting = rest.until == rest.until.max()
        following, along = peel(
            Graph.of(rest.subject[lasting], rest.object[lasting], rest.since[lasting], rest.until[lasting]),
            should_stop=should_stop,
        )
        if along[rest.subject[lasting]].all() and along[rest.object[lasting]].all():
            others = np.setdiff1d(np.concatenate([rest.subject, rest.object]), following)
            following = np.concatenate([following, others])
            place = np.zeros(int(following.max()) + 1, np.int64)
            place[following] = np.arange(len(following))
            closing = np.flatnonzero(place[rest.subject] > place[rest.object])
        else:
            found, ordered = back_edges(rest, should_stop=should_stop)
            closing, following = np.array(found, np.intp), np.array(ordered, np.int64)
        # what peeling did not reach lies behind what it reached, so it is placed after
        return cls([*entities.tolist(), *following.tolist()], _days(rest.since[closing], rest.until[closing]))

    def place(self, entity: int) -> int | None:
        """Return the place of an entity, None while nothing is known of it."""
        found = self._place[entity] if entity < len(self._place) else _NOWHERE
        return None if found == _NOWHERE else found

    def _known(self, entity: int) -> int:
        return self._place[entity] if entity < len(self._place) else _NOWHERE

    def _put(self, entity: int, place: int) -> int:
        if entity >= len(self._place):
            self._place.extend(array("q", [_NOWHERE]) * (entity + 1 - len(self._place) + len(self._place) // 8))
        self._place[entity] = place
        return place

    def agree(self, subject: int, target: int) -> bool:
        """Return whether a relation fits as it is; entities not seen before are placed so that it does."""
        low, high = self._known(subject), self._known(target)
        if high == _NOWHERE:
            if low == _NOWHERE:
                self._highest += 1
                low = self._put(subject, self._highest)
            self._highest += 1
            high = self._put(target, self._highest)
        elif low == _NOWHERE:
            self._lowest -= 1
            low = self._put(subject, self._lowest)
        return low < high

    def insert(self, subject: int, target: int, out: Neighbors, into: Neighbors) -> bool:
        """Move entities so that a relation agrees, and return True; or False where it would close a ring.

        ``out`` and ``into`` give the entities one relation ahead and behind; relations that stand aside may be among
        them and are passed over.
        """
        if self.agree(subject, target):
            return True
        place = self._place
        low, high = place[target], place[subject]
        ahead = {target}
        stack = [target]
        while stack:
            entity = stack.pop()
            here = place[entity]
            for other in out(entity):
                there = self._known(other)
                if there > here and there <= high and other not in ahead:
                    if other == subject:
                        return False
                    ahead.add(other)
                    stack.append(other)
        behind = {subject}
        stack = [subject]
        while stack:
            entity = stack.pop()
            here = place[entity]
            for other in into(entity):
                there = self._known(other)
                if low <= there < here and other not in behind:
                    behind.add(other)
                    stack.append(other)
        moved = sorted(behind, key=place.__getitem__) + sorted(ahead, key=place.__getitem__)
        for entity, free in zip(moved, sorted([place[entity] for entity in moved]), strict=True):
            place[entity] = free
        return True


class RingCheck:
    """Lets new relations of an acyclic predicate in one after the other, and names the ring that one would close.

    ``arrays`` are the predicate and those that imply it, as they are without what the transaction removes; ``order``
    is that of all their relations, or None where it is not worth building for a few relations: each is then looked
    at by a search from both its ends. The order learns what is let in.

    >>> from relgraph.network.rows import Rows
    >>> day = np.array([0, 0], np.int32)
    >>> owns = Adjacency.build(Rows(np.array([7, 8]), np.array([1, 2]), np.array([2, 3]), day, day + 10))
    >>> check = RingCheck([owns], Order.build([owns]))
    >>> check.add(9, (3, 4), (0, 5)), check.add(10, (4, 1), (20, 30)), check.add(11, (3, 1), (0, 10))
    (None, None, (11, 7, 8))
    """

    __slots__ = ("_added_in", "_added_out", "_arrays", "_order", "_should_stop")

    def __init__(
        self, arrays: Sequence[Adjacency], order: Order | None, *, should_stop: ShouldStop | None = None
    ) -> None:
        self._arrays = tuple(arrays)
        self._order = order
        self._should_stop = should_stop
        self._added_out: dict[int, list[Arc]] = {}
        self._added_in: dict[int, list[Arc]] = {}

    def add(self, number: int, ends: tuple[int, int], sure: Period, *, force: bool = False) -> tuple[int, ...] | None:
        """Let a relation in and return None, or return the ring it would close on some day, beginning with it.

        ``ends`` are subject and object, ``sure`` the sure period. With ``force`` it is let in all the same.
        """
        subject, target = ends
        if sure[0] >= sure[1]:
            return None
        if subject == target:
            return (number,)
        order = self._order
        search = True
        if order is not None:
            fits = order.insert(subject, target, self._next, self._previous)
            search = not fits or any(first < sure[1] and last > sure[0] for first, last in order.aside)
            if not fits:
                order.aside.append(sure)
        ring = None
        if search:
            chain = chain_on_a_day(self._out, self._into, (target, subject), sure, should_stop=self._should_stop)
            ring = None if chain is None else (number, *chain)
        if ring is not None and not force:
            if order is not None and not fits:
                order.aside.pop()
            return ring
        self._added_out.setdefault(subject, []).append(Arc(number, target, *sure))
        self._added_in.setdefault(target, []).append(Arc(number, subject, *sure))
        return ring

    def _out(self, entity: int) -> list[Arc]:
        return self._arcs(entity, "forward") + self._added_out.get(entity, [])

    def _into(self, entity: int) -> list[Arc]:
        return self._arcs(entity, "backward") + self._added_in.get(entity, [])

    def _arcs(self, entity: int, direction: Direction) -> list[Arc]:
        found: list[Arc] = []
        for arrays in self._arrays:
            neighbor, position = arrays.hop(entity, direction=direction)
            if len(position):
                since, until = arrays.sure(position)
                columns = (arrays.number(position), neighbor, since, until)
                found += map(Arc._make, zip(*(column.tolist() for column in columns), strict=True))
        return [arc for arc in found if arc.since < arc.until]

    def _next(self, entity: int) -> list[int]:
        found = [arc.other for arc in self._added_out.get(entity, ())]
        for arrays in self._arrays:
            found += arrays.hop(entity, direction="forward")[0].tolist()
        return found

    def _previous(self, entity: int) -> list[int]:
        found = [arc.other for arc in self._added_in.get(entity, ())]
        for arrays in self._arrays:
            found += arrays.hop(entity, direction="backward")[0].tolist()
        return found


def _graph_of(arrays: Sequence[Adjacency]) -> Graph:
    parts = []
    for one in arrays:
        every = one.positions()
        since, until = one.sure(every)
        subject, target = one.subject(every), one.object(every)
        sure = (since < until) & (subject != target)
        parts.append((subject[sure], target[sure], since[sure], until[sure]))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.zeros(0, np.int32)] * 4
    return Graph.of(columns[0], columns[1], columns[2], columns[3])
