"""What a network costs beside its questions: to open, in memory, and where predicates are added to it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path

import relgraph
from bench.measure import Size, Times, apart, memory
from bench.table import Table, megabytes, milliseconds, ratio
from relgraph.exchange.generate import generate

OPENINGS = 15
ADDED = 500
ASKED = 200


def filled(path: str, size: Size) -> None:
    """Load a generated network into a file, and close it as anyone would."""
    network = generate(size.entities, size.relations)
    with relgraph.open(path, vocabulary=network.vocabulary) as graph:
        for name, rows in network.entities():
            graph.add_many(name, rows)
        for name, rows in network.relations():
            graph.relate_many(name, rows)


def opened(path: str) -> list[tuple[float, float]]:
    """Open a file, ask, and ask again; return the seconds of each by the clock, and those of the processor."""
    at = [(time.perf_counter(), time.process_time())]
    with relgraph.open(path) as graph:
        at.append((time.perf_counter(), time.process_time()))
        for _ in range(2):
            list(graph.query("find Company supplied_by $c", c="c0"))
            at.append((time.perf_counter(), time.process_time()))
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(at)]


def held(path: str, predicates: list[str]) -> int:
    """Return the bytes that an open network holds once every predicate was asked."""
    with relgraph.open(path) as graph:
        list(graph.query("find Person where name = $n", n="nobody"))
        before = memory()
        for predicate in predicates:
            list(graph.query(f"find anything {predicate} $c", c="p0" if predicate == "knows" else "c0"))
        return memory() - before


def held_by_networkx(size: Size) -> int:
    """Return the bytes of the same network in networkx: an id each, periods and one attribute a relation."""
    import networkx as nx  # noqa: PLC0415 - only here

    made = generate(size.entities, size.relations)
    before = memory()
    ids = {one: one for one in map(made.id, range(made.entity_count))}
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for predicate, rows in made.relations():
        for row in rows:
            network.add_edge(ids[row.pop("subject")], ids[row.pop("object")], predicate, **row)
    return memory() - before


def five_hundred(path: str) -> tuple[float, dict[str, tuple[float, float]]]:
    """Add predicates to a loaded network; return the seconds, and those of other work before and after."""
    with relgraph.open(path) as graph:
        ids = [one.id for one in islice(graph.entities("Company"), ASKED)]
        asked = graph.prepare("find Company supplied_by $c")
        ages = iter(range(10**6))

        def relate() -> None:
            graph.relate(ids[1 + next(ages) % (ASKED - 1)], "paid", ids[0], since="2024-05-17", amount=1)

        works: dict[str, Callable[[], object]] = {
            "a question of one hop": lambda: list(asked(c=ids[next(ages) % ASKED])),
            "one durable write": relate,
            "a new text": lambda: graph.query(f"find Company supplied_by $c limit {1 + next(ages)}", c=ids[0]),
        }
        before = {name: middle(work) for name, work in works.items()}
        begun = time.perf_counter()
        graph.define(
            *(
                relgraph.predicate(
                    f"added_{one}", f"added_{one}_of", subject=["Company"], attributes={"share": "percent"}
                )
                for one in range(ADDED)
            )
        )
        spent = time.perf_counter() - begun
        after = {name: middle(work) for name, work in works.items()}
        return spent, {name: (before[name], after[name]) for name in works}


def middle(work: Callable[[], object]) -> float:
    """Return the median of the processor's seconds over many runs."""
    spent = []
    for _ in range(ASKED):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return statistics.median(spent[ASKED // 10 :])


def tables(size: Size) -> Iterator[Table]:
    """Yield the tables of this program."""
    with tempfile.TemporaryDirectory() as name:
        path = str(Path(name, "network.db"))
        filled(path, size)
        predicates = list(generate(20, 20).vocabulary.predicates)

        table = Table("Opening a file", ("step", "median, ms", "95th, ms", "of processor time, ms"))
        steps = ("open", "the first question: parser and arrays are loaded", "the same question again")
        found = [apart(opened, path) for _ in range(OPENINGS)]
        for step, taken in zip(steps, zip(*found, strict=True), strict=True):
            times = Times(tuple(one for one, _ in taken), tuple(one for _, one in taken))
            table.add(step, milliseconds(times.median), milliseconds(times.high), milliseconds(times.work))
        table.note = f"Each of {OPENINGS} times in a new process."
        yield table

        table = Table("Memory of a network that is asked", ("held by", "MB", "of networkx"))
        ours, theirs = apart(held, path, predicates), apart(held_by_networkx, size)
        table.add("relgraph", megabytes(ours), ratio(ours, theirs))
        table.add("networkx", megabytes(theirs), ratio(theirs, theirs))
        table.note = "Resident memory of a process that has every predicate at hand, over what it held before."
        yield table

        spent, works = apart(five_hundred, path)
        table = Table(
            f"{ADDED} predicates added to a loaded network", ("what", "before, ms", "after, ms", "after to before")
        )
        table.add(f"adding {ADDED} predicates", "", milliseconds(spent), "")
        for title, (before, after) in works.items():
            table.add(title, milliseconds(before), milliseconds(after), ratio(after, before))
        table.note = "Medians of the time of the processor, but for the adding, which is by the clock."
        yield table
