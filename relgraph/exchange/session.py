"""One transaction of an import: rows that break a rule are told apart from those that may stay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from relgraph.errors import RuleError, RuleErrors
from relgraph.exchange.dry import Checked, DryStore
from relgraph.exchange.mapping import End, RelationRule
from relgraph.exchange.names import Names
from relgraph.exchange.rows import EntityRow, Place, RelationRow, end_columns
from relgraph.graph import Graph
from relgraph.model.drafts import Staging
from relgraph.model.ports import Keeper
from relgraph.model.transaction import Transaction
from relgraph.model.withdraw import withdraw

_IDS = re.compile(r"( \((?:relation )?([^()]+)\))")
"""What a message says of ids, and the ids."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that the network does not take, with the error that says why."""

    place: Place
    error: RuleError


@dataclass(frozen=True, slots=True)
class Unfound:
    """A row one of whose ends is not to be found."""

    place: Place
    column: str
    value: str
    message: str
    candidates: tuple[str, ...] = ()


class Session:
    """Tells a transaction what rows say, and remembers which row each thing came from.

    ``stated`` holds every (relation id, key) that the source states in this session, for a full import. ``ids`` is
    None, or a dictionary that is to hold what each row became.
    """

    def __init__(self, graph: Graph, *, batch: str, reason: str, by_name: bool, dry_run: bool) -> None:
        self._graph = graph
        if dry_run:
            self.transaction = Transaction(cast("Keeper", DryStore(graph.store)), batch=batch, reason=reason)
        else:
            self.transaction = graph.transaction(batch=batch, reason=reason)
        # kept beside the transaction: what it held is asked for when it has failed, too
        self._staging = self.transaction.staging
        self._begun = self._staging.reader.last
        self.names = Names(self._staging) if by_name else None
        self._rows: dict[str, Place] = {}
        self.ids: dict[Place, str] | None = None
        self.stated: set[tuple[str, str]] = set()
        self.summary: Mapping[str, int] = {}
        self._repeated: set[Place] = set()
        self.noted: dict[tuple[str, str], list[int]] = {}

    def add(self, rows: Sequence[EntityRow]) -> list[Refusal]:
        """Merge entities; return those that break a rule of their own."""
        refused: list[Refusal] = []
        by_type: dict[str, list[EntityRow]] = {}
        for row in rows:
            by_type.setdefault(row.type, []).append(row)
        for type_name, group in by_type.items():
            before = len(self._problems)
            try:
                ids = self.transaction.merge_entity_many(type_name, [row.values for row in group])
            except RuleError as error:
                # the type itself cannot be: it stands against each of its rows
                refused += [Refusal(row.place, error) for row in group]
                continue
            self._again([row.place for row in group])
            left, breaches = self._aside(before, [row.place for row in group], len(ids))
            refused += breaches
            for place, entity_id in zip(left, ids, strict=True):
                if entity_id is not None:
                    self._came(entity_id, place)
                    if self.names is not None:
                        self.names.note(entity_id)
        return refused

    def relate(
        self, rows: Sequence[tuple[RelationRow, RelationRule]], *, on_conflict: str
    ) -> tuple[list[Refusal], list[Unfound]]:
        """Merge relations; return those that break a rule of their own, and those whose ends are not found."""
        refused: list[Refusal] = []
        unfound: list[Unfound] = []
        by_predicate: dict[str, list[tuple[RelationRow, dict[str, object]]]] = {}
        self._prefetch(rows)
        for row, rule in rows:
            ends = []
            for end, value in zip((rule.subject, rule.object), row.ends, strict=True):
                found = self._end(end, value)
                if isinstance(found, Unfound):
                    unfound.append(Unfound(row.place, found.column, found.value, found.message, found.candidates))
                    break
                ends.append(found)
            else:
                self._note(row, same=ends[0] == ends[1])
                told = {**row.values, "subject": ends[0], "object": ends[1]}
                by_predicate.setdefault(row.predicate, []).append((row, told))
        for predicate, group in by_predicate.items():
            before = len(self._problems)
            try:
                ids = self.transaction.merge_relation_many(
                    predicate, [told for _, told in group], on_conflict=on_conflict
                )
            except RuleError as error:
                refused += [Refusal(row.place, error) for row, _ in group]
                continue
            self._again([row.place for row, _ in group])
            left, breaches = self._aside(before, [row.place for row, _ in group], len(ids))
            refused += breaches
            kept = {row.place: row for row, _ in group}
            for place, relation_id in zip(left, ids, strict=True):
                if relation_id is not None:
                    self._came(relation_id, place)
                    self.stated.add((relation_id, str(kept[place].values.get("key", ""))))
        return refused, unfound

    def _again(self, places: Sequence[Place]) -> None:
        """Remember the rows that tell otherwise what a row before them told, and those that tell only the same."""
        retelling = self._staging.retelling
        for index in retelling.contradicting:
            place = places[index]
            self.noted.setdefault((place[0], "telling otherwise what a row before told"), []).append(place[1])
        self._repeated = {places[index] for index in retelling.repeating}

    def _came(self, thing: str, place: Place) -> None:
        # a row that only says again what is there is not what breaks a rule
        if place not in self._repeated or thing not in self._rows:
            self._rows[thing] = place
        if self.ids is not None:
            self.ids[place] = thing

    def state(self, relation_id: str, told: Mapping[tuple[str, str], Mapping[str, object] | None]) -> None:
        """Note who else states a relation, by source and key, and what each says where that differs."""

        def noted(staging: Staging) -> None:
            staging.sources_of(staging.relation(relation_id)).update(told)

        self.transaction._do(noted)  # noqa: SLF001  (an operation)

    def _note(self, row: RelationRow, *, same: bool) -> None:
        """Remember the rows that a check will list: what is only warned of goes in, but not unseen."""
        reading = self._staging.vocabulary.readings.get(row.predicate)
        if reading is None:
            return
        predicate = reading.predicate
        if same and predicate.irreflexive == "warn":
            self.noted.setdefault((row.place[0], f"relating an entity to itself by {row.predicate}"), []).append(
                row.place[1]
            )
        for rule in predicate.sums:
            if rule.attribute in row.values and row.values[rule.attribute] is None:
                what = f"without {rule.attribute}, which {row.predicate} adds up"
                self.noted.setdefault((row.place[0], what), []).append(row.place[1])

    def _prefetch(self, rows: Sequence[tuple[RelationRow, RelationRule]]) -> None:
        keys = [
            (end.source, value)
            for row, rule in rows
            for end, value in zip((rule.subject, rule.object), row.ends, strict=True)
            if end.by == "key"
        ]
        self._staging.prefetch_keys(keys)

    def _end(self, end: End, value: str) -> object:
        staging = self._staging
        match end.by:
            case "key":
                if staging.by_key((end.source, value)) is not None:
                    return (end.source, value)
                return _unfound(end, value, f"no entity has the key '{value}' of {end.source}")
            case "id":
                if staging.find(value) is not None:
                    return value
                return _unfound(end, value, f"no entity has the id '{value}'")
            case _:
                named = (self.names or Names(staging)).find(value, end.type, end.match)
                if named.id is not None:
                    return named.id
                if named.several:
                    message = f"{len(named.candidates)} entities are called '{value}'"
                else:
                    message = f"no {end.type} is called '{value}'"
                return _unfound(end, value, message, named.candidates)

    # -- breaches ---------------------------------------------------------------------------------------------------

    @property
    def _problems(self) -> list[RuleError]:
        return self._staging.problems

    def _aside(self, before: int, places: Sequence[Place], answered: int) -> tuple[list[Place], list[Refusal]]:
        """Take the breaches of the last call out of the transaction, so that they do not stop the others.

        Return the places that the call answered for, in its order, and the refusals.
        """
        breaches = self._problems[before:]
        del self._problems[before:]
        refusals = [Refusal(places[_index(one)], one) for one in breaches]
        # rows that could not even be prepared come first, and have no answer
        unprepared = {_index(one) for one in breaches[: len(places) - answered]}
        return [place for index, place in enumerate(places) if index not in unprepared], refusals

    def refusals(self, error: RuleError) -> list[Refusal]:
        """Return the rows of this session that a breach found at its end comes from, each once."""
        errors = (
            [one for one in error.exceptions if isinstance(one, RuleError)]
            if isinstance(error, RuleErrors)
            else [error]
        )
        found: dict[Place, Refusal] = {}
        for one in errors:
            mine = [thing for thing in _things(one.details) if thing in self._rows]
            # a breach that a refused row has part in may be gone without it
            if mine and not any(self._rows[thing] in found for thing in mine):
                # what came first stays: the last of the new rows gives way
                place = self._rows[max(mine, key=self._lateness)]
                found[place] = Refusal(place, self._lasting(one))
        return list(found.values())

    def _lateness(self, thing: str) -> tuple[bool, Place]:
        draft = self._staging.relations.get(thing)
        return draft is not None and draft.before is None, self._rows[thing]

    def _lasting(self, error: RuleError) -> RuleError:
        """Take out of a message the ids that were minted for this attempt only."""
        staging = self._staging
        for said, one in _IDS.findall(error.message):
            draft = staging.entities.get(one) or staging.singles.get(one)
            if draft is not None and draft.before is None and one in self._rows:
                error.message = error.message.replace(said, "")
        return error

    # -- the end ----------------------------------------------------------------------------------------------------

    def withdraw(self, source: str, stated: set[tuple[str, str]]) -> None:
        """Take back what the source stated before and states no longer."""
        staging = self._staging
        rows = list(staging.reader.relations_stated_by(source))
        relations = staging.reader.relations({row.relation for row in rows})
        for row in rows:
            relation = relations.get(row.relation)
            if relation is not None and (relation.id, row.key) not in stated:
                self._withdraw(relation.id, source, row.key)

    def _withdraw(self, relation_id: str, source: str, key: str) -> None:
        self.transaction._do(lambda staging: withdraw(staging, relation_id, source, key))  # noqa: SLF001  (an operation)

    def overtaken(self) -> bool:
        """Return whether others have committed since this session began: then it was replayed over their state."""
        with self._graph.store.read() as reader:
            return reader.last != self._begun

    def finish(self, *, commit: bool) -> None:
        """Commit, or forget everything; the counts of what was done stay readable."""
        if commit:
            with suppress(Checked):
                self.transaction.commit()
        self.summary = self.transaction.summary
        self.transaction.discard()


def _unfound(end: End, value: str, message: str, candidates: tuple[str, ...] = ()) -> Unfound:
    return Unfound(("", 0, "", 0), end_columns(end), value, message, candidates)


def _index(error: RuleError) -> int:
    index = error.details.get("row")
    return index if isinstance(index, int) else 0


def _things(details: Mapping[str, object]) -> list[str]:
    relations = details.get("relations")
    found = [str(one) for one in relations] if isinstance(relations, (list, tuple)) else []
    return [*found, *(str(details[name]) for name in ("relation", "entity") if name in details)]
