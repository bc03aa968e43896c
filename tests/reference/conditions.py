"""Whether tests hold, in which ways, and what their names then stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from relgraph.query import ir
from relgraph.vocabulary.model import ENTITY
from tests.reference.comparing import compare_plain
from tests.reference.forms import flat, given, needed
from tests.reference.steps import Steps
from tests.reference.world import E, Row


class Conditions(Steps):
    """Tests of entities: every row that makes them hold is made."""

    def holds(self, test: ir.Test, this: Any, way: tuple[str, ...], row: Row) -> bool:
        return next(iter(self.solutions(test, this, way, row)), None) is not None

    def solutions(self, test: ir.Test, this: Any, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        """Yield the row with the names that a test gives, once for each way in which it holds."""
        match test:
            case ir.All():
                yield from self.every_part(list(flat(test)), this, way, row)
            case ir.AnyOf(parts):
                if any(self.holds(part, this, way, row) for part in parts):
                    yield row
            case ir.Not(part):
                if not self.holds(part, this, way, row):
                    yield row
            case ir.Chain(links):
                yield from self.chain(links, this, way, row)
            case ir.Optional(chain):
                found = list(self.chain(chain.links, this, way, row))
                missing = dict.fromkeys(given(chain))
                yield from found or [{**row, **missing}]
            case ir.Only(chain):
                if self.only(chain, this, way, row):
                    yield row
            case ir.Count(operator, number, chain, relations):
                wanted = self.world.parameters[number] if isinstance(number, ir.Parameter) else number
                if compare_plain(operator, self.count(chain, this, way, row, relations=relations), wanted):
                    yield row
            case _:
                if self.comparison(test, this, row):
                    yield row

    def every_part(self, parts: list[ir.Test], this: Any, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        if not parts:
            yield row
            return
        ready = [one for one in parts if needed(one) <= row.keys()]
        # optional parts come when nothing else can
        part = min(ready, key=lambda one: isinstance(one, ir.Optional))
        rest = [one for one in parts if one is not part]
        for found in self.solutions(part, this, way, row):
            yield from self.every_part(rest, this, way, found)

    def chain(self, links: Sequence[ir.Link], this: str, way: tuple[str, ...], row: Row) -> Iterator[Row]:
        if not links:
            yield row
            return
        link, rest = links[0], links[1:]
        if isinstance(link.target, ir.Every):
            if self.reaches_every(link.step, link.target.pattern, this, way, row):
                yield row
            return
        for other, named in self.steps(link.step, this, row):
            after = row if link.step.name is None else {**row, link.step.name: named}
            stayed = link.step.hops.least == 0 and other == this
            for found in self.arrive(link.target, other, way, after, stayed=stayed):
                yield from self.chain(rest, other, (*way, other), found)

    def arrive(self, target: ir.Target, other: str, way: tuple[str, ...], row: Row, *, stayed: bool) -> Iterator[Row]:
        match target:
            case ir.Same(name):
                if row[name] == E(other):
                    yield row
            case ir.Pattern():
                if (other in way and not stayed) or not self.fits(target, other, row):
                    return
                if target.name is not None:
                    row = {**row, target.name: E(other)}
                if target.inner is None:
                    yield row
                else:
                    yield from self.solutions(target.inner, other, (*way, other), row)

    def reaches_every(self, step: ir.Step, pattern: ir.Pattern, this: str, way: tuple[str, ...], row: Row) -> bool:
        reached = {other for other, _ in self.steps(step, this, row)}
        for thing in self.world.things:
            if thing.id in way or not self.fits(pattern, thing.id, row):
                continue
            if pattern.inner is not None and not self.holds(pattern.inner, thing.id, (*way, thing.id), row):
                continue
            if thing.id not in reached:
                return False
        return True

    def only(self, chain: ir.Chain, this: str, way: tuple[str, ...], row: Row) -> bool:
        link = chain.links[0]
        reached = {
            other for other, _ in self.steps(link.step, this, row) if other not in way or self.stays(link, other, this)
        }
        return bool(reached) and all(self.first_holds(chain, one, this, way, row) for one in reached)

    def stays(self, link: ir.Link, other: str, this: str) -> bool:
        return link.step.hops.least == 0 and other == this

    def first_holds(self, chain: ir.Chain, other: str, this: str, way: tuple[str, ...], row: Row) -> bool:
        link, rest = chain.links[0], chain.links[1:]
        for found in self.arrive(link.target, other, way, row, stayed=self.stays(link, other, this)):
            if next(iter(self.chain(rest, other, (*way, other), found)), None) is not None:
                return True
        return False

    def count(self, chain: ir.Chain, this: str, way: tuple[str, ...], row: Row, *, relations: bool) -> int:
        link = chain.links[0]
        counted = set()
        for other, named in self.steps(link.step, this, row):
            if self.first_holds(chain, other, this, way, row):
                counted.add(named if relations else other)
        return len(counted)

    def fits(self, pattern: ir.Pattern, other: str, row: Row) -> bool:
        if pattern.members and other not in self.named(pattern.members):
            return False
        return any(
            self.is_a(other, one.type) and (one.test is None or self.comparison(one.test, E(other), row))
            for one in pattern.types
        )

    def named(self, members: Sequence[ir.Member]) -> set[str]:
        return {one for member in members for one in self.world.members[member]}

    def is_a(self, other: str, name: str) -> bool:
        return name == ENTITY or self.world.vocabulary.is_a(self.thing[other].type, name)

    def set_at(self, pattern: ir.Pattern) -> set[str]:
        return {
            one
            for one in self.thing
            if self.fits(pattern, one, {}) and (pattern.inner is None or self.holds(pattern.inner, one, (one,), {}))
        }
