"""A question in English, its subject repeated on each line, with what is easily overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.again import never_again
from relgraph.query.lexicon import AnyReading, DerivedReading, Lexicon, lexicon_of
from relgraph.query.parse import parse
from relgraph.query.render import clause as clause_text
from relgraph.query.render import expression, member_text, text_of_atom
from relgraph.vocabulary.model import Predicate, Vocabulary, Words

_INDENT: Final = "  "
_COMPARED: Final = frozenset({">", ">=", "<", "<="})


def sentence(question: str | s.Query, vocabulary: Vocabulary, *, language: str = "en") -> str:
    r"""Return a question in words, one line for each thing that must hold.

    The readings of predicates are those of the vocabulary in ``language``; the words around them are English.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> print(sentence('find Person knows "Ann" and not knows "Bob"', some))
    Find each Person such that all of these hold, today:
      the Person knows "Ann"
      it is not so that the Person knows "Bob"
    """
    query = question if isinstance(question, s.Query) else parse(question, vocabulary)
    return "\n".join(_Teller(lexicon_of(vocabulary), language).query(query))


class _Teller:
    def __init__(self, lexicon: Lexicon, language: str) -> None:
        self.lexicon = lexicon
        self.language = language

    # ------------------------------------------------------------------------------------------------ queries

    def query(self, node: s.Query) -> list[str]:
        match node:
            case s.Find(found, inner, where, tails, counting):
                parts = [one for one in (inner, where) if one is not None]
                head = "Count" if counting else "Find"
                return [*self._found(head, found, parts, tails), *_tails(tails)]
            case s.Paths():
                return [*self._paths(node), *_tails(node.tails)]
            case s.Cycles(via):
                line = f"Find each ring in which one entity {self.next(via)}, {_time(node.tails)}"
                lines = self._conditions(line, node.through, node.avoiding, node.rising)
                return [*(lines if len(lines) > 1 else [f"{line}."]), *_tails(node.tails)]
            case s.Relations():
                return [*self._relations(node), *_tails(node.tails)]
            case s.SetQuery(operator, operands, tails):
                words = {
                    "union": "Find what any of these finds:",
                    "intersect": "Find what each of these finds:",
                    "minus": "Find what the first finds and the second does not:",
                }
                lines = [words[operator]]
                for at, one in enumerate(operands, 1):
                    told = self.query(one)
                    lines += [f"{_INDENT}{at}. {told[0]}", *(f"{_INDENT}   {line}" for line in told[1:])]
                return [*lines, *_tails(tails)]
            case s.Grouped(inner_query, tails):
                return [*self.query(inner_query), *_tails(tails)]
            case _:
                raise TypeError(f"{type(node).__name__} is no question")

    def _found(self, head: str, found: s.Found, parts: list[s.Clause], tails: s.Tails) -> list[str]:
        what = self.entity(found, article="each" if not isinstance(found, s.Fixed) else "")
        time = _time(tails)
        if not parts:
            return [f"{head} {what}."]
        lines = [line for one in parts for line in self.clause(one, self.subject(found))]
        such = "such that all of these hold" if len(lines) > 1 else "such that this holds"
        return [f"{head} {what} {such}, {time}:", *(_INDENT + line for line in lines)]

    def _paths(self, node: s.Paths) -> list[str]:
        mode = {"shortest": "shortest", "strongest": "strongest", "all": "possible"}[node.mode]
        if node.count is not None:
            many = f"the {node.count} {mode} paths"
        else:
            many = f"the {mode} paths" if node.plural else f"the {mode} path"
        line = f"Find {many} from {self.entity(node.start)} to {self.entity(node.goal)}, {_time(node.tails)}"
        lines = self._conditions(line, node.through, node.avoiding, node.rising)
        lines.insert(1, f"{_INDENT}each entity on the way {self.next(node.via)}")
        if node.mode == "strongest":
            lines.append(f"{_INDENT}strength is the product of {node.prefer or 'the attribute for strength'}")
        return lines

    def _conditions(
        self, line: str, through: tuple[Any, ...], avoiding: tuple[Any, ...], rising: str | None
    ) -> list[str]:
        lines = [f"{line}:"]
        lines += [f"{_INDENT}it goes through {self.entity(one)}" for one in through]
        lines += [f"{_INDENT}it does not touch {self.entity(one)}" for one in avoiding]
        lines += [f"{_INDENT}{rising} rises from each relation to the next"] if rising else []
        return lines

    def _relations(self, node: s.Relations) -> list[str]:
        names = [self.alternative(one) for one in node.alternatives]
        what = f"each relation '{' or '.join(names)}'" if names else "each relation"
        lines = [f"Find {what}, {_time(node.tails)}:"]
        lines += [f"{_INDENT}its {clause_text(node.filter)}"] if node.filter is not None else []
        lines += [f"{_INDENT}it starts at {self.entity(node.source)}"] if node.source else []
        lines += [f"{_INDENT}it leads to {self.entity(node.target)}"] if node.target else []
        lines += [f"{_INDENT}{self.entity(one)} is at one of its ends" for one in node.touching]
        if node.between:
            one, other = (self.entity(end) for end in node.between)
            lines.append(f"{_INDENT}it is between {one} and {other}, either way")
        lines += [f"{_INDENT}its {clause_text(node.where)}"] if node.where is not None else []
        if len(lines) == 1:
            lines[0] = f"{lines[0][:-1]}."
        return lines

    # ------------------------------------------------------------------------------------------------ clauses

    def clause(self, node: s.Clause, subject: str) -> list[str]:
        """Return lines that each name the subject."""
        match node:
            case s.All(parts):
                return [line for one in parts for line in self.clause(one, subject)]
            case s.AnyOf(parts):
                lines = ["at least one of these holds:"]
                for one in parts:
                    told = self.clause(one, subject)
                    if len(told) > 1 and isinstance(one, s.All):
                        told = ["all of these hold:", *(_INDENT + line for line in told)]
                    lines += [_INDENT + line for line in told]
                return lines
            case s.Not(part):
                told = self.clause(part, subject)
                if len(told) == 1:
                    return [f"it is not so that {told[0]}"]
                return ["it is not so that all of these hold:", *(_INDENT + line for line in told)]
            case s.Chain(links):
                return [f"{subject} {self.chain(links)}"]
            case s.Has(step):
                return [f"{subject} {self._having(step)}"]
            case s.No(s.Step() as step):
                return [f"it is not so that {subject} {self._having(step)}"]
            case s.No(s.Chain(links)):
                return [f"it is not so that {subject} {self.chain(links)}"]
            case s.Only(s.Chain(links)):
                first, *rest = links
                only = f"{self.step(first.step)} something, and nothing but {self.entity(first.target)}"
                return [f"{subject} {only}{self._rest(tuple(rest))}"]
            case s.Optional(s.Chain(links)):
                return [f"where there is such a thing: {subject} {self.chain(links)}"]
            case s.Count():
                return [self._count(node, subject)]
            case _:
                return [f"{subject}: {clause_text(node)}"]

    def _having(self, step: s.Step) -> str:
        match step.alternatives:
            case (s.Predicate(name, None),) if name not in self.lexicon.readings:
                return f"has a value for {name}"
        return f"{self.step(step)} something"

    def _count(self, node: s.Count, subject: str) -> str:
        number = f"{node.quantifier} {node.number}"
        if isinstance(node.body, s.Step):
            links: tuple[s.Link, ...] = ()
            step, what = node.body, ""
        else:
            first, *others = node.body.links
            links, step, what = tuple(others), first.step, self.entity(first.target)
        if node.times:
            return f"in {number} relations, {subject} {self.step(step)} {what or 'something'}{self._rest(links)}"
        each = f", each {what}{self._rest(links)}" if what else ""
        return f"{subject} {self.step(step)} {number} different entities{each}"

    def chain(self, links: tuple[s.Link, ...]) -> str:
        """Return what follows the subject, each further step told of the entity before it."""
        first, *rest = links
        return f"{self.step(first.step)} {self.entity(first.target)}{self._rest(tuple(rest))}"

    def _rest(self, links: tuple[s.Link, ...]) -> str:
        return "".join(f", which {self.step(one.step)} {self.entity(one.target)}" for one in links)

    # --------------------------------------------------------------------------------------- steps and entities

    def step(self, node: s.Step) -> str:
        """Return a step as a verb."""
        said = " or ".join(self.alternative(one) for one in node.alternatives)
        hops = node.hops
        if hops is not None and (hops.least, hops.most) != (1, 1):
            said += _hops(hops)
        return f"{said} (as {node.name})" if node.name else said

    def next(self, via: s.Step | None) -> str:
        """Return what leads from one entity of a path or ring to the next, and how often at most."""
        if via is None:
            return "is linked by any predicate to the next"
        said = " or ".join(self.alternative(one) for one in via.alternatives)
        return f"{said} the next{_hops(via.hops).rstrip(',') if via.hops else ''}"

    def alternative(self, node: s.Predicate | s.AnyPredicate) -> str:
        """Return one predicate in the words of the vocabulary."""
        if isinstance(node, s.AnyPredicate):
            said = "is linked by any predicate to"
        else:
            reading = self.lexicon.readings.get(node.name)
            words = _words(reading) if reading is not None else {}
            said = words.get(self.language) or words.get("") or node.name.replace("_", " ")
        return f"{said} ({clause_text(node.filter)})" if node.filter is not None else said

    def entity(self, node: s.Target, *, article: str | None = None) -> str:
        """Return an entity in words."""
        match node:
            case s.Types(options, name):
                said = " or ".join(
                    one.name + (f" ({clause_text(one.filter)})" if one.filter is not None else "") for one in options
                )
                known = options[0].name == "Entity" or options[0].name in self.lexicon.vocabulary.types
                lead = article or _article(options[0].name)
                return f"{lead} {said}{_called(name)}" if known else f"the same {said}"
            case s.Anything(test, name):
                lead = "each entity" if article == "each" else "anything"
                return lead + (f" ({clause_text(test)})" if test is not None else "") + _called(name)
            case s.Fixed(atoms, name):
                return " or ".join(text_of_atom(one) for one in atoms) + _called(name)
            case s.Every(target):
                return f"every one of: {self.entity(target)}"
            case s.Nested(found, inner, where, name):
                parts = [one for one in (inner, where) if one is not None]
                told = "; ".join(line.strip() for one in parts for line in self.clause(one, "it"))
                return f"{self.entity(found)}{_called(name)}" + (f" of which this holds: [{told}]" if told else "")

    def subject(self, found: s.Found) -> str:
        """Return how the found thing is spoken of on each line."""
        match found:
            case s.Types(options):
                return f"the {' or '.join(one.name for one in options)}"
            case s.Anything():
                return "the entity"
            case s.Fixed(atoms):
                return " or ".join(text_of_atom(one) for one in atoms)


def _words(reading: AnyReading) -> Words:
    if isinstance(reading, DerivedReading):
        return reading.derived.reading if reading.forward else reading.derived.inverse_reading
    return reading.words


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"


def _called(name: str | None) -> str:
    return f" (as {name})" if name else ""


def _hops(hops: s.Hops) -> str:
    if hops.most is None:
        if hops.least == 0:
            return ", directly or through any number of others, or is itself,"
        return f", in {hops.least} steps or more," if hops.least > 1 else ", directly or through any number of others,"
    if hops.least == hops.most:
        return f", in exactly {hops.least} {'step' if hops.least == 1 else 'steps'},"
    return f", in {hops.least} to {hops.most} steps,"


def _time(tails: s.Tails) -> str:
    if isinstance(tails.as_of, s.AnyTime):
        said = "at any time"
    elif tails.as_of is not None:
        said = f"on {expression(tails.as_of)}"
    elif tails.during is not None:
        said = clause_text(tails.during)
    else:
        said = "today"
    return f"{said}, as was known at {expression(tails.known_at)}" if _known(tails) else said  # type: ignore[arg-type]


def _known(tails: s.Tails) -> bool:
    return tails.known_at is not None and not isinstance(tails.known_at, s.AnyTime)


def _tails(tails: s.Tails) -> Iterator[str]:
    if tails.group_by:
        yield f"One row for each {', '.join(expression(one) for one in tails.group_by)}."
    if tails.show:
        distinct = "distinct " if tails.distinct else ""
        yield f"Show {distinct}{', '.join(str(one) for one in tails.show)}."
    if tails.having is not None:
        yield f"Keep the groups where {clause_text(tails.having)}."
    if tails.order_by:
        keys = (expression(one.value) + (", largest first" if one.descending else "") for one in tails.order_by)
        yield f"In order of {', then of '.join(keys)}."
    if tails.limit is not None:
        per = f" for each {expression(tails.limit.per)}" if tails.limit.per else ""
        yield f"At most {tails.limit.number} rows{per}."
    if tails.skip is not None:
        yield f"Without the first {tails.skip} rows."


# ------------------------------------------------------------------------------------------------- what is missed


def notes(bound: ir.BoundQuery, vocabulary: Vocabulary) -> tuple[str, ...]:
    r"""Return what is easily overlooked in a question: whom a chain leaves out, and what a filter does not add up.

    >>> from relgraph.query.bind import bind
    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Person: {}}\npredicates: {knows: {symmetric: true}}")
    >>> notes(bind('find Person knows Person knows "Ann"', some), some)
    ('"Ann" itself is left out, as the entities of one chain differ: write `and ..` beside the chain to keep it',)
    """
    lexicon = lexicon_of(vocabulary)
    found = [*never_again(bound.query)]
    for query in _nodes(bound.query):
        match query:
            case ir.Find():
                found += _left_out(query, lexicon)
            case ir.Step():
                found += _one_relation(query, lexicon)
    return tuple(dict.fromkeys(found))


def _left_out(query: ir.Find, lexicon: Lexicon) -> Iterator[str]:
    subject = frozenset().union(*(lexicon.below(one) for one in query.variables[0].kinds or ("Entity",)))
    for part in query.test.parts:
        if not isinstance(part, ir.Chain):
            continue
        # by one step an entity could only reach itself through a self-relation, which no one looks for
        direct = len(part.links) == 1 and part.links[0].step.hops == ir.ONE_HOP
        last = part.links[-1].target
        if direct or not isinstance(last, ir.Pattern) or part.links[-1].step.hops.least == 0:
            continue
        for member in last.members:
            types = getattr(member, "types", ())
            allowed = frozenset().union(*(lexicon.below(one) for one in types or ("Entity",)))
            if allowed & subject:
                yield (
                    f"{member_text(member)} itself is left out, as the entities of one chain differ: "
                    "write `and ..` beside the chain to keep it"
                )


def _one_relation(step: ir.Step, lexicon: Lexicon) -> Iterator[str]:
    for one in step.alternatives:
        if not isinstance(one, ir.Stored) or one.test is None:
            continue
        compared = [
            test.left.name
            for test in _nodes(one.test)
            if isinstance(test, ir.Compare)
            and test.operator in _COMPARED
            and isinstance(test.left, ir.Attribute)
            and test.left.kind in {"percent", "money"}
        ]
        if not compared:
            continue
        total = "each hop, not the product" if step.hops != ir.ONE_HOP else "one relation, never a total"
        measure = next(_measures(one.predicates, lexicon), None)
        more = f"; `{measure}` is computed over all chains" if measure else ""
        yield f"the filter on `{one.written}` tests {compared[0]} of {total}{more}"


def _measures(predicates: tuple[str, ...], lexicon: Lexicon) -> Iterator[str]:
    for one in lexicon.vocabulary.derived.values():
        reading = lexicon.vocabulary.readings.get(one.over or "")
        over: Predicate | None = reading.predicate if reading is not None else None
        if one.measure is not None and over is not None and over.name in predicates:
            yield one.name


def _nodes(root: Any) -> Iterator[Any]:
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif is_dataclass(one):
            yield one
            waiting.extend(getattr(one, name.name) for name in reversed(fields(one)))
