"""A question as it was said: the unbound form that text, Python and JSON share.

Names stand as they were written (without backticks) and nothing is known of a vocabulary. Two questions are equal
when they say the same, wherever in a text they stand: spans are not compared. ``str(query)`` is canonical text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from relgraph.values import Money, Percent

Span: TypeAlias = tuple[int, int]
Unit = Literal["day", "week", "month", "quarter", "year"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Quantifier = Literal["at least", "at most", "exactly", "more than", "fewer than"]

NOWHERE: Span = (-1, -1)


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a question; ``span`` is where in the text it stands (start, end), or :data:`NOWHERE`."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        """Return the canonical text of this part."""
        from relgraph.query.render import text  # noqa: PLC0415 - rendering reads this module

        return text(self)


# --------------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Text(Node):
    """Text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, percent or amount of money; whole numbers are ints."""

    value: int | Decimal | Percent | Money


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class When(Node):
    """A day, month, quarter or moment as it is written: ``2024-01-01``, ``2024-Q1``, ``2024-01-01T12:00Z``."""

    value: str


@dataclass(frozen=True, slots=True)
class Today(Node):
    """``today``, moved by so many units."""

    amount: int = 0
    unit: Unit = "day"


@dataclass(frozen=True, slots=True)
class Param(Node):
    """A value that is given when the question runs: ``$name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Id(Node):
    """An entity by its id: ``@id``."""

    id: str


@dataclass(frozen=True, slots=True)
class Me(Node):
    """Who asks."""


@dataclass(frozen=True, slots=True)
class Us(Node):
    """On whose behalf it is asked."""


@dataclass(frozen=True, slots=True)
class NameOf(Node):
    """An entity by its name, of a type where one is written: ``Company "ACME"``."""

    text: str
    type: str | None = None


Atom: TypeAlias = NameOf | Id | Param | Me | Us
Value: TypeAlias = Text | Number | Truth | When | Today | Param | Id | Me | Us


# ----------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A field, a named thing, or a field of one: ``sector``, ``deal``, ``deal.since.year``."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two values added, subtracted, multiplied or divided."""

    operator: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An aggregate, or ``first``."""

    function: str
    arguments: tuple[Expression, ...] = ()
    distinct: bool = False


Expression: TypeAlias = Value | Path | Arithmetic | Call


# ------------------------------------------------------------------------------------------------ conditions


@dataclass(frozen=True, slots=True)
class All(Node):
    """Parts joined by ``and``."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Parts joined by ``or``."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not`` before a part."""

    part: Clause


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Two values compared."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class In(Node):
    """``in (..)``, ``not in (..)``, or the same with a parameter."""

    left: Expression
    values: tuple[Value, ...] | Param
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InPeriod(Node):
    """``in 2023``, ``in 2024-Q1``."""

    left: Expression
    period: Number | When | Today


@dataclass(frozen=True, slots=True)
class InLast(Node):
    """``in last 90 days``, ``in next 2 weeks``."""

    left: Expression
    amount: int
    unit: Unit
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Present(Node):
    """``is present``."""

    left: Expression


@dataclass(frozen=True, slots=True)
class Missing(Node):
    """``is missing``."""

    left: Expression


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    """``contains`` and its kin."""

    operator: Literal["contains", "starts with", "ends with", "matches"]
    left: Expression
    right: Value


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``between .. and ..``, both ends inside."""

    left: Expression
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class HasTag(Node):
    """``has tag vip``."""

    tag: str


@dataclass(frozen=True, slots=True)
class Flag(Node):
    """A tag or a field of truth in brackets: ``[vip]``."""

    name: str


@dataclass(frozen=True, slots=True)
class Ordered(Node):
    """``rising x`` or ``falling x`` in the brackets of a hop range, or after the steps of paths and cycles."""

    attribute: str
    falling: bool = False


@dataclass(frozen=True, slots=True)
class AnyTime(Node):
    """``any time`` after ``as of``, ``ever`` in brackets."""


@dataclass(frozen=True, slots=True)
class AsOf(Node):
    """``as of`` a day."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class During(Node):
    """``during`` a period, from the first to the last where two are written."""

    first: When | Number | Param | Today
    last: When | Number | Param | Today | None = None


Moment: TypeAlias = When | Number | Param | Today | AnyTime


# ---------------------------------------------------------------------------------------- steps and entities


@dataclass(frozen=True, slots=True)
class Predicate(Node):
    """A predicate with its filter, one of the alternatives of a step."""

    name: str
    filter: Clause | None = None


@dataclass(frozen=True, slots=True)
class AnyPredicate(Node):
    """``any``: every stored predicate, either way."""

    filter: Clause | None = None


@dataclass(frozen=True, slots=True)
class Hops(Node):
    """``{2}``, ``{1..4}``, ``+``, ``*``."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Step(Node):
    """Alternatives, how often, and a name."""

    alternatives: tuple[Predicate | AnyPredicate, ...]
    hops: Hops | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class TypeOption(Node):
    """A type with its filter; in a chain also a name given earlier."""

    name: str
    filter: Clause | None = None


