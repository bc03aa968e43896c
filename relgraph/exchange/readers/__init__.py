"""Readers of delivered files, by name; each yields rows lazily and says where it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from relgraph.exchange.readers.base import Meter, Reader, Row
from relgraph.exchange.readers.csv import CsvReader
from relgraph.exchange.readers.json import JsonReader
from relgraph.exchange.readers.jsonl import JsonlReader
from relgraph.exchange.readers.sqlite import SqliteReader
from relgraph.exchange.readers.xlsx import XlsxReader

READERS: Mapping[str, type[CsvReader | JsonReader | JsonlReader | SqliteReader | XlsxReader]] = {
    "csv": CsvReader,
    "json": JsonReader,
    "jsonl": JsonlReader,
    "sqlite": SqliteReader,
    "xlsx": XlsxReader,
}
"""Each reader by the name that mapping files use; its options are the fields of its class."""

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}


def reader_for(path: str | Path) -> str | None:
    """Return the name of the reader that a file's suffix asks for, or None.

    >>> reader_for("edges.jsonl.gz")
    'jsonl'
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


__all__ = [
    "READERS",
    "CsvReader",
    "JsonReader",
    "JsonlReader",
    "Meter",
    "Reader",
    "Row",
    "SqliteReader",
    "XlsxReader",
    "reader_for",
]
