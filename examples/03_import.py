"""Import tables by a mapping file, twice, and take the import back."""

from pathlib import Path

import relgraph

MARKET = Path(__file__).parent / "crm-market"


def main() -> None:
    """Load the example market."""
    with relgraph.open(vocabulary=MARKET / "vocabulary.yaml", actor="importer") as graph:
        graph.load(MARKET / "survey.yaml")
        tried = graph.load(MARKET / "invented.yaml", dry_run=True)
        print(f"would create {tried.created} and link {tried.linked}; there are still {graph.count()} entities")
        loaded = graph.load(MARKET / "invented.yaml")
        print(f"now there are {graph.count()}; {len(loaded.warnings)} warnings")
        again = graph.load(MARKET / "invented.yaml")
        print(f"again: {again.created} created, {again.updated} updated")
        if loaded.batch is not None:
            graph.undo(loaded.batch)
        print(f"taken back: {graph.count()} entities")


if __name__ == "__main__":
    main()
