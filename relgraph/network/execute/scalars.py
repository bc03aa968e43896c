"""What comparing and computing mean for two single values.

A comparison has three outcomes: true, false, and None where it cannot be told: a value is missing, a partial date
straddles, currencies differ. Questions treat None as false and count it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from relgraph.errors import QueryTypeError
from relgraph.folding import fold
from relgraph.query.ir import Days, Operator, Unit, ValueKind
from relgraph.values import Money, PartialDate, Percent
from relgraph.values.exact import plainly

# sums and products of admitted numbers never need as many digits, so these are exact
_EXACT: Final = Context(prec=4096, Emax=999_999, Emin=-999_999, traps=[InvalidOperation, Overflow])
_DIVIDING: Final = Context(prec=28, Emax=999_999, Emin=-999_999, traps=[InvalidOperation, Overflow, DivisionByZero])
_PLAIN: Final = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
MIRRORED: Final[dict[Operator, Operator]] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

Outcome = bool | None


class Zoned:
    """Reads moments as days of one time zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def day(self, moment: datetime) -> date:
        """Return the day of a moment."""
        return moment.astimezone(self._zone).date()

    def moment(self, given: datetime) -> datetime:
        """Return a moment, one without a zone being read in this zone."""
        return given if given.tzinfo is not None else given.replace(tzinfo=self._zone)


@lru_cache(maxsize=64)
def zoned(zone: str) -> Zoned:
    """Return what reads moments in a time zone."""
    return Zoned(zone)


def number_of(value: Any) -> Decimal | None:
    """Return the number in a value: a percent is its fraction; None where there is none."""
    match value:
        case bool():
            return None
        case Decimal():
            return value
        case int():
            return Decimal(value)
        case Percent():
            return value.fraction
        case _:
            return None


def _span(value: Any) -> tuple[date, date] | None:
    match value:
        case Days():
            return value.first, value.last
        case PartialDate():
            return value.first, value.last
        case date():
            return value, value
        case _:
            return None


def compare(operator: Operator, left: Any, right: Any, zone: Zoned) -> Outcome:
    """Return whether two values compare so; None where one is missing or it cannot be told."""
    if left is None or right is None:
        return None
    if isinstance(left, Days) and not isinstance(right, Days):
        return compare(MIRRORED[operator], right, left, zone)
    if isinstance(left, datetime) or isinstance(right, datetime):
        return _compare_moments(operator, left, right, zone)
    spans = _span(left), _span(right)
    if spans[0] is not None and spans[1] is not None:
        if isinstance(right, Days):
            return against_period(operator, *spans[0], right)
        return _unknown_days(operator, *spans[0], *spans[1])
    if isinstance(left, Money) and isinstance(right, Money):
        if left.currency != right.currency:
            return None
        return _plain(operator, left.amount, right.amount)
    numbers = number_of(left), number_of(right)
    if numbers[0] is not None and numbers[1] is not None:
        return _plain(operator, *numbers)
    return _plain(operator, left, right)


def _plain(operator: Operator, left: Any, right: Any) -> bool:
    return bool(_PLAIN[operator](left, right))


def _compare_moments(operator: Operator, left: Any, right: Any, zone: Zoned) -> Outcome:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return _plain(operator, zone.moment(left), zone.moment(right))
    if isinstance(left, datetime):
        span = _span(right)
        if span is None:
            return None
        day = zone.day(zone.moment(left))
        return against_period(operator, day, day, Days(*span))
    return compare(MIRRORED[operator], right, left, zone)


def against_period(operator: Operator, first: date, last: date, period: Days) -> Outcome:
    """Compare a day that lies somewhere from first to last with a period."""
    match operator:
        case "=" | "!=":
            inside = period.first <= first and last <= period.last
            outside = last < period.first or first > period.last
            if not inside and not outside:
                return None
            return inside if operator == "=" else outside
        case "<":
            return _told(last < period.first, first >= period.first)
        case "<=":
            return _told(last <= period.last, first > period.last)
        case ">":
            return _told(first > period.last, last <= period.last)
        case ">=":
            return _told(first >= period.first, last < period.first)


def _told(surely: bool, surely_not: bool) -> Outcome:
    return True if surely else False if surely_not else None


