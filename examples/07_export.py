"""Export loss-free, read it back, and hand the network to networkx."""

from pathlib import Path
from tempfile import TemporaryDirectory

import relgraph

MARKET = Path(__file__).parent / "crm-market"


def main() -> None:
    """Write JSON Lines, read it into another network, and write again: the same bytes."""
    with TemporaryDirectory() as folder, relgraph.open(vocabulary=MARKET / "vocabulary.yaml") as graph:
        graph.load(MARKET / "survey.yaml")
        first, second = Path(folder) / "first.jsonl", Path(folder) / "second.jsonl"
        counts = graph.export(first)
        print(f"{counts['entity']} entities, {counts['relation']} relations written")
        with relgraph.open() as other:
            other.load_export(first)
            other.export(second)
        print(f"the same bytes: {first.read_bytes() == second.read_bytes()}")
        network = graph.to_networkx(predicates=["built_with"])
        print(f"networkx: {network.number_of_edges()} edges")


if __name__ == "__main__":
    main()
