"""One run of a question: its day, parameters, resolved entities, limits, and what it met that was missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

import numpy as np

from relgraph.errors import Cancelled, QueryLimitError, QueryTimeout
from relgraph.model.columns import once
from relgraph.network.execute.members import Meant
from relgraph.network.execute.scalars import Zoned, moved
from relgraph.network.execute.source import NetworkSource
from relgraph.network.execute.table import Numbers64
from relgraph.network.execute.watch import Doing, Watch
from relgraph.network.layers import Period
from relgraph.query import ir
from relgraph.vocabulary.model import Vocabulary


class EntityAt(int):
    """An entity's number as a value of an expression."""

    __slots__ = ()


class RelationAt(int):
    """A relation's number as a value of an expression."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a question may do: seconds, rows of bindings held at once, rows of the answer without a ``limit``."""

    seconds: float | None = 60.0
    bindings: int = 5_000_000
    rows: int = 1_000
    most_rows: int = 1_000_000
    hops: int = 15


class Clock:
    """Stops a question that is out of time, or that its caller has no more use for."""

    __slots__ = ("_cancelled", "_ends", "_seconds")

    def __init__(self, seconds: float | None, cancelled: Callable[[], bool] | None = None) -> None:
        self._seconds = seconds
        self._ends = None if seconds is None else monotonic() + seconds
        self._cancelled = cancelled

    def left(self) -> float | None:
        """Return how many seconds are left, None where there is no end."""
        return None if self._ends is None else max(self._ends - monotonic(), 0.001)

    def tick(self) -> None:
        """Raise QueryTimeout or Cancelled where the question must stop."""
        if self._ends is not None and monotonic() > self._ends:
            raise QueryTimeout(
                f"the question took longer than {self._seconds:g} seconds",
                hint="narrow it, or give a larger timeout",
                details={"seconds": self._seconds},
            )
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("the question was cancelled")


class Notes:
    """What tests met that was missing or could not be told: of each thing once, however often it was tested."""

    __slots__ = ("_missing", "_uncertain", "said")

    def __init__(self) -> None:
        self._missing: dict[tuple[str, str], list[Numbers64]] = {}
        self._uncertain: dict[tuple[str, str], list[Numbers64]] = {}
        self.said: list[str] = []

    def lacking(self, name: str, sort: str, numbers: Numbers64) -> None:
        """Note the entities, relations or routes (``sort``) that have no value of a name."""
        self._missing.setdefault((name, sort), []).append(numbers)

    def untold(self, name: str, sort: str, numbers: Numbers64) -> None:
        """Note the things whose value of a name says neither yes nor no."""
        self._uncertain.setdefault((name, sort), []).append(numbers)

    def take(self, other: Notes, meant: Callable[[str, Numbers64], Numbers64]) -> None:
        """Take over what others note, of the things that each of theirs stands for."""
        for own, theirs in ((self._missing, other._missing), (self._uncertain, other._uncertain)):
            for (name, sort), parts in theirs.items():
                own.setdefault((name, sort), []).append(meant(sort, once(np.concatenate(parts))))

    def lines(self) -> tuple[str, ...]:
        """Return the notes in words."""
        if not self._missing and not self._uncertain and not self.said:
            return ()
        lines = [f"{count:,} had no {name}" for name, count in _counted(self._missing)]
        lines += [f"{count:,} could not be told by {name}" for name, count in _counted(self._uncertain)]
        return (*lines, *dict.fromkeys(self.said))


def _counted(noted: Mapping[tuple[str, str], Sequence[Numbers64]]) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for (name, _), parts in noted.items():
        found[name] += len(once(np.concatenate(parts)))
    return sorted((name, count) for name, count in found.items() if count)


