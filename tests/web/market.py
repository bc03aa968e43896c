"""The example network, loaded for a test."""

from __future__ import annotations

from pathlib import Path

import relgraph

FOLDER = Path(__file__).parents[2] / "examples" / "crm-market"


def load(path: Path | None = None) -> relgraph.Graph:
    """Load the example market into a file, or into memory."""
    graph = relgraph.open(path, vocabulary=FOLDER / "vocabulary.yaml", actor="load")
    for mapping in ("survey.yaml", "invented.yaml"):
        graph.load(FOLDER / mapping)
    return graph
