"""The shortest ways between two entities as a statement: the server walks from both ends until they meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from relgraph.engines.neo4j.cypher.comparisons import both
from relgraph.engines.neo4j.cypher.conditions import Conditions
from relgraph.engines.neo4j.cypher.lacking import ALWAYS, attributes_of
from relgraph.engines.neo4j.cypher.writing import Unsupported, Writing
from relgraph.engines.neo4j.names import Names
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import Moves
from relgraph.network.execute.names import parts_of
from relgraph.network.execute.run import Run
from relgraph.query import ir

MOST: Final = 1_000
"""So many shortest ways between two entities are brought as such."""
_NAMES: Final = ("n", "t", "a", "b", "p", "al", "ap", "bl", "bp")

_UNSURE: Final = frozenset(("partial date", "money"))
"""Kinds whose values may say neither yes nor no."""

HasAll = Callable[[str, str], bool]
"""Says of a predicate and a required attribute whether every relation has it."""

_RELATIONS: Final = (
    "RETURN n, type(r) AS t, s._number AS a, o._number AS b, properties(r) AS p,"
    " labels(s) AS al, properties(s) AS ap, labels(o) AS bl, properties(o) AS bp"
)


@dataclass(frozen=True, slots=True)
class Ways:
    """A statement that is ready to run.

    Where ``counted``, its only row is the number of hops of a shortest way; else there is a row for each relation on
    one: how many ways there are, the type, the ends, the properties, and labels and properties of both ends.
    """

    text: str
    parameters: dict[str, Any]
    names: tuple[str, ...]
    anchors: Mapping[str, tuple[ir.Member, ...]]
    hidden: bool
    counted: bool


def first_meeting(query: ir.Query) -> bool:
    """Return whether nothing but the shortest way between the ends matters, over relations for which tests hold."""
    return (
        isinstance(query, ir.Paths)
        and query.mode == "shortest"
        and query.count in {None, 1}
        and query.step.hops.least <= 1
        and not (query.through or query.avoiding or query.step.order or query.rising)
        and all(isinstance(one, ir.Stored) for one in query.step.alternatives)
    )


def is_tested(step: ir.Step) -> bool:
    """Return whether relations of a step are tested."""
    return any(isinstance(one, ir.Stored) and one.test is not None for one in step.alternatives)


def ways(
    run: Run, names: Names, used: frozenset[str], query: ir.Paths, *, has_all: HasAll, hidden: bool = True
) -> Ways:
    """Return the statement for the shortest ways from one entity to another; Unsupported where it cannot be one.

    Without ``hidden`` it is right only where no entity is in the trash or merged.
    """
    ends = (query.start, query.goal)
    if not first_meeting(query):
        raise Unsupported("more than the shortest ways is asked for")
    if any(one.inner is not None or any(kind.test is not None for kind in one.types) for one in ends):
        raise Unsupported("an end that is tested")
    if not all(map(partial(_is_sure, run, used, has_all), query.step.alternatives)):
        raise Unsupported("relations that are tested, and may lack what is tested")
    if is_tested(query.step) and len({_asked(one) for one in query.step.alternatives}) > 1:
        # the server would look for ways first, and at what each alternative asks afterwards
        raise Unsupported("alternatives of which each is tested for itself")
    writing = Writing(run, names, used, hidden=hidden)
    if any(not one.members or writing.size(one.members) != 1 for one in ends):
        raise Unsupported("more than one entity at an end")
    conditions = Conditions(writing, Anchors(run, Moves(run)), no_set)
    start, goal = writing.fresh("e"), writing.fresh("e")
    lines = [
        f"MATCH ({var}:Entity) WHERE {both(writing.live(var), conditions.fits(end, var), apart)}"
        for var, end, apart in ((start, ends[0], "true"), (goal, ends[1], f"{start} <> {goal}"))
    ]
    counted, relations = only_counts(query), writing.fresh("r")
    way = conditions.hops.ways(query.step, start, goal, relations)
    if counted:
        lines += [f"MATCH SHORTEST 1 {way}", f"RETURN size({relations}) AS n"]
        return Ways("\n".join(lines), writing.parameters, ("n",), writing.anchors, hidden, counted)
    lines += [
        f"MATCH ALL SHORTEST {way}",
        f"WITH {relations} LIMIT {writing.value(MOST + 1)}",
        f"WITH collect({relations}) AS ways",
        "WITH ways, size(ways) AS n UNWIND ways AS way UNWIND way AS r",
        "WITH DISTINCT n, r, startNode(r) AS s, endNode(r) AS o",
        _RELATIONS,
    ]
    return Ways("\n".join(lines), writing.parameters, _NAMES, writing.anchors, hidden, counted)


def _is_sure(run: Run, used: frozenset[str], has_all: HasAll, one: ir.Alternative) -> bool:
    """Return whether nothing that the relations of an alternative are tested for can be missing or uncertain.

    What was missing is counted of those relations that a search meets, and another search meets others.
    """
    if not isinstance(one, ir.Stored) or one.test is None:
        return True
    predicates = [run.vocabulary.predicates[name] for name in one.predicates if name in used]
    for attribute in attributes_of(one.test):
        if attribute.builtin:
            if attribute.name not in ALWAYS:
                return False
            continue
        for predicate in predicates:
            field = predicate.attribute(attribute.name)
            if field is None or not field.required or field.many or field.kind in _UNSURE:
                return False
            # it may be required only since relations were told that lack it
            if not has_all(predicate.name, field.name):
                return False
    return True


def _asked(one: ir.Alternative) -> object:
    """Return what the relations of an alternative are asked for, beside their predicate."""
    return (one.direction, one.when, one.test) if isinstance(one, ir.Stored) else one


def only_counts(query: ir.Paths) -> bool:
    """Return whether of one path nothing is told but how many hops it has: any of the shortest says so."""
    tail, name = query.tail, query.variables[0].name
    if query.count != 1 or tail.grouping is not None:
        return False
    hops = [one for one in parts_of(tail) if isinstance(one, ir.Attribute) and one.name == "hops" and one.builtin]
    path = [one for one in parts_of(tail) if isinstance(one, ir.Ref) and one.name == name]
    return len(hops) == len(path) and all(isinstance(one.of, ir.Ref) and one.of.name == name for one in hops)


def no_set(chain: ir.Chain) -> str:
    """Raise Unsupported: no set stands before this statement."""
    raise Unsupported(f"a chain of {len(chain.links)} at an end")
