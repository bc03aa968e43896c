"""Two clients, each right alone and wrong together: never do both commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import LiteralString

import pytest
from neo4j import GraphDatabase

from relgraph import RelgraphError, Vocabulary
from relgraph.engines.neo4j import Neo4jStore, writer
from relgraph.graph import Graph
from tests.servers.neo4j import Server

VOCABULARY = Vocabulary.from_text(
    """
types:
  Company: {fields: {name: {type: text}, vat: {type: text, unique: true}}}
  Firm: {extends: [Company]}
tags: {cleared: {}, banned: {}}
predicates:
  owns:
    inverse: owned_by
    attributes: {share: {type: percent}}
    sum: {attribute: share, per: object, max: 100%}
    unique: none
  leads: {inverse: led_by, max_subjects: 1}
  partner_of: {symmetric: true}
  above: {inverse: below, acyclic: true}
  insures: {inverse: insured_by, subject_tags: {all: [cleared]}}
  trusts: {inverse: trusted_by, object_tags: {none: [banned]}}
  banks_with: {inverse: banks_for, max_objects: 1}
  saves_with: {inverse: keeps_for, implies: [banks_with]}
  directly_above: {inverse: directly_below, implies: [above]}
  met: {symmetric: true, unique: pair}
  staffs: {inverse: staffed_by, subject: [Firm]}
