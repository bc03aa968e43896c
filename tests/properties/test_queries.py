"""The engine answers as the meaning says: random networks and random questions, row by row, in order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from random import Random, SystemRandom
from typing import Any

import pytest

import relgraph
from relgraph.asking import Prepared
from relgraph.network import few, reach
from relgraph.network.execute import expressions, find, solve
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.properties.fuzz import GIVEN, TODAY, VOCABULARY
from tests.properties.networks import Network, network
from tests.properties.questions import Questions
from tests.properties.wider import Wider
from tests.reference.evaluate import evaluate
from tests.reference.told import Known, plain, told
from tests.reference.told import world as world_of
from tests.reference.world import Refused, Unsure, World

FUZZING = bool(os.environ.get("RELGRAPH_FUZZ"))
PARTS = 24 if FUZZING else 2
WANTED = 4_200 if FUZZING else 1_000
"""How many answers each part compares."""
EACH = 16
"""How many questions are asked between two transactions."""
FORMS = tuple(one.__name__ for one in (ir.Find, ir.SetQuery, ir.Relations, ir.Paths, ir.Cycles))
ME, US = "e0", ("e0", "e1")


def world(
    graph: relgraph.View, bound: ir.BoundQuery, given: dict[str, Any] | None = None, known: Known | None = None
) -> World:
    """Return what the reference answers from; ``known`` where the network was read before."""
    known = told(graph) if known is None else known
    moment = (given or GIVEN).get("then") if bound.query.time.known_at is not None else None
    view = graph if moment is None else graph.known_at(moment)

    def kept(identifier: str) -> str:
        try:
            return view.get(identifier).id
        except relgraph.NotFound:
            return identifier

    return world_of(known, bound, VOCABULARY, today=TODAY, me=ME, us=US, given=given or GIVEN, kept=kept)


def given_to(bound: ir.BoundQuery, then: datetime | None = None) -> dict[str, Any]:
    """Return values for the parameters of a question."""
    values = {**GIVEN, "then": then}
    return {one.name: values[one.name] for one in bound.parameters}


class Comparing:
    """One network, asked many questions; between them it changes. What is known of it is read once for each state."""

    def __init__(
        self, made: Network, random: Random, asked: Counter[str], questions: type[Questions] = Questions
    ) -> None:
        self.made = made
        self.questions = questions
        self.prepared: list[tuple[relgraph.View, Any, ir.BoundQuery, bool]] = []
        self.random = random
        self.asked = asked

    def all(self) -> None:
        """Compare the answers of the engine and of the reference, in a few states of the network."""
        with relgraph.open(vocabulary=VOCABULARY, me=ME, us=US) as graph:
            self.made.write(graph)
            self.then = datetime.now(tz=UTC)
            for _ in range(3):
                self.state(graph)
                self.made.change(graph, self.random)
                self.made.turn(graph, self.random)
                self.asked["writes"] += 1

    def state(self, graph: relgraph.Graph) -> None:
        """Ask of the network as it is now, and as it was known at first."""
        before = graph.known_at(self.then)
        now, at_first = told(graph), told(before)
        questions = self.questions(self.random, self.made)
        for view, prepared, bound, past in self.prepared:
            known = at_first if past or bound.query.time.known_at is not None else now
            self.question(view, prepared, bound, known)
        for index in range(EACH):
            past = index % 4 == 3
            text = questions.text()
            try:
                bound = bind(text, VOCABULARY)
            except relgraph.QueryError:
                self.asked["refused"] += 1
                continue
            known = at_first if past or bound.query.time.known_at is not None else now
            view = (before if past else graph).as_of(TODAY)
            self.question(view, text if index % 8 == 0 else bound, bound, known)
            if index % 8 == 1:
                self.prepared.append((view, view.prepare(text), bound, past))

    def question(self, view: relgraph.View, question: Any, bound: ir.BoundQuery, known: Any) -> None:
        """Ask one question of both."""
        given = given_to(bound, self.then)
        said = f"{bound.text}\n\n{self.made}"
        try:
            here = world(view, bound, given, known)
        except LookupError:
            self.asked["of nobody"] += 1
            with pytest.raises((relgraph.QueryNameError, relgraph.QueryTypeError)):
                asking(view, question)(params=given)
            return
        try:
            expected: Any = evaluate(bound.query, here)
        except Unsure:
            self.asked["without a meaning"] += 1
            return
        except Refused:
            self.asked["of unlike currencies"] += 1
            with pytest.raises(relgraph.QueryTypeError):
                asking(view, question)(params=given)
            return
        except Exception as error:
            error.add_note(said)
            raise
        try:
            rows = asking(view, question)(limit=100_000, timeout=None, params=given)
            found = [tuple(plain(one) for one in row) for row in rows]
        except Exception as error:
            error.add_note(said)
            raise
        self.asked[type(bound.query).__name__] += 1
        self.asked["rows"] += bool(found)
        assert found == expected, f"{said}\n\nfound:\n{_shown(found)}\nexpected:\n{_shown(expected)}"


def asking(view: relgraph.View, question: Any) -> Any:
    """Return what asks a question: of a view, or as it was prepared in an earlier state."""
    return partial(view.query, question) if not isinstance(question, Prepared) else question.run


def _shown(rows: list[Any]) -> str:
    return "\n".join(map(str, rows)) or "(nothing)"


def compare_random(seed: int, asked: Counter[str]) -> None:
    """Compare answers over the network of a seed; over every other one as if there were many entities."""
    random = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        if seed % 2:
            for module, name in ((solve, "FEW"), (find, "FEW"), (reach, "FEW"), (expressions, "_FEW")):
                patch.setattr(module, name, 0)
        # walks relation by relation, over arrays, and from the one to the other
        patch.setattr(few, "MOST", (few.MOST, -1, 2)[seed % 3])
        try:
            # half of them in all the forms that the language has
            Comparing(network(random), random, asked, Wider if seed % 4 > 1 else Questions).all()
        except BaseException as error:
            error.add_note(f"compare_random({seed}, Counter())")
            raise


def seeds(part: int) -> Iterator[int]:
    """Yield seeds: the same ones each time, or where new differences are looked for, new ones."""
    first = SystemRandom().randrange(2**40) if FUZZING else part * 1_000_000
    yield from range(first, first + 1_000_000)


def compared(asked: Counter[str]) -> int:
    """Return how many answers were compared."""
    return sum(asked[one] for one in FORMS)


@pytest.mark.timeout(0 if FUZZING else 900)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_questions_have_the_answer_that_they_mean(part: int, record_property: Any) -> None:
    asked: Counter[str] = Counter()
    for seed in seeds(part):
        compare_random(seed, asked)
        if compared(asked) >= WANTED:
            break
    for key, number in asked.items():
        record_property(f"compared: {key}", number)
    record_property("compared: answers", compared(asked))
    # most random questions have a meaning, many an answer, and every form is among them
    assert compared(asked) > asked["refused"]
    assert asked["rows"] * 5 > compared(asked)
    assert all(asked[one] for one in FORMS)
