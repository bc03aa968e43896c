"""What stands around an entity: order, counts, pages and what joins many, the same on every store."""

from __future__ import annotations

import random
from typing import Any

import pytest

import relgraph
from relgraph import Graph, Related
from tests.conformance.conftest import Opening

WORDS = """
vocabulary: around
types:
  Person: {fields: {name: {type: text, required: true}}, caption: [name]}
  Agent: {extends: [Person]}
predicates:
  knows: {inverse: known_by, subject: [Person], object: [Person], unique: none, irreflexive: false}
  trusts: {inverse: trusted_by, subject: [Person], object: [Person], implies: [knows], unique: none}
  sits_with: {symmetric: true, subject: [Person], object: [Person], unique: none, irreflexive: false}
  ranks: {inverse: ranked_by, unique: none, attributes: {place: integer}, order: place}
"""


@pytest.fixture
def crowd(opening: Opening) -> Graph:
    """Forty people, names given several times, related at random with and without dates, one of them a hub."""
    graph = opening(relgraph.Vocabulary.from_text(WORDS))
    chance = random.Random(11)
    ids = [f"p{number}" for number in range(40)]
    with graph.transaction() as tx:
        for one in ids:
            tx.add("Person", id=one, name=chance.choice(["Ann", "ann", "Élodie", "Zoë", "李", "Bob"]))
        for number in range(300):
            name = chance.choice(["knows", "trusts", "trusted_by", "sits_with", "ranks", "known_by", "ranked_by"])
            begun = chance.choice([None, "2019", "2021-04", "2024-02-01"])
            ended = chance.choice([None, None, "2024-06-01", "2030-01-01"])
            place: dict[str, Any] = (
                {"place": chance.choice([1, 2, 3])} if name.startswith("rank") and chance.random() < 0.7 else {}
            )
            other = "p0" if name in {"knows", "sits_with"} and chance.random() < 0.02 else chance.choice(ids[1:])
            start = "p0" if number % 2 else chance.choice(ids[1:])
            if start == other and name not in {"knows", "sits_with"}:
                continue
            tx.relate(start, name, other, id=f"r{number}", since=begun, until=ended, **place)
    graph.trash("p7")
    return graph


def spelled(rows: list[Related]) -> list[tuple[str, str]]:
    return [(one.predicate, one.relation.id) for one in rows]


def expected(graph: Graph, day: str, wanted: str | None = None) -> list[tuple[str, str]]:
    """The rows of p0 in the order that is promised, worked out from single relations."""
    view = graph.as_of(day)
    holding = {one.id for one in view.relations()}
    ranks = list(graph.vocabulary.readings)
    rows = []
    for number, one in enumerate(graph.relations(ever=True)):
        predicate = graph.vocabulary.predicates[one.predicate]
        ends = [(predicate.name, one.object)] if one.subject.id == "p0" else []
        if one.object.id == "p0" and not (predicate.symmetric and ends):
            ends.append((predicate.name if predicate.symmetric else predicate.inverse, one.subject))
        for name, other in ends:
            place = one["place"] if predicate.order else None
            order = (place is None, place or 0)
            rows.append((ranks.index(name), one.id not in holding, order, other.name, other.id, number, name, one.id))
    return [(row[-2], row[-1]) for row in sorted(rows) if wanted is None or row[-2] == wanted]


DAY = "2024-09-01"


def test_relations_come_by_reading_then_those_that_hold_then_order_name_and_id(crowd: Graph) -> None:
    rows = expected(crowd, DAY)
    assert len(rows) > 120
    view = crowd.as_of(DAY)
    assert spelled(view.related("p0", ever=True)) == rows
    holding = {one.id for one in view.relations()}
    assert spelled(view.related("p0")) == [row for row in rows if row[1] in holding]


@pytest.mark.parametrize("reading", ["knows", "known_by", "trusted_by", "sits_with", "ranks", "ranked_by"])
def test_pages_joined_are_the_list(crowd: Graph, reading: str) -> None:
    view = crowd.as_of(DAY)
    rows = expected(crowd, DAY, reading)
    assert rows
    found: list[tuple[str, str]] = []
    after = None
    while page := view.related("p0", reading, ever=True, alone=True, limit=4, after=after):
        assert len(page) <= 4
        found += spelled(page)
        after = found[-1]
    assert found == rows


