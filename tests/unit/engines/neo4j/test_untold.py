"""The statement that counts what tests met that was missing or uncertain, beside the one that finds rows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest

import relgraph
from relgraph.engines.neo4j.arrays import Arrays
from relgraph.engines.neo4j.cypher.untold import Untold, untold
from relgraph.engines.neo4j.names import Names
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.statements import VOCABULARY, run_of


def counting(text: str) -> Untold | None:
    bound = bind(text, VOCABULARY)
    if not isinstance(bound.query, ir.Find):
        raise TypeError(text)
    return untold(run_of(bound), Names(VOCABULARY), frozenset(VOCABULARY.predicates), bound.query)


@pytest.mark.parametrize(
    "text",
    [
        "find Company",
        'find Company where id = "x" and type = "Bank"',
        'find Company supplies "ACME"',
        'find Company supplies Company supplies "ACME" where sector is missing and id != "x"',
        "find Company where degree > 3",
    ],
)
def test_nothing_is_counted_where_nothing_can_be_missing(text: str) -> None:
    found = counting(text)
    assert found is None or all("sector" in str(one.test) for one in found.parts)


def test_things_that_are_alike_come_together() -> None:
    found = counting('find Company where sector = "Steel" and size > 3')
    assert found is not None
    assert found.text == (
        "MATCH (e0:Entity) WHERE e0._state IS NULL AND e0:`Company`\n"
        "WITH DISTINCT e0 WHERE (e0.`sector` IS NULL OR e0.`size` IS NULL)\n"
        "RETURN 0 AS part, labels(e0) AS kind, e0 {.`_sector_precision`, .`_size_precision`, .`sector`,"
        " .`sector_currency`, .`size`, .`size_currency`} AS held, collect(e0._number) AS numbers,"
        " null AS a, null AS b, null AS one"
    )


def test_a_test_on_relations_is_counted_where_the_step_is_gone() -> None:
    found = counting('find Company owned_by[share > 50%]+ "ACME"')
    assert found is not None
    assert [one.sort for one in found.parts] == ["relation"]
    # from the entity that is named, through all that the range reaches
    assert "{0,}" in found.text
    assert "r0.`share` IS NULL" in found.text


def test_each_position_has_a_part_of_its_own() -> None:
    found = counting('find Company[sector = "Steel"] supplies[value > 1 EUR] Company[size > 3] supplies "ACME"')
    assert found is not None
    assert [one.sort for one in found.parts] == ["entity", "relation", "entity"]
    assert found.text.count("UNION ALL") == 2


def test_what_was_counted_is_held_until_something_is_written(
    neo4j_database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    kept = Arrays.keep_counted

    def counted(self: Arrays, key: Hashable, *held: Any) -> None:
        asked.append(str(key))
        kept(self, key, *held)

    monkeypatch.setattr(Arrays, "keep_counted", counted)
    with relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY) as graph:
        graph.add("Company", name="ACME", sector="Steel")
        graph.add("Company", name="Bolt")
        for value in ("Steel", "Media"):
            assert graph.query("find Company where sector = $s", s=value).notes[0] == "1 had no sector"
        assert len(asked) == 1
        graph.add("Company", name="Cog")
        assert graph.query("find Company where sector = $s", s="Steel").notes == ("2 had no sector",)
        assert len(asked) == 2
