"""Computed values: arithmetic and aggregates, each with the kind of its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any, Final, Literal, cast

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.operands import DATES, NUMBERS, Typed, days_of, fit, is_literal, moment_of, path, said_kind
from relgraph.query.problems import Refused, mistyped, nearest, unknown
from relgraph.query.rewrite import steps_of
from relgraph.query.scope import State, Thing
from relgraph.values import Money, Percent

_SUMMED: Final = NUMBERS | {"percent", "money", "duration"}
_ORDERED: Final = _SUMMED | DATES | {"text", "boolean"}
Aggregating = Literal["count", "sum", "avg", "min", "max", "median", "collect", "product"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a value is computed: of what thing its bare fields are, and whether aggregates may stand in it."""

    subject: Thing | None
    aggregates: bool = False


def compute(state: State, node: s.Expression, setting: Setting, *, compared: s.Expression | None = None) -> Typed:
    """Return a value that is no literal waiting for a kind; refused where it has no meaning."""
    match node:
        case s.Path():
            return path(state, node, setting.subject, compared=compared)
        case s.Arithmetic():
            return _arithmetic(state, node, setting)
        case s.Call():
            return _call(state, node, setting)
        case s.Param():
            hint = "compare it with a field, or write the value"
            raise Refused(mistyped("unknown-kind", f"nothing says of what kind {node} is", node.span, hint=hint))
        case _:
            return natural(node)


def natural(node: s.Expression) -> Typed:
    """Return a literal in the kind that it has by itself."""
    match node:
        case s.Text(value):
            return Typed(ir.Constant(value, "text"), "text", node.span)
        case s.Truth(value):
            return Typed(ir.Constant(value, "boolean"), "boolean", node.span)
        case s.Number(int() as number):
            return Typed(ir.Constant(number, "integer"), "integer", node.span)
        case s.Number(Percent() as percent):
            return Typed(ir.Constant(percent, "percent"), "percent", node.span)
        case s.Number(Money() as money):
            return Typed(ir.Constant(money, "money"), "money", node.span)
        case s.Number(Decimal() as number):
            return Typed(ir.Constant(number, "decimal"), "decimal", node.span)
        case s.When(value) if "T" in value:
            return Typed(ir.Constant(moment_of(value), "datetime"), "datetime", node.span)
        case s.When(value):
            days = days_of(value)
            if days.first == days.last:
                return Typed(ir.Constant(days.first, "date"), "date", node.span)
            return Typed(ir.Constant(days, "period"), "period", node.span)
        case s.Today(amount, unit):
            return Typed(ir.Today(amount, unit), "date", node.span)
        case _:
            raise Refused(mistyped("no-value", f"'{node}' cannot be computed with", node.span))


# ------------------------------------------------------------------------------------------------- arithmetic


def _arithmetic(state: State, node: s.Arithmetic, setting: Setting) -> Typed:
    left, right = _sides(state, node, setting)
    kind = _result(node.operator, left.kind, right.kind)
    if kind is None or left.many or right.many:
        one, other = (said_kind(side.kind) if not side.many else "a list" for side in (left, right))
        joined = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[node.operator]
        hint = None
        if {left.kind, right.kind} & {"percent"} and node.operator in "+-":
            hint = "write the number as a percent too: 100% for 1"
        raise Refused(mistyped("arithmetic", f"{one} {joined} {other} has no meaning", node.span, hint=hint))
    return Typed(ir.Arithmetic(node.operator, left.value, right.value, kind), kind, node.span)


def _sides(state: State, node: s.Arithmetic, setting: Setting) -> tuple[Typed, Typed]:
    """Bind both sides; a parameter is a number where it multiplies, else of the kind of the other side."""
    if isinstance(node.left, s.Param) and isinstance(node.right, s.Param):
        compute(state, node.left, setting)
    if isinstance(node.left, s.Param):
        right = compute(state, node.right, setting)
        return _given(state, node.left, right, node.operator), right
    left = compute(state, node.left, setting)
    if isinstance(node.right, s.Param):
        return left, _given(state, node.right, left, node.operator)
    return left, compute(state, node.right, setting)


def _given(state: State, node: s.Param, other: Typed, operator: str) -> Typed:
    kind: ir.ValueKind = "decimal" if operator in "*/" else other.kind
    return Typed(fit(state, node, kind), kind, node.span)


def _result(operator: str, left: ir.ValueKind, right: ir.ValueKind) -> ir.ValueKind | None:
    numbers = left in NUMBERS and right in NUMBERS
    if operator in "+-":
        if numbers:
            return "integer" if left == right == "integer" else "decimal"
        if left == right and left in _SUMMED:
            return left
        if operator == "-" and left in DATES and right in DATES:
            return "duration"
        return left if left in DATES and right == "duration" else None
    if left == "duration" or right == "duration":
        return _result(operator, _counted(left), _counted(right))
    if operator == "*":
        if numbers:
            return "integer" if left == right == "integer" else "decimal"
        if {left, right} <= NUMBERS | {"percent"}:
            return "percent"
        return "money" if _one_money(left, right) else None
    if left == right and left in {"percent", "money"}:
        return "decimal"
    if right in NUMBERS and left in NUMBERS | {"percent", "money"}:
        return "decimal" if left in NUMBERS else left
    if right == "percent" and left in NUMBERS | {"money"}:
        return "decimal" if left in NUMBERS else "money"
    return None


def _counted(kind: ir.ValueKind) -> ir.ValueKind:
    return "integer" if kind == "duration" else kind