def _unknown_days(operator: Operator, first: date, last: date, other_first: date, other_last: date) -> Outcome:
    """Compare two days, each of which lies somewhere in a span."""
    match operator:
        case "=" | "!=":
            apart = last < other_first or first > other_last
            same = first == last == other_first == other_last
            if not apart and not same:
                return None
            return same if operator == "=" else apart
        case "<":
            return _told(last < other_first, first >= other_last)
        case "<=":
            return _told(last <= other_first, first > other_last)
        case ">":
            return _told(first > other_last, last <= other_first)
        case ">=":
            return _told(first >= other_last, last < other_first)


def compare_any(operator: Operator, left: Any, right: Any, zone: Zoned) -> Outcome:
    """Compare as :func:`compare`, where a side may be a list (a tuple): an empty one is missing.

    ``=`` and the orders hold when they hold for an element; ``!=`` when they hold for each of them.
    """
    if not isinstance(left, tuple) and not isinstance(right, tuple):
        return compare(operator, left, right, zone)
    lefts = left if isinstance(left, tuple) else (left,)
    rights = right if isinstance(right, tuple) else (right,)
    outcomes = [compare(operator, one, other, zone) for one in lefts for other in rights]
    if not outcomes:
        return None
    return every(outcomes) if operator == "!=" else some(outcomes)


def some(outcomes: Sequence[Outcome]) -> Outcome:
    """Return true where one is, else None where one cannot be told."""
    return True if True in outcomes else None if None in outcomes else False


def every(outcomes: Sequence[Outcome]) -> Outcome:
    """Return false where one is, else None where one cannot be told."""
    return False if False in outcomes else None if None in outcomes else True


def text_test(operator: Literal["contains", "starts with", "ends with", "matches"], left: Any, right: Any) -> Outcome:
    """Return whether text, folded, is found in text, folded; on a list, ``contains`` is having the element."""
    if left is None or left == () or right is None:
        return None
    wanted = fold(str(right))
    if isinstance(left, tuple):
        folded = [fold(str(one)) for one in left]
        if operator == "contains":
            return wanted in folded
        return any(_text_test(operator, one, wanted) for one in folded)
    return _text_test(operator, fold(str(left)), wanted)


def _text_test(operator: str, text: str, wanted: str) -> bool:
    match operator:
        case "contains":
            return wanted in text
        case "starts with":
            return text.startswith(wanted)
        case "ends with":
            return text.endswith(wanted)
        case _:
            return _matches(text, wanted)


def _matches(text: str, pattern: str) -> bool:
    """Return whether ``*`` (any text) and ``?`` (one character) make the pattern the whole text; linear in practice."""
    at, place = 0, 0
    star, marked = -1, 0
    while at < len(text):
        # a star first: the text may hold one as well
        if place < len(pattern) and pattern[place] == "*":
            star, marked = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in {"?", text[at]}:
            at, place = at + 1, place + 1
        elif star >= 0:
            # the last star takes one character more
            marked += 1
            at, place = marked, star + 1
        else:
            return False
    return all(one == "*" for one in pattern[place:])


def compute(operator: Literal["+", "-", "*", "/"], left: Any, right: Any, kind: ValueKind) -> Any:
    """Return two values added, subtracted, multiplied or divided, as a value of the kind; None where one is missing.

    Raises:
        QueryTypeError: money in unlike currencies, or a date out of the calendar.

    """
    if left is None or right is None:
        return None
    if isinstance(left, date) or isinstance(right, date) or isinstance(left, PartialDate | Days):
        return _compute_dates(operator, left, right)
    if isinstance(right, PartialDate | Days):
        return _compute_dates(operator, left, right)
    currencies = {one.currency for one in (left, right) if isinstance(one, Money)}
    if len(currencies) > 1:
        raise unlike_currencies(currencies)
    first, second = _amount(left), _amount(right)
    if first is None or second is None:
        return None
    match operator:
        case "+":
            result = _EXACT.add(first, second)
        case "-":
            result = _EXACT.subtract(first, second)
        case "*":
            result = _EXACT.multiply(first, second)
        case "/":
            if not second:
                return None
            result = divided(first, second)
    return of_kind(result, kind, next(iter(currencies), None))


def divided(first: Decimal, second: Decimal) -> Decimal:
    """Return a quotient, rounded to 28 significant digits, half to even, where it does not come out."""
    return _DIVIDING.divide(first, second)


