from __future__ import annotations

import csv
import gc
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from relgraph.engines.sqlite import known
from relgraph.errors import Cancelled, LoadError, ValueProblem
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.exchange.progress import Progress
from relgraph.graph import Graph
from relgraph.opening import open_graph
from relgraph.vocabulary.model import (
    EntityType,
    Field,
    Limit,
    Predicate,
    SumRule,
    Tag,
    TagRule,
    Vocabulary,
)

VOCABULARY = Vocabulary(
    types={
        "Company": EntityType(
            "Company",
            fields=(
                Field("name", required=True),
                Field("country", kind="country"),
                Field("number", unique=True),
                Field("staff", kind="integer"),
            ),
        ),
        "Person": EntityType("Person", fields=(Field("name", required=True),)),
    },
    tags={"customer": Tag("customer"), "vip": Tag("vip", types=("Person",))},
    predicates={
        "owns": Predicate(
            "owns",
            "owned_by",
            subject=("Company",),
            object=("Company",),
            attributes=(Field("share", kind="percent"),),
            acyclic="error",
            sums=(SumRule("share", "object", "1"),),
        ),
        "works_for": Predicate(
            "works_for",
            "employs",
            subject=("Person",),
            object=("Company",),
            attributes=(Field("role"),),
            max_objects=Limit(1),
        ),
        "buys_from": Predicate(
            "buys_from", "sells_to", subject=("Company",), object=("Company",), subject_tags=TagRule(all=("customer",))
        ),
        "partner_of": Predicate("partner_of", "partner_of", symmetric=True),
        "paid": Predicate("paid", "paid_by", attributes=(Field("amount", kind="integer"),), unique="none"),
    },
)

COMPANIES = """source: s
inputs: {c: {file: c.csv}}
entities:
  - type: Company
    key: id
    fields: {name: name, country: {column: country, country: true}, number: number, staff: staff}
    tags: {column: tags, split: ";"}
"""
OWNERS = """source: s
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}}
relations:
  - {from: o, predicate: owns, key: "{a}-{b}", subject: a, object: b, attributes: {share: share}, since: since}
"""
ABC = "id,name\n1,ACME\n2,Bolt\n3,Cord\n"

Import = Callable[..., object]


@pytest.fixture
def graph() -> Iterator[Graph]:
    with open_graph(vocabulary=VOCABULARY) as graph:
        yield graph


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def shares(graph: Graph) -> dict[tuple[str, str], str]:
    return {(one.subject.name, one.object.name): str(one.attributes.get("share")) for one in graph.relations("owns")}


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


def test_a_dry_run_says_the_same_and_writes_nothing(graph: Graph, files: Callable[..., Path]) -> None:
    mapping = ImportMapping.from_text(OWNERS)
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n2,1,50%,\n1,9,5%,\n")
    dry = load(graph, mapping, data=folder, dry_run=True)
    assert graph.count("Company") == 0
    assert (dry.dry_run, dry.transaction, dry.batch) == (True, None, None)
    real = load(graph, mapping, data=folder)
    assert dry.summary == real.summary
    assert [row.to_dict() for row in dry.rows()] == [row.to_dict() for row in real.rows()]
    assert graph.by_key("s", 1).name == "ACME"


def test_the_whole_import_is_taken_back_at_once(graph: Graph, files: Callable[..., Path]) -> None:
    text = OWNERS + "batches: {size: 2}\n"
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n2,3,50%,\n")
    report = load(graph, ImportMapping.from_text(text), data=folder)
    assert len(report.transactions) == 3
    assert report.linked == 2
    graph.undo(report.batch or "")
    assert graph.count("Company") == 0
    assert graph.stats()["relations"].get("owns", 0) == 0


