"""Entities and relations as the outside sees them: values that never query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from relgraph.model.records import OPEN_END, OPEN_START, EntityRow, Precision, RelationRow, SourceRow
from relgraph.values import PartialDate
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field, Predicate, Vocabulary, Words
from relgraph.vocabulary.stored import in_order

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: int) -> datetime:
    """Return recorded time (microseconds since 1970) as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def start_as_given(since: int, precision: int) -> PartialDate | None:
    """Return a start as it was given: a day, a month, a year, or None where open."""
    if since == OPEN_START:
        return None
    day = date.fromordinal(since)
    return _partial(day, precision)


def end_as_given(until: int, precision: int) -> PartialDate | None:
    """Return an end as it was given; a partial end is kept as the day after its last one."""
    if until == OPEN_END:
        return None
    return _partial(date.fromordinal(until if precision == Precision.DAY else until - 1), precision)


def _partial(day: date, precision: int) -> PartialDate:
    match precision:
        case Precision.YEAR:
            return PartialDate(day.year)
        case Precision.MONTH:
            return PartialDate(day.year, day.month)
        case _:
            return PartialDate(day.year, day.month, day.day)


def words(texts: Words, name: str, language: str = "en") -> str:
    """Return the text for a language, else the general one, else any, else the name with spaces."""
    return texts.get(language) or texts.get("") or next(iter(texts.values()), "") or name.replace("_", " ")


def reads(predicate: Predicate, *, forward: bool) -> str:
    """Return the words for a predicate from one end, as a sentence without language has them.

    >>> reads(Predicate("owns", "owned_by", inverse_reading={"en": "is owned by"}), forward=False)
    'is owned by'
    """
    texts = predicate.reading if forward or predicate.symmetric else predicate.inverse_reading
    name = predicate.name if forward or predicate.symmetric else predicate.inverse
    return texts.get("") or texts.get("en") or next(iter(texts.values()), "") or name.replace("_", " ")


class _Loaded(Mapping[str, Any]):
    """Stored values shown as Python values, each converted when it is first looked at, in the vocabulary's order."""

    __slots__ = ("_fields", "_stored", "_values")

    def __init__(self, stored: Mapping[str, object], fields: Mapping[str, Field]) -> None:
        self._stored = stored
        self._fields = fields
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            stored = self._stored[name]
            declared = self._fields.get(name)
            self._values[name] = stored if declared is None else load(declared, stored)
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self.stored())

    def __len__(self) -> int:
        return len(self._stored)

    def __repr__(self) -> str:
        return repr(dict(self))

    def stored(self) -> dict[str, Any]:
        """Return the values as they are stored."""
        return in_order(self._stored, self._fields)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """One end of a relation: enough to name it."""

    id: str
    type: str
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Entity:
    """A business entity as it was read: a value, equal to another when id and version are.

    ``entity["sector"]`` and ``entity.fields`` give fields as Python values (a missing optional one is None by the
    first, absent from the second), in the order of the vocabulary. ``version`` is the number of the transaction that
    told it.
    """

    id: str
    type: str
    name: str = field(compare=False)
    tags: tuple[str, ...] = field(default=(), compare=False)
    keys: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    fields: Mapping[str, Any] = field(default_factory=dict, compare=False)
    version: int = 0
    state: str = field(default="live", compare=False)
    declared: Mapping[str, Field] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        """Return a field's value, None where it has none; KeyError where the type has no such field."""
        if name in self.fields:
            return self.fields[name]
        if name in self.declared:
            return None
        raise KeyError(name)

    if not TYPE_CHECKING:  # a checker of types is to find attributes that there are not

        def __getattr__(self, name: str) -> Any:
            """Say how fields are read: an attribute that there is not is looked for here."""
            raise AttributeError(f"an entity has no attribute {name!r}; a field is read as entity[{name!r}]")

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field's value, or the default where it has none."""
        return self.fields.get(name, default)

    @property
    def stored(self) -> Mapping[str, object]:
        """The fields in stored, JSON-able form."""
        return self.fields.stored() if isinstance(self.fields, _Loaded) else self.fields

    def __str__(self) -> str:
        return self.name

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - only notebooks ask

        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in self.fields.items()
        )
        return f"<table><caption>{escape(self.name)} ({escape(self.type)})</caption>{rows}</table>"


