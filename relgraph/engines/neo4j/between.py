"""The shortest paths between two entities: the server finds the relations they go along, or how many hops they have.

The server gives ways in no order. So it brings the relations of all shortest ways, and the code that lists paths puts
the same ones in the order of the language; where nothing is told of a path but its hops, any of them says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from relgraph.engines.neo4j.asked import rows_of, tell
from relgraph.engines.neo4j.cypher.ways import MOST, HasAll, Ways, first_meeting, ways
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.engines.neo4j.names import quoted, relationship_type, token
from relgraph.engines.neo4j.near import Shown, walked
from relgraph.engines.neo4j.network import Network
from relgraph.model.records import RelationRow
from relgraph.network.execute.listed import Listed
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import Solver
from relgraph.network.execute.table import Route, Routes, Table
from relgraph.network.execute.tail import Answer, Tail
from relgraph.query import ir

if TYPE_CHECKING:
    from relgraph.engines.neo4j.questions import AskedReader


def between(run: Run, query: ir.Paths) -> Answer | None:
    """Return the answer of a question for the shortest paths between two entities that are named.

    None where it asks for more, or where there are too many ways.
    """
    network = run.source
    if type(network) is not Network or network.reader.looks_back_to is not None or not first_meeting(query):
        return None
    predicates = walked(query)
    if predicates is None:
        return None
    reader = network.reader

    def write() -> Ways:
        hidden, shapes = reader.seen.hidden, reader.shapes

        def make() -> Ways:
            return ways(run, shapes.names, reader.used, query, has_all=has_all(run, reader), hidden=hidden)

        found: Ways = shapes.statements.get(run, reader.used, query, hidden, make)
        return found

    try:
        statement, rows = rows_of(run, reader, write)
    except Unsupported:
        return None
    tell(run, reader, write, len(rows))
    if not rows:
        return _told(run, query, [])
    if statement.counted:
        return _told(run, query, [Route((), ((),) * int(rows[0][0]))])
    if rows[0][0] > MOST:
        return None
    near = Shown(network, predicates, run)
    relations = list(_brought(near, rows))
    near.take(relations)
    if len(relations) < len(rows):
        # another program's relation is on the way: the code that lists paths goes around it
        return None
    if rows[0][0] == 1:
        return _told(run.within(query.time, near), query, [_only(run, query, relations)])
    own = run.within(query.time, near)
    listed = Listed(own, query)
    return Tail(own, listed.solver, query.tail, listed.over, listed=True).answer()


def has_all(run: Run, reader: AskedReader) -> HasAll:
    """Return what says whether all relations of a predicate have an attribute that is required.

    Asked once under each vocabulary: from then on no relation is told without it.
    """

    def asked(predicate: str, attribute: str) -> bool:
        known = reader.shapes.complete
        if (predicate, attribute) not in known:
            lacking = (
                f"MATCH ()-[r:{quoted(relationship_type(predicate))}]->() WHERE r.{quoted(token(attribute))} IS NULL"
            )
            known[predicate, attribute] = not reader.ask(f"{lacking} RETURN 1 LIMIT 1", {}, run.clock.left())
        return known[predicate, attribute]

    return asked


def _told(run: Run, query: ir.Paths, routes: Sequence[Route]) -> Answer:
    """Return the answer where its paths are known."""
    column = Routes(np.arange(len(routes)), routes)
    table = Table(len(routes), {query.variables[0].name: column})
    run.took("list", query.step, None, len(routes))

    def over(names: Iterable[str]) -> Table:
        return table.only(names)

    return Tail(run, Solver(run), query.tail, over, listed=True).answer()


def _brought(near: Shown, rows: Sequence[Sequence[Any]]) -> Iterable[RelationRow]:
    """Yield the relations of some rows, and keep what they tell of entities."""
    reader = near.reader
    told: set[int] = set()
    for _, kind, subject, obj, held, *ends in rows:
        for number, labels, properties in ((subject, *ends[:2]), (obj, *ends[2:])):
            if number is not None and number not in told:
                told.add(number)
                near.tell(number, labels, properties, None)
                reader.told(labels, properties)
        row = reader.relation_of(kind, subject, obj, held)
        if row is not None:
            yield row


def _only(run: Run, query: ir.Paths, relations: Sequence[RelationRow]) -> Route:
    """Return the path that some relations are, which touch each entity on it twice and its ends once."""
    at = int(run.numbers_of(query.start.members)[0])
    entities, hops = [at], []
    left = list(relations)
    while left:
        row = next(one for one in left if at in {one.subject, one.object})
        left.remove(row)
        at = row.object if row.subject == at else row.subject
        entities.append(at)
        hops.append((row.number,))
    return Route(tuple(entities), tuple(hops))
