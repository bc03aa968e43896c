"""Comparisons as conditions: a missing or uncertain value makes them null, which a WHERE takes for false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final, Literal, cast

from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import quoted, relationship_type, token
from relgraph.engines.neo4j.values import currency_property, order_key, precision_property
from relgraph.network.execute import scalars
from relgraph.network.execute.run import EntityAt
from relgraph.query import ir
from relgraph.values import Money, PartialDate

Kind = Literal["text", "number", "boolean", "day", "moment", "money", "entity", "relation", "name", "type", "predicate"]
_SIGN: Final = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NUMBERS: Final = frozenset(("integer", "decimal", "percent", "duration"))
_CAPTION: Final = 2000
# below it, comparing UTF-16 units and comparing code points cannot differ
_SURROGATES: Final = "\ud800"


@dataclass(frozen=True, slots=True)
class Side:
    """A value that the statement reads: the text that gives it, of a day also the text of the last one it may be."""

    kind: Kind
    text: str
    last: str = ""
    currency: str = ""
    whole: bool = False
    many: bool = False

    @property
    def end(self) -> str:
        """The last day it may be."""
        return self.last or self.text


@dataclass(frozen=True, slots=True)
class Given:
    """A value that is known before the statement runs; a tuple is a list."""

    value: Any


class Comparisons:
    """Writes the comparisons of one statement."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._run = writing.run

    # -- tests -------------------------------------------------------------------------------------------------------

    def condition(self, test: ir.Comparison, this: Thing | None) -> str:
        """Return a comparison as a condition; Unsupported where the server cannot tell."""
        match test:
            case ir.Compare(operator, left, right):
                return self._compare(operator, left, right, this)
            case ir.Between(left, low, high):
                return both(self._compare(">=", left, low, this), self._compare("<=", left, high, this))
            case ir.OneOf():
                return self._one_of(test, this)
            case ir.Present(of):
                return self._present(of, this)
            case ir.HasTag(tag, of):
                return f"{self._writing.value(tag)} IN {self._writing.thing(of, this).var}._tags"
            case ir.TextTest():
                raise Unsupported("text compared without case and accents")

    def _compare(self, operator: ir.Operator, left: ir.Expression, right: ir.Expression, this: Thing | None) -> str:
        one, other = self._side(left, right, this), self._side(right, left, this)
        if isinstance(one, Given):
            if isinstance(other, Given):
                return (
                    "true" if scalars.compare_any(operator, one.value, other.value, self._run.zone) is True else "false"
                )
            return self._against(scalars.MIRRORED[operator], other, one.value)
        if isinstance(other, Given):
            return self._against(operator, one, other.value)
        return self._fields(operator, one, other)

    def _one_of(self, test: ir.OneOf, this: Thing | None) -> str:
        values: Sequence[ir.Expression] = test.values if isinstance(test.values, tuple) else self._listed(test.values)
        operator: ir.Operator = "!=" if test.negated else "="
        side = self._side(test.left, values[0] if values else test.left, this)
        given = [self._side(one, test.left, this) for one in values]
        if not values:
            return "false" if not test.negated else self._present(test.left, this)
        if isinstance(side, Side) and side.kind in {"text", "number"} and not side.many:
            plain = [
                one.value for one in given if isinstance(one, Given) and isinstance(one.value, str | int | Decimal)
            ]
            if len(plain) == len(given) and side.kind == "text":
                listed = f"{side.text} IN {self._writing.value(plain)}"
                return f"(NOT {listed})" if test.negated else listed
        parts = [self._compare(operator, test.left, one, this) for one in values]
        return both(*parts) if test.negated else either(*parts)

    def _listed(self, parameter: ir.Parameter) -> list[ir.Expression]:
        given = self._run.parameter(parameter)
        listed = given if isinstance(given, list | tuple) else (given,)
        return [ir.Constant(one, parameter.kind) for one in listed]

    def _present(self, of: ir.Expression, this: Thing | None) -> str:
        side = self._side(of, of, this)
        if isinstance(side, Given):
            return "true" if side.value is not None and side.value != () else "false"
        if side.kind in {"name", "type", "predicate"}:
            return "true"
        return f"size({side.text}) > 0" if side.many else f"{side.text} IS NOT NULL"

    # -- sides -------------------------------------------------------------------------------------------------------

    def _side(self, expression: ir.Expression, other: ir.Expression, this: Thing | None) -> Side | Given:
        run = self._run
        match expression:
            case ir.Constant(value):
                return Given(value)
            case ir.Parameter(kind="entity") | ir.Named() | ir.EntityId() | ir.Me() | ir.Us():
                return Given(tuple(EntityAt(one) for one in run.numbers_of([expression]).tolist()))
            case ir.Parameter():
                value = run.parameter(expression)
                return Given(tuple(value) if isinstance(value, list) else value)
            case ir.Today(amount, unit):
                return Given(scalars.moved(run.today, amount, unit))
            case ir.This() | ir.Ref():
                thing = self._writing.thing(expression, this)
                return Side(thing.sort, thing.var)
            case ir.Attribute():
                return self._attribute(expression, other, this)
            case ir.Part(of, part):
                return self._part(of, part, this)
            case _:
                raise Unsupported("a computed value in a condition")

    def _attribute(self, attribute: ir.Attribute, other: ir.Expression, this: Thing | None) -> Side:
        thing = self._writing.thing(attribute.of, this)
        if attribute.builtin:
            return self._builtin(thing, attribute, other)
        held = f"{thing.var}.{quoted(token(attribute.name))}"
        match attribute.kind:
            case "text":
                return Side("text", held, many=attribute.many)
            case "boolean":
                return Side("boolean", held, many=attribute.many)
            case "integer" | "decimal" | "percent":
                return Side("number", held, whole=attribute.kind == "integer", many=attribute.many)
            case "date":
                return Side("day", held, many=attribute.many)
            case "datetime":
                return Side("moment", held, many=attribute.many)
            case "partial date" if not attribute.many:
                return Side("day", held, _last_day(held, f"{thing.var}.{quoted(precision_property(attribute.name))}"))
            case "money" if not attribute.many:
                currency = f"{thing.var}.{quoted(currency_property(attribute.name))}"
                return Side("money", held, currency=currency)
            case _:
                raise Unsupported(f"a list of the kind {attribute.kind}")

    def _builtin(self, thing: Thing, attribute: ir.Attribute, other: ir.Expression) -> Side:
        var = thing.var
        match thing.sort, attribute.name:
            case _, "id":
                return Side("text", f"{var}.id")
            case "entity", "name":
                return Side("name", var)
            case "entity", "type":
                return Side("type", var)
            case "entity", "degree":
                return Side("number", self._degree(var), whole=True)
            case "relation", "predicate":
                return Side("predicate", var)
            case "relation", "confidence":
                return Side("number", f"{var}.confidence")
            case "relation", "source":
                return Side("text", f"{var}.source", many=True)
            case "relation", "subject":
                return Side("entity", f"startNode({var})")
            case "relation", "object":
                return Side("entity", f"endNode({var})")
            case "relation", "since":
                return Side("day", f"{var}.since", _last_day(f"{var}.since", f"{var}._since_precision"))
            case "relation", "until":
                return _until(var, held=getattr(other, "kind", None) == "period")
            case _, name:
                raise Unsupported(f"a condition on '{name}'")

    def _degree(self, var: str) -> str:
        writing = self._writing
        kinds = "|".join(quoted(relationship_type(one)) for one in sorted(writing.used))
        if not kinds:
            return "0"
        relation, other = writing.fresh("r"), writing.fresh("e")
        conditions = both(writing.live(other), *writing.holds_on(relation, self._run.valid))
        return f"COUNT {{ ({var})-[{relation}:{kinds}]-({other}) WHERE {conditions} }}"

    def _part(self, of: ir.Expression, part: str, this: Thing | None) -> Side | Given:
        side = self._side(of, of, this)
        if isinstance(side, Given):
            return Given(scalars.part_of(side.value, part, self._run.zone))
        if part in {"amount", "currency"} and side.kind == "money":
            return Side("number", side.text) if part == "amount" else Side("text", side.currency)
        if side.many or side.kind != "day":
            raise Unsupported("a part of a moment, or of a list")
        if not side.last:
            return Side("number", f"{side.text}.{part}", whole=True)
        if part != "year":
            # what of a date is not given is missing: such a one has another last day; of no date there is no part
            given = ("year", "month", "day") if part == "day" else ("year", "month")
            same = " AND ".join(f"({side.text}).{one} = ({side.last}).{one}" for one in given)
            return Side("number", f"CASE WHEN {same} THEN ({side.text}).{part} END", whole=True)
        return Side("number", f"({side.text}).year", whole=True)

    # -- against a value ---------------------------------------------------------------------------------------------

    def _against(self, operator: ir.Operator, side: Side, value: Any) -> str:
        if isinstance(value, tuple):
            if side.kind == "entity":
                listed = self._writing.value([int(one) for one in value])
                found = f"{side.text}._number IN {listed}"
                return found if operator == "=" else f"(NOT {found})"
            parts = [self._against(operator, side, one) for one in value]
            if not parts:
                return "false"
            return both(*parts) if operator == "!=" else either(*parts)
        if value is None:
            return "false"
        if side.many:
            return self._any(operator, side, lambda one: self._against(operator, one, value))
        match side.kind:
            case "text":
                return self._text(operator, side.text, value)
            case "name":
                return self._name(operator, side.text, value)
            case "type":
                return self._type(operator, side.text, value)
            case "predicate":
                return self._text(operator, f"type({side.text})", relationship_type(value), equal=True)
            case "number":
                return self._number(operator, side, value)
            case "boolean":
                return self._plain(operator, side.text, value, equal=True)
            case "day":
                return self._day(operator, side, value)
            case "moment":
                return self._moment(operator, side.text, value)
            case "money":
                return self._money(operator, side, value)
            case _:
                raise Unsupported(f"a {side.kind} compared with a value")

    def _any(self, operator: ir.Operator, side: Side, condition: Callable[[Side], str]) -> str:
        element = self._writing.fresh("v")
        inner = condition(replace(side, text=element, many=False))
        if operator == "!=":
            return f"(size({side.text}) > 0 AND all({element} IN {side.text} WHERE {inner}))"
        return f"any({element} IN {side.text} WHERE {inner})"

    def _plain(self, operator: ir.Operator, text: str, value: Any, *, equal: bool = False) -> str:
        if equal and operator not in {"=", "!="}:
            raise Unsupported("an order among values that have none on the server")
        return f"{text} {_SIGN[operator]} {self._writing.value(value)}"

    def _text(self, operator: ir.Operator, text: str, value: Any, *, equal: bool = False) -> str:
        if operator not in {"=", "!="} and (
            equal or not isinstance(value, str) or max(value, default="") >= _SURROGATES
        ):
            raise Unsupported("an order of texts with signs that the server orders otherwise")
        return self._plain(operator, text, value)

    def _name(self, operator: ir.Operator, var: str, value: Any) -> str:
        if len(value) >= _CAPTION:
            raise Unsupported("a name of more signs than an index takes")
        # a name that an index does not take whole goes on after what is compared
        return self._plain(operator, f"{var}._caption", order_key(value))

    def _type(self, operator: ir.Operator, var: str, value: Any) -> str:
        labels = self._writing.names.exactly([value])
        if operator not in {"=", "!="}:
            raise Unsupported("types in order")
        if labels is None:
            return "true" if operator == "!=" else "false"
        return f"{var}:({labels})" if operator == "=" else f"(NOT {var}:({labels}))"

    def _number(self, operator: ir.Operator, side: Side, value: Any) -> str:
        number = scalars.number_of(value)
        if number is None:
            raise Unsupported("a number compared with something else")
        if not side.whole:
            return self._plain(operator, side.text, number)
        whole = int(number.to_integral_value(ROUND_FLOOR))
        if whole == number:
            return self._plain(operator, side.text, whole)
        match operator:
            case "=":
                return "false"
            case "!=":
                return f"{side.text} IS NOT NULL"
            case "<" | "<=":
                return self._plain("<=", side.text, whole)
            case _:
                return self._plain(">", side.text, whole)

    def _day(self, operator: ir.Operator, side: Side, value: Any) -> str:
        match value:
            case datetime():
                raise Unsupported("a day compared with a moment")
            case ir.Days(first, last):
                return _against_period(operator, side, self._writing.value(first), self._writing.value(last))
            case PartialDate():
                start, end = self._writing.value(value.first), self._writing.value(value.last)
                return _unknown_days(operator, side, Side("day", start, end if end != start else ""))
            case date():
                return _unknown_days(operator, side, Side("day", self._writing.value(value)))
            case _:
                raise Unsupported("a day compared with something else")

    def _moment(self, operator: ir.Operator, text: str, value: Any) -> str:
        zone = self._run.zone
        match value:
            case datetime():
                return self._plain(operator, text, zone.moment(value).astimezone(UTC))
            case ir.Days(first, last):
                pass
            case PartialDate():
                first, last = value.first, value.last
            case date():
                first = last = value
            case _:
                raise Unsupported("a moment compared with something else")
        if first.year < 2 or last.year > 9998:
            raise Unsupported("a moment at the edge of the calendar")
        start, after = (
            self._writing.value(zone.moment(datetime.combine(one, time())).astimezone(UTC))
            for one in (first, last + timedelta(days=1))
        )
        match operator:
            case "=":
                return f"({text} >= {start} AND {text} < {after})"
            case "!=":
                return f"({text} < {start} OR {text} >= {after})"
            case "<":
                return f"{text} < {start}"
            case "<=":
                return f"{text} < {after}"
            case ">":
                return f"{text} >= {after}"
            case ">=":
                return f"{text} >= {start}"

    def _money(self, operator: ir.Operator, side: Side, value: Any) -> str:
        if not isinstance(value, Money):
            raise Unsupported("money compared with something else")
        same = self._plain("=", side.currency, value.currency)
        return f"({self._plain(operator, side.text, value.amount)} AND {same})"

    # -- of two fields -----------------------------------------------------------------------------------------------

    def _fields(self, operator: ir.Operator, one: Side, other: Side) -> str:
        if one.many or other.many:
            raise Unsupported("two lists compared")
        match one.kind, other.kind:
            case ("entity", "entity") | ("relation", "relation"):
                return f"{one.text} {_SIGN[operator]} {other.text}"
            case ("text", "text") | ("boolean", "boolean"):
                if operator not in {"=", "!="}:
                    raise Unsupported("an order of two texts")
                return f"{one.text} {_SIGN[operator]} {other.text}"
            case ("number", "number") | ("moment", "moment"):
                return f"{one.text} {_SIGN[operator]} {other.text}"
            case "day", "day":
                return _unknown_days(operator, one, other)
            case "money", "money":
                return f"({one.text} {_SIGN[operator]} {other.text} AND {one.currency} = {other.currency})"
            case _:
                raise Unsupported(f"a {one.kind} compared with a {other.kind} of another thing")


