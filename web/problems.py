"""What went wrong, told as a page or as a problem document (RFC 9457) with the library's own codes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from relgraph_web.access import Forbidden
from relgraph_web.users import TooManyAttempts
from werkzeug.exceptions import HTTPException

import relgraph
from relgraph import RelgraphError


class NotLoggedIn(RelgraphError):
    """Nobody is known to be asking."""

    code = "not-logged-in"


class StaleForm(RelgraphError):
    """A form that was not made for this visit."""

    code = "stale-form"


class PreconditionMissing(RelgraphError):
    """A write that does not say which version it was made for."""

    code = "precondition-required"


class PreconditionFailed(RelgraphError):
    """A write that was made for a version that is no longer the last."""

    code = "precondition-failed"


class BadRequest(RelgraphError):
    """A request that says too little, or what cannot be."""

    code = "bad-request"


STATUS: Final[tuple[tuple[type[RelgraphError], int], ...]] = (
    (NotLoggedIn, 401),
    (Forbidden, 403),
    (StaleForm, 403),
    (BadRequest, 400),
    (PreconditionMissing, 428),
    (PreconditionFailed, 412),
    (TooManyAttempts, 429),
    (relgraph.NotFound, 404),
    (relgraph.ConflictError, 409),
    (relgraph.UndoError, 409),
    (relgraph.AmbiguousName, 422),
    (relgraph.RuleError, 422),
    (relgraph.QueryTimeout, 503),
    (relgraph.QueryError, 422),
    (relgraph.ValueProblem, 422),
    (relgraph.VocabularyError, 422),
    (relgraph.LoadError, 422),
    (relgraph.Cancelled, 409),
    (relgraph.CapabilityError, 501),
    (relgraph.ReadOnlyError, 403),
    (relgraph.StoreFull, 507),
    (relgraph.StoreError, 503),
)

_HINTS: Final = {
    404: "the address may be mistyped, or what it named is gone",
    405: "the address is right, but not for this method",
    413: "send less at once, or ask an admin to raise the limit",
    415: "say what the body is with Content-Type",
    500: "it is written in the server's log; try again, and tell an admin if it stays",
}


def status_of(error: RelgraphError) -> int:
    """Return the HTTP status for an error of the library."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def title_of(status: int) -> str:
    """Return the words of a status."""
    return HTTPStatus(status).phrase


def document(error: Exception) -> dict[str, Any]:
    """Return an error as a problem document: type, title, status, detail, code, hint, candidates, details."""
    if isinstance(error, RelgraphError):
        status = status_of(error)
        told = error.to_dict()
        return {
            "type": f"urn:relgraph:problem:{error.code}",
            "title": title_of(status),
            "status": status,
            "detail": told["message"],
            "code": told["code"],
            "hint": told["hint"],
            "candidates": told["candidates"],
            "details": told["details"],
        }
    status = (error.code or 500) if isinstance(error, HTTPException) else 500
    detail = (error.description if isinstance(error, HTTPException) else None) or title_of(status)
    found: dict[str, Any] = {
        "type": f"urn:relgraph:problem:http-{status}",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": f"http-{status}",
        "hint": _HINTS.get(status),
        "candidates": [],
        "details": {},
    }
    data = getattr(error, "data", None)
    if isinstance(data, dict) and "messages" in data:
        # what the schema of a request found, by place and field
        found["code"] = "request-invalid"
        found["type"] = "urn:relgraph:problem:request-invalid"
        found["detail"] = "the request does not fit what this address takes"
        found["hint"] = "see details, and the description of the API"
        found["details"] = {"errors": data["messages"]}
    return found
