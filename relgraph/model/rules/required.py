"""``required``: attributes that a relation, and fields that an entity, must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from relgraph.model.records import RelationRow
from relgraph.model.rules.breach import LISTED, Breach, Found
from relgraph.vocabulary.model import Field, Vocabulary


def missing(fields: Iterable[Field], values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of required fields that are absent from stored values.

    >>> missing([Field("role", required=True), Field("share")], {"share": 0.5})
    ('role',)
    """
    return tuple(one.name for one in fields if one.required and values.get(one.name) is None)


def breaches(vocabulary: Vocabulary, relations: Iterable[RelationRow], *, limit: int = LISTED) -> Found:
    """Return the relations that lack an attribute their predicate requires, in the order given."""
    listed: list[Breach] = []
    total = 0
    wanted = {name: [one for one in rule.attributes if one.required] for name, rule in vocabulary.predicates.items()}
    for row in relations:
        names = missing(wanted[row.predicate], row.attributes)
        if not names:
            continue
        total += 1
        if total <= limit:
            listed.append(
                Breach("required", row.predicate, "error", row.subject, "subject", (row.number,), allowed=names)
            )
    return Found(tuple(listed), total)
