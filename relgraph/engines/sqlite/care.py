"""Looking after a file: what is in it, and a copy of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from relgraph.engines.sqlite.connection import translated
from relgraph.engines.sqlite.reader import SqliteReader
from relgraph.errors import StoreError, StoreUnavailable


def statistics(reader: SqliteReader, path: Path | None) -> Mapping[str, object]:
    """Return sizes and counts."""
    link, names = reader.link, reader.names
    entities = dict(link.rows("SELECT type, count(*) FROM entities WHERE state = 'live' GROUP BY type"))
    relations = dict(link.rows("SELECT predicate, count(*) FROM relations GROUP BY predicate"))
    hidden = link.rows("SELECT count(*) FROM entities WHERE state <> 'live'")[0][0]
    if hidden:
        # what is related to something in the trash is not counted either
        relations.update({number: reader.count_relations([name]) for number, name in names.predicates.live.items()})
    page, pages = link.rows("PRAGMA page_size")[0][0], link.rows("PRAGMA page_count")[0][0]
    journal = 0
    if path is not None and Path(f"{path}-wal").exists():
        journal = Path(f"{path}-wal").stat().st_size
    types = {names.types.name[number]: count for number, count in entities.items()}
    predicates = {names.predicates.name[number]: count for number, count in relations.items() if count}
    return {
        "entities": {name: types[name] for name in reader.vocabulary.types if name in types},
        "relations": {name: predicates[name] for name in reader.vocabulary.predicates if name in predicates},
        "hidden": hidden,
        "past_entities": link.rows("SELECT count(*) FROM entities_past")[0][0],
        "past_relations": link.rows("SELECT count(*) FROM relations_past")[0][0],
        "transactions": link.rows("SELECT count(*) FROM transactions")[0][0],
        "bytes": page * pages,
        "journal_bytes": journal,
        "cache_bytes": link.rows("SELECT coalesce(sum(length(bytes)), 0) FROM adjacency")[0][0],
    }


def backup(reader: SqliteReader, path: Path) -> None:
    """Copy the snapshot of a reader into a new file, which appears only when it is whole."""
    path = Path(path)
    if path.exists():
        raise StoreError(f"'{path}' already exists", hint="choose another name, or remove it first")
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder '{path.parent}' does not exist", hint="make it first, or check the path")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        target = sqlite3.connect(beside, isolation_level=None)
        try:
            reader.link.connection.backup(target)
            # the copy stands for itself: one file, no journal beside it
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        beside.replace(path)
    except sqlite3.Error as error:
        raise translated(error, str(path)) from error
    except OSError as error:
        raise StoreUnavailable(f"'{path}' cannot be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
        # where the copy broke off, its journal is beside it
        beside.with_name(f"{beside.name}-journal").unlink(missing_ok=True)
