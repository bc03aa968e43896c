"""Files that are no network, or cannot be used as one: each is refused in words of its own, and is left as it was."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import relgraph
from relgraph.engines.sqlite.schema import FORMAT

NOBODY = 65534
OPENS = """
import os, sys
sys.path[:0] = [{root!r}]
import relgraph, relgraph.engines.sqlite
os.setgid({nobody})
os.setuid({nobody})
try:
    graph = relgraph.open({path!r})
    {then}
except relgraph.RelgraphError as error:
    print(type(error).__name__, error)
"""
ROOT = Path(__file__).resolve().parents[4]


def network(path: Path) -> None:
    vocabulary = relgraph.Vocabulary.from_text("vocabulary: x\ninclude: [ownership]\n")
    with relgraph.open(path, vocabulary=vocabulary) as graph:
        acme = graph.add("Company", name="ACME")
        for number in range(200):
            graph.relate(acme, "owns", graph.add("Company", name=f"Company {number}"), share="50%")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "network.db"
    network(path)
    return path


def cut(path: Path, whole: Path) -> None:
    path.write_bytes(whole.read_bytes()[:-5000])


def newer(path: Path, whole: Path) -> None:
    shutil.copy(whole, path)
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {FORMAT + 1}")
    other.close()


def foreign(path: Path, _: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()


def text(path: Path, _: Path) -> None:
    path.write_text("name,owner\nACME,Bolt\n" * 100)


def folder(path: Path, _: Path) -> None:
    path.mkdir()


BAD: dict[str, tuple[Callable[[Path, Path], None], type[relgraph.RelgraphError], str]] = {
    "cut off": (cut, relgraph.StoreFormatError, r"cut off(.|\n)*hint: .*backup"),
    "a newer format": (newer, relgraph.StoreFormatError, rf"format {FORMAT + 1}(.|\n)*hint: .*relgraph"),
    "of another program": (foreign, relgraph.StoreFormatError, r"another program(.|\n)*hint: "),
    "no database": (text, relgraph.StoreFormatError, r"no SQLite file(.|\n)*hint: "),
    "a folder": (folder, relgraph.StoreUnavailable, r"is a folder(.|\n)*hint: "),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_network_is_refused_and_left_alone(tmp_path: Path, whole: Path, what: str) -> None:
    make, kind, words = BAD[what]
    path = tmp_path / "network.db"
    make(path, whole)
    before = path.read_bytes() if path.is_file() else None
    for options in ({}, {"read_only": True}):
        with pytest.raises(kind) as caught:
            relgraph.open(path, **options)  # type: ignore[arg-type]
        assert re.search(words, str(caught.value)), str(caught.value)
    assert before is None or path.read_bytes() == before


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that every user may come to; those of the tests are their owner's alone."""
    path = Path(tempfile.mkdtemp(prefix="relgraph-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def as_nobody(path: Path, then: str = "pass") -> str:
    program = OPENS.format(root=str(ROOT), nobody=NOBODY, path=str(path), then=then)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can become somebody with fewer rights")
def test_without_permission(common: Path) -> None:
    path = common / "network.db"
    network(path)
    before = path.read_bytes()
    path.chmod(stat.S_IRUSR)
    assert re.search(r"StoreUnavailable.*no permission to read(.|\n)*hint: ", as_nobody(path))
    path.chmod(0o644)
    assert re.search(r"ReadOnlyError.*no permission to write(.|\n)*hint: .*read_only", as_nobody(path))
    assert re.search(r"StoreUnavailable.*no permission to make(.|\n)*hint: ", as_nobody(common / "other.db"))
    assert path.read_bytes() == before
    # a file that may be written, in a folder that takes no journal beside it
    path.chmod(0o666)
    wrote = as_nobody(path, 'graph.add("Company", name="New")')
    assert re.search(r"(ReadOnlyError|StoreUnavailable).*(.|\n)*hint: ", wrote), wrote
    assert path.read_bytes() == before


def test_a_full_disk(tmp_path: Path) -> None:
    path, first, second = (tmp_path / name for name in ("network.db", "first.jsonl", "second.jsonl"))
    network(path)
    with relgraph.open(path) as graph:
        graph.export(first)
        with graph.store.read(), graph.store.read():
            # a transaction reads by one connection and writes by another: both are kept for the next one
            pass
        links = list(graph.store._idle)  # type: ignore[attr-defined]
        pages = links[0].rows("PRAGMA page_count")[0][0]
        for link in links:
            link.run(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(relgraph.StoreFull, match=r"no room left(.|\n)*hint: "):
            graph.add_many("Company", [{"name": "x" * 3000} for _ in range(100)])
        for link in links:
            link.rows("PRAGMA max_page_count = 100000")
        graph.export(second)
        assert second.read_bytes() == first.read_bytes()
        graph.add("Company", name="there is room again")
