"""Tests as conditions on entities that are there: with subqueries of single hops, and membership in sets.

A subquery is for single hops only: around a range of hops it would be walked anew for every row. What a range leads to
from an entity that is named is worked out once, as a set before the main statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relgraph.engines.neo4j.cypher.comparisons import Comparisons, both, either, is_comparison, neither
from relgraph.engines.neo4j.cypher.hops import Hops, composite, is_range
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import label, quoted
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.names import needed
from relgraph.query import ir
from relgraph.vocabulary.model import ENTITY

Types = frozenset[str] | None
_SIGN: Final = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Spot:
    """An entity on the way: its variable, and the types that it can be of (None: any)."""

    var: str
    types: Types


Way = tuple[Spot, ...]
"""The entities that what is reached next must differ from; the last one is under test."""


def may_meet(one: Types, other: Types) -> bool:
    """Return whether two positions could hold the same entity."""
    return one is None or other is None or not one.isdisjoint(other)


class Conditions:
    """Writes the tests of one statement."""

    def __init__(self, writing: Writing, anchors: Anchors, set_of: Callable[[ir.Chain], str]) -> None:
        self._writing = writing
        self._anchors = anchors
        self._set_of = set_of
        self.comparisons = Comparisons(writing)
        self.hops = Hops(writing, self._of_relation)

    def _of_relation(self, test: ir.Test, relation: Thing) -> str:
        return self.compared(test, relation)

    def compared(self, test: ir.Test, this: Thing) -> str:
        """Return a test of comparisons as a condition."""
        match test:
            case ir.All(parts):
                return both(*(self.compared(one, this) for one in parts))
            case ir.AnyOf(parts):
                return either(*(self.compared(one, this) for one in parts))
            case ir.Not(part):
                return neither(self.compared(part, this))
            case ir.Compare() | ir.OneOf() | ir.Between() | ir.Present() | ir.TextTest() | ir.HasTag():
                return self.comparisons.condition(test, this)
            case _:
                raise Unsupported(f"{type(test).__name__} where comparisons stand")

    def types(self, target: ir.Target) -> Types:
        """Return the types that can stand at a position."""
        return self._anchors.types(target)

    def types_of(self, test: ir.Test) -> Types:
        """Return the types that can stand at any position inside a test."""
        if is_comparison(test):
            return frozenset()
        anything = ir.Link(ir.Step(()), ir.Pattern(types=(), inner=test))
        return self._anchors.types_within((anything,))

    def fits(self, pattern: ir.Pattern, var: str) -> str:
        """Return the condition that an entity may stand at a position; its inner test is left out."""
        conditions = []
        if pattern.members:
            conditions.append(self._writing.anchored(var, pattern.members))
        if all(one.test is None for one in pattern.types):
            if all(one.type != ENTITY for one in pattern.types):
                conditions.append(f"{var}:{'|'.join(quoted(label(one.type)) for one in pattern.types)}")
            return both(*conditions)
        return both(*conditions, either(*(self._of_type(one, var) for one in pattern.types)))

    def _of_type(self, one: ir.TypeTest, var: str) -> str:
        of = "true" if one.type == ENTITY else f"{var}:{quoted(label(one.type))}"
        return of if one.test is None else both(of, self.compared(one.test, Thing(var, "entity")))

    # -- tests -------------------------------------------------------------------------------------------------------

    def condition(self, test: ir.Test, way: Way) -> str:
        """Return a test of the last entity of a way as a condition."""
        if is_comparison(test):
            return self.compared(test, Thing(way[-1].var, "entity"))
        match test:
            case ir.All(parts):
                return both(*(self.condition(one, way) for one in parts))
            case ir.AnyOf(parts):
                return either(*(self.condition(one, way) for one in parts))
            case ir.Not(part):
                return neither(self.condition(part, way))
            case ir.Chain(links):
                return self._chain(links, way)
            case ir.Only(chain):
                return self._only(chain, way)
            case ir.Count(operator, number, chain, relations):
                return self._count(operator, number, chain, way, relations=relations)
            case _:
                raise Unsupported(f"{type(test).__name__} inside a test")

    def _chain(self, links: tuple[ir.Link, ...], way: Way) -> str:
        if any(is_range(link.step) for link in links):
            return self._member(ir.Chain(links), way)
        if len(links) > 1 and self._could_be_set(ir.Chain(links), way):
            return self._member(ir.Chain(links), way)
        patterns, conditions = self._path(links, way)
        return exists(patterns, conditions) if patterns else both(*conditions)

    def _path(self, links: Sequence[ir.Link], way: Way) -> tuple[list[str], list[str]]:
        """Return single hops along links from the last entity of a way, and the conditions on them."""
        patterns, conditions = list[str](), list[str]()
        for link in links:
            if isinstance(link.target, ir.Every):
                conditions.append(self._every(link.step, link.target.pattern, way))
                break
            hops, found, spot = self._arrive(link.step, link.target, way)
            patterns += hops
            conditions += found
            if isinstance(link.target, ir.Same):
                break
            way = (*way, spot)
            if link.target.inner is not None:
                conditions.append(self.condition(link.target.inner, way))
        return patterns, conditions

    def _arrive(
        self, step: ir.Step, target: ir.Pattern | ir.Same, way: Way, relation: str | None = None
    ) -> tuple[list[str], list[str], Spot]:
        """Return the hops of one link, the conditions, and the entity that it reaches."""
        if isinstance(target, ir.Same):
            thing = self._writing.thing(ir.Ref(target.name, "entity"), None)
            spot = Spot(thing.var, None)
            hops, conditions = self._hops(step, way[-1], spot, relation)
            return hops, [*conditions, f"{spot.var} <> {way[-1].var}"], spot
        spot = Spot(self._writing.fresh("e"), self._anchors.types(target))
        hops, conditions = self._hops(step, way[-1], spot, relation)
        if target.members:
            # found by an index, which is of this label: else every neighbor is looked at
            conditions.append(f"{spot.var}:Entity")
        conditions.append(self._writing.live(spot.var))
        fits = self.fits(target, spot.var)
        conditions += [fits] if fits != "true" else []
        conditions += [f"{spot.var} <> {one.var}" for one in way if may_meet(one.types, spot.types)]
        return hops, conditions, spot

    def _hops(self, step: ir.Step, left: Spot, right: Spot, relation: str | None = None) -> tuple[list[str], list[str]]:
        """Return one hop of a step, which a derived predicate makes several.

        Each is matched by itself: one relation may well serve two of them.
        """
        derived = composite(step)
        if derived is None:
            if step.hops != ir.ONE_HOP:
                raise Unsupported("a range of hops inside a test")
            hop = self.hops.hop(step, left.var, relation or self._writing.fresh("r"))
            return [f"({left.var}){hop.arrow}({right.var})"], list(hop.conditions)
        patterns, conditions, passed = list[str](), list[str](), [left]
        for index, inner in enumerate(derived.steps):
            last = index == len(derived.steps) - 1
            spot = right if last else Spot(self._writing.fresh("e"), None)
            hops, found = self._hops(inner, passed[-1], spot)
            patterns += hops
            conditions += found
            if not last:
                conditions.append(self._writing.live(spot.var))
            conditions += [f"{spot.var} <> {one.var}" for one in passed]
            passed.append(spot)
        return patterns, conditions

    # -- sets --------------------------------------------------------------------------------------------------------

    def _could_be_set(self, chain: ir.Chain, way: Way) -> bool:
        last = chain.links[-1].target
        if needed(chain) or not isinstance(last, ir.Pattern) or not (last.members or last.inner):
            return False
        types = self.types_of(chain)
        return anchored(chain) and not any(may_meet(one.types, types) for one in way[:-1])

    def _member(self, chain: ir.Chain, way: Way) -> str:
        if not self._could_be_set(chain, way):
            raise Unsupported("a range of hops inside a test, without an entity that is named at its far end")
        return f"{way[-1].var} IN {self._set_of(chain)}"

    # -- counts and the like -----------------------------------------------------------------------------------------

    def _count(
        self, operator: ir.Operator, number: int | ir.Parameter, chain: ir.Chain, way: Way, *, relations: bool
    ) -> str:
        wanted = self._writing.run.parameter(number) if isinstance(number, ir.Parameter) else number
        link, rest = chain.links[0], chain.links[1:]
        if is_range(link.step) or isinstance(link.target, ir.Every):
            raise Unsupported("a count over a range of hops")
        if relations and (composite(link.step) is not None):
            raise Unsupported("the relations of a derived predicate counted")
        relation = self._writing.fresh("r") if relations else None
        hops, conditions, spot = self._arrive(link.step, link.target, way, relation)
        if isinstance(link.target, ir.Pattern):
            reached = (*way, spot)
            if link.target.inner is not None:
                conditions.append(self.condition(link.target.inner, reached))
            if rest:
                conditions.append(self._chain(rest, reached))
        return (
            f"COUNT {{ {matched(hops, conditions)} RETURN DISTINCT {relation or spot.var} }}"
            f" {_SIGN[operator]} {self._writing.value(wanted)}"
        )

    def _only(self, chain: ir.Chain, way: Way) -> str:
        link, rest = chain.links[0], chain.links[1:]
        if is_range(link.step):
            raise Unsupported("only over a range of hops")
        hops, conditions, spot = self._arrive(link.step, ir.Pattern(), way)
        reached = (*way, spot)
        good: list[str] = []
        match link.target:
            case ir.Same(name):
                good.append(f"{spot.var} = {self._writing.thing(ir.Ref(name, 'entity'), None).var}")
            case ir.Pattern() as pattern:
                reached = (*way, replace(spot, types=self._anchors.types(pattern)))
                good.append(self.fits(pattern, spot.var))
                if pattern.inner is not None:
                    good.append(self.condition(pattern.inner, reached))
            case ir.Every():
                raise Unsupported("only and every together")
        if rest:
            good.append(self._chain(rest, reached))
        bad = neither(both(*good))
        return f"({exists(hops, conditions)} AND NOT {exists(hops, [*conditions, bad])})"

    def _every(self, step: ir.Step, pattern: ir.Pattern, way: Way) -> str:
        if is_range(step):
            raise Unsupported("every over a range of hops")
        spot = Spot(self._writing.fresh("e"), self._anchors.types(pattern))
        conditions = [self._writing.live(spot.var), self.fits(pattern, spot.var)]
        conditions += [f"{spot.var} <> {one.var}" for one in way]
        if pattern.inner is not None:
            conditions.append(self.condition(pattern.inner, (*way, spot)))
        hops, found = self._hops(step, way[-1], spot)
        lacking = f"NOT {exists(hops, found)}"
        return f"NOT {exists([f'({spot.var}:Entity)'], [*conditions, lacking])}"


def matched(patterns: Sequence[str], conditions: Sequence[str]) -> str:
    """Return patterns as clauses, each by itself, with the conditions on all of them."""
    where = both(*conditions)
    return " ".join(f"MATCH {one}" for one in patterns) + ("" if where == "true" else f" WHERE {where}")


def exists(patterns: Sequence[str], conditions: Sequence[str]) -> str:
    """Return that there is something that matches patterns and conditions."""
    return f"EXISTS {{ {matched(patterns, conditions)} }}"


def anchored(test: ir.Test) -> bool:
    """Return whether a required chain of a test ends at entities that are named."""
    match test:
        case ir.All(parts):
            return any(map(anchored, parts))
        case ir.Chain(links):
            last = links[-1].target
            return isinstance(last, ir.Pattern) and (
                bool(last.members) or (last.inner is not None and anchored(last.inner))
            )
        case _:
            return False
