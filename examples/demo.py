"""Loads the example network into a file, looks at it from both ends, asks it, and serves its pages.

``DEMO_SERVE=0`` ends it after the answers; ``DEMO_FILE`` names the file (market.db here otherwise).
"""

from __future__ import annotations

import os
from pathlib import Path

from relgraph_web import Settings

import relgraph
from relgraph.cli.serving import serve

FOLDER = Path(__file__).parent / "crm-market"
ME, US = ("invented", "claire-fontaine"), [("invented", "nordlicht")]


def heading(text: str) -> None:
    """Print a title."""
    print(f"\n\N{ESCAPE}[1m{text}\N{ESCAPE}[0m" if os.environ.get("TERM") else f"\n{text}")


def load(path: Path) -> relgraph.Graph:
    """Make the file and load both sources; a second run changes nothing."""
    graph = relgraph.open(path, vocabulary=FOLDER / "vocabulary.yaml", actor="demo", me=ME, us=US)
    heading(f"The market of CRM software, in {path.name}")
    for mapping in ("survey.yaml", "invented.yaml"):
        print(graph.load(FOLDER / mapping))
    return graph


def both_ends(graph: relgraph.Graph) -> None:
    """Show one entity with each relation in its own reading."""
    for name in ("SugarCRM", "MySQL"):
        entity = graph.entity(name)
        heading(f"{entity.name}, read from this end")
        for one in graph.related(entity)[:12]:
            since = f" since {one.relation.since}" if one.relation.since else ""
            print(f"  {one.predicate:16} {one.entity.name}{since}   (says {one.relation.source})")


QUESTIONS = {
    "Who supplies ACME?": 'find Company that supplies "ACME"',
    "Partners of our partners that are not ours yet": (
        "find Company partner_of Company partner_of us and not partner_of us"
    ),
    "Who owns ACME, however many steps away?": 'find anything owns+ "ACME"',
    "How do I reach somebody at ACME?": (
        'find shortest path from me to (Person employed_by "ACME") via knows|worked_with{1..4}'
    ),
    "Who holds whom in a circle?": "find cycles via owns{2..6}",
    "What runs on MySQL, and how many use it?": 'find Software built_with "MySQL" show name, users order by users desc',
    "Customers won in each year": (
        "find Company customer_of[ever] as deal us group by deal.since.year "
        "show deal.since.year as year, count() as customers order by year"
    ),
}


def ask(graph: relgraph.Graph) -> None:
    """Ask in words, and print the answers."""
    for words, text in QUESTIONS.items():
        heading(words)
        print(f"  {text}")
        result = graph.query(text)
        for row in result[:8]:
            print("   ", " | ".join("" if value is None else str(value) for value in row))
        if len(result) > 8:
            print(f"    and {len(result) - 8} more")


def main() -> None:
    """Run the demo."""
    path = Path(os.environ.get("DEMO_FILE", "market.db"))
    with load(path) as graph:
        both_ends(graph)
        ask(graph)
        if os.environ.get("DEMO_SERVE", "1") != "0":
            heading("Its pages")
            serve(graph, Settings.read())


if __name__ == "__main__":
    main()
