"""Partial dates, periods of validity and moments: days as ordinals, moments as microseconds in UTC."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, Self

from relgraph.errors import ValueProblem
from relgraph.values.exact import shown

OPEN_START: Final = -(2**31) + 1
"""The day of a start that is not known or never was: before every day, and within 32 bits."""
OPEN_END: Final = 2**31 - 1
"""The day of an end that is not known or has not come: after every day, and within 32 bits."""

Precision = Literal["year", "month", "day"]
Bounds = tuple[int, int, int]
"""First day, last day (both ordinals) and precision: 0 a day, 1 a month, 2 a year."""

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FORMS = "write a day as 2024-03-05, a month as 2024-03, a year as 2024"


@dataclass(frozen=True, slots=True, init=False, repr=False, eq=False)
class PartialDate:
    """A day, a month or a year of the calendar.

    Equal by value and precision; a day equals the ``datetime.date`` of that day. Sorted by year, then month, then
    day, the shorter first: 2024 < 2024-01 < 2024-01-01. ValueProblem where there is no such date.

    >>> month = PartialDate.parse("2024-02")
    >>> month.first, month.last, month.precision
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29), 'month')
    >>> print(PartialDate(2024), PartialDate(2024, 3, 5) == date(2024, 3, 5))
    2024 True
    """

    year: int
    month: int | None
    day: int | None

    def __init__(self, year: int | str, month: int | None = None, day: int | None = None) -> None:
        if isinstance(year, str) and month is None and day is None:
            first, _, precision = day_bounds(year)
            start = date.fromordinal(first)
            year, month, day = start.year, start.month if precision < 2 else None, start.day if not precision else None
        if month is None and day is not None:
            raise ValueProblem(f"day {day} of {year} has no month", hint=_FORMS)
        try:
            # True is no year, though Python counts it as 1
            year = 0 if isinstance(year, bool) else int(year)
            date(year, 1 if month is None else month, 1 if day is None else day)
        except (TypeError, ValueError, OverflowError):
            parts = "-".join(shown(part) for part in (year, month, day) if part is not None)
            raise ValueProblem(f"{parts} is no date of the calendar (years 1 to 9999)", hint=_FORMS) from None
        object.__setattr__(self, "year", year)
        object.__setattr__(self, "month", month)
        object.__setattr__(self, "day", day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the date that text such as ``2024``, ``2024-03`` or ``2024-03-05`` writes."""
        return cls(text)

    @classmethod
    def of(cls, value: PartialDate | date | str | int) -> PartialDate:
        """Return what a person means by a date: text, a date, the number of a year, or a partial date itself."""
        if isinstance(value, PartialDate):
            return value
        first, _, precision = day_bounds(value)
        day = date.fromordinal(first)
        return cls(day.year, None if precision == 2 else day.month, None if precision else day.day)

    @property
    def precision(self) -> Precision:
        """How much is given: ``'year'``, ``'month'`` or ``'day'``."""
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The last day."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def _key(self) -> tuple[int, int, int]:
        return self.year, self.month or 0, self.day or 0

    def __eq__(self, other: object) -> bool:
        key = _key_of(other)
        return NotImplemented if key is None else self._key() == key

    def __hash__(self) -> int:
        # a day is equal to its datetime.date, so their hashes agree
        return hash(self._key()) if self.day is None else hash(self.first)

    def __lt__(self, other: object) -> bool:
        key = _key_of(other)
        return NotImplemented if key is None else self._key() < key

    def __le__(self, other: object) -> bool:
        key = _key_of(other)
        return NotImplemented if key is None else self._key() <= key

    def __gt__(self, other: object) -> bool:
        key = _key_of(other)
        return NotImplemented if key is None else self._key() > key

    def __ge__(self, other: object) -> bool:
        key = _key_of(other)
        return NotImplemented if key is None else self._key() >= key

    def __str__(self) -> str:
        text = f"{self.year:04}"
        if self.month is not None:
            text += f"-{self.month:02}"
        if self.day is not None:
            text += f"-{self.day:02}"
        return text

    def __repr__(self) -> str:
        parts = [str(part) for part in (self.year, self.month, self.day) if part is not None]
        return f"PartialDate({', '.join(parts)})"


