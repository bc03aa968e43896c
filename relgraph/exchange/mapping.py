"""What a mapping file says: how the rows of a source become entities and relations.

The file is read by :mod:`relgraph.exchange.mapping_file`; this is its meaning, checked against a vocabulary.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from relgraph.errors import LoadError
from relgraph.exchange.cells import Cell, as_text, cells_of, look_up
from relgraph.exchange.readers import Reader
from relgraph.vocabulary.model import ENTITY, Vocabulary

OnConflict = Literal["refuse", "keep", "take"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a mapping that cannot be: what, and at which line of its file."""

    message: str
    line: int = 0
    hint: str | None = None
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        meant = f" (did you mean {', '.join(repr(one) for one in self.candidates)}?)" if self.candidates else ""
        return f"{place}{self.message}{meant}" + (f"; {self.hint}" if self.hint else "")


def mapping_error(name: str, problems: Iterable[Problem]) -> LoadError:
    """Return the error that names every problem of a mapping, in the order of its lines."""
    ordered = sorted(problems, key=lambda one: one.line)
    count = "1 error" if len(ordered) == 1 else f"{len(ordered)} errors"
    return LoadError(
        f"{count} in the mapping {name}:\n" + "\n".join(f"- {one}" for one in ordered),
        details={
            "mapping": name,
            "errors": [
                {"message": one.message, "line": one.line, "hint": one.hint, "candidates": list(one.candidates)}
                for one in ordered
            ],
        },
    )


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the source and how it is read.

    ``trim`` takes spaces off all its cells; ``nulls`` are texts that stand for nothing in all of them.
    """

    name: str
    file: str
    reader: Reader
    trim: bool = False
    nulls: frozenset[str] = frozenset()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of a row before a rule takes it; one of the facets is set, ``column`` is what they ask about."""

    column: str
    among: frozenset[str] | None = None
    outside: frozenset[str] | None = None
    empty: bool | None = None
    same_as: str | None = None
    like: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (self.column,) if self.same_as is None else (self.column, self.same_as)

    def holds(self, values: Mapping[str, object]) -> bool:
        """Return whether the row is as asked."""
        value = look_up(values, self.column)
        missing = value is None or value == ""
        if self.empty is not None:
            return missing == self.empty
        text = "" if value is None else as_text(value)
        if self.among is not None:
            return text in self.among
        if self.outside is not None:
            return text not in self.outside
        if self.like is not None:
            return fnmatchcase(text, self.like)
        other = look_up(values, self.same_as or "")
        return not missing and other is not None and text == as_text(other)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows a rule takes: those for which all of ``only_if`` hold, and none of ``skip_if``.

    ``mirrors`` names the two columns of a source that holds each pair twice, once from either end: the second one
    is passed over.
    """

    only_if: tuple[Condition, ...] = ()
    skip_if: tuple[Condition, ...] = ()
    mirrors: tuple[str, str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        asked = [name for one in (*self.only_if, *self.skip_if) for name in one.columns]
        return (*asked, *(self.mirrors or ()))

    def meant(self, values: Mapping[str, object]) -> bool:
        """Return whether the rule is for such a row at all: the conditions of ``only_if``."""
        return all(one.holds(values) for one in self.only_if)

    def skipped(self, values: Mapping[str, object]) -> bool:
        """Return whether a row is passed over by ``skip_if`` (mirrored rows are told by who keeps the pairs)."""
        return any(one.holds(values) for one in self.skip_if)


@dataclass(frozen=True, slots=True)
class TagRule:
    """Tags for an entity: the names that a cell gives, where the conditions hold."""

    names: Cell
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """An external key: the source that gives it, and where it stands."""

    source: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class EntityRule:
    """Makes an entity of each row."""

    input: str
    type: Cell
    key: Key | None = None
    other_keys: tuple[Key, ...] = ()
    id: Cell | None = None
    fields: Mapping[str, Cell] = field(default_factory=dict)
    tags: tuple[TagRule, ...] = ()
    filters: Filters = field(default_factory=Filters)
    line: int = field(default=0, compare=False)

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that is read."""
        yield self.type
        yield from cells_of(self.key.cell if self.key else None, self.id)
        yield from (one.cell for one in self.other_keys)
        yield from self.fields.values()
        yield from (one.names for one in self.tags)

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        asked = [column for rule in self.tags for one in rule.conditions for column in one.columns]
        return frozenset([*(name for one in self.cells for name in one.columns), *self.filters.columns, *asked])


