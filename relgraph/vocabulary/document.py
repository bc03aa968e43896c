"""Text as a tree of marked values: YAML read for its structure only, every value with the line it stands on.

Scalars stay text: what ``no``, ``010`` or ``12:30`` means is decided by the key they belong to, so that the country
``NO`` is Norway. No object is ever built from a YAML tag, and size, depth and repetition are limited before
anything is read twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from relgraph.errors import VocabularyError

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 20
MAX_VALUES = 500_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a document; line 0 is a place without one, such as a value that came from Python."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}, line {self.line}" if self.file else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Item:
    """A value with its place: None, a scalar, a list of items, or a mapping from keys to items.

    ``plain`` says that a text was written without quotes, so that it may also mean a number or true. What stands
    in a mapping has the place of its key.
    """

    value: object
    mark: Mark = Mark()
    plain: bool = False

    @property
    def mapping(self) -> dict[str, Item] | None:
        """The value if it is a mapping, else None."""
        return self.value if isinstance(self.value, dict) else None

    @property
    def sequence(self) -> list[Item] | None:
        """The value if it is a list, else None."""
        return self.value if isinstance(self.value, list) else None

    @property
    def empty(self) -> bool:
        """Whether nothing is written here."""
        return self.value is None or (self.plain and self.value in ("", "~", "null"))

    def plain_value(self) -> Any:
        """Return the value without marks."""
        match self.value:
            case dict():
                return {key: item.plain_value() for key, item in self.value.items()}
            case list():
                return [item.plain_value() for item in self.value]
            case _:
                return self.value


def problem(
    message: str,
    mark: Mark,
    path: Sequence[str] = (),
    *,
    candidates: Iterable[str] = (),
    hint: str | None = None,
) -> VocabularyError:
    """Return an error that names its place: file and line, and the keys that lead there.

    ``details`` holds ``file`` and ``line`` when known, ``path`` as a list of keys and ``where`` as one text.
    """
    where = ".".join(path)
    text = ": ".join(part for part in (str(mark), where, message) if part)
    details: dict[str, object] = {"path": list(path), "where": where, "problem": message}
    if mark.file:
        details["file"] = mark.file
    if mark.line:
        details["line"] = mark.line
    return VocabularyError(text, details=details, candidates=candidates, hint=hint)


def located(error: VocabularyError, tree: Item) -> VocabularyError:
    """Return an error that has a path with the line that the path has in a tree, as near as it goes."""
    if "line" in error.details or not tree.mark.line:
        return error
    path: list[str] = error.details.get("path", [])
    item = tree
    for key in path:
        below = (item.mapping or {}).get(key)
        if below is None:
            break
        item = below
    message: str = error.details.get("problem", error.message)
    return problem(message, item.mark, path, candidates=error.candidates, hint=error.hint)


def from_plain(value: object, mark: Mark = Mark()) -> Item:
    """Return mappings, lists and scalars of Python as a tree; raises :exc:`VocabularyError` past a limit."""
    budget = [MAX_VALUES]

    def build(one: object, depth: int) -> Item:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise problem("this vocabulary is nested too deeply or refers to itself", mark)
        match one:
            case Item():
                return one
            case Mapping():
                keys = {}
                for key in one:
                    if not isinstance(key, str):
                        raise problem(f"a key must be text, not {key!r}", mark)
                    keys[normalize("NFC", key)] = build(one[key], depth + 1)
                return Item(keys, mark)
            case list() | tuple() | set() | frozenset():
                return Item([build(each, depth + 1) for each in one], mark)
            case str() | bool() | int() | Decimal() | None:
                return Item(one, mark)
            case float():
                return Item(Decimal(repr(one)), mark)
            case _:
                # a Percent, Money or date: its text is what the document would say
                return Item(str(one), mark)

    return build(value, 0)


def read_yaml(text: str, name: str = "", *, problems: list[VocabularyError] | None = None) -> Item:
    r"""Return the tree of one YAML document; raises :exc:`VocabularyError` with the line of what is wrong.

    Keys written twice are added to ``problems``, when given, so that the rest is still read.

    >>> tree = read_yaml("types:\n  Company: {abstract: no}")
    >>> tree.mapping["types"].mapping["Company"].mapping["abstract"].value
    'no'
    """
    import yaml  # noqa: PLC0415  (programs that read no YAML do not pay for it)

    if len(text) > MAX_CHARACTERS:
        message = f"{len(text):,} characters are more than the {MAX_CHARACTERS:,} that a vocabulary may have"
        raise problem(message, Mark(name))
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    found: list[VocabularyError] = []
    try:
        root = _Builder(name, found).build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        line = where.line + 1 if where is not None else 0
        raise problem(f"this is no YAML: {error.problem or error.context}", Mark(name, line)) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise problem(f"this is no YAML: {str(error).splitlines()[0]}", Mark(name)) from None
    if found and problems is None:
        raise found[0]
    if problems is not None:
        problems.extend(found)
    return root


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read; ``size`` counts what it holds, itself included."""

    item: Item
    anchor: str | None
    size: int = 1
    key: str | None = None
    key_mark: Mark = Mark()


