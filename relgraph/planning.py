"""Changing the vocabulary of a network that has data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relgraph.engines.base import Finding, Store


class Planning:
    """Plans for one store."""

    def __init__(self, store: Store, *, actor: str | None = None) -> None:
        self._store = store
        self._actor = actor

    def broken(self) -> Iterator[Finding]:
        """Yield what in the data breaks a rule."""
        yield from ()

    def plan(self, new: Any) -> Any:
        """Plan."""
        raise LookupError(new)

    def apply(self, plan: Any, policy: Any) -> str | None:
        """Apply."""
        raise LookupError(plan, policy)

    def define(self, *parts: Any) -> None:
        """Define."""
        raise LookupError(parts)
