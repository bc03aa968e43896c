"""Reading a folder of CSV files, as relgraph exports it, into an empty network."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from relgraph.engines.base import Store
from relgraph.errors import LoadError, ValueProblem, VocabularyError
from relgraph.exchange.csv_out import ENTITY_COLUMNS, RELATION_COLUMNS
from relgraph.model.captions import caption_of
from relgraph.model.prepare import end, start
from relgraph.model.records import (
    OPEN_END,
    OPEN_START,
    ChangeSet,
    EntityRow,
    KeyRow,
    Note,
    RelationRow,
    SourceRow,
    TagRow,
)
from relgraph.vocabulary.fields import store
from relgraph.vocabulary.model import Field, Vocabulary

Cells = dict[str, str]


def import_csv(target: Store, folder: Path, *, progress: Callable[[int, int], object] | None = None) -> dict[str, int]:
    """Read an exported folder into an empty store, in one transaction; return the number of rows per file.

    LoadError names the file and line of the first thing that cannot be read; nothing is written then.
    """
    try:
        vocabulary = Vocabulary.load(folder / "vocabulary.yaml")
    except VocabularyError as error:
        raise LoadError(
            f"{folder} is no network exported as CSV: {error.message}", hint="other tables are imported with a mapping"
        ) from error
    with target.read() as reader:
        if reader.count_entities(None) or reader.count_relations(None):
            raise LoadError(f"{target.name} is not empty", hint="import into a new network, or use a mapping file")
    reading = _Reading(folder, vocabulary)
    entities, relations = list(reading.entities()), list(reading.relations())
    with target.write() as writer:
        first, second = writer.reserve(len(entities), len(relations))
        changes = reading.changes(entities, relations, first, second)
        changes.vocabulary = vocabulary
        writer.commit(changes, Note("import", detail={"folder": folder.name}))
    if progress is not None:
        progress(len(entities) + len(relations), len(entities) + len(relations))
    return reading.counts


class _Reading:
    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self.folder = folder
        self.vocabulary = vocabulary
        self.counts: dict[str, int] = {}

    def rows(self, path: Path) -> Iterator[tuple[str, Cells]]:
        """Yield (place, cells by column) of a file."""
        name = path.relative_to(self.folder).as_posix()
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                table = csv.reader(file, strict=True)
                columns = next(table, [])
                for cells in table:
                    if len(cells) != len(columns):
                        raise LoadError(f"{name}, line {table.line_num}: {len(cells)} cells, not {len(columns)}")
                    self.counts[name] = self.counts.get(name, 0) + 1
                    yield f"{name}, line {table.line_num}", dict(zip(columns, cells, strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise LoadError(f"{name} cannot be read: {error}", hint="save it as CSV in UTF-8") from error

    def entities(self) -> Iterator[tuple[str, str, Cells]]:
        """Yield (place, type, cells) of every entity."""
        for path in sorted((self.folder / "entities").glob("*.csv")):
            type_name = unquote(path.stem)
            if type_name not in self.vocabulary.types:
                raise LoadError(f"entities/{path.name}: there is no type {type_name!r} in vocabulary.yaml")
            yield from ((place, type_name, cells) for place, cells in self.rows(path))

    def relations(self) -> Iterator[tuple[str, str, Cells]]:
        """Yield (place, predicate, cells) of every relation."""
        for path in sorted((self.folder / "relations").glob("*.csv")):
            predicate = unquote(path.stem)
            if predicate not in self.vocabulary.predicates:
                raise LoadError(f"relations/{path.name}: there is no predicate {predicate!r} in vocabulary.yaml")
            yield from ((place, predicate, cells) for place, cells in self.rows(path))

    def changes(
        self,
        entities: list[tuple[str, str, Cells]],
        relations: list[tuple[str, str, Cells]],
        first: int,
        second: int,
    ) -> ChangeSet:
        """Return everything as one change set."""
        numbers = {cells["@id"]: number for number, (_, _, cells) in enumerate(entities, first)}
        told = {cells["@id"]: number for number, (_, _, cells) in enumerate(relations, second)}
        changes = ChangeSet()
        for place, type_name, cells in entities:
            changes.new_entities.append(self._entity(place, type_name, cells, numbers))
        for place, predicate, cells in relations:
            changes.new_relations.append(self._relation(place, predicate, cells, numbers, told))
        for name, table in (("tags.csv", numbers), ("keys.csv", numbers), ("sources.csv", told)):
            if (self.folder / name).exists():
                for place, cells in self.rows(self.folder / name):
                    self._mark(place, cells, changes, table)
        return changes

    def _mark(self, place: str, cells: Cells, changes: ChangeSet, numbers: dict[str, int]) -> None:
        number = _known(place, cells.get("@entity") or cells.get("@relation") or "", numbers)
        if "@tag" in cells:
            changes.tags_added.append(TagRow(number, cells["@tag"], 0))
        elif "@says" in cells:
            says = json.loads(cells["@says"]) if cells["@says"] else None
            changes.sources_added.append(SourceRow(number, cells["@source"], cells["@key"], says, 0))
        else:
            changes.keys_added.append(KeyRow(number, cells["@source"], cells["@key"], 0))

    def _entity(self, place: str, type_name: str, cells: Cells, numbers: dict[str, int]) -> EntityRow:
        fields = self._values(place, self.vocabulary.fields(type_name), cells, ENTITY_COLUMNS)
        merged = cells["@merged_into"]
        return EntityRow(
            numbers[cells["@id"]],
            cells["@id"],
            type_name,
            caption_of(self.vocabulary, type_name, fields) or cells["@id"],
            fields,
            cells["@state"],  # type: ignore[arg-type]  # one of the three that the export writes
            _known(place, merged, numbers) if merged else None,
            0,
        )

    def _relation(
        self, place: str, predicate: str, cells: Cells, numbers: dict[str, int], told: dict[str, int]
    ) -> RelationRow:
        declared = self.vocabulary.attributes(predicate)
        since, low = start(cells["@since"]) if cells["@since"] else (OPEN_START, 0)
        until, high = end(cells["@until"]) if cells["@until"] else (OPEN_END, 0)
        return RelationRow(
            told[cells["@id"]],
            cells["@id"],
            predicate,
            _known(place, cells["@subject"], numbers),
            _known(place, cells["@object"], numbers),
            since,
            until,
            low,
            high,
            self._values(place, declared, cells, RELATION_COLUMNS),
            float(cells["@confidence"]) if cells["@confidence"] else None,
            0,
        )

    def _values(self, place: str, fields: Mapping[str, Field], cells: Cells, own: tuple[str, ...]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, text in cells.items():
            if name in own or text == "":
                continue
            declared = fields.get(name)
            if declared is None:
                raise LoadError(f"{place}: there is no field {name!r}")
            try:
                values[name] = json.loads(text) if declared.many else store(declared, text.removeprefix("\\"))
            except (ValueProblem, ValueError) as error:
                raise LoadError(f"{place}: {error}") from error
        return values


def _known(place: str, name: str, numbers: dict[str, int]) -> int:
    if name not in numbers:
        raise LoadError(f"{place}: {name!r} is not among the rows of this export")
    return numbers[name]
