"""What only one may hold: a unique field one entity, a source's key one relation."""

from __future__ import annotations

import json
from collections.abc import Mapping

from relgraph.errors import DuplicateRelationError, RuleError, UniqueFieldError
from relgraph.model.ports import Writer
from relgraph.model.records import ChangeSet, EntityRow, SourceRow
from relgraph.vocabulary.model import Vocabulary


def held_twice(changes: ChangeSet, writer: Writer) -> list[RuleError]:
    """Return where a unique field, or an external key, would be held by two live entities."""
    vocabulary = changes.vocabulary or writer.vocabulary
    after = [row for row in changes.new_entities if row.state == "live"]
    before: dict[int, EntityRow] = {}
    for delta in changes.entities:
        if delta.after is not None and delta.after.state == "live":
            after.append(delta.after)
            if delta.before is not None and delta.before.state == "live":
                before[delta.after.number] = delta.before
    replaced = {one.before.number for one in changes.entities if one.before is not None}
    errors: list[RuleError] = []
    held: dict[tuple[str, str, str], EntityRow] = {}
    asked: list[tuple[tuple[str, str, str], EntityRow, object]] = []
    for row in after:
        for name, declared in vocabulary.fields(row.type).items():
            value = row.fields.get(name)
            if not declared.unique or value is None:
                continue
            place = _owner(vocabulary, row.type, name), name, json.dumps(value, sort_keys=True)
            was = before.get(row.number)
            if was is not None and was.fields.get(name) == value and was.type == row.type:
                # who had it already keeps it: a newcomer is the one to blame
                held[place] = row
            else:
                asked.append((place, row, value))
    for place, row, value in asked:
        owner, name, _ = place
        other = held.get(place)
        if other is None:
            numbers = [
                number
                for number in writer.entities_holding(vocabulary.subtypes(owner), name, value)
                if number not in replaced and number != row.number
            ]
            other = writer.entities(numbers).get(numbers[0]) if numbers else None
        held.setdefault(place, row)
        if other is not None:
            errors.append(_held_twice(row, other, name, value))
    return errors


def _owner(vocabulary: Vocabulary, type_name: str, field_name: str) -> str:
    """Return the type among which a field is unique: the farthest ancestor that declares it."""
    return next(
        one
        for one in reversed(vocabulary.ancestors(type_name))
        if any(field.name == field_name for field in vocabulary.types[one].fields)
    )


def _held_twice(row: EntityRow, other: EntityRow, name: str, value: object) -> UniqueFieldError:
    return UniqueFieldError(
        f"{row.caption} ({row.id}): {name} {value!r} is already that of {other.caption} ({other.id})",
        hint=f"{name} is unique: give another value, or merge the two",
        details={"rule": "unique-field", "entity": row.id, "holder": other.id, "field": name},
    )


def stated_twice(changes: ChangeSet, writer: Writer, rows: Mapping[int, int]) -> list[RuleError]:
    """Return where a source would state two relations under one key, by which its next version could not find it."""
    taken = {(one.relation, one.source, one.key) for one in changes.sources_removed}
    asked = [one for one in changes.sources_added if one.key and (one.relation, one.source, one.key) not in taken]
    if not asked:
        return []
    gone = {delta.before.number for delta in changes.relations if delta.before is not None and delta.after is None}
    held = writer.relation_by_keys((one.source, one.key) for one in asked)
    holders = {key: number for key, number in held.items() if number not in gone and (number, *key) not in taken}
    errors: list[RuleError] = []
    for one in asked:
        holder = holders.setdefault((one.source, one.key), one.relation)
        if holder != one.relation:
            errors.append(_stated_twice(changes, writer, one, holder, rows.get(one.relation)))
    return errors


def _stated_twice(
    changes: ChangeSet, writer: Writer, stated: SourceRow, holder: int, row: int | None
) -> DuplicateRelationError:
    ids = {row.number: row.id for row in changes.new_relations if row.number in (stated.relation, holder)}
    ids.update({number: row.id for number, row in writer.relations([stated.relation, holder]).items()})
    return DuplicateRelationError(
        f"the key {stated.key!r} of source {stated.source!r} is already that of the relation {ids[holder]}",
        hint="a source's key names one relation: give another key, or use merge_relation to tell that one again",
        details={
            **({} if row is None else {"row": row}),
            "rule": "source-key",
            "relations": [ids[stated.relation], ids[holder]],
        },
    )
