"""Which relations a find looks at, where entities are named in it: the steps of its chains, each from an end.

Each position of a question is an entity of some set, and each step of its chains joins two of them. Where one of the
two sets is known, all that the step leads to from there is known too, and no other relation of the step can make the
chain hold. So from the entities that are named on, each step is brought from whichever end is nearer to one of them.

What is asked of all that a step leads to (``only``, ``every``, counts of related things) is brought from the front.
What need not hold (inside ``not``, ``or``, counts, optional parts) says nothing of the entity that it is asked of, so
no step goes on from there because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from relgraph.engines.neo4j.cypher.comparisons import is_comparison
from relgraph.engines.neo4j.cypher.lacking import ALWAYS
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.network.execute.anchors import types_at
from relgraph.network.execute.names import counts_in, given, holds_more, needed, parts_of, remembered_beside
from relgraph.network.execute.parts import parted
from relgraph.query import ir
from relgraph.vocabulary.model import Vocabulary

_ANY_NUMBER: Final = 15
"""As so many hops a range without an end counts, where the nearer end is looked for."""
End = Literal["before", "after"]


@dataclass(eq=False, slots=True)
class Position:
    """Where an entity stands: the types it can be of (None: any), and who it is where that is said."""

    types: frozenset[str] | None = None
    members: tuple[ir.Member, ...] = ()


@dataclass(eq=False, slots=True)
class Edge:
    """A step between two positions.

    ``required``: of the entity before it nothing else can hold. ``all``: all that it leads to matters. ``told``:
    what it meets may lack a value that a test looks at there or further on.
    """

    step: ir.Step
    before: Position
    after: Position
    required: bool
    all: bool = False
    told: bool = False

    def end(self, end: End) -> Position:
        """Return one of the ends."""
        return self.before if end == "before" else self.after


@dataclass(frozen=True, slots=True)
class Leg:
    """An edge and the ends that it is brought from; with two, until both sides' hops add up to those of the step."""

    edge: Edge
    ends: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The legs of a find in their order.

    ``noting``: what tests meet is told, so a position is all that may be met there, not only what all chains allow.
    """

    legs: tuple[Leg, ...]
    positions: tuple[Position, ...]
    predicates: frozenset[str]
    noting: bool


@remembered_beside
def plan_of(find: ir.Find, vocabulary: Vocabulary) -> Plan:
    """Return how the relations that a find looks at are brought; Unsupported where that takes all of a predicate."""
    nodes = list(parts_of(find))
    for one in nodes:
        if isinstance(one, ir.Measure):
            raise Unsupported("a measure")
        if isinstance(one, ir.Attribute) and one.builtin and one.name == "degree":
            raise Unsupported("how many relations an entity takes part in")
    chains = _Chains(vocabulary)
    chains.find(find)
    if not chains.edges or not any(one.members for one in chains.positions):
        raise Unsupported("no entity that is named")
    anchors = sum(bool(one.members) for one in chains.positions)
    noting = any(one.told for one in chains.edges) or (anchors > 1 and _tells((find.found, find.test)))
    predicates = frozenset(name for one in nodes if isinstance(one, ir.Stored) for name in one.predicates)
    legs = tuple(_ordered(chains.edges, chains.positions, noting=noting))
    return Plan(legs, tuple(chains.positions), predicates, noting)


class _Chains:
    """Collects the positions of a find and the steps between them, those nearer to the found thing first."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.positions: list[Position] = []
        self.edges: list[Edge] = []
        self._named: dict[str, Position] = {}

    def find(self, find: ir.Find) -> None:
        """Take in a whole find."""
        root = self._position(find.found)
        self._named[find.variables[0].name] = root
        if find.found.inner is not None:
            self._test(root, find.found.inner, required=True)
        self._test(root, find.test, required=True)
        if _only_walked_back(find):
            for edge in self.edges:
                edge.told = False
        for one in counts_in((find.found, find.test, find.tail)):
            if one.of.name not in self._named:
                raise Unsupported("a count of what is related to a thing that is no entity of a chain")
            self._edge(one.step, self._named[one.of.name], Position(), required=False, every=True)

    def _position(self, pattern: ir.Pattern) -> Position:
        found = Position(types_at(pattern, self._vocabulary), pattern.members)
        self.positions.append(found)
        if pattern.name is not None:
            self._named[pattern.name] = found
        return found

    def _edge(self, step: ir.Step, before: Position, after: Position, *, required: bool, every: bool = False) -> Edge:
        if after not in self.positions:
            self.positions.append(after)
        edge = Edge(step, before, after, required, every, _tells(step))
        self.edges.append(edge)
        return edge

    def _test(self, at: Position, test: ir.Test, *, required: bool) -> bool:
        """Take in what a test looks at; return whether it may meet something missing."""
        match test:
            case ir.All(parts) | ir.AnyOf(parts):
                each = isinstance(test, ir.All) and required
                told = [self._test(at, one, required=each) for one in parts]
                return any(told)
            case ir.Not(part):
                return self._test(at, part, required=False)
            case ir.Chain(links):
                return self._links(at, links, required=required)
            case ir.Count(chain=chain) | ir.Optional(chain):
                return self._links(at, chain.links, required=False)
            case ir.Only(chain):
                return self._only(at, chain.links)
            case _:
                return _tells(test)

    def _links(self, at: Position, links: Sequence[ir.Link], *, required: bool) -> bool:
        if not links:
            return False
        link, rest = links[0], links[1:]
        match link.target:
            case ir.Pattern() as pattern:
                edge = self._edge(link.step, at, self._position(pattern), required=required)
                edge.told |= self._target(edge.after, pattern)
            case ir.Same():
                edge = self._edge(link.step, at, Position(), required=required)
            case ir.Every(pattern):
                if any(isinstance(one, ir.Link) for one in parts_of(pattern)):
                    raise Unsupported("every entity for which a chain holds")
                edge = self._edge(link.step, at, Position(), required=required, every=True)
                edge.told |= _tells(pattern)
        # whatever is reached has to go on
        edge.told |= self._links(edge.after, rest, required=True)
        return edge.told

    def _target(self, after: Position, pattern: ir.Pattern) -> bool:
        inner = pattern.inner is not None and self._test(after, pattern.inner, required=True)
        return inner or _tells(pattern.types)

    def _only(self, at: Position, links: Sequence[ir.Link]) -> bool:
        """Take in a chain whose first step is looked at with all that it leads to, whoever its target is."""
        link, rest = links[0], links[1:]
        edge = self._edge(link.step, at, Position(), required=False, every=True)
        if isinstance(link.target, ir.Pattern):
            if link.target.name is not None:
                self._named[link.target.name] = edge.after
            if link.target.inner is not None:
                edge.told |= self._test(edge.after, link.target.inner, required=False)
        edge.told |= _tells(link.target)
        edge.told |= self._links(edge.after, rest, required=False)
        return edge.told


