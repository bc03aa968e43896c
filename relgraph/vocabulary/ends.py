"""Which types may stand where a reading starts and where it ends, for stored and derived predicates alike."""

from __future__ import annotations

from collections.abc import Iterable

from relgraph.vocabulary.model import ENTITY, Predicate, Vocabulary

Types = frozenset[str] | None
"""The types that may stand at an end, subtypes included; None means any."""

_DEEPEST = 200


def reading_ends(vocabulary: Vocabulary, name: str) -> tuple[Types, Types]:
    """Return the types at the start and at the end of a reading, stored or derived.

    Raises :exc:`KeyError` for a name that is no reading.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text('''
    ... types: {Person: {}, Company: {}, Bank: {extends: Company}}
    ... predicates: {employs: {inverse: employed_by, subject: Company, object: Person}}
    ... ''')
    >>> start, end = reading_ends(some, "employed_by")
    >>> sorted(start), sorted(end)
    (['Person'], ['Bank', 'Company'])
    """
    return _ends(vocabulary, name, {})


def _ends(vocabulary: Vocabulary, name: str, known: dict[str, tuple[Types, Types]]) -> tuple[Types, Types]:
    reading = vocabulary.readings.get(name)
    if reading is not None:
        subject, obj = predicate_ends(vocabulary, reading.predicate)
        return (subject, obj) if reading.forward else (obj, subject)
    one = next((each for each in vocabulary.derived.values() if name in (each.name, each.inverse)), None)
    if one is None:
        raise KeyError(name)
    if one.name not in known:
        # a path that leads back to itself is refused elsewhere and may be asked for before: any type, then
        known[one.name] = (None, None)
        first, last = (one.path[0], one.path[-1]) if one.path else (one.over, one.over)
        if first is not None and last is not None and len(known) < _DEEPEST:
            known[one.name] = (_ends(vocabulary, first, known)[0], _ends(vocabulary, last, known)[1])
    start, end = known[one.name]
    return (start, end) if name == one.name else (end, start)


def predicate_ends(vocabulary: Vocabulary, predicate: Predicate) -> tuple[Types, Types]:
    """Return the types that may be subject and those that may be object; both are the same when it is symmetric."""
    if predicate.between:
        subject = _below(vocabulary, (pair[0] for pair in predicate.between))
        obj = _below(vocabulary, (pair[1] for pair in predicate.between))
    else:
        subject = _below(vocabulary, predicate.subject) if predicate.subject else None
        obj = _below(vocabulary, predicate.object) if predicate.object else None
    if predicate.symmetric:
        both = None if subject is None or obj is None else subject | obj
        return both, both
    return subject, obj


def meet(one: Types, other: Types) -> bool:
    """Return whether some type may stand in both places."""
    return one is None or other is None or not one.isdisjoint(other)


def _below(vocabulary: Vocabulary, names: Iterable[str]) -> Types:
    found: set[str] = set()
    for name in names:
        if name == ENTITY:
            return None
        if name in vocabulary.types:
            found.update(vocabulary.subtypes(name))
    return frozenset(found)
