"""What work costs, counted instead of timed: a busy machine is slow, but takes no more steps and no more room."""

from __future__ import annotations

import sqlite3
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

Work = Callable[[], object]


def steps(work: Work) -> int:
    """Return how many calls, of Python and of C, and how many lines, each turn of a loop anew, `work` takes."""
    counted = 0

    def call(_: FrameType, event: str, __: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    def line(_: FrameType, event: str, __: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return line

    before = sys.getprofile(), sys.gettrace()
    sys.setprofile(call)
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before[1])
        sys.setprofile(before[0])
    return counted


def room(work: Work) -> int:
    """Return how many bytes `work` holds at once, at its most, beside what was held before; arrays are counted too."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Statements:
    """What SQLite does, in hundreds of the steps of its own machine: a table read through in vain shows here alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counted = 0
        connect = sqlite3.connect

        def counting(*given: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*given, **named)
            connection.set_progress_handler(self._hundred, 100)
            return connection

        monkeypatch.setattr(sqlite3, "connect", counting)

    def _hundred(self) -> None:
        self.counted += 1

    def steps(self, work: Work) -> int:
        before = self.counted
        work()
        return self.counted - before
