"""What is kept of entities that were read is never older than what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import relgraph
from relgraph.engines.sqlite import known
from relgraph.vocabulary.model import Vocabulary

VOCABULARY = Vocabulary.from_text("""
vocabulary: small
types:
  Firm: {fields: {name: {type: text, required: true}}}
tags: {vip: {types: [Firm]}}
predicates:
  supplies: {inverse: supplied_by, subject: [Firm], object: [Firm]}
""")
ASKED = "find Firm supplies @hub"


def filled(path: Path | None) -> relgraph.Graph:
    graph = relgraph.open(path, vocabulary=VOCABULARY)
    graph.add("Firm", id="hub", name="Hub")
    graph.add_many("Firm", ({"id": f"f{one}", "name": f"Firm {one}"} for one in range(5)))
    graph.relate_many("supplies", ({"subject": f"f{one}", "object": "hub"} for one in range(5)))
    return graph


def names(graph: relgraph.View) -> list[str]:
    # so often that the places of all entities by name are made
    return [[one.name for one in graph.query(ASKED).scalars()] for _ in range(10)][-1]


def test_what_this_program_changes_is_seen(tmp_path: Path) -> None:
    for path in (None, tmp_path / "some.db"):
        with filled(path) as graph:
            assert names(graph) == [f"Firm {one}" for one in range(5)]
            graph.update("f0", name="Zed")
            assert names(graph) == ["Firm 1", "Firm 2", "Firm 3", "Firm 4", "Zed"]
            graph.tag("f1", "vip")
            assert graph.query(ASKED)[0][0].tags == ("vip",)
            graph.update("f1", keys={"sap": "17"})
            assert graph.query(ASKED)[0][0].keys == (("sap", "17"),)
            graph.take_key("f1", "sap", "17")
            assert graph.query(ASKED)[0][0].keys == ()
            graph.relate("hub", "supplies", "f0")
            assert names(graph) == ["Firm 1", "Firm 2", "Firm 3", "Firm 4", "Zed"]


def test_what_another_connection_changes_is_seen(tmp_path: Path) -> None:
    with filled(tmp_path / "some.db") as graph, relgraph.open(tmp_path / "some.db") as other:
        assert names(graph) == names(other)
        other.update("f0", name="Zed")
        assert names(graph) == ["Firm 1", "Firm 2", "Firm 3", "Firm 4", "Zed"]


def test_looking_back_is_not_answered_from_what_is_known_now(tmp_path: Path) -> None:
    with filled(tmp_path / "some.db") as graph:
        before = graph.known_at(graph.transactions(limit=1)[0].recorded_at)
        assert names(before) == names(graph)
        graph.update("f0", name="Zed")
        assert names(graph)[-1] == "Zed"
        assert names(before)[0] == "Firm 0"


def test_what_makes_room_takes_nothing_from_a_reader_that_has_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_ROOM", 3)
    held = known.Known()
    with filled(None) as graph, graph._store.read() as reader:
        rows = reader.entities(reader.entity_numbers(["hub", "f0", "f1", "f2"]).values())
    first, *others = rows.items()
    held.keep(dict([first]))
    held.keep_numbers({"hub": 1})
    found, numbers = held.rows, held.numbers
    held.keep(dict(others))
    held.keep_numbers({"f0": 2, "f1": 3, "f2": 4})
    assert (found, numbers) == (dict([first]), {"hub": 1})
    assert (held.rows, held.numbers) == (dict(others), {"f0": 2, "f1": 3, "f2": 4})
