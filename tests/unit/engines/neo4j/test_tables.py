from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np

from relgraph.engines.neo4j.rows import Shapes
from relgraph.engines.neo4j.tables import Part, parts
from relgraph.ids import MintedIds
from relgraph.model.blocks import RelationBlock, RelationTable
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.vocabulary.model import Field, Predicate, Vocabulary

PREDICATE = Predicate(
    "ships to",
    "gets from",
    attributes=(
        Field("count", kind="integer"),
        Field("share", kind="percent"),
        Field("price", kind="money"),
        Field("signed", kind="partial date"),
        Field("marks", kind="text", many=True),
        Field("urgent", kind="boolean"),
    ),
)
DAY = date(2024, 5, 17).toordinal()
LAST = date.max.toordinal() + 1
PERIODS = [
    (OPEN_START, OPEN_END, 0, 0),
    (DAY, OPEN_END, 0, 0),
    (DAY, DAY + 31, 1, 0),
    (OPEN_START, LAST, 0, 2),
    (DAY, LAST - 1, 0, 0),
]
ATTRIBUTES: dict[str, list[Any]] = {
    "count": [1, None, 0, 2**62, 1],
    "share": ["0.5", "1", None, "0.5", "0"],
    "price": [["12.5", "EUR"], None, ["12.5", "USD"], None, ["0", "EUR"]],
    "signed": ["2024", "2024-05", "2024-05-17", None, None],
    "marks": [["a", "b"], None, [], ["a"], None],
    "urgent": [True, False, None, True, None],
    "unknown": [None, "kept", 1, True, None],
}


def table() -> RelationTable:
    since, until, low, high = (np.array(one, np.int32) for one in zip(*PERIODS, strict=True))
    ends = np.array([0, 1, 0, 2, 1], np.int32)
    block = RelationBlock(
        PREDICATE.name,
        MintedIds(len(PERIODS)),
        ("a", "b", "c"),
        ends,
        ends[::-1].copy(),
        since,
        until,
        low.astype(np.int8),
        high.astype(np.int8),
        ATTRIBUTES,
    )
    numbers = np.array([70, 80, 90], np.int64)
    return RelationTable(block, 1000, numbers[block.subject], numbers[block.object])


def created(part: Part) -> list[dict[str, Any]]:
    """Return what a statement would store, its missing values left out as the database leaves them."""
    pattern = re.search(r"\{(_told.*)\}\]->", part.statement)
    assert pattern is not None
    cells = re.findall(r"`([^`]+)`: (\$days\[)?row\[(\d+)\]", pattern[1])
    found = []
    for row in part.rows:
        held = {name: part.days[row[int(at)]] if days else row[int(at)] for name, days, at in cells}
        found.append({name: value for name, value in held.items() if value is not None} | {"_told": 7})
    return found


def test_relations_side_by_side_get_the_properties_that_each_would_get_alone() -> None:
    made, shapes = table(), Shapes(Vocabulary(name="t", predicates={PREDICATE.name: PREDICATE}))
    fields = shapes.attributes(PREDICATE.name)
    expected = [shapes.relation_properties(row, 7) for row in made]
    for size in (2, 100):
        found = [*parts(made, fields, size)]
        assert [len(one.rows) for one in found] == ([2, 2, 1] if size == 2 else [5])
        assert [one for part in found for one in created(part)] == expected
        assert [row[:2] for part in found for row in part.rows] == [(row.subject, row.object) for row in made]
    assert "[:`SHIPS TO` {" in found[0].statement


def test_a_day_is_sent_once_however_many_relations_have_it() -> None:
    (part,) = parts(table(), {}, 100)
    # the day after the calendar's last is said by a mark beside the last
    assert part.days == [None, date(2024, 5, 17), date(2024, 6, 17), date.max, date.max, None]
