"""Run the programs: ``python -m bench [name ...] [--size small|medium|large] [--json FILE] [--stores FOLDER]``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

from bench import stores
from bench.measure import SIZES
from bench.table import machine

PROGRAMS = {
    "bulk": "a load with every rule on against a plain executemany of the same rows",
    "single": "one durable write against the bare statements of it",
    "questions": "questions against arrays, networkx, rustworkx and SQL",
    "opening": "opening, memory, and five hundred predicates added",
    "pages": "the web pages: on the server, by weight, and in a browser",
}
"""The programs that give tables, in the order they run; each module has ``tables(size)``."""

SERVED = {
    "neo4j": "questions and a load on a Neo4j server, against hand-written Cypher and neomodel",
}
"""The programs that give tables too, and need a server: run where they are named."""

ALONE = {
    "imports": "what importing the library takes and loads",
    "network": "the arrays and the walks over them",
    "rules": "what each rule costs",
    "web": "the pages under fifty readers and a writer, one server process beside two",
}
"""The programs that look at one part by itself, and print; each module has ``main()``."""


def main() -> None:
    """Run what was asked for: by default the programs that compare, at the middle size."""
    known = {**PROGRAMS, **SERVED, **ALONE}
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure relgraph beside its peers, on the same rows and in the same run.",
        epilog="\n".join(f"{name:10} {text}" for name, text in known.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name", nargs="*", choices=[*known, []], help="the programs to run (all that compare and need no server)"
    )
    parser.add_argument("--size", choices=SIZES, default="medium", help="how large the networks are (medium)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables there too")
    parser.add_argument("--stores", type=Path, metavar="FOLDER", help="keep loaded files there for the next run")
    asked = parser.parse_args()
    if asked.stores is not None:
        stores.KEPT.append(asked.stores)
    size = SIZES[asked.size]
    print(f"{machine()}\n{size}", flush=True)
    found = []
    for name in asked.name or PROGRAMS:
        module = importlib.import_module(f"bench.{name}")
        print(f"\n## {known[name][0].upper()}{known[name][1:]}: {name}", flush=True)
        if name in ALONE:
            sys.argv = [name]
            module.main()
            continue
        for table in module.tables(size):
            print(f"\n{table}", flush=True)
            found.append({"program": name, **table.to_dict()})
    if asked.json is not None:
        shown = {"machine": machine(), "size": str(size), "tables": found}
        asked.json.write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
