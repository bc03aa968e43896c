"""Entities as arrays by number: type, state and tags, kept in memory and brought up to a reader's moment."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.connection import Link
from relgraph.network.rows import Mask

NO_TYPE = -1
_PAGE = 50_000
_KEPT = 3


@dataclass(frozen=True, slots=True)
class Population:
    """All entities right after a transaction.

    ``kind`` holds the type's number by entity number, ``NO_TYPE`` where there is none; ``live`` whether it is neither
    trashed nor merged away; ``carriers`` the entities that carry a tag, by the tag's number. Arrays have room past the
    last entity.
    """

    upto: int
    kind: NDArray[np.int32]
    live: Mask
    hidden: int
    carriers: dict[int, frozenset[int]]


class PopulationCache:
    """The last few states of the population, shared by the readers of one open store."""

    def __init__(self) -> None:
        self._held: tuple[Population, ...] = ()
        self._lock = threading.Lock()

    def at(self, link: Link, last: int) -> Population:
        """Return the population as the connection's snapshot, whose last transaction is given, has it."""
        for held in self._held:
            if held.upto == last:
                return held
        with self._lock:
            base = max((held for held in self._held if held.upto <= last), key=lambda held: held.upto, default=None)
            current = _loaded(link, last) if base is None else _caught_up(link, base, last)
            kept = sorted([current, *(held for held in self._held if held.upto != last)], key=lambda held: -held.upto)
            self._held = tuple(kept[:_KEPT])
        return current

    def untouched(self, before: int, told: int) -> None:
        """Say that a transaction after ``before`` changed no entity and no tag."""
        with self._lock:
            if self._held and self._held[0].upto == before:
                newest = self._held[0]
                same = Population(told, newest.kind, newest.live, newest.hidden, newest.carriers)
                self._held = (same, *self._held[1:])

    def drop(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held = ()


def _room(link: Link) -> int:
    # numbers are given out once, so the counter bounds every entity that ever was
    rows = link.rows("SELECT seq FROM sqlite_sequence WHERE name = 'entities'")
    return (rows[0][0] if rows else 0) + 2


def _loaded(link: Link, last: int) -> Population:
    room = _room(link)
    kind = np.full(room, NO_TYPE, np.int32)
    for page in link.pages("SELECT number, type FROM entities", (), _PAGE):
        table = np.array(page, np.int64)
        kind[table[:, 0]] = table[:, 1]
    live = kind != NO_TYPE
    hidden = [row[0] for row in link.rows("SELECT number FROM entities WHERE state <> 'live'")]
    live[hidden] = False
    return Population(last, kind, live, len(hidden), _carriers(link.rows("SELECT tag, entity FROM tags")))


def _carriers(rows: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for tag, entity in rows:
        found.setdefault(tag, set()).add(entity)
    return {tag: frozenset(entities) for tag, entities in found.items()}


def _caught_up(link: Link, base: Population, last: int) -> Population:
    told = link.rows("SELECT number, type, state FROM entities WHERE told_in > ?", (base.upto,))
    gone = link.rows("SELECT number FROM entities_past WHERE replaced_in > ?", (base.upto,))
    gone += link.rows("SELECT number FROM purged WHERE kind = 'entity' AND told_in > ?", (base.upto,))
    tags = _changed_tags(link, base)
    if not told and not gone:
        return Population(last, base.kind, base.live, base.hidden, tags)
    room = _room(link)
    kind = np.full(room, NO_TYPE, np.int32)
    kind[: len(base.kind)] = base.kind
    live = np.zeros(room, np.bool_)
    live[: len(base.live)] = base.live
    left = [row[0] for row in gone]
    kind[left] = NO_TYPE
    live[left] = False
    if told:
        at = [row[0] for row in told]
        kind[at] = [row[1] for row in told]
        live[at] = [row[2] == "live" for row in told]
    return Population(last, kind, live, int(np.count_nonzero((kind != NO_TYPE) & ~live)), tags)


def _changed_tags(link: Link, base: Population) -> dict[int, frozenset[int]]:
    touched = {row[0] for row in link.rows("SELECT tag FROM tags WHERE told_in > ?", (base.upto,))}
    touched.update(row[0] for row in link.rows("SELECT tag FROM tags_past WHERE replaced_in > ?", (base.upto,)))
    erased = [
        row[0] for row in link.rows("SELECT number FROM purged WHERE kind = 'entity' AND told_in > ?", (base.upto,))
    ]
    if not touched and not erased:
        return base.carriers
    carriers = {tag: entities.difference(erased) for tag, entities in base.carriers.items() if tag not in touched}
    for tag in touched:
        rows = link.rows("SELECT tag, entity FROM tags WHERE tag = ?", (tag,))
        carriers.update(_carriers(rows) if rows else {tag: frozenset()})
    return carriers


def looked_back(link: Link, now: Population, known: int) -> Population:
    """Return the population as it was known by a transaction, from that of the snapshot."""
    newer = link.rows("SELECT number FROM entities WHERE told_in > ?", (known,))
    before = link.rows(
        "SELECT number, type, state FROM entities_past WHERE replaced_in > ? AND told_in <= ?", (known, known)
    )
    kind, live = now.kind.copy(), now.live.copy()
    left = [row[0] for row in newer]
    kind[left] = NO_TYPE
    live[left] = False
    at = [row[0] for row in before]
    kind[at] = [row[1] for row in before]
    live[at] = [row[2] == "live" for row in before]
    rows = link.rows("SELECT tag, entity FROM tags WHERE told_in <= ?", (known,))
    rows += link.rows("SELECT tag, entity FROM tags_past WHERE told_in <= ? AND replaced_in > ?", (known, known))
    return Population(known, kind, live, int(np.count_nonzero((kind != NO_TYPE) & ~live)), _carriers(rows))
