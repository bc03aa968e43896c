"""Reading versions, the log, and documents kept beside the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from relgraph.engines.neo4j.entities import CELLS, marks_of
from relgraph.engines.neo4j.relations import PAST, RelationReads
from relgraph.engines.neo4j.rows import document, source_row, transaction_row
from relgraph.engines.neo4j.snapshot import Rows
from relgraph.engines.neo4j.sound import sound
from relgraph.model.ports import Changed
from relgraph.model.records import (
    ChangeKind,
    EntityRow,
    KeyRow,
    RelationRow,
    SourceRow,
    TagRow,
    TransactionRow,
    Version,
)
from relgraph.values import datetime_of

Held = Mapping[str, Any]


def _ended(held: Held) -> tuple[int, ChangeKind]:
    return held["_replaced"], cast("ChangeKind", held["_change"])


def tag_row(held: Held) -> TagRow:
    """Return a tag that was taken away."""
    return TagRow(held["entity"], held["tag"], held["_told"])


def key_row(held: Held) -> KeyRow:
    """Return an external key."""
    return KeyRow(held["entity"], held["source"], held["key"], held["_told"])


class Reader(RelationReads):
    """A snapshot that answers everything, versions and the log included, whatever moment it looks at.

    Versions are given by the names they last had, those that are gone from the vocabulary included.
    """

    def _nodes(self, label: str, condition: str, parameters: Held, tail: str = "") -> list[dict[str, Any]]:
        rows = self._run(f"MATCH (x:{label}) WHERE {condition} RETURN properties(x){tail}", parameters)
        return [row[0] for row in rows if sound(label, row[0])]

    def _entity_rows(
        self, label: str, condition: str, parameters: Held, tail: str = ""
    ) -> list[tuple[EntityRow, Held]]:
        rows = self._run(f"MATCH (x:{label}) WHERE {condition} RETURN {CELLS}{tail}", parameters)
        found = [(self._state.shapes.entity(cells[0], cells[1]), cells[1]) for cells in rows if sound(label, cells[1])]
        return [(row, held) for row, held in found if row is not None]

    def _past_relations(self, condition: str, parameters: Held, tail: str = "") -> list[tuple[RelationRow, Held]]:
        rows = self._run(f"MATCH (x:_PastRelation) WHERE {condition} RETURN {PAST}{tail}", parameters)
        found = [(self._relation(cells, named=False), cells[3]) for cells in rows if sound("_PastRelation", cells[3])]
        return [(row, held) for row, held in found if row is not None]

    def entity_versions(self, number: int) -> list[Version[EntityRow]]:
        """Return every version of an entity, oldest first."""
        asked = {"number": int(number)}
        past = self._entity_rows("_PastEntity", "x._number = $number", asked)
        found = [Version(row, *_ended(held)) for row, held in past]
        now = self._entity_rows("Entity", "x._number = $number", asked)
        found += [Version(row, None, None) for row, _ in now]
        return sorted(found, key=lambda one: one.row.told_in)

    def relation_versions(self, number: int) -> list[Version[RelationRow]]:
        """Return every version of a relation, oldest first."""
        past = self._past_relations("x._number = $number", {"number": int(number)})
        found = [Version(row, *_ended(held)) for row, held in past]
        now = self._rows(self._seek("_number", [int(number)], self._where(number), when="true", at=None))
        found += [Version(row, None, None) for row in now]
        return sorted(found, key=lambda one: one.row.told_in)

    def _where(self, number: int) -> Sequence[str]:
        predicate = self._under.get(number, "")
        return [predicate] if predicate in self.used else self._named(None)

    def tag_versions(self, number: int) -> list[Version[TagRow]]:
        """Return every tag an entity carried, oldest first."""
        asked = {"number": int(number)}
        found = [Version(tag_row(held), *_ended(held)) for held in self._nodes("_PastTag", "x.entity = $number", asked)]
        for held in self._nodes("Entity", "x._number = $number", asked):
            found += [Version(TagRow(number, tag, told), None, None) for tag, told in marks_of(held)]
        return sorted(found, key=lambda one: (one.row.told_in, one.row.tag))

    def key_versions(self, number: int) -> list[Version[KeyRow]]:
        """Return every external key an entity had, oldest first."""
        asked = {"number": int(number)}
        found = [Version(key_row(held), *_ended(held)) for held in self._nodes("_PastKey", "x.entity = $number", asked)]
        found += [Version(key_row(held), None, None) for held in self._nodes("_Key", "x.entity = $number", asked)]
        return sorted(found, key=lambda one: (one.row.told_in, one.row.source, one.row.key))

    def source_versions(self, number: int) -> list[Version[SourceRow]]:
        """Return every statement about a relation, oldest first."""
        asked = {"number": int(number)}
        past = self._nodes("_PastStatement", "x.relation = $number", asked)
        found = [Version(source_row(held), *_ended(held)) for held in past]
        now = self._nodes("_Statement", "x.relation = $number", asked)
        found += [Version(source_row(held), None, None) for held in now]
        return sorted(found, key=lambda one: (one.row.told_in, one.row.source, one.row.key))

    def relations_ever_of(self, entity: int) -> list[int]:
        """Return the numbers of all relations that ever touched an entity, ordered."""
        asked = {"number": int(entity)}
        rows = self._run("MATCH (:Entity {_number: $number})-[x]-(:Entity) RETURN DISTINCT x._number", asked)
        for end in ("_subject", "_object"):
            rows += self._run(f"MATCH (x:_PastRelation) WHERE x.{end} = $number RETURN DISTINCT x._number", asked)
        return sorted({row[0] for row in rows if type(row[0]) is int})

    # -- the log -------------------------------------------------------------------------------------------------

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
        newest = self.last if self._known is None else min(self.last, self._known)
        condition = "x.number > $after AND x.number <= $until"
        asked: dict[str, Any] = {"after": after, "until": newest if until is None else min(until, newest)}
        if batch is not None:
            condition += " AND x.batch = $batch"
            asked["batch"] = batch
        if actor is not None:
            condition += " AND x.actor = $actor"
            asked["actor"] = actor
        tail = " ORDER BY x.number DESC" if newest_first else " ORDER BY x.number"
        if limit is not None:
            tail += " LIMIT $limit"
            asked["limit"] = limit
        rows = self._run(f"MATCH (x:_Transaction) WHERE {condition} RETURN properties(x){tail}", asked)
        return [transaction_row(row[0]) for row in rows if sound("_Transaction", row[0])]

    def transaction(self, reference: str | int) -> TransactionRow | None:
        """Return one log entry by id or number."""
        column = "number" if isinstance(reference, int) else "id"
        found = self._nodes(
            "_Transaction",
            f"x.{column} = $reference AND x.number <= $last",
            {"reference": reference, "last": self.last},
        )
        return transaction_row(found[0]) if found else None

    def transaction_at(self, recorded_at: int) -> int:
        """Return the number of the last transaction recorded by this time (microseconds UTC), 0 before the first."""
        rows = self._run(
            "MATCH (x:_Transaction) WHERE x.recorded_at <= $moment AND x.number <= $last"
            " RETURN x.number ORDER BY x.recorded_at DESC LIMIT 1",
            {"moment": datetime_of(recorded_at), "last": self.last},
        )
        return int(rows[0][0]) if rows else 0

    def purges(self, *, after: int) -> list[TransactionRow]:
        """Return the log entries of the purges after a transaction number, whatever moment is looked at."""
        rows = self._run(
            "MATCH (x:_Transaction {kind: 'purge'}) WHERE x.number > $after AND x.number <= $last"
            " RETURN properties(x) ORDER BY x.number",
            {"after": after, "last": self.last},
        )
        return [transaction_row(row[0]) for row in rows if sound("_Transaction", row[0])]

    def changed_in(self, number: int, *, most: int | None = None) -> Changed:
        """Return the things that a transaction told or replaced: all, or of each kind the first ``most``."""
        asked = {"number": int(number)}
        ended, told = "x._replaced = $number", "x._told = $number"
        numbers: dict[str, list[int]] = {}
        tagged: list[int] = []
        for held in self._nodes("_Told", "x.transaction = $number", asked):
            if held.get("what") == "tags":
                tagged += held["numbers"]
            else:
                numbers.setdefault(str(held.get("predicate")), []).extend(held["numbers"])

        def first(*columns: str) -> str:
            return "" if most is None else f" ORDER BY {', '.join(f'x.{one}' for one in columns)} LIMIT {int(most)}"

        things, tags = first("_number"), first("entity", "tag")
        keys, statements = first("entity", "source", "key"), first("relation", "source", "key")
        return Changed(
            _versions(self._entity_rows("_PastEntity", ended, asked, things)),
            _ordered(
                [row for label in ("Entity", "_PastEntity") for row, _ in self._entity_rows(label, told, asked, things)]
            )[:most],
            _versions(self._past_relations(ended, asked, things)),
            _ordered(
                [
                    *self._told_now(numbers, number, most),
                    *(row for row, _ in self._past_relations(told, asked, things)),
                ]
            )[:most],
            _ordered_versions(
                Version(tag_row(held), *_ended(held)) for held in self._nodes("_PastTag", ended, asked, tags)
            ),
            _ordered(
                [
                    *self._tags_told(tagged, number, most),
                    *map(tag_row, self._nodes("_PastTag", told, asked, tags)),
                ]
            )[:most],
            _ordered_versions(
                Version(key_row(held), *_ended(held)) for held in self._nodes("_PastKey", ended, asked, keys)
            ),
            _ordered(
                [key_row(held) for label in ("_Key", "_PastKey") for held in self._nodes(label, told, asked, keys)]
            )[:most],
            _ordered_versions(
                Version(source_row(held), *_ended(held))
                for held in self._nodes("_PastStatement", ended, asked, statements)
            ),
            _ordered(
                [
                    source_row(held)
                    for label in ("_Statement", "_PastStatement")
                    for held in self._nodes(label, told, asked, statements)
                ]
            )[:most],
        )

    def _told_now(self, numbers: Mapping[str, Sequence[int]], told: int, most: int | None) -> list[RelationRow]:
        cells: Rows = []
        for predicate, members in numbers.items():
            if predicate not in self.used:
                continue
            found = 0
            # some were replaced or erased since, so a few more may have to be looked at
            for some in _in_turn(members, most):
                more = self._seek("_number", some, [predicate], when="x._told = $at", at=told)
                cells += more
                found += len(more)
                if most is not None and found >= most:
                    break
        return self._rows(cells)

    def _tags_told(self, entities: Sequence[int], told: int, most: int | None) -> list[TagRow]:
        found: list[TagRow] = []
        for some in _in_turn(entities, most):
            rows = self._run("UNWIND $list AS i MATCH (x:Entity {_number: i}) RETURN i, properties(x)", {"list": some})
            found += [
                TagRow(number, tag, when) for number, held in rows for tag, when in marks_of(held) if when == told
            ]
            if most is not None and len(found) >= most:
                break
        return found

    def saved(self, kind: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return saved documents of a kind ('question', 'decision', 'setting', ...) by name."""
        found = self._nodes("_Saved", "x.kind = $kind", {"kind": kind})
        kept = [(held["name"], document(held["document"])) for held in found]
        return sorted([(name, told) for name, told in kept if told is not None], key=lambda one: one[0])


def _in_turn(numbers: Iterable[int], size: int | None) -> Iterator[list[int]]:
    ordered = sorted(set(numbers))
    size = size or len(ordered) or 1
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def _versions(found: Iterable[tuple[Any, Held]]) -> tuple[Any, ...]:
    return _ordered_versions(Version(row, *_ended(held)) for row, held in found)


def _ordered(rows: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(rows, key=lambda row: row[:3] if not isinstance(row, (EntityRow, RelationRow)) else row[:1]))


def _ordered_versions(found: Iterable[Version[Any]]) -> tuple[Version[Any], ...]:
    return tuple(
        sorted(found, key=lambda one: one.row[:3] if not isinstance(one.row, (EntityRow, RelationRow)) else one.row[:1])
    )
