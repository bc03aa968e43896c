"""What fields take, what they refuse, and in which form it is stored."""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.codes import COUNTRIES, CURRENCIES
from relgraph.errors import ValueProblem
from relgraph.values import Money, PartialDate, Percent
from relgraph.vocabulary.fields import load, rounded, scaled, sort_key, store, store_fast
from relgraph.vocabulary.model import Field, Kind


def field(kind: Kind, **facets: Any) -> Field:
    return Field("f", kind, **facets)


def refused(one: Field, value: object) -> ValueProblem:
    with pytest.raises(ValueProblem) as caught:
        store(one, value)
    with pytest.raises(ValueProblem):
        store_fast(one)(value)
    problem = caught.value
    assert one.name in problem.message
    assert problem.details["field"] == one.name
    assert len(str(problem)) < 1000
    return problem


def amounts(places: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(-most, most, allow_nan=False, allow_infinity=False, places=places)


VALUES: dict[Kind, st.SearchStrategy[object]] = {
    "text": st.text(st.characters(exclude_categories=["Cs"])),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "decimal": amounts(6, 10**9),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones()),  # noqa: DTZ001 - bounds are naive
    "partial date": st.dates().map(str) | st.dates().map(lambda one: str(one)[:7]) | st.integers(1, 9999),
    "percent": amounts(6, 10**9).map(Percent),
    "money": st.builds(Money, amounts(4, 10**11), st.sampled_from(sorted(CURRENCIES))),
    "url": st.just("https://example.com/a?b=c#d"),
    "email": st.just("ana@example.com"),
    "phone": st.just("+33 1 23 45 67 89"),
    "country": st.sampled_from(sorted(COUNTRIES)),
    "choice": st.just("Steel"),
}
typed = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: VALUES[kind].map(
        lambda value: (field(kind, choices=("Steel", "Media") if kind == "choice" else ()), value)
    )
)


class TestRoundTrip:
    @given(typed)
    def test_stored_loaded_and_stored_again_is_the_same(self, drawn: tuple[Field, object]) -> None:
        one, value = drawn
        stored = store(one, value)
        assert json.loads(json.dumps(stored)) == stored
        loaded = load(one, stored)
        assert store(one, loaded) == stored
        fast = store_fast(one)
        assert [fast(value), fast(value), fast(loaded)] == [stored] * 3
        hash(loaded)

    @given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(VALUES[kind]))))
    def test_lists_of_every_kind(self, drawn: tuple[Kind, list[object]]) -> None:
        kind, values = drawn
        many = field(kind, many=True, choices=("Steel",) if kind == "choice" else ())
        stored = store(many, values)
        loaded = load(many, stored)
        assert isinstance(stored, list)
        assert isinstance(loaded, tuple)
        assert store(many, loaded) == stored
        assert stored == [store(Field("f", kind, choices=many.choices), one) for one in values]

    @given(amounts(6, 10**9), amounts(6, 10**9))
    def test_numbers_are_exact_and_in_order(self, left: Decimal, right: Decimal) -> None:
        one = field("decimal")
        stored = store(one, left), store(one, right)
        assert load(one, stored[0]) == left
        assert (stored[0] == stored[1]) == (left == right)
        assert (sort_key(one, stored[0]) < sort_key(one, stored[1])) == (left < right)
        assert (scaled(one, stored[0]) < scaled(one, stored[1])) == (left < right)

    def test_equal_numbers_have_one_form(self) -> None:
        assert store(field("decimal"), "0.50") == store(field("decimal"), 0.5) == "0.5"
        assert store(field("percent"), "50.00 %") == store(field("percent"), Percent(0.5)) == "0.5"
        assert store(field("money"), (1, "eur")) == store(field("money"), "1.00 EUR") == ["1", "EUR"]
        assert store(field("decimal"), -0.0) == "0"

    def test_what_users_see(self) -> None:
        assert load(field("percent"), "0.25") == Percent("25%")
        assert load(field("money"), ["9", "EUR"]) == Money(9, "EUR")
        assert load(field("decimal"), "1.5") == Decimal("1.5")
        assert load(field("date"), "2024-03-05") == date(2024, 3, 5)
        assert load(field("partial date"), "2024-03") == PartialDate(2024, 3)
        moment = load(field("datetime"), store(field("datetime"), "2024-03-05T13:00+01:00"))
        assert moment == datetime(2024, 3, 5, 12, tzinfo=UTC)
        assert moment.tzinfo is UTC
        assert load(field("integer", many=True), [1, 2]) == (1, 2)


