from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.model.records import RelationRow
from relgraph.model.rules import unique
from relgraph.vocabulary.model import Predicate
from tests.unit.model.rules.cases import Case, cases, change, day_of, relation, sure

How = Literal["overlap", "pair", "none"]


def period(one: RelationRow, other: RelationRow) -> tuple[int, int] | None:
    (a, b), (c, d) = sure(one), sure(other)
    if a >= b or c >= d or max(a, c) >= min(b, d):
        return None
    return max(a, c), min(b, d)


def collides(one: RelationRow, other: RelationRow, *, how: How, symmetric: bool) -> tuple[int, int] | str | None:
    if one.predicate != "owns" or other.predicate != "owns" or how == "none":
        return None
    ends = {(one.subject, one.object), (one.object, one.subject)} if symmetric else {(one.subject, one.object)}
    if (other.subject, other.object) not in ends:
        return None
    if how == "pair":
        return "ever"
    found = period(one, other)
    if found:
        return found
    alike = one[5:10] == other[5:10]
    return "twin" if alike else None


def judged(case: Case, *, how: How, symmetric: bool) -> dict[tuple[int, int], int | None]:
    """Colliding pairs, the later fresh one first, with the first day on which they newly do."""
    was = {row.number: row for row in case.before}
    found: dict[tuple[int, int], int | None] = {}
    for one, other in combinations(case.after, 2):
        now = collides(one, other, how=how, symmetric=symmetric)
        fresh = [row.number for row in (one, other) if was.get(row.number) != row]
        if now is None or not fresh:
            continue
        before = None
        if one.number in was and other.number in was:
            before = collides(was[one.number], was[other.number], how=how, symmetric=symmetric)
        day = None
        if isinstance(now, str):
            # twins that overlapped before hold on no day now, and were no twins
            if before == now:
                continue
        else:
            day = now[0]
            if isinstance(before, tuple):
                if before[0] <= now[0] and now[1] <= before[1]:
                    continue
                if before[0] <= now[0] < before[1]:
                    day = before[1]
        lead = max(fresh)
        found[lead, one.number + other.number - lead] = day
    return found


@given(
    cases(predicates=("owns", "holds"), entities=2),
    st.sampled_from(["overlap", "overlap", "pair", "none"]),
    st.booleans(),
)
def test_agrees_with_a_look_at_every_two(case: Case, how: How, symmetric: bool) -> None:
    predicate = Predicate("owns", "owned_by", symmetric=symmetric, unique=how, unique_level="warn")
    attributes = {row.number: row.attributes.get("share") for row in case.after}
    earlier = {row.number: row.attributes.get("share") for row in case.before}
    found = unique.breaches(case.change, predicate, signature=attributes.get, earlier=earlier.get)
    expected = judged(case, how=how, symmetric=symmetric)
    leads = {lead for lead, _ in expected}
    assert [one.relations[0] for one in found.listed] == sorted(leads)
    assert found.total == len(leads)
    for one in found.listed:
        lead, *others = one.relations
        assert {(lead, other) for other in others} <= expected.keys()
        days = [day for (first, _), day in expected.items() if first == lead and day is not None]
        assert one.day == (min(days) if days else None)
        assert one.level == "warn"


def test_every_overlap_is_told_not_only_with_the_next() -> None:
    long = relation(1, 1, 2, day_of(0), day_of(90))
    shorts = [relation(number, 1, 2, day_of(number), day_of(number + 1)) for number in range(2, 40)]
    found = unique.breaches(change([], [long, *shorts]), Predicate("owns", "owned_by"))
    assert [one.relations for one in found.listed] == [(number, 1) for number in range(2, 40)]


def test_more_pairs_than_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relgraph.model.rules.pairs.AT_ONCE", 7)
    rows = [relation(number, 1, 2) for number in range(1, 30)]
    found = unique.breaches(change(rows[:10], rows), Predicate("owns", "owned_by"), limit=3)
    assert found.total == 19
    assert [one.relations[0] for one in found.listed] == [11, 12, 13]


def test_exact_duplicates_that_surely_hold_on_no_day() -> None:
    year = relation(1, 1, 2, day_of(61), day_of(427), precision=(2, 2))
    same, other = year._replace(number=2), year._replace(number=3, attributes={"share": 1})

    def told(rows: Sequence[RelationRow]) -> list[tuple[int, ...]]:
        known: dict[int, Hashable] = {row.number: row.attributes.get("share") for row in rows}
        found = unique.breaches(change([year], rows), Predicate("owns", "owned_by"), signature=known.get)
        return [one.relations for one in found.listed]

    assert told([year, same]) == [(2, 1)]
    assert told([year, other]) == []
    assert told([year, other, other._replace(number=4)]) == [(4, 3)]


def test_until_and_since_the_same_year_do_not_overlap() -> None:
    ends = relation(1, 1, 2, until=day_of(427), precision=(0, 2))
    starts = relation(2, 1, 2, since=day_of(61), precision=(2, 0))
    assert not unique.breaches(change([ends], [ends, starts]), Predicate("owns", "owned_by"))


def test_a_shorter_overlap_passes() -> None:
    one, other = relation(1, 1, 2, day_of(0)), relation(2, 1, 2, day_of(5))
    later = [one, other._replace(since=day_of(9))]
    assert not unique.breaches(change([one, other], later), Predicate("owns", "owned_by"))
    longer = unique.breaches(
        change([one, other], [one, other._replace(since=day_of(3))]), Predicate("owns", "owned_by")
    )
    assert [(one.day, one.relations) for one in longer.listed] == [(day_of(3), (2, 1))]
