"""Looking after a database: what is in it, and what another program may have written past relgraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from relgraph.engines.base import Finding
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.layout import indexed
from relgraph.engines.neo4j.names import label, labels_of, quoted, relationship_type, token
from relgraph.engines.neo4j.snapshot import Run
from relgraph.engines.neo4j.sound import TEXT, WHOLE, unsound
from relgraph.engines.neo4j.values import currency_property
from relgraph.vocabulary.model import Field

_LISTED = 100
_NUMBER: Final = ("INTEGER", "FLOAT")
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "integer": ("INTEGER",),
    "boolean": ("BOOLEAN",),
    "decimal": _NUMBER,
    "percent": _NUMBER,
    "money": _NUMBER,
    "date": ("DATE",),
    "partial date": ("DATE",),
    "datetime": ("ZONED DATETIME",),
}
"""What the database calls the property of a field, text aside."""


def integrity(reader: Reader) -> Iterator[Finding]:
    """Yield nodes and relationships that are none of relgraph's, or not as it keeps them."""
    yield from _relationships(reader)
    yield from _nodes(reader)
    yield from _values(reader)
    yield from _records(reader)
    yield from _indexes(reader)


def _relationships(reader: Reader) -> Iterator[Finding]:
    vocabulary, run = reader.vocabulary, reader.run
    known = {relationship_type(name) for name in vocabulary.predicates}
    for kind, count in run(
        "MATCH ()-[x]->() WITH type(x) AS kind, count(x) AS count RETURN kind, count ORDER BY kind", {}
    ):
        if kind not in known:
            yield Finding(
                "unknown-type", f"{count:,} relationships of type {kind}, which is no predicate", {"type": kind}
            )
    for name in sorted(reader.used):
        kind = quoted(relationship_type(name))
        for identifier, subject, obj in run(
            f"MATCH (a)-[x:{kind}]->(b) WHERE NOT (x.id IS :: {TEXT} AND x._number IS :: {WHOLE}"
            f" AND x._told IS :: {WHOLE} AND a._number IS :: {WHOLE} AND b._number IS :: {WHOLE}"
            " AND a:Entity AND b:Entity) RETURN x.id, a.id, b.id LIMIT $limit",
            {"limit": _LISTED},
        ):
            yield Finding(
                "foreign-relation",
                f"a relation {name} from {subject} to {obj} is not as relgraph writes it: another program was there",
                {"relation": identifier, "subject": subject, "object": obj},
            )
        for number, ids in run(
            f"MATCH ()-[x:{kind}]->() WITH x._number AS number, collect(x.id) AS ids WHERE size(ids) > 1"
            " RETURN number, ids LIMIT $limit",
            {"limit": _LISTED},
        ):
            yield Finding(
                "foreign-relation",
                f"{len(ids):,} relations {name} have one number, and one of them is seen: {', '.join(map(str, ids))}",
                {"number": number, "relations": ids},
            )
    for name in vocabulary.predicates:
        if name not in reader.used:
            match, said = f"()-[x:{quoted(relationship_type(name))}]->()", f"relations {name} were written"
            yield from _unseen(run, match, "foreign-relation", said, {"predicate": name})


def _unseen(run: Run, match: str, code: str, said: str, of: Mapping[str, object]) -> Iterator[Finding]:
    """Yield how many x are passed over because another program was at them, where there are any."""
    count = run(f"MATCH {match} RETURN count(x)", {})[0][0]
    if count:
        yield Finding(code, f"{count:,} {said} by another program and are not seen", {**of, "count": count})


