"""Random ends of questions: of which time, what is shown, grouped, ordered and cut."""

from __future__ import annotations

from tests.properties.conditions import Conditions
from tests.properties.fuzz import ATTRIBUTES, ENDS, FIELDS, KIND


class Tails(Conditions):
    """Makes up ends of questions, of a type that is found and of what their texts name."""

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
