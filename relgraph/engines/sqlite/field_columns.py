"""A field of all entities as one column by number, read once and brought up to a reader's moment."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.codec import dumps, loads
from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.names import Names
from relgraph.network.execute.table import Values
from relgraph.vocabulary.fields import meant
from relgraph.vocabulary.model import Field, Vocabulary

_PAGE = 20_000
_CELLS = "SELECT number, type, fields FROM entities"
Rows = Iterable[tuple[int, int, str]]


class Column:
    """Codes by entity number, and the value behind each code; code 0 is missing.

    The values only grow, so that every state of the column shares them; codes never change, they are replaced.
    """

    __slots__ = ("_known", "_shapes", "codes", "items", "upto")

    def __init__(self, codes: NDArray[np.int32], upto: int, shapes: dict[int, Field]) -> None:
        self.codes = codes
        self.upto = upto
        self.items: list[Any] = [None]
        self._known: dict[tuple[str, object], int] = {}
        # how each type, by its number, declares the field
        self._shapes = shapes

    def moved(self, codes: NDArray[np.int32], upto: int) -> Column:
        """Return another state of the same column."""
        other = Column(codes, upto, self._shapes)
        other.items, other._known = self.items, self._known
        return other

    def coded(self, rows: Rows, name: str) -> tuple[list[int], list[int]]:
        """Return the numbers of entities and the code of the field in each, new values added."""
        numbers, codes = [], []
        for number, kind, text in rows:
            numbers.append(number)
            codes.append(self._code(kind, text, name))
        return numbers, codes

    def _code(self, kind: int, text: str, name: str) -> int:
        field = self._shapes.get(kind)
        stored = None if field is None else loads(text).get(name)
        if field is None or stored is None:
            return 0
        key = (field.kind, dumps(stored) if isinstance(stored, list) else stored)
        code = self._known.get(key)
        if code is None:
            code = self._known[key] = len(self.items)
            self.items.append(meant(field, stored))
        return code

    def values(self, numbers: NDArray[np.int64]) -> Values:
        """Return the values of some entities."""
        codes = self.codes[numbers].astype(np.intp)
        if len(codes) * 4 > len(self.items):
            return Values(codes, self.items)
        used, inverse = np.unique(codes, return_inverse=True)
        return Values(inverse, [self.items[code] for code in used.tolist()])


@dataclass(slots=True)
class _Held:
    vocabulary: Vocabulary
    states: tuple[Column, ...]


class FieldColumns:
    """The columns that one open store holds in memory, shared by its readers."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def ready(self, name: str) -> bool:
        """Return whether a field's column is in memory, of whatever moment."""
        return name in self._held

    def drop(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()

    def at(self, link: Link, name: str, vocabulary: Vocabulary, names: Names, *, last: int, room: int) -> Column:
        """Return a field's column as the connection's snapshot, whose last transaction is given, has it."""
        with self._lock:
            held = self._held.get(name)
            if held is None or held.vocabulary is not vocabulary:
                held = self._held[name] = _Held(vocabulary, ())
            for state in held.states:
                if state.upto == last:
                    return state
            base = max((one for one in held.states if one.upto < last), key=lambda one: one.upto, default=None)
            if base is not None and link.rows("SELECT 1 FROM purged WHERE told_in > ? LIMIT 1", (base.upto,)):
                # what was erased must not live on among the values
                held.states, base = (), None
            if base is None:
                current = _read(link, name, vocabulary, names, last=last, room=room)
            else:
                current = _caught_up(link, name, base, last=last, room=room)
            held.states = tuple(sorted([current, *held.states], key=lambda one: -one.upto)[:3])
            return current


def _read(link: Link, name: str, vocabulary: Vocabulary, names: Names, *, last: int, room: int) -> Column:
    declared = ((number, vocabulary.fields(kind).get(name)) for kind, number in names.types.number.items())
    column = Column(np.zeros(room, np.int32), last, {number: field for number, field in declared if field is not None})
    for page in link.pages(_CELLS, (), _PAGE):
        numbers, codes = column.coded(page, name)
        column.codes[numbers] = codes
    return column


def _caught_up(link: Link, name: str, base: Column, *, last: int, room: int) -> Column:
    told = link.rows(f"{_CELLS} WHERE told_in > ?", (base.upto,))
    gone = link.rows("SELECT number FROM entities_past WHERE replaced_in > ?", (base.upto,))
    if not told and not gone and len(base.codes) == room:
        return base.moved(base.codes, last)
    fresh = np.zeros(room, np.int32)
    fresh[: len(base.codes)] = base.codes
    fresh[[row[0] for row in gone]] = 0
    numbers, codes = base.coded(told, name)
    fresh[numbers] = codes
    return base.moved(fresh, last)


def looked_back(link: Link, name: str, now: Column, known: int) -> Column:
    """Return the column as it was known by a transaction, from that of the snapshot."""
    codes = now.codes.copy()
    codes[[row[0] for row in link.rows("SELECT number FROM entities WHERE told_in > ?", (known,))]] = 0
    before = link.rows(
        "SELECT number, type, fields FROM entities_past WHERE told_in <= ? AND replaced_in > ?", (known, known)
    )
    numbers, then = now.coded(before, name)
    codes[numbers] = then
    return now.moved(codes, known)
