"""Every error of relgraph, one tree.

::

    RelgraphError
    ├── VocabularyError ── VocabularyErrors (all errors of one document at once)
    ├── ValueProblem                a value that its field cannot hold
    ├── RuleError
    │   ├── TypeRuleError           an end of the wrong type, or a type that cannot be used
    │   ├── TagRuleError            a tag that is required or forbidden
    │   ├── DuplicateRelationError  the same pair again in an overlapping period
    │   ├── CardinalityError        more objects or subjects than the predicate allows
    │   ├── CycleError              a chain that returns to its start
    │   ├── SumError                an attribute that adds up to too much
    │   ├── SelfRelationError       an entity related to itself
    │   ├── DisabledPredicateError  a predicate that takes no new relations, or only from code
    │   ├── FieldError              a value that its field cannot hold, or a field that is none
    │   ├── RequiredFieldError      a field that must be present
    │   ├── UniqueFieldError        a field or key that another entity has
    │   ├── PeriodError             an end that is not after its start, dates where none may be
    │   ├── InUseError              something that relations, questions or roles still need
    │   ├── FrozenError             an entity that is trashed or merged away
    │   ├── SourceConflictError     a relation that another source tells otherwise (a ConflictError, too)
    │   └── RuleErrors              all breaches of one batch, in row order
    ├── QueryError
    │   ├── QuerySyntaxError
    │   ├── QueryNameError
    │   ├── QueryTypeError
    │   ├── QueryLimitError
    │   └── QueryTimeout
    ├── NotFound
    ├── AmbiguousName
    ├── ConflictError               it changed since it was read
    ├── UndoError                   a transaction that cannot be taken back
    ├── LoadError                   a source or mapping that cannot be read
    ├── Cancelled                   the caller stopped it
    ├── CapabilityError             something this store declares it cannot do
    └── StoreError
        ├── StoreUnavailable
        ├── AuthenticationFailed
        ├── StoreFormatError
        ├── StoreLocked
        ├── StoreFull
        └── ReadOnlyError
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self


class RelgraphError(Exception):
    """The base of every error that relgraph raises on purpose.

    ``code`` is stable and names the kind; ``message`` says what happened; ``hint`` says what to do;
    ``candidates`` are names that may have been meant; ``details`` is a JSON-able mapping.

    >>> error = NotFound("no entity 'ACNE'", hint="check the spelling", candidates=["ACME"])
    >>> print(error)
    no entity 'ACNE' (did you mean 'ACME'?)
      hint: check the spelling
    >>> error.code
    'not-found'
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        candidates: Iterable[str] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates: tuple[str, ...] = tuple(candidates)
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        text = self.message
        if self.candidates:
            named = ", ".join(f"'{name}'" for name in self.candidates[:5])
            text += f" (did you mean {named}?)"
        if self.hint:
            text += f"\n  hint: {self.hint}"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the error as a JSON-able mapping: code, message, hint, candidates, details."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "candidates": list(self.candidates),
            "details": self.details,
        }


class VocabularyError(RelgraphError):
    """A vocabulary that cannot be read or cannot hold; ``details`` has ``line`` and ``where`` when known."""

    code = "vocabulary"


class VocabularyErrors(VocabularyError):
    """All errors of one vocabulary document, in the order of its lines; ``errors`` lists them."""

    code = "vocabulary-errors"

    def __init__(self, errors: Sequence[VocabularyError]) -> None:
        super().__init__(
            f"{len(errors)} errors in the vocabulary:\n" + "\n".join(f"- {error}" for error in errors),
            details={"errors": [error.to_dict() for error in errors]},
        )
        self.errors: tuple[VocabularyError, ...] = tuple(errors)


class ValueProblem(RelgraphError, ValueError):
    """A value that its field, or its kind of value, cannot hold."""

    code = "value"


class RuleError(RelgraphError):
    """A rule that a write would break; ``details`` may have ``row``, ``rule``, ``predicate``, ``entity``."""

    code = "rule"


class TypeRuleError(RuleError):
    """An end of a type that the predicate does not take, or a type that cannot be used."""

    code = "rule-type"


class TagRuleError(RuleError):
    """A tag that a predicate requires or forbids."""

    code = "rule-tag"


class DuplicateRelationError(RuleError):
    """The same pair under the same predicate again, in an overlapping period."""

    code = "rule-duplicate"


class CardinalityError(RuleError):
    """More distinct objects or subjects on one day than the predicate allows."""

    code = "rule-cardinality"


class CycleError(RuleError):
    """A chain of an acyclic predicate that returns to its start on one day."""

    code = "rule-cycle"


class SumError(RuleError):
    """An attribute that adds up to more than its limit on one day."""

    code = "rule-sum"


class SelfRelationError(RuleError):
    """An entity related to itself."""

    code = "rule-self"


