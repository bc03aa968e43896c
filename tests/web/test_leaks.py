"""A small network full of what must not be told, and somebody who asks for it in every way there is.

Everything hidden has a name with ``zq`` in it, which nothing else on the site has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import relgraph
from tests.web.conftest import Place, Visitor, make
from tests.web.test_every_route import ROUTES, E, R

WORDS = """
vocabulary: open
types:
  Party:
    abstract: true
    fields: {name: {type: text, required: true}, vat: {type: text, unique: true}}
    caption: [name]
    search: [name]
  Company: {extends: [Party], fields: {sector: {type: choice, choices: [Steel, Media]}}}
  Zqspy: {extends: [Party], description: what zqspies are, fields: {zqrank: text}}
  Zqmole: {extends: [Zqspy]}
tags:
  watched: {}
  zqtag: {types: [Zqspy], label: zqtagged}
predicates:
  owns:
    inverse: owned_by
    subject: [Party]
    object: [Company]
    attributes: {share: {type: percent, min: 0%, max: 100%}}
    sum: {attribute: share, per: object, max: 100%}
    acyclic: true
  zqpays: {inverse: zqpaid_by, subject: [Company], object: [Company], attributes: {zqamount: money}}
  zqbribes: {inverse: zqbribed_by, subject: [Company], object: [Company], implies: [zqpays, deals_with]}
  deals_with: {inverse: dealt_with_by, subject: [Company], object: [Company]}
  zqserves: {inverse: zqserved_by, subject: [Zqspy], object: [Company]}
  meets: {symmetric: true, between: [[Company, Zqspy], [Company, Company]]}
  audits: {inverse: audited_by, subject: [Company], object: [Company], subject_tags: {none: [zqtag]}}
  leads: {inverse: led_by, subject: [Party], object: [Company], max_subjects: 1}
derived:
  zqchain: {inverse: zqchained, path: [zqpays, owns]}
  zqround: {inverse: zqrounded, path: [owns, zqchain]}
  holds: {inverse: held_by, over: owns}
"""
HIDDEN = frozenset({"Zqspy", "zqpays"})


@dataclass
class Spied:
    place: Place
    limited: Visitor

    def told(self, path: str) -> Any:
        return self.limited.get(path).json


@pytest.fixture(scope="module")
def spied() -> Spied:
    graph = relgraph.open(vocabulary=relgraph.Vocabulary.from_text(WORDS), me="Zqmata", us=["spy"])
    graph.add("Company", id="a", name="Alpha", vat="1", keys=[("register", "1")])
    graph.add("Company", id="b", name="Beta")
    graph.add("Company", id="c", name="Gamma")
    graph.add("Zqspy", id="spy", name="Zqmata", vat="77", zqrank="zqfirst", keys=[("register", "77")])
    graph.add("Zqmole", id="mole", name="Zqmole of Alpha")
    graph.tag("spy", "zqtag")
    graph.relate("spy", "owns", "a", id="hidden-own", share="60%", since="2001")
    graph.relate("a", "owns", "b", id="own", share="30%", since="2001")
    graph.relate("a", "zqpays", "c", id="hidden-pay", zqamount="5 EUR", since="2001")
    graph.relate("b", "zqbribes", "c", id="hidden-bribe", since="2001")
    graph.relate("spy", "meets", "a", id="hidden-meeting", since="2001")
    graph.relate("spy", "zqserves", "c", id="hidden-service", since="2001")
    graph.relate("mole", "leads", "a", id="hidden-lead", since="2001")
    # somebody who was hidden once, and has an open name now
    graph.add("Zqspy", id="turned", name="Turned", zqrank="zqsecond")
    graph.tag("turned", "zqtag")
    with graph.transaction(actor="writer", reason="told by zqinformer", batch="zqbatch") as tx:
        tx.untag("turned", "zqtag")
        tx.update("turned", type="Company", fields={"zqrank": None})
        tx.update("b", fields={"sector": "Steel"})
    # two that became one, each with its own past
    graph.add("Company", id="double", name="Delta")
    graph.relate("double", "owns", "c", id="moved", share="5%", since="2002")
    graph.merge("b", "double")
    graph.add("Zqspy", id="taken", name="Zqtaken")
    graph.relate("taken", "owns", "c", id="taken-own", share="2%", since="2003")
    graph.merge("c", graph.add("Zqspy", id="taken-too", name="Zqtaken too"))
    graph.merge("b", "taken")
    graph.update("b", name="Beta and more")
    graph.add("Company", id="gone", name="Gone")
    graph.trash("gone")
    place = make(graph)
    accounts = place.accounts
    accounts.change(accounts.named("limited"), hidden=HIDDEN)
    admin = accounts.named("admin")
    for name, text in (
        ("What does Zqmata own?", 'find Company owned_by "Zqmata"'),
        ("All zqspies", "find Zqspy"),
        ("Who zqpays?", "find Company zqpays anything"),
        ("All companies", "find Company"),
    ):
        accounts.save(admin, "question", name, {"text": text}, shared=True)
    for name, ids in (("Round zqmata", ["spy", "a"]), ("Two of them", ["a", "b"])):
        accounts.save(
            admin, "view", name, {"ids": ids, "focus": [], "places": {one: [1, 2] for one in ids}}, shared=True
        )
    return Spied(place, place.visitor("limited"))


def everything(answer: Any) -> str:
    """Return all of an answer that somebody can read, without what changes from one to the next."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers if name.lower() != "set-cookie")
    return f"{head}\n{answer.text}".lower()


