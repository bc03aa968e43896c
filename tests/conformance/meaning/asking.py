"""How the rules are asked about: rows with things as their names, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

import relgraph


def said(value: Any) -> Any:
    match value:
        case relgraph.Entity():
            return value.name
        case relgraph.Relation():
            return f"{value.subject.name} {value.predicate} {value.object.name}"
        case relgraph.Path():
            return "-".join(one.name for one in value.entities)
        case relgraph.Money() | relgraph.Percent() | relgraph.PartialDate():
            return str(value)
        case tuple():
            return tuple(said(one) for one in value)
        case _:
            return value


def rows(market: relgraph.View, text: str, **parameters: Any) -> list[Any]:
    """Return rows with things as their names; rows of one column as the value."""
    found = [tuple(said(one) for one in row) for row in market.query(text, **parameters)]
    return [row[0] if len(row) == 1 else row for row in found]


def refused(market: relgraph.View, text: str, **parameters: Any) -> relgraph.QueryError:
    with pytest.raises(relgraph.QueryError) as caught:
        market.query(text, **parameters)
    return caught.value