def _nodes(reader: Reader) -> Iterator[Finding]:
    vocabulary, run = reader.vocabulary, reader.run
    types = [label(name) for name in vocabulary.types if not vocabulary.types[name].abstract]
    for identifier, labels in run(
        f"MATCH (n:Entity) WHERE NOT (n.id IS :: {TEXT} AND n._number IS :: {WHOLE} AND n._caption IS :: {TEXT}"
        f" AND n._folded IS :: {TEXT} AND n._told IS :: {WHOLE}) OR NOT any(one IN labels(n) WHERE one IN $types)"
        " RETURN n.id, labels(n) LIMIT $limit",
        {"limit": _LISTED, "types": types},
    ):
        yield Finding(
            "foreign-entity",
            f"a node with the labels {', '.join(labels)} is not as relgraph writes it: another program was there",
            {"entity": identifier, "labels": labels},
        )
    for name in vocabulary.types:
        wanted = labels_of(vocabulary, name)
        missing = "".join(f"&{quoted(one)}" for one in wanted)
        for (identifier,) in run(
            f"MATCH (n:{quoted(label(name))}) WHERE NOT n:{missing[1:]} RETURN n.id LIMIT $limit", {"limit": _LISTED}
        ):
            yield Finding(
                "labels",
                f"the entity {identifier} is a {name} and lacks some of the labels {', '.join(wanted)}",
                {"entity": identifier, "type": name},
            )
    for identifier, labels in run(
        "MATCH (n:Entity) WITH n, [one IN labels(n) WHERE one <> 'Entity'] AS labels WITH DISTINCT labels,"
        " collect(n.id)[0] AS example RETURN example, labels",
        {},
    ):
        kind = reader.shapes.names.type_of(labels)
        more = sorted({*labels} - {*labels_of(vocabulary, kind)}) if kind is not None else []
        if more:
            yield Finding(
                "labels",
                f"the entity {identifier} is a {kind}, which the labels {', '.join(more)} have no part in",
                {"entity": identifier, "type": kind, "labels": more},
            )
    for identifier, state in run(
        "MATCH (n:Entity) WHERE n._state IS NOT NULL AND (NOT n._state IN ['trashed', 'merged'] OR n._state = 'merged'"
        " AND (n._merged_into = n._number OR NOT EXISTS { MATCH (:Entity {_number: n._merged_into}) }"
        " AND NOT EXISTS { MATCH (:_PastEntity {_number: n._merged_into}) })) RETURN n.id, n._state LIMIT $limit",
        {"limit": _LISTED},
    ):
        yield Finding(
            "foreign-entity",
            f"the entity {identifier} is {state}, and by another program: what it was merged into is not there"
            if state == "merged"
            else f"the entity {identifier} is in no state that relgraph knows: {state}",
            {"entity": identifier, "state": state},
        )
    for identifier, tags in run(
        "MATCH (n:Entity) WHERE n._tags IS NOT NULL AND (NOT n._tags IS :: LIST<STRING NOT NULL>"
        " OR size(n._tags) <> size(coalesce(n._tags_told, [])) OR any(one IN n._tags WHERE NOT one IN $tags))"
        " RETURN n.id, n._tags LIMIT $limit",
        {"limit": _LISTED, "tags": [*vocabulary.tags]},
    ):
        yield Finding(
            "foreign-tag",
            f"the tags of the entity {identifier} were written by another program: {tags}",
            {"entity": identifier},
        )


def _values(reader: Reader) -> Iterator[Finding]:
    """Yield what stands in a property and is no value of its field, and periods that are none."""
    vocabulary, run = reader.vocabulary, reader.run
    looks = [(f"(x:{quoted(label(name))})", name, vocabulary.fields(name)) for name in vocabulary.types]
    for name in sorted(reader.used):
        attributes = vocabulary.attributes(name)
        looks.append((f"()-[x:{quoted(relationship_type(name))}]->()", name, attributes))
    for pattern, owner, fields in looks:
        period: dict[str, tuple[str, ...]] = {}
        if pattern.startswith("()"):
            period = {"since": ("DATE",), "until": ("DATE",), "confidence": _NUMBER}
        wanted = {**period, **_wanted(fields.values())}
        if not wanted:
            continue
        wrong = ", ".join(
            f"CASE WHEN NOT ({' OR '.join(f'x.{quoted(one)} IS :: {kind}' for kind in kinds)}) THEN $names[{at}] END"
            for at, (one, kinds) in enumerate(wanted.items())
        )
        for identifier, names in run(
            f"MATCH {pattern} WITH x, [one IN [{wrong}] WHERE one IS NOT NULL] AS names WHERE size(names) > 0"
            " RETURN x.id, names LIMIT $limit",
            {"names": [*wanted], "limit": _LISTED},
        ):
            yield Finding(
                "foreign-value",
                f"{', '.join(names)} of the {owner} {identifier} is none of its type: another program wrote it",
                {"id": identifier, "of": owner, "properties": names},
            )
        if period:
            for (identifier,) in run(
                f"MATCH {pattern} WHERE x.since >= x.until RETURN x.id LIMIT $limit", {"limit": _LISTED}
            ):
                yield Finding(
                    "foreign-value", f"the {owner} {identifier} ends before it begins", {"id": identifier, "of": owner}
                )


