"""Questions on the command line: asked, explained, profiled, completed, and in the shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import relgraph
from relgraph.cli.main import cli

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / "market.db"
    with relgraph.open(path, vocabulary=relgraph.Vocabulary.from_text("include: [ownership]")) as graph:
        for name, country in (("ACME", "FR"), ("Bolt", "DE"), ("Cog", "DE")):
            graph.add("Company", id=name.lower(), name=name, country=country)
        graph.relate("acme", "owns", "bolt", share="60%")
        graph.relate("bolt", "owns", "cog", share="40%")

    def run(*arguments: str, given: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["-g", str(path), *arguments], input=given, catch_exceptions=False)

    return run


def test_a_question_is_asked_with_parameters(run: Run) -> None:
    found = json.loads(run("--json", "query", "find Company owned_by+ $c show name", "c=acme").stdout)
    assert [one["name"] for one in found["rows"]] == ["Bolt", "Cog"]
    assert (found["columns"], found["truncated"]) == (["name"], False)
    assert "Cog" in run("query", "find Company owned_by+ $c", "c=acme", "--csv").stdout


def test_parameters_take_the_form_of_what_they_are_compared_with(run: Run) -> None:
    def names(question: str, *given: str) -> list[str]:
        return [
            one["name"] for one in json.loads(run("--json", "query", f"{question} show name", *given).stdout)["rows"]
        ]

    assert names("find Company where degree >= $n", "n=2") == ["Bolt"]
    assert names("find Company where country in $c", "c=DE, IT") == ["Bolt", "Cog"]
    assert names("find Company where country in $c", "c=DE", "c=FR") == ["ACME", "Bolt", "Cog"]
    assert names("find Company owns[share > $p] Company", "p=50%") == ["ACME"]
    assert len(json.loads(run("--json", "query", "find Company limit $n", "n=2").stdout)["rows"]) == 2
    with pytest.raises(relgraph.QueryTypeError, match="'two' is none"):
        run("query", "find Company where degree >= $n", "n=two")


def test_a_question_is_explained_without_being_asked(run: Run) -> None:
    said = run("explain", 'find Company owned_by "nobody"')
    assert said.exit_code == 0
    assert 'owned by "nobody"' in said.stdout
    assert "rows in" not in said.stdout


def test_a_question_is_profiled_step_by_step(run: Run) -> None:
    said = run("explain", "--profile", "find Company owned_by[share > 50%]+ $c", "c=ACME").stdout
    assert "rows in   rows out         ms  step" in said
    assert "back along owned_by (1 or more hops) tested by share" in said
    assert said.splitlines()[-1] == "1 rows"
    told = json.loads(run("--json", "explain", "--profile", "find Company owned_by+ $c", "c=ACME").stdout)
    assert told["rows"] == 2
    assert [one["rows_out"] for one in told["steps"]][-1] == 2


def test_parameters_of_what_is_only_explained_are_refused(run: Run) -> None:
    said = run("explain", "find Company owned_by $c", "c=ACME")
    assert said.exit_code == 2
    assert "--profile takes them" in said.stderr


def test_the_shell_profiles_explains_and_answers(run: Run) -> None:
    lines = ':profile find Company owned_by "ACME"\n:explain find Company\nfind Company owned_by "Bolt"\n:help\n:quit\n'
    said = run("shell", given=lines).stdout
    assert "back along owned_by" in said
    assert "Find each Company" in said
    assert "Cog" in said
    assert ":profile QUESTION" in said


def test_what_may_stand_next_is_listed(run: Run) -> None:
    assert "owned_by" in run("complete", "find Company ").stdout
