"""A copy of what somebody may read follows the network: it is what a new copy would be, and is made anew seldom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from relgraph_web import projection
from relgraph_web.counting import last_number
from relgraph_web.following import MOST
from relgraph_web.projection import Projections, copy_readable

import relgraph
from tests.conformance.looking import snapshot

WORDS = """
vocabulary: copies
types:
  Person: {fields: {name: {type: text, required: true}}, caption: [name]}
  Company:
    fields: {name: {type: text, required: true}, sector: text, code: {type: text, unique: true}}
    caption: [name]
  Secret: {fields: {name: {type: text, required: true}}, caption: [name]}
tags:
  watched: {}
predicates:
  knows: {inverse: known_by, subject: [Person], object: [Person]}
  owns: {inverse: owned_by, subject: [Person, Company], object: [Company], attributes: {share: percent}}
  hides: {inverse: hidden_by}
"""
HIDDEN = frozenset({"Secret", "hides"})


@pytest.fixture
def graph() -> relgraph.Graph:
    made = relgraph.open(vocabulary=relgraph.Vocabulary.from_text(WORDS))
    for number in range(4):
        made.add("Person", id=f"p{number}", name=f"Person {number}")
        made.add("Company", id=f"c{number}", name=f"Company {number}", keys=[("register", str(number))])
        made.add("Secret", id=f"s{number}", name=f"Secret {number}")
    made.relate("p0", "knows", "p1", id="k", since="2020", source="list")
    made.relate("p0", "owns", "c0", id="o", share="10%")
    made.relate("s0", "hides", "p0", id="h")
    return made


def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the copies that are made."""
    made: list[int] = []

    def counted(graph: Any, names: Any) -> Any:
        made.append(1)
        return copy_readable(graph, names)

    monkeypatch.setattr(projection, "copy_readable", counted)
    return made


Step = Callable[[relgraph.Graph], object]


def both(*steps: Step) -> Step:
    """Do one after the other."""

    def do(graph: relgraph.Graph) -> None:
        for step in steps:
            step(graph)

    return do


WRITES: dict[str, Step] = {
    "an entity": lambda graph: graph.add("Company", name="New", sector="Steel", keys=[("register", "9")]),
    "a hidden entity": lambda graph: graph.add("Secret", name="New"),
    "a fact": lambda graph: graph.update("c0", sector="Rail"),
    "a fact taken away": both(lambda graph: graph.update("c0", code="1"), lambda graph: graph.update("c0", code=None)),
    "tags": both(lambda graph: graph.tag("c0", "watched"), lambda graph: graph.tag("c1", "watched")),
    "a tag taken away": both(lambda graph: graph.tag("c0", "watched"), lambda graph: graph.untag("c0", "watched")),
    "keys": both(
        lambda graph: graph.take_key("c0", "register", "0"), lambda graph: graph.update("c1", keys=[("register", "7")])
    ),
    "another type": lambda graph: graph.update("p3", type="Company"),
    "a relation": lambda graph: graph.relate("p2", "knows", "p3", since="2021-05", confidence=0.5, source="a"),
    "a relation with what is new": lambda graph: graph.relate(
        graph.add("Person", name="New"), "owns", graph.add("Company", name="Firm"), share="20%"
    ),
    "a hidden relation": lambda graph: graph.relate("s1", "hides", "c1"),
    "a changed relation": lambda graph: graph.update("k", since="2019", until="2030", source="another"),
    "an ended relation": lambda graph: graph.end("k", on="2024-01-01"),
    "a retracted relation": lambda graph: graph.retract("o"),
    "a retracted entity": lambda graph: graph.delete("p0", detach=True),
    "an entity in the trash": lambda graph: graph.trash("p0"),
    "a change beside the trash": both(lambda graph: graph.trash("p1"), lambda graph: graph.update("p0", name="Other")),
}
ANEW: dict[str, Step] = {
    "a merge": lambda graph: graph.merge("p0", "p1"),
    "out of the trash": both(lambda graph: graph.trash("p0"), lambda graph: graph.restore("p0")),
    "an undoing": lambda graph: graph.undo(graph.transactions(limit=1)[0].id),
    "a purge": lambda graph: graph.purge("p0"),
    "a vocabulary": lambda graph: graph.define(relgraph.entity_type("Place", fields={"name": "text"})),
    "what becomes hidden": lambda graph: graph.update("c3", type="Secret"),
    "many things": lambda graph: graph.add_many("Company", [{"name": str(one)} for one in range(MOST + 1)]),
    "a key that goes over": both(
        lambda graph: graph.take_key("c0", "register", "0"), lambda graph: graph.update("c1", keys=[("register", "0")])
    ),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_copy_follows(graph: relgraph.Graph, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, held = copies(monkeypatch), Projections(graph)
    before = held.of(HIDDEN)
    WRITES[what](graph)
    assert held.of(HIDDEN) is before
    assert snapshot(before) == snapshot(copy_readable(graph, HIDDEN))
    assert len(made) == 1


@pytest.mark.parametrize("what", ANEW)
def test_a_copy_is_what_a_new_one_would_be(graph: relgraph.Graph, what: str) -> None:
    held = Projections(graph)
    held.of(HIDDEN)
    ANEW[what](graph)
    assert snapshot(held.of(HIDDEN)) == snapshot(copy_readable(graph, HIDDEN))


def test_all_of_it_one_after_the_other(graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    made, held = copies(monkeypatch), Projections(graph)
    held.of(HIDDEN)
    for what, write in {**WRITES, **ANEW}.items():
        number = last_number(graph)
        try:
            write(graph)
        except relgraph.RelgraphError:
            # some things are gone by now
            continue
        assert last_number(graph) > number, what
        assert snapshot(held.of(HIDDEN)) == snapshot(copy_readable(graph, HIDDEN)), what
    assert len(made) < len(WRITES)


def test_a_copy_that_took_many_changes_is_made_anew(graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    made, held = copies(monkeypatch), Projections(graph)
    monkeypatch.setattr(projection, "_FOLLOWED", 3)
    held.of(HIDDEN)
    for number in range(8):
        graph.update("c0", sector=str(number))
        assert held.of(HIDDEN).get("c0")["sector"] == str(number)
    assert len(made) == 3


def test_a_copy_says_today_as_the_network_does() -> None:
    far = relgraph.open(vocabulary=relgraph.Vocabulary.from_text(WORDS), zone="Pacific/Kiritimati")
    assert copy_readable(far, HIDDEN).store.zone() == "Pacific/Kiritimati"
