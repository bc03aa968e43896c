"""Relations as plain columns on their way into and out of the adjacency arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relgraph.model.columns import MISSING

Numbers = NDArray[np.signedinteger[Any]]
"""Entity or relation numbers: int32 where all of them fit, else int64."""
Days = NDArray[np.int32]
Codes = NDArray[np.int32]
Amounts = NDArray[np.int64]
Positions = NDArray[np.intp]
Mask = NDArray[np.bool_]

NO_WORD = -1
"""What a column of codes holds where a relation lacks the text."""


def compact(values: ArrayLike) -> Numbers:
    """Return whole numbers as int32 when all of them fit, else as int64.

    >>> compact([1, 2]).dtype.name, compact([1, 2**40]).dtype.name
    ('int32', 'int64')
    """
    array: Numbers = np.asarray(values, dtype=None if isinstance(values, np.ndarray) else np.int64)
    if array.dtype == np.int32:
        return array
    if not len(array) or (int(array.max()) < 2**31 - 1 and int(array.min()) >= -(2**31)):
        return array.astype(np.int32)
    return array.astype(np.int64, copy=False)


class Words:
    """A dictionary of texts that only grows: a code, once given, means the same text for ever.

    >>> words = Words()
    >>> words.encode(["de", None, "fr", "de"]).tolist()
    [0, -1, 1, 0]
    >>> words.decode(np.array([1, -1]))
    ['fr', None]
    """

    __slots__ = ("_codes", "_lock", "_texts")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = list(texts)
        # filled when first needed: a cache that is only read never pays for it
        self._codes: dict[str, int] | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def texts(self) -> Sequence[str]:
        """All texts, by code; not to be changed."""
        return self._texts

    def _table(self) -> dict[str, int]:
        if self._codes is None:
            self._codes = {text: code for code, text in enumerate(self._texts)}
        return self._codes

    def encode(self, values: Iterable[str | None]) -> Codes:
        """Return the code of each text, new ones added; :data:`NO_WORD` for None."""
        with self._lock:
            table = self._table()
            found = []
            for value in values:
                if value is None:
                    found.append(NO_WORD)
                    continue
                code = table.get(value)
                if code is None:
                    code = table[value] = len(self._texts)
                    self._texts.append(value)
                found.append(code)
        return np.array(found, dtype=np.int32)

    def code(self, text: str) -> int | None:
        """Return the code of a text, or None when no relation ever had it."""
        with self._lock:
            return self._table().get(text)

    def decode(self, codes: Codes) -> list[str | None]:
        """Return the text of each code."""
        texts = self._texts
        return [None if code < 0 else texts[code] for code in codes.tolist()]


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: codes into ``words``, :data:`NO_WORD` where missing."""

    codes: Codes
    words: Words

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Texts:
        """Return texts as a column with a dictionary of its own."""
        words = Words()
        return cls(words.encode(values), words)

    def to_list(self) -> list[str | None]:
        """Return the texts, None where missing."""
        return self.words.decode(self.codes)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some relations, side by side, in any order.

    ``since`` and ``until`` are day ordinals of the widest half-open period, ``OPEN_START`` and ``OPEN_END`` where
    open; ``sure_since`` and ``sure_until`` may be left out where they are the same. ``amounts`` holds scaled whole
    numbers (numbers, dates, microseconds, booleans) with ``MISSING`` where absent, ``texts`` columns of texts.
    """

    number: Numbers
    subject: Numbers
    object: Numbers
    since: Days
    until: Days
    sure_since: Days | None = None
    sure_until: Days | None = None
    amounts: Mapping[str, Amounts] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def empty(cls) -> Rows:
        """Return no rows."""
        none = np.zeros(0, np.int32)
        return cls(none, none, none, none, none)

    def take(self, positions: Positions | Mask) -> Rows:
        """Return the rows at these positions, or where the mask is true."""
        return Rows(
            self.number[positions],
            self.subject[positions],
            self.object[positions],
            self.since[positions],
            self.until[positions],
            None if self.sure_since is None else self.sure_since[positions],
            None if self.sure_until is None else self.sure_until[positions],
            {name: column[positions] for name, column in self.amounts.items()},
            {name: Texts(column.codes[positions], column.words) for name, column in self.texts.items()},
        )


def joined(parts: Sequence[Rows]) -> Rows:
    """Return several blocks of rows as one; an attribute that a block lacks is missing there."""
    if not parts:
        return Rows.empty()
    if len(parts) == 1:
        return parts[0]
    amounts = dict.fromkeys(name for part in parts for name in part.amounts)
    texts = dict.fromkeys(name for part in parts for name in part.texts)

    def amount(part: Rows, name: str) -> Amounts:
        column = part.amounts.get(name)
        return np.full(len(part), MISSING, np.int64) if column is None else column

    def text(name: str) -> Texts:
        words = next(part.texts[name].words for part in parts if name in part.texts)
        return Texts(np.concatenate([codes_in(words, part.texts.get(name), len(part)) for part in parts]), words)

    sure = any(part.sure_since is not None or part.sure_until is not None for part in parts)
    return Rows(
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.subject for part in parts]),
        np.concatenate([part.object for part in parts]),
        np.concatenate([part.since for part in parts]),
        np.concatenate([part.until for part in parts]),
        np.concatenate([part.since if part.sure_since is None else part.sure_since for part in parts])
        if sure
        else None,
        np.concatenate([part.until if part.sure_until is None else part.sure_until for part in parts])
        if sure
        else None,
        {name: np.concatenate([amount(part, name) for part in parts]) for name in amounts},
        {name: text(name) for name in texts},
    )


def codes_in(words: Words, column: Texts | None, count: int) -> Codes:
    """Return a column's codes in another dictionary, which learns the texts it lacks; None is missing throughout."""
    if column is None:
        return np.full(count, NO_WORD, np.int32)
    if column.words is words:
        return column.codes
    used = np.unique(column.codes)
    used = used[used >= 0]
    table = np.full(len(column.words) + 1, NO_WORD, np.int32)
    table[used] = words.encode([column.words.texts[code] for code in used.tolist()])
    # the last entry stays NO_WORD, which is what index -1 picks
    recoded: Codes = table[column.codes]
    return recoded
