"""The questions that the language must make easy, each with its answer worked out by hand over one network."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

import relgraph
from relgraph.vocabulary.model import Vocabulary

TODAY = "2024-06-30"

VOCABULARY = Vocabulary.from_text("""
vocabulary: crm
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}, country: text, sector: text}}
  Company: {extends: [Organization]}
  Person: {fields: {name: {type: text, required: true}, country: text}}
  Account: {fields: {name: {type: text, required: true}}}
predicates:
  supplies: {inverse: supplied_by, subject: [Organization], object: [Organization]}
  competes_with: {symmetric: true, subject: [Organization], object: [Organization]}
  partner_of: {symmetric: true, subject: [Organization], object: [Organization]}
  employed_by: {inverse: employs, subject: [Person], object: [Organization], attributes: {role: text}}
  customer_of: {inverse: has_customer, subject: [Company], object: [Company],
                attributes: {contract_value: money}}
  owns: {inverse: owned_by, subject: [Person, Organization], object: [Organization], attributes: {share: percent}}
  account_manager: {inverse: manages_account, subject: [Company], object: [Person]}
  managed_by: {inverse: manages, subject: [Company], object: [Person]}
  knows: {symmetric: true, subject: [Person], object: [Person], attributes: {strength: decimal}}
  worked_with: {symmetric: true, subject: [Person], object: [Person], attributes: {strength: decimal}}
  transferred_to: {inverse: received_from, subject: [Account], object: [Account], unique: none,
                   attributes: {amount: money, booked: date}}
  held_by: {inverse: holds, subject: [Account], object: [Person]}
derived:
  ultimately_owns: {inverse: ultimately_owned_by, measure: integrated_share, over: owns, attribute: share}
