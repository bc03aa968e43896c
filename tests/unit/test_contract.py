"""The names that embedders write: each argument has the name, the place and the default that it is documented with."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

import relgraph

REQUIRED = inspect.Parameter.empty
METHODS: Mapping[Any, Mapping[str, object]] = {
    relgraph.Vocabulary.load: {"path": REQUIRED},
    relgraph.Vocabulary.from_text: {"text": REQUIRED},
    relgraph.Graph.plan: {"new": REQUIRED},
    relgraph.Graph.apply: {"plan": REQUIRED, "policy": "refuse"},
    relgraph.Graph.load: {"mapping": REQUIRED, "dry_run": False, "progress": None},
    relgraph.Graph.export: {"path": REQUIRED, "format": None},
    relgraph.Graph.backup: {"path": REQUIRED},
    relgraph.Graph.complete: {"text": REQUIRED, "cursor": None},
    relgraph.Transaction.merge: {"keep": REQUIRED, "other": REQUIRED},
}
KEYWORDS: Mapping[Any, Mapping[str, object]] = {
    relgraph.open: {
        "vocabulary": None,
        "auth": None,
        "database": None,
        "read_only": False,
        "actor": None,
        "me": None,
        "us": None,
    },
    relgraph.Graph.transaction: {"actor": None, "reason": None},
    relgraph.Graph.query: {"params": None, "limit": None},
    relgraph.Graph.search: {"types": (), "limit": 10},
    relgraph.Graph.relations: {"subject": None, "object": None},
    relgraph.Graph.changes: {"after": None, "actor": None},
    relgraph.Graph.to_networkx: {"predicates": None, "types": None, "as_of": None, "multigraph": True},
}


@pytest.mark.parametrize("method", METHODS, ids=lambda one: str(one.__qualname__))
def test_arguments_are_given_by_name_or_in_their_place(method: Any) -> None:
    own = [one for one in inspect.signature(method).parameters.values() if one.name != "self"]
    by_place = [one for one in own if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert {one.name: one.default for one in by_place} == METHODS[method]


@pytest.mark.parametrize("method", KEYWORDS, ids=lambda one: str(one.__qualname__))
def test_options_are_given_by_name(method: Any) -> None:
    options = inspect.signature(method).parameters
    assert {name: options[name].default for name in KEYWORDS[method]} == KEYWORDS[method]


def test_slips_of_those_who_embed_are_told_what_to_do() -> None:
    words = relgraph.vocabulary(
        relgraph.entity_type("Company", fields={"name": "text"}),
        relgraph.predicate("owns", "owned_by", subject="Company", object="Company"),
    )
    wrong: Any = {"types": {}}
    with pytest.raises(relgraph.ValueProblem, match=r"not dict(.|\n)*from_dict"):
        relgraph.open(vocabulary=wrong)
    with pytest.raises(relgraph.ValueProblem, match=r"not its text(.|\n)*from_text"):
        relgraph.open(vocabulary="types: {Company: {}}")
    with relgraph.open() as empty, pytest.raises(relgraph.TypeRuleError, match=r"is empty(.|\n)*graph\.define"):
        empty.add("Company", name="ACME")
    with relgraph.open(vocabulary=words) as graph:
        acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
        graph.relate(acme, "owns", bolt)
        with pytest.raises(AttributeError, match=r"entity\['sector'\]"):
            _ = acme.sector  # type: ignore[attr-defined]
        with pytest.raises(TypeError, match="not iterable"):
            list(graph)  # type: ignore[call-overload]
        day: Any = "2024-01-01"
        with pytest.raises(relgraph.ValueProblem, match="two views are compared, not str"):
            graph.diff(day, day)
        with pytest.raises(relgraph.QueryNameError, match='in quotes: "Nordlys"'):
            graph.query("find Company owned_by Nordlys")
        assert graph.search("acm", types="Company") == [acme]
        assert graph.to_networkx(predicates="owns", types="Company").number_of_edges() == 1
        assert str(graph.related(bolt)[0]) == "owned_by ACME"
        assert str(next(graph.changes())) == "ACME added"


def test_the_text_of_a_question_leaves_every_name_to_its_parameters() -> None:
    words = relgraph.vocabulary(relgraph.entity_type("Company", fields={"name": "text"}))
    with relgraph.open(vocabulary=words) as graph:
        acme = graph.add("Company", name="ACME")
        for name in ("text", "question", "text_or_query", "self"):
            asked = graph.query(f"find Company where name = ${name}", params={name: "ACME"})
            assert asked.one() == acme
        assert graph.query("find Company where name = $question", question="ACME").one() == acme
