"""From which end each step of a find is brought, where entities are named in it."""

from __future__ import annotations

import pytest

from relgraph.engines.neo4j.chains import Plan, plan_of
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.query import ir
from relgraph.query.bind import bind
from tests.unit.engines.neo4j.statements import VOCABULARY


def plan(text: str) -> Plan:
    find = bind(text, VOCABULARY).query
    if not isinstance(find, ir.Find):
        raise TypeError(text)
    return plan_of(find, VOCABULARY)


def legs(text: str) -> list[str]:
    return [
        f"{'|'.join(one.written for one in leg.edge.step.alternatives)} {' and '.join(leg.ends)}"
        for leg in plan(text).legs
    ]


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        ("find Company owned_by{2..3} @a", ["owned_by after"]),
        ("find Person employed_by Company owned_by{2..3} @a", ["owned_by after", "employed_by after"]),
        ("find @a owned_by{2..3} Company supplies Company", ["owned_by before", "supplies before"]),
        ("find Company owned_by+ as way @a show way.hops", ["owned_by after"]),
        ("find Company owned_by|in_group_of @a", ["owned_by|in_group_of after"]),
        # where both ends are known, from both
        ("find @a owns{2..5} @b", ["owns before and after"]),
        ("find Company owned_by{2..3} @a and supplies @b", ["supplies after", "owned_by before and after"]),
        # of what need not hold, nothing is told about the entity that it is asked of
        ("find Company where not owned_by{2..3} @a", ["owned_by after"]),
        ("find Company owned_by{2..3} @a where not supplies @b", ["supplies after", "owned_by after"]),
        (
            "find Company owned_by{2..3} @a and no supplies Company partner_of Company",
            ["owned_by after", "supplies before", "partner_of before"],
        ),
        (
            "find Company owned_by{2..3} @a and (supplies{1..2} @b or partner_of @b)",
            ["partner_of after", "supplies after", "owned_by after"],
        ),
        # all that is led to matters, whoever is named
        ("find Company owned_by{2..3} @a and only supplies @b", ["owned_by after", "supplies before"]),
        ("find Company owned_by{2..3} @a and supplies every Bank", ["owned_by after", "supplies before"]),
        ("find Company as x owned_by{2..3} @a show x, count(supplies)", ["owned_by after", "supplies before"]),
        # a name that comes again
        (
            "find Company owned_by{2..3} Company as y owned_by @a and supplies{2..3} y",
            ["owned_by after", "owned_by after", "supplies before"],
        ),
    ],
)
def test_each_step_is_brought_from_the_end_that_is_nearer_to_an_entity_that_is_named(
    text: str, brought: list[str]
) -> None:
    assert legs(text) == brought
    assert not plan(text).noting


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        # a chain that is gone from its end meets nothing further
        ("find Company owned_by[share > 3%]{2..3} @a", ["owned_by after"]),
        (
            "find Company supplies Company owned_by[share > 3%]{2..3} @a where size > 3",
            ["owned_by after", "supplies after"],
        ),
        ("find Company owned_by{2..3} @a where size > 3", ["owned_by after"]),
        # one that is gone from the found thing does
        (
            "find Company owned_by[share > 3%]{2..3} Company as y supplies @a show y",
            ["supplies after", "owned_by after", "owned_by before"],
        ),
        ("find @a owned_by{2..3} Company[size > 3]", ["owned_by before", "owned_by before"]),
        (
            "find Company owned_by{2..3} @a and supplies[value > 3 EUR] @b",
            ["supplies after", "owned_by after", "supplies before"],
        ),
        ("find Company owned_by{2..3} @a and supplies @b where size > 3", ["supplies after", "owned_by after"]),
    ],
)
def test_what_may_be_missing_is_met_from_the_front_as_well(text: str, brought: list[str]) -> None:
    assert legs(text) == brought


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("find Company owned_by{2..3} Person", "no entity that is named"),
        ("find Company owned_by{2..3} Company[size > 3]", "no entity that is named"),
        ("find Company supplies{2..3} Bank and not owned_by @a", "a chain with no entity that is named"),
        ("find Company owned_by{2..3} @a where degree > 3", "how many relations an entity takes part in"),
        ("find Company owned_by{2..3} @a and supplies every (Company owned_by Bank)", "every entity for which a chain"),
        ("find Company where not owned_by[share > 3%]{2..3} @a", "a test of what is not near"),
    ],
)
def test_predicates_are_read_whole_where_no_entity_bounds_them(text: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        plan(text)
