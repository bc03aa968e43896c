"""From the ways in which a question says an entity (names, ids, parameters, me, us) to the entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relgraph.errors import QueryNameError, QueryTypeError
from relgraph.folding import fold
from relgraph.model.entity import Entity, EntityRef
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow
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
        row = rows.get(number)
        while row is not None and row.merged_into is not None:
            row = reader.entities([row.merged_into]).get(row.merged_into)
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
        raise QueryNameError(
            f"no {kind} is called '{text}'",
            candidates=_near(reader, text, types),
            details={"about": "unknown-entity", "name": text},
        )
    return row


def _named(reader: Reader, text: str, types: Sequence[str]) -> EntityRow | None:
    """Return the one entity of a name, exactly or else folded; None where there is none."""
    rows = reader.entities_named(fold(text), _expanded(reader.vocabulary, types), _MANY)
    rows = [row for row in rows if row.caption == text] or rows
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
