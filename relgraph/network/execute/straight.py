"""Questions that are one chain to entities which are named, and nothing else: walked back step by step.

What such a question is made of is looked at once. Its answer is what :class:`~relgraph.network.execute.find.Finding`
finds; where the entities of its chain could meet each other, that is asked instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from relgraph.network.execute.anchors import plain_ends, types_at
from relgraph.network.execute.moves import Moves, turned
from relgraph.network.execute.names import given, remembered_beside
from relgraph.network.execute.parts import parted
from relgraph.network.execute.run import Run
from relgraph.network.execute.table import Numbers64
from relgraph.query import ir
from relgraph.vocabulary.model import Vocabulary


@dataclass(frozen=True, slots=True)
class _Position:
    """A position of a chain: the types that can stand there (None: any), and the step that leads to it from its end.

    ``met`` are the positions further on, by their place, whose entities could be the same.
    """

    types: frozenset[str] | None
    step: ir.Step
    met: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Straight:
    members: tuple[ir.Member, ...]
    types: frozenset[str] | None
    back: tuple[_Position, ...]


@remembered_beside
def _straight(find: ir.Find, vocabulary: Vocabulary) -> _Straight | None:
    parts = parted(find)
    match parts.required:
        case (ir.Chain() as chain,) if not parts.late and not parts.optional and not given(chain) & parts.wanted:
            pass
        case _:
            return None
    reached = plain_ends(chain)
    patterns = (find.found, *reached)
    if not reached or not reached[-1].members or any(one.members for one in patterns[:-1]):
        return None
    if any(one.inner is not None or any(kind.test is not None for kind in one.types) for one in patterns):
        return None
    if any(link.step.hops.least == 0 for link in chain.links):
        return None
    types = [types_at(one, vocabulary) for one in patterns]
    back: list[_Position] = []
    for at in range(len(reached) - 1, -1, -1):
        # a step keeps its own two ends apart
        further = range(at + 2, len(types))
        met = tuple(other for other in further if _overlap(types[at], types[other]))
        back.append(_Position(types[at], turned(chain.links[at].step), met))
    return _Straight(reached[-1].members, types[-1], tuple(back))


def _overlap(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)


def straight(run: Run, find: ir.Find, moves: Moves) -> Numbers64 | None:
    """Return, sorted, what such a question finds; None for any other question."""
    plan = _straight(find, run.vocabulary) if run.watch is None else None
    if plan is None:
        return None
    source = run.source
    numbers = run.numbers_of(plan.members)
    if plan.types is not None:
        numbers = numbers[source.fits(numbers, plan.types)]
    at = len(plan.back)
    stood = {at: numbers}
    for position in plan.back:
        run.tick()
        at -= 1
        if not len(numbers):
            return numbers
        numbers = moves.reached(position.step, numbers)
        if position.types is not None:
            numbers = numbers[source.fits(numbers, position.types)]
        for other in position.met:
            others = stood[other]
            if len(others) == 1:
                numbers = numbers[numbers != others[0]]
            elif np.isin(numbers, others).any():
                return None
        stood[at] = numbers
    return numbers