class TestNumbers:
    def test_a_float_is_what_python_prints(self) -> None:
        assert store(field("decimal"), 0.1) == "0.1"
        assert store(field("decimal"), np.float64(0.1)) == "0.1"
        assert store(field("integer"), np.int64(7)) == 7
        assert type(store(field("integer"), np.int64(7))) is int

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), "NaN", Decimal("Infinity")])
    @pytest.mark.parametrize("kind", ["decimal", "integer"])
    def test_what_is_no_finite_number(self, kind: Kind, value: object) -> None:
        refused(field(kind), value)

    def test_surplus_digits_are_refused_with_what_to_write(self) -> None:
        assert "0.333333" in str(refused(field("decimal"), 1 / 3).hint)
        assert "33.3333%" in str(refused(field("percent"), "33.333333%").hint)
        assert "1.2346 EUR" in str(refused(field("money"), "1.23456 EUR").hint)
        assert "15 significant digits" in refused(field("decimal"), "1234567890.123456").message
        assert store(field("decimal"), "123456789.123456") == "123456789.123456"

    def test_scale_is_the_fields_own(self) -> None:
        assert store(field("decimal", scale=8), "0.12345678") == "0.12345678"
        assert "more than 1 decimals" in refused(field("decimal", scale=1), "0.25").message
        assert store(field("money", scale=0), "5 EUR") == ["5", "EUR"]

    def test_a_number_that_no_scaled_integer_holds(self) -> None:
        assert "too large" in refused(field("decimal"), "1e15").message
        assert "too large" in refused(field("decimal"), "9223372036855").message
        assert store(field("decimal"), "9223372036854") == "9223372036854"
        assert store(field("decimal", scale=0), "1e15") == "1000000000000000"
        refused(field("decimal"), "1e999")
        refused(field("integer"), 10**5000)

    @pytest.mark.parametrize("value", [True, False, np.array([True])[0]])
    @pytest.mark.parametrize("kind", ["integer", "decimal", "percent", "money"])
    def test_true_is_no_number(self, kind: Kind, value: object) -> None:
        refused(field(kind), value)

    def test_integers_have_64_bits(self) -> None:
        one = field("integer")
        assert [store(one, value) for value in ("42", 42.0, Decimal("4.2e1"), "1_000", -(2**63), 2**63 - 1)] == [
            42,
            42,
            42,
            1000,
            -(2**63),
            2**63 - 1,
        ]
        assert "64 bits" in str(refused(one, 2**63).hint)
        assert "64 bits" in str(refused(one, "1e300").hint)
        assert "round it to 2" in str(refused(one, 1.6).hint)

    def test_remembered_values_of_unlike_types_stay_apart(self) -> None:
        fast = store_fast(field("integer"))
        assert fast(1) == fast(1.0) == 1
        with pytest.raises(ValueProblem):
            fast(bool(1))
        days = store_fast(field("date"))
        assert days(date(2024, 1, 1)) == "2024-01-01"
        with pytest.raises(ValueProblem):
            days(datetime(2024, 1, 1, 5, tzinfo=UTC))

    def test_a_remembered_list_is_not_shared(self) -> None:
        fast = store_fast(field("money"))
        first = fast("5 EUR")
        assert isinstance(first, list)
        first.append("changed")
        assert fast("5 EUR") == ["5", "EUR"]


