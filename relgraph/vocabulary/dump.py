"""A vocabulary as plain mappings and as YAML: the same shape that is read, with all that is usual left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import (
    Derived,
    EntityType,
    Field,
    Level,
    Limit,
    Predicate,
    SumRule,
    Tag,
    TagRule,
    Vocabulary,
    Words,
)
from relgraph.vocabulary.read_values import OTHER_LANGUAGES

Content = dict[str, Any]


def to_dict(vocabulary: Vocabulary) -> Content:
    """Return a vocabulary as JSON-able mappings; reading them again gives an equal vocabulary.

    >>> from relgraph.vocabulary.load import vocabulary_from_dict
    >>> content = {"vocabulary": "small", "predicates": {"owns": {"inverse": "owned_by", "acyclic": "warn"}}}
    >>> to_dict(vocabulary_from_dict(content)) == content
    True
    """
    return _present(
        vocabulary=vocabulary.name,
        types={name: type_content(one) for name, one in vocabulary.types.items()},
        tags={name: tag_content(one) for name, one in vocabulary.tags.items()},
        predicates={name: predicate_content(one) for name, one in vocabulary.predicates.items()},
        derived={name: derived_content(one) for name, one in vocabulary.derived.items()},
    )


def to_yaml(vocabulary: Vocabulary) -> str:
    """Return a vocabulary as a YAML document; reading it again gives an equal vocabulary."""
    import yaml  # noqa: PLC0415  (programs that write no YAML do not pay for it)

    class Dumper(yaml.SafeDumper):
        """Escapes the line ends of Unicode, which YAML 1.1 would read as others."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = '"' if any(mark in value for mark in "\x85\u2028\u2029") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    # the default flow style keeps a field or a rule, which holds scalars only, on one line
    written: str = yaml.dump(
        to_dict(vocabulary), Dumper=Dumper, allow_unicode=True, default_flow_style=None, sort_keys=False, width=120
    )
    return written


def type_content(one: EntityType) -> Content:
    """Return what a document says of an entity type."""
    return _present(
        label=_words(one.label),
        plural=_words(one.plural),
        description=one.description,
        extends=list(one.extends),
        abstract=one.abstract,
        fields=_fields(one.fields),
        caption=list(one.caption),
        key=list(one.key),
        search=list(one.search),
        was=one.was,
    )


def tag_content(one: Tag) -> Content:
    """Return what a document says of a tag."""
    return _present(label=_words(one.label), types=list(one.types), description=one.description, was=one.was)


def predicate_content(one: Predicate) -> Content:
    """Return what a document says of a predicate."""
    content = _present(
        symmetric=one.symmetric,
        inverse=None if one.symmetric else one.inverse,
        reading=_words(one.reading),
        inverse_reading=None if one.symmetric else _words(one.inverse_reading),
        subject=list(one.subject),
        object=list(one.object),
        between=[list(pair) for pair in one.between],
        types_level=_level(one.types_level),
        subject_tags=_tag_rule(one.subject_tags),
        object_tags=_tag_rule(one.object_tags),
        attributes=_fields(one.attributes),
        time=None if one.time == "valid" else one.time,
        unique=_unique(one),
        max_objects=_limit(one.max_objects),
        max_subjects=_limit(one.max_subjects),
        acyclic={None: None, "error": True, "warn": "warn"}[one.acyclic],
        sum=_sums(one),
        implies=list(one.implies),
        internal=one.internal,
        copiable={"no": None, "both": True}.get(one.copiable, one.copiable),
        roles=dict(one.roles),
        order=one.order,
        description=one.description,
        was=one.was,
    )
    # these two are on unless said otherwise, so their absence cannot stand for false
    if one.irreflexive != "error":
        content["irreflexive"] = "warn" if one.irreflexive else False
    if not one.enabled:
        content["enabled"] = False
    return content


def derived_content(one: Derived) -> Content:
    """Return what a document says of a derived predicate."""
    symmetric = one.name == one.inverse
    return _present(
        symmetric=symmetric,
        inverse=None if symmetric else one.inverse,
        over=one.over,
        path=list(one.path),
        measure=one.measure,
        attribute=one.attribute,
        reading=_words(one.reading),
        inverse_reading=_words(one.inverse_reading),
        description=one.description,
        was=one.was,
    )


def field_content(one: Field) -> Content:
    """Return what a document says of a field or attribute."""
    single = Field(one.name, kind=one.kind, scale=one.scale)
    content = _present(
        type=one.kind,
        list=one.many,
        required=one.required,
        unique=one.unique,
        choices=list(one.choices),
        scale=one.scale,
        label=_words(one.label),
        description=one.description,
        example=one.example,
        was=one.was,
    )
    if one.pattern is not None:
        content["pattern"] = one.pattern
    for key, stored in (("min", one.minimum), ("max", one.maximum)):
        if stored is not None:
            content[key] = plain_value(single, stored)
    if one.many and isinstance(one.default, list | tuple):
        content["default"] = [plain_value(single, each) for each in one.default]
    elif one.default is not None:
        content["default"] = plain_value(single, one.default)
    return content


def plain_value(field: Field, stored: object) -> Any:
    """Return a stored single value as a document holds it: percents and money as they are written, others as stored.

    >>> plain_value(Field("share", "percent"), "0.25"), plain_value(Field("size", "integer"), 3)
    ('25%', 3)
    """
    return str(load(field, stored)) if field.kind in ("percent", "money") else stored


def _present(**content: Any) -> Content:
    """Return the keys that say something; a zero does."""
    return {key: value for key, value in content.items() if value not in (None, "", [], {}) and value is not False}


def _words(words: Words) -> str | Content:
    if set(words) == {""}:
        return words[""]
    return {language or OTHER_LANGUAGES: text for language, text in words.items()}


def _fields(fields: Iterable[Field]) -> Mapping[str, Content | str]:
    found = {}
    for one in fields:
        content = field_content(one)
        found[one.name] = one.kind if content == {"type": one.kind} else content
    return found


def _level(level: Level) -> Level | None:
    return level if level == "warn" else None


def _tag_rule(rule: TagRule | None) -> Content | None:
    if rule is None:
        return None
    return _present(all=list(rule.all), none=list(rule.none), level=_level(rule.level))


def _limit(limit: Limit | None) -> int | Content | None:
    if limit is None or limit.level == "error":
        return None if limit is None else limit.maximum
    return {"max": limit.maximum, "level": limit.level}


def _unique(one: Predicate) -> str | Content | None:
    if one.unique_level == "warn":
        return {"by": one.unique, "level": "warn"}
    return None if one.unique == "overlap" else one.unique


def _sums(one: Predicate) -> Content | list[Content] | None:
    found = [_sum(one, rule) for rule in one.sums]
    return found[0] if len(found) == 1 else found


def _sum(one: Predicate, rule: SumRule) -> Content:
    attribute = one.attribute(rule.attribute)
    maximum = rule.maximum
    if attribute is not None and maximum is not None:
        maximum = plain_value(Field(attribute.name, kind=attribute.kind, scale=attribute.scale), maximum)
    return _present(attribute=rule.attribute, per=rule.per, max=maximum, level=_level(rule.level))
