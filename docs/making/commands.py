"""The page about the command line, from the help of its commands."""

from __future__ import annotations

import click

from docs.making.words import table
from relgraph.cli.context import EXIT_CODES
from relgraph.cli.main import cli

CODES = {
    0: "done",
    1: "`check` found something, an import left rows out, or another error of relgraph",
    2: "the command was used wrongly",
    130: "stopped by the user",
}
INTRODUCTION = """\
# The command line

`relgraph` does from a shell what the library does in Python. The network is a file or a `neo4j://` address, given by
`--graph` or in `RELGRAPH_URL`. Tables are drawn on a terminal and separated by tabs elsewhere; `--json` before the
command prints JSON. `relgraph COMMAND --help` says the same as this page.

A password for a server is read from `NEO4J_PASSWORD`, never from the command line.
"""


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION, "## Exit codes\n\n" + table(("code", "means"), _codes()), "## Options before the command\n"]
    parts.append(f"```text\n{_help(cli, ())}\n```\n")
    parts.append("## Commands\n")
    parts.extend(_commands(cli, ()))
    return "\n".join(parts)


def _codes() -> list[tuple[str, ...]]:
    means = dict(CODES)
    for code in sorted({code for _, code in EXIT_CODES}):
        kinds = [f"[{kind.__name__}](errors.md#{kind.__name__.lower()})" for kind, one in EXIT_CODES if one == code]
        means[code] = ", ".join(kinds)
    return [(str(code), means[code]) for code in sorted(means)]


def names() -> list[tuple[str, ...]]:
    """Return every command as its words."""
    return list(_walk(cli, ()))


def _walk(group: click.Group, before: tuple[str, ...]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found.append((*before, name))
        if isinstance(command, click.Group):
            found.extend(_walk(command, (*before, name)))
    return found


def _commands(group: click.Group, before: tuple[str, ...]) -> list[str]:
    parts = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        path = (*before, name)
        parts.append(f"### {' '.join(path)}\n\n```text\n{_help(command, path)}\n```\n")
        if isinstance(command, click.Group):
            parts.extend(_commands(command, path))
    return parts


def _help(command: click.Command, path: tuple[str, ...]) -> str:
    parent = click.Context(cli, info_name="relgraph", terminal_width=110, max_content_width=110)
    context = click.Context(command, info_name=" ".join(path), parent=parent, terminal_width=110) if path else parent
    context.help_option_names = ["-h", "--help"]
    return command.get_help(context).rstrip()
