"""Entities that were read before, kept until one changes: the same few are asked about again and again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.connection import Link
from relgraph.model.entity import Entity
from relgraph.model.records import EntityRow

_ROOM: Final = 20_000
"""How many entities are kept: some 20 MB."""


@dataclass(slots=True)
class Known:
    """What was read while no entity, tag or key changed: rows and values by number, numbers by id.

    ``ranks`` is the place of each live entity by name and id, made once as many were put in order as there are.
    """

    rows: dict[int, EntityRow] = field(default_factory=dict)
    values: dict[int, Entity] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    ranks: NDArray[np.int32] | None = None
    ordered: int = 0

    def keep(self, rows: dict[int, EntityRow]) -> None:
        """Keep rows, those read before leaving when there are too many."""
        if len(self.rows) + len(rows) > _ROOM:
            # made anew, not emptied: a reader of another thread may have found something in what was there
            self.rows, self.values = {}, {}
        if len(rows) <= _ROOM:
            self.rows.update(rows)

    def keep_numbers(self, numbers: dict[str, int]) -> None:
        """Keep numbers by id, in the same way."""
        if len(self.numbers) + len(numbers) > _ROOM:
            self.numbers = {}
        self.numbers.update(numbers)

    def ranked(self, link: Link, asked: int, room: int) -> NDArray[np.int32] | None:
        """Return the places of all, None as long as making them costs more than it has saved."""
        if self.ranks is None:
            self.ordered += asked
            if self.ordered < room:
                return None
            numbers = [row[0] for row in link.rows("SELECT number FROM entities ORDER BY caption, id")]
            ranks = np.full(room, room, np.int32)
            ranks[numbers] = np.arange(len(numbers))
            self.ranks = ranks
        return self.ranks


class KnownCache:
    """What is known of one open store; a reader before the last change goes without."""

    def __init__(self) -> None:
        self._first = -1
        self._upto = -1
        self._known = Known()
        self._lock = threading.Lock()

    def at(self, last: int) -> Known | None:
        """Return what is known at a transaction, None where it is too old."""
        if self._first <= last <= self._upto:
            return self._known
        with self._lock:
            if last < self._first:
                return None
            if last > self._upto:
                # readers that hold what was known before may go on filling it
                self._first, self._upto, self._known = last, last, Known()
            return self._known

    def untouched(self, before: int, told: int) -> None:
        """Say that a transaction after ``before`` changed no entity, tag or key."""
        with self._lock:
            if self._upto == before:
                self._upto = told

    def drop(self) -> None:
        """Forget everything."""
        with self._lock:
            self._first, self._upto, self._known = -1, -1, Known()
