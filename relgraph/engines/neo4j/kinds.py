"""Fields that become fields of another kind: what is there follows, for the database keeps each kind in its own way.

A stored form stays what it is, as in the embedded store; only the properties that stand for it change. What no value
of the new kind is stands aside as JSON, where no question sees it and `check` lists it. All of it is part of the one
transaction that brings the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from relgraph.engines.neo4j.names import label, quoted, relationship_type
from relgraph.engines.neo4j.snapshot import Run
from relgraph.engines.neo4j.values import (
    Properties,
    kept_properties,
    put,
    put_aside,
    take,
    taken_aside,
    unread_property,
)
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field, Vocabulary

Rename = tuple[str, str, str, str]

_PAGE = 5000
"""Things that are read, and then written, at once."""


class _Turned(NamedTuple):
    """A field as it was and as it is, both by the name it has now, and what matches the things that have it."""

    was: Field
    now: Field
    matches: tuple[tuple[str, Mapping[str, object]], ...]


def change_kinds(run: Run, before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> None:
    """Rewrite the properties of fields and attributes that are of another kind than before, past versions included."""
    for one in (*_of_types(before, after, renames), *_of_predicates(before, after, renames)):
        for match, parameters in one.matches:
            _rewrite(run, match, parameters, one)


def _of_types(before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> Iterator[_Turned]:
    was = {new: old for kind, _, old, new in renames if kind == "type"}
    for name in after.types:
        old = was.get(name, name)
        if old not in before.types:
            continue
        had = before.fields(old)
        names = {
            new: one
            for owner in before.ancestors(old)
            for kind, given, one, new in renames
            if kind == "field" and given == owner
        }
        below = "".join(f"&!{quoted(label(one))}" for one in after.subtypes(name) if one != name)
        matches: tuple[tuple[str, Mapping[str, object]], ...] = (
            (f"MATCH (x:Entity&{quoted(label(name))}{below})", {}),
            ("MATCH (x:_PastEntity {_type: $owner})", {"owner": name}),
        )
        for field in after.fields(name).values():
            yield from _turned(had.get(names.get(field.name, field.name)), field, matches)


def _of_predicates(before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> Iterator[_Turned]:
    was = {new: old for kind, _, old, new in renames if kind == "predicate"}
    for name, predicate in after.predicates.items():
        old = was.get(name, name)
        if old not in before.predicates:
            continue
        names = {new: one for kind, given, one, new in renames if kind == "attribute" and given == old}
        matches: tuple[tuple[str, Mapping[str, object]], ...] = (
            (f"MATCH ()-[x:{quoted(relationship_type(name))}]->()", {}),
            ("MATCH (x:_PastRelation {_predicate: $owner})", {"owner": name}),
        )
        for field in predicate.attributes:
            had = before.predicates[old].attribute(names.get(field.name, field.name))
            yield from _turned(had, field, matches)


def _turned(was: Field | None, now: Field, matches: tuple[tuple[str, Mapping[str, object]], ...]) -> Iterator[_Turned]:
    if was is not None and (was.kind, was.many) != (now.kind, now.many):
        yield _Turned(replace(was, name=now.name), now, matches)


def _rewrite(run: Run, match: str, parameters: Mapping[str, object], field: _Turned) -> None:
    kept = kept_properties(field.now.name)
    cells = [f"x.{quoted(one)}" for one in kept]
    seek = "MATCH ()-[x]->()" if match.startswith("MATCH ()-") else "MATCH (x)"
    number, told = -1, -1
    while True:
        rows = run(
            f"{match} WHERE x._number >= $number AND (x._number > $number OR x._told > $told)"
            f" AND coalesce({cells[0]}, {cells[-1]}) IS NOT NULL"
            f" RETURN x._number, x._told, elementId(x), {', '.join(cells)}"
            " ORDER BY x._number, x._told LIMIT $limit",
            {**parameters, "number": number, "told": told, "limit": _PAGE},
        )
        if not rows:
            return
        found = [[row[2], held] for row in rows if (held := _rewritten(field, kept, row[3:])) is not None]
        run(f"UNWIND $rows AS row {seek} WHERE elementId(x) = row[0] SET x += row[1]", {"rows": found})
        number, told = rows[-1][:2]


def _rewritten(field: _Turned, kept: Sequence[str], cells: Sequence[Any]) -> Properties | None:
    """Return the properties that stand for a value from now on, None where those that are there already do."""
    held = {name: cell for name, cell in zip(kept, cells, strict=True) if cell is not None}
    aside = held.get(unread_property(field.now.name))
    stored = take(field.was, held) if aside is None else taken_aside(aside)
    into: Properties = {}
    put(field.now, stored, into)
    if kept[0] in into and load(field.now, take(field.now, into)) != load(field.now, stored):
        # a number that a double does not hold, or that the field reads otherwise than as it stands
        into = {}
        put_aside(field.now.name, stored, into)
    return None if into == held else {**dict.fromkeys(kept), **into}
