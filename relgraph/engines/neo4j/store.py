"""The server store: one network in one database of a Neo4j server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from neo4j import Transaction

from relgraph.engines.base import Capability, Finding
from relgraph.engines.neo4j import care, raw
from relgraph.engines.neo4j.arrays import Arrays
from relgraph.engines.neo4j.connection import Connection, Rows
from relgraph.engines.neo4j.failures import translated
from relgraph.engines.neo4j.head import Seen
from relgraph.engines.neo4j.layout import FORMAT, SERVING, base, field_indexes, lacking, relation_indexes
from relgraph.engines.neo4j.names import relationship_type
from relgraph.engines.neo4j.questions import AskedReader
from relgraph.engines.neo4j.rows import Shapes, dumps
from relgraph.engines.neo4j.snapshot import CLOCK, Run, State
from relgraph.engines.neo4j.values import refuse_clashes
from relgraph.engines.neo4j.writer import Writer
from relgraph.errors import (
    CapabilityError,
    ReadOnlyError,
    RelgraphError,
    StoreFormatError,
    StoreUnavailable,
    ValueProblem,
)
from relgraph.vocabulary.dump import to_dict
from relgraph.vocabulary.load import vocabulary_from_dict
from relgraph.vocabulary.model import Vocabulary

_CLOCK = f"MATCH (c:_Clock {{name: 'clock'}}) RETURN {CLOCK}"
_ALLOCATE = (
    "MATCH (c:_Clock {name: 'numbers'}) REMOVE c._lock WITH count(*) AS locked MATCH (c:_Clock {name: 'numbers'})"
    " SET c.entities = c.entities + $entities, c.relations = c.relations + $relations RETURN c.entities, c.relations"
)
_AHEAD = 32
"""Numbers taken at once, so that single writes need not ask for theirs each time."""

CAPABILITIES = (
    Capability("history", held=True),
    Capability("full-text search", held=True, why="the same is found; ranked by the server after equal names"),
    Capability(
        "snapshots",
        held=False,
        why="the server shows each statement what is committed when it runs; `known at` is a snapshot",
    ),
    Capability(
        "exact rename of predicates",
        held=True,
        why="each relation is rewritten, so at most 500,000 of one predicate",
    ),
    Capability("several processes", held=True, why="writers wait only for those that touch the same entities"),
    Capability(
        "backup",
        held=False,
        why="Neo4j's own tools back a database up; `relgraph export --history` writes everything as one file",
    ),
    Capability(
        "counts of what tests met missing or uncertain",
        held=True,
        why="by a second statement, asked only where a test can meet what is missing or uncertain",
    ),
    Capability(
        "roles, several databases, clusters",
        held=False,
        why="they need Neo4j's Enterprise edition, as constraints on what must exist do; ours are held by the rules",
    ),
)


class Neo4jStore:
    """An open network on a server; safe to share between threads, each reader and writer used by one."""

    def __init__(self, connection: Connection, *, read_only: bool) -> None:
        self._connection = connection
        self._read_only = read_only
        self._zone = "UTC"
        self._lock = threading.Lock()
        self._arrays = Arrays()
        # vocabularies by version and indexes by their count: neither changes under its number
        self._shapes: dict[int, Shapes] = {}
        self._used: tuple[int, frozenset[str]] = (-1, frozenset())
        self._last: State | None = None
        self._seen = Seen()
        # fresh numbers of entities and relations that this process has taken ahead: next and end
        self._ahead = [[0, 0], [0, 0]]

    @classmethod
    def open(
        cls,
        uri: str,
        *,
        auth: tuple[str, str] | None = None,
        database: str | None = None,
        read_only: bool = False,
        vocabulary: Vocabulary | None = None,
        zone: str | None = None,
        timeout: float = 5.0,
        patience: float = 5.0,
    ) -> Self:
        """Open the network in a database, made where the database is empty.

        ``vocabulary`` is what a new network starts with; one that exists has its own. ``zone`` (an IANA name) says
        where 'today' is, kept in the database. ``timeout`` is how many seconds a connection may take, ``patience``
        how long what passes by itself is tried again. Raises StoreUnavailable, AuthenticationFailed or
        StoreFormatError.
        """
        if zone is not None:
            _check_zone(zone)
        connection = Connection(uri, auth=auth, database=database, timeout=timeout, patience=patience)
        store = cls(connection, read_only=read_only)
        try:
            connection.verify()
            store._prepare(vocabulary or Vocabulary(), zone)
        except BaseException:
            connection.close()
            raise
        return store

    @property
    def name(self) -> str:
        """How the store is shown to people: its address without secrets."""
        return self._connection.name

    @property
    def version(self) -> str:
        """The version of the server."""
        return ".".join(map(str, self._connection.version))

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""
        return self._read_only

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What this store can do."""
        return CAPABILITIES

    @property
    def connection(self) -> Connection:
        """The way to the server, for the other parts of the store."""
        return self._connection

    def zone(self) -> str:
        """Return the time zone in which this network says 'today' (an IANA name)."""
        return self._zone

    # -- setting up ------------------------------------------------------------------------------------------------

    def _prepare(self, vocabulary: Vocabulary, zone: str | None) -> None:
        clock = self._connection.run(_CLOCK)
        made = not clock
        if made:
            self._refuse_foreign()
            refuse_clashes(vocabulary)
            self._make(vocabulary, zone or "UTC")
        elif clock[0][3] != FORMAT:
            raise StoreFormatError(
                f"{self.name} holds a network of format {clock[0][3]}, and this version reads {FORMAT}",
                hint="open it with the version of relgraph that wrote it",
            )
        if not self._read_only:
            # removing a property takes a lock only where its name is known to the database, which this makes sure of
            self._connection.run("MATCH (c:_Clock {name: 'numbers'}) SET c._lock = true REMOVE c._lock")
        with self.read() as reader:
            self._zone = str(dict(reader.saved("setting")).get("zone", {}).get("value", "UTC"))
        if zone is not None and not made and zone != self._zone:
            with self.write() as writer:
                writer.save("setting", "zone", {"value": zone})
            self._zone = zone

    def _refuse_foreign(self) -> None:
        if self._read_only:
            raise StoreUnavailable(
                f"{self.name} holds no network",
                hint="open it without read_only, or say `relgraph --graph .. init`, to make one",
            )
        if self._connection.run("MATCH (n) RETURN 1 LIMIT 1"):
            raise StoreFormatError(
                f"{self.name} holds data that relgraph did not make",
                hint="one database holds one network: name an empty one",
            )

    def _make(self, vocabulary: Vocabulary, zone: str) -> None:
        self._indexes([*base(), *field_indexes(vocabulary).values()])
        # whoever opens the same empty database at the same moment finds what the other made
        self._connection.run(
            "MERGE (c:_Clock {name: 'clock'}) ON CREATE SET c.number = 0, c.vocabulary = 1, c.schema = 0,"
            " c.format = $format, c.recorded_at = datetime({epochMillis: 0})"
            " MERGE (n:_Clock {name: 'numbers'}) ON CREATE SET n.entities = 0, n.relations = 0"
            " MERGE (v:_Vocabulary {version: 1}) ON CREATE SET v.document = $document, v._told = 0"
            " MERGE (s:_Saved {kind: 'setting', name: 'zone'}) ON CREATE SET s.document = $zone",
            {"format": FORMAT, "document": dumps(to_dict(vocabulary)), "zone": dumps({"value": zone})},
        )

    def _indexes(self, statements: Iterable[str]) -> None:
        """Make constraints and indexes that are missing, all in one transaction, and wait until they serve."""
        wanted = list(statements)
        if wanted:
            # each costs the server as much as a question, also where there is nothing to do
            wanted = lacking(wanted, self._connection.run(SERVING))
        if not wanted:
            return
        with translated(self.name), self._connection.session(write=True) as session:

            def make() -> None:
                with session.begin_transaction() as transaction:
                    for statement in wanted:
                        transaction.run(statement).consume()
                    transaction.commit()
                session.run("CALL db.awaitIndexes(300)").consume()

            self._connection.again(make)

    # -- what writers need -------------------------------------------------------------------------------------------

    def state(self, run: Run) -> State:
        """Return what the clock says now."""
        return self.state_of(run(_CLOCK, {}), run)

    def state_of(self, clock: Sequence[Any], run: Run) -> State:
        """Return what the clock has said: the rows of a statement that asked it."""
        if not clock:
            raise StoreFormatError(
                f"{self.name} no longer holds a network: its clock is gone",
                hint="another program may have emptied the database",
            )
        last, version, schema, _ = clock[0]
        if not all(type(one) is int for one in (last, version, schema)):
            raise StoreFormatError(
                f"the clock of {self.name} is not as relgraph writes it",
                hint="another program has changed the node with the label _Clock; restore a backup",
            )
        shapes = self._shapes.get(version)
        if shapes is None:
            shapes = self._shapes[version] = self._read_vocabulary(run, version)
        count, used = self._used
        if count != schema:
            self._used = schema, (used := self._indexed())
        used &= shapes.vocabulary.predicates.keys()
        if self._last is not None and self._last.shapes is shapes and self._last.used == used:
            # what is the same is also one object: texts of questions are kept by it
            used = self._last.used
        self._last = State(last, version, shapes, used)
        return self._last

    def _read_vocabulary(self, run: Run, version: int) -> Shapes:
        rows = run("MATCH (v:_Vocabulary {version: $version}) RETURN v.document", {"version": version})
        try:
            return Shapes(vocabulary_from_dict(json.loads(rows[0][0])))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise StoreFormatError(f"the vocabulary kept in {self.name} cannot be read: {error}") from error

    def _indexed(self) -> frozenset[str]:
        """Return the predicates of any vocabulary that have indexes for their relations."""
        rows = self._connection.run(
            "SHOW INDEXES YIELD entityType, labelsOrTypes, properties WHERE entityType = 'RELATIONSHIP'"
            " AND (properties = ['id'] OR properties = ['_number']) RETURN labelsOrTypes[0], count(*)"
        )
        kinds = {kind for kind, count in rows if count >= 2}
        names = {name for shapes in self._shapes.values() for name in shapes.vocabulary.predicates}
        return frozenset(name for name in names if relationship_type(name) in kinds)

    def index_relations(self, predicates: Iterable[str]) -> int:
        """Make the indexes that relations of these predicates need; return how many predicates lacked them."""
        missing = sorted(set(predicates) - self._used[1])
        if missing:
            self._indexes([one for name in missing for one in relation_indexes(name)])
            self._used = self._used[0], self._used[1] | set(missing)
        return len(missing)

    def allocate(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh numbers of each kind; numbers that are not used are lost."""
        with self._lock:
            asked = (entities, relations)
            short = [count > end - start for count, (start, end) in zip(asked, self._ahead, strict=True)]
            if any(short):
                more = [max(count, _AHEAD) if lacking else 0 for count, lacking in zip(asked, short, strict=True)]
                ends = self._connection.run(_ALLOCATE, {"entities": more[0], "relations": more[1]})[0]
                for index, lacking in enumerate(short):
                    if lacking:
                        self._ahead[index] = [ends[index] - more[index] + 1, ends[index] + 1]
            first = self._ahead[0][0], self._ahead[1][0]
            self._ahead[0][0] += entities
            self._ahead[1][0] += relations
            return first

    # -- reading and writing -----------------------------------------------------------------------------------------

    @contextmanager
    def read(self, *, known: int | None = None) -> Iterator[AskedReader]:
        """Open a snapshot, now or as known by a transaction number."""
        with self._reader(known=known, presumed=None) as reader:
            reader.pin()
            with self._sound():
                yield reader

    @contextmanager
    def presuming(self) -> Iterator[AskedReader]:
        """Open a snapshot for a question, which takes the vocabulary to be the one that was there last.

        What it asks first says whether it is; Outdated is raised where not, and the question is asked again.
        """
        with self._reader(known=None, presumed=self._last) as reader, self._sound():
            yield reader

    @contextmanager
    def _reader(self, *, known: int | None, presumed: State | None) -> Iterator[AskedReader]:
        with self._connection.reading() as session:

            def ask(statement: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Rows:
                return self._connection.rows(session, statement, parameters, timeout=timeout)

            def operators(
                statement: str, parameters: Mapping[str, Any], timeout: float | None
            ) -> list[tuple[str, int, int]]:
                return self._connection.operators(session, statement, parameters, timeout=timeout)

            yield AskedReader(
                ask,
                self.state,
                ask=ask,
                operators=operators,
                arrays=self._arrays,
                state_of=self.state_of,
                known=known,
                presumed=presumed,
                seen=self._seen,
            )

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Open a writer inside a transaction of the database; left without a commit, nothing it did is kept.

        Saved documents are kept also without one.
        """
        if self._read_only:
            raise ReadOnlyError(f"{self.name} was opened read-only", hint="open it without read_only to write")
        with translated(self.name), self._connection.session(write=True) as session:
            transaction = self._connection.again(session.begin_transaction)
            writer = Writer(_within(transaction), self, finish=transaction.commit)
            try:
                with self._sound():
                    yield writer
                if writer.saving and not writer.done:
                    transaction.commit()
            finally:
                if not transaction.closed():
                    transaction.close()
        if writer.done:
            self._indexes(self._missing_fields(writer))

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Tell what fails over something that another program wrote as that."""
        try:
            yield
        except RelgraphError:
            raise
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, MemoryError) as error:
            with self._reader(known=None, presumed=None) as reader:
                found = list(care.integrity(reader))
            if not found:
                raise
            raise StoreFormatError(
                f"another program wrote to {self.name} what this cannot be done over: {found[0].message}",
                hint="`relgraph check` lists it all",
                details={"findings": [one.message for one in found[:20]], "cause": repr(error)},
            ) from error

    def _missing_fields(self, writer: Writer) -> list[str]:
        """Return statements for indexes of fields that only the new vocabulary has as unique or in a key."""
        if writer.vocabulary_before is None:
            return []
        had = field_indexes(writer.vocabulary_before)
        return [text for where, text in field_indexes(writer.vocabulary).items() if where not in had]

    def cypher(self, text: str, parameters: Mapping[str, Any], *, timeout: float | None = 60.0) -> list[dict[str, Any]]:
        """Return the rows of a developer's own statement, which may only read; see :func:`raw.read_only`."""
        return raw.read_only(self._connection, text, parameters, timeout=timeout)

    # -- care --------------------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Finding]:
        """Yield what is wrong with the store itself: what another program wrote past the rules of the layout."""
        with self.read() as reader:
            yield from care.integrity(reader)

    def backup(self, path: Path) -> None:
        """Raise CapabilityError: a server's database is backed up by the server's own tools."""
        raise CapabilityError(
            f"{self.name} is not copied to '{path}': a server's database is backed up by its own tools",
            hint="use neo4j-admin database dump, or export the network with its history to a file",
            details={"capability": "backup"},
        )

    def statistics(self) -> Mapping[str, object]:
        """Return sizes and counts: entities and relations per type and predicate, transactions, the server."""
        with self.read() as reader:
            return {**care.statistics(reader), "server": f"Neo4j {self.version}"}

    def close(self) -> None:
        """Release everything; closing twice is fine."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _within(transaction: Transaction) -> Run:
    def run(statement: str, parameters: Mapping[str, Any]) -> Rows:
        # the text is made of constants and quoted names; values are parameters
        return transaction.run(statement, dict(parameters)).values()

    return run


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueProblem(f"'{zone}' is no time zone", hint="give an IANA name such as 'Europe/Paris'") from error
