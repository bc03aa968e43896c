"""What every reader has in common: rows with the place they stand at, and how far the reading is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source.

    ``number`` is where a person finds it: the line of a text file at which the row begins, the row of a sheet,
    the position in a table's answer. A row that cannot be read says why in ``problem`` and is reported, not lost.
    """

    number: int
    values: Mapping[str, object]
    problem: str | None = None


@dataclass(slots=True)
class Meter:
    """How far a reader is: ``done`` of ``total`` bytes or rows (None: unknown), and what it noticed on its way."""

    done: int = 0
    total: int | None = None
    unit: Literal["bytes", "rows"] = "bytes"
    notes: list[str] = field(default_factory=list)

    def fraction(self) -> float | None:
        """Return how much is done, from 0 to 1, or None when the whole is unknown.

        >>> Meter(done=50, total=200).fraction()
        0.25
        """
        if self.total is None:
            return None
        return min(1.0, self.done / self.total) if self.total else 1.0


class Reader(Protocol):
    """Reads one kind of file; its options are its fields."""

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield the rows of a file one after the other, in bounded memory.

        Raises :class:`relgraph.errors.LoadError` when the file cannot be read on.
        """
        ...
