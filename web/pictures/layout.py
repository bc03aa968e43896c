"""Where entities stand on the canvas: a core placed by forces, and leaves fanned round the one thing they hang on.

A thing that is joined to one other only, which has more than two neighbors, is a leaf: it leaves the core and sits on
a ring round its hub. The core is placed by pivot MDS (Brandes and Pich, 2006) and then by forces; what overlaps is
pushed apart. Everything is seeded and sorted, so the same things always stand in the same places. What is placed
already stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from relgraph_web.pictures.forces import Body, Floats, Places, joined, near, settle

Place = tuple[float, float]

SOFT_LIMIT: Final = 300
"""Beyond so many things there is no layout that can be read; it is then made in less time, and less well."""
_SEED: Final = 7
_PIVOTS: Final = 40


@dataclass(frozen=True, slots=True)
class _Rings:
    """How wide apart leaves sit: along a ring, the first ring's radius, from ring to ring."""

    gap: float
    first: float
    step: float

    def of(self, count: int) -> tuple[list[tuple[float, int]], float]:
        """Return radius and number of leaves for each ring, and the radius of all of it."""
        rings: list[tuple[float, int]] = []
        radius = self.first
        while count > 0:
            room = max(1, int(2 * np.pi * radius * 0.92 / self.gap))
            rings.append((radius, min(room, count)))
            count -= room
            radius += self.step
        return rings, rings[-1][0] + 22 if rings else 24.0


def _spacing(count: int) -> _Rings:
    if count <= 60:
        return _Rings(92, 132, 92)
    return _Rings(56, 76, 54) if count <= 160 else _Rings(46, 64, 46)


def layout(
    ids: Iterable[str],
    edges: Iterable[tuple[str, str]],
    *,
    known: Mapping[str, Place] | None = None,
    labeled: Iterable[str] = (),
    sizes: Mapping[str, float] | None = None,
    aspect: float = 1.2,
) -> dict[str, Place]:
    """Return a place for each id.

    ``known`` are places that stay; ``labeled`` get room for their names; ``sizes`` are diameters; ``aspect`` is the
    width of the canvas over its height.
    """
    names = sorted(set(ids))
    if not names:
        return {}
    index = {name: number for number, name in enumerate(names)}
    fixed = {index[name]: place for name, place in (known or {}).items() if name in index}
    neighbors: list[set[int]] = [set() for _ in names]
    for one, other in edges:
        if one in index and other in index and one != other:
            neighbors[index[one]].add(index[other])
            neighbors[index[other]].add(index[one])
    marked = {index[one] for one in labeled if one in index}
    placing = _Placing(names, neighbors, fixed=fixed, labeled=marked, sizes=sizes or {}, aspect=aspect)
    return placing.run()


