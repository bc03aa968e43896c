from __future__ import annotations

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import Cancelled
from relgraph.network import rings as rings_module
from relgraph.network.arrays import Adjacency
from relgraph.network.order import Order, RingCheck
from relgraph.network.rings import Graph, find_cycles, peel
from relgraph.network.rows import Rows

Fact = tuple[int, int, int, int]
"""Subject, object, and the sure period."""

facts = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.integers(0, 6)), max_size=14)
POOL = (0, 1, 2, 3, 4, 5, 6)


def ring_days(chosen: list[Fact]) -> set[int]:
    """Return the days on which the facts have a ring."""
    found = set()
    for day in range(8):
        graph = nx.DiGraph((a, b) for a, b, since, until in chosen if since <= day < until)
        if not nx.is_directed_acyclic_graph(graph):
            found.add(day)
    return found


def is_ring(chosen: list[Fact]) -> bool:
    closes = all(one[1] == two[0] for one, two in zip(chosen, [*chosen[1:], chosen[0]], strict=True))
    return closes and max(one[2] for one in chosen) < min(one[3] for one in chosen)


def columns(chosen: list[Fact]) -> tuple[np.ndarray, ...]:
    table = np.array(chosen, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.int32), table[:, 3].astype(np.int32)


def arrays(chosen: list[Fact], first: int = 0) -> Adjacency:
    subject, target, since, until = columns(chosen)
    number = np.arange(first, first + len(chosen))
    # the widest period is longer than the sure one, which alone the rule looks at
    return Adjacency.build(Rows(number, subject, target, since - np.int32(3), until + np.int32(3), since, until))


@pytest.fixture(params=[1, 200])
def _width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings_module, "WIDE", request.param)


@settings(deadline=None)
@given(facts)
def test_bulk_finds_a_ring_exactly_where_one_day_has_one(chosen: list[Fact]) -> None:
    subject, target, since, until = columns(chosen)
    rings = find_cycles(subject, target, (since, until))
    for ring in rings:
        assert is_ring([chosen[index] for index in ring])
    assert bool(rings) == bool(ring_days(chosen))
    assert len({frozenset(ring) for ring in rings}) == len(rings)


@settings(deadline=None)
@given(facts, st.data())
def test_bulk_finds_rings_through_new_relations_beside_old_rings(chosen: list[Fact], data: st.DataObject) -> None:
    new = np.array(data.draw(st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen))), dtype=np.bool_)
    subject, target, since, until = columns(chosen)
    rings = find_cycles(subject, target, (since, until), through=new)
    for ring in rings:
        assert new[ring[0]]
        assert is_ring([chosen[index] for index in ring])
    assert bool(rings) == any(ring_through(chosen, index) for index in np.flatnonzero(new).tolist())


def ring_through(chosen: list[Fact], index: int) -> bool:
    subject, target, since, until = chosen[index]
    for day in range(since, until):
        graph = nx.DiGraph((a, b) for a, b, first, last in chosen if first <= day < last)
        if subject in graph and nx.has_path(graph, target, subject):
            return True
    return False


@settings(deadline=None)
@given(facts, facts, st.booleans(), st.booleans())
def test_relations_are_let_in_one_by_one_unless_they_close_a_ring(
    before: list[Fact], added: list[Fact], ordered: bool, split: bool
) -> None:
    parts = [arrays(before[::2]), arrays(before[1::2], 50)] if split else [arrays(before)]
    every = dict(enumerate(before))
    if split:
        every = dict(enumerate(before[::2])) | dict(enumerate(before[1::2], 50))
    check = RingCheck(parts, Order.build(parts) if ordered else None)
    for number, fact in enumerate(added, 100):
        subject, target, since, until = fact
        closes = ring_through([*every.values(), fact], len(every))
        force = number % 5 == 0
        ring = check.add(number, (subject, target), (since, until), force=force)
        assert (ring is not None) == closes
        if ring is not None:
            assert ring[0] == number
            assert is_ring([(every | {number: fact})[one] for one in ring])
        if (ring is None and since < until and subject != target) or (force and subject != target):
            every[number] = fact


@settings(deadline=None)
@given(facts)
def test_an_order_agrees_with_all_that_does_not_stand_aside(chosen: list[Fact]) -> None:
    order = Order.build([arrays(chosen)])
    against = []
    for a, b, since, until in chosen:
        if since < until and a != b:
            low, high = order.place(a), order.place(b)
            assert low is not None
            assert high is not None
            if low > high:
                against.append((since, until))
    # the days on which something stands against the order, and no others
    assert {day for first, last in against for day in range(first, last)} == {
        day for first, last in order.aside for day in range(first, last)
    }
    union = nx.DiGraph((a, b) for a, b, since, until in chosen if since < until and a != b)
    assert bool(order.aside) == (not nx.is_directed_acyclic_graph(union))


def test_what_ended_stands_aside_of_what_lasts() -> None:
    lasting = [(one, one + 1, 10, 99) for one in range(20)]
    ended = [(one + 1, one, 0, 10) for one in range(0, 20, 3)] + [(30, 31, 0, 5), (31, 0, 2, 5)]
    order = Order.build([arrays(lasting + ended)])
    assert order.aside == [(0, 10)]
    assert all(order.agree(one, two) for one, two, *_ in lasting)


def test_an_order_grows_by_entities_it_has_not_seen() -> None:
    order = Order([3, 1])
    assert order.place(7) is None
    assert order.agree(7, 3)
    assert order.agree(1, 900)
    assert order.agree(50, 51)
    places = [order.place(entity) for entity in (7, 3, 1, 900)]
    assert places == sorted(places, key=lambda place: -1 if place is None else place)
    assert not order.agree(900, 7)


@pytest.mark.usefixtures("_width")
def test_peeling_orders_what_is_no_ring() -> None:
    pairs = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 3), (4, 5), (8, 9)]
    subject, target = (np.array(column) for column in zip(*pairs, strict=True))
    none = np.zeros(len(pairs), np.int32)
    graph = Graph.of(subject, target, none, none + np.int32(1))
    order, placed = peel(graph)
    assert set(order.tolist()) == {0, 1, 2, 8, 9}
    assert placed.nonzero()[0].tolist() == [0, 1, 2, 8, 9]
    place = {entity: index for index, entity in enumerate(order.tolist())}
    assert place[0] < place[1] < place[8] + 99
    assert place[8] < place[9]
    backward, _ = peel(graph, forward=False)
    assert set(backward.tolist()) == {5, 8, 9}


def test_a_ring_is_found_whatever_the_order_of_insertion() -> None:
    for chosen in permutations([(1, 2), (2, 3), (3, 4), (4, 1)]):
        empty = arrays([])
        check = RingCheck([empty], Order.build([empty]))
        results = [check.add(index, ends, (0, 5)) for index, ends in enumerate(chosen)]
        assert results[:3] == [None, None, None]
        assert results[3] is not None
        assert sorted(results[3]) == [0, 1, 2, 3]


def test_bulk_gives_at_most_so_many_rings_and_can_be_stopped() -> None:
    chosen = [(n, (n + 1) % 3, 0, 5) for n in range(3)] + [(10 + n, 10 + (n + 1) % 3, 0, 5) for n in range(3)]
    subject, target, since, until = columns(chosen)
    assert len(find_cycles(subject, target, (since, until))) == 2
    assert len(find_cycles(subject, target, (since, until), limit=1)) == 1

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        find_cycles(subject, target, (since, until), should_stop=stop)
