"""What the routes of one mounted site share, and who is asking."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Response, current_app, g, request, url_for
from relgraph_web.access import Window
from relgraph_web.accounts import Accounts
from relgraph_web.alerts import Alerts
from relgraph_web.counting import last_number
from relgraph_web.pictures.style import Styles
from relgraph_web.problems import NotLoggedIn, StaleForm
from relgraph_web.projection import Projections
from relgraph_web.settings import Settings
from relgraph_web.users import User
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Finding, Graph

SESSION_COOKIE: Final = "relgraph_session"
FORM_COOKIE: Final = "relgraph_form"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Site:
    """One network with its accounts, mounted under one name.

    ``identify`` lets an application that has users of its own say who is asking; it returns a user of ``accounts``,
    or None for nobody.
    """

    name: str
    graph: Graph
    accounts: Accounts
    settings: Settings
    identify: Callable[[], User | None] | None = None
    projections: Projections = field(init=False)
    alerts: Alerts = field(init=False)
    _styles: tuple[object, Styles] | None = field(init=False, default=None)
    _findings: tuple[object, list[Finding]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.projections = Projections(self.graph)
        self.alerts = Alerts(self.accounts, self.settings)

    def styles(self) -> Styles:
        """Return how the types and predicates of the vocabulary are drawn."""
        words = self.graph.vocabulary
        if self._styles is None or self._styles[0] is not words:
            self._styles = words, Styles(words, self.settings.language)
        return self._styles[1]

    def findings(self, graph: Graph) -> list[Finding]:
        """Return what a check of the network finds, looked for anew when it has changed or the day has."""
        state = self.state()
        if self._findings is None or self._findings[0] != state:
            self._findings = state, graph.check()
        return self._findings[1]

    def known_findings(self) -> int | None:
        """Return how many findings the last check had, None where the network has changed since."""
        held = self._findings
        return len(held[1]) if held is not None and held[0] == self.state() else None

    def state(self) -> object:
        """Return what answers depend on: the last transaction, and the day."""
        return last_number(self.graph), self.graph.day

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the address of one of this site's pages; the as-of date of this page goes along."""
        if "as_of" not in values and getattr(g, "as_of", None):
            values["as_of"] = g.as_of
        return url_for(f"{self.name}.{endpoint}", **values)


def site() -> Site:
    """Return the site whose route is running."""
    return cast("Site", g.site)


def window() -> Window:
    """Return the network as the one who asks may see it, made once a request."""
    found = getattr(g, "window", None)
    if found is None:
        found = g.window = Window(
            site().graph,
            site().projections,
            current_user(),
            as_of=request.args.get("as_of") or None,
            known_at=request.args.get("known_at") or None,
        )
        g.as_of = found.as_of
    return cast("Window", found)


def current_user() -> User:
    """Return who is asking; raises NotLoggedIn where nobody is known to be."""
    user = visitor()
    if user is None:
        raise NotLoggedIn("you are not logged in", hint="log in, or send a token as Authorization: Bearer ...")
    return user


def visitor() -> User | None:
    """Return who is asking, or None."""
    if "visitor" not in g:
        g.visitor, g.by_token = _recognize()
    return cast("User | None", g.visitor)


def _recognize() -> tuple[User | None, bool]:
    here = site()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return here.accounts.holder(token.strip(), "token"), True
    if here.identify is not None:
        return here.identify(), False
    session = request.cookies.get(SESSION_COOKIE)
    return (here.accounts.holder(session, "session") if session else None), False


# -- forms that only this visit can send ------------------------------------------------------------------------------


def form_token() -> str:
    """Return what a form of this visit must carry; the visit's half of it is a cookie that scripts cannot read."""
    if "form_secret" not in g:
        g.form_secret = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    session = request.cookies.get(SESSION_COOKIE, "")
    return site().accounts.sign(f"form:{g.form_secret}:{session}")


def check_form() -> None:
    """Raise StaleForm for a write that did not come from a form or script of this visit."""
    if request.method in SAFE:
        return
    visitor()
    if g.by_token:
        # a token is not sent by a browser on its own
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and origin.split("://", 1)[-1] != request.host:
        raise StaleForm(f"this was sent from {origin}, not from here")
    given = request.headers.get("X-Form-Token") or (
        request.form.get("form_token", "") if request.mimetype != "application/json" else ""
    )
    if not request.cookies.get(FORM_COOKIE) or not hmac.compare_digest(given.encode(), form_token().encode()):
        raise StaleForm(
            "this form is from an earlier visit, and nothing was changed", hint="go back, load the page again, resend"
        )


def finish(response: Response) -> Response:
    """Put the headers on an answer that every answer of the site carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint and not request.endpoint.endswith((".static", ".glyph")):
        response.headers.setdefault("Cache-Control", "no-store")
    if "form_secret" in g and not request.cookies.get(FORM_COOKIE):
        set_cookie(response, FORM_COOKIE, g.form_secret)
    return response


def set_cookie(response: BaseResponse, name: str, value: str, *, hours: float | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        name,
        value,
        max_age=None if hours is None else int(hours * 3600),
        httponly=True,
        secure=site().settings.secure or request.is_secure,
        samesite="Lax",
        path=cookie_path(),
    )


def cookie_path() -> str:
    """Return the path under which the site is mounted: its cookies are sent nowhere else."""
    home = url_for(f"{site().name}.home")
    return home if home == "/" else home.rstrip("/") + "/"


def address() -> str:
    """Return where the request comes from, for the audit and the throttle."""
    return request.remote_addr or ""


def log_error(error: Exception) -> None:
    """Write an error that is ours to the log, with its trace."""
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
