"""What the tests of a find meet that is missing or uncertain: counted beside the rows, in a statement of its own.

A test that cannot be told is no different from one that is false where rows are looked for, and so the statement that
finds them never says which things it left out for that. This one asks for those things alone: it walks as the other
does, up to each test, and brings what may be untold together by what the test looks at. The shared code then tells
for each such value whether it was missing, uncertain or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from relgraph.engines.neo4j.cypher.comparisons import both, is_comparison
from relgraph.engines.neo4j.cypher.conditions import anchored
from relgraph.engines.neo4j.cypher.hops import composite
from relgraph.engines.neo4j.cypher.lacking import ALWAYS, Lacking, attributes_of
from relgraph.engines.neo4j.cypher.stages import Late, Stages
from relgraph.engines.neo4j.cypher.statement import required_and_optional
from relgraph.engines.neo4j.cypher.writing import Unsupported, Writing
from relgraph.engines.neo4j.names import Names, quoted
from relgraph.engines.neo4j.network import CAPTION, field_properties
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import Moves, turned
from relgraph.network.execute.names import given, needed, parts_of, remembered, used
from relgraph.network.execute.run import Run
from relgraph.network.execute.solve import weight
from relgraph.query import ir


@dataclass(frozen=True, slots=True)
class Part:
    """One test, or some that are asked one after the other, and which properties they look at."""

    test: ir.Test
    sort: Literal["entity", "relation"]
    properties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Untold:
    """A statement that is ready to run; each row says which of the parts it belongs to.

    Then come labels or the type, what the test looks at, the numbers of all things that are alike in that, and of a
    relation the numbers of the ends of one of them.
    """

    text: str
    parameters: dict[str, Any]
    parts: tuple[Part, ...]
    anchors: Mapping[str, tuple[ir.Member, ...]]


@remembered
def compares(find: ir.Find) -> bool:
    """Return whether a find tests a value at all that something may lack."""
    attributes = (one for one in parts_of((find.found, find.test)) if isinstance(one, ir.Attribute))
    return any(not one.builtin or one.name not in ALWAYS for one in attributes)


def untold(run: Run, names: Names, used_predicates: frozenset[str], find: ir.Find) -> Untold | None:
    """Return the statement for a find, None where none of its tests can meet something missing or uncertain."""
    counting = _Counting(run, Writing(run, names, used_predicates), find)
    counting.whole()
    if not counting.parts:
        return None
    writing, text = counting.writing, "\nUNION ALL\n".join(counting.lines)
    return Untold(text, writing.parameters, tuple(counting.parts), writing.anchors)


class _Counting:
    """Collects the branches of one statement."""

    def __init__(self, run: Run, writing: Writing, find: ir.Find) -> None:
        self.writing = writing
        self._find = find
        self.parts: list[Part] = []
        self.lines: list[str] = []
        self._anchors = Anchors(run, Moves(run))
        self._lacking = Lacking(run, writing)

    def whole(self) -> None:
        """Count for the find: what must hold, then what is said of its names, then the optional parts asked for."""
        find = self._find
        name = find.variables[0].name
        found = replace(find.found, inner=None, name=None)
        required, optional = required_and_optional(find)
        parts = [of_this(one, name) for one in required]
        self.position(found, parts)
        free = [one for one in parts if not needed(one)]
        for other in find.variables[1:]:
            said = [of_this(one, other.name) for one in parts if is_comparison(one) and needed(one) == {other.name}]
            if said and not other.optional and other.sort != "route":
                self._named(found, free, other, said)
        looked_at = used((find.tail, find.test))
        for one in optional:
            if given(one) & looked_at and _plain(one.chain):
                self._forwards(found, [one for one in free if not given(one)], one.chain)

    def position(self, pattern: ir.Pattern, required: Sequence[ir.Test]) -> None:
        """Count what the tests at a position meet: those of the named end first, then its own, then those beyond."""
        chains = [one for one in required if isinstance(one, ir.Chain) and _plain(one)]
        tied = [one for one in chains if anchored(one)]
        for one in tied:
            self._backwards(one)
        self._own(pattern, tied)
        compared = [one for one in required if is_comparison(one) and not needed(one)]
        self._entities(pattern, tied, compared)
        passed: list[ir.Test] = [*tied, *compared]
        for part in sorted((one for one in required if one not in passed), key=weight):
            self._inside(pattern, passed, part)
            if not needed(part):
                passed.append(part)

    def _inside(self, pattern: ir.Pattern, required: Sequence[ir.Test], test: ir.Test) -> None:
        """Count what a test from a position on meets, whatever way it counts there."""
        match test:
            case ir.All(parts):
                passed = list(required)
                for one in sorted(parts, key=weight):
                    self._inside(pattern, passed, one)
                    passed.append(one)
            case ir.AnyOf(parts):
                failed = list(required)
                for one in sorted(parts, key=weight):
                    self._inside(pattern, failed, one)
                    failed.append(ir.Not(one))
            case ir.Not(part):
                self._inside(pattern, required, part)
            case ir.Only(chain) | ir.Count(chain=chain):
                self._inside(pattern, required, chain)
            case ir.Chain() if _plain(test) and anchored(test):
                self._backwards(test)
            case ir.Chain() if _plain(test):
                self._forwards(pattern, required, test)
            case _ if is_comparison(test) and not needed(test):
                self._entities(pattern, required, [test])
            case _:
                pass

    def _own(self, pattern: ir.Pattern, required: Sequence[ir.Test]) -> None:
        """Count what the tests in the brackets of a position meet."""
        for one in pattern.types:
            if one.test is not None and not needed(one.test):
                only = replace(pattern, types=(ir.TypeTest(one.type),))
                self._entities(only, required, [one.test])

    def _backwards(self, chain: ir.Chain) -> None:
        """Count along a chain from the entities that its end names."""
        for index in range(len(chain.links) - 1, -1, -1):
            step, target = chain.links[index].step, chain.links[index].target
            rest = chain.links[index + 1 :]
            if not isinstance(target, ir.Pattern):
                return
            further = [ir.Chain(rest)] if rest else []
            if not rest:
                inner = list(_flat(target.inner))
                self.position(replace(target, inner=None, name=None), inner)
                further = [one for one in inner if isinstance(one, ir.Chain) and _plain(one) and anchored(one)]
            self._relations(replace(target, inner=None, name=None), further, turned(step))
            before = chain.links[index - 1].target if index else None
            if isinstance(before, ir.Pattern):
                self._own(replace(before, inner=None, name=None), [ir.Chain(chain.links[index:])])

    def _forwards(self, pattern: ir.Pattern, required: Sequence[ir.Test], chain: ir.Chain) -> None:
        """Count along a chain from the found thing."""
        start = replace(pattern, inner=ir.All(tuple(required))) if required else pattern
        back: tuple[ir.Link, ...] = ()
        here, further = pattern, list(required)
        for link in chain.links:
            self._relations(here, further, link.step)
            target = link.target
            if not isinstance(target, ir.Pattern):
                return
            back = (ir.Link(replace(turned(link.step), name=None), start), *back)
            here, further = replace(target, inner=None, name=None), [ir.Chain(back)]
            self._own(here, further)
            start = replace(target, inner=None, name=None)

    # -- branches ----------------------------------------------------------------------------------------------------

    def _entities(self, pattern: ir.Pattern, required: Sequence[ir.Test], tests: Sequence[ir.Test]) -> None:
        mentioned = [one for test in tests for one in attributes_of(test)]
        if any(one.builtin and one.name == "degree" for one in mentioned):
            return
        try:
            found = self._bound(pattern, required)
            if found is None:
                return
            var, lines, late = found
            condition = self._lacking.condition(var, mentioned, tests)
        except Unsupported:
            return
        if condition is None:
            return
        lines.append(f"WITH DISTINCT {var} WHERE {condition}")
        # what the server cannot tell of the position is asked here, before the tests that follow it
        self._together(var, "entity", [*late, *tests], lines)

    def _together(self, var: str, sort: ir.Sort, tests: Sequence[ir.Test], lines: list[str]) -> None:
        """End a branch: things that are alike in what tests look at make one row."""
        attributes = [one for test in tests for one in attributes_of(test)]
        part = len(self.parts)
        if sort == "entity":
            properties = frozenset[str]().union(
                *(CAPTION if one.builtin else field_properties(one.name) for one in attributes)
            )
            lines.append(
                f"RETURN {part} AS part, labels({var}) AS kind, {_chosen(var, properties)} AS held,"
                f" collect({var}._number) AS numbers, null AS a, null AS b, null AS one"
            )
            self.parts.append(Part(ir.All(tuple(tests)), "entity", properties))
        else:
            properties = frozenset[str]().union(
                *(
                    (one.name, f"_{one.name}_precision") if one.builtin else field_properties(one.name)
                    for one in attributes
                )
            )
            lines += [
                f"WITH type({var}) AS kind, {_chosen(var, properties)} AS held, collect({var}) AS alike",
                "WITH kind, held, [one IN alike | one._number] AS numbers, alike[0] AS one",
                (
                    f"RETURN {part} AS part, kind, held, numbers, startNode(one)._number AS a,"
                    " endNode(one)._number AS b, properties(one) AS one"
                ),
            ]
            self.parts.append(Part(ir.All(tuple(tests)), "relation", frozenset()))
        self.lines.append("\n".join(lines))

    def _relations(self, pattern: ir.Pattern, required: Sequence[ir.Test], step: ir.Step) -> None:
        """Count what the tests on the relations of a step meet, going it from a position."""
        if composite(step) is not None or step.order or used(step):
            return
        for one in step.alternatives:
            if isinstance(one, ir.Stored) and one.test is not None:
                try:
                    self._alternative(pattern, required, step, one)
                except Unsupported:
                    continue

    def _alternative(self, pattern: ir.Pattern, required: Sequence[ir.Test], step: ir.Step, stored: ir.Stored) -> None:
        if stored.test is None:
            return
        writing = self.writing
        relation = writing.fresh("r")
        condition = self._lacking.condition(relation, list(attributes_of(stored.test)), [stored.test])
        found = self._bound(pattern, required)
        if condition is None or found is None:
            return
        var, lines, late = found
        if late:
            raise Unsupported("a position that the server cannot tell")
        stages = Stages(writing, self._anchors, wanted=frozenset())
        hops = stages.hops
        if step.hops != ir.ONE_HOP:
            most = None if step.hops.most is None else step.hops.most - 1
            if most != 0:
                passed = writing.fresh("e")
                nearer = replace(step, hops=ir.Hops(0, most), name=None)
                lines += [f"MATCH {hops.range(nearer, var, passed)}", f"WITH DISTINCT {passed}"]
                var = passed
        single = ir.Step((replace(stored, test=None),))
        hop, other = hops.hop(single, var, relation), writing.fresh("e")
        conditions = both(*hop.conditions, condition, writing.live(other))
        lines += [f"MATCH ({var}){hop.arrow}({other}) WHERE {conditions}", f"WITH DISTINCT {relation}"]
        self._together(relation, "relation", [stored.test], lines)

    def _named(
        self, pattern: ir.Pattern, required: Sequence[ir.Test], variable: ir.Variable, tests: Sequence[ir.Test]
    ) -> None:
        """Count what tests of a thing that has a name meet."""
        mentioned = [one for test in tests for one in attributes_of(test)]
        before = len(self.writing.sets)
        late: list[Late] = []
        stages = Stages(self.writing, self._anchors, wanted=frozenset({variable.name}), late=late)
        try:
            _, lines = stages.find(replace(self._find, found=pattern), required, [variable.name])
            var = self.writing.things[variable.name].var
            condition = self._lacking.condition(var, mentioned, tests)
        except Unsupported:
            condition = None
        if len(self.writing.sets) > before:
            del self.writing.sets[before:]
            return
        if condition is None or late:
            return
        lines.append(f"WITH DISTINCT {var} WHERE {condition}")
        self._together(var, variable.sort, tests, lines)

    def _bound(self, pattern: ir.Pattern, required: Sequence[ir.Test]) -> tuple[str, list[str], list[ir.Test]] | None:
        """Return the variable of a position, the clauses that bind it, and its tests that the server cannot tell."""
        late: list[Late] = []
        before = len(self.writing.sets)
        stages = Stages(self.writing, self._anchors, wanted=frozenset(), late=late)
        var, lines = stages.entities(pattern, required)
        if len(self.writing.sets) > before:
            # a set stands before the whole statement, and this is one branch of several
            del self.writing.sets[before:]
            return None
        if any(one.this.var != var for one in late):
            return None
        return var, lines, [one.test for one in late]


def _plain(chain: ir.Chain) -> bool:
    return not needed(chain) and not any(used(link.step) for link in chain.links)


def _flat(test: ir.Test | None) -> Iterable[ir.Test]:
    if isinstance(test, ir.All):
        for part in test.parts:
            yield from _flat(part)
    elif test is not None:
        yield test


def _chosen(var: str, properties: Iterable[str]) -> str:
    return f"{var} {{{', '.join(f'.{quoted(one)}' for one in sorted(properties))}}}"


def of_this(test: Any, name: str) -> Any:
    """Return a part of a question with what it says of a name said of the thing under test, where it is of that."""
    if isinstance(test, tuple):
        return tuple(of_this(one, name) for one in test)
    if isinstance(test, ir.Attribute) and isinstance(test.of, ir.Ref) and test.of.name == name:
        return replace(test, of=ir.This())
    if is_comparison(test) or isinstance(test, ir.Part | ir.Arithmetic | ir.First):
        return replace(test, **{one.name: of_this(getattr(test, one.name), name) for one in fields(test)})
    return test
