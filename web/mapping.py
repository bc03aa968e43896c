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
_BEGIN: Final = frozenset({"since", "from", "begin", "began", "start", "started"})
_END: Final = frozenset({"until", "to", "end", "ended"})
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


def likely_details(vocabulary: Vocabulary, meanings: Mapping[str, str]) -> dict[str, str]:
    """Return meanings where columns without one say more of the only relation, if they are named so."""
    named = {meaning.removeprefix("relation ") for meaning in meanings.values() if meaning.startswith("relation ")}
    found = dict(meanings)
    if len(named) != 1:
        return found
    (relation,) = named
    predicate = vocabulary.readings[relation.split(" ")[0]].predicate
    offered = {fold(one.name): f"attribute {relation} {one.name}" for one in predicate.attributes}
    if predicate.time == "valid":
        offered |= dict.fromkeys(_BEGIN - set(offered), f"since {relation}")
        offered |= dict.fromkeys(_END - set(offered), f"until {relation}")
    for column, meaning in meanings.items():
        detail = offered.get(fold(column))
        if not meaning and detail is not None and detail not in found.values():
            found[column] = detail
    return found


@dataclass(frozen=True, slots=True)
class _Detail:
    """What a column says of a relation: an attribute, or a bound of its period."""

    relation: str
    name: str
    attribute: bool
    cell: Mapping[str, Any]

    @classmethod
    def of(cls, column: str, meaning: str) -> _Detail | None:
        kind, _, rest = meaning.partition(" ")
        if kind not in {"attribute", "since", "until", "last"}:
            return None
        reading, other, *attribute = rest.split(" ")
        cell: dict[str, Any] = {"column": column}
        if kind == "last":
            cell["inclusive"] = True
        if len(attribute) > 1:
            cell["percent"] = attribute[1]
        name = attribute[0] if attribute else "until" if kind == "last" else kind
        return cls(f"{reading} {other}", name, bool(attribute), cell)


def _relations(key: str, meanings: Mapping[str, str]) -> list[dict[str, Any]]:
    details = [one for column, meaning in meanings.items() if (one := _Detail.of(column, meaning)) is not None]
    found = []
    named: list[str] = []
    for column, meaning in meanings.items():
        if not meaning.startswith("relation "):
            continue
        relation = meaning.removeprefix("relation ")
        named.append(relation)
        reading, other = relation.split(" ")
        told: dict[str, Any] = {
            "predicate": reading,
            "subject": {"key": {"column": key}},
            "object": {"name": {"column": column}, "type": other, "match": "normalized"},
        }
        of_it = [one for one in details if one.relation == relation]
        if attributes := {one.name: one.cell for one in of_it if one.attribute}:
            told["attributes"] = attributes
        found.append(told | {one.name: one.cell for one in of_it if not one.attribute})
    for one in details:
        if named.count(one.relation) > 1:
            raise LoadError(
                f"two columns name what the relation {one.relation} leads to, and {one.cell['column']} is about one",
                hint="write a mapping, which can say of which",
            )
        if one.relation not in named:
            raise LoadError(
                f"{one.cell['column']} says more of {one.relation}, which no column names",
                hint="say which column holds the names of what it leads to",
            )
        if sum((one.relation, one.name) == (other.relation, other.name) for other in details) > 1:
            raise LoadError(f"two columns mean {one.name} of {one.relation}", hint="leave one of them out")
    return found


def mapping_of(
    vocabulary: Vocabulary, path: Path, *, source: str, type_name: str, meanings: Mapping[str, str]
) -> ImportMapping:
    """Return the mapping of a list whose rows are entities of a type.

    A column means ``key``, ``field NAME``, ``relation READING TYPE`` for the names of what a row is related to, or
    nothing. More of such a relation is said by ``attribute READING TYPE NAME`` (a percent as it stands, or with
    ``points`` or ``fraction`` after it), ``since READING TYPE``, ``until READING TYPE`` and, for the day that is the
    last, ``last READING TYPE``. Raises LoadError where no column tells the rows apart, one means what another does, or
    says more of a relation that none names.
    """
    told = [one for one in meanings.values() if one == "key" or one.startswith("field ")]
    twice = sorted({one for one in told if told.count(one) > 1})
    if twice:
        raise LoadError(f"two columns mean {twice[0].removeprefix('field ')}", hint="leave one of them out")
    of = {meaning: column for column, meaning in meanings.items() if meaning}
    caption = vocabulary.caption(type_name)
    key = of.get("key") or (of.get(f"field {caption[0]}") if caption else None)
    if key is None:
        raise LoadError("no column tells the rows apart", hint="say which one is the key, or which one is the name")
    fields = {one.removeprefix("field "): {"column": column} for one, column in of.items() if one.startswith("field ")}
    relations = _relations(key, meanings)
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
