"""A list without a mapping: what its columns hold, what they may mean, and the mapping that comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from relgraph import LoadError, Vocabulary
from relgraph.exchange.mapping import ImportMapping
from relgraph.exchange.readers import READERS, Meter, reader_for
from relgraph.folding import fold

_ROWS: Final = 8
_KEYS: Final = frozenset({"id", "key", "code", "number", "no"})


@dataclass(frozen=True, slots=True)
class Preview:
    """The columns of a list and its first rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def preview(path: Path) -> Preview:
    """Return the beginning of a list; LoadError where it is none."""
    kind = reader_for(path)
    if kind not in {"csv", "jsonl", "xlsx"}:
        raise LoadError(
            f"{path.name} is no list that can be shown", hint="send a CSV file, JSON lines or a workbook, or a mapping"
        )
    rows = [one for one in islice(READERS[kind]().read(path, Meter()), _ROWS) if one.problem is None]
    columns = list(dict.fromkeys(name for row in rows for name in row.values))
    if not columns:
        raise LoadError(f"{path.name} has no rows below a header")
    return Preview(columns, [[_text(row.values.get(name)) for name in columns] for row in rows])


def _text(value: object) -> str:
    return "" if value is None else str(value)[:200]


def likely_type(vocabulary: Vocabulary, types: Sequence[str], columns: Sequence[str]) -> str:
    """Return the type whose fields are named as the columns are."""
    named = {fold(one) for one in columns}
    return max(types, key=lambda one: len(named & {fold(name) for name in vocabulary.fields(one)}))


def likely(vocabulary: Vocabulary, type_name: str, columns: Sequence[str]) -> dict[str, str]:
    """Return what each column may mean, nothing for those that are named as nothing is."""
    fields = {fold(name): name for name in vocabulary.fields(type_name)}
    caption = vocabulary.caption(type_name)
    found: dict[str, str] = {}
    for column in columns:
        name = fields.get(fold(column))
        if name is None and fold(column) in {fold(type_name), "name", "label"} and caption:
            name = caption[0]
        if name is not None and f"field {name}" not in found.values():
            found[column] = f"field {name}"
        elif fold(column) in _KEYS and "key" not in found.values():
            found[column] = "key"
        else:
            found[column] = ""
    return found


def mapping_of(
    vocabulary: Vocabulary, path: Path, *, source: str, type_name: str, meanings: Mapping[str, str]
) -> ImportMapping:
    """Return the mapping of a list whose rows are entities of a type.

    A column means ``key``, ``field NAME``, ``relation READING TYPE`` for the names of what a row is related to, or
    nothing. Raises LoadError where no column tells the rows apart, or one means what another does.
    """
    told = [one for one in meanings.values() if one and not one.startswith("relation ")]
    twice = sorted({one for one in told if told.count(one) > 1})
    if twice:
        raise LoadError(f"two columns mean {twice[0].removeprefix('field ')}", hint="leave one of them out")
    of = {meaning: column for column, meaning in meanings.items() if meaning}
    caption = vocabulary.caption(type_name)
    key = of.get("key") or (of.get(f"field {caption[0]}") if caption else None)
    if key is None:
        raise LoadError("no column tells the rows apart", hint="say which one is the key, or which one is the name")
    fields = {one.removeprefix("field "): {"column": column} for one, column in of.items() if one.startswith("field ")}
    relations = []
    for column, meaning in meanings.items():
        if meaning.startswith("relation "):
            _, reading, other = meaning.split(" ")
            relations.append(
                {
                    "predicate": reading,
                    "subject": {"key": {"column": key}},
                    "object": {"name": {"column": column}, "type": other, "match": "normalized"},
                }
            )
    told_as: dict[str, Any] = {
        "mapping": source,
        "source": source,
        "inputs": {"rows": {"file": path.name, "trim": True}},
        "entities": [{"type": type_name, "key": {"column": key}, "fields": fields}],
    }
    if relations:
        told_as["relations"] = relations
    # JSON is YAML, too
    return ImportMapping.from_text(json.dumps(told_as, ensure_ascii=False), name=source, folder=path.parent)
