"""Stored predicates: what they refer to exists, and their rules can all be kept."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.errors import VocabularyError
from relgraph.vocabulary import keys
from relgraph.vocabulary.check_names import Path, fault, unknown
from relgraph.vocabulary.check_types import field_faults
from relgraph.vocabulary.ends import meet, predicate_ends
from relgraph.vocabulary.model import ENTITY, Predicate, Vocabulary
from relgraph.vocabulary.stored import scale_of


def predicate_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield what is wrong with the stored predicates."""
    for predicate in vocabulary.predicates.values():
        path: Path = ("predicates", predicate.name)
        yield from _end_faults(vocabulary, predicate, path)
        yield from _tag_faults(vocabulary, predicate, path)
        yield from _attribute_faults(predicate, path)
        yield from _direction_faults(predicate, path)
        yield from _sum_faults(predicate, path)
        for broad in predicate.implies:
            yield from _implied_faults(vocabulary, predicate, vocabulary.predicates[broad], (*path, "implies"))
        for broad in vocabulary.broader(predicate.name)[1:]:
            yield from _unlike_sums(predicate, vocabulary.predicates[broad], (*path, "implies"))


def _unlike_sums(narrow: Predicate, broad: Predicate, path: Path) -> Iterator[VocabularyError]:
    """Yield attributes that a broader predicate adds up and this one declares otherwise."""
    for name in dict.fromkeys(rule.attribute for rule in broad.sums):
        mine, wide = narrow.attribute(name), broad.attribute(name)
        if mine is None or wide is None or wide.kind not in keys.NUMBERS:
            continue
        if (mine.kind, mine.many, scale_of(mine)) != (wide.kind, wide.many, scale_of(wide)):
            message = f"'{broad.name}' adds up '{name}', which '{narrow.name}' declares with another kind or scale"
            yield fault(path, message, hint="declare the attribute alike in both")


def _end_faults(vocabulary: Vocabulary, predicate: Predicate, path: Path) -> Iterator[VocabularyError]:
    named = [("subject", one) for one in predicate.subject] + [("object", one) for one in predicate.object]
    named += [("between", one) for pair in predicate.between for one in pair]
    for key, name in named:
        if name not in vocabulary.types and name != ENTITY:
            yield unknown((*path, key), "type", name, vocabulary.types)
    if predicate.between and (predicate.subject or predicate.object):
        yield fault((*path, "between"), "between stands in place of subject and object", hint="use one or the other")
    for key, limit in (("max_objects", predicate.max_objects), ("max_subjects", predicate.max_subjects)):
        if limit is not None and limit.maximum < 1:
            yield fault((*path, key), "it must be at least 1", hint="use enabled: false to take no relations")


def _tag_faults(vocabulary: Vocabulary, predicate: Predicate, path: Path) -> Iterator[VocabularyError]:
    subject, obj = predicate_ends(vocabulary, predicate)
    for key, rule, end in (
        ("subject_tags", predicate.subject_tags, subject),
        ("object_tags", predicate.object_tags, obj),
    ):
        if rule is None:
            continue
        for name in (*rule.all, *rule.none):
            if name not in vocabulary.tags:
                yield unknown((*path, key), "tag", name, vocabulary.tags)
        for name in rule.all:
            if name in rule.none:
                yield fault((*path, key), f"the tag '{name}' is both required and forbidden")
            tag = vocabulary.tags.get(name)
            if tag is None or not tag.types or ENTITY in tag.types:
                continue
            carriers = frozenset(
                below for one in tag.types if one in vocabulary.types for below in vocabulary.subtypes(one)
            )
            if end and carriers and not meet(carriers, end):
                yield fault((*path, key), f"no type that may stand there may carry the tag '{name}'")


def _attribute_faults(predicate: Predicate, path: Path) -> Iterator[VocabularyError]:
    for attribute in predicate.attributes:
        here = (*path, "attributes", attribute.name)
        yield from field_faults(attribute, here, keys.RESERVED_ATTRIBUTES)
        if attribute.unique:
            yield fault(
                (*here, "unique"), "an attribute of a relation cannot be unique", hint="see unique of the predicate"
            )
    known = [one.name for one in predicate.attributes]
    for role, name in predicate.roles.items():
        attribute_found = predicate.attribute(name)
        if role not in keys.ROLES:
            yield unknown((*path, "roles"), "role", role, keys.ROLES)
        if attribute_found is None:
            yield unknown((*path, "roles", role), "attribute", name, known)
        elif attribute_found.many or attribute_found.kind not in keys.ROLE_KINDS.get(role, keys.KINDS):
            yield fault((*path, "roles", role), f"'{name}' is {attribute_found.kind}, which cannot be the {role}")
    if predicate.order is not None:
        ordering = predicate.attribute(predicate.order)
        if ordering is None:
            yield unknown((*path, "order"), "attribute", predicate.order, known)
        elif ordering.kind != "integer" or ordering.many:
            yield fault((*path, "order"), f"'{predicate.order}' is {ordering.kind}, but a whole number orders the list")


