"""A network that goes from a file to the server and back is the same, byte by byte."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import relgraph
from relgraph import StoreError
from relgraph.engines.base import Finding
from relgraph.engines.neo4j import Neo4jStore
from relgraph.exchange.load import load
from relgraph.exchange.mapping import ImportMapping
from tests.servers.neo4j import Server, erase
from tests.unit.engines.neo4j.sample import VOCABULARY, Story

ROOT = Path(__file__).parents[4]
MARKET = ROOT / "examples" / "crm-market"
KEK = ROOT.parent / "shared" / "data" / "kek_media_ownership"


def there_and_back(graph: relgraph.Graph, server: Server, folder: Path, *, history: bool) -> None:
    erase(server)
    first, second = folder / "first.jsonl", folder / "second.jsonl"
    wanted = Counter(one.code for one in graph.check())
    with relgraph.open(server.uri, auth=server.auth, database=server.database) as middle:
        counts = relgraph.copy(graph, middle, history=history)
        # what breaks a rule, or is only warned of, comes along
        assert Counter(one.code for one in middle.check()) == wanted
        assert (middle.count(), middle.count("owns")) == (graph.count(), graph.count("owns"))
        with relgraph.open(folder / "back.db") as back:
            assert relgraph.copy(middle, back, history=history) == counts
            assert Counter(one.code for one in back.check()) == wanted
            graph.export(first, history=history)
            back.export(second, history=history)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("history", [True, False])
def test_the_example_market_goes_there_and_back(history: bool, neo4j_database: Server, tmp_path: Path) -> None:
    with relgraph.open(vocabulary=MARKET / "vocabulary.yaml") as graph:
        for name in ("survey", "invented"):
            graph.load(MARKET / f"{name}.yaml")
        there_and_back(graph, neo4j_database, tmp_path, history=history)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_history_goes_there_and_back(seed: int, neo4j_database: Server, tmp_path: Path) -> None:
    with relgraph.open(vocabulary=VOCABULARY) as graph:
        story = Story(graph, seed)
        for _ in range(60):
            story.step()
        there_and_back(graph, neo4j_database, tmp_path, history=True)


@pytest.mark.slow
def test_a_register_of_owners_goes_there_and_back(neo4j_database: Server, tmp_path: Path) -> None:
    if not KEK.is_dir():
        pytest.skip("the data of this register is not part of the project and is not here")
    mapping = ImportMapping.load(ROOT / "examples" / "imports" / "kek.yaml")
    with relgraph.open(vocabulary=mapping.vocabulary_path) as graph:
        load(graph, mapping, data=KEK)
        there_and_back(graph, neo4j_database, tmp_path, history=True)


def test_a_copy_that_is_not_sound_is_told(
    neo4j_database: Server, store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    del neo4j_database
    monkeypatch.setattr(store, "check", lambda: [Finding("dangling", "something is gone")])
    with relgraph.open(vocabulary=VOCABULARY) as graph:
        graph.add("Company", name="ACME")
        target = relgraph.Graph(store)
        with pytest.raises(StoreError, match="is not sound: something is gone"):
            relgraph.copy(graph, target)
