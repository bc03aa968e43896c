"""Which rules are for a row: where all rules of an input ask the same column, its value leads to them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from relgraph.exchange.cells import as_text, look_up
from relgraph.exchange.mapping import EntityRule, RelationRule
from relgraph.exchange.readers import Row

Rule = TypeVar("Rule", EntityRule, RelationRule)


class Dispatch(Generic[Rule]):
    """The rules of a mapping by input, each with its place; rows of many kinds in one file find theirs quickly.

    The rules given for a row may still ask other conditions.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._all: dict[str, list[tuple[int, Rule]]] = {}
        for place, rule in enumerate(rules):
            self._all.setdefault(rule.input, []).append((place, rule))
        self._tables: dict[str, tuple[str, dict[str, list[tuple[int, Rule]]]]] = {}
        for name, mine in self._all.items():
            column = _common_column([rule for _, rule in mine])
            if column is not None and len(mine) > 1:
                table: dict[str, list[tuple[int, Rule]]] = {}
                for place, rule in mine:
                    for value in rule.filters.only_if[0].among or ():
                        table.setdefault(value, []).append((place, rule))
                self._tables[name] = column, table

    def of(self, name: str, row: Row) -> Sequence[tuple[int, Rule]]:
        """Return the rules that may take a row of an input, in the order of the mapping."""
        found = self._tables.get(name)
        if found is None:
            return self._all.get(name, ())
        column, table = found
        value = look_up(row.values, column)
        if isinstance(value, (bytes, dict, list)):
            return self._all[name]
        return table.get("" if value is None else as_text(value), ())


def _common_column(rules: Sequence[EntityRule | RelationRule]) -> str | None:
    """Return the column that the first condition of every rule asks for its value, None where they differ."""
    columns = set()
    for rule in rules:
        asked = rule.filters.only_if
        if not asked or asked[0].among is None:
            return None
        columns.add(asked[0].column)
    return columns.pop() if len(columns) == 1 else None
