"""An import as one batch: what breaks a rule together with others is left out, and the rest is told again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from relgraph.errors import RuleError
from relgraph.exchange.report import Gathering, Report, ReportRow
from relgraph.exchange.rows import Place
from relgraph.exchange.session import Refusal, Session, Unfound
from relgraph.graph import Graph
from relgraph.ids import uuid7
from relgraph.model.ports import Reader
from relgraph.model.records import RelationRow
from relgraph.model.rules.messages import to_error
from relgraph.planning.judge import rule_breaches

_NAMED = 20
_ROUNDS = 20
"""Rows that break a rule together with others are found by trying again without them, so often at most."""


class Attempts:
    """The transactions of one import, and what came of them.

    ``breaking`` are the places of rows that broke a rule together with others, each with what it broke: whoever tells
    the rows again leaves them out. ``stated`` is every (relation id, key) that the source has stated so far, where the
    import is ``full`` and what is stated no longer is withdrawn.
    """

    def __init__(
        self, graph: Graph, *, name: str, source: str, by_name: bool, dry_run: bool, full: bool = False
    ) -> None:
        self._graph = graph
        self._name = name
        self._source = source
        self._by_name = by_name
        self._dry_run = dry_run
        self._full = full
        self._batch = f"import:{name}:{uuid7()}"
        self._transactions: list[str] = []
        self.all = Gathering()
        self.stated: set[tuple[str, str]] = set()
        self.breaking: dict[Place, RuleError] = {}

    def run(self, tell: Callable[[Session, Gathering], None]) -> None:
        """Tell the network what ``tell`` says, as one transaction; where rows break a rule together, again."""
        for attempt in range(_ROUNDS + 1):
            gathering = Gathering()
            session = Session(
                self._graph,
                batch=self._batch,
                reason=f"import of {self._source} by {self._name}",
                by_name=self._by_name,
                dry_run=self._dry_run,
            )
            try:
                tell(session, gathering)
                session.finish(commit=True)
            except RuleError as error:
                session.finish(commit=False)
                refusals = session.refusals(error)
                if attempt == _ROUNDS or not (refusals or session.overtaken()):
                    raise
                self.breaking.update((one.place, one.error) for one in refusals)
            except BaseException:
                session.finish(commit=False)
                raise
            else:
                self._done(session, gathering)
                return

    def _done(self, session: Session, gathering: Gathering) -> None:
        if self._full:
            self.stated |= session.stated
        gathering.counts.update(session.summary)
        if session.transaction.id is None and not self._dry_run:
            # what rows did and later rows took back again is no change
            gathering.counts["unchanged"] += gathering.counts.pop("updated", 0)
        self.all.take(gathering)
        for (name, what), rows in session.noted.items():
            more = ", ..." if len(rows) > _NAMED else ""
            shown = ", ".join(map(str, rows[:_NAMED])) + more
            self.all.warn(f"{name}: {len(rows):,} row{'s' if len(rows) > 1 else ''} {what}: {shown}")
        if session.transaction.id is not None:
            self._transactions.append(session.transaction.id)

    def report(
        self, said: Collection[str], seconds: float, *, folder: Path | None = None, inputs: Sequence[str] = ()
    ) -> Report:
        """Return the outcome; ``said`` are the readings that may have been told.

        ``folder`` is where the input lies, ``inputs`` the order in which rows are listed.
        """
        place = {name: index for index, name in enumerate(inputs)}

        def in_order(rows: list[ReportRow]) -> tuple[ReportRow, ...]:
            return tuple(sorted(rows, key=lambda one: (place.get(one.input, len(place)), one.row)))

        self._standing(said)
        counts = self.all.counts
        return Report(
            self._name,
            self._source,
            self._dry_run,
            counts["rows"],
            counts["added"],
            counts["related"],
            counts["updated"],
            counts["unchanged"],
            counts["withdrawn"],
            counts["skipped"],
            in_order(self.all.unresolved),
            in_order(self.all.refused),
            tuple(self.all.warnings),
            self._transactions[-1] if self._transactions else None,
            tuple(self._transactions),
            self._batch if self._transactions else None,
            seconds,
            {name: counts[name] for name in ("unresolved", "refused")},
            folder,
        )

    def _standing(self, said: Collection[str]) -> None:
        """Name what stands in the network and is only warned of: sums, maxima and rings that no single row makes."""
        if self._dry_run:
            return
        with self._graph.store.read() as reader:
            vocabulary = reader.vocabulary
            stored = {vocabulary.readings[name].predicate.name for name in said if name in vocabulary.readings}
            touched = [name for name in vocabulary.predicates if any(name in vocabulary.broader(one) for one in stored)]
            for name, found in rule_breaches(reader, vocabulary, touched, levels=("warn",)).items():
                for breach in found.listed:
                    # rows that lack an attribute or relate a thing to itself were named by their numbers
                    if breach.rule not in {"required", "irreflexive"}:
                        error = to_error(breach, vocabulary, lambda one: reader.entities([one])[one], _relation(reader))
                        self.all.warn(f"{name}: {error.message}")


def _relation(reader: Reader) -> Callable[[int], RelationRow | None]:
    return lambda number: reader.relations([number]).get(number)


def refused(refusal: Refusal, value: str = "") -> ReportRow:
    """Return the line of the report about a row that the network does not take."""
    error = refusal.error
    field = error.details.get("field") or error.details.get("attribute") or ""
    return ReportRow(
        "refused", refusal.place[0], refusal.place[1], error.code, error.message, str(field), value, error.candidates
    )


def unresolved(one: Unfound) -> ReportRow:
    """Return the line of the report about a row one of whose ends is not to be found."""
    return ReportRow(
        "unresolved", one.place[0], one.place[1], "end", one.message, one.column, one.value, one.candidates
    )
