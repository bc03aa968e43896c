"""The network as a folder of CSV files that a spreadsheet opens, loss-free for what is believed now.

``vocabulary.yaml``; ``entities/<Type>.csv`` and ``relations/<predicate>.csv`` with a column per field; ``tags.csv``,
``keys.csv`` and ``sources.csv`` for what there may be several of. Columns that are no field start with ``@``. Values
are written as people write them (``40%``, ``9000 EUR``); lists are JSON. An empty cell is a missing value; a text that
is empty or starts with a backslash has a backslash before it.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from relgraph.errors import LoadError
from relgraph.exchange.writing import unwritten
from relgraph.model.entity import end_as_given, start_as_given
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow, RelationRow
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field

if TYPE_CHECKING:
    from relgraph.graph import Graph

Progress = Callable[[int, int], object]
PAGE = 2000
ENTITY_COLUMNS = ("@id", "@state", "@merged_into")
RELATION_COLUMNS = ("@id", "@subject", "@object", "@since", "@until", "@confidence")


def file_name(name: str) -> str:
    """Return the file name for a type or predicate, whatever characters it has.

    >>> file_name("owns"), file_name("a/b")
    ('owns.csv', 'a%2Fb.csv')
    """
    return quote(name, safe=" ") + ".csv"


def cell(declared: Field | None, stored: object) -> str:
    """Return a stored value as a cell."""
    if stored is None:
        return ""
    if declared is None or declared.many:
        return json.dumps(stored, ensure_ascii=False)
    value = load(declared, stored)
    if isinstance(value, str):
        return "\\" + value if not value or value.startswith("\\") else value
    return str(value).lower() if isinstance(value, bool) else str(stored) if declared.kind == "datetime" else str(value)


def export_csv(graph: Graph, path: Path, *, history: bool = False, progress: Progress | None = None) -> dict[str, int]:
    """Write the network to a new or empty folder; return the number of rows per file.

    Raises LoadError where history is asked for (only JSON Lines holds it) or the folder holds something.
    """
    if history:
        raise LoadError("CSV files do not hold the history", hint="export it as jsonl")
    try:
        there = path.exists()
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise LoadError(f"the folder {path} is not empty", hint="name a new folder for the export")
    except FileExistsError:
        raise LoadError(
            f"'{path}' is no folder, and CSV files are written into one", hint="name a new folder, or export as jsonl"
        ) from None
    except OSError as error:
        raise unwritten(path, error) from error
    try:
        with graph.store.read() as reader, ExitStack() as stack:
            return _Folder(reader, path, stack, progress).write()
    except BaseException as error:
        _emptied(path, keep=there)
        if isinstance(error, OSError):
            raise unwritten(path, error) from error
        raise


def _emptied(path: Path, *, keep: bool) -> None:
    """Take away what was written into a folder that was empty, and the folder unless it was there."""
    for one in path.iterdir():
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)
    if not keep:
        path.rmdir()


class _Folder:
    def __init__(self, reader: Reader, path: Path, stack: ExitStack, progress: Progress | None) -> None:
        self.reader = reader
        self.path = path
        self.stack = stack
        self.progress = progress
        self.counts: dict[str, int] = {}
        self._tables: dict[str, Any] = {}
        self._ids: dict[int, str] = {}

    def write(self) -> dict[str, int]:
        (self.path / "vocabulary.yaml").write_text(self.reader.vocabulary.to_yaml(), encoding="utf-8")
        total = self.reader.count_entities(None) + self.reader.count_relations(None)
        done = 0
        for entities in self._pages(self.reader.every_entity):
            self._entities(entities)
            done += len(entities)
            self._tick(done, total)
        for relations in self._pages(self.reader.every_relation):
            self._relations(relations)
            done += len(relations)
            self._tick(done, total)
        return self.counts

    def _tick(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def _pages(self, read: Callable[..., list[Any]]) -> Iterator[list[Any]]:
        after = 0
        while rows := read(after=after, limit=PAGE):
            yield rows
            after = rows[-1].number

    def _row(self, name: str, columns: Iterable[str], cells: Iterable[str]) -> None:
        if name not in self._tables:
            target = self.path / name
            target.parent.mkdir(exist_ok=True)
            # a marked encoding, or a spreadsheet takes the accents for something else
            file = self.stack.enter_context(target.open("w", encoding="utf-8-sig", newline=""))
            self._tables[name] = csv.writer(file)
            self._tables[name].writerow(list(columns))
        self._tables[name].writerow(list(cells))
        self.counts[name] = self.counts.get(name, 0) + 1

    def _name(self, number: int) -> str:
        if number not in self._ids:
            self._ids[number] = self.reader.entities([number])[number].id
        return self._ids[number]

    def _entities(self, rows: list[EntityRow]) -> None:
        numbers = [row.number for row in rows]
        self._ids.update((row.number, row.id) for row in rows)
        tags, keys = self.reader.tags(numbers), self.reader.keys(numbers)
        for row in rows:
            fields = self.reader.vocabulary.fields(row.type)
            merged = "" if row.merged_into is None else self._name(row.merged_into)
            self._row(
                f"entities/{file_name(row.type)}",
                (*ENTITY_COLUMNS, *fields),
                (row.id, row.state, merged, *self._cells(fields, row.fields)),
            )
            for tag in tags.get(row.number, ()):
                self._row("tags.csv", ("@entity", "@tag"), (row.id, tag))
            for source, key in keys.get(row.number, ()):
                self._row("keys.csv", ("@entity", "@source", "@key"), (row.id, source, key))

    def _cells(self, fields: Mapping[str, Field], stored: Mapping[str, object]) -> Iterator[str]:
        return (cell(declared, stored.get(name)) for name, declared in fields.items())

    def _relations(self, rows: list[RelationRow]) -> None:
        sources = self.reader.sources([row.number for row in rows])
        for row in rows:
            fields = self.reader.vocabulary.attributes(row.predicate)
            since, until = start_as_given(row.since, row.since_precision), end_as_given(row.until, row.until_precision)
            self._row(
                f"relations/{file_name(row.predicate)}",
                (*RELATION_COLUMNS, *fields),
                (
                    row.id,
                    self._name(row.subject),
                    self._name(row.object),
                    "" if since is None else str(since),
                    "" if until is None else str(until),
                    "" if row.confidence is None else repr(row.confidence),
                    *self._cells(fields, row.attributes),
                ),
            )
            for one in sources.get(row.number, ()):
                says = "" if one.says is None else json.dumps(one.says, ensure_ascii=False)
                self._row("sources.csv", ("@relation", "@source", "@key", "@says"), (row.id, one.source, one.key, says))
