"""Rings that added relations would close, found over the arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from relgraph.engines.sqlite.codec import SINCE, UNTIL
from relgraph.engines.sqlite.extract import CELLS
from relgraph.engines.sqlite.network import Caches, HeldOrder, Network
from relgraph.engines.sqlite.snapshot import Snapshot
from relgraph.model.columns import Columns, Ints
from relgraph.model.records import sure_end, sure_start
from relgraph.network.arrays import Adjacency
from relgraph.network.order import Order, RingCheck
from relgraph.network.rings import find_cycles

# a load of more than a tenth of what is there is looked at as a whole, which takes its time once
_WHOLE = 10
_SMALL = 1000
# building the order pays after so many relations were looked at one by one
_PATIENCE = 20

Edge = tuple[int, int, int, int, int]
"""Number, subject, object, and the sure period."""


def _edges(columns: Columns) -> list[Edge]:
    parts = (columns.number, columns.subject, columns.object, columns.sure_since, columns.sure_until)
    return list(zip(*[part.tolist() for part in parts], strict=True))


def _edge(row: tuple[Any, ...]) -> Edge:
    number, subject, target, since, until, since_precision, until_precision, *_ = row
    return number, subject, target, sure_start(SINCE[since], since_precision), sure_end(UNTIL[until], until_precision)


class RingSearch:
    """One look for rings: the relations of some predicates, without some and with others.

    The order of a family is kept from one transaction to the next. It may know relations that were never committed
    or are gone: an order of more relations is one of fewer.
    """

    def __init__(self, snapshot: Snapshot, network: Network, caches: Caches, predicates: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._network = network
        self._caches = caches
        self._predicates = tuple(sorted(set(predicates)))
        numbers = snapshot.names.predicates.number
        self._family = tuple(numbers[name] for name in self._predicates)

    def find(self, added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        """Return rings that hold on one common day and go through an added relation, at most so many."""
        sure = added.sure_since < added.sure_until
        if not sure.any():
            return []
        if not sure.all():
            added = added.take(sure)
        held = self._caches.orders.get(self._family)
        if held is not None and len(added) <= _SMALL:
            self._teach(held)
            if self._agrees(held.order, _edges(added)):
                # the arrays need not even be brought up to now
                return []
        if len(added) * _WHOLE > sum(len(self._network.adjacency(name)) for name in self._predicates) + _SMALL:
            self._caches.orders.pop(self._family, None)
            return self._whole(added, removed, limit)
        if held is not None:
            self._teach(held)
        return self._one_by_one(held, added, removed, limit)

    def fed(self, told: int) -> None:
        """Say that what was looked at is committed by a transaction: the order knows it already."""
        held = self._caches.orders.get(self._family)
        if held is not None:
            held.upto = told

    def _teach(self, held: HeldOrder) -> None:
        """Show the order what others have committed since it was last used."""
        last = self._snapshot.newest
        if held.upto == last:
            return
        rows = self._snapshot.link.rows(
            f"SELECT {CELLS} FROM relations x WHERE x.predicate IN ({','.join(map(str, self._family))})"
            " AND x.told_in > ?",
            (held.upto,),
        )
        held.upto = last
        told = [edge for edge in map(_edge, rows) if edge[3] < edge[4]]
        if not self._agrees(held.order, told):
            check = RingCheck(self._arrays(np.array([edge[0] for edge in told], np.int64)), held.order)
            for number, subject, target, since, until in told:
                check.add(number, (subject, target), (since, until), force=True)

    @staticmethod
    def _agrees(order: Order, edges: Iterable[Edge]) -> bool:
        """Return whether all these relations fit the order as they are, and none meets one that stands aside."""
        aside = order.aside
        for _, subject, target, since, until in edges:
            if subject == target or not order.agree(subject, target):
                return False
            if aside and any(first < until and last > since for first, last in aside):
                return False
        return True

    def _one_by_one(self, held: HeldOrder | None, added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        looked_at = self._caches.patience.get(self._family, 0) + len(added)
        self._caches.patience[self._family] = looked_at
        if held is None and looked_at > _PATIENCE:
            every = [self._network.adjacency(name) for name in self._predicates]
            held = self._caches.orders[self._family] = HeldOrder(Order.build(every), self._snapshot.newest)
        check = RingCheck(self._arrays(removed), None if held is None else held.order)
        rings: dict[frozenset[int], tuple[int, ...]] = {}
        for number, subject, target, since, until in _edges(added):
            ring = check.add(number, (subject, target), (since, until), force=True)
            if ring is not None:
                rings.setdefault(frozenset(ring), ring)
                if len(rings) >= limit:
                    break
        if rings:
            # what was forced in stands aside of the order for ever; most likely none of it is committed
            self._caches.orders.pop(self._family, None)
        return list(rings.values())

    def _whole(self, added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        parts = []
        for arrays in self._arrays(removed):
            at = arrays.positions()
            since, until = arrays.sure(at)
            parts.append((arrays.number(at), arrays.subject(at), arrays.object(at), since, until))
        parts.append((added.number, added.subject, added.object, added.sure_since, added.sure_until))
        number, subject, target, since, until = (np.concatenate(column) for column in zip(*parts, strict=True))
        through = np.zeros(len(number), np.bool_)
        through[len(number) - len(added) :] = True
        rings = find_cycles(subject, target, (since, until), through=through, limit=limit)
        return [tuple(int(number[at]) for at in ring) for ring in rings]

    def _arrays(self, removed: Ints) -> list[Adjacency]:
        """Return the arrays of live relations without those that are removed."""
        live = self._network.live
        found = []
        for name in self._predicates:
            arrays = self._network.adjacency(name)
            if len(removed):
                arrays = arrays.with_changes(None, removed)
            if live is not None:
                at = arrays.positions()
                hidden = ~(live[arrays.subject(at)] & live[arrays.object(at)])
                if hidden.any():
                    arrays = arrays.with_changes(None, arrays.number(at[hidden]), arrays.subject(at[hidden]))
            found.append(arrays)
        return found
