"""The pages by keyboard alone: everything is reached with Tab, arrows, Enter and the keys of the page, and is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.browser import CHROMIUM, chromium, looking
from tests.web.scenes import Stage, staged

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="make browser installs it"),
    pytest.mark.xdist_group("browser"),
    # the driver leaves its pipes to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def stage(loaded: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(loaded, tmp_path_factory.mktemp("keys")) as stage:
        yield stage


@pytest.fixture
def page(stage: Stage) -> Iterator[Any]:
    with chromium() as browser:
        context = looking(browser, reduced_motion="reduce")
        context.add_cookies([stage.session("admin", stage.address)])
        yield context.new_page()
        context.close()


FOCUSED = """() => {
  const one = document.activeElement; const style = getComputedStyle(one); const box = one.getBoundingClientRect();
  return {
    tag: one.tagName, text: (one.textContent || one.getAttribute('aria-label') || '').trim().slice(0, 60), id: one.id,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
      && box.top < innerHeight && box.left < innerWidth,
  };
}"""


def tab_to(page: Any, text: str, *, most: int = 60) -> None:
    """Press Tab until something with this text has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)["text"].startswith(text):
            return
    raise AssertionError(f"{text} is not reached by {most} tabs")


def test_find_expand_path_and_save(stage: Stage, page: Any) -> None:
    keys = page.keyboard
    page.goto(f"{stage.address}/")
    # find
    keys.press("/")
    keys.type("sugarc", delay=20)
    page.wait_for_selector(".pop li[role=option]:has-text('SugarCRM')")
    keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('SugarCRM')")
    # the button of the page, which stands before its history, not the one of the bar
    tab_to(page, "History")
    keys.press("Shift+Tab")
    assert page.evaluate(FOCUSED)["text"] == "Explore"
    keys.press("Enter")
    page.wait_for_selector("html[data-ready='1']")
    expect(page).to_have_url(re.compile("focus="))
    # expand: the first of the list, with what its guard offers
    before = page.locator("#tw li").count()
    keys.press("l")
    keys.press("Home")
    keys.press("e")
    page.wait_for_selector(".menu")
    tab_to(page, "Add 15")
    keys.press("Enter")
    expect(page.locator("#tw li")).not_to_have_count(before)
    expect(page.locator("#tw")).to_be_focused()
    # undo and again
    keys.press("u")
    expect(page.locator("#tw li")).to_have_count(before)
    # two that are far apart: the second is found by the filter and added
    keys.press("l")
    keys.press("Home")
    selected = page.locator("#tw li[aria-selected=true]")
    expect(selected).to_have_count(1)
    first = selected.locator(".name").inner_text()
    keys.press("Shift+Tab")
    expect(page.locator("#filter")).to_be_focused()
    keys.press("ArrowDown")
    expect(page.locator("#tw")).to_be_focused()
    keys.press("Control+End")
    expect(selected.locator(".name")).to_have_text([first])
    keys.press("Space")
    expect(selected).to_have_count(2)
    # path
    keys.press("p")
    expect(page.locator("#said")).to_contain_text("→")
    # save
    keys.press("s")
    page.wait_for_selector(".menu input[type=text]")
    keys.type("By keys")
    keys.press("Tab")
    keys.press("Space")
    tab_to(page, "Save", most=3)
    keys.press("Enter")
    expect(page.locator("#said")).to_contain_text("Saved as By keys")
    expect(page).to_have_url(re.compile("view="))
    # and from the list to the page of an entity
    keys.press("Home")
    keys.press("Enter")
    page.wait_for_selector("main.page h1")


def test_the_selection_grows_with_shift_and_the_place_moves_with_control(stage: Stage, page: Any) -> None:
    page.goto(f"{stage.address}/explore?n=10")
    page.wait_for_selector("html[data-ready='1']")
    keys = page.keyboard
    keys.press("l")
    keys.press("Home")
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(3)
    keys.press("Space")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(2)
    keys.press("Control+ArrowDown")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(2)
    keys.press("ArrowDown")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(1)
    keys.press("?")
    expect(page.locator("dialog")).to_contain_text("move without selecting")
    keys.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    expect(page.locator("#tw")).to_be_focused()


def test_a_menu_is_left_with_escape_and_the_list_has_the_focus_again(stage: Stage, page: Any) -> None:
    page.goto(f"{stage.address}/explore?n=10")
    page.wait_for_selector("html[data-ready='1']")
    for key in ("e", "s"):
        page.keyboard.press("l")
        page.keyboard.press("Home")
        page.keyboard.press(key)
        page.wait_for_selector(".menu")
        page.keyboard.press("Escape")
        expect(page.locator(".menu")).to_have_count(0)
        expect(page.locator("#tw")).to_be_focused()


@pytest.mark.parametrize(
    "path",
    ["/", "/entity/{entity}", "/entity/{entity}?add=owns", "/explore?n=8", "/query?q=find+Company", "/query",
     "/vocabulary/predicate?name=owns", "/users", "/account", "/import", "/compare"],
)  # fmt: skip
def test_what_has_the_focus_is_seen(stage: Stage, page: Any, path: str) -> None:
    page.goto(stage.address + path.format(**stage.names))
    if "/explore" in path:
        page.wait_for_selector("html[data-ready='1']")
    # from the top of the page, wherever it put the focus
    page.evaluate("document.activeElement.blur()")
    page.locator("body").press("Home")
    stops = []
    for _ in range(70):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    assert len(stops) > 3
    assert not [one for one in stops if not one["ring"] or not one["seen"]]


def test_the_first_stop_leads_to_the_content(stage: Stage, page: Any) -> None:
    page.goto(f"{stage.address}/vocabulary")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["text"] == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
