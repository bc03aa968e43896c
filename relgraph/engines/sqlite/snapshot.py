"""What every reading method stands on: a connection, a moment, and statements that look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from relgraph.engines.sqlite.codec import dumps, numbers_text
from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.names import Names, NameTable
from relgraph.vocabulary.model import Vocabulary

Rows = list[tuple[Any, ...]]


@lru_cache(maxsize=2000)
def _variants(template: str) -> tuple[str, str, str]:
    """Return a statement for now, and the two that look back: at rows still believed, and at past ones.

    ``{past}`` stands after the name of the table, whose alias is x, and ``{when}`` at the end of its conditions.
    """
    return (
        template.format(past="", when=""),
        template.format(past="", when=" AND x.told_in <= :at"),
        template.format(past="_past", when=" AND x.told_in <= :at AND x.replaced_in > :at"),
    )


class Snapshot:
    """One consistent state of the file, now or as known by a transaction.

    ``newest`` gives the last transaction of the store as it stands now where the connection is shared and cannot
    hold a state by itself (a network in memory); once it has moved on, the snapshot looks back to its own number.
    """

    def __init__(
        self,
        link: Link,
        last: int,
        vocabulary: Vocabulary,
        names: Names,
        *,
        known: int | None = None,
        newest: Callable[[], int] | None = None,
    ) -> None:
        self._link = link
        self._last = last
        self._vocabulary = vocabulary
        self._names = names
        self._known = known
        self._newest = newest

    @property
    def last(self) -> int:
        """The number of the last transaction this snapshot sees."""
        return self._last

    @property
    def known(self) -> int | None:
        """The transaction number that this snapshot looks back to, or None for now."""
        return self._known

    @property
    def vocabulary(self) -> Vocabulary:
        """Today's vocabulary (also when looking back)."""
        return self._vocabulary

    @property
    def link(self) -> Link:
        """The connection of this snapshot, for the other parts of the store."""
        return self._link

    @property
    def names(self) -> Names:
        """The numbers behind names, as this snapshot's vocabulary has them."""
        return self._names

    @property
    def newest(self) -> int:
        """The last transaction that the connection sees: where it is shared, that may be after this snapshot."""
        return self._last if self._newest is None else self._newest()

    @property
    def looks_back_to(self) -> int | None:
        """The transaction to look back to, None where the tables of now are the answer."""
        moved = self._newest is not None and self._newest() != self._last
        if self._known is None or self._known >= self._last:
            return self._last if moved else None
        return self._known

    def believed(self, template: str, parameters: Mapping[str, object]) -> Rows:
        """Return the rows of a statement at this snapshot's moment (the order holds for the tables of now only)."""
        now, then, past = _variants(template)
        with self._link.lock:
            at = self.looks_back_to
            if at is None:
                return self._link.rows(now, parameters)
            parameters = {**parameters, "at": at}
            return self._link.rows(then, parameters) + self._link.rows(past, parameters)

    def _ever_texts(self, statement: str, texts: Iterable[str]) -> Rows:
        """Return the rows of a statement without a moment that joins ``json_each(:list)`` with a list of texts."""
        plain: list[str] = []
        cut: list[str] = []
        for text in texts:
            # json_each cuts a text at NUL; such a one is asked for by itself
            (cut if "\0" in text else plain).append(text)
        found = self._link.rows(statement, {"list": dumps(plain)}) if plain else []
        for text in cut:
            found += self._link.rows(statement.replace("json_each(:list)", "(SELECT :list AS value)"), {"list": text})
        return found


def listed(numbers: Iterable[int]) -> dict[str, object]:
    """Return the parameter of a statement that joins with ``json_each(:list)``."""
    return {"list": numbers_text(numbers)}


def among(column: str, table: NameTable, names: Sequence[str] | None) -> str:
    """Return a condition that a column has one of these names' numbers ('' for None and for all there ever were)."""
    if names is None:
        return ""
    numbers = set(table.numbers(names))
    if len(numbers) == len(table.name):
        return ""
    return f" AND {column} IN ({','.join(map(str, sorted(numbers)))})"
