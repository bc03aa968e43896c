"""Timing by turns, and work in a process of its own."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """How large a generated network is."""

    name: str
    entities: int
    relations: int

    def __str__(self) -> str:
        return f"{self.entities:,} entities, {self.relations:,} relations"


SIZES = {
    one.name: one
    for one in (Size("small", 10_000, 100_000), Size("medium", 100_000, 1_000_000), Size("large", 500_000, 5_000_000))
}


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that something took, several times; ``worked`` are those of the processor."""

    seconds: tuple[float, ...]
    worked: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def work(self) -> float:
        """The middle one of the processor's."""
        return statistics.median(self.worked)

    @property
    def high(self) -> float:
        """The 95th percentile: one in twenty takes longer."""
        return _high(self.seconds)

    @property
    def work_high(self) -> float:
        """The 95th percentile of the processor's."""
        return _high(self.worked)


def _high(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]


def by_turns(
    contenders: Mapping[str, Callable[[Any], object]], cases: Sequence[Any], *, warm: int = 3
) -> dict[str, Times]:
    """Return the times of each contender over the same cases, taken by turns: what the machine does meets them all.

    The first ``warm`` cases are not counted.
    """
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    gc.collect()
    for case in cases:
        for name, work in contenders.items():
            worked, begun = time.process_time(), time.perf_counter()
            work(case)
            spent[name].append((time.perf_counter() - begun, time.process_time() - worked))
    return {
        name: Times(tuple(one for one, _ in pairs[warm:]), tuple(one for _, one in pairs[warm:]))
        for name, pairs in spent.items()
    }


def memory() -> int:
    """Return the bytes of memory that this process holds now."""
    import psutil  # type: ignore[import-untyped]  # noqa: PLC0415 - only those who measure memory need it

    held: int = psutil.Process().memory_info().rss
    return held


def peak() -> int:
    """Return the most memory that this process ever held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def apart(work: Callable[..., Any], *arguments: object) -> Any:
    """Run work in a process of its own, so that its memory and warmth are its own, and return what it returns."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_sent, args=(there, work, arguments))
    process.start()
    there.close()
    try:
        found = here.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"{work.__name__} ended with code {process.exitcode}") from None
    process.join()
    return found


def _sent(there: Connection, work: Callable[..., Any], arguments: Sequence[object]) -> None:
    there.send(work(*arguments))
