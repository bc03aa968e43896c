"""The engine answers as the meaning says: random networks and random questions, row by row, in order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relgraph
from relgraph.folding import fold
from relgraph.network.execute import find, solve
from relgraph.network.execute.names import parts_of
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.properties.questions import TODAY, VOCABULARY, Network, Questions, network
from tests.reference import evaluate as reference

FUZZING = bool(os.environ.get("RELGRAPH_FUZZ"))
NETWORKS = 2_000 if FUZZING else 100
EACH = 25
SOME = ["e1", "e2"]
"""What ``$some`` stands for."""
asked: Counter[str] = Counter()


def world(graph: relgraph.View, bound: ir.BoundQuery) -> reference.World:
    """Return what the reference answers from: read plainly, entity by entity and relation by relation."""
    things = [
        reference.Thing(one.id, one.type, one.name, dict(one.fields), frozenset(one.tags)) for one in graph.entities()
    ]
    facts = [
        reference.Fact(
            one.id,
            one.predicate,
            one.subject.id,
            one.object.id,
            one.since,
            one.until,
            dict(one.attributes),
            tuple(sorted({source.name for source in one.sources})),
            None if one.confidence is None else Decimal(str(one.confidence)),
            one.recorded_at,
            one.recorded_by,
        )
        for one in graph.relations(ever=True)
    ]
    members: dict[ir.Member, list[str]] = {}
    for one in parts_of(bound.query):
        match one:
            case ir.EntityId(identifier):
                members[one] = fitting(things, [identifier], ())
            case ir.Named(text, types):
                members[one] = called(things, text, types)
            case ir.Me(types) | ir.Us(types) | ir.Parameter(kind="entity", types=types):
                meant = ["e0"] if isinstance(one, ir.Me) else ["e0", "e1"] if isinstance(one, ir.Us) else SOME
                members[one] = fitting(things, meant, types)
            case _:
                pass
    return reference.World(VOCABULARY, things, facts, date.fromisoformat(TODAY), "UTC", {}, members)


def fitting(things: list[reference.Thing], meant: list[str], types: tuple[str, ...]) -> list[str]:
    """Return those of some entities that may stand at a position."""
    kinds = {one.id: one.type for one in things}
    if not kinds.keys() >= {*meant}:
        raise LookupError(meant)
    found = [one for one in meant if not types or any(VOCABULARY.is_a(kinds[one], kind) for kind in types)]
    if not found:
        raise LookupError(meant)
    return found


def called(things: list[reference.Thing], text: str, types: tuple[str, ...]) -> list[str]:
    """Return the one entity of a name among the types of a position: exactly, else folded."""
    fitting = [one for one in things if not types or any(VOCABULARY.is_a(one.type, kind) for kind in types)]
    exact = [one.id for one in fitting if one.name == text]
    folded = [one.id for one in fitting if fold(one.name) == fold(text)]
    found = exact or folded
    if len(found) != 1:
        raise LookupError(text)
    return found


def plain(value: Any) -> Any:
    """Return a value of an answer as the reference has it."""
    match value:
        case relgraph.Entity():
            return reference.E(value.id)
        case relgraph.Relation():
            return reference.R(value.id)
        case relgraph.Path():
            hops = tuple(tuple(one.id for one in some) for some in value.parallels)
            return reference.Way(tuple(one.id for one in value.entities), hops, value.strength)
        case tuple():
            return tuple(plain(one) for one in value)
        case _:
            return value


def compare(made: Network, texts: Iterable[str], seed: int) -> None:
    """Ask questions of a network and of the reference: as it is, as it was known, and after changes."""
    with relgraph.open(vocabulary=VOCABULARY, me="e0", us=["e0", "e1"]) as whole:
        made.write(whole)
        first = datetime.now(tz=UTC)
        if seed % 3:
            made.change(whole, Random(seed))
        for index, text in enumerate(texts):
            graph = (whole.known_at(first) if seed % 3 == 1 and index % 2 else whole).as_of(TODAY)
            try:
                bound = bind(text, VOCABULARY)
            except relgraph.QueryError:
                asked["refused"] += 1
                continue
            try:
                told = world(graph, bound)
            except LookupError:
                with pytest.raises((relgraph.QueryNameError, relgraph.QueryTypeError)):
                    graph.query(text, **given_to(bound))
                continue
            try:
                expected: Any = reference.evaluate(bound.query, told)
            except reference.Refused:
                with pytest.raises(relgraph.QueryTypeError):
                    graph.query(text, **given_to(bound))
                continue
            try:
                found = [
                    tuple(plain(one) for one in row)
                    for row in graph.query(text, limit=100_000, timeout=None, **given_to(bound))
                ]
            except Exception as error:
                error.add_note(f"{text}\n{made}")
                raise
            asked[type(bound.query).__name__] += 1
            asked["rows"] += bool(found)
            assert found == expected, f"{text}\n\n{made}\n\nfound:\n{_shown(found)}\nexpected:\n{_shown(expected)}"


def given_to(bound: ir.BoundQuery) -> dict[str, Any]:
    """Return values for the parameters of a question."""
    return {one.name: SOME for one in bound.parameters}


def _shown(rows: list[Any]) -> str:
    return "\n".join(map(str, rows)) or "(nothing)"


@settings(max_examples=NETWORKS, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_random_questions_have_the_answer_that_they_mean(seed: int) -> None:
    ask_random(seed)


def ask_random(seed: int) -> None:
    """Ask some questions of one network; every other one as if there were many entities."""
    random = Random(seed)
    made = network(random)
    texts = [Questions(random, made).text() for _ in range(EACH)]
    with pytest.MonkeyPatch.context() as patch:
        if seed % 2:
            patch.setattr(solve, "FEW", 0)
            patch.setattr(find, "FEW", 0)
        compare(made, texts, seed)


def test_most_random_questions_have_a_meaning_and_many_an_answer() -> None:
    answered = sum(asked[one.__name__] for one in (ir.Find, ir.SetQuery, ir.Relations, ir.Paths, ir.Cycles))
    if not answered:
        pytest.skip("nothing was asked in this process")
    assert answered > asked["refused"]
    assert asked["rows"] * 5 > answered
