"""The network as the tables and graphs of other libraries: networkx and pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from relgraph.errors import CapabilityError
from relgraph.model.entity import Entity, end_as_given, start_as_given
from relgraph.model.records import RelationRow
from relgraph.values import Money
from relgraph.values.plain import plain
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Vocabulary
from relgraph.vocabulary.stored import as_it_stands, in_order

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from relgraph.view import View


_KEPT: Final = 100_000


def _plain_items(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for name, value in items:
        yield name, plain(value)
        if isinstance(value, Money):
            yield f"{name}_currency", value.currency


def _chosen_relations(view: View, predicates: Sequence[str] | None) -> Iterator[tuple[RelationRow, str, str]]:
    """Yield the relations of these predicates (None: all) that hold on the view's day, each once, with its ends."""
    if predicates is None:
        yield from view._edges()  # noqa: SLF001 - rows: a graph of a million relations is not made of values
        return
    if isinstance(predicates, str):
        predicates = [predicates]
    seen: set[int] = set()
    for name in predicates:
        for row, subject, target in view._edges(name):  # noqa: SLF001 - the same
            if row.number not in seen:
                seen.add(row.number)
                yield row, subject, target


class _Edges:
    """Rows of relations as the attributes of edges; each distinct value is converted once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._declared = {name: vocabulary.attributes(name) for name in vocabulary.predicates}
        self._values: dict[tuple[str, str, object], dict[str, Any]] = {}
        self._days: dict[tuple[int, int, bool], str | None] = {}

    def attributes(self, row: RelationRow) -> dict[str, Any]:
        """Return what an edge carries."""
        found: dict[str, Any] = {}
        for name, stored in in_order(row.attributes, self._declared[row.predicate]).items():
            key = (row.predicate, name, as_it_stands(stored))
            told = self._values.get(key)
            if told is None:
                if len(self._values) >= _KEPT:
                    self._values.clear()
                told = self._values[key] = self._told(row.predicate, name, stored)
            found.update(told)
        found["predicate"] = row.predicate
        found["since"] = self._day(row.since, row.since_precision, ends=False)
        found["until"] = self._day(row.until, row.until_precision, ends=True)
        return found

    def _told(self, predicate: str, name: str, stored: object) -> dict[str, Any]:
        declared = self._declared.get(predicate, {}).get(name)
        return dict(_plain_items([(name, stored if declared is None else load(declared, stored))]))

    def _day(self, day: int, precision: int, *, ends: bool) -> str | None:
        key = (day, precision, ends)
        if key not in self._days:
            given = end_as_given(day, precision) if ends else start_as_given(day, precision)
            self._days[key] = None if given is None else str(given)
        return self._days[key]


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
    edges = _Edges(view.vocabulary)
    for relation, subject, target in _chosen_relations(view, predicates):
        if subject not in graph or target not in graph:
            continue
        if isinstance(graph, nx.MultiDiGraph):
            graph.add_edge(subject, target, key=relation.id, **edges.attributes(relation))
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
    if isinstance(types, str):
        types = [types]
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