@dataclass(frozen=True, slots=True)
class Source:
    """Who states a relation, under which key of its own, and what it says where that differs."""

    name: str
    key: str = ""
    says: Mapping[str, object] | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation as it was read, subject to object: a value, equal to another when id and version are."""

    id: str
    predicate: str
    subject: EntityRef = field(compare=False)
    object: EntityRef = field(compare=False)
    since: PartialDate | None = field(default=None, compare=False)
    until: PartialDate | None = field(default=None, compare=False)
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)
    sources: tuple[Source, ...] = field(default=(), compare=False)
    confidence: float | None = field(default=None, compare=False)
    recorded_at: datetime | None = field(default=None, compare=False)
    recorded_by: str | None = field(default=None, compare=False)
    version: int = 0
    declared: Mapping[str, Field] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        """Return an attribute's value, None where it has none; KeyError where the predicate has no such attribute."""
        if name in self.attributes:
            return self.attributes[name]
        if name in self.declared:
            return None
        raise KeyError(name)

    @property
    def source(self) -> str | None:
        """The names of its sources, joined by a comma, or None."""
        return ", ".join(dict.fromkeys(one.name for one in self.sources)) or None

    @property
    def stored(self) -> Mapping[str, Any]:
        """The attributes in stored, JSON-able form."""
        held = self.attributes
        return held.stored() if isinstance(held, _Loaded) else held

    def __str__(self) -> str:
        return f"{self.subject.name} {self.predicate} {self.object.name}"


@dataclass(frozen=True, slots=True)
class Related:
    """A relation as it is read from one of its ends: ``predicate`` names that reading, ``entity`` is the other end."""

    relation: Relation
    predicate: str
    entity: Entity

    def __iter__(self) -> Any:
        return iter((self.relation, self.predicate, self.entity))

    def __str__(self) -> str:
        return f"{self.predicate} {self.entity.name}"


@dataclass(frozen=True, slots=True)
class RelatedGroup:
    """The relations of an entity under one reading: how many hold on the day, how many there are, the first rows."""

    predicate: str
    held: int
    total: int
    first: tuple[Related, ...]


@dataclass(frozen=True, slots=True)
class Neighbor:
    """An entity that another is related to on a day, by id: under which readings, and how connected it is itself."""

    id: str
    name: str
    readings: tuple[str, ...]
    degree: int


class Link(NamedTuple):
    """A relation as a drawing needs it: its ends by id, without its sources; there may be thousands of them.

    ``begins`` is the first day on which it may hold and ``ends`` the first on which it no longer does, as ordinals;
    where a period is open they lie outside of what a ``date`` can say.
    """

    id: str
    predicate: str
    subject: str
    object: str
    since: PartialDate | None
    until: PartialDate | None
    begins: int
    ends: int
    attributes: Mapping[str, Any]

    def holds(self, day: date) -> bool:
        """Return whether it may hold on a day."""
        return self.begins <= day.toordinal() < self.ends


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Some entities with what joins them.

    ``links`` are relations of any period that have both ends among ``entities`` (by id).
    ``degrees`` says how many relations of each entity hold on the day, ``outside`` how many distinct neighbors it
    has then that are not among the entities, and ``others`` how many such neighbors there are in all.
    """

    entities: Mapping[str, EntityRef]
    links: tuple[Link, ...]
    degrees: Mapping[str, int]
    outside: Mapping[str, int]
    others: int


@dataclass(frozen=True, slots=True)
class Path:
    """A way through the network: one entity more than relations."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    parallels: tuple[tuple[Relation, ...], ...] = field(default=(), compare=False)
    strength: Any = field(default=None, compare=False)

    @property
    def hops(self) -> int:
        """How many relations it takes."""
        return len(self.relations)

    def __str__(self) -> str:
        return " - ".join(entity.name for entity in self.entities)


def to_entity(
    row: EntityRow, tags: tuple[str, ...], keys: tuple[tuple[str, str], ...], vocabulary: Vocabulary
) -> Entity:
    """Return a row as a value."""
    declared = vocabulary.fields(row.type) if row.type in vocabulary.types else {}
    return Entity(
        row.id,
        row.type,
        row.caption,
        tags,
        keys,
        _Loaded(row.fields, declared),
        row.told_in,
        row.state,
        declared,
    )


def to_links(rows: Iterable[RelationRow], ids: Mapping[int, str], vocabulary: Vocabulary) -> tuple[Link, ...]:
    """Return relations between entities whose ids these are, by number."""
    return tuple(
        Link(
            row.id,
            row.predicate,
            ids[row.subject],
            ids[row.object],
            start_as_given(row.since, row.since_precision),
            end_as_given(row.until, row.until_precision),
            row.since,
            row.until,
            _Loaded(row.attributes, vocabulary.attributes(row.predicate)) if row.attributes else row.attributes,
        )
        for row in rows
    )


def to_relation(
    row: RelationRow,
    subject: EntityRef,
    obj: EntityRef,
    vocabulary: Vocabulary,
    *,
    sources: tuple[SourceRow, ...] = (),
    recorded: tuple[int, str | None] | None = None,
) -> Relation:
    """Return a row as a value; ``recorded`` is when (microseconds) and by whom its version was told."""
    declared = vocabulary.attributes(row.predicate)
    return Relation(
        row.id,
        row.predicate,
        subject,
        obj,
        start_as_given(row.since, row.since_precision),
        end_as_given(row.until, row.until_precision),
        _Loaded(row.attributes, declared),
        tuple(Source(one.source, one.key, one.says) for one in sources),
        row.confidence,
        None if recorded is None else moment(recorded[0]),
        None if recorded is None else recorded[1],
        row.told_in,
        declared,
    )
