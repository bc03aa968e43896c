"""Exploring: the canvas with its list, expanding with a guard, paths, common neighbors, saved views, exports."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, g, request
from relgraph_web import canvas
from relgraph_web.access import Window
from relgraph_web.pages.compare import day_of
from relgraph_web.pictures.drawing import drawing
from relgraph_web.pictures.layout import Place
from relgraph_web.problems import BadRequest
from relgraph_web.render import Page, json_answer, number_of, page
from relgraph_web.site import address, current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Path

FIRST: Final = 40
_PATH_HOPS: Final = 6
_COMMON: Final = 50


def register(blueprint: Blueprint) -> None:
    """Register the canvas and what it asks."""
    page(blueprint, "/explore", endpoint="explore", forms=("json", "csv"))(explore)
    blueprint.add_url_rule("/explore.svg", "explore_svg", as_svg)
    blueprint.add_url_rule("/explore.graphml", "explore_graphml", as_graphml)
    for name, view in (
        ("network", network),
        ("guard", guard),
        ("expand", expand),
        ("path", path),
        ("common", common),
        ("save", save),
    ):
        blueprint.add_url_rule(f"/explore/{name}.json", f"explore_{name}", view, methods=["POST"])


def _chosen(here: Window) -> tuple[canvas.Chosen, dict[str, Place], dict[str, Any] | None]:
    """Return what the address asks for: a saved view, entities, the neighbors of a focus, or the best connected."""
    most = number_of("n", FIRST, least=1, most=site().settings.canvas)
    view_id = request.args.get("view")
    if view_id:
        saved = site().accounts.saved(current_user(), view_id)
        places = _places(saved.document.get("places"))
        chosen = canvas.choose(
            here,
            focus=list(saved.document.get("focus", [])),
            ids=list(saved.document.get("ids", [])),
            most=site().settings.canvas,
        )
        return chosen, places, {"id": saved.id, "name": saved.name, "owner": saved.owner}
    focus, ids = request.args.getlist("focus"), request.args.getlist("id")
    if not focus and not ids and "n" in request.args:
        ids = [one.id for one in canvas.best_connected(here, most)]
    return canvas.choose(here, focus=focus, ids=ids, most=max(most, len(ids) + len(focus))), {}, None


def _places(told: object) -> dict[str, Place]:
    if not isinstance(told, dict):
        return {}
    found = {}
    for name, place in told.items():
        match place:
            case [int() | float() as x, int() | float() as y] if abs(x) < 1e6 and abs(y) < 1e6:
                found[str(name)] = float(x), float(y)
            case _:
                raise BadRequest("a place on the canvas is two numbers")
    return found


def _aspect(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise BadRequest("the aspect of the canvas is a number") from None
    # two shapes of canvas, so that the same view looks the same
    return 0.7 if number < 0.9 else 1.2


def explore() -> Page:
    """Show a part of the network."""
    here = window()
    chosen, places, saved = _chosen(here)
    styles, before = site().styles(), day_of("compare")
    only_data = g.form != "html"
    told = (
        canvas.network(
            here,
            styles,
            chosen,
            known=places,
            aspect=_aspect(request.args.get("aspect", "1.2")),
            before=before,
        )
        if only_data
        else {}
    )
    listed = [] if only_data else sorted(chosen.entities.values(), key=lambda one: (one.name, one.id))
    return Page(
        "relgraph/explore.html",
        {
            "chosen": chosen,
            "listed": listed,
            "saved": saved,
            "total": here.counts().all_entities,
            "soft": 300,
            "most": site().settings.canvas,
            "day": here.day.isoformat(),
            "before": "" if before is None else before.isoformat(),
        },
        {**told, "view": saved},
        ("id", "name", "type", "relations", "not shown"),
        lambda: ((one["id"], one["name"], one["type"], one["degree"], one["more"]) for one in told["nodes"]),
    )


# -- what the canvas asks ---------------------------------------------------------------------------------------------


def _sent() -> dict[str, Any]:
    current_user()
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        raise BadRequest("send a JSON object")
    return told


def _texts(told: dict[str, Any], key: str, *, most: int | None = None) -> list[str]:
    value = told.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequest(f"{key} is a list of texts")
    if len(value) > (most or site().settings.canvas):
        raise BadRequest(
            f"{len(value):,} entities are too many for the canvas, which holds {site().settings.canvas:,}",
            hint="look at them in the table",
        )
    return value


def _answer(told: dict[str, Any], ids: list[str]) -> BaseResponse:
    here = window()
    focus = _texts(told, "focus")
    chosen = canvas.choose(here, focus=focus, ids=list(dict.fromkeys(ids)), most=site().settings.canvas)
    return json_answer(
        canvas.network(
            here,
            site().styles(),
            chosen,
            known=_places(told.get("places")),
            aspect=_aspect(told.get("aspect", 1.2)),
            before=day_of("compare"),
        )
    )


def network() -> BaseResponse:
    """Return some entities with what joins them; those with a place keep it."""
    told = _sent()
    return _answer(told, _texts(told, "ids"))


def guard() -> BaseResponse:
    """Say what expanding an entity would bring: how many neighbors through which reading."""
    here, told = window(), _sent()
    entity = here.view.get(str(told.get("id", "")))
    there = set(_texts(told, "ids"))
    styles = site().styles()
    groups: dict[str, set[str]] = {}
    near = here.view.neighbors(entity)
    for one in near:
        for name in one.readings:
            groups.setdefault(name, set()).add(one.id)
    every = {one.id for one in near}
    order = list(here.vocabulary.readings)
    return json_answer(
        {
            "id": entity.id,
            "name": entity.name,
            "total": len(every),
            "notShown": len(every - there),
            "groups": [
                {
                    "reading": name,
                    "words": styles.reading(name).words,
                    "family": styles.reading(name).family,
                    "arrow": styles.reading(name).arrow,
                    "count": len(ids),
                    "notShown": len(ids - there),
                }
                for name, ids in sorted(groups.items(), key=lambda one: order.index(one[0]))
            ],
        }
    )


def expand() -> BaseResponse:
    """Return the canvas with the best connected neighbors of an entity, or those linked to what is shown."""
    here, told = window(), _sent()
    entity = here.view.get(str(told.get("id", "")))
    ids = _texts(told, "ids")
    there = set(ids)
    readings = _texts(told, "readings", most=1000) if "readings" in told else None
    wanted = None if readings is None else set(readings)
    new = [
        one.id
        for one in here.view.neighbors(entity)
        if one.id not in there and (wanted is None or wanted & set(one.readings))
    ]
    if told.get("linked"):
        new = _linked(here, new, there - {entity.id})
    most = told.get("most", 15)
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= site().settings.canvas:
        raise BadRequest("how many? a whole number from 1 on")
    return _answer(told, [*ids, entity.id, *new[:most]])


def _linked(here: Window, new: list[str], there: set[str]) -> list[str]:
    """Return those of some entities that a relation of today joins to what is shown."""
    linked = set()
    for link in here.view.surroundings([*new, *there]).links:
        ends = {link.subject, link.object}
        if ends & there and link.holds(here.day):
            linked |= ends
    return [one for one in new if one in linked]


def path() -> BaseResponse:
    """Return the canvas with a shortest path between two entities, and the path."""
    here, told = window(), _sent()
    one, other = (here.view.get(str(told.get(end, ""))) for end in ("from", "to"))
    result = here.view.query(
        f"find shortest path from $from to $to via any{{1..{_PATH_HOPS}}}",
        params={"from": one, "to": other},
        timeout=site().settings.timeout,
    )
    found = result.first()
    if not isinstance(found, Path):
        return json_answer(
            {"path": None, "said": f"No path of up to {_PATH_HOPS} relations joins {one.name} and {other.name}."}
        )
    ids = [entity.id for entity in found.entities]
    answer = _answer(told, [*_texts(told, "ids"), *ids])
    data = answer.get_json()
    data["path"] = ids
    data["said"] = f"{found.hops} relation{'' if found.hops == 1 else 's'}: " + " \N{RIGHTWARDS ARROW} ".join(
        entity.name for entity in found.entities
    )
    return json_answer(data)


def common() -> BaseResponse:
    """Return the canvas with what the selected entities are all joined to."""
    here, told = window(), _sent()
    selected = _texts(told, "selected", most=20)
    if len(selected) < 2:
        raise BadRequest("select two entities or more")
    near = [{one.id for one in here.view.neighbors(entity)} for entity in selected[1:]]
    shared = [one.id for one in here.view.neighbors(selected[0]) if all(one.id in other for other in near)]
    added = shared[:_COMMON]
    answer = _answer(told, [*_texts(told, "ids"), *added])
    data = answer.get_json()
    data["path"] = added
    data["said"] = f"{len(shared)} in common" + (
        f", the best connected {len(added)} shown" if len(added) < len(shared) else ""
    )
    return json_answer(data)


def save() -> BaseResponse:
    """Keep the canvas under a name."""
    told = _sent()
    name = told.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadRequest("a view needs a name")
    document = {
        "ids": _texts(told, "ids"),
        "focus": _texts(told, "focus"),
        "places": {one: list(place) for one, place in _places(told.get("places")).items()},
    }
    saved_id = told.get("view") if isinstance(told.get("view"), str) else None
    saved = site().accounts.save(
        current_user(), "view", name, document, shared=told.get("shared") is True, saved_id=saved_id
    )
    return json_answer({"id": saved.id, "name": saved.name, "url": site().url("explore", view=saved.id)})


# -- exports ----------------------------------------------------------------------------------------------------------


def _exported() -> dict[str, Any]:
    current_user()
    here = window()
    chosen, places, _ = _chosen(here)
    site().accounts.record(here.user.name, "canvas exported", address=address(), entities=len(chosen.entities))
    return canvas.network(here, site().styles(), chosen, known=places, before=day_of("compare"))


def as_svg() -> BaseResponse:
    """Return the canvas as an SVG file that carries its own colors."""
    answer = Response(drawing(_exported()), mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = 'attachment; filename="network.svg"'
    return answer


def as_graphml() -> BaseResponse:
    """Return the canvas as GraphML."""
    told = _exported()
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(
            f'<key id="{name}" for="{kind}" attr.name="{name}" attr.type="string"/>'
            for kind, name in (
                ("node", "name"),
                ("node", "type"),
                ("edge", "predicate"),
                ("edge", "since"),
                ("edge", "until"),
            )
        ),
        '<graph edgedefault="directed">',
    ]
    parts += [
        f'<node id={quoteattr(_xml(node["id"]))}><data key="name">{escape(_xml(node["name"]))}</data>'
        f'<data key="type">{escape(node["type"])}</data></node>'
        for node in told["nodes"]
    ]
    for edge in told["edges"]:
        for one in edge["relations"]:
            ends = edge["source"], edge["target"]
            subject, other = reversed(ends) if one.get("reversed") else ends
            dates = "".join(
                f'<data key="{name}">{escape(one[name])}</data>' for name in ("since", "until") if name in one
            )
            parts.append(
                f"<edge id={quoteattr(_xml(one['id']))} source={quoteattr(_xml(subject))} "
                f"target={quoteattr(_xml(other))}>"
                f'<data key="predicate">{escape(one["predicate"])}</data>{dates}</edge>'
            )
    answer = Response("\n".join([*parts, "</graph></graphml>\n"]), mimetype="application/xml")
    answer.headers["Content-Disposition"] = 'attachment; filename="network.graphml"'
    return answer


def _xml(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(one if one in "\t\n\r" or ord(one) >= 32 else "\N{REPLACEMENT CHARACTER}" for one in text)