def test_failure_leaves_nothing_or_what_was_finished(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n")
    (folder / "o.csv").write_bytes(b"a,b,share,since\n1,2,60%,\n2,3,5%,\n" + b"x" * 70_000_000)
    with pytest.raises(LoadError):
        load(graph, ImportMapping.from_text(OWNERS.replace("o.csv}", "o.csv, encoding: utf-8}")), data=folder)
    assert graph.count("Company") == 0
    with pytest.raises(LoadError):
        load(graph, ImportMapping.from_text(OWNERS + "batches: {size: 1}\n"), data=folder)
    assert graph.count("Company") == 3
    files(o="a,b,share,since\n1,2,60%,\n2,3,5%,\n")
    resumed = load(graph, ImportMapping.from_text(OWNERS + "batches: {size: 1}\n"), data=folder)
    assert resumed.created == 0
    assert graph.stats()["relations"]["owns"] == 2


def test_memory_does_not_grow_with_the_rows_of_a_file(
    files: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python holds at most is that of a batch, and of the entities that the store keeps at hand."""
    monkeypatch.setattr(known, "_ROOM", 100)
    mapping = ImportMapping.from_text(OWNERS + "batches: {size: 200}\n")
    most = []
    for count in (200, 800, 3200):  # the first brings in what is loaded once
        folder = files(
            c="id,name\n" + "".join(f"{one},Company {one}\n" for one in range(count)),
            o="a,b,share,since\n" + "".join(f"{one},{one + 1},50%,\n" for one in range(count - 1)),
        )
        with open_graph(folder / f"{count}.db", vocabulary=VOCABULARY) as graph:
            gc.collect()
            tracemalloc.start()
            load(graph, mapping, data=folder)
            most.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert most[2] < 1.2 * most[1], most


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


def test_stopping_and_progress(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c="id,name\n" + "".join(f"{one},Company {one}\n" for one in range(3000)), o="a,b,share,since\n")
    seen: list[Progress] = []
    report = load(graph, ImportMapping.from_text(OWNERS), data=folder, progress=seen.append)
    assert report.rows_read == 3000
    assert seen[0].fraction == 0
    assert (seen[-1].phase, seen[-1].fraction, seen[-1].rows) == ("writing", 1.0, 3000)
    assert all(one.rows_per_second >= 0 for one in seen)
    assert seen[-1].total == 3000
    with open_graph(vocabulary=VOCABULARY) as other:
        asked = iter([False, False, True])
        with pytest.raises(Cancelled, match="stopped"):
            load(other, ImportMapping.from_text(OWNERS), data=folder, cancelled=lambda: next(asked, True))
        assert other.count("Company") == 0


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


def test_a_dry_run_of_batches_sees_what_came_before(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n")
    report = load(graph, ImportMapping.from_text(OWNERS + "batches: {size: 1}\n"), data=folder, dry_run=True)
    assert (report.created, report.linked, len(report.unresolved)) == (3, 1, 0)


@pytest.mark.parametrize("batches", ["", "batches: {size: 2}\n"])
def test_another_writer_in_between_is_no_harm(graph: Graph, files: Callable[..., Path], batches: str) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n1,3,abc,\n3,2,60%,\n")
    wrote: list[str] = []

    def write_once(progress: Progress) -> None:
        if progress.phase == "writing" and len(wrote) < 3:
            wrote.append(graph.add("Person", name="Ada").id)

    report = load(graph, ImportMapping.from_text(OWNERS + batches), data=folder, progress=write_once)
    assert wrote
    assert {row.row: row.rule for row in report.refused} == {3: "rule-field", 4: "rule-sum"}
    assert (report.created, report.linked) == (3, 1)
    assert shares(graph) == {("ACME", "Bolt"): "60%"}


def test_a_mirrored_source_told_in_batches(graph: Graph, files: Callable[..., Path]) -> None:
    text = """source: s
batches: {size: 2}
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}}
relations:
  - {from: o, predicate: owns, subject: a, object: b, mirrors: [a, b]}
"""
    report = load(graph, ImportMapping.from_text(text), data=files(c=ABC, o="a,b\n1,2\n2,1\n2,3\n3,3\n3,2\n"))
    assert (report.linked, report.skipped) == (2, 2)
    assert [row.row for row in report.refused] == [5]
