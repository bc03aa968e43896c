"""The stable numbers behind the names of types, predicates and tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from relgraph.network.rows import Mask
from relgraph.vocabulary.model import Vocabulary

TABLES = {"type": "entity_types", "predicate": "predicates", "tag": "tag_names"}


@dataclass(frozen=True, slots=True)
class NameTable:
    """Names of one kind and their numbers.

    ``number`` knows the names of today's vocabulary; ``name`` knows every number ever given, a name that is gone
    included; ``live`` only those of today.
    """

    number: Mapping[str, int]
    name: Mapping[int, str]
    live: Mapping[int, str]
    _fitting: dict[frozenset[str], Mask] = field(default_factory=dict, compare=False, repr=False)
    _coded: list[tuple[tuple[str, ...], Mapping[int, int]]] = field(default_factory=list, compare=False, repr=False)

    def coded(self) -> tuple[tuple[str, ...], Mapping[int, int]]:
        """Return the names of today in the order of the vocabulary, and the place of each number among them."""
        if not self._coded:
            self._coded.append((tuple(self.number), {number: at for at, number in enumerate(self.number.values())}))
        return self._coded[0]

    def fitting(self, names: Iterable[str]) -> Mask:
        """Return a mask over numbers that is true for these names; its last entry, for no number (-1), is false."""
        wanted = frozenset(names)
        found = self._fitting.get(wanted)
        if found is None:
            found = np.zeros(max(self.name, default=0) + 2, np.bool_)
            found[self.numbers(wanted)] = True
            self._fitting[wanted] = found
        return found

    def numbers(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of the names that exist."""
        return [self.number[name] for name in names if name in self.number]


@dataclass(frozen=True, slots=True)
class Names:
    """The three tables of names, as one vocabulary version has them.

    ``renamed_in`` is the version that last renamed attributes of a predicate, by its number: arrays from before hold
    them under other names.
    """

    types: NameTable
    predicates: NameTable
    tags: NameTable
    renamed_in: Mapping[int, int]


def read_names(connection: sqlite3.Connection) -> Names:
    """Return the tables of names as the connection sees them."""
    types, predicates, tags = [_table(connection, TABLES[kind]) for kind in ("type", "predicate", "tag")]
    renamed = connection.execute("SELECT number, renamed_in FROM predicates").fetchall()
    return Names(types, predicates, tags, dict(renamed))


def _table(connection: sqlite3.Connection, table: str) -> NameTable:
    rows = connection.execute(f"SELECT number, name, gone FROM {table} ORDER BY number").fetchall()
    live = {number: name for number, name, gone in rows if not gone}
    return NameTable({name: number for number, name in live.items()}, {row[0]: row[1] for row in rows}, live)


def write_names(
    connection: sqlite3.Connection, vocabulary: Vocabulary, renames: Sequence[tuple[str, str, str]]
) -> None:
    """Bring the tables of names to a vocabulary: rename, add what is new, mark what is gone.

    ``renames`` are (kind, old, new), applied at once, so that two names may change places. A name that comes back
    has its old number again.
    """
    for kind, table in TABLES.items():
        named = {old: new for of, old, new in renames if of == kind}
        current = _table(connection, table)
        wanted = {"type": vocabulary.types, "predicate": vocabulary.predicates, "tag": vocabulary.tags}[kind]
        after = {number: named.get(name, name) for number, name in current.live.items()}
        # everything steps aside first: the index refuses the same name twice even for a moment
        connection.execute(f"UPDATE {table} SET gone = 1")
        connection.executemany(
            f"UPDATE {table} SET name = ?, gone = ? WHERE number = ?",
            [(name, int(name not in wanted), number) for number, name in after.items()],
        )
        kept = set(after.values())
        fresh = [name for name in wanted if name not in kept]
        left = dict(connection.execute(f"SELECT name, max(number) FROM {table} WHERE gone GROUP BY name").fetchall())
        connection.executemany(
            f"UPDATE {table} SET gone = 0 WHERE number = ?", [(left[name],) for name in fresh if name in left]
        )
        connection.executemany(
            f"INSERT INTO {table} (name) VALUES (?)", [(name,) for name in fresh if name not in left]
        )
