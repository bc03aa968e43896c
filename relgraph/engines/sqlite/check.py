"""What can be wrong with a file: damage, rows that contradict each other, caches that differ from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from relgraph.engines.base import Finding
from relgraph.engines.sqlite import fields_index
from relgraph.engines.sqlite.adjacency import built
from relgraph.engines.sqlite.codec import loads
from relgraph.engines.sqlite.extract import Layout
from relgraph.engines.sqlite.reader import SqliteReader
from relgraph.model.records import EntityRow
from relgraph.network.arrays import Adjacency

_CONTRADICTIONS = {
    "a past row that was replaced before it was told": "SELECT count(*) FROM {table}_past WHERE replaced_in <= told_in",
    "a row told by a transaction that is not in the log": (
        "SELECT count(*) FROM {table} WHERE told_in NOT IN (SELECT number FROM transactions)"
    ),
    "a past row replaced by a transaction that is not in the log": (
        "SELECT count(*) FROM {table}_past WHERE replaced_in NOT IN (SELECT number FROM transactions)"
    ),
}
_TABLES = ("entities", "relations", "tags", "external_keys", "relation_sources")


def findings(reader: SqliteReader) -> Iterator[Finding]:
    """Yield what is wrong with the file as a reader sees it."""
    damaged = False
    for (text,) in reader.link.rows("PRAGMA integrity_check(100)"):
        if text != "ok":
            damaged = True
            yield Finding("damaged", f"the file is damaged: {text}", {"detail": text})
    if damaged:
        # everything below would only repeat it
        return
    for table, row, parent, _ in reader.link.rows("PRAGMA foreign_key_check"):
        yield Finding(
            "dangling", f"row {row} of {table} refers to something missing in {parent}", {"table": table, "row": row}
        )
    yield from _contradictions(reader)
    yield from _indexes(reader)
    yield from _arrays(reader)


def _contradictions(reader: SqliteReader) -> Iterator[Finding]:
    for table in _TABLES:
        for what, statement in _CONTRADICTIONS.items():
            count = reader.link.rows(statement.format(table=table))[0][0]
            if count:
                yield Finding("contradiction", f"{table}: {what} ({count} of them)", {"table": table, "count": count})
    late = reader.link.rows(
        "SELECT count(*) FROM transactions a JOIN transactions b ON b.number = a.number + 1"
        " WHERE b.recorded_at <= a.recorded_at"
    )[0][0]
    if late:
        yield Finding("contradiction", f"{late} transactions were recorded before the one they follow", {"count": late})


def _indexes(reader: SqliteReader) -> Iterator[Finding]:
    link, names = reader.link, reader.names
    words = link.rows(
        "SELECT (SELECT count(*) FROM entities x WHERE x.state = 'live'"
        " AND NOT EXISTS (SELECT 1 FROM search_docsize d WHERE d.id = x.number))"
        " + (SELECT count(*) FROM search_docsize d WHERE NOT EXISTS"
        " (SELECT 1 FROM entities x WHERE x.number = d.id AND x.state = 'live'))"
    )[0][0]
    if words:
        yield Finding("search-differs", f"{words} entities are missing from the index of words, or too many in it")
    expected: set[tuple[str, str, int]] = set()
    for page in link.pages("SELECT number, type, fields FROM entities", (), 10_000):
        rows = (
            EntityRow(number, "", names.types.name[kind], "", loads(fields), "live", None, 0)
            for number, kind, fields in page
        )
        expected.update(fields_index.entries(rows, reader.vocabulary))
    kept = set(link.rows("SELECT field, value, entity FROM field_values"))
    if kept != expected:
        yield Finding("values-differ", f"{len(kept ^ expected)} entries of the index of field values are wrong")


def _arrays(reader: SqliteReader) -> Iterator[Finding]:
    for name, number in reader.names.predicates.number.items():
        predicate = reader.vocabulary.predicates.get(name)
        if predicate is None:
            continue
        kept = reader.network.adjacency(name)
        if not same(kept, built(reader.link, number, Layout(predicate, reader.names.renamed_in[number]))):
            yield Finding(
                "cache-differs",
                f"the arrays of '{name}' differ from its relations; they are made again",
                {"predicate": name},
            )


def same(one: Adjacency, other: Adjacency) -> bool:
    """Return whether two arrays hold the same relations with the same days and attributes."""
    if len(one) != len(other):
        return False
    left, right = _ordered(one), _ordered(other)
    for read in (
        Adjacency.number,
        Adjacency.subject,
        Adjacency.object,
        Adjacency.since,
        Adjacency.until,
        lambda arrays, at: arrays.sure(at)[0],
        lambda arrays, at: arrays.sure(at)[1],
    ):
        if not np.array_equal(read(one, left), read(other, right)):
            return False
    for name in {*one.amount_names(), *other.amount_names()}:
        if not np.array_equal(one.amount(name, left), other.amount(name, right)):
            return False
    return all(_texts(one, name, left) == _texts(other, name, right) for name in {*one.words, *other.words})


def _ordered(arrays: Adjacency) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    at = arrays.positions()
    return at[np.argsort(arrays.number(at))]


def _texts(arrays: Adjacency, name: str, at: np.ndarray[tuple[int], np.dtype[np.intp]]) -> list[str | None]:
    if name not in arrays.words:
        return [None] * len(at)
    return arrays.words[name].decode(arrays.codes(name, at))
