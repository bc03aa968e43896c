"""What stands around entities: their relations as read from their end, counted, ordered and cut into pages.

A hub has tens of thousands of relations and a page shows ten of them. So all are looked at as columns, names are
read only where they decide the order, and only the rows that are shown become values.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import NotFound
from relgraph.model.columns import MISSING, Columns, Ints, once
from relgraph.model.entity import EntityRef, Neighbor, Related, RelatedGroup, Surroundings, to_links
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow
from relgraph.reading import relations_as_values, values_of
from relgraph.vocabulary.model import Reading, Vocabulary

Marks = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Incidence:
    """The live relations of one entity, side by side, each as it is read from that entity.

    ``reading`` indexes ``names``, the readings of the vocabulary in their order; ``other`` is the number of the entity
    at the other end; ``held`` says which hold on the day; ``order`` is the value of the predicate's order attribute,
    the largest integer where there is none.
    """

    names: tuple[str, ...]
    reading: NDArray[np.int32]
    number: Ints
    other: Ints
    held: Marks
    order: Ints

    def __len__(self) -> int:
        return len(self.number)

    def take(self, positions: Places | Marks) -> Incidence:
        """Return the rows at these positions, or where the mask is true."""
        return Incidence(
            self.names,
            self.reading[positions],
            self.number[positions],
            self.other[positions],
            self.held[positions],
            self.order[positions],
        )


def incidence(reader: Reader, entity: int, day: int, predicates: Sequence[str] | None = None) -> Incidence:
    """Return the live relations of an entity, of these predicates or of all."""
    words = reader.vocabulary
    here = np.array([entity], np.int64)
    parts = []
    for order, names in _by_order(words, predicates):
        attributes = () if order is None else (order,)
        away = reader.columns(names, subjects=here, attributes=attributes)
        back = reader.columns(names, objects=here, attributes=attributes)
        # what is symmetric reads the same from both ends: a relation of an entity to itself is one row, not two
        symmetric = np.array([words.predicates[name].symmetric for name in back.predicates] or [False])
        back = back.take(~((back.subject == entity) & symmetric[back.predicate]))
        for found, other, forward in ((away, away.object, True), (back, back.subject, False)):
            parts.append(
                Incidence(
                    (),
                    _ranked(found, words, forward=forward),
                    found.number,
                    other,
                    (found.since <= day) & (found.until > day),
                    _ordering(found, order),
                )
            )
    whole = Incidence(
        tuple(words.readings),
        np.concatenate([one.reading for one in parts] or [np.zeros(0, np.int32)]),
        np.concatenate([one.number for one in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([one.other for one in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([one.held for one in parts] or [np.zeros(0, bool)]),
        np.concatenate([one.order for one in parts] or [np.zeros(0, np.int64)]),
    )
    if reader.known is None or not len(whole):
        return whole
    # looking back, the type of what stood at the other end may have no name today
    named = reader.captions(set(whole.other.tolist()))
    return whole.take(np.array([one in named for one in whole.other.tolist()]))


def _by_order(words: Vocabulary, predicates: Sequence[str] | None) -> Iterable[tuple[str | None, list[str]]]:
    groups: dict[str | None, list[str]] = {}
    for name in words.predicates if predicates is None else predicates:
        groups.setdefault(words.predicates[name].order, []).append(name)
    return groups.items()


def _ranked(found: Columns, words: Vocabulary, *, forward: bool) -> NDArray[np.int32]:
    table = []
    for name in found.predicates:
        predicate = words.predicates[name]
        table.append(words.reading_ranks[name if forward or predicate.symmetric else predicate.inverse])
    return np.array(table or [0], np.int32)[found.predicate]


def _ordering(found: Columns, order: str | None) -> Ints:
    last = np.iinfo(np.int64).max
    if order is None:
        return np.full(len(found), last, np.int64)
    values = found.amounts[order]
    return np.where(values == MISSING, last, values)


def page(
    reader: Reader,
    found: Incidence,
    *,
    limit: int | None = None,
    after: tuple[str, str] | None = None,
) -> list[Related]:
    """Return rows in order: by reading, those that hold first, by order attribute, by the other's name and id.

    ``after`` names the reading and the relation of the last row already seen.
    """
    positions = _first(reader, found, limit, after)
    return _told(reader, found, positions)


def _first(reader: Reader, found: Incidence, limit: int | None, after: tuple[str, str] | None) -> list[int]:
    """Return the positions of the first rows; names are read only for the classes that reach into them."""
    if not len(found):
        if after is not None:
            raise _gone(after)
        return []
    keys = np.lexsort((found.order, ~found.held, found.reading))
    changes = np.flatnonzero(
        (np.diff(found.reading[keys]) != 0) | (np.diff(found.held[keys]) != 0) | (np.diff(found.order[keys]) != 0)
    )
    bounds = [0, *(changes + 1).tolist(), len(keys)]
    begun = _position(reader, found, after) if after is not None else None
    chosen: list[int] = []
    for start, end in pairwise(bounds):
        alike = keys[start:end].tolist()
        if begun is not None and begun not in alike:
            continue
        wanted = None if limit is None else limit - len(chosen)
        chosen += _named_first(reader, found, alike, wanted, begun)
        begun = None
        if limit is not None and len(chosen) >= limit:
            break
    return chosen


def _named_first(
    reader: Reader, found: Incidence, alike: list[int], wanted: int | None, begun: int | None
) -> list[int]:
    """Return the first so many of rows that only names tell apart, after one of them."""
    others, numbers = found.other[alike].tolist(), found.number[alike].tolist()
    names = reader.captions(set(others))
    rows = [(*names[other], number, one) for other, number, one in zip(others, numbers, alike, strict=True)]
    if begun is not None:
        last = rows[alike.index(begun)]
        rows = [one for one in rows if one > last]
    ordered = sorted(rows) if wanted is None or wanted * 4 > len(rows) else heapq.nsmallest(wanted, rows)
    return [row[-1] for row in ordered[:wanted]]


def _position(reader: Reader, found: Incidence, after: tuple[str, str]) -> int:
    reading, relation = after
    number = reader.relation_numbers([relation]).get(relation)
    rank = found.names.index(reading) if reading in found.names else -1
    at = np.flatnonzero((found.number == number) & (found.reading == rank)) if number is not None else np.zeros(0, int)
    if not len(at):
        raise _gone(after)
    return int(at[0])


def _gone(after: tuple[str, str]) -> NotFound:
    return NotFound(
        f"{after[1]!r} is no longer among these relations under {after[0]!r}", hint="read the list from its beginning"
    )


def _told(reader: Reader, found: Incidence, positions: Sequence[int]) -> list[Related]:
    numbers = found.number[list(positions)].tolist()
    rows = reader.relations(numbers)
    values = relations_as_values(reader, [rows[number] for number in numbers], full=True)
    others = found.other[list(positions)].tolist()
    held = reader.entities(set(others))
    entities = dict(zip(held, values_of(reader, list(held.values())), strict=True))
    return [
        Related(value, found.names[found.reading[at]], entities[other])
        for at, value, other in zip(positions, values, others, strict=True)
    ]


def read_as(found: Incidence, words: Vocabulary, reading: Reading, *, alone: bool) -> Incidence:
    """Return the rows that asking for a reading finds: of what implies it only its direction, unless ``alone``."""
    names = {reading.name} if alone else words.narrower_readings(reading.name)
    ranks = [rank for rank, name in enumerate(found.names) if name in names]
    return found.take(np.isin(found.reading, ranks))


def groups(reader: Reader, found: Incidence, *, first: int) -> list[RelatedGroup]:
    """Return counts and the first rows under each reading."""
    chosen: list[int] = []
    counts = []
    for rank in once(found.reading).tolist():
        here = np.flatnonzero(found.reading == rank)
        part = found.take(here)
        positions = [int(here[one]) for one in _first(reader, part, first, None)] if first else []
        counts.append((rank, int(part.held.sum()), len(here), len(positions)))
        chosen += positions
    told = iter(_told(reader, found, chosen))
    return [
        RelatedGroup(found.names[rank], held, total, tuple(next(told) for _ in range(shown)))
        for rank, held, total, shown in counts
    ]


@dataclass(frozen=True, slots=True)
class _Sides:
    """The live relations of many entities, once for each end that is among them."""

    here: Ints
    there: Ints
    number: Ints
    held: Marks


def _sides(reader: Reader, asked: Ints, day: int) -> _Sides:
    names = list(reader.vocabulary.predicates)
    away, back = reader.columns(names, subjects=asked), reader.columns(names, objects=asked)
    symmetric = np.array([reader.vocabulary.predicates[name].symmetric for name in back.predicates] or [False])
    back = back.take(~((back.subject == back.object) & symmetric[back.predicate]))
    return _Sides(
        np.concatenate([away.subject, back.object]),
        np.concatenate([away.object, back.subject]),
        np.concatenate([away.number, back.number]),
        np.concatenate([(one.since <= day) & (one.until > day) for one in (away, back)]),
    )


def neighbors(reader: Reader, found: Incidence, entity: int, day: int, *, limit: int | None = None) -> list[Neighbor]:
    """Return what an entity is related to on a day, the best connected first; at most ``limit``."""
    held = found.take(found.held & (found.other != entity))
    asked = once(held.other)
    sides = _sides(reader, asked, day)
    degrees = np.bincount(np.searchsorted(asked, sides.here[sides.held]), minlength=len(asked))
    if limit is not None and limit < len(asked):
        # names are read only of those that may be among the first
        least = 0 if limit < 1 else np.partition(degrees, -limit)[-limit]
        asked, degrees = asked[degrees >= least], degrees[degrees >= least]
        held = held.take(np.isin(held.other, asked))
    pairs = np.unique(np.stack([held.other, held.reading.astype(np.int64)], 1), axis=0)
    readings: dict[int, list[str]] = {}
    for other, rank in pairs.tolist():
        readings.setdefault(other, []).append(found.names[rank])
    names = reader.captions(readings)
    rows = [
        Neighbor(names[number][1], names[number][0], tuple(told), degree)
        for (number, told), degree in zip(readings.items(), degrees.tolist(), strict=True)
    ]
    return sorted(rows, key=lambda one: (-one.degree, one.name, one.id))[:limit]


def surroundings(reader: Reader, rows: Mapping[int, EntityRow], day: int) -> Surroundings:
    """Return some entities with what joins them and how much of their neighborhood is outside."""
    asked = np.array(sorted(rows), np.int64)
    sides = _sides(reader, asked, day)
    inside = np.isin(sides.there, asked)
    joining = once(sides.number[inside]).tolist()
    leaving = sides.held & ~inside
    pairs = np.unique(np.stack([sides.here[leaving], sides.there[leaving]], 1), axis=0)
    ids = [rows[number].id for number in asked.tolist()]

    def counted(numbers: Ints) -> dict[str, int]:
        counts = np.bincount(np.searchsorted(asked, numbers), minlength=len(asked))
        return dict(zip(ids, counts.tolist(), strict=True))

    relations = reader.relations(joining)
    return Surroundings(
        {row.id: EntityRef(row.id, row.type, row.caption) for row in rows.values()},
        to_links(map(relations.__getitem__, joining), {row.number: row.id for row in rows.values()}, reader.vocabulary),
        counted(sides.here[sides.held]),
        counted(pairs[:, 0]),
        len(once(pairs[:, 1])),
    )
