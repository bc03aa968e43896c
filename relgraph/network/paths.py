"""Paths as values, and the ways out of an entity in the order in which paths are listed.

Paths of one length are ordered by their sequence of (predicate, entity), the first difference deciding; of a hop with
parallel relations the least predicate counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from relgraph.errors import QueryTypeError
from relgraph.model.columns import MISSING, once
from relgraph.network.reach import reach
from relgraph.network.rows import Numbers
from relgraph.network.steps import Expansion, ShouldStop, Step, too_many

SEARCH_LIMIT = 2_000_000
"""How many partial paths a listing may try."""

LEAST = -(2**63)
"""Below every value, so that a first relation always rises."""

Keys = Callable[[Sequence[int]], Sequence[Any]]
"""Gives each entity the key that it is ordered by (its id, or its name and id); asked for many at a time."""


class Link(NamedTuple):
    """A relation of a path: the index of the step's leg, and the position in that leg's arrays."""

    leg: int
    position: int


@dataclass(frozen=True, slots=True)
class Path:
    """A path that repeats no entity, or a ring, which does not repeat its first one.

    ``links`` holds for each hop its parallel relations, ordered by predicate and number. ``strength`` is the product
    of the strongest relation of each hop, where one was asked for.
    """

    entities: tuple[int, ...]
    links: tuple[tuple[Link, ...], ...]
    strength: Fraction | None = None


class Way(NamedTuple):
    """All relations of one step from an entity to another."""

    predicate: str
    key: Any
    entity: int
    links: tuple[Link, ...]
    values: tuple[int, ...]


def by_number(entities: Sequence[int]) -> Sequence[int]:
    """Order entities by number."""
    return entities


def ways_of(step: Step, hops: Expansion, keys: Keys, *, valued: bool = False) -> list[list[Way]]:
    """Return, for each source that hops start from, its ways in order (the sources counted from 0 without gaps).

    With ``valued`` each relation's value goes along, and relations that lack it are left out.
    """
    values = np.zeros(len(hops.position), np.int64)
    if valued:
        values = step.values(hops)
        has = values != MISSING
        hops, values = hops.take(has), values[has]
    names = np.empty(len(hops.position), object)
    numbers = np.empty(len(hops.position), np.int64)
    for index, leg in enumerate(step.legs):
        here = hops.leg == index
        names[here] = leg.names(hops.position[here])
        numbers[here] = leg.arrays.number(hops.position[here])
    gathered: dict[tuple[int, int], list[tuple[str, int, Link, int]]] = {}
    columns = (hops.source, hops.neighbor, hops.leg, hops.position, names, numbers, values)
    for source, neighbor, leg, position, name, number, value in zip(*(one.tolist() for one in columns), strict=True):
        gathered.setdefault((source, neighbor), []).append((name, number, Link(leg, position), value))
    reached = list(dict.fromkeys(neighbor for _, neighbor in gathered))
    key = dict(zip(reached, keys(reached), strict=True))
    count = int(hops.source.max()) + 1 if len(hops.source) else 0
    found: list[list[Way]] = [[] for _ in range(count)]
    for (source, neighbor), parallel in gathered.items():
        parallel.sort()
        links = tuple(link for _, _, link, _ in parallel)
        kept = tuple(value for _, _, _, value in parallel)
        found[source].append(Way(parallel[0][0], key[neighbor], neighbor, links, kept))
    for ways in found:
        ways.sort(key=_place)
    return found


def in_order(parallels: Mapping[int, list[tuple[str, int, Link]]], keys: Keys) -> list[Way]:
    """Return the ways to some entities in order, from the relations to each (predicate, number, link), in any order."""
    reached = list(parallels)
    ways = []
    for entity, key in zip(reached, keys(reached), strict=True):
        told = sorted(parallels[entity])
        ways.append(Way(told[0][0], key, entity, tuple(link for _, _, link in told), (0,) * len(told)))
    ways.sort(key=_place)
    return ways


def _place(way: Way) -> tuple[str, Any]:
    return way.predicate, way.key


class Ways:
    """The ways out of each entity, looked up when first asked for."""

    __slots__ = ("_found", "_keys", "_step", "_valued")

    def __init__(self, step: Step, keys: Keys, *, valued: bool = False) -> None:
        self._step = step
        self._keys = keys
        self._valued = valued
        self._found: dict[int, list[Way]] = {}

    def after(self, entity: int) -> list[Way]:
        """Return the ways out of an entity, in order."""
        found = self._found.get(entity)
        if found is None:
            hops = self._step.expand(np.array([entity], np.int64))
            ways = ways_of(self._step, hops, self._keys, valued=self._valued)
            found = self._found[entity] = ways[0] if ways else []
        return found


def sorted_by(keys: Keys, entities: Numbers) -> list[int]:
    """Return entities, each once, in the order of their keys."""
    some = once(entities).tolist()
    return [entity for _, entity in sorted(zip(keys(some), some, strict=True))]


def simple_paths(
    step: Step,
    starts: Numbers,
    targets: Numbers,
    minimum: int = 1,
    maximum: int | None = None,
    *,
    keys: Keys = by_number,
    rising: bool = False,
    falling: bool = False,
    should_stop: ShouldStop | None = None,
) -> Iterator[Path]:
    """Yield every path from a start to another entity among the targets: shortest first, then in order.

    With ``rising`` (``falling``) each relation's value is strictly larger (smaller) than the one before; of parallel
    relations those are listed that such a choice can use. Take as many as wanted: the work follows.

    Raises:
        QueryLimitError: too many partial paths were tried.

    """
    ordered = rising or falling
    sign = -1 if falling else 1
    starts, targets = step.shown(starts), step.shown(targets)
    ways = Ways(step, keys, valued=ordered)
    back = reach(step.reversed(), targets, maximum=maximum, should_stop=should_stop)
    distance = dict(zip(back.entity.tolist(), back.hops.tolist(), strict=True))
    goals = set(targets.tolist())
    sources = [start for start in sorted_by(keys, starts) if start in distance]
    most = step.top if maximum is None else maximum
    tried = 0
    length = minimum
    deeper = bool(sources)
    while deeper and length <= most:
        deeper = False
        for start in sources:
            trail: list[Way] = []
            lasts = [LEAST]
            on_way = {start}
            stack = [iter(ways.after(start))]
            while stack:
                way = next(stack[-1], None)
                if way is None:
                    stack.pop()
                    lasts.pop()
                    if trail:
                        on_way.discard(trail.pop().entity)
                    continue
                if way.entity in on_way:
                    continue
                last = 0
                if ordered:
                    following = [value * sign for value in way.values if value * sign > lasts[-1]]
                    if not following:
                        continue
                    last = min(following)
                tried += 1
                if tried > SEARCH_LIMIT:
                    raise too_many("partial paths tried", SEARCH_LIMIT, "lower the largest number of hops")
                if should_stop is not None and tried % 1000 == 0:
                    should_stop()
                left = length - len(trail) - 1
                if left == 0:
                    deeper = True
                    if way.entity in goals:
                        yield _as_path(start, [*trail, way], sign if ordered else 0)
                    continue
                if distance.get(way.entity, most + 1) > left:
                    # it may still lead to a target on a longer way
                    deeper = deeper or way.entity in distance
                    continue
                trail.append(way)
                lasts.append(last)
                on_way.add(way.entity)
                stack.append(iter(ways.after(way.entity)))
        length += 1


def _as_path(start: int, trail: Sequence[Way], sign: int) -> Path:
    links = rising_links(trail, sign) if sign else tuple(way.links for way in trail)
    return Path((start, *(way.entity for way in trail)), links)


def rising_links(trail: Sequence[Way], sign: int) -> tuple[tuple[Link, ...], ...]:
    """Return, of each hop, the relations that a choice of rising (for sign -1: falling) ones can use."""
    earliest = [LEAST]
    for way in trail:
        earliest.append(min(value * sign for value in way.values if value * sign > earliest[-1]))
    latest = -LEAST
    found: list[tuple[Link, ...]] = []
    for way, before in zip(reversed(trail), reversed(earliest[:-1]), strict=True):
        usable = [
            (link, value * sign)
            for link, value in zip(way.links, way.values, strict=True)
            if before < value * sign < latest
        ]
        found.append(tuple(link for link, _ in usable))
        latest = max(value for _, value in usable)
    return tuple(reversed(found))


def strength(step: Step, path: Path) -> Fraction | None:
    """Return the product of the strongest relation of each hop, exactly; None where a hop has none with a value."""
    product = Fraction(1)
    for links in path.links:
        best: Fraction | None = None
        for link in links:
            leg = step.legs[link.leg]
            if leg.value is None:
                continue
            value = int(leg.value(np.array([link.position], np.intp))[0])
            if value != MISSING:
                exact = factor(value, leg.scale)
                best = exact if best is None or exact > best else best
        if best is None:
            return None
        product *= best
    return product


def factor(value: int, scale: int) -> Fraction:
    """Return a scaled whole number as the fraction that a product takes.

    Raises:
        QueryTypeError: it is not between 0 and 1, where a longer way would be stronger than a short one.

    """
    exact = Fraction(value, 10**scale)
    if not 0 <= exact <= 1:
        raise QueryTypeError(
            f"a strength of {float(exact):g} cannot be multiplied along a path",
            hint="prefer an attribute whose values are all between 0 and 1 (0% and 100%)",
        )
    return exact
