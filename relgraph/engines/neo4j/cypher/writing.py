"""A statement while it is written: its parameters, its fresh names, and the sets that stand before it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from relgraph.engines.neo4j.names import Names
from relgraph.network.execute.run import Run
from relgraph.query import ir

INTEGERS = range(-(2**63), 2**63)


class Unsupported(Exception):
    """A part of a question that is not put to the server as Cypher; the reason is for people."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What a name of the question stands for in the statement."""

    var: str
    sort: Literal["entity", "relation"]


class Writing:
    """One statement. Values become parameters and never text; every name in the text is given out here."""

    def __init__(self, run: Run, names: Names, used: frozenset[str], *, hidden: bool = True) -> None:
        self.run = run
        self.hidden = hidden
        self.names = names
        self.used = used
        self.parameters: dict[str, Any] = {}
        self.things: dict[str, Thing] = {}
        self.sets: list[tuple[str, str]] = []
        self.anchors: dict[str, tuple[ir.Member, ...]] = {}
        self._known: dict[Hashable, str] = {}
        self._count: dict[str, int] = {}

    def fresh(self, prefix: str) -> str:
        """Return a variable that nothing else has."""
        count = self._count[prefix] = self._count.get(prefix, -1) + 1
        return f"{prefix}{count}"

    def imports(self) -> list[str]:
        """Return the variables of the sets that stand before the statement."""
        return [name for name, _ in self.sets]

    def value(self, value: Any) -> str:
        """Return the parameter that holds a value; equal values share one."""
        told = _told(value)
        key = (type(value).__name__, tuple(told) if isinstance(told, list) else told)
        if key not in self._known:
            name = f"p{len(self._known)}"
            self.parameters[name] = told
            self._known[key] = f"${name}"
        return self._known[key]

    def live(self, var: str) -> str:
        """Return the condition that an entity is neither in the trash nor merged into another."""
        return f"{var}._state IS NULL" if self.hidden else "true"

    def anchored(self, var: str, members: tuple[ir.Member, ...]) -> str:
        """Return the condition that an entity is one of those that are named.

        Where nobody has looked for them, the statement does, and whoever runs it sees whether they are there.
        """
        ids = self.run.said(members)
        key = "_number" if ids is None else "id"
        name = next((name for name, some in self.anchors.items() if some == members), None)
        if name is None:
            name = f"a{len(self.anchors)}"
            self.anchors[name] = members
            self.parameters[name] = anchor(self.run, members)
        return f"{var}.{key} {'IN' if isinstance(self.parameters[name], list) else '='} ${name}"

    def size(self, members: tuple[ir.Member, ...]) -> int:
        """Return how many entities are named."""
        ids = self.run.said(members)
        return len(self.run.numbers_of(members)) if ids is None else len(ids)

    def thing(self, of: ir.This | ir.Ref, this: Thing | None) -> Thing:
        """Return what a reference stands for."""
        if isinstance(of, ir.This):
            if this is None:
                raise Unsupported("nothing is under test here")
            return this
        found = self.things.get(of.name)
        if found is None:
            raise Unsupported(f"'{of.name}' is no entity or relation of a required part")
        return found

    def holds_on(self, relation: str, when: ir.Validity) -> list[str]:
        """Return the conditions that a relation takes part at a time."""
        period = self.run.period(when)
        if period is None:
            return []
        first, after = period
        if first < 1 or after > date.max.toordinal():
            raise Unsupported("a time at the edge of the calendar")
        start, last = self.value(date.fromordinal(first)), self.value(date.fromordinal(after - 1))
        return [
            f"({relation}.since IS NULL OR {relation}.since <= {last})",
            f"({relation}.until IS NULL OR {relation}.until > {start})",
        ]


def anchor(run: Run, members: tuple[ir.Member, ...]) -> Any:
    """Return what a parameter for named entities takes: their ids where nobody has looked for them, else numbers."""
    ids = run.said(members)
    found: list[Any] = run.numbers_of(members).tolist() if ids is None else list(ids)
    return found[0] if len(found) == 1 else found


def _told(value: Any) -> Any:
    match value:
        case bool() | str() | datetime() | date():
            return value
        case int():
            if value not in INTEGERS:
                raise Unsupported("a whole number beyond 64 bits")
            return int(value)
        case Decimal():
            number = float(value)
            if Decimal(repr(number)) != value:
                raise Unsupported("a number of more digits than a field holds")
            return number
        case list() | tuple():
            return [_told(one) for one in value]
        case _:
            raise Unsupported(f"a value of the kind {type(value).__name__}")


def shown(parameters: Mapping[str, Any]) -> str:
    """Return parameters in words, one a line."""
    return "\n".join(f"${name} = {value!r}" for name, value in parameters.items())
