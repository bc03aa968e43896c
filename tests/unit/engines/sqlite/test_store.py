from __future__ import annotations

from relgraph.engines.base import Reader, Store, Writer
from relgraph.engines.sqlite import SqliteStore
from relgraph.network.execute.source import NetworkSource


def as_protocols(store: SqliteStore) -> tuple[Store, Reader]:
    # held by the type checker: the embedded store is a store
    with store.write() as writer:
        one: Writer = writer
        assert one.last == 0
    reader = store.read()
    source: NetworkSource = store.network(reader)
    assert source.live is None
    return store, reader


def test_a_store_is_what_the_seam_asks_for(store: SqliteStore) -> None:
    opened, reader = as_protocols(store)
    assert opened.name == ":memory:"
    assert reader.last == 0
