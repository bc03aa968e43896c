"""The meaning of a question, bound to a vocabulary: what an engine runs.

A question reaches this form from text, Python or JSON (see :mod:`relgraph.query.syntax` for the unbound form).
Here every type, predicate and attribute exists, every direction is explicit, every literal has the kind of the
field it meets, and time stands on every step. Nothing here knows of positions in a text.

**Words used below.** A *thing* is an entity, a relation or a route. A *test* is true or false of *the thing under
test*, which :class:`This` stands for: in the brackets after a type the entity, in the brackets after a predicate
the relation, elsewhere the subject of the clause (the found entity, or the entity in front of a clause in
parentheses). *The way* to the thing under test is the tuple of entities from the found one to it, both
included: it starts as the found entity alone, and every link of a chain adds the entity it reaches.

**Difference.** A link of a chain may only reach an entity that is on no position of the way so far; entities inside a
hop range, and inside a :class:`Composite`, are not on the way. The way continues into the ``inner`` test of a pattern
in parentheses, and into ``Not``, ``Only``, ``Count``, ``Optional`` and ``Every``; it does not join separate parts of
``All`` and ``AnyOf``, each of which starts from the same way. :class:`Same` is exempt: it may be on the way already,
and so is the entity reached by ``*`` without a hop (it is the one the step started from).

**Two values.** A comparison that meets something missing, or something uncertain (a partial date that straddles,
unlike currencies), is false, whatever the operator; ``Not`` of it is true.

**Rows.** A find has one row for each distinct combination of ``tail.things``; a name inside ``Optional`` may be
missing (None) in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

ValueKind = Literal[
    "text",
    "integer",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "partial date",
    "percent",
    "money",
    "period",
    "duration",
    "entity",
    "relation",
    "route",
]
"""The kind of a value in an expression.

