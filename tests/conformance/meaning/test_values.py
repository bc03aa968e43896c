"""Values: how they are compared, what is missing or uncertain, and which are alike."""

from __future__ import annotations

import pytest

import relgraph
from tests.conformance.meaning.asking import refused, rows
from tests.conformance.meaning.conftest import VOCABULARY


def test_a_comparison_with_something_missing_is_false_and_not_of_it_true(market: relgraph.View) -> None:
    assert rows(market, "find Company where country = 'DE'") == ["Bolt", "Cog"]
    assert rows(market, "find Company where country != 'DE'") == ["ACME", "Dyn", "Fin"]
    assert rows(market, "find Company where country not in ('DE')") == ["ACME", "Dyn", "Fin"]
    assert rows(market, "find Company where not country = 'DE'") == ["ACME", "Dyn", "Ente", "Fin"]


def test_missing_equals_nothing_not_even_missing(market: relgraph.View) -> None:
    text = "find Company as a owns Company as b where a.revenue = b.revenue"
    assert rows(market, text) == []


def test_uncertain_is_not_true(market: relgraph.View) -> None:
    # 2023 straddles a day in it
    assert rows(market, "find Company where founded < 2023-06-01") == ["ACME", "Bolt"]
    assert rows(market, "find Company where founded >= 2023-06-01") == ["Ente"]
    # unlike currencies
    assert rows(market, "find Company where revenue > 1 EUR") == ["ACME", "Bolt"]
    assert rows(market, "find Company where revenue <= 1 EUR") == []


def test_what_was_missing_or_uncertain_is_counted(market: relgraph.View) -> None:
    assert market.query("find Company where country = 'DE'").notes == ("1 had no country",)
    assert "1 could not be told by founded" in market.query("find Company where founded < 2023-06-01").notes


def test_what_is_shown_is_asked_of_the_rows_that_are_given_alone(market: relgraph.View) -> None:
    shown = "find Company show name, sector = 'Steel' as makes_steel order by name"
    told = market.query(shown)
    assert [row[1] for row in told] == [True, True, False, False, False, False]
    # Dyn and Fin have none; the first three have one
    assert told.notes == ("2 had no sector",)
    assert market.query(f"{shown} limit 4").notes == ("1 had no sector",)
    assert market.query(f"{shown} limit 3").notes == ()
    assert market.query(shown, limit=3).notes == ()


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("find Company where country = 'DE' or country = 'FR'", ["1 had no country"]),
        ("find Company where country = 'DE' and revenue > 1 EUR", ["1 had no country", "1 had no revenue"]),
        ("find Company[country = 'DE'] where revenue > 1 EUR", ["1 had no country", "1 had no revenue"]),
        ("find Company where revenue > 1 EUR", ["3 had no revenue", "1 could not be told by revenue"]),
        ("find Company as c where c.country = 'DE'", ["1 had no country"]),
        ("find Company supplies[volume > 1 EUR] 'Bolt'", ["1 had no volume"]),
        ("find Company supplies[volume > 1 EUR]+ 'Bolt'", ["2 had no volume"]),
        ("find Company supplies Company[revenue > 1 EUR] supplies 'ACME'", []),
        (
            "find Company supplied_by Company[revenue > 1 EUR] supplies 'Bolt'",
            ["1 had no revenue", "1 could not be told by revenue"],
        ),
        ("find Company as c customer_of as deal 'ACME' where deal.value > 60 EUR", ["1 had no value"]),
        ("find Company not supplies[volume > 1 EUR] Company", ["2 had no volume"]),
        ("find Company with at least 1 supplies[volume > 1 EUR] Company[country = 'DE']", ["2 had no volume"]),
        ("find Person employed_by[confidence > 0.1] Company", ["2 had no confidence"]),
        ("find Company where name = 'ACME'", []),
    ],
)
def test_each_thing_is_counted_once_where_a_test_met_it(text: str, notes: list[str], market: relgraph.View) -> None:
    assert list(market.query(text).notes) == notes


