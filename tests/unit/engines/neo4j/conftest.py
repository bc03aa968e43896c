"""What the tests of the server store open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relgraph.engines.neo4j import Neo4jStore
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.sample import VOCABULARY


@pytest.fixture
def store(neo4j_database: Server) -> Iterator[Neo4jStore]:
    with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as opened:
        yield opened
