"""The steps that values of a source go through: each one change, made exactly or refused with its reason."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from relgraph.errors import ValueProblem
from relgraph.exchange.cells import as_text
from relgraph.exchange.countries import country_code

_SPACES = re.compile(r"\s+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def each(value: object, change: Callable[[str], object]) -> object:
    """Return the value changed, each part by itself where it is a list; parts that become None are left out."""
    if isinstance(value, list):
        return [after for one in value if (after := change(as_text(one))) is not None]
    return change(as_text(value))


@dataclass(frozen=True, slots=True)
class Trim:
    """Takes spaces off both ends, and makes one of each run of spaces and line breaks inside."""

    def __call__(self, value: object) -> object:
        """Change texts; other values stay."""
        return each(value, _trimmed) if isinstance(value, (str, list)) else value


def _trimmed(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Nulls:
    """Takes some texts for nothing."""

    texts: frozenset[str]

    def __call__(self, value: object) -> object:
        """Return None for one of the texts."""
        return None if not isinstance(value, list) and as_text(value).strip() in self.texts else value


@dataclass(frozen=True, slots=True)
class Case:
    """Changes the case: ``upper``, ``lower`` or ``title``."""

    to: str

    def __call__(self, value: object) -> object:
        """Change texts."""
        return each(value, getattr(str, self.to))


@dataclass(frozen=True, slots=True)
class Replace:
    """Puts one text in the place of another, everywhere."""

    pairs: tuple[tuple[str, str], ...]

    def __call__(self, value: object) -> object:
        """Change texts."""
        return each(value, self._replaced)

    def _replaced(self, text: str) -> str:
        for old, new in self.pairs:
            text = text.replace(old, new)
        return text


@dataclass(frozen=True, slots=True)
class Choose:
    """Gives another value for each known one; ``otherwise`` says what becomes of the rest."""

    table: Mapping[str, object]
    otherwise: str = "refuse"

    def __call__(self, value: object) -> object:
        """Look the value up as it is written, then ignoring case."""
        if isinstance(value, list):
            found = [self._chosen(as_text(one)) for one in value]
            return [one for one in found if one is not None]
        return self._chosen(as_text(value))

    def _chosen(self, text: str) -> object:
        text = text.strip()
        if text in self.table:
            return self.table[text]
        low = text.casefold()
        for known, meaning in self.table.items():
            if known.casefold() == low:
                return meaning
        match self.otherwise:
            case "keep":
                return text
            case "empty":
                return None
            case _:
                raise ValueProblem(
                    f"'{text}' is none of the values that the mapping knows",
                    hint="add it under `map`, or say `otherwise: keep` or `otherwise: empty`",
                    candidates=difflib.get_close_matches(text, self.table, n=3),
                )


@dataclass(frozen=True, slots=True)
class Split:
    """Makes a list of a text; parts are trimmed, empty ones left out."""

    separator: str

    def __call__(self, value: object) -> object:
        """Return the parts."""
        if isinstance(value, list):
            return value
        return [part for one in as_text(value).split(self.separator) if (part := one.strip())] or None


@dataclass(frozen=True, slots=True)
class Number:
    """Reads a number as it is written somewhere: with this decimal mark, without these signs between its digits."""

    decimal: str = "."
    group: str = ""

    def __call__(self, value: object) -> object:
        """Return a Decimal, or the text of a percent where the sign of one stands behind the number."""
        if isinstance(value, str) and value.rstrip().endswith("%"):
            return f"{self.read(value.rstrip()[:-1]):f}%"
        return self.read(value)

    def read(self, value: object) -> Decimal:
        """Return a Decimal."""
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, float):
            return Decimal(repr(value))
        text = as_text(value)
        bare = _SPACES.sub("", text)
        for sign in self.group:
            bare = bare.replace(sign, "")
        bare = bare.replace("\u202f", "").replace("\u2212", "-")
        if self.decimal != ".":
            if "." in bare:
                raise ValueProblem(f"'{text}' is no number with the decimal mark '{self.decimal}'")
            bare = bare.replace(self.decimal, ".")
        try:
            number = Decimal(bare)
        except InvalidOperation:
            raise ValueProblem(
                f"'{text}' is no number", hint='say how it is written: number: {decimal: ",", group: "."}'
            ) from None
        if not number.is_finite():
            raise ValueProblem(f"'{text}' is no number")
        return number


_PLAIN = Number()


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiplies or divides by a number, exactly."""

    factor: Decimal
    divide: bool = False

    def __call__(self, value: object) -> object:
        """Return a Decimal."""
        number = _PLAIN.read(value)
        assert isinstance(number, Decimal)  # noqa: S101  (what Number returns)
        return number / self.factor if self.divide else number * self.factor


