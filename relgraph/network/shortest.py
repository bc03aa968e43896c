"""Shortest paths and distances, by a breadth-first search from both sides at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import once
from relgraph.network import few as few_module
from relgraph.network.few import MANY, Few
from relgraph.network.paths import Keys, Link, Path, Way, by_number, in_order, sorted_by, ways_of
from relgraph.network.rows import Mask, Numbers, Positions
from relgraph.network.steps import Expansion, ShouldStop, Step, distinct, room

_LEVEL = 16
"""So many times as many relations as in a walk are looked at one by one in a level of this search."""


@dataclass(slots=True)
class _Side:
    """One side of the search: how far it is, its edge, and the hops to each of its levels."""

    step: Step
    frontier: Numbers
    level: NDArray[np.int32]
    hops: list[Expansion] = field(default_factory=list)

    @classmethod
    def of(cls, step: Step, ends: Numbers, size: int) -> _Side:
        level = np.zeros(size, np.int32)
        level[ends] = 1
        return cls(step, ends, level)

    def go_on(self, other: _Side, owner: Positions) -> Mask:
        """Go one level further, and return which of its hops meet the other side."""
        hops = self.step.expand(self.frontier)
        hops = hops.take(self.level[hops.neighbor] == 0)
        hops = hops._replace(source=self.frontier[hops.source])
        self.hops.append(hops)
        met: Mask = other.level[hops.neighbor] > 0
        self.level[hops.neighbor] = len(self.hops) + 1
        self.frontier = distinct(hops.neighbor, owner)
        return met

    def trace(self, met: Numbers) -> list[Expansion]:
        """Return the hops on shortest ways from this side's ends to the entities where the sides meet."""
        on_way = np.zeros(len(self.level), np.bool_)
        on_way[met] = True
        found = []
        for level in reversed(self.hops):
            kept = level.take(on_way[level.neighbor])
            on_way[kept.source] = True
            found.append(kept)
        return found


Hop = tuple[int, int, int]
"""The entity that a hop leads to, the leg, and the position of the relation."""


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How far starts and targets are from each other, the starts that are as near, and the hops on the ways between.

    ``hops`` gives those that leave an entity.
    """

    distance: int
    starts: Container[int]
    hops: Callable[[int], list[Hop]]


def _meet(
    step: Step, starts: Numbers, targets: Numbers, maximum: int | None, *, should_stop: ShouldStop | None
) -> tuple[int, _Side, _Side, Numbers] | None:
    if not len(starts) or not len(targets):
        return None
    size = room(step, starts, targets)
    owner = np.empty(size, np.intp)
    ahead = _Side.of(step, starts, size)
    behind = _Side.of(step.reversed(), targets, size)
    while len(ahead.frontier) and len(behind.frontier):
        gone = len(ahead.hops) + len(behind.hops)
        if maximum is not None and gone >= maximum:
            return None
        if should_stop is not None:
            should_stop()
        side, other = (ahead, behind) if len(ahead.frontier) <= len(behind.frontier) else (behind, ahead)
        met = side.go_on(other, owner)
        if met.any():
            return gone + 1, ahead, behind, side.hops[-1].neighbor[met]
    return None


def _meeting(
    step: Step, starts: Numbers, targets: Numbers, maximum: int | None, *, should_stop: ShouldStop | None
) -> _Meeting | None:
    by_few, whole = _met_by_few(step, starts, targets, maximum, should_stop=should_stop)
    if whole:
        return by_few
    found = _meet(step, starts, targets, maximum, should_stop=should_stop)
    if found is None:
        return None
    hops, ahead, behind, met = found
    parts = ahead.trace(met)
    parts += [part._replace(source=part.neighbor, neighbor=part.source) for part in behind.trace(met)]
    leaving: dict[int, list[Hop]] = {}
    for part in parts:
        for source, *hop in zip(*(column.tolist() for column in part), strict=True):
            leaving.setdefault(source, []).append((hop[0], hop[1], hop[2]))
    # a start is never inside a shortest way
    return _Meeting(hops, leaving, leaving.__getitem__)


def _met_by_few(
    step: Step, starts: Numbers, targets: Numbers, maximum: int | None, *, should_stop: ShouldStop | None
) -> tuple[_Meeting | None, bool]:
    """Search in plain numbers; also return whether that was to its end, as no level had many relations."""
    few, back = step.few, step.reversed().few
    if few is None or back is None or len(starts) > MANY or len(targets) > MANY:
        return None, False
    most = few_module.MOST * _LEVEL
    levels = [set(starts.tolist())], [set(targets.tolist())]
    seen = set(levels[0][0]), set(levels[1][0])
    gone = 0
    while levels[0][-1] and levels[1][-1] and (maximum is None or gone < maximum):
        if should_stop is not None:
            should_stop()
        side = 0 if len(levels[0][-1]) <= len(levels[1][-1]) else 1
        found = (back if side else few).around([*levels[side][-1]], most)
        if found is None:
            return None, False
        gone += 1
        # what one side has met and the other has not is met at the edge of the other first
        met = levels[1 - side][-1].intersection(found)
        if met:
            levels[side].append(met)
            levels[1 - side][-1] = met
            ways = _Between(few, back, levels)
            return _Meeting(gone, ways.starts, ways.hops), True
        fresh = set(found) - seen[side]
        seen[side].update(fresh)
        levels[side].append(fresh)
    return None, True


class _Between:
    """The hops on the shortest ways between two sides, whose last levels are where they meet.

    From the starts on, only what leads to a meeting is on a way; after it, everything nearer to the targets is.
    """

    def __init__(self, few: Few, back: Few, levels: tuple[list[set[int]], list[set[int]]]) -> None:
        self._few = few
        self._behind = levels[1]
        self._leaving: dict[int, list[int]] = {}
        on_way = levels[0][-1]
        for nearer in reversed(levels[0][:-1]):
            passed: set[int] = set()
            for entity in on_way:
                others = nearer if len(nearer) == 1 else back.among(entity, nearer)
                passed |= others
                for other in others:
                    self._leaving.setdefault(other, []).append(entity)
            on_way = passed
        self.starts = on_way

    def hops(self, entity: int) -> list[Hop]:
        """Return the hops that leave an entity."""
        few = self._few
        others: Collection[int] | None = self._leaving.get(entity)
        if others is None:
            at = next(at for at, level in enumerate(self._behind) if entity in level)
            nearer = self._behind[at - 1]
            others = nearer if len(nearer) == 1 else few.among(entity, nearer)
        return [(other, leg, position) for other in others for leg, position in few.between(entity, other)]


def _groups(step: Step, starts: Numbers, targets: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield disjoint pairs of sets that cover every start with every target but itself."""
    starts, targets = step.shown(starts), step.shown(targets)
    if len(starts) == len(targets) == 1:
        if starts[0] != targets[0]:
            yield starts, targets
        return
    starts, targets = once(starts), once(targets)
    is_both = np.isin(starts, targets) if len(starts) > 1 or len(targets) > 1 else starts == targets
    if not is_both.any():
        yield starts, targets
        return
    both = starts[is_both]
    yield starts[~is_both], targets
    for one in both:
        yield np.array([one]), targets[targets != one]


