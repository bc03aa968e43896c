"""What questions mean, rule by rule, over one small network whose answers are worked out by hand: on every store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

import relgraph
from relgraph.vocabulary.model import Vocabulary
from tests.conformance.conftest import ENGINES
from tests.servers import neo4j as servers

VOCABULARY = Vocabulary.from_text("""
vocabulary: meaning
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}, country: text, sector: text,
                 founded: partial date, revenue: money, labels: {type: text, list: true}}}
  Company: {extends: [Organization]}
  Bank: {extends: [Company]}
  Person: {fields: {name: {type: text, required: true}, country: text, phone: text}}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, subject: [Person, Organization], object: [Organization], irreflexive: false,
         attributes: {share: percent}}
  wholly_owns: {inverse: wholly_owned_by, subject: [Organization], object: [Organization], implies: [owns],
                attributes: {share: percent}}
  supplies: {inverse: supplied_by, subject: [Organization], object: [Organization], unique: none,
             attributes: {volume: money, booked: date}}
  employed_by: {inverse: employs, subject: [Person], object: [Organization], attributes: {role: text}}
  customer_of: {inverse: has_customer, subject: [Organization], object: [Organization], attributes: {value: money}}
  managed_by: {inverse: manages, subject: [Organization], object: [Person]}
  knows: {symmetric: true, subject: [Person], object: [Person], attributes: {strength: decimal}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  ultimately_owns: {inverse: ultimately_owned_by, measure: integrated_share, over: owns, attribute: share}
""")
TODAY = "2024-06-30"


def write(graph: relgraph.Graph) -> None:
    """Write the network."""
    with graph.transaction() as tx:
        for name, country, sector, founded, revenue in (
            ("ACME", "FR", "Steel", "1999", "10 EUR"),
            ("Bolt", "DE", "Steel", "2023-05-02", "30 EUR"),
            ("Cog", "DE", "Média", "2023", None),
            ("Dyn", "FR", None, None, "7 USD"),
            ("Ente", None, "Media", "2024-02", None),
        ):
            tx.add("Company", id=name, name=name, country=country, sector=sector, founded=founded, revenue=revenue)
        tx.add("Bank", id="Fin", name="Fin", country="US", labels=["big", "Old"], tags=["vip"])
        for name, country, phone in (("Ann", "FR", "1"), ("Bob", "DE", None), ("Cid", "FR", None), ("Dora", "US", "2")):
            tx.add("Person", id=name, name=name, country=country, phone=phone)
        tx.relate("ACME", "owns", "Bolt", share="60%")
        tx.relate("Bolt", "owns", "Cog", share="60%")
        tx.relate("Cog", "owns", "Dyn", share="50%")
        tx.relate("Dyn", "owns", "ACME", share="5%")
        tx.relate("ACME", "wholly_owns", "Ente", share="100%")
        tx.relate("Ann", "owns", "Fin", share="30%")
        tx.relate("Bob", "owns", "Fin", share="30%")
        tx.relate("Fin", "owns", "Fin", share="10%")
        tx.relate("Bolt", "supplies", "ACME", since="2022", volume="5 EUR", booked="2022-01-01")
        tx.relate("Cog", "supplies", "ACME", since="2019-01-01", until="2023-01-01", booked="2019-02-01")
        tx.relate("Cog", "supplies", "Bolt", id="first", volume="10 EUR", booked="2024-01-05")
        tx.relate("Cog", "supplies", "Bolt", id="second", volume="20 EUR", booked="2021-01-05")
        tx.relate("Dyn", "supplies", "Bolt", booked="2020-01-01")
        tx.relate("Ente", "supplies", "Cog", booked="2023-01-01")
        tx.relate("Ann", "employed_by", "ACME", role="CFO")
        tx.relate("Bob", "employed_by", "Bolt", role="CEO")
        tx.relate("Cid", "employed_by", "Bolt", confidence=0.5)
        tx.relate("Bolt", "customer_of", "ACME", value="100 EUR", since="2021-03")
        tx.relate("Cog", "customer_of", "ACME", value="50 EUR", since="2023-06-01")
        tx.relate("Dyn", "customer_of", "ACME")
        tx.relate("Bolt", "managed_by", "Ann")
        tx.relate("Bolt", "managed_by", "Dora")
        tx.relate("Ann", "knows", "Bob", strength="0.5")
        tx.relate("Bob", "knows", "Cid", strength="0.8")
        tx.relate("Cid", "knows", "Dora")
        tx.relate("Ann", "knows", "Cid", strength="0.4")


@pytest.fixture(scope="module", params=ENGINES)
def market(
    request: pytest.FixtureRequest,
    neo4j_servers: Callable[[str], servers.Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[relgraph.View]:
    location: str | None = None
    options: dict[str, Any] = {"me": "Ann", "us": ["ACME", "Ann"]}
    if request.param == "file":
        location = os.fspath(tmp_path_factory.mktemp("meaning") / "network.db")
    elif request.param != "memory":
        running = neo4j_servers(request.param.removeprefix("neo4j "))
        servers.erase(running)
        location, options["auth"] = running.uri, running.auth
    with relgraph.open(location, vocabulary=VOCABULARY, **options) as graph:
        write(graph)
        yield graph.as_of(TODAY)


@pytest.fixture(autouse=True)
def declared(request: pytest.FixtureRequest) -> None:
    """Expect what a store is declared not to do to fail on it."""
    for mark in request.node.iter_markers("gap"):
        if str(request.node.callspec.params.get("market", "")).startswith(mark.args[0]):
            request.applymarker(pytest.mark.xfail(reason=mark.args[1]))


def said(value: Any) -> Any:
    match value:
        case relgraph.Entity():
            return value.name
        case relgraph.Relation():
            return f"{value.subject.name} {value.predicate} {value.object.name}"
        case relgraph.Path():
            return "-".join(one.name for one in value.entities)
        case relgraph.Money() | relgraph.Percent():
            return str(value)
        case tuple():
            return tuple(said(one) for one in value)
        case _:
            return value


def rows(market: relgraph.View, text: str, **parameters: Any) -> list[Any]:
    """Return rows with things as their names; rows of one column as the value."""
    found = [tuple(said(one) for one in row) for row in market.query(text, **parameters)]
    return [row[0] if len(row) == 1 else row for row in found]


def refused(market: relgraph.View, text: str, **parameters: Any) -> relgraph.QueryError:
    with pytest.raises(relgraph.QueryError) as caught:
        market.query(text, **parameters)
    return caught.value


# ------------------------------------------------------------------------------------------------ tests and chains


def test_types_include_their_subtypes(market: relgraph.View) -> None:
    assert rows(market, 'find Company where country = "US"') == ["Fin"]
    assert rows(market, "find Bank") == ["Fin"]


def test_predicates_include_the_ones_that_imply_them(market: relgraph.View) -> None:
    assert rows(market, 'find Company owned_by "ACME"') == ["Bolt", "Ente"]
    assert rows(market, 'find Company wholly_owned_by "ACME"') == ["Ente"]
    text = 'find Company owned_by as r "ACME" show name, r.predicate'
    assert rows(market, text) == [("Bolt", "owns"), ("Ente", "wholly_owns")]


def test_a_derived_predicate_is_used_like_a_stored_one_but_is_no_part_of_any(market: relgraph.View) -> None:
    assert rows(market, 'find Company in_group_of "Bolt"') == ["ACME", "Cog", "Dyn", "Ente"]
    # ACME and Cog are not linked by any stored relation of today but one: customer_of
    assert rows(market, 'find Company as c any as r "ACME" where c.name = "Cog" show r') == ["Cog customer_of ACME"]
    assert rows(market, 'find Company any "Fin"') == []


def test_an_entity_in_a_chain_differs_from_every_one_before_it(market: relgraph.View) -> None:
    # Ann knows Bob and Cid, they know each other and Ann: she is not two steps from herself
    assert rows(market, "find Person knows Person knows me") == ["Bob", "Cid", "Dora"]


def test_it_differs_through_parentheses_too(market: relgraph.View) -> None:
    assert rows(market, "find Person knows (Person knows me)") == ["Bob", "Cid", "Dora"]


def test_separate_clauses_may_meet_the_same_entities(market: relgraph.View) -> None:
    text = 'find Company with supplied_by Company[name = "Cog"] and owns Company[name = "Cog"]'
    assert rows(market, text) == ["Bolt"]


def test_a_chain_is_no_semi_join_and_keeps_its_witnesses(market: relgraph.View) -> None:
    # Cog - Bolt - Cog holds pair by pair, and Cog would stand twice
    assert rows(market, 'find Company supplies Company owns Company[name = "Cog"]') == ["Dyn"]


def test_a_name_used_again_is_the_same_thing_and_exempt(market: relgraph.View) -> None:
    assert rows(market, "find Company as a supplies Company owns a") == ["Bolt", "Cog"]
    assert rows(market, "find Company as a owns Company owns Company owns Company owns a") == [
        "ACME",
        "Bolt",
        "Cog",
        "Dyn",
    ]


def test_between_the_ends_of_a_range_a_path_repeats_no_entity(market: relgraph.View) -> None:
    # a walk of three from Ann to Bob goes back and forth; the paths are Ann-Cid-Bob of two, and none of three
    assert rows(market, 'find Person knows{2} "Bob"') == ["Ann", "Cid", "Dora"]
    assert rows(market, 'find Person knows{3} "Bob"') == ["Dora"]


def test_inner_entities_of_a_range_are_not_compared_with_the_rest(market: relgraph.View) -> None:
    # ACME > Bolt > Cog > Dyn, though the chain came through Bolt already
    assert "Bob" in rows(market, 'find Person employed_by Company owned_by Company owns{3} "Dyn"')


def test_as_a_test_plus_has_no_cap() -> None:
    with relgraph.open(vocabulary=VOCABULARY) as graph:
        with graph.transaction() as tx:
            for index in range(201):
                tx.add("Company", id=f"c{index:03}", name=f"C{index:03}")
            for index in range(200):
                tx.relate(f"c{index:03}", "owns", f"c{index + 1:03}")
        assert len(graph.query("find Company owns+ @c200")) == 200
        assert graph.query("find Company owns+ as way @c200 where name = 'C000' show way.hops").one() == 200


def test_no_hop_at_all_is_an_error_and_star_is_plus_or_the_same_entity(market: relgraph.View) -> None:
    assert refused(market, 'find Company owns{0} "Cog"').details["about"] == "no-hops"
    assert rows(market, 'find Company owned_by* "Bolt"') == ["ACME", "Bolt", "Cog", "Dyn", "Ente"]
    assert rows(market, 'find Company owned_by+ "Bolt"') == ["ACME", "Cog", "Dyn", "Ente"]


def test_two_hops_are_not_two_steps_as_inner_entities_are_unnamed(market: relgraph.View) -> None:
    assert rows(market, "find Person[name = 'Ann'] as a knows{2} Person as b show b") == ["Bob", "Cid", "Dora"]
    text = "find Person[name = 'Ann'] as a knows Person as m knows Person as b show m, b"
    assert rows(market, text) == [("Bob", "Cid"), ("Cid", "Bob"), ("Cid", "Dora")]


def test_a_filter_tests_one_relation_never_a_total(market: relgraph.View) -> None:
    # two of 30% each
    assert rows(market, 'find Person owns[share > 50%] "Fin"') == []
    told = market.explain('find Person owns[share > 50%] "Fin"')
    assert any("one relation, never a total; `ultimately_owns`" in one for one in told.notes)


def test_a_filter_on_a_range_tests_each_hop_not_the_product(market: relgraph.View) -> None:
    assert rows(market, 'find Company owns[share >= 50%]+ "Dyn"') == ["ACME", "Bolt", "Cog"]
    told = market.explain('find Company owns[share >= 50%]+ "Dyn"')
    assert any("each hop, not the product; `ultimately_owns`" in one for one in told.notes)


def test_a_measure_counts_every_walk_and_what_is_held_of_oneself(market: relgraph.View) -> None:
    # Fin holds 10% of itself: 30% of the other 90%
    text = "find Person ultimately_owns as u Bank show name, u.share order by name"
    assert rows(market, text) == [("Ann", "33.33333333333333333333333333%"), ("Bob", "33.33333333333333333333333333%")]
    # ACME holds 60% x 60% x 50% of Dyn, which holds 5% of ACME: that comes back to ACME and counts no more
    assert rows(market, 'find Company[name = "ACME"] ultimately_owns as u "Dyn" show u.share') == ["18%"]


def test_a_chain_ends_at_a_fixed_entity(market: relgraph.View) -> None:
    assert refused(market, 'find Person employed_by "Bolt" owned_by "ACME"').details["about"] == "forgotten-and"


def test_and_with_or_at_one_level_needs_parentheses(market: relgraph.View) -> None:
    error = refused(market, 'find Company owns "Dyn" and owned_by "Bolt" or supplies "Bolt"')
    assert error.details["about"] == "mixed"
    assert rows(market, 'find Company owned_by Company and (owns "Dyn" or supplies "Cog")') == ["Cog", "Ente"]


def test_a_bare_field_after_a_type_that_has_it_too_is_an_error(market: relgraph.View) -> None:
    error = refused(market, 'find Company owns Company and country = "DE"')
    assert error.details["about"] == "which-one"
    assert "Company[country" in str(error.hint)
    assert refused(market, "find Person employed_by Company with phone").details["about"] == "which-one"


def test_at_least_counts_distinct_entities_and_times_counts_relations(market: relgraph.View) -> None:
    assert rows(market, "find Company with at least 2 supplies Company") == []
    assert rows(market, "find Company with at least 2 times supplies Company") == ["Cog"]
    assert rows(market, "find Company with at least 2 supplied_by Company") == ["Bolt"]


def test_at_most_fewer_than_and_exactly_none_include_none(market: relgraph.View) -> None:
    assert rows(market, "find Company with exactly 0 supplies Company") == ["ACME", "Fin"]
    assert rows(market, "find Company with fewer than 1 supplies Company") == ["ACME", "Fin"]
    assert rows(market, "find Company with at most 1 supplied_by Company") == ["ACME", "Cog", "Dyn", "Ente", "Fin"]


def test_no_and_with_may_stand_before_a_field_too(market: relgraph.View) -> None:
    assert rows(market, "find Person with phone") == ["Ann", "Dora"]
    assert rows(market, "find Person no phone") == ["Bob", "Cid"]
    assert rows(market, "find Person without employed_by") == ["Dora"]


def test_only_has_one_and_all_lead_there(market: relgraph.View) -> None:
    # Cog has customers of none; Dyn supplies Bolt, which is German; ACME supplies nothing
    assert rows(market, "find Company only supplies Company[country = 'DE']") == ["Cog", "Dyn", "Ente"]


def test_every_leads_to_each(market: relgraph.View) -> None:
    # Ann and Cid are French; one that is asked about need not know itself. Dora knows Cid alone
    assert rows(market, "find Person knows every Person[country = 'FR']") == ["Ann", "Bob", "Cid"]


def test_what_is_left_out_by_being_different_is_told(market: relgraph.View) -> None:
    told = market.explain("find Person knows Person knows me")
    assert "me itself is left out, as the entities of one chain differ" in " ".join(told.notes)
    assert not market.explain("find Company owned_by* @Bolt").notes


def test_a_self_relation_satisfies_no_step_and_counts_in_relations_degree_and_cycles(market: relgraph.View) -> None:
    assert rows(market, "find Bank owns Bank") == []
    assert rows(market, "find Bank as b owns b") == []
    assert rows(market, "find Bank with owns") == []
    assert rows(market, "find relations owns between Bank and Bank") == ["Fin owns Fin"]
    assert rows(market, "find Bank show degree") == [3]
    assert rows(market, "find cycles via owns{1..1}") == ["Fin"]


def test_an_element_of_a_list_may_match_through_another_member(market: relgraph.View) -> None:
    assert rows(market, "find Person knows $some", some=["Ann", "Bob"]) == ["Ann", "Bob", "Cid"]


def test_us_is_a_set_of_which_those_that_fit_are_meant(market: relgraph.View) -> None:
    assert rows(market, "find Company owned_by us") == ["Bolt", "Ente", "Fin"]
    assert rows(market, "find Company customer_of us") == ["Bolt", "Cog", "Dyn"]
    assert rows(market, "find Person knows us") == ["Bob", "Cid"]


def test_an_empty_list_of_entities_is_an_error(market: relgraph.View) -> None:
    assert "empty list" in str(refused(market, "find Person knows $some", some=[]))


def test_not_with_a_list_is_none_of_them(market: relgraph.View) -> None:
    assert rows(market, "find Person not knows $some", some=["Ann", "Bob"]) == ["Dora"]


# ------------------------------------------------------------------------------------------------------------ rows


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


def test_having_needs_group_by(market: relgraph.View) -> None:
    assert refused(market, "find Company having count() > 1").details["about"] == "having"
    text = "find Company group by country show country, count() as n having n > 1"
    assert rows(market, text) == [("DE", 2), ("FR", 2)]


def test_groups_with_a_missing_key_stay(market: relgraph.View) -> None:
    assert rows(market, "find Company group by country") == [("DE", 2), ("FR", 2), ("US", 1), (None, 1)]


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


# ---------------------------------------------------------------------------------------------------------- values


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
    counted = market.query("how many Person where name in $names", names=["ann", "zoe"])
    assert counted.one() == 0
    assert "another case" in counted.notes[-1]


def test_on_a_list_contains_is_having_the_element(market: relgraph.View) -> None:
    assert rows(market, "find Company where labels contains 'old'") == ["Fin"]
    assert rows(market, "find Company where labels contains 'ol'") == []
    assert rows(market, "find Company where labels = 'Old'") == ["Fin"]
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


# ------------------------------------------------------------------------------------------------------------ time


def test_a_relation_takes_part_if_it_holds_on_the_questions_day(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies "ACME"') == ["Bolt"]
    assert rows(market, 'find Company supplies "ACME" as of 2021-01-01') == ["Cog"]
    assert rows(market, 'find Company supplies "ACME" as of 2023-01-01') == ["Bolt"]
    assert rows(market, 'find Company not supplies "ACME" and supplies Company as of 2021-01-01') == ["Dyn", "Ente"]


def test_during_is_overlapping_and_any_time_switches_the_test_off(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies "ACME" during 2022') == ["Bolt", "Cog"]
    assert rows(market, 'find Company supplies "ACME" during 2018 to 2019-Q1') == ["Cog"]
    assert rows(market, 'find Company supplies "ACME" as of any time') == ["Bolt", "Cog"]


def test_brackets_move_one_step_and_beat_the_tail(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies[ever] "ACME" as of 2021-01-01') == ["Bolt", "Cog"]
    assert rows(market, 'find Company supplies[as of 2021-01-01] "ACME"') == ["Cog"]
    assert rows(market, 'find Company supplies[during 2023] "ACME" as of 2021-01-01') == ["Bolt"]


def test_an_operands_own_time_beats_the_outer_one(market: relgraph.View) -> None:
    text = '(find Company supplies "ACME") minus (find Company supplies "ACME" as of 2021-01-01) as of any time'
    assert rows(market, text) == ["Bolt"]


def test_as_of_takes_a_day(market: relgraph.View) -> None:
    assert refused(market, "find Company supplies Company as of 2023").details["about"] == "no-day"


def test_today_is_the_questions_day(market: relgraph.View) -> None:
    assert rows(market, "find relations customer_of[since > today - 2 years]") == ["Cog customer_of ACME"]
    assert rows(market, "find relations customer_of[since > today - 1 year] as of 2021-12-31") == [
        "Bolt customer_of ACME"
    ]


def test_a_condition_that_can_never_hold_is_an_error_with_the_way_out(market: relgraph.View) -> None:
    error = refused(market, "find Company supplies[until < today] Company")
    assert error.details["about"] == "never"
    assert "[ever and until < today]" in str(error.hint)
    assert refused(market, "find Company supplies us and not supplies us").details["about"] == "never"
    assert rows(market, "find Company supplies[ever and until < today] Company") == ["Cog"]


# --------------------------------------------------------------------------------------------------- columns, paths


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
