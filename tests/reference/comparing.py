"""How two values compare: numbers, days and periods, and texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from relgraph.folding import fold
from relgraph.query import ir
from relgraph.values import PartialDate


def compare_plain(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def turned(operator: ir.Operator) -> ir.Operator:
    table: dict[str, ir.Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    return table.get(operator, operator)


def days_of(value: Any) -> tuple[date, date] | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, ir.Days | PartialDate):
        return value.first, value.last
    return (value, value) if isinstance(value, date) else None


def compare_days(operator: str, left: tuple[date, date], right: tuple[date, date], *, period: bool) -> bool | None:
    """Compare a day somewhere in a span with a period, or with another day somewhere in a span: by trying all."""
    lefts = {left[0], left[1]}
    if period:
        outcomes = {_against(operator, one, right) for one in lefts}
        if left[0] < right[0] and left[1] > right[1]:
            outcomes.add(_against(operator, right[0], right))
    else:
        outcomes = {compare_plain(operator, one, other) for one in lefts for other in right}
        if operator in {"=", "!="} and left[0] <= right[1] and right[0] <= left[1]:
            outcomes.add(operator == "=")
    return outcomes.pop() if len(outcomes) == 1 else None


def _against(operator: str, day: date, period: tuple[date, date]) -> bool:
    inside = period[0] <= day <= period[1]
    match operator:
        case "=":
            return inside
        case "!=":
            return not inside
        case "<":
            return day < period[0]
        case "<=":
            return day <= period[1]
        case ">":
            return day > period[1]
        case _:
            return day >= period[0]


def text_test(operator: str, left: Any, right: Any) -> bool:
    if left in (None, ()):
        return False
    wanted = fold(right)
    if isinstance(left, tuple):
        if operator == "contains":
            return any(fold(one) == wanted for one in left)
        return any(text_test(operator, one, right) for one in left)
    text = fold(left)
    match operator:
        case "contains":
            return any(text[i : i + len(wanted)] == wanted for i in range(len(text) + 1))
        case "starts with":
            return text[: len(wanted)] == wanted
        case "ends with":
            return wanted == "" or text[-len(wanted) :] == wanted
        case _:
            return _glob(text, wanted)


def _glob(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_glob(text[i:], pattern[1:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and _glob(text[1:], pattern[1:])
