"""What the server would be asked for a question, told without asking it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np

from relgraph.engines.neo4j.along import texts
from relgraph.engines.neo4j.among import statements
from relgraph.engines.neo4j.between import has_all
from relgraph.engines.neo4j.cypher.ending import ending
from relgraph.engines.neo4j.cypher.statement import required_and_optional, written
from relgraph.engines.neo4j.cypher.untold import compares
from relgraph.engines.neo4j.cypher.ways import ways
from relgraph.engines.neo4j.cypher.writing import Unsupported
from relgraph.engines.neo4j.near import is_worthwhile, level_text, sides_of, walked
from relgraph.engines.neo4j.network import Network
from relgraph.network.execute.members import Asker, Meant
from relgraph.network.execute.names import given, looked_at, parts_of
from relgraph.network.execute.run import Clock, Limits, Run
from relgraph.network.execute.scalars import Zoned
from relgraph.network.execute.table import Numbers64
from relgraph.query import ir
from relgraph.query.render import member_text
from relgraph.values import Money, Percent

_SAMPLES: Final[Mapping[str, Any]] = {
    "text": "text",
    "integer": 1,
    "decimal": Decimal(1),
    "boolean": True,
    "percent": Percent.parse("1%"),
    "money": Money.parse("1 EUR"),
    "duration": 1,
}
"""Values in place of those that parameters would have: no text of a statement depends on them."""


_SHOWN: Final = 10
"""So many predicates are told by name."""


class _Supposed(Meant):
    """Members as their question says them: each by one id where it is said by that, else by a number made up."""

    def look(self) -> Mapping[ir.Member, Numbers64]:
        """Return a number for each."""
        return {one: np.array([index + 1], np.int64) for index, one in enumerate(self)}

    def _ids(self, member: ir.Member) -> tuple[str, ...] | None:
        match member:
            case ir.EntityId(identifier):
                return (identifier,)
            case ir.Parameter(name):
                return (f"${name}",)
            case _:
                return None


def native(network: Network, bound: ir.BoundQuery, today: date) -> Iterator[str]:
    """Yield the lines that tell how a question is answered on the server: by which statements, or by what is read."""
    yield from _told(_supposed(network, bound, today), bound.query)


def _supposed(network: Network, bound: ir.BoundQuery, today: date) -> Run:
    members = dict.fromkeys(
        one
        for one in parts_of(bound.query)
        if isinstance(one, ir.Named | ir.EntityId | ir.Me | ir.Us)
        or (isinstance(one, ir.Parameter) and one.kind == "entity")
    )
    return Run(
        network,
        network.reader.vocabulary,
        zone=Zoned("UTC"),
        today=today,
        parameters={one: _sample(one, today) for one in bound.parameters},
        members=_Supposed(network.reader, tuple(members), {}, Asker(None, ())),
        limits=Limits(),
        clock=Clock(None),
    )


def _sample(parameter: ir.Parameter, today: date) -> Any:
    if parameter.kind == "entity":
        return (f"${parameter.name}",)
    period = parameter.kind in {"datetime", "period", "partial date"}
    days = ir.Days(today, today + timedelta(1)) if period else today
    value = _SAMPLES.get(parameter.kind, days)
    return (value,) if parameter.many else value


def _told(run: Run, query: ir.Query) -> Iterator[str]:
    network = run.source
    if not isinstance(network, Network):
        return
    own = run.within(query.time)
    if network.reader.looks_back_to is not None or query.time.known_at is not None:
        yield from _over_arrays(query, "what was known then")
        return
    try:
        match query:
            case ir.SetQuery(operator, operands):
                yield f"{operator} of {len(operands)} sets, each for itself:"
                for one in operands:
                    yield from (f"  {line}" for line in _told(run, one))
            case ir.Find():
                yield from _find(own, network, query)
            case ir.Paths() | ir.Cycles():
                yield from _listed(own, network, query)
            case ir.Relations():
                yield from _relations(own, network, query)
    except Unsupported as reason:
        yield from _over_arrays(query, str(reason))


def _find(run: Run, network: Network, find: ir.Find) -> Iterator[str]:
    try:
        lines = [*_found(run, network, find)]
    except Unsupported as reason:
        try:
            levels = [*dict.fromkeys(texts(run, network, find))]
        except Unsupported:
            raise reason from None
        lines = [f"no one statement ({reason}): relations along the chains, a step and a level at a time:"]
        lines += [f"  {line}" for text in levels for line in text.splitlines()]
        lines.append("the find is answered from these here")
    yield from lines


def _found(run: Run, network: Network, find: ir.Find) -> Iterator[str]:
    reader = network.reader
    _, optional = required_and_optional(find)
    asked = looked_at(find.tail)
    parts = [one for one in optional if given(one) & asked]
    found = written(
        run,
        reader.shapes.names,
        reader.used,
        find,
        parts,
        ending=None if parts else ending(run, find),
        hidden=reader.seen.hidden,
    )
    yield from _statement("one statement of the server:", found.text, run, found.anchors)
    for one in found.late:
        names = dict.fromkeys(part.name for part in parts_of(one.test) if isinstance(part, ir.Attribute))
        yield f"then its rows are tested here by {', '.join(names)}"
    if compares(find):
        yield "a second statement counts what has no value that a test looks at"


def _listed(run: Run, network: Network, query: ir.Paths | ir.Cycles) -> Iterator[str]:
    reader = network.reader
    predicates = walked(query)
    if predicates is None:
        raise Unsupported("all relations of a predicate")
    if isinstance(query, ir.Paths):
        try:
            complete = has_all(run, reader)
            found = ways(run, reader.shapes.names, reader.used, query, has_all=complete, hidden=reader.seen.hidden)
        except Unsupported:
            pass
        else:
            yield from _statement("one statement of the server:", found.text, run, found.anchors)
            return
    sides = sides_of(run, query)
    if not sides:
        raise Unsupported("no end that is named")
    if not is_worthwhile(network, predicates):
        raise Unsupported("few relations, or such as are in memory")
    yield "relations around the ends that are named, a level at a time:"
    for side in sides:
        yield from (f"  {line}" for line in level_text(network, run, side.step)[0].splitlines())
    yield "the paths among them are listed here"


def _relations(run: Run, network: Network, query: ir.Relations) -> Iterator[str]:
    predicates = walked(query)
    if predicates is None:
        raise Unsupported("all relations of a predicate")
    texts = [text for text, _ in statements(run, query)]
    if not is_worthwhile(network, predicates):
        raise Unsupported("few relations, or such as are in memory")
    yield "relations that can matter:"
    for text in texts:
        yield from (f"  {line}" for line in text.splitlines())
    yield "what is asked of them is looked at here"


def _statement(title: str, text: str, run: Run, anchors: Mapping[str, tuple[ir.Member, ...]]) -> Iterator[str]:
    yield title
    yield from (f"  {line}" for line in text.splitlines())
    for name, members in anchors.items():
        by = "number" if run.said(members) is None else "id"
        yield f"  ${name}: the {by} of {' or '.join(map(member_text, members))}"


def _over_arrays(query: ir.Query, reason: str) -> Iterator[str]:
    named = dict.fromkeys(_predicates(query))
    what = (
        f"all relations of {', '.join(named)}"
        if 0 < len(named) <= _SHOWN
        else f"all relations of {len(named)} predicates"
    )
    yield f"no statement of the server ({reason}): {what} are read, held in memory, and gone along here"


def _predicates(query: ir.Query) -> Iterable[str]:
    return (name for one in parts_of(query) if isinstance(one, ir.Stored) for name in one.predicates)
