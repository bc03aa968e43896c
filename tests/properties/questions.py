"""Random small networks, and random texts of questions that have a meaning in their vocabulary."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import relgraph
from relgraph.vocabulary.model import Vocabulary

VOCABULARY = Vocabulary.from_text("""
vocabulary: fuzz
types:
  Org:
    abstract: true
    fields: {name: {type: text, required: true}, country: text, size: integer, founded: partial date}
  Company: {extends: [Org], fields: {sector: text, tags_of: {type: text, list: true}, listed: boolean, worth: money,
                                     seen: datetime}}
  Bank: {extends: [Company], fields: {rating: decimal}}
  Person: {fields: {name: {type: text, required: true}, country: text, born: partial date}}
tags: {vip: {}, bad: {}}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Org]
    object: [Org]
    unique: none
    irreflexive: false
    attributes: {share: percent, booked: date, amount: money, note: text}
  controls: {inverse: controlled_by, subject: [Person, Org], object: [Org], unique: none, irreflexive: false,
             implies: [linked_with], attributes: {votes: integer, booked: date}}
  linked_with: {inverse: linked_from, unique: none, irreflexive: false, attributes: {booked: date}}
  knows: {symmetric: true, subject: [Person], object: [Person], unique: none, irreflexive: false,
          attributes: {strength: decimal, met: partial date}}
  partner_of: {symmetric: true, subject: [Org], object: [Org], unique: none, irreflexive: false}
  works_at: {inverse: employs, subject: [Person], object: [Org], unique: none,
             attributes: {role: text, pay: integer}}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  boss_group: {inverse: group_staff, path: [works_at, in_group_of]}
  has_share_in: {inverse: shared_by, measure: integrated_share, over: owns, attribute: share}
