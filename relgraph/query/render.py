"""Canonical text: the one way in which a question is written, read back as the same question."""

from __future__ import annotations

from typing import Final

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.words import written_decimal, written_id, written_name, written_text
from relgraph.values import Money, Percent

_RANK: Final = {"+": 1, "-": 1, "*": 2, "/": 2}


def text(node: s.Node) -> str:
    """Return the canonical text of a question or of a part of one."""
    match node:
        case s.Query():
            return _query(node)
        case s.Tails():
            return " ".join(_tails(node))
        case s.Step() | s.Predicate() | s.AnyPredicate() | s.Hops():
            return _step_text(node)
        case s.Types() | s.TypeOption() | s.Anything() | s.Fixed() | s.Nested() | s.Every() | s.NameOf():
            return _entity(node)
        case s.Column():
            return _column(node)
        case s.OrderKey():
            return f"{expression(node.value)} desc" if node.descending else expression(node.value)
        case s.Limit():
            return f"limit {_count(node.number)}" + (f" per {expression(node.per)}" if node.per else "")
        case s.Link():
            return f"{_step_text(node.step)} {_entity(node.target)}"
        case s.Text() | s.Number() | s.Truth() | s.When() | s.Today() | s.Param() | s.Id() | s.Me() | s.Us():
            return expression(node)
        case s.Path() | s.Arithmetic() | s.Call():
            return expression(node)
        case _:
            return clause(node)  # type: ignore[arg-type]


def member_text(member: ir.Member) -> str:
    """Return how a question names one member of a position.

    >>> member_text(ir.Named("ACME", ("Company",))), member_text(ir.Me())
    ('"ACME"', 'me')
    """
    match member:
        case ir.Named(words):
            return written_text(words)
        case ir.EntityId(identifier):
            return written_id(identifier)
        case ir.Parameter(name):
            return f"${name}"
        case ir.Me():
            return "me"
        case ir.Us():
            return "us"


# ------------------------------------------------------------------------------------------------- expressions


def expression(node: s.Expression | s.Clause, *, rank: int = 0) -> str:
    """Return the text of a value or a computation; parentheses where a part binds less than ``rank``."""
    match node:
        case s.Text(value):
            return written_text(value)
        case s.Number(value):
            return _number(value)
        case s.Truth(value):
            return "true" if value else "false"
        case s.When(value):
            return value
        case s.Today(amount, unit):
            if not amount:
                return "today"
            many = "" if abs(amount) == 1 else "s"
            return f"today {'-' if amount < 0 else '+'} {abs(amount)} {unit}{many}"
        case s.Param(name):
            return f"${name}"
        case s.Id(identifier):
            return written_id(identifier)
        case s.Me():
            return "me"
        case s.Us():
            return "us"
        case s.Path(names):
            return ".".join(written_name(one) for one in names)
        case s.Arithmetic(operator, left, right):
            own = _RANK[operator]
            said = f"{expression(left, rank=own)} {operator} {expression(right, rank=own + 1)}"
            return f"({said})" if own < rank else said
        case s.Call(function, arguments, distinct):
            inner = ", ".join(expression(one) for one in arguments)
            return f"{function}({'distinct ' if distinct else ''}{inner})"
        case _:
            return clause(node)


def _number(value: object) -> str:
    match value:
        case Percent():
            return str(value)
        case Money():
            return f"{written_decimal(value.amount)} {value.currency}"
        case int():
            return str(value)
        case _:
            return written_decimal(value)  # type: ignore[arg-type]


def _count(number: int | s.Param) -> str:
    return str(number) if isinstance(number, int) else f"${number.name}"


# ----------------------------------------------------------------------------------------------------- clauses


def clause(node: s.Clause, *, within: bool = False) -> str:
    """Return the text of a clause or condition; one of several parts stands in parentheses ``within`` another."""
    match node:
        case s.All(parts) | s.AnyOf(parts):
            word = " and " if isinstance(node, s.All) else " or "
            said = word.join(_item(one) for one in parts)
            return f"({said})" if within else said
        case s.Not(part):
            inner = clause(part, within=True)
            return f"not ({inner})" if isinstance(part, s.Has) else f"not {inner}"
        case s.Chain(links):
            return " ".join(text(one) for one in links)
        case s.Has(step):
            return f"with {_step_text(step)}"
        case s.No(body):
            return f"no {text(body)}"
        case s.Only(chain):
            return f"only {text(chain)}"
        case s.Optional(chain):
            return f"optionally {text(chain)}"
        case s.Count(quantifier, number, body, times):
            return f"{quantifier} {_count(number)} {'times ' if times else ''}{text(body)}"
        case _:
            return _condition(node)


