"""What the programs show: tables, in a form that documents take as it is, or as JSON."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Table:
    """Some measured rows under one title; the first column says what was measured."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""

    def add(self, *cells: str) -> None:
        """Add a row."""
        self.rows.append(cells)

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        shown = [
            f"| {' | '.join(map(_padded, line, widths, range(len(line))))} |" for line in (lines[0], rule, *lines[1:])
        ]
        return "\n".join([f"### {self.title}", "", *shown, *(["", self.note] if self.note else [])])

    def to_dict(self) -> dict[str, Any]:
        """Return the table for a JSON file."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "note": self.note}


def _padded(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def milliseconds(seconds: float) -> str:
    """Return a time as people compare them: in milliseconds, with three digits that say something."""
    value = seconds * 1000
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{places}f}"


def ratio(one: float, other: float) -> str:
    """Return how many times one is of another."""
    return f"{one / other:.2f}×" if other else "-"


def megabytes(size: float) -> str:
    """Return bytes in megabytes."""
    return f"{size / 1e6:,.0f}"


def machine() -> str:
    """Return what the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    memory = f", {pages / 2**30:.0f} GB of memory" if pages else ""
    return (
        f"{os.cpu_count()} cores{memory}, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
