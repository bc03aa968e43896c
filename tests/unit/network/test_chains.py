"""Chains of one predicate, whose entities could meet again, against every way there is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

import relgraph
from relgraph import answering
from relgraph.vocabulary.model import Vocabulary

VOCABULARY = Vocabulary.from_text("""
vocabulary: small
types:
  Firm: {fields: {name: {type: text, required: true}}}
predicates:
  supplies: {inverse: supplied_by, subject: [Firm], object: [Firm]}
""")


def made(count: int, pairs: set[tuple[int, int]]) -> relgraph.Graph:
    graph = relgraph.open(vocabulary=VOCABULARY)
    graph.add_many("Firm", ({"id": f"f{one}", "name": f"Firm {one}"} for one in range(count)))
    graph.relate_many("supplies", ({"subject": f"f{a}", "object": f"f{b}"} for a, b in sorted(pairs)))
    return graph


def starts(pairs: set[tuple[int, int]], end: int, hops: int) -> set[str]:
    ways: list[tuple[int, ...]] = [(end,)]
    for _ in range(hops):
        ways = [(a, *way) for way in ways for a, b in pairs if b == way[0] and a not in way]
    return {f"f{way[0]}" for way in ways}


@pytest.mark.parametrize("hops", [2, 3, 4])
@pytest.mark.parametrize("seed", range(8))
def test_every_entity_of_a_chain_differs(hops: int, seed: int) -> None:
    draw = random.Random(seed)
    pairs = {(a, b) for a in range(7) for b in range(7) if a != b and draw.random() < 0.3}
    with made(7, pairs) as graph:
        for end in range(7):
            chain = "supplies Firm " * (hops - 1) + f"supplies @f{end}"
            assert set(graph.query(f"find Firm {chain} show id").scalars()) == starts(pairs, end, hops)


def test_what_a_chain_holds_grows_with_the_relations_met_and_not_with_the_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)
    pairs = {(a, b) for a in range(60) for b in range(60) if a != b and draw.random() < 0.3}
    # each relation is met with at most three of the entities before it; there are more than 80,000 ways
    monkeypatch.setattr(answering, "DEFAULTS", replace(answering.DEFAULTS, bindings=3 * len(pairs)))
    with made(60, pairs) as graph:
        found = graph.query("find Firm supplies Firm supplies Firm supplies @f0 show id").scalars()
    assert set(found) == starts(pairs, 0, 3)
