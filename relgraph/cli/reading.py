"""Commands that look at the network: entity, search, list."""

from __future__ import annotations

from itertools import groupby, islice

import click

import relgraph
from relgraph.cli.context import Settings, cell, find, print_json, print_table, say_purged
from relgraph.model.entity import words


@click.command("entity")
@click.argument("name")
@click.option("--type", "type_name", help="The type, where several have the name.")
@click.option("--ever", is_flag=True, help="Show relations of any time, not only those that hold on the day.")
@click.option("--limit", default=10, show_default=True, help="How many relations of each predicate to show.")
@click.pass_obj
def entity_command(settings: Settings, name: str, type_name: str | None, limit: int, *, ever: bool) -> None:
    """Show an entity (by name, @id or source:key) and its relations, each as read from this end."""
    with settings.open(read_only=True) as graph:
        view = settings.view(graph)
        say_purged(view)
        entity = find(view, name, type_name=type_name)
        related = view.related(entity, ever=ever)
        vocabulary = view.vocabulary
    if settings.as_json:
        document = [{"predicate": one.predicate, "entity": one.entity, "relation": one.relation} for one in related]
        print_json({"entity": entity, "related": document})
        return
    click.echo(click.style(entity.name, bold=True) + f"  {entity.type} · {entity.id}")
    for tag in entity.tags:
        click.echo(f"  [{words(vocabulary.tags[tag].label, tag) if tag in vocabulary.tags else tag}]")
    for field, value in entity.fields.items():
        if value != entity.name:
            click.echo(f"  {field}: {cell(value)}")
    for source, key in entity.keys:
        click.echo(f"  {source}: {key}")
    for predicate, group in groupby(related, key=lambda one: one.predicate):
        found = list(group)
        reading = vocabulary.readings[predicate]
        _group(words(reading.words, predicate), found, limit)
    if not related:
        click.echo("no relations" if ever else "no relations that hold on the day (--ever shows all)")


def _group(title: str, found: list[relgraph.Related], limit: int) -> None:
    names = list(dict.fromkeys(name for one in found for name in one.relation.attributes))
    dated = [name for name in ("since", "until", "source") if any(getattr(one.relation, name) for one in found)]
    rows = [
        [
            one.entity.name,
            *(one.relation.attributes.get(name) for name in names),
            *(getattr(one.relation, n) for n in dated),
        ]
        for one in found[:limit]
    ]
    print_table([f"{title} ({len(found)})", *names, *dated], rows)
    if len(found) > limit:
        click.echo(f"  and {len(found) - limit} more (--limit {len(found)} shows all)")


@click.command("search")
@click.argument("text")
@click.option("--type", "types", multiple=True, help="Only this type; may be repeated.")
@click.option("--limit", default=10, show_default=True)
@click.pass_obj
def search_command(settings: Settings, text: str, types: tuple[str, ...], limit: int) -> None:
    """Find entities by words or their beginnings."""
    with settings.open(read_only=True) as graph:
        view = settings.view(graph)
        say_purged(view)
        found = view.search(text, types=types, limit=limit)
    if settings.as_json:
        print_json(found)
    else:
        print_table(["name", "type", "id"], [(one.name, one.type, one.id) for one in found])


@click.command("list")
@click.argument("name", metavar="TYPE|PREDICATE")
@click.option("--limit", default=100, show_default=True)
@click.option("--ever", is_flag=True, help="Relations of any time.")
@click.pass_obj
def list_command(settings: Settings, name: str, limit: int, *, ever: bool) -> None:
    """List the entities of a type, or the relations of a predicate."""
    with settings.open(read_only=True) as graph:
        view = settings.view(graph)
        say_purged(view)
        if name in graph.vocabulary.readings:
            relations = list(islice(view.relations(name, ever=ever), limit + 1))
            if settings.as_json:
                print_json(relations[:limit])
            else:
                rows = [
                    (one.subject.name, one.predicate, one.object.name, one.since, one.until, one.source, one.id)
                    for one in relations[:limit]
                ]
                print_table(["subject", "predicate", "object", "since", "until", "source", "id"], rows)
            more = len(relations) > limit
        else:
            entities = list(islice(view.entities(name), limit + 1))
            if settings.as_json:
                print_json(entities[:limit])
            else:
                print_table(["name", "type", "id"], [(one.name, one.type, one.id) for one in entities[:limit]])
            more = len(entities) > limit
    if more:
        click.echo(f"only the first {limit} are shown (--limit shows more)", err=True)
