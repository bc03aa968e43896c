"""Where each entity's rows begin and end in a sorted column of entity numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relgraph.network.rows import Numbers, Positions

DENSE_SHARE = 8
"""Dense pointers are kept from this many entities a relation downwards; above it, sorted keys."""


def ranges(starts: Positions, counts: Positions) -> Positions:
    """Return the whole numbers of several ranges, one after the other.

    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    if not len(ends):
        return np.zeros(0, np.intp)
    every: Positions = np.repeat(starts - (ends - counts), counts)
    every += np.arange(len(every))
    return every


def sorting(major: Numbers, minor: Numbers | None = None) -> Positions:
    """Return the stable order by one or two columns of numbers that are not negative.

    >>> sorting(np.array([2, 1, 1]), np.array([0, 9, 3])).tolist()
    [2, 1, 0]
    """
    count = len(major)
    if not count:
        return np.zeros(0, np.intp)
    low = count.bit_length()
    middle = 0 if minor is None else int(minor.max()).bit_length()
    if int(major.max()).bit_length() + middle + low <= 63:
        # sorting whole keys that carry the position is 10 times as fast as sorting positions by keys
        packed = major.astype(np.int64) << middle
        if minor is not None:
            packed |= minor
        packed <<= low
        packed |= np.arange(count)
        packed.sort()
        packed &= (1 << low) - 1
        return packed
    return np.lexsort((major,) if minor is None else (minor, major))


@dataclass(frozen=True, slots=True)
class Pointers:
    """The range of rows of each entity: dense by entity number, or by sorted keys where few entities have rows."""

    starts: NDArray[np.int32]
    keys: Numbers | None = None

    @classmethod
    def over(cls, entities: Numbers) -> Pointers:
        """Build from the entity of each row; the rows are, or are looked at, in the order of these numbers."""
        count = len(entities)
        top = int(entities.max()) + 1 if count else 0
        if count * DENSE_SHARE >= top:
            # one more entry than needed, so that every entity past the top has an empty range too
            starts = np.zeros(top + 2, np.int32)
            np.cumsum(np.bincount(entities, minlength=top + 1), out=starts[1:])
            return cls(starts)
        keys, counts = np.unique(entities, return_counts=True)
        starts = np.zeros(len(keys) + 1, np.int32)
        np.cumsum(counts, out=starts[1:])
        return cls(starts, keys)

    def span(self, entity: int) -> tuple[int, int]:
        """Return the range of one entity."""
        if self.keys is None:
            if entity >= len(self.starts) - 1:
                return 0, 0
            return int(self.starts[entity]), int(self.starts[entity + 1])
        at = int(self.keys.searchsorted(entity))
        if at == len(self.keys) or self.keys[at] != entity:
            return 0, 0
        return int(self.starts[at]), int(self.starts[at + 1])

    def spans(self, entities: Numbers) -> tuple[Positions, Positions]:
        """Return the start and the count of each entity's range."""
        starts: Positions
        counts: Positions
        if self.keys is None:
            at = np.minimum(entities, len(self.starts) - 2)
            starts = self.starts[at].astype(np.intp)
            counts = self.starts[at + 1] - starts
            return starts, counts
        if not len(self.keys):
            none = np.zeros(len(entities), np.intp)
            return none, none
        at = np.minimum(self.keys.searchsorted(entities), len(self.keys) - 1)
        starts = self.starts[at].astype(np.intp)
        counts = np.where(self.keys[at] == entities, self.starts[at + 1] - starts, 0)
        return starts, counts

    @property
    def filled(self) -> int:
        """How many entities have rows."""
        return int(np.count_nonzero(np.diff(self.starts)))

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.starts.nbytes + (0 if self.keys is None else self.keys.nbytes)