class TestPercent:
    def test_needs_its_sign(self) -> None:
        assert "40%" in str(refused(field("percent"), 0.4).hint)
        assert "Percent(0.4)" in str(refused(field("percent"), 0.4).hint)
        assert "write 50%" in str(refused(field("percent"), 50).hint)
        assert "write 50%" in str(refused(field("percent"), "50").hint)

    def test_nothing_needs_no_sign(self) -> None:
        assert {str(store(field("percent"), value)) for value in (0, "0", 0.0, "0%", Percent(0))} == {"0"}


class TestMoney:
    @pytest.mark.parametrize(
        "value",
        ["9000 EUR", "EUR 9000", "9k EUR", ("9000", "EUR"), [9000.0, "eur"], {"amount": 9000, "currency": "EUR"}],
    )
    def test_forms(self, value: object) -> None:
        assert store(field("money"), value) == ["9000", "EUR"]

    def test_needs_a_currency(self) -> None:
        assert "'9000 EUR'" in str(refused(field("money"), 9000).hint)
        assert "EUR" in refused(field("money"), (9000, "EURO")).candidates
        refused(field("money"), (9000, None))
        refused(field("money"), ("x", "EUR"))
        refused(field("money"), range(2))
        refused(field("money"), {"amount": 9000})
        refused(field("money"), {"amount": 9000, "currency": "EUR", "tax": 1})

    def test_limits_hold_within_a_currency_and_zero_in_all(self) -> None:
        positive = field("money", minimum=["0", "EUR"])
        assert store(positive, "5 USD") == ["5", "USD"]
        refused(positive, "-5 USD")
        capped = field("money", maximum=["100", "EUR"])
        refused(capped, "101 EUR")
        assert "cannot be compared" in refused(capped, "5 USD").message


class TestDates:
    def test_a_day_needs_a_day(self) -> None:
        assert store(field("date"), "2024-03-05") == store(field("date"), date(2024, 3, 5)) == "2024-03-05"
        assert store(field("date"), PartialDate(2024, 3, 5)) == "2024-03-05"
        assert "partial date" in str(refused(field("date"), "2024-03").hint)
        assert "partial date" in str(refused(field("date"), 2024).hint)

    def test_partial_dates_keep_their_precision(self) -> None:
        one = field("partial date")
        assert [store(one, value) for value in (2024, "2024-03", PartialDate(2024, 3, 5), 33)] == [
            "2024",
            "2024-03",
            "2024-03-05",
            "0033",
        ]
        assert "quarters" in str(refused(one, "2024-Q1").hint)

    def test_limits_of_partial_dates_refuse_what_is_surely_outside(self) -> None:
        one = field("partial date", minimum="2024-06", maximum="2025")
        assert store(one, "2024") == "2024"
        assert store(one, "2025-12-31") == "2025-12-31"
        refused(one, "2024-05")
        refused(one, "2026")

    def test_moments_need_a_zone(self) -> None:
        assert store(field("datetime"), "2024-03-05T13:00:00.5+01:00") == "2024-03-05T12:00:00.500000Z"
        assert "zone" in refused(field("datetime"), "2024-03-05T13:00:00").message

    def test_limits_of_days_and_moments(self) -> None:
        refused(field("date", minimum="2024-01-01"), "2023-12-31")
        refused(field("datetime", maximum="2024-01-01T00:00:00.000000Z"), "2024-01-01T00:00:01Z")


