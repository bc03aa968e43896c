"""The writer: a snapshot inside one transaction of the database, and the commit that ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from relgraph.engines.neo4j.commit import Writing, told_nodes
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.purge import erase
from relgraph.engines.neo4j.renames import apply_vocabulary, renamed_predicates
from relgraph.engines.neo4j.rings import RingSearch
from relgraph.engines.neo4j.rows import dumps, note_properties, transaction_row
from relgraph.engines.neo4j.snapshot import CLOCK, Run, State
from relgraph.engines.neo4j.values import properties, refuse_clashes
from relgraph.errors import ConflictError, UniqueFieldError
from relgraph.model.columns import Columns, Ints
from relgraph.model.records import ChangeSet, EntityRow, Note, TransactionRow
from relgraph.values import datetime_of
from relgraph.vocabulary.model import Vocabulary

_LOCK_RULES = "UNWIND $names AS i MERGE (x:_Lock {name: i}) REMOVE x._lock"
# no node has the property: removing it takes the node's lock and leaves no trace (its name was made known at opening)
_LOCK_ENTITIES = "UNWIND $ids AS i MATCH (x:Entity {id: i}) REMOVE x._lock"
# matched behind the lock: a property of a node matched before it may have been read before it
_THEN_CLOCK = f" WITH count(*) AS locked MATCH (c:_Clock {{name: 'clock'}}) RETURN {CLOCK}"
_TELL = (
    "MATCH (c:_Clock {name: 'clock'}) REMOVE c._lock WITH count(*) AS locked MATCH (c:_Clock {name: 'clock'})"
    " SET c.number = c.number + 1, c.vocabulary = c.vocabulary + $vocabulary, c.schema = c.schema + $schema,"
    # a clock that was set back must not put a transaction before an earlier one
    " c.recorded_at = CASE WHEN $now > c.recorded_at THEN $now ELSE c.recorded_at + duration({microseconds: 1}) END"
    " CREATE (t:_Transaction) SET t = $note, t.number = c.number, t.recorded_at = c.recorded_at,"
    " t.vocabulary = c.vocabulary"
    " FOREACH (node IN $nodes | CREATE (x:_Told) SET x = node, x.transaction = c.number)"
    " RETURN properties(t)"
)
_BATCH = 50_000


class Behind(Protocol):
    """What a writer needs of its store."""

    def state(self, run: Run) -> State:
        """Return what the clock says now."""

    def state_of(self, clock: Sequence[Any], run: Run) -> State:
        """Return what the clock has said."""

    def allocate(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh numbers of each kind."""

    def index_relations(self, predicates: Iterable[str]) -> int:
        """Make the indexes that relations of these predicates need; return how many were made."""


