"""Steps as patterns: one relation, either way round, by alternatives, or a range of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relgraph.engines.neo4j.cypher.comparisons import both, either
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import quoted, relationship_type
from relgraph.network.execute.names import used
from relgraph.query import ir

_MANY: Final = 20
RelationTest = Callable[[ir.Test, Thing], str]


@dataclass(frozen=True, slots=True)
class Hop:
    """One relation in a pattern: what stands between the two ends, and the conditions on it."""

    arrow: str
    conditions: tuple[str, ...]


def stored(step: ir.Step) -> tuple[ir.Stored, ...]:
    """Return the alternatives of a step over stored predicates; Unsupported for any other."""
    found = []
    for one in step.alternatives:
        if not isinstance(one, ir.Stored):
            raise Unsupported("a measure" if isinstance(one, ir.Measure) else "derived predicates among alternatives")
        found.append(one)
    return tuple(found)


def composite(step: ir.Step) -> ir.Composite | None:
    """Return the derived predicate that a step is, where it is one and takes one hop."""
    match step:
        case ir.Step((ir.Composite() as found,), hops) if hops == ir.ONE_HOP:
            return found
        case _:
            return None


def is_range(step: ir.Step) -> bool:
    """Return whether a step, or one inside its derived predicate, takes more or fewer hops than one."""
    found = composite(step)
    if found is not None:
        return any(map(is_range, found.steps))
    return step.hops != ir.ONE_HOP


class Hops:
    """Writes the steps of one statement."""

    def __init__(self, writing: Writing, test: RelationTest) -> None:
        self._writing = writing
        self._test = test

    def hop(self, step: ir.Step, left: str, relation: str) -> Hop:
        """Return one hop of a step from the entity on its left."""
        if step.order:
            raise Unsupported("relations that rise")
        alternatives = stored(step)
        kinds = self._kinds([name for one in alternatives for name in one.predicates])
        directions = {one.direction for one in alternatives}
        conditions = [self._holds(one, relation) for one in alternatives]
        if len(directions) == 1 and len(set(conditions)) == 1:
            way = directions.pop()
            left_end, right_end = ("<-" if way == "in" else "-"), ("->" if way == "out" else "-")
            found = tuple(one for one in conditions[:1] if one != "true")
            return Hop(f"{left_end}[{relation}:{kinds}]{right_end}", found)
        parts = []
        for one, condition in zip(alternatives, conditions, strict=True):
            ends = {"out": f"startNode({relation}) = {left}", "in": f"endNode({relation}) = {left}", "both": "true"}
            of = f"{relation}:{self._kinds(one.predicates)}"
            parts.append(both(of, ends[one.direction], condition))
        return Hop(f"-[{relation}:{kinds}]-", (either(*parts),))

    def _holds(self, one: ir.Stored, relation: str) -> str:
        conditions = self._writing.holds_on(relation, one.when)
        if one.test is not None:
            conditions.append(self._test(one.test, Thing(relation, "relation")))
        return both(*conditions)

    def _kinds(self, predicates: Sequence[str]) -> str:
        names = list(dict.fromkeys(predicates))
        if len(names) > _MANY:
            # of hundreds of predicates only those that have relations need be named
            names = [one for one in names if one in self._writing.used] or names[:1]
        return "|".join(quoted(relationship_type(one)) for one in names)

    def range(self, step: ir.Step, left: str, right: str) -> str:
        """Return a range of hops between two entities as a pattern that is walked breadth-first.

        Every entity on the way, the one reached included, is live.
        """
        hops = step.hops
        if hops.least > 1:
            raise Unsupported(f"at least {hops.least} hops")
        if step.name is not None or used(step):
            raise Unsupported("a range of hops that is named, or that looks at other things of the row")
        return self._often(step, left, right, hops.least, self._writing.fresh("r"))

    def ways(self, step: ir.Step, left: str, right: str, relations: str) -> str:
        """Return one hop or more of a step between two entities as a pattern; ``relations`` are those of each way."""
        return self._often(step, left, right, max(step.hops.least, 1), relations)

    def _often(self, step: ir.Step, left: str, right: str, least: int, relation: str) -> str:
        writing = self._writing
        here, there = writing.fresh("a"), writing.fresh("b")
        hop = self.hop(step, here, relation)
        conditions = both(*hop.conditions, writing.live(there))
        # a condition that says nothing keeps the server from looking ahead
        where = "" if conditions == "true" else f" WHERE {conditions}"
        most = "" if step.hops.most is None else str(step.hops.most)
        return f"({left})(({here}){hop.arrow}({there}){where}){{{least},{most}}}({right})"