IDS = ("spy", "mole", "hidden-own", "hidden-pay", "hidden-bribe", "hidden-meeting", "hidden-service", "hidden-lead")


def leaks(answer: Any, sent: str = "") -> list[str]:
    """Return where an answer tells of what is hidden, which was not in the request itself."""
    text = everything(answer)
    found = [f"…{text[max(0, at - 120) : at + 60]}…" for at in _places(text, "zq") if "zq" not in sent.lower()]
    found += [one for one in IDS if one not in sent.lower() and (f'"{one}"' in text or f"/{one}" in text)]
    return found[:3]


def _places(text: str, word: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(word, at)]


FILLED = {
    "beside": {E: "a", R: "own", "<reading>": "owned_by", "<reference:name>": "Company"},
    "itself": {E: "spy", R: "hidden-own", "<reading>": "owns", "<reference:name>": "Other"},
    "past": {E: "turned", R: "moved", "<reading>": "owns", "<reference:name>": "Company"},
    "merged": {E: "b", R: "moved", "<reading>": "meets", "<reference:name>": "Company"},
    "taken over": {E: "c", R: "taken-own", "<reading>": "owned_by", "<reference:name>": "Company"},
    "trashed": {E: "gone", R: "own", "<reading>": "owns", "<reference:name>": "Company"},
}
REST = {"<reference:reference>": "1", "<job_id>": "nope", "<path:filename>": "app.css", "<int:user_id>": "1",
        "<secret>": "nope"}  # fmt: skip
ASKING = {
    "/search": "q=a",
    "/suggest": "q=a",
    "/query": "q=find+anything",
    "/explore": "n=200",
    "/compare": "with=1990-01-01",
    "/api/v1/search": "q=a&limit=50",
    "/api/v1/entities": "limit=1000",
    "/api/v1/history": "limit=1000",
    "/api/v1/relations": "limit=1000&ever=true",
}


@pytest.mark.parametrize("at", FILLED)
@pytest.mark.parametrize("route", [one for one in ROUTES if one.startswith("GET ")])
def test_no_address_tells_it(spied: Spied, route: str, at: str) -> None:
    path = rule = route.split(" ")[1]
    for name, value in {**REST, **FILLED[at]}.items():
        path = path.replace(name, value)
    query = ASKING.get(rule.rsplit(".", 1)[0], ASKING.get(rule, ""))
    answer = spied.limited.get(f"{path}?{query}", buffered=True)
    assert answer.status_code < 500, answer.text[:300]
    assert not leaks(answer, path)


LOOKING = [
    "/explore?view={view}", "/explore.json?view={view}", "/explore.svg?view={view}", "/explore.graphml?view={view}",
    "/explore.csv?view={view}", "/explore.json?focus=a&n=100", "/explore.json?id=a&id=b&id=c", "/entity/a?add=owned_by",
    "/entity/a?edit=own", "/entity/a?timeline=1", "/entity/a?as_of=2005-01-01", "/entities.csv?type=Party",
    "/entities/new?type=Company", "/search.json?q=mata", "/search.json?q=77", "/suggest.json?q=what",
    "/suggest.json?q=all", "/suggest.json?q=who", "/suggest.json?q=spy", "/query", "/query?q=find+Party",
    "/query?q=find+anything+any+%22Alpha%22&as=network", "/query.csv?q=find+anything+as+x+show+x,+x.type,+x.degree",
    "/query.json?q=find+Company+watched", "/query.json?q=find+me", "/query.json?q=find+anything+any+me",
    "/query.json?q=find+us", "/query.json?q=find+Company+as+x+owned_by+us", "/query.json?q=how+many+anything",
    "/query?q=find+Company&as=explain", "/query.json?q=find+Company+tagged+tag", "/query?q=find+Compan",
    "/query.json?q=find+Company+pays+%22Alpha%22", "/compare.csv?with=1990-01-01&entity=a",
    "/api/v1/relations?subject=a", "/api/v1/relations?object=a&ever=true", "/api/v1/entities?type=Party",
    "/api/v1/entities?type=Spy", "/api/v1/relations?predicate=pays", "/api/v1/search?q=a&types=Spy",
    "/api/v1/history?actor=admin", "/home.json", "/nowhere", "/vocabulary.csv",
]  # fmt: skip


