"""Somebody who is faster than the server: what is done before an answer is there is never done to an older one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browser import CHROMIUM

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="make browser installs it"),
    pytest.mark.xdist_group("browser"),
    # the driver leaves its pipes to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def window() -> dict[str, Any]:
    return {"reduced_motion": "reduce"}


@pytest.fixture
def silent() -> bool:
    """Not here: the browser tells of requests that failed, and a test makes them fail."""
    return False


class Held:
    """What is asked of some addresses from now on, answered only when the test says so."""

    def __init__(self, page: Page, address: str) -> None:
        self._asked: list[Route] = []
        self._open = False
        page.route(re.compile(address), self._take)

    def _take(self, route: Route) -> None:
        if self._open:
            route.continue_()
        else:
            self._asked.append(route)

    def let_go(self) -> None:
        """Answer all that was asked, and from now on at once."""
        self._open = True
        for route in self._asked:
            route.continue_()


def options(page: Page) -> Any:
    return page.locator(".pop li[role=option]")


def searching(page: Page, text: str, first: str) -> None:
    """Type into the search field, and wait for the list of this text."""
    page.keyboard.press("/")
    page.keyboard.type(text)
    expect(options(page).first).to_contain_text(first)
    expect(page.locator(".pop")).not_to_have_attribute("aria-busy", "true")


def heading(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_have_text(words)


# -- what is searched for ---------------------------------------------------------------------------------------------


def test_a_key_never_takes_what_was_found_for_an_older_text(page: Page) -> None:
    searching(page, "s", "SAS")
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("ugarc")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    # the older list is still seen, and says that another one is on its way
    expect(page.locator(".pop")).to_have_attribute("aria-busy", "true")
    expect(options(page).first).to_contain_text("SAS")
    held.let_go()
    heading(page, "SugarCRM")


def test_keys_before_the_first_list_wait_for_it(page: Page) -> None:
    held = Held(page, r"/suggest\.json")
    page.keyboard.press("/")
    page.keyboard.type("sugarc")
    for key in ("ArrowDown", "ArrowDown", "Enter", "Enter"):
        page.keyboard.press(key)
    held.let_go()
    heading(page, "SugarCRM administration")


def test_what_is_chosen_stays_chosen_when_the_list_changes(page: Page) -> None:
    searching(page, "sug", "SugarCRM")
    page.keyboard.press("ArrowUp")
    chosen = page.locator(".pop li[aria-selected=true]")
    expect(chosen).to_contain_text("SugarCRM administration")
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("arc")
    page.keyboard.press("Enter")
    held.let_go()
    heading(page, "SugarCRM administration")


def test_what_was_chosen_and_is_found_no_more_is_not_opened(page: Page) -> None:
    searching(page, "s", "SAS")
    page.keyboard.press("ArrowDown")
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("ugarc")
    page.keyboard.press("Enter")
    held.let_go()
    page.wait_for_url(re.compile(r"/search\?q=sugarc"))


def test_a_click_on_an_older_list_takes_only_what_is_found_still(page: Page) -> None:
    searching(page, "s", "SAS")
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("ugarc")
    options(page).filter(has_text=re.compile("^SAS(?! CRM)")).click()
    held.let_go()
    expect(options(page)).to_have_count(2)
    expect(page.locator("h1")).to_have_text("What do you want to know?")
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("r")
    options(page).filter(has_text="administration").click()
    held.let_go()
    heading(page, "SugarCRM administration")


def test_an_older_answer_that_comes_late_is_dropped(page: Page) -> None:
    page.keyboard.press("/")
    held = Held(page, r"/suggest\.json\?q=s$")
    with page.expect_request(re.compile(r"q=s$")):
        page.keyboard.type("s")
    page.keyboard.type("ugarc")
    expect(options(page)).to_have_count(2)
    held.let_go()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    heading(page, "SugarCRM")


def test_escape_takes_back_what_waits(page: Page) -> None:
    held = Held(page, r"/suggest\.json")
    page.keyboard.press("/")
    page.keyboard.type("sugarc")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    held.let_go()
    # the list comes again when it is asked for, with nothing done yet
    page.fill("#q", "sugarcr")
    expect(options(page)).to_have_count(2)
    expect(page.locator(".pop li[aria-selected=true]")).to_have_count(0)


def test_suggestions_that_cannot_be_had_leave_the_search(page: Page) -> None:
    page.route(re.compile(r"/suggest\.json"), lambda route: route.abort())
    page.keyboard.press("/")
    page.keyboard.type("sugarc")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?q=sugarc"))


def test_whom_a_relation_leads_to_is_never_of_an_older_text(site: Any, page: Page) -> None:
    address, graph, _ = site
    page.goto(f"{address}/entity/{graph.entity('ACME').id}?add=supplies")
    page.focus("#target")
    page.keyboard.type("s")
    expect(options(page).nth(1)).to_be_visible()
    held = Held(page, r"/suggest\.json")
    page.keyboard.type("ugarc")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#add .pop")).to_have_attribute("aria-busy", "true")
    held.let_go()
    expect(page.locator("#target")).to_have_value("SugarCRM")
    expect(page.locator("input[name=target_id]")).to_have_value(graph.entity("SugarCRM").id)


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_a_completion_is_never_of_an_older_text(site: Any, page: Page) -> None:
    page.goto(f"{site[0]}/query")
    page.focus("#text")
    page.keyboard.type("find P")
    expect(options(page).first).to_contain_text("Person")
    held = Held(page, r"/complete\.json")
    page.keyboard.type("rod")
    page.keyboard.press("Tab")
    expect(page.locator("#pop")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#text")).to_have_value("find Prod")
    held.let_go()
    expect(page.locator("#text")).to_have_value("find Product ")
    expect(page.locator("#text")).to_be_focused()


def test_the_completion_that_is_chosen_stays_chosen(site: Any, page: Page) -> None:
    page.goto(f"{site[0]}/query")
    page.focus("#text")
    page.keyboard.type("find P")
    expect(options(page).first).to_contain_text("Person")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#pop li[aria-selected=true]")).to_contain_text("PublicBody")
    # the caret goes back and forth: the list is asked for again
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Space")
    page.keyboard.press("Tab")
    expect(page.locator("#text")).to_have_value("find PublicBody ")


def test_a_correction_is_never_written_into_a_text_it_was_not_made_for(site: Any, page: Page) -> None:
    page.goto(f"{site[0]}/query")
    page.fill("#text", "find Compny")
    page.locator("#text").blur()
    expect(page.locator("#errs button")).not_to_have_count(0)
    held = Held(page, r"/check\.json")
    page.fill("#text", "/* all of them */ find Compny")
    page.locator("#errs button").first.click()
    expect(page.locator("#text")).to_have_value("/* all of them */ find Compny")
    expect(page.locator("#text")).to_be_focused()
    held.let_go()


# -- what is drawn ----------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(site: Any, page: Page) -> Page:
    page.goto(f"{site[0]}/explore?n=10")
    page.wait_for_selector("html[data-ready='1']")
    page.keyboard.press("l")
    page.keyboard.press("Home")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(1)
    return page


def test_what_was_hidden_before_the_answer_stays_hidden(drawn: Page) -> None:
    held = Held(drawn, r"/network\.json")
    drawn.keyboard.press("x")
    drawn.keyboard.press("ArrowDown")
    drawn.keyboard.press("x")
    held.let_go()
    expect(drawn.locator("#tw li")).to_have_count(8)


def test_undo_waits_for_what_it_takes_back(drawn: Page) -> None:
    held = Held(drawn, r"/network\.json")
    names = drawn.locator("#tw .name").all_inner_texts()
    drawn.keyboard.press("x")
    drawn.keyboard.press("ArrowDown")
    drawn.keyboard.press("x")
    drawn.keyboard.press("u")
    held.let_go()
    expect(drawn.locator("#tw li")).to_have_count(9)
    assert drawn.locator("#tw .name").all_inner_texts() == names[1:]


def test_the_menu_is_of_what_is_selected_last(drawn: Page) -> None:
    held = Held(drawn, r"/guard\.json")
    drawn.keyboard.press("e")
    drawn.keyboard.press("ArrowDown")
    second = drawn.locator("#tw li[aria-selected=true] .name").inner_text()
    drawn.keyboard.press("e")
    held.let_go()
    expect(drawn.locator(".menu h3")).to_have_text(f"Expand {second}")


def test_a_view_is_saved_once(drawn: Page) -> None:
    held = Held(drawn, r"/save\.json")
    drawn.keyboard.press("s")
    drawn.locator(".menu input[type=text]").fill("Twice in haste")
    drawn.keyboard.press("Enter")
    drawn.keyboard.press("Enter")
    held.let_go()
    expect(drawn.locator("#said")).to_contain_text("Saved as Twice in haste")
    drawn.goto(drawn.url.split("/explore")[0])
    expect(drawn.locator("a:has-text('Twice in haste')")).to_have_count(1)


# -- what is listed ---------------------------------------------------------------------------------------------------


def test_more_rows_come_once(site: Any, page: Page) -> None:
    address, graph, _ = site
    hub = graph.add("Company", name="Hub in haste")
    others = [one for one in list(graph.entities("Company"))[:40] if one.id != hub.id]
    graph.relate_many("owns", [{"subject": hub.id, "object": one.id} for one in others])
    page.goto(f"{address}/entity/{hub.id}")
    held = Held(page, r"/relations/")
    page.click("#g-owns a[data-more]")
    page.click("#g-owns a[data-more]")
    held.let_go()
    expect(page.locator("#g-owns [data-showing]")).to_have_text(f"showing {len(others)} of {len(others)}")
    expect(page.locator("#g-owns tbody tr")).to_have_count(len(others))


def test_what_is_wrong_with_a_value_stays_when_the_text_was_looked_at(site: Any, page: Page) -> None:
    with page.expect_response(re.compile("check.json")):
        page.goto(site[0] + "/query?q=find+Software+where+kind+%3D+%24kind&p.kind=Lathe")
    expect(page.locator("#text")).to_have_attribute("aria-invalid", "false")
    expect(page.locator("#refused")).to_contain_text("Lathe")
    # the value stays too, though it is no choice
    expect(page.locator("select#p-kind")).to_have_value("Lathe")
