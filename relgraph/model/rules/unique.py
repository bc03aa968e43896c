"""``unique``: the same pair again under the same predicate, in overlapping periods (``overlap``) or ever (``pair``)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relgraph.model.columns import MISSING, Columns, Days, Ints
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Change, Found, Mask, Positions, positions_of
from relgraph.model.rules.days import NAMED
from relgraph.model.rules.pairs import AT_ONCE, Rows, candidates, colliding
from relgraph.vocabulary.model import Predicate

Signature = Callable[[int], Hashable]
"""Gives what tells the attributes of a relation, by number, from another's."""


def breaches(
    change: Change,
    predicate: Predicate,
    *,
    signature: Signature | None = None,
    earlier: Signature | None = None,
    limit: int = LISTED,
) -> Found:
    """Return which relations the change makes a duplicate of another, or makes overlap on more days than before.

    Only relations of the predicate itself count, not of those that imply it. Two that surely hold on no day break
    ``overlap`` only where they are the same in all: of the same days and, by ``signature`` (``earlier``: as it was
    before the change), of the same attributes; without it, days decide. Of two relations that collide the later
    fresh one leads the breach; each relation leads one, which names those it collides with.
    """
    if predicate.unique == "none" or len(change.fresh) == 0 or len(change.after) < 2:
        return NOTHING
    rows = candidates(change, predicate)
    if len(rows) < 2:
        return NOTHING
    collisions = _Collisions(change, predicate)
    if predicate.unique == "pair":
        held = rows
    else:
        lasting = rows.since < rows.until
        held = rows.take(lasting)
        if not lasting.all():
            collisions.twins(rows.take(~lasting), signature, earlier)
    for left, right in colliding(held, ever=predicate.unique == "pair"):
        collisions.look(left, right)
        if collisions.count > 4 * AT_ONCE:
            break
    return collisions.found(limit)


