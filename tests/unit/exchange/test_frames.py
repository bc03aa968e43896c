"""The network in the hands of other libraries."""

from __future__ import annotations

import networkx as nx
import pytest

import relgraph


@pytest.fixture
def graph() -> relgraph.Graph:
    words = relgraph.Vocabulary.from_text("""
vocabulary: frames
types:
  Company: {fields: {name: text, revenue: money}}
  Person: {fields: {name: text}}
predicates:
  owns: {inverse: owned_by, attributes: {share: percent}}
  supplies: {inverse: supplied_by}
  partner_of: {symmetric: true}
""")
    graph = relgraph.open(vocabulary=words)
    with graph.transaction() as tx:
        tx.add("Company", id="a", name="A", revenue="5 EUR")
        tx.add("Company", id="b", name="B")
        tx.add("Person", id="p", name="P")
        tx.relate("a", "owns", "b", id="r1", share="60%", since="2020-03")
        tx.relate("a", "supplies", "b", id="r2")
        tx.relate("b", "partner_of", "a", id="r3")
        tx.relate("p", "owns", "a", id="r4", until="2020")
    return graph


def test_networkx_holds_every_relation_of_the_day_with_its_values(graph: relgraph.Graph) -> None:
    found = graph.to_networkx()
    assert isinstance(found, nx.MultiDiGraph)
    assert set(found.nodes) == {"a", "b", "p"}
    assert found.nodes["a"] == {"name": "A", "type": "Company", "tags": [], "revenue": 5.0, "revenue_currency": "EUR"}
    assert sorted(key for _, _, key in found.edges(keys=True)) == ["r1", "r2", "r3"]
    assert found.edges["a", "b", "r1"] == {"predicate": "owns", "share": 0.6, "since": "2020-03", "until": None}


def test_the_day_predicates_and_types_choose(graph: relgraph.Graph) -> None:
    before = graph.as_of("2019-01-01").to_networkx(predicates=["owned_by"])
    assert sorted(before.edges) == [("p", "a", "r4")]
    assert set(graph.to_networkx(types=["Company"]).nodes) == {"a", "b"}


def test_parallel_relations_are_one_edge_on_request(graph: relgraph.Graph) -> None:
    found = graph.to_networkx(multigraph=False)
    assert found.edges["a", "b"] == {"weight": 2, "predicates": ["owns", "supplies"], "relations": ["r1", "r2"]}


def test_pandas_has_a_row_per_entity_or_relation(graph: relgraph.Graph) -> None:
    pytest.importorskip("pandas")
    companies = graph.to_pandas("Company")
    assert list(companies.index) == ["a", "b"]
    assert companies.loc["a", "revenue"] == 5.0
    stakes = graph.to_pandas("owns", ever=True)
    assert list(stakes["share"].fillna(0)) == [0.6, 0]
    assert list(stakes["subject_name"]) == ["A", "P"]


def test_an_attribute_that_is_a_list_of_amounts_is_one_on_an_edge() -> None:
    words = relgraph.Vocabulary.from_text(
        "predicates: {pays: {inverse: paid_by, attributes: {parts: {type: money, list: true}}}}\ntypes: {Firm: {}}"
    )
    with relgraph.open(vocabulary=words) as graph:
        one, two = graph.add("Firm"), graph.add("Firm")
        graph.relate(one, "pays", two, parts=["5 EUR", "6 USD"])
        ((*_, edge),) = graph.to_networkx().edges(data=True)
        assert edge["parts"] == [5.0, 6.0]
