"""The names of columns, from the cells of a header line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter


def name_columns(cells: Sequence[object], meter: Meter) -> tuple[str, ...]:
    """Return a name for each cell of a header: trimmed, told apart by a number, empty ones by their place.

    >>> name_columns(["Name ", "E-mail", "E-mail", ""], Meter())
    ('Name', 'E-mail', 'E-mail (2)', 'column 4')
    """
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        base = str(cell).strip() if cell is not None else ""
        name = base or f"column {place}"
        count = 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        if count > 1:
            meter.notes.append(f"the header has the column '{base}' again; it is read as '{name}'")
        names.append(name)
    return tuple(names)


def require_cell(path: Path, wanted: str | None, passed: Sequence[Sequence[object]]) -> None:
    """Raise :class:`LoadError` because no line had the cell by which the header is known."""
    seen = [str(cell).strip() for cells in passed for cell in cells if cell is not None]
    raise LoadError(
        f"no line of '{path.name}' has the cell '{wanted}', by which its header was to be found",
        hint="check `skip_until` of the reader",
        candidates=difflib.get_close_matches(wanted or "", seen),
        details={"file": str(path)},
    )
