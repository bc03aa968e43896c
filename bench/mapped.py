"""The same questions, and a load, by neomodel: run by itself, in an environment that holds neomodel.

What neomodel's own interface can say is said with it; the rest goes through its ``cypher_query``, as its users do.
Takes what to do as JSON on the input, and gives answers and seconds as JSON on the output.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from neomodel import (  # type: ignore[import-not-found]  # neomodel holds another driver fast, so it lives apart
    IntegerProperty,
    Q,
    RelationshipFrom,
    RelationshipTo,
    StringProperty,
    StructuredNode,
    StructuredRel,
    db,
    get_config,
)
from neomodel.properties import Property  # type: ignore[import-not-found]  # the same
from neomodel.sync_.match import Path  # type: ignore[import-not-found]  # the same

Given = dict[str, Any]
SHOWN = 1_000


class Day(Property):  # type: ignore[misc]  # its base is not there to look at
    """A date of the database; neomodel's own property keeps dates as texts."""

    def inflate(self, value: Any, rel: bool = False, *, node: Any = None) -> Any:  # noqa: ARG002
        """Return the date."""
        return value

    def deflate(self, value: Any, rel: bool = False, *, node: Any = None) -> Any:  # noqa: ARG002
        """Return the date."""
        return value


class Held(StructuredRel):  # type: ignore[misc]  # the same
    """A relation with its period."""

    uid = StringProperty(db_property="id")
    since = Day()
    until = Day()
    volume = IntegerProperty()


class Entity(StructuredNode):  # type: ignore[misc]  # the same
    """Whatever has an id and a name."""

    uid = StringProperty(db_property="id")
    name = StringProperty()


class Company(Entity):
    """A company."""

    sector = StringProperty()
    country = StringProperty()
    employees = IntegerProperty()
    suppliers = RelationshipFrom("Company", "SUPPLIES", model=Held)
    supplied = RelationshipTo("Company", "SUPPLIES", model=Held)


class Person(Entity):
    """A person: rows are made into objects by their labels."""

    country = StringProperty()


def along(*steps: str) -> Path:
    """Return a path that is gone without giving what lies on it."""
    return Path(value="__".join(steps), include_nodes_in_return=False, include_rels_in_return=False)


def one_hop(given: Given) -> list[Any]:
    """Find companies one hop away."""
    found = Company.nodes.traverse(along("suppliers")).filter(suppliers__uid=given["c"])
    return first(found)


def one_hop_dated(given: Given) -> list[Any]:
    """Find companies one hop away on a day."""
    day = given["day"]
    held = [
        Q(**{f"suppliers|{bound}__isnull": True}) | Q(**{f"suppliers|{bound}__{how}": day})
        for bound, how in (("since", "lte"), ("until", "gt"))
    ]
    found = Company.nodes.traverse(along("suppliers")).filter(*held, suppliers__uid=given["c"])
    return first(found)


def two_hops(given: Given) -> int:
    """Count companies two hops away: the same one is given for each way to it, so they are told apart here."""
    found = Company.nodes.traverse(along("suppliers", "suppliers")).filter(suppliers__suppliers__uid=given["c"])
    return len({one.uid for one in found.all()} - {given["c"]})


def first(found: Any) -> list[Any]:
    """Return the ids of the first entities by name; those of one name are put in order here, as ids have no order."""
    some = found.order_by("name")[:SHOWN].all()
    return ids(sorted(some, key=lambda one: (one.name, one.uid)))


def ids(nodes: list[Any]) -> list[str]:
    """Return the ids of nodes."""
    return [one.uid for one in nodes]


OWN: dict[str, Callable[[Given], Any]] = {
    "1 hop": one_hop,
    "1 hop, dated": one_hop_dated,
    "2 hops, counted": two_hops,
}
"""The questions that neomodel's own interface can say."""


def by_statement(statement: str, kind: str) -> Callable[[Given], Any]:
    """Return a function that asks by a statement, with nodes as objects."""

    def ask(given: Given) -> Any:
        rows, _ = db.cypher_query(statement, given, resolve_objects=True)
        if kind == "ids":
            return ids([row[0] for row in rows])
        if kind == "one":
            return rows[0][0] if rows else None
        return [list(row) for row in rows]

    return ask


def asked(name: str, question: Given) -> dict[str, Any]:
    """Ask one question for each case, and return answers and seconds."""
    own = name in OWN
    work = OWN[name] if own else by_statement(question["statement"], question["kind"])
    answers, seconds = [], []
    for case in question["cases"]:
        given = {**case, "day": date.fromisoformat(question["day"])}
        begun = time.perf_counter()
        found = work(given)
        seconds.append(time.perf_counter() - begun)
        answers.append(found)
    return {"own": own, "answers": answers, "seconds": seconds}


def loaded(companies: list[Given], relations: list[Given]) -> dict[str, float]:
    """Make companies, and relate them; return the seconds of each."""
    begun = time.perf_counter()
    made = {one.uid: one for one in Company.nodes.bulk_create(*companies)}
    between = time.perf_counter()
    with db.transaction:
        for one in relations:
            dates = {name: date.fromisoformat(one[name]) for name in ("since", "until") if one.get(name)}
            held = {"uid": one["uid"], "volume": one["volume"], **dates}
            made[one["subject"]].supplied.connect(made[one["object"]], held)
    return {"entities": between - begun, "relations": time.perf_counter() - between}


def main() -> None:
    """Do what the input says."""
    told = json.load(sys.stdin)
    get_config().database_url = told["url"]
    found: dict[str, Any] = {name: asked(name, one) for name, one in told.get("questions", {}).items()}
    if "load" in told:
        found["load"] = loaded(told["load"]["companies"], told["load"]["relations"])
    json.dump(found, sys.stdout)
    with contextlib.suppress(Exception):  # what is measured is told; a connection that ends badly changes nothing
        db.close_connection()


if __name__ == "__main__":
    main()
