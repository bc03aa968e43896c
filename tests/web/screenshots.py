"""Writes pictures of the pages into docs/pictures: ``python -m tests.web.screenshots [folder]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, FilePayload, Page

import relgraph
from tests.web.browser import chromium, log_in, looking, served
from tests.web.market import load
from tests.web.scenes import Doing

QUESTION = "find Company owned_by[share > 10%] anything as holder show name, holder, holder.type order by name"
WRONG = 'find Compny owned_by "ACME"'
HOLDINGS = "find anything as holder that owns[share > 10%] Company as held show holder, held order by holder.name"
WATCHED = "Who holds more than 10% of whom?"
TWIN = "ACME second seat"
IN_EACH_LOOK = (
    "home",
    "entity",
    "explore",
    "query",
    "explore-compare",
    "compare",
    "explore-table",
    "explore-years",
    "merge",
    "alert",
    "import-list",
)
COUNTED = "find Company group by sector show sector, count() as n order by n desc"


def pages(entity: str, hub: str, twin: str) -> dict[str, str]:
    """Return the address of each picture by its name."""
    return {
        "home": "/",
        "entity": f"/entity/{entity}",
        "entity-add": f"/entity/{entity}?add=supplies",
        "explore": f"/explore?focus={hub}&n=40",
        "explore-all": "/explore?n=150",
        "explore-compare": f"/explore?focus={hub}&n=30&compare=2009-01-01",
        "compare": f"/compare?with=2009-01-01&entity={hub}",
        "health": "/health",
        "query": f"/query?q={quote(QUESTION)}",
        "query-wrong": f"/query?q={quote(WRONG)}",
        "query-chart": f"/query?q={quote(COUNTED)}&as=chart",
        "vocabulary": "/vocabulary",
        "designer": "/vocabulary/predicate?name=owns",
        "import": "/import",
        "audit": "/audit",
        "users": "/users",
        "account": "/account",
        "history": f"/entity/{entity}/history",
        "explore-table": f"/explore?focus={hub}&n=30",
        "explore-years": f"/explore?focus={hub}&n=30",
        "import-list": "/import",
        "alert": "/",
        "merge": f"/merge?keep={entity}&other={twin}",
    }


def opening(key: str) -> Doing:
    """Return what presses a key on the canvas and waits for the drawer."""

    def do(page: Page) -> None:
        page.wait_for_selector("html[data-ready='1']")
        page.keyboard.press(key)
        page.wait_for_selector("#drawer tbody tr")

    return do


LIST = """Code;Name;Country;Owner;Share;Since
4711;Tannwald Werke;AT;Nordlicht Conseil;62.5;2019-04
4712;Fonderie Basse;FR;ACME;100;2008
4713;Kvarn Partners;SE;ACME;33;2021-10
"""


def listing(page: Page) -> None:
    """Send a list without a mapping and say what its columns mean."""
    page.set_input_files(
        "#data", FilePayload(name="holdings.csv", mimeType="text/csv", buffer=LIST.encode()), no_wait_after=True
    )
    page.click("button:has-text('Check')")
    page.wait_for_selector("#column-0")
    page.select_option("#type", "Company")
    page.click("button:has-text('Choose')")
    page.wait_for_load_state()
    page.select_option("#column-3", "relation owned_by Company")
    page.click("button:has-text('More of these relations')")
    page.wait_for_selector("optgroup[label^=More]", state="attached")
    page.select_option("#column-4", "attribute owned_by Company share points")


def watching(page: Page) -> None:
    """Open the question that is watched."""
    page.click(f"a:has-text('{WATCHED}')")
    page.wait_for_selector(f"h1:has-text('{WATCHED}')")


DOING: dict[str, Doing] = {
    "explore-table": opening("t"),
    "explore-years": opening("y"),
    "import-list": listing,
    "alert": watching,
}


def take(browser: Browser, address: str, folder: Path, names: dict[str, str], *, dark: bool, phone: bool) -> None:
    """Write the pictures of some pages in one look."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = looking(browser, viewport=size, color_scheme="dark" if dark else "light")
    page = context.new_page()
    log_in(page, address)
    ending = ("-phone" if phone else "") + ("-dark" if dark else "")
    for name, path in names.items():
        page.goto(address + path)
        if name in DOING:
            DOING[name](page)
        settle(page)
        page.screenshot(path=folder / f"{name}{ending}.png", full_page=name == "merge")
    context.close()


def settle(page: Page) -> None:
    """Wait until a page is drawn."""
    page.wait_for_load_state("networkidle")
    if page.locator("main.ex").count():
        page.wait_for_selector("html[data-ready='1']")
        page.wait_for_timeout(200)


def happen(browser: Browser, address: str, graph: relgraph.Graph) -> None:
    """Watch a question, and let things happen: what it tells is news, and two entities may be one."""
    context = looking(browser)
    page = context.new_page()
    log_in(page, address)
    page.goto(f"{address}/query?q={quote(HOLDINGS)}")
    page.fill("#name", WATCHED)
    page.check("#watch")
    page.click("button:text-is('Save')")
    page.wait_for_load_state("networkidle")
    context.close()
    held = graph.query("find Company owned_by[share > 10%] as stake anything show stake limit 1")[0]["stake"]
    graph.retract(held.id)
    new = graph.add("Company", name="Nordhafen Beteiligungen", country="DE")
    graph.relate(new, "owns", graph.entity("Usine Velmar"), share="24.9%", since="2026-01", source="register")
    twin = graph.add("Company", name=TWIN, country="BE", employees=140)
    graph.relate(twin, "supplies", graph.entity("Usine Velmar"), since="2019")
    graph.relate(graph.entity("Nordlicht Conseil"), "supplies", twin, since="2021-04")


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        load(Path(scratch) / "market.db") as graph,
        served(graph) as address,
        chromium() as browser,
    ):
        happen(browser, address, graph)
        names = pages(*(graph.entity(one).id for one in ("ACME", "Nordlicht Conseil", TWIN)))
        take(browser, address, folder, names, dark=False, phone=False)
        some = {name: names[name] for name in IN_EACH_LOOK}
        take(browser, address, folder, some, dark=True, phone=False)
        take(browser, address, folder, some, dark=False, phone=True)


if __name__ == "__main__":
    main()
