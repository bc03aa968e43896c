"""A find as one statement with parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from relgraph.engines.neo4j.cypher.ending import Counted, Ending, Grouped
from relgraph.engines.neo4j.cypher.stages import Late, Stages, called
from relgraph.engines.neo4j.cypher.writing import Thing, Unsupported, Writing
from relgraph.engines.neo4j.names import Names, quoted
from relgraph.engines.neo4j.network import CAPTION, field_properties
from relgraph.network.execute.anchors import Anchors
from relgraph.network.execute.moves import Moves
from relgraph.network.execute.names import given, needed, parts_of, used
from relgraph.network.execute.run import Run
from relgraph.query import ir


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the rows holds: the name of the thing in the question, or its variable where it has none.

    ``properties`` are those of an entity that come with it, None for all.
    """

    key: str
    thing: Thing
    properties: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is ready to run: it gives the things of a find, each combination once.

    ``names`` are those of what is returned. ``late`` are the tests that the rows are still to be asked. ``anchors``
    are parameters that take the ids of the entities that members are said to be. ``ending`` is what the statement does
    of the tail itself. Without ``hidden`` the rows are right only where nothing is in the trash or merged.
    """

    text: str
    parameters: dict[str, Any]
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    late: tuple[Late, ...]
    anchors: Mapping[str, tuple[ir.Member, ...]]
    ending: Ending | None
    hidden: bool

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
    run: Run,
    names: Names,
    used_predicates: frozenset[str],
    find: ir.Find,
    parts: Sequence[ir.Optional] = (),
    *,
    ending: Ending | None = None,
    hidden: bool = True,
) -> Statement:
    """Return the statement of a find with some of its optional parts; Unsupported where it cannot be one.

    It does what ``ending`` says, unless there are tests that the rows are still to be asked. Without ``hidden`` it is
    right only where no entity is in the trash or merged.
    """
    required, optional = required_and_optional(find)
    if needed(tuple(required)) & given(tuple(optional)):
        raise Unsupported("a required part that looks at an optional one")
    writing = Writing(run, names, used_predicates, hidden=hidden)
    anchors = Anchors(run, Moves(run))
    looked_at = used((find.test, find.found, find.tail)) | frozenset(find.tail.things)
    late: list[Late] = []
    shown = [one.name for one in find.variables if not one.optional]
    wanted = [name for name in shown if name in (looked_at | {shown[0]} if ending is None else ending.wanted)]
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
    if late and ending is not None:
        return written(run, names, used_predicates, find, parts, hidden=hidden)
    if isinstance(ending, Counted | Grouped):
        return _ended(ending, writing, lines, columns)
    known = {one.thing.var for one in columns}
    for one in late:
        things = [one.this, *(writing.things[name] for name in sorted(needed(one.test)))]
        columns += [Column(f"\0{thing.var}", thing) for thing in things if thing.var not in known]
        known |= {thing.var for thing in things}
    columns = [replace(one, properties=_looked_at(one, find, late)) for one in columns]
    returned = ", ".join(map(_cell, columns))
    inner = _distinct(lines, columns)
    if ending is not None:
        there, order = ", ".join(one.thing.var for one in columns), ending.order(writing.things)
        inner = _in_order(inner, there, order)
        inner.append(f"WITH {there} ORDER BY {order} LIMIT {writing.value(ending.count)}")
    inner.append(f"RETURN {returned}")
    text = _behind_sets(writing, inner, _names(columns))
    cells = tuple(columns)
    return Statement(
        text, writing.parameters, cells, _names(cells), tuple(late), writing.anchors, ending, writing.hidden
    )


def _ended(ending: Counted | Grouped, writing: Writing, lines: list[str], columns: Sequence[Column]) -> Statement:
    """Return the statement of counts."""
    returned = ending.returned(lambda name: writing.things[name].var)
    told = ", ".join(f"{text} AS {name}" for name, text in returned.items())
    text = _behind_sets(writing, [*_distinct(lines, columns), f"RETURN {told}"], tuple(returned))
    return Statement(text, writing.parameters, (), tuple(returned), (), writing.anchors, ending, writing.hidden)


def _distinct(lines: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Return clauses that give things once each: they are made distinct before anything is read of them."""
    distinct = f"WITH DISTINCT {', '.join(one.thing.var for one in columns)}"
    is_last = bool(lines) and (lines[-1] == distinct or lines[-1].startswith(f"{distinct} WHERE "))
    return [*lines, *([] if is_last else [distinct])]


def _in_order(lines: list[str], there: str, order: str) -> list[str]:
    """Return clauses with rows put in order before the last condition, where that looks further than at the rows.

    The server sees that they still are in order afterwards, and asks it only until there are enough.
    """
    distinct, _, condition = lines[-1].partition(" WHERE ")
    if distinct != f"WITH DISTINCT {there}" or not ("EXISTS {" in condition or "COUNT {" in condition):
        return lines
    return [*lines[:-1], f"{distinct} ORDER BY {order}", f"WITH {there} WHERE {condition}"]


def _behind_sets(writing: Writing, lines: list[str], names: Sequence[str]) -> str:
    """Return clauses as a text, behind the sets that they look at."""
    if writing.sets:
        lines = [*(text for _, text in writing.sets), called(writing.imports(), lines), f"RETURN {', '.join(names)}"]
    return "\n".join(lines)


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


def _looked_at(column: Column, find: ir.Find, late: Sequence[Late]) -> frozenset[str] | None:
    """Return the properties of an entity that the rest of the question looks at."""
    if any(one.kind == "entity" and one.value == ir.Ref(column.key, "entity") for one in find.tail.columns):
        return None
    found = set(CAPTION)
    things = [(find.tail, "")] + [(one.test, one.this.var) for one in late]
    for node, this in things:
        for one in parts_of(node):
            if not isinstance(one, ir.Attribute) or one.builtin:
                continue
            if one.of == ir.Ref(column.key, "entity") or (isinstance(one.of, ir.This) and this == column.thing.var):
                found |= set(field_properties(one.name))
    return frozenset(found)


def _cell(column: Column) -> str:
    var = column.thing.var
    if column.thing.sort == "relation":
        return (
            f"{var}._number AS {var}n, type({var}) AS {var}t, startNode({var})._number AS {var}a,"
            f" endNode({var})._number AS {var}b, properties({var}) AS {var}p"
        )
    held = f"properties({var})"
    if column.properties is not None:
        held = f"{var} {{{', '.join(f'.{quoted(one)}' for one in sorted(column.properties))}}}"
    return f"{var}._number AS {var}n, labels({var}) AS {var}l, {held} AS {var}p"


def width(thing: Thing) -> int:
    """Return how many cells a thing takes in a row."""
    return 3 if thing.sort == "entity" else 5


def _names(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(
        f"{one.thing.var}{letter}" for one in columns for letter in ("nlp" if one.thing.sort == "entity" else "ntabp")
    )
