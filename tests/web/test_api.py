from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from relgraph_web import Accounts, Settings, create_app
from relgraph_web.counting import last_number

BOTH_STORES = True

PASSWORD = "a long enough password"  # noqa: S105 - of users that live as long as a test


def test_an_entity_is_written_only_with_its_version(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.id("ACME")
    path = f"/api/v1/entities/{acme}"
    first = editor.get(path)
    change = {"fields": {"sector": "Rail"}, "reason": "moved"}
    assert editor.json(path, change, method="PATCH").status_code == 428
    assert editor.json(path, change, method="PATCH", If_Match='"1"').status_code == 412
    done = editor.json(path, change, method="PATCH", If_Match=first.headers["ETag"])
    assert done.status_code == 200
    assert done.json["fields"]["sector"] == "Rail"
    assert done.headers["ETag"] != first.headers["ETag"]
    assert editor.json(path, change, method="PATCH", If_Match=first.headers["ETag"]).status_code == 412
    assert editor.get(path, headers={"If-None-Match": done.headers["ETag"]}).status_code == 304


def test_a_relation_goes_through_its_life(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.id("ACME")
    body = {
        "predicate": "supplied_by", "subject": acme, "object": place.id("Vega Capital"), "since": "2024",
    }  # fmt: skip
    made = editor.json("/api/v1/relations", body)
    assert made.status_code == 201
    assert (made.json["predicate"], made.json["object"]["id"]) == ("supplies", acme)
    path = f"/api/v1/relations/{made.json['id']}"
    ended = editor.json(f"{path}/end", {"on": "2025-02-01"}, If_Match=made.headers["ETag"])
    assert ended.json["until"] == "2025-02-01"
    assert editor.json(path, None, method="DELETE", If_Match=ended.headers["ETag"]).status_code == 204
    assert editor.get(path).status_code == 404
    assert [one["change"] for one in editor.get(f"{path}/history").json["items"] if one["thing"] == "relation"]


def test_lists_are_read_page_by_page(market: Any) -> None:
    reader = market.visitor("reader")
    for path in ("/api/v1/entities?limit=40", "/api/v1/relations?limit=90&ever=true", "/api/v1/history?limit=300"):
        seen: list[Any] = []
        cursor = ""
        while True:
            told = reader.get(path + (f"&cursor={cursor}" if cursor else "")).json
            seen += [(one["id"], one.get("change"), str(one.get("after"))) for one in told["items"]]
            if told["next"] is None:
                break
            cursor = told["next"]
        whole = reader.get(
            path.split("?")[0] + "?limit=1000&ever=true" if "relations" in path else path.split("?")[0] + "?limit=1000"
        ).json
        assert seen[:1000] == [(one["id"], one.get("change"), str(one.get("after"))) for one in whole["items"]]


@pytest.mark.parametrize("options", ["", "&ever=true", "&predicate=manages", "&predicate=manages&ever=true"])
def test_the_relations_of_an_entity_are_counted_and_read_page_by_page(market: Any, options: str) -> None:
    reader = market.visitor("reader")
    path = f"/api/v1/entities/{market.id('Claire Fontaine')}/relations?limit=1{options}"
    seen: list[str] = []
    cursor = ""
    while True:
        told = reader.get(path + cursor).json
        seen += [one["relation"]["id"] for one in told["items"]]
        if told["next"] is None:
            break
        cursor = f"&cursor={told['next']}"
    name = "manages" if "predicate" in options else None
    every = market.graph.related(market.id("Claire Fontaine"), name, ever="ever" in options)
    assert seen == [one.relation.id for one in every]
    assert told["total"] == len(seen)


def test_a_question_is_asked_with_parameters(market: Any) -> None:
    reader = market.visitor("reader")
    body = {"text": "find Company owns $what show name", "parameters": {"what": "Usine Velmar"}}
    assert ["ACME"] in reader.json("/api/v1/query", body).json["rows"]
    cut = reader.json("/api/v1/query", {"text": "find Company", "limit": 2}).json
    assert (len(cut["rows"]), cut["truncated"]) == (2, True)


def test_a_token_does_what_its_owner_may(market: Any) -> None:
    token = market.accounts.give_secret(market.accounts.named("reader"), "token", hours=1)
    client = market.app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/entities", headers=headers).status_code == 200
    # a token is not sent by a browser on its own, so no form token is asked for; the role still is
    answer = client.post("/api/v1/entities", json={"type": "Company", "fields": {"name": "X"}}, headers=headers)
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"
    assert client.get("/api/v1/entities", headers={"Authorization": "Bearer wrong"}).status_code == 401


BAD: list[tuple[str, str, Any]] = [
    ("GET", "/api/v1/entities?limit=0", None),
    ("GET", "/api/v1/entities?limit=x", None),
    ("GET", "/api/v1/entities?cursor=%F0%9F", None),
    ("GET", "/api/v1/entities?cursor=W10", None),
    ("GET", "/api/v1/entities?nonsense=1", None),
    ("GET", "/api/v1/entities?type=Compny", None),
    ("GET", "/api/v1/entities?as_of=2024", None),
    ("GET", "/api/v1/entities?known_at=soon", None),
    ("GET", "/api/v1/entities/%00", None),
    ("GET", "/api/v1/entities/" + "x" * 3000, None),
    ("GET", "/api/v1/entities/a/relations?predicate=nope", None),
    ("GET", "/api/v1/entities/a/relations?cursor=WyIxZTkiXQ", None),
    ("GET", "/api/v1/relations?cursor=WyJubyJd", None),
    ("GET", "/api/v1/relations?predicate=nope", None),
    ("GET", "/api/v1/history?after=nope", None),
    ("GET", "/api/v1/history?after=99999999999999999999", None),
    ("GET", "/api/v1/history?cursor=WyItMSIsICIwIl0", None),
    ("GET", "/api/v1/search", None),
    ("GET", "/api/v1/search?q=a&types=Nope", None),
    ("POST", "/api/v1/entities", {}),
    ("POST", "/api/v1/entities", []),
    ("POST", "/api/v1/entities", {"type": "Company"}),
    ("POST", "/api/v1/entities", {"type": "Nope", "fields": {}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "x", "nope": 1}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": {"a": [1]}}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "\ud800"}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "x", "employees": 1e400}}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "a", "object": "b"}),
    ("POST", "/api/v1/relations", {"predicate": "nope", "subject": "ACME", "object": "ACME"}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "ACME", "object": "ACME"}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "ACME", "object": "BOLT", "since": "soon"}),
    ("POST", "/api/v1/query", {"text": "find"}),
    ("POST", "/api/v1/query", {"text": "(" * 5000}),
    ("POST", "/api/v1/query", {"text": "find Company $x", "parameters": {"x": {"y": 1}}}),
    ("POST", "/api/v1/query", {"text": "find Company", "limit": -1}),
    ("POST", "/api/v1/complete", {"text": "find", "cursor": -1}),
    ("POST", "/api/v1/undo", {"transaction": "nope"}),
    ("POST", "/api/v1/vocabulary/plan", {"yaml": "types: ["}),
    ("POST", "/api/v1/vocabulary/plan", {"yaml": "a: &a [*a]"}),
    ("POST", "/api/v1/imports", None),
    ("POST", "/query/check.json", {"text": 1}),
    ("POST", "/query/complete.json", {"text": "find", "cursor": True}),
    ("POST", "/explore/guard.json", {}),
    ("POST", "/explore/guard.json", []),
    ("POST", "/explore/expand.json", {"id": "ACME", "most": "x"}),
    ("POST", "/explore/network.json", {"ids": [1]}),
    ("POST", "/explore/network.json", {"ids": [], "places": {"a": ["x", 1]}}),
    ("POST", "/explore/network.json", {"ids": [], "aspect": "wide"}),
    ("POST", "/explore/network.json", {"ids": [str(one) for one in range(2000)]}),
    ("POST", "/explore/path.json", {"from": "ACME", "to": "nope"}),
    ("POST", "/explore/common.json", {"selected": ["ACME"]}),
    ("POST", "/explore/save.json", {"ids": []}),
    ("GET", "/explore.json?n=x", None),
    ("GET", "/explore.json?aspect=x&n=3", None),
    ("GET", "/explore.json?view=nope", None),
    ("GET", "/query.json?q=find+Compny", None),
    ("GET", "/entity/nope.json", None),
    ("GET", "/entities.json?type=Nope", None),
    ("GET", "/audit.json?before=nope", None),
    ("GET", "/import/nope.json", None),
]


@pytest.mark.parametrize(
    ("method", "path", "body"), BAD, ids=[f"{one[0]} {one[1][:60]} {str(one[2])[:40]}" for one in BAD]
)
def test_bad_input_is_told_and_never_our_error(market: Any, method: str, path: str, body: Any) -> None:
    admin = market.visitor("admin")
    names = {"ACME": market.id("ACME"), "BOLT": market.id("Bolt Fasteners")}
    if isinstance(body, dict):
        body = {
            key: names.get(value, value)
            if isinstance(value, str)
            else [names.get(one, one) if isinstance(one, str) else one for one in value]
            if isinstance(value, list)
            else value
            for key, value in body.items()
        }
    before = last_number(market.graph)
    answer = admin.get(path) if method == "GET" else admin.json(path, body)
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert answer.mimetype in {"application/problem+json", "application/json"}
    assert answer.json["status"] == answer.status_code
    assert answer.json["detail"]
    assert last_number(market.graph) == before


def test_no_form_of_another_site_is_taken(fresh: Callable[..., Any]) -> None:
    place = fresh()
    editor, acme = place.visitor("editor"), place.graph.entity("ACME")
    values = {"version": str(acme.version), "field.sector": "Rail"}
    path = f"/entity/{acme.id}/facts"
    assert editor.client.post(path, data=values).status_code == 403
    assert editor.client.post(path, data={**values, "form_token": "x"}).status_code == 403
    token = {"form_token": editor.token}
    other = editor.client.post(path, data={**values, **token}, headers={"Origin": "http://elsewhere.example"})
    assert other.status_code == 403
    assert place.visitor("reader").client.post(path, data={**values, **token}).status_code == 403
    assert place.graph.get(acme.id).version == acme.version
    assert editor.client.post("/api/v1/entities", json={"type": "Company"}).status_code == 403


def test_wrong_passwords_close_the_door_for_a_while(fresh: Callable[..., Any]) -> None:
    place = fresh(attempts=3)
    visitor = place.visitor()
    for _ in range(3):
        assert visitor.send("/login", name="admin", password=PASSWORD[::-1]).status_code == 401
    answer = visitor.send("/login", name="admin", password=PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert any(one["what"] == "login refused" for one in place.accounts.recorded())


def test_too_much_at_once_is_refused_with_the_limit(fresh: Callable[..., Any]) -> None:
    place = fresh(body=10_000)
    editor = place.visitor("editor")
    answer = editor.json("/api/v1/query", {"text": "x" * 20_000})
    assert answer.status_code == 413
    assert "MB" in answer.json["detail"]


def test_a_login_leads_nowhere_else(market: Any) -> None:
    for target in ("//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"):
        visitor = market.visitor()
        answer = visitor.send("/login?next=" + target, name="reader", password=PASSWORD, next=target)
        assert answer.headers["Location"] == "/"


def test_a_logout_and_a_new_password_end_the_session(fresh: Callable[..., Any]) -> None:
    place = fresh()
    reader = place.visitor("reader")
    place.accounts.change(place.accounts.named("reader"), password=PASSWORD * 2)
    assert reader.get("/").status_code == 303
    admin = place.visitor("admin")
    admin.send("/logout")
    assert admin.get("/").status_code == 303


def test_only_digests_and_hashes_are_kept(tmp_path: Any) -> None:
    path = tmp_path / "accounts.db"
    accounts = Accounts(path)
    user = accounts.add("ana", "admin", password=PASSWORD)
    secrets = [accounts.give_secret(user, kind, hours=1) for kind in ("session", "token", "link")]
    held = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"$argon2id$" in held
    for secret in (PASSWORD, *secrets):
        assert secret.encode() not in held
    assert path.stat().st_mode & 0o077 == 0


def test_the_description_is_openapi_and_names_every_route(market: Any) -> None:
    told = market.visitor("reader").get("/api/v1/openapi.json").json
    assert told["openapi"] == "3.1.0"
    assert {"/api/v1/entities", "/api/v1/query", "/api/v1/imports", "/api/v1/vocabulary"} <= set(told["paths"])
    answers = told["paths"]["/api/v1/entities/{entity_id}"]["patch"]["responses"]
    assert "application/problem+json" in answers["412"]["content"]


def test_it_is_mounted_under_a_prefix_of_another_application(market: Any) -> None:
    from flask import Flask  # noqa: PLC0415 - only this test has an application of its own
    from relgraph_web import create_blueprint  # noqa: PLC0415 - the same

    app = Flask("host")
    app.register_blueprint(
        create_blueprint(
            market.graph,
            accounts=market.accounts,
            settings=Settings(),
            identify=lambda: market.accounts.named("reader"),
        ),
        url_prefix="/crm",
    )
    client = app.test_client()
    page = client.get("/crm/")
    assert page.status_code == 200
    assert 'href="/crm/static/app.css' in page.text
    assert client.get("/crm/api/v1/entities").status_code == 200
    assert client.get("/crm/users").status_code == 403
    # what is not ours stays with the host
    assert client.get("/elsewhere").mimetype == "text/html"
    assert "Content-Security-Policy" not in client.get("/elsewhere").headers


def test_settings_come_from_file_environment_and_call(tmp_path: Any) -> None:
    file = tmp_path / "web.toml"
    file.write_text("port = 1\nrows = 5\nupload = 7\n", encoding="utf-8")
    found = Settings.read(file, {"RELGRAPH_WEB_PORT": "2", "RELGRAPH_WEB_ROWS": "6"}, port=3)
    assert (found.port, found.rows, found.upload) == (3, 6, 7)


def test_an_error_of_ours_tells_nothing_of_itself(fresh: Callable[..., Any], monkeypatch: Any) -> None:
    place = fresh()
    reader = place.visitor("reader")
    monkeypatch.setattr("relgraph_web.pages.home.questions_for", lambda _: 1 / 0)
    answer = reader.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


def test_a_store_that_went_away_is_told(market: Any) -> None:
    import relgraph  # noqa: PLC0415 - only this test breaks one

    class Gone(relgraph.Graph):
        @property
        def vocabulary(self) -> Any:
            raise relgraph.StoreUnavailable("the store does not answer", hint="is the server running?")

    gone = Gone(market.graph.store)
    app = create_app(gone, accounts=market.accounts, settings=Settings())
    token = market.accounts.give_secret(market.accounts.named("reader"), "token", hours=1)
    answer = app.test_client().get("/api/v1/entities", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    assert "is the server running?" in answer.text
    page = app.test_client().get("/", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 503


def test_a_name_that_somebody_else_gave_this_address_opens_nothing(market: Any) -> None:
    app = create_app(market.graph, accounts=market.accounts, settings=Settings())
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    assert app.test_client().get("/login").status_code == 200
    assert app.test_client().get("/login", headers={"Host": "elsewhere.example"}).status_code == 400


def test_parameters_are_told_with_what_they_may_be(fresh: Callable[..., Any]) -> None:
    reader = fresh().visitor("reader")
    told = reader.json("/api/v1/explain", {"text": "find Software where kind = $kind and name != $name"}).json
    choices = [{"value": one, "words": one} for one in ("CRM", "ERP with CRM")]
    assert told["parameters"] == [{"name": "kind", "choices": choices}, {"name": "name", "choices": []}]
    assert told["text"].startswith("Find each Software")
    assert reader.json("/api/v1/explain", {"text": "find Software"}).json["parameters"] == []
