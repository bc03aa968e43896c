"""What the documentation shows is what happens: every block of every page is run, every link leads somewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from relgraph.exchange.mapping import ImportMapping
from relgraph.vocabulary.model import Vocabulary
from tests.docs.pages import ROOT, Runner, blocks, needs, pages
from tests.servers import neo4j as servers

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
SHOWN = {"python", "pycon", "sh", "text", "yaml", "csv", "cypher", "json", "jsonl", "sql", "relq", ""}
SERVER = f"neo4j {servers.LONG_TERM}"


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def run(page: Path, runner: Runner) -> None:
    try:
        for block in blocks(page):
            runner.run(block)
    finally:
        runner.close()


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Server]:
    with servers.running(servers.LONG_TERM) as running:
        yield running


@pytest.mark.parametrize("page", [one for one in pages() if needs(one) is None], ids=name)
def test_every_block_runs(page: Path, tmp_path: Path) -> None:
    run(page, Runner(tmp_path))


@pytest.mark.xdist_group(SERVER)
@pytest.mark.parametrize("page", [one for one in pages() if needs(one) == "neo4j"], ids=name)
def test_every_block_runs_beside_a_server(page: Path, tmp_path: Path, server: servers.Server) -> None:
    servers.erase(server)
    user, password = server.auth
    replaced = {"neo4j://localhost:7687": server.uri, '("neo4j", "secret")': repr(server.auth)}
    run(page, Runner(tmp_path, replaced, NEO4J_USER=user, NEO4J_PASSWORD=password))


@pytest.mark.parametrize("page", pages(), ids=name)
def test_blocks_say_what_they_are(page: Path) -> None:
    for block in blocks(page):
        assert block.language in SHOWN, f"line {block.line}: a block of {block.language!r}"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_vocabularies_and_mappings_shown_are_valid(page: Path) -> None:
    for block in blocks(page):
        if block.language != "yaml":
            continue
        document = yaml.safe_load(block.body)
        assert document, f"line {block.line}"
        if "vocabulary" in document and "types" in document and "source" not in document:
            Vocabulary.from_text(block.body)
        elif "inputs" in document:
            ImportMapping.from_text(block.body)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for match in LINK.finditer(text):
        target, _, anchor = match["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        goal = (page.parent / target).resolve() if target else page
        assert goal.exists(), f"{name(page)} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(goal), f"{name(page)} links to {target}#{anchor}, and there is no such heading"


def anchors(page: Path) -> set[str]:
    found = set()
    for heading in re.findall(r"^#+\s+(.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        plain = re.sub(r"[^\w\s-]", "", heading.strip().lower())
        found.add(re.sub(r"\s", "-", plain))
    return found


def test_every_page_is_reached_from_the_first() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        for match in LINK.finditer(page.read_text(encoding="utf-8")):
            target = (page.parent / match["target"].partition("#")[0]).resolve()
            if target.is_dir():
                target = target / "README.md"
            if target.suffix == ".md" and target.exists():
                waiting.append(target)
    missed = [name(one) for one in pages() if one not in seen]
    assert not missed, f"nothing links to {missed}"


def test_the_command_line_under_test_is_ours() -> None:
    assert (Path(sys.executable).parent / "relgraph").exists()
