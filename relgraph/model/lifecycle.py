"""Merge, clone, trash and restore: what happens to an entity with all its relations."""

from __future__ import annotations

from collections.abc import Mapping

from relgraph.errors import FieldError, FrozenError, ValueProblem
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging
from relgraph.model.matching import overlap, statement
from relgraph.model.operations import fresh
from relgraph.model.prepare import Preparing, field_error
from relgraph.vocabulary.fields import UNTAKEN, settled
from relgraph.vocabulary.model import Field, Predicate
from relgraph.vocabulary.stored import in_order


def trash(staging: Staging, entity_id: str) -> None:
    """Hide an entity and its relations from every question and every rule."""
    draft = staging.entity(entity_id, live=False)
    if draft.state == "trashed":
        staging.summary["unchanged"] += 1
        return
    staging.see(draft)
    draft.state, draft.change, draft.touched = "trashed", "trashed", True
    staging.summary["trashed"] += 1


def restore(staging: Staging, entity_id: str) -> None:
    """Bring an entity back from the trash; its relations are checked again, and values by the fields of today."""
    draft = staging.entity(entity_id, live=False)
    if draft.state == "live":
        staging.summary["unchanged"] += 1
        return
    staging.see(draft)
    staging.surround(draft.id)
    _settle(staging, draft)
    draft.state, draft.change, draft.touched = "live", "restored", True
    staging.summary["restored"] += 1


def _settle(staging: Staging, draft: EntityDraft) -> None:
    """Bring values into the form of fields that got another kind meanwhile; FieldError for what is no value of them."""
    reader = staging.reader
    trashed = None if draft.before is None else reader.transaction(draft.before.told_in)
    last = reader.transaction(reader.last)
    if trashed is None or last is None or trashed.vocabulary == last.vocabulary:
        return
    words = staging.vocabulary
    draft.fields = _settled(draft.type, words.fields(draft.type), draft.fields)
    for relation in staging.touching(draft.id):
        declared = words.attributes(relation.predicate)
        relation.attributes = _settled(relation.predicate, declared, relation.attributes)


def _settled(owner: str, fields: Mapping[str, Field], stored: Mapping[str, object]) -> dict[str, object]:
    found = dict(stored)
    for name in (one for one in fields if one in stored):
        try:
            found[name] = settled(fields[name], stored[name])
        except UNTAKEN as problem:
            known = problem if isinstance(problem, ValueProblem) else ValueProblem(f"cannot be {stored[name]!r}")
            raise field_error(owner, name, known) from None
    return found


def merge(
    staging: Staging,
    preparing: Preparing,
    keep_id: str,
    other_id: str,
    *,
    fields: Mapping[str, object] | None = None,
) -> None:
    """Move everything of one entity to another and let its id stand for the kept one from now on."""
    keep, other = staging.entity(keep_id, live=False), staging.entity(other_id, live=False)
    if keep.id == other.id:
        raise FieldError(f"{keep_id!r} and {other_id!r} are one entity", details={"rule": "merge", "entity": keep.id})
    for one in (keep, other):
        if one.state == "trashed":
            restore(staging, one.id)
        staging.see(one)
    _merge_fields(staging, preparing, keep, other, fields or {})
    for draft in staging.touching(other.id):
        staging.see(draft)
        staging.sources_of(draft)
        staging.move(
            draft,
            subject=keep.id if draft.subject == other.id else str(draft.subject),
            obj=keep.id if draft.object == other.id else str(draft.object),
        )
        draft.change = "moved"
        staging.summary["moved"] += 1
    _drop_self_relations(staging, keep)
    _collapse(staging, keep)
    for name in sorted(other.tags):
        types = staging.vocabulary.tags[name].types
        if types and not any(staging.vocabulary.is_a(keep.type, one) for one in types):
            staging.notes.append({"dropped_tag": name, "entity": other.id})
        else:
            keep.tags.add(name)
    keep.keys |= other.keys
    for key in other.keys:
        staging.remember_key(key, keep.id)
    other.tags, other.keys = set(), set()
    other.state, other.merged_into, other.change, other.touched = "merged", keep.id, "merged", True
    staging.summary["merged"] += 1


def _merge_fields(
    staging: Staging, preparing: Preparing, keep: EntityDraft, other: EntityDraft, chosen: Mapping[str, object]
) -> None:
    shape = preparing.type_shape(keep.type)
    fields = dict(keep.fields)
    for name, value in in_order(other.fields, shape.fields).items():
        if name in shape.fields:
            if name not in fields:
                fields[name] = value
            elif fields[name] != value and name not in chosen:
                staging.notes.append({"difference": name, "kept": fields[name], "other": value, "entity": other.id})
        else:
            staging.notes.append({"dropped": name, "other": value, "entity": other.id})
    explicit = {}
    for name, value in chosen.items():
        if value == "other" and name in other.fields and name in shape.fields:
            fields[name] = other.fields[name]
        elif value != "keep":
            explicit[name] = value
    fields.update(shape.store(explicit))
    for name, value in explicit.items():
        if value is None:
            fields.pop(name, None)
    if fields != keep.fields:
        keep.fields, keep.touched = fields, True


