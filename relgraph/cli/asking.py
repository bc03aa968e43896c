"""Commands that ask the network: query, explain, complete, and a shell."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

import relgraph
from relgraph.answering import bound_question
from relgraph.cli.context import Settings, cell, fields_of, print_json, print_table, say_error
from relgraph.query.ready import typed


def question_of(text: str) -> str:
    """Return the question: as it stands, from a .relq file, or from standard input for ``-``."""
    if text == "-":
        return sys.stdin.read()
    if text.endswith(".relq"):
        try:
            return Path(text).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise relgraph.LoadError(
                f"there is no file '{text}'", hint="a text that ends in .relq names the file of a question"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise relgraph.LoadError(f"cannot read {text}: {error}") from error
    return text


def _values(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Return parameters from name=value arguments; several of one name are a list."""
    values: dict[str, Any] = {}
    for pair in pairs:
        ((name, text),) = fields_of([pair]).items()
        value: Any = text
        if name in values:
            held = values[name]
            value = [*held, value] if isinstance(held, list) else [held, value]
        values[name] = value
    return values


def _given(view: relgraph.View, question: str, pairs: tuple[str, ...]) -> dict[str, object]:
    """Return parameters in the form of what the question compares them with."""
    values = _values(pairs)
    return typed(bound_question(question, view.vocabulary).query, values) if values else {}


def show(settings: Settings, result: Any, *, as_csv: bool = False, seconds: float | None = None) -> None:
    """Print an answer as a table, CSV or JSON, and say what was cut or missing."""
    if settings.as_json:
        print_json(
            {
                "columns": result.columns,
                "rows": result.to_dicts(),
                "truncated": result.truncated,
                "notes": list(result.notes),
            }
        )
        return
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows([[cell(value) for value in row] for row in result])
        return
    print_table(result.columns, result)
    count = len(result)
    said = f"{count:,} row{'' if count == 1 else 's'}"
    said += ", more were cut (limit raises that)" if result.truncated else ""
    said += "" if seconds is None else f" in {seconds * 1000:.0f} ms"
    click.echo(said, err=True)
    for note in result.notes:
        click.echo(f"note: {note}", err=True)


ME = click.option("--me", envvar="RELGRAPH_ME", help="Who 'me' is in questions: an id, or source:key.")
US = click.option("--us", envvar="RELGRAPH_US", help="Who 'us' is: ids or source:key, separated by commas.")


def reference(text: str) -> str | tuple[str, str]:
    """Return an id, or a (source, key) pair where it is written with a colon."""
    source, colon, key = text.partition(":")
    return (source, key) if colon else text


def opened(settings: Settings, me: str | None, us: str | None) -> relgraph.Graph:
    """Open the network for questions, with who 'me' and 'us' are."""
    return settings.open(
        read_only=True,
        me=None if me is None else reference(me),
        us=None if us is None else [reference(one) for one in us.split(",")],
    )


@click.command("query")
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=int, help="How many rows at most (1,000 unless the question says).")
@click.option("--timeout", type=float, help="Seconds after which to stop.")
@ME
@US
@click.pass_obj
def query_command(
    settings: Settings,
    /,
    question: str,
    parameters: tuple[str, ...],
    *,
    as_csv: bool,
    limit: int | None,
    timeout: float | None,
    me: str | None,
    us: str | None,
) -> None:
    """Ask a question: text, a .relq file, or - for standard input; parameters as name=value, of lists with commas.

    relgraph -g market.db query 'find Company that supplies "ACME"'
    """
    options: dict[str, Any] = {"limit": limit} if limit is not None else {}
    if timeout is not None:
        options["timeout"] = timeout
    with opened(settings, me, us) as graph:
        began = time.perf_counter()
        view, text = settings.view(graph), question_of(question)
        result = view.query(text, params=_given(view, text, parameters), **options)
        show(settings, result, as_csv=as_csv, seconds=time.perf_counter() - began)


@click.command("explain")
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--profile", is_flag=True, help="Ask it too, and say what each step was given, left and took.")
@ME
@US
@click.pass_obj
def explain_command(
    settings: Settings, /, question: str, parameters: tuple[str, ...], *, profile: bool, me: str | None, us: str | None
) -> None:
    """Say what a question means and how it would be answered, without asking it unless --profile says so."""
    if parameters and not profile:
        raise click.UsageError("a question is explained without its parameters; --profile takes them")
    with opened(settings, me, us) as graph:
        view, text = settings.view(graph), question_of(question)
        told = view.profile(text, params=_given(view, text, parameters)) if profile else view.explain(text)
    if settings.as_json:
        print_json(told.to_dict())
    else:
        click.echo(str(told))


