"""A chain walked back from the entities that are named at its end, each one on the way differing from the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relgraph.model.columns import once
from relgraph.network.execute.names import holds_more, needed
from relgraph.network.execute.solve import At, Solver
from relgraph.network.execute.table import Numbers64, Table
from relgraph.query import ir

_START: Final = "\0start"


def starting(solver: Solver, chain: ir.Chain, found: ir.Pattern) -> Numbers64 | None:
    """Return, sorted, exactly what may be found and starts a chain, walked back from the entities that end it.

    None where that may not be the same as walking it forwards: where what stands in parentheses looks back, where
    no hop may be made, and where no entity is named at the end.
    """
    links = chain.links
    targets = [link.target for link in links]
    if holds_more(links) or any(needed(link) or link.step.hops.least == 0 for link in links):
        return None
    patterns = [found, *(one for one in targets if isinstance(one, ir.Pattern))]
    if not patterns[-1].members:
        return None
    turned = [
        ir.Link(solver.moves.turned(link.step), replace(before, name=None, inner=None))
        for link, before in zip(links, patterns, strict=False)
    ]
    turned[0] = replace(turned[0], target=replace(found, name=_START, inner=None))
    numbers, key = solver.anchors.standing(patterns[-1]), solver.run.key()
    at = At.root(key, solver.anchors.types(patterns[-1]))
    wanted = frozenset((_START,))
    back = solver.follow(Table.of(key, numbers), turned[::-1], at, (), wanted)
    return once(back.numbers(_START))
