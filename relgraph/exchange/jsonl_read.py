"""Reading the loss-free JSON Lines file back into an empty network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from relgraph.engines.base import Store
from relgraph.errors import LoadError, RelgraphError
from relgraph.model.prepare import end, start
from relgraph.model.records import (
    OPEN_END,
    OPEN_START,
    ChangeSet,
    Delta,
    EntityRow,
    KeyRow,
    Note,
    RelationRow,
    SourceRow,
    TagRow,
)
from relgraph.vocabulary.model import Vocabulary

FORMAT = "relgraph-jsonl-1"
Progress = Callable[[int, int], object]
Line = dict[str, Any]


def read_lines(path: Path) -> Iterator[tuple[int, Line]]:
    """Yield every line as an object with its number, checking the format, the digest and the counts at the end."""
    digest, counts, ended = hashlib.sha256(), dict[str, int](), False
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if ended:
                    raise LoadError(f"{path}, line {number}: there is something after the end line")
                line = _parsed(path, number, raw)
                kind = line.get("kind")
                if number == 1 and (kind != "header" or line.get("format") != FORMAT):
                    raise LoadError(
                        f"{path} is no network exported by relgraph (format {line.get('format')!r})",
                        hint="other JSON Lines are imported with a mapping file",
                    )
                if kind == "end":
                    _compare(path, line, counts, digest.hexdigest())
                    ended = True
                else:
                    digest.update(raw)
                    if kind != "header":
                        counts[str(kind)] = counts.get(str(kind), 0) + 1
                yield number, line
    except OSError as error:
        raise LoadError(f"cannot read {path}: {error.strerror}") from error
    if not ended:
        raise LoadError(f"{path} is cut off: it has no end line", hint="export it again")


def _parsed(path: Path, number: int, raw: bytes) -> Line:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise LoadError(f"{path}, line {number}: this is no JSON object ({error})") from None
    if not isinstance(line, dict):
        raise LoadError(f"{path}, line {number}: a line is a JSON object")
    return line


def _compare(path: Path, line: Line, counts: dict[str, int], digest: str) -> None:
    if line.get("sha256") != digest or line.get("counts") != counts:
        raise LoadError(
            f"{path} was changed or damaged since it was exported",
            hint="its digest or its counts do not fit; export it again",
            details={"counts": counts, "said": line.get("counts")},
        )


def import_jsonl(store: Store, path: Path, *, progress: Progress | None = None) -> dict[str, int]:
    """Read a network from a file into an empty store; return how many lines of each kind.

    Transactions get back their ids, times and actors. Nothing is written unless the whole file can be read.
    """
    lines = [line for _, line in read_lines(path)]
    with store.read() as reader:
        if reader.count_entities(None) or reader.count_relations(None):
            raise LoadError(
                f"{store.name} is not empty", hint="import into a new network, or use a mapping file to add to one"
            )
    _Loading(lines, progress).run(store)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line["kind"]] = counts.get(line["kind"], 0) + 1
    return counts


class _Loading:
    """The lines of one file, gathered by the transaction that each belongs to."""

    def __init__(self, lines: list[Line], progress: Progress | None) -> None:
        self.header = lines[0]
        self.vocabulary = Vocabulary.from_dict(self.header["vocabulary"])
        self.progress = progress
        self.history = bool(self.header.get("history"))
        self.lines = lines
        self.notes: dict[str, Note] = {}
        self.sets: dict[str, ChangeSet] = {}
        self._entities: dict[str, int] = {}
        self._relations: dict[str, int] = {}
        self._told: dict[tuple[str, str], list[tuple[str, Line]]] = {}
        self._ended: dict[tuple[str, str], list[Line]] = {}
        self._written: dict[str, int] = {}

    def run(self, store: Store) -> None:
        """Write transaction by transaction, in the order of the log."""
        with self._sound(store):
            self._number(store)
            if self.history:
                self._with_history()
            else:
                self._as_it_stands()
        for done, (key, changes) in enumerate(self.sets.items(), 1):
            with self._sound(store):
                if self.history:
                    self._step(key, changes)
                with store.write() as writer:
                    if done == 1:
                        changes.vocabulary = self.vocabulary
                    self._written[key] = writer.commit(changes, self.notes[key]).number
            if self.progress is not None:
                self.progress(done, len(self.sets))
        for line in self.lines:
            if line["kind"] in {"question", "decision"}:
                with store.write() as writer:
                    writer.save(line["kind"], line["name"], line["document"])

    @contextmanager
    def _sound(self, store: Store) -> Iterator[None]:
        """Tell what fails over lines whose digest is right: they were written so, by a store that was not whole."""
        try:
            yield
        except RelgraphError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            part = f", and {store.name} holds a part of it now" if self._written else ""
            raise LoadError(
                f"what is read was exported from a store that is damaged{part}",
                hint="`relgraph check` of that store lists what is wrong with it",
                details={"cause": repr(error)},
            ) from error

    def _number(self, store: Store) -> None:
        entities: dict[str, None] = {}
        relations: dict[str, None] = {}
        for line in self.lines:
            if line["kind"] == "entity" or line.get("thing") == "entity":
                entities[line["id"]] = None
            elif line["kind"] == "relation" or line.get("thing") == "relation":
                relations[line["id"]] = None
        with store.write() as writer:
            first, second = writer.reserve(len(entities), len(relations))
        self._entities = {one: number for number, one in enumerate(entities, first)}
        self._relations = {one: number for number, one in enumerate(relations, second)}

    # -- rows -------------------------------------------------------------------------------------------------------

    def _entity(self, line: Line) -> EntityRow:
        merged = line["merged_into"]
        return EntityRow(
            self._entities[line["id"]],
            line["id"],
            line["type"],
            line["name"],
            line["fields"],
            line["state"],
            None if merged is None else self._entities[merged],
            0,
        )

    def _relation(self, line: Line) -> RelationRow:
        since, low = (OPEN_START, 0) if line["since"] is None else start(line["since"])
        until, high = (OPEN_END, 0) if line["until"] is None else end(line["until"])
        try:
            ends = self._entities[line["subject"]], self._entities[line["object"]]
        except KeyError as missing:
            raise LoadError(f"the relation {line['id']} has an end that is not in the file: {missing}") from None
        return RelationRow(
            self._relations[line["id"]],
            line["id"],
            line["predicate"],
            *ends,
            since,
            until,
            low,
            high,
            line["attributes"],
            line["confidence"],
            0,
        )

    def _source(self, relation: str, line: Line) -> SourceRow:
        return SourceRow(self._relations[relation], line["source"], line["key"], line["says"], 0)

    # -- without history --------------------------------------------------------------------------------------------

    def _as_it_stands(self) -> None:
        last = self.header["last"]
        moments = sorted(
            {(line["recorded_at"], line["recorded_by"]) for line in self.lines if line["kind"] == "relation"},
            key=lambda pair: pair[0],
        )
        entities = [line for line in self.lines if line["kind"] == "entity"]
        final = None if last is None else (last["recorded_at"], last["actor"])
        if final is not None and final not in moments:
            moments.append(final)
        for moment in moments:
            known = final is not None and moment == final
            self.notes[str(moment)] = Note(
                last["kind"] if known else "import",
                moment[1],
                id=last["id"] if known else None,
                recorded_at=moment[0],
            )
            self.sets[str(moment)] = ChangeSet()
        if not moments:
            return
        first = self.sets[str(moments[0])]
        for line in entities:
            row = self._entity(line)
            first.new_entities.append(row)
            first.tags_added += [TagRow(row.number, tag, 0) for tag in line["tags"]]
            first.keys_added += [KeyRow(row.number, source, key, 0) for source, key in line["keys"]]
        for line in self.lines:
            if line["kind"] == "relation":
                changes = self.sets[str((line["recorded_at"], line["recorded_by"]))]
                changes.new_relations.append(self._relation(line))
                changes.sources_added += [self._source(line["id"], one) for one in line["sources"]]

    # -- with history -----------------------------------------------------------------------------------------------

    def _with_history(self) -> None:
        told, ended = self._told, self._ended
        for line in self.lines:
            match line["kind"]:
                case "transaction":
                    note = {
                        name: line[name]
                        for name in ("actor", "reason", "batch", "undoes", "detail", "id", "recorded_at")
                    }
                    self.notes[line["id"]] = Note(line["done"], **note)
                    self.sets[line["id"]] = ChangeSet()
                case "entity" | "relation" as thing:
                    told.setdefault((line["told"], thing), []).append((line["id"], line))
                case "past" if line["thing"] in {"entity", "relation"}:
                    told.setdefault((line["told"], line["thing"]), []).append((line["id"], line))
                    ended.setdefault((line["replaced"], line["thing"]), []).append(line)
                case "past":
                    self._mark(line)
        for key, _ in (*told, *ended):
            self._known(key)

    def _known(self, key: str) -> ChangeSet:
        """Return what is gathered of a transaction; LoadError where the file does not have it."""
        try:
            return self.sets[key]
        except KeyError:
            raise LoadError(
                "something was told or replaced in a transaction that is not in the log: another program deleted it",
                details={"transaction": key},
                hint="copy or export without history: what is there now is whole",
            ) from None

    def _step(self, key: str, changes: ChangeSet) -> None:
        """Add what a transaction told and replaced; the numbers of the transactions before it are known now."""
        entities = {name: self._entity(line) for name, line in self._told.get((key, "entity"), [])}
        for line in self._ended.get((key, "entity"), []):
            was = self._entity(line)._replace(told_in=self._written[line["told"]])
            changes.entities.append(Delta(was, entities.pop(line["id"], None), line["change"]))
        changes.new_entities += entities.values()
        relations = {name: self._relation(line) for name, line in self._told.get((key, "relation"), [])}
        for line in self._ended.get((key, "relation"), []):
            before = self._relation(line)._replace(told_in=self._written[line["told"]])
            changes.relations.append(Delta(before, relations.pop(line["id"], None), line["change"]))
        changes.new_relations += relations.values()

    def _mark(self, line: Line) -> None:
        changes, gone = self._known(line["in"]), line["ended"]
        match line["thing"]:
            case "tag":
                tag = TagRow(self._entities[line["entity"]], line["tag"], 0)
                (changes.tags_removed if gone else changes.tags_added).append(tag)
            case "key":
                key = KeyRow(self._entities[line["entity"]], line["source"], line["key"], 0)
                (changes.keys_removed if gone else changes.keys_added).append(key)
            case _:
                source = self._source(line["relation"], line)
                (changes.sources_removed if gone else changes.sources_added).append(source)