@click.command("complete")
@click.argument("text")
@click.option("--cursor", type=int, help="Where in the text (its end unless given).")
@click.pass_obj
def complete_command(settings: Settings, text: str, cursor: int | None) -> None:
    """List what may stand next in a question."""
    with settings.open(read_only=True) as graph:
        found = graph.complete(text, cursor)
    if settings.as_json:
        print_json([_as_dict(one) for one in found])
    else:
        print_table(["text", "kind", "what"], [(one.text, one.kind, one.detail) for one in found])


def _as_dict(completion: Any) -> Mapping[str, Any]:
    return {"text": completion.text, "kind": completion.kind, "detail": completion.detail}


@click.command("shell")
@ME
@US
@click.pass_obj
def shell_command(settings: Settings, me: str | None, us: str | None) -> None:
    """Ask questions one after the other, with completion (Tab) and history."""
    with opened(settings, me, us) as graph:
        Shell(settings, graph).run()


class Shell:
    """A conversation with one network."""

    HELP = """\
Type a question, such as:  find Company that supplies "ACME"
:entity NAME     an entity and its relations      :explain QUESTION   what a question means
:asof DATE       ask for another day (:asof today) :profile QUESTION   what each step of it took
:words           types and predicates
:csv, :json, :table  how answers are printed       :quit               leave (also Ctrl-D)"""

    def __init__(self, settings: Settings, graph: relgraph.Graph) -> None:
        self.settings = settings
        self.graph = graph
        self.as_csv = False

    def run(self) -> None:
        """Read and answer until the user leaves."""
        ask = self._prompt()
        click.echo(f"{self.graph.name}: {self.graph.count():,} entities. :help says what can be done here.")
        while True:
            try:
                line = ask()
            except EOFError:
                return
            except KeyboardInterrupt:
                continue
            if line.strip() in {":quit", ":q", "exit", "quit"}:
                return
            try:
                self.answer(line.strip())
            except relgraph.RelgraphError as error:
                say_error(error)
            except KeyboardInterrupt:
                click.echo("stopped", err=True)

    def _prompt(self) -> Any:
        if not sys.stdin.isatty():
            return lambda: _next_line(sys.stdin.readline())
        from prompt_toolkit import PromptSession  # noqa: PLC0415 - only a terminal needs it
        from prompt_toolkit.completion import Completer, Completion  # noqa: PLC0415
        from prompt_toolkit.history import FileHistory  # noqa: PLC0415

        graph = self.graph

        class Words(Completer):
            def get_completions(self, document: Any, _: Any) -> Any:
                for one in graph.complete(document.text, document.cursor_position):
                    yield Completion(
                        one.text, start_position=one.start - document.cursor_position, display_meta=one.detail
                    )

        history = Path.home() / ".relgraph_history"
        session: Any = PromptSession(history=FileHistory(str(history)), completer=Words(), complete_while_typing=False)
        return lambda: session.prompt("relgraph> ")

    def answer(self, line: str) -> None:
        """Answer one line."""
        command, _, rest = line.partition(" ")
        match command:
            case "":
                return
            case ":help" | "?":
                click.echo(self.HELP)
            case ":entity":
                click.get_current_context().invoke(_entity(), name=rest, type_name=None, limit=10, ever=False)
            case ":explain":
                click.echo(str(self.settings.view(self.graph).explain(rest)))
            case ":profile":
                click.echo(str(self.settings.view(self.graph).profile(rest)))
            case ":asof":
                self.settings.as_of = None if rest in {"", "today"} else rest
                click.echo(f"as of {self.settings.view(self.graph).day}")
            case ":words":
                vocabulary = self.graph.vocabulary
                click.echo("types: " + ", ".join(vocabulary.types))
                click.echo("predicates: " + ", ".join(vocabulary.readings))
            case ":csv" | ":json" | ":table":
                self.as_csv, self.settings.as_json = command == ":csv", command == ":json"
            case _ if command.startswith(":"):
                click.echo(f"there is no {command}; :help lists what there is")
            case _:
                began = time.perf_counter()
                result = self.settings.view(self.graph).query(line)
                show(self.settings, result, as_csv=self.as_csv, seconds=time.perf_counter() - began)


def _next_line(line: str) -> str:
    if not line:
        raise EOFError
    return line


def _entity() -> click.Command:
    from relgraph.cli.reading import entity_command  # noqa: PLC0415 - two modules that use each other's commands

    return entity_command
