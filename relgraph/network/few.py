"""Steps from a few entities, in plain numbers.

A call of the array library takes about a microsecond whatever it is given, and one level of a walk makes a dozen of
them. Where a level has a few relations only, looking at these one by one in the memory of the arrays takes less.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from relgraph.network.arrays import Adjacency, Direction
from relgraph.network.layers import Layer, Period
from relgraph.network.rows import Mask

LOOK = 16
"""Reading so many relations of an entity costs as much as looking whether there is one to another."""
MANY = 64
"""From more entities than this, walks are over arrays at once."""
MOST = 192
"""So many relations of one layer are looked at one by one in a step; where there are more, arrays are quicker."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """One layer in one direction: where the relations of each entity lie, and what they are, in memory."""

    starts: memoryview
    keys: memoryview | None
    far: memoryview
    since: memoryview
    until: memoryview
    period: Period | None
    alive: memoryview | None
    leg: int
    offset: int
    place: memoryview | None
    """Where a relation of the lane stands in its layer, None where that is where it lies."""
    plain: bool
    """Whether each relation leads to another entity, whatever the day."""

    @classmethod
    def of(cls, layer: Layer, period: Period | None, leg: int, *, forward: bool) -> _Lane:
        block = layer.block
        pointers = block.outward_pointers if forward else block.inward_pointers
        far, since, until = block.sides(forward=forward)
        return cls(
            starts=pointers.starts.data,
            keys=None if pointers.keys is None else pointers.keys.data,
            far=far.data,
            since=since.data,
            until=until.data,
            period=period,
            alive=None if layer.alive is None else layer.alive.data,
            leg=leg,
            offset=layer.offset,
            place=None if forward else block.inward.data,
            plain=period is None and layer.alive is None and not block.loops,
        )

    def around(self, entities: Sequence[int], most: int) -> list[int] | None:
        """Return what relations lead to from each of some entities, None where there are more than so many."""
        far, plain = self.far, self.plain
        if not plain:
            # each is looked at by itself
            most //= 3
        if len(entities) * len(far) > most * len(self.starts):
            return None
        found: list[int] = []
        for entity in entities:
            first, last = self._span(entity)
            if first == last:
                continue
            most -= last - first
            if most < 0:
                return None
            if plain:
                found += far[first:last].tolist()
            else:
                found += self._kept(entity, first, last)
        return found

    def _kept(self, entity: int, first: int, last: int) -> list[int]:
        far = self.far
        return [other for at in self._standing(first, last) if (other := far[at]) != entity]

    def _standing(self, first: int, last: int) -> Iterable[int]:
        """Return which of the relations that lie together stand, and are of the period."""
        held: Iterable[int] = range(first, last)
        if self.period is not None:
            begins, ends = self.period
            pairs = zip(held, self.since[first:last], self.until[first:last], strict=True)
            held = [at for at, since, until in pairs if since < ends and until > begins]
        alive, place = self.alive, self.place
        if alive is not None:
            held = [at for at in held if alive[at if place is None else place[at]]]
        return held

    def _span(self, entity: int) -> tuple[int, int]:
        """Return where the relations of an entity lie."""
        starts, keys = self.starts, self.keys
        at = entity
        if keys is not None:
            at = bisect_left(keys, entity)
            if at == len(keys) or keys[at] != entity:
                return 0, 0
        elif at >= len(starts) - 1:
            return 0, 0
        return starts[at], starts[at + 1]

    def among(self, entity: int, others: Collection[int]) -> set[int]:
        """Return which of some other entities relations of one lead to."""
        first, last = self._span(entity)
        far = self.far
        if last - first <= len(others) * LOOK:
            told = far[first:last].tolist() if self.plain else self._kept(entity, first, last)
            return set(others).intersection(told)
        # what lies together is sorted by its far end
        found = set()
        for other in others:
            at = bisect_left(far, other, first, last)
            if at < last and far[at] == other and (self.plain or self.between(entity, other)):
                found.add(other)
        return found

    def between(self, entity: int, other: int) -> list[tuple[int, int]]:
        """Return the leg and the position of each relation that leads from one entity to another."""
        first, last = self._span(entity)
        far, place = self.far, self.place
        first = end = bisect_left(far, other, first, last)
        while end < last and far[end] == other:
            end += 1
        leg, offset = self.leg, self.offset
        standing = range(first, end) if self.plain else self._standing(first, end)
        return [(leg, (at if place is None else place[at]) + offset) for at in standing]


class Few:
    """The steps from a few entities along some predicates."""

    __slots__ = ("_lanes", "_live")

    def __init__(self, legs: Sequence[tuple[Adjacency, Direction, Period | None]], live: Mask | None) -> None:
        self._lanes = [
            _Lane.of(layer, period, leg, forward=forward)
            for leg, (arrays, direction, period) in enumerate(legs)
            for layer in arrays.layers
            for forward in (True, False)
            if direction == "either" or (direction == "forward") == forward
        ]
        self._live = None if live is None else live.data

    def around(self, entities: Sequence[int], most: int | None = None) -> list[int] | None:
        """Return the entities one hop from any of some, as often as relations lead there, in no order.

        None where that is more than ``most`` relations (:data:`MOST` without it) of one layer: arrays are quicker.
        """
        most = MOST if most is None else most
        lanes = self._lanes
        if len(lanes) == 1:
            found = lanes[0].around(entities, most)
        else:
            found = []
            for lane in lanes:
                part = lane.around(entities, most)
                if part is None:
                    return None
                found += part
        live = self._live
        if live is not None and found:
            return [one for one in found if live[one]]
        return found

    def among(self, entity: int, others: Collection[int]) -> set[int]:
        """Return which of some other entities, that may be stood on, are one hop from an entity."""
        lanes = self._lanes
        if len(lanes) == 1:
            return lanes[0].among(entity, others)
        return set().union(*(lane.among(entity, others) for lane in lanes))

    def between(self, entity: int, other: int) -> list[tuple[int, int]]:
        """Return the leg and the position of each relation that leads from one entity to another one."""
        return [found for lane in self._lanes for found in lane.between(entity, other)]
