"""Shortest paths between two entities that are named are found by the server, and told as on the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import between, near
from relgraph.engines.neo4j.cypher import ways
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.beside import Both, beside

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: ways
types:
  Person: {fields: {name: text}, caption: [name]}
  Firm: {fields: {name: text}, caption: [name]}
predicates:
  knows: {symmetric: true, attributes: {strength: decimal}}
  owns: {inverse: owned_by, unique: none, irreflexive: false, attributes: {share: percent}}
  leads: {inverse: led_by, unique: none}
  lends: {inverse: borrows_from, unique: none, attributes: {rate: {type: percent, required: true}, note: text}}
""")
MANY = 14


def write(graph: relgraph.Graph) -> None:
    """A network of many ties on the server and in memory: parallel relations, dated ones, somebody in the trash."""
    random = Random(5)
    with graph.transaction() as tx:
        for index in range(MANY):
            # names in another order than ids
            tx.add("Firm" if index % 4 == 3 else "Person", id=f"p{index:02}", name=f"N{(index * 5) % MANY:02}")
        pairs = [pair for pair in product(range(MANY), repeat=2) if pair[0] != pair[1]]
        for number, (one, other) in enumerate(random.sample(pairs, 40)):
            predicate = random.choice(("knows", "owns", "owns", "leads"))
            until = "2001-01-01" if random.random() < 0.2 else None
            tx.relate(f"p{one:02}", predicate, f"p{other:02}", id=f"r{number:03}", until=until)
            if predicate != "knows" and random.random() < 0.4:
                tx.relate(f"p{one:02}", "owns", f"p{other:02}", id=f"s{number:03}", share="3%", until=until)
        for number, (one, other) in enumerate(random.sample(pairs, 50)):
            rate, note = f"{number % 7}%", "n" if number % 3 else None
            tx.relate(f"p{one:02}", "lends", f"p{other:02}", id=f"u{number:03}", rate=rate, note=note)
        tx.add("Person", id="alone", name="Alone")
        tx.add("Person", id="gone", name="Gone")
        tx.relate("p00", "owns", "gone", id="t0")
        tx.relate("gone", "owns", "p09", id="t1")
        tx.relate("p02", "owns", "p02", id="t2")
    graph.trash("gone")


@pytest.fixture
def both(neo4j_database: Server) -> Iterator[Both]:
    with beside(neo4j_database, VOCABULARY, write) as opened:
        yield opened


def told(graph: relgraph.View, text: str, **given: str) -> tuple[list[Any], bool, tuple[str, ...]]:
    """Return rows with paths as the ids of all that is on them."""
    found = graph.query(text, params=given)

    def plain(value: Any) -> Any:
        match value:
            case relgraph.Path():
                hops = tuple(tuple(one.id for one in hop) for hop in value.parallels)
                return tuple((one.id, one.name, one.type) for one in value.entities), hops
            case relgraph.Entity() | relgraph.Relation():
                return value.id
            case list() | tuple():
                return [plain(one) for one in value]
            case _:
                return value

    return [tuple(plain(one) for one in row) for row in found], found.truncated, found.notes


QUESTIONS = (
    "find shortest path from $a to $b via owns",
    "find shortest paths from $a to $b via owns|knows|led_by{1..5}",
    "find shortest paths from $a to $b via any{1..4} as of any time",
    "find shortest path as way from $a to $b via any show way.hops, way.entities",
    "find shortest path as way from $a to $b via owns|leads show way.hops",
    "find shortest paths as way from $a to $b via owned_by|knows show way.hops",
    "find shortest paths from Person to $b via owns|knows",
    "find shortest paths from $a to $b via any{1..6} limit 2",
    "find shortest paths from $a to $b via lends[rate > 3%]{1..5}",
    "find shortest path as way from $a to $b via borrows_from[not rate in (1%, 2%)] show way.hops",
    "find shortest paths from $a to $b via lends[predicate = 'lends' and (rate = 0% or rate between 2% and 5%)]",
)


@pytest.mark.parametrize("text", QUESTIONS)
def test_paths_and_their_order_are_those_of_the_embedded_store(text: str, both: Both) -> None:
    server, embedded = both
    found = 0
    for a, b in product([f"p{index:02}" for index in range(MANY)], repeat=2):
        given = {"a": a, "b": b} if "$a" in text else {"b": b}
        expected = told(embedded, text, **given)
        assert told(server, text, **given) == expected, given
        found += bool(expected[0])
    assert found


