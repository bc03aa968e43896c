"""Entities and clauses: who may stand where, what is told of them, and which names get into the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.compute import Setting
from relgraph.query.conditions import condition
from relgraph.query.lexicon import Types
from relgraph.query.problems import mistyped, nearest, unknown
from relgraph.query.scope import State
from relgraph.query.steps import Reached, bind_step

_OPERATORS: Final[dict[s.Quantifier, ir.Operator]] = {
    "at least": ">=",
    "at most": "<=",
    "exactly": "=",
    "more than": ">",
    "fewer than": "<",
}
_ARTICLES: Final = frozenset({"a", "all", "an", "each", "every", "some", "the"})


@dataclass(frozen=True, slots=True)
class Position:
    """Where an entity stands: the types it can be of there, the step that leads there, and the types it started at."""

    types: Types
    after: s.Step | None = None
    start: Types = frozenset()


# --------------------------------------------------------------------------------------------------- entities


def bind_target(state: State, node: s.Target, position: Position) -> tuple[ir.Target, Types]:
    """Return the entity that a link leads to and the types it can be of."""
    match node:
        case s.Types((s.TypeOption(name, test),), given) if (thing := state.things.get(name)) is not None:
            if thing.sort != "entity":
                message = f"'{name}' is {'a relation' if thing.sort == 'relation' else 'a route'}, no entity"
                state.report(mistyped("no-entity", message, node.span))
            elif not thing.types & position.types:
                _wrong_end(state, position, thing.said, node.span, thing.types)
            if test is not None or given is not None:
                message = f"'{name}' is given already: it means the same thing again"
                hint = "its filter stands where it is given, or write a comparison: " + f"{name}.field = .."
                state.report(mistyped("same-again", message, node.span, hint=hint))
            if thing.optional and not state.optional:
                message = f"'{name}' may be missing: it is given in an 'optionally'"
                state.report(mistyped("same-again", message, node.span, hint="give it outside of 'optionally'"))
            return ir.Same(name), thing.types & position.types or thing.types
        case s.Every(target):
            with state.closing("after 'every'"):
                pattern, types = bind_pattern(state, target, position)
            return ir.Every(pattern), types
        case _:
            return bind_pattern(state, node, position)


def bind_pattern(
    state: State, node: s.Types | s.Anything | s.Fixed | s.Nested, position: Position
) -> tuple[ir.Pattern, Types]:
    """Return which entities may stand at a position and the types they can be of."""
    match node:
        case s.Types(options, name):
            pattern, types = _of_types(state, options, position)
        case s.Anything(test, name):
            types = position.types
            bound = condition(state, test, Setting(state.entity(types))) if test is not None else None
            pattern = ir.Pattern((ir.TypeTest("Entity", bound),))
        case s.Fixed(atoms, name):
            members = [_member(state, one, position) for one in atoms]
            types = frozenset().union(*(of for _, of in members))
            pattern = ir.Pattern(members=tuple(one for one, _ in members))
        case s.Nested():
            return _nested(state, node, position)
    if name is not None:
        state.introduce(name, state.entity(types), node.span)
        pattern = ir.Pattern(pattern.types, pattern.members, None, name)
    return pattern, types


def _nested(state: State, node: s.Nested, position: Position) -> tuple[ir.Pattern, Types]:
    if node.name is not None and node.found.name is not None:
        message = f"two names for one entity: '{node.found.name}' and '{node.name}'"
        state.report(mistyped("two-names", message, node.span, hint="keep one of them"))
    pattern, types = bind_pattern(state, node.found, position)
    name = pattern.name
    if node.name is not None:
        state.introduce(node.name, state.entity(types), node.span)
        name = node.name
    parts = [bind_clause(state, one, types) for one in (node.clause, node.where) if one is not None]
    inner = None if not parts else parts[0] if len(parts) == 1 else ir.All(tuple(parts))
    return ir.Pattern(pattern.types, pattern.members, inner, name), types


def _of_types(state: State, options: tuple[s.TypeOption, ...], position: Position) -> tuple[ir.Pattern, Types]:
    tests = []
    types: Types = frozenset()
    for one in options:
        if one.name != "Entity" and one.name not in state.lexicon.vocabulary.types:
            _unknown_type(state, one)
            types |= position.types
            continue
        below = state.lexicon.below(one.name)
        fitting = below & position.types
        if not fitting:
            _wrong_end(state, position, one.name, one.span, below)
            fitting = below
        bound = condition(state, one.filter, Setting(state.entity(fitting))) if one.filter is not None else None
        tests.append(ir.TypeTest(one.name, bound))
        types |= fitting
    return ir.Pattern(tuple(tests)), types


def _member(state: State, atom: s.Atom, position: Position) -> tuple[ir.Member, Types]:
    lexicon = state.lexicon
    match atom:
        case s.NameOf(text, None):
            return ir.Named(text, lexicon.cover(position.types)), position.types
        case s.NameOf(text, str() as name):
            if name != "Entity" and name not in lexicon.vocabulary.types:
                _unknown_type(state, s.TypeOption(name, span=atom.span))
                return ir.Named(text), position.types
            types = lexicon.below(name) & position.types
            if not types:
                _wrong_end(state, position, name, atom.span, lexicon.below(name))
            return ir.Named(text, lexicon.cover(types)), types or lexicon.below(name)
        case s.Id(identifier):
            return ir.EntityId(identifier), position.types
        case s.Param(name):
            return ir.Parameter(name, "entity", many=True, types=lexicon.cover(position.types)), position.types
        case s.Me():
            return ir.Me(lexicon.cover(position.types)), position.types
        case _:
            return ir.Us(lexicon.cover(position.types)), position.types


def _wrong_end(state: State, position: Position, said: str, span: s.Span, types: Types = frozenset()) -> None:
    after = position.after
    if after is None:
        state.report(mistyped("wrong-type", f"{said} cannot stand here", span))
        return
    names = "|".join(one.name if isinstance(one, s.Predicate) else "any" for one in after.alternatives)
    message = f"'{names}' leads to {state.lexicon.said(position.types)}, not to {said}"
    leading = state.lexicon.followed_to(position.start, types) if types else []
    hint = f"to {said} lead, from the left side: {', '.join(leading[:12])}" if leading else None
    state.report(mistyped("wrong-end", message, span, hint=hint))


def _unknown_type(state: State, node: s.TypeOption) -> None:
    types = state.lexicon.vocabulary.types
    message = f"no type '{node.name}'"
    if node.name.lower() in _ARTICLES:
        way = f"leave out '{node.name}': find Company is every company"
        state.report(unknown("article", message, node.span, hint=way))
        return
    plurals = {word: name for name, one in types.items() for word in (*one.plural.values(), f"{name}s")}
    if (singular := plurals.get(node.name)) is not None or (singular := plurals.get(node.name.capitalize())):
        way = f"types stand in the singular: {singular}"
        state.report(unknown("plural", message, node.span, hint=way, candidates=(singular,)))
        return
    hint: str | None = None
    if node.name in state.lexicon.readings:
        hint = "a predicate stands here, and the entity it leads to is wanted: a type, a name in quotes, or 'anything'"
    near = nearest(node.name, [*types, *state.things])
    if not near and hint is None:
        concrete = [name for name in types if name in state.lexicon.everything]
        hint = f'the name of an entity stands in quotes: "{node.name}"; the types are {", ".join(concrete[:12])}'
    state.report(unknown("unknown-type", message, node.span, hint=hint, candidates=near))


# ---------------------------------------------------------------------------------------------------- clauses


def bind_clause(state: State, node: s.Clause, subject: Types, *, top: bool = False) -> ir.Test:
    """Return a clause about entities of these types; ``top`` is whether a row must have it by itself."""
    match node:
        case s.All(parts):
            bound = []
            for before, part in zip((None, *parts), parts, strict=False):
                _forgotten_brackets(state, before, part, subject)
                bound.append(bind_clause(state, part, subject, top=top))
            _contradiction(state, parts, bound)
            return ir.All(tuple(bound))
        case s.AnyOf(parts):
            with state.closing("inside 'or'"):
                return ir.AnyOf(tuple(bind_clause(state, one, subject) for one in parts))
        case s.Not(part):
            with state.closing("after 'not'"):
                return ir.Not(bind_clause(state, part, subject))
        case s.Chain():
            return bind_chain(state, node, subject)
        case s.Has(step):
            return _field(state, step, subject) or bind_chain(state, step, subject)
        case s.No(body):
            field = _field(state, body, subject) if isinstance(body, s.Step) else None
            with state.closing("after 'no'"):
                return ir.Not(field or bind_chain(state, body, subject))
        case s.Only(chain):
            with state.closing("after 'only'"):
                return ir.Only(bind_chain(state, chain, subject))
        case s.Optional(chain):
            return _optional(state, node, chain, subject, top=top)
        case s.Count():
            return _count(state, node, subject)
        case _:
            return condition(state, node, Setting(state.entity(subject)))


def bind_chain(state: State, node: s.Chain | s.Step, subject: Types) -> ir.Chain:
    """Return a chain from entities of these types; a step alone leads to any entity."""
    if isinstance(node, s.Step):
        reached = _step(state, node, subject)
        return ir.Chain((ir.Link(reached.step, ir.Pattern()),))
    links = []
    at = subject
    for link in node.links:
        reached = _step(state, link.step, at)
        target, at = bind_target(state, link.target, Position(reached.types, link.step, at))
        links.append(ir.Link(reached.step, target))
    return ir.Chain(tuple(links))


def _step(state: State, node: s.Step, start: Types) -> Reached:
    reached = bind_step(state, node, start)
    if node.name is not None:
        state.introduce(node.name, reached.thing, node.span)
    return reached


def _field(state: State, step: s.Step, subject: Types) -> ir.Test | None:
    """Return what ``with phone`` means where phone is a field: that it is present."""
    match step:
        case s.Step((s.Predicate(name, None),), None, None) if name not in state.lexicon.readings:
            thing = state.entity(subject)
            if name in thing.fields:
                return condition(state, s.Present(s.Path((name,), span=step.span), span=step.span), Setting(thing))
    return None


def _optional(state: State, node: s.Optional, chain: s.Chain, subject: Types, *, top: bool) -> ir.Test:
    if not top:
        message = "'optionally' cannot stand here: it is for things that a row of the question may have"
        hint = "write it in the question's own clause, joined with 'and'"
        state.report(mistyped("misplaced", message, node.span, hint=hint))
    before = state.optional
    state.optional = True
    try:
        return ir.Optional(bind_chain(state, chain, subject))
    finally:
        state.optional = before


def _count(state: State, node: s.Count, subject: Types) -> ir.Test:
    with state.closing(f"after '{node.quantifier}'"):
        chain = bind_chain(state, node.body, subject)
    if node.times and chain.links[0].step.is_route:
        message = "'times' counts single relations, and this step is more than one"
        state.report(mistyped("times", message, node.span, hint="leave 'times' out to count entities"))
    number: int | ir.Parameter
    number = node.number if isinstance(node.number, int) else ir.Parameter(node.number.name, "integer")
    if node.quantifier == "fewer than" and number == 0:
        state.report(mistyped("never", "nothing is fewer than 0", node.span, hint="write 'no' or 'exactly 0'"))
    return ir.Count(_OPERATORS[node.quantifier], number, chain, node.times)


# ------------------------------------------------------------------------------------------- easily misread


def _forgotten_brackets(state: State, before: s.Clause | None, part: s.Clause, subject: Types) -> None:
    """Report a bare field right after a chain that ends in a type with that field: it reads as a test of that one."""
    if not isinstance(before, s.Chain):
        return
    match part, before.links[-1].target:
        case (
            s.Comparison(left=s.Path((name,)))
            | s.In(left=s.Path((name,)))
            | s.InPeriod(left=s.Path((name,)))
            | s.InLast(left=s.Path((name,)))
            | s.Present(left=s.Path((name,)))
            | s.Missing(left=s.Path((name,)))
            | s.TextTest(left=s.Path((name,)))
            | s.Between(left=s.Path((name,))),
            s.Types((s.TypeOption(last),)),
        ) if name not in state.things and last in state.lexicon.vocabulary.types:
            if name not in state.entity(state.lexicon.below(last)).fields or name not in state.entity(subject).fields:
                return
            found = state.lexicon.said(subject)
            message = (
                f"'{part}' tests the {found} that is found, though it stands right after {last}, which has '{name}' too"
            )
            hint = (
                f"for the last one write {last}[{part}]; for the found one write it in brackets after {found}, or first"
            )
            state.report(mistyped("which-one", message, part.span, hint=hint))


def _contradiction(state: State, nodes: tuple[s.Clause, ...], bound: list[ir.Test]) -> None:
    for at, test in enumerate(bound):
        if isinstance(test, ir.Not) and test.part in bound and test.part != ir.All(()):
            other = nodes[bound.index(test.part)]
            message = f"'{nodes[at]}' and '{other}' can never both hold"
            hint = "for what was once and is no more, look at all times in one of them: [ever]"
            state.report(mistyped("never", message, nodes[at].span, hint=hint))
