from pathlib import Path

import pytest

from relgraph.vocabulary.load import load_vocabulary
from relgraph.vocabulary.model import Vocabulary


@pytest.fixture(scope="session")
def commerce() -> Vocabulary:
    return load_vocabulary(Path(__file__).parent / "data" / "commerce.yaml")
