"""What the tests of the server store open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relgraph.engines.neo4j import Neo4jStore, near
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import hear
from tests.unit.engines.neo4j.sample import VOCABULARY


@pytest.fixture
def store(neo4j_database: Server) -> Iterator[Neo4jStore]:
    with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as opened:
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are read."""
    found: list[str] = []
    hear(monkeypatch, lambda statement, _: found.append(statement))
    return found


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many relations each statement brought, as if the network were large."""
    found: list[int] = []
    monkeypatch.setattr(near, "FEW", -1)
    hear(monkeypatch, lambda statement, rows: found.append(len(rows)) if "LIMIT $most" in statement else None)
    return found
