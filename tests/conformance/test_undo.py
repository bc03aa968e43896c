"""Taking back: single transactions, batches, merges, undos; and when it is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot

Act = Callable[[relgraph.Transaction], object]


def done(graph: Graph, act: Act, *, batch: str | None = None) -> str:
    with graph.transaction(batch=batch) as tx:
        act(tx)
    assert tx.id is not None
    return tx.id


@pytest.fixture
def small(graph: Graph) -> Graph:
    """A few things with fixed ids, with tags, keys, sources and dates."""
    with graph.transaction() as tx:
        tx.add("Company", name="ACME", id="acme", keys={"crm": "1"}, tags=["vip"], sector="Steel")
        tx.add("Company", name="Bolt", id="bolt", keys={"crm": "2", "erp": "9"}, tags=["listed"])
        tx.add("Company", name="Core", id="core")
        tx.add("Bank", name="Bank", id="bank")
        tx.add("Person", name="Ann", id="ann")
        tx.relate("acme", "owns", "bolt", id="stake", share="40%", since="2020-03", source="report", key="r1")
        tx.relate("bolt", "supplies", "core", id="deal", since="2019", until="2030", confidence=0.5)
        tx.relate("acme", "partner_of", "core", id="pact", level="gold")
        tx.relate("acme", "banks_with", "bank", id="account")
    return graph


def much(tx: relgraph.Transaction) -> None:
    tx.retract("pact")
    tx.relate("core", "partner_of", "acme", id="pact 2", level="tin")
    tx.merge("core", "bolt")
    tx.tag("core", "vip")
    tx.update("ann", born="1990-01-01")


ACTS: dict[str, Act] = {
    "add": lambda tx: tx.add("Company", name="Dyne", id="dyne", keys={"crm": "3"}, tags=["vip"]),
    "relate": lambda tx: tx.relate("core", "supplies", "acme", source="x", key="1"),
    "update an entity": lambda tx: tx.update("acme", sector=None, name="ACME Ltd", keys={"erp": "1"}),
    "change a type": lambda tx: tx.update("core", type="Bank"),
    "update a relation": lambda tx: tx.update("stake", share="45%", since="2021", confidence=0.9, source="letter"),
    "end": lambda tx: tx.end("deal", on="2024-06-01"),
    "retract": lambda tx: tx.retract("stake"),
    "tag": lambda tx: tx.tag("core", "vip"),
    "untag": lambda tx: tx.untag("bolt", "listed"),
    "take a key": lambda tx: tx.take_key("bolt", "erp", "9"),
    "trash": lambda tx: tx.trash("bolt"),
    "delete": lambda tx: tx.delete("acme", detach=True),
    "merge": lambda tx: tx.merge("acme", "bolt"),
    "merge the other way": lambda tx: tx.merge("bolt", "acme"),
    "clone": lambda tx: tx.clone("bolt"),
    "state": lambda tx: tx.merge_relation("acme", "owns", "bolt", share="40%", since="2020-03", source="web", key="w"),
    "state otherwise": lambda tx: tx.merge_relation(
        "acme", "owns", "bolt", share="41%", since="2020-03", source="web", on_conflict="keep"
    ),
    "move to other ends": lambda tx: tx.merge_relation("acme", "owns", "core", source="report", key="r1"),
    "much at once": much,
}


@pytest.mark.parametrize("name", ACTS)
def test_whatever_is_done_is_taken_back_and_that_too(small: Graph, name: str) -> None:
    before = snapshot(small)
    transaction = done(small, ACTS[name])
    after = snapshot(small)
    assert after != before
    undoing = small.undo(transaction, reason="a slip")
    assert snapshot(small) == before
    assert list(small.changes())[-1].event.reason == "a slip"
    again = small.undo(undoing)
    assert snapshot(small) == after
    small.undo(again)
    assert snapshot(small) == before
    assert small.check() == []


def test_the_first_transaction_is_taken_back_whole(small: Graph) -> None:
    first = next(iter(small.changes())).transaction
    small.undo(first)
    assert small.count() == 0
    assert list(small.relations(ever=True)) == []


LATER: dict[str, tuple[Act, Act]] = {
    "the same field": (lambda tx: tx.update("acme", sector="Media"), lambda tx: tx.update("acme", name="ACME Ltd")),
    "there and back": (lambda tx: tx.update("acme", sector="Media"), lambda tx: tx.trash("acme")),
    "a relation": (lambda tx: tx.update("stake", share="41%"), lambda tx: tx.end("stake", on="2031-01-01")),
    "a new relation": (
        lambda tx: tx.relate("core", "supplies", "acme", id="new"),
        lambda tx: tx.update("new", since="2020"),
    ),
    "a retracted one told again": (
        lambda tx: tx.retract("deal"),
        lambda tx: tx.relate("bolt", "supplies", "core", id="deal"),
    ),
    "a tag off": (lambda tx: tx.tag("core", "vip"), lambda tx: tx.untag("core", "vip")),
    "a tag on again": (lambda tx: tx.untag("acme", "vip"), lambda tx: tx.tag("acme", "vip")),
    "a key": (lambda tx: tx.update("core", keys={"k": "1"}), lambda tx: tx.take_key("core", "k", "1")),
    "a key that went elsewhere": (
        lambda tx: tx.take_key("bolt", "erp", "9"),
        lambda tx: tx.update("core", keys={"erp": "9"}),
    ),
    "a new entity's relations": (
        lambda tx: tx.add("Company", name="New", id="new"),
        lambda tx: tx.relate("new", "supplies", "acme"),
    ),
    "a new entity's tags": (lambda tx: tx.add("Company", name="New", id="new"), lambda tx: tx.tag("new", "vip")),
    "a new entity's keys": (
        lambda tx: tx.add("Company", name="New", id="new"),
        lambda tx: tx.update("new", keys={"k": "1"}),
    ),
    "a new relation's sources": (
        lambda tx: tx.relate("core", "supplies", "acme", id="new"),
        lambda tx: tx.update("new", source="letter"),
    ),
    "a source": (lambda tx: tx.update("stake", source="web"), lambda tx: tx.retract("stake")),
    "merged into a new one": (
        lambda tx: tx.add("Company", name="New", id="new"),
        lambda tx: tx.merge("new", "core"),
    ),
    "an end is gone": (lambda tx: tx.retract("deal"), lambda tx: tx.delete("core", detach=True)),
    "an end was merged": (lambda tx: tx.retract("deal"), lambda tx: tx.merge("acme", "core")),
    "a moved relation": (lambda tx: tx.merge("acme", "core"), lambda tx: tx.update("deal", confidence=0.1)),
    "a merge over a merge": (lambda tx: tx.merge("acme", "bolt"), lambda tx: tx.merge("core", "acme")),
    "a rule": (lambda tx: tx.retract("account"), lambda tx: tx.relate("acme", "banks_with", tx.add("Bank", name="B"))),
    "a unique field": (
        lambda tx: tx.add("Company", name="New", vat="1", id="new"),
        lambda tx: tx.merge("acme", "new"),
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_what_a_later_transaction_touched_is_not_taken_back_and_then_it_is(small: Graph, name: str) -> None:
    first, second = LATER[name]
    before = snapshot(small)
    one = done(small, first)
    between = snapshot(small)
    two = done(small, second)
    after = snapshot(small)
    with pytest.raises(relgraph.UndoError) as caught:
        small.undo(one)
    assert "cannot be taken back" in caught.value.message
    assert snapshot(small) == after
    small.undo(two)
    assert snapshot(small) == between
    small.undo(one)
    assert snapshot(small) == before


def test_a_value_that_somebody_set_back_by_hand_is_his(graph: Graph) -> None:
    acme = company(graph, "ACME", sector="Steel")
    first = done(graph, lambda tx: tx.update(acme.id, sector="Media"))
    graph.update(acme.id, sector="Steel")
    second = done(graph, lambda tx: tx.update(acme.id, sector="Media"))
    with pytest.raises(relgraph.UndoError, match=second):
        graph.undo(first)
    tagging = done(graph, lambda tx: tx.tag(acme.id, "vip"))
    graph.untag(acme.id, "vip")
    graph.tag(acme.id, "vip")
    with pytest.raises(relgraph.UndoError, match="vip"):
        graph.undo(tagging)
    assert graph.get(acme.id).tags == ("vip",)


def test_a_transaction_is_taken_back_once(graph: Graph) -> None:
    transaction = done(graph, lambda tx: tx.add("Company", name="ACME"))
    undoing = graph.undo(transaction)
    with pytest.raises(relgraph.UndoError, match=undoing):
        graph.undo(transaction)
    with pytest.raises(relgraph.NotFound):
        graph.undo("nonsense")


def test_a_batch_is_taken_back_backwards_but_for_what_was_already(small: Graph) -> None:
    before = snapshot(small)
    done(small, lambda tx: tx.add("Company", name="One", id="one"), batch="import")
    done(small, lambda tx: tx.relate("one", "supplies", "acme", id="new", since="2020"), batch="import")
    slip = done(small, lambda tx: tx.update("acme", sector="Media"), batch="import")
    done(small, lambda tx: tx.update("new", since="2021", source="x"), batch="import")
    done(small, lambda tx: tx.merge("acme", "core"), batch="import")
    after = snapshot(small)
    undoing = small.undo("import")
    assert snapshot(small) == before
    again = small.undo(undoing)
    assert snapshot(small) == after
    small.undo(again)
    with pytest.raises(relgraph.UndoError):
        small.undo("import")
    assert snapshot(small) == before
    one = done(small, lambda tx: tx.tag("core", "vip"), batch="second")
    done(small, lambda tx: tx.tag("ann", "vip"), batch="second")
    small.undo(one)
    small.undo("second")
    assert snapshot(small) == before
    assert slip


def test_a_batch_of_which_something_was_changed_since_stays_whole(small: Graph) -> None:
    done(small, lambda tx: tx.add("Company", name="One", id="one"), batch="import")
    done(small, lambda tx: tx.add("Company", name="Two", id="two"), batch="import")
    small.update("one", sector="Steel")
    before = snapshot(small)
    with pytest.raises(relgraph.UndoError):
        small.undo("import")
    assert snapshot(small) == before


def test_undoing_one_merge_leaves_the_others(graph: Graph) -> None:
    for name in "abcd":
        graph.add("Company", name=name, id=name)
    merges = [done(graph, lambda tx, pair=pair: tx.merge(*pair)) for pair in ("ab", "ca", "dc")]  # type: ignore[misc]
    assert {graph.get(name).id for name in "abcd"} == {"d"}
    graph.undo(merges[0])
    assert [graph.get(name).id for name in "abcd"] == ["d", "b", "d", "d"]
    graph.undo(merges[2])
    assert [graph.get(name).id for name in "abcd"] == ["c", "b", "c", "d"]


def test_a_merge_is_not_made_again_with_one_that_is_gone_or_was_merged_the_other_way(graph: Graph) -> None:
    for name in "abcd":
        graph.add("Company", name=name, id=name)
    undone = [graph.undo(done(graph, lambda tx, pair=pair: tx.merge(*pair))) for pair in ("ab", "cd")]  # type: ignore[misc]
    graph.delete("a")
    graph.merge("d", "c")
    before = snapshot(graph)
    with pytest.raises(relgraph.UndoError, match="is gone"):
        graph.undo(undone[0])
    with pytest.raises(relgraph.UndoError, match="into each other"):
        graph.undo(undone[1])
    assert snapshot(graph) == before
    assert graph.get("c").id == "d"


def test_a_merge_into_one_that_was_deleted_comes_back_as_it_was(graph: Graph) -> None:
    for name in "ab":
        graph.add("Company", name=name, id=name)
    merging = done(graph, lambda tx: tx.merge("a", "b"))
    deleting = done(graph, lambda tx: tx.delete("a"))
    graph.undo(graph.undo(merging))
    assert "b" not in graph
    graph.undo(deleting)
    assert graph.get("b").id == "a"


def test_relations_made_after_a_merge_stay_with_the_kept_one_and_are_reported(small: Graph) -> None:
    merging = done(small, lambda tx: tx.merge("acme", "bolt"))
    new = small.relate("acme", "supplies", "bank")
    undoing = small.undo(merging)
    assert [one.relation.id for one in small.related("acme", "supplies")] == [new.id]
    assert [one.relation.id for one in small.related("bolt", "supplies", ever=True)] == ["deal"]
    event = next(one.event for one in small.changes() if one.transaction == undoing)
    assert {"stays": [new.id], "with": "acme", "entity": "bolt"} in list(event.detail["notes"])  # type: ignore[call-overload]


def test_what_the_vocabulary_no_longer_takes_is_not_brought_back(small: Graph, words: relgraph.Vocabulary) -> None:
    gone = {
        "field": done(small, lambda tx: tx.update("acme", sector=None)),
        "attribute": done(small, lambda tx: tx.retract("pact")),
        "tag": done(small, lambda tx: tx.untag("acme", "vip")),
        "predicate": done(small, lambda tx: tx.retract("account")),
    }
    document = words.to_dict()
    del document["types"]["Company"]["fields"]["sector"]
    del document["predicates"]["partner_of"]["attributes"]["level"]
    del document["predicates"]["banks_with"]
    del document["tags"]["vip"]
    small.apply(small.plan(relgraph.Vocabulary.from_dict(document)))
    before = snapshot(small)
    for transaction in gone.values():
        with pytest.raises(relgraph.UndoError):
            small.undo(transaction)
    assert snapshot(small) == before
    with small.store.read() as reader:
        (latest,) = reader.transactions(newest_first=True, limit=1)
    with pytest.raises(relgraph.UndoError, match="vocabulary"):
        small.undo(latest.id)


def test_what_was_known_before_a_purge_says_that_something_was_purged(small: Graph) -> None:
    then = list(small.changes())[-1].recorded_at
    assert small.known_at(then).purged == 0
    small.merge("acme", "bolt")
    small.purge("acme")
    with small.transaction() as tx:
        tx.tag("core", "vip")
    assert small.purged == 0
    assert small.known_at(list(small.changes())[-1].recorded_at).purged == 0
    # the one that was merged into it went along
    assert small.known_at(then).purged == 2
    asked = "find Company known at $then"
    for result in (small.known_at(then).query("find Company"), small.query(asked, then=then)):
        (note,) = result.notes
        assert note.startswith("purged: 2 ")
        assert {"acme", "bolt"}.isdisjoint(one.id for one in result.scalars())
    assert small.query("find Company").notes == ()
    (told,) = (one for one in small.changes() if one.change == "purged")
    assert (told.thing, told.event.kind) == ("network", "purge")
    assert told.words.startswith("erased for good: 2 entities")
    assert [one.words for one in small.changes() if "ACME" in one.words] == []


def test_no_undo_crosses_a_purge(small: Graph) -> None:
    transaction = done(small, lambda tx: tx.tag("core", "vip"))
    small.purge("ann")
    with pytest.raises(relgraph.UndoError, match="erased"):
        small.undo(transaction)
