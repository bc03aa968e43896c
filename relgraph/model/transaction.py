"""The transaction: it buffers what is done, and locks, checks and writes only at its end."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from relgraph.errors import (
    ConflictError,
    RelgraphError,
    RuleError,
    RuleErrors,
    StoreUnavailable,
    ValueProblem,
)
from relgraph.ids import uuid7
from relgraph.model import clashes, lifecycle, matching, operations
from relgraph.model.batch import EntityRows, RelationRows
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, conflict, same_fact
from relgraph.model.entity import (
    Entity,
    EntityRef,
    Relation,
    Source,
    moment,
    to_entity,
    to_relation,
)
from relgraph.model.freeze import freeze
from relgraph.model.ports import Keeper, Writer
from relgraph.model.prepare import Preparing, preparing, reference, text_id
from relgraph.model.records import ChangeSet, EntityRow, Note, RelationRow, TransactionRow
from relgraph.model.undo import undo
from relgraph.vocabulary.model import Vocabulary

ATTEMPTS = 5
"""How often a write is tried where another writer is in the way by chance."""
PAUSE = 0.02
"""The first pause between two tries, in seconds."""
LISTED = 1000
"""How many breaches of one batch are listed; all are counted."""

Operation = Callable[[Staging], object]


def today_in(zone: str) -> int:
    """Return the ordinal of the current day in a time zone."""
    return datetime.now(ZoneInfo(zone)).date().toordinal()


class Transaction:
    """Changes that are made together or not at all.

    Used as a context manager: leaving it commits, an exception discards. What is read inside sees the changes made
    so far over one snapshot. ``id``, ``number`` and ``recorded_at`` are known once committed (None where nothing
    changed); ``summary`` counts what was done (added, related, updated, unchanged, ended, ...); ``notes`` lists what
    a merge decided.
    """

    def __init__(
        self,
        store: Keeper,
        *,
        actor: str | None = None,
        reason: str | None = None,
        batch: str | None = None,
        kind: str = "write",
        by_code: bool = False,
        before: Callable[[Staging, Note], None] | None = None,
        single: bool = False,
    ) -> None:
        if store.read_only:
            # refused at once, in the words of the store, which knows why
            with store.write():
                pass
        self._store = store
        self._stack = ExitStack()
        self._note = Note(kind, actor, reason, batch)
        self._before = before
        self._by_code = by_code
        self._single = single
        self._many = False
        self._operations: list[Operation] = []
        self._clashes: set[str] = set()
        self._in_hand: dict[str, int] = {}
        self._spoiled = False
        self._today = today_in(store.zone())
        self._staging: Staging | None = None
        self._preparing: Preparing | None = None
        self._committed: TransactionRow | None = None
        self._done = False
        self._purged: list[str] = []
        self.changes: ChangeSet | None = None

    # -- life -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    @property
    def id(self) -> str | None:
        """The transaction's id once committed; None before, and where nothing changed."""
        return None if self._committed is None else self._committed.id

    @property
    def number(self) -> int | None:
        """The transaction's number in the log once committed."""
        return None if self._committed is None else self._committed.number

    @property
    def recorded_at(self) -> datetime | None:
        """When the network was told, once committed."""
        return None if self._committed is None else moment(self._committed.recorded_at)

    @property
    def summary(self) -> dict[str, int]:
        """How often each thing was done: added, related, updated, unchanged, ended, retracted, ..."""
        staging = self._staging
        return {} if staging is None else {name: count for name, count in staging.summary.items() if count}

    @property
    def notes(self) -> list[dict[str, object]]:
        """What merges decided: differences, dropped fields, collapsed and self-relations."""
        return [] if self._staging is None else list(self._staging.notes)

    @property
    def staging(self) -> Staging:
        """The buffer over this transaction's snapshot, opened when first needed."""
        if self._done:
            raise RelgraphError("this transaction has ended", hint="begin another with graph.transaction()")
        if self._staging is None:
            reader = self._stack.enter_context(self._store.read())
            self._staging = Staging(reader, today=self._today, owns=self._single, by_code=self._by_code)
        if self._spoiled:
            self._spoiled = False
            self._staging = self._done_again(self._staging)
        return self._staging

    @property
    def preparing(self) -> Preparing:
        """The prepared forms of the vocabulary."""
        if self._preparing is None:
            self._preparing = preparing(self.staging.vocabulary)
        return self._preparing

    def discard(self) -> None:
        """Forget everything that was done."""
        self._done = True
        self._stack.close()

    def commit(self) -> None:
        """Take the lock, check every rule, and write; nothing is written where a rule would break."""
        if self._done:
            return
        try:
            if self._purged:
                self._erase()
            elif self._staging is not None and (self._operations or self._staging.problems):
                staging = self.staging
                if self._before is not None:
                    self._before(staging, self._note)
                self._write(staging)
        finally:
            self.discard()

    def _write(self, staging: Staging) -> None:
        """Write; where another writer was in the way by chance, do all of it again over what stands then."""
        for attempt in range(ATTEMPTS):
            try:
                self._attempt(staging, again=attempt > 0)
            except RelgraphError as error:
                # a server out of reach is told at once: whether it took the last word is not known
                passing = error.details.get("retry") is True and not isinstance(error, StoreUnavailable)
                if not passing or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311 - so that two do not meet again
            else:
                return

    def _attempt(self, staging: Staging, *, again: bool) -> None:
        with self._store.write() as writer:
            from relgraph.model.gate import check_changes  # noqa: PLC0415 - the rules load arrays, at the first write

            writer.lock(sorted(staging.entity_ids()), staging.predicates())
            if writer.last == staging.reader.last and not again:
                staging.rebase(writer)
            else:
                staging = self._replayed(writer, staging)
            changes, more = ChangeSet(), 0

            def check() -> list[RuleError]:
                nonlocal changes, more
                changes, rows = freeze(staging, writer)
                if changes.empty():
                    return list(staging.problems)
                again = [one.number for one in staging.singles.values() if one.change == "undone" and one.number]
                broken, more = check_changes(changes, writer, today=self._today, rows=rows, again=again)
                return [*staging.problems, *broken]

            errors: Sequence[RuleError] = check()
            if errors and "keep" in self._clashes:
                errors = clashes.kept(staging, errors)
                more = more if errors else 0
            if errors and self._clashes & {"end", "retract"}:
                errors = clashes.settled(staging, errors, retract="retract" in self._clashes, check=check)
            if errors:
                raise gathered(errors, many=self._many, more=more)
            self._staging = staging
            self.changes = changes
            if not changes.empty():
                self._committed = writer.commit(changes, self._noted(staging))

    def _erase(self) -> None:
        if self._operations:
            raise RelgraphError(
                "an erasure cannot be taken back, so it is a transaction of its own",
                hint="commit the other changes first",
            )
        with self._store.write() as writer:
            numbers = list(writer.entity_numbers(self._purged).values())
            found = numbers
            while found:
                found = [one for one in writer.merged_into(found) if one not in numbers]
                numbers += found
            self._committed = writer.purge(numbers, replace(self._note, kind="purge"))

    def _noted(self, staging: Staging) -> Note:
        note = self._note
        if not staging.notes:
            return note
        detail = {**note.detail, "notes": staging.notes}
        return Note(note.kind, note.actor, note.reason, note.batch, note.undoes, detail)

    def _replayed(self, writer: Writer, staging: Staging) -> Staging:
        """Do everything again over what others have committed meanwhile; what was read must not have changed."""
        same_words(staging, writer.vocabulary)
        # a call that stands alone may be of anything as it is by now, unless its caller held a version in hand
        expected = self._in_hand if self._single else {**staging.seen, **self._in_hand}
        locked = staging.entity_ids()
        while True:
            again = Staging(writer, today=self._today, expected=expected, by_code=self._by_code)
            again.unprepared = staging.unprepared
            again.problems = [one for one in staging.problems if one in staging.unprepared]
            for operation in self._operations:
                operation(again)
            more = sorted(again.entity_ids() - locked)
            if not more:
                return again
            # what was found only now was read before its lock: it is looked at once more behind it
            writer.lock(more, again.predicates())
            locked.update(more)

    def _do(self, operation: Operation) -> Any:
        staging = self.staging
        try:
            result = operation(staging)
        except BaseException:
            # whoever catches this may go on: nothing half-done may stay
            self._spoiled = True
            raise
        self._operations.append(operation)
        return result

    def _done_again(self, spoiled: Staging) -> Staging:
        """Return the buffer as it was before an operation failed in the middle."""
        staging = Staging(spoiled.reader, today=self._today, by_code=self._by_code)
        staging.unprepared = spoiled.unprepared
        staging.problems = [one for one in spoiled.problems if one in spoiled.unprepared]
        for operation in self._operations:
            operation(staging)
        return staging

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


