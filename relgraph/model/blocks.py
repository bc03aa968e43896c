"""New relations of one predicate side by side: what a large load is made of, at a fraction of what single rows cost.

A block is made of rows that are nothing but ends, dates and attributes and that break no rule of their own; whatever
else a batch holds is looked at row by row (see :mod:`relgraph.model.batch`). A table is a block whose relations have
their numbers: what the rules read and the stores write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import itemgetter
from types import NoneType
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from relgraph.errors import RuleError, ValueProblem
from relgraph.ids import MintedIds
from relgraph.model.columns import Columns, Days, Ints, sure_columns
from relgraph.model.drafts import Reference, RelationDraft, Staging
from relgraph.model.prepare import PLAIN_DAYS, Shape, end, reference, start
from relgraph.model.records import OPEN_END, OPEN_START, RelationRow
from relgraph.vocabulary.model import Predicate

Codes = NDArray[np.int32]
Precisions = NDArray[np.int8]
Attributes = Mapping[str, Sequence[object]]
Stretch = tuple[range, list[str], list[int], list[int], list[int], list[int], list[int], list[int]]

_ENDS = ("subject", "object")
_DATES = ("since", "until")
_ROWS = 20_000
"""How many rows are brought into columns at a time, so that those of an iterator are never held all at once."""


class _Places(dict[Reference, int]):
    """The distinct ends, each with its place among them."""

    def __missing__(self, one: Reference) -> int:
        place = self[one] = len(self)
        return place


class _Bounds(dict[object, tuple[int, int]]):
    """Days and precisions by what was given for them, each worked out once."""

    def __init__(self, reading: Callable[[object], tuple[int, int]], opened: int) -> None:
        super().__init__({None: (opened, 0)})
        self._reading = reading

    def __missing__(self, given: object) -> tuple[int, int]:
        found = self[given] = self._reading(given)
        return found


def _rows_of_attributes(attributes: Attributes, count: int) -> Iterator[dict[str, object]]:
    """Yield the attributes of each relation, absent ones left out."""
    if not attributes:
        yield from ({} for _ in range(count))
        return
    names = tuple(attributes)
    for values in zip(*attributes.values(), strict=True):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


@dataclass(frozen=True, slots=True)
class RelationBlock:
    """New relations of one predicate as they were given: ends are places among ``ends``, days the widest period."""

    predicate: str
    ids: MintedIds
    ends: tuple[Reference, ...]
    subject: Codes
    object: Codes
    since: Days
    until: Days
    since_precision: Precisions
    until_precision: Precisions
    attributes: Attributes

    def __len__(self) -> int:
        return len(self.ids)

    def drafts(self, ends: Sequence[Reference] | None = None) -> list[RelationDraft]:
        """Return the relations one by one, each with its row; ``ends`` stand for those that were given."""
        named = self.ends if ends is None else ends
        cells = zip(
            self.ids,
            self.subject.tolist(),
            self.object.tolist(),
            self.since.tolist(),
            self.until.tolist(),
            self.since_precision.tolist(),
            self.until_precision.tolist(),
            _rows_of_attributes(self.attributes, len(self)),
            strict=True,
        )
        return [
            RelationDraft(
                one,
                self.predicate,
                named[subject],
                named[obj],
                since,
                until,
                low,
                high,
                attributes,
                row=row,
                minted=True,
            )
            for row, (one, subject, obj, since, until, low, high, attributes) in enumerate(cells)
        ]


class PlacedBlock(NamedTuple):
    """A block whose ends are there: their ids, and their numbers, None for those that the transaction adds."""

    block: RelationBlock
    ends: Sequence[str]
    numbers: Sequence[int | None]


def place(block: RelationBlock, staging: Staging, ends: Sequence[str]) -> PlacedBlock | None:
    """Return a block at its ends, given by their ids; None where one of them is not plainly there and live.

    So many are asked for at once, and are not looked at as drafts.
    """
    drafts = [staging.entities.get(one) for one in ends]
    if any(one is not None and (one.gone or one.state != "live") for one in drafts):
        return None
    found = staging.reader.entity_numbers([one for one, draft in zip(ends, drafts, strict=True) if draft is None])
    marks = staging.reader.ends(np.fromiter(found.values(), np.int64, len(found)))
    if (marks.type < 0).any() or marks.state.any():
        return None
    numbers = [found.get(one, 0) if draft is None else draft.number for one, draft in zip(ends, drafts, strict=True)]
    return None if 0 in numbers else PlacedBlock(block, ends, numbers)


class BlockMaking:
    """Makes a block of rows, a stretch at a time."""

    def __init__(self, predicate: Predicate, shape: Shape, *, forward: bool) -> None:
        self._predicate = predicate
        self._shape = shape
        self._names = _ENDS if forward else _ENDS[::-1]
        self._places = _Places()
        self._bounds = {"since": _Bounds(start, OPEN_START), "until": _Bounds(end, OPEN_END)}
        self._parts: dict[str, list[NDArray[Any]]] = {}
        self._attributes: dict[str, list[object]] = {}
        self._count = 0

    def take(self, rows: Sequence[Mapping[str, object]]) -> bool:
        """Put rows behind those that are there; False, with nothing put, where one of them is out of the ordinary."""
        if set(map(type, rows)) != {dict}:
            return False
        layouts = dict.fromkeys(map(tuple, rows))
        names = dict.fromkeys([name for layout in layouts for name in layout])
        attributes = [name for name in names if name not in _ENDS and name not in _DATES]
        if not all(name in self._shape.storing for name in attributes):
            return False

        def column(name: str) -> list[object]:
            if name not in names:
                return [None] * len(rows)
            # rows of one layout are read without asking
            return list(map(itemgetter(name), rows) if len(layouts) == 1 else [row.get(name) for row in rows])

        try:
            bounds = [self._days(name, column(name)) for name in _DATES]
            ends = [self._ends(column(name)) for name in self._names]
            stored = {name: self._stored(name, column(name)) for name in attributes}
        except (RuleError, ValueProblem):
            return False
        if any(name not in stored or None in stored[name] for name in self._shape.required):
            return False
        (since, low), (until, high) = bounds
        if (until <= since).any():
            return False
        cells: tuple[NDArray[Any], ...] = (*ends, since, until, low, high)
        for name, part in zip(("subject", "object", *_DATES, "low", "high"), cells, strict=True):
            self._parts.setdefault(name, []).append(part)
        self._put_attributes(stored, len(rows))
        return True

    def block(self) -> RelationBlock:
        """Return the block of all rows that were put."""
        empty = {"low": np.int8, "high": np.int8}
        subject, obj, since, until, low, high = (
            np.concatenate(self._parts.pop(name, [np.empty(0, empty.get(name, np.int32))]))
            for name in ("subject", "object", *_DATES, "low", "high")
        )
        ids, ends = MintedIds(self._count), tuple(self._places)
        return RelationBlock(
            self._predicate.name, ids, ends, subject, obj, since, until, low, high, dict(self._attributes)
        )

    def _days(self, name: str, given: list[object]) -> tuple[Days, Precisions]:
        """Return the bounds of periods and their precisions."""
        kinds = set(map(type, given))
        bounds = self._bounds[name]
        if kinds <= {NoneType}:
            return np.full(len(given), bounds[None][0], np.int32), np.zeros(len(given), np.int8)
        if self._predicate.time == "none":
            raise ValueProblem(f"{self._predicate.name} has no dates")
        if kinds <= PLAIN_DAYS:
            found = list(map(bounds.__getitem__, given))
        else:
            reading = start if name == "since" else end
            found = [bounds[None] if one is None else reading(one) for one in given]
        return (
            np.fromiter(map(itemgetter(0), found), np.int32, len(found)),
            np.fromiter(map(itemgetter(1), found), np.int8, len(found)),
        )

    def _ends(self, given: list[object]) -> Codes:
        named = given if set(map(type, given)) == {str} else [reference(one) for one in given]
        return np.fromiter(map(self._places.__getitem__, named), np.int32, len(named))  # type: ignore[arg-type]

    def _stored(self, name: str, given: list[object]) -> list[object]:
        storing = self._shape.storing[name]
        found = [None if one is None else storing(one) for one in given]
        default = self._shape.defaults.get(name)
        return found if default is None else [default if one is None else one for one in found]

    def _put_attributes(self, stored: Mapping[str, list[object]], count: int) -> None:
        for name in (*stored, *self._shape.defaults):
            if name not in self._attributes:
                self._attributes[name] = [self._shape.defaults.get(name)] * self._count
        for name, held in self._attributes.items():
            held.extend(stored[name] if name in stored else [self._shape.defaults.get(name)] * count)
        self._count += count


@dataclass(frozen=True, slots=True)
class RelationTable(Sequence[RelationRow]):
    """New relations of one predicate with their numbers, ``first`` and those behind it; ends are entity numbers."""

    block: RelationBlock
    first: int
    subject: Ints
    object: Ints

    @property
    def predicate(self) -> str:
        """The predicate of all of them."""
        return self.block.predicate

    def __len__(self) -> int:
        return len(self.block)

    @overload
    def __getitem__(self, place: int) -> RelationRow: ...

    @overload
    def __getitem__(self, place: slice) -> list[RelationRow]: ...

    def __getitem__(self, place: int | slice) -> RelationRow | list[RelationRow]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        at, block = range(len(self))[place], self.block
        given = {name: column[at] for name, column in block.attributes.items() if column[at] is not None}
        return RelationRow(
            self.first + at,
            block.ids[at],
            block.predicate,
            int(self.subject[at]),
            int(self.object[at]),
            int(block.since[at]),
            int(block.until[at]),
            int(block.since_precision[at]),
            int(block.until_precision[at]),
            given,
            None,
            0,
        )

    def __iter__(self) -> Iterator[RelationRow]:
        attributes = _rows_of_attributes(self.block.attributes, len(self))
        for stretch in self.stretches():
            for (number, one, subject, obj, since, until, low, high), given in zip(
                zip(*stretch, strict=True), attributes, strict=False
            ):
                yield RelationRow(number, one, self.predicate, subject, obj, since, until, low, high, given, None, 0)

    def stretches(self) -> Iterator[Stretch]:
        """Yield, some rows at a time, numbers, ids, subjects, objects, since, until and both precisions."""
        block, ids = self.block, iter(self.block.ids)
        for at in range(0, len(self), _ROWS):
            part = slice(at, at + _ROWS)
            yield (
                range(self.first + at, self.first + min(at + _ROWS, len(self))),
                list(islice(ids, _ROWS)),
                self.subject[part].tolist(),
                self.object[part].tolist(),
                block.since[part].tolist(),
                block.until[part].tolist(),
                block.since_precision[part].tolist(),
                block.until_precision[part].tolist(),
            )

    def place(self, number: int) -> int | None:
        """Return where the relation of a number stands, which is its row in the batch; None where it is no one's."""
        return number - self.first if self.first <= number < self.first + len(self) else None

    def columns(self) -> Columns:
        """Return what the rules read, without amounts."""
        block, count = self.block, len(self)
        return Columns(
            (block.predicate,),
            np.zeros(count, np.int32),
            np.arange(self.first, self.first + count, dtype=np.int64),
            self.subject,
            self.object,
            block.since,
            block.until,
            *sure_columns(block.since, block.until, block.since_precision, block.until_precision),
        )

    def attribute(self, name: str) -> Iterator[Any]:
        """Yield the stored form of an attribute of each relation, None where it is absent."""
        column = self.block.attributes.get(name)
        return repeat(None, len(self)) if column is None else iter(column)


def stretches(rows: Iterator[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    """Yield rows in stretches that are brought into columns at a time."""
    while part := list(islice(rows, _ROWS)):
        yield part
