"""Delimited text as real programs write it: any delimiter, any encoding, lines before the header, bad quotes."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter, Row
from relgraph.exchange.readers.files import find_encoding, known_encoding, open_bytes, wrong_encoding
from relgraph.exchange.readers.header import name_columns, require_cell

_LONGEST_CELL = 64 << 20
_SAMPLE_LINES = 200
_MOST_LINES = 2000
"""A quoted cell with bad quotes in it is followed over so many lines before its quote is taken as a letter."""


@dataclass(frozen=True, slots=True)
class CsvReader:
    """Reads delimited text; what is not given is told from the file.

    ``skip_until`` is a cell of the header line: everything before that line is passed over. ``columns`` names the
    columns of a file that has no header. ``skip_spaces`` passes over spaces after a delimiter.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    skip_until: str | None = None
    columns: tuple[str, ...] = ()
    skip_spaces: bool | None = None

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield a row for each record that is not empty."""
        if self.encoding is None:
            found = find_encoding(path)
            encoding = found.name
            if found.guessed:
                meter.notes.append(
                    f"'{path.name}' was read as {encoding}, a guess; `encoding:` in its reader settles it"
                )
        else:
            # a mark at the start is no part of the first column's name, whoever names the encoding
            encoding = "utf-8-sig" if known_encoding(self.encoding) == "utf-8" else known_encoding(self.encoding)
        with open_bytes(path, meter) as file:
            text = TextIOWrapper(cast("BinaryIO", file), encoding=encoding, newline="")
            try:
                yield from self._rows(path, _Lines(text), meter)
            except UnicodeError as problem:
                raise wrong_encoding(path, encoding.removesuffix("-sig"), problem) from problem

    def _rows(self, path: Path, lines: _Lines, meter: Meter) -> Iterator[Row]:
        dialect = self._dialect(path, lines.peek(_SAMPLE_LINES))
        records = _records(lines, dialect, meter, path)
        if self.columns:
            columns: Sequence[str] = self.columns
        else:
            passed: list[Sequence[str]] = []
            for _, cells in records:
                if self.skip_until is None or self.skip_until in (cell.strip() for cell in cells):
                    columns = name_columns(cells, meter)
                    break
                passed.append(cells[:20])
                if len(passed) > _SAMPLE_LINES:
                    require_cell(path, self.skip_until, passed)
            else:
                if self.skip_until is not None:
                    require_cell(path, self.skip_until, passed)
                raise LoadError(f"'{path.name}' is empty: it has no header")
        lines.expected = width = len(columns)
        mended = 0
        for number, cells in records:
            if len(cells) > width:
                whole = _mended(cells, width, dialect.delimiter)
                if whole is None:
                    extra = next(cell for cell in cells[width:] if cell.strip())
                    problem = f"has {len(cells)} cells where the header has {width}; too much: {extra!r}"
                    yield Row(number, dict(zip(columns, cells[:width], strict=True)), problem)
                    continue
                mended += len(whole) == width and any(cell.strip() for cell in cells[width:])
                cells = whole  # noqa: PLW2901  (the record as it was meant)
            # programs leave out empty cells at the end of a row
            values: dict[str, object] = dict.fromkeys(columns[len(cells) :])
            yield Row(number, dict(zip(columns, cells, strict=False)) | values)
        if mended:
            meter.notes.append(
                f"{mended} records of '{path.name}' have cells with '{dialect.delimiter} ' in them and no quotes; "
                "they were put together again"
            )

    def _dialect(self, path: Path, sample: Sequence[str]) -> type[csv.Dialect]:
        delimiter = self.delimiter
        if delimiter is None:
            delimiter = guess_delimiter(sample, self.quote)
        elif delimiter in ("tab", "\\t"):
            delimiter = "\t"
        if len(delimiter) != 1 or len(self.quote) != 1:
            raise LoadError(
                f"delimiter and quote of '{path.name}' must be one character each",
                hint='for cells parted by a comma and a space, write `delimiter: ","` and `skip_spaces: true`',
            )
        spaces = self.skip_spaces
        if spaces is None:
            spaces = any(f"{delimiter} {self.quote}" in line for line in sample[:20])
        return type(
            "_Dialect",
            (csv.Dialect,),
            {
                "delimiter": delimiter,
                "quotechar": self.quote,
                "doublequote": True,
                "skipinitialspace": spaces,
                "lineterminator": "\n",
                "quoting": csv.QUOTE_MINIMAL,
                "strict": True,
            },
        )


def _mended(cells: list[str], width: int, delimiter: str) -> list[str] | None:
    """Return a record that is too long as it was meant, None where that cannot be told.

    Empty cells after the last column say nothing. A delimiter before a space is text that nobody quoted, if putting
    all such cells together again gives just as many as the header has.
    """
    if not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    whole = cells[:1]
    for cell in cells[1:]:
        if cell.startswith(" ") and cell.strip():
            whole[-1] += delimiter + cell
        else:
            whole.append(cell)
    return whole if len(whole) == width else None


def guess_delimiter(lines: Sequence[str], quote: str = '"') -> str:
    """Return the delimiter that parts the lines most evenly; a comma when none does.

    >>> guess_delimiter(["name;revenue", "ACME;1,5", "Bolt;2,25"])
    ';'
    """
    best, score = ",", 0.0
    bare = []
    inside = False
    for line in lines:
        pieces = line.split(quote)
        # what stands between quotes is no delimiter, also where a quoted cell goes over several lines
        bare.append("".join(piece for index, piece in enumerate(pieces) if (index % 2 == 0) != inside))
        inside ^= len(pieces) % 2 == 0
    for candidate in (",", ";", "\t", "|"):
        counts = [line.count(candidate) for line in bare if line.strip()]
        if not counts or not any(counts):
            continue
        usual = max(set(counts), key=lambda count: (counts.count(count) if count else 0, count))
        evenness = counts.count(usual) / len(counts) + min(usual, 50) / 1000
        if usual and evenness > score:
            best, score = candidate, evenness
    return best


class _Lines:
    """Lines that can be put back, each with its number; what the current record is made of is kept."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.number = 0
        self.expected: int | None = None
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._text.readline(_LONGEST_CELL)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size >= _LONGEST_CELL:
            raise LoadError(
                f"the record at line {self.number - len(self.taken) + 1} is longer than {_LONGEST_CELL >> 20} MB",
                hint="a quote that is never closed? see `quote:` and `delimiter:` of the reader",
            )
        return line

    def begin(self) -> None:
        """Forget the record before, so that the next line begins a new one."""
        self.taken = []
        self._size = 0

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines back in front of what comes next."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)

    def peek(self, count: int) -> list[str]:
        """Return the next lines without using them up."""
        seen: list[str] = []
        while len(seen) < count and (line := self._text.readline(_LONGEST_CELL)):
            seen.append(line)
        self._back.extend(seen)
        return seen


