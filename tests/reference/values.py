"""The values of expressions, the comparisons of them, and the time that relations are asked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from relgraph.query import ir
from relgraph.values import Money, PartialDate, Percent
from tests.reference.comparing import compare_days, compare_plain, days_of, text_test, turned
from tests.reference.computing import compute, moved, number
from tests.reference.world import E, Fact, R, Row, Thing, Way, World


class Values(ABC):
    """What expressions stand for in one world, asked at one time."""

    def __init__(self, world: World, time: ir.Time) -> None:
        self.world = world
        self.valid = time.valid
        self.thing = {one.id: one for one in world.things}
        self.fact = {one.id: one for one in world.facts}
        self.today = world.calendar
        if isinstance(time.valid, ir.AsOf):
            self.today = self.day(time.valid.day, world.calendar)

    @abstractmethod
    def steps(self, step: ir.Step, this: str, row: Row) -> Iterator[tuple[str, Any]]:
        """Yield where a step leads, with what its name stands for: some values count that."""

    # ------------------------------------------------------------------------------------------------- time

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
                return moved(today, amount, unit)
            case ir.Parameter():
                found = self.world.parameters[expression]
            case ir.Constant(value):
                found = value
        assert isinstance(found, date)
        return found

    def span(self, expression: Any) -> tuple[date, date]:
        if isinstance(expression, ir.Today):
            day = moved(self.today, expression.amount, expression.unit)
            return day, day
        value = self.world.parameters[expression] if isinstance(expression, ir.Parameter) else expression.value
        return (value.first, value.last) if isinstance(value, ir.Days) else (value, value)

    # ------------------------------------------------------------------------------------------ comparisons

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
                return text_test(operator, self.value(left, this, row), self.value(right, this, row))
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
            return compare_plain(operator, left, right)
        if isinstance(left, datetime):
            day = left.astimezone(zone).date()
            span = days_of(right)
            return None if span is None else compare_days(operator, (day, day), span, period=True)
        if isinstance(right, datetime):
            return self.compare(turned(operator), right, left)
        spans = days_of(left), days_of(right)
        if spans[0] is not None and spans[1] is not None:
            if isinstance(left, ir.Days) and not isinstance(right, ir.Days):
                return self.compare(turned(operator), right, left)
            return compare_days(operator, spans[0], spans[1], period=isinstance(right, ir.Days))
        if isinstance(left, Money) and isinstance(right, Money):
            return compare_plain(operator, left.amount, right.amount) if left.currency == right.currency else None
        return compare_plain(operator, number(left), number(right))

    # ----------------------------------------------------------------------------------------------- values

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
                return moved(self.today, amount, unit)
            case ir.This() | ir.Ref():
                return self.thing_of(expression, this, row)
            case ir.Attribute(of):
                return self.attribute(self.thing_of(of, this, row), expression)
            case ir.Part(of, part):
                return self.part(self.value(of, this, row), part)
            case ir.Arithmetic(operator, left, right, kind):
                return compute(operator, self.value(left, this, row), self.value(right, this, row), kind)
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

    def thing_of(self, of: ir.This | ir.Ref, this: Any, row: Row) -> Any:
        return this if isinstance(of, ir.This) else row[of.name]

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

    # ------------------------------------------------------------------------------------------------ order

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
