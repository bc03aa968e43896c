"""What a test may look at that a thing lacks, or that says neither yes nor no, as a condition on the thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from relgraph.engines.neo4j.cypher.comparisons import either
from relgraph.engines.neo4j.cypher.writing import Writing
from relgraph.engines.neo4j.names import quoted, token
from relgraph.engines.neo4j.values import currency_property, precision_property
from relgraph.network.execute.names import parts_of
from relgraph.network.execute.run import Run
from relgraph.query import ir
from relgraph.values import Money

ALWAYS: Final = frozenset(
    ("id", "name", "type", "degree", "predicate", "subject", "object", "recorded_at", "recorded_by")
)
"""What is never missing where it is built in."""


class Lacking:
    """Writes such conditions in one statement."""

    def __init__(self, run: Run, writing: Writing) -> None:
        self._run = run
        self._writing = writing

    def condition(self, var: str, attributes: Sequence[ir.Attribute], tests: Sequence[ir.Test]) -> str | None:
        """Return when one of some attributes may be missing or uncertain, None where none ever is."""
        conditions = [
            text
            for one in dict.fromkeys(attributes)
            if isinstance(one.of, ir.This) and (text := self._may_be_lacking(var, one, tests)) is not None
        ]
        return either(*conditions) if conditions else None

    def _may_be_lacking(self, var: str, one: ir.Attribute, tests: Sequence[ir.Test]) -> str | None:
        held = f"{var}.{quoted(one.name if one.builtin else token(one.name))}"
        if one.builtin and one.name in ALWAYS:
            return None
        if one.many:
            return f"({held} IS NULL OR size({held}) = 0)"
        if one.kind == "partial date":
            precision = f"_{one.name}_precision" if one.builtin else precision_property(one.name)
            return f"({held} IS NULL OR {var}.{quoted(precision)} IS NOT NULL)"
        if one.kind == "money":
            currencies = self._currencies(tests)
            if currencies is None:
                return "true"
            listed = self._writing.value(currencies)
            return f"({held} IS NULL OR NOT {var}.{quoted(currency_property(one.name))} IN {listed})"
        return f"{held} IS NULL"

    def _currencies(self, tests: Sequence[ir.Test]) -> list[str] | None:
        """Return the one currency of all amounts that tests compare with, None where there are several or others."""
        found = set[str]()
        for one in parts_of(tuple(tests)):
            value = one.value if isinstance(one, ir.Constant) else None
            if isinstance(one, ir.Parameter) and one.kind == "money":
                value = self._run.parameter(one)
            if isinstance(value, Money):
                found.add(value.currency)
            elif isinstance(one, ir.Parameter) and one.kind == "money":
                return None
        return sorted(found) if len(found) == 1 else None


def attributes_of(test: ir.Test) -> Iterator[ir.Attribute]:
    """Yield the attributes that a test looks at."""
    return (one for one in parts_of(test) if isinstance(one, ir.Attribute))