class DisabledPredicateError(RuleError):
    """A predicate that takes no new relations, or only from code."""

    code = "rule-disabled"


class FieldError(RuleError):
    """A value that its field cannot hold, or a field that the type or predicate does not have."""

    code = "rule-field"


class RequiredFieldError(RuleError):
    """A field that must be present and is not."""

    code = "rule-required"


class UniqueFieldError(RuleError):
    """A unique field or an external key that another entity already has."""

    code = "rule-unique"


class PeriodError(RuleError):
    """A period that ends before it starts, or dates where the predicate has none."""

    code = "rule-period"


class InUseError(RuleError):
    """Something that relations, saved questions or roles still need."""

    code = "rule-in-use"


class FrozenError(RuleError):
    """An entity that is trashed or merged away and takes no new facts."""

    code = "rule-frozen"


class RuleErrors(RuleError, ExceptionGroup[RuleError]):
    """All breaches of one batch, ordered by row, then rule: ``errors`` lists up to 1,000, ``total`` counts all.

    ``counts`` says how many there are of each error code.
    """

    code = "rules"

    def __new__(cls, errors: Sequence[RuleError], *, counts: Mapping[str, int] | None = None) -> Self:
        """Make the group; ``counts`` is the number of breaches of each code when more were found than are listed."""
        count = len(errors) if counts is None else sum(counts.values())
        shown = "\n".join(f"- {error}" for error in errors[:10])
        more = f"\n- and {count - 10} more" if count > 10 else ""
        what = "1 breach of the rules" if count == 1 else f"{count:,} breaches of the rules"
        return super().__new__(cls, f"{what}:\n{shown}{more}", list(errors))

    def __init__(self, errors: Sequence[RuleError], *, counts: Mapping[str, int] | None = None) -> None:
        # ``message`` is set, read-only, by the group's own __new__, so the base __init__ cannot run here
        self.errors: tuple[RuleError, ...] = tuple(errors)
        self.counts: Mapping[str, int] = dict(Counter(error.code for error in errors) if counts is None else counts)
        self.total = sum(self.counts.values())
        self.hint = None
        self.candidates = ()
        listed = [error.to_dict() for error in errors]
        self.details = {"counts": dict(self.counts), "total": self.total, "errors": listed}

    def derive(self, excs: Sequence[RuleError]) -> RuleErrors:  # type: ignore[override]
        """Return a group of the same kind over some of the errors (``except*`` splits groups so)."""
        return RuleErrors(excs)


class QueryError(RelgraphError):
    """A question that cannot be answered; ``details`` has ``line``, ``column`` and ``span`` when it is text."""

    code = "query"


class QuerySyntaxError(QueryError):
    """Text that is no question."""

    code = "query-syntax"


class QueryNameError(QueryError):
    """A name that the vocabulary or the network does not have, or has twice."""

    code = "query-name"


class QueryTypeError(QueryError):
    """Values or ends of kinds that do not go together."""

    code = "query-type"


class QueryLimitError(QueryError):
    """A question, or its work, past a limit; the message names the limit."""

    code = "query-limit"


class QueryTimeout(QueryError):
    """A question that took longer than it may."""

    code = "query-timeout"


class NotFound(RelgraphError):
    """No entity, relation or transaction by that id, key or name."""

    code = "not-found"


class AmbiguousName(RelgraphError):
    """Several entities by that name; ``candidates`` lists their ids."""

    code = "ambiguous"


class ConflictError(RelgraphError):
    """What was read has changed meanwhile."""

    code = "conflict"


class SourceConflictError(ConflictError, RuleError):
    """A relation that another source tells otherwise; ``on_conflict`` says what then holds."""

    code = "conflict-source"


class UndoError(RelgraphError):
    """A transaction that cannot be taken back, with the reason."""

    code = "undo"


class LoadError(RelgraphError):
    """A source, mapping or exported file that cannot be read."""

    code = "load"


class Cancelled(RelgraphError):
    """Work that its caller stopped; nothing of it was kept."""

    code = "cancelled"


class CapabilityError(RelgraphError):
    """Something that this store declares it cannot do."""

    code = "capability"


class StoreError(RelgraphError):
    """A store that cannot be used as asked."""

    code = "store"


class StoreUnavailable(StoreError):
    """A store that cannot be reached, or a file that is not there or may not be opened."""

    code = "store-unavailable"


class AuthenticationFailed(StoreError):
    """A user or password that the server refuses."""

    code = "store-authentication"


class StoreFormatError(StoreError):
    """A file that is damaged, of a newer format, or made by another program."""

    code = "store-format"


class StoreLocked(StoreError):
    """Another writer held the store longer than the time-out."""

    code = "store-locked"


class StoreFull(StoreError):
    """No room left on the disk, or past a size limit of the store."""

    code = "store-full"


class ReadOnlyError(StoreError):
    """A write to a store that was opened for reading, or that may only be read."""

    code = "store-read-only"