@dataclass(frozen=True, slots=True)
class Round:
    """Rounds to so many decimals, halves to the even digit."""

    places: int

    def __call__(self, value: object) -> object:
        """Return a Decimal."""
        number = _PLAIN.read(value)
        assert isinstance(number, Decimal)  # noqa: S101  (what Number returns)
        return number.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class AsPercent:
    """Reads a share: in ``points`` 25 is a quarter, as a ``fraction`` 0.25 is; ``25%`` is a quarter in both."""

    unit: str

    def __call__(self, value: object) -> object:
        """Return text with a percent sign."""
        text = as_text(value).strip()
        if text.endswith("%"):
            number = _PLAIN.read(text[:-1])
        else:
            number = _PLAIN.read(value)
            if self.unit == "fraction":
                assert isinstance(number, Decimal)  # noqa: S101  (what Number returns)
                number *= 100
        return f"{number:f}%"


@dataclass(frozen=True, slots=True)
class AsMoney:
    """Puts a currency to an amount."""

    currency: str

    def __call__(self, value: object) -> object:
        """Return text: amount and currency."""
        return f"{_PLAIN.read(value):f} {self.currency}"


@dataclass(frozen=True, slots=True)
class AsDate:
    """Reads a day, a month or a year by the first format that fits.

    A format is ``iso``, ``seconds`` or ``milliseconds`` since 1970 (the day in UTC), or a pattern of
    :meth:`datetime.datetime.strptime`; one without a day gives a month, one without a month a year.
    """

    formats: tuple[str, ...]

    def __call__(self, value: object) -> object:
        """Return the date in ISO form, as precise as it was given."""
        if isinstance(value, datetime):
            return value.date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        text = as_text(value).strip()
        for form in self.formats:
            found = _dated(text, form)
            if found is not None:
                return found
        raise ValueProblem(f"'{text}' is no date of the form {' or '.join(self.formats)}")


_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")


def _dated(text: str, form: str) -> str | None:
    try:
        if form == "iso":
            found = _ISO.fullmatch(text)
            if found is None:
                return None
            parts = [part for part in found.groups() if part is not None]
            date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, int(parts[2]) if len(parts) > 2 else 1)
            return "-".join(parts)
        if form in ("seconds", "milliseconds"):
            return (_EPOCH + _since_epoch(text, form)).date().isoformat()
        moment = datetime.strptime(text, form)  # noqa: DTZ007  (a day, without a zone on purpose)
    except (ValueError, OverflowError, InvalidOperation):
        return None
    if not any(sign in form for sign in ("%d", "%j", "%x", "%c", "%D", "%F")):
        has_month = any(sign in form for sign in ("%m", "%b", "%B"))
        return f"{moment:%Y-%m}" if has_month else f"{moment.year:04d}"
    return moment.date().isoformat()


def _since_epoch(text: str, form: str) -> timedelta:
    number = Decimal(text)
    return timedelta(microseconds=int(number * (1000 if form == "milliseconds" else 1_000_000)))


@dataclass(frozen=True, slots=True)
class AsMoment:
    """Reads a time of a day by the first format that fits; one without a zone is in ``zone``."""

    formats: tuple[str, ...]
    zone: str = "UTC"

    def __call__(self, value: object) -> object:
        """Return the time in ISO form with its zone."""
        moment = value if isinstance(value, datetime) else self._read(as_text(value).strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.zone))
        return moment.isoformat()

    def _read(self, text: str) -> datetime:
        for form in self.formats:
            try:
                if form == "iso":
                    return datetime.fromisoformat(text)
                if form in ("seconds", "milliseconds"):
                    return _EPOCH + _since_epoch(text, form)
                return datetime.strptime(text, form)  # noqa: DTZ007  (the zone is added by the caller)
            except (ValueError, OverflowError, InvalidOperation):
                continue
        raise ValueProblem(f"'{text}' is no time of the form {' or '.join(self.formats)}")


@dataclass(frozen=True, slots=True)
class AsCountry:
    """Reads a country by its code or its English name."""

    def __call__(self, value: object) -> object:
        """Return the two-letter code."""
        return each(value, country_code)


@dataclass(frozen=True, slots=True)
class AsPhone:
    """Writes a phone number as it is dialed from anywhere: ``prefix`` stands for a leading ``trunk``."""

    prefix: str
    trunk: str = "0"

    def __call__(self, value: object) -> object:
        """Return the number with + and digits only; what is no number is left as it is."""
        return each(value, self._dialed)

    def _dialed(self, text: str) -> str:
        # "(0)" inside an international number is not dialed
        bare = text.strip().replace("(0)", "") if text.strip().startswith(("+", "00")) else text.strip()
        digits = re.sub(r"[\s().\-/\u00a0]", "", bare)
        if digits.startswith("00"):
            digits = f"+{digits[2:]}"
        elif not digits.startswith("+"):
            digits = self.prefix + (digits.removeprefix(self.trunk) if self.trunk else digits)
        return digits if re.fullmatch(r"\+\d{4,15}", digits) else text


@dataclass(frozen=True, slots=True)
class Inclusive:
    """Moves a last day to the day after it, as periods end before their ``until``; months and years stay."""

    def __call__(self, value: object) -> object:
        """Return the day after, in ISO form."""
        day = value if isinstance(value, date) else None
        if day is None:
            text = as_text(value).strip()
            try:
                day = date.fromisoformat(text)
            except ValueError:
                return text
        try:
            return (day + timedelta(days=1)).isoformat()
        except OverflowError:
            return None
