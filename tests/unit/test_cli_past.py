"""What happened, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import relgraph
from relgraph.cli.main import cli


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "market.db"
    with relgraph.open(path, vocabulary=relgraph.Vocabulary.from_text("include: [ownership]")) as graph:
        graph.add("Company", id="acme", name="ACME")
        graph.add("Company", id="bolt", name="Bolt")
        graph.relate("acme", "owns", "bolt", id="stake", share="100%", since="2020-03")
        graph.update("stake", share="12.5%")
        graph.retract("stake")
    return path


def test_values_are_told_as_their_kind_says(path: Path) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(cli, ["-g", str(path), *arguments], catch_exceptions=False).stdout

    columns, *lines = (line.split("\t") for line in run("history", "stake").splitlines())
    values = [line[columns.index("values")] for line in lines]
    arrow = "\N{RIGHTWARDS ARROW}"
    assert values == [
        "since: 2020-03, share: 100%",
        f"share: 100% {arrow} 12.5%",
        f"since: 2020-03 {arrow} nothing, share: 12.5% {arrow} nothing",
    ]
    first, changed, _ = json.loads(run("--json", "history", "stake"))
    assert first["after"] == {
        "subject": {"id": "acme", "type": "Company", "name": "ACME"},
        "object": {"id": "bolt", "type": "Company", "name": "Bolt"},
        "since": "2020-03",
        "share": "100%",
    }
    assert [first["words"], first["predicate"]] == ["ACME owns Bolt added", "owns"]
    assert (changed["before"], changed["after"]) == ({"share": "100%"}, {"share": "12.5%"})
    assert "share: 100%" in run("changes")
