"""``acyclic``: which relations could close a ring, and what the rings that the store finds mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from relgraph.model.columns import Columns
from relgraph.model.records import OPEN_END, OPEN_START, RelationRow, sure_end, sure_start
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Change, Found
from relgraph.vocabulary.model import Predicate


class _Link(NamedTuple):
    subject: int
    object: int
    since: int
    until: int


def candidates(change: Change) -> Columns:
    """Return the relations that may close a ring on a day: new ones, and those with other ends or more days.

    Self-relations are left to their own rule, as are those that surely hold on no day.
    """
    after, before, fresh, old = change.after, change.before, change.fresh, change.old
    if len(fresh) == 0:
        return after.take(fresh)
    since, until = after.sure_since[fresh], after.sure_until[fresh]
    look = (since < until) & (after.subject[fresh] != after.object[fresh])
    known = old >= 0
    if known.any():
        within = (
            known
            & (after.subject[fresh] == before.subject[old])
            & (after.object[fresh] == before.object[old])
            & (since >= before.sure_since[old])
            & (until <= before.sure_until[old])
        )
        look &= ~within
    return after.take(fresh[look])


def breaches(
    change: Change,
    predicate: Predicate,
    rings: Iterable[Sequence[int]],
    relation: Callable[[int], RelationRow | None],
    *,
    limit: int = LISTED,
) -> Found:
    """Return the rings that the change closes, each a sequence of relation numbers from a candidate on.

    Of several that the change adds, the last one is said to close the ring, whichever way it was found. ``relation``
    gives the relations that the change leaves as they are. A ring that stood before on all the days it stands on now
    is no breach of this change.
    """
    level = predicate.acyclic
    if level is None:
        return NOTHING
    after, before = change.after, change.before
    fresh = dict(zip(after.number[change.fresh].tolist(), change.fresh.tolist(), strict=True))
    known = dict(zip(after.number[change.fresh].tolist(), change.old.tolist(), strict=True))
    found: list[Breach] = []
    for way in rings:
        begin = max((place for place, one in enumerate(way) if one in fresh), key=way.__getitem__, default=0)
        ring = (*way[begin:], *way[:begin])
        links = [_link(after, fresh[one]) if one in fresh else _stored(relation(one)) for one in ring]
        since, until = max(one.since for one in links), min(one.until for one in links)
        earlier = [
            _link(before, known[one]) if known.get(one, -1) >= 0 else None if one in known else link
            for one, link in zip(ring, links, strict=True)
        ]
        stood = _common(earlier, links)
        if stood is not None:
            if stood[0] <= since and until <= stood[1]:
                continue
            if stood[0] <= since < stood[1]:
                since = stood[1]
        chain = tuple(one.subject for one in links)
        found.append(
            Breach(
                "acyclic",
                predicate.name,
                level,
                chain[0],
                "subject",
                ring,
                since,
                details={"chain": (*chain, chain[0])},
            )
        )
    found.sort(key=lambda one: one.relations[0])
    return Found(tuple(found[:limit]), len(found))


def _link(columns: Columns, position: int) -> _Link:
    return _Link(
        int(columns.subject[position]),
        int(columns.object[position]),
        int(columns.sure_since[position]),
        int(columns.sure_until[position]),
    )


def _stored(row: RelationRow | None) -> _Link:
    if row is None:
        raise LookupError("a ring goes through a relation that is not there")
    return _Link(
        row.subject,
        row.object,
        sure_start(row.since, row.since_precision),
        sure_end(row.until, row.until_precision),
    )


def _common(earlier: Sequence[_Link | None], links: Sequence[_Link]) -> tuple[int, int] | None:
    """Return the days on which the same ring stood before, or None where it did not."""
    period = OPEN_START, OPEN_END
    for was, now in zip(earlier, links, strict=True):
        if was is None or (was.subject, was.object) != (now.subject, now.object):
            return None
        period = max(period[0], was.since), min(period[1], was.until)
    return period if period[0] < period[1] else None
