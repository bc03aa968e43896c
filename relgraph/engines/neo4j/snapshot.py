"""What every reading method stands on: a way to run statements, a moment, and the names of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from relgraph.engines.neo4j.rows import Shapes
from relgraph.vocabulary.model import Vocabulary

Rows = list[list[Any]]

CLOCK = "c.number, c.vocabulary, c.schema, c.format"
"""What a snapshot asks of the clock node c."""


class Run(Protocol):
    """Runs a statement with parameters and returns its rows."""

    def __call__(self, statement: str, parameters: Mapping[str, Any], /) -> Rows:
        """Run it."""


@dataclass(frozen=True, slots=True)
class State:
    """What the clock says: the last transaction, and the vocabulary and indexes that go with it."""

    last: int
    version: int
    shapes: Shapes
    used: frozenset[str]
    """The predicates that may have relations, which are those with indexes for them."""


class Snapshot:
    """The network as believed now, or by a transaction that it looks back to.

    The database shows each statement what is committed when it runs; entities that were read are remembered, so
    that one snapshot does not say two things of the same entity.
    """

    def __init__(self, run: Run, state: Callable[[Run], State], *, known: int | None = None) -> None:
        self._run = run
        self._read_state = state
        self._told_state: State | None = None
        self._known = known

    @property
    def _state(self) -> State:
        if self._told_state is None:
            self._told_state = self._read_state(self._run)
        return self._told_state

    def pin(self) -> None:
        """Read the clock, where that has not been done: what is seen from here on is not older than it says."""
        if self._told_state is None:
            self._told_state = self._read_state(self._run)

    @property
    def last(self) -> int:
        """The number of the last transaction this snapshot sees."""
        return self._state.last

    @property
    def known(self) -> int | None:
        """The transaction number that this snapshot looks back to, or None for now."""
        return self._known

    @property
    def vocabulary(self) -> Vocabulary:
        """Today's vocabulary (also when looking back)."""
        return self._state.shapes.vocabulary

    @property
    def shapes(self) -> Shapes:
        """How rows look in the database."""
        return self._state.shapes

    @property
    def used(self) -> frozenset[str]:
        """The predicates that may have relations."""
        return self._state.used

    @property
    def run(self) -> Run:
        """What runs statements for this snapshot, for the other parts of the store."""
        return self._run

    def _at(self) -> int | None:
        """Return the transaction to look back to, None where what is there now is the answer."""
        return None if self._known is None or self._known >= self._state.last else self._known

    def _believed(self, now: str, past: str, parameters: Mapping[str, Any]) -> Rows:
        """Return the rows of a statement at this snapshot's moment.

        ``now`` looks at current nodes or relationships x, ``past`` at replaced versions x; both have ``<when>``
        where a condition of their WHERE belongs.
        """
        at = self._at()
        if at is None:
            return self._run(now.replace("<when>", "true"), parameters)
        asked = {**parameters, "at": at}
        rows = self._run(now.replace("<when>", "x._told <= $at"), asked)
        return rows + self._run(past.replace("<when>", "x._told <= $at AND x._replaced > $at"), asked)


def distinct(values: Iterable[Any]) -> list[Any]:
    """Return values once each, in their order."""
    return list(dict.fromkeys(values))


def whole(numbers: Iterable[Any]) -> list[int]:
    """Return numbers once each as plain integers, which is what parameters take."""
    return list(dict.fromkeys(map(int, numbers)))
