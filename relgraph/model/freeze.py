"""From drafts to the net change: what a transaction makes of what was there."""

from __future__ import annotations

from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, same_fact
from relgraph.model.ports import Writer
from relgraph.model.records import (
    ChangeSet,
    Delta,
    EntityRow,
    KeyRow,
    RelationRow,
    SourceRow,
    TagRow,
)


def freeze(staging: Staging, writer: Writer) -> tuple[ChangeSet, dict[int, int]]:
    """Return the net change, and for each new or changed relation the row of the batch that it came from."""
    changes = ChangeSet()
    _number(staging, writer)
    # an entity that is merged away again leads to one that the transaction did not look at
    staging.prefetch([one.merged_into for one in staging.entities.values() if one.merged_into is not None])
    for entity in staging.entities.values():
        _entity(staging, entity, changes)
    rows: dict[int, int] = {}
    # moved relations may lead to entities that the transaction did not look at
    staging.prefetch(
        str(end) for one in staging.singles.values() if one.before is not None for end in (one.subject, one.object)
    )
    numbers = {one.id: one.number for one in staging.entities.values() if one.number is not None}
    new = changes.new_relations
    for draft in staging.singles.values():
        if draft.before is None:
            if draft.gone:
                continue
            row = _relation_row(draft, numbers)
            new.append(row)
            if draft.sources:
                changes.sources_added.extend(
                    SourceRow(row.number, source, key, says, 0) for (source, key), says in draft.sources.items()
                )
        else:
            _changed_relation(draft, numbers, changes)
        if draft.row is not None and draft.number is not None:
            rows[draft.number] = draft.row
    if staging.blocks:
        _tables(staging, writer, changes)
    return changes, rows


def _tables(staging: Staging, writer: Writer, changes: ChangeSet) -> None:
    """Give the relations of blocks their numbers, behind those of single ones."""
    import numpy as np  # noqa: PLC0415 - arrays are loaded with the first block

    from relgraph.model.blocks import RelationTable  # noqa: PLC0415

    for block, ends, held in staging.blocks:
        _, first = writer.reserve(0, len(block))
        known = [
            staging.entities[one].number if number is None else number for one, number in zip(ends, held, strict=True)
        ]
        numbers = np.array(known, np.int64)
        changes.new_tables.append(RelationTable(block, first, numbers[block.subject], numbers[block.object]))


def _number(staging: Staging, writer: Writer) -> None:
    entities = [one for one in staging.entities.values() if one.number is None and not one.gone]
    relations = [one for one in staging.singles.values() if one.number is None and not one.gone]
    if not entities and not relations:
        return
    first_entity, first_relation = writer.reserve(len(entities), len(relations))
    for number, entity in enumerate(entities, first_entity):
        entity.number = number
    for number, relation in enumerate(relations, first_relation):
        relation.number = number


def _entity(staging: Staging, draft: EntityDraft, changes: ChangeSet) -> None:
    if draft.number is None or (draft.before is None and draft.gone):
        return
    number = draft.number
    if draft.before is None:
        changes.new_entities.append(_entity_row(staging, draft, number))
    elif draft.gone:
        changes.entities.append(Delta(draft.before, None, draft.change))
    elif draft.touched:
        after = _entity_row(staging, draft, number)
        if after[:-1] != draft.before[:-1]:
            changes.entities.append(Delta(draft.before, after, draft.change))
    if draft.tags != draft.tags_before:
        changes.tags_added.extend(TagRow(number, tag, 0) for tag in sorted(draft.tags - draft.tags_before))
        changes.tags_removed.extend(TagRow(number, tag, 0) for tag in sorted(draft.tags_before - draft.tags))
    if draft.keys != draft.keys_before:
        changes.keys_added.extend(KeyRow(number, *key, 0) for key in sorted(draft.keys - draft.keys_before))
        changes.keys_removed.extend(KeyRow(number, *key, 0) for key in sorted(draft.keys_before - draft.keys))


def _entity_row(staging: Staging, draft: EntityDraft, number: int) -> EntityRow:
    merged_into = None
    if draft.merged_into is not None:
        kept = staging.find(draft.merged_into)
        # one that is deleted keeps its number
        merged_into = (
            staging.reader.entity_numbers([draft.merged_into])[draft.merged_into] if kept is None else kept.number
        )
    return EntityRow(number, draft.id, draft.type, staging.caption(draft), draft.fields, draft.state, merged_into, 0)


def _relation_row(draft: RelationDraft, numbers: dict[str, int]) -> RelationRow:
    return RelationRow(
        draft.number or 0,
        draft.id,
        draft.predicate,
        numbers[draft.subject],  # type: ignore[index]  # ends are ids once an operation has put the draft
        numbers[draft.object],  # type: ignore[index]
        draft.since,
        draft.until,
        draft.since_precision,
        draft.until_precision,
        draft.attributes,
        draft.confidence,
        0,
    )


def _changed_relation(draft: RelationDraft, numbers: dict[str, int], changes: ChangeSet) -> None:
    before = draft.before
    if before is None:
        return
    if draft.gone:
        changes.relations.append(Delta(before, None, draft.change))
    elif not same_fact(draft, before) or draft.change in {"moved", "undone"}:
        after = _relation_row(draft, numbers)
        if after[:-1] != before[:-1]:
            changes.relations.append(Delta(before, after, draft.change))
    if draft.sources is None:
        return
    now = {} if draft.gone else draft.sources
    was = {(one.source, one.key): one.says for one in draft.sources_before}
    for one, says in now.items():
        if one not in was or was[one] != says:
            changes.sources_added.append(SourceRow(before.number, *one, says, 0))
    for one, says in was.items():
        if one not in now or now[one] != says:
            changes.sources_removed.append(SourceRow(before.number, *one, says, 0))
