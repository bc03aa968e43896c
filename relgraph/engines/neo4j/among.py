"""Questions for relations themselves: those that can matter are brought, and told as on the embedded store.

Where an end is named, these are the relations around it; else those for which the tests hold, or for which they cannot
be told, so that what is missing is counted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from relgraph.engines.neo4j.cypher.comparisons import both, either
from relgraph.engines.neo4j.cypher.conditions import Conditions
from relgraph.engines.neo4j.cypher.lacking import Lacking, attributes_of
from relgraph.engines.neo4j.cypher.untold import of_this
from relgraph.engines.neo4j.cypher.ways import no_set
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import quoted
from relgraph.engines.neo4j.near import MOST, WIDE, Shown, is_worthwhile, walked
from relgraph.engines.neo4j.network import CAPTION, Network
from relgraph.model.records import RelationRow
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import Moves, turned
from relgraph.network.execute.relations import RelationsFound
from relgraph.network.execute.run import Run
from relgraph.network.execute.tail import Answer, Tail
from relgraph.query import ir

_BROUGHT = ", ".join(f".{quoted(one)}" for one in (*CAPTION, "_type"))
"""What is brought of the ends: that by which they are told apart and put in order."""


def among(run: Run, query: ir.Relations) -> Answer | None:
    """Return the answer of a question for relations; None where its predicates are to be read whole.

    That is where they have few relations, where another part of the question needs all of them, or where more than
    100,000 can matter.
    """
    network = run.source
    if type(network) is not Network or network.reader.looks_back_to is not None:
        return None
    predicates = walked(query)
    if predicates is None or not is_worthwhile(network, predicates):
        return None
    reader = network.reader
    near = Shown(network, predicates, run)
    found: dict[int, RelationRow] = {}
    try:
        for text, given in statements(run, query):
            run.tick()
            rows = reader.ask(f"{text} LIMIT $most", {**given, "most": MOST + 1}, run.clock.left())
            run.took("server", f"relations that can matter:\n{text}", None, len(rows))
            for kind, subject, obj, held, *ends in rows:
                row = reader.relation_of(kind, subject, obj, held)
                if row is not None:
                    found[row.number] = row
                    for number, (labels, properties) in zip((subject, obj), ends, strict=True):
                        near.tell(number, labels, properties, frozenset(CAPTION))
            if len(rows) > MOST or len(found) > MOST:
                return None
    except Unsupported:
        return None
    near.take(found.values())
    own = run.within(query.time, near)
    listed = RelationsFound(own, query)
    return Tail(own, listed.solver, query.tail, listed.over).answer()


def statements(run: Run, query: ir.Relations) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a statement for each alternative, with its parameters."""
    network = run.source
    if not isinstance(network, Network):
        raise Unsupported("no network of a server")
    named = _named(query)
    for stored in query.alternatives:
        writing = Writing(run, network.reader.shapes.names, network.reader.used)
        conditions = Conditions(writing, Anchors(run, Moves(run)), no_set)
        step = ir.Step((replace(stored, test=None),))
        start = "MATCH (x)"
        given: dict[str, Any] = {}
        if named is None:
            # whichever end stands on the left, each relation is met once
            step = ir.Step((replace(stored, test=None, direction="out"),))
        else:
            pattern, way = named
            numbers = run.numbers_of(pattern.members).tolist()
            if len(numbers) > WIDE:
                raise Unsupported("many entities that are named")
            given = {"list": numbers}
            start = "UNWIND $list AS i MATCH (x:Entity {_number: i})"
            step = _step(step, way)
        hop = conditions.hops.hop(step, "x", "r")
        passes = "true" if named is not None else _passes(run, query, stored, conditions, writing)
        if named is None and passes == "true":
            raise Unsupported("all relations of a predicate")
        where = both(*hop.conditions, "x._state IS NULL", "y._state IS NULL", passes)
        text = (
            f"{start}{hop.arrow}(y) WHERE {where} WITH DISTINCT r, startNode(r) AS s, endNode(r) AS o"
            " RETURN type(r), s._number, o._number, properties(r),"
            f" [labels(s), s {{{_BROUGHT}}}], [labels(o), o {{{_BROUGHT}}}]"
        )
        yield text, {**writing.parameters, **given}


def _named(query: ir.Relations) -> tuple[ir.Pattern, str] | None:
    """Return the end that relations are looked for around, and at which side of a reading it stands."""
    for pattern in query.ends:
        if pattern.members:
            return pattern, "either"
    for target, side in ((query.source, "left"), (query.target, "right")):
        if isinstance(target, ir.Pattern) and target.members:
            return target, side
    return None


def _step(step: ir.Step, side: str) -> ir.Step:
    """Return a step that leads from the named end to the other one."""
    if side == "either":
        return ir.Step(tuple(replace(one, direction="both") for one in step.alternatives if isinstance(one, ir.Stored)))
    return step if side == "left" else turned(step)


def _passes(run: Run, query: ir.Relations, stored: ir.Stored, conditions: Conditions, writing: Writing) -> str:
    """Return the condition that the tests of a relation hold or cannot be told; true where the server cannot say so."""
    tests = [of_this(one, query.variables[0].name) for one in (stored.test, query.test) if one is not None]
    this = Thing("r", "relation")
    before = dict(writing.parameters)
    try:
        holds = both(*(conditions.compared(one, this) for one in tests))
        mentioned = [one for test in tests for one in attributes_of(test)]
        untold = Lacking(run, writing).condition("r", mentioned, tests)
    except Unsupported:
        writing.parameters.clear()
        writing.parameters.update(before)
        return "true"
    return holds if untold is None else either(holds, untold)
