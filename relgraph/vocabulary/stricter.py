"""Whether data that kept the old rules may break the new ones; where that is not plain, the answer is yes."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.vocabulary.ends import Types
from relgraph.vocabulary.fields import scale_of, sort_key
from relgraph.vocabulary.model import ENTITY, Field, Level, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary

_REPEATS = {"none": 0, "overlap": 1, "pair": 2}


def stricter_field(old: Field, new: Field) -> bool:
    """Return whether a value that the old field held may be none for the new one, or its absence a breach.

    >>> stricter_field(Field("size", "integer"), Field("size", "integer", minimum=0))
    True
    >>> stricter_field(Field("size", "integer", minimum=0), Field("size", "integer"))
    False
    """
    return (
        (old.kind, old.many) != (new.kind, new.many)
        or (new.required and not old.required)
        or (new.unique and not old.unique)
        or (new.pattern is not None and new.pattern != old.pattern)
        or not set(old.choices) <= set(new.choices)
        or scale_of(new) < scale_of(old)
        or _tighter(new, old.minimum, new.minimum, sign=1)
        or _tighter(new, old.maximum, new.maximum, sign=-1)
    )


def _tighter(field: Field, old: object, new: object, *, sign: int) -> bool:
    if new is None or new == old:
        return False
    if old is None:
        return True
    single = Field(field.name, kind=field.kind, scale=field.scale)
    before, after = sort_key(single, old), sort_key(single, new)
    return bool(after > before if sign > 0 else after < before)


def stricter_rules(old: Predicate, new: Predicate) -> Iterator[str]:
    """Yield the keys of the rules that ask more than they did, ends and attributes aside."""
    if old.time == "valid" and new.time == "none":
        yield "time"
    if _REPEATS[new.unique] > _REPEATS[old.unique] or (
        new.unique != "none" and _raised(old.unique_level, new.unique_level)
    ):
        yield "unique"
    if _stricter_limit(old.max_objects, new.max_objects):
        yield "max_objects"
    if _stricter_limit(old.max_subjects, new.max_subjects):
        yield "max_subjects"
    if new.irreflexive is not None and (old.irreflexive is None or _raised(old.irreflexive, new.irreflexive)):
        yield "irreflexive"
    if new.acyclic is not None and (old.acyclic is None or _raised(old.acyclic, new.acyclic)):
        yield "acyclic"
    if any(_stricter_sum(old, rule) for rule in new.sums):
        yield "sum"
    if _stricter_tags(old.subject_tags, new.subject_tags):
        yield "subject_tags"
    if _stricter_tags(old.object_tags, new.object_tags):
        yield "object_tags"
    if new.symmetric and not old.symmetric:
        yield "symmetric"


def _raised(old: Level, new: Level) -> bool:
    return old == "warn" and new == "error"


def _stricter_limit(old: Limit | None, new: Limit | None) -> bool:
    if new is None:
        return False
    return old is None or new.maximum < old.maximum or _raised(old.level, new.level)


def _stricter_sum(old: Predicate, new: SumRule) -> bool:
    same = [rule for rule in old.sums if (rule.attribute, rule.per) == (new.attribute, new.per)]
    return not same or same[0].maximum != new.maximum or _raised(same[0].level, new.level)


def _stricter_tags(old: TagRule | None, new: TagRule | None) -> bool:
    if new is None:
        return False
    if old is None:
        return bool(new.all or new.none)
    return not (set(new.all) <= set(old.all) and set(new.none) <= set(old.none)) or _raised(old.level, new.level)


def narrower_ends(before: Vocabulary, old: Predicate, after: Vocabulary, new: Predicate) -> bool:
    """Return whether ends that the old predicate took may be none for the new one."""
    if _raised(old.types_level, new.types_level):
        return True
    known = frozenset(before.types) & frozenset(after.types)
    pairs = [*_pairs(after, new)]
    if new.symmetric:
        pairs += [(b, a) for a, b in pairs]
    return not all(
        any(_within(subject, wide, known) and _within(obj, broad, known) for wide, broad in pairs)
        for subject, obj in _pairs(before, old)
    )


def _pairs(vocabulary: Vocabulary, predicate: Predicate) -> list[tuple[Types, Types]]:
    if predicate.between:
        return [(_types(vocabulary, (a,)), _types(vocabulary, (b,))) for a, b in predicate.between]
    return [(_types(vocabulary, predicate.subject), _types(vocabulary, predicate.object))]


def _types(vocabulary: Vocabulary, names: tuple[str, ...]) -> Types:
    if not names or ENTITY in names:
        return None
    return frozenset(below for name in names for below in vocabulary.subtypes(name))


def _within(narrow: Types, wide: Types, known: frozenset[str]) -> bool:
    if wide is None:
        return True
    return (known if narrow is None else narrow & known) <= wide


def narrower_carriers(before: Vocabulary, old: Tag, after: Vocabulary, new: Tag) -> bool:
    """Return whether an entity that carries the tag may no longer do so."""
    known = frozenset(before.types) & frozenset(after.types)
    return not _within(_types(before, old.types), _types(after, new.types), known)
