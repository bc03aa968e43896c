"""What is on the canvas: which entities, what joins them, what is left out and said so, and where all of it stands."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relgraph_web.access import Window, first_day_after, holds
from relgraph_web.jsonable import shown
from relgraph_web.pictures.layout import Place, layout
from relgraph_web.pictures.style import Styles

from relgraph import Entity, NotFound, Related

_KEPT: Final = 64
_cache: OrderedDict[object, dict[str, Place]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Entities that are to be shown, those that were asked for by name first; ``missing`` could not be found."""

    entities: Mapping[str, Entity]
    focus: frozenset[str]
    missing: tuple[str, ...] = ()


def choose(here: Window, *, focus: Sequence[str], ids: Sequence[str], most: int) -> Chosen:
    """Return the entities named, and round a focus its neighbors, the best connected first."""
    found: dict[str, Entity] = {}
    missing = []
    centers = set()
    for one in (*focus, *ids):
        try:
            entity = here.view.get(one)
        except NotFound:
            missing.append(one)
            continue
        found[entity.id] = entity
        if one in focus:
            centers.add(entity.id)
    if focus and not ids:
        for center in sorted(centers):
            near = neighbors(here, center)
            for entity in best(here, near.values(), most=max(0, most - len(found))):
                found[entity.id] = entity
    return Chosen(dict(list(found.items())[:most]), frozenset(centers), tuple(missing))


def neighbors(here: Window, entity_id: str, *, readings: Iterable[str] | None = None) -> dict[str, Entity]:
    """Return what an entity is joined to on the day of the window, through some readings or all."""
    wanted = None if readings is None else set(readings)
    return {
        one.entity.id: one.entity
        for one in here.view.related(entity_id)
        if (wanted is None or one.predicate in wanted) and one.entity.id != entity_id
    }


def degree(here: Window, entity_id: str) -> int:
    """Return how many relations of an entity hold on the day of the window."""
    return sum(held for held, _ in here.view.readings(entity_id).values())


def best(here: Window, entities: Iterable[Entity], *, most: int) -> list[Entity]:
    """Return the best connected of some entities, the best first."""
    listed = list(entities)
    if len(listed) <= most:
        return listed
    # to rank a crowd, each of it would have to be counted: the first thousand stand for it
    ranked = sorted(listed[:1000], key=lambda one: (-degree(here, one.id), one.name, one.id))
    return ranked[:most]


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
) -> dict[str, Any]:
    """Return nodes, edges and the legend as JSON; parallel relations of a pair are one edge that lists them."""
    shown_ids = chosen.entities.keys()
    pairs: dict[tuple[str, str], list[Related]] = {}
    degrees: dict[str, int] = {}
    hidden: dict[str, set[str]] = {}
    seen: set[str] = set()
    for one in shown_ids:
        live = 0
        for related in here.view.related(one, ever=True):
            alive = holds(related.relation, here.day)
            live += alive
            other = related.entity.id
            if other not in shown_ids:
                if alive:
                    hidden.setdefault(one, set()).add(other)
                continue
            if related.relation.id in seen:
                continue
            seen.add(related.relation.id)
            pairs.setdefault((min(one, other), max(one, other)), []).append(related)
        degrees[one] = live
    edges = [_edge(here, styles, number, rows) for number, (_, rows) in enumerate(sorted(pairs.items()))]
    drawn: dict[str, int] = dict.fromkeys(shown_ids, 0)
    for edge in edges:
        drawn[edge["source"]] += 1
        drawn[edge["target"]] += 1
    places = _placed(chosen, edges, drawn, known or {}, aspect)
    not_shown: set[str] = set().union(*hidden.values()) if hidden else set()
    nodes = [
        {
            "id": one,
            "name": entity.name,
            "type": entity.type,
            "degree": degrees[one],
            "shown": drawn[one],
            "more": len(hidden.get(one, ())),
            "focus": one in chosen.focus,
            "x": places[one][0],
            "y": places[one][1],
        }
        for one, entity in chosen.entities.items()
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
        "notShown": len(not_shown),
        "day": here.day.isoformat(),
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


def _edge(here: Window, styles: Styles, number: int, rows: Sequence[Related]) -> dict[str, Any]:
    first = rows[0].relation
    relations = []
    share = None
    for one in rows:
        relation = one.relation
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
        "relations": relations,
    }


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
