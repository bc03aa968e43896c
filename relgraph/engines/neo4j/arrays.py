"""From relations of the server to arrays, and the arrays that one open store holds in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from relgraph.engines.sqlite.extract import CONFIDENCE, CONFIDENCE_SCALE, CURRENCY, Layout
from relgraph.errors import QueryLimitError
from relgraph.model.columns import MISSING
from relgraph.model.records import RelationRow, sure_end, sure_start
from relgraph.network.arrays import Adjacency, combined
from relgraph.network.rows import Amounts, Rows, Texts, Words, joined
from relgraph.vocabulary.model import Predicate

MOST: Final = 2_000_000
"""So many relations are read from the server for one question at most, and so many are held in memory."""
_COUNTS: Final = 200
"""So many counts of what was missing are held."""


def built(predicate: Predicate, pages: Iterable[Sequence[RelationRow]]) -> Adjacency:
    """Return the arrays of a predicate from its relations."""
    layout = Layout(predicate, 0)
    words = {name: Words() for name in layout.texts}
    return Adjacency.build(joined([_columns(page, layout, words) for page in pages if page]))


def _columns(page: Sequence[RelationRow], layout: Layout, words: dict[str, Words]) -> Rows:
    since = np.array([row.since for row in page], np.int32)
    until = np.array([row.until for row in page], np.int32)
    sure_since = sure_until = None
    if any(row.since_precision or row.until_precision for row in page):
        sure_since = np.array([sure_start(row.since, row.since_precision) for row in page], np.int32)
        sure_until = np.array([sure_end(row.until, row.until_precision) for row in page], np.int32)
    amounts: dict[str, Amounts] = {}
    for name, number in layout.amounts.items():
        stored = [row.attributes.get(name) for row in page]
        amounts[name] = np.array([MISSING if one is None else number(one) for one in stored], np.int64)
    texts = {}
    for name, text in layout.texts.items():
        stored = [row.attributes.get(name.removesuffix(CURRENCY)) for row in page]
        texts[name] = Texts(words[name].encode([None if one is None else text(one) for one in stored]), words[name])
    if any(row.confidence is not None for row in page):
        amounts[CONFIDENCE] = np.array(
            [MISSING if row.confidence is None else round(row.confidence * CONFIDENCE_SCALE) for row in page], np.int64
        )
    return Rows(
        np.array([row.number for row in page], np.int64),
        np.array([row.subject for row in page], np.int64),
        np.array([row.object for row in page], np.int64),
        since,
        until,
        sure_since,
        sure_until,
        amounts,
        texts,
    )


def refuse_too_many(relations: int) -> None:
    """Raise QueryLimitError where a question would have more relations read than are read for one."""
    if relations > MOST:
        raise QueryLimitError(
            f"the question needs {relations:,} relations read from the server, and at most {MOST:,} are",
            hint="name fewer predicates, or ask in a form that the server answers by itself (see explain)",
            details={"limit": MOST, "what": "relations", "needed": relations},
        )


class Arrays:
    """The arrays that one open store holds: those that were used last, as long as no transaction was told since."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Adjacency] = OrderedDict()
        self._moment: tuple[int, int] = (-1, -1)
        self._together: tuple[tuple[Adjacency, ...], Adjacency] | None = None
        self._counted: OrderedDict[Hashable, tuple[Sequence[Sequence[Any]], int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, predicate: str, moment: tuple[int, int]) -> Adjacency | None:
        """Return the arrays of a predicate right after a transaction, under a version of the vocabulary."""
        with self._lock:
            if moment != self._moment or predicate not in self._held:
                return None
            self._held.move_to_end(predicate)
            return self._held[predicate]

    def keep(self, predicate: str, moment: tuple[int, int], arrays: Adjacency) -> None:
        """Hold arrays, in place of older ones and of those that were not used for longest."""
        with self._lock:
            if moment < self._moment:
                return
            self._turn(moment)
            self._held[predicate] = arrays
            while len(self._held) > 1 and sum(map(len, self._held.values())) > MOST:
                self._held.popitem(last=False)

    def _turn(self, moment: tuple[int, int]) -> None:
        """Let go of what was held of an earlier moment."""
        if moment > self._moment:
            self._held.clear()
            self._together = None
            self._counted.clear()
            self._moment = moment

    def counted(self, asked: Hashable, moment: tuple[int, int]) -> Sequence[Sequence[Any]] | None:
        """Return the rows of a statement that counts, asked right after a transaction before."""
        with self._lock:
            if moment != self._moment or asked not in self._counted:
                return None
            self._counted.move_to_end(asked)
            return self._counted[asked][0]

    def keep_counted(
        self, asked: Hashable, moment: tuple[int, int], rows: Sequence[Sequence[Any]], numbers: int
    ) -> None:
        """Hold the rows of a statement that counts; ``numbers`` is how many things they tell of."""
        with self._lock:
            if moment < self._moment:
                return
            self._turn(moment)
            self._counted[asked] = rows, numbers
            while len(self._counted) > 1 and (
                len(self._counted) > _COUNTS or sum(one for _, one in self._counted.values()) > MOST
            ):
                self._counted.popitem(last=False)

    def together(self, parts: Sequence[tuple[str, Adjacency]]) -> Adjacency:
        """Return the arrays of several predicates as one."""
        arrays = tuple(one for _, one in parts)
        held = self._together
        if held is None or len(held[0]) != len(arrays) or any(a is not b for a, b in zip(held[0], arrays, strict=True)):
            held = self._together = (arrays, combined(parts))
        return held[1]