class TestLimits:
    @pytest.mark.parametrize(
        ("kind", "low", "high", "inside", "outside"),
        [
            ("integer", 1, 10, ["1", 10, 5], [0, 11]),
            ("decimal", "9.5", "10", ["9.5", "10.0"], ["9.499999", "10.000001", "100", "9"]),
            ("percent", "0", "1", ["0%", "100%", 0], ["-1%", "100.0001%"]),
        ],
    )
    def test_both_ends_are_inside(
        self, kind: Kind, low: object, high: object, inside: list[object], outside: list[object]
    ) -> None:
        one = field(kind, minimum=low, maximum=high)
        for value in inside:
            store(one, value)
        for value in outside:
            refused(one, value)

    def test_the_message_names_field_value_and_expectation(self) -> None:
        share = Field("share", "percent", minimum="0", maximum="1")
        assert refused(share, "140%").message == "share takes a percent from 0% to 100%, not '140%'"

    def test_each_of_a_list_is_checked(self) -> None:
        many = field("percent", many=True, maximum="1")
        assert store(many, ["5%", "100%"]) == ["0.05", "1"]
        refused(many, ["5%", "101%"])
        refused(many, ["5%", None])


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a\x00b",
            "نص عربي",
            "👩‍👩‍👧",
            "e\u0301",
            "é",
            "'; DROP TABLE",
            "  spaced  ",
            "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        ],
    )
    def test_text_is_kept_as_it_is(self, text: str) -> None:
        assert store(field("text"), text) == text
        assert store_fast(field("text"))(text) == text

    def test_half_a_character_is_refused(self) -> None:
        assert "position 1" in refused(field("text"), "a\ud800").message
        refused(field("text", many=True), ["fine", "\udfff"])

    def test_large_text_is_kept_and_a_large_wrong_one_is_cut_in_the_message(self) -> None:
        large = "ä" * 16_000_000
        assert store(field("text"), large) is large
        refused(field("choice", choices=("Steel",)), large)
        refused(field("email"), large)
        refused(field("decimal"), large)

    @pytest.mark.parametrize("value", [5, 1.5, None, b"bytes", date(2024, 1, 1), ["a"], {"a": 1}])
    def test_what_is_no_text(self, value: object) -> None:
        refused(field("text"), value)

    def test_a_subclass_is_stored_as_plain_text(self) -> None:
        class Sector(str, enum.Enum):  # noqa: UP042 - prints itself as Sector.STEEL, which is the trap
            STEEL = "Steel"

        stored = store(field("choice", choices=("Steel",)), Sector.STEEL)
        assert stored == "Steel"
        assert type(stored) is str

    def test_choices_name_what_may_be_meant(self) -> None:
        one = field("choice", choices=("Steel", "Média", "Rail"))
        assert store(one, "Steel") == "Steel"
        assert refused(one, "media").candidates == ("Média",)
        assert refused(one, "steel").candidates == ("Steel",)
        assert "Steel, Média or Rail" in refused(one, "x").message

    def test_a_pattern_matches_the_whole_text(self) -> None:
        one = field("text", pattern="[A-Z]{2}[0-9]+", example="AB12")
        assert store(one, "AB12") == "AB12"
        assert "AB12" in str(refused(one, "AB12x").hint)
        refused(one, "xAB12")
        refused(one, "AB12\n")
        assert "1000 characters" in str(refused(one, "AB" + "1" * 2000).hint)

    def test_a_pattern_that_is_none_is_said(self) -> None:
        with pytest.raises(ValueProblem, match="no regular expression"):
            store(field("text", pattern="("), "x")

    @pytest.mark.parametrize("value", ["de", "DEU", "Germany", " DE "])
    def test_countries(self, value: str) -> None:
        assert store(field("country"), value) == "DE"

    def test_an_unknown_country(self) -> None:
        assert "Germany" in refused(field("country"), "Germny").candidates

    @pytest.mark.parametrize("value", ["ana@example.com", "a.b+c@sub.example.co.uk", "root@localhost", "é@exämple.de"])
    def test_emails(self, value: str) -> None:
        assert store(field("email"), f" {value}") == value

    @pytest.mark.parametrize(
        "value", ["", "ana", "@x.com", "a@", "a@b@c", "a@.com", "a@x..com", "a@x.com.", "a b@x.com"]
    )
    def test_what_is_no_email(self, value: str) -> None:
        refused(field("email"), value)

    def test_an_email_in_a_header_is_shown_alone(self) -> None:
        assert refused(field("email"), "Ana <ana@x.com>").hint == "write ana@x.com"

    @pytest.mark.parametrize("value", ["https://example.com", "ftp://x/y", "mailto:a@b.c", "HTTP://x", "urn:isbn:1"])
    def test_urls(self, value: str) -> None:
        assert store(field("url"), value) == value

    @pytest.mark.parametrize("value", ["", "javascript:alert(1)", "data:text/html,x", "https://", "https://a b", "//x"])
    def test_what_is_no_url(self, value: str) -> None:
        refused(field("url"), value)

    def test_a_url_without_its_scheme(self) -> None:
        assert refused(field("url"), "www.acme.com/x").hint == "write https://www.acme.com/x"

    @pytest.mark.parametrize(
        "value", ["+33 1 23 45 67 89", "(0)12/34-5", "112", "0123 ext. 45", "0123 x45", "*31#0123"]
    )
    def test_phones_are_kept_as_written(self, value: str) -> None:
        assert store(field("phone"), value) == value

    @pytest.mark.parametrize("value", ["", "call me", "1", "--", "1" * 100])
    def test_what_is_no_phone(self, value: str) -> None:
        refused(field("phone"), value)

    @pytest.mark.parametrize(
        ("value", "stored"),
        [
            (True, True),
            (False, False),
            ("TRUE", True),
            ("no", False),
            (1, True),
            ("0", False),
            (np.array([True])[0], True),
        ],
    )
    def test_booleans(self, value: object, stored: bool) -> None:
        assert store(field("boolean"), value) is stored
        assert store_fast(field("boolean"))(value) is stored

    @pytest.mark.parametrize("value", ["maybe", "", 2, 1.0, None])
    def test_what_is_no_boolean(self, value: object) -> None:
        refused(field("boolean"), value)


