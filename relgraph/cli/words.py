"""Commands about the vocabulary: show, check, plan, apply, introspect."""

from __future__ import annotations

import json
from pathlib import Path

import click

import relgraph
from relgraph.cli.context import Settings, print_json, print_table
from relgraph.model.entity import words
from relgraph.vocabulary.check import warnings


@click.group("vocabulary")
def vocabulary_command() -> None:
    """Show, check and change what may be said."""


def load(name: str) -> relgraph.Vocabulary:
    """Return the vocabulary of a YAML file, or the ready one of that name."""
    path = Path(name)
    if path.exists() or path.suffix:
        return relgraph.Vocabulary.load(path)
    return relgraph.Vocabulary.from_text(f"vocabulary: {name}\ninclude: [{name}]\n")


@vocabulary_command.command("show")
@click.argument("name", required=False)
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the YAML document.")
@click.pass_obj
def show(settings: Settings, name: str | None, *, as_yaml: bool) -> None:
    """Show the vocabulary of the network, or of a FILE or PACK."""
    if name is not None:
        held = load(name)
    else:
        with settings.open(read_only=True) as graph:
            held = graph.vocabulary
    if as_yaml:
        click.echo(held.to_yaml(), nl=False)
        return
    if settings.as_json:
        print_json(held.to_dict())
        return
    types = [
        (one.name, ", ".join(one.extends), "abstract" if one.abstract else "", ", ".join(held.fields(one.name)))
        for one in held.types.values()
    ]
    print_table(["type", "extends", "", "fields"], types)
    predicates = [
        (
            words(one.reading, one.name),
            one.name,
            "(symmetric)" if one.symmetric else one.inverse,
            ", ".join(one.subject) or "any",
            ", ".join(one.object) or "any",
            ", ".join(field.name for field in one.attributes),
        )
        for one in held.predicates.values()
    ]
    print_table(["reads", "predicate", "inverse", "from", "to", "attributes"], predicates)
    if held.derived:
        print_table(["derived", "inverse"], [(one.name, one.inverse) for one in held.derived.values()])
    if held.tags:
        print_table(["tag", "label"], [(one.name, words(one.label, one.name)) for one in held.tags.values()])


@vocabulary_command.command("check")
@click.argument("name", metavar="FILE|PACK")
@click.pass_obj
def check(settings: Settings, name: str) -> None:
    """Check a vocabulary document and list all its errors at once."""
    held = load(name)
    warned = [str(one) for one in warnings(held)]
    if settings.as_json:
        print_json({"types": len(held.types), "predicates": len(held.predicates), "warnings": warned})
        return
    click.echo(f"{name}: {len(held.types)} types, {len(held.predicates)} predicates, no errors")
    for one in warned:
        click.echo(f"warning: {one}")


@vocabulary_command.command("plan")
@click.argument("name", metavar="FILE|PACK")
@click.pass_obj
def plan(settings: Settings, name: str) -> None:
    """Show what a changed vocabulary would change, and which data breaks it."""
    with settings.open(read_only=True) as graph:
        found = graph.plan(load(name))
    if settings.as_json:
        problems = [
            {"subject": one.subject, "count": one.count, "examples": one.examples, "choices": one.choices}
            for one in found.problems
        ]
        print_json({"changes": [str(one) for one in found.changes], "problems": problems})
    else:
        click.echo(str(found))


@vocabulary_command.command("apply")
@click.argument("name", metavar="FILE|PACK")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="[NAME=]POLICY",
    help="refuse, keep, end or remove; for all, or NAME=POLICY for one; may be repeated.",
)
@click.pass_obj
def apply(settings: Settings, name: str, policies: tuple[str, ...]) -> None:
    """Carry out a change of vocabulary, with its data, in one transaction."""
    chosen: dict[str, str] = {}
    for one in policies:
        subject, equals, policy = one.rpartition("=")
        chosen[subject if equals else "*"] = policy
    with settings.open() as graph:
        found = graph.plan(load(name))
        transaction = graph.apply(found, chosen or "refuse")
    if settings.as_json:
        click.echo(json.dumps({"transaction": transaction}))
    else:
        click.echo(str(found))
        click.echo("nothing to do" if transaction is None else f"applied as transaction {transaction}")


@vocabulary_command.command("introspect")
@click.argument("uri", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write the YAML to FILE.")
@click.pass_obj
def introspect(settings: Settings, uri: str | None, output: Path | None) -> None:
    """Say as a vocabulary what a Neo4j database at URI holds that relgraph did not make.

    Change names, inverses, captions and keys in it as you like, then ask the database with --adopt FILE.
    """
    location = uri or settings.graph
    if location is None:
        raise click.UsageError("Which database? Give its URI, such as neo4j://host:7687.")
    found = relgraph.introspect(location, **settings.server())
    if output is not None:
        output.write_text(found.to_yaml(), encoding="utf-8")
        click.echo(f"{output}: {len(found.vocabulary.types)} types, {len(found.vocabulary.predicates)} predicates")
    elif settings.as_json:
        print_json({"vocabulary": found.vocabulary.to_dict(), "notes": found.notes})
    else:
        click.echo(found.to_yaml(), nl=False)
