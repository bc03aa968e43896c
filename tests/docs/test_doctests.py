"""The examples in docstrings are run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
import relgraph_web

import relgraph

NAMES = [
    name
    for package in (relgraph, relgraph_web)
    for name in (
        package.__name__,
        *(one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")),
    )
]
NOT_IMPORTED = {"relgraph.__main__"}


@pytest.mark.parametrize("name", [one for one in NAMES if one not in NOT_IMPORTED])
def test_examples_of_a_module(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
