"""Questions that list paths or rings: which walks they are, in which order, and how many are looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, takewhile
from math import prod
from typing import Any

import numpy as np

from relgraph.errors import QueryLimitError
from relgraph.model.columns import MISSING
from relgraph.network.arrays import Adjacency
from relgraph.network.cycles import cycles
from relgraph.network.execute.expressions import CONFIDENCE, CONFIDENCE_PLACES
from relgraph.network.execute.names import remembered
from relgraph.network.execute.run import Run
from relgraph.network.execute.scalars import decimal_of
from relgraph.network.execute.search import Search, Way
from relgraph.network.execute.solve import At, Solver
from relgraph.network.execute.table import Entities, Key, Numbers64, Route, Routes, Table
from relgraph.network.paths import Path, simple_paths
from relgraph.network.rows import Amounts, Positions, Rows
from relgraph.network.shortest import shortest_paths
from relgraph.network.steps import Leg, Step
from relgraph.network.strongest import strongest_paths
from relgraph.query import ir
from relgraph.vocabulary.fields import scale_of

_MOST = 100_000


class Listed:
    """One question for paths or cycles over one run."""

    def __init__(self, run: Run, query: ir.Paths | ir.Cycles) -> None:
        self._run = run
        self._query = query
        self.solver = Solver(run)
        self._through = [set(self._set(one).tolist()) for one in query.through]
        self._avoided = [self._set(one) for one in query.avoiding]
        self._step = _walked(query)
        self._table: Table | None = None

    def over(self, names: Iterable[str]) -> Table:
        """Return the paths, each in a row, in their order."""
        if self._table is None:
            routes = tuple(self._routes())
            self._run.took("list", self._query.step, None, len(routes))
            self._table = Table(len(routes), {self._query.variables[0].name: Routes(np.arange(len(routes)), routes)})
        return self._table.only(names)

    # -- which entities ----------------------------------------------------------------------------------------------

    def _set(self, pattern: ir.Pattern) -> Numbers64:
        numbers = self.solver.anchors.standing(pattern)
        if pattern.inner is None:
            return numbers
        key: Key = self._run.key()
        anchored = self.solver.anchors.of_test(pattern.inner, self.solver.anchors.types(pattern), len(numbers))
        if anchored is not None:
            numbers = np.intersect1d(numbers, anchored.numbers, assume_unique=True)
            if anchored.exact:
                return numbers
        at = At.root(key, self.solver.anchors.types(pattern))
        return numbers[self.solver.holds(Table(len(numbers), {key: Entities(numbers)}), pattern.inner, at)]

    # -- how many ----------------------------------------------------------------------------------------------------

    def _routes(self) -> Iterator[Route]:
        listing = self._paths(self._query) if isinstance(self._query, ir.Paths) else self._cycles(self._query)
        tail = self._query.tail
        if tail.grouping is None and not tail.order and not tail.distinct and tail.per is None:
            # no more than are given, and one more to know whether there are more
            limit = self._number(tail.limit)
            asked = self._run.limits.rows if limit is None else min(limit, self._run.limits.most_rows)
            yield from islice(listing, asked + (self._number(tail.skip) or 0) + 1)
            return
        for count, route in enumerate(listing):
            if count >= _MOST:
                raise QueryLimitError(
                    f"more than {_MOST:,} paths would have to be listed to order or sum them up",
                    hint="lower the largest number of hops, or ask for reachability with '+ as route'",
                    details={"limit": _MOST, "what": "paths"},
                )
            yield route

    def _number(self, given: int | ir.Parameter | None) -> int | None:
        if isinstance(given, ir.Parameter):
            value: int = self._run.parameter(given)
            return value
        return given

    # -- paths -------------------------------------------------------------------------------------------------------

    def _paths(self, query: ir.Paths) -> Iterator[Route]:
        starts, goals = self._set(query.start), self._set(query.goal)
        self._run.took("start", query.start, None, len(starts))
        self._run.took("start", query.goal, None, len(goals))
        count = self._number(query.count)
        if query.mode == "strongest":
            self._count_lacking(query)
        found = self._all_paths(query, starts, goals, count)
        routes = (route for route in found if self._meets(route))
        if count is not None:
            yield from islice(routes, count)
        elif query.mode == "all":
            yield from routes
        else:
            first = next(routes, None)
            if first is not None:
                yield first
                yield from takewhile(lambda one: _place(one) == _place(first), routes)

    def _all_paths(self, query: ir.Paths, starts: Numbers64, goals: Numbers64, count: int | None) -> Iterator[Route]:
        """Return paths in the order of the question, all of them or as many as can matter."""
        least, most = max(query.step.hops.least, 1), query.step.hops.most
        tick, keys = self._run.tick, self._ids
        if not self._plain():
            return self._searched(query, starts, goals)
        walk = self._walk(query.prefer)
        if query.mode == "strongest" and not self._step.order:
            found = strongest_paths(walk, starts, goals, most, keys=keys, should_stop=tick)
            return self._as_routes(walk, (one for one in found if len(one.links) >= least), query.prefer)
        if query.mode == "strongest":
            return self._searched(query, starts, goals)
        falling = bool(self._step.order) and self._step.order[0].falling
        rising = bool(self._step.order) and not falling
        nearest = query.mode == "shortest" and count in {None, 1} and least == 1 and not query.through
        if nearest and not self._step.order:
            paths = shortest_paths(walk, starts, goals, maximum=most, keys=keys, should_stop=tick)
        else:
            paths = simple_paths(
                walk, starts, goals, least, most, keys=keys, rising=rising, falling=falling, should_stop=tick
            )
        return self._as_routes(walk, paths, None)

    def _plain(self) -> bool:
        """Return whether the walks over arrays can list the paths."""
        moves = self.solver.moves
        return moves.stored_only(self._step) and (not self._step.order or moves.swift(self._step))

    def _ids(self, entities: Sequence[int]) -> list[str]:
        return [identifier for _, identifier in self._run.source.captions(list(entities))]

    def _names(self, entities: Sequence[int]) -> list[tuple[str, str]]:
        return self._run.source.captions(list(entities))

    def _meets(self, route: Route) -> bool:
        return all(not wanted.isdisjoint(route.entities) for wanted in self._through)

    def _walk(self, prefer: str | None) -> Step:
        """Return the step over arrays, without the entities to avoid, and with the value that is preferred."""
        walk = self.solver.moves.walk(self._step, apart=True)
        if not self._both_ways() and all(leg.direction == "either" for leg in walk.legs):
            # a predicate that goes one way only tells both ways round apart, though it has no relation yet
            walk = replace(walk, legs=(*walk.legs, Leg(Adjacency.build(Rows.empty()), "forward")))
        if self._avoided:
            live = np.ones(self._run.source.room, np.bool_) if walk.live is None else walk.live.copy()
            for some in self._avoided:
                live[some] = False
            walk = replace(walk, live=live)
        if prefer is not None:
            walk = replace(walk, legs=tuple(self._preferring(one, prefer) for one in walk.legs if one.predicate))
        return walk

    def _preferring(self, leg: Leg, prefer: str) -> Leg:
        declared = self._run.vocabulary.predicates[leg.predicate].attribute(prefer)
        if declared is None and prefer == CONFIDENCE:
            return replace(leg, value=_amounts(leg, CONFIDENCE), scale=CONFIDENCE_PLACES)
        if declared is None:
            return replace(leg, value=lambda at: np.full(len(at), MISSING, np.int64))
        return replace(leg, value=_amounts(leg, prefer), scale=scale_of(declared))

    def _count_lacking(self, query: ir.Paths) -> None:
        """Note the relations that take no part because they lack what is preferred."""
        # a store that brings only what lies near the ends knows of the others
        elsewhere = getattr(self._run.source, "lacking", None)
        if elsewhere is not None and query.prefer is not None:
            self._run.notes.lacking(query.prefer, "relation", elsewhere(self._step, query.prefer))
            return
        for leg in self._walk(query.prefer).legs:
            at = leg.arrays.positions()
            if leg.period is not None:
                at = at[(leg.arrays.since(at) < leg.period[1]) & (leg.arrays.until(at) > leg.period[0])]
            if leg.keep is not None:
                at = at[leg.keep(at)]
            if leg.value is not None and query.prefer is not None:
                lacking = leg.arrays.number(at[leg.value(at) == MISSING]).astype(np.int64)
                self._run.notes.lacking(query.prefer, "relation", lacking)

    def _as_routes(self, walk: Step, paths: Iterable[Path], prefer: str | None) -> Iterator[Route]:
        for path in paths:
            hops = tuple(tuple(self._relation(walk, *link) for link in links) for links in path.links)
            strength = None if prefer is None or path.strength is None else path.strength
            yield self._told(path.entities, hops, strength)

    def _relation(self, walk: Step, leg: int, position: int) -> int:
        return walk.legs[leg].arrays.number_at(position)

    def _told(self, entities: tuple[int, ...], hops: Sequence[Sequence[int]], strength: Fraction | None) -> Route:
        """Return a route whose parallel relations are in order of predicate and id."""
        several = [one for hop in hops if len(hop) > 1 for one in hop]
        names = dict(zip(several, self._run.source.relation_names(several), strict=True)) if several else {}
        ordered = tuple(tuple(sorted(set(hop), key=lambda one: names.get(one, ("", "")))) for hop in hops)
        return Route(entities, ordered, None if strength is None else decimal_of(strength))

    # -- what the walks cannot list ----------------------------------------------------------------------------------

    def _searched(self, query: ir.Paths, starts: Numbers64, goals: Numbers64) -> Iterator[Route]:
        """List paths relation by relation: over derived predicates, and where values rise that are no numbers."""
        search = Search(self._run, self.solver.moves, self._step)
        avoided = {one for some in self._avoided for one in some.tolist()}
        targets = set(goals.tolist())
        least, most = max(query.step.hops.least, 1), query.step.hops.most
        ordered = [one for _, one in sorted(zip(self._ids(starts.tolist()), starts.tolist(), strict=True))]
        ways: list[Way] = [
            way
            for start in ordered
            if start not in avoided
            for way in search.ways(start, least, most)
            if way.entities[-1] in targets and way.entities[-1] != start and avoided.isdisjoint(way.entities)
        ]
        ways.sort(key=lambda way: len(way.hops))
        if query.mode != "strongest" or query.prefer is None:
            yield from (self._told(way.entities, way.hops, None) for way in ways)
            return
        value = self._preferred(query.prefer)
        strong: list[tuple[Fraction, Route]] = []
        for way in ways:
            valued = [{one: amount for one in hop if (amount := value(one)) is not None} for hop in way.hops]
            if all(valued):
                strength = prod((max(one.values()) for one in valued), start=Fraction(1))
                strong.append((strength, self._told(way.entities, [tuple(one) for one in valued], strength)))
        strong.sort(key=lambda one: (-one[0], len(one[1].hops)))
        yield from (route for _, route in strong)

    def _preferred(self, prefer: str) -> Callable[[int], Fraction | None]:
        legs = self._walk(prefer).legs

        def value(relation: int) -> Fraction | None:
            for leg in legs:
                at = leg.arrays.find(np.array([relation]))
                if len(at) and leg.value is not None:
                    amount = int(leg.value(at)[0])
                    return None if amount == MISSING else Fraction(amount, 10**leg.scale)
            return None

        return value

    # -- rings -------------------------------------------------------------------------------------------------------

    def _cycles(self, query: ir.Cycles) -> Iterator[Route]:
        least, most = max(query.step.hops.least, 1), query.step.hops.most
        if self._plain():
            walk = self._walk(None)
            falling = bool(self._step.order) and self._step.order[0].falling
            through = np.array(sorted(self._through[0]), np.int64) if self._through else None
            rings = cycles(
                walk,
                least,
                most,
                through=through,
                keys=self._names,
                rising=bool(self._step.order) and not falling,
                falling=falling,
                should_stop=self._run.tick,
            )
            routes = self._as_routes(walk, rings, None)
        else:
            routes = self._searched_rings(least, most)
        met = (route for route in routes if self._meets(route))
        if self._step.order:
            yield from met
        elif self._through:
            # they were found from the entity that they pass, and are listed from their least
            yield from self._in_order(map(self._from_least, met))
        else:
            yield from map(self._from_least, met)

    def _in_order(self, rings: Iterable[Route]) -> list[Route]:
        """Return rings by their first entity, those of one first, then hop by hop of predicate and entity."""
        listed = list(islice(rings, _MOST + 1))
        if len(listed) > _MOST:
            raise QueryLimitError(
                f"more than {_MOST:,} rings would have to be put in order",
                hint="lower the largest number of hops",
                details={"limit": _MOST, "what": "rings"},
            )
        source = self._run.source
        entities = sorted({entity for ring in listed for entity in ring.entities})
        relations = sorted({hop[0] for ring in listed for hop in ring.hops})
        name = dict(zip(entities, source.captions(entities), strict=True))
        predicate = dict(zip(relations, source.relation_names(relations), strict=True))

        def place(ring: Route) -> Any:
            onward = (*ring.entities[1:], ring.entities[0])
            hops = [(predicate[hop[0]][0], name[end]) for hop, end in zip(ring.hops, onward, strict=True)]
            return name[ring.entities[0]], len(ring.entities) > 1, hops

        return sorted(listed, key=place)

    def _from_least(self, route: Route) -> Route:
        """Return the ring from its least entity on, and of two ways round the one to its lesser neighbor."""
        keys = self._names(route.entities)
        at = min(range(len(keys)), key=lambda index: keys[index])
        turned = _rotated(route, at)
        if not self._both_ways() or len(route.entities) < 3:
            return turned
        second, last = self._names((turned.entities[1], turned.entities[-1]))
        if second < last:
            return turned
        return Route((turned.entities[0], *turned.entities[:0:-1]), turned.hops[::-1])

    def _both_ways(self) -> bool:
        return all(isinstance(one, ir.Stored) and one.direction == "both" for one in self._step.alternatives)

    def _searched_rings(self, least: int, most: int | None) -> Iterator[Route]:
        search = Search(self._run, self.solver.moves, self._step)
        avoided = {one for some in self._avoided for one in some.tolist()}
        everyone = self._run.source.of_types(self._run.vocabulary.types)
        seen: set[tuple[int, ...]] = set()
        for _, start in sorted(zip(self._names(everyone.tolist()), everyone.tolist(), strict=True)):
            for way in search.ways(start, least, most):
                ring = way.entities[:-1]
                if way.entities[-1] != start or not avoided.isdisjoint(ring):
                    continue
                if len(ring) < 3 and self._both_ways():
                    continue
                at = ring.index(min(ring))
                same = (*ring[at:], *ring[:at])
                turned = (same[0], *same[:0:-1])
                kept = min(same, turned) if self._both_ways() else same
                if kept not in seen:
                    seen.add(kept)
                    yield self._told(ring, way.hops, None)


@remembered
def _walked(query: ir.Paths | ir.Cycles) -> ir.Step:
    """Return the step of a question with all that must rise along it."""
    order = query.step.order if query.rising is None else (*query.step.order, query.rising)
    return replace(query.step, order=order, name=None)


def _amounts(leg: Leg, name: str) -> Callable[[Positions], Amounts]:
    return lambda at: leg.arrays.amount(name, at)


def _place(route: Route) -> Any:
    return route.strength, len(route.hops)


def _rotated(route: Route, at: int) -> Route:
    return Route((*route.entities[at:], *route.entities[:at]), (*route.hops[at:], *route.hops[:at]))
