"""Random lives of a network on the server store: what each moment believed, undoing, and out through a file."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import relgraph
from tests.properties.life import VOCABULARY
from tests.properties.test_life import FUZZING, Life
from tests.servers import neo4j as servers


@pytest.mark.timeout(0 if FUZZING else 900)
def test_what_is_known_of_each_moment_is_what_was_believed_then(neo4j_database: servers.Server) -> None:
    def opened() -> relgraph.Graph:
        servers.erase(neo4j_database)
        return relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY, actor="life")

    class Served(Life):
        """A life whose network is on the server."""

        def __init__(self) -> None:
            super().__init__(opened)

    # a transaction takes the server far longer than the embedded store: fewer and shorter lives
    lives, steps = (150, 40) if FUZZING else (5, 12)
    run_state_machine_as_test(Served, settings=settings(max_examples=lives, stateful_step_count=steps, deadline=None))