def distance(
    step: Step,
    starts: Numbers,
    targets: Numbers,
    *,
    maximum: int | None = None,
    should_stop: ShouldStop | None = None,
) -> int | None:
    """Return the fewest hops from a start to another entity among the targets, None where no way leads there."""
    best: int | None = None
    for some, others in _groups(step, starts, targets):
        found = _meet(step, some, others, maximum if best is None else best - 1, should_stop=should_stop)
        if found is not None:
            best = found[0]
    return best


def shortest_paths(
    step: Step,
    starts: Numbers,
    targets: Numbers,
    *,
    maximum: int | None = None,
    keys: Keys = by_number,
    should_stop: ShouldStop | None = None,
) -> Iterator[Path]:
    """Yield all paths of the fewest hops from any start to another entity among the targets, in order.

    The first one is *the* shortest path: the least first entity, then the least sequence of predicate and entity.
    Paths are made one at a time, so that a cap costs no more than it lets through.
    """
    meetings: list[_Meeting] = []
    for some, others in _groups(step, starts, targets):
        found = _meeting(step, some, others, meetings[0].distance if meetings else maximum, should_stop=should_stop)
        if found is None:
            continue
        if meetings and found.distance < meetings[0].distance:
            meetings = []
        meetings.append(found)
    dags = [_Dag(step, meeting, keys) for meeting in meetings]
    first = {start: dag for dag in dags for start in dag.starts(starts)}
    if not first:
        return
    ordered = sorted_by(keys, np.array(list(first), dtype=np.int64)) if len(first) > 1 else first
    for start in ordered:
        yield from first[start].paths(start, should_stop)


class _Dag:
    """The hops on shortest paths, by the entity they leave."""

    def __init__(self, step: Step, meeting: _Meeting, keys: Keys) -> None:
        self._step = step
        self._keys = keys
        self._distance = meeting.distance
        self._starts = meeting.starts
        self._hops = meeting.hops
        self._found: dict[int, list[Way]] = {}

    def starts(self, starts: Numbers) -> list[int]:
        """Return the starts of shortest paths."""
        return [one for one in starts.tolist() if one in self._starts]

    def after(self, entity: int) -> list[Way]:
        """Return the ways on from an entity, in order."""
        found = self._found.get(entity)
        if found is None:
            hops = self._hops(entity)
            if len(hops) == 1:
                # what there is one of needs no place in an order
                ((neighbor, leg, position),) = hops
                found = [Way("", None, neighbor, (Link(leg, position),), (0,))]
            else:
                found = self._ordered(hops)
            self._found[entity] = found
        return found

    def _ordered(self, hops: Sequence[Hop]) -> list[Way]:
        legs = self._step.legs
        if not all(leg.predicate for leg in legs):
            # the arrays tell the predicate of each
            neighbor, leg, position = np.array(hops, np.int64).T
            some = Expansion(np.zeros(len(hops), np.intp), neighbor, leg, position)
            return ways_of(self._step, some, self._keys)[0]
        parallels: dict[int, list[tuple[str, int, Link]]] = {}
        for other, at, place in hops:
            told = legs[at].predicate, legs[at].arrays.number_at(place), Link(at, place)
            parallels.setdefault(other, []).append(told)
        return in_order(parallels, self._keys)

    def paths(self, start: int, should_stop: ShouldStop | None) -> Iterator[Path]:
        trail: list[Way] = []
        stack = [iter(self.after(start))]
        while stack:
            if should_stop is not None:
                should_stop()
            way = next(stack[-1], None)
            if way is None:
                stack.pop()
                if trail:
                    trail.pop()
                continue
            trail.append(way)
            if len(trail) == self._distance:
                yield Path((start, *(one.entity for one in trail)), tuple(one.links for one in trail))
                trail.pop()
            else:
                stack.append(iter(self.after(way.entity)))
