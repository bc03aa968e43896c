"""Reading versions and the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from relgraph.engines.sqlite.codec import loads
from relgraph.engines.sqlite.entities import ENTITY
from relgraph.engines.sqlite.relations import RELATION, SOURCE, RelationReads, source_row
from relgraph.engines.sqlite.snapshot import Rows
from relgraph.model.ports import Changed
from relgraph.model.records import EntityRow, KeyRow, RelationRow, SourceRow, TagRow, TransactionRow, Version

_TAG = "x.entity, x.tag, x.told_in"
_KEY = "x.entity, x.source, x.key, x.told_in"
_TRANSACTION = "number, id, recorded_at, kind, actor, reason, batch, undoes, vocabulary, detail"


def transaction_row(row: tuple[Any, ...]) -> TransactionRow:
    """Return an entry of the log as the file holds it."""
    return TransactionRow._make((*row[:9], loads(row[9])))


class HistoryReads(RelationReads):
    """The part of a reader that answers about versions and transactions, whatever moment it looks at.

    Names that are gone from the vocabulary are given as they last were.
    """

    def _versions(self, columns: str, table: str, condition: str, parameters: dict[str, object]) -> Rows:
        """Return rows of a table and of its past twin as (cells.., replaced_in, change), oldest first."""
        rows = self._link.rows(f"SELECT {columns}, NULL, NULL FROM {table} x WHERE {condition}", parameters)
        rows += self._link.rows(
            f"SELECT {columns}, x.replaced_in, x.change FROM {table}_past x WHERE {condition}", parameters
        )
        # told_in is the last cell of every kind of row
        return sorted(rows, key=lambda row: row[-3])

    def _tag(self, row: tuple[Any, ...]) -> TagRow:
        return TagRow(row[0], self._names.tags.name[row[1]], row[2])

    def entity_versions(self, number: int) -> list[Version[EntityRow]]:
        """Return every version of an entity, oldest first."""
        rows = self._versions(ENTITY, "entities", "x.number = :number", {"number": number})
        return [Version(self._entity(row[:-2]), row[-2], row[-1]) for row in rows]

    def relation_versions(self, number: int) -> list[Version[RelationRow]]:
        """Return every version of a relation, oldest first."""
        rows = self._versions(RELATION, "relations", "x.number = :number", {"number": number})
        return [Version(self._relation(row), row[-2], row[-1]) for row in rows]

    def tag_versions(self, number: int) -> list[Version[TagRow]]:
        """Return every tag an entity carried, oldest first."""
        rows = self._versions(_TAG, "tags", "x.entity = :number", {"number": number})
        return [Version(self._tag(row), row[-2], row[-1]) for row in rows]

    def key_versions(self, number: int) -> list[Version[KeyRow]]:
        """Return every external key an entity had, oldest first."""
        rows = self._versions(_KEY, "external_keys", "x.entity = :number", {"number": number})
        return [Version(KeyRow(*row[:-2]), row[-2], row[-1]) for row in rows]

    def source_versions(self, number: int) -> list[Version[SourceRow]]:
        """Return every statement about a relation, oldest first."""
        rows = self._versions(SOURCE, "relation_sources", "x.relation = :number", {"number": number})
        return [Version(source_row(row[:-2]), row[-2], row[-1]) for row in rows]

    def last_entities(self, numbers: Sequence[int]) -> dict[int, EntityRow]:
        """Return entities as they are believed, or as they were last where they are gone."""
        found = self.entities(numbers)
        for number in numbers:
            if number not in found and (versions := self.entity_versions(number)):
                found[number] = versions[-1].row
        return found

    def versions_of_relations(self, numbers: Sequence[int]) -> dict[int, list[Version[RelationRow]]]:
        """Return every version of several relations, oldest first."""
        return {number: self.relation_versions(number) for number in numbers}

    def versions_of_sources(self, relations: Sequence[int]) -> dict[int, list[Version[SourceRow]]]:
        """Return every statement about several relations, oldest first."""
        return {number: self.source_versions(number) for number in relations}

    def relations_ever_of(self, entity: int) -> list[int]:
        """Return the numbers of all relations that ever touched an entity, ordered."""
        found: set[int] = set()
        for table in ("relations", "relations_past"):
            for column in ("subject", "object"):
                rows = self._link.rows(f"SELECT number FROM {table} WHERE {column} = ?", (entity,))
                found.update(row[0] for row in rows)
        return sorted(found)

    def transactions(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        batch: str | None = None,
        actor: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[TransactionRow]:
        """Return log entries by number."""
        condition = "number > :after AND number <= :until"
        if batch is not None:
            condition += " AND batch = :batch"
        if actor is not None:
            condition += " AND actor = :actor"
        newest = self._last if self._known is None else min(self._last, self._known)
        rows = self._link.rows(
            f"SELECT {_TRANSACTION} FROM transactions WHERE {condition}"
            f" ORDER BY number{' DESC' if newest_first else ''} LIMIT :limit",
            {
                "after": after,
                "until": newest if until is None else min(until, newest),
                "batch": batch,
                "actor": actor,
                "limit": -1 if limit is None else limit,
            },
        )
        return [transaction_row(row) for row in rows]

    def transaction(self, reference: str | int) -> TransactionRow | None:
        """Return one log entry by id or number."""
        column = "number" if isinstance(reference, int) else "id"
        rows = self._link.rows(
            f"SELECT {_TRANSACTION} FROM transactions WHERE {column} = ? AND number <= ?", (reference, self._last)
        )
        return transaction_row(rows[0]) if rows else None

    def transactions_by_number(self, numbers: Sequence[int]) -> dict[int, TransactionRow]:
        """Return several log entries by number."""
        return {number: row for number in numbers if (row := self.transaction(number)) is not None}

    def transaction_at(self, recorded_at: int) -> int:
        """Return the number of the last transaction recorded by this time (microseconds UTC), 0 before the first."""
        rows = self._link.rows(
            "SELECT number FROM transactions WHERE recorded_at <= ? AND number <= ? ORDER BY recorded_at DESC LIMIT 1",
            (recorded_at, self._last),
        )
        return rows[0][0] if rows else 0

    def purges(self, *, after: int) -> list[TransactionRow]:
        """Return the log entries of the purges after a transaction number, whatever moment is looked at."""
        rows = self._link.rows(
            f"SELECT {_TRANSACTION} FROM transactions WHERE kind = 'purge' AND number > ? AND number <= ?"
            " ORDER BY number",
            (after, self._last),
        )
        return [transaction_row(row) for row in rows]

    def changed_in(self, number: int, *, most: int | None = None) -> Changed:
        """Return the things that a transaction told or replaced: all, or of each kind the first ``most``."""
        parameters: dict[str, object] = {"number": number, "most": -1 if most is None else most}
        # the index on relations starts with the predicate
        every = ",".join(map(str, self._names.predicates.name)) or "NULL"

        def ended(columns: str, table: str) -> Rows:
            extra = f" AND x.predicate IN ({every})" if table == "relations" else ""
            return self._link.rows(
                f"SELECT {columns}, x.replaced_in, x.change FROM {table}_past x"
                f" WHERE x.replaced_in = :number{extra} ORDER BY 1, 2, 3 LIMIT :most",
                parameters,
            )

        def told(columns: str, table: str) -> Rows:
            where = "x.told_in = :number"
            if table == "relations":
                # the first of them are found in the index, before any row is read
                where = (
                    f"x.number IN (SELECT number FROM relations WHERE predicate IN ({every}) AND told_in = :number"
                    " ORDER BY number LIMIT :most)"
                )
            tail = "ORDER BY 1, 2, 3 LIMIT :most"
            rows = self._link.rows(f"SELECT {columns} FROM {table} x WHERE {where} {tail}", parameters)
            rows += self._link.rows(
                f"SELECT {columns} FROM {table}_past x WHERE x.told_in = :number {tail}", parameters
            )
            return sorted(rows, key=lambda row: row[:3])[:most]

        return Changed(
            tuple(Version(self._entity(row[:-2]), row[-2], row[-1]) for row in ended(ENTITY, "entities")),
            tuple(self._entity(row) for row in told(ENTITY, "entities")),
            tuple(Version(self._relation(row), row[-2], row[-1]) for row in ended(RELATION, "relations")),
            tuple(self._relation(row) for row in told(RELATION, "relations")),
            tuple(Version(self._tag(row), row[-2], row[-1]) for row in ended(_TAG, "tags")),
            tuple(self._tag(row) for row in told(_TAG, "tags")),
            tuple(Version(KeyRow(*row[:-2]), row[-2], row[-1]) for row in ended(_KEY, "external_keys")),
            tuple(KeyRow(*row) for row in told(_KEY, "external_keys")),
            tuple(Version(source_row(row[:-2]), row[-2], row[-1]) for row in ended(SOURCE, "relation_sources")),
            tuple(source_row(row) for row in told(SOURCE, "relation_sources")),
        )

    def changed_in_each(self, numbers: Sequence[int], *, most: int | None = None) -> dict[int, Changed]:
        """Return the things that each of several transactions told or replaced: all, or of each kind the first ones."""
        found: dict[int, Changed] = {}
        counts = [0] * len(Changed().kinds)
        for number in numbers:
            there = Changed() if most is not None and max(counts) >= most else self.changed_in(number, most=most)
            counts = [count + len(kind) for count, kind in zip(counts, there.kinds, strict=True)]
            found[number] = there
        return found

    def saved(self, kind: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return saved documents of a kind ('question', 'decision', 'setting', ...) by name."""
        rows = self._link.rows("SELECT name, document FROM saved_documents WHERE kind = ? ORDER BY name", (kind,))
        return [(name, loads(document)) for name, document in rows]
