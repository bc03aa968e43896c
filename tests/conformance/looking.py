"""Looking at a whole network, for cases that compare what it was with what it is."""

from __future__ import annotations

from typing import Any

import relgraph


def company(graph: relgraph.Graph, name: str, **fields: Any) -> relgraph.Entity:
    return graph.add("Company", name=name, **fields)


def snapshot(graph: relgraph.View) -> dict[str, Any]:
    """Everything that is believed, as plain values, trashed entities left out."""
    return {
        "entities": {one.id: (one.type, one.name, one.tags, one.keys, dict(one.stored)) for one in graph.entities()},
        "relations": {
            one.id: (
                one.subject.id,
                one.predicate,
                one.object.id,
                str(one.since),
                str(one.until),
                dict(one.stored),
                one.sources,
                one.confidence,
            )
            for one in graph.relations(ever=True)
        },
    }