def _drop_self_relations(staging: Staging, keep: EntityDraft) -> None:
    for draft in staging.touching(keep.id):
        predicate = staging.vocabulary.predicates[draft.predicate]
        if draft.change == "moved" and draft.subject == draft.object and predicate.irreflexive is not None:
            draft.gone, draft.change = True, "retracted"
            staging.summary["retracted"] += 1
            staging.notes.append({"self_relation": draft.id, "predicate": draft.predicate})


def _collapse(staging: Staging, keep: EntityDraft) -> None:
    """Make one relation of those that overlap under ``unique``, in chains; the oldest number survives."""
    groups: dict[tuple[str, str, str], list[RelationDraft]] = {}
    for draft in staging.touching(keep.id):
        predicate = staging.vocabulary.predicates[draft.predicate]
        if predicate.unique == "none":
            continue
        ends = str(draft.subject), str(draft.object)
        if predicate.symmetric and ends[0] > ends[1]:
            ends = ends[1], ends[0]
        groups.setdefault((predicate.name, *ends), []).append(draft)
    for (name, *_), drafts in groups.items():
        if len(drafts) > 1 and any(draft.change == "moved" for draft in drafts):
            _collapse_group(staging, staging.vocabulary.predicates[name], drafts)


def _collapse_group(staging: Staging, predicate: Predicate, drafts: list[RelationDraft]) -> None:
    survivors: list[RelationDraft] = []
    for draft in drafts:
        meeting = [
            one
            for one in survivors
            if predicate.unique == "pair" or overlap(one, draft) or (one.since, one.until) == (draft.since, draft.until)
        ]
        if not meeting:
            survivors.append(draft)
            continue
        oldest = meeting[0]
        for one in (*meeting[1:], draft):
            _absorb(staging, oldest, one)
        survivors = [one for one in survivors if one not in meeting[1:]]
        # a longer period may now meet others that stood apart
        again = [one for one in survivors if one is not oldest and overlap(one, oldest)]
        for one in again:
            first, second = sorted((oldest, one), key=_age)
            _absorb(staging, first, second)
            survivors.remove(second)
            oldest = first


def _age(draft: RelationDraft) -> tuple[bool, int, str]:
    return draft.number is None, draft.number or 0, draft.id


def _absorb(staging: Staging, survivor: RelationDraft, other: RelationDraft) -> None:
    staging.see(survivor)
    words = staging.vocabulary
    if other.attributes != survivor.attributes:
        staging.notes.append(
            {
                "collapsed": other.id,
                "into": survivor.id,
                "kept": in_order(survivor.attributes, words.attributes(survivor.predicate)),
                "other": statement(other, words),
            }
        )
    if other.since < survivor.since:
        survivor.since, survivor.since_precision = other.since, other.since_precision
    if other.until > survivor.until:
        survivor.until, survivor.until_precision = other.until, other.until_precision
    held = staging.sources_of(survivor)
    for key, says in staging.sources_of(other).items():
        held.setdefault(key, says)
    other.gone, other.change = True, "merged"
    if survivor.change not in {"added", "moved"}:
        survivor.change = "merged"
    staging.summary["collapsed"] += 1


def clone(staging: Staging, entity_id: str, draft: EntityDraft, minted: Mapping[str, str]) -> None:
    """Put a copy of an entity, with those relations whose predicates say that they are copied.

    ``draft`` is the prepared copy; ``minted`` gives each relation to copy (by id) the id of its copy.
    """
    original = staging.entity(entity_id)
    copy = fresh(draft)
    copy.touched = True
    copy.tags = set(original.tags)
    staging.entities[copy.id] = copy
    staging.summary["added"] += 1
    for one in copied_relations(staging, original):
        known = minted.get(one.id)
        if known is None:
            raise FrozenError(
                f"{staging.caption(original)} got another relation while it was cloned",
                hint="clone it again",
                details={"entity": original.id, "rule": "clone"},
            )
        new = RelationDraft(
            known,
            one.predicate,
            copy.id if one.subject == original.id else one.subject,
            copy.id if one.object == original.id else one.object,
            one.since,
            one.until,
            one.since_precision,
            one.until_precision,
            dict(one.attributes),
            one.confidence,
            dict.fromkeys((source, "") for source, _ in staging.sources_of(one)),
        )
        staging.put(new)
        staging.summary["related"] += 1


def copied_relations(staging: Staging, original: EntityDraft) -> list[RelationDraft]:
    """Return the relations of an entity that a clone of it gets too: open, enabled, copiable from its end."""
    found = []
    for one in staging.touching(original.id):
        predicate = staging.vocabulary.predicates[one.predicate]
        end = "subject" if one.subject == original.id else "object"
        copiable = predicate.copiable in {"both", end} or (predicate.symmetric and predicate.copiable != "no")
        if copiable and predicate.enabled and not predicate.internal and one.until > staging.today:
            other = staging.find(str(one.object if end == "subject" else one.subject))
            if other is not None and other.state == "live":
                found.append(one)
    return found
