from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from relgraph.errors import FieldError, RuleError, TypeRuleError
from relgraph.model import blocks
from relgraph.model.batch import EntityRows, RelationRows
from relgraph.model.blocks import RelationBlock, RelationTable
from relgraph.model.columns import from_rows
from relgraph.model.drafts import RelationDraft
from relgraph.model.prepare import Preparing
from relgraph.values import PartialDate
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag, Vocabulary

WORDS = Vocabulary(
    types={"Company": EntityType("Company", fields=(Field("name", required=True), Field("staff", kind="integer")))},
    predicates={
        "owns": Predicate(
            "owns",
            "owned_by",
            attributes=(Field("share", kind="percent"), Field("note"), Field("level", kind="integer", default=1)),
        ),
        "needs": Predicate("needs", "needed_by", attributes=(Field("why", required=True),), time="none"),
        "old": Predicate("old", "old_of", enabled=False),
        "inside": Predicate("inside", "inside_of", internal=True),
    },
)

Told = list[tuple[str, int]]


def ignored(_error: RuleError, _row: int) -> None:
    """Take no note of a breach."""


def read(
    predicate: str, rows: Sequence[Mapping[str, Any]], *, by_code: bool = False
) -> tuple[list[RelationDraft], Told]:
    problems: Told = []
    made = RelationRows(Preparing(WORDS), predicate, by_code=by_code).new(
        rows, lambda error, row: problems.append((str(error), row))
    )
    return made[0], problems


def cells(draft: RelationDraft) -> tuple[Any, ...]:
    return (
        draft.predicate,
        draft.subject,
        draft.object,
        draft.since,
        draft.until,
        draft.since_precision,
        draft.until_precision,
        draft.attributes,
        draft.confidence,
        draft.sources,
        draft.row,
    )


days: some.SearchStrategy[Any] = some.sampled_from(
    [
        None,
        "2020",
        "2020-02",
        "2020-02-29",
        2021,
        2021.0,
        True,
        date(2022, 1, 1),
        PartialDate("2019"),
        "no day",
        [1],
        ([],),
    ]
)
entries = {
    "subject": some.sampled_from(["a", "b", 7, ("src", "k"), None, 1.5]),
    "object": some.sampled_from(["a", "b", ("src", 3)]),
    "since": days,
    "until": days,
    "id": some.sampled_from([None, "r1", 12, ""]),
    "confidence": some.sampled_from([None, 0.5, 2, "high"]),
    "source": some.sampled_from([None, "book", ["a", ("b", "1")]]),
    "key": some.sampled_from([None, "", "k1"]),
    "share": some.sampled_from([None, "25%", "0.25", Decimal("0.5"), "130 %", True]),
    "note": some.sampled_from([None, "x", "é", 1]),
    "level": some.sampled_from([None, 3, "4"]),
    "why": some.sampled_from([None, "so"]),
    "attributes": some.sampled_from([{}, {"note": "other"}]),
    "other": some.just(1),
}
rows_of_any_shape = some.lists(some.fixed_dictionaries({}, optional=entries), max_size=8)


@given(rows=rows_of_any_shape, predicate=some.sampled_from(["owns", "owned_by", "needs", "old", "inside"]))
def test_a_batch_is_what_its_rows_are_one_by_one(rows: list[dict[str, Any]], predicate: str) -> None:
    fast, problems = read(predicate, rows)
    # what is no plain dictionary goes the way of a single relation
    slow, same = read(predicate, [OrderedDict(row) for row in rows])
    assert [cells(one) for one in fast] == [cells(one) for one in slow]
    assert problems == same


ordinary = {
    "subject": some.sampled_from(["a", "b", 7, ("src", "k")]),
    "object": some.sampled_from(["a", "c", ("src", 3)]),
    "since": some.sampled_from([None, "2020", "2020-02", date(2019, 1, 1), PartialDate("2019"), 2018]),
    "until": some.sampled_from([None, "2021", date(2022, 1, 1)]),
    "share": some.sampled_from([None, "25%", Decimal("0.5")]),
    "note": some.sampled_from([None, "x", "é"]),
    "level": some.sampled_from([None, 3, "4"]),
}
ordinary_rows = some.lists(
    some.fixed_dictionaries({name: ordinary.pop(name) for name in ("subject", "object")}, optional=ordinary),
    max_size=9,
)


@given(
    rows=ordinary_rows | rows_of_any_shape,
    predicate=some.sampled_from(["owns", "owned_by", "needs", "inside"]),
    stretch=some.sampled_from([2, 20_000]),
)
def test_a_block_is_what_its_rows_are_one_by_one(rows: list[dict[str, Any]], predicate: str, stretch: int) -> None:
    problems: Told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_ROWS", stretch)
        made = RelationRows(Preparing(WORDS), predicate, by_code=False).block(
            iter(rows), lambda error, row: problems.append((str(error), row))
        )
    fast = made[0] if isinstance(made, tuple) else made.drafts()
    slow, same = read(predicate, [OrderedDict(row) for row in rows])
    assert [cells(one) for one in fast] == [cells(one) for one in slow]
    assert problems == same


