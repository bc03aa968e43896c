"""What a transaction can do to single things, each a function of the staging and of prepared arguments.

Every operation may be replayed over a later snapshot with the same arguments (ids are minted beforehand), so none
keeps anything but what it puts into the staging.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from relgraph.errors import DuplicateRelationError, FieldError, InUseError, PeriodError, UniqueFieldError
from relgraph.model.drafts import EntityDraft, Reference, RelationDraft, Staging, copied, keeping
from relgraph.model.prepare import (
    Preparing,
    check_period,
    confident,
    end,
    entity_type,
    internal,
    missing_field,
    pairs,
    start,
    statements,
)
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.vocabulary.stored import in_order

if TYPE_CHECKING:
    from relgraph.model.blocks import RelationBlock

UNSET: object = object()
"""Stands for an argument that was not given, where None means: take it away."""


def add(staging: Staging, draft: EntityDraft, *, row: int | None = None) -> str:
    """Put a new entity beside those that are there; the id and keys must be fresh."""
    _add(staging, fresh(draft), row=row)
    return draft.id


def fresh(draft: EntityDraft) -> EntityDraft:
    """Return a copy that the staging may change: the prepared draft is kept for a replay."""
    return EntityDraft(
        draft.id, draft.type, dict(draft.fields), tags=set(draft.tags), keys=set(draft.keys), minted=draft.minted
    )


def _add(staging: Staging, draft: EntityDraft, *, row: int | None) -> None:
    if draft.id in staging.entities or (not draft.minted and staging.reader.entity_numbers([draft.id])):
        raise DuplicateRelationError(
            f"the id {draft.id!r} is already given to an entity",
            hint="ids are never given twice; use merge_entity to update the one that is there",
            details={"rule": "id", "entity": draft.id},
        )
    for key in draft.keys:
        free_key(staging, key, draft.id)
    draft.row = row
    draft.touched = True
    staging.entities[draft.id] = draft
    for key in draft.keys:
        staging.remember_key(key, draft.id)
    staging.summary["added"] += 1


def free_key(staging: Staging, key: tuple[str, str], entity_id: str) -> None:
    """Refuse a key that another entity has."""
    holder = staging.by_key(key)
    if holder is not None and holder.id != entity_id:
        raise UniqueFieldError(
            f"the key {key[1]!r} of {key[0]!r} already belongs to {staging.caption(holder)} ({holder.id})",
            hint="a key is on one entity only; use merge_entity, or merge the two entities",
            details={"rule": "key", "entity": entity_id, "holder": holder.id},
        )


def add_many(staging: Staging, drafts: Sequence[EntityDraft]) -> None:
    """Put many new entities, looking up their ids and keys at once; breaches are kept with their row."""
    chosen = [draft.id for draft in drafts if not draft.minted]
    taken = staging.reader.entity_numbers(chosen) if chosen else {}
    staging.prefetch_keys([key for draft in drafts for key in draft.keys])
    put = 0
    for draft in drafts:
        if draft.id in taken or draft.id in staging.entities or draft.keys:
            with keeping(staging, draft.row):
                _add(staging, fresh(draft), row=draft.row)
            continue
        copy = draft if staging.owns else fresh(draft)
        copy.row, copy.touched = draft.row, True
        staging.entities[copy.id] = copy
        put += 1
    staging.summary["added"] += put


def relate(staging: Staging, draft: RelationDraft) -> str:
    """Put a new relation; its ends must be there and live."""
    copy = copied(draft)
    staging.prefetch([one for one in (copy.subject, copy.object) if isinstance(one, str)])
    copy.subject = staging.entity(copy.subject).id
    copy.object = staging.entity(copy.object).id
    put_relation(staging, copy)
    return copy.id


def put_relation(staging: Staging, draft: RelationDraft) -> None:
    """Put a relation whose ends are resolved; its id must be fresh, or that of the same one, retracted."""
    known = staging.relations.get(draft.id)
    if known is not None and not known.gone:
        raise duplicate_id(draft.id)
    if known is None or known.before is None:
        numbers = {} if draft.minted else staging.reader.relation_numbers([draft.id])
        if numbers:
            number = numbers[draft.id]
            if staging.reader.relations([number]):
                raise duplicate_id(draft.id)
            told_again(staging, draft, number)
    else:
        retell(staging, known, draft)
        return
    staging.put(draft)
    staging.summary["related"] += 1


def told_again(staging: Staging, draft: RelationDraft, number: int) -> None:
    """Give a relation that was retracted its number again, if it is the same predicate between the same ends."""
    last = staging.reader.relation_versions(number)[-1].row
    ends = staging.reader.entities([last.subject, last.object])
    was = (last.predicate, ends[last.subject].id, ends[last.object].id)
    if was != (draft.predicate, draft.subject, draft.object):
        raise DuplicateRelationError(
            f"the id {draft.id!r} was given to another relation: {was[1]} {was[0]} {was[2]}",
            hint="a retracted id may only be told again for the same predicate and ends",
            details={"rule": "id", "relation": draft.id},
        )
    draft.number = number


def retell(staging: Staging, known: RelationDraft, draft: RelationDraft) -> None:
    """Bring back a relation that this same transaction took out."""
    if (known.predicate, known.subject, known.object) != (draft.predicate, draft.subject, draft.object):
        raise duplicate_id(draft.id)
    known.gone = False
    known.change = "updated"
    known.since, known.until = draft.since, draft.until
    known.since_precision, known.until_precision = draft.since_precision, draft.until_precision
    known.attributes, known.confidence = draft.attributes, draft.confidence
    staging.sources_of(known).clear()
    staging.sources_of(known).update(draft.sources or {})
    staging.summary["related"] += 1


def duplicate_id(relation_id: str) -> DuplicateRelationError:
    """Return the error for a relation id that is in use."""
    return DuplicateRelationError(
        f"the id {relation_id!r} is already given to a relation",
        hint="use merge_relation to update the one that is there",
        details={"rule": "id", "relation": relation_id},
    )


def relate_block(staging: Staging, block: RelationBlock) -> None:
    """Put the relations of a block: side by side where all their ends are plainly there, else one by one."""
    from relgraph.model.blocks import place  # noqa: PLC0415 - arrays are loaded with the first block

    keyed = [one for one in block.ends if isinstance(one, tuple)]
    resolved = resolve_ends(staging, keyed) if keyed else {}
    placed = place(block, staging, [one if isinstance(one, str) else resolved.get(one, "") for one in block.ends])
    if placed is None:
        relate_many(staging, block.drafts(), owned=True)
        return
    staging.put_block(placed)
    staging.summary["related"] += len(block)


def relate_many(
    staging: Staging, drafts: Sequence[RelationDraft], given_ids: Sequence[str] = (), *, owned: bool = False
) -> None:
    """Put many new relations, resolving all their ends at once; breaches are kept with their row.

    ``given_ids`` are the ids that a caller chose: those may be taken already. Drafts that are ``owned`` are put
    without a copy.
    """
    ends = dict.fromkeys([draft.subject for draft in drafts])
    ends.update(dict.fromkeys([draft.object for draft in drafts]))
    resolved = resolve_ends(staging, ends).get
    given = staging.reader.relation_numbers(given_ids) if given_ids else {}
    simple = staging.relations
    indexed, owns, put = staging.indexed, owned or staging.owns, 0
    for draft in drafts:
        subject, obj, known = resolved(draft.subject), resolved(draft.object), draft.id
        if subject is None or obj is None or known in simple or known in given:
            with keeping(staging, draft.row):
                relate(staging, draft)
            continue
        copy = draft if owns else copied(draft)
        copy.subject, copy.object = subject, obj
        if indexed or copy.sources:
            staging.put(copy)
        else:
            simple[known] = copy
        put += 1
    staging.summary["related"] += put


def resolve_ends(staging: Staging, ends: Iterable[Reference]) -> dict[Reference, str]:
    """Return the ids of those ends that are plainly there and live; the rest is left to the single look-up."""
    resolved: dict[Reference, str] = {}
    wanted = dict.fromkeys(ends)
    staging.prefetch_keys([one for one in wanted if isinstance(one, tuple)])
    staging.prefetch([one for one in wanted if isinstance(one, str)])
    for one in wanted:
        draft = staging.by_key(one) if isinstance(one, tuple) else staging.find(one)
        if draft is not None and draft.state == "live":
            resolved[one] = draft.id
    return resolved


def update_entity(
    staging: Staging,
    preparing: Preparing,
    entity_id: str,
    values: Mapping[str, object],
    *,
    type_name: str | None = None,
    keys: object = None,
) -> bool:
    """Change fields (None takes one away), the type, or add keys; return whether anything differs."""
    draft = staging.entity(entity_id)
    new_type = draft.type if type_name is None else entity_type(staging.vocabulary, type_name).name
    shape = preparing.type_shape(new_type)
    # a field that only the earlier type has may be taken away together with the type
    dropped = {name for name, value in values.items() if value is None and name in draft.fields.keys() - shape.fields}
    stored = shape.store({name: value for name, value in values.items() if name not in dropped})
    fields = {name: value for name, value in draft.fields.items() if name in shape.fields}
    lost = [
        name
        for name in in_order(draft.fields, staging.vocabulary.fields(draft.type))
        if name not in shape.fields and name not in dropped
    ]
    if lost:
        raise FieldError(
            f"{new_type} has no field {', '.join(lost)} that {staging.caption(draft)} has",
            hint="take the fields away first, by setting them to None",
            details={"rule": "field", "entity": draft.id, "fields": lost},
        )
    for name in values:
        if name in stored:
            fields[name] = stored[name]
        elif name in shape.fields:
            if name in shape.required and name in fields:
                raise missing_field(new_type, name)
            fields.pop(name, None)
    if new_type != draft.type:
        if staging.vocabulary.types[new_type].abstract:
            preparing.entity(new_type, {}, entity_id=None, keys=None, tags=())
        for name in shape.required:
            if name not in fields:
                raise missing_field(new_type, name)
        for one in draft.tags:
            preparing.tag(one, new_type)
    new_keys = set(pairs(keys)) - draft.keys
    for key in new_keys:
        free_key(staging, key, draft.id)
        staging.remember_key(key, draft.id)
    repeats = staging.retelling.repeats = fields == draft.fields and new_type == draft.type
    if repeats and not new_keys:
        staging.summary["unchanged"] += 1
        return False
    if not repeats:
        differs = any(fields.get(one) != held for one, held in draft.fields.items())
        staging.retelling.contradicts = draft.row is not None and differs
        staging.see(draft)
        draft.fields, draft.type = fields, new_type
        draft.touched = True
    draft.keys |= new_keys
    staging.summary["updated"] += 1
    return True


def update_relation(
    staging: Staging,
    preparing: Preparing,
    relation_id: str,
    values: Mapping[str, object],
    *,
    since: object = UNSET,
    until: object = UNSET,
    confidence: object = UNSET,
    source: object = None,
    key: str | None = None,
) -> bool:
    """Change attributes, dates, confidence, or add a source; return whether anything differs."""
    draft = staging.relation(relation_id)
    # what comes to what another has just made of it was still worked out from an older version
    staging.see(draft)
    _live_ends(staging, draft)
    predicate = staging.vocabulary.predicates[draft.predicate]
    shape = preparing.predicate_shape(predicate)
    stored = shape.store(values)
    after = copied(draft)
    attributes = dict(draft.attributes)
    for name in values:
        if name in stored:
            attributes[name] = stored[name]
        elif name in shape.required:
            raise missing_field(predicate.name, name)
        else:
            attributes.pop(name, None)
    after.attributes = attributes
    move_bounds(preparing, after, since=since, until=until)
    if confidence is not UNSET:
        after.confidence = None if confidence is None else confident(confidence)
    return settle(staging, draft, after, statements(source, key))


def move_bounds(preparing: Preparing, draft: RelationDraft, *, since: object = UNSET, until: object = UNSET) -> None:
    """Set the bounds that are given, refusing a period that cannot be."""
    if since is UNSET and until is UNSET:
        return
    predicate = preparing.vocabulary.predicates[draft.predicate]
    if predicate.time == "none" and not (since in (UNSET, None) and until in (UNSET, None)):
        raise PeriodError(
            f"{predicate.name} has no dates: it is declared with time: none",
            details={"rule": "period", "predicate": predicate.name},
        )
    if since is not UNSET:
        draft.since, draft.since_precision = (OPEN_START, 0) if since is None else start(since)
    if until is not UNSET:
        draft.until, draft.until_precision = (OPEN_END, 0) if until is None else end(until)
    check_period(predicate, draft.since, draft.until, shown=("its start" if since is UNSET else since, until))


def settle(
    staging: Staging,
    draft: RelationDraft,
    after: RelationDraft,
    told: Mapping[tuple[str, str], Mapping[str, object] | None] | None,
) -> bool:
    """Take over what differs from the draft as it stands; count it."""
    changed = (
        draft.since != after.since
        or draft.until != after.until
        or draft.since_precision != after.since_precision
        or draft.until_precision != after.until_precision
        or draft.confidence != after.confidence
        or draft.attributes != after.attributes
    )
    if changed:
        open_to(staging, draft)
        staging.see(draft)
        dated = (draft.since, draft.until) != (after.since, after.until)
        lost = any(after.attributes.get(one) != held for one, held in draft.attributes.items())
        staging.retelling.contradicts = draft.row is not None and (dated or lost)
        draft.since, draft.until = after.since, after.until
        draft.since_precision, draft.until_precision = after.since_precision, after.until_precision
        draft.attributes, draft.confidence = after.attributes, after.confidence
    staging.retelling.repeats = not changed
    new_sources = False
    if told:
        held = staging.sources_of(draft)
        new_sources = any(one not in held or held[one] is not None for one in told)
        held.update(told)
    staging.summary["updated" if changed or new_sources else "unchanged"] += 1
    return changed or new_sources


def open_to(staging: Staging, draft: RelationDraft) -> None:
    """Refuse to change or take out a relation of an internal predicate, unless code does it."""
    predicate = staging.vocabulary.predicates[draft.predicate]
    if predicate.internal and not staging.by_code:
        raise internal(predicate, draft.id)


def _live_ends(staging: Staging, draft: RelationDraft) -> None:
    for one in (draft.subject, draft.object):
        staging.entity(one)


def end_relation(staging: Staging, relation_id: str, on: object) -> None:
    """Set the day from which a relation no longer holds."""
    draft = staging.relation(relation_id)
    _live_ends(staging, draft)
    open_to(staging, draft)
    predicate = staging.vocabulary.predicates[draft.predicate]
    until, precision = end(on)
    if predicate.time == "none":
        raise PeriodError(
            f"{predicate.name} has no dates, so it cannot end",
            hint="use retract to take it back",
            details={"rule": "period", "predicate": predicate.name},
        )
    if until <= draft.since:
        raise PeriodError(
            f"{predicate.name}: it cannot end on {on}, on or before the day it began",
            hint="use retract to take a wrong relation back",
            details={"rule": "period", "predicate": predicate.name, "relation": draft.id},
        )
    if (until, precision) == (draft.until, draft.until_precision):
        staging.summary["unchanged"] += 1
        return
    staging.see(draft)
    draft.until, draft.until_precision = until, precision
    draft.change = "ended"
    staging.summary["ended"] += 1


def retract(staging: Staging, relation_id: str) -> None:
    """Take a relation out of what is believed; the history keeps it."""
    draft = staging.relation(relation_id)
    open_to(staging, draft)
    staging.see(draft)
    staging.sources_of(draft)
    draft.gone = True
    draft.change = "retracted"
    staging.summary["retracted"] += 1


def tag(staging: Staging, preparing: Preparing, entity_id: str, name: str) -> None:
    """Put a tag on an entity."""
    draft = staging.entity(entity_id)
    preparing.tag(name, draft.type)
    staging.summary["unchanged" if name in draft.tags else "tagged"] += 1
    draft.tags.add(name)


def untag(staging: Staging, preparing: Preparing, entity_id: str, name: str) -> None:
    """Take a tag off an entity."""
    draft = staging.entity(entity_id)
    if name not in draft.tags:
        preparing.tag(name, draft.type)
        staging.summary["unchanged"] += 1
        return
    draft.tags.discard(name)
    staging.summary["untagged"] += 1


def take_key(staging: Staging, entity_id: str, key: tuple[str, str]) -> None:
    """Take an external key off an entity."""
    draft = staging.entity(entity_id, live=False)
    staging.summary["updated" if key in draft.keys else "unchanged"] += 1
    draft.keys.discard(key)


def delete(staging: Staging, entity_id: str, *, detach: bool) -> None:
    """Retract an entity; refused while it has relations, unless they are to be retracted with it."""
    draft = staging.entity(entity_id, live=False)
    relations = staging.touching(draft.id)
    if relations and not detach:
        counts: dict[str, int] = {}
        for one in relations:
            predicate = staging.vocabulary.predicates[one.predicate]
            name = predicate.name if one.subject == draft.id else predicate.inverse
            counts[name] = counts.get(name, 0) + 1
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        raise InUseError(
            f"{staging.caption(draft)} ({draft.id}) still has relations: {listed}",
            hint="delete it with detach=True to retract them too, or put it in the trash",
            details={"rule": "in-use", "entity": draft.id, "relations": counts},
        )
    for one in relations:
        open_to(staging, one)
    for one in relations:
        staging.see(one)
        staging.sources_of(one)
        one.gone, one.change = True, "retracted"
    staging.see(draft)
    for entity in [draft, *_merged_into_nothing(staging, draft)]:
        entity.gone, entity.touched, entity.change = True, True, "deleted"
        entity.tags, entity.keys = set(), set()
    staging.summary["deleted"] += 1
    staging.summary["retracted"] += len(relations)


def _merged_into_nothing(staging: Staging, draft: EntityDraft) -> list[EntityDraft]:
    """Return what was merged into an entity that goes before it was ever told: their ids would lead to no entity."""
    found = [] if draft.before is not None else [draft]
    for kept in found:
        found += [one for one in staging.entities.values() if one.merged_into == kept.id and not one.gone]
    return found[1:]
