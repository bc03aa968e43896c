"""Where entities stand: the same things always in the same places, none on another, what is placed stays."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from relgraph_web.pictures import forces
from relgraph_web.pictures.forces import near
from relgraph_web.pictures.layout import Place, layout

Net = tuple[list[str], list[tuple[str, str]]]


def grown(count: int) -> Net:
    """Each thing is joined to two of those before it."""
    chance = random.Random(5)
    ids = [f"n{number}" for number in range(count)]
    return ids, [(ids[one], ids[chance.randrange(one)]) for one in range(1, count) for _ in range(2)]


def villages(count: int, size: int) -> Net:
    """Many parts with ties within, and one tie from each to another."""
    chance = random.Random(1)
    ids = [f"{part}/{number}" for part in range(count) for number in range(size)]
    edges = [
        (ids[part * size + one], ids[part * size + chance.randrange(one)])
        for part in range(count)
        for one in range(1, size)
        for _ in range(2)
    ]
    return ids, edges + [(ids[part * size], ids[chance.randrange(part) * size]) for part in range(1, count)]


def closest(places: dict[str, Place]) -> float:
    at = np.array(list(places.values()))
    away = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    return float(away.min())


@pytest.mark.parametrize("count", [1, 2, 3, 40, 301, 700])
def test_the_same_things_stand_in_the_same_places_whatever_their_order(count: int) -> None:
    ids, edges = grown(count)
    found = layout(ids, edges)
    assert found.keys() == set(ids)
    assert found == layout(ids[::-1], [(other, one) for one, other in edges[::-1]])
    # a node is 22 wide at least
    assert count == 1 or closest(found) > 22


@pytest.mark.parametrize("count", [40, 400])
def test_what_is_placed_stays(count: int) -> None:
    ids, edges = grown(count)
    known = layout(ids[:-10], [one for one in edges if set(one) <= set(ids[:-10])])
    found = layout(ids, edges, known=known)
    assert {one: found[one] for one in known} == known


@pytest.mark.parametrize("size", [20, 60], ids=["few", "many"])
def test_parts_are_told_apart(size: int) -> None:
    ids, edges = villages(8, size)
    found = layout(ids, edges)
    middles = [np.mean([found[one] for one in ids[part * size : (part + 1) * size]], axis=0) for part in range(8)]
    within = np.mean([np.hypot(*(np.array(found[one]) - middles[number // size])) for number, one in enumerate(ids)])
    between = min(np.hypot(*(one - other)) for one, other in combinations(middles, 2))
    assert between > within


def test_what_nothing_joins_is_laid_out_too() -> None:
    ids = [f"n{number}" for number in range(400)]
    assert closest(layout(ids, [(ids[0], ids[1]), (ids[2], ids[3])])) > 22


def test_many_things_are_held_against_those_near_them_only(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, edges = grown(1500)
    pairs: list[int] = []

    def counted(places: forces.Floats, reach: float) -> tuple[forces.Places, forces.Places]:
        one, other = near(places, reach)
        pairs.append(len(one))
        return one, other

    monkeypatch.setattr(forces, "near", counted)
    layout(ids, edges)
    # all against all are 1,124,250 pairs, each time, and grow with the square
    assert len(pairs) > 100
    assert np.mean(pairs) < 1500 * 50


def test_all_pairs_near_each_other_are_found_and_no_other() -> None:
    chance = np.random.default_rng(3)
    for count in (0, 1, 2, 50):
        at = chance.uniform(-200, 200, (count, 2))
        for reach in (1.0, 40.0, 900.0):
            one, other = near(at, reach)
            found = sorted(tuple(sorted(pair)) for pair in zip(one.tolist(), other.tolist(), strict=True))
            every = combinations(range(count), 2)
            assert found == [(a, b) for a, b in every if (np.abs(at[a] - at[b]) <= reach).all()]
