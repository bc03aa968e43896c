"""What every command needs: the store, how to print, and what errors mean to the shell."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

import relgraph
from relgraph.errors import (
    AmbiguousName,
    CapabilityError,
    ConflictError,
    LoadError,
    NotFound,
    QueryError,
    RelgraphError,
    RuleError,
    StoreError,
    UndoError,
    VocabularyError,
)
from relgraph.model.telling import purge_note


@dataclass
class Settings:
    """The options that stand before the command."""

    graph: str | None
    as_json: bool
    as_of: str | None
    known_at: str | None
    actor: str | None
    reason: str | None
    user: str | None
    database: str | None
    adopt: str | None = None

    def open(self, *, create: bool = False, read_only: bool = False, **options: Any) -> relgraph.Graph:
        """Open the network that is meant; a file that is not there is an error unless it is to be made."""
        location = self.graph
        if location is None:
            raise click.UsageError("Which network? Give --graph FILE (or set RELGRAPH_URL).")
        if "://" not in location and not create and not Path(location).exists():
            raise relgraph.StoreUnavailable(
                f"there is no file {location}", hint=f"make one with: relgraph --graph {location} init"
            )
        if "://" in location:
            # what the driver logs at each try is said once, by the error
            logging.getLogger("neo4j").addHandler(logging.NullHandler())
            options |= self.server()
        if self.adopt is not None:
            options["adopt"] = self.adopt
        return relgraph.open(location, actor=self.actor, read_only=read_only, **options)

    def server(self) -> dict[str, Any]:
        """Return how one signs in to a server: the user with the password of the environment, and the database."""
        password = os.environ.get("NEO4J_PASSWORD")
        auth = (self.user or "neo4j", password or "") if self.user or password else None
        return {"auth": auth, "database": self.database}

    def view(self, graph: relgraph.Graph) -> relgraph.View:
        """Return the view that --as-of and --known-at ask for."""
        view: relgraph.View = graph
        if self.known_at is not None:
            view = view.known_at(self.known_at)
        if self.as_of is not None:
            view = view.as_of(self.as_of)
        return view


def say_purged(*views: relgraph.View) -> None:
    """Say, beside what was looked at in the past, that something was erased since."""
    count = max(view.purged for view in views)
    if count:
        click.echo(f"note: {purge_note(count)}", err=True)


EXIT_CODES: tuple[tuple[type[RelgraphError], int], ...] = (
    (NotFound, 3),
    (AmbiguousName, 3),
    (RuleError, 4),
    (ConflictError, 4),
    (UndoError, 4),
    (CapabilityError, 4),
    (StoreError, 5),
    (QueryError, 6),
    (LoadError, 6),
    (VocabularyError, 6),
)


def exit_code(error: RelgraphError) -> int:
    """Return the exit code for an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def say_error(error: RelgraphError) -> None:
    """Print an error with its hint; as JSON where --json was given."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": error.to_dict()}, default=plain, ensure_ascii=False), err=True)
    else:
        click.echo(click.style("error: ", fg="red", bold=True) + str(error), err=True)


def plain(value: object) -> Any:
    """Return a value as JSON has it: exact numbers and dates as text."""
    match value:
        case relgraph.Entity():
            return {
                "id": value.id,
                "type": value.type,
                "name": value.name,
                "tags": list(value.tags),
                "keys": [list(key) for key in value.keys],
                "fields": dict(value.stored),
            }
        case relgraph.Relation():
            return {
                "id": value.id,
                "predicate": value.predicate,
                "subject": plain(value.subject),
                "object": plain(value.object),
                "since": None if value.since is None else str(value.since),
                "until": None if value.until is None else str(value.until),
                "attributes": dict(value.stored),
                "sources": [{"source": one.name, "key": one.key} for one in value.sources],
                "confidence": value.confidence,
                "recorded_at": None if value.recorded_at is None else value.recorded_at.isoformat(),
                "recorded_by": value.recorded_by,
            }
        case relgraph.EntityRef():
            return {"id": value.id, "type": value.type, "name": value.name}
        case relgraph.Path():
            return {"entities": list(value.entities), "relations": list(value.relations), "hops": value.hops}
        case Mapping():
            return dict(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal() | relgraph.Percent() | relgraph.Money() | relgraph.PartialDate():
            return str(value)
        case set() | frozenset() | tuple():
            return list(value)
        case _:
            return str(value)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


def cell(value: object) -> str:
    """Return a value as it stands in a table."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return ", ".join(cell(one) for one in value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print a table, drawn for a terminal, separated by tabs otherwise."""
    if not sys.stdout.isatty():
        if title:
            click.echo(title)
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(cell(value).replace("\t", " ").replace("\n", " ") for value in row))
        return
    from rich.console import Console  # noqa: PLC0415 - loaded only to draw
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(*map(escape, columns), title=None if title is None else escape(title), title_justify="left")
    for row in rows:
        table.add_row(*(escape(cell(value)) for value in row))
    Console().print(table)


def find(view: relgraph.View, text: str, *, type_name: str | None = None) -> relgraph.Entity:
    """Return the entity that a person means: ``@id``, ``source:key``, an id, or a name."""
    if text.startswith("@"):
        return view.get(text[1:])
    try:
        return view.entity(text, type=type_name)
    except NotFound as missing:
        try:
            return view.get(text)
        except NotFound:
            pass
        source, colon, key = text.partition(":")
        if colon:
            try:
                return view.by_key(source, key)
            except NotFound:
                pass
        raise missing from None


def fields_of(pairs: Sequence[str]) -> dict[str, str]:
    """Return name=value arguments as a mapping; an empty value takes a field away."""
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{pair!r} is no field: write name=value")
        values[name] = value
    return values
