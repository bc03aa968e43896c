"""What is made of the rows that are found: groups, columns, order, and how many are kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from relgraph.query import ir
from relgraph.values import Money
from tests.reference.computing import as_decimal, number, of_kind
from tests.reference.forms import filled, nodes
from tests.reference.values import Values
from tests.reference.world import Refused, Row


class Tails:
    """Tails of questions over rows of one world."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def tail(
        self, tail: ir.Tail, variables: Sequence[ir.Variable], rows: list[Row], *, listed: bool
    ) -> list[tuple[Any, ...]]:
        """Return the rows of an answer; rows that are listed come in an order of their own where none is said."""
        names = [one.name for one in variables]
        rows = [{name: row.get(name) for name in names} for row in rows]
        if tail.grouping is None:
            kept = _distinct([{name: row[name] for name in tail.things} for row in rows])
            made = [self.row_of(tail, row, {}) for row in kept]
            ties = [[] if listed else [row[name] for name in tail.things] for row in kept]
        else:
            made, ties = self.grouped(tail, rows)
        entries = [(one, tie) for one, tie in zip(made, ties, strict=True) if one["having"]]
        directions = [key.descending for key in tail.order] + [False] * 20

        def before(left: Any, right: Any) -> int:
            keys = zip([*left[0]["order"], *left[1]], [*right[0]["order"], *right[1]], directions, strict=False)
            for one, other, descending in keys:
                result = self.three_way(one, other, descending=descending)
                if result:
                    return result
            return 0

        entries.sort(key=cmp_to_key(before))
        if tail.distinct:
            seen: list[Any] = []
            unique = []
            for one, tie in entries:
                if one["columns"] not in seen:
                    seen.append(one["columns"])
                    unique.append((one, tie))
            entries = unique
        limit = self.given_number(tail.limit)
        if tail.per is not None and limit is not None:
            taken: list[Any] = []
            kept_entries = []
            for one, tie in entries:
                if taken.count(one["per"]) < limit:
                    taken.append(one["per"])
                    kept_entries.append((one, tie))
            entries, limit = kept_entries, None
        entries = entries[self.given_number(tail.skip) or 0 :]
        if limit is not None:
            entries = entries[:limit]
        return [tuple(one["columns"]) for one, _ in entries]

    def given_number(self, given: Any) -> int | None:
        found: int | None = self.values.world.parameters[given] if isinstance(given, ir.Parameter) else given
        return found

    def three_way(self, left: Any, right: Any, *, descending: bool) -> int:
        lacking = left in (None, ()), right in (None, ())
        if lacking[0] or lacking[1]:
            return int(lacking[0]) - int(lacking[1])
        one, other = self.values.sort_value(left), self.values.sort_value(right)
        if one == other:
            return 0
        return (1 if one > other else -1) * (-1 if descending else 1)

    def row_of(self, tail: ir.Tail, row: Row, ready: dict[int, Any]) -> dict[str, Any]:
        def value(expression: ir.Expression) -> Any:
            return self.values.value(filled(expression, ready), None, row)

        having = tail.having is None or self.values.comparison(filled(tail.having, ready), None, row)
        return {
            "columns": [value(one.value) for one in tail.columns],
            "order": [value(one.value) for one in tail.order],
            "per": None if tail.per is None else value(tail.per),
            "having": having,
        }

    def grouped(self, tail: ir.Tail, rows: list[Row]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        assert tail.grouping is not None
        groups: list[tuple[list[Any], list[Row]]] = []
        for row in rows:
            key = [self.values.value(one, None, row) for one in tail.grouping]
            for known, members in groups:
                if known == key:
                    members.append(row)
                    break
            else:
                groups.append((key, [row]))
        if not tail.grouping and not groups:
            groups = [([], [])]
        made, ties = [], []
        for key, members in groups:
            ready = {
                id(one): self.aggregate(one, members)
                for one in nodes((tail.columns, tail.having, tail.order, tail.per))
                if isinstance(one, ir.Aggregate)
            }
            made.append(self.row_of(tail, members[0] if members else {}, ready))
            ties.append(key)
        return made, ties

    def aggregate(self, aggregate: ir.Aggregate, rows: list[Row]) -> Any:
        kept = _distinct([{name: row[name] for name in aggregate.over} for row in rows])
        arguments = aggregate.arguments or (ir.Ref(aggregate.over[0], "entity"),)
        values = [tuple(self.values.value(one, None, row) for one in arguments) for row in kept]
        values = [one for one in values if not any(cell in (None, ()) for cell in one)]
        if aggregate.distinct or aggregate.function == "collect":
            values = _distinct(values)
        match aggregate.function:
            case "count":
                return len(values)
            case "collect":
                ordered = sorted(values, key=lambda one: tuple(self.values.sort_value(cell) for cell in one))
                return tuple(one[0] if len(one) == 1 else one for one in ordered)
            case function:
                return self.number_aggregate(function, [one[0] for one in values], aggregate.kind)

    def number_aggregate(self, function: str, values: list[Any], kind: str) -> Any:
        if not values:
            return of_kind(Decimal(0), kind, None) if function == "sum" and kind != "money" else None
        currencies = {one.currency for one in values if isinstance(one, Money)}
        if len(currencies) > 1:
            raise Refused
        if function in {"min", "max"}:
            ordered = sorted(values, key=self.values.sort_value)
            return ordered[0] if function == "min" else ordered[-1]
        numbers = [Fraction(one.amount if isinstance(one, Money) else number(one)) for one in values]
        match function:
            case "sum":
                result = sum(numbers, Fraction(0))
            case "product":
                result = Fraction(1)
                for one in numbers:
                    result *= one
            case "avg":
                result = sum(numbers, Fraction(0)) / len(numbers)
            case _:
                numbers.sort()
                half = len(numbers) // 2
                result = numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
        return of_kind(as_decimal(result), kind, next(iter(currencies), None))


def _distinct(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for one in values:
        if one not in found:
            found.append(one)
    return found
