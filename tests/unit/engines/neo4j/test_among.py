"""Questions for relations bring those that can matter, and are answered as on the embedded store, notes included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import among
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import Both, beside

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: ways
types:
  Person: {fields: {name: text, age: integer}, caption: [name]}
  Firm: {fields: {name: text}, caption: [name]}
predicates:
  knows: {symmetric: true, subject: [Person], object: [Person], attributes: {strength: decimal}}
  owns: {inverse: owned_by, unique: none, irreflexive: false, attributes: {share: percent, note: text}}
""")
MANY = 12


def write(graph: relgraph.Graph) -> None:
    with graph.transaction() as tx:
        for index in range(MANY):
            if index % 3 == 2:
                tx.add("Firm", id=f"p{index}")
            else:
                tx.add("Person", id=f"p{index}", age=index)
        for index in range(MANY):
            share = None if index % 4 == 1 else f"{index * 5}%"
            until = "2001-01-01" if index % 5 == 4 else None
            target = f"p{(index * 7 + 3) % MANY}"
            tx.relate(f"p{index}", "owns", target, id=f"r{index:02}", share=share, until=until)
        tx.relate("p0", "knows", "p1", id="k0", strength="0.5")
        tx.relate("p1", "knows", "p3", id="k1")
        tx.relate("p4", "owns", "p4", id="self", share="1%", note="own")
        tx.relate("p0", "owns", "p10", id="trashed", share="99%")
    graph.trash("p10")


@pytest.fixture
def both(neo4j_database: Server) -> Iterator[Both]:
    with beside(neo4j_database, VOCABULARY, write) as opened:
        yield opened


def told(graph: relgraph.View, text: str, **given: str) -> tuple[list[Any], bool, tuple[str, ...]]:
    found = graph.query(text, params=given)
    rows = [tuple(one.id if hasattr(one, "id") else one for one in row) for row in found]
    return rows, found.truncated, found.notes


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("find relations owns from @p0", [1]),
        ("find relations owns to @p4", [2]),
        ("find relations owned_by from @p4", [2]),
        ("find relations knows from @p1", [2]),
        ("find relations owns|knows between @p0 and @p3", [2, 1]),
        ("find relations owns[share > 20%] between @p4 and Person as of any time", [3]),
        ("find relations any to Firm[name is missing] where since is missing", None),
        # those without a share are brought to be counted
        ("find relations owns[share > 40%]", [2]),
        ("find relations owns[not share > 10%] from Person[age > 3] to Firm", [4]),
        ("find relations owns[note = 'own'] as of any time", [11]),
        ("find relations owns where share between 10% and 30% order by share desc limit 2", [4]),
        ("find relations owns[share > 40%] group by subject show subject, count()", [2]),
    ],
)
def test_only_relations_that_can_matter_are_brought(
    text: str, relations: list[int] | None, both: Both, brought: list[int]
) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert relations is None or brought == relations


@pytest.mark.parametrize(
    "text",
    [
        "find relations owns",
        "find relations owns[note contains 'w']",
        "find relations owns from (Person owns Firm)",
    ],
)
def test_predicates_are_read_whole_where_all_of_them_is_needed(text: str, both: Both, brought: list[int]) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert brought == []


def test_past_a_bound_predicates_are_read_whole(
    both: Both, brought: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, embedded = both
    monkeypatch.setattr(among, "MOST", 2)
    text = "find relations owns[share > 10%]"
    assert told(server, text) == told(embedded, text)
    assert brought == [3]
    assert list(server.store._arrays._held) == ["owns"]  # type: ignore[attr-defined]
