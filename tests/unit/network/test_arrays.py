from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relgraph.errors import StoreFormatError
from relgraph.model.columns import MISSING
from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.network import arrays as arrays_module
from relgraph.network.arrays import PREDICATE, Adjacency, Direction, combined
from relgraph.network.chunks import from_chunks, to_chunks
from relgraph.network.pointers import Pointers, ranges, sorting
from relgraph.network.rows import Rows, Texts, Words, compact, joined


@dataclass(frozen=True)
class Row:
    """One relation the slow way."""

    number: int
    subject: int
    object: int
    since: int
    until: int
    sure_since: int
    sure_until: int
    share: int | None
    role: str | None


def to_rows(rows: list[Row]) -> Rows:
    def ints(name: str, dtype: type = np.int64) -> np.ndarray:
        return np.array([getattr(row, name) for row in rows], dtype=dtype)

    return Rows(
        ints("number"),
        ints("subject"),
        ints("object"),
        ints("since", np.int32),
        ints("until", np.int32),
        ints("sure_since", np.int32),
        ints("sure_until", np.int32),
        {"share": np.array([MISSING if row.share is None else row.share for row in rows], dtype=np.int64)},
        {"role": Texts.of([row.role for row in rows])},
    )


def to_set(rows: Rows) -> set[Row]:
    sure_since = rows.since if rows.sure_since is None else rows.sure_since
    sure_until = rows.until if rows.sure_until is None else rows.sure_until
    shares = rows.amounts["share"].tolist() if "share" in rows.amounts else [MISSING] * len(rows)
    roles = rows.texts["role"].to_list() if "role" in rows.texts else [None] * len(rows)
    return {
        Row(number, subject, target, since, until, first, last, None if share == MISSING else share, role)
        for number, subject, target, since, until, first, last, share, role in zip(
            rows.number.tolist(),
            rows.subject.tolist(),
            rows.object.tolist(),
            rows.since.tolist(),
            rows.until.tolist(),
            sure_since.tolist(),
            sure_until.tolist(),
            shares,
            roles,
            strict=True,
        )
    }


@st.composite
def rows_strategy(draw: st.DrawFn, top: int = 8, most: int = 25) -> list[Row]:
    found = []
    for _ in range(draw(st.integers(0, most))):
        since = draw(st.sampled_from([OPEN_START, 1, 3, 5]))
        until = draw(st.sampled_from([2, 4, 6, OPEN_END]))
        vague = draw(st.booleans())
        found.append(
            Row(
                number=-1,
                subject=draw(st.integers(0, top)),
                object=draw(st.integers(0, top)),
                since=since,
                until=until,
                sure_since=since + 1 if vague and since != OPEN_START else since,
                sure_until=until,
                share=draw(st.none() | st.integers(-5, 5)),
                role=draw(st.none() | st.sampled_from(["", "CFO", "CEO", "é😀"])),
            )
        )
    return found


def numbered(rows: list[Row], first: int = 1) -> list[Row]:
    return [Row(**(vars(row) | {"number": first + index})) for index, row in enumerate(rows)]


DIRECTIONS: list[Direction] = ["forward", "backward", "either"]


def slow_hops(
    rows: set[Row], frontier: list[int], direction: Direction, period: tuple[int, int] | None
) -> Counter[tuple[int, int, int]]:
    found: Counter[tuple[int, int, int]] = Counter()
    for index, entity in enumerate(frontier):
        for row in rows:
            if period is not None and not (row.since < period[1] and row.until > period[0]):
                continue
            forward = row.subject == entity and direction != "backward"
            backward = row.object == entity and direction != "forward"
            if forward:
                found[index, row.object, row.number] += 1
            if backward and not (forward and direction == "either"):
                found[index, row.subject, row.number] += 1
    return found


