"""Taking transactions back: the versions before them, as a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from relgraph.errors import UndoError
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging
from relgraph.model.origins import Origins, Span, taken_back
from relgraph.model.ports import Changed
from relgraph.model.records import EntityRow, RelationRow, TransactionRow, Version
from relgraph.vocabulary.fields import UNTAKEN, settled
from relgraph.vocabulary.model import Field
from relgraph.vocabulary.stored import in_order


class Undoing:
    """One undo over a staging: transactions are taken back from the latest to the earliest.

    A thing may be brought back only while its state comes from the transaction: whether nothing touched it since, or
    whatever did was itself taken back.
    """

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self.reader = staging.reader
        self._origins = Origins(self.reader)
        self._ids: dict[int, str] = {}
        last = self.reader.transaction(self.reader.last)
        self._vocabulary = None if last is None else last.vocabulary

    def take_back(self, transaction: TransactionRow) -> None:
        """Bring back what stood before one transaction."""
        if transaction.kind in {"vocabulary", "purge"}:
            why = {
                "vocabulary": "it changed the vocabulary; apply the earlier vocabulary instead",
                "purge": "it erased data for good",
            }
            raise refusal(transaction, why[transaction.kind], {})
        if self.reader.last != transaction.number:
            self._no_purge_since(transaction)
        changed = self.reader.changed_in(transaction.number)
        self._entities(transaction, changed)
        self._marks(transaction, changed)
        self._relations(transaction, changed)
        self._statements(transaction, changed)
        self._orphans(transaction, changed)
        self._stays(transaction, changed)
        self._ways(transaction, changed)
        self._origins.take(transaction.number)
        self.staging.summary["undone"] += 1

    def _no_purge_since(self, transaction: TransactionRow) -> None:
        for later in self.reader.purges(after=transaction.number):
            raise refusal(transaction, f"data was erased after it, by {later.id}", {"by": later.id})

    # -- whether things stand as they were left ----------------------------------------------------------------------

    def _look(self, transaction: TransactionRow, name: str, thing: str, versions: Iterable[Span]) -> None:
        """Refuse where what stands now comes from another transaction."""
        origin = self._origins.of(versions, up_to=transaction.number)
        if origin == transaction.number:
            return
        later = None if origin < transaction.number else self.reader.transaction(origin)
        if later is None:
            raise refusal(transaction, f"{name} has been brought back already", {"thing": thing})
        by = f", by {later.actor}" if later.actor else ""
        raise refusal(
            transaction, f"{name} was changed by a later transaction, {later.id}{by}", {"thing": thing, "by": later.id}
        )

    def _last(self, transaction: TransactionRow) -> bool:
        """Whether nothing can have happened since."""
        return self.reader.last == transaction.number and not self._origins.taken

    # -- entities ---------------------------------------------------------------------------------------------------

    def _entities(self, transaction: TransactionRow, changed: Changed) -> None:
        ended = {one.row.number: one for one in changed.entities_ended}
        told = {row.number: row for row in changed.entities_told}
        rows = {**{number: one.row for number, one in ended.items()}, **told}
        self.staging.prefetch(row.id for row in rows.values())
        for number, row in rows.items():
            self._ids[number] = row.id
            draft = self.staging.entities.get(row.id)
            if not (draft and draft.before and draft.before.told_in == transaction.number):
                self._look(
                    transaction, f"{row.caption} ({row.id})", row.id, _spans(self.reader.entity_versions(number))
                )
            if number in ended:
                ended[number] = self._valid_entity(transaction, ended[number])
            elif draft is not None:
                self._nothing_more(transaction, draft, number, changed)
            self._put_entity(draft, ended.get(number), row)

    def _nothing_more(self, transaction: TransactionRow, draft: EntityDraft, number: int, changed: Changed) -> None:
        """Refuse to take an entity out that was given tags or keys since."""
        tags = {one.tag for one in changed.tags_told if one.entity == number}
        keys = {(one.source, one.key) for one in changed.keys_told if one.entity == number}
        if draft.tags - tags or draft.keys - keys:
            more = [*sorted(draft.tags - tags), *(f"{source} {key}" for source, key in sorted(draft.keys - keys))]
            raise refusal(
                transaction,
                f"{self.staging.caption(draft)} ({draft.id}) has got {', '.join(more)} since",
                {"entity": draft.id},
            )

    def _put_entity(self, draft: EntityDraft | None, before: Version[EntityRow] | None, row: EntityRow) -> None:
        if draft is None:
            draft = EntityDraft(row.id, row.type, {}, number=row.number)
            self.staging.adopt_new(draft)
        draft.change, draft.touched = "undone", True
        if before is None:
            draft.gone = True
            return
        old = before.row
        draft.gone = False
        if old.state == "live" and draft.state != "live":
            self.staging.surround(draft.id)
        draft.type, draft.fields, draft.state = old.type, dict(old.fields), old.state
        draft.merged_into = None if old.merged_into is None else self._entity_id(old.merged_into)

    def _entity_id(self, number: int) -> str:
        if number not in self._ids:
            rows = self.reader.entities([number])
            row = rows.get(number)
            if row is None:
                versions = self.reader.entity_versions(number)
                if not versions:
                    return ""
                row = versions[-1].row
            self._ids[number] = row.id
        return self._ids[number]

    def _draft(self, transaction: TransactionRow, number: int) -> EntityDraft:
        entity_id = self._entity_id(number)
        draft = self.staging.entities.get(entity_id) or self.staging.find(entity_id)
        if draft is None:
            raise refusal(transaction, f"the entity {entity_id or number} is gone", {"entity": entity_id})
        return draft

    # -- tags and keys ----------------------------------------------------------------------------------------------

    def _marks(self, transaction: TransactionRow, changed: Changed) -> None:
        if not self._last(transaction):
            self._look_at_marks(transaction, changed)
        for tag in changed.tags_told:
            self._draft(transaction, tag.entity).tags.discard(tag.tag)
        for key in changed.keys_told:
            self._draft(transaction, key.entity).keys.discard((key.source, key.key))
        for tag_version in changed.tags_ended:
            name, draft = tag_version.row.tag, self._draft(transaction, tag_version.row.entity)
            declared = self.staging.vocabulary.tags.get(name)
            fits = declared is not None and (
                not declared.types or any(self.staging.vocabulary.is_a(draft.type, one) for one in declared.types)
            )
            if not fits:
                raise refusal(transaction, f"{draft.id} may not carry the tag {name} any more", {"entity": draft.id})
            draft.tags.add(name)
        for key_version in changed.keys_ended:
            row = key_version.row
            draft, one = self._draft(transaction, row.entity), (row.source, row.key)
            holder = self.staging.by_key(one)
            if holder is not None and holder is not draft:
                held = f"{self.staging.caption(holder)} ({holder.id})"
                raise refusal(
                    transaction,
                    f"the key {row.key!r} of {row.source!r} belongs to {held} by now",
                    {"entity": draft.id, "holder": holder.id},
                )
            draft.keys.add(one)
            self.staging.remember_key(one, draft.id)

    def _look_at_marks(self, transaction: TransactionRow, changed: Changed) -> None:
        """Look at tags and keys of entities that stay; an entity that goes again was looked at as a whole."""
        tags = [(row.entity, row.tag) for row in changed.tags_told]
        tags += [(one.row.entity, one.row.tag) for one in changed.tags_ended]
        keys = [(row.entity, row.source, row.key) for row in changed.keys_told]
        keys += [(one.row.entity, one.row.source, one.row.key) for one in changed.keys_ended]
        for number in dict.fromkeys([one[0] for one in tags] + [one[0] for one in keys]):
            draft = self._draft(transaction, number)
            if draft.gone:
                continue
            name = f"{self.staging.caption(draft)} ({draft.id})"
            tag_versions, key_versions = self.reader.tag_versions(number), self.reader.key_versions(number)
            for _, tag in (one for one in tags if one[0] == number):
                spans = [(one.row.told_in, one.replaced_in) for one in tag_versions if one.row.tag == tag]
                self._look(transaction, f"the tag {tag} of {name}", draft.id, spans)
            for _, source, key in (one for one in keys if one[0] == number):
                spans = [
                    (one.row.told_in, one.replaced_in)
                    for one in key_versions
                    if (one.row.source, one.row.key) == (source, key)
                ]
                self._look(transaction, f"the key {key!r} of {source!r} of {name}", draft.id, spans)

    # -- relations --------------------------------------------------------------------------------------------------

    def _relations(self, transaction: TransactionRow, changed: Changed) -> None:
        ended = {one.row.number: one for one in changed.relations_ended}
        told = {row.number: row for row in changed.relations_told}
        rows = {**{number: one.row for number, one in ended.items()}, **told}
        believed = self.reader.relations(rows)
        self.staging.adopt_relations(row for row in believed.values() if row.id not in self.staging.relations)
        added = [self.staging.relations[row.id] for number, row in told.items() if row.id in self.staging.relations]
        self.staging.prefetch_sources(added)
        stated: dict[int, dict[tuple[str, str], Mapping[str, object] | None]] = {}
        for one in changed.sources_told:
            stated.setdefault(one.relation, {})[one.source, one.key] = one.says
        for number, row in rows.items():
            draft = self.staging.relations.get(row.id)
            name = f"the relation {row.id} ({row.predicate})"
            if not (draft and draft.before and draft.before.told_in == transaction.number):
                self._look(transaction, name, row.id, _spans(self.reader.relation_versions(number)))
            if number in ended:
                ended[number] = self._valid_relation(transaction, ended[number])
            elif draft is not None and not draft.gone and self.staging.sources_of(draft) != stated.get(number, {}):
                raise refusal(transaction, f"{name} has got or lost sources since", {"relation": row.id})
            self._put_relation(transaction, draft, ended.get(number), row)

    def _put_relation(
        self,
        transaction: TransactionRow,
        draft: RelationDraft | None,
        before: Version[RelationRow] | None,
        row: RelationRow,
    ) -> None:
        if before is None:
            if draft is not None:
                self.staging.sources_of(draft)
                draft.gone, draft.change = True, "undone"
            return
        old = before.row
        ends = self._entity_id(old.subject), self._entity_id(old.object)
        for number, end in zip((old.subject, old.object), ends, strict=True):
            entity = self.staging.find(end) if end else None
            if entity is None or entity.state == "merged":
                raise refusal(
                    transaction, f"an end of {row.id} ({row.predicate}) is gone", {"relation": row.id, "end": number}
                )
        if draft is None:
            draft = RelationDraft(row.id, old.predicate, *ends, number=row.number, sources={})
        self.staging.sources_of(draft)
        draft.gone, draft.change = False, "undone"
        draft.since, draft.until = old.since, old.until
        draft.since_precision, draft.until_precision = old.since_precision, old.until_precision
        draft.attributes, draft.confidence = dict(old.attributes), old.confidence
        self.staging.move(draft, subject=ends[0], obj=ends[1])

    def _statements(self, transaction: TransactionRow, changed: Changed) -> None:
        numbers = {one.relation for one in changed.sources_told}
        numbers |= {one.row.relation for one in changed.sources_ended}
        known = {
            draft.number: draft
            for draft in self.staging.relations.values()
            if draft.number is not None and draft.number in numbers
        }
        missing = [number for number in numbers if number not in known]
        for draft in self.staging.adopt_relations(self.reader.relations(missing).values()):
            if draft.number is not None:
                known[draft.number] = draft
        if not self._last(transaction):
            self._look_at_statements(transaction, changed, known)
        for told in changed.sources_told:
            if told.relation in known:
                self.staging.sources_of(known[told.relation]).pop((told.source, told.key), None)
        for ended in changed.sources_ended:
            row = ended.row
            if row.relation in known and not known[row.relation].gone:
                self.staging.sources_of(known[row.relation])[row.source, row.key] = row.says

    def _look_at_statements(
        self, transaction: TransactionRow, changed: Changed, known: Mapping[int, RelationDraft]
    ) -> None:
        """Look at the statements of relations that stay; others were looked at with their relation."""
        whole = {row.number for row in changed.relations_told} | {one.row.number for one in changed.relations_ended}
        marks = [(row.relation, row.source, row.key) for row in changed.sources_told]
        marks += [(one.row.relation, one.row.source, one.row.key) for one in changed.sources_ended]
        for number, source, key in dict.fromkeys(marks):
            if number in whole:
                continue
            spans = [
                (one.row.told_in, one.replaced_in)
                for one in self.reader.source_versions(number)
                if (one.row.source, one.row.key) == (source, key)
            ]
            thing = known[number].id if number in known else ""
            self._look(transaction, f"what {source} says of {thing}", thing, spans)

    # -- what would be left -----------------------------------------------------------------------------------------

    def _orphans(self, transaction: TransactionRow, changed: Changed) -> None:
        gone = [row for row in changed.entities_told if self.staging.entities[row.id].gone]
        if not gone:
            return
        self.staging.adopt_relations(self.reader.relations_of([row.number for row in gone]))
        for row in gone:
            left = self.staging.drafts_of(row.id)
            if left:
                raise refusal(
                    transaction,
                    f"{row.caption} ({row.id}) has got {len(left)} relation{'s' if len(left) > 1 else ''} since",
                    {"entity": row.id, "relations": [one.id for one in left[:10]]},
                )
            draft = self.staging.entities[row.id]
            draft.tags, draft.keys = set(), set()
        for number in self.reader.merged_into([row.number for row in gone]):
            other = self.staging.find(self._entity_id(number))
            # what was merged into it before this transaction led nowhere then, too
            since = other is not None and other.before is not None and other.before.told_in > transaction.number
            if since and other is not None and other.state == "merged":
                raise refusal(transaction, f"{other.id} was merged into one of its since", {"entity": other.id})

    def _ways(self, transaction: TransactionRow, changed: Changed) -> None:
        """Refuse to merge an entity away again where the kept one was deleted since, or was merged into it."""
        for ended in changed.entities_ended:
            row = ended.row
            if row.state != "merged" or row.merged_into is None:
                continue
            seen, here = {row.id}, self._entity_id(row.merged_into)
            while here not in seen:
                seen.add(here)
                kept = self.staging.find(here)
                if kept is None:
                    versions = self.reader.entity_versions(self.reader.entity_numbers([here])[here])
                    gone = versions[-1].replaced_in
                    # where it had been deleted before, the entity led nowhere then, too
                    if here in self.staging.entities or gone is None or gone > transaction.number:
                        raise refusal(
                            transaction, f"{here}, which {row.id} was merged into, is gone", {"entity": row.id}
                        )
                    break
                if kept.merged_into is None:
                    break
                here = kept.merged_into
            else:
                raise refusal(transaction, f"{row.id} and {here} would be merged into each other", {"entity": row.id})

    def _stays(self, transaction: TransactionRow, changed: Changed) -> None:
        """Report the relations that a kept entity got after the merge: they stay with it."""
        for row in changed.entities_told:
            if row.state != "merged" or row.merged_into is None:
                continue
            keep = self.staging.find(self._entity_id(row.merged_into))
            if keep is None:
                continue
            later = [
                one.id
                for one in self.staging.touching(keep.id)
                if one.before is not None
                and one.before.told_in > transaction.number
                and self.reader.relation_versions(one.before.number)[0].row.told_in > transaction.number
            ]
            if later:
                self.staging.notes.append({"stays": later, "with": keep.id, "entity": row.id})

    # -- today's vocabulary -----------------------------------------------------------------------------------------

    def _valid_entity(self, transaction: TransactionRow, version: Version[EntityRow]) -> Version[EntityRow]:
        row = version.row
        if transaction.vocabulary == self._vocabulary:
            return version
        declared = self.staging.vocabulary.types.get(row.type)
        if declared is None or declared.abstract:
            raise refusal(transaction, f"there is no type {row.type} any more", {"entity": row.id})
        fields = self.staging.vocabulary.fields(row.type)
        kept = self._valid(transaction, f"{row.caption} ({row.id})", fields, row.fields)
        return version._replace(row=row._replace(fields=kept))

    def _valid_relation(self, transaction: TransactionRow, version: Version[RelationRow]) -> Version[RelationRow]:
        row = version.row
        if transaction.vocabulary == self._vocabulary:
            return version
        words = self.staging.vocabulary
        if row.predicate not in words.predicates:
            raise refusal(transaction, f"there is no predicate {row.predicate} any more", {"relation": row.id})
        fields = words.attributes(row.predicate)
        kept = self._valid(transaction, f"the relation {row.id} ({row.predicate})", fields, row.attributes)
        return version._replace(row=row._replace(attributes=kept))

    def _valid(
        self, transaction: TransactionRow, name: str, fields: Mapping[str, Field], stored: Mapping[str, object]
    ) -> dict[str, object]:
        """Return values as today's fields have them; refuse to bring back those that they do not take any more."""
        kept: dict[str, object] = {}
        for key, value in in_order(stored, fields).items():
            try:
                kept[key] = settled(fields[key], value)
            except UNTAKEN:
                raise refusal(
                    transaction, f"{name} had {key} {value!r}, which the vocabulary does not take now", {"field": key}
                ) from None
        missing = [key for key, field in fields.items() if field.required and key not in stored]
        if missing:
            raise refusal(transaction, f"{name} had no {', '.join(missing)}, required now", {"field": missing[0]})
        return kept


def refusal(transaction: TransactionRow, why: str, details: Mapping[str, object]) -> UndoError:
    """Return the error for a transaction that stays, with the reason."""
    return UndoError(
        f"transaction {transaction.id} cannot be taken back: {why}",
        details={"transaction": transaction.id, **details},
    )


def _spans(versions: Sequence[Version[EntityRow]] | Sequence[Version[RelationRow]]) -> list[Span]:
    return [(one.row.told_in, one.replaced_in) for one in versions]


def undo(staging: Staging, transactions: Sequence[TransactionRow]) -> None:
    """Take transactions back, the latest first; of several, those that were taken back already are passed over."""
    already = taken_back(staging.reader, transactions)
    left = [row for row in transactions if row.number not in already]
    if not left:
        last = transactions[-1]
        by = already[last.number]
        raise refusal(last, f"it has been taken back already, by {by.id}", {"by": by.id})
    undoing = Undoing(staging)
    for one in sorted(left, key=lambda row: -row.number):
        undoing.take_back(one)
