"""Errors as answers: a page for people, a problem document for programs."""

from __future__ import annotations

from typing import cast

from flask import Response, g, redirect, render_template, request
from relgraph_web import jsonable
from relgraph_web.problems import NotLoggedIn, document
from relgraph_web.site import log_error, site
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from relgraph import RelgraphError


def failure(error: Exception) -> Response:
    """Return the answer to an error; one that is ours is logged and told without its particulars."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return _as_flask(error.get_response())
    if isinstance(error, SecurityError):
        # no address of ours can be made for a name that is not ours
        return Response("This site is not served under that name.", 400, mimetype="text/plain")
    told = document(error)
    if told["status"] >= 500 and not isinstance(error, (RelgraphError, HTTPException)):
        log_error(error)
    if isinstance(error, RequestEntityTooLarge):
        told["detail"] = f"at most {_size()} may be sent at once"
    if wants_page():
        if isinstance(error, NotLoggedIn) and request.method == "GET":
            target = request.full_path.rstrip("?")
            return _as_flask(redirect(site().url("login", next=target, as_of=None), 303))
        answer = Response(_page(told), told["status"], mimetype="text/html")
    else:
        answer = Response(jsonable.dumps(told), told["status"], mimetype="application/problem+json")
    if isinstance(error, HTTPException) and error.code == 405:
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            answer.headers["Allow"] = ", ".join(sorted(allowed))
    match told["status"]:
        case 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="relgraph"'
        case 429:
            answer.headers["Retry-After"] = str(site().settings.attempts_window)
        case 503:
            answer.headers["Retry-After"] = "5"
        case _:
            pass
    return answer


def wants_page() -> bool:
    """Return whether a person is asking: not the API, not a .json or .csv, and not a script of ours."""
    if getattr(g, "is_api", False) or "/api/v1/" in request.path:
        return False
    form = (request.view_args or {}).get("form", "html")
    if form != "html" or request.path.endswith((".json", ".csv", ".svg", ".graphml")):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best in {None, "text/html"}


def _page(told: dict[str, object]) -> str:
    # an error page needs no login, so it asks nothing of the network
    return render_template("relgraph/error.html", problem=told)


def _size() -> str:
    settings = site().settings
    most = settings.upload if request.mimetype == "multipart/form-data" else settings.body
    return f"{most / 1024 / 1024:.3g} MB"


def _as_flask(answer: object) -> Response:
    return cast("Response", Response.force_type(answer))  # type: ignore[arg-type]  # any answer of werkzeug is one
