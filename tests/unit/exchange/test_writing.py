"""What is written appears only when it is whole, and where there is no room nothing is left of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import relgraph
from relgraph.exchange.writing import whole

FULL = Path("/dev/full")
"""Says of every write that the disk is full."""


@pytest.fixture
def graph() -> Iterator[relgraph.Graph]:
    words = relgraph.vocabulary(relgraph.entity_type("Company", fields={"name": "text"}))
    with relgraph.open(vocabulary=words) as graph:
        graph.add_many("Company", [{"name": f"Company {one}"} for one in range(10)])
        yield graph


def no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


def half_written(path: Path, error: Exception) -> None:
    with whole(path) as file:
        file.write(b"half")
        raise error


def test_a_file_takes_its_place_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with whole(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    for error, told in ((OSError(28, "No space left on device"), relgraph.StoreFull), (KeyError("other"), KeyError)):
        with pytest.raises(told):
            half_written(path, error)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"after"


def test_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"before")
    link.symlink_to(path)
    with whole(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert path.read_bytes() == b"after"


@pytest.mark.skipif(not FULL.is_char_device(), reason="no such device here")
def test_a_device_stays_one(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.StoreFull, match="no room left"):
        graph.export(FULL, format="jsonl")
    assert FULL.is_char_device()


def test_an_export_is_written_to_standard_output(graph: relgraph.Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "export.jsonl")
    with relgraph.open(tmp_path / "network.db") as other:
        other.load_export(tmp_path / "export.jsonl")
        other.export(tmp_path / "export.jsonl")
    command = [sys.executable, "-m", "relgraph", "-g", str(tmp_path / "network.db"), "export", "/dev/stdout"]
    command += ["--format", "jsonl"]
    expected = (tmp_path / "export.jsonl").read_bytes()
    assert subprocess.run(command, capture_output=True, check=True).stdout == expected
    # what a file holds that the output is appended to stays there
    path = tmp_path / "both"
    path.write_bytes(b"before\n")
    with path.open("ab") as file:
        subprocess.run(command, stdout=file, check=True)
    assert path.read_bytes() == b"before\n" + expected


@pytest.mark.parametrize("there", [True, False])
def test_where_there_is_no_room_no_folder_is_half_full(graph: relgraph.Graph, tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path / "export"
    if there:
        folder.mkdir()
    with pytest.raises(relgraph.StoreFull, match="no room left"):
        graph.export(folder, format="csv", progress=no_room)
    assert folder.exists() == there
    graph.export(folder, format="csv")
    assert (folder / "entities" / "Company.csv").is_file()


def test_a_copy_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = relgraph.vocabulary(relgraph.entity_type("Company", fields={"name": "text"}))
    replaced: list[Path] = []

    def replace(path: Path, _: object) -> None:
        path.with_name(f"{path.name}-journal").write_bytes(b"what was before")
        replaced.append(path)
        no_room()

    with relgraph.open(tmp_path / "network.db", vocabulary=words) as graph:
        monkeypatch.setattr(Path, "replace", replace)
        with pytest.raises(relgraph.StoreError):
            graph.backup(tmp_path / "copy.db")
    assert replaced
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith((".", "copy"))] == []
