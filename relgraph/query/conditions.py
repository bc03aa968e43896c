"""Comparisons: what may be compared with what, and each in the one form that an engine knows."""

from __future__ import annotations

from typing import Final

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.compute import Setting, compute, natural
from relgraph.query.operands import DATES, NUMBERS, Typed, fit, is_literal, parameter, said_kind
from relgraph.query.problems import Problem, Refused, mistyped, nearest, unknown
from relgraph.query.scope import State, Thing

_THINGS: Final = frozenset({"entity", "relation", "route"})
TRUE: Final = ir.All(())
"""What a condition that was refused is bound to, so that the rest can be looked at."""


def condition(state: State, node: s.Clause, setting: Setting) -> ir.Test:
    """Return a condition without chains; what is wrong with it is reported."""
    match node:
        case s.All(parts):
            return ir.All(tuple(condition(state, one, setting) for one in parts))
        case s.AnyOf(parts):
            return ir.AnyOf(tuple(condition(state, one, setting) for one in parts))
        case s.Not(part):
            return ir.Not(condition(state, part, setting))
        case _:
            try:
                return _single(state, node, setting)
            except Refused as refused:
                state.report(refused.problem)
                return TRUE


def _single(state: State, node: s.Clause, setting: Setting) -> ir.Test:
    match node:
        case s.Comparison():
            return _comparison(state, node, setting)
        case s.In():
            return _in(state, node, setting)
        case s.InPeriod(left, period):
            one = compute(state, left, setting)
            _need(one, DATES, node, "in", hint="'in' takes a list in parentheses, or a period for a date")
            return ir.Compare("=", one.value, fit(state, period, one.kind))
        case s.InLast(left, amount, unit, ahead):
            one = compute(state, left, setting)
            _need(one, DATES, node, "in last" if not ahead else "in next")
            edge = fit(state, s.Today(amount if ahead else -amount, unit, span=node.span), one.kind)
            low, high = (ir.Today(), edge) if ahead else (edge, ir.Today())
            return ir.Between(one.value, low, high)
        case s.Present(left) | s.Missing(left):
            one = compute(state, left, setting)
            if one.kind in _THINGS and one.thing is not None and not one.thing.optional and one.info is None:
                message = f"'{left}' is never missing: a row must have it"
                raise Refused(
                    mistyped("never-missing", message, node.span, hint="'optionally' before its chain lets it be")
                )
            present = ir.Present(one.value)
            return present if isinstance(node, s.Present) else ir.Not(present)
        case s.TextTest(operator, left, right):
            one = compute(state, left, setting)
            _need(one, {"text"}, node, operator)
            value = fit(state, right, "text")
            assert isinstance(value, ir.Constant | ir.Parameter)  # noqa: S101 - text is one of the two
            return ir.TextTest(operator, one.value, value)
        case s.Between(left, low, high):
            one = compute(state, left, setting)
            _need(one, {*NUMBERS, *DATES, "text", "percent", "money", "duration"}, node, "between")
            return ir.Between(
                one.value, fit(state, low, one.kind, info=one.info), fit(state, high, one.kind, info=one.info)
            )
        case s.HasTag(tag):
            return _tag(state, tag, node.span, setting.subject)
        case s.Flag(name):
            return _flag(state, name, node.span, setting.subject)
        case _:
            raise Refused(_misplaced(node))


def _misplaced(node: s.Clause) -> Problem:
    match node:
        case s.Ordered():
            message = f"'{node}' orders the relations of a hop range"
            return mistyped("misplaced", message, node.span, hint="as in transferred_to[rising booked]{1..3}")
        case s.AsOf() | s.During() | s.AnyTime():
            message = f"'{node}' moves the time of one step: it stands in the brackets of a predicate"
            hint = "joined with 'and' there; to move the whole question, write it at the end"
            return mistyped("misplaced", message, node.span, hint=hint)
        case _:
            return mistyped("misplaced", f"'{node}' cannot stand here", node.span, hint="only comparisons can")


def _need(one: Typed, kinds: frozenset[str] | set[str], node: s.Node, said: str, *, hint: str | None = None) -> None:
    if one.kind not in kinds:
        message = f"'{said}' does not go with {said_kind(one.kind)}"
        raise Refused(mistyped("unlike-kinds", message, node.span, hint=hint))


# ------------------------------------------------------------------------------------------------ comparisons


