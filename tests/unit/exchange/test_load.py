"""What the rows of a source become: entities and relations, changes of them, or rows that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from relgraph.errors import LoadError
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.graph import Graph
from tests.unit.exchange.owners import ABC, OWNERS, shares

COMPANIES = """source: s
inputs: {c: {file: c.csv}}
entities:
  - type: Company
    key: id
    fields: {name: name, country: {column: country, country: true}, number: number, staff: staff}
    tags: {column: tags, split: ";"}
"""


def test_entities_are_made_once_and_updated(graph: Graph, files: Callable[..., Path]) -> None:
    mapping = ImportMapping.from_text(COMPANIES)
    folder = files(c="id,name,country,number,staff,tags\n1,ACME,Germany,7,10,customer\n2,Bolt,,,,\n")
    first = load(graph, mapping, data=folder)
    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)
    acme = graph.by_key("s", 1)
    # a number in a text field is written out
    assert (acme.name, acme["country"], acme["number"], acme["staff"], acme.tags) == (
        "ACME",
        "DE",
        "7",
        10,
        ("customer",),
    )
    second = load(graph, mapping, data=folder)
    assert (second.created, second.updated, second.unchanged, second.transaction) == (0, 0, 2, None)
    files(c="id,name,country,number,staff,tags\n1,ACME SA,,7,10,\n2,Bolt,,,,customer\n")
    third = load(graph, mapping, data=folder)
    assert (third.created, third.updated, third.unchanged) == (0, 2, 0)
    changed = graph.by_key("s", 1)
    assert changed.id == acme.id
    assert changed.name == "ACME SA"
    assert changed["country"] == "DE", "an empty cell says nothing"
    graph.undo(third.batch or "")
    assert graph.by_key("s", 1).name == "ACME"


def test_bad_cells_are_refused_row_by_row(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(
        c="id,name,country,number,staff,tags\n1,ACME,Nowhere,,,\n2,Bolt,,,ten,\n,Cord,,,,\n4,,,,,\n5,Duo,,,,vip\n"
        "6,Echo,,,,boss\n7,Fern,,n,,\n8,Good,,n,,\n9,Hill,,,,,more\n"
    )
    report = load(graph, ImportMapping.from_text(COMPANIES), data=folder)
    assert report.created == 1
    assert graph.by_key("s", 7).name == "Fern"
    found = {row.row: (row.rule, row.column) for row in report.refused}
    assert found == {
        2: ("value", "country"),
        3: ("rule-field", "staff"),
        4: ("value", "id"),
        5: ("rule-required", "name"),
        6: ("rule-type", ""),
        7: ("rule-field", ""),
        9: ("rule-unique", "number"),
        10: ("row", ""),
    }
    assert report.summary["refused"] == 8
    assert "2 created" not in str(report)
    assert "c, row 2: 'Nowhere' is no country" in str(report)


def test_relations_by_key_name_their_unresolved_ends(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,2020\n1,9,5%,\n,2,5%,\n3,2,40%,\n")
    report = load(graph, ImportMapping.from_text(OWNERS), data=folder)
    assert (report.created, report.linked, report.skipped) == (3, 2, 1)
    assert [(one.row, one.column, one.value) for one in report.unresolved] == [(3, "b", "9")]
    assert shares(graph) == {("ACME", "Bolt"): "60%", ("Cord", "Bolt"): "40%"}
    assert str(next(graph.relations("owns", object=graph.entity("Bolt"))).since) in ("2020", "None")


def test_rules_over_several_rows_leave_out_the_later_one(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n3,2,60%,\n2,3,10%,\n3,1,10%,\n2,2,1%,\n1,2,70%,2030\n")
    report = load(graph, ImportMapping.from_text(OWNERS), data=folder)
    assert {row.row: row.rule for row in report.refused} == {
        3: "rule-sum",
        4: "rule-cycle",
        6: "rule-cycle",
        7: "rule-sum",
    }
    assert shares(graph) == {("ACME", "Bolt"): "60%", ("Cord", "ACME"): "10%"}
    assert "Bolt owned by Cord, ACME" in next(row.message for row in report.refused if row.row == 3)
    assert graph.stats()["relations"]["owns"] == report.linked


def test_a_rule_of_the_type_or_tag_refuses_only_its_rows(graph: Graph, files: Callable[..., Path]) -> None:
    mapping = ImportMapping.from_text("""source: s
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}, tags: [{tag: customer, if: {column: id, is: "1"}}]}
  - {from: c, type: Person, key: "boss {id}", fields: {name: "Boss of {name}"}}
