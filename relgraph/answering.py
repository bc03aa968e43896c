"""Answering: a question bound to the vocabulary, run over the arrays of a snapshot, with its rows as values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from threading import Lock
from typing import Final, Self

from relgraph.asking import Questions
from relgraph.cells import rows_of
from relgraph.engines.base import Outdated, Reader, Store
from relgraph.errors import QueryError, QueryLimitError, QueryTypeError
from relgraph.explaining import explained
from relgraph.model.telling import purge_note, purged_since
from relgraph.network.execute.answer import answer
from relgraph.network.execute.members import Asker, Meant
from relgraph.network.execute.names import parts_of
from relgraph.network.execute.nearly import nearly
from relgraph.network.execute.run import Clock, Limits, Notes, Run
from relgraph.network.execute.scalars import zoned
from relgraph.network.execute.source import NetworkSource
from relgraph.network.execute.watch import Watch
from relgraph.query import ir
from relgraph.query.again import never_again
from relgraph.query.ready import check_parameters
from relgraph.result import Result
from relgraph.values import parse_datetime
from relgraph.vocabulary.model import Vocabulary

_KEPT: Final = 512
DEFAULTS: Final = Limits()


class _Plans:
    """Bound questions by text and vocabulary: the same text again costs nothing."""

    def __init__(self) -> None:
        self._plans: OrderedDict[tuple[str, int], tuple[Vocabulary, Bound]] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str, vocabulary: Vocabulary, make: Callable[[], Bound]) -> Bound:
        key = (text, id(vocabulary))
        with self._lock:
            held = self._plans.get(key)
            if held is not None and held[0] is vocabulary:
                self._plans.move_to_end(key)
                return held[1]
        bound = make()
        with self._lock:
            self._plans[key] = (vocabulary, bound)
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
        return bound


_plans = _Plans()


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound question and what it mentions."""

    query: ir.BoundQuery
    members: tuple[ir.Member, ...]


def bound_question(question: object, vocabulary: Vocabulary) -> Bound:
    """Return a question bound to a vocabulary: from text or JSON, from what was built in Python, or bound already."""
    if isinstance(question, ir.BoundQuery):
        return _with_members(question)
    # no text begins so
    if isinstance(question, Mapping) or (isinstance(question, str) and question.lstrip().startswith("{")):
        from relgraph.query.jsonform import from_json  # noqa: PLC0415 - loaded when a question comes as JSON

        question = from_json(question)
    from relgraph.query.bind import bind  # noqa: PLC0415 - loaded when something is asked
    from relgraph.query.syntax import Query  # noqa: PLC0415 - the same

    if isinstance(question, str):
        return _plans.get(question, vocabulary, lambda: _with_members(bind(question, vocabulary)))
    unbound = getattr(question, "query", question)
    if not isinstance(unbound, Query):
        raise QueryTypeError(f"{question!r} is no question", hint="give a text, JSON, or build one: relgraph.find(...)")
    return _plans.get(str(unbound), vocabulary, lambda: _with_members(bind(unbound, vocabulary)))


def _with_members(query: ir.BoundQuery) -> Bound:
    found = dict.fromkeys(one for one in parts_of(query.query) if isinstance(one, _MEMBERS) and _is_entity(one))
    return Bound(query, tuple(found))


_MEMBERS = ir.Named | ir.EntityId | ir.Parameter | ir.Me | ir.Us


def _is_entity(member: ir.Member) -> bool:
    return not isinstance(member, ir.Parameter) or member.kind == "entity"


def limits(rows: int | None, seconds: float | None) -> Limits:
    """Return the limits of a question whose caller set some."""
    for name, given in (("limit", rows), ("timeout", seconds)):
        if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
            raise QueryTypeError(f"{name} is a number, and {given!r} is none")
    if seconds is not None and seconds < 0:
        raise QueryLimitError(f"timeout={seconds:g} is before the question begins", hint="None is as long as it takes")
    if rows is None:
        return DEFAULTS if seconds == DEFAULTS.seconds else replace(DEFAULTS, seconds=seconds)
    if rows < 0 or rows > DEFAULTS.most_rows:
        raise QueryLimitError(
            f"limit={rows:,} is not from 0 to {DEFAULTS.most_rows:,}",
            details={"limit": DEFAULTS.most_rows, "what": "rows"},
        )
    return replace(DEFAULTS, rows=rows, seconds=seconds)