def test_ordinary_rows_are_a_block_and_its_table_reads_like_rows() -> None:
    rows: list[dict[str, object]] = [
        {"subject": "a", "object": "b", "since": "2020-03", "share": "25%"},
        {"subject": "c", "object": "b", "until": date(2024, 1, 1), "note": "x"},
    ]
    made = RelationRows(Preparing(WORDS), "owns", by_code=False).block(rows, ignored)
    assert isinstance(made, RelationBlock)
    assert made.ends == ("a", "c", "b")
    numbers = np.array([10, 30, 20], np.int64)
    table = RelationTable(made, 100, numbers[made.subject], numbers[made.object])
    assert list(table) == [table[0], table[1]] == table[:]
    assert [(one.number, one.subject, one.object, one.attributes) for one in table] == [
        (100, 10, 20, {"share": "0.25", "level": 1}),
        (101, 30, 20, {"note": "x", "level": 1}),
    ]
    assert (table.place(101), table.place(99), table.place(102)) == (1, None, None)
    columns, alike = table.columns(), from_rows(list(table))
    for name in ("number", "subject", "object", "since", "until", "sure_since", "sure_until"):
        assert getattr(columns, name).tolist() == getattr(alike, name).tolist()


def test_rows_of_one_layout_may_each_lack_what_is_optional() -> None:
    made, problems = read(
        "owned_by",
        [
            {"subject": "b", "object": "a", "since": "2020-03", "share": "25%"},
            {"subject": "c", "object": "a", "since": None, "share": None},
        ],
    )
    assert [(one.subject, one.object, one.attributes) for one in made] == [
        ("a", "b", {"share": "0.25", "level": 1}),
        ("a", "c", {"level": 1}),
    ]
    assert problems == []
    assert len({one.id for one in made}) == 2


def test_each_breach_is_told_with_its_row_and_the_others_are_made() -> None:
    made, problems = read(
        "owns",
        [
            {"subject": "a", "object": "b", "share": "lots"},
            {"subject": "a", "object": "b", "shrae": "1%"},
            {"subject": "a", "object": "b"},
        ],
    )
    assert [one.row for one in made] == [2]
    assert [row for _, row in problems] == [0, 1]
    assert "share" in problems[1][0]


def test_nothing_is_made_of_a_predicate_that_takes_nothing() -> None:
    assert read("old", [{"subject": "a", "object": "b"}])[0] == []
    assert read("inside", [{"subject": "a", "object": "b"}])[0] == []
    assert len(read("inside", [{"subject": "a", "object": "b"}], by_code=True)[0]) == 1
    with pytest.raises(TypeRuleError):
        read("nothing", [])


def test_chosen_ids_are_told_apart_from_minted_ones() -> None:
    rows = [{"subject": "a", "object": "b", "id": "mine"}, {"subject": "a", "object": "b"}]
    made, chosen = RelationRows(Preparing(WORDS), "owns", by_code=False).new(rows, ignored)
    assert chosen == ["mine"]
    assert len(made) == 2


def test_entities_of_a_batch_keep_their_row_and_what_it_gave() -> None:
    problems: list[tuple[RuleError, int]] = []
    rows: list[Mapping[str, object]] = [
        {"name": "A", "id": 5, "keys": {"src": "1"}},
        {"name": "B", "staff": "many"},
        {"staff": 3},
        {"name": "D"},
    ]
    made = EntityRows(Preparing(WORDS), "Company").new(rows, lambda error, row: problems.append((error, row)))
    assert [(one.id, one.row, one.fields) for one in made[:1]] == [("5", 0, {"name": "A"})]
    assert [one.row for one in made] == [0, 3]
    assert [row for _, row in problems] == [1, 2]
    assert isinstance(problems[0][0], FieldError)
    told = EntityRows(Preparing(WORDS), "Company").either(rows[2:3], ignored)
    assert [(given, by_id) for _, given, by_id in told] == [({"staff": 3}, False)]


fields = {
    "id": some.sampled_from([None, "e1", 12, "", 1.5]),
    "keys": some.sampled_from([None, {}, {"src": "1"}, {"src": None}]),
    "tags": some.sampled_from([None, (), ["vip"], "none"]),
    "name": some.sampled_from([None, "A", "é", 1]),
    "staff": some.sampled_from([None, 3, "4", "many"]),
    "other": some.sampled_from([None, 1]),
}


@given(
    rows=some.lists(some.fixed_dictionaries({}, optional=fields), max_size=6),
    type_name=some.sampled_from(["Company", "Thing", "Nothing"]),
)
def test_a_batch_of_entities_is_what_its_rows_are_one_by_one(rows: list[dict[str, Any]], type_name: str) -> None:
    words = Vocabulary(types={**WORDS.types, "Thing": EntityType("Thing", abstract=True)}, tags={"vip": Tag("vip")})
    found = []
    for alike in (rows, [OrderedDict(row) for row in rows]):
        problems: Told = []
        made = EntityRows(Preparing(words), type_name).new(
            alike,
            lambda error, row, problems=problems: problems.append((str(error), row)),  # type: ignore[misc]
        )
        ids = [None if one.minted else one.id for one in made]
        found.append((ids, [(one.type, one.fields, one.tags, one.keys, one.row) for one in made], problems))
    assert found[0] == found[1]