def _against_period(operator: ir.Operator, side: Side, first: str, last: str) -> str:
    """Compare a day that lies somewhere in a span with a period, both ends inside."""
    match operator:
        case "=":
            return f"({side.text} >= {first} AND {side.end} <= {last})"
        case "!=":
            return f"({side.end} < {first} OR {side.text} > {last})"
        case "<":
            return f"{side.end} < {first}"
        case "<=":
            return f"{side.end} <= {last}"
        case ">":
            return f"{side.text} > {last}"
        case ">=":
            return f"{side.text} >= {first}"


def _unknown_days(operator: ir.Operator, one: Side, other: Side) -> str:
    """Compare two days, each of which lies somewhere in a span."""
    match operator:
        case "=":
            parts = [f"{one.text} = {other.text}"]
            parts += [f"{side.text} = {side.last}" for side in (one, other) if side.last]
            return both(*parts)
        case "!=":
            return f"({one.end} < {other.text} OR {one.text} > {other.end})"
        case "<" | "<=":
            return f"{one.end} {operator} {other.text}"
        case _:
            return f"{one.text} {operator} {other.end}"


def _last_day(held: str, precision: str) -> str:
    day = "duration({days: 1})"
    return (
        f"CASE {precision} WHEN 1 THEN {held} + duration({{months: 1}}) - {day}"
        f" WHEN 2 THEN {held} + duration({{years: 1}}) - {day} ELSE {held} END"
    )