def _comparison(state: State, node: s.Comparison, setting: Setting) -> ir.Test:
    operator, left, right = node.operator, node.left, node.right
    if is_literal(left) and is_literal(right):
        if isinstance(left, s.Param) or isinstance(right, s.Param):
            compute(state, left if isinstance(left, s.Param) else right, setting)
        one, other = natural(left), natural(right)
    elif is_literal(left):
        other = compute(state, right, setting)
        one = _fitted(state, left, other)
    else:
        one = compute(state, left, setting)
        other = _fitted(state, right, one) if is_literal(right) else compute(state, right, setting, compared=left)
    _same_kind(node, one, other)
    if operator not in {"=", "!="} and ({one.kind, other.kind} & {*_THINGS, "boolean"}):
        message = f"{said_kind(one.kind)} can only be compared with = and !="
        raise Refused(mistyped("unlike-kinds", message, node.span))
    return ir.Compare(operator, one.value, other.value)


def _fitted(state: State, node: s.Expression, other: Typed) -> Typed:
    value = fit(state, node, other.kind, info=other.info, thing=other.thing if other.info is None else None)
    kind = value.kind if isinstance(value, ir.Constant | ir.Parameter) else other.kind
    return Typed(value, kind, node.span)


def _same_kind(node: s.Node, one: Typed, other: Typed) -> None:
    groups: tuple[frozenset[str], ...] = (NUMBERS, DATES | {"period"}, frozenset({"duration", "integer"}))
    alike = one.kind == other.kind or any({one.kind, other.kind} <= group for group in groups)
    if not alike:
        hint = None
        if {one.kind, other.kind} == {"money", "decimal"} or {one.kind, other.kind} == {"money", "integer"}:
            hint = "compare its '.amount'"
        message = f"{said_kind(one.kind)} is compared with {said_kind(other.kind)}"
        raise Refused(mistyped("unlike-kinds", message, node.span, hint=hint))


def _in(state: State, node: s.In, setting: Setting) -> ir.Test:
    one = compute(state, node.left, setting)
    thing = one.thing if one.info is None else None
    if isinstance(node.values, s.Param):
        listed = parameter(state, node.values, one.kind, one.info, thing, many=True)
        return ir.OneOf(one.value, listed, node.negated)
    values = tuple(fit(state, value, one.kind, info=one.info, thing=thing) for value in node.values)
    return ir.OneOf(one.value, values, node.negated)


# ----------------------------------------------------------------------------------------------- tags, flags


def _tag(state: State, tag: str, span: s.Span, subject: Thing | None) -> ir.HasTag:
    tags = state.lexicon.vocabulary.tags
    if tag not in tags:
        hint = f"there are {', '.join(list(tags)[:12])}" if tags else "the vocabulary has no tags"
        raise Refused(unknown("unknown-tag", f"no tag '{tag}'", span, hint=hint, candidates=nearest(tag, tags)))
    if subject is None or subject.sort != "entity":
        raise Refused(mistyped("tag", "only entities have tags", span, hint="write it in the brackets of the entity"))
    held = tags[tag].types
    if held and not any(state.lexicon.below(one) & subject.types for one in held):
        message = f"the tag '{tag}' is for {' or '.join(held)}, not for {subject.said}"
        raise Refused(mistyped("tag", message, span))
    return ir.HasTag(tag, subject.ref)


def _flag(state: State, name: str, span: s.Span, subject: Thing | None) -> ir.Test:
    infos = subject.fields.get(name) if subject is not None else None
    if subject is not None and infos and infos[0].kind == "boolean":
        info = infos[0]
        value = ir.Attribute(subject.ref, info.name, info.kind, info.many, info.builtin)
        return ir.Compare("=", value, ir.Constant(True, "boolean"))  # noqa: FBT003 - the value is what is compared
    if infos:
        hint = f"write {name} is present, or compare it"
        raise Refused(mistyped("flag", f"'{name}' is a field that is not true or false", span, hint=hint))
    if subject is not None and subject.sort == "entity":
        if name in state.lexicon.vocabulary.tags:
            return _tag(state, name, span, subject)
        known = [
            *state.lexicon.vocabulary.tags,
            *(one for one, all_ in subject.fields.items() if all_[0].kind == "boolean"),
        ]
        message = f"'{name}' is neither a tag nor a field of {subject.said} that is true or false"
    else:
        known = (
            [one for one, all_ in subject.fields.items() if all_[0].kind == "boolean"] if subject is not None else []
        )
        message = f"'{name}' is no attribute that is true or false"
    raise Refused(unknown("unknown-flag", message, span, candidates=nearest(name, known)))
