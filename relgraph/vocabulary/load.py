"""Vocabularies from files, texts and mappings, with the packs and files that they include."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relgraph.errors import VocabularyError, VocabularyErrors
from relgraph.vocabulary.check import check_vocabulary
from relgraph.vocabulary.compose import combined
from relgraph.vocabulary.document import Item, Mark, from_plain, located, problem, read_yaml
from relgraph.vocabulary.model import Vocabulary
from relgraph.vocabulary.near import near
from relgraph.vocabulary.read import Reader

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_ENDINGS = (".yaml", ".yml")


def load_vocabulary(path: str | Path) -> Vocabulary:
    """Return the vocabulary of a YAML file, or of the ready pack of that name.

    Raises :exc:`VocabularyError` for what cannot be read or cannot hold; several faults come together as
    :exc:`VocabularyErrors`, each with its file and line.

    >>> "owns" in load_vocabulary("ownership").predicates
    True
    """
    file = Path(path)
    if not file.exists() and str(path) in packs():
        source: _Source = _Source(f"{path}.yaml", _pack_file(str(path)), None)
    else:
        source = _Source(file.name, file, file.parent)
    loading = _Loading()
    tree = loading.document(source, None)
    return read_tree(tree, loading.problems)


def vocabulary_from_text(text: str, *, name: str = "<text>", base: str | Path | None = None) -> Vocabulary:
    """Return the vocabulary of a YAML text; ``base`` is the folder of files it may include besides packs.

    Raises as :func:`load_vocabulary` does.

    >>> vocabulary_from_text("predicates: {owns: {inverse: owned_by}}").predicates["owns"].inverse
    'owned_by'
    """
    shown = "" if name == "<text>" else name
    loading = _Loading()
    tree = read_yaml(text, shown, problems=loading.problems)
    tree = loading.included(tree, _Source(shown, None, None if base is None else Path(base)))
    return read_tree(tree, loading.problems)


def vocabulary_from_dict(content: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary of a mapping of the same shape as the YAML; raises as :func:`load_vocabulary` does."""
    loading = _Loading()
    tree = loading.included(from_plain(content), _Source("", None, None))
    return read_tree(tree, loading.problems)


def read_tree(tree: Item, problems: Iterable[VocabularyError] = ()) -> Vocabulary:
    """Return the vocabulary of a composed tree; raises all faults together, those found before included."""
    reader = Reader()
    vocabulary = reader.vocabulary(tree)
    found = [*problems, *reader.problems, *(located(error, tree) for error in check_vocabulary(vocabulary))]
    raise_all(found)
    return vocabulary


def raise_all(found: Iterable[VocabularyError]) -> None:
    """Raise nothing, the one error, or all of them in the order of their lines; what is said twice is said once."""
    by_text = {str(error): error for error in found}
    errors = sorted(by_text.values(), key=lambda one: (one.details.get("file", ""), one.details.get("line", 0)))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise VocabularyErrors(errors)


def packs() -> tuple[str, ...]:
    """Return the names of the ready vocabularies that are installed.

    >>> "crm" in packs()
    True
    """
    folder = _packs()
    return tuple(sorted(one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml")))


def _packs() -> Traversable:
    from importlib.resources import files  # noqa: PLC0415 - it loads archives and temporary files, only packs need it

    return files("relgraph.schemas")


def _pack_file(name: str) -> Traversable:
    return _packs() / f"{name}.yaml"


@dataclass(frozen=True, slots=True)
class _Source:
    """A document: how messages name it, where it is, and the folder its includes may come from (None: packs only)."""

    name: str
    file: Path | Traversable | None
    folder: Path | None

    @property
    def identity(self) -> str:
        return str(self.file.resolve()) if isinstance(self.file, Path) else f"pack {self.name}"


@dataclass(slots=True)
class _Loading:
    """Composes a document with all that it includes, each once."""

    problems: list[VocabularyError] = field(default_factory=list)
    open: list[_Source] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def document(self, source: _Source, asked: Mark | None) -> Item:
        """Return the tree of a file, included parts and all."""
        assert source.file is not None  # noqa: S101  (only a text has none, and it is not opened)
        try:
            text = source.file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            near_packs = near(source.name.removesuffix(".yaml"), packs())
            message = f"there is no file '{source.file}'"
            raise problem(message, asked or Mark(), candidates=near_packs) from None
        except OSError as error:
            raise problem(f"'{source.file}' cannot be read: {error.strerror}", asked or Mark()) from None
        except UnicodeDecodeError as error:
            raise problem(f"byte {error.start} is no UTF-8", Mark(source.name), hint="save the file as UTF-8") from None
        tree = read_yaml(text, source.name, problems=self.problems)
        return self.included(tree, source)

    def included(self, tree: Item, source: _Source) -> Item:
        """Return a tree with what it includes put before it."""
        asked = (tree.mapping or {}).get("include")
        if asked is None:
            return tree
        own = Item({key: item for key, item in (tree.mapping or {}).items() if key != "include"}, tree.mark)
        self.open.append(source)
        base = Item(None, tree.mark)
        if not asked.empty:
            for one in asked.sequence if asked.sequence is not None else [asked]:
                base = combined(base, self.part(one, source), problems=self.problems)
        self.open.pop()
        return combined(base, own, problems=self.problems)

    def part(self, asked: Item, source: _Source) -> Item:
        """Return the tree of one included part, without its name; empty when it is there already or cannot be."""
        nothing = Item(None, asked.mark)
        found = self.find(asked, source)
        if found is None:
            return nothing
        names = [one.identity for one in self.open]
        if found.identity in names:
            ring = [one.name or "this text" for one in self.open[names.index(found.identity) :]]
            message = f"includes go in a circle: {' includes '.join([*ring, found.name])}"
            self.problems.append(problem(message, asked.mark, ("include",)))
            return nothing
        if found.identity in self.done:
            return nothing
        self.done.add(found.identity)
        try:
            tree = self.document(found, asked.mark)
        except VocabularyError as error:
            self.problems.append(error)
            return nothing
        if tree.mapping is None:
            return tree
        return Item({key: item for key, item in tree.mapping.items() if key != "vocabulary"}, tree.mark)

    def find(self, asked: Item, source: _Source) -> _Source | None:
        """Return what an include names: a file beside this one, else a pack."""
        name = asked.value
        if not isinstance(name, str) or not name or any(mark in name for mark in "/\\\0") or name.startswith("."):
            message = "an include is the name of a pack, or of a file in the same folder"
            self.problems.append(problem(message, asked.mark, ("include",)))
            return None
        if source.folder is not None:
            for ending in ("", *_ENDINGS):
                file = source.folder / f"{name}{ending}"
                beside = _Source(file.name, file, source.folder)
                if file.is_file() and beside.identity != source.identity:
                    return beside
        if name in packs():
            return _Source(f"{name}.yaml", _pack_file(name), None)
        own = [] if source.folder is None else [one.stem for one in source.folder.glob("*.y*ml")]
        known = {*packs(), *own}
        message = f"there is no pack '{name}'" + ("" if source.folder is None else ", nor a file of that name here")
        hint = None if near(name, known) else f"the packs are {', '.join(packs())}"
        self.problems.append(problem(message, asked.mark, ("include",), candidates=near(name, known), hint=hint))
        return None
