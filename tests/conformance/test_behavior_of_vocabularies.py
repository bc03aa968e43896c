"""Numbered behaviors of the model: a vocabulary that changes beneath data and saved questions."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot

# 5


def test_tightening_a_rule_shows_what_breaks_it_before_anything_changes(
    graph: Graph, words: relgraph.Vocabulary
) -> None:
    acme, bolt, core = (company(graph, name) for name in ("ACME", "Bolt", "Core"))
    graph.relate(acme, "supplies", bolt)
    graph.relate(acme, "supplies", core)
    tighter = relgraph.Vocabulary.from_text(
        words.to_yaml().replace("inverse: supplied_by", "inverse: supplied_by\n    max_objects: 1")
    )
    before = snapshot(graph)
    plan = graph.plan(tighter)
    (problem,) = plan.problems
    assert (problem.subject, problem.count) == ("supplies", 1)
    assert "ACME" in problem.examples[0]
    assert snapshot(graph) == before
    assert graph.vocabulary == words
    with pytest.raises(relgraph.InUseError):
        graph.apply(plan)
    assert graph.vocabulary == words
    graph.apply(plan, policy="keep")
    assert [one.code for one in graph.check()] == ["rule-cardinality"]
    with pytest.raises(relgraph.CardinalityError):
        graph.relate(acme, "supplies", company(graph, "Dyne"))


# 6


def test_deleting_a_predicate_in_use_names_what_uses_it(graph: Graph, words: relgraph.Vocabulary) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "supplies", bolt)
    document = words.to_dict()
    del document["predicates"]["supplies"]
    plan = graph.plan(relgraph.Vocabulary.from_dict(document))
    assert [(one.subject, one.count) for one in plan.problems] == [("supplies", 1)]
    with pytest.raises(relgraph.InUseError) as caught:
        graph.apply(plan)
    assert "ACME supplies Bolt" in str(caught.value)
    graph.apply(plan, policy={"supplies": "remove"})
    assert "supplies" not in graph.vocabulary.predicates
    assert graph.related(acme) == []


def test_deleting_a_predicate_names_the_saved_questions_that_use_it(graph: Graph, words: relgraph.Vocabulary) -> None:
    saved = {
        "in brackets": "find Company that owns (Company supplied_by any Company)",
        "counted": "find Company show name, count(supplies)",
        "in a text": 'find Company where name = "supplies" -- supplied_by',
        "of another": "find Company owns Company",
    }
    with graph._store.write() as writer:
        for name, text in saved.items():
            writer.save("question", name, {"text": text})
    document = words.to_dict()
    del document["predicates"]["supplies"]
    (problem,) = graph.plan(relgraph.Vocabulary.from_dict(document)).problems
    assert (problem.subject, sorted(problem.examples)) == ("supplies", ["counted", "in brackets"])
    assert problem.message == "2 saved questions use it and could no longer be answered"


def test_deleting_what_has_both_data_and_questions_takes_one_policy_and_leaves_the_questions(
    graph: Graph, words: relgraph.Vocabulary
) -> None:
    graph.relate(company(graph, "ACME", tags=["vip"]), "supplies", company(graph, "Bolt"))
    widget = graph.add("Product", name="Widget")
    texts = {
        "a type": "find Product",
        "a tag": "find Company where vip",
        "a predicate": "find Company supplies Company",
    }
    with graph._store.write() as writer:
        for name, text in texts.items():
            writer.save("question", name, {"text": text})
    document = words.to_dict()
    del document["predicates"]["supplies"]
    del document["types"]["Product"]
    del document["tags"]["vip"]
    plan = graph.plan(relgraph.Vocabulary.from_dict(document))
    asked = [(one.subject, one.examples) for one in plan.problems if one.code == "asked"]
    assert sorted(asked) == [("Product", ("a type",)), ("supplies", ("a predicate",)), ("vip", ("a tag",))]
    assert "! supplies: 1 saved question uses it and could no longer be answered" in str(plan)
    assert "! Product: 1 entity is of this type" in str(plan)
    with pytest.raises(relgraph.InUseError):
        graph.apply(plan)
    graph.apply(plan, policy="remove")
    assert graph.count("Company") == 2
    with pytest.raises(relgraph.NotFound):
        graph.get(widget.id)
    with graph._store.read() as reader:
        assert {name for name, _ in reader.saved("question")} == set(texts)


def test_deleting_a_predicate_names_the_derived_ones_and_the_roles_that_use_it(opening: Any) -> None:
    shares = "attributes: {share: percent}, roles: {share: share}"
    names = f"""
predicates:
  controls: {{inverse: controlled_by}}
  owns: {{inverse: owned_by, {shares}, implies: [controls]}}
"""
    derived = "derived: {in_group_of: {inverse: group_includes, over: owned_by}}\n"
    graph = opening(relgraph.Vocabulary.from_text(names + derived))
    # what is computed from it has to go with it
    with pytest.raises(relgraph.VocabularyError, match="owned_by"):
        relgraph.Vocabulary.from_text("predicates: {controls: {inverse: controlled_by}}\n" + derived)
    plan = graph.plan(relgraph.Vocabulary.from_text("predicates: {controls: {inverse: controlled_by}}"))
    assert [str(one) for one in plan.changes] == [
        "- predicate owns, used by derived in_group_of, analyses (as share)",
        "- derived in_group_of",
    ]
    plan = graph.plan(relgraph.Vocabulary.from_text(f"predicates: {{owns: {{inverse: owned_by, {shares}}}}}"))
    assert "- predicate controls, used by predicate owns (implies it)" in [str(one) for one in plan.changes]
