"""Rows: how many there are, what stands in them, and in which order."""

from __future__ import annotations

import relgraph
from tests.conformance.meaning.asking import refused, rows


def test_one_row_for_each_combination_of_found_and_named_things(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies "Bolt"') == ["Cog", "Dyn"]
    assert len(rows(market, 'find Company supplies as s "Bolt"')) == 3


def test_with_show_rows_are_those_of_the_things_it_mentions(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies as s "Bolt" show name') == ["Cog", "Dyn"]
    assert len(rows(market, 'find Company supplies as s "Bolt" show name, s.volume')) == 3


def test_a_name_stands_only_where_a_row_must_have_it(market: relgraph.View) -> None:
    for clause in (
        "not owns Company as x",
        "no owns Company as x",
        "(owns Company as x or supplies Company)",
        "with at least 1 owns Company as x",
        "only owns Company as x",
        "owns every Company as x",
    ):
        assert refused(market, f"find Company {clause}").details["about"] == "closed-name", clause
    # names from outside may be used there
    text = "find Company as c owns Company as x and not supplied_by x"
    assert rows(market, text) == [("ACME", "Ente"), ("Cog", "Dyn"), ("Dyn", "ACME")]


def test_a_name_on_a_range_is_a_shortest_path(market: relgraph.View) -> None:
    text = 'find Person[name = "Ann"] knows+ as way "Dora" show way, way.hops, way.entities'
    assert rows(market, text) == [("Ann-Cid-Dora", 2, ("Ann", "Cid", "Dora"))]
    own = "find Company owned_by* as way @Bolt where name = 'Bolt' show way.hops, way.entities"
    assert rows(market, own) == [(0, ("Bolt",))]


def test_a_route_back_to_where_it_starts_takes_no_relation_twice(market: relgraph.View) -> None:
    # who knows somebody is known back: that is no way round
    text = "find Person as p knows+ as way p show p, way.hops, way.entities"
    assert rows(market, text) == [
        ("Ann", 3, ("Ann", "Bob", "Cid", "Ann")),
        ("Bob", 3, ("Bob", "Ann", "Cid", "Bob")),
        ("Cid", 3, ("Cid", "Ann", "Bob", "Cid")),
    ]


def test_what_one_alternative_lacks_is_missing(market: relgraph.View) -> None:
    text = 'find Person[name = "Ann"] owns|employed_by as r Company as c show c, r.share, r.role order by c'
    assert rows(market, text) == [("ACME", None, "CFO"), ("Fin", "30%", None)]


def test_a_fixed_entity_has_no_name(market: relgraph.View) -> None:
    assert refused(market, 'find Company owned_by "ACME" as a').details["about"] == "fixed-name"


def test_aggregates_range_over_distinct_things(market: relgraph.View) -> None:
    # Bolt has two managers: its deal is in two rows, and counts once
    text = 'find Company customer_of as deal "ACME" and managed_by Person as m show sum(deal.value) as v, count(m)'
    assert rows(market, text) == [("100 EUR", 2)]


def test_count_of_nothing_counts_found_things_and_of_a_name_distinct_ones(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies as s "Bolt" show count(), count(s)') == [(2, 3)]


def test_count_of_a_predicate_counts_for_each_found_thing(market: relgraph.View) -> None:
    text = "find Company where name in ('Bolt', 'ACME') show name, count(supplied_by) as n"
    assert rows(market, text) == [("ACME", 1), ("Bolt", 2)]


def test_collect_of_several_gives_distinct_sorted_tuples(market: relgraph.View) -> None:
    text = 'find Company as c supplies as s "Bolt" show collect(c.name, s.volume) as all, collect(c.name) as names'
    assert rows(market, text) == [((("Cog", "10 EUR"), ("Cog", "20 EUR")), ("Cog", "Dyn"))]


def test_without_group_by_aggregates_alone_give_one_row(market: relgraph.View) -> None:
    assert rows(market, "find Company where name = 'none' show count(), max(founded) as last") == [(0, None)]
    assert rows(market, "how many Person") == [4]


def test_fields_beside_aggregates_are_an_error_with_the_group_by_to_write(market: relgraph.View) -> None:
    error = refused(market, 'find Company customer_of as d "ACME" show name, sum(d.value)')
    assert error.details["about"] == "ungrouped"
    assert "group by name" in str(error.hint)


def test_fields_of_a_grouped_entity_may_be_shown(market: relgraph.View) -> None:
    text = "find Company supplies as s Company as c group by c show c.country, c, sum(s.volume) as v order by c"
    assert rows(market, text) == [("FR", "ACME", "5 EUR"), ("DE", "Bolt", "30 EUR"), ("DE", "Cog", None)]


def test_optional_parts_keep_the_row_and_never_multiply(market: relgraph.View) -> None:
    text = 'find Company customer_of "ACME" and optionally managed_by Person as m show name, m.name'
    assert rows(market, text) == [("Bolt", "Ann"), ("Bolt", "Dora"), ("Cog", None), ("Dyn", None)]
    many = """find Company as c customer_of "ACME" and optionally managed_by Person as m and optionally supplied_by
        as s Company group by c show c, count(m), count(s), sum(s.volume) as v"""
    assert rows(market, many) == [("Bolt", 2, 3, "30 EUR"), ("Cog", 0, 1, None), ("Dyn", 0, 0, None)]


def test_arithmetic_with_something_missing_or_by_zero_is_missing(market: relgraph.View) -> None:
    text = "find Company as c where c.name in ('ACME', 'Cog') show name, c.revenue * 2 as twice, degree / 0 as none"
    assert rows(market, text) == [("ACME", "20 EUR", None), ("Cog", None, None)]


def test_a_date_minus_what_is_no_single_day_is_missing(market: relgraph.View) -> None:
    text = "find relations supplies[ever and since is present] show subject, booked - since as days"
    assert rows(market, text) == [("Bolt", None), ("Cog", 31)]


def test_having_needs_group_by(market: relgraph.View) -> None:
    assert refused(market, "find Company having count() > 1").details["about"] == "having"
    text = "find Company group by country show country, count() as n having n > 1"
    assert rows(market, text) == [("DE", 2), ("FR", 2)]


def test_groups_with_a_missing_key_stay(market: relgraph.View) -> None:
    assert rows(market, "find Company group by country") == [("DE", 2), ("FR", 2), ("US", 1), (None, 1)]


def test_groups_are_cut_in_order(market: relgraph.View) -> None:
    assert rows(market, "find Company group by country limit 2") == [("DE", 2), ("FR", 2)]
    assert rows(market, "find Company group by country skip 2") == [("US", 1), (None, 1)]
    text = "find Company group by country show country, count() as n order by n, country desc limit 2 skip 1"
    assert rows(market, text) == [(None, 1), ("FR", 2)]


def test_missing_sorts_last_both_ways(market: relgraph.View) -> None:
    up = rows(market, "find Company show sector, name order by sector")
    down = rows(market, "find Company show sector, name order by sector desc")
    assert [one[1] for one in up] == ["Ente", "Cog", "ACME", "Bolt", "Dyn", "Fin"]
    assert [one[1] for one in down] == ["ACME", "Bolt", "Cog", "Ente", "Dyn", "Fin"]


def test_text_sorts_by_code_point(market: relgraph.View) -> None:
    found = rows(market, "find Company where sector is present show distinct sector order by sector")
    assert found == ["Media", "Média", "Steel"]


def test_what_is_cut_is_said_and_what_a_limit_says_is_not(market: relgraph.View) -> None:
    assert market.query("find Person", limit=3).truncated
    assert not market.query("find Person limit 3").truncated
    assert not market.query("find Person", limit=4).truncated


def test_no_number_of_rows_or_paths_is_below_none(market: relgraph.View) -> None:
    for text in (
        "find Person limit $n",
        "find Person skip $n",
        "find Company show name limit $n per sector",
        "find $n shortest paths from me to Person via knows",
        "(find Person limit $n)",
        "(find Person) union (find Company) limit $n",
    ):
        assert "$n is -1" in str(refused(market, text, n=-1)), text
        assert rows(market, text, n=0) == [] or "skip" in text
    assert rows(market, "find Company where revenue.amount > $n limit 1", n=-1) == ["ACME"]
