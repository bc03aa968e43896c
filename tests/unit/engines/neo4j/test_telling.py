"""What happened, told from the server: in pages, however many versions there are, and in the words of every store."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph
from relgraph.model import log
from relgraph.model.changes import Change
from tests.servers.neo4j import Server

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: market
types: {Company: {fields: {name: text}, caption: [name]}}
tags: {vip: {}, old: {}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent}, unique: none}
  supplies: {inverse: supplied_by, unique: none}
""")


def live(graph: relgraph.Graph, rounds: int) -> str:
    """Change one company and its relations again and again, each round in transactions of its own."""
    hub = graph.add("Company", name="Hub", id="hub").id
    for turn in range(rounds):
        with graph.transaction() as some:
            other = some.add("Company", name=f"C{turn}", id=f"c{turn}")
            some.take_key(other, "crm", f"{turn}")
            some.relate(hub, "owns", other, share="10%", id=f"o{turn}", source="list")
        graph.relate(other, "supplies", hub, id=f"s{turn}")
        graph.update(graph.relation(f"o{turn}"), share="20%")
        graph.tag(hub, "vip" if turn % 2 else "old")
        graph.untag(hub, "vip" if turn % 2 else "old")
        if turn % 3 == 0:
            graph.retract(f"s{turn}")
        if turn % 4 == 0:
            graph.delete(other.id, detach=True)
        if turn % 5 == 0:
            graph.update(hub, name=f"Hub {turn}")
    return hub


def told(changes: Any) -> list[tuple[Any, ...]]:
    """What was told, without the ids and times that each network makes by itself."""
    return [(one.thing, one.id, one.change, one.words, one.before, one.after, one.event.number) for one in changes]


@pytest.fixture
def graph(neo4j_database: Server) -> Any:
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as opened:
        yield opened


def test_what_happened_takes_as_many_statements_however_much_it_was(
    graph: relgraph.Graph, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(work: Any) -> int:
        asked.clear()
        assert list(work())
        return len(asked)

    hub = live(graph, 4)
    monkeypatch.setattr(log, "_FIRST", 1000)
    works = (
        lambda: graph.history(hub),
        graph.changes,
        lambda: graph.changes(limit=10_000),
    )
    few = [counted(one) for one in works]
    live_more(graph, 30)
    many = [counted(one) for one in works]
    assert many == few


def live_more(graph: relgraph.Graph, rounds: int) -> None:
    hub = graph.get("hub")
    for turn in range(100, 100 + rounds):
        other = graph.add("Company", name=f"C{turn}", id=f"c{turn}")
        graph.relate(hub, "owns", other, share="10%", id=f"o{turn}", source="list")
        graph.tag(other, "vip")
        graph.update(graph.relation(f"o{turn}"), share="20%")


@pytest.mark.parametrize(("first", "most"), [(16, 20_000), (3, 2), (1000, 7)])
def test_what_happened_is_told_as_by_the_embedded_store(
    graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch, first: int, most: int
) -> None:
    monkeypatch.setattr(log, "_FIRST", first)
    monkeypatch.setattr(log, "_ROWS", most)
    with relgraph.open(vocabulary=VOCABULARY) as embedded:
        for one in (embedded, graph):
            live(one, 9)
        everything: list[Change] = list(embedded.changes())
        assert told(graph.changes()) == told(everything)
        for limit in (1, 2, 3, 5, 8, 13, 21, 1000):
            found = told(graph.changes(limit=limit))
            assert found == told(embedded.changes(limit=limit)) == told(everything[:limit])
        assert told(graph.changes(after=7)) == told(embedded.changes(after=7))
        for thing in ("hub", "c0", "c1", "o0", "s3"):
            assert told(graph.history(thing)) == told(embedded.history(thing))
