"""Finds that are no statement are answered from what lies along their chains, where an entity is named in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import along
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import Both, beside

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: ways
types:
  Person: {fields: {name: text, age: integer}, caption: [name]}
  Firm: {fields: {name: text}, caption: [name]}
predicates:
  knows: {symmetric: true, attributes: {strength: decimal}}
  owns: {inverse: owned_by, unique: none, attributes: {share: percent}}
  hires: {inverse: hired_by, subject: [Firm], object: [Person]}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  boss_of: {inverse: bossed_by, path: [group_includes, hires]}
""")
LENGTH = 12


def write(graph: relgraph.Graph) -> None:
    """A line of people, each of whom knows and owns the next, with firms beside; on the server and in memory."""
    with graph.transaction() as tx:
        for index in range(LENGTH):
            tx.add("Person", id=f"p{index:02}", name=f"P{index:02}", age=None if index % 3 == 0 else index)
            tx.add("Firm", id=f"f{index:02}", name=f"F{index:02}")
        for index in range(LENGTH - 1):
            strength = None if index % 4 == 0 else f"0.{index % 10}"
            tx.relate(f"p{index:02}", "knows", f"p{index + 1:02}", strength=strength)
            tx.relate(f"p{index:02}", "owns", f"p{index + 1:02}", share="50%" if index % 2 else None)
        for index in range(LENGTH):
            tx.relate(f"p{index:02}", "owns", f"f{index:02}", share=f"{index}%")
            tx.relate(f"f{index:02}", "hires", f"p{(index * 5 + 1) % LENGTH:02}")
        tx.relate("p02", "owns", "p00", share="10%")
        tx.relate("p00", "owns", "p05", until="2001-01-01")
        tx.add("Person", id="gone")
        tx.relate("p03", "owns", "gone")
    graph.trash("gone")


@pytest.fixture
def both(neo4j_database: Server) -> Iterator[Both]:
    with beside(neo4j_database, VOCABULARY, write) as opened:
        yield opened


def told(graph: relgraph.View, text: str, **given: Any) -> tuple[list[Any], tuple[str, ...]]:
    found = graph.query(text, params=given)
    return [tuple(map(plain, row)) for row in found], found.notes


