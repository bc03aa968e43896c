"""A load as it goes: tried without writing, in batches, stopped, failed, beside other writers, taken back."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from relgraph.engines.sqlite import known
from relgraph.errors import Cancelled, LoadError
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.exchange.progress import Progress
from relgraph.graph import Graph
from relgraph.opening import open_graph
from tests.unit.exchange.owners import ABC, OWNERS, VOCABULARY, shares


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


def test_a_dry_run_of_batches_sees_what_came_before(graph: Graph, files: Callable[..., Path]) -> None:
    folder = files(c=ABC, o="a,b,share,since\n1,2,60%,\n")
    report = load(graph, ImportMapping.from_text(OWNERS + "batches: {size: 1}\n"), data=folder, dry_run=True)
    assert (report.created, report.linked, len(report.unresolved)) == (3, 1, 0)


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
