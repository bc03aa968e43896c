"""Taking transactions back: the versions before them, as a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence

from relgraph.errors import UndoError
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, same_fact
from relgraph.model.ports import Changed
from relgraph.model.records import EntityRow, RelationRow, TransactionRow, Version


class Undoing:
    """One undo over a staging: transactions are taken back from the latest to the earliest.

    A thing may be brought back only while it stands as the transaction left it: whether nothing touched it since, or
    whatever did was itself taken back.
    """

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self._ids: dict[int, str] = {}

    def take_back(self, transaction: TransactionRow) -> None:
        """Bring back what stood before one transaction."""
        if transaction.kind in {"vocabulary", "purge"}:
            why = {
                "vocabulary": "it changed the vocabulary; apply the earlier vocabulary instead",
                "purge": "it erased data for good",
            }
            raise self._refusal(transaction, why[transaction.kind], {})
        changed = self.staging.reader.changed_in(transaction.number)
        if self.staging.reader.last != transaction.number:
            self._no_purge_since(transaction)
        self._entities(transaction, changed)
        self._marks(changed)
        self._relations(transaction, changed)
        self._statements(changed)
        self._orphans(transaction, changed)
        self.staging.summary["undone"] += 1

    def _no_purge_since(self, transaction: TransactionRow) -> None:
        for later in self.staging.reader.transactions(after=transaction.number):
            if later.kind == "purge" and later.detail.get("crosses", True):
                raise self._refusal(transaction, f"data was erased after it, by {later.id}", {"by": later.id})

    def _refusal(self, transaction: TransactionRow, why: str, details: dict[str, object]) -> UndoError:
        return UndoError(
            f"transaction {transaction.id} cannot be taken back: {why}",
            details={"transaction": transaction.id, **details},
        )

    def _later(self, transaction: TransactionRow, name: str, thing: str) -> UndoError:
        return self._refusal(
            transaction,
            f"{name} was changed by a later transaction",
            {"thing": thing},
        )

    def _as_left(self, draft: EntityDraft | None, told: EntityRow | None) -> bool:
        if draft is None or draft.gone:
            return told is None
        if told is None:
            return False
        merged_into = None if told.merged_into is None else self._entity_id(told.merged_into)
        return (draft.type, draft.fields, draft.state, draft.merged_into) == (
            told.type,
            told.fields,
            told.state,
            merged_into,
        )

    def _relation_as_left(self, draft: RelationDraft | None, told: RelationRow | None) -> bool:
        if draft is None or draft.gone:
            return told is None
        if told is None or not same_fact(draft, told):
            return False
        return (draft.subject, draft.object) == (self._entity_id(told.subject), self._entity_id(told.object))

    def _entities(self, transaction: TransactionRow, changed: Changed) -> None:
        ended = {one.row.number: one for one in changed.entities_ended}
        told = {row.number: row for row in changed.entities_told}
        rows = {**{number: one.row for number, one in ended.items()}, **told}
        self.staging.prefetch(row.id for row in rows.values())
        for number, row in rows.items():
            self._ids[number] = row.id
            draft = self.staging.entities.get(row.id)
            if not self._as_left(draft, told.get(number)):
                raise self._later(transaction, f"{row.caption} ({row.id})", row.id)
            self._put_entity(draft, ended.get(number), row)

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
        draft.type, draft.fields, draft.state = old.type, dict(old.fields), old.state
        draft.merged_into = None if old.merged_into is None else self._entity_id(old.merged_into)

    def _entity_id(self, number: int) -> str:
        if number not in self._ids:
            rows = self.staging.reader.entities([number])
            if number not in rows:
                return ""
            self._ids[number] = rows[number].id
        return self._ids[number]

    def _marks(self, changed: Changed) -> None:
        for tag in changed.tags_told:
            self._draft(tag.entity).tags.discard(tag.tag)
        for tag_version in changed.tags_ended:
            self._draft(tag_version.row.entity).tags.add(tag_version.row.tag)
        for key in changed.keys_told:
            self._draft(key.entity).keys.discard((key.source, key.key))
        for key_version in changed.keys_ended:
            row = key_version.row
            self._draft(row.entity).keys.add((row.source, row.key))
            self.staging.remember_key((row.source, row.key), self._entity_id(row.entity))

    def _draft(self, number: int) -> EntityDraft:
        entity_id = self._entity_id(number)
        draft = self.staging.entities.get(entity_id) or self.staging.find(entity_id)
        if draft is None:
            raise UndoError(f"the entity {entity_id or number} is gone", details={"entity": entity_id})
        return draft

    def _relations(self, transaction: TransactionRow, changed: Changed) -> None:
        ended = {one.row.number: one for one in changed.relations_ended}
        told = {row.number: row for row in changed.relations_told}
        rows = {**{number: one.row for number, one in ended.items()}, **told}
        believed = self.staging.reader.relations(told)
        self.staging.adopt_relations(row for row in believed.values() if row.id not in self.staging.relations)
        for number, row in rows.items():
            draft = self.staging.relations.get(row.id)
            if draft is None and number not in told:
                # taken out by this transaction: it must still be out
                self.staging.find_relation(row.id)
                draft = self.staging.relations.get(row.id)
            if not self._relation_as_left(draft, told.get(number)):
                raise self._later(transaction, f"the relation {row.id} ({row.predicate})", row.id)
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
                raise self._refusal(
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

    def _statements(self, changed: Changed) -> None:
        numbers = {one.relation for one in changed.sources_told}
        numbers |= {one.row.relation for one in changed.sources_ended}
        known = {
            draft.number: draft
            for draft in self.staging.relations.values()
            if draft.number is not None and draft.number in numbers
        }
        missing = [number for number in numbers if number not in known]
        for draft in self.staging.adopt_relations(self.staging.reader.relations(missing).values()):
            if draft.number is not None:
                known[draft.number] = draft
        for told in changed.sources_told:
            if told.relation in known:
                self.staging.sources_of(known[told.relation]).pop((told.source, told.key), None)
        for ended in changed.sources_ended:
            row = ended.row
            if row.relation in known and not known[row.relation].gone:
                self.staging.sources_of(known[row.relation])[row.source, row.key] = row.says

    def _orphans(self, transaction: TransactionRow, changed: Changed) -> None:
        for row in changed.entities_told:
            draft = self.staging.entities[row.id]
            if not draft.gone:
                continue
            left = self.staging.touching(row.id)
            if left:
                raise self._refusal(
                    transaction,
                    f"{row.caption} ({row.id}) has got {len(left)} relations since",
                    {"entity": row.id, "relations": [one.id for one in left[:10]]},
                )
            for merged in self.staging.reader.merged_into([row.number]):
                other = self.staging.entities.get(self._entity_id(merged))
                if other is None or (other.state == "merged" and not other.gone):
                    raise self._refusal(
                        transaction, f"another entity was merged into {row.caption} since", {"entity": row.id}
                    )
            draft.tags, draft.keys = set(), set()


def undo(staging: Staging, transactions: Sequence[TransactionRow]) -> None:
    """Take transactions back, the latest first."""
    undoing = Undoing(staging)
    for one in sorted(transactions, key=lambda row: -row.number):
        undoing.take_back(one)
