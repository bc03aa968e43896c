"""Opening a network: a file, a server, one in memory, or what another library is connected to."""

from __future__ import annotations

from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from relgraph.engines.base import Store
from relgraph.errors import RelgraphError, StoreUnavailable, ValueProblem
from relgraph.graph import Graph
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    from relgraph.engines.neo4j.introspect import Introspection


def open_graph(
    location: str | PathLike[str] | object | None = None,
    /,
    *,
    vocabulary: Vocabulary | str | PathLike[str] | None = None,
    auth: tuple[str, str] | None = None,
    database: str | None = None,
    read_only: bool = False,
    actor: str | None = None,
    me: object = None,
    us: object = None,
    zone: str | None = None,
    timeout: float = 5.0,
    adopt: Vocabulary | str | PathLike[str] | Literal[True] | None = None,
) -> Graph:
    """Open a network: an SQLite file (made if missing), ``neo4j://...``, or one in memory without a location.

    A ``Graph`` of py2neo opens what it is connected to, by the official driver: its address, user and database.

    ``vocabulary`` is a value or a YAML file: a new store starts with it, an existing one must hold it already or
    be able to take it without a loss (see :meth:`Graph.plan`). ``zone`` is the IANA name of the zone that says when
    today is, kept in a new store (UTC unless given); ``timeout`` is how long to wait for another writer, in seconds.

    ``adopt`` reads a Neo4j database that relgraph did not make, through a vocabulary or a YAML file of one (see
    :func:`relgraph.introspect`), or True for what introspection suggests; nothing is ever written to it.
    """
    wanted = _vocabulary(vocabulary)
    text, auth, database = _located(location, auth, database)
    if adopt is not None:
        words = None if adopt is True else _vocabulary(adopt)
        if wanted is not None:
            raise ValueProblem("a database is opened with vocabulary= or with adopt=, not with both")
        store = _adopted(text or ":memory:", vocabulary=words, auth=auth, database=database, zone=zone, timeout=timeout)
        return Graph(store, actor=actor, me=me, us=us)
    if text is not None and "://" in text and not text.startswith("file:"):
        store = _server(
            text, auth=auth, database=database, read_only=read_only, vocabulary=wanted, zone=zone, timeout=timeout
        )
    else:
        from relgraph.engines.sqlite import SqliteStore  # noqa: PLC0415 - only the store that is asked for is loaded

        path = None if text is None or text == ":memory:" else Path(text)
        store = SqliteStore.open(path, read_only=read_only, vocabulary=wanted, zone=zone, timeout=timeout)
    graph = Graph(store, actor=actor, me=me, us=us)
    if wanted is not None and graph.vocabulary != wanted:
        try:
            graph.apply(graph.plan(wanted))
        except RelgraphError:
            graph.close()
            raise
    return graph


def introspect(
    uri: str | object,
    /,
    *,
    auth: tuple[str, str] | None = None,
    database: str | None = None,
    timeout: float = 5.0,
) -> Introspection:
    """Return what a Neo4j database that relgraph did not make holds, said as a vocabulary.

    ``.vocabulary`` is the value, ``.to_yaml()`` the document with what was guessed; change names, inverses, captions
    and keys in it as you like (``was`` says what a thing is called in the database) and open the database with
    ``relgraph.open(uri, adopt=...)``. ``timeout`` is in seconds. Only reads.

    Raises:
        StoreUnavailable: no server, no such database, or nothing in it.
        AuthenticationFailed: the user or the password.
        StoreFormatError: relgraph made the database itself.

    """
    text, auth, database = _located(uri, auth, database)
    text = text or ":memory:"
    _check_server(text)
    from relgraph.engines.neo4j.introspect import introspect as look  # noqa: PLC0415 - the driver is an extra

    return look(text, auth=auth, database=database, timeout=timeout)


def _located(
    location: object, auth: tuple[str, str] | None, database: str | None
) -> tuple[str | None, tuple[str, str] | None, str | None]:
    """Return a location as text, and for what a Graph of py2neo is connected to its user and database too."""
    if location is None or isinstance(location, str | PathLike):
        return None if location is None else str(location), auth, database
    if _is_py2neo(location):
        from relgraph.exchange.py2neo import address  # noqa: PLC0415 - only where there is one

        text, user, name = address(location)
        return text, auth or user, database or name
    raise ValueProblem(
        f"a network is opened by a path, an address or a Graph of py2neo, not by {type(location).__name__}"
    )


def _is_py2neo(given: object) -> bool:
    """Return whether something is a Graph of py2neo; the library is not loaded for it."""
    return any((kind.__module__, kind.__name__) == ("py2neo.database", "Graph") for kind in type(given).__mro__)


def _adopted(uri: str, **options: Any) -> Store:
    _check_server(uri)
    from relgraph.engines.neo4j.adopted import AdoptedStore  # noqa: PLC0415 - the driver is an extra

    return AdoptedStore.open(uri, **options)


def _server(uri: str, **options: Any) -> Store:
    _check_server(uri)
    from relgraph.engines.neo4j import Neo4jStore  # noqa: PLC0415 - the driver is an extra

    return Neo4jStore.open(uri, **options)


def _check_server(uri: str) -> None:
    """Raise StoreUnavailable for what is no address of a server, or where the driver is not installed."""
    scheme = uri.split("://", 1)[0]
    if scheme not in {"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}:
        raise StoreUnavailable(
            f"{scheme}:// is no store that relgraph knows", hint="give a file path, or neo4j://host:7687"
        )
    if find_spec("neo4j") is None:
        raise StoreUnavailable("the Neo4j driver is not installed", hint="install relgraph[neo4j]")


def _vocabulary(given: Vocabulary | str | PathLike[str] | None) -> Vocabulary | None:
    if given is None or isinstance(given, Vocabulary):
        return given
    if not isinstance(given, str | PathLike):
        raise ValueProblem(
            f"vocabulary is a Vocabulary or the path of one, not {type(given).__name__}",
            hint="make one of a mapping with Vocabulary.from_dict, of parts with relgraph.vocabulary",
        )
    if isinstance(given, str) and ("\n" in given or "{" in given):
        raise ValueProblem("vocabulary is the path of a YAML file, not its text", hint="use Vocabulary.from_text")
    return Vocabulary.load(Path(given))


__all__ = ["introspect", "open_graph"]
