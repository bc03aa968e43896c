"""What one step of a walk may use: predicates, directions, days, filters; and going that step once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import QueryLimitError
from relgraph.model.columns import once
from relgraph.network.arrays import PREDICATE, Adjacency, Direction, Keep
from relgraph.network.few import MANY, Few
from relgraph.network.layers import Period
from relgraph.network.rows import Amounts, Mask, Numbers, Positions

ShouldStop = Callable[[], None]
"""Called now and then during long work; it raises to stop it."""

_REVERSED: dict[Direction, Direction] = {"forward": "backward", "backward": "forward", "either": "either"}


@dataclass(frozen=True, slots=True)
class Leg:
    """One predicate that a step may go along.

    ``predicate`` names it, for the order of paths; left empty, the arrays are a combination whose text column
    tells. ``value`` is the attribute that a path prefers or that rises along it, ``MISSING`` where a relation lacks
    it: such a relation then takes no part.
    """

    arrays: Adjacency
    direction: Direction
    period: Period | None = None
    keep: Keep | None = None
    predicate: str = ""
    value: Callable[[Positions], Amounts] | None = None
    scale: int = 0
    """How many decimal places the whole numbers of ``value`` have."""

    def names(self, positions: Positions) -> list[str]:
        """Return the predicate of each relation."""
        if self.predicate or PREDICATE not in self.arrays.words:
            return [self.predicate] * len(positions)
        return [name or "" for name in self.arrays.words[PREDICATE].decode(self.arrays.codes(PREDICATE, positions))]


class Expansion(NamedTuple):
    """One step from a frontier: index into it, the entity reached, the leg used, the position in its arrays."""

    source: Positions
    neighbor: Numbers
    leg: Positions
    position: Positions

    def take(self, chosen: Mask | Positions) -> Expansion:
        """Return some of the hops."""
        return Expansion(self.source[chosen], self.neighbor[chosen], self.leg[chosen], self.position[chosen])


@dataclass(frozen=True, slots=True)
class Step:
    """Alternatives to go one hop. Self-relations never satisfy a step.

    ``live`` masks entity numbers (longer than any of them) that may be stood on at all: trashed, merged and avoided
    entities are false.
    """

    legs: tuple[Leg, ...]
    live: Mask | None = None
    top: int = field(init=False, compare=False)
    """One more than the largest entity number that a hop may reach."""
    _few: list[Few | None] = field(init=False, compare=False, repr=False, default_factory=list)
    _turned: list[Step] = field(init=False, compare=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "top", max((leg.arrays.top for leg in self.legs), default=0))

    @property
    def few(self) -> Few | None:
        """The steps from a few entities in plain numbers, None where a relation is tested by a filter."""
        if not self._few:
            legs = [(leg.arrays, leg.direction, leg.period) for leg in self.legs]
            self._few.append(None if any(leg.keep for leg in self.legs) else Few(legs, self.live))
        return self._few[0]

    def reversed(self) -> Step:
        """Return the step that goes the same relations the other way."""
        if not self._turned:
            legs = tuple(replace(leg, direction=_REVERSED[leg.direction]) for leg in self.legs)
            self._turned.append(replace(self, legs=legs))
        return self._turned[0]

    def shown(self, entities: Numbers) -> Numbers:
        """Return those of the entities that may be stood on."""
        if self.live is None:
            return entities
        # an entity that is newer than the mask is not there yet
        known = entities[entities < len(self.live)]
        return known[self.live[known]]

    def expand(self, frontier: Numbers, *, own: bool = False) -> Expansion:
        """Return every hop out of a frontier; parallel relations are hops of their own.

        ``own``: self-relations are hops too.
        """
        parts = []
        for index, leg in enumerate(self.legs):
            source, neighbor, position = leg.arrays.neighbors(
                frontier, direction=leg.direction, period=leg.period, keep=leg.keep, live=self.live
            )
            part = Expansion(source, neighbor, np.full(len(position), index, np.intp), position)
            different = neighbor != frontier[source]
            parts.append(part if own or different.all() else part.take(different))
        if len(parts) == 1:
            return parts[0]
        if not parts:
            none = np.zeros(0, np.intp)
            return Expansion(none, none, none, none)
        return Expansion(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def following(self, frontier: Numbers) -> Numbers:
        """Return the entities one hop out of a frontier, repeated as often as hops lead there, in no order."""
        parts = []
        for leg in self.legs:
            if len(frontier) == 1:
                entity = int(frontier[0])
                neighbor, _ = leg.arrays.hop(entity, direction=leg.direction, period=leg.period, keep=leg.keep)
                different = neighbor != entity
            elif leg.keep is None:
                parts.append(leg.arrays.reached(frontier, direction=leg.direction, period=leg.period))
                continue
            else:
                source, neighbor, _ = leg.arrays.neighbors(
                    frontier, direction=leg.direction, period=leg.period, keep=leg.keep
                )
                different = neighbor != frontier[source]
            parts.append(neighbor if different.all() else neighbor[different])
        if not parts:
            return np.zeros(0, np.int32)
        found = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if self.live is not None:
            shown = self.live[found]
            if not shown.all():
                found = found[shown]
        return found

    def around(self, frontier: Numbers) -> NDArray[np.int64]:
        """Return, sorted, each once, the entities one hop out of a frontier."""
        few = self.few if len(frontier) <= MANY else None
        found = None if few is None else few.around(frontier.tolist())
        return once(self.following(frontier)) if found is None else np.array(sorted(set(found)), np.int64)

    def values(self, hops: Expansion) -> Amounts:
        """Return the preferred or rising attribute of each hop; every leg must have one."""
        found = np.empty(len(hops.position), np.int64)
        for index, leg in enumerate(self.legs):
            here = hops.leg == index
            if leg.value is None:
                raise ValueError(f"leg {index} has no value")
            found[here] = leg.value(hops.position[here])
        return found


def room(step: Step, *entities: Numbers) -> int:
    """Return the length of an array over all entities that a walk may touch."""
    return max([step.top, *(int(some.max()) + 1 for some in entities if len(some))])


def distinct(entities: Numbers, owner: Positions) -> Numbers:
    """Return each entity once, in linear time; ``owner`` is scratch space over all entities, left dirty."""
    if len(entities) < 2:
        return entities
    every = np.arange(len(entities))
    owner[entities] = every
    found: Numbers = entities[owner[entities] == every]
    return found


def too_many(what: str, limit: int, hint: str) -> QueryLimitError:
    """Return the error of work past a limit, which it names."""
    return QueryLimitError(f"more than {limit:,} {what}", hint=hint, details={"limit": limit, "what": what})
