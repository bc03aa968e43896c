"""Bindings as columns: which entity, relation or route stands under which name, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from relgraph.network.pointers import ranges
from relgraph.network.rows import Mask, Positions

Numbers64 = NDArray[np.int64]
_BITS = 62
NOTHING = -1
"""What a column holds where an optional part is missing."""

Key: TypeAlias = str | int
"""A name of the question, or a number given out for a position without one."""


@dataclass(frozen=True, slots=True)
class Entities:
    """Entity numbers, :data:`NOTHING` where missing."""

    numbers: Numbers64

    @property
    def codes(self) -> Numbers64:
        """What tells the things apart."""
        return self.numbers

    def take(self, at: Positions | Mask) -> Entities:
        """Return the column at these rows."""
        return Entities(self.numbers[at])


@dataclass(frozen=True, slots=True)
class RelationsColumn:
    """Relations: number, index into the predicates of the run, position in that predicate's arrays."""

    numbers: Numbers64
    predicate: NDArray[np.int64]
    position: NDArray[np.int64]

    @property
    def codes(self) -> Numbers64:
        """What tells the things apart."""
        return self.numbers

    def take(self, at: Positions | Mask) -> RelationsColumn:
        """Return the column at these rows."""
        return RelationsColumn(self.numbers[at], self.predicate[at], self.position[at])


@dataclass(frozen=True, slots=True)
class Route:
    """A way through the network: its entities, the relations of each hop, and the strength where one was asked for."""

    entities: tuple[int, ...]
    hops: tuple[tuple[int, ...], ...]
    strength: Any = None


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes: index into a list of them, :data:`NOTHING` where missing."""

    at: Numbers64
    routes: Sequence[Route]

    @property
    def codes(self) -> Numbers64:
        """What tells the things apart."""
        return self.at

    def take(self, at: Positions | Mask) -> Routes:
        """Return the column at these rows."""
        return Routes(self.at[at], self.routes)


Column: TypeAlias = Entities | RelationsColumn | Routes


class Table:
    """Rows of bindings, each distinct or not; nothing in it changes in place."""

    __slots__ = ("columns", "size")

    def __init__(self, size: int, columns: Mapping[Key, Column]) -> None:
        self.size = size
        self.columns = dict(columns)

    @classmethod
    def of(cls, key: Key, numbers: Numbers64) -> Table:
        """Return a table of one column of entities."""
        return cls(len(numbers), {key: Entities(numbers)})

    def numbers(self, key: Key) -> Numbers64:
        """Return the entity numbers of a column."""
        column = self.columns[key]
        if not isinstance(column, Entities):
            raise TypeError(f"{key!r} is no column of entities")
        return column.numbers

    def take(self, at: Positions | Mask) -> Table:
        """Return the rows at these positions, or where the mask is true."""
        if at.dtype == np.bool_:
            if at.all():
                return self
            at = np.flatnonzero(at)
        return Table(len(at), {key: column.take(at) for key, column in self.columns.items()})

    def plus(self, columns: Mapping[Key, Column]) -> Table:
        """Return the table with more columns of the same length."""
        return Table(self.size, {**self.columns, **columns})

    def only(self, keys: Iterable[Key]) -> Table:
        """Return the table with these columns alone, those that it has."""
        return Table(self.size, {key: self.columns[key] for key in dict.fromkeys(keys) if key in self.columns})

    def distinct(self, keys: Sequence[Key]) -> tuple[Table, Positions]:
        """Return the distinct rows over some columns, with these columns alone, and for each row which it is."""
        kept = [key for key in dict.fromkeys(keys) if key in self.columns]
        if self.size == 0:
            return self.only(kept), np.zeros(0, np.intp)
        if not kept:
            return Table(1, {}), np.zeros(self.size, np.intp)
        if len(kept) == 1:
            codes = self.columns[kept[0]].codes
            if self.size == 1 or (codes[1:] > codes[:-1]).all():
                return self.only(kept), np.arange(self.size)
        first, inverse = distinct_rows([self.columns[key].codes for key in kept])
        if len(first) == self.size:
            return self.only(kept), np.arange(self.size)
        return self.only(kept).take(first), inverse


def packed_codes(codes: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which codes below a size stand somewhere, in order, and all codes as places among these.

    >>> packed_codes(np.array([5, 2, 5]), 7)
    (array([2, 5]), array([1, 0, 1]))
    """
    used = np.zeros(size, np.bool_)
    used[codes] = True
    told = np.flatnonzero(used)
    place = np.zeros(size, np.intp)
    place[told] = np.arange(len(told))
    return told, place[codes]


