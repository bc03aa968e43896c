"""How much there is, counted once for each state of a network."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from relgraph import Graph


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entities of each type, exactly, and relations of each predicate there are."""

    entities: dict[str, int]
    relations: dict[str, int]

    @property
    def all_entities(self) -> int:
        """How many entities there are."""
        return sum(self.entities.values())

    @property
    def all_relations(self) -> int:
        """How many relations there are."""
        return sum(self.relations.values())


class Counting:
    """The counts of networks, which take a look at everything and are kept until something is written."""

    def __init__(self) -> None:
        self._held: WeakKeyDictionary[Graph, tuple[int, Counts]] = WeakKeyDictionary()

    def of(self, graph: Graph) -> Counts:
        """Return how much there is now."""
        number = last_number(graph)
        held = self._held.get(graph)
        if held is None or held[0] != number:
            found = graph.stats()
            held = self._held[graph] = number, Counts(dict(found["entities"]), dict(found["relations"]))
        return held[1]


def last_number(graph: Graph) -> int:
    """Return the number of the last transaction, 0 where there is none."""
    last = graph.transactions(limit=1)
    return last[0].number if last else 0
