"""From an unbound question and a vocabulary to its meaning, or to one error that tells all that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.clauses import Position, bind_clause, bind_pattern, bind_target
from relgraph.query.compute import Setting
from relgraph.query.conditions import condition
from relgraph.query.lexicon import Lexicon, Types, lexicon_of
from relgraph.query.operands import NUMBERS
from relgraph.query.parse import limit_written, parse
from relgraph.query.problems import Problem, error_of, mistyped, too_much
from relgraph.query.rewrite import any_stored
from relgraph.query.scope import State, Thing
from relgraph.query.steps import MAX_LISTED, Reached, bind_step, relation_attribute, rising
from relgraph.query.tails import bind_tail, bind_time
from relgraph.vocabulary.model import Vocabulary

LISTED_HOPS: Final = ir.Hops(1, 6)
"""How long listed paths and cycles may be where the question does not say."""

_Found = TypeVar("_Found")


def bind(question: str | s.Query, vocabulary: Vocabulary, *, listed: ir.Hops = LISTED_HOPS) -> ir.BoundQuery:
    r"""Return the meaning of a question in a vocabulary.

    ``listed``: how long listed paths and cycles may be where the question does not say. All errors are found at once
    and raised as one :exc:`QueryError`: of the class of the first in the text, with ``details["errors"]`` listing
    all.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> bind("find Person knows $p", some).parameters
    (Parameter(name='p', kind='entity', many=True, types=(), choices=(), country=False),)
    """
    text = question if isinstance(question, str) else str(question)
    query = parse(text, vocabulary)
    problems: list[Problem] = []
    bound = _Binder(text, lexicon_of(vocabulary), listed).query(query, problems)
    if problems:
        from relgraph.query.slips import slip_behind  # noqa: PLC0415 - loaded when a question is wrong

        slip = slip_behind(text, problems, vocabulary)
        raise error_of(text, [slip] if slip is not None else problems)
    written = str(query)
    limit_written(text, written)
    return ir.BoundQuery(
        bound,
        tuple(dict.fromkeys(_found(bound, ir.Parameter))),
        tuple(dict.fromkeys(_found(bound, ir.Named))),
        written,
    )


def _found(root: Any, kind: type[_Found]) -> list[_Found]:
    """Return every node of a kind, in the order of the question."""
    found, waiting = [], [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, kind):
            found.append(one)
        if isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif is_dataclass(one):
            waiting.extend(getattr(one, name.name) for name in reversed(fields(one)))
    return found


class _Binder:
    """Binds the forms of questions; what they share is in the modules it calls."""

    def __init__(self, text: str, lexicon: Lexicon, listed: ir.Hops) -> None:
        self.text = text
        self.lexicon = lexicon
        self.listed = listed

    def query(self, node: s.Query, problems: list[Problem], outer: s.Tails | None = None) -> ir.Query:
        state = State(self.text, self.lexicon, problems)
        match node:
            case s.Find():
                return self.find(state, node, outer)
            case s.Paths():
                return self.paths(state, node)
            case s.Cycles():
                return self.cycles(state, node)
            case s.Relations():
                return self.relations(state, node)
            case s.SetQuery():
                return self.set_query(state, node, outer)
            case s.Grouped():
                return self.query(_merged(state, node), problems, outer)
            case _:
                raise TypeError(f"{type(node).__name__} is no question")

    # --------------------------------------------------------------------------------------------------- find

    def find(self, state: State, node: s.Find, outer: s.Tails | None) -> ir.Find:
        time = bind_time(state, node.tails, outer)
        pattern, types = bind_pattern(state, node.found, Position(self.lexicon.everything))
        if pattern.name is None:
            found = state.entity(types).named(ir.FOUND, node.found.span)
            state.things = {ir.FOUND: found, **state.things}
            pattern = replace(pattern, name=ir.FOUND)
        parts = [bind_clause(state, one, types, top=True) for one in (node.clause, node.where) if one is not None]
        tail = bind_tail(state, node.tails, counting=node.counting, span=node.span)
        return ir.Find(pattern, ir.All(tuple(_flat(parts))), _variables(state), time, tail)

    # -------------------------------------------------------------------------------------------------- paths

    def paths(self, state: State, node: s.Paths) -> ir.Paths:
        time = bind_time(state, node.tails)
        reached, predicates = self._via(state, node.via)
        with state.closing("in the ends of paths"):
            start, start_types = bind_pattern(state, node.start, Position(self._starts(node.via)))
            reach = self._ends(node.via, start_types, reached.step.hops)
            goal, _ = bind_pattern(state, node.goal, Position(reach, node.via))
            through = tuple(bind_pattern(state, one, self._anywhere())[0] for one in node.through)
            avoiding = tuple(bind_pattern(state, one, self._anywhere())[0] for one in node.avoiding)
        count = 1 if node.count is None and not node.plural and node.mode != "all" else _number(node.count)
        prefer = self._prefer(state, node, predicates)
        order = rising(state, node.rising, node.span, predicates) if node.rising else None
        self._row(state, state.route("the path"), node.name, strength=node.mode == "strongest")
        tail = bind_tail(state, node.tails, span=node.span)
        return ir.Paths(
            node.mode,
            count,
            start,
            goal,
            reached.step,
            through,
            avoiding,
            prefer,
            order,
            _variables(state),
            time,
            tail,
        )

    def _anywhere(self) -> Position:
        return Position(self.lexicon.everything)

    def _names(self, via: s.Step | None) -> list[str] | None:
        """Return the readings of a step that exist, or None for any predicate."""
        if via is None or any(isinstance(one, s.AnyPredicate) for one in via.alternatives):
            return None
        named = [one.name for one in via.alternatives if isinstance(one, s.Predicate)]
        return named if all(one in self.lexicon.readings for one in named) else None

    def _starts(self, via: s.Step | None) -> Types:
        names = self._names(via)
        if names is None:
            return self.lexicon.everything
        return frozenset().union(*(self.lexicon.starts(one) for one in names))

    def _ends(self, via: s.Step | None, start: Types, hops: ir.Hops) -> Types:
        names = self._names(via)
        if names is None:
            return self.lexicon.everything
        return self.lexicon.reach_often(names, start, hops.least, hops.most) or self.lexicon.everything

    def _via(self, state: State, node: s.Step | None) -> tuple[Reached, tuple[str, ...]]:
        """Bind the steps of listed paths or rings, with a bounded range."""
        if node is None:
            step = ir.Step((any_stored(self.lexicon, state.when),), self.listed)
            every = tuple(self.lexicon.vocabulary.predicates)
            return Reached(step, self.lexicon.everything, state.route("any")), every
        hops = node.hops
        if hops is not None and hops.most is None:
            distance = f"find .. {node.alternatives[0]}+ as route .. show route.hops"
            hint = f"write {{1..{self.listed.most}}}; for the distance alone, without a cap: {distance}"
            state.report(too_much("unbounded", "listed paths need a longest length", node.span, hint=hint))
        elif hops is not None and (hops.most or 0) > MAX_LISTED:
            message = f"listed paths have at most {MAX_LISTED} hops"
            state.report(too_much("hops", message, hops.span if hops.span != s.NOWHERE else node.span))
        elif hops is not None and hops.least == 0 and hops.most != 0:
            state.report(
                mistyped("no-hops", "a path has at least one hop", node.span, hint=f"write {{1..{hops.most}}}")
            )
        ranged = hops or s.Hops(self.listed.least, self.listed.most)
        reached = bind_step(state, replace(node, hops=ranged), self._starts(node))
        for one in reached.step.alternatives:
            if not isinstance(one, ir.Stored):
                message = f"paths run over stored relations, and '{one.written}' is derived"
                hint = "write the stored predicates that it stands for"
                state.report(mistyped("derived-path", message, node.span, hint=hint))
        bounded = reached.step.hops if reached.step.hops.most is not None else self.listed
        step = replace(reached.step, hops=bounded)
        predicates = tuple(name for one in step.alternatives if isinstance(one, ir.Stored) for name in one.predicates)
        return replace(reached, step=step), tuple(dict.fromkeys(predicates))

    def _prefer(self, state: State, node: s.Paths, predicates: tuple[str, ...]) -> str | None:
        if node.mode != "strongest":
            if node.prefer is not None:
                hint = "'strongest paths' have the largest product of it"
                state.report(mistyped("prefer", f"{node.mode} paths prefer nothing", node.span, hint=hint))
            return None
        if node.prefer is None:
            roles = {self.lexicon.vocabulary.predicates[one].roles.get("strength") for one in predicates}
            known = [one for one in roles if one is not None]
            if len(known) == 1:
                return known[0]
            hint = "write prefer strength, or another attribute between 0 and 1"
            state.report(mistyped("prefer", "nothing says what makes a path strong", node.span, hint=hint))
            return None
        info = relation_attribute(state, node.prefer, node.span, predicates, NUMBERS | {"percent"})
        return info.name if info is not None else None

    # ------------------------------------------------------------------------------------- cycles and relations

    def cycles(self, state: State, node: s.Cycles) -> ir.Cycles:
        time = bind_time(state, node.tails)
        reached, predicates = self._via(state, node.via)
        with state.closing("in a question for cycles"):
            through = tuple(bind_pattern(state, one, self._anywhere())[0] for one in node.through)
            avoiding = tuple(bind_pattern(state, one, self._anywhere())[0] for one in node.avoiding)
        order = rising(state, node.rising, node.span, predicates) if node.rising else None
        self._row(state, state.route("the cycle"), None)
        tail = bind_tail(state, node.tails, span=node.span)
        return ir.Cycles(reached.step, through, avoiding, order, _variables(state), time, tail)

    def relations(self, state: State, node: s.Relations) -> ir.Relations:
        time = bind_time(state, node.tails)
        if node.alternatives:
            step = s.Step(node.alternatives, span=node.span)
        else:
            step = s.Step((s.AnyPredicate(node.filter, span=node.span),), span=node.span)
        bound = bind_step(state, step, self._starts(step)).step
        alternatives = tuple(one for one in bound.alternatives if isinstance(one, ir.Stored))
        if len(alternatives) < len(bound.alternatives) or bound.hops != ir.ONE_HOP:
            hint = "for derived ones: find .. as route .. show route"
            state.report(mistyped("derived-path", "only stored relations can be listed", node.span, hint=hint))
        predicates = tuple(dict.fromkeys(name for one in alternatives for name in one.predicates))
        relation = state.relation(predicates, "the relation")
        self._row(state, relation, node.name)
        starts = self._starts(step)
        source = target = None
        left = starts
        if node.source is not None:
            source, left = bind_target(state, node.source, Position(starts))
        reach = self._ends(step, left, ir.ONE_HOP)
        if node.target is not None:
            target, _ = bind_target(state, node.target, Position(reach, step))
        either = Position(starts | self._ends(step, starts, ir.ONE_HOP))
        with state.closing("where either end may be meant"):
            ends = tuple(bind_pattern(state, one, either)[0] for one in (*node.touching, *(node.between or ())))
        if len(ends) > 2 or (ends and node.source is not None and node.target is not None):
            message = "a relation has two ends, and more are said"
            state.report(mistyped("ends", message, node.span))
        test = condition(state, node.where, Setting(relation)) if node.where is not None else None
        tail = bind_tail(state, node.tails, span=node.span)
        assert not isinstance(source, ir.Every)  # noqa: S101 - the grammar has no 'every' here
        assert not isinstance(target, ir.Every)  # noqa: S101 - the same
        return ir.Relations(alternatives, test, source, target, ends, _variables(state), time, tail)

    def _row(self, state: State, thing: Thing, name: str | None, *, strength: bool = True) -> None:
        """Make the listed thing the first of the row."""
        fields_ = thing.fields if strength else {key: one for key, one in thing.fields.items() if key != "strength"}
        held = replace(thing, fields=fields_).named(name or ir.FOUND, s.NOWHERE)
        state.things = {name or ir.FOUND: held, **state.things}

    # ------------------------------------------------------------------------------------------------------ sets

    def set_query(self, state: State, node: s.SetQuery, outer: s.Tails | None) -> ir.SetQuery:
        time = bind_time(state, node.tails, outer)
        moved = _time_tails(node.tails, outer)
        operands = []
        types: Types = frozenset()
        for one in node.operands:
            plain = _merged(state, one) if isinstance(one, s.Grouped) else one
            if not isinstance(plain, s.Find | s.SetQuery) or (isinstance(plain, s.Find) and plain.counting):
                hint = "combine plain finds of entities"
                state.report(mistyped("operand", f"'{one}' finds no entities", one.span, hint=hint))
                continue
            _plain_tails(state, plain)
            bound = self.query(plain, state.problems, moved)
            assert isinstance(bound, ir.Find | ir.SetQuery)  # noqa: S101 - it came from one of these
            operands.append(bound)
            types |= frozenset().union(*(self.lexicon.below(name) for name in bound.variables[0].kinds or ("Entity",)))
        found = state.entity(types or self.lexicon.everything).named(ir.FOUND, node.span)
        state.things = {ir.FOUND: found}
        tail = bind_tail(state, node.tails, span=node.span)
        return ir.SetQuery(node.operator, tuple(operands), _variables(state), time, tail)


def _flat(parts: Iterable[ir.Test]) -> Iterator[ir.Test]:
    """Yield what must hold one by one: parentheses around parts joined by ``and`` say nothing more."""
    for one in parts:
        if isinstance(one, ir.All):
            yield from _flat(one.parts)
        else:
            yield one


def _time_tails(tails: s.Tails, outer: s.Tails | None) -> s.Tails:
    """Return the time that operands take over: their own question's, else that around it."""
    if outer is None:
        return tails
    if tails.as_of is None and tails.during is None:
        tails = replace(tails, as_of=outer.as_of, during=outer.during)
    return tails if tails.known_at is not None else replace(tails, known_at=outer.known_at)


