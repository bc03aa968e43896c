"""Numbered behaviors of the model that show at size only: a million relations in one call, and very many predicates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import relgraph
from relgraph import Graph

RULES = """
    subject: [Company]
    object: [Bank]
    subject_tags: {none: [barred]}
    attributes: {share: {type: percent, min: 0%, max: 100%}}
    max_subjects: 100
    acyclic: true
    sum: {attribute: share, per: object, max: 100%}
"""
RULED = relgraph.Vocabulary.from_text(
    f"""
vocabulary: ruled
types:
  Company: {{fields: {{name: {{type: text, required: true}}}}, caption: [name]}}
  Bank: {{extends: [Company]}}
tags: {{barred: {{}}}}
predicates:
  owns:
    inverse: owned_by{RULES}
  holds:
    inverse: held_by{RULES}
"""
)
ENTITIES, OWNERS = 10_000, 100
Row = dict[str, Any]


def filled(graph: Graph, entities: int) -> None:
    graph.add_many("Bank", ({"id": f"c{one}", "name": f"Bank {one}"} for one in range(entities)))


def rows(entities: int) -> Iterator[Row]:
    """Yield relations that break no rule: each entity but the first is owned, whole, by the hundred before it."""
    for owned in range(1, entities):
        for owner in range(max(0, owned - OWNERS), owned):
            yield {"subject": f"c{owner}", "object": f"c{owned}", "since": "2020-01-01", "share": "1%"}


def worked(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


WRONG = [
    (relgraph.CycleError, {"subject": "c9", "object": "c1", "since": "2024", "share": "0%"}),
    (relgraph.SelfRelationError, {"subject": "c1", "object": "c1", "share": "0%"}),
    (relgraph.SumError, {"subject": "c1", "object": "c200", "share": "1%"}),
    (relgraph.CardinalityError, {"subject": "c1", "object": "c350", "share": "0%"}),
    (relgraph.DuplicateRelationError, {"subject": "c299", "object": "c300", "since": "2024", "share": "0%"}),
    (relgraph.TypeRuleError, {"subject": "c1", "object": "plain"}),
    (relgraph.TagRuleError, {"subject": "barred", "object": "c1"}),
    (relgraph.FieldError, {"subject": "c1", "object": "c300", "share": "130%"}),
]


# 10


@pytest.mark.slow
def test_a_million_relations_come_in_one_call_with_all_rules_checked_in_linear_time(
    opening: Callable[..., Graph], engine: str
) -> None:
    # in memory it is the same code, and a server is sent every relation over the wire: a part shows the same there
    entities = {"file": ENTITIES, "memory": ENTITIES // 10}.get(engine, ENTITIES // 20)
    graph = opening(RULED)
    filled(graph, entities)
    graph.add("Company", id="plain", name="Plain")
    graph.add("Bank", id="barred", name="Barred", tags=["barred"])
    every = list(rows(entities))
    # one row for each rule behind all the others: each is found, and not one of the million stays
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("owns", every + [row for _, row in WRONG])
    found = {(one.details["row"] - len(every), type(one)) for one in caught.value.errors}
    assert {(at, error) for at, (error, _) in enumerate(WRONG)} <= found
    assert graph.count("owns") == 0

    quarter = worked(lambda: graph.relate_many("holds", every[: len(every) // 4]))
    with graph.transaction() as tx:
        whole = worked(lambda: tx.relate_many("owns", every)) + worked(tx.commit)
    assert tx.summary == {"related": len(every)}
    assert graph.count("owns") == len(every)
    # four times as many take four times as long; were each looked at beside each other, they would take sixteen times
    assert whole < 8 * quarter
    with pytest.raises(relgraph.CycleError):
        graph.relate(f"c{entities - 1}", "owns", "c1")


# 11


def best(work: Callable[[int], object]) -> float:
    """Return the least of the processor's seconds over many runs: what others do at the time is not in it."""
    return min(worked(partial(work, one)) for one in range(60))


def test_five_hundred_predicates_are_added_in_under_a_second_and_nothing_gets_slower(
    opening: Callable[..., Graph], engine: str
) -> None:
    embedded = engine in ("memory", "file")
    graph = opening(RULED)
    filled(graph, 1_000)
    graph.relate_many("owns", rows(1_000 if embedded else 200))
    hop = graph.prepare("find Company that owns $c")
    works: dict[str, Callable[[int], object]] = {
        "a question": lambda one: list(hop(c=f"c{one + 1}")),
        "both ends": lambda one: graph.related(f"c{one}"),
        "a relation": lambda one: graph.relate(f"c{900 + one}", "holds", f"c{901 + one}", share="1%"),
        "an end": lambda one: graph.retract(next(graph.relations("holds", subject=f"c{900 + one}"))),
    }
    before = {name: best(work) for name, work in works.items()}
    more = [
        relgraph.predicate(f"p{one}", f"q{one}", subject="Company", attributes={"share": "percent"})
        for one in range(500)
    ]
    # in the time of the processor, as others may be at work; what a server takes is not seen in it
    assert worked(lambda: graph.define(*more)) < 1
    after = {name: best(work) for name, work in works.items()}
    assert {name for name in works if after[name] > 1.5 * before[name] + 0.0003} == set()
    assert graph.relate("c1", "q499", "c2", share="5%").predicate == "p499"
    assert [one.predicate for one in graph.related("c2", "p499")] == ["p499"]
