"""Numbered behaviors of the model: any text, several clients at once, and several sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot

# 12


STRINGS = [
    "Société Générale",
    "شركة النفط",
    "🚀 rocket 👩‍👩‍👧",
    "nul \x00 inside",
    "quotes ' \" ` ´ ’",
    "'; DROP TABLE entities; --",
    "MATCH (n) DETACH DELETE n",
    "{{7*7}} ${x} %s \\n",
    "株式会社東芝",
    "  spaces  ",
    "line\nbreak\ttab",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", STRINGS, ids=range(len(STRINGS)))
def test_any_string_is_stored_and_found_as_it_is(graph: Graph, text: str) -> None:
    entity = graph.add("Company", name=text, keys={text: text}, id=text)
    other = company(graph, "Other")
    relation = graph.relate(entity, "partner_of", other, level=text, source=text)
    assert graph.get(text).name == text
    assert graph.entity(text).id == text
    assert graph.by_key(text, text).id == text
    read = graph.relation(relation.id)
    assert (read["level"], read.source) == (text, text)


def test_long_text_is_stored_whole(graph: Graph) -> None:
    text = "x" * 16_000_000 if "neo4j" not in graph.name and "bolt" not in graph.name else "x" * 1_000_000
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    relation = graph.relate(acme, "partner_of", bolt, level=text)
    assert graph.relation(relation.id)["level"] == text


def test_two_letter_chinese_and_japanese_words_and_accents_are_found_by_search(graph: Graph) -> None:
    for name in ("株式会社東芝", "中国石油天然气", "Électricité de France", "Müller Łódź"):
        company(graph, name)
    assert [one.name for one in graph.search("東芝")] == ["株式会社東芝"]
    assert [one.name for one in graph.search("石油")] == ["中国石油天然气"]
    assert [one.name for one in graph.search("electricite")] == ["Électricité de France"]
    assert [one.name for one in graph.search("mull")] == ["Müller Łódź"]
    assert graph.search('"') == []


# 13


def test_two_clients_each_right_alone_and_wrong_together_never_both_commit(
    opening: Any, engine: str, words: relgraph.Vocabulary
) -> None:
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    one, other = opening(words), opening()
    ann, bob, acme = one.add("Person", name="Ann"), one.add("Person", name="Bob"), one.add("Company", name="ACME")
    first, second = one.transaction(), other.transaction()
    first.relate(ann, "owns", acme, share="60%")
    second.relate(bob.id, "owns", acme.id, share="60%")
    first.commit()
    with pytest.raises(relgraph.SumError):
        second.commit()
    assert len(one.related(acme, "owned_by")) == 1


def test_a_change_over_an_older_version_is_a_conflict(opening: Any, words: relgraph.Vocabulary) -> None:
    graph = opening(words)
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    stake = graph.relate(acme, "owns", bolt, share="10%")
    graph.update(stake, share="20%")
    changes: list[Callable[[], object]] = [
        lambda: graph.update(stake, share="30%"),
        lambda: graph.end(stake, on="2030-01-01"),
        lambda: graph.retract(stake),
    ]
    for change in changes:
        with pytest.raises(relgraph.ConflictError):
            change()
    assert graph.relation(stake.id)["share"] == relgraph.Percent("20%")


def test_two_that_count_on_from_one_number_are_not_both_right(
    opening: Any, engine: str, words: relgraph.Vocabulary
) -> None:
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    one, other = opening(words), opening()
    acme, bolt = company(one, "ACME", revenue="1 EUR"), company(one, "Bolt")
    stake = one.relate(acme, "owns", bolt, share="10%")
    changes: list[Callable[[relgraph.Transaction], object]] = [
        lambda tx: tx.update(tx.get(acme.id), revenue="2 EUR"),
        lambda tx: tx.update(tx.relation(stake.id), share="20%"),
    ]
    for change in changes:
        first, second = one.transaction(), other.transaction()
        change(first)
        change(second)
        first.commit()
        # it comes to what stands there by now, and it was worked out from what stood there before
        with pytest.raises(relgraph.ConflictError):
            second.commit()


# what a source says


def test_a_sources_key_names_one_relation(graph: Graph) -> None:
    acme, bolt, core = (company(graph, name) for name in ("ACME", "Bolt", "Core"))
    first = graph.relate(acme, "supplies", bolt, source="erp", key="7")
    before = snapshot(graph)
    with pytest.raises(relgraph.DuplicateRelationError, match="key '7' of source 'erp'") as caught:
        graph.relate(acme, "supplies", core, source="erp", key="7")
    assert first.id in caught.value.details["relations"]
    rows = [{"subject": bolt.id, "object": core.id}, {"subject": core.id, "object": bolt.id}]
    rows = [{**row, "source": "erp", "key": "8"} for row in rows]
    with pytest.raises(relgraph.RuleErrors, match="'8'") as many:
        graph.relate_many("supplies", rows)
    (error,) = many.value.errors
    assert (type(error), error.details["row"]) == (relgraph.DuplicateRelationError, 1)
    assert snapshot(graph) == before
    # the key of another source, and a key that was given up, are free
    graph.relate(acme, "supplies", core, source="crm", key="7")
    with graph.transaction() as tx:
        tx.retract(first.id)
        moved = tx.relate(bolt, "supplies", acme, source="erp", key="7")
    assert graph.relation(moved.id).sources[0].key == "7"
    # told again under its key, it is the same one with another end, and nobody else states the old one
    again = graph.merge_relation(bolt, "supplies", core, source="erp", key="7")
    assert [one.id for one in graph.relations("supplies", subject=bolt)] == [again.id]


def test_what_another_source_tells_otherwise_is_a_conflict(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    stake = graph.merge_relation(acme, "owns", bolt, share="10%", source="register", key="1")
    before = snapshot(graph)
    with pytest.raises(relgraph.SourceConflictError, match="register tells") as caught:
        graph.merge_relation(acme, "owns", bolt, share="20%", source="press", key="a")
    assert isinstance(caught.value, relgraph.ConflictError)
    assert caught.value.details["relation"] == stake.id
    assert snapshot(graph) == before
