"""Input that cannot be taken: each has an error of its own that says what to do, and the network stays as it was."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company

Doing = Callable[[Graph, Path], Any]


def words(text: str) -> relgraph.Vocabulary:
    return relgraph.Vocabulary.from_text(text)


def filled(path: Path) -> Path:
    path.write_bytes(b"something")
    return path


def with_folder(parent: Path) -> Path:
    (parent / "rows.csv").mkdir()
    return parent


def imported(graph: Graph, folder: Path, mapping: str, content: bytes, name: str = "rows.csv") -> Any:
    (folder / name).write_bytes(content)
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    return graph.load(folder / "mapping.yaml")


ROWS = "source: s\ninputs: {r: {file: rows.csv%s}}\nentities: [{type: Company, key: id, fields: {name: name}}]\n"
NO_ROWS: dict[str, Any] = {"text": ["acme"], "none": [{"name": "X"}, None], "number": [{"name": "X", 1: 2}]}
SHARE = {"share": "10%"}
NO_PLAN: Any = "the plan"

BAD: dict[str, tuple[Doing, type[relgraph.RelgraphError], str]] = {
    # unknown keys
    "unknown key of a vocabulary": (
        lambda g, _: g.plan(words("types: {A: {feilds: {}}}")),
        relgraph.VocabularyError,
        r"line 1.*'feilds'.*did you mean 'fields'",
    ),
    "unknown key of a mapping": (
        lambda g, f: imported(g, f, ROWS % "" + "entitties: []\n", b"id,name\n"),
        relgraph.RelgraphError,
        r"line 4.*'entitties'.*did you mean 'entities'",
    ),
    "unknown field": (
        lambda g, _: g.update("acme", nmae="ACNE"),
        relgraph.FieldError,
        r"no field 'nmae' \(did you mean 'name'",
    ),
    "unknown attribute": (
        lambda g, _: g.relate("ann", "owns", "bolt", shar="1%"),
        relgraph.FieldError,
        r"no field 'shar' \(did you mean 'share'",
    ),
    "unknown predicate": (
        lambda g, _: g.relate("acme", "suplies", "bolt"),
        relgraph.TypeRuleError,
        r"no predicate 'suplies' \(did you mean 'supplies'",
    ),
    "unknown type": (
        lambda g, _: g.add("Compny", name="X"),
        relgraph.TypeRuleError,
        r"no type 'Compny' \(did you mean 'Company'",
    ),
    "unknown tag": (lambda g, _: g.tag("acme", "vipp"), relgraph.FieldError, r"'vipp'.*did you mean 'vip'"),
    "unknown option": (lambda g, _: g.add("Company", name="X", tgas=[]), relgraph.FieldError, "'tgas'"),
    # clashing names
    "a predicate with the name of a type": (
        lambda g, _: g.define(relgraph.predicate("company", inverse="company_of")),
        relgraph.VocabularyError,
        "'company' has the name of the type 'Company'",
    ),
    "a field with the name of a predicate": (
        lambda g, _: g.plan(words("types: {A: {fields: {owns: text}}}\npredicates: {owns: {inverse: owned_by}}")),
        relgraph.VocabularyError,
        "owns",
    ),
    "an id given out already": (
        lambda g, _: g.add("Company", id="acme", name="Other"),
        relgraph.RelgraphError,
        "'acme'",
    ),
    "a key of another entity": (
        lambda g, _: g.add("Company", name="Other", keys={"crm": "1"}),
        relgraph.RelgraphError,
        r"crm.*acme|acme.*crm",
    ),
    # circles
    "a circle of extends": (
        lambda g, _: g.plan(words("types:\n  A: {extends: [B]}\n  B: {extends: [A]}")),
        relgraph.VocabularyError,
        "goes in a circle: A extends B extends A",
    ),
    "a circle of include": (lambda g, f: g.plan(circle(f)), relgraph.VocabularyError, "circle"),
    "a circle of implies": (
        lambda g, _: g.plan(words("predicates:\n  a: {inverse: b, implies: [c]}\n  c: {inverse: d, implies: [a]}")),
        relgraph.VocabularyError,
        "circle",
    ),
    # wrong types and values
    "a number for a text": (lambda g, _: g.update("acme", name=3), relgraph.FieldError, r"takes text, not 3(.|\n)*'3'"),
    "a text for money": (lambda g, _: g.update("acme", revenue="much"), relgraph.FieldError, "much"),
    "money without currency": (lambda g, _: g.update("acme", revenue="100"), relgraph.FieldError, "EUR"),
    "a choice that is none": (
        lambda g, _: g.update("acme", sector="Steal"),
        relgraph.FieldError,
        "did you mean 'Steel'",
    ),
    "a percent without its sign": (lambda g, _: g.relate("ann", "owns", "bolt", share=25), relgraph.FieldError, "25%"),
    "a percent of 130": (lambda g, _: g.relate("ann", "owns", "bolt", share="130%"), relgraph.FieldError, "100%"),
    "a percent of 130 without its sign": (
        lambda g, _: g.relate("ann", "owns", "bolt", share="130"),
        relgraph.FieldError,
        r"% sign is missing(.|\n)*130% is out of this range",
    ),
    "a percent of 130 as a number": (
        lambda g, _: g.relate("ann", "owns", "bolt", share=130),
        relgraph.FieldError,
        "130% is out of this range",
    ),
    "a number of 20 digits": (
        lambda g, _: g.update("acme", revenue="12345678901234567890 EUR"),
        relgraph.FieldError,
        "15",
    ),
    "a date that is none": (
        lambda g, _: g.relate("acme", "supplies", "core", since="2023-02-29"),
        relgraph.PeriodError,
        r"'2023-02-29' is no date(.|\n)*2024-03-05",
    ),
    "a birthday that is none": (
        lambda g, _: g.update("ann", born="31.12.1970"),
        relgraph.FieldError,
        "1970-12-31|2024-",
    ),
    "an end before its start": (
        lambda g, _: g.relate("acme", "supplies", "core", since="2024", until="2023"),
        relgraph.PeriodError,
        "until 2023 is not after since 2024",
    ),
    "dates where there are none": (
        lambda g, _: g.relate("acme", "paid", "bolt", since="2024"),
        relgraph.PeriodError,
        "time: none|no dates|takes no",
    ),
    "confidence beyond 1": (
        lambda g, _: g.relate("acme", "supplies", "core", confidence=3),
        relgraph.RelgraphError,
        "0 to 1",
    ),
    "half a character": (lambda g, _: g.update("acme", name="\ud800"), relgraph.RelgraphError, "surrogate"),
    "a day that is none": (lambda g, _: g.as_of("2024-13-01"), relgraph.RelgraphError, "2024-13-01"),
    # ends that do not exist
    "an end that is not there": (
        lambda g, _: g.relate("acme", "supplies", "nobody"),
        relgraph.NotFound,
        r"'nobody'(.|\n)*graph\.entity",
    ),
    "an end that is not there, among many": (
        lambda g, _: g.relate_many(
            "supplies", [{"subject": "acme", "object": "core"}, {"subject": "acme", "object": "nobody"}]
        ),
        relgraph.RelgraphError,
        "'nobody'",
    ),
    "an end of the wrong type": (
        lambda g, _: g.relate("ann", "supplies", "bolt"),
        relgraph.TypeRuleError,
        r"Ann.*Person.*supplies goes from Company to Company(.|\n)*direction",
    ),
    "a row that is none": (
        lambda g, _: g.relate_many("supplies", NO_ROWS["text"]),
        relgraph.RelgraphError,
        r"row is a mapping of names to values, not 'acme'",
    ),
    "a row of an entity that is none": (
        lambda g, _: g.add_many("Company", NO_ROWS["none"]),
        relgraph.RelgraphError,
        r"row is a mapping of names to values, not 'None'",
    ),
    "tags that are no names": (
        lambda g, _: g.add_many("Company", [{"name": "X", "tags": 5}]),
        relgraph.RelgraphError,
        "tags are a list of names, not 5",
    ),
    "keys that are none": (lambda g, _: g.add("Company", name="X", keys=5), relgraph.FieldError, "{source: key}"),
    "a name that is no text": (
        lambda g, _: g.add_many("Company", NO_ROWS["number"]),
        relgraph.RelgraphError,
        "no field 1",
    ),
    "a part of a vocabulary that is none": (
        lambda g, _: g.define("supplies"),
        relgraph.VocabularyError,
        "'supplies' is no part of a vocabulary",
    ),
    "a count of what there is not": (
        lambda g, _: g.count("nothing_there"),
        relgraph.TypeRuleError,
        "no type 'nothing_there'",
    ),
    "an end that is no id": (lambda g, _: g.relate("acme", "supplies", 1.5), relgraph.RelgraphError, "1.5"),
    # files to be read
    "a file in the wrong encoding": (
        lambda g, f: imported(g, f, ROWS % ", encoding: utf-8", b"id,name\n1,Soci\xe9t\xe9\n"),
        relgraph.LoadError,
        r"line 2(.|\n)*encoding",
    ),
    "a file that is not there": (
        lambda g, f: imported(g, f, ROWS % "", b"id,name\n", name="row.csv"),
        relgraph.LoadError,
        r"did you mean .*row\.csv",
    ),
    "a folder instead of a file": (
        lambda g, f: imported(g, with_folder(f), ROWS % "", b"", name="x"),
        relgraph.LoadError,
        "is a folder|is no file|directory",
    ),
    "a column that is not there": (
        lambda g, f: imported(g, f, ROWS % "", b"id,nme\n1,X\n"),
        relgraph.RelgraphError,
        r"'name'.*did you mean 'nme'",
    ),
    "a packed file that is cut off": (
        lambda g, f: imported(
            g, f, (ROWS % "").replace("rows.csv", "rows.csv.gz"), gzip.compress(b"id,name\n1,X\n")[:-9], "rows.csv.gz"
        ),
        relgraph.LoadError,
        "cut off|ends",
    ),
    "a mapping that is no YAML": (
        lambda g, f: imported(g, f, "inputs: [", b""),
        relgraph.LoadError,
        "line 2: this is no YAML",
    ),
    "a policy that is none, for a plan that changes nothing": (
        lambda g, _: g.apply(g.plan(g.vocabulary), policy={"owns": "ende"}),
        relgraph.VocabularyError,
        "no policy 'ende' .did you mean 'end'",
    ),
    "a plan that is none": (lambda g, _: g.apply(NO_PLAN), relgraph.ValueProblem, r"not str(.|\n)*graph\.plan"),
    "an event that never happens": (
        lambda g, _: g.on("relation.aded", print),
        relgraph.ValueProblem,
        r"'relation\.aded' \(did you mean 'relation\.added'",
    ),
    "an export as a folder where a file is": (
        lambda g, f: g.export(filled(f / "export.csv"), format="csv"),
        relgraph.LoadError,
        "is no folder",
    ),
    "an export where no folder is": (
        lambda g, f: g.export(f / "none" / "export.jsonl"),
        relgraph.StoreUnavailable,
        r"there is no folder(.|\n)*make it first",
    ),
    "an export that is a folder": (
        lambda g, f: g.export(f, format="jsonl"),
        relgraph.StoreUnavailable,
        r"it is a folder(.|\n)*name a file",
    ),
    "a question that is none": (lambda g, _: g.query("find Company that ows *"), relgraph.QueryError, "owns"),
}


def circle(folder: Path) -> relgraph.Vocabulary:
    (folder / "one.yaml").write_text("include: [two]\n", encoding="utf-8")
    (folder / "two.yaml").write_text("include: [one]\n", encoding="utf-8")
    return relgraph.Vocabulary.load(folder / "one.yaml")


@pytest.fixture
def small(graph: Graph) -> Graph:
    with graph.transaction() as tx:
        tx.add("Company", id="acme", name="ACME", keys={"crm": "1"}, sector="Steel", tags=["vip"])
        tx.add("Company", id="bolt", name="Bolt")
        tx.add("Company", id="core", name="Core")
        tx.add("Person", id="ann", name="Ann", born="1970-12-31")
        tx.relate("acme", "owns", "bolt", id="stake", share="60%", since="2020", source="register", key="1")
    return graph


def exported(graph: Graph, path: Path) -> bytes:
    graph.export(path)
    content = path.read_bytes()
    path.unlink()
    return content


def test_what_cannot_be_taken_is_said_and_nothing_changes(small: Graph, tmp_path: Path) -> None:
    before = exported(small, tmp_path / "export.jsonl")
    found: list[str] = []
    for number, (what, (do, kind, pattern)) in enumerate(BAD.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            do(small, folder)
        except kind as error:
            if not re.search(pattern, str(error)):
                found.append(f"{what}: {error}")
        except Exception as error:  # noqa: BLE001 - told with the others
            found.append(f"{what}: {type(error).__name__} {error}")
        else:
            found.append(f"{what}: taken")
        if exported(small, tmp_path / "export.jsonl") != before:
            found.append(f"{what}: changed something")
            before = exported(small, tmp_path / "export.jsonl")
    assert not found, "\n".join(found)


def test_what_a_batch_cannot_take_takes_the_batch_along(small: Graph, tmp_path: Path) -> None:
    before = exported(small, tmp_path / "export.jsonl")
    rows = [{"subject": "acme", "object": "core"}, {"subject": "core", "object": "bolt", "since": "soon"}]
    with pytest.raises(relgraph.RelgraphError, match="soon"):
        small.relate_many("supplies", rows)
    tx = small.transaction()
    tx.add("Company", name="New")
    tx.relate("acme", "supplies", "core")
    # each is right, and together they own more than there is
    tx.relate("ann", "owns", "bolt", share="50%")
    with pytest.raises(relgraph.SumError):
        tx.commit()
    assert exported(small, tmp_path / "export.jsonl") == before
    company(small, "New")
