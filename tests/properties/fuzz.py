"""The vocabulary of random networks and questions, what it allows where, and the values that are drawn."""

from __future__ import annotations

from typing import Any

from relgraph.vocabulary.model import Vocabulary

VOCABULARY = Vocabulary.from_text("""
vocabulary: fuzz
types:
  Org:
    abstract: true
    fields: {name: {type: text, required: true}, country: text, size: integer, founded: partial date}
  Company: {extends: [Org], fields: {sector: text, tags_of: {type: text, list: true}, listed: boolean, worth: money,
                                     seen: datetime}}
  Bank: {extends: [Company], fields: {rating: decimal}}
  Person: {fields: {name: {type: text, required: true}, country: text, born: partial date}}
tags: {vip: {}, bad: {}}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Org]
    object: [Org]
    unique: none
    irreflexive: false
    attributes: {share: percent, booked: date, amount: money, note: text}
  controls: {inverse: controlled_by, subject: [Person, Org], object: [Org], unique: none, irreflexive: false,
             implies: [linked_with], attributes: {votes: integer, booked: date}}
  linked_with: {inverse: linked_from, unique: none, irreflexive: false, attributes: {booked: date}}
  knows: {symmetric: true, subject: [Person], object: [Person], unique: none, irreflexive: false,
          attributes: {strength: decimal, met: partial date}}
  partner_of: {symmetric: true, subject: [Org], object: [Org], unique: none, irreflexive: false}
  works_at: {inverse: employs, subject: [Person], object: [Org], unique: none,
             attributes: {role: text, pay: integer}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  boss_group: {inverse: group_staff, path: [works_at, in_group_of]}
  has_share_in: {inverse: shared_by, measure: integrated_share, over: owns, attribute: share}
""")

TYPES = {"Org": ["Company", "Bank"], "Company": ["Company", "Bank"], "Bank": ["Bank"], "Person": ["Person"]}
ENDS: dict[str, tuple[str, str]] = {
    "owns": ("anything", "Org"),
    "owned_by": ("Org", "anything"),
    "controls": ("anything", "Org"),
    "controlled_by": ("Org", "anything"),
    "linked_with": ("anything", "anything"),
    "linked_from": ("anything", "anything"),
    "knows": ("Person", "Person"),
    "partner_of": ("Org", "Org"),
    "works_at": ("Person", "Org"),
    "employs": ("Org", "Person"),
    "in_group_of": ("Org", "anything"),
    "group_includes": ("anything", "Org"),
    "boss_group": ("Person", "anything"),
    "group_staff": ("anything", "Person"),
    "has_share_in": ("anything", "Org"),
    "shared_by": ("Org", "anything"),
    "any": ("anything", "anything"),
}
MEASURED = {"has_share_in", "shared_by"}
DERIVED = {"in_group_of", "group_includes", "boss_group", "group_staff", *MEASURED}
ATTRIBUTES = {
    "owns": ["share", "booked", "amount", "note"],
    "controls": ["votes", "booked"],
    "linked_with": ["booked"],
    "knows": ["strength", "met"],
    "works_at": ["role", "pay"],
}
BASE = {"owned_by": "owns", "controlled_by": "controls", "linked_from": "linked_with", "employs": "works_at"}
FIELDS = {
    "Org": ["country", "size", "founded"],
    "Company": ["country", "size", "founded", "sector", "tags_of", "listed", "worth", "seen"],
    "Bank": ["country", "size", "founded", "sector", "rating", "worth"],
    "Person": ["country", "born"],
    "anything": [],
}
KIND = {
    "country": "text",
    "sector": "text",
    "note": "text",
    "role": "text",
    "name": "text",
    "type": "text",
    "id": "text",
    "predicate": "text",
    "tags_of": "list",
    "source": "list",
    "listed": "boolean",
    "worth": "money",
    "seen": "moment",
    "recorded_at": "moment",
    "size": "integer",
    "votes": "integer",
    "pay": "integer",
    "degree": "integer",
    "rating": "decimal",
    "strength": "decimal",
    "confidence": "decimal",
    "share": "percent",
    "amount": "money",
    "booked": "day",
    "founded": "day",
    "born": "day",
    "met": "day",
    "since": "day",
    "until": "day",
}
NAMES = ["Ann", "Bob", "Cid", "Dora", "Eve", "ACME", "Bolt", "Cog", "Dyn", "Élan"]
DAYS = ["2019-05-04", "2020-01-01", "2020-06-15", "2021-03-31", "2022-12-31", "2023-07-01"]
DATES = [*DAYS, "2020", "2021-03", "2020-06", "2022"]
MOMENTS = ["2020-06-15T23:30:00Z", "2020-06-15T00:30:00+02:00", "2021-03-31T12:00:00Z", "2021-06-01T00:00:00Z"]
TODAY = "2021-06-01"
GIVEN: dict[str, Any] = {
    "some": ["e1", "e2"],
    "one": ["e0"],
    "nobody": [],
    "empty": [],
    "whole": 2,
    "words": "DE",
    "several": ["FR", "Steel"],
    "part": "33.3%",
    "day": "2020-06-15",
    "period": "2020",
}
"""What the parameters of random questions stand for; ``then`` is the moment after the first transaction."""