class _Placing:
    """One layout on its way."""

    def __init__(
        self,
        names: Sequence[str],
        neighbors: Sequence[set[int]],
        *,
        fixed: Mapping[int, Place],
        labeled: set[int],
        sizes: Mapping[str, float],
        aspect: float,
    ) -> None:
        self.names = names
        self.neighbors = neighbors
        self.fixed = fixed
        self.labeled = labeled
        self.aspect = aspect
        self.rings = _spacing(len(names))
        self.random = np.random.default_rng(_SEED)
        self.leaves: dict[int, list[int]] = {}
        for number, beside in enumerate(neighbors):
            if len(beside) == 1 and number not in fixed and len(neighbors[hub := next(iter(beside))]) > 2:
                self.leaves.setdefault(hub, []).append(number)
        gone = {leaf for some in self.leaves.values() for leaf in some}
        self.core = [number for number in range(len(names)) if number not in gone]
        place = {number: position for position, number in enumerate(self.core)}
        self.adjacent = [sorted(place[one] for one in neighbors[number] if one in place) for number in self.core]
        self.size = np.array([sizes.get(name, 22.0) for name in names])
        self.pinned = np.array([number in fixed for number in self.core], dtype=bool)

    def run(self) -> dict[str, Place]:
        """Place the core, then the leaves, then push apart what overlaps."""
        radii = np.array([self.rings.of(len(self.leaves.get(number, ())))[1] for number in self.core])
        radii = np.maximum(radii, np.where([number in self.labeled for number in self.core], 46, 26))
        radii = np.maximum(radii, self.size[self.core] * 0.85)
        core = self._core(radii)
        places = np.zeros((len(self.names), 2))
        places[self.core] = core
        for position, number in enumerate(self.core):
            if number in self.leaves:
                self._fan(places, core, position, number)
        half = np.array([[46.0, 32.0] if one in self.labeled else [20.0, 20.0] for one in range(len(self.names))])
        half = np.maximum(half, self.size[:, None] * 0.8)
        places = separate(places, half, list(self.fixed), rounds=24, gap=3)
        return {
            name: (round(float(places[one, 0]), 1), round(float(places[one, 1]), 1))
            for one, name in enumerate(self.names)
        }

    def _core(self, radii: Floats) -> Floats:
        count = len(self.core)
        part = parts_of(self.adjacent)
        many = count > SOFT_LIMIT
        extent = float(np.sqrt((radii**2).sum() * np.pi))
        places = self._start(many=many)
        places = places / (np.abs(places).max() + 1e-9) * extent * 0.8 + self.random.normal(0, 12, (count, 2))
        if self.pinned.any():
            self._beside(places)
        if count > 1:
            places = settle(places, Body(radii, self.adjacent, part, self.pinned, self.aspect), extent, many=many)
        if not self.pinned.any():
            places = self._spread(places, radii, part)
        half = np.stack([radii, radii], 1) * 0.92
        return separate(places, half, [one for one in range(count) if self.pinned[one]], rounds=40, gap=4)

    def _start(self, *, many: bool) -> Floats:
        """Return places whose distances follow the steps from thing to thing."""
        count = len(self.core)
        if count <= 2:
            return self.random.normal(0, 1, (count, 2))
        away = _far_apart(self.adjacent) if many else distances(self.adjacent, range(count))
        reached = np.isfinite(away)
        far = float(away[reached].max())
        away = np.where(reached, away, far * 1.3)
        return pivots(away if many else _well_spread(away))

    def _beside(self, places: Floats) -> None:
        """Put what is known in its place, and what is new beside what it is joined to, away from the middle."""
        for position, number in enumerate(self.core):
            if self.pinned[position]:
                places[position] = self.fixed[number]
        middle = places[self.pinned].mean(0)
        for position in range(len(self.core)):
            if self.pinned[position]:
                continue
            near = [one for one in self.adjacent[position] if self.pinned[one]]
            center = places[near].mean(0) if near else middle
            away = center - middle
            angle = np.arctan2(away[1], away[0]) + self.random.uniform(-0.9, 0.9)
            places[position] = center + 130 * np.array([np.cos(angle), np.sin(angle)])

    def _spread(self, places: Floats, radii: Floats, part: Places) -> Floats:
        """Turn the picture along the canvas, give it an even density, and set its parts side by side."""
        if len(places) > 3:
            centered = places - places.mean(0)
            _, vectors = np.linalg.eigh(np.cov(centered.T))
            places = centered @ np.stack([vectors[:, 1], vectors[:, 0]], 1)
            if self.aspect < 0.9:
                places = places[:, ::-1].copy()
            one, other = joined(self.adjacent)
            if len(one):
                gap = np.median(np.hypot(*(places[one] - places[other]).T))
                wanted = np.median(radii[one] + radii[other]) * 0.85
                places = places * np.clip((wanted + 34) / max(gap, 1e-9), 0.3, 1.2)
        return side_by_side(places, part, radii)

    def _fan(self, places: Floats, core: Floats, position: int, number: int) -> None:
        """Set the leaves of a hub on rings, more of them where its other neighbors leave more room."""
        leaves = sorted(self.leaves[number])
        center = core[position]
        taken = sorted(
            float(np.arctan2(core[one][1] - center[1], core[one][0] - center[0])) for one in self.adjacent[position]
        )
        at = 0
        for radius, count in self.rings.of(len(leaves))[0]:
            for angle in _angles(taken, count):
                places[leaves[at]] = center + radius * np.array([np.cos(angle), np.sin(angle)])
                at += 1


def _angles(taken: Sequence[float], count: int) -> list[float]:
    """Return so many angles, spread over the gaps between those that are taken."""
    if not taken:
        return [2 * np.pi * one / count for one in range(count)]
    gaps = [
        (angle, (taken[(one + 1) % len(taken)] - angle) % (2 * np.pi) or 2 * np.pi) for one, angle in enumerate(taken)
    ]
    free = [max(0.0, wide - 0.5) for _, wide in gaps]
    total = sum(free) or 1.0
    shares = [room / total * count for room in free]
    counts = [int(share) for share in shares]
    most_left = sorted(range(len(gaps)), key=lambda one: counts[one] - shares[one])
    for one in range(count - sum(counts)):
        counts[most_left[one % len(gaps)]] += 1
    return [
        angle + wide * (one + 1) / (many + 1)
        for (angle, wide), many in zip(gaps, counts, strict=True)
        for one in range(many)
    ][:count]


