"""Columns, paths and sets: what the other forms of a question give."""

from __future__ import annotations

from decimal import Decimal

import relgraph
from tests.conformance.meaning.asking import refused, rows, said


def test_columns_of_paths_cycles_and_relations(market: relgraph.View) -> None:
    assert market.query('find shortest path from me to "Dora" via knows').columns == ("path",)
    assert market.query("find cycles via owns{2..6}").columns == ("path",)
    assert market.query("find relations owns").columns == ("relation",)


def test_a_ring_does_not_repeat_its_first_entity_and_is_listed_once(market: relgraph.View) -> None:
    assert rows(market, "find cycles via owns{2..6}") == ["ACME-Bolt-Cog-Dyn"]
    assert rows(market, "find cycles via owns{2..6} through @Dyn") == ["ACME-Bolt-Cog-Dyn"]


def test_undirected_rings_have_three_or_more(market: relgraph.View) -> None:
    assert rows(market, "find cycles via knows{1..4}") == ["Ann-Bob-Cid"]


def test_one_path_for_each_sequence_of_entities_with_parallel_relations_inside(market: relgraph.View) -> None:
    (path,) = market.query('find all paths from "Cog" to "Bolt" via supplies{1..3}').scalars()
    assert [one.id for one in path.parallels[0]] == ["first", "second"]
    # one of them for each hop
    text = 'find all paths as way from "Cog" to "Bolt" via supplies{1..3} show way.`relations`'
    assert [one.id for one in market.query(text).one()] == ["first"]


def test_a_shortest_path_is_the_first_of_all_ties(market: relgraph.View) -> None:
    assert rows(market, 'find shortest path from me to "Dora" via knows') == ["Ann-Cid-Dora"]
    both = rows(market, "find shortest paths from Person[country = 'FR'] to Person[country = 'DE'] via knows")
    assert both == ["Ann-Bob", "Cid-Bob"]
    one = rows(market, "find shortest path from Person[country = 'FR'] to Person[country = 'DE'] via knows")
    assert one == ["Ann-Bob"]


def test_paths_tie_by_predicate_and_then_by_entity(market: relgraph.View) -> None:
    # by customer_of before by supplies; of one predicate, by the id of what is reached
    text = "find shortest paths from Company to Company via supplies|customer_of{1..1}"
    assert rows(market, text) == ["Bolt-ACME", "Cog-ACME", "Cog-Bolt", "Dyn-ACME", "Dyn-Bolt", "Ente-Cog"]


def test_listed_paths_are_capped_and_the_error_says_how_to_ask_for_the_distance(market: relgraph.View) -> None:
    error = refused(market, 'find shortest paths from me to "Dora" via knows+')
    assert "as route" in str(error.hint)


def test_the_strongest_path_is_the_largest_product_and_lacking_relations_are_counted(market: relgraph.View) -> None:
    found = market.query('find strongest path from me to "Cid" via knows{1..3} prefer strength')
    # 0.5 x 0.8 ties with 0.4 straight: the fewer hops
    assert said(found.one()) == "Ann-Cid"
    assert found.one().strength == Decimal("0.4")
    assert found.notes == ("1 had no strength",)
    assert rows(market, 'find strongest path from me to "Dora" via knows{1..3} prefer strength') == []


def test_a_predicate_without_the_preferred_attribute_takes_no_part_and_is_counted(market: relgraph.View) -> None:
    found = market.query("find 2 strongest paths from me to Person via knows|employed_by{1..3} prefer strength")
    assert [said(one) for one in found.scalars()] == ["Ann-Bob", "Ann-Cid"]
    # that of Cid and Dora, and three of employment
    assert found.notes == ("4 had no strength",)


def test_via_goes_one_way(market: relgraph.View) -> None:
    assert rows(market, 'find shortest path from "Cog" to "ACME" via owns{1..2}') == ["Cog-Dyn-ACME"]
    assert rows(market, 'find shortest path from "Cog" to "ACME" via owned_by{1..2}') == ["Cog-Bolt-ACME"]


def test_set_operands_are_plain_finds_of_entities_in_parentheses(market: relgraph.View) -> None:
    assert refused(market, "(find cycles via owns) union (find Company)").details["about"] == "operand"
    isolated = "(find Company) union (find Person) minus (find Bank)"
    assert isinstance(refused(market, isolated), relgraph.QuerySyntaxError)
    assert rows(market, "((find Company) intersect (find Bank)) union (find Person knows me)") == ["Bob", "Cid", "Fin"]


def test_money_flows_on_where_values_rise(market: relgraph.View) -> None:
    # Ente > Cog on 2023-01-01, Cog > Bolt on 2024-01-05 (and 2021-01-05): only the later one goes on
    assert rows(market, 'find Company supplies[rising booked]{2} "Bolt"') == ["Ente"]
    assert rows(market, 'find Company supplies[falling booked]{2} "Bolt"') == ["Ente"]
    text = 'find all paths from "Ente" to "Bolt" via supplies[rising booked]{2..2}'
    (path,) = market.query(text).scalars()
    assert [[one.id for one in hop] for hop in path.parallels][1] == ["first"]
