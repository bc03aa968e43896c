from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import Cancelled, QueryLimitError, QueryTypeError
from relgraph.network import few
from relgraph.network import paths as paths_module
from relgraph.network.arrays import Adjacency
from relgraph.network.paths import Path, factor, simple_paths, strength
from relgraph.network.rows import Rows
from relgraph.network.shortest import distance, shortest_paths
from relgraph.network.steps import Leg, Step
from tests.unit.network.networks import Arc, Net, nets

Listed = list[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]]
sets = st.lists(st.integers(0, 5), max_size=3, unique=True)
limits = st.none() | st.integers(1, 4)


def backwards(entities: Sequence[int]) -> list[str]:
    """Order entities the other way round, by text, so that numbers alone cannot give the right order."""
    return [f"{99 - entity:02}" for entity in entities]


def numbers(step: Step, path: Path) -> tuple[tuple[int, ...], ...]:
    """Return relation numbers for links."""
    found = []
    for links in path.links:
        hop = [step.legs[link.leg].arrays.number(np.array([link.position]))[0] for link in links]
        found.append(tuple(int(number) for number in hop))
    return tuple(found)


def listed(step: Step, paths: list[Path]) -> Listed:
    return [(path.entities, numbers(step, path)) for path in paths]


def grouped(net: Net, walks: list[tuple[int, tuple[Arc, ...]]]) -> Listed:
    """Join walks along the same entities, and order them as paths are listed."""
    together: dict[tuple[int, ...], list[tuple[Arc, ...]]] = defaultdict(list)
    for start, walk in walks:
        together[start, *(arc.target for arc in walk)].append(walk)
    found = []
    for entities, same in together.items():
        hops = []
        for place in range(len(entities) - 1):
            arcs = {(net.step.legs[walk[place].leg].predicate, walk[place].number) for walk in same}
            hops.append(sorted(arcs))
        keys = backwards(entities)
        order = (len(hops), keys[0], [(hop[0][0], key) for hop, key in zip(hops, keys[1:], strict=True)])
        found.append((order, entities, tuple(tuple(number for _, number in hop) for hop in hops)))
    return [(entities, links) for _, entities, links in sorted(found)]


def ways(net: Net, starts: list[int], targets: list[int], most: int | None) -> list[tuple[int, tuple[Arc, ...]]]:
    return [
        (start, walk)
        for start in starts
        for walk in net.walks(start, 9 if most is None else most)
        if walk[-1].target in targets and walk[-1].target != start
    ]


def array(entities: list[int]) -> np.ndarray:
    return np.array(entities, dtype=np.int64)


@settings(deadline=None)
@given(nets(most=12), sets, sets, limits)
def test_shortest_paths_are_all_ties_in_order(
    net: Net, starts: list[int], targets: list[int], most: int | None
) -> None:
    every = ways(net, starts, targets, most)
    least = min((len(walk) for _, walk in every), default=None)
    wanted = grouped(net, [(start, walk) for start, walk in every if len(walk) == least])
    with pytest.MonkeyPatch.context() as patch:
        # relation by relation, over arrays, and given up for arrays on the way
        for many in (192, -1, 1):
            patch.setattr(few, "MOST", many)
            got = shortest_paths(net.step, array(starts), array(targets), maximum=most, keys=backwards)
            assert listed(net.step, list(got)) == wanted
    assert distance(net.step, array(starts), array(targets), maximum=most) == least


@settings(deadline=None)
@given(nets(), sets, sets, st.integers(1, 3), st.none() | st.integers(0, 3))
def test_all_paths_come_shortest_first(
    net: Net, starts: list[int], targets: list[int], least: int, more: int | None
) -> None:
    most = None if more is None else least + more
    every = [(start, walk) for start, walk in ways(net, starts, targets, most) if len(walk) >= least]
    got = list(simple_paths(net.step, array(starts), array(targets), least, most, keys=backwards))
    assert listed(net.step, got) == grouped(net, every)


@settings(deadline=None)
@given(
    net=nets(most=12, values=st.none() | st.integers(0, 4)),
    starts=sets,
    targets=sets,
    most=limits,
    falling=st.booleans(),
)
def test_rising_paths_list_the_relations_that_can_rise(
    net: Net, starts: list[int], targets: list[int], most: int | None, *, falling: bool
) -> None:
    def rises(walk: tuple[Arc, ...]) -> bool:
        values = [arc.value for arc in walk if arc.value is not None]
        if falling:
            values = [-value for value in values]
        return len(values) == len(walk) and all(a < b for a, b in pairwise(values))

    every = [(start, walk) for start, walk in ways(net, starts, targets, most) if rises(walk)]
    got = simple_paths(
        net.step, array(starts), array(targets), 1, most, keys=backwards, rising=not falling, falling=falling
    )
    # a hop's least predicate is that of any relation with a value, usable or not, so only the order by length is sure
    wanted = grouped(net, every)
    found = listed(net.step, list(got))
    assert sorted(found) == sorted(wanted)
    assert [len(entities) for entities, _ in found] == [len(entities) for entities, _ in wanted]


def ladder(rungs: int) -> Net:
    """Return a network with two ways for each rung."""
    arcs = [Arc(a, b, 0, 0, None) for n in range(rungs) for a in (2 * n, 2 * n + 1) for b in (2 * n + 2, 2 * n + 3)]
    return Net(single(arcs), tuple(arcs), 2 * rungs + 1)


def single(arcs: list[Arc]) -> Step:
    none = np.zeros(len(arcs), np.int32)
    arrays = Adjacency.build(
        Rows(
            np.arange(len(arcs)),
            array([arc.source for arc in arcs]),
            array([arc.target for arc in arcs]),
            none,
            none + np.int32(9),
            amounts={"v": array([arc.value or 0 for arc in arcs])},
        )
    )
    return Step((Leg(arrays, "forward", value=lambda at: arrays.amount("v", at), scale=2),))


def test_a_few_of_very_many_paths_cost_little() -> None:
    step = ladder(40).step
    some = list(islice(shortest_paths(step, array([0]), array([80])), 3))
    assert [path.entities[-3:] for path in some] == [(76, 78, 80), (76, 79, 80), (77, 78, 80)]
    assert len(list(islice(simple_paths(step, array([0]), array([80])), 3))) == 3


def test_listing_has_a_limit_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    step = ladder(12).step

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        list(shortest_paths(step, array([0]), array([24]), should_stop=stop))
    with pytest.raises(Cancelled):
        list(simple_paths(step, array([0]), array([24]), should_stop=stop))
    monkeypatch.setattr(paths_module, "SEARCH_LIMIT", 100)
    with pytest.raises(QueryLimitError, match="more than 100 partial paths tried"):
        list(simple_paths(step, array([0]), array([24])))


def test_the_strength_of_a_path_is_exact_and_takes_the_strongest_relation() -> None:
    step = single([Arc(0, 1, 0, 0, 50), Arc(0, 1, 0, 0, 70), Arc(1, 2, 0, 0, 10)])
    (path,) = shortest_paths(step, array([0]), array([2]))
    assert strength(step, path) == Fraction(7, 100)


@pytest.mark.parametrize("value", [-1, 101])
def test_a_strength_outside_0_to_1_is_refused(value: int) -> None:
    with pytest.raises(QueryTypeError, match="cannot be multiplied along a path"):
        factor(value, 2)
