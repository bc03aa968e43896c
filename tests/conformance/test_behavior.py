"""Numbered behaviors of the model: what relations read, which rules they keep, and what is told once."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot


def both(graph: Graph, thing: relgraph.Entity) -> list[tuple[str, str]]:
    return [(one.predicate, one.entity.name) for one in graph.related(thing)]


# 1


def test_both_ends_show_the_relation_each_in_its_own_reading(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "owns", bolt, share="60%", since="2021-03")
    assert both(graph, acme) == [("owns", "Bolt")]
    assert both(graph, bolt) == [("owned_by", "ACME")]
    (seen,) = graph.related(bolt, "owned_by")
    assert seen.relation["share"] == relgraph.Percent("60%")
    assert str(seen.relation.since) == "2021-03"
    assert (seen.relation.subject.name, seen.relation.object.name) == ("ACME", "Bolt")


def test_the_inverse_name_stores_the_same_relation(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(bolt, "owned_by", acme, share="10%")
    assert both(graph, acme) == [("owns", "Bolt")]
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(acme, "owns", bolt)


def test_a_symmetric_relation_reads_the_same_from_both_ends_and_is_stored_once(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "partner_of", bolt)
    assert both(graph, acme) == [("partner_of", "Bolt")]
    assert both(graph, bolt) == [("partner_of", "ACME")]
    assert graph.count("partner_of") == 1
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(bolt, "partner_of", acme)


def test_asking_the_broad_predicate_finds_the_narrow_one(graph: Graph) -> None:
    ann, acme = graph.add("Person", name="Ann"), company(graph, "ACME")
    graph.relate(ann, "leads", acme)
    assert [one.predicate for one in graph.related(ann, "employed_by")] == ["leads"]
    assert graph.count("employed_by") == 1


# 2


@pytest.fixture
def market(graph: Graph) -> dict[str, relgraph.Entity]:
    things = {name: company(graph, name) for name in ("ACME", "Bolt", "Core")}
    things["Ann"] = graph.add("Person", name="Ann")
    things["Bob"] = graph.add("Person", name="Bob")
    things["Bank"] = graph.add("Bank", name="Bank")
    things["Other Bank"] = graph.add("Bank", name="Other Bank")
    things["Banned"] = graph.add("Company", name="Banned", tags=["banned"])
    things["Widget"] = graph.add("Product", name="Widget")
    graph.relate(things["ACME"], "owns", things["Bolt"], share="60%", since="2020-01-01")
    graph.relate(things["Bolt"], "owns", things["Core"], share="70%", since="2020-01-01")
    graph.relate(things["Ann"], "leads", things["ACME"])
    graph.relate(things["ACME"], "banks_with", things["Bank"])
    return things


REFUSED = [
    ("wrong type", "Widget", "owns", "Bolt", {}, relgraph.TypeRuleError),
    ("wrong type of the inverse", "Widget", "owned_by", "ACME", {}, relgraph.TypeRuleError),
    ("type of the broad predicate", "ACME", "leads", "Bolt", {}, relgraph.TypeRuleError),
    ("missing tag", "ACME", "audited_by", "Bolt", {}, relgraph.TagRuleError),
    ("forbidden tag", "ACME", "supplies", "Banned", {}, relgraph.TagRuleError),
    ("disabled", "ACME", "retired", "Bolt", {}, relgraph.DisabledPredicateError),
    ("internal", "ACME", "mirrors", "Bolt", {}, relgraph.DisabledPredicateError),
    ("self-relation", "ACME", "partner_of", "ACME", {}, relgraph.SelfRelationError),
    ("duplicate", "ACME", "owns", "Bolt", {"since": "2021"}, relgraph.DuplicateRelationError),
    ("too many objects", "ACME", "banks_with", "Other Bank", {}, relgraph.CardinalityError),
    ("too many subjects", "Bob", "leads", "ACME", {}, relgraph.CardinalityError),
    ("cycle", "Core", "owns", "ACME", {}, relgraph.CycleError),
    ("sum", "Ann", "owns", "Bolt", {"share": "41%"}, relgraph.SumError),
    ("value", "Ann", "owns", "Bolt", {"share": "130%"}, relgraph.FieldError),
    ("unknown attribute", "Ann", "owns", "Bolt", {"shares": "1%"}, relgraph.FieldError),
    ("dates where none are", "Ann", "paid", "Bob", {"since": "2020"}, relgraph.PeriodError),
    ("end before start", "Ann", "owns", "Bolt", {"since": "2021", "until": "2020"}, relgraph.PeriodError),
]


@pytest.mark.parametrize("case", REFUSED, ids=[one[0] for one in REFUSED])
def test_each_rule_has_its_own_error_and_nothing_of_the_transaction_stays(
    graph: Graph,
    market: dict[str, relgraph.Entity],
    case: tuple[str, str, str, str, dict[str, Any], type[relgraph.RuleError]],
) -> None:
    _, subject, predicate, target, values, error = case
    before = snapshot(graph)

    def change() -> None:
        with graph.transaction() as tx:
            tx.add("Company", name="Would be lost")
            tx.relate(market[subject], predicate, market[target], **values)

    with pytest.raises(error):
        change()
    assert snapshot(graph) == before


def test_a_violation_names_the_entity_the_rule_and_the_reading_of_the_side_that_broke(
    graph: Graph, market: dict[str, relgraph.Entity]
) -> None:
    with pytest.raises(relgraph.SumError) as caught:
        graph.relate(market["Ann"], "owns", market["Bolt"], share="41%")
    assert "Bolt" in caught.value.message
    assert "owned_by" in caught.value.message
    assert caught.value.details["entity"] == market["Bolt"].id
    assert caught.value.details["rule"] == "sum"


def test_all_violations_of_a_batch_come_together_in_row_order(graph: Graph, market: dict[str, relgraph.Entity]) -> None:
    rows = [
        {"subject": market["Widget"].id, "object": market["Bolt"].id},
        {"subject": market["ACME"].id, "object": market["Bank"].id, "share": "5%"},
        {"subject": market["Ann"].id, "object": market["Bolt"].id, "share": "1.5"},
        {"subject": "nobody", "object": market["Bolt"].id},
        {"subject": market["Bob"].id, "object": market["Bolt"].id, "share": "41%"},
    ]
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("owns", rows)
    assert [(one.details["row"], type(one).__name__) for one in caught.value.errors] == [
        (0, "TypeRuleError"),
        (2, "FieldError"),
        (3, "FieldError"),
        (4, "SumError"),
    ]
    assert caught.value.total == 4
    assert graph.count("owns") == 2


# 3


def test_removing_a_tag_that_an_open_relation_relies_on_is_refused_naming_it(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME", tags=["listed"]), company(graph, "Bolt")
    audit = graph.relate(acme, "audited_by", bolt)
    with pytest.raises(relgraph.TagRuleError) as caught:
        graph.untag(acme, "listed")
    assert audit.id in caught.value.details["relations"]
    graph.end(audit, on="2020-01-01")
    graph.untag(acme, "listed")
    assert graph.get(acme.id).tags == ()


def test_giving_a_forbidden_tag_is_refused_while_a_relation_forbids_it(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "supplies", bolt)
    with pytest.raises(relgraph.TagRuleError):
        graph.tag(bolt, "banned")


def test_changing_a_type_that_an_open_relation_relies_on_is_refused(graph: Graph) -> None:
    acme, bank = company(graph, "ACME"), graph.add("Bank", name="Bank")
    relation = graph.relate(acme, "banks_with", bank)
    with pytest.raises(relgraph.TypeRuleError) as caught:
        graph.update(bank, type="Company")
    assert relation.id in caught.value.details["relations"]
    graph.end(relation, on="2020-01-01")
    assert graph.update(bank.id, type="Company").type == "Company"  # type: ignore[union-attr]


# 4


def test_the_same_relation_twice_in_a_batch_is_created_once_by_merge_and_reported_by_relate(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    row = {"subject": acme.id, "object": bolt.id, "share": "10%", "since": "2020"}
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("owns", [row, dict(row)])
    (error,) = caught.value.errors
    assert isinstance(error, relgraph.DuplicateRelationError)
    assert error.details["row"] == 1
    with graph.transaction() as tx:
        first, second = tx.merge_relation_many("owns", [row, dict(row)])
    assert first == second
    assert tx.summary == {"related": 1, "unchanged": 1}
    assert graph.count("owns") == 1
