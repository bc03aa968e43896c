"""Every error of the driver comes as one of ours, with its cause and what to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from neo4j import Driver, GraphDatabase, exceptions

from relgraph import errors
from relgraph.engines.neo4j import Neo4jStore
from relgraph.engines.neo4j.connection import Connection
from relgraph.engines.neo4j.failures import RETRY, as_ours, translated
from relgraph.graph import Graph
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.sample import VOCABULARY

TOLD = [
    ("Neo.ClientError.Security.Unauthorized", errors.AuthenticationFailed, False),
    ("Neo.ClientError.Security.TokenExpired", errors.AuthenticationFailed, False),
    ("Neo.ClientError.Security.Forbidden", errors.CapabilityError, False),
    ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", errors.ReadOnlyError, True),
    ("Neo.ClientError.General.WriteOnReadOnlyAccessDatabase", errors.ReadOnlyError, False),
    ("Neo.ClientError.Statement.AccessMode", errors.ReadOnlyError, False),
    ("Neo.ClientError.Database.DatabaseNotFound", errors.StoreUnavailable, False),
    ("Neo.TransientError.Database.DatabaseUnavailable", errors.StoreUnavailable, True),
    ("Neo.ClientError.Schema.ConstraintAlreadyExists", errors.StoreFormatError, False),
    ("Neo.ClientError.Schema.IndexAlreadyExists", errors.StoreFormatError, False),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", errors.ConflictError, True),
    ("Neo.TransientError.Transaction.DeadlockDetected", errors.StoreLocked, True),
    ("Neo.ClientError.Transaction.TransactionTimedOut", errors.QueryTimeout, False),
    ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", errors.StoreFull, True),
    ("Neo.DatabaseError.General.UnknownError", errors.StoreError, False),
]


@pytest.mark.parametrize(("code", "kind", "again"), TOLD, ids=lambda one: str(one).rpartition(".")[2])
def test_what_a_server_says_is_told_in_our_words(code: str, kind: type[errors.RelgraphError], again: bool) -> None:
    said = exceptions.Neo4jError._hydrate_neo4j(code=code, message="as the server says")
    ours = as_ours(said, "neo4j://host:7687")
    assert type(ours) is kind
    assert ours.details["cause"] == code
    assert ours.details["store"] == "neo4j://host:7687"
    assert bool(ours.details.get(RETRY)) is again
    with pytest.raises(kind) as raised, translated("neo4j://host:7687"):
        raise said
    assert raised.value.__cause__ is said


@pytest.mark.parametrize(
    ("address", "message", "again"),
    [
        ("neo4j://host", "Writes must pass through the leader.", True),
        ("bolt://host", "Writes must pass through the leader.", False),
        ("neo4j://host", "The database is in read-only mode on this Neo4j instance.", False),
    ],
)
def test_a_server_that_may_not_write_is_asked_again_only_where_another_may(
    address: str, message: str, again: bool
) -> None:
    said = exceptions.Neo4jError._hydrate_neo4j(
        code="Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", message=message
    )
    ours = as_ours(said, address)
    assert type(ours) is errors.ReadOnlyError
    assert bool(ours.details.get(RETRY)) is again
    connection = Connection(address, auth=None, database=None, timeout=1, patience=0.3)
    tries = []

    def refused() -> None:
        tries.append(1)
        raise said

    with pytest.raises(exceptions.ForbiddenOnReadOnlyDatabase):
        connection.again(refused)
    connection.close()
    assert (len(tries) > 1) is again


@pytest.mark.parametrize(
    "said", [exceptions.ServiceUnavailable("gone"), exceptions.SessionExpired("gone"), ConnectionResetError("cut")]
)
def test_a_connection_that_is_lost_is_told(said: Exception) -> None:
    ours = as_ours(said, "neo4j://host:7687")
    assert type(ours) is errors.StoreUnavailable
    assert "host:7687" in ours.message
    assert ours.hint


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (exceptions.ConfigurationError("no such scheme"), errors.StoreUnavailable),
        (exceptions.ServiceUnavailable("no such scheme"), errors.StoreUnavailable),
        (exceptions.UnsupportedServerProduct("no such scheme"), errors.StoreFormatError),
        (OSError("no such scheme"), errors.StoreUnavailable),
    ],
    ids=lambda one: getattr(one, "__name__", type(one).__name__),
)
def test_what_the_driver_itself_finds_wrong_is_told_in_its_words(
    said: Exception, kind: type[errors.RelgraphError]
) -> None:
    ours = as_ours(said, "neo4j://host:7687")
    assert type(ours) is kind
    assert "no such scheme" in ours.message
    assert ours.details["cause"] == (getattr(said, "code", None) or type(said).__name__)


@pytest.fixture
def old_server() -> Iterator[int]:
    """A server that knows no version of the protocol that the driver offers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(20)
                    peer.sendall(bytes(4))

        thread = threading.Thread(target=answer)
        thread.start()
        port: int = listening.getsockname()[1]
        yield port
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_server_that_is_too_old_is_told(old_server: int) -> None:
    with pytest.raises(errors.StoreError) as refused:
        Neo4jStore.open(f"bolt://127.0.0.1:{old_server}", auth=("neo4j", "x"), patience=0)
    assert refused.value.__cause__ is not None
    assert str(old_server) in refused.value.message
    assert "too old" in refused.value.message
    assert "5.26" in str(refused.value.hint)


@pytest.mark.parametrize("agent", ["Neo4j/4.4.44", "Neo4j/5.25.1", "Memgraph/2.0", "Neo4j/dev"])
def test_a_version_that_is_too_old_is_told_by_its_name(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Driver, "get_server_info", lambda _: SimpleNamespace(agent=agent))
    with pytest.raises(errors.StoreFormatError, match=r"and Neo4j 5\.26 or later is needed") as refused:
        Neo4jStore.open("bolt://127.0.0.1:1", auth=("neo4j", "x"))
    assert refused.value.details["found"] == agent
    assert agent in refused.value.message


def test_a_constraint_that_is_there_under_another_name_serves(neo4j_database: Server) -> None:
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query("DROP CONSTRAINT relgraph_entity_id IF EXISTS")
        driver.execute_query("CREATE CONSTRAINT theirs FOR (n:Entity) REQUIRE n.id IS UNIQUE")
        try:
            with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as store:
                Graph(store).add("Company", id="one", name="ACME")
                with pytest.raises(errors.DuplicateRelationError):
                    Graph(store).add("Company", id="one", name="ACME")
                assert list(store.check()) == []
        finally:
            driver.execute_query("DROP CONSTRAINT theirs IF EXISTS")
    Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth).close()


def test_a_constraint_that_stands_in_the_way_is_told(neo4j_database: Server) -> None:
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query("DROP CONSTRAINT relgraph_entity_id IF EXISTS")
        driver.execute_query("CREATE INDEX theirs FOR (n:Entity) ON (n.id)")
        try:
            with pytest.raises(errors.StoreFormatError, match="stands in the way") as refused:
                Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth)
            assert "SHOW" in str(refused.value.hint)
        finally:
            driver.execute_query("DROP INDEX theirs IF EXISTS")
    Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth).close()
