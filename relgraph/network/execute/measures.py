"""Derived predicates that are measured: whom one holds, counting every chain, and how much of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from relgraph.errors import CapabilityError
from relgraph.network.execute.expressions import Scope, evaluate, truth
from relgraph.network.execute.names import parts_of
from relgraph.network.execute.run import Run
from relgraph.network.execute.scalars import divided
from relgraph.network.execute.table import Entities, Numbers64, Table, Values
from relgraph.network.rows import Mask, Positions
from relgraph.query import ir
from relgraph.values import Percent

if TYPE_CHECKING:
    from relgraph.network.execute.moves import Moves

_HELD = 0


def measured(run: Run, moves: Moves, measure: ir.Measure, starts: Numbers64) -> tuple[Positions, Numbers64]:
    """Return the pairs that a measure joins: index into the starts, the entity at the other end."""
    if measure.measure != "integrated_share" or measure.share is None:
        raise CapabilityError(
            f"{measure.written} is measured by {measure.measure}, which questions cannot compute",
            hint="the analysis of that name can",
        )
    over = ir.Step(measure.over.alternatives, ir.Hops(1, None))
    shares = moves.holdings(measure)
    source: list[int] = []
    ends: list[int] = []
    amounts: list[Fraction] = []
    for index, start in enumerate(starts.tolist()):
        one = np.array([start], np.int64)
        others = moves.reached(over if measure.forward else moves.turned(over), one).tolist()
        if measure.forward:
            found: Mapping[int, Fraction] = shares.of_holder(start)
        else:
            found = {other: shares.of_holder(other).get(start, Fraction(0)) for other in others}
        for other in others:
            amount = found.get(other, Fraction(0))
            if amount > 0 and other != start:
                source.append(index)
                ends.append(other)
                amounts.append(amount)
    keep = _fitting(run, measure, amounts)
    return np.array(source, np.intp)[keep], np.array(ends, np.int64)[keep]


def _fitting(run: Run, measure: ir.Measure, amounts: list[Fraction]) -> Mask:
    if measure.test is None or not amounts:
        return np.ones(len(amounts), np.bool_)
    attribute = next(
        (one for one in _attributes(measure.test) if one.name == measure.attribute),
        ir.Attribute(ir.This(), measure.attribute, "percent"),
    )
    percents = [as_percent(one) for one in amounts]
    table = Table(len(amounts), {_HELD: Entities(np.arange(len(amounts)))})
    scope = Scope(run, table, _HELD, {attribute: Values.of(percents)})
    return truth(scope, measure.test)


def as_percent(amount: Fraction) -> Percent:
    """Return an exact share as a percent, rounded where it does not come out."""
    return Percent(divided(Decimal(amount.numerator), Decimal(amount.denominator)))


def _attributes(test: ir.Test) -> Iterator[ir.Attribute]:
    return (one for one in parts_of(test) if isinstance(one, ir.Attribute))


class Holdings:
    """Direct shares of a step, looked up when first asked for; a relation without its share counts nothing."""

    def __init__(self, run: Run, moves: Moves, measure: ir.Measure) -> None:
        self._run = run
        self._moves = moves
        self._step = step = measure.over
        share = measure.share or ""
        kind: ir.ValueKind = "percent"
        for predicate in (
            one for stored in parts_of(step) if isinstance(stored, ir.Stored) for one in stored.predicates
        ):
            field = run.vocabulary.predicates[predicate].attribute(share)
            kind = "decimal" if field is not None and field.kind == "decimal" else kind
        self._share = ir.Attribute(ir.This(), share, kind)
        self._direct: dict[int, dict[int, Fraction]] = {}
        self._held: dict[int, dict[int, Fraction]] = {}

    def direct(self, holder: int) -> dict[int, Fraction]:
        """Return what one holds directly of each, of itself too; parallel holdings add up."""
        found = self._direct.get(holder)
        if found is None:
            hops = self._moves.hops(self._step, np.array([holder], np.int64), own=True)
            scope = Scope(self._run, Table(len(hops.entity), {_HELD: hops.relation}), _HELD)
            total: defaultdict[int, Fraction] = defaultdict(Fraction)
            for held, share in zip(hops.entity.tolist(), evaluate(scope, self._share).to_list(), strict=True):
                if share is not None:
                    total[held] += Fraction(share.fraction if isinstance(share, Percent) else share)
            found = self._direct[holder] = dict(total)
        return found

    def of_holder(self, holder: int) -> dict[int, Fraction]:
        """Return the integrated share of one holder in each entity below it.

        It is the sum over all walks that do not come back to the holder of the product of their shares, which is
        N[holder, held] / N[holder, holder] for N = (I - D)^-1. What an entity holds of itself is part of D: whoever
        holds half of a company that holds the other half of itself has all of it. What lies below a circle that is
        closed at 100% has none.
        """
        found = self._held.get(holder)
        if found is None:
            found = self._held[holder] = self._solve(holder)
        return found

    def _solve(self, holder: int) -> dict[int, Fraction]:
        below: dict[int, dict[int, Fraction]] = {}
        waiting = [holder]
        while waiting:
            one = waiting.pop()
            if one in below:
                continue
            self._run.tick()
            below[one] = {held: share for held, share in self.direct(one).items() if held != holder}
            waiting += below[one]
        arriving: defaultdict[int, Fraction] = defaultdict(Fraction)
        arriving[holder] = Fraction(1)
        total: dict[int, Fraction] = {}
        for group in _components(below, holder):
            self._run.tick()
            inside = set(group)
            solved = _flow(group, {one: arriving[one] for one in group}, below)
            for one, amount in solved.items():
                total[one] = amount
                for held, share in below[one].items():
                    if held not in inside:
                        arriving[held] += amount * share
        del total[holder]
        return {one: amount for one, amount in total.items() if amount}


def _flow(
    group: list[int], arriving: Mapping[int, Fraction], shares: Mapping[int, Mapping[int, Fraction]]
) -> dict[int, Fraction]:
    """Return what passes through each entity of one strongly connected group, by elimination."""
    if len(group) == 1:
        (one,) = group
        rest = 1 - shares[one].get(one, Fraction(0))
        return {one: arriving[one] / rest if rest else Fraction(0)}
    # x[j] - sum of x[i] * share(i, j) = arriving[j]
    rows = {one: {one: Fraction(1)} for one in group}
    for one in group:
        for held, share in shares[one].items():
            if held in rows:
                rows[held][one] = rows[held].get(one, Fraction(0)) - share
    right = dict(arriving)
    for pivot in group:
        head = rows[pivot].get(pivot, Fraction(0))
        if not head:
            return dict.fromkeys(group, Fraction(0))
        for other in group:
            factor = rows[other].get(pivot, Fraction(0)) / head if other != pivot else Fraction(0)
            if factor:
                for column, value in rows[pivot].items():
                    rows[other][column] = rows[other].get(column, Fraction(0)) - factor * value
                right[other] -= factor * right[pivot]
    return {one: right[one] / rows[one][one] for one in group}


def _components(below: Mapping[int, Mapping[int, Fraction]], root: int) -> list[list[int]]:
    """Return the strongly connected groups in an order in which shares flow downwards."""
    index: dict[int, int] = {root: 0}
    low: dict[int, int] = {root: 0}
    trail = [root]
    on_trail = {root}
    stack = [(root, iter(below[root]))]
    groups: list[list[int]] = []
    while stack:
        one, others = stack[-1]
        other = next(others, None)
        if other is None:
            stack.pop()
            if stack:
                low[stack[-1][0]] = min(low[stack[-1][0]], low[one])
            if low[one] == index[one]:
                group = []
                while True:
                    group.append(trail.pop())
                    on_trail.discard(group[-1])
                    if group[-1] == one:
                        break
                groups.append(group)
        elif other not in index:
            index[other] = low[other] = len(index)
            trail.append(other)
            on_trail.add(other)
            stack.append((other, iter(below[other])))
        elif other in on_trail:
            low[one] = min(low[one], index[other])
    return groups[::-1]
