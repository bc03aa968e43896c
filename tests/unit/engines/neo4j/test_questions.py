"""Questions on the server store, and statements of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

import relgraph
from relgraph.engines.neo4j import arrays, network
from relgraph.result import Result
from tests.servers.neo4j import Server

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: market
types:
  Company: {fields: {name: text, country: text}, caption: [name]}
  Person: {fields: {name: text}, caption: [name]}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent}, unique: none}
  knows: {symmetric: true, subject: [Person], object: [Person]}
""")


@pytest.fixture
def graph(neo4j_database: Server) -> Iterator[relgraph.Graph]:
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as opened:
        yield opened


def names(result: Result) -> list[str]:
    return [row[0].name for row in result]


def test_a_question_sees_the_network_as_it_is_and_as_it_was_known(graph: relgraph.Graph) -> None:
    ann = graph.add("Person", name="Ann", id="ann")
    acme, bolt = graph.add("Company", name="ACME", country="DE"), graph.add("Company", name="Bolt", country="FR")
    first = graph.relate(ann, "owns", acme, share="10%")
    graph.relate(ann, "owns", bolt, share="60%", since="2020-01-01")
    asked = 'find Company owned_by "Ann" show name, country'
    assert graph.query(asked).to_dicts() == [{"name": "ACME", "country": "DE"}, {"name": "Bolt", "country": "FR"}]
    moment = graph.transactions()[0].recorded_at
    graph.retract(first)
    graph.trash(bolt)
    graph.tag(acme, "vip")
    assert graph.query(asked).to_dicts() == []
    assert names(graph.known_at(moment).query('find Company owned_by "Ann"')) == ["ACME", "Bolt"]
    assert names(graph.query("find Company[vip]")) == ["ACME"]
    assert names(graph.known_at(moment).query("find Company[vip]")) == []


def test_arrays_are_held_until_a_transaction_is_told(graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = graph.add("Person", name="Ann"), graph.add("Person", name="Bob")
    graph.relate(ann, "knows", bob)
    asked = "find all paths from Person to Person via knows{1..2}"
    assert len(graph.query(asked)) == 2
    monkeypatch.setattr(network, "built", lambda *_: pytest.fail("read again although nothing changed"))
    assert len(graph.query(asked)) == 2
    monkeypatch.undo()
    graph.relate(graph.add("Person", name="Cid"), "knows", bob)
    assert len(graph.query(asked)) == 6


def test_a_question_that_needs_too_many_relations_read_is_refused_naming_the_bound(
    graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "MOST", 2)
    people = [graph.add("Person", name=f"P{index}") for index in range(4)]
    for one, other in pairwise(people):
        graph.relate(one, "knows", other)
    with pytest.raises(relgraph.QueryLimitError, match="3 relations read from the server, and at most 2 are"):
        graph.query("find all paths from Person to Person via knows{1..2}")


def test_a_statement_of_ones_own_reads_nodes_relationships_and_dates(graph: relgraph.Graph) -> None:
    ann, acme = graph.add("Person", name="Ann"), graph.add("Company", name="ACME")
    graph.relate(ann, "owns", acme, share="10%", since="2020-01-01")
    rows = graph.cypher(
        "MATCH p = (a:Person {name: $name})-[r:OWNS]->(b) RETURN a.name AS who, r, p, [r.since] AS days", name="Ann"
    )
    assert rows[0]["who"] == "Ann"
    assert rows[0]["r"]["share"] == 0.1
    assert [one.get("name") for one in rows[0]["p"]] == ["Ann", None, "ACME"]
    assert rows[0]["days"] == [date(2020, 1, 1)]


@pytest.mark.parametrize(
    "text",
    ["CREATE (n:Company {name: 'x'})", "MATCH (n) DETACH DELETE n", "MATCH (n) SET n.name = 'x'", "MERGE (n:X)"],
)
def test_a_statement_of_ones_own_that_writes_is_refused(graph: relgraph.Graph, text: str) -> None:
    graph.add("Person", name="Ann")
    with pytest.raises(relgraph.ReadOnlyError, match="a statement that writes is refused"):
        graph.cypher(text)
    assert names(graph.query("find Person")) == ["Ann"]


def test_a_statement_that_the_server_does_not_understand_is_an_error_in_its_words(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.StoreError, match="Invalid input"):
        graph.cypher("RETURN 1 +")
    with pytest.raises(relgraph.CapabilityError, match="no Neo4j database"), relgraph.open() as embedded:
        embedded.cypher("RETURN 1")


def test_relations_that_an_optional_part_brings_leave_those_before_where_they_stand(graph: relgraph.Graph) -> None:
    embedded = relgraph.open(vocabulary=VOCABULARY)
    for one in (graph, embedded):
        with one.transaction() as batch:
            for name, share in (("Ann", 10), ("Bob", 20), ("Cem", 30)):
                person = batch.add("Person", name=name)
                for country, more in (("FR", 1), ("DE", 0), ("IT", 2)):
                    company = batch.add("Company", name=f"{country} of {name}", country=country)
                    batch.relate(person, "owns", company, share=f"{share + more}%")
    asked = """find Person that owns as o Company[country = "DE"] and optionally owns as p Company[country = "FR"]
    and optionally owns as q Company[country = "IT"]
    group by o.share show o.share, sum(p.share) as p, max(q.share) as q"""
    with embedded:
        found = graph.query(asked).to_dicts()
        assert found == embedded.query(asked).to_dicts()
    assert [[str(one) for one in row.values()] for row in found] == [
        ["10%", "11%", "12%"],
        ["20%", "21%", "22%"],
        ["30%", "31%", "32%"],
    ]
