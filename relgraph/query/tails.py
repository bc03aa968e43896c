"""What is done with the rows: columns, groups, order and limits, and the time of the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.compute import Setting, compute, has_aggregate, natural, refs
from relgraph.query.conditions import condition
from relgraph.query.literals import day_part
from relgraph.query.operands import Typed, days_of, is_literal, moment_of
from relgraph.query.problems import Refused, mistyped
from relgraph.query.scope import State, Thing
from relgraph.query.steps import validity


def bind_time(state: State, tails: s.Tails, outer: s.Tails | None = None) -> ir.Time:
    """Return the time of a question and make it that of its steps; what it does not say itself, ``outer`` says."""
    if tails.as_of is not None and tails.during is not None:
        hint = "'as of' is one day, 'during' a period: keep one of them"
        state.report(mistyped("time-twice", "the time of the question stands twice", tails.during.span, hint=hint))
    said = tails if tails.as_of is not None or tails.during is not None or outer is None else outer
    if said.as_of is not None:
        state.when = validity(state, s.AsOf(said.as_of, span=said.as_of.span))
    elif said.during is not None:
        state.when = validity(state, said.during)
    known = tails.known_at if tails.known_at is not None or outer is None else outer.known_at
    return ir.Time(state.when, _known_at(state, known) if known is not None else None)


def _known_at(state: State, node: s.Moment) -> ir.Constant | ir.Parameter | ir.Today | None:
    match node:
        case s.Param(name):
            return ir.Parameter(name, "datetime")
        case s.Today(amount, unit):
            return ir.Today(amount, unit)
        case s.When(value) if day_part(value) == "datetime":
            return ir.Constant(moment_of(value), "datetime")
        case s.When(value) if day_part(value) == "date":
            return ir.Constant(days_of(value).first, "date")
        case _:
            message = f"'known at' takes a day or a moment, and '{node}' is neither"
            hint = "such as known at 2024-06-30, or 2024-06-30T18:00"
            state.report(mistyped("no-moment", message, node.span, hint=hint))
            return None


def bind_tail(state: State, tails: s.Tails, *, counting: bool = False, span: s.Span = s.NOWHERE) -> ir.Tail:
    """Return what is done with the rows of a question; the found thing is the first of its things."""
    found = next(iter(state.things.values()))
    grouping = tuple(_keys(state, tails, found))
    columns, places = _columns(state, tails, found, grouping, counting=counting, span=span)
    state.aliases = {one.title: one for one in columns}
    having = _having(state, tails, found)
    order = tuple(_order(state, tails, found))
    aggregated = bool(grouping) or any(has_aggregate(one.value) for one in columns)
    aggregated = aggregated or any(has_aggregate(key.value) for key in order)
    names = tuple(state.things)
    shown = tuple(dict.fromkeys(ref.name for one in columns for ref in refs(one.value)))
    things = tuple(name for name in names if name in shown) if tails.show and not aggregated else names
    if not things and len(columns) == len(tails.show):
        message = "the columns say nothing of what is found"
        state.report(mistyped("no-thing", message, tails.show[0].span, hint="show a field, a name, or count()"))
    state.aliases = {}
    limit, per, skip = _limits(state, tails, found)
    if tails.distinct and any(key.value not in [one.value for one in columns] for key in order):
        hint = "order by what is shown, or leave 'distinct' out"
        state.report(
            mistyped("unshown", "distinct rows are ordered by a value they do not have", tails.span, hint=hint)
        )
    if aggregated:
        spans = [*((one.value, at) for one, at in zip(columns, places, strict=True)), *_keyed(tails, order)]
        _check_grouped(state, spans, grouping)
    elif tails.show:
        _check_mentioned(state, tails, things, order, per)
    return ir.Tail(
        columns,
        things,
        tails.distinct,
        grouping if aggregated else None,
        having,
        order,
        limit,
        per,
        skip,
    )


def _keys(state: State, tails: s.Tails, found: Thing) -> list[ir.Expression]:
    keys = []
    for node in tails.group_by:
        try:
            keys.append(compute(state, node, Setting(found)).value)
        except Refused as refused:
            state.report(refused.problem)
    return keys


# ----------------------------------------------------------------------------------------------------- columns


def _columns(
    state: State, tails: s.Tails, found: Thing, grouping: tuple[ir.Expression, ...], *, counting: bool, span: s.Span
) -> tuple[tuple[ir.Column, ...], list[s.Span]]:
    if counting and tails.show:
        hint = "'find .. show count()' counts beside other columns"
        state.report(mistyped("counting", "'how many' has one column, the count", tails.show[0].span, hint=hint))
    if tails.show:
        return _shown(state, tails, found)
    counted = ir.Column("count", compute(state, s.Call("count"), Setting(found, aggregates=True)).value, "integer")
    if tails.group_by:
        keys = [
            ir.Column(str(node), value, _kind_of(state, node, found))
            for node, value in zip(tails.group_by, grouping, strict=False)
        ]
        return (*keys, counted), [span] * (len(keys) + 1)
    if counting:
        return (counted,), [span]
    titles = {"entity": "entity", "relation": "relation", "route": "path"}
    columns = tuple(
        ir.Column(name or titles[thing.sort], thing.ref, thing.sort) for name, thing in state.things.items()
    )
    return columns, [span] * len(columns)


def _kind_of(state: State, node: s.Path, found: Thing) -> ir.ValueKind:
    try:
        return compute(state, node, Setting(found)).kind
    except Refused:
        return "text"


def _shown(state: State, tails: s.Tails, found: Thing) -> tuple[tuple[ir.Column, ...], list[s.Span]]:
    columns: dict[str, ir.Column] = {}
    spans = []
    for node in tails.show:
        title = node.title if node.title is not None else str(node.value)
        try:
            one = _value(state, node.value, found)
        except Refused as refused:
            state.report(refused.problem)
            continue
        if title in columns:
            message = f"two columns are called '{title}'"
            state.report(mistyped("column-twice", message, node.span, hint="name one with 'as'"))
            continue
        columns[title] = ir.Column(title, one.value, one.kind, one.many)
        spans.append(node.span)
    return tuple(columns.values()), spans


def _value(state: State, node: s.Expression | s.Clause, found: Thing) -> Typed:
    setting = Setting(found, aggregates=True)
    match node:
        case s.Comparison() | s.Present() | s.Missing() | s.Between():
            before = len(state.problems)
            test = condition(state, node, setting)
            if len(state.problems) > before:
                raise Refused(state.problems.pop())
            return Typed(ir.Truth(test), "boolean", node.span)
        case s.Path() | s.Arithmetic() | s.Call():
            return compute(state, node, setting)
        case _ if is_literal(node) and not isinstance(node, s.Param):
            return natural(node)  # type: ignore[arg-type]
        case _:
            return compute(state, node, setting)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------- having, order


def _having(state: State, tails: s.Tails, found: Thing) -> ir.Test | None:
    node = tails.having
    if node is None:
        return None
    if not tails.group_by:
        hint = "write 'where' to test each row, or 'group by' first"
        state.report(mistyped("having", "'having' tests groups, and there is no 'group by'", node.span, hint=hint))
    return condition(state, node, Setting(found, aggregates=True))


def _order(state: State, tails: s.Tails, found: Thing) -> list[ir.OrderKey]:
    keys = []
    for node in tails.order_by:
        try:
            one = _value(state, node.value, found)
        except Refused as refused:
            state.report(refused.problem)
            continue
        if one.many:
            message = f"'{node.value}' is a list and has no order"
            state.report(mistyped("unlike-kinds", message, node.span))
        keys.append(ir.OrderKey(one.value, node.descending))
    return keys


def _limits(
    state: State, tails: s.Tails, found: Thing
) -> tuple[int | ir.Parameter | None, ir.Expression | None, int | ir.Parameter | None]:
    limit = _whole(tails.limit.number) if tails.limit is not None else None
    per: ir.Expression | None = None
    if tails.limit is not None and tails.limit.per is not None:
        try:
            per = compute(state, tails.limit.per, Setting(found)).value
        except Refused as refused:
            state.report(refused.problem)
    return limit, per, _whole(tails.skip) if tails.skip is not None else None


def _whole(number: int | s.Param) -> int | ir.Parameter:
    return number if isinstance(number, int) else ir.Parameter(number.name, "integer")


# ------------------------------------------------------------------------------------------- what goes together


def _keyed(tails: s.Tails, order: Sequence[ir.OrderKey]) -> list[tuple[ir.Expression, s.Span]]:
    return [(key.value, node.span) for key, node in zip(order, tails.order_by, strict=False)]


def _check_grouped(
    state: State, values: Sequence[tuple[ir.Expression, s.Span]], grouping: tuple[ir.Expression, ...]
) -> None:
    for value, span in values:
        if _free(value, grouping):
            said = state.text[span[0] : span[1]] if span != s.NOWHERE else "a value"
            message = f"'{said}' differs within what an aggregate sums up"
            hint = f"write 'group by {said}' too" if grouping else f"write 'group by {said}' for a row each"
            state.report(mistyped("ungrouped", message, span, hint=hint))


def _free(value: Any, grouping: tuple[ir.Expression, ...]) -> bool:
    """Return whether a value speaks of the single rows of a group, outside its keys and aggregates."""
    if value in grouping or isinstance(value, ir.Aggregate):
        return False
    match value:
        case ir.Ref():
            return True
        case ir.Attribute(of) | ir.CountRelated(of):
            return of not in grouping
        case tuple():
            return any(_free(one, grouping) for one in value)
        case _ if is_dataclass(value):
            return any(_free(getattr(value, one.name), grouping) for one in fields(value))
        case _:
            return False


def _check_mentioned(
    state: State,
    tails: s.Tails,
    things: tuple[str, ...],
    order: Sequence[ir.OrderKey],
    per: ir.Expression | None,
) -> None:
    used = _keyed(tails, order)
    if per is not None and tails.limit is not None:
        used.append((per, tails.limit.span))
    for value, span in used:
        if any(ref.name not in things for ref in refs(value)):
            message = "the rows are not about what this orders by, as 'show' does not mention it"
            state.report(mistyped("unshown", message, span, hint="show it too, or an aggregate of it"))
