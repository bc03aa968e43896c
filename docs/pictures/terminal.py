"""Draws the picture of the first page from what the library really answers: ``python -m docs.pictures.terminal``."""

from __future__ import annotations

import inspect
import io
import re
from itertools import groupby
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

import relgraph
from relgraph.model.entity import words

HERE = Path(__file__).parent
MARKET = HERE.parents[1] / "examples" / "crm-market"
WIDTH = 118
DAY = "2011-12-31"
SHOWN = ("is employed by", "employs", "owns", "is owned by", "is supplied by", "is a customer of", "uses")
TOLD = {"role", "share", "quantity"}
QUESTION = 'find Person employed_by Organization owns[share > 20%]+ "ACME"'


def market() -> relgraph.Graph:
    """Return the example market, in memory."""
    graph = relgraph.open(vocabulary=MARKET / "vocabulary.yaml")
    for mapping in ("survey.yaml", "invented.yaml"):
        graph.load(MARKET / mapping)
    return graph


def prompt(console: Console, command: str) -> None:
    """Print a command as it is typed."""
    console.print(Text("$ ", style="bold green") + Text(command, style="bold"))


def read_entity(console: Console, view: relgraph.View, name: str) -> None:
    """Print an entity with its relations as read from its end."""
    entity = view.entity(name)
    console.print(Text(entity.name, style="bold cyan") + Text(f"  {entity.type}", style="dim"))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for title in ("reads", "entity", "since", "what is known", "says"):
        table.add_column(title, no_wrap=True)
    for predicate, group in groupby(view.related(entity), key=lambda one: one.predicate):
        said = words(view.vocabulary.readings[predicate].words, predicate)
        if said not in SHOWN:
            continue
        found = list(group)
        for index, one in enumerate(found[:2]):
            told = ", ".join(f"{key} {value}" for key, value in one.relation.attributes.items() if key in TOLD)
            label = f"{said} ({len(found)})" if index == 0 else ""
            table.add_row(label, one.entity.name, str(one.relation.since or ""), told, one.relation.source)
    console.print(table)


def ask(console: Console, view: relgraph.View, question: str) -> None:
    """Print a question's answer."""
    result = view.query(question)
    table = Table(*result.columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for row in result[:5]:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
    console.print(f"{len(result)} rows", style="dim")


def drawing() -> str:
    """Return the picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with market() as graph:
        view = graph.as_of(DAY)
        prompt(console, f"relgraph -g market.db --as-of {DAY} entity ACME")
        read_entity(console, view, "ACME")
        prompt(console, f"relgraph -g market.db --as-of {DAY} query '{QUESTION}'")
        ask(console, view, QUESTION)
    # the fonts of the usual form come from another host
    usual = inspect.signature(Console.export_svg).parameters["code_format"].default
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", usual, flags=re.DOTALL)
    form = form.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    return console.export_svg(title="relgraph", theme=DIMMED_MONOKAI, code_format=form, unique_id="relgraph")


def main() -> None:
    """Write the picture."""
    path = HERE / "terminal.svg"
    path.write_text(drawing(), encoding="utf-8")
    print(f"written: docs/pictures/{path.name}")


if __name__ == "__main__":
    main()
