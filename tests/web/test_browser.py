"""The pages in a real browser: Debian's Chromium, where it is installed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from relgraph.folding import fold
from tests.web.browser import CHROMIUM, log_in, looking

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="make browser installs it"),
    pytest.mark.xdist_group("browser"),
    # the driver leaves its pipes to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def ready(page: Any) -> None:
    page.wait_for_selector("html[data-ready='1']")


def test_typing_finds_and_opens_an_entity(site: Any, page: Any) -> None:
    page.goto(site[0] + "/")
    page.keyboard.press("/")
    page.keyboard.type("acme", delay=20)
    page.wait_for_selector(".pop li[role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('ACME')")


def test_the_legend_filters_the_canvas(site: Any, page: Any) -> None:
    page.goto(site[0] + "/explore?n=60")
    ready(page)
    expect(page.locator("#tw li.off")).to_have_count(0)
    page.locator("#ltypes input").first.uncheck()
    expect(page.locator("#tw li.off")).not_to_have_count(0)


def test_what_is_drawn_is_read_as_a_table_and_in_time(site: Any, page: Any) -> None:
    address, graph = site[0], site[1]
    hub = graph.entity("Nordlicht Conseil")
    page.goto(f"{address}/explore?focus={hub.id}&n=30")
    ready(page)
    expect(page.locator("#drawer")).to_be_hidden()
    page.keyboard.press("t")
    rows = page.locator("#drawer tbody tr")
    expect(rows.nth(3)).to_be_visible()
    every = rows.count()
    # it follows the legend and the selection
    page.locator("#lpreds input").first.uncheck()
    expect(rows).not_to_have_count(every)
    assert rows.count() < every
    page.locator("#lpreds input").first.check()
    expect(rows).to_have_count(every)
    page.click("#drawer th button:has-text('Object')")
    expect(page.locator("#drawer th[aria-sort=ascending]")).to_have_text("Object")
    names = page.locator("#drawer tbody td:nth-child(3)").all_inner_texts()
    assert len({fold(one) for one in names}) > 3
    assert [fold(one) for one in names] == sorted(fold(one) for one in names)
    page.locator("#drawer tbody button").first.click()
    expect(page.locator("#drawer")).to_contain_text("of what is selected")
    expect(page.locator("#tw li[aria-selected=true]")).to_have_count(1)
    page.click("#timeline")
    expect(page.locator("#drawer rect")).not_to_have_count(0)
    expect(page.locator("#table")).to_have_attribute("aria-pressed", "false")
    page.click("#timeline")
    expect(page.locator("#drawer")).to_be_hidden()


def test_the_editor_completes_and_marks(site: Any, page: Any) -> None:
    page.goto(site[0] + "/query")
    page.focus("#text")
    page.keyboard.type("find Comp", delay=10)
    page.wait_for_selector("#pop li[role=option]:has-text('Company')")
    page.keyboard.press("Tab")
    expect(page.locator("#text")).to_have_value("find Company ")
    page.fill("#text", "find Compny that supplies")
    page.locator("#text").blur()
    page.click("#errs button:has-text('Company')")
    expect(page.locator("#text")).to_have_value("find Company that supplies")
    page.fill("#text", "find Company")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=all shown")


def test_a_relation_is_added_with_the_type_ahead(site: Any, page: Any) -> None:
    address, graph, _ = site
    made = graph.add("Company", name="Zymurgy Works")
    page.goto(f"{address}/entity/{made.id}?add=supplies")
    page.focus("#target")
    page.keyboard.type("usine", delay=20)
    page.wait_for_selector(".pop li[role=option]:has-text('Usine Velmar')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#target")).to_have_value("Usine Velmar")
    page.click("button:has-text('Add'):not(.quiet)")
    page.wait_for_selector(".jump >> text=supplies")


def test_rows_come_into_the_table(site: Any, page: Any) -> None:
    address, graph, _ = site
    hub = graph.add("Company", name="Hub of the browser")
    graph.relate_many(
        "owns",
        [{"subject": hub.id, "object": one.id} for one in list(graph.entities("Company"))[:40] if one.id != hub.id],
    )
    page.goto(f"{address}/entity/{hub.id}")
    assert page.locator("#g-owns tbody tr").count() == 10
    page.click("#g-owns a[data-more]")
    expect(page.locator("#g-owns tbody tr")).not_to_have_count(10)


def test_an_entity_and_home_are_read_without_scripts(site: Any) -> None:
    address, graph, browser = site
    context = looking(browser, java_script_enabled=False)
    page = context.new_page()
    log_in(page, address)
    assert "entities and" in page.inner_text("main")
    page.fill("#q", "acme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=acme")
    page.goto(f"{address}/entity/{graph.entity('ACME').id}")
    assert "is supplied by" in page.inner_text("main")
    page.goto(f"{address}/explore?n=10")
    assert page.locator(".list a").count() == 10
    context.close()


def test_the_canvas_is_compared_with_another_day(site: Any, page: Any) -> None:
    address, graph, _ = site
    one, two, three = (graph.add("Company", name=f"Dated {name}").id for name in ("one", "two", "three"))
    graph.relate(one, "owns", two, since="2010-01-01", until="2020-01-01")
    graph.relate(one, "owns", three, since="2021-01-01")
    page.goto(f"{address}/explore?id={one}&id={two}&id={three}")
    ready(page)
    page.fill("#before", "2015-06-01")
    page.wait_for_selector("#lchange li")
    ready(page)
    expect(page).to_have_url(re.compile("compare=2015-06-01"))
    expect(page.locator("#lchange li")).to_have_text(["began1", "ended1"])
    page.goto(f"{address}/compare?with=2015-06-01&entity={one}")
    assert page.locator("tbody tr").count() == 2
    page.click("text=Draw it")
    ready(page)
    expect(page.locator("#lchange .cnt")).to_have_text(["1", "1"])


def test_a_hub_of_ten_thousand_opens_and_says_so(site: Any, page: Any) -> None:
    address, graph, _ = site
    hub = graph.add("Company", name="Hub of ten thousand")
    with graph.transaction(by_code=True) as tx:
        others = tx.add_many("Company", [{"name": f"Spoke {number}"} for number in range(10_000)])
        tx.relate_many("supplies", [{"subject": hub.id, "object": one} for one in others])
    page.goto(f"{address}/entity/{hub.id}")
    assert "10,000 relations" in page.inner_text(".head")
    group = page.locator("#g-supplies")
    expect(group.locator("summary")).to_contain_text("10,000")
    assert group.locator("tbody tr").count() == 10
    expect(group.locator("[data-showing]")).to_have_text("showing 10 of 10,000")
    expect(page.locator(".bfly")).to_contain_text("+9,99")
    page.goto(f"{address}/explore?focus={hub.id}&n=20")
    ready(page)
    expect(page.locator("#details, #tw").first).to_be_attached()
    assert page.locator("#tw li").count() == 20
    expect(page.locator("#said")).to_contain_text("9,981 neighbors not shown")


def test_a_parameter_with_choices_is_chosen_from_a_list(site: Any, page: Any) -> None:
    page.goto(site[0] + "/query")
    page.locator("#text").fill("find Software where kind = $kind and name != $name")
    page.keyboard.press("Control+Enter")
    choice, free = page.locator("select#p-kind"), page.locator("input#p-name")
    expect(choice.locator("option")).to_have_text(["", "CRM", "ERP with CRM"])
    expect(page.locator(".note")).to_have_text("Give a value for kind, name, then run.")
    page.get_by_label("kind", exact=True).select_option("ERP with CRM")
    free.fill("nothing")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#said")).to_contain_text("all shown")
    expect(choice).to_have_value("ERP with CRM")
    wanted = site[1].query("find Software where kind = 'ERP with CRM'").scalars()
    assert page.locator("#result tbody tr").count() == len(list(wanted)) > 0
