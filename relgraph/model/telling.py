"""The versions of things told as changes: who said what, when, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from relgraph.errors import NotFound
from relgraph.model.changes import Change, Event
from relgraph.model.entity import EntityRef, end_as_given, moment, reads, start_as_given
from relgraph.model.log import changes_of, entries
from relgraph.model.ports import Changed, Reader
from relgraph.model.records import EntityRow, KeyRow, RelationRow, SourceRow, TagRow, TransactionRow, Version
from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field
from relgraph.vocabulary.stored import in_order

_RELATIONS: Final = 1000
"""How many relations of an entity are looked up at once."""


def event_of(row: TransactionRow) -> Event:
    """Return a log entry as a value."""
    return Event(
        row.id, row.number, moment(row.recorded_at), row.kind, row.actor, row.reason, row.batch, row.undoes, row.detail
    )


class _Telling:
    """Names and events, each looked up once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._events: dict[int, Event] = {}
        self._ends: dict[int, EntityRef] = {}
        self._stated: dict[int, RelationRow] = {}

    def know_events(self, rows: Iterable[TransactionRow]) -> None:
        """Remember entries of the log that were read."""
        self._events.update({row.number: event_of(row) for row in rows})

    def know_ends(self, numbers: Iterable[int]) -> None:
        """Look entities up together."""
        asked = [one for one in dict.fromkeys(numbers) if one not in self._ends]
        if asked:
            rows = self.reader.last_entities(asked)
            for one in asked:
                row = rows.get(one)
                self._ends[one] = (
                    EntityRef("", "", "(erased)") if row is None else EntityRef(row.id, row.type, row.caption)
                )

    def know(self, changed: Iterable[Changed]) -> None:
        """Look up together what is told of several transactions."""
        names: list[int] = []
        stated: dict[int, None] = {}
        for one in changed:
            there = _relations_in(one)
            names += [end for row in there.values() for end in (row.subject, row.object)]
            names += [row.entity for row in one.tags_told] + [tag.row.entity for tag in one.tags_ended]
            names += [row.entity for row in one.keys_told] + [key.row.entity for key in one.keys_ended]
            sources = [*one.sources_told, *(version.row for version in one.sources_ended)]
            stated.update(dict.fromkeys(row.relation for row in sources if row.relation not in there))
        asked = [number for number in stated if number not in self._stated]
        if asked:
            last = {number: rows[-1].row for number, rows in self.reader.versions_of_relations(asked).items() if rows}
            self._stated.update(last)
            names += [end for row in last.values() for end in (row.subject, row.object)]
        self.know_ends(names)

    def stated(self, number: int) -> RelationRow | None:
        """Return a relation that a source states, as it was last; None where it was erased."""
        return self._stated.get(number)

    def event(self, number: int) -> Event:
        if number not in self._events:
            row = self.reader.transaction(number)
            if row is None:
                raise NotFound(f"transaction {number} is not in the log")
            self._events[number] = event_of(row)
        return self._events[number]

    def end(self, number: int) -> EntityRef:
        """Return an entity by what names it, also one that is gone."""
        self.know_ends([number])
        return self._ends[number]

    def sentence(self, row: RelationRow) -> str:
        """Return what a relation says, in the reading of its predicate, or the name where that is gone."""
        predicate = self.reader.vocabulary.predicates.get(row.predicate)
        reading = row.predicate if predicate is None else reads(predicate, forward=True)
        return f"{self.end(row.subject).name} {reading} {self.end(row.object).name}"

    def entity(self, number: int, change: str, before: EntityRow | None, after: EntityRow | None) -> Change:
        row = after or before
        if row is None:
            raise NotFound("a change of nothing")
        was, now = _differences(self._entity_facts(before), self._entity_facts(after))
        return Change(self.event(number), "entity", row.id, change, f"{row.caption} {change}", was, now)

    def relation(self, number: int, change: str, before: RelationRow | None, after: RelationRow | None) -> Change:
        row = after or before
        if row is None:
            raise NotFound("a change of nothing")
        was, now = _differences(self._relation_facts(before), self._relation_facts(after))
        return Change(
            self.event(number), "relation", row.id, change, f"{self.sentence(row)} {change}", was, now, row.predicate
        )

    def _entity_facts(self, row: EntityRow | None) -> dict[str, Any]:
        if row is None:
            return {}
        merged = {} if row.state == "live" else {"state": row.state}
        words = self.reader.vocabulary
        return {
            "type": row.type,
            **_read(row.fields, words.fields(row.type) if row.type in words.types else {}),
            **merged,
        }

    def _attributes(self, row: RelationRow, stored: Mapping[str, Any]) -> dict[str, Any]:
        return _read(stored, self.reader.vocabulary.attributes(row.predicate))

    def _relation_facts(self, row: RelationRow | None) -> dict[str, Any]:
        if row is None:
            return {}
        return {
            "subject": self.end(row.subject),
            "object": self.end(row.object),
            **_period((row.since, row.since_precision), (row.until, row.until_precision)),
            **({} if row.confidence is None else {"confidence": row.confidence}),
            **self._attributes(row, row.attributes),
        }

    def tag(self, number: int, row: TagRow, *, on: bool) -> Change:
        tagged = self.end(row.entity)
        word = "tagged" if on else "untagged"
        value = {"tag": row.tag}
        return Change(
            self.event(number),
            "entity",
            tagged.id,
            word,
            f"{tagged.name} {word} {row.tag}",
            *(({}, value) if on else (value, {})),
        )

    def key(self, number: int, row: KeyRow, *, on: bool) -> Change:
        held = self.end(row.entity)
        value = {"source": row.source, "key": row.key}
        words = f"{held.name} {'got' if on else 'lost'} the key {row.key} of {row.source}"
        return Change(
            self.event(number),
            "entity",
            held.id,
            "keyed" if on else "unkeyed",
            words,
            *(({}, value) if on else (value, {})),
        )

    def source(self, number: int, row: SourceRow, relation: RelationRow, *, on: bool) -> Change:
        value: dict[str, Any] = {"source": row.source, "key": row.key}
        if row.says is not None:
            told: Mapping[str, Any] = row.says
            value["says"] = _period(told["since"], told["until"]) | self._attributes(relation, told["attributes"])
        words = f"{row.source} {'states' if on else 'no longer states'} that {self.sentence(relation)}"
        return Change(
            self.event(number),
            "relation",
            relation.id,
            "stated" if on else "withdrawn",
            words,
            *(({}, value) if on else (value, {})),
            relation.predicate,
        )


