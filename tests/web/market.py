"""The example network, loaded for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import relgraph

FOLDER = Path(__file__).parents[2] / "examples" / "crm-market"


def load(location: Path | str | None = None, **options: Any) -> relgraph.Graph:
    """Load the example market into a file, a server, or into memory."""
    graph = relgraph.open(location, vocabulary=FOLDER / "vocabulary.yaml", actor="load", **options)
    for mapping in ("survey.yaml", "invented.yaml"):
        graph.load(FOLDER / mapping)
    return graph
