"""Shortest paths and distances, by a breadth-first search from both sides at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import once
from relgraph.network.paths import Keys, Link, Path, Way, by_number, sorted_by, ways_of
from relgraph.network.rows import Mask, Numbers, Positions
from relgraph.network.steps import Expansion, ShouldStop, Step, distinct, room


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


@dataclass(frozen=True, slots=True)
class _Meeting:
    distance: int
    hops: Expansion
    """Hops from the starts towards the targets; ``source`` is the entity itself."""


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


def _groups(step: Step, starts: Numbers, targets: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield disjoint pairs of sets that cover every start with every target but itself."""
    starts, targets = once(step.shown(starts)), once(step.shown(targets))
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
        found = _meet(step, some, others, meetings[0].distance if meetings else maximum, should_stop=should_stop)
        if found is None:
            continue
        hops, ahead, behind, met = found
        if meetings and hops < meetings[0].distance:
            meetings = []
        parts = ahead.trace(met)
        parts += [part._replace(source=part.neighbor, neighbor=part.source) for part in behind.trace(met)]
        joined = Expansion(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        meetings.append(_Meeting(hops, joined))
    dags = [_Dag(step, meeting, keys) for meeting in meetings]
    first = {start: dag for dag in dags for start in dag.starts(starts)}
    if not first:
        return
    for start in sorted_by(keys, np.array(list(first), dtype=np.int64)):
        yield from first[start].paths(start, should_stop)


class _Dag:
    """The hops on shortest paths, by the entity they leave."""

    def __init__(self, step: Step, meeting: _Meeting, keys: Keys) -> None:
        self._step = step
        self._keys = keys
        self._distance = meeting.distance
        self._hops = meeting.hops
        self._leaving: dict[int, list[int]] = {}
        for index, entity in enumerate(meeting.hops.source.tolist()):
            self._leaving.setdefault(entity, []).append(index)
        self._found: dict[int, list[Way]] = {}

    def starts(self, starts: Numbers) -> list[int]:
        """Return the starts of shortest paths; a start is never inside one."""
        return [one for one in starts.tolist() if one in self._leaving]

    def after(self, entity: int) -> list[Way]:
        found = self._found.get(entity)
        if found is None:
            at = np.array(self._leaving[entity])
            if len(at) == 1:
                # what there is one of needs no place in an order
                found = [self._only(at[0])]
            else:
                hops = self._hops.take(at)._replace(source=np.zeros(len(at), np.intp))
                found = ways_of(self._step, hops, self._keys)[0]
            self._found[entity] = found
        return found

    def _only(self, at: np.intp) -> Way:
        hops = self._hops
        link = Link(int(hops.leg[at]), int(hops.position[at]))
        return Way("", None, int(hops.neighbor[at]), (link,), (0,))

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
