from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

BOTH_STORES = True

PAGES = [
    "/",
    "/home.json",
    "/search?q=acm",
    "/search.json?q=acm",
    "/search.csv?q=acm",
    "/suggest.json?q=ac",
    "/entities?type=Company",
    "/entities.csv?type=Company",
    "/entities/new?type=Company",
    "/entity/ACME",
    "/entity/ACME.json",
    "/entity/ACME?add=supplies",
    "/entity/ACME?as_of=2009-06-01",
    "/entity/ACME/relations/employs",
    "/entity/ACME/relations/employs.csv",
    "/entity/ACME/history",
    "/explore",
    "/explore?n=40",
    "/explore.json?focus=ACME",
    "/explore.csv?n=10",
    "/explore.svg?n=10",
    "/explore.graphml?n=10",
    "/explore.json?n=10&compare=2009-01-01",
    "/compare",
    "/compare?with=2009-01-01",
    "/compare.csv?with=2009-01-01&entity=ACME",
    "/health",
    "/health.csv",
    "/query",
    "/query?q=find+Company&as=table",
    "/query?q=find+Company&as=network",
    "/query?q=find+Company&as=chart",
    "/query?q=find+Company&as=explain",
    "/query?q=find+Company&as=code",
    "/query.json?q=find+Company",
    "/query.csv?q=find+Company",
    "/vocabulary",
    "/vocabulary.json",
    "/vocabulary/predicate",
    "/vocabulary/predicate?name=owns",
    "/vocabulary/text",
    "/import",
    "/audit",
    "/audit/1",
    "/audit?of=site",
    "/users",
    "/account",
    "/glyph/Company.svg",
    "/api/v1/openapi.json",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_carries_the_policy(market: Any, path: str) -> None:
    answer = market.visitor("admin").get(path.replace("ACME", market.id("ACME")))
    assert answer.status_code == 200, answer.text[:500]
    policy = answer.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.mimetype == "text/html":
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", answer.text)


def test_both_readings_stand_on_an_entity_page_without_scripts(market: Any) -> None:
    text = market.visitor("reader").get(f"/entity/{market.id('ACME')}").text
    assert "is supplied by" in text
    assert "owns" in text
    assert "Usine Velmar" in text


def test_a_past_day_shows_what_held_then(market: Any) -> None:
    reader, acme = market.visitor("reader"), market.id("ACME")
    today = reader.get(f"/entity/{acme}.json").json["relations"]
    before = reader.get(f"/entity/{acme}.json?as_of=1990-01-01").json["relations"]
    assert sum(one["ended"] for one in before) > sum(one["ended"] for one in today)


def test_a_table_is_never_a_formula(fresh: Callable[..., Any]) -> None:
    place = fresh()
    place.graph.add("Company", name='=HYPERLINK("http://x")')
    text = place.visitor("reader").get("/entities.csv?type=Company").text
    assert "'=HYPERLINK" in text


def test_names_are_never_markup(fresh: Callable[..., Any]) -> None:
    place = fresh()
    evil = place.graph.add("Company", name="<img src=x onerror=alert(1)>&amp;\"'")
    place.graph.relate(evil, "owns", place.id("ACME"), share="1%")
    reader = place.visitor("reader")
    for path in (
        "/",
        f"/entity/{evil.id}",
        f"/entity/{place.id('ACME')}",
        f"/explore?focus={evil.id}",
        "/search?q=img",
    ):
        assert "<img src=x" not in reader.get(path).text
    assert "<img src=x" not in reader.get(f"/explore.svg?focus={evil.id}").text


def test_ids_of_any_text_have_addresses(fresh: Callable[..., Any]) -> None:
    place = fresh()
    reader = place.visitor("reader")
    for given in ("a/b", "x.json", "~2F", "..", "ü ?#&", "9007199254740993", "a,b"):
        place.graph.add("Company", name=f"named {given}", id=given)
        listed = reader.get("/entities?type=Company").text
        del listed
        found = reader.get("/api/v1/search?" + "q=named").json
        assert any(one["id"] == given for one in found["items"])
        with place.app.test_request_context():
            from flask import url_for  # noqa: PLC0415 - needs the context

            address = url_for("relgraph.entity", entity_id=given)
        answer = reader.get(address)
        assert answer.status_code == 200, (given, address)
        assert f"named {given}".replace("&", "&amp;") in answer.text


def test_a_merged_entity_leads_to_the_one_kept(fresh: Callable[..., Any]) -> None:
    place = fresh()
    other = place.graph.add("Company", name="ACME twice")
    place.graph.merge(place.graph.entity("ACME"), other)
    answer = place.visitor("reader").get(f"/entity/{other.id}")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(place.id("ACME"))


def test_suggestions_come_in_three_groups(market: Any) -> None:
    told = market.visitor("reader").get("/suggest.json?q=acm").json
    assert told["entities"][0]["name"] == "ACME"
    assert told["entities"][0]["degree"] == 26
    assert set(told) == {"entities", "questions", "pages"}


def test_a_group_is_read_on_in_pieces(fresh: Callable[..., Any]) -> None:
    place = fresh()
    hub = place.graph.add("Company", name="Hub")
    for number in range(70):
        place.graph.relate(hub, "owns", place.graph.add("Company", name=f"Leaf {number:03}"))
    reader = place.visitor("reader")
    page = reader.get(f"/entity/{hub.id}").text
    assert "showing 10 of 70" in page
    tenth = place.graph.related(hub, "owns")[9].relation.id
    path = f"/entity/{hub.id}/relations/owns"
    assert f"relations/owns?after={tenth}&amp;seen=10" in page
    rows = reader.get(f"{path}?after={tenth}&seen=10", headers={"X-Fragment": "1"}).text
    assert rows.count("<tr") == 50
    assert "<html" not in rows
    assert [f"Leaf {number:03}" in rows for number in (9, 10, 59, 60)] == [False, True, True, False]
    whole = reader.get(f"{path}?after={tenth}&seen=10").text
    assert "showing 11 to 60 of 70" in whole
    told = reader.get(f"{path}.json?after={tenth}&seen=10").json
    rest = reader.get(f"{path}.json?after={told['next']}&seen=60").json
    assert [len(told["items"]), len(rest["items"]), rest["next"]] == [50, 10, None]
    assert reader.get(f"{path}?after=nothing").status_code == 404
    assert len(reader.get(f"/entity/{hub.id}/relations/owns.csv").text.splitlines()) == 71


def test_the_designer_shows_what_would_break_and_changes_nothing(fresh: Callable[..., Any]) -> None:
    place = fresh()
    designer = place.visitor("designer")
    answer = designer.send(
        "/vocabulary/predicate",
        old="reports_to",
        name="reports_to",
        inverse=place.graph.vocabulary.predicates["reports_to"].inverse,
        max_subjects="1",
        dated="yes",
        action="check",
    )
    assert answer.status_code == 200
    assert "refuse the change" in answer.text
    assert place.graph.vocabulary.predicates["reports_to"].max_subjects is None


def test_a_new_predicate_can_be_used_at_once(fresh: Callable[..., Any]) -> None:
    place = fresh()
    designer = place.visitor("designer")
    page = designer.get("/vocabulary/predicate").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    answer = designer.send(
        "/vocabulary/predicate",
        old="",
        name="advises",
        inverse="advised_by",
        reading="advises",
        subject="Company",
        object="Company",
        dated="yes",
        action="apply",
        digest=digest,
    )
    assert answer.status_code == 303, answer.text[-800:]
    assert place.graph.vocabulary.readings["advised_by"].predicate.name == "advises"
    sums = place.graph.vocabulary.predicates["owns"].sums
    assert len(sums) == 2


def test_a_form_keeps_the_sums_that_it_does_not_show(fresh: Callable[..., Any]) -> None:
    place = fresh()
    designer = place.visitor("designer")
    before = place.graph.vocabulary.predicates["owns"]
    page = designer.get("/vocabulary/predicate?name=owns").text
    values: dict[str, Any] = {
        "old": "owns",
        "name": "owns",
        "inverse": "owned_by",
        "reading": "owns",
        "inverse_reading": "is owned by",
        "subject": ["Person", "Organization"],
        "object": ["Organization"],
        "acyclic": "warn",
        "irreflexive": "error",
        "unique": "overlap",
        "sum_attribute": "share",
        "sum_per": "object",
        "sum_max": "100%",
        "sum_level": "warn",
        "dated": "yes",
        "action": "check",
        "digest": page.split('name="digest" value="')[1].split('"')[0],
    }
    for number, field in enumerate(before.attributes):
        values[f"attribute{number}"], values[f"kind{number}"] = field.name, field.kind
    answer = designer.send("/vocabulary/predicate", **values)
    assert "Nothing changes." in answer.text


def test_two_dates_are_compared_as_a_list_and_on_the_canvas(fresh: Callable[..., Any]) -> None:
    place = fresh()
    one, two, three = (place.graph.add("Company", name=name) for name in ("Ash", "Birch", "Cedar"))
    place.graph.relate(one, "owns", two, share="10%", since="2010-01-01", until="2020-01-01", id="left")
    place.graph.relate(one, "owns", three, share="20%", since="2021-01-01", id="came")
    place.graph.relate(two, "owns", three, share="20%", since="2001-01-01", id="stayed")
    reader = place.visitor("reader")
    told = reader.get(f"/compare.json?with=2015-06-01&entity={one.id}").json["items"]
    assert [(row["change"], row["relation"]["id"]) for row in told] == [("began", "came"), ("ended", "left")]
    whole = reader.get("/compare.json?with=2015-06-01").json["items"]
    kinds = {row["relation"]["id"]: row["change"] for row in whole}
    assert (kinds["came"], kinds["left"], "stayed" in kinds) == ("began", "ended", False)
    page = reader.get(f"/compare?with=2015-06-01&entity={one.id}").text
    assert "1 began, 1 ended" in page
    drawn = reader.get(f"/explore.json?id={one.id}&id={two.id}&id={three.id}&compare=2015-06-01").json
    changes = {row["id"]: row.get("change") for edge in drawn["edges"] for row in edge["relations"]}
    assert changes == {"came": "began", "left": "ended", "stayed": None}
    assert reader.get("/compare?with=soon").status_code == 400
    # nobody reads here what is hidden from them
    assert not [
        row
        for row in place.visitor("limited").get("/compare.json?with=2015-06-01").json["items"]
        if row["relation"]["predicate"] == "supplies"
    ]


def test_health_lists_what_breaks_a_rule_and_home_says_how_much(fresh: Callable[..., Any]) -> None:
    place = fresh()
    designer = place.visitor("designer")
    assert "not been checked since the last change" in designer.get("/").text
    before = designer.get("/health.json").json
    a, b = (place.graph.add("Company", name=name) for name in ("Hazel", "Linden"))
    assert "not been checked since the last change" in designer.get("/").text
    for share in ("60%", "70%"):
        holder = place.graph.add("Company", name=f"Holder {share}")
        place.graph.relate(holder, "owns", a if share == "60%" else b, share=share)
    place.graph.merge(a, b, clashes="keep")
    told = designer.get("/health.json").json
    assert told["total"] > before["total"]
    new = [one for one in told["items"] if one not in before["items"]]
    assert any("130" in one["message"] for one in new), new
    assert "Hazel" in designer.get("/health").text
    assert f"{told['total']} finding" in designer.get("/").text
    assert "Data health" not in place.visitor("reader").get("/").text


def test_what_happened_is_told_as_the_kind_of_a_value_says(fresh: Callable[..., Any]) -> None:
    place = fresh()
    one, other = (place.graph.add("Company", name=name) for name in ("Alder", "Yew"))
    stake = place.graph.relate(one, "owns", other, share="100%", since="2020-03")
    added = place.graph.history(stake.id)[-1].transaction
    place.graph.update(stake.id, share="12.5%")
    admin = place.visitor("admin")
    page = admin.get(f"/entity/{one.id}/history").text
    for words in ("<div>share: 100%</div>", "<div>since: 2020-03</div>", "share: <s>100%</s> → 12.5%"):
        assert words in page
    for path in (f"/entity/{one.id}/history", f"/entity/{other.id}/history", f"/audit/{added}"):
        assert "<td>Alder owns Yew added</td>" in admin.get(path).text
    assert "share: 100%" in admin.get(f"/audit/{added}").text
    for path in (f"/entity/{one.id}/history.json", f"/api/v1/relations/{stake.id}/history"):
        told = [item for item in admin.get(path).json["items"] if item["thing"] == "relation"]
        first, last = sorted(told, key=lambda item: int(item["transaction"]["number"]))
        assert first["after"]["share"] == "100%"
        assert first["after"]["subject"] == {"id": one.id, "type": "Company", "name": "Alder"}
        assert (last["before"], last["after"]) == ({"share": "100%"}, {"share": "12.5%"})
    # and under the canvas, where the second value has its name
    place.graph.update(stake.id, votes="20%")
    drawn = admin.get(f"/explore.json?id={one.id}&id={other.id}").json
    assert [relation["note"] for edge in drawn["edges"] for relation in edge["relations"]] == ["12.5%, votes 20%"]


def test_an_end_that_a_merge_moved_is_told_by_name(fresh: Callable[..., Any]) -> None:
    place = fresh()
    one, twin, other = (place.graph.add("Company", name=name) for name in ("Alder", "Alder AG", "Yew"))
    place.graph.relate(twin, "owns", other)
    place.graph.merge(one, twin)
    assert "subject: <s>Alder AG</s> → Alder" in place.visitor("reader").get(f"/entity/{one.id}/history").text


def test_a_view_takes_the_place_of_a_view_only(fresh: Callable[..., Any]) -> None:
    place = fresh()
    reader, me = place.visitor("reader"), place.accounts.named("reader")
    reader.send("/query/save", q="find Company", name="Mine")
    (question,) = place.accounts.all_saved(me, "question")
    view = {"name": "Drawn", "ids": [place.id("ACME")]}
    answer = reader.json("/explore/save.json", {**view, "view": question.id})
    assert (answer.status_code, "no such view of yours" in answer.text) == (404, True)
    assert [one.name for one in place.accounts.all_saved(me, "question")] == ["Mine"]
    kept = reader.json("/explore/save.json", view).json
    again = reader.json("/explore/save.json", {**view, "name": "Drawn again", "view": kept["id"]}).json
    assert (again["id"], [one.name for one in place.accounts.all_saved(me, "view")]) == (kept["id"], ["Drawn again"])
