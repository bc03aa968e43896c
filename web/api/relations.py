"""Relations: listed, read, added, changed, ended, retracted."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Response
from relgraph_web.api import schemas
from relgraph_web.api.common import TAGGED, Routes, cursor_of, need_version, place_of, tagged
from relgraph_web.jsonable import change_json, relation_json
from relgraph_web.problems import BadRequest
from relgraph_web.render import json_answer
from relgraph_web.site import site, window


def blueprint(name: str) -> Routes:
    """Return the routes of relations."""
    routes = Routes(f"{name}_relations", __name__, url_prefix="/relations", description="What joins two things")

    @routes.route("", methods=["GET"])
    @routes.problems()
    @routes.arguments(schemas.RelationsQuery, location="query")
    @routes.response(200, schemas.RelationPage)
    def relations(query: dict[str, Any]) -> Response:
        """List relations, the oldest first."""
        limit = query["limit"]
        place = place_of(query.get("cursor"), 1)
        found = list(
            islice(
                window().view.relations(
                    query.get("predicate"),
                    subject=query.get("subject"),
                    object=query.get("object"),
                    ever=query["ever"],
                    after=None if place is None else place[0],
                ),
                limit + 1,
            )
        )
        return json_answer(
            {
                "items": [relation_json(one) for one in found[:limit]],
                "next": cursor_of(found[limit - 1].id) if len(found) > limit else None,
            }
        )

    @routes.route("", methods=["POST"])
    @routes.problems(writes=True)
    @routes.arguments(schemas.NewRelation)
    @routes.response(201, schemas.Relation, headers=TAGGED)
    def add(given: dict[str, Any]) -> Response:
        """Add a relation, by either name of its predicate."""
        here = window()
        subject, obj = here.entity(given["subject"]), here.entity(given["object"])
        options = {one: given[one] for one in ("id", "since", "until", "source", "confidence") if one in given}
        made, _ = here.write(
            lambda tx: tx.relate(subject.id, given["predicate"], obj.id, attributes=given["attributes"], **options),
            touches=[given["predicate"]],
            reason=given.get("reason"),
        )
        found = site().graph.relation(made.id)
        return tagged(found, relation_json(found), status=201)

    @routes.route("/<reference:relation_id>", methods=["GET"])
    @routes.problems()
    @routes.unchanged()
    @routes.arguments(schemas.When, location="query")
    @routes.response(200, schemas.Relation, headers=TAGGED)
    def relation(_query: dict[str, Any], relation_id: str) -> Response:
        """Read a relation."""
        found = window().relation(relation_id)
        return tagged(found, relation_json(found))

    @routes.route("/<reference:relation_id>", methods=["PATCH"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.arguments(schemas.RelationChange)
    @routes.response(200, schemas.Relation, headers=TAGGED)
    def change(given: dict[str, Any], relation_id: str) -> Response:
        """Change attributes, dates, source or confidence of a relation; the earlier version stays in its history."""
        here = window()
        found = here.relation(relation_id)
        need_version(found)
        options: dict[str, Any] = {
            one: given[one] for one in ("since", "until", "source", "confidence") if one in given
        }
        if not options and not given["attributes"]:
            raise BadRequest("nothing is to change", hint="send since, until, attributes, source or confidence")
        options["attributes"] = given["attributes"]
        here.write(lambda tx: tx.update(found, **options), touches=[found.predicate], reason=given.get("reason"))
        now = site().graph.relation(found.id)
        return tagged(now, relation_json(now))

    @routes.route("/<reference:relation_id>/end", methods=["POST"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.arguments(schemas.Ending)
    @routes.response(200, schemas.Relation, headers=TAGGED)
    def end(given: dict[str, Any], relation_id: str) -> Response:
        """End a relation."""
        here = window()
        found = here.relation(relation_id)
        need_version(found)
        here.write(lambda tx: tx.end(found, on=given["on"]), touches=[found.predicate], reason=given.get("reason"))
        now = site().graph.relation(found.id)
        return tagged(now, relation_json(now))

    @routes.route("/<reference:relation_id>", methods=["DELETE"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.response(204)
    def retract(relation_id: str) -> Response:
        """Take a wrong relation out of what is believed; its history keeps it."""
        here = window()
        found = here.relation(relation_id)
        need_version(found)
        here.write(lambda tx: tx.retract(found), touches=[found.predicate])
        return Response(status=204)

    @routes.route("/<reference:relation_id>/history", methods=["GET"])
    @routes.problems()
    @routes.response(200, schemas.Changes)
    def history(relation_id: str) -> Response:
        """List all that ever happened to a relation, oldest first."""
        return json_answer({"items": [change_json(one) for one in window().history(relation_id)], "next": None})

    return routes
