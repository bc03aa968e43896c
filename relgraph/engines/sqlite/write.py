"""The writer: a snapshot under the write lock, and the one commit that ends it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple, TypeVar

from relgraph.engines.sqlite import fields_index, purge, search
from relgraph.engines.sqlite.bulk import rebuilt_indexes
from relgraph.engines.sqlite.codec import TEXT, dumps, dumps_columns
from relgraph.engines.sqlite.names import read_names, write_names
from relgraph.engines.sqlite.reader import SqliteReader
from relgraph.engines.sqlite.renames import rename_keys
from relgraph.engines.sqlite.rings import RingSearch
from relgraph.engines.sqlite.schema import columns
from relgraph.errors import ConflictError
from relgraph.folding import fold
from relgraph.ids import uuid7
from relgraph.model.blocks import RelationTable
from relgraph.model.columns import Columns, Ints
from relgraph.model.records import ChangeSet, Delta, EntityRow, Note, RelationRow, TransactionRow
from relgraph.vocabulary.dump import to_dict
from relgraph.vocabulary.model import Vocabulary

_INSERT = {
    table: f"INSERT INTO {table} ({', '.join(columns(table))}) VALUES ({', '.join('?' * len(columns(table)))})"
    for table in ("entities", "relations", "tags", "external_keys", "relation_sources")
}
_UPDATE = {
    table: f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns(table)[1:])} WHERE number = ?"
    for table in ("entities", "relations")
}
_MOVE = {
    table: f"INSERT INTO {table}_past ({', '.join(columns(table))}, replaced_in, change)"
    f" SELECT {', '.join(columns(table))}, ?, ? FROM {table}"
    for table in ("entities", "relations", "tags", "external_keys", "relation_sources")
}
Parameters = tuple[object, ...]


class Newest(NamedTuple):
    """The last transaction: its number, the version of the vocabulary from it on, and when it was recorded."""

    number: int
    vocabulary: int
    recorded_at: int


class Touched(NamedTuple):
    """What a transaction changed, as far as what is in memory cares: relations per predicate, entities, keys."""

    predicates: Mapping[int, int]
    entities: int
    keys: int = 0


Row = TypeVar("Row", EntityRow, RelationRow)


def document(vocabulary: Vocabulary) -> str:
    """Return a vocabulary as the text the file keeps."""
    return dumps(to_dict(vocabulary))


def _number_last(cells: Parameters) -> Parameters:
    return (*cells[1:], cells[0])


class SqliteWriter(SqliteReader):
    """A reader that may write once; left without a commit, only what was saved beside the network is kept."""

    _finished: Callable[[TransactionRow, Touched | None], None]

    def known_now(self) -> None:
        """Keep nothing: what a writer reads may be what it is about to change."""

    def begin(self, newest: Newest, finished: Callable[[TransactionRow, Touched | None], None]) -> None:
        """Say what comes before and who is told of a commit, and look up where numbers go on."""
        self._newest_told = newest
        self._finished = finished
        self._saving = False
        self._searched: list[RingSearch] = []
        numbers = dict(self._link.rows("SELECT name, seq FROM sqlite_sequence"))
        self._next_entity = numbers.get("entities", 0) + 1
        self._next_relation = numbers.get("relations", 0) + 1

    @property
    def saving(self) -> bool:
        """Whether documents were saved that wait to be kept."""
        return self._saving

    def lock(self, entities: Sequence[str], predicates: Sequence[str]) -> None:
        """Do nothing: the file's write lock keeps everyone else out."""

    def reserve(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh entity numbers and relation numbers."""
        first = self._next_entity, self._next_relation
        self._next_entity += entities
        self._next_relation += relations
        return first

    def rings(self, predicates: Sequence[str], added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        """Return rings that hold on one common day and go through an added relation.

        The network looked at is the live relations of the predicates without ``removed`` and with ``added``; sure
        periods count. Each ring is the sequence of its relation numbers from an added one on; at most ``limit``.
        """
        look = RingSearch(self, self.network, self._caches, predicates)
        self._searched.append(look)
        return look.find(added, removed, limit)

    def purge(self, entities: Sequence[int], note: Note) -> TransactionRow:
        """Erase entities, those merged into them, their relations and every trace of both; commits."""
        told = purge.erase(
            self._link,
            entities,
            lambda detail: self._tell(replace(note, detail={**note.detail, **detail}), self._newest_told.vocabulary),
        )
        self._finish(told, None)
        purge.settle(self._link)
        return told

    def forget_arrays(self, predicates: Sequence[int]) -> None:
        """Remove the arrays that the file keeps of these predicates; kept without a commit."""
        self._saving = True
        self._link.many("DELETE FROM adjacency WHERE predicate = ?", [(number,) for number in predicates])

    def save(self, kind: str, name: str, document: Mapping[str, object] | None) -> None:
        """Keep a named document beside the network (None removes it); part of the next commit, or alone."""
        self._saving = True
        if document is None:
            self._link.run("DELETE FROM saved_documents WHERE kind = ? AND name = ?", (kind, name))
        else:
            self._link.run(
                "INSERT INTO saved_documents (kind, name, document) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document",
                (kind, name, dumps(document)),
            )

    def commit(self, changes: ChangeSet, note: Note) -> TransactionRow:
        """Write the change set as one transaction, durably, and release the lock."""
        before = self._vocabulary
        version = self._write_vocabulary(changes)
        told = self._tell(note, version)
        number = told.number
        if changes.vocabulary is not None:
            rename_keys(self._link, self._names, self._vocabulary, changes.renames)
            self._names = read_names(self._link.connection)
        self._write_entities(changes, number)
        self._write_relations(changes, number)
        self._write_marks(changes, number)
        if changes.vocabulary is not None:
            self._reindex(before, changes.renames)
        self._finish(told, None if changes.vocabulary is not None else self._touched(changes))
        return told

    def _touched(self, changes: ChangeSet) -> Touched:
        counts = Counter([row[2] for row in changes.new_relations])
        for table in changes.new_tables:
            counts[table.predicate] += len(table)
        counts.update(row.predicate for delta in changes.relations for row in (delta.before, delta.after) if row)
        number = self._names.predicates.number
        entities = len(changes.new_entities) + len(changes.entities)
        return Touched(
            {number[name]: count for name, count in counts.items() if name in number},
            entities + len(changes.tags_added) + len(changes.tags_removed),
            len(changes.keys_added) + len(changes.keys_removed),
        )

    def _finish(self, told: TransactionRow, touched: Touched | None) -> None:
        self._link.run("COMMIT")
        self._saving = False
        self._finished(told, touched)
        for look in self._searched:
            look.fed(told.number)
        self.close()

    def _tell(self, note: Note, version: int) -> TransactionRow:
        told = TransactionRow(
            0,
            note.id or uuid7(),
            # a clock that was set back must not put a transaction before an earlier one
            max(note.recorded_at or time.time_ns() // 1000, self._newest_told.recorded_at + 1),
            note.kind,
            note.actor,
            note.reason,
            note.batch,
            note.undoes,
            version,
            note.detail,
        )
        rows = self._link.rows(
            "INSERT INTO transactions (id, recorded_at, kind, actor, reason, batch, undoes, vocabulary, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (*told[1:9], dumps(note.detail)),
        )
        return told._replace(number=rows[0][0])

    # vocabulary

    def _write_vocabulary(self, changes: ChangeSet) -> int:
        if changes.vocabulary is None:
            return self._newest_told.vocabulary
        rows = self._link.rows(
            "INSERT INTO vocabulary (document) VALUES (?) RETURNING version", (document(changes.vocabulary),)
        )
        write_names(
            self._link.connection,
            changes.vocabulary,
            [(kind, old, new) for kind, _, old, new in changes.renames if kind in ("type", "predicate", "tag")],
        )
        self._vocabulary = changes.vocabulary
        self._names = read_names(self._link.connection)
        inserted: int = rows[0][0]
        return inserted

    def _reindex(self, before: Vocabulary, renames: Sequence[tuple[str, str, str, str]]) -> None:
        """Fill again the indexes of words and of field values where they cover other fields than before."""
        now = self._vocabulary
        # a type that is new has no rows; one that is renamed counts as changed
        renamed = any(kind in ("type", "field") for kind, *_ in renames)
        same = [name for name in now.types if name in before.types]
        if renamed or any(before.search(name) != now.search(name) for name in same):
            search.rebuild(self._link, now, self._names.types.name)
        if renamed or any(
            fields_index.kept_fields(before, name) != fields_index.kept_fields(now, name) for name in same
        ):
            fields_index.rebuild(self._link, now, self._names.types.name)

    # entities

    def _entity_cells(self, rows: Iterable[EntityRow], number: int) -> Iterator[Parameters]:
        types = self._names.types.number
        for row in rows:
            caption = row.caption
            yield (
                row.number,
                row.id,
                types[row.type],
                caption,
                fold(caption),
                dumps(row.fields),
                row.state,
                row.merged_into,
                number,
            )

    def _write_entities(self, changes: ChangeSet, number: int) -> None:
        if changes.new_entities:
            self._link.many(_INSERT["entities"], self._entity_cells(changes.new_entities, number))
            search.add(self._link, changes.new_entities, self._vocabulary)
            self._index_fields(changes.new_entities)
        if not changes.entities:
            return
        self._apply("entities", changes.entities, number, lambda rows: self._entity_cells(rows, number))
        touched = [delta.before.number for delta in changes.entities if delta.before is not None]
        search.remove(self._link, touched)
        self._link.many("DELETE FROM field_values WHERE entity = ?", [(one,) for one in touched])
        after = [delta.after for delta in changes.entities if delta.after is not None]
        search.add(self._link, after, self._vocabulary)
        self._index_fields(after)

    def _index_fields(self, rows: Sequence[EntityRow]) -> None:
        self._link.many("INSERT INTO field_values VALUES (?, ?, ?)", fields_index.entries(rows, self._vocabulary))

    # relations

    def _relation_cells(self, rows: Iterable[RelationRow], number: int) -> Iterator[Parameters]:
        predicates = self._names.predicates.number
        text = TEXT
        for row in rows:
            yield (
                row[0],
                row[1],
                predicates[row[2]],
                row[3],
                row[4],
                text[row[5]],
                text[row[6]],
                row[7],
                row[8],
                dumps(row[9]),
                row[10],
                number,
            )

    def _table_cells(self, table: RelationTable, number: int) -> Iterator[Parameters]:
        predicate, text = self._names.predicates.number[table.predicate], TEXT.__getitem__
        attributes = dumps_columns(table.block.attributes, len(table))
        for numbers, ids, subjects, objects, since, until, low, high in table.stretches():
            # the numbers come first, so that no text is taken for a row that is not there
            yield from zip(
                numbers,
                ids,
                repeat(predicate),
                subjects,
                objects,
                map(text, since),
                map(text, until),
                low,
                high,
                attributes,
                repeat(None),
                repeat(number),
                strict=False,
            )

    def _write_relations(self, changes: ChangeSet, number: int) -> None:
        new = len(changes.new_relations) + sum(map(len, changes.new_tables))
        if new:
            with rebuilt_indexes(self._link, new):
                self._link.many(_INSERT["relations"], self._relation_cells(changes.new_relations, number))
                for table in changes.new_tables:
                    self._link.many(_INSERT["relations"], self._table_cells(table, number))
        if changes.relations:
            self._apply("relations", changes.relations, number, lambda rows: self._relation_cells(rows, number))

    def _apply(
        self,
        table: str,
        deltas: Sequence[Delta[Row]],
        number: int,
        cells: Callable[[Iterable[Row]], Iterator[Parameters]],
    ) -> None:
        """Move what is replaced to the past and write what replaces it."""
        old = [(delta.before, delta.change) for delta in deltas if delta.before is not None]
        moved = self._link.many(
            f"{_MOVE[table]} WHERE number = ? AND told_in = ?",
            [(number, change, before.number, before.told_in) for before, change in old],
        )
        if old and moved != len(old):
            raise ConflictError(
                f"{len(old) - moved} of {len(old)} {table} changed since they were read",
                hint="read them again and repeat the change",
            )
        gone = [(delta.before.number,) for delta in deltas if delta.before is not None and delta.after is None]
        self._link.many(f"DELETE FROM {table} WHERE number = ?", gone)
        replaced = [delta.after for delta in deltas if delta.before is not None and delta.after is not None]
        self._link.many(_UPDATE[table], map(_number_last, cells(replaced)))
        self._link.many(_INSERT[table], cells([d.after for d in deltas if d.before is None and d.after is not None]))

    # tags, keys and sources

    def _write_marks(self, changes: ChangeSet, number: int) -> None:
        tags = self._names.tags.number
        # a tag that this very transaction takes from the vocabulary is gone by now, its number is not
        ever = {name: number for number, name in self._names.tags.name.items()} | dict(tags)
        self._replace(
            "tags",
            "entity = ? AND tag = ?",
            [(row.entity, ever[row.tag]) for row in changes.tags_removed],
            [(row.entity, tags[row.tag], number) for row in changes.tags_added],
            number,
        )
        self._replace(
            "external_keys",
            "source = ? AND key = ? AND entity = ?",
            [(row.source, row.key, row.entity) for row in changes.keys_removed],
            [(row.entity, row.source, row.key, number) for row in changes.keys_added],
            number,
        )
        self._replace(
            "relation_sources",
            "relation = ? AND source = ? AND key = ?",
            [(row.relation, row.source, row.key) for row in changes.sources_removed],
            [
                (row.relation, row.source, row.key, None if row.says is None else dumps(row.says), number)
                for row in changes.sources_added
            ],
            number,
        )

    def _replace(
        self, table: str, which: str, removed: Sequence[Parameters], added: Sequence[Parameters], number: int
    ) -> None:
        if removed:
            moved = self._link.many(f"{_MOVE[table]} WHERE {which}", [(number, "retracted", *one) for one in removed])
            if moved != len(removed):
                raise ConflictError(
                    f"{len(removed) - moved} of {len(removed)} rows of {table} changed since they were read",
                    hint="read them again and repeat the change",
                )
            self._link.many(f"DELETE FROM {table} WHERE {which}", removed)
        if added:
            self._link.many(_INSERT[table], added)
