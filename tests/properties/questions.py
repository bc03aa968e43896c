"""Random texts of questions that have a meaning in their vocabulary."""

from __future__ import annotations

from tests.properties.chains import Chains
from tests.properties.fuzz import DERIVED, ENDS
from tests.properties.tails import Tails


class Questions(Chains, Tails):
    """Makes up texts; most of them have a meaning, those that have none are refused by the binder."""

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
