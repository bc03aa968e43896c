"""The meaning of every question, slowly and plainly, over lists of entities and relations.

It shares nothing with the engines but the IR. Where there is a choice it tries all: every path is listed, every row is
made, then rows that say the same are put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

from relgraph.folding import fold
from relgraph.query import ir
from relgraph.values import Money, PartialDate, Percent
from relgraph.vocabulary.model import ENTITY, Vocabulary


@dataclass(frozen=True)
class Thing:
    """An entity."""

    id: str
    type: str
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fact:
    """A relation."""

    id: str
    predicate: str
    subject: str
    object: str
    since: PartialDate | None = None
    until: PartialDate | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    confidence: Decimal | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None


@dataclass(frozen=True)
class Way:
    """A route or path: entity ids, and for each hop the ids of its relations."""

    entities: tuple[str, ...]
    hops: tuple[tuple[str, ...], ...]
    strength: Decimal | Percent | None = None


@dataclass(frozen=True)
class E:
    """An entity as a value."""

    id: str


@dataclass(frozen=True)
class R:
    """A relation as a value."""

    id: str


class Refused(Exception):
    """A question whose values cannot be computed with."""


class Unsure(Exception):
    """A question of a network in which it means nothing."""


@dataclass(frozen=True)
class World:
    """All that a question is answered from."""

    vocabulary: Vocabulary
    things: Sequence[Thing]
    facts: Sequence[Fact]
    calendar: date
    zone: str = "UTC"
    parameters: Mapping[ir.Parameter, Any] = field(default_factory=dict)
    members: Mapping[ir.Member, Sequence[str]] = field(default_factory=dict)


Row = dict[str, Any]
Hops = list[tuple[str, Fact | None, str]]
"""A walk: for each hop where it leads, its relation where it has one, and the name that orders it."""


def evaluate(query: ir.Query, world: World) -> list[tuple[Any, ...]]:
    """Return the rows of a question, as many as there are, in their order."""
    return _Evaluator(world, query.time).rows(query)


class _Evaluator:
    def __init__(self, world: World, time: ir.Time) -> None:
        self.world = world
        self.valid = time.valid
        self.thing = {one.id: one for one in world.things}
        self.fact = {one.id: one for one in world.facts}
        self.today = world.calendar
        if isinstance(time.valid, ir.AsOf):
            self.today = self.day(time.valid.day, world.calendar)

    # ------------------------------------------------------------------------------------------------ queries

    def rows(self, query: ir.Query) -> list[tuple[Any, ...]]:
        match query:
            case ir.Find():
                return self.tail(query.tail, query.variables, self.found_rows(query))
            case ir.SetQuery():
                key = query.variables[0].name
                return self.tail(query.tail, query.variables, [{key: E(one)} for one in sorted(self.set_of(query))])
            case ir.Relations():
                return self.tail(query.tail, query.variables, self.relation_rows(query))
            case ir.Paths():
                key = query.variables[0].name
                return self.tail(query.tail, query.variables, [{key: one} for one in self.paths(query)], listed=True)
            case ir.Cycles():
                key = query.variables[0].name
                return self.tail(query.tail, query.variables, [{key: one} for one in self.rings(query)], listed=True)

    def set_of(self, query: ir.Find | ir.SetQuery) -> set[str]:
        if isinstance(query, ir.Find):
            key = query.variables[0].name
            return {row[key].id for row in _Evaluator(self.world, query.time).found_rows(query)}
        found = [self.set_of(one) for one in query.operands]
        match query.operator:
            case "union":
                return set().union(*found)
            case "intersect":
                return set.intersection(*found)
            case "minus":
                return found[0].difference(*found[1:])

    def found_rows(self, find: ir.Find) -> list[Row]:
        key = find.variables[0].name
        found = []
        for thing in self.world.things:
            row = {key: E(thing.id)}
            if self.fits(find.found, thing.id, row):
                tests = [find.test] if find.found.inner is None else [find.test, find.found.inner]
                found += list(self.solutions(ir.All(tuple(tests)), thing.id, (thing.id,), row))
        return found

    # -------------------------------------------------------------------------------------------------- tests

    def holds(self, test: ir.Test, this: Any, way: tuple[str, ...], row: Row) -> bool:
        return next(iter(self.solutions(test, this, way, row)), None) is not None

    def solutions(self, test: ir.Test, this: Any, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        """Yield the row with the names that a test gives, once for each way in which it holds."""
        match test:
            case ir.All():
                yield from self.every_part(list(_flat(test)), this, way, row)
            case ir.AnyOf(parts):
                if any(self.holds(part, this, way, row) for part in parts):
                    yield row
            case ir.Not(part):
                if not self.holds(part, this, way, row):
                    yield row
            case ir.Chain(links):
                yield from self.chain(links, this, way, row)
            case ir.Optional(chain):
                found = list(self.chain(chain.links, this, way, row))
                missing = dict.fromkeys(_given(chain))
                yield from found or [{**row, **missing}]
            case ir.Only(chain):
                if self.only(chain, this, way, row):
                    yield row
            case ir.Count(operator, number, chain, relations):
                wanted = self.world.parameters[number] if isinstance(number, ir.Parameter) else number
                if _compare_plain(operator, self.count(chain, this, way, row, relations=relations), wanted):
                    yield row
            case _:
                if self.comparison(test, this, row):
                    yield row

    def every_part(self, parts: list[ir.Test], this: Any, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        if not parts:
            yield row
            return
        ready = [one for one in parts if _needed(one) <= row.keys()]
        # optional parts come when nothing else can
        part = min(ready, key=lambda one: isinstance(one, ir.Optional))
        rest = [one for one in parts if one is not part]
        for found in self.solutions(part, this, way, row):
            yield from self.every_part(rest, this, way, found)

    def chain(self, links: Sequence[ir.Link], this: str, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        if not links:
            yield row
            return
        link, rest = links[0], links[1:]
        if isinstance(link.target, ir.Every):
            if self.reaches_every(link.step, link.target.pattern, this, way, row):
                yield row
            return
        for other, named in self.steps(link.step, this, row):
            after = row if link.step.name is None else {**row, link.step.name: named}
            stayed = link.step.hops.least == 0 and other == this
            for found in self.arrive(link.target, other, way, after, stayed=stayed):
                yield from self.chain(rest, other, (*way, other), found)

    def arrive(self, target: ir.Target, other: str, way: tuple[str, ...], row: Row, *, stayed: bool) -> Iterator[Row]:
        match target:
            case ir.Same(name):
                if row[name] == E(other):
                    yield row
            case ir.Pattern():
                if (other in way and not stayed) or not self.fits(target, other, row):
                    return
                if target.name is not None:
                    row = {**row, target.name: E(other)}
                if target.inner is None:
                    yield row
                else:
                    yield from self.solutions(target.inner, other, (*way, other), row)

    def reaches_every(self, step: ir.Step, pattern: ir.Pattern, this: str, way: tuple[str, ...], row: Row) -> bool:
        reached = {other for other, _ in self.steps(step, this, row)}
        for thing in self.world.things:
            if thing.id in way or not self.fits(pattern, thing.id, row):
                continue
            if pattern.inner is not None and not self.holds(pattern.inner, thing.id, (*way, thing.id), row):
                continue
            if thing.id not in reached:
                return False
        return True

    def only(self, chain: ir.Chain, this: str, way: tuple[str, ...], row: Row) -> bool:
        link = chain.links[0]
        reached = {
            other for other, _ in self.steps(link.step, this, row) if other not in way or self.stays(link, other, this)
        }
        return bool(reached) and all(self.first_holds(chain, one, this, way, row) for one in reached)

    def stays(self, link: ir.Link, other: str, this: str) -> bool:
        return link.step.hops.least == 0 and other == this

    def first_holds(self, chain: ir.Chain, other: str, this: str, way: tuple[str, ...], row: Row) -> bool:
        link, rest = chain.links[0], chain.links[1:]
        for found in self.arrive(link.target, other, way, row, stayed=self.stays(link, other, this)):
            if next(iter(self.chain(rest, other, (*way, other), found)), None) is not None:
                return True
        return False

    def count(self, chain: ir.Chain, this: str, way: tuple[str, ...], row: Row, *, relations: bool) -> int:
        link = chain.links[0]
        counted = set()
        for other, named in self.steps(link.step, this, row):
            if self.first_holds(chain, other, this, way, row):
                counted.add(named if relations else other)
        return len(counted)

    def fits(self, pattern: ir.Pattern, other: str, row: Row) -> bool:
        if pattern.members and other not in self.named(pattern.members):
            return False
        return any(
            self.is_a(other, one.type) and (one.test is None or self.comparison(one.test, E(other), row))
            for one in pattern.types
        )

    def named(self, members: Sequence[ir.Member]) -> set[str]:
        return {one for member in members for one in self.world.members[member]}

    def is_a(self, other: str, name: str) -> bool:
        return name == ENTITY or self.world.vocabulary.is_a(self.thing[other].type, name)

    # -------------------------------------------------------------------------------------------------- steps

    def holds_then(self, fact: Fact, when: ir.Validity) -> bool:
        first = date.min if fact.since is None else fact.since.first
        # the day after the last one
        end = None
        if fact.until is not None:
            end = fact.until.first if fact.until.day is not None else fact.until.last + timedelta(days=1)
        match when:
            case ir.AnyTime():
                return True
            case ir.AsOf(day):
                asked = self.today if when == self.valid else self.day(day, self.today)
                return first <= asked and (end is None or asked < end)
            case ir.During(one, other):
                start, last = self.span(one)[0], self.span(other)[1]
                return first <= last and (end is None or start < end)

    def day(self, expression: Any, today: date) -> date:
        match expression:
            case ir.Today(amount, unit):
                return _moved(today, amount, unit)
            case ir.Parameter():
                found = self.world.parameters[expression]
            case ir.Constant(value):
                found = value
        assert isinstance(found, date)
        return found

    def span(self, expression: Any) -> tuple[date, date]:
        if isinstance(expression, ir.Today):
            day = _moved(self.today, expression.amount, expression.unit)
            return day, day
        value = self.world.parameters[expression] if isinstance(expression, ir.Parameter) else expression.value
        return (value.first, value.last) if isinstance(value, ir.Days) else (value, value)

    def relations(self, stored: ir.Stored, this: str, row: Row) -> Iterator[tuple[str, Fact]]:
        for fact in self.world.facts:
            if fact.predicate not in stored.predicates or fact.subject == fact.object:
                continue
            if fact.subject not in self.thing or fact.object not in self.thing:
                continue
            if not self.holds_then(fact, stored.when):
                continue
            if stored.test is not None and not self.comparison(stored.test, R(fact.id), row):
                continue
            if stored.direction in {"out", "both"} and fact.subject == this:
                yield fact.object, fact
            if stored.direction in {"in", "both"} and fact.object == this:
                yield fact.subject, fact

    def hops(self, step: ir.Step, this: str, row: Row) -> Iterator[tuple[str, Fact | None, str]]:
        """Yield where one hop leads, its relation where it has one, and the name that orders it."""
        for one in step.alternatives:
            match one:
                case ir.Stored():
                    for other, fact in self.relations(one, this, row):
                        yield other, fact, fact.predicate
                case ir.Composite(steps):
                    for other in sorted(self.composed(steps, this, (this,), row)):
                        yield other, None, one.written
                case ir.Measure():
                    for other, _ in self.measured(one, this, row):
                        yield other, None, one.written

    def composed(self, steps: Sequence[ir.Step], this: str, way: tuple[str, ...], row: Row) -> set[str]:
        if not steps:
            return {this}
        found = set()
        for other, _ in self.steps(steps[0], this, row):
            if other not in way:
                found |= self.composed(steps[1:], other, (*way, other), row)
        return found

    def steps(self, step: ir.Step, this: str, row: Row) -> Iterator[tuple[str, Any]]:
        """Yield where a step leads, with what its name stands for."""
        (first, *_) = step.alternatives
        if isinstance(first, ir.Measure):
            for other, percent in self.measured(first, this, row):
                yield other, Way((this, other), ((),), percent)
            return
        if not step.is_route:
            seen = set()
            for other, fact, _ in self.hops(step, this, row):
                assert fact is not None
                if (other, fact.id) not in seen:
                    seen.add((other, fact.id))
                    yield other, R(fact.id)
            return
        best: dict[str, tuple[Any, Way]] = {}
        if step.hops.least == 0:
            best[this] = ((0, ()), Way((this,), ()))
        for path in self.walks(step, this, row):
            if len(path) < step.hops.least:
                continue
            other = path[-1][0]
            if other == this and not (len(path) > 2 or not _both_ways(step)):
                continue
            order = len(path), tuple((name, end, "" if fact is None else fact.id) for end, fact, name in path)
            if other not in best or order < best[other][0]:
                hops = tuple(() if fact is None else (fact.id,) for _, fact, _ in path)
                best[other] = (order, Way((this, *(end for end, _, _ in path)), hops))
        for other, (_, way) in best.items():
            yield other, way

    def walks(self, step: ir.Step, this: str, row: Row) -> Iterator[Hops]:
        """Yield every path of at least one hop within the range that repeats nothing but may close."""
        stack: list[Hops] = [[]]
        while stack:
            path = stack.pop()
            if path:
                yield path
                if path[-1][0] == this:
                    continue
            if step.hops.most is not None and len(path) >= step.hops.most:
                continue
            at = path[-1][0] if path else this
            been = {this, *(end for end, _, _ in path)}
            for hop in self.hops(step, at, row):
                if hop[0] in been and not (hop[0] == this and path):
                    continue
                if all(self.rises(one, path[-1] if path else None, hop) for one in step.order):
                    stack.append([*path, hop])

    def rises(self, order: ir.Rising, before: Any, after: Any) -> bool:
        value = self.order_value(order, after[1])
        if value is None:
            return False
        if before is None:
            return True
        return self.compare(">" if order.falling else "<", self.order_value(order, before[1]), value) is True

    def order_value(self, order: ir.Rising, fact: Fact | None) -> Any:
        if fact is None:
            return None
        declared = self.world.vocabulary.predicates[fact.predicate].attribute(order.attribute)
        if declared is not None:
            return fact.attributes.get(order.attribute)
        return self.builtin(fact, order.attribute)

    def measured(self, measure: ir.Measure, this: str, row: Row) -> Iterator[tuple[str, Percent]]:
        for other in self.thing:
            if other == this:
                continue
            holder, held = (this, other) if measure.forward else (other, this)
            share = self.integrated(measure, holder).get(held, Fraction(0))
            if share > 0:
                percent = Percent(Context(prec=28).divide(Decimal(share.numerator), Decimal(share.denominator)))
                if measure.test is None or self.comparison(measure.test, percent, row):
                    yield other, percent

    def integrated(self, measure: ir.Measure, holder: str) -> dict[str, Fraction]:
        """Return what arrives at each entity when one unit starts at the holder and does not come back to it."""
        direct: dict[tuple[str, str], Fraction] = {}
        total: dict[str, Fraction] = {}
        for over in measure.over.alternatives:
            assert isinstance(over, ir.Stored)
            for fact in self.world.facts:
                if fact.predicate not in over.predicates or not self.holds_then(fact, over.when):
                    continue
                ends = (fact.subject, fact.object) if over.direction == "out" else (fact.object, fact.subject)
                share = None if measure.share is None else fact.attributes.get(measure.share)
                if share is None or not {*ends} <= self.thing.keys():
                    continue
                total[ends[1]] = total.get(ends[1], Fraction(0)) + Fraction(share.fraction)
                if ends[1] != holder:
                    direct[ends] = direct.get(ends, Fraction(0)) + Fraction(share.fraction)
        if any(one > 1 for one in total.values()):
            raise Unsure("more than the whole of something is held: its shares mean nothing")
        reached = [holder]
        for one in reached:
            reached += [b for a, b in direct if a == one and b not in reached]
        # x = e + x D, solved by elimination over what is reached
        rows = [
            [Fraction(int(a == b)) - direct.get((b, a), Fraction(0)) for b in reached] + [Fraction(int(a == holder))]
            for a in reached
        ]
        for pivot in range(len(rows)):
            best = next((r for r in range(pivot, len(rows)) if rows[r][pivot]), None)
            if best is None:
                return {}
            rows[pivot], rows[best] = rows[best], rows[pivot]
            for other_row in range(len(rows)):
                if other_row != pivot and rows[other_row][pivot]:
                    factor = rows[other_row][pivot] / rows[pivot][pivot]
                    rows[other_row] = [a - factor * b for a, b in zip(rows[other_row], rows[pivot], strict=True)]
        return {one: rows[i][-1] / rows[i][i] for i, one in enumerate(reached) if one != holder}

    # ------------------------------------------------------------------------------------- paths and relations

    def set_at(self, pattern: ir.Pattern) -> set[str]:
        return {
            one
            for one in self.thing
            if self.fits(pattern, one, {}) and (pattern.inner is None or self.holds(pattern.inner, one, (one,), {}))
        }

    def all_walks(self, query: ir.Paths | ir.Cycles, start: str) -> dict[tuple[str, ...], list[Hops]]:
        """Return the walks from a start by their sequence of entities."""
        order = query.step.order if query.rising is None else (*query.step.order, query.rising)
        step = ir.Step(query.step.alternatives, query.step.hops, order)
        found: dict[tuple[str, ...], list[Hops]] = {}
        for path in self.walks(step, start, {}):
            if len(path) >= max(query.step.hops.least, 1):
                found.setdefault((start, *(end for end, _, _ in path)), []).append(path)
        return found

    def way_of(self, entities: tuple[str, ...], walks: Sequence[Sequence[Any]], prefer: str | None = None) -> Way:
        hops = []
        for index in range(len(walks[0])):
            facts = {walk[index][1].id: walk[index][1] for walk in walks if walk[index][1] is not None}
            if prefer is not None:
                facts = {key: one for key, one in facts.items() if self.preferred(one, prefer) is not None}
            hops.append(tuple(sorted(facts, key=lambda one: (self.fact[one].predicate, one))))
        return Way(entities, tuple(hops))

    def paths(self, query: ir.Paths) -> list[Way]:
        goals = self.set_at(query.goal)
        avoided = {one for pattern in query.avoiding for one in self.set_at(pattern)}
        wanted = [self.set_at(one) for one in query.through]
        found: list[tuple[Any, Way]] = []
        for start in sorted(self.set_at(query.start)):
            for entities, walks in self.all_walks(query, start).items():
                if entities[-1] not in goals or entities[-1] == start or avoided & set(entities):
                    continue
                if not all(one & set(entities) for one in wanted):
                    continue
                way = self.way_of(entities, walks, query.prefer)
                if query.mode == "strongest":
                    if not all(way.hops):
                        continue
                    kept = [[self.fact[one].predicate for one in hop] for hop in way.hops]
                else:
                    kept = [[walk[i][2] for walk in walks] for i in range(len(entities) - 1)]
                names = tuple((min(kept[i]), entities[i + 1]) for i in range(len(entities) - 1))
                if query.mode == "strongest":
                    strength = self.strength(way, query.prefer)
                    if strength is None:
                        continue
                    way = Way(entities, way.hops, _as_decimal(strength))
                    found.append(((-strength, len(way.hops), start, names), way))
                else:
                    found.append(((len(way.hops), start, names), way))
        found.sort(key=lambda one: one[0])
        count = self.world.parameters[query.count] if isinstance(query.count, ir.Parameter) else query.count
        ways = [way for _, way in found]
        if count is not None:
            return ways[:count]
        if query.mode == "all" or not ways:
            return ways
        return [way for way in ways if (way.strength, len(way.hops)) == (ways[0].strength, len(ways[0].hops))]

    def strength(self, way: Way, prefer: str | None) -> Fraction | None:
        product = Fraction(1)
        for hop in way.hops:
            values = [self.number(self.preferred(self.fact[one], prefer)) for one in hop]
            there = [Fraction(one) for one in values if one is not None]
            if not there:
                return None
            product *= max(there)
        return product

    def preferred(self, fact: Fact, prefer: str | None) -> Any:
        declared = self.world.vocabulary.predicates[fact.predicate].attribute(prefer or "")
        return fact.attributes.get(prefer or "") if declared is not None else self.builtin(fact, prefer or "")

    def number(self, value: Any) -> Any:
        return value.fraction if isinstance(value, Percent) else value

    def rings(self, query: ir.Cycles) -> list[Way]:
        avoided = {one for pattern in query.avoiding for one in self.set_at(pattern)}
        wanted = [self.set_at(one) for one in query.through]
        both = _both_ways(query.step)
        ordered = bool(query.step.order) or query.rising is not None
        rings: dict[Any, tuple[Any, Way]] = {}
        for start in self.thing:
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
                names = [self.key(one) for one in ring]
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
                for fact in self.world.facts:
                    ends = fact.subject == fact.object == start
                    fits = ends and fact.predicate in one.predicates and self.holds_then(fact, one.when)
                    if fits and (one.test is None or self.comparison(one.test, R(fact.id), {})):
                        found.append((start, fact, fact.predicate))
        return found

    def relation_rows(self, query: ir.Relations) -> list[Row]:
        key = query.variables[0].name
        rows: list[Row] = []
        for stored in query.alternatives:
            for fact in self.world.facts:
                if fact.predicate not in stored.predicates or not self.holds_then(fact, stored.when):
                    continue
                if fact.subject not in self.thing or fact.object not in self.thing:
                    continue
                row: Row = {key: R(fact.id)}
                tests = [one for one in (stored.test, query.test) if one is not None]
                if not all(self.comparison(one, R(fact.id), row) for one in tests):
                    continue
                ways = []
                if stored.direction in {"out", "both"}:
                    ways.append((fact.subject, fact.object))
                if stored.direction in {"in", "both"}:
                    ways.append((fact.object, fact.subject))
                for left, right in ways:
                    for found in self.end(query.source, left, row):
                        ends = self.end(query.target, right, found)
                        rows += [both for both in ends if self.ends_met(query.ends, left, right, both)]
        return rows

    def end(self, target: ir.Pattern | ir.Same | None, one: str, row: Row) -> Iterator[Row]:
        if target is None:
            yield row
        else:
            yield from self.arrive(target, one, (), row, stayed=False)

    def ends_met(self, ends: Sequence[ir.Pattern], left: str, right: str, row: Row) -> bool:
        def met(pattern: ir.Pattern, one: str) -> bool:
            return next(iter(self.arrive(pattern, one, (), row, stayed=False)), None) is not None

        if not ends:
            return True
        if len(ends) == 1:
            return met(ends[0], left) or met(ends[0], right)
        return (met(ends[0], left) and met(ends[1], right)) or (met(ends[0], right) and met(ends[1], left))

    # ----------------------------------------------------------------------------------------------- values

    def comparison(self, test: ir.Test, this: Any, row: Row) -> bool:
        if isinstance(this, str):
            this = E(this)
        match test:
            case ir.All(parts):
                return all(self.comparison(one, this, row) for one in parts)
            case ir.AnyOf(parts):
                return any(self.comparison(one, this, row) for one in parts)
            case ir.Not(part):
                return not self.comparison(part, this, row)
            case ir.Compare(operator, left, right):
                return self.compared(operator, left, right, this, row) is True
            case ir.OneOf(left, values, negated):
                return self.one_of(left, values, this, row, negated=negated)
            case ir.Between(left, low, high):
                return (
                    self.compared(">=", left, low, this, row) is True
                    and self.compared("<=", left, high, this, row) is True
                )
            case ir.Present(of):
                return self.value(of, this, row) not in (None, ())
            case ir.TextTest(operator, left, right):
                return _text_test(operator, self.value(left, this, row), self.value(right, this, row))
            case ir.HasTag(tag, of):
                entity = self.thing_of(of, this, row)
                return entity is not None and tag in self.thing[entity.id].tags
            case _:
                raise AssertionError(f"{type(test).__name__} is no comparison")

    def compared(
        self, operator: ir.Operator, left: ir.Expression, right: ir.Expression, this: Any, row: Row
    ) -> bool | None:
        one, other = self.side(left, right, this, row), self.side(right, left, this, row)
        return self.compare_lists(operator, one, other)

    def side(self, expression: ir.Expression, other: ir.Expression, this: Any, row: Row) -> Any:
        value = self.value(expression, this, row)
        ends = isinstance(expression, ir.Attribute) and expression.builtin and expression.name == "until"
        if ends and getattr(other, "kind", None) == "period" and value is not None and value.day is not None:
            return value.first - timedelta(days=1)
        return value

    def compare_lists(self, operator: ir.Operator, left: Any, right: Any) -> bool | None:
        if not isinstance(left, tuple) and not isinstance(right, tuple):
            return self.compare(operator, left, right)
        pairs = [
            self.compare(operator, one, other)
            for one in (left if isinstance(left, tuple) else (left,))
            for other in (right if isinstance(right, tuple) else (right,))
        ]
        if not pairs:
            return None
        if operator == "!=":
            return all(one is True for one in pairs)
        return any(one is True for one in pairs)

    def one_of(self, left: ir.Expression, values: Any, this: Any, row: Row, *, negated: bool) -> bool:
        if isinstance(values, ir.Parameter):
            given = self.world.parameters[values]
            outcomes = [
                self.compare_lists("!=" if negated else "=", self.side(left, values, this, row), one) for one in given
            ]
        else:
            outcomes = [self.compared("!=" if negated else "=", left, one, this, row) for one in values]
        if self.value(left, this, row) in (None, ()):
            return False
        return all(one is True for one in outcomes) if negated else any(one is True for one in outcomes)

    def compare(self, operator: ir.Operator, left: Any, right: Any) -> bool | None:
        if left is None or right is None:
            return None
        zone = ZoneInfo(self.world.zone)
        if isinstance(left, datetime) and isinstance(right, datetime):
            left = left if left.tzinfo else left.replace(tzinfo=zone)
            right = right if right.tzinfo else right.replace(tzinfo=zone)
            return _compare_plain(operator, left, right)
        if isinstance(left, datetime):
            day = left.astimezone(zone).date()
            span = _days_of(right)
            return None if span is None else _days(operator, (day, day), span, period=True)
        if isinstance(right, datetime):
            return self.compare(_turned(operator), right, left)
        spans = _days_of(left), _days_of(right)
        if spans[0] is not None and spans[1] is not None:
            if isinstance(left, ir.Days) and not isinstance(right, ir.Days):
                return self.compare(_turned(operator), right, left)
            return _days(operator, spans[0], spans[1], period=isinstance(right, ir.Days))
        if isinstance(left, Money) and isinstance(right, Money):
            return _compare_plain(operator, left.amount, right.amount) if left.currency == right.currency else None
        return _compare_plain(operator, self.number(left), self.number(right))

    def thing_of(self, of: ir.This | ir.Ref, this: Any, row: Row) -> Any:
        return this if isinstance(of, ir.This) else row[of.name]

    def value(self, expression: ir.Expression, this: Any, row: Row) -> Any:
        match expression:
            case ir.Constant(value):
                return value
            case ir.Parameter(kind="entity") | ir.Named() | ir.EntityId() | ir.Me() | ir.Us():
                return tuple(E(one) for one in self.world.members[expression])
            case ir.Parameter():
                found = self.world.parameters[expression]
                return tuple(found) if isinstance(found, list | tuple) else found
            case ir.Today(amount, unit):
                return _moved(self.today, amount, unit)
            case ir.This() | ir.Ref():
                return self.thing_of(expression, this, row)
            case ir.Attribute(of):
                return self.attribute(self.thing_of(of, this, row), expression)
            case ir.Part(of, part):
                return self.part(self.value(of, this, row), part)
            case ir.Arithmetic(operator, left, right, kind):
                return _compute(operator, self.value(left, this, row), self.value(right, this, row), kind)
            case ir.First(arguments):
                values = (self.value(one, this, row) for one in arguments)
                return next((one for one in values if one not in (None, ())), None)
            case ir.Truth(test):
                return self.comparison(test, this, row)
            case ir.CountRelated(of, step):
                thing = row[of.name]
                if thing is None:
                    return None
                return len({other for other, _ in self.steps(step, thing.id, row)} - {thing.id})
            case ir.Aggregate():
                raise AssertionError("an aggregate outside a group")

    def attribute(self, thing: Any, attribute: ir.Attribute) -> Any:
        match thing:
            case None:
                return None
            case E(identifier):
                return self.of_entity(self.thing[identifier], attribute)
            case R(identifier):
                fact = self.fact[identifier]
                if attribute.builtin:
                    return self.builtin(fact, attribute.name)
                return fact.attributes.get(attribute.name)
            case Way():
                return self.of_way(thing, attribute.name)
            case Percent():
                return thing

    def of_entity(self, thing: Thing, attribute: ir.Attribute) -> Any:
        if not attribute.builtin:
            return thing.fields.get(attribute.name)
        match attribute.name:
            case "id":
                return thing.id
            case "name":
                return thing.name
            case "type":
                return thing.type
            case _:
                touching = [fact for fact in self.world.facts if thing.id in (fact.subject, fact.object)]
                shown = [one for one in touching if one.subject in self.thing and one.object in self.thing]
                return sum(self.holds_then(one, self.valid) for one in shown)

    def builtin(self, fact: Fact, name: str) -> Any:
        match name:
            case "subject" | "object":
                return E(getattr(fact, name))
            case "source":
                return fact.sources
            case _:
                return getattr(fact, name)

    def of_way(self, way: Way, name: str) -> Any:
        match name:
            case "hops":
                return len(way.hops)
            case "entities":
                return tuple(E(one) for one in way.entities)
            case "relations":
                return tuple(R(hop[0]) for hop in way.hops if hop)
            case _:
                return way.strength

    def part(self, value: Any, part: str) -> Any:
        match value:
            case None:
                return None
            case tuple():
                return tuple(self.part(one, part) for one in value)
            case Money():
                return getattr(value, part)
            case datetime():
                local = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(self.world.zone))
                return self.part(local.astimezone(ZoneInfo(self.world.zone)).date(), part)
        if part == "quarter":
            return None if value.month is None else (value.month + 2) // 3
        return getattr(value, part)

    # ------------------------------------------------------------------------------------------------- tail

    def key(self, identifier: str) -> tuple[str, str]:
        return self.thing[identifier].name, identifier

    def sort_value(self, value: Any) -> Any:
        match value:
            case E(identifier):
                return self.key(identifier)
            case R(identifier):
                return self.fact[identifier].predicate, identifier
            case Way():
                hops = tuple((self.fact[hop[0]].predicate, hop[0]) if hop else ("", "") for hop in value.hops)
                return hops, tuple(self.key(one) for one in value.entities)
            case Money():
                return value.currency, value.amount
            case Percent():
                return value.fraction
            case datetime():
                return value
            case date() | PartialDate():
                return value.year, value.month or 0, value.day or 0
            case tuple():
                return tuple(self.sort_value(one) for one in value)
            case _:
                return value

    def tail(
        self, tail: ir.Tail, variables: Sequence[ir.Variable], rows: list[Row], *, listed: bool = False
    ) -> list[tuple[Any, ...]]:
        names = [one.name for one in variables]
        rows = [{name: row.get(name) for name in names} for row in rows]
        if tail.grouping is None:
            kept = _distinct([{name: row[name] for name in tail.things} for row in rows])
            made = [self.row_of(tail, row, {}) for row in kept]
            ties = [[] if listed else [row[name] for name in tail.things] for row in kept]
        else:
            made, ties = self.grouped(tail, rows)
        entries = [(one, tie) for one, tie in zip(made, ties, strict=True) if one["having"]]
        directions = [key.descending for key in tail.order] + [False] * 20

        def before(left: Any, right: Any) -> int:
            keys = zip([*left[0]["order"], *left[1]], [*right[0]["order"], *right[1]], directions, strict=False)
            for one, other, descending in keys:
                result = self.three_way(one, other, descending=descending)
                if result:
                    return result
            return 0

        entries.sort(key=cmp_to_key(before))
        if tail.distinct:
            seen: list[Any] = []
            unique = []
            for one, tie in entries:
                if one["columns"] not in seen:
                    seen.append(one["columns"])
                    unique.append((one, tie))
            entries = unique
        limit = self.given_number(tail.limit)
        if tail.per is not None and limit is not None:
            taken: list[Any] = []
            kept_entries = []
            for one, tie in entries:
                if taken.count(one["per"]) < limit:
                    taken.append(one["per"])
                    kept_entries.append((one, tie))
            entries, limit = kept_entries, None
        entries = entries[self.given_number(tail.skip) or 0 :]
        if limit is not None:
            entries = entries[:limit]
        return [tuple(one["columns"]) for one, _ in entries]

    def given_number(self, given: Any) -> int | None:
        found: int | None = self.world.parameters[given] if isinstance(given, ir.Parameter) else given
        return found

    def three_way(self, left: Any, right: Any, *, descending: bool) -> int:
        lacking = left in (None, ()), right in (None, ())
        if lacking[0] or lacking[1]:
            return int(lacking[0]) - int(lacking[1])
        one, other = self.sort_value(left), self.sort_value(right)
        if one == other:
            return 0
        return (1 if one > other else -1) * (-1 if descending else 1)

    def row_of(self, tail: ir.Tail, row: Row, ready: dict[int, Any]) -> dict[str, Any]:
        def value(expression: ir.Expression) -> Any:
            return self.value(_filled(expression, ready), None, row)

        having = tail.having is None or self.comparison(_filled(tail.having, ready), None, row)
        return {
            "columns": [value(one.value) for one in tail.columns],
            "order": [value(one.value) for one in tail.order],
            "per": None if tail.per is None else value(tail.per),
            "having": having,
        }

    def grouped(self, tail: ir.Tail, rows: list[Row]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        assert tail.grouping is not None
        groups: list[tuple[list[Any], list[Row]]] = []
        for row in rows:
            key = [self.value(one, None, row) for one in tail.grouping]
            for known, members in groups:
                if known == key:
                    members.append(row)
                    break
            else:
                groups.append((key, [row]))
        if not tail.grouping and not groups:
            groups = [([], [])]
        made, ties = [], []
        for key, members in groups:
            ready = {
                id(one): self.aggregate(one, members)
                for one in _nodes((tail.columns, tail.having, tail.order, tail.per))
                if isinstance(one, ir.Aggregate)
            }
            made.append(self.row_of(tail, members[0] if members else {}, ready))
            ties.append(key)
        return made, ties

    def aggregate(self, aggregate: ir.Aggregate, rows: list[Row]) -> Any:
        kept = _distinct([{name: row[name] for name in aggregate.over} for row in rows])
        arguments = aggregate.arguments or (ir.Ref(aggregate.over[0], "entity"),)
        values = [tuple(self.value(one, None, row) for one in arguments) for row in kept]
        values = [one for one in values if not any(cell in (None, ()) for cell in one)]
        if aggregate.distinct or aggregate.function == "collect":
            values = _distinct(values)
        match aggregate.function:
            case "count":
                return len(values)
            case "collect":
                ordered = sorted(values, key=lambda one: tuple(self.sort_value(cell) for cell in one))
                return tuple(one[0] if len(one) == 1 else one for one in ordered)
            case function:
                return self.number_aggregate(function, [one[0] for one in values], aggregate.kind)

    def number_aggregate(self, function: str, values: list[Any], kind: str) -> Any:
        if not values:
            return _of_kind(Decimal(0), kind, None) if function == "sum" and kind != "money" else None
        currencies = {one.currency for one in values if isinstance(one, Money)}
        if len(currencies) > 1:
            raise Refused
        if function in {"min", "max"}:
            ordered = sorted(values, key=self.sort_value)
            return ordered[0] if function == "min" else ordered[-1]
        numbers = [Fraction(one.amount if isinstance(one, Money) else self.number(one)) for one in values]
        match function:
            case "sum":
                result = sum(numbers, Fraction(0))
            case "product":
                result = Fraction(1)
                for one in numbers:
                    result *= one
            case "avg":
                result = sum(numbers, Fraction(0)) / len(numbers)
            case _:
                numbers.sort()
                half = len(numbers) // 2
                result = numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
        return _of_kind(_as_decimal(result), kind, next(iter(currencies), None))


# ------------------------------------------------------------------------------------------------------ plain


def _flat(test: ir.Test) -> Iterator[ir.Test]:
    if isinstance(test, ir.All):
        for part in test.parts:
            yield from _flat(part)
    else:
        yield test


def _nodes(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        for one in node:
            yield from _nodes(one)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        for one in fields(node):
            yield from _nodes(getattr(node, one.name))


def _given(node: Any) -> set[str]:
    return {one.name for one in _nodes(node) if isinstance(one, ir.Pattern | ir.Step) and one.name is not None}


def _needed(node: Any) -> set[str]:
    looked = {one.name for one in _nodes(node) if isinstance(one, ir.Ref | ir.Same)}
    return looked - _given(node)


def _filled(node: Any, ready: dict[int, Any]) -> Any:
    """Return an expression with the aggregates worked out."""
    if isinstance(node, tuple):
        return tuple(_filled(one, ready) for one in node)
    if id(node) in ready:
        return ir.Constant(ready[id(node)], node.kind)
    if not is_dataclass(node) or isinstance(node, type) or type(node).__module__ != ir.__name__:
        return node
    return type(node)(**{one.name: _filled(getattr(node, one.name), ready) for one in fields(node)})


def _distinct(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for one in values:
        if one not in found:
            found.append(one)
    return found


def _both_ways(step: ir.Step) -> bool:
    return all(isinstance(one, ir.Stored) and one.direction == "both" for one in step.alternatives)


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


def _compare_plain(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _turned(operator: ir.Operator) -> ir.Operator:
    table: dict[str, ir.Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    return table.get(operator, operator)


def _days_of(value: Any) -> tuple[date, date] | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, ir.Days | PartialDate):
        return value.first, value.last
    return (value, value) if isinstance(value, date) else None


def _days(operator: str, left: tuple[date, date], right: tuple[date, date], *, period: bool) -> bool | None:
    """Compare a day somewhere in a span with a period, or with another day somewhere in a span: by trying all."""
    lefts = {left[0], left[1]}
    if period:
        outcomes = {_against(operator, one, right) for one in lefts}
        if left[0] < right[0] and left[1] > right[1]:
            outcomes.add(_against(operator, right[0], right))
    else:
        outcomes = {_compare_plain(operator, one, other) for one in lefts for other in right}
        if operator in {"=", "!="} and left[0] <= right[1] and right[0] <= left[1]:
            outcomes.add(operator == "=")
    return outcomes.pop() if len(outcomes) == 1 else None


def _against(operator: str, day: date, period: tuple[date, date]) -> bool:
    inside = period[0] <= day <= period[1]
    match operator:
        case "=":
            return inside
        case "!=":
            return not inside
        case "<":
            return day < period[0]
        case "<=":
            return day <= period[1]
        case ">":
            return day > period[1]
        case _:
            return day >= period[0]


def _moved(day: date, amount: int, unit: str) -> date:
    if unit in {"day", "week"}:
        return day + timedelta(days=amount * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + amount * {"month": 1, "quarter": 3, "year": 12}[unit]
    for last in (day.day, 30, 29, 28):
        try:
            return date(months // 12, months % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def _text_test(operator: str, left: Any, right: Any) -> bool:
    if left in (None, ()):
        return False
    wanted = fold(right)
    if isinstance(left, tuple):
        if operator == "contains":
            return any(fold(one) == wanted for one in left)
        return any(_text_test(operator, one, right) for one in left)
    text = fold(left)
    match operator:
        case "contains":
            return any(text[i : i + len(wanted)] == wanted for i in range(len(text) + 1))
        case "starts with":
            return text[: len(wanted)] == wanted
        case "ends with":
            return wanted == "" or text[-len(wanted) :] == wanted
        case _:
            return _glob(text, wanted)


def _glob(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_glob(text[i:], pattern[1:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and _glob(text[1:], pattern[1:])


def _as_decimal(value: Fraction) -> Decimal:
    return Context(prec=28).divide(Decimal(value.numerator), Decimal(value.denominator))


def _of_kind(number: Decimal, kind: str, currency: str | None) -> Any:
    match kind:
        case "money":
            return Money(number, currency)
        case "percent":
            return Percent(number)
        case "integer" | "duration" if number == int(number):
            return int(number)
        case _:
            return number


def _compute(operator: str, left: Any, right: Any, kind: str) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, date | PartialDate) or isinstance(right, date | PartialDate):
        return _compute_days(operator, left, right)
    currencies = {one.currency for one in (left, right) if isinstance(one, Money)}
    if len(currencies) > 1:
        raise Refused
    numbers = []
    for one in (left, right):
        plain = one.fraction if isinstance(one, Percent) else one.amount if isinstance(one, Money) else one
        numbers.append(Fraction(plain))
    match operator:
        case "+":
            result = numbers[0] + numbers[1]
        case "-":
            result = numbers[0] - numbers[1]
        case "*":
            result = numbers[0] * numbers[1]
        case _:
            if not numbers[1]:
                return None
            result = numbers[0] / numbers[1]
    return _of_kind(_as_decimal(result), kind, next(iter(currencies), None))


def _compute_days(operator: str, left: Any, right: Any) -> Any:
    def single(value: Any) -> date | None:
        if isinstance(value, datetime):
            return value.astimezone(UTC).date()
        span = _days_of(value)
        return span[0] if span is not None and span[0] == span[1] else None

    if not isinstance(right, int):
        if isinstance(left, int):
            day = single(right)
            return None if day is None else day + timedelta(days=left)
        one, other = single(left), single(right)
        return None if one is None or other is None else (one - other).days
    day = single(left)
    if day is None:
        return None
    return day + timedelta(days=right if operator == "+" else -right)