def plain(cell: Any) -> Any:
    if isinstance(cell, tuple | list):
        return [plain(one) for one in cell]
    return plain(cell.entities) if isinstance(cell, relgraph.Path) else getattr(cell, "id", cell)


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("find Person owned_by{2..3} @p04", [2, 2, 2]),
        ("find Person owns{2..3} @p04", [1, 1, 1]),
        ("find @p04 owns{2..3} Firm", [2, 2, 2]),
        ("find Firm owned_by Person owned_by{2..3} @p04", [2, 2, 2, 6]),
        # from both ends, and from the side with fewer to go on from
        ("find @p00 owns{3..6} @p04", [2, 1, 1, 1, 1, 1]),
        ("find Person knows{2..4} @p04 and hired_by @f06", [1, 2, 2, 4, 4]),
        # an empty level is the last one
        ("find Person owns{2..9} @p00", [1, 1, 1]),
        ("find Person knows[rising strength]+ @p03", [2, 4, 4, 3, 2, 2, 2, 2, 1]),
        ("find Person[age > 3] knows[falling strength, strength > 0.1]{1..4} @p09", [2, 4, 3, 2]),
        ("find Person owned_by+ as way @p08 show way.hops, way.entities", [2, 2, 2, 1, 0]),
        ("find Person as x owned_by{1..3} as way @p04 show x, way order by x.name desc", [2, 2, 2]),
        ("find Firm in_group_of|owned_by @p03", [2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0]),
        ("find Person bossed_by{1..2} @p03", [2, 2, 2, 2, 2, 2, 2, 2, 1, 0, 9, 17, 7, 0, 12]),
        ("find Person owned_by{2..3} @p04 and no knows Person hired_by @f02", [1, 1, 2, 2, 2]),
        ("find Person owned_by{2..4} @p08 and only owns Firm[name = 'F11']", [2, 2, 2, 1, 5]),
        ("find Person owned_by{2..4} @p04 and knows every (Person where id = 'p06')", [2, 2, 2, 2, 8]),
        ("find Person owned_by{2..4} @p04 where not knows{2..2} @p02", [2, 4, 2, 2, 2, 2]),
        ("find Person owned_by{2..4} @p04 and at least 2 any{1..2} Firm", [2, 2, 2, 2, 24, 24]),
        ("find Person as x owned_by{2..4} @p04 show x, count(owns), count(knows)", [2, 2, 2, 2, 8, 8]),
        ("find Person owned_by{2..4} @p04 as of 2000-05-05", [2, 2, 2, 2]),
        ("find Person owned_by{2..4} @p00 as of any time", [3, 4, 5, 4]),
        ("how many Person owned_by{2..4} @p04", [2, 2, 2, 2]),
        (
            "find Person as x owned_by{2..3} @p04 where optionally knows{2..3} Person as y hired_by @f06 show x, y",
            [1, 2, 2, 2, 2, 4, 4],
        ),
    ],
)
def test_only_what_lies_along_the_chains_is_brought(
    text: str, relations: list[int], both: Both, brought: list[int]
) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert told(embedded, text)[0]
    assert brought == relations
    assert not server.store._arrays._held  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        # gone from their end alone
        "find Person[age > 3] owned_by[share > 3%]{2..3} @p04",
        "find Firm owned_by[share > 3%] Person[age > 3] owned_by[share > 1%]{2..3} @p04 where name != 'x'",
        # what is named is gone from the found thing as well, and meets what leads elsewhere
        "find Person owned_by{2..3} Person[age > 3] as y knows[strength > 0.1] Person owned_by @p04 show y",
        "find Person owned_by[share > 3%]{1..3} as way @p04 show way.hops",
        "find @p04 owns{2..3} Person[age > 3] knows[strength > 0.1] Person",
        "find Person[age > 3] owned_by{2..3} @p04 and knows[strength > 0.1]{1..2} @p08",
        "find Person owned_by{2..3} @p04 and no knows[strength > 0.1] Person[age > 6]",
        "find Person owned_by{2..3} @p04 and only owns[share > 3%] Entity",
    ],
)
def test_what_was_missing_is_counted_as_where_all_is_read(text: str, both: Both, brought: list[int]) -> None:
    server, embedded = both
    rows, notes = told(embedded, text)
    assert told(server, text) == (rows, notes)
    assert notes
    assert brought
    assert not server.store._arrays._held  # type: ignore[attr-defined]


def test_an_operand_of_a_set_is_answered_from_what_lies_along_it(both: Both, brought: list[int]) -> None:
    server, embedded = both
    text = "(find Person owned_by{2..3} @p04) union (find Person owns @p01)"
    assert told(server, text) == told(embedded, text)
    assert brought == [2, 2, 2]


@pytest.mark.parametrize(
    "text",
    [
        "find Person owned_by{2..3} Person",
        "find Person owned_by{2..3} @p04 where degree > 3",
        "find Person owned_by{2..3} @p04 and owns every (Firm hires Person)",
    ],
)
def test_predicates_are_read_whole_where_all_of_them_is_needed(text: str, both: Both, brought: list[int]) -> None:
    server, embedded = both
    assert told(server, text) == told(embedded, text)
    assert brought == []
    assert "owns" in server.store._arrays._held  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["MOST", "WIDE"])
def test_past_a_bound_predicates_are_read_whole(
    name: str,
    both: Both,
    brought: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, embedded = both
    monkeypatch.setattr(along, name, 1)
    text = "find Person owned_by{2..3} @p04"
    assert told(server, text) == told(embedded, text)
    assert len(brought) == 1
    assert list(server.store._arrays._held) == ["owns"]  # type: ignore[attr-defined]


def test_few_relations_are_read_whole_and_held(both: Both) -> None:
    server, embedded = both
    text = "find Person owned_by{2..3} @p04"
    assert told(server, text) == told(embedded, text)
    assert list(server.store._arrays._held) == ["owns"]  # type: ignore[attr-defined]
