"""The clauses that bind things: from the entity that is named, a step at a time, each stage keeping what is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relgraph.engines.neo4j.cypher.comparisons import both, is_comparison
from relgraph.engines.neo4j.cypher.conditions import Conditions, Spot, Way, anchored, may_meet
from relgraph.engines.neo4j.cypher.hops import Hops
from relgraph.engines.neo4j.cypher.tree import Growing, Position
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import turned
from relgraph.network.execute.names import needed, used
from relgraph.query import ir

_FEW: Final = 20
"""So many entities a statement may start from and still walk a range of hops from each."""


@dataclass(frozen=True, slots=True)
class Late:
    """A test that the server cannot tell: it is asked of the rows; ``this`` is the thing under test."""

    test: ir.Test
    this: Thing


@dataclass(frozen=True, slots=True)
class _Pending:
    """A condition that waits until what it looks at is there; a heavy one is asked of distinct rows."""

    deps: frozenset[str]
    text: str
    heavy: bool


@dataclass(frozen=True, slots=True)
class _Task:
    """One clause to be written, what it looks at, what it binds, and its conditions."""

    clause: str
    looks_at: frozenset[str]
    binds: tuple[str, ...]
    conditions: tuple[str, ...]


class Stages:
    """Writes the clauses of one find, of an optional part, or of a set that stands before."""

    def __init__(
        self, writing: Writing, anchors: Anchors, *, wanted: frozenset[str], late: list[Late] | None = None
    ) -> None:
        self._writing = writing
        self._anchors = anchors
        self._conditions = Conditions(writing, anchors, self._set_of)
        self._growing = Growing(writing, self._conditions, wanted)
        self._late = late
        self._keep: dict[str, None] = {}
        self._pending: list[_Pending] = []
        self._tasks: list[_Task] = []
        self._imported: frozenset[str] = frozenset()

    # -- what is written ---------------------------------------------------------------------------------------------

    def find(self, find: ir.Find, required: Sequence[ir.Test], names: Iterable[str]) -> tuple[str, list[str]]:
        """Return the found thing's variable and the clauses that bind some names, each combination once."""
        found = self._growing.root(find.found, find.variables[0].name)
        for test in required:
            self._growing.grow(found, test)
        self._keep = dict.fromkeys(self._var(name) for name in names)
        return found.var, self._from_start(found)

    def entities(self, pattern: ir.Pattern, required: Sequence[ir.Test]) -> tuple[str, list[str]]:
        """Return the variable of what may stand at a position, and the clauses that bind it, each entity once."""
        found = self._growing.root(pattern, None)
        for test in required:
            self._growing.grow(found, test)
        self._keep = {found.var: None}
        return found.var, self._from_start(found)

    @property
    def hops(self) -> Hops:
        """What writes steps."""
        return self._conditions.hops

    def part(self, root: str, types: frozenset[str] | None, chain: ir.Chain, names: Iterable[str]) -> list[str]:
        """Return the clauses that bind the names of a chain from an entity that is there."""
        at = Position(root, types)
        at.way = (at,)
        self._imported = frozenset((root, *(self._var(name) for name in sorted(needed(chain)))))
        self._growing.grow(at, chain)
        self._keep = dict.fromkeys(self._var(name) for name in names)
        self._wait(at)
        self._outward([at], few=False)
        return self._clauses()

    def _var(self, name: str) -> str:
        return self._writing.thing(ir.Ref(name, "entity"), None).var

    def _set_of(self, chain: ir.Chain) -> str:
        """Write, before the statement, the set of the entities from which a chain holds; return its variable."""
        writing = self._writing
        inner = Stages(writing, self._anchors, wanted=frozenset())
        root = Position(writing.fresh("e"), None)
        root.way = (root,)
        inner._growing.grow(root, chain)
        inner._keep = {root.var: None}
        if _start(root, writing) is root:
            raise Unsupported("a set without an entity that is named")
        lines = inner._from_start(root)
        name = writing.fresh("s")
        lines.append(f"RETURN collect(DISTINCT {root.var}) AS {name}")
        writing.sets.append((name, called(writing.imports(), lines)))
        return name

    # -- planning ----------------------------------------------------------------------------------------------------

    def _from_start(self, root: Position) -> list[str]:
        start = _start(root, self._writing)
        size = _size(start, self._writing)
        few = size is not None and size <= _FEW
        union = None if size is not None else self._united(start)
        self._wait(start)
        conditions = tuple(self._stands(start))
        if union is None:
            clause = f"MATCH ({start.var}:Entity)"
        else:
            # what stands in the sets is looked at, whatever the size of the network
            clause = f"UNWIND {union} AS {start.var}\nWITH DISTINCT {start.var}"
        self._tasks.append(_Task(clause, frozenset(), (start.var,), conditions))
        spine = [start]
        at = start
        while at.parent is not None:
            self._wait(at.parent)
            if at.is_range and not few:
                raise Unsupported("a range of hops from many entities")
            self._walk(at, at, at.parent)
            at = at.parent
            spine.append(at)
        self._outward(spine, few=few)
        return self._clauses()

    def _united(self, start: Position) -> str | None:
        """Return the sets that together hold whatever a start can be, where a test says so; it is then taken out."""
        for test in start.tests:
            # one of none, as a list that is given empty makes it, holds nowhere and names no set
            if not isinstance(test, ir.AnyOf) or not test.parts:
                continue
            before = len(self._writing.sets)
            chains = [one for one in test.parts if isinstance(one, ir.Chain) and anchored(one) and not needed(one)]
            if len(chains) < len(test.parts):
                continue
            try:
                found = [self._set_of(one) for one in chains]
            except Unsupported:
                del self._writing.sets[before:]
                continue
            start.tests.remove(test)
            return f"({' + '.join(found)})"
        return None

    def _outward(self, there: Sequence[Position], *, few: bool) -> None:
        """Test or walk what hangs on positions that are there."""
        for at in there:
            for child in at.children:
                if child in there or self._tested(child, at):
                    continue
                if child.is_range and not few:
                    raise Unsupported("a range of hops from many entities")
                self._wait(child)
                self._walk(child, at, child)
                self._outward([child], few=few)
        for at in there:
            for link, relation in at.closings:
                self._close(at, link, relation)

    def _wait(self, at: Position) -> None:
        """Note the conditions of a position that will be there: what it differs from, and its tests."""
        others = [one for one in at.apart if may_meet(at.types, one.types)]
        parent = at.parent
        if at.is_range and at.step is not None and at.step.hops.least == 0 and parent is not None:
            others = [one for one in others if one is not parent]
            if others:
                text = f"({both(*(f'{at.var} <> {one.var}' for one in others))} OR {at.var} = {parent.var})"
                deps = frozenset((at.var, parent.var, *(one.var for one in others)))
                self._pending.append(_Pending(deps, text, heavy=False))
        else:
            self._pending += [
                _Pending(frozenset((at.var, one.var)), f"{at.var} <> {one.var}", heavy=False) for one in others
            ]
        for test in at.tests:
            self._wait_for(test, at)

    def _wait_for(self, test: ir.Test, at: Position) -> None:
        if is_comparison(test):
            self._compare(test, Thing(at.var, "entity"))
        else:
            self._pending.append(self._about(test, at))

    def _about(self, test: ir.Test, at: Position) -> _Pending:
        types = self._conditions.types_of(test)
        way = [one for one in at.way if one is at or may_meet(one.types, types)]
        spots: Way = tuple(Spot(one.var, one.types) for one in way)
        looked_at = [self._var(name) for name in sorted(needed(test))]
        return _Pending(
            frozenset((*looked_at, *(one.var for one in way))), self._conditions.condition(test, spots), heavy=True
        )

    def _compare(self, test: ir.Test, this: Thing) -> None:
        """Note a test of comparisons; where the server cannot tell, it is asked of the rows."""
        looked_at = [self._var(name) for name in sorted(needed(test))]
        try:
            text = self._conditions.compared(test, this)
        except Unsupported:
            if self._late is None:
                raise
            self._late.append(Late(test, this))
            self._keep.update(dict.fromkeys((this.var, *looked_at)))
            return
        self._pending.append(
            _Pending(frozenset((this.var, *looked_at)), text, heavy="EXISTS {" in text or "COUNT {" in text)
        )

    def _stands(self, at: Position) -> list[str]:
        """Return the conditions that an entity may stand at a position, tests that look elsewhere noted apart."""
        conditions = [self._writing.live(at.var)]
        pattern = at.pattern
        if pattern is None:
            return conditions
        only = pattern.types[0] if len(pattern.types) == 1 else None
        if only is not None and only.test is not None:
            for test in only.test.parts if isinstance(only.test, ir.All) else (only.test,):
                self._compare(test, Thing(at.var, "entity"))
            pattern = replace(pattern, types=(ir.TypeTest(only.type),))
        elif needed(pattern.types):
            raise Unsupported("tests of several types that look at other things of the row")
        fits = self._conditions.fits(pattern, at.var)
        return [*conditions, fits] if fits != "true" else conditions

    def _tested(self, child: Position, at: Position) -> bool:
        """Make a part without names a condition of the position it hangs on, where that can be; tell whether it is."""
        named = {one.var for one in self._writing.things.values()}
        if child.chain is None or any(one.relation or one.closings or one.var in named for one in child.within()):
            return False
        before = len(self._writing.sets)
        try:
            self._pending.append(self._about(child.chain, at))
        except Unsupported:
            del self._writing.sets[before:]
            return False
        return True

    def _walk(self, lower: Position, here: Position, there: Position) -> None:
        """Note one step from a position that is there to one that is not; it leads to ``lower``, or back from it."""
        step = lower.step
        if step is None:
            raise Unsupported("a position that no step leads to")
        conditions = self._stands(there)
        if lower.is_range:
            if lower.relation is not None:
                raise Unsupported("a range of hops that is named")
            step = turned(step) if there is not lower else step
            pattern = self._conditions.hops.range(step, here.var, there.var)
            self._tasks.append(_Task(f"MATCH {pattern}", frozenset((here.var,)), (there.var,), tuple(conditions)))
            return
        relation = lower.relation or self._writing.fresh("r")
        step, apart = self._set_aside(step, relation)
        hop = self._conditions.hops.hop(turned(step) if there is not lower else step, here.var, relation)
        binds = (there.var, relation) if apart or lower.relation is not None else (there.var,)
        self._tasks.append(
            _Task(
                f"MATCH ({here.var}){hop.arrow}({there.var})",
                frozenset((here.var,)),
                binds,
                (*hop.conditions, *conditions),
            )
        )

    def _set_aside(self, step: ir.Step, relation: str) -> tuple[ir.Step, bool]:
        """Return a step without its test where that looks at other things of the row, or is not for the server."""
        one = step.alternatives[0]
        if len(step.alternatives) > 1 or not isinstance(one, ir.Stored):
            if used(step):
                raise Unsupported("alternatives that look at other things of the row")
            return step, False
        if one.test is None:
            return step, False
        this = Thing(relation, "relation")
        if not used(one.test):
            try:
                self._conditions.compared(one.test, this)
            except Unsupported:
                pass
            else:
                return step, False
        self._compare(one.test, this)
        return replace(step, alternatives=(replace(one, test=None),)), True

    def _close(self, at: Position, link: ir.Link, relation: str) -> None:
        """Note a named relation to an entity that has a name."""
        if not isinstance(link.target, ir.Same):
            raise Unsupported("a named relation to an entity without a name")
        other = self._var(link.target.name)
        step, _ = self._set_aside(link.step, relation)
        hop = self._conditions.hops.hop(step, at.var, relation)
        self._tasks.append(
            _Task(
                f"MATCH ({at.var}){hop.arrow}({other})",
                frozenset((at.var, other)),
                (relation,),
                (*hop.conditions, f"{at.var} <> {other}"),
            )
        )

    # -- writing -----------------------------------------------------------------------------------------------------

    def _clauses(self) -> list[str]:
        lines: list[str] = []
        bound: dict[str, None] = {}
        waiting = [*self._tasks]
        while waiting:
            # a step back to a named entity waits until that is there
            task = next((one for one in waiting if one.looks_at <= bound.keys() | self._imported), None)
            if task is None:
                raise Unsupported("a position that nothing leads to")
            waiting.remove(task)
            if bound:
                bound = self._stage(lines, bound, frozenset().union(task.looks_at, *(one.looks_at for one in waiting)))
            bound.update(dict.fromkeys(task.binds))
            lines.append(_clause(task.clause, (*task.conditions, *self._ready(bound, heavy=False))))
        while bound.keys() != self._keep.keys() or self._pending:
            before = len(self._pending), len(bound)
            bound = self._stage(lines, bound, frozenset())
            if self._pending and before == (len(self._pending), len(bound)):
                raise Unsupported("a condition on what is not bound")
            if not self._pending and bound.keys() == self._keep.keys():
                break
        return lines

    def _ready(self, bound: Iterable[str], *, heavy: bool) -> list[str]:
        there = frozenset(bound) | self._imported
        ready = [one for one in self._pending if one.deps <= there and (heavy or not one.heavy)]
        self._pending = [one for one in self._pending if one not in ready]
        return [one.text for one in ready if one.text != "true"]

    def _stage(self, lines: list[str], bound: dict[str, None], later: frozenset[str]) -> dict[str, None]:
        """End a stage: keep what is still needed, each combination once, where heavy conditions hold."""
        needed_on = later.union(self._keep, *(one.deps for one in self._pending))
        kept = [one for one in bound if one in needed_on]
        conditions = self._ready(bound, heavy=True)
        lines.append(_clause(f"WITH DISTINCT {', '.join(kept)}", conditions))
        return dict.fromkeys(kept)


def _start(root: Position, writing: Writing) -> Position:
    """Return the position to start from: entities that are named, few of them, a range of hops away if one is."""

    def rank(at: Position) -> tuple[bool, bool, int, int]:
        size = _size(at, writing) or 0
        path = [at]
        while path[-1].parent is not None:
            path.append(path[-1].parent)
        return size > _FEW, not any(one.is_range for one in path), size, len(path)

    named = [one for one in root.within() if _size(one, writing) is not None]
    return min(named, key=rank) if named else root


def _size(at: Position, writing: Writing) -> int | None:
    if at.pattern is None or not at.pattern.members:
        return None
    return writing.size(at.pattern.members)


def _clause(text: str, conditions: Iterable[str]) -> str:
    where = [one for one in dict.fromkeys(conditions) if one != "true"]
    return f"{text} WHERE {' AND '.join(where)}" if where else text


def called(imports: Iterable[str], lines: Iterable[str], *, optional: bool = False) -> str:
    """Return clauses as a subquery."""
    inside = "\n".join(f"  {part}" for line in lines for part in line.split("\n"))
    return f"{'OPTIONAL ' if optional else ''}CALL ({', '.join(imports)}) {{\n{inside}\n}}"
