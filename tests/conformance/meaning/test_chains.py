"""Tests and chains: what is said of one thing, and of the things it leads to."""

from __future__ import annotations

from datetime import date

import relgraph
from tests.conformance.meaning.asking import refused, rows
from tests.conformance.meaning.conftest import VOCABULARY


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


def test_what_stands_in_parentheses_is_tested_where_the_chain_goes_on(market: relgraph.View) -> None:
    # Dora manages Bolt, a customer of ACME, where Bob and Cid work; nobody from nowhere does
    assert rows(market, "find Person employed_by (Company managed_by 'Dora') customer_of 'ACME'") == ["Bob", "Cid"]
    nobody = "find Person employed_by (Company managed_by Person[country = 'XX']) customer_of 'ACME'"
    assert rows(market, nobody) == []
    assert rows(market, "find Company owned_by (Company supplies 'Bolt') customer_of 'ACME'") == ["Dyn"]


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


def test_a_filter_may_compare_with_something_of_the_row(market: relgraph.View) -> None:
    text = "find Company as c supplies as s Company supplies[booked > s.booked] Company show c, s.booked"
    assert rows(market, text) == [
        ("Cog", date(2021, 1, 5)),
        ("Dyn", date(2020, 1, 1)),
        ("Ente", date(2023, 1, 1)),
    ]
    # each relation of a range is compared, or the row alone says whether there is any
    text = "find Company as c supplies as s Company supplies[booked > s.booked]+ Company show c, s.booked"
    assert rows(market, text) == [
        ("Cog", date(2021, 1, 5)),
        ("Dyn", date(2020, 1, 1)),
        ("Ente", date(2023, 1, 1)),
    ]
    assert rows(market, "find Company as p supplies Company owned_by[p.country = 'DE']+ 'ACME'") == ["Cog"]
    assert rows(market, "find Company as p supplies Company owned_by[p.country = 'DE' and share > 60%]+ 'ACME'") == []
    assert rows(market, "find Company as p where p.name = 'x' and supplies[booked > p.founded]+ 'ACME'") == []


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


def test_every_may_be_narrowed_in_parentheses(market: relgraph.View) -> None:
    # Bob and Cid work at Bolt and know each other; Ann knows both, Dora knows Cid alone
    assert rows(market, "find Person knows every (Person employed_by 'Bolt')") == ["Ann", "Bob", "Cid"]
    # nobody works at Cog, so everybody knows all of them
    assert len(rows(market, "find Person knows every (Person employed_by 'Cog')")) == 4


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
    assert rows(market, "find Person knows $some", some=market.get("Ann")) == ["Bob", "Cid"]


def test_us_is_a_set_of_which_those_that_fit_are_meant(market: relgraph.View) -> None:
    assert rows(market, "find Company owned_by us") == ["Bolt", "Ente", "Fin"]
    assert rows(market, "find Company customer_of us") == ["Bolt", "Cog", "Dyn"]
    assert rows(market, "find Person knows us") == ["Bob", "Cid"]


def test_an_empty_list_of_entities_is_an_error(market: relgraph.View) -> None:
    assert "empty list" in str(refused(market, "find Person knows $some", some=[]))


def test_not_with_a_list_is_none_of_them(market: relgraph.View) -> None:
    assert rows(market, "find Person not knows $some", some=["Ann", "Bob"]) == ["Dora"]
