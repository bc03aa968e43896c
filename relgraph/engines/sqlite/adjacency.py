"""The arrays of each predicate, kept beside the tables and brought up to a reader's moment."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.extract import CELLS, Extraction, Layout
from relgraph.engines.sqlite.names import Names
from relgraph.errors import StoreFormatError
from relgraph.network.arrays import Adjacency
from relgraph.network.chunks import from_chunks, to_chunks
from relgraph.vocabulary.model import Vocabulary

_PAGE = 20_000
# below this many changes a fold costs more than it gives
_FOLD_LEAST = 4096
_FOLD_SHARE = 20
_KEPT = 3
# arrays of less than this are made from the tables in no time
_STORE_LEAST = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    """The arrays of a predicate as they were from right after one transaction to right after another."""

    arrays: Adjacency
    first: int
    upto: int
    layout: str


class AdjacencyCache:
    """What one open store holds in memory, shared by its readers; arrays never change, they are replaced.

    Each predicate has its last few states, as a reader that is still open may stand before the newest.
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[Held, ...]] = {}
        self._layouts: dict[int, tuple[object, Layout]] = {}
        self._stored: dict[int, int] = {}
        self._lock = threading.Lock()

    def layout(self, vocabulary: Vocabulary, names: Names, name: str) -> Layout:
        """Return which columns a predicate's arrays have."""
        predicate = vocabulary.predicates[name]
        number = names.predicates.number[name]
        known = self._layouts.get(number)
        if known is None or known[0] is not predicate:
            known = self._layouts[number] = (predicate, Layout(predicate, names.renamed_in[number]))
        return known[1]

    def peek(self, number: int) -> Adjacency | None:
        """Return the newest arrays of a predicate that are in memory, however old."""
        held = self._held.get(number)
        return held[0].arrays if held else None

    @property
    def held(self) -> tuple[int, ...]:
        """The numbers of the predicates whose arrays are in memory."""
        return tuple(self._held)

    def at(self, link: Link, number: int, layout: Layout, last: int) -> Adjacency:
        """Return the arrays of a predicate as the connection's snapshot, whose last transaction is given, has them."""
        for held in self._held.get(number, ()):
            if held.first <= last <= held.upto and held.layout == layout.digest:
                return held.arrays
        with self._lock:
            states = [held for held in self._held.get(number, ()) if held.layout == layout.digest]
            base = max((held for held in states if held.upto <= last), key=lambda held: held.upto, default=None)
            if base is None:
                base = self._load(link, number, layout, last)
            arrays = _caught_up(link, number, layout, base, last)
            if arrays is base.arrays:
                states = [held for held in states if held is not base]
                current = Held(arrays, base.first, last, layout.digest)
            else:
                current = Held(arrays, last, last, layout.digest)
            self._held[number] = tuple(sorted([current, *states], key=lambda held: -held.upto)[:_KEPT])
        return arrays

    def untouched(self, before: int, told: int, touched: AbstractSet[int]) -> None:
        """Say that a transaction after ``before`` changed no predicate but these: the others' arrays hold for it."""
        with self._lock:
            for number, (newest, *older) in self._held.items():
                if number not in touched and newest.upto == before:
                    self._held[number] = (Held(newest.arrays, newest.first, told, newest.layout), *older)

    def drop(self) -> None:
        """Forget everything (numbers were erased, or the vocabulary gave predicates another shape)."""
        with self._lock:
            self._held.clear()
            self._layouts.clear()

    def _load(self, link: Link, number: int, layout: Layout, last: int) -> Held:
        stored = stored_state(link, number, layout.digest, last)
        if stored is not None:
            self._stored[number] = len(stored.arrays)
            return stored
        return Held(built(link, number, layout), last, last, layout.digest)

    # keeping

    def store(self, link: Link) -> None:
        """Write arrays that have changed by more than a twentieth since they were kept; takes the write lock briefly.

        Nothing is written where the file already has newer ones, or where something was erased since.
        """
        for number, (held, *_) in list(self._held.items()):
            kept = link.rows("SELECT max(upto) FROM adjacency WHERE predicate = ?", (number,))[0][0]
            size = len(held.arrays)
            if size < _STORE_LEAST or (kept is not None and not _worth(link, number, kept, held.upto, size)):
                continue
            part = f"{held.layout}-{held.upto}"
            for chunk, body in enumerate(to_chunks(held.arrays)):
                link.run("BEGIN IMMEDIATE")
                # checked under the lock, for each chunk: another process may have written meanwhile
                newer = link.rows(
                    "SELECT 1 FROM adjacency WHERE predicate = ? AND upto > ? UNION ALL"
                    " SELECT 1 FROM purged WHERE told_in > ? LIMIT 1",
                    (number, held.upto, held.upto),
                )
                if newer:
                    link.run("ROLLBACK")
                    break
                link.run(
                    "INSERT OR REPLACE INTO adjacency (predicate, part, chunk, upto, crc, bytes)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (number, part, chunk, held.upto, zlib.crc32(body), body),
                )
                link.run("COMMIT")
            else:
                link.run("DELETE FROM adjacency WHERE predicate = ? AND part <> ?", (number, part))


