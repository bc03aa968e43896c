"""The network of a question that is answered from some of its relations: those that statements have brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.neo4j.arrays import built
from relgraph.engines.neo4j.network import NONE, Network
from relgraph.model.records import RelationRow
from relgraph.network.arrays import Adjacency


class Fetched(Network):
    """The network of a snapshot, but of relations only those that rows have brought.

    A relation stays at its position when further rows come: tables of earlier rows hold it.
    """

    def __init__(self, whole: Network) -> None:
        super().__init__(whole.reader, whole.held)
        self._whole = whole
        self._rows: dict[int, RelationRow] = {}
        self._fresh: dict[str, list[RelationRow]] = {}
        self._positions: dict[str, dict[int, int]] = {}

    def take(self, rows: Iterable[RelationRow]) -> None:
        """Add relations; those that are there stay as they are."""
        for row in rows:
            if row.number not in self._rows:
                self._rows[row.number] = row
                self._fresh.setdefault(row.predicate, []).append(row)

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of exactly this predicate that rows have brought."""
        found = self._arrays.get(predicate)
        fresh = self._fresh.pop(predicate, [])
        if found is None or fresh:
            more = built(self.reader.vocabulary.predicates[predicate], [fresh])
            found = self._arrays[predicate] = more if found is None else found.followed_by(more.rows())
        return found

    def position(self, row: RelationRow) -> int:
        """Return where a relation stands in the arrays of its predicate."""
        arrays = self.adjacency(row.predicate)
        places = self._positions.get(row.predicate, {})
        if len(places) < len(arrays):
            at = arrays.positions()
            places = dict(zip(arrays.number(at).tolist(), at.tolist(), strict=True))
            self._positions[row.predicate] = places
        return places[row.number]

    def every(self) -> Adjacency:
        """Return the relations of all predicates together, those that no row has brought included."""
        return self._whole.every()

    def _kinds_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        # of the few that rows have brought nothing is kept by number, which would need to know how many there are
        asked, at = np.unique(numbers, return_inverse=True)
        cells = self._cells(asked.tolist(), ())
        kinds = [self._code.get(self._type(cells.get(one)) or "", NONE) for one in asked.tolist()]
        return np.array(kinds, np.int32)[at]

    def relations(self, numbers: Sequence[int]) -> dict[int, RelationRow]:
        """Return relations by number."""
        missing = [one for one in numbers if one not in self._rows]
        further: dict[int, Any] = self._whole.relations(missing) if missing else {}
        return {**self._rows, **further}
