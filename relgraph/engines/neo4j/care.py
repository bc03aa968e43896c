"""Looking after a database: what is in it, and what another program may have written past relgraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from relgraph.engines.base import Finding
from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.names import label, labels_of, quoted, relationship_type

_LISTED = 100


def integrity(reader: Reader) -> Iterator[Finding]:
    """Yield nodes and relationships that are none of relgraph's, or not as it keeps them."""
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
            f"MATCH (a)-[x:{kind}]->(b) WHERE x.id IS NULL OR x._number IS NULL OR x._told IS NULL"
            " OR a._number IS NULL OR b._number IS NULL RETURN x.id, a.id, b.id LIMIT $limit",
            {"limit": _LISTED},
        ):
            yield Finding(
                "foreign-relation",
                f"a relation {name} from {subject} to {obj} was written by another program and is not seen",
                {"relation": identifier, "subject": subject, "object": obj},
            )
    unused = [name for name in vocabulary.predicates if name not in reader.used]
    for name in unused:
        count = run(f"MATCH ()-[x:{quoted(relationship_type(name))}]->() RETURN count(x)", {})[0][0]
        if count:
            yield Finding(
                "foreign-relation",
                f"{count:,} relations {name} were written by another program and are not seen",
                {"predicate": name, "count": count},
            )
    for identifier, labels in run(
        "MATCH (n:Entity) WHERE n.id IS NULL OR n._number IS NULL OR n._caption IS NULL OR n._told IS NULL"
        " RETURN n.id, labels(n) LIMIT $limit",
        {"limit": _LISTED},
    ):
        yield Finding(
            "foreign-entity",
            f"a node with the labels {', '.join(labels)} was written by another program and is not seen",
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


def statistics(reader: Reader) -> Mapping[str, object]:
    """Return counts."""
    vocabulary, run = reader.vocabulary, reader.run
    entities = {name: reader.count_entities([name]) for name in vocabulary.types}
    relations = {name: reader.count_relations([name]) for name in sorted(reader.used)}

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
