"""No text crashes or hangs what reads questions, and whatever is refused is refused at a place in the text."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relgraph.errors import QueryError
from relgraph.query.bind import bind
from relgraph.query.complete import complete
from relgraph.query.parse import parse
from relgraph.query.sentence import notes, sentence
from relgraph.vocabulary.load import load_vocabulary
from relgraph.vocabulary.model import Vocabulary

DATA = Path(__file__).parents[1] / "unit" / "query" / "data"
QUESTIONS = [
    line.split("|||")[1].strip()
    for line in (DATA / "questions.txt").read_text(encoding="utf-8").splitlines()
    if "|||" in line
]
TRIED = 20_000 if os.environ.get("RELGRAPH_FUZZ") else 300
CPU_SECONDS = 10.0
"""How long a text may take; most take some thousandths of that."""
TOKEN = re.compile(r'"[^"]*"|\w+|\s+|\S')


@pytest.fixture(scope="module")
def commerce() -> Vocabulary:
    return load_vocabulary(DATA / "commerce.yaml")


@contextmanager
def in_time(text: str) -> Iterator[None]:
    """Fail where a text takes far too long."""

    def stop(*_: Any) -> None:
        raise AssertionError(f"more than {CPU_SECONDS} seconds: {text!r}")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Return a question whose parts were dropped, doubled, swapped, turned or taken from another one."""
    tokens = TOKEN.findall(draw(st.sampled_from(QUESTIONS)))
    others = TOKEN.findall(draw(st.sampled_from(QUESTIONS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(tokens) - 1, 0)))
        to = draw(st.integers(0, max(len(tokens) - 1, 0)))
        match draw(st.sampled_from(["drop", "double", "swap", "cross", "take", "put", "cut"])):
            case "drop":
                del tokens[at : at + 1]
            case "double" if tokens:
                tokens.insert(to, tokens[at])
            case "swap" if tokens:
                tokens[at], tokens[to] = tokens[to], tokens[at]
            case "cross":
                tokens = [*tokens[:at], *others[to:]]
            case "take" if others:
                tokens.insert(at, draw(st.sampled_from(others)))
            case "put":
                tokens.insert(at, draw(st.text(max_size=3)))
            case _:
                tokens = tokens[:at]
    return "".join(tokens)


def refusal(text: str, vocabulary: Vocabulary) -> QueryError | None:
    """Return how a text is refused; what is read is read back the same."""
    try:
        query = parse(text)
        bound = bind(text, vocabulary)
    except QueryError as error:
        return error
    assert parse(str(query)) == query, text
    assert bind(bound.text, vocabulary) == bound, text
    assert sentence(text, vocabulary)
    notes(bound, vocabulary)
    return None


def checked(text: str, vocabulary: Vocabulary) -> None:
    """Read, bind and complete a text in time; what is refused has its place."""
    with in_time(text):
        error = refusal(text, vocabulary)
        if error is not None:
            start, end = error.details["span"]
            assert 0 <= start < end <= max(len(text), 1) + 1, text
            assert all(one["message"] and one["details"]["span"] for one in error.details["errors"]), text
            # it can be sent, and names no terminal of the grammar but what the text itself says
            named = re.findall(r"\b[A-Z]+_[A-Z]+\b|\bLPAR\b|\$END", str(error.details["message"]))
            assert all(one in text for one in named), text
            json.dumps(error.to_dict())
        complete(text, len(text), vocabulary)


@settings(max_examples=TRIED, deadline=None)
@given(text=damaged())
def test_no_damaged_question_crashes_or_hangs(text: str, commerce: Vocabulary) -> None:
    checked(text, commerce)


@settings(max_examples=TRIED, deadline=None)
@example(text="A_A")
@given(text=st.text(max_size=200) | st.text(alphabet="()[]{}\"'`$@.,|+*=<>-find whosenotandor0123%", max_size=120))
def test_no_characters_crash_or_hang(text: str, commerce: Vocabulary) -> None:
    checked(text, commerce)
    checked(f"find Company where name = {text}", commerce)


@pytest.mark.parametrize(
    "part", ["(", "[", "{", "not ", "-", "1+", "a.", '"', "“", "$", "find ", "and ", "as a ", "0", "\n"]
)
def test_nothing_repeated_without_end_crashes_or_hangs(part: str, commerce: Vocabulary) -> None:
    for text in (part * 3_000, f"find Company where {part * 3_000}", f"find Company {part * 9_000}"):
        checked(text, commerce)
