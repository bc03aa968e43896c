"""Which entities a hop range leads to.

A range asks for a path of so many hops that repeats no entity between its two ends. From one hop on that is plain
reachability, as every walk can be cut to such a path; it is answered breadth-first. From two hops on it is not: there
may be a walk from A over B and back to B, and no path of two.

A start that may not be stood on leads nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING, once
from relgraph.network.few import MANY
from relgraph.network.rows import Mask, Numbers, Positions
from relgraph.network.steps import ShouldStop, Step, distinct, room, too_many

PAIRS_AT_ONCE = 2**25
"""How many bits of (start, entity) one pass over several starts may mark, a byte each."""
FEW = 64
"""Up to so many starts that are met again are looked at one by one."""
AGAIN = 8
"""From the neighbors of a start, up to so many, ways on are looked for one by one."""
TWICE = 2
SEARCH_LIMIT = 2_000_000
"""How many partial paths a search for paths of at least three hops may try."""


class Reached(NamedTuple):
    """Entities, each once, with the fewest hops that lead there, ordered by hops."""

    entity: Numbers
    hops: NDArray[np.int32]


class Pairs(NamedTuple):
    """What each of several starts reaches: index into the starts, the entity, the fewest hops."""

    start: Positions
    entity: Numbers
    hops: NDArray[np.int32]


def reach(step: Step, starts: Numbers, *, maximum: int | None = None, should_stop: ShouldStop | None = None) -> Reached:
    """Return every entity that a walk of at least one hop leads to, from any of the starts.

    A start is among them only where a walk leads back to it: for one start, its hops are then the length of the
    shortest ring through it. Whether *another* start leads to a start is asked of :func:`reach_from_others`.
    """
    told, whole = levels_of_few(step, starts, maximum, should_stop=should_stop)
    levels: list[Numbers] = [np.array(level, np.int64) for level in told]
    size = 0 if whole else room(step, starts)
    seen = np.zeros(size, np.bool_)
    owner = np.empty(size, np.intp)
    frontier: Numbers = np.zeros(0, np.int64)
    if not whole:
        for level in levels:
            seen[level] = True
        frontier = levels[-1] if levels else distinct(step.shown(starts), owner)
    while len(frontier) and (maximum is None or len(levels) < maximum):
        if should_stop is not None:
            should_stop()
        found = step.following(frontier)
        # starts are not marked beforehand, so that coming back to one is seen
        frontier = distinct(found[~seen[found]], owner)
        seen[frontier] = True
        levels.append(frontier)
    if not levels:
        return Reached(np.zeros(0, np.int32), np.zeros(0, np.int32))
    hops = np.repeat(np.arange(1, len(levels) + 1, dtype=np.int32), [len(level) for level in levels])
    return Reached(np.concatenate(levels), hops)


def levels_of_few(
    step: Step, starts: Numbers, maximum: int | None, *, should_stop: ShouldStop | None = None
) -> tuple[list[list[int]], bool]:
    """Return the entities met first after one hop, two and so on, as long as each hop has few relations.

    Also whether that is all. As in :func:`reach`, a start is among them where a walk leads back to it.
    """
    few = step.few
    levels: list[list[int]] = []
    if few is None or len(starts) > MANY:
        return levels, False
    frontier = step.shown(starts).tolist()
    seen: set[int] = set()
    while frontier and (maximum is None or len(levels) < maximum):
        if should_stop is not None:
            should_stop()
        found = few.around(frontier)
        if found is None:
            return levels, False
        fresh = set(found) - seen
        seen |= fresh
        frontier = list(fresh)
        levels.append(frontier)
    return levels, True


def ends_of(
    step: Step, start: int, minimum: int, maximum: int | None, *, should_stop: ShouldStop | None = None
) -> NDArray[np.int64]:
    """Return, sorted, the entities other than the start at the end of a path of ``minimum`` to ``maximum`` hops.

    Raises:
        QueryLimitError: a search for paths of at least three hops tried too many.

    """
    starts = np.array([start], np.int64)
    levels, whole = levels_of_few(step, starts, maximum, should_stop=should_stop)
    ends: set[int] | None = None
    if whole and (minimum == 1 or not levels):
        ends = set().union(*levels)
    elif whole and minimum == TWICE:
        ends = _again(step, start, levels[0], maximum, should_stop=should_stop)
        if ends is not None:
            ends = ends.union(*levels[1:])
    if ends is not None:
        ends.discard(start)
        return np.array(sorted(ends), np.int64)
    found = reach_range(step, start, minimum, maximum, should_stop=should_stop)
    return np.sort(found[found != start]).astype(np.int64)


def _again(
    step: Step, start: int, firsts: list[int], maximum: int | None, *, should_stop: ShouldStop | None
) -> set[int] | None:
    """Return those of the neighbors that a way through another neighbor leads to; None where that is for arrays."""
    few, among = step.few, set(firsts)
    met: set[int] = set()
    if len(firsts) == 1:
        return met
    if few is None or len(firsts) > AGAIN:
        return None
    for first in firsts:
        seen = {start, first}
        frontier = [first]
        depth = 1
        while frontier and (maximum is None or depth < maximum):
            if should_stop is not None:
                should_stop()
            depth += 1
            found = few.around(frontier)
            if found is None:
                return None
            fresh = set(found) - seen
            seen |= fresh
            met |= fresh & among
            if len(met) == len(among):
                return met
            frontier = list(fresh)
    return met


def reach_from_others(
    step: Step, starts: Numbers, *, maximum: int | None = None, should_stop: ShouldStop | None = None
) -> Numbers:
    """Return every entity that some start other than itself leads to.

    What is no start itself is reached from another one if it is reached at all. A few starts that are met again are
    looked at backwards; for many, see :func:`_labeled`.
    """
    starts = step.shown(starts)
    first = reach(step, starts, maximum=maximum, should_stop=should_stop).entity
    again = np.intersect1d(first, starts)
    if len(again) > FEW:
        return _labeled(step, starts, maximum, should_stop=should_stop)
    is_start = np.zeros(room(step, starts), np.bool_)
    is_start[starts] = True
    back = step.reversed()
    met = [one for one in again.tolist() if _another(back, one, is_start, maximum, should_stop=should_stop)]
    return np.sort(np.concatenate([np.setdiff1d(first, again), np.array(met, first.dtype)]))


def _another(back: Step, entity: int, is_start: Mask, maximum: int | None, *, should_stop: ShouldStop | None) -> bool:
    """Return whether the way back from an entity comes to a start other than itself."""
    seen = np.zeros(len(is_start), np.bool_)
    seen[entity] = True
    owner = np.empty(len(is_start), np.intp)
    frontier: Numbers = np.array([entity], np.int64)
    depth = 0
    while len(frontier) and (maximum is None or depth < maximum):
        if should_stop is not None:
            should_stop()
        depth += 1
        found = back.following(frontier)
        frontier = distinct(found[~seen[found]], owner)
        if is_start[frontier].any():
            return True
        seen[frontier] = True
    return False


def _labeled(step: Step, starts: Numbers, maximum: int | None, *, should_stop: ShouldStop | None) -> Numbers:
    """Return what some start other than itself leads to, in one pass for all.

    Each entity keeps the two nearest distinct starts that lead to it: one of them differs from the entity if any
    does. So the work is at most twice that of plain reachability.
    """
    size = room(step, starts)
    first = np.full(size, -1, np.int64)
    second = np.full(size, -1, np.int64)
    frontier = once(starts)
    first[frontier] = frontier
    origin = frontier
    depth = 0
    reached = np.zeros(size, np.bool_)
    while len(frontier) and (maximum is None or depth < maximum):
        if should_stop is not None:
            should_stop()
        depth += 1
        hops = step.expand(frontier)
        neighbor, label = hops.neighbor.astype(np.int64), origin[hops.source]
        news = (second[neighbor] < 0) & (first[neighbor] != label)
        pairs = once(neighbor[news] * size + label[news])
        frontier, origin = _take_labels(*np.divmod(pairs, size), first, second)
        reached[frontier[frontier != origin]] = True
    return np.flatnonzero(reached)


def _take_labels(
    entity: Positions, label: Positions, first: Positions, second: Positions
) -> tuple[Positions, Positions]:
    """Give each entity up to two labels, and return the pairs it took; pairs come sorted and distinct."""
    if not len(entity):
        return entity, label
    starts = np.flatnonzero(np.append(True, entity[1:] != entity[:-1]))
    counts = np.diff(np.append(starts, len(entity)))
    rank = np.arange(len(entity)) - np.repeat(starts, counts)
    had = (first[entity] >= 0).astype(np.intp)
    place = rank + had
    taken = place < 2
    entity, label, place = entity[taken], label[taken], place[taken]
    first[entity[place == 0]] = label[place == 0]
    second[entity[place == 1]] = label[place == 1]
    return entity, label


def reach_pairs(
    step: Step, starts: Numbers, *, maximum: int | None = None, should_stop: ShouldStop | None = None
) -> Pairs:
    """Return what each start leads to, by itself: :func:`reach` for each, in few passes."""
    size = room(step, starts)
    at_once = max(1, PAIRS_AT_ONCE // max(size, 1))
    parts = []
    for begin in range(0, len(starts), at_once):
        some = starts[begin : begin + at_once]
        seen = np.zeros(len(some) * size, np.bool_)
        origin = np.arange(len(some)) if step.live is None else np.flatnonzero(step.live[some])
        frontier: Numbers = some[origin].astype(np.int64)
        depth = 0
        while len(frontier) and (maximum is None or depth < maximum):
            if should_stop is not None:
                should_stop()
            depth += 1
            hops = step.expand(frontier)
            keys = origin[hops.source] * size + hops.neighbor
            keys = once(keys[~seen[keys]])
            seen[keys] = True
            origin, frontier = np.divmod(keys, size)
            parts.append(Pairs(origin + begin, frontier, np.full(len(keys), depth, np.int32)))
    if not parts:
        return Pairs(np.zeros(0, np.intp), np.zeros(0, np.int64), np.zeros(0, np.int32))
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def reach_range(
    step: Step, start: int, minimum: int, maximum: int | None, *, should_stop: ShouldStop | None = None
) -> Numbers:
    """Return the entities at the end of a path of ``minimum`` to ``maximum`` hops that repeats no entity.

    The start itself is among them where such a path closes into a ring. ``minimum`` is at least 1.

    Raises:
        QueryLimitError: a search for paths of at least three hops tried too many.

    """
    reached = reach(step, np.array([start], np.int64), maximum=maximum, should_stop=should_stop)
    far = reached.hops >= minimum
    if minimum == 1:
        return reached.entity
    # a shortest path repeats nothing, so only entities nearer than the minimum need a longer way
    near = reached.entity[~far]
    if not len(near):
        return reached.entity[far]
    if minimum == 2:
        # a longer way to a neighbor goes through another neighbor first and never through the start again
        firsts = distinct(step.following(np.array([start], np.int64)), np.empty(room(step, near), np.intp))
        live = np.ones(room(step, firsts), np.bool_) if step.live is None else step.live.copy()
        live[start] = False
        inner = Step(step.legs, live)
        allowed = None if maximum is None else maximum - 1
        again = reach_from_others(inner, firsts, maximum=allowed, should_stop=should_stop)
        more = np.intersect1d(near, again)
    else:
        more = _longer(step, start, near, minimum, maximum, should_stop=should_stop)
    return np.concatenate([reached.entity[far], more])


def _longer(
    step: Step, start: int, near: Numbers, minimum: int, maximum: int | None, *, should_stop: ShouldStop | None
) -> Numbers:
    """Return those of the near entities that a longer path leads to as well."""
    most = step.top if maximum is None else maximum
    back = step.reversed()
    following: dict[int, list[int]] = {}
    tried = 0

    def after(entity: int) -> list[int]:
        if entity not in following:
            following[entity] = once(step.following(np.array([entity], np.int64))).tolist()
        return following[entity]

    def exists(target: int) -> bool:
        nonlocal tried
        ways = reach(back, np.array([target], np.int64), maximum=most, should_stop=should_stop)
        distance = dict(zip(ways.entity.tolist(), ways.hops.tolist(), strict=True))
        path = {start}
        stack = [iter(after(start))]
        trail = [start]
        while stack:
            entity = next(stack[-1], None)
            length = len(trail)
            if entity is None:
                stack.pop()
                path.discard(trail.pop())
                continue
            if entity == target:
                if minimum <= length <= most:
                    return True
                continue
            if entity in path or length + distance.get(entity, most + 1) > most:
                continue
            tried += 1
            if tried > SEARCH_LIMIT:
                raise too_many("partial paths tried", SEARCH_LIMIT, "lower the largest number of hops")
            if should_stop is not None and tried % 1000 == 0:
                should_stop()
            path.add(entity)
            trail.append(entity)
            stack.append(iter(after(entity)))
        return False

    return np.array([target for target in near.tolist() if exists(target)], dtype=np.int64)


def reach_rising(
    step: Step,
    start: int,
    *,
    maximum: int | None = None,
    falling: bool = False,
    should_stop: ShouldStop | None = None,
) -> Reached:
    """Return what a walk leads to whose relations each have a strictly larger value than the one before.

    The values are those of the step's legs; relations that lack one take no part. A walk that repeats an entity can
    be cut and still rises, so the earliest arrival after each number of hops is all that must be kept.
    """
    size = room(step, np.array([start]))
    sign = -1 if falling else 1
    best = np.full(size, np.iinfo(np.int64).max, np.int64)
    found: list[Numbers] = []
    seen = np.zeros(size, np.bool_)
    frontier: Numbers = step.shown(np.array([start], np.int64))
    arrival = np.full(len(frontier), np.iinfo(np.int64).min, np.int64)
    while len(frontier) and (maximum is None or len(found) < maximum):
        if should_stop is not None:
            should_stop()
        hops = step.expand(frontier)
        raw = step.values(hops)
        value = raw * sign
        on = (raw != MISSING) & (value > arrival[hops.source]) & (value < best[hops.neighbor])
        neighbor, value = hops.neighbor[on], value[on]
        order = np.lexsort((value, neighbor))
        neighbor, value = neighbor[order], value[order]
        least = np.append(True, neighbor[1:] != neighbor[:-1])[: len(neighbor)]
        frontier, arrival = neighbor[least], value[least]
        best[frontier] = arrival
        fresh = frontier[~seen[frontier]]
        seen[fresh] = True
        found.append(fresh)
    if not found:
        return Reached(np.zeros(0, np.int32), np.zeros(0, np.int32))
    count = np.repeat(np.arange(1, len(found) + 1, dtype=np.int32), [len(level) for level in found])
    return Reached(np.concatenate(found), count)
