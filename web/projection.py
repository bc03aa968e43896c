"""A copy of the network that holds only what somebody may read.

Whoever has something hidden from them reads this copy in place of the network: lists, counts, paths, questions,
completions and exports cannot tell what was never in it. When the network changes, it follows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from relgraph_web.counting import Counting, last_number
from relgraph_web.following import TooMuch, follow

import relgraph
from relgraph import Graph, NotFound, Vocabulary

_BATCH = 5000
_FOLLOWED = 50_000
"""How many changes a copy takes before a new one is made: what was replaced is kept in it."""


def hidden_names(vocabulary: Vocabulary, names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the types and the predicates that a list of names covers: subtypes, and what implies a predicate.

    Names that the vocabulary does not have cover nothing.
    """
    types: set[str] = set()
    predicates: set[str] = set()
    for name in names:
        if name in vocabulary.types:
            types.update(vocabulary.subtypes(name))
        elif name in vocabulary.readings:
            predicates.update(vocabulary.narrower(vocabulary.readings[name].predicate.name))
    return frozenset(types), frozenset(predicates)


def readable(vocabulary: Vocabulary, names: Iterable[str]) -> Vocabulary:
    """Return a vocabulary without the hidden names and all that mentions them; tags stay for the types that stay."""
    types, predicates = hidden_names(vocabulary, names)
    kept_types = {
        name: replace(one, extends=tuple(parent for parent in one.extends if parent not in types))
        for name, one in vocabulary.types.items()
        if name not in types
    }
    kept = {}
    for name, one in vocabulary.predicates.items():
        ends = [tuple(end for end in side if end not in types) for side in (one.subject, one.object)]
        between = tuple(pair for pair in one.between if not types & set(pair))
        # a predicate that only a hidden type can stand at has nothing to show
        empty = (one.subject and not ends[0]) or (one.object and not ends[1]) or (one.between and not between)
        if name not in predicates and not empty:
            kept[name] = replace(one, subject=ends[0], object=ends[1], between=between)
    kept = {
        name: replace(one, implies=tuple(broad for broad in one.implies if broad in kept)) for name, one in kept.items()
    }
    words = Vocabulary(vocabulary.name, kept_types, {}, kept, {})
    tags = {
        name: replace(one, types=tuple(end for end in one.types if end not in types))
        for name, one in vocabulary.tags.items()
        if not one.types or any(end not in types for end in one.types)
    }
    # one derived predicate may stand on another, so they are taken in until nothing more fits
    derived: dict[str, Any] = {}
    while True:
        known = {*words.readings, *derived, *(one.inverse for one in derived.values())}
        more = {
            name: one
            for name, one in vocabulary.derived.items()
            if name not in derived and all(step in known for step in (*one.path, *((one.over,) if one.over else ())))
        }
        if not more:
            return replace(words, tags=tags, derived=derived)
        derived.update(more)


def _loose(vocabulary: Vocabulary) -> Vocabulary:
    """Return a vocabulary without rules: a copy holds what is there, kept breaches too, and takes no new facts."""
    types = {
        name: replace(
            one,
            key=(),
            fields=tuple(
                replace(
                    field, required=False, unique=False, pattern=None, minimum=None, maximum=None, choices=field.choices
                )
                for field in one.fields
            ),
        )
        for name, one in vocabulary.types.items()
    }
    predicates = {
        name: replace(
            one,
            types_level="warn",
            subject_tags=None,
            object_tags=None,
            unique="none",
            max_objects=None,
            max_subjects=None,
            irreflexive=None,
            acyclic=None,
            sums=(),
            enabled=True,
            internal=False,
            attributes=tuple(
                replace(field, required=False, pattern=None, minimum=None, maximum=None) for field in one.attributes
            ),
        )
        for name, one in vocabulary.predicates.items()
    }
    return replace(vocabulary, types=types, predicates=predicates)


def copy_readable(graph: Graph, names: Iterable[str]) -> Graph:
    """Return a network in memory with all that is not hidden by these names."""
    words = readable(graph.vocabulary, names)
    copied = relgraph.open(vocabulary=_loose(words), zone=graph.store.zone())
    held: set[str] = set()
    with copied.transaction(by_code=True) as tx:
        for name, one in words.types.items():
            if one.abstract:
                continue
            rows = [
                {"id": entity.id, "keys": list(entity.keys), "tags": _kept(entity.tags, words), **dict(entity.fields)}
                for entity in graph.entities(name)
                if entity.type == name
            ]
            held.update(row["id"] for row in rows)
            for start in range(0, len(rows), _BATCH):
                tx.add_many(name, rows[start : start + _BATCH])
        for name in words.predicates:
            found = [
                {
                    "id": relation.id,
                    "subject": relation.subject.id,
                    "object": relation.object.id,
                    "since": relation.since,
                    "until": relation.until,
                    "source": [one.name for one in relation.sources] or None,
                    "confidence": relation.confidence,
                    **dict(relation.attributes),
                }
                for relation in graph.relations(name, ever=True)
                if relation.predicate == name and relation.subject.id in held and relation.object.id in held
            ]
            for start in range(0, len(found), _BATCH):
                tx.relate_many(name, found[start : start + _BATCH])
    introduce(copied, graph)
    return copied


def introduce(copied: Graph, graph: Graph) -> None:
    """Say in a copy who asks, as far as that may be read: questions about ``me`` must not tell the name."""
    copied.me = graph.me if graph.me is not None and _there(copied, graph.me) else None
    copied.us = tuple(one for one in graph.us if _there(copied, one))


def _there(copied: Graph, named: str | tuple[str, str]) -> bool:
    try:
        copied.get(named)
    except NotFound:
        return False
    return True


def _kept(tags: Iterable[str], words: Vocabulary) -> list[str]:
    return [tag for tag in tags if tag in words.tags]


@dataclass(slots=True)
class _Held:
    """A copy, up to which transaction and under which vocabulary it was made, and how many changes it took since."""

    graph: Graph
    number: int
    vocabulary: Vocabulary
    followed: int = 0


class Projections:
    """The copies in use, one for each set of hidden names, each brought up to the network before it is read."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lock = threading.Lock()
        self._held: dict[frozenset[str], _Held] = {}
        self.counting = Counting()

    def of(self, names: frozenset[str]) -> Graph:
        """Return the copy without these names."""
        with self._lock:
            number, vocabulary = last_number(self._graph), self._graph.vocabulary
            held = self._held.get(names)
            if held is not None and held.vocabulary == vocabulary:
                if held.number == number:
                    return held.graph
                if held.followed < _FOLLOWED:
                    try:
                        held.followed += follow(held.graph, self._graph, held.number)
                    except TooMuch:
                        pass
                    else:
                        held.number = number
                        introduce(held.graph, self._graph)
                        return held.graph
            # the old copy is left to those who still read it
            held = self._held[names] = _Held(copy_readable(self._graph, names), number, vocabulary)
            return held.graph