def distinct_rows(columns: Sequence[Numbers64]) -> tuple[Positions, Positions]:
    """Return the first position of each distinct combination, and for each row which combination it is."""
    if len(columns) == 1:
        _, first, inverse = np.unique(columns[0], return_index=True, return_inverse=True)
        return first, inverse
    packed = _packed(columns)
    if packed is not None:
        return packed
    codes = columns[0]
    inverse = np.zeros(len(codes), np.intp)
    first = np.zeros(1, np.intp)
    width = 1
    codes = inverse
    for column in columns:
        values, own = np.unique(column, return_inverse=True)
        if width * len(values) >= 2**62:
            raise OverflowError("more combinations than fit into 64 bits")
        codes = codes * len(values) + own
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
        width = len(first)
    return first, codes


def _packed(columns: Sequence[Numbers64]) -> tuple[Positions, Positions] | None:
    """Return the same for columns that fit, with their position, into one whole number; None where they do not.

    Sorting numbers that carry their position takes a tenth of sorting positions by numbers.
    """
    count = len(columns[0])
    low = count.bit_length()
    key = np.zeros(count, np.int64)
    bits = low
    for column in columns if count else ():
        least = int(column.min())
        width = (int(column.max()) - least).bit_length()
        bits += width
        if bits > _BITS:
            return None
        key <<= width
        key |= column - least
    key <<= low
    key |= np.arange(count)
    key.sort()
    order = key & ((1 << low) - 1)
    key >>= low
    starts = np.ones(count, np.bool_)
    np.not_equal(key[1:], key[:-1], out=starts[1:])
    inverse = np.empty(count, np.intp)
    inverse[order] = np.cumsum(starts) - 1
    return order[starts], inverse


def witnessed(table: Table, group: Sequence[Key], further: int) -> Table:
    """Return as many rows of each group as are surely enough; its rows differ in one entity only.

    That entity must differ from each of so many further ones, so one more than these is enough: a way on that the
    others bar is open to one of them.
    """
    if table.size <= further + 1:
        return table
    _, codes = distinct_rows([table.columns[key].codes for key in group])
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    place = np.arange(table.size) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = order[place <= further]
    return table if len(kept) == table.size else table.take(np.sort(kept))


def joined_rows(row_of: Positions, counts: Positions) -> tuple[Positions, Positions]:
    """Join rows with groups of items sorted by group: for each row its group's items.

    ``row_of`` says for each row which group it meets, ``counts`` how many items each group has. Returns, for each
    pair, the row and the item.
    """
    starts = np.cumsum(counts) - counts
    many = counts[row_of]
    return np.repeat(np.arange(len(row_of)), many), ranges(starts[row_of], many)


def stacked(parts: Sequence[Table]) -> Table:
    """Return tables of the same columns one below the other."""
    if len(parts) == 1:
        return parts[0]
    columns: dict[Key, Column] = {}
    for key, column in parts[0].columns.items():
        match column:
            case Entities():
                columns[key] = Entities(np.concatenate([part.numbers(key) for part in parts]))
            case RelationsColumn():
                held = [_relations(part, key) for part in parts]
                columns[key] = RelationsColumn(
                    np.concatenate([one.numbers for one in held]),
                    np.concatenate([one.predicate for one in held]),
                    np.concatenate([one.position for one in held]),
                )
            case Routes():
                columns[key] = _stacked_routes([part.columns[key] for part in parts])
    return Table(sum(part.size for part in parts), columns)


def _relations(table: Table, key: Key) -> RelationsColumn:
    column = table.columns[key]
    if not isinstance(column, RelationsColumn):
        raise TypeError(f"{key!r} is no column of relations")
    return column


def _stacked_routes(columns: Sequence[Column]) -> Routes:
    codes: dict[Route, int] = {}
    parts = []
    for column in columns:
        if not isinstance(column, Routes):
            raise TypeError("a column is of routes in one table and not in another")
        table = np.array([*(codes.setdefault(route, len(codes)) for route in column.routes), NOTHING], np.int64)
        # the last entry is what index -1 picks
        parts.append(table[column.at])
    return Routes(np.concatenate(parts), tuple(codes))


@dataclass(frozen=True, slots=True)
class Values:
    """One value for each row, each distinct one held once: ``items[codes[row]]``; None is missing."""

    codes: NDArray[np.intp]
    items: Sequence[Any]

    @classmethod
    def constant(cls, value: Any, size: int) -> Values:
        """Return the same value for every row."""
        return cls(np.zeros(size, np.intp), (value,))

    @classmethod
    def of(cls, values: Sequence[Any]) -> Values:
        """Return values given row by row."""
        return cls(np.arange(len(values)), values)

    def __len__(self) -> int:
        return len(self.codes)

    def to_list(self) -> list[Any]:
        """Return the values row by row."""
        items = self.items
        return [items[code] for code in self.codes.tolist()]

    def take(self, at: Positions | Mask) -> Values:
        """Return the values of some rows."""
        return Values(self.codes[at], self.items)
