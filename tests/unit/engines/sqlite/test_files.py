"""Files that cannot be used, each with an error of its own, and files that come to be while others look."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from pathlib import Path

import pytest

from relgraph.engines.sqlite import SqliteStore, connection, migrations
from relgraph.engines.sqlite.schema import APPLICATION_ID, FORMAT
from relgraph.errors import (
    ReadOnlyError,
    StoreFormatError,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
    ValueProblem,
)
from relgraph.model.records import ChangeSet, Note
from relgraph.vocabulary.model import Vocabulary
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation, write


def made(path: Path) -> Path:
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(number, f"Company {number}") for number in range(1, 400)])
    return path


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is a folder"):
        SqliteStore.open(tmp_path)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        SqliteStore.open(tmp_path / "nowhere" / "network.db")


@pytest.mark.parametrize("name", ["nul\0within", "x" * 300])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        SqliteStore.open(tmp_path / name)


@pytest.mark.parametrize("name", ["a?b=c&mode=ro#d", "100%20.db", "a b'c\"d", "база.db", ":memory:"])
def test_a_name_with_signs_of_its_own(tmp_path: Path, name: str) -> None:
    made(tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_missing_file_read_only(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no file"):
        SqliteStore.open(tmp_path / "network.db", read_only=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="the system refuses its administrator nothing")
def test_no_permission(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    path.chmod(0)
    with pytest.raises(StoreUnavailable, match="no permission"):
        SqliteStore.open(path)


def test_permissions_are_looked_at_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "network.db")
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    with pytest.raises(ReadOnlyError, match="no permission to write"):
        SqliteStore.open(path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreUnavailable, match="no permission to read"):
        SqliteStore.open(path)
    with pytest.raises(StoreUnavailable, match="no permission to make"):
        SqliteStore.open(tmp_path / "other.db")


def test_no_database_at_all(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("to do: buy milk\n" * 100)
    with pytest.raises(StoreFormatError, match="no SQLite file"):
        SqliteStore.open(path)
    assert path.read_text().startswith("to do")


@pytest.mark.parametrize("kept", [20, 100, 600, 5000, -1000])
def test_a_file_that_is_cut_off(tmp_path: Path, kept: int) -> None:
    path = made(tmp_path / "network.db")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(StoreFormatError, match=r"cut off|no SQLite file|damaged"):
        SqliteStore.open(path)


def test_a_file_with_damaged_pages(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xa5" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with pytest.raises(StoreFormatError, match="damaged"), SqliteStore.open(path) as store, store.read() as reader:
        reader.list_entities(None, after=None, limit=10)


def test_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    with pytest.raises(StoreFormatError, match="another program"):
        SqliteStore.open(path)


def test_a_newer_format_names_both(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {FORMAT + 7}")
    other.close()
    with pytest.raises(StoreFormatError, match=re.escape(f"format {FORMAT + 7}")) as caught:
        SqliteStore.open(path)
    assert f"up to {FORMAT}" in str(caught.value)


def test_an_older_format_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    steps = {
        FORMAT: lambda opened: opened.execute("CREATE TABLE first_step (a)"),
        FORMAT + 1: lambda opened: opened.execute("ALTER TABLE first_step ADD COLUMN b"),
    }
    monkeypatch.setattr(connection, "FORMAT", FORMAT + 2)
    monkeypatch.setattr(
        connection, "migrate", lambda opened, found: migrations.migrate(opened, found, steps, FORMAT + 2)
    )
    with pytest.raises(StoreFormatError, match="bring it up to date"):
        SqliteStore.open(path, read_only=True)
    with SqliteStore.open(path) as store, store.read() as reader:
        assert reader.count_entities(None) == 399
        assert reader.link.rows("SELECT a, b FROM first_step") == []
        assert reader.link.rows("PRAGMA user_version") == [(FORMAT + 2,)]


def test_a_step_that_fails_leaves_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")

    def fails(opened: sqlite3.Connection) -> None:
        opened.execute("DROP TABLE tags")
        raise ArithmeticError

    monkeypatch.setattr(connection, "FORMAT", FORMAT + 1)
    monkeypatch.setattr(
        connection, "migrate", lambda opened, found: migrations.migrate(opened, found, {FORMAT: fails}, FORMAT + 1)
    )
    with pytest.raises(ArithmeticError):
        SqliteStore.open(path)
    monkeypatch.undo()
    with SqliteStore.open(path) as store, store.read() as reader:
        assert reader.tags([1]) == {}


def test_an_empty_file_becomes_a_network(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    path.touch()
    with pytest.raises(StoreFormatError, match="is empty"):
        SqliteStore.open(path, read_only=True)
    made(path)
    with SqliteStore.open(path) as store, store.read() as reader:
        assert reader.vocabulary == VOCABULARY


def test_what_a_file_shows_to_other_tools(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with SqliteStore.open(path) as store:
        write(store, Note(actor="ana"), new_relations=[relation(1, "owns", 1, 2, since="2020-01-01", share="0.25")])
    opened = sqlite3.connect(path)
    assert opened.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    row = opened.execute("SELECT subject, predicate, object, since, until, recorded_by FROM relations_in_words")
    assert row.fetchone() == ("Company 1", "owns", "Company 2", "2020-01-01", None, "ana")
    opened.close()


def test_tables_are_what_the_documentation_says(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    opened = sqlite3.connect(path)
    told = dict(opened.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    kinds = dict(opened.execute("SELECT name, type FROM sqlite_master"))
    assert "trigger" not in kinds.values()
    for name in ("transactions", "predicates", "entity_types", "tag_names", "entities", "relations"):
        assert "number INTEGER PRIMARY KEY AUTOINCREMENT" in told[name]
    for name in ("entities", "relations", "tags", "external_keys", "relation_sources"):
        columns, past = (
            [row[1] for row in opened.execute(f"PRAGMA table_info({one})")] for one in (name, f"{name}_past")
        )
        assert past == [*columns, "replaced_in", "change"]
        # an insert writes no history
        assert opened.execute(f"SELECT count(*) FROM {name}_past").fetchone() == (0,)
    for name in ("vocabulary", "adjacency", "saved_questions", "duplicate_decisions", "search", "relations_in_words"):
        assert name in kinds
    assert opened.execute("SELECT count(*) FROM entities").fetchone() == (399,)
    indexes = {text.split(" ON ")[1] for name, text in told.items() if kinds[name] == "index" and "relations_" in name}
    assert {"relations (subject, predicate, object)", "relations (object, predicate, subject)"} <= indexes
    assert "relations (predicate, told_in)" in indexes
    opened.close()


def test_a_python_with_an_old_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 26, 0))
    for path in (tmp_path / "network.db", None):
        with pytest.raises(StoreUnavailable, match=r"SQLite 3\.26\.0, and 3\.37 or later(.|\n)*newer Python"):
            SqliteStore.open(path)
    assert not list(tmp_path.iterdir())


def test_a_python_without_full_text_search() -> None:
    error = connection.translated(sqlite3.OperationalError("no such module: fts5"), "network.db")
    assert isinstance(error, StoreUnavailable)
    assert "FTS5" in error.message


def test_connections_are_durable_and_erase(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "network.db") as store, store.read() as reader:
        found = [reader.link.rows(f"PRAGMA {name}")[0][0] for name in ("synchronous", "secure_delete", "foreign_keys")]
        assert found == [2, 1, 1]


def test_read_only(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with SqliteStore.open(path, read_only=True) as store:
        assert store.read_only
        with store.read() as reader:
            assert reader.count_entities(None) == 399
            assert len(reader.search("company 7", None, 100)) > 1
        with pytest.raises(ReadOnlyError, match="opened read-only"), store.write():
            pass
        with pytest.raises(ReadOnlyError), store.read() as reader:
            reader.link.run("DELETE FROM entities")


def test_read_only_in_a_folder_that_takes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "network.db")
    opened = connection._open

    def refusing(where: Path, options: str, timeout: float) -> sqlite3.Connection:
        # what a folder without permission to write does to a file with a shared memory beside it
        return opened(where, options, timeout) if "immutable" in options else Refusing()  # type: ignore[return-value]

    class Refusing:
        def execute(self, _: str) -> None:
            raise sqlite3.OperationalError("unable to open database file")

        def close(self) -> None:
            pass

    monkeypatch.setattr(connection, "_open", refusing)
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    with SqliteStore.open(path, read_only=True) as store, store.read() as reader:
        assert reader.count_entities(None) == 399


def test_a_full_disk_keeps_nothing_of_the_transaction(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with SqliteStore.open(path) as store:
        with store.read() as reader:
            pages = reader.link.rows("PRAGMA page_count")[0][0]
        big = [entity(number, "x" * 5000) for number in range(1000, 1200)]
        # the store hands this connection out next, being the only idle one
        store._idle[0].run(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(StoreFull, match="no room left"), store.write() as writer:
            writer.commit(ChangeSet(new_entities=big), Note())
        store._idle[0].rows("PRAGMA max_page_count = 100000")
        with store.read() as reader:
            assert reader.last == 1
            assert reader.count_entities(None) == 399
        assert not list(store.check())
        write(store, new_entities=[entity(1000, "there is room again")])


def test_zone_is_kept_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    with pytest.raises(ValueProblem, match="no time zone"):
        SqliteStore.open(path, zone="Mars/Olympus")
    assert not path.exists()
    with SqliteStore.open(path) as store:
        assert store.zone() == "UTC"
    with SqliteStore.open(path, zone="Europe/Paris") as store:
        assert store.zone() == "Europe/Paris"
    with SqliteStore.open(path) as store:
        assert store.zone() == "Europe/Paris"


def test_two_that_make_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    opened: list[SqliteStore] = []
    threads = [threading.Thread(target=lambda: opened.append(SqliteStore.open(path, timeout=30))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for number, store in enumerate(opened, 1):
        with store.read() as reader:
            assert reader.vocabulary == Vocabulary()
            assert reader.last == number - 1
        write(store)
    for store in opened:
        store.close()
        store.close()
        with pytest.raises(StoreUnavailable, match="is closed"):
            store.read()


def test_a_backup_beside_writing(tmp_path: Path) -> None:
    path, copy = made(tmp_path / "network.db"), tmp_path / "copy.db"
    with SqliteStore.open(path) as store:
        with store.write() as writer:
            store.backup(copy)
            writer.commit(ChangeSet(new_entities=[entity(500, "late")]), Note())
        with pytest.raises(Exception, match="already exists"):
            store.backup(copy)
        with pytest.raises(StoreUnavailable, match="does not exist"):
            store.backup(tmp_path / "nowhere" / "copy.db")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.db", "network.db"]
    with SqliteStore.open(copy) as restored, restored.read() as reader:
        assert reader.count_entities(None) == 399
        assert not list(restored.check())


def test_memory_has_no_file_and_can_be_copied_into_one(store: SqliteStore, tmp_path: Path) -> None:
    write(store, new_entities=[entity(1, "ACME")])
    store.backup(tmp_path / "copy.db")
    with SqliteStore.open(tmp_path / "copy.db") as restored, restored.read() as reader:
        assert reader.entities([1])[1].caption == "ACME"


def test_a_locked_store_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with SqliteStore.open(path, timeout=0.05) as store, SqliteStore.open(path, timeout=0.05) as other:
        with store.write():
            with pytest.raises(StoreLocked, match="locked by another writer"), other.write():
                pass
            with pytest.raises(StoreLocked, match="already writing"), store.write():
                pass
            found: list[BaseException] = []

            def try_to_write() -> None:
                try:
                    with store.write():
                        pass
                except StoreLocked as error:
                    found.append(error)

            thread = threading.Thread(target=try_to_write)
            thread.start()
            thread.join()
            assert "another thread" in str(found[0])
        write(other)
        write(store)


def test_nothing_is_written_to_a_file_that_went_away(tmp_path: Path) -> None:
    path = made(tmp_path / "network.db")
    with SqliteStore.open(path) as store:
        held = path.rename(tmp_path / "elsewhere.db")
        with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"), store.write():
            pass
        assert not path.exists()
        made(path)
        with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"), store.write():
            pass
        held.replace(path)
        write(store, new_entities=[entity(1000, "Company 1000")])
