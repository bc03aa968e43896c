"""Steps and walks from a few entities lead where the arrays lead, whichever of both looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.network import few
from relgraph.network.arrays import Adjacency, Direction
from relgraph.network.reach import ends_of, reach
from relgraph.network.rows import Rows
from relgraph.network.steps import Leg, Step
from tests.unit.network.networks import DIRECTIONS, Net, nets

TOP = 12
ends = st.integers(0, TOP)
relations = st.lists(st.tuples(ends, ends, st.integers(0, 5), st.integers(1, 5)), max_size=20)


def rows(told: list[tuple[int, int, int, int]], first: int, apart: int) -> Rows:
    table = np.array(told, np.int64).reshape(-1, 4)
    since = table[:, 2].astype(np.int32)
    until = (table[:, 2] + table[:, 3]).astype(np.int32)
    return Rows(np.arange(len(told)) + first, table[:, 0] * apart, table[:, 1] * apart, since, until)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, int]:
    """Draw a step over relations of which some came later and some are gone; numbers may lie far apart."""
    apart = draw(st.sampled_from([1, 1000]))
    legs = []
    for _ in range(draw(st.integers(1, 2))):
        arrays = Adjacency.build(rows(draw(relations), 0, apart))
        later = draw(relations)
        if later:
            arrays = arrays.with_changes(rows(later, 100, apart))
        gone = draw(st.lists(st.integers(0, 120), max_size=5))
        if gone:
            arrays = arrays.with_changes(None, np.array(gone, np.int64))
        direction: Direction = draw(st.sampled_from(DIRECTIONS))
        period = draw(st.sampled_from([None, None, (3, 4), (2, 9)]))
        legs.append(Leg(arrays, direction, period))
    live = None
    if draw(st.booleans()):
        live = np.ones(TOP * apart + 1, np.bool_)
        live[draw(ends) * apart] = False
    return Step(tuple(legs), live), apart


@settings(max_examples=300)
@given(steps(), st.lists(st.integers(0, TOP + 1), min_size=1, max_size=5, unique=True))
def test_a_step_leads_to_the_same_entities_as_often(drawn: tuple[Step, int], starts: list[int]) -> None:
    step, apart = drawn
    frontier = np.array(starts, np.int64) * apart
    assert step.few is not None
    found = step.few.around(frontier.tolist(), 1_000_000)
    assert found is not None
    assert sorted(found) == sorted(step.following(frontier).tolist())
    assert step.around(frontier).tolist() == sorted(set(found))


@settings(max_examples=300)
@given(steps(), ends, ends)
def test_the_relations_between_two_are_those_of_the_arrays(drawn: tuple[Step, int], one: int, other: int) -> None:
    step, apart = drawn
    hops = step.expand(np.array([one * apart]))
    there = hops.neighbor == other * apart
    wanted = sorted(zip(hops.leg[there].tolist(), hops.position[there].tolist(), strict=True))
    assert step.few is not None
    if one != other and (step.live is None or step.live[other * apart]):
        found = step.few.between(one * apart, other * apart)
        assert sorted(found) == wanted
        with pytest.MonkeyPatch.context() as patch:
            for look in (0, 16):
                patch.setattr(few, "LOOK", look)
                assert step.few.among(one * apart, {other * apart}) == ({other * apart} if wanted else set())
        for leg, position in found:
            arrays = step.legs[leg].arrays
            assert arrays.number_at(position) == arrays.number(np.array([position]))[0]


def test_more_relations_than_asked_for_are_left_to_the_arrays() -> None:
    step = Step((Leg(Adjacency.build(rows([(0, at, 0, 9) for at in range(1, 8)], 0, 1)), "forward"),))
    assert step.few is not None
    assert step.few.around([0], 6) is None
    assert step.few.around([0], 7) == [1, 2, 3, 4, 5, 6, 7]


def test_a_filter_is_left_to_the_arrays() -> None:
    arrays = Adjacency.build(rows([(0, 1, 0, 9), (0, 2, 0, 9)], 0, 1))
    step = Step((Leg(arrays, "forward", keep=lambda at: arrays.number(at) > 0),))
    assert step.few is None
    assert step.around(np.array([0])).tolist() == [2]


@given(nets(), st.integers(0, 5), st.integers(1, 3), st.none() | st.integers(0, 3))
def test_a_walk_may_change_over_to_the_arrays_after_any_hop(net: Net, start: int, least: int, more: int | None) -> None:
    most = None if more is None else least + more
    wanted = {walk[-1].target for walk in net.walks(start, 9 if most is None else most) if len(walk) >= least}
    told = reach(net.step, np.array([start]), maximum=most)
    hops = dict(zip(told.entity.tolist(), told.hops.tolist(), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        for many in (-1, 1, 2, 3, 5, 192):
            patch.setattr(few, "MOST", many)
            assert ends_of(net.step, start, least, most).tolist() == sorted(wanted - {start})
            told = reach(net.step, np.array([start]), maximum=most)
            assert dict(zip(told.entity.tolist(), told.hops.tolist(), strict=True)) == hops
