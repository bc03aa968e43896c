"""A network to load into, and files to load, for the tests of importing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relgraph.graph import Graph
from relgraph.opening import open_graph
from tests.unit.exchange.owners import VOCABULARY


@pytest.fixture
def graph() -> Iterator[Graph]:
    with open_graph(vocabulary=VOCABULARY) as graph:
        yield graph


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write
