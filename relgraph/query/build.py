"""What each rule of the grammar builds.

The parser calls these methods from the inside out, so nothing recurses here.
"""

# ruff: noqa: D102 - a method is named after the rule or alias of the grammar that it builds

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from lark import Token, Transformer

from relgraph.query import literals
from relgraph.query import syntax as s
from relgraph.query.problems import Refused, syntax

_OPERATORS: dict[str, s.Operator] = {"<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}
_TAILS = {
    "as_of": "as of",
    "during": "during",
    "known_at": "known at",
    "group_by": "group by",
    "show": "show",
    "having": "having",
    "order_by": "order by",
    "limit": "limit",
    "skip": "skip",
}
Child = Any
"""A token or what a rule built: the grammar, not a type, says which."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that only the rule around it can place: a name, a filter, a where, a tail, a part of a path query."""

    kind: str
    value: Any
    span: s.Span


def _span(children: list[Child]) -> s.Span:
    starts = [at[0] for one in children if (at := _at(one)) != s.NOWHERE]
    ends = [at[1] for one in children if (at := _at(one)) != s.NOWHERE]
    return (min(starts), max(ends)) if starts else s.NOWHERE


def _at(child: Child) -> s.Span:
    if isinstance(child, Token):
        return (child.start_pos or 0, child.end_pos or 0)
    span: s.Span = child.span
    return span


def _pick(children: list[Child], kind: str) -> Any:
    return next((one.value for one in children if isinstance(one, Piece) and one.kind == kind), None)


def _value(child: Child) -> Any:
    """Turn a token that stands for a value into the value; what is built already stays."""
    if not isinstance(child, Token):
        return child
    span = _at(child)
    match child.type:
        case "STRING":
            return s.Text(literals.text_of(child, span), span=span)
        case "TRUE" | "FALSE":
            return s.Truth(child.type == "TRUE", span=span)
        case "INT":
            return s.Number(literals.whole(child, span), span=span)
        case "PARAM":
            return s.Param(literals.name_of(child[1:]), span=span)
        case "ID":
            return s.Id(literals.id_of(child, span), span=span)
        case "ME":
            return s.Me(span=span)
        case _:
            return s.Us(span=span)


def _atom(child: Child) -> s.Atom:
    value = _value(child)
    return s.NameOf(value.value, span=value.span) if isinstance(value, s.Text) else value


def _number(child: Token) -> int | s.Param:
    value = _value(child)
    return value if isinstance(value, s.Param) else int(value.value)


def _tails(children: list[Child]) -> s.Tails:
    given: dict[str, Any] = {}
    spans = []
    for one in children:
        if isinstance(one, Piece) and one.kind in _TAILS:
            if one.kind in given:
                said = _TAILS[one.kind]
                raise Refused(
                    syntax("twice", f"'{said}' stands twice", one.span, hint=f"write '{said}' once, with all of it")
                )
            given[one.kind] = one.value
            spans.append(one)
    show = given.pop("show", None)
    if show is not None:
        given["show"], given["distinct"] = show
    return s.Tails(**given, span=_span(spans))


def _once(pieces: list[Piece], kind: str, said: str) -> Any:
    found = [one for one in pieces if one.kind == kind]
    if len(found) > 1:
        raise Refused(syntax("twice", f"'{said}' stands twice", found[1].span, hint=f"write '{said}' once"))
    return found[0].value if found else None


def _target(end: Child, clause: Any) -> Any:
    """Return an end with a clause of its own as what parentheses would have said."""
    if clause is None:
        return end
    span = _span([end, clause])
    if isinstance(end, s.Nested):
        parts = tuple(one for one in (end.clause, end.where, clause) if one is not None)
        whole = parts[0] if len(parts) == 1 else s.All(parts, span=span)
        return replace(end, clause=whole, where=None, span=span)
    return s.Nested(end, clause, span=span)


class Builder(Transformer[Token, s.Query]):
    """One method a rule or alias of the grammar; each takes the children and gives a node."""

    # ------------------------------------------------------------------------------------------------ queries

    def start(self, children: list[Child]) -> s.Query:
        return children[0]  # type: ignore[no-any-return]

    def find_q(self, children: list[Child]) -> s.Find:
        rest = children[2:]
        clause = next((one for one in rest if not isinstance(one, Piece)), None)
        return s.Find(
            children[1],
            clause,
            _pick(rest, "where"),
            _tails(rest),
            counting=children[0].type == "HOW_MANY",
            span=_span(children),
        )

    def where(self, children: list[Child]) -> Piece:
        return Piece("where", children[1], _span(children))

    def operand(self, children: list[Child]) -> s.Query:
        return children[0]  # type: ignore[no-any-return]

    def grouped(self, children: list[Child]) -> s.Query:
        query: s.Query = children[0]
        return s.Grouped(query, _tails(children[1:]), span=_span(children)) if children[1:] else query

    def set_q(self, children: list[Child]) -> s.SetQuery:
        operator: Any = str(children[1]).lower()
        operands = tuple(one for one in children if isinstance(one, s.Query))
        return s.SetQuery(operator, operands, _tails(children), span=_span(children))

    def path_q(self, children: list[Child]) -> s.Paths:
        at = next(i for i, one in enumerate(children) if isinstance(one, Token) and one.type == "PATHS")
        said: Any = str(children[at]).lower().split()
        parts = [one for one in children if isinstance(one, Piece)]
        start, goal = _once(parts, "from", "from"), _once(parts, "to", "to")
        span = _span(children)
        for end, word in ((start, "from"), (goal, "to")):
            if end is None:
                hint = 'find shortest paths from me to "ACME" via knows{1..4}'
                raise Refused(syntax("missing-end", f"paths need '{word}'", _at(children[at]), hint=hint))
        return s.Paths(
            said[0],
            start,
            goal,
            _once(parts, "via", "via"),
            _number(children[1]) if at == 2 else None,
            said[1] == "paths",
            _pick(parts, "name"),
            tuple(one.value for one in parts if one.kind == "through"),
            tuple(one.value for one in parts if one.kind == "avoiding"),
            _once(parts, "prefer", "prefer"),
            _once(parts, "rising", "rising"),
            _tails(parts),
            span=span,
        )

    def part(self, children: list[Child]) -> Piece:
        word, value = children
        kind = word.type.lower()
        return Piece(kind, _attribute(value) if kind in {"prefer", "rising"} else value, _span(children))

    def end(self, children: list[Child]) -> Any:
        return _target(children[0], children[1] if len(children) > 1 else None)

    def via(self, children: list[Child]) -> s.Step:
        return _step(children)

    def cycle_q(self, children: list[Child]) -> s.Cycles:
        parts = []
        i = 2
        while i < len(children):
            if isinstance(children[i], Token):
                parts.append(self.part(children[i : i + 2]))
                i += 2
            else:
                parts.append(children[i])
                i += 1
        return s.Cycles(
            _once(parts, "via", "via"),
            tuple(one.value for one in parts if one.kind == "through"),
            tuple(one.value for one in parts if one.kind == "avoiding"),
            _once(parts, "rising", "rising"),
            _tails(parts),
            span=_span(children),
        )

    def rel_q(self, children: list[Child]) -> s.Relations:
        alternatives: list[Any] = []
        pieces: list[Piece] = []
        pins: list[Piece] = []
        i = 2
        while i < len(children):
            one = children[i]
            if isinstance(one, Token):
                taken = 4 if one.type == "BETWEEN" else 2
                values = [_pin(value) for value in children[i + 1 : i + taken] if not _is_and(value)]
                value = children[i + 1] if one.type == "WHERE" else tuple(values)
                pins.append(Piece(one.type.lower(), value, _span(children[i : i + taken])))
                i += taken
                continue
            if isinstance(one, Piece):
                pieces.append(one)
            else:
                alternatives.append(one)
            i += 1
        source, target = _once(pins, "from", "from"), _once(pins, "to", "to")
        return s.Relations(
            tuple(alternatives),
            _pick(pieces, "filter"),
            _pick(pieces, "name"),
            source[0] if source else None,
            target[0] if target else None,
            tuple(one.value[0] for one in pins if one.kind == "with"),
            _once(pins, "between", "between"),
            _once(pins, "where", "where"),
            _tails(pieces),
            span=_span(children),
        )

    # ------------------------------------------------------------------------------------------------- entities

    def found_type(self, children: list[Child]) -> s.Types:
        return replace(children[0], name=_pick(children, "name"), span=_span(children))  # type: ignore[no-any-return]

    def found_named(self, children: list[Child]) -> s.Fixed:
        atom = self.typed_name(children[:2])
        return s.Fixed((atom,), _pick(children, "name"), span=_span(children))

    def found_any(self, children: list[Child]) -> s.Anything:
        return s.Anything(_pick(children, "filter"), _pick(children, "name"), span=_span(children))

    def found_fixed(self, children: list[Child]) -> s.Fixed:
        return s.Fixed((_atom(children[0]),), _pick(children, "name"), span=_span(children))

    def open_type(self, children: list[Child]) -> s.Types:
        return self.found_type([one for one in children if not isinstance(one, Token)])

    open_any = found_any

    def open_nested(self, children: list[Child]) -> s.Nested:
        nodes = [one for one in children if not isinstance(one, (Token, Piece))]
        return s.Nested(
            nodes[0],
            nodes[1] if len(nodes) > 1 else None,
            _pick(children, "where"),
            _pick(children, "name"),
            span=_span(children),
        )

    def types(self, children: list[Child]) -> s.Types:
        return s.Types(tuple(children), span=_span(children))

    def typ(self, children: list[Child]) -> s.TypeOption:
        return s.TypeOption(literals.name_of(children[0]), _pick(children, "filter"), span=_at(children[0]))

    def fixed(self, children: list[Child]) -> s.Fixed:
        atoms = tuple(_atom(one) for one in children if not _is(one, "OR_NAME"))
        return s.Fixed(atoms, span=_span(children))

    def typed_name(self, children: list[Child]) -> s.NameOf:
        word, said = children
        return s.NameOf(literals.text_of(said, _at(said)), literals.name_of(word), span=_span(children))

    def name(self, children: list[Child]) -> Piece:
        return Piece("name", literals.name_of(children[1]), _span(children))

    def bracket(self, children: list[Child]) -> Piece:
        return Piece("filter", children[0], _span(children))

    # ---------------------------------------------------------------------------------------------------- steps

    def step(self, children: list[Child]) -> s.Step:
        return _step(children)

    def alt(self, children: list[Child]) -> s.Predicate:
        return s.Predicate(literals.name_of(children[0]), _pick(children, "filter"), span=_at(children[0]))

    def any_step(self, children: list[Child]) -> s.AnyPredicate:
        return s.AnyPredicate(_pick(children, "filter"), span=_at(children[0]))

    def plus(self, children: list[Child]) -> s.Hops:
        return s.Hops(1, None, span=_span(children))

    def star(self, children: list[Child]) -> s.Hops:
        return s.Hops(0, None, span=_span(children))

    def exact(self, children: list[Child]) -> s.Hops:
        number = literals.whole(children[0], _at(children[0]))
        return s.Hops(number, number, span=_span(children))

    def from_to(self, children: list[Child]) -> s.Hops:
        least, most = (literals.whole(one, _at(one)) for one in children)
        return s.Hops(least, most, span=_span(children))

    def upto(self, children: list[Child]) -> s.Hops:
        return s.Hops(1, literals.whole(children[0], _at(children[0])), span=_span(children))

    def from_(self, children: list[Child]) -> s.Hops:
        return s.Hops(literals.whole(children[0], _at(children[0])), None, span=_span(children))

    # -------------------------------------------------------------------------------------------------- clauses

    def all_of(self, children: list[Child]) -> s.All:
        return s.All(tuple(one for one in children if not isinstance(one, Token)), span=_span(children))

    def any_of(self, children: list[Child]) -> s.AnyOf:
        return s.AnyOf(tuple(one for one in children if not isinstance(one, Token)), span=_span(children))

    def group(self, children: list[Child]) -> Any:
        return children[0]

    def item(self, children: list[Child]) -> Any:
        return children[-1]

    def chain(self, children: list[Child]) -> s.Chain:
        nodes = [one for one in children if not isinstance(one, Token)]
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        links = tuple(s.Link(step, target, span=_span([step, target])) for step, target in pairs)
        return s.Chain(links, span=_span(nodes))

    def every(self, children: list[Child]) -> s.Every:
        return s.Every(children[1], span=_span(children))

    def not_(self, children: list[Child]) -> s.Not:
        return s.Not(children[1], span=_span(children))

    def has(self, children: list[Child]) -> s.Has:
        return s.Has(children[-1], span=_span(children))

    def no(self, children: list[Child]) -> s.No:
        return s.No(children[1], span=_span(children))

    def only(self, children: list[Child]) -> s.Only:
        return s.Only(children[1], span=_span(children))

    def optional(self, children: list[Child]) -> s.Optional:
        return s.Optional(children[1], span=_span(children))

    def count_test(self, children: list[Child]) -> s.Count:
        said: Any = " ".join(str(children[0]).lower().split()).replace("less", "fewer")
        times = any(_is(one, "TIMES") for one in children)
        return s.Count(said, _number(children[1]), children[-1], times, span=_span(children))

    # ----------------------------------------------------------------------------------------------- conditions

    def compare(self, children: list[Child]) -> s.Comparison:
        left, sign, right = children
        operator: Any = str(sign)
        return s.Comparison(_OPERATORS.get(operator, operator), _value(left), _value(right), span=_span(children))

    hcompare = compare

    def equals(self, children: list[Child]) -> s.Comparison | s.In:
        left, *values = [one for one in children if not _is(one, "OR_NAME")]
        if len(values) > 1:
            return s.In(left, tuple(_value(one) for one in values), span=_span(children))
        return s.Comparison("=", _value(left), _value(values[0]), span=_span(children))

    def in_(self, children: list[Child]) -> s.In:
        values = children[2] if isinstance(children[2], s.Param) else children[2].value
        return s.In(children[0], values, children[1].type == "NOT_IN", span=_span(children))

    not_in = in_

    def values(self, children: list[Child]) -> Piece:
        return Piece("values", tuple(_value(one) for one in children), _span(children))

    def given(self, children: list[Child]) -> s.Param:
        return _value(children[0])  # type: ignore[no-any-return]

    def in_period(self, children: list[Child]) -> s.InPeriod:
        return s.InPeriod(children[0], _value(children[2]), span=_span(children))

    def in_last(self, children: list[Child]) -> s.InLast:
        ahead = children[1].lower().endswith("next")
        amount = literals.whole(children[2], _at(children[2]))
        return s.InLast(children[0], amount, literals.unit(children[3]), ahead, span=_span(children))

    def present(self, children: list[Child]) -> s.Present:
        return s.Present(_value(children[0]), span=_span(children))

    def missing(self, children: list[Child]) -> s.Missing:
        return s.Missing(_value(children[0]), span=_span(children))

    def text_test(self, children: list[Child]) -> s.TextTest:
        said: Any = " ".join(str(children[1]).lower().split())
        return s.TextTest(said, children[0], _value(children[2]), span=_span(children))

    def between(self, children: list[Child]) -> s.Between:
        return s.Between(_value(children[0]), _value(children[2]), _value(children[4]), span=_span(children))

    def has_tag(self, children: list[Child]) -> s.HasTag:
        said = children[1]
        tag = literals.text_of(said, _at(said)) if said.type == "STRING" else literals.name_of(said)
        return s.HasTag(tag, span=_span(children))

    def flag(self, children: list[Child]) -> s.Flag:
        return s.Flag(literals.name_of(children[0]), span=_span(children))

    def rel_as_of(self, children: list[Child]) -> s.AsOf:
        return s.AsOf(children[1], span=_span(children))

    def rel_during(self, children: list[Child]) -> s.During:
        return replace(children[1], span=_span(children))  # type: ignore[no-any-return]

    def rel_ever(self, children: list[Child]) -> s.AnyTime:
        return s.AnyTime(span=_span(children))

    def rel_order(self, children: list[Child]) -> s.Ordered:
        return s.Ordered(_attribute(children[1]), children[0].type == "FALLING", span=_span(children))

    # ---------------------------------------------------------------------------------------------- expressions

    def path(self, children: list[Child]) -> s.Path:
        return s.Path(tuple(literals.name_of(one) for one in children), span=_span(children))

    def plus_(self, children: list[Child]) -> s.Arithmetic:
        return _arithmetic("+", children)

    def minus_(self, children: list[Child]) -> s.Arithmetic:
        return _arithmetic("-", children)

    def times_(self, children: list[Child]) -> s.Arithmetic:
        return _arithmetic("*", children)

    def over_(self, children: list[Child]) -> s.Arithmetic:
        return _arithmetic("/", children)

    def agg(self, children: list[Child]) -> s.Call:
        # the closing parenthesis is kept for the span
        *given, _ = children[1:]
        arguments = tuple(_value(one) for one in given if not _is(one, "DISTINCT"))
        distinct = bool(given) and _is(given[0], "DISTINCT")
        return s.Call(str(children[0]).lower(), arguments, distinct, span=_span(children))

    def number(self, children: list[Child]) -> s.Number:
        return literals.number(children[0], _at(children[0]))

    def negative(self, children: list[Child]) -> s.Number:
        return literals.negated(literals.number(children[0], _at(children[0])))

    def date(self, children: list[Child]) -> s.When:
        return literals.when(children[0], _at(children[0]))

    def today(self, children: list[Child]) -> s.Today:
        return s.Today(span=_span(children))

    def later(self, children: list[Child]) -> s.Today:
        return _moved(children, 1)

    def earlier(self, children: list[Child]) -> s.Today:
        return _moved(children, -1)

    # ---------------------------------------------------------------------------------------------------- tails

    def as_of(self, children: list[Child]) -> Piece:
        return Piece("as_of", children[1], _span(children))

    def during(self, children: list[Child]) -> Piece:
        return Piece("during", children[1], _span(children))

    def known_at(self, children: list[Child]) -> Piece:
        return Piece("known_at", children[1], _span(children))

    def moment(self, children: list[Child]) -> Any:
        return s.AnyTime(span=_span(children)) if _is(children[0], "ANY_TIME") else _value(children[0])

    def period(self, children: list[Child]) -> s.During:
        values = [_value(one) for one in children if not _is(one, "TO")]
        return s.During(*values, span=_span(children))

    def group_by(self, children: list[Child]) -> Piece:
        return Piece("group_by", tuple(children[1:]), _span(children))

    def show(self, children: list[Child]) -> Piece:
        columns = tuple(one for one in children if isinstance(one, s.Column))
        return Piece("show", (columns, _is(children[1], "DISTINCT")), _span(children))

    def column(self, children: list[Child]) -> s.Column:
        title = None
        if len(children) == 3:
            said = children[2]
            title = literals.text_of(said, _at(said)) if said.type == "STRING" else literals.name_of(said)
        return s.Column(_value(children[0]), title, span=_span(children))

    def having(self, children: list[Child]) -> Piece:
        return Piece("having", children[1], _span(children))

    def order_by(self, children: list[Child]) -> Piece:
        return Piece("order_by", tuple(children[1:]), _span(children))

    def okey(self, children: list[Child]) -> s.OrderKey:
        return s.OrderKey(_value(children[0]), _is(children[-1], "DESC"), span=_span(children))

    def limit(self, children: list[Child]) -> Piece:
        per = children[3] if len(children) > 2 else None
        return Piece("limit", s.Limit(_number(children[1]), per, span=_span(children)), _span(children))

    def skip(self, children: list[Child]) -> Piece:
        return Piece("skip", _number(children[1]), _span(children))


def _is(child: Child, kind: str) -> bool:
    return isinstance(child, Token) and child.type == kind


def _is_and(child: Child) -> bool:
    return _is(child, "AND")


def _pin(child: Child) -> Any:
    return s.Fixed((_atom(child),), span=_at(child)) if isinstance(child, Token) else child


def _attribute(path: s.Path) -> str:
    if len(path.names) > 1:
        said = ".".join(path.names)
        raise Refused(
            syntax("attribute", f"'{said}' is no attribute", path.span, hint="name one attribute of the relations")
        )
    return path.names[0]


def _step(children: list[Child]) -> s.Step:
    alternatives = tuple(one for one in children if isinstance(one, (s.Predicate, s.AnyPredicate)))
    hops = next((one for one in children if isinstance(one, s.Hops)), None)
    return s.Step(alternatives, hops, _pick(children, "name"), span=_span(children))


def _arithmetic(operator: Literal["+", "-", "*", "/"], children: list[Child]) -> s.Arithmetic:
    left, right = (_value(one) for one in children)
    return s.Arithmetic(operator, left, right, span=_span(children))


def _moved(children: list[Child], sign: int) -> s.Today:
    amount = literals.whole(children[1], _at(children[1]))
    return s.Today(sign * amount, literals.unit(children[2]), span=_span(children))
