"""Expressions and comparisons over a table, row by row; each distinct value is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.network.execute import scalars
from relgraph.network.execute.days import days_between
from relgraph.network.execute.run import EntityAt, RelationAt, Run
from relgraph.network.execute.table import (
    NOTHING,
    Column,
    Entities,
    Key,
    RelationsColumn,
    Route,
    Routes,
    Table,
    Values,
    distinct_rows,
    packed_codes,
)
from relgraph.network.rows import Mask
from relgraph.query import ir
from relgraph.values import PartialDate, datetime_of
from relgraph.values.exact import plainly
from relgraph.vocabulary.fields import meant, unscaled
from relgraph.vocabulary.model import Field

CONFIDENCE: Final = "confidence"
CONFIDENCE_PLACES: Final = 15
_NUMBERS: Final = frozenset(("integer", "boolean", "decimal", "percent", "money", "date", "datetime"))


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is evaluated on: a table, the thing under test, and aggregates already worked out."""

    run: Run
    table: Table
    this: Key | None = None
    ready: Mapping[ir.Expression, Values] = field(default_factory=dict)

    def column(self, of: ir.This | ir.Ref) -> Column:
        """Return the column of a thing."""
        if isinstance(of, ir.Ref):
            return self.table.columns[of.name]
        if self.this is None:
            raise TypeError("no thing is under test here")
        return self.table.columns[self.this]

    def take(self, at: NDArray[np.intp]) -> Scope:
        """Return the scope of some rows."""
        return replace(self, table=self.table.take(at), ready={key: one.take(at) for key, one in self.ready.items()})


def combine(function: Callable[..., Any], *values: Values) -> Values:
    """Return a function of values, row by row, called once for each distinct combination."""
    varying = [index for index, one in enumerate(values) if len(one.items) != 1]
    if not varying:
        return Values.constant(function(*(one.items[0] for one in values)), len(values[0]))
    if len(varying) == 1:
        return _mapped(function, values, varying[0])
    first, inverse = distinct_rows([values[index].codes.astype(np.int64) for index in varying])
    picked = [
        [one.items[0]] * len(first) if len(one.items) == 1 else [one.items[code] for code in one.codes[first].tolist()]
        for one in values
    ]
    return Values(inverse, [function(*some) for some in zip(*picked, strict=True)])


def _mapped(function: Callable[..., Any], values: Sequence[Values], varying: int) -> Values:
    """Return a function of values of which one varies, called for each item of it that stands somewhere."""
    items = values[varying].items
    told, codes = packed_codes(values[varying].codes, len(items))
    # where there is no row, a column may have no value at all
    before = [one.items[0] for one in values[:varying]]
    after = [one.items[0] for one in values[varying + 1 :]]
    found = [function(*before, items[at], *after) for at in told.tolist()]
    return Values(codes, found)


# ----------------------------------------------------------------------------------------------------- expressions

_FEW = 16


def evaluate(scope: Scope, expression: ir.Expression) -> Values:
    """Return the value of an expression in each row."""
    run, size = scope.run, scope.table.size
    if expression in scope.ready:
        return scope.ready[expression]
    match expression:
        case ir.Constant(value):
            return Values.constant(value, size)
        case ir.Parameter(kind="entity") | ir.Named() | ir.EntityId() | ir.Me() | ir.Us():
            numbers = run.numbers_of([expression])
            return Values.constant(tuple(EntityAt(one) for one in numbers.tolist()), size)
        case ir.Parameter():
            value = run.parameter(expression)
            return Values.constant(tuple(value) if isinstance(value, list) else value, size)
        case ir.Today(amount, unit):
            return Values.constant(scalars.moved(run.today, amount, unit), size)
        case ir.This() | ir.Ref():
            return things(scope.column(expression))
        case ir.Attribute():
            return _attribute(scope, expression)
        case ir.Part(of, part):
            return combine(
                lambda one: _each(one, lambda item: scalars.part_of(item, part, run.zone)), evaluate(scope, of)
            )
        case ir.Arithmetic(operator, left, right, kind):
            sides = evaluate(scope, left), evaluate(scope, right)
            days = days_between(*sides) if operator == "-" and kind == "duration" else None
            if days is not None:
                return days
            return combine(lambda one, other: scalars.compute(operator, one, other, kind), *sides)
        case ir.First(arguments):
            values = [evaluate(scope, one) for one in arguments]
            return combine(lambda *some: next((one for one in some if one is not None and one != ()), None), *values)
        case ir.Truth(test):
            return Values(truth(scope, test).astype(np.intp), (False, True))
        case ir.CountRelated() | ir.Aggregate():
            raise TypeError(f"{type(expression).__name__} stands where it has not been worked out")


