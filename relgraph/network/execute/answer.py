"""Answering a bound question of any form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from relgraph.model.columns import once
from relgraph.network.execute.find import Finding
from relgraph.network.execute.relations import RelationsFound
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import Solver
from relgraph.network.execute.source import NetworkSource
from relgraph.network.execute.table import Numbers64, Table
from relgraph.network.execute.tail import Answer, Tail
from relgraph.query import ir

SourceAt = Callable[[ir.Time], NetworkSource]
"""Gives the snapshot of what was known at the time of a query."""


def answer(run: Run, query: ir.Query, source_at: SourceAt) -> Answer:
    """Return the rows of a question, things standing in them as their numbers.

    Raises:
        QueryTimeout, QueryLimitError, Cancelled: the question takes too long, or is too large.
        QueryTypeError: values that cannot be computed with, such as sums over several currencies.

    """
    own = run.within(query.time, source_at(query.time))
    # a store may have a way of its own for some questions
    elsewhere = getattr(own.source, "answered", None)
    told: Answer | None = None if elsewhere is None else elsewhere(own, query, source_at)
    if told is not None:
        return told
    match query:
        case ir.Find():
            finding = Finding(own, query)
            return Tail(own, finding.solver, query.tail, finding.over).answer()
        case ir.SetQuery():
            numbers = set_of(run, query, source_at, lambda within, find: Finding(within, find).entities())
            key = query.variables[0].name

            def over(_: Iterable[str]) -> Table:
                return Table.of(key, numbers)

            return Tail(own, Solver(own), query.tail, over).answer()
        case ir.Relations():
            found = RelationsFound(own, query)
            return Tail(own, found.solver, query.tail, found.over).answer()
        case ir.Paths() | ir.Cycles():
            from relgraph.network.execute.listed import Listed  # noqa: PLC0415 - loaded when paths are asked for

            listed = Listed(own, query)
            return Tail(own, listed.solver, query.tail, listed.over, listed=True).answer()


def set_of(
    run: Run, query: ir.SetQuery, source_at: SourceAt, entities: Callable[[Run, ir.Find], Numbers64]
) -> Numbers64:
    """Return what a union, intersection or difference finds; ``entities`` answers each find, at its own time."""
    found: Numbers64 | None = None
    for operand in query.operands:
        if isinstance(operand, ir.SetQuery):
            numbers = set_of(run, operand, source_at, entities)
        else:
            numbers = entities(run.within(operand.time, source_at(operand.time)), operand)
        if found is None:
            found = numbers
            continue
        before = len(found)
        match query.operator:
            case "union":
                found = once(np.concatenate([found, numbers]))
            case "intersect":
                found = np.intersect1d(found, numbers, assume_unique=True)
            case "minus":
                found = np.setdiff1d(found, numbers, assume_unique=True)
        run.took("set", query.operator, before, len(found))
    return np.zeros(0, np.int64) if found is None else found
