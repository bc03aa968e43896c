"""What one row tells: cells that are empty, of other kinds, cleaned or not, and things named in other ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.exchange.transform import Trim
from relgraph.graph import Graph
from tests.unit.exchange.owners import ABC


def test_what_has_an_id_and_no_key_is_told_by_its_id(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,name\na1,ACME\n,Bolt\n", encoding="utf-8")
    mapping = ImportMapping.from_text(
        "source: s\ninputs: {c: {file: c.csv}}\nentities: [{type: Company, id: id, fields: {name: name}}]\n"
    )
    report = load(graph, mapping, data=tmp_path)
    assert (report.created, [(row.row, row.column) for row in report.refused]) == (1, [(3, "id")])
    assert (graph.get("a1").name, graph.get("a1").keys) == ("ACME", ())
    again = load(graph, mapping, data=tmp_path)
    assert (again.created, again.unchanged) == (0, 1)


def test_further_keys_are_those_that_are_not_empty(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,erp,name\n1,e1,ACME\n2,,Bolt\n", encoding="utf-8")
    mapping = ImportMapping.from_text(
        "source: s\ninputs: {c: {file: c.csv}}\n"
        "entities: [{type: Company, key: id, keys: {erp: erp}, fields: {name: name}}]\n"
    )
    assert load(graph, mapping, data=tmp_path).created == 2
    assert sorted(graph.by_key("s", 1).keys) == [("erp", "e1"), ("s", "1")]
    assert graph.by_key("s", 2).keys == (("s", "2"),)


def test_a_number_stands_in_a_text_field_as_it_was_written(graph: Graph, tmp_path: Path) -> None:
    rows = [{"id": 1, "name": "ACME", "number": 12.5}, {"id": 2, "name": 7, "number": True}]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    mapping = ImportMapping.from_text(
        "source: s\ninputs: {c: {file: c.jsonl}}\n"
        "entities: [{type: Company, key: id, fields: {name: name, number: number}}]\n"
    )
    assert load(graph, mapping, data=tmp_path).created == 2
    assert [graph.by_key("s", 1)[name] for name in ("name", "number")] == ["ACME", "12.5"]
    assert [graph.by_key("s", 2)[name] for name in ("name", "number")] == ["7", "true"]


@pytest.mark.parametrize(("trim", "name"), [("true", "ACME"), ("false", "  ACME ")])
def test_cells_are_trimmed_only_where_that_is_asked_for(graph: Graph, tmp_path: Path, trim: str, name: str) -> None:
    (tmp_path / "c.csv").write_text('id,name,number\n1,"  ACME ", - \n', encoding="utf-8")
    mapping = ImportMapping.from_text(
        f'source: s\ninputs: {{c: {{file: c.csv, trim: {trim}, "null": ["-"]}}}}\n'
        "entities: [{type: Company, key: id, fields: {name: name, number: number}}]\n"
    )
    assert load(graph, mapping, data=tmp_path).created == 1
    assert graph.by_key("s", 1).fields == {"name": name}


def test_a_predicate_that_a_column_names_may_be_read_from_either_end(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(ABC, encoding="utf-8")
    (tmp_path / "o.csv").write_text("a,how,b\n1,owns,2\n3,owned_by,1\n1,likes,2\n", encoding="utf-8")
    mapping = ImportMapping.from_text(
        "source: s\ninputs: {c: {file: c.csv}, o: {file: o.csv}}\n"
        "entities: [{from: c, type: Company, key: id, fields: {name: name}}]\n"
        "relations: [{from: o, predicate: {column: how}, subject: a, object: b}]\n"
    )
    report = load(graph, mapping, data=tmp_path)
    found = sorted((one.subject.name, one.predicate, one.object.name) for one in graph.relations())
    assert found == [("ACME", "owns", "Bolt"), ("ACME", "owns", "Cord")]
    assert [row.row for row in report.refused] == [4]


def test_what_a_reader_noticed_is_in_the_report(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,name,name\n1,ACME,Bolt\n", encoding="utf-8")
    mapping = ImportMapping.from_text(
        "source: s\ninputs: {c: {file: c.csv}}\nentities: [{type: Company, key: id, fields: {name: name}}]\n"
    )
    (warning,) = load(graph, mapping, data=tmp_path).warnings
    assert warning.startswith("c: the header has the column 'name' again")


def test_trimming_leaves_what_is_no_text() -> None:
    assert [Trim()(value) for value in (5, None, True, " a \n b ", [" c ", " d"])] == [5, None, True, "a b", ["c", "d"]]
