"""Entities as arrays by number: type, state and tags, kept in memory and brought up to a reader's moment."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.connection import Link
from relgraph.network.rows import Mask

NO_TYPE = -1
KEPT_AS = 0
"""Where the file keeps it: beside the arrays of predicates, whose numbers start with 1."""
_STORE_LEAST = 10_000
_STORE_SHARE = 20
_PAGE = 50_000
_KEPT = 3


@dataclass(frozen=True, slots=True)
class Population:
    """All entities, from right after one transaction to right after another.

    ``kind`` holds the type's number by entity number, ``NO_TYPE`` where there is none; ``live`` whether it is neither
    trashed nor merged away; ``carriers`` the entities that carry a tag, by the tag's number. Arrays have room past the
    last entity.
    """

    first: int
    upto: int
    kind: NDArray[np.int32]
    live: Mask
    hidden: int
    carriers: dict[int, NDArray[np.int64]]


class PopulationCache:
    """The last few states of the population, shared by the readers of one open store."""

    def __init__(self) -> None:
        self._held: tuple[Population, ...] = ()
        self._lock = threading.Lock()

    def at(self, link: Link, last: int) -> Population:
        """Return the population as the connection's snapshot, whose last transaction is given, has it."""
        for held in self._held:
            if held.first <= last <= held.upto:
                return held
        with self._lock:
            base = max((held for held in self._held if held.upto <= last), key=lambda held: held.upto, default=None)
            current = _loaded(link, last) if base is None else _caught_up(link, base, last)
            others = [held for held in self._held if held.kind is not current.kind or held.first != current.first]
            kept = sorted([current, *others], key=lambda held: -held.upto)
            self._held = tuple(kept[:_KEPT])
        return current

    def untouched(self, before: int, told: int) -> None:
        """Say that a transaction after ``before`` changed no entity and no tag."""
        with self._lock:
            if self._held and self._held[0].upto == before:
                self._held = (replace(self._held[0], upto=told), *self._held[1:])

    def store(self, link: Link) -> None:
        """Keep the newest state in the file, if it is large and much newer than what is kept."""
        if not self._held or len(self._held[0].kind) < _STORE_LEAST:
            return
        held = self._held[0]
        kept = link.rows("SELECT upto FROM adjacency WHERE predicate = ? AND part = 'population'", (KEPT_AS,))
        if kept:
            changed = link.rows("SELECT count(*) FROM entities WHERE told_in > ?", (kept[0][0],))[0][0]
            if changed * _STORE_SHARE < len(held.kind):
                return
        # types are numbered from 1
        marked = np.where(held.live, held.kind - 1, np.where(held.kind == NO_TYPE, NO_TYPE, -held.kind - 1))
        body = marked.astype(np.int32).tobytes()
        link.run("BEGIN IMMEDIATE")
        link.run(
            "INSERT OR REPLACE INTO adjacency (predicate, part, chunk, upto, crc, bytes)"
            " SELECT :kept, 'population', 0, :upto, :crc, :body WHERE NOT EXISTS (SELECT 1 FROM adjacency"
            " WHERE predicate = :kept AND part = 'population' AND upto > :upto)"
            " AND NOT EXISTS (SELECT 1 FROM purged WHERE told_in > :upto)",
            {"kept": KEPT_AS, "upto": held.upto, "crc": zlib.crc32(body), "body": body},
        )
        link.run("COMMIT")

    def drop(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held = ()


def _room(link: Link) -> int:
    # numbers are given out once, so the counter bounds every entity that ever was
    rows = link.rows("SELECT seq FROM sqlite_sequence WHERE name = 'entities'")
    return (rows[0][0] if rows else 0) + 2


def _loaded(link: Link, last: int) -> Population:
    kept = _kept(link, last)
    if kept is not None:
        return _caught_up(link, kept, last)
    room = _room(link)
    kind = np.full(room, NO_TYPE, np.int32)
    for page in link.pages("SELECT number, type FROM entities", (), _PAGE):
        table = np.array(page, np.int64)
        kind[table[:, 0]] = table[:, 1]
    live = kind != NO_TYPE
    hidden = [row[0] for row in link.rows("SELECT number FROM entities WHERE state <> 'live'")]
    live[hidden] = False
    return Population(last, last, kind, live, len(hidden), _all_carriers(link))


def _all_carriers(link: Link) -> dict[int, NDArray[np.int64]]:
    return _carriers(link.rows("SELECT tag, entity FROM tags"))


def _kept(link: Link, last: int) -> Population | None:
    """Return what the file keeps, with the tags of now."""
    rows = link.rows(
        "SELECT upto, crc, bytes FROM adjacency WHERE predicate = ? AND part = 'population' AND upto <= ?",
        (KEPT_AS, last),
    )
    if not rows or zlib.crc32(rows[0][2]) != rows[0][1]:
        return None
    # a negative number marks one that is not live
    marked = np.frombuffer(rows[0][2], np.int32)
    kind = np.where(marked == NO_TYPE, NO_TYPE, np.abs(marked + 1))
    live = marked >= 0
    return Population(
        rows[0][0], rows[0][0], kind, live, int(np.count_nonzero((kind != NO_TYPE) & ~live)), _all_carriers(link)
    )


def _carriers(rows: Iterable[tuple[int, int]]) -> dict[int, NDArray[np.int64]]:
    found: dict[int, list[int]] = {}
    for tag, entity in rows:
        found.setdefault(tag, []).append(entity)
    return {tag: np.array(sorted(entities), np.int64) for tag, entities in found.items()}


def _caught_up(link: Link, base: Population, last: int) -> Population:
    told = link.rows("SELECT number, type, state FROM entities WHERE told_in > ?", (base.upto,))
    gone = link.rows("SELECT number FROM entities_past WHERE replaced_in > ?", (base.upto,))
    gone += link.rows("SELECT number FROM purged WHERE kind = 'entity' AND told_in > ?", (base.upto,))
    tags = _changed_tags(link, base)
    if not told and not gone:
        first = base.first if tags is base.carriers else last
        return Population(first, last, base.kind, base.live, base.hidden, tags)
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
    return Population(last, last, kind, live, int(np.count_nonzero((kind != NO_TYPE) & ~live)), tags)


def _changed_tags(link: Link, base: Population) -> dict[int, NDArray[np.int64]]:
    touched = {row[0] for row in link.rows("SELECT tag FROM tags WHERE told_in > ?", (base.upto,))}
    touched.update(row[0] for row in link.rows("SELECT tag FROM tags_past WHERE replaced_in > ?", (base.upto,)))
    erased = [
        row[0] for row in link.rows("SELECT number FROM purged WHERE kind = 'entity' AND told_in > ?", (base.upto,))
    ]
    if not touched and not erased:
        return base.carriers
    carriers = {
        tag: entities[~np.isin(entities, erased)] for tag, entities in base.carriers.items() if tag not in touched
    }
    for tag in touched:
        rows = link.rows("SELECT tag, entity FROM tags WHERE tag = ?", (tag,))
        carriers.update(_carriers(rows))
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
    return Population(known, known, kind, live, int(np.count_nonzero((kind != NO_TYPE) & ~live)), _carriers(rows))
