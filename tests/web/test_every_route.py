"""Every route of the application has an entry here: who may use it, and that it tells nothing hidden.

The table is held against the application's own map of addresses, so that a new route without an entry fails.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.web.conftest import HIDDEN, Place, Visitor

ROLES: Final = ("reader", "editor", "designer", "admin")
ALL: Final = "all"
"""Open to nobody in particular: the way in, and files that are the same for all."""

# for each route: the least role, and what is sent to it; an address without a body is read
E, R = "<reference:entity_id>", "<reference:relation_id>"
ROUTES: dict[str, tuple[str, Any]] = {
    "GET /": ("reader", None),
    "GET /home.json": ("reader", None),
    "GET /account": ("reader", None),
    "POST /account/keys": ("reader", {}),
    "POST /account/password": ("reader", {}),
    "POST /account/tokens": ("reader", {}),
    "POST /account/tokens/drop": ("reader", {}),
    "GET /alert/<alert_id>": ("reader", None),
    "GET /alert/<alert_id>.json": ("reader", None),
    "POST /alert/<alert_id>": ("reader", {"action": "seen"}),
    "GET /audit": ("designer", None),
    "GET /audit.csv": ("designer", None),
    "GET /audit.json": ("designer", None),
    "GET /audit/<reference:reference>": ("designer", None),
    "GET /audit/<reference:reference>.json": ("designer", None),
    "GET /compare": ("reader", None),
    "GET /compare.csv": ("reader", None),
    "GET /compare.json": ("reader", None),
    "GET /entities": ("reader", None),
    "GET /entities.csv": ("reader", None),
    "GET /entities.json": ("reader", None),
    "GET /entities/new": ("editor", None),
    "POST /entities/new": ("editor", {}),
    f"GET /entity/{E}": ("reader", None),
    f"GET /entity/{E}.json": ("reader", None),
    f"POST /entity/{E}/facts": ("editor", {}),
    f"GET /entity/{E}/history": ("reader", None),
    f"GET /entity/{E}/history.json": ("reader", None),
    f"POST /entity/{E}/relate": ("editor", {"reading": "owns", "target": "Anne Delmas"}),
    f"GET /entity/{E}/relations/<reading>": ("reader", None),
    f"GET /entity/{E}/relations/<reading>.csv": ("reader", None),
    f"GET /entity/{E}/relations/<reading>.json": ("reader", None),
    f"POST /entity/{E}/trash": ("editor", {}),
    "GET /explore": ("reader", None),
    "GET /explore.csv": ("reader", None),
    "GET /explore.graphml": ("reader", None),
    "GET /explore.json": ("reader", None),
    "GET /explore.svg": ("reader", None),
    "POST /explore/common.json": ("reader", {"selected": ["ACME", "SECRET"], "ids": ["ACME", "SECRET"]}),
    "POST /explore/expand.json": ("reader", {"id": "ACME", "ids": ["ACME", "SECRET"], "most": 200}),
    "POST /explore/guard.json": ("reader", {"id": "ACME", "ids": ["ACME", "SECRET"]}),
    "POST /explore/network.json": ("reader", {"ids": ["ACME", "SECRET"]}),
    "POST /explore/path.json": ("reader", {"from": "ACME", "to": "MYSQL", "ids": ["SECRET"]}),
    "POST /explore/save.json": ("reader", {"name": "Mine", "ids": ["ACME", "SECRET"]}),
    "GET /glyph/<reference:name>.svg": ("reader", None),
    "GET /health": ("designer", None),
    "GET /health.csv": ("designer", None),
    "GET /health.json": ("designer", None),
    "GET /import": ("editor", None),
    "POST /import": ("editor", {}),
    "GET /import/<job_id>": ("editor", None),
    "GET /import/<job_id>.json": ("editor", None),
    "POST /import/<job_id>": ("editor", {}),
    "GET /login": (ALL, None),
    "POST /login": (ALL, {}),
    "POST /logout": (ALL, {}),
    "GET /query": ("reader", None),
    "GET /query.csv": ("reader", None),
    "GET /query.json": ("reader", None),
    "GET /merge": ("editor", None),
    "GET /merge.json": ("editor", None),
    "POST /merge": ("editor", {"keep": "ACME", "other": "SECRET", "action": "try"}),
    "POST /query/check.json": ("reader", {"text": 'find Person that supplies "Anne Delmas"'}),
    "POST /query/complete.json": ("reader", {"text": 'find Company owned_by "Ann', "cursor": 26}),
    "POST /query/drop": ("reader", {}),
    "POST /query/save": ("reader", {"q": "find Company", "name": "Mine"}),
    f"POST /relation/{R}/change": ("editor", {}),
    "GET /search": ("reader", None),
    "GET /search.csv": ("reader", None),
    "GET /search.json": ("reader", None),
    "GET /static/<path:filename>": (ALL, None),
    "GET /suggest.json": ("reader", None),
    "POST /undo": ("editor", {}),
    "GET /users": ("admin", None),
    "GET /users.json": ("admin", None),
    "POST /users/<int:user_id>": ("admin", {}),
    "POST /users/<int:user_id>/link": ("admin", {}),
    "POST /users/add": ("admin", {}),
    "GET /vocabulary": ("reader", None),
    "GET /vocabulary.csv": ("reader", None),
    "GET /vocabulary.json": ("reader", None),
    "GET /vocabulary/predicate": ("designer", None),
    "POST /vocabulary/predicate": ("designer", {}),
    "GET /vocabulary/text": ("designer", None),
    "POST /vocabulary/text": ("designer", {}),
    "GET /welcome/<secret>": (ALL, None),
    "POST /welcome/<secret>": (ALL, {}),
    "POST /api/v1/check": ("reader", {"text": 'find Person that supplies "Anne Delmas"'}),
    "POST /api/v1/complete": ("reader", {"text": "find Company that ", "cursor": 18}),
    "GET /api/v1/entities": ("reader", None),
    "POST /api/v1/entities": ("editor", {"type": "Person", "fields": {"name": "X"}}),
    f"GET /api/v1/entities/{E}": ("reader", None),
    f"PATCH /api/v1/entities/{E}": ("editor", {"fields": {"nope": "X"}}),
    f"DELETE /api/v1/entities/{E}": ("editor", None),
    f"GET /api/v1/entities/{E}/history": ("reader", None),
    f"POST /api/v1/entities/{E}/merge": ("editor", {"other": "SECRET"}),
    f"GET /api/v1/entities/{E}/relations": ("reader", None),
    f"POST /api/v1/entities/{E}/restore": ("editor", None),
    "POST /api/v1/explain": ("reader", {"text": 'find anything any "Anne Delmas"'}),
    "GET /api/v1/history": ("reader", None),
    "POST /api/v1/imports": ("editor", None),
    "GET /api/v1/openapi.json": ("reader", None),
    "POST /api/v1/query": ("reader", {"text": "find anything"}),
    "GET /api/v1/relations": ("reader", None),
    "POST /api/v1/relations": ("editor", {"predicate": "owns", "subject": "ACME", "object": "SECRET"}),
    f"GET /api/v1/relations/{R}": ("reader", None),
    f"PATCH /api/v1/relations/{R}": ("editor", {"attributes": {"nope": "1%"}}),
    f"DELETE /api/v1/relations/{R}": ("editor", None),
    f"POST /api/v1/relations/{R}/end": ("editor", {"on": "never"}),
    f"GET /api/v1/relations/{R}/history": ("reader", None),
    "GET /api/v1/search": ("reader", None),
    "POST /api/v1/undo": ("editor", {"transaction": "nope"}),
    "GET /api/v1/vocabulary": ("reader", None),
    "PUT /api/v1/vocabulary": ("designer", {"yaml": "types: {}"}),
    "POST /api/v1/vocabulary/plan": ("designer", {"yaml": "types: {}"}),
}
ASKING = {
    "compare": "with=2000-01-01",
    "search": "q=Delmas", "suggest": "q=Delmas", "query": "q=find+anything", "explore": "n=200", "entities": "",
    "api/v1/search": "q=Delmas&limit=50", "api/v1/entities": "limit=1000", "api/v1/history": "limit=1000",
    "api/v1/relations": "limit=1000&ever=true",
}  # fmt: skip


def known(place: Place) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in place.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_names_every_route_and_no_other(market: Place) -> None:
    assert set(ROUTES) == known(market)


def names(place: Place, *, secret: bool) -> dict[str, str]:
    """Return what stands in the places of addresses and bodies: things to be seen, or hidden ones."""
    hidden = place.id("Anne Delmas")
    entity = hidden if secret else place.id("ACME")
    relation = next(iter(place.graph.relations("supplies" if secret else "owns")))
    return {
        E: entity, R: relation.id, "<reference:reference>": "1", "<reading>": "supplied_by" if secret else "owned_by",
        "<reference:name>": "Person" if secret else "Company", "<job_id>": "nope", "<path:filename>": "app.css",
        "<int:user_id>": "1", "<alert_id>": "nope", "<secret>": "nope", "ACME": place.id("ACME"),
        "MYSQL": place.id("MySQL"), "SECRET": hidden,
    }  # fmt: skip


def ask(
    place: Place,
    visitor: Visitor,
    route: str,
    *,
    secret: bool = False,
    query: str = "",
    put: dict[str, str] | None = None,
) -> Any:
    method, path = route.split(" ")
    body, put = ROUTES[route][1], put or names(place, secret=secret)
    for name, value in put.items():
        if name.startswith("<"):
            path = path.replace(name, value)
    if isinstance(body, dict):
        body = {
            key: [put.get(one, one) for one in value] if isinstance(value, list) else put.get(str(value), value)
            for key, value in body.items()
        }
    path += f"?{query}" if query else ""
    if method == "GET":
        return visitor.get(path, buffered=True)
    if "/api/" in path or path.endswith(".json"):
        return visitor.json(path, body, method=method, If_Match='"0"')
    return visitor.send(path, **(body or {}))


@pytest.mark.parametrize("route", [one for one in ROUTES if ROUTES[one][0] != ALL])
def test_nobody_comes_further_than_the_way_in(market: Place, route: str) -> None:
    answer = ask(market, market.visitor(), route)
    if answer.status_code == 303:
        assert "/login?next=" in answer.headers["Location"]
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("route", "role"),
    [
        (route, role)
        for route, (least, _) in ROUTES.items()
        for role in ROLES
        if least != ALL and ROLES.index(role) < ROLES.index(least)
    ],
)
def test_a_lower_role_is_refused(market: Place, route: str, role: str) -> None:
    before = market.graph.stats()["transactions"]
    answer = ask(market, market.visitor(role), route)
    assert answer.status_code == 403, answer.text[:300]
    assert market.graph.stats()["transactions"] == before


@pytest.mark.parametrize("route", [one for one in ROUTES if one.startswith("GET") and ROUTES[one][0] != ALL])
def test_each_role_from_the_least_on_reads(market: Place, route: str) -> None:
    for role in ROLES[ROLES.index(ROUTES[route][0]) :]:
        answer = ask(market, market.visitor(role), route, query=ASKING.get(_stem(route), ""))
        assert answer.status_code == (404 if "<job_id>" in route or "<alert_id>" in route else 200), (
            role,
            answer.text[:300],
        )


def _stem(route: str) -> str:
    return route.split(" ")[1].strip("/").rsplit(".", 1)[0]


def hidden_words(place: Place) -> list[str]:
    """Return every name and word that a limited person may not come across, as it would stand in an answer."""
    readable = " ".join(one.name for kind in place.graph.vocabulary.types for one in _visible(place, kind))
    people = [one.name for one in place.graph.entities("Person")]
    return [one for one in people if one not in readable] + [
        "supplied_by",
        "is supplied by",
        '"supplies"',
        ">supplies<",
    ]


def _visible(place: Place, kind: str) -> list[Any]:
    hidden = place.graph.vocabulary.subtypes("Person")
    return [] if kind in hidden else [one for one in place.graph.entities(kind) if one.type not in hidden]


@pytest.mark.parametrize("secret", [False, True], ids=["beside", "itself"])
@pytest.mark.parametrize("route", ROUTES)
def test_what_is_hidden_is_in_no_answer(market: Place, route: str, *, secret: bool) -> None:
    """A limited person asks every route, for things that may be seen and for the hidden ones by their own ids."""
    assert {"Person", "supplies"} == HIDDEN
    if route == "POST /logout":
        return  # the visitor of the other tests would be gone
    answer = ask(market, market.visitor("limited"), route, secret=secret, query=ASKING.get(_stem(route), ""))
    tells_nothing_hidden(answer, route, hidden_words(market), secret=secret)


def tells_nothing_hidden(answer: Any, route: str, words: list[str], *, secret: bool) -> None:
    """Hold an answer to a limited person against the words that they may not come across."""
    assert answer.status_code < 500, route
    body = ROUTES[route][1]
    said = [one for value in (body or {}).values() for one in (value if isinstance(value, list) else [value])]
    said = [*said, ASKING.get(_stem(route), "")] + (["supplied_by"] if secret and "<reading>" in route else [])
    for word in words:
        # what this person wrote comes back
        if not any(word in str(one) for one in said):
            at = answer.text.find(word)
            assert at < 0, (route, answer.text[max(0, at - 200) : at + 100])
