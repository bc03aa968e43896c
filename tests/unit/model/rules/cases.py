"""Small random changes of relations, and a slow judge that looks at every day by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from hypothesis import strategies as st

from relgraph.model.columns import MISSING, Columns, from_rows
from relgraph.model.records import OPEN_END, OPEN_START, RelationRow, sure_end, sure_start
from relgraph.model.rules.breach import Change, compare

FIRST = date(2023, 11, 1).toordinal()


def relation(
    number: int,
    subject: int,
    obj: int,
    since: int = OPEN_START,
    until: int = OPEN_END,
    *,
    predicate: str = "owns",
    precision: tuple[int, int] = (0, 0),
    share: int | None = None,
) -> RelationRow:
    attributes = {} if share is None else {"share": share}
    return RelationRow(number, f"r{number}", predicate, subject, obj, since, until, *precision, attributes, None, 1)


def columns(rows: Sequence[RelationRow]) -> Columns:
    return from_rows(rows, {"share": [row.attributes.get("share", MISSING) for row in rows]})


def change(before: Sequence[RelationRow], after: Sequence[RelationRow], *, told: bool = False) -> Change:
    touched = None
    if told:
        one, other = {row.number: row for row in before}, {row.number: row for row in after}
        numbers = [number for number in one.keys() | other.keys() if one.get(number) != other.get(number)]
        touched = np.array(sorted(numbers), np.int64)
    return compare(columns(before), columns(after), touched=touched)


def sure(row: RelationRow) -> tuple[int, int]:
    return sure_start(row.since, row.since_precision), sure_end(row.until, row.until_precision)


def holds(row: RelationRow, day: int) -> bool:
    since, until = sure(row)
    return since <= day < until


def day_of(number: int) -> int:
    return FIRST + number


@st.composite
def periods(draw: st.DrawFn) -> tuple[int, int, tuple[int, int]]:
    since, low = draw(st.sampled_from(STARTS))
    until, high = draw(st.sampled_from(ENDS))
    if until <= since:
        until, high = OPEN_END, 0
    return since, until, (low, high)


def _months() -> Iterator[tuple[int, int]]:
    for year, month in ((2023, 11), (2023, 12), (2024, 1), (2024, 2)):
        first = date(year, month, 1).toordinal()
        after = date(year + month // 12, month % 12 + 1, 1).toordinal()
        yield first, after


STARTS = [(OPEN_START, 0), (date(2024, 1, 1).toordinal(), 2)]
STARTS += [(first, 1) for first, _ in _months()] + [(day_of(one), 0) for one in (0, 1, 2, 30, 31, 60, 61, 62)]
ENDS = [(OPEN_END, 0), (date(2025, 1, 1).toordinal(), 2), (date(2024, 1, 1).toordinal(), 2)]
ENDS += [(after, 1) for _, after in _months()] + [(day_of(one), 0) for one in (1, 2, 3, 31, 32, 61, 62, 90)]


@st.composite
def rows(
    draw: st.DrawFn, numbers: Iterable[int], *, predicates: Sequence[str] = ("owns",), entities: int = 3
) -> list[RelationRow]:
    found = []
    for number in numbers:
        since, until, precision = draw(periods())
        found.append(
            relation(
                number,
                draw(st.integers(1, entities)),
                draw(st.integers(1, entities)),
                since,
                until,
                predicate=draw(st.sampled_from(list(predicates))),
                precision=precision,
                share=draw(st.none() | st.integers(-2, 6)),
            )
        )
    return found


@dataclass(frozen=True)
class Case:
    before: list[RelationRow]
    after: list[RelationRow]
    told: bool

    @property
    def change(self) -> Change:
        return change(self.before, self.after, told=self.told)


@st.composite
def cases(draw: st.DrawFn, *, predicates: Sequence[str] = ("owns",), most: int = 12, entities: int = 3) -> Case:
    """A state, and another in which some relations are gone, some changed, some new."""
    count = draw(st.integers(0, most))
    before = draw(rows(range(1, count + 1), predicates=predicates, entities=entities))
    fate = draw(st.lists(st.sampled_from(["stays", "stays", "gone", "changed"]), min_size=count, max_size=count))
    changed = [row.number for row, one in zip(before, fate, strict=True) if one == "changed"]
    new = draw(st.integers(0, most))
    after = [row for row, one in zip(before, fate, strict=True) if one == "stays"]
    after += draw(rows([*changed, *range(100, 100 + new)], predicates=predicates, entities=entities))
    order = draw(st.permutations(range(len(after))))
    return Case(before, [after[one] for one in order], draw(st.booleans()))


def first_days(
    before: Sequence[RelationRow],
    after: Sequence[RelationRow],
    measure: Callable[[Sequence[RelationRow]], dict[int, int]],
    maximum: int,
) -> dict[int, tuple[int, int]]:
    """The first day, and the measure on it, on which a group is over the maximum and over what it was before."""
    found: dict[int, tuple[int, int]] = {}
    # between these days nothing begins or ends
    for day in sorted({OPEN_START, *(bound for row in (*before, *after) for bound in sure(row))}):
        was = measure([row for row in before if holds(row, day)])
        for group, value in measure([row for row in after if holds(row, day)]).items():
            if value > maximum and value > was.get(group, 0) and group not in found:
                found[group] = day, value
    return found