def check(adjacency: Adjacency, rows: set[Row]) -> None:
    assert len(adjacency) == len(rows)
    assert to_set(adjacency.rows()) == rows
    every = adjacency.positions()
    assert to_set(adjacency.rows(every)) == rows
    frontier = [0, 3, 3, 8, 99]
    for direction in DIRECTIONS:
        for period in (None, (3, 4), (OPEN_START, 2), (5, OPEN_END)):
            hops = adjacency.neighbors(np.array(frontier), direction=direction, period=period)
            numbers = adjacency.number(hops.position).tolist()
            got = Counter(zip(hops.source.tolist(), hops.neighbor.tolist(), numbers, strict=True))
            wanted = slow_hops(rows, frontier, direction, period)
            assert got == wanted
            degrees = adjacency.degrees(np.array(frontier), direction=direction, period=period)
            assert degrees.tolist() == [sum(n for (i, _, _), n in wanted.items() if i == j) for j in range(5)]
            for index, entity in enumerate(frontier):
                neighbor, position = adjacency.hop(entity, direction=direction, period=period)
                one = Counter(zip(neighbor.tolist(), adjacency.number(position).tolist(), strict=True))
                assert one == Counter({(to, n): count for (i, to, n), count in wanted.items() if i == index})
                assert adjacency.degree(entity, direction=direction, period=period) == len(position)


@given(rows_strategy())
def test_the_arrays_hold_what_they_were_given(rows: list[Row]) -> None:
    rows = numbered(rows)
    check(Adjacency.build(to_rows(rows)), set(rows))


@given(rows_strategy(top=6))
def test_sparse_pointers_answer_as_dense_ones(rows: list[Row]) -> None:
    spread = [Row(**(vars(row) | {"subject": row.subject * 9_000_000_000, "object": row.object})) for row in rows]
    spread = numbered(spread)
    check(Adjacency.build(to_rows(spread)), set(spread))


@settings(deadline=None)
@given(st.data())
def test_changes_lie_over_the_base_and_fold_into_it(data: st.DataObject) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(arrays_module, "SMALL_TAIL", 6)
    with patch.context():
        rows = numbered(data.draw(rows_strategy()))
        adjacency = Adjacency.build(to_rows(rows))
        believed = {row.number: row for row in rows}
        following = len(rows) + 1
        for _ in range(data.draw(st.integers(1, 6))):
            before = adjacency, set(believed.values())
            gone = data.draw(st.lists(st.sampled_from(sorted(believed)), unique=True)) if believed else []
            subjects = np.array([believed[number].subject for number in gone], dtype=np.int64)
            added = numbered(data.draw(rows_strategy(most=8)), following)
            following += len(added)
            # some of what is removed comes back changed under its own number, as an update does
            added += [Row(**(vars(believed[number]) | {"object": 1, "role": "new"})) for number in gone[::2]]
            adjacency = adjacency.with_changes(
                to_rows(added),
                np.array([*gone, 10_000], dtype=np.int64),
                np.append(subjects, 3) if data.draw(st.booleans()) else None,
            )
            for number in gone:
                del believed[number]
            believed |= {row.number: row for row in added}
            check(adjacency, set(believed.values()))
            check(*before)
            if data.draw(st.integers(0, 3)) == 0:
                adjacency = adjacency.fold()
                assert adjacency.tail == 0
                check(adjacency, set(believed.values()))
        check(adjacency.fold(), set(believed.values()))


def test_the_tail_counts_what_is_new_and_what_is_gone() -> None:
    rows = numbered([Row(0, 1, 2, 0, 9, 0, 9, None, None)] * 3)
    adjacency = Adjacency.build(to_rows(rows))
    assert adjacency.tail == 0
    changed = adjacency.with_changes(to_rows(numbered(rows[:2], 10)), np.array([1]), np.array([1]))
    assert (changed.tail, len(changed)) == (3, 4)
    assert changed.with_changes().tail == 3


