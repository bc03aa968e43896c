"""All rules of one predicate over the relations of its family: itself and the predicates that imply it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from relgraph.model.rules import maxima, periods, self_relations, sums, unique
from relgraph.model.rules.breach import LISTED, Change, Found, together
from relgraph.vocabulary.model import Level, Predicate

ERRORS: tuple[Level, ...] = ("error",)
ALL: tuple[Level, ...] = ("error", "warn")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which relations of a family the rules of a predicate must see around one that changes.

    ``subjects``: all that start where it starts; ``objects``: all that end where it ends (for a symmetric predicate
    either of them means all that touch either end); ``pairs``: all between the same two, of the predicate itself.
    ``attributes`` are those that are added up.
    """

    subjects: bool
    objects: bool
    pairs: bool
    attributes: tuple[str, ...]


def scope(predicate: Predicate, *, levels: Sequence[Level] = ERRORS) -> Scope:
    """Return what the predicate's rules of these levels must see.

    >>> scope(Predicate("owns", "owned_by"))
    Scope(subjects=False, objects=False, pairs=True, attributes=())
    """
    counted = [one for one in predicate.sums if one.level in levels]
    subjects = _counts(predicate, "max_objects", levels) or any(one.per == "subject" for one in counted)
    objects = _counts(predicate, "max_subjects", levels) or any(one.per == "object" for one in counted)
    both = predicate.symmetric and (subjects or objects)
    return Scope(
        subjects=subjects or both,
        objects=objects or both,
        pairs=predicate.unique != "none" and predicate.unique_level in levels,
        attributes=tuple(dict.fromkeys(one.attribute for one in counted)),
    )


def _counts(predicate: Predicate, rule: str, levels: Sequence[Level]) -> bool:
    found = predicate.max_objects if rule == "max_objects" else predicate.max_subjects
    return found is not None and found.level in levels


def breaches(
    change: Change,
    predicate: Predicate,
    *,
    signature: unique.Signature | None = None,
    earlier: unique.Signature | None = None,
    levels: Sequence[Level] = ERRORS,
    limit: int = LISTED,
) -> Found:
    """Return what the change makes or worsens of the predicate's own rules, those on ends and rings left out.

    The change holds, at least, what :func:`scope` asks for. Ends are looked at by the ``types`` and ``tags`` modules,
    which need the entities, and rings by ``acyclic``, which needs the whole network.
    """
    rules = _at(predicate, levels)
    return together(
        (
            periods.breaches(change, rules, limit=limit),
            self_relations.breaches(change, rules, limit=limit),
            unique.breaches(change, rules, signature=signature, earlier=earlier, limit=limit),
            maxima.breaches(change, rules, limit=limit),
            sums.breaches(change, rules, limit=limit),
        )
    )


def _at(predicate: Predicate, levels: Sequence[Level]) -> Predicate:
    """Return the predicate without the rules of other levels."""
    objects, subjects = predicate.max_objects, predicate.max_subjects
    declared = [predicate.unique_level, predicate.irreflexive or "error", *(one.level for one in predicate.sums)]
    declared += [one.level for one in (objects, subjects) if one is not None]
    if all(one in levels for one in declared):
        return predicate
    return replace(
        predicate,
        irreflexive=predicate.irreflexive if predicate.irreflexive in levels else None,
        unique=predicate.unique if predicate.unique_level in levels else "none",
        max_objects=objects if objects is not None and objects.level in levels else None,
        max_subjects=subjects if subjects is not None and subjects.level in levels else None,
        sums=tuple(one for one in predicate.sums if one.level in levels),
    )
