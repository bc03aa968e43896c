"""Commands that make a network and keep it well: init, check, backup, stats."""

from __future__ import annotations

from pathlib import Path

import click

from relgraph.cli.context import Settings, print_json, print_table
from relgraph.cli.words import load


@click.command("init")
@click.option("--vocabulary", "-v", metavar="FILE|PACK", help="A YAML file, or the name of a ready one such as crm.")
@click.option("--zone", metavar="ZONE", help="The time zone that says when today is, such as Europe/Paris.")
@click.pass_obj
def init_command(settings: Settings, vocabulary: str | None, zone: str | None) -> None:
    """Make a network, or open one that is there, and give it a vocabulary."""
    words = None
    if vocabulary is not None:
        words = load(vocabulary)
    with settings.open(create=True, vocabulary=words, zone=zone) as graph:
        held = graph.vocabulary
        if settings.as_json:
            print_json({"graph": graph.name, "types": list(held.types), "predicates": list(held.predicates)})
        else:
            click.echo(
                f"{graph.name}: {len(held.types)} types, {len(held.predicates)} predicates, {len(held.tags)} tags"
            )


@click.command("check")
@click.pass_context
def check_command(context: click.Context) -> None:
    """List what is wrong: damage, and data that breaks a rule. Exit code 1 where anything is found."""
    settings: Settings = context.obj
    with settings.open(read_only=True) as graph:
        findings = graph.check()
    if settings.as_json:
        print_json([{"code": one.code, "message": one.message, "where": one.where} for one in findings])
    elif findings:
        print_table(["finding", "what"], [(one.code, one.message) for one in findings])
    else:
        click.echo("nothing found")
    context.exit(1 if findings else 0)


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(settings: Settings, path: Path) -> None:
    """Write a consistent copy to PATH while the network is in use."""
    with settings.open(read_only=True) as graph:
        graph.backup(path)
    click.echo(f"backed up to {path}")


@click.command("stats")
@click.pass_obj
def stats_command(settings: Settings) -> None:
    """Show counts and sizes."""
    with settings.open(read_only=True) as graph:
        found = graph.stats()
    if settings.as_json:
        print_json(found)
        return
    rows: list[tuple[str, object]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            rows += [(f"{name} {key}", f"{count:,}") for key, count in value.items()]
        else:
            rows.append((name.replace("_", " "), f"{value:,}" if isinstance(value, int) else value))
    print_table(["what", "how much"], rows)
