"""The reference says all there is: made pages are current, and nothing public goes without a word."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest

import relgraph
from docs import generate
from docs.making import commands, errors, examples, python, questions, stores
from relgraph.cli.context import EXIT_CODES
from relgraph.cli.main import cli
from relgraph.vocabulary import keys
from tests.docs.pages import ROOT

REFERENCE = ROOT / "docs" / "reference"
ABOUT = {"syntax", "unknown", "mistyped", "too_much", "_slip", "_refuse"}
"""The functions of the language whose first argument is what a refusal is about."""


def read(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", generate.PAGES)
def test_pages_made_from_the_code_are_current(name: str) -> None:
    path = generate.HERE / name
    wanted = generate.NOTE + generate.PAGES[name]()
    assert path.read_text(encoding="utf-8") == wanted, "run: python -m docs.generate"


def test_cases_that_a_store_does_not_pass_are_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n\n\n@pytest.mark.gap('neo4j', 'it has no such thing')\ndef test_a_thing_is(): ...\n"
        "\n\ndef test_another(): ...\n",
        encoding="utf-8",
    )
    assert list(stores.gaps(tmp_path)) == [("a thing is", "neo4j", "it has no such thing")]


def test_every_public_name_is_described() -> None:
    pages = read("python.md") + read("errors.md")
    missing = [name for name in relgraph.__all__ if f"\n### {name}\n" not in pages]
    assert not missing


@pytest.mark.parametrize("kind", [relgraph.View, relgraph.Graph, relgraph.Transaction])
def test_every_public_method_has_a_docstring_and_a_place(kind: type) -> None:
    text = read("python.md")
    for base in kind.__mro__:
        if not base.__module__.startswith("relgraph"):
            continue
        owner = kind.__name__ if base is kind or kind is not relgraph.Graph else "View"
        for name, value in vars(base).items():
            if name.startswith("_") or not callable(getattr(value, "__func__", value)):
                continue
            assert value.__doc__, f"{kind.__name__}.{name} says nothing"
            assert f"#### {owner}.{name}\n" in text


def test_every_public_name_says_something_of_itself() -> None:
    silent = [name for name in relgraph.__all__ if not (getattr(relgraph, name).__doc__ or "").strip()]
    assert not silent


def test_every_error_has_a_code_of_its_own_and_an_example() -> None:
    kinds = list(dict.fromkeys(kind for _, kind in errors.classes()))
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes))
    text = read("errors.md")
    general = {"RelgraphError", "RuleError", "QueryError", "StoreError"}
    for kind in kinds:
        assert f"\n### {kind.__name__}\n" in text
        assert kind.__name__ == "RelgraphError" or f"`{kind.code}`" in text
        assert kind.__name__ in {*examples.EXAMPLES, *examples.BY_SERVER, *general}
        assert kind.__name__ in relgraph.__all__


def test_every_command_and_option_is_described() -> None:
    text = read("commands.md")
    for words in commands.names():
        assert f"\n### {' '.join(words)}\n" in text
    for command in walk(cli):
        assert command.help, f"{command.name} has no help"
        for parameter in command.params:
            for option in parameter.opts:
                assert isinstance(parameter, click.Argument) or option in text


def walk(command: click.Command) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    context = click.Context(command)
    inside = [command.get_command(context, name) for name in command.list_commands(context)]
    return [command, *(one for found in inside if found is not None for one in walk(found))]


def test_every_exit_code_is_described() -> None:
    text = read("commands.md")
    for kind, code in EXIT_CODES:
        row = next(line for line in text.splitlines() if line.startswith(f"| {code} |"))
        assert kind.__name__ in row


def test_every_vocabulary_key_is_described() -> None:
    text = read("vocabulary.md")
    for section, known in keys.SECTIONS.items():
        start = text.index(f"\n## Keys: {section}\n")
        part = text[start : text.find("\n## ", start + 5)]
        for key in known:
            assert f"| `{key}` |" in part, f"{key} of {section}"
    for word in (*keys.KINDS, *keys.ROLES, *keys.MEASURES):
        assert f"`{word}`" in text


def abouts() -> set[str]:
    found = set()
    for path in (Path(relgraph.__file__).parent / "query").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            if node.func.id in ABOUT and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def test_every_slip_in_a_question_has_an_example() -> None:
    shown = {about for about, _, _ in questions.told()}
    assert not questions.IN_WORDS.keys() & shown
    missing = abouts() - shown - questions.IN_WORDS.keys()
    assert not missing


def test_generated_classes_are_those_that_come_back() -> None:
    text = read("python.md")
    for kind in python.GIVEN:
        assert f"\n### {kind.__name__}\n" in text
