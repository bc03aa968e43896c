"""Writes pictures of the pages into docs/pictures: ``python -m tests.web.screenshots [folder]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.web.browser import chromium, log_in, served
from tests.web.market import load

QUESTION = "find Company owned_by[share > 10%] anything as holder show name, holder, holder.type order by name"
WRONG = 'find Compny owned_by "ACME"'
COUNTED = "find Company group by sector show sector, count() as n order by n desc"


def pages(entity: str, hub: str) -> dict[str, str]:
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
    }


def take(browser: Browser, address: str, folder: Path, names: dict[str, str], *, dark: bool, phone: bool) -> None:
    """Write the pictures of some pages in one look."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
    page = context.new_page()
    log_in(page, address)
    ending = ("-phone" if phone else "") + ("-dark" if dark else "")
    for name, path in names.items():
        page.goto(address + path)
        settle(page)
        page.screenshot(path=folder / f"{name}{ending}.png")
    context.close()


def settle(page: Page) -> None:
    """Wait until a page is drawn."""
    page.wait_for_load_state("networkidle")
    if page.locator("main.ex").count():
        page.wait_for_selector("html[data-ready='1']")
        page.wait_for_timeout(200)


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, load(Path(scratch) / "market.db") as graph:
        entity, hub = graph.entity("ACME").id, graph.entity("Nordlicht Conseil").id
        names = pages(entity, hub)
        with served(graph) as address, chromium() as browser:
            take(browser, address, folder, names, dark=False, phone=False)
            some = {name: names[name] for name in ("home", "entity", "explore", "query", "explore-compare", "compare")}
            take(browser, address, folder, some, dark=True, phone=False)
            take(browser, address, folder, some, dark=False, phone=True)


if __name__ == "__main__":
    main()