""")

TYPES = {"Org": ["Company", "Bank"], "Company": ["Company", "Bank"], "Bank": ["Bank"], "Person": ["Person"]}
ENDS: dict[str, tuple[str, str]] = {
    "owns": ("anything", "Org"),
    "owned_by": ("Org", "anything"),
    "controls": ("anything", "Org"),
    "controlled_by": ("Org", "anything"),
    "linked_with": ("anything", "anything"),
    "linked_from": ("anything", "anything"),
    "knows": ("Person", "Person"),
    "partner_of": ("Org", "Org"),
    "works_at": ("Person", "Org"),
    "employs": ("Org", "Person"),
    "in_group_of": ("Org", "anything"),
    "group_includes": ("anything", "Org"),
    "boss_group": ("Person", "anything"),
    "group_staff": ("anything", "Person"),
    "has_share_in": ("anything", "Org"),
    "shared_by": ("Org", "anything"),
    "any": ("anything", "anything"),
}
MEASURED = {"has_share_in", "shared_by"}
DERIVED = {"in_group_of", "group_includes", "boss_group", "group_staff", *MEASURED}
ATTRIBUTES = {
    "owns": ["share", "booked", "amount", "note"],
    "controls": ["votes", "booked"],
    "linked_with": ["booked"],
    "knows": ["strength", "met"],
    "works_at": ["role", "pay"],
}
BASE = {"owned_by": "owns", "controlled_by": "controls", "linked_from": "linked_with", "employs": "works_at"}
FIELDS = {
    "Org": ["country", "size", "founded"],
    "Company": ["country", "size", "founded", "sector", "tags_of", "listed", "worth", "seen"],
    "Bank": ["country", "size", "founded", "sector", "rating", "worth"],
    "Person": ["country", "born"],
    "anything": [],
}
KIND = {
    "country": "text",
    "sector": "text",
    "note": "text",
    "role": "text",
    "name": "text",
    "type": "text",
    "id": "text",
    "predicate": "text",
    "tags_of": "list",
    "source": "list",
    "listed": "boolean",
    "worth": "money",
    "seen": "moment",
    "recorded_at": "moment",
    "size": "integer",
    "votes": "integer",
    "pay": "integer",
    "degree": "integer",
    "rating": "decimal",
    "strength": "decimal",
    "confidence": "decimal",
    "share": "percent",
    "amount": "money",
    "booked": "day",
    "founded": "day",
    "born": "day",
    "met": "day",
    "since": "day",
    "until": "day",
}
NAMES = ["Ann", "Bob", "Cid", "Dora", "Eve", "ACME", "Bolt", "Cog", "Dyn", "Élan"]
DAYS = ["2019-05-04", "2020-01-01", "2020-06-15", "2021-03-31", "2022-12-31", "2023-07-01"]
DATES = [*DAYS, "2020", "2021-03", "2020-06", "2022"]
MOMENTS = ["2020-06-15T23:30:00Z", "2020-06-15T00:30:00+02:00", "2021-03-31T12:00:00Z", "2021-06-01T00:00:00Z"]
TODAY = "2021-06-01"
GIVEN: dict[str, Any] = {
    "some": ["e1", "e2"],
    "one": ["e0"],
    "nobody": [],
    "empty": [],
    "whole": 2,
    "words": "DE",
    "several": ["FR", "Steel"],
    "part": "33.3%",
    "day": "2020-06-15",
    "period": "2020",
}
"""What the parameters of random questions stand for; ``then`` is the moment after the first transaction."""


@dataclass
class Network:
    """A network as it was told: entities and relations as plain values."""

    entities: list[tuple[str, str, dict[str, Any], list[str]]] = field(default_factory=list)
    relations: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    dense: list[str] = field(default_factory=list)

    def write(self, graph: relgraph.Graph) -> None:
        """Write it in one transaction."""
        with graph.transaction() as tx:
            for identifier, kind, values, tags in self.entities:
                tx.add(kind, id=identifier, tags=tags, **values)
            for index, (subject, predicate, target, values) in enumerate(self.relations):
                tx.relate(subject, predicate, target, id=f"r{index:02}", **values)

    def change(self, graph: relgraph.Graph, random: Random) -> None:
        """Change some of what is there in a transaction of its own."""
        there = {one.id for one in graph.entities()}
        held = {one.id for one in graph.relations(ever=True)}
        alive = [index for index in range(len(self.relations)) if f"r{index:02}" in held]
        entities = [one for one in self.entities if one[0] in there]
        again = [one for one in self.relations if one[0] in there and one[2] in there]
        trashed: set[str] = set()
        with graph.transaction() as tx:
            for index in random.sample(alive, min(len(alive), random.randint(0, 4))):
                match random.randrange(3):
                    case 0:
                        tx.retract(f"r{index:02}")
                    case 1 if self.relations[index][1] in ATTRIBUTES:
                        name = random.choice(ATTRIBUTES[self.relations[index][1]])
                        tx.update(f"r{index:02}", **{name: _stored(random, name)})
                    case _:
                        tx.update(f"r{index:02}", confidence=0.7)
            for subject, predicate, target, values in random.sample(again, min(len(again), random.randint(0, 2))):
                tx.relate(subject, predicate, target, id=f"n{random.randrange(10**6):06}", **values)
            for identifier, kind, _, _ in random.sample(entities, min(len(entities), random.randint(0, 2))):
                tx.update(identifier, name=random.choice(NAMES), country=random.choice(["DE", None]))
                if random.random() < 0.3:
                    tx.tag(identifier, "vip")
                if random.random() < 0.3 and kind == "Person" and len(trashed) < len(entities) - 1:
                    trashed.add(identifier)
            for identifier in trashed:
                tx.trash(identifier)

    def turn(self, graph: relgraph.Graph, random: Random) -> None:
        """Do what changes much at once: take a transaction back, merge, retype, or bring back from the trash."""
        there = list(graph.entities())
        orgs = [one for one in there if one.type != "Person"]
        with suppress(relgraph.RelgraphError):
            match random.randrange(4):
                case 0:
                    graph.undo(random.choice(list(graph.transactions())).id)
                case 1 if len(there) > 1:
                    one, other = random.sample(there, 2)
                    graph.merge(one.id, other.id)
                case 2 if orgs:
                    graph.update(random.choice(orgs).id, type=random.choice(["Company", "Bank"]))
                case _:
                    trashed = [one[0] for one in self.entities if one[0] not in {thing.id for thing in there}]
                    if trashed:
                        graph.restore(random.choice(trashed))

    def __str__(self) -> str:
        return "\n".join([*(map(repr, self.entities)), *(map(repr, self.relations))])


def network(random: Random) -> Network:
    """Return a random network of a few entities."""
    made = Network()
    kinds: dict[str, list[str]] = {"Company": [], "Bank": [], "Person": []}
    # dense ones of few types and predicates: where walks meet themselves
    dense = random.random() < 0.5
    choices = [random.choice(["Company", "Person"])] if dense else ["Company", "Company", "Bank", "Person", "Person"]
    for index in range(random.randint(3, 7)):
        kind = random.choice(choices)
        values: dict[str, Any] = {"name": random.choice(NAMES)}
        for name in FIELDS[kind]:
            if random.random() < 0.6:
                values[name] = _stored(random, name)
        tags = [one for one in ("vip", "bad") if random.random() < 0.3]
        made.entities.append((f"e{index}", kind, values, tags))
        kinds[kind].append(f"e{index}")
    people, orgs = kinds["Person"], kinds["Company"] + kinds["Bank"]
    everyone = people + orgs
    ends = {
        "owns": (everyone, orgs),
        "controls": (everyone, orgs),
        "linked_with": (everyone, everyone),
        "knows": (people, people),
        "partner_of": (orgs, orgs),
        "works_at": (people, orgs),
    }
    chosen = random.sample(list(ends), 2) if dense else list(ends)
    made.dense = [one for one in chosen if ends[one][0] and ends[one][1]] if dense else []
    often = 0.15 if dense else 0.7
    for _ in range(random.randint(4, 16) if dense else random.randint(0, 14)):
        predicate = random.choice(chosen)
        left, right = ends[predicate]
        if not left or not right:
            continue
        subject, target = random.choice(left), random.choice(right)
        if subject == target and predicate == "works_at":
            continue
        values = {one: _stored(random, one) for one in ATTRIBUTES.get(predicate, []) if random.random() < often}
        if random.random() < often / 2:
            values["since"] = random.choice(DATES)
        if random.random() < often / 2:
            until = random.choice(DATES)
            if until > str(values.get("since", "")) and not until.startswith(str(values.get("since", "x"))):
                values["until"] = until
        if random.random() < 0.2:
            values["source"] = random.choice(["report", "press"])
        if random.random() < 0.2:
            values["confidence"] = random.choice([0.5, 0.9])
        made.relations.append((subject, predicate, target, values))
    return made


def _stored(random: Random, name: str) -> Any:
    match KIND[name]:
        case "text":
            return random.choice(["DE", "FR", "dé", "Steel", "CFO"])
        case "list":
            return random.sample(["DE", "FR", "dé"], random.randint(1, 2))
        case "integer":
            return random.randint(0, 3)
        case "decimal":
            return random.choice(["0.5", "0.25", "1", "0"])
        case "percent":
            return random.choice(["10%", "50%", "33.3%", "0%"])
        case "money":
            return random.choice(["10 EUR", "2.50 EUR", "10 EUR", "7 USD"])
        case "boolean":
            return random.choice([True, False])
        case "moment":
            return random.choice(MOMENTS)
        case _:
            return random.choice(DAYS if name == "booked" else DATES)


class Questions:
    """Makes up texts; most of them have a meaning, those that have none are refused by the binder."""

    def __init__(self, random: Random, made: Network) -> None:
        self.random = random
        self.made = made
        self.names: list[tuple[str, str, str]] = []
        self.count = 0

    def text(self) -> str:
        """Return a question."""
        self.names = []
        self.count = 0
        return self.any_form() + self.maybe(0.08, lambda: " known at $then")

    def any_form(self) -> str:
        form = self.random.random()
        if self.made.dense and form < 0.4:
            return self.bare()
        if form < 0.68:
            return self.find()
        if form < 0.76:
            one, other = self.plain(), self.plain()
            operator = self.random.choice(["union", "intersect", "minus"])
            return (
                f"({one}) {operator} ({other}){self.maybe(0.2, self.time)}{self.maybe(0.3, lambda: ' show name, type')}"
            )
        if form < 0.84:
            return self.relations()
        return self.paths() if form < 0.93 else self.cycles()

    def maybe(self, chance: float, make: Any) -> str:
        return make() if self.random.random() < chance else ""

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    # -- find ----------------------------------------------------------------------------------------------------

    def plain(self) -> str:
        kept, self.names = self.names, []
        kind = self.kind()
        text = f"find {kind}{self.maybe(0.3, lambda: self.filter(kind))} {self.clause(kind, 2, named=False)}"
        text += self.maybe(0.15, self.time)
        self.names = kept
        return text

    def bare(self) -> str:
        """Return a question of chains alone, over predicates that the network is full of: what is different counts."""
        kind = "Person" if "knows" in self.made.dense else self.pick("anything", "Org")
        text = f"find {kind}"
        named = self.random.random() < 0.5
        if named:
            text += f" as {self.name(kind, 'entity')}"
        forms = [self.bare_chain(kind, 4, named=named) for _ in range(self.random.choice([1, 1, 1, 2]))]
        form = self.random.random()
        if form < 0.2:
            forms[-1] = f"not {self.bare_chain(kind, 4, named=False)}"
        elif form < 0.3:
            forms[-1] = f"only {self.bare_chain(kind, 3, named=False)}"
        elif form < 0.45:
            number = self.pick("at least 2", "exactly 1", "at most 1")
            forms[-1] = f"with {number} {self.bare_chain(kind, 3, named=False)}"
        shown = [name for name, _, sort in self.names if sort != "relation" and self.random.random() < 0.4]
        columns = ", ".join(["name", "id", *shown])
        return f"{text} {' and '.join(forms)}{self.maybe(0.7, lambda: f' show {columns}')}"

    def bare_chain(self, kind: str, depth: int, *, named: bool) -> str:
        parts = []
        length = self.random.randint(1, depth)
        for index in range(length):
            reading = self.random.choice(self.made.dense)
            turned = [one for one, base in BASE.items() if base == reading]
            step = self.random.choice([reading, *turned])
            kind = (ENDS[step] if ENDS[step][0] in {kind, "anything"} else ENDS[reading])[1]
            step += self.pick("", "", "", "", "+", "*", "{2}", "{2..3}", "{3}")
            if named and self.random.random() < 0.15:
                step += f" as {self.name(step, 'relation' if step[-1] not in '+*}' else 'route')}"
            if index + 1 == length and self.random.random() < 0.6:
                known = [name for name, _, sort in self.names if sort == "entity"]
                if not known or self.random.random() < 0.6:
                    known = [f"@{one[0]}" for one in self.made.entities]
                parts.append(f"{step} {self.random.choice(known)}")
            elif depth > 1 and self.random.random() < 0.15:
                parts.append(f"{step} ({kind} {self.bare_chain(kind, depth - 1, named=named)})")
                if self.random.random() < 0.5:
                    break
            else:
                name = f" as {self.name(kind, 'entity')}" if named and self.random.random() < 0.4 else ""
                parts.append(f"{step} {kind}{name}")
        return " ".join(parts)

    def find(self) -> str:
        kind = self.kind()
        named = self.random.random() < 0.6
        text = f"find {kind}{self.maybe(0.3, lambda: self.filter(kind))}"
        if named:
            text += f" as {self.name(kind, 'entity')}"
        if self.random.random() < 0.9:
            parts = [self.clause(kind, 3, named=True) for _ in range(self.random.choice([1, 1, 2]))]
            text += " " + " and ".join(parts)
            if self.random.random() < 0.25:
                text += f" and optionally {self.chain(kind, 2, named=True)}"
        if self.random.random() < 0.35:
            text += f" where {self.condition(kind)}"
        return text + self.tails(kind)

    def kind(self) -> str:
        return self.pick("Org", "Company", "Company", "Bank", "Person", "Person", "anything", "Person|Bank")

    def name(self, kind: str, sort: str) -> str:
        self.count += 1
        name = f"n{self.count}"
        self.names.append((name, kind, sort))
        return name

    def clause(self, kind: str, depth: int, *, named: bool) -> str:
        form = self.random.random()
        if form < 0.55 or depth < 2:
            return self.chain(kind, depth, named=named)
        if form < 0.67:
            return f"not {self.chain(kind, depth - 1, named=False)}"
        if form < 0.74:
            return f"no {self.step(kind, ranged=False, named=False)[0]}"
        if form < 0.82:
            amount = self.pick(
                "at least 2",
                "at most 1",
                "exactly 1",
                "more than 1",
                "fewer than 2",
                "exactly 0",
                "at least 1 times",
                "at least 2 times",
                "exactly 1 times",
                "at least $whole",
            )
            step, end = self.step(kind, ranged=" times" not in amount and self.random.random() < 0.2, named=False)
            target = self.maybe(0.6, lambda: " " + self.target(end, depth - 1, named=False, last=True))
            return f"with {amount} {step}{target}"
        if form < 0.88:
            return f"only {self.chain(kind, 2, named=False)}"
        if form < 0.93:
            step, end = self.step(kind, ranged=self.random.random() < 0.3, named=False)
            return f"{step} every {self.type_for(end)}{self.maybe(0.4, lambda: self.filter(end))}"
        return f"({self.chain(kind, depth - 1, named=False)} or {self.chain(kind, depth - 1, named=False)})"

    def chain(self, kind: str, depth: int, *, named: bool) -> str:
        parts = []
        least = 1 if self.random.random() < 0.5 else min(2, depth)
        for index in range(self.random.randint(least, depth + 1)):
            step, end = self.step(kind, ranged=self.random.random() < 0.25, named=named)
            last = index + 1 >= least and self.random.random() < 0.5
            target = self.target(end, depth - 1, named=named, last=last)
            parts.append(f"{step} {target}")
            if last or target[0] in '"@n(':
                break
            kind = target.split("[")[0].split(" ")[0]
            if kind not in FIELDS:
                break
        return " ".join(parts)

    def target(self, end: str, depth: int, *, named: bool, last: bool) -> str:
        form = self.random.random()
        if last and form < 0.1:
            return self.pick("$some", "$some", "us", "me")
        if last and form < 0.35:
            return f"@e{self.random.randrange(len(self.made.entities))}"
        if last and form < 0.42:
            return f'"{self.pick(*NAMES)}"'
        if last and form < 0.6 and any(sort == "entity" for _, _, sort in self.names):
            return self.random.choice([name for name, _, sort in self.names if sort == "entity"])
        kind = self.type_for(end)
        if form > 0.88 and depth > 0:
            return f"({kind} {self.clause(kind, depth, named=False)})"
        text = kind + self.maybe(0.25, lambda: self.filter(kind))
        if named and self.random.random() < 0.4:
            text += f" as {self.name(kind, 'entity')}"
        return text

    def type_for(self, end: str) -> str:
        if self.made.dense and self.random.random() < 0.4:
            return "anything"
        if end == "anything":
            return self.pick("anything", "Org", "Company", "Person")
        return self.pick(end, end, *TYPES[end])

    def step(self, kind: str, *, ranged: bool, named: bool) -> tuple[str, str]:
        kinds = {"anything", *kind.split("|"), *(one for one, below in TYPES.items() if kind in below)}
        fitting = [one for one, (left, _) in ENDS.items() if left in kinds] or list(ENDS)
        close = [one for one in fitting if BASE.get(one, one) in self.made.dense]
        name = self.random.choice(close if close and self.random.random() < 0.85 else fitting)
        text = name + self.maybe(0.1 if close else 0.35, lambda: self.attribute_filter(name))
        end = ENDS[name][1]
        if self.random.random() < 0.12:
            other = self.random.choice(fitting)
            text += f"|{other}"
            end = end if ENDS[other][1] == end else "anything"
        if name in MEASURED:
            if named and self.random.random() < 0.35:
                text = f"{text.split('|')[0]} as {self.name(name, 'measure')}"
            return text.split("|")[0], ENDS[name][1]
        if ranged:
            if "|" not in text and "booked" in ATTRIBUTES.get(BASE.get(name, name), []) and self.random.random() < 0.4:
                order = f"{self.pick('rising', 'falling')} booked"
                text = f"{text[:-1]} and {order}]" if text.endswith("]") else f"{text}[{order}]"
            text += self.pick("+", "+", "*", "{2}", "{1..2}", "{2..3}", "{1..3}", "{3}")
        if named and self.random.random() < 0.35:
            sort = "relation" if not ranged and "|" not in text and name not in DERIVED else "route"
            text += f" as {self.name(BASE.get(name, name), sort)}"
        return text, end

    # -- conditions ----------------------------------------------------------------------------------------------

    def filter(self, kind: str) -> str:
        if self.random.random() < 0.2:
            return f"[{self.pick('vip', 'bad', 'not vip')}]"
        names = [*FIELDS.get(kind, []), "name", "degree"]
        return f"[{self.test(self.random.choice(names))}]"

    def attribute_filter(self, name: str) -> str:
        base = BASE.get(name, name)
        if name in MEASURED:
            return f"[{self.test('share')}]"
        if base in DERIVED:
            return ""
        if name == "any":
            return self.pick("[ever]", "[confidence > 0.6]", '[predicate = "owns"]', '[source = "press"]')
        if self.random.random() < 0.15:
            return self.pick(
                "[ever]",
                "[as of 2020-03-01]",
                "[during 2020]",
                "[as of today - 1 year]",
                "[as of $day]",
                "[during 2019 to 2020-Q2]",
                "[during $period]",
                "[ever and confidence is missing]",
            )
        names = [*ATTRIBUTES.get(base, []), "since", "until", "confidence"]
        chosen = self.random.choice(names)
        relations = [one for one, of, sort in self.names if sort == "relation" and chosen in ATTRIBUTES.get(of, [])]
        if relations and KIND[chosen] in {"integer", "percent", "decimal", "day"} and self.random.random() < 0.5:
            return f"[{chosen} {self.pick('=', '<', '>=')} {self.random.choice(relations)}.{chosen}]"
        return f"[{self.test(chosen)}]"

    def test(self, name: str, prefix: str = "") -> str:
        said = prefix + name
        form = self.random.random()
        if form < 0.12:
            return f"{said} is {self.pick('missing', 'present')}"
        if KIND[name] == "boolean":
            return f"{said} {self.pick('=', '!=')} {self.pick('true', 'false')}"
        value = self.value(KIND[name])
        if form > 0.94 and KIND[name] == "day":
            return f"{said} {self.pick('in 2020', 'in 2021-Q1', 'in last 400 days', 'in next 2 years')}"
        match KIND[name]:
            case "text" | "list":
                if form > 0.92:
                    return f"{said} {self.pick('in', 'not in')} $several"
                if form < 0.4:
                    operator = self.pick("contains", "starts with", "ends with", "matches")
                    words = self.pick('"d"', '"E"', '"*e"', '"De"')
                    return f"{said} {operator} {words}"
                if form < 0.55:
                    return f"{said} {self.pick('in', 'not in')} ({value}, {self.value('text')})"
                return f"{said} {self.pick('=', '!=')} {value}"
            case kind:
                if form < 0.25:
                    low, high = sorted([value, self.value(kind)])
                    return f"{said} between {low} and {high}"
                if form < 0.35:
                    return f"{said} {self.pick('in', 'not in')} ({value}, {self.value(kind)})"
                return f"{said} {self.pick('=', '!=', '<', '<=', '>', '>=')} {value}"

    def value(self, kind: str) -> str:
        match kind:
            case "text" | "list":
                return self.pick('"DE"', '"FR"', '"dé"', '"Steel"', '"ACME"', "$words")
            case "integer":
                return self.pick("0", "1", "2", "3", "$whole")
            case "decimal":
                return self.pick("0.5", "0.25", "1", "0", "25%")
            case "percent":
                return self.pick("10%", "50%", "33.3%", "0", "$part")
            case "money":
                return self.pick("10 EUR", "5 EUR", "7 USD")
            case "moment":
                return self.pick(*MOMENTS, "2020-06-15", "2021-03-31", "2020", "2020-06")
            case _ if self.random.random() < 0.15:
                return self.pick("today", "today - 1 year", "$period", "today + 3 months")
            case _:
                return self.pick(*DAYS, "2020", "2021-03", "2020-Q2", "2022")

    def condition(self, kind: str) -> str:
        named = [(one, of) for one, of, sort in self.names if sort == "entity" and FIELDS.get(of)]
        if len(named) > 1 and self.random.random() < 0.4:
            (one, first), (other, second) = self.random.sample(named, 2)
            both = [name for name in FIELDS[first] if name in FIELDS[second] and name != "tags_of"]
            if both:
                chosen = self.random.choice(both)
                return f"{one}.{chosen} {self.pick('=', '!=', '<')} {other}.{chosen}"
        relations = [(one, of) for one, of, sort in self.names if sort == "relation" and ATTRIBUTES.get(of)]
        if relations and self.random.random() < 0.5:
            one, of = self.random.choice(relations)
            return self.test(self.random.choice([*ATTRIBUTES[of], "since"]), f"{one}.")
        if named and self.random.random() < 0.4:
            one, of = self.random.choice(named)
            return self.test(self.random.choice(FIELDS[of]), f"{one}.")
        if relations and self.random.random() < 0.3:
            return self.computed(relations)
        if self.random.random() < 0.1:
            return self.pick("has tag vip", "not has tag bad", "size + 1 > 2", "size * 2 >= degree", "name.x = 1")
        names = [*FIELDS.get(kind, []), "name"]
        text = self.test(self.random.choice(names))
        if self.random.random() < 0.3:
            text = (
                f"not {text}" if self.random.random() < 0.5 else f"{text} {self.pick('and', 'or')} {self.test('name')}"
            )
        return text

    def computed(self, relations: list[tuple[str, str]]) -> str:
        """Return a comparison with arithmetic on a side."""
        one, of = self.random.choice(relations)
        other, like = self.random.choice(relations)
        numbers = {"owns": "share", "controls": "votes", "knows": "strength", "works_at": "pay"}
        if of in numbers and like == of:
            operator, factor = self.pick("<", ">=", "!="), self.pick("0.5", "2", "1")
            return f"{one}.{numbers[of]} {operator} {factor} * {other}.{numbers[of]}"
        if {of, like} <= {"owns", "controls", "linked_with"}:
            return self.pick(
                f"{one}.booked {self.pick('<', '=', '>=')} {other}.booked",
                f"{one}.booked - {other}.booked > 100",
                f"{one}.booked.year = {other}.booked.year",
                f"{one}.booked + 30 < {other}.booked",
            )
        return self.pick(f"{one}.since < {other}.since", f"{one} != {other}", f"{one}.since.year >= 2020")

    # -- tails ---------------------------------------------------------------------------------------------------

    def time(self) -> str:
        return self.pick(
            " as of 2020-03-01",
            " during 2020",
            " as of any time",
            " during 2021-Q1",
            " as of today - 1 year",
            " as of $day",
            " during 2019-05-04 to $period",
        )

    def tails(self, kind: str) -> str:
        text = self.maybe(0.3, self.time)
        form = self.random.random()
        if form < 0.25:
            return text + self.groups(kind)
        if form < 0.65:
            columns = self.columns(kind)
            text += f" show {self.maybe(0.15, lambda: 'distinct ')}{', '.join(columns)}"
            plain = [one for one in columns if " as " not in one and "(" not in one]
            if plain and self.random.random() < 0.5:
                text += f" order by {self.random.choice(plain)}{self.maybe(0.5, lambda: ' desc')}"
        if self.random.random() < 0.2:
            text += f" limit {self.random.randint(1, 4)}{self.maybe(0.3, lambda: ' per name')}"
        return text + self.maybe(0.1, lambda: " skip 1")

    def columns(self, kind: str) -> list[str]:
        choices = ["name", "type", "degree", *FIELDS.get(kind, [])]
        for one, of, sort in self.names:
            match sort:
                case "entity":
                    choices += [one, f"{one}.name", *(f"{one}.{name}" for name in FIELDS.get(of, []))]
                case "relation":
                    choices += [one, f"{one}.since", *(f"{one}.{name}" for name in ATTRIBUTES.get(of, []))]
                    if of in {"owns", "controls", "linked_with"}:
                        choices += [f"{one}.booked.year", f"{one}.booked.quarter"]
                    if of == "owns":
                        choices += [f"{one}.amount.currency"]
                    if of in {"owns", "controls", "linked_with"}:
                        choices += [f"{one}.booked - {one}.since as days", f"{one}.booked + 7 as later"]
                    choices += [f"{one}.until is missing as open", f"first({one}.since, {one}.until) as at"]
                    if of == "works_at":
                        choices += [f"{one}.pay * 2 as twice", f"{one}.pay / {one}.pay as same"]
                case "measure":
                    choices += [f"{one}.share", f"{one}.share > 20% as much"]
                case _:
                    choices += [f"{one}.hops", f"{one}.entities", one]
        fitting = [name for name, (left, _) in ENDS.items() if left in {kind, "anything"} and name != "any"]
        if kind in {"Org", "Company", "Bank"}:
            choices += ["size / 2 as half", "size + degree as total", "size = 2 as two", "first(size, degree) as large"]
        choices += [f"count({self.random.choice(fitting)}) as related"]
        return list(dict.fromkeys(self.random.choice(choices) for _ in range(self.random.randint(1, 3))))

    def groups(self, kind: str) -> str:
        keys = ["name", "type", *(one for one in FIELDS.get(kind, []) if one != "tags_of")]
        for one, of, sort in self.names:
            if sort == "entity":
                keys += [one, f"{one}.name"]
            if sort == "relation" and ATTRIBUTES.get(of):
                keys += [f"{one}.{self.random.choice(ATTRIBUTES[of])}"]
        key = self.random.choice(keys)
        aggregates = ["count() as n0", "collect(name) as c0"]
        for one, of, sort in self.names:
            aggregates.append(f"count({one}) as n_{one}")
            if sort == "relation":
                for name in ATTRIBUTES.get(of, []):
                    if KIND[name] in {"integer", "percent", "decimal", "money"}:
                        function = self.pick("sum", "avg", "min", "max", "median", "collect")
                        aggregates.append(f"{function}({one}.{name}) as v_{one}_{name}")
                    else:
                        aggregates.append(f"collect({one}.{name}) as v_{one}_{name}")
                if of in {"controls", "works_at"}:
                    name = {"controls": "votes", "works_at": "pay"}[of]
                    aggregates.append(f"sum({one}.{name}) / count({one}) as mean_{one}")
                    aggregates.append(f"product({one}.{name}) as p_{one}")
            if sort == "entity" and "size" in FIELDS.get(of, []):
                aggregates.append(f"sum({one}.size) as s_{one}")
            if sort == "entity":
                aggregates.append(f"count(distinct {one}.name) as d_{one}")
                aggregates.append(f"collect({one}, name) as pairs_{one}")
            if sort == "measure":
                aggregates.append(f"max({one}.share) as m_{one}")
            if sort == "route":
                aggregates.append(f"max({one}.hops) as h_{one}")
        shown = self.random.sample(aggregates, min(len(aggregates), self.random.randint(1, 3)))
        if self.random.random() < 0.3:
            return f" show {', '.join(shown)}"
        having = self.maybe(
            0.25, lambda: f" having {self.pick('count() > 1', 'count() = 1 or count() > 2', f'{key} is present')}"
        )
        order = self.maybe(
            0.3, lambda: f" order by {self.pick('count()', shown[0].split(' as ')[1])}{self.pick('', ' desc')}"
        )
        return f" group by {key} show {key}, {', '.join(shown)}{having}{order}{self.maybe(0.1, lambda: ' limit 2')}"

    # -- others --------------------------------------------------------------------------------------------------

    def relations(self) -> str:
        name = self.pick(*(one for one in ENDS if one not in DERIVED and one != "any"))
        text = "find relations" + self.maybe(0.7, lambda: f" {name}")
        if self.random.random() < 0.4 and name in text:
            text += self.attribute_filter(name)
        form = self.random.random()
        if form < 0.2:
            text += f" with @e{self.random.randrange(len(self.made.entities))}"
        elif form < 0.3:
            text += f" between {self.kind()} and {self.kind()}"
        elif form < 0.6 and name in text:
            text += f" from {self.type_for(ENDS[name][0])}" + self.maybe(
                0.5, lambda: f" to {self.type_for(ENDS[name][1])}"
            )
        return text + self.maybe(0.3, self.time)

    def via(self) -> str:
        if self.made.dense and self.random.random() < 0.7:
            return self.random.choice(self.made.dense)
        first = self.pick("knows", "owns", "owned_by", "partner_of", "linked_with", "controls", "any", "in_group_of")
        if first in {"any", "in_group_of"}:
            return first
        return first + self.maybe(0.2, lambda: "|" + self.pick("owns", "knows", "linked_with", "works_at"))

    def paths(self) -> str:
        via = self.via()
        end = self.pick("all paths", "shortest paths", "shortest path", "2 shortest paths")
        prefer = ""
        if via in {"knows", "owns"} and self.random.random() < 0.4:
            end = self.pick("strongest paths", "strongest path", "3 strongest paths")
            prefer = f" prefer {'strength' if via == 'knows' else 'share'}"
        ends = [
            self.pick(f"@e{self.random.randrange(len(self.made.entities))}", "Person", "Org", "anything") for _ in "ab"
        ]
        hops = self.pick("{1..3}", "{1..2}", "{2..3}", "{3}", "+"[:0])
        text = f"find {end} from {ends[0]} to {ends[1]} via {via}{hops}"
        text += self.maybe(0.15, lambda: f" through {self.pick('Org', 'Person', 'Bank')}")
        text += self.maybe(0.15, lambda: f" avoiding {self.pick('Bank', '@e0', 'anything[bad]')}")
        text += prefer
        if not prefer and via in {"owns", "linked_with", "owned_by"}:
            text += self.maybe(0.3, lambda: " rising booked")
        elif prefer and via == "owns":
            text += self.maybe(0.2, lambda: " rising booked")
        return text + self.maybe(0.3, self.time)

    def cycles(self) -> str:
        via = self.via()
        text = f"find cycles via {via}{self.pick('{2..4}', '{1..3}', '{2..3}', '{3..5}')}"
        text += self.maybe(0.2, lambda: f" through {self.pick('Org', 'Person', '@e0')}")
        text += self.maybe(0.1, lambda: f" avoiding {self.pick('Bank', '@e1')}")
        if via in {"owns", "linked_with", "owned_by", "controls"}:
            text += self.maybe(0.35, lambda: " rising booked")
        return text + self.maybe(0.3, self.time)
