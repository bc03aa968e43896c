"""The gate that every way in passes: a net change is set against the rules before it is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import RuleError
from relgraph.model.blocks import RelationTable
from relgraph.model.columns import Columns, Ints, from_rows, joined, once, placed, placed_amount
from relgraph.model.holders import held_twice, stated_twice
from relgraph.model.ports import Ends, Writer
from relgraph.model.records import ChangeSet, EntityRow, RelationRow
from relgraph.model.rules import acyclic, family, tags, types
from relgraph.model.rules.breach import Breach, Change, Code, Found, compare
from relgraph.model.rules.messages import to_error
from relgraph.vocabulary.model import Field, Predicate, Vocabulary

_Kinds = tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int32]]
_Words = tuple[tuple[str, ...], NDArray[np.uint64], NDArray[np.uint64]]


def check_changes(
    changes: ChangeSet,
    writer: Writer,
    *,
    today: int,
    rows: Mapping[int, int] | None = None,
    again: Iterable[int] = (),
) -> tuple[list[RuleError], Mapping[str, int]]:
    """Return the breaches that a change would make or worsen, as errors with their row, and how many more of each code.

    ``today`` is the ordinal of the current day; ``rows`` gives relations, by number, their row in the batch; ``again``
    are new relations that were believed before: types and tags that they no longer rely on are not asked of them.
    """
    gate = _Gate(changes, writer, today, again)
    errors: list[RuleError] = [*held_twice(changes, writer), *stated_twice(changes, writer, rows or {})]
    codes: dict[Code, str] = {}
    for breach in gate.breaches():
        error = to_error(breach, gate.vocabulary, gate.entity, gate.relation)
        codes[breach.rule] = error.code
        row = gate.row((rows or {}), breach.relations[0]) if breach.relations else None
        if row is not None:
            error.details["row"] = row
        errors.append(error)
    return errors, {codes[rule]: count for rule, count in gate.more.items() if rule in codes}


class _Gate:
    def __init__(self, changes: ChangeSet, writer: Writer, today: int, again: Iterable[int]) -> None:
        self.changes = changes
        self.writer = writer
        self.today = today
        self.vocabulary: Vocabulary = changes.vocabulary or writer.vocabulary
        self._entities: dict[int, EntityRow] = {row.number: row for row in changes.new_entities}
        self._entities.update({one.after.number: one.after for one in changes.entities if one.after is not None})
        self._known: dict[int, EntityRow] = {}
        self._after: dict[int, RelationRow] = {}
        self._before: dict[int, RelationRow] = {}
        self._again = set(again)
        self._stored: dict[int, RelationRow | None] = {}
        self._kept_columns: dict[str, Columns] = {}
        self.more: Counter[Code] = Counter()
        self._collect()

    # -- what changes -----------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        live = self._liveness()
        tables = {one.predicate: one for one in self.changes.new_tables}
        fresh: list[RelationRow] = list(self.changes.new_relations)
        for delta in self.changes.relations:
            if delta.before is not None:
                self._before[delta.before.number] = delta.before
            if delta.after is not None:
                fresh.append(delta.after)
        returned = self._returned()
        self._hidden_before = {
            number
            for number, row in self._before.items()
            if returned and (row.subject in returned or row.object in returned)
        }
        if returned:
            changed = {row.number for row in fresh} | self._before.keys()
            again = [row for row in self.writer.relations_of(returned) if row.number not in changed]
            self._again |= {row.number for row in again}
            fresh += again
        mixed = {row.predicate for row in fresh}
        apart = len(tables) < len(self.changes.new_tables) or not mixed.isdisjoint(tables)
        if live or apart:
            fresh += [row for table in self.changes.new_tables for row in table]
        if live:
            fresh = [row for row in fresh if live.get(row.subject, True) and live.get(row.object, True)]
        grouped: dict[str, list[RelationRow]] = {}
        for row in fresh:
            grouped.setdefault(row.predicate, []).append(row)
        for rows in grouped.values():
            rows.sort(key=_number)
        self.fresh: dict[str, Sequence[RelationRow]] = {**grouped}
        if not (live or apart):
            self.fresh.update(tables)

    def _liveness(self) -> dict[int, bool]:
        """Return which entities of changed relations are known not to be live after, or to be live again."""
        if not self.changes.relations and not self.changes.entities:
            # the ends of what is only added are live: the transaction has looked
            return {}
        numbers = {
            end for delta in self.changes.relations if delta.after for end in (delta.after.subject, delta.after.object)
        }
        returned = self._returned()
        if returned:
            for row in self.writer.relations_of(returned):
                numbers |= {row.subject, row.object}
        numbers -= self._entities.keys()
        live = {number: row.state == "live" for number, row in self._entities.items()}
        live.update({number: row.state == "live" for number, row in self.writer.entities(numbers).items()})
        return live if not all(live.values()) else {}

    def _returned(self) -> list[int]:
        return [
            one.after.number
            for one in self.changes.entities
            if one.after is not None
            and one.after.state == "live"
            and (one.before is None or one.before.state != "live")
        ]

    # -- the rules --------------------------------------------------------------------------------------------------

    def breaches(self) -> list[Breach]:
        """Return the breaches of every rule whose level is an error."""
        touched = set(self.fresh) | {row.predicate for row in self._before.values()}
        broad = {one for name in touched if name in self.vocabulary.predicates for one in self.vocabulary.broader(name)}
        found: list[Found] = []
        for name in sorted(broad, key=self.vocabulary.reading_ranks.__getitem__):
            # in the order of the vocabulary, without a walk through all that it has besides
            found += self._predicate(self.vocabulary.predicates[name])
        found += self._ends_of_new()
        found += self._marks()
        for one in found:
            if one.total > len(one.listed):
                self.more.update(one.more)
        return [breach for one in found for breach in one.listed if breach.level == "error"]

    def _predicate(self, predicate: Predicate) -> list[Found]:
        names = self.vocabulary.narrower(predicate.name)
        if not any(self.fresh.get(name) for name in names):
            return []
        wanted = family.scope(predicate)
        added = self._added(names, wanted.attributes)
        change = self._changed(self._around(predicate, names, added, wanted), added)
        found = [family.breaches(change, predicate, signature=self._signature, earlier=self._signature_before)]
        if predicate.acyclic == "error":
            found.append(self._acyclic(predicate, names, added))
        return found

    def _around(self, predicate: Predicate, names: Sequence[str], added: Columns, wanted: family.Scope) -> Columns:
        """Return the relations, as they were, that the predicate's rules must see beside the added ones."""
        read, attributes = self.writer.columns, wanted.attributes
        parts: list[Columns] = []
        either = np.concatenate([added.subject, added.object]) if predicate.symmetric else None
        if wanted.subjects:
            groups = once(added.subject if either is None else either)
            parts.append(read(names, subjects=groups, attributes=attributes))
        if wanted.objects:
            groups = once(added.object if either is None else either)
            parts.append(read(names, objects=groups, attributes=attributes))
        if wanted.pairs and not parts:
            subjects, objects = added.subject, added.object
            if either is not None:
                subjects, objects = either, np.concatenate([added.object, added.subject])
            parts.append(read((predicate.name,), subjects=subjects, objects=objects, attributes=attributes))
        if self._before:
            # a changed relation must be seen as it was, also where it leaves its group
            numbers = set(added.number.tolist()) & self._before.keys() - self._hidden_before
            parts.append(self._columns([self._before[one] for one in sorted(numbers)], attributes))
        around = parts[0] if len(parts) == 1 else joined(parts)
        if len(parts) > 1:
            _, first = np.unique(around.number, return_index=True)
            around = around.take(first)
        return around

    def _columns(self, rows: Sequence[RelationRow], attributes: Sequence[str]) -> Columns:
        return from_rows(rows, {attribute: self._amounts(rows, attribute) for attribute in attributes})

    def _fresh_columns(self, name: str) -> Columns:
        """Return the new and changed relations of a predicate, without amounts."""
        if name not in self._kept_columns:
            rows = self.fresh[name]
            self._kept_columns[name] = rows.columns() if isinstance(rows, RelationTable) else from_rows(rows)
        return self._kept_columns[name]

    def _added(self, names: Sequence[str], attributes: Sequence[str]) -> Columns:
        """Return the new and changed relations of a family."""
        parts = []
        for name in names:
            if name in self.fresh:
                part = self._fresh_columns(name)
                if attributes:
                    amounts = {one: np.array(self._amounts(self.fresh[name], one), np.int64) for one in attributes}
                    part = replace(part, amounts=amounts)
                parts.append(part)
        return joined(parts)

    def _amounts(self, rows: Sequence[RelationRow], attribute: str) -> list[int]:
        """Return an attribute of each relation as an integer."""
        if isinstance(rows, RelationTable):
            field, held = self.vocabulary.predicates[rows.predicate].attribute(attribute), rows.attribute(attribute)
            if field is not None and field.kind == "money":
                return [placed_amount(field, one) for one in held]
            return list(map(_Amounts(field).__getitem__, held))
        fields = {
            name: self.vocabulary.predicates[name].attribute(attribute)
            for name in dict.fromkeys([row.predicate for row in rows])
        }
        if any(field is not None and field.kind == "money" for field in fields.values()):
            # the stored form of money is a list, which no table can be looked up by
            return [placed_amount(fields[row.predicate], row.attributes.get(attribute)) for row in rows]
        known = {name: _Amounts(field) for name, field in fields.items()}
        return [known[row.predicate][row.attributes.get(attribute)] for row in rows]

    def _changed(self, before: Columns, added: Columns) -> Change:
        taken = np.fromiter(self._before.keys(), np.int64, len(self._before))
        if len(before) == 0:
            return compare(before, added)
        touched = np.concatenate([added.number, taken]) if len(taken) else added.number
        stays = ~np.isin(before.number, touched) if len(touched) > 1 else before.number != touched
        return compare(before, joined([before.take(stays), added]), touched=touched)

    def _signature(self, number: int) -> str:
        row = self.relation(number)
        return "" if row is None else _signed(row)

    def _signature_before(self, number: int) -> str:
        row = self._before.get(number) or self.relation(number)
        return "" if row is None else _signed(row)

    def _acyclic(self, predicate: Predicate, names: Sequence[str], added: Columns) -> Found:
        was = [self._before[one] for one in added.number.tolist() if one in self._before] if self._before else []
        own = compare(self._columns(was, ()), added, touched=added.number)
        look = acyclic.candidates(own)
        if len(look) == 0:
            return Found()
        taken = np.array(sorted({*self._before, *added.number.tolist()}), np.int64)
        if len(look) < len(added):
            look = joined([look, added.take(~np.isin(added.number, look.number))])
        rings = self.writer.rings(names, look, taken, 1000)
        return acyclic.breaches(own, predicate, rings, self.relation)

    # -- types and tags ---------------------------------------------------------------------------------------------

    def _ends_of_new(self) -> list[Found]:
        """Look at the ends of relations that are new or moved."""
        if not any(self._asks_ends(name) for name in self.fresh):
            return []
        columns = joined([self._fresh_columns(name) for name in self.fresh])
        if self._before or self._again:
            asked = [self._asked(row) for rows in self.fresh.values() for row in rows]
            columns = columns.take(np.array(asked, np.bool_))
            if not len(columns):
                return []
        (type_names, *kinds), (tag_names, *words) = self._marked(columns, before=False)
        return [
            types.breaches(self.vocabulary, columns, type_names, subject=kinds[0], object=kinds[1]),
            tags.breaches(self.vocabulary, columns, tag_names, subject=words[0], object=words[1]),
        ]

    def _asks_ends(self, name: str) -> bool:
        """Return whether any type or tag is asked of the ends of a predicate, or forbidden them."""
        return any(
            one.subject or one.object or one.between or one.subject_tags or one.object_tags
            for one in map(self.vocabulary.predicates.__getitem__, self.vocabulary.broader(name))
        )

    def _asked(self, row: RelationRow) -> bool:
        """Return whether a relation's ends are looked at: those of new ones are, and of what did not count till now."""
        was = self._before.get(row.number)
        if was is None:
            # what was there before needs its types and tags only while it is open, or ends after today
            return row.number not in self._again or row.until > self.today
        return self._moved(row) or was.until <= self.today < row.until

    def _moved(self, row: RelationRow) -> bool:
        was = self._before.get(row.number)
        return was is None or (was.subject, was.object) != (row.subject, row.object)

    def _marked(self, columns: Columns, *, before: bool) -> tuple[_Kinds, _Words]:
        """Return types and tags of both ends, as they were or as they will be, aligned with the relations."""
        numbers, place = placed(np.concatenate([columns.subject, columns.object]))
        ends = self.writer.ends(numbers)
        if not before and (self._entities or self.changes.tags_added or self.changes.tags_removed):
            ends = _overridden(ends, numbers, self._entities, self.changes)
        subject, obj = place[: len(columns)], place[len(columns) :]
        return (ends.types, ends.type[subject], ends.type[obj]), (ends.tag_names, ends.tags[subject], ends.tags[obj])

    def _marks(self) -> list[Found]:
        """Look at the relations of entities whose type or tags change: those that are open or end after today."""
        numbers = {
            one.after.number
            for one in self.changes.entities
            if one.before and one.after and one.before.type != one.after.type
        }
        new = {row.number for row in self.changes.new_entities}
        numbers |= {row.entity for row in (*self.changes.tags_added, *self.changes.tags_removed)} - new
        if not numbers:
            return []
        changed = {row.number for rows in self.fresh.values() for row in rows if self._moved(row)}
        changed |= {row.number for row in self._before.values()} - {
            row.number for rows in self.fresh.values() for row in rows
        }
        rows = self._live([row for row in self.writer.relations_of(numbers) if row.number not in changed])
        if not rows:
            return []
        columns = from_rows(rows)
        (type_names, *kinds), (tag_names, *words) = self._marked(columns, before=False)
        (old_names, *old_kinds), (_, *old_words) = self._marked(columns, before=True)
        table = np.array([type_names.index(name) if name in type_names else -1 for name in old_names] + [-1], np.int32)
        return [
            types.breaches(
                self.vocabulary,
                columns,
                type_names,
                subject=kinds[0],
                object=kinds[1],
                was=(table[old_kinds[0]], table[old_kinds[1]]),
                today=self.today,
            ),
            tags.breaches(
                self.vocabulary,
                columns,
                tag_names,
                subject=words[0],
                object=words[1],
                was=(old_words[0], old_words[1]),
                today=self.today,
            ),
        ]

    def _live(self, rows: Sequence[RelationRow]) -> list[RelationRow]:
        """Return the relations neither end of which is in the trash: no rule sees the others until they are back."""
        ends = {end for row in rows for end in (row.subject, row.object)}
        states = {number: row.state for number, row in self.writer.entities(ends - self._entities.keys()).items()}
        states.update({number: self._entities[number].state for number in ends & self._entities.keys()})
        return [row for row in rows if states.get(row.subject) == "live" and states.get(row.object) == "live"]

    # -- names ------------------------------------------------------------------------------------------------------

    def entity(self, number: int) -> EntityRow:
        """Return an entity as it will be."""
        if number in self._entities:
            return self._entities[number]
        if number not in self._known:
            self._known[number] = self.writer.entities([number])[number]
        return self._known[number]

    def row(self, rows: Mapping[int, int], number: int) -> int | None:
        """Return the row of the batch that a relation came from; ``rows`` has those of single ones."""
        places = [place for table in self.changes.new_tables if (place := table.place(number)) is not None]
        return places[0] if places else rows.get(number)

    def relation(self, number: int) -> RelationRow | None:
        """Return a relation as it will be."""
        for table in self.changes.new_tables:
            place = table.place(number)
            if place is not None:
                return table[place]
        if not self._after:
            self._after = {
                row.number: row for rows in self.fresh.values() if not isinstance(rows, RelationTable) for row in rows
            }
        if number in self._after:
            return self._after[number]
        if number not in self._stored:
            self._stored[number] = self.writer.relations([number]).get(number)
        return self._stored[number]