@dataclass(frozen=True, slots=True)
class End:
    """How a row names the entity at one end of a relation: by key, by id, or by its name within a type."""

    by: Literal["key", "id", "name"]
    cell: Cell
    source: str = ""
    type: str = ENTITY
    match: Literal["exact", "normalized"] = "exact"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RelationRule:
    """Makes a relation of each row; ``predicate`` gives either of a predicate's names."""

    input: str
    predicate: Cell
    subject: End
    object: End
    key: Key | None = None
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    since: Cell | None = None
    until: Cell | None = None
    confidence: Cell | None = None
    source: Cell | None = None
    filters: Filters = field(default_factory=Filters)
    line: int = field(default=0, compare=False)

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that is read."""
        yield self.predicate
        yield self.subject.cell
        yield self.object.cell
        yield from cells_of(self.key.cell if self.key else None, self.since, self.until, self.confidence, self.source)
        yield from self.attributes.values()

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        return frozenset([*(name for one in self.cells for name in one.columns), *self.filters.columns])


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """One source mapped to a vocabulary.

    ``source`` is the name under which its keys and statements are kept. ``full`` says that the source tells all it
    knows each time, so that what it no longer states is withdrawn. ``batch_size`` cuts the import into transactions
    that each stand alone, so that a stopped one can go on; without it, all or nothing is kept.
    """

    name: str
    source: str
    inputs: Mapping[str, Input]
    entities: tuple[EntityRule, ...] = ()
    relations: tuple[RelationRule, ...] = ()
    description: str = ""
    vocabulary: str | None = None
    on_conflict: OnConflict = "refuse"
    full: bool = False
    batch_size: int | None = None
    folder: Path = Path()

    @classmethod
    def load(cls, path: str | Path) -> ImportMapping:
        """Read a mapping file; LoadError lists everything that is wrong with it, by line."""
        from relgraph.exchange.mapping_file import load_mapping  # noqa: PLC0415  (the reader imports this module)

        return load_mapping(Path(path))

    @classmethod
    def from_text(cls, text: str, *, name: str = "mapping", folder: str | Path = ".") -> ImportMapping:
        """Read a mapping from YAML text; ``folder`` is where its files are looked for."""
        from relgraph.exchange.mapping_file import read_mapping  # noqa: PLC0415  (the reader imports this module)

        return read_mapping(text, name=name, folder=Path(folder))

    @property
    def vocabulary_path(self) -> Path | None:
        """The vocabulary file that the mapping names, if any."""
        return None if self.vocabulary is None else self.folder / self.vocabulary

    def check(self, vocabulary: Vocabulary) -> tuple[Problem, ...]:
        """Return everything that the mapping says and the vocabulary does not know, by line."""
        found: list[Problem] = []
        for entity in self.entities:
            found += _check_entity(entity, vocabulary)
        for relation in self.relations:
            found += _check_relation(relation, vocabulary)
        return tuple(sorted(found, key=lambda one: one.line))


def _near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    table = {one.casefold(): one for one in known}
    return tuple(table[one] for one in difflib.get_close_matches(name.casefold(), table, n=3, cutoff=0.6))


def _unknown(kind: str, name: str, known: Iterable[str], line: int) -> Problem:
    known = list(known)
    near = _near(name, known)
    hint = None if near else (f"the vocabulary has {', '.join(known[:20])}" if known else "it has none")
    return Problem(f"{kind} '{name}'", line, hint, near)


def _check_entity(rule: EntityRule, vocabulary: Vocabulary) -> Iterator[Problem]:
    type_name = rule.type.constant if isinstance(rule.type.constant, str) else None
    if type_name is not None:
        if type_name not in vocabulary.types:
            yield _unknown("there is no type", type_name, vocabulary.types, rule.type.line)
            return
        if vocabulary.types[type_name].abstract:
            yield Problem(f"no entity can be a {type_name}: it is abstract", rule.type.line)
        known = vocabulary.fields(type_name)
        for name, cell in rule.fields.items():
            if name not in known:
                yield _unknown(f"{type_name} has no field", name, known, cell.line)
        if rule.key is None and rule.id is None and not vocabulary.key(type_name):
            yield Problem(
                f"nothing tells one {type_name} from another: a second run would add each again",
                rule.line,
                "give the rule a `key`, or the type a `key` in the vocabulary",
            )
    for tag in rule.tags:
        marked = tag.names.constant
        if isinstance(marked, str) and marked not in vocabulary.tags:
            yield _unknown("there is no tag", marked, vocabulary.tags, tag.names.line)


def _check_relation(rule: RelationRule, vocabulary: Vocabulary) -> Iterator[Problem]:
    for end in (rule.subject, rule.object):
        if end.by == "name" and end.type != ENTITY and end.type not in vocabulary.types:
            yield _unknown("there is no type", end.type, vocabulary.types, end.line)
    name = rule.predicate.constant
    if not isinstance(name, str):
        return
    reading = vocabulary.readings.get(name)
    if reading is None:
        yield _unknown("there is no predicate", name, vocabulary.readings, rule.predicate.line)
        return
    known = [one.name for one in reading.predicate.attributes]
    for attribute, cell in rule.attributes.items():
        if attribute not in known:
            yield _unknown(f"{name} has no attribute", attribute, known, cell.line)
    if reading.predicate.time == "none":
        for cell in cells_of(rule.since, rule.until):
            yield Problem(f"{name} has no dates: it is declared with time: none", cell.line)
