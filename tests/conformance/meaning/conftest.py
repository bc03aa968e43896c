"""What questions mean, rule by rule, over one small network whose answers are worked out by hand: on every store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import relgraph
from relgraph.vocabulary.model import Vocabulary
from tests.conformance.conftest import Once

VOCABULARY = Vocabulary.from_text("""
vocabulary: meaning
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}, country: text, sector: text,
                 founded: partial date, revenue: money, labels: {type: text, list: true}}}
  Company: {extends: [Organization]}
  Bank: {extends: [Company]}
  Person: {fields: {name: {type: text, required: true}, country: text, phone: text}}
tags: {vip: {}}
predicates:
  owns: {inverse: owned_by, subject: [Person, Organization], object: [Organization], irreflexive: false,
         attributes: {share: percent}}
  wholly_owns: {inverse: wholly_owned_by, subject: [Organization], object: [Organization], implies: [owns],
                attributes: {share: percent}}
  supplies: {inverse: supplied_by, subject: [Organization], object: [Organization], unique: none,
             attributes: {volume: money, booked: date}}
  employed_by: {inverse: employs, subject: [Person], object: [Organization], attributes: {role: text}}
  customer_of: {inverse: has_customer, subject: [Organization], object: [Organization], attributes: {value: money}}
  managed_by: {inverse: manages, subject: [Organization], object: [Person]}
  knows: {symmetric: true, subject: [Person], object: [Person], attributes: {strength: decimal}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  ultimately_owns: {inverse: ultimately_owned_by, measure: integrated_share, over: owns, attribute: share}
""")
TODAY = "2024-06-30"


def write(graph: relgraph.Graph) -> None:
    """Write the network."""
    with graph.transaction() as tx:
        for name, country, sector, founded, revenue in (
            ("ACME", "FR", "Steel", "1999", "10 EUR"),
            ("Bolt", "DE", "Steel", "2023-05-02", "30 EUR"),
            ("Cog", "DE", "Média", "2023", None),
            ("Dyn", "FR", None, None, "7 USD"),
            ("Ente", None, "Media", "2024-02", None),
        ):
            tx.add("Company", id=name, name=name, country=country, sector=sector, founded=founded, revenue=revenue)
        tx.add("Bank", id="Fin", name="Fin", country="US", labels=["big", "Old"], tags=["vip"])
        for name, country, phone in (("Ann", "FR", "1"), ("Bob", "DE", None), ("Cid", "FR", None), ("Dora", "US", "2")):
            tx.add("Person", id=name, name=name, country=country, phone=phone)
        tx.relate("ACME", "owns", "Bolt", share="60%")
        tx.relate("Bolt", "owns", "Cog", share="60%")
        tx.relate("Cog", "owns", "Dyn", share="50%")
        tx.relate("Dyn", "owns", "ACME", share="5%")
        tx.relate("ACME", "wholly_owns", "Ente", share="100%")
        tx.relate("Ann", "owns", "Fin", share="30%")
        tx.relate("Bob", "owns", "Fin", share="30%")
        tx.relate("Fin", "owns", "Fin", share="10%")
        tx.relate("Bolt", "supplies", "ACME", since="2022", volume="5 EUR", booked="2022-01-01")
        tx.relate("Cog", "supplies", "ACME", since="2019-01-01", until="2023-01-01", booked="2019-02-01")
        tx.relate("Cog", "supplies", "Bolt", id="first", volume="10 EUR", booked="2024-01-05")
        tx.relate("Cog", "supplies", "Bolt", id="second", volume="20 EUR", booked="2021-01-05")
        tx.relate("Dyn", "supplies", "Bolt", booked="2020-01-01")
        tx.relate("Ente", "supplies", "Cog", booked="2023-01-01")
        tx.relate("Ann", "employed_by", "ACME", role="CFO")
        tx.relate("Bob", "employed_by", "Bolt", role="CEO")
        tx.relate("Cid", "employed_by", "Bolt", confidence=0.5)
        tx.relate("Bolt", "customer_of", "ACME", value="100 EUR", since="2021-03")
        tx.relate("Cog", "customer_of", "ACME", value="50 EUR", since="2023-06-01")
        tx.relate("Dyn", "customer_of", "ACME")
        tx.relate("Bolt", "managed_by", "Ann")
        tx.relate("Bolt", "managed_by", "Dora")
        tx.relate("Ann", "knows", "Bob", strength="0.5")
        tx.relate("Bob", "knows", "Cid", strength="0.8")
        tx.relate("Cid", "knows", "Dora")
        tx.relate("Ann", "knows", "Cid", strength="0.4")


@pytest.fixture(scope="module")
def market(once: Once) -> Iterator[relgraph.View]:
    with once(vocabulary=VOCABULARY, me="Ann", us=["ACME", "Ann"]) as graph:
        write(graph)
        yield graph.as_of(TODAY)


@pytest.fixture(autouse=True)
def declared(request: pytest.FixtureRequest) -> None:
    """Expect what a store is declared not to do to fail on it."""
    for mark in request.node.iter_markers("gap"):
        if str(request.node.callspec.params.get("market", "")).startswith(mark.args[0]):
            request.applymarker(pytest.mark.xfail(reason=mark.args[1]))
