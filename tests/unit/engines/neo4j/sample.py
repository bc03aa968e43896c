"""A vocabulary with every kind of field, and random histories told to any graph."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from relgraph import RelgraphError, Vocabulary
from relgraph.graph import Graph
from relgraph.model.ports import Reader

TEXT = """
vocabulary: sample
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Company:
    extends: [Organization]
    key: [name, country]
    fields:
      country: {type: country}
      vat: {type: text, unique: true}
      revenue: {type: money}
      founded: {type: partial date}
      seen: {type: datetime}
      born: {type: date}
      size: {type: decimal}
      staff: {type: integer}
      listed: {type: boolean}
      part: {type: percent}
      names: {type: text, list: true}
      prices: {type: money, list: true}
      years: {type: partial date, list: true}
      _odd: {type: text}
  Bank: {extends: [Company]}
  Person: {fields: {name: {type: text}, nicknames: {type: text, list: true}}, search: [name, nicknames]}
tags: {vip: {}, sanctioned: {}}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Organization]
    object: [Organization]
    attributes: {share: {type: percent}, price: {type: money}, note: {type: text}}
    acyclic: true
  knows: {symmetric: true, unique: none}
  leads: {inverse: led_by, subject: [Person], object: [Organization], max_subjects: {max: 1, level: warn}}
"""
VOCABULARY = Vocabulary.from_text(TEXT)

FIELDS: dict[str, list[Any]] = {
    "country": ["DE", "FR"],
    "revenue": ["9000.50 EUR", "12 USD"],
    "founded": ["1999", "1999-03", "1999-03-05"],
    "seen": ["2024-05-01T12:00:00.123456Z"],
    "born": ["0031-01-02", "9999-12-31"],
    "size": ["0.1", "123456789.012345"],
    "staff": [9223372036854775807, -1],
    "listed": [True, False],
    "part": ["33.3333%"],
    "names": [["a", "b"], []],
    "prices": [["1 EUR", "2.5 USD"]],
    "years": [["2020", "2021-05"], ["2022-01-01"]],
    "vat": ["V1", "V2"],
    "_odd": ["quote ' \" ` \\ \x00 \U0001f600"],
}
NAMES = ["Äcme", "ACME", "Bolt", "東京銀行", "Zoë \U0001f600", "\uff21bc"]


class Story:
    """A random history: the same seed tells the same to every graph."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.random = random.Random(seed)
        self.entities: list[str] = []
        self.relations: list[str] = []
        self.told: list[str] = []
        self.minted = 0
        self.outcomes: list[str] = []

    def step(self) -> None:
        """Try one transaction of a few random changes; what it came to is an outcome."""
        before = len(self.entities), len(self.relations)
        often = [*[self._relate] * 4, self._add, self._update, self._update_relation]
        seldom = [self._end, self._retract, self._tag, self._tag, self._trash, self._restore, self._merge, self._delete]
        actions = [self._add] * 4 if not self.entities else self.random.choices(often * 3 + seldom, k=self._few())
        try:
            with self.graph.transaction(actor=self.random.choice(["ana", "ben"])) as tx:
                for action in actions:
                    action(tx)
        except RelgraphError as error:
            self.outcomes.append(f"{type(error).__name__}: {error}")
            # ids that were refused with the rest name nothing
            del self.entities[before[0] :], self.relations[before[1] :]
        else:
            self.outcomes.append("done" if tx.id else "nothing")
            if tx.id:
                self.told.append(tx.id)
        if self.random.random() < 0.1 and len(self.told) > 1:
            try:
                self.graph.undo(self.told[-1])
                self.outcomes.append("undone")
            except RelgraphError as error:
                self.outcomes.append(type(error).__name__)

    def _few(self) -> int:
        return self.random.choice([1, 1, 1, 2, 3])

    def _id(self, kept: list[str], letter: str) -> str:
        self.minted += 1
        kept.append(f"{letter}{self.minted}")
        return kept[-1]

    def _some(self, kept: list[str]) -> str:
        return self.random.choice(kept) if kept else "nobody"

    def _add(self, tx: Any) -> None:
        chance = self.random
        kind = chance.choice(["Company", "Bank", "Person"])
        values = {"name": chance.choice(NAMES)}
        if kind != "Person":
            for name in chance.sample(list(FIELDS), 3):
                values[name] = chance.choice(FIELDS[name])
        keys = {"s": f"k{chance.randrange(20)}"} if chance.random() < 0.3 else None
        tags = ["vip"] if chance.random() < 0.3 else []
        tx.add(kind, id=self._id(self.entities, "e"), fields=values, keys=keys, tags=tags)

    def _relate(self, tx: Any) -> None:
        chance = self.random
        predicate = chance.choice(["owns", "knows", "leads", "owned_by"])
        values: dict[str, Any] = {}
        if "own" in predicate:
            values = {"share": f"{chance.randrange(1, 100)}%", "price": chance.choice([None, "5 EUR"])}
        tx.relate(
            self._some(self.entities),
            predicate,
            self._some(self.entities),
            id=self._id(self.relations, "r"),
            since=chance.choice([None, "2019", "2020-02", "2021-03-04"]),
            until=chance.choice([None, None, "2022", "2023-01-01", "9999"]),
            source=chance.choice([None, "report", "press"]),
            confidence=chance.choice([None, 0.5]),
            **values,
        )

    def _update(self, tx: Any) -> None:
        name = self.random.choice(list(FIELDS))
        tx.update(self._some(self.entities), fields={name: self.random.choice([None, *FIELDS[name]])})

    def _update_relation(self, tx: Any) -> None:
        tx.update(self._some(self.relations), since=self.random.choice(["2018", "2021-05-05"]), source="press", key="p")

    def _end(self, tx: Any) -> None:
        tx.end(self._some(self.relations), on="2021-12-31")

    def _retract(self, tx: Any) -> None:
        tx.retract(self._some(self.relations))

    def _tag(self, tx: Any) -> None:
        change = self.random.choice([tx.tag, tx.untag])
        change(self._some(self.entities), self.random.choice(["vip", "sanctioned"]))

    def _trash(self, tx: Any) -> None:
        tx.trash(self._some(self.entities))

    def _restore(self, tx: Any) -> None:
        tx.restore(self._some(self.entities))

    def _merge(self, tx: Any) -> None:
        tx.merge(keep=self._some(self.entities), other=self._some(self.entities))

    def _delete(self, tx: Any) -> None:
        tx.delete(self._some(self.entities), detach=self.random.random() < 0.5)


