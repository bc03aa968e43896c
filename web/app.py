"""The application factory, and the blueprint that mounts the same in someone else's application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from os import PathLike
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask.blueprints import BlueprintSetupState
from relgraph_web import answers, jsonable, pages, render, words
from relgraph_web.accounts import Accounts, accounts_beside
from relgraph_web.api import mount_api
from relgraph_web.references import ReferenceConverter
from relgraph_web.settings import Settings
from relgraph_web.site import Site, check_form, finish, form_token, site, visitor
from relgraph_web.users import User
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

import relgraph
from relgraph import Graph, RelgraphError


def create_app(
    graph: Graph | str | PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    accounts: Accounts | None = None,
    **config: Any,
) -> Flask:
    """Return an application that serves a network, or the one at a location; ``config`` are keys of Settings.

    Without settings they are read from the file and the environment (see :meth:`Settings.read`). Raises any
    StoreError where the network cannot be opened, LoadError for settings that cannot be.
    """
    settings = (settings or Settings.read()).with_values(config, "the call")
    location = graph if graph is not None else settings.graph
    held = location if isinstance(location, Graph) else relgraph.open(location)
    app = Flask("relgraph_web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.upload
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.body
    app.config["MAX_FORM_PARTS"] = 2000
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=settings.session)
    blueprint = create_blueprint(held, settings=settings, accounts=accounts)
    app.register_blueprint(blueprint)
    here: Site = app.extensions["relgraph"][blueprint.name]
    app.context_processor(_words)

    def enter() -> None:
        g.setdefault("site", here)

    def outside(error: Exception) -> Response:
        enter()
        return finish(answers.failure(error))

    # addresses that no route has belong to the application, not to the blueprint
    app.register_error_handler(HTTPException, outside)
    app.register_error_handler(Exception, outside)
    return app


def create_blueprint(
    graph: Graph,
    *,
    name: str = "relgraph",
    settings: Settings | None = None,
    accounts: Accounts | None = None,
    identify: Callable[[], User | None] | None = None,
) -> Blueprint:
    """Return everything as a blueprint: pages, and the REST API under ``api/v1``; give it a prefix when registering.

    ``accounts`` is made beside the network's file unless given. ``identify`` says who is asking in an application
    that has users of its own: it returns a :class:`User` of the accounts, or None.
    """
    settings = settings or Settings.read()
    accounts = accounts or Accounts(settings.accounts or accounts_beside(graph.name))
    here = Site(name, graph, accounts, settings, identify)
    blueprint = Blueprint(
        name, __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )

    def prepare(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["reference"] = ReferenceConverter
        state.app.extensions.setdefault("relgraph", {})[name] = here
        mount_api(state.app, here, f"{state.url_prefix or ''}/api/v1")

    blueprint.record_once(prepare)
    attach(blueprint, here)
    blueprint.context_processor(_words)
    pages.register(blueprint)
    return blueprint


def attach(blueprint: Blueprint, here: Site) -> None:
    """Make a blueprint one of a site: it knows the site, checks forms, answers errors and sets the headers."""

    def enter() -> None:
        g.site = here
        if request.content_length and request.mimetype != "multipart/form-data":
            request.max_content_length = here.settings.body
        check_form()

    blueprint.before_request(enter)
    blueprint.after_request(finish)
    blueprint.register_error_handler(RelgraphError, answers.failure)
    blueprint.register_error_handler(HTTPException, answers.failure)
    blueprint.register_error_handler(Exception, answers.failure)


def _words() -> dict[str, Any]:
    """Return what every template may use."""
    here = site()
    return {
        "kind_hint": words.kind_hint,
        "shown_plain": words.shown_plain,
        "tags_for": words.tags_for,
        "dated": words.dated,
        "rules_of": words.rules_of,
        "fields_of": words.fields_of,
        "day_of": words.day_of,
        "minute_of": words.minute_of,
        "url": here.url,
        "static": lambda file: here.url("static", filename=file, as_of=None, v=relgraph.__version__),
        "form_token": form_token,
        "visitor": visitor(),
        "styles": LocalProxy(here.styles),  # an error page must not ask the network
        "dot": lambda name: here.styles().type(name).dot(),
        "shown": jsonable.shown,
        "beside": render.beside,
        "with_query": render.with_query,
        "as_of": render.day_shown("as_of"),
    }
