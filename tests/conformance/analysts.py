"""A small network that most questions of analysts have an answer in, on any of the ready vocabularies.

What a vocabulary has no type, field or predicate for is left out of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

import relgraph
from relgraph.vocabulary.model import Vocabulary

TODAY = "2024-06-30"
ME, US = "ann", ("ours", "ann")

QUESTIONS: Mapping[str, str] = {
    name.split()[0]: text
    for name, _, text in (
        line.partition(" ||| ")
        for line in (Path(__file__).parents[1] / "unit" / "query" / "data" / "questions.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    if text
}
"""The questions, by their short names."""

_OF_COMPANIES = ("name", "country", "sector", "status", "region")
_COMPANIES = """
ours    Ours      FR Steel  active
acme    ACME      FR Steel  active
x       X         DE Steel  active
beta    Beta      US Media  active
bolt    Bolt      DE Steel  active    Bayern
cog     Cog       DE Media  active    Hessen
dyn     Dyn       FR Media  active    Bayern
ente    Ente      DE Rail   active
taipei  Taipei    TW Chips  active
gamma   Gamma     FR Steel  active
evil    Evil      RU Chips  active
old     Old       FR Rail   dissolved
joint   Joint     FR Rail   active
test    TESTone   FR Rail   active
alone   Alone     -  -      -
"""
_PEOPLE = """
ann  Ann_Lee      FR -   Head_of_sales
jane Jane_Doe     DE CFO -
bob  Bob_Smith    FR CEO -
carl Carl         FR CFO -
dora Dora         DE -   -
eve  Eve          FR -   Head_of_purchasing
fred Fred         RU -   -
gus  Gus          US -   -
"""
_OTHERS = """
Address nominee 1_Nominee_Street
Address main 2_Main_Street
Region emilia Emilia-Romagna
Region modena Modena
Specialty cloud Cloud
Opportunity open Big_deal
Opportunity lost Small_deal
Product engine Engine
Product car Car
Component chip Chip
Component bolts Bolts
Account a1 A1
Account a2 A2
Account a3 A3
Account a4 A4
"""
_TAGS = {
    "fred": ["sanctioned"],
    "evil": ["sanctioned"],
    "bolt": ["customer"],
    "cog": ["vip", "customer"],
    "engine": ["critical"],
}
_STAGES = {"open": "open", "lost": "lost"}

# the first column says when it was told: before 2020, in June 2024, or after the day of the questions
_RELATIONS = """
1 bolt supplies acme since=2022-01-01 volume=400k_EUR source=press
1 cog supplies acme since=2024-02-01 volume=2000000_EUR
1 ente supplies acme since=2019-01-01
1 dyn supplies acme since=2019-01-01 until=2023-06-01 active=true
1 cog supplies beta
1 acme supplies beta since=2021-01-01
1 beta supplies dyn
1 bolt supplies ours volume=600k_EUR until=2024-08-31
1 cog supplies ours volume=700k_EUR until=2026-01-01
1 dyn supplies ours volume=500k_EUR
1 bolt supplies gamma
1 taipei supplies bolt
1 n9 supplies bolt
1 taipei supplies engine
1 gamma supplies car
1 ente supplies car
1 acme competes_with beta
1 gamma competes_with ours
1 acme partner_of bolt
1 bolt partner_of cog
1 bolt partner_of ours level=gold
1 dyn partner_of ours level=gold
1 dyn partner_of x
1 x partner_of ours until=2023-12-31
1 ann employed_by ours
1 jane employed_by x role=CFO
1 carl employed_by x role=CFO
1 bob employed_by cog role=CEO
1 bob employed_by joint
1 eve employed_by acme
1 dora employed_by dyn
1 acme owns dyn share=60%
1 dyn owns ente share=51%
1 ente owns acme share=5% confidence=0.4
1 dora owns acme share=30%
1 carl owns x share=20%
2 gus owns acme share=15%
3 fred owns acme share=9%
1 acme owns joint share=50%
1 beta owns joint share=50%
1 gus controls beta
1 beta controls acme
1 bolt owns test share=80%
1 cog customer_of dyn contract_value=70_EUR
1 bolt customer_of ours since=2021-05-01 contract_value=100_EUR
1 cog customer_of ours since=2020-01-01 contract_value=50.50_EUR
1 dyn customer_of ours since=2019-12-31 contract_value=900_EUR
1 old customer_of ours since=2015-01-01 until=2018-01-01 active=true
1 old customer_of gamma since=2018-01-01
1 ann manages_account bolt
1 ann manages_account cog
1 dora manages_account dyn
1 fred director_of bolt
1 fred director_of evil
1 dyn linked_to beta
1 beta linked_to fred
1 ann knows bob strength=0.5 last_contact=2024-05-01
1 bob knows jane strength=0.9
1 ann knows eve strength=0.6 last_contact=2021-05-01
1 jane knows eve strength=0.5 last_contact=2024-01-02
1 ann worked_with bob strength=0.8
1 bob worked_with carl strength=0.9
1 carl studied_with eve strength=0.7
1 old registered_at main
1 beta registered_at main
1 bolt registered_at nominee
1 modena part_of emilia
1 bolt located_in modena
1 cog located_in emilia
1 dyn certified_for cloud
1 bolt has_contact jane
1 dyn has_contact bob
1 dyn has_contact dora
1 bolt target_of open
1 cog target_of lost
1 ours contacted bolt date=2024-05-30
1 ann contacted cog date=2023-05-30
1 car contains engine
1 engine contains chip
1 car contains bolts
1 evil makes chip
1 gamma makes car
1 bolt resells car
1 ann holds a1
1 ann holds a2
1 bob holds a3
1 a1 transferred_to a2 amount=10000_EUR booked=2024-01-05
1 a2 transferred_to a3 amount=9500_EUR booked=2024-01-07
1 a3 transferred_to a1 amount=11000_EUR booked=2024-01-09
1 a1 transferred_to a2 amount=12000_EUR booked=2024-01-02
1 a2 transferred_to a3 amount=13000_EUR booked=2024-01-03
1 a4 transferred_to a1 amount=9001_EUR booked=2024-03-01
1 a4 transferred_to a2 amount=9002_EUR booked=2024-03-11
1 a4 transferred_to a1 amount=9003_EUR booked=2024-03-12
1 a4 transferred_to a2 amount=9004_EUR booked=2024-03-30
1 a4 transferred_to a3 amount=9005_EUR booked=2024-03-31
"""
_TOLD = {
    "1": datetime(2019, 5, 1, 12, tzinfo=UTC),
    "2": datetime(2024, 6, 15, 12, tzinfo=UTC),
    "3": datetime(2024, 7, 5, 12, tzinfo=UTC),
}
_ELSEWHERE = {"Account": "BankAccount", "Company": "Organization"}
"""Types of vocabularies that follow a standard."""


def entities(vocabulary: Vocabulary) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the entities that a vocabulary has types for: the type and the fields, by id."""
    told: list[tuple[str, str, dict[str, Any]]] = []
    for line in _COMPANIES.strip().splitlines():
        identifier, *words = line.split()
        told.append(("Company", identifier, dict(zip(_OF_COMPANIES, words, strict=False))))
    told += [("Company", f"n{index}", {"name": f"Nominee {index}", "country": "FR"}) for index in range(11)]
    for line in _PEOPLE.strip().splitlines():
        identifier, name, country, role, title = line.split()
        told.append(("Person", identifier, {"name": name, "country": country, "role": role, "title": title}))
    for line in _OTHERS.strip().splitlines():
        kind, identifier, name = line.split()
        told.append((kind, identifier, {"name": name, "stage": _STAGES.get(identifier)}))
    found = {}
    for kind, identifier, values in told:
        there = kind if kind in vocabulary.types else _ELSEWHERE.get(kind, kind)
        if there not in vocabulary.types:
            continue
        fields = vocabulary.fields(there)
        said = {
            name: [_spaced(value)] if fields[name].many else _spaced(value)
            for name, value in values.items()
            if value not in (None, "-") and name in fields
        }
        found[identifier] = (there, said)
    return found


