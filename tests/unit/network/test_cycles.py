from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import Cancelled, QueryLimitError
from relgraph.network import components as components_module
from relgraph.network import cycles as cycles_module
from relgraph.network.components import components
from relgraph.network.cycles import cycles
from relgraph.network.steps import Step
from tests.unit.network.networks import Arc, Net, nets
from tests.unit.network.test_paths import array, backwards, numbers, single

Ring = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]


def rings(net: Net, least: int, most: int, *, rising: int = 0) -> dict[tuple[int, ...], list[tuple[Arc, ...]]]:
    """Return the ways round each ring, under the ring from its least number on."""
    undirected = all(leg.direction == "either" for leg in net.step.legs)
    found: dict[tuple[int, ...], list[tuple[Arc, ...]]] = {}
    for start in range(net.top + 1):
        for walk in net.walks(start, most):
            if walk[-1].target != start or len(walk) < least:
                continue
            if len(walk) == 2 and (undirected or walk[0].number == walk[1].number):
                continue
            if rising:
                values = [arc.value * rising for arc in walk if arc.value is not None]
                if len(values) < len(walk) or not all(a < b for a, b in pairwise(values)):
                    continue
            entities = (start, *(arc.target for arc in walk[:-1]))
            at = entities.index(min(entities))
            ring = entities[at:] + entities[:at]
            if undirected:
                ring = min(ring, (ring[0], *ring[:0:-1]))
            found.setdefault(ring, []).append(walk)
    return found


def turned(entities: tuple[int, ...], *, undirected: bool) -> tuple[int, ...]:
    at = entities.index(min(entities))
    ring = entities[at:] + entities[:at]
    return min(ring, (ring[0], *ring[:0:-1])) if undirected else ring


@settings(deadline=None)
@given(
    nets(most=10), st.integers(2, 3), st.none() | st.integers(0, 2), st.none() | st.lists(st.integers(0, 6), max_size=2)
)
def test_each_ring_comes_once(net: Net, least: int, more: int | None, through: list[int] | None) -> None:
    most = None if more is None else least + more
    undirected = all(leg.direction == "either" for leg in net.step.legs)
    got = list(cycles(net.step, least, most, keys=backwards, through=None if through is None else array(through)))
    found = [turned(path.entities, undirected=undirected) for path in got]
    assert len(set(found)) == len(found)
    wanted = rings(net, least, most or 9)
    assert set(found) == {ring for ring in wanted if through is None or set(through) & set(ring)}
    for path in got:
        first = path.entities[0]
        chosen = [entity for entity in path.entities if through is None or entity in through]
        assert first == max(chosen)
        for place, hop in enumerate(numbers(net.step, path)):
            ends = path.entities[place], path.entities[(place + 1) % len(path.entities)]
            assert sorted(hop) == sorted({arc.number for arc in net.arcs if (arc.source, arc.target) == ends})
    if through is None:
        assert [path.entities[0] for path in got] == sorted((path.entities[0] for path in got), reverse=True)


@settings(deadline=None)
@given(
    net=nets(most=10, values=st.none() | st.integers(0, 4)),
    least=st.integers(2, 3),
    falling=st.booleans(),
    through=st.none() | st.lists(st.integers(0, 6), max_size=2),
)
def test_rising_rings_begin_where_they_rise_from(
    net: Net, least: int, *, falling: bool, through: list[int] | None
) -> None:
    undirected = all(leg.direction == "either" for leg in net.step.legs)
    wanted = rings(net, least, 5, rising=-1 if falling else 1)
    got = list(
        cycles(
            net.step,
            least,
            5,
            keys=backwards,
            through=None if through is None else array(through),
            rising=not falling,
            falling=falling,
        )
    )
    found = [turned(path.entities, undirected=undirected) for path in got]
    assert len(set(found)) == len(found)
    assert set(found) == {ring for ring in wanted if through is None or set(through) & set(ring)}
    for ring, path in zip(found, got, strict=True):
        same = [walk for walk in wanted[ring] if (walk[0].source, *(arc.target for arc in walk[:-1])) == path.entities]
        hops = numbers(net.step, path)
        assert [set(hop) for hop in hops] == [{walk[place].number for walk in same} for place in range(len(hops))]


def test_a_self_relation_is_a_ring_of_one() -> None:
    step = single([Arc(1, 1, 0, 0, 5), Arc(1, 2, 0, 0, 6), Arc(2, 1, 0, 0, 7)])
    assert [path.entities for path in cycles(step)] == [(1,), (1, 2)]
    assert [path.entities for path in cycles(step, rising=True)] == [(1,), (1, 2)]
    assert [path.entities for path in cycles(step, through=array([2]))] == [(2, 1)]
    assert [path.entities for path in cycles(step, 2)] == [(1, 2)]
    leg = step.legs[0]
    hidden = Step((leg,), np.array([True, False, True]))
    assert list(cycles(hidden)) == []


def test_rings_have_a_limit_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    step = single([Arc(a, b, 0, 0, None) for a in range(6) for b in range(6) if a != b])

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        list(cycles(step, should_stop=stop))
    monkeypatch.setattr(cycles_module, "SEARCH_LIMIT", 20)
    with pytest.raises(QueryLimitError, match="more than 20 partial rings tried"):
        list(cycles(step))


@given(nets(most=8, top=9), st.integers(1, 20))
def test_components_are_those_of_the_undirected_network(net: Net, size: int) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(components_module, "SLICE", size)
    with patch.context():
        label = components(net.step)
    graph = nx.Graph((arc.source, arc.target) for arc in net.arcs if arc.source != net.hidden)
    graph.add_nodes_from(range(net.step.top))
    for part in nx.connected_components(graph):
        for entity in part:
            assert label[entity] == min(part)


def test_a_long_chain_hangs_together() -> None:
    order = np.random.default_rng(5).permutation(2000).tolist()
    step = single([Arc(a, b, 0, 0, None) for a, b in pairwise(order)])
    assert set(components(step).tolist()) == {0}
