"""Which entities hang together, whatever the direction."""

from __future__ import annotations

import numpy as np

from relgraph.network.rows import Numbers, Positions
from relgraph.network.steps import ShouldStop, Step

SLICE = 2**18
"""How many entities are expanded at a time."""


def all_hops(step: Step, *, should_stop: ShouldStop | None = None) -> tuple[Numbers, Numbers]:
    """Return both ends of every hop that a step allows, between entities that may be stood on."""
    sources, targets = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for begin in range(0, step.top, SLICE):
        if should_stop is not None:
            should_stop()
        some = np.arange(begin, min(begin + SLICE, step.top))
        if step.live is not None:
            some = some[step.live[some]]
        hops = step.expand(some)
        sources.append(some[hops.source])
        targets.append(hops.neighbor.astype(np.int64))
    return np.concatenate(sources), np.concatenate(targets)


def components(step: Step, *, should_stop: ShouldStop | None = None) -> Positions:
    """Return for each entity number below ``step.top`` the least entity number it hangs together with.

    Entities without a hop, numbers that are no entity among them, stand for themselves.
    """
    sources, targets = all_hops(step, should_stop=should_stop)
    label = np.arange(step.top)
    while len(sources):
        if should_stop is not None:
            should_stop()
        one, two = label[sources], label[targets]
        apart = one != two
        sources, targets, one, two = sources[apart], targets[apart], one[apart], two[apart]
        # labels are roots here: each root takes the least root that a hop joins it with
        np.minimum.at(label, np.maximum(one, two), np.minimum(one, two))
        while True:
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further
    return label