def _item(node: s.Clause, *, first: bool = False) -> str:
    """One part of a clause: ``with`` before what would not read as a sentence without it."""
    bare = isinstance(node, s.No | s.Count) or (first and isinstance(node, s.Comparison))
    said = clause(node, within=not first)
    return f"with {said}" if bare else said


def _condition(node: s.Condition) -> str:
    match node:
        case s.Comparison(operator, left, right):
            return f"{expression(left)} {operator} {expression(right)}"
        case s.In(left, values, negated):
            word = "not in" if negated else "in"
            if isinstance(values, s.Param):
                return f"{expression(left)} {word} {expression(values)}"
            return f"{expression(left)} {word} ({', '.join(expression(one) for one in values)})"
        case s.InPeriod(left, period):
            return f"{expression(left)} in {expression(period)}"
        case s.InLast(left, amount, unit, ahead):
            many = "" if amount == 1 else "s"
            return f"{expression(left)} in {'next' if ahead else 'last'} {amount} {unit}{many}"
        case s.Present(left):
            return f"{expression(left)} is present"
        case s.Missing(left):
            return f"{expression(left)} is missing"
        case s.TextTest(operator, left, right):
            return f"{expression(left)} {operator} {expression(right)}"
        case s.Between(left, low, high):
            return f"{expression(left)} between {expression(low)} and {expression(high)}"
        case s.HasTag(tag):
            return f"has tag {written_name(tag)}"
        case s.Flag(name):
            return written_name(name)
        case s.Ordered(attribute, falling):
            return f"{'falling' if falling else 'rising'} {written_name(attribute)}"
        case s.AsOf(moment):
            return f"as of {_moment(moment)}"
        case s.During(first, last):
            return f"during {expression(first)}" + (f" to {expression(last)}" if last else "")
        case s.AnyTime():
            return "ever"


def _moment(moment: s.Moment) -> str:
    return "any time" if isinstance(moment, s.AnyTime) else expression(moment)


def _filter(node: s.Clause | None) -> str:
    return f"[{clause(node)}]" if node is not None else ""


# ------------------------------------------------------------------------------------------ steps and entities


def _step_text(node: s.Step | s.Predicate | s.AnyPredicate | s.Hops) -> str:
    match node:
        case s.Predicate(name, condition):
            return f"{written_name(name)}{_filter(condition)}"
        case s.AnyPredicate(condition):
            return f"any{_filter(condition)}"
        case s.Hops(least, most):
            return _hops(least, most)
        case s.Step(alternatives, hops, name):
            said = "|".join(_step_text(one) for one in alternatives)
            return f"{said}{_hops(hops.least, hops.most) if hops else ''}{_as(name)}"


def _hops(least: int, most: int | None) -> str:
    if most is None:
        return {0: "*", 1: "+"}.get(least) or f"{{{least}..}}"
    return f"{{{least}}}" if least == most else f"{{{least}..{most}}}"


def _as(name: str | None) -> str:
    return f" as {written_name(name)}" if name is not None else ""


def _entity(node: s.Target | s.TypeOption | s.NameOf) -> str:
    match node:
        case s.TypeOption(name, condition):
            return f"{written_name(name, as_type=True)}{_filter(condition)}"
        case s.Types(options, name):
            return "|".join(_entity(one) for one in options) + _as(name)
        case s.Anything(condition, name):
            return f"anything{_filter(condition)}{_as(name)}"
        case s.NameOf(said, kind):
            return f"{written_name(kind, as_type=True)} {written_text(said)}" if kind else written_text(said)
        case s.Fixed(atoms, name):
            return _fixed(atoms) + _as(name)
        case s.Nested(found, inner, where, name):
            parts = [_entity(found)]
            parts += [_item(inner, first=True)] if inner is not None else []
            parts += [f"where {clause(where)}"] if where is not None else []
            return f"({' '.join(parts)}){_as(name)}"
        case s.Every(target):
            return f"every {_entity(target)}"


