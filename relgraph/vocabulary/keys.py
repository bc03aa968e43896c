"""Every key that a vocabulary document may have, what it means, and which names are taken."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from relgraph.vocabulary.model import Kind

KINDS: Final[tuple[str, ...]] = get_args(Kind)
NUMBERS: Final = frozenset({"integer", "decimal", "percent", "money"})
ORDERED: Final = NUMBERS | {"date", "datetime", "partial date"}
TEXTS: Final = frozenset({"text", "url", "email", "phone"})
SEARCHED: Final = TEXTS | {"choice", "country"}
SCALED: Final = frozenset({"decimal", "percent", "money"})

RESERVED_FIELDS: Final = frozenset({"id", "type", "degree"})
RESERVED_ATTRIBUTES: Final = frozenset(
    {"id", "since", "until", "source", "confidence", "predicate", "subject", "object", "recorded_at", "recorded_by"}
)

ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "share": "the part that is held, for ownership",
        "votes": "the part of the votes, for control",
        "strength": "how strong the tie is, from 0 to 1, for introductions",
        "amount": "what concentration and dependency add up",
        "last_contact": "when the two last met, for introductions",
    }
)
ROLE_KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "share": frozenset({"percent", "decimal"}),
        "votes": frozenset({"percent", "decimal"}),
        "strength": frozenset({"percent", "decimal"}),
        "amount": NUMBERS,
        "last_contact": frozenset({"date", "datetime", "partial date"}),
    }
)
MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "integrated_share": "all chains, their shares multiplied, circles included",
        "simple_share": "chains that pass no entity twice, their shares multiplied",
        "weakest_link": "for each chain its smallest share, added up",
        "control": "more than half, held alone or with what is controlled",
    }
)

DOCUMENT: Final = MappingProxyType(
    {
        "vocabulary": "the name of the vocabulary",
        "include": "packs, or files beside this one, that this one builds on",
        "types": "the entity types by name",
        "tags": "the marks on entities by name",
        "predicates": "the relations that may be told, by name",
        "derived": "the relations that are computed, by name",
    }
)
TYPE: Final = MappingProxyType(
    {
        "label": "the word people see, one or one per language",
        "plural": "the word for several, one or one per language",
        "description": "what the type is for",
        "extends": "the types whose fields it has and where it may stand",
        "abstract": "true when no entity is of this type itself",
        "fields": "the typed fields by name",
        "caption": "the fields that make the display name",
        "key": "the fields that identify an entity, for import and merge",
        "search": "the fields that full-text search covers",
        "was": "the name it had before, so that its data follows",
    }
)
FIELD: Final = MappingProxyType(
    {
        "type": "the kind of value: " + ", ".join(KINDS),
        "list": "true for a list of values",
        "required": "true when it must be present",
        "unique": "true when no two entities may have the same value",
        "default": "the value of an entity or relation that gives none",
        "min": "the smallest value",
        "max": "the largest value",
        "pattern": "a regular expression that the whole text must match",
        "choices": "the words that may be chosen",
        "scale": "how many digits stand after the decimal point",
        "label": "the word people see, one or one per language",
        "description": "what the field is for",
        "example": "a value as it may look",
        "was": "the name it had before, so that its data follows",
    }
)
TAG: Final = MappingProxyType(
    {
        "label": "the words people see, one or one per language",
        "types": "the types that may carry it; absent means any",
        "description": "what the tag is for",
        "was": "the name it had before, so that its data follows",
    }
)
PREDICATE: Final = MappingProxyType(
    {
        "inverse": "the name it is read by from the other end",
        "reading": "the words people see from subject to object, one or one per language",
        "inverse_reading": "the words people see from object to subject",
        "symmetric": "true when it reads the same from both ends and has no direction",
        "subject": "the types that may stand at the start; absent means any",
        "object": "the types that may stand at the end; absent means any",
        "between": "the allowed pairs of types, in place of subject and object",
        "types_level": "warn, when ends of other types are kept and listed by the check",
        "subject_tags": "the tags that the subject must or must not carry",
        "object_tags": "the tags that the object must or must not carry",
        "attributes": "the typed fields on the relation by name",
        "time": "valid when it has dates, none when it has not",
        "unique": "overlap, pair or none: when the same pair may be related again",
        "max_objects": "how many distinct objects one subject may have on one day",
        "max_subjects": "how many distinct subjects one object may have on one day",
        "irreflexive": "false when an entity may be related to itself",
        "acyclic": "true when no chain may return to its start on one day",
        "sum": "what an attribute may add up to on one day, per subject or per object",
        "implies": "the broader predicates that hold wherever this one does",
        "enabled": "false when no new relations are taken",
        "internal": "true when only code may add or remove relations",
        "copiable": "true, subject or object: at which end a clone of an entity takes the relation along",
        "roles": "which attributes the analyses use, and for what: " + ", ".join(ROLES),
        "order": "the whole-number attribute that orders the list",
        "description": "what the predicate is for",
        "was": "the name it had before, so that its data follows",
    }
)
DERIVED: Final = MappingProxyType(
    {
        "inverse": "the name it is read by from the other end",
        "symmetric": "true when it reads the same from both ends",
        "over": "the reading that is followed any number of steps, or that is measured",
        "path": "the readings that are followed one after the other; a single one is another name for it",
        "measure": "how the chains are measured: " + ", ".join(MEASURES),
        "attribute": "the attribute that is measured",
        "reading": "the words people see from subject to object, one or one per language",
        "inverse_reading": "the words people see from object to subject",
        "description": "what it is for",
        "was": "the name it had before, so that what uses it follows",
    }
)
TAG_RULE: Final = MappingProxyType(
    {
        "all": "the tags that must be there",
        "none": "the tags that must not be there",
        "level": "error, or warn when breaches are stored and listed by the check",
    }
)
LIMIT: Final = MappingProxyType({"max": "the largest number", "level": TAG_RULE["level"]})
UNIQUE: Final = MappingProxyType({"by": "overlap, pair or none", "level": TAG_RULE["level"]})
SUM: Final = MappingProxyType(
    {
        "attribute": "the attribute that is added up",
        "per": "subject or object: whose relations are added up",
        "max": "the largest sum",
        "level": TAG_RULE["level"],
    }
)
SECTIONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "document": DOCUMENT,
        "type": TYPE,
        "field": FIELD,
        "tag": TAG,
        "predicate": PREDICATE,
        "derived": DERIVED,
        "tags of an end": TAG_RULE,
        "limit": LIMIT,
        "unique": UNIQUE,
        "sum": SUM,
    }
)
"""All keys by the place where they stand; the reference lists them from here."""

WORDS: Final = frozenset({"label", "plural", "reading", "inverse_reading", "description", "example"})
"""The keys that hold words for people: the only ones that a later part may override."""
UNITED: Final = frozenset({"extends", "choices", "search", "types", "subject", "object", "between", "implies"})
"""The lists that a later part may add to."""
