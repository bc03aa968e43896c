"""Erased is erased: in the tables, in the indexes, in the caches and in the bytes of the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore, adjacency
from relgraph.model.records import ChangeSet, Delta, KeyRow, Note, SourceRow, TagRow
from relgraph.vocabulary.model import Field
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation, update, write

SECRETS = ("Xylophonist", "XylophoneOld", "xyl-vat-1", "xyl-key", "XylMerged", "xyl-nick", "xyl-source", "xyl-says")


def fill(store: SqliteStore) -> None:
    write(
        store,
        new_entities=[
            entity(1, "XylophoneOld", vat="xyl-vat-1")._replace(id="xyl-key-entity"),
            entity(2, "ACME"),
            entity(3, "XylMerged", "Person", nicknames=["xyl-nick"]),
            entity(4, "Bolt"),
        ],
        new_relations=[relation(1, "owns", 1, 2, share="0.5"), relation(2, "owns", 2, 4), relation(3, "knows", 3, 2)],
        tags_added=[TagRow(1, "vip", 0), TagRow(2, "vip", 0)],
        keys_added=[KeyRow(1, "crm", "xyl-key", 0)],
        sources_added=[SourceRow(1, "xyl-source", "1", {"why": "xyl-says"}, 0)],
    )
    with store.read() as reader:
        one, three, owned = reader.entities([1])[1], reader.entities([3])[3], reader.relations([1])[1]
    write(
        store,
        Note(detail={"renamed": ["xyl-key-entity"], "count": 1}),
        entities=[
            update(one, caption="Xylophonist", fields={"name": "Xylophonist"}),
            update(three, "merged", state="merged", merged_into=1),
        ],
        relations=[update(owned, until=900000)],
    )
    with store.write() as writer:
        writer.save("question", "about", {"text": 'find Company that owns "Xylophonist"'})
        writer.save("question", "single", {"text": "find Company that owns 'Xylophonist'"})
        writer.save("question", "by id", {"text": "find Company that owns @xyl-key-entity"})
        writer.save("question", "within", {"parts": [{"of": ["Company", "Xylophonist"]}]})
        writer.save("decision", "xyl-key-entity", {"same": False})
        writer.save("question", "other", {"text": 'find Company that owns "ACME"'})


def test_nothing_is_left_in_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjacency, "_STORE_LEAST", 1)
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store:
        fill(store)
        with store.read() as reader:
            reader.network.every()
        store.tidy()
        everything = b"".join(one.read_bytes() for one in tmp_path.iterdir())
        assert all(secret.lower().encode() in everything.lower() for secret in SECRETS)
        with store.write() as writer:
            told = writer.purge([1], Note("purge", "ana"))
        assert told.kind == "purge"
        assert told.detail == {"purged_entities": 2, "purged_relations": 2}
        for open_still in (True, False):
            for file in tmp_path.iterdir():
                content = file.read_bytes().lower()
                # the index of words keeps folded pieces: none of five letters may be left either
                assert b"xylo" not in content, (file, open_still)
                assert b"xyl-" not in content, (file, open_still)
                assert b"xylm" not in content, (file, open_still)
            store.close()
    with SqliteStore.open(path) as store:
        assert not list(store.check())


def test_what_is_left_is_whole(store: SqliteStore) -> None:
    fill(store)
    with store.write() as writer:
        writer.purge([1], Note("purge"))
    with store.read() as reader:
        assert sorted(reader.entities(range(9))) == [2, 4]
        assert sorted(reader.relations(range(9))) == [2]
        assert reader.entity_versions(1) == reader.entity_versions(3) == []
        assert reader.relation_versions(1) == []
        assert reader.tags(range(9)) == {2: ("vip",)}
        assert reader.entity_by_keys([("crm", "xyl-key")]) == {}
        assert reader.entity_numbers(["xyl-key-entity"]) == {}
        assert [name for name, _ in reader.saved("question")] == ["other"]
        assert reader.saved("decision") == []
        assert reader.transactions()[1].detail == {"count": 1}
        assert reader.search("xyl", None, 5) == []
        assert [number for number, _ in reader.search("acme", None, 5)] == [2]
        assert len(reader.network.adjacency("owns")) == 1
        assert reader.network.tagged(np.array([1, 2, 4]), "vip").tolist() == [False, True, False]
    with store.read(known=1) as reader:
        assert sorted(reader.entities(range(9))) == [2, 4]
        assert len(reader.network.adjacency("knows")) == 0


def test_another_open_store_drops_what_was_erased(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store, SqliteStore.open(path) as other:
        fill(store)
        with other.read() as reader:
            assert len(reader.network.adjacency("owns")) == 2
            assert reader.network.of_types(["Company"]).tolist() == [1, 2, 4]
        with store.write() as writer:
            writer.purge([1], Note())
        with other.read() as reader:
            arrays = reader.network.adjacency("owns")
            assert arrays.number(arrays.positions()).tolist() == [2]
            assert arrays.tail == 0
            assert reader.network.of_types(["Company"]).tolist() == [2, 4]
            assert reader.network.tagged(np.array([1, 2, 4]), "vip").tolist() == [False, True, False]


def test_arrays_from_before_are_not_kept_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjacency, "_STORE_LEAST", 1)
    path = tmp_path / "network.db"
    words = VOCABULARY.predicates["owns"]
    vocabulary = VOCABULARY.__class__(
        "test",
        VOCABULARY.types,
        VOCABULARY.tags,
        {**VOCABULARY.predicates, "owns": words.__class__("owns", "owned_by", attributes=(Field("note"),))},
    )
    with SqliteStore.open(path, vocabulary=vocabulary) as store, SqliteStore.open(path) as other:
        write(
            store,
            new_entities=[entity(1, "A"), entity(2, "B")],
            new_relations=[relation(1, "owns", 1, 2, note="xylophone"), relation(2, "owns", 2, 2, note="drum")],
        )
        with other.read() as reader:
            assert reader.network.adjacency("owns").words["note"].code("xylophone") is not None
        with store.write() as writer:
            writer.purge([1], Note())
        other.tidy()
        with store.read() as reader:
            assert reader.link.rows("SELECT count(*) FROM adjacency") == [(0,)]
        with other.read() as reader:
            assert reader.network.adjacency("owns").words["note"].texts == ["drum"]
        other.tidy()
    assert b"xylophone" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


def test_a_purge_that_fails_erases_nothing(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    monkeypatch.setattr("relgraph.engines.sqlite.purge._scrub", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), store.write() as writer:
        writer.purge([1], Note())
    with store.read() as reader:
        assert sorted(reader.entities(range(9))) == [1, 2, 3, 4]
        assert reader.last == 2
    write(store, new_entities=ChangeSet().new_entities, relations=list[Delta[object]]())
