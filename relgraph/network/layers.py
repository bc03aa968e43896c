"""A block of relations with some of them gone: what an adjacency is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from relgraph.network.block import Block
from relgraph.network.pointers import ranges
from relgraph.network.rows import Mask, Numbers, Positions, Rows, Words

Period = tuple[int, int]
"""A half-open period of day ordinals that a relation must overlap; one day D is ``(D, D + 1)``."""


class Hops(NamedTuple):
    """Relations that lead out of a frontier: index into the frontier, the entity reached, the position."""

    source: Positions
    neighbor: Numbers
    position: Positions

    def take(self, chosen: Mask | Positions) -> Hops:
        """Return some of the hops."""
        return Hops(self.source[chosen], self.neighbor[chosen], self.position[chosen])


@dataclass(frozen=True, slots=True)
class Layer:
    """A block, the position of its first relation, and which of its relations still stand (None: all)."""

    block: Block
    offset: int
    alive: Mask | None

    @property
    def standing(self) -> int:
        """How many relations stand."""
        return len(self.block) if self.alive is None else int(np.count_nonzero(self.alive))

    def rows(self, words: Mapping[str, Words]) -> Rows:
        """Return the relations that stand."""
        every = np.arange(len(self.block)) if self.alive is None else np.flatnonzero(self.alive)
        return self.block.rows(every, words)

    def without(self, positions: Positions) -> Layer:
        """Return the layer with some more relations gone."""
        alive = np.ones(len(self.block), np.bool_) if self.alive is None else self.alive.copy()
        alive[positions] = False
        return Layer(self.block, self.offset, alive)

    def hops(self, frontier: Numbers, period: Period | None, *, forward: bool, loops: bool) -> Hops:
        """Return the hops out of a frontier in one direction, self-relations only if asked."""
        block = self.block
        source, at = block.spread(frontier, forward=forward)
        kept: Mask | None = None
        if self.alive is not None:
            kept = self.alive[at]
        if period is not None:
            held = (block.since[at] < period[1]) & (block.until[at] > period[0])
            kept = held if kept is None else kept & held
        if kept is not None:
            source, at = source[kept], at[kept]
        neighbor = (block.object if forward else block.subject)[at]
        if not loops:
            different = neighbor != frontier[source]
            if not different.all():
                source, neighbor, at = source[different], neighbor[different], at[different]
        return Hops(source, neighbor, at + self.offset if self.offset else at)

    def reached(self, frontier: Numbers, period: Period | None, *, forward: bool) -> Numbers:
        """Return the other ends of the relations out of a frontier in one direction, those to itself left out."""
        block = self.block
        starts, counts = (block.outward_pointers if forward else block.inward_pointers).spans(frontier)
        at = ranges(starts, counts)
        far, since, until = block.sides(forward=forward)
        kept: Mask | None = None
        if self.alive is not None:
            kept = self.alive[at if forward else block.inward[at]]
        if period is not None:
            held = (since[at] < period[1]) & (until[at] > period[0])
            kept = held if kept is None else kept & held
        if block.loops:
            apart = far[at] != np.repeat(frontier, counts)
            kept = apart if kept is None else kept & apart
        found: Numbers = far[at if kept is None else at[kept]]
        return found

    def hop(self, entity: int, period: Period | None, *, forward: bool, loops: bool) -> tuple[Numbers, Positions]:
        """Return neighbors of one entity, and positions, in one direction."""
        block = self.block
        start, end = (block.outward_pointers if forward else block.inward_pointers).span(entity)
        if start == end:
            return _NONE
        if forward:
            if period is None and self.alive is None:
                at = np.arange(start, end)
            else:
                kept = self.alive[start:end] if self.alive is not None else None
                if period is not None:
                    held = (block.since[start:end] < period[1]) & (block.until[start:end] > period[0])
                    kept = held if kept is None else held & kept
                at = cast("Mask", kept).nonzero()[0]
                at += start
            neighbor = block.object[at]
        else:
            at = block.inward[start:end].astype(np.intp)
            if self.alive is not None:
                at = at[self.alive[at]]
            if period is not None:
                at = at[(block.since[at] < period[1]) & (block.until[at] > period[0])]
            neighbor = block.subject[at]
        if not loops:
            different = neighbor != entity
            if not different.all():
                neighbor, at = neighbor[different], at[different]
        return neighbor, at + self.offset if self.offset else at


_NONE: tuple[Numbers, Positions] = (np.zeros(0, np.int32), np.zeros(0, np.intp))
