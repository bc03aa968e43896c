"""The import: rows of a source into a network, as one batch that can be taken back."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Literal

from relgraph.errors import LoadError
from relgraph.exchange.attempts import Attempts, refused, unresolved
from relgraph.exchange.dispatch import Dispatch
from relgraph.exchange.mapping import EntityRule, ImportMapping, Input, Problem, RelationRule, mapping_error
from relgraph.exchange.progress import Progress, Watch
from relgraph.exchange.readers import JsonlReader, JsonReader, Meter, Row
from relgraph.exchange.report import Gathering, Report, ReportRow
from relgraph.exchange.rows import CellProblem, EntityRow, Place, RelationRow, Texts, entity_row, relation_row
from relgraph.exchange.session import Refusal, Session
from relgraph.graph import Graph

_CHUNK = 2000

Stage = Literal["entities", "relations"]
Read = tuple[Stage, str, Row]
"""A row with the stage it is read in and the input it is of."""


def load(
    graph: Graph,
    mapping: ImportMapping | str | Path,
    *,
    data: str | PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Report:
    """Bring what a source says into a network; a second run of the same data changes nothing.

    ``data`` is the folder that the files of the mapping are looked for in (else beside the mapping). A dry run does
    everything but commit. ``progress`` is called up to ten times a second; ``cancelled`` is asked as often whether to
    stop. Rows that break a rule are left out and reported; whatever else goes wrong leaves nothing of the import,
    or with ``batches`` the batches that were finished.

    Raises LoadError for a mapping or file that cannot be read, Cancelled when it was stopped, and any StoreError.
    """
    if not isinstance(mapping, ImportMapping):
        mapping = ImportMapping.load(mapping)
    problems = mapping.check(graph.vocabulary)
    if problems:
        raise mapping_error(mapping.name, problems)
    return _Loading(graph, mapping, Path(data) if data is not None else mapping.folder, dry_run).run(
        progress, cancelled
    )


class _Loading:
    """One run of one mapping."""

    def __init__(self, graph: Graph, mapping: ImportMapping, folder: Path, dry_run: bool) -> None:
        self._graph = graph
        self._mapping = mapping
        self._folder = folder
        self._dry_run = dry_run
        self._texts = Texts(graph.vocabulary)
        self._entity_rules = Dispatch(mapping.entities)
        self._entity_inputs = {rule.input for rule in mapping.entities}
        self._relation_rules = Dispatch(mapping.relations)
        by_name = any(end.by == "name" for rule in mapping.relations for end in (rule.subject, rule.object))
        self._attempts = Attempts(
            graph, name=mapping.name, source=mapping.source, by_name=by_name, dry_run=dry_run, full=mapping.full
        )
        self._mirrored: dict[tuple[str, int], dict[tuple[str, str], int]] = {}

    def run(self, progress: Callable[[Progress], object] | None, cancelled: Callable[[], bool] | None) -> Report:
        begun = time.monotonic()
        passes = list(self._passes())
        paths = {name: self._folder / one.file for name, one in self._mapping.inputs.items()}
        sizes = [paths[one].stat().st_size if paths[one].is_file() else 0 for _, one in passes]
        watch = Watch(sizes, progress, cancelled)
        # a dry run keeps nothing between batches, so it is one
        if self._mapping.batch_size is None or self._dry_run:
            self._attempt(lambda: self._reads(passes, paths, watch), watch, last=True)
        else:
            reads = self._reads(passes, paths, watch)
            while part := list(islice(reads, self._mapping.batch_size)):
                self._attempt(lambda part=part: iter(part), watch, last=False)  # type: ignore[misc]
            self._attempt(lambda: iter(()), watch, last=True)
        return self._attempts.report(
            self._said(), time.monotonic() - begun, folder=self._folder, inputs=list(self._mapping.inputs)
        )

    def _passes(self) -> Iterator[tuple[Stage, str]]:
        """Yield what is read in which order: every entity first, so that relations find their ends."""
        for stage in ("entities", "relations"):
            rules: Iterable[EntityRule | RelationRule] = (
                self._mapping.entities if stage == "entities" else self._mapping.relations
            )
            for name in dict.fromkeys(rule.input for rule in rules):
                yield ("entities" if stage == "entities" else "relations"), name

    # -- reading ----------------------------------------------------------------------------------------------------

    def _reads(self, passes: list[tuple[Stage, str]], paths: dict[str, Path], watch: Watch) -> Iterator[Read]:
        watch.again()
        for stage, name in passes:
            source = self._mapping.inputs[name]
            meter = Meter()
            watch.reading(stage, name, meter)
            wanted = self._columns(stage, name)
            missing = dict(wanted)
            first = True
            for row in source.reader.read(paths[name], meter):
                if first and row.problem is None:
                    self._require(source, wanted, row)
                    first = False
                if missing:
                    missing = {column: line for column, line in missing.items() if not _has(row, column)}
                watch.row()
                yield stage, name, _cleaned(row, source, wanted)
            for note in meter.notes:
                self._attempts.all.warn(f"{name}: {note}")
            if first:
                self._attempts.all.warn(f"{name}: '{source.file}' has no rows")
            else:
                for column in missing:
                    self._attempts.all.warn(f"{name}: no row has '{column}'")

    def _columns(self, stage: Stage, name: str) -> dict[str, int]:
        """Return the columns that the rules of a stage read of an input, each with a line that names it."""
        rules: Iterable[EntityRule | RelationRule] = (
            self._mapping.entities if stage == "entities" else self._mapping.relations
        )
        columns: dict[str, int] = {}
        for rule in rules:
            if rule.input == name:
                lines = {column: cell.line for cell in rule.cells for column in cell.columns}
                for column in rule.columns:
                    columns.setdefault(column, lines.get(column) or rule.line)
        return columns

    def _require(self, source: Input, wanted: dict[str, int], row: Row) -> None:
        """Refuse a mapping that reads columns which the file does not have; objects may leave theirs out."""
        if isinstance(source.reader, (JsonlReader, JsonReader)):
            return
        known = list(row.values)
        problems = [
            Problem(
                f"'{source.file}' has no column '{column}'",
                line,
                f"its columns are {', '.join(known[:30])}; a constant is written {{value: ...}}",
                tuple(difflib.get_close_matches(column, known, n=3)),
            )
            for column, line in wanted.items()
            if not _has(row, column)
        ]
        if problems:
            raise mapping_error(self._mapping.name, problems)

    # -- telling ----------------------------------------------------------------------------------------------------

    def _attempt(self, reads: Callable[[], Iterator[Read]], watch: Watch, *, last: bool) -> None:
        """Tell the network what rows say, as one transaction."""

        def tell(session: Session, gathering: Gathering) -> None:
            self._tell(session, reads(), gathering)
            if last and self._mapping.full:
                session.withdraw(self._mapping.source, self._attempts.stated | session.stated)
            watch.writing()

        self._attempts.run(tell)

    def _tell(self, session: Session, reads: Iterator[Read], gathering: Gathering) -> None:
        while part := list(islice(reads, _CHUNK)):
            entities: list[EntityRow] = []
            relations: list[tuple[RelationRow, RelationRule]] = []
            for stage, name, row in part:
                gathering.counts["rows"] += 1
                if row.problem is not None:
                    # what is read for entities and for relations is told of once
                    if stage == "entities" or name not in self._entity_inputs:
                        gathering.add(ReportRow("refused", name, row.number, "row", row.problem))
                elif stage == "entities":
                    entities += self._entities(name, row, gathering)
                else:
                    relations += self._relations(name, row, gathering)
            if entities:
                for refusal in session.add(entities):
                    gathering.add(refused(refusal))
            if relations:
                refusals, unfound = session.relate(relations, on_conflict=self._mapping.on_conflict)
                for refusal in refusals:
                    gathering.add(refused(refusal))
                for one in unfound:
                    gathering.add(unresolved(one))

    def _entities(self, name: str, row: Row, gathering: Gathering) -> Iterator[EntityRow]:
        for index, rule in self._entity_rules.of(name, row):
            place: Place = (name, row.number, "entity", index)
            if self._passed_over(place, rule, row, gathering):
                continue
            try:
                yield entity_row(rule, index, row, self._texts)
            except CellProblem as problem:
                gathering.add(_unread(place, problem))

    def _relations(self, name: str, row: Row, gathering: Gathering) -> Iterator[tuple[RelationRow, RelationRule]]:
        for index, rule in self._relation_rules.of(name, row):
            place: Place = (name, row.number, "relation", index)
            if self._passed_over(place, rule, row, gathering):
                continue
            try:
                told = relation_row(rule, index, row, self._mapping.source, self._texts)
            except CellProblem as problem:
                gathering.add(_unread(place, problem))
                continue
            if told is None:
                gathering.counts["skipped"] += 1
            else:
                yield told, rule

    def _passed_over(self, place: Place, rule: EntityRule | RelationRule, row: Row, gathering: Gathering) -> bool:
        """Return whether a rule does not take a row: by its conditions, or because it broke a rule before."""
        if not rule.filters.meant(row.values):
            return True
        if place in self._attempts.breaking:
            gathering.add(refused(Refusal(place, self._attempts.breaking[place])))
            return True
        if not rule.filters.skipped(row.values) and not self._mirror(place, rule, row):
            return False
        gathering.counts["skipped"] += 1
        return True

    def _mirror(self, place: Place, rule: EntityRule | RelationRule, row: Row) -> bool:
        """Return whether the row tells from the other end what a row before it told."""
        if rule.filters.mirrors is None:
            return False
        one, other = (str(row.values.get(column)) for column in rule.filters.mirrors)
        seen = self._mirrored.setdefault((place[0], place[3]), {})
        if seen.get((other, one), row.number) != row.number:
            return True
        seen.setdefault((one, other), row.number)
        return False

    def _said(self) -> list[str]:
        """Return the readings that the mapping may tell."""
        said = [rule.predicate.constant for rule in self._mapping.relations]
        # a predicate that a column names may be any
        return [*self._graph.vocabulary.readings] if None in said else [str(one) for one in said]


def _has(row: Row, column: str) -> bool:
    if column in row.values:
        return True
    return "." in column and column.split(".", maxsplit=1)[0] in row.values


def _cleaned(row: Row, source: Input, wanted: Iterable[str]) -> Row:
    """Return the row with what the input says of all its cells done to those that are read."""
    if not source.trim and not source.nulls:
        return row
    values = dict(row.values)
    for column in wanted:
        value = values.get(column)
        if isinstance(value, str):
            if source.trim:
                value = value.strip()
            values[column] = None if value.strip() in source.nulls else value
    return replace(row, values=values)


def _unread(place: Place, problem: CellProblem) -> ReportRow:
    return ReportRow(
        "refused", place[0], place[1], "value", problem.message, problem.column, problem.value, problem.candidates
    )


__all__ = ["LoadError", "Progress", "Report", "load"]
