"""Which entities may stand where, and which can start a chain, worked out from its far end.

Walking a chain backwards from an entity that is named costs what lies around that entity, whatever the size of the
network. The answer is exact where the positions of the chain cannot meet each other except where a step already keeps
them apart; elsewhere it is a set that holds all answers and perhaps more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from relgraph.model.columns import once
from relgraph.network.execute.expressions import Scope, truth
from relgraph.network.execute.moves import Moves
from relgraph.network.execute.names import needed, refers_outside, remembered, remembered_beside
from relgraph.network.execute.run import Run
from relgraph.network.execute.table import Entities, Key, Numbers64, Table
from relgraph.network.rows import Mask
from relgraph.query import ir
from relgraph.vocabulary.model import ENTITY, Vocabulary

_THIS = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A position on the way: its column, and the types that can stand there (None: any)."""

    key: Key
    types: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Beyond:
    """The entities at a position further on; ``apart`` where a hop surely lies between.

    Where ``*`` may make no hop, the further entity may be the nearer one itself, which is then no clash.
    """

    numbers: Numbers64
    types: frozenset[str] | None
    apart: bool = True


@dataclass(frozen=True, slots=True)
class Anchored:
    """What can start a test: every entity for which it holds, and no other if ``exact``.

    ``beyond`` are the further positions, which an entity earlier on the way must differ from.
    """

    numbers: Numbers64
    exact: bool
    beyond: tuple[Beyond, ...] = ()


@remembered_beside
def types_at(target: ir.Target, vocabulary: Vocabulary) -> frozenset[str] | None:
    """Return the types that can stand at a position; None: any."""
    if isinstance(target, ir.Same):
        return None
    pattern = target.pattern if isinstance(target, ir.Every) else target
    if any(one.type == ENTITY for one in pattern.types):
        return None
    return frozenset(name for one in pattern.types for name in vocabulary.subtypes(one.type))


@remembered
def plain_ends(chain: ir.Chain) -> tuple[ir.Pattern, ...]:
    """Return what a chain that nothing outside is looked at in reaches link by link, nothing for any other chain."""
    if any(refers_outside(link.step) or needed(link) for link in chain.links):
        return ()
    patterns = tuple(link.target for link in chain.links if isinstance(link.target, ir.Pattern))
    return patterns if len(patterns) == len(chain.links) else ()


