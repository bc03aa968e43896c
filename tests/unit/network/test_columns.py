"""What is worked out in columns is what is worked out value by value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.network.execute import aggregates
from relgraph.network.execute.aggregates import aggregated
from relgraph.network.execute.days import days_between
from relgraph.network.execute.expressions import combine
from relgraph.network.execute.scalars import compute, sort_key
from relgraph.network.execute.table import Values, distinct_rows
from relgraph.query import ir
from relgraph.values import PartialDate

Function = Literal["sum", "avg", "min", "max"]
numbers = st.sampled_from([-(2**31) + 1, -1, 0, 1, 2, 700_000, 2**31 - 1, 2**62, -(2**62)])
dates = st.none() | st.sampled_from(
    [PartialDate(2020), PartialDate(2020, 2), PartialDate(2020, 2, 29), PartialDate(1999, 12, 31), date(2021, 1, 5)]
)
decimals = st.none() | st.sampled_from([Decimal("0.1"), Decimal("0.10"), Decimal(3), Decimal("-2.5"), 4])


def column(items: Sequence[Any], rows: Sequence[int]) -> Values:
    return Values(np.array([row % len(items) for row in rows], np.intp), items)


@given(st.lists(st.tuples(numbers, numbers, numbers), max_size=12), st.integers(1, 3))
def test_distinct_rows_come_in_order_with_the_first_place_of_each(rows: list[tuple[int, ...]], wide: int) -> None:
    some = [row[:wide] for row in rows]
    table = np.array(rows, np.int64).reshape(-1, 3)
    first, which = distinct_rows([table[:, at] for at in range(wide)])
    wanted = sorted(set(some))
    assert [some[at] for at in first.tolist()] == wanted
    assert first.tolist() == [some.index(one) for one in wanted]
    assert which.tolist() == [wanted.index(one) for one in some]


@given(
    st.lists(dates, min_size=1, max_size=5),
    st.lists(dates, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12),
)
def test_days_between_dates_are_those_of_each_row(
    later: list[Any], earlier: list[Any], rows: list[tuple[int, int]]
) -> None:
    left, right = column(later, [one for one, _ in rows]), column(earlier, [one for _, one in rows])
    found = days_between(left, right)
    assert found is not None
    pairs = zip(left.to_list(), right.to_list(), strict=True)
    assert found.to_list() == [compute("-", one, other, "duration") for one, other in pairs]


def test_what_is_no_date_is_not_taken_from_dates_in_columns() -> None:
    assert days_between(column([date(2020, 1, 1)], [0]), column([3], [0])) is None


def test_a_function_of_one_varying_column_is_called_for_what_stands_somewhere() -> None:
    def doubled(one: int, by: int) -> int:
        assert one
        return one * by

    assert combine(doubled, column([7, 0, 5], [2, 0, 2]), Values.constant(2, 3)).to_list() == [10, 14, 10]
    assert combine(doubled, Values.of([]), Values.constant(2, 0)).to_list() == []


@given(
    st.lists(decimals, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=14),
    st.sampled_from(get_args(Function)),
)
def test_values_that_stand_often_count_as_often(
    items: list[Any], rows: list[tuple[int, int]], function: Function
) -> None:
    argument = column(items, [row for row, _ in rows])
    groups = np.array([group for _, group in rows], np.intp)
    asked = ir.Aggregate(function, (ir.Constant(1, "decimal"),), ("x",), distinct=False, kind="decimal")
    found = aggregated(asked, groups, 3, [argument], sort_key).to_list()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregates, "_COUNTED", frozenset())
        told = aggregated(asked, groups, 3, [argument], sort_key).to_list()
    assert list(map(repr, found)) == list(map(repr, told))
