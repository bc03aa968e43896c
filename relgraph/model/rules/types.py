"""Which types may stand at the ends of a predicate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import Columns
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, End, Found, Mask, together
from relgraph.vocabulary.model import ENTITY, Level, Predicate, Vocabulary

Types = NDArray[np.int32]
"""Positions in a tuple of type names; -1 for an entity that is not there, which is not this rule's business."""

_KEPT = 8
_tables: OrderedDict[int, tuple[Vocabulary, dict[tuple[str, tuple[str, ...]], Mask]]] = OrderedDict()


def allowed_pairs(vocabulary: Vocabulary, predicate: str, type_names: tuple[str, ...]) -> Mask:
    """Return which (subject, object) pairs of these types one predicate's own rule allows.

    The matrix has one more row and column, so that -1 (no such entity) is allowed everywhere. It is kept for the
    last few vocabularies, and not to be written to.
    """
    # by identity, holding the vocabulary so that its identity is not given to another
    found = _tables.get(id(vocabulary))
    if found is None:
        found = vocabulary, {}
        _tables[id(vocabulary)] = found
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    table = found[1]
    key = predicate, type_names
    if key not in table:
        table[key] = _matrix(vocabulary, vocabulary.predicates[predicate], type_names)
    return table[key]


def _matrix(vocabulary: Vocabulary, predicate: Predicate, type_names: Sequence[str]) -> Mask:
    count = len(type_names)

    def fitting(names: Sequence[str]) -> Mask:
        wanted = frozenset(one for name in names if name != ENTITY for one in vocabulary.subtypes(name))
        every = not names or ENTITY in names
        return np.array([every or one in wanted for one in type_names], np.bool_)

    inner = np.zeros((count, count), np.bool_)
    for left, right in predicate.between or ((predicate.subject, predicate.object),):
        inner |= np.outer(
            fitting((left,) if isinstance(left, str) else left), fitting((right,) if isinstance(right, str) else right)
        )
    if predicate.symmetric:
        inner |= inner.T
    matrix = np.ones((count + 1, count + 1), np.bool_)
    matrix[:count, :count] = inner
    matrix.setflags(write=False)
    return matrix


def breaches(
    vocabulary: Vocabulary,
    relations: Columns,
    type_names: tuple[str, ...],
    *,
    subject: Types,
    object: Types,  # noqa: A002 - the two ends have one name everywhere
    was: tuple[Types, Types] | None = None,
    today: int | None = None,
    only: str | None = None,
    levels: Sequence[Level] = ("error",),
    limit: int = LISTED,
) -> Found:
    """Return which relations join types that their predicate, or one that it implies, does not take.

    ``subject`` and ``object`` are aligned with the relations. ``was`` gives the types before, where it is they that
    change: a relation that did not fit before does not count again. ``today`` leaves out relations that end by then,
    ``only`` the rules of every predicate but one.
    """
    parts = []
    for code, name in enumerate(relations.predicates):
        rows = relations.predicate == code if len(relations.predicates) > 1 else None
        for broad in vocabulary.broader(name):
            rule = vocabulary.predicates[broad]
            if rule.types_level not in levels or (only is not None and broad != only):
                continue
            allowed = allowed_pairs(vocabulary, broad, type_names)
            if len(subject) == 1 and allowed[subject[0], object[0]]:
                # a single write: looking at one place takes a fraction of what columns take
                continue
            wrong = ~allowed[subject, object]
            if not wrong.any():
                continue
            if rows is not None:
                wrong &= rows
            if was is not None:
                wrong &= allowed[was]
            if today is not None:
                wrong &= relations.until > today
            if wrong.any():
                found = _described(
                    rule,
                    relations,
                    wrong,
                    types=(subject, object),
                    type_names=type_names,
                    allowed=allowed,
                    limit=limit,
                )
                parts.append(found)
    return together(parts) if parts else NOTHING


def _described(
    rule: Predicate,
    relations: Columns,
    wrong: Mask,
    *,
    types: tuple[Types, Types],
    type_names: tuple[str, ...],
    allowed: Mask,
    limit: int,
) -> Found:
    places = np.flatnonzero(wrong)
    places = places[np.argsort(relations.number[places], kind="stable")]
    count = len(type_names)
    subject_ever: Mask = np.logical_or.reduce(allowed[:count, :count], axis=1)
    listed = []
    for place in places[:limit].tolist():
        left, right = int(types[0][place]), int(types[1][place])
        # the end that fits nothing is the one to blame; where each could stand with something else, the object
        end: End = "object" if subject_ever[left] else "subject"
        entity = relations.subject[place] if end == "subject" else relations.object[place]
        listed.append(
            Breach(
                "types",
                rule.name,
                rule.types_level,
                int(entity),
                end,
                (int(relations.number[place]),),
                measured=(type_names[left], type_names[right]),
                allowed=rule.between or (rule.subject, rule.object),
                details={"relation": relations.predicates[int(relations.predicate[place])]},
            )
        )
    return Found(tuple(listed), len(places))