class Writer(Reader):
    """A snapshot that may write once. Others are kept out of what was locked, and of the commit itself."""

    def __init__(self, run: Run, store: Behind, *, finish: Callable[[], None]) -> None:
        super().__init__(run, store.state)
        self._store = store
        self._finish = finish
        self.saving = False
        self.done = False
        self.vocabulary_before: Vocabulary | None = None

    def lock(self, entities: Sequence[str], predicates: Sequence[str]) -> None:
        """Keep other writers from these entities (by id) and from the acyclic rules of these predicates.

        Whoever locks does so in one order: rules by name, then entities by id, so that no two wait for each other.
        What was read before is read anew afterwards, the last transaction included.
        """
        names = sorted({f"acyclic {rule}" for one in predicates for rule in self._acyclic(one)})
        if names:
            self._run(_LOCK_RULES, {"names": names})
        ids = sorted(set(entities))
        while len(ids) > _BATCH:
            self._run(_LOCK_ENTITIES, {"ids": ids[:_BATCH]})
            del ids[:_BATCH]
        clock = self._run(_LOCK_ENTITIES + _THEN_CLOCK, {"ids": ids})
        self.forget()
        self._told_state = self._store.state_of(clock, self._run)

    def _acyclic(self, predicate: str) -> list[str]:
        vocabulary = self.vocabulary
        if predicate not in vocabulary.predicates:
            return []
        return [one for one in vocabulary.broader(predicate) if vocabulary.predicates[one].acyclic is not None]

    def reserve(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh entity numbers and relation numbers."""
        return self._store.allocate(entities, relations)

    def rings(self, predicates: Sequence[str], added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        """Return rings that hold on one common day and go through an added relation.

        The network looked at is the live relations of the predicates without ``removed`` and with ``added``; sure
        periods count. Each ring is the sequence of its relation numbers from an added one on; at most ``limit``.
        """
        return RingSearch(self, predicates, added, removed).find(limit)

    def save(self, kind: str, name: str, document: Mapping[str, object] | None) -> None:
        """Keep a named document beside the network (None removes it); part of the next commit, or alone."""
        self.saving = True
        if document is None:
            self._run("MATCH (x:_Saved {kind: $kind, name: $name}) DELETE x", {"kind": kind, "name": name})
        else:
            self._run(
                "MERGE (x:_Saved {kind: $kind, name: $name}) SET x.document = $document",
                {"kind": kind, "name": name, "document": dumps(document)},
            )

    # -- commit ------------------------------------------------------------------------------------------------

    def commit(self, changes: ChangeSet, note: Note) -> TransactionRow:
        """Write the change set as one transaction, durably, and release the lock."""
        if changes.vocabulary is not None:
            refuse_clashes(changes.vocabulary)
        made = self._store.index_relations(
            {
                *(row.predicate for row in changes.new_relations),
                *(table.predicate for table in changes.new_tables),
                *(one.after.predicate for one in changes.relations if one.after is not None),
                *(new for old, new in renamed_predicates(changes.renames).items() if old in self.used),
            }
        )
        changed = changes.vocabulary is not None
        told = self._tell(note, told_nodes(changes), vocabulary=changed, schema=changed or made > 0)
        if told.number != self.last + 1:
            self._refuse_behind(changes, told)
        if changed:
            self.vocabulary_before = self.vocabulary
            self._told_state = apply_vocabulary(self._run, self._state, changes, told.vocabulary, told.number)
        Writing(self._run, self, self._state.shapes, told.number).write(changes)
        self._end()
        return told

    def _tell(
        self, note: Note, nodes: Sequence[Mapping[str, Any]], *, vocabulary: bool, schema: bool
    ) -> TransactionRow:
        """Lock the clock, the last lock of all, and write the entry of the log."""
        version = self._state.version + vocabulary
        rows = self._run(
            _TELL,
            {
                "now": datetime_of(note.recorded_at or time.time_ns() // 1000),
                "note": note_properties(note),
                "nodes": list(nodes),
                "vocabulary": int(vocabulary),
                "schema": int(schema),
            },
        )
        told = transaction_row(rows[0][0])
        if told.vocabulary != version:
            raise _meanwhile("the vocabulary was changed")
        return told

    def _refuse_behind(self, changes: ChangeSet, told: TransactionRow) -> None:
        """Look again at what no lock before the clock's keeps others from."""
        if changes.vocabulary is not None:
            raise _meanwhile(f"transaction {told.number - 1} was committed")
        self._refuse_taken(changes)

    def _end(self) -> None:
        self.done = True
        self._finish()

    def _refuse_taken(self, changes: ChangeSet) -> None:
        """Refuse a value of a unique field that another writer has stored since it was checked.

        The clock is locked: whoever stores the same value later finds this one.
        """
        told = [*changes.new_entities, *(one.after for one in changes.entities if one.after is not None)]
        for row in told:
            fields = self._state.shapes.fields(row.type)
            for name in [name for name, field in fields.items() if field.unique and name in row.fields]:
                self._refuse_other(row, name)

    def _refuse_other(self, row: EntityRow, name: str) -> None:
        types = [one for one in self.vocabulary.types if name in self._state.shapes.fields(one)]
        others = [one for one in self.entities_holding(types, name, row.fields[name]) if one != row.number]
        if others:
            holder = self.entities(others)[others[0]]
            raise UniqueFieldError(
                f"{row.type}.{name} is unique, and another writer has just given "
                f"{properties(self._state.shapes.fields(row.type), {name: row.fields[name]})} to {holder.caption}",
                details={"rule": "unique", "entity": row.id, "holder": holder.id, "retry": True},
            )

    def purge(self, entities: Sequence[int], note: Note) -> TransactionRow:
        """Erase entities, those merged into them, their relations and every trace of both; commits."""
        rows = self.entities(entities)
        self.lock([row.id for row in rows.values()], [])
        erased = erase(self._run, self, entities)
        told = self._tell(
            replace(note, kind="purge", detail={**note.detail, **erased}), [], vocabulary=False, schema=False
        )
        self._end()
        return told


def _meanwhile(what: str) -> ConflictError:
    return ConflictError(f"{what} by another writer meanwhile", hint="repeat the transaction", details={"retry": True})
