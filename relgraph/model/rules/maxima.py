"""``max_objects`` and ``max_subjects``: how many distinct entities may stand at the other end on one day."""

from __future__ import annotations

import numpy as np

from relgraph.model.columns import Columns, Ints
from relgraph.model.rules.breach import (
    FEW,
    LISTED,
    NOTHING,
    Breach,
    Change,
    Code,
    End,
    Found,
    Mask,
    Positions,
    together,
)
from relgraph.model.rules.days import Segments, coded, culprits, near, united, worse
from relgraph.vocabulary.model import Limit, Predicate


def breaches(change: Change, predicate: Predicate, *, limit: int = LISTED) -> Found:
    """Return where the change makes or worsens an excess of the predicate's maxima, at either end.

    The change holds the relations of the predicate and of those that imply it; sure periods count. A symmetric
    predicate is read from both ends, so its one maximum is looked at once.
    """
    parts = []
    if predicate.max_objects is not None:
        parts.append(_excess(change, predicate, predicate.max_objects, "max_objects", limit))
    if predicate.max_subjects is not None and not (predicate.symmetric and parts):
        parts.append(_excess(change, predicate, predicate.max_subjects, "max_subjects", limit))
    return together(parts)


def _excess(change: Change, predicate: Predicate, allowed: Limit, rule: Code, limit: int) -> Found:
    end: End = "subject" if rule == "max_objects" else "object"
    maximum = allowed.maximum
    after = change.after
    if len(change.fresh) == 0 or len(after) <= maximum:
        return NOTHING
    rows, number, fresh = _segments(after, change.fresh, end, both=predicate.symmetric)
    some_stay = len(change.fresh) < len(after)
    if len(change.fresh) > FEW or not some_stay:
        keep = _many(rows, rows.since < rows.until, maximum)
        rows, number, fresh = rows.take(keep), number[keep], fresh[keep]
    if some_stay:
        keep = _many(rows, near(rows, rows.take(fresh)), maximum)
        rows, number, fresh = rows.take(keep), number[keep], fresh[keep]
    if len(rows) <= maximum:
        return NOTHING
    now = united(rows)
    was, _, _ = _segments(change.before, change.gone, end, both=predicate.symmetric)
    if len(was):
        was = united(was.take(near(was, rows.take(fresh))))
    found = worse(
        now,
        was,
        weight_after=np.ones(len(now), np.int64),
        weight_before=np.ones(len(was), np.int64),
        maximum=maximum,
    )
    if len(found) == 0:
        return NOTHING
    listed = [
        Breach(
            rule, predicate.name, allowed.level, one.group, end, one.relations, one.day, one.measured, allowed.maximum
        )
        for one in culprits(found, rows, number, fresh, limit=limit)
    ]
    return Found(tuple(listed), len(found))


def _segments(columns: Columns, marked: Positions, end: End, *, both: bool) -> tuple[Segments, Ints, Mask]:
    """Return relations as segments grouped by one end, or by both, with their numbers and which are marked."""
    mask = np.zeros(len(columns), np.bool_)
    mask[marked] = True
    since, until = columns.sure_since.astype(np.int64), columns.sure_until.astype(np.int64)
    if both:
        rows = Segments(
            np.concatenate((columns.subject, columns.object)),
            np.concatenate((columns.object, columns.subject)),
            np.concatenate((since, since)),
            np.concatenate((until, until)),
        )
        return rows, np.concatenate((columns.number, columns.number)), np.concatenate((mask, mask))
    group, other = (columns.subject, columns.object) if end == "subject" else (columns.object, columns.subject)
    return Segments(group, other, since, until), columns.number, mask


def _many(rows: Segments, keep: Mask, maximum: int) -> Mask:
    """Return what remains without the groups that have too few rows to break the maximum."""
    count = int(np.count_nonzero(keep))
    if count <= maximum:
        return np.zeros(len(keep), np.bool_)
    codes, bound = coded(rows.group)
    enough = np.bincount(codes[keep], minlength=bound) > maximum
    return keep & enough[codes]
