"""Paths and rings from what lies around their ends: relations brought level by level, as far as the hops go.

A path of n hops has each of its relations within some hops of its start or within the rest of them of its end. So the
two sides are brought breadth-first, the one that has fewer entities to go on from first, until their hops add up to n.
What lies further away is no part of any such path, and the code that lists paths finds the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from relgraph.engines.neo4j.cypher.comparisons import both
from relgraph.engines.neo4j.cypher.hops import Hops
from relgraph.engines.neo4j.cypher.ways import first_meeting, is_tested
from relgraph.engines.neo4j.cypher.writing import Unsupported, Writing
from relgraph.engines.neo4j.fetched import Fetched
from relgraph.engines.neo4j.names import quoted, relationship_type, token
from relgraph.engines.neo4j.network import Network
from relgraph.engines.neo4j.relations import types_of
from relgraph.model.records import RelationRow
from relgraph.network.arrays import Adjacency
from relgraph.network.execute.expressions import CONFIDENCE
from relgraph.network.execute.moves import turned
from relgraph.network.execute.names import parts_of, remembered
from relgraph.network.execute.run import Run
from relgraph.network.execute.table import Numbers64
from relgraph.network.rows import Mask
from relgraph.query import ir

MOST: Final = 100_000
"""So many relations are brought around the ends of one question; past that its predicates are read whole."""
WIDE: Final = 5_000
"""From so many entities one level goes on."""
FEW: Final = 10_000
"""Predicates that have so few relations together are read whole, and held for the next question."""


class Near(Fetched):
    """The network around the ends of paths: of the predicates of their step, the relations that are near enough."""

    def __init__(self, whole: Network, predicates: frozenset[str], run: Run) -> None:
        super().__init__(whole)
        self._predicates = predicates
        self._run = run

    def adjacency(self, predicate: str) -> Adjacency:
        """Return the relations of a predicate: near ones where paths go along it, otherwise all."""
        return super().adjacency(predicate) if predicate in self._predicates else self._whole.adjacency(predicate)

    def lacking(self, step: ir.Step, name: str) -> Numbers64:
        """Return the relations anywhere that a step could take and that have no value of a name."""
        found: list[int] = []
        for one in step.alternatives:
            if not isinstance(one, ir.Stored):
                continue
            kinds = [predicate for predicate in one.predicates if predicate in self.reader.used]
            if not kinds:
                continue
            declared = any(self.reader.vocabulary.predicates[kind].attribute(name) is not None for kind in kinds)
            held = quoted(name if name == CONFIDENCE and not declared else token(name))
            writing = Writing(self._run, self.reader.shapes.names, self.reader.used)
            conditions = both(f"r.{held} IS NULL", *writing.holds_on("r", one.when))
            text = f"MATCH ()-[r{types_of(kinds)}]->() WHERE {conditions} RETURN r._number"
            rows = self.reader.ask(text, writing.parameters, self._run.clock.left())
            found += [row[0] for row in rows]
        return np.unique(np.array(found, np.int64))


class Shown(Near):
    """A network of relations that the server has brought only where both ends may be stood on."""

    @property
    def live(self) -> Mask | None:
        """Which entities may be stood on: all that relations lead to."""
        return None


@dataclass(slots=True)
class Side:
    """What was met from one end: the entities that the next level goes on from, and all so far."""

    step: ir.Step
    frontier: list[int]
    seen: set[int] = field(default_factory=set)


def around(run: Run, query: ir.Paths | ir.Cycles) -> Near | None:
    """Return the network around the ends of paths or rings; None where predicates are to be read whole.

    That is where no end is named, the step is no stored predicate, all there is to read is little, or too much lies
    around the ends.
    """
    network = run.source
    most = query.step.hops.most
    if type(network) is not Network or network.reader.looks_back_to is not None or most is None:
        return None
    predicates = walked(query)
    if isinstance(query, ir.Paths) and query.mode == "strongest" and is_tested(query.step):
        # which relations lack what is preferred is told of those that pass the test only
        return None
    if predicates is None or not is_worthwhile(network, predicates):
        return None
    sides = sides_of(run, query)
    if not sides:
        return None
    near = Near(network, predicates, run)
    found: dict[int, RelationRow] = {}
    try:
        levels = _levels(run, query, sides, most)
        for side in levels:
            rows = _level(network, run, side)
            if rows is None:
                return None
            found.update({row.number: row for row in rows})
            if len(found) > MOST:
                return None
    except Unsupported:
        return None
    near.take(found.values())
    return near


def sides_of(run: Run, query: ir.Paths | ir.Cycles) -> list[Side]:
    """Return the ends that are named, and how paths lead on from them."""
    starts, goals = _ends(run, query)
    step = replace(query.step, alternatives=tuple(map(_untested, query.step.alternatives)), order=(), name=None)
    found = []
    if starts is not None:
        found.append(Side(step, starts, set(starts)))
    if goals is not None:
        found.append(Side(turned(step), goals, set(goals)))
    return found


def _levels(run: Run, query: ir.Paths | ir.Cycles, sides: Sequence[Side], most: int) -> Iterator[Side]:
    """Yield the side that goes on next, until the levels are as many as there are hops."""
    pair = len(sides) == 2 and len(sides[0].seen) == len(sides[1].seen) == 1
    # a test that is still to be asked may keep those apart who meet
    meets = pair and first_meeting(query) and not is_tested(query.step) and sides[0].seen.isdisjoint(sides[1].seen)
    for _ in range(most):
        run.tick()
        side = min(sides, key=lambda one: len(one.frontier))
        if not side.frontier:
            # all that can be reached from this end is there
            return
        yield side
        if meets and not sides[0].seen.isdisjoint(sides[1].seen):
            return


def _level(network: Network, run: Run, side: Side) -> list[RelationRow] | None:
    """Return the relations that a side takes next, and note whom they reach; None where those are too many."""
    if len(side.frontier) > WIDE:
        return None
    reader = network.reader
    text, parameters = level_text(network, run, side.step)
    given = {**parameters, "list": side.frontier, "most": MOST + 1}
    rows = reader.ask(text, given, run.clock.left())
    if len(rows) > MOST:
        return None
    found = []
    reached: dict[int, None] = {}
    for kind, subject, obj, held, other in rows:
        row = reader.relation_of(kind, subject, obj, held)
        if row is not None:
            found.append(row)
            if other not in side.seen:
                reached[other] = None
    side.seen.update(reached)
    side.frontier = [*reached]
    return found


def level_text(network: Network, run: Run, step: ir.Step) -> tuple[str, dict[str, Any]]:
    """Return the statement that goes on by a step from the entities ``$list``, and its other parameters."""
    writing = Writing(run, network.reader.shapes.names, network.reader.used)
    hop = Hops(writing, _no_test).hop(step, "x", "r")
    conditions = both(*hop.conditions, "y._state IS NULL")
    return (
        f"UNWIND $list AS i MATCH (x:Entity {{_number: i}}){hop.arrow}(y:Entity) WHERE {conditions}"
        " RETURN type(r), startNode(r)._number, endNode(r)._number, properties(r), y._number LIMIT $most"
    ), writing.parameters


def _no_test(test: ir.Test, _: object) -> str:
    raise TypeError(f"{type(test).__name__}: tests are asked of what was brought")


def _untested(one: ir.Alternative) -> ir.Alternative:
    return replace(one, test=None) if isinstance(one, ir.Stored) else one


@remembered
def walked(query: ir.Paths | ir.Cycles | ir.Relations) -> frozenset[str] | None:
    """Return the predicates that a question goes along, None where something else of it needs all of one."""
    alternatives = query.alternatives if isinstance(query, ir.Relations) else query.step.alternatives
    if not all(isinstance(one, ir.Stored) for one in alternatives):
        return None
    found = frozenset(name for one in alternatives if isinstance(one, ir.Stored) for name in one.predicates)
    beside: tuple[object, ...]
    match query:
        case ir.Paths():
            beside = query.start, query.goal, query.through, query.avoiding
        case ir.Cycles():
            beside = query.through, query.avoiding
        case ir.Relations():
            beside = query.source, query.target, query.ends, query.test
    for one in parts_of((*beside, query.tail)):
        if isinstance(one, ir.Measure) or (isinstance(one, ir.Stored) and not found.isdisjoint(one.predicates)):
            return None
    return found


def is_worthwhile(network: Network, predicates: frozenset[str]) -> bool:
    """Return whether predicates have so many relations, and are not held, that some are better brought than all."""
    reader = network.reader
    kinds = sorted(predicates & reader.used)
    if not kinds or all(network.held.get(one, reader.moment) is not None for one in kinds):
        return False
    named = "|".join(quoted(relationship_type(one)) for one in kinds)
    rows = reader.run(f"MATCH ()-[r:{named}]->() RETURN count(r)", {})
    return int(rows[0][0]) > FEW


def _ends(run: Run, query: ir.Paths | ir.Cycles) -> tuple[list[int] | None, list[int] | None]:
    """Return the entities that paths start from and lead to, None where they are not named."""
    if isinstance(query, ir.Paths):
        return _named(run, query.start), _named(run, query.goal)
    passed = [found for one in query.through if (found := _named(run, one)) is not None]
    if not passed:
        return None, None
    least = min(passed, key=len)
    return least, list(least)


def _named(run: Run, pattern: ir.Pattern) -> list[int] | None:
    return run.numbers_of(pattern.members).tolist() if pattern.members else None
