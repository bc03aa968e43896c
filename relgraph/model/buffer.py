"""What every transaction does with what is done in it: buffers, and locks, checks and writes only at its end."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from relgraph.errors import ConflictError, RelgraphError, RuleError, RuleErrors, StoreUnavailable
from relgraph.model import clashes
from relgraph.model.drafts import Staging
from relgraph.model.entity import moment
from relgraph.model.freeze import freeze
from relgraph.model.ports import Keeper, Writer
from relgraph.model.prepare import Preparing, preparing
from relgraph.model.records import ChangeSet, Note, TransactionRow
from relgraph.vocabulary.model import Vocabulary

ATTEMPTS = 5
"""How often a write is tried where another writer is in the way by chance."""
PAUSE = 0.02
"""The first pause between two tries, in seconds."""
LISTED = 1000
"""How many breaches of one batch are listed; all are counted."""

Operation = Callable[[Staging], object]


def today_in(zone: str) -> int:
    """Return the ordinal of the current day in a time zone."""
    return datetime.now(ZoneInfo(zone)).date().toordinal()


class Buffer:
    """The life of a transaction: operations over one snapshot, done again over what stands at its end."""

    def __init__(
        self,
        store: Keeper,
        *,
        actor: str | None = None,
        reason: str | None = None,
        batch: str | None = None,
        kind: str = "write",
        by_code: bool = False,
        before: Callable[[Staging, Note], None] | None = None,
        single: bool = False,
    ) -> None:
        if store.read_only:
            # refused at once, in the words of the store, which knows why
            with store.write():
                pass
        self._store = store
        self._stack = ExitStack()
        self._note = Note(kind, actor, reason, batch)
        self._before = before
        self._by_code = by_code
        self._single = single
        self._many = False
        self._operations: list[Operation] = []
        self._clashes: set[str] = set()
        self._in_hand: dict[str, int] = {}
        self._spoiled = False
        self._today = today_in(store.zone())
        self._staging: Staging | None = None
        self._preparing: Preparing | None = None
        self._committed: TransactionRow | None = None
        self._done = False
        self._purged: list[str] = []
        self.changes: ChangeSet | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    @property
    def id(self) -> str | None:
        """The transaction's id once committed; None before, and where nothing changed."""
        return None if self._committed is None else self._committed.id

    @property
    def number(self) -> int | None:
        """The transaction's number in the log once committed."""
        return None if self._committed is None else self._committed.number

    @property
    def recorded_at(self) -> datetime | None:
        """When the network was told, once committed."""
        return None if self._committed is None else moment(self._committed.recorded_at)

    @property
    def summary(self) -> dict[str, int]:
        """How often each thing was done: added, related, updated, unchanged, ended, retracted, ..."""
        staging = self._staging
        return {} if staging is None else {name: count for name, count in staging.summary.items() if count}

    @property
    def notes(self) -> list[dict[str, object]]:
        """What merges decided: differences, dropped fields, collapsed and self-relations."""
        return [] if self._staging is None else list(self._staging.notes)

    @property
    def staging(self) -> Staging:
        """The buffer over this transaction's snapshot, opened when first needed."""
        if self._done:
            raise RelgraphError("this transaction has ended", hint="begin another with graph.transaction()")
        if self._staging is None:
            reader = self._stack.enter_context(self._store.read())
            self._staging = Staging(reader, today=self._today, owns=self._single, by_code=self._by_code)
        if self._spoiled:
            self._spoiled = False
            self._staging = self._done_again(self._staging)
        return self._staging

    @property
    def preparing(self) -> Preparing:
        """The prepared forms of the vocabulary."""
        if self._preparing is None:
            self._preparing = preparing(self.staging.vocabulary)
        return self._preparing

    def discard(self) -> None:
        """Forget everything that was done."""
        self._done = True
        self._stack.close()

    def commit(self) -> None:
        """Take the lock, check every rule, and write; nothing is written where a rule would break."""
        if self._done:
            return
        try:
            if self._purged:
                self._erase()
            elif self._staging is not None and (self._operations or self._staging.problems):
                staging = self.staging
                if self._before is not None:
                    self._before(staging, self._note)
                self._write(staging)
        finally:
            self.discard()

    def _write(self, staging: Staging) -> None:
        """Write; where another writer was in the way by chance, do all of it again over what stands then."""
        for attempt in range(ATTEMPTS):
            try:
                self._attempt(staging, again=attempt > 0)
            except RelgraphError as error:
                # a server out of reach is told at once: whether it took the last word is not known
                passing = error.details.get("retry") is True and not isinstance(error, StoreUnavailable)
                if not passing or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311 - so that two do not meet again
            else:
                return

    def _attempt(self, staging: Staging, *, again: bool) -> None:
        with self._store.write() as writer:
            from relgraph.model.gate import check_changes  # noqa: PLC0415 - the rules load arrays, at the first write

            writer.lock(sorted(staging.entity_ids()), staging.predicates())
            if writer.last == staging.reader.last and not again:
                staging.rebase(writer)
            else:
                staging = self._replayed(writer, staging)
            changes = ChangeSet()
            more: Mapping[str, int] = {}

            def check() -> list[RuleError]:
                nonlocal changes, more
                changes, rows = freeze(staging, writer)
                if changes.empty():
                    return list(staging.problems)
                again = [one.number for one in staging.singles.values() if one.change == "undone" and one.number]
                broken, more = check_changes(changes, writer, today=self._today, rows=rows, again=again)
                return [*staging.problems, *broken]

            errors: Sequence[RuleError] = check()
            if errors and "keep" in self._clashes:
                errors = clashes.kept(staging, errors)
                more = more if errors else {}
            if errors and self._clashes & {"end", "retract"}:
                errors = clashes.settled(staging, errors, retract="retract" in self._clashes, check=check)
            if errors:
                raise gathered(errors, many=self._many, more=more)
            self._staging = staging
            self.changes = changes
            if not changes.empty():
                self._committed = writer.commit(changes, self._noted(staging))

    def _erase(self) -> None:
        if self._operations:
            raise RelgraphError(
                "an erasure cannot be taken back, so it is a transaction of its own",
                hint="commit the other changes first",
            )
        with self._store.write() as writer:
            numbers = list(writer.entity_numbers(self._purged).values())
            found = numbers
            while found:
                found = [one for one in writer.merged_into(found) if one not in numbers]
                numbers += found
            self._committed = writer.purge(numbers, replace(self._note, kind="purge"))

    def _noted(self, staging: Staging) -> Note:
        note = self._note
        if not staging.notes:
            return note
        detail = {**note.detail, "notes": staging.notes}
        return Note(note.kind, note.actor, note.reason, note.batch, note.undoes, detail)

    def _replayed(self, writer: Writer, staging: Staging) -> Staging:
        """Do everything again over what others have committed meanwhile; what was read must not have changed."""
        same_words(staging, writer.vocabulary)
        # a call that stands alone may be of anything as it is by now, unless its caller held a version in hand
        expected = self._in_hand if self._single else {**staging.seen, **self._in_hand}
        locked = staging.entity_ids()
        while True:
            again = Staging(writer, today=self._today, expected=expected, by_code=self._by_code)
            again.unprepared = staging.unprepared
            again.problems = [one for one in staging.problems if one in staging.unprepared]
            for operation in self._operations:
                operation(again)
            more = sorted(again.entity_ids() - locked)
            if not more:
                return again
            # what was found only now was read before its lock: it is looked at once more behind it
            writer.lock(more, again.predicates())
            locked.update(more)

    def _do(self, operation: Operation) -> Any:
        staging = self.staging
        try:
            result = operation(staging)
        except BaseException:
            # whoever catches this may go on: nothing half-done may stay
            self._spoiled = True
            raise
        self._operations.append(operation)
        return result

    def _done_again(self, spoiled: Staging) -> Staging:
        """Return the buffer as it was before an operation failed in the middle."""
        staging = Staging(spoiled.reader, today=self._today, by_code=self._by_code)
        staging.unprepared = spoiled.unprepared
        staging.problems = [one for one in spoiled.problems if one in spoiled.unprepared]
        for operation in self._operations:
            operation(staging)
        return staging


