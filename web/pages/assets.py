"""What is served beside the pages: signs of types for the canvas, and the description of the API."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from relgraph_web.render import json_answer
from relgraph_web.site import current_user, site, window
from werkzeug.wrappers import Response as BaseResponse


def register(blueprint: Blueprint) -> None:
    """Register them."""
    blueprint.add_url_rule("/glyph/<reference:name>.svg", "glyph", glyph)
    blueprint.add_url_rule("/api/v1/openapi.json", "api_document", api_document)


def glyph(name: str) -> BaseResponse:
    """Return the sign of a type as a picture for the canvas."""
    current_user()
    style = site().styles().type(name if name in window().vocabulary.types else "")
    answer = Response(style.glyph(dark=request.args.get("dark") == "1"), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def api_document() -> BaseResponse:
    """Return the OpenAPI document of the REST API."""
    current_user()
    api = current_app.extensions["relgraph_api"][site().name]
    return json_answer(api.spec.to_dict())
