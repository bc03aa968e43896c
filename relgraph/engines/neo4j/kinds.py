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
    Forms,
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
    """A field as it was, by the name it has now, as it is (None: no more), and what matches the things that have it."""

    was: Field
    now: Field | None
    matches: tuple[tuple[str, Mapping[str, object]], ...]


def change_kinds(run: Run, before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> None:
    """Rewrite the properties of fields and attributes that are of another kind than before, past versions included.

    Of those that are gone the past versions alone have values; they stay as they were stored.
    """
    for one in (*_of_types(before, after, renames), *_of_predicates(before, after, renames)):
        for match, parameters in one.matches:
            _rewrite(run, match, parameters, one)


def _of_types(before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> Iterator[_Turned]:
    now = {old: new for kind, _, old, new in renames if kind == "type"}
    for old in before.types:
        name = now.get(old, old)
        owners = before.ancestors(old)
        names = {was: new for kind, owner, was, new in renames if kind == "field" and owner in owners}
        past = ("MATCH (x:_PastEntity {_type: $owner})", {"owner": name})
        if name not in after.types:
            yield from _turned(before.fields(old), {}, names, past)
            continue
        below = "".join(f"&!{quoted(label(one))}" for one in after.subtypes(name) if one != name)
        yield from _turned(
            before.fields(old), after.fields(name), names, past, (f"MATCH (x:Entity&{quoted(label(name))}{below})", {})
        )


def _of_predicates(before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> Iterator[_Turned]:
    now = {old: new for kind, _, old, new in renames if kind == "predicate"}
    for old in before.predicates:
        name = now.get(old, old)
        names = {was: new for kind, owner, was, new in renames if kind == "attribute" and owner == old}
        past = ("MATCH (x:_PastRelation {_predicate: $owner})", {"owner": name})
        had = before.attributes(old)
        if name not in after.predicates:
            yield from _turned(had, {}, names, past)
            continue
        standing = f"MATCH ()-[x:{quoted(relationship_type(name))}]->()"
        yield from _turned(had, after.attributes(name), names, past, (standing, {}))


def _turned(
    had: Mapping[str, Field],
    has: Mapping[str, Field],
    names: Mapping[str, str],
    *matches: tuple[str, Mapping[str, object]],
) -> Iterator[_Turned]:
    for name, was in had.items():
        now = has.get(names.get(name, name))
        if now is None or (was.kind, was.many) != (now.kind, now.many):
            yield _Turned(was if now is None else replace(was, name=now.name), now, matches)


def _rewrite(run: Run, match: str, parameters: Mapping[str, object], field: _Turned) -> None:
    of = [field.was] if field.now is None else [field.was, field.now]
    kept = list(dict.fromkeys(name for one in of for name in kept_properties(one)))
    cells = [f"x.{quoted(one)}" for one in kept]
    there = f"coalesce({cells[0]}, x.{quoted(unread_property(field.was.name))}) IS NOT NULL"
    seek = "MATCH ()-[x]->()" if match.startswith("MATCH ()-") else "MATCH (x)"
    number, told = -1, -1
    while True:
        rows = run(
            f"{match} WHERE x._number >= $number AND (x._number > $number OR x._told > $told)"
            f" AND {there}"
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
    aside = held.get(unread_property(field.was.name))
    stored = take(field.was, held) if aside is None else taken_aside(aside)
    into: Properties = {}
    if field.now is not None:
        put(field.now, stored, into)
        told = kept[0] not in into or load(field.now, take(field.now, into)) == load(field.now, stored)
    else:
        told = Forms({}, ()).stored(held) == {field.was.name: stored}
        into = held
    if not told:
        # a number that a double does not hold, or what is read otherwise than as it stands
        into = {}
        put_aside(field.was.name, stored, into)
    return None if into == held else {**dict.fromkeys(kept), **into}
