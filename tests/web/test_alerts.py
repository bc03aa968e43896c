"""A watched question tells what came into its answer and what went out of it, to the one who watches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from relgraph_web.questions import ask

from tests.web.conftest import Place, Visitor


@pytest.fixture
def place(fresh: Callable[..., Place]) -> Place:
    return fresh()


def watched(visitor: Visitor, text: str, name: str = "Mine", **parameters: str) -> str:
    sent = visitor.send("/query/save", q=text, name=name, watch="yes", **{f"p.{k}": v for k, v in parameters.items()})
    assert sent.status_code == 303, sent.text[:500]
    found = re.search(r'href="(/alert/[^"?]+)[^>]*>' + name, visitor.get("/").text)
    assert found is not None
    return found[1]


def told_to(visitor: Visitor, address: str) -> Any:
    return visitor.get(f"{address}.json").json


def test_what_came_and_went_is_told_until_it_is_seen(place: Place) -> None:
    reader = place.visitor("reader")
    address = watched(reader, "find Company show name")
    assert "nothing new" in reader.get("/").text
    place.graph.add("Company", name="Newcomer")
    gone = place.graph.entity("ACME")
    place.graph.trash(gone)
    assert "1 new, 1 gone" in reader.get("/").text
    told = told_to(reader, address)
    assert (told["new"], told["gone"]) == ([["Newcomer"]], [["ACME"]])
    page = reader.get(address)
    assert "Newcomer" in page.text
    assert "ACME" in page.text
    # looking is not yet having seen
    assert "1 new, 1 gone" in reader.get("/").text
    assert reader.send(address, action="seen").status_code == 303
    assert "nothing new" in reader.get("/").text
    assert told_to(reader, address)["new"] == []


def test_a_thing_with_another_name_is_no_new_row(place: Place) -> None:
    reader = place.visitor("reader")
    address = watched(reader, "find Company")
    place.graph.update(place.graph.entity("ACME"), name="ACME International")
    assert told_to(reader, address)["new"] == []


def test_parameters_are_kept(place: Place) -> None:
    reader = place.visitor("reader")
    address = watched(reader, "find Company owns $what show name", what="Usine Velmar")
    other = place.graph.add("Company", name="Second owner")
    place.graph.relate(other, "owns", place.graph.entity("Usine Velmar"))
    assert told_to(reader, address)["new"] == [["Second owner"]]
    assert "p.what=Usine" in reader.get(address).text


def test_an_alert_is_for_the_one_who_watches(place: Place) -> None:
    address = watched(place.visitor("reader"), "find Company")
    assert place.visitor("editor").get(address).status_code == 404
    assert place.visitor("editor").send(address, action="forget").status_code == 404
    assert "/alert/" not in place.visitor("editor").get("/").text


def test_who_may_read_less_now_is_not_told_what_went(place: Place) -> None:
    reader = place.visitor("reader")
    address = watched(reader, "find anything")
    place.accounts.change(place.accounts.named("reader"), hidden=frozenset({"Person"}))
    told = reader.get(f"{address}.json")
    assert "Anne Delmas" not in told.text
    assert told_to(reader, address)["gone"] == []
    place.accounts.change(place.accounts.named("reader"), hidden=frozenset())


def test_a_limited_person_watches_what_they_may_see(place: Place) -> None:
    limited = place.visitor("limited")
    address = watched(limited, "find anything")
    place.graph.add("Person", name="Unseen")
    place.graph.add("Company", name="Seen")
    assert [row[0]["name"] for row in told_to(limited, address)["new"]] == ["Seen"]


def test_a_question_that_can_no_longer_be_asked_says_so(place: Place) -> None:
    reader = place.visitor("reader")
    address = watched(reader, "find Company show name")
    kept = place.accounts.all_saved(place.accounts.named("reader"), "alert")[0]
    document = {**kept.document, "text": "find Nothing"}
    place.accounts.save(place.accounts.named("reader"), "alert", kept.name, document, saved_id=kept.id)
    assert "can no longer be asked" in reader.get("/").text
    assert reader.get(address).status_code == 422
    assert reader.send(address, action="forget").status_code == 303
    assert reader.get(address).status_code == 404


def test_what_cannot_be_watched_is_not_kept(place: Place) -> None:
    reader = place.visitor("reader")
    assert reader.send("/query/save", q="find Nope", name="X", watch="yes").status_code == 422
    assert place.accounts.all_saved(place.accounts.named("reader"), "question") == []
    address = watched(reader, "find Company")
    assert reader.send(address, action="dance").status_code == 400
    assert reader.get("/alert/nope").status_code == 404


def test_home_looks_again_only_when_something_was_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = place.visitor("reader")
    watched(reader, "find Company")
    asked: list[str] = []

    def counted(*given: Any, **options: Any) -> Any:
        asked.append(given[2])
        return ask(*given, **options)

    monkeypatch.setattr("relgraph_web.alerts.ask", counted)
    reader.get("/")
    assert asked == []
    place.graph.add("Company", name="Newcomer")
    assert "1 new" in reader.get("/").text
    assert "1 new" in reader.get("/").text
    assert len(asked) == 1
