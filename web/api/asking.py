"""Questions: asked, explained, completed; and search by name."""

from __future__ import annotations

from typing import Any

from flask import Response
from relgraph_web import questions
from relgraph_web.api import schemas
from relgraph_web.api.common import Routes
from relgraph_web.jsonable import entity_json, value_json
from relgraph_web.render import json_answer
from relgraph_web.site import site, window


def blueprint(name: str) -> Routes:
    """Return the routes that answer."""
    routes = Routes(f"{name}_asking", __name__, description="Questions and search")

    @routes.route("/query", methods=["POST"])
    @routes.problems()
    @routes.arguments(schemas.Question)
    @routes.response(200, schemas.Answer)
    def query(given: dict[str, Any]) -> Response:
        """Ask a question; its rows are capped, and the answer says where it was cut."""
        here = _moved(given)
        asked = questions.ask(here, site().settings, given["text"], given["parameters"], limit=given.get("limit"))
        return json_answer(
            {
                "columns": list(asked.result.columns),
                "rows": [[value_json(cell) for cell in row] for row in asked.result],
                "truncated": asked.result.truncated,
                "notes": list(asked.result.notes),
                "milliseconds": round(asked.milliseconds, 3),
            }
        )

    @routes.route("/explain", methods=["POST"])
    @routes.problems(501)
    @routes.arguments(schemas.Question)
    @routes.response(200, schemas.Explained)
    def explain(given: dict[str, Any]) -> Response:
        """Say what a question means and how it is answered."""
        here, text = _moved(given), given["text"]
        told = questions.explain(here, text)
        parameters = [
            {"name": name, "choices": [{"value": one, "words": words} for one, words in found.items()]}
            for name, found in questions.parameters(here, text).items()
        ]
        return json_answer({"text": told, "parameters": parameters})

    @routes.route("/complete", methods=["POST"])
    @routes.problems()
    @routes.arguments(schemas.Cursor)
    @routes.response(200, schemas.Completions)
    def complete(given: dict[str, Any]) -> Response:
        """List what may be written next at a place of a question."""
        return json_answer({"items": questions.complete(window(), given["text"], given["cursor"])})

    @routes.route("/check", methods=["POST"])
    @routes.problems()
    @routes.arguments(schemas.Written)
    @routes.response(200, schemas.Completions)
    def check(given: dict[str, Any]) -> Response:
        """List what is wrong with a question, without asking it."""
        return json_answer({"items": questions.mistakes(window(), given["text"])})

    @routes.route("/search", methods=["GET"])
    @routes.problems()
    @routes.arguments(schemas.SearchQuery, location="query")
    @routes.response(200, schemas.EntityPage)
    def search(query: dict[str, Any]) -> Response:
        """Find entities by words or beginnings of words, the best first."""
        found = window().view.search(query["q"], types=query["types"], limit=query["limit"])
        return json_answer({"items": [entity_json(one) for one in found], "next": None})

    return routes


def _moved(given: dict[str, Any]) -> Any:
    here = window()
    if given.get("known_at") or given.get("as_of"):
        return here.moved(as_of=given.get("as_of"), known_at=given.get("known_at"))
    return here
