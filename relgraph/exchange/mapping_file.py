"""Mapping files: strict YAML, in which nothing unknown is passed over and all faults come together, by line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, cast

from relgraph.errors import LoadError, ValueProblem, VocabularyError
from relgraph.exchange.cells import Cell, Template
from relgraph.exchange.mapping import (
    Condition,
    End,
    EntityRule,
    Filters,
    ImportMapping,
    Input,
    Key,
    OnConflict,
    RelationRule,
    TagRule,
    mapping_error,
)
from relgraph.exchange.mapping_steps import STEP_KEYS, read_steps
from relgraph.exchange.readers import READERS, Reader, reader_for
from relgraph.exchange.reading import Reading, shown
from relgraph.exchange.transform import Inclusive
from relgraph.vocabulary.document import Item, read_yaml
from relgraph.vocabulary.model import ENTITY

TOP_KEYS = (
    "mapping",
    "source",
    "description",
    "vocabulary",
    "inputs",
    "entities",
    "relations",
    "on_conflict",
    "full",
    "batches",
)
INPUT_KEYS = ("file", "reader", "trim", "null")
ENTITY_KEYS = ("from", "type", "key", "keys", "id", "fields", "tags", "only_if", "skip_if", "mirrors")
RELATION_KEYS = (
    "from",
    "predicate",
    "key",
    "subject",
    "object",
    "attributes",
    "since",
    "until",
    "confidence",
    "source",
    "only_if",
    "skip_if",
    "mirrors",
)
CELL_KEYS = ("column", "template", "value", "default", *STEP_KEYS)
END_KEYS = ("key", "source", "id", "name", "type", "match")
CONDITION_KEYS = ("column", "is", "is_not", "empty", "same_as", "like")


def load_mapping(path: Path) -> ImportMapping:
    """Read a mapping file; LoadError where it is missing, and for everything that is wrong in it at once."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise LoadError(
            f"there is no mapping file '{path}'", candidates=difflib.get_close_matches(path.name, beside)
        ) from None
    except UnicodeDecodeError as problem:
        raise LoadError(f"the mapping file '{path}' is not UTF-8", hint="save it as UTF-8") from problem
    except OSError as problem:
        raise LoadError(f"the mapping file '{path}' cannot be opened: {problem.strerror or problem}") from problem
    return read_mapping(text, name=path.stem, folder=path.parent)


def read_mapping(text: str, *, name: str = "mapping", folder: Path = Path()) -> ImportMapping:
    """Return the mapping that YAML text says; LoadError lists everything that is wrong in it."""
    twice: list[VocabularyError] = []
    try:
        root = read_yaml(text, problems=twice)
    except VocabularyError as problem:
        raise LoadError(f"the mapping {name} cannot be read: {problem.message}", details=problem.details) from None
    reading = Reading()
    for one in twice:
        reading.fault(int(one.details.get("line", 0)), str(one.details.get("problem", one.message)))
    mapping = _Mapping(reading, name, folder).read(root)
    if reading.problems:
        raise mapping_error(name, reading.problems)
    return mapping


