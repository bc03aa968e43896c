"""The vocabulary as a value: entity types, fields, tags, predicates and derived predicates.

A :class:`Vocabulary` is immutable; whatever changes it makes a new one. Every look-up that the rest of the
program needs (ancestors, fields, readings, which predicates imply which) is answered here, from tables that are
computed once when first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warn"]
Kind = Literal[
    "text",
    "integer",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "partial date",
    "percent",
    "money",
    "url",
    "email",
    "phone",
    "country",
    "choice",
]
Words = Mapping[str, str]
"""Text per language; the key ``""`` is the text for every language that has none of its own."""

ENTITY = "Entity"
"""The type that every entity has: what stands where a predicate names no type."""


@dataclass(frozen=True, slots=True)
class Field:
    """A typed field of an entity type, or a typed attribute of a predicate.

    ``minimum``, ``maximum``, ``default`` and ``choices`` hold values of the field's kind in the form that
    :mod:`relgraph.vocabulary.fields` stores (so that comparing is exact). ``was``, here and below, is the name
    the thing had before: a change plan reads it, and it is no part of what makes two vocabularies equal.
    """

    name: str
    kind: Kind = "text"
    many: bool = False
    required: bool = False
    unique: bool = False
    default: object = None
    minimum: object = None
    maximum: object = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    scale: int | None = None
    label: Words = field(default_factory=dict)
    description: str = ""
    example: str = ""
    was: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class EntityType:
    """A type of entity with its own fields; what it inherits is asked of the vocabulary."""

    name: str
    extends: tuple[str, ...] = ()
    abstract: bool = False
    fields: tuple[Field, ...] = ()
    caption: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    label: Words = field(default_factory=dict)
    plural: Words = field(default_factory=dict)
    description: str = ""
    was: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """A mark that an entity may carry; ``types`` empty means any type."""

    name: str
    types: tuple[str, ...] = ()
    label: Words = field(default_factory=dict)
    description: str = ""
    was: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TagRule:
    """Tags that an end must all carry, and tags that it must not."""

    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many distinct entities may stand at the other end on one day."""

    maximum: int
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class SumRule:
    """What an attribute may add up to on one day, per object or per subject; ``maximum`` in stored form."""

    attribute: str
    per: Literal["subject", "object"]
    maximum: object
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A typed relation that is read from both ends.

    ``subject`` and ``object`` are the types allowed at the ends (empty: any); ``between`` instead lists allowed
    pairs. A rule that is off is None; one that is on holds its level.
    """

    name: str
    inverse: str
    symmetric: bool = False
    reading: Words = field(default_factory=dict)
    inverse_reading: Words = field(default_factory=dict)
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    between: tuple[tuple[str, str], ...] = ()
    types_level: Level = "error"
    subject_tags: TagRule | None = None
    object_tags: TagRule | None = None
    attributes: tuple[Field, ...] = ()
    time: Literal["valid", "none"] = "valid"
    unique: Literal["overlap", "pair", "none"] = "overlap"
    unique_level: Level = "error"
    max_objects: Limit | None = None
    max_subjects: Limit | None = None
    irreflexive: Level | None = "error"
    acyclic: Level | None = None
    sums: tuple[SumRule, ...] = ()
    implies: tuple[str, ...] = ()
    enabled: bool = True
    internal: bool = False
    copiable: Literal["no", "subject", "object", "both"] = "no"
    roles: Mapping[str, str] = field(default_factory=dict)
    order: str | None = None
    description: str = ""
    was: str | None = field(default=None, compare=False)

    def attribute(self, name: str) -> Field | None:
        """Return the attribute of that name, or None."""
        return next((one for one in self.attributes if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Derived:
    """A predicate that is computed: transitive ``over`` one, along a ``path`` of readings, or by a ``measure``."""

    name: str
    inverse: str
    over: str | None = None
    path: tuple[str, ...] = ()
    measure: str | None = None
    attribute: str | None = None
    reading: Words = field(default_factory=dict)
    inverse_reading: Words = field(default_factory=dict)
    description: str = ""
    was: str | None = field(default=None, compare=False)

    @property
    def measured(self) -> str:
        """The name by which a question tests what a measure finds."""
        return self.attribute or "share"


@dataclass(frozen=True, slots=True)
class Reading:
    """One predicate as it is read from one end: ``forward`` is from subject to object."""

    predicate: Predicate
    forward: bool

    @property
    def name(self) -> str:
        """The name this reading is used by."""
        return self.predicate.name if self.forward else self.predicate.inverse

    @property
    def words(self) -> Words:
        """The words people see for this reading, per language."""
        return self.predicate.reading if self.forward else self.predicate.inverse_reading


@dataclass(frozen=True)
class Vocabulary:
    """All that may be said in one network.

    Mappings keep the order of declaration, which is the order in which readings are listed to people.
    """

    name: str = "vocabulary"
    types: Mapping[str, EntityType] = field(default_factory=dict)
    tags: Mapping[str, Tag] = field(default_factory=dict)
    predicates: Mapping[str, Predicate] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Return the vocabulary of a YAML file, or of the ready pack of that name.

        Raises :exc:`~relgraph.errors.VocabularyError`, or all faults together as ``VocabularyErrors``.
        """
        from relgraph.vocabulary.load import load_vocabulary  # noqa: PLC0415  (reading rests on this module)

        return load_vocabulary(path)

    @classmethod
    def from_text(cls, text: str) -> Vocabulary:
        """Return the vocabulary of a YAML text, which may include packs; raises as :meth:`load` does."""
        from relgraph.vocabulary.load import vocabulary_from_text  # noqa: PLC0415  (the same)

        return vocabulary_from_text(text)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Vocabulary:
        """Return the vocabulary of a mapping of the same shape as the YAML; raises as :meth:`load` does."""
        from relgraph.vocabulary.load import vocabulary_from_dict  # noqa: PLC0415  (the same)

        return vocabulary_from_dict(content)

    def to_yaml(self) -> str:
        """Return the vocabulary as YAML; reading it again gives an equal vocabulary."""
        from relgraph.vocabulary.dump import to_yaml  # noqa: PLC0415  (the same)

        return to_yaml(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the vocabulary as JSON-able mappings of the same shape as the YAML."""
        from relgraph.vocabulary.dump import to_dict  # noqa: PLC0415  (the same)

        return to_dict(self)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Both names of every stored predicate, each with its direction; a symmetric one has one, forward."""
        table: dict[str, Reading] = {}
        for predicate in self.predicates.values():
            table[predicate.name] = Reading(predicate, forward=True)
            if not predicate.symmetric:
                table[predicate.inverse] = Reading(predicate, forward=False)
        return table

    @cached_property
    def reading_ranks(self) -> Mapping[str, int]:
        """The place of each reading among all of them."""
        return {name: rank for rank, name in enumerate(self.readings)}

    @cached_property
    def _ancestors(self) -> dict[str, tuple[str, ...]]:
        table: dict[str, tuple[str, ...]] = {}

        def climb(name: str) -> tuple[str, ...]:
            if name not in table:
                found = [name]
                for parent in self.types[name].extends:
                    found.extend(one for one in climb(parent) if one not in found)
                table[name] = tuple(found)
            return table[name]

        for name in self.types:
            climb(name)
        return table

    def ancestors(self, type_name: str) -> tuple[str, ...]:
        """Return the type itself and all that it extends, nearest first (without ``Entity``)."""
        return self._ancestors[type_name]

    @cached_property
    def _subtypes(self) -> dict[str, tuple[str, ...]]:
        table: dict[str, list[str]] = {name: [] for name in self.types}
        for name in self.types:
            for ancestor in self._ancestors[name]:
                table[ancestor].append(name)
        return {name: tuple(found) for name, found in table.items()}

    def subtypes(self, type_name: str) -> tuple[str, ...]:
        """Return the type and all types that extend it, in vocabulary order; ``Entity`` gives all types."""
        return tuple(self.types) if type_name == ENTITY else self._subtypes[type_name]

    def is_a(self, type_name: str, ancestor: str) -> bool:
        """Return whether an entity of the first type may stand where the second is asked for."""
        return ancestor == ENTITY or ancestor in self._ancestors[type_name]

    @cached_property
    def _fields(self) -> dict[str, Mapping[str, Field]]:
        return {
            name: {one.name: one for ancestor in reversed(self._ancestors[name]) for one in self.types[ancestor].fields}
            for name in self.types
        }

    def fields(self, type_name: str) -> Mapping[str, Field]:
        """Return the fields of a type with those it inherits, parents' first, a type's own overriding."""
        return self._fields[type_name]

    @cached_property
    def _attributes(self) -> dict[str, Mapping[str, Field]]:
        return {name: {one.name: one for one in found.attributes} for name, found in self.predicates.items()}

    def attributes(self, predicate: str) -> Mapping[str, Field]:
        """Return the attributes of a predicate, in the order of their declaration; of a name that is none, none."""
        return self._attributes.get(predicate, {})

    def _inherited(self, type_name: str, facet: Literal["caption", "key", "search"]) -> tuple[str, ...]:
        for ancestor in self._ancestors[type_name]:
            names: tuple[str, ...] = getattr(self.types[ancestor], facet)
            if names:
                return names
        return ()

    def caption(self, type_name: str) -> tuple[str, ...]:
        """Return the fields that make the display name: declared or inherited, else ``name``, else the first text."""
        declared = self._inherited(type_name, "caption")
        if declared:
            return declared
        fields = self._fields[type_name]
        if "name" in fields:
            return ("name",)
        return next(((one.name,) for one in fields.values() if one.kind == "text" and not one.many), ())

    def key(self, type_name: str) -> tuple[str, ...]:
        """Return the fields that identify an entity of the type, declared or inherited."""
        return self._inherited(type_name, "key")

    def search(self, type_name: str) -> tuple[str, ...]:
        """Return the fields that full-text search covers: declared or inherited, else the caption's."""
        return self._inherited(type_name, "search") or self.caption(type_name)

    @cached_property
    def _broader(self) -> dict[str, tuple[str, ...]]:
        table: dict[str, tuple[str, ...]] = {}

        def climb(name: str) -> tuple[str, ...]:
            if name not in table:
                found = [name]
                for broad in self.predicates[name].implies:
                    found.extend(one for one in climb(broad) if one not in found)
                table[name] = tuple(found)
            return table[name]

        for name in self.predicates:
            climb(name)
        return table

    def broader(self, predicate: str) -> tuple[str, ...]:
        """Return the predicate and all that it implies, directly or through others."""
        return self._broader[predicate]

    @cached_property
    def _narrower(self) -> dict[str, tuple[str, ...]]:
        table: dict[str, list[str]] = {name: [] for name in self.predicates}
        for name in self.predicates:
            for broad in self._broader[name]:
                table[broad].append(name)
        return {name: tuple(found) for name, found in table.items()}

    def narrower(self, predicate: str) -> tuple[str, ...]:
        """Return the predicate and all that imply it: what asking for the broad one finds."""
        return self._narrower[predicate]

    def narrower_readings(self, name: str) -> frozenset[str]:
        """Return the readings that asking an entity for one finds: what implies it, in its direction only."""
        reading = self.readings[name]
        found = {name}
        for narrow in self._narrower[reading.predicate.name]:
            one = self.predicates[narrow]
            both = one.symmetric or reading.predicate.symmetric
            found.update((one.name, one.inverse) if both else (one.name if reading.forward else one.inverse,))
        return frozenset(found)

    def allows(self, predicate: str, subject_type: str, object_type: str) -> bool:
        """Return whether the predicate may join entities of these two types (either way round when symmetric)."""
        one = self.predicates[predicate]
        if self._fits(one, subject_type, object_type):
            return True
        return one.symmetric and self._fits(one, object_type, subject_type)

    def _fits(self, predicate: Predicate, subject_type: str, object_type: str) -> bool:
        if predicate.between:
            return any(self.is_a(subject_type, a) and self.is_a(object_type, b) for a, b in predicate.between)
        left = not predicate.subject or any(self.is_a(subject_type, one) for one in predicate.subject)
        right = not predicate.object or any(self.is_a(object_type, one) for one in predicate.object)
        return left and right

    def names(self) -> Iterator[str]:
        """Yield every name that must be unique ignoring case: types, tags, predicates and inverses."""
        yield from self.types
        yield from self.tags
        pairs = [(one.name, one.inverse) for one in self.predicates.values()]
        pairs += [(one.name, one.inverse) for one in self.derived.values()]
        for name, inverse in pairs:
            yield name
            if inverse != name:
                yield inverse
