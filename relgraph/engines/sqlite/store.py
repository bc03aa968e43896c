"""The embedded store: a network in one SQLite file, or in memory."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relgraph.engines.base import Capability, Finding
from relgraph.engines.sqlite import care, check
from relgraph.engines.sqlite.codec import dumps
from relgraph.engines.sqlite.connection import (
    Link,
    WriteLock,
    begin_writing,
    check_version,
    connect,
    identity,
    inspect,
    prepare,
    translated,
)
from relgraph.engines.sqlite.names import Names, read_names, write_names
from relgraph.engines.sqlite.network import Caches, Network
from relgraph.engines.sqlite.reader import SqliteReader
from relgraph.engines.sqlite.write import Newest, SqliteWriter, Touched, document
from relgraph.errors import ReadOnlyError, StoreError, StoreFormatError, StoreUnavailable, ValueProblem, VocabularyError
from relgraph.model.records import TransactionRow
from relgraph.vocabulary.load import vocabulary_from_dict
from relgraph.vocabulary.model import Vocabulary

# after so many relations of a predicate were written, the next one to open the file would wait for its arrays
_LOAD = 50_000
_NEWEST = "SELECT number, vocabulary, recorded_at FROM transactions ORDER BY number DESC LIMIT 1"


class SqliteStore:
    """An open network file; readers and writers may be in several threads and several processes."""

    def __init__(self, path: Path | None, *, read_only: bool, timeout: float) -> None:
        self._path = path
        self._read_only = read_only
        self._timeout = timeout
        self._closed = False
        self._process = os.getpid()
        self._idle: list[Link] = []
        self._abandoned: list[Link] = []
        self._shared: Link | None = None
        self._file: tuple[int, int] | None = None
        self._newest = 0
        self._write_lock = WriteLock(self.name, timeout)
        # vocabulary and names by version: a version never changes
        self._versions: dict[int, tuple[Vocabulary, Names]] = {}
        self._zone = "UTC"
        self._written: Counter[int] = Counter()
        self._caches = Caches()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        read_only: bool = False,
        vocabulary: Vocabulary | None = None,
        zone: str | None = None,
        timeout: float = 5.0,
    ) -> Self:
        """Open a network file, made if missing; None is a network in memory.

        ``vocabulary`` is what a new file starts with; one that exists has its own. ``zone`` (an IANA name) says
        where 'today' is, kept in the file; ``timeout`` is how many seconds a writer waits for another.
        Raises StoreUnavailable, StoreFormatError, StoreLocked or ReadOnlyError.
        """
        check_version()
        where = None if path is None else Path(path)
        if zone is not None:
            _check_zone(zone)
        store = cls(where, read_only=read_only and where is not None, timeout=timeout)
        if where is not None:
            inspect(where, read_only=read_only)
        connection = connect(where, read_only=store._read_only, timeout=timeout)
        try:
            made = prepare(
                connection,
                store.name,
                read_only=store._read_only,
                fill=lambda made: _fill(made, vocabulary or Vocabulary(), zone or "UTC"),
            )
            link = Link(connection, store.name, threading.RLock() if where is None else contextlib.nullcontext())
            if where is None:
                store._shared = link
            else:
                store._idle.append(link)
                store._file = identity(where)
            with store.read() as reader:
                store._zone = str(dict(reader.saved("setting")).get("zone", {}).get("value", "UTC"))
            if zone is not None and not made and zone != store._zone:
                store._set_zone(zone)
        except BaseException:
            connection.close()
            raise
        return store

    @property
    def name(self) -> str:
        """How the store is shown to people: its path, or ':memory:'."""
        return ":memory:" if self._path is None else str(self._path)

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""
        return self._read_only

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What this store can do."""
        return CAPABILITIES

    def zone(self) -> str:
        """Return the time zone in which this network says 'today' (an IANA name)."""
        return self._zone

    def _set_zone(self, zone: str) -> None:
        with self.write() as writer:
            writer.save("setting", "zone", {"value": zone})
        self._zone = zone

    # connections

    def _take(self) -> Link:
        if self._closed:
            raise StoreUnavailable(f"'{self.name}' is closed")
        if self._shared is not None:
            return self._shared
        if os.getpid() != self._process:
            # a connection must not be used in a forked process, not even to close it
            self._process = os.getpid()
            self._abandoned += self._idle
            self._idle = []
            self._write_lock = WriteLock(self.name, self._timeout)
        try:
            return self._idle.pop()
        except IndexError:
            self._still_there()
            return Link(connect(self._path, read_only=self._read_only, timeout=self._timeout), self.name)

    def _still_there(self) -> None:
        """Raise StoreUnavailable where the name leads to another file by now, or to none.

        What an open connection writes then is lost with it, and a new one would meet another network.
        """
        if self._path is not None and self._file is not None and identity(self._path) != self._file:
            raise StoreUnavailable(
                f"'{self.name}' was moved, deleted or replaced since it was opened; nothing was written",
                hint="put it back under this name, or open what is there now",
            )

    def _give_back(self, link: Link) -> None:
        if link is self._shared:
            return
        if link.connection.in_transaction:
            link.run("ROLLBACK")
        if self._closed or os.getpid() != self._process:
            link.close()
        else:
            self._idle.append(link)

    def _state(self, link: Link) -> tuple[Newest, Vocabulary, Names]:
        rows = link.rows(_NEWEST)
        newest = Newest(*rows[0]) if rows else Newest(0, 1, 0)
        version = newest.vocabulary
        known = self._versions.get(version)
        if known is None:
            text = link.rows("SELECT document FROM vocabulary WHERE version = ?", (version,))[0][0]
            try:
                vocabulary = vocabulary_from_dict(json.loads(text))
            except (VocabularyError, ValueError) as error:
                raise StoreFormatError(f"the vocabulary kept in '{self.name}' cannot be read: {error}") from error
            try:
                known = self._versions[version] = (vocabulary, read_names(link.connection))
            except sqlite3.Error as error:
                raise translated(error, self.name) from error
        return newest, *known

    def read(self, *, known: int | None = None) -> SqliteReader:
        """Open a snapshot, now or as known by a transaction number; a context that gives it back when left."""
        link = self._take()
        try:
            with link.lock:
                if self._shared is None:
                    link.run("BEGIN")
                newest, vocabulary, names = self._state(link)
                self._newest = max(self._newest, newest.number)
        except BaseException:
            self._give_back(link)
            raise
        return SqliteReader(
            link,
            newest.number,
            vocabulary,
            names,
            release=self._give_back,
            caches=self._caches,
            known=known,
            newest=None if self._shared is None else self._newest_number,
        )

    def network(self, reader: SqliteReader) -> Network:
        """Return the arrays of a reader's snapshot, from which questions are answered."""
        return reader.network

    def _newest_number(self) -> int:
        return self._newest

    @contextlib.contextmanager
    def write(self) -> Iterator[SqliteWriter]:
        """Take the write lock (StoreLocked after the time-out) and open a writer.

        Left without a commit, nothing it wrote is kept but documents that were saved.
        """
        if self._read_only:
            raise ReadOnlyError(f"'{self.name}' was opened read-only", hint="open it without read_only to write")
        self._still_there()
        link = self._take()
        try:
            self._write_lock.acquire()
            try:
                with link.lock:
                    yield from self._writing(link)
            finally:
                self._write_lock.release()
        finally:
            self._give_back(link)

    def _writing(self, link: Link) -> Iterator[SqliteWriter]:
        begin_writing(link, self._timeout)
        try:
            newest, vocabulary, names = self._state(link)
            self._newest = max(self._newest, newest.number)
            writer = SqliteWriter(link, newest.number, vocabulary, names, release=lambda _: None, caches=self._caches)
            writer.begin(newest, self._committed)
            try:
                yield writer
            except sqlite3.Error as error:
                raise translated(error, self.name) from error
            if writer.saving:
                link.run("COMMIT")
        finally:
            if link.connection.in_transaction:
                link.run("ROLLBACK")

    def _committed(self, told: TransactionRow, touched: Touched | None) -> None:
        before, self._newest = self._newest, told.number
        if touched is None:
            self._caches.drop()
            return
        self._written.update(touched.predicates)
        self._caches.adjacency.untouched(before, told.number, touched.predicates.keys())
        if not touched.entities:
            self._caches.population.untouched(before, told.number)
            if not touched.keys:
                self._caches.known.untouched(before, told.number)

    # care

    def check(self) -> Iterator[Finding]:
        """Yield what is wrong with the store itself: integrity, caches against tables."""
        wrong = []
        with self.read() as reader:
            for finding in check.findings(reader):
                yield finding
                if finding.code == "cache-differs":
                    wrong.append(reader.names.predicates.number[str(finding.where["predicate"])])
        if wrong:
            self._caches.drop()
            if not self._read_only:
                with self.write() as writer:
                    writer.forget_arrays(wrong)

    def backup(self, path: Path) -> None:
        """Write a consistent copy while the store is in use; an existing file is not overwritten."""
        with self.read() as reader:
            care.backup(reader, path)

    def statistics(self) -> Mapping[str, object]:
        """Return sizes and counts: entities and relations per type and predicate, bytes, transactions."""
        with self.read() as reader:
            return care.statistics(reader, self._path)

    def tidy(self) -> None:
        """Keep in the file what the arrays in memory have over it, for whoever opens it next; done on closing too.

        After a large load the arrays are made for it first. Raises StoreLocked at once where another writer is at
        work: the arrays are only a cache.
        """
        loaded = [number for number, count in self._written.items() if count >= _LOAD]
        if loaded:
            with self.read() as reader:
                for number in loaded:
                    if number in reader.names.predicates.live:
                        reader.network.adjacency(reader.names.predicates.live[number])
                self._caches.population.at(reader.link, reader.last)
        self._written.clear()
        link = self._take()
        try:
            link.rows("PRAGMA busy_timeout = 0")
            self._caches.adjacency.store(link)
            self._caches.population.store(link)
        finally:
            link.rows(f"PRAGMA busy_timeout = {round(self._timeout * 1000)}")
            self._give_back(link)

    def close(self) -> None:
        """Release everything; closing twice is fine."""
        if self._closed:
            return
        if os.getpid() == self._process and self._path is not None and not self._read_only and self._idle:
            # the arrays are only a cache: whoever holds the lock now may go on
            with contextlib.suppress(StoreError):
                self.tidy()
        self._closed = True
        if os.getpid() != self._process:
            return
        for link in self._idle if self._shared is None else [self._shared]:
            link.close()
        self._idle = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


CAPABILITIES = (
    Capability("history", held=True),
    Capability("full-text search", held=True),
    Capability("snapshots", held=True, why="a reader sees one moment, however long it reads"),
    Capability("exact rename of predicates", held=True),
    Capability("several processes", held=True, why="one writer at a time, any number of readers"),
    Capability("backup", held=True, why="a consistent copy, made while the network is in use"),
    Capability("counts of what tests met missing or uncertain", held=True),
    Capability(
        "roles, several databases, clusters", held=False, why="a file has the rights that the file system gives it"
    ),
)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueProblem(f"'{zone}' is no time zone", hint="give an IANA name such as 'Europe/Paris'") from error


def _fill(connection: sqlite3.Connection, vocabulary: Vocabulary, zone: str) -> None:
    connection.execute("INSERT INTO vocabulary (document) VALUES (?)", (document(vocabulary),))
    write_names(connection, vocabulary, ())
    connection.execute("INSERT INTO saved_documents VALUES ('setting', 'zone', ?)", (dumps({"value": zone}),))
