"""Rings against the plain way: every day by itself, every added relation, a walk from its object to its subject."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore, rings
from relgraph.model.columns import from_rows
from relgraph.model.records import OPEN_END, OPEN_START, ChangeSet, Delta, Note, RelationRow
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, update, write

FAMILY = ("owns", "controls")


def span(row: RelationRow) -> tuple[int, int]:
    return row.since, row.until


def closes(rows: Iterable[RelationRow], added: RelationRow) -> bool:
    rows = list(rows)
    days = {max(one.since, OPEN_START) for one in rows}
    for day in days:
        held = [one for one in rows if one.since <= day < one.until]
        if added not in held:
            continue
        reached, level = {added.object}, [added.object]
        while level:
            level = [one.object for one in held if one.subject in level and one.object not in reached]
            reached.update(level)
        if added.subject in reached:
            return True
    return False


def drawn(chance: random.Random, number: int) -> RelationRow:
    subject, target = chance.sample(range(1, 13), 2)
    since = chance.choice([OPEN_START, 100, 200, 300])
    until = chance.choice([OPEN_END, 150, 250, 350])
    if since >= until:
        until = OPEN_END
    return RelationRow(number, f"r{number}", chance.choice(FAMILY), subject, target, since, until, 0, 0, {}, None, 0)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("in_file", [False, True])
def test_rings_are_found_if_and_only_if_there_are_any(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_file: bool
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(rings, "_PATIENCE", chance.choice([0, 3, 1000]))
    whole = chance.random() < 0.3
    if whole:
        monkeypatch.setattr(rings, "_WHOLE", 10**6)
    refused = kept = 0
    with SqliteStore.open(tmp_path / "rings.db" if in_file else None, vocabulary=VOCABULARY) as store:
        write(store, new_entities=[entity(number, f"N{number}") for number in range(1, 13)])
        believed: dict[int, RelationRow] = {}
        hidden: set[int] = set()
        for _ in range(60):
            if chance.random() < 0.1:
                number = chance.randrange(1, 13)
                with store.read() as reader:
                    row = reader.entities([number])[number]
                write(store, entities=[update(row, state="live" if row.state == "trashed" else "trashed")])
                hidden ^= {number}
            with store.write() as writer:
                _, first = writer.reserve(0, 3)
                added = [drawn(chance, first + at) for at in range(chance.randrange(1, 4))]
                added = [row for row in added if not {row.subject, row.object} & hidden]
                taken = chance.sample(sorted(believed), min(len(believed), chance.choice([0, 0, 1, 2])))
                after = [row for number, row in believed.items() if number not in taken] + added
                seen = [row for row in after if not {row.subject, row.object} & hidden]
                removed = np.array([*taken, *[row.number for row in added]], np.int64)
                found = writer.rings(FAMILY, from_rows(added), removed, 100)
                assert bool(found) == any(closes(seen, row) for row in added)
                by_number = {row.number: row for row in seen}
                for ring in found:
                    assert ring[0] in {row.number for row in added}
                    chain = [by_number[number] for number in ring]
                    assert [row.object for row in chain] == [row.subject for row in [*chain[1:], chain[0]]]
                    assert max(row.since for row in chain) < min(row.until for row in chain)
                refused += bool(found)
                if found and chance.random() < 0.8:
                    continue
                kept += 1
                gone = [Delta(believed.pop(number), None, "retracted") for number in taken]
                told = writer.commit(ChangeSet(new_relations=added, relations=gone), Note())
                believed.update({row.number: row._replace(told_in=told.number) for row in added})
    assert refused > 3
    assert kept > 10
