"""Which rows hold near the touched ones: the same whether few or many are touched."""

from __future__ import annotations

from random import Random

import numpy as np

from relgraph.model.rules.breach import FEW
from relgraph.model.rules.days import Segments, near

Row = tuple[int, int, int]


def segments(rows: list[Row]) -> Segments:
    group, since, until = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    return Segments(group, group, since, until)


def windows(rows: list[Row], touched: list[Row]) -> list[bool]:
    """Look at each row against the days from the first to the last that a touched one of its group holds."""
    found = []
    for group, since, until in rows:
        held = [(low, high) for one, low, high in touched if one == group and low < high]
        low, high = min((one for one, _ in held), default=0), max((one for _, one in held), default=0)
        found.append(bool(held) and since < until and since < high and until > low)
    return found


def some(chance: Random, count: int) -> list[Row]:
    return [(chance.randrange(6), start := chance.randrange(30), start + chance.randrange(6)) for _ in range(count)]


def test_many_touched_rows_are_those_in_the_windows_of_their_groups() -> None:
    chance = Random(4)
    for size in (FEW + 1, 40):
        for _ in range(40):
            rows, touched = some(chance, 60), some(chance, 3 * size)
            held = [row for row in touched if row[1] < row[2]]
            assert len(held) > FEW
            assert near(segments(rows), segments(touched)).tolist() == windows(rows, touched)


def test_few_touched_rows_are_looked_at_one_by_one() -> None:
    rows = [(1, 0, 5), (1, 5, 9), (1, 3, 3), (2, 0, 5), (1, 9, 12)]
    assert near(segments(rows), segments([(1, 4, 6), (1, 2, 2)])).tolist() == [True, True, False, False, False]
    assert near(segments(rows), segments([(1, 4, 5)])).tolist() == [True, False, False, False, False]
    assert near(segments(rows), segments([(2, 5, 6), (3, 0, 99)])).tolist() == [False] * 5
