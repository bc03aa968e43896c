"""From nodes and relationships of an adopted database to the rows of an embedded network in memory."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from relgraph.engines.base import Finding
from relgraph.engines.neo4j import adopt_kinds as kinds
from relgraph.engines.neo4j.adopt_fields import by_property
from relgraph.engines.neo4j.adopt_names import UNLABELED, possible, predicate_name
from relgraph.engines.neo4j.connection import Connection
from relgraph.engines.neo4j.failures import translated
from relgraph.engines.sqlite import SqliteStore
from relgraph.errors import ValueProblem
from relgraph.model.captions import caption_of
from relgraph.model.records import OPEN_END, OPEN_START, ChangeSet, EntityRow, Note, RelationRow, TagRow
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag, Vocabulary

_PAGE: Final = 20_000
_EXAMPLES: Final = 3
_LONGEST: Final = 200
"""Characters of a key's value that stand in an id; a longer one is said by its digest."""


class Filling:
    """Reads a database once, through a vocabulary whose ``was`` says what a thing is called there."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary, store: SqliteStore) -> None:
        self._connection = connection
        self._vocabulary = vocabulary
        self._store = store
        self._types = _Named(vocabulary.types.values(), possible)
        self._tags = _Named(vocabulary.tags.values(), possible)
        self._predicates = _Named(vocabulary.predicates.values(), predicate_name)
        self._fields = {name: by_property(vocabulary.fields(name).values()) for name in vocabulary.types}
        self._attributes = {name: by_property(one.attributes) for name, one in vocabulary.predicates.items()}
        self._kinds: dict[frozenset[str], str | None] = {}
        # the server's own names of nodes, good within this one reading only, with number and id
        self._nodes: dict[str, tuple[int, str]] = {}
        self._ids: Counter[str] = Counter()
        self._wrong: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._counts: Counter[tuple[str, str]] = Counter()

    def fill(self) -> tuple[Finding, ...]:
        """Fill the store, and return what does not fit the vocabulary."""
        for nodes in self._pages("MATCH (n) RETURN elementId(n), labels(n), properties(n)"):
            self._take_nodes(nodes)
        relations = "MATCH (a)-[r]->(b) RETURN elementId(a), type(r), elementId(b), properties(r)"
        for found in self._pages(relations):
            self._take_relations(found)
        return tuple(
            Finding(code, f"{count:,} times: {what}", {"what": what, "examples": self._wrong[code, what]})
            for (code, what), count in sorted(self._counts.items())
        )

    def _pages(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        with translated(self._connection.name), self._connection.session(write=False) as session:
            result = session.run(statement)  # a constant text of this module
            page: list[tuple[Any, ...]] = []
            for record in result:
                page.append(tuple(record.values()))
                if len(page) == _PAGE:
                    yield page
                    page = []
            if page:
                yield page

    def _say(self, code: str, what: str, example: str) -> None:
        self._counts[code, what] += 1
        if len(self._wrong[code, what]) < _EXAMPLES:
            self._wrong[code, what].append(example)

    # -- entities ----------------------------------------------------------------------------------------------------

    def _take_nodes(self, nodes: list[tuple[Any, ...]]) -> None:
        with self._store.write() as writer:
            number, _ = writer.reserve(len(nodes), 0)
            changes = ChangeSet()
            for element, labels, held in nodes:
                kind = self._type_of(frozenset(labels))
                if kind is None:
                    self._say("adopted-label", f"no type for the labels {_listed(labels)}", _short(held))
                    continue
                fields = self._values(f"a field of {kind}", self._fields[kind], held)
                entity_id = self._id(kind, labels, fields, held)
                caption = caption_of(self._vocabulary, kind, fields) or entity_id
                changes.new_entities.append(EntityRow(number, entity_id, kind, caption, fields, "live", None, 0))
                names = {self._tags.get(one) for one in labels} - {None}
                changes.tags_added += [TagRow(number, str(tag), 0) for tag in sorted(map(str, names))]
                self._nodes[element] = number, entity_id
                number += 1
            if not changes.empty():
                writer.commit(changes, Note(kind="adopt"))

    def _type_of(self, labels: frozenset[str]) -> str | None:
        if labels not in self._kinds:
            self._kinds[labels] = self._type_for(labels)
        return self._kinds[labels]

    def _type_for(self, labels: frozenset[str]) -> str | None:
        vocabulary = self._vocabulary
        named = {name for one in labels if (name := self._types.get(one)) is not None}
        if not named:
            return UNLABELED if not labels and UNLABELED in vocabulary.types else None
        most = {one for one in named if not any(one in vocabulary.ancestors(other)[1:] for other in named)}
        if len(most) > 1:
            # types that overlap: one that is below all of them, and has no label of its own
            below = [
                one
                for one in vocabulary.types
                if most <= set(vocabulary.ancestors(one)) and set(vocabulary.types[one].extends) == most
            ]
            if below:
                return min(below)
            self._say("adopted-labels", f"{_listed(labels)} are several types in no order", min(most))
        return min(most)

    def _id(self, kind: str, labels: Iterable[str], fields: Mapping[str, Any], held: Mapping[str, Any]) -> str:
        vocabulary = self._vocabulary
        names = vocabulary.key(kind)
        owner = next((one for one in vocabulary.ancestors(kind) if vocabulary.types[one].key), kind)
        values = [fields.get(name) for name in names]
        if names and None not in values:
            text = "/".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in values)
            found = f"{owner}:{text if len(text) <= _LONGEST else _digest(text)}"
        else:
            content = json.dumps([sorted(labels), sorted((name, kinds.told(one)) for name, one in held.items())])
            found = f"{kind}:~{_digest(content)}"
            if names:
                self._say("adopted-key", f"{kind} without a value for its key {', '.join(names)}", found)
        self._ids[found] += 1
        if self._ids[found] > 1:
            if names:
                self._say("adopted-key", f"several {owner} with one key", found)
            return f"{found}~{self._ids[found]}"
        return found

    def _values(self, where: str, fields: Mapping[str, Sequence[Field]], held: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        # a property that a name of the vocabulary stands for as it is goes before one whose name was made possible
        for kept, value in sorted(held.items(), key=lambda one: one[0] not in fields):
            named = fields.get(kept) or fields.get(possible(kept), ())
            if not named:
                self._say("adopted-property", f"{kept} is not {where}", _short(value))
            for field in named:
                if field.name in found:
                    self._say("adopted-property", f"{kept!r} would be {where} that another property is", _short(value))
                    continue
                try:
                    found[field.name], changed = kinds.stored(field, value)
                except ValueProblem as problem:
                    self._say("adopted-value", f"{kept} cannot be {where}: {problem.message}", _short(value))
                    continue
                if changed:
                    self._say("adopted-rounded", f"{kept} has more digits than {where} keeps", _short(value))
        return {one.name: found[one.name] for named in fields.values() for one in named if one.name in found}

    # -- relations ---------------------------------------------------------------------------------------------------

    def _take_relations(self, relations: list[tuple[Any, ...]]) -> None:
        with self._store.write() as writer:
            _, number = writer.reserve(0, len(relations))
            changes = ChangeSet()
            for start, kept, end, held in relations:
                predicate = self._predicates.get(kept)
                if predicate is None:
                    self._say("adopted-relationship", f"no predicate for the relationship type {kept}", _short(held))
                    continue
                if start not in self._nodes or end not in self._nodes:
                    self._say("adopted-end", f"a relationship {kept} of a node without a type", _short(held))
                    continue
                (subject, one), (obj, other) = self._nodes[start], self._nodes[end]
                row = self._relation(number, predicate, (subject, one), (obj, other), held)
                changes.new_relations.append(row)
                number += 1
            if not changes.empty():
                writer.commit(changes, Note(kind="adopt"))

    def _relation(
        self,
        number: int,
        predicate: str,
        start: tuple[int, str],
        end: tuple[int, str],
        held: Mapping[str, Any],
    ) -> RelationRow:
        fields = self._attributes[predicate]
        since, until, early, late = OPEN_START, OPEN_END, 0, 0
        rest = dict(held)
        for place, name in enumerate(("since", "until")):
            if name in held and name not in fields:
                value = rest.pop(name)
                try:
                    first, last, precision = kinds.bound(value)
                except ValueProblem:
                    self._say("adopted-bound", f"{name} of {predicate} is no date", _short(value))
                    continue
                if place:
                    # a day ends what it names; a month or a year lasts to its end
                    until, late = (last + 1 if precision else first), precision
                else:
                    since, early = first, precision
        if until <= since:
            self._say("adopted-bound", f"{predicate} ends before it begins", f"{start[1]}, {end[1]}")
            since, until, early, late = OPEN_START, OPEN_END, 0, 0
        attributes = self._values(f"an attribute of {predicate}", fields, rest)
        relation_id = f"{start[1]} {predicate} {end[1]}"
        self._ids[relation_id] += 1
        if self._ids[relation_id] > 1:
            relation_id = f"{relation_id}~{self._ids[relation_id]}"
        return RelationRow(
            number, relation_id, predicate, start[0], end[0], since, until, early, late, attributes, None, 0
        )


class _Named:
    """Names of the vocabulary by what a thing is called in the database."""

    def __init__(self, things: Iterable[EntityType | Tag | Predicate], derive: Callable[[str], str]) -> None:
        listed = list(things)
        self._was = {one.was: one.name for one in listed if one.was is not None}
        self._plain = {one.name for one in listed if one.was is None}
        self._derive = derive

    def get(self, kept: str) -> str | None:
        """Return the name, None where the vocabulary has none: said by ``was``, or the same, or made of it."""
        if kept in self._was:
            return self._was[kept]
        return next((one for one in (kept, self._derive(kept)) if one in self._plain), None)


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(sorted(labels)) or "(none)"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _short(value: Any) -> str:
    plain = kinds.readable(value) and not isinstance(value, list | dict)
    text = str(value) if plain else kinds.told(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
