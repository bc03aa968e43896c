"""Every form, clause, tail, value and test of the language, asked of one small network by hand: on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import relgraph
from tests.conformance.conftest import Once
from tests.conformance.meaning.asking import said

VOCABULARY = relgraph.Vocabulary.from_text("""
vocabulary: harbor
types:
  Firm:
    fields: {name: {type: text, required: true}, country: country, staff: integer, worth: money, listed: boolean,
             founded: partial date, labels: {type: text, list: true}}
  Yard: {extends: [Firm]}
  Ship: {fields: {name: {type: text, required: true}, tons: integer, built: date, seen: datetime,
                  state: {type: choice, choices: [sailing, laid up]}, "limit": integer}}
  Sailor: {fields: {name: {type: text, required: true}, born: date, skill: decimal}}
  Port: {fields: {name: {type: text, required: true}}}
tags: {vip: {}, watched: {}}
predicates:
  operates: {inverse: operated_by, subject: [Firm], object: [Ship], attributes: {fee: money}}
  owns: {inverse: owned_by, subject: [Firm, Sailor], object: [Firm, Ship], attributes: {share: percent}}
  sails_on: {inverse: crewed_by, subject: [Sailor], object: [Ship], attributes: {pay: money, rank: text}}
  called_at:
    {inverse: visited_by, subject: [Ship], object: [Port], time: none, unique: none,
     attributes: {on: date, cargo: integer}}
  next_to: {symmetric: true, subject: [Port], object: [Port], attributes: {safe: percent}}
  paid:
    {inverse: paid_by, subject: [Firm], object: [Firm], time: none, unique: none,
     attributes: {amount: money, booked: date}}
