"""Percent, Money, PartialDate, Interval, moments and exact numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.codes import CURRENCIES
from relgraph.errors import ValueProblem
from relgraph.values import (
    OPEN_END,
    OPEN_START,
    Interval,
    Money,
    PartialDate,
    Percent,
    canonical,
    datetime_of,
    datetime_text,
    day_bounds,
    exact,
    parse_datetime,
    period_bounds,
    shown,
)

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6)
partial_dates = st.one_of(
    st.integers(1, 9999).map(PartialDate),
    st.builds(PartialDate, st.integers(1, 9999), st.integers(1, 12)),
    st.dates().map(PartialDate.of),
)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


class TestExact:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.1, "0.1"),
            (np.float64(0.1), "0.1"),
            ("1_000", "1000"),
            (" -1.50 ", "-1.5"),
            ("−3", "-3"),
            (".5", "0.5"),
            ("10k", "10000"),
            ("1.5M", "1500000"),
            ("2bn", "2000000000"),
            ("1e3", "1000"),
            (Decimal("-0.00"), "0"),
            (2**63, "9223372036854775808"),
        ],
    )
    def test_is_read_as_written(self, value: object, text: str) -> None:
        assert canonical(exact(value)) == text

    @pytest.mark.parametrize(
        ("value", "hint"),
        [
            ("12,5", "12.5"),
            ("1.000,50", "1_000.50"),
            ("1 000", "1_000.50"),
            ("NaN", "leave the value out"),
            ("", "leave the value out"),
            (float("inf"), "leave the value out"),
            (Decimal("nan"), "leave the value out"),
        ],
    )
    def test_a_slip_is_met_with_a_repair(self, value: object, hint: str) -> None:
        with pytest.raises(ValueProblem) as caught:
            exact(value)
        assert hint in str(caught.value.hint)

    @pytest.mark.parametrize(
        "value", ["abc", "1__k", "１２", "0x10", True, None, [1], "9" * 5000, Decimal("1e-99999"), "1e9999"]
    )
    def test_what_is_no_number_is_refused(self, value: object) -> None:
        with pytest.raises(ValueProblem):
            exact(value)

    def test_an_integer_too_large_to_print_is_refused(self) -> None:
        with pytest.raises(ValueProblem, match="too large"):
            exact(10**5000)

    @given(numbers)
    def test_canonical_text_is_one_text_for_one_number(self, number: Decimal) -> None:
        text = canonical(number)
        assert exact(text) == number
        assert canonical(exact(text)) == text
        assert "E" not in text
        assert canonical(number.normalize()) == text

    def test_long_values_are_cut_in_messages(self) -> None:
        assert len(shown("x" * 10_000_000)) < 100
        assert len(shown(list(range(1000)))) < 100
        assert shown(10**5000) == "a very large int"


class TestPercent:
    def test_prints_with_its_sign(self) -> None:
        assert [str(Percent(one)) for one in (Decimal("0.25"), 1, 0.005, "12.5 %", 0)] == [
            "25%",
            "100%",
            "0.5%",
            "12.5%",
            "0%",
        ]

    def test_gives_its_fraction_and_a_float(self) -> None:
        share = Percent("33.3%")
        assert share.fraction == Decimal("0.333")
        assert isinstance(share.fraction, Decimal)
        assert float(share) == 0.333

    def test_is_a_value(self) -> None:
        assert Percent("50%") == Percent(0.5) == Percent("50.00%")
        assert len({Percent("50%"), Percent(Decimal("0.500"))}) == 1
        assert Percent("9%") < Percent("10%") <= Percent("10.0%")
        assert not Percent(0)
        with pytest.raises(AttributeError):
            Percent("1%").fraction = Decimal(1)  # type: ignore[misc]  # what is tested

    @given(numbers)
    def test_what_it_prints_it_parses(self, number: Decimal) -> None:
        percent = Percent(number)
        assert Percent.parse(str(percent)) == percent
        assert eval(repr(percent)) == percent  # noqa: S307 - a repr is Python
        assert hash(Percent.parse(str(percent))) == hash(percent)

    @pytest.mark.parametrize(("text", "hint"), [("50", "50%"), ("0.4", "40%"), ("12,5%", "12.5"), ("x%", "25%")])
    def test_a_slip_is_met_with_a_repair(self, text: str, hint: str) -> None:
        with pytest.raises(ValueProblem) as caught:
            Percent(text)
        assert hint in str(caught.value.hint)

    def test_is_not_compared_with_bare_numbers(self) -> None:
        half: object = 0.5
        assert Percent("50%") != half
        with pytest.raises(TypeError):
            _ = Percent("50%") > 0.4  # type: ignore[operator]  # what is tested


class TestMoney:
    @pytest.mark.parametrize(
        "text", ["9000 EUR", "EUR 9000", "9k EUR", "9_000.00 eur", "9000EUR", "€9000", " 9000 € ", "0.009M EUR"]
    )
    def test_is_read_in_the_ways_people_write_it(self, text: str) -> None:
        assert Money.parse(text) == Money(9000, "EUR") == Money(text)

    def test_prints_as_money(self) -> None:
        assert [str(Money(one, "EUR")) for one in ("9000", "9000.5", "0.25", "1.234", "-3")] == [
            "9000 EUR",
            "9000.50 EUR",
            "0.25 EUR",
            "1.2340 EUR",
            "-3 EUR",
        ]

    def test_is_ordered_within_a_currency_only(self) -> None:
        assert Money(9, "EUR") < Money(10, "EUR")
        assert Money(10, "EUR") >= Money("10.0", "EUR")
        assert Money(9, "EUR") != Money(9, "USD")
        with pytest.raises(TypeError, match="unlike currencies"):
            _ = Money(9, "EUR") < Money(10, "USD")
        with pytest.raises(TypeError):
            _ = Money(9, "EUR") < 10

    @given(numbers, st.sampled_from(sorted(CURRENCIES)))
    def test_what_it_prints_it_parses(self, amount: Decimal, currency: str) -> None:
        money = Money(amount, currency)
        assert Money.parse(str(money)) == money
        assert eval(repr(money)) == money  # noqa: S307 - a repr is Python
        assert hash(Money.parse(str(money))) == hash(money)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("9000", "currency is missing"),
            ("1.000 EUR", "1000 EUR"),
            ("1.000,50 EUR", "1000.50 EUR"),
            ("$5", "several currencies"),
            ("9000 EUX", "'EUR'"),
            ("lots", "9000 EUR"),
        ],
    )
    def test_a_slip_is_met_with_a_repair(self, text: str, said: str) -> None:
        with pytest.raises(ValueProblem) as caught:
            Money.parse(text)
        assert said in str(caught.value)

    def test_needs_a_currency(self) -> None:
        with pytest.raises(ValueProblem, match="currency"):
            Money(5)


class TestPartialDate:
    def test_knows_its_days_and_its_precision(self) -> None:
        year, month, one_day = PartialDate(2024), PartialDate("2024-02"), PartialDate.parse("2024-03-05")
        assert (year.first, year.last, year.precision) == (date(2024, 1, 1), date(2024, 12, 31), "year")
        assert (month.first, month.last, month.precision) == (date(2024, 2, 1), date(2024, 2, 29), "month")
        assert (one_day.first, one_day.last, one_day.precision) == (date(2024, 3, 5), date(2024, 3, 5), "day")

    def test_equal_by_value_and_precision(self) -> None:
        assert PartialDate(2024) != PartialDate(2024, 1)
        assert PartialDate(2024, 1) != PartialDate(2024, 1, 1)
        assert PartialDate(2024, 1) == PartialDate("2024-01")

    def test_a_day_is_equal_to_the_date(self) -> None:
        assert PartialDate(2024, 3, 5) == date(2024, 3, 5)
        assert date(2024, 3, 5) == PartialDate(2024, 3, 5)
        assert hash(PartialDate(2024, 3, 5)) == hash(date(2024, 3, 5))
        assert PartialDate(2024) < date(2024, 1, 1) < PartialDate(2025)
        assert PartialDate(2024, 3, 5) != datetime(2024, 3, 5, tzinfo=UTC)

    @given(partial_dates)
    def test_what_it_prints_it_parses(self, partial: PartialDate) -> None:
        again = PartialDate.parse(str(partial))
        assert again == partial
        assert hash(again) == hash(partial)
        assert eval(repr(partial)) == partial  # noqa: S307 - a repr is Python
        first, last, precision = day_bounds(str(partial))
        assert (first, last) == (partial.first.toordinal(), partial.last.toordinal())
        assert ("day", "month", "year")[precision] == partial.precision
        assert day_bounds(partial) == (first, last, precision)

    @given(partial_dates, partial_dates)
    def test_is_ordered_as_its_text(self, left: PartialDate, right: PartialDate) -> None:
        assert (left < right) == (str(left) < str(right))
        assert (left <= right) == (str(left) <= str(right))
        assert (left > right) == (str(left) > str(right))
        assert (left >= right) == (str(left) >= str(right))

    @pytest.mark.parametrize("parts", [(0,), (10000,), (2024, 13), (2024, 2, 30), (2024, None, 1), (True,), ("x", 1)])
    def test_what_the_calendar_lacks_is_refused(self, parts: tuple[Any, ...]) -> None:
        with pytest.raises(ValueProblem):
            PartialDate(*parts)

    def test_of_takes_what_people_give(self) -> None:
        assert PartialDate.of(2024) == PartialDate(2024)
        assert PartialDate.of(date(2024, 3, 5)) == PartialDate(2024, 3, 5)
        assert PartialDate.of("2024-03") == PartialDate(2024, 3)


class TestDayBounds:
    @pytest.mark.parametrize(
        ("given", "bounds"),
        [
            ("2024", (day("2024-01-01"), day("2024-12-31"), 2)),
            (2024, (day("2024-01-01"), day("2024-12-31"), 2)),
            ("2023-02", (day("2023-02-01"), day("2023-02-28"), 1)),
            (" 2024-03-05 ", (day("2024-03-05"), day("2024-03-05"), 0)),
            ("2024-03-05T00:00:00Z", (day("2024-03-05"), day("2024-03-05"), 0)),
            ("2024-03-05 00:00", (day("2024-03-05"), day("2024-03-05"), 0)),
            (date(2024, 3, 5), (day("2024-03-05"), day("2024-03-05"), 0)),
            (datetime(2024, 3, 5, tzinfo=UTC), (day("2024-03-05"), day("2024-03-05"), 0)),
            (np.datetime64("2024-03-05"), (day("2024-03-05"), day("2024-03-05"), 0)),
            (np.str_("2024"), (day("2024-01-01"), day("2024-12-31"), 2)),
            ("9999", (day("9999-01-01"), day("9999-12-31"), 2)),
            ("9999-12", (day("9999-12-01"), day("9999-12-31"), 1)),
        ],
    )
    def test_takes_what_people_give(self, given: object, bounds: tuple[int, int, int]) -> None:
        assert day_bounds(given) == bounds

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (datetime(2024, 3, 5, 12, tzinfo=UTC), ".date()"),
            ("2024-03-05T12:00:00Z", "write 2024-03-05"),
            ("05/03/2024", "name the format"),
            ("20240305", "name the format"),
            ("2024-3-5", "name the format"),
            ("2024-Q1", "quarters"),
            ("2024-02-30", "calendar"),
            ("2024-13", "calendar"),
            ("0000", "calendar"),
            ("", "leave it out"),
            (True, "no date"),
            (20240305, "years are 1 to 9999"),
            (2024.0, "no date"),
            (None, "no date"),
            (np.datetime64("NaT"), "no date"),
            ("٢٠٢٤", "no date"),
        ],
    )
    def test_refuses_the_rest_with_a_reason(self, given: object, said: str) -> None:
        with pytest.raises(ValueProblem) as caught:
            day_bounds(given)
        assert said in str(caught.value)

    def test_a_question_may_ask_for_a_quarter(self) -> None:
        assert period_bounds("2024-Q1") == (day("2024-01-01"), day("2024-03-31"))
        assert period_bounds("2023-q4") == (day("2023-10-01"), day("2023-12-31"))
        assert period_bounds("2024") == (day("2024-01-01"), day("2024-12-31"))


class TestInterval:
    def test_widest_and_sure_period_of_partial_bounds(self) -> None:
        job = Interval("2021-03", 2024)
        assert job.widest == (day("2021-03-01"), day("2025-01-01"))
        assert job.sure == (day("2021-03-31"), day("2024-01-01"))

    def test_a_day_is_an_end_as_it_is_written(self) -> None:
        job = Interval(PartialDate(2024, 1, 1), date(2024, 5, 31))
        assert job.widest == job.sure == (day("2024-01-01"), day("2024-05-31"))
        assert job.holds_on(date(2024, 5, 30))
        assert not job.holds_on(date(2024, 5, 31))

    def test_open_bounds(self) -> None:
        assert Interval().widest == Interval().sure == (OPEN_START, OPEN_END)
        assert Interval(since="2024").widest == (day("2024-01-01"), OPEN_END)
        assert np.array([OPEN_START, OPEN_END], dtype=np.int32).tolist() == [OPEN_START, OPEN_END]

    def test_a_sure_period_may_be_empty(self) -> None:
        first, end = Interval(2024, 2024).sure
        assert end <= first
        assert Interval(2024, 2024).widest == (day("2024-01-01"), day("2025-01-01"))

    @pytest.mark.parametrize(
        ("since", "until"), [("2024-01-01", "2024-01-01"), ("2024", "2023"), ("2024-06", "2024-05")]
    )
    def test_an_end_that_is_not_after_its_start_is_refused(self, since: str, until: str) -> None:
        with pytest.raises(ValueProblem, match="not after"):
            Interval(since, until)

    def test_left_and_joined_in_one_year_overlap_in_the_widest_sense_only(self) -> None:
        left, joined = Interval(until=2024), Interval(since=2024)
        assert left.overlaps(joined)
        assert left.sure[1] <= joined.sure[0]
        assert not Interval(until="2024-01-01").overlaps(Interval(since="2024-01-01"))

    @given(st.none() | partial_dates, st.none() | partial_dates)
    def test_what_it_prints_it_parses(self, since: PartialDate | None, until: PartialDate | None) -> None:
        try:
            period = Interval(since, until)
        except ValueProblem:
            return
        again = Interval.parse(str(period))
        assert again == period
        assert hash(again) == hash(period)
        assert eval(repr(period)) == period  # noqa: S307 - a repr is Python
        assert period.widest[0] <= period.sure[0]
        assert period.sure[1] <= period.widest[1]

    @pytest.mark.parametrize("text", ["", "2024", "from 2024", "since", "since 2024 until"])
    def test_other_texts_are_no_period(self, text: str) -> None:
        with pytest.raises(ValueProblem):
            Interval.parse(text)


class TestMoments:
    @pytest.mark.parametrize(
        "text",
        [
            "2024-03-05T12:00:00Z",
            "2024-03-05 12:00Z",
            "2024-03-05T13:00:00+01:00",
            "2024-03-05T13:00:00.000000000+0100",
            "2024-03-05T13:00+01",
            "2024-03-05 12:00:00 UTC",
            "2024-03-05t12:00:00z",
        ],
    )
    def test_one_moment_in_many_forms(self, text: str) -> None:
        assert datetime_text(parse_datetime(text)) == "2024-03-05T12:00:00.000000Z"

    @given(st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-11, minutes=-30)))))
    def test_microseconds_there_and_back(self, moment: datetime) -> None:
        try:
            microseconds = parse_datetime(moment)
        except ValueProblem as problem:
            assert "years 1 to 9999" in problem.message  # noqa: PT017 - only some of what is drawn fails
            return
        assert datetime_of(microseconds) == moment
        assert parse_datetime(datetime_text(microseconds)) == microseconds
        assert len(datetime_text(microseconds)) == 27

    @given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
    def test_text_is_ordered_as_time(self, left: datetime, right: datetime) -> None:
        texts = datetime_text(parse_datetime(left)), datetime_text(parse_datetime(right))
        assert (texts[0] < texts[1]) == (left < right)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("2024-03-05T12:00:00", "has no zone"),
            (datetime(2024, 3, 5, 12), "has no zone"),  # noqa: DTZ001 - what is tested
            ("2024-03-05", "2024-03-05T00:00:00Z"),
            (date(2024, 3, 5), "2024-03-05T00:00:00Z"),
            ("2024-03-05T25:00:00Z", "no moment"),
            ("2024-03-05T12:00:00.1234567Z", "six decimals"),
            ("0001-01-01T00:00:00+05:00", "years 1 to 9999"),
            ("9999-12-31T23:59:59-05:00", "years 1 to 9999"),
            (1709640000, "no moment"),
            ("now", "no moment"),
        ],
    )
    def test_refuses_the_rest_with_a_reason(self, given: object, said: str) -> None:
        with pytest.raises(ValueProblem) as caught:
            parse_datetime(given)
        assert said in str(caught.value)
