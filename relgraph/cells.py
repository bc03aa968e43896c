"""The cells of an answer as values: entities, relations and paths in place of their numbers, each read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relgraph.engines.base import Reader
from relgraph.model.entity import Entity, Path, Relation
from relgraph.network.execute.run import EntityAt, RelationAt
from relgraph.network.execute.table import NOTHING, Entities, RelationsColumn, Route, Routes, Values
from relgraph.network.execute.tail import Answer, Cells
from relgraph.query import ir
from relgraph.reading import relations_as_values, values_of


def rows_of(reader: Reader, found: Answer) -> list[tuple[Any, ...]]:
    """Return the rows of an answer."""
    if not any(_holds_things(column) for column in found.columns):
        return list(zip(*(_plain(cells) for cells in found.cells), strict=True))
    entities: dict[int, None] = {}
    relations: dict[int, None] = {}
    for column, cells in zip(found.columns, found.cells, strict=True):
        match cells:
            case Entities(numbers):
                entities.update(dict.fromkeys(numbers.tolist()))
            case RelationsColumn(numbers):
                relations.update(dict.fromkeys(numbers.tolist()))
            case Routes(at, routes):
                _collect((routes[one] for one in set(at.tolist()) - {NOTHING}), entities, relations)
            case Values(codes, items) if _holds_things(column):
                _collect((items[code] for code in set(codes.tolist())), entities, relations)
    entities.pop(NOTHING, None)
    relations.pop(NOTHING, None)
    loaded = _Loaded(reader, list(entities), list(relations))
    return list(zip(*map(loaded.column, found.columns, found.cells), strict=True))


def _plain(cells: Cells) -> list[Any]:
    if not isinstance(cells, Values):
        raise TypeError(f"{type(cells).__name__} is no column of plain values")
    return cells.to_list()


def _holds_things(column: ir.Column) -> bool:
    return column.kind in {"entity", "relation", "route"} or column.many


def _collect(values: Iterable[Any], entities: dict[int, None], relations: dict[int, None]) -> None:
    for value in values:
        match value:
            case EntityAt():
                entities[int(value)] = None
            case RelationAt():
                relations[int(value)] = None
            case Route():
                entities.update(dict.fromkeys(value.entities))
                relations.update(dict.fromkeys(one for hop in value.hops for one in hop))
            case tuple():
                _collect(value, entities, relations)
            case _:
                pass


def _values_by_number(reader: Reader, numbers: Sequence[int]) -> dict[int, Entity]:
    # a store may keep values that it read before
    kept = getattr(reader, "values", None)
    if kept is not None:
        found: dict[int, Entity] = kept(numbers)
        return found
    rows = reader.entities(numbers)
    return dict(zip(numbers, values_of(reader, [rows[one] for one in numbers]), strict=True))


class _Loaded:
    """Entities and relations of an answer, read together."""

    def __init__(self, reader: Reader, entities: Sequence[int], relations: Sequence[int]) -> None:
        self._entities: Mapping[int, Entity] = _values_by_number(reader, entities) if entities else {}
        self._relations: dict[int, Relation] = {}
        if relations:
            found = reader.relations(relations)
            kept = [found[one] for one in relations]
            self._relations = dict(zip(relations, relations_as_values(reader, kept, full=True), strict=True))

    def column(self, column: ir.Column, cells: object) -> Sequence[Any]:
        """Return the cells of one column as values."""
        match cells:
            case Entities(numbers):
                return _picked(self._entities, numbers.tolist())
            case RelationsColumn(numbers):
                return _picked(self._relations, numbers.tolist())
            case Routes(at, routes):
                paths = {one: self._path(routes[one]) for one in set(at.tolist()) - {NOTHING}}
                return _picked(paths, at.tolist())
            case Values(codes, items) if _holds_things(column):
                told = {code: self._value(items[code]) for code in set(codes.tolist())}
                return [told[code] for code in codes.tolist()]
            case Values():
                return cells.to_list()
            case _:
                raise TypeError(f"{type(cells).__name__} is no column")

    def _value(self, value: Any) -> Any:
        """Return a value with things in place of numbers."""
        match value:
            case EntityAt():
                return self._entities[value]
            case RelationAt():
                return self._relations[value]
            case Route():
                return self._path(value)
            case tuple():
                return tuple(self._value(one) for one in value)
            case _:
                return value

    def _path(self, route: Route) -> Path:
        hops = tuple(tuple(self._relations[one] for one in hop) for hop in route.hops)
        entities = tuple(self._entities[one] for one in route.entities)
        return Path(entities, tuple(hop[0] for hop in hops if hop), hops, route.strength)


def _picked(things: Mapping[int, Any], numbers: Sequence[int]) -> list[Any]:
    """Return things by number, None where one is missing."""
    try:
        return [things[number] for number in numbers]
    except KeyError:
        return [None if number == NOTHING else things[number] for number in numbers]
