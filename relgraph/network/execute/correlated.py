"""Steps whose tests look at something of the row, with that looked up for one row."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar, get_args

from relgraph.network.execute.expressions import Scope, evaluate
from relgraph.network.execute.names import parts_of, used
from relgraph.query import ir

Node = TypeVar("Node")
_EXPRESSIONS = get_args(ir.Expression)


def fixed(node: Node, scope: Scope) -> Node:
    """Return a part of a question in which what it takes from the one row of a scope stands as constants."""
    found: Node = _fixed(node, scope)
    return found


def _fixed(node: Any, scope: Scope) -> Any:
    if isinstance(node, tuple):
        return tuple(_fixed(one, scope) for one in node)
    if type(node).__module__ != ir.__name__ or not used(node):
        return node
    if isinstance(node, _EXPRESSIONS) and not any(isinstance(one, ir.This) for one in parts_of(node)):
        value = evaluate(scope, node)
        return ir.Constant(value.items[int(value.codes[0])], getattr(node, "kind", "entity"))
    return replace(node, **{slot.name: _fixed(getattr(node, slot.name), scope) for slot in fields(node)})
