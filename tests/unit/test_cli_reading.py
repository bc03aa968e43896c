"""Looking at a network, and bringing a table into it, on the command line."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

import relgraph
from relgraph.cli.main import cli

WORDS = "types: {Company: {fields: {name: text, listed: boolean, names: {type: text, list: true}}}}"
MAPPING = "source: s\ninputs: {r: {file: rows.csv}}\nentities: [{type: Company, key: id, fields: {name: name}}]\n"


def network(path: Path) -> str:
    with relgraph.open(path, vocabulary=relgraph.Vocabulary.from_text(WORDS)) as graph:
        graph.add("Company", name="ACME", listed=False, names=["A", "B"])
    return str(path)


def test_values_stand_as_in_a_table(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["-g", network(tmp_path / "network.db"), "entity", "ACME"], catch_exceptions=False)
    assert "  listed: no\n  names: A, B\n" in shown.stdout


def test_a_report_without_a_name_stands_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,name\n1,Bolt\n,Core\n", encoding="utf-8")
    (tmp_path / "rows.yaml").write_text(MAPPING, encoding="utf-8")
    arguments = ["-g", network(tmp_path / "network.db"), "import", str(tmp_path / "rows.yaml"), "--report"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 1
    report = tmp_path / "rows-report.csv"
    assert f"report: {report}" in done.stderr
    assert "its key is empty" in report.read_text(encoding="utf-8-sig")
