"""Commands that bring data in and out: import, export, copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import relgraph
from relgraph.cli.context import Settings, print_json, print_table
from relgraph.exchange.writing import is_stream


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rows a second and the time left, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - loaded only to draw
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@click.command("import")
@click.argument("file", required=False)
@click.option("--mapping", "-m", metavar="FILE", help="The mapping file (the same as FILE).")
@click.option("--data", metavar="DIR", help="Where the data lies, if not beside the mapping.")
@click.option("--dry-run", is_flag=True, help="Do everything but commit.")
@click.option(
    "--report",
    metavar="[CSV]",
    is_flag=False,
    flag_value="",
    help="Write every row of the report to a CSV file; without a name, beside the data.",
)
@click.pass_context
def import_command(
    context: click.Context,
    /,
    file: str | None,
    mapping: str | None,
    data: str | None,
    report: str | None,
    *,
    dry_run: bool,
) -> None:
    """Import what a mapping file describes; run again, it changes only what is different.

    FILE may also be a relgraph export (.jsonl, or a folder of CSV), which goes into an empty network. Exit code 1
    says that some rows were refused or left unresolved; the rest is imported.
    """
    settings: Settings = context.obj
    mapping = mapping or file
    if mapping is None:
        raise click.UsageError("Import what? Name a mapping file.")
    if mapping.endswith(".jsonl") or Path(mapping).is_dir():
        _import_export(settings, Path(mapping))
        return
    options: dict[str, Any] = {} if data is None else {"data": data}
    with settings.open() as graph, progress_bar("importing") as progress:
        found = graph.load(
            mapping, dry_run=dry_run, progress=lambda step: progress(step.rows, step.total or 0), **options
        )
    if report is not None:
        written = found.to_csv(report or None)
        click.echo(f"report: {written}", err=True)
    if settings.as_json:
        print_json({**found.to_dict(), "dry_run": dry_run})
    else:
        click.echo(str(found))
    context.exit(1 if found.refused or found.unresolved else 0)


def _import_export(settings: Settings, path: Path) -> None:
    with settings.open(create=True) as graph, progress_bar("importing") as progress:
        counts = graph.load_export(path, progress=progress)
    if settings.as_json:
        print_json(counts)
    else:
        print_table(["imported", "lines"], sorted(counts.items()))


@click.command("export")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "format_name", metavar="FORMAT", help="jsonl, csv, ...; by the file's ending if not given.")
@click.option("--history", is_flag=True, help="With every version and the log (jsonl).")
@click.pass_obj
def export_command(settings: Settings, path: Path, format_name: str | None, *, history: bool) -> None:
    """Write the network to PATH."""
    with settings.open(read_only=True) as graph, progress_bar("exporting") as progress:
        counts = graph.export(path, format=format_name, history=history, progress=progress)
    if is_stream(path):
        # what was written there is not mixed with words about it
        return
    if settings.as_json:
        print_json(counts)
    else:
        print_table(["written", "lines"], sorted(counts.items()))


@click.command("copy")
@click.argument("target", metavar="FILE|URI")
@click.option("--no-history", is_flag=True, help="Only what is believed now.")
@click.pass_obj
def copy_command(settings: Settings, target: str, *, no_history: bool) -> None:
    """Copy the network into another, empty store."""
    goal = Settings(target, settings.as_json, None, None, settings.actor, None, settings.user, settings.database)
    with settings.open(read_only=True) as source, goal.open(create=True) as other, progress_bar("copying") as progress:
        counts = relgraph.copy(source, other, history=not no_history, progress=progress)
    if settings.as_json:
        print_json(counts)
    else:
        print_table(["copied", "lines"], sorted(counts.items()))
