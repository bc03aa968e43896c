"""A watched question: what came into its answer and what went out of it since it was looked at."""

from __future__ import annotations

from flask import Blueprint
from relgraph_web.alerts import KIND, news, watch
from relgraph_web.jsonable import value_json
from relgraph_web.pages.cells import cell
from relgraph_web.problems import BadRequest, document
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import current_user, site, window
from relgraph_web.users import Saved
from werkzeug.wrappers import Response as BaseResponse

from relgraph import NotFound


def register(blueprint: Blueprint) -> None:
    """Register the page and what its forms send."""
    page(blueprint, "/alert/<alert_id>", endpoint="alert")(alert)
    blueprint.add_url_rule("/alert/<alert_id>", "alert_act", act, methods=["POST"])


def _kept(alert_id: str) -> Saved:
    found = site().accounts.saved(current_user(), alert_id)
    if found.kind != KIND:
        raise NotFound("there is no watched question under this address")
    return found


def alert(alert_id: str) -> Page:
    """Show what is new and what is gone."""
    here, kept = window(), _kept(alert_id)
    told = news(here, site().settings, kept.document)
    problem = None if told.error is None else document(told.error)
    return Page(
        "relgraph/alert.html",
        {
            "kept": kept,
            "told": told,
            "new": [[cell(one) for one in row] for row in told.new],
            "parameters": {f"p.{name}": value for name, value in kept.document["parameters"].items()},
            "problem": problem,
        },
        problem
        or {
            "name": kept.name,
            "since": kept.document["at"],
            "columns": list(told.columns),
            "new": [[value_json(one) for one in row] for row in told.new],
            "gone": [list(row) for row in told.gone],
            "truncated": told.truncated,
        },
        status=200 if problem is None else int(problem["status"]),
    )


def act(alert_id: str) -> BaseResponse:
    """Take what is there now as seen, or watch no longer."""
    here, kept = window(), _kept(alert_id)
    match text_of("action"):
        case "seen":
            now = watch(here, site().settings, kept.document["text"], kept.document["parameters"])
            site().accounts.save(here.user, KIND, kept.name, now, saved_id=kept.id)
        case "forget":
            site().accounts.drop_saved(here.user, kept.id)
        case other:
            raise BadRequest(f"a watched question is seen or forgotten, not {other!r}")
    return back("home", as_of=None)
