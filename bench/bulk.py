"""A load with every rule on, against a plain ``executemany`` of the very rows that it wrote.

The load goes from dictionaries to a file on the disk: names resolved, values stored, every rule checked, all written
and committed. The other is given finished tuples, and only puts them into the same tables with the same indexes.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import relgraph
from bench.measure import Size, Times, apart, memory, peak
from bench.table import Table, megabytes, ratio
from relgraph.engines.sqlite.connection import connect
from relgraph.exchange.generate import GeneratedNetwork, generate
from relgraph.vocabulary.model import EntityType, Field, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary

TURNS = 3

ENTITY_TABLES = ("entities", "search", "field_values")
"""What entities are put into: rows, words, and values that are looked up."""

RULED = Vocabulary(
    name="ruled",
    types={"Company": EntityType("Company", fields=(Field("name", required=True),))},
    tags={"barred": Tag("barred")},
    predicates={
        "owns": Predicate(
            "owns",
            "owned_by",
            subject=("Company",),
            object=("Company",),
            subject_tags=TagRule(none=("barred",)),
            attributes=(Field("share", kind="percent"),),
            max_subjects=Limit(1000),
            acyclic="error",
            sums=(SumRule("share", "object", "1"),),
        )
    },
)
"""One predicate under every rule: ends, tags, overlaps, a maximum, no rings, shares of at most the whole."""


class Load(NamedTuple):
    """What one load took: seconds, those of the processor, and the bytes held at most beside the rows given."""

    seconds: float
    worked: float
    held: int


class Watch:
    """Measures what happens from its making on."""

    def __init__(self) -> None:
        gc.collect()
        self._before = memory()
        self._worked = time.process_time()
        self._begun = time.perf_counter()

    def stop(self) -> Load:
        """Return what it took."""
        spent, worked = time.perf_counter() - self._begun, time.process_time() - self._worked
        return Load(spent, worked, peak() - self._before)


def ruled_rows(size: Size, *, seed: int = 1) -> list[dict[str, Any]]:
    """Return rows of one predicate that break no rule: owners stand before what they own, and share it."""
    random = np.random.default_rng(seed)
    ends = (
        (random.power(0.6, size.relations * 2) * size.entities).astype(np.int64),
        random.integers(0, size.entities, size.relations * 2),
    )
    low, high = np.minimum(*ends), np.maximum(*ends)
    _, first = np.unique(low << 32 | high, return_index=True)
    first = np.sort(first[low[first] != high[first]])[: size.relations]
    low, high = low[first], high[first]
    share = np.maximum(990_000 // np.bincount(high)[high], 1)
    year, month = random.integers(1990, 2025, len(low)), random.integers(1, 13, len(low))
    return [
        {"subject": f"c{one}", "object": f"c{other}", "since": f"{y}-{m:02d}-01", "share": f"{part / 10_000}%"}
        for one, other, part, y, m in zip(
            low.tolist(), high.tolist(), share.tolist(), year.tolist(), month.tolist(), strict=True
        )
    ]


def generated_rows(network: GeneratedNetwork) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a generated network, by predicate."""
    return {predicate: list(rows) for predicate, rows in network.relations()}


def load_entities(path: str, size: Size) -> Load:
    """Add the entities of a generated network."""
    network = generate(size.entities, size.relations)
    parts = {name: list(rows) for name, rows in network.entities()}
    with relgraph.open(path) as graph:
        watch = Watch()
        for name, rows in parts.items():
            graph.add_many(name, rows)
        return watch.stop()


def load_relations(path: str, size: Size) -> Load:
    """Relate what a generated network relates: six predicates, a transaction each."""
    parts = generated_rows(generate(size.entities, size.relations))
    with relgraph.open(path) as graph:
        watch = Watch()
        for predicate, rows in parts.items():
            graph.relate_many(predicate, rows)
        return watch.stop()


def load_ruled(path: str, size: Size) -> Load:
    """Relate by one predicate under every rule, in one transaction."""
    rows = ruled_rows(size)
    with relgraph.open(path) as graph:
        watch = Watch()
        graph.relate_many("owns", rows)
        return watch.stop()


CELLS = {
    "relations": "SELECT * FROM relations WHERE told_in = ? ORDER BY number",
    "entities": "SELECT * FROM entities WHERE told_in = ? ORDER BY number",
    "search": (
        "SELECT rowid, caption, words FROM search"
        " WHERE rowid IN (SELECT number FROM entities WHERE told_in = ?) ORDER BY rowid"
    ),
    "field_values": "SELECT * FROM field_values WHERE entity IN (SELECT number FROM entities WHERE told_in = ?)",
}
"""What one transaction put into each table."""


