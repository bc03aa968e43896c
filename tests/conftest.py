"""Fixtures that several folders of tests share, and how properties are tried."""

import os

from hypothesis import HealthCheck, settings

from tests.servers.fixtures import neo4j_database, neo4j_server, neo4j_servers, pytest_report_header

__all__ = ["neo4j_database", "neo4j_server", "neo4j_servers", "pytest_report_header"]

# a busy machine is slow, not wrong; the same code is tried with the same examples, and `make fuzz` looks for new ones
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="RELGRAPH_FUZZ" not in os.environ,
)
settings.load_profile("steady")