def _direction_faults(predicate: Predicate, path: Path) -> Iterator[VocabularyError]:
    if predicate.acyclic is not None and predicate.symmetric:
        yield fault((*path, "acyclic"), "a symmetric predicate returns to its start with every relation")
    if predicate.acyclic is not None and predicate.irreflexive is None:
        message = "an entity related to itself is a circle, so acyclic cannot go with irreflexive: false"
        yield fault((*path, "acyclic"), message)
    if predicate.symmetric != (predicate.name == predicate.inverse):
        message = (
            f"a symmetric predicate has one name, but '{predicate.inverse}' is not '{predicate.name}'"
            if predicate.symmetric
            else "a predicate whose inverse is its own name is symmetric"
        )
        yield fault((*path, "inverse"), message, hint="write symmetric: true and no inverse")
    if not predicate.symmetric:
        return
    if predicate.max_objects != predicate.max_subjects:
        message = "a symmetric predicate has no direction, so max_objects and max_subjects must be alike"
        yield fault((*path, "max_objects" if predicate.max_objects else "max_subjects"), message)
    if predicate.subject_tags != predicate.object_tags:
        message = "a symmetric predicate has no direction, so subject_tags and object_tags must be alike"
        yield fault((*path, "subject_tags" if predicate.subject_tags else "object_tags"), message)
    if predicate.copiable in ("subject", "object"):
        yield fault((*path, "copiable"), "a symmetric predicate has no direction: true or false")
    if predicate.inverse_reading != predicate.reading:
        yield fault((*path, "inverse_reading"), "a symmetric predicate has one reading")


def _sum_faults(predicate: Predicate, path: Path) -> Iterator[VocabularyError]:
    path = (*path, "sum")
    seen = set()
    for rule in predicate.sums:
        attribute = predicate.attribute(rule.attribute)
        if attribute is None:
            yield unknown(path, "attribute", rule.attribute, [one.name for one in predicate.attributes])
        elif attribute.kind not in keys.NUMBERS or attribute.many:
            yield fault(path, f"'{rule.attribute}' is {attribute.kind}, which does not add up")
        elif attribute.kind == "money":
            message = f"'{rule.attribute}' is money, and amounts of unlike currencies do not add up"
            yield fault(path, message, hint="declare the attribute as decimal, in one currency")
        if predicate.symmetric:
            yield fault(path, f"a symmetric predicate has no {rule.per} to add up for")
        if (rule.attribute, rule.per) in seen:
            yield fault(path, f"'{rule.attribute}' has two sums per {rule.per}")
        seen.add((rule.attribute, rule.per))


def _implied_faults(
    vocabulary: Vocabulary, narrow: Predicate, broad: Predicate, path: Path
) -> Iterator[VocabularyError]:
    if narrow.symmetric != broad.symmetric:
        one, other = ("symmetric", "not") if narrow.symmetric else ("not symmetric", "is")
        yield fault(path, f"'{narrow.name}' is {one} and '{broad.name}' {other}, so neither can stand for the other")
        return
    for subject, obj in _pairs(narrow):
        if not _covered(vocabulary, broad, subject, obj):
            message = f"'{broad.name}' does not go from {subject} to {obj}, as '{narrow.name}' may"
            yield fault(path, message, hint="a predicate's ends must lie within the ends of what it implies")
            return


def _pairs(predicate: Predicate) -> list[tuple[str, str]]:
    if predicate.between:
        return list(predicate.between)
    return [(a, b) for a in predicate.subject or (ENTITY,) for b in predicate.object or (ENTITY,)]


def _covered(vocabulary: Vocabulary, broad: Predicate, subject: str, obj: str) -> bool:
    types = vocabulary.types
    if any(name != ENTITY and name not in types for name in (subject, obj)):
        return True
    if _goes(vocabulary, broad, subject, obj) or (broad.symmetric and _goes(vocabulary, broad, obj, subject)):
        return True
    subjects = [one for one in vocabulary.subtypes(subject) if not types[one].abstract]
    objects = [one for one in vocabulary.subtypes(obj) if not types[one].abstract]
    found = [(a, b) for a in subjects for b in objects]
    return bool(found) and all(vocabulary.allows(broad.name, a, b) for a, b in found)


def _goes(vocabulary: Vocabulary, broad: Predicate, subject: str, obj: str) -> bool:
    def within(name: str, wide: str) -> bool:
        return wide == ENTITY or (name != ENTITY and vocabulary.is_a(name, wide))

    return any(within(subject, a) and within(obj, b) for a, b in _pairs(broad))
