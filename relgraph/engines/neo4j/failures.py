"""Errors of the driver as errors of relgraph, with the cause kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions as driver

from relgraph.errors import (
    AuthenticationFailed,
    CapabilityError,
    ConflictError,
    QueryTimeout,
    ReadOnlyError,
    RelgraphError,
    StoreError,
    StoreFormatError,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
)

OLDEST = (5, 26)
"""The first version of the server that has everything that is used here."""

RETRY = "retry"
"""The detail that is true where the same work, done again from its start, may well succeed."""


def retryable(error: BaseException, *, routed: bool) -> bool:
    """Return whether the driver says that doing the same again may succeed; ``routed`` is whether it looks for servers.

    A server that may not write for this database is worth another try where the driver then asks which one may; one
    whose database was set read-only, or the only one that is asked, says the same each time.
    """
    if isinstance(error, driver.ForbiddenOnReadOnlyDatabase):
        return routed and "read-only mode" not in (error.message or "")
    return isinstance(error, (driver.Neo4jError, driver.DriverError)) and error.is_retryable()


def is_routed(name: str) -> bool:
    """Return whether the driver looks for the servers of a cluster, by the address of the store.

    >>> is_routed("neo4j+s://host"), is_routed("bolt://host")
    (True, False)
    """
    return name.startswith("neo4j")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what the driver raises inside as errors of relgraph; ``name`` is the store's, without secrets."""
    try:
        yield
    except (driver.Neo4jError, driver.DriverError, OSError) as error:
        raise as_ours(error, name) from error


def as_ours(error: Exception, name: str) -> RelgraphError:
    """Return an error of the driver as one of relgraph."""
    code = getattr(error, "code", None) or ""
    # what the driver itself finds wrong stands in the text alone: its ``message`` is one for all of that
    message = (error.message if isinstance(error, driver.Neo4jError) else None) or str(error)
    details: dict[str, object] = {"store": name, "cause": code or type(error).__name__}
    if retryable(error, routed=is_routed(name)):
        details[RETRY] = True
    match error:
        case driver.TokenExpired() | driver.AuthError():
            return AuthenticationFailed(
                f"{name} refuses this user or password: {message}",
                hint="check auth=(user, password), or --user and NEO4J_PASSWORD on the command line",
                details=details,
            )
        case driver.ForbiddenOnReadOnlyDatabase():
            return ReadOnlyError(f"the database of {name} may only be read", details=details)
        case driver.Forbidden():
            if "AccessMode" in code or "ReadOnly" in code or "read-only" in message.casefold():
                return ReadOnlyError(f"{name} may only be read: {message}", details=details)
            return CapabilityError(
                f"this user lacks a privilege on {name}: {message}",
                hint="ask the database's administrator for it",
                details={**details, "capability": "privilege"},
            )
        case driver.UnsupportedServerProduct():
            return StoreFormatError(
                f"{name} is no Neo4j server, or one that is too old: {message}",
                hint=f"Neo4j {'.'.join(map(str, OLDEST))} or later is needed",
                details=details,
            )
        case driver.BrokenRecordError():
            return StoreFormatError(
                f"{name} holds a value that cannot be read here: {message}, {error.__cause__}",
                hint="such as a day before the year 1 or after 9999; a statement may ask for its text: toString(x)",
                details=details,
            )
        case driver.ConstraintError():
            details[RETRY] = True
            return ConflictError(
                f"another writer has just stored the same: {message}", hint="repeat the transaction", details=details
            )
    return _by_code(error, code, message, name, details)


def _by_code(error: Exception, code: str, message: str, name: str, details: dict[str, object]) -> RelgraphError:
    match code.removeprefix("Neo."):
        case "ClientError.Database.DatabaseNotFound":
            return StoreUnavailable(
                f"{name} has no such database: {message}",
                hint="check database=, or --database on the command line",
                details=details,
            )
        case "ClientError.General.WriteOnReadOnlyAccessDatabase":
            return ReadOnlyError(f"{name} may only be read: {message}", details=details)
        case "ClientError.Statement.AccessMode":
            return ReadOnlyError(f"a statement that writes is refused here: {message}", details=details)
        case "ClientError.Schema.ConstraintAlreadyExists" | "ClientError.Schema.IndexAlreadyExists":
            return StoreFormatError(
                f"{name} has an index or constraint that stands in the way: {message}",
                hint="SHOW CONSTRAINTS and SHOW INDEXES list them; drop the one that is not relgraph's",
                details=details,
            )
        case "ClientError.Schema.ConstraintCreationFailed" | "ClientError.Schema.ConstraintValidationFailed":
            return StoreFormatError(f"what {name} holds breaks a constraint: {message}", details=details)
        case "TransientError.Transaction.DeadlockDetected" | "TransientError.Transaction.LockClientStopped":
            return StoreLocked("two writers waited for each other", hint="repeat the transaction", details=details)
        case "TransientError.Transaction.LockAcquisitionTimeout" | "ClientError.Transaction.LockAcquisitionTimeout":
            details[RETRY] = True
            return StoreLocked(
                f"another writer held {name} longer than the time-out", hint="repeat the transaction", details=details
            )
        case (
            "ClientError.Transaction.TransactionTimedOut"
            | "ClientError.Transaction.TransactionTimedOutClientConfiguration"
        ):
            return QueryTimeout(
                "the database ended what took longer than it may",
                hint="ask for less, or give a longer timeout=",
                details=details,
            )
        case "ClientError.General.TransactionOutOfMemoryError" | "TransientError.General.MemoryPoolOutOfMemoryError":
            return StoreFull(
                f"the work needs more memory than {name} gives one transaction: {message}",
                hint="write in smaller batches, or raise db.memory.transaction.max",
                details=details,
            )
        case "TransientError.Database.DatabaseUnavailable":
            return StoreUnavailable(f"the database of {name} is not available: {message}", details=details)
    if "too large to index" in message or "exceeds limit" in message or "maximum key size" in message.casefold():
        return StoreFull(
            f"a text is too long for an index of {name}: {message}",
            hint="an index that relgraph did not make stands on that property; SHOW INDEXES lists it",
            details=details,
        )
    if "read-only" in message.casefold() or "read only" in message.casefold():
        return ReadOnlyError(f"{name} may only be read: {message}", details=details)
    if isinstance(error, driver.ConfigurationError):
        return StoreUnavailable(f"{name} cannot be opened so: {message}", details=details)
    if isinstance(error, (driver.DriverError, OSError)):
        return StoreUnavailable(f"{name} cannot be reached: {message}", hint="is the server running?", details=details)
    return StoreError(f"{name}: {message}", details=details)
