"""Two entities side by side, made one with what is chosen of each, after the rules were asked, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

import relgraph
from tests.web.conftest import make


@pytest.fixture
def twins() -> Any:
    graph = relgraph.open(
        vocabulary=relgraph.Vocabulary.from_text("""
vocabulary: twins
types:
  Company: {fields: {name: {type: text, required: true}, city: text, site: url}, caption: [name], search: [name]}
  Shop: {extends: Company, fields: {floor: integer}}
predicates:
  owns: {inverse: owned_by, subject: [Company], object: [Company], unique: overlap, attributes: {share: percent},
         sum: {attribute: share, per: object, max: 100%}}
  supplies: {inverse: supplied_by, subject: [Company], object: [Company]}
""")
    )
    for one, values in {
        "a": {"name": "Bolt & Sons", "city": "Lyon"},
        "b": {"name": "Bolt and Sons", "city": "Lille", "site": "https://bolt.example"},
        "c": {"name": "Cog"},
        "d": {"name": "Cog"},
        "e": {"name": "Holder"},
        "f": {"name": "Other holder"},
    }.items():
        graph.add("Company", id=one, **values)
    graph.relate("e", "owns", "a", id="ea", share="60%")
    graph.relate("f", "owns", "b", id="fb", share="30%")
    graph.relate("a", "supplies", "b", id="ab")
    graph.relate("b", "supplies", "c", id="bc")
    return make(graph)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def versions(place: Any, keep: str, other: str) -> dict[str, str]:
    return {
        "keep": keep,
        "other": other,
        "keep_version": str(place.graph.get(keep).version),
        "other_version": str(place.graph.get(other).version),
    }


def test_both_stand_side_by_side_with_what_the_rules_say(twins: Any) -> None:
    editor = twins.visitor("editor")
    page = editor.get("/merge?keep=a&other=b")
    assert page.status_code == 200
    for word in ("Lyon", "Lille", "https://bolt.example", "No rule stands against it"):
        assert word in page.text
    assert 'name="field.city" value="keep" checked' in page.text
    # only what differs is a choice
    assert 'name="field.site"' not in page.text
    told = editor.get("/merge.json?keep=a&other=b").json
    assert told["fields"]["city"] == {"keep": "Lyon", "other": "Lille", "chosen": "keep"}
    assert told["breaks"] == []
    assert any("go over to the one that stays" in one for one in told["does"])
    assert twins.graph.count("Company") == 6


def test_two_become_one_with_what_was_chosen_and_are_taken_apart_again(twins: Any) -> None:
    editor = twins.visitor("editor")
    chosen = {"field.city": "other", "field.name": "keep"}
    tried = editor.send("/merge", action="try", **versions(twins, "a", "b"), **chosen)
    assert 'name="field.city" value="other" checked' in tried.text
    assert twins.graph.get("b").id == "b"
    answer = editor.send("/merge", action="merge", reason="the same register", **versions(twins, "a", "b"), **chosen)
    assert answer.status_code == 303
    one = twins.graph.get("b")
    assert (one.id, one.name, one["city"], str(one["site"])) == ("a", "Bolt & Sons", "Lille", "https://bolt.example")
    assert {other.entity.id for other in twins.graph.related("a", "owned_by")} == {"e", "f"}
    page = editor.get(answer.headers["Location"])
    assert "Take that back" in page.text
    number = re.search(r'name="transaction" value="([^"]+)"', page.text)
    assert number is not None
    assert editor.send("/undo", transaction=number[1], then="a").status_code == 303
    assert (twins.graph.get("b").name, twins.graph.get("a")["city"]) == ("Bolt and Sons", "Lyon")


def test_a_broken_rule_is_told_before_and_may_be_kept(twins: Any) -> None:
    twins.graph.update("fb", share="70%")
    editor = twins.visitor("editor")
    page = plain(editor.get("/merge?keep=a&other=b").text)
    assert "This would break a rule" in page
    assert "130" in page
    told = versions(twins, "a", "b")
    refused = editor.send("/merge", action="merge", **told)
    assert refused.status_code == 422
    assert twins.graph.get("b").id == "b"
    assert editor.send("/merge", action="merge", clashes="keep", **told).status_code == 303
    assert twins.graph.get("b").id == "a"
    assert [one.code for one in twins.graph.check()]


def test_what_was_changed_meanwhile_is_looked_at_again(twins: Any) -> None:
    editor, told = twins.visitor("editor"), versions(twins, "a", "b")
    twins.graph.update("b", city="Nice")
    answer = editor.send("/merge", action="merge", **told)
    assert answer.status_code == 409
    assert "nothing was merged" in answer.text
    assert "Nice" in answer.text
    assert twins.graph.get("b").id == "b"


def test_what_is_lost_is_said(twins: Any) -> None:
    twins.graph.add("Shop", id="s", name="Bolt shop", floor=3)
    told = twins.visitor("editor").get("/merge.json?keep=a&other=s").json
    assert any("floor 3 is lost" in one for one in told["does"])
    assert told["fields"]["floor"]["chosen"] == ""


def test_what_might_be_one_is_offered(twins: Any) -> None:
    editor = twins.visitor("editor")
    assert [[one["id"] for one in some] for some in editor.get("/merge.json").json["items"]] == [["c", "d"]]
    assert [one["id"] for one in editor.get("/merge.json?keep=a").json["items"]] == ["b"]
    assert "Bolt and Sons" in editor.get("/merge?keep=a").text
    assert "keep=a" in editor.get("/entity/a").text
    assert "keep=a" not in twins.visitor("reader").get("/entity/a").text


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda one: one.get("/merge?keep=a&other=a"), 400),
        (lambda one: one.get("/merge?keep=a&other=nope"), 404),
        (lambda one: one.send("/merge", keep="a", other="nope", action="merge"), 404),
        (lambda one: one.send("/merge", keep="a", other="b", action="burn"), 400),
        (lambda one: one.send("/merge", keep="a", other="b", action="try", **{"field.city": "both"}), 400),
        (lambda one: one.send("/merge", keep="a", other="b", action="merge"), 409),
    ],
)
def test_what_cannot_be_is_refused(twins: Any, ask: Callable[[Any], Any], status: int) -> None:
    before = twins.graph.stats()["transactions"]
    assert ask(twins.visitor("editor")).status_code == status
    assert twins.graph.stats()["transactions"] == before
