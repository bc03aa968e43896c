from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from relgraph.graph import Graph
from relgraph.opening import open_graph

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
MARKET = ROOT / "examples" / "crm-market"


def shared(folder: str) -> Path:
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"the data in {folder} is not part of the project and is not here")
    return path


@pytest.fixture(scope="module")
def market() -> Iterator[Graph]:
    with open_graph(vocabulary=MARKET / "vocabulary.yaml") as graph:
        for name in ("survey", "invented"):
            report = load(graph, MARKET / f"{name}.yaml")
            assert not report.refused
            assert not report.unresolved
            # rows that lack what is added up, and what stands over a limit that is only warned of
            assert all("without" in one or "allows" in one or "come to itself" in one for one in report.warnings)
        yield graph


def test_the_market_is_read_whole_and_once(market: Graph) -> None:
    counts = market.stats()
    assert sum(counts["entities"].values()) == 147
    assert sum(counts["relations"].values()) == 435
    for name in ("survey", "invented"):
        again = load(market, MARKET / f"{name}.yaml")
        assert (again.created, again.linked, again.updated, again.withdrawn) == (0, 0, 0, 0)
        assert again.transaction is None


def test_the_survey_says_what_it_said(market: Graph) -> None:
    sugar = market.entity("SugarCRM")
    assert sugar.type == "Software"
    assert str(sugar["launched"]) == "2004"
    assert (sugar["users"], sugar["customers"], sugar["downloads"]) == (800_000, 7_000, 9_000_000)
    integrated = {one.entity.name for one in market.related(sugar, "integrates")}
    assert integrated == {"Facebook", "LinkedIn", "Twitter"}
    editions = {one.entity.id: one.entity.name for one in market.related(sugar, "has_edition")}
    prices = {name: market[one].fields.get("price") for one, name in editions.items()}
    assert {name.split()[1]: price.amount for name, price in prices.items() if price is not None} == {
        "Professional": 30,
        "Corporate": 45,
        "Enterprise": 60,
        "Ultimate": 100,
    }
    assert prices["Sugar on Demand"] is None
    networks = market.related(market.entity("social networks integrated"), "offered_by")
    assert len(networks) == 6


def test_every_relation_of_the_market_has_its_source(market: Graph) -> None:
    sources = {source.name for one in market.relations() for source in market.relation(one.id).sources}
    assert sources == {"survey", "invented", "invented register", "invented press"}


def test_what_the_market_is_warned_of(market: Graph) -> None:
    found = Counter(one.code for one in market.check())
    assert found == {"rule-sum": 2, "rule-required": 1, "rule-cycle": 2, "conflict": 1}


def test_acme_stands_in_the_middle(market: Graph) -> None:
    acme = market.entity("ACME")
    assert {"customer", "vip"} <= set(acme.tags)
    assert acme["other_names"] == ("ACME Industries", "Ateliers ACME")
    owners = {one.entity.name: str(one.relation.attributes["share"]) for one in market.related(acme, "owned_by")}
    assert owners == {"Delmas & Fille Invest": "62.5%", "Vega Capital": "25%", "Célia Roche": "1.5%"}
    assert [one.entity.name for one in market.related(acme, "account_managed_by")] == ["Paul Lemoine"]


