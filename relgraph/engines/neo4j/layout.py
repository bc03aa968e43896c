"""What the database holds beside entities and relations, and the constraints and indexes over all of it.

====================  =================================================================================
``Entity``            an entity, with its type and the type's ancestors as further labels
a relationship        a relation; its type is the predicate in upper case
``_Key``              an external key of an entity
``_Statement``        that a source states a relation
``_Past...``          a version that was replaced: of an entity, a relation, a tag, a key, a statement
``_Transaction``      an entry of the log
``_Told``             the numbers of the relations and tagged entities that a transaction told
``_Vocabulary``       one version of the vocabulary
``_Saved``            a document kept beside the network
``_Clock``            one node: numbers, times and versions; locked last by every writer
``_Lock``             one node for each rule that spans more than the ends of a relation; locked first
====================  =================================================================================
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from relgraph.engines.neo4j.names import label, quoted, relationship_type, token
from relgraph.vocabulary.model import Vocabulary

FORMAT = 1
"""The version of this layout."""

SEARCH = "relgraph_search"
"""The full-text index over captions and searched fields."""

_KEY = 200
"""Characters of a value that is looked up as it stands; longer ones are looked up by their digest."""

_UNIQUE = {
    "Entity": (("id",), ("_number",)),
    "_Key": (("source", "key"),),
    "_Statement": (("relation", "source", "key"),),
    "_Transaction": (("number",), ("id",), ("recorded_at",)),
    "_Vocabulary": (("version",),),
    "_Saved": (("kind", "name"),),
    "_Clock": (("name",),),
    "_Lock": (("name",),),
}
_INDEXED = {
    "Entity": (("_folded",), ("_caption",), ("_state",), ("_merged_into",), ("_told",)),
    "_PastEntity": (("_number",), ("id",), ("_told",), ("_replaced",), ("_merged_into",)),
    "_PastRelation": (("_number",), ("id",), ("_told",), ("_replaced",), ("_subject",), ("_object",)),
    "_Key": (("entity",), ("_told",)),
    "_PastKey": (("entity",), ("source", "key"), ("_told",), ("_replaced",)),
    "_PastTag": (("entity",), ("_told",), ("_replaced",)),
    "_Statement": (("relation",), ("source", "key"), ("_told",)),
    "_PastStatement": (("relation",), ("source", "key"), ("_told",), ("_replaced",)),
    "_Told": (("transaction",),),
    "_Transaction": (("batch",), ("kind",)),
}


def base() -> Iterator[str]:
    """Yield the statements that make constraints and indexes of every database."""
    for labeled, groups in _UNIQUE.items():
        for group in groups:
            yield (
                f"CREATE CONSTRAINT {_name(labeled, group)} IF NOT EXISTS FOR (n:{labeled})"
                f" REQUIRE ({_listed('n', group)}) IS UNIQUE"
            )
    for labeled, groups in _INDEXED.items():
        for group in groups:
            yield (f"CREATE INDEX {_name(labeled, group)} IF NOT EXISTS FOR (n:{labeled}) ON ({_listed('n', group)})")
    # the words come ready from us: folded, with the characters of scripts without spaces taken apart
    yield (
        f"CREATE FULLTEXT INDEX {SEARCH} IF NOT EXISTS FOR (n:Entity) ON EACH [n._caption_words, n._words]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    )


def indexed(predicates: Iterable[str]) -> Iterator[tuple[tuple[str, str, tuple[str, ...]], bool, str]]:
    """Yield what is indexed (nodes or relationships, label or type, properties), if uniquely, and what makes it so."""
    groups = [(labeled, group, True) for labeled, some in _UNIQUE.items() for group in some]
    groups += [(labeled, group, False) for labeled, some in _INDEXED.items() for group in some]
    # the full-text index is the last statement
    for (labeled, group, unique), statement in zip(groups, base(), strict=False):
        yield ("NODE", labeled, group), unique, statement
    for name in predicates:
        kind = relationship_type(name)
        for group, unique, statement in zip(
            (("id",), ("_number",)), (True, False), relation_indexes(name), strict=True
        ):
            yield ("RELATIONSHIP", kind, group), unique, statement


SERVING = (
    "SHOW INDEXES YIELD name, type, state, owningConstraint WHERE state = 'ONLINE'"
    " RETURN CASE WHEN owningConstraint IS NOT NULL THEN 'CONSTRAINT'"
    " WHEN type = 'FULLTEXT' THEN 'FULLTEXT INDEX' ELSE 'INDEX' END, name"
)
"""Asks for what serves already, as :func:`lacking` reads it."""


def lacking(statements: Iterable[str], serving: Iterable[Iterable[str]]) -> list[str]:
    """Return the statements whose constraint or index does not serve already, by its kind and name.

    >>> lacking(["CREATE INDEX a IF NOT EXISTS FOR ...", "CREATE INDEX `b` IF NOT EXISTS FOR ..."], [("INDEX", "b")])
    ['CREATE INDEX a IF NOT EXISTS FOR ...']
    """
    found = {f"CREATE {kind} {name}" for kind, name in serving}
    return [one for one in statements if one.partition(" IF NOT EXISTS ")[0].replace("`", "") not in found]


def _name(labeled: str, group: Iterable[str]) -> str:
    return f"relgraph_{labeled.strip('_').lower()}_{'_'.join(one.strip('_') for one in group)}"


def _listed(variable: str, group: Iterable[str]) -> str:
    return ", ".join(f"{variable}.{one}" for one in group)


def relation_indexes(predicate: str) -> tuple[str, str]:
    """Return the statements for the ids and the numbers of one predicate's relations."""
    kind = relationship_type(predicate)
    pattern = f"IF NOT EXISTS FOR ()-[r:{quoted(kind)}]-()"
    return (
        f"CREATE CONSTRAINT {quoted(f'relgraph_id_{kind}')} {pattern} REQUIRE r.id IS UNIQUE",
        f"CREATE INDEX {quoted(f'relgraph_number_{kind}')} {pattern} ON (r._number)",
    )


