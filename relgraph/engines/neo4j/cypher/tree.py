"""The positions of what a question requires, as a tree from the found thing: each is reached by a step from another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relgraph.engines.neo4j.cypher.conditions import Conditions, Types
from relgraph.engines.neo4j.cypher.hops import composite
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.query import ir


@dataclass(eq=False, slots=True)
class Position:
    """One position: its variable, what may stand there, and how it is reached.

    ``way``: what a chain from here must avoid, this included at its end. ``apart``: what this must differ from.
    ``chain``: what is said from ``parent`` on, this position included, as a test. ``relation``: the variable of the
    relation that leads here, where it is wanted.
    """

    var: str
    types: Types
    pattern: ir.Pattern | None = None
    parent: Position | None = None
    step: ir.Step | None = None
    relation: str | None = None
    way: tuple[Position, ...] = ()
    apart: tuple[Position, ...] = ()
    chain: ir.Chain | None = None
    children: list[Position] = field(default_factory=list)
    tests: list[ir.Test] = field(default_factory=list)
    closings: list[tuple[ir.Link, str]] = field(default_factory=list)

    def within(self) -> Iterator[Position]:
        """Yield this position and all below it."""
        yield self
        for one in self.children:
            yield from one.within()

    @property
    def is_range(self) -> bool:
        """Whether a range of hops leads here."""
        return self.step is not None and self.step.hops != ir.ONE_HOP


class Growing:
    """Makes the tree of one question, names included."""

    def __init__(self, writing: Writing, conditions: Conditions, wanted: frozenset[str]) -> None:
        self._writing = writing
        self._conditions = conditions
        self._wanted = wanted

    def root(self, pattern: ir.Pattern, name: str | None) -> Position:
        """Return the position of the found thing."""
        found = Position(self._writing.fresh("e"), self._conditions.types(pattern), pattern)
        found.way = (found,)
        self._named(name, found.var)
        return found

    def _named(self, name: str | None, var: str) -> None:
        if name is not None:
            self._writing.things[name] = Thing(var, "entity")

    def grow(self, at: Position, test: ir.Test) -> None:
        """Add what a test requires at a position."""
        match test:
            case ir.All(parts):
                for part in parts:
                    self.grow(at, part)
            case ir.Chain(links):
                self._links(at, links)
            case _:
                at.tests.append(test)

    def _links(self, at: Position, links: tuple[ir.Link, ...]) -> None:
        link = links[0]
        match link.target:
            case ir.Same():
                name = link.step.name
                if name is not None and name in self._wanted and not link.step.is_route:
                    relation = self._relation(link.step)
                    at.closings.append((link, relation or ""))
                else:
                    at.tests.append(ir.Chain((link,)))
            case ir.Every():
                at.tests.append(ir.Chain((link,)))
            case ir.Pattern() as pattern:
                end = self._reached(at, link.step, pattern, ir.Chain(links))
                if pattern.inner is not None:
                    self.grow(end, pattern.inner)
                if len(links) > 1:
                    self._links(end, links[1:])

    def _relation(self, step: ir.Step) -> str | None:
        if step.name is None or step.name not in self._wanted:
            return None
        if step.is_route:
            raise Unsupported("a range of hops that is named")
        var = self._writing.fresh("r")
        self._writing.things[step.name] = Thing(var, "relation")
        return var

    def _reached(self, at: Position, step: ir.Step, pattern: ir.Pattern, chain: ir.Chain) -> Position:
        relation = self._relation(step)
        end = Position(self._writing.fresh("e"), self._conditions.types(pattern), pattern)
        passed = self._through(at, step, end)
        end.relation = relation
        end.way = (*at.way, end)
        end.apart = (*(one for one in at.way if one is not at), *passed)
        first = end
        while first.parent is not None and first.parent is not at:
            first = first.parent
        first.chain = chain
        self._named(pattern.name if pattern.name in self._wanted else None, end.var)
        return end

    def _through(self, at: Position, step: ir.Step, end: Position) -> tuple[Position, ...]:
        """Put an end behind a position, by a step that a derived predicate makes several; return what lies before."""
        derived = composite(step)
        if derived is None:
            end.parent, end.step = at, step
            at.children.append(end)
            return (at,)
        passed: tuple[Position, ...] = (at,)
        for index, inner in enumerate(derived.steps):
            if index == len(derived.steps) - 1:
                before = self._through(passed[-1], inner, end)
                return (*passed, *(one for one in before if one not in passed))
            middle = Position(self._writing.fresh("e"), None)
            before = self._through(passed[-1], inner, middle)
            middle.apart = (*passed, *(one for one in before if one not in passed))
            middle.way = (middle,)
            passed = (*passed, middle)
        raise Unsupported("a derived predicate of no step")
