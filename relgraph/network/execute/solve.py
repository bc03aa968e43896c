"""Tests over tables of bindings: which rows hold, and which rows the named things of a test make of them.

The *way* of a thing under test is the columns from the found entity to it: a link of a chain may only reach an entity
that is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import eq, ge, gt, le, lt, ne
from typing import Final

import numpy as np

from relgraph.model.columns import once
from relgraph.network.execute.anchors import Anchors, Place
from relgraph.network.execute.correlated import fixed
from relgraph.network.execute.expressions import Scope, truth
from relgraph.network.execute.moves import Moves
from relgraph.network.execute.names import given, holds_more, needed, refers_outside, used
from relgraph.network.execute.run import Run
from relgraph.network.execute.search import Search
from relgraph.network.execute.table import (
    Entities,
    Key,
    Numbers64,
    Route,
    Routes,
    Table,
    joined_rows,
    stacked,
    witnessed,
)
from relgraph.network.rows import Mask, Positions
from relgraph.query import ir

Way = tuple[Place, ...]

_ORIGIN: Final = 0
_COMPARE: Final = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
FEW = 16
"""So few rows are looked at one by one rather than from the far end of a chain."""


@dataclass(frozen=True, slots=True)
class At:
    """A thing under test: its column, and the way to it, itself included."""

    key: Key
    way: Way

    @classmethod
    def root(cls, key: Key, types: frozenset[str] | None) -> At:
        """Return the found thing."""
        return cls(key, (Place(key, types),))

    def then(self, place: Place) -> At:
        """Return the thing that a link from here reaches."""
        return At(place.key, (*self.way, place))


class Solver:
    """Evaluates tests over the tables of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.moves = Moves(run)
        self.anchors = Anchors(run, self.moves)

    # -- where a test holds ------------------------------------------------------------------------------------------

    def holds(self, table: Table, test: ir.Test, at: At) -> Mask:
        """Return where a test holds; names that it gives are of no concern."""
        self.run.tick()
        match test:
            case ir.All(parts):
                rows = np.arange(table.size)
                for part in sorted(parts, key=weight):
                    if len(rows):
                        rows = rows[self.holds(table.take(rows), part, at)]
                return _mask(table.size, rows)
            case ir.AnyOf(parts):
                found = np.zeros(table.size, np.bool_)
                for part in sorted(parts, key=weight):
                    left = np.flatnonzero(~found)
                    if len(left):
                        found[left] = self.holds(table.take(left), part, at)
                return found
            case ir.Not(part):
                return ~self.holds(table, part, at)
            case ir.Chain():
                return self._chain_holds(table, test, at)
            case ir.Only(chain):
                small, inverse = self._small(table, chain, at)
                return self._only(small, chain, at)[inverse]
            case ir.Count(operator, number, chain, relations):
                wanted = self.run.parameter(number) if isinstance(number, ir.Parameter) else number
                small, inverse = self._small(table, chain, at)
                counts = self.counts(small, chain, at, relations=relations)
                return np.asarray(_COMPARE[operator](counts, wanted), np.bool_)[inverse]
            case ir.Optional():
                return np.ones(table.size, np.bool_)
            case _:
                return truth(Scope(self.run, table, at.key), test)

    def _small(self, table: Table, node: object, at: At) -> tuple[Table, Positions]:
        """Return the distinct rows over what a part looks at, numbered, and for each row which it is."""
        keys: list[Key] = [at.key, *(place.key for place in at.way), *needed(node)]
        small, inverse = table.distinct(keys)
        return small.plus({_ORIGIN: Entities(np.arange(small.size))}), inverse

    def _chain_holds(self, table: Table, chain: ir.Chain, at: At) -> Mask:
        quick = self._by_anchor(table, chain, at)
        if quick is not None:
            return quick
        small, inverse = self._small(table, chain, at)
        found = self.follow(small, chain.links, at, (_ORIGIN,), frozenset())
        return _mask(small.size, found.numbers(_ORIGIN))[inverse]

    def _by_anchor(self, table: Table, chain: ir.Chain, at: At) -> Mask | None:
        """Answer from the far end where that is surely right, and less work."""
        if table.size <= FEW or needed(chain):
            return None
        numbers = table.numbers(at.key)
        anchored = self.anchors.of_chain(chain, at.way[-1].types, most=len(numbers))
        if anchored is None or not anchored.exact:
            return None
        found = np.isin(numbers, anchored.numbers)
        for place in at.way[:-1]:
            if place.key not in table.columns:
                continue
            others = table.numbers(place.key)
            for one in anchored.beyond:
                if len(one.numbers) == 1 and one.apart:
                    found &= others != one.numbers[0]
                elif np.isin(others, one.numbers).any():
                    return None
        return found

    # -- only, counts, every -----------------------------------------------------------------------------------------

    def _first_link(self, table: Table, chain: ir.Chain, at: At) -> tuple[Table, Key]:
        """Return each row with each entity that the first step reaches and that is not on the way."""
        anything = ir.Link(chain.links[0].step, ir.Pattern())
        step = replace(anything.step, name=None)
        return self._step(table, ir.Link(step, anything.target), at)

    def _only(self, table: Table, chain: ir.Chain, at: At) -> Mask:
        reached, key = self._first_link(table, chain, at)
        there = _mask(table.size, reached.numbers(_ORIGIN))
        pairs = reached.plus({_ORIGIN: Entities(np.arange(reached.size))})
        target = chain.links[0].target
        good = self._arrives(pairs, target, key)
        if len(chain.links) > 1 or (isinstance(target, ir.Pattern) and target.inner is not None):
            rows = pairs.take(good)
            on = at.then(Place(key, self.anchors.types(target)))
            kept = rows
            if isinstance(target, ir.Pattern) and target.inner is not None:
                kept = kept.take(self.holds(kept, target.inner, on))
            if len(chain.links) > 1:
                kept = self.follow(kept, chain.links[1:], on, (_ORIGIN,), frozenset())
            good = _mask(pairs.size, kept.numbers(_ORIGIN))
        bad = once(reached.numbers(_ORIGIN)[~good])
        there[bad] = False
        return there

    def _arrives(self, table: Table, target: ir.Target, key: Key) -> Mask:
        """Return where an entity that a step reached, and that is not on the way, may stand at the target."""
        match target:
            case ir.Same(name):
                same: Mask = table.numbers(key) == table.numbers(name)
                return same
            case ir.Every(pattern) | (ir.Pattern() as pattern):
                return self._fits(table, pattern, key)

    def counts(self, table: Table, chain: ir.Chain, at: At, *, relations: bool) -> Numbers64:
        """Return for each numbered row how many entities the first link reaches for which the chain holds.

        With ``relations`` it is how many relations the first step takes there.
        """
        link, rest = chain.links[0], chain.links[1:]
        if relations:
            link = ir.Link(replace(link.step, name="\0counted"), link.target)
        counted, key = self._step(table, link, at)
        on = at.then(Place(key, self.anchors.types(link.target)))
        keys: tuple[Key, ...] = (_ORIGIN, "\0counted" if relations else key)
        counted = self._inner(counted, link.target, on)
        if rest:
            counted = self.follow(counted, rest, on, keys, frozenset())
        found, _ = counted.distinct(keys)
        return np.bincount(found.numbers(_ORIGIN), minlength=table.size)

    def _inner(self, table: Table, target: ir.Target, at: At) -> Table:
        if isinstance(target, ir.Pattern) and target.inner is not None:
            return table.take(self.holds(table, target.inner, at))
        return table

    def _every(self, table: Table, link: ir.Link, pattern: ir.Pattern, at: At) -> Table:
        """Return the rows whose entity reaches each entity that fits the pattern and is not on the way."""
        everyone = self.anchors.standing(pattern)
        small, inverse = self._small(table, link, at)
        row = np.repeat(np.arange(small.size), len(everyone))
        self.run.held(len(row))
        key = self.run.key()
        asked = small.take(row).plus({key: Entities(np.tile(everyone, small.size))})
        asked = asked.take(self._differs(asked, key, at.way))
        asked = asked.take(self._fits(asked, replace(pattern, members=()), key))
        asked = self._inner(asked, pattern, at.then(Place(key, None)))
        reached, other = self._step(small, ir.Link(link.step, ir.Pattern()), at)
        width = self.run.source.room
        has = reached.numbers(_ORIGIN) * width + reached.numbers(other)
        wanted = asked.numbers(_ORIGIN) * width + asked.numbers(key)
        lacking = asked.numbers(_ORIGIN)[~np.isin(wanted, has)]
        good = ~_mask(small.size, lacking)
        return table.take(good[inverse])

    # -- rows --------------------------------------------------------------------------------------------------------

    def solve(self, table: Table, test: ir.Test, at: At, wanted: frozenset[str]) -> Table:
        """Return the rows where a test holds, one for each combination of the wanted names that make it hold."""
        if not given(test) & wanted:
            return table.take(self.holds(table, test, at))
        match test:
            case ir.All(parts):
                known = frozenset(key for key in table.columns if isinstance(key, str))
                for part in self.ordered(parts, known, wanted):
                    table = self.solve(table, part, at, wanted)
                return table
            case ir.Chain(links):
                return self.follow(table, links, at, tuple(table.columns), wanted)
            case _:
                raise TypeError(f"{type(test).__name__} gives names")

    def ordered(self, parts: Sequence[ir.Test], known: frozenset[str], wanted: frozenset[str]) -> Iterable[ir.Test]:
        """Yield parts so that each comes when its names are there: cheap ones, then tests, then those that give."""
        waiting = list(parts)
        while waiting:
            ready = [one for one in waiting if needed(one) <= known]
            if not ready:
                raise LookupError(f"names that nothing gives: {', '.join(sorted(needed(waiting[0]) - known))}")
            part = min(ready, key=lambda one: (bool(given(one) & wanted), weight(one)))
            waiting.remove(part)
            known |= given(part) & wanted
            yield part

    def follow(
        self, table: Table, links: Sequence[ir.Link], at: At, keep: Sequence[Key], wanted: frozenset[str]
    ) -> Table:
        """Return the rows for which a chain holds, with the columns kept and the wanted names of the chain."""
        kept = dict.fromkeys(keep)
        for index, link in enumerate(links):
            rest = links[index + 1 :]
            if isinstance(link.target, ir.Every):
                table = self._every(table, link, link.target.pattern, at)
                break
            # a name that the chain gives may be looked at further on in it, wanted outside or not
            inside = wanted | (given(link) & _looked_at(rest)) | (given(link) & needed_in(link))
            before = table.size
            table, key = self._step(table, link, at, inside)
            self.run.took("step", link, before, table.size)
            at = at.then(Place(key, self.anchors.types(link.target)))
            inner = link.target.inner if isinstance(link.target, ir.Pattern) else None
            if inner is not None:
                before = table.size
                table = (
                    self.solve(table, inner, at, inside)
                    if given(inner) & inside
                    else table.take(self.holds(table, inner, at))
                )
                self.run.took("keep", inner, before, table.size)
            kept.update(dict.fromkeys(given(link) & wanted))
            later: list[Key] = [*kept]
            if rest:
                later += [key, *self._compared(at.way, rest), *_looked_at(rest)]
            table, _ = table.distinct(later)
            if rest and not holds_more(rest) and _varying(table, [*kept, key]) == 1:
                table = witnessed(table, [*kept, key], len(rest))
        return table.only(kept)

    def _compared(self, way: Way, rest: Sequence[ir.Link]) -> list[Key]:
        """Return the columns of a way that an entity further on could be equal to."""
        types = self.anchors.types_within(rest)
        return [place.key for place in way if types is None or place.types is None or not types.isdisjoint(place.types)]

    # -- one link ----------------------------------------------------------------------------------------------------

    def _step(self, table: Table, link: ir.Link, at: At, wanted: frozenset[str] = frozenset()) -> tuple[Table, Key]:
        """Return each row with each entity that a link reaches: it fits, and it differs where it has to."""
        key = self.run.key()
        step = link.step
        name = step.name if step.name is not None and (step.name in wanted or step.name.startswith("\0")) else None
        if step.name != name:
            step = replace(step, name=name)
        if refers_outside(step):
            if step.is_route:
                return self._step_by_groups(table, ir.Link(step, link.target), at, key), key
            return self._filtered(table, ir.Link(step, link.target), at, key), key
        return self._walked(table, ir.Link(step, link.target), at, key), key

    def _step_by_groups(self, table: Table, link: ir.Link, at: At, key: Key) -> Table:
        """Walk a range whose relations are compared with something of the row, for each of its values apart."""
        names: list[Key] = list(needed(link.step))
        groups, inverse = table.distinct(names)
        parts = []
        for index in range(groups.size):
            one = groups.take(np.array([index]))
            step = fixed(link.step, Scope(self.run, one))
            rows = table.take(np.flatnonzero(inverse == index))
            parts.append(self._walked(rows, ir.Link(step, link.target), at, key))
        if parts:
            return stacked(parts)
        return self._walked(table, ir.Link(_untested(link.step), link.target), at, key)

    def _filtered(self, table: Table, link: ir.Link, at: At, key: Key) -> Table:
        """Take one hop whose relations are compared with something of the row."""
        parts = []
        name: Key = link.step.name if link.step.name is not None else self.run.key()
        for one in link.step.alternatives:
            plain = replace(link.step, alternatives=(_untested_one(one),), name=None)
            found = self._related(table, ir.Link(plain, link.target), at, (key, name))
            if isinstance(one, ir.Stored) and one.test is not None:
                found = found.take(truth(Scope(self.run, found, name), one.test))
            parts.append(found)
        return stacked(parts) if len(parts) > 1 else parts[0]

    def _walked(self, table: Table, link: ir.Link, at: At, key: Key) -> Table:
        step = link.step
        if step.name is not None and not step.is_route:
            return self._related(table, link, at, (key, step.name))
        starts, inverse = np.unique(table.numbers(at.key), return_inverse=True)
        source, entity = self._pairs(step, starts, link.target)
        row, item = joined_rows(inverse, np.bincount(source, minlength=len(starts)))
        self.run.held(len(row))
        found = self._arrived(table.take(row).plus({key: Entities(entity[item])}), link, at, key)
        if step.name is not None:
            found = found.plus({step.name: self._routes(step, found.numbers(at.key), found.numbers(key))})
        return found

    def _pairs(self, step: ir.Step, starts: Numbers64, target: ir.Target) -> tuple[Positions, Numbers64]:
        if isinstance(target, ir.Pattern) and not needed(target.types):
            ends = self.anchors.fewer_ends(step, target, len(starts))
            if ends is not None:
                back = self.moves.pairs(self.moves.turned(step), ends)
                at = np.minimum(np.searchsorted(starts, back.entity), len(starts) - 1) if len(starts) else back.source
                met = starts[at] == back.entity if len(starts) else np.zeros(len(at), np.bool_)
                source, entity = at[met], ends[back.source[met]]
                order = np.lexsort((entity, source))
                return source[order], entity[order]
        found = self.moves.pairs(step, starts, rings=isinstance(target, ir.Same))
        if isinstance(target, ir.Pattern):
            numbers, inverse = np.unique(found.entity, return_inverse=True)
            good = self.anchors.fitting(target, numbers)[inverse]
            if not good.all():
                return found.source[good], found.entity[good]
        return found.source, found.entity

    def _related(self, table: Table, link: ir.Link, at: At, keys: tuple[Key, Key]) -> Table:
        """Take one hop and keep its relation; ``keys`` are the columns of the entity and of the relation."""
        key, name = keys
        starts, inverse = np.unique(table.numbers(at.key), return_inverse=True)
        hops = self.moves.hops(link.step, starts)
        if isinstance(link.target, ir.Pattern):
            numbers, place = np.unique(hops.entity, return_inverse=True)
            hops = hops.take(self.anchors.fitting(link.target, numbers)[place])
        row, item = joined_rows(inverse, np.bincount(hops.source, minlength=len(starts)))
        self.run.held(len(row))
        found = table.take(row).plus({key: Entities(hops.entity[item]), name: hops.relation.take(item)})
        return self._arrived(found, link, at, key)

    def _arrived(self, found: Table, link: ir.Link, at: At, key: Key) -> Table:
        """Return the rows that a link leads to, those left out that do not fit or do not differ."""
        target = link.target
        if isinstance(target, ir.Pattern) and target.name is not None:
            found = found.plus({target.name: found.columns[key]})
        if isinstance(target, ir.Same):
            return found.take(found.numbers(key) == found.numbers(target.name))
        differs = self._differs(found, key, at.way)
        if link.step.hops.least == 0:
            differs |= found.numbers(key) == found.numbers(at.key)
        found = found.take(differs)
        if isinstance(target, ir.Pattern) and needed(target.types):
            found = found.take(self._fits(found, target, key))
        return found

    def _differs(self, table: Table, key: Key, way: Way) -> Mask:
        entity = table.numbers(key)
        differs = np.ones(table.size, np.bool_)
        for place in way:
            if place.key in table.columns:
                differs &= entity != table.numbers(place.key)
        return differs

    def _fits(self, table: Table, pattern: ir.Pattern, key: Key) -> Mask:
        """Return where the entity of a column may stand at a position, tests that look at the row included."""
        if not needed(pattern.types):
            numbers, inverse = np.unique(table.numbers(key), return_inverse=True)
            return self.anchors.fitting(pattern, numbers)[inverse]
        found = self.anchors.among(pattern, table.numbers(key))
        good = np.zeros(table.size, np.bool_)
        for one in pattern.types:
            rows = np.flatnonzero(found & ~good & self.anchors.of_type(one.type, table.numbers(key)))
            if one.test is not None and len(rows):
                rows = rows[truth(Scope(self.run, table.take(rows), key), one.test)]
            good[rows] = True
        return good

    def _routes(self, step: ir.Step, starts: Numbers64, ends: Numbers64) -> Routes:
        """Return the first shortest path of a range for each pair of ends."""
        search = Search(self.run, self.moves, step)
        (first, *_) = step.alternatives
        found: dict[tuple[int, int], int] = {}
        routes: list[Route] = []
        at = []
        for pair in zip(starts.tolist(), ends.tolist(), strict=True):
            if pair not in found:
                self.run.tick()
                found[pair] = len(routes)
                route = search.route(*pair, step.hops.least, step.hops.most)
                if isinstance(first, ir.Measure):
                    route = replace(route, strength=self.moves.share(first, *pair))
                routes.append(route)
            at.append(found[pair])
        return Routes(np.array(at, np.int64), tuple(routes))


