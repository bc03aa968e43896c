"""Aggregates: one value for each group, each distinct combination of things counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.network.execute.scalars import added, divided, multiplied, number_of, of_kind, sort_key, unlike_currencies
from relgraph.network.execute.table import Values, distinct_rows
from relgraph.query import ir
from relgraph.values import Money

Key = Callable[[Any], Any]
_COUNTED = frozenset(("sum", "avg", "min", "max"))
"""What does not depend on the order of values, and can be told of each value and how often it stands there."""


def aggregated(
    aggregate: ir.Aggregate, groups: NDArray[np.intp], count: int, arguments: Sequence[Values], key: Key
) -> Values:
    """Return the value of an aggregate in each of so many groups.

    ``groups`` is the group of each combination of things, ``arguments`` the values there; ``key`` orders what is
    collected.
    """
    if aggregate.function == "count" and not aggregate.distinct:
        there = np.ones(len(groups), np.bool_)
        for one in arguments:
            there &= np.array([_is_there(item) for item in one.items], np.bool_)[one.codes]
        return Values.of(np.bincount(groups[there], minlength=count).tolist())
    if aggregate.function in _COUNTED and not aggregate.distinct and len(arguments) == 1:
        return _each_once(aggregate, groups, count, arguments[0])
    rows: list[list[tuple[Any, ...]]] = [[] for _ in range(count)]
    columns = [one.to_list() for one in arguments]
    for group, values in zip(groups.tolist(), zip(*columns, strict=True), strict=True):
        if all(_is_there(one) for one in values):
            rows[group].append(values)
    if aggregate.distinct or aggregate.function == "collect":
        rows = [list(dict.fromkeys(some)) for some in rows]
    return Values.of([_value(aggregate, some, key) for some in rows])


def _each_once(aggregate: ir.Aggregate, groups: NDArray[np.intp], count: int, argument: Values) -> Values:
    """Return a sum or the like of each group, each value looked at once, however often it stands there."""
    items = argument.items
    there = np.array([_is_there(item) for item in items], np.bool_)[argument.codes]
    groups, codes = groups[there].astype(np.int64), argument.codes[there].astype(np.int64)
    first, which = distinct_rows([groups, codes])
    times = np.bincount(which, minlength=len(first))
    several: list[list[tuple[Any, int]]] = [[] for _ in range(count)]
    # of values that are equal, the one that stands first is told
    for at in np.argsort(first).tolist():
        row = first[at]
        several[groups[row]].append((items[codes[row]], int(times[at])))
    return Values.of([_of_counted(aggregate.function, some, aggregate.kind) for some in several])


def _of_counted(function: str, values: list[tuple[Any, int]], kind: ir.ValueKind) -> Any:
    if function in {"min", "max"} or not values:
        return _of_values(function, [one for one, _ in values], kind)
    currency = _one_currency(one for one, _ in values)
    numbers = [(one.amount if isinstance(one, Money) else number_of(one), many) for one, many in values]
    known = [(number, many) for number, many in numbers if number is not None]
    result = added([multiplied([number, Decimal(many)]) for number, many in known])
    if function == "avg":
        result = divided(result, Decimal(sum(many for _, many in known)))
    return of_kind(result, kind, currency)


def _is_there(value: Any) -> bool:
    return value is not None and value != ()


def _value(aggregate: ir.Aggregate, rows: list[tuple[Any, ...]], key: Key) -> Any:
    match aggregate.function:
        case "count":
            return len(rows)
        case "collect":
            ordered = sorted(rows, key=lambda row: tuple(key(one) for one in row))
            return tuple(row[0] if len(row) == 1 else row for row in ordered)
        case function:
            return _of_values(function, [row[0] for row in rows], aggregate.kind)


def _of_values(function: str, values: list[Any], kind: ir.ValueKind) -> Any:
    if not values:
        return of_kind(Decimal(0), kind, None) if function == "sum" and kind != "money" else None
    currency = _one_currency(values)
    match function:
        case "min":
            return min(values, key=sort_key)
        case "max":
            return max(values, key=sort_key)
        case _:
            numbers = [one.amount if isinstance(one, Money) else number_of(one) for one in values]
            result = _of_numbers(function, [one for one in numbers if one is not None])
            return of_kind(result, kind, currency)


def _of_numbers(function: str, numbers: list[Decimal]) -> Decimal:
    match function:
        case "sum":
            return added(numbers)
        case "product":
            return multiplied(numbers)
        case "avg":
            return divided(added(numbers), Decimal(len(numbers)))
        case _:
            ordered = sorted(numbers)
            middle = len(ordered) // 2
            if len(ordered) % 2:
                return ordered[middle]
            return divided(added(ordered[middle - 1 : middle + 1]), Decimal(2))


def _one_currency(values: Iterable[Any]) -> str | None:
    currencies = {one.currency for one in values if isinstance(one, Money)}
    if len(currencies) > 1:
        raise unlike_currencies(currencies)
    return next(iter(currencies), None)
