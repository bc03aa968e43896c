"""From what a caller gives to drafts: names resolved, values checked and brought into stored form.

Nothing here reads the store, so a million rows are prepared before the lock is taken.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import NoneType
from typing import Any

from relgraph.errors import (
    DisabledPredicateError,
    FieldError,
    PeriodError,
    RequiredFieldError,
    RuleError,
    TypeRuleError,
    ValueProblem,
)
from relgraph.ids import uuid7
from relgraph.model.drafts import EntityDraft, Reference, RelationDraft
from relgraph.model.entity import Entity, EntityRef
from relgraph.model.records import OPEN_END, OPEN_START, Precision
from relgraph.values import day_bounds
from relgraph.vocabulary.fields import store_fast
from relgraph.vocabulary.model import EntityType, Field, Predicate, Vocabulary

Storing = Callable[[object], object]

PLAIN_DAYS = frozenset({str, date, NoneType})
"""As keys of a dictionary, dates of these types are what they are: no number is equal to one of them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the fields of one type, or the attributes of one predicate, are stored."""

    owner: str
    storing: Mapping[str, Storing]
    fields: Mapping[str, Field]
    defaults: Mapping[str, object]
    required: tuple[str, ...]

    def store(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return values in stored form, without those that are None; FieldError names the field."""
        stored = {}
        for name, value in values.items():
            storing = self.storing.get(name)
            if storing is None:
                raise unknown_field(self.owner, name, self.fields)
            if value is None:
                continue
            try:
                stored[name] = storing(value)
            except ValueProblem as problem:
                raise field_error(self.owner, name, problem) from None
        return stored

    def complete(self, stored: dict[str, object]) -> dict[str, object]:
        """Add the defaults of what is absent, and refuse what is required and still absent."""
        for name, value in self.defaults.items():
            stored.setdefault(name, value)
        for name in self.required:
            if name not in stored:
                raise missing_field(self.owner, name)
        return stored


def missing_field(owner: str, name: str) -> RequiredFieldError:
    """Return the error for a required field that is absent."""
    return RequiredFieldError(
        f"{owner} needs {name}", hint=f"give {name}=...", details={"rule": "required", "owner": owner, "field": name}
    )


def field_error(owner: str, name: str, problem: ValueProblem) -> FieldError:
    """Return a value's problem as a breach that names the field."""
    return FieldError(
        f"{owner}.{name}: {problem.message}",
        hint=problem.hint,
        candidates=problem.candidates,
        details={**problem.details, "rule": "field", "owner": owner, "field": name},
    )


