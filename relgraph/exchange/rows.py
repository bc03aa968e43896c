"""From a row of a source and a rule of the mapping to what the network is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relgraph.errors import ValueProblem
from relgraph.exchange.cells import Cell, as_text, look_up
from relgraph.exchange.mapping import End, EntityRule, ImportMapping, RelationRule
from relgraph.exchange.readers import Row

Place = tuple[str, int, str, int]
"""Where something comes from: input, row, ``entity`` or ``relation``, and the rule's place in the mapping."""


class CellProblem(Exception):
    """A cell of which nothing can be made."""

    def __init__(self, column: str, value: str, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.column = column
        self.value = value
        self.message = message
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity that a row tells of, as ``merge_entity_many`` takes it."""

    place: Place
    type: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A relation that a row tells of; its ends are still as the row names them."""

    place: Place
    predicate: str
    ends: tuple[str, str]
    values: Mapping[str, Any]


def entity_row(rule: EntityRule, place: int, row: Row) -> EntityRow:
    """Return the entity that a row tells of; CellProblem names the cell that stands against it."""
    values = row.values
    type_name = _required(rule.type, values, "type")
    told: dict[str, object] = {}
    keys: dict[str, str] = {}
    if rule.key is not None:
        keys[rule.key.source] = _required(rule.key.cell, values, "key")
    for key in rule.other_keys:
        other = _text(key.cell, values)
        if other is not None:
            keys.setdefault(key.source, other)
    if keys:
        told["keys"] = keys
    if rule.id is not None:
        told["id"] = _required(rule.id, values, "id")
    tags = [
        name
        for one in rule.tags
        if all(asked.holds(values) for asked in one.conditions)
        for name in _names(one.names, values)
    ]
    if tags:
        told["tags"] = tags
    for name, cell in rule.fields.items():
        value = _value(cell, values)
        # an empty cell says nothing: another source may know what this one leaves out
        if value is not None:
            told[name] = value
    return EntityRow((rule.input, row.number, "entity", place), type_name, told)


def relation_row(rule: RelationRule, place: int, row: Row, mapping: ImportMapping) -> RelationRow | None:
    """Return the relation that a row tells of, None where one of its ends is empty."""
    values = row.values
    subject, obj = _text(rule.subject.cell, values), _text(rule.object.cell, values)
    if subject is None or obj is None:
        return None
    told: dict[str, object] = {}
    source = mapping.source if rule.source is None else _text(rule.source, values) or mapping.source
    told["source"] = source
    if rule.key is not None:
        told["key"] = _required(rule.key.cell, values, "key")
    for name, cell in (("since", rule.since), ("until", rule.until), ("confidence", rule.confidence)):
        if cell is not None and (value := _value(cell, values)) is not None:
            told[name] = value
    for name, cell in rule.attributes.items():
        told[name] = _value(cell, values)
    predicate = _required(rule.predicate, values, "predicate")
    return RelationRow((rule.input, row.number, "relation", place), predicate, (subject, obj), told)


def _required(cell: Cell, values: Mapping[str, object], what: str) -> str:
    text = _text(cell, values)
    if text is None:
        raise CellProblem(", ".join(cell.columns), "", f"its {what} is empty")
    return text


def _text(cell: Cell, values: Mapping[str, object]) -> str | None:
    value = _value(cell, values)
    if value is None:
        return None
    try:
        return as_text(value)
    except ValueProblem as problem:
        raise _problem(cell, values, problem) from None


def _names(cell: Cell, values: Mapping[str, object]) -> list[str]:
    value = _value(cell, values)
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _value(cell: Cell, values: Mapping[str, object]) -> object:
    try:
        return cell.value(values)
    except ValueProblem as problem:
        raise _problem(cell, values, problem) from None


def _problem(cell: Cell, values: Mapping[str, object], problem: ValueProblem) -> CellProblem:
    shown = ", ".join(str(look_up(values, one))[:200] for one in cell.columns)
    return CellProblem(", ".join(cell.columns), shown, problem.message, problem.candidates)


def end_columns(end: End) -> str:
    """Return the columns that name an end, as the report shows them."""
    return ", ".join(end.cell.columns)