relations:
  - {from: o, predicate: sells_to, subject: b, object: a}
  - {from: c, predicate: employs, subject: id, object: "boss {id}"}
  - {from: c, predicate: works_for, subject: id, object: {key: {value: "1"}}, only_if: {column: id, is: "3"}}
""")
    report = load(graph, mapping, data=files(c=ABC, o="a,b\n1,2\n2,3\n"))
    assert {(row.input, row.row, row.rule) for row in report.refused} == {
        ("o", 3, "rule-tag"),
        ("c", 4, "rule-type"),
    }
    assert graph.stats()["relations"] == {"works_for": 3, "buys_from": 1}


NAMES = """source: s
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}}
relations:
  - from: o
    predicate: partner_of
    subject: {name: a, type: Company, match: MATCH}
    object: {name: b, type: Company, match: MATCH}
"""


def test_ends_by_name(graph: Graph, files: Callable[..., Path]) -> None:
    graph.add("Company", name="Société Générale du Bois")
    graph.add("Person", name="Cord")
    graph.add("Company", name="Twin", country="FR")
    graph.add("Company", name="Twin", country="DE")
    folder = files(c=ABC, o="a,b\nacme,BOLT\nACME,Societe generale du bois\nAcmee,Bolt\nTwin,Bolt\nACME,Cord\n")
    exact = load(graph, ImportMapping.from_text(NAMES.replace("MATCH", "exact")), data=folder)
    assert exact.linked == 1
    assert {row.row: row.value for row in exact.unresolved} == {
        2: "acme",
        3: "Societe generale du bois",
        4: "Acmee",
        5: "Twin",
    }
    loose = load(graph, ImportMapping.from_text(NAMES.replace("MATCH", "normalized")), data=folder)
    assert loose.linked == 2
    rows = {row.row: row for row in loose.unresolved}
    assert sorted(rows) == [4, 5]
    assert rows[4].candidates == ("ACME",)
    assert rows[5].message == "2 entities are called 'Twin'"
    assert len(rows[5].candidates) == 2


def test_rows_that_contradict_each_other_are_told(graph: Graph, files: Callable[..., Path]) -> None:
    text = OWNERS.replace('key: "{a}-{b}"', "key: n").replace("inputs:", "mapping: twice\ninputs:")
    rows = "n,a,b,share,since\n1,1,2,60%,2020\n2,1,2,50%,2021\n3,1,2,60%,2020\n4,2,3,5%,2020\n4,2,3,7%,2020\n"
    folder = files(c=ABC + "3,Core\n", o=rows)
    for _ in range(2):
        report = load(graph, ImportMapping.from_text(text), data=folder)
        # a key of its own does not overwrite what another key of the source says, but may say the same
        assert [(one.row, one.rule) for one in report.refused] == [(3, "rule-duplicate")]
        assert "(relation" not in report.refused[0].message or report.linked == 0
        assert set(report.warnings) == {
            "c: 1 row telling otherwise what a row before told: 5",
            "o: 1 row telling otherwise what a row before told: 6",
        }
        assert shares(graph) == {("ACME", "Bolt"): "60%", ("Bolt", "Core"): "7%"}
    # what one row changes and another changes back is no change
    assert (report.updated, report.linked, report.transaction) == (0, 0, None)
    relation = next(graph.relations("owns", object=graph.entity("Bolt")))
    assert sorted(str(one.key) for one in graph.relation(relation.id).sources) == ["1", "3"]


def test_a_full_import_withdraws_what_is_no_longer_said(graph: Graph, files: Callable[..., Path]) -> None:
    text = OWNERS.replace("source: s\n", "source: s\nfull: true\n")
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n1,3,50%,\n2,3,20%,\n")
    load(graph, ImportMapping.from_text(text), data=folder)
    other = next(one for one in graph.relations("owns") if one.object.name == "Bolt")
    graph.update(other, source="press")
    files(o="a,b,share,since\n2,3,25%,\n")
    report = load(graph, ImportMapping.from_text(text), data=folder)
    assert report.withdrawn == 2
    # what another source states stays
    assert shares(graph) == {("ACME", "Bolt"): "60%", ("Bolt", "Cord"): "25%"}
    assert [one.name for one in graph.relation(other.id).sources] == ["press"]
    again = load(graph, ImportMapping.from_text(text), data=folder)
    assert (again.withdrawn, again.transaction) == (0, None)
    partial = load(graph, ImportMapping.from_text(OWNERS), data=files(o="a,b,share,since\n"))
    assert partial.withdrawn == 0


@pytest.mark.parametrize(("choice", "share", "linked"), [("refuse", "60%", 0), ("keep", "60%", 0), ("take", "70%", 0)])
def test_where_another_source_says_otherwise(
    graph: Graph, files: Callable[..., Path], choice: str, share: str, linked: int
) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n")
    load(graph, ImportMapping.from_text(OWNERS), data=folder)
    other = OWNERS.replace("source: s", "source: t", 1).replace("subject: a", "subject: {key: a, source: s}")
    other = other.replace("object: b", "object: {key: b, source: s}").replace("key: id", "key: {column: id, source: s}")
    files(o="a,b,share,since\n1,2,70%,\n")
    report = load(graph, ImportMapping.from_text(other + f"on_conflict: {choice}\n"), data=folder)
    assert report.linked == linked
    assert shares(graph) == {("ACME", "Bolt"): share}
    assert len(report.refused) == (choice == "refuse")
    relation = next(graph.relations("owns"))
    assert len(graph.relation(relation.id).sources) == (1 if choice == "refuse" else 2)


def test_a_moved_end_is_an_update_by_the_sources_key(graph: Graph, files: Callable[..., Path]) -> None:
    text = OWNERS.replace("since: since", "until: {column: since, date: iso, inclusive: true}")
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,2024-12-31\n")
    load(graph, ImportMapping.from_text(text), data=folder)
    first = next(graph.relations("owns", ever=True))
    assert str(first.until) == "2025-01-01"
    files(o="a,b,share,since\n1,2,60%,2026-03\n")
    report = load(graph, ImportMapping.from_text(text), data=folder)
    assert (report.updated, report.linked) == (1, 0)
    moved = next(graph.relations("owns", ever=True))
    assert (moved.id, str(moved.until)) == (first.id, "2026-03")


def test_parallel_and_mirrored_rows(graph: Graph, files: Callable[..., Path]) -> None:
    text = """source: s
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}}
relations:
  - {from: o, predicate: paid, key: n, subject: a, object: b, attributes: {amount: a}, only_if: {column: k, is: paid}}
  - {from: o, predicate: partner_of, subject: a, object: b, mirrors: [a, b], only_if: {column: k, is: partner}}
"""
    rows = "n,k,a,b\n1,paid,1,2\n2,paid,1,2\n3,paid,1,2\n4,partner,1,3\n5,partner,3,1\n"
    report = load(graph, ImportMapping.from_text(text), data=files(c=ABC, o=rows))
    assert (report.linked, report.skipped) == (4, 1)
    assert graph.stats()["relations"] == {"partner_of": 1, "paid": 3}


def test_what_does_not_fit_the_file_or_the_vocabulary_stops_at_once(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share\n1,2,3\n")
    with pytest.raises(LoadError, match=r"'o.csv' has no column 'since'"):
        load(graph, ImportMapping.from_text(OWNERS), data=folder)
    assert graph.count("Company") == 0
    with pytest.raises(LoadError, match="no type 'Compny'"):
        load(graph, ImportMapping.from_text(OWNERS.replace("type: Company", "type: Compny")), data=folder)
    with pytest.raises(LoadError, match="there is no file"):
        load(graph, ImportMapping.from_text(OWNERS), data=folder / "nowhere")
    (folder / "m.yaml").write_text(OWNERS)
    with pytest.raises(LoadError, match="no column"):
        load(graph, folder / "m.yaml")
