"""Random tests of fields, attributes, tags and computed values."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.properties.fuzz import ATTRIBUTES, BASE, DAYS, DERIVED, FIELDS, KIND, MEASURED, MOMENTS
from tests.properties.networks import Network


class Conditions:
    """Makes up tests, in brackets and after where, of what a text has named so far."""

    def __init__(self, random: Random, made: Network) -> None:
        self.random = random
        self.made = made
        self.names: list[tuple[str, str, str]] = []
        self.count = 0

    def maybe(self, chance: float, make: Any) -> str:
        return make() if self.random.random() < chance else ""

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def name(self, kind: str, sort: str) -> str:
        self.count += 1
        name = f"n{self.count}"
        self.names.append((name, kind, sort))
        return name

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
