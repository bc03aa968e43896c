"""Which names a part of a question gives, and which it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, TypeVar

from relgraph.query import ir

Node = Any

Found = TypeVar("Found")
_KEPT = 4096


Other = TypeVar("Other")


def remembered(function: Callable[[Node], Found]) -> Callable[[Node], Found]:
    """Remember what was found for a node, by identity: hashing a question's parts costs more than looking at them."""
    beside = remembered_beside(lambda node, _: function(node))

    @wraps(function)
    def remembering(node: Node) -> Found:
        return beside(node, None)

    return remembering


def remembered_beside(function: Callable[[Node, Other], Found]) -> Callable[[Node, Other], Found]:
    """Remember what was found for a node and something beside it, both by identity."""
    held: dict[int, tuple[Node, Other, Found]] = {}

    @wraps(function)
    def remembering(node: Node, other: Other) -> Found:
        known = held.get(id(node))
        if known is not None and known[0] is node and known[1] is other:
            return known[2]
        found = function(node, other)
        if len(held) >= _KEPT:
            held.clear()
        held[id(node)] = (node, other, found)
        return found

    return remembering


def parts_of(node: Node) -> Iterator[Node]:
    """Yield a node of the IR and all nodes inside it, outer ones first."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif is_dataclass(one) and not isinstance(one, type):
            if type(one).__module__ != ir.__name__:
                continue
            yield one
            waiting.extend(reversed([getattr(one, slot.name) for slot in fields(one)]))


@remembered
def given(node: Node) -> frozenset[str]:
    """Return the names that steps and entities inside a part introduce."""
    return frozenset(one.name for one in parts_of(node) if isinstance(one, ir.Pattern | ir.Step) and one.name)


@remembered
def used(node: Node) -> frozenset[str]:
    """Return the names that a part looks at, those that it gives itself included."""
    found = set()
    for one in parts_of(node):
        match one:
            case ir.Ref(name) | ir.Same(name):
                found.add(name)
            case ir.Aggregate(over=over):
                found.update(over)
            case _:
                pass
    return frozenset(found)


@remembered
def needed(node: Node) -> frozenset[str]:
    """Return the names that a part takes from outside."""
    return used(node) - given(node)


def giving(optional: Sequence[ir.Optional], names: Iterable[str]) -> tuple[ir.Optional, ...]:
    """Return the optional parts that give one of some names, and those that such a part looks at, in their order."""
    asked = set(names)
    parts: list[ir.Optional] = []
    for part in reversed(optional):
        if given(part) & asked:
            parts.append(part)
            asked |= needed(part)
    return tuple(parts[::-1])


@remembered
def counts_in(node: Node) -> tuple[ir.CountRelated, ...]:
    """Return the counts of related things that a part asks for."""
    return tuple(one for one in parts_of(node) if isinstance(one, ir.CountRelated))


@remembered
def looked_at(tail: ir.Tail) -> frozenset[str]:
    """Return the names that the columns and the order of a question without groups look at, and its things."""
    return used((tail.columns, tail.order, tail.per)) | frozenset(tail.things)


def refers_outside(step: ir.Step) -> bool:
    """Return whether a test on the relations of a step looks at something of the row."""
    return bool(used(step))


def holds_more(links: Sequence[ir.Link]) -> bool:
    """Return whether some positions of a chain have more to them than which entities may stand there."""
    return any(not isinstance(one.target, ir.Pattern) or one.target.inner is not None for one in links)
