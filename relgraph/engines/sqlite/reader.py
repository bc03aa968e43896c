"""The reader: every way of looking at one snapshot, and its life as a context."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from relgraph.engines.sqlite import search
from relgraph.engines.sqlite.columns import ColumnReads
from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.entities import ENTITY
from relgraph.engines.sqlite.known import Known
from relgraph.engines.sqlite.names import Names
from relgraph.engines.sqlite.network import Caches, Network
from relgraph.engines.sqlite.snapshot import among
from relgraph.folding import fold
from relgraph.model.entity import Entity, to_entity
from relgraph.model.records import EntityRow
from relgraph.vocabulary.model import Vocabulary

_FEW = 1000


class SqliteReader(ColumnReads):
    """A snapshot; left, it gives its connection back."""

    def __init__(
        self,
        link: Link,
        last: int,
        vocabulary: Vocabulary,
        names: Names,
        *,
        release: Callable[[Link], None],
        caches: Caches,
        known: int | None = None,
        newest: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(link, last, vocabulary, names, known=known, newest=newest)
        self._release = release
        self._caches = caches
        self.network = Network(self, caches)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back; closing twice is fine."""
        if self._open:
            self._open = False
            self._release(self._link)

    # what was read before

    def known_now(self) -> Known | None:
        """Return what is known of the entities of now, None for a snapshot that looks back or is older."""
        return None if self.looks_back_to is not None else self._caches.known.at(self.newest)

    def entities(self, numbers: Iterable[int]) -> dict[int, EntityRow]:
        """Return entity rows by number."""
        asked = list(numbers)
        with self._link.lock:
            known = self.known_now()
            if known is None:
                return super().entities(asked)
            rows = known.rows
            missing = [number for number in asked if number not in rows]
            if not missing:
                return {number: rows[number] for number in asked}
            read = super().entities(missing)
            found = {number: row for number in asked if (row := rows.get(number) or read.get(number)) is not None}
            known.keep(read)
            return found

    def entity_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the entities with these ids (ids ever given out keep their number)."""
        asked = list(ids)
        with self._link.lock:
            known = self.known_now()
            if known is None or len(asked) > _FEW:
                return super().entity_numbers(asked)
            numbers = known.numbers
            if all(one in numbers for one in asked):
                return {one: numbers[one] for one in asked}
            found = super().entity_numbers(asked)
            known.keep_numbers(found)
            return found

    def values(self, numbers: Sequence[int]) -> dict[int, Entity]:
        """Return entities as values by number."""
        with self._link.lock:
            known = self.known_now()
            values = {} if known is None else known.values
            with contextlib.suppress(KeyError):
                return {number: values[number] for number in numbers}
            missing = [number for number in numbers if number not in values]
            held = {number: values[number] for number in numbers if number in values}
            rows = self.entities(missing)
            tags, keys, vocabulary = self.tags(missing), self.keys(missing), self.vocabulary
            read = {
                number: to_entity(rows[number], tags.get(number, ()), keys.get(number, ()), vocabulary)
                for number in missing
            }
            if known is not None and all(number in known.rows for number in missing):
                known.values.update(read)
            return held | read

    def search(self, text: str, types: Sequence[str] | None, limit: int) -> list[tuple[int, float]]:
        """Return live entities that match, best first, with a score: folded, prefixes, ranked.

        Looking back, it searches the words of then: what has changed since is read as it was.
        """
        wanted = search.expression(text)
        if wanted is None or limit <= 0:
            return []
        if self.looks_back_to is not None:
            return self._search_back(text, types, limit)
        rows = self._link.rows(
            f"SELECT x.number, -{search.RANK} FROM search CROSS JOIN entities x ON x.number = search.rowid"
            f" WHERE search MATCH :wanted AND x.state = 'live'{among('x.type', self._names.types, types)}"
            f" ORDER BY x.folded <> :folded, {search.RANK}, x.caption, x.id LIMIT :limit",
            {"wanted": wanted, "folded": fold(text), "limit": limit},
        )
        return [(number, score) for number, score in rows]

    def _search_back(self, text: str, types: Sequence[str] | None, limit: int) -> list[tuple[int, float]]:
        terms = search.terms(text)
        condition = among("x.type", self._names.types, types)
        rows = self.believed(f"SELECT {ENTITY} FROM entities{{past}} x WHERE x.state = 'live'{condition}{{when}}", {})
        found = []
        for row in self._named_today(rows):
            score = search.score(row, terms, self._vocabulary)
            if score > 0:
                found.append((row.caption, row.id, row.number, score))
        exact = fold(text)
        found.sort(key=lambda one: (fold(one[0]) != exact, -one[3], one[0], one[1]))
        return [(number, score) for _, _, number, score in found[:limit]]
