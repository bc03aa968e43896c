from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from relgraph.model.records import RelationRow
from relgraph.model.rules import sums
from relgraph.vocabulary.model import Field, Predicate, SumRule
from tests.unit.model.rules.cases import Case, cases, change, day_of, first_days, holds, relation


def owning(maximum: object, *, kind: str = "integer", per: str = "object") -> Predicate:
    field = Field("share", kind="integer" if kind == "integer" else "percent")
    rule = SumRule("share", "object" if per == "object" else "subject", maximum)
    return Predicate("owns", "owned_by", attributes=(field,), sums=(rule,))


def total(rows: Sequence[RelationRow], *, per: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows:
        group = row.object if per == "object" else row.subject
        found[group] = found.get(group, 0) + row.attributes.get("share", 0)
    return found


@given(cases(predicates=("owns", "holds")), st.integers(0, 9), st.sampled_from(["subject", "object"]), st.booleans())
def test_agrees_with_a_look_at_every_day(case: Case, maximum: int, per: str, huge: bool) -> None:
    factor = 2**61 if huge else 1
    if huge:
        case = Case(_times(case.before, factor), _times(case.after, factor), case.told)
    expected = first_days(case.before, case.after, lambda rows: total(rows, per=per), maximum * factor)
    found = sums.breaches(case.change, owning(maximum * factor, per=per))
    assert {one.entity: (one.day, one.measured) for one in found.listed} == expected
    assert found.total == len(expected)
    by_number = {row.number: row for row in case.after}
    for one in found.listed:
        assert one.day is not None
        assert all(holds(by_number[number], one.day) for number in one.relations)
        assert one.end == per


def _times(rows: list[RelationRow], factor: int) -> list[RelationRow]:
    # -1 to 3 times 2^61: each fits 64 bits, two need not
    return [
        row._replace(attributes={name: max(-1, min(3, value)) * factor for name, value in row.attributes.items()})
        for row in rows
    ]


def test_splits_that_add_up_to_all_are_no_excess() -> None:
    parts = [relation(one, one, 99, share=66_000) for one in range(1, 11)] + [relation(11, 11, 99, share=340_000)]
    rule = owning("1", kind="percent")
    assert not sums.breaches(change([], parts), rule)
    found = sums.breaches(change([], [*parts, relation(12, 12, 99, share=1)]), rule)
    assert [(one.measured, one.allowed) for one in found.listed] == [(1_000_001, 1_000_000)]


def test_what_surely_holds_on_no_day_adds_nothing() -> None:
    rows = [relation(1, 1, 9, share=100), relation(2, 2, 9, day_of(30), day_of(61), precision=(1, 2), share=5)]
    assert not sums.breaches(change([], rows), owning(100))
    less = [rows[0], rows[1]._replace(attributes={"share": -5}), relation(3, 3, 9, share=1)]
    assert sums.breaches(change([], less), owning(100)).listed[0].measured == 101


def test_less_of_too_much_passes_and_more_does_not() -> None:
    rule = owning(100)
    before = [relation(1, 1, 9, share=100), relation(2, 2, 9, share=100)]
    assert not sums.breaches(change(before, [before[0], relation(2, 2, 9, share=50)]), rule)
    assert sums.breaches(change(before, [before[0], relation(2, 2, 9, share=101)]), rule).total == 1
    later = relation(3, 3, 9, day_of(1), day_of(2), share=1)
    assert [one.day for one in sums.breaches(change(before, [*before, later]), rule).listed] == [day_of(1)]


def test_a_missing_amount_counts_nothing() -> None:
    assert not sums.breaches(change([], [relation(1, 1, 9, share=100), relation(2, 2, 9)]), owning(100))


def test_taking_a_negative_amount_away_can_be_too_much() -> None:
    before = [relation(1, 1, 9, share=120), relation(2, 2, 9, share=-30)]
    found = sums.breaches(change(before, before[:1]), owning(100))
    assert [(one.measured, one.relations) for one in found.listed] == [(120, (1,))]
