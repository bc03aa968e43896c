"""What explain says of the server: the statements that it would be asked, or why it is asked none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j import near
from tests.servers.neo4j import Server

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: market
types:
  Company: {fields: {name: text, size: integer, founded: partial date}, caption: [name]}
  Person: {fields: {name: text}, caption: [name]}
predicates:
  owns: {inverse: owned_by, unique: none, attributes: {share: percent}}
  supplies: {inverse: supplied_by, attributes: {volume: money}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
""")


@pytest.fixture
def graph(neo4j_database: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[relgraph.Graph]:
    monkeypatch.setattr(near, "FEW", -1)
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as opened:
        opened.add_many("Company", [{"id": one, "name": one.upper(), "size": 3} for one in ("acme", "bolt", "core")])
        for predicate in ("owns", "supplies"):
            opened.relate_many(
                predicate, [{"subject": "acme", "object": "bolt"}, {"subject": "bolt", "object": "core"}]
            )
        yield opened


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("find Company owned_by $c", {"c": "acme"}),
        ("find Company owned_by{1..3} @acme where size > $n order by size limit $m", {"n": 2, "m": 3}),
        ('find Company as x owned_by as deal "ACME" show x.name, deal.share as of $d', {"d": "2020-01-01"}),
        ("how many Company supplied_by[volume > $v] Company", {"v": "3 EUR"}),
        ("find Company in_group_of @core", {}),
        ("find Company[founded >= $d and name in $those]", {"d": "1990", "those": ["ACME"]}),
        ("find shortest path as way from $a to $b via owns show way.hops", {"a": "acme", "b": "core"}),
        ("find shortest paths from @acme to @core via owns|supplies", {}),
    ],
)
def test_the_statement_that_is_told_is_the_one_that_is_asked(
    graph: relgraph.Graph, asked: list[str], question: str, given: dict[str, Any]
) -> None:
    told = graph.explain(question).native
    assert told.startswith("one statement of the server:\n  MATCH "), told
    asked.clear()
    graph.query(question, params=given)
    lines = [line.strip() for line in told.splitlines()[1:] if not line.startswith("  $")]
    text = "\n".join(line for line in lines if not line.startswith("a second statement"))
    # what nobody hides behind need not be asked for, which a first question finds out
    seen = ["\n".join(line.strip() for line in one.split("UNION ALL\n")[-1].splitlines()) for one in asked]
    assert text in seen, (text, seen)


@pytest.mark.parametrize(
    ("question", "first", "said"),
    [
        ("find all paths from $a to $b via owns{1..3}", "relations around the ends", "UNWIND $list AS i MATCH"),
        ("find cycles via owns{2..3} through @acme", "relations around the ends", "UNWIND $list AS i MATCH"),
        ("find relations owns from $a", "relations that can matter:", "UNWIND $list AS i MATCH"),
        ("find relations owns[share > $s]", "relations that can matter:", "r.`share` IS NULL"),
        ("find relations owns", "no statement of the server", "all relations of owns are read"),
        ("find cycles via owns{2..3}", "no statement of the server (no end that is named)", "owns are read"),
        ("find Company owned_by{2..3} $c", "no one statement (at least 2 hops): relations along", "-[r:`OWNS`]->(y"),
        ("find Company in_group_of|supplied_by{1..2} @acme", "no one statement (derived", "-[r:`SUPPLIES`]->(y"),
        ("find Company owned_by{2..3} Company", "no statement of the server (a range", "owns are read"),
        ("find Company owned_by $c known at 2020-01-01", "no statement", "what was known then"),
        ("(find Company owned_by $c) union (find Company supplied_by $c)", "union of 2 sets", "`SUPPLIES`"),
        ("find Company[name contains $t]", "one statement", "its rows are tested here by name"),
        ("find Company[size > $n]", "one statement", "a second statement counts"),
    ],
)
def test_how_a_question_is_answered_is_told_without_asking_it(
    graph: relgraph.Graph, question: str, first: str, said: str
) -> None:
    told = graph.explain(question)
    assert told.native.startswith(first), told.native
    assert said in told.native
    assert str(told).endswith(told.native)


def test_who_is_named_is_told_as_the_question_says_it(graph: relgraph.Graph) -> None:
    assert "$a0: the id of $c" in graph.explain("find Company owned_by $c").native
    assert '$a0: the number of "nobody"' in graph.explain('find Company owned_by "nobody"').native
    assert graph.profile("find Company owned_by $c", c="acme").explanation.native.startswith("one statement")