def test_folding_forgets_texts_that_no_relation_has() -> None:
    rows = numbered([Row(0, 1, 2, 0, 9, 0, 9, None, role) for role in ("kept", "secret", None)])
    adjacency = Adjacency.build(to_rows(rows)).with_changes(None, np.array([2]), np.array([1])).fold()
    assert list(adjacency.words["role"].texts) == ["kept"]
    assert to_set(adjacency.rows()) == {rows[0], rows[2]}


def test_an_attribute_that_only_the_tail_has_is_missing_in_the_base() -> None:
    none = np.zeros(1, np.int32)
    bare = Adjacency.build(Rows(np.array([1]), np.array([1]), np.array([2]), none, none + 5))
    assert bare.amount("share", bare.positions()).tolist() == [MISSING]
    assert bare.codes("role", bare.positions()).tolist() == [-1]
    later = bare.with_changes(to_rows(numbered([Row(0, 1, 3, 0, 9, 0, 9, 4, "CFO")], 2)))
    for one in (later, later.fold()):
        assert sorted(one.amount("share", one.positions()).tolist()) == [MISSING, 4]
        assert sorted(one.words["role"].decode(one.codes("role", one.positions())), key=str) == ["CFO", None]


def test_hidden_entities_and_filters_take_hops_away() -> None:
    rows = numbered([Row(0, 1, to, 0, 9, 0, 9, to, None) for to in (2, 3, 4)])
    adjacency = Adjacency.build(to_rows(rows))
    live = np.ones(6, np.bool_)
    live[3] = False
    hops = adjacency.neighbors(
        np.array([1]), direction="forward", live=live, keep=lambda at: adjacency.amount("share", at) > 2
    )
    assert hops.neighbor.tolist() == [4]
    neighbor, _ = adjacency.hop(1, direction="forward", keep=lambda at: adjacency.amount("share", at) > 2)
    assert neighbor.tolist() == [3, 4]


def test_relations_are_found_by_number_and_between_two_entities() -> None:
    rows = numbered([Row(0, 1, 2, 0, 9, 0, 9, None, None), Row(0, 1, 2, 5, 9, 5, 9, None, None)])
    adjacency = Adjacency.build(to_rows(rows))
    assert adjacency.number(adjacency.find(np.array([2, 77]))).tolist() == [2]
    assert adjacency.number(adjacency.find(np.array([2]), np.array([1]))).tolist() == [2]
    assert sorted(adjacency.number(adjacency.between(1, 2)).tolist()) == [1, 2]
    assert len(adjacency.between(2, 1)) == 0
    assert adjacency.slice(2, direction="backward").tolist() == [0, 1]
    assert adjacency.top == 3


def test_predicates_are_combined_with_their_names() -> None:
    owns = Adjacency.build(to_rows([Row(1, 1, 2, 0, 9, 1, 9, 3, "x")]))
    knows = Adjacency.build(to_rows([Row(2, 2, 3, 0, 9, 0, 9, None, None)]))
    every = combined([("owns", owns), ("knows", knows), ("empty", Adjacency.build(Rows.empty()))])
    at = every.positions()
    names = every.words[PREDICATE].decode(every.codes(PREDICATE, at))
    assert dict(zip(every.number(at).tolist(), names, strict=True)) == {1: "owns", 2: "knows"}
    assert every.sure(every.find(np.array([1])))[0].tolist() == [1]
    assert every.amount_names() == ()
    assert len(combined([])) == 0


@given(rows_strategy(), st.sampled_from([64, 200, 4096]))
def test_chunks_give_the_same_arrays_back(rows: list[Row], size: int) -> None:
    rows = numbered(rows)
    adjacency = Adjacency.build(to_rows(rows)).with_changes(to_rows(numbered(rows[:3], 500)), np.array([1, 2]))
    chunks = list(to_chunks(adjacency, size=size))
    assert all(len(chunk) <= size for chunk in chunks)
    back = from_chunks(chunks)
    check(back, to_set(adjacency.rows()))
    assert list(to_chunks(back, size=size)) == chunks
    check(
        back.with_changes(to_rows(numbered(rows[:1], 900))).fold(),
        to_set(joined([adjacency.rows(), to_rows(numbered(rows[:1], 900))])),
    )


