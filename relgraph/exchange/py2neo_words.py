"""What the labels, relationship types and properties of a Subgraph are in a vocabulary."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from relgraph.engines.neo4j.adopt_names import possible, predicate_name
from relgraph.engines.neo4j.names import label, relationship_type, untoken
from relgraph.errors import LoadError
from relgraph.vocabulary.model import ENTITY, Field, Vocabulary

Chosen = Mapping[str, str | None]
"""Names of the vocabulary by what a Subgraph calls a thing; None leaves it out."""


class Words:
    """Names of the vocabulary by what the Subgraph calls a thing."""

    def __init__(self, vocabulary: Vocabulary, types: Chosen, predicates: Chosen, fields: Chosen) -> None:
        self.vocabulary = vocabulary
        known(types, vocabulary.types, "type")
        known(predicates, vocabulary.readings, "predicate")
        named = {name for one in vocabulary.types for name in vocabulary.fields(one)}
        named |= {one.name for predicate in vocabulary.predicates.values() for one in predicate.attributes}
        known(fields, named, "field or attribute")
        self._fields = fields
        self._types: dict[str, str | None] = {}
        for name, declared in vocabulary.types.items():
            self._types[label(name)] = name
            if declared.was is not None:
                self._types[declared.was] = name
        self._types.update(types)
        self._tags = {label(name): name for name in vocabulary.tags} | {
            one.was: name for name, one in vocabulary.tags.items() if one.was is not None
        }
        self._predicates: dict[str, str | None] = {relationship_type(one): one for one in vocabulary.readings}
        for name, predicate in vocabulary.predicates.items():
            if predicate.was is not None:
                self._predicates[predicate.was] = name
        self._predicates.update(predicates)

    def types_of(self, labels: Iterable[str]) -> tuple[list[str], list[str], list[str], bool]:
        """Return the nearest types that labels name, their tags, what is neither, and whether all is to be left out."""
        named: set[str] = set()
        tags, strange, left = [], [], False
        for one in sorted(labels):
            if one in self._types:
                found = self._types[one]
                left = left or found is None
                named |= {found} - {None}  # type: ignore[arg-type]  # None is taken away
            elif one in self._tags:
                tags.append(self._tags[one])
            elif (found := possible(one)) in self.vocabulary.types:
                named.add(found)
            elif one != ENTITY:
                strange.append(one)
        above = {up for one in named for up in self.vocabulary.ancestors(one)[1:]}
        return sorted(named - above), tags, strange, left and not named

    def near_types(self, labels: Iterable[str]) -> list[str]:
        """Return the types that labels are nearly called."""
        return [near for one in labels for near in nearest(one, self.vocabulary.types)]

    def predicate(self, kind: str) -> tuple[str | None, bool]:
        """Return the reading that a relationship type names, and whether it is to be left out."""
        if kind in self._predicates:
            found = self._predicates[kind]
            return found, found is None
        name = predicate_name(kind)
        return (name if name in self.vocabulary.readings else None), False

    def field(self, kept: str, declared: Mapping[str, Field]) -> tuple[str | None, bool]:
        """Return the field that a property holds, and whether it is to be left out."""
        if kept in self._fields:
            found = self._fields[kept]
            return found, found is None
        name = untoken(kept)
        if name is not None and name in declared:
            return name, False
        was = next((one.name for one in declared.values() if one.was == kept), None)
        return (was or (possible(kept) if possible(kept) in declared else None)), False


def known(chosen: Chosen, names: Iterable[str], what: str) -> None:
    """Refuse what is to be called by a name that there is not."""
    there = list(names)
    for kept, name in chosen.items():
        if name is not None and name not in there:
            raise LoadError(
                f"{kept!r} is to be the {what} {name!r}, which there is not", candidates=nearest(name, there)
            )


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that are nearly this one."""
    table = {one.casefold(): one for one in known}
    return [table[one] for one in difflib.get_close_matches(name.casefold(), table, n=3, cutoff=0.6)]
