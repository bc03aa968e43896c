"""What an import did, row by row where something is to be looked at."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from typing import Literal

from relgraph.errors import ValueProblem
from relgraph.exchange.writing import whole

KEPT = 100_000
"""How many rows of one kind are listed; all are counted."""

Kind = Literal["unresolved", "refused"]
COLUMNS = ("kind", "input", "row", "rule", "column", "value", "message", "candidates")
"""The columns of the report as CSV."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of the source that did not go in whole.

    ``unresolved``: an end that is not to be found, with the column and value that name it and the nearest names.
    ``refused``: a value or rule that stands against it; ``rule`` is the error's code.
    """

    kind: Kind
    input: str
    row: int
    rule: str
    message: str
    column: str = ""
    value: str = ""
    candidates: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the row as a JSON-able mapping."""
        return {
            "kind": self.kind,
            "input": self.input,
            "row": self.row,
            "rule": self.rule,
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "candidates": list(self.candidates),
        }

    def __str__(self) -> str:
        meant = f" (did you mean {', '.join(repr(one) for one in self.candidates)}?)" if self.candidates else ""
        return f"{self.input}, row {self.row}: {self.message}{meant}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one import.

    ``created``, ``updated`` and ``unchanged`` count entities and relations together; ``linked`` counts new relations,
    ``withdrawn`` those of a full import that the source no longer states, ``skipped`` what conditions or empty ends
    passed over. ``unresolved`` and ``refused`` list rows, ``warnings`` what else was noticed. ``transaction`` is the
    id of the last transaction (None where nothing changed or nothing was to be written); ``batch`` is the name by
    which ``graph.undo`` takes all of it back. ``folder`` is where the input lies, None where it is no file.
    """

    mapping: str
    source: str
    dry_run: bool
    rows_read: int = 0
    created: int = 0
    linked: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    skipped: int = 0
    unresolved: tuple[ReportRow, ...] = ()
    refused: tuple[ReportRow, ...] = ()
    warnings: tuple[str, ...] = ()
    transaction: str | None = None
    transactions: tuple[str, ...] = ()
    batch: str | None = None
    seconds: float = 0.0
    counted: Mapping[str, int] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def summary(self) -> dict[str, int]:
        """Every count by its name, also of rows beyond those that are listed."""
        return {
            "rows": self.rows_read,
            "created": self.created,
            "linked": self.linked,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "withdrawn": self.withdrawn,
            "skipped": self.skipped,
            "unresolved": self.counted.get("unresolved", len(self.unresolved)),
            "refused": self.counted.get("refused", len(self.refused)),
            "warnings": len(self.warnings),
        }

    def rows(self) -> Iterator[ReportRow]:
        """Yield the rows to be looked at: unresolved ones, then refused ones, each in the order of the source."""
        yield from self.unresolved
        yield from self.refused

    def to_csv(self, path: str | PathLike[str] | None = None) -> Path:
        """Write the rows to be looked at as CSV (UTF-8 with a mark, as spreadsheets want it); return the path.

        Without a path it is a file beside the input, named after the mapping. Raises ValueProblem where the input is
        no file, StoreUnavailable or StoreFull where the report cannot be written.
        """
        if path is None and self.folder is None:
            raise ValueProblem("what was imported is no file", hint="name the file that the report is written to")
        target = Path(path) if path is not None else (self.folder or Path()) / f"{_file_name(self.mapping)}-report.csv"
        with whole(target) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in self.rows():
                cells = {**row.to_dict(), "candidates": "; ".join(row.candidates)}
                # a value that a spreadsheet would take for a formula is shown as text
                writer.writerow([_shown(str(cells[name])) for name in COLUMNS])
        return target

    def to_dict(self) -> dict[str, object]:
        """Return the report as a JSON-able mapping."""
        return {
            "mapping": self.mapping,
            "source": self.source,
            "dry_run": self.dry_run,
            "summary": self.summary,
            "rows": [row.to_dict() for row in self.rows()],
            "warnings": list(self.warnings),
            "transaction": self.transaction,
            "transactions": list(self.transactions),
            "batch": self.batch,
            "seconds": round(self.seconds, 3),
        }

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.summary.items() if count or name == "rows")
        what = "dry run of" if self.dry_run else "import of"
        lines = [f"{what} {self.mapping}: {counts}"]
        for title, rows in (("unresolved", self.unresolved), ("refused", self.refused)):
            lines += [f"  {title}: {row}" for row in rows[:10]]
            total = self.summary[title]
            if total > 10:
                lines.append(f"  {title}: and {total - 10:,} more")
        lines += [f"  warning: {one}" for one in self.warnings]
        if self.batch is not None and self.transactions:
            lines.append(f"  take it back with: undo {self.batch}")
        return "\n".join(lines)


def _file_name(mapping: str) -> str:
    """Return the name of a mapping with what a file's name cannot have left out."""
    return re.sub(r"[^\w.-]+", "-", mapping).strip("-.") or "import"


def _shown(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@dataclass(slots=True)
class Gathering:
    """The report while it comes together; what an attempt gathered can be forgotten when it is made again."""

    counts: Counter[str] = field(default_factory=Counter)
    unresolved: list[ReportRow] = field(default_factory=list)
    refused: list[ReportRow] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, row: ReportRow) -> None:
        """Count a row, and list it while there is room."""
        self.counts[row.kind] += 1
        rows = self.unresolved if row.kind == "unresolved" else self.refused
        if len(rows) < KEPT:
            rows.append(row)

    def warn(self, text: str) -> None:
        """Note something, once."""
        self.warnings[text] = None

    def take(self, other: Gathering) -> None:
        """Add what another gathering holds."""
        self.counts.update(other.counts)
        self.unresolved += other.unresolved[: KEPT - len(self.unresolved)]
        self.refused += other.refused[: KEPT - len(self.refused)]
        self.warnings.update(other.warnings)
