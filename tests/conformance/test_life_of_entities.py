"""Two times, and the life of an entity: sentence by sentence as the model has it, on every store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import snapshot

Opening = Callable[..., Graph]


@pytest.fixture
def small(graph: Graph) -> Graph:
    with graph.transaction() as tx:
        for name in ("acme", "bolt", "core", "dyne"):
            tx.add("Company", id=name, name=name.title())
        tx.add("Person", id="ann", name="Ann")
        tx.add("Bank", id="one", name="Bank one")
        tx.add("Bank", id="two", name="Bank two")
    return graph


def told(graph: Graph, *predicates: str) -> set[tuple[str, str, str]]:
    return {
        (one.subject.id, one.predicate, one.object.id)
        for one in graph.relations(ever=True)
        if not predicates or one.predicate in predicates
    }


# knowing and time


def test_today_is_that_of_the_zone_that_the_network_keeps(opening: Opening, words: relgraph.Vocabulary) -> None:
    graph = opening(words, zone="Pacific/Kiritimati")
    assert graph.day == datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    with graph.transaction() as tx:
        tx.add("Company", id="a", name="A")
        tx.add("Company", id="b", name="B")
        tx.relate("a", "supplies", "b", since=graph.day)
    assert len(list(graph.relations("supplies"))) == 1
    assert list(graph.as_of(graph.day - timedelta(days=1)).relations("supplies")) == []


def test_every_transaction_has_a_number_a_time_an_actor_and_a_reason_and_time_only_grows(small: Graph) -> None:
    for number in range(5):
        with small.transaction(actor=f"a{number}", reason=f"why {number}", batch="b") as tx:
            tx.relate("acme", "paid", "bolt")
    log = small.transactions()
    assert [(one.actor, one.reason, one.batch) for one in log[:5]] == [
        (f"a{n}", f"why {n}", "b") for n in range(4, -1, -1)
    ]
    times = [one.recorded_at for one in log]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)
    assert [one.number for one in log] == sorted((one.number for one in log), reverse=True)


def test_two_dates_and_two_moments_are_compared(small: Graph) -> None:
    old = small.relate("acme", "supplies", "bolt", since="2010", until="2015-01-01")
    new = small.relate("acme", "supplies", "core", since="2020-01-01")
    stake = small.relate("acme", "owns", "bolt", share="10%")
    found = small.diff(small.as_of("2012-01-01"), small.as_of("2021-01-01"))
    assert (found.appeared, found.vanished, found.changed) == ((new.id,), (old.id,), ())
    before = small.known_at(small.transactions()[0].recorded_at)
    small.update(stake.id, share="20%")
    small.add("Company", id="late", name="Late")
    found = small.diff(before, small)
    assert (found.appeared_entities, found.changed, found.appeared) == (("late",), (stake.id,), ())
    assert not small.diff(small, small)


def test_undo_says_why_not(small: Graph) -> None:
    with small.transaction() as tx:
        tx.retract(tx.relate("acme", "supplies", "bolt"))
        account = tx.relate("acme", "banks_with", "one", since="2020")
    with small.transaction() as ending:
        ending.end(account.id, on="2024-01-01")
    small.relate("acme", "banks_with", "two", since="2024-01-01")
    assert ending.id is not None
    with pytest.raises(relgraph.UndoError, match=r"banks_with"):
        small.undo(ending.id)
    assert str(small.relation(account.id).until) == "2024-01-01"


# ids and keys


def test_whole_numbers_of_64_bits_are_ids_that_survive_json(small: Graph, tmp_path: Path) -> None:
    for number in (2**63 - 1, -(2**63), 2**53 + 1):
        made = small.add("Company", id=number, name=str(number))
        assert made.id == str(number)
        assert small.get(number).id == str(number)
    found = small.query("find Company where id = $id show id", id=str(2**53 + 1))
    assert json.loads(json.dumps(found.to_dicts())) == [{"id": str(2**53 + 1)}]
    small.relate(2**63 - 1, "supplies", 2**53 + 1)
    small.export(tmp_path / "x.jsonl")
    with relgraph.open() as other:
        other.load_export(tmp_path / "x.jsonl")
        assert [one.entity.id for one in other.related(2**63 - 1)] == [str(2**53 + 1)]


def test_a_key_is_on_one_entity_only_and_telling_again_by_it_changes_nothing(small: Graph) -> None:
    first = small.merge_entity("Company", keys={"crm": ["1", "2"], "erp": "x"}, name="Keyed")
    for key in ({"crm": "1"}, {"crm": "2"}, {"erp": "x"}):
        assert small.merge_entity("Company", keys=key, name="Keyed").id == first.id
    with pytest.raises(relgraph.UniqueFieldError, match="crm"):
        small.update("acme", keys={"crm": "2"})
    with small.transaction() as tx:
        tx.merge_entity("Company", keys={"crm": "1"}, name="Keyed")
    assert tx.id is None
    small.take_key(first.id, "crm", "2")
    small.update("acme", keys={"crm": "2"})
    assert small.by_key("crm", "2").id == "acme"


# merge


def test_what_a_merge_would_break_is_refused_with_all_breaches_or_kept_for_check(small: Graph) -> None:
    small.relate("acme", "banks_with", "one")
    small.relate("bolt", "banks_with", "two")
    small.relate("acme", "owns", "core", share="60%")
    small.relate("core", "owns", "bolt", share="60%")
    before = snapshot(small)
    with pytest.raises(relgraph.RuleError) as caught:
        small.merge("acme", "bolt")
    said = str(caught.value) + str(caught.value.details)
    assert "rule-cardinality" in said
    assert "rule-cycle" in said
    assert snapshot(small) == before
    with small.transaction() as tx:
        tx.merge("acme", "bolt", clashes="keep")
    assert {one.code for one in small.check()} == {"rule-cardinality", "rule-cycle"}
    assert tx.id is not None
    small.undo(tx.id)
    assert snapshot(small) == before


def test_what_is_in_the_trash_is_restored_before_it_is_merged(small: Graph) -> None:
    small.relate("bolt", "supplies", "core")
    small.trash("bolt")
    with small.transaction() as tx:
        tx.merge("acme", "bolt")
    assert told(small) == {("acme", "supplies", "core")}
    assert small.get("bolt").id == "acme"


def test_undoing_a_merge_is_refused_once_a_moved_relation_was_changed(small: Graph) -> None:
    moved = small.relate("bolt", "supplies", "core")
    with small.transaction() as tx:
        tx.merge("acme", "bolt")
    small.update(moved.id, since="2020")
    assert tx.id is not None
    with pytest.raises(relgraph.UndoError):
        small.undo(tx.id)
    assert told(small) == {("acme", "supplies", "core")}


# clone


CLONED = """
types: {T: {fields: {name: text}}}
predicates:
  out: {inverse: out_of, copiable: subject}
  into: {inverse: got_from, copiable: object}
  both: {inverse: both_of, copiable: true}
  never: {inverse: never_of}
  only: {inverse: only_of, copiable: true, max_subjects: 1}
