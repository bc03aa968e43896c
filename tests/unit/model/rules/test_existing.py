"""All rules over data as it stands, and what the rules of a predicate must see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import pytest

from relgraph.model.columns import Columns, Ints
from relgraph.model.ports import Ends, Reader
from relgraph.model.records import RelationRow
from relgraph.model.rules import existing, family
from relgraph.model.rules.family import Scope
from relgraph.vocabulary.model import EntityType, Field, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary
from tests.unit.model.rules.cases import change, columns, day_of, relation

SHARE = Field("share", kind="integer")


class Rows:
    """Just what is asked of a reader."""

    def __init__(self, vocabulary: Vocabulary, rows: Sequence[RelationRow]) -> None:
        self.vocabulary = vocabulary
        self._rows = rows

    def columns(self, predicates: Sequence[str], *, attributes: Sequence[str] = ()) -> Columns:
        assert set(attributes) <= {"share"}
        return columns([row for row in self._rows if row.predicate in predicates])

    def ends(self, numbers: Ints) -> Ends:
        # even numbers are companies, odd ones people; 4 is barred
        kinds = (1 - numbers % 2).astype(np.int32)
        barred = (numbers == 4).astype(np.uint64).reshape(-1, 1)
        return Ends(("Person", "Company"), kinds, np.zeros(len(numbers), np.int8), ("barred",), barred)

    def relations(self, numbers: Iterable[int]) -> dict[int, RelationRow]:
        return {row.number: row for row in self._rows if row.number in numbers}

    def list_relations(self, predicates: Sequence[str], *, after: int, limit: int) -> list[RelationRow]:
        return [row for row in self._rows if row.predicate in predicates and row.number > after][:limit]


def words(*predicates: Predicate) -> Vocabulary:
    return Vocabulary(
        types={"Person": EntityType("Person"), "Company": EntityType("Company")},
        tags={"barred": Tag("barred")},
        predicates={one.name: one for one in predicates},
    )


OWNS = Predicate(
    "owns",
    "owned_by",
    object=("Company",),
    object_tags=TagRule(none=("barred",)),
    attributes=(SHARE,),
    max_subjects=Limit(2, "warn"),
    sums=(SumRule("share", "object", 100),),
)
HOLDS = Predicate("holds", "held_by", implies=("owns",), attributes=(SHARE,))


def reader(vocabulary: Vocabulary, rows: Sequence[RelationRow]) -> Reader:
    return cast("Reader", Rows(vocabulary, rows))


def test_every_rule_finds_what_breaks_it() -> None:
    vocabulary = words(OWNS, HOLDS)
    rows = [
        relation(1, 1, 2, share=60),
        relation(2, 3, 2, share=60, predicate="holds"),
        relation(3, 5, 2),
        relation(4, 1, 2, share=1),
        relation(5, 1, 4, share=1),
        relation(6, 1, 3, share=1),
        relation(7, 6, 6, share=1),
    ]
    found = existing.breaches(reader(vocabulary, rows), vocabulary, ["owns", "holds"])
    assert [(one.rule, one.level, one.relations) for one in found["owns"].listed] == [
        ("types", "error", (6,)),
        ("tags", "error", (5,)),
        ("irreflexive", "error", (7,)),
        ("unique", "error", (4, 1)),
        ("max_subjects", "warn", (4, 1, 2, 3)),
        ("sum", "error", (4, 1, 2, 3)),
        ("required", "warn", (3,)),
    ]
    assert "holds" not in found
    assert found["owns"].total == 7
    errors = existing.breaches(reader(vocabulary, rows), vocabulary, ["owns"], levels=("error",))
    assert [one.rule for one in errors["owns"].listed] == ["types", "tags", "irreflexive", "unique", "sum"]


def test_a_tightened_rule_shows_what_breaks_it() -> None:
    today = words(Predicate("owns", "owned_by"))
    rows = [relation(number, number, 2) for number in (1, 3)]
    tighter = words(Predicate("owns", "owned_by", max_subjects=Limit(1), attributes=(Field("role", required=True),)))
    found = existing.breaches(reader(today, rows), tighter, ["owns"])
    assert [(one.rule, one.relations) for one in found["owns"].listed] == [
        ("max_subjects", (3, 1)),
        ("required", (1,)),
        ("required", (3,)),
    ]
    assert existing.breaches(reader(today, rows), today, ["owns"]) == {}
    renamed = words(Predicate("keeps", "kept_by", max_subjects=Limit(1)))
    assert existing.breaches(reader(today, rows), renamed, ["keeps"]) == {}


def test_the_attributes_of_twins_are_asked_of_the_store() -> None:
    vocabulary = words(Predicate("owns", "owned_by"))
    year = relation(1, 1, 2, day_of(61), day_of(427), precision=(2, 2), share=1)
    rows = [year, year._replace(number=2), year._replace(number=3, attributes={"share": 2})]
    found = existing.breaches(reader(vocabulary, rows), vocabulary, ["owns"])
    assert [one.relations for one in found["owns"].listed] == [(2, 1)]


def test_relations_that_have_ended_need_no_tag() -> None:
    vocabulary = words(OWNS)
    rows = [relation(1, 1, 4, until=day_of(5), share=1), relation(2, 1, 3, until=day_of(5), share=1)]
    assert existing.breaches(reader(vocabulary, rows), vocabulary, ["owns"], today=day_of(5)) == {}
    assert existing.breaches(reader(vocabulary, rows), vocabulary, ["owns"], today=day_of(4))["owns"].total == 2


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Predicate("a", "b", unique="none"), Scope(subjects=False, objects=False, pairs=False, attributes=())),
        (
            Predicate("a", "b", max_objects=Limit(1)),
            Scope(subjects=True, objects=False, pairs=True, attributes=()),
        ),
        (
            Predicate("a", "b", max_subjects=Limit(1, "warn"), unique_level="warn"),
            Scope(subjects=False, objects=False, pairs=False, attributes=()),
        ),
        (
            Predicate("a", "a", symmetric=True, max_subjects=Limit(1)),
            Scope(subjects=True, objects=True, pairs=True, attributes=()),
        ),
        (OWNS, Scope(subjects=False, objects=True, pairs=True, attributes=("share",))),
    ],
)
def test_what_rules_must_see(predicate: Predicate, expected: Scope) -> None:
    assert family.scope(predicate) == expected


def test_rules_of_other_levels_are_left_out() -> None:
    loose = Predicate(
        "owns",
        "owned_by",
        irreflexive="warn",
        unique_level="warn",
        max_objects=Limit(1, "warn"),
        attributes=(SHARE,),
        sums=(SumRule("share", "object", 1, "warn"),),
    )
    rows = [relation(1, 1, 1, share=5), relation(2, 1, 1, share=5), relation(3, 1, 2, share=5)]
    assert not family.breaches(change([], rows), loose)
    found = family.breaches(change([], rows), loose, levels=family.ALL)
    assert [one.rule for one in found.listed] == [
        "irreflexive", "irreflexive", "unique", "max_objects", "sum", "sum"
    ]  # fmt: skip
