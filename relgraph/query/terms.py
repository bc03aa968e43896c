"""The parts from which questions are built in Python: attributes, conditions, steps, entities.

Texts such as ``"50%"``, ``"9000 EUR"``, ``"2024-01-01"`` and ``"2024-Q1"`` stand for what they look like, as they do
without quotes in a question; :func:`text` keeps a text a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from relgraph.errors import QuerySyntaxError, ValueProblem
from relgraph.query import syntax as s
from relgraph.query.literals import name_of, plain
from relgraph.values import Money, PartialDate, Percent, exact

_PERIOD: Final = re.compile(
    r"\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?)?|\d{4}-[Qq][1-4]"
)
_PERCENT: Final = re.compile(r"-?\d[\d_]*(\.\d+)?\s?%")
_MONEY: Final = re.compile(r"-?\d[\d_]*(\.\d+)?(k|M|bn)?\s?[A-Z]{3}")
Unit: TypeAlias = Literal["day", "week", "month", "quarter", "year", "days", "weeks", "months", "quarters", "years"]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value that is computed with and compared: ``attr.share``, ``agg.sum(attr.deal.value) / 2``.

    Comparing gives a :class:`Condition`; ``as_`` gives a column its title.
    """

    node: s.Expression

    def __add__(self, other: object) -> Term:
        return Term(s.Arithmetic("+", self.node, value(other)))

    def __sub__(self, other: object) -> Term:
        return Term(s.Arithmetic("-", self.node, value(other)))

    def __mul__(self, other: object) -> Term:
        return Term(s.Arithmetic("*", self.node, value(other)))

    def __truediv__(self, other: object) -> Term:
        return Term(s.Arithmetic("/", self.node, value(other)))

    def __rmul__(self, other: object) -> Term:
        return Term(s.Arithmetic("*", value(other), self.node))

    def __radd__(self, other: object) -> Term:
        return Term(s.Arithmetic("+", value(other), self.node))

    def __rsub__(self, other: object) -> Term:
        return Term(s.Arithmetic("-", value(other), self.node))

    def __rtruediv__(self, other: object) -> Term:
        return Term(s.Arithmetic("/", value(other), self.node))

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return Condition(s.Comparison("=", self.node, value(other)))

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return Condition(s.Comparison("!=", self.node, value(other)))

    def __lt__(self, other: object) -> Condition:
        return Condition(s.Comparison("<", self.node, value(other)))

    def __le__(self, other: object) -> Condition:
        return Condition(s.Comparison("<=", self.node, value(other)))

    def __gt__(self, other: object) -> Condition:
        return Condition(s.Comparison(">", self.node, value(other)))

    def __ge__(self, other: object) -> Condition:
        return Condition(s.Comparison(">=", self.node, value(other)))

    __hash__ = None  # type: ignore[assignment]

    def in_(self, *values: object) -> Condition:
        """Return whether it equals one of the values, or one of a list parameter."""
        return Condition(s.In(self.node, _several(values)))

    def not_in(self, *values: object) -> Condition:
        """Return whether it is there and equals none of the values."""
        return Condition(s.In(self.node, _several(values), negated=True))

    def in_period(self, period: object) -> Condition:
        """Return whether it lies in a year, quarter, month or day."""
        return Condition(s.InPeriod(self.node, value(period)))  # type: ignore[arg-type]

    def in_last(self, amount: int, unit: Unit) -> Condition:
        """Return whether it lies in the time up to today."""
        return Condition(s.InLast(self.node, amount, _unit(unit)))

    def in_next(self, amount: int, unit: Unit) -> Condition:
        """Return whether it lies in the time from today."""
        return Condition(s.InLast(self.node, amount, _unit(unit), ahead=True))

    def between(self, low: object, high: object) -> Condition:
        """Return whether it is at least ``low`` and at most ``high``."""
        return Condition(s.Between(self.node, _plain_value(low), _plain_value(high)))

    def is_present(self) -> Condition:
        """Return whether it is there."""
        return Condition(s.Present(self.node))

    def is_missing(self) -> Condition:
        """Return whether it is not there."""
        return Condition(s.Missing(self.node))

    def contains(self, part: object) -> Condition:
        """Return whether the text has that in it, whatever the case and accents, or the list that element."""
        return Condition(s.TextTest("contains", self.node, _words(part)))

    def starts_with(self, part: object) -> Condition:
        """Return whether the text begins so."""
        return Condition(s.TextTest("starts with", self.node, _words(part)))

    def ends_with(self, part: object) -> Condition:
        """Return whether the text ends so."""
        return Condition(s.TextTest("ends with", self.node, _words(part)))

    def matches(self, pattern: object) -> Condition:
        """Return whether the text fits a pattern of ``*`` and ``?``."""
        return Condition(s.TextTest("matches", self.node, _words(pattern)))

    def as_(self, title: str) -> Column:
        """Return it as a column of that title."""
        return Column(s.Column(self.node, title))

    def desc(self) -> Key:
        """Return it as a key to order by, largest first."""
        return Key(s.OrderKey(self.node, descending=True))

    def __str__(self) -> str:
        return str(self.node)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(Term):
    """A field or a named thing; ``attr.deal.value`` and ``attr["deal"]["value"]`` are the same."""

    def __getattr__(self, name: str) -> Attribute:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Attribute:
        names = self.node.names if isinstance(self.node, s.Path) else ()
        return Attribute(s.Path((*names, name_of(name) if not name.startswith("`") else name)))

    def __repr__(self) -> str:
        return f"attr.{self.node}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column to show."""

    node: s.Column