@pytest.mark.parametrize("path", LOOKING)
def test_no_look_tells_it(spied: Spied, path: str) -> None:
    views = spied.place.accounts.all_saved(spied.place.accounts.named("admin"), "view")
    for view in views:
        answer = spied.limited.get(path.format(view=view.id))
        assert answer.status_code < 500, answer.text[:300]
        assert not leaks(answer, path)


NEW = {"type": "Company", "fields": {"name": "X"}}
SENT: list[tuple[str, str, Any]] = [
    ("POST", "/api/v1/query", {"text": "find anything"}),
    ("POST", "/api/v1/query", {"text": "find Company owned_by $who", "parameters": {"who": "spy"}}),
    ("POST", "/api/v1/query", {"text": "find anything any me"}),
    *(("POST", "/api/v1/query", {"text": text, "parameters": {"a": "a", "c": "c"}}) for text in (
        "find path from $a to $c via any{1..4}", "find shortest path from $a to $c via any{1..9}",
    )),
    ("POST", "/api/v1/query", {"text": "find Company group by type show type, count() as n"}),
    ("POST", "/api/v1/query", {"text": "find Company holds anything as x show name, x"}),
    ("POST", "/api/v1/query", {"text": "find anything known at 2030-01-01T00:00:00Z"}),
    ("POST", "/api/v1/explain", {"text": "find anything any{1..3} anything"}),
    ("POST", "/api/v1/explain", {"text": 'find Company any "mata"'}),
    *(("POST", "/api/v1/complete", {"text": text, "cursor": len(text)}) for text in (
        "find ", "find Company ", "find Company that ", 'find Company owned_by "', 'find Company any "M', "find S",
        "find Company show ", "find Company p", "find Company tagged ", "find Party show ",
    )),
    *(("POST", "/query/complete.json", {"text": text, "cursor": len(text)}) for text in (
        'find Company owned_by "Al', 'find Company owned_by "mata', "find Company show r", "find ",
    )),
    ("POST", "/api/v1/check", {"text": "find Spy"}),
    ("POST", "/query/check.json", {"text": 'find Compny pays "Alpha"'}),
    ("POST", "/explore/network.json", {"ids": ["a", "b", "c", "spy"], "focus": ["spy"]}),
    ("POST", "/explore/guard.json", {"id": "a", "ids": []}),
    ("POST", "/explore/guard.json", {"id": "spy", "ids": []}),
    ("POST", "/explore/expand.json", {"id": "a", "ids": ["a"], "most": 100}),
    ("POST", "/explore/expand.json", {"id": "a", "ids": ["a"], "most": 100, "readings": ["meets", "owned_by"]}),
    ("POST", "/explore/path.json", {"from": "a", "to": "c", "ids": []}),
    ("POST", "/explore/path.json", {"from": "a", "to": "spy", "ids": []}),
    ("POST", "/explore/common.json", {"selected": ["a", "c"], "ids": []}),
    ("POST", "/explore/common.json", {"selected": ["a", "spy"], "ids": []}),
    # writes that meet what is hidden: what is refused says no more than that
    ("POST", "/api/v1/entities", {"type": "Company", "id": "spy", "fields": {"name": "X"}}),
    ("POST", "/api/v1/entities", {**NEW, "keys": [{"source": "register", "key": "77"}]}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "X", "vat": "77"}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "X", "rank": "1"}}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "X"}, "tags": ["tag"]}),
    ("POST", "/api/v1/entities", {"type": "Company", "fields": {"name": "X", "sector": "Stell"}}),
    ("POST", "/api/v1/entities", {"type": "Spy", "fields": {"name": "X"}}),
    ("POST", "/api/v1/entities", {"type": "Party", "fields": {"name": "X"}}),
    ("PATCH", "/api/v1/entities/a", {"fields": {"vat": "77"}}),
    ("PATCH", "/api/v1/entities/a", {"tags": ["tag"]}),
    ("PATCH", "/api/v1/entities/a", {"type": "Party"}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "c", "object": "a", "attributes": {"share": "50%"}}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "c", "object": "a", "id": "hidden-own"}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "b", "object": "a"}),
    ("POST", "/api/v1/relations", {"predicate": "leads", "subject": "b", "object": "a", "since": "2001"}),
    ("POST", "/api/v1/relations", {"predicate": "pays", "subject": "b", "object": "a"}),
    ("POST", "/api/v1/relations", {"predicate": "meets", "subject": "a", "object": "a"}),
    ("POST", "/api/v1/relations", {"predicate": "meets", "subject": "a", "object": "spy"}),
    ("POST", "/api/v1/relations", {"predicate": "owns", "subject": "a", "object": "c", "attributes": {"amount": "1"}}),
    ("POST", "/api/v1/entities/a/merge", {"other": "spy"}),
    ("POST", "/api/v1/entities/a/merge", {"other": "b"}),
    ("POST", "/api/v1/entities/mole/restore", {}),
    ("POST", "/api/v1/undo", {"transaction": "5"}),
    ("POST", "/api/v1/undo", {"transaction": "batch"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), SENT, ids=[f"{one[1]} {json.dumps(one[2])[:70]}" for one in SENT])
