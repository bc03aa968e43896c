"""Every breach in the data as it stands: for ``check``, and for planning a rule that is tightened.

The same functions that judge a transaction, with nothing before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np

from relgraph.model.columns import MISSING, Columns
from relgraph.model.ports import Reader
from relgraph.model.records import RelationRow
from relgraph.model.rules import family, required, tags, types, unique
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Found, appearing, together
from relgraph.vocabulary.model import Level, Predicate, Vocabulary


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
        relations = reader.columns(known, attributes=attributes)
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
