"""Finds from what lies along their chains: relations brought a step at a time from the entities that are named.

The code that answers on the embedded store then looks at these alone, and gives the same rows and the same notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from relgraph.engines.neo4j.chains import Edge, End, Plan, Position, plan_of
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.engines.neo4j.near import MOST, WIDE, Shown, is_worthwhile, level_text
from relgraph.engines.neo4j.network import CAPTION, Network
from relgraph.model.records import RelationRow
from relgraph.network.arrays import Adjacency, combined
from relgraph.network.execute.moves import turned
from relgraph.network.execute.run import Run
from relgraph.query import ir


class Along(Shown):
    """The network of a find: of relations those that its chains may go along."""

    def every(self) -> Adjacency:
        """Return the relations of all predicates together that have been brought."""
        parts = [(name, self.adjacency(name)) for name in self.reader.vocabulary.predicates]
        return combined([(name, arrays) for name, arrays in parts if len(arrays)])

    def know(self, numbers: Iterable[int]) -> None:
        """Read what entities are told apart and put in order by, where it is not at hand."""
        missing = [one for one in numbers if one not in self._told]
        for number, (labels, held) in self._cells(missing, CAPTION).items():
            self.tell(number, labels, held, frozenset(CAPTION))


@dataclass(slots=True)
class _Side:
    """What was met from one end: the step on from there, what the next level goes on from, and all so far."""

    step: ir.Step
    frontier: list[int]
    seen: set[int] = field(default_factory=set)
    reached: dict[int, None] = field(default_factory=dict)


def along(run: Run, find: ir.Find) -> Along | None:
    """Return the network along the chains of a find; None where its predicates are to be read whole.

    That is where no chain leads from or to an entity that is named, all there is to read is little, or too much lies
    along the chains.
    """
    network = run.source
    if type(network) is not Network or network.reader.looks_back_to is not None:
        return None
    try:
        plan = plan_of(find, run.vocabulary)
        if not is_worthwhile(network, plan.predicates):
            return None
        return _Bringing(run, network, plan).all(find)
    except Unsupported:
        return None


def texts(run: Run, network: Network, find: ir.Find) -> Iterator[str]:
    """Yield the statement of a level of each step; Unsupported where predicates are to be read whole."""
    plan = plan_of(find, run.vocabulary)
    if not is_worthwhile(network, plan.predicates):
        raise Unsupported("few relations, or such as are in memory")
    for leg in plan.legs:
        for end in leg.ends:
            yield from _step_texts(run, network, _onward(leg.edge, end))


def _step_texts(run: Run, network: Network, step: ir.Step) -> Iterator[str]:
    plain = _stored(step)
    if plain is not None:
        yield level_text(network, run, plain)[0]
    for one in step.alternatives:
        if isinstance(one, ir.Composite):
            for inner in one.steps:
                yield from _step_texts(run, network, inner)


def _onward(edge: Edge, end: End) -> ir.Step:
    return edge.step if end == "before" else turned(edge.step)


def _stored(step: ir.Step) -> ir.Step | None:
    """Return one hop of a step over its stored predicates, whatever is tested of relations."""
    found = tuple(replace(one, test=None) for one in step.alternatives if isinstance(one, ir.Stored))
    return replace(step, alternatives=found, order=(), name=None) if found else None


class _Bringing:
    """Brings the relations of one find, leg by leg."""

    def __init__(self, run: Run, network: Network, plan: Plan) -> None:
        self._run = run
        self._network = network
        self._plan = plan
        self._near = Along(network, plan.predicates, run)
        self._found: dict[int, RelationRow] = {}
        self._at = {one: set(run.numbers_of(one.members).tolist()) for one in plan.positions if one.members}
        self._gone: dict[tuple[Edge, End], set[int]] = {}
        self._texts: dict[int, tuple[ir.Step, str, dict[str, object]]] = {}

    def all(self, find: ir.Find) -> Along:
        """Return the network of all legs."""
        for leg in self._plan.legs:
            before = len(self._found)
            self._leg(leg.edge, leg.ends)
            self._run.took("server", "relations along a chain", before, len(self._found))
        self._near.take(self._found.values())
        if any(one.sort == "route" for one in find.variables):
            # routes are put in order by who is on them
            self._near.know({end for row in self._found.values() for end in (row.subject, row.object)})
        return self._near

    def _leg(self, edge: Edge, ends: Sequence[End]) -> None:
        sides = []
        for end in ends:
            gone = self._gone.setdefault((edge, end), set())
            starts = self._at[edge.end(end)] - gone
            gone |= starts
            sides.append(_Side(_onward(edge, end), sorted(starts), set(starts)))
        self._range(sides)
        if len(ends) > 1:
            # what either leads to is bounded by the other
            return
        (end,), (side,) = ends, sides
        reached = {*side.reached, *(gone if edge.step.hops.least == 0 else ())}
        if end == "before":
            self._arrive(edge.after, reached)
        elif edge.required:
            self._arrive(edge.before, reached)

    def _arrive(self, position: Position, reached: set[int]) -> None:
        """Take down which entities may be at a position."""
        if position.types is not None and reached:
            self._near.know(reached)
            numbers = np.array(sorted(reached), np.int64)
            reached = set(numbers[self._near.fits(numbers, position.types)].tolist())
        known = self._at.get(position)
        if known is None:
            self._at[position] = reached
        elif self._plan.noting:
            known |= reached
        else:
            known &= reached

    def _range(self, sides: Sequence[_Side]) -> None:
        """Bring a step from its sides, until their levels are as many as it has hops."""
        most = sides[0].step.hops.most
        levels = 0
        while most is None or levels < most:
            self._run.tick()
            side = min(sides, key=lambda one: len(one.frontier))
            if not side.frontier:
                # all that can be reached from this end is there
                return
            met = self._hop(side.step, side.frontier)
            side.reached.update(met)
            side.frontier = [one for one in met if one not in side.seen]
            side.seen.update(met)
            levels += 1

    def _hop(self, step: ir.Step, starts: Sequence[int]) -> dict[int, None]:
        """Bring one hop of a step from some entities; return those that it leads to."""
        met: dict[int, None] = {}
        plain = _stored(step)
        if plain is not None:
            met.update(self._level(step, plain, starts))
        for one in step.alternatives:
            if isinstance(one, ir.Composite):
                at = [*starts]
                for inner in one.steps:
                    side = _Side(inner, at, set(at))
                    self._range([side])
                    at = [*dict.fromkeys([*side.reached, *(at if inner.hops.least == 0 else ())])]
                met.update(dict.fromkeys(at))
        return met

    def _level(self, step: ir.Step, plain: ir.Step, starts: Sequence[int]) -> dict[int, None]:
        if len(starts) > WIDE:
            raise Unsupported("many entities to go on from")
        network, reader = self._network, self._network.reader
        if id(step) not in self._texts:
            self._texts[id(step)] = (step, *level_text(network, self._run, plain))
        _, text, parameters = self._texts[id(step)]
        rows = reader.ask(text, {**parameters, "list": [*starts], "most": MOST + 1}, self._run.clock.left())
        if len(rows) > MOST:
            raise Unsupported("many relations along the chains")
        met: dict[int, None] = {}
        for kind, subject, obj, held, other in rows:
            row = reader.relation_of(kind, subject, obj, held)
            if row is not None:
                self._found[row.number] = row
                met[other] = None
        if len(self._found) > MOST:
            raise Unsupported("many relations along the chains")
        return met
