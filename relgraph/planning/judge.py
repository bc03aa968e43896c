"""Data against rules: which relations and entities a vocabulary would not take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from relgraph.errors import ValueProblem
from relgraph.model.columns import Columns
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow, RelationRow
from relgraph.model.rules import appearing, existing, family
from relgraph.model.rules.acyclic import breaches as ring_breaches
from relgraph.model.rules.breach import Breach, Found, together
from relgraph.network.rings import find_cycles
from relgraph.vocabulary.fields import UNTAKEN, settled
from relgraph.vocabulary.model import Field, Level, Predicate, Vocabulary

PAGE = 5000
ROUNDS = 100
EVERY = 2**31


def entities_of(reader: Reader, type_names: Sequence[str]) -> Iterator[EntityRow]:
    """Yield every live entity of exactly these types."""
    after: tuple[str, str] | None = None
    while rows := reader.list_entities(type_names, after=after, limit=PAGE):
        yield from rows
        after = rows[-1].caption, rows[-1].id


def relations_of(reader: Reader, predicates: Sequence[str]) -> Iterator[RelationRow]:
    """Yield every live relation of exactly these predicates."""
    after = -1
    while rows := reader.list_relations(predicates, after=after, limit=PAGE):
        yield from rows
        after = rows[-1].number


def wrong_values(
    fields: Mapping[str, Field], stored: Mapping[str, object], names: Iterable[str], *, settling: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield (field, why) for every named field whose stored value it no longer takes, or that is missing.

    ``settling`` is whether a value that stands as another kind of field kept it will be brought into its own form.
    """
    for name in names:
        declared = fields[name]
        value = stored.get(name)
        if value is None:
            if declared.required:
                yield name, f"needs {name}"
            continue
        try:
            kept = settled(declared, value)
        except UNTAKEN as problem:
            yield name, problem.message if isinstance(problem, ValueProblem) else f"{name} cannot be {value!r}"
        else:
            if kept != value and not settling:
                yield name, f"{name} stands as {value!r}, which no question reads as {kept!r}"


def unsettled(
    fields: Mapping[str, Field], stored: Mapping[str, object], names: Iterable[str]
) -> Iterator[tuple[str, object]]:
    """Yield (field, stored form) for every named field whose value stands as another kind of field kept it."""
    for name in names:
        value = stored.get(name)
        try:
            kept = None if value is None else settled(fields[name], value)
        except UNTAKEN:
            continue
        if kept != value:
            yield name, kept


def doubles(rows: Iterable[EntityRow], name: str, field: Field) -> Iterator[tuple[EntityRow, EntityRow]]:
    """Yield entities that hold the value of a unique field that another, earlier one holds."""
    held: dict[str, EntityRow] = {}
    for row in rows:
        value = row.fields.get(name)
        if value is None:
            continue
        try:
            value = settled(field, value)
        except UNTAKEN:
            continue
        first = held.setdefault(repr(value), row)
        if first is not row:
            yield row, first


def rule_breaches(
    reader: Reader,
    vocabulary: Vocabulary,
    predicates: Iterable[str],
    *,
    levels: Sequence[Level] = family.ERRORS,
    today: int | None = None,
) -> dict[str, Found]:
    """Return, per predicate, how the live relations break its rules, rings included."""
    names = list(predicates)
    found = existing.breaches(reader, vocabulary, names, levels=levels, today=today)
    for name in names:
        predicate = vocabulary.predicates[name]
        if predicate.acyclic is None or predicate.acyclic not in levels:
            continue
        rings = ring_breaches_of(reader, vocabulary, predicate)
        if rings:
            known = found.get(name)
            found[name] = rings if known is None else together([known, rings])
    return found


def ring_breaches_of(reader: Reader, vocabulary: Vocabulary, predicate: Predicate) -> Found:
    """Return the rings that stand in the family of an acyclic predicate."""
    known = [one for one in vocabulary.narrower(predicate.name) if one in reader.vocabulary.predicates]
    columns = reader.columns(known)
    return _rings(columns, predicate)


def _rings(columns: Columns, predicate: Predicate) -> Found:
    apart = columns.take(columns.subject != columns.object)
    places = find_cycles(apart.subject, apart.object, (apart.sure_since, apart.sure_until))
    rings = [tuple(int(apart.number[place]) for place in ring) for ring in places]
    return ring_breaches(appearing(apart), predicate, rings, lambda _: None)


def to_repair(reader: Reader, vocabulary: Vocabulary, name: str, *, day: int | None, today: int) -> list[int]:
    """Return relations to end on a day (None: to take out) so that a predicate's rules hold from then on.

    The relation that leads each breach goes, until none is left or ending more would not help.
    """
    predicate = vocabulary.predicates[name]
    known = [one for one in vocabulary.narrower(name) if one in reader.vocabulary.predicates]
    columns = existing.columns_by(reader, vocabulary, known, family.scope(predicate).attributes)
    chosen: dict[int, None] = {}
    for one in _ill_ended(reader, vocabulary, name, today):
        chosen[one] = None
    columns = _without(columns, chosen, day)
    for _ in range(ROUNDS):
        found = list(family.breaches(appearing(columns), predicate, limit=EVERY).listed)
        if predicate.acyclic == "error":
            found += _rings(columns, predicate).listed
        leading = [breach.relations[0] for breach in found if breach.relations]
        fresh = dict.fromkeys(one for one in leading if one not in chosen)
        if not fresh:
            break
        chosen.update(fresh)
        columns = _without(columns, fresh, day)
    return list(chosen)


def _ill_ended(reader: Reader, vocabulary: Vocabulary, name: str, today: int) -> list[int]:
    found = existing.breaches(reader, vocabulary, [name], levels=family.ERRORS, today=today, limit=EVERY)
    listed: Sequence[Breach] = found[name].listed if name in found else ()
    return [one.relations[0] for one in listed if one.rule in {"types", "tags", "required", "time"} and one.relations]


def _without(columns: Columns, numbers: Iterable[int], day: int | None) -> Columns:
    gone = np.isin(columns.number, np.fromiter(numbers, np.int64))
    if day is None:
        return columns.take(~gone)
    ended = np.where(gone, np.minimum(columns.sure_until, day), columns.sure_until).astype(np.int32)
    until = np.where(gone, np.minimum(columns.until, day), columns.until).astype(np.int32)
    kept = Columns(
        columns.predicates,
        columns.predicate,
        columns.number,
        columns.subject,
        columns.object,
        columns.since,
        until,
        columns.sure_since,
        ended,
        columns.amounts,
    )
    return kept.take(kept.since < kept.until)
