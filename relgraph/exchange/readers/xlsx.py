"""Workbooks (``.xlsx``), row by row; needs the extra ``relgraph[xlsx]``."""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter, Row
from relgraph.exchange.readers.files import require_file
from relgraph.exchange.readers.header import name_columns, require_cell

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_BEFORE_HEADER = 200


@dataclass(frozen=True, slots=True)
class XlsxReader:
    """Reads one sheet of a workbook; ``skip_until`` and ``columns`` are those of delimited text."""

    sheet: str | None = None
    skip_until: str | None = None
    columns: tuple[str, ...] = ()

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield a row for each row of the sheet that is not empty; formulas give the value that was last seen."""
        book = _open(path)
        try:
            names = list(book.sheetnames)
            if self.sheet is not None and self.sheet not in names:
                raise LoadError(
                    f"'{path.name}' has no sheet '{self.sheet}'",
                    hint=f"its sheets are {', '.join(names)}",
                    candidates=difflib.get_close_matches(self.sheet, names),
                )
            sheet: Any = book[self.sheet] if self.sheet is not None else book.worksheets[0]
            # programs write wrong sizes into sheets; without one the rows themselves count
            total = sheet.max_row
            sheet.reset_dimensions()
            meter.unit, meter.total = "rows", total
            yield from self._rows(path, sheet, meter)
        except (zipfile.BadZipFile, EOFError, OSError, SyntaxError) as problem:
            raise _damaged(path, problem) from problem
        finally:
            book.close()

    def _rows(self, path: Path, sheet: Any, meter: Meter) -> Iterator[Row]:
        columns: Sequence[str] = self.columns
        passed: list[Sequence[object]] = []
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            meter.done = number
            values = [cell.value for cell in cells]
            if all(value is None for value in values):
                continue
            if not columns:
                if self.skip_until is None or self.skip_until in (str(value).strip() for value in values):
                    while values and values[-1] is None:
                        values.pop()
                    columns = name_columns(values, meter)
                else:
                    passed.append(values[:20])
                    if len(passed) > _BEFORE_HEADER:
                        break
                continue
            yield _row(number, columns, cells)
        if not columns:
            if self.skip_until is not None:
                require_cell(path, self.skip_until, passed)
            raise LoadError(f"the sheet of '{path.name}' is empty: it has no header")


def _row(number: int, columns: Sequence[str], cells: Sequence[Any]) -> Row:
    values: dict[str, object] = dict.fromkeys(columns)
    problem = None
    for place, cell in enumerate(cells):
        if cell.value is None:
            continue
        if place >= len(columns):
            problem = f"has a value right of the header's last column: {cell.value!r}"
        elif cell.data_type == "e":
            problem = f"holds the error {cell.value} in the column '{columns[place]}'"
        else:
            values[columns[place]] = _exact(cell.value)
    return Row(number, values, problem)


def _exact(value: object) -> object:
    """Return a cell's value as it is meant: the decimal that is shown, a day where the time says nothing."""
    match value:
        case bool():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) < 2**53 else Decimal(repr(value))
        case datetime() if value.time() == time():
            return value.date()
        case _:
            return value


def _open(path: Path) -> Workbook:
    require_file(path)
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  (an optional dependency)
        from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  (the same)
    except ImportError as problem:
        raise LoadError(
            f"reading the workbook '{path.name}' needs the package openpyxl",
            hint="pip install 'relgraph[xlsx]', or save the sheet as CSV",
        ) from problem
    with path.open("rb") as file:
        old = file.read(4) == _OLD_FORMAT
        file.seek(0)
    if old:
        raise LoadError(
            f"'{path.name}' is a workbook of the old format (.xls), or is protected by a password",
            hint="save it as .xlsx without a password",
        )
    try:
        return load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, EOFError, OSError, ValueError) as problem:
        raise _damaged(path, problem) from problem


def _damaged(path: Path, problem: Exception) -> LoadError:
    return LoadError(
        f"'{path.name}' is no workbook, or it is damaged or cut off",
        hint="save it again as .xlsx, or as CSV",
        details={"file": str(path), "problem": str(problem)},
    )
