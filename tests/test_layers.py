"""The house: imports go one way, what is optional is imported in one file, and modules stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "relgraph"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "values", "folding", "ids", "codes"}),
    frozenset({"vocabulary"}),
    frozenset({"model"}),
    frozenset({"query"}),
    frozenset({"network"}),
    frozenset({"engines"}),
    frozenset(
        {
            "result",
            "cells",
            "asking",
            "answering",
            "explaining",
            "reading",
            "view",
            "neighborhood",
            "graph",
            "opening",
            "others",
        }
    ),
    frozenset({"planning", "analysis", "exchange"}),
    frozenset({"cli", "notebook", "__main__"}),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

DOORS = {
    ("graph", "planning"): "graph.plan, apply, define and check open what stands above the graph",
    ("graph", "exchange"): "graph.load, load_export, load_py2neo and export do",
    ("opening", "exchange"): "opening what a Graph of py2neo is connected to does",
    ("graph", "analysis"): "graph's measures do",
    ("others", "exchange"): "view.to_networkx, to_pandas and to_py2neo do",
    ("result", "exchange"): "result.to_py2neo does",
    ("view", "analysis"): "view's measures do",
    ("answering", "analysis"): "a derived predicate with a measure is computed by an analysis",
}
"""Methods through which the façade opens what stands above it, inside the function only."""

OPTIONAL: dict[str, frozenset[str]] = {
    "neo4j": frozenset({"engines/neo4j"}),
    "networkx": frozenset({"exchange", "analysis", "result.py"}),
    "pandas": frozenset({"exchange", "result.py"}),
    "py2neo": frozenset({"exchange"}),
    "interchange": frozenset({"exchange"}),
    "pytz": frozenset({"exchange"}),
    "openpyxl": frozenset({"exchange/readers/xlsx.py", "exchange"}),
    "charset_normalizer": frozenset({"exchange/readers"}),
    "lark": frozenset({"query"}),
    "marshmallow": frozenset({"vocabulary/derive.py"}),
    "yaml": frozenset({"vocabulary", "exchange"}),
    "click": frozenset({"cli"}),
    "rich": frozenset({"cli"}),
    "prompt_toolkit": frozenset({"cli"}),
    "flask": frozenset(),
    "scipy": frozenset({"analysis"}),
}
"""Where each library may be imported, as folders or files under relgraph/."""

HEAVY = (
    "flask",
    "networkx",
    "scipy",
    "neo4j",
    "py2neo",
    "numpy",
    "pandas",
    "lark",
    "marshmallow",
    "yaml",
    "click",
    "rich",
)

LONG = {
    "relgraph/query/ir.py": "one class for each form of a question: a catalog, read by looking things up",
    "relgraph/query/syntax.py": "the same before it is bound",
    "relgraph/query/build.py": "one method for each rule of the grammar",
}
"""Modules that may be longer than 500 lines, and why."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the full name of what is imported, and whether it runs on loading, in a function or for types."""

    name: str
    place: str
    line: int


def imports(path: Path) -> list[Import]:
    return list(_imports(ast.parse(path.read_text(encoding="utf-8")), "loading"))


def _imports(node: ast.AST, place: str) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inner = place
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = "function"
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            inner = "types"
        elif isinstance(child, ast.Import):
            yield from (Import(one.name, place, child.lineno) for one in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = child.module or ""
            if module == "relgraph":
                yield from (Import(f"relgraph.{one.name}", place, child.lineno) for one in child.names)
            else:
                yield Import(module, place, child.lineno)
        yield from _imports(child, inner)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def own_part(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def test_every_part_has_its_layer() -> None:
    parts = {own_part(path) for path in modules()} - {"__init__"}
    assert parts <= LEVEL.keys(), f"give {sorted(parts - LEVEL.keys())} a place in LAYERS"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = own_part(path)
    if own == "__init__":
        return
    wrong = []
    for one in imports(path):
        head, _, rest = one.name.partition(".")
        if head != "relgraph":
            continue
        part = rest.split(".")[0]
        # the façade as a whole is for those above it
        level = LEVEL.get(part, LEVEL["graph"])
        opened = one.place != "loading" and (own, part) in DOORS
        if level > LEVEL[own] and not opened:
            wrong.append(f"line {one.line}: {own} imports {one.name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_optional_libraries_stay_in_their_files(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for one in imports(path):
        allowed = OPTIONAL.get(one.name.split(".")[0])
        if allowed is not None:
            assert any(place == home or place.startswith(f"{home}/") for home in allowed), (
                f"line {one.line} imports {one.name}"
            )


@pytest.mark.parametrize("part", ["query", "network"])
def test_questions_and_walks_do_no_input_or_output(part: str) -> None:
    doing = {"os", "io", "socket", "subprocess", "sqlite3", "urllib", "http", "shutil", "tempfile"}
    for path in (PACKAGE / part).rglob("*.py"):
        found = {one.name.split(".")[0] for one in imports(path)} & doing
        assert not found, f"{path.name} imports {found}"


def test_importing_the_library_loads_nothing_heavy() -> None:
    program = f"import sys, relgraph; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_for_odds_and_ends() -> None:
    names = {path.stem for folder in ("relgraph", "web", "bench", "docs") for path in (ROOT / folder).rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "helper", "manager"}


def test_modules_stay_small() -> None:
    folders = [one for one in (PACKAGE, ROOT / "web", ROOT / "bench", ROOT / "docs") if one.exists()]
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in folders
        for path in folder.rglob("*.py")
    }
    long = {name for name, count in lines.items() if count > 500}
    assert long <= LONG.keys(), f"split {sorted(long - LONG.keys())}, or say in LONG why not"