Fields of kind url, email, phone, country and choice count as ``text``. ``period`` is a :class:`Days`, ``duration`` a
number of days (int), ``route`` what a named hop range or a path query gives.
"""
Sort = Literal["entity", "relation", "route"]
Unit = Literal["day", "week", "month", "quarter", "year"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]

FOUND = ""
"""The name under which the found thing is referred to when the question gives it none."""


@dataclass(frozen=True, slots=True)
class Days:
    """A period of whole days, both ends inside."""

    first: date
    last: date


# --------------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal in the form that its kind has in Python.

    text: str; integer: int; decimal: Decimal; boolean: bool; date: ``datetime.date``; datetime: an aware
    ``datetime`` where the text gave a zone, else a naive one, to be read in the zone of the graph; period:
    :class:`Days`; percent: ``relgraph.values.Percent``; money: ``relgraph.values.Money``.

    In a comparison with a date, partial date or datetime: against a period, ``=`` is inside it, ``!=`` outside it,
    ``<`` before its first day, ``<=`` up to its last, ``>`` after its last, ``>=`` from its first. A ``date``
    compared with a datetime is the period of that one day (so literals against datetimes are bound as periods or
    datetimes). The relation attribute ``until`` is compared with a period by the last day it held, with a day as it
    is written. Text: ``=`` and its kin compare by code point, exactly.
    """

    value: object
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value given when the question runs; ``check_parameters`` turns what was given into the form of ``kind``.

    ``many``: the position takes a list as well (a list in ``in $p``; entities of a chain's end). For kind ``entity``
    the values are entity ids or names, and ``types`` are the types that the position allows (empty: any). A text is
    one of the ``choices``, where there are some, and the code of a country where ``country`` says so. The same name
    used at two positions gives two parameters that differ in what they take.
    """

    name: str
    kind: ValueKind
    many: bool = False
    types: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    country: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """The day of the question, moved by ``amount`` units (negative: back); kind ``date``.

    The day of the question is the day of the query's own ``as of``, else the calendar day in the zone of the graph.
    In the ``as of`` of the query itself it is the calendar day. Moving by months, quarters or years keeps the day of
    the month, or takes the last day of a shorter month.
    """

    amount: int = 0
    unit: Unit = "day"


@dataclass(frozen=True, slots=True)
class Named:
    """An entity by its name, to be resolved to an :class:`EntityId` before the question runs.

    ``types``: the types (with their subtypes) in which to look; empty: any.
    """

    text: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityId:
    """An entity by its id; ids of merged entities mean the entity that was kept."""

    id: str


@dataclass(frozen=True, slots=True)
class Me:
    """The entity that asks; an error when the graph was not told who that is."""

    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Us:
    """The entities on whose behalf the question is asked, those of them that fit ``types`` (empty: all)."""

    types: tuple[str, ...] = ()


Member: TypeAlias = Named | EntityId | Parameter | Me | Us
"""One way of saying which entity; ``Us`` and a list parameter may say several."""


# ----------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class This:
    """The thing under test. It appears in tests only, never in the tail."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The thing of that name in the row; :data:`FOUND` is the found thing where it has no name.

    As a value it is the thing itself: two are equal when they are the same entity, relation, or route.
    """

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of an entity or an attribute of a relation; missing (None) where the thing has none.

    Built in for entities: ``id`` text, ``name`` text (the display name), ``type`` text (the entity's own type, not an
    ancestor), ``degree`` integer (the number of relations the entity takes part in that hold in the query's own time,
    a self-relation once). Built in for relations: ``id`` text, ``predicate`` text (the stored narrow one), ``since``
    and ``until`` partial date (None: open), ``source`` text, many, ``confidence`` decimal, ``recorded_at`` datetime,
    ``recorded_by`` text, ``subject`` and ``object`` entity. Built in for routes: ``hops`` integer, ``entities``
    entity, many, ``relations`` relation, many, ``strength`` decimal (strongest paths only). ``builtin`` says that it
    is one of these (a declared field ``name`` is not ``builtin`` and is read as the field).

    ``many``: the value is a list. Comparing a list with ``=`` is true when an element equals, ``!=`` when there are
    elements and none equals, and in general any other operator when an element compares; an empty list is missing.
    """

    of: This | Ref
    name: str
    kind: ValueKind
    many: bool = False
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a value.

    ``year``, ``quarter``, ``month``, ``day`` of dates: integer. ``amount`` (decimal), ``currency`` (text) of money.

    A part that a partial date does not have is missing.
    """

    of: Expression
    part: Literal["year", "quarter", "month", "day", "amount", "currency"]
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two values added, subtracted, multiplied or divided, exactly; missing where a side is, or by zero.

    Date minus date is a duration in days. Percents are fractions: percent times money is money, percent by percent
    a decimal. Sums of unlike currencies are an error that lists them. A division that does not come out
    is rounded to 28 significant digits, half to even.
    """

    operator: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A value over the group's rows, each distinct combination of the things in ``over`` counted once.

    ``over`` names the things that ``arguments`` mention. For each combination the arguments are computed; those with
    a missing value are left out; ``distinct`` then keeps each value (tuple of values) once. ``count``: how many are
    left; with a thing as argument, how many distinct things. ``collect``: the distinct values sorted, a list (of
    tuples, where there are several arguments). ``sum`` of nothing is 0 (for money: missing), ``count`` of nothing 0,
    ``collect`` of nothing an empty list, every other of nothing missing. ``avg`` and ``median`` as for division in
    :class:`Arithmetic`; ``median`` of an even number is the mean of the middle two.
    """

    function: Literal["count", "sum", "avg", "min", "max", "median", "collect", "product"]
    arguments: tuple[Expression, ...]
    over: tuple[str, ...]
    distinct: bool
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class CountRelated:
    """``count(supplied_by)``: how many distinct entities the step reaches from ``of``, itself excepted. Integer."""

    of: Ref
    step: Step


@dataclass(frozen=True, slots=True)
class First:
    """The first argument that is present, else missing."""

    arguments: tuple[Expression, ...]
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Truth:
    """A test as a value: true or false, never missing. It holds comparisons only."""

    test: Test


Expression: TypeAlias = (
    Constant
    | Parameter
    | Today
    | Named
    | EntityId
    | Me
    | Us
    | This
    | Ref
    | Attribute
    | Part
    | Arithmetic
    | Aggregate
    | CountRelated
    | First
    | Truth
)


# ------------------------------------------------------------------------------------------------------- time


@dataclass(frozen=True, slots=True)
class AsOf:
    """Relations that hold on that day (kind date): ``since <= day < until``, by the widest period."""

    day: Constant | Parameter | Today


@dataclass(frozen=True, slots=True)
class During:
    """Relations whose period shares a day with the period from ``first``'s first day to ``last``'s last day.

    Each is a constant of kind period or date, a parameter of kind period, or today. ``during P`` has the same twice.
    """

    first: Constant | Parameter | Today
    last: Constant | Parameter | Today


@dataclass(frozen=True, slots=True)
class AnyTime:
    """Relations whatever their period; those of separate steps need not overlap."""


Validity: TypeAlias = AsOf | During | AnyTime


@dataclass(frozen=True, slots=True)
class Time:
    """The time of a query.

    ``valid`` is already copied to every step that does not say otherwise (``Stored.when``, ``Measure.when``); it
    still says what ``today`` is, and which relations ``degree`` counts. ``known_at``: answer from what had been told
    by then (a datetime, or a date: told by the end of that day); None: from all that is known.
    """

    valid: Validity
    known_at: Constant | Parameter | Today | None = None


# ------------------------------------------------------------------------------------------------------ steps


@dataclass(frozen=True, slots=True)
class Stored:
    """Relations of any of these stored predicates, walked from left to right of the chain.

    ``predicates`` holds the predicate that was written and all that imply it, or every predicate for ``any``.
    ``direction``: ``out`` walks from subject to object, ``in`` from object to subject, ``both`` either way (symmetric
    predicates, and ``any``). ``test`` is about the one relation (:class:`This`); outer names may occur in it, and it
    never holds chains. A self-relation never satisfies a step of a chain, count or path. ``written`` is the name in
    the question.
    """

    predicates: tuple[str, ...]
    direction: Literal["out", "in", "both"]
    when: Validity
    test: Test | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Composite:
    """A derived predicate as the steps it stands for, one after the other.

    It joins X and Y, X != Y, when there is a chain of these steps from X to Y whose entities (the two ends and those
    between steps) all differ; the inner ones are not compared with the rest of the question. One such pair is one
    hop, whatever its length. It has no relation of its own, so it has no attributes and no test.
    """

    steps: tuple[Step, ...]
    written: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A derived predicate that an analysis computes, such as the integrated share. It has no relation of its own.

    ``forward``: the entity on the left is the one that holds (``ultimately_owns``), else the one that is held. It
    joins X and Y where the measure of X in Y is more than 0 and ``test`` holds; in it ``Attribute(This(),
    attribute)`` (kind percent) is the measure. ``over`` is the step that it runs over, read from holder to held, and
    ``share`` the attribute of those relations that it reads.
    """

    measure: str
    forward: bool
    over: Step
    share: str | None
    attribute: str
    when: Validity
    test: Test | None = None
    written: str = ""


Alternative: TypeAlias = Stored | Composite | Measure


@dataclass(frozen=True, slots=True)
class Hops:
    """How many relations one after the other: at least ``least``, at most ``most`` (None: no limit).

    Between the two ends there must be a path of that length that repeats no entity. ``least`` 0 also takes the entity
    itself. With ``least`` 0 or 1 and no order this is reachability.
    """

    least: int = 1
    most: int | None = 1


ONE_HOP = Hops(1, 1)


@dataclass(frozen=True, slots=True)
class Rising:
    """Along a range, read from left to right, each relation's attribute is strictly greater than the one before.

    ``falling`` turns it round. A relation without the attribute takes no part. ``kind`` is that of the attribute.
    """

    attribute: str
    kind: ValueKind
    falling: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From one entity to the next: by any of the alternatives, as often as ``hops`` says (each hop by any of them).

    ``name`` puts the relation into the row. Where ``is_route``, it puts the route there: of all paths in the range the
    shortest; of those the first in order of (predicate, id of the entity reached, relation id) hop by hop. A route by
    ``*`` without a hop has 0 hops, its one entity, and no relation. That of a :class:`Measure` (always alone, with one
    hop) has its two ends, and the measure as an attribute. ``order`` needs all to hold along the route.
    """

    alternatives: tuple[Alternative, ...]
    hops: Hops = ONE_HOP
    order: tuple[Rising, ...] = ()
    name: str | None = None

    @property
    def is_route(self) -> bool:
        """Whether its name is a route rather than one relation."""
        return self.hops != ONE_HOP or any(not isinstance(one, Stored) for one in self.alternatives)


# ----------------------------------------------------------------------------------------------------- entities


@dataclass(frozen=True, slots=True)
class TypeTest:
    """An entity of this type or a subtype (``Entity``: of any) for which ``test`` holds."""

    type: str
    test: Test | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which entities may stand at a position.

    ``types``: one of these must fit. ``members``, when not empty: the entity must be one that they name (several: any
    of them), and it is a *fixed* position; inside ``Not``: none of them. ``inner``: a test with this entity as its
    subject, and the way so far, this entity included. ``name`` puts the entity into the row.
    """

    types: tuple[TypeTest, ...] = (TypeTest("Entity"),)
    members: tuple[Member, ...] = ()
    inner: Test | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Same:
    """The very entity that has this name in the row (given earlier)."""

    name: str


@dataclass(frozen=True, slots=True)
class Every:
    """Each entity that fits the pattern, at the end of a chain.

    The chain holds when from one and the same entity before the last step the step reaches each entity that fits the
    pattern and is not on the way. Where there is none, it holds. Of ``members`` of the pattern, each must be reached.
    """

    pattern: Pattern


Target: TypeAlias = Pattern | Same | Every


@dataclass(frozen=True, slots=True)
class Link:
    """A step and the entity it reaches."""

    step: Step
    target: Target


# ------------------------------------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. No parts: true."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; no names are introduced inside."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; no names are introduced inside.

    ``no p T`` is Not of the chain, ``is missing`` Not of Present.
    """

    part: Test


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; see :class:`Constant` for periods and :class:`Attribute` for lists. Both kinds go together.

    Entities compare by identity, with ``=`` and ``!=`` only; against ``Us`` or several members, ``=`` is being one of
    them.
    """

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class OneOf:
    """``in`` (or ``not in`` when negated): equal to one of the values, with ``=`` as in Compare.

    Negated and missing is false too. ``values`` is a list parameter where the question has one.
    """

    left: Expression
    values: tuple[Expression, ...] | Parameter
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """``low <= left <= high`` in the sense of Compare. ``in last 90 days`` is between ``today - 90 days`` and today."""

    left: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Present:
    """The value is there (an empty list is not)."""

    of: Expression


@dataclass(frozen=True, slots=True)
class TextTest:
    """A test of text that folds case and accents on both sides.

    ``matches``: the whole text, where ``*`` in the pattern is any text and ``?`` one character. On a list,
    ``contains`` is having an element that equals under folding, and the others hold for an element.
    """

    operator: Literal["contains", "starts with", "ends with", "matches"]
    left: Expression
    right: Constant | Parameter


@dataclass(frozen=True, slots=True)
class HasTag:
    """The entity ``of`` carries the tag."""

    tag: str
    of: This | Ref = This()


@dataclass(frozen=True, slots=True)
class Chain:
    """From the thing under test there is a way along all links, each reaching an entity that fits and differs.

    ``with p`` is a chain of one link to any entity. Names inside are in the row where the chain stands at a place
    where a row must have it.
    """

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Only:
    """The first step reaches something, and all that it reaches satisfies the first target and the rest of the chain.

    What the first step reaches: the entities not on the way that it leads to, whatever they are.
    """

    chain: Chain


@dataclass(frozen=True, slots=True)
class Count:
    """The number of distinct entities at the first link for which the chain holds, compared with ``number``.

    ``relations``: the number of distinct relations of the first step instead (the step has one hop). Kind integer.
    """

    operator: Operator
    number: int | Parameter
    chain: Chain
    relations: bool = False


@dataclass(frozen=True, slots=True)
class Optional:
    """Never drops a row.

    Each way along the chain is a row with its names, and where there is none, one row without them.

    Stands only as a part of the find's own ``All``.
    """

    chain: Chain


Comparison: TypeAlias = Compare | OneOf | Between | Present | TextTest | HasTag
Test: TypeAlias = All | AnyOf | Not | Comparison | Chain | Only | Count | Optional


# ----------------------------------------------------------------------------------------------------- queries


@dataclass(frozen=True, slots=True)
class Variable:
    """A thing that the row may hold: its name, its sort, and the types or predicates it can be of."""

    name: str
    sort: Sort
    kinds: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the answer: its title and how it is computed."""

    title: str
    value: Expression
    kind: ValueKind
    many: bool = False


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of the order; missing sorts last, whichever way. Text by code point; entities by name, then id."""

    value: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Tail:
    """What is done with the rows, in this order: group, having, columns, order, limit per, skip, limit.

    ``things``: the names of the things whose distinct combinations are the rows: all of the query's, or with ``show``
    those it mentions. ``grouping`` None: no aggregates, a row each. A tuple: one row for each distinct tuple of these
    values (missing is a value here); the empty tuple: exactly one row. ``distinct``: rows of equal columns become
    one. An order that leaves ties goes on with the found thing's name and id, then the other things' in ``things``
    (relations by predicate and id, routes hop by hop, then by their entities); a grouped one by its keys. ``per``: of
    rows with equal ``per``, the first ``limit``. ``limit`` None: the default cap, and the result says whether it was
    cut.
    """

    columns: tuple[Column, ...]
    things: tuple[str, ...]
    distinct: bool = False
    grouping: tuple[Expression, ...] | None = None
    having: Test | None = None
    order: tuple[OrderKey, ...] = ()
    limit: int | Parameter | None = None
    per: Expression | None = None
    skip: int | Parameter | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """The entities that fit ``found`` and for which ``test`` holds, with the named things that make it hold.

    ``test`` is All of the clause and the ``where`` section. ``variables``: the found one first, then names in order
    of the text. ``how many`` is the one column ``count``.
    """

    found: Pattern
    test: All
    variables: tuple[Variable, ...]
    time: Time
    tail: Tail


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths that repeat no entity from an entity of ``start`` to one of ``goal``, each by relations of ``step``.

    A path is a sequence of entities within ``step.hops`` (always bounded); the parallel relations of each hop are
    listed inside. One from an entity to itself is none. ``start`` and ``goal`` may be several entities: all pairs
    count together.

    ``mode`` shortest: in order of hops; strongest: in order of the product of ``prefer`` (exact; parallel relations:
    the strongest; a relation without it takes no part and is counted), largest first, then of hops; all: as shortest.
    Ties are ordered by the id of the first entity, then by the sequence of (predicate, id of the entity reached); of
    parallel relations the least predicate counts. ``count``: the first so many (``shortest path``: 1). None: all that
    tie for the first place, and for mode all, every one.

    ``through``: the path visits an entity of each; ``avoiding``: none of any of them. ``rising``: as on a step. One
    column, ``path``.
    """

    mode: Literal["shortest", "strongest", "all"]
    count: int | Parameter | None
    start: Pattern
    goal: Pattern
    step: Step
    through: tuple[Pattern, ...]
    avoiding: tuple[Pattern, ...]
    prefer: str | None
    rising: Rising | None
    variables: tuple[Variable, ...]
    time: Time
    tail: Tail


@dataclass(frozen=True, slots=True)
class Cycles:
    """Rings: closed ways that repeat no entity but the first, as long as ``step.hops`` says (always bounded).

    Each ring once, whatever entity it is entered at: it is written from its least entity (name, id), with ``rising``
    from the relation with the least value. A self-relation is a ring of one; where every alternative goes both ways,
    rings have three or more. ``through``: the ring has an entity of each; ``avoiding``: none. Parallel relations are
    listed inside. They stand in the order of their first entity, rings of one first, then hop by hop of (predicate,
    name and id of the entity reached). One column, ``path``.
    """

    step: Step
    through: tuple[Pattern, ...]
    avoiding: tuple[Pattern, ...]
    rising: Rising | None
    variables: tuple[Variable, ...]
    time: Time
    tail: Tail


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations of any of the alternatives (all :class:`Stored`) for which ``test`` holds; self-relations too.

    ``source`` is the end on the left of the reading that was written (the subject for ``owns``, the object for
    ``owned_by``), ``target`` the one on the right; of ``both``-way ones either. ``ends``: each pattern must be met by
    one of the two ends, two patterns by different ends. :class:`This` in ``test`` is the relation. One column,
    ``relation``.
    """

    alternatives: tuple[Stored, ...]
    test: Test | None
    source: Pattern | Same | None
    target: Pattern | Same | None
    ends: tuple[Pattern, ...]
    variables: tuple[Variable, ...]
    time: Time
    tail: Tail


@dataclass(frozen=True, slots=True)
class SetQuery:
    """The entities found by any (union), by all (intersect), by the first and not by the second operand (minus).

    Of an operand only its found entities count, each once; its own limit or order is none. The found thing is
    :data:`FOUND`.
    """

    operator: Literal["union", "intersect", "minus"]
    operands: tuple[Find | SetQuery, ...]
    variables: tuple[Variable, ...]
    time: Time
    tail: Tail


Query: TypeAlias = Find | Paths | Cycles | Relations | SetQuery


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A question ready to run once its names are resolved and its parameters are given.

    ``parameters``: every distinct one in it; ``names``: every distinct :class:`Named`. ``text`` is the canonical
    text.
    """

    query: Query
    parameters: tuple[Parameter, ...]
    names: tuple[Named, ...]
    text: str