def test_nothing_that_is_sent_brings_it(spied: Spied, method: str, path: str, body: Any) -> None:
    answer = spied.limited.json(path, body, method=method, If_Match=_version(spied, path))
    assert answer.status_code < 500, answer.text[:300]
    assert not leaks(answer, path + json.dumps(body))


def _version(spied: Spied, path: str) -> str:
    thing = path.rsplit("/", 1)[-1]
    return f'"{spied.place.graph.get(thing).version}"' if thing in {"a", "b"} else '"0"'


FORMS: list[tuple[str, dict[str, str]]] = [
    ("/entity/a/relate", {"reading": "owned_by", "target": "mata"}),
    ("/entity/a/relate", {"reading": "owned_by", "target_id": "spy"}),
    ("/entity/a/relate", {"reading": "owned_by", "target": "Gamma", "attribute.share": "50%"}),
    ("/entity/a/relate", {"reading": "led_by", "target": "Gamma", "since": "2001"}),
    ("/entity/a/relate", {"reading": "pays", "target": "Gamma"}),
    ("/entity/a/relate", {"reading": "owned_by", "target": "Beta"}),
    ("/entity/a/facts", {"field.vat": "77", "version": "a"}),
    ("/entity/a/facts", {"tags_shown": "1", "tag": "tag", "version": "a"}),
    ("/entities/new", {"type": "Company", "field.name": "X", "field.vat": "77"}),
    ("/relation/own/change", {"action": "change", "attribute.share": "1000%", "version": "own"}),
    ("/relation/hidden-own/change", {"action": "retract", "from": "a"}),
    ("/query/save", {"q": "find Company", "name": "Mine"}),
]


@pytest.mark.parametrize(("path", "values"), FORMS, ids=[f"{one[0]} {one[1]}" for one in FORMS])
def test_no_form_brings_it(spied: Spied, path: str, values: dict[str, str]) -> None:
    graph = spied.place.graph
    versions = {"a": graph.get("a").version, "own": graph.relation("own").version}
    sent = {name: str(versions.get(value, value)) if name == "version" else value for name, value in values.items()}
    answer = spied.limited.send(path, **sent)
    assert answer.status_code < 500, answer.text[:300]
    assert not leaks(answer, path + json.dumps(values))


# -- what was told once, and what is called otherwise ----------------------------------------------------------------


def test_what_may_be_heard_is_heard(spied: Spied) -> None:
    changes = spied.told("/api/v1/entities/b/history")["items"]
    assert [one["words"] for one in changes if one["thing"] == "entity"] == [
        "Beta added", "Beta updated", "Beta and more updated"
    ]  # fmt: skip
    assert spied.told("/api/v1/entities/turned/history")["items"][-1]["after"] == {"type": "Company"}
    spied.limited.send("/query/save", q="find Company", name="To be heard")
    assert [one["name"] for one in spied.told("/suggest.json?q=heard")["questions"]] == ["To be heard"]


def test_a_reason_of_ones_own_is_told(spied: Spied) -> None:
    version = spied.place.graph.get("c").version
    body = {"fields": {"sector": "Media"}, "reason": "as they say"}
    answer = spied.limited.json("/api/v1/entities/c", body, method="PATCH", If_Match=f'"{version}"')
    assert answer.status_code == 200
    assert spied.told("/api/v1/entities/c/history")["items"][-1]["transaction"]["reason"] == "as they say"


