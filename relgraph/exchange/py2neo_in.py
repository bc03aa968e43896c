"""A Subgraph of py2neo into a network: as an import, every rule on, one batch that can be taken back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, cast

from relgraph.engines.neo4j.adopt_names import predicate_name
from relgraph.engines.neo4j.names import untoken
from relgraph.engines.neo4j.values import currency_property
from relgraph.errors import (
    FieldError,
    LoadError,
    RuleError,
    TypeRuleError,
)
from relgraph.exchange.attempts import Attempts, refused, unresolved
from relgraph.exchange.cells import Cell, as_text
from relgraph.exchange.mapping import End, RelationRule
from relgraph.exchange.py2neo import KEYS, STATEMENTS, TAGS, library
from relgraph.exchange.py2neo_values import (
    described,
    documents,
    fetching,
    held_by,
    mark_of,
    native,
    period_of,
    value_of,
)
from relgraph.exchange.py2neo_words import Chosen, Words, nearest
from relgraph.exchange.report import Gathering, Report
from relgraph.exchange.rows import EntityRow, Place, RelationRow
from relgraph.exchange.session import Refusal, Session
from relgraph.graph import Graph
from relgraph.vocabulary.model import ENTITY, Field

OnConflict = Literal["refuse", "keep", "take"]

_CHUNK = 2000
_SHOWN = 80
_RULE = RelationRule(
    "relationships", Cell(), End("id", Cell(column="its first node")), End("id", Cell(column="its second node"))
)


def load_subgraph(
    graph: Graph,
    subgraph: object,
    *,
    types: Chosen | None = None,
    predicates: Chosen | None = None,
    fields: Chosen | None = None,
    key: str | Mapping[str, str] | None = None,
    source: str | None = None,
    on_conflict: OnConflict = "refuse",
    dry_run: bool = False,
) -> Report:
    """Bring the nodes and relationships of a Subgraph into a network; loading it again changes nothing.

    A label is the type of that name (or whose ``was`` it is), a relationship type the predicate whose name in upper
    case it is, a property the field or attribute of its name; ``types``, ``predicates`` and ``fields`` say otherwise,
    with None for what is to be left out. A node is known again by its property ``id``, else by the key that its type
    has in the vocabulary; with ``key`` (a property, or one for each label) by that property as an external key of
    ``source``, which is also who states relations that name nobody. Relationships are known again by their ``id``,
    else by their ends, predicate and period. What a rule stands against is left out and reported, as is a property
    that has no field. A dry run does everything but commit.

    Raises:
        LoadError: no Subgraph, or a name in the options that the vocabulary does not have.
        CapabilityError: py2neo is not installed.
        StoreUnavailable: a node is to be fetched from py2neo's server, which does not answer.

    """
    given = _checked(subgraph)
    words = Words(graph.vocabulary, types or {}, predicates or {}, fields or {})
    if key is not None and source is None:
        raise LoadError("external keys belong to a source", hint="name it: source='crm'")
    begun = time.monotonic()
    attempts = Attempts(graph, name="py2neo", source=source or "py2neo", by_name=False, dry_run=dry_run)
    loading = _Loading(words, attempts, key, source, on_conflict)
    loading.read(given)
    attempts.run(loading.tell)
    return attempts.report(list(loading.said), time.monotonic() - begun)


def _checked(given: object) -> Any:
    py2neo = library()
    if isinstance(given, py2neo.Graph):
        raise LoadError(
            "this is a Graph of py2neo, not a Subgraph",
            hint="load what a statement gives: graph.run(...).to_subgraph(); or open it with relgraph.open(graph)",
        )
    if not isinstance(given, py2neo.Subgraph):
        raise LoadError(
            f"a Subgraph of py2neo is loaded, not {type(given).__name__}",
            hint="nodes, relationships and paths are Subgraphs too, and are joined by |; a statement that finds nothing"
            " gives None",
        )
    return given


@dataclass(slots=True)
class _Thing:
    """A node or relationship, and what is told of it; ``error`` is what stands against it already."""

    place: Place
    shown: str
    kind: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    says: dict[tuple[str, str], Mapping[str, object] | None] = field(default_factory=dict)
    ends: tuple[Place, Place] | None = None
    error: RuleError | None = None


class _Loading:
    """One Subgraph on its way into a network."""

    def __init__(
        self,
        words: Words,
        attempts: Attempts,
        key: str | Mapping[str, str] | None,
        source: str | None,
        on_conflict: OnConflict,
    ) -> None:
        self._words = words
        self._vocabulary = words.vocabulary
        self._attempts = attempts
        self._key = key
        self._source = source
        self._on_conflict = on_conflict
        self._skipped = 0
        self._left: dict[str, list[int]] = {}
        self._nodes: list[_Thing] = []
        self._relations: list[_Thing] = []
        self._held: dict[tuple[str, str], int] = {}
        self.said: dict[str, None] = {}

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(self, subgraph: Any) -> None:
        """Take out of the Subgraph all that is to be told."""
        nodes: dict[object, tuple[list[str], dict[str, Any]]] = {}
        found: list[tuple[str, object, object, dict[str, Any]]] = []
        with fetching():
            for node in subgraph.nodes:
                nodes.setdefault(mark_of(node), (sorted(node.labels), held_by(node)))
            for one in subgraph.relationships:
                first, last = one.start_node, one.end_node
                for node in (first, last):
                    nodes.setdefault(mark_of(node), (sorted(node.labels), held_by(node)))
                found.append((type(one).__name__, mark_of(first), mark_of(last), held_by(one)))
        places: dict[object, Place] = {}
        # a set has no order of its own, and the report is to be the same each time
        for mark, (labels, held) in sorted(nodes.items(), key=lambda one: (one[1][0], described(one[1][1]))):
            place: Place = ("nodes", len(places) + 1, "entity", 0)
            places[mark] = place
            self._node(_Thing(place, f"(:{':'.join(labels)} {described(held)})"[:_SHOWN]), labels, held)
        for number, (kind, first, last, held) in enumerate(
            sorted(found, key=lambda one: (one[0], described(one[3]), places[one[1]], places[one[2]])), 1
        ):
            thing = _Thing(("relationships", number, "relation", 0), f"[:{kind} {described(held)}]"[:_SHOWN])
            thing.ends = places[first], places[last]
            self._relationship(thing, kind, held)
        for what, rows in self._left.items():
            self._attempts.all.warn(f"{what}: left out of {len(rows):,} of them")

    def _node(self, thing: _Thing, labels: Sequence[str], held: dict[str, Any]) -> None:
        own = [one for one in labels if one != ENTITY and untoken(one) is None]
        kinds, tags, strange, left = self._words.types_of(one for one in labels if one not in own)
        if left or (own and not kinds) or held.get("_state") is not None:
            # what is to be left out, what relgraph keeps beside the network, and what is trashed or merged
            self._skipped += 1
            return
        self._nodes.append(thing)
        if len(kinds) != 1:
            thing.error = self._no_type(labels, kinds)
            return
        thing.kind = kinds[0]
        for one in strange:
            self._left.setdefault(f"{one} is no type and no tag", []).append(thing.place[1])
        declared = self._vocabulary.fields(thing.kind)
        try:
            fields = self._values(thing.kind, declared, held, own=("id", *self._key_of(labels)))
            told = [*map(str, held.get(TAGS, ())), *tags]
            thing.values = {**fields, **({"tags": told} if told else {}), **self._identity(thing, labels, held, fields)}
        except RuleError as error:
            thing.error = error

    def _no_type(self, labels: Sequence[str], kinds: Sequence[str]) -> RuleError:
        listed = ", ".join(labels) or "none"
        if kinds:
            return TypeRuleError(
                f"it is {' and '.join(kinds)} by its labels, and neither is a kind of the other",
                hint="say by types= which label is its type: None leaves one out",
                details={"rule": "type", "labels": list(labels)},
            )
        return TypeRuleError(
            f"no type has the name of its labels ({listed})",
            hint="say by types= what type a label is: {'Actor': 'Person'}",
            candidates=self._words.near_types(labels),
            details={"rule": "type", "labels": list(labels)},
        )

    def _key_of(self, labels: Sequence[str]) -> tuple[str, ...]:
        if self._key is None or isinstance(self._key, str):
            return () if self._key is None else (self._key,)
        return tuple(self._key[one] for one in labels if one in self._key)[:1]

    def _identity(
        self, thing: _Thing, labels: Sequence[str], held: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what a node is known again by: an id or keys; nothing where its fields are its key."""
        keys = [(str(source), str(key)) for source, key in documents(held, KEYS)]
        named = self._key_of(labels)
        if named:
            if held.get(named[0]) is None:
                raise FieldError(f"it has no {named[0]}, which was to be its key", details={"rule": "key"})
            keys.append((str(self._source), as_text(native(held[named[0]]))))
            self._once(thing, keys[-1], f"{named[0]} {keys[-1][1]!r}")
            return {"keys": keys}
        found: dict[str, Any] = {"keys": keys} if keys else {}
        if held.get("id") is not None and "id" not in fields:
            self._once(thing, ("", str(held["id"])), f"id {held['id']!r}")
            return {**found, "id": native(held["id"])}
        names = self._vocabulary.key(thing.kind)
        if not keys and (not names or any(fields.get(name) is None for name in names)):
            raise FieldError(
                f"nothing tells it from another {thing.kind}: it would be added again each time",
                hint="name the property that does, and whose key it is: key='email', source='crm'",
                details={"rule": "key"},
            )
        return found

    def _once(self, thing: _Thing, identity: tuple[str, str], shown: str) -> None:
        first = self._held.setdefault(identity, thing.place[1])
        if first != thing.place[1]:
            raise FieldError(
                f"node {first} has the same {shown}",
                hint="name a property that tells nodes apart by key=, or load them apart, each under its own source=",
                details={"rule": "key"},
            )

    def _relationship(self, thing: _Thing, kind: str, held: dict[str, Any]) -> None:
        name, left = self._words.predicate(kind)
        if left:
            self._skipped += 1
            return
        self._relations.append(thing)
        if name is None:
            thing.error = TypeRuleError(
                f"no predicate has the name of its type {kind}",
                hint="say by predicates= which it is: {'ACTED_IN': 'plays_in'}",
                candidates=nearest(predicate_name(kind), self._vocabulary.readings),
                details={"rule": "predicate", "type": kind},
            )
            return
        thing.kind = name
        self.said[name] = None
        declared = self._vocabulary.attributes(self._vocabulary.readings[name].predicate.name)
        own = [one for one in ("id", "since", "until", "confidence", "source") if one not in declared]
        try:
            thing.values = self._values(name, declared, held, own=own)
            if "id" in held:
                thing.values["id"] = native(held["id"])
            if held.get("confidence") is not None:
                thing.values["confidence"] = held["confidence"]
            thing.values |= period_of(held, declared)
            self._sources(thing, held)
        except RuleError as error:
            thing.error = error

    def _sources(self, thing: _Thing, held: Mapping[str, Any]) -> None:
        names = held.get("source")
        names = [names] if isinstance(names, str) else list(names or ())
        told = {(str(one), str(key)): says for one, key, says in documents(held, STATEMENTS)}
        stated = [one for one, says in told.items() if says is None] if told else [(str(one), "") for one in names]
        if not told and not stated and self._source is not None:
            stated = [(self._source, "")]
        if stated:
            thing.values["source"] = stated
        thing.says = {one: says for one, says in told.items() if says is not None}

    def _values(
        self, owner: str, declared: Mapping[str, Field], held: Mapping[str, Any], *, own: Iterable[str]
    ) -> dict[str, Any]:
        """Return fields or attributes; FieldError for a property that is none of them."""
        found: dict[str, Any] = {}
        beside = {currency_property(name) for name, one in declared.items() if one.kind == "money"}
        for kept, value in held.items():
            name, left = self._words.field(kept, declared)
            if left:
                continue
            if name is None:
                if kept in own or kept in beside or untoken(kept) is None:
                    continue
                raise FieldError(
                    f"{owner} has no field {kept!r}",
                    hint=f"say by fields= which it is, or leave it out: {{{kept!r}: None}}",
                    candidates=nearest(kept, declared),
                    details={"rule": "field", "field": kept},
                )
            if name not in declared:
                raise FieldError(
                    f"{owner} has no field {name!r}, which {kept} was to be", details={"rule": "field", "field": name}
                )
            found[name] = value_of(declared[name], kept, value, held)
        return found

    # -- telling ----------------------------------------------------------------------------------------------------

    def tell(self, session: Session, gathering: Gathering) -> None:
        """Tell a session all that was read, but for what broke a rule before."""
        session.ids = {}
        gathering.counts["rows"] += len(self._nodes) + len(self._relations) + self._skipped
        gathering.counts["skipped"] += self._skipped
        shown = {one.place: one.shown for one in (*self._nodes, *self._relations)}
        nodes = self._standing(self._nodes, gathering)
        while part := list(islice(nodes, _CHUNK)):
            for refusal in session.add([EntityRow(one.place, one.kind, one.values) for one in part]):
                gathering.add(refused(refusal, shown[refusal.place]))
        relations = self._standing(self._relations, gathering)
        while part := list(islice(relations, _CHUNK)):
            rows = [(self._row(one, session.ids), _RULE) for one in part]
            refusals, unfound = session.relate(rows, on_conflict=self._on_conflict)
            for refusal in refusals:
                gathering.add(refused(refusal, shown[refusal.place]))
            for one in unfound:
                gathering.add(unresolved(one))
            for thing in part:
                if thing.says and thing.place in session.ids:
                    session.state(session.ids[thing.place], thing.says)

    def _standing(self, things: Iterable[_Thing], gathering: Gathering) -> Iterator[_Thing]:
        for thing in things:
            error = thing.error or self._attempts.breaking.get(thing.place)
            if error is None:
                yield thing
            else:
                gathering.add(refused(Refusal(thing.place, error), thing.shown))

    def _row(self, thing: _Thing, ids: Mapping[Place, str]) -> RelationRow:
        # what was not taken has no id: the end is told as not found, by the number of its node
        first, last = cast("tuple[Place, Place]", thing.ends)
        ends = ids.get(first, f"node {first[1]}"), ids.get(last, f"node {last[1]}")
        return RelationRow(thing.place, thing.kind, ends, thing.values)
