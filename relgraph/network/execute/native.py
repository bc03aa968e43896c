"""What a question does over arrays, step by step, with how much each step is likely to meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from relgraph.network.arrays import Adjacency
from relgraph.network.execute.moves import turned
from relgraph.query import ir

AtHand = Callable[[str], Adjacency | None]
"""Gives the arrays of a predicate that are in memory, None where they are not."""

_ARRAYS = {"out": "outward", "in": "inward", "both": "outward and inward"}


def steps_over_arrays(query: ir.Query, at_hand: AtHand) -> Iterator[str]:
    """Yield a line for each step: which arrays it goes along, how many relations they have, what it may reach."""
    match query:
        case ir.SetQuery(_, operands):
            for operand in operands:
                yield from steps_over_arrays(operand, at_hand)
        case ir.Find():
            for part in query.test.parts if isinstance(query.test, ir.All) else (query.test,):
                if isinstance(part, ir.Chain):
                    yield from _chain(part, at_hand)
        case ir.Paths(step=step) | ir.Cycles(step=step):
            yield from _step(step, 1.0, at_hand)[0]
        case ir.Relations(alternatives=alternatives):
            yield from _step(ir.Step(alternatives), 1.0, at_hand)[0]


def _chain(chain: ir.Chain, at_hand: AtHand) -> Iterator[str]:
    last = chain.links[-1].target
    back = isinstance(last, ir.Pattern) and bool(last.members)
    met = float(len(last.members)) if isinstance(last, ir.Pattern) and back else 1.0
    yield f"start with {met:,.0f} named at the end" if back else "for each entity that may be found"
    for link in reversed(chain.links) if back else chain.links:
        lines, met = _step(turned(link.step) if back else link.step, met, at_hand)
        yield from (f"  {line}" for line in lines)


def _step(step: ir.Step, starts: float, at_hand: AtHand) -> tuple[list[str], float]:
    lines = []
    reached = 0.0
    for one in step.alternatives:
        if not isinstance(one, ir.Stored):
            lines.append(f"{getattr(one, 'written', '') or 'derived'}: worked out step by step")
            continue
        for name in one.predicates:
            arrays = at_hand(name)
            along = f"{name}, {_ARRAYS[one.direction]}"
            if arrays is None:
                lines.append(f"{along}: arrays not in memory yet")
                continue
            count, ends = len(arrays), _starts_of(arrays, one.direction)
            each = count / ends if ends else 0.0
            met = min(starts * each, float(count))
            reached += met
            tested = ", each tested" if one.test is not None else ""
            lines.append(f"{along}: {count:,} relations, {each:.1f} an entity; about {met:,.0f} reached{tested}")
    if step.hops != ir.ONE_HOP:
        most = "any number of" if step.hops.most is None else f"up to {step.hops.most}"
        lines = [f"{line}, {most} times, what was met marked" for line in lines]
    return lines, reached


def _starts_of(arrays: Adjacency, direction: str) -> int:
    base = arrays.base
    pointers = base.inward_pointers if direction == "in" else base.outward_pointers
    return pointers.filled