class _Mapping:
    """Reads the parts of one mapping document."""

    def __init__(self, reading: Reading, name: str, folder: Path) -> None:
        self.reading = reading
        self.name = name
        self.folder = folder
        self.source = ""
        self.inputs: dict[str, Input] = {}

    def read(self, root: Item) -> ImportMapping:
        reading = self.reading
        top = reading.keys(root, TOP_KEYS, "the mapping")
        self.name = reading.text(top.get("mapping"), "mapping") or self.name
        source = reading.text(top.get("source"), "source")
        if source is None:
            reading.fault(root.mark.line, "the key 'source' is missing", hint="name what the data comes from")
        self.source = source or self.name
        inputs = top.get("inputs")
        if inputs is None or not inputs.mapping:
            reading.fault(root.mark.line, "there are no inputs", hint="name each file under `inputs:`")
        elif inputs.mapping is not None:
            for name, item in inputs.mapping.items():
                self._input(name, item)
        entities = tuple(self._entity(one) for one in reading.items(top.get("entities"), "entities"))
        relations = tuple(self._relation(one) for one in reading.items(top.get("relations"), "relations"))
        if not entities and not relations:
            reading.fault(root.mark.line, "there are neither `entities` nor `relations`")
        full = reading.boolean(top.get("full"), "full")
        batch_size = None
        if "batches" in top:
            batches = reading.keys(top["batches"], ("size",), "batches")
            if "size" in batches:
                batch_size = reading.integer(batches["size"], "batches.size", least=1)
            else:
                reading.fault(top["batches"].mark.line, "batches need a `size`")
        return ImportMapping(
            self.name,
            self.source,
            self.inputs,
            entities,
            relations,
            reading.text(top.get("description"), "description") or "",
            reading.text(top.get("vocabulary"), "vocabulary"),
            cast(
                "OnConflict",
                reading.choice(top.get("on_conflict"), "on_conflict", ("refuse", "keep", "take"), "refuse"),
            ),
            full,
            batch_size,
            self.folder,
        )

    def _input(self, name: str, item: Item) -> None:
        reading = self.reading
        found = item.mapping if item.mapping is not None else {}
        line = item.mark.line
        file = reading.text(found.get("file"), f"the file of {name}")
        kind = reading.text(found.get("reader"), f"the reader of {name}")
        if kind is None and file is not None:
            kind = reader_for(file)
            if kind is None:
                reading.fault(line, f"nothing tells how '{file}' is read", hint=f"name a reader: {', '.join(READERS)}")
        if kind is not None and kind not in READERS:
            near = difflib.get_close_matches(kind, READERS, n=3)
            reading.fault(
                found["reader"].mark.line,
                f"there is no reader '{kind}'",
                hint=f"there are {', '.join(READERS)}",
                candidates=near,
            )
            kind = None
        options = {one.name: one.type for one in fields(READERS[kind])} if kind is not None else {}
        if kind is not None:
            reading.keys(item, (*INPUT_KEYS, *options), f"the input {name}")
        if item.mapping is None or file is None:
            reading.fault(line, f"the input {name} needs a `file`")
        given: dict[str, Any] = {}
        for option, declared in options.items():
            if option not in found:
                continue
            what = f"{option} of {name}"
            if "tuple" in str(declared):
                given[option] = reading.texts(found[option], what)
            elif "bool" in str(declared):
                given[option] = reading.boolean(found[option], what)
            else:
                value = found[option].value
                # a delimiter may be a plain sign that YAML takes for nothing, such as ~
                given[option] = value if isinstance(value, str) else reading.text(found[option], what)
        reader = cast("Reader", READERS[kind](**given) if kind is not None else READERS["csv"]())
        nulls = frozenset(reading.texts(found.get("null"), f"null of {name}"))
        trim = reading.boolean(found.get("trim"), f"trim of {name}")
        self.inputs[name] = Input(name, file or "", reader, trim, nulls, line)

    # -- rules ------------------------------------------------------------------------------------------------------

    def _from(self, found: dict[str, Item], line: int, what: str) -> str:
        reading = self.reading
        name = reading.text(found.get("from"), f"from of {what}")
        if name is None:
            if len(self.inputs) == 1:
                return next(iter(self.inputs))
            reading.fault(line, f"{what} needs `from`, the name of an input")
            return ""
        if name not in self.inputs:
            near = difflib.get_close_matches(name, self.inputs, n=3)
            hint = None if near else f"inputs are {', '.join(self.inputs)}"
            reading.fault(found["from"].mark.line, f"there is no input '{name}'", hint=hint, candidates=near)
        return name

    def _entity(self, item: Item) -> EntityRule:
        reading, line = self.reading, item.mark.line
        what = "an entity rule"
        found = reading.keys(item, ENTITY_KEYS, what)
        if "type" not in found:
            reading.fault(line, "an entity rule needs a `type`")
        others = found.get("keys")
        return EntityRule(
            self._from(found, line, what),
            self._cell(found.get("type"), "type", constant=True) or Cell(line=line),
            self._key(found.get("key")),
            tuple(
                Key(source, self._cell(cell, f"the key of {source}", whole=True) or Cell())
                for source, cell in ((others.mapping or {}) if others is not None else {}).items()
            ),
            self._cell(found.get("id"), "id", whole=True),
            self._cells(found.get("fields"), "fields"),
            tuple(self._tag(one) for one in reading.items(found.get("tags"), "tags", single=True)),
            self._filters(found),
            line,
        )

    def _relation(self, item: Item) -> RelationRule:
        reading, line = self.reading, item.mark.line
        what = "a relation rule"
        found = reading.keys(item, RELATION_KEYS, what)
        for key in ("predicate", "subject", "object"):
            if key not in found:
                reading.fault(line, f"a relation rule needs a `{key}`")
        return RelationRule(
            self._from(found, line, what),
            self._cell(found.get("predicate"), "predicate", constant=True) or Cell(line=line),
            self._end(found.get("subject"), "subject"),
            self._end(found.get("object"), "object"),
            self._key(found.get("key")),
            self._cells(found.get("attributes"), "attributes"),
            self._cell(found.get("since"), "since"),
            self._cell(found.get("until"), "until", last=True),
            self._cell(found.get("confidence"), "confidence"),
            self._cell(found.get("source"), "source", constant=True),
            self._filters(found),
            line,
        )

    def _key(self, item: Item | None) -> Key | None:
        if item is None:
            return None
        source = self.source
        if item.mapping is not None and "source" in item.mapping:
            source = self.reading.text(item.mapping["source"], "the source of a key") or source
            rest = {name: one for name, one in item.mapping.items() if name != "source"}
            item = Item(rest, item.mark)
        cell = self._cell(item, "key", whole=True)
        return None if cell is None else Key(source, cell)

    def _end(self, item: Item | None, what: str) -> End:
        reading = self.reading
        if item is None:
            return End("key", Cell())
        line = item.mark.line
        if item.mapping is None:
            # the key of this source is what most rows name their ends by
            return End("key", self._cell(item, what, whole=True) or Cell(), self.source, line=line)
        found = reading.keys(item, END_KEYS, what)
        ways = [name for name in ("key", "id", "name") if name in found]
        if len(ways) != 1:
            reading.fault(line, f"{what} needs one of `key`, `id` and `name`")
            return End("key", Cell())
        by: Literal["key", "id", "name"] = "key" if ways[0] == "key" else "id" if ways[0] == "id" else "name"
        if by != "name":
            for name in ("type", "match"):
                if name in found:
                    reading.fault(found[name].mark.line, f"`{name}` goes with `name` only")
        if by != "key" and "source" in found:
            reading.fault(found["source"].mark.line, "`source` goes with `key` only")
        return End(
            by,
            self._cell(found[by], f"{by} of {what}", whole=by != "name") or Cell(),
            (reading.text(found.get("source"), f"source of {what}") or self.source) if by == "key" else "",
            reading.text(found.get("type"), f"type of {what}") or ENTITY,
            cast(
                "Literal['exact', 'normalized']",
                reading.choice(found.get("match"), f"match of {what}", ("exact", "normalized"), "exact"),
            ),
            line,
        )

    def _tag(self, item: Item) -> TagRule:
        if item.mapping is not None and "tag" in item.mapping:
            found = self.reading.keys(item, ("tag", "if"), "a tag")
            name = self._cell(found["tag"], "tag", constant=True)
            return TagRule(name or Cell(), self._conditions(found.get("if"), "if"))
        return TagRule(self._cell(item, "a tag", constant=True) or Cell())

    # -- cells ------------------------------------------------------------------------------------------------------

    def _cells(self, item: Item | None, what: str) -> Mapping[str, Cell]:
        if item is None or item.empty:
            return {}
        if item.mapping is None:
            self.reading.fault(item.mark.line, f"{what} must be names with cells, not {shown(item)}")
            return {}
        cells = {name: self._cell(one, name) for name, one in item.mapping.items()}
        return {name: cell for name, cell in cells.items() if cell is not None}

    def _cell(
        self, item: Item | None, what: str, *, constant: bool = False, whole: bool = False, last: bool = False
    ) -> Cell | None:
        """Return where a value comes from: a text alone is a column or template, or with ``constant`` itself."""
        reading = self.reading
        if item is None:
            return None
        line = item.mark.line
        if item.mapping is None:
            text = reading.text(item, what)
            if text is None:
                if item.empty:
                    reading.fault(line, f"{what} is empty", hint="name a column, or leave the key out")
                return None
            if constant and "{" not in text:
                return Cell(constant=text, line=line)
            if "{" in text or "}" in text:
                return Cell(template=self._template(text, line), whole=whole, line=line)
            return Cell(column=text, line=line)
        known = (*CELL_KEYS, "inclusive") if last else CELL_KEYS
        found = reading.keys(item, known, what)
        ways = [name for name in ("column", "template", "value") if name in found]
        if len(ways) != 1:
            reading.fault(line, f"{what} needs one of `column`, `template` and `value`")
            return None
        text = reading.text(found[ways[0]], f"{ways[0]} of {what}")
        default = reading.text(found.get("default"), f"default of {what}")
        steps = read_steps(reading, found)
        if last and reading.boolean(found.get("inclusive"), "inclusive"):
            steps = (*steps, Inclusive())
        column = template = None
        if ways[0] == "column":
            column = text
        elif ways[0] == "template" and text is not None:
            template = self._template(text, line)
        elif ways[0] == "value":
            return Cell(constant=text, steps=steps, default=default, line=line)
        return Cell(column, template, None, steps, default, whole, line)

    def _template(self, text: str, line: int) -> Template:
        try:
            return Template.parse(text)
        except ValueProblem as problem:
            self.reading.fault(line, problem.message, hint=problem.hint)
            return Template(("",))

    # -- conditions -------------------------------------------------------------------------------------------------

    def _filters(self, found: dict[str, Item]) -> Filters:
        mirrors = self.reading.texts(found.get("mirrors"), "mirrors")
        if mirrors and len(mirrors) != 2:
            self.reading.fault(found["mirrors"].mark.line, "mirrors must be two columns")
        return Filters(
            self._conditions(found.get("only_if"), "only_if"),
            self._conditions(found.get("skip_if"), "skip_if"),
            (mirrors[0], mirrors[1]) if len(mirrors) == 2 else None,
        )

    def _conditions(self, item: Item | None, what: str) -> tuple[Condition, ...]:
        return tuple(self._condition(one, what) for one in self.reading.items(item, what, single=True))

    def _condition(self, item: Item, what: str) -> Condition:
        reading, line = self.reading, item.mark.line
        found = reading.keys(item, CONDITION_KEYS, f"a condition of {what}")
        column = reading.text(found.get("column"), "column")
        asked = [name for name in CONDITION_KEYS[1:] if name in found]
        if column is None or len(asked) != 1:
            reading.fault(line, f"a condition needs a `column` and one of {', '.join(CONDITION_KEYS[1:])}")
            return Condition("", empty=False)
        match asked[0]:
            case "is":
                return Condition(column, among=frozenset(reading.texts(found["is"], "is")), line=line)
            case "is_not":
                return Condition(column, outside=frozenset(reading.texts(found["is_not"], "is_not")), line=line)
            case "empty":
                return Condition(column, empty=reading.boolean(found["empty"], "empty"), line=line)
            case "same_as":
                return Condition(column, same_as=reading.text(found["same_as"], "same_as") or "", line=line)
            case _:
                return Condition(column, like=reading.text(found["like"], "like") or "", line=line)