def test_a_refusal_says_what_was_wrong_with_what_was_sent(spied: Spied) -> None:
    told: Any = spied.limited.json("/api/v1/entities", {**NEW, "fields": {"name": "X", "sector": "Stell"}}).json
    assert "Steel" in told["detail"]
    page = spied.limited.send("/entity/a/relate", reading="owned_by", target="Gama")
    assert page.status_code == 404
    assert "Gamma" in page.text


@pytest.fixture
def renamed(fresh: Callable[..., Place]) -> Place:
    return fresh()


@pytest.mark.parametrize("way", ["page", "API"])
def test_what_is_hidden_stays_so_under_another_name(renamed: Place, way: str) -> None:
    designer, limited = renamed.visitor("designer"), renamed.visitor("limited")
    words = renamed.graph.vocabulary.to_dict()
    words["types"]["Human"] = {**words["types"].pop("Person"), "was": "Person"}
    words["predicates"]["delivers"] = {**words["predicates"].pop("supplies"), "was": "supplies"}
    text = json.dumps(words).replace('"Person"', '"Human"').replace('"was": "Human"', '"was": "Person"')
    if way == "page":
        digest = designer.get("/vocabulary/text").text.split('name="digest" value="')[1].split('"')[0]
        answer = designer.send("/vocabulary/text", yaml=text, digest=digest, action="apply")
        assert answer.status_code == 303, answer.text[-1500:]
    else:
        etag = designer.get("/api/v1/vocabulary").headers["ETag"]
        answer = designer.json("/api/v1/vocabulary", {"yaml": text}, method="PUT", If_Match=etag)
        assert answer.status_code == 200, answer.text[:600]
    assert renamed.accounts.named("limited").hidden == {"Human", "delivers"}
    told: Any = limited.get("/home.json").json
    assert "Human" not in told["entities"]
    assert "delivers" not in told["relations"]
    found: Any = limited.get("/api/v1/search?q=Anne").json
    assert found["items"] == []


def test_rights_that_nobody_understands_open_nothing(renamed: Place) -> None:
    limited, careful = renamed.visitor("limited"), renamed.visitor("careful")
    words = renamed.graph.vocabulary.to_dict()
    words["types"]["Human"] = {**words["types"].pop("Person"), "was": "Person"}
    words["predicates"]["possesses"] = {**words["predicates"].pop("owns"), "was": "owns"}
    text = json.dumps(words).replace('"Person"', '"Human"').replace('"was": "Human"', '"was": "Person"')
    text = text.replace('"owns"', '"possesses"').replace('"was": "possesses"', '"was": "owns"')
    # not through the site
    renamed.graph.apply(renamed.graph.plan(relgraph.Vocabulary.from_text(text)))
    answer: Any = limited.get("/api/v1/entities")
    assert answer.status_code == 403
    assert "an admin has to look" in answer.json["hint"]
    body = {"predicate": "possesses", "subject": renamed.id("ACME"), "object": renamed.id("Bolt Fasteners")}
    assert careful.json("/api/v1/relations", body).status_code == 403
    assert careful.get("/api/v1/entities").status_code == 200


def test_what_others_saved_reaches_those_who_see_as_much(renamed: Place) -> None:
    accounts = renamed.accounts
    limited, other = accounts.named("limited"), accounts.add("other", "editor")
    saved = accounts.save(accounts.named("editor"), "question", "Whom?", {"text": "find Person"}, shared=True)
    assert accounts.all_saved(limited, "question") == []
    with pytest.raises(relgraph.NotFound):
        accounts.saved(limited, saved.id)
    assert accounts.all_saved(accounts.named("reader"), "question") == [saved]
    other = accounts.change(other, hidden=limited.hidden | {"Company"})
    shared = accounts.save(other, "question", "What?", {"text": "find Software"}, shared=True)
    assert accounts.all_saved(limited, "question") == [shared]


def test_an_alert_does_not_tell_what_got_a_hidden_type_since(renamed: Place) -> None:
    limited, graph = renamed.visitor("limited"), renamed.graph
    made = graph.add("Company", name="Turncoat Works")
    limited.send("/query/save", q="find Company show name", name="Mine", watch="yes")
    (alert,) = renamed.accounts.all_saved(renamed.accounts.named("limited"), "alert")
    graph.update(made, type="Person", fields={one: None for one in made.fields if one != "name"})
    assert graph.get(made.id).type == "Person"
    for address in ("/", f"/alert/{alert.id}", f"/alert/{alert.id}.json"):
        answer = limited.get(address)
        assert answer.status_code == 200
        assert "Turncoat" not in answer.text