def _key_of(other: object) -> tuple[int, int, int] | None:
    if isinstance(other, PartialDate):
        return other.year, other.month or 0, other.day or 0
    if isinstance(other, date) and not isinstance(other, datetime):
        return other.year, other.month, other.day
    return None


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Interval:
    """A period of validity, half-open: from ``since`` to the day before ``until``; None where it is open.

    A partial bound leaves two readings: the widest period that it allows, and the one that is sure. Both are
    pairs of ordinals, the second one excluded. ValueProblem where ``until`` is not after ``since``.

    >>> job = Interval("2021-03", 2024)
    >>> print(job)
    since 2021-03 until 2024
    >>> [date.fromordinal(day).isoformat() for day in (*job.widest, *job.sure)]
    ['2021-03-01', '2025-01-01', '2021-03-31', '2024-01-01']
    """

    since: PartialDate | None
    until: PartialDate | None

    def __init__(
        self, since: PartialDate | date | str | int | None = None, until: PartialDate | date | str | int | None = None
    ) -> None:
        object.__setattr__(self, "since", None if since is None else PartialDate.of(since))
        object.__setattr__(self, "until", None if until is None else PartialDate.of(until))
        first, end = self.widest
        if end <= first:
            raise ValueProblem(
                f"until {self.until} is not after since {self.since}",
                hint="a period holds from since to the day before until",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the period that text such as ``since 2021-03 until 2024``, or ``always``, writes."""
        plain = text.strip()
        if plain == "always":
            return cls()
        found = re.fullmatch(r"(?:since (\S+))?\s*(?:until (\S+))?", plain) if plain else None
        if found is None:
            raise ValueProblem(f"{shown(text)} is no period", hint="such as since 2021-03 until 2024-05-31, or always")
        return cls(found[1], found[2])

    @property
    def widest(self) -> tuple[int, int]:
        """The longest period that the bounds allow: what questions take."""
        first, end = OPEN_START, OPEN_END
        if self.since is not None:
            first = self.since.first.toordinal()
        if self.until is not None:
            last = self.until.last.toordinal()
            end = last if self.until.day is not None else last + 1
        return first, end

    @property
    def sure(self) -> tuple[int, int]:
        """The period that the bounds leave no doubt of, what rules take: empty where the end is not after the start."""
        first = OPEN_START if self.since is None else self.since.last.toordinal()
        end = OPEN_END if self.until is None else self.until.first.toordinal()
        return first, end

    def holds_on(self, day: date) -> bool:
        """Return whether the widest period covers a day."""
        first, end = self.widest
        return first <= day.toordinal() < end

    def overlaps(self, other: Interval) -> bool:
        """Return whether the widest periods of both share a day."""
        first, end = self.widest
        other_first, other_end = other.widest
        return first < other_end and other_first < end

    def __str__(self) -> str:
        since = "" if self.since is None else f"since {self.since}"
        until = "" if self.until is None else f"until {self.until}"
        return f"{since} {until}".strip() or "always"

    def __repr__(self) -> str:
        bounds = ["None" if bound is None else f"'{bound}'" for bound in (self.since, self.until)]
        return f"Interval({', '.join(bounds)})"


def day_bounds(given: object) -> Bounds:
    """Return the first and the last day of a date as ordinals, and its precision: 0 day, 1 month, 2 year.

    Takes what a person gives for a date: text, a ``date``, a ``datetime`` at midnight, a PartialDate, or the number
    of a year. ValueProblem for anything else.

    >>> day_bounds("2024") == (date(2024, 1, 1).toordinal(), date(2024, 12, 31).toordinal(), 2)
    True
    """
    if type(given) is str:
        return _text_bounds(given)
    match given:
        case PartialDate():
            code = 2 if given.month is None else 1 if given.day is None else 0
            return given.first.toordinal(), given.last.toordinal(), code
        case datetime():
            return _midnight_bounds(given)
        case date():
            day = given.toordinal()
            return day, day, 0
        case str():
            return _text_bounds(str(given))
        case bool():
            raise ValueProblem(f"{given!r} is no date", hint=_FORMS)
        case int() if 1 <= given <= 9999:
            return _text_bounds(f"{given:04}")
        case int():
            raise ValueProblem(f"{shown(given)} is no year: years are 1 to 9999", hint=_FORMS)
        case _ if type(given).__name__ == "datetime64":
            return _text_bounds(str(given))
        case _:
            raise ValueProblem(f"{shown(given)} is no date", hint=_FORMS)


def _midnight_bounds(given: datetime) -> Bounds:
    # pandas' missing time is a datetime that equals nothing
    if given != given:  # noqa: PLR0124
        raise ValueProblem("a missing time is no date", hint="leave it out where it is not known")
    if (given.hour, given.minute, given.second, given.microsecond) != (0, 0, 0, 0):
        raise ValueProblem(f"{given.isoformat()} is a moment, and a day is wanted", hint="give its .date()")
    day = given.toordinal()
    return day, day, 0


@lru_cache(maxsize=1 << 16)
def _text_bounds(text: str) -> Bounds:
    plain = text.strip()
    found = _PARTIAL.fullmatch(plain)
    if found is None:
        moment = _MOMENT.fullmatch(plain)
        if moment is None:
            raise ValueProblem(f"{shown(text)} is no date", hint=_repair(plain))
        if moment[2] != "00:00" or int(moment[3] or 0) or int(moment[4] or 0):
            raise ValueProblem(f"{shown(text)} is a moment, and a day is wanted", hint=f"write {moment[1]}")
        return _text_bounds(moment[1])
    year, month, day = (int(part or 0) for part in found.groups(default=""))
    try:
        if found[3] is not None:
            first = date(year, month, day).toordinal()
            return first, first, 0
        if found[2] is not None:
            first = date(year, month, 1).toordinal()
            return first, first + monthrange(year, month)[1] - 1, 1
        return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal(), 2
    except ValueError as error:
        raise ValueProblem(f"{shown(text)} is no date of the calendar: {error}", hint=_FORMS) from None


def _repair(text: str) -> str:
    if not text:
        return "leave it out where it is not known"
    if _QUARTER.fullmatch(text):
        return f"quarters are for questions only; {_FORMS}"
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}[./]\d{1,2}[./]\d{1,2}|\d{8}|\d{4}-\d{1,2}-\d{1,2}", text):
        return f"{_FORMS}; in a mapping, name the format"
    return _FORMS


@lru_cache(maxsize=1 << 12)
def period_bounds(text: str) -> tuple[int, int]:
    """Return the first and the last day, as ordinals, of a period in a question: also of a quarter.

    >>> [date.fromordinal(day).isoformat() for day in period_bounds("2024-Q1")]
    ['2024-01-01', '2024-03-31']
    """
    found = _QUARTER.fullmatch(text.strip())
    if found is None:
        first, last, _ = day_bounds(text)
        return first, last
    last_month = int(found[2]) * 3
    start, _, _ = day_bounds(f"{found[1]}-{last_month - 2:02}")
    _, end, _ = day_bounds(f"{found[1]}-{last_month:02}")
    return start, end


def parse_datetime(given: object) -> int:
    """Return a moment as microseconds since 1970 in UTC.

    Takes a ``datetime`` with a zone, or text such as ``2024-03-05T12:00:00Z``. ValueProblem without a zone, with
    more than six decimals of a second, or outside the years 1 to 9999.

    >>> parse_datetime("1970-01-01T01:00:00.5+01:00")
    500000
    """
    match given:
        case datetime():
            moment = given
            if given != given:  # noqa: PLR0124 - pandas' missing time equals nothing
                raise ValueProblem("a missing time is no moment", hint="leave it out where it is not known")
        case str():
            moment = _moment(given)
        case date():
            raise ValueProblem(f"{given} is a day, and a moment is wanted", hint=f"write {given}T00:00:00Z")
        case _ if type(given).__name__ == "datetime64":
            moment = _moment(str(given))
        case _:
            raise ValueProblem(f"{shown(given)} is no moment", hint="such as 2024-03-05T12:00:00Z")
    if moment.utcoffset() is None:
        raise ValueProblem(
            f"{moment.isoformat()} has no zone",
            hint="write it with Z or an offset such as +01:00; in Python give the datetime a tzinfo",
        )
    microseconds = (moment - _EPOCH) // _MICROSECOND
    try:
        datetime_of(microseconds)
    except OverflowError:
        raise ValueProblem(f"{shown(given)} lies outside the years 1 to 9999 in UTC") from None
    return microseconds


def _moment(text: str) -> datetime:
    plain = text.strip()
    found = _MOMENT.fullmatch(plain)
    if found is None:
        hint = f"write {plain}T00:00:00Z" if _PARTIAL.fullmatch(plain) and len(plain) == 10 else None
        raise ValueProblem(f"{shown(text)} is no moment", hint=hint or "such as 2024-03-05T12:00:00Z")
    day, minutes, seconds, fraction, zone = found.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > 6:
        raise ValueProblem(f"{shown(text)} is finer than microseconds", hint="round the seconds to six decimals")
    if zone in {"z", "UTC"}:
        zone = "Z"
    try:
        return datetime.fromisoformat(f"{day}T{minutes}:{seconds or '00'}.{fraction:0<6}{zone or ''}")
    except ValueError as error:
        raise ValueProblem(f"{shown(text)} is no moment: {error}") from None


def datetime_of(microseconds: int) -> datetime:
    """Return the moment, in UTC, of microseconds since 1970."""
    return _EPOCH + microseconds * _MICROSECOND


def datetime_text(microseconds: int) -> str:
    """Return a moment in the one form that is kept, of fixed width so that texts compare as moments do.

    >>> datetime_text(500000)
    '1970-01-01T00:00:00.500000Z'
    """
    moment = datetime_of(microseconds)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"
