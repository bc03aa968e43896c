"""What differs between two vocabularies, thing by thing and key by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from relgraph.vocabulary.dump import derived_content, field_content, predicate_content, tag_content, type_content
from relgraph.vocabulary.keys import WORDS
from relgraph.vocabulary.model import Derived, EntityType, Field, Predicate, Tag, Vocabulary
from relgraph.vocabulary.renames import Renames, in_new_names, renames

Action = Literal["added", "removed", "changed", "renamed"]
ChangeKind = Literal["vocabulary", "type", "field", "tag", "predicate", "inverse", "attribute", "derived"]
Thing = TypeVar("Thing", EntityType, Predicate, Tag, Derived, Field)

_SIGNS: Mapping[Action, str] = {"added": "+", "removed": "-", "changed": "~", "renamed": ">"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``name`` is the new name (the old one of what is removed), of ``owner`` where it has one.

    A change of settings names its key in ``facet`` (as in the document: ``max_objects``, ``choices``), with what
    was written there before and after, None for nothing; a renamed thing has its two names there. A predicate that
    is removed says in ``users`` what it was used by beside relations and questions.
    """

    action: Action
    kind: ChangeKind
    name: str
    owner: str = ""
    facet: str = ""
    old: Any = None
    new: Any = None
    users: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The thing that changes as policies name it: ``owns``, ``owns.share``, ``Company.sector``."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @property
    def wording(self) -> bool:
        """Whether it only changes what people read."""
        return self.facet in WORDS or self.kind == "vocabulary"

    def __str__(self) -> str:
        thing = f"{self.kind} {self.subject}"
        match self.action:
            case "removed" if self.users:
                text = f"{thing}, used by {', '.join(self.users)}"
            case "added" | "removed":
                text = thing
            case "renamed" if self.kind == "inverse":
                text = f"the inverse of {self.owner}, {self.old}, becomes {self.new}"
            case "renamed":
                before = f"{self.owner}.{self.old}" if self.owner else self.old
                text = f"{self.kind} {before} becomes {self.new}; its data follows"
            case _:
                text = f"{thing}: {self.facet} {_shown(self.old)} -> {_shown(self.new)}"
        return f"{_SIGNS[self.action]} {text}"


def difference(old: Vocabulary, new: Vocabulary) -> tuple[Change, ...]:
    """Return every difference from the old vocabulary to the new one, in the order of the new one.

    What has another name is known by its ``was``. Raises :exc:`VocabularyError` for a ``was`` that cannot be.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> old = vocabulary_from_text("types: {Firm: {}}")
    >>> new = vocabulary_from_text("types: {Company: {was: Firm, fields: {sector: text}}}")
    >>> for change in difference(old, new):
    ...     print(change)
    > type Firm becomes Company; its data follows
    + field Company.sector
    """
    names = renames(old, new)
    return tuple(_all(in_new_names(old, names), new, names))


def _all(old: Vocabulary, new: Vocabulary, names: Renames) -> Iterator[Change]:
    back = _Back(names)
    if old.name != new.name:
        yield Change("changed", "vocabulary", new.name, facet="name", old=old.name, new=new.name)
    yield from _section("type", old.types, new.types, back.types, type_content, parts=_type_parts(back))
    yield from _section("tag", old.tags, new.tags, back.tags, tag_content)
    parts = _predicate_parts(back)
    found = _section("predicate", old.predicates, new.predicates, back.predicates, predicate_content, parts=parts)
    for change in found:
        removed = change.action == "removed" and change.kind == "predicate"
        yield replace(change, users=tuple(_users(old, old.predicates[change.name]))) if removed else change
    yield from _section("derived", old.derived, new.derived, back.derived, derived_content, parts=_inverse)


def _users(words: Vocabulary, predicate: Predicate) -> Iterator[str]:
    """Yield what a predicate is used by, as people read it."""
    names = {predicate.name, predicate.inverse}
    for one in words.derived.values():
        if names & {one.over, *one.path}:
            yield f"derived {one.name}"
    for narrow in words.predicates.values():
        if predicate.name in narrow.implies:
            yield f"predicate {narrow.name} (implies it)"
    for role in predicate.roles:
        yield f"analyses (as {role})"


class _Back:
    """The old names by the new ones, owners by their new name too."""

    def __init__(self, names: Renames) -> None:
        self.types = _turned(names.types)
        self.tags = _turned(names.tags)
        self.predicates = _turned(names.predicates)
        self.derived = _turned(names.derived)
        self.fields = {names.types.get(owner, owner): _turned(below) for owner, below in names.fields.items()}
        self.attributes = {
            names.predicates.get(owner, owner): _turned(below) for owner, below in names.attributes.items()
        }


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def _section(
    kind: ChangeKind,
    old: Mapping[str, Thing],
    new: Mapping[str, Thing],
    before: Mapping[str, str],
    content: Callable[[Thing], Mapping[str, Any]],
    *,
    owner: str = "",
    parts: Callable[[Any, Any], Iterable[Change]] | None = None,
) -> Iterator[Change]:
    for name, one in new.items():
        if name in before:
            yield Change("renamed", kind, name, owner, old=before[name], new=name)
        if name not in old:
            yield Change("added", kind, name, owner)
            continue
        was: Mapping[str, Any] = content(old[name])
        now: Mapping[str, Any] = content(one)
        for facet in dict.fromkeys([*was, *now]):
            if facet not in _BELOW and was.get(facet) != now.get(facet):
                yield Change("changed", kind, name, owner, facet, was.get(facet), now.get(facet))
        if parts is not None:
            yield from parts(old[name], one)
    yield from (Change("removed", kind, name, owner) for name in old if name not in new)


_BELOW = frozenset({"fields", "attributes", "was", "inverse"})
"""Keys that are told thing by thing, or that are no setting."""


def _type_parts(back: _Back) -> Callable[[EntityType, EntityType], Iterable[Change]]:
    def parts(old: EntityType, new: EntityType) -> Iterable[Change]:
        return _fields("field", new.name, old.fields, new.fields, back.fields.get(new.name, {}))

    return parts


def _predicate_parts(back: _Back) -> Callable[[Predicate, Predicate], Iterable[Change]]:
    def parts(old: Predicate, new: Predicate) -> Iterator[Change]:
        yield from _inverse(old, new)
        yield from _fields("attribute", new.name, old.attributes, new.attributes, back.attributes.get(new.name, {}))

    return parts


def _inverse(old: Predicate | Derived, new: Predicate | Derived) -> Iterator[Change]:
    if old.inverse not in (new.inverse, old.name) and new.inverse != new.name:
        yield Change("renamed", "inverse", new.inverse, new.name, old=old.inverse, new=new.inverse)


def _fields(
    kind: Literal["field", "attribute"],
    owner: str,
    old: tuple[Field, ...],
    new: tuple[Field, ...],
    before: Mapping[str, str],
) -> Iterator[Change]:
    olds, news = {one.name: one for one in old}, {one.name: one for one in new}
    yield from _section(kind, olds, news, before, field_content, owner=owner)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{key}: {_shown(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(_shown(one) for one in value) + "]"
        case _:
            return str(value)