def _period(since: Sequence[int] | None, until: Sequence[int] | None) -> dict[str, Any]:
    """Return the bounds of a period as they were given, a bound that is open left out."""
    bounds = {
        "since": None if since is None else start_as_given(since[0], since[1]),
        "until": None if until is None else end_as_given(until[0], until[1]),
    }
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _read(stored: Mapping[str, Any], declared: Mapping[str, Field]) -> dict[str, Any]:
    """Return stored values as users see them; what is no longer declared comes as it stands."""
    ordered = in_order(stored, declared)
    return {name: load(declared[name], value) if name in declared else value for name, value in ordered.items()}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {name: value for name, value in before.items() if name not in after or after[name] != value},
        {name: value for name, value in after.items() if name not in before or before[name] != value},
    )


def purged_since(reader: Reader) -> int:
    """Return how many entities were erased after the moment that a snapshot looks back to; 0 for one of now."""
    if reader.known is None:
        return 0
    return sum(_erased(row)[0] for row in reader.purges(after=reader.known))


def purge_note(count: int) -> str:
    """Return what an answer about the past says of what was erased since."""
    things = "entity that was" if count == 1 else "entities that were"
    return f"purged: {count:,} ({things} erased since, with all relations: what was known of them is not told)"


def _erased(row: TransactionRow) -> tuple[int, int]:
    found = [row.detail.get(f"purged_{things}") for things in ("entities", "relations")]
    entities, relations = (one if isinstance(one, int) else 0 for one in found)
    return entities, relations


def history_of(reader: Reader, thing_id: str) -> list[Change]:
    """Return every change of an entity and its relations, or of a relation, oldest first."""
    telling = _Telling(reader)
    numbers = reader.entity_numbers([thing_id])
    if numbers:
        number = numbers[thing_id]
        changes = _entity_history(telling, reader, number)
        numbers_of = reader.relations_ever_of(number)
        for start in range(0, len(numbers_of), _RELATIONS):
            changes += _relations_history(telling, reader, numbers_of[start : start + _RELATIONS])
    else:
        relations = reader.relation_numbers([thing_id])
        if not relations:
            raise NotFound(f"nothing has or had the id {thing_id!r}")
        changes = _relations_history(telling, reader, [relations[thing_id]])
    return sorted(changes, key=lambda change: change.event.number)


def _steps(versions: Sequence[Version[Any]]) -> Iterator[tuple[int, str, Any, Any]]:
    """Yield (transaction, kind of change, row before, row after) for each step through the versions of a thing."""
    previous: Version[Any] | None = None
    for version in versions:
        told = version.row.told_in
        if previous is not None and previous.replaced_in == told:
            yield told, previous.change or "updated", previous.row, version.row
        else:
            if previous is not None and previous.replaced_in is not None:
                yield previous.replaced_in, previous.change or "retracted", previous.row, None
            yield told, "added", None, version.row
        previous = version
    if previous is not None and previous.replaced_in is not None:
        yield previous.replaced_in, previous.change or "retracted", previous.row, None


