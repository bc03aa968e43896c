"""Relations as columns: what the rules read, whatever store they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from relgraph.model.records import RelationRow, sure_end, sure_start
from relgraph.vocabulary.fields import amount
from relgraph.vocabulary.model import Field

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Number = TypeVar("Number", np.int64, np.int32, np.int8)

_FEW = 8
MISSING = np.iinfo(np.int64).min
"""What an amount column holds where a relation lacks the attribute."""


def placed_amount(field: Field | None, stored: object) -> int:
    """Return what an amount column holds for a stored value: :data:`MISSING` for none and for what is no number.

    >>> placed_amount(Field("share", "percent"), "0.25"), placed_amount(Field("share", "percent"), "all") == MISSING
    (250000, True)
    """
    number = None if field is None or stored is None else amount(field, stored)
    return MISSING if number is None else number


def once(numbers: NDArray[np.signedinteger]) -> Ints:
    """Return numbers sorted, each once, as int64.

    The library's own ``unique`` looks into a hash table first, which takes longer than sorting.

    >>> once(np.array([4, 2, 4])).tolist()
    [2, 4]
    """
    found = numbers.astype(np.int64)
    if len(found) < 2:
        return found
    found.sort()
    kept = np.empty(len(found), np.bool_)
    kept[0] = True
    np.not_equal(found[1:], found[:-1], out=kept[1:])
    return found[kept]


@dataclass(frozen=True, slots=True)
class Columns:
    """Some relations of one or several predicates, side by side.

    ``predicate`` indexes ``predicates``. ``since`` and ``until`` are the widest period, ``sure_since`` and
    ``sure_until`` the sure one (possibly empty), all half-open. ``amounts`` holds scaled integers per attribute
    (scale of the attribute's field), :data:`MISSING` where absent.
    """

    predicates: tuple[str, ...]
    predicate: NDArray[np.int32]
    number: Ints
    subject: Ints
    object: Ints
    since: Days
    until: Days
    sure_since: Days
    sure_until: Days
    amounts: Mapping[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.number)

    def take(self, positions: NDArray[np.intp] | NDArray[np.bool_]) -> Columns:
        """Return the rows at these positions, or where the mask is true."""
        return Columns(
            self.predicates,
            self.predicate[positions],
            self.number[positions],
            self.subject[positions],
            self.object[positions],
            self.since[positions],
            self.until[positions],
            self.sure_since[positions],
            self.sure_until[positions],
            {name: column[positions] for name, column in self.amounts.items()},
        )


def from_rows(rows: Sequence[RelationRow], amounts: Mapping[str, Sequence[int]] | None = None) -> Columns:
    """Return rows as columns; ``amounts`` gives the scaled integers of the attributes that rules add up."""
    count = len(rows)
    if count == 1 and not amounts:
        return _of_one(rows[0])

    def column(name: str, kind: type[Number]) -> NDArray[Number]:
        return np.fromiter(map(_CELLS[name], rows), kind, count)

    since, until = column("since", np.int32), column("until", np.int32)
    names = tuple(dict.fromkeys(map(_CELLS["predicate"], rows)))
    code = {name: index for index, name in enumerate(names)}
    return Columns(
        names,
        np.zeros(count, np.int32)
        if len(names) < 2
        else np.fromiter([code[row.predicate] for row in rows], np.int32, count),
        column("number", np.int64),
        column("subject", np.int64),
        column("object", np.int64),
        since,
        until,
        *sure_columns(since, until, column("since_precision", np.int8), column("until_precision", np.int8)),
        {name: np.array(values, dtype=np.int64) for name, values in (amounts or {}).items()},
    )


def _of_one(row: RelationRow) -> Columns:
    """Return one row as columns, as a single write has it."""
    since, until = np.array([row.since], np.int32), np.array([row.until], np.int32)
    sure_since, sure_until = since, until
    if row.since_precision or row.until_precision:
        precisions = np.array([row.since_precision], np.int8), np.array([row.until_precision], np.int8)
        sure_since, sure_until = sure_columns(since, until, *precisions)
    return Columns(
        (row.predicate,),
        np.zeros(1, np.int32),
        np.array([row.number], np.int64),
        np.array([row.subject], np.int64),
        np.array([row.object], np.int64),
        since,
        until,
        sure_since,
        sure_until,
    )


_CELLS = {name: itemgetter(place) for place, name in enumerate(RelationRow._fields)}


def sure_columns(
    since: Days, until: Days, since_precision: NDArray[np.int8], until_precision: NDArray[np.int8]
) -> tuple[Days, Days]:
    """Return the bounds of the sure periods of these widest ones."""
    return _sure(sure_start, since, since_precision), _sure(sure_end, until, until_precision)


def _sure(bound: Callable[[int, int], int], days: Days, precision: NDArray[np.int8]) -> Days:
    """Return the bounds of sure periods: those of partial dates are others."""
    partial = precision.nonzero()[0]
    if len(partial) == 0:
        return days
    found = days.copy()
    found[partial] = list(map(bound, days[partial].tolist(), precision[partial].tolist()))
    return found


def placed(numbers: Ints) -> tuple[Ints, NDArray[np.intp]]:
    """Return the distinct numbers in order, and where among them each one stands.

    >>> [one.tolist() for one in placed(np.array([7, 3, 7]))]
    [[3, 7], [1, 0, 1]]
    """
    if len(numbers) > _FEW:
        distinct, back = np.unique(numbers, return_inverse=True)
        return distinct, back
    # a single write has two ends, for which arrays take their time
    given = numbers.tolist()
    ordered = sorted(set(given))
    return np.array(ordered, np.int64), np.array([ordered.index(one) for one in given], np.intp)


def joined(parts: Sequence[Columns]) -> Columns:
    """Return several columns as one, predicates united and amounts filled with :data:`MISSING`."""
    names = tuple(dict.fromkeys([name for part in parts for name in part.predicates]))
    code = {name: index for index, name in enumerate(names)}
    attributes = dict.fromkeys([name for part in parts for name in part.amounts])

    def codes(part: Columns) -> NDArray[np.int32]:
        table = np.array([code[name] for name in part.predicates] or [0], dtype=np.int32)
        return table[part.predicate]

    def amounts(part: Columns, name: str) -> Ints:
        column = part.amounts.get(name)
        return np.full(len(part), MISSING, np.int64) if column is None else column

    if not parts:
        return from_rows([])
    if len(parts) == 1:
        return parts[0]
    return Columns(
        names,
        np.concatenate([codes(part) for part in parts]),
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.subject for part in parts]),
        np.concatenate([part.object for part in parts]),
        np.concatenate([part.since for part in parts]),
        np.concatenate([part.until for part in parts]),
        np.concatenate([part.sure_since for part in parts]),
        np.concatenate([part.sure_until for part in parts]),
        {name: np.concatenate([amounts(part, name) for part in parts]) for name in attributes},
    )
