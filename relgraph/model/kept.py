"""Following merges."""

from __future__ import annotations

from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow


def kept(reader: Reader, row: EntityRow | None) -> EntityRow | None:
    """Return the entity that one was merged into, however often; itself where it was not, None where that is gone."""
    passed: set[int] = set()
    while row is not None and row.merged_into is not None:
        passed.add(row.number)
        # a ring of merges, as only another program writes one, leads nowhere
        row = None if row.merged_into in passed else reader.entities([row.merged_into]).get(row.merged_into)
    return row
