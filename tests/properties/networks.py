"""Random small networks, and random changes of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import relgraph
from tests.properties.fuzz import ATTRIBUTES, DATES, DAYS, FIELDS, KIND, MOMENTS, NAMES


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