def _wanted(fields: Iterable[Field]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in fields:
        found[token(one.name)] = _listed(_KINDS.get(one.kind, ("STRING",)), many=one.many)
        if one.kind == "money":
            found[currency_property(one.name)] = _listed(("STRING",), many=one.many)
    return found


def _listed(kinds: tuple[str, ...], *, many: bool) -> tuple[str, ...]:
    return tuple(f"LIST<{kind} NOT NULL>" for kind in kinds) if many else kinds


def _records(reader: Reader) -> Iterator[Finding]:
    """Yield what relgraph keeps beside the network where that is changed, or about things that are gone."""
    run = reader.run
    for name, condition in unsound():
        match, said = f"(x:{name}) WHERE {condition}", f"records {name} were changed"
        yield from _unseen(run, match, "foreign-record", said, {"label": name})
    logged = run("MATCH (t:_Transaction) RETURN count(t)", {})[0][0]
    if logged != reader.last:
        yield Finding(
            "foreign-record",
            f"the log has {logged:,} transactions, and {reader.last:,} were told",
            {"label": "_Transaction", "count": logged, "told": reader.last},
        )
    for source, key in run(
        "MATCH (k:_Key) WHERE NOT EXISTS { MATCH (:Entity {_number: k.entity}) } RETURN k.source, k.key LIMIT $limit",
        {"limit": _LISTED},
    ):
        yield Finding(
            "dangling", f"the key {key} of {source} is of an entity that is gone", {"source": source, "key": key}
        )
    there = {
        number
        for name in reader.used
        for (number,) in run(f"MATCH ()-[x:{quoted(relationship_type(name))}]->() RETURN x._number", {})
    }
    gone = {number for (number,) in run("MATCH (s:_Statement) RETURN DISTINCT s.relation", {})} - there
    if gone:
        yield Finding(
            "dangling",
            f"sources state {len(gone):,} relations that are gone: another program deleted them",
            {"relations": sorted(map(str, gone))[:_LISTED]},
        )
    lost = run(
        "MATCH (p:_PastEntity) WHERE NOT p._change IN ['deleted', 'undone']"
        " AND NOT EXISTS { MATCH (e:Entity {_number: p._number}) }"
        " AND NOT EXISTS { MATCH (q:_PastEntity {_number: p._number}) WHERE q._told >= p._replaced }"
        " RETURN DISTINCT p.id LIMIT $limit",
        {"limit": _LISTED},
    )
    for (identifier,) in lost:
        yield Finding(
            "dangling", f"the entity {identifier} is gone: another program deleted it", {"entity": identifier}
        )


def _indexes(reader: Reader) -> Iterator[Finding]:
    """Yield the constraints and indexes that relgraph needs and that are not there."""
    held = {
        (kind, labels[0] if labels else "", tuple(names or ())): owner is not None
        for kind, labels, names, owner in reader.run(
            "SHOW INDEXES YIELD entityType, labelsOrTypes, properties, owningConstraint"
            " RETURN entityType, labelsOrTypes, properties, owningConstraint",
            {},
        )
    }
    for where, unique, statement in indexed(sorted(reader.used)):
        if not held.get(where, False) and (unique or where not in held):
            what = "constraint" if unique else "index"
            yield Finding(
                "missing-index",
                f"the {what} on {', '.join(where[2])} of {where[1]} is gone, and is made again by: {statement}",
                {"of": where[1], "properties": list(where[2]), "statement": statement},
            )


def statistics(reader: Reader) -> Mapping[str, object]:
    """Return counts."""
    vocabulary, run = reader.vocabulary, reader.run
    entities = {name: reader.count_entities([name]) for name in vocabulary.types}
    relations = {name: reader.count_relations([name]) for name in vocabulary.predicates if name in reader.used}

    def count(label: str) -> int:
        return int(run(f"MATCH (x:{label}) RETURN count(x)", {})[0][0])

    return {
        "entities": {name: found for name, found in entities.items() if found},
        "relations": {name: found for name, found in relations.items() if found},
        "hidden": int(run("MATCH (n:Entity) WHERE n._state >= '' RETURN count(n)", {})[0][0]),
        "past_entities": count("_PastEntity"),
        "past_relations": count("_PastRelation"),
        "transactions": count("_Transaction"),
    }