def _worth(link: Link, number: int, kept: int, upto: int, size: int) -> bool:
    """Return whether more than a twentieth of a predicate has changed between two transactions."""
    least = max(size // _FOLD_SHARE, 1)
    changed: int = link.rows(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM relations WHERE predicate = :p AND told_in > :k LIMIT :n))"
        " + (SELECT count(*) FROM (SELECT 1 FROM relations_past WHERE predicate = :p AND replaced_in > :k LIMIT :n))",
        {"p": number, "k": kept, "n": least},
    )[0][0]
    return kept < upto and changed >= least


def stored_state(link: Link, number: int, layout: str, last: int) -> Held | None:
    """Return the newest whole arrays that the file keeps, of this layout and not of after a transaction."""
    parts = link.rows(
        "SELECT DISTINCT part, upto FROM adjacency WHERE predicate = ? AND upto <= ? ORDER BY upto DESC", (number, last)
    )
    for part, upto in parts:
        if not part.startswith(f"{layout}-"):
            continue
        chunks = link.rows(
            "SELECT bytes FROM adjacency WHERE predicate = ? AND part = ? ORDER BY chunk", (number, part)
        )
        try:
            return Held(from_chunks([row[0] for row in chunks]), upto, upto, layout)
        except StoreFormatError:
            # half written or damaged: the tables have it all, the arrays are only slower to make from them
            continue
    return None


def built(link: Link, number: int, layout: Layout) -> Adjacency:
    """Return the arrays of a predicate from its rows."""
    pages = link.pages(f"SELECT {CELLS} FROM relations x WHERE x.predicate = ?", (number,), _PAGE)
    return Adjacency.build(Extraction(layout).pages(pages))


def _caught_up(link: Link, number: int, layout: Layout, base: Held, last: int) -> Adjacency:
    """Return a state brought up to a snapshot: without what was replaced since, with what was told since."""
    if base.upto == last:
        return base.arrays
    asked = (number, base.upto)
    gone = link.rows("SELECT number, subject FROM relations_past WHERE predicate = ? AND replaced_in > ?", asked)
    # erased rows have left numbers only
    erased = link.rows("SELECT number FROM purged WHERE kind = 'relation' AND predicate = ? AND told_in > ?", asked)
    pages = link.pages(f"SELECT {CELLS} FROM relations x WHERE x.predicate = ? AND x.told_in > ?", asked, _PAGE)
    added = Extraction(layout).pages(pages)
    arrays = base.arrays
    if gone:
        table = np.array(gone, np.int64)
        arrays = arrays.with_changes(None, table[:, 0], table[:, 1])
    if erased:
        arrays = arrays.with_changes(None, np.array([row[0] for row in erased], np.int64))
    if len(added):
        arrays = arrays.with_changes(added)
    tail = arrays.tail
    if erased or (tail > _FOLD_LEAST and tail * _FOLD_SHARE > len(arrays.base)):
        arrays = arrays.fold()
    return arrays


def looked_back(link: Link, number: int, layout: Layout, now: Adjacency, known: int) -> Adjacency:
    """Return the arrays as they were known by a transaction, from those of the snapshot."""
    newer = link.rows("SELECT number, subject FROM relations WHERE predicate = ? AND told_in > ?", (number, known))
    if len(newer) * 2 > len(now):
        still = link.pages(
            f"SELECT {CELLS} FROM relations x WHERE x.predicate = ? AND x.told_in <= ?", (number, known), _PAGE
        )
        now = Adjacency.build(Extraction(layout).pages(still))
    elif newer:
        table = np.array(newer, np.int64)
        now = now.with_changes(None, table[:, 0], table[:, 1])
    pages = link.pages(
        f"SELECT {CELLS} FROM relations_past x WHERE x.predicate = ? AND x.replaced_in > ? AND x.told_in <= ?",
        (number, known, known),
        _PAGE,
    )
    before = Extraction(layout).pages(pages)
    return now.with_changes(before) if len(before) else now
