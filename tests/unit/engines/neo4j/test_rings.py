"""Rings, against a slow look at every simple way round."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from relgraph.engines.neo4j import rings
from relgraph.engines.neo4j.rings import RingSearch
from relgraph.model.columns import Columns, Ints, from_rows
from relgraph.model.records import OPEN_END, OPEN_START, RelationRow
from tests.counting import steps

Edge = tuple[int, int, int, int, int]


def columns(edges: Sequence[Edge]) -> Columns:
    return from_rows(
        [
            RelationRow(number, f"r{number}", "owns", a, b, since, until, 0, 0, {}, None, 0)
            for number, a, b, since, until in edges
        ]
    )


class Network:
    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = edges
        self.asked = 0

    def columns(self, predicates: Sequence[str], *, subjects: Ints | None = None) -> Columns:
        assert predicates == ["owns"]
        self.asked += 1
        wanted = None if subjects is None else set(subjects.tolist())
        return columns([edge for edge in self.edges if wanted is None or edge[1] in wanted])


def ways_round(edges: Sequence[Edge], first: Edge) -> Iterator[tuple[int, ...]]:
    """Yield every ring of distinct entities through a relation that holds on one day."""

    def walk(here: int, way: tuple[Edge, ...], since: int, until: int) -> Iterator[tuple[int, ...]]:
        if here == first[1]:
            yield tuple(edge[0] for edge in way)
            return
        for edge in edges:
            low, high = max(since, edge[3]), min(until, edge[4])
            if edge[1] == here and low < high and edge[2] not in {one[2] for one in way}:
                yield from walk(edge[2], (*way, edge), low, high)

    if first[3] < first[4]:
        yield from walk(first[2], (first,), first[3], first[4])


@pytest.mark.parametrize("whole", [1, 10_000])
@pytest.mark.parametrize("seed", range(30))
def test_a_ring_is_found_where_there_is_one(monkeypatch: pytest.MonkeyPatch, seed: int, whole: int) -> None:
    monkeypatch.setattr(rings, "_WHOLE", whole)
    chance = random.Random(seed)
    every: list[Edge] = []
    for number in range(1, 19):
        since = chance.choice([OPEN_START, chance.randrange(1, 20)])
        until = chance.choice([OPEN_END, chance.randrange(1, 25)])
        every.append((number, chance.randrange(7), chance.randrange(7), since, until))
    there, added, removed = every[:13], every[13:], [every[0][0], every[5][0]]
    standing = [edge for edge in there if edge[0] not in removed] + added
    found = RingSearch(Network(there), ["owns"], columns(added), np.array(removed)).find(100)
    expected = [edge for edge in added if any(ways_round(standing, edge))]
    assert bool(found) == bool(expected)
    for ring in found:
        (first,) = [edge for edge in added if edge[0] == ring[0]]
        assert ring in set(ways_round(standing, first))
        assert len(ring) == min(len(one) for one in ways_round(standing, first))
    covered = {number for ring in found for number in ring}
    assert {edge[0] for edge in expected} <= covered


def test_at_most_as_many_rings_as_asked_for() -> None:
    added = [(number, number, number, OPEN_START, OPEN_END) for number in range(1, 6)]
    search = RingSearch(Network([]), ["owns"], columns(added), np.array([], np.int64))
    assert search.find(2) == [(1,), (2,)]


def test_a_long_chain_is_fetched_once_where_much_is_added() -> None:
    chain = [(number, number, number + 1, OPEN_START, OPEN_END) for number in range(1, 5000)]
    network = Network(chain[:2500])
    search = RingSearch(network, ["owns"], columns(chain[2500:]), np.array([], np.int64))
    assert search.find(5) == []
    assert network.asked == 1


def test_one_ring_among_very_many_that_close_none_is_found_in_few_steps() -> None:
    size, reach = 2_000, 60
    honest = [(a, b) for b in range(1, size) for a in range(max(0, b - reach), b)]
    edges = [(n, a, b, OPEN_START, OPEN_END) for n, (a, b) in enumerate([*honest, (5, 3), (1_900, 1_895)], 1)]
    network = Network([])
    found: list[tuple[int, ...]] = []
    search = RingSearch(network, ["owns"], columns(edges), np.array([], np.int64))
    taken = steps(lambda: found.extend(search.find(1000)))
    assert {len(edges) - 1, len(edges)} <= {number for ring in found for number in ring}
    assert network.asked == 1
    # a look from each of them at all behind it takes thousands of steps for each
    assert taken < 20 * len(edges)
