from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from relgraph_web import Accounts, Settings, create_app
from werkzeug.test import TestResponse

import relgraph
from tests.conformance.conftest import WANTED
from tests.servers import neo4j as servers
from tests.web import browser
from tests.web.market import load

PASSWORD = "a long enough password"  # noqa: S105 - of users that live as long as a test


class Visitor:
    """Somebody at the site: a client with the token that its forms carry."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    @property
    def token(self) -> str:
        text = self.client.get("/account").text
        if 'name="form-token" content="' not in text:
            text = self.client.get("/login").text
        return text.split('name="form-token" content="')[1].split('"')[0]

    def send(self, path: str, **values: Any) -> TestResponse:
        return self.client.post(path, data={"form_token": self.token, **values})

    def json(self, path: str, body: Any, *, method: str = "POST", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, json=body, headers={"X-Form-Token": self.token, **named})

    def over(self, job: str) -> Any:
        """Return what is told of a job when it has ended, however long that takes."""
        while (told := self.get(job + ".json").json) and told["state"] == "running":
            time.sleep(0.05)
        return told

    def log_in(self, name: str) -> TestResponse:
        return self.send("/login", name=name, password=PASSWORD)


@dataclass
class Place:
    """A site over the example market with one user of each role, and one from whom much is hidden."""

    graph: relgraph.Graph
    accounts: Accounts
    app: Any
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, name: str | None = None) -> Visitor:
        """Return somebody who is logged in; once a site, since checking a password is slow on purpose."""
        if name is None:
            return Visitor(self.app.test_client())
        if name not in self.visitors:
            found = self.visitors[name] = Visitor(self.app.test_client())
            assert found.log_in(name).status_code == 303
        return self.visitors[name]

    def id(self, name: str) -> str:
        return self.graph.entity(name).id


HIDDEN = frozenset({"Person", "supplies"})


def make(graph: relgraph.Graph, **settings: Any) -> Place:
    accounts = Accounts(":memory:")
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    for role in ("reader", "editor", "designer", "admin"):
        accounts.add(role, role, password=PASSWORD)
    accounts.change(accounts.add("limited", "editor", password=PASSWORD), hidden=HIDDEN)
    accounts.change(accounts.add("careful", "editor", password=PASSWORD), locked=frozenset({"owns", "Software"}))
    return Place(graph, accounts, create_app(graph, accounts=accounts, settings=Settings(**settings)))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example market in a file, loaded once."""
    path = tmp_path_factory.mktemp("market") / "market.db"
    load(path).close()
    return path


SERVED = f"neo4j {servers.LONG_TERM}"
STORES = [pytest.param("file", id="file")] if "file" in WANTED else []
if servers.LONG_TERM in servers.versions() and "neo4j" in WANTED:
    STORES.append(pytest.param(SERVED, id=SERVED, marks=pytest.mark.xdist_group(SERVED)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that says so over both stores."""
    if getattr(metafunc.module, "BOTH_STORES", False) and "store" in metafunc.fixturenames:
        metafunc.parametrize("store", STORES, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """The store behind the site: a file, where the module does not ask for both."""
    return str(getattr(request, "param", "file"))


@pytest.fixture(scope="session")
def filed(loaded: Path) -> Iterator[Place]:
    """A site over the file, which tests only read."""
    with relgraph.open(loaded) as graph:
        yield make(graph)


class Served:
    """The example market on a server: copied there again when something else is there by now."""

    def __init__(self, running: Callable[[str], servers.Server], loaded: Path) -> None:
        self._running = running
        self._loaded = loaded
        self._graph: relgraph.Graph | None = None
        self._state: object = None
        self._place: Place | None = None

    def graph(self) -> relgraph.Graph:
        """Return the market as it was loaded."""
        if self._graph is None or self._now(self._graph) != self._state:
            self.close()
            server = self._running(servers.LONG_TERM)
            servers.erase(server)
            with relgraph.open(self._loaded) as filed, relgraph.open(server.uri, auth=server.auth) as copied:
                relgraph.copy(filed, copied)
            self._graph, self._place = relgraph.open(server.uri, auth=server.auth), None
            self._state = self._now(self._graph)
        return self._graph

    def place(self) -> Place:
        """Return the site that tests only read."""
        graph = self.graph()
        if self._place is None:
            self._place = make(graph)
        return self._place

    def close(self) -> None:
        """Close the network."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def _now(self, graph: relgraph.Graph) -> object:
        return [one.id for one in graph.transactions(limit=1)], graph.vocabulary


@pytest.fixture(scope="session")
def served(neo4j_servers: Callable[[str], servers.Server], loaded: Path) -> Iterator[Served]:
    found = Served(neo4j_servers, loaded)
    yield found
    found.close()


@pytest.fixture
def market(store: str, request: pytest.FixtureRequest) -> Place:
    """A site that tests only read."""
    if store == "file":
        filed: Place = request.getfixturevalue("filed")
        return filed
    served: Served = request.getfixturevalue("served")
    return served.place()


@pytest.fixture
def fresh(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Makes sites that a test may change."""
    opened: list[relgraph.Graph] = []

    def build(**settings: Any) -> Place:
        if store != "file":
            served: Served = request.getfixturevalue("served")
            return make(served.graph(), **settings)
        path = tmp_path / f"copy{len(opened)}.db"
        shutil.copy(request.getfixturevalue("loaded"), path)
        graph = relgraph.open(path)
        opened.append(graph)
        return make(graph, **settings)

    yield build
    for graph in opened:
        graph.close()


Site = tuple[str, relgraph.Graph, Browser]


@pytest.fixture(scope="module")
def site(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The address of a served copy of the market, its network, and a browser: for the tests of one module."""
    path = shutil.copy(loaded, tmp_path_factory.mktemp("site") / "market.db")
    with relgraph.open(path) as graph, browser.served(graph) as address, browser.chromium() as chromium:
        yield address, graph, chromium


@pytest.fixture
def window() -> dict[str, Any]:
    """Options of the window that `page` is looked at in, where the module has none of its own."""
    return {}


@pytest.fixture
def silent() -> bool:
    """Whether nothing may be said on the console, where the module does not say otherwise."""
    return True


@pytest.fixture
def page(site: Site, window: dict[str, Any], *, silent: bool) -> Iterator[Page]:
    """A page of the admin at that address, on which no script may fail."""
    address, _, chromium = site
    context = browser.looking(chromium, **window)
    page = context.new_page()
    said: list[str] = []
    if silent:
        page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    browser.log_in(page, address)
    yield page
    context.close()
    assert not said, said
