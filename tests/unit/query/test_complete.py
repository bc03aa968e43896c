"""Completion: what may stand at the cursor, with what it means."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.query.complete import Completion, complete
from relgraph.query.parse import parse
from relgraph.vocabulary.model import Vocabulary

QUESTIONS = [
    line.split("|||")[1].strip()
    for line in (Path(__file__).parent / "data" / "questions.txt").read_text(encoding="utf-8").splitlines()
]


def offered(text: str, vocabulary: Vocabulary, kind: str | None = None) -> list[str]:
    return [one.text for one in complete(text, len(text), vocabulary) if kind is None or one.kind == kind]


@pytest.mark.parametrize(
    ("text", "kind", "there", "absent"),
    [
        ("", "keyword", ["find", "how many"], ["where"]),
        ("find ", "type", ["Company", "Person", "Organization"], []),
        ("find ", "keyword", ["shortest paths", "cycles", "relations", "anything", "me"], ["where"]),
        ("find Person ", "predicate", ["employed_by", "knows", "owns", "ultimately_owns"], ["supplies", "employs"]),
        ("find Person ", "field", ["role", "born", "degree"], ["sector"]),
        ("find Person ", "keyword", ["where", "that", "at least", "show"], ["from", "in last"]),
        ("find Person employed_by ", "type", ["Company", "Organization"], ["Person", "Account"]),
        ("find Person employed_by ", "keyword", ["every", "anything", "me"], ["contains"]),
        ("find Person employed_by Company ", "predicate", ["supplies", "employs"], ["employed_by"]),
        ("find Person employed_by Company and ", "predicate", ["employed_by"], ["supplies"]),
        ("find Person employed_by (Company ", "predicate", ["supplies"], ["employed_by"]),
        ("find Person employed_by Company[", "field", ["sector"], ["role"]),
        ("find Person employed_by Company[", "tag", ["vip"], []),
        ("find Person employed_by[", "field", ["role", "since"], ["sector"]),
        ("find Person employed_by Company[sector = ", "value", ['"Steel"'], []),
        ('find Person employed_by Company[sector = "R', "value", ['"Rail"'], ['"Steel"']),
        ("find Company as c owned_by Person as p and owns ", "name", ["c"], ["p"]),
        ("find Company as c owned_by as o Person show ", "name", ["c", "o"], []),
        ("find Company as c owned_by as o Person show o.", "field", ["share", "since"], ["sector"]),
        ("find strongest paths from me to 'X' via ", "predicate", ["knows"], []),
        ("find strongest paths from me to 'X' via knows prefer ", "field", ["strength"], ["source"]),
        ("find shortest paths from ", "type", ["Company"], []),
        ("find Account transferred_to[rising ", "field", ["booked", "amount"], ["source"]),
        ("find Product[", "tag", ["critical"], []),
        ("find Company has tag ", "tag", ["vip"], ["critical"]),
        ("find Person|", "type", ["Company"], []),
        ("find Company supplies us or", "keyword", ["or", "order by"], ["and"]),
    ],
)
def test_what_is_offered(text: str, kind: str, there: list[str], absent: list[str], commerce: Vocabulary) -> None:
    found = offered(text, commerce, kind)
    assert set(there) <= set(found)
    assert not set(absent) & set(found)


def test_what_was_begun_is_completed_in_place(commerce: Vocabulary) -> None:
    text = "find Person employ where"
    (one,) = complete(text, 18, commerce)
    assert one == Completion("employed_by", "predicate", 12, 18, "employed by", ("Company",))
    assert text[: one.start] + one.text + text[one.end :] == "find Person employed_by where"


@pytest.mark.parametrize(
    "text", ["find Company as ", "find Company xx yy zz", "find Company supplies 'AC", "x" * 20_000]
)
def test_where_nothing_is_known_nothing_is_offered(text: str, commerce: Vocabulary) -> None:
    assert offered(text, commerce) == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(QUESTIONS), st.data())
def test_no_place_in_a_question_crashes_it(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    for one in complete(text, cursor, VOCABULARY):
        assert one.end == cursor
        assert 0 <= one.start <= cursor


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_word_of_each_question_is_offered_before_it(text: str, commerce: Vocabulary) -> None:
    assert parse(text)
    for at, one in enumerate(text):
        if one.isalpha() and (at == 0 or text[at - 1] == " ") and text.count('"', 0, at) % 2 == 0:
            word = text[at:].split(maxsplit=1)[0].strip(",").split("[")[0].split("|")[0].split("{")[0]
            names = {*commerce.types, *commerce.readings, *commerce.derived}
            before = text[:at].rstrip()
            if word in names and not before.endswith(" as"):
                assert word in [found.text for found in complete(text, at, commerce)], text[:at]


VOCABULARY = Vocabulary.from_text("types: {Company: {}}\npredicates: {supplies: {inverse: supplied_by}}")


def test_nothing_long_is_too_deep_to_complete(commerce: Vocabulary) -> None:
    for text in (f"find Company show {'degree + ' * 1_000}", f"find Company where degree > {'degree * ' * 1_000}"):
        assert "degree" in [one.text for one in complete(text, len(text), commerce)]