def unknown_field(owner: str, name: str, fields: Iterable[str]) -> FieldError:
    """Return the error for a field that the type or predicate does not have."""
    known = list(fields)
    return FieldError(
        f"{owner} has no field {name!r}",
        candidates=nearest(name, known),
        hint=f"it has {', '.join(known)}" if known else "it has none",
        details={"rule": "field", "owner": owner, "field": name},
    )


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that may have been meant, nearest first, ignoring case."""
    table = {one.casefold(): one for one in known}
    return [table[one] for one in difflib.get_close_matches(str(name).casefold(), table, n=3, cutoff=0.6)]


def _tags(given: object) -> Iterable[Any]:
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable):
        raise FieldError(f"tags are a list of names, not {given!r}", details={"rule": "tag"})
    return given


def _shape(owner: str, fields: Mapping[str, Field]) -> Shape:
    return Shape(
        owner,
        {name: store_fast(one) for name, one in fields.items()},
        fields,
        {name: one.default for name, one in fields.items() if one.default is not None},
        tuple(name for name, one in fields.items() if one.required),
    )


class Preparing:
    """The prepared forms of one vocabulary, made when first needed."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._types: dict[str, Shape] = {}
        self._predicates: dict[str, Shape] = {}

    def type_shape(self, name: str) -> Shape:
        """Return how the fields of an entity type are stored; TypeRuleError where there is no such type."""
        if name not in self._types:
            entity_type(self.vocabulary, name)
            self._types[name] = _shape(name, self.vocabulary.fields(name))
        return self._types[name]

    def predicate_shape(self, predicate: Predicate) -> Shape:
        """Return how the attributes of a predicate are stored."""
        if predicate.name not in self._predicates:
            self._predicates[predicate.name] = _shape(predicate.name, self.vocabulary.attributes(predicate.name))
        return self._predicates[predicate.name]

    def entity(
        self,
        type_name: str,
        values: Mapping[str, object],
        *,
        entity_id: str | None,
        keys: object,
        tags: Iterable[str],
        partial: bool = False,
    ) -> EntityDraft:
        """Return the draft of a new entity; a partial one may lack what it needs, until it is known to be new."""
        shape = self.type_shape(type_name)
        if entity_type(self.vocabulary, type_name).abstract:
            concrete = [one for one in self.vocabulary.subtypes(type_name) if not self.vocabulary.types[one].abstract]
            raise TypeRuleError(
                f"{type_name} is abstract: no entity can be of it",
                hint=f"use one of {', '.join(concrete)}" if concrete else "declare a type that extends it",
                details={"rule": "type", "type": type_name},
            )
        return EntityDraft(
            text_id(entity_id) if entity_id is not None else uuid7(),
            type_name,
            shape.store(values) if partial else shape.complete(shape.store(values)),
            tags={self.tag(one, type_name) for one in _tags(tags)},
            keys=set(pairs(keys)),
            minted=entity_id is None,
        )

    def tag(self, name: str, type_name: str) -> str:
        """Return a tag's name, refusing one that there is not or that the type may not carry."""
        declared = self.vocabulary.tags.get(name)
        if declared is None:
            raise FieldError(
                f"there is no tag {name!r}",
                candidates=nearest(name, self.vocabulary.tags),
                details={"rule": "tag", "tag": name},
            )
        if declared.types and not any(self.vocabulary.is_a(type_name, one) for one in declared.types):
            raise TypeRuleError(
                f"a {type_name} cannot carry the tag {name!r}",
                hint=f"it is for {', '.join(declared.types)}",
                details={"rule": "tag", "tag": name, "type": type_name},
            )
        return name

    def predicate(self, name: str) -> tuple[Predicate, bool]:
        """Return the stored predicate behind either of its names, and whether the name reads forward."""
        reading = self.vocabulary.readings.get(name)
        if reading is None:
            if any(name in {one.name, one.inverse} for one in self.vocabulary.derived.values()):
                raise TypeRuleError(
                    f"{name} is derived: it is computed, not stored",
                    hint="relate by the predicates it is derived from",
                    details={"rule": "predicate", "predicate": name},
                )
            raise TypeRuleError(
                f"there is no predicate {name!r}",
                candidates=nearest(name, self.vocabulary.readings),
                details={"rule": "predicate", "predicate": name},
            )
        return reading.predicate, reading.forward

    def relation(
        self,
        predicate: Predicate,
        ends: tuple[object, object],
        values: Mapping[str, object],
        *,
        by_code: bool = False,
        relation_id: str | None = None,
        since: object = None,
        until: object = None,
        confidence: object = None,
        source: object = None,
        key: str | None = None,
        partial: bool = False,
    ) -> RelationDraft:
        """Return the draft of a new relation, its ends already subject first."""
        if not partial:
            writable(predicate, by_code=by_code)
        shape = self.predicate_shape(predicate)
        first, last, low, high = period(predicate, since, until)
        return RelationDraft(
            uuid7() if relation_id is None else text_id(relation_id),
            predicate.name,
            reference(ends[0]),
            reference(ends[1]),
            first,
            last,
            low,
            high,
            shape.store(values) if partial else shape.complete(shape.store(values) if values else {}),
            None if confidence is None else confident(confidence),
            statements(source, key),
            minted=relation_id is None,
        )


_KEPT = 16
_preparing: dict[int, Preparing] = {}


def preparing(vocabulary: Vocabulary) -> Preparing:
    """Return the prepared forms of a vocabulary: the same for the same one, so that a single write finds them made."""
    known = _preparing.get(id(vocabulary))
    if known is None or known.vocabulary is not vocabulary:
        if len(_preparing) >= _KEPT:
            _preparing.clear()
        known = _preparing[id(vocabulary)] = Preparing(vocabulary)
    return known


def entity_type(vocabulary: Vocabulary, name: str) -> EntityType:
    """Return a type by name, or raise TypeRuleError with the nearest names."""
    found = vocabulary.types.get(name)
    if found is None:
        raise TypeRuleError(
            f"there is no type {name!r}",
            hint=None if vocabulary.types else "the vocabulary is empty: open with one, or use graph.define",
            candidates=nearest(name, vocabulary.types),
            details={"rule": "type", "type": name},
        )
    return found


def writable(predicate: Predicate, *, by_code: bool) -> None:
    """Refuse a new relation of a predicate that takes none, or only from code."""
    if not predicate.enabled:
        raise DisabledPredicateError(
            f"{predicate.name} is disabled: it takes no new relations",
            hint="its existing relations stay as they are",
            details={"rule": "enabled", "predicate": predicate.name},
        )
    if predicate.internal and not by_code:
        raise internal(predicate)


def internal(predicate: Predicate, relation_id: str | None = None) -> RuleError:
    """Return the error for a relation, new or standing, that only code may touch."""
    return DisabledPredicateError(
        f"{predicate.name} is internal: only code adds, changes or removes its relations",
        hint="in code, use graph.transaction(by_code=True)",
        details={
            "rule": "internal",
            "predicate": predicate.name,
            **({} if relation_id is None else {"relation": relation_id}),
        },
    )


def reference(given: object) -> Reference:
    """Return how an entity is named: by the id of a value or text, by an integer id, or by (source, key)."""
    match given:
        case str():
            return given
        case Entity() | EntityRef():
            return given.id
        case (str() as source, key):
            return source, checked(key)
        case int() if not isinstance(given, bool):
            return str(given)
        case _:
            raise FieldError(
                f"{given!r} names no entity",
                hint="name one by an Entity, its id, or (source, key)",
                details={"rule": "end"},
            )