def _only_walked_back(find: ir.Find) -> bool:
    """Return whether a find is one chain that is gone from its end, and there alone something may be missing."""
    parts = parted(find)
    chains = [one for one in (*parts.required, *parts.late, *parts.optional) if not is_comparison(one)]
    if find.found.members or len(chains) != 1 or counts_in((find.test, find.tail)):
        return False
    match chains[0]:
        case ir.Chain(links):
            named = [isinstance(one.target, ir.Pattern) and bool(one.target.members) for one in links]
            stays = any(one.step.hops.least == 0 or needed(one) for one in links)
            given_on = given(links) & parts.wanted
            return named == [False] * (len(links) - 1) + [True] and not (stays or holds_more(links) or given_on)
        case _:
            return False


def _tells(node: Any) -> bool:
    """Return whether a test in a part looks at a value that something may lack."""
    attributes = (one for one in parts_of(node) if isinstance(one, ir.Attribute))
    return any(not one.builtin or one.name not in ALWAYS for one in attributes)


def _ordered(edges: Iterable[Edge], positions: Iterable[Position], *, noting: bool) -> Iterator[Leg]:
    """Yield each edge from an end that is known by then, those nearest to an entity that is named first."""
    away = {one: 0 for one in positions if one.members}
    waiting = list(edges)
    forth: set[Edge] = set()
    while waiting:
        ready = [one for one in waiting if one.before in away or (one.after in away and not one.all)]
        if not ready:
            raise Unsupported("a chain with no entity that is named")
        edge = min(ready, key=lambda one: _distance(one, away))
        waiting.remove(edge)
        ends = _ends(edge, away, noting=noting)
        yield Leg(edge, ends)
        forth.update([edge] if "before" in ends else ())
        far = _distance(edge, away)
        if ends == ("before",):
            away[edge.after] = min(far, away.get(edge.after, far))
        elif ends == ("after",) and edge.required:
            away[edge.before] = min(far, away.get(edge.before, far))
    for edge in edges:
        if noting and edge.told:
            if edge.before not in away:
                raise Unsupported("a test of what is not near an entity that is named")
            # tests are asked of all that is met from the front as well
            yield Leg(edge, ("before",))


def _ends(edge: Edge, away: dict[Position, int], *, noting: bool) -> tuple[End, ...]:
    if edge.all or edge.after not in away:
        return ("before",)
    if edge.before not in away or noting:
        return ("after",)
    return ("before", "after")


def _distance(edge: Edge, away: dict[Position, int]) -> int:
    near = [away[edge.before]] if edge.before in away else []
    if edge.after in away and not edge.all:
        near.append(away[edge.after])
    return min(near) + _hops(edge.step)


def _hops(step: ir.Step) -> int:
    """Return how many relations a step goes along at most."""
    each = [sum(map(_hops, one.steps)) for one in step.alternatives if isinstance(one, ir.Composite)]
    most = _ANY_NUMBER if step.hops.most is None else step.hops.most
    return max([1, *each]) * most
