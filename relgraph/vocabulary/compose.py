"""Several vocabulary documents as one: later parts add, and may change the words that people see, nothing else."""

from __future__ import annotations

from decimal import Decimal

from relgraph.errors import VocabularyError
from relgraph.vocabulary.document import Item, problem
from relgraph.vocabulary.keys import UNITED, WORDS
from relgraph.vocabulary.read_values import OTHER_LANGUAGES, shown

Path = tuple[str, ...]


def combined(base: Item, later: Item, *, problems: list[VocabularyError], path: Path = ()) -> Item:
    """Return the tree of two parts; where they contradict each other is added to ``problems``."""
    if base.empty:
        return later
    if later.empty:
        return base
    if path and path[-1] in WORDS and _declares(path[:-1]):
        return _words(base, later)
    if len(path) > 1 and path[-2] in ("fields", "attributes"):
        base, later = _written_out(base), _written_out(later)
    if base.mapping is not None and later.mapping is not None:
        merged = dict(base.mapping)
        for key, below in later.mapping.items():
            if key in merged and key != "was":
                merged[key] = combined(merged[key], below, problems=problems, path=(*path, key))
            else:
                merged[key] = below
        return Item(merged, base.mark)
    if path[-1] in UNITED and _declares(path[:-1]):
        return _united(base, later)
    if _same(base) == _same(later):
        return base
    problems.append(
        problem(
            f"is {shown(later)} here, but {shown(base)} in {base.mark}"
            if str(base.mark)
            else f"is said twice: {shown(base)} and {shown(later)}",
            later.mark,
            path,
            hint="a later part may add, and change words, but not contradict",
        )
    )
    return base


def _declares(path: Path) -> bool:
    """Return whether the path is of a type, tag, predicate, derived predicate, field or attribute."""
    return len(path) == 2 or (len(path) == 4 and path[2] in ("fields", "attributes"))


def _words(base: Item, later: Item) -> Item:
    if later.mapping is None:
        return later
    first = base.mapping if base.mapping is not None else {OTHER_LANGUAGES: base}
    return Item({**first, **later.mapping}, later.mark)


def _written_out(field: Item) -> Item:
    return Item({"type": field}, field.mark) if isinstance(field.value, str) else field


def _united(base: Item, later: Item) -> Item:
    members = [*(base.sequence or [base])]
    known = [_same(one) for one in members]
    for one in later.sequence if later.sequence is not None else [later]:
        if _same(one) not in known:
            members.append(one)
            known.append(_same(one))
    return Item(members, base.mark)


def _same(item: Item) -> object:
    """Return a form in which values that mean the same are equal, however they were written."""
    match item.value:
        case dict():
            return {key: _same(below) for key, below in item.value.items()}
        case list():
            return [_same(one) for one in item.value]
        case bool() as value:
            return str(value).lower()
        case int() | Decimal():
            return str(item.value)
        case _:
            return item.value