def kept_fields(vocabulary: Vocabulary, type_name: str) -> tuple[str, ...]:
    """Return the fields of a type that are looked up by value: those that are unique, and those of its key."""
    if type_name not in vocabulary.types:
        return ()
    unique = [name for name, field in vocabulary.fields(type_name).items() if field.unique]
    return tuple(dict.fromkeys((*vocabulary.key(type_name), *unique)))


def key_property(name: str) -> str:
    """Return the property by which a field's value is looked up."""
    return f"_key_{token(name)}"


def key_value(stored: object) -> str:
    """Return what stands in that property: the stored form, or its digest where it is too long for an index.

    >>> key_value("ACME"), len(key_value("x" * 1000))
    ('"ACME"', 64)
    """
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _KEY else hashlib.sha256(text.encode()).hexdigest()


def field_indexes(vocabulary: Vocabulary) -> dict[tuple[str, str], str]:
    """Return the statements for fields that are unique or part of a key, by declaring type and field."""
    found: dict[tuple[str, str], str] = {}
    for name in vocabulary.types:
        for one in kept_fields(vocabulary, name):
            owner = declaring(vocabulary, name, one)
            where = quoted(f"relgraph_field_{label(owner)}_{token(one)}")
            found[owner, one] = (
                f"CREATE INDEX {where} IF NOT EXISTS FOR (n:{quoted(label(owner))}) ON (n.{quoted(key_property(one))})"
            )
    return found


def declaring(vocabulary: Vocabulary, type_name: str, field_name: str) -> str:
    """Return the farthest ancestor of a type that has the field, so that one index serves all below it."""
    for ancestor in reversed(vocabulary.ancestors(type_name)):
        if field_name in vocabulary.fields(ancestor):
            return ancestor
    return type_name
