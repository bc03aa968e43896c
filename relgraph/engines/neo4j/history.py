"""Reading versions, the log, and documents kept beside the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

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
Item = TypeVar("Item")

_PAGE = 5000
"""Things that are looked up at once."""


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

    def last_entities(self, numbers: Sequence[int]) -> dict[int, EntityRow]:
        """Return entities as they are believed, or as they were last where they are gone."""
        found = self.entities(numbers)
        for some in _in_turn((one for one in numbers if one not in found), _PAGE):
            last: dict[int, EntityRow] = {}
            for label in ("_PastEntity", "Entity"):
                for row, _ in self._entity_rows(label, "x._number IN $numbers", {"numbers": some}):
                    if row.number not in last or last[row.number].told_in <= row.told_in:
                        last[row.number] = row
            found.update(last)
        return found

    def relation_versions(self, number: int) -> list[Version[RelationRow]]:
        """Return every version of a relation, oldest first."""
        return self.versions_of_relations([number])[number]

    def versions_of_relations(self, numbers: Sequence[int]) -> dict[int, list[Version[RelationRow]]]:
        """Return every version of several relations, oldest first."""
        found: dict[int, list[Version[RelationRow]]] = {int(one): [] for one in numbers}
        for some in _in_turn(found, _PAGE):
            for row, held in self._past_relations("x._number IN $numbers", {"numbers": some}):
                found[row.number].append(Version(row, *_ended(held)))
            for row in self._rows(self._standing(some)):
                found[row.number].append(Version(row, None, None))
        return {number: sorted(rows, key=lambda one: one.row.told_in) for number, rows in found.items()}

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
        return self.versions_of_sources([number])[number]

    def versions_of_sources(self, relations: Sequence[int]) -> dict[int, list[Version[SourceRow]]]:
        """Return every statement about several relations, oldest first."""
        found: dict[int, list[Version[SourceRow]]] = {int(one): [] for one in relations}
        for some in _in_turn(found, _PAGE):
            for held in self._nodes("_PastStatement", "x.relation IN $numbers", {"numbers": some}):
                found[held["relation"]].append(Version(source_row(held), *_ended(held)))
            for held in self._nodes("_Statement", "x.relation IN $numbers", {"numbers": some}):
                found[held["relation"]].append(Version(source_row(held), None, None))
        return {
            number: sorted(rows, key=lambda one: (one.row.told_in, one.row.source, one.row.key))
            for number, rows in found.items()
        }

    def relations_ever_of(self, entity: int) -> list[int]:
        """Return the numbers of all relations that ever touched an entity, ordered."""
        asked = {"number": int(entity)}
        rows = self._run("MATCH (:Entity {_number: $number})-[x]-(:Entity) RETURN DISTINCT x._number, type(x)", asked)
        names = self._state.shapes.names.predicates
        self._under.update({number: names[kind] for number, kind in rows if type(number) is int and kind in names})
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

    def transactions_by_number(self, numbers: Sequence[int]) -> dict[int, TransactionRow]:
        """Return several log entries by number."""
        found: dict[int, TransactionRow] = {}
        for some in _in_turn(numbers, _PAGE):
            asked = {"numbers": some, "last": self.last}
            for held in self._nodes("_Transaction", "x.number IN $numbers AND x.number <= $last", asked):
                found[held["number"]] = transaction_row(held)
        return found

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
        return self.changed_in_each([number], most=most)[number]

    def changed_in_each(self, numbers: Sequence[int], *, most: int | None = None) -> dict[int, Changed]:
        """Return the things that each of several transactions told or replaced: all, or of each kind the first ones.

        ``most`` are those of all transactions together, in the order of the log.
        """
        asked = {"numbers": [int(one) for one in numbers]}
        predicates, tagged = self._told_in(asked)

        def ended(*columns: str) -> tuple[str, Held, str]:
            return "x._replaced IN $numbers", asked, _first(most, "_replaced", *columns)

        def told(*columns: str) -> tuple[str, Held, str]:
            return "x._told IN $numbers", asked, _first(most, "_told", *columns)

        things, tags = ("_number",), ("entity", "tag")
        keys, statements = ("entity", "source", "key"), ("relation", "source", "key")
        kinds: list[Iterable[Any]] = [
            (Version(row, *_ended(held)) for row, held in self._entity_rows("_PastEntity", *ended(*things))),
            (row for name in ("Entity", "_PastEntity") for row, _ in self._entity_rows(name, *told(*things))),
            (Version(row, *_ended(held)) for row, held in self._past_relations(*ended(*things))),
            [*self._told_now(predicates, most), *(row for row, _ in self._past_relations(*told(*things)))],
            (Version(tag_row(held), *_ended(held)) for held in self._nodes("_PastTag", *ended(*tags))),
            [*self._tags_told(tagged, most), *map(tag_row, self._nodes("_PastTag", *told(*tags)))],
            (Version(key_row(held), *_ended(held)) for held in self._nodes("_PastKey", *ended(*keys))),
            (key_row(held) for name in ("_Key", "_PastKey") for held in self._nodes(name, *told(*keys))),
            (Version(source_row(held), *_ended(held)) for held in self._nodes("_PastStatement", *ended(*statements))),
            (
                source_row(held)
                for name in ("_Statement", "_PastStatement")
                for held in self._nodes(name, *told(*statements))
            ),
        ]
        found: dict[int, list[list[Any]]] = {number: [[] for _ in kinds] for number in asked["numbers"]}
        for at, rows in enumerate(kinds):
            for one in sorted(rows, key=_place)[:most]:
                found[_place(one)[0]][at].append(one)
        return {number: Changed(*map(tuple, some)) for number, some in found.items()}

    def _told_in(self, asked: Held) -> tuple[dict[str, list[list[int]]], list[list[int]]]:
        """Return relations by predicate, and tagged entities, each with the transaction that told it, in that order."""
        predicates: dict[str, list[list[int]]] = {}
        tagged: list[list[int]] = []
        for held in self._nodes("_Told", "x.transaction IN $numbers", asked):
            pairs = [[number, held["transaction"]] for number in held["numbers"]]
            if held.get("what") == "tags":
                tagged += pairs
            else:
                predicates.setdefault(str(held.get("predicate")), []).extend(pairs)
        for some in (*predicates.values(), tagged):
            some.sort(key=lambda pair: (pair[1], pair[0]))
        return predicates, tagged

    def _standing(self, numbers: Sequence[int]) -> Rows:
        """Return the relations that are believed now, each looked for where it was seen."""
        groups: dict[str, list[int]] = {}
        for number in numbers:
            groups.setdefault(self._under.get(number, ""), []).append(number)
        cells: Rows = []
        for predicate, members in groups.items():
            under = [predicate] if predicate in self.used else self._named(None)
            cells += self._seek("_number", members, under, when="true", at=None)
        return cells

    def _told_now(self, told: Mapping[str, Sequence[list[int]]], most: int | None) -> list[RelationRow]:
        cells: Rows = []
        for predicate, pairs in told.items():
            if predicate not in self.used:
                continue
            found = 0
            # some were replaced or erased since, so a few more may have to be looked at
            for some in _parts(pairs, most or _PAGE):
                more = self._seek("_number", some, [predicate], when="x._told = i[1]", at=None, value="i[0]")
                cells += more
                found += len(more)
                if most is not None and found >= most:
                    break
        return self._rows(cells)

    def _tags_told(self, told: Sequence[list[int]], most: int | None) -> list[TagRow]:
        found: list[TagRow] = []
        for some in _parts(told, most or _PAGE):
            rows = self._run(
                "UNWIND $list AS i MATCH (x:Entity {_number: i[0]}) RETURN i[0], i[1], properties(x)", {"list": some}
            )
            found += [
                TagRow(number, tag, when) for number, by, held in rows for tag, when in marks_of(held) if when == by
            ]
            if most is not None and len(found) >= most:
                break
        return found

    def saved(self, kind: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return saved documents of a kind ('question', 'decision', 'setting', ...) by name."""
        found = self._nodes("_Saved", "x.kind = $kind", {"kind": kind})
        kept = [(held["name"], document(held["document"])) for held in found]
        return sorted([(name, told) for name, told in kept if told is not None], key=lambda one: one[0])


def _in_turn(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    yield from _parts(sorted(set(numbers)), size)


def _parts(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _first(most: int | None, *columns: str) -> str:
    return "" if most is None else f" ORDER BY {', '.join(f'x.{one}' for one in columns)} LIMIT {int(most)}"


def _place(one: Any) -> tuple[Any, ...]:
    """Return the transaction that ended a version or told a row, and what orders those of one transaction."""
    row, when = (one.row, one.replaced_in) if isinstance(one, Version) else (one, one.told_in)
    return when, *(row[:1] if isinstance(row, (EntityRow, RelationRow)) else row[:3])
