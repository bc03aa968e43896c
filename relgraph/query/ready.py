"""Making a bound question ready to run: names become ids, and parameters values in the form of their kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar

from relgraph.codes import meant_code
from relgraph.errors import QueryError, QueryNameError, QueryTypeError, ValueProblem
from relgraph.query import ir
from relgraph.query.operands import said_kind
from relgraph.query.problems import nearest
from relgraph.values import Money, PartialDate, Percent, exact, period_bounds

_Node = TypeVar("_Node")
_LARGEST: Final = 2**63 - 1
ParameterValue = object
"""A value in the form of :class:`relgraph.query.ir.Constant`, or a tuple of them where the parameter is ``many``."""


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def replaced(node: _Node, change: Callable[[Any], Any]) -> _Node:
    """Return a bound question with each node given to ``change``, innermost first; it may return the same node."""
    made: Any = node
    if isinstance(node, tuple):
        parts = tuple(replaced(one, change) for one in node)
        made = node if all(a is b for a, b in zip(parts, node, strict=True)) else parts
    elif is_dataclass(node) and not isinstance(node, type):
        given = {name: getattr(node, name) for name in _names(type(node))}
        new = {name: replaced(one, change) for name, one in given.items()}
        if any(new[name] is not given[name] for name in given):
            made = type(node)(**new)
        made = change(made)
    return made  # type: ignore[no-any-return]


def resolve(bound: ir.BoundQuery, found: Mapping[ir.Named, str]) -> ir.BoundQuery:
    r"""Return the question with each name as the id that was found for it; names that are not in ``found`` stay.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> from relgraph.query.bind import bind
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> question = bind('find Person knows "Ann"', some)
    >>> resolve(question, {question.names[0]: "p1"}).names
    ()
    """
    if not found:
        return bound
    ids = {name: ir.EntityId(one) for name, one in found.items()}
    query = replaced(bound.query, lambda node: ids.get(node, node) if isinstance(node, ir.Named) else node)
    rest = tuple(one for one in bound.names if one not in found)
    return ir.BoundQuery(query, bound.parameters, rest, bound.text)


def check_parameters(bound: ir.BoundQuery, given: Mapping[str, object]) -> dict[ir.Parameter, ParameterValue]:
    """Return the value of each parameter in the form of its kind.

    Those of kind ``entity`` are always tuples, of what was given (ids, names or entities): the graph resolves them.
    Raises QueryNameError for one that is missing or that the question does not have, QueryTypeError for a value
    that its kind cannot hold, and for an empty list of entities.
    """
    wanted = {one.name for one in bound.parameters}
    missing = [name for name in dict.fromkeys(one.name for one in bound.parameters) if name not in given]
    if missing:
        said = ", ".join(f"${name}" for name in missing)
        raise QueryNameError(f"no value is given for {said}", hint=f"pass it by name: {missing[0]}=..")
    for name in given:
        if name not in wanted:
            hint = f"it has {', '.join(f'${one}' for one in sorted(wanted))}" if wanted else "it has no parameters"
            raise QueryNameError(f"the question has no ${name}", hint=hint, candidates=nearest(name, wanted))
    values = {one: _converted(one, given[one.name]) for one in bound.parameters}
    if any(isinstance(value, int) and value < 0 for value in values.values()):
        _check_sizes(bound.query, values)
    return values


def typed(bound: ir.BoundQuery, texts: Mapping[str, str | list[str]]) -> dict[str, object]:
    """Return parameters that were typed as texts, each in the form of its kind where it has that form.

    A text for a list is split at its commas; what has not the form of its kind stays, to be refused as it was typed.
    """
    values: dict[str, object] = dict(texts)
    for one in bound.parameters:
        given = texts.get(one.name)
        if given is None or one.kind == "entity":
            continue
        several = given.split(",") if one.many and isinstance(given, str) else given
        if isinstance(several, str):
            values[one.name] = _of_text(one.kind, several)
        else:
            values[one.name] = [_of_text(one.kind, each.strip()) for each in several]
    return values


def _of_text(kind: ir.ValueKind, text: str) -> object:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind not in {"integer", "duration", "decimal"}:
        return text
    try:
        return int(text) if kind != "decimal" else exact(text)
    except (ValueError, ValueProblem):
        return text


def _check_sizes(query: ir.Query, values: Mapping[ir.Parameter, ParameterValue]) -> None:
    """Refuse a negative number of rows or paths."""

    def check(node: Any) -> Any:
        sizes = {"limit": node.limit, "skip": node.skip} if isinstance(node, ir.Tail) else {}
        if isinstance(node, ir.Paths):
            sizes = {"find": node.count}
        for said, size in sizes.items():
            if not isinstance(size, ir.Parameter):
                continue
            value = values.get(size)
            if isinstance(value, int) and value < 0:
                message = f"'{said} ${size.name}' takes a number from 0 on, and ${size.name} is {value}"
                raise QueryTypeError(message)
        return node

    replaced(query, check)


def _converted(parameter: ir.Parameter, value: object) -> ParameterValue:
    listed = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if parameter.kind == "entity":
        several = tuple(value) if listed else (value,)  # type: ignore[arg-type]
        if not several and parameter.many:
            hint = "ask without it where there is nothing to ask about"
            raise QueryTypeError(f"${parameter.name} is an empty list of entities", hint=hint)
        return several
    if parameter.many:
        if not listed:
            raise _refused(parameter, value, hint="give a list")
        return tuple(_single(parameter, one) for one in value)  # type: ignore[attr-defined]
    return _single(parameter, value)


def _refused(parameter: ir.Parameter, value: object, *, hint: str | None = None) -> QueryError:
    shown = repr(value) if len(repr(value)) < 80 else type(value).__name__
    return QueryTypeError(f"${parameter.name} is {said_kind(parameter.kind)}, and {shown} is none", hint=hint)


def _single(parameter: ir.Parameter, value: object) -> object:
    try:
        made = _of_kind(parameter.kind, value)
    except (ValueProblem, ValueError, OverflowError) as problem:
        raise _refused(parameter, value, hint=getattr(problem, "hint", None)) from None
    if made is None:
        raise _refused(parameter, value, hint=_SHAPES.get(parameter.kind))
    if isinstance(made, str):
        _check_text(parameter, made)
    return made


def _check_text(parameter: ir.Parameter, text: str) -> None:
    """Refuse a text that its position never holds, as the same text written there is."""
    if parameter.choices and text not in parameter.choices:
        raise QueryTypeError(
            f"${parameter.name} is a choice, and {text!r} is none",
            hint=f"it is one of {', '.join(parameter.choices[:12])}",
            candidates=nearest(text, parameter.choices),
        )
    if parameter.country and (code := meant_code(text)) != text:
        raise QueryTypeError(f"${parameter.name} is the code of a country, and {text!r} is none", hint=f'give "{code}"')


_SHAPES: Final[dict[str, str]] = {
    "percent": 'give a text such as "50%", or a Percent',
    "money": 'give a text such as "9000 EUR", or a Money',
    "date": 'give a date, or a text such as "2024-01-31"',
    "datetime": 'give a datetime, or a text such as "2024-01-31T12:00:00Z"',
}
"""How the values are given that are no numbers, texts or truths."""


def _of_kind(kind: ir.ValueKind, value: object) -> object:
    match kind, value:
        case "text", str():
            value.encode("utf-8")
            return value
        case "boolean", bool():
            return value
        case _, bool():
            return None
        case "integer" | "duration", int() if -_LARGEST <= value <= _LARGEST:
            return value
        case "decimal", int() | float() | Decimal():
            return exact(value)
        case "percent", Percent():
            return value
        case "percent", str():
            return Percent.parse(value)
        case "money", Money():
            return value
        case "money", str():
            return Money.parse(value)
        case "datetime", datetime():
            return value
        case "datetime", str() if "T" in value:
            return datetime.fromisoformat(value)
        case "datetime" | "period" | "partial date", str() | int() | PartialDate() | date():
            return _days(value)
        case "date", date() if not isinstance(value, datetime):
            return value
        case "date", str() if len(value) == 10:
            return date.fromisoformat(value)
        case _:
            return None


def _days(value: object) -> ir.Days | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return ir.Days(value, value)
    first, last = period_bounds(f"{value:04}" if isinstance(value, int) else str(value))
    return ir.Days(date.fromordinal(first), date.fromordinal(last))
