"""The embedded store: one SQLite file."""

from relgraph.engines.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
