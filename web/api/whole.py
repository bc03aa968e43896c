"""What concerns the whole network: its vocabulary, its history, imports, and taking back."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Response, request
from relgraph_web.api import schemas
from relgraph_web.api.common import Routes, cursor_of, place_of, reference_of
from relgraph_web.imports import run_upload
from relgraph_web.jsonable import change_json
from relgraph_web.problems import BadRequest, PreconditionFailed, PreconditionMissing
from relgraph_web.render import json_answer
from relgraph_web.site import site, window
from relgraph_web.vocabularies import carry_out, digest, plan_json

from relgraph import Vocabulary


def blueprint(name: str) -> Routes:
    """Return the routes of the whole network."""
    routes = Routes(f"{name}_whole", __name__, description="Vocabulary, history, imports")

    @routes.route("/vocabulary", methods=["GET"])
    @routes.problems()
    @routes.response(200)
    def vocabulary() -> Response:
        """Read the vocabulary, in the shape of its YAML."""
        words = window().vocabulary
        answer = json_answer({"vocabulary": words.to_dict(), "yaml": words.to_yaml()})
        answer.headers["ETag"] = f'"{digest(words)}"'
        return answer

    @routes.route("/vocabulary/plan", methods=["POST"])
    @routes.problems()
    @routes.arguments(schemas.VocabularyText)
    @routes.response(200, schemas.Planned)
    def plan(given: dict[str, Any]) -> Response:
        """Say what a vocabulary would change, and which data breaks it; nothing is done."""
        graph = window().whole("designer")
        return json_answer(plan_json(graph.plan(Vocabulary.from_text(given["yaml"]))))

    @routes.route("/vocabulary", methods=["PUT"])
    @routes.problems(writes=True)
    @routes.versioned()
    @routes.arguments(schemas.VocabularyChange)
    @routes.response(200, schemas.Planned)
    def apply(given: dict[str, Any]) -> Response:
        """Change the vocabulary; If-Match names the one that was read."""
        graph = window().whole("designer")
        if not request.if_match:
            raise PreconditionMissing("say which vocabulary this changes", hint="send If-Match with its ETag")
        if not request.if_match.contains(digest(graph.vocabulary)):
            raise PreconditionFailed("the vocabulary was changed since it was read", hint="read it again")
        found = graph.plan(Vocabulary.from_text(given["yaml"]))
        carry_out(graph, found, site().accounts, policy=given["policy"])
        return json_answer(plan_json(found))

    @routes.route("/history", methods=["GET"])
    @routes.problems()
    @routes.arguments(schemas.HistoryQuery, location="query")
    @routes.response(200, schemas.Changes)
    def history(query: dict[str, Any]) -> Response:
        """List changes, oldest first."""
        place = place_of(query.get("cursor"), 2)
        if place is not None and not all(one.isdecimal() and len(one) < 19 for one in place):
            raise BadRequest("this cursor is not one that this list gave", hint="take it from `next`, unchanged")
        # a place is a transaction and how many of its changes were told
        number, told = (int(place[0]), int(place[1])) if place else (0, 0)
        after: str | int | None = reference_of(query.get("after"))
        if place:
            after = number - 1 if number > 1 else None
        options = {one: query[one] for one in ("actor", "batch") if one in query}
        found = window().changes(after=after, limit=told + query["limit"] + 1, **options)
        items = list(islice(found, told, None))
        more = len(items) > query["limit"]
        items = items[: query["limit"]]
        following = None
        if more:
            last = items[-1].event.number
            same = sum(one.event.number == last for one in items)
            following = cursor_of(str(last), str(same + (told if last == number else 0)))
        return json_answer({"items": [change_json(one) for one in items], "next": following})

    @routes.route("/undo", methods=["POST"])
    @routes.problems(writes=True)
    @routes.arguments(schemas.Undoing)
    @routes.response(200)
    def undo(given: dict[str, Any]) -> Response:
        """Take back a transaction, or a batch such as an import, as a transaction of its own."""
        made = window().undo(given["transaction"], reason=given.get("reason"))
        return json_answer({"transaction": made})

    @routes.route("/imports", methods=["POST"])
    @routes.problems(writes=True)
    @routes.response(200)
    @routes.doc(
        requestBody={
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["mapping"],
                        "properties": {
                            "mapping": {"type": "string", "format": "binary", "description": "A mapping file (YAML)."},
                            "data": {
                                "type": "array",
                                "items": {"type": "string", "format": "binary"},
                                "description": "The files it names.",
                            },
                            "dry_run": {"type": "string", "enum": ["yes", "no"]},
                        },
                    }
                }
            },
        }
    )
    def imports() -> Response:
        """Import files by a mapping; ``dry_run`` does everything but keep it."""
        graph = window().whole("editor")
        report = run_upload(graph, request.files, dry_run=request.form.get("dry_run") == "yes")
        site().accounts.record(window().user.name, "import", batch=report.get("batch"))
        return json_answer(report)

    return routes
