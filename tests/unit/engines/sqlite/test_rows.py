"""What is written comes back as it was, by every way of asking."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore
from relgraph.errors import ConflictError, StoreError, ValueProblem
from relgraph.model.records import (
    OPEN_END,
    OPEN_START,
    ChangeSet,
    Delta,
    KeyRow,
    Note,
    Precision,
    SourceRow,
    TagRow,
    Version,
)
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation, update, write

ODD = [
    "plain",
    "",
    "nul \0 within",
    "\0",
    "quote ' and \" and `",
    "'; DROP TABLE entities; --",
    "עברית וערבית العربية",
    "👩‍👩‍👧‍👦 family",
    "東京都",
    "\\u0000 %s {} $[0]",
    "line\nbreak\ttab\r",
    "\x1f\x7f\x85\u2028",
]


def test_odd_texts_are_stored_and_found_as_they_are(store: SqliteStore) -> None:
    rows = [
        entity(number, text)._replace(id=f"id {text}", fields={"name": text, "vat": text})
        for number, text in enumerate(ODD, 1)
    ]
    write(
        store,
        new_entities=rows,
        keys_added=[KeyRow(row.number, f"source {text}", text, 0) for row, text in zip(rows, ODD, strict=True)],
        new_relations=[
            relation(number, "owns", 1, 2, share="0.5")._replace(id=f"r {text}") for number, text in enumerate(ODD, 1)
        ],
        sources_added=[SourceRow(number, text, text, {"x": text}, 0) for number, text in enumerate(ODD, 1)],
    )
    with store.read() as reader:
        assert reader.entities(range(100)) == {row.number: row._replace(told_in=1) for row in rows}
        assert reader.entity_numbers([row.id for row in rows] + ["id", "none"]) == {row.id: row.number for row in rows}
        assert reader.relation_numbers(f"r {text}" for text in ODD) == {f"r {text}": n for n, text in enumerate(ODD, 1)}
        pairs = {(f"source {text}", text): number for number, text in enumerate(ODD, 1)}
        assert reader.entity_by_keys(pairs) == pairs
        assert reader.relation_by_keys((text, text) for text in ODD) == {(t, t): n for n, t in enumerate(ODD, 1)}
        for number, text in enumerate(ODD, 1):
            assert reader.entities_holding(["Company"], "vat", text) == [number]
            assert reader.keys([number])[number] == ((f"source {text}", text),)
            assert [row.says for row in reader.relations_stated_by(text)] == [{"x": text}]
            assert reader.sources([number])[number][0].key == text
            reader.search(text, None, 10)


def test_sixteen_megabytes_of_text(store: SqliteStore) -> None:
    text = "æ€漢 word " * (16 * 2**20 // 14)
    write(store, new_entities=[entity(1, "big", vat=text)])
    with store.read() as reader:
        assert reader.entities([1])[1].fields["vat"] == text


def test_lone_surrogates_leave_nothing_behind(store: SqliteStore) -> None:
    with pytest.raises(ValueProblem, match="no text"):
        write(store, new_entities=[entity(1, "\ud800")])
    with store.read() as reader:
        assert reader.last == 0
    write(store, new_entities=[entity(1, "fine")])


BOUNDS = [
    (OPEN_START, OPEN_END, 0, 0),
    (1, date.max.toordinal(), 0, 0),
    (date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal(), Precision.YEAR, Precision.YEAR),
    (date(2024, 2, 1).toordinal(), date(2024, 3, 1).toordinal(), Precision.MONTH, Precision.MONTH),
    (date(9999, 1, 1).toordinal(), date.max.toordinal() + 1, Precision.YEAR, Precision.YEAR),
]


def test_every_bound_comes_back(store: SqliteStore) -> None:
    rows = [
        relation(number, "owns", 1, 2)._replace(
            since=since, until=until, since_precision=since_precision, until_precision=until_precision
        )
        for number, (since, until, since_precision, until_precision) in enumerate(BOUNDS, 1)
    ]
    write(store, new_entities=[entity(1, "A"), entity(2, "B")], new_relations=rows)
    with store.read() as reader:
        assert list(reader.relations([1, 2, 3, 4, 5]).values()) == [row._replace(told_in=1) for row in rows]
        tables = reader.columns(["owns"], subjects=np.array([1]), objects=np.array([2]))
        arrays = reader.columns(["owns"])
        for columns in (tables, arrays):
            order = np.argsort(columns.number)
            assert columns.since[order].tolist() == [row.since for row in rows]
            assert columns.sure_since[order].tolist()[2:4] == [
                date(2024, 12, 31).toordinal(),
                date(2024, 2, 29).toordinal(),
            ]
            assert columns.sure_until[order].tolist()[2:4] == [
                date(2024, 1, 1).toordinal(),
                date(2024, 2, 1).toordinal(),
            ]


def network(store: SqliteStore) -> None:
    write(
        store,
        Note(actor="ana", batch="first"),
        new_entities=[
            *[entity(number, name) for number, name in enumerate(("Bolt", "ACME", "acme", "Zinc"), 1)],
            entity(5, "Ann", "Person"),
        ],
        new_relations=[
            relation(1, "owns", 1, 2, share="0.6"),
            relation(2, "owns", 2, 3),
            relation(3, "knows", 5, 5),
            relation(4, "controls", 1, 2),
            relation(5, "owns", 1, 2, since="2024-01-01", share="0.1"),
        ],
        tags_added=[TagRow(1, "vip", 0), TagRow(1, "sanctioned", 0)],
        sources_added=[SourceRow(1, "b", "2", None, 0), SourceRow(1, "a", "", {"until": "2024"}, 0)],
    )


def test_relations_by_their_ends(store: SqliteStore) -> None:
    network(store)
    with store.read() as reader:

        def of(entities: list[int], **options: Any) -> list[int]:
            return [row.number for row in reader.relations_of(entities, **options)]

        assert of([2]) == [1, 2, 4, 5]
        assert of([5, 1]) == [1, 3, 4, 5]
        assert of([2], end="subject") == [2]
        assert of([2], end="object", predicates=["owns"]) == [1, 5]
        assert of([2], predicates=[]) == []
        assert of([2], predicates=["unheard"]) == []
        between = reader.relations_between([(1, 2), (2, 1), (1, 2)], ["owns", "controls"])
        assert [row.number for row in between] == [1, 4, 5]
        assert [row.number for row in reader.list_relations(["owns"], after=1, limit=1)] == [2]
        assert [row.number for row in reader.list_relations(None, after=0, limit=9)] == [1, 2, 3, 4, 5]
        assert reader.count_relations(["owns"]) == 3
        assert reader.relations_ever_of(2) == [1, 2, 4, 5]
        assert [(row.source, row.key) for row in reader.sources([1])[1]] == [("a", ""), ("b", "2")]


def test_columns_of_the_tables_and_of_the_arrays_are_the_same(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    network(store)
    ends = np.array([1, 2])
    cases: list[dict[str, Any]] = [{"subjects": ends}, {"objects": ends}, {"subjects": ends, "objects": ends + 1}]
    for case in cases:
        found = []
        for many in (2000, 0):
            monkeypatch.setattr("relgraph.engines.sqlite.columns._MANY", many)
            with store.read() as reader:
                columns = reader.columns(["owns", "controls"], attributes=["share"], **case)
                at = np.argsort(columns.number)
                columns = columns.take(at)
                names = [columns.predicates[code] for code in columns.predicate]
                found.append(
                    [
                        names,
                        *[part.tolist() for part in (columns.number, columns.subject, columns.object)],
                        columns.amounts["share"].tolist(),
                    ]
                )
        assert found[0] == found[1]
        assert len(found[0][0]) > 1


def test_entities_are_listed_by_caption_then_id(store: SqliteStore) -> None:
    network(store)
    with store.read() as reader:
        assert [row.caption for row in reader.list_entities(None, after=None, limit=10)] == [
            "ACME",
            "Ann",
            "Bolt",
            "Zinc",
            "acme",
        ]
        page = reader.list_entities(["Company"], after=("ACME", "e2"), limit=2)
        assert [row.caption for row in page] == ["Bolt", "Zinc"]
        assert [row.number for row in reader.entities_named("acme", None, 5)] == [2, 3]
        assert [row.number for row in reader.entities_named("acme", ["Person"], 5)] == []
        assert reader.entities_holding(["Company"], "name", "acme") == [3]
        assert reader.entities_holding(["Person"], "name", "Ann") == [5]


def test_ends_with_more_tags_than_a_word_has_bits(store: SqliteStore) -> None:
    tags = {f"t{number}": Tag(f"t{number}") for number in range(130)}
    write(store, vocabulary=replace(VOCABULARY, tags=tags), new_entities=[entity(1, "A"), entity(2, "P", "Person")])
    write(store, tags_added=[TagRow(1, name, 0) for name in ("t0", "t63", "t64", "t129")])
    with store.read() as reader:
        ends = reader.ends(np.array([2, 1, 9, 1]))
        assert [ends.types[code] if code >= 0 else None for code in ends.type] == ["Person", "Company", None, "Company"]
        carried = [
            {name for at, name in enumerate(ends.tag_names) if int(row[at // 64]) >> at % 64 & 1} for row in ends.tags
        ]
        assert carried == [set(), {"t0", "t63", "t64", "t129"}, set(), {"t0", "t63", "t64", "t129"}]


def test_history_of_everything(store: SqliteStore) -> None:
    network(store)
    with store.read() as reader:
        company, owned = reader.entities([1])[1], reader.relations([1])[1]
    second = write(
        store,
        Note(kind="merge", actor="bob", reason="because", batch="first", undoes="x", detail={"n": [1]}),
        entities=[update(company, "merged", state="merged", merged_into=2)],
        relations=[Delta(owned, None, "retracted")],
        tags_removed=[TagRow(1, "vip", 0)],
        sources_removed=[SourceRow(1, "b", "2", None, 0), SourceRow(1, "a", "", None, 0)],
        keys_added=[KeyRow(2, "s", "k", 0)],
    )
    write(store, keys_removed=[KeyRow(2, "s", "k", 0)], keys_added=[KeyRow(3, "s", "k", 0)])
    with store.read() as reader:
        assert reader.entity_versions(1) == [
            Version(company, 2, "merged"),
            Version(company._replace(state="merged", merged_into=2, told_in=2), None, None),
        ]
        assert reader.relation_versions(1) == [Version(owned, 2, "retracted")]
        assert reader.tag_versions(1) == [
            Version(TagRow(1, "sanctioned", 1), None, None),
            Version(TagRow(1, "vip", 1), 2, "retracted"),
        ]
        assert reader.key_versions(2) == [Version(KeyRow(2, "s", "k", 2), 3, "retracted")]
        assert [one.replaced_in for one in reader.source_versions(1)] == [2, 2]
        assert reader.merged_into([2, 3]) == [1]
        assert reader.relations([1]) == {}
        assert reader.relation_numbers(["r1"]) == {"r1": 1}
        changed = reader.changed_in(2)
        assert [one.row for one in changed.relations_ended] == [owned]
        assert changed.entities_told[0].state == "merged"
        assert changed.keys_told == (KeyRow(2, "s", "k", 2),)
        assert len(reader.changed_in(1).relations_told) == 5
        assert reader.transaction(second.id) == reader.transaction(2) == second
        assert second.undoes == "x"
        assert second.detail == {"n": [1]}
        assert [row.number for row in reader.transactions(batch="first", newest_first=True)] == [2, 1]
        assert [row.number for row in reader.transactions(actor="bob")] == [2]
        assert [row.number for row in reader.transactions(after=1, until=3, limit=1)] == [2]
        assert reader.transaction_at(second.recorded_at) == 2
        assert reader.transaction_at(second.recorded_at - 1) == 1
        assert reader.transaction_at(0) == 0
    with store.read(known=2) as reader:
        assert reader.entity_by_keys([("s", "k")]) == {("s", "k"): 2}
        assert reader.merged_into([2]) == [1]


def test_recorded_time_grows_even_if_the_clock_is_set_back(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(store)
    monkeypatch.setattr("relgraph.engines.sqlite.write.time.time_ns", lambda: 0)
    second, third = write(store), write(store)
    assert first.recorded_at < second.recorded_at < third.recorded_at
    assert first.id < second.id < third.id


def test_a_version_that_changed_meanwhile_is_a_conflict(store: SqliteStore) -> None:
    network(store)
    with store.read() as reader:
        owned = reader.relations([1])[1]
    write(store, relations=[update(owned, until=800000)])
    with pytest.raises(ConflictError, match="1 of 1 relations changed"):
        write(store, relations=[update(owned, until=900000)])
    with pytest.raises(ConflictError, match="rows of tags"):
        write(store, tags_removed=[TagRow(2, "vip", 0)])
    with store.read() as reader:
        assert reader.last == 2


def test_what_would_dangle_is_refused_whole(store: SqliteStore) -> None:
    with pytest.raises(StoreError):
        write(store, new_entities=[entity(1, "A")], new_relations=[relation(1, "owns", 1, 77)])
    with store.read() as reader:
        assert reader.count_entities(None) == 0
        assert reader.search("A", None, 5) == []


def test_left_without_a_commit_nothing_is_kept(store: SqliteStore) -> None:
    with store.write() as writer:
        assert writer.reserve(2, 3) == (1, 1)
        assert writer.reserve(1, 1) == (3, 4)
    with contextlib.suppress(ZeroDivisionError), store.write() as writer:
        writer.save("question", "lost", {})
        raise ZeroDivisionError
    with store.read() as reader:
        assert reader.saved("question") == []
    with store.write() as writer:
        assert writer.reserve(1, 1) == (1, 1)


def test_documents_are_saved_alone_and_with_a_commit(store: SqliteStore) -> None:
    with store.write() as writer:
        writer.save("question", "b", {"text": "find Company"})
        writer.save("question", "a", {"text": "x"})
    with store.write() as writer:
        writer.save("question", "b", {"text": "find Person"})
        writer.save("question", "a", None)
        writer.commit(ChangeSet(), Note())
    with store.read() as reader:
        assert reader.saved("question") == [("b", {"text": "find Person"})]
        assert reader.link.rows("SELECT name FROM saved_questions") == [("b",)]


def test_a_retold_relation_has_its_number_again(store: SqliteStore) -> None:
    network(store)
    with store.read() as reader:
        owned = reader.relations([1])[1]
    write(
        store,
        relations=[Delta(owned, None, "retracted")],
        sources_removed=[SourceRow(1, "b", "2", None, 0), SourceRow(1, "a", "", None, 0)],
    )
    write(store, relations=[Delta(None, owned, "undone")])
    with store.read() as reader:
        assert reader.relations([1])[1] == owned._replace(told_in=3)
        assert [one.replaced_in for one in reader.relation_versions(1)] == [2, None]
    with store.read(known=2) as reader:
        assert reader.relations([1]) == {}


def test_numbers_are_given_out_once(store: SqliteStore) -> None:
    network(store)
    with store.write() as writer:
        writer.purge([5], Note())
    with store.write() as writer:
        assert writer.reserve(1, 1) == (6, 6)


def test_a_vocabulary_change_renames_data_past_and_present(store: SqliteStore, tmp_path: Path) -> None:
    network(store)
    with store.read() as reader:
        company, owned = reader.entities([1])[1], reader.relations([5])[5]
    write(
        store, entities=[update(company, fields={"name": "Bolt", "vat": "x"})], relations=[update(owned, until=900000)]
    )
    changed = replace(
        VOCABULARY,
        types={
            "Organization": VOCABULARY.types["Organization"],
            "Firm": replace(
                VOCABULARY.types["Company"],
                name="Firm",
                fields=(Field("country", "country"), Field("tax", "text", unique=True)),
            ),
            "Human": replace(VOCABULARY.types["Person"], name="Human"),
        },
        tags={"sanctioned": Tag("sanctioned"), "gold": Tag("gold")},
        predicates={
            # two that change places, and one that is gone
            "controls": Predicate("controls", "controlled_by", attributes=(Field("part", "percent"),)),
            "owns": Predicate("owns", "owned_by"),
        },
    )
    write(
        store,
        vocabulary=changed,
        relations=[],
        renames=[
            ("type", "", "Company", "Firm"),
            ("type", "", "Person", "Human"),
            ("tag", "", "vip", "gold"),
            ("predicate", "", "owns", "controls"),
            ("predicate", "", "controls", "owns"),
            ("field", "Company", "vat", "tax"),
            ("attribute", "owns", "share", "part"),
        ],
    )
    store.backup(tmp_path / "copy.db")
    for opened in (store, SqliteStore.open(tmp_path / "copy.db")):
        with opened.read() as reader:
            assert reader.vocabulary == changed
            assert reader.entities([1])[1].fields == {"name": "Bolt", "tax": "x"}
            assert reader.entities([5])[5].type == "Human"
            assert reader.tags([1]) == {1: ("gold", "sanctioned")}
            row = reader.relations([5])[5]
            assert (row.predicate, row.attributes) == ("controls", {"part": "0.1"})
            assert reader.relations([4])[4].predicate == "owns"
            assert reader.entities_holding(["Firm"], "tax", "x") == [1]
            assert reader.columns(["controls"], attributes=["part"]).amounts["part"].max() == 600000
            assert [number for number, _ in reader.search("bolt", ["Firm"], 5)] == [1]
            # what has no name any more is seen in the log only
            assert reader.relations([3]) == {}
            assert reader.changed_in(1).relations_told[2].predicate == "knows"
        with opened.read(known=1) as reader:
            assert reader.relations([5])[5].attributes == {"part": "0.1"}
            assert reader.relations([3]) == {}
    opened.close()


def test_a_name_that_comes_back_has_its_number_again(store: SqliteStore) -> None:
    without = replace(VOCABULARY, predicates={"owns": VOCABULARY.predicates["owns"]})
    with store.read() as reader:
        before = dict(reader.names.predicates.number)
    write(store, vocabulary=without)
    with store.read() as reader:
        assert list(reader.names.predicates.number) == ["owns"]
    write(store, vocabulary=VOCABULARY)
    with store.read() as reader:
        assert reader.names.predicates.number == before


def test_many_predicates_are_added_to_what_is_there(store: SqliteStore) -> None:
    network(store)
    more = {f"p{number}": Predicate(f"p{number}", f"q{number}") for number in range(500)}
    types = {**VOCABULARY.types, "Place": EntityType("Place", fields=(Field("name"),))}
    write(store, vocabulary=replace(VOCABULARY, types=types, predicates={**VOCABULARY.predicates, **more}))
    write(store, new_relations=[relation(6, "p499", 1, 2)])
    with store.read() as reader:
        assert reader.relations([6])[6].predicate == "p499"
        assert len(reader.network.every()) == 6


def test_statistics(store: SqliteStore) -> None:
    network(store)
    found = store.statistics()
    assert found["entities"] == {"Company": 4, "Person": 1}
    assert found["relations"] == {"owns": 3, "knows": 1, "controls": 1}
    assert found["transactions"] == 1


def test_a_large_load_builds_its_indexes_behind_it(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relgraph.engines.sqlite.bulk._LEAST", 2)
    network(store)
    with pytest.raises(StoreError):
        write(store, new_relations=[relation(number, "owns", 1, 2)._replace(id="same") for number in (10, 11)])
    write(store, new_relations=[relation(number, "owns", 1, 2) for number in range(10, 20)])
    with store.read() as reader:
        names = {row[0] for row in reader.link.rows("SELECT name FROM sqlite_schema WHERE tbl_name = 'relations'")}
        assert {"relations_id", "relations_subject", "relations_object", "relations_predicate"} <= names
        assert reader.count_relations(["owns"]) == 13
    assert not list(store.check())