def same_words(staging: Staging, now: Vocabulary) -> None:
    """Refuse to go on where the types and predicates in use are not what they were when things were prepared."""
    then = staging.vocabulary
    if then == now:
        return
    types = dict.fromkeys(one.type for one in staging.entities.values())
    predicates = staging.predicates()
    changed = [
        *(one for one in types if one not in now.types or then.fields(one) != now.fields(one)),
        *(one for one in predicates if then.predicates.get(one) != now.predicates.get(one)),
    ]
    if changed:
        raise ConflictError(
            f"the vocabulary has changed meanwhile: {', '.join(changed)}",
            hint="begin the transaction again",
            details={"changed": changed},
        )


def _optional_id(given: object) -> str | None:
    return None if given is None else text_id(given)


def gathered(errors: Sequence[RuleError], *, many: bool, more: int = 0) -> RelgraphError:
    """Return what to raise for these breaches: a group in the order of rows, then rules.

    Where nothing was done to many things and all breaches are of one relation, the first of them is raised by itself
    and holds the others in ``details["others"]``. ``more`` is how many breaches were counted but not described.
    """
    if not many and len({_lead(error) for error in errors}) == 1:
        first, *others = errors
        if others:
            first.details["others"] = [error.to_dict() for error in others]
        return first
    ordered = sorted(errors, key=lambda error: (_row(error), error.code))
    return RuleErrors(ordered[:LISTED], total=len(ordered) + more)


def _lead(error: RuleError) -> object:
    relations = error.details.get("relations")
    return relations[0] if isinstance(relations, (list, tuple)) and relations else id(error)


def _row(error: RuleError) -> int:
    row = error.details.get("row")
    return row if isinstance(row, int) else -1
