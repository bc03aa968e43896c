"""What statements do of the tail of a question: counts, groups and the first rows, as the embedded store has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import hear

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: market
types:
  Company: {fields: {name: text, sector: text, size: integer, worth: decimal, founded: date}, caption: [name]}
predicates:
  supplies: {inverse: supplied_by, unique: none, attributes: {volume: integer}}
  owns: {inverse: owned_by}
  leads: {inverse: led_by, implies: [owns]}
""")
LONG = "L" * 2100
COMPANIES: list[dict[str, Any]] = [
    {"id": "a", "name": "Acme", "sector": "Steel", "size": 5, "worth": "1.5", "founded": "1990-01-02"},
    {"id": "b", "name": "Acme", "sector": "Steel", "size": 5, "worth": "1.25"},
    {"id": "c", "name": "bolt", "sector": "Media"},
    {"id": "d", "name": "Éclair", "size": 0, "founded": "1980-01-01"},
    # units of UTF-16 put the first before the second, code points the second before the first
    {"id": "e", "name": "z\U0001f600", "sector": "\U0001f600"},
    {"id": "f", "name": "z\uff21", "sector": "\uff21"},
    {"id": "h\U0001f600", "name": "Same"},
    {"id": "h\uff21", "name": "Same"},
    {"id": "l2", "name": f"{LONG}2"},
    {"id": "l1", "name": f"{LONG}1"},
]
RELATIONS: list[dict[str, Any]] = [
    {"subject": "a", "object": one["id"], "volume": volume}
    for at, one in enumerate(COMPANIES[1:], 3)
    for volume in (at // 2, None)
]


def filled(graph: relgraph.Graph) -> relgraph.Graph:
    graph.add_many("Company", COMPANIES)
    graph.relate_many("supplies", [{key: held for key, held in one.items() if held is not None} for one in RELATIONS])
    graph.relate_many("owns", [{"subject": "a", "object": one} for one in ("b", "c")])
    graph.relate_many("leads", [{"subject": "a", "object": one} for one in ("c", "d")])
    return graph


@pytest.fixture(scope="module")
def embedded() -> Iterator[relgraph.Graph]:
    with relgraph.open(":memory:", vocabulary=VOCABULARY) as opened:
        yield filled(opened)


@pytest.fixture(scope="module")
def server(neo4j_server: Server) -> Iterator[relgraph.Graph]:
    from tests.servers.neo4j import erase  # noqa: PLC0415 - the fixture of one test erases after each

    erase(neo4j_server)
    with relgraph.open(neo4j_server.uri, auth=neo4j_server.auth, vocabulary=VOCABULARY) as opened:
        yield filled(opened)
    erase(neo4j_server)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The statements that are read, with how many rows they gave."""
    found: list[tuple[str, int]] = []
    hear(monkeypatch, lambda statement, rows: found.append((statement, len(rows))))
    return found


TAILS = [
    "order by name",
    "order by name desc",
    "order by sector",
    "order by sector desc, size",
    "order by size desc",
    "order by worth, founded desc",
    "",
]


def told(graph: relgraph.Graph, question: str) -> list[tuple[Any, ...]]:
    return [tuple(one.id if hasattr(one, "id") else one for one in row) for row in graph.query(question, c="a")]


@pytest.mark.parametrize("tail", TAILS)
def test_the_first_rows_are_those_of_the_embedded_store_however_many(
    server: relgraph.Graph, embedded: relgraph.Graph, tail: str
) -> None:
    for count in range(1, len(COMPANIES) + 1):
        for skip in ("", " skip 2"):
            question = f"find Company supplied_by $c {tail} limit {count}{skip}"
            assert told(server, question) == told(embedded, question), question


@pytest.mark.parametrize("tail", ["order by name", "order by sector desc, size", ""])
def test_what_is_looked_up_of_each_is_looked_up_in_order_until_there_are_enough(
    server: relgraph.Graph, embedded: relgraph.Graph, asked: list[tuple[str, int]], tail: str
) -> None:
    for count in range(1, len(COMPANIES)):
        question = f"find Company supplied_by $c and not owned_by $c {tail} limit {count}"
        assert told(server, question) == told(embedded, question), question
    text = asked[-1][0]
    assert text.index("ORDER BY") < text.index("WHERE NOT EXISTS") < text.rindex("ORDER BY")


@pytest.mark.parametrize("count", [1, 3, 7, 15, 18])
def test_relations_in_order_are_those_of_the_embedded_store(
    server: relgraph.Graph, embedded: relgraph.Graph, count: int
) -> None:
    for tail in ("order by deal.volume desc", "order by deal.volume, name", ""):
        question = f"find Company supplied_by as deal $c show name, deal.volume {tail} limit {count}"
        # ids of relations differ between stores, and order those that are alike in all else
        assert told(server, question) == told(embedded, question), question
    question = f"find Company owned_by as link $c show name, link.predicate limit {count}"
    assert told(server, question) == told(embedded, question)


@pytest.mark.parametrize(
    "tail",
    [
        "group by sector show sector, count() order by count() desc, sector",
        "group by sector, size show size, sector, count() order by count(), size",
        "group by sector show count(), sector limit 2",
        "group by sector show count()",
    ],
)
def test_groups_are_those_of_the_embedded_store(
    server: relgraph.Graph, embedded: relgraph.Graph, asked: list[tuple[str, int]], tail: str
) -> None:
    question = f"find Company supplied_by $c {tail}"
    expected = told(embedded, question)
    assert told(server, question) == expected
    assert any("count(DISTINCT" in text for text, _ in asked)
    named = f"find Company as x supplied_by as deal $c {tail}"
    assert told(server, named) == told(embedded, named)


def test_a_count_is_one_row_and_the_first_rows_are_no_more_than_asked_for(
    server: relgraph.Graph, embedded: relgraph.Graph, asked: list[tuple[str, int]]
) -> None:
    question = "how many Company supplied_by $c"
    assert told(server, question) == told(embedded, question) == [(9,)]
    assert asked[-1][1] == 2, "the first row says what was taken for granted"
    asked.clear()
    assert told(server, "find Company supplied_by $c order by size desc limit 1") == [("b",)]
    assert [many for _, many in asked] == [3], "one more than asked for tells whether there are more"


def test_an_empty_answer_of_groups_is_empty(server: relgraph.Graph, embedded: relgraph.Graph) -> None:
    question = "find Company owned_by Company owned_by Company owned_by $c group by sector show sector, count()"
    assert told(server, question) == told(embedded, question) == []
    assert told(server, "how many Company owned_by Company owned_by Company owned_by $c") == [(0,)]