def put(path: str, source: str, names: tuple[str, ...]) -> Load:
    """Put what another file's transactions put into tables: finished tuples, one statement a table, one commit each."""
    target = connect(Path(path), read_only=False, timeout=5)
    known = target.execute("SELECT coalesce(max(number), 0) FROM transactions").fetchone()[0]
    origin = connect(Path(source), read_only=True, timeout=5)
    log = origin.execute("SELECT * FROM transactions WHERE number > ?", (known,)).fetchall()
    batches = [(told, {name: origin.execute(CELLS[name], told[:1]).fetchall() for name in names}) for told in log]
    origin.close()
    watch = Watch()
    for told, tables in batches:
        target.execute("BEGIN IMMEDIATE")
        target.execute(f"INSERT INTO transactions VALUES ({marks(told)})", told)
        for name, rows in tables.items():
            if rows:
                into = "search (rowid, caption, words)" if name == "search" else name
                target.executemany(f"INSERT INTO {into} VALUES ({marks(rows[0])})", rows)
        target.execute("COMMIT")
    took = watch.stop()
    target.close()
    return took


def marks(cells: Sequence[object]) -> str:
    """Return a question mark for each cell."""
    return ", ".join("?" * len(cells))


def made(path: Path, vocabulary: Vocabulary) -> None:
    """Make an empty network."""
    relgraph.open(path, vocabulary=vocabulary).close()


def filled(path: Path, size: Size, vocabulary: Vocabulary) -> None:
    """Make a network with entities and no relations."""
    with relgraph.open(path, vocabulary=vocabulary) as graph:
        if vocabulary is RULED:
            graph.add_many("Company", ({"id": f"c{one}", "name": f"Company {one}"} for one in range(size.entities)))
            return
        for name, rows in generate(size.entities, size.relations).entities():
            graph.add_many(name, rows)


def agree(one: Path, other: Path, table: str) -> int:
    """Return how many rows a table has, the same in both files, or say that they differ."""
    found = []
    for path in (one, other):
        link = connect(path, read_only=True, timeout=5)
        found.append(link.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall())
        link.close()
    if found[0] != found[1]:
        raise SystemExit(f"{table} differs between {one.name} and {other.name}")
    return len(found[0])


def loaded_as_asked(path: Path, size: Size) -> None:
    """Say so if the file does not hold what the generator made, relation by relation."""
    network = generate(size.entities, size.relations)
    link = connect(path, read_only=True, timeout=5)
    held = link.execute(
        "SELECT p.name, s.id, o.id, r.since FROM relations r JOIN predicates p ON p.number = r.predicate"
        " JOIN entities s ON s.number = r.subject JOIN entities o ON o.number = r.object ORDER BY r.number"
    )
    for predicate, rows in network.relations():
        for row in rows:
            since = str(row["since"]) if "since" in row else None
            if held.fetchone() != (predicate, row["subject"], row["object"], since):
                raise SystemExit(f"the loaded network differs from the generated one at {predicate} {row}")
    link.close()


@dataclass(frozen=True, slots=True)
class Contest:
    """One load: what is done by us, from which file on, and which tables it fills."""

    title: str
    base: Path
    work: Callable[[str, Size], Load]
    tables: tuple[str, ...]


def held(contest: Contest, size: Size, folder: Path, table: Table) -> Path:
    """Load by turns into copies of a file, and add a row with what it took; return the file that we loaded."""
    ours, theirs = folder / "ours.db", folder / "theirs.db"
    took: tuple[list[Load], list[Load]] = ([], [])
    count = 0
    for _ in range(TURNS):
        for path in (ours, theirs):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            shutil.copy(contest.base, path)
        took[0].append(apart(contest.work, str(ours), size))
        took[1].append(apart(put, str(theirs), str(ours), contest.tables))
        count = max(agree(ours, theirs, one) for one in contest.tables)
    one, other = (Times(tuple(load.seconds for load in part)) for part in took)
    worked = [Times(tuple(load.worked for load in part)).median for part in took]
    table.add(
        contest.title,
        f"{count:,}",
        f"{one.median:.2f}",
        f"{other.median:.2f}",
        ratio(one.median, other.median),
        ratio(*worked),
        f"{count / one.median:,.0f}",
        megabytes(max(load.held for load in took[0])),
    )
    return ours


def tables(size: Size) -> Iterator[Table]:
    """Yield the tables of this program."""
    table = Table(
        "A load with every rule on, against executemany",
        ("load", "rows", "relgraph, s", "executemany, s", "ratio", "of processor time", "rows/s", "memory, MB"),
        note=f"Median of {TURNS} turns, each in a process of its own; the memory is beside the rows that are given.",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = folder / "base.db"
        vocabulary = generate(20, 20).vocabulary
        made(base, vocabulary)
        held(Contest("entities", base, load_entities, ENTITY_TABLES), size, folder, table)
        base.unlink()
        filled(base, size, vocabulary)
        contest = Contest("relations of six predicates", base, load_relations, ("relations",))
        loaded_as_asked(held(contest, size, folder, table), size)
        base.unlink()
        filled(base, size, RULED)
        held(Contest("one predicate, every rule", base, load_ruled, ("relations",)), size, folder, table)
    yield table
