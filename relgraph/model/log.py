"""The log gone through in pages: its entries, and what each of them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from relgraph.model.ports import Changed, Reader
from relgraph.model.records import TransactionRow

ENTRIES: Final = 1000
"""How many entries of the log are read at once."""
_FIRST: Final = 16
"""How many transactions are looked at together first; twice as many each time."""
_ROWS: Final = 20_000
"""So many things of one kind that transactions changed are held at once, unless one alone changed more."""


def entries(
    reader: Reader, *, after: int = 0, actor: str | None = None, batch: str | None = None
) -> Iterator[list[TransactionRow]]:
    """Yield the log after a transaction, oldest first, page by page."""
    while True:
        rows = reader.transactions(after=after, actor=actor, batch=batch, limit=ENTRIES)
        if rows:
            yield rows
        if len(rows) < ENTRIES:
            return
        after = rows[-1].number


def changes_of(
    reader: Reader, pages: Iterable[Sequence[TransactionRow]], left: Callable[[], int | None] = lambda: None
) -> Iterator[tuple[list[TransactionRow], dict[int, Changed]]]:
    """Yield transactions, several together, with what each changed: as many as may be held at once.

    ``left`` says before each step how many things more are wanted; None is all, and 0 ends it.
    """
    size = _FIRST
    for page in pages:
        rows = list(page)
        while rows:
            most = left()
            if most is not None and most <= 0:
                return
            some = rows[:size]
            found = _changed(reader, some, most)
            if found is None:
                size = max(size // 2, 1)
                continue
            yield some, found
            del rows[:size]
            size = min(size * 2, ENTRIES)


def _changed(reader: Reader, rows: Sequence[TransactionRow], most: int | None) -> dict[int, Changed] | None:
    """Return what transactions changed, the first ``most`` whole; None where that is too much to be read at once."""
    if len(rows) == 1:
        return {rows[0].number: reader.changed_in(rows[0].number, most=most)}
    at_once = _ROWS if most is None else min(most, _ROWS)
    found = reader.changed_in_each([row.number for row in rows], most=at_once)
    longest = max(map(sum, zip(*([len(kind) for kind in one.kinds] for one in found.values()), strict=True)), default=0)
    return None if longest >= at_once and at_once != most else found
