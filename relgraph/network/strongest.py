"""The paths with the largest product of an attribute: the k best that repeat no entity.

Yen's algorithm ("Finding the K shortest loopless paths in a network", 1971), with Lawler's division into parts that do
not overlap, over a bounded neighborhood. Its searches are done on arrays of logarithms, which only narrow the choice
down; among what is equal or nearly so, exact fractions decide, then fewer hops, then the order of paths.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING, once
from relgraph.network.paths import Keys, Path, Way, by_number, factor, simple_paths, strength, ways_of
from relgraph.network.reach import reach
from relgraph.network.rows import Amounts, Mask, Numbers, Positions
from relgraph.network.steps import Expansion, Leg, ShouldStop, Step, room, too_many

NEIGHBORHOOD_LIMIT = 2_000_000
"""How many relations may lie between the two ends of strongest paths."""

_CLOSE = 1e-9
"""Sums of logarithms nearer than this are compared exactly."""
_FAR = 2**30


def strongest_paths(
    step: Step,
    starts: Numbers,
    targets: Numbers,
    maximum: int | None = None,
    *,
    keys: Keys = by_number,
    should_stop: ShouldStop | None = None,
) -> Iterator[Path]:
    """Yield paths from a start to another entity among the targets, the strongest first.

    The strength is the product of the values of the step's legs (of parallel relations: of the strongest), exactly;
    ties go to fewer hops, then to the least first entity, then to the least sequence of predicate and entity.
    Relations without a value take no part. Take as many as wanted: the work follows.

    Raises:
        QueryTypeError: a value is not between 0 and 1.
        QueryLimitError: too many relations lie between the ends.

    """
    valued = _valued(step)
    starts, targets = once(step.shown(starts)), once(step.shown(targets))
    near = _Neighborhood.between(valued, starts, targets, maximum, keys, should_stop=should_stop)
    first = sorted(zip(keys(some := starts.tolist()), some, strict=True))
    # what is still to be listed, best first, each with the part of all paths that it is the best of
    waiting: list[tuple[tuple[Any, ...], _Found]] = []

    def look(root: tuple[Way, ...], start: tuple[Any, int], banned: frozenset[int]) -> None:
        if should_stop is not None:
            should_stop()
        tail = near.best(start[1], root, banned, maximum)
        if tail is not None:
            found = _Found(start, (*root, *tail), len(root), banned)
            heapq.heappush(waiting, (found.order(near), found))

    for start in first:
        look((), start, frozenset())
    while waiting:
        order, found = heapq.heappop(waiting)
        entities = (found.start[1], *(way.entity for way in found.ways))
        yield Path(entities, tuple(way.links for way in found.ways), -order[0])
        for place in range(found.parted, len(found.ways) + 1):
            banned = found.banned if place == found.parted else frozenset()
            if place < len(found.ways):
                banned |= {found.ways[place].entity}
            look(found.ways[:place], found.start, banned)
    if near.worthless:
        # a product of zero is the same for all, so hops and names decide
        for path in simple_paths(valued, starts, targets, 1, maximum, keys=keys, should_stop=should_stop):
            if strength(valued, path) == 0:
                yield replace(path, strength=Fraction(0))


def _valued(step: Step) -> Step:
    """Return the step without the relations that lack a value; its legs keep their places."""

    def only(leg: Leg) -> Leg:
        def value(at: Positions) -> Amounts:
            return np.full(len(at), MISSING, np.int64) if leg.value is None else leg.value(at)

        def keep(at: Positions) -> Mask:
            has: Mask = value(at) != MISSING
            return has if leg.keep is None else has & leg.keep(at)

        return replace(leg, keep=keep, value=value)

    return replace(step, legs=tuple(only(leg) for leg in step.legs))


class _Found(NamedTuple):
    """A path, and the part of all paths it is the best of: those that share a root and then go on otherwise."""

    start: tuple[Any, int]
    ways: tuple[Way, ...]
    parted: int
    banned: frozenset[int]

    def order(self, near: _Neighborhood) -> tuple[Any, ...]:
        product = Fraction(1)
        for way in self.ways:
            product *= near.exact(way)
        return -product, len(self.ways), self.start[0], tuple((way.predicate, way.key) for way in self.ways)


@dataclass(slots=True)
class _Neighborhood:
    """The relations that may lie on a path, sorted by the entity they leave; entities have numbers of their own."""

    step: Step
    keys: Keys
    entities: Numbers
    hops: Expansion
    head: Positions
    cost: NDArray[np.float64]
    begins: Positions
    """Where the relations of each entity begin; one more at the end."""
    goals: Mask
    worthless: bool
    """Whether some relation has a value of zero: its cost is infinite."""
    known: dict[tuple[int, int], Way]

    @classmethod
    def between(
        cls,
        step: Step,
        starts: Numbers,
        targets: Numbers,
        maximum: int | None,
        keys: Keys,
        *,
        should_stop: ShouldStop | None,
    ) -> _Neighborhood:
        """Gather what lies on walks of at most so many hops from a start to a target."""
        size = room(step, starts, targets)
        ahead, behind = np.full(size, _FAR), np.full(size, _FAR)
        for way, ends, hops in ((step, starts, ahead), (step.reversed(), targets, behind)):
            reached = reach(way, ends, maximum=maximum, should_stop=should_stop)
            hops[reached.entity] = reached.hops
            hops[ends] = 0
        most = _FAR - 1 if maximum is None else maximum
        inner = np.flatnonzero((ahead < _FAR) & (behind < _FAR) & (ahead + behind <= most))
        out = step.expand(inner)
        near = (behind[out.neighbor] < _FAR) & (ahead[inner[out.source]] + 1 + behind[out.neighbor] <= most)
        out = out.take(near)
        if len(out.position) > NEIGHBORHOOD_LIMIT:
            raise too_many(
                "relations between the ends of the paths", NEIGHBORHOOD_LIMIT, "lower the largest number of hops"
            )
        value = step.values(out)
        share = np.empty(len(value))
        for index, leg in enumerate(step.legs):
            here = out.leg == index
            some = value[here]
            for one in (some.min(), some.max()) if len(some) else ():
                factor(int(one), leg.scale)
            share[here] = some / 10**leg.scale
        order = np.argsort(out.source, kind="stable")
        out, share = out.take(order), share[order]
        cost = np.full(len(share), np.inf)
        np.log(share, out=cost, where=share > 0)
        np.negative(cost, out=cost, where=share > 0)
        local = np.full(size, -1)
        local[inner] = np.arange(len(inner))
        return cls(
            step,
            keys,
            inner,
            out,
            local[out.neighbor],
            cost,
            np.searchsorted(out.source, np.arange(len(inner) + 1)),
            np.isin(inner, targets),
            bool((share == 0).any()),
            {},
        )

    def exact(self, way: Way) -> Fraction:
        """Return the strength of a hop: that of its strongest relation."""
        return max(
            factor(value, self.step.legs[link.leg].scale) for value, link in zip(way.values, way.links, strict=True)
        )

    def best(self, start: int, root: tuple[Way, ...], banned: frozenset[int], maximum: int | None) -> list[Way] | None:
        """Return the best way on from the end of a root to a target, its first entity being none that is banned."""
        been = [start, *(way.entity for way in root)]
        at = self._local(been)
        if (at < 0).any():
            return None
        left = None if maximum is None else maximum - len(root)
        if left == 0:
            return None
        closed = np.zeros(len(self.entities), np.bool_)
        closed[at] = True
        costs = self._costs(closed, left)
        refused = closed.copy()
        refused[self._local(list(banned))] = True
        return self._exactly(int(at[-1]), refused, costs, left)

    def _local(self, entities: list[int]) -> Positions:
        wanted = np.array(entities, dtype=np.int64)
        found = np.searchsorted(self.entities, wanted)
        found[found == len(self.entities)] = 0
        if not len(self.entities):
            return np.full(len(wanted), -1)
        found[self.entities[found] != wanted] = -1
        return found

    def _costs(self, closed: Mask, left: int | None) -> list[NDArray[np.float64]]:
        """Return the least cost from each entity to a target within 0, 1, 2 .. hops, closed entities left out."""
        cost = np.where(self.goals & ~closed, 0.0, np.inf)
        found = [cost]
        some = np.flatnonzero(np.diff(self.begins))
        begins = self.begins[some]
        while left is None or len(found) < left:
            cost = found[-1].copy()
            if len(some):
                further = np.minimum.reduceat(self.cost + found[-1][self.head], begins)
                cost[some] = np.minimum(cost[some], further)
            cost[closed] = np.inf
            if not (cost < found[-1]).any():
                break
            found.append(cost)
        return found

    def _ways(self, entity: int, chosen: Positions) -> list[Way]:
        """Return the ways from an entity to each end of some of its relations, with all relations of each."""
        begin, end = int(self.begins[entity]), int(self.begins[entity + 1])
        heads = once(self.head[chosen])
        missing = [head for head in heads.tolist() if (entity, head) not in self.known]
        if missing:
            at = np.arange(begin, end)[np.isin(self.head[begin:end], missing)]
            hops = self.hops.take(at)._replace(source=np.zeros(len(at), np.intp))
            for way in ways_of(self.step, hops, self.keys, valued=True)[0]:
                (head,) = self._local([way.entity]).tolist()
                self.known[entity, head] = way
        return [self.known[entity, head] for head in heads.tolist()]

    def _near(self, entity: int, refused: Mask | None, cost: NDArray[np.float64], bound: float | None) -> list[Way]:
        """Return the ways on from an entity that may be on the best path, by logarithms."""
        begin, end = int(self.begins[entity]), int(self.begins[entity + 1])
        total = self.cost[begin:end] + cost[self.head[begin:end]]
        if refused is not None:
            total = np.where(refused[self.head[begin:end]], np.inf, total)
        least = total.min(initial=np.inf) if bound is None else bound
        if least == np.inf:
            return []
        return self._ways(entity, begin + np.flatnonzero(total <= least + _CLOSE))

    def _exactly(
        self, start: int, refused: Mask, costs: list[NDArray[np.float64]], left: int | None
    ) -> list[Way] | None:
        """Choose among the paths that logarithms leave: the largest product, the fewest hops, the least names."""

        def within(hops_left: int) -> NDArray[np.float64]:
            return costs[min(hops_left, len(costs) - 1)]

        depth = len(costs) if left is None else left
        levels: list[dict[int, list[Way]]] = [{start: self._near(start, refused, within(depth - 1), None)}]
        while any(levels[-1].values()) and len(levels) < depth + 1:
            here = depth - len(levels)
            ends = dict.fromkeys(way.entity for ways in levels[-1].values() for way in ways)
            following: dict[int, list[Way]] = {}
            for entity in self._local(list(ends)).tolist():
                if self.goals[entity] or not here:
                    following[entity] = []
                else:
                    bound = float(within(here)[entity])
                    following[entity] = self._near(entity, None, within(here - 1), bound)
            levels.append(following)
        best: dict[int, tuple[Fraction, int, list[Way]]] = {}
        for place, level in reversed(list(enumerate(levels))):
            behind, best = best, {}
            for entity, ways in level.items():
                if place and self.goals[entity]:
                    best[entity] = (Fraction(1), 0, [])
                    continue
                choices = []
                for way in ways:
                    (head,) = self._local([way.entity]).tolist()
                    if head in behind:
                        product, hops, rest = behind[head]
                        choices.append((-product * self.exact(way), hops + 1, way.predicate, way.key, way, rest))
                if choices:
                    product, hops, _, _, way, rest = min(choices, key=lambda one: one[:4])
                    best[entity] = (-product, hops, [way, *rest])
        return best[start][2] if start in best else None