def test_kek(tmp_path: Path) -> None:
    data = shared("kek_media_ownership")
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / "kek.yaml")
    with open_graph(tmp_path / "kek.db", vocabulary=mapping.vocabulary_path) as graph:
        report = load(graph, mapping, data=data)
        assert (report.created, report.linked) == (3_065 + 1_103, 2_904 + 1_103)
        assert not report.refused
        assert not report.unresolved
        # the numbers of companies and media overlap
        assert graph.by_key("kek", "company:1115").type == "Company"
        assert graph.by_key("kek", "medium:349")["kind"] == "television"
        holding = graph.by_key("kek", "company:1115")
        own = list(graph.relations("owns", subject=holding, object=holding))
        assert [str(one.attributes["share"]) for one in own] == ["1.81%"]
        assert [one.split(": ")[1] for one in report.warnings[:2]] == [
            "47 rows without share, which owns adds up",
            "1 row relating an entity to itself by owns",
        ]
        assert sum("adding up to" in one for one in report.warnings) == 16
        assert sum("would come to itself" in one for one in report.warnings) == 3
        found = Counter(one.code for one in graph.check())
        assert found == {"rule-required": 47, "rule-sum": 16, "rule-cycle": 3, "rule-self": 1}
        assert sum("share" not in one.attributes for one in graph.relations("owns")) == 47
        again = load(graph, mapping, data=data)
        assert again.unchanged == report.created + report.linked
        assert again.transaction is None


def test_northwind() -> None:
    data = shared("northwind")
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / "northwind.yaml")
    with open_graph(vocabulary=mapping.vocabulary_path) as graph:
        report = load(graph, mapping, data=data)
        assert not report.refused
        assert not report.unresolved
        assert graph.stats()["relations"]["contains"] == 2_155
        assert graph.by_key("northwind", "supplier:7").name == "Pavlova, Ltd."
        assert {one.entity.name for one in graph.related(graph.entity("Chai"), "supplied_by")} == {"Exotic Liquids"}
        boss = graph.by_key("northwind", "employee:2")
        assert graph.related(boss, "reports_to") == []
        assert len(graph.related(boss, "supervises")) == 5


def content(graph: Graph, folder: Path) -> list[dict[str, Any]]:
    """Return all that a network holds, as it is exported, but for its last transaction."""
    path = folder / "content.jsonl"
    graph.export(path)
    header, *rows, end = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (header["kind"], end["kind"]) == ("header", "end")
    path.unlink()
    return [{key: value for key, value in header.items() if key != "last"}, *rows]


@pytest.mark.parametrize(
    ("name", "folder", "kind", "predicate"),
    [("kek", "kek_media_ownership", "Company", "owns"), ("northwind", "northwind", "Company", "supplies")],
)
def test_an_import_changes_nothing_again_and_undone_the_network_is_as_before(
    tmp_path: Path, name: str, folder: str, kind: str, predicate: str
) -> None:
    data = shared(folder)
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / f"{name}.yaml")
    with open_graph(tmp_path / "network.db", vocabulary=mapping.vocabulary_path) as graph:
        # something of one's own stands there, with a key, and something in the trash
        graph.add(kind, id="ours", name="Ours", keys={"by hand": "1"})
        graph.add(kind, id="gone", name="Gone")
        graph.trash("gone")
        before = content(graph, tmp_path)
        report = load(graph, mapping, data=data)
        assert report.batch is not None
        after = content(graph, tmp_path)
        assert len(after) == len(before) + report.created + report.linked
        assert load(graph, mapping, data=data).transaction is None
        assert content(graph, tmp_path) == after
        graph.undo(report.batch)
        assert content(graph, tmp_path) == before
        assert graph.count(predicate) == 0
        assert not [one for one in graph.check() if one.code.startswith("rule")]


@pytest.mark.slow
def test_finbench() -> None:
    data = shared("ldbc-finbench")
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / "finbench.yaml")
    with open_graph(vocabulary=mapping.vocabulary_path) as graph:
        report = load(graph, mapping, data=data)
        assert (report.created, report.linked) == (14_053, 117_832)
        assert not report.refused
        assert len(report.unresolved) == 173
        assert {one.input for one in report.unresolved} == {"dangling"}
        assert [one.row for one in report.unresolved] == list(range(1, 174))
        account = graph.by_key("finbench", "Account:4613937818241074769")
        assert account["number"] == "4613937818241074769"
        pairs = {(one.subject.id, one.object.id) for one in graph.relations("transferred_to")}
        assert len(pairs) < graph.stats()["relations"]["transferred_to"] == 37_861
