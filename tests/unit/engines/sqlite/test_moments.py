"""Random changes, and every moment of them looked at in every way: rows, columns, arrays, population."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relgraph.engines.sqlite import SqliteStore
from relgraph.engines.sqlite.reader import SqliteReader
from relgraph.model.columns import MISSING
from relgraph.model.records import ChangeSet, Delta, EntityRow, Note, RelationRow, TagRow
from tests.unit.engines.sqlite.sample import VOCABULARY, entity, relation

PREDICATES = ("owns", "knows", "controls")


@dataclass
class State:
    """What is believed, kept the plain way."""

    entities: dict[int, EntityRow] = field(default_factory=dict)
    relations: dict[int, RelationRow] = field(default_factory=dict)
    tags: set[tuple[int, str]] = field(default_factory=set)

    def copy(self) -> State:
        return State(dict(self.entities), dict(self.relations), set(self.tags))

    def live(self, number: int) -> bool:
        return number in self.entities and self.entities[number].state == "live"


class Player:
    """Makes random transactions and remembers the state after each."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.states = [State()]
        self.retracted: dict[int, RelationRow] = {}

    def step(self) -> None:
        chance, state = self.random, self.states[-1].copy()
        changes = ChangeSet()
        with self.store.write() as writer:
            first_entity, first_relation = writer.reserve(3, 8)
            fresh = [entity(first_entity + at, f"Name {chance.randrange(5)}") for at in range(chance.randrange(1, 4))]
            told = writer.last + 1
            changes.new_entities += fresh
            state.entities.update({one.number: one._replace(told_in=told) for one in fresh})
            known = sorted(state.entities)
            for index in range(chance.randrange(9) if known else 0):
                share = {} if chance.random() < 0.3 else {"share": f"0.{chance.randrange(1, 100):02}".rstrip("0")}
                predicate = chance.choice(PREDICATES)
                row = relation(
                    first_relation + index,
                    predicate,
                    chance.choice(known),
                    chance.choice(known),
                    since=chance.choice([None, "2020-01-01", "2021-06-01"]),
                    until=chance.choice([None, "2022-01-01"]),
                    **(share if predicate == "owns" else {}),
                )
                changes.new_relations.append(row)
                state.relations[row.number] = row._replace(told_in=told)
            before = self.states[-1]
            for number in chance.sample(sorted(before.relations), min(len(before.relations), chance.randrange(5))):
                row = before.relations[number]
                if chance.random() < 0.4:
                    changes.relations.append(Delta(row, None, "retracted"))
                    self.retracted[number] = state.relations.pop(number)
                else:
                    moved = row._replace(since=row.since + 7 if row.since > 0 else 730000)
                    changes.relations.append(Delta(row, moved, "updated"))
                    state.relations[number] = moved._replace(told_in=told)
            for number in list(self.retracted):
                if number not in before.relations and chance.random() < 0.2:
                    back = self.retracted.pop(number)
                    changes.relations.append(Delta(None, back, "undone"))
                    state.relations[number] = back._replace(told_in=told)
            for number in chance.sample(sorted(before.entities), min(len(before.entities), chance.randrange(2))):
                was = before.entities[number]
                turned = was._replace(
                    state="trashed" if was.state == "live" else "live",
                    caption=f"{was.caption}!",
                    fields={"name": f"{was.caption}!"},
                )
                changes.entities.append(Delta(was, turned, "trashed"))
                state.entities[number] = turned._replace(told_in=told)
            for number in chance.sample(known, min(len(known), chance.randrange(3))):
                tag = chance.choice(["vip", "sanctioned"])
                if (number, tag) in state.tags:
                    state.tags.discard((number, tag))
                    changes.tags_removed.append(TagRow(number, tag, 0))
                else:
                    state.tags.add((number, tag))
                    changes.tags_added.append(TagRow(number, tag, 0))
            writer.commit(changes, Note())
        self.states.append(state)


