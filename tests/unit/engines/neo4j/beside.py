"""A network on the server beside the same one in memory, and what the server is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j.connection import Connection, Rows
from tests.servers.neo4j import Server

Both = tuple[relgraph.Graph, relgraph.Graph]
Write = Callable[[relgraph.Graph], object]


@contextmanager
def beside(
    server: Server, vocabulary: relgraph.Vocabulary, write: Callable[[relgraph.Graph], object]
) -> Iterator[Both]:
    """Open a network on the server and one in memory, and write the same into both."""
    with (
        relgraph.open(server.uri, auth=server.auth, vocabulary=vocabulary) as there,
        relgraph.open(vocabulary=vocabulary) as here,
    ):
        for graph in (there, here):
            write(graph)
        yield there, here


def hear(monkeypatch: pytest.MonkeyPatch, note: Callable[[str, Rows], object]) -> None:
    """Be told of each statement that is read, with its rows."""
    rows = Connection.rows

    def noted(self: Connection, session: Any, statement: str, *rest: Any, **more: Any) -> Rows:
        found = rows(self, session, statement, *rest, **more)
        note(statement, found)
        return found

    monkeypatch.setattr(Connection, "rows", noted)
