"""The page about what each store can do, from what the stores declare."""

from __future__ import annotations

from docs.making.words import cell, table
from relgraph.engines.base import Capability
from relgraph.engines.neo4j.store import CAPABILITIES as SERVER
from relgraph.engines.sqlite.store import CAPABILITIES as EMBEDDED

INTRODUCTION = """\
# What each store can do

Both stores give the same rows in the same order, the same errors and the same history: the cases of
`tests/conformance` run on each. What one of them cannot do is declared, and asking for it raises
[CapabilityError](errors.md#capabilityerror). `graph.capabilities` lists the declarations of an open network.
[Two stores](../explanation/two-stores.md) says how they differ inside.
"""


def page() -> str:
    """Return the page."""
    embedded, server = ({one.name: one for one in held} for held in (EMBEDDED, SERVER))
    rows: list[tuple[str, ...]] = [
        (cell(name), _held(embedded.get(name)), _held(server.get(name))) for name in dict.fromkeys([*embedded, *server])
    ]
    return f"{INTRODUCTION}\n{table(('what', 'SQLite file', 'Neo4j'), rows)}"


def _held(capability: Capability | None) -> str:
    if capability is None:
        return "–"
    said = "yes" if capability.held else "no"
    return cell(f"{said}: {capability.why}" if capability.why else said)
