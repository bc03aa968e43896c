"""A vocabulary that changes over data in place: names are followed everywhere, in the past too."""

from __future__ import annotations

import pytest

from relgraph import Vocabulary
from relgraph.engines.neo4j import Neo4jStore
from relgraph.engines.neo4j import renames as followed
from relgraph.engines.sqlite import SqliteStore
from relgraph.errors import CapabilityError
from relgraph.graph import Graph
from relgraph.model.records import ChangeSet, Note
from tests.unit.engines.neo4j.sample import TEXT, VOCABULARY, Look, Story

NAMES = {
    "Company": "Firm",
    "Bank": "Company",
    "owns": "leads",
    "leads": "owns",
    "knows": "met with",
    "vip": "sanctioned",
    "sanctioned": "vip",
    "share": "note",
    "note": "share",
    "price": "cost",
    "revenue": "turnover",
    "founded": "started",
}
AFTER = Vocabulary.from_text(
    """
vocabulary: sample
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Lender: {abstract: true}
  Firm:
    extends: [Organization]
    search: [name, country]
    fields:
      country: {type: country}
      vat: {type: text, unique: true}
      turnover: {type: money}
      started: {type: partial date}
      seen: {type: datetime}
      born: {type: date}
      size: {type: decimal}
      staff: {type: integer}
      listed: {type: boolean}
      part: {type: percent}
      names: {type: text, list: true}
      prices: {type: money, list: true}
      years: {type: partial date, list: true}
      _odd: {type: text}
  Company: {extends: [Firm, Lender]}
  Person: {fields: {name: {type: text}, nicknames: {type: text, list: true}}, search: [name, nicknames]}
tags: {vip: {}, sanctioned: {}}
predicates:
  leads:
    inverse: led_by
    subject: [Person, Organization]
    object: [Organization]
    attributes: {note: {type: percent}, cost: {type: money}, share: {type: text}}
  met with: {symmetric: true, unique: none}
  owns: {inverse: owned_by, subject: [Person], object: [Organization]}
"""
)
RENAMES = [
    ("type", "", "Company", "Firm"),
    ("type", "", "Bank", "Company"),
    ("predicate", "", "owns", "leads"),
    ("predicate", "", "leads", "owns"),
    ("predicate", "", "knows", "met with"),
    ("tag", "", "vip", "sanctioned"),
    ("tag", "", "sanctioned", "vip"),
    ("field", "Company", "revenue", "turnover"),
    ("field", "Company", "founded", "started"),
    ("attribute", "owns", "share", "note"),
    ("attribute", "owns", "note", "share"),
    ("attribute", "owns", "price", "cost"),
]


@pytest.mark.parametrize("seed", [1, 2])
def test_renames_are_followed_as_in_the_embedded_store(store: Neo4jStore, seed: int) -> None:
    with SqliteStore.open(vocabulary=VOCABULARY) as embedded:
        stories = [Story(Graph(one), seed) for one in (store, embedded)]
        for story in stories:
            for _ in range(30):
                story.step()
        for one in (store, embedded):
            with one.write() as writer:
                writer.commit(ChangeSet(vocabulary=AFTER, renames=list(RENAMES)), Note(kind="vocabulary"))  # type: ignore[arg-type]
        with store.read() as reader, embedded.read() as other:
            assert reader.vocabulary == other.vocabulary
            here, there = Look(reader, stories[0], names=NAMES), Look(other, stories[1], names=NAMES)
            assert here.now() == there.now()
            assert here.past() == there.past()
            assert reader.count_entities(["Firm"]) + reader.count_entities(["Company"]) > 0
            last = reader.last
        with store.read(known=last // 2) as reader, embedded.read(known=last // 2) as other:
            assert Look(reader, stories[0], names=NAMES).now() == Look(other, stories[1], names=NAMES).now()
        assert list(store.check()) == []
        with store.read() as reader:
            labels = reader.run("MATCH (n:Company) UNWIND labels(n) AS one RETURN DISTINCT one ORDER BY one", {})
            assert [row[0] for row in labels] in ([], ["Company", "Entity", "Firm", "Lender", "Organization"])
            assert reader.search("de", ["Firm"], 10) or not reader.entities_holding(["Firm"], "country", "DE")


def test_a_predicate_with_very_many_relations_keeps_its_name(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "MOST_REWRITTEN", 0)
    graph = Graph(store)
    with graph.transaction() as tx:
        one, two = tx.add("Company", name="one"), tx.add("Company", name="two")
        tx.relate(one, "owns", two)
    renamed = Vocabulary.from_text(TEXT.replace("owns:", "holds:").replace("owned_by", "held_by"))
    with pytest.raises(CapabilityError, match="owns has 1 relations"), store.write() as writer:
        writer.commit(ChangeSet(vocabulary=renamed, renames=[("predicate", "", "owns", "holds")]), Note())
    assert Graph(store).vocabulary == VOCABULARY
    assert graph.count("owns") == 1


def test_a_currency_needs_a_name_of_its_own(store: Neo4jStore) -> None:
    clash = Vocabulary.from_text(
        TEXT.replace("revenue: {type: money}", "revenue: {type: money}\n      revenue_currency: {type: text}")
    )
    with pytest.raises(CapabilityError, match=r"Company\.revenue is kept as revenue_currency"), store.write() as writer:
        writer.commit(ChangeSet(vocabulary=clash), Note())
