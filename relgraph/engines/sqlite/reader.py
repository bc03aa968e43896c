"""The reader: every way of looking at one snapshot, and its life as a context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from relgraph.engines.sqlite import search
from relgraph.engines.sqlite.columns import ColumnReads
from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.entities import ENTITY
from relgraph.engines.sqlite.names import Names
from relgraph.engines.sqlite.network import Caches, Network
from relgraph.engines.sqlite.snapshot import among
from relgraph.folding import fold
from relgraph.vocabulary.model import Vocabulary


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
