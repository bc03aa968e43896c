"""Commands about what happened: history, changes, undo, diff."""

from __future__ import annotations

from itertools import islice

import click

import relgraph
from relgraph.cli.context import Settings, cell, find, print_json, print_table, say_purged


def _change(change: relgraph.Change) -> dict[str, object]:
    return {
        "transaction": change.transaction,
        "recorded_at": change.recorded_at,
        "actor": change.actor,
        "reason": change.event.reason,
        "batch": change.event.batch,
        "thing": change.thing,
        "id": change.id,
        "change": change.change,
        "words": change.words,
        "predicate": change.predicate,
        "before": change.before,
        "after": change.after,
    }


def _print(settings: Settings, changes: list[relgraph.Change]) -> None:
    if settings.as_json:
        print_json([_change(one) for one in changes])
        return
    rows = [(one.recorded_at, one.actor, one.words, _values(one), one.event.reason, one.transaction) for one in changes]
    print_table(["when", "who", "what", "values", "why", "transaction"], rows)


def _values(change: relgraph.Change) -> str:
    """Return what differs, before and after; of ends, which the words name, only one that is another now."""
    before, after = change.before, change.after
    names = [one for one in {**before, **after} if one not in ("subject", "object") or (one in before and one in after)]
    both = [(name, cell(before.get(name)), cell(after.get(name))) for name in names]
    return ", ".join(
        f"{name}: {was} \N{RIGHTWARDS ARROW} {now or 'nothing'}" if was else f"{name}: {now}" for name, was, now in both
    )


@click.command("history")
@click.argument("thing")
@click.pass_obj
def history_command(settings: Settings, thing: str) -> None:
    """Show all that happened to an entity (name, @id) and its relations, or to a relation (id)."""
    with settings.open(read_only=True) as graph:
        try:
            changes = graph.history(thing.removeprefix("@"))
        except relgraph.NotFound:
            changes = graph.history(find(graph, thing))
    _print(settings, changes)


@click.command("changes")
@click.option("--after", metavar="TRANSACTION", help="Only what came after this transaction.")
@click.option("--by", "actor", help="Only what this actor did.")
@click.option("--batch", help="Only what belongs to this batch.")
@click.option("--limit", default=100, show_default=True)
@click.pass_obj
def changes_command(settings: Settings, after: str | None, actor: str | None, batch: str | None, limit: int) -> None:
    """Show the log."""
    with settings.open(read_only=True) as graph:
        changes = list(islice(graph.changes(after=after, actor=actor, batch=batch), limit))
    _print(settings, changes)


@click.command("undo")
@click.argument("transaction")
@click.pass_obj
def undo_command(settings: Settings, transaction: str) -> None:
    """Take back a transaction (by id), or a whole batch such as an import (by its name)."""
    with settings.open() as graph:
        undone = graph.undo(transaction, reason=settings.reason)
    if settings.as_json:
        print_json({"undone": transaction, "transaction": undone})
    else:
        click.echo(f"took back {transaction}, as transaction {undone}")


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--known", is_flag=True, help="Compare what was known at two times, instead of two days.")
@click.pass_obj
def diff_command(settings: Settings, before: str, after: str, *, known: bool) -> None:
    """Compare the network of two days (or, with --known, as it was known at two times)."""
    with settings.open(read_only=True) as graph:
        views = [graph.known_at(one) if known else graph.as_of(one) for one in (before, after)]
        say_purged(*views)
        found = graph.diff(*views)
        ids = {
            "appeared": found.appeared,
            "vanished": found.vanished,
            "changed": found.changed,
        }
        if settings.as_json:
            print_json(
                {
                    **ids,
                    "appeared_entities": found.appeared_entities,
                    "vanished_entities": found.vanished_entities,
                    "changed_entities": found.changed_entities,
                }
            )
            return
        rows: list[tuple[object, ...]] = []
        for kind, several in (
            ("appeared", found.appeared_entities),
            ("vanished", found.vanished_entities),
            ("changed", found.changed_entities),
        ):
            rows += [(kind, "entity", _name(views, one), one) for one in several]
        for kind, several in ids.items():
            rows += [(kind, "relation", _relation(views, one), one) for one in several]
    print_table(["what", "kind", "thing", "id"], rows)


def _name(views: list[relgraph.View], entity_id: str) -> str:
    for view in reversed(views):
        try:
            return view.get(entity_id).name
        except relgraph.NotFound:
            continue
    return ""


def _relation(views: list[relgraph.View], relation_id: str) -> str:
    for view in reversed(views):
        try:
            return str(view.relation(relation_id))
        except relgraph.NotFound:
            continue
    return ""