class Run:
    """All that the evaluation of one question shares."""

    def __init__(
        self,
        source: NetworkSource,
        vocabulary: Vocabulary,
        *,
        zone: Zoned,
        today: date,
        parameters: Mapping[ir.Parameter, Any],
        members: Mapping[ir.Member, Numbers64],
        limits: Limits,
        clock: Clock,
        notes: Notes | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.zone = zone
        self.calendar = today
        self.today = today
        self.parameters = parameters
        self.members = members
        self.limits = limits
        self.clock = clock
        self.notes = Notes() if notes is None else notes
        self.watch = watch
        self.valid: ir.Validity = ir.AsOf(ir.Today())
        self._predicates: dict[str, int] = {}
        self.names: list[str] = []
        self._keys = 0
        self.quiet = False
        """Whether nobody is told what is noted."""

    def within(self, time: ir.Time, source: NetworkSource | None = None) -> Run:
        """Return the run of a query that has a time of its own (and perhaps another snapshot)."""
        other = self._beside(self.source if source is None else source, self.notes, self.watch)
        other.valid = time.valid
        if isinstance(time.valid, ir.AsOf):
            other.today = self.day_of(time.valid.day)
        other.quiet = self.quiet
        return other

    def quietly(self, source: NetworkSource | None = None) -> Run:
        """Return a run for a question beside this one (perhaps of another network), whose notes are told to nobody."""
        other = self._beside(self.source if source is None else source, Notes(), None)
        other.valid, other.today = self.valid, self.today
        other.quiet = True
        return other

    def _beside(self, source: NetworkSource, notes: Notes, watch: Watch | None) -> Run:
        return Run(
            source,
            self.vocabulary,
            zone=self.zone,
            today=self.calendar,
            parameters=self.parameters,
            members=self.members,
            limits=self.limits,
            clock=self.clock,
            notes=notes,
            watch=watch,
        )

    def took(self, doing: Doing, what: object, before: int | None, after: int) -> None:
        """Take down that a step is done, where somebody asked."""
        if self.watch is not None:
            self.watch.took(doing, what, before, after)

    def tick(self) -> None:
        """Stop where time is over."""
        self.clock.tick()

    def key(self) -> int:
        """Return a key that no other column has."""
        self._keys += 1
        return self._keys

    def predicate(self, name: str) -> int:
        """Return the index under which relation columns know a predicate."""
        found = self._predicates.get(name)
        if found is None:
            found = self._predicates[name] = len(self.names)
            self.names.append(name)
        return found

    def held(self, rows: int) -> None:
        """Refuse a table that grows past the limit."""
        if rows > self.limits.bindings:
            raise QueryLimitError(
                f"the question has more than {self.limits.bindings:,} combinations of entities to look at",
                hint="narrow it with a filter, or name fewer things",
                details={"limit": self.limits.bindings, "what": "bindings"},
            )

    # -- values that do not depend on rows ---------------------------------------------------------------------------

    def parameter(self, parameter: ir.Parameter) -> Any:
        """Return what was given for a parameter."""
        return self.parameters[parameter]

    def day_of(self, expression: ir.Constant | ir.Parameter | ir.Today) -> date:
        """Return a day that the question names; ``today`` is the calendar day here."""
        match expression:
            case ir.Today(amount, unit):
                return moved(self.calendar, amount, unit)
            case ir.Parameter():
                value = self.parameter(expression)
            case ir.Constant(value):
                pass
        if not isinstance(value, date):
            raise TypeError(f"{value!r} is no day")
        return value

    def period(self, when: ir.Validity) -> Period | None:
        """Return the half-open period that a relation must overlap, None for any time."""
        match when:
            case ir.AnyTime():
                return None
            case ir.AsOf(day):
                ordinal = self._question_day(day).toordinal()
                return ordinal, ordinal + 1
            case ir.During(first, last):
                return self._first(first).toordinal(), self._last(last).toordinal() + 1

    def _question_day(self, expression: ir.Constant | ir.Parameter | ir.Today) -> date:
        # a step that has the query's own day has it already worked out
        if isinstance(self.valid, ir.AsOf) and expression == self.valid.day:
            return self.today
        if isinstance(expression, ir.Today):
            return moved(self.today, expression.amount, expression.unit)
        return self.day_of(expression)

    def _first(self, bound: ir.Constant | ir.Parameter | ir.Today) -> date:
        value = self._bound(bound)
        return value.first if isinstance(value, ir.Days) else value

    def _last(self, bound: ir.Constant | ir.Parameter | ir.Today) -> date:
        value = self._bound(bound)
        return value.last if isinstance(value, ir.Days) else value

    def _bound(self, bound: ir.Constant | ir.Parameter | ir.Today) -> ir.Days | date:
        match bound:
            case ir.Today(amount, unit):
                return moved(self.today, amount, unit)
            case ir.Parameter():
                value = self.parameter(bound)
            case ir.Constant(value):
                pass
        if not isinstance(value, ir.Days | date):
            raise TypeError(f"{value!r} is no period")
        return value

    def numbers_of(self, members: Sequence[ir.Member]) -> Numbers64:
        """Return the entities that are named, sorted, each once."""
        if len(members) == 1 and len(self.members[members[0]]) == 1:
            return self.members[members[0]]
        found = [self.members[one] for one in members]
        return once(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def said(self, members: Sequence[ir.Member]) -> tuple[str, ...] | None:
        """Return what may be the ids of the entities that are named, where nobody has looked them up."""
        if not isinstance(self.members, Meant):
            return None
        ids = [self.members.said(one) for one in members]
        return None if None in ids else tuple(dict.fromkeys(one for some in ids for one in some or ()))
