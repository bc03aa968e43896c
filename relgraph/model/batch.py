"""Many rows at once: from mappings to drafts, at a fraction of what single ones cost.

Rows of one source have the same names in the same order, so where each cell belongs is worked out once for each such
layout, not once a row. What is out of the ordinary goes the way of a single relation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from relgraph.errors import FieldError, RuleError, ValueProblem
from relgraph.ids import uuid7s
from relgraph.model.drafts import EntityDraft, RelationDraft
from relgraph.model.prepare import (
    PLAIN_DAYS,
    Preparing,
    Shape,
    Storing,
    confident,
    field_error,
    period,
    reference,
    statements,
    text_id,
)

if TYPE_CHECKING:
    from relgraph.model.blocks import RelationBlock

Problem = Callable[[RuleError, int], None]
"""Is told of a breach and the row that it is in."""

ToldEntity = tuple[EntityDraft, dict[str, object], bool]
"""An entity that may be there already: its draft, what its row gave, and whether it gave an id."""

ToldRelation = tuple[RelationDraft, dict[str, object], bool, tuple[bool, bool]]
"""The same of a relation, and whether its row gave a start and an end."""

Made = TypeVar("Made")

_SPECIAL = ("subject", "object", "since", "until", "id", "confidence", "source", "key")
_BESIDE = ("keys", "tags")
_MOST_PERIODS = 1 << 16
_MOST_LAYOUTS = 1000


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the cells of rows with these names belong; names that are absent point at a None behind the last cell."""

    special: Callable[[list[Any]], tuple[Any, ...]]
    attributes: tuple[tuple[str, Storing, int], ...]


def _layout(names: tuple[str, ...], shape: Shape) -> _Layout | None:
    """Return the layout of rows with these names, None where they are more than ends, dates and attributes."""
    place = {name: at for at, name in enumerate(names)}
    attributes = [name for name in names if name not in _SPECIAL]
    if any(name not in shape.storing for name in attributes):
        return None
    return _Layout(
        itemgetter(*[place.get(name, len(names)) for name in _SPECIAL]),
        tuple((name, shape.storing[name], place[name]) for name in attributes),
    )


def _cells(row: object, what: str = "a row is") -> dict[str, Any]:
    """Return what a row gives, or refuse what is none."""
    if not isinstance(row, Mapping):
        raise FieldError(
            f"{what} a mapping of names to values, not {str(row)[:40]!r}",
            hint='give dictionaries, such as {"subject": "acme", "object": "bolt"}',
        )
    return dict(row)


def _each(
    rows: Iterable[Mapping[str, object]],
    make: Callable[[Mapping[str, object]], Made],
    problem: Problem,
    first: int = 0,
) -> Iterator[tuple[int, Made]]:
    """Yield what is made of each row and its place, counted from ``first``; of others the problem is told."""
    for index, row in enumerate(rows, first):
        try:
            made = make(row)
        except RuleError as error:
            problem(error, index)
        else:
            yield index, made


