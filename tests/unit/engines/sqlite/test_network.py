"""Columns of attributes and fields, whatever their kind, and under whatever name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore
from relgraph.engines.sqlite.extract import CONFIDENCE_SCALE
from relgraph.model.columns import MISSING
from relgraph.model.records import Note, SourceRow
from relgraph.values import Money, PartialDate, Percent
from relgraph.vocabulary.model import EntityType, Field, Predicate, Vocabulary
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation, update, write

KINDS: dict[str, tuple[Field, Any, Any]] = {
    "note": (Field("note"), "x\0y", "x\0y"),
    "size": (Field("size", "integer"), -(2**62), -(2**62)),
    "rate": (Field("rate", "decimal"), "-0.000001", Decimal("-0.000001")),
    "flag": (Field("flag", "boolean"), False, False),
    "booked": (Field("booked", "date"), "2024-02-29", date(2024, 2, 29)),
    "at": (Field("at", "datetime"), "2024-03-05T12:00:00.000001Z", datetime(2024, 3, 5, 12, 0, 0, 1, UTC)),
    "month": (Field("month", "partial date"), "2024-03", PartialDate(2024, 3)),
    "share": (Field("share", "percent"), "0.25", Percent("25%")),
    "price": (Field("price", "money"), ["9000.5", "EUR"], Money("9000.5", "EUR")),
    "land": (Field("land", "country"), "DE", "DE"),
    "many": (Field("many", "integer", many=True), [3, 1], (3, 1)),
}
FIELDS = tuple(field for field, _, _ in KINDS.values())
WIDE = Vocabulary(
    "wide",
    types={"Thing": EntityType("Thing", fields=(Field("name"), *FIELDS))},
    predicates={"has": Predicate("has", "of", attributes=FIELDS, unique="none")},
)


def test_every_kind_of_attribute_is_a_column() -> None:
    stored = {name: value for name, (_, value, _) in KINDS.items()}
    with SqliteStore.open(vocabulary=WIDE) as store:
        full = relation(1, "has", 1, 2, **stored)._replace(confidence=0.8)
        write(
            store,
            new_entities=[entity(1, "A", "Thing"), entity(2, "B", "Thing")],
            new_relations=[full, relation(2, "has", 2, 1)],
        )
        with store.read() as reader:
            arrays = reader.network.adjacency("has")
            at = arrays.find(np.array([1, 2]))
            at = at[np.argsort(arrays.number(at))]
            amounts = {name: arrays.amount(name, at).tolist() for name in arrays.amount_names()}
            assert {name: column[1] for name, column in amounts.items()} == dict.fromkeys(amounts, MISSING)
            assert {name: column[0] for name, column in amounts.items()} == {
                "size": -(2**62),
                "rate": -1,
                "flag": 0,
                "booked": date(2024, 2, 29).toordinal(),
                "at": 1709640000000001,
                "share": 250000,
                "price": 90005000,
                "confidence": 8 * CONFIDENCE_SCALE // 10,
            }
            texts = {name: words.decode(arrays.codes(name, at)) for name, words in arrays.words.items()}
            assert texts == {
                "note": ["x\0y", None],
                "month": ["2024-03", None],
                "price.currency": ["EUR", None],
                "land": ["DE", None],
                "many": ["[3,1]", None],
            }


@pytest.mark.parametrize("few", [0, 1000])
def test_every_kind_of_field_is_a_column(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("relgraph.engines.sqlite.network._FEW", few)
    stored = {name: value for name, (_, value, _) in KINDS.items()}
    with SqliteStore.open(vocabulary=WIDE) as store:
        write(store, new_entities=[entity(1, "A", "Thing", **stored), entity(2, "B", "Thing")])
        with store.read() as reader:
            numbers = np.array([2, 1, 1])
            for name, (_, _, value) in KINDS.items():
                assert reader.network.fields(numbers, name).to_list() == [None, value, value]
            assert reader.network.fields(numbers, "unheard").to_list() == [None] * 3
            first = reader.entities([1])[1]
        write(store, entities=[update(first, fields={"name": "A", "size": 7})])
        with store.read() as reader:
            assert reader.network.fields(np.array([1]), "size").to_list() == [7]
            assert reader.network.fields(np.array([1]), "note").to_list() == [None]


def test_facts_that_no_array_has(store: SqliteStore) -> None:
    told = write(
        store,
        Note(actor="ana"),
        new_entities=[entity(1, "A"), entity(2, "B")],
        new_relations=[relation(1, "owns", 1, 2), relation(2, "owns", 2, 2)],
        sources_added=[
            SourceRow(1, "b", "1", None, 0),
            SourceRow(1, "a", "1", None, 0),
            SourceRow(1, "a", "2", None, 0),
        ],
    )
    with store.read() as reader:
        facts = reader.network.relation_facts
        assert facts([2, 1], "id") == ["r2", "r1"]
        assert facts([2, 1], "source") == [(), ("a", "b")]
        assert facts([1], "recorded_by") == ["ana"]
        moment = facts([1], "recorded_at")[0]
        assert round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 10**6) == told.recorded_at


def test_attributes_that_change_places_are_seen_by_every_open_store(tmp_path: Path) -> None:
    one, two = Field("one", "integer"), Field("two", "integer")
    vocabulary = replace(VOCABULARY, predicates={"has": Predicate("has", "of", attributes=(one, two))})
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=vocabulary) as store, SqliteStore.open(path) as other:
        write(
            store,
            new_entities=[entity(1, "A"), entity(2, "B")],
            new_relations=[relation(1, "has", 1, 2, one=1, two=2)],
        )
        for opened in (store, other):
            with opened.read() as reader:
                assert reader.columns(["has"], attributes=["one"]).amounts["one"].tolist() == [1]
                assert reader.network.fields(np.arange(1, 3).repeat(600), "name").items[1:] == ["A", "B"]
        write(
            store,
            vocabulary=replace(vocabulary, name="other"),
            renames=[("attribute", "has", "one", "two"), ("attribute", "has", "two", "one")],
        )
        for opened in (store, other):
            with opened.read() as reader:
                assert reader.relations([1])[1].attributes == {"two": 1, "one": 2}
                assert reader.columns(["has"], attributes=["one"]).amounts["one"].tolist() == [2]
                assert reader.columns(["has"], subjects=np.array([1]), attributes=["one"]).amounts["one"][0] == 2
