"""What the tests of the embedded store open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relgraph.engines.sqlite import SqliteStore
from tests.unit.engines.sqlite.sample import VOCABULARY


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore.open(vocabulary=VOCABULARY) as opened:
        yield opened
