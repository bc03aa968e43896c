"""What is worked out from values: moved days, and sums, differences, products and quotients."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from relgraph.values import Money, PartialDate, Percent
from tests.reference.comparing import days_of
from tests.reference.world import Refused


def moved(day: date, amount: int, unit: str) -> date:
    if unit in {"day", "week"}:
        return day + timedelta(days=amount * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + amount * {"month": 1, "quarter": 3, "year": 12}[unit]
    for last in (day.day, 30, 29, 28):
        try:
            return date(months // 12, months % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def number(value: Any) -> Any:
    return value.fraction if isinstance(value, Percent) else value


def as_decimal(value: Fraction) -> Decimal:
    return Context(prec=28).divide(Decimal(value.numerator), Decimal(value.denominator))


def of_kind(number: Decimal, kind: str, currency: str | None) -> Any:
    match kind:
        case "money":
            return Money(number, currency)
        case "percent":
            return Percent(number)
        case "integer" | "duration" if number == int(number):
            return int(number)
        case _:
            return number


def compute(operator: str, left: Any, right: Any, kind: str) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, date | PartialDate) or isinstance(right, date | PartialDate):
        return _compute_days(operator, left, right)
    currencies = {one.currency for one in (left, right) if isinstance(one, Money)}
    if len(currencies) > 1:
        raise Refused
    numbers = []
    for one in (left, right):
        plain = one.fraction if isinstance(one, Percent) else one.amount if isinstance(one, Money) else one
        numbers.append(Fraction(plain))
    match operator:
        case "+":
            result = numbers[0] + numbers[1]
        case "-":
            result = numbers[0] - numbers[1]
        case "*":
            result = numbers[0] * numbers[1]
        case _:
            if not numbers[1]:
                return None
            result = numbers[0] / numbers[1]
    return of_kind(as_decimal(result), kind, next(iter(currencies), None))


def _compute_days(operator: str, left: Any, right: Any) -> Any:
    def single(value: Any) -> date | None:
        if isinstance(value, datetime):
            return value.astimezone(UTC).date()
        span = days_of(value)
        return span[0] if span is not None and span[0] == span[1] else None

    if not isinstance(right, int):
        if isinstance(left, int):
            day = single(right)
            return None if day is None else day + timedelta(days=left)
        one, other = single(left), single(right)
        return None if one is None or other is None else (one - other).days
    day = single(left)
    if day is None:
        return None
    return day + timedelta(days=right if operator == "+" else -right)
