"""Self-relations, rings, and what counts as changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from relgraph.model.records import OPEN_START, RelationRow
from relgraph.model.rules import acyclic, appearing, compare, periods, self_relations
from relgraph.vocabulary.model import Predicate
from tests.unit.model.rules.cases import Case, cases, change, columns, day_of, relation, sure

RULE = Predicate("owns", "owned_by", acyclic="error")


@given(cases(predicates=("owns", "holds")))
def test_fresh_and_gone_are_what_differs(case: Case) -> None:
    was, now = {row.number: row for row in case.before}, {row.number: row for row in case.after}
    found = case.change
    fresh = found.after.number[found.fresh].tolist()
    old = [int(found.before.number[place]) if place >= 0 else None for place in found.old]
    assert sorted(fresh) == sorted(number for number in now if was.get(number) != now[number])
    assert old == [number if number in was else None for number in fresh]
    assert set(found.before.number[found.gone].tolist()) == {number for number in was if now.get(number) != was[number]}


@given(cases())
def test_only_new_self_relations_count(case: Case) -> None:
    was = {row.number: row for row in case.before}
    expected = sorted(
        row.number
        for row in case.after
        if row.subject == row.object and not (row.number in was and was[row.number].subject == was[row.number].object)
    )
    found = self_relations.breaches(case.change, Predicate("owns", "owned_by"))
    assert [one.relations for one in found.listed] == [(number,) for number in expected]
    assert not self_relations.breaches(case.change, Predicate("owns", "owned_by", irreflexive=None))


@given(cases())
def test_relations_that_could_close_a_ring(case: Case) -> None:
    was = {row.number: row for row in case.before}

    def looked(row: RelationRow) -> bool:
        since, until = sure(row)
        if since >= until or row.subject == row.object:
            return False
        old = was.get(row.number)
        if old is None or (old.subject, old.object) != (row.subject, row.object):
            return True
        return not (sure(old)[0] <= since and until <= sure(old)[1])

    found = acyclic.candidates(case.change).number.tolist()
    assert sorted(found) == sorted(row.number for row in case.after if looked(row))


def test_a_ring_is_told_from_its_fresh_link() -> None:
    kept = [relation(1, 1, 2, day_of(0)), relation(2, 2, 3, day_of(4))]
    new = relation(7, 3, 1, until=day_of(30))
    stored = {row.number: row for row in kept}
    (found,) = acyclic.breaches(change([], [new]), RULE, [(7, 1, 2)], stored.get).listed
    assert (found.entity, found.relations, found.day) == (3, (7, 1, 2), day_of(4))
    assert found.details == {"chain": (3, 1, 2, 3)}
    assert not acyclic.breaches(change([], [new]), Predicate("owns", "owned_by"), [(7, 1, 2)], stored.get)


def test_of_several_fresh_links_the_last_one_closes_the_ring_whichever_way_it_was_found() -> None:
    kept, fresh = relation(1, 1, 2), [relation(5, 2, 3), relation(7, 3, 1)]
    for way in ((5, 7, 1), (7, 1, 5), (1, 5, 7)):
        (found,) = acyclic.breaches(change([], fresh), RULE, [way], {1: kept}.get).listed
        assert (found.entity, found.relations) == (3, (7, 1, 5))


@pytest.mark.parametrize(
    ("since", "until", "day"), [(9, 20, None), (10, 19, None), (9, 25, 20), (5, 20, 5), (5, 7, 5), (30, 40, 30)]
)
def test_a_ring_that_stood_is_a_breach_on_new_days_only(since: int, until: int, day: int | None) -> None:
    other = relation(1, 1, 2)
    was = relation(2, 2, 1, day_of(9), day_of(20))
    now = was._replace(since=day_of(since), until=day_of(until))
    found = acyclic.breaches(change([other, was], [other, now]), RULE, [(2, 1)], {1: other, 2: now}.get)
    assert [one.day for one in found.listed] == ([] if day is None else [day_of(day)])


def test_a_ring_needs_its_relations() -> None:
    none: dict[int, RelationRow] = {}
    with pytest.raises(LookupError, match="not there"):
        acyclic.breaches(change([], [relation(1, 1, 2)]), RULE, [(1, 2)], none.get)


def test_dates_where_there_are_none() -> None:
    rows = [relation(1, 1, 2), relation(2, 1, 2, day_of(0)), relation(3, 1, 2, day_of(5), day_of(5))]
    rows += [rows[1]._replace(number=4, predicate="holds")]

    def told(time: str) -> list[int]:
        rule = Predicate("owns", "owned_by", time="none" if time == "none" else "valid")
        return [one.relations[0] for one in periods.breaches(appearing(columns(rows)), rule).listed]

    assert told("none") == [2, 3]
    assert told("valid") == [3]
    assert not periods.breaches(change(rows, rows), Predicate("owns", "owned_by", time="none"))


def test_a_touched_relation_is_fresh_even_if_no_column_shows_it() -> None:
    rows = columns([relation(1, 1, 2), relation(2, 2, 3)])
    assert compare(rows, rows).fresh.tolist() == []
    touched = compare(rows, rows, touched=np.array([2]))
    assert (touched.fresh.tolist(), touched.gone.tolist(), touched.old.tolist()) == ([1], [1], [1])
    assert rows.since[0] == OPEN_START
