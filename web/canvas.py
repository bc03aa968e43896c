"""What is on the canvas: which entities, what joins them, what is left out and said so, and where all of it stands."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from relgraph_web.access import Window
from relgraph_web.jsonable import shown
from relgraph_web.pictures.layout import Place, layout
from relgraph_web.pictures.style import Styles

from relgraph import Entity, EntityRef, Link, Money, NotFound, Percent, Surroundings, Vocabulary

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
    def entities(self) -> Mapping[str, EntityRef]:
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
            for near in here.view.neighbors(center, limit=max(0, most - len(found))):
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
    words = here.vocabulary
    edges, joined = _edges(around.links, words, here.day, before)
    drawn: dict[str, int] = dict.fromkeys(chosen.ids, 0)
    for edge in edges:
        drawn[edge["source"]] += 1
        drawn[edge["target"]] += 1
    places = _placed(chosen, joined, drawn, known or {}, aspect)
    degrees, outside, focus = around.degrees, around.outside, chosen.focus
    nodes = [
        {
            "id": one,
            "name": entity.name,
            "type": entity.type,
            "degree": degrees[one],
            "shown": drawn[one],
            "more": outside[one],
            "focus": one in focus,
            "x": places[one][0],
            "y": places[one][1],
        }
        for one, entity in ((one, around.entities[one]) for one in chosen.ids)
    ]
    used = {entity.type for entity in chosen.entities.values()}
    joining = {link.predicate for link in around.links}
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
            for name in sorted(used, key=list(words.types).index)
        },
        "predicates": {name: _predicate(here, styles, name) for name in words.predicates if name in joining},
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


def _edges(
    links: Sequence[Link], vocabulary: Vocabulary, day: date, before: date | None
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Return one edge for each pair that is joined, by the ids of the pair, and the pairs that are joined on the day.

    There are thousands of them, so what is not said is left out: a relation goes from source to target unless it is
    ``reversed``, and holds unless ``holds`` says otherwise.
    """
    now, then = day.toordinal(), None if before is None else before.toordinal()
    shares = {
        name: next((field.name for field in one.attributes if field.kind == "percent"), None)
        for name, one in vocabulary.predicates.items()
    }
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    joined: set[tuple[str, str]] = set()
    for link in links:
        relation_id, predicate, one, other, since, until, begins, ends, attributes = link
        told: dict[str, Any] = {"id": relation_id, "predicate": predicate}
        pair = (one, other) if one <= other else (other, one)
        edge = pairs.get(pair)
        if edge is None:
            edge = pairs[pair] = {"source": one, "target": other, "relations": [told]}
        else:
            edge["relations"].append(told)
            if edge["source"] != one:
                told["reversed"] = True
        holds = begins <= now < ends
        if holds:
            joined.add(pair)
        else:
            told["holds"] = False
        if since is not None or until is not None:
            told |= _dates(link)
        if attributes:
            _noted(edge, told, attributes, shares[predicate])
        if then is not None and (begins <= then < ends) != holds:
            told["change"] = "began" if holds else "ended"
    return [pairs[pair] for pair in sorted(pairs)], sorted(joined)


def _noted(edge: dict[str, Any], told: dict[str, Any], attributes: Mapping[str, Any], share: str | None) -> None:
    notes = [
        text if not at and isinstance(value, str | Percent | Money) else f"{name.replace('_', ' ')} {text}"
        for at, (name, value) in enumerate(islice(attributes.items(), 2))
        if (text := f"{value.amount:,f} {value.currency}" if isinstance(value, Money) else shown(value))
    ]
    if notes:
        told["note"] = ", ".join(notes)
    if share is not None and share in attributes:
        edge["share"] = max(float(attributes[share]), edge.get("share", 0.0))


def _dates(link: Link) -> dict[str, str]:
    found = {}
    if link.since is not None:
        found["since"] = link.since.first.isoformat()
    if link.until is not None:
        if link.ends <= date.max.toordinal():
            found["until"] = date.fromordinal(link.ends).isoformat()
        found["period"] = f"{link.since or '…'} to {link.until}"
    else:
        found["period"] = f"since {link.since}"
    return found


def _placed(
    chosen: Chosen,
    joined: Sequence[tuple[str, str]],
    drawn: Mapping[str, int],
    known: Mapping[str, Place],
    aspect: float,
) -> dict[str, Place]:
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
