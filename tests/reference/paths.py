"""The paths between entities, and the cycles, put together from all walks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relgraph.query import ir
from tests.reference.computing import as_decimal, number
from tests.reference.conditions import Conditions
from tests.reference.steps import Hops, both_ways
from tests.reference.world import Fact, R, Way


class Ways:
    """Ways through a network, in their order."""

    def __init__(self, asked: Conditions) -> None:
        self.asked = asked

    def all_walks(self, query: ir.Paths | ir.Cycles, start: str) -> dict[tuple[str, ...], list[Hops]]:
        """Return the walks from a start by their sequence of entities."""
        order = query.step.order if query.rising is None else (*query.step.order, query.rising)
        step = ir.Step(query.step.alternatives, query.step.hops, order)
        found: dict[tuple[str, ...], list[Hops]] = {}
        for path in self.asked.walks(step, start, {}):
            if len(path) >= max(query.step.hops.least, 1):
                found.setdefault((start, *(end for end, _, _ in path)), []).append(path)
        return found

    def way_of(self, entities: tuple[str, ...], walks: Sequence[Sequence[Any]], prefer: str | None = None) -> Way:
        hops = []
        for index in range(len(walks[0])):
            facts = {walk[index][1].id: walk[index][1] for walk in walks if walk[index][1] is not None}
            if prefer is not None:
                facts = {key: one for key, one in facts.items() if self.preferred(one, prefer) is not None}
            hops.append(tuple(sorted(facts, key=lambda one: (self.asked.fact[one].predicate, one))))
        return Way(entities, tuple(hops))

    def paths(self, query: ir.Paths) -> list[Way]:
        goals = self.asked.set_at(query.goal)
        avoided = {one for pattern in query.avoiding for one in self.asked.set_at(pattern)}
        wanted = [self.asked.set_at(one) for one in query.through]
        found: list[tuple[Any, Way]] = []
        for start in sorted(self.asked.set_at(query.start)):
            for entities, walks in self.all_walks(query, start).items():
                if entities[-1] not in goals or entities[-1] == start or avoided & set(entities):
                    continue
                if not all(one & set(entities) for one in wanted):
                    continue
                way = self.way_of(entities, walks, query.prefer)
                if query.mode == "strongest":
                    if not all(way.hops):
                        continue
                    kept = [[self.asked.fact[one].predicate for one in hop] for hop in way.hops]
                else:
                    kept = [[walk[i][2] for walk in walks] for i in range(len(entities) - 1)]
                names = tuple((min(kept[i]), entities[i + 1]) for i in range(len(entities) - 1))
                if query.mode == "strongest":
                    strength = self.strength(way, query.prefer)
                    if strength is None:
                        continue
                    way = Way(entities, way.hops, as_decimal(strength))
                    found.append(((-strength, len(way.hops), start, names), way))
                else:
                    found.append(((len(way.hops), start, names), way))
        found.sort(key=lambda one: one[0])
        count = self.asked.world.parameters[query.count] if isinstance(query.count, ir.Parameter) else query.count
        ways = [way for _, way in found]
        if count is not None:
            return ways[:count]
        if query.mode == "all" or not ways:
            return ways
        return [way for way in ways if (way.strength, len(way.hops)) == (ways[0].strength, len(ways[0].hops))]

    def strength(self, way: Way, prefer: str | None) -> Fraction | None:
        product = Fraction(1)
        for hop in way.hops:
            values = [number(self.preferred(self.asked.fact[one], prefer)) for one in hop]
            there = [Fraction(one) for one in values if one is not None]
            if not there:
                return None
            product *= max(there)
        return product

    def preferred(self, fact: Fact, prefer: str | None) -> Any:
        declared = self.asked.world.vocabulary.predicates[fact.predicate].attribute(prefer or "")
        return fact.attributes.get(prefer or "") if declared is not None else self.asked.builtin(fact, prefer or "")

    def rings(self, query: ir.Cycles) -> list[Way]:
        avoided = {one for pattern in query.avoiding for one in self.asked.set_at(pattern)}
        wanted = [self.asked.set_at(one) for one in query.through]
        both = both_ways(query.step)
        ordered = bool(query.step.order) or query.rising is not None
        rings: dict[Any, tuple[Any, Way]] = {}
        for start in self.asked.thing:
            found = self.all_walks(query, start)
            if query.step.hops.least <= 1:
                own = self.own(query, start)
                if own:
                    found[start, start] = [own]
            for entities, walks in found.items():
                ring = entities[:-1]
                if entities[-1] != start or (both and 1 < len(ring) < 3):
                    continue
                if avoided & set(ring) or not all(one & set(ring) for one in wanted):
                    continue
                if len(ring) > 1 and not _two_relations(walks):
                    continue
                key = _ring_key(ring, both=both)
                way = (
                    self.way_of(ring, walks)
                    if len(walks[0]) == len(ring) and ring != (start,)
                    else _own_way(start, walks)
                )
                names = [self.asked.key(one) for one in ring]
                if both and len(ring) > 2 and not ordered and names[1] > names[-1]:
                    # of the two ways round it is the one that goes to the lesser neighbor first
                    continue
                order = (
                    names[0],
                    len(ring) > 1,
                    [(min(w[i][2] for w in walks), names[(i + 1) % len(ring)]) for i in range(len(ring))],
                )
                if key not in rings or order < rings[key][0]:
                    rings[key] = (order, way)
        return [way for _, way in sorted(rings.values(), key=lambda one: one[0])]

    def own(self, query: ir.Cycles, start: str) -> Hops:
        """Return the self-relations of an entity, as if they were one walk each."""
        found: Hops = []
        for one in query.step.alternatives:
            if isinstance(one, ir.Stored):
                for fact in self.asked.world.facts:
                    ends = fact.subject == fact.object == start
                    fits = ends and fact.predicate in one.predicates and self.asked.holds_then(fact, one.when)
                    if fits and (one.test is None or self.asked.comparison(one.test, R(fact.id), {})):
                        found.append((start, fact, fact.predicate))
        return found


def _ring_key(ring: tuple[str, ...], *, both: bool) -> Any:
    turns = [(*ring[i:], *ring[:i]) for i in range(len(ring))]
    if both:
        turns += [tuple(reversed(one)) for one in turns]
    return min(turns)


def _two_relations(walks: Sequence[Sequence[Any]]) -> bool:
    """Return whether some walk of a ring of two takes two relations: one taken there and back is none."""
    return any(len(walk) != 2 or walk[0][1] is None or walk[0][1] != walk[1][1] for walk in walks)


def _own_way(start: str, walks: Sequence[Sequence[Any]]) -> Way:
    facts = sorted({(one[1].predicate, one[1].id) for walk in walks for one in walk})
    return Way((start,), (tuple(one for _, one in facts),))
