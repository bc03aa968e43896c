"""Sessions that read: lent, kept while they are well, and gone with the connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from neo4j.exceptions import ClientError

from relgraph.engines.neo4j.connection import Connection
from relgraph.errors import StoreUnavailable
from tests.servers.neo4j import Server


@pytest.fixture
def connection(neo4j_database: Server) -> Iterator[Connection]:
    opened = Connection(neo4j_database.uri, auth=neo4j_database.auth, database=None, timeout=5, patience=5)
    yield opened
    opened.close()


def test_a_session_that_went_well_is_lent_again_and_to_one_at_a_time(connection: Connection) -> None:
    with connection.reading() as first, connection.reading() as second:
        assert first is not second
        assert [one.run("RETURN 1").values() for one in (first, second)] == [[[1]], [[1]]]
    with connection.reading() as third, connection.reading() as fourth:
        assert {id(third), id(fourth)} == {id(first), id(second)}
        assert third.run("RETURN 2").values() == [[2]]


def test_a_session_sees_what_was_written_after_it_was_made(connection: Connection) -> None:
    with connection.reading() as session:
        assert session.run("MATCH (n:Sample) RETURN count(n)").values() == [[0]]
    connection.run("CREATE (:Sample)")
    with connection.reading() as again:
        assert again is session
        assert again.run("MATCH (n:Sample) RETURN count(n)").values() == [[1]]


def test_a_session_in_which_something_failed_is_not_lent_again(connection: Connection) -> None:
    with pytest.raises(ClientError), connection.reading() as failed:
        failed.run("RETURN nonsense").consume()
    assert failed.closed()
    with connection.reading() as other:
        assert other is not failed
        assert other.run("RETURN 1").values() == [[1]]


def test_no_session_outlives_its_connection(connection: Connection) -> None:
    with connection.reading() as kept:
        pass
    assert not kept.closed()
    with connection.reading() as lent:
        connection.close()
    assert kept is lent
    assert lent.closed()
    with pytest.raises(StoreUnavailable, match="is closed"), connection.reading():
        pass
