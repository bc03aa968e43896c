"""Steps of a chain: predicates with their direction, filters, hop ranges and names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.compute import Setting
from relgraph.query.conditions import condition
from relgraph.query.lexicon import DerivedReading, FieldInfo, Types
from relgraph.query.operands import DATES, NUMBERS, fit
from relgraph.query.problems import Refused, mistyped, nearest, too_much, unknown
from relgraph.query.rewrite import alternative, any_stored, simple
from relgraph.query.scope import State, Thing
from relgraph.query.words import written_name

MAX_HOPS: Final = 100
MAX_LISTED: Final = 15
_ORDERED: Final = NUMBERS | DATES | {"percent", "money"}
_NEXT_WORD: Final = re.compile(r"\s+([^\W\d]\w*)")


@dataclass(slots=True)
class Brackets:
    """What the brackets of a predicate hold: the time of the step, an order along a range, and tests of a relation."""

    when: ir.Validity
    order: list[s.Ordered] = field(default_factory=list)
    tests: list[s.Clause] = field(default_factory=list)


def brackets(state: State, node: s.Clause | None) -> Brackets:
    """Take the parts in brackets apart; a time that stands twice, or not by itself, is reported."""
    found = Brackets(state.when)
    parts: list[s.Clause] = [] if node is None else list(node.parts) if isinstance(node, s.All) else [node]
    moved = False
    for part in parts:
        match part:
            case s.AsOf() | s.During() | s.AnyTime():
                if moved:
                    hint = "a step has one time: [as of ..], [during ..] or [ever]"
                    state.report(mistyped("time-twice", "the time of the step stands twice", part.span, hint=hint))
                moved = True
                found.when = validity(state, part)
            case s.Ordered():
                found.order.append(part)
            case _:
                found.tests.append(part)
    return found


def validity(state: State, node: s.AsOf | s.During | s.AnyTime) -> ir.Validity:
    """Return a time as relations are held against it; what is no time is reported and taken as any time."""
    try:
        match node:
            case s.AnyTime() | s.AsOf(s.AnyTime()):
                return ir.AnyTime()
            case s.AsOf(s.When() | s.Number() | s.Param() | s.Today() as moment):
                return ir.AsOf(_day(state, moment))
            case s.During(first, last):
                return ir.During(_period(state, first), _period(state, last if last is not None else first))
    except Refused as refused:
        state.report(refused.problem)
    return ir.AnyTime()


def _day(state: State, node: s.When | s.Number | s.Param | s.Today) -> ir.Constant | ir.Parameter | ir.Today:
    match node:
        case s.Param(name):
            return ir.Parameter(name, "date")
        case s.When(value) if len(value) != 10:
            hint = f"'during {value}' is the whole period" if "T" not in value else f"write the day: {value[:10]}"
            raise Refused(mistyped("no-day", f"'as of' takes a day, and {value} is none", node.span, hint=hint))
        case s.Number():
            hint = f"'during {node}' is the whole year; a day is written {node}-01-01"
            raise Refused(mistyped("no-day", f"'as of' takes a day, and {node} is none", node.span, hint=hint))
        case _:
            return _time_value(state, node, "date")


def _period(state: State, node: s.When | s.Number | s.Param | s.Today) -> ir.Constant | ir.Parameter | ir.Today:
    if isinstance(node, s.Param):
        return ir.Parameter(node.name, "period")
    return _time_value(state, node, "date")


def _time_value(state: State, node: s.Expression, kind: ir.ValueKind) -> ir.Constant | ir.Parameter | ir.Today:
    value = fit(state, node, kind)
    assert isinstance(value, ir.Constant | ir.Parameter | ir.Today)  # noqa: S101 - dates are one of these
    return value


# ---------------------------------------------------------------------------------------------------- one step


@dataclass(frozen=True, slots=True)
class Reached:
    """A bound step, the types it leads to, and the thing that a name on it would be."""

    step: ir.Step
    types: Types
    thing: Thing


def bind_step(state: State, node: s.Step, start: Types) -> Reached:
    """Return a step from entities of these types; everything wrong with it is reported."""
    hops = hops_of(state, node.hops)
    bound: list[ir.Alternative] = []
    names: list[str] | None = []
    orders: list[s.Ordered] = []
    predicates: list[str] = []
    measures: dict[str, list[FieldInfo]] = {}
    broken = False
    for one in node.alternatives:
        held = brackets(state, one.filter)
        orders += [order for order in held.order if order not in orders]
        if isinstance(one, s.AnyPredicate):
            names = None
            every = tuple(state.lexicon.vocabulary.predicates)
            predicates += every
            bound.append(any_stored(state.lexicon, held.when, test=_tests(state, held, every, "any relation")))
            continue
        if one.name not in state.lexicon.readings:
            broken = True
            _unknown(state, one, start)
            continue
        if names is not None:
            names.append(one.name)
        made = _alternative(state, one, held, alone=len(node.alternatives) == 1, hops=hops)
        bound.append(made)
        match made:
            case ir.Stored(own):
                predicates += own
            case ir.Measure(attribute=attribute):
                measures = {attribute: [FieldInfo(attribute, "percent")]}
    types = _reach(state, node, names, start, hops) if not broken else state.lexicon.everything
    said = "|".join(one.name if isinstance(one, s.Predicate) else "any" for one in node.alternatives)
    step = ir.Step(tuple(bound), hops, _orders(state, orders, node, tuple(predicates), hops), node.name)
    step = simple(step)
    if measures:
        thing = Thing(ir.This(), "route", said, measures)
    elif step.is_route:
        thing = state.route(said)
    else:
        thing = state.relation(tuple(dict.fromkeys(predicates)), said)
    return Reached(step, types, thing)


def hops_of(state: State, node: s.Hops | None) -> ir.Hops:
    """Return how many hops are said, within the limits; reported where there can be none."""
    if node is None:
        return ir.ONE_HOP
    least, most = node.least, node.most
    if most == 0:
        hint = "a range may begin at 0, as in {0..3}; '*' is none or more"
        state.report(mistyped("no-hops", "no hop at all is the entity itself", node.span, hint=hint))
        return ir.ONE_HOP
    if most is not None and least > most:
        message = f"a range from {least} to {most} is empty"
        state.report(mistyped("no-hops", message, node.span, hint=f"write {{{most}..{least}}}"))
        return ir.ONE_HOP
    if max(least, most or 0) > MAX_HOPS:
        message = f"a range counts at most {MAX_HOPS} hops"
        state.report(too_much("hops", message, node.span, hint="'+' is one or more, without a limit"))
        return ir.ONE_HOP
    return ir.Hops(least, most)


def _alternative(state: State, node: s.Predicate, held: Brackets, *, alone: bool, hops: ir.Hops) -> ir.Alternative:
    reading = state.lexicon.readings[node.name]
    if not isinstance(reading, DerivedReading):
        own = state.lexicon.vocabulary.narrower(reading.predicate.name)
        return alternative(state.lexicon, node.name, held.when, test=_tests(state, held, own, node.name))
    if reading.derived.measure is not None:
        if not alone or hops != ir.ONE_HOP:
            message = f"'{node.name}' is a measure over all chains"
            hint = "it stands alone in a step, without a hop range"
            state.report(mistyped("measure", message, node.span, hint=hint))
        attribute = reading.derived.measured
        thing = Thing(ir.This(), "relation", node.name, {attribute: [FieldInfo(attribute, "percent")]})
        return alternative(state.lexicon, node.name, held.when, test=_bound_tests(state, held, thing))
    if held.tests:
        message = f"'{node.name}' is derived and has no relation of its own to test"
        over = reading.derived.over
        hint = f"test each hop of what it stands for: {over}[..]+" if over else "test the steps it stands for"
        state.report(mistyped("derived-test", message, held.tests[0].span, hint=hint))
    return alternative(state.lexicon, node.name, held.when)


def _tests(state: State, held: Brackets, predicates: tuple[str, ...], said: str) -> ir.Test | None:
    return _bound_tests(state, held, state.relation(predicates, said))


def _bound_tests(state: State, held: Brackets, thing: Thing) -> ir.Test | None:
    if not held.tests:
        return None
    bound = [condition(state, one, Setting(thing)) for one in held.tests]
    for node, test in zip(held.tests, bound, strict=True):
        if isinstance(held.when, ir.AsOf) and never_on_the_day(test, held.when):
            message = f"'{node}' can never hold for a relation that holds on the day asked for"
            state.report(mistyped("never", message, node.span, hint=f"look at all times: [ever and {node}]"))
    return bound[0] if len(bound) == 1 else ir.All(tuple(bound))


def _orders(
    state: State, nodes: list[s.Ordered], step: s.Step, predicates: tuple[str, ...], hops: ir.Hops
) -> tuple[ir.Rising, ...]:
    if nodes and hops == ir.ONE_HOP:
        hint = f"as in {step.alternatives[0]}{{1..3}}"
        message = f"'{nodes[0]}' orders the relations of a hop range, and this is one hop"
        state.report(mistyped("misplaced", message, nodes[0].span, hint=hint))
        return ()
    found = [rising(state, one.attribute, one.span, predicates, falling=one.falling) for one in nodes]
    return tuple(one for one in found if one is not None)


def rising(
    state: State, attribute: str, span: s.Span, predicates: tuple[str, ...], *, falling: bool = False
) -> ir.Rising | None:
    """Return an order along relations of these predicates, or None after reporting that there is none."""
    info = relation_attribute(state, attribute, span, predicates, _ORDERED)
    return ir.Rising(attribute, info.kind, falling) if info is not None else None


def relation_attribute(
    state: State, attribute: str, span: s.Span, predicates: tuple[str, ...], kinds: frozenset[str]
) -> FieldInfo | None:
    """Return an attribute of these predicates that is of one of the kinds, or None after reporting."""
    if not predicates:
        return None
    fields = state.lexicon.relation_fields(predicates)
    infos = fields.get(attribute)
    if infos is None:
        known = [name for name, all_ in fields.items() if all_[0].kind in kinds]
        message = f"no attribute '{attribute}' on these relations"
        hint = f"there are {', '.join(known[:12])}" if known else None
        near = nearest(attribute, known)
        state.report(unknown("unknown-field", message, span, hint=hint, candidates=near))
        return None
    if len(infos) > 1 or infos[0].kind not in kinds or infos[0].many:
        message = f"'{attribute}' has no order here"
        state.report(mistyped("unlike-kinds", message, span, hint="an attribute of numbers or dates, of one kind"))
        return None
    return infos[0]


# -------------------------------------------------------------------------------------------- where steps lead


def _reach(state: State, node: s.Step, names: list[str] | None, start: Types, hops: ir.Hops) -> Types:
    if names is None:
        return state.lexicon.everything
    wrong = False
    all_hops = state.lexicon.reach_often(names, start, 0, hops.most) if hops.most != 1 else start
    for one in node.alternatives:
        if isinstance(one, s.Predicate) and not state.lexicon.reach(one.name, all_hops):
            wrong = True
            _wrong_start(state, one, start)
    if wrong:
        return state.lexicon.everything
    found = state.lexicon.reach_often(names, start, hops.least, hops.most)
    if not found:
        message = f"{hops.least} hops by {'|'.join(names)} lead nowhere from {state.lexicon.said(start)}"
        state.report(mistyped("wrong-start", message, node.span))
        return state.lexicon.everything
    return found


def _wrong_start(state: State, node: s.Predicate, start: Types) -> None:
    lexicon = state.lexicon
    starts = lexicon.said(lexicon.starts(node.name))
    message = f"'{node.name}' starts at {starts}, but the left side is {lexicon.said(start)}"
    turned = lexicon.reverse(node.name)
    candidates = (turned,) if turned != node.name and lexicon.reach(turned, start) else ()
    hint = _follow(state, start)
    state.report(mistyped("wrong-start", message, node.span, hint=hint, candidates=candidates))


def _follow(state: State, start: Types) -> str:
    names = state.lexicon.followed(start)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    said = ", ".join(written_name(one) for one in names[:12])
    return (
        f"from {state.lexicon.said(start)} you can follow: {said}{more}" if names else "nothing can be followed from it"
    )


def _unknown(state: State, node: s.Predicate, start: Types) -> None:
    lexicon = state.lexicon
    following = _NEXT_WORD.match(state.text, node.span[1]) if node.span != s.NOWHERE else None
    joined = f"{node.name}_{following[1]}" if following else ""
    if joined in lexicon.readings:
        hint = f"the words of one name are joined: {joined}"
        message = f"no predicate '{node.name}'"
        state.report(unknown("unjoined", message, node.span, hint=hint, candidates=(joined,)))
        return
    if node.name in lexicon.vocabulary.types:
        message = f"'{node.name}' is a type, and a predicate is wanted here"
        state.report(unknown("type-for-predicate", message, node.span, hint=_follow(state, start)))
        return
    fitting = lexicon.followed(start)
    near = nearest(node.name, fitting) or nearest(node.name, lexicon.readings)
    hint = _follow(state, start)
    if any(node.name in lexicon.vocabulary.fields(one) for one in start):
        hint = f"'{node.name}' is a field: compare it, as in {node.name} = .."
    elif node.name in lexicon.vocabulary.tags:
        hint = f"'{node.name}' is a tag: write it in brackets, as in Company[{node.name}], or has tag {node.name}"
    state.report(unknown("unknown-predicate", f"no predicate '{node.name}'", node.span, hint=hint, candidates=near))


# --------------------------------------------------------------------------------------------- what cannot hold


def never_on_the_day(test: ir.Test, when: ir.AsOf) -> bool:
    """Return whether no relation that holds on a day passes: its ``until`` would be past, or its ``since`` to come."""
    match test:
        case ir.All(parts):
            return any(never_on_the_day(one, when) for one in parts)
        case ir.Compare("<" | "<=" | "=", ir.Attribute(name="until", builtin=True), right):
            return (ahead := _ahead(right, when)) is not None and ahead <= 0
        case ir.Compare(">" | ">=" | "=" as operator, ir.Attribute(name="since", builtin=True), right):
            return (ahead := _ahead(right, when)) is not None and (ahead > 0 or (ahead == 0 and operator == ">"))
        case ir.Between(ir.Attribute(name="until", builtin=True), _, high):
            return (ahead := _ahead(high, when)) is not None and ahead <= 0
        case ir.Between(ir.Attribute(name="since", builtin=True), low, _):
            return (ahead := _ahead(low, when)) is not None and ahead > 0
        case _:
            return False


def _ahead(value: ir.Expression, when: ir.AsOf) -> int | None:
    """Return how far after the day asked for a value lies: its sign is what counts; None where that is unknown."""
    match value, when.day:
        case ir.Today(amount), _:
            return amount
        case ir.Constant(date() as day, "date"), ir.Constant(date() as asked, "date"):
            return (day - asked).days
        case _:
            return None
