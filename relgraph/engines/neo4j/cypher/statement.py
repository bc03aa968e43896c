"""A find as one statement with parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from relgraph.engines.neo4j.cypher.stages import Late, Stages, called
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import Names
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import Moves
from relgraph.network.execute.names import given, needed, used
from relgraph.network.execute.run import Run
from relgraph.query import ir


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the rows holds: the name of the thing in the question, or its variable where it has none."""

    key: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is ready to run: it gives the things of a find, each combination once.

    ``late`` are the tests that the rows are still to be asked.
    """

    text: str
    parameters: dict[str, Any]
    columns: tuple[Column, ...]
    late: tuple[Late, ...]

    def key(self, var: str) -> str:
        """Return the key of the column that holds a variable."""
        return next(one.key for one in self.columns if one.thing.var == var)


def required_and_optional(find: ir.Find) -> tuple[list[ir.Test], list[ir.Optional]]:
    """Return the parts that a row must have, and those that it may."""
    parts = [*flat(find.test), *([find.found.inner] if find.found.inner is not None else [])]
    optional = [one for one in parts if isinstance(one, ir.Optional)]
    return [one for one in parts if not isinstance(one, ir.Optional)], optional


def flat(test: ir.Test) -> Iterable[ir.Test]:
    """Yield the parts that must all hold."""
    if isinstance(test, ir.All):
        for part in test.parts:
            yield from flat(part)
    else:
        yield test


def written(
    run: Run, names: Names, used_predicates: frozenset[str], find: ir.Find, parts: Sequence[ir.Optional] = ()
) -> Statement:
    """Return the statement of a find with some of its optional parts; Unsupported where it cannot be one."""
    required, optional = required_and_optional(find)
    if needed(tuple(required)) & given(tuple(optional)) or needed(find.found.types):
        raise Unsupported("a required part that looks at an optional one")
    writing = Writing(run, names, used_predicates)
    anchors = Anchors(run, Moves(run))
    looked_at = used((find.test, find.found, find.tail)) | frozenset(find.tail.things)
    late: list[Late] = []
    shown = [one.name for one in find.variables if not one.optional]
    wanted = [name for name in shown if name in looked_at or name == shown[0]]
    for variable in find.variables:
        if variable.sort == "route" and variable.name in looked_at:
            raise Unsupported("a range of hops that is named")
    stages = Stages(writing, anchors, wanted=looked_at, late=late)
    root, lines = stages.find(find, required, wanted)
    columns = [Column(name, writing.things[name]) for name in wanted]
    for part in parts:
        lines += _optional(
            part,
            root=root,
            writing=writing,
            anchors=anchors,
            find=find,
            looked_at=looked_at,
            columns=columns,
        )
    known = {one.thing.var for one in columns}
    for one in late:
        things = [one.this, *(writing.things[name] for name in sorted(needed(one.test)))]
        columns += [Column(f"\0{thing.var}", thing) for thing in things if thing.var not in known]
        known |= {thing.var for thing in things}
    returned = ", ".join(_cell(one.thing) for one in columns)
    inner = [*lines, f"RETURN DISTINCT {returned}"]
    if writing.sets:
        inner = [*(text for _, text in writing.sets), called(writing.imports(), inner), f"RETURN {_names(columns)}"]
    return Statement("\n".join(inner), writing.parameters, tuple(columns), tuple(late))


def _optional(
    part: ir.Optional,
    *,
    root: str,
    writing: Writing,
    anchors: Anchors,
    find: ir.Find,
    looked_at: frozenset[str],
    columns: list[Column],
) -> list[str]:
    sorts = {one.name: one.sort for one in find.variables}
    given_names = [name for name in sorted(given(part)) if name in looked_at]
    if not given_names:
        return []
    before = dict(writing.things)
    stages = Stages(writing, anchors, wanted=looked_at)
    lines = stages.part(root, anchors.types(find.found), part.chain, given_names)
    imports = dict.fromkeys([root, *(before[name].var for name in sorted(needed(part.chain))), *writing.imports()])
    things = [writing.things[name] for name in given_names]
    if any(sorts[name] == "route" for name in given_names):
        raise Unsupported("a range of hops that is named")
    columns += [Column(name, thing) for name, thing in zip(given_names, things, strict=True)]
    lines.append(f"RETURN DISTINCT {', '.join(thing.var for thing in things)}")
    return [called(imports, lines, optional=True)]


def _cell(thing: Thing) -> str:
    var = thing.var
    if thing.sort == "entity":
        return f"{var}._number AS {var}n"
    return (
        f"{var}._number AS {var}n, type({var}) AS {var}t, startNode({var})._number AS {var}a,"
        f" endNode({var})._number AS {var}b, properties({var}) AS {var}p"
    )


def width(thing: Thing) -> int:
    """Return how many cells a thing takes in a row."""
    return 1 if thing.sort == "entity" else 5


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(
        f"{one.thing.var}{letter}" for one in columns for letter in ("n" if one.thing.sort == "entity" else "ntabp")
    )
