"""Data in and out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relgraph.errors import LoadError

if TYPE_CHECKING:
    from relgraph.exchange.mapping import ImportMapping
    from relgraph.exchange.report import Report
    from relgraph.graph import Graph

FORMATS = {".jsonl": "jsonl", "": "csv"}
"""What a path's ending says of the format; a path without one is a folder of CSV files."""


def load_into(graph: Graph, mapping: ImportMapping | str | PathLike[str], **options: Any) -> Report:
    """Run a mapping file; see :func:`relgraph.exchange.load.load`."""
    from relgraph.exchange.load import load  # noqa: PLC0415 - readers are loaded when used

    return load(graph, Path(mapping) if isinstance(mapping, (str, PathLike)) else mapping, **options)


def export_from(graph: Graph, path: Path, *, format_name: str | None = None, **options: Any) -> dict[str, int]:
    """Write a network in a format, by name or by the path's ending."""
    name = format_name or FORMATS.get(path.suffix)
    match name:
        case "jsonl":
            from relgraph.exchange.jsonl import export_jsonl  # noqa: PLC0415 - writers are loaded when used

            return export_jsonl(graph.store, path, **options)
        case "csv":
            from relgraph.exchange.csv_out import export_csv  # noqa: PLC0415

            return export_csv(graph, path, **options)
        case _:
            raise LoadError(
                f"there is no format {name or path.suffix!r}",
                hint="write jsonl (loss-free) or csv",
                candidates=["jsonl", "csv"],
            )


def load_export(graph: Graph, path: Path, **options: Any) -> dict[str, int]:
    """Read what :func:`export_from` wrote, a .jsonl file or a folder of CSV, into an empty network."""
    if path.is_dir():
        from relgraph.exchange.csv_in import import_csv  # noqa: PLC0415 - loaded when used

        return import_csv(graph.store, path, **options)
    from relgraph.exchange.jsonl_read import import_jsonl  # noqa: PLC0415

    return import_jsonl(graph.store, path, **options)


def copy(source: Graph, target: Graph, /, **options: Any) -> dict[str, int]:
    """Copy a network with its history into another, empty one; return how many lines of each kind were copied.

    >>> import relgraph
    >>> words = relgraph.vocabulary(relgraph.entity_type("Company", fields={"name": "text"}))
    >>> with relgraph.open(vocabulary=words) as one, relgraph.open() as other:
    ...     _ = one.add("Company", name="ACME")
    ...     counts = relgraph.copy(one, other)
    ...     other.entity("ACME").type
    'Company'
    """
    from relgraph.exchange.copying import copy_network  # noqa: PLC0415 - loaded when used

    return copy_network(source.store, target.store, **options)