def _each(value: Any, function: Callable[[Any], Any]) -> Any:
    return tuple(function(one) for one in value) if isinstance(value, tuple) else function(value)


def things(column: Column) -> Values:
    """Return the things of a column as values."""
    if len(column.codes) <= _FEW:
        # sorting so few costs more than holding some twice
        codes, inverse = column.codes, np.arange(len(column.codes))
    else:
        codes, inverse = np.unique(column.codes, return_inverse=True)
    match column:
        case Entities():
            return Values(inverse, [None if one == NOTHING else EntityAt(one) for one in codes.tolist()])
        case RelationsColumn():
            return Values(inverse, [None if one == NOTHING else RelationAt(one) for one in codes.tolist()])
        case Routes(_, routes):
            return Values(inverse, [None if one == NOTHING else routes[one] for one in codes.tolist()])


def _attribute(scope: Scope, attribute: ir.Attribute) -> Values:
    column = scope.column(attribute.of)
    size = scope.table.size
    if 0 < size <= _FEW and (column.codes != NOTHING).all():
        return _told(scope.run, column, attribute)
    codes, first, inverse = np.unique(column.codes, return_index=True, return_inverse=True)
    if not len(codes):
        return Values.constant(None, 0)
    lacking = codes[0] == NOTHING
    some = column.take(first[1:] if lacking else first)
    found = _told(scope.run, some, attribute)
    if not lacking:
        return Values(found.codes[inverse], found.items)
    padded = np.concatenate([np.array([len(found.items)], np.intp), found.codes])
    return Values(padded[inverse], [*found.items, None])


def _told(run: Run, column: Column, attribute: ir.Attribute) -> Values:
    """Return an attribute of things none of which is missing."""
    match column:
        case Entities(numbers):
            return _of_entities(run, numbers, attribute)
        case RelationsColumn():
            return _of_relations(run, column, attribute)
        case Routes(at, routes):
            return Values.of([_of_route(routes[one], attribute.name) for one in at.tolist()])


def _of_entities(run: Run, numbers: NDArray[np.int64], attribute: ir.Attribute) -> Values:
    if not attribute.builtin:
        return run.source.fields(numbers, attribute.name)
    match attribute.name:
        case "type":
            return run.source.types_of(numbers)
        case "degree":
            return Values.of(degrees(run, numbers).tolist())
        case name:
            at = ("name", "id").index(name)
            return Values.of([one[at] for one in run.source.captions(numbers.tolist())])