def _one_money(left: ir.ValueKind, right: ir.ValueKind) -> bool:
    return (left == "money" and right in NUMBERS | {"percent"}) or (right == "money" and left in NUMBERS | {"percent"})


# ------------------------------------------------------------------------------------------------- aggregates


def _call(state: State, node: s.Call, setting: Setting) -> Typed:
    name = node.function
    if name == "first":
        return _first(state, node, setting)
    if not setting.aggregates:
        message = f"'{node}' cannot be computed here"
        hint = "aggregates stand in show, having and order by; inside an aggregate there is no other"
        raise Refused(mistyped("aggregate", message, node.span, hint=hint))
    if name == "count" and not node.arguments:
        found = next(iter(state.things.values()))
        assert isinstance(found.ref, ir.Ref)  # noqa: S101 - what stands in a row is named
        value = ir.Aggregate("count", (found.ref,), (found.ref.name,), node.distinct, "integer")
        return Typed(value, "integer", node.span)
    if name == "count" and len(node.arguments) == 1 and (related := _related(state, node.arguments[0], setting)):
        return Typed(related, "integer", node.span)
    inner = Setting(setting.subject)
    arguments = [compute(state, one, inner) for one in node.arguments]
    if not arguments or (len(arguments) > 1 and name != "collect"):
        message = f"{name} takes one value" if name != "collect" else "collect takes one value or more"
        raise Refused(mistyped("arguments", message, node.span))
    kind, many = _aggregated(node, arguments)
    over = tuple(dict.fromkeys(ref.name for one in arguments for ref in refs(one.value)))
    function = cast("Aggregating", name)
    value = ir.Aggregate(function, tuple(one.value for one in arguments), over, node.distinct, kind)
    return Typed(value, kind, node.span, many)


def _aggregated(node: s.Call, arguments: list[Typed]) -> tuple[ir.ValueKind, bool]:
    one = arguments[0]
    match node.function:
        case "count":
            return "integer", False
        case "collect":
            return one.kind, True
        case "min" | "max":
            fits, kind = one.kind in _ORDERED, one.kind
        case "product":
            fits, kind = one.kind in NUMBERS | {"percent"}, one.kind
        case "sum":
            fits, kind = one.kind in _SUMMED, one.kind
        case _:
            plain: ir.ValueKind = "decimal"
            fits, kind = one.kind in _SUMMED, (one.kind if one.kind in {"percent", "money"} else plain)
    if not fits or one.many:
        what = "a list" if one.many else said_kind(one.kind)
        raise Refused(mistyped("aggregate", f"{node.function} of {what} has no meaning", node.span))
    return kind, False


def _related(state: State, node: s.Expression, setting: Setting) -> ir.CountRelated | None:
    """Return what ``count(supplied_by)`` or ``count(c.supplied_by)`` means, or None where it is no predicate."""
    if not isinstance(node, s.Path) or (node.names[0] in state.things and len(node.names) == 1):
        return None
    *owner, name = node.names
    thing = state.things.get(owner[0]) if owner else setting.subject
    if thing is None or len(owner) > 1 or name in thing.fields or thing.sort != "entity":
        return None
    if name not in state.lexicon.readings:
        if owner or setting.subject is None:
            return None
        known = [*thing.fields, *state.things, *state.lexicon.followed(thing.types)]
        message = f"'{name}' is no name in the question, no field of {thing.said} and no predicate"
        raise Refused(unknown("unknown-field", message, node.span, candidates=nearest(name, known)))
    if not state.lexicon.reach(name, thing.types):
        message = f"'{name}' starts at {state.lexicon.said(state.lexicon.starts(name))}, not at {thing.said}"
        raise Refused(mistyped("wrong-start", message, node.span))
    assert isinstance(thing.ref, ir.Ref)  # noqa: S101 - what stands in a row is named
    return ir.CountRelated(thing.ref, steps_of(state.lexicon, name, state.when))


def _first(state: State, node: s.Call, setting: Setting) -> Typed:
    settled = [compute(state, one, setting) for one in node.arguments if not is_literal(one)]
    if not settled:
        raise Refused(mistyped("arguments", "first takes at least one field", node.span))
    kind = settled[0].kind
    values = []
    for one in node.arguments:
        if is_literal(one):
            values.append(fit(state, one, kind, info=settled[0].info, thing=settled[0].thing))
            continue
        typed = compute(state, one, setting)
        if typed.kind != kind:
            if not {typed.kind, kind} <= NUMBERS:
                message = f"first takes values of one kind, not {said_kind(kind)} and {said_kind(typed.kind)}"
                raise Refused(mistyped("unlike-kinds", message, one.span))
            kind = "decimal"
        values.append(typed.value)
    return Typed(ir.First(tuple(values), kind), kind, node.span, settled[0].many)


# --------------------------------------------------------------------------------------------------- looking in


def refs(value: Any, *, inside: bool = True) -> Iterator[ir.Ref]:
    """Yield the named things that a bound value speaks of; not ``inside`` aggregates where that is False."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ir.Ref):
            yield one
        elif isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif is_dataclass(one) and (inside or not isinstance(one, ir.Aggregate)):
            waiting.extend(getattr(one, name.name) for name in reversed(fields(one)))


def has_aggregate(value: Any) -> bool:
    """Return whether a bound value holds an aggregate."""
    if isinstance(value, ir.Aggregate):
        return True
    if isinstance(value, tuple):
        return any(has_aggregate(one) for one in value)
    return is_dataclass(value) and any(has_aggregate(getattr(value, one.name)) for one in fields(value))