@pytest.mark.parametrize("text", [one for one in QUESTIONS if "$a" in one])
def test_they_are_found_by_one_statement(text: str, both: Both, asked: list[str]) -> None:
    server, _ = both
    server.query(text, a="p00", b="p05")
    asked.clear()
    server.query(text, a="p00", b="p05")
    assert [one for one in asked if "SHORTEST" in one] == asked[:1]
    # what is shown of relations is read beside
    assert "hops" not in text or len(asked) == 1, asked


@pytest.mark.parametrize(
    "text",
    [
        "find shortest path from $a to $b via owns[share > 2%]",
        "find shortest paths from $a to $b via lends[note is missing]|owns",
        "find shortest paths from $a to $b via lends[rate > 3% and since is missing]",
        "find shortest path from $a to $b via lends[rate > 3%]|knows[strength > 0.1]",
        # the server would look for ways first, and at what each alternative asks afterwards
        "find shortest paths from $a to $b via lends[rate > 3%]|knows",
    ],
)
def test_relations_that_may_lack_what_is_tested_are_tested_here(
    text: str, both: Both, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, embedded = both
    monkeypatch.setattr(near, "FEW", -1)
    for a, b in (("p00", "p05"), ("p01", "p09"), ("p03", "p13")):
        assert told(server, text, a=a, b=b)[:2] == told(embedded, text, a=a, b=b)[:2]
    assert not any("SHORTEST" in one for one in asked)


@pytest.mark.parametrize("seed", range(3))
def test_past_so_many_ways_what_lies_around_the_ends_is_brought(
    seed: int, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, embedded = both
    monkeypatch.setattr(near, "FEW", -1)
    monkeypatch.setattr(ways, "MOST", seed)
    monkeypatch.setattr(between, "MOST", seed)
    text = "find shortest paths from $a to $b via any{1..4} as of any time"
    for a, b in (("p00", "p05"), ("p01", "p09"), ("p03", "p13")):
        assert told(server, text, a=a, b=b) == told(embedded, text, a=a, b=b)


@pytest.mark.parametrize(
    ("a", "b"), [("p00", "p00"), ("p00", "alone"), ("alone", "p00"), ("p00", "p09"), ("p02", "p02"), ("N03", "N05")]
)
def test_nobody_is_gone_along_who_is_in_the_trash_and_no_way_is_no_path(a: str, b: str, both: Both) -> None:
    server, embedded = both
    for text in QUESTIONS:
        given = {"a": a, "b": b} if "$a" in text else {"b": b}
        assert told(server, text, **given) == told(embedded, text, **given)
    for graph in both:
        graph.restore("gone")
    assert told(server, QUESTIONS[1], a=a, b=b) == told(embedded, QUESTIONS[1], a=a, b=b)


def test_an_end_that_is_nobody_is_said(both: Both) -> None:
    for graph in both:
        with pytest.raises(relgraph.QueryNameError, match="no entity has the id 'nobody'"):
            graph.query("find shortest path from @p00 to @nobody via leads")


def test_a_profile_shows_the_statement(both: Both) -> None:
    server, _ = both
    told = str(server.profile("find shortest path from @p00 to @p05 via any"))
    assert "ALL SHORTEST" in told
    assert "ShortestPath" in told.rsplit("ALL SHORTEST", maxsplit=1)[-1]


def test_what_became_required_later_and_is_lacking_is_counted_on_both_stores(
    neo4j_database: Server, asked: list[str]
) -> None:
    free = VOCABULARY.to_yaml().replace("required: true", "required: false")
    text = "find shortest path from @a to @c via lends[rate > 3%]{1..3}"

    def write(graph: relgraph.Graph) -> None:
        for one in "abc":
            graph.add("Person", id=one, name=one)
        graph.relate("a", "lends", "b", id="r1", rate="5%")
        graph.relate("b", "lends", "c", id="r2", rate="5%")
        graph.relate("a", "lends", "c", id="r3")
        graph.apply(graph.plan(VOCABULARY), policy="keep")

    with beside(neo4j_database, relgraph.Vocabulary.from_text(free), write) as (server, embedded):
        assert told(server, text) == told(embedded, text)
        assert told(server, text)[2] == ("1 had no rate",)
        for graph in (server, embedded):
            graph.update("r3", rate="1%")
        # under this vocabulary it is not looked at again, and the answer is the same either way
        asked.clear()
        assert told(server, text) == told(embedded, text)
        assert not any("IS NULL RETURN 1" in one for one in asked)
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth) as again:
        assert told(again, text)[2] == ()
        assert sum("IS NULL RETURN 1" in one for one in asked) == 1
        assert any("SHORTEST" in one for one in asked)
