"""Entity types, their fields, and tags: what they refer to exists, and their facets go together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from relgraph.errors import ValueProblem, VocabularyError
from relgraph.vocabulary import keys
from relgraph.vocabulary.check_names import Path, fault, name_problem, unknown
from relgraph.vocabulary.fields import load, store
from relgraph.vocabulary.model import ENTITY, Field, Vocabulary

DEEPEST_CHAIN = 100


def chain_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield parents and broader predicates that do not exist, that go in a circle, or in too long a chain."""
    types, predicates = vocabulary.types, vocabulary.predicates
    for name, one in types.items():
        for parent in one.extends:
            if parent == ENTITY:
                yield fault(("types", name, "extends"), f"every type extends {ENTITY}", hint="leave it out")
            elif parent not in types:
                yield unknown(("types", name, "extends"), "type", parent, types)
    inverses = {one.inverse: one.name for one in predicates.values()}
    for name, predicate in predicates.items():
        for broad in predicate.implies:
            if broad not in predicates and broad in inverses:
                message = f"'{broad}' is an inverse; predicates are implied by their first name"
                yield fault(("predicates", name, "implies"), message, candidates=[inverses[broad]])
            elif broad not in predicates:
                yield unknown(("predicates", name, "implies"), "predicate", broad, predicates)
    yield from _circles({name: one.extends for name, one in types.items()}, "types", "extends")
    yield from _circles({name: one.implies for name, one in predicates.items()}, "predicates", "implies")


def _circles(above: Mapping[str, tuple[str, ...]], section: str, key: str) -> Iterator[VocabularyError]:
    height: dict[str, int] = {}
    for start in above:
        if start in height:
            continue
        # a stack of its own, for a hostile chain is longer than Python's
        way, rest = [start], [iter(above[start])]
        while way:
            following = next(rest[-1], None)
            if following is None:
                name = way.pop()
                rest.pop()
                height[name] = 1 + max((height.get(one, 0) for one in above[name]), default=0)
                if height[name] > DEEPEST_CHAIN:
                    # the chain is taken apart here, so its rest is counted anew
                    height[name] = 0
                    yield fault((section, name, key), f"this chain has more than {DEEPEST_CHAIN} steps")
            elif following in way:
                ring = [*way[way.index(following) :], following]
                yield fault((section, way[-1], key), f"this goes in a circle: {f' {key} '.join(ring)}")
            elif following in above and following not in height:
                way.append(following)
                rest.append(iter(above[following]))


def type_faults(vocabulary: Vocabulary, *, orphans: Collection[str] = ()) -> Iterator[VocabularyError]:
    """Yield what is wrong with the types and their fields; what ``orphans`` inherit is not known."""
    for name, one in vocabulary.types.items():
        path: Path = ("types", name)
        for field in one.fields:
            yield from field_faults(field, (*path, "fields", field.name), keys.RESERVED_FIELDS)
            if field.name == "name" and (field.kind != "text" or field.many):
                yield fault((*path, "fields", "name"), "the field 'name' can only be a single text")
        yield from _inherited_faults(vocabulary, name)
        if name in orphans:
            continue
        known = vocabulary.fields(name)
        for facet in ("caption", "key", "search"):
            for listed in getattr(one, facet):
                if listed not in known:
                    yield unknown((*path, facet), "field", listed, known)
                elif facet == "key" and known[listed].many:
                    yield fault((*path, facet), f"'{listed}' is a list, which identifies nothing")
                elif facet == "search" and known[listed].kind not in keys.SEARCHED:
                    message = f"'{listed}' is a {known[listed].kind}, but only texts are searched"
                    yield fault((*path, facet), message)


def _inherited_faults(vocabulary: Vocabulary, name: str) -> Iterator[VocabularyError]:
    first: dict[str, tuple[str, Field]] = {}
    for ancestor in reversed(vocabulary.ancestors(name)):
        for field in vocabulary.types[ancestor].fields:
            other, declared = first.setdefault(field.name, (ancestor, field))
            if (declared.kind, declared.many) == (field.kind, field.many):
                continue
            if name == ancestor:
                message = (
                    f"{other} has the field '{field.name}' as {kind_text(declared)}, so it cannot be {kind_text(field)}"
                )
                yield fault(("types", name, "fields", field.name), message)
            elif other not in vocabulary.ancestors(ancestor):
                message = (
                    f"the field '{field.name}' is {kind_text(declared)} in {other} and {kind_text(field)} in {ancestor}"
                )
                yield fault(("types", name, "extends"), message)


def kind_text(field: Field) -> str:
    """Return a field's kind as messages name it."""
    return f"a list of {field.kind}" if field.many else field.kind


def field_faults(field: Field, path: Path, reserved: Collection[str]) -> Iterator[VocabularyError]:
    """Yield what is wrong with one field or attribute."""
    text = name_problem(field.name)
    if text:
        yield fault(path, text)
    if field.name in reserved:
        everything = ", ".join(sorted(reserved))
        yield fault(path, f"'{field.name}' is a name of its own here", hint=f"these are taken: {everything}")
    if field.kind not in keys.KINDS:
        yield unknown((*path, "type"), "field type", field.kind, keys.KINDS)
        return
    if field.kind == "choice" and not field.choices:
        yield fault(path, "a choice needs the words to choose from", hint="add choices: [..]")
    if field.choices and field.kind != "choice":
        yield fault((*path, "choices"), f"a {field.kind} has no choices", hint="make it type: choice")
    if field.pattern is not None:
        yield from _pattern_faults(field, path)
    if field.scale is not None and (field.kind not in keys.SCALED or not 0 <= field.scale <= 15):
        yield fault((*path, "scale"), f"a {field.kind} cannot have the scale {field.scale}")
    if field.unique and (field.many or field.kind == "boolean"):
        yield fault((*path, "unique"), f"{kind_text(field)} cannot be unique")
    for key, bound in (("min", field.minimum), ("max", field.maximum)):
        if bound is not None and field.kind not in keys.ORDERED:
            yield fault((*path, key), f"a {field.kind} has no {key}")
    yield from _bound_faults(field, path)


def _pattern_faults(field: Field, path: Path) -> Iterator[VocabularyError]:
    path = (*path, "pattern")
    if field.kind not in keys.TEXTS:
        yield fault(path, f"a {field.kind} has no pattern")
        return
    try:
        re.compile(field.pattern or "")
    except (re.error, RecursionError, OverflowError) as error:
        yield fault(path, f"'{field.pattern}' is no regular expression: {error}")


def _bound_faults(field: Field, path: Path) -> Iterator[VocabularyError]:
    if field.minimum is None or field.maximum is None or field.kind not in keys.ORDERED:
        return
    single = Field(field.name, kind=field.kind, scale=field.scale, minimum=field.minimum)
    try:
        store(single, load(single, field.maximum))
    except ValueProblem as error:
        yield fault((*path, "max"), f"it is below the min: {error.message}")


def tag_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield types of tags that there are not."""
    for name, tag in vocabulary.tags.items():
        for type_name in tag.types:
            if type_name not in vocabulary.types and type_name != ENTITY:
                yield unknown(("tags", name, "types"), "type", type_name, vocabulary.types)
