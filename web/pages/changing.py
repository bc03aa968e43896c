"""What the forms on an entity's page change: its facts, its relations, and whether it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.jsonable import shown
from relgraph_web.pages.entity import entity_page, possible
from relgraph_web.pages.forms import attribute_values, field_values
from relgraph_web.problems import BadRequest
from relgraph_web.render import back, text_of
from relgraph_web.site import window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import ConflictError, Entity, NotFound, Relation, RelgraphError


def register(blueprint: Blueprint) -> None:
    """Register what the forms send."""
    for rule, name, view in (
        ("/entity/<reference:entity_id>/facts", "change_facts", change_facts),
        ("/entity/<reference:entity_id>/relate", "relate", relate),
        ("/entity/<reference:entity_id>/trash", "trash", trash),
        ("/relation/<reference:relation_id>/change", "change_relation", change_relation),
    ):
        blueprint.add_url_rule(rule, name, view, methods=["POST"])


def _same_version(thing: Entity | Relation) -> None:
    # who may not write at all is told so, not that somebody else was quicker
    window().need("editor")
    if text_of("version") != str(thing.version):
        raise ConflictError(
            f"{thing} was changed by somebody else since you opened this page; nothing of yours was kept",
            hint="look at what changed, and enter it again",
        )


def _on_page(entity_id: str, form: str, work: Callable[[Window, Entity], object]) -> BaseResponse:
    """Do what a form of an entity's page asks for; where it is refused, show the page with the form as it was sent."""
    here = window()
    found = here.entity(entity_id)
    try:
        work(here, found)
    except (NotFound, RelgraphError) as error:
        return entity_page(here.entity(entity_id), problem=here.discreet(error), form=form).answer("html")
    return back("entity", entity_id=found.id)


def change_facts(entity_id: str) -> BaseResponse:
    """Change fields and tags."""

    def work(here: Window, found: Entity) -> None:
        _same_version(found)
        values = {
            name: value
            for name, value in field_values(here, found.type).items()
            if _as_typed(found.get(name)) != _as_typed(value)
        }
        tags = set(request.form.getlist("tag"))

        def write(tx: Any) -> None:
            if values:
                tx.update(found.id, fields=values)
            if "tags_shown" in request.form:
                tx.untag(found.id, *(one for one in found.tags if one not in tags))
                tx.tag(found.id, *sorted(tags - set(found.tags)))

        here.write(write, touches=[found.type], reason=text_of("reason"))

    return _on_page(entity_id, "facts", work)


def _as_typed(value: Any) -> str:
    return "\n".join(map(shown, value)) if isinstance(value, (tuple, list)) else "" if value is None else str(value)


def _target(here: Window, found: Entity, reading: str) -> Entity:
    given = text_of("target_id") or text_of("target")
    if not given:
        raise BadRequest("who is at the other end? type a name")
    fitting = {one.name: targets for one, targets in possible(here, found.type)}.get(reading, [])
    if text_of("target_id"):
        return here.view.get(given)
    try:
        return here.named(given)
    except RelgraphError:
        for type_name in fitting:
            try:
                return here.view.entity(given, type=type_name)
            except NotFound:
                continue
        raise


def relate(entity_id: str) -> BaseResponse:
    """Add a relation in the reading of this end."""

    def work(here: Window, found: Entity) -> None:
        reading = text_of("reading")
        here.need_to_write(reading)
        other = _target(here, found, reading)
        attributes = attribute_values(here, reading)
        here.write(
            lambda tx: tx.relate(
                found.id,
                reading,
                other.id,
                since=text_of("since") or None,
                until=text_of("until") or None,
                source=text_of("source") or None,
                attributes={name: value for name, value in attributes.items() if value is not None},
            ),
            touches=[reading],
            reason=text_of("reason"),
        )

    return _on_page(entity_id, "relate", work)


def change_relation(relation_id: str) -> BaseResponse:
    """Change, end or retract a relation from the page of one of its ends."""
    here = window()
    relation = here.relation(relation_id)
    here.need_to_write(relation.predicate)
    entity_id = text_of("from")
    if entity_id not in {relation.subject.id, relation.object.id}:
        entity_id = relation.subject.id

    def work(here: Window, _: Entity) -> None:
        _same_version(relation)
        match text_of("action"):
            case "end":
                on = text_of("on")
                if not on:
                    raise BadRequest("on which day does it end? the first day on which it no longer holds")
                operation: Callable[[Any], object] = lambda tx: tx.end(relation, on=on)  # noqa: E731
            case "retract":
                operation = lambda tx: tx.retract(relation)  # noqa: E731
            case "change":
                values: dict[str, Any] = {"attributes": attribute_values(here, relation.predicate)}
                for name in ("since", "until"):
                    if name in request.form:
                        values[name] = text_of(name) or None
                if text_of("source") and text_of("source") != relation.source:
                    values["source"] = text_of("source")
                operation = lambda tx: tx.update(relation, **values)  # noqa: E731
            case other:
                raise BadRequest(f"a relation is changed, ended or retracted, not {other!r}")
        here.write(operation, touches=[relation.predicate], reason=text_of("reason"))

    return _on_page(entity_id, f"relation-{relation_id}", work)


def trash(entity_id: str) -> BaseResponse:
    """Put an entity into the trash, and say how it comes back."""
    here = window()
    found = here.entity(entity_id)
    _same_version(found)
    here.write(lambda tx: tx.trash(found), touches=here.touched(found), reason=text_of("reason"))
    return back("home", as_of=None, trashed=found.id)
