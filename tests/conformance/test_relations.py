"""What a relation is and which facts it takes, sentence by sentence as the model has it, on every store."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import snapshot

Doing = Callable[[], object]


def refused(error: type[relgraph.RelgraphError], work: Doing, *, match: str | None = None) -> relgraph.RelgraphError:
    with pytest.raises(error, match=match) as caught:
        work()
    return caught.value


@pytest.fixture
def four(graph: Graph) -> list[str]:
    with graph.transaction() as tx:
        for name in ("acme", "bolt", "core", "dyne"):
            tx.add("Company", id=name, name=name.title())
        tx.add("Person", id="ann", name="Ann")
        tx.add("Person", id="bob", name="Bob")
        for name in ("one", "two"):
            tx.add("Bank", id=name, name=f"Bank {name}")
    return ["acme", "bolt", "core", "dyne"]


pytestmark = pytest.mark.usefixtures("four")

# what a relation has


def test_an_id_is_minted_or_given_and_all_that_was_said_is_there(graph: Graph) -> None:
    assert UUID(graph.relate("acme", "supplies", "bolt").id).version == 7
    with graph.transaction(actor="ana") as tx:
        given = tx.relate(
            "acme",
            "owns",
            "bolt",
            id="r1",
            share="5%",
            since="2020-03",
            until="2030",
            source="a",
            key="1",
            confidence=0.5,
        )
    read = graph.relation(given.id)
    assert (read.id, read.predicate, read.subject.id, read.object.id) == ("r1", "owns", "acme", "bolt")
    assert (str(read.since), str(read.until), read.confidence) == ("2020-03", "2030", 0.5)
    assert (read["share"], read.source, read.sources[0].key) == (relgraph.Percent("5%"), "a", "1")
    assert read.recorded_by == "ana"
    assert read.recorded_at is not None


def test_a_relation_is_a_value_that_never_reads(graph: Graph) -> None:
    stake = graph.relate("acme", "owns", "bolt", share="5%", since="2020", source="a")
    read, (seen,) = graph.relation(stake.id), graph.related("bolt")
    graph.close()
    for one in (read, seen.relation):
        assert (one.subject.name, one.object.name, one["share"]) == ("Acme", "Bolt", relgraph.Percent("5%"))
        assert (one.source, one.recorded_by) == ("a", None)
    assert seen.entity.name == "Acme"


# periods


def holding(graph: Graph, *days: str) -> dict[str, int]:
    return {day: len(list(graph.as_of(day).relations("supplies"))) for day in days}


def test_questions_take_the_widest_period(graph: Graph) -> None:
    graph.relate("acme", "supplies", "bolt", since="2024", until="2024")
    held = holding(graph, "2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")
    assert held == {"2023-12-31": 0, "2024-01-01": 1, "2024-12-31": 1, "2025-01-01": 0}


def test_a_day_as_an_end_is_the_first_on_which_it_holds_no_more(graph: Graph) -> None:
    graph.relate("acme", "supplies", "bolt", since="2024-03-01", until="2024-03-05")
    held = holding(graph, "2024-02-29", "2024-03-01", "2024-03-04", "2024-03-05")
    assert held == {"2024-02-29": 0, "2024-03-01": 1, "2024-03-04": 1, "2024-03-05": 0}


def test_rules_take_the_sure_period(graph: Graph) -> None:
    graph.relate("acme", "banks_with", "one", until="2024")
    graph.relate("acme", "banks_with", "two", since="2024")
    assert graph.check() == []
    graph.relate("bolt", "banks_with", "one", until="2024-05-02")
    refused(relgraph.CardinalityError, lambda: graph.relate("bolt", "banks_with", "two", since="2024-05-01"))
    graph.relate("bolt", "banks_with", "two", since="2024-05-02")


def test_what_surely_holds_on_no_day_breaks_nothing_but_exact_duplicates(graph: Graph) -> None:
    graph.relate("ann", "owns", "acme", share="100%")
    graph.relate("bob", "owns", "acme", share="100%", since="2024", until="2024")
    refused(
        relgraph.DuplicateRelationError,
        lambda: graph.relate("bob", "owns", "acme", share="100%", since="2024", until="2024"),
    )


@pytest.mark.parametrize(
    ("since", "until"), [("2024", "2023"), ("2024-05-01", "2024-05-01"), ("2024-06", "2024-05"), ("2024-06-02", "2024")]
)
def test_an_end_that_is_not_after_its_start_is_refused(graph: Graph, since: str, until: str) -> None:
    if (since, until) == ("2024-06-02", "2024"):
        # until some day of 2024 may be after that start
        graph.relate("acme", "supplies", "bolt", since=since, until=until)
        return
    refused(relgraph.PeriodError, lambda: graph.relate("acme", "supplies", "bolt", since=since, until=until))


# rules


def test_only_what_a_transaction_makes_worse_is_refused_and_repair_never(
    graph: Graph, words: relgraph.Vocabulary
) -> None:
    document = words.to_dict()
    document["predicates"]["owns"]["sum"] = {"attribute": "share", "per": "object", "max": "100%", "level": "warn"}
    graph.apply(graph.plan(relgraph.Vocabulary.from_dict(document)))
    graph.relate("ann", "owns", "acme", share="100%")
    second = graph.relate("bob", "owns", "acme", share="100%")
    graph.apply(graph.plan(words), policy="keep")
    assert [one.code for one in graph.check()] == ["rule-sum"]
    refused(relgraph.SumError, lambda: graph.relate("core", "owns", "acme", share="1%"))
    # 200% to 150% passes, and what has nothing to do with it
    graph.update(second.id, share="50%")
    graph.update("acme", sector="Steel")
    graph.relate("acme", "supplies", "core")
    refused(relgraph.SumError, lambda: graph.update(second.id, share="51%"))
    graph.update(second.id, share="0%")
    assert graph.check() == []


def test_what_only_warns_is_stored_and_listed_and_blocks_nothing(graph: Graph) -> None:
    one = graph.relate("acme", "warns", "bolt")
    graph.relate("acme", "warns", "core")
    graph.relate("acme", "warns", "dyne")
    (found,) = graph.check()
    assert (found.code, found.where["level"]) == ("rule-cardinality", "warn")
    graph.end(one.id, on="2030-01-01")
    graph.retract(one.id)
    assert len(graph.check()) == 1


def test_of_very_many_violations_a_thousand_are_listed_and_all_are_counted(graph: Graph) -> None:
    rows = [{"subject": "ann", "object": "acme", "share": "1%"} for _ in range(1_500)]
    rows += [{"subject": "acme", "object": "acme"} for _ in range(10)]
    error = refused(relgraph.RuleErrors, lambda: graph.relate_many("owns", rows))
    assert isinstance(error, relgraph.RuleErrors)
    assert len(error.errors) == 1_000
    assert error.total == sum(error.counts.values()) > 1_509
    assert error.counts["rule-duplicate"] == 1_499 + 9
    assert [one.details["row"] for one in error.errors] == sorted(one.details["row"] for one in error.errors)


def test_the_other_direction_is_a_relation_of_its_own_and_a_ring_is_refused_naming_its_chain(graph: Graph) -> None:
    graph.relate("acme", "supplies", "bolt")
    graph.relate("bolt", "supplies", "acme")
    assert graph.count("supplies") == 2
    graph.relate("acme", "owns", "bolt")
    graph.relate("bolt", "owns", "core")
    error = refused(relgraph.CycleError, lambda: graph.relate("core", "owns", "acme"))
    assert "Core owns Acme owns Bolt owns Core" in error.message


def test_a_company_bought_back_later_is_no_ring(graph: Graph) -> None:
    graph.relate("acme", "owns", "bolt", since="2000-01-01", until="2010-01-01")
    graph.relate("bolt", "owns", "core", since="2000-01-01")
    graph.relate("core", "owns", "acme", since="2010-01-01")
    graph.relate("acme", "owns", "dyne", since="2005-01-01")
    # in 2005 acme owns bolt, which owns core
    refused(relgraph.CycleError, lambda: graph.relate("core", "owns", "acme", since="2009-12-31", until="2010-01-01"))
    # since 2010 core owns acme, which owns dyne
    refused(relgraph.CycleError, lambda: graph.relate("dyne", "owns", "core", since="2012-01-01"))
    graph.relate("dyne", "owns", "core", since="2004-01-01", until="2010-01-01")


def test_shares_that_come_to_all_of_it_exactly_are_no_excess(graph: Graph) -> None:
    # added as floats, ten of these come to more than 1
    shares = ["6.6%", "13.4%", "0.1%", "9.9%", "33.3%", "16.7%", "1.1%", "8.9%", "4.7%", "5.3%"]
    names = graph.add_many("Person", [{"name": f"P{one}"} for one in range(len(shares))])
    graph.relate_many(
        "owns", [{"subject": one, "object": "acme", "share": s} for one, s in zip(names, shares, strict=True)]
    )
    assert sum(float(one[:-1]) for one in shares) == pytest.approx(100)
    refused(relgraph.SumError, lambda: graph.relate("bolt", "owns", "acme", share="0.0001%"))


# the same relation


def test_the_same_relation_has_the_same_days_and_values_however_written(graph: Graph) -> None:
    told = graph.relate("acme", "owns", "bolt", share="50%", since="2024-01-01", source="a")
    again = graph.merge_relation("acme", "owns", "bolt", share="50.0%", since="2024-01-01", source="b")
    assert again.id == told.id
    assert graph.count("owns") == 1
    refused(
        relgraph.DuplicateRelationError,
        lambda: graph.relate("acme", "owns", "bolt", share="50.00%", since="2024-01-01", source="c"),
    )
    with graph.transaction() as tx:
        tx.merge_relation("bolt", "owned_by", "acme", share="50%", since="2024-01-01")
    assert tx.summary == {"unchanged": 1}
    assert tx.id is None


# changes


def test_an_update_keeps_the_old_version(graph: Graph) -> None:
    stake = graph.relate("acme", "owns", "bolt", share="10%", since="2020")
    before = graph.transactions()[0].recorded_at
    graph.update(stake.id, share="20%", since="2021")
    old = graph.known_at(before).relation(stake.id)
    assert (old["share"], str(old.since)) == (relgraph.Percent("10%"), "2020")
    now = graph.relation(stake.id)
    assert (now["share"], str(now.since)) == (relgraph.Percent("20%"), "2021")


def test_ending_sets_the_end_and_never_before_the_start(graph: Graph) -> None:
    deal = graph.relate("acme", "supplies", "bolt", since="2020-05-01")
    for day in ("2020-05-01", "2019-01-01"):
        refused(relgraph.PeriodError, lambda day=day: graph.end(deal.id, on=day), match="(?s)retract")  # type: ignore[misc]
    assert str(graph.end(deal.id, on="2020-05-02").until) == "2020-05-02"
    assert holding(graph, "2020-05-01", "2020-05-02") == {"2020-05-01": 1, "2020-05-02": 0}


def test_what_was_retracted_is_in_the_history_and_its_id_is_told_again_only_for_the_same(graph: Graph) -> None:
    deal = graph.relate("acme", "supplies", "bolt", id="deal")
    graph.retract(deal.id)
    refused(relgraph.NotFound, lambda: graph.relation("deal"))
    assert [one.change for one in graph.history("deal")] == ["added", "retracted"]
    refused(relgraph.RelgraphError, lambda: graph.relate("acme", "supplies", "core", id="deal"), match="deal")
    refused(relgraph.RelgraphError, lambda: graph.relate("acme", "partner_of", "bolt", id="deal"), match="deal")
    assert graph.relate("acme", "supplies", "bolt", id="deal", since="2024").id == "deal"
    assert [one.change for one in graph.history("deal")] == ["added", "retracted", "added"]


def test_an_old_version_in_hand_is_a_conflict_for_every_change(graph: Graph) -> None:
    old = graph.relate("acme", "supplies", "bolt")
    graph.update(old.id, since="2020")
    one, other = graph.get("acme"), graph.get("core")
    graph.update("acme", sector="Steel")
    changes: list[Doing] = [
        lambda: graph.update(old, since="2021"),
        lambda: graph.end(old, on="2022-01-01"),
        lambda: graph.retract(old),
        lambda: graph.merge(one, other),
        lambda: graph.merge(other, one),
        lambda: graph.update(one, name="Other"),
        lambda: graph.trash(one),
        lambda: graph.tag(one, "vip"),
    ]
    before = snapshot(graph)
    for change in changes:
        refused(relgraph.ConflictError, change)
    assert snapshot(graph) == before


# sources


def test_a_relation_of_several_sources_goes_when_the_last_one_goes(graph: Graph) -> None:
    first = graph.merge_relation("acme", "owns", "bolt", share="10%", source="a", key="1")
    again = graph.merge_relation("acme", "owns", "bolt", share="10%", source="b", key="x")
    assert first.id == again.id
    assert [(one.name, one.key) for one in graph.relation(first.id).sources] == [("a", "1"), ("b", "x")]


@pytest.mark.parametrize(("way", "share"), [("keep", "10%"), ("take", "20%")])
def test_where_a_source_says_otherwise_the_other_version_stays_readable(graph: Graph, way: str, share: str) -> None:
    first = graph.merge_relation("acme", "owns", "bolt", share="10%", source="a", key="1")
    graph.merge_relation("acme", "owns", "bolt", share="20%", source="b", key="x", on_conflict=way)
    read = graph.relation(first.id)
    assert read["share"] == relgraph.Percent(share)
    (found,) = graph.check()
    assert found.code == "conflict"
    other = "20%" if way == "keep" else "10%"
    assert re.search(r"0\.2|20%" if other == "20%" else r"0\.1|10%", str(found.where["says"]))


# deleting and tags


def test_deleting_what_has_relations_is_refused_listing_them_by_predicate(graph: Graph) -> None:
    graph.relate("acme", "owns", "bolt")
    graph.relate("acme", "supplies", "core")
    graph.relate("dyne", "supplies", "acme")
    before = snapshot(graph)
    error = refused(relgraph.InUseError, lambda: graph.delete("acme"))
    for name in ("owns", "supplies", "supplied_by"):
        assert name in str(error) or name in str(error.details), name
    assert snapshot(graph) == before
    with graph.transaction() as tx:
        tx.delete("acme", detach=True)
    refused(relgraph.NotFound, lambda: graph.get("acme"))
    refused(relgraph.RelgraphError, lambda: graph.add("Company", id="acme", name="Other"), match="acme")
    assert tx.id is not None
    graph.undo(tx.id)
    assert snapshot(graph) == before


def test_a_tag_or_type_is_needed_by_what_is_open_or_ends_after_today_only(graph: Graph) -> None:
    graph.tag("acme", "listed")
    audit = graph.relate("acme", "audited_by", "bolt", since="2020", until="2200-01-01")
    refused(relgraph.TagRuleError, lambda: graph.untag("acme", "listed"))
    graph.update(audit.id, until="2021-01-01")
    graph.untag("acme", "listed")
    assert graph.check() == []
    account = graph.relate("acme", "banks_with", "one", since="2020", until="2200")
    refused(relgraph.TypeRuleError, lambda: graph.update("one", type="Company"))
    graph.update(account.id, until="2021")
    graph.update("one", type="Company")
    assert graph.check() == []
