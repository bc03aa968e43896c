"""What a network believes, as plain Python values, and its rules counted day by day: slow, and plain to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import relgraph

VOCABULARY = relgraph.Vocabulary.from_text(
    """
vocabulary: life
types:
  Party: {abstract: true, fields: {name: text}, caption: [name]}
  Company: {extends: [Party], fields: {sector: text, vat: {type: text, unique: true}}}
  Bank: {extends: [Company]}
  Person: {extends: [Party]}
tags:
  vip: {}
  listed: {types: [Company]}
  banned: {}
predicates:
  owns:
    inverse: owned_by
    object: [Company]
    attributes: {share: percent}
    acyclic: true
    sum: {attribute: share, per: object, max: 100%}
  supplies: {inverse: supplied_by, copiable: true}
  pair_of: {symmetric: true, unique: pair, copiable: true}
  ally_of: {symmetric: true, max_objects: 1, max_subjects: 1}
  banks_with: {inverse: banks_for, object: [Bank], max_objects: 1}
  works_at: {inverse: employs, subject: [Person], object: [Company]}
  heads: {inverse: headed_by, subject: [Person], object: [Company], implies: [works_at], max_subjects: 1}
  audited_by: {inverse: audits, subject_tags: {all: [listed]}}
  trusts: {inverse: trusted_by, object_tags: {none: [banned]}}
  paid: {inverse: paid_by, unique: none, time: none, irreflexive: false}
