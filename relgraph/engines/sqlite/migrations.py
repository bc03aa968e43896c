"""Steps from each older format of a file to the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from relgraph.engines.sqlite.schema import FORMAT

Step = Callable[[sqlite3.Connection], None]

STEPS: Mapping[int, Step] = {}
"""What brings a file from that format to the next; the first format has nothing before it."""


def migrate(connection: sqlite3.Connection, found: int, steps: Mapping[int, Step] = STEPS, goal: int = FORMAT) -> None:
    """Bring a file from the format found to the goal; runs inside the caller's transaction."""
    for version in range(found, goal):
        steps[version](connection)
    connection.execute(f"PRAGMA user_version = {goal}")
