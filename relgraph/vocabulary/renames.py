"""What is called otherwise in a new vocabulary: found by ``was``, and carried through the old one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from relgraph.vocabulary.check_names import fault
from relgraph.vocabulary.model import Derived, EntityType, Field, Predicate, Tag, TagRule, Vocabulary

RenameKind = Literal["type", "predicate", "tag", "field", "attribute"]
Rename = tuple[RenameKind, str, str, str]
"""Kind, owner ('' or the new name of the type or predicate that has the field), old name, new name."""


Thing = TypeVar("Thing", EntityType, Predicate, Tag, Derived, Field)


@dataclass(frozen=True, slots=True)
class Renames:
    """The new names of what is called otherwise; fields and attributes by the old name of their owner."""

    types: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    predicates: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    """Both names of predicates and derived ones that are kept, by the old names: what derived ones refer to."""

    def data(self) -> tuple[Rename, ...]:
        """Return what stored data must follow."""
        found: list[Rename] = [("type", "", old, new) for old, new in self.types.items()]
        found += [("tag", "", old, new) for old, new in self.tags.items()]
        found += [("predicate", "", old, new) for old, new in self.predicates.items()]
        for owner, names in self.fields.items():
            found += [("field", self.types.get(owner, owner), old, new) for old, new in names.items()]
        for owner, names in self.attributes.items():
            found += [("attribute", self.predicates.get(owner, owner), old, new) for old, new in names.items()]
        return tuple(found)


def renames(old: Vocabulary, new: Vocabulary) -> Renames:
    """Return what the new vocabulary says had another name in the old one.

    A ``was`` that names nothing in the old vocabulary was carried out before and means nothing. Raises
    :exc:`VocabularyError` where two things were the same one, or where the new name was already in use.
    """
    types = _matched(old.types, new.types, ("types",))
    predicates = _matched(old.predicates, new.predicates, ("predicates",))
    derived = _matched(old.derived, new.derived, ("derived",))

    def below(
        olds: Mapping[str, tuple[Field, ...]],
        news: Mapping[str, tuple[Field, ...]],
        names: Mapping[str, str],
        path: tuple[str, str],
    ) -> dict[str, dict[str, str]]:
        found = {}
        for owner, fields in olds.items():
            now = names.get(owner, owner)
            if now in news:
                matched = _matched(_by_name(fields), _by_name(news[now]), (path[0], now, path[1]))
                if matched:
                    found[owner] = matched
        return found

    return Renames(
        types=types,
        tags=_matched(old.tags, new.tags, ("tags",)),
        predicates=predicates,
        derived=derived,
        fields=below(
            {name: one.fields for name, one in old.types.items()},
            {name: one.fields for name, one in new.types.items()},
            types,
            ("types", "fields"),
        ),
        attributes=below(
            {name: one.attributes for name, one in old.predicates.items()},
            {name: one.attributes for name, one in new.predicates.items()},
            predicates,
            ("predicates", "attributes"),
        ),
        readings=_readings(old.predicates, new.predicates, predicates) | _readings(old.derived, new.derived, derived),
    )


def _readings(old: Mapping[str, Thing], new: Mapping[str, Thing], names: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in old.items():
        kept = new.get(names.get(name, name))
        if isinstance(one, Predicate | Derived) and isinstance(kept, Predicate | Derived):
            found |= {one.inverse: kept.inverse, name: kept.name}
    return found


def _by_name(fields: Iterable[Field]) -> dict[str, Field]:
    return {one.name: one for one in fields}


def _matched(old: Mapping[str, Thing], new: Mapping[str, Thing], path: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in new.items():
        was = one.was
        if was is None or was == name or was not in old:
            continue
        if name in old:
            if old[name].was == was:
                continue
            message = f"'{name}' cannot be what '{was}' was, for there is a '{name}' already"
            raise fault((*path, name, "was"), message, hint="merge or swap them in steps, under names that are free")
        if was in new:
            message = f"'{name}' cannot be what '{was}' was, for there still is a '{was}'"
            raise fault((*path, name, "was"), message)
        if was in found:
            raise fault((*path, name, "was"), f"both '{found[was]}' and '{name}' say they were '{was}'")
        found[was] = name
    return found


def in_new_names(old: Vocabulary, names: Renames) -> Vocabulary:
    """Return the old vocabulary as it would read if everything had always had its new name.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> old = vocabulary_from_text("types: {Firm: {}, Bank: {extends: Firm}}")
    >>> in_new_names(old, Renames(types={"Firm": "Company"})).types["Bank"].extends
    ('Company',)
    """
    types, tags = names.types, names.tags

    def all_of(listed: tuple[str, ...], table: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(table.get(one, one) for one in listed)

    def fields(listed: tuple[Field, ...], table: Mapping[str, str]) -> tuple[Field, ...]:
        return tuple(replace(one, name=table.get(one.name, one.name)) for one in listed)

    def tag_rule(rule: TagRule | None) -> TagRule | None:
        return rule and replace(rule, all=all_of(rule.all, tags), none=all_of(rule.none, tags))

    def entity_type(one: EntityType) -> EntityType:
        own: dict[str, str] = {}
        for ancestor in reversed(old.ancestors(one.name)):
            own.update(names.fields.get(ancestor, {}))
        return replace(
            one,
            name=types.get(one.name, one.name),
            extends=all_of(one.extends, types),
            fields=fields(one.fields, names.fields.get(one.name, {})),
            caption=all_of(one.caption, own),
            key=all_of(one.key, own),
            search=all_of(one.search, own),
        )

    def predicate(one: Predicate) -> Predicate:
        own = names.attributes.get(one.name, {})
        name = names.predicates.get(one.name, one.name)
        return replace(
            one,
            name=name,
            inverse=name if one.symmetric else one.inverse,
            subject=all_of(one.subject, types),
            object=all_of(one.object, types),
            between=tuple((types.get(a, a), types.get(b, b)) for a, b in one.between),
            subject_tags=tag_rule(one.subject_tags),
            object_tags=tag_rule(one.object_tags),
            attributes=fields(one.attributes, own),
            sums=tuple(replace(rule, attribute=own.get(rule.attribute, rule.attribute)) for rule in one.sums),
            implies=all_of(one.implies, names.predicates),
            roles={role: own.get(attribute, attribute) for role, attribute in one.roles.items()},
            order=None if one.order is None else own.get(one.order, one.order),
        )

    def derived(one: Derived) -> Derived:
        name = names.derived.get(one.name, one.name)
        reading = old.readings.get(one.over or "")
        own = names.attributes.get(reading.predicate.name, {}) if reading is not None else {}
        return replace(
            one,
            name=name,
            inverse=name if one.inverse == one.name else one.inverse,
            over=None if one.over is None else names.readings.get(one.over, one.over),
            path=all_of(one.path, names.readings),
            attribute=None if one.attribute is None else own.get(one.attribute, one.attribute),
        )

    def tag(one: Tag) -> Tag:
        return replace(one, name=tags.get(one.name, one.name), types=all_of(one.types, types))

    return Vocabulary(
        old.name,
        {one.name: one for one in map(entity_type, old.types.values())},
        {one.name: one for one in map(tag, old.tags.values())},
        {one.name: one for one in map(predicate, old.predicates.values())},
        {one.name: one for one in map(derived, old.derived.values())},
    )
