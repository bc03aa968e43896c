"""The questions of analysts on every ready vocabulary that can hold them: on every store, as their meaning says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

import relgraph
from relgraph.query import ir
from relgraph.query.bind import bind
from relgraph.vocabulary.load import load_vocabulary, packs
from tests.conformance.analysts import ME, QUESTIONS, TODAY, US, entities, write
from tests.conformance.conftest import Opening
from tests.reference import told
from tests.reference.evaluate import evaluate
from tests.reference.told import plain

HELD = {
    "crm": " ".join(QUESTIONS),
    "ownership": "S7 S8 S10 O1 O2 O4 O5 O6 O8 O9 A3 D1 D2 D3 D4 D5 D7 N7 N8 N20",
    "supply": "S1 S7 S11 S13 A3 C1 C2 C3 C4 C5 C6 C8 D1 D3 D4 D5 D9 N1 N4 N7 N8 N10",
    "people": "S4 S7 S12 A3 A4 I1 I2 I4 I5 D1 D3 D4 D5 D6 N7 N8",
    "payments": "S7 A3 A5 A6 A7 D1 D3 D4 D5 N6 N7 N8",
    "parties": "S7 A3 D1 D3 D4 D5 N7 N8",
    "followthemoney": "S7 S8 S10 S12 O1 O2 O5 O6 O7 O8 O9 A3 A4 D1 D2 D3 D4 D5 D6 D7 N7 N8 N20",
    "org": "S7 D1 N7 N8",
}
"""The questions that each vocabulary has the words for; one holds them all, so that none is left out."""

PARTS = ("ownership", "supply", "people", "payments", "parties")
NOTHING = {
    "supply": {"D9"},
    "people": {"N7"},
    "payments": {"N7", "N8"},
    "parties": {"N7", "N8"},
    "followthemoney": {"N7"},
    "org": {"N7", "N8"},
}
"""The questions without an answer, for the relations that would be one are not in the network of that vocabulary."""


@cache
def meant(pack: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each question that a vocabulary holds, by its meaning."""
    vocabulary = load_vocabulary(pack)
    found = {}
    with relgraph.open(vocabulary=vocabulary, me=ME, us=US) as graph:
        write(graph)
        now = told.told(graph)
        for name, text in QUESTIONS.items():
            try:
                bound = bind(text, vocabulary)
            except relgraph.QueryError:
                continue
            known = now
            if isinstance(bound.query.time.known_at, ir.Constant):
                moment = bound.query.time.known_at.value
                assert isinstance(moment, datetime)
                known = told.told(graph.known_at(moment.replace(tzinfo=UTC)))
            world = told.world(known, bound, vocabulary, today=TODAY, me=ME, us=US, given={})
            found[name] = evaluate(bound.query, world)
    return found


@pytest.fixture(params=sorted(HELD))
def pack(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def network(pack: str, engine: str, opening: Opening) -> relgraph.View:
    if engine.startswith("neo4j") and pack in PARTS:
        pytest.skip("crm includes it, and has more questions")
    graph = opening(load_vocabulary(pack), me=ME, us=US)
    write(graph)
    return graph.as_of(TODAY)


def test_every_vocabulary_is_asked() -> None:
    assert set(HELD) == set(packs())
    assert {one for held in HELD.values() for one in held.split()} == set(QUESTIONS)


@pytest.mark.parametrize("pack", sorted(HELD))
def test_what_a_vocabulary_holds_and_what_has_an_answer(pack: str) -> None:
    found = meant(pack)
    assert list(found) == HELD[pack].split()
    assert {name for name, rows in found.items() if not rows} == NOTHING.get(pack, set())


def test_questions_of_analysts_have_the_answer_that_they_mean(pack: str, network: relgraph.View) -> None:
    for name, expected in meant(pack).items():
        rows = [tuple(plain(one) for one in row) for row in network.query(QUESTIONS[name])]
        assert rows == expected, name


@pytest.mark.parametrize("pack", ["crm", "followthemoney"])
def test_they_have_it_with_parameters_for_names_and_prepared_too(pack: str, network: relgraph.View) -> None:
    called = {values["name"]: identifier for identifier, (_, values) in entities(network.vocabulary).items()}
    asked = 0
    for name, expected in meant(pack).items():
        given: dict[str, Any] = {}

        def parameter(quoted: re.Match[str], given: dict[str, Any] = given) -> str:
            if quoted[1] not in called:
                return quoted[0]
            given[f"p{len(given)}"] = called[quoted[1]]
            return f"$p{len(given) - 1}"

        text = re.sub('"([^"]*)"', parameter, QUESTIONS[name])
        if given:
            asked += 1
            prepared = network.prepare(text)
            assert [tuple(plain(one) for one in row) for row in prepared(**given)] == expected, text
    assert asked > 5
