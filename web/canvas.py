"""What is on the canvas: which entities, what joins them, what is left out and said so, and where all of it stands."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from relgraph_web.access import Window, first_day_after, holds
from relgraph_web.jsonable import shown
from relgraph_web.pictures.layout import Place, layout
from relgraph_web.pictures.style import Styles

from relgraph import Entity, NotFound, Relation, Surroundings

_KEPT: Final = 64
_cache: OrderedDict[object, dict[str, Place]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Entities that are to be shown, those that were asked for by name first; ``missing`` could not be found."""

    around: Surroundings
    ids: tuple[str, ...]
    focus: frozenset[str]
    missing: tuple[str, ...] = ()

    @property
    def entities(self) -> Mapping[str, Entity]:
        """The entities by id."""
        return self.around.entities


def choose(here: Window, *, focus: Sequence[str], ids: Sequence[str], most: int) -> Chosen:
    """Return the entities named, and round a focus its neighbors, the best connected first."""
    named = list(dict.fromkeys([*focus, *ids]))
    found: dict[str, None] = {}
    centers = set()
    missing = []
    around = here.view.surroundings(named)
    for one in named:
        entity_id = one
        if one not in around.entities:
            # merged into another, or gone
            try:
                entity_id = here.view.get(one).id
            except NotFound:
                missing.append(one)
                continue
        found[entity_id] = None
        if one in focus:
            centers.add(entity_id)
    if focus and not ids:
        for center in sorted(centers):
            for near in here.view.neighbors(center)[: max(0, most - len(found))]:
                found[near.id] = None
    chosen = tuple(found)[:most]
    if around.entities.keys() != set(chosen):
        around = here.view.surroundings(chosen)
    return Chosen(around, chosen, frozenset(centers), tuple(missing))


def best_connected(here: Window, most: int) -> list[Entity]:
    """Return the best connected entities of the network."""
    result = here.view.query("find anything order by degree desc", limit=most)
    return [row[0] for row in result]


def network(
    here: Window,
    styles: Styles,
    chosen: Chosen,
    *,
    known: Mapping[str, Place] | None = None,
    aspect: float = 1.2,
    before: date | None = None,
) -> dict[str, Any]:
    """Return nodes, edges and the legend as JSON; parallel relations of a pair are one edge that lists them."""
    around = chosen.around
    pairs: dict[tuple[str, str], list[Relation]] = {}
    for relation in around.relations:
        one, other = relation.subject.id, relation.object.id
        pairs.setdefault((one, other) if one <= other else (other, one), []).append(relation)
    edges = [_edge(here, styles, number, rows, before) for number, (_, rows) in enumerate(sorted(pairs.items()))]
    drawn: dict[str, int] = dict.fromkeys(chosen.ids, 0)
    for edge in edges:
        drawn[edge["source"]] += 1
        drawn[edge["target"]] += 1
    places = _placed(chosen, edges, drawn, known or {}, aspect)
    nodes = [
        {
            "id": one,
            "name": entity.name,
            "type": entity.type,
            "degree": around.degrees[one],
            "shown": drawn[one],
            "more": around.outside[one],
            "focus": one in chosen.focus,
            "x": places[one][0],
            "y": places[one][1],
        }
        for one in chosen.ids
        for entity in (around.entities[one],)
    ]
    used = {entity.type for entity in chosen.entities.values()}
    return {
        "nodes": nodes,
        "edges": edges,
        "types": {
            name: {
                "label": styles.type(name).label,
                "plural": styles.type(name).plural,
                "color": styles.type(name).color,
                "shape": styles.type(name).shape,
                "dot": str(styles.type(name).dot()),
            }
            for name in sorted(used, key=list(here.vocabulary.types).index)
        },
        "predicates": {
            name: _predicate(here, styles, name)
            for name in here.vocabulary.predicates
            if any(one["predicate"] == name for edge in edges for one in edge["relations"])
        },
        "missing": list(chosen.missing),
        "notShown": around.others,
        "day": here.day.isoformat(),
        "before": None if before is None else before.isoformat(),
        "total": here.counts().all_entities,
    }


def _predicate(here: Window, styles: Styles, name: str) -> dict[str, Any]:
    predicate = here.vocabulary.predicates[name]
    reading = styles.reading(name)
    return {
        "words": reading.words,
        "back": styles.reading(predicate.inverse).words if not predicate.symmetric else reading.words,
        "family": reading.family,
        "arrow": reading.arrow,
    }


def _edge(here: Window, styles: Styles, number: int, rows: Sequence[Relation], before: date | None) -> dict[str, Any]:
    first = rows[0]
    relations = []
    share = None
    for relation in rows:
        weight = _weight(relation)
        share = weight if share is None else max(share, weight or 0)
        relations.append(
            {
                "id": relation.id,
                "predicate": relation.predicate,
                "subject": relation.subject.id,
                "object": relation.object.id,
                "since": None if relation.since is None else relation.since.first.isoformat(),
                "until": None if relation.until is None else first_day_after(relation.until).isoformat(),
                "period": _period(relation),
                "note": _note(relation),
                "holds": holds(relation, here.day),
                "change": None if before is None else _change(relation, before, here.day),
            }
        )
    live = [one for one in relations if one["holds"]] or relations
    styled = styles.reading(str(live[0]["predicate"]))
    word = styled.words if len(relations) == 1 else f"{len(relations)} relations"
    return {
        "id": f"e{number}",
        "source": first.subject.id if len(relations) == 1 else live[0]["subject"],
        "target": first.object.id if len(relations) == 1 else live[0]["object"],
        "family": styled.family,
        "arrow": styled.arrow,
        "word": word,
        "share": share,
        "ended": not any(one["holds"] for one in relations),
        "change": next((one["change"] for one in relations if one["change"]), None),
        "relations": relations,
    }


def _change(relation: Relation, before: date, day: date) -> str | None:
    """Return whether a relation began or ended between two days, None where it holds on both or neither."""
    was, now = holds(relation, before), holds(relation, day)
    return None if was == now else "began" if now else "ended"


def _weight(relation: Any) -> float | None:
    for name, value in relation.attributes.items():
        if relation.declared[name].kind == "percent":
            return float(value)
    return None


def _note(relation: Any) -> str:
    return ", ".join(shown(value) for value in list(relation.attributes.values())[:2] if shown(value))


def _period(relation: Any) -> str:
    if relation.until is not None:
        return f"{relation.since or '…'} to {relation.until}"
    return f"since {relation.since}" if relation.since is not None else ""


def _placed(
    chosen: Chosen,
    edges: Sequence[Mapping[str, Any]],
    drawn: Mapping[str, int],
    known: Mapping[str, Place],
    aspect: float,
) -> dict[str, Place]:
    joined = sorted({(str(edge["source"]), str(edge["target"])) for edge in edges if not edge["ended"]})
    ids = sorted(chosen.entities)
    key = tuple(ids), tuple(joined), tuple(sorted(known.items())), aspect
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    ranked = sorted(ids, key=lambda one: (-drawn[one], one))
    places = layout(
        ids,
        joined,
        known=known,
        labeled=[*ranked[:60], *chosen.focus],
        sizes={one: size_of(drawn[one]) for one in ids},
        aspect=aspect,
    )
    with _lock:
        _cache[key] = places
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return places


def size_of(drawn: int) -> float:
    """Return the diameter of a node from the number of its edges that are drawn."""
    return max(22.0, min(50.0, 15 + 6.5 * (1 + drawn).bit_length()))
