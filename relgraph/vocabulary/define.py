"""Vocabularies written in Python: the same keys as in YAML, read by the same reader, held to the same checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from relgraph.errors import VocabularyError
from relgraph.vocabulary.compose import combined
from relgraph.vocabulary.document import Item, from_plain
from relgraph.vocabulary.dump import derived_content, predicate_content, tag_content, to_dict, type_content
from relgraph.vocabulary.load import raise_all, read_tree
from relgraph.vocabulary.model import Derived, EntityType, Predicate, Tag, Vocabulary
from relgraph.vocabulary.read import Reader

Part = Vocabulary | EntityType | Predicate | Tag | Derived
Thing = TypeVar("Thing")
_Given = Mapping[str, Any]


def entity_type(
    name: str,
    *,
    label: str | Mapping[str, str] | None = None,
    plural: str | Mapping[str, str] | None = None,
    description: str | None = None,
    extends: str | Iterable[str] | None = None,
    abstract: bool | None = None,
    fields: _Given | None = None,
    caption: str | Iterable[str] | None = None,
    key: str | Iterable[str] | None = None,
    search: str | Iterable[str] | None = None,
    was: str | None = None,
) -> EntityType:
    """Return an entity type; fields are given as in YAML: ``{"sector": "text"}`` or ``{"sector": {"type": ...}}``.

    Raises :exc:`VocabularyError` for what cannot be read; what it refers to is checked by :func:`vocabulary`.

    >>> entity_type("Company", fields={"founded": "partial date"}).fields[0].kind
    'partial date'
    """
    content = {
        "label": label,
        "plural": plural,
        "description": description,
        "extends": extends,
        "abstract": abstract,
        "fields": fields,
        "caption": caption,
        "key": key,
        "search": search,
        "was": was,
    }
    return _read(Reader.entity_type, "types", name, content)


def tag(
    name: str,
    *,
    label: str | Mapping[str, str] | None = None,
    types: str | Iterable[str] | None = None,
    description: str | None = None,
    was: str | None = None,
) -> Tag:
    """Return a tag; raises :exc:`VocabularyError` for what cannot be read.

    >>> tag("vip", types="Person").types
    ('Person',)
    """
    content = {"label": label, "types": types, "description": description, "was": was}
    return _read(Reader.tag, "tags", name, content)


def predicate(
    name: str,
    inverse: str | None = None,
    *,
    symmetric: bool | None = None,
    reading: str | Mapping[str, str] | None = None,
    inverse_reading: str | Mapping[str, str] | None = None,
    subject: str | Iterable[str] | None = None,
    object: str | Iterable[str] | None = None,  # noqa: A002  (the word of the field, as in YAML)
    between: Iterable[tuple[str, str]] | None = None,
    types_level: str | None = None,
    subject_tags: _Given | Iterable[str] | None = None,
    object_tags: _Given | Iterable[str] | None = None,
    attributes: _Given | None = None,
    time: str | None = None,
    unique: str | _Given | None = None,
    max_objects: int | _Given | None = None,
    max_subjects: int | _Given | None = None,
    irreflexive: bool | str | None = None,
    acyclic: bool | str | None = None,
    sum: _Given | Iterable[_Given] | None = None,  # noqa: A002  (the same)
    implies: str | Iterable[str] | None = None,
    enabled: bool | None = None,
    internal: bool | None = None,
    copiable: bool | str | None = None,
    roles: Mapping[str, str] | Iterable[str] | None = None,
    order: str | None = None,
    description: str | None = None,
    was: str | None = None,
) -> Predicate:
    """Return a stored predicate; raises :exc:`VocabularyError` for what cannot be read, a missing inverse included.

    >>> predicate("owns", "owned_by", attributes={"share": "percent"}, acyclic="warn").acyclic
    'warn'
    """
    content = {
        "inverse": inverse,
        "symmetric": symmetric,
        "reading": reading,
        "inverse_reading": inverse_reading,
        "subject": subject,
        "object": object,
        "between": between if between is None else [list(pair) for pair in between],
        "types_level": types_level,
        "subject_tags": subject_tags,
        "object_tags": object_tags,
        "attributes": attributes,
        "time": time,
        "unique": unique,
        "max_objects": max_objects,
        "max_subjects": max_subjects,
        "irreflexive": irreflexive,
        "acyclic": acyclic,
        "sum": sum,
        "implies": implies,
        "enabled": enabled,
        "internal": internal,
        "copiable": copiable,
        "roles": roles,
        "order": order,
        "description": description,
        "was": was,
    }
    return _read(Reader.predicate, "predicates", name, content)


def derived(
    name: str,
    inverse: str | None = None,
    *,
    symmetric: bool | None = None,
    over: str | None = None,
    path: Iterable[str] | None = None,
    measure: str | None = None,
    attribute: str | None = None,
    reading: str | Mapping[str, str] | None = None,
    inverse_reading: str | Mapping[str, str] | None = None,
    description: str | None = None,
    was: str | None = None,
) -> Derived:
    """Return a derived predicate; raises :exc:`VocabularyError` for what cannot be read.

    >>> derived("in_group_of", "group_includes", over="owned_by").over
    'owned_by'
    """
    content = {
        "inverse": inverse,
        "symmetric": symmetric,
        "over": over,
        "path": path,
        "measure": measure,
        "attribute": attribute,
        "reading": reading,
        "inverse_reading": inverse_reading,
        "description": description,
        "was": was,
    }
    return _read(Reader.derived, "derived", name, content)


def vocabulary(*parts: Part | Iterable[Part], name: str | None = None) -> Vocabulary:
    """Return one vocabulary of all parts; a later part adds, and may change the words that people see.

    Parts are types, predicates, tags, derived predicates, whole vocabularies, and lists of them. Raises
    :exc:`VocabularyError`, or all faults together as :exc:`VocabularyErrors`.

    >>> small = vocabulary(
    ...     entity_type("Person"), entity_type("Company"),
    ...     predicate("employs", "employed_by", subject="Company", object="Person"),
    ... )
    >>> small.allows("employs", "Company", "Person")
    True
    """
    problems: list[VocabularyError] = []
    tree = Item({})
    for part in _flat(parts):
        tree = combined(tree, from_plain(_content(part)), problems=problems)
    if name is not None:
        tree = Item({**(tree.mapping or {}), "vocabulary": Item(name)})
    return read_tree(tree, problems)


def _flat(parts: Iterable[Part | Iterable[Part]]) -> Iterable[Part]:
    for part in parts:
        match part:
            case Vocabulary() | EntityType() | Predicate() | Tag() | Derived():
                yield part
            case Iterable() if not isinstance(part, str):
                yield from _flat(part)
            case _:
                raise VocabularyError(
                    f"{str(part)[:40]!r} is no part of a vocabulary",
                    hint="give what relgraph.entity_type, predicate, tag and derived return, or a Vocabulary",
                )


def _content(part: Part) -> dict[str, Any]:
    match part:
        case Vocabulary():
            content = to_dict(part)
            # the name of the whole is not the name of a part
            del content["vocabulary"]
            return content
        case EntityType():
            return {"types": {part.name: type_content(part)}}
        case Predicate():
            return {"predicates": {part.name: predicate_content(part)}}
        case Tag():
            return {"tags": {part.name: tag_content(part)}}
        case Derived():
            return {"derived": {part.name: derived_content(part)}}


def _read(
    read: Callable[[Reader, str, Item, tuple[str, ...]], Thing], section: str, name: str, content: Mapping[str, Any]
) -> Thing:
    reader = Reader()
    given = {key: value for key, value in content.items() if value is not None}
    thing = read(reader, name, from_plain(given), (section, name))
    raise_all(reader.problems)
    return thing
