"""Which relations join the same two entities, and which of those share a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from relgraph.model.columns import Ints
from relgraph.model.rules.breach import FEW, Change, Mask, Positions
from relgraph.vocabulary.model import Predicate

AT_ONCE = 1_000_000
"""Pairs looked at together: a million relations of one pair make far more than memory holds."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Relations of the predicate's own, with a code of their pair of ends; ``fresh`` marks those that count."""

    position: Positions
    pair: Ints
    since: Ints
    until: Ints
    fresh: Mask

    def __len__(self) -> int:
        return len(self.position)

    def take(self, chosen: Mask | Positions) -> Rows:
        """Return the rows chosen."""
        return Rows(
            self.position[chosen], self.pair[chosen], self.since[chosen], self.until[chosen], self.fresh[chosen]
        )


def candidates(change: Change, predicate: Predicate) -> Rows:
    """Return the predicate's own relations between the same two entities as some fresh one, the pairs coded."""
    after = change.after
    fresh = np.zeros(len(after), np.bool_)
    fresh[change.fresh] = True
    left, right = after.subject, after.object
    if predicate.symmetric:
        left, right = np.minimum(left, right), np.maximum(left, right)
    mask = None
    if after.predicates != (predicate.name,):
        own = after.predicates.index(predicate.name) if predicate.name in after.predicates else -1
        mask = after.predicate == own
        fresh &= mask
    if len(change.fresh) <= FEW:
        near = np.zeros(len(after), np.bool_)
        for one in change.fresh.tolist():
            near |= (left == left[one]) & (right == right[one])
        mask = near if mask is None else near & mask
    position = np.arange(len(after)) if mask is None else mask.nonzero()[0]
    if len(position) < 2 or not fresh.any():
        return Rows(position[:0], left[:0], left[:0], left[:0], fresh[:0])
    left, right = left[position], right[position]
    code = _coded(left, right)
    rows = Rows(
        position,
        code,
        after.sure_since[position].astype(np.int64),
        after.sure_until[position].astype(np.int64),
        fresh[position],
    )
    if len(position) <= FEW:
        return rows
    size = np.bincount(code)
    touched = np.zeros(len(size), np.bool_)
    touched[code[rows.fresh]] = True
    keep = (touched & (size > 1))[code]
    return rows if keep.all() else rows.take(keep)


def _coded(left: Ints, right: Ints) -> Ints:
    """Return a small code for each pair."""
    order = np.lexsort((right, left))
    new = np.empty(len(order), np.bool_)
    new[0] = False
    ordered_left, ordered_right = left[order], right[order]
    new[1:] = (ordered_left[1:] != ordered_left[:-1]) | (ordered_right[1:] != ordered_right[:-1])
    code = np.empty(len(order), np.int64)
    code[order] = np.cumsum(new)
    return code


def colliding(rows: Rows, *, ever: bool) -> Iterator[tuple[Positions, Positions]]:
    """Yield the positions of two relations of one pair that share a day (``ever``: of any two), each two once.

    At least one of the two is fresh. Ordered by their start, those that start while a row holds stand in one run, so
    all of them are found without looking at others: fresh after fresh, others within fresh, fresh within others.
    """
    for left, right in _places(rows, ever=ever):
        yield rows.position[left], rows.position[right]


def _places(rows: Rows, *, ever: bool) -> Iterator[tuple[Positions, Positions]]:
    new, old = np.flatnonzero(rows.fresh), np.flatnonzero(~rows.fresh)
    new = new[np.lexsort((rows.since[new], rows.pair[new]))]
    if ever:
        key_new = rows.pair[new]
        yield from _runs(new, new, np.arange(1, len(new) + 1), np.searchsorted(key_new, key_new, "right"))
        if len(old):
            old = old[np.argsort(rows.pair[old], kind="stable")]
            key_old = rows.pair[old]
            yield from _runs(
                new, old, np.searchsorted(key_old, key_new, "left"), np.searchsorted(key_old, key_new, "right")
            )
        return
    base = rows.pair * 2**32 + 2**31
    starts, ends = base + rows.since, base + rows.until
    key_new = starts[new]
    yield from _runs(new, new, np.arange(1, len(new) + 1), np.searchsorted(key_new, ends[new], "left"))
    if len(old):
        old = old[np.lexsort((rows.since[old], rows.pair[old]))]
        key_old = starts[old]
        low, high = np.searchsorted(key_old, key_new, "left"), np.searchsorted(key_old, ends[new], "left")
        yield from _runs(new, old, low, high)
        low, high = np.searchsorted(key_new, key_old, "right"), np.searchsorted(key_new, ends[old], "left")
        yield from _runs(old, new, low, high)


def _runs(left: Positions, right: Positions, low: Positions, high: Positions) -> Iterator[tuple[Positions, Positions]]:
    """Yield left[i] with each of right[low[i]:high[i]], a bounded number at once."""
    length = np.maximum(high - low, 0)
    some = np.flatnonzero(length)
    if len(some) == 0:
        return
    low, length, left = low[some], length[some], left[some]
    total = np.cumsum(length)
    begin = 0
    while begin < len(some):
        done = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + AT_ONCE, "right")))
        size = length[begin:end]
        within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        yield np.repeat(left[begin:end], size), right[np.repeat(low[begin:end], size) + within]
        begin = end
