"""What is asked beside a question in one statement: the clock, and whether the entities that it names are there.

A look at the clock and one for each name cost more than most questions do. So a question is written for the vocabulary
that was there when this program last looked, with entities by the ids that its caller gave, and its first row says
whether that was right. Where it was not, the rows are given up and everything is looked at in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from relgraph.engines.neo4j.names import Names
from relgraph.engines.neo4j.snapshot import CLOCK
from relgraph.network.execute.members import Standing


@dataclass(slots=True)
class Seen:
    """What the last look of one open store has told, for the next question to take for granted."""

    hidden: bool = True
    """Whether any entity is in the trash or merged into another; where none is, none need be asked for it."""


class Head(NamedTuple):
    """What the first row says: the cells of the clock, whether any entity has a key or is hidden, who was asked for."""

    clock: Sequence[Any]
    keyed: bool
    hidden: bool
    entities: Sequence[Sequence[Any]]

    def standing(self, names: Names) -> dict[str, Standing]:
        """Return those that are there by id, live, and of a type that has a name."""
        found = {}
        for identifier, number, state, labels in self.entities:
            kind = None if number is None else names.type_of(labels)
            if kind is not None and state is None:
                found[identifier] = Standing(number, kind)
        return found


def headed(text: str, names: Sequence[str]) -> str:
    """Return a statement that gives one row more, the first: what ``$_ids`` and the clock are; see :func:`parted`."""
    asked = (
        f"[[{CLOCK}], COUNT {{ (:_Key) }} > 0, EXISTS {{ (h:Entity) WHERE h._state >= '' }},"
        " COLLECT { UNWIND $_ids AS i OPTIONAL MATCH (x:Entity {id: i}) RETURN [i, x._number, x._state, labels(x)] }]"
    )
    nothing = "".join(f", null AS {one}" for one in names[1:])
    return f"MATCH (c:_Clock {{name: 'clock'}})\nRETURN {asked} AS {names[0]}{nothing}\nUNION ALL\n{text}"


def parted(rows: list[list[Any]]) -> tuple[Head | None, list[list[Any]]]:
    """Return what the first row says, and the others; None where the clock is gone."""
    if not rows or not isinstance(rows[0][0], list):
        return None, rows
    return Head(*rows[0][0]), rows[1:]
