"""The idempotent writes: find the thing that is meant, change what differs, count what does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relgraph.errors import FieldError, SourceConflictError
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, Statements, copied, keeping
from relgraph.model.entity import end_as_given, start_as_given
from relgraph.model.operations import (
    UNSET,
    add,
    duplicate_id,
    fresh,
    put_relation,
    resolve_ends,
    settle,
    update_entity,
)
from relgraph.model.prepare import Preparing, check_period, missing_field, writable
from relgraph.model.records import OPEN_END, OPEN_START, sure_end, sure_start
from relgraph.model.retelling import Retelling
from relgraph.model.withdraw import withdraw
from relgraph.vocabulary.model import Vocabulary
from relgraph.vocabulary.stored import in_order


def merge_entity(
    staging: Staging, preparing: Preparing, draft: EntityDraft, given: Mapping[str, object], *, by_id: bool
) -> str:
    """Update the entity that has the draft's id, one of its keys, or its type's key fields; else add it."""
    found = _match(staging, draft, by_id=by_id)
    if found is None:
        whole = fresh(draft)
        preparing.type_shape(draft.type).complete(whole.fields)
        add(staging, whole, row=draft.row)
        return draft.id
    if found.state == "trashed":
        staging.entity(found.id)
    new_type = None
    if draft.type != found.type and not staging.vocabulary.is_a(found.type, draft.type):
        new_type = draft.type
    tags = [one for one in draft.tags if one not in found.tags]
    differs = update_entity(staging, preparing, found.id, given, type_name=new_type, keys=draft.keys)
    if tags:
        staging.entity(found.id).tags.update(tags)
        if not differs:
            staging.summary["unchanged"] -= 1
            staging.summary["updated"] += 1
    return found.id


def _match(staging: Staging, draft: EntityDraft, *, by_id: bool) -> EntityDraft | None:
    if by_id:
        found = staging.find(draft.id)
        if found is not None:
            return staging.entity(found.id, live=False)
    holders = {holder.id: holder for key in draft.keys if (holder := staging.by_key(key)) is not None}
    holders = {one.id: one for one in (staging.entity(holder, live=False) for holder in holders)}
    if len(holders) > 1:
        raise FieldError(
            f"its keys belong to {len(holders)} entities: {', '.join(holders)}",
            hint="merge those entities first",
            details={"rule": "key", "entities": list(holders)},
        )
    if holders:
        return next(iter(holders.values()))
    if by_id or draft.keys:
        return None
    return _match_fields(staging, draft)


def _match_fields(staging: Staging, draft: EntityDraft) -> EntityDraft | None:
    names = staging.vocabulary.key(draft.type)
    if not names or any(name not in draft.fields for name in names):
        return None
    wanted = {name: draft.fields[name] for name in names}
    for one in staging.entities.values():
        here = one.touched and not one.gone and one.state == "live" and staging.vocabulary.is_a(one.type, draft.type)
        if here and all(one.fields.get(name) == value for name, value in wanted.items()):
            return one
    types = staging.vocabulary.subtypes(draft.type)
    numbers = staging.reader.entities_holding(types, names[0], wanted[names[0]])
    for row in staging.reader.entities(numbers).values():
        known = staging.find(row.id)
        if known is not None and all(known.fields.get(name) == value for name, value in wanted.items()):
            return known
    return None


def merge_relation(
    staging: Staging,
    preparing: Preparing,
    draft: RelationDraft,
    given: Mapping[str, object],
    *,
    by_id: bool,
    dated: tuple[bool, bool] = (True, True),
    on_conflict: str = "refuse",
) -> str:
    """Update the relation that is meant (by id, by a source's key, the same fact, or the one overlapping); else relate.

    ``dated`` says which bounds were given: one that was not is left as it is. ``on_conflict`` says what holds where
    another source tells the relation otherwise: ``refuse``, ``take`` this one's version, or ``keep`` the old one and
    note what this source says.
    """
    copy = copied(draft)
    copy.subject = staging.entity(copy.subject).id
    copy.object = staging.entity(copy.object).id
    predicate = staging.vocabulary.predicates[copy.predicate]
    found, by_key = _same_relation(staging, copy, by_id=by_id)
    if found is None:
        _ready(staging, preparing, copy)
        put_relation(staging, copy)
        return copy.id
    swapped = predicate.symmetric and (found.subject, found.object) == (copy.object, copy.subject)
    if (
        by_key
        and not swapped
        and (found.predicate, found.subject, found.object)
        != (
            copy.predicate,
            copy.subject,
            copy.object,
        )
    ):
        if by_id:
            raise duplicate_id(copy.id)
        _ready(staging, preparing, copy)
        # the source takes back what it said of other ends; others may still say it
        for source, key in copy.sources or ():
            withdraw(staging, found.id, source, key)
        put_relation(staging, copy)
        return copy.id
    after = copied(found)
    for name in preparing.predicate_shape(predicate).required:
        if name in given and given[name] is None:
            raise missing_field(predicate.name, name)
    kept = {name: value for name, value in found.attributes.items() if name not in given or given[name] is not None}
    after.attributes = {**kept, **copy.attributes}
    if dated[0]:
        after.since, after.since_precision = copy.since, copy.since_precision
    if dated[1]:
        after.until, after.until_precision = copy.until, copy.until_precision
    shown = start_as_given(after.since, after.since_precision), end_as_given(after.until, after.until_precision)
    check_period(predicate, after.since, after.until, shown=shown)
    if copy.confidence is not None:
        after.confidence = copy.confidence
    return _told_otherwise(staging, found, after, copy.sources, on_conflict)


def _ready(staging: Staging, preparing: Preparing, draft: RelationDraft) -> None:
    """Make a partial draft whole, now that it is known to be new."""
    predicate = staging.vocabulary.predicates[draft.predicate]
    writable(predicate, by_code=staging.by_code)
    draft.attributes = preparing.predicate_shape(predicate).complete(dict(draft.attributes))


def _told_otherwise(
    staging: Staging,
    found: RelationDraft,
    after: RelationDraft,
    told: Statements | None,
    on_conflict: str,
) -> str:
    names = {source for source, _ in told or ()}
    others = {source for source, _ in staging.sources_of(found)} - names
    differs = not _equal(found, after)
    if differs and others and told and on_conflict != "take":
        if on_conflict == "refuse":
            raise SourceConflictError(
                f"{', '.join(sorted(others))} tells the relation {found.id} otherwise",
                hint="choose on_conflict: keep (what was told first holds, this is noted) or take (this holds)",
                details={"rule": "conflict", "relation": found.id, "sources": sorted(others)},
            )
        says = statement(after, staging.vocabulary)
        held = staging.sources_of(found)
        changed = any(held.get(one, UNSET) != says for one in told)
        held.update(dict.fromkeys(told, says))
        staging.summary["updated" if changed else "unchanged"] += 1
        return found.id
    if differs and others:
        old, held = statement(found, staging.vocabulary), staging.sources_of(found)
        for one, version in list(held.items()):
            if one[0] in others and version is None:
                held[one] = old
    settle(staging, found, after, told)
    return found.id


def statement(draft: RelationDraft, vocabulary: Vocabulary) -> dict[str, object]:
    """Return what a relation says, as a source that tells it otherwise is kept."""
    return {
        "since": None if draft.since == OPEN_START else [draft.since, draft.since_precision],
        "until": None if draft.until == OPEN_END else [draft.until, draft.until_precision],
        "attributes": in_order(draft.attributes, vocabulary.attributes(draft.predicate)),
    }


def _equal(one: RelationDraft, other: RelationDraft) -> bool:
    return (
        one.since == other.since
        and one.until == other.until
        and one.since_precision == other.since_precision
        and one.until_precision == other.until_precision
        and one.attributes == other.attributes
    )


def _same_relation(staging: Staging, draft: RelationDraft, *, by_id: bool) -> tuple[RelationDraft | None, bool]:
    """Return the believed relation that a draft tells again, and whether a key or id said so."""
    if by_id:
        found = staging.find_relation(draft.id)
        return found, found is not None
    for key in draft.sources or ():
        if key[1]:
            found = relation_by_key(staging, key)
            if found is not None:
                return found, True
    keyed = any(key[1] for key in draft.sources or ())
    candidates = pair_relations(staging, draft)

    def apart(one: RelationDraft) -> bool:
        # where the same source tells it under another key, it is a relation of its own
        return keyed and _keyed_alike(staging, one, draft)

    predicate = staging.vocabulary.predicates[draft.predicate]
    for one in candidates:
        # where parallel relations are no rule's matter, two keys of a source stand for two of them
        if _equal(one, draft) and (predicate.unique != "none" or not apart(one)):
            return one, False
    if predicate.unique == "none":
        return None, False
    near = [one for one in candidates if predicate.unique == "pair" or overlap(one, draft)]
    # two keys may stand for one fact, but what one of them says is not overwritten by the other
    near = [one for one in near if _says_no_more(one, draft) or not apart(one)]
    return (near[0], False) if len(near) == 1 else (None, False)


def _says_no_more(one: RelationDraft, draft: RelationDraft) -> bool:
    """Return whether a partial draft says nothing that a relation does not."""
    since = draft.since == OPEN_START or (draft.since, draft.since_precision) == (one.since, one.since_precision)
    until = draft.until == OPEN_END or (draft.until, draft.until_precision) == (one.until, one.until_precision)
    return since and until and draft.attributes.items() <= one.attributes.items()


def _keyed_alike(staging: Staging, one: RelationDraft, draft: RelationDraft) -> bool:
    names = {source for source, key in draft.sources or () if key}
    return any(source in names and key for source, key in staging.sources_of(one))


def relation_by_key(staging: Staging, key: tuple[str, str]) -> RelationDraft | None:
    """Return the relation that a source states under a key, or None."""
    known = staging.relation_keys.get(key)
    if known is not None:
        draft = staging.relations.get(known)
        if draft is not None and not draft.gone and key in staging.sources_of(draft):
            return draft
    if key not in staging.known_keys:
        staging.prefetch_relation_keys([key])
        return relation_by_key(staging, key)
    return None


def pair_relations(staging: Staging, draft: RelationDraft) -> list[RelationDraft]:
    """Return the believed relations of the draft's own predicate between its ends, either way when symmetric."""
    predicate = staging.vocabulary.predicates[draft.predicate]
    subject, obj = staging.find(str(draft.subject)), staging.find(str(draft.object))
    if subject is not None and obj is not None and subject.before is not None and obj.before is not None:
        staging.prefetch_pairs(predicate, [(subject.id, obj.id)])
    ends = {(draft.subject, draft.object)}
    if predicate.symmetric:
        ends.add((draft.object, draft.subject))
    return [
        one
        for one in staging.drafts_of(str(draft.subject))
        if one.predicate == predicate.name and (one.subject, one.object) in ends and one.id != draft.id
    ]


def overlap(one: RelationDraft, other: RelationDraft) -> bool:
    """Return whether the sure periods of two drafts meet."""
    return max(sure_start(one.since, one.since_precision), sure_start(other.since, other.since_precision)) < min(
        sure_end(one.until, one.until_precision), sure_end(other.until, other.until_precision)
    )


def merge_entity_many(
    staging: Staging,
    preparing: Preparing,
    drafts: Sequence[tuple[EntityDraft, Mapping[str, object], bool]],
) -> list[str | None]:
    """Merge many entities, looking up their ids and keys at once; None stands for one that breaks a rule."""
    staging.prefetch([draft.id for draft, _, by_id in drafts if by_id])
    staging.prefetch_keys([key for draft, _, _ in drafts for key in draft.keys])
    ids: list[str | None] = []
    staging.retelling = Retelling()
    for draft, given, by_id in drafts:
        ids.append(None)
        staging.retelling.expect()
        with keeping(staging, draft.row):
            merged = merge_entity(staging, preparing, draft, given, by_id=by_id)
            staging.entities[merged].row = draft.row
            staging.retelling.came(draft.row)
            ids[-1] = merged
    return ids


def merge_relation_many(
    staging: Staging,
    preparing: Preparing,
    drafts: Sequence[tuple[RelationDraft, Mapping[str, object], bool, tuple[bool, bool]]],
    *,
    on_conflict: str = "refuse",
) -> list[str | None]:
    """Merge many relations, looking up ends, keys and pairs at once; None stands for one that breaks a rule."""
    resolved = resolve_ends(staging, [end for draft, *_ in drafts for end in (draft.subject, draft.object)])
    staging.prefetch_relation_keys([key for draft, *_ in drafts for key in draft.sources or () if key[1]])
    by_predicate: dict[str, list[tuple[str, str]]] = {}
    for draft, *_ in drafts:
        ends = resolved.get(draft.subject), resolved.get(draft.object)
        if ends[0] is not None and ends[1] is not None:
            by_predicate.setdefault(draft.predicate, []).append((ends[0], ends[1]))
    for name, wanted in by_predicate.items():
        staging.prefetch_pairs(staging.vocabulary.predicates[name], wanted)
    ids: list[str | None] = []
    staging.retelling = Retelling()
    for draft, given, by_id, dated in drafts:
        ids.append(None)
        staging.retelling.expect()
        with keeping(staging, draft.row):
            merged = merge_relation(staging, preparing, draft, given, by_id=by_id, dated=dated, on_conflict=on_conflict)
            staging.relations[merged].row = draft.row
            staging.retelling.came(draft.row)
            ids[-1] = merged
    return ids