def look(reader: SqliteReader, state: State) -> None:
    every = range(1, 200)
    assert reader.entities(every) == state.entities
    assert reader.relations(every) == state.relations
    live = {
        number: row for number, row in state.relations.items() if state.live(row.subject) and state.live(row.object)
    }
    assert [row.number for row in reader.list_relations(None, after=0, limit=10_000)] == sorted(live)
    assert reader.count_relations(None) == len(live)
    listed = reader.list_entities(None, after=None, limit=10_000)
    alive = [row for row in state.entities.values() if row.state == "live"]
    assert listed == sorted(alive, key=lambda row: (row.caption, row.id))
    assert reader.count_entities(["Company"]) == len(alive)
    tags: dict[int, list[str]] = {}
    for number, tag in sorted(state.tags):
        tags.setdefault(number, []).append(tag)
    assert reader.tags(every) == {number: tuple(names) for number, names in tags.items()}
    look_at_columns(reader, live)
    look_at_arrays(reader, state)


def look_at_columns(reader: SqliteReader, live: dict[int, RelationRow]) -> None:
    columns = reader.columns(PREDICATES, attributes=["share"])
    found = {
        number: (columns.predicates[code], subject, target, since, until, share)
        for number, code, subject, target, since, until, share in zip(
            *[
                part.tolist()
                for part in (
                    columns.number,
                    columns.predicate,
                    columns.subject,
                    columns.object,
                    columns.since,
                    columns.until,
                    columns.amounts["share"],
                )
            ],
            strict=True,
        )
    }
    assert found == {number: as_tuple(row) for number, row in live.items()}


def as_tuple(row: RelationRow) -> tuple[Any, ...]:
    share = row.attributes.get("share")
    scaled = MISSING if share is None else round(float(share) * 10**6)
    return (row.predicate, row.subject, row.object, row.since, row.until, scaled)


def look_at_arrays(reader: SqliteReader, state: State) -> None:
    network = reader.network
    for name in PREDICATES:
        arrays = network.adjacency(name)
        at = arrays.positions()
        parts = (
            arrays.number(at),
            arrays.subject(at),
            arrays.object(at),
            arrays.since(at),
            arrays.until(at),
            arrays.amount("share", at),
        )
        found = {row[0]: (name, *row[1:]) for row in zip(*[part.tolist() for part in parts], strict=True)}
        assert found == {row.number: as_tuple(row) for row in state.relations.values() if row.predicate == name}
    assert len(network.every()) == len(state.relations)
    live = np.ones(network.room, np.bool_) if network.live is None else network.live
    assert [number for number in range(1, network.room) if number in state.entities and live[number]] == [
        number for number in sorted(state.entities) if state.live(number)
    ]
    assert network.of_types(["Company"]).tolist() == [number for number in sorted(state.entities) if state.live(number)]
    numbers = np.array(sorted(state.entities), np.int64)
    assert numbers[network.tagged(numbers, "vip")].tolist() == sorted(one for one, tag in state.tags if tag == "vip")
    assert network.fits(numbers, ["Company"]).all()
    assert not network.fits(numbers, ["Person"]).any()
    assert network.types_of(numbers).to_list() == ["Company"] * len(numbers)
    rows = [state.entities[number] for number in numbers.tolist()]
    assert network.captions(numbers.tolist()) == [(row.caption, row.id) for row in rows]
    assert network.fields(numbers, "name").to_list() == [row.fields["name"] for row in rows]
    assert network.fields(numbers, "vat").to_list() == [None] * len(rows)
    known = sorted(state.relations)
    assert network.relation_facts(known, "id") == [f"r{number}" for number in known]


@pytest.fixture(params=["memory", "file"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "network.db" if request.param == "file" else None


@pytest.mark.parametrize("seed", range(4))
def test_every_moment_is_seen_as_it_was(path: Path | None, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if seed % 2:
        monkeypatch.setattr("relgraph.engines.sqlite.network._FEW", 0)
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store, ExitStack() as kept:
        player = Player(store, seed)
        standing: list[tuple[SqliteReader, int]] = []
        for moment in range(1, 15):
            player.step()
            with store.read() as reader:
                look(reader, player.states[-1])
            if player.random.random() < 0.3:
                standing.append((kept.enter_context(store.read()), moment))
        for known, state in enumerate(player.states):
            with store.read(known=known) as reader:
                look(reader, state)
        for reader, moment in standing:
            assert reader.last == moment
            look(reader, player.states[moment])


def test_another_open_store_sees_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    with SqliteStore.open(path, vocabulary=VOCABULARY) as store, SqliteStore.open(path) as other:
        player = Player(store, 11)
        for _ in range(8):
            player.step()
            with other.read() as reader:
                look(reader, player.states[-1])
