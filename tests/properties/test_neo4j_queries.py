"""The server store answers as the meaning says, and as the embedded one does: row by row, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import answers, near
from relgraph.engines.neo4j.arrays import Arrays
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.properties.fuzz import TODAY, VOCABULARY
from tests.properties.networks import Network, network
from tests.properties.questions import Questions
from tests.properties.test_queries import FORMS, FUZZING, ME, US, given_to, seeds, world
from tests.reference.evaluate import evaluate
from tests.reference.told import plain, told
from tests.reference.world import Refused, Unsure
from tests.servers import neo4j as servers

WANTED = 20_000 if FUZZING else 500
"""How many answers are compared on each version of the server."""
STATES = 3
"""In how many states each network is asked: as it was written, and after each transaction that changes it."""
EACH = 32
"""How many questions are asked between two transactions."""


@pytest.fixture
def by_statement(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How many questions were answered by statements of the server, and how many over arrays."""
    found: Counter[bool] = Counter()
    answered = answers.answered

    def counted(*asked: Any) -> Any:
        answer = answered(*asked)
        found[answer is not None] += 1
        return answer

    monkeypatch.setattr(answers, "answered", counted)
    return found


def outcome(graph: relgraph.View, question: Any, given: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """Return rows as plain values and the notes, or the error and what it says."""
    try:
        rows = graph.query(question, limit=100_000, timeout=None, params=given)
        return [tuple(plain(one) for one in row) for row in rows], rows.notes
    except relgraph.RelgraphError as error:
        return (type(error).__name__, str(error)), ()


def no_statement(*_: Any) -> None:
    """Say of a find that it is no statement."""
    raise Unsupported("as is asked for")


class Three:
    """One network on the server and in memory, asked the same questions, with the reference as the third."""

    def __init__(self, made: Network, server: relgraph.Graph, embedded: relgraph.Graph, asked: Counter[str]) -> None:
        self.made = made
        self.server, self.embedded = server, embedded
        self.asked = asked

    def all(self, random: Random) -> None:
        """Compare answers in a few states of the network."""
        self.made.write(self.server)
        self.made.write(self.embedded)
        self.then = datetime.now(tz=UTC)
        for state in range(STATES):
            if state:
                changes = random.getrandbits(32)
                self.made.change(self.server, Random(changes))
                self.made.change(self.embedded, Random(changes))
                self.asked["writes"] += 1
            self.state(random)

    def state(self, random: Random) -> None:
        """Ask of the network as it is now, and as it was known at first."""
        pasts = self.server.known_at(self.then), self.embedded.known_at(self.then)
        now, at_first = told(self.embedded), told(pasts[1])
        questions = Questions(random, self.made)
        for index in range(EACH):
            past = index % 8 == 7
            text = questions.text()
            try:
                bound = bind(text, VOCABULARY)
            except relgraph.QueryError:
                self.asked["refused"] += 1
                continue
            known = at_first if past or bound.query.time.known_at is not None else now
            there, here = pasts if past else (self.server, self.embedded)
            self.question(there.as_of(TODAY), here.as_of(TODAY), bound, known)

    def question(self, there: relgraph.View, here: relgraph.View, bound: ir.BoundQuery, known: Any) -> None:
        """Ask one question of all three."""
        said = f"{bound.text}\n\n{self.made}"
        given = given_to(bound, self.then)
        (found, noted), (alike, told) = outcome(there, bound, given), outcome(here, bound, given)
        assert found == alike, said
        # from which end a question is answered depends on how many stand there, and so does what its tests meet
        self.asked["other notes" if noted != told else "notes" if noted else "no notes"] += 1
        try:
            expected = evaluate(bound.query, world(here, bound, given, known))
        except (LookupError, Refused, Unsure):
            # of nobody, of unlike currencies, or of a meaning that is left open: then both say the same
            self.asked["without a meaning"] += 1
            return
        assert found == expected, said
        self.asked[type(bound.query).__name__] += 1
        self.asked["rows"] += bool(found)


def compare_random(seed: int, server: servers.Server, asked: Counter[str]) -> None:
    """Compare answers over the network of a seed; what the database holds is erased.

    Every other network is asked as if it were large, and nothing of it held: paths are found among what lies around
    their ends, relations among those that can matter, finds that are no statement from what lies along their chains. Of
    every fourth no find is a statement.
    """
    random = Random(seed)
    made = network(random)
    servers.erase(server)
    try:
        with (
            pytest.MonkeyPatch.context() as patch,
            relgraph.open(server.uri, auth=server.auth, vocabulary=VOCABULARY, me=ME, us=US) as there,
            relgraph.open(vocabulary=VOCABULARY, me=ME, us=US) as here,
        ):
            if seed % 2:
                patch.setattr(near, "FEW", -1)
                patch.setattr(Arrays, "get", lambda *_: None)
            if seed % 4 == 3:
                patch.setattr(answers, "Found", no_statement)
            Three(made, there, here, asked).all(random)
    except BaseException as error:
        error.add_note(f"compare_random({seed}, ..., Counter())")
        raise


def compared(asked: Counter[str]) -> int:
    """Return how many answers were compared."""
    return sum(asked[one] for one in FORMS)


def networks() -> Iterator[int]:
    """Yield seeds that no part of the comparison without a server has."""
    yield from seeds(1_000)


@pytest.mark.timeout(0 if FUZZING else 900)
def test_random_questions_have_one_answer_on_both_stores(
    neo4j_database: servers.Server, by_statement: Counter[bool], record_property: Any
) -> None:
    asked: Counter[str] = Counter()
    for seed in networks():
        compare_random(seed, neo4j_database, asked)
        if compared(asked) >= WANTED:
            break
    for key, number in asked.items():
        record_property(f"compared: {key}", number)
    record_property("compared: answers", compared(asked))
    record_property("compared: answers of Neo4j", compared(asked))
    assert compared(asked) >= WANTED
    # most random questions have a meaning, many an answer, every form is among them, and many are statements
    assert compared(asked) > asked["refused"] + asked["without a meaning"]
    assert asked["rows"] * 5 > compared(asked)
    assert all(asked[one] for one in FORMS)
    assert by_statement[True] * 5 > compared(asked)
    assert asked["other notes"] * 10 <= asked["notes"]
