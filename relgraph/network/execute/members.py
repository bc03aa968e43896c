"""From the ways in which a question says an entity (names, ids, parameters, me, us) to the entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from relgraph.errors import QueryNameError, QueryTypeError
from relgraph.folding import fold
from relgraph.model.entity import Entity, EntityRef
from relgraph.model.kept import kept
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow
from relgraph.network.execute.table import Numbers64
from relgraph.query import ir
from relgraph.query.problems import nearest
from relgraph.vocabulary.model import Vocabulary

_MANY: Final = 50
Said = str | tuple[str, str]
"""An id, or an external key as (source, key)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and on whose behalf."""

    me: Said | None
    us: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a store says of the entity with an id: its number and type where it is there, live and not merged."""

    number: int
    type: str


class Meant(Mapping[ir.Member, Numbers64]):
    """The entities that each member of a question means, looked up when they are first asked for.

    A store that can look for entities by id while it answers may do so in their stead: :meth:`said` gives the ids, and
    :meth:`told` takes what was found.
    """

    def __init__(
        self,
        reader: Reader,
        members: Sequence[ir.Member],
        parameters: Mapping[ir.Parameter, Any],
        asker: Asker,
    ) -> None:
        self._reader = reader
        self._members = members
        self._parameters = parameters
        self._asker = asker
        self._found: dict[ir.Member, Numbers64] | None = None
        self._said: dict[ir.Member, tuple[str, ...] | None] | None = None

    def __getitem__(self, member: ir.Member) -> Numbers64:
        return self.look()[member]

    def __iter__(self) -> Iterator[ir.Member]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def look(self) -> Mapping[ir.Member, Numbers64]:
        """Return them, looked up where that has not been done; see :func:`resolved` for what is raised."""
        if self._found is None:
            found = resolved(self._reader, self._members, self._parameters, self._asker)
            self._found = {one: np.array(numbers, np.int64) for one, numbers in found.items()}
        return self._found

    def said(self, member: ir.Member) -> tuple[str, ...] | None:
        """Return what may be the ids of the entities of a member; None where some are known, or said otherwise."""
        if self._found is not None:
            return None
        if self._said is None:
            said = {one: self._ids(one) for one in self._members}
            self._said = {} if None in said.values() else said
        return self._said.get(member)

    def _ids(self, member: ir.Member) -> tuple[str, ...] | None:
        match member:
            case ir.EntityId(identifier):
                return (identifier,)
            case ir.Parameter():
                values = self._parameters[member]
                ids = [_id_given(one) for one in values]
                return None if None in ids else tuple(one for one in ids if one is not None)
            case _:
                return None

    def told(self, standing: Mapping[str, Standing]) -> bool:
        """Take what a store has found by id; return whether that says of every member what it means."""
        found: dict[ir.Member, Numbers64] = {}
        for one in self._members:
            ids = self.said(one)
            rows = [standing.get(identifier) for identifier in ids or ()]
            if not rows or not all(row is not None and self._fits(row, one) for row in rows):
                return False
            found[one] = np.array([row.number for row in rows if row is not None], np.int64)
        self._found = found
        return True

    def _fits(self, row: Standing, member: ir.Member) -> bool:
        types = member.types if isinstance(member, ir.Parameter) else ()
        return not types or any(self._reader.vocabulary.is_a(row.type, one) for one in types)


def _id_given(value: object) -> str | None:
    match value:
        case Entity() | EntityRef():
            return value.id
        case str() if " " not in value:
            # what has a space is a name rather than an id
            return value
        case _:
            return None


def resolved(
    reader: Reader,
    members: Sequence[ir.Member],
    parameters: Mapping[ir.Parameter, Any],
    asker: Asker,
) -> dict[ir.Member, list[int]]:
    """Return the numbers of the live entities that each member means.

    Raises:
        QueryNameError: no entity, or several, by a name; no entity by an id; nobody who asks.
        QueryTypeError: an entity that cannot stand where it is said.

    """
    found: dict[ir.Member, list[int]] = {}
    plain = [one.id for one in members if isinstance(one, ir.EntityId)]
    known = _by_ids(reader, plain) if plain else {}
    for one in members:
        match one:
            case ir.EntityId(identifier):
                found[one] = [_there(known, identifier).number]
            case ir.Named(text, types):
                found[one] = [_by_name(reader, text, types).number]
            case ir.Parameter():
                found[one] = _given(reader, one, parameters[one])
            case ir.Me(types):
                found[one] = [_me(reader, asker, types).number]
            case ir.Us(types):
                found[one] = _us(reader, asker, types)
    return found


def _by_ids(reader: Reader, ids: Sequence[str]) -> dict[str, EntityRow]:
    """Return the rows of entities by id, those of merged ones being the entity that was kept."""
    numbers = reader.entity_numbers(ids)
    rows = reader.entities(numbers.values())
    found = {}
    for identifier, number in numbers.items():
        row = kept(reader, rows.get(number))
        if row is not None:
            found[identifier] = row
    return found


