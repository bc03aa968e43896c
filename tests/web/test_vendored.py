from __future__ import annotations

import shutil
from pathlib import Path

from relgraph_web.vendored import FOLDER, listed, problems


def test_every_shipped_file_is_as_it_was_published() -> None:
    assert not list(problems())
    assert [(one["name"], one["license"]) for one in listed()] == [("cytoscape", "MIT")]


def test_a_changed_file_and_one_too_many_are_named(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "vendor")
    with (folder / "cytoscape.min.js").open("a", encoding="utf-8") as file:
        file.write("//")
    (folder / "more.js").write_text("", encoding="utf-8")
    (folder / "cytoscape.LICENSE").unlink()
    found = sorted(problems(folder))
    assert [one.split()[0] for one in found] == ["cytoscape.LICENSE", "cytoscape.min.js", "more.js"]
