"""What an answer is worked out from: the arrays and columns of one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from relgraph.network.arrays import Adjacency
from relgraph.network.execute.table import Numbers64, Values
from relgraph.network.rows import Mask


class NetworkSource(Protocol):
    """One snapshot: entities and relations by number, as arrays."""

    @property
    def room(self) -> int:
        """More than the largest entity number."""

    @property
    def live(self) -> Mask | None:
        """Which entities may be stood on, by number; None where all that have relations may."""

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of exactly this predicate."""

    def every(self) -> Adjacency:
        """Return the relations of all predicates together; a text column tells the predicate."""

    def of_types(self, types: Iterable[str]) -> Numbers64:
        """Return the live entities of exactly these types, sorted."""

    def fits(self, numbers: NDArray[np.int64], types: Iterable[str]) -> Mask:
        """Return which of the entities are of exactly these types."""

    def tagged(self, numbers: NDArray[np.int64], tag: str) -> Mask:
        """Return which of the entities carry a tag."""

    def types_of(self, numbers: NDArray[np.int64]) -> Values:
        """Return the type of each entity."""

    def fields(self, numbers: NDArray[np.int64], name: str) -> Values:
        """Return a declared field of each entity as it is kept in Python, a list as a tuple; None where missing."""

    def ranks(self, numbers: NDArray[np.int64]) -> NDArray[np.int32] | None:
        """Return what orders live entities by name and id, None where that is to be done by :meth:`captions`."""

    def captions(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the name and the id of each entity."""

    def relation_names(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Return the predicate and the id of each relation."""

    def relation_facts(self, numbers: Sequence[int], name: str) -> list[Any]:
        """Return what the arrays do not have: ``id``, ``source`` (a tuple), ``recorded_at`` or ``recorded_by``."""