def _records(lines: _Lines, dialect: type[csv.Dialect], meter: Meter, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each record with the line it begins at; bad quotes are read as well as they can be."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    reader = csv.reader(lines, dialect)
    repaired = 0
    while True:
        lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error:
            cells = _repaired(lines, dialect)
            repaired += 1
            if repaired == 1:
                meter.notes.append(
                    f"line {lines.number - len(lines.taken) + 1} of '{path.name}' has quotes that do not pair; "
                    "it was read as well as it could be"
                )
        if cells is None:
            if repaired > 1:
                meter.notes.append(f"'{path.name}' has {repaired} records with quotes that do not pair")
            return
        if any(cells):
            yield lines.number - len(lines.taken) + 1, cells


def _repaired(lines: _Lines, dialect: type[csv.Dialect]) -> list[str]:
    """Read the record at hand with a quote closing a cell only where a delimiter or the line's end follows."""
    taken = lines.taken
    cells, closed = _split(taken[0], dialect)
    if closed and lines.expected in (None, len(cells)):
        lines.give_back(taken[1:])
        lines.taken = taken[:1]
        return cells
    record, used = taken[0], 1
    while not closed and used < _MOST_LINES:
        if used < len(taken):
            record += taken[used]
        else:
            following = next(lines, None)
            if following is None:
                break
            record += following
            taken = lines.taken
        used += 1
        cells, closed = _split(record, dialect)
    if closed and (used == 1 or lines.expected in (None, len(cells))):
        lines.give_back(taken[used:])
        lines.taken = taken[:used]
        return cells
    # a quote that nothing closes is a letter, and the record ends with its line
    lines.give_back(taken[1:])
    lines.taken = taken[:1]
    return _split(taken[0], dialect, lone=True)[0]


def _split(record: str, dialect: type[csv.Dialect], *, lone: bool = False) -> tuple[list[str], bool]:
    """Return the cells of a record, and whether its last quoted cell was closed; ``lone``: take such a quote as is."""
    quote, delimiter = dialect.quotechar or '"', dialect.delimiter
    text = record.rstrip("\r\n")
    cells: list[str] = []
    at = 0
    while True:
        while dialect.skipinitialspace and text[at : at + 1] == " ":
            at += 1
        if text[at : at + 1] == quote:
            found = _closing(text, at + 1, quote, delimiter)
            if found is not None:
                cells.append(text[at + 1 : found[0]].replace(quote * 2, quote))
                at = found[1]
                if at >= len(text):
                    return cells, True
                at += 1
                continue
            if not lone:
                return cells, False
        stop = text.find(delimiter, at)
        if stop < 0:
            cells.append(text[at:])
            return cells, True
        cells.append(text[at:stop])
        at = stop + 1


def _closing(text: str, start: int, quote: str, delimiter: str) -> tuple[int, int] | None:
    """Return where the quote stands that closes a cell, and where the cell ends; None when none closes it.

    It is one before a delimiter or the end. A doubled quote is a letter there, unless no other quote closes the cell:
    then it is a letter and the closing quote, left as it was by a program that doubles none.
    """
    at = start
    doubled: tuple[int, int] | None = None
    while (at := text.find(quote, at)) >= 0:
        last = at
        while text[last + 1 : last + 2] == quote:
            last += 1
        end = last + 1
        while text[end : end + 1] == " ":
            end += 1
        if text[end : end + 1] in ("", delimiter):
            if (last - at) % 2 == 0:
                return last, end
            doubled = doubled or (last, end)
        at = last + 1
    return doubled