def _fixed(atoms: tuple[s.Atom, ...]) -> str:
    said = text_of_atom(atoms[0]) if atoms else ""
    for atom in atoms[1:]:
        named = isinstance(atom, s.NameOf) and atom.type is None
        said += f"{' or ' if named else ' | '}{text_of_atom(atom)}"
    return said


def text_of_atom(atom: s.Atom) -> str:
    """Return the text of one fixed entity."""
    return _entity(atom) if isinstance(atom, s.NameOf) else expression(atom)


# ----------------------------------------------------------------------------------------------------- queries


def _query(node: s.Query) -> str:
    match node:
        case s.Find(found, inner, where, tails, counting):
            parts = ["how many" if counting else "find", _entity(found)]
            parts += [_item(inner, first=True)] if inner is not None else []
            parts += [f"where {clause(where)}"] if where is not None else []
            return " ".join([*parts, *_tails(tails)])
        case s.Paths():
            return " ".join([*_paths(node), *_tails(node.tails)])
        case s.Cycles():
            parts = ["find cycles"]
            parts += [f"via {_step_text(node.via)}"] if node.via else []
            parts += [f"through {_end(one)}" for one in node.through]
            parts += [f"avoiding {_end(one)}" for one in node.avoiding]
            parts += [f"rising {written_name(node.rising)}"] if node.rising else []
            return " ".join([*parts, *_tails(node.tails)])
        case s.Relations():
            return " ".join([*_relations(node), *_tails(node.tails)])
        case s.SetQuery(operator, operands, tails):
            said = f" {operator} ".join(f"({_query(one)})" for one in operands)
            return " ".join([said, *_tails(tails)])
        case s.Grouped(query, tails):
            return " ".join([f"({_query(query)})", *_tails(tails)])
        case _:
            raise TypeError(f"{type(node).__name__} is no question")


def _end(node: s.Fixed | s.Open) -> str:
    return _entity(node)


def _paths(node: s.Paths) -> list[str]:
    parts = ["find"]
    parts += [_count(node.count)] if node.count is not None else []
    parts.append(f"{node.mode} {'paths' if node.plural else 'path'}{_as(node.name)}")
    parts += [f"from {_end(node.start)}", f"to {_end(node.goal)}"]
    parts += [f"via {_step_text(node.via)}"] if node.via else []
    parts += [f"through {_end(one)}" for one in node.through]
    parts += [f"avoiding {_end(one)}" for one in node.avoiding]
    parts += [f"prefer {written_name(node.prefer)}"] if node.prefer else []
    parts += [f"rising {written_name(node.rising)}"] if node.rising else []
    return parts


def _relations(node: s.Relations) -> list[str]:
    parts = ["find relations"]
    if node.alternatives:
        parts.append("|".join(_step_text(one) for one in node.alternatives))
    elif node.filter is not None:
        parts.append(_filter(node.filter))
    if node.name is not None:
        parts.append(_as(node.name).strip())
    parts += [f"from {_end(node.source)}"] if node.source else []
    parts += [f"to {_end(node.target)}"] if node.target else []
    parts += [f"with {_end(one)}" for one in node.touching]
    parts += [f"between {_end(node.between[0])} and {_end(node.between[1])}"] if node.between else []
    parts += [f"where {clause(node.where)}"] if node.where is not None else []
    return parts


def _column(node: s.Column) -> str:
    said = expression(node.value)
    if node.title is None:
        return said
    plain = written_name(node.title)
    return f"{said} as {plain if not plain.startswith('`') else written_text(node.title)}"


def _tails(tails: s.Tails) -> list[str]:
    parts = []
    if tails.as_of is not None:
        parts.append(f"as of {_moment(tails.as_of)}")
    if tails.during is not None:
        parts.append(_condition(tails.during))
    if tails.known_at is not None:
        parts.append(f"known at {_moment(tails.known_at)}")
    if tails.group_by:
        parts.append(f"group by {', '.join(expression(one) for one in tails.group_by)}")
    if tails.show:
        columns = ", ".join(_column(one) for one in tails.show)
        parts.append(f"show {'distinct ' if tails.distinct else ''}{columns}")
    if tails.having is not None:
        parts.append(f"having {clause(tails.having)}")
    if tails.order_by:
        parts.append(f"order by {', '.join(text(one) for one in tails.order_by)}")
    if tails.limit is not None:
        parts.append(text(tails.limit))
    if tails.skip is not None:
        parts.append(f"skip {_count(tails.skip)}")
    return parts
