"""A database that another program changed under relgraph: everything is told, nothing crashes, and check lists it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

import relgraph
from relgraph import RelgraphError
from relgraph.engines.neo4j import Neo4jStore
from relgraph.graph import Graph
from tests.servers.neo4j import Server

ONE = "MATCH ()-[x {id: 'r1'}]->() "
NODE = "MATCH (x {id: 'b'}) "
BETWEEN = "MATCH (a {id: 'a'}), (b {id: 'b'}), (p {id: 'p'}) CREATE "
WRITTEN = "{id: randomUUID(), _number: 199, _told: 1}"

CHANGES: dict[str, tuple[str, str]] = {
    "a node is deleted": (f"{NODE} DETACH DELETE x", "dangling"),
    "a relation is deleted": (f"{ONE} DELETE x", "dangling"),
    "a relation has no id": (f"{ONE} REMOVE x.id", "foreign-relation"),
    "a relation has no number": (f"{ONE} REMOVE x._number", "foreign-relation"),
    "a relation has a text as number": (f"{ONE} SET x._number = 'x'", "foreign-relation"),
    "a relation was told by nobody": (f"{ONE} SET x._told = 'x'", "foreign-relation"),
    "two relations have one number": (
        "MATCH (a)-[r {id: 'r1'}]->(b) CREATE (b)-[:OWNS {id: randomUUID(), _number: r._number, _told: 1}]->(a)",
        "foreign-relation",
    ),
    "a type that is no predicate": (f"{BETWEEN} (a)-[:LIKES {WRITTEN}]->(b)", "unknown-type"),
    "a bare relationship": (f"{BETWEEN} (a)-[:OWNS]->(b)", "foreign-relation"),
    "a relation to a foreign node": (f"{BETWEEN} (a)-[:OWNS {WRITTEN}]->(:Foreign)", "foreign-relation"),
    "a relation that closes a ring": (f"{BETWEEN} (b)-[:OWNS {WRITTEN}]->(a)", "rule-cycle"),
    "a relation of wrong ends": (f"{BETWEEN} (a)-[:OWNS {WRITTEN}]->(p)", "rule-type"),
    "an attribute that is a text": (f"{ONE} SET x.share = 'all'", "foreign-value"),
    "an attribute that is no number": (f"{ONE} SET x.share = 0.0 / 0.0", "rule-field"),
    "an attribute without end": (f"{ONE} SET x.share = 1.0 / 0.0", "rule-field"),
    "an attribute that is a list": (f"{ONE} SET x.share = [1.0, 2.0]", "foreign-value"),
    "an amount without a currency": (f"{ONE} REMOVE x.price_currency", "rule-field"),
    "a start that is a text": (f"{ONE} SET x.since = '2020'", "foreign-value"),
    "a period that ends before it begins": (
        f"{ONE} SET x.since = date('2030-01-01'), x.until = date('2020-01-01')",
        "foreign-value",
    ),
    "a node has no id": (f"{NODE} REMOVE x.id", "foreign-entity"),
    "a node has no number": (f"{NODE} REMOVE x._number", "foreign-entity"),
    "a node has a text as number": (f"{NODE} SET x._number = 'x'", "foreign-entity"),
    "a node has no name": (f"{NODE} SET x._caption = 5", "foreign-entity"),
    "a node lost the label of entities": (f"{NODE} REMOVE x:Entity", "labels"),
    "a node lost its type": (f"{NODE} REMOVE x:Company", "foreign-entity"),
    "a node is of two types": (f"{NODE} SET x:Person", "labels"),
    "a node has a label that is no type": (f"{NODE} SET x:Strange", "labels"),
    "a bare node": ("CREATE (:Entity:Company {name: 'raw'})", "foreign-entity"),
    "a node in no state": (f"{NODE} SET x._state = 'weird'", "foreign-entity"),
    "a node merged into itself": (f"{NODE} SET x._state = 'merged', x._merged_into = x._number", "foreign-entity"),
    "a node merged into nothing": (f"{NODE} SET x._state = 'merged', x._merged_into = 987", "foreign-entity"),
    "fields of other types": (
        (
            "MATCH (x {id: 'a'}) SET x.revenue = 'much', x.founded = 'soon', x.seen = localdatetime(), x.born = 5,"
            " x.size = 'big', x.staff = 'many', x.listed = 'no', x.part = point({x: 1, y: 2}), x.names = 'one',"
            " x.prices = 5.0, x.years = 2000, x.country = 7, x.vat = [1]"
        ),
        "foreign-value",
    ),
    "a value aside that is no JSON": (f"{NODE} SET x._revenue_unread = '{{'", "rule-field"),
    "a value aside that is a number": (f"{NODE} SET x._revenue_unread = 5", "rule-field"),
    "an attribute aside that is none": (
        (
            "MATCH ()-[x {id: 'r2'}]->() SET x._price_unread = '[{\"a\": [1]}]', x._note_unread = '[[1], null]',"
            " x._since_unread = 'NaN'"
        ),
        "rule-field",
    ),
    "a relation that is there twice": (f"{BETWEEN} (a)-[:OWNS {WRITTEN}]->(b)", "rule-duplicate"),
    "a field that is missing": ("MATCH (x {id: 'a'}) REMOVE x.name", "rule-field"),
    "tags that are no list": ("MATCH (x {id: 'a'}) SET x._tags = 'vip'", "foreign-tag"),
    "a tag that there is not": ("MATCH (x {id: 'a'}) SET x._tags = ['nonsense']", "foreign-tag"),
    "a key of nobody": ("CREATE (:_Key {source: 's', key: 'zz', entity: 999, _told: 1})", "dangling"),
    "a key without its source": ("MATCH (x:_Key) REMOVE x.source", "foreign-record"),
    "a statement about nothing": (
        "CREATE (:_Statement {relation: 999, source: 's', key: '', _told: 1})",
        "dangling",
    ),
    "a statement of nobody": ("MATCH (x:_Statement) REMOVE x.source", "foreign-record"),
    "a line of the log is deleted": ("MATCH (x:_Transaction {number: 2}) DELETE x", "foreign-record"),
    "a line of the log is bare": ("MATCH (x:_Transaction {number: 2}) SET x = {number: 2}", "foreign-record"),
    "a version is bare": ("MATCH (x:_PastEntity) REMOVE x._replaced, x._change", "foreign-record"),
    "what a transaction told is bare": ("MATCH (x:_Told) SET x.numbers = 'z'", "foreign-record"),
    "a saved document is bare": ("CREATE (:_Saved {kind: 'question'})", "foreign-record"),
}

QUESTIONS = (
    "find Company",
    'find Company that owns "Gamma"',
    "find Company owned_by+ Company show name",
    "find Company owns[share > 5%] as s Company show s.share, s.price",
    "find Company owns[ever] as s Company show s.source, s.recorded_by, s.since",
    "find Company show revenue, founded, seen, staff, prices order by size",
    "find Company where part > 10%",
    'find shortest path from "Alpha" to "Gamma" via any{1..3}',
    "how many Company",
)


def told(graph: Graph) -> None:
    """Tell a network that has something of everything."""
    with graph.transaction(actor="ana") as tx:
        tx.add("Company", id="a", name="Alpha", revenue="5 EUR", tags=["vip"], keys={"s": "k1"})
        tx.add("Company", id="b", name="Beta", country="FR", tags=["vip"])
        tx.add("Company", id="c", name="Gamma")
        tx.add("Person", id="p", name="Paula")
        tx.relate("a", "owns", "b", id="r1", share="60%", price="5 EUR", since="2020-01-01", source=("press", "7"))
        tx.relate("b", "owns", "c", id="r2", share="10%")
        tx.relate("p", "leads", "a", id="r3")
    graph.update("b", name="Beta 2")
    graph.update("r2", share="11%", source="web")


def copied(graph: Graph) -> None:
    with relgraph.open() as other:
        relgraph.copy(graph, other)


def acts(graph: Graph, folder: Path) -> list[Callable[[], Any]]:
    things: list[Callable[[], Any]] = [
        lambda: [(dict(one.fields), one.tags, one.keys) for one in graph.entities()],
        lambda: [(dict(one.attributes), str(one.since), one.sources) for one in graph.relations(ever=True)],
        lambda: (graph.count(), graph.count("Company"), graph.count("owns")),
        lambda: list(graph.changes()),
        graph.transactions,
        graph.stats,
        lambda: graph.search("alpha"),
        lambda: graph.by_key("s", "k1"),
        lambda: graph.relation("r1"),
        lambda: graph.export(folder / "out.jsonl", history=True),
        lambda: copied(graph),
        lambda: list(graph.known_at("2999-01-01T00:00:00Z").entities()),
        graph.to_networkx,
    ]
    for one in "ab":
        things += [
            lambda one=one: graph.get(one),  # type: ignore[misc]
            lambda one=one: graph.related(one, ever=True),  # type: ignore[misc]
            lambda one=one: graph.history(one),  # type: ignore[misc]
        ]
    things += [lambda text=text: str(graph.query(text)) for text in QUESTIONS]  # type: ignore[misc]
    return [
        *things,
        lambda: graph.update("b", country="US"),
        lambda: graph.update("r1", share="1%"),
        lambda: graph.relate("c", "owns", graph.add("Company", name="new"), share="5%"),
        lambda: graph.trash("a"),
        lambda: graph.delete("b", detach=True),
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_program_does_is_listed_and_never_a_crash(
    change: str, store: Neo4jStore, neo4j_database: Server, tmp_path: Path
) -> None:
    graph = Graph(store)
    told(graph)
    assert [one.code for one in store.check()] == []
    statement, code = CHANGES[change]
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query(statement, database_=neo4j_database.database)
    assert code in {one.code for one in graph.check()}
    for act in acts(graph, tmp_path):
        # nothing but an error of ours
        with suppress(RelgraphError):
            act()
    graph.check()


@pytest.mark.parametrize("text", ["find Company", "find anything", "find Company show id", "find Company limit 9"])
def test_a_node_without_a_number_is_no_row_of_an_answer(text: str, store: Neo4jStore, neo4j_database: Server) -> None:
    graph = Graph(store)
    told(graph)
    before = [tuple(map(str, row)) for row in graph.query(text)]
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query("CREATE (:Entity:Company {name: 'raw', id: 'raw'})", database_=neo4j_database.database)
    assert [tuple(map(str, row)) for row in graph.query(text)] == before


def test_a_history_that_lost_a_transaction_is_not_copied_and_what_is_there_is(
    store: Neo4jStore, neo4j_database: Server
) -> None:
    graph = Graph(store)
    told(graph)
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query("MATCH (t:_Transaction) DELETE t", database_=neo4j_database.database)
    with relgraph.open() as other:
        with pytest.raises(relgraph.LoadError, match="in a transaction that is not in the log"):
            relgraph.copy(graph, other)
        assert other.count() == 0
    with relgraph.open() as other:
        assert relgraph.copy(graph, other, history=False)["entity"] == 4


def test_a_constraint_that_is_dropped_is_listed(store: Neo4jStore, neo4j_database: Server) -> None:
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query("DROP CONSTRAINT relgraph_entity_id")
        (found,) = store.check()
        assert found.code == "missing-index"
        driver.execute_query(str(found.where["statement"]))
    assert list(store.check()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "MATCH (v:_Vocabulary) DELETE v",
        "MATCH (v:_Vocabulary) SET v.document = '{'",
        "MATCH (v:_Vocabulary) SET v.document = 5",
        "MATCH (c:_Clock {name: 'clock'}) DELETE c",
        "MATCH (c:_Clock {name: 'clock'}) SET c.vocabulary = 77",
        "MATCH (c:_Clock {name: 'clock'}) SET c.number = 'x'",
        "MATCH (c:_Clock {name: 'clock'}) REMOVE c.number",
    ],
)
def test_what_everything_stands_on_is_told_where_it_is_gone(
    statement: str, store: Neo4jStore, neo4j_database: Server
) -> None:
    told(Graph(store))
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        driver.execute_query(statement, database_=neo4j_database.database)
    for act in (lambda graph: graph.get("a"), Graph.check, lambda graph: graph.query("find Company owns Company")):
        with pytest.raises(RelgraphError):
            act(relgraph.open(neo4j_database.uri, auth=neo4j_database.auth))