def _plain_tails(state: State, node: s.Find | s.SetQuery) -> None:
    tails = node.tails
    extra = replace(tails, as_of=None, during=None, known_at=None)
    if extra != s.Tails():
        hint = "write it after the last parenthesis, for the whole"
        message = f"'{extra}' cannot stand in one of the combined questions: each is a plain find"
        state.report(mistyped("operand", message, tails.span, hint=hint))


def _merged(state: State, node: s.Grouped) -> s.Query:
    """Return a question in parentheses with the tails after it as its own; a time of its own beats one after it."""
    inner = node.query
    if isinstance(inner, s.Grouped):
        inner = _merged(state, inner)
    own: s.Tails = inner.tails  # type: ignore[attr-defined]
    given: dict[str, Any] = {}
    timed = own.as_of is not None or own.during is not None
    for one in fields(s.Tails):
        if one.name == "span":
            continue
        here, after = getattr(own, one.name), getattr(node.tails, one.name)
        empty = one.default
        if one.name in {"as_of", "during"}:
            given[one.name] = here if timed else after
        elif empty not in (here, after) and one.name not in {"known_at", "distinct"}:
            message = f"'{one.name.replace('_', ' ')}' stands inside the parentheses and after them"
            state.report(mistyped("twice", message, node.tails.span, hint="keep one of them"))
            given[one.name] = here
        else:
            given[one.name] = here if here != empty else after
    span = own.span if own.span != s.NOWHERE else node.tails.span
    merged: s.Query = replace(inner, tails=s.Tails(**given, span=span))  # type: ignore[call-arg]
    return merged


def _number(number: int | s.Param | None) -> int | ir.Parameter | None:
    return ir.Parameter(number.name, "integer") if isinstance(number, s.Param) else number


def _variables(state: State) -> tuple[ir.Variable, ...]:
    return tuple(
        ir.Variable(
            name,
            thing.sort,
            state.lexicon.cover(thing.types) if thing.sort == "entity" else thing.predicates,
            thing.optional,
        )
        for name, thing in state.things.items()
    )
