"""The writer: a snapshot inside one transaction of the database, and the commit that ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from relgraph.engines.neo4j.commit import Writing, told_nodes
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.purge import erase
from relgraph.engines.neo4j.renames import apply_vocabulary, renamed_predicates
from relgraph.engines.neo4j.rings import RingSearch
from relgraph.engines.neo4j.rows import dumps, transaction_properties
from relgraph.engines.neo4j.snapshot import Run, State
from relgraph.engines.neo4j.values import properties, refuse_clashes
from relgraph.errors import ConflictError, UniqueFieldError
from relgraph.ids import uuid7
from relgraph.model.columns import Columns, Ints
from relgraph.model.records import ChangeSet, EntityRow, Note, TransactionRow
from relgraph.values import parse_datetime
from relgraph.vocabulary.model import Vocabulary

_LOCK_RULES = "UNWIND $names AS i MERGE (x:_Lock {name: i}) REMOVE x._lock"
# no node has the property: removing it takes the node's lock and leaves no trace (its name was made known at opening)
_LOCK_ENTITIES = "UNWIND $ids AS i MATCH (x:Entity {id: i}) REMOVE x._lock"
# matched again behind the lock: a property of the first match may have been read before it
_LOCK_CLOCK = (
    "MATCH (c:_Clock {name: 'clock'}) REMOVE c._lock WITH count(*) AS locked MATCH (c:_Clock {name: 'clock'})"
    " RETURN c.number, c.recorded_at, c.vocabulary, c.schema"
)
_BATCH = 50_000


class Behind(Protocol):
    """What a writer needs of its store."""

    def state(self, run: Run) -> State:
        """Return what the clock says now."""

    def allocate(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh numbers of each kind."""

    def index_relations(self, predicates: Iterable[str]) -> int:
        """Make the indexes that relations of these predicates need; return how many were made."""


class Writer(Reader):
    """A snapshot that may write once. Others are kept out of what was locked, and of the commit itself."""

    def __init__(self, run: Run, state: State, store: Behind, *, finish: Callable[[], None]) -> None:
        super().__init__(run, state)
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
        for start in range(0, len(ids), _BATCH):
            self._run(_LOCK_ENTITIES, {"ids": ids[start : start + _BATCH]})
        self.forget()
        self._state = self._store.state(self._run)

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
                *(one.after.predicate for one in changes.relations if one.after is not None),
                *(new for old, new in renamed_predicates(changes.renames).items() if old in self.used),
            }
        )
        number, recorded_at, version, schema = self._begin(changes)
        self._refuse_taken(changes)
        if changes.vocabulary is not None:
            version += 1
            self.vocabulary_before = self.vocabulary
            self._state = apply_vocabulary(self._run, self._state, changes, version, number)
            schema += 1
        Writing(self._run, self, self._state.shapes, number).write(changes)
        told = TransactionRow(
            number,
            uuid7(),
            recorded_at,
            note.kind,
            note.actor,
            note.reason,
            note.batch,
            note.undoes,
            version,
            note.detail,
        )
        self._log(told, told_nodes(changes, number), schema + (1 if made else 0))
        self._end()
        return told

    def _begin(self, changes: ChangeSet) -> tuple[int, int, int, int]:
        """Lock the clock, the last lock of all, and return the number and time of this transaction."""
        last, previous, version, schema = self._run(_LOCK_CLOCK, {})[0]
        if version != self._state.version or (changes.vocabulary is not None and last != self._state.last):
            what = "the vocabulary" if version != self._state.version else "the network"
            raise ConflictError(
                f"{what} was changed by another writer meanwhile",
                hint="repeat the transaction",
                details={"retry": True},
            )
        # a clock that was set back must not put a transaction before an earlier one
        recorded_at = max(time.time_ns() // 1000, parse_datetime(previous.to_native()) + 1)
        return last + 1, recorded_at, version, schema

    def _log(self, told: TransactionRow, nodes: Sequence[Mapping[str, Any]], schema: int) -> None:
        held = transaction_properties(told)
        self._run(
            "CREATE (t:_Transaction) SET t = $held WITH t MATCH (c:_Clock {name: 'clock'})"
            " SET c.number = $held.number, c.recorded_at = $held.recorded_at, c.vocabulary = $held.vocabulary,"
            " c.schema = $schema"
            " WITH c UNWIND $nodes AS node CREATE (x:_Told) SET x = node",
            {"held": held, "nodes": list(nodes), "schema": schema},
        )

    def _end(self) -> None:
        self.done = True
        self._finish()

    def _refuse_taken(self, changes: ChangeSet) -> None:
        """Refuse a value of a unique field that another writer has stored since it was checked.

        The clock is locked: whoever stores the same value later finds this one.
        """
        if self._store.state(self._run).last == self._state.last:
            return
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
        number, recorded_at, version, schema = self._begin(ChangeSet())
        erased = erase(self._run, self, entities)
        told = TransactionRow(
            number,
            uuid7(),
            recorded_at,
            "purge",
            note.actor,
            note.reason,
            note.batch,
            note.undoes,
            version,
            {**note.detail, **erased},
        )
        self._log(told, [], schema)
        self._end()
        return told
