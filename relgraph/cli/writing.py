"""Commands that change the network by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

import relgraph
from relgraph.cli.context import Settings, fields_of, find, print_json

Done = TypeVar("Done")


def change(settings: Settings, do: Callable[[relgraph.Graph, relgraph.Transaction], Done]) -> Done:
    """Run one change as a transaction with the actor and reason given."""
    with settings.open() as graph, graph.transaction(reason=settings.reason) as transaction:
        return do(graph, transaction)


def say(settings: Settings, words: str, value: object) -> None:
    """Print what was done."""
    if settings.as_json:
        print_json(value)
    else:
        click.echo(words)


def _empty_is_none(values: dict[str, str]) -> dict[str, Any]:
    return {name: value or None for name, value in values.items()}


@click.command("add")
@click.argument("type_name", metavar="TYPE")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--id", "entity_id", help="An id of your own.")
@click.option("--key", "keys", multiple=True, metavar="SOURCE:KEY", help="An external key; may be repeated.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be repeated.")
@click.pass_obj
def add_command(
    settings: Settings,
    /,
    type_name: str,
    fields: tuple[str, ...],
    *,
    entity_id: str | None,
    keys: tuple[str, ...],
    tags: tuple[str, ...],
) -> None:
    """Add an entity: relgraph add Company name=ACME sector=Steel."""
    pairs = [tuple(key.split(":", 1)) for key in keys]
    if any(len(pair) != 2 for pair in pairs):
        raise click.UsageError("a key is written SOURCE:KEY")
    entity = change(
        settings,
        lambda _, tx: tx.add(type_name, id=entity_id, keys=pairs, tags=tags, fields=fields_of(fields)),
    )
    say(settings, f"added {entity.type} {entity.name} ({entity.id})", entity)


@click.command("relate")
@click.argument("subject")
@click.argument("predicate")
@click.argument("target", metavar="OBJECT")
@click.argument("attributes", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--since", metavar="DATE", help="A day, month or year.")
@click.option("--until", metavar="DATE", help="The first day on which it no longer holds, or a month or year.")
@click.option("--source", help="On whose word.")
@click.option("--confidence", type=float, help="From 0 to 1.")
@click.pass_obj
def relate_command(
    settings: Settings, /, subject: str, predicate: str, target: str, attributes: tuple[str, ...], **options: Any
) -> None:
    """Relate two entities, by either name of the predicate: relgraph relate Bolt supplies ACME share=40%."""
    relation = change(
        settings,
        lambda graph, tx: tx.relate(
            find(graph, subject), predicate, find(graph, target), attributes=fields_of(attributes), **options
        ),
    )
    say(settings, f"related: {relation} ({relation.id})", relation)


@click.command("update")
@click.argument("thing")
@click.argument("fields", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.pass_obj
def update_command(settings: Settings, thing: str, fields: tuple[str, ...]) -> None:
    """Change fields of an entity (by name or id), or attributes of a relation (by id); NAME= takes one away."""

    def do(graph: relgraph.Graph, tx: relgraph.Transaction) -> relgraph.Entity | relgraph.Relation:
        values = _empty_is_none(fields_of(fields))
        try:
            return tx.update(graph.relation(thing.removeprefix("@")), **values)
        except relgraph.NotFound:
            return tx.update(find(graph, thing), **values)

    updated = change(settings, do)
    say(settings, f"updated {updated}", updated)


@click.command("end")
@click.argument("relation")
@click.option("--on", required=True, metavar="DATE", help="The first day on which it no longer holds.")
@click.pass_obj
def end_command(settings: Settings, relation: str, on: str) -> None:
    """End a relation (by id) on a day."""
    ended = change(settings, lambda _, tx: tx.end(relation, on=on))
    say(settings, f"ended: {ended} until {ended.until}", ended)


@click.command("retract")
@click.argument("relation")
@click.pass_obj
def retract_command(settings: Settings, relation: str) -> None:
    """Take a wrong relation (by id) out of what is believed."""
    change(settings, lambda _, tx: tx.retract(relation))
    say(settings, f"retracted {relation}", {"retracted": relation})


@click.command("merge")
@click.argument("keep")
@click.argument("other")
@click.option("--clashes", type=click.Choice(["keep"]), help="Let rules that break stand, for check to list.")
@click.pass_obj
def merge_command(settings: Settings, keep: str, other: str, clashes: str | None) -> None:
    """Merge OTHER into KEEP."""
    kept = change(settings, lambda graph, tx: tx.merge(find(graph, keep), find(graph, other), clashes=clashes))
    say(settings, f"merged into {kept.name} ({kept.id})", kept)


@click.command("trash")
@click.argument("entity")
@click.pass_obj
def trash_command(settings: Settings, entity: str) -> None:
    """Hide an entity and its relations until it is restored."""
    found = change(settings, lambda graph, tx: _with(tx.trash, find(graph, entity)))
    say(settings, f"put {found.name} ({found.id}) in the trash", found)


def _with(do: Callable[[relgraph.Entity], object], entity: relgraph.Entity) -> relgraph.Entity:
    do(entity)
    return entity


@click.command("restore")
@click.argument("entity_id", metavar="ID")
@click.option("--clashes", type=click.Choice(["end", "retract"]), help="What to do with relations that clash now.")
@click.pass_obj
def restore_command(settings: Settings, entity_id: str, clashes: str | None) -> None:
    """Bring an entity (by id) back from the trash."""
    change(settings, lambda _, tx: tx.restore(entity_id, clashes=clashes))
    say(settings, f"restored {entity_id}", {"restored": entity_id})


@click.command("delete")
@click.argument("entity")
@click.option("--detach", is_flag=True, help="Retract its relations too.")
@click.pass_obj
def delete_command(settings: Settings, entity: str, *, detach: bool) -> None:
    """Retract an entity; it can be undone."""
    found = change(settings, lambda graph, tx: _with(lambda one: tx.delete(one, detach=detach), find(graph, entity)))
    say(settings, f"deleted {found.name} ({found.id})", found)


@click.command("purge")
@click.argument("entity_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge_command(settings: Settings, entity_id: str, *, yes: bool) -> None:
    """Erase an entity (by id) and all that names it, for good: nothing brings it back."""
    if not yes:
        click.confirm(f"Erase {entity_id} and all its relations and history for good?", abort=True, err=True)
    with settings.open() as graph:
        graph.purge(entity_id, reason=settings.reason)
    say(settings, f"purged {entity_id}", {"purged": entity_id})


@click.command("tag")
@click.argument("entity")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def tag_command(settings: Settings, entity: str, names: tuple[str, ...]) -> None:
    """Put tags on an entity."""
    found = change(settings, lambda graph, tx: _with(lambda one: tx.tag(one, *names), find(graph, entity)))
    say(settings, f"tagged {found.name}: {', '.join(names)}", {"id": found.id, "tagged": names})


@click.command("untag")
@click.argument("entity")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def untag_command(settings: Settings, entity: str, names: tuple[str, ...]) -> None:
    """Take tags off an entity."""
    found = change(settings, lambda graph, tx: _with(lambda one: tx.untag(one, *names), find(graph, entity)))
    say(settings, f"untagged {found.name}: {', '.join(names)}", {"id": found.id, "untagged": names})
