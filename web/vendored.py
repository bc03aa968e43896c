"""Checks the files of others that are shipped with the pages: ``python -m relgraph_web.vendored [package.tgz]``.

Each is unmodified: its SHA-256 is written in ``static/vendor/vendor.json`` beside version, license and the integrity
that the registry gives for the package. With the package at hand, that and the files in it are compared as well.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "static" / "vendor"


def listed(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return what is shipped, as vendor.json says."""
    found: list[dict[str, Any]] = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))
    return found


def problems(folder: Path = FOLDER, *, package: Path | None = None) -> Iterator[str]:
    """Yield what is wrong with the shipped files: changed, missing, or not written down."""
    known = {"vendor.json"}
    for one in listed(folder):
        known.update(one["files"])
        for name, told in one["files"].items():
            path = folder / name
            if not path.is_file():
                yield f"{name} of {one['name']} {one['version']} is missing"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != told["sha256"]:
                yield f"{name} is not the file of {one['name']} {one['version']}"
        if one["license_file"] not in one["files"]:
            yield f"the license of {one['name']} is not shipped"
        if package is not None:
            yield from _against(package, one, folder)
    yield from (f"{path.name} is not written down" for path in folder.iterdir() if path.name not in known)


def _against(package: Path, told: dict[str, Any], folder: Path) -> Iterator[str]:
    digest = "sha512-" + base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != told["integrity"]:
        yield f"{package.name} is not {told['name']} {told['version']}: its integrity is {digest}"
        return
    with tarfile.open(package) as archive:
        for name, one in told["files"].items():
            member = archive.extractfile(one["path"])
            if member is None or member.read() != (folder / name).read_bytes():
                yield f"{name} differs from {one['path']} of the package"


def main() -> None:
    """Print what is wrong and set the exit code."""
    found = list(problems(package=Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    sys.stdout.writelines(f"{one}\n" for one in found or ["every file is as it was published"])
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
