"""Every breach in the data as it stands: for ``check``, and for planning a rule that is tightened.

The same functions that judge a transaction, with nothing before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from relgraph.model.columns import MISSING, Columns, placed_amount
from relgraph.model.ports import Reader
from relgraph.model.records import RelationRow
from relgraph.model.rules import family, required, tags, types, unique
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Found, appearing, together
from relgraph.vocabulary.fields import UNTAKEN, scale_of, settled
from relgraph.vocabulary.model import Field, Level, Predicate, Vocabulary

_PAGE = 5000


def breaches(
    reader: Reader,
    vocabulary: Vocabulary,
    predicates: Iterable[str],
    *,
    levels: Sequence[Level] = family.ALL,
    today: int | None = None,
    limit: int = LISTED,
) -> dict[str, Found]:
    """Return, per predicate that has any, how live relations break its rules; rings are left out.

    ``vocabulary`` is the one to judge by, which need not be the reader's; predicates of the reader's with the same
    name are looked at. With ``today``, types and tags count only for relations that hold after that day. Rings are
    found by the store, which holds the whole network.
    """
    found: dict[str, Found] = {}
    for name in predicates:
        rule = vocabulary.predicates[name]
        known = [one for one in vocabulary.narrower(name) if one in reader.vocabulary.predicates]
        if not known:
            continue
        attributes = family.scope(rule, levels=levels).attributes
        relations = columns_by(reader, vocabulary, known, attributes)
        told = together(
            (
                _ends(reader, vocabulary, relations, name=name, levels=levels, today=today, limit=limit),
                family.breaches(appearing(relations), rule, signature=_signature(reader), levels=levels, limit=limit),
                _unstated(rule, relations, levels, limit),
                _required(reader, vocabulary, rule, limit) if "error" in levels else NOTHING,
            )
        )
        if told:
            found[name] = told
    return found


def columns_by(reader: Reader, vocabulary: Vocabulary, predicates: Sequence[str], attributes: Sequence[str]) -> Columns:
    """Return live relations as columns, with the amounts that the fields of a vocabulary read in what is stored."""
    columns = reader.columns(predicates, attributes=attributes)
    fields = {
        name: {one: vocabulary.predicates[one].attribute(name) for one in predicates}
        for name in attributes
        if any(
            _reads_otherwise(
                reader.vocabulary.predicates[one].attribute(name), vocabulary.predicates[one].attribute(name)
            )
            for one in predicates
        )
    }
    if not fields or not len(columns):
        return columns
    amounts = {name: [MISSING] * len(columns) for name in fields}
    for start in range(0, len(columns), _PAGE):
        numbers = columns.number[start : start + _PAGE].tolist()
        rows = reader.relations(numbers)
        for place, number in enumerate(numbers, start):
            row = rows.get(number)
            if row is not None:
                for name, declared in fields.items():
                    amounts[name][place] = _amount(declared[row.predicate], row.attributes.get(name))
    fresh = {name: np.array(values, np.int64) for name, values in amounts.items()}
    return replace(columns, amounts={**columns.amounts, **fresh})


def _reads_otherwise(was: Field | None, now: Field | None) -> bool:
    if was is None or now is None:
        return was is not now
    return (was.kind, was.many, scale_of(was)) != (now.kind, now.many, scale_of(now))


def _amount(field: Field | None, stored: object) -> int:
    if field is None or stored is None:
        return MISSING
    try:
        return placed_amount(field, settled(field, stored))
    except UNTAKEN:
        return MISSING


def _ends(
    reader: Reader,
    vocabulary: Vocabulary,
    relations: Columns,
    *,
    name: str,
    levels: Sequence[Level],
    today: int | None,
    limit: int,
) -> Found:
    if len(relations) == 0:
        return NOTHING
    numbers, place = np.unique(np.concatenate((relations.subject, relations.object)), return_inverse=True)
    ends = reader.ends(numbers)
    subject, object_ = place[: len(relations)], place[len(relations) :]
    return together(
        (
            types.breaches(
                vocabulary,
                relations,
                ends.types,
                subject=ends.type[subject],
                object=ends.type[object_],
                today=today,
                only=name,
                levels=levels,
                limit=limit,
            ),
            tags.breaches(
                vocabulary,
                relations,
                ends.tag_names,
                subject=ends.tags[subject],
                object=ends.tags[object_],
                today=today,
                only=name,
                levels=levels,
                limit=limit,
            ),
        )
    )


def _signature(reader: Reader) -> unique.Signature:
    def signature(number: int) -> str:
        row = reader.relations((number,)).get(number)
        return "" if row is None else json.dumps(row.attributes, sort_keys=True, ensure_ascii=False)

    return signature


def _unstated(rule: Predicate, relations: Columns, levels: Sequence[Level], limit: int) -> Found:
    """Return the relations that lack an attribute that is added up: they count 0, which may not be meant."""
    parts = []
    for one in rule.sums:
        column = relations.amounts.get(one.attribute)
        if column is None or one.level not in levels or "warn" not in levels:
            continue
        places = np.flatnonzero(column == MISSING)
        places = places[np.argsort(relations.number[places], kind="stable")]
        ends = relations.object if one.per == "object" else relations.subject
        listed = [
            Breach(
                "required",
                rule.name,
                "warn",
                int(ends[place]),
                one.per,
                (int(relations.number[place]),),
                allowed=(one.attribute,),
                details={"sum": one.attribute},
            )
            for place in places[:limit].tolist()
        ]
        parts.append(Found(tuple(listed), len(places)))
    return together(parts)


def _required(reader: Reader, vocabulary: Vocabulary, rule: Predicate, limit: int) -> Found:
    if not any(one.required for one in rule.attributes):
        return NOTHING

    def rows(page: int = 10_000) -> Iterable[RelationRow]:
        after = -1
        while found := reader.list_relations((rule.name,), after=after, limit=page):
            yield from found
            after = found[-1].number

    return required.breaches(vocabulary, rows(), limit=limit)