class Asking:
    """One question asked of one view."""

    def __init__(
        self,
        view: Questions,
        limited: Limits,
        cancelled: Callable[[], bool] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._view = view
        self.store: Store = view._store  # noqa: SLF001 - the other half of one thing
        self._limits = limited
        self._cancelled = cancelled
        self._watch = watch
        self._zone = zoned(self.store.zone())
        self.today = view.day

    def ask(self, find: Callable[[Vocabulary], Bound], given: Mapping[str, object]) -> Result:
        """Return the answer of what ``find`` gives for the vocabulary of the snapshot."""
        clock = Clock(self._limits.seconds, self._cancelled)
        # a store may take the vocabulary to be what it was, and say with the answer whether it is
        presuming = getattr(self.store, "presuming", None)
        if presuming is not None and self._view._known is None:  # noqa: SLF001 - the other half of one thing
            with suppress(Outdated):
                return self._asked(presuming(), clock, find, given)
        return self._asked(self._view._reading(), clock, find, given)  # noqa: SLF001 - the same

    def _asked(
        self,
        reading: AbstractContextManager[Reader],
        clock: Clock,
        find: Callable[[Vocabulary], Bound],
        given: Mapping[str, object],
    ) -> Result:
        with reading as reader:
            try:
                bound = find(reader.vocabulary)
            except QueryError:
                # what is wrong with it may be right by the vocabulary that is there now
                getattr(reader, "look", _nothing)()
                raise
            with _Snapshots(self, reader, check_parameters(bound.query, given)) as snapshots:
                return self._answered(bound, snapshots, clock)

    def _answered(self, bound: Bound, snapshots: _Snapshots, clock: Clock) -> Result:
        vocabulary, parameters = snapshots.vocabulary, snapshots.parameters
        top = snapshots.reader(bound.query.query.time)
        members = Meant(top, bound.members, parameters, Asker(self._view.me, self._view.us))
        if not getattr(top, "looks_while_answering", False):
            members.look()
        notes = Notes()
        run = Run(
            snapshots.source(bound.query.query.time),
            vocabulary,
            zone=self._zone,
            today=self.today,
            parameters=parameters,
            members=members,
            limits=self._limits,
            clock=clock,
            notes=notes,
            watch=self._watch,
        )
        run.took("names", "names and parameters", None, len(bound.members))
        found = answer(run, bound.query.query, snapshots.source)
        # whoever is named must be there, though the answer may not have needed to know
        members.look()
        if found.nothing:
            notes.said.extend(never_again(bound.query.query))
            nearly(run, bound.query.query, lambda other, query: answer(other, query, snapshots.source))
        rows = rows_of(top, found)
        run.took("read", "read what is shown", found.size, len(rows))
        said = (*notes.lines(), *snapshots.purged())
        return Result(
            [one.title for one in found.columns],
            rows,
            truncated=found.truncated,
            notes=said,
            text=bound.query.text,
            explain=lambda: explained(bound.query, vocabulary),
            vocabulary=vocabulary,
        )

    def moment(self, known_at: object) -> int:
        """Return the moment, in microseconds, up to which something was known."""
        match known_at:
            case datetime():
                return parse_datetime(self._zone.moment(known_at))
            case ir.Days(last=day) | (date() as day):
                return parse_datetime(self._zone.moment(datetime.combine(day, time.max)))
            case _:
                raise QueryTypeError(f"{known_at!r} is no moment to know something at")


def _nothing() -> None: ...


class _Snapshots:
    """The snapshots of one question: most have one; ``known at`` looks back from it."""

    def __init__(self, asking: Asking, reader: Reader, parameters: Mapping[ir.Parameter, object]) -> None:
        self._asking = asking
        self._reader = reader
        self._stack: ExitStack | None = None
        self._known: dict[int, Reader] = {}
        self.parameters = parameters
        self.vocabulary = reader.vocabulary

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stack is not None:
            self._stack.close()

    def reader(self, of: ir.Time) -> Reader:
        """Return the snapshot that a query with this time looks at."""
        match of.known_at:
            case None:
                return self._reader
            case ir.Today(amount, unit):
                from relgraph.network.execute.scalars import moved  # noqa: PLC0415 - a rare way to say it

                moment = self._asking.moment(moved(self._asking.today, amount, unit))
            case ir.Parameter():
                moment = self._asking.moment(self.parameters[of.known_at])
            case ir.Constant(value):
                moment = self._asking.moment(value)
        number = self._reader.transaction_at(moment)
        found = self._known.get(number)
        if found is None:
            if self._stack is None:
                self._stack = ExitStack()
            found = self._known[number] = self._stack.enter_context(self._asking.store.read(known=number))
        return found

    def purged(self) -> tuple[str, ...]:
        """Return the note on what was erased since the earliest moment that was looked at, if anything was."""
        earliest = self._reader
        for one in self._known.values():
            earliest = min(earliest, one, key=lambda reader: reader.last if reader.known is None else reader.known)
        count = purged_since(earliest)
        return (purge_note(count),) if count else ()

    def source(self, of: ir.Time) -> NetworkSource:
        """Return the arrays that a query with this time is answered from."""
        source: NetworkSource = self.reader(of).network  # type: ignore[attr-defined]
        return source
