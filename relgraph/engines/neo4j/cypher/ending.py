"""What a statement does of the tail of a question itself: a count, counts by group, or the first rows in order.

Only what the server does exactly as the language says is left to it. The first rows are a bound on what is fetched:
the shared code orders and cuts them again, and where a text could be ordered otherwise by the server than here, all
rows are fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from relgraph.engines.neo4j.cypher.writing import Thing
from relgraph.engines.neo4j.names import quoted, token
from relgraph.engines.neo4j.rows import INDEXED
from relgraph.network.execute.names import counts_in, looked_at, parts_of, remembered, used
from relgraph.network.execute.run import Run
from relgraph.query import ir

_NUMBERS: Final = frozenset(("integer", "decimal", "percent", "date"))
_GROUPED: Final[Mapping[str, type]] = {"text": str, "integer": int, "boolean": bool}
"""The kinds that groups are made by, and what the server gives of each."""
_SAME: Final = "\ud800"
"""Texts whose characters are all before this one have one order, whether units or code points are compared."""

Var = Callable[[str], str]
"""Gives the variable that stands for a name."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """One number: how many things there are."""

    name: str

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the things that the statement is to bind."""
        return frozenset((self.name,))

    def returned(self, var: Var) -> dict[str, str]:
        """Return the expressions of the only row, by the names they go by."""
        return {"n": f"count({var(self.name)})"}


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """A row for each group: the values that make it, then its counts."""

    keys: tuple[ir.Attribute, ...]
    counts: tuple[ir.Aggregate, ...]

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the things that the statement is to bind."""
        return used((self.keys, self.counts))

    def returned(self, var: Var) -> dict[str, str]:
        """Return the expressions of each row, by the names they go by."""
        found = {f"k{index}": _held(one, var) for index, one in enumerate(self.keys)}
        found |= {f"n{index}": f"count(DISTINCT {var(one.over[0])})" for index, one in enumerate(self.counts)}
        return found

    def good(self, rows: Sequence[Sequence[Any]]) -> bool:
        """Return whether the values are such as the kinds of the fields say."""
        kinds = [_GROUPED[one.kind] for one in self.keys]
        return all(
            value is None or type(value) is kind for row in rows for value, kind in zip(row, kinds, strict=False)
        )


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """The first rows in the order of the question, and how many of them."""

    keys: tuple[tuple[ir.Attribute, bool], ...]
    things: tuple[str, ...]
    count: int

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the things that the statement is to bind."""
        return frozenset(self.things)

    def order(self, things: Mapping[str, Thing]) -> str:
        """Return what orders the rows."""

        def var(name: str) -> str:
            return things[name].var

        parts = []
        for key, descending in self.keys:
            held = _held(key, var)
            parts += [f"{held} IS NULL", f"{held}{' DESC' if descending else ''}"]
        for name in self.things:
            parts += [f"{var(name)}._caption"] if things[name].sort == "entity" else []
            parts.append(f"{var(name)}.id")
        return ", ".join(parts)

    def is_sure(self, texts: Sequence[object], captions: Sequence[Mapping[str, Any]]) -> bool:
        """Return whether no row can be missing for being ordered otherwise here.

        ``texts`` are those of the fetched rows that order them; ``captions`` the properties of the last one's entities,
        whose captions rows that were not fetched may share as far as these are indexed.
        """
        if any(isinstance(one, str) and not one.isascii() and max(one) >= _SAME for one in texts):
            return False
        return all(len(str(one.get("_caption", ""))) < INDEXED for one in captions)

    @property
    def texts(self) -> tuple[ir.Attribute, ...]:
        """The texts that rows are ordered by."""
        return tuple(key for key, _ in self.keys if key.kind == "text")


Ending = Counted | Grouped | First


