"""The steps of a question as walks over arrays: one hop, ranges, derived predicates, either way round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import once
from relgraph.network import reach as reaching
from relgraph.network.arrays import Adjacency, Direction, Keep
from relgraph.network.execute.expressions import Scope, truth
from relgraph.network.execute.measures import Holdings, as_percent, measured
from relgraph.network.execute.names import remembered
from relgraph.network.execute.run import Run
from relgraph.network.execute.search import Search
from relgraph.network.execute.table import Numbers64, RelationsColumn, Table, joined_rows
from relgraph.network.rows import Amounts, Mask, Positions
from relgraph.network.steps import Leg
from relgraph.network.steps import Step as Walk
from relgraph.query import ir
from relgraph.values import Percent
from relgraph.vocabulary.fields import scale_of

_Way = Literal["out", "in", "both"]
_WALKED: dict[str, Direction] = {"out": "forward", "in": "backward", "both": "either"}
_TURNED: dict[_Way, _Way] = {"out": "in", "in": "out", "both": "both"}
_MANY = 3
_RANKED = frozenset(("integer", "decimal", "percent", "date", "datetime"))
_RELATION = 0
_KEPT = 64


class Pairs(NamedTuple):
    """Where each of some starts leads: index into the starts, the entity; each pair once, sorted by start."""

    source: Positions
    entity: Numbers64


@dataclass(frozen=True, slots=True)
class Hops:
    """Relations that lead out of starts, sorted by start: index into the starts, the entity, the relation."""

    source: Positions
    entity: Numbers64
    relation: RelationsColumn

    def take(self, at: Positions | Mask) -> Hops:
        """Return some of the hops."""
        return Hops(self.source[at], self.entity[at], self.relation.take(at))


@remembered
def turned(step: ir.Step) -> ir.Step:
    """Return the step as it is walked from its other end."""
    order = tuple(replace(one, falling=not one.falling) for one in step.order)
    return replace(step, alternatives=tuple(_turned(one) for one in step.alternatives), order=order)


def _turned(alternative: ir.Alternative) -> ir.Alternative:
    match alternative:
        case ir.Stored():
            return replace(alternative, direction=_TURNED[alternative.direction])
        case ir.Composite(steps):
            return replace(alternative, steps=tuple(turned(one) for one in reversed(steps)))
        case ir.Measure():
            return replace(alternative, forward=not alternative.forward)


def goes_both_ways(step: ir.Step) -> bool:
    """Return whether every alternative can be walked back as it was come."""
    return all(isinstance(one, ir.Stored) and one.direction == "both" for one in step.alternatives)


@remembered
def _only_predicate(step: ir.Step) -> ir.Stored | None:
    """Return the alternative of a step that goes along one predicate, without a test; None for any other step."""
    match step.alternatives:
        case (ir.Stored(predicates=(_,), test=None) as only,) if not step.order:
            return only
        case _:
            return None


class Moves:
    """Walks steps over the arrays of a run. Steps are compiled once; tests on them name nothing of the row."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._walks: dict[tuple[int, bool], tuple[ir.Step, Walk, list[int]]] = {}
        self._holdings: dict[tuple[ir.Step, str | None], Holdings] = {}

    # -- compiling ---------------------------------------------------------------------------------------------------

    def turned(self, step: ir.Step) -> ir.Step:
        """Return the step as it is walked from its other end."""
        return turned(step)

    def walk(self, step: ir.Step, *, apart: bool = False) -> Walk:
        """Return the stored alternatives of a step; ``apart`` keeps each predicate in its own arrays."""
        # by identity: hashing a question's parts again and again would cost more than walking
        found = self._walks.get((id(step), apart))
        only = _only_predicate(step) if found is None else None
        if only is not None:
            names = [self._run.predicate(only.predicates[0])] if apart else []
            found = self._walks[id(step), apart] = (step, self._walk_along(step, only), names)
        if found is None:
            legs: list[Leg] = []
            names = []
            for one in step.alternatives:
                if isinstance(one, ir.Stored):
                    for leg, name in self._stored(one, step.order, apart=apart):
                        legs.append(leg)
                        names.append(name)
            found = self._walks[id(step), apart] = (step, Walk(tuple(legs), self._run.source.live), names)
        return found[1]

    def _walk_along(self, step: ir.Step, only: ir.Stored) -> Walk:
        """Return the walk of a step along one predicate: that of an earlier run, where it met the same arrays."""
        source, (name,) = self._run.source, only.predicates
        arrays, live, period = source.adjacency(name), source.live, self._run.period(only.when)
        # a store may keep them: the question that is asked again walks the same arrays, mostly
        kept: dict[int, tuple[ir.Step, Walk]] = getattr(source, "walks", {})
        held, walk = kept.get(id(step), (None, None))
        if held is step and walk is not None and walk.live is live:
            (leg,) = walk.legs
            if leg.arrays is arrays and leg.period == period:
                return walk
        if not len(arrays):
            return Walk((), live)
        walk = Walk((Leg(arrays, _WALKED[only.direction], period, predicate=name),), live)
        if len(kept) >= _KEPT:
            kept.clear()
        kept[id(step)] = step, walk
        return walk

    def _stored(self, stored: ir.Stored, order: Sequence[ir.Rising], *, apart: bool) -> Iterable[tuple[Leg, int]]:
        run = self._run
        period = run.period(stored.when)
        direction = _WALKED[stored.direction]
        every = len(stored.predicates) > _MANY and len(stored.predicates) == len(run.vocabulary.predicates)
        if every and direction == "either" and stored.test is None and not order and not apart:
            arrays = run.source.every()
            if len(arrays):
                yield Leg(arrays, direction, period), -1
            return
        for name in stored.predicates:
            arrays = run.source.adjacency(name)
            if len(arrays):
                keep = None if stored.test is None else self.keeping(name, stored.test)
                value = _amount(arrays, order[0].attribute) if len(order) == 1 else None
                yield Leg(arrays, direction, period, keep, name, value), run.predicate(name)

    def keeping(self, predicate: str, test: ir.Test) -> Keep:
        """Return a test of one relation as a filter over positions."""
        run, code = self._run, self._run.predicate(predicate)
        arrays = run.source.adjacency(predicate)

        def keep(positions: Positions) -> Mask:
            if not len(positions):
                return np.zeros(0, np.bool_)
            column = RelationsColumn(
                arrays.number(positions).astype(np.int64),
                np.full(len(positions), code, np.int64),
                positions.astype(np.int64),
            )
            return truth(Scope(run, Table(len(positions), {_RELATION: column}), _RELATION), test)

        return keep

    def swift(self, step: ir.Step) -> bool:
        """Return whether the one attribute that must rise is a whole number of one scale in all arrays."""
        if len(step.order) != 1 or step.order[0].kind not in _RANKED:
            return False
        scales = set()
        for one in step.alternatives:
            if not isinstance(one, ir.Stored):
                return False
            for name in one.predicates:
                declared = self._run.vocabulary.predicates[name].attribute(step.order[0].attribute)
                if declared is not None:
                    scales.add((declared.kind, scale_of(declared)))
        return len(scales) == 1

    # -- one hop -----------------------------------------------------------------------------------------------------

    def hops(self, step: ir.Step, starts: Numbers64, *, own: bool = False) -> Hops:
        """Return each relation that one hop of a step over stored predicates takes; self-relations where ``own``."""
        walk = self.walk(step, apart=True)
        names = np.array(self._walks[id(step), True][2] or [0], np.int64)
        found = walk.expand(starts, own=own)
        found = found.take(np.argsort(found.source, kind="stable"))
        numbers = np.zeros(len(found.source), np.int64)
        for index, leg in enumerate(walk.legs):
            here = found.leg == index
            numbers[here] = leg.arrays.number(found.position[here])
        relation = RelationsColumn(numbers, names[found.leg], found.position.astype(np.int64))
        return Hops(found.source, found.neighbor.astype(np.int64), relation)

    def once(self, step: ir.Step, starts: Numbers64) -> Pairs:
        """Return where one hop leads, by any of the alternatives."""
        parts = []
        walk = self.walk(step)
        if walk.legs:
            found = walk.expand(starts)
            parts.append((found.source, found.neighbor.astype(np.int64)))
        for one in step.alternatives:
            match one:
                case ir.Composite():
                    parts.append(self._composite(one, starts))
                case ir.Measure():
                    parts.append(measured(self._run, self, one, starts))
                case ir.Stored():
                    pass
        return _pairs(parts)

    def share(self, measure: ir.Measure, start: int, end: int) -> Percent:
        """Return how much a measure is between two entities that it joins."""
        holder, held = (start, end) if measure.forward else (end, start)
        return as_percent(self.holdings(measure).of_holder(holder)[held])

    def holdings(self, measure: ir.Measure) -> Holdings:
        """Return the shares that a measure runs over, with what was computed of them."""
        known = self._holdings.get((measure.over, measure.share))
        if known is None:
            known = self._holdings[measure.over, measure.share] = Holdings(self._run, self, measure)
        return known

    def _composite(self, composite: ir.Composite, starts: Numbers64) -> Pairs:
        """Return the ends of a chain of steps whose entities all differ."""
        columns = [starts]
        source = np.arange(len(starts))
        for step in composite.steps:
            self._run.tick()
            here, inverse = np.unique(columns[-1], return_inverse=True)
            pairs = self.pairs(step, here)
            row, item = joined_rows(inverse, np.bincount(pairs.source, minlength=len(here)))
            self._run.held(len(row))
            entity = pairs.entity[item]
            columns = [column[row] for column in columns]
            source = source[row]
            differs = np.ones(len(row), np.bool_)
            for column in columns:
                differs &= column != entity
            columns = [column[differs] for column in columns] + [entity[differs]]
            source = source[differs]
        return _pairs([(source, columns[-1])])

    # -- ranges ------------------------------------------------------------------------------------------------------

    def pairs(self, step: ir.Step, starts: Numbers64, *, rings: bool = False) -> Pairs:
        """Return where a step leads from each of distinct starts.

        A start is reached from itself by no hop (``*``), and with ``rings`` by a path that closes.
        """
        self._run.tick()
        least, most = step.hops.least, step.hops.most
        if step.hops == ir.ONE_HOP:
            found = self.once(step, starts)
        elif least <= 1 and not step.order and self.stored_only(step):
            reached = reaching.reach_pairs(self.walk(step), starts, maximum=most, should_stop=self._run.tick)
            found = _pairs([(reached.start, reached.entity.astype(np.int64))])
        else:
            found = self._one_by_one(step, starts, max(least, 1), most)
        own = starts[found.source] == found.entity
        if own.any():
            if rings:
                if goes_both_ways(step):
                    own &= ~self._closing(step, starts[found.source], own)
                else:
                    own[:] = False
            found = Pairs(found.source[~own], found.entity[~own])
        if least == 0:
            found = _pairs([found, (np.arange(len(starts)), starts)])
        self._run.held(len(found.source))
        return found

    def _closing(self, step: ir.Step, entities: Numbers64, own: Mask) -> Mask:
        """Return where an entity lies on a ring of three or more, as two over the same relation are none."""
        closing = np.zeros(len(entities), np.bool_)
        least, most = max(step.hops.least, 3), step.hops.most
        for at in np.flatnonzero(own).tolist():
            if most is None or most >= least:
                entity = int(entities[at])
                closing[at] = entity in self._ends(step, entity, least, most)
        return closing

    def stored_only(self, step: ir.Step) -> bool:
        """Return whether all alternatives are stored predicates."""
        return all(isinstance(one, ir.Stored) for one in step.alternatives)

    def _one_by_one(self, step: ir.Step, starts: Numbers64, least: int, most: int | None) -> Pairs:
        parts = []
        for index, start in enumerate(starts.tolist()):
            self._run.tick()
            ends = self._ends(step, start, least, most)
            found = np.fromiter(ends, np.int64, len(ends))
            parts.append((np.full(len(found), index, np.intp), found))
        return _pairs(parts)

    def _ends(self, step: ir.Step, start: int, least: int, most: int | None) -> set[int]:
        """Return the ends of paths of a range from one start, itself where one closes."""
        stored = self.stored_only(step)
        if stored and not step.order:
            found = reaching.reach_range(self.walk(step), start, least, most, should_stop=self._run.tick)
            return set(found.tolist())
        if stored and least == 1 and self.swift(step):
            falling = step.order[0].falling
            reached = reaching.reach_rising(
                self.walk(step), start, maximum=most, falling=falling, should_stop=self._run.tick
            )
            return set(reached.entity.tolist())
        return Search(self._run, self, step).ends(start, least, most)

    def reached(self, step: ir.Step, starts: Numbers64) -> Numbers64:
        """Return, sorted, the entities that a step leads to from a start other than themselves (or by no hop)."""
        least, most = step.hops.least, step.hops.most
        if not len(starts) or step.order or not self.stored_only(step):
            return once(self.pairs(step, starts).entity)
        if step.hops == ir.ONE_HOP:
            return self.walk(step).around(starts)
        if len(starts) == 1 or least <= 1:
            walk = self.walk(step)
            if len(starts) == 1:
                ends = reaching.ends_of(walk, int(starts[0]), max(least, 1), most, should_stop=self._run.tick)
            else:
                ends = reaching.reach_from_others(walk, starts, maximum=most, should_stop=self._run.tick).astype(
                    np.int64
                )
            return once(np.concatenate([ends, starts])) if least == 0 else ends
        return once(self.pairs(step, starts).entity)


def _pairs(parts: Sequence[tuple[Positions, NDArray[np.signedinteger]]]) -> Pairs:
    """Return pairs sorted, each once."""
    if not parts:
        none = np.zeros(0, np.int64)
        return Pairs(none, none)
    source = np.concatenate([part[0] for part in parts])
    entity = np.concatenate([part[1] for part in parts]).astype(np.int64)
    if not len(source):
        return Pairs(source, entity)
    width = int(entity.max()) + 1
    keys = once(source.astype(np.int64) * width + entity)
    return Pairs(*np.divmod(keys, width))


def _amount(arrays: Adjacency, name: str) -> Callable[[Positions], Amounts]:
    return lambda positions: arrays.amount(name, positions)
