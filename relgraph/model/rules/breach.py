"""What a rule is asked (a change: the relations before and after) and what it answers (the breaches it found)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import Columns, Ints
from relgraph.vocabulary.model import Level

Positions = NDArray[np.intp]
Mask = NDArray[np.bool_]
End = Literal["subject", "object"]
Code = Literal[
    "types",
    "tags",
    "irreflexive",
    "unique",
    "max_objects",
    "max_subjects",
    "sum",
    "acyclic",
    "required",
    "time",
]

LISTED = 1000
"""How many breaches of one rule are described; those beyond are only counted."""

FEW = 8
"""Up to so many rows are looked at one by one, which for a single write is faster than sorting."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule broken at one entity.

    ``predicate`` is the one that declares the rule; a relation involved may be of one that implies it. ``entity`` is
    the number of the entity whose side broke, standing at ``end`` of the predicate. ``relations`` holds relation
    numbers, the one that broke it first. ``day`` is the ordinal of the first day of the breach, None where days
    play no part. ``measured`` and ``allowed`` are counts, scaled sums or names, as the rule has it.
    """

    rule: Code
    predicate: str
    level: Level
    entity: int
    end: End
    relations: tuple[int, ...]
    day: int | None = None
    measured: object = None
    allowed: object = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The breaches of a rule: the first ones described, ordered by their first relation, and how many there are.

    Of several rules together, ``beyond`` says how many of each are not described.
    """

    listed: tuple[Breach, ...] = ()
    total: int = 0
    beyond: Mapping[Code, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.total > 0

    @property
    def more(self) -> Mapping[Code, int]:
        """How many breaches of each rule are counted and not described."""
        left = self.total - len(self.listed)
        return self.beyond or ({self.listed[0].rule: left} if left and self.listed else {})


NOTHING = Found()


def together(parts: Iterable[Found]) -> Found:
    """Return the findings of several rules as one, in the order given."""
    given = [part for part in parts if part]
    if len(given) < 2:
        return given[0] if given else NOTHING
    beyond: Counter[Code] = Counter()
    for part in given:
        beyond.update(part.more)
    return Found(tuple(one for part in given for one in part.listed), sum(part.total for part in given), beyond)


@dataclass(frozen=True, slots=True)
class Change:
    """The live relations of a family of predicates before and after a transaction, around what it touches.

    ``fresh`` are positions in ``after`` of relations that are new or changed, ``gone`` positions in ``before`` of
    those that are changed or taken away. ``old`` is aligned with ``fresh``: the position in ``before`` of the same
    relation, -1 for a new one. Relations of groups that nothing fresh belongs to may be present; they are ignored.
    """

    before: Columns
    after: Columns
    fresh: Positions
    gone: Positions
    old: Positions

    @property
    def all_new(self) -> bool:
        """Whether there was nothing before, so that whatever stands after counts."""
        return len(self.before) == 0


_NOWHERE = np.empty(0, np.intp)


def compare(before: Columns, after: Columns, *, touched: Ints | None = None) -> Change:
    """Return the change from one state to another, a relation being the same where its number is.

    ``touched`` names the relations that the transaction adds, changes or removes; it saves comparing the others, and
    is the only way to tell of a change that no column shows (another attribute).
    """
    if len(before) == 0:
        everything = np.arange(len(after), dtype=np.intp)
        return Change(before, after, everything, _NOWHERE, np.full(len(after), -1, np.intp))
    if touched is None:
        old = positions_of(before.number, after.number)
        fresh = np.flatnonzero((old < 0) | _differs(before, after, old))
        stays = np.ones(len(before), np.bool_)
        kept = old >= 0
        kept[fresh] = False
        stays[old[kept]] = False
        return Change(before, after, fresh, np.flatnonzero(stays), old[fresh])
    fresh = _among(after.number, touched)
    gone = _among(before.number, touched)
    # a place of -1 means that it was not there, and must not be taken as the last one
    place = positions_of(before.number[gone], after.number[fresh])
    return Change(before, after, fresh, gone, np.append(gone, -1)[place])


def appearing(after: Columns) -> Change:
    """Return relations as a change from nothing: every breach that they make counts."""
    return compare(after.take(_NOWHERE), after)


def _among(numbers: Ints, wanted: Ints) -> Positions:
    if len(wanted) <= FEW:
        mask = np.zeros(len(numbers), np.bool_)
        for one in wanted.tolist():
            mask |= numbers == one
        return mask.nonzero()[0]
    return np.isin(numbers, wanted).nonzero()[0]


def positions_of(numbers: Ints, wanted: Ints) -> Positions:
    """Return where each wanted number stands among numbers, -1 where it does not."""
    if len(numbers) == 0:
        return np.full(len(wanted), -1, np.intp)
    order = np.argsort(numbers, kind="stable")
    place = np.minimum(np.searchsorted(numbers, wanted, sorter=order), len(numbers) - 1)
    found = order[place]
    return np.where(numbers[found] == wanted, found, -1)


def _differs(before: Columns, after: Columns, old: Positions) -> Mask:
    code = {name: index for index, name in enumerate(after.predicates)}
    codes = np.array([code.get(name, -1) for name in before.predicates] or [-1], np.int32)
    differs: Mask = codes[before.predicate[old]] != after.predicate
    for name in ("subject", "object", "since", "until", "sure_since", "sure_until"):
        differs |= getattr(before, name)[old] != getattr(after, name)
    for name, column in after.amounts.items():
        was = before.amounts.get(name)
        if was is not None:
            differs |= was[old] != column
    return differs
