from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.model.columns import Columns, joined
from relgraph.model.records import OPEN_START, RelationRow
from relgraph.model.rules import appearing, compare, maxima
from relgraph.vocabulary.model import Limit, Predicate
from tests.unit.model.rules.cases import Case, cases, change, columns, day_of, first_days, holds, relation


def others(rows: Sequence[RelationRow], *, end: str) -> dict[int, int]:
    found: dict[int, set[int]] = {}
    for row in rows:
        if end in {"subject", "both"}:
            found.setdefault(row.subject, set()).add(row.object)
        if end in {"object", "both"}:
            found.setdefault(row.object, set()).add(row.subject)
    return {group: len(one) for group, one in found.items()}


@given(cases(predicates=("owns", "holds")), st.integers(1, 3), st.sampled_from(["subject", "object", "both"]))
def test_agrees_with_a_look_at_every_day(case: Case, maximum: int, end: str) -> None:
    limit = Limit(maximum, "warn")
    predicate = Predicate(
        "owns",
        "owned_by",
        symmetric=end == "both",
        max_objects=limit if end != "object" else None,
        max_subjects=limit if end != "subject" else None,
    )
    expected = first_days(case.before, case.after, lambda rows: others(rows, end=end), maximum)
    found = maxima.breaches(case.change, predicate)
    assert {one.entity: (one.day, one.measured) for one in found.listed} == expected
    assert found.total == len(expected)
    by_number = {row.number: row for row in case.after}
    unchanged = {row.number for row in case.before if by_number.get(row.number) == row}
    leads = []
    for one in found.listed:
        assert (one.predicate, one.level, one.allowed) == ("owns", "warn", maximum)
        assert one.end == ("object" if end == "object" else "subject")
        assert one.day is not None
        assert all(holds(by_number[number], one.day) for number in one.relations)
        assert one.relations[0] not in unchanged
        assert len({*one.relations}) == len(one.relations)
        leads.append(one.relations[0])
    assert leads == sorted(leads)


def test_an_end_and_a_start_on_one_day_do_not_meet() -> None:
    predicate = Predicate("owns", "owned_by", max_subjects=Limit(1))
    rows = [relation(1, 1, 9, day_of(0), day_of(5)), relation(2, 2, 9, day_of(5), day_of(9))]
    assert not maxima.breaches(change([], rows), predicate)
    assert maxima.breaches(change([], [rows[0], rows[1]._replace(since=day_of(4))]), predicate).total == 1


def test_partial_dates_that_meet_in_a_year_do_not_meet() -> None:
    predicate = Predicate("owns", "owned_by", max_subjects=Limit(1))
    until = relation(1, 1, 9, until=day_of(427), precision=(0, 2))
    since = relation(2, 2, 9, since=day_of(61), precision=(2, 0))
    never = relation(3, 3, 9, day_of(30), day_of(61), precision=(1, 2))
    assert not maxima.breaches(change([], [until, since, never]), predicate)
    within = relation(4, 4, 9, day_of(30), day_of(61))
    found = maxima.breaches(change([], [until, since, never, within]), predicate)
    assert [(one.day, one.relations) for one in found.listed] == [(day_of(30), (4, 1))]


def test_the_same_other_counts_once() -> None:
    predicate = Predicate("owns", "owned_by", max_objects=Limit(1))
    rows = [relation(1, 1, 9), relation(2, 1, 9, predicate="holds")]
    assert not maxima.breaches(change([], rows), predicate)
    assert maxima.breaches(change([], [*rows, relation(3, 1, 8)]), predicate).listed[0].day == OPEN_START


def test_repairing_what_is_broken_passes() -> None:
    predicate = Predicate("owns", "owned_by", max_subjects=Limit(1))
    broken = [relation(number, number, 9) for number in (1, 2, 3)]
    assert not maxima.breaches(change(broken, broken[:2]), predicate)
    assert not maxima.breaches(change(broken, [*broken[:2], broken[2]._replace(until=day_of(3))]), predicate)
    worse = maxima.breaches(change(broken, [*broken, relation(4, 4, 9, day_of(7))]), predicate)
    assert [(one.day, one.measured, one.relations[0]) for one in worse.listed] == [(day_of(7), 4, 4)]


def test_a_hub_is_judged_around_what_changes() -> None:
    count = 5000
    day = np.full(count, day_of(0), np.int32)
    hub = Columns(
        ("owns",),
        np.zeros(count, np.int32),
        np.arange(count),
        np.arange(count),
        np.full(count, 10**6),
        day,
        day + 9,
        day,
        day + 9,
    )
    new = [relation(count + 1, count + 1, 10**6, day_of(3), day_of(4))]
    after = joined([hub, columns(new)])
    for maximum, total in ((count, 1), (count + 1, 0)):
        predicate = Predicate("owns", "owned_by", max_subjects=Limit(maximum))
        found = maxima.breaches(compare(hub, after, touched=np.array([count + 1])), predicate)
        assert found.total == total
    assert maxima.breaches(appearing(after), Predicate("owns", "owned_by", max_subjects=Limit(7))).listed[
        0
    ].day == day_of(0)


@pytest.mark.parametrize("limit", [1, 3])
def test_only_so_many_are_described_and_all_are_counted(limit: int) -> None:
    rows = [relation(10 * one + two, one, 100 + two) for one in range(1, 6) for two in range(2)]
    found = maxima.breaches(change([], rows), Predicate("owns", "owned_by", max_objects=Limit(1)), limit=limit)
    assert found.total == 5
    assert [one.relations[0] for one in found.listed] == [11, 21, 31][:limit]
