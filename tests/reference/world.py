"""What a question is answered from, and what its answers are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from relgraph.query import ir
from relgraph.values import PartialDate, Percent
from relgraph.vocabulary.model import Vocabulary


@dataclass(frozen=True)
class Thing:
    """An entity."""

    id: str
    type: str
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fact:
    """A relation."""

    id: str
    predicate: str
    subject: str
    object: str
    since: PartialDate | None = None
    until: PartialDate | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    confidence: Decimal | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None


@dataclass(frozen=True)
class Way:
    """A route or path: entity ids, and for each hop the ids of its relations."""

    entities: tuple[str, ...]
    hops: tuple[tuple[str, ...], ...]
    strength: Decimal | Percent | None = None


@dataclass(frozen=True)
class E:
    """An entity as a value."""

    id: str


@dataclass(frozen=True)
class R:
    """A relation as a value."""

    id: str


class Refused(Exception):
    """A question whose values cannot be computed with."""


class Unsure(Exception):
    """A question of a network in which it means nothing."""


@dataclass(frozen=True)
class World:
    """All that a question is answered from."""

    vocabulary: Vocabulary
    things: Sequence[Thing]
    facts: Sequence[Fact]
    calendar: date
    zone: str = "UTC"
    parameters: Mapping[ir.Parameter, Any] = field(default_factory=dict)
    members: Mapping[ir.Member, Sequence[str]] = field(default_factory=dict)


Row = dict[str, Any]
