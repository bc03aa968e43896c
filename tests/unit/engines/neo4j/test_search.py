"""Where search on the server is not the embedded one: in what order hits come, and in words without end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import relgraph
from relgraph.engines.neo4j.search import expression
from tests.servers.neo4j import Server

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: names
types:
  Company: {fields: {name: text, note: text}, caption: [name], search: [name, note]}
predicates: {knows: {inverse: known_by}}
""")
Both = tuple[relgraph.Graph, relgraph.Graph]


@pytest.fixture
def both(neo4j_database: Server) -> Iterator[Both]:
    with (
        relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as server,
        relgraph.open(vocabulary=VOCABULARY) as embedded,
    ):
        yield server, embedded


def add(both: Both, *names: str) -> None:
    for graph in both:
        with graph.transaction() as tx:
            for name in names:
                tx.add("Company", id=f"{name[:9]}{name[-1]}", name=name)


def names(*given: str) -> list[str]:
    return [f"{name[:9]}{name[-1]}" for name in given]


def found(graph: relgraph.View, text: str) -> list[str]:
    return [one.id for one in graph.search(text)]


def test_a_whole_word_comes_before_the_start_of_one_on_the_server(both: Both) -> None:
    add(both, "Bolts Bern", "Zeta Bolt")
    server, embedded = both
    assert found(server, "bolt") == names("Zeta Bolt", "Bolts Bern")
    assert found(embedded, "bolt") == names("Bolts Bern", "Zeta Bolt")


def test_what_ranks_alike_stands_in_the_order_of_names(both: Both) -> None:
    add(both, "Bolt C", "Bolt A", "Bolt B")
    for graph in both:
        assert found(graph, "bol") == names("Bolt A", "Bolt B", "Bolt C")


def test_a_word_without_end_is_found_by_its_beginning(both: Both) -> None:
    endless = "x" * 400
    add(both, f"{endless}y", f"{endless}z")
    server, embedded = both
    assert len(found(embedded, f"{endless}y")) == 1
    assert len(found(server, f"{endless}y")) == 2
    assert found(server, "x" * 300) == found(embedded, "x" * 300)


def test_then_a_whole_word_of_the_name_comes_first_too(both: Both) -> None:
    for graph in both:
        with graph.transaction() as tx:
            tx.add("Company", id="start", name="Bolts Bern")
            tx.add("Company", id="whole", name="Zeta Bolt")
            tx.add("Company", id="beside", name="Cog", note="a bolt")
        moment = graph.transactions()[-1].recorded_at
        for one in ("start", "whole", "beside"):
            graph.update(one, name="gone", note=None)
        assert found(graph, "bolt") == []
        then = found(graph.known_at(moment), "bolt")
        assert sorted(then) == ["beside", "start", "whole"]
        assert then[-1] == "beside"
        assert graph is both[1] or then[0] == "whole"


def test_words_alone_become_a_query_of_the_index() -> None:
    assert expression("東京都") == '(_caption_words:"東京 京都"^10 OR _words:"東京 京都")'
    assert expression("AND (x") == (
        "(_caption_words:and^40 OR _caption_words:and*^10 OR _words:and^4 OR _words:and*)"
        " AND (_caption_words:x^40 OR _caption_words:x*^10 OR _words:x^4 OR _words:x*)"
    )