def same_words(staging: Staging, now: Vocabulary) -> None:
    """Refuse to go on where the types and predicates in use are not what they were when things were prepared."""
    then = staging.vocabulary
    if then == now:
        return
    types = dict.fromkeys(one.type for one in staging.entities.values())
    predicates = staging.predicates()
    changed = [
        *(one for one in types if one not in now.types or then.fields(one) != now.fields(one)),
        *(one for one in predicates if then.predicates.get(one) != now.predicates.get(one)),
    ]
    if changed:
        raise ConflictError(
            f"the vocabulary has changed meanwhile: {', '.join(changed)}",
            hint="begin the transaction again",
            details={"changed": changed},
        )


def gathered(errors: Sequence[RuleError], *, many: bool, more: Mapping[str, int] | None = None) -> RelgraphError:
    """Return what to raise for these breaches: a group in the order of rows, then rules.

    Where nothing was done to many things and all breaches are of one relation, the first of them is raised by itself
    and holds the others in ``details["others"]``. ``more`` is how many of each code were counted but not described.
    """
    if not many and len({_lead(error) for error in errors}) == 1:
        first, *others = errors
        if others:
            first.details["others"] = [error.to_dict() for error in others]
        return first
    ordered = sorted(errors, key=lambda error: (_row(error), error.code))
    counts = Counter(error.code for error in ordered)
    counts.update(more or {})
    return RuleErrors(ordered[:LISTED], counts=counts)


def _lead(error: RuleError) -> object:
    relations = error.details.get("relations")
    return relations[0] if isinstance(relations, (list, tuple)) and relations else id(error)


def _row(error: RuleError) -> int:
    row = error.details.get("row")
    return row if isinstance(row, int) else -1