def _there(known: Mapping[str, EntityRow], identifier: str) -> EntityRow:
    row = known.get(identifier)
    if row is None:
        raise QueryNameError(f"no entity has the id '{identifier}'", hint="a name is written in quotes")
    if row.state != "live":
        raise QueryNameError(f"{row.caption} ({row.id}) is in the trash", hint="restore it to ask about it")
    return row


def _expanded(vocabulary: Vocabulary, types: Sequence[str]) -> list[str] | None:
    return list(dict.fromkeys(one for name in types for one in vocabulary.subtypes(name))) if types else None


def _by_name(reader: Reader, text: str, types: Sequence[str]) -> EntityRow:
    row = _named(reader, text, types)
    if row is None:
        kind = " or ".join(types) if 0 < len(types) < 4 else "entity"
        elsewhere = _all_named(reader, text, ()) if types else []
        if elsewhere:
            raise _unfit(f"'{text}'", elsewhere, types)
        raise QueryNameError(
            f"no {kind} is called '{text}'",
            candidates=_near(reader, text, types),
            details={"about": "unknown-entity", "name": text},
        )
    return row


def _named(reader: Reader, text: str, types: Sequence[str]) -> EntityRow | None:
    """Return the one entity of a name, exactly or else folded; None where there is none."""
    rows = _all_named(reader, text, types)
    if len(rows) > 1:
        listed = ", ".join(f"@{row.id} ({row.type} {row.caption})" for row in rows[:5])
        raise QueryNameError(
            f"{len(rows)} entities are called '{text}'",
            hint=f"take one by its id, or say its type: {listed}",
            candidates=[row.id for row in rows],
            details={
                "about": "ambiguous-entity",
                "entities": [{"id": row.id, "type": row.type, "name": row.caption} for row in rows],
            },
        )
    return rows[0] if rows else None


def _all_named(reader: Reader, text: str, types: Sequence[str]) -> list[EntityRow]:
    rows = reader.entities_named(fold(text), _expanded(reader.vocabulary, types), _MANY)
    return [row for row in rows if row.caption == text] or list(rows)


def _near(reader: Reader, text: str, types: Sequence[str]) -> tuple[str, ...]:
    words = [word for word in fold(text).split() if len(word) > 1] or [fold(text)]
    found: dict[str, None] = {}
    for part in (*words[:3], *(word[: max(2, len(word) // 2)] for word in words[:3])):
        numbers = [number for number, _ in reader.search(part, _expanded(reader.vocabulary, types), 20)]
        found.update(dict.fromkeys(row.caption for row in reader.entities(numbers).values()))
    return nearest(text, found)


def _fits(reader: Reader, row: EntityRow, types: Sequence[str]) -> bool:
    return not types or any(reader.vocabulary.is_a(row.type, one) for one in types)


def _given(reader: Reader, parameter: ir.Parameter, values: Sequence[object]) -> list[int]:
    rows = [_one_given(reader, parameter, one) for one in values]
    fitting = [row for row in rows if _fits(reader, row, parameter.types)]
    if not fitting:
        raise _unfit(f"${parameter.name}", rows, parameter.types)
    return [row.number for row in fitting]


def _one_given(reader: Reader, parameter: ir.Parameter, value: object) -> EntityRow:
    match value:
        case Entity() | EntityRef():
            return _there(_by_ids(reader, [value.id]), value.id)
        case str():
            known = _by_ids(reader, [value])
            if value in known:
                return _there(known, value)
            return _by_name(reader, value, parameter.types)
        case int() if not isinstance(value, bool):
            return _there(_by_ids(reader, [str(value)]), str(value))
        case _:
            raise QueryTypeError(
                f"${parameter.name} is an entity, and {value!r} is none", hint="give an Entity, an id or a name"
            )


def _unfit(said: str, rows: Sequence[EntityRow], types: Sequence[str]) -> QueryTypeError:
    what = ", ".join(f"{row.caption} ({row.type})" for row in rows[:5]) or "nobody"
    return QueryTypeError(f"{said} is {what}, where a {' or '.join(types) or 'thing'} can stand")


def _said(reader: Reader, said: Said) -> EntityRow:
    if isinstance(said, tuple):
        numbers = list(reader.entity_by_keys([said]).values())
        row = reader.entities(numbers).get(numbers[0]) if numbers else None
        if row is None:
            raise QueryNameError(f"no entity has the key '{said[1]}' of source '{said[0]}'")
        return _there({row.id: row}, row.id)
    return _there(_by_ids(reader, [said]), said)


def _me(reader: Reader, asker: Asker, types: Sequence[str]) -> EntityRow:
    if asker.me is None:
        raise QueryNameError("the question says 'me', and nobody is known to ask", hint="open the graph with me=...")
    row = _said(reader, asker.me)
    if not _fits(reader, row, types):
        raise _unfit("'me'", [row], types)
    return row


def _us(reader: Reader, asker: Asker, types: Sequence[str]) -> list[int]:
    if not asker.us:
        raise QueryNameError("the question says 'us', and nobody is known for it", hint="open the graph with us=[...]")
    rows = [_said(reader, one) for one in asker.us]
    fitting = [row for row in rows if _fits(reader, row, types)]
    if not fitting:
        raise _unfit("'us'", rows, types)
    return sorted({row.number for row in fitting})
