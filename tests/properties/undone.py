"""What should be believed when a transaction is taken back while later ones stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from tests.properties.life import Fact, State, Thing

Believed = TypeVar("Believed", Thing, Fact)


def without(state: State, before: State, after: State) -> State:
    """Return the state with what one transaction changed as it was before it, value by value."""
    result = state.copy()
    _take_back(result.things, before.things, after.things, _thing)
    _take_back(result.facts, before.facts, after.facts, _fact)
    return result


def _take_back(
    result: dict[str, Believed],
    before: dict[str, Believed],
    after: dict[str, Believed],
    mixed: Callable[[Believed, Believed, Believed], Believed],
) -> None:
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None:
            result.pop(name, None)
        elif new is None or name not in result:
            result[name] = old
        else:
            result[name] = mixed(result[name], old, new)


def _thing(now: Thing, old: Thing, new: Thing) -> Thing:
    row = (old.type, old.fields, old.state, old.merged_into)
    if row != (new.type, new.fields, new.state, new.merged_into):
        now = replace(now, type=old.type, fields=old.fields, state=old.state, merged_into=old.merged_into)
    return replace(
        now,
        tags=(now.tags - (new.tags - old.tags)) | (old.tags - new.tags),
        keys=(now.keys - (new.keys - old.keys)) | (old.keys - new.keys),
    )


def _fact(now: Fact, old: Fact, new: Fact) -> Fact:
    sources = (now.sources - (new.sources - old.sources)) | (old.sources - new.sources)
    if replace(old, sources=frozenset()) != replace(new, sources=frozenset()):
        now = old
    return replace(now, sources=sources)