class RelationRows:
    """Makes drafts of the rows of one predicate, named by either of its names."""

    def __init__(self, preparing: Preparing, predicate: str, *, by_code: bool) -> None:
        self._preparing = preparing
        self._predicate, self._forward = preparing.predicate(predicate)
        self._by_code = by_code
        self._shape = preparing.predicate_shape(self._predicate)
        self._layouts: dict[tuple[str, ...], _Layout | None] = {}
        self._periods: dict[tuple[object, object], tuple[int, int, int, int]] = {}
        self._minted = uuid7s()

    def block(
        self, rows: Iterable[Mapping[str, object]], problem: Problem
    ) -> RelationBlock | tuple[list[RelationDraft], list[str]]:
        """Return new relations as a block where no row is out of the ordinary, else what :meth:`new` does."""
        from relgraph.model.blocks import BlockMaking, stretches  # noqa: PLC0415 - arrays are loaded with the first batch

        given = iter(rows)
        if not self._predicate.enabled or (self._predicate.internal and not self._by_code):
            return self.new(given, problem)
        making = BlockMaking(self._predicate, self._shape, forward=self._forward)
        for part in stretches(given):
            if not making.take(part):
                before = making.block().drafts()
                drafts, chosen = self.new(chain(part, given), problem, first=len(before))
                return before + drafts, chosen
            # the stretch is in columns now: of an iterator's rows, only this reference is left
            part.clear()
        return making.block()

    def new(
        self, rows: Iterable[Mapping[str, object]], problem: Problem, *, first: int = 0
    ) -> tuple[list[RelationDraft], list[str]]:
        """Return the drafts of new relations, and those of their ids that the rows chose; rows count from ``first``."""
        drafts: list[RelationDraft] = []
        chosen: list[str] = []
        for index, (draft, by_id) in _each(rows, self._new, problem, first):
            draft.row = index
            drafts.append(draft)
            if by_id:
                chosen.append(draft.id)
        return drafts, chosen

    def either(self, rows: Iterable[Mapping[str, object]], problem: Problem) -> list[ToldRelation]:
        """Return the drafts of relations that may be there already."""
        found = []
        for index, one in _each(rows, partial(self._one, partial=True), problem):
            one[0].row = index
            found.append(one)
        return found

    def _new(self, row: Mapping[str, object]) -> tuple[RelationDraft, bool]:
        layout = self._laid_out(row)
        if layout is None:
            alone, _, by_id, _ = self._one(row, partial=False)
            return alone, by_id
        cells = [*row.values(), None]
        subject, obj, since, until, given, confidence, source, key = layout.special(cells)
        if not self._forward:
            subject, obj = obj, subject
        # in the order in which a single relation is looked at, so that the same breach is told first
        relation_id = next(self._minted) if given is None else text_id(given)
        first, last, low, high = self._period(since, until)
        draft = RelationDraft(
            relation_id,
            self._predicate.name,
            subject if type(subject) is str else reference(subject),
            obj if type(obj) is str else reference(obj),
            first,
            last,
            low,
            high,
            self._attributes(layout, cells),
            None if confidence is None else confident(confidence),
            None if source is None and key is None else statements(source, key),
            minted=given is None,
        )
        return draft, given is not None

    def _laid_out(self, row: Mapping[str, object]) -> _Layout | None:
        if type(row) is not dict:
            return None
        names = tuple(row)
        try:
            return self._layouts[names]
        except KeyError:
            found = None
            if self._predicate.enabled and (self._by_code or not self._predicate.internal):
                found = _layout(names, self._shape)
            # rows may differ in what they lack, not in so many ways
            if len(self._layouts) < _MOST_LAYOUTS:
                self._layouts[names] = found
            return found

    def _attributes(self, layout: _Layout, cells: Sequence[Any]) -> dict[str, object]:
        stored: dict[str, object] = {}
        for name, storing, at in layout.attributes:
            value = cells[at]
            if value is not None:
                try:
                    stored[name] = storing(value)
                except ValueProblem as problem:
                    raise field_error(self._shape.owner, name, problem) from None
        shape = self._shape
        return shape.complete(stored) if shape.required or shape.defaults else stored

    def _period(self, since: object, until: object) -> tuple[int, int, int, int]:
        if type(since) not in PLAIN_DAYS or type(until) not in PLAIN_DAYS:
            return period(self._predicate, since, until)
        known = self._periods.get((since, until))
        if known is None:
            known = period(self._predicate, since, until)
            if len(self._periods) < _MOST_PERIODS:
                self._periods[since, until] = known
        return known

    def _one(self, row: Mapping[str, object], *, partial: bool) -> ToldRelation:
        given = _cells(row)
        take = given.pop
        dated = "since" in given, "until" in given
        ends = take("subject", None), take("object", None)
        relation_id, since, until = take("id", None), take("since", None), take("until", None)
        source, key, confidence = take("source", None), take("key", None), take("confidence", None)
        if "attributes" in given:
            given.update(_cells(take("attributes"), "attributes are"))
        draft = self._preparing.relation(
            self._predicate,
            ends if self._forward else (ends[1], ends[0]),
            given,
            by_code=self._by_code,
            relation_id=None if relation_id is None else text_id(relation_id),
            since=since,
            until=until,
            confidence=confidence,
            source=source,
            key=key,
            partial=partial,
        )
        return draft, given, relation_id is not None, dated


class EntityRows:
    """Makes drafts of the rows of one type: ``id``, ``keys``, ``tags`` and fields."""

    def __init__(self, preparing: Preparing, type_name: str) -> None:
        self._preparing = preparing
        self._type = type_name
        declared = preparing.vocabulary.types.get(type_name)
        # what is wrong with the type is told of each row
        self._shape = None if declared is None or declared.abstract else preparing.type_shape(type_name)
        self._minted = uuid7s()

    def new(self, rows: Iterable[Mapping[str, object]], problem: Problem) -> list[EntityDraft]:
        """Return the drafts of new entities."""
        drafts = []
        for index, draft in _each(rows, self._new, problem):
            draft.row = index
            drafts.append(draft)
        return drafts

    def either(self, rows: Iterable[Mapping[str, object]], problem: Problem) -> list[ToldEntity]:
        """Return the drafts of entities that may be there already."""
        found = []
        for index, one in _each(rows, partial(self._one, partial=True), problem):
            one[0].row = index
            found.append(one)
        return found

    def _new(self, row: Mapping[str, object]) -> EntityDraft:
        """Return the draft of a row: one that has neither keys nor tags is only an id and fields."""
        if self._shape is None or type(row) is not dict or row.get("keys") is not None or row.get("tags"):
            return self._one(row, partial=False)[0]
        shape, given = self._shape, None
        stored: dict[str, object] = {}
        for name, value in row.items():
            if name == "id":
                given = value
            elif value is not None:
                storing = shape.storing.get(name)
                if storing is None:
                    return self._one(row, partial=False)[0]
                try:
                    stored[name] = storing(value)
                except ValueProblem:
                    # told in the order in which a single one is looked at
                    return self._one(row, partial=False)[0]
            elif name not in shape.storing and name not in _BESIDE:
                return self._one(row, partial=False)[0]
        identifier = next(self._minted) if given is None else text_id(given)
        if shape.required or shape.defaults:
            shape.complete(stored)
        return EntityDraft(identifier, self._type, stored, minted=given is None)

    def _one(self, row: Mapping[str, object], *, partial: bool) -> ToldEntity:
        given = _cells(row)
        entity_id, keys, tags = given.pop("id", None), given.pop("keys", None), given.pop("tags", None)
        draft = self._preparing.entity(
            self._type,
            given,
            entity_id=None if entity_id is None else text_id(entity_id),
            keys=keys,
            tags=tags or (),
            partial=partial,
        )
        return draft, given, entity_id is not None
