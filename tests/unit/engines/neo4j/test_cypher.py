"""Questions as Cypher: texts, plans of the real server, values that never become text, and what is not written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neo4j import Driver, GraphDatabase

import relgraph
from relgraph.engines.neo4j.cypher.writing import Unsupported
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.statements import GOLDEN, VOCABULARY, statement

QUESTIONS = {
    "one_step": 'find Company supplies "ACME"',
    "two_steps": 'find Company partner_of Company partner_of "ACME"',
    "range": 'find Person employed_by Company customer_of Company owned_by[share > 50%]+ "ACME"',
    "range_bounded": 'find Company owned_by{1..3} "ACME"',
    "range_or_itself": 'find Company owned_by* "ACME"',
    "mixed_directions": 'find Company owns|controlled_by "ACME"',
    "mixed_range": 'find Company owns|controlled_by+ "ACME"',
    "not_one_step": 'find Company supplies "ACME" and not partner_of "ACME"',
    "not_range": 'find Company supplies "ACME" and not owned_by+ "Bolt"',
    "two_ranges": 'find Company owned_by+ "ACME" and owned_by+ "Bolt"',
    "or": 'find Company (supplies "ACME" or partner_of "Bolt")',
    "nested": 'find Organization that supplies "ACME" and supplies (Organization competes_with "ACME")',
    "no": "find Company with no employs",
    "count": 'find Company with at least 3 supplied_by Company[country = "DE"]',
    "count_relations": "find Company with more than 2 times supplied_by Company",
    "only": 'find Company only supplied_by Company[country = "DE"]',
    "every": "find Person employed_by every Bank",
    "same": "find Company as a owns Company owns Company owns a",
    "same_person": "find Person as p employed_by Company as c and owns c",
    "compared": "find Person as p employed_by Company as c where p.country != c.country",
    "relation": 'find Company supplies[value > 10k EUR and since >= 2020-01-01] as deal "ACME" show name, deal.value',
    "fields": 'find Company[sector in ("Steel", "Media") and size between 10 and 50 and founded < 2000 and vip]',
    "missing": 'find Company[not sector = "Steel" and revenue is missing]',
    "days": "find Person[born in 1980 and seen >= 2020-01-01 and tall > 1.5 and active = true]",
    "optional": 'find Company that supplies "ACME" and optionally employs as j Person as m show name, m.name, j.role',
    "derived": 'find Person works_in_group_of "ACME"',
    "list": "find Company supplies $those",
    "during": 'find Company supplies "ACME" during 2020',
    "ever": 'find Company supplies[ever] "ACME"',
    "late": 'find Company[name contains "steel"] supplies "ACME"',
    "ways": 'find shortest paths from "ACME" to Company "Bolt" via supplies|customer_of{1..6}',
    "ways_mixed": 'find shortest path from "ACME" to "Bolt" via owns|partner_of[ever] as of 2020-01-01',
    "ways_counted": 'find shortest path as way from "ACME" to "Bolt" via supplies show way.hops',
    "ways_tested": 'find shortest path from "ACME" to "Bolt" via lends[rate > 3%]',
    "degree": 'find Company[degree > 3 and type = "Bank"] supplies "ACME"',
}


def shown(text: str) -> str:
    found = statement(text)
    values = "".join(f"// ${name} = {value}\n" for name, value in found.parameters.items())
    late = "".join(f"// afterwards: {type(one.test).__name__}\n" for one in getattr(found, "late", ()))
    return f"// {text}\n{found.text}\n{values}{late}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_statement_of_a_question_is_the_one_that_was_looked_at(name: str) -> None:
    file = GOLDEN / f"{name}.cypher"
    found = shown(QUESTIONS[name])
    if os.environ.get("RELGRAPH_GOLDEN") == "write":
        file.write_text(found)
    assert file.read_text() == found


def test_no_golden_text_is_of_a_question_that_is_gone() -> None:
    assert {file.stem for file in GOLDEN.glob("*.cypher")} == set(QUESTIONS)


# -- plans -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def driver(neo4j_database: Server) -> Iterator[Driver]:
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as graph:
        graph.add_many("Person", [{"id": f"p{one}", "name": f"P{one}"} for one in range(300)])
        graph.add_many("Company", [{"id": f"c{one}", "name": f"C{one}", "country": "DE"} for one in range(600)])
        graph.add_many("Bank", [{"id": f"b{one}", "name": f"B{one}"} for one in range(30)])
        for name, predicate in VOCABULARY.predicates.items():
            start = "p" if predicate.subject == ("Person",) else "c"
            needed = {one.name: "3%" for one in predicate.attributes if one.required}
            rows = [{"subject": f"{start}{one}", "object": f"c{(one * 7 + 1) % 600}", **needed} for one in range(300)]
            graph.relate_many(name, rows)
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as opened:
        # a plan follows what the server has counted: of this network, and of none that was there before
        opened.execute_query("CALL db.prepareForReplanning(300)", database_=neo4j_database.database)
        yield opened


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].split("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def products(plan: dict[str, Any]) -> Iterator[list[str]]:
    """What is multiplied with each other, where that is more than one thing that an index has by its number."""
    below = plan.get("children", ())
    names = [name for child in below for name in operators(child)]
    if "CartesianProduct" in plan["operatorType"] and not {*names} <= {"NodeUniqueIndexSeek", "Filter", "Argument"}:
        yield names
    for child in below:
        yield from products(child)


def test_the_server_starts_at_an_index_goes_breadth_first_and_multiplies_nothing(
    driver: Driver, neo4j_database: Server
) -> None:
    with driver.session(database=neo4j_database.database) as session:
        for text in QUESTIONS.values():
            found = statement(text)
            summary = session.run(f"EXPLAIN {found.text}", found.parameters).consume()
            assert summary.plan is not None
            plan = list(operators(summary.plan))
            told = f"{text}\n{found.text}\n{plan}"
            assert not [*products(summary.plan)], told
            assert not [one for one in summary.gql_status_objects if one.raw_classification == "DEPRECATION"], told
            if '"ACME"' in text:
                assert any("IndexSeek" in one for one in plan), told
                assert not any("Scan" in one for one in plan), told
            # each release has its own word for a walk from both ends that stops where they meet
            walked = not {"StatefulShortestPath(Into)", "ShortestPath"}.isdisjoint(plan)
            assert walked == ("SHORTEST" in found.text), told
            if "SHORTEST" in found.text:
                continue
            walks = [one for one in plan if "VarLength" in one or "Repeat" in one or "Trail" in one]
            assert bool(walks) == ("){" in found.text), told
            if "|controlled_by+" not in text:
                assert all(one.startswith("VarLengthExpand(Pruning,BFS") for one in walks), told


# -- values ----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30), other=st.text(max_size=5))
def test_any_text_as_a_value_leaves_the_statement_as_it_is(value: str, other: str) -> None:
    asked = (
        "find Company[sector = $a and country in ($b, $a)] as c supplies (Company[sector != $b] partner_of"
        ' "ACME") and owned_by[note = $a]+ "Bolt" and not supplied_by Company[name = $b]'
    )
    plain = statement(asked, a="x", b="y")
    found = statement(asked, a=value, b=other)
    if value != other:
        assert found.text == plain.text
    assert value in found.parameters.values()


@pytest.mark.parametrize(
    "value",
    ["' OR true //", "` DETACH DELETE n", "\\u0060", "$p0", "}", "\0", '"', "x' RETURN 1 UNION MATCH (n) RETURN n"],
)
def test_a_value_that_looks_like_code_is_a_value(value: str) -> None:
    found = statement("find Company[sector = $a]", a=value)
    assert found.text == statement("find Company[sector = $a]", a="x").text
    assert list(found.parameters.values()) == [value]


# -- what is not written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('find Company owned_by{2..3} "ACME"', "at least 2 hops"),
        ('find Company owned_by+ as route "ACME" show route.hops', "named"),
        ("find Company owned_by+ Person", "many entities"),
        ("find Company with at least 2 owned_by+ Person", "many entities|count over a range"),
        ('find Company owned_by[rising since]{1..3} "ACME"', "rise"),
        ("find Company not owned_by+ Person", "far end"),
        ('find 2 shortest paths from "ACME" to "Bolt" via owns', "more than the shortest"),
        ('find shortest path from "ACME" to "Bolt" via owns[share > 5%]', "may lack what is tested"),
        ('find shortest path from "ACME" to "Bolt" via lends[rate > 5%]|owns', "each is tested for itself"),
        ('find shortest path from "ACME" to Company via owns', "one entity"),
        ("find Company only owned_by+ Person", "range of hops"),
    ],
)
def test_what_cypher_cannot_say_or_not_fast_is_left_to_the_arrays(text: str, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        statement(text)