class Look:
    """All that a reader answers, with ids in place of numbers, so that two stores can be compared."""

    def __init__(self, reader: Reader, story: Story, *, names: Mapping[str, str] | None = None) -> None:
        self.reader = reader
        self.names = names or {}
        self.entities = {number: one for one, number in reader.entity_numbers(story.entities).items()}
        self.relations = {number: one for one, number in reader.relation_numbers(story.relations).items()}

    def _named(self, *names: str) -> list[str]:
        return [self.names.get(name, name) for name in names]

    def entity(self, row: Any) -> Any:
        merged = None if row.merged_into is None else self.entities[row.merged_into]
        return row._replace(number=0, merged_into=merged, fields=dict(row.fields))

    def relation(self, row: Any) -> Any:
        return row._replace(
            number=0,
            subject=self.entities[row.subject],
            object=self.entities[row.object],
            attributes=dict(row.attributes),
        )

    def statement(self, row: Any) -> Any:
        return row._replace(relation=self.relations[row.relation])

    def about(self, row: Any) -> Any:
        return row._replace(entity=self.entities[row.entity])

    def now(self) -> dict[str, Any]:
        """What is believed at the reader's moment."""
        reader, entities, relations = self.reader, sorted(self.entities), sorted(self.relations)
        share, price = self._named("share", "price")
        columns = reader.columns(self._named("owns", "knows", "leads"), attributes=[share, price])
        ends = reader.ends(columns.subject)
        return {
            "entities": {row.id: self.entity(row) for row in reader.entities(entities).values()},
            "relations": {row.id: self.relation(row) for row in reader.relations(relations).values()},
            "every": {row.id for row in reader.every_entity(after=0, limit=1000)},
            "every relation": {row.id for row in reader.every_relation(after=0, limit=1000)},
            "listed": [row.id for row in reader.list_entities(None, after=None, limit=1000)],
            "page": [row.id for row in reader.list_entities(self._named("Bank", "Person"), after=("B", ""), limit=3)],
            "listed relations": {row.id for row in reader.list_relations(None, after=0, limit=1000)},
            "listed owns": {row.id for row in reader.list_relations(self._named("owns"), after=0, limit=1000)},
            "counts": [
                reader.count_entities(None),
                reader.count_entities(self._named("Company")),
                reader.count_entities(self._named("Company", "Bank")),
                reader.count_relations(None),
                reader.count_relations(self._named("owns", "leads")),
            ],
            "named": [row.id for row in reader.entities_named("acme", None, 10)],
            "named banks": [row.id for row in reader.entities_named("acme", self._named("Bank"), 10)],
            "holding": [
                {
                    self.entities[one]
                    for one in reader.entities_holding(self._named("Company", "Bank"), self._named(name)[0], stored)
                }
                for name, stored in (
                    ("name", "ACME"),
                    ("country", "DE"),
                    ("revenue", ["12", "USD"]),
                    ("founded", "1999"),
                    ("years", ["2020", "2021-05"]),
                )
            ],
            "tags": {self.entities[one]: tags for one, tags in reader.tags(entities).items()},
            "keys": {self.entities[one]: keys for one, keys in reader.keys(entities).items()},
            "by key": {
                key: self.entities[one]
                for key, one in reader.entity_by_keys([("s", f"k{index}") for index in range(20)]).items()
            },
            "merged": {
                self.entities[one]: {self.entities[other] for other in reader.merged_into([one])} for one in entities
            },
            "of": {
                (self.entities[one], end): {row.id for row in reader.relations_of([one], end=end)}
                for one in entities
                for end in ("subject", "object", "either")
            },
            "owns of": {row.id for row in reader.relations_of(entities, predicates=self._named("owns"))},
            "between": {
                row.id
                for row in reader.relations_between(
                    [(a, b) for a in entities[:5] for b in entities], self._named("owns", "knows")
                )
            },
            "sources": {
                self.relations[one]: [self.statement(row) for row in rows]
                for one, rows in reader.sources(relations).items()
            },
            "by source": {
                key
                for key, one in reader.relation_by_keys([("press", "p"), ("report", "")]).items()
                if one in relations
            },
            "stated": sorted(self.statement(row) for row in reader.relations_stated_by("report")),
            "columns": sorted(
                (
                    self.relations[number],
                    columns.predicates[code],
                    self.entities[subject],
                    self.entities[target],
                    *rest,
                )
                for number, code, subject, target, *rest in zip(
                    columns.number.tolist(),
                    columns.predicate.tolist(),
                    columns.subject.tolist(),
                    columns.object.tolist(),
                    columns.since.tolist(),
                    columns.until.tolist(),
                    columns.sure_since.tolist(),
                    columns.sure_until.tolist(),
                    columns.amounts[share].tolist(),
                    columns.amounts[price].tolist(),
                    strict=True,
                )
            ),
            "ends": sorted(
                (
                    self.entities[number],
                    ends.types[kind],
                    state,
                    sorted(name for bit, name in enumerate(ends.tag_names) if marks[bit // 64] >> bit % 64 & 1),
                )
                for number, kind, state, marks in zip(
                    columns.subject.tolist(), ends.type.tolist(), ends.state.tolist(), ends.tags.tolist(), strict=True
                )
            ),
        }

    def past(self) -> dict[str, Any]:
        """The versions of everything, and the log."""
        reader = self.reader
        found: dict[str, Any] = {}
        for number, one in self.entities.items():
            found[one] = (
                [version._replace(row=self.entity(version.row)) for version in reader.entity_versions(number)],
                [version._replace(row=self.about(version.row)) for version in reader.tag_versions(number)],
                [version._replace(row=self.about(version.row)) for version in reader.key_versions(number)],
                {self.relations[other] for other in reader.relations_ever_of(number)},
            )
        for number, one in self.relations.items():
            found[one] = (
                [version._replace(row=self.relation(version.row)) for version in reader.relation_versions(number)],
                [version._replace(row=self.statement(version.row)) for version in reader.source_versions(number)],
            )
        found["log"] = [
            row._replace(id="", recorded_at=0, undoes="told" if row.undoes else None) for row in reader.transactions()
        ]
        found["ana"] = [row.number for row in reader.transactions(actor="ana", newest_first=True, limit=3)]
        for row in reader.transactions():
            assert reader.transaction(row.id) == row == reader.transaction(row.number)
            assert reader.transaction_at(row.recorded_at) == row.number
            found[f"changed in {row.number}"] = self._changed(row.number)
        return found

    def _changed(self, number: int) -> dict[str, Any]:
        changed = self.reader.changed_in(number)
        tell = {
            "entities": self.entity,
            "relations": self.relation,
            "tags": self.about,
            "keys": self.about,
            "sources": self.statement,
        }
        found: dict[str, Any] = {}
        for name, told in tell.items():
            found[f"{name} told"] = sorted([told(row) for row in getattr(changed, f"{name}_told")], key=repr)
            ended = getattr(changed, f"{name}_ended")
            found[f"{name} ended"] = sorted([one._replace(row=told(one.row)) for one in ended], key=repr)
        return found
