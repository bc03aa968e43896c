"""Commands of the pages: serve a network, and say who may come in."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from relgraph.cli.context import Settings, print_json, print_table
from relgraph.errors import CapabilityError, StoreUnavailable

if TYPE_CHECKING:
    from relgraph.graph import Graph

LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]


@click.command("serve")
@click.option("--host", help="The address to listen on; 127.0.0.1 unless given.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 8000 unless given.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option("--accounts", metavar="FILE", help="The file of users; beside the network unless given.")
@click.option("--prefix", default="", metavar="PATH", help="Serve under a path, such as /network.")
@click.pass_obj
def serve_command(settings: Settings, /, prefix: str, config: str | None, **given: Any) -> None:
    """Serve the pages and the REST API of the network.

    The first start on this machine makes an admin and prints a link that works once. Listening on any other address
    needs an admin with a password first.
    """
    web = _web()
    chosen = web.Settings.read(config, **{name: value for name, value in given.items() if value is not None})
    if settings.graph is None and chosen.graph is not None:
        settings.graph = chosen.graph
    with settings.open() as graph:
        serve(graph, chosen, prefix=prefix)


def serve(graph: Graph, chosen: Any, *, prefix: str = "") -> None:
    """Serve an open network until it is stopped; print the address, and a one-time link for the first admin."""
    from waitress.server import create_server  # noqa: PLC0415 - only this command serves

    web = _web()
    app = web.create_app(graph, settings=chosen)
    accounts = app.extensions["relgraph"]["relgraph"].accounts
    local = is_loopback(chosen.host)
    if not local and not accounts.ready:
        raise CapabilityError(
            f"listening on {chosen.host} needs an admin with a password, and there is none",
            hint="start once on 127.0.0.1 and follow the link, or: relgraph user add NAME --role admin",
        )
    if local:
        # a name that somebody else's server gave this address must not open the pages
        app.config["TRUSTED_HOSTS"] = LOCAL_NAMES
    served = app if not prefix.strip("/") else _under(app, "/" + prefix.strip("/"))
    try:
        server = create_server(
            served,
            host=chosen.host,
            port=chosen.port,
            threads=chosen.threads,
            ident="relgraph",
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        raise StoreUnavailable(
            f"port {chosen.port} of {chosen.host} cannot be used: {error.strerror or error}",
            hint="another program has it; give --port another number",
        ) from error
    port = getattr(server, "effective_port", chosen.port)
    shown = "localhost" if local else chosen.host
    address = f"http://{shown}:{port}{'/' + prefix.strip('/') if prefix.strip('/') else ''}/"
    click.echo(f"Serving {Path(graph.name).name} at {address}")
    if not accounts.ready:
        click.echo(
            f"Choose the password of the first admin here (the link works once):\n  {address}welcome/{_first(accounts)}"
        )
    click.echo("Stop with Ctrl+C.")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()


def _first(accounts: Any) -> str:
    """Return a one-time secret for the first admin, who is made if need be."""
    admins = [one for one in accounts.users() if one.role == "admin" and one.active]
    admin = admins[0] if admins else accounts.add("admin", "admin")
    return str(accounts.give_secret(admin, "link", hours=24))


def _under(app: Any, prefix: str) -> Callable[[dict[str, Any], Any], Any]:
    """Return an application that lives under a path."""

    def mounted(environ: dict[str, Any], start: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(prefix + "/"):
            start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"relgraph is at {prefix}/".encode()]
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return app(environ, start)

    return mounted


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(one).split("%")[0]).is_loopback for one in found)


def _web() -> Any:
    try:
        import relgraph_web  # noqa: PLC0415 - the pages are an extra
    except ImportError as error:
        raise CapabilityError("the pages are not installed", hint="install relgraph[web]") from error
    return relgraph_web


@click.group("user")
@click.option("--accounts", metavar="FILE", help="The file of users; beside the network unless given.")
@click.pass_context
def user_command(context: click.Context, accounts: str | None) -> None:
    """Say who may come in to the pages and the API."""
    settings: Settings = context.obj
    web = _web()
    location = accounts or web.Settings.read().accounts
    if location is None:
        if settings.graph is None:
            raise click.UsageError("Whose users? Give --graph FILE, or --accounts FILE.")
        location = web.accounts_beside(settings.graph)
    context.obj = (settings, web.Accounts(location))


@user_command.command("add")
@click.argument("name")
@click.option("--role", default="reader", show_default=True, help="reader, editor, designer or admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add_user(given: tuple[Settings, Any], name: str, role: str, *, password_stdin: bool) -> None:
    """Add a user, asking for a password."""
    _, accounts = given
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = accounts.add(name, role, password=password)
    click.echo(f"{user.name} is {user.role}")


@user_command.command("list")
@click.pass_obj
def list_users(given: tuple[Settings, Any]) -> None:
    """List the users."""
    settings, accounts = given
    users = accounts.users()
    if settings.as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "role": one.role,
                    "active": one.active,
                    "hidden": sorted(one.hidden),
                    "locked": sorted(one.locked),
                }
                for one in users
            ]
        )
        return
    print_table(
        ["name", "role", "active", "hidden", "read only"],
        [
            (one.name, one.role, one.active, ", ".join(sorted(one.hidden)), ", ".join(sorted(one.locked)))
            for one in users
        ],
    )


@user_command.command("token")
@click.argument("name")
@click.option("--label", default="from the command line", show_default=True)
@click.option("--days", type=click.IntRange(1, 3650), help="How long it lasts; until it is dropped unless given.")
@click.pass_obj
def make_token(given: tuple[Settings, Any], name: str, label: str, days: int | None) -> None:
    """Make an API token for a user and print it, this once."""
    _, accounts = given
    user = accounts.named(name)
    click.echo(accounts.give_secret(user, "token", hours=None if days is None else days * 24, label=label))
