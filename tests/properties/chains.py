"""Random clauses: steps over predicates to what they lead to, one after another."""

from __future__ import annotations

from tests.properties.conditions import Conditions
from tests.properties.fuzz import ATTRIBUTES, BASE, DERIVED, ENDS, FIELDS, MEASURED, NAMES, TYPES


class Chains(Conditions):
    """Makes up clauses, from a type that they begin at."""

    def kind(self) -> str:
        return self.pick("Org", "Company", "Company", "Bank", "Person", "Person", "anything", "Person|Bank")

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