@pytest.mark.parametrize("harm", ["flip", "cut", "missing", "order", "format", "foreign", "none"])
def test_damaged_chunks_are_refused(harm: str) -> None:
    rows = numbered([Row(0, index, index + 1, 0, 9, 0, 9, index, "text") for index in range(40)])
    chunks = list(to_chunks(Adjacency.build(to_rows(rows)), size=1024))
    assert len(chunks) > 2
    match harm:
        case "flip":
            chunks[1] = chunks[1][:-1] + bytes([chunks[1][-1] ^ 1])
        case "cut":
            chunks[1] = chunks[1][:-1]
        case "missing":
            chunks.pop()
        case "order":
            chunks.reverse()
        case "format":
            chunks[0] = chunks[0][:4] + b"\x63" + chunks[0][5:]
        case "foreign":
            chunks[0] = b"nothing of ours, at least not in this form"
        case _:
            chunks = []
    with pytest.raises(StoreFormatError):
        from_chunks(chunks)


def test_numbers_past_32_bits_are_kept() -> None:
    big = 2**40
    adjacency = Adjacency.build(
        to_rows([Row(big, 1, big, 0, 9, 0, 9, None, None), Row(2, big, 1, 0, 9, 0, 9, None, None)])
    )
    assert adjacency.hop(big, direction="backward")[0].tolist() == [1]
    assert adjacency.number(adjacency.slice(1, direction="forward")).tolist() == [big]
    assert compact(np.array([2**31 - 1])).dtype == np.int64


@given(st.lists(st.tuples(st.integers(0, 2**62), st.integers(0, 5))))
def test_sorting_is_by_both_columns_and_stable(pairs: list[tuple[int, int]]) -> None:
    major = np.array([a for a, _ in pairs], dtype=np.int64)
    minor = np.array([b for _, b in pairs], dtype=np.int64)
    for shift in (0, 40):
        keys = list(zip((major >> shift).tolist(), minor.tolist(), strict=True))
        assert sorting(major >> shift, minor).tolist() == sorted(range(len(keys)), key=keys.__getitem__)


def test_empty_ranges_and_pointers() -> None:
    none = np.zeros(0, np.intp)
    assert ranges(none, none).tolist() == []
    empty = Pointers.over(np.zeros(0, np.int32))
    assert empty.span(4) == (0, 0)
    starts, counts = empty.spans(np.array([0, 7]))
    assert (starts.tolist(), counts.tolist()) == ([0, 0], [0, 0])


def test_words_grow_and_know_their_codes() -> None:
    words = Words(["a"])
    assert words.code("b") is None
    assert words.encode(["b", "a"]).tolist() == [1, 0]
    assert (words.code("b"), len(words)) == (1, 2)


def test_relations_that_follow_leave_those_before_at_their_positions() -> None:
    first = to_rows([Row(5, 3, 1, 0, 9, 0, 9, 50, "chair"), Row(6, 1, 2, 0, 9, 0, 9, 60, None)])
    more = [Row(1, 2, 3, 0, 9, 0, 9, 10, "clerk"), Row(2, 0, 1, 0, 9, 0, 9, None, "chair")]
    before = Adjacency.build(first)
    at = before.positions()
    after = before.followed_by(to_rows(more[:1])).followed_by(to_rows(more[1:]))
    assert after.number(at).tolist() == before.number(at).tolist()
    assert after.amount("share", at).tolist() == before.amount("share", at).tolist()
    assert to_set(after.rows(at)) == to_set(before.rows(at))
    assert to_set(after.rows()) == to_set(first) | set(more)
    assert sorted(after.neighbors(np.array([0, 1, 2, 3]), direction="forward").neighbor.tolist()) == [1, 1, 2, 3]
    assert to_set(after.fold().rows()) == to_set(after.rows())