def _know_events(telling: _Telling, reader: Reader, versions: Iterable[Version[Any]]) -> None:
    numbers = dict.fromkeys(at for one in versions for at in (one.row.told_in, one.replaced_in) if at is not None)
    telling.know_events(reader.transactions_by_number(list(numbers)).values())


def _entity_history(telling: _Telling, reader: Reader, number: int) -> list[Change]:
    versions, tags, keys = (
        reader.entity_versions(number),
        reader.tag_versions(number),
        reader.key_versions(number),
    )
    _know_events(telling, reader, [*versions, *tags, *keys])
    changes = [telling.entity(*step) for step in _steps(versions)]
    for tag in tags:
        changes.append(telling.tag(tag.row.told_in, tag.row, on=True))
        if tag.replaced_in is not None:
            changes.append(telling.tag(tag.replaced_in, tag.row, on=False))
    for key in keys:
        changes.append(telling.key(key.row.told_in, key.row, on=True))
        if key.replaced_in is not None:
            changes.append(telling.key(key.replaced_in, key.row, on=False))
    return changes


def _relations_history(telling: _Telling, reader: Reader, numbers: Sequence[int]) -> list[Change]:
    versions, sources = reader.versions_of_relations(numbers), reader.versions_of_sources(numbers)
    rows = [one for some in versions.values() for one in some]
    _know_events(telling, reader, [*rows, *(one for some in sources.values() for one in some)])
    telling.know_ends(end for one in rows for end in (one.row.subject, one.row.object))
    changes: list[Change] = []
    for number in numbers:
        steps = versions.get(number, [])
        changes += [telling.relation(*step) for step in _steps(steps)]
        for source in sources.get(number, []) if steps else []:
            relation = steps[-1].row
            changes.append(telling.source(source.row.told_in, source.row, relation, on=True))
            if source.replaced_in is not None:
                changes.append(telling.source(source.replaced_in, source.row, relation, on=False))
    return changes


def changes_between(
    reader: Reader, *, after: int, actor: str | None = None, batch: str | None = None, limit: int | None = None
) -> Iterator[Change]:
    """Yield the changes of the transactions after one, oldest first; at most ``limit``."""
    telling = _Telling(reader)
    told = 0

    def left() -> int | None:
        return None if limit is None else limit - told

    for some, found in changes_of(reader, entries(reader, after=after, actor=actor, batch=batch), left):
        telling.know_events(some)
        telling.know(found.values())
        for row in some:
            for change in islice(_told(telling, row, found[row.number]), left()):
                yield change
                told += 1


def _told(telling: _Telling, row: TransactionRow, changed: Changed) -> Iterator[Change]:
    if row.kind == "purge":
        entities, relations = _erased(row)
        words = f"erased for good: {_counted(entities, 'entity', 'entities')}, {_counted(relations, 'relation')}"
        yield Change(event_of(row), "network", row.id, "purged", words, after=dict(row.detail))
    yield from _changes(telling, row.number, changed)


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def changes_in(reader: Reader, number: int) -> Iterator[Change]:
    """Yield the changes of one transaction: entities, tags, keys, relations, sources."""
    telling = _Telling(reader)
    changed = reader.changed_in(number)
    telling.know([changed])
    yield from _changes(telling, number, changed)


def _changes(telling: _Telling, number: int, changed: Changed) -> Iterator[Change]:
    yield from (telling.entity(number, *step) for step in _pairs(changed.entities_ended, changed.entities_told))
    for one in changed.tags_told:
        yield telling.tag(number, one, on=True)
    for tag in changed.tags_ended:
        yield telling.tag(number, tag.row, on=False)
    for two in changed.keys_told:
        yield telling.key(number, two, on=True)
    for key in changed.keys_ended:
        yield telling.key(number, key.row, on=False)
    yield from (telling.relation(number, *step) for step in _pairs(changed.relations_ended, changed.relations_told))
    yield from _statements(telling, number, changed)


def _pairs(ended: Sequence[Version[Any]], told: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    was = {one.row.number: one for one in ended}
    now = {row.number: row for row in told}
    for number in sorted({*was, *now}):
        before = was.get(number)
        change = "added" if before is None else before.change or "updated"
        yield change, None if before is None else before.row, now.get(number)


def _relations_in(changed: Changed) -> dict[int, RelationRow]:
    """Return the relations that a transaction changed, by number, as it left them."""
    return {
        **{one.row.number: one.row for one in changed.relations_ended},
        **{row.number: row for row in changed.relations_told},
    }


def _statements(telling: _Telling, number: int, changed: Changed) -> Iterator[Change]:
    relations = _relations_in(changed)
    told = [(row, True) for row in changed.sources_told] + [(one.row, False) for one in changed.sources_ended]
    for row, on in told:
        relation = relations.get(row.relation) or telling.stated(row.relation)
        if relation is not None:
            yield telling.source(number, row, relation, on=on)
