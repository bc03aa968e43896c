"""Loads that are large beside what is there: the indexes are built once behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from relgraph.engines.sqlite.connection import Link
from relgraph.engines.sqlite.schema import RELATION_INDEXES

_LEAST = 20_000


# sorting all rows once costs about what half of them cost when put in one by one, more where much is there already
@contextmanager
def rebuilt_indexes(link: Link, count: int) -> Iterator[None]:
    """Drop the indexes of relations and build them again behind a load, if that is the faster way.

    All of it is part of the transaction: undone, the old indexes are back.
    """
    if count < _LEAST or count < (link.rows("SELECT max(number) FROM relations")[0][0] or 0):
        yield
        return
    for name in RELATION_INDEXES:
        link.run(f"DROP INDEX {name}")
    yield
    for statement in RELATION_INDEXES.values():
        link.run(statement)
