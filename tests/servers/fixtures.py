"""Fixtures for tests against a real Neo4j: one server a session and version, an empty database for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers import neo4j as servers

_chosen = servers.versions()


def pytest_report_header() -> str:
    return f"neo4j: {', '.join(_chosen)}"


@pytest.fixture(scope="session")
def neo4j_servers() -> Iterator[Callable[[str], servers.Server]]:
    """Return a function that gives the running server of a version, started when first asked for."""
    started: dict[str, servers.Server] = {}
    with ExitStack() as stack:

        def running(version: str) -> servers.Server:
            if version not in started:
                server = stack.enter_context(servers.running(version))
                if not server.ours and servers.holds_anything(server):
                    pytest.fail(f"the tests erase what {server.uri} holds: empty it first, or name another server")
                started[version] = server
            return started[version]

        yield running


# the tests of one version stay in one process, so that each server is started once
@pytest.fixture(
    scope="session",
    params=[pytest.param(one, marks=pytest.mark.xdist_group(f"neo4j {one}"), id=one) for one in _chosen],
)
def neo4j_server(request: pytest.FixtureRequest, neo4j_servers: Callable[[str], servers.Server]) -> servers.Server:
    return neo4j_servers(request.param)


@pytest.fixture
def neo4j_database(neo4j_server: servers.Server) -> Iterator[servers.Server]:
    servers.erase(neo4j_server)
    yield neo4j_server
    if not neo4j_server.ours:
        servers.erase(neo4j_server)
