"""Counting on days: which rows can matter, and a sweep over the days of each group before and after a change.

A *segment* is a half-open period of days in a group, with a weight. Everything here is arrays; the only loops are
over a handful of rows, where they are faster than sorting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import Ints
from relgraph.model.rules.breach import FEW, Mask, Positions

Weights = NDArray[Any]
"""64-bit integers, or Python's own where those could overflow."""

_DAYS = 2**32
"""More than there are days: a group times this plus a day is one sortable key."""
_FIRST = 2**31
_GROUPS = 2**31


@dataclass(frozen=True, slots=True)
class Segments:
    """Periods with the group they belong to; ``other`` tells apart what is to be counted once."""

    group: Ints
    other: Ints
    since: Ints
    until: Ints

    def __len__(self) -> int:
        return len(self.group)

    def take(self, positions: Positions | Mask) -> Segments:
        """Return the segments at these positions."""
        return Segments(self.group[positions], self.other[positions], self.since[positions], self.until[positions])


def near(rows: Segments, touched: Segments) -> Mask:
    """Return which rows hold on a day, and in a group, between the first and last that a touched one of it holds.

    What happens outside these windows is the same before and after.
    """
    held = rows.since < rows.until
    touched = touched.take(touched.since < touched.until)
    if len(touched) <= FEW:
        mask = np.zeros(len(rows), np.bool_)
        for group, low, high in zip(
            touched.group.tolist(), touched.since.tolist(), touched.until.tolist(), strict=True
        ):
            mask |= (rows.group == group) & (rows.since < high) & (rows.until > low)
        return mask & held
    group, bound = coded(np.concatenate((rows.group, touched.group)))
    low = np.full(bound, np.iinfo(np.int64).max)
    high = np.full(bound, np.iinfo(np.int64).min)
    np.minimum.at(low, group[len(rows) :], touched.since)
    np.maximum.at(high, group[len(rows) :], touched.until)
    place = group[: len(rows)]
    return held & (rows.since < high[place]) & (rows.until > low[place])


def coded(group: Ints) -> tuple[Ints, int]:
    """Return small codes for groups, in their order, and a bound that every code is below."""
    if len(group) == 0:
        return group, 1
    first = int(group.min())
    spread = int(group.max()) - first + 1
    if spread <= 4 * len(group) + 64:
        return group - first, spread
    names, codes = np.unique(group, return_inverse=True)
    return codes.astype(np.int64, copy=False), len(names)


def united(segments: Segments) -> Segments:
    """Return segments of which no two with one group and one other share a day: overlapping ones are joined."""
    count = len(segments)
    if count < 2:
        return segments
    order = np.lexsort((segments.since, segments.other, segments.group))
    sorted_ = segments.take(order)
    new = np.empty(count, np.bool_)
    new[0] = True
    new[1:] = (sorted_.group[1:] != sorted_.group[:-1]) | (sorted_.other[1:] != sorted_.other[:-1])
    if new.all():
        return sorted_
    # the running maximum of ends within each run of one pair, kept apart from the next run's by an offset
    offset = np.cumsum(new, dtype=np.int64) * _DAYS
    reach = np.maximum.accumulate(sorted_.until + offset) - offset
    new[1:] |= sorted_.since[1:] > reach[:-1]
    starts = np.flatnonzero(new)
    lasts = np.append(starts[1:], count) - 1
    return Segments(sorted_.group[starts], sorted_.other[starts], sorted_.since[starts], reach[lasts])


@dataclass(frozen=True, slots=True)
class Worse:
    """Groups that came to be over their limit: the first day on which each is so, and what was measured then."""

    group: Ints
    day: Ints
    measured: Weights

    def __len__(self) -> int:
        return len(self.group)


def worse(after: Segments, before: Segments, *, weight_after: Weights, weight_before: Weights, maximum: int) -> Worse:
    """Return the groups where, on some day, the weights add up to more than the maximum and more than before."""
    group = np.concatenate((after.group, before.group))
    names, code = _names(group)
    since = np.concatenate((after.since, before.since)) + _FIRST
    until = np.concatenate((after.until, before.until)) + _FIRST
    base = code * _DAYS
    keys = np.concatenate((base + since, base + until))
    order = np.argsort(keys)
    keys = keys[order]
    last = np.empty(len(keys), np.bool_)
    last[-1:] = True
    np.not_equal(keys[1:], keys[:-1], out=last[:-1])
    zeros_after, zeros_before = np.zeros_like(weight_before), np.zeros_like(weight_after)
    up = np.concatenate((weight_after, zeros_after))
    now = np.cumsum(np.concatenate((up, -up))[order])[last]
    over = now > maximum
    if not over.any():
        return Worse(group[:0], group[:0], now[:0])
    if len(before):
        up = np.concatenate((zeros_before, weight_before))
        was = np.cumsum(np.concatenate((up, -up))[order])[last]
        over = over & (now > was)
    hit = np.flatnonzero(over.astype(np.bool_))
    code, day = np.divmod(keys[last][hit], _DAYS)
    first = np.empty(len(hit), np.bool_)
    first[:1] = True
    np.not_equal(code[1:], code[:-1], out=first[1:])
    return Worse(names[code[first]], day[first] - _FIRST, now[hit][first])


def _names(group: Ints) -> tuple[Ints, Ints]:
    """Return a table and codes into it, ascending, so that ``table[codes]`` is the groups."""
    first = int(group.min())
    spread = int(group.max()) - first + 1
    if spread == 1:
        return group[:1], np.zeros(len(group), np.int64)
    if spread <= 4 * len(group) and spread < _GROUPS:
        return np.arange(first, first + spread), group - first
    names, code = np.unique(group, return_inverse=True)
    return names, code.astype(np.int64, copy=False)


@dataclass(frozen=True, slots=True)
class Culprit:
    """For one group that is over: the relations that hold on the day, the one that brought it there first."""

    group: int
    day: int
    measured: int
    relations: tuple[int, ...]


NAMED = 20
"""How many relations a breach names."""


def culprits(found: Worse, rows: Segments, numbers: Ints, fresh: Mask, *, limit: int) -> list[Culprit]:
    """Return who is over with the relations that hold on the first such day, ordered by the newest fresh relation.

    ``rows`` are the segments of relations as they are, ``numbers`` and ``fresh`` aligned with them.
    """
    place = np.minimum(np.searchsorted(found.group, rows.group), len(found) - 1)
    day = found.day[place]
    holding = np.flatnonzero((found.group[place] == rows.group) & (rows.since <= day) & (day < rows.until))
    place, number, new = place[holding], numbers[holding], fresh[holding]
    lead = np.full(len(found), -1, np.int64)
    np.maximum.at(lead, place[new], number[new])
    ordered = np.lexsort((number, place))
    place, number = place[ordered], number[ordered]
    culprits_ = []
    for index in np.argsort(lead, kind="stable")[:limit].tolist():
        low, high = np.searchsorted(place, (index, index + 1)).tolist()
        first = int(lead[index])
        others = [one for one in dict.fromkeys(number[low : min(high, low + 2 * NAMED)].tolist()) if one != first]
        named = others[:NAMED] if first < 0 else [first, *others[: NAMED - 1]]
        culprits_.append(
            Culprit(int(found.group[index]), int(found.day[index]), int(found.measured[index]), tuple(named))
        )
    return culprits_
