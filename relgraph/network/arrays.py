"""The relations of one predicate as arrays, walked from either end, with recent changes laid over them.

A *position* names a relation inside one :class:`Adjacency` and is good for that one only: what
:meth:`Adjacency.with_changes` or :meth:`Adjacency.fold` returns has positions of its own, and only
:meth:`Adjacency.followed_by` leaves those that are. Nothing here changes in
place, so a reader may keep its snapshot while writers make new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING
from relgraph.network.block import Block
from relgraph.network.layers import Hops, Layer, Period
from relgraph.network.rows import (
    NO_WORD,
    Amounts,
    Codes,
    Days,
    Mask,
    Numbers,
    Positions,
    Rows,
    Texts,
    Words,
    codes_in,
    joined,
)

Direction = Literal["forward", "backward", "either"]
"""From subject to object, from object to subject, or both (what a symmetric predicate needs)."""
Keep = Callable[[Positions], Mask]
"""A filter over positions: which of them to keep."""

PREDICATE = "predicate"
"""The text column that says, in a combination of predicates, which one a relation is of."""

SMALL_TAIL = 1024
"""So many recent relations are sorted anew at each change; past it they join a larger block, more seldom sorted."""


class Adjacency:
    """The relations of one predicate (or of a combination), as a sorted base and a short tail of recent changes.

    >>> day = np.array([0, 0, 0], np.int32)
    >>> owns = Adjacency.build(Rows(np.array([7, 8, 9]), np.array([1, 1, 2]), np.array([2, 3, 3]), day, day + 10))
    >>> owns.neighbors(np.array([1, 2]), direction="forward", period=(5, 6)).neighbor.tolist()
    [2, 3, 3]
    >>> owns.hop(3, direction="backward")[0].tolist()
    [1, 2]
    >>> later = owns.with_changes(Rows.empty(), np.array([9]), np.array([2]))
    >>> len(owns), len(later)
    (3, 2)
    """

    __slots__ = ("_base", "_layers", "_whole", "top", "words")

    top: int
    """One more than the largest entity number at either end, 0 when empty."""

    words: Mapping[str, Words]
    """The dictionary of each text attribute; it only grows."""

    def __init__(self, layers: Sequence[Layer], words: Mapping[str, Words]) -> None:
        self._layers = tuple(layers)
        self._base = layers[0].block
        self._whole = len(layers) == 1 and layers[0].alive is None
        self.words = words
        self.top = max(layer.block.top for layer in self._layers)

    @classmethod
    def build(cls, rows: Rows) -> Adjacency:
        """Return the arrays of some relations, given in any order; numbers must be distinct and not negative."""
        return cls.over(Block.of(rows), {name: column.words for name, column in rows.texts.items()})

    @classmethod
    def over(cls, block: Block, words: Mapping[str, Words]) -> Adjacency:
        """Return the arrays over a ready block."""
        return cls([Layer(block, 0, None)], words)

    # -- size ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return sum(layer.standing for layer in self._layers)

    @property
    def tail(self) -> int:
        """How many changes lie over the base: relations added since, and relations of the base that are gone."""
        base = self._layers[0]
        return len(self._base) - base.standing + sum(len(layer.block) for layer in self._layers[1:])

    @property
    def base(self) -> Block:
        """The sorted base; it is the whole when :attr:`tail` is 0."""
        return self._base

    @property
    def layers(self) -> Sequence[Layer]:
        """The base, and what lies over it."""
        return self._layers

    @property
    def nbytes(self) -> int:
        """Bytes in memory, without the texts of dictionaries."""
        masks = sum(layer.alive.nbytes for layer in self._layers if layer.alive is not None)
        return masks + sum(layer.block.nbytes for layer in self._layers)

    # -- walking -------------------------------------------------------------------------------------------------

    def neighbors(
        self,
        frontier: Numbers,
        *,
        direction: Direction,
        period: Period | None = None,
        keep: Keep | None = None,
        live: Mask | None = None,
    ) -> Hops:
        """Return every relation that leads out of the entities of a frontier.

        ``period``: only relations that overlap it (None: of any time). ``keep``: only positions it keeps. ``live``:
        a mask over entity numbers, longer than any of them; hops to others are left out. Parallel relations give
        a hop each; with ``direction="either"`` a self-relation gives one. The order is not promised.
        """
        parts = []
        for layer in self._layers:
            if direction != "backward":
                parts.append(layer.hops(frontier, period, forward=True, loops=True))
            if direction != "forward":
                parts.append(layer.hops(frontier, period, forward=False, loops=direction == "backward"))
        if len(parts) > 1:
            parts = [part for part in parts if len(part.position)] or parts[:1]
        hops = parts[0]
        if len(parts) > 1:
            hops = Hops(
                np.concatenate([part.source for part in parts]),
                np.concatenate([part.neighbor for part in parts]),
                np.concatenate([part.position for part in parts]),
            )
        if live is not None:
            shown = live[hops.neighbor]
            if not shown.all():
                hops = hops.take(shown)
        if keep is not None:
            hops = hops.take(keep(hops.position))
        return hops

    def reached(self, frontier: Numbers, *, direction: Direction, period: Period | None = None) -> Numbers:
        """Return the entities that relations lead to from others of a frontier, as often as they do, in no order."""
        parts = []
        for layer in self._layers:
            if direction != "backward":
                parts.append(layer.reached(frontier, period, forward=True))
            if direction != "forward":
                parts.append(layer.reached(frontier, period, forward=False))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def hop(
        self, entity: int, *, direction: Direction, period: Period | None = None, keep: Keep | None = None
    ) -> tuple[Numbers, Positions]:
        """Return the neighbors of one entity and the positions: :meth:`neighbors` for one, with less ado."""
        if self._whole and direction != "either":
            neighbor, at = self._layers[0].hop(entity, period, forward=direction == "forward", loops=True)
        else:
            parts = []
            for layer in self._layers:
                if direction != "backward":
                    parts.append(layer.hop(entity, period, forward=True, loops=True))
                if direction != "forward":
                    parts.append(layer.hop(entity, period, forward=False, loops=direction == "backward"))
            parts = [part for part in parts if len(part[1])] or parts[:1]
            neighbor, at = parts[0]
            if len(parts) > 1:
                neighbor = np.concatenate([part[0] for part in parts])
                at = np.concatenate([part[1] for part in parts])
        if keep is not None:
            kept = keep(at)
            return neighbor[kept], at[kept]
        return neighbor, at

    def slice(self, entity: int, *, direction: Direction) -> Positions:
        """Return the positions of all relations of one entity, of any time (what a rule looks through)."""
        return self.hop(entity, direction=direction)[1]

    def between(self, subject: int, target: int) -> Positions:
        """Return the positions of the relations from one entity to another, of any time."""
        neighbor, position = self.hop(subject, direction="forward")
        found: Positions = position[neighbor == target]
        return found

    def degrees(self, entities: Numbers, *, direction: Direction, period: Period | None = None) -> Positions:
        """Return how many relations each entity has (parallel ones each count; a self-relation once if either)."""
        if self._whole and period is None and direction != "either":
            pointers = self._base.outward_pointers if direction == "forward" else self._base.inward_pointers
            return pointers.spans(entities)[1]
        hops = self.neighbors(entities, direction=direction, period=period)
        return np.bincount(hops.source, minlength=len(entities))

    def degree(self, entity: int, *, direction: Direction, period: Period | None = None) -> int:
        """Return how many relations one entity has."""
        return len(self.hop(entity, direction=direction, period=period)[1])

    # -- looking at relations ------------------------------------------------------------------------------------

    def positions(self) -> Positions:
        """Return the positions of all relations, in outward order within base and tail."""
        parts = []
        for layer in self._layers:
            at = np.arange(len(layer.block)) if layer.alive is None else np.flatnonzero(layer.alive)
            parts.append(at + layer.offset)
        return np.concatenate(parts)

    def find(self, numbers: Numbers, subjects: Numbers | None = None) -> Positions:
        """Return the positions of relations by number, those that are here, in no promised order.

        Without the subjects of the relations the whole column is looked through (1M: some milliseconds).
        """
        parts = []
        for layer in self._layers:
            at = layer.block.find(numbers, subjects)
            parts.append((at if layer.alive is None else at[layer.alive[at]]) + layer.offset)
        return np.concatenate(parts)

    def number(self, positions: Positions) -> Numbers:
        """Return relation numbers."""
        return self._gather(positions, lambda block: block.number)

    def number_at(self, position: int) -> int:
        """Return the number of one relation."""
        for layer in self._layers:
            if position < layer.offset + len(layer.block):
                return int(layer.block.number[position - layer.offset])
        raise IndexError(f"there is no relation at {position}")

    def subject(self, positions: Positions) -> Numbers:
        """Return subjects."""
        return self._gather(positions, lambda block: block.subject)

    def object(self, positions: Positions) -> Numbers:
        """Return objects."""
        return self._gather(positions, lambda block: block.object)

    def since(self, positions: Positions) -> Days:
        """Return first days of the widest periods."""
        return self._gather(positions, lambda block: block.since)

    def until(self, positions: Positions) -> Days:
        """Return the days at which the widest periods end."""
        return self._gather(positions, lambda block: block.until)

    def sure(self, positions: Positions) -> tuple[Days, Days]:
        """Return since and until of the sure periods."""
        if len(self._layers) == 1:
            return self._base.sure(positions)
        since = np.empty(len(positions), np.int32)
        until = np.empty(len(positions), np.int32)
        for layer in self._layers:
            here = (positions >= layer.offset) & (positions < layer.offset + len(layer.block))
            since[here], until[here] = layer.block.sure(positions[here] - layer.offset)
        return since, until

    def amount(self, name: str, positions: Positions) -> Amounts:
        """Return an attribute of whole numbers, ``MISSING`` where a relation lacks it (or none has it)."""
        if not any(name in layer.block.amounts for layer in self._layers):
            return np.full(len(positions), MISSING, np.int64)
        return self._gather(positions, lambda block: block.amount(name))

    def codes(self, name: str, positions: Positions) -> Codes:
        """Return the codes of a text attribute in ``words[name]``, ``NO_WORD`` where a relation lacks it."""
        if name not in self.words:
            return np.full(len(positions), NO_WORD, np.int32)
        return self._gather(positions, lambda block: block.code(name))

    def amount_names(self) -> tuple[str, ...]:
        """Return the names of the attributes kept as whole numbers."""
        return tuple(dict.fromkeys(name for layer in self._layers for name in layer.block.amounts))

    def rows(self, positions: Positions | None = None) -> Rows:
        """Return relations as rows, all of them without positions; sure periods are left out where none differs."""
        if positions is None:
            return joined([layer.rows(self.words) for layer in self._layers])
        since, until = self.since(positions), self.until(positions)
        sure_since: Days | None = None
        sure_until: Days | None = None
        if any(len(layer.block.sure_at) for layer in self._layers):
            sure_since, sure_until = self.sure(positions)
        return Rows(
            self.number(positions),
            self.subject(positions),
            self.object(positions),
            since,
            until,
            sure_since,
            sure_until,
            {name: self.amount(name, positions) for name in self.amount_names()},
            {name: Texts(self.codes(name, positions), words) for name, words in self.words.items()},
        )

    def _gather(self, positions: Positions, pick: Callable[[Block], NDArray[Any]]) -> NDArray[Any]:
        if len(self._layers) == 1:
            return pick(self._base)[positions]
        inside = positions < len(self._base)
        if inside.all():
            return pick(self._base)[positions]
        columns = [pick(layer.block) for layer in self._layers]
        found = np.empty(len(positions), np.result_type(*columns))
        for layer, column in zip(self._layers, columns, strict=True):
            here = (positions >= layer.offset) & (positions < layer.offset + len(column))
            found[here] = column[positions[here] - layer.offset]
        return found

    # -- changing ------------------------------------------------------------------------------------------------

    def with_changes(
        self, added: Rows | None = None, removed: Numbers | None = None, removed_subjects: Numbers | None = None
    ) -> Adjacency:
        """Return these relations without some and with others; what is removed goes first, so an update is both.

        ``removed`` are relation numbers, those not here being ignored; ``removed_subjects`` their subjects as they
        were (in the same order), without which the whole column is looked through. Added numbers must not be here.
        """
        layers = list(self._layers)
        if removed is not None and len(removed):
            for index, layer in enumerate(layers):
                at = layer.block.find(removed, removed_subjects)
                if len(at):
                    layers[index] = layer.without(at)
        words = self.words
        if added is not None and len(added):
            words = dict(words)
            for name, column in added.texts.items():
                words.setdefault(name, column.words)
            parts = [_in_words(added, words)]
            # the smallest block is sorted anew with each change; when it is full it joins the middle one
            while len(layers) > 1:
                size = sum(len(part) for part in parts)
                if len(layers) == 2 and size <= SMALL_TAIL < len(layers[-1].block):
                    break
                parts.append(layers.pop().rows(words))
                if len(layers) == 2 and sum(len(part) for part in parts) <= SMALL_TAIL:
                    break
            offset = layers[-1].offset + len(layers[-1].block)
            layers.append(Layer(Block.of(joined(parts[::-1])), offset, None))
        return Adjacency(layers, words)

    def followed_by(self, added: Rows) -> Adjacency:
        """Return these relations, each at its position, and others behind them; their numbers must not be here."""
        words = dict(self.words)
        for name, column in added.texts.items():
            words.setdefault(name, column.words)
        last = self._layers[-1]
        behind = Layer(Block.of(_in_words(added, words)), last.offset + len(last.block), None)
        return Adjacency([*self._layers, behind], words)

    def fold(self) -> Adjacency:
        """Return the same relations as one sorted base; texts that no relation has any more are forgotten."""
        if self._whole:
            return self
        rows = joined([layer.rows(self.words) for layer in self._layers])
        texts = {}
        for name, column in rows.texts.items():
            used = np.zeros(len(column.words) + 1, np.bool_)
            used[column.codes] = True
            used[-1] = False
            known = column.words.texts
            fresh = Words([known[code] for code in np.flatnonzero(used).tolist()])
            table = np.cumsum(used, dtype=np.int32) - np.int32(1)
            table[-1] = NO_WORD
            texts[name] = Texts(table[column.codes], fresh)
        return Adjacency.build(replace(rows, texts=texts))


def _in_words(rows: Rows, words: Mapping[str, Words]) -> Rows:
    texts = {name: Texts(codes_in(words[name], column, len(rows)), words[name]) for name, column in rows.texts.items()}
    return replace(rows, texts=texts)


def combined(parts: Iterable[tuple[str, Adjacency]]) -> Adjacency:
    """Return the relations of several predicates as one adjacency, with the text column :data:`PREDICATE`.

    For steps over *any* predicate, shortest paths and components. Of the attributes none is kept; relation numbers
    lead back to the predicates' own arrays.
    """
    words = Words()
    blocks = []
    for name, part in parts:
        code = words.encode([name])
        rows = part.rows()
        blocks.append(
            Rows(
                rows.number,
                rows.subject,
                rows.object,
                rows.since,
                rows.until,
                rows.sure_since,
                rows.sure_until,
                {},
                {PREDICATE: Texts(np.repeat(code, len(rows)), words)},
            )
        )
    return Adjacency.build(joined(blocks))
