"""Loading a Neo4j server: through relgraph, and by batched UNWIND of the same nodes and relationships."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import neo4j

import relgraph
from bench.measure import Size, memory, peak
from relgraph.engines.neo4j.layout import relation_indexes
from relgraph.engines.neo4j.rows import Shapes
from relgraph.exchange.generate import GeneratedNetwork, generate
from relgraph.ids import uuid7
from relgraph.model.records import EntityRow
from tests.servers.neo4j import Server, erase

BATCH = 10_000


def emptied(server: Server) -> None:
    """Take everything out of a database, indexes included."""
    with neo4j.GraphDatabase.driver(server.uri, auth=server.auth) as driver, driver.session() as session:
        session.run("MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 20000 ROWS").consume()
    erase(server, indexes=True)


def loaded_by_us(server: Server, size: Size) -> dict[str, float]:
    """Load a network through the public methods, every rule on.

    Returns the seconds of entities and of relations, and the bytes that were held at most beside the rows given.
    """
    network = generate(size.entities, size.relations)
    took: dict[str, float] = {}
    parts = {"entities": dict(_listed(network.entities())), "relations": dict(_listed(network.relations()))}
    with relgraph.open(server.uri, auth=server.auth, database=server.database, vocabulary=network.vocabulary) as graph:
        before = memory()
        for what, add in (("entities", graph.add_many), ("relations", graph.relate_many)):
            begun = time.perf_counter()
            for name, rows in parts[what].items():
                add(name, rows)
            took[what] = time.perf_counter() - begun
        took["held"] = peak() - before
    return took


def loaded_by_hand(server: Server, size: Size) -> dict[str, float]:
    """Load the same nodes and relationships by batched UNWIND; return the seconds of entities and of relations."""
    network = generate(size.entities, size.relations)
    relgraph.open(server.uri, auth=server.auth, database=server.database, vocabulary=network.vocabulary).close()
    return Raw(server, network).load()


def _listed(parts: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, rows in parts:
        yield name, list(rows)


class Raw:
    """A load by hand: nothing is looked at, and nothing is written but the nodes and relationships themselves."""

    def __init__(self, server: Server, network: GeneratedNetwork) -> None:
        self._server = server
        shapes = Shapes(network.vocabulary)
        self._entities = {
            name: [_node(shapes, name, number, one) for number, one in enumerate(rows)]
            for name, rows in network.entities()
        }
        self._relations = {
            name: [_relationship(number, one) for number, one in enumerate(rows)] for name, rows in network.relations()
        }

    def load(self) -> dict[str, float]:
        """Load everything, a transaction for each batch; return the seconds of entities and of relations."""
        with (
            neo4j.GraphDatabase.driver(self._server.uri, auth=self._server.auth) as driver,
            driver.session(database=self._server.database) as session,
        ):
            for predicate in self._relations:
                for statement in relation_indexes(predicate):
                    session.run(statement).consume()
            session.run("CALL db.awaitIndexes(300)").consume()
            at = [time.perf_counter()]
            for name, rows in self._entities.items():
                _put(session, f"UNWIND $rows AS row CREATE (n:Entity:{name}) SET n = row", rows)
            at.append(time.perf_counter())
            for name, rows in self._relations.items():
                held = ", ".join(f"{one}: row.{one}" for one in rows[0] if one not in {"subject", "object"})
                _put(
                    session,
                    "UNWIND $rows AS row MATCH (a:Entity {id: row.subject}) MATCH (b:Entity {id: row.object})"
                    f" CREATE (a)-[:{name.upper()} {{{held}}}]->(b)",
                    rows,
                )
            at.append(time.perf_counter())
        return {"entities": at[1] - at[0], "relations": at[2] - at[1]}


def _put(session: neo4j.Session, statement: str, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        session.execute_write(_run, statement, batch)


def _run(transaction: neo4j.ManagedTransaction, statement: str, rows: Sequence[dict[str, Any]]) -> None:
    transaction.run(statement, rows=rows).consume()


def _node(shapes: Shapes, kind: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that relgraph keeps of an entity."""
    fields = {name: value for name, value in row.items() if name != "id"}
    # people and companies are numbered together, and each number is given once
    place = number if kind == "Person" else number + 10_000_000
    return shapes.entity_properties(EntityRow(place, row["id"], kind, row["name"], fields, "live", None, 1), 1)


def _relationship(number: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return the ends and the properties that relgraph keeps of a relation; an open bound is none."""
    held = {"since": None, "until": None, **row}
    if isinstance(held.get("share"), str):
        held["share"] = float(held["share"].rstrip("%")) / 100
    if "strength" in held:
        held["strength"] = float(held["strength"])
    return {**held, "id": uuid7(), "_number": number, "_told": 1}