@dataclass(frozen=True, slots=True)
class Key:
    """A key to order by."""

    node: s.OrderKey


@dataclass(frozen=True, slots=True)
class Condition:
    """A test; ``&``, ``|`` and ``~`` are and, or and not."""

    node: s.Clause

    def __and__(self, other: Condition) -> Condition:
        return Condition(joined([self.node, other.node]))

    def __or__(self, other: Condition) -> Condition:
        parts = self.node.parts if isinstance(self.node, s.AnyOf) else (self.node,)
        return Condition(s.AnyOf((*parts, other.node)))

    def __invert__(self) -> Condition:
        return Condition(s.Not(self.node))

    def as_(self, title: str) -> Column:
        """Return it as a column of that title."""
        return Column(s.Column(self.node, title))

    def __bool__(self) -> bool:
        raise TypeError("a condition of a question is neither true nor false; join conditions with &, | and ~")

    def __str__(self) -> str:
        return str(self.node)


def joined(nodes: list[s.Clause]) -> s.Clause:
    """Return conditions joined by ``and``, those that are joined already on one level."""
    flat = [part for one in nodes for part in (one.parts if isinstance(one, s.All) else (one,))]
    return flat[0] if len(flat) == 1 else s.All(tuple(flat))


class Aggregates:
    """The aggregates: ``agg.count()``, ``agg.sum(attr.deal.value)``, ``agg.first(attr.a, attr.b)``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name not in {"count", "sum", "avg", "min", "max", "median", "collect", "product", "first"}:
            raise AttributeError(f"no aggregate '{name}'")

        def call(*arguments: object, distinct: bool = False) -> Term:
            return Term(s.Call(name, tuple(value(one) for one in arguments), distinct))

        return call


# ------------------------------------------------------------------------------------------------------ values


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity or several, said by name, id, parameter, ``me`` or ``us``; ``|`` joins several."""

    atoms: tuple[s.Atom, ...]

    def __or__(self, other: Entity) -> Entity:
        return Entity(self.atoms + other.atoms)


def param(name: str) -> Entity:
    """Return a value or entity that is given when the question runs."""
    return Entity((s.Param(name),))


def entity(*, id: str | None = None, name: str | None = None, type: str | None = None) -> Entity:  # noqa: A002
    """Return one entity, by its id or by its name and, where that helps, its type."""
    if id is not None and name is None and type is None:
        return Entity((s.Id(id),))
    if name is None or id is not None:
        raise QuerySyntaxError("an entity is said by its id, or by its name and perhaps its type")
    return Entity((s.NameOf(name, type),))


def text(words: str) -> Term:
    """Return a text as it is, also where it looks like a percent, an amount or a date."""
    return Term(s.Text(words))


def today(amount: int = 0, unit: Unit = "days") -> Term:
    """Return the day of the question, moved by so many units.

    >>> str(today(-90, "days"))
    'today - 90 days'
    """
    return Term(s.Today(amount, _unit(unit) if amount else "day"))


def _unit(unit: str) -> s.Unit:
    said: s.Unit = unit.removesuffix("s")  # type: ignore[assignment]
    return said


def value(given: object) -> s.Expression:
    """Return what a Python value says in a question; QuerySyntaxError where it says nothing."""
    match given:
        case Term(node):
            return node
        case Entity((s.Param() | s.Me() | s.Us() | s.Id() as atom,)):
            return atom
        case Entity((s.NameOf(words, None),)):
            return s.Text(words)
        case bool():
            return s.Truth(given)
        case int():
            return s.Number(given)
        case Percent() | Money():
            return s.Number(given)
        case PartialDate() if given.month is None:
            return s.Number(given.year)
        case datetime():
            return s.When(_moment(given))
        case date() | PartialDate():
            return s.When(str(given))
        case str():
            return _from_text(given)
        case float() | Decimal():
            return s.Number(plain(_exact(given)))
        case s.Node():
            return given  # type: ignore[return-value]
        case _:
            raise QuerySyntaxError(
                f"{type(given).__name__} is no value of a question", hint="give a number, text or date"
            )