def distances(adjacent: Sequence[Sequence[int]], starts: Iterable[int]) -> Floats:
    """Return how many steps each thing is from each start, infinite where there is no way; a row for each start."""
    rows = []
    for start in starts:
        row = [np.inf] * len(adjacent)
        row[start] = 0
        found = [start]
        for one in found:
            beyond = row[one] + 1
            for other in adjacent[one]:
                if row[other] == np.inf:
                    row[other] = beyond
                    found.append(other)
        rows.append(row)
    return np.array(rows)


def _far_apart(adjacent: Sequence[Sequence[int]], count: int = _PIVOTS) -> Floats:
    """Return the distances from a few things that are far from each other, the best joined one first."""
    start = max(range(len(adjacent)), key=lambda one: len(adjacent[one]))
    rows = [distances(adjacent, [start])[0]]
    nearest = rows[0].copy()
    while len(rows) < min(count, len(adjacent)):
        rows.append(distances(adjacent, [int(nearest.argmax())])[0])
        nearest = np.minimum(nearest, rows[-1])
    return np.array(rows)


def _well_spread(distance: Floats, count: int = _PIVOTS) -> Floats:
    """Return a few rows of a whole table of distances that are far from each other, the middle one first."""
    chosen = [int(distance.sum(1).argmin())]
    nearest = distance[chosen[0]].copy()
    while len(chosen) < min(count, len(distance)):
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, distance[chosen[-1]])
    return distance[chosen]


def pivots(distance: Floats) -> Floats:
    """Return places whose distances follow the given ones, a row for each of a few things."""
    squared = distance.T**2
    centered = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    values, vectors = np.linalg.eigh(centered.T @ centered)
    scale = np.sqrt(np.sqrt(np.maximum(values[-2:][::-1], 1e-9)))
    # the sign of an axis is free; fixed so that the same distances never give the mirror image
    axes = vectors[:, -2:][:, ::-1]
    axes = axes * np.where(axes[np.abs(axes).argmax(0), [0, 1]] < 0, -1, 1)
    placed: Floats = centered @ axes / scale
    return placed


def separate(places: Floats, half: Floats, pinned: Iterable[int] = (), *, rounds: int = 60, gap: float = 6) -> Floats:
    """Push overlapping boxes apart along the cheaper axis; pinned ones do not move."""
    count = len(places)
    fixed = np.zeros(count, bool)
    fixed[list(pinned)] = True
    for _ in range(rounds):
        one, other = near(places, 2 * float(half.max(initial=0)) + gap)
        gaps = places[one] - places[other]
        over = half[one] + half[other] + gap - np.abs(gaps)
        hit = (over > 0).all(1)
        if not hit.any():
            break
        one, other, gaps, over = one[hit], other[hit], gaps[hit], over[hit]
        along_x = over[:, 0] <= over[:, 1]
        moves = np.zeros((count, 2))
        for axis, chosen in ((0, along_x), (1, ~along_x)):
            first, second = one[chosen], other[chosen]
            sign = np.where(gaps[chosen, axis] == 0, np.sign(first - second), np.sign(gaps[chosen, axis]))
            push = over[chosen, axis] * sign
            total = np.bincount(first, push, count) - np.bincount(second, push, count)
            times = np.bincount(first, minlength=count) + np.bincount(second, minlength=count)
            moves[:, axis] = total * 0.5 / np.maximum(times, 1)
        moves[fixed] = 0
        places = places + moves * 1.05
    return places


def parts_of(adjacent: Sequence[Sequence[int]]) -> Places:
    """Return for each thing the number of the part that it is joined into."""
    part = np.full(len(adjacent), -1, np.intp)
    count = 0
    for start in range(len(adjacent)):
        if part[start] < 0:
            part[start] = count
            found = [start]
            for one in found:
                for other in adjacent[one]:
                    if part[other] < 0:
                        part[other] = count
                        found.append(other)
            count += 1
    return part


def side_by_side(places: Floats, part: Places, radii: Floats) -> Floats:
    """Set parts that nothing joins beside each other, the largest first, in rows as wide as it."""
    if not part.any():
        return places
    parts = [np.flatnonzero(part == number) for number in range(int(part.max()) + 1)]
    parts.sort(key=lambda one: -len(one))
    placed = places.copy()
    x = y = row = 0.0
    room = 0.0
    for number, members in enumerate(parts):
        around = radii[members][:, None]
        low = (places[members] - around).min(0)
        wide, high = (places[members] + around).max(0) - low + 30
        if number == 0:
            room = max(float(wide), 600.0)
        elif x and x + wide > room:
            x, y, row = 0.0, y + row, 0.0
        placed[members] = places[members] - low + [x, y]
        x, row = x + wide, max(row, high)
        if number == 0:
            x, y, row = 0.0, float(high), 0.0
    return placed
