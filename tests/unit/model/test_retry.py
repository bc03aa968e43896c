"""A write that another was in the way of by chance is done again; anything else is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import relgraph
from relgraph.errors import StoreError, StoreUnavailable


class Hindered:
    """The store of a network whose first commits fail."""

    def __init__(self, store: Any, errors: list[relgraph.RelgraphError]) -> None:
        self._inner = store
        self.errors = errors
        self.tries = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        self.tries += 1
        with self._inner.write() as writer:
            if self.errors:
                raise self.errors.pop(0)
            yield writer


@pytest.fixture
def graph() -> relgraph.Graph:
    words = relgraph.vocabulary(
        relgraph.entity_type("Company", fields={"name": "text"}), relgraph.predicate("owns", inverse="owned_by")
    )
    return relgraph.open(vocabulary=words)


def passing() -> StoreError:
    return StoreError("in the way", details={"retry": True})


def test_a_passing_error_is_tried_again_and_the_work_is_done_once(graph: relgraph.Graph) -> None:
    store = Hindered(graph.store, [passing(), passing()])
    hindered = relgraph.Graph(store)
    with hindered.transaction() as tx:
        one, other = tx.add("Company", name="One"), tx.add("Company", name="Other")
        tx.relate(one, "owns", other)
    assert store.tries == 3
    assert tx.summary == {"added": 2, "related": 1}
    assert (graph.count("Company"), graph.count("owns")) == (2, 1)


def test_many_rows_that_are_kept_without_a_copy_are_done_again_too(graph: relgraph.Graph) -> None:
    ids = graph.add_many("Company", [{"name": str(number)} for number in range(5)])
    hindered = relgraph.Graph(Hindered(graph.store, [passing()]))
    hindered.relate_many("owns", [{"subject": ids[0], "object": one} for one in ids[1:]])
    assert graph.count("owns") == 4


@pytest.mark.parametrize(
    ("errors", "tries"),
    [
        ([StoreError("broken")], 1),
        ([StoreUnavailable("gone", details={"retry": True})], 1),
        ([passing() for _ in range(9)], 5),
    ],
)
def test_other_errors_are_told_and_nothing_is_written(
    graph: relgraph.Graph, errors: list[relgraph.RelgraphError], tries: int
) -> None:
    store = Hindered(graph.store, list(errors))
    hindered = relgraph.Graph(store)
    with pytest.raises(type(errors[0])):
        hindered.add("Company", name="One")
    assert store.tries == tries
    assert graph.count() == 0
