"""Finding entities by words, whatever script and whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.engines.sqlite import SqliteStore
from relgraph.engines.sqlite.search import expression, words
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, update, write

NAMES = [
    "ACME Steel",
    "ACME",
    "Société Générale",
    "Møller–Mærsk",
    "Straße & Söhne",
    "東京電力ホールディングス",
    "中国石油化工集团",
    "삼성전자",
    "บริษัทไทย",
    "Газпром",
    "Acme Rail",
    "हिन्दी कंपनी",
    "𞤀𞤣𞤤𞤢𞤥 𬭚",
]


@pytest.fixture
def filled(store: SqliteStore) -> SqliteStore:
    rows = [entity(number, name) for number, name in enumerate(NAMES, 1)]
    write(store, new_entities=[*rows, entity(20, "Ann Lee", "Person", nicknames=["Acme girl", "Änne"])])
    return store


def found(store: SqliteStore, text: str, types: list[str] | None = None, known: int | None = None) -> list[int]:
    with store.read(known=known) as reader:
        hits = reader.search(text, types, 10)
        assert all(score > 0 for _, score in hits)
        return [number for number, _ in hits]


def test_the_same_name_comes_first_then_the_best_match(filled: SqliteStore) -> None:
    assert found(filled, "acme")[0] == 2
    assert set(found(filled, "acme")) == {1, 2, 11, 20}
    # a word of the caption weighs more than one beside it
    assert found(filled, "acme")[-1] == 20
    assert found(filled, "acme", ["Person"]) == [20]
    assert found(filled, "acme", []) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("कंप", 12),
        ("कंपनी", 12),
        ("societe", 3),
        ("SOCIÉTÉ gen", 3),
        ("moller", 4),
        ("mærsk", 4),
        ("strasse", 5),
        ("sohne strasse", 5),
        ("東京", 6),
        ("電力", 6),
        ("京電力", 6),
        ("ホール", 6),
        ("石油", 7),
        ("油", 7),
        ("전자", 8),
        ("ไทย", 9),
        ("ГАЗ", 10),
        ("anne", 20),
        ("ste acm", 1),
        ("𞤀𞤣", 13),
        ("𬭚", 13),
    ],
)
def test_every_script_is_found_folded_and_by_its_start(filled: SqliteStore, text: str, number: int) -> None:
    assert found(filled, text) == [number]


@pytest.mark.parametrize("text", ["", " ", "*", '"', "-", "''", "\0", "( )", "京東", "acmex", "acme zinc"])
def test_what_is_not_there_is_not_found(filled: SqliteStore, text: str) -> None:
    assert found(filled, text) == []


@pytest.mark.parametrize(
    "text", ['"acme"', "acme*", "acme AND", "NEAR(acme)", "caption:acme", "-acme", "^acme", "acme\0", "{acme}"]
)
def test_signs_of_the_search_language_mean_nothing(filled: SqliteStore, text: str) -> None:
    # "and", "near" and "caption" are words like others, which no name here has
    meant = found(filled, "acme") if set(text) - set('acme*"-^\0{}') == set() else []
    assert found(filled, text) == meant


@given(st.text(max_size=60))
def test_any_text_can_be_searched_and_kept(text: str) -> None:
    with SqliteStore.open(vocabulary=VOCABULARY) as store:
        safe = text.encode("utf-8", "ignore").decode()
        write(store, new_entities=[entity(1, safe)])
        with store.read() as reader:
            hits = reader.search(safe, None, 5)
        assert hits == [] or hits[0][0] == 1
        if expression(safe) is not None:
            assert hits


def test_the_index_follows_every_change(filled: SqliteStore) -> None:
    with filled.read() as reader:
        one, two = reader.entities([1])[1], reader.entities([2])[2]
    write(
        filled, entities=[update(one, caption="Zinc", fields={"name": "Zinc"}), update(two, "trashed", state="trashed")]
    )
    assert found(filled, "steel") == []
    assert found(filled, "zin") == [1]
    assert 2 not in found(filled, "acme")
    with filled.read() as reader:
        two = reader.entities([2])[2]
    write(filled, entities=[update(two, "restored", state="live")])
    assert found(filled, "acme")[0] == 2


def test_looking_back_searches_the_words_of_then(filled: SqliteStore) -> None:
    with filled.read() as reader:
        one = reader.entities([1])[1]
    write(filled, entities=[update(one, caption="Zinc", fields={"name": "Zinc"})])
    assert found(filled, "steel", known=1) == [1]
    assert found(filled, "zinc", known=1) == []
    assert found(filled, "東京", known=1) == [6]
    assert found(filled, "acme", known=1)[0] == 2
    assert found(filled, "acme", known=0) == []


def test_words_of_scripts_without_spaces() -> None:
    assert words("東京 tower") == "東京 東 京 tower"
    assert expression("東") == '"東"*'
    assert expression("ab 東京都") == '"ab"* AND "東京 京都"*'
