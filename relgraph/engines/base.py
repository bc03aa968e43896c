"""What a store is to the rest of the program, and what a store may declare it cannot do.

Reading and writing a snapshot (:class:`Reader`, :class:`Writer`) is asked by the model and stands in
:mod:`relgraph.model.ports`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from relgraph.model.ports import Changed, Ends, Reader, Writer

__all__ = ["Capability", "Changed", "Ends", "Finding", "Outdated", "Reader", "Store", "Writer"]


class Outdated(Exception):
    """What a snapshot took to be so, to spare a look, is so no longer: ask again with a snapshot that looks."""


@dataclass(frozen=True, slots=True)
class Capability:
    """Something a store may or may not do, in words for the documentation and for the error."""

    name: str
    held: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found; ``where`` names the things concerned by id."""

    code: str
    message: str
    where: Mapping[str, object] = field(default_factory=dict)


class Store(Protocol):
    """An open store."""

    @property
    def name(self) -> str:
        """How the store is shown to people: a path, ':memory:' or a URI without secrets."""

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What this store can do."""

    def read(self, *, known: int | None = None) -> AbstractContextManager[Reader]:
        """Open a snapshot, now or as known by a transaction number."""

    def write(self) -> AbstractContextManager[Writer]:
        """Take the write lock (StoreLocked after the time-out) and open a writer."""

    def zone(self) -> str:
        """Return the time zone in which this network says 'today' (an IANA name)."""

    def check(self) -> Iterator[Finding]:
        """Yield what is wrong with the store itself: integrity, caches against tables."""

    def backup(self, path: Path) -> None:
        """Write a consistent copy while the store is in use."""

    def statistics(self) -> Mapping[str, object]:
        """Return sizes and counts: entities and relations per type and predicate, bytes, transactions."""

    def close(self) -> None:
        """Release everything; closing twice is fine."""
