"""What a transaction holds, refuses and takes over, also when others commit meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot


@pytest.fixture
def two(opening: Any, engine: str, words: relgraph.Vocabulary) -> tuple[Graph, Graph]:
    """Two clients of one network."""
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    return opening(words), opening()


def test_reads_inside_see_what_was_done_so_far_and_others_do_not(graph: Graph) -> None:
    acme = company(graph, "ACME")
    with graph.transaction() as tx:
        bolt = tx.add("Company", name="Bolt")
        deal = tx.relate(acme, "supplies", bolt, since="2020")
        tx.update(acme, sector="Steel")
        assert tx.get(acme.id)["sector"] == "Steel"
        assert [one.id for one in tx.relations_of(bolt)] == [deal.id]
        tx.retract(deal)
        assert tx.relations_of(acme) == []
        assert graph.get(acme.id)["sector"] is None
        assert graph.count("Company") == 1
    assert graph.get(acme.id)["sector"] == "Steel"


def test_the_net_effect_counts(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    before = len(list(graph.changes()))
    with graph.transaction() as tx:
        tx.retract(tx.relate(acme, "supplies", bolt))
        tx.update(acme.id, sector="Steel")
        tx.update(acme.id, sector=None)
        tx.tag(acme, "vip")
        tx.untag(acme, "vip")
    assert (tx.id, tx.number, tx.recorded_at) == (None, None, None)
    assert len(list(graph.changes())) == before


def test_what_is_merged_into_one_that_goes_before_it_was_told_goes_with_it(graph: Graph) -> None:
    old = company(graph, "Old", keys={"crm": "1"})
    before = snapshot(graph)
    with graph.transaction() as tx:
        keep, other, third = (tx.add("Company", name=one) for one in ("Keep", "Other", "Third"))
        tx.relate(other, "supplies", old)
        for one in (other, third):
            tx.merge(keep, one)
        tx.delete(keep, detach=True)
        with pytest.raises(relgraph.NotFound):
            tx.get(other.id)
    assert tx.id is None
    assert snapshot(graph) == before
    with graph.transaction() as tx:
        keep, last = tx.add("Company", name="Keep"), tx.add("Company", name="Last")
        tx.merge(keep, old)
        tx.merge(last, keep)
        tx.delete(last)
    assert graph.count() == 0
    with pytest.raises(relgraph.NotFound):
        graph.get(old.id)
    graph.undo(str(tx.id))
    assert snapshot(graph) == before


def test_a_committed_transaction_says_its_id_number_and_time(graph: Graph) -> None:
    with graph.transaction(actor="ana") as tx:
        tx.add("Company", name="ACME")
    event = list(graph.changes())[-1].event
    assert (tx.id, tx.number, tx.recorded_at) == (event.id, event.number, event.recorded_at)
    with pytest.raises(relgraph.RelgraphError, match="has ended"):
        tx.add("Company", name="Late")


def test_an_operation_that_fails_in_the_middle_leaves_nothing_for_those_who_go_on(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME", keys={"s": "1"}), company(graph, "Bolt"), company(graph, "Core")
    graph.relate(bolt, "supplies", core)
    graph.trash(bolt)
    with graph.transaction() as tx:
        tx.tag(acme, "vip")
        with pytest.raises(relgraph.FieldError):
            tx.merge(acme.id, bolt.id, fields={"nonsense": 1})
        with pytest.raises(relgraph.UniqueFieldError):
            tx.add("Company", name="Half", keys={"s": "1"})
        with pytest.raises(relgraph.FieldError):
            tx.tag(acme, "listed", "nonsense")
    assert sorted(one.name for one in graph.entities()) == ["ACME", "Core"]
    assert graph.get(acme.id).tags == ("listed", "vip")


def test_rows_that_could_not_be_read_are_not_lost_when_others_commit_meanwhile(two: tuple[Graph, Graph]) -> None:
    one, other = two
    acme, bolt = company(one, "ACME"), company(one, "Bolt")
    tx = one.transaction()
    tx.relate_many("owns", [{"subject": acme, "object": bolt, "share": "150%"}, {"subject": bolt, "object": acme}])
    company(other, "Core")
    with pytest.raises(relgraph.RuleErrors):
        tx.commit()
    assert one.count("owns") == 0


def test_a_transaction_goes_on_over_what_others_committed(two: tuple[Graph, Graph]) -> None:
    one, other = two
    acme, bolt = company(one, "ACME"), company(one, "Bolt")
    with one.transaction() as tx:
        tx.update(acme, sector="Steel")
        tx.relate(acme, "supplies", bolt)
        other.update(bolt.id, sector="Media")
        other.tag(acme.id, "vip")
    found = one.get(acme.id)
    assert (found["sector"], found.tags, one.get(bolt.id)["sector"]) == ("Steel", ("vip",), "Media")


def test_a_version_in_hand_is_a_conflict_also_when_it_changes_at_the_last_moment(two: tuple[Graph, Graph]) -> None:
    one, other = two
    acme, bolt = company(one, "ACME"), company(one, "Bolt")
    stake = one.relate(acme, "owns", bolt, share="10%")

    def meanwhile(_: object) -> None:
        other.update(stake.id, share="30%")

    stop = one.before("relation.updated", meanwhile)
    with pytest.raises(relgraph.ConflictError):
        one.update(stake, share="20%")
    stop()
    assert one.relation(stake.id)["share"] == relgraph.Percent("30%")
    # an id carries no version: what is there by then is what is meant
    one.before("relation.updated", lambda _: other.tag(acme.id, "vip"))
    one.update(stake.id, share="20%")
    assert one.relation(stake.id)["share"] == relgraph.Percent("20%")


def test_a_vocabulary_that_changes_under_a_transaction_is_a_conflict_where_it_is_used(
    two: tuple[Graph, Graph], words: relgraph.Vocabulary
) -> None:
    one, other = two
    acme, bolt = company(one, "ACME"), company(one, "Bolt")
    first, second = one.transaction(), one.transaction()
    first.relate(acme, "supplies", bolt)
    second.relate(acme, "partner_of", bolt)
    document = words.to_dict()
    del document["predicates"]["supplies"]
    other.apply(other.plan(relgraph.Vocabulary.from_dict(document)))
    with pytest.raises(relgraph.ConflictError, match="supplies"):
        first.commit()
    second.commit()
    assert [(found.predicate, found.entity.name) for found in one.related(acme)] == [("partner_of", "Bolt")]


def test_a_read_only_network_refuses_to_write(opening: Any, engine: str, words: relgraph.Vocabulary) -> None:
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    acme = company(opening(words), "ACME")
    reading = opening(read_only=True)
    with pytest.raises(relgraph.ReadOnlyError):
        reading.tag(acme.id, "vip")
    assert reading.get(acme.id).tags == ()


def test_a_purge_stands_alone(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "supplies", bolt)

    def both() -> None:
        with graph.transaction() as tx:
            tx.tag(bolt, "vip")
            tx.purge(acme)

    before = snapshot(graph)
    with pytest.raises(relgraph.RelgraphError, match="of its own"):
        both()
    assert snapshot(graph) == before
    with graph.transaction(reason="asked for") as tx:
        tx.purge(acme)
    assert tx.id is not None
    assert [one.name for one in graph.entities()] == ["Bolt"]
    assert graph.related(bolt) == []


# many relations side by side, and what else the same transaction does


def test_many_relations_stand_beside_single_ones_of_the_same_transaction(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME"), company(graph, "Bolt"), company(graph, "Core")
    with graph.transaction() as tx:
        first = tx.relate(acme, "supplies", bolt)
        dana = tx.add("Company", name="Dana", keys={"crm": "d"})
        assert (
            tx.relate_many(
                "supplies",
                ({"subject": one, "object": other, "since": "2020"} for one, other in ((acme, dana.id), (bolt, core))),
            )
            == 2
        )
        assert tx.relate_many("supplied_by", [{"subject": core, "object": ("crm", "d")}]) == 1
        assert [one.subject.id for one in tx.relations_of(core)] == [bolt.id, dana.id]
        last = tx.relate(core, "supplies", acme)
    assert tx.summary == {"added": 1, "related": 5}
    told = [one.id for one in graph.changes() if one.change == "added" and one.thing == "relation"]
    assert {told[0], told[-1]} == {first.id, last.id}
    assert len(told) == 5
    pairs = {(one.subject.id, one.object.id) for one in graph.relations("supplies")}
    assert pairs == {(acme.id, bolt.id), (acme.id, dana.id), (bolt.id, core.id), (dana.id, core.id), (core.id, acme.id)}


def test_breaches_between_many_and_single_relations_are_found(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME"), company(graph, "Bolt"), company(graph, "Core")
    for single_first in (True, False):
        tx = graph.transaction()
        if single_first:
            tx.relate(acme, "supplies", bolt)
        tx.relate_many("supplies", [{"subject": bolt, "object": core}, {"subject": acme, "object": bolt}])
        tx.relate_many("supplies", [{"subject": core, "object": acme}])
        if not single_first:
            tx.relate(acme, "supplies", bolt)
        with pytest.raises(relgraph.RuleErrors) as caught:
            tx.commit()
        (error,) = caught.value.details["errors"]
        assert error["details"]["rule"] == "unique"
    assert graph.count("supplies") == 0


def test_an_end_of_many_relations_may_go_in_the_same_transaction(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME"), company(graph, "Bolt"), company(graph, "Core")
    rows = [{"subject": acme, "object": bolt}, {"subject": acme, "object": core}]
    with graph.transaction() as tx:
        tx.relate_many("supplies", rows)
        tx.trash(bolt)
    assert [one.object.id for one in graph.relations("supplies")] == [core.id]
    graph.restore(bolt.id)
    assert graph.count("supplies") == 2
    with graph.transaction() as tx:
        tx.relate_many("partner_of", rows)
        tx.delete(core, detach=True)
    assert [one.object.id for one in graph.relations("partner_of")] == [bolt.id]
    assert graph.count("supplies") == 1


def test_many_relations_after_an_entity_went_are_known_to_what_goes_next(graph: Graph) -> None:
    with graph.transaction() as tx:
        gone = tx.add("Company", name="Gone")
        tx.delete(gone, detach=True)
        tx.add_many("Company", [{"id": one, "name": one.upper()} for one in ("a", "b", "c")])
        tx.relate_many("supplies", [{"subject": "a", "object": "b"}, {"subject": "a", "object": "c"}])
        with pytest.raises(relgraph.InUseError, match="supplied_by"):
            tx.delete("b")
        tx.delete("b", detach=True)
        assert [one.object.id for one in tx.relations_of("a")] == ["c"]
    assert [(one.subject.id, one.object.id) for one in graph.relations("supplies")] == [("a", "c")]


def test_many_relations_are_made_again_over_what_others_committed(two: tuple[Graph, Graph]) -> None:
    one, other = two
    acme, bolt, core = company(one, "ACME"), company(one, "Bolt"), company(one, "Core")
    tx = one.transaction()
    assert tx.relate_many("supplies", [{"subject": acme, "object": bolt}, {"subject": acme, "object": core}]) == 2
    other.relate(bolt, "supplies", core)
    tx.commit()
    assert tx.summary == {"related": 2}
    assert one.count("supplies") == 3
    tx = one.transaction()
    tx.relate_many("partner_of", [{"subject": acme, "object": bolt}, {"subject": acme, "object": core}])
    other.delete(core, detach=True)
    with pytest.raises(relgraph.RuleErrors) as caught:
        tx.commit()
    assert [error["details"]["row"] for error in caught.value.details["errors"]] == [1]
    assert one.count("partner_of") == 0


def test_who_may_refuse_is_shown_each_of_many_relations(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME"), company(graph, "Bolt"), company(graph, "Core")
    seen: list[tuple[str | None, str | None]] = []
    forget = graph.before("relation.added", lambda one: seen.append((one.subject, one.object)))
    graph.relate_many("supplies", [{"subject": acme, "object": bolt}, {"subject": bolt, "object": core}])
    forget()
    assert seen == [(acme.id, bolt.id), (bolt.id, core.id)]
    assert graph.count("supplies") == 2


# what can be said in rows and options


@pytest.mark.parametrize("end", [None, 1.5, True, "", ("crm", None)])
def test_what_names_no_entity_is_refused_with_its_row(graph: Graph, end: object) -> None:
    acme = company(graph, "ACME")
    with pytest.raises(relgraph.RelgraphError):
        graph.relate(acme, "supplies", end)
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("supplies", [{"subject": acme, "object": end}, {"subject": acme}])
    assert [one["details"]["row"] for one in caught.value.details["errors"]] == [0, 1]


@pytest.mark.parametrize("given", [1.5, True, "", "x" * 1001, "\ud800", ["a"]])
def test_what_is_no_id_is_refused(graph: Graph, given: object) -> None:
    with pytest.raises(relgraph.FieldError):
        graph.add("Company", name="ACME", id=given)
    assert graph.count() == 0


def test_whole_numbers_are_ids(graph: Graph) -> None:
    acme = graph.add("Company", name="ACME", id=2**62 + 1)
    assert acme.id == str(2**62 + 1)
    assert graph.get(2**62 + 1).name == "ACME"


def test_unknown_options_are_refused(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    for change in (
        lambda: graph.merge_relation(acme, "supplies", bolt, on_conflict="nonsense"),
        lambda: graph.restore(acme, clashes="nonsense"),
        lambda: graph.merge(acme, bolt, clashes="nonsense"),
        lambda: graph.relate(acme, "partner_of", bolt, nonsense=None),
        lambda: graph.update(acme, nonsense=None),
    ):
        with pytest.raises(relgraph.RelgraphError, match="nonsense"):
            change()
    assert graph.count("partner_of") == 0


def test_an_id_is_given_to_one_relation_only(graph: Graph) -> None:
    acme, bolt, core = company(graph, "ACME"), company(graph, "Bolt"), company(graph, "Core")
    given = "00000000-0000-4000-8000-000000000000"
    graph.relate(acme, "supplies", bolt, id=given)
    for change in (
        lambda: graph.relate(acme, "supplies", core, id=given),
        lambda: graph.relate_many("supplies", [{"subject": acme, "object": core, "id": given}]),
        lambda: graph.relate_many("supplies", [{"subject": acme, "object": core, "id": "new"}] * 2),
    ):
        with pytest.raises((relgraph.DuplicateRelationError, relgraph.RuleErrors), match="already given"):
            change()
    assert graph.count("supplies") == 1


def test_an_unique_field_is_held_once_also_within_one_transaction(graph: Graph) -> None:
    acme = company(graph, "ACME", vat="1")
    tx = graph.transaction()
    tx.update(acme.id, sector="Steel")
    newcomer = tx.add("Bank", name="Bolt", vat="1")
    with pytest.raises(relgraph.UniqueFieldError) as caught:
        tx.commit()
    assert (caught.value.details["entity"], caught.value.details["holder"]) == (newcomer.id, acme.id)
    tx = graph.transaction()
    tx.add_many("Company", [{"name": "Core", "vat": "2"}, {"name": "Dyne", "vat": "2"}])
    with pytest.raises(relgraph.RuleErrors):
        tx.commit()
    with graph.transaction() as tx:
        tx.update(acme.id, vat="3")
        tx.add("Company", name="Bolt", vat="1")
    assert sorted(str(one["vat"]) for one in graph.entities("Company")) == ["1", "3"]


def test_the_first_changes_are_the_same_however_many_are_asked_for(graph: Graph) -> None:
    acme, bolt, cog = (company(graph, name) for name in ("ACME", "Bolt", "Cog"))
    deal = graph.relate(acme, "supplies", bolt, since="2020", source="list")
    with graph.transaction() as tx:
        for number in range(7):
            made = tx.add("Company", name=f"New {number}", keys=[("register", str(number))])
            tx.relate(made, "supplies", acme, source="list")
            tx.relate(made, "owns", cog, share="10%")
        tx.update(acme, sector="Steel")
        tx.end(deal, on="2024-01-01")
        tx.trash(bolt)
    graph.update(cog, sector="Media")
    for after in (0, 1, 4, 5):
        start = after or None
        every = list(graph.changes(after=start))
        for most in range(len(every) + 2):
            assert list(graph.changes(after=start, limit=most)) == every[:most]
