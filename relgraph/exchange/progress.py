"""How far an import is: rows, rows a second, time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from relgraph.errors import Cancelled
from relgraph.exchange.readers import Meter

_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of progress; ``total`` is a guess from the bytes read so far, ``seconds_left`` follows from it.

    ``phase`` is ``entities``, ``relations`` or ``writing``; ``input`` the file that is read.
    """

    phase: str
    input: str
    rows: int
    total: int | None
    fraction: float
    rows_per_second: float
    seconds_left: float | None


class Watch:
    """Tells a callback of the progress ten times a second, and stops the work when it is asked to.

    ``sizes`` are the sizes of the files in the order in which they are read, one that is read twice being there
    twice.
    """

    def __init__(
        self,
        sizes: list[int],
        callback: Callable[[Progress], object] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._sizes = sizes
        self._callback = callback
        self._cancelled = cancelled
        self._whole = max(1, sum(sizes))
        self._begun = time.monotonic()
        self._told = 0.0
        self.rows = 0
        self._passed = 0
        self._at = -1
        self._phase = self._input = ""
        self._meter = Meter()

    def again(self) -> None:
        """Begin anew: the rows are read again."""
        self.rows = self._passed = 0
        self._at = -1
        self._begun = time.monotonic()

    def reading(self, phase: str, name: str, meter: Meter) -> None:
        """Go on to the next file."""
        if self._at >= 0:
            self._passed += self._sizes[self._at]
        self._at += 1
        self._phase, self._input, self._meter = phase, name, meter
        self._look(force=True)

    def row(self) -> None:
        """Count a row."""
        self.rows += 1
        if self.rows % 128 == 0:
            self._look()

    def writing(self) -> None:
        """Say that what was read is now checked and written."""
        self._phase = "writing"
        self._look(force=True)

    def _look(self, *, force: bool = False) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("the import was stopped", hint="run it again to go on", details={"rows": self.rows})
        if self._callback is None:
            return
        now = time.monotonic()
        if not force and now - self._told < _EVERY:
            return
        self._told = now
        self._callback(self._progress(now - self._begun))

    def _progress(self, elapsed: float) -> Progress:
        current = self._sizes[self._at] * (self._meter.fraction() or 0.0) if self._at >= 0 else 0.0
        fraction = 1.0 if self._phase == "writing" else min(1.0, (self._passed + current) / self._whole)
        left = elapsed * (1 - fraction) / fraction if fraction > 0 else None
        total = round(self.rows / fraction) if fraction > 0 and self.rows else None
        rate = self.rows / elapsed if elapsed > 0 else 0.0
        return Progress(self._phase, self._input, self.rows, total, fraction, rate, left)
