"""A table with mistakes in it comes into every store with the same report, again without a change, and back out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import relgraph

VOCABULARY = """
vocabulary: festivals
types:
  Act: {fields: {name: {type: text, required: true}, genre: {type: choice, choices: [Jazz, Folk, Rock]}}}
  Agency: {plural: Agencies, fields: {name: {type: text, required: true}}}
  Festival: {fields: {name: {type: text, required: true}, town: text, first: partial date}, key: [name, town]}
predicates:
  books: {inverse: booked_by, subject: [Festival], object: [Act], attributes: {fee: money}}
  represents:
    inverse: represented_by
    subject: [Agency]
    object: [Act]
    max_subjects: 1
    attributes: {commission: {type: percent, min: 0%, max: 30%}}
"""
MAPPING = """
source: programme
inputs:
  festivals: {file: festivals.csv}
  rows: {file: rows.csv, encoding: cp1252, skip_until: nr, trim: true, "null": ["n/a"]}
entities:
  - {from: festivals, type: Festival, fields: {name: name, town: town, first: first}}
  - from: rows
    type: Act
    key: "act:{act}"
    fields: {name: act, genre: {column: genre, case: title}}
    skip_if: &total {column: nr, is: Total}
  - {from: rows, type: Agency, key: "agency:{agency}", fields: {name: agency}, skip_if: *total}
relations:
  - from: rows
    predicate: booked_by
    key: "{nr}"
    subject: "act:{act}"
    object: {name: festival, type: Festival}
    since: {column: day, date: "%d.%m.%Y"}
    attributes: {fee: {column: fee, number: {decimal: ",", group: "."}, currency: EUR}}
    skip_if: *total
  - from: rows
    predicate: represents
    subject: "agency:{agency}"
    object: "act:{act}"
    attributes: {commission: {column: commission, number: {decimal: ","}, percent: points}}
    skip_if: *total
"""
FESTIVALS = "name,town,first\nSommer,Köln,1998\nWinter,Kiel,2011-12\nSommer,Köln,soon\n"
ROWS = """Programme, draft;;;;;;;
nr;act;genre;agency;commission;festival;day;fee
1;Trio Ø;Jazz;Nordlys;15;Sommer;12.07.2024;1.200,50
2;Los Ríos;folk;Ríos;12,5 %;Sommer;13.07.2024;900
3;Blechhaufen;Brass;Nordlys;15;Sommer;13.07.2024;500
4;Steinweg;Rock;Nordlys;45;Winter;01.12.2024;n/a
5;Steinweg;Rock;Other;20;Winter;02.12.2024;800
6;Los Ríos;Folk;Other;20;Wintr;02.12.2024;1000
7;Trio Ø;Rock;Nordlys;15;Winter;31.02.2024;1000
8;Trio Ø;Jazz;Nordlys;15;Winter;03.12.2024;1000;extra
Total;;;;;;;5.900,50
"""


def all_of_it(graph: relgraph.Graph, path: Path) -> list[dict[str, Any]]:
    graph.export(path)
    _, *lines, _ = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    path.unlink()
    return lines


@pytest.fixture
def graph(opening: Callable[..., relgraph.Graph]) -> relgraph.Graph:
    return opening(relgraph.Vocabulary.from_text(VOCABULARY), actor="ana")


def test_a_table_with_mistakes(graph: relgraph.Graph, tmp_path: Path) -> None:
    (tmp_path / "festivals.csv").write_text(FESTIVALS, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="cp1252")
    mapping = tmp_path / "programme.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    graph.add("Act", id="ours", name="Ours")
    before = all_of_it(graph, tmp_path / "all.jsonl")

    tried = graph.load(mapping, dry_run=True)
    assert all_of_it(graph, tmp_path / "all.jsonl") == before
    report = graph.load(mapping)
    assert tried.summary == report.summary
    assert [(one.input, one.row, one.rule, one.column) for one in report.refused] == [
        ("festivals", 4, "rule-field", "first"),
        ("rows", 5, "rule-field", "genre"),
        ("rows", 6, "rule-field", "commission"),
        ("rows", 7, "rule-duplicate", ""),
        ("rows", 8, "rule-cardinality", ""),
        ("rows", 9, "value", "day"),
        ("rows", 10, "row", ""),
    ]
    assert [(one.row, one.value, one.candidates) for one in report.unresolved] == [
        (5, "act:Blechhaufen", ()),
        (5, "act:Blechhaufen", ()),
        (8, "Wintr", ("Winter",)),
    ]
    assert "rows: 1 row telling otherwise what a row before told: 9" in report.warnings
    assert (report.created, report.linked) == (8, 6)
    trio = graph.entity("Trio Ø", type="Act")
    told = {(one.predicate, one.entity.name): dict(one.relation.attributes) for one in graph.related(trio)}
    assert told == {
        ("booked_by", "Sommer"): {"fee": relgraph.Money("1200.50", "EUR")},
        ("represented_by", "Nordlys"): {"commission": relgraph.Percent("15%")},
    }
    assert [one.entity.name for one in graph.related(graph.entity("Sommer"), "books")] == ["Los Ríos", "Trio Ø"]
    assert graph.as_of("2024-07-12").query('find Act booked_by "Sommer"').scalars() == [trio]

    after = all_of_it(graph, tmp_path / "all.jsonl")
    again = graph.load(mapping)
    assert (again.transaction, again.created, again.linked, again.updated) == (None, 0, 0, 0)
    assert [row.to_dict() | {"message": ""} for row in again.rows()] == [
        row.to_dict() | {"message": ""} for row in report.rows()
    ]
    assert all_of_it(graph, tmp_path / "all.jsonl") == after
    assert report.to_csv() == tmp_path / "programme-report.csv"
    graph.undo(str(report.batch), reason="a draft")
    assert all_of_it(graph, tmp_path / "all.jsonl") == before
