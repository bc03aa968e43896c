"""Forces between things of a picture: all repel each other, joined ones attract, and a little pulls to the middle.

Up to some hundred things each is held against each other. Beyond that only those near each other are; what is farther
away counts as so many things in the middle of a cell of a coarse grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_PUSH: Final = 70.0**2 * 1.5
_ROUNDS: Final = 200
_FEWER: Final = 120
_CELLS: Final = 16
_STRANGER: Final = 0.25
"""How much of the force is between things that nothing joins, not even over others."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is moved: how far each thing reaches, what it is joined to, which part of the picture it belongs to."""

    radii: Floats
    adjacent: Sequence[Sequence[int]]
    part: Places
    pinned: NDArray[np.bool_]
    aspect: float


def settle(places: Floats, body: Body, extent: float, *, many: bool) -> Floats:
    """Return the places after the forces have moved them; ``extent`` is about how wide all of it is."""
    count = len(places)
    one, other = joined(body.adjacent)
    degree = np.bincount(one, minlength=count) + np.bincount(other, minlength=count)
    crowd = 1 + 0.12 * np.minimum(degree, 20)
    pull = 2.2 / 6 / np.sqrt(np.maximum(np.minimum(degree[one], degree[other]), 1))
    reach = body.radii[one] + body.radii[other]
    gravity = np.array([0.9 / body.aspect**0.5, 0.9 * body.aspect**0.5]) * 0.8
    repel = _by_cells(body, crowd) if many else _by_pairs(body, crowd)
    step = extent * 0.12
    rounds = _FEWER if many else _ROUNDS
    # so many rounds come to the same small steps
    slower = 0.984 ** (_ROUNDS / rounds)
    for _ in range(rounds):
        force = repel(places)
        gaps = places[one] - places[other]
        length = np.maximum(np.hypot(gaps[:, 0], gaps[:, 1]), 1)
        stretch = length - reach * 0.75
        attracted = (pull * stretch * np.maximum(stretch, 0) ** 0.25 / length)[:, None] * gaps
        force -= _summed(one, attracted, count) - _summed(other, attracted, count)
        force -= (places - places.mean(0)) * gravity
        force[body.pinned] = 0
        strength = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-9)
        places = places + force * (np.minimum(strength * 0.06, step) / strength)[:, None]
        step = max(step * slower, 1.2)
    return places


def joined(adjacent: Sequence[Sequence[int]]) -> tuple[Places, Places]:
    """Return the two ends of each pair that is joined."""
    pairs = [(one, other) for one, near in enumerate(adjacent) for other in near if one < other]
    both = np.array(pairs, np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _summed(at: Places, rows: Floats, count: int) -> Floats:
    return np.stack([np.bincount(at, rows[:, axis], count) for axis in (0, 1)], 1)


def _by_pairs(body: Body, crowd: Floats) -> Callable[[Floats], Floats]:
    """Return what holds each thing against each other."""
    push = np.where(body.part[:, None] == body.part[None], 1.0, _STRANGER) * _PUSH * crowd[:, None] * crowd[None]
    np.fill_diagonal(push, 0)
    reach = (body.radii[:, None] + body.radii[None]) * 0.9

    def repel(places: Floats) -> Floats:
        x, y = (places[:, axis, None] - places[None, :, axis] for axis in (0, 1))
        length = np.maximum(np.hypot(x, y), 1)
        strength = push / (np.maximum(length - reach, 3) * length)
        return np.stack([(strength * x).sum(1), (strength * y).sum(1)], 1)

    return repel


def _by_cells(body: Body, crowd: Floats) -> Callable[[Floats], Floats]:
    """Return what holds things against those near them, and against cells of the others."""
    radii, part, count = body.radii, body.part, len(crowd)
    far = 3 * float(np.median(radii)) + 90

    def repel(places: Floats) -> Floats:
        one, other = near(places, far)
        gaps = places[one] - places[other]
        length = np.maximum(np.hypot(gaps[:, 0], gaps[:, 1]), 1)
        # what the cells already do is not done twice
        strength = 1 / np.maximum(length - (radii[one] + radii[other]) * 0.9, 3) - 1 / far
        strength = np.maximum(strength, 0) * _PUSH * crowd[one] * crowd[other] / length
        strength *= np.where(part[one] == part[other], 1.0, _STRANGER)
        rows = strength[:, None] * gaps
        force = _summed(one, rows, count) - _summed(other, rows, count)
        low = places.min(0)
        side = (places.max(0) - low) / _CELLS + 1e-9
        cell = ((places - low) // side).astype(np.intp) @ np.array([_CELLS, 1])
        cells = _CELLS * (_CELLS + 1) + 1
        mass = np.bincount(cell, crowd, cells)
        held = mass > 0
        middle = (_summed(cell, places * crowd[:, None], cells)[held]) / mass[held, None]
        x, y = (places[:, axis, None] - middle[None, :, axis] for axis in (0, 1))
        length = np.maximum(np.hypot(x, y), 1)
        strength = _PUSH * crowd[:, None] * mass[held][None] / (np.maximum(length, far) * length)
        force[:, 0] += (strength * x).sum(1)
        force[:, 1] += (strength * y).sum(1)
        return force

    return repel


def near(places: Floats, reach: float) -> tuple[Places, Places]:
    """Return the pairs of things that are no farther apart than this along either axis, each once."""
    if len(places) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    low = places.min(0)
    # rows as high as the reach, one after the other on one line: what is near stands in the same row or the next
    row = (places[:, 1] - low[1]) // reach
    wide = float(np.ptp(places[:, 0])) + 3 * reach
    along = row * wide + (places[:, 0] - low[0])
    order = np.argsort(along, kind="stable")
    line = along[order]
    index = np.arange(len(line))
    parts = [
        _between(index, index + 1, np.searchsorted(line, line + reach, side="right")),
        _between(
            index,
            np.searchsorted(line, line + wide - reach, side="left"),
            np.searchsorted(line, line + wide + reach, side="right"),
        ),
    ]
    one = order[np.concatenate([first for first, _ in parts])]
    other = order[np.concatenate([second for _, second in parts])]
    close = np.abs(places[one, 1] - places[other, 1]) <= reach
    return one[close], other[close]


def _between(index: Places, begin: Places, end: Places) -> tuple[Places, Places]:
    counts = np.maximum(end - begin, 0)
    first = np.repeat(index, counts)
    second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
    return first, second
