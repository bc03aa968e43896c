from __future__ import annotations

from fractions import Fraction
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import Cancelled, QueryLimitError, QueryTypeError
from relgraph.network import strongest as strongest_module
from relgraph.network.strongest import strongest_paths
from tests.unit.network.networks import Arc, Net, nets
from tests.unit.network.test_paths import array, backwards, grouped, listed, sets, single, ways

shares = st.sampled_from([None, 0, 20, 40, 50, 80, 100, 100])


def wanted(net: Net, starts: list[int], targets: list[int], most: int | None) -> list[tuple[object, ...]]:
    every = [one for one in ways(net, starts, targets, most) if all(arc.value is not None for arc in one[1])]
    listing = []
    for place, (entities, links) in enumerate(grouped(net, every)):
        strength = Fraction(1)
        for hop in links:
            values = [arc.value or 0 for arc in net.arcs if arc.number in hop]
            strength *= Fraction(max(values), 100)
        listing.append((-strength, len(links), place, entities, links))
    return [(entities, links, -strength) for strength, _, _, entities, links in sorted(listing)]


@settings(deadline=None, max_examples=300)
@given(nets(most=12, values=shares), sets, sets, st.none() | st.integers(1, 4))
def test_strongest_paths_come_in_order_to_the_last(
    net: Net, starts: list[int], targets: list[int], most: int | None
) -> None:
    got = list(strongest_paths(net.step, array(starts), array(targets), most, keys=backwards))
    paths = listed(net.step, got)
    with_strength = [(*path, one.strength) for path, one in zip(paths, got, strict=True)]
    expected = wanted(net, starts, targets, most)
    assert with_strength == expected


def test_exact_fractions_decide_between_products_that_floats_confuse() -> None:
    # 0.1 * 0.7 is less than 0.07 in floats, and equal to it
    arcs = [Arc(0, 1, 0, 0, 10), Arc(1, 2, 0, 0, 70), Arc(0, 2, 0, 0, 7), Arc(0, 3, 0, 0, 70), Arc(3, 2, 0, 0, 10)]
    got = list(strongest_paths(single(arcs), array([0]), array([2])))
    assert [path.entities for path in got] == [(0, 2), (0, 1, 2), (0, 3, 2)]
    assert {path.strength for path in got} == {Fraction(7, 100)}


def test_a_few_of_very_many_equal_paths_cost_little() -> None:
    arcs = [Arc(2 * n + a, 2 * n + 2 + b, 0, 0, 100) for n in range(30) for a, b in product((0, 1), (0, 1))]
    some = list(islice(strongest_paths(single(arcs), array([0]), array([60])), 3))
    assert [path.entities[-3:] for path in some] == [(56, 58, 60), (56, 59, 60), (57, 58, 60)]
    assert {path.strength for path in some} == {Fraction(1)}


def test_values_outside_0_to_1_are_refused() -> None:
    with pytest.raises(QueryTypeError, match=r"a strength of 1\.2 cannot be multiplied"):
        list(strongest_paths(single([Arc(0, 1, 0, 0, 120)]), array([0]), array([1])))


def test_the_neighborhood_has_a_limit_and_the_work_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    step = single([Arc(0, 1, 0, 0, 10), Arc(1, 2, 0, 0, 10)])

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        list(strongest_paths(step, array([0]), array([2]), should_stop=stop))
    monkeypatch.setattr(strongest_module, "NEIGHBORHOOD_LIMIT", 1)
    with pytest.raises(QueryLimitError, match="more than 1 relations between the ends"):
        list(strongest_paths(step, array([0]), array([2])))


def test_nothing_leads_nowhere() -> None:
    none = np.zeros(0, np.int64)
    assert list(strongest_paths(single([Arc(0, 1, 0, 0, 10)]), none, array([1]))) == []
    assert list(strongest_paths(single([Arc(0, 1, 0, 0, 10)]), array([1]), array([0]))) == []