def test_aggregates_leave_missing_out_and_the_sum_of_nothing_is_none(market: relgraph.View) -> None:
    text = 'find Company customer_of as d "ACME" show count(d) as n, avg(d.value) as mean, count(d.value) as valued'
    assert rows(market, text) == [(3, "75 EUR", 2)]
    assert rows(market, "find Company where name = 'none' show sum(degree), min(degree)") == [(0, None)]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("= 2023", ["Bolt", "Cog"]),
        ("in 2023", ["Bolt", "Cog"]),
        ("< 2023", ["ACME"]),
        ("<= 2023", ["ACME", "Bolt", "Cog"]),
        ("> 2023", ["Ente"]),
        (">= 2023", ["Bolt", "Cog", "Ente"]),
        ("!= 2023", ["ACME", "Ente"]),
        ("in 2023-Q2", ["Bolt"]),
    ],
)
def test_a_period_in_a_comparison_is_all_its_days(test: str, expected: list[str], market: relgraph.View) -> None:
    assert rows(market, f"find Company where founded {test}") == expected


@pytest.mark.parametrize(
    ("test", "expected", "untold"),
    [
        # Cog was founded in 2023, Bolt on 2023-05-02, Ente in 2024-02, ACME in 1999
        ("= 2023-Q2", ["Bolt"], 1),
        ("!= 2023-Q2", ["ACME", "Ente"], 1),
        ("< 2023-Q2", ["ACME"], 1),
        ("<= 2023-Q2", ["ACME", "Bolt"], 1),
        ("> 2023-Q2", ["Ente"], 1),
        (">= 2023-Q2", ["Bolt", "Ente"], 1),
        ("= 2024-02", ["Ente"], 0),
        ("!= 2024-02", ["ACME", "Bolt", "Cog"], 0),
        ("< 2024-02", ["ACME", "Bolt", "Cog"], 0),
        ("<= 2024-02", ["ACME", "Bolt", "Cog", "Ente"], 0),
        ("> 2024-02", [], 0),
        (">= 2024-02", ["Ente"], 0),
        ("= 2024-02-01", [], 1),
        ("!= 2024-02-01", ["ACME", "Bolt", "Cog"], 1),
        ("< 2024-02-01", ["ACME", "Bolt", "Cog"], 0),
        ("<= 2024-02-01", ["ACME", "Bolt", "Cog"], 1),
        ("> 2024-02-01", [], 1),
        (">= 2024-02-01", ["Ente"], 0),
        ("< 2024-02-29", ["ACME", "Bolt", "Cog"], 1),
        ("<= 2024-02-29", ["ACME", "Bolt", "Cog", "Ente"], 0),
        ("> 2024-02-29", [], 0),
        (">= 2024-02-29", [], 1),
        ("= 2023-05-02", ["Bolt"], 1),
        ("!= 2023-05-02", ["ACME", "Ente"], 1),
        ("!= 2023-12-31", ["ACME", "Bolt", "Ente"], 1),
        ("= 2024-03-01", [], 0),
        ("!= 2024-03-01", ["ACME", "Bolt", "Cog", "Ente"], 0),
    ],
)
def test_what_a_date_that_is_partly_known_says_of_each_comparison(
    test: str, expected: list[str], untold: int, market: relgraph.View
) -> None:
    assert rows(market, f"find Company where founded {test}") == expected
    notes = [one for one in market.query(f"find Company where founded {test}").notes if "told" in one]
    assert notes == ([f"{untold} could not be told by founded"] if untold else [])


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("year >= 2023", ["Bolt", "Cog", "Ente"]),
        ("quarter = 1", ["Ente"]),
        ("quarter = 2", ["Bolt"]),
        ("month < 5", ["Ente"]),
        ("month = 5", ["Bolt"]),
        ("day = 2", ["Bolt"]),
        ("day = 1", []),
    ],
)
def test_a_date_that_is_partly_known_has_the_parts_that_are_known(
    test: str, expected: list[str], market: relgraph.View
) -> None:
    assert rows(market, f"find Company where founded.{test}") == expected


def test_until_against_a_period_is_the_last_day_it_held_and_against_a_day_as_written(market: relgraph.View) -> None:
    # it ended on 2023-01-01, so 2022-12-31 was its last day
    assert rows(market, "find relations supplies[ever and until in 2022]") == ["Cog supplies ACME"]
    assert rows(market, "find relations supplies[ever and until in 2023]") == []
    assert rows(market, "find relations supplies[ever and until = 2023-01-01]") == ["Cog supplies ACME"]


