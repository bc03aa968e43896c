"""Time the adjacency arrays and the walks over them: ``python bench/network.py [entities] [relations]``."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from itertools import islice

import numpy as np

from relgraph.network.arrays import Adjacency
from relgraph.network.chunks import from_chunks, to_chunks
from relgraph.network.components import components
from relgraph.network.cycles import cycles
from relgraph.network.order import Order, RingCheck
from relgraph.network.reach import reach, reach_from_others, reach_range
from relgraph.network.rings import find_cycles
from relgraph.network.rows import Rows
from relgraph.network.shortest import distance, shortest_paths
from relgraph.network.steps import Leg, Step
from relgraph.network.strongest import strongest_paths

DAY = 730_000


def measure(name: str, work: Callable[[], object], *, times: int = 200) -> None:
    """Print the median and the 95th percentile in milliseconds."""
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begin) * 1e3)
    spent.sort()
    print(f"{name:38} {statistics.median(spent):10.4f} {spent[int(len(spent) * 0.95)]:10.4f}")


def random_rows(rng: np.random.Generator, entities: int, relations: int) -> Rows:
    """Return relations whose ends follow a power law, as degrees in real networks do."""
    subject = (entities * rng.power(0.6, relations)).astype(np.int64)
    target = rng.permutation(entities)[(entities * rng.power(0.6, relations)).astype(np.int64)]
    since = DAY - rng.integers(0, 3000, relations).astype(np.int32)
    until = since + rng.integers(1000, 9000, relations).astype(np.int32)
    return Rows(np.arange(relations) + 1, subject, target, since, until, amounts={"v": rng.integers(1, 100, relations)})


def main(entities: int = 100_000, relations: int = 1_000_000) -> None:
    """Build a network and time each kind of walk from random entities."""
    rng = np.random.default_rng(7)
    rows = random_rows(rng, entities, relations)
    print(f"{entities:,} entities, {relations:,} relations; milliseconds, median and 95th percentile")
    measure("build", lambda: Adjacency.build(rows), times=3)
    arrays = Adjacency.build(rows)
    print(f"{'memory, MB':38} {arrays.nbytes / 1e6:10.1f}")
    few = rows.take(np.arange(100))
    more = Rows(few.number + relations, few.object, few.subject, few.since, few.until, amounts=few.amounts)
    measure("100 changes", lambda: arrays.with_changes(more, few.number, few.subject))
    many = rows.take(np.arange(10_000))
    much = Rows(many.number + relations, many.object, many.subject, many.since, many.until, amounts=many.amounts)
    changed = arrays.with_changes(much, many.number, many.subject)
    measure("10,000 changes", lambda: arrays.with_changes(much, many.number, many.subject), times=5)
    measure("fold 10,000 + 10,000", changed.fold, times=3)
    chunks = list(to_chunks(arrays))
    measure("to chunks", lambda: list(to_chunks(arrays)), times=3)
    measure("from chunks", lambda: from_chunks(chunks), times=3)

    def one() -> int:
        return int(rng.integers(entities))

    def some(count: int) -> np.ndarray:
        return rng.integers(0, entities, count)

    period = (DAY, DAY + 1)
    for name, over in (("", arrays), (", 1% changed", changed)):
        step = Step(
            (Leg(over, "forward", period=period, value=lambda at, over=over: over.amount("v", at), scale=2),)  # type: ignore[misc]
        )
        measure(f"1 hop{name}", lambda over=over: over.hop(one(), direction="forward", period=period))  # type: ignore[misc]
        measure(f"2 hops, distinct{name}", lambda step=step: reach(step, some(1), maximum=2))  # type: ignore[misc]
        measure(f"reach 1..4{name}", lambda step=step: reach(step, some(1), maximum=4))  # type: ignore[misc]
        measure(f"distance{name}", lambda step=step: distance(step, some(1), some(1)))  # type: ignore[misc]
        measure(
            f"shortest path{name}",
            lambda step=step: next(shortest_paths(step, some(1), some(1)), None),  # type: ignore[misc]
        )
    step = Step((Leg(arrays, "forward", period=period, value=lambda at: arrays.amount("v", at), scale=2),))
    measure("reach everything", lambda: reach(step, some(1)), times=20)
    measure("reach from 1,000 others", lambda: reach_from_others(step, some(1000), maximum=3), times=10)
    measure("reach from 10 others", lambda: reach_from_others(step, some(10), maximum=3))
    measure("paths of 2..3 hops", lambda: reach_range(step, one(), 2, 3), times=50)
    measure("strongest path of 1..4", lambda: next(strongest_paths(step, some(1), some(1), 4), None), times=30)
    measure("5 strongest paths of 1..4", lambda: list(islice(strongest_paths(step, some(1), some(1), 4), 5)), times=30)
    measure("first 100 rings of 2..4", lambda: list(islice(cycles(step, 2, 4), 100)), times=2)
    measure("components", lambda: components(step), times=3)

    low, high = np.minimum(rows.subject, rows.object), np.maximum(rows.subject, rows.object)
    measure("acyclic in bulk", lambda: find_cycles(low, high, (rows.since, rows.until)), times=3)
    acyclic = Adjacency.build(Rows(rows.number, low, high, rows.since, rows.until))
    measure("order", lambda: Order.build([acyclic]), times=3)
    check = RingCheck([acyclic], Order.build([acyclic]))

    def add() -> None:
        first, second = sorted(some(2).tolist())
        check.add(relations + 1, (first, second), period)

    measure("one more acyclic relation", add, times=5000)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
