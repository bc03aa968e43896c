"""``time: none`` and the order of dates: what a relation's period may be."""

from __future__ import annotations

import numpy as np

from relgraph.model.records import OPEN_END, OPEN_START
from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Change, Found
from relgraph.vocabulary.model import Predicate


def breaches(change: Change, predicate: Predicate, *, limit: int = LISTED) -> Found:
    """Return the new or changed relations that have dates where the predicate takes none, or end before they start.

    Only relations of the predicate itself count.
    """
    after, fresh = change.after, change.fresh
    if len(fresh) == 0 or predicate.name not in after.predicates:
        return NOTHING
    if len(fresh) == 1 and predicate.time != "none" and after.since[fresh[0]] < after.until[fresh[0]]:
        # a single write: looking at one place takes a fraction of what columns take
        return NOTHING
    since, until = after.since[fresh], after.until[fresh]
    wrong = until <= since
    if predicate.time == "none":
        wrong |= (since != OPEN_START) | (until != OPEN_END)
    wrong &= after.predicate[fresh] == after.predicates.index(predicate.name)
    places = fresh[wrong]
    if len(places) == 0:
        return NOTHING
    places = places[np.argsort(after.number[places], kind="stable")]
    listed = [
        Breach(
            "time",
            predicate.name,
            "error",
            int(after.subject[one]),
            "subject",
            (int(after.number[one]),),
            measured=(int(after.since[one]), int(after.until[one])),
            allowed=predicate.time,
        )
        for one in places[:limit].tolist()
    ]
    return Found(tuple(listed), len(places))
