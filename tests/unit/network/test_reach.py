from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import Cancelled, QueryLimitError
from relgraph.network import reach as reach_module
from relgraph.network.arrays import Adjacency
from relgraph.network.reach import reach, reach_from_others, reach_pairs, reach_range, reach_rising
from relgraph.network.rows import Rows
from relgraph.network.steps import Leg, Step
from tests.unit.network.networks import Net, nets

limits = st.none() | st.integers(1, 4)


def shortest(net: Net, start: int, most: int | None) -> dict[int, int]:
    found: dict[int, int] = {}
    for walk in net.walks(start, 9 if most is None else most):
        end = walk[-1].target
        found[end] = min(len(walk), found.get(end, 99))
    return found


@given(nets(), st.integers(0, 5), limits)
def test_reach_finds_the_fewest_hops_and_the_start_by_its_own_ring(net: Net, start: int, most: int | None) -> None:
    reached = reach(net.step, np.array([start]), maximum=most)
    assert dict(zip(reached.entity.tolist(), reached.hops.tolist(), strict=True)) == shortest(net, start, most)
    assert len(set(reached.entity.tolist())) == len(reached.entity)


@given(nets(), st.lists(st.integers(0, 5), max_size=4), limits)
def test_several_starts_reach_what_any_of_them_reaches(net: Net, starts: list[int], most: int | None) -> None:
    each = [shortest(net, start, most) for start in starts]
    reached = reach(net.step, np.array(starts, dtype=np.int64), maximum=most)
    wanted = {end: min(one[end] for one in each if end in one) for one in each for end in one}
    assert dict(zip(reached.entity.tolist(), reached.hops.tolist(), strict=True)) == wanted

    patch = pytest.MonkeyPatch()
    for few in (64, 0):
        patch.setattr(reach_module, "FEW", few)
        with patch.context():
            others = reach_from_others(net.step, np.array(starts, dtype=np.int64), maximum=most)
        assert others.tolist() == sorted(
            {end for start, ends in zip(starts, each, strict=True) for end in ends if end != start}
        )
    patch.undo()

    pairs = reach_pairs(net.step, np.array(starts, dtype=np.int64), maximum=most)
    got = set(zip(pairs.start.tolist(), pairs.entity.tolist(), pairs.hops.tolist(), strict=True))
    assert got == {(index, end, hops) for index, ends in enumerate(each) for end, hops in ends.items()}


def test_pairs_come_in_passes_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_module, "PAIRS_AT_ONCE", 10)
    pairs = reach_pairs(chain(6), np.array([0, 1, 2, 3]))
    assert sorted(zip(pairs.start.tolist(), pairs.entity.tolist(), strict=True)) == [
        (index, end) for index in range(4) for end in range(index + 1, 6)
    ]


@settings(deadline=None)
@given(nets(most=12), st.integers(0, 5), st.integers(1, 4), st.none() | st.integers(0, 3))
def test_a_range_asks_for_a_path_that_repeats_nothing(net: Net, start: int, least: int, more: int | None) -> None:
    most = None if more is None else least + more
    wanted = {walk[-1].target for walk in net.walks(start, 9 if most is None else most) if len(walk) >= least}
    got = reach_range(net.step, start, least, most).tolist()
    assert sorted(got) == sorted(wanted)


def test_a_walk_back_and_forth_is_no_path_of_three() -> None:
    there = Adjacency.build(rows([(0, 1), (1, 0)]))
    step = Step((Leg(there, "forward"),))
    assert reach_range(step, 0, 3, 3).tolist() == []
    assert reach_range(step, 0, 2, 2).tolist() == [0]


@given(net=nets(values=st.none() | st.integers(0, 4)), start=st.integers(0, 5), most=limits, falling=st.booleans())
def test_rising_walks_go_on_to_larger_values_only(net: Net, start: int, most: int | None, *, falling: bool) -> None:
    wanted: dict[int, int] = {}
    for walk in net.walks(start, 9 if most is None else most):
        values = [arc.value for arc in walk]
        if None in values:
            continue
        known = [-(value or 0) if falling else value or 0 for value in values]
        if all(a < b for a, b in pairwise(known)):
            end = walk[-1].target
            wanted[end] = min(len(walk), wanted.get(end, 99))
    reached = reach_rising(net.step, start, maximum=most, falling=falling)
    assert dict(zip(reached.entity.tolist(), reached.hops.tolist(), strict=True)) == wanted


def rows(pairs: list[tuple[int, int]]) -> Rows:
    none = np.zeros(len(pairs), np.int32)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Rows(np.arange(len(pairs)), ends[:, 0], ends[:, 1], none, none + np.int32(9))


def chain(length: int) -> Step:
    return Step((Leg(Adjacency.build(rows([(n, n + 1) for n in range(length - 1)])), "forward"),))


def test_long_walks_can_be_stopped() -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    step, one = chain(4), np.array([0])
    for walk in (reach, reach_from_others, reach_pairs):
        with pytest.raises(Cancelled):
            walk(step, one, should_stop=stop)
    with pytest.raises(Cancelled):
        reach_range(step, 0, 3, 3, should_stop=stop)


def test_a_search_for_long_paths_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_module, "SEARCH_LIMIT", 3)
    full = Adjacency.build(rows([(a, b) for a in range(6) for b in range(6) if a != b]))
    with pytest.raises(QueryLimitError, match="more than 3 partial paths tried"):
        reach_range(Step((Leg(full, "forward"),)), 0, 6, 9)


def test_a_step_without_legs_leads_nowhere() -> None:
    assert len(reach(Step(()), np.array([1])).entity) == 0
    assert len(Step(()).expand(np.array([1])).neighbor) == 0


def test_values_are_asked_for_only_where_there_are_some() -> None:
    step = chain(3)
    with pytest.raises(ValueError, match="leg 0 has no value"):
        reach_rising(step, 0)
