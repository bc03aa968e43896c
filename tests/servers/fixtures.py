"""Fixtures for tests against a real Neo4j: one server a session and version, an empty database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import neo4j as servers

_chosen = servers.versions()


def pytest_report_header() -> str:
    return f"neo4j: {', '.join(_chosen)}"


@pytest.fixture(scope="session", params=_chosen)
def neo4j_server(request: pytest.FixtureRequest) -> Iterator[servers.Server]:
    with servers.running(request.param) as server:
        if not server.ours and servers.holds_anything(server):
            pytest.fail(f"the tests erase what {server.uri} holds: empty it first, or name another server")
        yield server


@pytest.fixture
def neo4j_database(neo4j_server: servers.Server) -> Iterator[servers.Server]:
    servers.erase(neo4j_server)
    yield neo4j_server
    if not neo4j_server.ours:
        servers.erase(neo4j_server)
