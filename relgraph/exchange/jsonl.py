"""The whole network as JSON Lines, loss-free: written, read back, and written again it is the same bytes.

One object a line: ``header``, ``entity``..., ``relation``..., ``question``..., ``decision``..., ``end`` with counts and
the SHA-256 of everything before it. With history there are ``transaction`` and ``past`` lines too, and every line says
which transaction told it. Numbers that a store uses inside never appear.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from relgraph.engines.base import Reader, Store
from relgraph.exchange.jsonl_read import FORMAT
from relgraph.exchange.writing import whole
from relgraph.model.entity import end_as_given, start_as_given
from relgraph.model.log import changes_of, entries
from relgraph.model.ports import Changed
from relgraph.model.records import EntityRow, KeyRow, RelationRow, SourceRow, TagRow, TransactionRow, Version
from relgraph.vocabulary.stored import in_order

Progress = Callable[[int, int], object]
PAGE = 2000


class _Lines:
    """A file of JSON lines that counts and digests what is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.counts: dict[str, int] = {}

    def write(self, kind: str, document: Mapping[str, Any]) -> None:
        line = json.dumps({"kind": kind, **document}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def end(self) -> None:
        counts = {name: count for name, count in sorted(self.counts.items()) if name != "header"}
        self.write("end", {"counts": counts, "sha256": self._digest.hexdigest()})


def export_jsonl(
    store: Store, path: Path, *, history: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Write the network to a file, from one snapshot; return how many lines of each kind.

    The file appears only when it is whole. ``progress`` is called with (done, total) and stops the work by raising.
    """
    with store.read() as reader, whole(path) as file:
        lines = _Lines(file)
        _Export(reader, store.zone(), lines, history=history, progress=progress).run()
        lines.end()
    return lines.counts


class _Export:
    def __init__(self, reader: Reader, zone: str, lines: _Lines, *, history: bool, progress: Progress | None) -> None:
        self.reader = reader
        self.zone = zone
        self.lines = lines
        self.history = history
        self.progress = progress
        self.done = 0
        self._ids: dict[int, str] = {}
        self._stated: dict[int, str] = {}
        self._transactions: dict[int, tuple[str, int, str | None]] = {}

    def run(self) -> None:
        last = self.reader.transaction(self.reader.last)
        self.lines.write(
            "header",
            {
                "format": FORMAT,
                "history": self.history,
                "zone": self.zone,
                "vocabulary": self.reader.vocabulary.to_dict(),
                "last": None
                if last is None
                else {"id": last.id, "recorded_at": last.recorded_at, "kind": last.kind, "actor": last.actor},
            },
        )
        if self.history:
            for page in entries(self.reader):
                self._know_log(page)
                for row in page:
                    document: dict[str, Any] = row._asdict()
                    del document["number"], document["vocabulary"]
                    document["done"] = document.pop("kind")
                    self.lines.write("transaction", document)
        total = self.reader.count_entities(None) + self.reader.count_relations(None)
        for rows in self._pages(self.reader.every_entity):
            self._entities(rows)
            self._tick(len(rows), total)
        for relations in self._pages(self.reader.every_relation):
            self._relations(relations)
            self._tick(len(relations), total)
        if self.history:
            self._past()
        for kind in ("question", "decision"):
            for name, saved in self.reader.saved(kind):
                self.lines.write(kind, {"name": name, "document": saved})

    def _tick(self, count: int, total: int) -> None:
        self.done += count
        if self.progress is not None:
            self.progress(self.done, total)

    def _pages(self, read: Callable[..., list[Any]]) -> Iterator[list[Any]]:
        after = 0
        while True:
            rows = read(after=after, limit=PAGE)
            if not rows:
                return
            yield rows
            after = rows[-1].number

    def _know(self, numbers: Iterable[int]) -> None:
        """Look up together what entities are called, those that are gone too."""
        missing = set(numbers) - self._ids.keys()
        self._ids.update((number, row.id) for number, row in self.reader.last_entities(sorted(missing)).items())

    def _know_kept(self, rows: Iterable[EntityRow]) -> None:
        """Look up together what entities were merged into; without history, those that are there still."""
        kept = {row.merged_into for row in rows if row.merged_into is not None}
        if self.history:
            self._know(kept)
        else:
            missing = sorted(kept - self._ids.keys())
            self._ids.update((number, row.id) for number, row in self.reader.entities(missing).items())

    def _know_log(self, rows: Iterable[TransactionRow]) -> None:
        self._transactions.update((row.number, (row.id, row.recorded_at, row.actor)) for row in rows)

    def _name(self, number: int) -> str:
        if number not in self._ids:
            # what was looked up and not found was taken out of a server's database by another program
            raise _Gone
        return self._ids[number]

    def _told(self, number: int) -> tuple[str, int, str | None]:
        return self._transactions.get(number, ("", 0, None))

    def _entities(self, rows: list[EntityRow]) -> None:
        numbers = [row.number for row in rows]
        self._ids.update((row.number, row.id) for row in rows)
        self._know_kept(rows)
        if not self.history:
            tags, keys = self.reader.tags(numbers), self.reader.keys(numbers)
        for row in rows:
            document = self._entity(row)
            if self.history:
                document["told"] = self._told(row.told_in)[0]
            else:
                document["tags"] = list(tags.get(row.number, ()))
                document["keys"] = [list(key) for key in keys.get(row.number, ())]
            self.lines.write("entity", document)

    def _entity(self, row: EntityRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "type": row.type,
            "name": row.caption,
            "fields": in_order(row.fields, self._fields(row.type)),
            "state": row.state,
            "merged_into": None if row.merged_into is None else self._ids.get(row.merged_into),
        }

    def _relations(self, rows: list[RelationRow]) -> None:
        self._know(end for row in rows for end in (row.subject, row.object))
        sources = {} if self.history else self.reader.sources([row.number for row in rows])
        if not self.history:
            told_in = {row.told_in for row in rows} - self._transactions.keys()
            self._know_log(self.reader.transactions_by_number(sorted(told_in)).values())
        for row in rows:
            try:
                document = self._relation(row)
            except _Gone:
                continue
            told, recorded_at, actor = self._told(row.told_in)
            if self.history:
                document["told"] = told
            else:
                document["sources"] = [_source(one) for one in sources.get(row.number, ())]
                document["recorded_at"], document["recorded_by"] = recorded_at, actor
            self.lines.write("relation", document)

    def _relation(self, row: RelationRow) -> dict[str, Any]:
        since, until = start_as_given(row.since, row.since_precision), end_as_given(row.until, row.until_precision)
        return {
            "id": row.id,
            "predicate": row.predicate,
            "subject": self._name(row.subject),
            "object": self._name(row.object),
            "since": None if since is None else str(since),
            "until": None if until is None else str(until),
            "attributes": in_order(row.attributes, self.reader.vocabulary.attributes(row.predicate)),
            "confidence": row.confidence,
        }

    def _fields(self, type_name: str) -> Iterable[str]:
        vocabulary = self.reader.vocabulary
        return vocabulary.fields(type_name) if type_name in vocabulary.types else ()

    # -- with history -----------------------------------------------------------------------------------------------

    def _past(self) -> None:
        """Write what transactions replaced, and every version of tags, keys and sources, in the order of the log."""
        for transactions, found in changes_of(self.reader, entries(self.reader)):
            self._know_changed(found.values())
            for transaction in transactions:
                self._replaced(transaction, found[transaction.number])

    def _know_changed(self, changed: Collection[Changed]) -> None:
        """Look up together all that several transactions name."""
        self._know_kept(one.row for some in changed for one in some.entities_ended)
        rows = [one.row for some in changed for one in some.relations_ended]
        ends = {end for row in rows for end in (row.subject, row.object)}
        for some in changed:
            ends.update(row.entity for row in some.tags_told)
            ends.update(row.entity for row in some.keys_told)
            ends.update(tag.row.entity for tag in some.tags_ended)
            ends.update(key.row.entity for key in some.keys_ended)
        self._know(ends)
        stated = {row.relation for some in changed for row in some.sources_told}
        stated.update(one.row.relation for some in changed for one in some.sources_ended)
        versions = self.reader.versions_of_relations(sorted(stated))
        self._stated = {number: told[-1].row.id for number, told in versions.items() if told}

    def _replaced(self, transaction: TransactionRow, changed: Changed) -> None:
        # by id, since the numbers of a store, and so its own order, are others where the file is read back
        for entity in sorted(changed.entities_ended, key=lambda one: one.row.id):
            self._version("entity", entity, self._entity(entity.row))
        for relation in sorted(changed.relations_ended, key=lambda one: one.row.id):
            with suppress(_Gone):
                self._version("relation", relation, self._relation(relation.row))
        marks = [
            *self._marks("tag", self._tag, changed.tags_told, changed.tags_ended),
            *self._marks("key", self._key, changed.keys_told, changed.keys_ended),
            *self._marks("source", self._statement, changed.sources_told, changed.sources_ended),
        ]
        for thing, document, ended in sorted(marks, key=lambda one: (one[0], one[2], json.dumps(one[1]))):
            self._mark(thing, transaction.id, document, ended=ended)

    def _marks(
        self, thing: str, make: Callable[[Any], dict[str, Any]], told: Iterable[Any], ended: Iterable[Version[Any]]
    ) -> Iterator[tuple[str, dict[str, Any], bool]]:
        for rows, gone in ((told, False), ((one.row for one in ended), True)):
            for row in rows:
                with suppress(_Gone):
                    yield thing, make(row), gone

    def _tag(self, row: TagRow) -> dict[str, Any]:
        return {"entity": self._name(row.entity), "tag": row.tag}

    def _key(self, row: KeyRow) -> dict[str, Any]:
        return {"entity": self._name(row.entity), "source": row.source, "key": row.key}

    def _statement(self, row: SourceRow) -> dict[str, Any]:
        if row.relation not in self._stated:
            raise _Gone
        return {"relation": self._stated[row.relation], **_source(row)}

    def _version(self, thing: str, version: Version[Any], document: dict[str, Any]) -> None:
        replaced = "" if version.replaced_in is None else self._told(version.replaced_in)[0]
        told = self._told(version.row.told_in)[0]
        self.lines.write(
            "past", {"thing": thing, "told": told, "replaced": replaced, "change": version.change, **document}
        )

    def _mark(self, thing: str, transaction: str, document: dict[str, Any], *, ended: bool) -> None:
        self.lines.write("past", {"thing": thing, "in": transaction, "ended": ended, **document})


class _Gone(Exception):
    """What a record is about was taken out of a server's database by another program, and has no name any more."""


def _source(row: SourceRow) -> dict[str, Any]:
    return {"source": row.source, "key": row.key, "says": None if row.says is None else dict(row.says)}
