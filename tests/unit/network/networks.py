"""Small random networks, and the slow way round them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from relgraph.model.columns import MISSING
from relgraph.network.arrays import Adjacency, Direction
from relgraph.network.rows import Rows
from relgraph.network.steps import Leg, Step

DIRECTIONS: list[Direction] = ["forward", "backward", "either"]
NO_VALUES: st.SearchStrategy[int | None] = st.none()


@dataclass(frozen=True)
class Arc:
    """A way to go one hop."""

    source: int
    target: int
    leg: int
    number: int
    value: int | None


@dataclass(frozen=True)
class Net:
    """A step, and the same as a list of arcs."""

    step: Step
    arcs: tuple[Arc, ...]
    top: int
    hidden: int | None = None

    def walks(self, start: int, most: int) -> Iterator[tuple[Arc, ...]]:
        """Yield every way to go from a start that repeats no entity but may end at the start."""
        stack: list[tuple[Arc, ...]] = [()] if start != self.hidden else []
        while stack:
            path = stack.pop()
            if path:
                yield path
                if path[-1].target == start:
                    continue
            if len(path) == most:
                continue
            at = path[-1].target if path else start
            been = {start, *(arc.target for arc in path)}
            stack += [
                (*path, arc)
                for arc in self.arcs
                if arc.source == at and (arc.target not in been or (arc.target == start and path))
            ]


@st.composite
def nets(
    draw: st.DrawFn, *, top: int = 5, most: int = 9, legs: int = 2, values: st.SearchStrategy[int | None] = NO_VALUES
) -> Net:
    """Draw a network of a few predicates, each gone along in some direction, partly dated and hidden."""
    made = []
    arcs = []
    hidden = draw(st.sampled_from([None, None, 0, 2]))
    for leg in range(draw(st.integers(1, legs))):
        pairs = draw(st.lists(st.tuples(st.integers(0, top), st.integers(0, top)), max_size=most))
        held = draw(st.lists(st.sampled_from([True, True, True, False]), min_size=len(pairs), max_size=len(pairs)))
        amounts = draw(st.lists(values, min_size=len(pairs), max_size=len(pairs)))
        direction = draw(st.sampled_from(DIRECTIONS))
        count = len(pairs)
        since = np.array([0 if one else 50 for one in held], dtype=np.int32)
        arrays = Adjacency.build(
            Rows(
                np.arange(count) + 100 * leg,
                np.array([a for a, _ in pairs], dtype=np.int64),
                np.array([b for _, b in pairs], dtype=np.int64),
                since,
                since + np.int32(20),
                amounts={"v": np.array([MISSING if v is None else v for v in amounts], dtype=np.int64)},
            )
        )
        made.append(
            Leg(
                arrays,
                direction,
                period=(10, 11),
                predicate="qp"[leg % 2],
                scale=2,
                value=lambda at, arrays=arrays: arrays.amount("v", at),  # type: ignore[misc]
            )
        )
        for index, (a, b) in enumerate(pairs):
            if not held[index] or a == b:
                continue
            if direction != "backward" and b != hidden:
                arcs.append(Arc(a, b, leg, index + 100 * leg, amounts[index]))
            if direction != "forward" and a != hidden:
                arcs.append(Arc(b, a, leg, index + 100 * leg, amounts[index]))
    live = None
    if hidden is not None:
        live = np.ones(top + 1, np.bool_)
        live[hidden] = False
    return Net(Step(tuple(made), live), tuple(arcs), top, hidden)
