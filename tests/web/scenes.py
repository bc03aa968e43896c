"""Every page of the site in each of its states, for tests that look at all of them with the eyes of a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from argon2 import PasswordHasher
from playwright.sync_api import FilePayload, Page
from relgraph_web import Accounts, Settings, create_app
from relgraph_web.site import SESSION_COOKIE

import relgraph
from tests.web.browser import listening

Doing = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """A page in a state: its address, who looks, the status it must come with, and what is done on it first.

    ``empty`` is a site whose network has nothing in it; ``{name}`` in the address is filled from the site.
    """

    path: str
    role: str | None = "admin"
    status: int = 200
    do: Doing | None = None
    empty: bool = False


def pressing(key: str, *, after: str = "html[data-ready='1']", until: str) -> Doing:
    """Return what presses a key, and waits for what it opens."""

    def do(page: Page) -> None:
        page.wait_for_selector(after)
        page.keyboard.press(key)
        page.wait_for_selector(until)

    return do


def typing(field: str, text: str, *, until: str) -> Doing:
    """Return what types into a field, and waits for what that shows."""

    def do(page: Page) -> None:
        page.locator(field).last.press_sequentially(text, delay=15)
        page.wait_for_selector(until)

    return do


def choosing(page: Page) -> None:
    page.wait_for_selector("html[data-ready='1']")
    page.keyboard.press("l")
    page.keyboard.press("Home")
    page.wait_for_selector("#details .card")


def expanding(page: Page) -> None:
    choosing(page)
    page.keyboard.press("e")
    page.wait_for_selector(".menu")


def opening(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def sending(button: str, status: int) -> Doing:
    """Return what sends a form as it stands; the answer must have a status."""

    def do(page: Page) -> None:
        opening(page)
        page.evaluate("document.querySelectorAll('[required]').forEach((one) => { one.required = false; })")
        with page.expect_navigation() as answer:
            page.locator(button).last.click()
        found = answer.value
        assert found is not None
        assert found.status == status

    return do


MAPPING = b"""mapping: list
source: list
inputs: {rows: {file: rows.csv}}
entities:
  - {from: rows, type: Company, key: "{id}", fields: {name: name, employees: size}}
