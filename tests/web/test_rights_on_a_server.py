"""Rights over a network on a server: each route as a reader, the others as an admin too, and by type and predicate.

That every role is refused and let in as the table says is held over a file, where it takes a moment; who may do what is
decided before any store is asked. Here it is held that what a server answers goes through the same place.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import SERVED, STORES, Place
from tests.web.test_every_route import ALL, ASKING, ROLES, ROUTES, ask, hidden_words, names, tells_nothing_hidden

LEAVING = "POST /logout"
"""Whoever asks this route is somebody else for those after it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        metafunc.parametrize("store", [one for one in STORES if one.id == SERVED], indirect=True)


def asking(route: str) -> str:
    return ASKING.get(route.split(" ")[1].strip("/").rsplit(".", 1)[0], "")


def test_a_reader_comes_as_far_as_the_table_says(market: Place) -> None:
    reader, before, put = market.visitor("reader"), market.graph.stats()["transactions"], names(market, secret=False)
    for route, (least, _) in ROUTES.items():
        if least == ALL:
            continue
        answer = ask(market, reader, route, query=asking(route), put=put)
        if least != "reader":
            assert answer.status_code == 403, (route, answer.text[:300])
        elif route.startswith("GET"):
            assert answer.status_code == (404 if "<alert_id>" in route else 200), (route, answer.text[:300])
        else:
            assert answer.status_code not in {401, 403}, route
            assert answer.status_code < 500, (route, answer.text[:300])
    assert market.graph.stats()["transactions"] == before


def test_what_is_hidden_is_in_no_answer(market: Place) -> None:
    limited, words = market.visitor("limited"), hidden_words(market)
    assert len(words) > 10
    for secret in (False, True):
        put = names(market, secret=secret)
        for route in ROUTES:
            # what needs more than this person's role is refused before anything is looked for
            if route == LEAVING or (ROUTES[route][0] != ALL and ROLES.index(ROUTES[route][0]) > ROLES.index("editor")):
                continue
            answer = ask(market, limited, route, secret=secret, query=asking(route), put=put)
            tells_nothing_hidden(answer, route, words, secret=secret)


def test_what_is_locked_is_read_and_not_written(fresh: Callable[..., Place]) -> None:
    place = fresh()
    careful, graph = place.visitor("careful"), place.graph
    acme, other = graph.entity("ACME"), graph.entity("Usine Velmar")
    software = next(iter(graph.entities("Software")))
    owns = next(iter(graph.relations("owns", object=acme)))
    for path in (f"/entity/{software.id}", f"/api/v1/relations/{owns.id}"):
        assert careful.get(path).status_code == 200
    before = graph.stats()["transactions"]
    ends = {"subject": acme.id, "object": other.id}
    refused = [
        careful.send(f"/entity/{acme.id}/relate", reading="owns", target_id=other.id),
        careful.send(f"/entity/{other.id}/relate", reading="owned_by", target_id=acme.id),
        careful.send(f"/relation/{owns.id}/change", action="retract", version=str(owns.version)),
        careful.send(f"/entity/{software.id}/facts", version=str(software.version), **{"field.name": "Other"}),
        # with it would go what may not be written
        careful.send(f"/entity/{acme.id}/trash", version=str(acme.version)),
        careful.json("/api/v1/relations", {"predicate": "owns", **ends}),
        careful.json(f"/api/v1/relations/{owns.id}", None, method="DELETE", If_Match=f'"{owns.version}"'),
        careful.json("/api/v1/entities", {"type": "Software", "fields": {"name": "New"}}),
    ]
    assert [one.status_code for one in refused] == [403] * len(refused)
    # what is not locked is tried, and refused for what is wrong with it
    told = careful.json("/api/v1/relations", {"predicate": "supplies", **ends, "attributes": {"share": "lots"}})
    assert told.status_code == 422
    assert graph.stats()["transactions"] == before


def test_an_admin_comes_where_a_reader_does_not(fresh: Callable[..., Place]) -> None:
    place = fresh()
    admin, put = place.visitor("admin"), names(place, secret=False)
    for route, (least, _) in ROUTES.items():
        if least in {ALL, "reader"}:
            continue
        answer = ask(place, admin, route, query=asking(route), put=put)
        if route.startswith("GET"):
            assert answer.status_code == (404 if "<job_id>" in route else 200), (route, answer.text[:300])
        else:
            assert answer.status_code not in {401, 403}, route
            assert answer.status_code < 500, (route, answer.text[:300])
