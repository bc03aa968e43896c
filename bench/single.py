"""One durable write, against the bare statements that it comes to: two rows and a commit, on a copy of the file."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import relgraph
from bench.measure import Size, by_turns
from bench.table import Table, milliseconds
from relgraph.engines.sqlite.connection import connect
from relgraph.ids import uuid7
from relgraph.vocabulary.model import EntityType, Field, Predicate, SumRule, Vocabulary

WRITES = 400
HUB = 100_000
SOLD_BACK = 100
SINCE = "2024-05-17"

VOCABULARY = Vocabulary(
    name="single",
    types={"Company": EntityType("Company", fields=(Field("name", required=True),))},
    predicates={
        "supplies": Predicate("supplies", "supplied_by", subject=("Company",), object=("Company",)),
        "rents": Predicate("rents", "rented_by"),
        "controls": Predicate("controls", "controlled_by", acyclic="error"),
        "holds": Predicate("holds", "held_by", acyclic="error"),
        "owns": Predicate(
            "owns",
            "owned_by",
            attributes=(Field("share", kind="percent"),),
            sums=(SumRule("share", "object", "1"),),
        ),
    },
)


class Written(NamedTuple):
    """One relation to be written."""

    subject: str
    predicate: str
    object: str
    share: str | None = None


def pairs(entities: int, count: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """Return so many different pairs, the lower one first, among the entities but the first."""
    first, second = random.integers(1, entities, (2, count * 2 + 100))
    low, high = np.minimum(first, second), np.maximum(first, second)
    _, at = np.unique(low << 32 | high, return_index=True)
    at = at[low[at] != high[at]]
    random.shuffle(at)
    return list(zip(low[at[:count]].tolist(), high[at[:count]].tolist(), strict=True))


def related(one: int, other: int, **values: str) -> dict[str, str]:
    """Return a row that relates two of the companies."""
    return {"subject": f"c{one}", "object": f"c{other}", **values}


def filled(path: Path, size: Size) -> dict[str, list[Written]]:
    """Make a network, and return what is to be written into it: nothing of it is there, nothing breaks a rule."""
    random = np.random.default_rng(5)
    hub = min(HUB, size.entities - WRITES - 10)
    left: dict[str, list[Written]] = {}
    with relgraph.open(path, vocabulary=VOCABULARY) as graph:
        graph.add_many("Company", ({"id": f"c{one}", "name": f"Company {one}"} for one in range(size.entities)))
        for name, predicate, count in (
            ("ordinary entities", "supplies", size.relations // 10),
            (f"an acyclic predicate of {size.relations:,}", "controls", size.relations),
            ("a sum of shares", "owns", size.relations // 10),
        ):
            share = {"share": "0.01%"} if predicate == "owns" else {}
            found = pairs(size.entities, count + WRITES, random)
            rows = (related(one, other, **share) for one, other in found[WRITES:])
            graph.relate_many(predicate, rows)
            left[name] = [Written(f"c{one}", predicate, f"c{other}", *share.values()) for one, other in found[:WRITES]]
        again = pairs(size.entities, size.relations // 10 + WRITES, random)
        for since, until in (("2000", "2010-01-01"), ("2010-01-01", "2020-01-01")):
            graph.relate_many("rents", (related(one, other, since=since, until=until) for one, other in again))
        left["two that were related twice before"] = [
            Written(f"c{one}", "rents", f"c{other}") for one, other in again[:WRITES]
        ]
        held = pairs(size.entities, size.relations + WRITES, random)
        sold, kept = held[WRITES : WRITES + SOLD_BACK], held[WRITES + SOLD_BACK :]
        # on each day no chain returns, over all days nearly every chain does
        graph.relate_many("holds", (related(other, one, until="2010-01-01") for one, other in sold))
        graph.relate_many("holds", (related(one, other, since="2010-01-01") for one, other in kept))
        left[f"an acyclic one of {size.relations:,}, {SOLD_BACK} sold back"] = [
            Written(f"c{one}", "holds", f"c{other}") for one, other in held[:WRITES]
        ]
        graph.relate_many("supplies", (related(0, one + 1) for one in range(hub)))
        left[f"an entity with {hub:,} relations"] = [
            Written("c0", "supplies", f"c{hub + 1 + one}") for one in range(WRITES)
        ]
    return left


class Bare:
    """The statements alone, with numbers that are looked up beforehand."""

    def __init__(self, path: Path) -> None:
        self.link: sqlite3.Connection = connect(path, read_only=False, timeout=5)
        self.entities = dict(self.link.execute("SELECT id, number FROM entities"))
        self.predicates = dict(self.link.execute("SELECT name, number FROM predicates"))
        self.vocabulary = self.link.execute("SELECT max(version) FROM vocabulary").fetchone()[0]

    def write(self, one: Written) -> None:
        """Put one row into the log and one into the relations, and commit."""
        link = self.link
        link.execute("BEGIN IMMEDIATE")
        number = link.execute(
            "INSERT INTO transactions (id, recorded_at, kind, vocabulary, detail) VALUES (?, ?, 'write', ?, '{}')",
            (uuid7(), time.time_ns() // 1000, self.vocabulary),
        ).lastrowid
        link.execute(
            "INSERT INTO relations (id, predicate, subject, object, since, since_precision, until_precision,"
            " attributes, told_in) VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?)",
            (
                uuid7(),
                self.predicates[one.predicate],
                self.entities[one.subject],
                self.entities[one.object],
                SINCE,
                "{}" if one.share is None else '{"share":"0.0001"}',
                number,
            ),
        )
        link.execute("COMMIT")


def written(path: Path) -> list[tuple[Any, ...]]:
    """Return what the last writes put there."""
    link = connect(path, read_only=True, timeout=5)
    rows = link.execute(
        "SELECT predicate, subject, object, since, attributes FROM relations WHERE since = ? ORDER BY 1, 2, 3", (SINCE,)
    ).fetchall()
    link.close()
    return rows


def tables(size: Size) -> Iterator[Table]:
    """Yield the tables of this program."""
    table = Table(
        "One durable write: graph.relate against its bare statements",
        ("into", "relgraph, ms", "95th", "bare, ms", "95th ", "over it, ms", "of processor time, ms"),
        note=(
            f"{WRITES} writes each, by turns with the bare ones. Every commit waits for the disk; the last column is"
            " what relgraph takes over the bare statements in time of the processor, where the disk has no say."
        ),
    )
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name, "ours.db"), Path(name, "theirs.db")
        left = filled(ours, size)
        shutil.copy(ours, theirs)
        bare = Bare(theirs)
        with relgraph.open(ours) as graph:
            for title, cases in left.items():

                def relate(one: Written) -> None:
                    share = {} if one.share is None else {"share": one.share}
                    graph.relate(one.subject, one.predicate, one.object, since=SINCE, **share)

                took = by_turns({"relgraph": relate, "bare": bare.write}, cases, warm=30)
                one, other = took["relgraph"], took["bare"]
                table.add(
                    title,
                    milliseconds(one.median),
                    milliseconds(one.high),
                    milliseconds(other.median),
                    milliseconds(other.high),
                    milliseconds(one.median - other.median),
                    milliseconds(one.work - other.work),
                )
        bare.link.close()
        if written(ours) != written(theirs):
            raise SystemExit("the two files do not hold the same relations")
    yield table
