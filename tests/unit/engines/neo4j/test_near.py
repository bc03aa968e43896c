"""Paths and rings on the server are found among what lies around their ends, as far as the hops go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import near
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import Both, beside

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: ways
types:
  Person: {fields: {name: text}, caption: [name]}
predicates:
  knows: {symmetric: true, attributes: {strength: decimal}}
  owns: {inverse: owned_by, unique: none, attributes: {share: percent}}
""")
LENGTH = 12


def write(graph: relgraph.Graph) -> None:
    """A line of people, each of whom knows and owns the next, on the server and in memory; one link is of the past."""
    with graph.transaction() as tx:
        for index in range(LENGTH):
            tx.add("Person", id=f"p{index:02}", name=f"P{index:02}")
        for index in range(LENGTH - 1):
            tx.relate(f"p{index:02}", "knows", f"p{index + 1:02}", strength="0.5" if index else None)
            tx.relate(f"p{index:02}", "owns", f"p{index + 1:02}", share="50%")
        tx.relate("p02", "owns", "p00", share="10%")
        tx.relate("p00", "owns", "p05", until="2001-01-01")


@pytest.fixture
def both(neo4j_database: Server) -> Iterator[Both]:
    with beside(neo4j_database, VOCABULARY, write) as opened:
        yield opened


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many relations each level brought, as if the network were large."""
    found: list[int] = []
    level = near._level

    def counted(*asked: Any) -> Any:
        rows = level(*asked)
        found.append(-1 if rows is None else len(rows))
        return rows

    monkeypatch.setattr(near, "FEW", -1)
    monkeypatch.setattr(near, "_level", counted)
    return found


def told(graph: relgraph.View, text: str) -> tuple[list[Any], tuple[str, ...]]:
    found = graph.query(text)
    rows = [([one.id for one in row[0].entities], row[0].strength) for row in found]
    return rows, found.notes


@pytest.mark.parametrize(
    ("text", "levels", "relations"),
    [
        # levels of 2, 2, 4 and 4: some relations are met from both of their ends
        ("find all paths from @p03 to @p05 via knows{1..4}", 4, 12),
        ("find all paths from @p03 to Person via knows{1..2}", 2, 6),
        ("find all paths from Person to @p03 via owns{1..2}", 2, 2),
        # between two entities the server finds it, and nothing is brought
        ("find shortest path from @p03 to @p05 via knows{1..6}", 0, 0),
        # an end that is described rather than named is no side to go on from
        ("find shortest path from @p03 to Person[name = 'P05'] via knows{1..6}", 6, 17),
        ("find shortest paths from @p03 to @p05 via knows{1..6} avoiding @p11", 6, 17),
        ("find strongest paths from @p00 to @p02 via knows{1..3} prefer strength", 3, 5),
        ("find strongest paths from @p04 to @p06 via knows|owns{1..3} prefer strength", 3, 12),
        ("find cycles via owns{2..4} through @p01", 4, 5),
        ("find all paths from @p00 to @p05 via owns{1..3} as of any time", 3, 6),
        ("find all paths from @p00 to @p05 via any{1..5}", 5, 24),
        ("find all paths from @p11 to @p05 via owns{1..6}", 1, 0),
    ],
)
def test_only_what_lies_near_is_brought(text: str, levels: int, relations: int, both: Both, brought: list[int]) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert (len(brought), sum(brought)) == (levels, relations)


@pytest.mark.parametrize(
    "text",
    [
        "find all paths from Person to Person via knows{1..2}",
        "find cycles via owns{2..4}",
        "find all paths from @p00 to (Person owns Person) via owns{1..2}",
        "find strongest paths from @p00 to @p02 via owns[share > 20%]{1..2} prefer share",
    ],
)
def test_predicates_are_read_whole_where_no_end_is_named_or_all_of_them_is_needed(
    text: str, both: Both, brought: list[int]
) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert brought == []


@pytest.mark.parametrize("name", ["MOST", "WIDE"])
def test_past_a_bound_predicates_are_read_whole(
    name: str,
    both: Both,
    brought: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, embedded = both
    monkeypatch.setattr(near, name, 1)
    text = "find all paths from @p03 to Person via knows{1..4}"
    assert told(server, text) == told(embedded, text)
    assert brought[-1] == -1


def test_few_relations_are_read_whole_and_held(both: Both) -> None:
    server, embedded = both
    text = "find all paths from @p03 to @p05 via knows{1..4}"
    assert told(server, text) == told(embedded, text)
    held = server.store._arrays._held  # type: ignore[attr-defined]
    assert list(held) == ["knows"]
