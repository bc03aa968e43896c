"""What each rule costs: a million relations at once, one into a million, one at a hub.

Run ``python bench/rules.py [relations]``. Times are the best of three, in milliseconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from relgraph.model.columns import Columns, joined
from relgraph.model.rules import acyclic, appearing, compare, maxima, self_relations, sums, tags, types, unique
from relgraph.model.rules.breach import Change
from relgraph.vocabulary.model import EntityType, Field, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary

SHARE = (Field("share", kind="percent"),)
PREDICATE = Predicate(
    "owns",
    "owned_by",
    subject=("Person", "Company"),
    object=("Company",),
    subject_tags=TagRule(none=("barred",)),
    attributes=SHARE,
)
VOCABULARY = Vocabulary(
    types={name: EntityType(name) for name in ("Person", "Company", "Place")},
    tags={"barred": Tag("barred")},
    predicates={"owns": PREDICATE},
)
TODAY = date(2024, 1, 1).toordinal()


def relations(count: int, *, entities: int, first: int = 1, hub: bool = False, seed: int = 7) -> Columns:
    """Return relations with periods of up to ten years, no two of one pair at the same time."""
    random = np.random.default_rng(seed)
    subject = random.permutation(count) % entities + 1
    obj = np.full(count, 10 * entities) if hub else random.integers(1, entities, count) + entities
    since = (TODAY - random.integers(0, 7000, count)).astype(np.int32)
    until = (since + random.integers(1, 3650, count)).astype(np.int32)
    return Columns(
        ("owns",),
        np.zeros(count, np.int32),
        np.arange(first, first + count),
        subject,
        obj,
        since,
        until,
        since,
        until,
        {"share": random.integers(1, 1000, count)},
    )


def best(work: Callable[[], object], *, times: int = 3) -> float:
    """Return the least time of several runs, in milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found) * 1000


def rules(change: Change) -> dict[str, Callable[[], object]]:
    """Return each rule as something to run on a change."""
    columns = change.after
    count = len(columns)
    kinds = np.ones(count, np.int32)
    words = np.zeros((count, 1), np.uint64)
    names = tuple(VOCABULARY.types)
    summed = Predicate("owns", "owned_by", attributes=SHARE, sums=(SumRule("share", "object", "1"),))
    return {
        "types": lambda: types.breaches(VOCABULARY, columns, names, subject=kinds, object=kinds),
        "tags": lambda: tags.breaches(VOCABULARY, columns, ("barred",), subject=words, object=words),
        "irreflexive": lambda: self_relations.breaches(change, PREDICATE),
        "unique overlap": lambda: unique.breaches(change, PREDICATE),
        "max 1 (broken)": lambda: maxima.breaches(change, Predicate("owns", "", max_subjects=Limit(1))),
        "max 8": lambda: maxima.breaches(change, Predicate("owns", "", max_subjects=Limit(8))),
        "max 1000000": lambda: maxima.breaches(change, Predicate("owns", "", max_subjects=Limit(1_000_000))),
        "sum": lambda: sums.breaches(change, summed),
        "acyclic candidates": lambda: acyclic.candidates(change),
    }


def show(title: str, change: Change, *, times: int = 3) -> None:
    """Print what each rule takes on a change."""
    print(f"\n{title}")
    for name, work in rules(change).items():
        print(f"  {name:20} {best(work, times=times):10.3f} ms")


def main() -> None:
    """Print the tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    loaded = relations(count, entities=count // 10)
    show(f"{count:,} relations into nothing", appearing(loaded))
    more = relations(count, entities=count // 10, first=count + 1, seed=8)
    change = compare(loaded, joined([loaded, more]), touched=more.number)
    show(f"{count:,} relations into {count:,}", change)
    for size in (0, 3, 100_000):
        known = relations(size + 1, entities=max(size, 5), hub=True)
        before = known.take(np.arange(size))
        show(f"one relation at an entity with {size:,}", compare(before, known, touched=known.number[-1:]), times=50)


if __name__ == "__main__":
    main()
