"""The network as the tables and graphs of other libraries: networkx and pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from relgraph.errors import CapabilityError
from relgraph.model.entity import Entity, Relation
from relgraph.values import Money
from relgraph.values.plain import plain

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from relgraph.view import View


def _plain_items(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for name, value in items:
        yield name, plain(value)
        if isinstance(value, Money):
            yield f"{name}_currency", value.currency


def _chosen_relations(view: View, predicates: Sequence[str] | None) -> Iterator[Relation]:
    """Yield the relations of these predicates (None: all) that hold on the view's day, each once."""
    if predicates is None:
        yield from view._edges()  # noqa: SLF001 - the same without what a graph has no place for
        return
    seen: set[str] = set()
    for name in predicates:
        for relation in view._edges(name):  # noqa: SLF001 - the same
            if relation.id not in seen:
                seen.add(relation.id)
                yield relation


def to_networkx(
    view: View,
    *,
    predicates: Sequence[str] | None = None,
    types: Sequence[str] | None = None,
    multigraph: bool = True,
) -> nx.MultiDiGraph[str] | nx.DiGraph[str]:
    """Return the network of a view as a networkx graph.

    Nodes are entity ids, with ``name``, ``type``, ``tags`` and the fields; edges run from subject to object (a
    symmetric relation too, once), keyed by relation id, with ``predicate``, ``since``, ``until`` and the attributes.
    Exact numbers become floats, dates ISO text. With ``multigraph=False`` the parallel relations of a pair are one
    edge with ``weight`` (how many), ``predicates`` and ``relations`` (ids).
    """
    import networkx as nx  # noqa: PLC0415 - loaded only when asked for

    graph: nx.MultiDiGraph[str] | nx.DiGraph[str] = nx.MultiDiGraph() if multigraph else nx.DiGraph()
    for entity in chosen_entities(view, types):
        fields = dict(_plain_items(entity.fields.items()))
        graph.add_node(entity.id, **{**fields, "name": entity.name, "type": entity.type, "tags": list(entity.tags)})
    for relation in _chosen_relations(view, predicates):
        subject, target = relation.subject.id, relation.object.id
        if subject not in graph or target not in graph:
            continue
        if isinstance(graph, nx.MultiDiGraph):
            values = dict(_plain_items(relation.attributes.items()))
            graph.add_edge(
                subject,
                target,
                key=relation.id,
                **{
                    **values,
                    "predicate": relation.predicate,
                    "since": plain(relation.since),
                    "until": plain(relation.until),
                },
            )
        elif graph.has_edge(subject, target):
            edge = graph.edges[subject, target]
            edge["weight"] += 1
            edge["relations"].append(relation.id)
            if relation.predicate not in edge["predicates"]:
                edge["predicates"].append(relation.predicate)
        else:
            graph.add_edge(subject, target, weight=1, predicates=[relation.predicate], relations=[relation.id])
    return graph


def chosen_entities(view: View, types: Sequence[str] | None) -> Iterator[Entity]:
    """Yield the live entities of these types (None: all), each once."""
    if types is None:
        yield from view.entities()
        return
    seen: set[str] = set()
    for name in types:
        for entity in view.entities(name):
            if entity.id not in seen:
                seen.add(entity.id)
                yield entity


def to_pandas(view: View, name: str, *, ever: bool = False) -> pd.DataFrame:
    """Return the entities of a type, or the relations of a predicate, as a data frame indexed by id.

    Raises CapabilityError where pandas is not installed (the extra ``relgraph[pandas]``).
    """
    try:
        import pandas as pd  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise CapabilityError("pandas is not installed", hint="install relgraph[pandas]") from error
    rows: list[dict[str, Any]] = []
    if name in view.vocabulary.readings:
        rows = [
            {
                "id": one.id,
                "predicate": one.predicate,
                "subject": one.subject.id,
                "subject_name": one.subject.name,
                "object": one.object.id,
                "object_name": one.object.name,
                "since": plain(one.since),
                "until": plain(one.until),
                **dict(_plain_items(one.attributes.items())),
                "source": one.source,
                "confidence": one.confidence,
            }
            for one in view.relations(name, ever=ever)
        ]
    else:
        rows = [
            {**dict(_plain_items(one.fields.items())), "id": one.id, "type": one.type, "name": one.name}
            for one in view.entities(name)
        ]
    frame = pd.DataFrame(rows)
    return frame.set_index("id") if rows else frame