@dataclass(frozen=True, slots=True)
class Types(Node):
    """Entities of one of these types."""

    options: tuple[TypeOption, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Anything(Node):
    """Entities of any type."""

    filter: Clause | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Fixed(Node):
    """Entities that are said one by one; only the found one may have a name."""

    atoms: tuple[Atom, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Nested(Node):
    """Entities with a clause of their own, in parentheses."""

    found: Found
    clause: Clause | None = None
    where: Clause | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Every(Node):
    """``every`` before the last entity of a chain."""

    target: Types | Anything | Fixed | Nested


Found: TypeAlias = Types | Anything | Fixed
Open: TypeAlias = Types | Anything | Nested
Target: TypeAlias = Types | Anything | Fixed | Nested | Every


# ------------------------------------------------------------------------------------------------------ clauses


@dataclass(frozen=True, slots=True)
class Link(Node):
    """A step and the entity it leads to."""

    step: Step
    target: Target


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Links one after the other, from the subject of the clause."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Has(Node):
    """``with`` a step (or a field)."""

    step: Step


@dataclass(frozen=True, slots=True)
class No(Node):
    """``no`` before a step (or a field) or a chain."""

    body: Step | Chain


@dataclass(frozen=True, slots=True)
class Only(Node):
    """``only`` before a chain."""

    chain: Chain


@dataclass(frozen=True, slots=True)
class Optional(Node):
    """``optionally`` before a chain."""

    chain: Chain


@dataclass(frozen=True, slots=True)
class Count(Node):
    """``at least 3 [times]`` before a step or chain."""

    quantifier: Quantifier
    number: int | Param
    body: Step | Chain
    times: bool = False


Condition: TypeAlias = (
    Comparison
    | In
    | InPeriod
    | InLast
    | Present
    | Missing
    | TextTest
    | Between
    | HasTag
    | Flag
    | Ordered
    | AsOf
    | During
    | AnyTime
)
Clause: TypeAlias = All | AnyOf | Not | Condition | Chain | Has | No | Only | Optional | Count


# ------------------------------------------------------------------------------------------------------ queries


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A value or a condition to show, and its title."""

    value: Expression | Clause
    title: str | None = None


@dataclass(frozen=True, slots=True)
class OrderKey(Node):
    """A value to order by."""

    value: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """At most so many rows, or so many per value."""

    number: int | Param
    per: Path | None = None


@dataclass(frozen=True, slots=True)
class Tails(Node):
    """What stands after a question, each at most once."""

    as_of: Moment | None = None
    during: During | None = None
    known_at: Moment | None = None
    group_by: tuple[Path, ...] = ()
    show: tuple[Column, ...] = ()
    distinct: bool = False
    having: Clause | None = None
    order_by: tuple[OrderKey, ...] = ()
    limit: Limit | None = None
    skip: int | Param | None = None


@dataclass(frozen=True, slots=True)
class Query(Node):
    """Any question."""

    def to_json(self) -> str:
        """Return the question as versioned JSON, which :func:`relgraph.query.jsonform.from_json` reads."""
        from relgraph.query.jsonform import to_json  # noqa: PLC0415 - it reads this module

        return to_json(self)


@dataclass(frozen=True, slots=True)
class Find(Query):
    """``find`` entities, or ``how many`` of them."""

    found: Found
    clause: Clause | None = None
    where: Clause | None = None
    tails: Tails = Tails()
    counting: bool = False


@dataclass(frozen=True, slots=True)
class Paths(Query):
    """``find shortest paths`` and its kin; ``plural`` is whether ``paths`` was said."""

    mode: Literal["shortest", "strongest", "all"]
    start: Fixed | Open
    goal: Fixed | Open
    via: Step | None = None
    count: int | Param | None = None
    plural: bool = True
    name: str | None = None
    through: tuple[Fixed | Open, ...] = ()
    avoiding: tuple[Fixed | Open, ...] = ()
    prefer: str | None = None
    rising: str | None = None
    tails: Tails = Tails()


@dataclass(frozen=True, slots=True)
class Cycles(Query):
    """``find cycles``."""

    via: Step | None = None
    through: tuple[Fixed | Open, ...] = ()
    avoiding: tuple[Fixed | Open, ...] = ()
    rising: str | None = None
    tails: Tails = Tails()


@dataclass(frozen=True, slots=True)
class Relations(Query):
    """``find relations``."""

    alternatives: tuple[Predicate | AnyPredicate, ...] = ()
    filter: Clause | None = None
    name: str | None = None
    source: Fixed | Open | None = None
    target: Fixed | Open | None = None
    touching: tuple[Fixed | Open, ...] = ()
    between: tuple[Fixed | Open, Fixed | Open] | None = None
    where: Clause | None = None
    tails: Tails = Tails()


@dataclass(frozen=True, slots=True)
class SetQuery(Query):
    """Questions combined by ``union``, ``intersect`` or ``minus``."""

    operator: Literal["union", "intersect", "minus"]
    operands: tuple[Query, ...]
    tails: Tails = Tails()


@dataclass(frozen=True, slots=True)
class Grouped(Query):
    """A question in parentheses with tails after it."""

    query: Query
    tails: Tails