@dataclass(frozen=True, slots=True, eq=False)
class _Ordered:
    """Rows in order: how, and the first of them by their count."""

    keys: tuple[tuple[ir.Attribute, bool], ...]
    things: tuple[str, ...]
    made: dict[int, First] = field(default_factory=dict)

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the things that the statement is to bind."""
        return frozenset(self.things)

    def first(self, count: int) -> First:
        """Return the first so many rows: each time the same object, by which texts are kept."""
        found = self.made.get(count)
        if found is None:
            found = self.made[count] = First(self.keys, self.things, count)
        return found


def ending(run: Run, find: ir.Find) -> Ending | None:
    """Return what the statement of a find can do of its tail itself; None where that is nothing."""
    if not run.limits.rows:
        return None
    found = _planned(find)
    if not isinstance(found, _Ordered):
        return found
    tail = find.tail
    limit, skip = (run.parameter(one) if isinstance(one, ir.Parameter) else one for one in (tail.limit, tail.skip))
    if limit is not None and limit > run.limits.most_rows:
        return None
    return found.first((run.limits.rows if limit is None else limit) + (skip or 0) + 1)


@remembered
def _planned(find: ir.Find) -> Counted | Grouped | _Ordered | None:
    tail = find.tail
    required = {one.name: one.sort for one in find.variables if not one.optional and one.sort != "route"}
    if tail.distinct or tail.per is not None or counts_in(tail):
        return None
    found = _grouped(tail) if tail.grouping is not None else _ordered(find, required)
    return found if found is not None and found.wanted <= required.keys() else None


def _grouped(tail: ir.Tail) -> Counted | Grouped | None:
    counts = tuple(dict.fromkeys(one for one in parts_of(tail) if isinstance(one, ir.Aggregate)))
    if not all(_counts_things(one) for one in counts):
        return None
    if not tail.grouping:
        only = tail.columns[0].value if len(tail.columns) == 1 else None
        plain = not tail.order and tail.having is None and tail.limit is None and tail.skip is None
        return Counted(only.over[0]) if plain and isinstance(only, ir.Aggregate) else None
    keys = tuple(one for one in tail.grouping if isinstance(one, ir.Attribute))
    if len(keys) < len(tail.grouping or ()) or not all(_is_plain(one) and one.kind in _GROUPED for one in keys):
        return None
    shown = [*(one.value for one in tail.columns), *(one.value for one in tail.order)]
    if tail.having is not None or not all(one in keys or one in counts for one in shown):
        return None
    return Grouped(keys, counts)


def _counts_things(one: ir.Aggregate) -> bool:
    if one.function != "count" or len(one.over) != 1:
        return False
    return not one.arguments or (
        len(one.arguments) == 1 and isinstance(one.arguments[0], ir.Ref) and one.arguments[0].name == one.over[0]
    )


def _ordered(find: ir.Find, required: Mapping[str, str]) -> _Ordered | None:
    tail = find.tail
    if tail.having is not None or looked_at(tail) != frozenset(tail.things):
        return None
    if any(required.get(name) == "relation" and _kinds(find, name) != 1 for name in tail.things):
        # relations are ordered by predicate first
        return None
    keys = []
    for one in tail.order:
        if not isinstance(one.value, ir.Attribute) or not _is_plain(one.value):
            return None
        if one.value.kind not in _NUMBERS and one.value.kind != "text":
            return None
        keys.append((one.value, one.descending))
    return _Ordered(tuple(keys), tail.things)


def _is_plain(one: ir.Attribute) -> bool:
    return not one.builtin and not one.many and isinstance(one.of, ir.Ref)


def _kinds(find: ir.Find, name: str) -> int:
    """Return of how many predicates a named relation can be, as far as that is plain."""
    steps = [one for one in parts_of((find.test, find.found)) if isinstance(one, ir.Step) and one.name == name]
    if len(steps) != 1 or len(steps[0].alternatives) != 1 or not isinstance(steps[0].alternatives[0], ir.Stored):
        return 0
    return len(steps[0].alternatives[0].predicates)


def _held(one: ir.Attribute, var: Var) -> str:
    of = one.of
    return f"{var(of.name if isinstance(of, ir.Ref) else '')}.{quoted(token(one.name))}"
