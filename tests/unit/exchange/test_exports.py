"""What is exported and read back is the same network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import relgraph

WORDS = """
vocabulary: test
types:
  Company:
    fields:
      name: {type: text, required: true}
      aliases: {type: text, list: true}
      revenue: money
      founded: partial date
      listed: boolean
      seen: datetime
      state: text
  "Odd/type": {fields: {name: text}}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent, note: text}}
  partner_of: {symmetric: true}
"""


@pytest.fixture
def network() -> relgraph.Graph:
    graph = relgraph.open(vocabulary=relgraph.Vocabulary.from_text(WORDS))
    with graph.transaction(actor="ana", reason="first") as tx:
        acme = tx.add(
            "Company",
            id="acme",
            name='ACME, "the" \\ company\nof lines',
            aliases=["A", "B, C"],
            revenue="9000 EUR",
            founded="2004-03",
            listed=True,
            seen="2024-01-01T12:00:00.5Z",
            state="",
            keys={"erp": ["1", "2"]},
            tags=["vip"],
        )
        bolt = tx.add("Company", id="bolt", name="\\Bolt", state="\\x")
        core = tx.add("Odd/type", id="core")
        tx.relate(
            acme, "owns", bolt, id="r1", share="12.5%", since="2020", until="2030-06", source=[("a", "1"), ("b", "")]
        )
        tx.relate(bolt, "partner_of", core, id="r2", confidence=0.25)
    with graph.transaction(actor="bob") as tx:
        tx.update("r1", share="15%")
        tx.trash(core)
        tx.add("Company", id="twin", name="Twin")
    graph.merge("acme", "twin")
    return graph


def believed(graph: relgraph.Graph) -> Any:
    with graph.store.read() as reader:
        entities = [
            row._replace(number=0, told_in=0, merged_into=None) for row in reader.every_entity(after=0, limit=99)
        ]
        relations = [(*row[1:3], *row[5:11]) for row in reader.every_relation(after=0, limit=99)]
    return json.loads(json.dumps([sorted(entities, key=lambda row: row.id), sorted(relations, key=lambda row: row[0])]))


@pytest.mark.parametrize("history", [False, True])
def test_export_import_export_is_the_same_bytes(network: relgraph.Graph, tmp_path: Path, *, history: bool) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    network.export(first, history=history)
    other = relgraph.open()
    other.load_export(first)
    other.export(second, history=history)
    assert first.read_bytes() == second.read_bytes()
    assert believed(other) == believed(network)
    if history:
        told = [(one.actor, one.change, one.words, one.recorded_at) for one in network.history("acme")]
        assert [(one.actor, one.change, one.words, one.recorded_at) for one in other.history("acme")] == told


def test_csv_comes_back_as_it_was(network: relgraph.Graph, tmp_path: Path) -> None:
    counts = network.export(tmp_path / "folder")
    assert counts["entities/Company.csv"] == 3
    assert (tmp_path / "folder" / "entities" / "Odd%2Ftype.csv").exists()
    other = relgraph.open()
    assert other.load_export(tmp_path / "folder") == counts
    assert believed(other) == believed(network)
    assert other.get("twin").id == "acme"
    assert other.get("acme").tags == ("vip",)
    assert [one.name for one in other.relation("r1").sources] == ["a", "b"]


def test_a_damaged_or_foreign_file_is_refused_and_nothing_is_read(network: relgraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    network.export(path)
    lines = path.read_bytes().splitlines(keepends=True)
    cases = {
        "cut off": b"".join(lines[:-1]),
        "changed or damaged": b"".join([lines[0], lines[1].replace(b"acme", b"acne"), *lines[2:]]),
        "no network exported": b'{"kind": "row"}\n',
        "no JSON object": b"id,name\n",
        "something after": b"".join([*lines, lines[1]]),
    }
    for words, content in cases.items():
        damaged = tmp_path / "damaged.jsonl"
        damaged.write_bytes(content)
        other = relgraph.open()
        with pytest.raises(relgraph.LoadError, match=words):
            other.load_export(damaged)
        assert other.count() == 0


def test_a_table_of_an_export_with_a_row_cut_short_is_refused_with_its_line(
    network: relgraph.Graph, tmp_path: Path
) -> None:
    network.export(tmp_path / "folder")
    path = tmp_path / "folder" / "entities" / "Company.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].rsplit(",", 1)[0]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    other = relgraph.open()
    with pytest.raises(relgraph.LoadError, match=r"entities/Company.csv, line 3: \d+ cells, not \d+"):
        other.load_export(tmp_path / "folder")
    assert other.count() == 0


@pytest.mark.parametrize("history", [False, True])
def test_a_network_without_anything_is_exported_and_comes_back(tmp_path: Path, *, history: bool) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    relgraph.open().export(first, history=history)
    other = relgraph.open()
    other.load_export(first)
    other.export(second, history=history)
    assert first.read_bytes() == second.read_bytes()
    assert other.count() == 0


def test_an_export_goes_into_an_empty_network_only(network: relgraph.Graph, tmp_path: Path) -> None:
    network.export(tmp_path / "a.jsonl")
    network.export(tmp_path / "folder")
    for path in (tmp_path / "a.jsonl", tmp_path / "folder"):
        with pytest.raises(relgraph.LoadError, match="not empty"):
            network.load_export(path)
    with pytest.raises(relgraph.LoadError, match="not empty"):
        network.export(tmp_path / "folder")


def test_copying_takes_the_history_along(network: relgraph.Graph) -> None:
    other = relgraph.open()
    relgraph.copy(network, other)
    assert believed(other) == believed(network)
    assert [one.words for one in other.changes()] == [one.words for one in network.changes()]
