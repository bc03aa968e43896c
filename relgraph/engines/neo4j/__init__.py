"""The server store: Neo4j through its official driver."""

from relgraph.engines.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
