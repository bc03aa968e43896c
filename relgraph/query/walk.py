"""Walking over questions without recursion, so that no text is too deep for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from relgraph.query.syntax import Chain, Node

_SLOTS: Final[dict[type[Node], tuple[str, ...]]] = {}


def _slots(kind: type[Node]) -> tuple[str, ...]:
    if kind not in _SLOTS:
        _SLOTS[kind] = tuple(one.name for one in fields(kind) if one.name != "span")
    return _SLOTS[kind]


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes right under a node, in the order of its fields."""
    for name in _slots(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for one in value:
                if isinstance(one, Node):
                    yield one


def nodes(root: Node) -> Iterator[Node]:
    """Yield a node and all below it, outer ones first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(children(node))))


def depth(root: Node) -> int:
    """Return how many levels of nodes there are."""
    level, layer = 0, [root]
    while layer:
        level += 1
        layer = [below for node in layer for below in children(node)]
    return level


def longest_chain(root: Node) -> Chain:
    """Return the chain with the most links, or an empty one where there is none."""
    chains = (node for node in nodes(root) if isinstance(node, Chain))
    return max(chains, key=lambda one: len(one.links), default=Chain(()))