class _Builder:
    """Builds the tree from parser events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, name: str, problems: list[VocabularyError]) -> None:
        self.name = name
        self.problems = problems
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Item, int]] = {}
        self.total = 0
        self.root: Item | None = None

    def build(self, events: Iterator[Any]) -> Item:
        import yaml  # noqa: PLC0415  (the same)

        for event in events:
            mark = Mark(self.name, event.start_mark.line + 1)
            match event:
                case yaml.ScalarEvent():
                    self.untagged(event.tag, mark)
                    self.close(Item(event.value, mark, plain=not event.style), 1, event.anchor)
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    self.untagged(event.tag, mark)
                    if len(self.stack) >= MAX_DEPTH:
                        raise problem(f"nested more than {MAX_DEPTH} levels deep", mark)
                    mapping = isinstance(event, yaml.MappingStartEvent)
                    self.stack.append(_Open(Item({} if mapping else [], mark), event.anchor))
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    done = self.stack.pop()
                    self.total -= done.size - 1
                    self.close(done.item, done.size, done.anchor)
                case yaml.AliasEvent():
                    if event.anchor not in self.anchors:
                        raise problem(f"the alias *{event.anchor} stands inside what it names, or names nothing", mark)
                    item, size = self.anchors[event.anchor]
                    self.close(replace(item, mark=mark), size, None)
                case yaml.DocumentStartEvent() if self.root is not None:
                    raise problem("a second document begins here; a vocabulary is one", mark)
        return self.root if self.root is not None else Item(None, Mark(self.name, 1))

    def untagged(self, tag: str | None, mark: Mark) -> None:
        if tag not in (None, "!"):
            raise problem(f"the YAML tag {tag} has no meaning in a vocabulary", mark)

    def close(self, item: Item, size: int, anchor: str | None) -> None:
        """Put a finished item where it belongs; what aliases repeat is counted each time."""
        self.total += size
        if self.total > MAX_VALUES:
            raise problem(f"more than {MAX_VALUES:,} values, aliases counted as often as they are used", item.mark)
        if anchor is not None:
            self.anchors[anchor] = (item, size)
        if not self.stack:
            self.root = item
            return
        top = self.stack[-1]
        top.size += size
        match top.item.value:
            case list() as found:
                found.append(item)
            case dict() as found if top.key is None:
                if not isinstance(item.value, str):
                    raise problem("a key must be a word or a text, not a list or mapping", item.mark)
                top.key, top.key_mark = normalize("NFC", item.value), item.mark
            case dict() as found:
                if top.key in found:
                    first = found[top.key].mark.line
                    self.problems.append(
                        problem(f"the key '{top.key}' is here twice, first on line {first}", top.key_mark)
                    )
                else:
                    found[top.key] = replace(item, mark=top.key_mark)
                top.key = None