"""


def importing(*, run: bool, rows: bytes = b"id,name,size\n1,Imported One,few\n2,Imported Two,8\n") -> Doing:
    """Return what sends files to the wizard and waits for the check, and for the run."""

    def do(page: Page) -> None:
        page.set_input_files("#mapping", FilePayload(name="list.yaml", mimeType="text/yaml", buffer=MAPPING))
        page.set_input_files("#data", FilePayload(name="rows.csv", mimeType="text/csv", buffer=rows))
        page.click("button:has-text('Check')")
        page.wait_for_selector("h2:has-text('What it would do'), .note.bad")
        if run:
            page.click("button:has-text('Import it')")
            page.wait_for_selector("h2:has-text('What it did')")

    return do


def listing(page: Page) -> None:
    """Send a list without a mapping."""
    rows = b"id,name,size,owner\n1,Imported One,few,ACME\n"
    page.set_input_files("#data", FilePayload(name="rows.csv", mimeType="text/csv", buffer=rows))
    page.click("button:has-text('Check')")
    page.wait_for_selector("#column-0")


ASKED = "/query?q=" + quote("find Company owned_by anything as holder show name, holder, holder.type order by name")
PATH = "/query?q=" + quote('find shortest path from "ACME" to "MySQL" via any{1..4}')
COUNTED = "/query?q=" + quote("find Company group by sector show sector, count() as n order by n desc")
SCENES: dict[str, Scene] = {
    "home": Scene("/"),
    "home of a reader": Scene("/", role="reader"),
    "home with suggestions": Scene("/", do=typing("#q", "acm", until=".pop:not([aria-busy]) li[role=option]")),
    "home of nothing": Scene("/", empty=True),
    "the keys": Scene("/", do=pressing("?", after="main", until="dialog[open]")),
    "search": Scene("/search?q=acme"),
    "search for nothing": Scene("/search?q=xyzzy"),
    "all entities": Scene("/entities"),
    "entities of a type": Scene("/entities?type=Company"),
    "entities of nothing": Scene("/entities", empty=True),
    "new entity": Scene("/entities/new"),
    "new entity of a type": Scene("/entities/new?type=Company"),
    "new entity refused": Scene("/entities/new?type=Company", do=sending("button.primary", 422)),
    "entity": Scene("/entity/{entity}", do=opening),
    "entity of a reader": Scene("/entity/{entity}", role="reader"),
    "entity on a day": Scene("/entity/{entity}?as_of=2008-03-01"),
    "entity of which nothing is known": Scene("/entity/{lonely}"),
    "entity with a relation to add": Scene(
        "/entity/{entity}?add=supplies", do=typing("#target", "usine", until=".pop:not([aria-busy]) li[role=option]")
    ),
    "entity with a relation refused": Scene("/entity/{entity}?add=supplies", do=sending("#add .primary", 400)),
    "entity with a relation to change": Scene("/entity/{entity}?edit={relation}"),
    "relations": Scene("/entity/{hub}/relations/employs"),
    "history": Scene("/entity/{entity}/history"),
    "explore": Scene("/explore?focus={hub}&n=40", do=choosing),
    "explore with a menu": Scene("/explore?focus={hub}&n=10", do=expanding),
    "explore to be saved": Scene("/explore?n=10", do=pressing("s", until=".menu")),
    "explore with a table": Scene("/explore?focus={hub}&n=10", do=pressing("t", until="#drawer tbody")),
    "explore with years": Scene("/explore?focus={hub}&n=10", do=pressing("y", until="#drawer .when")),
    "explore two dates": Scene("/explore?focus={hub}&n=20&compare=2009-01-01"),
    "explore a view": Scene("/explore?view={view}"),
    "explore nothing": Scene("/explore"),
    "two dates": Scene("/compare?with=2009-01-01&entity={hub}"),
    "two dates to choose": Scene("/compare"),
    "health": Scene("/health"),
    "health of nothing": Scene("/health", empty=True),
    "query": Scene("/query"),
    "query with completions": Scene(
        "/query", do=typing("#text", "find Comp", until="#pop:not([aria-busy]) li[role=option]")
    ),
    "query with a table": Scene(ASKED),
    "query with a path": Scene(PATH),
    "query as a network": Scene(ASKED + "&as=network"),
    "query as a chart": Scene(COUNTED + "&as=chart"),
    "query explained": Scene(ASKED + "&as=explain"),
    "query as code": Scene(ASKED + "&as=code"),
    "query with parameters": Scene("/query?q=" + quote("find Company owns $what")),
    "query that is wrong": Scene("/query?q=" + quote('find Compny owned_by "ACME"'), status=422),
    "query about what is not there": Scene("/query?q=" + quote('find Company owned_by "ACNE"'), status=422),
    "vocabulary": Scene("/vocabulary", do=opening),
    "designer": Scene("/vocabulary/predicate?name=owns", do=opening),
    "designer of a new one": Scene("/vocabulary/predicate"),
    "designer with a plan": Scene(
        "/vocabulary/predicate?name=owns", do=sending("button[name=action][value=check]", 200)
    ),
    "vocabulary as text": Scene("/vocabulary/text"),
    "import": Scene("/import"),
    "import without files": Scene("/import", do=sending("button:has-text('Check')", 422)),
    "import checked": Scene("/import", do=importing(run=False)),
    "import done": Scene("/import", do=importing(run=True)),
    "import that cannot be": Scene("/import", do=importing(run=False, rows=b"\xff\xfe\x00nothing")),
    "import of a list": Scene("/import", do=listing),
    "merge": Scene("/merge?keep={entity}&other={hub}"),
    "merge with one": Scene("/merge?keep={entity}"),
    "merge to choose": Scene("/merge"),
    "alert": Scene("/alert/{alert}"),
    "audit": Scene("/audit"),
    "audit of the site": Scene("/audit?of=site"),
    "transaction": Scene("/audit/{transaction}"),
    "users": Scene("/users", do=opening),
    "users with a link": Scene("/users", do=sending("button:has-text('Make a link')", 200)),
    "account": Scene("/account"),
    "account with a token": Scene("/account", do=sending("button:has-text('Make a token')", 200)),
    "login": Scene("/login", role=None),
    "login refused": Scene("/login", role=None, do=sending("button.primary", 401)),
    "welcome": Scene("/welcome/{link}", role=None),
    "welcome refused": Scene("/welcome/{link}", role=None, do=sending("button.primary", 422)),
    "an old link": Scene("/welcome/nope", role=None, status=404),
    "not there": Scene("/entity/nope", status=404),
    "no such address": Scene("/nowhere", status=404),
    "not allowed": Scene("/users", role="reader", status=403),
    "no day": Scene("/?as_of=soon", status=422),
    "no day to compare": Scene("/explore?n=3&compare=soon", status=400),
}


@dataclass(frozen=True)
class Stage:
    """Two served sites, one over the market and one over an empty network, and what addresses are filled with."""

    address: str
    empty: str
    app: Any
    names: dict[str, str]
    sessions: dict[str, str]

    def url(self, scene: Scene) -> str:
        """Return the address of a scene."""
        return (self.empty if scene.empty else self.address) + scene.path.format(**self.names)

    def session(self, name: str, address: str) -> Any:
        """Return the cookie of somebody who is logged in."""
        return {"name": SESSION_COOKIE, "value": self.sessions[name], "url": address, "httpOnly": True}


@contextmanager
def staged(loaded: Path, folder: Path) -> Iterator[Stage]:
    """Serve both sites with an admin and a reader."""
    path = shutil.copy(loaded, folder / "market.db")
    with relgraph.open(path) as graph, relgraph.open(vocabulary=graph.vocabulary) as nothing:
        accounts = Accounts(":memory:")
        accounts._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        admin, reader = (accounts.add(role, role, password="a long enough password") for role in ("admin", "reader"))  # noqa: S106
        entity = graph.entity("ACME")
        lonely = graph.add("Company", name="Company that nothing is known of, with a name that is longer than most")
        view = accounts.save(admin, "view", "All round ACME", {"ids": [entity.id], "focus": [entity.id]}, shared=True)
        accounts.save(admin, "question", "Whom do we buy from?", {"text": "find Company supplies us"}, shared=True)
        watched = {"text": "find Company show name", "parameters": {}, "columns": ["name"], "hidden": [], "at": 0}
        watched |= {"rows": {'["Gone since"]': ["Gone since"]}, "truncated": True}
        alert = accounts.save(admin, "alert", "Every company", watched)
        accounts.record("admin", "login", address="127.0.0.1")
        names = {
            "entity": entity.id,
            "lonely": lonely.id,
            "hub": graph.entity("Nordlicht Conseil").id,
            "relation": next(iter(graph.relations("owns", object=entity))).id,
            "transaction": graph.transactions(limit=1)[0].id,
            "view": view.id,
            "alert": alert.id,
            "link": accounts.give_secret(accounts.add("newcomer", "reader"), "link", hours=1),
        }
        app = create_app(graph, accounts=accounts, settings=Settings())
        sessions = {user.name: accounts.give_secret(user, "session", hours=1) for user in (admin, reader)}
        with (
            listening(app) as address,
            listening(create_app(nothing, accounts=accounts, settings=Settings())) as empty,
        ):
            yield Stage(address, empty, app, names, sessions)
