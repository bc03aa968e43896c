"""Values in a question: names looked up, literals brought into the kind of what they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from relgraph.codes import meant_code
from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.lexicon import FieldInfo
from relgraph.query.literals import day_part
from relgraph.query.problems import Problem, Refused, mistyped, nearest, unknown
from relgraph.query.scope import State, Thing
from relgraph.query.words import written_name
from relgraph.values import Money, Percent, period_bounds

NUMBERS: Final = frozenset({"integer", "decimal"})
DATES: Final = frozenset({"date", "partial date", "datetime"})
_DATE_PARTS: Final = ("year", "quarter", "month", "day")
_TITLES: Final = {
    "entity": "find Company as it .. show it",
    "relation": "find relations as r .. show r",
    "path": "find shortest paths as p .. show p; of cycles it is shown where 'show' is left out",
}
"""The columns of things without a name, and how such a thing is given one."""
_FARTHEST: Final = 3_660_000
_SAID: Final[dict[ir.ValueKind, str]] = {
    "text": "text",
    "integer": "a whole number",
    "decimal": "a number",
    "boolean": "true or false",
    "date": "a date",
    "partial date": "a date",
    "datetime": "a date and time",
    "percent": "a percent",
    "money": "an amount of money",
    "period": "a period",
    "duration": "a number of days",
    "entity": "an entity",
    "relation": "a relation",
    "route": "a route",
}
_LITERALS: Final = (s.Text, s.Number, s.Truth, s.When, s.Id, s.Me, s.Us)


@dataclass(frozen=True, slots=True)
class Typed:
    """A bound value and what is known of it."""

    value: ir.Expression
    kind: ir.ValueKind
    span: s.Span
    many: bool = False
    info: FieldInfo | None = None
    thing: Thing | None = None


def said_kind(kind: ir.ValueKind) -> str:
    """Return a kind in words, with its article."""
    return _SAID[kind]


# ------------------------------------------------------------------------------------------------------- names


def path(state: State, node: s.Path, subject: Thing | None, *, compared: s.Expression | None = None) -> Typed:
    """Return what a path of names means; refused where it means nothing.

    ``compared`` is the other side of the comparison whose right side the path is: an unquoted text is a common slip.
    """
    first, *rest = node.names
    column = state.aliases.get(first)
    if column is not None and not rest:
        return Typed(column.value, column.kind, node.span, column.many)
    thing = state.things.get(first)
    own = subject.fields.get(first) if subject is not None else None
    if thing is not None and own and subject is not None and thing.ref != subject.ref:
        message = f"'{first}' is both a name in the question and a field of {subject.said}"
        raise Refused(mistyped("ambiguous-name", message, node.span, hint="give the named thing another name"))
    if thing is not None:
        found = Typed(thing.ref, thing.sort, node.span, thing=thing)
        if not rest:
            return found
        infos = thing.fields.get(rest[0])
        if infos is None:
            raise Refused(_no_field(node, rest[0], thing))
        start, *parts = rest
        at = _attribute(node, thing, infos)
    elif own and subject is not None:
        start, parts = first, rest
        at = _attribute(node, subject, own)
    else:
        raise Refused(_no_name(state, node, subject, compared))
    return _parts(node, at, start, parts)


def _attribute(node: s.Path, thing: Thing, infos: list[FieldInfo]) -> Typed:
    info = infos[0]
    if len(infos) > 1:
        kinds = " and ".join(sorted({_SAID[one.kind] for one in infos}))
        hint = "name the types or predicates that are meant"
        message = f"'{info.name}' is of several kinds here: {kinds}"
        raise Refused(mistyped("mixed-kinds", message, node.span, hint=hint))
    value = ir.Attribute(thing.ref, info.name, info.kind, info.many, info.builtin)
    return Typed(value, info.kind, node.span, info.many, info, thing)


def _parts(node: s.Path, at: Typed, start: str, parts: list[str]) -> Typed:
    if not parts:
        return at
    part = parts[0]
    possible: tuple[str, ...] = ()
    if not at.many:
        possible = _DATE_PARTS if at.kind in DATES else ("amount", "currency") if at.kind == "money" else ()
    if len(parts) > 1 or part not in possible:
        what = "a list" if at.many else _SAID[at.kind]
        hint: str | None = f"it has {', '.join(f'.{one}' for one in possible)}" if possible else None
        if at.kind == "entity":
            way = "from Company as a to Company as b" if start in {"subject", "object"} else "with 'as' in the chain"
            hint = f"name the entity, {way}, then write its field after that name"
        said = ".".join(parts)
        message = f"'{start}' is {what} and has no '.{said}'"
        raise Refused(unknown("unknown-part", message, node.span, hint=hint, candidates=nearest(part, possible)))
    kind: ir.ValueKind = "decimal" if part == "amount" else "text" if part == "currency" else "integer"
    return Typed(ir.Part(at.value, part, kind), kind, node.span)  # type: ignore[arg-type]


def _no_field(node: s.Path, name: str, thing: Thing) -> Problem:
    message = f"{thing.said} has no field '{name}'"
    hint = f"it has {', '.join(written_name(one) for one in list(thing.fields)[:12])}"
    if thing.sort == "route":
        message = f"'{node.names[0]}' is a way of several relations and has no field '{name}'"
        hint += "; a field of one relation is had without hops: p as r, r." + written_name(name)
    return unknown("unknown-field", message, node.span, hint=hint, candidates=nearest(name, thing.fields))


def _no_name(state: State, node: s.Path, subject: Thing | None, compared: s.Expression | None) -> Problem:
    name = node.names[0]
    if len(node.names) > 1:
        message = f"nothing in the question is called '{name}'"
        way = f"name a thing with 'as {name}' where it stands"
        return unknown("unknown-name", message, node.span, hint=way, candidates=nearest(name, state.things))
    known = [*(subject.fields if subject else ()), *state.things]
    hint: str | None = None
    if (named := _TITLES.get(name)) is not None and subject is not None and subject.ref != ir.This():
        hint = f"to show the thing itself, name it: {named}"
    elif compared is not None:
        hint = f'text stands in quotes: "{name}"'
    elif subject is not None:
        hint = f"{subject.said} has {', '.join(list(subject.fields)[:12])}"
    where = f"a field of {subject.said}" if subject is not None else "a field"
    message = f"'{name}' is neither {where} nor a name in the question"
    return unknown("unknown-field", message, node.span, hint=hint, candidates=nearest(name, known))


# --------------------------------------------------------------------------------------------------- literals


def is_literal(node: s.Node) -> bool:
    """Return whether the value takes its kind from what it meets."""
    return isinstance(node, (*_LITERALS, s.Today, s.Param))


def fit(
    state: State, node: s.Expression, kind: ir.ValueKind, *, info: FieldInfo | None = None, thing: Thing | None = None
) -> ir.Expression:
    """Return a literal in the form of the kind it meets; refused where it does not fit."""
    match node:
        case s.Param():
            return parameter(state, node, "period" if kind in DATES and kind != "datetime" else kind, info, thing)
        case s.Today():
            if kind in DATES:
                return _today(node)
            raise _misfit(node, kind)
        case s.Text():
            return _text(state, node, kind, info=info, thing=thing)
        case s.Truth(value):
            if kind == "boolean":
                return ir.Constant(value, "boolean")
            raise _misfit(node, kind)
        case s.When(value):
            return _when(node, value, kind)
        case s.Number(value):
            return _number(node, value, kind)
        case s.Id(identifier) if kind in {"entity", "relation"}:
            return ir.EntityId(identifier)
        case s.Id(identifier) if kind == "text" and info is not None and info.name == "id":
            raise _misfit(
                node, kind, f'the id is a text here: "{identifier}"; the entity itself is found by find {node}'
            )
        case s.Me() if kind == "entity":
            return ir.Me(state.lexicon.cover(thing.types) if thing is not None else ())
        case s.Us() if kind == "entity":
            return ir.Us(state.lexicon.cover(thing.types) if thing is not None else ())
        case _:
            raise _misfit(node, kind)


def parameter(
    state: State, node: s.Param, kind: ir.ValueKind, info: FieldInfo | None, thing: Thing | None, *, many: bool = False
) -> ir.Parameter:
    """Return the parameter that takes what a literal at its place could be."""
    types = state.lexicon.cover(thing.types) if kind == "entity" and thing is not None else ()
    if kind != "text" or info is None:
        return ir.Parameter(node.name, kind, many, types)
    return ir.Parameter(node.name, kind, many, types, _choices(state, info), info.country)


def _misfit(node: s.Expression, kind: ir.ValueKind, hint: str | None = None) -> Refused:
    return Refused(mistyped("unlike-kinds", f"{_SAID[kind]} is compared with {node}", node.span, hint=hint))


def _today(node: s.Today) -> ir.Today:
    days = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}[node.unit] * abs(node.amount)
    if days > _FARTHEST:
        raise Refused(mistyped("far-date", f"'{node}' lies outside the years 1 to 9999", node.span))
    return ir.Today(node.amount, node.unit)


def _text(
    state: State, node: s.Text, kind: ir.ValueKind, *, info: FieldInfo | None, thing: Thing | None
) -> ir.Expression:
    value = node.value
    if kind == "entity":
        return ir.Named(value, state.lexicon.cover(thing.types) if thing is not None else ())
    if kind != "text":
        hints = {"boolean": "write true or false", "percent": "write 25%, without quotes"}
        bare = "write it without quotes" if kind in NUMBERS | DATES | {"money"} else None
        raise _misfit(node, kind, hints.get(kind, bare))
    choices = _choices(state, info)
    if info is not None and choices and value not in choices:
        message = f"'{info.name}' is never {s.Text(value)}"
        hint = f"it is one of {', '.join(choices[:12])}"
        raise Refused(mistyped("unknown-choice", message, node.span, hint=hint))
    if info is not None and info.country and (code := meant_code(value)) != value:
        message = f"'{info.name}' holds codes of countries, never {s.Text(value)}"
        raise Refused(mistyped("country", message, node.span, hint=f'write "{code}"'))
    return ir.Constant(value, "text")


def _choices(state: State, info: FieldInfo | None) -> tuple[str, ...]:
    if info is None:
        return ()
    if info.builtin and info.name == "type":
        return tuple(state.lexicon.vocabulary.types)
    if info.builtin and info.name == "predicate":
        return tuple(state.lexicon.vocabulary.predicates)
    return info.choices


def days_of(value: str) -> ir.Days:
    """Return the days of a written period: a day, month, quarter or year."""
    first, last = period_bounds(value)
    return ir.Days(date.fromordinal(first), date.fromordinal(last))


def moment_of(value: str) -> datetime:
    """Return a written moment, without a zone where the text has none."""
    return datetime.fromisoformat(value)


def _when(node: s.When, value: str, kind: ir.ValueKind) -> ir.Constant:
    part = day_part(value)
    if kind not in DATES:
        raise _misfit(node, kind, "text stands in quotes" if kind == "text" else None)
    if kind == "datetime":
        return (
            ir.Constant(moment_of(value), "datetime") if part == "datetime" else ir.Constant(days_of(value), "period")
        )
    if part == "datetime":
        raise _misfit(node, kind, f"write the day: {value[:10]}")
    return ir.Constant(date.fromisoformat(value), "date") if part == "date" else ir.Constant(days_of(value), "period")


def _number(node: s.Number, value: object, kind: ir.ValueKind) -> ir.Constant:
    match value, kind:
        case int(), "integer":
            return ir.Constant(value, "integer")
        case int() | Decimal(), "integer" | "decimal":
            return ir.Constant(Decimal(value), "decimal")
        case Percent(), "decimal":
            return ir.Constant(value.fraction, "decimal")
        case Percent(), "percent":
            return ir.Constant(value, "percent")
        case Money(), "money":
            return ir.Constant(value, "money")
        case int(), "duration":
            return ir.Constant(value, "duration")
        case int(), "date" | "partial date" | "datetime" if 1 <= value <= 9999:
            return ir.Constant(days_of(f"{value:04}"), "period")
        case int() | Decimal(), "percent":
            if value == 0:
                return ir.Constant(Percent(0), "percent")
            raise _misfit(node, kind, _percent_hint(Decimal(value)))
        case int() | Decimal(), "money":
            raise _misfit(node, kind, f"write the currency: {node} EUR; or compare its '.amount'")
        case Money(), "integer" | "decimal":
            raise _misfit(node, kind, "write the number without a currency")
        case Percent(), "integer":
            raise _misfit(node, kind, "write a whole number")
        case _, "text":
            raise _misfit(node, kind, f'text stands in quotes: "{node}"')
        case _:
            raise _misfit(node, kind)


def _percent_hint(value: Decimal) -> str:
    if 0 < abs(value) <= 1:
        return f"write {Percent(value)} (or {value:f}% if that is meant)"
    return f"write {value:f}%"
