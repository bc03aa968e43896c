"""Reading a network: as it is, as of a day, or as it was known at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

from relgraph.asking import Questions
from relgraph.engines.base import Reader, Store
from relgraph.errors import AmbiguousName, NotFound, ValueProblem
from relgraph.folding import fold
from relgraph.model.buffer import today_in
from relgraph.model.changes import Change, Difference, Event
from relgraph.model.entity import (
    Entity,
    EntityRef,
    Neighbor,
    Related,
    RelatedGroup,
    Relation,
    Surroundings,
)
from relgraph.model.kept import kept
from relgraph.model.prepare import entity_type, nearest, reference
from relgraph.model.records import EntityRow, RelationRow
from relgraph.model.telling import changes_between, event_of, history_of, purged_since
from relgraph.others import Shapes
from relgraph.reading import relations_as_values, values_of
from relgraph.values import day_bounds, parse_datetime
from relgraph.vocabulary.model import ENTITY, Reading, Vocabulary

PAGE = 1000


class View(Questions, Shapes):
    """A network seen at one day and as known at one time; every method opens a snapshot of its own.

    ``Graph`` is the view of now and today; :meth:`as_of` and :meth:`known_at` give others, which only read.
    """

    def __init__(self, store: Store, *, day: int | None = None, known: int | None = None) -> None:
        self._store = store
        self._day = day
        self._known = known

    # -- where one stands -------------------------------------------------------------------------------------------

    @property
    def vocabulary(self) -> Vocabulary:
        """Today's vocabulary, a value."""
        with self._reading() as reader:
            return reader.vocabulary

    @property
    def day(self) -> date:
        """The day that questions are asked for: today in the network's time zone, unless moved by ``as_of``."""
        return date.fromordinal(self._ordinal())

    @property
    def purged(self) -> int:
        """How many entities were erased for good since the time that ``known_at`` asked for; 0 in a view of now.

        What was known of them then is told no more, so the view is not all that was known.
        """
        with self._reading() as reader:
            return purged_since(reader)

    def _ordinal(self) -> int:
        return today_in(self._store.zone()) if self._day is None else self._day

    def as_of(self, day: object, /) -> View:
        """Return a view in which questions are asked for another day.

        ``day`` is a date or its ISO text; a month or year is refused, since it is no day.
        """
        first, _, precision = day_bounds(day)
        if precision:
            raise ValueProblem(f"as of needs a day, not {day}", hint=f"say {date.fromordinal(first).isoformat()}")
        return self._moved(first, self._known)

    def known_at(self, moment: object, /) -> View:
        """Return a view of what was believed at a time (a datetime with zone, or its ISO text)."""
        with self._store.read() as reader:
            number = reader.transaction_at(parse_datetime(moment))
        return self._moved(self._day, number)

    def _moved(self, day: int | None, known: int | None) -> View:
        view = View(self._store, day=day, known=known)
        view.me, view.us = self.me, self.us
        return view

    def _reading(self) -> AbstractContextManager[Reader]:
        return self._store.read(known=self._known)

    # -- single things ----------------------------------------------------------------------------------------------

    def get(self, entity_id: object, /) -> Entity:
        """Return the entity with an id, following merges; NotFound where there is none or it is in the trash."""
        with self._reading() as reader:
            return values_of(reader, [self._row(reader, reference(entity_id))])[0]

    def __getitem__(self, entity_id: object) -> Entity:
        return self.get(entity_id)

    # an entity is got by its id, and there is no first one: a network is gone through by ``entities``
    __iter__ = None

    def __contains__(self, entity_id: object) -> bool:
        try:
            self.get(entity_id)
        except NotFound:
            return False
        return True

    def _row(self, reader: Reader, named: str | tuple[str, str], *, live: bool = True) -> EntityRow:
        if isinstance(named, tuple):
            numbers = list(reader.entity_by_keys([named]).values())
            missing = f"no entity has the key {named[1]!r} of source {named[0]!r}"
        else:
            numbers = list(reader.entity_numbers([named]).values())
            missing = f"no entity with the id {named!r}"
        row = kept(reader, reader.entities(numbers).get(numbers[0]) if numbers else None)
        if row is None:
            raise NotFound(missing, hint="to look one up by its name, use graph.entity(name)")
        if live and row.state != "live":
            raise NotFound(f"{row.caption} ({row.id}) is in the trash", hint="restore it to see it again")
        return row

    def entity(self, name: str, /, *, type: str | None = None) -> Entity:  # noqa: A002 - the word users know
        """Return the one entity with a name: exactly, else ignoring case, accents and spacing.

        Raises NotFound with the nearest names, and AmbiguousName with the ids, types and names of several.
        """
        with self._reading() as reader:
            types = None if type is None else self._types(reader, type)
            rows = reader.entities_named(fold(name), types, 50)
            exact = [row for row in rows if row.caption == name]
            found = exact or rows
            if len(found) == 1:
                return values_of(reader, found)[0]
            kind = type or "entity"
            if found:
                raise AmbiguousName(
                    f"{len(found)} entities are called {name!r}",
                    hint="take one by its id, or say its type: "
                    + ", ".join(f"{row.id} ({row.type} {row.caption})" for row in found[:5]),
                    candidates=[row.id for row in found],
                    details={"entities": [{"id": row.id, "type": row.type, "name": row.caption} for row in found]},
                )
            near = self._near(reader, name, types)
            raise NotFound(f"no {kind} is called {name!r}", candidates=near)

    def _near(self, reader: Reader, name: str, types: Sequence[str] | None) -> list[str]:
        words = [word for word in fold(name).split() if len(word) > 1] or [fold(name)]
        found: dict[str, None] = {}
        for text in (*words[:3], *(word[: max(2, len(word) // 2)] for word in words[:3])):
            numbers = [number for number, _ in reader.search(text, types, 20)]
            found.update(dict.fromkeys(row.caption for row in reader.entities(numbers).values()))
        return nearest(name, found)

    def by_key(self, source: str, key: object, /) -> Entity:
        """Return the entity with an external key."""
        with self._reading() as reader:
            return values_of(reader, [self._row(reader, (source, str(key)))])[0]

    def relation(self, relation_id: str, /) -> Relation:
        """Return a believed relation by id; NotFound where there is none, or an end is in the trash."""
        with self._reading() as reader:
            numbers = reader.relation_numbers([str(relation_id)])
            rows = list(reader.relations(numbers.values()).values())
            found = relations_as_values(reader, _live(reader, rows), full=True)
            if not found:
                raise NotFound(f"no relation with the id {str(relation_id)!r}")
            return found[0]

    # -- many things ------------------------------------------------------------------------------------------------

    def _types(self, reader: Reader, name: str) -> tuple[str, ...]:
        if name != ENTITY:
            entity_type(reader.vocabulary, name)
        return reader.vocabulary.subtypes(name)

    def entities(
        self,
        type: str | None = None,  # noqa: A002
        /,
        *,
        after: tuple[str, str] | None = None,
    ) -> Iterator[Entity]:
        """Yield the live entities of a type and its subtypes (all without one), ordered by name, then id.

        ``after`` is a name and an id: those up to them are left out, so that a list can be read page by page.
        """
        while True:
            with self._reading() as reader:
                types = None if type is None else self._types(reader, type)
                rows = reader.list_entities(types, after=after, limit=PAGE)
                page = values_of(reader, rows)
            yield from page
            if len(rows) < PAGE:
                return
            after = rows[-1].caption, rows[-1].id

    def relations(
        self,
        predicate: str | None = None,
        /,
        *,
        subject: object = None,
        object: object = None,  # noqa: A002 - the word of the field
        ever: bool = False,
        after: str | None = None,
    ) -> Iterator[Relation]:
        """Yield live relations that hold on the view's day (``ever``: on any), oldest first.

        A predicate may be given by either name; ``subject`` and ``object`` are then the ends of that reading.
        ``after`` is a relation's id: those up to it are left out, so that a list can be read page by page.
        """
        with self._reading() as reader:
            reading = None if predicate is None else self._reading_named(reader, predicate)
            if reading is not None and not reading.forward:
                subject, object = object, subject  # noqa: A001
        names = None if reading is None else reader.vocabulary.narrower(reading.predicate.name)
        if subject is None and object is None:
            yield from self._all_relations(names, ever=ever, after=self._number_of(after))
            return
        symmetric = reading is not None and reading.predicate.symmetric
        with self._reading() as reader:
            rows = self._rows_of_ends(reader, names, subject, object)
            if symmetric:
                rows = _united(rows, self._rows_of_ends(reader, names, object, subject))
            begin = self._number_of(after)
            found = self._held(_live(reader, [row for row in rows if row.number > begin]), ever=ever)
            yield from relations_as_values(reader, found, full=True)

    def _number_of(self, relation_id: str | None) -> int:
        if relation_id is None:
            return 0
        with self._reading() as reader:
            found = reader.relation_numbers([relation_id]).get(relation_id)
        if found is None:
            raise NotFound(f"no relation with the id {relation_id!r}")
        return found

    def _rows_of_ends(
        self, reader: Reader, names: Sequence[str] | None, subject: object, obj: object
    ) -> list[RelationRow]:
        start = None if subject is None else self._row(reader, reference(subject)).number
        goal = None if obj is None else self._row(reader, reference(obj)).number
        if start is not None:
            rows = reader.relations_of([start], end="subject", predicates=names)
            return rows if goal is None else [row for row in rows if row.object == goal]
        return [] if goal is None else reader.relations_of([goal], end="object", predicates=names)

    def _all_relations(self, names: Sequence[str] | None, *, ever: bool, after: int) -> Iterator[Relation]:
        while True:
            with self._reading() as reader:
                rows = reader.list_relations(names, after=after, limit=PAGE)
                page = relations_as_values(reader, self._held(rows, ever=ever), full=True)
            yield from page
            if len(rows) < PAGE:
                return
            after = rows[-1].number

    def _edges(self, predicate: str | None = None) -> Iterator[tuple[RelationRow, str, str]]:
        """Yield the rows of what :meth:`relations` yields, each with the ids of its ends, which are read once."""
        with self._reading() as reader:
            reading = None if predicate is None else self._reading_named(reader, predicate)
            names = None if reading is None else reader.vocabulary.narrower(reading.predicate.name)
        ids: dict[int, str] = {}
        after = 0
        while True:
            with self._reading() as reader:
                rows = reader.list_relations(names, after=after, limit=10 * PAGE)
                page = self._held(rows, ever=False)
                met = {end for row in page for end in (row.subject, row.object)} - ids.keys()
                ids.update((number, identifier) for number, (_, identifier) in reader.captions(met).items())
            yield from ((row, ids[row.subject], ids[row.object]) for row in page)
            if len(rows) < 10 * PAGE:
                return
            after = rows[-1].number

    def _held(self, rows: Iterable[RelationRow], *, ever: bool) -> list[RelationRow]:
        day = self._ordinal()
        return [row for row in rows if ever or row.since <= day < row.until]

    def count(self, name: str | None = None, /) -> int:
        """Return how many live entities there are of a type, or live relations of a predicate, of any period."""
        with self._reading() as reader:
            if name is None:
                return reader.count_entities(None)
            derived = any(name in {one.name, one.inverse} for one in reader.vocabulary.derived.values())
            if derived or name in reader.vocabulary.readings:
                predicate = self._reading_named(reader, name).predicate.name
                return reader.count_relations(reader.vocabulary.narrower(predicate))
            return reader.count_entities(self._types(reader, name))

    def search(self, text: str, /, *, types: Sequence[str] = (), limit: int = 10) -> list[Entity]:
        """Return live entities that match words or beginnings of words, best first, accents and case aside."""
        with self._reading() as reader:
            named = [types] if isinstance(types, str) else types
            wanted = [one for name in named for one in self._types(reader, name)] or None
            numbers = [number for number, _ in reader.search(text, wanted, limit)]
            rows = reader.entities(numbers)
            return values_of(reader, [rows[number] for number in numbers if number in rows])

    # -- neighbors --------------------------------------------------------------------------------------------------

    def _reading_named(self, reader: Reader, name: str) -> Reading:
        found = reader.vocabulary.readings.get(name)
        if found is None:
            derived = any(name in {one.name, one.inverse} for one in reader.vocabulary.derived.values())
            raise NotFound(
                f"{name} is derived: it is computed, not stored" if derived else f"there is no predicate {name!r}",
                hint="ask for it with a query" if derived else None,
                candidates=() if derived else nearest(name, reader.vocabulary.readings),
            )
        return found

    def related(
        self,
        entity: object,
        predicate: str | None = None,
        /,
        *,
        ever: bool = False,
        alone: bool = False,
        limit: int | None = None,
        after: tuple[str, str] | None = None,
    ) -> list[Related]:
        """Return the relations of an entity in the reading of this end, with the entity at the other end.

        Those that hold on the view's day (``ever``: all, those that hold first), for one predicate (those that imply
        it included, unless ``alone``) or for all, grouped by predicate in the order of the vocabulary; within one by
        its order attribute, then by name and id. ``limit`` is how many at most; ``after`` is the ``predicate`` and the
        relation's id of the last row of the page before. Raises NotFound where that row is no longer among them.
        """
        from relgraph.neighborhood import incidence, page, read_as  # noqa: PLC0415 - arrays are loaded when asked for

        with self._reading() as reader:
            row = self._row(reader, reference(entity))
            reading = None if predicate is None else self._reading_named(reader, predicate)
            names: Sequence[str] | None = None
            if reading is not None:
                name = reading.predicate.name
                names = [name] if alone else reader.vocabulary.narrower(name)
            found = incidence(reader, row.number, self._ordinal(), names)
            if reading is not None:
                found = read_as(found, reader.vocabulary, reading, alone=alone)
            return page(reader, found if ever else found.take(found.held), limit=limit, after=after)

    def related_groups(self, entity: object, /, *, first: int = 10) -> list[RelatedGroup]:
        """Return for each reading an entity's relations have their counts and first rows, in the vocabulary's order.

        The rows are those of ``related(entity, reading, ever=True, alone=True)``, of which the next ones come with
        its ``after``; relations to what is in the trash are not counted.
        """
        from relgraph.neighborhood import groups, incidence  # noqa: PLC0415 - arrays are loaded when asked for

        with self._reading() as reader:
            row = self._row(reader, reference(entity))
            return groups(reader, incidence(reader, row.number, self._ordinal()), first=first)

    def readings(self, entity: object, /) -> dict[str, tuple[int, int]]:
        """Return for each reading an entity's relations have how many hold on the view's day, and how many there are.

        In the order of the vocabulary; relations to what is in the trash are not counted.
        """
        return {one.predicate: (one.held, one.total) for one in self.related_groups(entity, first=0)}

    def neighbors(self, entity: object, /, *, limit: int | None = None) -> list[Neighbor]:
        """Return what an entity is related to on the view's day, itself aside, the best connected first.

        ``limit`` is how many at most.
        """
        from relgraph.neighborhood import incidence, neighbors  # noqa: PLC0415 - arrays are loaded when asked for

        with self._reading() as reader:
            row = self._row(reader, reference(entity))
            day = self._ordinal()
            return neighbors(reader, incidence(reader, row.number, day), row.number, day, limit=limit)

    def surroundings(self, entities: Iterable[object], /) -> Surroundings:
        """Return entities (those that there are, merges followed) with what joins them and what is left out."""
        from relgraph.neighborhood import surroundings  # noqa: PLC0415 - arrays are loaded when asked for

        with self._reading() as reader:
            rows = self._live_rows(reader, [reference(one) for one in entities])
            return surroundings(reader, rows, self._ordinal())

    def _live_rows(self, reader: Reader, named: Sequence[str | tuple[str, str]]) -> dict[int, EntityRow]:
        keys = [one for one in named if isinstance(one, tuple)]
        found = [
            *reader.entity_numbers([one for one in named if not isinstance(one, tuple)]).values(),
            *(reader.entity_by_keys(keys).values() if keys else ()),
        ]
        rows = reader.entities(found)
        live = {number: row for number, row in rows.items() if row.state == "live"}
        for merged in rows.values():
            if merged.state == "merged":
                try:
                    row = self._row(reader, merged.id)
                except NotFound:
                    continue
                live[row.number] = row
        return live

    # -- what happened ----------------------------------------------------------------------------------------------

    def history(self, thing: object, /) -> list[Change]:
        """Return all that ever happened to an entity (its relations included) or to a relation, oldest first."""
        with self._store.read() as reader:
            return history_of(reader, thing.id if isinstance(thing, (Entity, EntityRef, Relation)) else str(thing))

    def changes(
        self,
        *,
        after: str | int | datetime | None = None,
        actor: str | None = None,
        batch: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Change]:
        """Yield changes, oldest first: after a transaction (id or number) or time, by an actor, of a batch.

        ``limit`` is how many at most; of a transaction that changed more, no more than those are read.
        """
        with self._store.read() as reader:
            number = 0
            if isinstance(after, datetime):
                number = reader.transaction_at(parse_datetime(after))
            elif after is not None:
                found = reader.transaction(after)
                if found is None:
                    raise NotFound(f"no transaction {after!r}")
                number = found.number
            yield from changes_between(reader, after=number, actor=actor, batch=batch, limit=limit)

    def transactions(
        self,
        *,
        before: str | int | None = None,
        actor: str | None = None,
        batch: str | None = None,
        limit: int = 50,
    ) -> list[Event]:
        """Return entries of the log, the latest first: before a transaction (id or number), by an actor, of a batch."""
        with self._store.read() as reader:
            until = None
            if before is not None:
                found = reader.transaction(before)
                if found is None:
                    raise NotFound(f"no transaction {before!r}")
                until = found.number - 1
            if until == 0:
                return []
            rows = reader.transactions(until=until, actor=actor, batch=batch, newest_first=True, limit=limit)
            return [event_of(row) for row in rows]

    def diff(self, before: View, after: View, /) -> Difference:
        """Return what one view has that another has not: entities, and relations holding on each view's day."""
        for one in (before, after):
            if not isinstance(one, View):
                raise ValueProblem(
                    f"two views are compared, not {type(one).__name__}", hint="such as graph.as_of('2024-01-01')"
                )
        old_entities, old = before._snapshot()
        new_entities, new = after._snapshot()
        return Difference(
            tuple(sorted(new_entities.keys() - old_entities.keys())),
            tuple(sorted(old_entities.keys() - new_entities.keys())),
            tuple(sorted(one for one in new_entities.keys() & old_entities if new_entities[one] != old_entities[one])),
            tuple(sorted(new.keys() - old.keys())),
            tuple(sorted(old.keys() - new.keys())),
            tuple(sorted(one for one in new.keys() & old if new[one] != old[one])),
        )

    def _snapshot(self) -> tuple[dict[str, object], dict[str, object]]:
        entities = {one.id: (one.type, one.name, one.tags, one.keys, dict(one.stored)) for one in self.entities()}
        relations = {
            one.id: (one.subject.id, one.predicate, one.object.id, str(one.since), str(one.until), dict(one.stored))
            for one in self.relations()
        }
        return dict(entities), dict(relations)


def _united(rows: Sequence[RelationRow], more: Sequence[RelationRow]) -> list[RelationRow]:
    return sorted({row.number: row for row in (*rows, *more)}.values(), key=lambda row: row.number)


def _live(reader: Reader, rows: Sequence[RelationRow]) -> list[RelationRow]:
    numbers = {end for row in rows for end in (row.subject, row.object)}
    live = {number for number, row in reader.entities(numbers).items() if row.state == "live"}
    return [row for row in rows if row.subject in live and row.object in live]


__all__ = ["View"]
