"""A network written to a file from the server: so many statements for a long history as for a short one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import relgraph
from relgraph.model import log
from tests.servers.neo4j import Server

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: market
types: {Company: {fields: {name: text}, caption: [name]}}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent}, unique: none}
""")


def live(graph: relgraph.Graph, turns: range) -> None:
    """Tell and replace things of every kind, each time in transactions of their own."""
    for turn in turns:
        with graph.transaction() as tx:
            one = tx.add("Company", name=f"C{turn}", id=f"c{turn}", keys={"crm": f"{turn}"}, tags=["vip"])
            other = tx.add("Company", name=f"D{turn}", id=f"d{turn}")
            gone = tx.add("Company", name=f"G{turn}", id=f"g{turn}", tags=["vip"])
            relation = tx.relate(one, "owns", other, share="10%", id=f"o{turn}", source="list", key=f"{turn}")
        graph.update(one, name=f"C{turn}, renamed")
        graph.update(relation, share="20%")
        graph.untag(one, "vip")
        graph.merge(f"d{turn}", f"c{turn}")
        graph.delete(gone)


@pytest.mark.parametrize("history", [True, False])
def test_a_longer_history_is_exported_by_no_more_statements(
    neo4j_database: Server, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, history: bool
) -> None:
    def counted() -> tuple[int, int]:
        asked.clear()
        graph.export(tmp_path / "all.jsonl", history=history)
        return len(asked), len((tmp_path / "all.jsonl").read_text().splitlines())

    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as graph:
        live(graph, range(2))
        monkeypatch.setattr(log, "_FIRST", log.ENTRIES)
        few, lines = counted()
        live(graph, range(2, 22))
        many, more = counted()
    assert more > 5 * lines
    assert many == few


@pytest.mark.parametrize("sizes", [(16, 20_000, 1000), (3, 2, 4), (1000, 7, 1000)])
def test_pages_of_the_log_make_no_difference_to_what_is_written(
    neo4j_database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, int, int]
) -> None:
    def written(graph: relgraph.Graph, name: str) -> list[dict[str, Any]]:
        graph.export(tmp_path / name, history=True)
        return [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]

    with relgraph.open(vocabulary=VOCABULARY) as embedded:
        live(embedded, range(4))
        monkeypatch.setattr(log, "_FIRST", 1)
        whole = written(embedded, "whole.jsonl")
        for name, size in zip(("_FIRST", "_ROWS", "ENTRIES"), sizes, strict=True):
            monkeypatch.setattr(log, name, size)
        assert written(embedded, "paged.jsonl") == whole
        with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth) as server:
            relgraph.copy(embedded, server, history=True)
            assert written(server, "server.jsonl") == whole
    kinds = {(line["thing"], line.get("ended")) for line in whole if line["kind"] == "past"}
    assert {("entity", None), ("relation", None)} < kinds
    assert {("tag", True), ("tag", False), ("key", True), ("source", False)} < kinds
