"""Types and tags at the ends."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.model.records import OPEN_END
from relgraph.model.rules import tags, types
from relgraph.vocabulary.model import EntityType, Predicate, TagRule, Vocabulary
from tests.unit.model.rules.cases import columns, day_of, relation

TYPES = ("Thing", "Person", "Organization", "Company", "Place")
KINDS = {
    "Thing": EntityType("Thing"),
    "Person": EntityType("Person", extends=("Thing",)),
    "Organization": EntityType("Organization", extends=("Thing",)),
    "Company": EntityType("Company", extends=("Organization",)),
    "Place": EntityType("Place"),
}


def vocabulary(*predicates: Predicate) -> Vocabulary:
    return Vocabulary(types=KINDS, predicates={one.name: one for one in predicates})


ends = st.lists(st.sampled_from([*TYPES, "Entity"]), max_size=2, unique=True).map(tuple)


@given(ends, ends, st.lists(st.tuples(*[st.sampled_from([*TYPES, "Entity"])] * 2), max_size=3), st.booleans())
def test_the_table_says_what_the_vocabulary_allows(
    subject: tuple[str, ...], obj: tuple[str, ...], between: list[tuple[str, str]], symmetric: bool
) -> None:
    words = vocabulary(
        Predicate("knows", "known", symmetric=symmetric, subject=subject, object=obj, between=tuple(between))
    )
    table = types.allowed_pairs(words, "knows", TYPES)
    for (i, one), (j, other) in product(enumerate(TYPES), repeat=2):
        assert table[i, j] == words.allows("knows", one, other)
    assert table[-1].all()
    assert table[:, -1].all()
    assert types.allowed_pairs(words, "knows", TYPES) is table


def index(*names: str) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([TYPES.index(name) if name else -1 for name in names], np.int32)


HEADS = vocabulary(
    Predicate("head_of", "headed_by", implies=("member_of",)),
    Predicate("member_of", "has_member", subject=("Person",), object=("Organization",)),
    Predicate("near", "near", types_level="warn", subject=("Place",)),
)


def test_a_narrow_relation_fits_the_broad_rule() -> None:
    rows = columns([relation(number, number, 10 + number, predicate="head_of") for number in (1, 2, 3, 4)])
    found = types.breaches(
        HEADS,
        rows,
        TYPES,
        subject=index("Person", "Company", "Person", ""),
        object=index("Company", "Company", "Place", "Place"),
    )
    assert [(one.predicate, one.end, one.entity, one.relations, one.measured) for one in found.listed] == [
        ("member_of", "subject", 2, (2,), ("Company", "Company")),
        ("member_of", "object", 13, (3,), ("Person", "Place")),
    ]
    assert not types.breaches(HEADS, rows, TYPES, subject=index(*["Place"] * 4), object=index(*["Place"] * 4), only="x")


def test_levels_choose() -> None:
    rows = columns([relation(1, 1, 2, predicate="near")])
    assert not types.breaches(HEADS, rows, TYPES, subject=index("Person"), object=index("Place"))
    found = types.breaches(HEADS, rows, TYPES, subject=index("Person"), object=index("Place"), levels=("warn",))
    assert [one.level for one in found.listed] == ["warn"]


def test_a_changed_type_counts_where_it_fitted_and_the_relation_lasts() -> None:
    rows = columns(
        [
            relation(1, 1, 2, predicate="member_of"),
            relation(2, 1, 2, until=day_of(9), predicate="member_of"),
            relation(3, 3, 2, predicate="member_of"),
        ]
    )
    found = types.breaches(
        HEADS,
        rows,
        TYPES,
        subject=index("Place", "Place", "Place"),
        object=index("Company", "Company", "Company"),
        was=(index("Person", "Person", "Thing"), index("Company", "Company", "Company")),
        today=day_of(9),
    )
    assert [one.relations for one in found.listed] == [(1,)]


TAGS = tuple(f"tag{number}" for number in range(130))


def words(*entities: set[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    return np.array([tags.mask_of(sorted(one), TAGS) for one in entities], np.uint64)


some_tags = st.sets(st.sampled_from(["tag0", "tag1", "tag63", "tag64", "tag129"]))


@given(
    some_tags,
    some_tags,
    st.lists(st.tuples(some_tags, some_tags), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_tags_agree_with_sets(
    needed: set[str], barred: set[str], pairs: list[tuple[set[str], set[str]]], at_object: bool, narrow: bool
) -> None:
    rule = TagRule(all=tuple(sorted(needed - barred)), none=tuple(sorted(barred)))
    predicate = Predicate(
        "vouches", "vouched", subject_tags=None if at_object else rule, object_tags=rule if at_object else None
    )
    known = vocabulary(predicate, Predicate("swears", "sworn", implies=("vouches",)))
    name = "swears" if narrow else "vouches"
    rows = columns([relation(1 + number, number, 50 + number, predicate=name) for number in range(len(pairs))])
    found = tags.breaches(
        known, rows, TAGS, subject=words(*(one for one, _ in pairs)), object=words(*(one for _, one in pairs))
    )
    expected = {}
    for number, pair in enumerate(pairs):
        carried = pair[1] if at_object else pair[0]
        wrong = {*rule.all} - carried | {*rule.none} & carried
        if wrong:
            expected[1 + number] = wrong
    assert {one.relations[0]: set(one.measured) for one in found.listed if isinstance(one.measured, tuple)} == expected
    assert all(one.end == ("object" if at_object else "subject") for one in found.listed)
    assert all(one.entity == one.relations[0] - 1 + (50 if at_object else 0) for one in found.listed)


@pytest.mark.parametrize(
    ("was", "now", "count"),
    [
        ({"tag0"}, set(), 1),
        ({"tag0", "tag1"}, {"tag0"}, 0),
        (set(), set(), 0),
        (set(), {"tag64"}, 1),
        ({"tag64"}, {"tag64"}, 0),
        ({"tag0", "tag64"}, {"tag64"}, 1),
    ],
)
def test_only_what_a_changed_tag_makes_worse_counts(was: set[str], now: set[str], count: int) -> None:
    known = vocabulary(Predicate("vouches", "vouched", subject_tags=TagRule(all=("tag0",), none=("tag64",))))
    rows = columns([relation(1, 1, 2, predicate="vouches"), relation(2, 1, 2, until=day_of(3), predicate="vouches")])
    found = tags.breaches(
        known,
        rows,
        TAGS,
        subject=words(now, now),
        object=words(set(), set()),
        was=(words(was, was), words(set(), set())),
        today=day_of(3),
    )
    assert found.total == count
    assert all(one.relations == (1,) for one in found.listed)
    assert rows.until[0] == OPEN_END


def test_a_symmetric_predicate_fits_either_way_round() -> None:
    known = vocabulary(
        Predicate(
            "tied", "tied", symmetric=True, subject_tags=TagRule(all=("tag0",)), object_tags=TagRule(all=("tag1",))
        )
    )
    rows = columns([relation(number, number, 10 + number, predicate="tied") for number in (1, 2, 3)])
    found = tags.breaches(
        known,
        rows,
        TAGS,
        subject=words({"tag0"}, {"tag1"}, {"tag0"}),
        object=words({"tag1"}, {"tag0"}, {"tag0"}),
    )
    assert [(one.entity, one.end, one.details["lacking"]) for one in found.listed] == [(13, "object", ["tag1"])]
