"""The form of a question: the parts of its tests, the names that they give and need, and values put in their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from relgraph.query import ir


def flat(test: ir.Test) -> Iterator[ir.Test]:
    """Yield the tests that all must hold, without the brackets among them."""
    if isinstance(test, ir.All):
        for part in test.parts:
            yield from flat(part)
    else:
        yield test


def nodes(node: Any) -> Iterator[Any]:
    """Yield a part of a question and all that is in it."""
    if isinstance(node, tuple):
        for one in node:
            yield from nodes(one)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        for one in fields(node):
            yield from nodes(getattr(node, one.name))


def given(node: Any) -> set[str]:
    """Return the names that a part of a question gives."""
    return {one.name for one in nodes(node) if isinstance(one, ir.Pattern | ir.Step) and one.name is not None}


def needed(node: Any) -> set[str]:
    """Return the names that must be known before a part of a question can be tested."""
    looked = {one.name for one in nodes(node) if isinstance(one, ir.Ref | ir.Same)}
    return looked - given(node)


def filled(node: Any, ready: dict[int, Any]) -> Any:
    """Return an expression with the aggregates worked out."""
    if isinstance(node, tuple):
        return tuple(filled(one, ready) for one in node)
    if id(node) in ready:
        return ir.Constant(ready[id(node)], node.kind)
    if not is_dataclass(node) or isinstance(node, type) or type(node).__module__ != ir.__name__:
        return node
    return type(node)(**{one.name: filled(getattr(node, one.name), ready) for one in fields(node)})
