"""Statements that were written before: the same question again is not written again.

A statement depends on the question, on its day and on its parameters, but not on which entities its anchors are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from relgraph.network.execute.names import parts_of, remembered
from relgraph.network.execute.run import Run
from relgraph.query import ir

_KEPT: Final = 256
Made = TypeVar("Made")


class Texts(Generic[Made]):
    """Statements of one kind under one vocabulary, those that were used last."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, tuple[Any, Made]] = OrderedDict()
        self._lock = Lock()

    def get(self, run: Run, used: frozenset[str], find: ir.Query, beside: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made for a question, or make it; ``beside`` is what else it depends on."""
        try:
            given = _given(run, find)
            key = (id(find), id(used), beside, run.today, run.calendar, run.limits, given)
            hash(key)
        except TypeError:
            # a value that cannot be looked up by
            return make()
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held[1]
        made = make()
        if _given(run, find) == given:
            # nobody was looked up on the way, which makes the statement another one
            with self._lock:
                # what is known by its place is held, so that nothing else comes to stand there
                self._held[key] = ((find, used), made)
                while len(self._held) > _KEPT:
                    self._held.popitem(last=False)
        return made


def _given(run: Run, find: ir.Query) -> tuple[Hashable, ...]:
    """Return all that a statement may take from parameters and from entities that are named."""
    said = [run.said((member,)) for member in run.members]
    anchors: Hashable = tuple(len(one) for one in said if one is not None)
    if None in said:
        found = [run.members[member] for member in run.members]
        anchors = tuple(tuple(one.tolist()) if _compares_entities(find) else -len(one) for one in found)
    values = tuple(
        (one.name, type(value).__name__, tuple(map(_typed, value)) if isinstance(value, list | tuple) else value)
        for one, value in run.parameters.items()
        if one.kind != "entity"
    )
    return anchors, values


def _typed(value: object) -> tuple[str, object]:
    return type(value).__name__, value


@remembered
def _compares_entities(find: ir.Query) -> bool:
    """Return whether entities that are named stand elsewhere than at the ends of steps."""
    there = at_ends = 0
    for one in parts_of(find):
        match one:
            case ir.Named() | ir.EntityId() | ir.Me() | ir.Us() | ir.Parameter(kind="entity"):
                there += 1
            case ir.Pattern(members=members):
                at_ends += len(members)
            case _:
                pass
    return there > at_ends