def test_asking_a_broad_predicate_brings_what_implies_it_in_its_direction(crowd: Graph) -> None:
    view = crowd.as_of(DAY)
    rows = expected(crowd, DAY)
    assert spelled(view.related("p0", "known_by", ever=True)) == [
        row for row in rows if row[0] in {"known_by", "trusted_by"}
    ]


def test_groups_count_and_give_the_first_rows(crowd: Graph) -> None:
    view = crowd.as_of(DAY)
    rows = expected(crowd, DAY)
    holding = {one.id for one in view.relations()}
    groups = view.related_groups("p0", first=3)
    assert [one.predicate for one in groups] == list(dict.fromkeys(name for name, _ in rows))
    for one in groups:
        mine = [row for row in rows if row[0] == one.predicate]
        assert (one.total, one.held) == (len(mine), sum(row[1] in holding for row in mine))
        assert spelled(list(one.first)) == mine[:3]
    assert view.readings("p0") == {one.predicate: (one.held, one.total) for one in groups}


def test_a_page_after_a_row_that_is_gone_says_so(crowd: Graph) -> None:
    rows = spelled(crowd.related("p0", "knows", ever=True, alone=True))
    crowd.retract(rows[2][1])
    with pytest.raises(relgraph.NotFound, match="no longer among"):
        crowd.related("p0", "knows", ever=True, alone=True, after=rows[2])
    with pytest.raises(relgraph.NotFound, match="no longer among"):
        crowd.related("p0", "knows", ever=True, after=("ranks", rows[3][1]))


def test_what_was_known_is_listed_and_counted_as_it_was(crowd: Graph) -> None:
    before = crowd.transactions(limit=1)[0]
    rows, counts = expected(crowd, DAY), crowd.as_of(DAY).readings("p0")
    crowd.retract(rows[0][1])
    crowd.relate("p0", "knows", "p3", id="later")
    crowd.restore("p7")
    then = crowd.known_at(before.recorded_at).as_of(DAY)
    assert spelled(then.related("p0", ever=True)) == rows
    assert then.readings("p0") == counts
    assert spelled(crowd.as_of(DAY).related("p0", ever=True)) == expected(crowd, DAY) != rows


def test_surroundings_are_what_joins_and_what_is_left_out(crowd: Graph) -> None:
    view = crowd.as_of(DAY)
    chosen = [f"p{number}" for number in range(20)]
    found = view.surroundings([*chosen, "nobody"])
    live = set(chosen) - {"p7"}
    assert found.entities.keys() == live
    every = list(crowd.relations(ever=True))
    joining = {one.id: one for one in every if one.subject.id in live and one.object.id in live}
    assert {one.id for one in found.links} == joining.keys()
    for link in found.links:
        whole = joining[link.id]
        assert (link.subject, link.predicate, link.object) == (whole.subject.id, whole.predicate, whole.object.id)
        assert (link.since, link.until, dict(link.attributes)) == (whole.since, whole.until, dict(whole.attributes))
        assert link.holds(view.day) == (whole.id in {other.id for other in view.relations()})
    outside = set()
    for one in live:
        near = view.related(one)
        assert found.degrees[one] == len(near)
        away = {two.entity.id for two in near} - live
        assert found.outside[one] == len(away)
        outside |= away
    assert found.others == len(outside) > 0


def test_neighbors_come_best_connected_first_with_their_readings(crowd: Graph) -> None:
    view = crowd.as_of(DAY)
    readings: dict[str, list[str]] = {}
    for one in view.related("p0"):
        if one.entity.id != "p0" and one.predicate not in readings.setdefault(one.entity.id, []):
            readings[one.entity.id].append(one.predicate)
    found = view.neighbors("p0")
    assert {one.id: list(one.readings) for one in found} == readings
    assert [one.degree for one in found] == [len(view.related(one.id)) for one in found]
    assert found == sorted(found, key=lambda one: (-one.degree, one.name, one.id))
    for most in (0, 1, 3, len(found) - 1, len(found), 1000):
        assert view.neighbors("p0", limit=most) == found[:most]
    crowd.add("Person", id="alone", name="Nobody's")
    assert crowd.neighbors("alone") == []
