"""A served site and a browser to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from relgraph_web import Accounts, Settings, create_app
from waitress.server import create_server

from relgraph import Graph

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# what is waited for is there in a moment, or late on a machine with much else to do
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)
NAME, PASSWORD = "ana", "a long enough password"


@contextmanager
def served(graph: Graph) -> Iterator[str]:
    """Serve a network on a free port, with one admin, and yield the address."""
    accounts = Accounts(":memory:")
    accounts.add(NAME, "admin", password=PASSWORD)
    with listening(create_app(graph, accounts=accounts, settings=Settings())) as address:
        yield address


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve an application on a free port, and yield the address."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{getattr(server, 'effective_port')}"  # noqa: B009 - the stubs have two kinds of server
    finally:
        server.close()
        thread.join(5)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


def looking(browser: Browser, **options: Any) -> BrowserContext:
    """Begin as somebody new with the window of a desk, who waits as long as it takes."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    context.set_default_timeout(PATIENCE)
    return context


def log_in(page: Page, address: str) -> None:
    """Log in as the admin."""
    page.goto(f"{address}/login")
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{address}/")