"""


def test_a_clone_takes_along_what_may_be_copied_in_each_direction(opening: Opening) -> None:
    graph = opening(relgraph.Vocabulary.from_text(CLONED))
    for name in "abc":
        graph.add("T", id=name, name=name)
    for predicate in ("out", "into", "both", "never"):
        graph.relate("a", predicate, "b", since="2020")
        graph.relate("c", predicate, "a", since="2020")
    graph.relate("a", "both", "c", since="2000", until="2001")
    copy = graph.clone("a", name="copy")
    assert copy["name"] == "copy"
    found = {(s, p, o) for s, p, o in told(graph) if copy.id in (s, o)}
    assert found == {(copy.id, "out", "b"), ("c", "into", copy.id), (copy.id, "both", "b"), ("c", "both", copy.id)}
    # every rule is checked again
    graph.relate("a", "only", "c")
    before = snapshot(graph)
    with pytest.raises(relgraph.CardinalityError):
        graph.clone("a")
    assert snapshot(graph) == before


# trash and purge


def test_restoring_names_what_clashes_and_retracts_it_on_request(small: Graph) -> None:
    old = small.relate("acme", "banks_with", "one", since="2020")
    small.trash("one")
    small.relate("acme", "banks_with", "two", since="2020")
    with pytest.raises(relgraph.CardinalityError, match="Bank one"):
        small.restore("one")
    small.restore("one", clashes="retract")
    assert told(small) == {("acme", "banks_with", "two")}
    assert [one.change for one in small.history(old.id)][-1] == "retracted"


def test_a_purge_leaves_a_mark_and_nothing_else(small: Graph) -> None:
    small.relate("acme", "supplies", "bolt", source="secret source", key="k1")
    small.update("acme", name="Secret Name", keys={"crm": "secret key"})
    small.merge("acme", "core")
    seen = small.transactions()[0].recorded_at
    small.purge("acme", reason="asked for by letter")
    for gone in ("acme", "core"):
        with pytest.raises(relgraph.NotFound):
            small.get(gone)
    assert told(small) == set()
    assert "ecret" not in "".join(str(one) for one in small.changes())
    assert small.search("secret") == []
    last = small.transactions()[0]
    assert (last.kind, last.reason) == ("purge", "asked for by letter")
    assert small.known_at(seen).purged == 2
    assert {one.id for one in small.known_at(seen).entities()} == {"ann", "bolt", "dyne", "one", "two"}
    assert small.check() == []


def test_one_hook_a_transaction_sees_what_comes_of_it_and_may_refuse(small: Graph) -> None:
    seen: list[tuple[str, str | None, str | None]] = []
    stop = small.on("relation.*", lambda change: seen.append((change.change, change.actor, change.event.reason)))
    with small.transaction(actor="ana", reason="why") as tx:
        kept = tx.relate("acme", "supplies", "bolt")
        tx.retract(tx.relate("acme", "supplies", "core"))
    assert seen == [("added", "ana", "why")]
    stop()

    def refuse(_: object) -> None:
        raise relgraph.RuleError("not today")

    small.before("relation.*", refuse)
    before = snapshot(small)
    with pytest.raises(relgraph.RuleError, match="not today"):
        small.retract(kept.id)
    assert snapshot(small) == before


# what is read comes in the vocabulary's order, whatever the order of telling


def test_fields_and_counts_come_in_the_order_of_the_vocabulary(opening: Opening, words: relgraph.Vocabulary) -> None:
    graph = opening(words)
    with graph.transaction() as tx:
        tx.add("Company", id="acme", vat="1", revenue="5 EUR", name="Acme")
        tx.add("Person", id="ann", born="1970-01-01", name="Ann")
        tx.relate("acme", "supplies", tx.add("Company", name="Bolt"))
        tx.relate("ann", "owns", "acme")
        tx.relate("ann", "employed_by", "acme")
    graph.update("acme", sector="Steel")
    assert list(graph.get("acme").fields) == ["name", "sector", "revenue", "vat"]
    assert list(graph.query('find Company "Acme"').one().fields) == ["name", "sector", "revenue", "vat"]
    stats = graph.stats()
    assert list(stats["entities"]) == ["Person", "Company"]
    assert list(stats["relations"]) == ["owns", "employed_by", "supplies"]
