"""The page about what each store can do, from what the stores declare."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from docs.making.words import cell, table
from relgraph.engines.base import Capability
from relgraph.engines.neo4j.store import CAPABILITIES as SERVER
from relgraph.engines.sqlite.store import CAPABILITIES as EMBEDDED

CASES = Path(__file__).parents[2] / "tests" / "conformance"
INTRODUCTION = """\
# What each store can do

Both stores give the same rows in the same order, the same errors and the same history: the cases of
`tests/conformance` run on each. What one of them cannot do is declared, and asking for it raises
[CapabilityError](errors.md#capabilityerror). `graph.capabilities` lists the declarations of an open network.
[Two stores](../explanation/two-stores.md) says how they differ inside.
"""
GAPS = """
## Cases that a store does not pass

A case of the suite that a store is declared not to pass carries a mark that says why, and this table is made of the
marks. What only Neo4j's Enterprise edition has is no case of the suite: it stands above as what the server store does
not do.
"""


def page() -> str:
    """Return the page."""
    embedded, server = ({one.name: one for one in held} for held in (EMBEDDED, SERVER))
    rows: list[tuple[str, ...]] = [
        (cell(name), _held(embedded.get(name)), _held(server.get(name))) for name in dict.fromkeys([*embedded, *server])
    ]
    declared: list[tuple[str, ...]] = [tuple(map(cell, one)) for one in gaps(CASES)]
    told = (
        table(("case", "store", "why"), declared) if declared else "No case carries one: both stores pass them all.\n"
    )
    return f"{INTRODUCTION}\n{table(('what', 'SQLite file', 'Neo4j'), rows)}{GAPS}\n{told}"


def gaps(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the cases in a folder of tests that are marked as a gap: in words, the store, and why."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.gap":
                    store, why = (str(ast.literal_eval(one)) for one in mark.args)
                    yield node.name.removeprefix("test_").replace("_", " "), store, why


def _held(capability: Capability | None) -> str:
    if capability is None:
        return "–"
    said = "yes" if capability.held else "no"
    return cell(f"{said}: {capability.why}" if capability.why else said)
