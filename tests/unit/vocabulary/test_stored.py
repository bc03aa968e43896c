"""What stored forms mean: numbers for adding, keys for sorting, words for people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import ValueProblem
from relgraph.values import Money, Percent
from relgraph.vocabulary.model import Field, Kind
from relgraph.vocabulary.stored import describe, load, scale_of, scaled, sort_key, unscaled


def field(kind: Kind, **facets: Any) -> Field:
    return Field("f", kind, **facets)


def test_scales_are_those_of_the_kind_unless_declared() -> None:
    assert [scale_of(field(kind)) for kind in ("decimal", "percent", "money", "integer")] == [6, 6, 4, 0]
    assert scale_of(field("percent", scale=8)) == 8
    assert scale_of(field("money", scale=0)) == 0


@pytest.mark.parametrize(
    ("kind", "stored", "number"),
    [
        ("decimal", "-0.5", -500_000),
        ("decimal", "12", 12_000_000),
        ("percent", "0.25", 250_000),
        ("money", ["9000.5", "EUR"], 90_005_000),
        ("integer", -7, -7),
        ("boolean", True, 1),
        ("date", "0001-01-02", 2),
        ("datetime", "1970-01-01T00:00:01.000000Z", 1_000_000),
    ],
)
def test_scaled(kind: Kind, stored: object, number: int) -> None:
    assert scaled(field(kind), stored) == number


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 15))
def test_unscaled_is_the_inverse(number: int, scale: int) -> None:
    one = field("decimal", scale=scale)
    assert unscaled(one, number) == Decimal(number).scaleb(-scale)
    assert unscaled(field("percent"), number) == Percent(Decimal(number).scaleb(-6))
    assert unscaled(field("money"), number, "EUR") == Money(Decimal(number).scaleb(-4), "EUR")
    assert unscaled(field("integer"), number) == number


def test_ten_parts_of_a_whole_add_up_to_the_whole() -> None:
    one = field("percent")
    assert unscaled(one, sum(scaled(one, "0.1") for _ in range(10))) == Percent("100%")


def test_a_number_finer_than_a_scale_that_was_lowered_is_not_rounded_in_silence() -> None:
    with pytest.raises(ValueProblem, match="finer than its scale of 2"):
        scaled(field("decimal", scale=2), "0.125")


@pytest.mark.parametrize("kind", ["text", "partial date", "choice", "country"])
def test_what_is_no_number(kind: Kind) -> None:
    with pytest.raises(TypeError):
        scaled(field(kind), "x")
    with pytest.raises(TypeError):
        unscaled(field(kind), 1)


@pytest.mark.parametrize(
    ("kind", "ordered"),
    [
        ("decimal", ["-10", "-9.5", "0", "2", "10"]),
        ("percent", ["0.05", "0.4", "1"]),
        ("money", [["9", "EUR"], ["10", "EUR"], ["1", "USD"]]),
        ("integer", [-10, 2, 10]),
        ("text", ["Z", "a", "é", "👩"]),
        ("partial date", ["2024", "2024-01", "2024-01-01", "2024-02"]),
        ("boolean", [False, True]),
    ],
)
def test_sort_keys(kind: Kind, ordered: list[object]) -> None:
    mixed = ordered[::-1]
    assert sorted(mixed, key=lambda one: sort_key(field(kind), one)) == ordered
    many = field(kind, many=True)
    lists = sorted(([one] for one in mixed), key=lambda one: sort_key(many, one))
    assert lists == [[one] for one in ordered]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (field("integer", minimum=1), "a whole number of at least 1"),
        (field("money", maximum=["5", "EUR"]), "an amount of at most 5 EUR"),
        (field("date", minimum="2024-01-01", maximum="2024-12-31"), "a day from 2024-01-01 to 2024-12-31"),
        (field("choice", choices=("A",)), "A"),
        (field("choice", choices=tuple(f"c{i}" for i in range(50))), "one of 50 choices (c0, c1, c2, c3, c4, c5, ...)"),
        (field("text", pattern="[A-Z]+"), "text that matches '[A-Z]+'"),
        (field("percent", many=True), "a list, each a percent such as 25%"),
    ],
)
def test_fields_in_words(one: Field, words: str) -> None:
    assert describe(one) == words


def test_load_keeps_the_empty_list() -> None:
    assert load(field("text", many=True), []) == ()
