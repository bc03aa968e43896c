"""The questions of the benchmark against the statements that a developer would write for them."""

from __future__ import annotations

from neo4j import Driver, GraphDatabase

import relgraph
from bench.cypher import QUESTIONS, Cypher
from relgraph.exchange.generate import generate
from tests.servers.neo4j import Server


def test_the_questions_of_the_benchmark_are_answered_as_the_statements_written_by_hand(neo4j_database: Server) -> None:
    network = generate(200, 1_500)
    with (
        relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=network.vocabulary) as graph,
        GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver,
    ):
        for name, rows in network.entities():
            graph.add_many(name, rows)
        for predicate, rows in network.relations():
            graph.relate_many(predicate, rows)
        compared(graph, driver, neo4j_database.database)


def compared(graph: relgraph.Graph, driver: Driver, database: str) -> None:
    peer = Cypher(driver, database)
    for name, question in QUESTIONS.items():
        ask, prepared = peer.asker(question), graph.prepare(question.words)
        for start in range(12):
            case = {end: f"c{start + 3 * place}" for place, end in enumerate(question.ends)}
            assert question.of_ours(prepared.run(params=case)) == question.of_rows(ask(case)), (name, case)
