"""What the steps of a question did: how many rows each was given, how many it left, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Literal

Doing = Literal["names", "start", "back", "step", "keep", "set", "list", "groups", "give", "read", "server"]
"""What is done: names are looked up, rows found, walked from, tested, grouped, given, read, or asked of a server."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One step that is done: ``what`` is the part of the question, or its words; ``seconds`` None where not known."""

    doing: Doing
    what: object
    before: int | None
    after: int
    seconds: float | None


class Watch:
    """Takes down each step when it is done; its time is what went by since the one before."""

    def __init__(self) -> None:
        self.passed: list[Passed] = []
        self._last = perf_counter()

    def took(self, doing: Doing, what: object, before: int | None, after: int) -> None:
        """Take down a step that is done now."""
        now = perf_counter()
        self.passed.append(Passed(doing, what, before, after, now - self._last))
        self._last = now

    def told(self, doing: Doing, what: object, before: int | None, after: int) -> None:
        """Take down a part of a step whose own time nobody tells."""
        self.passed.append(Passed(doing, what, before, after, None))

    def resume(self) -> None:
        """Leave out of every step the time that went by since the last one."""
        self._last = perf_counter()
