"""Looking at a database that relgraph did not make, and saying it as a vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from relgraph.engines.neo4j import adopt_kinds as kinds
from relgraph.engines.neo4j.adopt_fields import agreed, clear_of_readings, free_name, kept_as
from relgraph.engines.neo4j.adopt_names import UNLABELED, Labels, Taken, possible, predicate_name, sorted_out
from relgraph.engines.neo4j.connection import Connection, Rows
from relgraph.engines.neo4j.names import quoted
from relgraph.errors import StoreFormatError, StoreUnavailable
from relgraph.vocabulary.check_names import name_problem
from relgraph.vocabulary.check_types import kind_text
from relgraph.vocabulary.define import vocabulary as vocabulary_of
from relgraph.vocabulary.dump import to_yaml
from relgraph.vocabulary.inverse import suggested_inverse
from relgraph.vocabulary.keys import RESERVED_ATTRIBUTES, RESERVED_FIELDS
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag, Vocabulary

_SAMPLE: Final = 1000
"""So many values of a property are looked at for digits and dates."""
_NAMES: Final = ("name", "title", "fullname", "full_name", "label", "caption", "subject")
_KEYS: Final = ("id", "uuid", "guid", "key", "code", "number", "email", "url")
_PERIOD: Final = ("since", "until")


@dataclass(frozen=True, slots=True)
class Introspection:
    """What a database holds, said as a vocabulary: to be read, changed where it guesses wrong, and adopted.

    ``notes`` say what was guessed and what could not be said.
    """

    name: str
    vocabulary: Vocabulary
    entities: int
    relations: int
    notes: tuple[str, ...] = ()

    def to_yaml(self) -> str:
        """Return the vocabulary as YAML, with the notes as comments at its head."""
        head = f"# {self.entities:,} nodes and {self.relations:,} relationships of {self.name}\n"
        return head + "".join(f"# {note}\n" for note in self.notes) + to_yaml(self.vocabulary)


def introspect(
    uri: str, *, auth: tuple[str, str] | None = None, database: str | None = None, timeout: float = 5.0
) -> Introspection:
    """Return what a Neo4j database holds, as a vocabulary with suggested inverses, names and keys.

    Reads only: the schema procedures for every property and its types, a sample of values, the labels at the ends of
    each relationship type. Raises StoreUnavailable, AuthenticationFailed, or StoreFormatError where the database
    holds a network of relgraph's own.
    """
    connection = Connection(uri, auth=auth, database=database, timeout=timeout, patience=timeout)
    try:
        connection.verify()
        return introspected(connection)
    finally:
        connection.close()


def introspected(connection: Connection) -> Introspection:
    """Return what the database of a connection holds."""
    refuse_own(connection)
    with connection.session(write=False, quiet=True) as session:

        def run(statement: str) -> Rows:
            return connection.rows(session, statement, {})

        return _Look(connection.name, run).introspection()


def refuse_own(connection: Connection) -> None:
    """Raise StoreFormatError where relgraph made the database itself."""
    if connection.run("MATCH (c:_Clock {name: 'clock'}) RETURN 1"):
        raise StoreFormatError(
            f"{connection.name} holds a network that relgraph made", hint="open it as it is, without adopting it"
        )


@dataclass(slots=True)
class _Kind:
    """One label, or one relationship type, and what was found of it."""

    kept: str
    name: str
    properties: dict[str, set[str]] = field(default_factory=dict)


class _Look:
    """One look at a database."""

    def __init__(self, name: str, run: Any) -> None:
        self._name = name
        self._run = run
        self._taken = Taken()
        self._notes: list[str] = []
        rows = run("MATCH (n) RETURN labels(n), count(*)")
        self._combinations = {frozenset(labels): count for labels, count in rows}
        self._labels = sorted_out(sorted(self._combinations, key=sorted))
        self._types: dict[tuple[str, ...], str] = {}

    def introspection(self) -> Introspection:
        """Return the vocabulary and what there is to say of it."""
        entities = sum(self._combinations.values())
        if not entities:
            raise StoreUnavailable(
                f"{self._name} holds nothing to adopt", hint="open it without adopting to begin a network in it"
            )
        relations = self._run("MATCH ()-[r]->() RETURN count(r)")[0][0]
        parts = list(self._entity_types())
        predicates = list(self._predicates())
        tags = [
            Tag(self._name_for(tag), was=_was(tag, self._name_for(tag)), types=self._carriers(tag))
            for tag in self._labels.tags
        ]
        types, notes = agreed(clear_of_readings(parts, predicates))
        self._notes += notes
        found = vocabulary_of(*types, *predicates, *tags, name="adopted")
        return Introspection(self._name, found, entities, relations, tuple(self._notes))

    # -- types -----------------------------------------------------------------------------------------------------

    def _name_for(self, label: str) -> str:
        key = (label,)
        if key not in self._types:
            self._types[key] = self._taken.free(possible(label))
        return self._types[key]

    def type_of(self, labels: Iterable[str]) -> str:
        """Return the type of nodes with these labels."""
        return self._types[self._labels.most_specific(labels)]

    def _carriers(self, tag: str) -> tuple[str, ...]:
        return tuple(sorted({self.type_of(one) for one in self._combinations if tag in one}))

    def _entity_types(self) -> list[EntityType]:
        for label in self._labels.parents:
            self._name_for(label)
        for joined in self._labels.joined:
            self._types[joined] = self._taken.free(possible("And".join(joined)))
        if any(not self._labels.most_specific(one) for one in self._combinations):
            self._types[()] = self._taken.free(UNLABELED)
        properties = self._node_properties()
        uniques = self._unique_properties()
        found = []
        declared: dict[str, set[str]] = {}
        for label in sorted(self._labels.parents, key=lambda one: (len(self._labels.ancestors(one)), one)):
            above: set[str] = set().union(*(declared[one] for one in self._labels.ancestors(label)))
            mine = {name: told for name, told in properties[label].items() if name not in above}
            declared[label] = set(mine)
            found.append(self._entity_type(label, mine, inherited=above, unique=uniques[label]))
        for joined in self._labels.joined:
            above = set().union(*(declared[one] | _union(declared, self._labels.ancestors(one)) for one in joined))
            mine = {name: told for name, told in self._properties_of(joined).items() if name not in above}
            kept = [self._field(":".join(map(quoted, joined)), name, told) for name, told in sorted(mine.items())]
            found.append(
                EntityType(self._types[joined], extends=tuple(map(self._name_for, joined)), fields=tuple(kept))
            )
            self._notes.append(f"{self._types[joined]} is what has the labels {' and '.join(joined)}, which overlap")
        if () in self._types:
            found.append(self._unlabeled())
        return found

    def _node_properties(self) -> Mapping[str, dict[str, set[str]]]:
        """Return for each label the properties that belong to it: of its own nodes, or of several kinds below."""
        self._told: dict[frozenset[str], dict[str, set[str]]] = defaultdict(dict)
        for labels, name, told in self._run(
            "CALL db.schema.nodeTypeProperties() YIELD nodeLabels, propertyName, propertyTypes"
            " RETURN nodeLabels, propertyName, propertyTypes"
        ):
            if name is not None:
                self._told[frozenset(labels)].setdefault(name, set()).update(told or [])
        found: dict[str, dict[str, set[str]]] = {}
        for label in self._labels.parents:
            combinations = [one for one in self._combinations if label in one]
            names = sorted({name for one in combinations for name in self._told[one]})
            own = [one for one in combinations if self._labels.most_specific(one) == (label,)]
            found[label] = {
                name: set().union(*(self._told[one].get(name, set()) for one in combinations))
                for name in names
                if any(name in self._told[one] for one in own)
                or all(name in self._told[one] for one in combinations)
                or len({self._labels.most_specific(one) for one in combinations if name in self._told[one]}) > 1
            }
        return found

    def _properties_of(self, joined: tuple[str, ...]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for combination in self._combinations:
            if self._labels.most_specific(combination) == joined:
                for name, told in self._told[combination].items():
                    found.setdefault(name, set()).update(told)
        return found

    def _unlabeled(self) -> EntityType:
        fields = [self._field("", name, told) for name, told in sorted(self._properties_of(()).items())]
        return EntityType(self._types[()], fields=tuple(fields), caption=_caption(fields, UNLABELED))

    def _unique_properties(self) -> Mapping[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for labels, names in self._run(
            "SHOW CONSTRAINTS YIELD type, entityType, labelsOrTypes, properties WHERE entityType = 'NODE'"
            " AND (type CONTAINS 'UNIQUENESS' OR type = 'NODE_KEY') RETURN labelsOrTypes, properties"
        ):
            found[labels[0]].append(tuple(names))
        return found

    def _entity_type(
        self, label: str, told: Mapping[str, set[str]], *, inherited: set[str], unique: Sequence[tuple[str, ...]]
    ) -> EntityType:
        name = self._name_for(label)
        fields = [self._field(quoted(label), one, types) for one, types in sorted(told.items())]
        extends = tuple(self._name_for(one) for one in self._labels.parents[label])
        kept = {kept_as(one): one.name for one in fields}
        key: tuple[str, ...] = ()
        if not extends:
            key = tuple(kept[one] for one in self._key(label, fields, unique))
            if not key:
                self._notes.append(f"{name} has no key: its ids are made of what its nodes hold, and change with it")
        return EntityType(
            name,
            extends=extends,
            fields=tuple(fields),
            caption=() if inherited and extends else _caption(fields, label, key),
            key=key,
            was=_was(label, name),
        )

    def _key(self, label: str, fields: Sequence[Field], unique: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        """Return the properties that tell the nodes of a label apart, looked at one by one and then in pairs."""
        names = {kept_as(one): one for one in fields if not one.many}
        for group in sorted(unique, key=len):
            if all(one in names for one in group) and self._tells_apart(label, group):
                return group
        bare = label.casefold().replace(" ", "")

        def rank(name: str) -> tuple[int, str]:
            folded = name.casefold().replace("_", "")
            if folded in {*_KEYS, *(f"{bare}{one}" for one in _KEYS)}:
                return 0, name
            if folded in {*_NAMES, *(f"{bare}{one}" for one in _NAMES)}:
                return 1, name
            return 2, name

        likely = sorted((one for one in names if rank(one)[0] < 2), key=rank)
        rest = sorted(one for one in names if rank(one)[0] == 2)
        groups = [(one,) for one in likely] + [(one, other) for one in likely for other in rest]
        return next((group for group in groups if self._tells_apart(label, group)), ())

    def _tells_apart(self, label: str, group: tuple[str, ...]) -> bool:
        cells = ", ".join(f"n.{quoted(one)}" for one in group)
        present = " AND ".join(f"n.{quoted(one)} IS NOT NULL" for one in group)
        rows = self._run(
            f"MATCH (n:{quoted(label)}) WITH count(n) AS total, sum(CASE WHEN {present} THEN 1 ELSE 0 END) AS held,"
            f" count(DISTINCT [{cells}]) AS apart RETURN total = held AND total = apart"
        )
        return bool(rows[0][0])

    def _field(self, labels: str, kept: str, told: Iterable[str]) -> Field:
        name = possible(kept)
        if name in RESERVED_FIELDS:
            others = {one for held in self._told.values() for one in held}
            name = free_name(f"{possible(labels.strip('`')).casefold() or 'node'}_{name}", others)
        pattern = f"(x{f':{labels}' if labels else ''})"
        if name == "name":
            # what an entity is called is one text, whatever the values are
            kind, many = kinds.common(told)
            if (kind, many) != ("text", False):
                self._notes.append(f"{kept} holds more than single texts ({', '.join(sorted(told))}): kept as text")
            return Field(name, kind="text", was=_was(kept, name))
        return self._typed(pattern, kept, name, told)

    def _typed(self, pattern: str, kept: str, name: str, told: Iterable[str]) -> Field:
        types = sorted(told)
        kind, many = kinds.common(types)
        scale = kinds.scale_for(self._sample(pattern, kept)) if kind == "decimal" else None
        found = Field(name, kind=kind, many=many, scale=scale, was=_was(kept, name))
        if len({kinds.kind_of(one) for one in types}) > 1:
            self._notes.append(f"{kept} holds values of several types ({', '.join(types)}): kept as {kind_text(found)}")
        return found

    def _sample(self, pattern: str, kept: str) -> list[Any]:
        # a list, for the driver raises where a value that it cannot read stands alone
        rows = self._run(
            f"MATCH {pattern} WHERE x.{quoted(kept)} IS NOT NULL RETURN [x.{quoted(kept)}] LIMIT {_SAMPLE}"
        )
        return [value for ((value,),) in rows if kinds.readable(value)]

    # -- predicates ------------------------------------------------------------------------------------------------

    def _predicates(self) -> Iterable[Predicate]:
        told: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for kind, name, types in self._run(
            "CALL db.schema.relTypeProperties() YIELD relType, propertyName, propertyTypes"
            " RETURN relType, propertyName, propertyTypes"
        ):
            if name is not None:
                # the procedure writes the type as it stands in a pattern
                bare = kind.removeprefix(":").removeprefix("`").removesuffix("`").replace("``", "`")
                told[bare].setdefault(name, set()).update(types or [])
        kinds_there = sorted(row[0] for row in self._run("MATCH ()-[r]->() RETURN DISTINCT type(r)"))
        names = {kind: self._taken.free(predicate_name(kind)) for kind in kinds_there}
        for kind, name in names.items():
            yield self._predicate(kind, name, told[kind])

    def _predicate(self, kind: str, name: str, told: Mapping[str, set[str]]) -> Predicate:
        pattern = f"()-[x:{quoted(kind)}]->()"
        ends = self._run(f"MATCH (a)-[:{quoted(kind)}]->(b) RETURN DISTINCT labels(a), labels(b)")
        several = self._run(
            f"MATCH (a)-[:{quoted(kind)}]->(b) WITH a, b, count(*) AS times WHERE times > 1 RETURN 1 LIMIT 1"
        )
        loops = self._run(f"MATCH (a)-[:{quoted(kind)}]->(a) RETURN 1 LIMIT 1")
        attributes = []
        for kept, types in sorted(told.items()):
            if kept in _PERIOD and kinds.dates(self._sample(pattern, kept)):
                continue
            attribute = possible(kept)
            if attribute in RESERVED_ATTRIBUTES:
                attribute = free_name(f"{attribute}_value", told)
            attributes.append(self._typed(pattern, kept, attribute, types))
        inverse = suggested_inverse(name)
        return Predicate(
            name,
            self._taken.free(inverse, f"inverse_of_{name}"),
            subject=self._least({self.type_of(one) for one, _ in ends}),
            object=self._least({self.type_of(other) for _, other in ends}),
            attributes=tuple(attributes),
            unique="none" if several else "overlap",
            irreflexive=None if loops else "error",
            was=None if name.upper() == kind else _was(kind, name),
        )

    def _least(self, types: set[str]) -> tuple[str, ...]:
        """Return types without those that are below another one of them."""
        above = {
            self._types[(label,)]: {self._types[(one,)] for one in self._labels.ancestors(label)}
            for label in self._labels.parents
        }
        above |= {self._types[one]: {self._types[(part,)] for part in one} for one in self._labels.joined}
        return tuple(sorted(one for one in types if not above.get(one, set()) & types))


def _union(declared: Mapping[str, set[str]], labels: Iterable[str]) -> set[str]:
    return set().union(*(declared[one] for one in labels))


def _was(kept: str, name: str) -> str | None:
    """Return what a thing is called in the database where that differs and can be said."""
    return kept if kept != name and name_problem(kept) is None else None


def _caption(fields: Sequence[Field], label: str, key: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the fields that most likely name an entity."""
    texts = {one.name.casefold().replace("_", ""): one.name for one in fields if one.kind == "text" and not one.many}
    bare = label.casefold().replace(" ", "")
    for wanted in (*_NAMES, *(f"{bare}{one}" for one in _NAMES)):
        if wanted.replace("_", "") in texts:
            return (texts[wanted.replace("_", "")],)
    if "firstname" in texts and "lastname" in texts:
        return texts["firstname"], texts["lastname"]
    named = [name for folded, name in texts.items() if folded.endswith("name")]
    return (named[0],) if named else key or tuple(sorted(texts.values())[:1])


__all__ = ["Introspection", "Labels", "introspect", "introspected"]
