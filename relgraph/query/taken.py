"""What the methods that build questions take, checked, as parts of the unbound form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from relgraph.errors import QuerySyntaxError
from relgraph.query import syntax as s
from relgraph.query.terms import Column, Condition, Entity, Key, Step, Term, rel

StepLike: TypeAlias = str | Step
Number: TypeAlias = int | Entity
_CALL: Final = re.compile(r"(count|sum|avg|min|max|median|collect|product|first)\(", re.IGNORECASE)


def only(parts: Iterable[object], kinds: tuple[type, ...], message: str) -> None:
    """Refuse a part that would otherwise be left out unsaid."""
    for one in parts:
        if not isinstance(one, kinds):
            hint = "what leads from it to others is said by .that(step, entity)" if hasattr(one, "node") else None
            raise QuerySyntaxError(f"{message}, and {type(one).__name__} is neither", hint=hint)


def tests_of(conditions: Iterable[Condition]) -> list[s.Clause]:
    """Return what conditions say; anything else in their place is refused."""
    given = list(conditions)
    for one in given:
        if not isinstance(one, Condition):
            hint = "such as attr.country == 'DE'; a chain is added by .that(step, entity)"
            raise QuerySyntaxError(f"a condition is wanted, and {one!r} is none", hint=hint)
    return [one.node for one in given]


def step_of(step: StepLike) -> s.Step:
    """Return a step, a text being the name of its predicate."""
    return step.node if isinstance(step, Step) else rel(step).node


def number_of(number: Number) -> int | s.Param:
    """Return a number of rows or relations, given or as a parameter."""
    if isinstance(number, Entity):
        atom = number.atoms[0]
        if isinstance(atom, s.Param):
            return atom
        raise QuerySyntaxError("a number is wanted, and this is an entity")
    return number


def path_of(given: str | Term) -> s.Path:
    """Return a field or a name; what is computed is refused."""
    if isinstance(given, str) and (called := _CALL.match(given)):
        hint = f"write agg.{called[1].lower()}({'' if given.endswith('()') else '..'})"
        raise QuerySyntaxError(f"'{given}' is computed, and a text is a field or a name", hint=hint)
    node = s.Path(tuple(given.split("."))) if isinstance(given, str) else given.node
    if not isinstance(node, s.Path):
        raise QuerySyntaxError(f"'{node}' is computed, and a field or name is wanted")
    return node


def column_of(given: str | Term | Column | Condition) -> s.Column:
    """Return a column, a text being a field or a name."""
    match given:
        case Column(node):
            return node
        case str():
            return s.Column(path_of(given))
        case _:
            return s.Column(given.node)


def key_of(given: str | Term | Key) -> s.OrderKey:
    """Return a key to order by, a text being a field or a name."""
    match given:
        case Key(node):
            return node
        case str():
            return s.OrderKey(path_of(given))
        case _:
            return s.OrderKey(given.node)
