"""What a store keeps, as plain rows, and the net change that a transaction hands to it.

Rows are named tuples: a bulk load makes a million of them. Inside a store (or, on a server, inside one session)
entities and relations are known by integer *numbers*; text ids are for the outside. Days are proleptic ordinals
(``datetime.date.toordinal``); an open bound is :data:`OPEN_START` or :data:`OPEN_END`. ``since`` and ``until``
hold the **widest** half-open period; with the precision, the period as it was given and the sure period follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from relgraph.model.blocks import RelationTable
    from relgraph.vocabulary.model import Vocabulary

OPEN_START = -(2**31) + 1
OPEN_END = 2**31 - 1

Row = TypeVar("Row")
State = Literal["live", "trashed", "merged"]
ChangeKind = Literal[
    "added", "updated", "ended", "retracted", "trashed", "restored", "merged", "moved", "deleted", "undone", "renamed"
]


class Precision(IntEnum):
    """How much of a bound was given."""

    DAY = 0
    MONTH = 1
    YEAR = 2


class EntityRow(NamedTuple):
    """One version of an entity; ``fields`` holds stored forms (see ``vocabulary.fields``)."""

    number: int
    id: str
    type: str
    caption: str
    fields: Mapping[str, object]
    state: State
    merged_into: int | None
    told_in: int


class RelationRow(NamedTuple):
    """One version of a relation, subject to object; ``attributes`` holds stored forms."""

    number: int
    id: str
    predicate: str
    subject: int
    object: int
    since: int
    until: int
    since_precision: int
    until_precision: int
    attributes: Mapping[str, Any]
    confidence: float | None
    told_in: int


class TagRow(NamedTuple):
    """That an entity carries a tag."""

    entity: int
    tag: str
    told_in: int


class KeyRow(NamedTuple):
    """An external key of an entity: unique over the network."""

    entity: int
    source: str
    key: str
    told_in: int


class SourceRow(NamedTuple):
    """That a source states a relation, under a key of its own ('' when it has none).

    ``says`` is None where the source agrees with the relation as it stands, else the version it tells instead:
    ``{"since": ..., "until": ..., "attributes": {...}}`` in stored forms.
    """

    relation: int
    source: str
    key: str
    says: Mapping[str, object] | None
    told_in: int


class TransactionRow(NamedTuple):
    """One entry of the log; ``recorded_at`` is in microseconds since 1970 in UTC, strictly increasing."""

    number: int
    id: str
    recorded_at: int
    kind: str
    actor: str | None
    reason: str | None
    batch: str | None
    undoes: str | None
    vocabulary: int
    detail: Mapping[str, object]


class Version(NamedTuple, Generic[Row]):
    """A row as it was believed from ``told_in`` until ``replaced_in`` (None: still), and what replaced it."""

    row: Row
    replaced_in: int | None
    change: ChangeKind | None


@dataclass(frozen=True, slots=True)
class Delta(Generic[Row]):
    """A thing before and after: before None is new, after None is taken out of what is believed."""

    before: Row | None
    after: Row | None
    change: ChangeKind


@dataclass(slots=True)
class ChangeSet:
    """The net effect of one transaction, checked and ready to be written.

    ``new_relations`` are the bulk of most loads and kept apart from the deltas. A row's ``told_in`` is set by the
    store when it is written. Rows refer to final numbers, reserved from the writer.
    """

    new_entities: list[EntityRow] = field(default_factory=list)
    entities: list[Delta[EntityRow]] = field(default_factory=list)
    new_relations: list[RelationRow] = field(default_factory=list)
    new_tables: list[RelationTable] = field(default_factory=list)
    """New relations side by side, no two tables with a number in common."""
    relations: list[Delta[RelationRow]] = field(default_factory=list)
    tags_added: list[TagRow] = field(default_factory=list)
    tags_removed: list[TagRow] = field(default_factory=list)
    keys_added: list[KeyRow] = field(default_factory=list)
    keys_removed: list[KeyRow] = field(default_factory=list)
    sources_added: list[SourceRow] = field(default_factory=list)
    sources_removed: list[SourceRow] = field(default_factory=list)
    vocabulary: Vocabulary | None = None
    renames: list[tuple[Literal["type", "predicate", "tag", "field", "attribute"], str, str, str]] = field(
        default_factory=list
    )
    """What is renamed: kind, owner ('' or the type or predicate that has the field), old name, new name."""

    def empty(self) -> bool:
        """Return whether nothing would be written."""
        return not (
            self.new_entities
            or self.entities
            or self.new_relations
            or any(self.new_tables)
            or self.relations
            or self.tags_added
            or self.tags_removed
            or self.keys_added
            or self.keys_removed
            or self.sources_added
            or self.sources_removed
            or self.vocabulary is not None
        )


@dataclass(frozen=True, slots=True)
class Note:
    """What the log says of a transaction beside its changes."""

    kind: str = "write"
    actor: str | None = None
    reason: str | None = None
    batch: str | None = None
    undoes: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    id: str | None = None
    """The transaction's id where it is brought back from elsewhere; minted otherwise."""
    recorded_at: int | None = None
    """Its time where it is brought back (microseconds UTC, later than the last); now otherwise."""


_sure: dict[tuple[int, int], int] = {}


def sure_start(since: int, precision: int) -> int:
    """Return the day from which a start surely counts: the last day of a partial date.

    >>> date.fromordinal(sure_start(date(2024, 1, 1).toordinal(), Precision.YEAR)).isoformat()
    '2024-12-31'
    """
    if precision == Precision.DAY or since == OPEN_START:
        return since
    found = _sure.get((since, precision))
    if found is None:
        day = date.fromordinal(since)
        if precision == Precision.YEAR:
            found = date(day.year, 12, 31).toordinal()
        else:
            year, month = divmod(day.year * 12 + day.month, 12)
            found = date.max.toordinal() if year > 9999 else date(year, month + 1, 1).toordinal() - 1
        _sure[since, precision] = found
    return found


def sure_end(until: int, precision: int) -> int:
    """Return the day to which an end surely holds: the first day of a partial date.

    >>> date.fromordinal(sure_end(date(2025, 1, 1).toordinal(), Precision.YEAR)).isoformat()
    '2024-01-01'
    """
    if precision == Precision.DAY or until == OPEN_END:
        return until
    # a key of -1 - precision keeps ends apart from starts in the one cache
    found = _sure.get((until, -1 - precision))
    if found is None:
        last = date.fromordinal(until - 1)
        first = date(last.year, 1, 1) if precision == Precision.YEAR else date(last.year, last.month, 1)
        found = first.toordinal()
        _sure[until, -1 - precision] = found
    return found
