"""Between rows of the model and cells of the file: days as ISO text, mappings as compact JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import repeat
from json.encoder import encode_basestring
from typing import Any

from relgraph.model.records import OPEN_END, OPEN_START

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
_KEPT = 1 << 16
_BEYOND = date.max.toordinal() + 1
# the day after the last one that a date can name: where a period that ends with the calendar is cut
_BEYOND_TEXT = "10000-01-01"


class _Names(dict[str, str]):
    """Names as JSON, each made once: there are as many as fields."""

    def __missing__(self, name: str) -> str:
        text = encode_basestring(name)
        if len(self) < _KEPT:
            self[name] = text
        return text


_NAMES = _Names()


def dumps(value: object) -> str:
    """Return stored forms as compact JSON text."""
    if type(value) is dict:
        return _plain(value) if value else "{}"
    return _encoder.encode(dict(value) if isinstance(value, Mapping) else value)


def _plain(value: dict[str, object]) -> str:
    """Return a mapping as the encoder does, put together by hand where it holds nothing but texts and integers."""
    parts = []
    for name, one in value.items():
        kind = type(one)
        if kind is str:
            parts.append(f"{_NAMES[name]}:{encode_basestring(one)}")  # type: ignore[arg-type]
        elif kind is int:
            parts.append(f"{_NAMES[name]}:{one}")
        else:
            return _encoder.encode(value)
    return f"{{{','.join(parts)}}}"


class _Parts(dict[Any, str]):
    """A named value as JSON, by the value: those of one attribute are few, or made anew each time."""

    def __init__(self, name: str, *, alone: bool) -> None:
        # where no other stands beside it, a part is the whole
        before, after = "{}" if alone else ("", "")
        super().__init__({None: before + after})
        self._absent, self._before, self._after = before + after, f"{before}{encode_basestring(name)}:", after

    def __missing__(self, value: object) -> str:
        text = self.made(value)
        if len(self) < _KEPT:
            self[value] = text
        return text

    def made(self, value: object) -> str:
        """Return the text of a value that is no key of a dictionary."""
        return self._absent if value is None else f"{self._before}{_encoder.encode(value)}{self._after}"


def dumps_columns(columns: Mapping[str, Sequence[object]], count: int) -> Iterator[str]:
    """Yield, row by row, the text of mappings that are given as columns, a value of None being absent.

    >>> list(dumps_columns({"share": ["0.5", None], "role": ["buyer", None]}, 2))
    ['{"share":"0.5","role":"buyer"}', '{}']
    >>> list(dumps_columns({"price": [["9", "EUR"], None]}, 2)), list(dumps_columns({}, 1))
    (['{"price":["9","EUR"]}', '{}'], ['{}'])
    """
    if not columns:
        return repeat("{}", count)
    named = [map(_parts(name, column, alone=len(columns) == 1), column) for name, column in columns.items()]
    return named[0] if len(named) == 1 else (f"{{{','.join(filter(None, one))}}}" for one in zip(*named, strict=True))


def _parts(name: str, column: Sequence[object], *, alone: bool) -> Callable[[object], str]:
    known = _Parts(name, alone=alone)
    # money and fields of many values are lists
    return known.made if list in set(map(type, column)) else known.__getitem__


_scan = json.JSONDecoder().raw_decode
"""Reads a text without looking for blanks around it: there are none in what is kept."""


def loads(text: str) -> dict[str, Any]:
    """Return the mapping that a cell holds."""
    if text == "{}":
        return {}
    found: dict[str, Any]
    found, end = _scan(text)
    return found if end == len(text) else json.loads(text)  # which says what is wrong


def numbers_text(numbers: Iterable[int]) -> str:
    """Return numbers as the JSON list that a statement joins with."""
    return str(numbers if type(numbers) is list else [int(one) for one in numbers])


class _Texts(dict[int, str | None]):
    """ISO text by day, each made once."""

    def __missing__(self, day: int) -> str | None:
        text = _BEYOND_TEXT if day == _BEYOND else date.fromordinal(day).isoformat()
        self[day] = text
        return text


class _Days(dict[str | None, int]):
    """Days by ISO text, each read once."""

    def __missing__(self, text: str | None) -> int:
        assert text is not None  # noqa: S101 - the open bound is in the table from the start
        day = _BEYOND if text == _BEYOND_TEXT else date.fromisoformat(text).toordinal()
        self[text] = day
        return day


TEXT: Mapping[int, str | None] = _Texts({OPEN_START: None, OPEN_END: None})
"""A bound as the file shows it: ISO text, None where open."""

SINCE: Mapping[str | None, int] = _Days({None: OPEN_START})
"""The day of a start as the file shows it."""

UNTIL: Mapping[str | None, int] = _Days({None: OPEN_END})
"""The day of an end as the file shows it."""