"""
)
TYPES = ("Company", "Bank", "Person")
TAGS = ("vip", "listed", "banned")
PREDICATES = tuple(VOCABULARY.predicates)
SYMMETRIC = {"pair_of", "ally_of"}
FAR = date(9999, 12, 31)


def first_day(text: str) -> date:
    """The first day that a day, month or year has."""
    parts = [int(one) for one in text.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return date(year, month, day)


def next_day(text: str) -> date:
    """The day after the last that a day, month or year has."""
    parts = [int(one) for one in text.split("-")]
    match parts:
        case [year]:
            return date(year + 1, 1, 1)
        case [year, month]:
            return date(year + month // 12, month % 12 + 1, 1)
        case _:
            return first_day(text) + timedelta(1)


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity, whatever its state."""

    type: str
    fields: tuple[tuple[str, str], ...] = ()
    tags: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()
    state: str = "live"
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A believed relation."""

    predicate: str
    subject: str
    object: str
    since: str | None = None
    until: str | None = None
    share: Fraction | None = None
    sources: frozenset[tuple[str, str]] = frozenset()

    @property
    def wide(self) -> tuple[date, date]:
        """The widest half-open period."""
        start = date.min if self.since is None else first_day(self.since)
        if self.until is None:
            return start, FAR
        return start, first_day(self.until) if self.until.count("-") == 2 else next_day(self.until)

    @property
    def sure(self) -> tuple[date, date]:
        """The half-open period in which it surely holds."""
        start = date.min if self.since is None else next_day(self.since) - timedelta(1)
        return start, FAR if self.until is None else first_day(self.until)

    def holds(self, day: date) -> bool:
        """Whether it surely holds on a day."""
        return self.sure[0] <= day < self.sure[1]

    @property
    def ends(self) -> frozenset[str] | tuple[str, str]:
        """Its pair, without an order where the predicate has none."""
        return frozenset({self.subject, self.object}) if self.predicate in SYMMETRIC else (self.subject, self.object)


@dataclass(slots=True)
class State:
    """All that is believed at one moment."""

    things: dict[str, Thing] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.things), dict(self.facts))

    def find(self, thing: str) -> str | None:
        """The id that an id stands for, merges followed; None where it is deleted."""
        while thing in self.things:
            into = self.things[thing].merged_into
            if into is None:
                return thing
            thing = into
        return None

    def live(self, fact: Fact) -> bool:
        return all(self.things[one].state == "live" for one in (fact.subject, fact.object))

    def change(self, thing: str, **values: object) -> None:
        self.things[thing] = replace(self.things[thing], **values)  # type: ignore[arg-type]

    def broken(self, today: date, new: frozenset[str] = frozenset()) -> list[str]:
        """Every rule that is broken, in a word each; of new facts the ends count also where they have ended."""
        facts = {name: fact for name, fact in self.facts.items() if self.live(fact)}
        return [
            *self.impossible,
            *self._ends(facts, today, new),
            *_unique(facts),
            *_days(facts),
            *self._held_twice(),
        ]

    def _ends(self, facts: dict[str, Fact], today: date, new: frozenset[str]) -> Iterator[str]:
        for name, fact in facts.items():
            subject, obj = self.things[fact.subject], self.things[fact.object]
            declared = VOCABULARY.predicates[fact.predicate]
            if fact.subject == fact.object and fact.predicate != "paid":
                yield f"{name}: to itself"
            if fact.wide[1] <= today and name not in new:
                # what has ended by today relies on no type and no tag any more
                continue
            for end, types in ((subject, declared.subject), (obj, declared.object)):
                if types and not any(VOCABULARY.is_a(end.type, one) for one in types):
                    yield f"{name}: a {end.type}"
            # the narrow predicate asks of its ends what the broad one does, which here is the same
            if fact.predicate == "audited_by" and "listed" not in subject.tags:
                yield f"{name}: not listed"
            if fact.predicate == "trusts" and "banned" in obj.tags:
                yield f"{name}: banned"

    def _held_twice(self) -> Iterator[str]:
        vats = [dict(one.fields).get("vat") for one in self.things.values() if one.state == "live"]
        held = [one for one in vats if one is not None]
        if len(held) != len(set(held)):
            yield "a vat held twice"
        if self.a_key_is_held_twice:
            yield "a key held twice"

    @property
    def impossible(self) -> list[str]:
        """The facts that end before they begin."""
        return [f"{name} is impossible" for name, fact in self.facts.items() if fact.wide[0] >= fact.wide[1]]

    @property
    def a_key_is_held_twice(self) -> bool:
        """Whether two entities have one key, wherever they are."""
        keys = [key for one in self.things.values() for key in one.keys]
        return len(keys) != len(set(keys))


def _unique(facts: dict[str, Fact]) -> Iterator[str]:
    for (one, left), (other, right) in combinations(facts.items(), 2):
        if left.predicate != right.predicate or left.ends != right.ends or left.predicate == "paid":
            continue
        start, end = max(left.sure[0], right.sure[0]), min(left.sure[1], right.sure[1])
        same = (left.since, left.until, left.share) == (right.since, right.until, right.share)
        if start < end or same or left.predicate == "pair_of":
            yield f"{one} again as {other}"


def _days(facts: dict[str, Fact]) -> Iterator[str]:
    """What is broken on single days; between two bounds nothing changes, so the bounds are all that is looked at."""
    for day in sorted({fact.sure[0] for fact in facts.values()}):
        held = [fact for fact in facts.values() if fact.holds(day)]
        shares: dict[str, Fraction] = {}
        met: dict[tuple[str, str], set[str]] = {}
        owned: dict[str, set[str]] = {}
        for fact in held:
            match fact.predicate:
                case "owns":
                    shares[fact.object] = shares.get(fact.object, Fraction(0)) + (fact.share or 0)
                    owned.setdefault(fact.subject, set()).add(fact.object)
                case "banks_with":
                    met.setdefault(("bank", fact.subject), set()).add(fact.object)
                case "heads":
                    met.setdefault(("head", fact.object), set()).add(fact.subject)
                case "ally_of":
                    met.setdefault(("ally", fact.subject), set()).add(fact.object)
                    met.setdefault(("ally", fact.object), set()).add(fact.subject)
        yield from (f"{one} is owned over 100% on {day}" for one, share in shares.items() if share > 1)
        yield from (f"too many for {one} on {day}" for one, others in met.items() if len(others) > 1)
        if any(_reaches(owned, one, one) for one in owned):
            yield f"a ring on {day}"


def _reaches(links: dict[str, set[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    left = list(links.get(start, ()))
    while left:
        one = left.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            left.extend(links.get(one, ()))
    return False


def read(graph: relgraph.Graph, known: int | None = None) -> State:
    """Return what a network believes, or believed by a transaction, as the store has it."""
    state = State()
    with graph.store.read(known=known) as reader:
        rows = reader.every_entity(after=0, limit=10**6)
        ids = {row.number: row.id for row in rows}
        tags, keys = reader.tags(ids), reader.keys(ids)
        for row in rows:
            state.things[row.id] = Thing(
                row.type,
                tuple(sorted((name, str(value)) for name, value in row.fields.items())),
                frozenset(tags.get(row.number, ())),
                frozenset(keys.get(row.number, ())),
                row.state,
                None if row.merged_into is None else reader.entity_versions(row.merged_into)[-1].row.id,
            )
        relations = reader.every_relation(after=0, limit=10**6)
        sources = reader.sources([row.number for row in relations])
        for one in relations:
            value = one.attributes.get("share")
            state.facts[one.id] = Fact(
                one.predicate,
                ids[one.subject],
                ids[one.object],
                *_as_given(one.since, one.since_precision, one.until, one.until_precision),
                None if value is None else Fraction(str(value)),
                frozenset((told.source, told.key) for told in sources.get(one.number, ())),
            )
    return state


def _as_given(since: int, since_precision: int, until: int, until_precision: int) -> tuple[str | None, str | None]:
    cut = (10, 7, 4)
    start = None if since < 1 else date.fromordinal(since).isoformat()[: cut[since_precision]]
    if until > FAR.toordinal():
        return start, None
    last = date.fromordinal(until if until_precision == 0 else until - 1)
    return start, last.isoformat()[: cut[until_precision]]
