"""Which transaction the state of a thing comes from, where some have taken others back."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from relgraph.model.ports import Reader
from relgraph.model.records import TransactionRow

Span = tuple[int, int | None]
"""When a version was told, and when it was replaced or taken out (None: it stands)."""


class Origins:
    """Follows undos back to what they brought back; ``take`` adds one that is under way."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._undone: dict[int, frozenset[int]] = {}
        self.taken: set[int] = set()

    def take(self, number: int) -> None:
        """Look on a transaction as taken back from now on."""
        self.taken.add(number)

    def of(self, versions: Iterable[Span], *, up_to: int) -> int:
        """Return the transaction that made a thing what it is now, 0 where it is as before it was ever told.

        An undo makes nothing: what it brings back comes from before the transactions that it took back. The one that
        is asked about, ``up_to``, is not looked behind.
        """
        moments = sorted({one for span in versions for one in span if one is not None})
        origins: list[int] = []
        for place, moment in enumerate(moments):
            undone = frozenset() if moment == up_to else self._undone_by(moment)
            origins.append(_before(moments, origins, place - 1, undone) if undone else place)
        last = _before(moments, origins, len(moments) - 1, self.taken)
        return moments[last] if last >= 0 else 0

    def _undone_by(self, number: int) -> frozenset[int]:
        if number not in self._undone:
            row = self._reader.transaction(number)
            self._undone[number] = frozenset() if row is None else undone_by(self._reader, row)
        return self._undone[number]


def _before(moments: Sequence[int], origins: Sequence[int], place: int, undone: Container[int]) -> int:
    """Return the place of the moment that state comes from once some are taken back, -1 for none."""
    while place >= 0:
        if moments[place] in undone:
            place -= 1
        elif origins[place] == place:
            break
        else:
            place = origins[place]
    return place


def undone_by(reader: Reader, row: TransactionRow) -> frozenset[int]:
    """Return the transactions that one took back: none, one, or those of a batch."""
    if row.kind != "undo" or row.undoes is None:
        return frozenset()
    target = reader.transaction(row.undoes)
    if target is not None:
        return frozenset({target.number})
    return frozenset(one.number for one in reader.transactions(batch=row.undoes) if one.number < row.number)


def taken_back(reader: Reader, transactions: Sequence[TransactionRow]) -> dict[int, TransactionRow]:
    """Return which of these have been taken back, each with the undo that did so and was not itself taken back."""
    first = min((row.number for row in transactions), default=0)
    undos = [row for row in reader.transactions(after=first) if row.kind == "undo"]
    found: dict[int, TransactionRow] = {}
    for row in reversed(undos):
        if row.number not in found:
            for number in undone_by(reader, row):
                found.setdefault(number, row)
    return {row.number: found[row.number] for row in transactions if row.number in found}
