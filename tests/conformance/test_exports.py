"""A network goes from any store to any other and comes back as it was, its history too."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import relgraph


def live(graph: relgraph.Graph) -> None:
    """Let things of every kind happen to a network."""
    with graph.transaction(actor="ana", reason="first") as tx:
        acme = tx.add("Company", id="acme", name="ACME", revenue="9000 EUR", keys={"erp": ["1", "2"]}, tags=["vip"])
        bolt = tx.add("Company", id="bolt", name="Bolt", sector="Steel")
        core = tx.add("Company", id="core", name="Core")
        tx.relate(
            acme, "owns", bolt, id="r1", share="12.5%", since="2020", until="2030-06", source=[("a", "1"), ("b", "")]
        )
        tx.relate(bolt, "partner_of", core, id="r2", confidence=0.25, level="gold")
    with graph.transaction(actor="bob", batch="import") as tx:
        tx.update("r1", share="15%")
        tx.untag("acme", "vip")
        tx.add("Company", id="twin", name="Twin", keys={"erp": "3"})
        tx.relate("twin", "supplies", "core", id="r3")
    with graph.store.write() as writer:
        writer.save("question", "owners", {"text": "find Company that owns *"})
        writer.save("decision", "acme-core", {"same": False, "by": "ana"})
    graph.merge("acme", "twin")
    graph.retract("r2")
    graph.trash("core")
    graph.delete(graph.add("Company", id="short", name="Short"))
    with graph.transaction() as tx:
        stake = tx.relate("bolt", "supplies", "acme", id="r4")
    assert tx.id is not None
    graph.undo(tx.id)
    assert stake.id == "r4"


def told(graph: relgraph.Graph) -> list[tuple[object, ...]]:
    return [
        (one.transaction, one.recorded_at, one.actor, one.event.reason, one.event.batch, one.change, one.words)
        for one in graph.changes()
    ]


@pytest.mark.parametrize("history", [False, True])
def test_what_a_store_exports_comes_back_from_another_as_the_same_bytes(
    graph: relgraph.Graph, tmp_path: Path, *, history: bool
) -> None:
    live(graph)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    graph.export(first, history=history)
    with relgraph.open() as other:
        other.load_export(first)
        other.export(second, history=history)
        assert second.read_bytes() == first.read_bytes()
        if history:
            assert told(other) == told(graph)


@pytest.mark.parametrize("history", [False, True])
def test_what_is_read_into_a_store_is_exported_as_the_same_bytes(
    opening: Callable[..., relgraph.Graph], words: relgraph.Vocabulary, tmp_path: Path, *, history: bool
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    with relgraph.open(vocabulary=words) as other:
        live(other)
        other.export(first, history=history)
        events = told(other)
    graph = opening()
    graph.load_export(first)
    graph.export(second, history=history)
    assert second.read_bytes() == first.read_bytes()
    assert graph.get("twin").id == "acme"
    assert graph.by_key("erp", "3").id == "acme"
    if history:
        assert told(graph) == events


ORDER = ("header", "transaction", "entity", "relation", "past", "question", "decision", "end")


@pytest.mark.parametrize("history", [False, True])
def test_lines_come_in_order_and_hold_no_number_of_the_store(
    graph: relgraph.Graph, tmp_path: Path, *, history: bool
) -> None:
    live(graph)
    path = tmp_path / "network.jsonl"
    graph.export(path, history=history)
    raw = path.read_bytes().splitlines(keepends=True)
    lines = [json.loads(line) for line in raw]
    kinds = [line["kind"] for line in lines]
    wanted = [kind for kind in ORDER if history or kind not in {"transaction", "past"}]
    assert list(dict.fromkeys(kinds)) == wanted
    assert sorted(kinds, key=wanted.index) == kinds
    header, end = lines[0], lines[-1]
    assert header.keys() >= {"format", "vocabulary", "zone", "last"}
    assert header["last"]["actor"] is None
    assert end["counts"] == dict(sorted(Counter(kinds[1:-1]).items()))
    assert end["sha256"] == hashlib.sha256(b"".join(raw[:-1])).hexdigest()
    entities = {line["id"]: line for line in lines if line["kind"] == "entity"}
    stake = next(line for line in lines if line["kind"] == "relation" and line["id"] == "r1")
    assert (entities["twin"]["state"], entities["twin"]["merged_into"]) == ("merged", "acme")
    assert (stake["subject"], stake["object"], stake["since"], stake["until"]) == ("acme", "bolt", "2020", "2030-06")
    if not history:
        assert entities["acme"]["keys"] == [["erp", "1"], ["erp", "2"], ["erp", "3"]]
        assert stake["sources"] == [
            {"source": "a", "key": "1", "says": None},
            {"source": "b", "key": "", "says": None},
        ]
        assert stake["recorded_by"] == "bob"
    inside = {"number", "told_in", "replaced_in"}
    assert not any(inside & line.keys() for line in lines)


def test_a_copy_takes_the_history_along(opening: Callable[..., relgraph.Graph], words: relgraph.Vocabulary) -> None:
    graph = opening()
    with relgraph.open(vocabulary=words) as other:
        live(other)
        relgraph.copy(other, graph)
        assert told(graph) == told(other)
        assert graph.count("owns") == other.count("owns") == 1
