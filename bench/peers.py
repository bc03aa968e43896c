"""What answers the same walks by other means: each holds the network in its own way, and is asked as one would."""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relgraph.exchange.generate import OPEN, GeneratedNetwork

DAY: Final = date(2020, 6, 1)
_DAY: Final = DAY.toordinal()
_NEVER: Final = 2**31 - 1
Ints = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps (predicate, from subject to object) one after the other, or one of them ``least`` to ``most`` times.

    The start is never found, as the entities of a chain differ. ``dated``: on :data:`DAY` only.
    """

    steps: tuple[tuple[str, bool], ...]
    least: int = 0
    most: int = 0
    dated: bool = False


def periods(network: GeneratedNetwork, predicate: str) -> tuple[Ints, Ints]:
    """Return first days and ends, open ones as numbers before and after all."""
    held = network.columns[predicate]
    return np.where(held.since == OPEN, 0, held.since), np.where(held.until == OPEN, _NEVER, held.until)


class Peer(ABC):
    """Answers walks from one entity; entities go by their position in the generated network."""

    def __init__(self, network: GeneratedNetwork) -> None:
        self.network = network
        self.names = {network.id(at): row["name"] for at, row in enumerate(_rows(network))}

    @abstractmethod
    def count(self, walk: Walk, start: int) -> int:
        """Return how many entities a walk finds."""

    @abstractmethod
    def first(self, walk: Walk, start: int, count: int) -> list[str]:
        """Return the ids of the first of them in order of name and id."""

    @abstractmethod
    def hops(self, predicate: str, start: int, goal: int, most: int) -> int | None:
        """Return the length of a shortest path."""


def _rows(network: GeneratedNetwork) -> Iterable[dict[str, Any]]:
    for _, rows in network.entities():
        yield from rows


class Arrays(Peer):
    """Arrays written for this by hand, the limit of what Python can do: sorted ends, pointers, a mark an entity."""

    def __init__(self, network: GeneratedNetwork) -> None:
        super().__init__(network)
        size = network.entity_count
        self._held = {}
        for predicate, held in network.columns.items():
            since, until = periods(network, predicate)
            for forward, near, far in ((True, held.subject, held.object), (False, held.object, held.subject)):
                order = np.argsort(near, kind="stable")
                starts = np.zeros(size + 1, np.int64)
                np.cumsum(np.bincount(near, minlength=size), out=starts[1:])
                columns = (far[order].astype(np.int32), since[order].astype(np.int32), until[order].astype(np.int32))
                self._held[predicate, forward] = (starts, *columns)
        ids = [network.id(at) for at in range(size)]
        ranked = sorted(range(size), key=lambda at: (self.names[ids[at]], ids[at]))
        self._rank = np.empty(size, np.int32)
        self._rank[ranked] = np.arange(size)
        self._ids = ids
        self._mark = np.zeros(size, np.bool_)

    def _expand(self, frontier: Ints, predicate: str, *, forward: bool, dated: bool) -> Ints:
        starts, far, since, until = self._held[predicate, forward]
        if len(frontier) == 1:
            begin, end = starts[frontier[0]], starts[frontier[0] + 1]
            found: Ints = far[begin:end]
            if dated:
                found = found[(since[begin:end] <= _DAY) & (until[begin:end] > _DAY)]
            return found
        begin = starts[frontier]
        many = starts[frontier + 1] - begin
        ends = np.cumsum(many)
        at: Ints = np.repeat(begin - (ends - many), many) + np.arange(ends[-1] if len(ends) else 0)
        if dated:
            at = at[(since[at] <= _DAY) & (until[at] > _DAY)]
        return np.asarray(far[at])

    def _once(self, found: Ints) -> Ints:
        if len(found) < 500:
            return np.unique(found)
        self._mark[found] = True
        once = np.flatnonzero(self._mark)
        self._mark[once] = False
        return once

    def _found(self, walk: Walk, start: int) -> Ints:
        frontier = np.array([start])
        if not walk.most:
            for predicate, forward in walk.steps:
                frontier = self._once(self._expand(frontier, predicate, forward=forward, dated=walk.dated))
                frontier = frontier[frontier != start]
            return frontier
        ((predicate, forward),) = walk.steps
        levels = []
        for level in range(1, walk.most + 1):
            frontier = self._once(self._expand(frontier, predicate, forward=forward, dated=walk.dated))
            if not len(frontier):
                break
            if level >= walk.least:
                levels.append(frontier)
        reached = self._once(np.concatenate(levels)) if levels else frontier
        found: Ints = reached[reached != start]
        return found

    def count(self, walk: Walk, start: int) -> int:
        """Count them."""
        return len(self._found(walk, start))

    def first(self, walk: Walk, start: int, count: int) -> list[str]:
        """List them."""
        found = self._found(walk, start)
        ids = self._ids
        return [ids[at] for at in found[np.argsort(self._rank[found])][:count].tolist()]

    def hops(self, predicate: str, start: int, goal: int, most: int) -> int | None:
        """Search from both ends."""
        return _met(
            lambda some, forward: set(
                self._expand(np.array(list(some)), predicate, forward=forward, dated=False).tolist()
            ),
            start,
            goal,
            most,
        )


class _Named(Peer):
    """A peer that finds ids, or positions, as a set."""

    @abstractmethod
    def expand(self, frontier: Iterable[Any], predicate: str, *, forward: bool, dated: bool) -> set[Any]:
        """Return where one step leads."""

    def node(self, position: int) -> Any:
        """Return what an entity goes by here."""
        return position

    def _found(self, walk: Walk, position: int) -> set[Any]:
        start = self.node(position)
        frontier = {start}
        if not walk.most:
            for predicate, forward in walk.steps:
                frontier = self.expand(frontier, predicate, forward=forward, dated=walk.dated)
                frontier.discard(start)
            return frontier
        ((predicate, forward),) = walk.steps
        found: set[Any] = set()
        for level in range(1, walk.most + 1):
            frontier = self.expand(frontier, predicate, forward=forward, dated=walk.dated)
            if walk.least == 1:
                # what was met before leads nowhere new
                frontier -= found
            if level >= walk.least:
                found |= frontier
        found.discard(start)
        return found

    def count(self, walk: Walk, start: int) -> int:
        """Count them."""
        return len(self._found(walk, start))

    def first(self, walk: Walk, start: int, count: int) -> list[str]:
        """List them."""
        names = self.names
        return sorted(self._ids(self._found(walk, start)), key=lambda one: (names[one], one))[:count]

    def _ids(self, found: Collection[Any]) -> Collection[str]:
        return found


class Networkx(_Named):
    """A directed graph for each predicate, ids as nodes, the period on each edge."""

    def __init__(self, network: GeneratedNetwork) -> None:
        import networkx as nx  # noqa: PLC0415 - a peer is loaded where it is asked

        super().__init__(network)
        ids = [network.id(at) for at in range(network.entity_count)]
        self._graphs: dict[str, nx.DiGraph[str]] = {}
        for predicate, held in network.columns.items():
            since, until = periods(network, predicate)
            graph = self._graphs[predicate] = nx.DiGraph()
            graph.add_nodes_from(ids)
            rows = zip(held.subject.tolist(), held.object.tolist(), since.tolist(), until.tolist(), strict=True)
            graph.add_edges_from((ids[one], ids[other], {"since": a, "until": b}) for one, other, a, b in rows)

    def node(self, position: int) -> str:
        """Return how it is known here."""
        return self.network.id(position)

    def expand(self, frontier: Iterable[Any], predicate: str, *, forward: bool, dated: bool) -> set[Any]:
        """Go one step."""
        graph = self._graphs[predicate]
        near = graph._succ if forward else graph._pred  # type: ignore[attr-defined]  # noqa: SLF001 - the fastest way
        if not dated:
            return set().union(*(near[one] for one in frontier))
        return {other for one in frontier for other, told in near[one].items() if told["since"] <= _DAY < told["until"]}

    def hops(self, predicate: str, start: int, goal: int, most: int) -> int | None:
        """Search from both ends."""
        import networkx as nx  # noqa: PLC0415 - a peer is loaded where it is asked

        try:
            found = nx.bidirectional_shortest_path(self._graphs[predicate], self.node(start), self.node(goal))
        except nx.NetworkXNoPath:
            return None
        return len(found) - 1 if len(found) <= most + 1 else None


class Rustworkx(_Named):
    """A directed graph for each predicate, the period as what an edge carries."""

    def __init__(self, network: GeneratedNetwork) -> None:
        import rustworkx as rx  # noqa: PLC0415 - a peer is loaded where it is asked

        super().__init__(network)
        self._all_ids = [network.id(at) for at in range(network.entity_count)]
        self._graphs: dict[str, Any] = {}
        for predicate, held in network.columns.items():
            since, until = periods(network, predicate)
            graph = self._graphs[predicate] = rx.PyDiGraph(multigraph=False)
            graph.add_nodes_from(self._all_ids)
            pairs = zip(since.tolist(), until.tolist(), strict=True)
            graph.add_edges_from(list(zip(held.subject.tolist(), held.object.tolist(), pairs, strict=True)))

    def expand(self, frontier: Iterable[Any], predicate: str, *, forward: bool, dated: bool) -> set[Any]:
        """Go one step."""
        graph = self._graphs[predicate]
        if not dated:
            near = graph.successor_indices if forward else graph.predecessor_indices
            return set().union(*(near(one) for one in frontier))
        if forward:
            return {other for one in frontier for _, other, told in graph.out_edges(one) if told[0] <= _DAY < told[1]}
        return {other for one in frontier for other, _, told in graph.in_edges(one) if told[0] <= _DAY < told[1]}

    def _ids(self, found: Collection[Any]) -> Collection[str]:
        return [self._all_ids[one] for one in found]

    def hops(self, predicate: str, start: int, goal: int, most: int) -> int | None:
        """Search from both ends."""
        return _met(lambda some, forward: self.expand(some, predicate, forward=forward, dated=False), start, goal, most)


class Sql(_Named):
    """Statements over the tables of the same file."""

    def __init__(self, network: GeneratedNetwork, path: str) -> None:
        super().__init__(network)
        self._file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._file.execute("PRAGMA cache_size = -200000")
        self._predicates = dict(self._file.execute("SELECT name, number FROM predicates"))

    def node(self, position: int) -> int:
        """Return how it is known here."""
        found: int = self._file.execute(
            "SELECT number FROM entities WHERE id = ?", (self.network.id(position),)
        ).fetchone()[0]
        return found

    def _step(self, predicate: str, *, forward: bool) -> tuple[str, str, int]:
        near, far = ("subject", "object") if forward else ("object", "subject")
        return near, far, self._predicates[predicate]

    def _statement(self, walk: Walk, start: int) -> tuple[str, dict[str, Any]]:
        """Return a statement that gives the numbers of what a walk finds, each once."""
        held = " AND (r{0}.since IS NULL OR r{0}.since <= :day) AND (r{0}.until IS NULL OR r{0}.until > :day)"
        asked = {"start": start, "day": DAY.isoformat()}
        if walk.most:
            near, far, number = self._step(walk.steps[0][0], forward=walk.steps[0][1])
            statement = (
                "WITH RECURSIVE w (entity, level) AS (SELECT :start, 0 UNION"
                f" SELECT r.{far}, w.level + 1 FROM w CROSS JOIN relations r ON r.{near} = w.entity"
                f" AND r.predicate = {number} WHERE w.level < {walk.most})"
                f" SELECT DISTINCT entity FROM w WHERE level >= {walk.least} AND entity <> :start"
            )
            return statement, asked
        tables, conditions, before, last = [], [], ":start", ""
        for index, (predicate, forward) in enumerate(walk.steps):
            near, far, number = self._step(predicate, forward=forward)
            tables.append(f"relations r{index}")
            conditions.append(f"r{index}.{near} = {before} AND r{index}.predicate = {number}")
            last = before = f"r{index}.{far}"
            conditions[-1] += f" AND {last} <> :start" + (held.format(index) if walk.dated else "")
        return (
            f"SELECT DISTINCT {last} AS entity FROM {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(conditions)}",
            asked,
        )

    def count(self, walk: Walk, start: int) -> int:
        """Count them."""
        statement, asked = self._statement(walk, self.node(start))
        found: int = self._file.execute(f"SELECT count(*) FROM ({statement})", asked).fetchone()[0]
        return found

    def first(self, walk: Walk, start: int, count: int) -> list[str]:
        """List them."""
        statement, asked = self._statement(walk, self.node(start))
        rows = self._file.execute(
            f"SELECT x.id FROM ({statement}) f CROSS JOIN entities x ON x.number = f.entity"
            f" ORDER BY x.caption, x.id LIMIT {count}",
            asked,
        )
        return [row[0] for row in rows]

    def expand(self, frontier: Iterable[Any], predicate: str, *, forward: bool, dated: bool) -> set[Any]:
        """Go one step."""
        near, far, number = self._step(predicate, forward=forward)
        held = " AND (r.since IS NULL OR r.since <= :day) AND (r.until IS NULL OR r.until > :day)" if dated else ""
        rows = self._file.execute(
            f"SELECT DISTINCT r.{far} FROM json_each(:list) e CROSS JOIN relations r ON r.{near} = e.value"
            f" AND r.predicate = {number}{held}",
            {"list": json.dumps(list(frontier)), "day": DAY.isoformat()},
        )
        return {row[0] for row in rows}

    def hops(self, predicate: str, start: int, goal: int, most: int) -> int | None:
        """Search from both ends."""
        return _met(
            lambda some, forward: self.expand(some, predicate, forward=forward, dated=False),
            self.node(start),
            self.node(goal),
            most,
        )


def _met(expand: Any, start: int, goal: int, most: int) -> int | None:
    """Return the fewest hops between two entities, looked for level by level from both."""
    sides = [{start}, {goal}]
    seen = [{start}, {goal}]
    for gone in range(most):
        near = 0 if len(sides[0]) <= len(sides[1]) else 1
        sides[near] = expand(sides[near], near == 0) - seen[near]
        seen[near] |= sides[near]
        if not sides[near]:
            return None
        if sides[near] & seen[1 - near]:
            return gone + 1
    return None
