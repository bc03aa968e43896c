"""Where steps lead: over relations, by composed and measured predicates, and along walks, of which all are tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from relgraph.query import ir
from relgraph.values import Percent
from tests.reference.values import Values
from tests.reference.world import Fact, R, Row, Unsure, Way

Hops = list[tuple[str, Fact | None, str]]
"""A walk: for each hop where it leads, its relation where it has one, and the name that orders it."""


class Steps(Values):
    """Steps from one entity to others."""

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
            if other == this and not (len(path) > 2 or not both_ways(step)):
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


def both_ways(step: ir.Step) -> bool:
    return all(isinstance(one, ir.Stored) and one.direction == "both" for one in step.alternatives)