""")
TODAY = "2024-03-15"


def write(graph: relgraph.Graph) -> None:
    """Write the network."""
    firms: dict[str, dict[str, Any]] = {
        "alba": {"country": "IT", "staff": 120, "worth": "10 EUR", "listed": True, "founded": "1990"},
        "brava": {"country": "ES", "staff": 5, "worth": "7 USD", "listed": False, "founded": "2001-05"},
        "cala": {"country": "IT"},
        "delta": {"country": "GR", "staff": 44, "worth": "3.50 EUR", "listed": True, "founded": "2010-02-03"},
    }
    with graph.transaction(actor="ana") as tx:
        for name, fields in firms.items():
            tx.add("Firm", id=name, name=name.title(), **fields)
        tx.update("alba", labels=["old", "big"])
        tx.update("delta", labels=["big"])
        tx.tag("alba", "vip")
        tx.add("Yard", id="yard one", name="Yard One", country="IT", staff=900)
        tx.add("Ship", id="ariel", name="Ariel", tons=1000, built="1999-03-01", state="sailing", limit=3)
        tx.update("ariel", seen="2024-03-01T10:00:00.500Z")
        tx.add("Ship", id="boreas", name="Boreas", tons=25_000, built="2010-07-01", state="laid up")
        tx.add("Ship", id="circe", name="Circe")
        tx.add("Sailor", id="ada", name="Ada", born="1980-01-01", skill="0.5")
        tx.add("Sailor", id="ben", name="Ben", born="1990-06-15", skill="0.25")
        tx.add("Sailor", id="obrien", name="Seán O’Brien")
        for name in ("Genoa", "Malta", "Piraeus"):
            tx.add("Port", id=name.lower(), name=name)
        tx.relate("alba", "operates", "ariel", fee="5 EUR", since="2015", source="register", confidence="0.9")
        tx.relate("delta", "operates", "boreas", fee="9 EUR", since="2018", until="2024-06-01", source="press")
        tx.relate("alba", "owns", "brava", share="60%", since="2010")
        tx.relate("brava", "owns", "cala", share="51%")
        tx.relate("cala", "owns", "circe", share="100%")
        tx.relate("cala", "owns", "alba", share="10%")
        tx.relate("ada", "owns", "alba", share="30%")
        tx.relate("ada", "sails_on", "ariel", pay="100 EUR", rank="captain", since="2020")
        tx.relate("ben", "sails_on", "ariel", pay="60 EUR", since="2021-03")
        tx.relate("ben", "sails_on", "boreas", pay="50 EUR", since="2019", until="2021-03-01")
        for ship, port, day, cargo in (
            ("ariel", "genoa", "2024-01-05", 10),
            ("ariel", "piraeus", "2024-01-20", 20),
            ("ariel", "genoa", "2024-02-02", 30),
            ("boreas", "piraeus", "2021-05-05", 5),
            ("boreas", "malta", "2021-06-06", None),
        ):
            tx.relate(ship, "called_at", port, on=day, cargo=cargo)
        tx.relate("genoa", "next_to", "malta", safe="90%")
        tx.relate("malta", "next_to", "piraeus", safe="50%")
        tx.relate("alba", "paid", "brava", amount="100 EUR", booked="2024-01-01")
        tx.relate("brava", "paid", "delta", amount="90 EUR", booked="2024-01-10")
        tx.relate("delta", "paid", "alba", amount="80 EUR", booked="2024-02-01")
        tx.relate("alba", "paid", "delta", amount="70 USD", booked="2024-03-01")


@pytest.fixture(scope="module")
def harbor(once: Once) -> Iterator[relgraph.View]:
    with once(vocabulary=VOCABULARY, me="ada", us=["alba", "brava"]) as graph:
        write(graph)
        yield graph.as_of(TODAY)


ASKED: list[tuple[str, list[Any]]] = [
    # what is found
    ("find Firm|Ship where name starts with 'a'", ["Alba", "Ariel"]),
    ("find Firm[country = 'GR']|Ship[tons > 10k]", ["Boreas", "Delta"]),
    ("find anything[vip]", ["Alba"]),
    ("find anything where name matches '*re*'", ["Boreas"]),
    ('find Ship "ariel"', ["Ariel"]),
    ("find @ben", ["Ben"]),
    ('find @"yard one"', ["Yard One"]),
    ("find me as it show it.born", [date(1980, 1, 1)]),
    ("find us", ["Alba", "Brava"]),
    ("find us where country = 'ES'", ["Brava"]),
    ('find Sailor "Sean O\'Brien"', ["Seán O’Brien"]),
    ("how many Ship", [3]),
    ("how many Firm[country = 'IT'] who operates Ship", [1]),
    ("how many Ship group by state", [("laid up", 1), ("sailing", 1), (None, 1)]),
    # clauses
    ("find Ship that is crewed_by Sailor who owns us", ["Ariel"]),
    ("find Firm whose country = 'IT' and not operates Ship", ["Cala", "Yard One"]),
    ("find Firm has owns and has staff", ["Alba", "Brava"]),
    ("find Firm without operates", ["Brava", "Cala", "Yard One"]),
    ("find Ship with no crewed_by Sailor[born > 1985-01-01]", ["Boreas", "Circe"]),
    ("find Ship with exactly 2 crewed_by", ["Ariel"]),
    ("find Ship with more than 1 called_at", ["Ariel", "Boreas"]),
    ("find Ship with more than 1 times called_at 'Genoa'", ["Ariel"]),
    ("find Ship with fewer than 2 called_at", ["Circe"]),
    ("find Ship with at most 1 crewed_by", ["Boreas", "Circe"]),
    ("find Ship less than 3 times called_at", ["Boreas", "Circe"]),
    ("find Port visited_by every Ship[state is present]", ["Piraeus"]),
    ("find Ship called_at every @genoa|@piraeus", ["Ariel"]),
    ("find Ship only called_at 'Genoa' or 'Piraeus'", ["Ariel"]),
    (
        "find Ship optionally crewed_by Sailor[skill > 30%] as x show name, x.name",
        [("Ariel", "Ada"), ("Boreas", None), ("Circe", None)],
    ),
    ("find Firm (owns 'Cala' or operates 'Ariel') and not (paid 'Delta' and country = 'IT')", ["Brava"]),
    ("find Ship operated_by (find Firm where staff > 100)", ["Ariel"]),
    ("find Ship operated_by any Firm[staff < 100]", ["Boreas"]),
    ("find Ship operated_by Firm 'alba'", ["Ariel"]),
    ("find Firm paid|owns 'Brava'", ["Alba"]),
    ("find Firm owns[share > 55%]|paid[amount < 95 EUR] Firm", ["Alba", "Brava", "Delta"]),
    ("find Ship any 'Genoa'", ["Ariel"]),
    ("find Firm where name = 'Alba' or 'Cala'", ["Alba", "Cala"]),
    # hops
    ("find Port next_to{2} 'Genoa'", ["Piraeus"]),
    ("find Port next_to{1..2} 'Genoa'", ["Malta", "Piraeus"]),
    ("find Port next_to{..2} 'Genoa'", ["Malta", "Piraeus"]),
    ("find Firm owns{2..} 'Circe'", ["Alba", "Brava"]),
    ("find Firm owns{3} 'Circe'", ["Alba"]),
    ("find Firm owns* 'Alba'", ["Alba", "Brava", "Cala"]),
    ("find Firm paid[rising booked]{2} 'Delta'", ["Alba"]),
    ("find Firm paid[rising booked]{2..3} 'Alba'", ["Brava"]),
    ("find Firm paid[falling booked]{2} 'Alba'", []),
    ("find Firm paid[falling booked]{2} 'Brava'", ["Delta"]),
    # tests
    ("find Ship where built in 1999-Q1", ["Ariel"]),
    ("find Ship where built not in (1999, 2000)", ["Boreas"]),
    ("find Ship where built between 1999-03-01 and 2010", ["Ariel", "Boreas"]),
    ("find Ship where seen in last 2 weeks", ["Ariel"]),
    ("find Ship where seen in last 13 days", []),
    ("find Ship where seen = 2024-03-01T10:00:00.5Z", ["Ariel"]),
    ("find Ship where seen < 2024-03-01T10:30+01:00", []),
    ("find Ship where built < seen", ["Ariel"]),
    ("find Ship where built >= seen or built = seen", []),
    ("find Ship where seen > built", ["Ariel"]),
    ("find Ship where seen < 2024-03-01T11:30:01+01:00", ["Ariel"]),
    ("find Firm operates[until in next 90 days] Ship", ["Delta"]),
    ("find Firm operates[until in next 2 months] Ship", []),
    ("find Firm where name ends with 'A'", ["Alba", "Brava", "Cala", "Delta"]),
    ("find Firm where name matches '?ala'", ["Cala"]),
    ("find Firm where name contains 'AL'", ["Alba", "Cala"]),
    ("find Firm where labels contains 'big' and not has tag vip", ["Delta"]),
    ("find Firm where has tag 'vip'", ["Alba"]),
    ("find Firm[listed]", ["Alba", "Delta"]),
    ("find Firm[not listed]", ["Brava", "Cala", "Yard One"]),
    ("find Firm where listed = false", ["Brava"]),
    ("find Firm where listed != true", ["Brava"]),
    ("find Firm where founded < 2001-05-01", ["Alba"]),
    ("find Firm where founded <= 2001-05", ["Alba", "Brava"]),
    ("find Firm where founded > 2001", ["Delta"]),
    ("find Firm where worth >= 3.5 EUR", ["Alba", "Delta"]),
    ("find Firm where worth > EUR 5", ["Alba"]),
    ("find Firm where worth.currency = 'USD'", ["Brava"]),
    ("find Firm where staff is missing", ["Cala"]),
    ("find Firm where staff is not missing and staff ≤ 44", ["Brava", "Delta"]),
    ("find Ship where tons ≥ 1_000 and tons < 1.5k", ["Ariel"]),
    ("find Ship where `limit` = 3", ["Ariel"]),
    ("find Sailor where skill = 50%", ["Ada"]),
    ("find Sailor where skill > -0.5 and skill < 1 / 3", ["Ben"]),
    ("find Firm where staff > 2 * (degree + 1) and country <> 'IT'", ["Delta"]),
    ("find Firm operates[source = 'press'] Ship", ["Delta"]),
    ("find Firm operates[confidence >= 0.9] Ship", ["Alba"]),
    ("find Firm operates[confidence is missing] Ship", ["Delta"]),
    ("find Firm operates[recorded_by = 'ana' and recorded_at >= 2020] Ship", ["Alba", "Delta"]),
    ("find Firm any[predicate = 'operates'] Ship", ["Alba", "Delta"]),
    ("FIND Firm WHERE name = 'Alba' SHOW name -- a comment", ["Alba"]),
    ("find Firm where name = “Alba”", ["Alba"]),
    ("find Firm where type = 'Yard' or id = 'delta'", ["Delta", "Yard One"]),
    ("find Firm as f where f = us or f in (@alba, @delta)", ["Alba", "Brava", "Delta"]),
    ("find Sailor sails_on as j Ship as s where j.pay > 1.5 * 50 EUR show name, s.name", [("Ada", "Ariel")]),
    ("find Sailor where born < today - 40 years", ["Ada"]),
    # tails
    ("find Ship operated_by Firm as of 2017-01-01", ["Ariel"]),
    ("find Sailor sails_on 'Boreas' during 2019 to 2020-06", ["Ben"]),
    ("find Sailor sails_on 'Boreas' as of any time", ["Ben"]),
    ("find Sailor sails_on[as of 2019-01-01] 'Boreas'", ["Ben"]),
    ("find Sailor sails_on[as of today - 4 years] 'Boreas'", ["Ben"]),
    ("find Sailor sails_on[during 2021-03] 'Boreas'", []),
    (
        "find Sailor sails_on[ever] as j Ship show name, j.until is missing as open order by open",
        [("Ben", False), ("Ada", True), ("Ben", True)],
    ),
    (
        "find Ship show name, tons / 4 as q, first(tons, 7) as t order by name desc limit 2",
        [("Circe", None, 7), ("Boreas", 6250, 25_000)],
    ),
    (
        "find Ship show built.year, built.quarter, built.month, built.day order by built.year asc limit 1",
        [(1999, 1, 3, 1)],
    ),
    ("find Ship called_at as c Port show distinct c.on.month order by c.on.month desc", [6, 5, 2, 1]),
    ("find Firm show country, name order by country, name desc limit 2 skip 1", [("GR", "Delta"), ("IT", "Yard One")]),
    (
        "find Firm show country, name, staff order by staff desc limit 1 per country",
        [("IT", "Yard One", 900), ("GR", "Delta", 44), ("ES", "Brava", 5)],
    ),
    (
        (
            "find Ship called_at as c Port group by c.on.year, name show name, c.on.year as y, "
            "sum(c.cargo) as n order by y desc"
        ),
        [("Ariel", 2024, 60), ("Boreas", 2021, 5)],
    ),
    (
        (
            "find Ship called_at as c Port group by name show name, avg(c.cargo), median(c.cargo), "
            "min(c.on), max(c.on), product(c.cargo)"
        ),
        [
            ("Ariel", Decimal(20), Decimal(20), date(2024, 1, 5), date(2024, 2, 2), 6000),
            ("Boreas", Decimal(5), Decimal(5), date(2021, 5, 5), date(2021, 6, 6), 5),
        ],
    ),
    (
        (
            "find Ship called_at as c Port as p group by p show p, count() as ships, count(c) as calls "
            "having count(c) > 1 and not count() = 1"
        ),
        [("Piraeus", 2, 2)],
    ),
    (
        (
            "find Ship called_at as c Port as p group by name show name, collect(p.name), count(distinct "
            "c.on.year) order by count(c) desc"
        ),
        [("Ariel", ("Genoa", "Piraeus"), 1), ("Boreas", ("Malta", "Piraeus"), 1)],
    ),
    ("find Firm show count(), sum(staff), max(name)", [(5, 1069, "Yard One")]),
    ("find Firm show name, count(paid) as n order by n desc, name limit 3", [("Alba", 2), ("Brava", 1), ("Delta", 1)]),
    (
        "find Sailor sails_on as j Ship show name, j.pay * 12 as year order by year",
        [("Ben", "720 EUR"), ("Ada", "1200 EUR")],
    ),
    (
        (
            "find Firm paid as p Firm as o where p.amount.currency = 'EUR' group by p.amount.currency show "
            "sum(p.amount), count(p)"
        ),
        [("270 EUR", 3)],
    ),
    # sets
    ("(find Firm[country = 'IT']) intersect (find Firm operates Ship)", ["Alba"]),
    (
        "(find Firm operates Ship) union (find Ship[state = 'laid up']) union (find us)",
        ["Alba", "Boreas", "Brava", "Delta"],
    ),
    ("(find Firm) minus (find us) show name order by name desc limit 2", ["Yard One", "Delta"]),
    ("((find Firm) minus (find us)) intersect (find Firm where country = 'IT') group by country show count()", [2]),
    ("(find Sailor sails_on 'Boreas' as of 2020-01-01) union (find Sailor sails_on 'Boreas')", ["Ben"]),
    # relations
    ("find relations owns[share >= 60%] from Firm", ["Alba owns Brava", "Cala owns Circe"]),
    ("find relations owned_by from Ship", ["Cala owns Circe"]),
    (
        "find relations owns|operates to Ship as s show s.name, predicate order by s.name, predicate",
        [("Ariel", "operates"), ("Boreas", "operates"), ("Circe", "owns")],
    ),
    ("find relations between 'Alba' and 'Brava' show predicate order by predicate", ["owns", "paid"]),
    ("find relations [source is present] show source order by predicate, since", [("register",), ("press",)]),
    (
        "find relations paid where amount > 85 EUR and booked < 2024-01-05 show subject, object, amount",
        [("Alba", "Brava", "100 EUR")],
    ),
    ("find relations sails_on[ever] to Ship as s show count(s), count()", [(2, 3)]),
    ("find relations sails_on[ever] to Ship as s show count(s)", [2]),
    (
        "find relations group by predicate show predicate, count() as n order by n desc, predicate limit 2",
        [("called_at", 5), ("owns", 5)],
    ),
    (
        "find relations sails_on[ever] from 'Ben' show rank is missing as unknown, since order by since",
        [(True, "2019"), (True, "2021-03")],
    ),
    # paths and rings
    ("find shortest path from 'Genoa' to 'Piraeus' via next_to", ["Genoa-Malta-Piraeus"]),
    ("find shortest paths from 'Genoa' to 'Piraeus' via any", ["Genoa-Ariel-Piraeus", "Genoa-Malta-Piraeus"]),
    (
        "find all paths from 'Genoa' to 'Piraeus' via any{1..3} show hops, entities order by hops desc limit 1",
        [(3, ("Genoa", "Malta", "Boreas", "Piraeus"))],
    ),
    ("find 1 all paths from 'Genoa' to 'Piraeus' via any{3}", ["Genoa-Malta-Boreas-Piraeus"]),
    ("find shortest paths from 'Genoa' to 'Piraeus' via any avoiding Ship", ["Genoa-Malta-Piraeus"]),
    ("find shortest paths from 'Genoa' to 'Piraeus' via any{1..3} through 'Boreas'", ["Genoa-Malta-Boreas-Piraeus"]),
    (
        "find strongest paths from 'Genoa' to Port via next_to{1..2} prefer safe show entities, strength",
        [(("Genoa", "Malta"), Decimal("0.9"))],
    ),
    (
        "find 2 strongest paths as way from 'Genoa' to Port via next_to prefer safe show way.strength",
        [Decimal("0.9"), Decimal("0.45")],
    ),
    ("find shortest paths from Sailor sails_on Ship to Firm via owns or sails_on or operated_by", ["Ada-Alba"]),
    ("find cycles via owns", ["Alba-Brava-Cala"]),
    ("find cycles via paid", ["Alba-Brava-Delta", "Alba-Delta"]),
    ("find cycles via paid rising booked", ["Alba-Brava-Delta", "Delta-Alba"]),
    ("find cycles via paid through 'Brava'", ["Alba-Brava-Delta"]),
    ("find cycles via paid avoiding Firm[country = 'ES']", ["Alba-Delta"]),
    ("find cycles via paid, owns{2..2} show hops, entities", [(2, ("Alba", "Delta"))]),
]


@pytest.mark.parametrize(("text", "wanted"), ASKED, ids=[one[0] for one in ASKED])
def test_each_form_has_the_answer_that_it_means(harbor: relgraph.View, text: str, wanted: list[Any]) -> None:
    rows = [tuple(said(one) for one in row) for row in harbor.query(text)]
    assert [row[0] if len(row) == 1 else row for row in rows] == wanted


GIVEN: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("find $who where country = 'IT'", {"who": ["Alba", "brava"]}, ["Alba"]),
    ("find Firm owns $what", {"what": "circe"}, ["Cala"]),
    ("find Firm where country in $some", {"some": {"GR", "ES"}}, ["Brava", "Delta"]),
    ("find Firm where country in $some", {"some": []}, []),
    ("find Firm where country not in $some", {"some": []}, ["Alba", "Brava", "Cala", "Delta", "Yard One"]),
    ("find Firm where staff > $least limit $most", {"least": 40, "most": 2}, ["Alba", "Delta"]),
    ("find Firm show name order by name skip $past", {"past": 3}, ["Delta", "Yard One"]),
    ("find Ship with at least $some times called_at 'Genoa'", {"some": 2}, ["Ariel"]),
    ("find Firm owns[share > $share] Firm", {"share": "55%"}, ["Alba"]),
    ("find Firm where worth > $worth", {"worth": relgraph.Money.parse("5 EUR")}, ["Alba"]),
    ("find Firm where founded = $when", {"when": "2001"}, ["Brava"]),
    ("find Sailor sails_on 'Boreas' as of $day", {"day": date(2020, 1, 1)}, ["Ben"]),
    ("find Sailor sails_on 'Boreas' during $time", {"time": "2020-Q1"}, ["Ben"]),
    ("find Sailor sails_on 'Boreas' during $first to $last", {"first": "2021-02-28", "last": 2022}, ["Ben"]),
    ("find $n shortest paths from 'Genoa' to 'Piraeus' via any", {"n": 1}, ["Genoa-Ariel-Piraeus"]),
    ("find Firm known at $then", {"then": "2020-01-01T00:00:00Z"}, []),
    ("find Firm where listed = $yes", {"yes": False}, ["Brava"]),
    ("find Firm not paid $some", {"some": ["Brava", "Delta"]}, ["Cala", "Delta", "Yard One"]),
    ("find Firm as f where f = $it", {"it": "Delta"}, ["Delta"]),
]


@pytest.mark.parametrize(("text", "given", "wanted"), GIVEN, ids=[f"{one[0]} {list(one[1])}" for one in GIVEN])
def test_each_parameter_stands_for_what_is_given(
    harbor: relgraph.View, text: str, given: dict[str, Any], wanted: list[Any]
) -> None:
    rows = [tuple(said(one) for one in row) for row in harbor.query(text, **given)]
    assert [row[0] if len(row) == 1 else row for row in rows] == wanted


@pytest.mark.parametrize(
    ("text", "given", "hint"),
    [
        ("find Firm where country = $c", {"c": "Italy"}, 'give "IT"'),
        ("find Firm where country in $some", {"some": ["GR", "ITA"]}, 'give "IT"'),
        ("find Ship where state = $s", {"s": "Sailing"}, "it is one of sailing, laid up"),
        ("find Ship where state not in $some", {"some": ["sailing", "sunk"]}, "it is one of sailing, laid up"),
        ("find Firm|Ship where type = $t", {"t": "Boat"}, "it is one of Firm, Yard, Ship, Sailor, Port"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_text_that_its_position_never_holds_is_refused_as_a_parameter_too(
    harbor: relgraph.View, text: str, given: dict[str, Any], hint: str
) -> None:
    with pytest.raises(relgraph.QueryTypeError) as refused:
        harbor.query(text, **given)
    assert refused.value.hint == hint