@lru_cache(maxsize=4096, typed=True)
def _known_days(given: object) -> tuple[int, int, int]:
    first, last, precision = day_bounds(given)
    return first, last, precision


def _days(given: object) -> tuple[int, int, int]:
    try:
        hash(given)
    except TypeError:
        # no date is without a hash, so this is refused as what it is
        return day_bounds(given)
    return _known_days(given)


def start(given: object) -> tuple[int, int]:
    """Return the first day of a start and its precision."""
    first, _, precision = _days(given)
    return first, precision


def end(given: object) -> tuple[int, int]:
    """Return the day before which an end lies at the latest, and its precision."""
    first, last, precision = _days(given)
    return (first if precision == Precision.DAY else last + 1), precision


def period(predicate: Predicate, since: object, until: object) -> tuple[int, int, int, int]:
    """Return the widest period and the precisions of its bounds; PeriodError where it cannot be."""
    if since is None and until is None:
        return OPEN_START, OPEN_END, 0, 0
    if predicate.time == "none":
        raise PeriodError(
            f"{predicate.name} has no dates: it is declared with time: none",
            hint="leave since and until out",
            details={"rule": "period", "predicate": predicate.name},
        )
    first, low, last, high = OPEN_START, 0, OPEN_END, 0
    try:
        if since is not None:
            first, low = start(since)
        if until is not None:
            last, high = end(until)
    except ValueProblem as problem:
        raise PeriodError(
            f"{predicate.name}: {problem.message}",
            hint=problem.hint,
            details={"rule": "period", "predicate": predicate.name},
        ) from None
    check_period(predicate, first, last, shown=(since, until))
    return first, last, low, high


def check_period(predicate: Predicate, first: int, last: int, *, shown: tuple[object, object]) -> None:
    """Refuse a period that ends on or before the day it starts."""
    if last <= first:
        raise PeriodError(
            f"{predicate.name}: until {shown[1]} is not after since {shown[0]}",
            hint="a relation holds from since to the day before until",
            details={"rule": "period", "predicate": predicate.name},
        )


def confident(value: object) -> float:
    """Return a confidence from 0 to 1."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever float takes is welcome, the rest is refused below
    except (TypeError, ValueError):
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise FieldError(
            f"confidence is a number from 0 to 1, not {value!r}", details={"rule": "field", "field": "confidence"}
        )
    return number


def statements(source: object, key: object = None) -> dict[tuple[str, str], Mapping[str, object] | None] | None:
    """Return who states a relation: from a name, a (name, key) pair, a list of either, or a mapping of both."""
    if source is None:
        if key is not None:
            raise FieldError("a key needs its source", hint="give source= too", details={"rule": "field"})
        return None
    if isinstance(source, str):
        return {(checked(source), "" if key is None or key == "" else checked(key)): None}
    return dict.fromkeys(pairs(source, keyless=True), None)


def pairs(given: object, *, keyless: bool = False) -> list[tuple[str, str]]:
    """Return (source, key) pairs from a mapping of source to key or keys, or from an iterable of pairs or names.

    With ``keyless`` a key may be empty: a source that states something without a key of its own.
    """
    if not given:
        return []
    found: list[tuple[str, str]] = []
    if isinstance(given, Mapping):
        for source, keys in given.items():
            many = keys if isinstance(keys, (list, tuple, set, frozenset)) else [keys]
            found.extend((checked(source), checked(key)) for key in many)
        return found
    if isinstance(given, Iterable):
        for one in given:
            name = getattr(one, "name", None)
            if isinstance(one, str):
                found.append((one, ""))
            elif isinstance(name, str):
                found.append((name, str(getattr(one, "key", ""))))
            else:
                if not isinstance(one, (tuple, list)) or len(one) != 2:
                    raise _no_keys(given)
                source, key = one
                found.append((checked(source), "" if keyless and key in ("", None) else checked(key)))
        return found
    raise _no_keys(given)


def _no_keys(given: object) -> FieldError:
    return FieldError(f"keys are given as {{source: key}}, not as {str(given)[:40]!r}", details={"rule": "key"})


def checked(part: Any) -> str:
    """Return a source or key as text; integers are welcome, an absent one is not."""
    if part is None or isinstance(part, (bool, float)):
        raise FieldError(f"a source or key is text, not {part!r}", details={"rule": "key"})
    return text_id(part)


def text_id(given: object) -> str:
    """Return an id as text: as it stands, whole numbers in digits; empty and overlong ones are refused."""
    if given is None or isinstance(given, (bool, float, bytes, list, tuple, set, dict)):
        raise FieldError(
            f"an id or key is text or a whole number, not {given!r}",
            hint="give it as text",
            details={"rule": "id"},
        )
    text = given if isinstance(given, str) else str(given)
    if not text:
        raise FieldError("an id or key cannot be empty", details={"rule": "id"})
    if len(text) > 1000:
        raise FieldError(f"an id or key has at most 1,000 characters, not {len(text):,}", details={"rule": "id"})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FieldError("an id or key cannot hold a lone surrogate", details={"rule": "id"}) from None
    return text