def _spaced(value: Any) -> Any:
    return value.replace("_", " ") if isinstance(value, str) else value


def relations(vocabulary: Vocabulary, random: Random) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """Return the relations that a vocabulary takes, each with the part of the story that tells it."""
    kinds = {identifier: kind for identifier, (kind, _) in entities(vocabulary).items()}
    told = [tuple(line.split()) for line in _RELATIONS.strip().splitlines()]
    told += [("1", person, "director_of", f"n{index}") for person in ("gus",) for index in range(11)]
    told += [("1", f"n{index}", "registered_at", "nominee") for index in range(11)]
    for predicate in ("supplies", "partner_of", "customer_of", "knows", "employed_by", "owns", "linked_to"):
        people = ("bob", "carl", "dora", "gus")
        companies = ("cog", "ente", "gamma", "n1", "n2", "n3", "taipei")
        left = people if predicate in ("knows", "employed_by") else companies
        right = people if predicate == "knows" else companies
        told += [("1", *(random.choice(left), predicate, random.choice(right))) for _ in range(4)]
    found: dict[tuple[str, ...], tuple[str, str, str, str, dict[str, Any]]] = {}
    for part, subject, predicate, target, *rest in told:
        reading = vocabulary.readings.get(predicate)
        if reading is None or subject not in kinds or target not in kinds or subject == target:
            continue
        if not vocabulary.allows(reading.predicate.name, kinds[subject], kinds[target]):
            continue
        kept = {one.name for one in reading.predicate.attributes} | {"source", "confidence"}
        kept |= {"since", "until"} if reading.predicate.time == "valid" else set()
        values: dict[str, Any] = {
            name: _spaced(value) for name, value in (one.split("=") for one in rest) if name in kept
        }
        pair = sorted((subject, target)) if reading.predicate.symmetric else (subject, target)
        again = rest if reading.predicate.attribute("amount") else []
        found.setdefault((predicate, *pair, *again), (part, subject, predicate, target, values))
    return list(found.values())


def write(graph: relgraph.Graph) -> None:
    """Write the network as it was told, over five years."""
    vocabulary = graph.vocabulary
    things = entities(vocabulary)
    said = relations(vocabulary, Random(4))
    for part, moment in _TOLD.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time_ns", lambda at=moment: int(at.timestamp()) * 10**9)
            with graph.transaction() as tx:
                if part == "1":
                    for identifier, (kind, values) in things.items():
                        tags = [one for one in _TAGS.get(identifier, []) if one in vocabulary.tags]
                        tx.add(kind, id=identifier, tags=tags, **values)
                for index, (of, subject, predicate, target, values) in enumerate(said):
                    if of == part:
                        tx.relate(subject, predicate, target, id=f"r{index:03}", **values)
