"""The reader that questions are put to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from relgraph.engines.base import Outdated
from relgraph.engines.neo4j.arrays import Arrays
from relgraph.engines.neo4j.head import Head, Seen, headed, parted
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.network import Network
from relgraph.engines.neo4j.snapshot import Rows, Run, State
from relgraph.model.records import RelationRow

Ask = Callable[[str, Mapping[str, Any], float | None], Rows]
"""Runs a statement, for so many seconds at most."""
Operators = Callable[[str, Mapping[str, Any], float | None], list[tuple[str, int, int]]]
"""Runs a statement, for so many seconds at most, and tells each operator's name and its rows in and out."""


class AskedReader(Reader):
    """A snapshot with what answers questions over it.

    One that presumes a state takes it to be what is there until the first statement: that of a question says so itself,
    any other is preceded by a look, and Outdated is raised where it is not so.
    """

    looks_while_answering = True

    def __init__(
        self,
        run: Run,
        state: Callable[[Run], State],
        *,
        ask: Ask,
        operators: Operators,
        arrays: Arrays,
        state_of: Callable[[Rows, Run], State],
        known: int | None = None,
        presumed: State | None = None,
        seen: Seen,
    ) -> None:
        super().__init__(run if presumed is None else self._looked, state, known=known)
        self._ask = ask
        self.operators = operators
        self._state_of = state_of
        self._plainly = run
        self._arrays = arrays
        self._presumed = presumed
        self._told_state = presumed
        self._keyed = True
        self.seen = seen

    # -- a state that is presumed ------------------------------------------------------------------------------------

    def _looked(self, statement: str, parameters: Mapping[str, Any], /) -> Rows:
        self.look()
        return self._plainly(statement, parameters)

    @property
    def presumes(self) -> bool:
        """Whether the state is presumed, and nothing has been asked yet."""
        return self._presumed is not None

    def look(self) -> None:
        """Make sure of the state, where it is presumed."""
        if self._presumed is not None:
            self._sure(self._read_state(self._plainly))

    def _sure(self, state: State) -> None:
        presumed, self._presumed = self._presumed, None
        self._told_state = state
        if presumed is not None and (state.version, state.used) != (presumed.version, presumed.used):
            raise Outdated

    @property
    def last(self) -> int:
        """The number of the last transaction this snapshot sees."""
        self.look()
        return super().last

    def ask(self, statement: str, parameters: Mapping[str, Any], timeout: float | None) -> Rows:
        """Return the rows of a statement, run for so many seconds at most."""
        self.look()
        return self._ask(statement, parameters, timeout)

    def ask_first(
        self,
        statement: str,
        names: Sequence[str],
        parameters: Mapping[str, Any],
        ids: Sequence[str],
        timeout: float | None,
    ) -> tuple[Head | None, Rows]:
        """Return the rows of a statement that gives ``names``, and before them what its head says of ids and of all."""
        asked = {**parameters, "_ids": list(ids)}
        head, rows = parted(self._ask(headed(statement, names), asked, timeout))
        if self._presumed is not None or head is None:
            self._sure(self._state_of([] if head is None else [[*head.clock]], self._plainly))
        if head is not None:
            self._keyed, self.seen.hidden = head.keyed, head.hidden
        return head, rows

    def keys(self, numbers: Iterable[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return the external keys of entities, ordered."""
        return super().keys(numbers) if self._keyed else {}

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
        return self.last, self._state.version

    def moment_now(self) -> tuple[int, int]:
        """Return the last transaction that there is, and the version of the vocabulary."""
        state = self._read_state(self._plainly)
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