def test_percent_fields_take_percents(market: relgraph.View) -> None:
    for wrong, right in (("50", "50%"), ("0.5", "50%")):
        error = refused(market, f"find Company owns[share > {wrong}] Company")
        assert right in str(error.hint)
    assert len(rows(market, "find relations owns[share > 0]")) == 8
    assert rows(market, 'find Person knows[strength >= 50%] "Bob"') == ["Ann", "Cid"]


def test_money_takes_a_currency_and_has_an_amount(market: relgraph.View) -> None:
    assert "EUR" in str(refused(market, "find Company where revenue > 5").hint)
    assert rows(market, "find Company where revenue.amount < 8") == ["Dyn"]
    assert rows(market, "find Company where revenue.currency = 'USD'") == ["Dyn"]


def test_sums_of_several_currencies_are_an_error_that_lists_them(market: relgraph.View) -> None:
    assert "EUR, USD" in str(refused(market, "find Company show sum(revenue)"))


def test_unlike_types_compared_are_an_error_before_anything_runs(market: relgraph.View) -> None:
    assert refused(market, "find Company where founded = sector").details["about"] == "unlike-kinds"


def test_contains_folds_case_and_accents_and_equals_does_not(market: relgraph.View) -> None:
    assert rows(market, "find Company where sector contains 'MEDIA'") == ["Cog", "Ente"]
    assert rows(market, "find Company where sector = 'Media'") == ["Ente"]


def test_an_exact_comparison_that_finds_nothing_says_that_a_loose_one_would(market: relgraph.View) -> None:
    found = market.query("find Company where sector = 'STEEL'")
    assert not found
    assert "in another case or with other accents something has" in found.notes[-1]
    for other in ("find Company where sector = 'Wood'", "find Company where not sector = 'Media' and name = 'x'"):
        assert not any("another case" in one for one in market.query(other).notes)
    grouped = market.query("find Company where sector = 'STEEL' group by country having count() > 1")
    assert not grouped
    assert "another case" in grouped.notes[-1]
    kept = market.query("find Company where sector = 'Steel' group by country having count() > 2")
    assert not kept
    assert not any("another case" in one for one in kept.notes)
    counted = market.query("how many Person where name in $names", names=["ann", "zoe"])
    assert counted.one() == 0
    assert "another case" in counted.notes[-1]


def test_on_a_list_contains_is_having_the_element(market: relgraph.View) -> None:
    assert rows(market, "find Company where labels contains 'old'") == ["Fin"]
    assert rows(market, "find Company where labels contains 'ol'") == []
    assert rows(market, "find Company where labels = 'Old'") == ["Fin"]
    # it is other than each of them
    assert rows(market, "find Company where labels != 'Old'") == []
    assert rows(market, "find Company where labels != 'old'") == ["Fin"]
    assert rows(market, "find Company where labels starts with 'ol'") == ["Fin"]


def test_names_in_quotes_are_resolved_exactly_then_folded_within_the_types_of_their_place(
    market: relgraph.View,
) -> None:
    assert rows(market, 'find Company owned_by "acme"') == ["Bolt", "Ente"]
    assert refused(market, 'find Company owned_by "Bolz"').candidates
    assert isinstance(refused(market, 'find Person employed_by "Annn"'), relgraph.QueryNameError)


def test_a_name_that_another_type_has_is_told_with_its_type(market: relgraph.View) -> None:
    error = refused(market, 'find Person employed_by "Ann"')
    assert isinstance(error, relgraph.QueryTypeError)
    assert "Ann (Person), where a Company can stand" in str(error)


def test_a_name_of_several_is_listed_with_their_ids() -> None:
    with relgraph.open(vocabulary=VOCABULARY) as graph:
        one, other = graph.add("Company", name="Same"), graph.add("Company", name="Same")
        with pytest.raises(relgraph.QueryError) as caught:
            graph.query('find Company owns "Same"')
        assert one.id in str(caught.value)
        assert other.id in str(caught.value)