"""
)
ROUNDS = 12

Act = Callable[[Graph, list[str]], object]


def trashing(graph: Graph, entity: str) -> str:
    """Return the transaction that put an entity into the trash."""
    return graph.history(entity)[-1].event.id


CASES: dict[str, tuple[Act, Act]] = {
    "sum": (
        lambda graph, ids: graph.relate(ids[0], "owns", ids[2], share="60%"),
        lambda graph, ids: graph.relate(ids[1], "owns", ids[2], share="60%"),
    ),
    "maximum": (
        lambda graph, ids: graph.relate(ids[0], "leads", ids[2]),
        lambda graph, ids: graph.relate(ids[1], "leads", ids[2]),
    ),
    "overlap": (
        lambda graph, ids: graph.relate(ids[0], "partner_of", ids[1], since="2020"),
        lambda graph, ids: graph.relate(ids[1], "partner_of", ids[0], until="2024"),
    ),
    "cycle": (
        lambda graph, ids: graph.relate(ids[0], "above", ids[1]),
        lambda graph, ids: graph.relate(ids[1], "above", ids[0]),
    ),
    "longer cycle": (
        lambda graph, ids: graph.relate(ids[3], "above", ids[4]),
        lambda graph, ids: graph.relate(ids[5], "above", ids[3]),
    ),
    "tag": (
        lambda graph, ids: graph.relate(ids[6], "insures", ids[0]),
        lambda graph, ids: graph.untag(ids[6], "cleared"),
    ),
    "forbidden tag": (
        lambda graph, ids: graph.relate(ids[0], "trusts", ids[1]),
        lambda graph, ids: graph.tag(ids[1], "banned"),
    ),
    "type": (
        lambda graph, ids: graph.relate(f"{ids[0]}-firm", "staffs", ids[1]),
        lambda graph, ids: graph.update(f"{ids[0]}-firm", type="Company"),
    ),
    "maximum of objects": (
        lambda graph, ids: graph.relate(ids[0], "banks_with", ids[1]),
        lambda graph, ids: graph.relate(ids[0], "banks_with", ids[2]),
    ),
    "maximum over what implies it": (
        lambda graph, ids: graph.relate(ids[0], "banks_with", ids[1]),
        lambda graph, ids: graph.relate(ids[0], "saves_with", ids[2]),
    ),
    "cycle over what implies it": (
        lambda graph, ids: graph.relate(ids[0], "above", ids[1]),
        lambda graph, ids: graph.relate(ids[1], "directly_above", ids[0]),
    ),
    "pair": (
        lambda graph, ids: graph.relate(ids[0], "met", ids[1], since="2001", until="2002"),
        lambda graph, ids: graph.relate(ids[1], "met", ids[0], since="2011", until="2012"),
    ),
    "restored into a maximum": (
        lambda graph, ids: graph.restore(f"{ids[0]}-gone"),
        lambda graph, ids: graph.relate(ids[1], "leads", ids[2]),
    ),
    "brought back into a maximum": (
        lambda graph, ids: graph.undo(trashing(graph, f"{ids[0]}-gone")),
        lambda graph, ids: graph.relate(ids[1], "leads", ids[2]),
    ),
    "key": (
        lambda graph, ids: graph.add("Company", name="one", keys=[("crm", ids[0])]),
        lambda graph, ids: graph.add("Company", name="two", keys=[("crm", ids[0])]),
    ),
    "unique field": (
        lambda graph, ids: graph.add("Company", name="one", vat=f"vat {ids[0]}"),
        lambda graph, ids: graph.add("Company", name="two", vat=f"vat {ids[0]}"),
    ),
    "the same id": (
        lambda graph, ids: graph.add("Company", name="one", id=f"new {ids[0]}"),
        lambda graph, ids: graph.add("Company", name="two", id=f"new {ids[0]}"),
    ),
    "updates": (
        lambda graph, ids: graph.update(f"{ids[0]}-share", share="60%"),
        lambda graph, ids: graph.update(f"{ids[1]}-share", share="60%"),
    ),
    "moved dates": (
        lambda graph, ids: graph.update(f"{ids[0]}-early", until="2024"),
        lambda graph, ids: graph.update(f"{ids[0]}-late", since="2019"),
    ),
    "merge": (
        lambda graph, ids: graph.merge(keep=ids[0], other=ids[1]),
        lambda graph, ids: graph.merge(keep=ids[1], other=ids[0]),
    ),
    "delete": (
        lambda graph, ids: graph.relate(ids[0], "partner_of", ids[1]),
        lambda graph, ids: graph.delete(ids[1]),
    ),
}


@pytest.fixture
def graphs(neo4j_database: Server) -> Iterator[tuple[Graph, Graph]]:
    with (
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as one,
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth) as other,
    ):
        yield Graph(one), Graph(other)


def at_once(*acts: Callable[[], object]) -> list[RelgraphError | None]:
    """Run functions in threads that start together; return what each one raised."""
    raised: list[RelgraphError | None] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(index: int) -> None:
        barrier.wait()
        try:
            acts[index]()
        except RelgraphError as error:
            raised[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return raised


@pytest.mark.parametrize("case", CASES)
def test_two_that_are_wrong_together_never_both_commit(graphs: tuple[Graph, Graph], case: str) -> None:
    first, second = CASES[case]
    for index in range(ROUNDS):
        ids = [f"{index}-{one}" for one in range(7)]
        with graphs[0].transaction() as tx:
            for one in ids:
                tx.add("Company", id=one, name=one)
            tx.relate(ids[4], "above", ids[5])
            tx.tag(ids[6], "cleared")
            tx.add("Firm", id=f"{ids[0]}-firm", name="firm")
            tx.add("Company", id=f"{ids[0]}-gone", name="gone")
            tx.relate(f"{ids[0]}-gone", "leads", ids[2])
            for one in ids[:2]:
                tx.relate(one, "owns", ids[3], id=f"{one}-share", share="10%")
            tx.relate(ids[3], "partner_of", ids[4], id=f"{ids[0]}-early", until="2018")
            tx.relate(ids[3], "partner_of", ids[4], id=f"{ids[0]}-late", since="2025")
        graphs[0].trash(f"{ids[0]}-gone")
        raised = at_once(lambda ids=ids: first(graphs[0], ids), lambda ids=ids: second(graphs[1], ids))  # type: ignore[misc]
        assert sum(one is None for one in raised) == 1, raised
    assert list(graphs[0].check()) == []


def test_who_touches_what_another_has_locked_waits_for_its_end(
    graphs: tuple[Graph, Graph], neo4j_database: Server
) -> None:
    with graphs[0].transaction() as tx:
        for one in "abcd":
            tx.add("Company", id=one, name=one)
    done: list[str] = []

    def relate(graph: Graph, subject: str, predicate: str, other: str) -> None:
        graph.relate(subject, predicate, other)
        done.append(f"{subject}{other}")

    with (
        GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver,
        driver.session(database=neo4j_database.database) as session,
    ):
        # the very statements that a writer locks with
        locks: list[tuple[LiteralString, dict[str, list[str]], tuple[str, str, str]]] = [
            (writer._LOCK_ENTITIES, {"ids": ["a", "b"]}, ("b", "leads", "c")),
            (writer._LOCK_RULES, {"names": ["acyclic above"]}, ("a", "above", "d")),
        ]
        for text, given, touching in locks:
            held = session.begin_transaction()
            held.run(text, given).consume()
            waiting = threading.Thread(target=relate, args=(graphs[0], *touching))
            waiting.start()
            if not done:
                # of other entities it is not held up
                relate(graphs[1], "c", "partner_of", "d")
            waiting.join(1)
            assert waiting.is_alive()
            assert f"{touching[0]}{touching[2]}" not in done
            held.commit()
            waiting.join(60)
            assert f"{touching[0]}{touching[2]}" in done
        # nothing is left of a lock
        left = session.run("MATCH (n) WHERE n._lock IS NOT NULL RETURN count(n)").single(strict=True)
        assert left[0] == 0


def test_writers_of_different_entities_do_not_disturb_each_other(graphs: tuple[Graph, Graph]) -> None:
    with graphs[0].transaction() as tx:
        for one in range(40):
            tx.add("Company", id=str(one), name=str(one))

    def work(graph: Graph, start: int) -> None:
        for one in range(start, start + 10):
            graph.relate(str(one), "owns", str(one + 10), share="10%")

    assert at_once(lambda: work(graphs[0], 0), lambda: work(graphs[1], 20)) == [None, None]
    assert graphs[0].count("owns") == 20


def test_many_writers_of_one_entity_all_come_through_in_turn(graphs: tuple[Graph, Graph]) -> None:
    with graphs[0].transaction() as tx:
        for one in range(41):
            tx.add("Company", id=str(one), name=str(one))

    def work(graph: Graph, start: int) -> None:
        for one in range(start, start + 10):
            graph.relate(str(one), "owns", "40", share="1%")

    acts = [
        lambda graph=graph, start=start: work(graph, start)
        for start, graph in ((0, graphs[0]), (10, graphs[1]), (20, graphs[0]), (30, graphs[1]))
    ]
    assert at_once(*acts) == [None] * 4
    assert graphs[0].count("owns") == 40
    numbers = [change.event.number for change in graphs[1].changes()]
    assert sorted(set(numbers)) == list(range(1, 42))
