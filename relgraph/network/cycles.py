"""Rings: paths that come back to where they began and repeat nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from relgraph.model.columns import once
from relgraph.network.components import all_hops
from relgraph.network.paths import LEAST, Keys, Link, Path, Way, Ways, by_number, rising_links, sorted_by
from relgraph.network.reach import reach, reach_rising
from relgraph.network.rings import Graph, peel
from relgraph.network.rows import Numbers
from relgraph.network.steps import ShouldStop, Step, too_many

SEARCH_LIMIT = 10_000_000
"""How many partial rings a listing may try."""


def cycles(
    step: Step,
    minimum: int = 1,
    maximum: int | None = None,
    *,
    through: Numbers | None = None,
    keys: Keys = by_number,
    rising: bool = False,
    falling: bool = False,
    should_stop: ShouldStop | None = None,
) -> Iterator[Path]:
    """Yield each ring of ``minimum`` to ``maximum`` entities once, by its first entity and then in order of paths.

    A ring begins with its least entity, with the one of ``through`` where that is given, or, ``rising`` (or
    ``falling``), with the relation that the others rise (fall) from. Where every leg goes either way, rings have
    three entities or more (a self-relation is a ring of one) and both ways round are the same ring. Rings of two
    need two relations.

    Raises:
        QueryLimitError: too many partial rings were tried.

    """
    search = _Search(step, minimum, step.top if maximum is None else maximum, keys, should_stop)
    if rising or falling:
        yield from search.rising(through, falling=falling)
    else:
        yield from search.plain(through)


@dataclass(slots=True)
class _Search:
    step: Step
    minimum: int
    maximum: int
    keys: Keys
    should_stop: ShouldStop | None
    tried: int = 0
    undirected: bool = field(init=False)

    def __post_init__(self) -> None:
        self.undirected = all(leg.direction == "either" for leg in self.step.legs)

    def plain(self, through: Numbers | None) -> Iterator[Path]:
        live = np.ones(self.step.top, np.bool_) if self.step.live is None else self.step.live.copy()
        step = replace(self.step, live=live)
        starts = self._starts(step) if through is None else step.shown(through[through < len(live)])
        ways = Ways(step, self.keys)
        own = {entity: path for entity, path in self._own().items() if through is None or entity in through}
        for start in sorted_by(self.keys, once(np.concatenate([starts, np.array(list(own), dtype=np.int64)]))):
            if start in own:
                yield own[start]
            distance = self._distances(step, start)
            if start in distance:
                for trail in self._rings(ways, start, distance, 0):
                    if self._counts(trail):
                        yield Path((start, *(way.entity for way in trail[:-1])), tuple(way.links for way in trail))
            # rings found from here on do not pass here again: nothing behind it has a distance any more
            live[start] = False

    def rising(self, through: Numbers | None, *, falling: bool) -> Iterator[Path]:
        sign = -1 if falling else 1
        ways = Ways(self.step, self.keys, valued=True)
        wanted = None if through is None else set(through.tolist())
        starts = self._starts(self.step)
        if through is not None:
            before = reach(self.step.reversed(), through, maximum=self.maximum, should_stop=self.should_stop)
            starts = np.intersect1d(starts, before.entity)
        seen: set[tuple[int, ...]] = set()
        own = {entity: path for entity, path in self._own().items() if wanted is None or entity in wanted}
        for start in sorted_by(self.keys, once(np.concatenate([starts, np.array(list(own), dtype=np.int64)]))):
            if start in own:
                yield own[start]
            back = reach_rising(
                self.step, start, maximum=self.maximum, falling=falling, should_stop=self.should_stop
            ).entity
            if start not in back:
                continue
            for trail in self._rings(ways, start, self._distances(self.step, start), sign):
                entities = (start, *(way.entity for way in trail[:-1]))
                ring = _canonical(entities, turned=self.undirected)
                if ring in seen or (wanted is not None and wanted.isdisjoint(entities)) or not self._distinct(trail):
                    continue
                seen.add(ring)
                yield Path(entities, rising_links(trail, sign))

    def _starts(self, step: Step) -> Numbers:
        """Return the entities that some ring may pass: what peeling from both sides leaves."""
        source, target = all_hops(step, should_stop=self.should_stop)
        none = np.zeros(len(source), np.int32)
        for forward in (True, False):
            if not len(source):
                break
            _, placed = peel(Graph.of(source, target, none, none), forward=forward, should_stop=self.should_stop)
            left = ~(placed[source] | placed[target])
            source, target, none = source[left], target[left], none[left]
        return once(source)

    def _own(self) -> dict[int, Path]:
        """Return rings of one: entities related to themselves."""
        links: dict[int, list[Link]] = {}
        if self.minimum > 1 or self.maximum < 1:
            return {}
        for index, leg in enumerate(self.step.legs):
            every = leg.arrays.positions()
            every = every[leg.arrays.subject(every) == leg.arrays.object(every)]
            if leg.period is not None:
                held = (leg.arrays.since(every) < leg.period[1]) & (leg.arrays.until(every) > leg.period[0])
                every = every[held]
            if leg.keep is not None:
                every = every[leg.keep(every)]
            for entity, position in zip(leg.arrays.subject(every).tolist(), every.tolist(), strict=True):
                if self.step.live is None or self.step.live[entity]:
                    links.setdefault(entity, []).append(Link(index, position))
        return {entity: Path((entity,), (tuple(found),)) for entity, found in links.items()}

    def _distances(self, step: Step, start: int) -> dict[int, int]:
        found = reach(step.reversed(), np.array([start], np.int64), maximum=self.maximum, should_stop=self.should_stop)
        return dict(zip(found.entity.tolist(), found.hops.tolist(), strict=True))

    def _rings(self, ways: Ways, start: int, distance: dict[int, int], sign: int) -> Iterator[list[Way]]:
        """Yield the rings through one entity, as the ways round; with a sign only such as rise."""
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
            length = len(trail) + 1
            closes = way.entity == start
            if closes and length < self.minimum:
                continue
            if not closes and (way.entity in on_way or length + distance.get(way.entity, self.maximum) > self.maximum):
                continue
            last = 0
            if sign:
                following = [value * sign for value in way.values if value * sign > lasts[-1]]
                if not following:
                    continue
                last = min(following)
            self.tried += 1
            if self.tried > SEARCH_LIMIT:
                raise too_many("partial rings tried", SEARCH_LIMIT, "lower the largest number of hops")
            if self.should_stop is not None and self.tried % 1000 == 0:
                self.should_stop()
            if closes:
                yield [*trail, way]
                continue
            trail.append(way)
            lasts.append(last)
            on_way.add(way.entity)
            stack.append(iter(ways.after(way.entity)))

    def _counts(self, trail: Sequence[Way]) -> bool:
        """Return whether a trail is a ring, and of the two ways round an undirected one the one to list."""
        if not self._distinct(trail):
            return False
        return not self.undirected or bool(trail[0].key < trail[-2].key)

    def _distinct(self, trail: Sequence[Way]) -> bool:
        if len(trail) > 2:
            return True
        legs = self.step.legs
        used = {(id(legs[link.leg].arrays), link.position) for way in trail for link in way.links}
        return not self.undirected and len(used) > 1


def _canonical(entities: tuple[int, ...], *, turned: bool) -> tuple[int, ...]:
    """Return a ring from its least number on, for undirected ones the lesser way round."""
    at = entities.index(min(entities))
    ring = entities[at:] + entities[:at]
    return min(ring, (ring[0], *ring[:0:-1])) if turned else ring
