"""Several processes and threads, processes that are killed, and caches that lie."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore, adjacency, population
from relgraph.engines.sqlite import store as opening
from relgraph.engines.sqlite.codec import dumps
from relgraph.errors import StoreLocked
from relgraph.model.records import ChangeSet, Note
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation, update, write

ROOT = Path(__file__).resolve().parents[4]

WRITER = """
import sys
from tests.unit.engines.sqlite.sample import *
store = SqliteStore.open(sys.argv[1], timeout=60)
for count in range(int(sys.argv[2])):
    with store.write() as writer:
        first, owned = writer.reserve(1, 20)
        told = writer.commit(ChangeSet(
            new_entities=[entity(first, f"Name {first}")],
            new_relations=[relation(owned + at, "owns", 1, first, share="0.5") for at in range(20)],
        ), Note())
    print(told.number, flush=True)
store.close()
"""


def start(path: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def whole(store: SqliteStore) -> int:
    """Look that every transaction is there with all it has, and return how many there are."""
    with store.read() as reader:
        last = reader.last
        assert [row.number for row in reader.transactions()] == list(range(1, last + 1))
        assert reader.count_entities(None) == last
        told = Counter(row.told_in for row in reader.every_relation(after=0, limit=10**6))
        assert told == dict.fromkeys(range(2, last + 1), 20)
        arrays = reader.network.adjacency("owns")
        assert len(arrays) == 20 * (last - 1)
        assert len(reader.columns(["owns"], subjects=np.array([1]))) == len(arrays)
    return last


def test_two_processes_write_and_this_one_reads(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(1, "First")])
        writers = [start(path, 25), start(path, 25)]
        seen = []
        while any(one.poll() is None for one in writers):
            seen.append(whole(store))
        told = [int(line) for one in writers for line in one.communicate()[0].split()]
        assert sorted(told) == list(range(2, 52))
        assert whole(store) == 51
        assert seen == sorted(seen)
        assert not list(store.check())


@pytest.mark.parametrize("rounds", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(1, "First")])
    acknowledged = 1
    for attempt in range(rounds):
        process = start(path, 100_000)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        time.sleep(0.003 * (attempt % 7))
        process.send_signal(signal.SIGKILL)
        lines += process.communicate()[0].split()
        acknowledged = max(acknowledged, *(int(line) for line in lines if line.strip()))
        with SqliteStore.open(path) as store:
            # one more may have been committed and not yet said
            assert whole(store) in (acknowledged, acknowledged + 1)
            assert not list(store.check())
            acknowledged = whole(store)


def test_threads_read_and_write_at_once(tmp_path: Path) -> None:
    for path in (None, tmp_path / "network.db"):
        with SqliteStore.open(path, vocabulary=VOCABULARY, timeout=60) as store:
            write(store, new_entities=[entity(1, "First")])
            wrong: list[BaseException] = []

            def work(opened: SqliteStore = store, found: list[BaseException] = wrong) -> None:
                try:
                    for _ in range(15):
                        with opened.write() as writer:
                            first, owned = writer.reserve(1, 20)
                            rows = [relation(owned + at, "owns", 1, first) for at in range(20)]
                            writer.commit(
                                ChangeSet(new_entities=[entity(first, f"Name {first}")], new_relations=rows), Note()
                            )
                        whole(opened)
                except BaseException as error:  # noqa: BLE001 - shown by the thread that waits
                    found.append(error)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not wrong
            assert whole(store) == 61


def test_a_forked_process_has_connections_of_its_own(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "network.db", vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(1, "First")])
        child = os.fork()
        if not child:
            code = 1
            try:
                write(store, new_entities=[entity(2, "Second")])
                with store.read() as reader:
                    code = 0 if reader.count_entities(None) == 2 else 2
                store.close()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with store.read() as reader:
            assert sorted(reader.entities([1, 2])) == [1, 2]
        write(store, new_entities=[entity(3, "Third")])


def large(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjacency, "_STORE_LEAST", 1)
    monkeypatch.setattr(population, "_STORE_LEAST", 1)
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        write(
            store,
            new_entities=[entity(number, f"Name {number}") for number in range(1, 41)],
            new_relations=[relation(number, "owns", number, number + 1, share="0.5") for number in range(1, 40)],
        )
        with store.read() as reader:
            reader.network.adjacency("owns")
            assert len(reader.network.of_types(["Company"])) == 40


def kept(store: SqliteStore) -> list[tuple[int, int]]:
    with store.read() as reader:
        return reader.link.rows("SELECT DISTINCT predicate, upto FROM adjacency ORDER BY predicate")


def test_arrays_are_kept_at_close_and_caught_up_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.db"
    large(path, monkeypatch)
    with SqliteStore.open(path) as store:
        assert kept(store) == [(0, 1), (1, 1)]
        with store.read() as reader:
            row, first = reader.relations([3])[3], reader.entities([1])[1]
        write(
            store,
            relations=[update(row, until=800000)],
            entities=[update(first, state="trashed")],
            new_relations=[relation(50, "owns", 3, 1)],
        )
    # little has changed: what is kept stays as it is, and is caught up with
    monkeypatch.setattr(adjacency, "built", lambda *_: pytest.fail("made from the tables"))
    with SqliteStore.open(path) as store:
        assert kept(store) == [(0, 1), (1, 1)]
        with store.read() as reader:
            arrays = reader.network.adjacency("owns")
            assert len(arrays) == 40
            assert arrays.until(arrays.between(3, 4)).tolist() == [800000]
            assert reader.network.live is not None
            assert np.flatnonzero(~reader.network.live).tolist()[:2] == [0, 1]
        write(store, new_relations=[relation(number, "owns", 5, 6) for number in range(60, 70)])
        with store.read() as reader:
            assert len(reader.network.adjacency("owns")) == 50
    with SqliteStore.open(path) as store:
        assert kept(store) == [(0, 1), (1, 3)]


def test_after_a_large_load_the_arrays_are_made_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjacency, "_STORE_LEAST", 1)
    monkeypatch.setattr(population, "_STORE_LEAST", 1)
    monkeypatch.setattr(opening, "_LOAD", 30)
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(1, "A"), entity(2, "B")], new_relations=[relation(1, "knows", 1, 2)])
        write(store, new_relations=[relation(number, "owns", 1, 2) for number in range(2, 32)])
    with SqliteStore.open(path) as store:
        assert kept(store) == [(0, 2), (1, 2)]


def test_closing_waits_for_no_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.db"
    large(path, monkeypatch)
    # who waits here waits longer than a test may take
    with SqliteStore.open(path, timeout=3600) as store, SqliteStore.open(path, timeout=3600) as other:
        write(store, new_relations=[relation(number, "owns", 5, 6) for number in range(60, 70)])
        with store.read() as reader:
            reader.network.adjacency("owns")
        with other.write():
            with pytest.raises(StoreLocked):
                store.tidy()
            store.close()
        assert kept(other) == [(0, 1), (1, 1)]


def test_a_reader_from_before_needs_no_new_arrays(store: SqliteStore) -> None:
    write(store, new_entities=[entity(1, "A"), entity(2, "B")], new_relations=[relation(1, "owns", 1, 2)])
    with store.read() as reader:
        arrays, people = reader.network.adjacency("owns"), reader.network.population
    write(store, new_relations=[relation(2, "knows", 1, 2)])
    write(store, new_relations=[relation(3, "controls", 1, 2)])
    with store.read() as reader:
        assert reader.network.adjacency("owns") is arrays
        assert reader.network.population.kind is people.kind
    with store.read(known=2) as reader:
        assert len(reader.network.adjacency("controls")) == 0


def test_damaged_arrays_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.db"
    large(path, monkeypatch)
    with SqliteStore.open(path) as store:
        with store.write() as writer:
            writer.link.run("UPDATE adjacency SET bytes = substr(bytes, 1, 100)")
            writer.save("x", "y", {})
        with store.read() as reader:
            assert len(reader.network.adjacency("owns")) == 39
            assert len(reader.network.of_types(["Company"])) == 40
        assert not list(store.check())


def test_arrays_that_lie_are_found_and_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.db"
    large(path, monkeypatch)
    with SqliteStore.open(path) as store:
        with store.write() as writer:
            writer.link.run("UPDATE relations SET until = '1999-01-01' WHERE number = 7")
            writer.save("x", "y", {})
        assert [(one.code, one.where) for one in store.check()] == [("cache-differs", {"predicate": "owns"})]
        assert kept(store) == [(0, 1)]
        assert not list(store.check())


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM search WHERE rowid = 3", "search-differs"),
        (f"UPDATE field_values SET value = '{dumps('wrong')}' WHERE entity = 2 AND field = 'name'", "values-differ"),
        ("INSERT INTO entities_past SELECT *, 1, 'updated' FROM entities WHERE number = 1", "contradiction"),
        ("UPDATE relations SET subject = 999 WHERE number = 3", "dangling"),
        ("UPDATE transactions SET recorded_at = 1 WHERE number = 2", "contradiction"),
    ],
)
def test_what_contradicts_itself_is_found(tmp_path: Path, statement: str, code: str) -> None:
    with SqliteStore.open(tmp_path / "network.db", vocabulary=VOCABULARY) as store:
        write(
            store,
            new_entities=[entity(number, f"Name {number}") for number in range(1, 6)],
            new_relations=[relation(number, "owns", number, number + 1) for number in range(1, 5)],
        )
        write(store)
        assert not list(store.check())
        with store.read() as reader:
            pass
        reader.link.run("PRAGMA foreign_keys = OFF")
        reader.link.run(statement)
        assert code in [one.code for one in store.check()]
