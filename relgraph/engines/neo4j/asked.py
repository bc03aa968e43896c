"""Statements that are put to the server for one question, by the entities that its caller gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from relgraph.engines.neo4j.cypher.writing import anchor
from relgraph.network.execute.members import Meant
from relgraph.network.execute.run import Run
from relgraph.query import ir

if TYPE_CHECKING:
    from relgraph.engines.neo4j.questions import AskedReader


class Taking(Protocol):
    """A statement that takes values."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The values it takes."""

    @property
    def anchors(self) -> Mapping[str, tuple[ir.Member, ...]]:
        """The parameters that take entities which are named."""


class Written(Taking, Protocol):
    """A statement that is ready to run."""

    @property
    def text(self) -> str:
        """What is run."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is returned."""

    @property
    def hidden(self) -> bool:
        """Whether it is right also where something is in the trash or merged."""


Made = TypeVar("Made", bound=Written)


def given(run: Run, statement: Taking) -> dict[str, Any]:
    """Return the parameters of a statement, with the entities that its anchors are in this run."""
    anchors = {name: anchor(run, members) for name, members in statement.anchors.items()}
    return {**statement.parameters, **anchors}


def rows_of(run: Run, reader: AskedReader, write: Callable[[], Made]) -> tuple[Made, list[list[Any]]]:
    """Return a statement with its rows; it is written anew where what it took for granted is not so."""
    while True:
        statement = write()
        parameters, left = given(run, statement), run.clock.left()
        said = {members: run.said(members) for members in statement.anchors.values()}
        ids = dict.fromkeys(one for some in said.values() for one in some or ())
        if not ids and not reader.presumes and statement.hidden:
            return statement, reader.ask(statement.text, parameters, left)
        head, rows = reader.ask_first(statement.text, statement.names, parameters, list(ids), left)
        members = run.members
        there = not ids or not isinstance(members, Meant)
        if isinstance(members, Meant) and ids:
            there = members.told({} if head is None else head.standing(reader.shapes.names))
        if there and (statement.hidden or (head is not None and not head.hidden)):
            return statement, rows
        if not there and isinstance(members, Meant):
            members.look()


def tell(run: Run, reader: AskedReader, write: Callable[[], Written], rows: int) -> None:
    """Tell whoever watches what was asked; once more, for the server tells its steps only where it is asked to."""
    watch, clock = run.watch, run.clock
    if watch is None:
        return
    # by now it is known what stands behind each id
    statement = write()
    watch.took("server", f"one statement of the server:\n{statement.text}", None, rows)
    for name, before, after in reader.operators(statement.text, given(run, statement), clock.left()):
        watch.told("server", f"  {name}", before, after)
    watch.resume()
