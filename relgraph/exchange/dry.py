"""A store for dry runs: everything is read, prepared and checked as ever, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relgraph.engines.base import Store
from relgraph.model.ports import Writer


class Checked(Exception):
    """Raised in the place of writing: every rule has held."""


class DryStore:
    """Stands for a store; a transaction on it ends with :class:`Checked` instead of a commit."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[_DryWriter]:
        """Take the lock as for writing; what is done in between is taken back."""
        with self._store.write() as writer:
            yield _DryWriter(writer)


class _DryWriter:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def commit(self, *_: object) -> None:
        raise Checked
