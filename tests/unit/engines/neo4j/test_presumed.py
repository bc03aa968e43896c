"""Questions that are one statement: what they take for granted, and what happens where it is not so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import relgraph
from relgraph.errors import QueryNameError, QueryTypeError
from relgraph.result import Result
from tests.servers.neo4j import Server

VOCABULARY = """
vocabulary: market
types:
  Company: {fields: {name: text, country: text}, caption: [name]}
  Person: {fields: {name: text}, caption: [name]}
predicates:
  owns: {inverse: owned_by, subject: [Company]}
  supplies: {inverse: supplied_by}
"""


@pytest.fixture
def graph(neo4j_database: Server) -> Iterator[relgraph.Graph]:
    vocabulary = relgraph.Vocabulary.from_text(VOCABULARY)
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=vocabulary) as opened:
        opened.add_many("Company", [{"id": one, "name": one.upper()} for one in ("acme", "bolt", "core")])
        opened.add("Person", id="ann", name="Ann")
        opened.relate_many("owns", [{"subject": "acme", "object": "bolt"}, {"subject": "bolt", "object": "core"}])
        yield opened


def ids(result: Result) -> list[str]:
    return [row[0].id for row in result]


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("find Company owned_by $c", "acme"),
        ("find Company that is owned_by+ $c", "acme"),
        ("find Company not owned_by+ $c order by name", "acme"),
        ("how many Company owned_by $c", ["acme", "bolt"]),
        ("find Company owned_by @acme show name", None),
        ("find Company order by name limit 2", None),
    ],
)
def test_a_question_is_one_statement(graph: relgraph.Graph, asked: list[str], question: str, given: object) -> None:
    parameters = {} if given is None else {"c": given}
    before = [tuple(row) for row in graph.query(question, params=parameters)]
    asked.clear()
    assert [tuple(row) for row in graph.query(question, params=parameters)] == before
    assert len(asked) == 1, asked


def test_what_is_given_by_name_or_no_longer_stands_is_looked_up(graph: relgraph.Graph) -> None:
    question = "find Company owned_by $c"
    assert ids(graph.query(question, c="ACME")) == ["bolt"]
    assert ids(graph.query(question, c=["acme", "BOLT"])) == ["bolt", "core"]
    assert ids(graph.query(question, c=graph.get("acme"))) == ["bolt"]
    with pytest.raises(QueryNameError, match=r"no .* is called 'none'"):
        graph.query(question, c="none")
    with pytest.raises(QueryNameError, match="no entity has the id 'none'"):
        graph.query("find Company owned_by @none")
    with pytest.raises(QueryTypeError, match=r"\$c is Ann \(Person\)"):
        graph.query(question, c="ann")


def test_a_merged_or_trashed_entity_is_met_as_everywhere(graph: relgraph.Graph) -> None:
    graph.merge("acme", "bolt")
    assert ids(graph.query("find Company owned_by $c", c="bolt")) == ["core"]
    graph.trash("acme")
    with pytest.raises(QueryNameError, match="is in the trash"):
        graph.query("find Company owned_by $c", c="acme")


def test_keys_come_with_entities_from_the_first_one_on(graph: relgraph.Graph) -> None:
    assert graph.query("find Company owned_by $c", c="acme")[0][0].keys == ()
    graph.add("Company", id="dorn", name="Dorn", keys={"crm": "17"})
    graph.relate("acme", "owns", "dorn")
    found = graph.query("find Company owned_by $c order by name", c="acme")
    assert {row[0].id: dict(row[0].keys) for row in found} == {"bolt": {}, "dorn": {"crm": "17"}}


def test_a_vocabulary_that_another_client_changed_is_met_by_the_next_question(
    graph: relgraph.Graph, neo4j_database: Server
) -> None:
    question = "find Company supplied_by $c"
    assert ids(graph.query(question, c="acme")) == []
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth) as other:
        # the first relation of a predicate makes its indexes, which statements look at
        other.relate("acme", "supplies", "core")
        assert ids(graph.query(question, c="acme")) == ["core"]
        other.apply(other.plan(relgraph.Vocabulary.from_text(VOCABULARY + "  leads: {inverse: led_by}\n")))
        other.relate("bolt", "leads", "acme")
    assert ids(graph.query("find Company led_by $c", c="bolt")) == ["acme"]


def test_what_is_trashed_or_merged_by_another_client_is_not_found_by_the_next_question(
    graph: relgraph.Graph, neo4j_database: Server, asked: list[str]
) -> None:
    question = "find Company owned_by Company owned_by $c"
    assert ids(graph.query(question, c="acme")) == ["core"]
    assert ids(graph.query(question, c="acme")) == ["core"]
    assert "_state IS NULL" not in asked[-1], "where nothing is hidden, nothing is asked for it"
    assert graph.query(f"how many{question[4:]}", c="acme").one() == 1
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth) as other:
        other.trash("bolt")
        assert ids(graph.query(question, c="acme")) == []
        assert graph.query(f"how many{question[4:]}", c="acme").one() == 0
        other.restore("bolt")
        assert ids(graph.query(question, c="acme")) == ["core"]
        other.merge("acme", "core")
    assert ids(graph.query("find Company owned_by $c", c="bolt")) == ["acme"]
