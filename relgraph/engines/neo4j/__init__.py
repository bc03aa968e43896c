"""The server store: Neo4j through its official driver."""
