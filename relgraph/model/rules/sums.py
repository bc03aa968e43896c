"""``sum``: what an attribute adds up to on one day, per object or per subject, in exact integers."""

from __future__ import annotations

import numpy as np

from relgraph.model.columns import MISSING, Columns, Ints
from relgraph.model.rules.breach import FEW, LISTED, NOTHING, Breach, Change, Found, Mask, together
from relgraph.model.rules.days import Segments, Weights, coded, culprits, near, worse
from relgraph.vocabulary.model import Predicate, SumRule
from relgraph.vocabulary.stored import scaled

_SAFE = 2**62


def breaches(change: Change, predicate: Predicate, *, limit: int = LISTED) -> Found:
    """Return where the change makes or worsens an excess of the predicate's sums.

    The columns of the change hold the attribute of each rule as scaled integers; a missing one counts 0. Sums beyond
    64 bits are added up in integers of any size.
    """
    return together([_excess(change, predicate, rule, limit) for rule in predicate.sums])


def scaled_maximum(predicate: Predicate, rule: SumRule) -> int:
    """Return what a sum may reach, scaled as the column of its attribute is."""
    field = predicate.attribute(rule.attribute)
    if field is None:
        raise LookupError(f"{predicate.name} has no attribute {rule.attribute!r} to add up")
    return scaled(field, rule.maximum)


def _excess(change: Change, predicate: Predicate, rule: SumRule, limit: int) -> Found:
    maximum = scaled_maximum(predicate, rule)
    after, before = change.after, change.before
    if len(change.fresh) == 0 and len(change.gone) == 0:
        return NOTHING
    amounts = _amounts(after, rule.attribute)
    if _total(amounts) <= maximum and maximum >= 0:
        return NOTHING
    rows, was = _segments(after, rule), _segments(before, rule)
    fresh = np.zeros(len(after), np.bool_)
    fresh[change.fresh] = True
    touched = rows if change.all_new else _joined(rows.take(change.fresh), was.take(change.gone))
    number = after.number
    if len(touched) > FEW or change.all_new:
        keep = _heavy(rows, amounts, rows.since < rows.until, maximum)
        rows, amounts, number, fresh = rows.take(keep), amounts[keep], number[keep], fresh[keep]
    if not change.all_new:
        keep = _heavy(rows, amounts, near(rows, touched), maximum)
        rows, amounts, number, fresh = rows.take(keep), amounts[keep], number[keep], fresh[keep]
    if len(rows) == 0:
        return NOTHING
    earlier = _amounts(before, rule.attribute)
    if len(was):
        kept = near(was, touched)
        was, earlier = was.take(kept), earlier[kept]
    now, then = _wide(amounts, earlier)
    found = worse(rows, was, weight_after=now, weight_before=then, maximum=maximum)
    if len(found) == 0:
        return NOTHING
    listed = [
        Breach(
            "sum",
            predicate.name,
            rule.level,
            one.group,
            rule.per,
            one.relations,
            one.day,
            one.measured,
            maximum,
            {"attribute": rule.attribute},
        )
        for one in culprits(found, rows, number, fresh, limit=limit)
    ]
    return Found(tuple(listed), len(found))


def _amounts(columns: Columns, attribute: str) -> Ints:
    column = columns.amounts.get(attribute)
    if column is None:
        return np.zeros(len(columns), np.int64)
    missing = column == MISSING
    return np.where(missing, 0, column) if missing.any() else column


def _segments(columns: Columns, rule: SumRule) -> Segments:
    group = columns.object if rule.per == "object" else columns.subject
    return Segments(group, group, columns.sure_since.astype(np.int64), columns.sure_until.astype(np.int64))


def _joined(left: Segments, right: Segments) -> Segments:
    if len(right) == 0:
        return left
    return Segments(
        np.concatenate((left.group, right.group)),
        np.concatenate((left.other, right.other)),
        np.concatenate((left.since, right.since)),
        np.concatenate((left.until, right.until)),
    )


def _total(amounts: Ints) -> int:
    """Return at least what any of the amounts can add up to."""
    if len(amounts) == 0:
        return 0
    highest = int(amounts.max())
    if highest <= 0:
        return 0
    if highest * len(amounts) < _SAFE:
        return int(np.maximum(amounts, 0).sum())
    return highest * len(amounts)


def _heavy(rows: Segments, amounts: Ints, keep: Mask, maximum: int) -> Mask:
    """Return what remains without the groups whose positive amounts together stay within the maximum."""
    if not keep.any():
        return keep
    codes, bound = coded(rows.group)
    # floats only rule groups out, with a margin wider than their error; what remains is added up exactly
    most = np.bincount(codes[keep], weights=np.maximum(amounts[keep], 0).astype(np.float64), minlength=bound)
    return keep & (most > maximum - abs(maximum) * 1e-6 - 1)[codes]


def _wide(now: Ints, then: Ints) -> tuple[Weights, Weights]:
    """Return weights whose sums cannot overflow: as they are, or as integers of any size."""
    bound = max((max(abs(int(one.max())), abs(int(one.min()))) for one in (now, then) if len(one)), default=0)
    if bound * (len(now) + len(then)) < _SAFE:
        return now, then
    return now.astype(object), then.astype(object)
