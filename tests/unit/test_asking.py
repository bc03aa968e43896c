"""The names of the query language at the top, and answers in the hands of other libraries."""

from __future__ import annotations

import networkx as nx
import pytest

import relgraph
from relgraph import attr, find, me, path, rel


@pytest.fixture
def graph() -> relgraph.Graph:
    words = relgraph.Vocabulary.from_text("""
vocabulary: asking
types: {Company: {fields: {name: text, sector: text}}, Person: {fields: {name: text}}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent}}
  partner_of: {symmetric: true}
  knows: {symmetric: true, attributes: {strength: decimal}}
""")
    graph = relgraph.open(vocabulary=words, me="ann")
    with graph.transaction() as tx:
        for name in ("ACME", "Bolt", "Core"):
            tx.add("Company", id=name.lower(), name=name)
        for name in ("Ann", "Bob"):
            tx.add("Person", id=name.lower(), name=name)
        tx.relate("acme", "owns", "bolt", share="60%", id="stake")
        tx.relate("bolt", "owns", "core", share="70%")
        tx.relate("bolt", "partner_of", "core")
        tx.relate("ann", "knows", "bob", strength="0.5")
    return graph


def test_questions_are_built_in_python(graph: relgraph.Graph) -> None:
    held = find("Company").that(rel("owned_by", attr.share > "50%").plus(), "ACME")
    assert [one.id for one in graph.query(held).scalars()] == ["bolt", "core"]
    assert str(relgraph.parse(str(held))) == str(held)
    both = find("Company").that("partner_of", "Bolt").but_not("owns", "Core")
    assert [one.id for one in graph.query(both).scalars()] == ["core"]
    (way,) = graph.query(path.strongest(me, "Bob", via=rel("knows").hops(1, 3), prefer="strength")).scalars()
    assert [one.name for one in way.entities] == ["Ann", "Bob"]


def test_unknown_names_of_the_module_are_said() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fnid'"):
        relgraph.fnid  # noqa: B018 - looking it up is the test


def test_an_answer_is_a_frame_and_a_graph(graph: relgraph.Graph) -> None:
    pytest.importorskip("pandas")
    result = graph.query("find Company as c owns as stake Company as d show c, stake, d, stake.share")
    frame = result.to_pandas()
    assert list(frame["stake.share"]) == [0.6, 0.7]
    found = result.to_networkx()
    assert isinstance(found, nx.MultiDiGraph)
    assert found.nodes["acme"]["name"] == "ACME"
    assert found.edges["acme", "bolt", "stake"]["predicate"] == "owns"


def test_a_parameter_says_what_it_may_be() -> None:
    words = relgraph.Vocabulary.from_text("""
vocabulary: choosing
types:
  Firm:
    fields:
      name: text
      land: country
      size: {type: choice, choices: [small, middle, large]}
      wish: {type: choice, choices: [large, small, none]}
""")
    with relgraph.open(vocabulary=words) as graph:
        asked = graph.prepare("find Firm where land = $land and size in $size and name = $name limit $most")
        lands = asked.choices("land")
        assert (lands["DE"], len(lands)) == ("Germany", 250)
        # as a list is read: by name, and not by code
        assert list(lands)[:3] == ["AF", "AX", "AL"]
        assert asked.choices("size") == {"small": "small", "middle": "middle", "large": "large"}
        assert asked.choices("name") == asked.choices("most") == {}
        # at two places it may be what both take; a place that takes any text takes those too
        both = graph.prepare("find Firm where size = $some and wish != $some and name != $some")
        assert list(both.choices("some")) == ["small", "large"]
        with pytest.raises(relgraph.NotFound, match="no parameter 'sise'") as caught:
            asked.choices("sise")
        assert caught.value.candidates == ("land", "size", "name", "most")
