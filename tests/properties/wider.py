"""Random questions in all the forms that the language has: of entities that are said, of relations with names and
conditions, of sets of sets, with every kind of value, and with every tail of more than one part."""

from __future__ import annotations

from tests.properties.fuzz import (
    ATTRIBUTES,
    BASE,
    DAYS,
    DERIVED,
    ENDS,
    FIELDS,
    KIND,
    NAMES,
    TYPES,
)
from tests.properties.questions import Questions

NUMBERS = {"integer", "decimal", "percent"}
"""Kinds that can be summed up whatever they are; amounts of money only in one currency."""
VALUES = {
    "type": ["Company", "Bank", "Person"],
    "predicate": ["owns", "controls", "linked_with", "knows", "partner_of", "works_at"],
    "id": ["e0", "e1", "e2"],
}
"""Fields of which only some values can be meant."""
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class Wider(Questions):
    """Makes up texts of the forms, clauses, values and tails that are rarer, several of them together."""

    def any_form(self) -> str:
        """Return a question of any form."""
        form = self.random.random()
        if form < 0.5:
            return self.find()
        if form < 0.56:
            return self.how_many()
        if form < 0.68:
            return self.sets()
        if form < 0.8:
            return self.relations()
        if form < 0.9:
            return self.paths() + self.way_tails(self.random.random() < 0.3)
        return self.cycles() + self.way_tails(strong=False)

    # -- what is found -------------------------------------------------------------------------------------------

    def entity(self) -> str:
        """Return an entity that is said, by its id."""
        return f"@e{self.random.randrange(len(self.made.entities))}"

    def fixed(self, end: str) -> str:
        """Return one or several entities that are said, in any way."""
        one = self.random.random()
        if one < 0.25:
            return f"{self.entity()}|{self.entity()}"
        if one < 0.4:
            return f'"{self.pick(*NAMES)}" or "{self.pick(*NAMES)}"'
        if one < 0.55:
            return f'{self.type_said(end)} "{self.pick(*NAMES)}"'
        if one < 0.65:
            return f"{self.pick('us', 'me')}|{self.entity()}"
        return self.pick(self.entity(), "$some", "$one", "us", "me")

    def type_said(self, end: str) -> str:
        """Return a type that may stand there."""
        return self.pick("Org", "Company", "Bank", "Person") if end == "anything" else self.pick(end, *TYPES[end])

    def found(self) -> tuple[str, str]:
        """Return what is found, and its type where that is known."""
        form = self.random.random()
        if form < 0.12:
            return self.pick(self.entity(), "$some", "$one", "me", "us"), "anything"
        if form < 0.18:
            kind = self.pick("Org", "Person", "Company")
            return f'{kind} "{self.pick(*NAMES)}"', kind
        kind = self.kind()
        if kind == "Person|Bank":
            return f"Person{self.maybe(0.3, lambda: self.filter('Person'))}|Bank", kind
        return f"{kind}{self.maybe(0.35, lambda: self.filter(kind))}", kind

    def find(self) -> str:
        """Return a find."""
        said, kind = self.found()
        text = f"find {said}"
        if self.random.random() < 0.6:
            text += f" as {self.name(kind, 'entity')}"
        parts = [self.clause(kind, 3, named=True) for _ in range(self.random.choice([0, 1, 1, 2, 3]))]
        text += "".join(f" {'' if index == 0 else 'and '}{one}" for index, one in enumerate(parts))
        if parts:
            text += "".join(
                f" and optionally {self.chain(kind, 2, named=True)}"
                for _ in range(self.random.choice("0012").count("1"))
            )
        text += self.maybe(0.4, lambda: f" where {self.conditions(kind)}")
        return text + self.tails(kind)

    def how_many(self) -> str:
        """Return a question of how many there are, by groups or not."""
        said, kind = self.found()
        text = f"how many {said} {self.clause(kind, 2, named=False)}"
        text += self.maybe(0.3, lambda: f" where {self.conditions(kind)}")
        keys = ["type", *(one for one in FIELDS.get(kind, []) if one != "tags_of")]
        return text + self.maybe(0.3, self.time) + self.maybe(0.4, lambda: f" group by {self.several(keys)}")

    def several(self, choices: list[str], most: int = 2) -> str:
        """Return some of several, with commas between."""
        return ", ".join(self.random.sample(choices, min(len(choices), self.random.randint(1, most))))

    # -- clauses -------------------------------------------------------------------------------------------------

    def clause(self, kind: str, depth: int, *, named: bool) -> str:
        """Return a clause."""
        form, depth = self.random.random(), max(depth, 1)
        if form < 0.45:
            return super().clause(kind, depth, named=named)
        if form < 0.55:
            return f"({self.mixed(kind, depth - 1)})"
        if form < 0.62:
            return f"{self.pick('who', 'that', 'which is')} {self.chain(kind, depth, named=named)}"
        if form < 0.68:
            return self.pick("with no ", "without ", "no ") + self.chain(kind, max(depth - 1, 1), named=False)
        if form < 0.74:
            return f"{self.pick('with', 'has')} {self.step(kind, ranged=self.random.random() < 0.3, named=False)[0]}"
        if form < 0.8:
            amount = self.pick("at least $whole times", "exactly 0 times", "at most $whole", "less than 2 times")
            step, end = self.step(kind, ranged=False, named=False)
            if {*step.split("[")[0].split("|")} & DERIVED:
                amount = amount.removesuffix(" times")
            return (
                f"{amount} {step}{self.maybe(0.7, lambda: ' ' + self.target(end, depth - 1, named=False, last=True))}"
            )
        if form < 0.85:
            step, end = self.step(kind, ranged=self.random.random() < 0.3, named=False)
            return f"{step} every {self.pick(self.fixed(end), self.nested(end, depth - 1, named=False))}"
        if form < 0.9:
            return self.test(self.random.choice([*FIELDS.get(kind, []), "name", "degree"]))
        if form < 0.95:
            return f"not ({self.mixed(kind, depth - 1)})"
        return (
            f"optionally {self.chain(kind, 2, named=True)}" if named else f"only {self.chain(kind, depth, named=False)}"
        )

    def mixed(self, kind: str, depth: int) -> str:
        """Return clauses and comparisons joined by one word."""
        parts = [
            self.clause(kind, depth, named=False)
            if self.random.random() < 0.6
            else self.test(self.random.choice([*FIELDS.get(kind, []), "name"]))
            for _ in range(self.random.randint(2, 3))
        ]
        return self.pick(" and ", " or ", " or ").join(parts)

    def nested(self, kind: str, depth: int, *, named: bool) -> str:
        """Return an entity of a chain that has clauses of its own."""
        kind = self.type_for(kind)
        inner = self.clause(kind, max(depth, 1), named=named)
        name = f" as {self.name(kind, 'entity')}" if named and self.random.random() < 0.4 else ""
        where = self.maybe(0.3, lambda: f" where {self.test(self.random.choice([*FIELDS.get(kind, []), 'name']))}")
        return f"{self.maybe(0.2, lambda: 'any ')}({self.maybe(0.3, lambda: 'find ')}{kind} {inner}{where}){name}"

    def target(self, end: str, depth: int, *, named: bool, last: bool) -> str:
        """Return what a step leads to."""
        form = self.random.random()
        if last and form < 0.2:
            return self.fixed(end)
        if depth > 0 and form < 0.35:
            return self.nested(end, depth, named=named)
        if form < 0.4:
            return f"any {self.type_said(end)}"
        return super().target(end, depth, named=named, last=last)

    def step(self, kind: str, *, ranged: bool, named: bool) -> tuple[str, str]:
        """Return a step; sometimes over several predicates, or a range that is open on a side."""
        text, end = super().step(kind, ranged=ranged, named=named)
        if ranged and " as " not in text and text.endswith("}") and self.random.random() < 0.3:
            text = f"{text[: text.rindex('{')]}{self.pick('{..2}', '{1..}', '{2..}')}"
        return text, end

    # -- tests ---------------------------------------------------------------------------------------------------

    def filter(self, kind: str) -> str:
        """Return a filter of an entity."""
        if self.random.random() < 0.6:
            return super().filter(kind)
        return f"[{self.tests([*FIELDS.get(kind, []), 'name', 'type', 'id'], 2, tags=True)}]"

    def attribute_filter(self, name: str) -> str:
        """Return a filter of a relation."""
        base = BASE.get(name, name)
        if self.random.random() < 0.6 or base in DERIVED or name == "any":
            return super().attribute_filter(name)
        text = self.tests([*ATTRIBUTES.get(base, []), "since", "until", "confidence", "source", "predicate"], 2)
        time = self.maybe(0.25, lambda: self.pick("ever", "during 2020 to 2021-03", "as of today - 1 year") + " and ")
        return f"[{time}{f'({text})' if time and ' or ' in text else text}]"

    def tests(self, names: list[str], depth: int, *, tags: bool = False) -> str:
        """Return tests of some fields, joined and nested."""
        form = self.random.random()
        if depth < 1 or form < 0.4:
            if tags and self.random.random() < 0.15:
                return self.pick("vip", "bad", "has tag vip", 'has tag "bad"')
            return self.test(self.random.choice(names))
        if form < 0.55:
            return f"not ({self.tests(names, depth - 1, tags=tags)})"
        joint = self.pick(" and ", ", ", " or ")
        parts = [f"({self.tests(names, depth - 1, tags=tags)})" for _ in range(self.random.randint(2, 3))]
        return joint.join(parts)

    def test(self, name: str, prefix: str = "") -> str:
        """Return a test of a field."""
        said = prefix + name
        form = self.random.random()
        match KIND[name]:
            case _ if name in VALUES:
                one, other = self.pick(*VALUES[name]), self.pick(*VALUES[name])
                return self.pick(f'{said} = "{one}"', f'{said} != "{one}"', f'{said} in ("{one}", "{other}")')
            case "text" | "list" if form < 0.15:
                return f'{said} = "DE" or "FR"'
            case "text" | "list" if form < 0.2:
                return f"{said} in ({self.value('text')})"
            case "integer" if form < 0.2:
                return (
                    f"{said} {self.pick(*COMPARISONS)} {self.pick('-1', '2 * (1 - 2)', '3 / 2', '$whole - 1', '0.5')}"
                )
            case "decimal" if form < 0.2:
                return f"{said} {self.pick(*COMPARISONS)} {self.pick('-0.5', '1 - 0.5', '1 / 4', '25%')}"
            case "money" if form < 0.2:
                return f"{said} {self.pick(*COMPARISONS)} {self.pick('-1 EUR', '10 EUR / 4', '2 * 5 EUR')}"
            case "moment":
                moment = self.pick("2021-03-31T12:00:00Z", "2020-06-15T00:30:00+02:00", "2021-03-31", "2020", "today")
                return f"{said} {self.pick(*COMPARISONS)} {moment}"
        return super().test(name, prefix)

    def conditions(self, kind: str) -> str:
        """Return what stands after ``where``: several conditions, joined."""
        parts = [self.condition(kind) for _ in range(self.random.choice([1, 1, 2, 3]))]
        parts = [f"({one})" if " and " in one or " or " in one else one for one in parts]
        return self.pick(" and ", " or ").join(parts)

    def condition(self, kind: str) -> str:
        """Return one condition."""
        entities = [one for one, _, sort in self.names if sort == "entity"]
        form = self.random.random()
        if entities and form < 0.15:
            one, other = self.random.choice(entities), self.random.choice([*entities, self.entity(), "me", "us"])
            return f"{one} {self.pick('=', '!=')} {other}"
        if entities and form < 0.2:
            return f"{self.random.choice(entities)} {self.pick('in', 'not in')} ({self.entity()}, {self.entity()})"
        if entities and form < 0.25:
            return f"{self.random.choice(entities)} is {self.pick('missing', 'present')}"
        ways = [one for one, _, sort in self.names if sort == "route"]
        if ways and form < 0.4:
            return f"{self.random.choice(ways)}.hops {self.pick('=', '<', '>=')} {self.pick('1', '2', '$whole')}"
        return super().condition(kind)

    # -- others --------------------------------------------------------------------------------------------------

    def sets(self) -> str:
        """Return sets of sets, each operand with a time of its own or none."""
        return f"{self.of_sets(2)}{self.maybe(0.3, self.time)}{self.set_tails()}"

    def of_sets(self, depth: int) -> str:
        """Return two or three finds put together."""
        operator = self.pick("union", "intersect", "minus")
        count = 2 if operator == "minus" else self.random.randint(2, 3)
        parts = []
        for _ in range(count):
            inner = self.of_sets(depth - 1) if depth > 1 and self.random.random() < 0.3 else self.plain()
            parts.append(f"({inner}{self.maybe(0.2, self.time) if inner[0] == '(' else ''})")
        return f" {operator} ".join(parts)

    def plain(self) -> str:
        """Return an operand of a set."""
        if self.random.random() < 0.6:
            return super().plain()
        kept, self.names = self.names, []
        said, kind = self.found()
        text = f"find {said}{self.maybe(0.5, lambda: ' ' + self.clause(kind, 2, named=False))}"
        text += self.maybe(0.3, lambda: f" where {self.conditions(kind)}") + self.maybe(0.2, self.time)
        self.names = kept
        return text

    def set_tails(self) -> str:
        """Return what follows sets."""
        form = self.random.random()
        if form < 0.3:
            key = self.pick("type", "name")
            return f" group by {key} show {key}, count() as n{self.maybe(0.5, lambda: ' having count() > 1')}"
        if form < 0.6:
            order = self.maybe(
                0.5, lambda: f" order by {self.pick('type', 'degree desc', 'name desc', 'degree, name')}"
            )
            return f" show name, type, degree{order}{self.cut()}"
        return self.pick("", " show count()", " show distinct type") if form < 0.8 else self.cut()

    def cut(self) -> str:
        """Return how many rows are given."""
        return self.maybe(0.3, lambda: f" limit {self.pick('1', '3', '$whole')}") + self.maybe(
            0.2, lambda: f" skip {self.pick('1', '$whole', '0')}"
        )

    def relations(self) -> str:
        """Return a question of relations, with names, conditions and tails."""
        names = self.random.sample([one for one in ENDS if one not in DERIVED and one != "any"], 2)
        form = self.random.random()
        chosen = names[: 1 if form < 0.7 else 2]
        said = "|".join(one + self.maybe(0.3, lambda one=one: self.attribute_filter(one)) for one in chosen)
        if form < 0.15:
            chosen, said = [], self.pick("", "[ever]", "[since is missing]", "[ever and confidence < 0.9]")
            said = said and f" {said}"
        else:
            said = f" {said}"
        name = (
            self.name(BASE.get(chosen[0], chosen[0]), "relation")
            if len(chosen) == 1 and self.random.random() < 0.5
            else ""
        )
        text = f"find relations{said}{name and f' as {name}'}"
        text += self.pins(chosen[0] if len(chosen) == 1 else "any")
        one_kind = BASE.get(chosen[0], chosen[0]) if len(chosen) == 1 else ""
        fields = [*ATTRIBUTES.get(one_kind, []), "since", "until", "confidence", "source"]
        text += self.maybe(0.35, lambda: f" where {self.tests(fields, 1)}")
        text += self.maybe(0.3, self.time)
        return text + self.relation_tails(fields, name)

    def pins(self, reading: str) -> str:
        """Return the ends of relations."""
        left, right = ENDS[reading]

        def pin(end: str) -> str:
            if self.random.random() < 0.3:
                return self.fixed(end)
            kind = self.type_for(end)
            inner = self.maybe(0.3, lambda: self.filter(kind))
            name = f" as {self.name(kind, 'entity')}" if self.random.random() < 0.4 else ""
            return f"{kind}{inner}{name}"

        match self.random.randrange(6):
            case 0:
                return f" from {pin(left)} to {pin(right)}"
            case 1:
                return f" to {pin(right)}"
            case 2:
                return f" with {self.pick(self.nested(left, 1, named=False), self.fixed('anything'))}"
            case 3:
                return f" between {self.fixed('anything')} and {self.kind()}"
            case 4:
                return f" from {self.nested(left, 1, named=False)}"
            case _:
                return ""

    def relation_tails(self, fields: list[str], name: str) -> str:
        """Return what follows relations."""
        form = self.random.random()
        if form < 0.3:
            shown = self.random.sample([*fields, "predicate", "subject", "object"], 3)
            keys = [one for one in shown if one != "source"]
            order = self.maybe(0.5, lambda: f" order by {self.pick(*keys)}{self.pick('', ' desc', ' asc')}, {keys[-1]}")
            return f" show {', '.join(shown)}{order}{self.cut()}"
        if form < 0.55:
            keys = self.random.sample(["predicate", "subject", "since", *fields], 2)
            more = [f"{self.pick('min', 'max', 'collect')}({one})" for one in fields if KIND[one] in {*NUMBERS, "day"}]
            shown = ["count() as n", *keys[:1], *self.random.sample(more, min(1, len(more)))]
            keys = list(dict.fromkeys(keys))
            return f" group by {', '.join(keys)} show {', '.join(dict.fromkeys(shown))}{self.having('n', keys[0])}"
        if name and form < 0.65:
            return f" show {name}, {name}.since, {name}.subject{self.cut()}"
        return self.cut()

    def way_tails(self, strong: bool) -> str:
        """Return what follows paths and rings."""
        form = self.random.random()
        if form < 0.25:
            return f" show {self.pick('hops', 'hops, entities', '`relations`', 'count()', 'max(hops)')}{self.cut()}"
        if form < 0.35:
            return f" group by hops show hops, count() as n{self.having('n', 'hops')}"
        if form < 0.45:
            return f" show hops, {'strength, ' if strong else ''}entities order by hops desc{self.cut()}"
        return self.cut() if form < 0.6 else ""

    def via(self) -> str:
        """Return what paths go over."""
        if self.random.random() < 0.7:
            return super().via()
        names = [one for one in ENDS if one not in DERIVED and one != "any"]
        joint = self.pick(", ", " or ", "|")
        return joint.join(self.random.sample(names, self.random.randint(2, 3)))

    # -- tails ---------------------------------------------------------------------------------------------------

    def time(self) -> str:
        """Return the time of a question."""
        if self.random.random() < 0.5:
            return super().time()
        one, other = sorted(self.random.sample([*DAYS, "2020", "2021-03"], 2))
        return self.pick(
            f" as of {self.pick(*DAYS)}",
            f" during {one} to {other}",
            " during $period",
            " during 2020 to today",
            " during $day to 2022",
            " as of today + 1 month",
        )

    def having(self, count: str, key: str) -> str:
        """Return what groups must hold."""
        tests = [
            f"{count} {self.pick(*COMPARISONS)} {self.pick('1', '2', '$whole')}",
            f"{key} is {self.pick('present', 'missing')}",
            f"{count} between 1 and 2",
            f"not {count} = 1",
            "count() * 2 > 1 + 2",
        ]
        some = self.random.sample(tests, self.random.randint(1, 3))
        return self.maybe(0.5, lambda: " having " + self.pick(" and ", " or ").join(some))

    def tails(self, kind: str) -> str:
        """Return what follows a find: groups and orders of several parts."""
        if self.random.random() < 0.4:
            return super().tails(kind)
        text = self.maybe(0.35, self.time)
        if self.random.random() < 0.45:
            return text + self.wider_groups(kind)
        columns = self.columns(kind)
        more = [one for one, _, sort in self.names if sort == "entity"]
        columns += [
            f"{one} = {self.pick('me', 'us', self.entity())} as it_{one}"
            for one in more[:1]
            if self.random.random() < 0.4
        ]
        columns += [f"{one}.name = name as same_{one}" for one in more[-1:] if self.random.random() < 0.4]
        columns += [f'{self.pick(*more)}.name as "The name"'] if more and self.random.random() < 0.3 else []
        columns = list(dict.fromkeys(columns))
        text += f" show {self.maybe(0.25, lambda: 'distinct ')}{', '.join(columns)}"
        plain = [one for one in columns if " as " not in one]
        titled = [one.rsplit(" as ", 1)[1] for one in columns if " as " in one]
        keys = [
            one for one in [*plain, *titled] if not one.endswith((".tags_of", ".entities", '"')) and one != "tags_of"
        ]
        order = [f"{one}{self.pick('', ' desc', ' asc')}" for one in self.random.sample(keys, min(2, len(keys)))]
        text += self.maybe(0.6, lambda: f" order by {', '.join(order)}") if order else ""
        limit = f" limit {self.pick('1', '2', '$whole')} per {self.pick('name', *plain)}"
        return text + (limit if self.random.random() < 0.25 else self.cut())

    def wider_groups(self, kind: str) -> str:
        """Return groups by several keys, with aggregates of everything that has a name."""
        keys = ["name", "type", *(one for one in FIELDS.get(kind, []) if one != "tags_of")]
        shown = ["count() as n"]
        for one, of, sort in self.names:
            if sort == "entity":
                keys += [one, *(f"{one}.{name}" for name in FIELDS.get(of, []) if name != "tags_of")]
                shown += [f"collect({one}.name, name) as c_{one}", f"count(distinct {one}.name) as d_{one}"]
                shown += (
                    [f"{self.pick('sum', 'avg', 'median')}({one}.size + 1) as z_{one}"]
                    if "size" in FIELDS.get(of, [])
                    else []
                )
                shown += [f"{self.pick('min', 'max')}({one}.name) as t_{one}"]
                shown += [
                    f"{self.pick('min', 'max')}({one}.{name}) as b_{one}"
                    for name in ("born", "founded")
                    if name in FIELDS.get(of, [])
                ]
            if sort == "relation":
                keys += [f"{one}.since.year", f"{one}.since"]
                shown += [
                    f"count({one}) as n_{one}",
                    f"min({one}.since) as s_{one}",
                    f"max({one}.confidence) as f_{one}",
                ]
                if of == "owns":
                    shown += [
                        f"sum({one}.amount.amount) as a_{one}",
                        f"{self.pick('sum', 'avg', 'max', 'min', 'median')}({one}.amount) as m_{one}",
                        f"sum({one}.share) / count({one}) as q_{one}",
                        f"collect(distinct {one}.amount) as k_{one}",
                        f"product({one}.share) as p_{one}",
                    ]
                if of == "works_at":
                    shown += [f"sum({one}.pay * 2 - 1) as y_{one}", f"first(max({one}.pay), 0) as l_{one}"]
            if sort == "route":
                shown += [f"sum({one}.hops) as r_{one}", f"count(distinct {one}.hops) as w_{one}"]
        keys = list(dict.fromkeys(self.random.choice(keys) for _ in range(self.random.randint(1, 3))))
        some = self.random.sample(shown, min(len(shown), self.random.randint(1, 4)))
        if self.random.random() < 0.25:
            return f" show {', '.join(some)}"
        titles = [one.rsplit(" as ", 1)[1] for one in some]
        ordering = [one for one in [*titles, *keys] if one[:2] not in {"c_", "k_"}]
        order = [f"{one}{self.pick('', ' desc')}" for one in self.random.sample(ordering, min(2, len(ordering)))]
        kept = self.random.sample(keys, self.random.randint(0, len(keys)))
        text = f" group by {', '.join(keys)} show {', '.join([*kept, *some])}{self.having('count()', keys[0])}"
        shows = [one for one in order if one.split(" ")[0] in {*titles, *kept}]
        text += f" order by {', '.join(shows)}" if shows and self.random.random() < 0.6 else ""
        return text + (f" limit 1 per {kept[0]}" if kept and self.random.random() < 0.15 else self.cut())
