"""The server store answers as the meaning says, and as the embedded one does: row by row, in order."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import answers
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.properties.questions import TODAY, VOCABULARY, Questions, network
from tests.properties.test_queries import given_to, plain, world
from tests.reference import evaluate as reference
from tests.servers import neo4j as servers

NETWORKS = range(200) if os.environ.get("RELGRAPH_FUZZ") else range(4)
EACH = 25
LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""A moment at which all is known that is known now."""
WHO: dict[str, Any] = {"me": "e0", "us": ["e0", "e1"]}


@pytest.fixture
def by_statement(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How many questions were answered by statements of the server, and how many over arrays."""
    found: Counter[bool] = Counter()
    answered = answers.answered

    def counted(*asked: Any) -> Any:
        answer = answered(*asked)
        found[answer is not None] += 1
        return answer

    monkeypatch.setattr(answers, "answered", counted)
    return found


def outcome(graph: relgraph.View, text: str, bound: ir.BoundQuery) -> Any:
    """Return rows as plain values, or the error and what it says."""
    try:
        rows = graph.query(text, limit=100_000, timeout=None, params=given_to(bound, LATER))
        return [tuple(plain(one) for one in row) for row in rows]
    except relgraph.RelgraphError as error:
        return type(error).__name__, str(error)


def meant(graph: relgraph.View, bound: ir.BoundQuery) -> Any:
    """Return what the reference says, None where a name or a value makes no sense of the question."""
    try:
        return reference.evaluate(bound.query, world(graph, bound, given_to(bound, LATER)))
    except (LookupError, reference.Refused, reference.Unsure):
        return None


@pytest.mark.parametrize("seed", NETWORKS)
def test_random_questions_have_one_answer_on_both_stores(
    seed: int, neo4j_database: servers.Server, by_statement: Counter[bool]
) -> None:
    random = Random(seed)
    made = network(random)
    auth = neo4j_database.auth
    with (
        relgraph.open(neo4j_database.uri, auth=auth, vocabulary=VOCABULARY, **WHO) as server,
        relgraph.open(vocabulary=VOCABULARY, **WHO) as embedded,
    ):
        made.write(server)
        made.write(embedded)
        if seed % 2 and len(made.entities) > 3:
            for graph in (server, embedded):
                graph.trash(made.entities[-1][0])
        there, here = server.as_of(TODAY), embedded.as_of(TODAY)
        for _ in range(EACH):
            text = Questions(random, made).text()
            try:
                bound = bind(text, VOCABULARY)
            except relgraph.QueryError:
                continue
            found = outcome(there, text, bound)
            assert found == outcome(here, text, bound), f"{text}\n\n{made}"
            expected = meant(here, bound)
            assert expected is None or found == expected, f"{text}\n\n{made}"
    assert by_statement[True] > 0