class _Collisions:
    """Gathers pairs of positions in ``after`` that collide, leaving out those that did as much before."""

    def __init__(self, change: Change, predicate: Predicate) -> None:
        self._change = change
        self._predicate = predicate
        self._ever = predicate.unique == "pair"
        self._fresh = np.zeros(len(change.after), np.bool_)
        self._fresh[change.fresh] = True
        self._changed = bool((change.old >= 0).any())
        self._leads: list[Ints] = []
        self._others: list[Ints] = []
        self._days: list[Ints] = []
        self.count = 0

    def look(self, left: Positions, right: Positions) -> None:
        """Take those of the pairs that are new, or overlap on a day on which they did not."""
        after = self._change.after
        since = np.maximum(after.sure_since[left], after.sure_since[right]).astype(np.int64)
        if self._changed:
            until = np.minimum(after.sure_until[left], after.sure_until[right]).astype(np.int64)
            left, right, since = self._worse(left, right, since, until)
        self._take(left, right, np.full(len(left), MISSING) if self._ever else since)

    def _take(self, left: Positions, right: Positions, day: Ints) -> None:
        number = self._change.after.number
        swap = self._fresh[right] & (~self._fresh[left] | (number[right] > number[left]))
        self._leads.append(number[np.where(swap, right, left)])
        self._others.append(number[np.where(swap, left, right)])
        self._days.append(day)
        self.count += len(left)

    def _worse(self, left: Positions, right: Positions, since: Ints, until: Ints) -> tuple[Positions, Positions, Ints]:
        """Leave out pairs that collided before on all these days; of the others, give the first new day."""
        before = self._change.before
        was_left, was_right, stood = self._stood(left, right)
        if not self._ever:
            low = np.maximum(before.sure_since[was_left], before.sure_since[was_right])
            high = np.minimum(before.sure_until[was_left], before.sure_until[was_right])
            stood &= (low < high) & (low <= since) & (since < high)
            since = np.where(stood, high, since)
            stood &= until <= high
        return left[~stood], right[~stood], since[~stood]

    def _stood(self, left: Positions, right: Positions) -> tuple[Positions, Positions, Mask]:
        """Return where both were before, and which joined the same pair under the predicate already."""
        before, number = self._change.before, self._change.after.number
        was_left, was_right = positions_of(before.number, number[left]), positions_of(before.number, number[right])
        names = before.predicates
        own = names.index(self._predicate.name) if self._predicate.name in names else -1
        same = (before.subject[was_left] == before.subject[was_right]) & (
            before.object[was_left] == before.object[was_right]
        )
        if self._predicate.symmetric:
            same |= (before.subject[was_left] == before.object[was_right]) & (
                before.object[was_left] == before.subject[was_right]
            )
        same &= (was_left >= 0) & (was_right >= 0)
        stood: Mask = same & (before.predicate[was_left] == own) & (before.predicate[was_right] == own)
        return was_left, was_right, stood

    def twins(self, rows: Rows, signature: Signature | None, earlier: Signature | None) -> None:
        """Take relations that are the same in all; the rows given surely hold on no day."""
        after = self._change.after
        found: list[tuple[int, int]] = []
        for group in _alike(after, rows, signature):
            # those that stood before come first: a new one is then told of the oldest
            group.sort(key=lambda one: (self._fresh[one], after.number[one]))
            for index, one in enumerate(group[1:], 1):
                if self._fresh[one]:
                    found.extend((one, other) for other in self._not_before(one, group[:index], earlier))
        if found:
            pairs = np.array(found, np.intp)
            self._take(pairs[:, 0], pairs[:, 1], np.full(len(pairs), MISSING))

    def _not_before(self, one: int, others: list[int], earlier: Signature | None) -> Iterable[int]:
        """Return the first of the others that was no twin before."""
        if not self._changed:
            return others[:1]
        was, were, stood = self._stood(np.full(len(others), one, np.intp), np.array(others, np.intp))
        before, number = self._change.before, self._change.after.number
        for column in (before.since, before.until, before.sure_since, before.sure_until):
            stood &= column[was] == column[were]
        if stood.any() and earlier is not None:
            told = earlier(int(number[one]))
            stood &= [earlier(int(number[other])) == told for other in others]
        return [other for other, kept in zip(others, stood.tolist(), strict=True) if not kept][:1]

    def found(self, limit: int) -> Found:
        """Return one breach for each relation that leads a collision."""
        if self.count == 0:
            return NOTHING
        leads, others = np.concatenate(self._leads), np.concatenate(self._others)
        days = np.concatenate(self._days)
        order = np.lexsort((others, leads))
        leads, others, days = leads[order], others[order], days[order]
        starts = np.flatnonzero(np.append(True, leads[1:] != leads[:-1]))
        ends = np.append(starts[1:], len(leads))
        after, listed = self._change.after, []
        chosen = leads[starts[:limit]]
        subjects = after.subject[positions_of(after.number, chosen)].tolist()
        for subject, lead, low, high in zip(
            subjects, chosen.tolist(), starts[:limit].tolist(), ends[:limit].tolist(), strict=True
        ):
            day = int(days[low:high].min())
            named = tuple(dict.fromkeys(others[low : min(high, low + NAMED - 1)].tolist()))
            listed.append(
                Breach(
                    "unique",
                    self._predicate.name,
                    self._predicate.unique_level,
                    subject,
                    "subject",
                    (lead, *named),
                    None if day == MISSING else day,
                    high - low + 1,
                    1,
                    {"unique": self._predicate.unique},
                )
            )
        return Found(tuple(listed), len(starts))


def _alike(after: Columns, rows: Rows, signature: Signature | None) -> Iterable[list[int]]:
    """Return positions of rows that agree in pair, days and signature, where there are several."""
    columns: tuple[Days, ...] = (after.sure_until, after.sure_since, after.until, after.since)
    keys: list[NDArray[np.signedinteger[Any]]] = [one[rows.position] for one in columns] + [rows.pair]
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        ordered = key[order]
        same &= ordered[1:] == ordered[:-1]
    if not same.any():
        return []
    run = np.cumsum(np.append(True, ~same))
    several = np.append(False, same) | np.append(same, False)
    seen: dict[tuple[int, Hashable], list[int]] = {}
    for index in np.flatnonzero(several).tolist():
        one = int(rows.position[order[index]])
        told = None if signature is None else signature(int(after.number[one]))
        seen.setdefault((int(run[index]), told), []).append(one)
    return [group for group in seen.values() if len(group) > 1]
