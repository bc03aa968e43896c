"""Who may write what: by role, by type and by predicate, through the API and through the forms."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph
from tests.web.conftest import Place, make

WORDS = """
vocabulary: rights
types:
  Party: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name]}
  Company: {extends: [Party]}
  Bank: {extends: [Company]}
  Person: {extends: [Party]}
predicates:
  owns: {inverse: owned_by, subject: [Party], object: [Company]}
  controls: {inverse: controlled_by, subject: [Party], object: [Company], implies: [owns]}
  supplies: {inverse: supplied_by, subject: [Company], object: [Company]}
"""
ROLES = ("reader", "editor", "designer", "admin")
LOCKED: list[tuple[frozenset[str], set[str], set[str]]] = [
    # what is locked, what may be written then, and what not
    (frozenset(), {"Company", "Bank", "Person", "owns", "owned_by", "controls", "supplies"}, set()),
    (frozenset({"Company"}), {"Person", "owns", "supplies"}, {"Company", "Bank"}),
    (frozenset({"Bank"}), {"Company", "Person", "owns"}, {"Bank"}),
    (frozenset({"Party"}), {"owns", "supplied_by"}, {"Company", "Bank", "Person"}),
    (frozenset({"owns"}), {"Company", "supplies", "supplied_by"}, {"owns", "owned_by", "controls", "controlled_by"}),
    (frozenset({"controls"}), {"owns", "owned_by", "supplies"}, {"controls", "controlled_by"}),
    (frozenset({"Person", "supplies"}), {"Company", "owns"}, {"Person", "supplies", "supplied_by"}),
]


@pytest.fixture(scope="module")
def place() -> Place:
    graph = relgraph.open(vocabulary=relgraph.Vocabulary.from_text(WORDS))
    for number in range(2):
        for kind in ("Company", "Bank", "Person"):
            graph.add(kind, id=f"{kind}{number}", name=f"{kind} {number}")
    graph.relate("Person0", "owns", "Company0", id="owns0")
    graph.relate("Person1", "controls", "Company1", id="controls0")
    graph.relate("Bank0", "supplies", "Company0", id="supplies0")
    return make(graph)


def api(place: Place, name: str, thing: str) -> set[int]:
    """Write something of a type, or with a predicate, in every way the API has; return the answers."""
    visitor, graph = place.visitor(name), place.graph
    words = graph.vocabulary

    def write(method: str, path: str, body: Any = None, version: int = 0) -> int:
        return visitor.json(path, body, method=method, If_Match=f'"{version}"').status_code

    if thing in words.types:
        answers = {write("POST", "/api/v1/entities", {"type": thing, "fields": {"name": "New"}})}
        one = graph.get(f"{thing}1")
        answers.add(write("PATCH", f"/api/v1/entities/{one.id}", {"fields": {"name": "Other"}}, one.version))
        # what becomes of this type is written as one of it
        other = graph.add("Company", name="Turning") if thing != "Company" else graph.add("Bank", name="Turning")
        if place.accounts.named(name).locked.isdisjoint({other.type, "Company", "Party"}):
            answers.add(write("PATCH", f"/api/v1/entities/{other.id}", {"type": thing}, other.version))
        alone = graph.add(thing, name="Alone")
        answers.add(write("DELETE", f"/api/v1/entities/{alone.id}", None, alone.version))
        return answers
    forward = words.readings[thing].forward
    name_of = words.readings[thing].predicate.name
    bank, company = graph.add("Bank", name="One"), graph.add("Company", name="Two")
    ends = (bank.id, company.id) if forward else (company.id, bank.id)
    answers = {write("POST", "/api/v1/relations", {"predicate": thing, "subject": ends[0], "object": ends[1]})}
    held = graph.relate("Bank1", name_of, company)
    path = f"/api/v1/relations/{held.id}"
    answers.add(write("PATCH", path, {"since": "2020-01-01"}, held.version))
    answers.add(write("POST", f"{path}/end", {"on": "2021-01-01"}, graph.relation(held.id).version))
    answers.add(write("DELETE", path, None, graph.relation(held.id).version))
    return answers


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("locked", "open_", "closed"), LOCKED, ids=[", ".join(sorted(one[0])) or "-" for one in LOCKED]
)
def test_types_and_predicates_are_written_by_those_who_may(
    place: Place, role: str, locked: frozenset[str], open_: set[str], closed: set[str]
) -> None:
    place.accounts.change(place.accounts.named(role), locked=locked)
    for thing in sorted(open_ | closed):
        answers = api(place, role, thing)
        if role == "reader" or (role != "admin" and thing in closed):
            assert answers == {403}, (thing, answers)
        else:
            assert answers <= {200, 201, 204}, (thing, answers)


@pytest.mark.parametrize("way", ["page", "API"])
def test_what_is_put_away_takes_no_relation_along_that_is_locked(place: Place, way: str) -> None:
    place.accounts.change(place.accounts.named("editor"), locked=frozenset({"owns"}))
    editor = place.visitor("editor")
    alone = place.graph.add("Bank", name="Alone").id
    for name, status in (("Company0", 403), ("Person1", 403), (alone, 0)):
        found = place.graph.get(name)
        if way == "page":
            answer = editor.send(f"/entity/{name}/trash", version=str(found.version))
        else:
            path = f"/api/v1/entities/{name}"
            answer = editor.json(path, None, method="DELETE", If_Match=f'"{found.version}"')
        assert answer.status_code == status or (not status and answer.status_code in {204, 303})


def test_the_forms_offer_what_may_be_written_and_no_more(place: Place) -> None:
    place.accounts.change(place.accounts.named("editor"), locked=frozenset({"owns", "Person"}))
    editor = place.visitor("editor")
    page = editor.get("/entity/Company0").text
    offered = page.split('id="add-reading"')[1].split("</select>")[0]
    assert 'value="supplies"' in offered
    for name in ("owns", "owned_by", "controls", "controlled_by"):
        assert f'value="{name}"' not in offered
    assert "Edit facts" in page
    assert "Edit facts" not in editor.get("/entity/Person0").text
    assert 'value="Person"' not in editor.get("/entities/new").text
    for path, values in (
        ("/entity/Company0/relate", {"reading": "owned_by", "target": "Person 1"}),
        ("/entity/Person0/facts", {"field.name": "Other", "version": str(place.graph.get("Person0").version)}),
        ("/relation/owns0/change", {"action": "retract", "version": str(place.graph.relation("owns0").version)}),
    ):
        assert editor.send(path, **values).status_code == 403
    assert editor.send("/entities/new", type="Person", **{"field.name": "New"}).status_code == 404
    assert editor.send("/entity/Company0/relate", reading="supplied_by", target_id="Bank1").status_code == 303
