"""From a row of a source and a rule of the mapping to what the network is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relgraph.errors import ValueProblem
from relgraph.exchange.cells import Cell, as_text, look_up
from relgraph.exchange.mapping import End, EntityRule, RelationRule
from relgraph.exchange.readers import Row
from relgraph.vocabulary.model import Vocabulary

_TEXTS = frozenset({"text", "choice", "url", "email", "phone", "country"})

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


class Texts:
    """Which fields and attributes hold text: numbers that a source has there are written out."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, frozenset[str]] = {}

    def of_type(self, name: str) -> frozenset[str]:
        """Return the text fields of an entity type, none where there is no such type."""
        if name not in self._known:
            fields = self._vocabulary.fields(name).values() if name in self._vocabulary.types else ()
            self._known[name] = frozenset(one.name for one in fields if one.kind in _TEXTS)
        return self._known[name]

    def of_predicate(self, name: str) -> frozenset[str]:
        """Return the text attributes of a predicate, by either of its names."""
        if name not in self._known:
            reading = self._vocabulary.readings.get(name)
            attributes = reading.predicate.attributes if reading is not None else ()
            self._known[name] = frozenset(one.name for one in attributes if one.kind in _TEXTS)
        return self._known[name]


def entity_row(rule: EntityRule, place: int, row: Row, texts: Texts) -> EntityRow:
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
    written = texts.of_type(type_name)
    for name, cell in rule.fields.items():
        value = _field(cell, values, name in written)
        # an empty cell says nothing: another source may know what this one leaves out
        if value is not None:
            told[name] = value
    return EntityRow((rule.input, row.number, "entity", place), type_name, told)


def relation_row(rule: RelationRule, place: int, row: Row, source: str, texts: Texts) -> RelationRow | None:
    """Return the relation that a row tells of, None where one of its ends is empty."""
    values = row.values
    subject, obj = _text(rule.subject.cell, values), _text(rule.object.cell, values)
    if subject is None or obj is None:
        return None
    told: dict[str, object] = {}
    told["source"] = source if rule.source is None else _text(rule.source, values) or source
    if rule.key is not None:
        told["key"] = _required(rule.key.cell, values, "key")
    for name, cell in (("since", rule.since), ("until", rule.until)):
        # an empty cell of a mapped bound says that it is open
        if cell is not None:
            told[name] = _value(cell, values)
    if rule.confidence is not None and (value := _value(rule.confidence, values)) is not None:
        told["confidence"] = value
    predicate = _required(rule.predicate, values, "predicate")
    written = texts.of_predicate(predicate)
    for name, cell in rule.attributes.items():
        told[name] = _field(cell, values, name in written)
    return RelationRow((rule.input, row.number, "relation", place), predicate, (subject, obj), told)


def _field(cell: Cell, values: Mapping[str, object], as_written: bool) -> object:
    value = _value(cell, values)
    if as_written and value is not None and not isinstance(value, (str, list)):
        return _text(cell, values)
    return value


def _required(cell: Cell, values: Mapping[str, object], what: str) -> str:
    text = _text(cell, values)
    if text is None:
        empty = [name for name in cell.columns if look_up(values, name) in (None, "")]
        which = f": nothing in {', '.join(empty)}" if empty else ""
        raise CellProblem(", ".join(cell.columns), "", f"its {what} is empty{which}")
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
