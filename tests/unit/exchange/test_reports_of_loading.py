"""What a load reports: each mistake once and in order, columns that are nowhere, and the report as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relgraph.errors import ValueProblem
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.graph import Graph
from tests.unit.exchange.owners import ABC, OWNERS


def test_what_is_wrong_with_a_row_is_told_once_and_in_the_order_of_the_source(
    graph: Graph, files: Callable[..., Path]
) -> None:
    text = """source: s
inputs: {o: {file: o.csv}, c: {file: c.csv}}
entities:
  - {from: o, type: Company, key: a, fields: {name: name}}
  - {from: c, type: Company, key: id, fields: {name: name, staff: staff}}
relations:
  - {from: o, predicate: owns, subject: a, object: b}
"""
    folder = files(o="a,name,b\n8,X,9\n1,ACME,2,3\n4,,1\n", c="id,name,staff\n1,ACME,many\n2,Bolt,few\n")
    report = load(graph, ImportMapping.from_text(text), data=folder)
    assert [(one.input, one.row, one.rule) for one in report.refused] == [
        ("o", 3, "row"),
        ("o", 4, "rule-required"),
        ("c", 2, "rule-field"),
        ("c", 3, "rule-field"),
    ]
    assert [one.row for one in report.unresolved] == [2, 4]


def test_columns_that_no_object_has_are_named(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": 1, "name": "ACME", "x": {"y": 2}}\n{"id": 2, "name": "Bolt"}\n')
    text = """source: s
inputs: {c: {file: c.jsonl}, e: {file: e.jsonl}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name, staff: x.y, number: nmuber}}
  - {from: e, type: Company, key: id, fields: {name: name}}
"""
    (tmp_path / "e.jsonl").write_text("")
    report = load(graph, ImportMapping.from_text(text), data=tmp_path)
    assert report.warnings == ("c: no row has 'nmuber'", "e: 'e.jsonl' has no rows")
    assert graph.by_key("s", 1)["staff"] == 2


def test_the_report_as_csv(graph: Graph, files: Callable[..., Path], tmp_path: Path) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,=9,60%,\n1,2,abc,\n")
    report = load(graph, ImportMapping.from_text(OWNERS), data=folder)
    path = report.to_csv(tmp_path / "report.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["kind"], row["input"], row["row"]) for row in rows] == [
        ("unresolved", "o", "2"),
        ("refused", "o", "3"),
    ]
    assert rows[0]["value"] == "'=9", "a spreadsheet must not take it for a formula"
    assert report.to_dict()["summary"] == report.summary


def test_the_report_stands_beside_the_data_unless_another_place_is_named(
    graph: Graph, files: Callable[..., Path]
) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,=9,60%,\n")
    mapping = ImportMapping.from_text("mapping: owners / of 2024\n" + OWNERS)
    report = load(graph, mapping, data=folder)
    assert report.to_csv() == folder / "owners-of-2024-report.csv"
    assert (folder / "owners-of-2024-report.csv").read_text(encoding="utf-8-sig").startswith("kind,input,row")
    with pytest.raises(ValueProblem, match="no file"):
        replace(report, folder=None).to_csv()
