"""SQLite files of other programs: a table or a query, opened for reading only."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter, Row
from relgraph.exchange.readers.files import known_encoding, require_file

_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


@dataclass(frozen=True, slots=True)
class SqliteReader:
    """Reads the rows of a table, in the order they are stored, or of a ``SELECT``.

    Nothing but reading is allowed to the query: it can neither write nor attach other files.
    """

    table: str | None = None
    query: str | None = None
    encoding: str = "utf-8"

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield a row for each row of the table or query."""
        require_file(path)
        if (self.table is None) == (self.query is None):
            raise LoadError(f"reading '{path.name}' needs either a `table` or a `query`", candidates=_tables_of(path))
        meter.unit = "rows"
        try:
            with closing(_connect(path)) as connection:
                yield from self._rows(path, connection, meter)
        except sqlite3.DatabaseError as problem:
            raise self._explained(path, problem) from problem

    def _rows(self, path: Path, connection: sqlite3.Connection, meter: Meter) -> Iterator[Row]:
        tables = _tables(connection)
        if self.table is None:
            connection.set_authorizer(
                lambda action, *_rest: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
            )
            statement = self.query or ""
        else:
            if self.table not in tables:
                raise LoadError(
                    f"'{path.name}' has no table '{self.table}'",
                    hint=f"its tables are {', '.join(tables)}" if tables else "it has no tables",
                    candidates=difflib.get_close_matches(self.table, tables),
                )
            name = self.table.replace('"', '""')
            statement = f'SELECT * FROM "{name}"'
            meter.total = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        encoding = known_encoding(self.encoding)
        connection.text_factory = lambda data: data.decode(encoding)
        cursor = connection.execute(statement)
        if cursor.description is None:
            raise LoadError("the query gives no rows", hint="write a SELECT")
        columns = [one[0] for one in cursor.description]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise LoadError(
                f"the query gives the column '{twice[0]}' twice", hint="name each column with AS", candidates=()
            )
        number = 0
        while True:
            try:
                values = cursor.fetchone()
            except UnicodeDecodeError as problem:
                raise LoadError(
                    f"row {number + 1} of '{path.name}' holds text that is not {self.encoding}",
                    hint="set `encoding: cp1252` (or what the program that wrote it used) in the reader",
                    details={"file": str(path), "row": number + 1},
                ) from problem
            if values is None:
                return
            number += 1
            meter.done = number
            yield Row(number, dict(zip(columns, values, strict=True)))

    def _explained(self, path: Path, problem: sqlite3.DatabaseError) -> LoadError:
        text = str(problem)
        details = {"file": str(path), "problem": text}
        if "not a database" in text:
            return LoadError(
                f"'{path.name}' is no SQLite database (or an encrypted one)",
                hint="check the file, and the `reader` of this input",
                details=details,
            )
        if "malformed" in text or "disk I/O" in text:
            return LoadError(
                f"'{path.name}' is damaged or cut off: {text}",
                hint="get the file again; its copy was probably not finished",
                details=details,
            )
        if "not authorized" in text or "prohibited" in text:
            return LoadError(f"the query does more than read: {text}", hint="write one SELECT", details=details)
        return LoadError(f"'{path.name}' cannot be read: {text}", details=details)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY name"
    )
    return [str(name) for (name,) in rows]


def _tables_of(path: Path) -> list[str]:
    try:
        with closing(_connect(path)) as connection:
            return _tables(connection)
    except sqlite3.DatabaseError:
        return []
