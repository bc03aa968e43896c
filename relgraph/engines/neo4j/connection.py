"""The way to a server: one driver, sessions for reading and writing, and patience with what passes by itself."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import neo4j
from neo4j import GraphDatabase, NotificationDisabledClassification, Query, Session

from relgraph.engines.neo4j.failures import OLDEST, is_routed, retryable, translated
from relgraph.errors import StoreFormatError, StoreUnavailable

Rows = list[list[Any]]
Result = TypeVar("Result")

# a name that no data has yet is nothing to warn about: the vocabulary knows what may be asked
_USUAL = (NotificationDisabledClassification.UNRECOGNIZED,)
_QUIET = (*_USUAL, NotificationDisabledClassification.GENERIC, NotificationDisabledClassification.DEPRECATION)


class Connection:
    """A driver and the database it is used for; safe to share between threads."""

    def __init__(
        self, uri: str, *, auth: tuple[str, str] | None, database: str | None, timeout: float, patience: float
    ) -> None:
        self.name = shown(uri, database)
        self.patience = patience
        self._database = database
        self._closed = False
        if not re.match(r"(?:neo4j|bolt)(?:\+ssc|\+s)?://[^/\s]+/?(?:\?\S*)?$", uri):
            raise StoreUnavailable(
                f"{self.name!r} is no address of a Neo4j server", hint="write it as neo4j://host:7687"
            )
        with translated(self.name):
            try:
                self._driver = GraphDatabase.driver(
                    uri,
                    auth=auth,
                    connection_timeout=timeout,
                    connection_acquisition_timeout=max(timeout * 2, 10),
                    user_agent=f"relgraph neo4j-python/{neo4j.__version__}",
                )
            except ValueError as error:
                raise StoreUnavailable(f"{self.name!r} is no address of a Neo4j server: {error}") from error
        self._bookmarks = GraphDatabase.bookmark_manager()
        self._idle: list[Session] = []
        self.version: tuple[int, ...] = ()

    def verify(self) -> None:
        """Check that the server answers, lets us in, has the database and is new enough."""
        with translated(self.name):
            info = self.again(self._driver.get_server_info)
        found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", info.agent)
        self.version = tuple(int(part) for part in found.groups() if part) if found else ()
        if not info.agent.startswith("Neo4j/") or self.version < OLDEST:
            raise StoreFormatError(
                f"{self.name} runs {info.agent}, and Neo4j {'.'.join(map(str, OLDEST))} or later is needed",
                details={"store": self.name, "found": info.agent},
            )
        with translated(self.name), self.session(write=False) as session:
            # the database is looked up by the first statement, not by signing in
            self.again(lambda: session.run("RETURN 1").consume())

    def session(self, *, write: bool, quiet: bool = False) -> Session:
        """Open a session; it sees what this connection has written, on whichever server it lands.

        ``quiet`` leaves notifications out that say of a procedure how it will change in a later release.
        """
        if self._closed:
            raise StoreUnavailable(f"{self.name} is closed")
        return self._driver.session(
            database=self._database,
            default_access_mode=neo4j.WRITE_ACCESS if write else neo4j.READ_ACCESS,
            bookmark_manager=self._bookmarks,
            fetch_size=10_000,
            notifications_disabled_classifications=_QUIET if quiet else _USUAL,
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Lend a session that reads; one that went well is kept, for to make one at each question is work in vain.

        A session that is kept holds no connection.
        """
        try:
            session = self._idle.pop()
        except IndexError:
            session = self.session(write=False)
        try:
            yield session
        except BaseException:
            session.close()
            raise
        self._idle.append(session)
        if self._closed:
            self._forget()

    def _forget(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def again(self, work: Callable[[], Result]) -> Result:
        """Do what may safely be done twice, again while the driver says that it may pass."""
        deadline = time.monotonic() + self.patience
        pause = 0.05
        while True:
            try:
                return work()
            except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError) as error:
                if not retryable(error, routed=is_routed(self.name)) or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads clients, hides nothing
            pause = min(pause * 2, 1.0)

    def rows(
        self, session: Session, statement: str, parameters: Mapping[str, Any], *, timeout: float | None = None
    ) -> Rows:
        """Return the rows of a reading statement, run by itself."""

        def work() -> Rows:
            # the text is made of constants and quoted names; values are parameters
            return session.run(Query(statement, timeout=timeout), dict(parameters)).values()

        with translated(self.name):
            return self.again(work)

    def operators(
        self, session: Session, statement: str, parameters: Mapping[str, Any], *, timeout: float | None = None
    ) -> list[tuple[str, int, int]]:
        """Run a reading statement and return the server's operators in the order they work: name, rows in, rows out."""

        def work() -> Any:
            return session.run(Query(f"PROFILE {statement}", timeout=timeout), dict(parameters)).consume().profile

        with translated(self.name):
            profile = self.again(work)
        return list(_operators(profile)) if profile else []

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Run a statement by itself in a session that may write, and return its rows; it must bear being repeated."""
        with self.session(write=True) as session:
            return self.rows(session, statement, parameters or {})

    def close(self) -> None:
        """Close every connection; closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._forget()
            self._driver.close()


def _operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    below = plan.get("children", [])
    for one in below:
        yield from _operators(one)
    told = plan.get("args", {}).get("Details")
    name = str(plan["operatorType"]).partition("@")[0]
    yield f"{name}: {told}" if told else name, sum(one["rows"] for one in below), plan["rows"]


def shown(uri: str, database: str | None) -> str:
    """Return an address as it may be shown: without user and password.

    >>> shown("neo4j://ana:secret@host:7687", "crm")
    'neo4j://host:7687/crm'
    """
    bare = re.sub(r"(?<=://)[^/@]*@", "", uri)
    return f"{bare}/{database}" if database else bare
