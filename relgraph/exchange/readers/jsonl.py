"""JSON Lines: one object a line, plain or gzip-compressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from relgraph.errors import LoadError
from relgraph.exchange.readers.base import Meter, Row
from relgraph.exchange.readers.files import known_encoding, open_bytes, wrong_encoding

_LONGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class JsonlReader:
    """Reads one JSON object a line; numbers stay exact, integers of any length included.

    A line that is no object is reported as a row with a problem; a file whose first line is none is refused whole.
    """

    encoding: str = "utf-8-sig"

    def read(self, path: Path, meter: Meter) -> Iterator[Row]:
        """Yield a row for each line that is not blank."""
        encoding = known_encoding(self.encoding)
        first = True
        with open_bytes(path, meter) as file:
            number = 0
            while line := file.readline(_LONGEST):
                number += 1
                if len(line) >= _LONGEST:
                    raise LoadError(
                        f"line {number} of '{path.name}' is longer than {_LONGEST >> 20} MB",
                        hint="JSON Lines holds one object a line; is this a single JSON document?",
                    )
                try:
                    text = line.decode(encoding if number == 1 else encoding.removesuffix("-sig"))
                except UnicodeDecodeError as problem:
                    raise wrong_encoding(path, self.encoding.removesuffix("-sig"), problem) from problem
                if not text.strip():
                    continue
                row = _row(number, text)
                if first and row.problem is not None:
                    raise LoadError(
                        f"'{path.name}' is no JSON Lines file: its line {number} {row.problem}",
                        hint='each line must be one JSON object, such as {"id": 1, "name": "ACME"}',
                        details={"file": str(path), "line": number},
                    )
                first = False
                yield row


def _row(number: int, text: str) -> Row:
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=no_number, object_pairs_hook=once)
    except json.JSONDecodeError as problem:
        return Row(number, {}, f"is no JSON: {problem.msg} at column {problem.colno}")
    except RecursionError:
        return Row(number, {}, "is nested too deeply")
    except ValueError as problem:
        return Row(number, {}, f"cannot be read: {problem}")
    if not isinstance(value, dict):
        return Row(number, {}, "is JSON, but no object")
    return Row(number, value)


def no_number(name: str) -> object:
    """Refuse what JSON has no number for: NaN and the infinities."""
    raise ValueError(f"{name} is no number")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are each there once."""
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"'{twice}' is there twice")
    return values
