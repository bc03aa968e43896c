"""Opening a file of a network, and what can be wrong with it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from relgraph.engines.sqlite.migrations import migrate
from relgraph.engines.sqlite.schema import APPLICATION_ID, FORMAT, statements
from relgraph.errors import (
    ReadOnlyError,
    StoreError,
    StoreFormatError,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
    ValueProblem,
)

_MAGIC = b"SQLite format 3\0"
_OLDEST = (3, 37, 0)
"""The first version of SQLite that has all that is asked of it."""
_FIRST_STEP, _LONGEST_STEP = 0.0005, 0.004
_HEADER = 100
_UNLOCKED = contextlib.nullcontext()


def translated(error: sqlite3.Error, name: str) -> StoreError:
    """Return what the database said as one of our errors."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreLocked(
                f"'{name}' is locked by another writer",
                hint="wait for it to finish, or open with a longer timeout",
            )
        case sqlite3.SQLITE_FULL:
            return StoreFull(
                f"no room left to write '{name}'; nothing of this transaction was kept",
                hint="free space on the disk and try again",
            )
        case sqlite3.SQLITE_READONLY:
            return ReadOnlyError(f"'{name}' may only be read", hint="open it without read_only, or copy it elsewhere")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreFormatError(
                f"'{name}' is damaged: {error}", hint="restore a backup; `relgraph check` shows what can still be read"
            )
        case sqlite3.SQLITE_IOERR:
            return StoreUnavailable(
                f"'{name}' cannot be used: {error}", hint="look whether the disk is whole and there"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StoreUnavailable(
                f"'{name}' cannot be used: {error}",
                hint="a network that is written needs a folder that may be written, too; open it with read_only=True",
            )
    if "no such module: fts5" in str(error):
        return StoreUnavailable(
            "the SQLite of this Python has no full-text search (FTS5), which a network is kept with",
            hint="use a Python whose SQLite has it, such as one from python.org",
        )
    if "closed database" in str(error):
        return StoreUnavailable(f"'{name}' is closed")
    return StoreError(f"'{name}': {error}")


class Link:
    """One connection, used by one reader or writer at a time; every error comes out as one of ours.

    ``lock`` is held around each statement where the connection is shared (a network in memory).
    """

    __slots__ = ("connection", "lock", "name")

    def __init__(
        self,
        connection: sqlite3.Connection,
        name: str,
        lock: contextlib.AbstractContextManager[Any] = _UNLOCKED,
    ) -> None:
        self.connection: Final = connection
        self.name: Final = name
        self.lock: Final = lock

    def rows(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return all its rows."""
        try:
            return self.connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise translated(error, self.name) from error

    def pages(self, statement: str, parameters: Any, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Run a statement and yield its rows in pages, so that few are held at once."""
        try:
            cursor = self.connection.execute(statement, parameters)
            while page := cursor.fetchmany(size):
                yield page
        except sqlite3.Error as error:
            raise translated(error, self.name) from error

    def run(self, statement: str, parameters: Any = ()) -> int:
        """Run a statement and return how many rows it changed."""
        try:
            return self.connection.execute(statement, parameters).rowcount
        except sqlite3.Error as error:
            raise translated(error, self.name) from error

    def many(self, statement: str, rows: Any) -> int:
        """Run a statement once for each row and return how many rows it changed."""
        try:
            return self.connection.executemany(statement, rows).rowcount
        except sqlite3.Error as error:
            raise translated(error, self.name) from error
        except UnicodeEncodeError as error:
            raise ValueProblem(
                f"{error.object[:40]!r} is no text: it has half of a surrogate pair", hint="leave that character out"
            ) from error

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def check_version() -> None:
    """Raise StoreUnavailable where the SQLite of this Python is too old."""
    if sqlite3.sqlite_version_info < _OLDEST:
        held, wanted = (".".join(map(str, one)) for one in (sqlite3.sqlite_version_info, _OLDEST[:2]))
        raise StoreUnavailable(
            f"this Python has SQLite {held}, and {wanted} or later is needed",
            hint="use a newer Python, or one built with a newer SQLite",
        )


def inspect(path: Path, *, read_only: bool) -> bool:
    """Return whether there is a file with something in it, or raise what is wrong with the path."""
    if "\0" in str(path):
        raise StoreUnavailable(
            f"{str(path)!r} cannot be used: no file's name has a NUL in it", hint="leave that character out"
        )
    try:
        return _inspect(path, read_only=read_only)
    except OSError as error:
        raise StoreUnavailable(
            f"'{path}' cannot be used: {error}", hint="check the path, and the rights to the folders on it"
        ) from error


def _inspect(path: Path, *, read_only: bool) -> bool:
    if path.is_dir():
        raise StoreUnavailable(f"'{path}' is a folder, not a file", hint="name a file inside it")
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder '{path.parent}' does not exist", hint="make it first, or check the path")
    if not path.exists():
        if read_only:
            raise StoreUnavailable(f"there is no file '{path}'", hint="open it without read_only to make it")
        if not os.access(path.parent, os.W_OK):
            raise StoreUnavailable(
                f"no permission to make a file in '{path.parent}'", hint="choose a folder that you may write to"
            )
        return False
    if not os.access(path, os.R_OK):
        raise StoreUnavailable(f"no permission to read '{path}'", hint="ask its owner for the right to read it")
    if not read_only and not os.access(path, os.W_OK):
        raise ReadOnlyError(f"no permission to write '{path}'", hint="open it with read_only=True")
    if not path.stat().st_size:
        return False
    _inspect_header(path)
    return True


def _inspect_header(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not header.startswith(_MAGIC):
        raise StoreFormatError(
            f"'{path}' is no network of relgraph: it is no SQLite file",
            hint="choose another file; to read a table or an export, import it into a network",
        )
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    journal = Path(f"{path}-wal")
    # while there is a journal, pages that the header counts may still be in it
    settled = not journal.exists() or not journal.stat().st_size
    if len(header) < _HEADER or (settled and size < pages * (65536 if page == 1 else page)):
        raise StoreFormatError(
            f"'{path}' is cut off: it has {size} bytes of {pages * (65536 if page == 1 else page)}",
            hint="restore a backup",
        )


def connect(path: Path | None, *, read_only: bool, timeout: float) -> sqlite3.Connection:
    """Open one connection, set up the way every one of ours is."""
    name = ":memory:" if path is None else str(path)
    try:
        if path is None:
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        else:
            mode = "ro" if read_only else "rwc"
            connection = _open(path, f"mode={mode}", timeout)
        try:
            if read_only:
                try:
                    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                except sqlite3.OperationalError:
                    # a folder that may not be written takes no shared memory beside the file; a file without
                    # a journal can be read without
                    if path is None or Path(f"{path}-wal").exists() or os.access(path.parent, os.W_OK):
                        raise
                    connection.close()
                    connection = _open(path, "mode=ro&immutable=1", timeout)
            for pragma in ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("PRAGMA cache_size = -16000")
            # what a large load leaves of its journal is given back
            connection.execute("PRAGMA journal_size_limit = 67108864")
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise translated(error, name) from error
    return connection


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file a name leads to, as its device and number there; None where it leads to none."""
    try:
        # the plain call: a path's own method takes three times as long, and this is before each write
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open(path: Path, options: str, timeout: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=timeout)


def prepare(
    connection: sqlite3.Connection, name: str, *, read_only: bool, fill: Callable[[sqlite3.Connection], None]
) -> bool:
    """Make the tables of an empty file, or bring an older format up to date; return whether it was made now.

    ``fill`` puts into a new file what it starts with. Raises StoreFormatError where the file is another program's,
    or of a newer format.
    """
    try:
        if _recognize(connection, name) == FORMAT:
            return False
        if read_only:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if not found:
                raise StoreFormatError(f"'{name}' is empty", hint="open it without read_only to make a network in it")
            raise StoreFormatError(
                f"'{name}' has format {found} and this relgraph reads format {FORMAT}",
                hint="open it once without read_only to bring it up to date",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            # another process may have made it while this one waited for the lock
            found = _recognize(connection, name)
            if found == 0:
                for statement in statements():
                    connection.execute(statement)
                fill(connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            elif found < FORMAT:
                migrate(connection, found)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise translated(error, name) from error
    return found == 0


def _recognize(connection: sqlite3.Connection, name: str) -> int:
    """Return the format of a file, 0 when it is empty."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID:
        if application or tables:
            raise StoreFormatError(
                f"'{name}' is a SQLite file of another program",
                hint="choose another file; to read its tables, load it with a mapping",
            )
        return 0
    if version > FORMAT:
        raise StoreFormatError(
            f"'{name}' has format {version} and this relgraph reads formats up to {FORMAT}",
            hint="use a newer relgraph",
        )
    return version


def begin_writing(link: Link, timeout: float) -> None:
    """Begin a transaction that writes, waiting for other processes; StoreLocked when that takes too long.

    The database itself waits in steps of up to 100 ms. A process that writes without a pause is then always first,
    and the others come to nothing; short steps of unlike lengths find the moment between two of its transactions.
    """
    link.rows("PRAGMA busy_timeout = 0")
    try:
        end, step = time.monotonic() + timeout, _FIRST_STEP
        while True:
            try:
                link.run("BEGIN IMMEDIATE")
            except StoreLocked:
                if time.monotonic() >= end:
                    raise
            else:
                return
            # processes that began to wait together do not go on together
            time.sleep(step * (0.5 + time.perf_counter_ns() % 1000 / 2000))
            step = min(step * 1.5, _LONGEST_STEP)
    finally:
        link.rows(f"PRAGMA busy_timeout = {round(timeout * 1000)}")


class WriteLock:
    """At most one writer among the threads of this process; other processes are held off by the file's own lock."""

    def __init__(self, name: str, timeout: float) -> None:
        self._name = name
        self._timeout = timeout
        self._lock = threading.Lock()
        self._owner: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise StoreLocked."""
        if self._owner == threading.get_ident():
            raise StoreLocked(
                f"this thread is already writing to '{self._name}'", hint="finish the transaction that is open first"
            )
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreLocked(
                f"another thread has been writing to '{self._name}' for more than {self._timeout:g} seconds",
                hint="wait for it to finish, or open with a longer timeout",
            )
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Give the lock back."""
        self._owner = None
        self._lock.release()