class TestLists:
    def test_one_text_is_no_list(self) -> None:
        assert "['Steel']" in str(refused(field("text", many=True), "Steel").hint)
        refused(field("text", many=True), 5)
        refused(field("text", many=True), {"a": 1})

    def test_a_set_is_stored_in_one_order(self) -> None:
        assert store(field("decimal", many=True), {"10", "9.5", "1"}) == ["1", "9.5", "10"]

    def test_any_iterable_is_taken_in_its_order(self) -> None:
        assert store(field("integer", many=True), (one for one in (3, 1, 2))) == [3, 1, 2]
        assert store(field("integer", many=True), np.array([3, 1])) == [3, 1]


class TestRounded:
    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            ("percent", "33.333333333%", "0.333333"),
            ("percent", "66.66665%", "0.666666"),
            ("percent", "66.66675%", "0.666668"),
            ("decimal", 1 / 3, "0.333333"),
            ("decimal", "1234567890.123456", "1234567890.12346"),
            ("decimal", "999999999.9999995", "1000000000"),
            ("money", "1.23456 EUR", ["1.2346", "EUR"]),
            ("money", (2 / 3, "EUR"), ["0.6667", "EUR"]),
            ("integer", "1.5", 2),
            ("integer", 2.5, 2),
            ("text", "as it is", "as it is"),
        ],
    )
    def test_what_is_rounded_is_stored(self, kind: Kind, value: object, expected: object) -> None:
        assert store(field(kind), rounded(field(kind), value)) == expected

    @given(st.floats(-(10**9), 10**9, allow_nan=False))
    def test_any_float_is_rounded_to_what_is_held(self, number: float) -> None:
        one = field("decimal")
        stored = load(one, store(one, rounded(one, number)))
        assert abs(stored - Decimal(repr(number))) <= Decimal("0.0000005")

    @pytest.mark.parametrize("value", ["x", 0.4, None, True])
    def test_what_is_no_percent_is_left_for_store_to_judge(self, value: object) -> None:
        assert rounded(field("percent"), value) is value
        refused(field("percent"), value)


@given(st.sampled_from(sorted(VALUES)), st.from_type(object) | st.text() | st.floats() | st.integers())
def test_whatever_is_given_is_stored_or_refused(kind: Kind, value: object) -> None:
    one = field(kind, choices=("Steel",) if kind == "choice" else ())
    try:
        stored = store(one, value)
    except ValueProblem as problem:
        assert "f takes" in problem.message  # noqa: PT017 - only some of what is drawn fails
    else:
        assert store(one, load(one, stored)) == stored
