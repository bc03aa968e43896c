"""The pages: what the server takes for each, what each weighs, and when a browser first shows something useful."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import relgraph
from bench.measure import Size, by_turns
from bench.table import Table, milliseconds

HUB = 10_000
CANVAS = 2_000
_TIMES = 20
_PASSWORD = "only as long as this runs"  # noqa: S105 - of an account in memory
_WORDS = """
vocabulary: pages
types:
  Person: {fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Company: {fields: {name: {type: text, required: true}, sector: text}, caption: [name], search: [name]}
predicates:
  knows: {inverse: known_by, reading: knows, inverse_reading: is known by, subject: [Person], object: [Person]}
  owns:
    inverse: owned_by
    reading: owns
    inverse_reading: is owned by
    subject: [Person, Company]
    object: [Company]
    attributes: {share: percent}
"""
_QUESTION = "find Company owned_by anything as holder show name, holder order by name limit 50"


def network(folder: Path) -> relgraph.Graph:
    """Return a network in a file with a hub of ten thousand relations."""
    chance = random.Random(5)
    graph = relgraph.open(folder / "pages.db", vocabulary=relgraph.Vocabulary.from_text(_WORDS), actor="bench")
    people = [f"p{number}" for number in range(HUB)]
    companies = [f"c{number}" for number in range(1000)]
    graph.add("Person", id="hub", name="The hub")
    graph.add_many("Person", [{"id": one, "name": f"Person {chance.randrange(10**6)}"} for one in people])
    graph.add_many("Company", [{"id": one, "name": f"Company {chance.randrange(10**6)}"} for one in companies])
    graph.relate_many(
        "knows",
        [
            {"subject": "hub", "object": one, "since": f"20{chance.randrange(10, 25)}-03-01", "source": "list"}
            for one in people
        ],
    )
    # a neighborhood of its own: each of the first people knows a few of those before
    graph.relate_many(
        "knows",
        [
            {"subject": people[number], "object": people[other]}
            for number in range(1, 4000)
            for other in sorted({chance.randrange(number) for _ in range(2)})
        ],
    )
    graph.relate_many(
        "owns",
        [
            {"subject": chance.choice(people), "object": one, "share": f"{chance.randrange(1, 99)}%"}
            for one in companies
        ],
    )
    return graph


def addresses() -> dict[str, str]:
    """Return what is measured and where it is."""
    shown = "&".join(f"id=p{number}" for number in range(CANVAS))

    return {
        "home": "/",
        f"entity with {HUB:,} relations": "/entity/hub",
        "its next 50 relations": "/entity/hub/relations/knows",
        "entity with few relations": "/entity/c1",
        f"canvas data, {CANVAS:,} entities": f"/explore.json?{shown}",
        "canvas data, hub and 40 around": "/explore.json?focus=hub&n=40",
        "query": f"/query?q={quote(_QUESTION)}",
    }


def site(graph: relgraph.Graph) -> Any:
    """Return the application over a network, with one admin."""
    from relgraph_web import Accounts, Settings, create_app  # noqa: PLC0415 - the web is an extra

    accounts = Accounts(":memory:")
    accounts.add("ana", "admin", password=_PASSWORD)
    return create_app(graph, accounts=accounts, settings=Settings(canvas=CANVAS))


def tables(_: Size) -> Iterator[Table]:
    """Yield the tables; the network is the same at every size."""
    with tempfile.TemporaryDirectory() as folder, network(Path(folder)) as graph:
        app = site(graph)
        yield _server(app)
        yield _browser(app)


def _server(app: Any) -> Table:
    client = app.test_client()
    token = client.get("/login").text.split('name="form-token" content="')[1].split('"')[0]
    client.post("/login", data={"form_token": token, "name": "ana", "password": _PASSWORD})

    def got(path: str) -> Callable[[Any], int]:
        def get(_: Any) -> int:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path[:60]} answered {answer.status_code}")
            return len(answer.data)

        return get

    pages = {name: got(path) for name, path in addresses().items()}
    # the first time lays the canvas out and reads what is cached from then on
    first = by_turns(pages, [None], warm=0)
    times = by_turns(pages, range(_TIMES + 3))
    table = Table("On the server", ("page", "first", "median", "95th", "processor", "kB"))
    for name, work in pages.items():
        one = times[name]
        table.add(
            name,
            milliseconds(first[name].median),
            milliseconds(one.median),
            milliseconds(one.high),
            milliseconds(one.work),
            f"{work(None) / 1000:,.1f}",
        )
    table.note = "Milliseconds from request to answer, without a network between; the processor's own time beside it."
    return table


def _browser(app: Any) -> Table:
    table = Table(
        "In a browser",
        ("page", "kB, nothing cached", "of it scripts", "kB again", "first paint", "first useful picture"),
    )
    from tests.web.browser import chromium, listening  # noqa: PLC0415 - only this looks through a browser

    with listening(app) as address, chromium() as browser:
        for name, path, useful in (
            ("home", "/", "section.hero"),
            (f"entity with {HUB:,} relations", "/entity/hub", "details.grp table"),
            ("explore, hub and 40 around", "/explore?focus=hub&n=40", "html[data-ready='1'] #cy canvas"),
            ("query", "/query", "#text"),
        ):
            table.add(name, *_looked_at(browser, address, path, useful))
    table.note = "Milliseconds from opening the page, logged in, on the same machine as the server."
    return table


def _looked_at(browser: Any, address: str, path: str, useful: str) -> tuple[str, ...]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("#name", "ana")
    page.fill("#password", _PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{address}/")
    cookies = context.cookies()
    context.close()
    # another context with the same visit: it has nothing in its cache
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(cookies)
    page = context.new_page()
    sizes = []
    for _ in range(2):
        page.goto(address + path)
        page.wait_for_selector(useful, state="attached")
        at = page.evaluate("performance.now()")
        page.wait_for_load_state("networkidle")
        told = page.evaluate(
            "() => { const all = [...performance.getEntriesByType('navigation'),"
            " ...performance.getEntriesByType('resource')];"
            " const sum = (some) => some.reduce((total, one) => total + one.transferSize, 0);"
            " return [sum(all), sum(all.filter((one) => one.initiatorType === 'script')),"
            " performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0]; }"
        )
        sizes.append((*told, at))
    context.close()
    (cold, scripts, paint, at), (again, *_) = sizes
    return f"{cold / 1000:,.0f}", f"{scripts / 1000:,.0f}", f"{again / 1000:,.0f}", f"{paint:,.0f}", f"{at:,.0f}"
