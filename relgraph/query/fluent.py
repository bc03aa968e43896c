"""Questions built in Python: the same unbound form that text is read into.

A builder is a value: each method returns a new one. ``str(builder)`` is the text it says, and whatever takes a text
takes a builder. Entities are said by name (a string), by :func:`entity`, ``me``, ``us`` or :func:`param`; a type by
``find("Company")``; a thing named earlier by :func:`the`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from relgraph.errors import QuerySyntaxError
from relgraph.query import syntax as s
from relgraph.query.parse import checked
from relgraph.query.taken import (
    Number,
    StepLike,
    column_of,
    key_of,
    number_of,
    only,
    path_of,
    step_of,
    tests_of,
)
from relgraph.query.terms import (
    Column,
    Condition,
    Entity,
    Key,
    Step,
    Term,
    agg,
    attr,
    entity,
    flag,
    joined,
    me,
    param,
    rel,
    tag,
    text,
    today,
    us,
    value,
)

__all__ = [
    "agg",
    "anything",
    "attr",
    "chain",
    "cycles",
    "entity",
    "every",
    "find",
    "flag",
    "how_many",
    "me",
    "param",
    "path",
    "rel",
    "relations",
    "tag",
    "text",
    "the",
    "today",
    "us",
]


@dataclass(frozen=True, slots=True)
class Builder:
    """A question being built; the methods here are the tails, the same for every kind of question."""

    node: Any

    @property
    def query(self) -> s.Query:
        """The unbound question; QuerySyntaxError where what was built cannot be said."""
        return checked(self.node)

    def __str__(self) -> str:
        return str(self.node)

    def _tails(self, **changes: Any) -> Self:
        tails = replace(self.node.tails, **changes)
        return replace(self, node=replace(self.node, tails=tails))

    def as_of(self, day: object) -> Self:
        """Return it as of a day; ``"any time"`` for no day at all."""
        return self._tails(as_of=s.AnyTime() if day == "any time" else value(day))

    def during(self, first: object, last: object = None) -> Self:
        """Return it for relations that hold in a period."""
        return self._tails(during=s.During(value(first), None if last is None else value(last)))  # type: ignore[arg-type]

    def known_at(self, moment: object) -> Self:
        """Return it as was believed at a moment."""
        return self._tails(known_at=value(moment))

    def group_by(self, *keys: str | Term) -> Self:
        """Return it with one row for each distinct combination of the keys."""
        return self._tails(group_by=tuple(path_of(one) for one in keys))

    def show(self, *columns: str | Term | Column | Condition, distinct: bool = False) -> Self:
        """Return it with these columns; a string is a field or a name."""
        return self._tails(show=tuple(column_of(one) for one in columns), distinct=distinct)

    def having(self, *conditions: Condition) -> Self:
        """Return it with the groups for which the conditions hold."""
        return self._tails(having=joined(tests_of(conditions)))

    def order_by(self, *keys: str | Term | Key) -> Self:
        """Return it in that order; ``attr.x.desc()`` is largest first."""
        return self._tails(order_by=tuple(key_of(one) for one in keys))

    def limit(self, number: Number, *, per: str | Term | None = None) -> Self:
        """Return at most so many rows, or so many for each value of ``per``."""
        return self._tails(limit=s.Limit(number_of(number), None if per is None else path_of(per)))

    def skip(self, number: Number) -> Self:
        """Return it without the first so many rows."""
        return self._tails(skip=number_of(number))


@dataclass(frozen=True, slots=True)
class Find(Builder):
    """``find`` being built; as a target inside another question it is an entity with a clause of its own."""

    def as_(self, name: str) -> Find:
        """Return it with a name for the found entity, which makes that part of the row."""
        return replace(self, node=replace(self.node, found=replace(self.node.found, name=name)))

    def and_(self, *conditions: Condition) -> Find:
        """Return it with conditions that must hold too."""
        given = [self.node.clause] if self.node.clause is not None else []
        return replace(self, node=replace(self.node, clause=joined([*given, *tests_of(conditions)])))

    def __or__(self, other: Find) -> Find:
        """Return it for entities of the types of either; each type keeps conditions of its own.

        >>> str(find("Person") | find("Company", attr.country == "DE"))
        'find Person|Company[country = "DE"]'
        """
        match self.node.found, other.node:
            case s.Types(options, name), s.Find(s.Types(more, None), None, None, tails, False) if tails == s.Tails():
                return replace(self, node=replace(self.node, found=s.Types((*options, *more), name)))
            case _:
                raise QuerySyntaxError("'|' joins types; 'union' joins questions")

    def that(self, step: StepLike, *rest: object) -> Find:
        """Return it with a chain: step, entity, step, entity, and so on.

        >>> str(find("Person").that("employed_by", find("Company"), "customer_of", "ACME"))
        'find Person employed_by Company customer_of "ACME"'
        """
        return self.and_(chain(step, *rest))

    def but_not(self, step: StepLike, *rest: object) -> Find:
        """Return it without those for which the chain holds."""
        return self.and_(~chain(step, *rest))

    def with_(self, step: StepLike) -> Find:
        """Return those that have such a relation (or field)."""
        return self.and_(Condition(s.Has(step_of(step))))

    def no(self, step: StepLike, *rest: object) -> Find:
        """Return those without such a relation (or field), or without such a chain."""
        return self.and_(Condition(s.No(_body(step, rest))))

    def only(self, step: StepLike, *rest: object) -> Find:
        """Return those that have it, and for which it leads nowhere else."""
        return self.and_(Condition(s.Only(_chain(step, rest))))

    def optionally(self, step: StepLike, *rest: object) -> Find:
        """Return it with the named things of a chain where there are some."""
        return self.and_(Condition(s.Optional(_chain(step, rest))))

    def _counted(
        self, said: s.Quantifier, number: Number, step: StepLike, rest: tuple[object, ...], *, times: bool
    ) -> Find:
        return self.and_(Condition(s.Count(said, number_of(number), _body(step, rest), times)))

    def at_least(self, number: Number, step: StepLike, *rest: object, times: bool = False) -> Find:
        """Return those with at least so many distinct entities, or relations with ``times``."""
        return self._counted("at least", number, step, rest, times=times)

    def at_most(self, number: Number, step: StepLike, *rest: object, times: bool = False) -> Find:
        """Return those with at most so many, or none."""
        return self._counted("at most", number, step, rest, times=times)

    def exactly(self, number: Number, step: StepLike, *rest: object, times: bool = False) -> Find:
        """Return those with exactly so many."""
        return self._counted("exactly", number, step, rest, times=times)

    def more_than(self, number: Number, step: StepLike, *rest: object, times: bool = False) -> Find:
        """Return those with more than so many."""
        return self._counted("more than", number, step, rest, times=times)

    def fewer_than(self, number: Number, step: StepLike, *rest: object, times: bool = False) -> Find:
        """Return those with fewer than so many, or none."""
        return self._counted("fewer than", number, step, rest, times=times)

    def where(self, *conditions: Condition) -> Find:
        """Return it with conditions at the end, which may speak of all names."""
        given = [self.node.where] if self.node.where is not None else []
        return replace(self, node=replace(self.node, where=joined([*given, *tests_of(conditions)])))

    def union(self, other: Find | Sets) -> Sets:
        """Return what this or the other finds."""
        return Sets(s.SetQuery("union", (self.node, other.node)))

    def intersect(self, other: Find | Sets) -> Sets:
        """Return what both find."""
        return Sets(s.SetQuery("intersect", (self.node, other.node)))

    def minus(self, other: Find | Sets) -> Sets:
        """Return what this finds and the other does not."""
        return Sets(s.SetQuery("minus", (self.node, other.node)))


@dataclass(frozen=True, slots=True)
class Sets(Builder):
    """Questions combined."""

    def union(self, other: Find | Sets) -> Sets:
        """Return what this or the other finds."""
        return Sets(s.SetQuery("union", (self.node, other.node)))

    def intersect(self, other: Find | Sets) -> Sets:
        """Return what both find."""
        return Sets(s.SetQuery("intersect", (self.node, other.node)))

    def minus(self, other: Find | Sets) -> Sets:
        """Return what this finds and the other does not."""
        return Sets(s.SetQuery("minus", (self.node, other.node)))


# ------------------------------------------------------------------------------------------------------- doors


def find(*parts: str | Condition | Entity) -> Find:
    """Return a question for entities of any of the types; the conditions hold for each.

    >>> str(find("Company").that("supplies", find("Company").that("partner_of", us)).but_not("supplies", us))
    'find Company supplies (Company partner_of us) and not supplies us'
    """
    return Find(s.Find(_found(parts)))


def how_many(*parts: str | Condition | Entity) -> Find:
    """Return a question for the number of entities.

    >>> str(how_many("Company").that("supplies", us))
    'how many Company supplies us'
    """
    return Find(s.Find(_found(parts), counting=True))


def anything(*conditions: Condition) -> Find:
    """Return a question for, or a target of, entities of any type."""
    return Find(s.Find(s.Anything(joined(tests_of(conditions)) if conditions else None)))


@dataclass(frozen=True, slots=True)
class Named:
    """A thing named earlier."""

    name: str


@dataclass(frozen=True, slots=True)
class Each:
    """Every entity of a target."""

    target: object


def the(name: str) -> Named:
    """Return the entity that was named so earlier: the same thing again."""
    return Named(name)


def every(target: object) -> Each:
    """Return each entity of a target, at the end of a chain."""
    return Each(target)


def chain(step: StepLike, *rest: object) -> Condition:
    """Return a chain as a condition: step, entity, step, entity, and so on; a step alone is having it."""
    return Condition(_chain(step, rest) if rest else s.Has(step_of(step)))


class PathBuilder:
    """``path.shortest``, ``path.strongest`` and ``path.all`` from one end to another.

    >>> via = rel("knows", "worked_with").hops(1, 4)
    >>> str(path.strongest(me, find("Person", attr.role == "CFO"), via=via, prefer="strength"))
    'find strongest paths from me to Person[role = "CFO"] via knows|worked_with{1..4} prefer strength'
    """

    __slots__ = ()

    def shortest(self, start: object, goal: object, /, **options: Any) -> Builder:
        """Return a question for the paths with the fewest hops."""
        return _paths("shortest", start, goal, **options)

    def strongest(self, start: object, goal: object, /, **options: Any) -> Builder:
        """Return a question for the paths with the largest product of ``prefer``."""
        return _paths("strongest", start, goal, **options)

    def all(self, start: object, goal: object, /, **options: Any) -> Builder:
        """Return a question for every path."""
        return _paths("all", start, goal, **options)


path: Final = PathBuilder()


def _paths(
    mode: Literal["shortest", "strongest", "all"],
    start: object,
    goal: object,
    *,
    via: StepLike | None = None,
    count: Number | None = None,
    one: bool = False,
    name: str | None = None,
    through: object = (),
    avoiding: object = (),
    prefer: str | None = None,
    rising: str | None = None,
) -> Builder:
    return Builder(
        s.Paths(
            mode,
            _target(start),
            _target(goal),
            None if via is None else step_of(via),
            None if count is None else number_of(count),
            not one,
            name,
            _targets(through),
            _targets(avoiding),
            prefer,
            rising,
        )
    )


def cycles(via: StepLike, *, through: object = (), avoiding: object = (), rising: str | None = None) -> Builder:
    """Return a question for rings.

    >>> str(cycles(rel("owns").hops(2, 6)))
    'find cycles via owns{2..6}'
    """
    return Builder(s.Cycles(step_of(via), _targets(through), _targets(avoiding), rising))


def relations(
    *parts: str | Condition | Step,
    source: object = None,
    target: object = None,
    touching: object = (),
    between: tuple[object, object] | None = None,
    name: str | None = None,
    where: Condition | None = None,
) -> Builder:
    """Return a question for relations: of these predicates (none: of all), with these ends.

    >>> str(relations("owns", attr.confidence < 0.5))
    'find relations owns[confidence < 0.5]'
    """
    only(parts, (str, Condition, Step), "relations takes predicates with conditions")
    steps = [one for one in parts if isinstance(one, Step)]
    names = [one for one in parts if isinstance(one, str)]
    conditions = [one.node for one in parts if isinstance(one, Condition)]
    test = joined(conditions) if conditions else None
    alternatives: list[s.Predicate | s.AnyPredicate] = [s.Predicate(one, test) for one in names]
    alternatives += [one for step in steps for one in step.node.alternatives]
    return Builder(
        s.Relations(
            tuple(alternatives),
            test if not alternatives else None,
            name,
            None if source is None else _target(source),
            None if target is None else _target(target),
            _targets(touching),
            None if between is None else (_target(between[0]), _target(between[1])),
            None if where is None else where.node,
        )
    )


# ------------------------------------------------------------------------------------------------------- parts


def _found(parts: Iterable[str | Condition | Entity]) -> s.Found:
    given = list(parts)
    only(given, (str, Condition, Entity), "find takes types with conditions, or one entity")
    names = [one for one in given if isinstance(one, str)]
    entities = [one for one in given if isinstance(one, Entity)]
    conditions = [one.node for one in given if isinstance(one, Condition)]
    if entities and (names or conditions or len(entities) > 1):
        raise QuerySyntaxError("find takes types with conditions, or one entity")
    if entities:
        return s.Fixed(entities[0].atoms)
    if not names:
        raise QuerySyntaxError("find needs a type", hint='find("Company"), or anything()')
    test = joined(conditions) if conditions else None
    return s.Types(tuple(s.TypeOption(one, test) for one in names))


def _target(given: object) -> Any:
    match given:
        case str():
            return s.Fixed((s.NameOf(given),))
        case Entity(atoms):
            return s.Fixed(atoms)
        case Named(name):
            return s.Types((s.TypeOption(name),))
        case Each(target):
            return s.Every(_target(target))
        case Find(s.Find(found, clause, where, tails, False)) if tails == s.Tails():
            if clause is None and where is None:
                return found
            return s.Nested(replace(found, name=None), clause, where, found.name)
        case Find():
            raise QuerySyntaxError("a find inside a question is plain: without 'how many', columns, order or time")
        case list() | tuple():
            atoms = tuple(atom for one in given for atom in _target(one).atoms)
            return s.Fixed(atoms)
        case _ if isinstance(getattr(given, "id", None), str):
            return s.Fixed((s.Id(given.id),))  # type: ignore[attr-defined]
        case _:
            raise QuerySyntaxError(f"{type(given).__name__} is no entity of a question")


def _targets(given: object) -> tuple[Any, ...]:
    return tuple(_target(one) for one in given) if isinstance(given, list | tuple) else (_target(given),)


def _chain(step: StepLike, rest: tuple[object, ...]) -> s.Chain:
    if len(rest) % 2 == 0:
        raise QuerySyntaxError("a chain goes step, entity, step, entity: the last entity is missing")
    parts: list[Any] = [step, *rest]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return s.Chain(tuple(s.Link(step_of(one), _target(target)) for one, target in pairs))


def _body(step: StepLike, rest: tuple[object, ...]) -> s.Step | s.Chain:
    return _chain(step, rest) if rest else step_of(step)
