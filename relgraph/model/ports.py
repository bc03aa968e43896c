"""What the model asks of a store: a consistent snapshot to read, and a writer that holds the lock.

A store keeps rows and versions; it knows no rule. The transaction reads through a :class:`Writer`, checks the rules,
and hands it a change set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from relgraph.model.records import (
    ChangeSet,
    EntityRow,
    KeyRow,
    Note,
    RelationRow,
    SourceRow,
    TagRow,
    TransactionRow,
    Version,
)
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    # arrays are for the rules and the stores: importing the library does not load them
    import numpy as np
    from numpy.typing import NDArray

    from relgraph.model.columns import Columns, Ints


@dataclass(frozen=True, slots=True)
class Ends:
    """What rules need of entities, aligned with the numbers asked for.

    ``type`` indexes ``types`` (-1: no such entity); ``state`` is 0 live, 1 trashed, 2 merged; ``tags`` holds one
    column of 64-bit words per 64 tag names, bit *i* of word *w* being ``tag_names[64 * w + i]``.
    """

    types: tuple[str, ...]
    type: NDArray[np.int32]
    state: NDArray[np.int8]
    tag_names: tuple[str, ...]
    tags: NDArray[np.uint64]


class Reader(Protocol):
    """One consistent snapshot of what is believed now, or was believed by a transaction (``known``).

    Every method sees entities in any state unless it says *live*; relations are those currently believed, those of
    trashed entities included unless the method says *live*. Numbers that do not exist are left out of answers.
    """

    @property
    def last(self) -> int:
        """The number of the last transaction this snapshot sees."""

    @property
    def known(self) -> int | None:
        """The transaction number that this snapshot looks back to, or None for now."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Today's vocabulary (also when looking back)."""

    def entity_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the entities with these ids (ids ever given out keep their number)."""

    def entities(self, numbers: Iterable[int]) -> dict[int, EntityRow]:
        """Return entity rows by number."""

    def captions(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return caption and id of entities in any state by number: what lists are ordered by."""

    def entity_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the numbers of the entities with these external keys."""

    def entities_named(self, folded: str, types: Sequence[str] | None, limit: int) -> list[EntityRow]:
        """Return live entities whose folded caption is this, ordered by caption, then id."""

    def entities_holding(self, type_names: Sequence[str], field_name: str, stored: object) -> list[int]:
        """Return live entities of exactly these types whose field holds this value (for ``unique`` and ``key``)."""

    def list_entities(
        self, types: Sequence[str] | None, *, after: tuple[str, str] | None, limit: int
    ) -> list[EntityRow]:
        """Return live entities of exactly these types (None: all) ordered by caption, then id, after a pair of both."""

    def count_entities(self, types: Sequence[str] | None) -> int:
        """Return how many live entities of exactly these types there are."""

    def tags(self, numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the tags of entities, in name order."""

    def keys(self, numbers: Iterable[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return the external keys of entities, ordered."""

    def merged_into(self, numbers: Iterable[int]) -> list[int]:
        """Return the entities that were merged, directly, into any of these."""

    def relation_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of relations with these ids, believed now or once (an id keeps its number)."""

    def relations(self, numbers: Iterable[int]) -> dict[int, RelationRow]:
        """Return believed relations by number."""

    def relation_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the believed relations that a source states under these (source, key) pairs."""

    def relations_of(
        self,
        entities: Iterable[int],
        *,
        end: Literal["subject", "object", "either"] = "either",
        predicates: Sequence[str] | None = None,
    ) -> list[RelationRow]:
        """Return relations that touch these entities at that end, each once, ordered by number."""

    def relations_between(self, pairs: Sequence[tuple[int, int]], predicates: Sequence[str]) -> list[RelationRow]:
        """Return relations of these predicates from the first to the second of each pair, ordered by number."""

    def every_entity(self, *, after: int, limit: int) -> list[EntityRow]:
        """Return entities in any state, ordered by number, after one number."""

    def every_relation(self, *, after: int, limit: int) -> list[RelationRow]:
        """Return believed relations, those of trashed entities too, ordered by number, after one number."""

    def list_relations(self, predicates: Sequence[str] | None, *, after: int, limit: int) -> list[RelationRow]:
        """Return live relations of exactly these predicates (None: all) ordered by number, after one number."""

    def count_relations(self, predicates: Sequence[str] | None) -> int:
        """Return how many live relations of exactly these predicates are believed, whatever their period."""

    def sources(self, relations: Iterable[int]) -> dict[int, tuple[SourceRow, ...]]:
        """Return who states these relations, ordered by source, then key."""

    def relations_stated_by(self, source: str) -> Iterator[SourceRow]:
        """Yield every statement of a source, ordered by relation number."""

    def ends(self, numbers: Ints) -> Ends:
        """Return type, state and tags of entities as columns."""

    def columns(
        self,
        predicates: Sequence[str],
        *,
        subjects: Ints | None = None,
        objects: Ints | None = None,
        attributes: Sequence[str] = (),
    ) -> Columns:
        """Return live relations of these predicates as columns.

        With ``subjects`` those starting at any of them, with ``objects`` those ending at any of them, with both
        (arrays of one length) those of the pairs; with neither, all. Amounts are scaled by each attribute's field.
        """

    def search(self, text: str, types: Sequence[str] | None, limit: int) -> list[tuple[int, float]]:
        """Return live entities that match, best first, with a score: folded, prefixes, ranked."""

    def entity_versions(self, number: int) -> list[Version[EntityRow]]:
        """Return every version of an entity, oldest first."""

    def relation_versions(self, number: int) -> list[Version[RelationRow]]:
        """Return every version of a relation, oldest first."""

    def tag_versions(self, number: int) -> list[Version[TagRow]]:
        """Return every tag an entity carried, oldest first."""

    def key_versions(self, number: int) -> list[Version[KeyRow]]:
        """Return every external key an entity had, oldest first."""

    def source_versions(self, number: int) -> list[Version[SourceRow]]:
        """Return every statement about a relation, oldest first."""

    def last_entities(self, numbers: Sequence[int]) -> dict[int, EntityRow]:
        """Return entities as they are believed, or as they were last where they are gone."""

    def versions_of_relations(self, numbers: Sequence[int]) -> dict[int, list[Version[RelationRow]]]:
        """Return every version of several relations, oldest first."""

    def versions_of_sources(self, relations: Sequence[int]) -> dict[int, list[Version[SourceRow]]]:
        """Return every statement about several relations, oldest first."""

    def relations_ever_of(self, entity: int) -> list[int]:
        """Return the numbers of all relations that ever touched an entity, ordered."""

    def transactions(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        batch: str | None = None,
        actor: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[TransactionRow]:
        """Return log entries by number."""

    def transaction(self, reference: str | int) -> TransactionRow | None:
        """Return one log entry by id or number."""

    def transactions_by_number(self, numbers: Sequence[int]) -> dict[int, TransactionRow]:
        """Return several log entries by number."""

    def transaction_at(self, recorded_at: int) -> int:
        """Return the number of the last transaction recorded by this time (microseconds UTC), 0 before the first."""

    def purges(self, *, after: int) -> list[TransactionRow]:
        """Return the log entries of the purges after a transaction number, whatever moment is looked at."""

    def changed_in(self, number: int, *, most: int | None = None) -> Changed:
        """Return the things that a transaction told or replaced: all, or of each kind the first ``most``."""

    def changed_in_each(self, numbers: Sequence[int], *, most: int | None = None) -> dict[int, Changed]:
        """Return the things that each of several transactions told or replaced: all, or of each kind the first ones.

        ``most`` are those of all transactions together, in the order of the log.
        """

    def saved(self, kind: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return saved documents of a kind ('question', 'decision', 'setting', ...) by name."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The versions that one transaction ended (past rows) and told (rows it wrote, as they were written)."""

    entities_ended: tuple[Version[EntityRow], ...] = ()
    entities_told: tuple[EntityRow, ...] = ()
    relations_ended: tuple[Version[RelationRow], ...] = ()
    relations_told: tuple[RelationRow, ...] = ()
    tags_ended: tuple[Version[TagRow], ...] = ()
    tags_told: tuple[TagRow, ...] = ()
    keys_ended: tuple[Version[KeyRow], ...] = ()
    keys_told: tuple[KeyRow, ...] = ()
    sources_ended: tuple[Version[SourceRow], ...] = ()
    sources_told: tuple[SourceRow, ...] = ()

    @property
    def kinds(self) -> tuple[tuple[Any, ...], ...]:
        """What was ended and told, each kind by itself."""
        return (
            self.entities_ended,
            self.entities_told,
            self.relations_ended,
            self.relations_told,
            self.tags_ended,
            self.tags_told,
            self.keys_ended,
            self.keys_told,
            self.sources_ended,
            self.sources_told,
        )


class Writer(Reader, Protocol):
    """A snapshot that holds the write lock; it is committed by :meth:`commit`, and undone when left without it."""

    def lock(self, entities: Sequence[str], predicates: Sequence[str]) -> None:
        """Keep other writers from these entities (by id) and from the acyclic rules of these predicates.

        A store whose writer already keeps everyone else out need do nothing.
        """

    def reserve(self, entities: int, relations: int) -> tuple[int, int]:
        """Return the first of so many fresh entity numbers and relation numbers."""

    def rings(self, predicates: Sequence[str], added: Columns, removed: Ints, limit: int) -> list[tuple[int, ...]]:
        """Return rings that hold on one common day and go through an added relation.

        The network looked at is the live relations of the predicates without ``removed`` and with ``added``; sure
        periods count. Each ring is the sequence of its relation numbers from an added one on; at most ``limit``.
        """

    def commit(self, changes: ChangeSet, note: Note) -> TransactionRow:
        """Write the change set as one transaction, durably, and release the lock."""

    def purge(self, entities: Sequence[int], note: Note) -> TransactionRow:
        """Erase entities, those merged into them, their relations and every trace of both; commits."""

    def save(self, kind: str, name: str, document: Mapping[str, object] | None) -> None:
        """Keep a named document beside the network (None removes it); part of the next commit, or alone."""


class Keeper(Protocol):
    """The part of a store that transactions and views need."""

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""

    def read(self, *, known: int | None = None) -> AbstractContextManager[Reader]:
        """Open a snapshot, now or as known by a transaction number."""

    def write(self) -> AbstractContextManager[Writer]:
        """Take the write lock and open a writer."""

    def zone(self) -> str:
        """Return the time zone in which this network says 'today'."""
