"""What the routes of the API share: cursors, versions, and the description of errors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from flask import Response, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import RAISE
from relgraph_web.problems import BadRequest, PreconditionFailed, PreconditionMissing
from relgraph_web.render import json_answer
from relgraph_web.site import window

from relgraph import Entity, Relation

View = TypeVar("View", bound=Callable[..., Any])


def cursor_of(*parts: str) -> str:
    """Return a place in a list as text that says nothing to the reader."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def place_of(cursor: str | None, length: int) -> tuple[str, ...] | None:
    """Return the place that a cursor names; BadRequest for one that this list did not give."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != length or not all(isinstance(one, str) for one in parts):
        raise BadRequest("this cursor is not one that this list gave", hint="take it from `next`, unchanged")
    return tuple(parts)


def reference_of(text: str | None) -> str | int | None:
    """Return what names a transaction: its number where it is one, else its id."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 19 else text


def etag(thing: Entity | Relation) -> str:
    """Return the ETag of a version."""
    return f'"{thing.version}"'


def tagged(thing: Entity | Relation, data: Any, *, status: int = 200) -> Response:
    """Return a thing with its ETag; nothing but that where the one who asks has this version."""
    if status == 200 and request.method == "GET" and etag(thing).strip('"') in request.if_none_match:
        answer = Response(status=304)
    else:
        answer = json_answer(data, status=status)
    answer.headers["ETag"] = etag(thing)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def need_version(thing: Entity | Relation) -> None:
    """Raise unless the one who asks may write, and the request was made for the version that a thing has now."""
    window().need("editor")
    if not request.if_match:
        raise PreconditionMissing(
            "a write says which version it was made for", hint=f"send If-Match with the ETag, now {etag(thing)}"
        )
    if not request.if_match.contains(etag(thing).strip('"')):
        raise PreconditionFailed(
            f"{thing} was changed since it was read",
            hint="read it again, look at what changed, and send the write with the new ETag",
            details={"etag": etag(thing)},
        )


class Routes(Blueprint):  # type: ignore[misc]  # the library has no types
    """A blueprint of the API whose decorators keep the types of what they decorate."""

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Register a route."""
        return cast("Callable[[View], View]", super().route(rule, **options))

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """Check what a request brings by a schema."""
        # unknown names are mistakes in an address, too
        options.setdefault("unknown", RAISE)
        return cast("Callable[[View], View]", super().arguments(schema, **options))

    def response(self, status: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        """Describe what a route answers; its views make the answers themselves."""
        return cast("Callable[[View], View]", super().response(status, schema, **options))

    def doc(self, **options: Any) -> Callable[[View], View]:
        """Describe a route further."""
        return cast("Callable[[View], View]", super().doc(**options))

    def problems(self, *statuses: int, writes: bool = False) -> Callable[[View], View]:
        """Describe which problems a route may answer with, besides those every route has."""
        ours = {400, 401, 403, 404, 422, 429, 500, 503} | ({409, 413, 507} if writes else set())

        def describe(view: View) -> View:
            for status in sorted(ours.union(statuses)):
                view = self.alt_response(
                    status, schema="Problem", content_type="application/problem+json", success=False
                )(view)
            return view

        return describe

    def versioned(self) -> Callable[[View], View]:
        """Describe a write that has to name the version it was made for."""

        def describe(view: View) -> View:
            named = self.doc(parameters=[_IF_MATCH])(view)
            for status in (412, 428):
                named = self.alt_response(
                    status, schema="Problem", content_type="application/problem+json", success=False
                )(named)
            return named

        return describe

    def unchanged(self) -> Callable[[View], View]:
        """Describe a reading that answers nothing where the one who asks has the version that is there."""

        def describe(view: View) -> View:
            named = self.doc(parameters=[_IF_NONE_MATCH])(view)
            return cast(
                "View", self.alt_response(304, description="The version that is there is the one named.")(named)
            )

        return describe


_IF_MATCH: Final = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the version this was made for; 428 without it, 412 where another is there by now.",
}
_IF_NONE_MATCH: Final = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the version that the one who asks has.",
}
TAGGED: Final = {"ETag": {"schema": {"type": "string"}, "description": "Of the version; a write names it."}}
"""The headers of an answer that carries a version."""
