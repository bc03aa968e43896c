"""The reader that questions are put to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from relgraph.engines.neo4j.arrays import Arrays
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.network import Network
from relgraph.engines.neo4j.snapshot import Rows, Run, State
from relgraph.model.records import RelationRow

Ask = Callable[[str, Mapping[str, Any], float | None], Rows]
"""Runs a statement, for so many seconds at most."""


class AskedReader(Reader):
    """A snapshot with what answers questions over it."""

    def __init__(
        self, run: Run, state: Callable[[Run], State], *, ask: Ask, arrays: Arrays, known: int | None = None
    ) -> None:
        super().__init__(run, state, known=known)
        self.ask = ask
        self._arrays = arrays

    @cached_property
    def network(self) -> Network:
        """The arrays that a question is answered from where the server does not answer it."""
        return Network(self, self._arrays)

    @property
    def looks_back_to(self) -> int | None:
        """The transaction to look back to, None where what is there now is the answer."""
        return self._at()

    @property
    def moment(self) -> tuple[int, int]:
        """The last transaction that this snapshot surely sees, and the version of the vocabulary."""
        return self._state.last, self._state.version

    def moment_now(self) -> tuple[int, int]:
        """Return the last transaction that there is, and the version of the vocabulary."""
        state = self._read_state(self._run)
        return state.last, state.version

    def believed(self, now: str, past: str, parameters: Mapping[str, Any]) -> Rows:
        """Return the rows of a statement at this snapshot's moment; ``<when>`` stands where a condition belongs."""
        return self._believed(now, past, parameters)

    def relation_of(self, kind: str, subject: int, obj: int, held: Mapping[str, Any]) -> RelationRow | None:
        """Return the row of a relationship by its cells, None where it is none of ours."""
        return None if kind is None else self._relation((kind, subject, obj, held))

    def told(self, labels: list[str], held: Mapping[str, Any]) -> None:
        """Keep what a statement has brought of an entity, so that it is not read again."""
        self._keep((labels, held))

    def page(self, predicates: Sequence[str], after: int, limit: int) -> list[RelationRow]:
        """Return the next believed relations by number, those of trashed entities too."""
        return self._page([one for one in predicates if one in self.used], after, limit, live="")

    def tell_predicates(self, predicates: Mapping[int, str]) -> None:
        """Say of which predicates relations are, so that they are looked for there only."""
        self._under.update(predicates)

    def numbers_of_types(self, types: Iterable[str]) -> list[int]:
        """Return the numbers of the live entities of exactly these types."""
        asked = self._of_types(list(types))
        if asked is None:
            return []
        labels, names = asked
        rows = self._believed(
            f"MATCH (x:{labels}) WHERE x._state IS NULL AND x._number IS NOT NULL AND <when> RETURN x._number",
            "MATCH (x:_PastEntity) WHERE x._state IS NULL AND x._type IN $types AND <when> RETURN x._number",
            {"types": names},
        )
        return [row[0] for row in rows]
