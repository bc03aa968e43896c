"""Random histories told to both stores: every answer of every reader is the same, at every moment."""

from __future__ import annotations

import pytest

from relgraph.engines.neo4j import Neo4jStore
from relgraph.engines.sqlite import SqliteStore
from relgraph.graph import Graph
from tests.unit.engines.neo4j.sample import VOCABULARY, Look, Story


@pytest.mark.parametrize("seed", range(6))
def test_a_history_is_the_same_on_both_stores(store: Neo4jStore, seed: int) -> None:
    with SqliteStore.open(vocabulary=VOCABULARY) as embedded:
        ours, theirs = Story(Graph(store), seed), Story(Graph(embedded), seed)
        for _ in range(40):
            ours.step()
            theirs.step()
            assert ours.outcomes == theirs.outcomes
        with store.read() as reader, embedded.read() as other:
            assert reader.last == other.last
            here, there = Look(reader, ours), Look(other, theirs)
            assert here.now() == there.now()
            assert here.past() == there.past()
            last = reader.last
        for known in range(0, last + 1, 4):
            with store.read(known=known) as reader, embedded.read(known=known) as other:
                assert Look(reader, ours).now() == Look(other, theirs).now()
