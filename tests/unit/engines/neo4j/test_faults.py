"""A real server that is killed, frozen, set read-only or short of memory: clear errors, nothing half-written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from relgraph.engines.neo4j import Neo4jStore
from relgraph.errors import ReadOnlyError, RelgraphError, StoreError, StoreFull, StoreUnavailable
from relgraph.graph import Graph
from tests.servers import neo4j as servers
from tests.unit.engines.neo4j.sample import VOCABULARY

pytestmark = [
    pytest.mark.skipif("existing" in servers.versions(), reason="only servers started here are stopped"),
    pytest.mark.xdist_group("neo4j faults"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Server]:
    with servers.running(servers.versions()[0], settings={"db.memory.transaction.max": "16m"}) as started:
        yield started


@pytest.fixture
def store(server: servers.Server) -> Iterator[Neo4jStore]:
    servers.erase(server)
    with Neo4jStore.open(server.uri, auth=server.auth, vocabulary=VOCABULARY, patience=60) as opened:
        yield opened


def test_a_server_killed_within_a_transaction_keeps_what_was_acknowledged_and_nothing_else(
    store: Neo4jStore, server: servers.Server
) -> None:
    graph = Graph(store)
    one, two = graph.add("Company", name="one"), graph.add("Company", name="two")
    graph.relate(one, "owns", two, share="10%")

    def cut_off() -> None:
        with store.write() as writer:
            writer.lock([one.id, two.id], ["owns"])
            server.kill()
            writer.save("question", "never", {})

    with pytest.raises(StoreUnavailable) as lost:
        cut_off()
    assert lost.value.details["retry"] is True
    assert lost.value.__cause__ is not None
    server.start()
    # the same graph goes on: its dead connections are replaced
    assert graph.get(one.id).name == "one"
    assert graph.count("owns") == 1
    graph.update(two, name="zwei")
    assert graph.get(two.id).name == "zwei"
    assert list(store.check()) == []
    with store.read() as reader:
        assert reader.saved("question") == []


def test_a_server_killed_beside_writers_loses_nothing_acknowledged(store: Neo4jStore, server: servers.Server) -> None:
    graph = Graph(store)
    graph.add("Person", name="first")
    acknowledged: list[str] = []
    failed: list[RelgraphError] = []
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set() and not failed:
            try:
                acknowledged.append(graph.add("Person", name="another").id)
            except RelgraphError as error:
                failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    server.kill()
    before = len(acknowledged)
    server.start()
    while thread.is_alive() and len(acknowledged) < before + 3:
        time.sleep(0.01)
    enough.set()
    thread.join()
    assert all(isinstance(error, StoreError) for error in failed)
    with store.read() as reader:
        assert len(reader.entity_numbers(acknowledged)) == len(acknowledged)
        told = reader.transactions()
        assert [row.number for row in told] == list(range(1, len(told) + 1))
        assert reader.count_entities(None) == len(told)


def test_a_server_that_is_away_or_may_only_be_read_is_told(store: Neo4jStore, server: servers.Server) -> None:
    one = Graph(store).add("Company", name="one")
    impatient = Neo4jStore.open(server.uri, auth=server.auth, patience=0.2)
    patient = Neo4jStore.open(server.uri, auth=server.auth, patience=3600)
    server.stop()
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        Graph(impatient).get(one.id)
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        Graph(impatient).add("Company", name="two")
    server.settings = {**server.settings, "server.databases.read_only": server.database}
    servers.configure(server)
    try:
        server.start()
        assert Graph(impatient).get(one.id).name == "one"
        # at once, for it does not pass by itself: who is so patient would wait longer than a test may take
        with pytest.raises(ReadOnlyError, match="may only be read"):
            Graph(patient).add("Company", name="two")
        with Neo4jStore.open(server.uri, auth=server.auth, read_only=True) as opened:
            assert Graph(opened).count("Company") == 1
    finally:
        impatient.close()
        patient.close()
        server.stop()
        server.settings = {key: value for key, value in server.settings.items() if "read_only" not in key}
        servers.configure(server)
        server.start()
    assert Graph(store).count("Company") == 1


def test_work_past_the_memory_of_one_transaction_leaves_nothing(store: Neo4jStore) -> None:
    graph = Graph(store)
    with pytest.raises(StoreFull, match="smaller batches"):
        graph.add_many("Company", [{"name": f"company {index}", "_odd": "x" * 1000} for index in range(20_000)])
    assert graph.count("Company") == 0
    graph.add_many("Company", [{"name": f"company {index}"} for index in range(50)])
    assert graph.count("Company") == 50


def test_a_slow_server_only_takes_longer(store: Neo4jStore, server: servers.Server) -> None:
    graph = Graph(store)
    server.pause()
    timer = threading.Timer(1.0, server.resume)
    timer.start()
    one = graph.add("Company", name="one")
    timer.join()
    assert graph.get(one.id).name == "one"


def test_a_frozen_server_is_told_within_the_time_that_it_has_promised_to_show_itself() -> None:
    # a server shows twice in this time that it is at work; by default it promises once a minute
    promised = {"server.bolt.connection_keep_alive": "3s"}
    with (
        servers.running(servers.versions()[0], settings=promised) as server,
        Neo4jStore.open(server.uri, auth=server.auth, vocabulary=VOCABULARY, timeout=3, patience=1) as store,
    ):
        graph = Graph(store)
        one = graph.add("Company", name="one")
        acts: list[Callable[[], object]] = [lambda: graph.get(one.id), lambda: graph.add("Company", name="two")]
        for act in acts:
            server.pause()
            try:
                with pytest.raises(StoreUnavailable, match="cannot be reached"):
                    act()
            finally:
                server.resume()
            assert graph.get(one.id).name == "one"
        assert graph.count("Company") == 1
        # at work longer than that is not frozen
        long = graph.cypher("UNWIND range(1, 120000000) AS i WITH i WHERE i % 7 = 0 RETURN count(i) AS n")
        assert long == [{"n": 17_142_857}]
