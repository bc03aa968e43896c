"""The index of field values: which entities hold a value of a field that must be unique or that identifies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from relgraph.engines.sqlite.codec import dumps, loads
from relgraph.engines.sqlite.connection import Link
from relgraph.model.records import EntityRow
from relgraph.vocabulary.model import Vocabulary


def kept_fields(vocabulary: Vocabulary, type_name: str) -> frozenset[str]:
    """Return the fields of a type that the index covers: those that are unique, and those of its key."""
    if type_name not in vocabulary.types:
        return frozenset()
    fields = vocabulary.fields(type_name)
    unique = [name for name, field in fields.items() if field.unique]
    return frozenset((*unique, *vocabulary.key(type_name)))


def entries(rows: Iterable[EntityRow], vocabulary: Vocabulary) -> Iterator[tuple[str, str, int]]:
    """Yield (field, value, entity) for what the index keeps of these rows."""
    kept: dict[str, frozenset[str]] = {}
    for row in rows:
        names = kept.get(row.type)
        if names is None:
            names = kept[row.type] = kept_fields(vocabulary, row.type)
        for name in names:
            if name in row.fields:
                yield name, dumps(row.fields[name]), row.number


def rebuild(link: Link, vocabulary: Vocabulary, types: Mapping[int, str]) -> None:
    """Fill the index anew, after a vocabulary changed what it covers."""
    link.run("DELETE FROM field_values")
    rows = link.rows("SELECT number, type, fields FROM entities")
    entities = (EntityRow(number, "", types[kind], "", loads(fields), "live", None, 0) for number, kind, fields in rows)
    link.many("INSERT INTO field_values VALUES (?, ?, ?)", entries(entities, vocabulary))