def decimal_of(fraction: Fraction) -> Decimal:
    """Return a product of decimal numbers, kept as a fraction, as the decimal that it is.

    >>> decimal_of(Fraction(1, 8))
    Decimal('0.125')
    """
    return _EXACT.divide(Decimal(fraction.numerator), Decimal(fraction.denominator))


def added(numbers: Sequence[Decimal]) -> Decimal:
    """Return an exact sum."""
    total = Decimal(0)
    for one in numbers:
        total = _EXACT.add(total, one)
    return total


def multiplied(numbers: Sequence[Decimal]) -> Decimal:
    """Return an exact product."""
    total = Decimal(1)
    for one in numbers:
        total = _EXACT.multiply(total, one)
    return total


def _amount(value: Any) -> Decimal | None:
    return value.amount if isinstance(value, Money) else number_of(value)


def of_kind(number: Decimal, kind: ValueKind, currency: str | None) -> Any:
    """Return a number as a value of a kind."""
    match kind:
        case "money":
            return _money(number, currency or "")
        case "percent":
            return _percent(number)
        case "integer" | "duration" if number == number.to_integral_value():
            return int(number)
        case _:
            return plainly(number)


def _money(number: Decimal, currency: str) -> Money:
    # computed amounts may have more digits than a field's, which the class takes as they are
    return Money(number, currency)


def _percent(number: Decimal) -> Percent:
    return Percent(number)


def unlike_currencies(currencies: set[str]) -> QueryTypeError:
    """Return the error of adding what cannot be added."""
    listed = ", ".join(sorted(currencies))
    return QueryTypeError(
        f"amounts in {listed} cannot be added up",
        hint='compare one currency, such as [value.currency = "EUR"], or group by .currency',
        details={"currencies": sorted(currencies)},
    )


def _compute_dates(operator: str, left: Any, right: Any) -> Any:
    if operator == "-" and not isinstance(right, int):
        first, second = one_day(left), one_day(right)
        return None if first is None or second is None else (first - second).days
    day, days = (left, right) if not isinstance(left, int) else (right, left)
    start = one_day(day)
    if start is None or not isinstance(days, int):
        return None
    try:
        return start + timedelta(days=days if operator == "+" else -days)
    except OverflowError:
        raise QueryTypeError(f"{start} and {days} days is out of the calendar (years 1 to 9999)") from None


def one_day(value: Any) -> date | None:
    """Return the day that a date is, None where it is several, and for whatever is no date."""
    span = _span(value.date() if isinstance(value, datetime) else value)
    return span[0] if span is not None and span[0] == span[1] else None


def moved(day: date, amount: int, unit: Unit) -> date:
    """Return a day moved by units; by months, quarters and years it keeps its day or takes the month's last.

    >>> moved(date(2024, 3, 31), -1, "month"), moved(date(2024, 2, 29), 1, "year")
    (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28))
    """
    try:
        if unit in {"day", "week"}:
            return day + timedelta(days=amount * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + amount * {"month": 1, "quarter": 3, "year": 12}[unit]
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        raise QueryTypeError(f"{amount} {unit}s from {day} is out of the calendar (years 1 to 9999)") from None


def part_of(value: Any, part: str, zone: Zoned) -> Any:
    """Return a part of a date or of money; None where the value, or a partial date, does not have it."""
    match value, part:
        case None, _:
            return None
        case Money(), "amount":
            return value.amount
        case Money(), "currency":
            return value.currency
        case datetime(), _:
            return part_of(zone.day(zone.moment(value)), part, zone)
        case ((date() | PartialDate()), "quarter"):
            return None if value.month is None else (value.month + 2) // 3
        case ((date() | PartialDate()), ("year" | "month" | "day")):
            return getattr(value, part)
        case Days(), _:
            first, last = (part_of(one, part, zone) for one in (value.first, value.last))
            return first if first == last else None
        case _:
            return None


def sort_key(value: Any) -> Any:
    """Return what orders values of one kind; text by code point, money within its currency."""
    match value:
        case Money():
            return value.currency, value.amount
        case Percent():
            return value.fraction
        case PartialDate():
            return value.year, value.month or 0, value.day or 0
        case datetime():
            return value
        case date():
            return value.year, value.month, value.day
        case tuple():
            return tuple((one is None, sort_key(one)) if one is not None else (True, 0) for one in value)
        case _:
            return value
