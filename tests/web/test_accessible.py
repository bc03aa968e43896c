"""Every page in a browser: the right status, silence on the console, nothing that axe finds in light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.web.browser import CHROMIUM, chromium, looking
from tests.web.scenes import SCENES, Scene, Stage, staged

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="make browser installs it"),
    pytest.mark.xdist_group("browser"),
    # the driver leaves its pipes to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    # what depends on colors, and on the room there is
    "dark, on a phone": {"runOnly": ["color-contrast", "scrollable-region-focusable", "target-size"]},
}


@pytest.fixture(scope="module")
def stage(loaded: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(loaded, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


def shown(stage: Stage, browser: Any, scene: Scene, **options: Any) -> tuple[Any, list[str]]:
    """Open a page as it is seen by somebody, and return it with what it said on the console."""
    context = looking(browser, reduced_motion="reduce", **options)
    if scene.role is not None:
        context.add_cookies([stage.session(scene.role, stage.empty if scene.empty else stage.address)])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(stage.url(scene))
    assert answer is not None
    assert answer.status == scene.status, page.inner_text("body")[:400]
    if scene.do is not None:
        scene.do(page)
    settle(page)
    return page, said


def settle(page: Any) -> None:
    if page.locator("main.ex").count():
        page.wait_for_selector("html[data-ready='1']")
    # what is measured on the page is measured after the next picture
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def unexpected(said: list[str]) -> list[str]:
    # the browser itself notes the status of an answer that is an error
    return [one for one in said if not one.startswith("Failed to load resource: the server responded with a status of")]


def test_the_table_has_every_page(stage: Stage) -> None:
    with stage.app.test_request_context():
        adapter = stage.app.url_map.bind("localhost")
        seen = {
            adapter.match(scene.path.format(**stage.names).split("?")[0])[0].split(".")[-1]
            for scene in SCENES.values()
            if not scene.path.startswith("/nowhere")
        }
    pages = {
        rule.endpoint.split(".")[-1]
        for rule in stage.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and "/api/" not in rule.rule
        and not rule.rule.endswith((".json", ".csv", ".svg", ".graphml", "<path:filename>"))
    }
    # the page of an import is come to by sending one
    assert pages - seen == {"import_job"}


@pytest.mark.parametrize("name", SCENES)
def test_a_page_is_open_to_everybody(stage: Stage, browser: Any, name: str) -> None:
    page, said = shown(stage, browser, SCENES[name])
    try:
        assert not unexpected(said)
        assert page.locator("main").count() == 1
        assert page.locator("h1").count() == 1
        for look, options in LOOKS.items():
            if look != "light":
                page.emulate_media(color_scheme="dark")
                page.set_viewport_size({"width": 390, "height": 844})
                settle(page)
            found = Axe().run(page, options={"resultTypes": ["violations"], **options})
            told = [
                f"{look}: {one['impact']} {one['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
                for one in found.response["violations"]
                for node in one["nodes"][:4]
            ]
            assert not told, "\n".join(told)
    finally:
        page.context.close()
