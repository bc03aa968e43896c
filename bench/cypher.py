"""Ten questions in words and as the best statements we know by hand, for the same data in the same layout.

The statements leave out what their author may know of this data: that nothing is in the trash, and that nothing is
merged. Each takes its parameters as the question does, and gives its rows in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import neo4j

from bench.peers import DAY

EVER = " as of any time"
ON = f" as of {DAY.isoformat()}"
SHOWN = 1_000


def held(relation: str) -> str:
    """Return the condition that a relation holds on ``$day``."""
    since, until = f"{relation}.since", f"{relation}.until"
    return f"({since} IS NULL OR {since} <= $day) AND ({until} IS NULL OR {until} > $day)"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its words, and the statement that a developer would write for it.

    ``kind`` says what answers are compared by: ``ids`` of the entities in one column, ``rows``, or ``one`` value.
    """

    words: str
    statement: str
    kind: str
    ends: tuple[str, ...] = ("c",)

    def of_ours(self, result: Any) -> object:
        """Return what is compared of an answer of relgraph."""
        match self.kind:
            case "ids":
                return [row[0].id for row in result]
            case "one":
                return result[0][0] if result else None
            case _:
                return [list(row) for row in result]

    def of_rows(self, rows: Sequence[Sequence[Any]]) -> object:
        """Return what is compared of the rows of the statement."""
        match self.kind:
            case "ids":
                return [row[0]["id"] for row in rows]
            case "one":
                return rows[0][0] if rows else None
            case _:
                return [list(row) for row in rows]


QUESTIONS: Mapping[str, Question] = {
    "1 hop": Question(
        f"find Company supplied_by $c{EVER}",
        f"MATCH (:Entity {{id: $c}})-[:SUPPLIES]->(e:Company) RETURN DISTINCT e ORDER BY e.name, e.id LIMIT {SHOWN}",
        "ids",
    ),
    "1 hop, dated": Question(
        f"find Company supplied_by $c{ON}",
        f"MATCH (:Entity {{id: $c}})-[r:SUPPLIES WHERE {held('r')}]->(e:Company)"
        f" RETURN DISTINCT e ORDER BY e.name, e.id LIMIT {SHOWN}",
        "ids",
    ),
    "2 hops, counted": Question(
        f"how many Company supplied_by Company supplied_by $c{EVER}",
        "MATCH (c:Entity {id: $c})-[:SUPPLIES]->(:Company)-[:SUPPLIES]->(e:Company) WHERE e <> c"
        " RETURN count(DISTINCT e)",
        "one",
    ),
    "3 hops, dated": Question(
        f"find Person works_for Company owned_by Company supplied_by $c{ON}",
        f"MATCH (c:Entity {{id: $c}})-[r:SUPPLIES WHERE {held('r')}]->(x:Company) WITH DISTINCT c, x"
        f" MATCH (x)-[s:OWNS WHERE {held('s')}]->(y:Company) WHERE y <> c WITH DISTINCT y"
        f" MATCH (y)<-[t:WORKS_FOR WHERE {held('t')}]-(e:Person)"
        f" RETURN DISTINCT e ORDER BY e.name, e.id LIMIT {SHOWN}",
        "ids",
    ),
    "reach 1..4, counted": Question(
        f"how many Company owned_by{{1..4}} $c{EVER}",
        "MATCH (c:Entity {id: $c})-[:OWNS*1..4]->(e:Company) WHERE e <> c RETURN count(DISTINCT e)",
        "one",
    ),
    "10 largest volumes": Question(
        f"find Company supplied_by as deal $c{EVER} show name, deal.volume order by deal.volume desc limit 10",
        "MATCH (:Entity {id: $c})-[r:SUPPLIES]->(e:Company)"
        " RETURN e.name, r.volume ORDER BY r.volume DESC, e.name, e.id LIMIT 10",
        "rows",
    ),
    "2 hops by sector": Question(
        f"find Company supplied_by Company supplied_by $c{EVER} group by sector show sector, count()"
        " order by count() desc, sector",
        "MATCH (c:Entity {id: $c})-[:SUPPLIES]->(:Company)-[:SUPPLIES]->(e:Company) WHERE e <> c"
        " WITH DISTINCT e RETURN e.sector AS sector, count(*) AS many ORDER BY many DESC, sector",
        "rows",
    ),
    "2 hops, not 1, first 10": Question(
        f"find Company supplied_by Company supplied_by $c and not supplied_by $c{EVER} order by name limit 10",
        "MATCH (c:Entity {id: $c})-[:SUPPLIES]->(:Company)-[:SUPPLIES]->(e:Company) WHERE e <> c"
        " WITH DISTINCT c, e WHERE NOT EXISTS { (c)-[:SUPPLIES]->(e) } RETURN e ORDER BY e.name, e.id LIMIT 10",
        "ids",
    ),
    "a whole type by sector": Question(
        'find Company where employees > 100 and country = "FR" group by sector show sector, count()'
        " order by count() desc, sector",
        "MATCH (e:Company) WHERE e.employees > 100 AND e.country = 'FR'"
        " RETURN e.sector AS sector, count(*) AS many ORDER BY many DESC, sector",
        "rows",
        (),
    ),
    "shortest path": Question(
        f"find shortest path as way from $a to $b via supplies{{1..6}} show way.hops{EVER}",
        "MATCH p = shortestPath((a:Entity {id: $a})-[:SUPPLIES*..6]->(b:Entity {id: $b})) RETURN length(p)",
        "one",
        ("a", "b"),
    ),
}
"""The questions by their titles."""


class Cypher:
    """A developer's own code on the official driver: a session for each question, and its ``run``."""

    def __init__(self, driver: neo4j.Driver, database: str) -> None:
        self._driver = driver
        self._database = database

    def rows(self, statement: str, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """Return the rows of a statement."""
        with self._driver.session(
            database=self._database, default_access_mode=neo4j.READ_ACCESS, fetch_size=10_000
        ) as session:
            return session.run(neo4j.Query(statement), dict(parameters)).values()

    def asker(self, question: Question) -> Callable[[Mapping[str, Any]], list[list[Any]]]:
        """Return a function that asks one question."""
        dated = "$day" in question.statement
        return lambda given: self.rows(question.statement, {**given, "day": DAY} if dated else given)