def _overridden(ends: Ends, numbers: Ints, entities: Mapping[int, EntityRow], changes: ChangeSet) -> Ends:
    """Return types and tags with what a change makes of them."""
    place = {number: index for index, number in enumerate(numbers.tolist())}
    names = ends.types
    extra = dict.fromkeys(row.type for row in entities.values() if row.type not in names)
    names = (*names, *extra)
    code = {name: index for index, name in enumerate(names)}
    kinds, words = ends.type.copy(), ends.tags.copy()
    for number, row in entities.items():
        if number in place:
            kinds[place[number]] = code[row.type]
    bits = {name: (index // 64, np.uint64(1 << (index % 64))) for index, name in enumerate(ends.tag_names)}
    for added in changes.tags_added:
        if added.entity in place and added.tag in bits:
            word, bit = bits[added.tag]
            words[place[added.entity], word] |= bit
    for removed in changes.tags_removed:
        if removed.entity in place and removed.tag in bits:
            word, bit = bits[removed.tag]
            words[place[removed.entity], word] &= ~bit
    return Ends(names, kinds, ends.state, ends.tag_names, words)


def _number(row: RelationRow) -> int:
    return row.number


class _Amounts(dict[object, int]):
    """What the stored forms of one attribute come to, each worked out once."""

    def __init__(self, field: Field | None) -> None:
        self._field = field

    def __missing__(self, stored: object) -> int:
        number = self[stored] = placed_amount(self._field, stored)
        return number


def _signed(row: RelationRow) -> str:
    return json.dumps([row.since_precision, row.until_precision, row.attributes], sort_keys=True, ensure_ascii=False)