def _until(var: str, *, held: bool) -> Side:
    """Return the end of a relation; a partial one is kept as the day after its last one.

    ``held``: as the last day that it held, which is what a period is compared with.
    """
    until, precision, day = f"{var}.until", f"{var}._until_precision", "duration({days: 1})"
    whole = f"{until} - {day}" if held else until
    first = (
        f"CASE {precision} WHEN 1 THEN {until} - duration({{months: 1}})"
        f" WHEN 2 THEN {until} - duration({{years: 1}}) ELSE {whole} END"
    )
    last = f"({until} - {day})" if held else f"CASE WHEN {precision} IS NULL THEN {until} ELSE {until} - {day} END"
    return Side("day", first, last)


def both(*parts: str) -> str:
    """Return conditions that must all hold."""
    kept = [one for one in dict.fromkeys(parts) if one != "true"]
    return f"({' AND '.join(kept)})" if len(kept) > 1 else kept[0] if kept else "true"


def either(*parts: str) -> str:
    """Return conditions of which one must hold."""
    kept = [one for one in dict.fromkeys(parts) if one != "false"]
    return f"({' OR '.join(kept)})" if len(kept) > 1 else kept[0] if kept else "false"


def neither(part: str) -> str:
    """Return that a condition does not hold, be it false or untold."""
    if part.startswith("EXISTS {"):
        # it is never untold, and several conditions stand in parentheses; bare, the server joins it as a step
        return f"NOT {part}"
    return {"true": "false", "false": "true"}.get(part, f"NOT coalesce({part}, false)")


COMPARISONS = (ir.Compare, ir.OneOf, ir.Between, ir.Present, ir.TextTest, ir.HasTag)


def is_comparison(test: ir.Test) -> bool:
    """Return whether a test is made of comparisons only."""
    match test:
        case ir.All(parts) | ir.AnyOf(parts):
            return all(map(is_comparison, parts))
        case ir.Not(part):
            return is_comparison(part)
        case _:
            return isinstance(cast("object", test), COMPARISONS)
