"""Mounting the API in an application: its routes, its description, and how it answers errors."""

from __future__ import annotations

from typing import Any

import flask_smorest  # type: ignore[import-untyped]
from flask import g
from flask.sansio.app import App
from relgraph_web import app as application
from relgraph_web.api import asking, entities, relations, whole
from relgraph_web.api.schemas import Problem
from relgraph_web.references import ReferenceConverter
from relgraph_web.site import Site, current_user

from relgraph import __version__


class _Api(flask_smorest.Api):  # type: ignore[misc]  # the library has no types
    """An API whose errors are answered by its blueprints, so that the application it is in keeps its own."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Register none with the application."""


def mount_api(app: App, here: Site, prefix: str) -> None:
    """Register the API under a prefix, with its OpenAPI document at ``openapi.json`` there."""
    key = f"RELGRAPH_{here.name.upper()}_"
    app.config.update(
        {
            f"{key}API_TITLE": "relgraph",
            f"{key}API_VERSION": "v1",
            f"{key}OPENAPI_VERSION": "3.1.0",
        }
    )
    api = _Api(
        config_prefix=key,
        spec_kwargs={
            "info": {
                "description": "The network of relations around a company: read, written and asked.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                "x-relgraph": __version__,
            }
        },
    )
    api.init_app(app)
    app.extensions.setdefault("relgraph_api", {})[here.name] = api
    api.register_converter(ReferenceConverter, lambda _: {"type": "string", "minLength": 1})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "relgraph_session", "description": "with X-Form-Token"}
    )
    api.spec.options["security"] = [{"token": []}, {"session": []}]
    for make in (entities.blueprint, relations.blueprint, asking.blueprint, whole.blueprint):
        blueprint = make(f"{here.name}_api")
        application.attach(blueprint, here)
        blueprint.before_request(_enter)
        api.register_blueprint(blueprint, url_prefix=prefix + (blueprint.url_prefix or ""))


def _enter() -> Any:
    g.is_api = True
    current_user()


__all__ = ["mount_api"]