class Anchors:
    """Answers about positions in the questions of one run."""

    def __init__(self, run: Run, moves: Moves) -> None:
        self._run = run
        self._moves = moves
        self._standing: dict[int, tuple[ir.Pattern, Numbers64]] = {}

    # -- positions ---------------------------------------------------------------------------------------------------

    def types(self, target: ir.Target) -> frozenset[str] | None:
        """Return the types that can stand at a position; None: any."""
        return types_at(target, self._run.vocabulary)

    def types_within(self, links: Sequence[ir.Link]) -> frozenset[str] | None:
        """Return the types that can stand at any position of some links, those in parentheses included."""
        found: frozenset[str] = frozenset()
        waiting: list[object] = [*links]
        while waiting:
            one = waiting.pop()
            match one:
                case ir.Link(_, target):
                    if isinstance(target, ir.Same):
                        continue
                    types = self.types(target)
                    if types is None:
                        return None
                    found |= types
                    waiting.append(target.pattern.inner if isinstance(target, ir.Every) else target.inner)
                case ir.All(parts) | ir.AnyOf(parts):
                    waiting += parts
                case ir.Not(part):
                    waiting.append(part)
                case ir.Chain(inner):
                    waiting += inner
                case ir.Only(chain) | ir.Optional(chain):
                    # whatever the first step reaches counts
                    return None if isinstance(one, ir.Only) else self.types_within(chain.links)
                case ir.Count(chain=chain):
                    waiting += chain.links
                case _:
                    pass
        return found

    def of_type(self, name: str, numbers: Numbers64) -> Mask:
        """Return which entities are of a type or a subtype."""
        if name == ENTITY:
            return np.ones(len(numbers), np.bool_)
        return self._run.source.fits(numbers, self._run.vocabulary.subtypes(name))

    def among(self, pattern: ir.Pattern, numbers: Numbers64) -> Mask:
        """Return which entities are among those that a pattern names, all where it names none."""
        if not pattern.members:
            return np.ones(len(numbers), np.bool_)
        return np.isin(numbers, self._run.numbers_of(pattern.members))

    def fitting(self, pattern: ir.Pattern, numbers: Numbers64) -> Mask:
        """Return which entities may stand at a position; tests that look at a row, and the inner one, left out."""
        good = self.among(pattern, numbers) if pattern.members else None
        return self._of_types(pattern, numbers, good)

    def _of_types(self, pattern: ir.Pattern, numbers: Numbers64, good: Mask | None) -> Mask:
        """Return which of the good entities (None: of all) are of the types of a position."""
        if len(pattern.types) == 1 and pattern.types[0].test is None:
            fitting = self.of_type(pattern.types[0].type, numbers)
            return fitting if good is None else good & fitting
        if good is None:
            good = np.ones(len(numbers), np.bool_)
        found = np.zeros(len(numbers), np.bool_)
        for one in pattern.types:
            rows = np.flatnonzero(good & ~found)
            rows = rows[self.of_type(one.type, numbers[rows])]
            if one.test is not None and len(rows) and not needed(one.test):
                rows = rows[self.tested(one.test, numbers[rows])]
            found[rows] = True
        return found

    def tested(self, test: ir.Test, numbers: Numbers64) -> Mask:
        """Return for which entities a test of their fields holds."""
        return truth(Scope(self._run, Table(len(numbers), {_THIS: Entities(numbers)}), _THIS), test)

    def standing(self, pattern: ir.Pattern) -> Numbers64:
        """Return, sorted, the live entities that may stand at a position, as :meth:`fitting` has it."""
        found = self._standing.get(id(pattern))
        if found is None:
            found = self._standing[id(pattern)] = (pattern, self._stand(pattern))
        return found[1]

    def _stand(self, pattern: ir.Pattern) -> Numbers64:
        if pattern.members:
            numbers = self._run.numbers_of(pattern.members)
            return numbers[self._of_types(pattern, numbers, None)]
        parts = []
        for one in pattern.types:
            numbers = self._run.source.of_types(self._run.vocabulary.subtypes(one.type))
            if one.test is not None and not needed(one.test):
                numbers = numbers[self.tested(one.test, numbers)]
            parts.append(numbers)
        return parts[0] if len(parts) == 1 else once(np.concatenate(parts))

    def fewer_ends(self, step: ir.Step, pattern: ir.Pattern, starts: int) -> Numbers64 | None:
        """Return the ends of a step where walking back from them is less than walking from so many starts."""
        if not pattern.members or step.name is not None:
            return None
        ends = self.standing(pattern)
        return ends if len(ends) * 4 < starts else None

    # -- from the far end --------------------------------------------------------------------------------------------

    def of_test(self, test: ir.Test, types: frozenset[str] | None, most: int | None = None) -> Anchored | None:
        """Return what can start a test, None where that is not known from a far end."""
        match test:
            case ir.Chain():
                return self.of_chain(test, types, most=most)
            case ir.All(parts):
                found: Anchored | None = None
                rest = False
                for part in parts:
                    one = self.of_test(part, types, most)
                    if one is None:
                        rest = True
                    elif found is None:
                        found = one
                    else:
                        both = np.intersect1d(found.numbers, one.numbers, assume_unique=True)
                        found = Anchored(both, found.exact and one.exact, found.beyond + one.beyond)
                if found is not None and rest:
                    return Anchored(found.numbers, exact=False, beyond=found.beyond)
                return found
            case _:
                return None

    def of_chain(self, chain: ir.Chain, types: frozenset[str] | None, *, most: int | None = None) -> Anchored | None:
        """Return what can start a chain that ends at entities which are named, or at fewer than a start has.

        ``types`` are those of the start, ``most`` how many starts there are (None: not known).
        """
        links, patterns = chain.links, plain_ends(chain)
        if not patterns:
            return None
        end = self._end(patterns[-1], most)
        if end is None:
            return None
        exact = end.exact
        numbers, kinds = end.numbers, self.types(patterns[-1])
        self._run.took("start", patterns[-1], None, len(numbers))
        beyond = list(end.beyond)
        for index in range(len(links) - 1, -1, -1):
            self._run.tick()
            step = links[index].step
            stays = step.hops.least == 0
            left = self._moves.reached(self._moves.turned(step), numbers)
            before = patterns[index - 1] if index else None
            if before is not None:
                left = left[self.fitting(before, left)]
            own = self.types(before) if before is not None else types
            if not stays:
                beyond = [one if one.apart else replace(one, apart=True) for one in beyond]
            left, apart = _kept_apart(left, own, beyond)
            exact &= apart
            # the step itself keeps its two ends apart, so this position matters only to those further left
            beyond.append(Beyond(numbers, kinds, apart=not stays))
            if before is not None and before.inner is not None:
                left, inside, branches = self._inside(before, left)
                exact &= inside
                beyond += branches
            self._run.took("back", links[index], len(numbers), len(left))
            numbers, kinds = left, own
        return Anchored(numbers, exact, tuple(beyond))

    def _end(self, pattern: ir.Pattern, most: int | None) -> Anchored | None:
        if pattern.inner is not None:
            inner = self.of_test(pattern.inner, self.types(pattern))
            if inner is not None:
                numbers = inner.numbers[self.fitting(pattern, inner.numbers)]
                return Anchored(numbers, inner.exact, inner.beyond)
        if not pattern.members:
            tested = any(one.test is not None for one in pattern.types)
            if not tested or most is None:
                return None
            numbers = self.standing(pattern)
            if len(numbers) * 4 >= most:
                return None
        else:
            numbers = self.standing(pattern)
        return Anchored(numbers, pattern.inner is None)

    def _inside(self, pattern: ir.Pattern, numbers: Numbers64) -> tuple[Numbers64, bool, tuple[Beyond, ...]]:
        if pattern.inner is None:
            return numbers, True, ()
        inner = self.of_test(pattern.inner, self.types(pattern), len(numbers))
        if inner is None:
            return numbers, False, ()
        return np.intersect1d(numbers, inner.numbers, assume_unique=True), inner.exact, inner.beyond


def _kept_apart(numbers: Numbers64, types: frozenset[str] | None, beyond: Sequence[Beyond]) -> tuple[Numbers64, bool]:
    """Leave out what equals the only entity of another position; say whether no other position can be met."""
    apart = True
    for one in beyond:
        if types is not None and one.types is not None and types.isdisjoint(one.types):
            continue
        if len(one.numbers) == 1 and one.apart:
            numbers = numbers[numbers != one.numbers[0]]
        elif apart and np.isin(numbers, one.numbers).any():
            apart = False
    return numbers, apart
