"""From rows of the file to arrays: bounds, sure periods, and one column for each attribute."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from relgraph.engines.sqlite.codec import SINCE, UNTIL, dumps, loads
from relgraph.model.columns import MISSING, placed_amount
from relgraph.model.records import sure_end, sure_start
from relgraph.network.rows import Amounts, Rows, Texts, Words, joined
from relgraph.vocabulary.model import Predicate

CELLS = (
    "x.number, x.subject, x.object, x.since, x.until, x.since_precision, x.until_precision, x.attributes, x.confidence"
)
"""What a statement must select for :func:`rows_of`, in order."""

CONFIDENCE = "confidence"
CONFIDENCE_SCALE = 10**15
CURRENCY = ".currency"
"""What is added to a money attribute's name for the column of its currencies."""

_REMEMBERED = 200_000
_NUMBERS = frozenset(("integer", "boolean", "decimal", "percent", "money", "date", "datetime"))


class Layout:
    """Which columns the arrays of a predicate have.

    Numbers, dates and booleans are amounts, scaled by their field; a money's currency is the text column
    ``name.currency``. Texts and partial dates are text columns as stored, lists the JSON text of what is stored.
    ``confidence`` is an amount times 10**15, there only if a relation has one.
    """

    __slots__ = ("amounts", "digest", "texts")

    def __init__(self, predicate: Predicate, renamed_in: int) -> None:
        self.amounts: dict[str, Callable[[Any], int]] = {}
        self.texts: dict[str, Callable[[Any], str | None]] = {}
        for field in predicate.attributes:
            if field.many:
                self.texts[field.name] = dumps
            elif field.kind in _NUMBERS:
                self.amounts[field.name] = partial(placed_amount, field)
                if field.kind == "money":
                    self.texts[field.name + CURRENCY] = _currency
            else:
                self.texts[field.name] = _text
        shape = [[one.name, one.kind, one.many, one.scale] for one in predicate.attributes]
        self.digest = f"{zlib.crc32(dumps(shape).encode()):08x}-{renamed_in}"


def _text(stored: Any) -> str | None:
    # a field of another kind may have left what is no text
    return stored if isinstance(stored, str) else None


def _currency(stored: Any) -> str:
    return str(stored[1]) if isinstance(stored, list) and len(stored) == 2 else ""


class Extraction:
    """Columns of one predicate, filled page by page so that a million rows are never held as objects."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._words = {name: Words() for name in layout.texts}
        # equal cells are common (shares, roles): each is taken apart once
        self._cells: dict[str, tuple[tuple[int, ...], tuple[str | None, ...]]] = {}

    def pages(self, pages: Iterable[list[tuple[Any, ...]]]) -> Rows:
        """Return all rows of several pages."""
        return joined([self.rows(page) for page in pages if page])

    def rows(self, page: Sequence[tuple[Any, ...]]) -> Rows:
        """Return the rows of one page."""
        number, subject, target, since_text, until_text, early, late, cells, confidence = zip(*page, strict=True)
        since = np.array(list(map(SINCE.__getitem__, since_text)), np.int32)
        until = np.array(list(map(UNTIL.__getitem__, until_text)), np.int32)
        sure_since = sure_until = None
        if any(early) or any(late):
            sure_since = np.array(list(map(sure_start, since.tolist(), early)), np.int32)
            sure_until = np.array(list(map(sure_end, until.tolist(), late)), np.int32)
        amounts, texts = self._attributes(cells)
        if any(one is not None for one in confidence):
            amounts[CONFIDENCE] = np.array(
                [MISSING if one is None else round(one * CONFIDENCE_SCALE) for one in confidence], np.int64
            )
        return Rows(
            np.array(number, np.int64),
            np.array(subject, np.int64),
            np.array(target, np.int64),
            since,
            until,
            sure_since,
            sure_until,
            amounts,
            texts,
        )

    def _attributes(self, cells: Sequence[str]) -> tuple[dict[str, Amounts], dict[str, Texts]]:
        layout = self._layout
        if not layout.amounts and not layout.texts:
            return {}, {}
        if len(self._cells) > _REMEMBERED:
            self._cells.clear()
        remembered = self._cells
        values = []
        for cell in cells:
            found = remembered.get(cell)
            if found is None:
                found = remembered[cell] = self._take_apart(cell)
            values.append(found)
        amounts = {}
        texts = {}
        if layout.amounts:
            table = np.array([one[0] for one in values], np.int64)
            amounts = {name: np.ascontiguousarray(table[:, index]) for index, name in enumerate(layout.amounts)}
        for index, name in enumerate(layout.texts):
            words = self._words[name]
            texts[name] = Texts(words.encode([one[1][index] for one in values]), words)
        return amounts, texts

    def _take_apart(self, cell: str) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
        held = loads(cell)
        amounts = []
        for name, number in self._layout.amounts.items():
            stored = held.get(name)
            amounts.append(MISSING if stored is None else number(stored))
        texts = []
        for name, text in self._layout.texts.items():
            stored = held.get(name.removesuffix(CURRENCY) if text is _currency else name)
            texts.append(None if stored is None else text(stored))
        return tuple(amounts), tuple(texts)
