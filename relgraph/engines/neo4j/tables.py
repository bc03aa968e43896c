"""New relations that stand side by side, as parameters of one statement: a row is the bare values of its properties.

A map for each relation would name every property again, and a date for each would be packed again; a load is made of
few days and many relations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.neo4j.names import quoted, relationship_type
from relgraph.engines.neo4j.values import Properties, day_value, properties, put_bounds
from relgraph.model.blocks import RelationTable
from relgraph.vocabulary.model import Field

_SUBJECT_AND_OBJECT = 2


class Part(NamedTuple):
    """Some relations of a table: the statement that creates them, its rows, and the days that rows point to."""

    statement: str
    rows: list[tuple[Any, ...]]
    days: list[Any]


def parts(table: RelationTable, fields: Mapping[str, Field], size: int) -> Iterator[Part]:
    """Yield a table in parts of ``size`` relations; the statement takes ``$rows``, ``$days`` and ``$number``."""
    ids = iter(table.block.ids)
    attributes = {name: _Attribute(name, fields) for name in table.block.attributes}
    for start in range(0, len(table), size):
        chosen = slice(start, start + size)
        count = len(table.subject[chosen])
        columns: dict[str, Sequence[Any]] = {
            "id": list(islice(ids, count)),
            "_number": range(table.first + start, table.first + start + count),
        }
        days, places = _bounds(table, chosen)
        columns.update(places)
        for name, attribute in attributes.items():
            columns.update(attribute.columns(table.block.attributes[name][chosen]))
        rows = list(zip(table.subject[chosen].tolist(), table.object[chosen].tolist(), *columns.values(), strict=True))
        yield Part(_statement(table.predicate, columns), rows, days)


def _statement(predicate: str, names: Mapping[str, object]) -> str:
    taken = ["_told: $number"]
    for place, name in enumerate(names, _SUBJECT_AND_OBJECT):
        cell = f"$days[row[{place}]]" if name in {"since", "until"} else f"row[{place}]"
        taken.append(f"{quoted(name)}: {cell}")
    return (
        "UNWIND $rows AS row MATCH (a:Entity {_number: row[0]}) MATCH (b:Entity {_number: row[1]})"
        f" CREATE (a)-[:{quoted(relationship_type(predicate))} {{{', '.join(taken)}}}]->(b) RETURN count(*)"
    )


def _bounds(table: RelationTable, chosen: slice) -> tuple[list[Any], dict[str, Sequence[Any]]]:
    """Return the distinct days, None among them where a bound is open, and by property its place there."""
    block = table.block
    since, until = block.since[chosen], block.until[chosen]
    days, places = np.unique(np.concatenate([since, until]), return_inverse=True)
    columns: dict[str, Sequence[Any]] = {"since": places[: len(since)].tolist(), "until": places[len(since) :].tolist()}
    _mark(columns, since, until, block.since_precision[chosen], block.until_precision[chosen])
    return [day_value(one) for one in days.tolist()], columns


def _mark(columns: dict[str, Sequence[Any]], *bounds: NDArray[Any]) -> None:
    """Add what a period has beside its days, where any of them has it: precisions, and a day past the last."""
    kinds, back = np.unique(np.stack([one.astype(np.int64) for one in bounds]), axis=1, return_inverse=True)
    made: list[Properties] = []
    for kind in kinds.T.tolist():
        found: Properties = {}
        put_bounds(found, *kind)
        made.append({name: value for name, value in found.items() if name not in {"since", "until"}})
    for name in dict.fromkeys(name for one in made for name in one):
        values = [one.get(name) for one in made]
        columns[name] = [values[place] for place in back.reshape(-1).tolist()]


class _Attribute:
    """One attribute of many relations; what a stored value looks like is worked out once."""

    def __init__(self, name: str, fields: Mapping[str, Field]) -> None:
        self._name = name
        self._fields = fields
        self._known: dict[object, Properties] = {None: {}}

    def columns(self, held: Sequence[object]) -> dict[str, list[Any]]:
        """Return columns by property, None where a relation lacks it."""
        found = [self._of(one) for one in held]
        names = dict.fromkeys(name for one in self._distinct(found) for name in one)
        return {name: [one.get(name) for one in found] for name in names}

    def _of(self, stored: object) -> Properties:
        if isinstance(stored, list):
            # of several values, or of an amount and its currency: no key of a dictionary
            return properties(self._fields, {self._name: stored})
        # 1, 1.0 and True are one key
        key = stored if type(stored) is str or stored is None else (type(stored), stored)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = properties(self._fields, {self._name: stored})
        return known

    def _distinct(self, found: Sequence[Properties]) -> Iterator[Properties]:
        seen: set[tuple[str, ...]] = set()
        for one in found:
            names = tuple(one)
            if names not in seen:
                seen.add(names)
                yield one
