"""One sorted, unchanging block of relations of one predicate: found from the subject and from the object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING, once
from relgraph.network.pointers import Pointers, ranges, sorting
from relgraph.network.rows import NO_WORD, Amounts, Codes, Days, Numbers, Positions, Rows, Texts, Words, compact


@dataclass(frozen=True, slots=True)
class Block:
    """Relations in outward order (subject, object, as given), and the permutation that is the inward order.

    ``sure_at`` are the few positions, sorted, whose sure period differs from the widest one.
    """

    number: Numbers
    subject: Numbers
    object: Numbers
    since: Days
    until: Days
    inward: NDArray[np.int32]
    outward_pointers: Pointers
    inward_pointers: Pointers
    sure_at: NDArray[np.int32]
    sure_since: Days
    sure_until: Days
    amounts: Mapping[str, Amounts] = field(default_factory=dict)
    codes: Mapping[str, Codes] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def of(cls, rows: Rows) -> Block:
        """Sort rows into a block; text codes are taken as they are."""
        order = sorting(rows.subject, rows.object)
        subject = compact(rows.subject[order])
        target = compact(rows.object[order])
        since = rows.since[order].astype(np.int32, copy=False)
        until = rows.until[order].astype(np.int32, copy=False)
        sure_since = since if rows.sure_since is None else rows.sure_since[order].astype(np.int32, copy=False)
        sure_until = until if rows.sure_until is None else rows.sure_until[order].astype(np.int32, copy=False)
        sure_at = np.zeros(0, np.int32)
        if sure_since is not since or sure_until is not until:
            sure_at = np.flatnonzero((sure_since != since) | (sure_until != until)).astype(np.int32)
        return cls(
            number=compact(rows.number[order]),
            subject=subject,
            object=target,
            since=since,
            until=until,
            inward=sorting(target).astype(np.int32),
            outward_pointers=Pointers.over(subject),
            inward_pointers=Pointers.over(target),
            sure_at=sure_at,
            sure_since=sure_since[sure_at],
            sure_until=sure_until[sure_at],
            amounts={name: column[order] for name, column in rows.amounts.items()},
            codes={name: column.codes[order] for name, column in rows.texts.items()},
        )

    def span(self, entity: int, *, forward: bool) -> Positions:
        """Return the positions of the relations that one entity is the subject (else: the object) of."""
        if forward:
            return np.arange(*self.outward_pointers.span(entity))
        start, end = self.inward_pointers.span(entity)
        return self.inward[start:end].astype(np.intp)

    def spread(self, entities: Numbers, *, forward: bool) -> tuple[Positions, Positions]:
        """Return, for many entities, the index of each one and the position of each of its relations."""
        starts, counts = (self.outward_pointers if forward else self.inward_pointers).spans(entities)
        at = ranges(starts, counts)
        source = np.repeat(np.arange(len(entities)), counts)
        return source, at if forward else self.inward[at].astype(np.intp)

    @property
    def loops(self) -> bool:
        """Whether an entity has a relation with itself."""
        found = self._made.get("loops")
        if found is None:
            found = self._made["loops"] = bool((self.subject == self.object).any())
        return bool(found)

    def sides(self, *, forward: bool) -> tuple[Numbers, Days, Days]:
        """Return the far ends and the periods in the order in which the relations of an entity lie together.

        Those of objects are laid out when first walked: what lies together is read in a fraction of the time.
        """
        if forward:
            return self.object, self.since, self.until
        found: tuple[Numbers, Days, Days] | None = self._made.get("inward")
        if found is None:
            at = self.inward
            found = self._made["inward"] = (self.subject[at], self.since[at], self.until[at])
        return found

    def find(self, numbers: Numbers, subjects: Numbers | None) -> Positions:
        """Return the positions of the relations with these numbers that are here; knowing their subjects helps."""
        if subjects is None:
            return np.flatnonzero(np.isin(self.number, numbers))
        _, near = self.spread(once(subjects), forward=True)
        return near[np.isin(self.number[near], numbers)]

    def sure(self, positions: Positions) -> tuple[Days, Days]:
        """Return the sure periods at these positions."""
        since, until = self.since[positions], self.until[positions]
        if len(self.sure_at):
            at = np.minimum(self.sure_at.searchsorted(positions), len(self.sure_at) - 1)
            differs = self.sure_at[at] == positions
            since[differs] = self.sure_since[at[differs]]
            until[differs] = self.sure_until[at[differs]]
        return since, until

    def amount(self, name: str) -> Amounts:
        """Return a column of whole numbers; missing throughout where the block has none of that name."""
        column = self.amounts.get(name)
        return np.full(len(self), MISSING, np.int64) if column is None else column

    def code(self, name: str) -> Codes:
        """Return a column of text codes; missing throughout where the block has none of that name."""
        column = self.codes.get(name)
        return np.full(len(self), NO_WORD, np.int32) if column is None else column

    def rows(self, positions: Positions, words: Mapping[str, Words]) -> Rows:
        """Return relations as rows again."""
        sure_since: Days | None = None
        sure_until: Days | None = None
        if len(self.sure_at):
            sure_since, sure_until = self.sure(positions)
        return Rows(
            self.number[positions],
            self.subject[positions],
            self.object[positions],
            self.since[positions],
            self.until[positions],
            sure_since,
            sure_until,
            {name: column[positions] for name, column in self.amounts.items()},
            {name: Texts(column[positions], words[name]) for name, column in self.codes.items()},
        )

    @property
    def top(self) -> int:
        """One more than the largest entity number at either end, 0 when empty."""
        return max(int(self.subject[-1]), int(self.object[self.inward[-1]])) + 1 if len(self) else 0

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        arrays: list[NDArray[Any]] = [self.number, self.subject, self.object, self.since, self.until, self.inward]
        arrays += [self.sure_at, self.sure_since, self.sure_until, *self.amounts.values(), *self.codes.values()]
        arrays += self._made.get("inward", ())
        return sum(one.nbytes for one in arrays) + self.outward_pointers.nbytes + self.inward_pointers.nbytes
