"""Rows of a snapshot as the values that the outside sees, with all that belongs to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from relgraph.engines.base import Reader
from relgraph.model.entity import Entity, EntityRef, Relation, to_entity, to_relation
from relgraph.model.records import EntityRow, RelationRow


def values_of(reader: Reader, rows: Sequence[EntityRow]) -> list[Entity]:
    """Return entity rows as values, with tags and keys, in their order."""
    numbers = [row.number for row in rows]
    tags, keys = reader.tags(numbers), reader.keys(numbers)
    vocabulary = reader.vocabulary
    return [to_entity(row, tags.get(row.number, ()), keys.get(row.number, ()), vocabulary) for row in rows]


def relations_as_values(
    reader: Reader,
    rows: Sequence[RelationRow],
    *,
    full: bool,
) -> list[Relation]:
    """Return relation rows as values in their order; ``full`` with sources and who recorded them when."""
    known = reader.entities({end for row in rows for end in (row.subject, row.object)})
    ends = {number: EntityRef(row.id, row.type, row.caption) for number, row in known.items()}
    vocabulary = reader.vocabulary
    sources = reader.sources([row.number for row in rows]) if full else {}
    recorded: Mapping[int, tuple[int, str | None]] = recorded_of(reader, {row.told_in for row in rows}) if full else {}
    return [
        to_relation(
            row,
            ends[row.subject],
            ends[row.object],
            vocabulary,
            sources=sources.get(row.number, ()),
            recorded=recorded.get(row.told_in),
        )
        for row in rows
    ]


def recorded_of(reader: Reader, numbers: Iterable[int]) -> dict[int, tuple[int, str | None]]:
    """Return when (microseconds) and by whom transactions were recorded."""
    found = {}
    for number in numbers:
        row = reader.transaction(number)
        if row is not None:
            found[number] = row.recorded_at, row.actor
    return found
