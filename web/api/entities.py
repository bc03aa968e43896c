"""Entities: listed, read, added, changed, merged, put into the trash and brought back; and what is related to them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Response
from relgraph_web.api import schemas
from relgraph_web.api.common import TAGGED, Routes, cursor_of, need_version, place_of, tagged
from relgraph_web.jsonable import change_json, end_json, entity_json, relation_json
from relgraph_web.problems import BadRequest
from relgraph_web.render import json_answer
from relgraph_web.site import site, window


def blueprint(name: str) -> Routes:
    """Return the routes of entities."""
    routes = Routes(f"{name}_entities", __name__, url_prefix="/entities", description="Things of the network")

    @routes.route("", methods=["GET"])
    @routes.problems()
    @routes.arguments(schemas.EntitiesQuery, location="query")
    @routes.response(200, schemas.EntityPage)
    def entities(query: dict[str, Any]) -> Response:
        """List entities by name, then id."""
        view, limit = window().view, query["limit"]
        place = place_of(query.get("cursor"), 2)
        found = list(
            islice(view.entities(query.get("type"), after=None if place is None else (place[0], place[1])), limit + 1)
        )
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return json_answer(
            {
                "items": [entity_json(one) for one in found[:limit]],
                "next": None if last is None else cursor_of(last.name, last.id),
            }
        )

    @routes.route("", methods=["POST"])
    @routes.problems(writes=True)
    @routes.arguments(schemas.NewEntity)
    @routes.response(201, schemas.Entity, headers=TAGGED)
    def add(given: dict[str, Any]) -> Response:
        """Add an entity."""
        here = window()
        keys = [(one["source"], one["key"]) for one in given["keys"]]
        made, _ = here.write(
            lambda tx: tx.add(
                given["type"], id=given.get("id"), keys=keys, tags=given["tags"], fields=given["fields_"]
            ),
            touches=[given["type"]],
            reason=given.get("reason"),
        )
        entity = here.written(made.id)
        answer = tagged(entity, entity_json(entity), status=201)
        answer.headers["Location"] = site().url("entity", entity_id=entity.id, as_of=None)
        return answer

    @routes.route("/<reference:entity_id>", methods=["GET"])
    @routes.problems()
    @routes.unchanged()
    @routes.arguments(schemas.When, location="query")
    @routes.response(200, schemas.Entity, headers=TAGGED)
    def entity(_query: dict[str, Any], entity_id: str) -> Response:
        """Read an entity; one that was merged into another gives that other."""
        found = window().entity(entity_id)
        return tagged(found, entity_json(found))

    @routes.route("/<reference:entity_id>", methods=["PATCH"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.arguments(schemas.EntityChange)
    @routes.response(200, schemas.Entity, headers=TAGGED)
    def change(given: dict[str, Any], entity_id: str) -> Response:
        """Change fields, type or tags of an entity."""
        here = window()
        found = here.entity(entity_id)
        need_version(found)
        options: dict[str, Any] = {"fields": given["fields_"]}
        touches = [found.type]
        if "type" in given:
            options["type"] = given["type"]
            touches.append(given["type"])

        def write(tx: Any) -> Any:
            if given["fields_"] or "type" in given:
                tx.update(found, **options)
            if "tags" in given:
                # the update above made a version of its own in this transaction: the id is enough from here on
                tx.untag(found.id, *(tag for tag in found.tags if tag not in given["tags"]))
                tx.tag(found.id, *(tag for tag in given["tags"] if tag not in found.tags))

        here.write(write, touches=touches, reason=given.get("reason"))
        now = here.written(found.id)
        return tagged(now, entity_json(now))

    @routes.route("/<reference:entity_id>", methods=["DELETE"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.response(204)
    def trash(entity_id: str) -> Response:
        """Put an entity into the trash; it and its relations are hidden until it is brought back."""
        here = window()
        found = here.entity(entity_id)
        need_version(found)
        here.write(lambda tx: tx.trash(found), touches=here.touched(found))
        return Response(status=204)

    @routes.route("/<reference:entity_id>/restore", methods=["POST"])
    @routes.problems(writes=True)
    @routes.response(200, schemas.Entity, headers=TAGGED)
    def restore(entity_id: str) -> Response:
        """Bring an entity back from the trash."""
        graph = window().whole("editor")
        graph.restore(entity_id)
        found = graph.get(entity_id)
        return tagged(found, entity_json(found))

    @routes.route("/<reference:entity_id>/merge", methods=["POST"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.arguments(schemas.Merging)
    @routes.response(200, schemas.Entity, headers=TAGGED)
    def merge(given: dict[str, Any], entity_id: str) -> Response:
        """Merge another entity into this one."""
        here = window()
        keep, other = here.entity(entity_id), here.entity(given["other"])
        need_version(keep)
        if keep.id == other.id:
            raise BadRequest("an entity is not merged into itself")
        here.whole("editor")
        here.write(lambda tx: tx.merge(keep, other), touches=[keep.type, other.type], reason=given.get("reason"))
        found = here.entity(keep.id)
        return tagged(found, entity_json(found))

    @routes.route("/<reference:entity_id>/relations", methods=["GET"])
    @routes.problems()
    @routes.arguments(schemas.RelatedQuery, location="query")
    @routes.response(200, schemas.RelatedPage)
    def related(query: dict[str, Any], entity_id: str) -> Response:
        """List the relations of an entity in the reading of this end, grouped by predicate."""
        here, limit = window(), query["limit"]
        name, ever = query.get("predicate"), query["ever"]
        place = place_of(query.get("cursor"), 2)
        after = None if place is None else (place[0], place[1])
        found = here.view.related(entity_id, name, ever=ever, limit=limit + 1, after=after)
        wanted = None if name is None else here.vocabulary.narrower_readings(name)
        total = sum(
            one.total if ever else one.held
            for one in here.view.related_groups(entity_id, first=0)
            if wanted is None or one.predicate in wanted
        )
        styles = site().styles()
        last = found[limit - 1] if len(found) > limit else None
        return json_answer(
            {
                "items": [
                    {
                        "reading": one.predicate,
                        "words": styles.reading(one.predicate).words,
                        "entity": end_json(one.entity),
                        "relation": relation_json(one.relation),
                    }
                    for one in found[:limit]
                ],
                "total": total,
                "next": None if last is None else cursor_of(last.predicate, last.relation.id),
            }
        )

    @routes.route("/<reference:entity_id>/history", methods=["GET"])
    @routes.problems()
    @routes.response(200, schemas.Changes)
    def history(entity_id: str) -> Response:
        """List all that ever happened to an entity and its relations, oldest first."""
        return json_answer({"items": [change_json(one) for one in window().history(entity_id)], "next": None})

    return routes
