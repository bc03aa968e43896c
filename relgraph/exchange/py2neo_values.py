"""Nodes, relationships and properties of py2neo as Python has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

from relgraph.engines.neo4j.names import token
from relgraph.engines.neo4j.values import bounds, currency_property, driver_time, take
from relgraph.errors import FieldError, StoreUnavailable, ValueProblem
from relgraph.model.entity import end_as_given, start_as_given
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field


class fetching:  # noqa: N801 - read as a word of a with statement
    """Turns what py2neo raises while it fetches a node into an error of relgraph."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, Exception) and type(error).__module__.startswith("py2neo"):
            raise StoreUnavailable(
                f"py2neo could not fetch a node of the Subgraph: {error}",
                hint="give the nodes too: RETURN a, r, b",
                details={"cause": type(error).__name__},
            ) from error


def mark_of(node: Any) -> object:
    """Return what a node is: two objects that stand for one node of a database are one."""
    if node.graph is None or node.identity is None:
        return id(node)
    return node.graph.service.uri, node.graph.name, node.identity


def held_by(thing: Any) -> dict[str, Any]:
    """Return the properties of a node or relationship."""
    # asked by name: a node that is not here yet is fetched when it is asked for its names
    return {name: thing[name] for name in list(thing.keys())}


def described(held: Mapping[str, Any]) -> str:
    """Return properties as a person reads them, relgraph's own left out."""
    shown = ((name, held[name]) for name in sorted(held) if not name.startswith("_"))
    return "{" + ", ".join(f"{name}: {value!r}" for name, value in shown) + "}"


def documents(held: Mapping[str, Any], name: str) -> list[Any]:
    """Return what stands as JSON in a property of relgraph's own, nothing where there is none."""
    text = held.get(name)
    if text is None:
        return []
    try:
        found = json.loads(text)
        return [tuple(one) for one in found]
    except (TypeError, ValueError) as error:
        raise FieldError(
            f"{name} is not as relgraph writes it: {error}", details={"rule": "field", "field": name}
        ) from None


def native(value: Any) -> Any:
    """Return a value as Python has it: days and moments of py2neo come in its own types."""
    if isinstance(value, list | tuple):
        return [native(one) for one in value]
    if type(value).__module__ != "interchange.time":
        return value
    match type(value).__name__:
        case "Date":
            return date(*value.year_month_day)
        case "DateTime":
            hour, minute, second = value.hour_minute_second
            begun = datetime.combine(date(*value.year_month_day), clock(hour, minute))
            found = begun + timedelta(microseconds=round(second * 1e6))
            return found.replace(tzinfo=value.tzinfo)
        case _:
            return str(value)


def value_of(declared: Field, kept: str, value: Any, held: Mapping[str, Any]) -> Any:
    """Return a property as the value of a field; what does not fit comes as it is, for the rules to refuse."""
    given = native(value)
    if isinstance(given, datetime) and given.tzinfo is None:
        return given
    beside = {kept_as: one for kept_as, one in held.items() if kept_as.startswith("_")}
    currency = held.get(currency_property(declared.name), held.get(f"{kept}_currency"))
    if currency is not None:
        beside[currency_property(declared.name)] = currency
    try:
        return load(declared, take(declared, {**beside, token(declared.name): driver_time(given)}))
    except (ValueProblem, TypeError, ValueError, AttributeError, KeyError, IndexError, ArithmeticError):
        return given


def period_of(held: Mapping[str, Any], declared: Mapping[str, Field]) -> dict[str, Any]:
    """Return the bounds that a relationship gives; those of relgraph's own making with how partial they are."""
    found: dict[str, Any] = {}
    given = {name: native(held[name]) for name in ("since", "until") if name in held and name not in declared}
    given = {name: one.date() if isinstance(one, datetime) else one for name, one in given.items()}
    since, until, low, high = bounds({**held, **given})
    for name, kept in (("since", start_as_given(since, low)), ("until", end_as_given(until, high))):
        if name in given:
            found[name] = kept if isinstance(given[name], date) else given[name]
    return found
