"""The top of the command line: its groups are loaded when they are used."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from relgraph import __version__
from relgraph.cli.context import Settings, exit_code, say_error
from relgraph.errors import RelgraphError

COMMANDS = {
    "init": "stores",
    "check": "stores",
    "backup": "stores",
    "stats": "stores",
    "vocabulary": "words",
    "add": "writing",
    "relate": "writing",
    "update": "writing",
    "end": "writing",
    "retract": "writing",
    "merge": "writing",
    "trash": "writing",
    "restore": "writing",
    "delete": "writing",
    "purge": "writing",
    "tag": "writing",
    "untag": "writing",
    "entity": "reading",
    "search": "reading",
    "list": "reading",
    "history": "past",
    "changes": "past",
    "undo": "past",
    "diff": "past",
    "import": "data",
    "export": "data",
    "copy": "data",
    "query": "asking",
    "explain": "asking",
    "complete": "asking",
    "shell": "asking",
    "serve": "serving",
    "user": "serving",
}
"""Each command and the module of this package that holds it."""


class _Lazy(click.Group):
    """A group that imports a command's module only when it is called or its help is shown."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"relgraph.cli.{COMMANDS[name]}")
        found = getattr(module, f"{name}_command")
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            from relgraph.model.prepare import nearest  # noqa: PLC0415 - only for the hint

            near = nearest(args[0], COMMANDS) if args else []
            if near:
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", context) from None
            raise


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="relgraph")
@click.option(
    "--graph", "-g", envvar="RELGRAPH_URL", metavar="FILE|URI", help="The network: a file, or neo4j://host:7687."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--as-of", metavar="DATE", help="Ask for another day than today.")
@click.option("--known-at", metavar="TIME", help="Ask what was believed at a time.")
@click.option("--actor", envvar="RELGRAPH_ACTOR", help="Who makes the change, for the history.")
@click.option("--reason", help="Why, for the history.")
@click.option("--user", envvar="NEO4J_USER", help="The user of a server; its password comes from NEO4J_PASSWORD.")
@click.option("--database", envvar="NEO4J_DATABASE", help="The database of a server.")
@click.option("--adopt", metavar="FILE", help="Read a database that relgraph did not make through this vocabulary.")
@click.pass_context
def cli(context: click.Context, /, **options: object) -> None:
    """Describe, load, look at and ask the network of relations around a company."""
    context.obj = Settings(**options)  # type: ignore[arg-type]  # the options above are its fields


def main() -> None:
    """Run the command line; errors are printed with what to do, and set the exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except RelgraphError as error:
        say_error(error)
        code = exit_code(error)
    except click.Abort:
        click.echo("stopped", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except KeyboardInterrupt:
        click.echo("stopped; nothing of the last change was kept", err=True)
        code = 130
    except BrokenPipeError:
        # whoever read our output has gone: nothing is left to say
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