""")

COMPANIES = {
    "ACME": ("FR", "Steel"),
    "Bolt": ("DE", "Steel"),
    "Cog": ("DE", "Media"),
    "Dyn": ("FR", "Media"),
    "Ente": ("DE", None),
    "Fritz": ("DE", "Steel"),
    "Ours": ("FR", "Steel"),
}
PEOPLE = {"Ann": "FR", "Bob": "DE", "Cid": "FR", "Dora": "DE"}


@pytest.fixture(scope="module")
def graph() -> Iterator[relgraph.View]:
    with relgraph.open(vocabulary=VOCABULARY, me="Ann", us=["Ours"]) as made:
        with made.transaction() as tx:
            for name, (country, sector) in COMPANIES.items():
                tx.add("Company", id=name, name=name, country=country, sector=sector)
            for name, country in PEOPLE.items():
                tx.add("Person", id=name, name=name, country=country)
            for name in ("A1", "A2", "A3", "A4"):
                tx.add("Account", id=name, name=name)
            tx.relate("Bolt", "supplies", "ACME", since="2022-01-01")
            tx.relate("Cog", "supplies", "ACME", since="2024-02-01")
            tx.relate("Dyn", "supplies", "ACME", since="2019", until="2023")
            tx.relate("Cog", "supplies", "Dyn")
            tx.relate("Ente", "supplies", "Dyn")
            tx.relate("Fritz", "supplies", "Dyn")
            tx.relate("ACME", "competes_with", "Dyn")
            tx.relate("ACME", "partner_of", "Bolt")
            tx.relate("Bolt", "partner_of", "Cog")
            tx.relate("Bolt", "partner_of", "Dyn")
            tx.relate("Dyn", "partner_of", "ACME")
            tx.relate("Ann", "employed_by", "Bolt", role="CEO")
            tx.relate("Bob", "employed_by", "Cog", role="CFO")
            tx.relate("Cid", "employed_by", "Fritz", role="CFO")
            tx.relate("Bolt", "customer_of", "Ours", since="2021-05-01", contract_value="100 EUR")
            tx.relate("Cog", "customer_of", "Ours", since="2020-01-01", contract_value="50.50 EUR")
            tx.relate("Fritz", "customer_of", "Ours", since="2019-12-31", contract_value="900 EUR")
            tx.relate("Cog", "customer_of", "Ente")
            tx.relate("ACME", "owns", "Dyn", share="60%")
            tx.relate("Dyn", "owns", "Ente", share="50.1%")
            tx.relate("Ente", "owns", "Fritz", share="50%")
            tx.relate("Fritz", "owns", "ACME", share="5%")
            tx.relate("Cid", "owns", "Bolt", share="50%")
            tx.relate("Bolt", "owns", "ACME", share="40%")
            tx.relate("Dora", "owns", "ACME", share="30%")
            tx.relate("Bolt", "account_manager", "Ann")
            tx.relate("Bolt", "managed_by", "Ann")
            tx.relate("Ann", "knows", "Bob", strength="0.5")
            tx.relate("Ann", "worked_with", "Dora", strength="0.9")
            tx.relate("Dora", "knows", "Bob", strength="0.8")
            tx.relate("Ann", "knows", "Cid")
            for source, target, amount, booked in (
                ("A1", "A2", "10000 EUR", "2024-01-05"),
                ("A2", "A3", "9500 EUR", "2024-01-07"),
                ("A3", "A1", "11k EUR", "2024-01-09"),
                ("A1", "A2", "12k EUR", "2024-01-02"),
                ("A2", "A3", "13k EUR", "2024-01-03"),
                ("A3", "A4", "9001 EUR", "2024-01-01"),
            ):
                tx.relate(source, "transferred_to", target, amount=amount, booked=booked)
            tx.relate("A1", "held_by", "Cid")
            tx.relate("A4", "held_by", "Bob")
        yield made.as_of(TODAY)


def answer(graph: relgraph.View, text: str, **parameters: Any) -> list[Any]:
    """Return the rows with things as their names; rows of one column as the value."""
    rows = [tuple(said(one) for one in row) for row in graph.query(text, **parameters)]
    return [row[0] if len(row) == 1 else row for row in rows]


def said(value: Any) -> Any:
    match value:
        case relgraph.Entity():
            return value.name
        case relgraph.Relation():
            return str(value)
        case relgraph.Path():
            return tuple(one.name for one in value.entities)
        case relgraph.Money() | relgraph.Percent():
            return str(value)
        case _:
            return value


def test_1_who_supplies(graph: relgraph.View) -> None:
    # Dyn supplied until 2023
    assert answer(graph, 'find Company that supplies "ACME"') == ["Bolt", "Cog"]


def test_2_partners_of_partners(graph: relgraph.View) -> None:
    # Dyn is a partner of Bolt and of ACME itself; ACME is left out of its own chain
    assert answer(graph, 'find Company partner_of Company partner_of "ACME" and not partner_of "ACME"') == ["Cog"]


def test_3_people_at_customers_of_what_it_holds(graph: relgraph.View) -> None:
    # ACME holds Dyn (60%) and through it Ente (50.1%); Fritz is held by 50%, which is not more than that
    text = 'find Person employed_by Company customer_of Company owned_by[share > 50%]+ "ACME"'
    assert answer(graph, text) == ["Bob"]


def test_4_strongest_way_to_a_cfo(graph: relgraph.View) -> None:
    # over Dora 0.9 x 0.8 = 0.72, straight 0.5
    text = """find strongest paths from me to (Person employed_by[role = "CFO"] "Cog")
        via knows|worked_with{1..4} prefer strength"""
    found = graph.query(text)
    assert [one.name for one in found.one().entities] == ["Ann", "Dora", "Bob"]
    assert found.one().strength == Decimal("0.72")
    # Ann knows Cid without a strength
    assert found.notes == ("1 had no strength",)


def test_5_companies_without_an_account_manager(graph: relgraph.View) -> None:
    assert answer(graph, "find Company with no account_manager") == ["ACME", "Cog", "Dyn", "Ente", "Fritz", "Ours"]


def test_6_customers_by_sector(graph: relgraph.View) -> None:
    # Fritz was there a day too early
    text = """find Company customer_of[since >= 2020-01-01] as deal us
        group by sector  show sector, count() as customers, sum(deal.contract_value) as value  order by value desc"""
    assert answer(graph, text) == [("Steel", 1, "100 EUR"), ("Media", 1, "50.50 EUR")]


def test_7_relations_of_a_day(graph: relgraph.View) -> None:
    every = graph.query("find relations as of any time").scalars()
    then = graph.query("find relations as of 2022-06-01").scalars()
    assert len(every) == 6 + 1 + 4 + 3 + 4 + 7 + 1 + 1 + 4 + 6 + 2
    # not yet there: Cog supplies ACME
    assert {str(one) for one in every} - {str(one) for one in then} == {"Cog supplies ACME"}
    now = graph.query("find relations").scalars()
    assert {str(one) for one in every} - {str(one) for one in now} == {"Dyn supplies ACME"}


def test_8_who_ultimately_owns(graph: relgraph.View) -> None:
    # Dora holds 30%; Cid 50% of Bolt's 40%. ACME holds 0.6 x 0.501 x 0.5 x 0.05 of itself, which feeds back to both
    assert answer(graph, 'find Person ultimately_owns[share > 25%] "ACME"') == ["Dora"]
    assert answer(graph, 'find Person ultimately_owns[share > 20%] "ACME"') == ["Cid", "Dora"]
    assert answer(graph, 'find Person ultimately_owns[share > 20.2%] "ACME"') == ["Dora"]


def test_9_suppliers_that_also_supply_a_competitor(graph: relgraph.View) -> None:
    text = 'find Organization that supplies "ACME" and supplies (Organization competes_with "ACME")'
    assert answer(graph, text) == ["Cog"]


def test_10_circular_ownership(graph: relgraph.View) -> None:
    assert answer(graph, "find cycles via owns{2..6}") == [("ACME", "Dyn", "Ente", "Fritz")]


def test_11_three_german_suppliers(graph: relgraph.View) -> None:
    assert answer(graph, 'find Company with at least 3 supplied_by Company[country = "DE"]') == ["Dyn"]


def test_12_who_works_abroad(graph: relgraph.View) -> None:
    text = "find Person as p employed_by Company as c  where p.country != c.country  show p, c"
    assert answer(graph, text) == [("Ann", "Bolt"), ("Cid", "Fritz")]


def test_13_suppliers_won(graph: relgraph.View) -> None:
    text = '(find Company that supplies "ACME") minus (find Company that supplies "ACME" as of 2023-01-01)'
    assert answer(graph, text) == ["Cog"]


def test_14_three_that_own_each_other(graph: relgraph.View) -> None:
    text = "find Company as a owns Company owns Company owns a"
    assert answer(graph, text) == []
    assert answer(graph, "find Company as a owns Company owns Company owns Company owns a") == [
        "ACME",
        "Dyn",
        "Ente",
        "Fritz",
    ]


def test_15_customers_and_their_manager(graph: relgraph.View) -> None:
    text = "find Company customer_of us and optionally managed_by Person as m  show name, m.name"
    assert answer(graph, text) == [("Bolt", "Ann"), ("Cog", None), ("Fritz", None)]


def test_16_money_that_comes_back(graph: relgraph.View) -> None:
    # over 10,000 and each later: A1 > A2 on the 2nd, A2 > A3 on the 3rd, A3 > A1 on the 9th
    text = "find cycles via transferred_to[amount > 10k EUR]{3..6} rising booked"
    path = graph.query(text).one()
    assert [one.name for one in path.entities] == ["A1", "A2", "A3"]
    assert [str(one["amount"]) for one in path.relations] == ["12000 EUR", "13000 EUR", "11000 EUR"]


def test_17_mean_deal_by_year(graph: relgraph.View) -> None:
    text = """find Company customer_of as deal us  group by deal.since.year
        show deal.since.year, sum(deal.contract_value) / count(deal) as mean"""
    assert answer(graph, text) == [(2019, "900 EUR"), (2020, "50.50 EUR"), (2021, "100 EUR")]


def test_18_money_that_flows_on(graph: relgraph.View) -> None:
    # A1 > A2 > A3 rises, A3 > A4 came before them; the last account must be Bob's
    text = "find Account transferred_to[amount > 9000 EUR and rising booked]{1..3} Account held_by $person"
    assert answer(graph, text, person="Bob") == ["A3"]
    assert answer(graph, text, person="Cid") == ["A2", "A3"]


def test_19_the_largest_of_each_sector(graph: relgraph.View) -> None:
    text = """find Company customer_of as deal us  show sector, name, deal.contract_value
        order by deal.contract_value desc  limit 1 per sector"""
    assert answer(graph, text) == [("Steel", "Fritz", "900 EUR"), ("Media", "Cog", "50.50 EUR")]
