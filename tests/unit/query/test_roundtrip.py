"""What is written is read back the same: text and JSON, over the whole grammar."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relgraph.errors import QueryError, QueryLimitError
from relgraph.query import syntax as s
from relgraph.query.jsonform import from_json
from relgraph.query.parse import parse
from tests.unit.query.asts import queries

QUESTIONS = [
    line.split("|||")[1].strip()
    for line in (Path(__file__).parent / "data" / "questions.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_question_is_read_back_from_its_canonical_text_and_from_json(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)
    assert from_json(query.to_json()) == query


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries)
def test_any_question_is_read_back_from_its_canonical_text_and_from_json(query: s.Query) -> None:
    try:
        again = parse(str(query))
    except QueryLimitError:
        return
    assert again == query
    assert from_json(query.to_json()) == query


WORDS = r"""
find|how many|Company|Person|that|who is|owns|owned_by|[|]|(|)|{|}|+|*|..|1|2|10k|1.5|25%|9000 EUR|2024-01-01|2024-Q1
2024|today|- 90 days|"ACME"|'x'|“y”|@a-1|$p|me|us|and|or|not|no|with|only|optionally|every|at least|times|any|anything
as|where|=|!=|<=|in|not in|in last|between|is missing|contains|has tag|ever|as of|during|known at|group by|show|having
order by|desc|limit|per|skip|union|minus|shortest paths|from|to|via|cycles|relations|,|.|count(|sum(|--|;|`odd name`
rising|prefer|'|"|\|é|∞|/|-
"""
TOKENS = [*WORDS.strip().replace("\n", "|").split("|"), "\n", "|", "\0"]


def refusal(text: str) -> QueryError | None:
    """Return how a text is refused, or None where it is a question."""
    try:
        query = parse(text)
    except QueryError as error:
        return error
    assert parse(str(query)) == query
    return None


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_no_text_crashes_the_parser_and_each_refusal_has_a_place(text: str) -> None:
    error = refusal(text)
    if error is not None:
        start, end = error.details["span"]
        assert 0 <= start < end <= max(len(text), 1) + 1
        assert error.details["line"] >= 1
        assert error.details["text"] == text
        # no terminal of the grammar is named
        assert not re.search(r"\b[A-Z]+_[A-Z]+\b|\bLPAR\b|\bNAME\b|\$END", str(error))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(QUESTIONS), st.data())
def test_no_damaged_question_crashes_the_parser(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 8)))
    put = data.draw(st.sampled_from(["", *TOKENS]))
    error = refusal(text[:at] + put + text[until:])
    assert error is None or error.details["span"]
