"""A network from one store to another, with its history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from relgraph.engines.base import Store
from relgraph.errors import StoreError
from relgraph.exchange.jsonl import export_jsonl
from relgraph.exchange.jsonl_read import import_jsonl

Progress = Callable[[int, int], object]


def copy_network(
    source: Store, target: Store, *, history: bool = True, progress: Progress | None = None
) -> dict[str, int]:
    """Copy everything into an empty store, compare the counts and check it; return how many lines of each kind.

    Raises StoreError where the counts of the two differ afterwards, or the copy is not sound.
    """
    with TemporaryDirectory(prefix="relgraph-copy-") as folder:
        path = Path(folder) / "network.jsonl"
        export_jsonl(source, path, history=history)
        counts = import_jsonl(target, path, progress=progress)
    with source.read() as left, target.read() as right:
        for what, one, other in (
            ("entities", left.count_entities(None), right.count_entities(None)),
            ("relations", left.count_relations(None), right.count_relations(None)),
        ):
            if one != other:
                raise StoreError(f"{one:,} {what} were copied but {other:,} arrived in {target.name}")
    wrong = [one.message for one in target.check()]
    if wrong:
        raise StoreError(
            f"what arrived in {target.name} is not sound: {wrong[0]}",
            hint="`relgraph check` lists it all",
            details={"findings": wrong[:20]},
        )
    return counts
