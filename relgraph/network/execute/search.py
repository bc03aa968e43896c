"""Paths looked for relation by relation: for what walking level by level cannot answer, and for routes that are named.

A search knows the step of a question, walked from left to right. Of paths of one length the first is the one with
the least sequence of (predicate, id of the entity reached).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from relgraph.network.execute import scalars
from relgraph.network.execute.expressions import Scope, evaluate
from relgraph.network.execute.run import Run
from relgraph.network.execute.table import Route, Table
from relgraph.network.steps import too_many
from relgraph.query import ir

if TYPE_CHECKING:
    from relgraph.network.execute.moves import Moves

SEARCH_LIMIT = 2_000_000
_RELATION = 0


class Hop(NamedTuple):
    """One way to go on, in order; ``relation`` None where a derived predicate joins."""

    predicate: str
    end: str
    id: str
    entity: int
    relation: int | None
    values: tuple[Any, ...]


class Way(NamedTuple):
    """A path as its entities and, for each hop, the relations that it can take."""

    entities: tuple[int, ...]
    hops: tuple[tuple[int, ...], ...]


class Search:
    """Looks for paths of one step."""

    def __init__(self, run: Run, moves: Moves, step: ir.Step) -> None:
        self._run = run
        self._moves = moves
        self._step = step
        self._after: dict[int, list[Hop]] = {}
        self._tried = 0

    def after(self, entity: int) -> list[Hop]:
        """Return the ways out of an entity, in order."""
        found = self._after.get(entity)
        if found is None:
            found = self._after[entity] = sorted(self._hops(entity), key=lambda one: one[:3])
        return found

    def _hops(self, entity: int) -> Iterator[Hop]:
        run, moves, step = self._run, self._moves, self._step
        start = np.array([entity], np.int64)
        hops = moves.hops(step, start)
        if len(hops.entity):
            told = run.source.relation_names(hops.relation.numbers.tolist())
            ends = self._ids(hops.entity.tolist())
            scope = Scope(run, Table(len(hops.entity), {_RELATION: hops.relation}), _RELATION)
            columns = [evaluate(scope, self._attribute(one)).to_list() for one in step.order]
            values = list(zip(*columns, strict=True)) if columns else [()] * len(ends)
            rows = zip(told, ends, hops.entity.tolist(), hops.relation.numbers.tolist(), values, strict=True)
            for (name, identifier), end, other, relation, rising in rows:
                if None not in rising:
                    yield Hop(name, end, identifier, other, relation, rising)
        if step.order:
            # a derived predicate has no relation of its own, so nothing that could rise
            return
        for one in step.alternatives:
            if not isinstance(one, ir.Stored):
                single = ir.Step((one,))
                others = [other for other in moves.once(single, start).entity.tolist() if other != entity]
                for other, end in zip(others, self._ids(others), strict=True):
                    yield Hop(one.written, end, "", other, None, ())

    def _ids(self, entities: list[int]) -> list[str]:
        return [identifier for _, identifier in self._run.source.captions(entities)]

    def _attribute(self, order: ir.Rising) -> ir.Attribute:
        declared = [
            self._run.vocabulary.predicates[name].attribute(order.attribute)
            for one in self._step.alternatives
            if isinstance(one, ir.Stored)
            for name in one.predicates
        ]
        return ir.Attribute(ir.This(), order.attribute, order.kind, builtin=not any(declared))

    def _rises(self, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
        zone = self._run.zone
        for order, one, other in zip(self._step.order, before, after, strict=True):
            if not scalars.compare(">" if order.falling else "<", one, other, zone):
                return False
        return True

    def _try(self) -> None:
        self._tried += 1
        if self._tried > SEARCH_LIMIT:
            raise too_many("partial paths tried", SEARCH_LIMIT, "lower the largest number of hops")
        if self._tried % 1000 == 0:
            self._run.tick()

    # -- where a range leads -----------------------------------------------------------------------------------------

    def ends(self, start: int, least: int, most: int | None) -> set[int]:
        """Return the ends of paths of so many hops, the start itself where one closes."""
        if least > 1:
            return {path[-1].entity for path in self._paths(start, least, most)}
        return self._rising_ends(start, most) if self._step.order else self._plain_ends(start, most)

    def _plain_ends(self, start: int, most: int | None) -> set[int]:
        found: set[int] = set()
        frontier = np.array([start], np.int64)
        level = 0
        while len(frontier) and (most is None or level < most):
            self._run.tick()
            level += 1
            reached = set(self._moves.once(self._step, frontier).entity.tolist()) - found
            found |= reached
            frontier = np.array(sorted(reached), np.int64)
        return found

    def _rising_ends(self, start: int, most: int | None) -> set[int]:
        # a walk that repeats an entity can be cut and still rises, so each relation needs to be met once only
        found: set[int] = set()
        met: set[tuple[int | None, int]] = set()
        frontier: list[Hop] = []
        level = 0
        while most is None or level < most:
            level += 1
            ahead = self.after(start) if level == 1 else []
            for hop in frontier:
                ahead += [one for one in self.after(hop.entity) if self._rises(hop.values, one.values)]
            frontier = []
            for one in ahead:
                self._try()
                if (one.relation, one.entity) not in met:
                    met.add((one.relation, one.entity))
                    frontier.append(one)
            if not frontier:
                break
            found.update(one.entity for one in frontier)
        return found

    def _paths(self, start: int, least: int, most: int | None, end: int | None = None) -> Iterator[list[Hop]]:
        """Yield the paths of so many hops that repeat no entity but may close, in order of their hops."""
        trail: list[Hop] = []
        on_way = {start}
        stack = [iter(self.after(start))]
        while stack:
            hop = next(stack[-1], None)
            if hop is None:
                stack.pop()
                if trail:
                    on_way.discard(trail.pop().entity)
                continue
            self._try()
            if trail and not self._rises(trail[-1].values, hop.values):
                continue
            length = len(trail) + 1
            if (
                length >= least
                and (end is None or hop.entity == end)
                and (hop.entity not in on_way or hop.entity == start)
            ):
                yield [*trail, hop]
            if hop.entity in on_way or length == most or hop.entity == end:
                continue
            trail.append(hop)
            on_way.add(hop.entity)
            stack.append(iter(self.after(hop.entity)))

    def ways(self, start: int, least: int, most: int | None) -> list[Way]:
        """Return the paths of so many hops from a start, rings too: shortest first, parallel relations together."""
        found: dict[tuple[int, ...], list[set[tuple[str, str, int]]]] = {}
        for path in self._paths(start, least, most):
            hops = found.setdefault((start, *(one.entity for one in path)), [set() for _ in path])
            for relations, one in zip(hops, path, strict=True):
                if one.relation is not None:
                    relations.add((one.predicate, one.id, one.relation))
        ways = [
            Way(entities, tuple(tuple(one[2] for one in sorted(some)) for some in hops))
            for entities, hops in found.items()
        ]
        return sorted(ways, key=lambda way: len(way.hops))

    # -- routes ------------------------------------------------------------------------------------------------------

    def route(self, start: int, end: int, least: int, most: int | None) -> Route:
        """Return the first of the shortest paths of a range between two entities that one joins."""
        if start == end and least == 0:
            return Route((start,), ())
        least = max(least, 1)
        if least == 1 and not self._step.order and start != end:
            return self._level_route(start, end)
        length = least
        while most is None or length <= most:
            for path in self._paths(start, length, length, end):
                if start == end and length < 3 and self._both_ways():
                    continue
                return _route(start, path)
            length += 1
        raise LookupError(f"no route from {start} to {end}")

    def _both_ways(self) -> bool:
        return all(isinstance(one, ir.Stored) and one.direction == "both" for one in self._step.alternatives)

    def _level_route(self, start: int, end: int) -> Route:
        levels = [np.array([start], np.int64)]
        seen = {start}
        while end not in seen:
            self._run.tick()
            reached = set(self._moves.once(self._step, levels[-1]).entity.tolist()) - seen
            if not reached:
                raise LookupError(f"no route from {start} to {end}")
            seen |= reached
            levels.append(np.array(sorted(reached), np.int64))
        # from the end back: what of each level lies on a shortest way
        on_way = [np.array([end], np.int64)]
        back = self._moves.turned(self._step)
        for level in reversed(levels[1:-1]):
            before = self._moves.once(back, on_way[-1]).entity
            on_way.append(np.intersect1d(level, before))
        path: list[Hop] = []
        at = start
        for level in reversed(on_way):
            allowed = set(level.tolist())
            path.append(next(one for one in self.after(at) if one.entity in allowed))
            at = path[-1].entity
        return _route(start, path)


def _route(start: int, path: list[Hop]) -> Route:
    relations = tuple(() if one.relation is None else (one.relation,) for one in path)
    return Route((start, *(one.entity for one in path)), relations)
