"""What happened, for people: the log read as changes of things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log: who changed something, when and why."""

    id: str
    number: int
    recorded_at: datetime
    kind: str
    actor: str | None
    reason: str | None
    batch: str | None
    undoes: str | None
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a transaction changed.

    ``thing`` says what ``id`` is the id of; ``change`` is the kind (added, updated, ended, retracted, trashed,
    restored, merged, moved, deleted, undone, tagged, untagged, keyed, unkeyed, stated, withdrawn); ``before`` and
    ``after`` hold what differs, as the values that entities and relations have (a share as a percent, an end as an
    EntityRef); ``words`` say it in a sentence, a relation in the reading of its predicate, which ``predicate`` names.
    A purge is one change of the network (purged), whose ``id`` is the transaction's: how many things were erased is all
    that is left of them.
    """

    event: Event
    thing: Literal["entity", "relation", "network"]
    id: str
    change: str
    words: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    predicate: str | None = None

    def __str__(self) -> str:
        return self.words

    @property
    def transaction(self) -> str:
        """The id of the transaction."""
        return self.event.id

    @property
    def actor(self) -> str | None:
        """Who did it."""
        return self.event.actor

    @property
    def recorded_at(self) -> datetime:
        """When the network was told."""
        return self.event.recorded_at


@dataclass(frozen=True, slots=True)
class Difference:
    """What one view of a network has that another has not: ids by kind, and relations that differ."""

    appeared_entities: tuple[str, ...] = ()
    vanished_entities: tuple[str, ...] = ()
    changed_entities: tuple[str, ...] = ()
    appeared: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (
                self.appeared_entities,
                self.vanished_entities,
                self.changed_entities,
                self.appeared,
                self.vanished,
                self.changed,
            )
        )