def _varying(table: Table, keys: Sequence[Key]) -> int:
    """Return how many columns but these have more than one value."""
    others = [column.codes for key, column in table.columns.items() if key not in keys]
    return sum(bool((codes != codes[0]).any()) for codes in others if len(codes))


def needed_in(link: ir.Link) -> frozenset[str]:
    """Return the names that a link looks at."""
    return needed(link.step) | (_looked_at((link.target,)))


def _looked_at(nodes: Sequence[object]) -> frozenset[str]:
    return used(tuple(nodes))


def _untested(step: ir.Step) -> ir.Step:
    return replace(step, alternatives=tuple(_untested_one(one) for one in step.alternatives))


def _untested_one(alternative: ir.Alternative) -> ir.Alternative:
    return alternative if isinstance(alternative, ir.Composite) else replace(alternative, test=None)


def _mask(size: int, rows: Numbers64 | Positions) -> Mask:
    found = np.zeros(size, np.bool_)
    found[rows] = True
    return found


def weight(test: ir.Test) -> int:
    """Return roughly how much work a test is: comparisons before chains before counts."""
    match test:
        case ir.Compare() | ir.OneOf() | ir.Between() | ir.Present() | ir.TextTest() | ir.HasTag():
            return 0
        case ir.Not(part):
            return weight(part)
        case ir.All(parts) | ir.AnyOf(parts):
            return max((weight(one) for one in parts), default=0)
        case ir.Chain(links):
            return len(links)
        case _:
            return 20
