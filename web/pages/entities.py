"""The entities of a type as a list, and adding one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.jsonable import entity_json
from relgraph_web.pages.forms import field_values
from relgraph_web.problems import document
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Entity, NotFound, RelgraphError

_MORE: Final = 50


def register(blueprint: Blueprint) -> None:
    """Register the list and the form."""
    page(blueprint, "/entities", endpoint="entities", forms=("json", "csv"))(entities)
    blueprint.add_url_rule("/entities/new", "new_entity", new_entity, methods=["GET", "POST"])


def entities() -> Page:
    """List the entities of a type by name."""
    here = window()
    name = request.args.get("type") or None
    after = request.args.get("after_name"), request.args.get("after_id")
    place = (after[0], after[1]) if after[0] is not None and after[1] is not None else None
    found = list(islice(here.view.entities(name, after=place), _MORE + 1))
    more = found[_MORE - 1] if len(found) > _MORE else None
    shown_now = found[:_MORE]
    fields = _telling_fields(here, name, shown_now)
    total = here.view.count(name) if name else here.counts().all_entities
    return Page(
        "relgraph/entities.html",
        {"type": name, "found": shown_now, "fields": fields, "more": more, "total": total, "first": place is None},
        {"items": [entity_json(one) for one in shown_now], "next": None if more is None else [more.name, more.id]},
        ("id", "type", "name", *(label for _, label in fields)),
        lambda: (
            (one.id, one.type, one.name, *(one.get(field) for field, _ in fields)) for one in here.view.entities(name)
        ),
    )


def _telling_fields(here: Window, name: str | None, found: Iterable[Entity]) -> list[tuple[str, str]]:
    if name is None or name not in here.vocabulary.types:
        return []
    styles = site().styles()
    declared = here.vocabulary.fields(name)
    told = {field for one in found for field in one.fields}
    return [
        (field, styles.say(declared[field].label, field))
        for field in declared
        if field in told and field not in here.vocabulary.caption(name)
    ][:4]


def new_entity() -> BaseResponse:
    """Add an entity of a type."""
    here, styles = window(), site().styles()
    here.need("editor")
    types = [name for name, one in here.vocabulary.types.items() if not one.abstract and here.may_write(name)]
    name = request.values.get("type") or (types[0] if len(types) == 1 else None)
    problem = None
    if name is not None and name not in types:
        raise NotFound(f"there is no type {name!r} that you may add to")
    if request.method == "POST" and name is not None:
        try:
            values = field_values(here, name, only_given=True)
            made, _ = here.write(lambda tx: tx.add(name, fields=values), touches=[name], reason=text_of("reason"))
        except RelgraphError as error:
            problem = document(error)
        else:
            return back("entity", entity_id=made.id)
    fields = [(one, styles.say(one.label, one.name)) for one in here.vocabulary.fields(name).values()] if name else []
    return Page(
        "relgraph/new_entity.html",
        {"types": types, "type": name, "fields": fields, "problem": problem},
        status=problem["status"] if problem else 200,
    ).answer("html")
