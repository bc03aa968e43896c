"""Statements of a developer's own, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neo4j import Query
from neo4j.graph import Node, Path, Relationship

from relgraph.engines.neo4j.connection import Connection
from relgraph.engines.neo4j.failures import translated


def read_only(
    connection: Connection, text: str, parameters: Mapping[str, Any], *, timeout: float | None
) -> list[dict[str, Any]]:
    """Return the rows of a statement that the server runs for reading only.

    Nodes and relationships come as their properties, a path as the list of its nodes and relationships in turn, dates
    and moments as those of Python.

    Raises:
        ReadOnlyError: the statement writes.
        QueryTimeout: it took longer than ``timeout`` seconds.
        StoreError: the server does not understand it, in the server's words.

    """
    with translated(connection.name), connection.session(write=False) as session:
        # a developer's own text: that it only reads is held by the server
        statement = Query(text, timeout=timeout)

        def rows() -> list[dict[str, Any]]:
            result = session.run(statement, dict(parameters))
            names = result.keys()
            return [dict(zip(names, map(_native, record.values()), strict=True)) for record in result]

        return connection.again(rows)


def _native(value: Any) -> Any:
    match value:
        case Path():
            steps = [one for pair in zip(value.nodes, value.relationships, strict=False) for one in pair]
            return [_native(one) for one in (*steps, value.nodes[-1])]
        case dict() | Node() | Relationship():
            return {name: _native(one) for name, one in value.items()}
        case list():
            return [_native(one) for one in value]
        case _ if hasattr(value, "to_native"):
            return value.to_native()
        case _:
            return value
