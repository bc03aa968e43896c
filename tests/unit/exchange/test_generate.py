from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

import networkx as nx
import pytest

from relgraph.exchange.generate import SIZES, VOCABULARY, GeneratedNetwork, generate
from relgraph.opening import open_graph
from relgraph.vocabulary.model import Vocabulary


@pytest.fixture(scope="module")
def network() -> GeneratedNetwork:
    return generate(2_000, 20_000, seed=3)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    def rows(seed: int) -> list[object]:
        made = generate(200, 1_000, seed=seed)
        return [(name, list(part)) for part_of in (made.entities(), made.relations()) for name, part in part_of]

    assert rows(5) == rows(5)
    assert rows(5) != rows(6)


def test_counts_and_names(network: GeneratedNetwork) -> None:
    rows = {name: list(part) for name, part in network.entities()}
    assert sum(len(part) for part in rows.values()) == network.entity_count == 2_000
    assert len({row["id"] for part in rows.values() for row in part}) == 2_000
    assert len({row["name"] for row in rows["Company"]}) == len(rows["Company"])
    assert sum(1 for _, part in network.relations() for _ in part) == network.relation_count == 20_000
    assert list(SIZES.values()) == [(10_000, 100_000), (100_000, 1_000_000), (500_000, 5_000_000)]


def test_every_end_is_of_an_allowed_type_and_no_one_is_related_to_itself(network: GeneratedNetwork) -> None:
    kinds = {"p": "Person", "c": "Company"}
    for predicate, part in network.relations():
        for row in part:
            assert VOCABULARY.allows(predicate, kinds[row["subject"][0]], kinds[row["object"][0]])
            assert row["subject"] != row["object"]


def test_pairs_are_distinct_where_they_must_be(network: GeneratedNetwork) -> None:
    for predicate, part in network.relations():
        declared = VOCABULARY.predicates[predicate]
        pairs = Counter(
            tuple(sorted((row["subject"], row["object"]))) if declared.symmetric else (row["subject"], row["object"])
            for row in part
        )
        assert (max(pairs.values()) > 1) == (declared.unique == "none")


def test_owners_hold_at_most_all_and_no_chain_returns(network: GeneratedNetwork) -> None:
    held: dict[str, Decimal] = defaultdict(Decimal)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for row in dict(network.relations())["owns"]:
        held[row["object"]] += Decimal(row["share"].removesuffix("%"))
        graph.add_edge(row["subject"], row["object"])
    assert max(held.values()) <= 100
    assert nx.is_directed_acyclic_graph(graph)


def test_periods_end_after_they_start(network: GeneratedNetwork) -> None:
    rows = [row for _, part in network.relations() for row in part]
    both = [row for row in rows if "since" in row and "until" in row]
    assert both
    assert all(row["since"] < row["until"] for row in both)
    assert any("since" not in row for row in rows)


def test_few_have_very_many_relations(network: GeneratedNetwork) -> None:
    degrees = Counter(end for _, part in network.relations() for row in part for end in (row["subject"], row["object"]))
    ordered = sorted(degrees.values(), reverse=True)
    assert sum(ordered[:100]) > 0.25 * sum(ordered)
    assert ordered[0] > 20 * ordered[len(ordered) // 2]


def test_sizes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        generate(5, 1)
    with pytest.raises(ValueError, match="too many for 100 entities"):
        generate(100, 1_000)


def test_a_graph_takes_all_of_it(network: GeneratedNetwork) -> None:
    with open_graph(vocabulary=network.vocabulary) as graph:
        with graph.transaction() as tx:
            for type_name, rows in network.entities():
                tx.add_many(type_name, rows)
            for predicate, rows in network.relations():
                tx.relate_many(predicate, rows)
        assert tx.summary == {"added": 2_000, "related": 20_000}
        assert graph.check() == []
        assert Vocabulary.from_text(VOCABULARY.to_yaml()) == VOCABULARY