def _exact(given: float | Decimal) -> Decimal:
    try:
        return exact(given)
    except ValueProblem as problem:
        raise QuerySyntaxError(problem.message, hint=problem.hint) from None


def _moment(given: datetime) -> str:
    return given.isoformat().replace("+00:00", "Z")


def _from_text(given: str) -> s.Expression:
    try:
        if _PERCENT.fullmatch(given):
            return s.Number(Percent.parse(given.replace("_", "")))
        if _MONEY.fullmatch(given):
            return s.Number(Money.parse(given))
    except ValueProblem as problem:
        raise QuerySyntaxError(problem.message, hint=problem.hint or "text(..) keeps a text a text") from None
    return s.When(given.upper()) if _PERIOD.fullmatch(given) else s.Text(given)


def _plain_value(given: object) -> s.Value:
    return value(given)  # type: ignore[return-value]


def _words(given: object) -> s.Value:
    return s.Text(given) if isinstance(given, str) else _plain_value(given)


def _several(values: tuple[object, ...]) -> tuple[s.Value, ...] | s.Param:
    match values:
        case (Entity((s.Param() as parameter,)),):
            return parameter
        case (list() | tuple() | set() | frozenset() as listed,):
            return tuple(_plain_value(one) for one in listed)
        case _:
            return tuple(_plain_value(one) for one in values)


# ------------------------------------------------------------------------------------------------------- steps


@dataclass(frozen=True, slots=True)
class Step:
    """A step by one of several predicates; ``|`` adds alternatives with brackets of their own."""

    node: s.Step

    def __or__(self, other: Step) -> Step:
        return Step(replace(self.node, alternatives=self.node.alternatives + other.node.alternatives))

    def plus(self) -> Step:
        """Return it one or more times."""
        return Step(replace(self.node, hops=s.Hops(1, None)))

    def star(self) -> Step:
        """Return it any number of times, also none."""
        return Step(replace(self.node, hops=s.Hops(0, None)))

    def hops(self, least: int, most: int | None = None) -> Step:
        """Return it ``least`` to ``most`` times; with one number, that many."""
        return Step(replace(self.node, hops=s.Hops(least, least if most is None else most)))

    def at_least(self, least: int) -> Step:
        """Return it so many times or more."""
        return Step(replace(self.node, hops=s.Hops(least, None)))

    def as_(self, name: str) -> Step:
        """Return it with a name, so that the relation or route is part of the row."""
        return Step(replace(self.node, name=name))

    def ever(self) -> Step:
        """Return it at any time."""
        return self._bracket(s.AnyTime())

    def as_of(self, day: object) -> Step:
        """Return it on that day."""
        return self._bracket(s.AsOf(value(day)))  # type: ignore[arg-type]

    def during(self, first: object, last: object = None) -> Step:
        """Return it in a period."""
        return self._bracket(s.During(value(first), None if last is None else value(last)))  # type: ignore[arg-type]

    def rising(self, attribute: str) -> Step:
        """Return it so that along a range each relation's attribute is larger than that of the one before."""
        return self._bracket(s.Ordered(attribute))

    def falling(self, attribute: str) -> Step:
        """Return it so that along a range each relation's attribute is smaller than that of the one before."""
        return self._bracket(s.Ordered(attribute, falling=True))

    def _bracket(self, part: s.Clause) -> Step:
        def added(one: s.Predicate | s.AnyPredicate) -> s.Predicate | s.AnyPredicate:
            return replace(one, filter=part if one.filter is None else joined([one.filter, part]))

        return Step(replace(self.node, alternatives=tuple(added(one) for one in self.node.alternatives)))


def rel(*parts: str | Condition) -> Step:
    """Return a step by any of the named predicates (none: by any at all); the conditions hold for each of them.

    >>> str(rel("owned_by", attr.share > "50%").plus().node)
    'owned_by[share > 50%]+'
    """
    for one in parts:
        if not isinstance(one, str | Condition):
            raise QuerySyntaxError(f"rel takes predicates with conditions, and {type(one).__name__} is neither")
    names = [one for one in parts if isinstance(one, str)]
    conditions = [one.node for one in parts if isinstance(one, Condition)]
    test = joined(conditions) if conditions else None
    if not names:
        return Step(s.Step((s.AnyPredicate(test),)))
    return Step(s.Step(tuple(s.Predicate(one, test) for one in names)))


def tag(name: str) -> Condition:
    """Return whether an entity carries a tag."""
    return Condition(s.HasTag(name))


def flag(name: str) -> Condition:
    """Return whether a field or tag of that name is true: ``[vip]``.

    >>> str(flag("vip"))
    'vip'
    """
    return Condition(s.Flag(name))


attr: Final = Attribute(s.Path(()))
agg: Final = Aggregates()
me: Final = Entity((s.Me(),))
us: Final = Entity((s.Us(),))
