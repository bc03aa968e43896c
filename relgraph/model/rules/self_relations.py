"""``irreflexive``: an entity cannot be related to itself."""

from __future__ import annotations

import numpy as np

from relgraph.model.rules.breach import LISTED, NOTHING, Breach, Change, Found
from relgraph.vocabulary.model import Predicate


def breaches(change: Change, predicate: Predicate, *, limit: int = LISTED) -> Found:
    """Return the relations that the change makes run from an entity to itself."""
    level = predicate.irreflexive
    if level is None or len(change.fresh) == 0:
        return NOTHING
    after, before = change.after, change.before
    if len(change.fresh) == 1 and after.subject[change.fresh[0]] != after.object[change.fresh[0]]:
        # a single write: looking at one place takes a fraction of what columns take
        return NOTHING
    loops = after.subject[change.fresh] == after.object[change.fresh]
    if not loops.any():
        return NOTHING
    old = change.old[loops]
    known = old >= 0
    fresh = change.fresh[loops]
    if known.any():
        fresh = fresh[~(known & (before.subject[old] == before.object[old]))]
    fresh = fresh[np.argsort(after.number[fresh], kind="stable")]
    listed = [
        Breach("irreflexive", predicate.name, level, int(after.subject[one]), "subject", (int(after.number[one]),))
        for one in fresh[:limit].tolist()
    ]
    return Found(tuple(listed), len(fresh))
