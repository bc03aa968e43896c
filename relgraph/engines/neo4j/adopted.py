"""A database that relgraph did not make, read through a vocabulary: asked at once, never written.

What it holds is read whole into an embedded network in memory, up to a declared size, and read again when the server
says that something was committed since: so every question, measure and export is answered by the code that the other
stores share. One statement on the server would need the numbers, names and indexes of relgraph's own layout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, Self

from relgraph.engines.base import Capability, Finding, Reader, Writer
from relgraph.engines.neo4j.adopt_fill import Filling
from relgraph.engines.neo4j.connection import Connection
from relgraph.engines.neo4j.failures import translated
from relgraph.engines.neo4j.introspect import introspected, refuse_own
from relgraph.engines.sqlite import SqliteStore
from relgraph.errors import CapabilityError, ReadOnlyError, StoreFormatError, ValueProblem
from relgraph.vocabulary.model import Vocabulary

MOST: Final = 2_000_000
"""So many nodes, and so many relationships, an adopted database may have."""
_TRIES: Final = 3

CAPABILITIES = (
    Capability("writing", held=False, why="an adopted database is read only; `relgraph copy` makes a full store of it"),
    Capability("history", held=False, why="the database keeps none; all counts as told when it was read"),
    Capability("full-text search", held=True),
    Capability("snapshots", held=True, why="each question sees what was committed when it began"),
    Capability("size", held=True, why=f"up to {MOST:,} nodes and as many relationships, held in memory"),
)


class _Mirror:
    """What a database held at one moment; it is closed when it is no longer the newest and nobody reads it."""

    def __init__(self, store: SqliteStore, moment: frozenset[str], findings: tuple[Finding, ...]) -> None:
        self.store = store
        self.moment = moment
        self.findings = findings
        self.readers = 0
        self.replaced = False


class AdoptedStore:
    """An adopted database; safe to share between threads."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary, zone: str) -> None:
        self._connection = connection
        self._vocabulary = vocabulary
        self._zone = zone
        self._lock = threading.Lock()
        self._mirror: _Mirror | None = None

    @classmethod
    def open(
        cls,
        uri: str,
        *,
        vocabulary: Vocabulary | None,
        auth: tuple[str, str] | None = None,
        database: str | None = None,
        zone: str | None = None,
        timeout: float = 5.0,
    ) -> Self:
        """Open a database through a vocabulary, or through the one that introspection suggests (None).

        Raises StoreUnavailable, AuthenticationFailed, StoreFormatError where relgraph made the database itself, or
        CapabilityError where it is too large.
        """
        connection = Connection(uri, auth=auth, database=database, timeout=timeout, patience=timeout)
        try:
            connection.verify()
            refuse_own(connection)
            words = introspected(connection).vocabulary if vocabulary is None else vocabulary
            store = cls(connection, words, zone or "UTC")
            with store.read():
                pass
        except BaseException:
            connection.close()
            raise
        return store

    @property
    def name(self) -> str:
        """How the store is shown to people: its address without secrets."""
        return self._connection.name

    @property
    def read_only(self) -> bool:
        """Whether writing is refused: always."""
        return True

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What this store can do."""
        return CAPABILITIES

    def zone(self) -> str:
        """Return the time zone in which this network says 'today' (an IANA name)."""
        return self._zone

    # -- reading -----------------------------------------------------------------------------------------------------

    @contextmanager
    def read(self, *, known: int | None = None) -> Iterator[Reader]:
        """Open a snapshot of what is committed now; CapabilityError where an earlier moment is asked for."""
        mirror = self._current()
        try:
            with mirror.store.read() as reader:
                if known is not None and known < reader.last:
                    raise CapabilityError(
                        f"{self.name} is adopted and says nothing of what was known earlier",
                        hint="copy it into a full store, which keeps its history from then on",
                        details={"capability": "history"},
                    )
                yield reader
        finally:
            self._leave(mirror)

    def _current(self) -> _Mirror:
        with self._lock:
            moment = self._moment()
            if self._mirror is None or self._mirror.moment != moment:
                fresh = self._filled(moment)
                stale, self._mirror = self._mirror, fresh
                if stale is not None:
                    stale.replaced = True
                    if not stale.readers:
                        stale.store.close()
            self._mirror.readers += 1
            return self._mirror

    def _leave(self, mirror: _Mirror) -> None:
        with self._lock:
            mirror.readers -= 1
            if mirror.replaced and not mirror.readers:
                mirror.store.close()

    def _moment(self) -> frozenset[str]:
        """Return what names the last commit that the server has seen: the bookmark of a statement that only reads."""
        with translated(self.name), self._connection.session(write=False) as session:

            def look() -> frozenset[str]:
                session.run("RETURN 1").consume()
                return session.last_bookmarks().raw_values

            return self._connection.again(look)

    def _filled(self, moment: frozenset[str]) -> _Mirror:
        self._refuse_too_large()
        for _ in range(_TRIES):
            store = SqliteStore.open(None, vocabulary=self._vocabulary, zone=self._zone)
            try:
                findings = Filling(self._connection, self._vocabulary, store).fill()
                after = self._moment()
            except ValueProblem as problem:
                store.close()
                raise StoreFormatError(f"{self.name} holds what cannot be read: {problem.message}") from problem
            except BaseException:
                store.close()
                raise
            if after == moment:
                return _Mirror(store, moment, findings)
            store.close()
            moment = after
        raise StoreFormatError(
            f"{self.name} was written to each time it was read",
            hint="copy it into a full store while nobody writes",
        )

    def _refuse_too_large(self) -> None:
        for what, pattern in (("nodes", "(x)"), ("relationships", "()-[x]->()")):
            count = self._connection.run(f"MATCH {pattern} RETURN count(x)")[0][0]
            if count > MOST:
                raise CapabilityError(
                    f"{self.name} has {count:,} {what}, and at most {MOST:,} are adopted",
                    hint="load it into a full store with `relgraph import`, or adopt a part of it",
                    details={"capability": "size", "limit": MOST, "found": count},
                )

    # -- what is refused, and care -------------------------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Raise ReadOnlyError: relgraph's rules and history need its own layout."""
        self._refuse_writing()
        yield

    def _refuse_writing(self) -> NoReturn:
        raise ReadOnlyError(
            f"{self.name} is adopted: relgraph reads it and does not write it",
            hint="`relgraph --graph URI --adopt FILE copy NEW` makes a full store of it, a file or an empty database",
            details={"capability": "writing"},
        )

    def cypher(self, text: str, parameters: Mapping[str, Any], *, timeout: float | None = 60.0) -> list[dict[str, Any]]:
        """Return the rows of a developer's own statement, which may only read."""
        from relgraph.engines.neo4j import raw  # noqa: PLC0415 - only where a statement is run

        return raw.read_only(self._connection, text, parameters, timeout=timeout)

    def check(self) -> Iterator[Finding]:
        """Yield what the vocabulary does not cover, what could not be read, and what was read otherwise."""
        mirror = self._current()
        try:
            yield from mirror.findings
        finally:
            self._leave(mirror)

    def backup(self, path: Path) -> None:
        """Raise CapabilityError: a server's database is backed up by the server's own tools."""
        raise CapabilityError(
            f"{self.name} is not copied to '{path}': a server's database is backed up by its own tools",
            hint="use neo4j-admin database dump, or `relgraph copy`",
            details={"capability": "backup"},
        )

    def statistics(self) -> Mapping[str, object]:
        """Return sizes and counts of what was read."""
        mirror = self._current()
        try:
            return {**mirror.store.statistics(), "server": f"Neo4j {'.'.join(map(str, self._connection.version))}"}
        finally:
            self._leave(mirror)

    def close(self) -> None:
        """Release everything; closing twice is fine."""
        with self._lock:
            if self._mirror is not None:
                self._mirror.store.close()
                self._mirror = None
        self._connection.close()
