"""Fixtures that several folders of tests share."""

from tests.servers.fixtures import neo4j_database, neo4j_server, neo4j_servers, pytest_report_header

__all__ = ["neo4j_database", "neo4j_server", "neo4j_servers", "pytest_report_header"]