def degrees(run: Run, numbers: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return how many relations of the question's own time each entity takes part in, a self-relation once."""
    period = run.period(run.valid)
    hops = run.source.every().neighbors(numbers, direction="either", period=period, live=run.source.live)
    return np.bincount(hops.source, minlength=len(numbers))


def _of_route(route: Route, name: str) -> Any:
    match name:
        case "hops":
            return len(route.hops)
        case "entities":
            return tuple(EntityAt(one) for one in route.entities)
        case "relations":
            return tuple(RelationAt(one) for hop in route.hops for one in hop[:1])
        case _:
            return route.strength


# --------------------------------------------------------------------------------------------- relation attributes


def _of_relations(run: Run, column: RelationsColumn, attribute: ir.Attribute) -> Values:
    """Return an attribute of distinct relations, which may be of several predicates."""
    if attribute.builtin and attribute.name in {"id", "source", "recorded_at", "recorded_by"}:
        return Values.of(run.source.relation_facts(column.numbers.tolist(), attribute.name))
    codes = np.zeros(len(column.numbers), np.intp)
    items: list[Any] = []
    for predicate in np.unique(column.predicate).tolist():
        here = np.flatnonzero(column.predicate == predicate)
        found = relation_values(run, run.names[predicate], column.position[here], attribute)
        codes[here] = found.codes + len(items)
        items += found.items
    return Values(codes, items)


def relation_values(run: Run, predicate: str, position: NDArray[np.int64], attribute: ir.Attribute) -> Values:
    """Return an attribute of relations of one predicate, by their positions in its arrays."""
    arrays = run.source.adjacency(predicate)
    if not attribute.builtin:
        declared = run.vocabulary.predicates[predicate].attribute(attribute.name)
        if declared is None:
            return Values.constant(None, len(position))
        return _declared(run, predicate, position, declared)
    match attribute.name:
        case "predicate":
            return Values.constant(predicate, len(position))
        case "subject" | "object":
            ends = arrays.subject(position) if attribute.name == "subject" else arrays.object(position)
            numbers, inverse = np.unique(ends, return_inverse=True)
            return Values(inverse, [EntityAt(one) for one in numbers.tolist()])
        case "since":
            sure, _ = arrays.sure(position)
            return _bounds(arrays.since(position), sure, _start)
        case "until":
            _, sure = arrays.sure(position)
            return _bounds(arrays.until(position), sure, _end)
        case _:
            amounts, inverse = np.unique(arrays.amount(CONFIDENCE, position), return_inverse=True)
            return Values(
                inverse,
                [
                    None if one == MISSING else plainly(Decimal(one).scaleb(-CONFIDENCE_PLACES))
                    for one in amounts.tolist()
                ],
            )


def _declared(run: Run, predicate: str, position: NDArray[np.int64], declared: Field) -> Values:
    arrays = run.source.adjacency(predicate)
    name = declared.name
    if declared.many or declared.kind not in _NUMBERS:
        codes = arrays.codes(name, position)
        words = arrays.words[name].texts if name in arrays.words else ()
        used, inverse = np.unique(codes, return_inverse=True)
        return Values(inverse, [None if one < 0 else _loaded(declared, words[one]) for one in used.tolist()])
    amounts, inverse = np.unique(arrays.amount(name, position), return_inverse=True)
    if declared.kind != "money":
        return Values(inverse, [None if one == MISSING else _number(declared, one) for one in amounts.tolist()])
    currency = f"{name}.currency"
    words = arrays.words[currency].texts if currency in arrays.words else ()
    codes = arrays.codes(currency, position)
    first, inverse = distinct_rows([inverse.astype(np.int64), codes.astype(np.int64)])
    pairs = zip(arrays.amount(name, position[first]).tolist(), codes[first].tolist(), strict=True)
    return Values(
        inverse, [None if amount == MISSING else unscaled(declared, amount, words[code]) for amount, code in pairs]
    )


def _loaded(declared: Field, text: str) -> Any:
    if declared.many:
        import json  # noqa: PLC0415 - lists on relations are rare

        return meant(declared, json.loads(text))
    return meant(declared, text)


def _number(declared: Field, amount: int) -> Any:
    match declared.kind:
        case "date":
            return date.fromordinal(amount)
        case "datetime":
            return datetime_of(amount)
        case "boolean":
            return bool(amount)
        case _:
            return unscaled(declared, amount)


def _bounds(
    widest: NDArray[np.int32], sure: NDArray[np.int32], show: Callable[[int, int], PartialDate | None]
) -> Values:
    further = sure.astype(np.int64) - widest
    first, inverse = distinct_rows([widest.astype(np.int64), further])
    pairs = zip(widest[first].tolist(), sure[first].tolist(), strict=True)
    return Values(inverse, [show(*pair) for pair in pairs])


def _start(widest: int, sure: int) -> PartialDate | None:
    return None if widest == OPEN_START else _as_given(date.fromordinal(widest), sure - widest)


def _end(widest: int, sure: int) -> PartialDate | None:
    if widest == OPEN_END:
        return None
    # a partial end is kept as the day after its last one
    return _as_given(date.fromordinal(sure), widest - sure - 1 if widest != sure else 0)


def _as_given(first: date, further: int) -> PartialDate:
    """Return the date that starts on a day and has so many more."""
    if not further:
        return PartialDate(first.year, first.month, first.day)
    return PartialDate(first.year, first.month) if further < 31 else PartialDate(first.year)


# ----------------------------------------------------------------------------------------------------- comparisons


def truth(scope: Scope, test: ir.Test) -> Mask:
    """Return where a test of comparisons (with and, or, not) holds."""
    size = scope.table.size
    match test:
        case ir.All(parts):
            return _all(scope, parts)
        case ir.AnyOf(parts):
            holds = np.zeros(size, np.bool_)
            for part in parts:
                left = np.flatnonzero(~holds)
                if len(left):
                    holds[left] = truth(scope.take(left), part)
            return holds
        case ir.Not(part):
            return ~truth(scope, part)
        case ir.Compare(operator, left, right):
            return _compare(scope, operator, left, right)
        case ir.OneOf():
            return _one_of(scope, test)
        case ir.Between(left, low, high):
            return _compare(scope, ">=", left, low) & _compare(scope, "<=", left, high)
        case ir.Present(of):
            return mask(combine(lambda one: one is not None and one != (), evaluate(scope, of)))
        case ir.TextTest(operator, left, right):
            sides = evaluate(scope, left), evaluate(scope, right)
            return _noted(
                scope, combine(lambda one, other: scalars.text_test(operator, one, other), *sides), [left], sides
            )
        case ir.HasTag(tag, of):
            return _has_tag(scope, tag, of)
        case _:
            raise TypeError(f"{type(test).__name__} is no comparison")


def _all(scope: Scope, parts: Sequence[ir.Test]) -> Mask:
    if len(parts) == 1:
        return truth(scope, parts[0])
    at = np.arange(scope.table.size)
    for part in parts:
        if not len(at):
            break
        some = scope if len(at) == scope.table.size else scope.take(at)
        at = at[truth(some, part)]
    holds = np.zeros(scope.table.size, np.bool_)
    holds[at] = True
    return holds


def mask(values: Values) -> Mask:
    """Return where a value is true."""
    return np.array([one is True for one in values.items], np.bool_)[values.codes]


def _compare(scope: Scope, operator: ir.Operator, left: ir.Expression, right: ir.Expression) -> Mask:
    zone = scope.run.zone
    sides = _side(scope, left, right), _side(scope, right, left)
    outcomes = combine(lambda one, other: scalars.compare_any(operator, one, other, zone), *sides)
    return _noted(scope, outcomes, [left, right], sides)


def _side(scope: Scope, expression: ir.Expression, other: ir.Expression) -> Values:
    """Return a side of a comparison; ``until`` against a period is the last day that it held."""
    values = evaluate(scope, expression)
    is_end = isinstance(expression, ir.Attribute) and expression.builtin and expression.name == "until"
    if is_end and getattr(other, "kind", None) == "period":
        return Values(values.codes, [last_held(one) for one in values.items])
    return values


def last_held(until: PartialDate | None) -> Any:
    """Return the last day that an end leaves: the day before, or the partial date itself."""
    if until is None or until.day is None:
        return until
    return until.first - timedelta(days=1) if until.first > date.min else None


def _one_of(scope: Scope, test: ir.OneOf) -> Mask:
    zone = scope.run.zone
    choices: list[Values] = []
    if isinstance(test.values, ir.Parameter):
        given = evaluate(scope, test.values).items[0]
        listed = given if isinstance(given, tuple) else (given,)
        choices = [Values.constant(one, scope.table.size) for one in listed]
        left = _side(scope, test.left, test.values)
    else:
        choices = [_side(scope, one, test.left) for one in test.values]
        kinds = [one for one in test.values if getattr(one, "kind", None) == "period"]
        left = _side(scope, test.left, kinds[0] if kinds else test.values[0])
        if kinds and len(kinds) != len(test.values):
            # a day among periods: until is taken as written for it
            parts = [ir.Compare("!=" if test.negated else "=", test.left, one) for one in test.values]
            return truth(scope, ir.All(tuple(parts)) if test.negated else ir.AnyOf(tuple(parts)))
    operator: ir.Operator = "!=" if test.negated else "="
    together = scalars.every if test.negated else scalars.some

    def outcome(one: Any, *others: Any) -> scalars.Outcome:
        if one is None or one == ():
            return None
        return together([scalars.compare_any(operator, one, other, zone) for other in others])

    return _noted(scope, combine(outcome, left, *choices), [test.left], [left])


def _noted(scope: Scope, outcomes: Values, expressions: Sequence[ir.Expression], sides: Sequence[Values]) -> Mask:
    """Return where an outcome is true, and note the things of which it could not be told."""
    untold = np.array([one is None for one in outcomes.items], np.bool_)
    if untold.any():
        rows = untold[outcomes.codes]
        for expression, side in zip(expressions, sides, strict=False):
            if isinstance(expression, ir.Attribute):
                lacking = np.array([one is None or one == () for one in side.items], np.bool_)[side.codes] & rows
                if lacking.any():
                    scope.run.notes.lacking(expression.name, *_things(scope, expression, lacking))
                    rows &= ~lacking
        attribute = next((one for one in expressions if isinstance(one, ir.Attribute)), None)
        if attribute is not None and rows.any():
            scope.run.notes.untold(attribute.name, *_things(scope, attribute, rows))
    return mask(outcomes)


def _things(scope: Scope, attribute: ir.Attribute, rows: Mask) -> tuple[str, NDArray[np.int64]]:
    """Return of what sort the things are that have an attribute, and which they are in some rows."""
    column = scope.column(attribute.of)
    numbers = column.codes[rows].astype(np.int64)
    match column:
        case Entities():
            return "entity", numbers[numbers != NOTHING]
        case RelationsColumn():
            return "relation", numbers[numbers != NOTHING]
        case Routes():
            return "route", numbers[numbers != NOTHING]


def _has_tag(scope: Scope, tag: str, of: ir.This | ir.Ref) -> Mask:
    numbers = scope.column(of).codes
    there = numbers != NOTHING
    found = np.zeros(len(numbers), np.bool_)
    found[there] = scope.run.source.tagged(numbers[there], tag)
    return found
