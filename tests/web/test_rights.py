"""Who may do what: every route with every role, and what is hidden is nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from relgraph_web.projection import copy_readable, readable

ROLES = ("reader", "editor", "designer", "admin")
READ = {"reader": 200, "editor": 200, "designer": 200, "admin": 200, None: 303}
API = {**READ, None: 401}
FROM_EDITOR = {"reader": 403, "editor": 200, "designer": 200, "admin": 200, None: 303}
FROM_DESIGNER = {"reader": 403, "editor": 403, "designer": 200, "admin": 200, None: 303}
ADMIN = {"reader": 403, "editor": 403, "designer": 403, "admin": 200, None: 303}
READING: list[tuple[str, dict[str | None, int]]] = [
    ("/", READ),
    ("/search?q=acme", READ),
    ("/entities?type=Company", READ),
    ("/entity/ACME", READ),
    ("/entity/ACME/relations/employs", READ),
    ("/entity/ACME/history", READ),
    ("/explore?n=5", READ),
    ("/compare?with=2009-01-01", READ),
    ("/query?q=find+Company", READ),
    ("/vocabulary", READ),
    ("/account", READ),
    ("/entities/new", FROM_EDITOR),
    ("/import", FROM_EDITOR),
    ("/vocabulary/predicate", FROM_DESIGNER),
    ("/vocabulary/text", FROM_DESIGNER),
    ("/health", FROM_DESIGNER),
    ("/audit", FROM_DESIGNER),
    ("/audit/1", FROM_DESIGNER),
    ("/audit?of=site", ADMIN),
    ("/users", ADMIN),
    ("/api/v1/entities", API),
    ("/api/v1/entities/ACME", API),
    ("/api/v1/entities/ACME/relations", API),
    ("/api/v1/entities/ACME/history", API),
    ("/api/v1/relations", API),
    ("/api/v1/vocabulary", API),
    ("/api/v1/search?q=acme", API),
    ("/api/v1/history", API),
]


@pytest.mark.parametrize("role", [*ROLES, None])
@pytest.mark.parametrize(("path", "allowed"), READING, ids=[path for path, _ in READING])
def test_reading(market: Any, path: str, allowed: dict[str | None, int], role: str | None) -> None:
    answer = market.visitor(role).get(path.replace("ACME", market.id("ACME")))
    assert answer.status_code == allowed[role]
    if answer.status_code == 303:
        assert "/login" in answer.headers["Location"]


# what a form or a call answers to those who may and to those who may not: 403 and nothing else for the latter
WRITING: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("POST", "/entity/ACME/facts", None, "editor"),
    ("POST", "/entity/ACME/relate", None, "editor"),
    ("POST", "/entity/ACME/trash", None, "editor"),
    ("POST", "/relation/OWNS/change", None, "editor"),
    ("POST", "/entities/new", None, "editor"),
    ("POST", "/undo", None, "editor"),
    ("POST", "/import", None, "editor"),
    ("POST", "/vocabulary/predicate", None, "designer"),
    ("POST", "/vocabulary/text", None, "designer"),
    ("POST", "/users/add", None, "admin"),
    ("POST", "/users/1", None, "admin"),
    ("POST", "/users/1/link", None, "admin"),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "X"}}, "editor"),
    ("PATCH", "/api/v1/entities/ACME", {"fields": {"sector": "Rail"}}, "editor"),
    ("DELETE", "/api/v1/entities/ACME", None, "editor"),
    ("POST", "/api/v1/entities/ACME/restore", {}, "editor"),
    ("POST", "/api/v1/entities/ACME/merge", {"other": "BOLT"}, "editor"),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "ACME", "object": "BOLT"}, "editor"),
    ("PATCH", "/api/v1/relations/OWNS", {"attributes": {"share": "1%"}}, "editor"),
    ("POST", "/api/v1/relations/OWNS/end", {"on": "2030-01-01"}, "editor"),
    ("DELETE", "/api/v1/relations/OWNS", None, "editor"),
    ("POST", "/api/v1/undo", {"transaction": "1"}, "editor"),
    ("POST", "/api/v1/imports", None, "editor"),
    ("POST", "/api/v1/vocabulary/plan", {"yaml": "types: {}"}, "designer"),
    ("PUT", "/api/v1/vocabulary", {"yaml": "types: {}"}, "designer"),
]


def send(place: Any, role: str | None, one: tuple[str, str, dict[str, Any] | None, str]) -> Any:
    method, path, body, _ = one
    acme, bolt = place.graph.entity("ACME"), place.graph.entity("Bolt Fasteners")
    owns = next(iter(place.graph.relations("owns", object=acme)))
    names = {"ACME": acme.id, "BOLT": bolt.id, "OWNS": owns.id}
    for name, value in names.items():
        path = path.replace(name, value)
    if body is not None:
        body = {key: names.get(value, value) if isinstance(value, str) else value for key, value in body.items()}
    version = str((owns if owns.id in path else acme).version)
    visitor = place.visitor(role)
    if "/api/" in path:
        return visitor.json(path, body, method=method, If_Match=f'"{version}"')
    return visitor.client.post(path, data={"form_token": visitor.token, "version": version})


NAMES = [f"{one[0]} {one[1]}" for one in WRITING]


REFUSED = [(one, role) for one in WRITING for role in (None, *ROLES[: ROLES.index(one[3])])]


@pytest.mark.parametrize(("one", "role"), REFUSED, ids=[f"{one[0]} {one[1]} {role}" for one, role in REFUSED])
def test_writing_is_refused_to_those_who_may_not(market: Any, one: Any, role: str | None) -> None:
    before = market.graph.stats()["transactions"]
    answer = send(market, role, one)
    assert answer.status_code == (401 if role is None else 403), answer.text[:300]
    assert market.graph.stats()["transactions"] == before


@pytest.mark.parametrize("one", WRITING, ids=NAMES)
def test_writing_is_open_to_those_who_may(fresh: Callable[..., Any], one: Any) -> None:
    answer = send(fresh(), one[3], one)
    assert answer.status_code not in {401, 403}, answer.text[:300]
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/suggest.json?q=a", "/glyph/Company.svg", "/api/v1/openapi.json", "/explore.svg?n=3", "/explore.graphml?n=3",
        "/home.json", "/search.csv?q=a", "/entities.csv", "/query.json?q=find+Company", "/explore.json?n=3",
    ],
)  # fmt: skip
def test_nothing_is_told_to_nobody(market: Any, path: str) -> None:
    answer = market.visitor().get(path)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("name", ["network", "guard", "expand", "path", "common", "save"])
def test_the_canvas_tells_nobody_anything(market: Any, name: str) -> None:
    assert market.visitor().json(f"/explore/{name}.json", {}).status_code == 401


# -- what is hidden ----------------------------------------------------------------------------------------------------

EVERYWHERE = [
    "/",
    "/home.json",
    "/search?q=Anne",
    "/search.csv?q=Anne",
    "/suggest.json?q=Anne",
    "/entities",
    "/entities.csv",
    "/entity/ACME",
    "/entity/ACME.json",
    "/entity/ACME?timeline=1",
    "/entity/ACME/history",
    "/explore?n=200",
    "/explore.json?n=200",
    "/explore.svg?n=200",
    "/explore.graphml?n=200",
    "/explore.json?focus=ACME&n=200",
    "/query?q=find+anything",
    "/query.csv?q=find+anything",
    "/query.json?q=find+anything+any+%22Nordlicht+Conseil%22",
    "/vocabulary",
    "/vocabulary.json",
    "/api/v1/entities?limit=1000",
    "/api/v1/entities/ACME/relations?limit=1000&ever=true",
    "/api/v1/entities/ACME/history",
    "/api/v1/relations?limit=1000&ever=true",
    "/api/v1/search?q=Anne",
    "/api/v1/history?limit=1000",
    "/api/v1/vocabulary",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_what_is_hidden_is_nowhere(market: Any, path: str) -> None:
    answer = market.visitor("limited").get(path.replace("ACME", market.id("ACME")))
    assert answer.status_code == 200, answer.text[:300]
    text = answer.text.replace("q=Anne", "").replace('value="Anne"', "").replace("“Anne”", "").replace(">Anne ·", "")
    # a company that bears the name of its owners may be read
    text = text.replace("Delmas & Fille Invest", "").replace("Delmas &amp; Fille Invest", "")
    for secret in ("Anne Delmas", "Alain Delmas", "is supplied by", '"supplies"', ">supplies<", "supplied_by"):
        assert secret not in text, text[max(0, text.index(secret) - 200) : text.index(secret) + 80]


def test_what_is_hidden_is_answered_like_what_never_was(market: Any) -> None:
    limited, secret = market.visitor("limited"), market.id("Anne Delmas")
    for path in (
        "/entity/{}.json",
        "/api/v1/entities/{}",
        "/api/v1/entities/{}/relations",
        "/api/v1/entities/{}/history",
    ):
        hidden, never = (limited.get(path.format(one)) for one in (secret, "never-was"))
        assert hidden.status_code == never.status_code == 404
        told = [{key: value for key, value in one.json.items() if key != "detail"} for one in (hidden, never)]
        assert told[0] == told[1]
        assert hidden.json["detail"].replace(secret, "X") == never.json["detail"].replace("never-was", "X")


def test_counts_leave_out_what_is_hidden(market: Any) -> None:
    limited, acme = market.visitor("limited"), market.id("ACME")
    people = market.graph.count("Person")
    told = limited.get("/home.json").json
    assert sum(told["entities"].values()) == market.graph.count() - people
    assert "Person" not in told["entities"]
    assert "supplies" not in told["relations"]
    rows = limited.get("/query.json?q=how+many+anything").json["rows"]
    assert rows == [[market.graph.count() - people]]
    degree = next(one for one in limited.get("/suggest.json?q=ACME").json["entities"] if one["id"] == acme)["degree"]
    shown = limited.get(f"/api/v1/entities/{acme}/relations?limit=1000").json
    assert degree == shown["total"] == len(shown["items"])


def test_questions_cannot_name_what_is_hidden(market: Any) -> None:
    limited = market.visitor("limited")
    for text in ("find Person", 'find Company that supplies "ACME"', 'find anything any "Anne Delmas"'):
        answer = limited.json("/api/v1/query", {"text": text})
        assert answer.status_code == 422
        assert "Anne Delmas" not in str(answer.json["candidates"])
    offered = limited.json("/api/v1/complete", {"text": "find Company ", "cursor": 13}).json["items"]
    assert offered
    assert not {"supplies", "supplied_by", "Person"} & {one["text"] for one in offered}
    names = limited.json("/query/complete.json", {"text": 'find Company owned_by "Ann', "cursor": 26}).json["items"]
    assert not any("Anne" in one["text"] for one in names)


def test_paths_do_not_lead_through_what_is_hidden(market: Any) -> None:
    limited = market.visitor("limited")
    told = limited.json("/explore/path.json", {"from": market.id("ACME"), "to": market.id("MySQL"), "ids": []}).json
    for one in told.get("nodes", []):
        assert one["type"] not in {"Person", "User"}


def test_an_error_names_nothing_hidden(fresh: Callable[..., Any]) -> None:
    place = fresh()
    limited, acme = place.visitor("limited"), place.id("ACME")
    owned = next(iter(place.graph.relations("owns", object=acme)))
    body = {"predicate": "owns", "subject": owned.subject.id, "object": acme, "since": "2000"}
    answer = limited.json("/api/v1/relations", body)
    assert answer.status_code in {404, 422}
    for person in place.graph.entities("Person"):
        assert person.name not in answer.text


def test_the_past_is_not_a_way_round(market: Any) -> None:
    limited = market.visitor("limited")
    assert limited.get("/query.json?q=find+Company&known_at=2030-01-01T00:00:00Z").status_code == 403
    found = limited.json("/api/v1/query", {"text": "find anything known at 2030-01-01T00:00:00Z"})
    if found.status_code == 200:
        assert not any(cell["type"] == "Person" for row in found.json["rows"] for cell in row)


def test_what_is_locked_is_read_and_not_written(fresh: Callable[..., Any]) -> None:
    place = fresh()
    careful, acme = place.visitor("careful"), place.graph.entity("ACME")
    assert "owns" in careful.get(f"/entity/{acme.id}").text
    body = {"predicate": "owned_by", "subject": acme.id, "object": place.id("Vega Capital")}
    assert careful.json("/api/v1/relations", body).status_code == 403
    sugar = place.graph.entity("SugarCRM")
    answer = careful.json(
        f"/api/v1/entities/{sugar.id}", {"fields": {"remark": "x"}}, method="PATCH", If_Match=f'"{sugar.version}"'
    )
    assert answer.status_code == 403
    changed = careful.json(
        f"/api/v1/entities/{acme.id}", {"fields": {"sector": "Rail"}}, method="PATCH", If_Match=f'"{acme.version}"'
    )
    assert changed.status_code == 200


def test_a_copy_follows_what_is_written(fresh: Callable[..., Any]) -> None:
    place = fresh()
    limited = place.visitor("limited")
    before = sum(limited.get("/home.json").json["entities"].values())
    place.graph.add("Company", name="Later")
    assert sum(limited.get("/home.json").json["entities"].values()) == before + 1
    assert limited.get("/api/v1/search?q=later").json["items"][0]["name"] == "Later"


def test_a_copy_holds_exactly_the_rest(market: Any) -> None:
    with copy_readable(market.graph, {"Person", "supplies"}) as copied:
        hidden = {one.id for one in market.graph.entities("Person")}
        assert {one.id for one in copied.entities()} == {one.id for one in market.graph.entities()} - hidden
        assert {one.id for one in copied.relations(ever=True)} == {
            one.id
            for one in market.graph.relations(ever=True)
            if one.predicate != "supplies" and not {one.subject.id, one.object.id} & hidden
        }


def test_a_hidden_type_takes_its_subtypes_and_what_rests_on_them(market: Any) -> None:
    words = readable(market.graph.vocabulary, {"Organization", "member_of"})
    assert "Company" not in words.types
    assert "head_of" not in words.predicates
    assert "owns" not in words.predicates
    assert words == type(words).from_text(words.to_yaml())
