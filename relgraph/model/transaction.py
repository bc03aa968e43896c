"""The transaction: everything that can be done in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from relgraph.errors import RuleError, ValueProblem
from relgraph.ids import uuid7
from relgraph.model import lifecycle, matching, operations
from relgraph.model.batch import EntityRows, RelationRows
from relgraph.model.buffer import Buffer
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, conflict, same_fact
from relgraph.model.entity import Entity, EntityRef, Relation, Source, to_entity, to_relation
from relgraph.model.prepare import Preparing, reference, text_id
from relgraph.model.records import EntityRow, RelationRow, TransactionRow
from relgraph.model.undo import undo


class Transaction(Buffer):
    """Changes that are made together or not at all.

    Used as a context manager: leaving it commits, an exception discards. What is read inside sees the changes made
    so far over one snapshot. ``id``, ``number`` and ``recorded_at`` are known once committed (None where nothing
    changed); ``summary`` counts what was done (added, related, updated, unchanged, ended, ...); ``notes`` lists what
    a merge decided.
    """

    # -- reading ----------------------------------------------------------------------------------------------------

    def get(self, entity_id: str) -> Entity:
        """Return an entity as this transaction would leave it; NotFound where there is none."""
        return self._entity(self.staging.entity(entity_id, live=False))

    def relation(self, relation_id: str) -> Relation:
        """Return a relation as this transaction would leave it; NotFound where there is none."""
        return self._relation(self.staging.relation(relation_id))

    def relations_of(self, entity: object) -> list[Relation]:
        """Return the relations of an entity as this transaction would leave them, oldest first."""
        draft = self.staging.entity(reference(entity), live=False)
        return [self._relation(one) for one in self.staging.touching(draft.id)]

    def _entity(self, draft: EntityDraft) -> Entity:
        row = EntityRow(
            draft.number or 0,
            draft.id,
            draft.type,
            self.staging.caption(draft),
            dict(draft.fields),
            draft.state,
            None,
            0 if draft.before is None or draft.touched else draft.before.told_in,
        )
        return to_entity(row, tuple(sorted(draft.tags)), tuple(sorted(draft.keys)), self.staging.vocabulary)

    def _relation(self, draft: RelationDraft) -> Relation:
        ends = [self.staging.find(str(one)) for one in (draft.subject, draft.object)]
        subject, obj = (
            EntityRef(one.id, one.type, self.staging.caption(one)) if one is not None else EntityRef("", "", "")
            for one in ends
        )
        row = RelationRow(
            draft.number or 0,
            draft.id,
            draft.predicate,
            0,
            0,
            draft.since,
            draft.until,
            draft.since_precision,
            draft.until_precision,
            dict(draft.attributes),
            draft.confidence,
            draft.before.told_in if draft.before is not None and not self._changed(draft) else 0,
        )
        relation = to_relation(row, subject, obj, self.staging.vocabulary)
        if draft.sources:
            told = tuple(Source(name, key, says) for (name, key), says in sorted(draft.sources.items()))
            relation = replace(relation, sources=told)
        return relation

    def _changed(self, draft: RelationDraft) -> bool:
        return draft.before is not None and not same_fact(draft, draft.before)

    # -- single things ----------------------------------------------------------------------------------------------

    def add(
        self,
        type_name: str,
        /,
        *,
        id: object = None,  # noqa: A002 - the word users know
        keys: object = None,
        tags: Iterable[str] = (),
        fields: Mapping[str, object] | None = None,
        **values: object,
    ) -> Entity:
        """Add an entity of a type with its fields; ids may be given, and are never given twice."""
        draft = self.preparing.entity(
            type_name, {**(fields or {}), **values}, entity_id=_optional_id(id), keys=keys, tags=tags
        )
        self._do(lambda staging: operations.add(staging, draft))
        return self._entity(self.staging.entity(draft.id))

    def relate(
        self,
        subject: object,
        predicate: str,
        object: object,  # noqa: A002 - the word of the field
        /,
        *,
        id: object = None,  # noqa: A002
        since: object = None,
        until: object = None,
        source: object = None,
        key: str | None = None,
        confidence: object = None,
        attributes: Mapping[str, object] | None = None,
        **values: object,
    ) -> Relation:
        """Relate two entities, by either name of a predicate."""
        declared, forward = self.preparing.predicate(predicate)
        draft = self.preparing.relation(
            declared,
            (subject, object) if forward else (object, subject),
            {**(attributes or {}), **values},
            by_code=self._by_code,
            relation_id=_optional_id(id),
            since=since,
            until=until,
            confidence=confidence,
            source=source,
            key=key,
        )
        self._do(lambda staging: operations.relate(staging, draft))
        return self._relation(self.staging.relation(draft.id))

    def update(self, thing: object, /, **values: Any) -> Entity | Relation:
        """Change fields of an entity, or attributes, since, until, confidence and source of a relation."""
        if self._is_relation(thing):
            relation_id = self._checked(thing)
            relation = self._split_relation(values)
            self._do(
                lambda staging: operations.update_relation(
                    staging, Preparing(staging.vocabulary), relation_id, relation[0], **relation[1]
                )
            )
            return self._relation(self.staging.relation(relation_id))
        entity_id = self._checked(thing)
        given = {**values.pop("fields", {}), **{k: v for k, v in values.items() if k not in {"type", "keys"}}}
        type_name, keys = values.get("type"), values.get("keys")
        preparing = self.preparing

        def update(staging: Staging) -> None:
            # what comes to what another has just made of it was still worked out from an older version
            staging.see(staging.entity(entity_id))
            operations.update_entity(staging, preparing, entity_id, given, type_name=type_name, keys=keys)

        self._do(update)
        return self._entity(self.staging.entity(entity_id))

    def _split_relation(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        names = ("since", "until", "confidence", "source", "key")
        special: dict[str, Any] = {name: values.pop(name) for name in names if name in values}
        return {**values.pop("attributes", {}), **values}, special

    def _is_relation(self, thing: object) -> bool:
        if isinstance(thing, Relation):
            return True
        if isinstance(thing, (Entity, EntityRef, tuple)):
            return False
        return self.staging.find(str(thing)) is None and self.staging.find_relation(str(thing)) is not None

    def _checked(self, thing: object) -> str:
        """Return the id of what is meant, refusing a value that is older than what is there."""
        if isinstance(thing, Relation) or self._is_relation(thing):
            relation_id = thing.id if isinstance(thing, Relation) else str(thing)
            draft: EntityDraft | RelationDraft = self.staging.relation(relation_id)
        else:
            draft = self.staging.entity(reference(thing), live=False)
        if isinstance(thing, (Entity, Relation)) and thing.version and draft.before is not None:
            if draft.before.told_in != thing.version and draft.id == thing.id:
                raise conflict(thing.id, thing.version, draft.before.told_in)
            if draft.id == thing.id:
                self._in_hand[thing.id] = thing.version
        return draft.id

    def end(self, relation: object, /, *, on: object) -> Relation:
        """End a relation on a day: the first day on which it no longer holds."""
        relation_id = self._relation_id(relation)
        self._do(lambda staging: operations.end_relation(staging, relation_id, on))
        return self._relation(self.staging.relation(relation_id))

    def _relation_id(self, relation: object) -> str:
        if isinstance(relation, Relation):
            return self._checked(relation)
        return self.staging.relation(str(relation)).id

    def retract(self, relation: object, /) -> None:
        """Take a wrong relation out of what is believed; the history keeps it."""
        relation_id = self._relation_id(relation)
        self._do(lambda staging: operations.retract(staging, relation_id))

    def tag(self, entity: object, /, *names: str) -> None:
        """Put tags on an entity."""
        entity_id, preparing = self._checked(entity), self.preparing
        for name in names:
            self._do(lambda staging, name=name: operations.tag(staging, preparing, entity_id, name))  # type: ignore[misc]

    def untag(self, entity: object, /, *names: str) -> None:
        """Take tags off an entity."""
        entity_id, preparing = self._checked(entity), self.preparing
        for name in names:
            self._do(lambda staging, name=name: operations.untag(staging, preparing, entity_id, name))  # type: ignore[misc]

    def take_key(self, entity: object, source: str, key: str, /) -> None:
        """Take an external key off an entity."""
        entity_id = self._checked(entity)
        self._do(lambda staging: operations.take_key(staging, entity_id, (source, key)))

    def trash(self, entity: object, /) -> None:
        """Hide an entity and its relations until it is restored."""
        entity_id = self._checked(entity)
        self._do(lambda staging: lifecycle.trash(staging, entity_id))

    def restore(self, entity: object, /, *, clashes: str | None = None) -> None:
        """Bring an entity back from the trash; what clashes now is refused, or dealt with as ``clashes`` says."""
        if clashes not in {None, "end", "retract"}:
            raise ValueProblem(f"clashes is 'end' or 'retract', not {clashes!r}")
        entity_id = self._checked(entity)
        self._do(lambda staging: lifecycle.restore(staging, entity_id))
        if clashes is not None:
            self._clashes.add(clashes)

    def delete(self, entity: object, /, *, detach: bool = False) -> None:
        """Retract an entity; with ``detach`` its relations too."""
        entity_id = self._checked(entity)
        self._do(lambda staging: operations.delete(staging, entity_id, detach=detach))

    def merge(
        self,
        keep: object,
        other: object,
        *,
        fields: Mapping[str, object] | None = None,
        clashes: str | None = None,
    ) -> Entity:
        """Merge ``other`` into ``keep``; ``clashes="keep"`` lets broken rules stand for a later check."""
        if clashes not in {None, "keep"}:
            raise ValueProblem(f"clashes is 'keep' or left out, not {clashes!r}")
        keep_id, other_id, preparing = self._checked(keep), self._checked(other), self.preparing
        self._do(lambda staging: lifecycle.merge(staging, preparing, keep_id, other_id, fields=fields))
        if clashes is not None:
            self._clashes.add(clashes)
        return self._entity(self.staging.entity(keep_id))

    def clone(self, entity: object, /, **values: object) -> Entity:
        """Add a copy of an entity with changed fields, and those of its relations that are declared copiable."""
        original = self.staging.entity(reference(entity))
        shape = self.preparing.type_shape(original.type)
        draft = EntityDraft(uuid7(), original.type, {**original.fields, **shape.store(values)})
        for name, value in values.items():
            if value is None:
                draft.fields.pop(name, None)
        minted = {one.id: uuid7() for one in lifecycle.copied_relations(self.staging, original)}
        entity_id = original.id
        self._do(lambda staging: lifecycle.clone(staging, entity_id, draft, minted))
        return self._entity(self.staging.entity(draft.id))

    # -- many things ------------------------------------------------------------------------------------------------

    def add_many(self, type_name: str, rows: Iterable[Mapping[str, object]], /) -> list[str]:
        """Add many entities from rows (``id``, ``keys``, ``tags`` and fields); return their ids."""
        drafts = EntityRows(self.preparing, type_name).new(rows, self._unprepared)
        self._many = True
        self._do(lambda staging: operations.add_many(staging, drafts))
        return [one.id for one in drafts]

    def relate_many(self, predicate: str, rows: Iterable[Mapping[str, object]], /) -> int:
        """Relate many pairs from rows (``subject``, ``object``, dates, source, attributes); return how many."""
        made = RelationRows(self.preparing, predicate, by_code=self._by_code).block(rows, self._unprepared)
        self._many = True
        if not isinstance(made, tuple):
            self._do(lambda staging: operations.relate_block(staging, made))
            return len(made)
        drafts, chosen = made
        self._do(lambda staging: operations.relate_many(staging, drafts, chosen))
        return len(drafts)

    def _unprepared(self, error: RuleError, row: int) -> None:
        """Keep a breach with its row among the problems of the batch."""
        error.details["row"] = row
        self.staging.problems.append(error)
        self.staging.unprepared.append(error)

    def merge_entity(
        self,
        type_name: str,
        /,
        *,
        id: object = None,  # noqa: A002
        keys: object = None,
        tags: Iterable[str] = (),
        fields: Mapping[str, object] | None = None,
        **values: object,
    ) -> Entity:
        """Update the entity with this id, one of these keys, or its type's key fields; add it where there is none."""
        given = {**(fields or {}), **values}
        draft = self.preparing.entity(type_name, given, entity_id=_optional_id(id), keys=keys, tags=tags, partial=True)
        preparing, by_id = self.preparing, id is not None
        found = self._do(lambda staging: matching.merge_entity(staging, preparing, draft, given, by_id=by_id))
        return self._entity(self.staging.entity(found))

    def merge_entity_many(self, type_name: str, rows: Iterable[Mapping[str, object]], /) -> list[str | None]:
        """Merge many entities from rows; return their ids, None for a row that breaks a rule."""
        preparing = self.preparing
        drafts = EntityRows(preparing, type_name).either(rows, self._unprepared)
        self._many = True
        found: list[str | None] = self._do(lambda staging: matching.merge_entity_many(staging, preparing, drafts))
        return found

    def merge_relation(
        self,
        subject: object,
        predicate: str,
        object: object,  # noqa: A002
        /,
        *,
        id: object = None,  # noqa: A002
        since: object = operations.UNSET,
        until: object = operations.UNSET,
        source: object = None,
        key: str | None = None,
        confidence: object = None,
        attributes: Mapping[str, object] | None = None,
        on_conflict: str = "refuse",
        **values: object,
    ) -> Relation:
        """Update the relation that is meant (by id, the source's key, or the same fact); relate where there is none.

        What is not given stays as it is; None takes it away. Where another source tells the relation otherwise,
        ``on_conflict`` says what holds: ``refuse``, ``keep`` what is there, or ``take`` what is told now; the version
        that does not hold stays readable as what its source says, and is listed by ``check``.
        """
        _one_of(on_conflict)
        dated = since is not operations.UNSET, until is not operations.UNSET
        declared, forward = self.preparing.predicate(predicate)
        given = {**(attributes or {}), **values}
        draft = self.preparing.relation(
            declared,
            (subject, object) if forward else (object, subject),
            given,
            by_code=self._by_code,
            relation_id=_optional_id(id),
            since=since if dated[0] else None,
            until=until if dated[1] else None,
            confidence=confidence,
            source=source,
            key=key,
            partial=True,
        )
        by_id, preparing = id is not None, self.preparing
        found = self._do(
            lambda staging: matching.merge_relation(
                staging, preparing, draft, given, by_id=by_id, dated=dated, on_conflict=on_conflict
            )
        )
        return self._relation(self.staging.relation(found))

    def merge_relation_many(
        self, predicate: str, rows: Iterable[Mapping[str, object]], /, *, on_conflict: str = "refuse"
    ) -> list[str | None]:
        """Merge many relations from rows; return their ids, None for a row that breaks a rule."""
        _one_of(on_conflict)
        preparing = self.preparing
        drafts = RelationRows(preparing, predicate, by_code=self._by_code).either(rows, self._unprepared)
        self._many = True
        found: list[str | None] = self._do(
            lambda staging: matching.merge_relation_many(staging, preparing, drafts, on_conflict=on_conflict)
        )
        return found

    def purge(self, entity: object, /) -> None:
        """Erase an entity, those merged into it and all that names them, for good; alone in its transaction."""
        self._purged.append(self.staging.entity(reference(entity), live=False).id)

    def undo(self, transactions: Sequence[TransactionRow], /) -> None:
        """Take transactions back, the latest first."""
        self._do(lambda staging: undo(staging, transactions))


def _one_of(on_conflict: str) -> None:
    if on_conflict not in {"refuse", "keep", "take"}:
        raise ValueProblem(f"on_conflict is 'refuse', 'keep' or 'take', not {on_conflict!r}")


def _optional_id(given: object) -> str | None:
    return None if given is None else text_id(given)
