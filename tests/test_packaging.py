"""What is built is complete: the wheel and the source archive carry all that is needed, and run where installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
TRY = """
import relgraph

for pack in ("crm", "ownership", "org", "followthemoney"):
    relgraph.Vocabulary.from_text(f"vocabulary: {pack}\\ninclude: [{pack}]\\n")
graph = relgraph.open(vocabulary=relgraph.Vocabulary.from_text("vocabulary: x\\ninclude: [ownership]\\n"))
acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
graph.relate(acme, "owns", bolt, share="60%")
print(graph.query('find Company that owns "Bolt"').one(), relgraph.__file__)
graph.close()
"""


def settings() -> dict[str, Any]:
    document: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = document["tool"]["setuptools"]
    return found


def folders(name: str, folder: Path) -> Iterator[str]:
    """Yield each package in a folder under the name that it is imported by."""
    if (folder / "__init__.py").exists():
        yield name
    for one in sorted(folder.iterdir()):
        if one.is_dir() and not one.name.startswith((".", "__")):
            yield from folders(f"{name}.{one.name}", one)


def test_every_package_is_listed() -> None:
    held = settings()
    wanted = {one for name, folder in held["package-dir"].items() for one in folders(name, ROOT / folder)}
    assert set(held["packages"]) == wanted


def test_every_file_that_is_no_module_is_listed() -> None:
    held = settings()
    for name, folder in held["package-dir"].items():
        for path in (ROOT / folder).rglob("*"):
            if not path.is_file() or path.suffix in {".py", ".pyc"} or path.name.startswith("."):
                continue
            package, inside = name, path.relative_to(ROOT / folder)
            while len(inside.parts) > 1 and f"{package}.{inside.parts[0]}" in held["packages"]:
                package, inside = f"{package}.{inside.parts[0]}", Path(*inside.parts[1:])
            patterns = held["package-data"].get(package, [])
            assert any(inside.match(one) and len(Path(one).parts) == len(inside.parts) for one in patterns), (
                f"{path.relative_to(ROOT)} would not be installed: name it in package-data of {package}"
            )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel and a source archive, built from a copy of the tree."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    kept = ("relgraph", "schemas", "web", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
    for name in kept:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, source / name)
    run(uv(), "build", "--quiet", "--out-dir", str(target), str(source))
    return target


def uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        pytest.skip("uv builds and installs here, and is not installed")
    return found


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def interpreter(version: str) -> str:
    """Return a Python of a version that is on this machine already."""
    for found in (
        sys.executable,
        f"python{version}",
        *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")),
    ):
        try:
            said = subprocess.run(
                [found, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError:
            continue
        if said.stdout.strip() == version:
            return found
    pytest.skip(f"there is no Python {version} on this machine")


@pytest.mark.xdist_group("packaging")
def test_wheel_and_source_archive_carry_what_is_no_module(built: Path) -> None:
    (wheel,), (archive,) = built.glob("*.whl"), built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as file:
        installed = set(file.namelist())
    with tarfile.open(archive) as tar:
        packed = {one.partition("/")[2] for one in tar.getnames()}
    assert "relgraph/py.typed" in installed
    assert "relgraph/py.typed" in packed
    for path in (ROOT / "schemas").glob("*.yaml"):
        assert f"relgraph/schemas/{path.name}" in installed
        assert f"schemas/{path.name}" in packed
    for name in ("grammar.lark", "tables.json"):
        assert f"relgraph/query/{name}" in installed
        assert f"relgraph/query/{name}" in packed
    tops = {one.split("/")[0] for one in installed if ".dist-info" not in one}
    assert tops == {"relgraph", "relgraph_web"}


@pytest.mark.xdist_group("packaging")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_runs_where_nothing_else_is(version: str, built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    home = tmp_path / "home"
    run(uv(), "venv", "--quiet", "--python", interpreter(version), str(home))
    run(uv(), "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), str(wheel))
    said = run(str(home / "bin" / "python"), "-c", TRY, folder=tmp_path)
    assert said.startswith("ACME ")
    assert str(home) in said
    assert "0.1.0" in run(str(home / "bin" / "relgraph"), "--version", folder=tmp_path)
    assert "Company" in run(str(home / "bin" / "relgraph"), "vocabulary", "show", "crm", folder=tmp_path)
