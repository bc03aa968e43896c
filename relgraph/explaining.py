"""What a question means and how it is answered: in words, in canonical text, as a plan, and in the store's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from relgraph.query import ir
from relgraph.query.render import member_text
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    # explaining loads no arrays
    from relgraph.network.execute.watch import Passed


@dataclass(frozen=True, slots=True)
class Explanation:
    """A question told on four levels; printed, one below the other.

    ``question``: in English, the subject said again on each line. ``text``: canonical text. ``plan``: what is done, in
    order. ``native``: what the embedded store does over its arrays, with estimates from those in memory; on a server
    its statements, or why it is asked none.
    ``notes``: what is easily overlooked.
    """

    question: str
    text: str
    plan: str
    native: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.question, *(f"note: {one}" for one in self.notes), "", self.text, "", self.plan]
        return "\n".join([*parts, "", self.native] if self.native else parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the four levels as a JSON-able mapping."""
        return {
            "question": self.question,
            "text": self.text,
            "plan": self.plan,
            "native": self.native,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class ProfileStep:
    """One step of answering: rows given to it (None where it finds them itself), rows it left, and seconds.

    ``seconds`` is None for the parts of a statement of the server, which tells rows alone.
    """

    what: str
    rows_in: int | None
    rows_out: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Profile:
    """How answering a question went; ``stages`` are seconds, in order, ``steps`` those of the last stage."""

    explanation: Explanation
    stages: Mapping[str, float]
    rows: int
    truncated: bool
    steps: tuple[ProfileStep, ...] = ()

    def __str__(self) -> str:
        times = [f"{name}: {seconds * 1000:.3f} ms" for name, seconds in self.stages.items()]
        more = ", cut" if self.truncated else ""
        table = [f"{'rows in':>10} {'rows out':>10} {'ms':>10}  step"] if self.steps else []
        for one in self.steps:
            given = "" if one.rows_in is None else f"{one.rows_in:,}"
            taken = "" if one.seconds is None else f"{one.seconds * 1000:.3f}"
            lines = one.what.splitlines()
            table.append(f"{given:>10} {one.rows_out:>10,} {taken:>10}  {lines[0]}")
            table += [f"{'':>34}{line}" for line in lines[1:]]
        return "\n".join([str(self.explanation), "", *times, *table, f"{self.rows:,} rows{more}"])

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as a JSON-able mapping."""
        return {
            "explanation": self.explanation.to_dict(),
            "stages": dict(self.stages),
            "steps": [
                {"what": one.what, "rows_in": one.rows_in, "rows_out": one.rows_out, "seconds": one.seconds}
                for one in self.steps
            ],
            "rows": self.rows,
            "truncated": self.truncated,
        }


def profiled_steps(passed: Iterable[Passed], vocabulary: Vocabulary) -> Iterator[ProfileStep]:
    """Yield the steps that were taken down, in words."""
    for one in passed:
        yield ProfileStep(_passed(one, vocabulary), one.before, one.after, one.seconds)


def _passed(one: Passed, vocabulary: Vocabulary) -> str:
    match one.doing, one.what:
        case _, str(words):
            return words
        case "start", ir.Pattern(types, members) as pattern:
            tests = [name for kind in types for name in _attributes(kind.test)]
            return f"start with {'' if members else 'every '}{_target(pattern)}{_tested(tests)}"
        case "start", ir.Stored(predicates):
            return f"start with the relations of {predicates[0]}"
        case "back", ir.Link(step):
            return f"back along {_walked(step, vocabulary)}"
        case "step", ir.Link(step, target):
            return f"along {_walked(step, vocabulary)} to {_target(target)}"
        case "list", ir.Step() as step:
            return f"list ways along {_walked(step, vocabulary)}"
        case _, test:
            return f"keep those for which: {_shape(test)}"  # type: ignore[arg-type]


def _walked(step: ir.Step, vocabulary: Vocabulary) -> str:
    """Return the readings of a step in the direction it is walked, and what its relations are tested by."""
    words = []
    for one in step.alternatives:
        if isinstance(one, ir.Stored) and one.written != "any":
            told = vocabulary.predicates[one.predicates[0]]
            words.append(told.inverse if one.direction == "in" else told.name)
        else:
            words.append(_alternative(one))
    tests = [name for one in step.alternatives for name in _attributes(getattr(one, "test", None))]
    hops = "" if step.hops == ir.ONE_HOP else f" ({_hops(step.hops)})"
    return f"{'|'.join(dict.fromkeys(words))}{hops}{_tested(tests)}"


def _attributes(test: ir.Test | None) -> Iterator[str]:
    yield from (one.name for one in _nodes(test) if isinstance(one, ir.Attribute))


def _tested(names: Iterable[str]) -> str:
    listed = ", ".join(dict.fromkeys(names))
    return f" tested by {listed}" if listed else ""


def explained(
    bound: ir.BoundQuery, vocabulary: Vocabulary, reader: object = None, *, today: date | None = None
) -> Explanation:
    """Return what a bound question means and how it is answered, in the terms of a reader's store where one is given.

    ``today`` is the day that the question would be asked for.
    """
    from relgraph.query.sentence import notes, sentence  # noqa: PLC0415 - loaded when something is explained

    plan = "\n".join(planned(bound.query))
    network = getattr(reader, "network", None)
    at_hand, asked = getattr(network, "at_hand", None), getattr(network, "native", None)
    native = ""
    if asked is not None:
        native = "\n".join(asked(bound, today or date.today()))  # noqa: DTZ011 - shown, and asked of nobody
    if at_hand is not None:
        from relgraph.network.execute.native import steps_over_arrays  # noqa: PLC0415 - the same

        native = "\n".join(steps_over_arrays(bound.query, at_hand))
    return Explanation(sentence(bound.text, vocabulary), bound.text, plan, native, notes(bound, vocabulary))


def planned(query: ir.Query) -> Iterator[str]:
    """Yield what answering a question over arrays does, a line each."""
    match query:
        case ir.SetQuery(operator, operands):
            yield f"{operator} of {len(operands)} sets of entities:"
            for operand in operands:
                yield from (f"  {line}" for line in planned(operand))
        case ir.Find():
            yield from _found(query)
        case ir.Paths(mode=mode, step=step):
            search = "from both ends" if mode == "shortest" else "from the ends inwards"
            yield f"list {mode} paths of {_hops(step.hops)} by {_step(step)}, searched {search}"
        case ir.Cycles(step=step):
            yield f"list rings of {_hops(step.hops)} by {_step(step)}, among what peeling leaves"
        case ir.Relations(alternatives=alternatives):
            named = any(
                isinstance(one, ir.Pattern) and one.members for one in (query.source, query.target, *query.ends)
            )
            where = "around the entities that are named" if named else "by looking through all"
            yield f"take relations of {' or '.join(_alternative(one) for one in alternatives)}, {where}"
    yield from _tail(query.tail)


def _found(query: ir.Find) -> Iterator[str]:
    anchored = [one for one in query.test.parts if _anchored(one)]
    rest = [one for one in query.test.parts if not _anchored(one)]
    for part in anchored:
        yield f"walk back from {_end(part)}: {_shape(part)}"
    if not anchored:
        types = " or ".join(one.type for one in query.found.types)
        yield f"start with {'the entities named' if query.found.members else f'every {types}'}"
    for part in rest:
        yield f"keep those for which: {_shape(part)}"


def _anchored(test: ir.Test) -> bool:
    if not isinstance(test, ir.Chain):
        return False
    target = test.links[-1].target
    return isinstance(target, ir.Pattern) and bool(target.members)


def _end(test: ir.Test) -> str:
    target = test.links[-1].target if isinstance(test, ir.Chain) else None
    members = target.members if isinstance(target, ir.Pattern) else ()
    return " or ".join(member_text(one) for one in members)


def _shape(test: ir.Test) -> str:
    match test:
        case ir.Chain(links):
            return " -> ".join(f"{_step(one.step)} {_target(one.target)}" for one in links)
        case ir.Not(part):
            return f"not ({_shape(part)})"
        case ir.All(parts):
            return "(" + " and ".join(map(_shape, parts)) + ")"
        case ir.AnyOf(parts):
            return "(" + " or ".join(map(_shape, parts)) + ")"
        case ir.Only(chain):
            return f"only {_shape(chain)}"
        case ir.Optional(chain):
            return f"optionally {_shape(chain)}"
        case ir.Count(operator, number, chain):
            said = f"${number.name}" if isinstance(number, ir.Parameter) else str(number)
            return f"count {operator} {said} of {_shape(chain)}"
        case _:
            names = dict.fromkeys(one.name for one in _nodes(test) if isinstance(one, ir.Attribute))
            return f"test of {', '.join(names)}" if names else "test"


def _target(target: ir.Target) -> str:
    match target:
        case ir.Same(name):
            return name
        case ir.Every(pattern):
            return f"every {_target(pattern)}"
        case ir.Pattern(types, members):
            return " or ".join(map(member_text, members)) if members else "|".join(one.type for one in types)


def _step(step: ir.Step) -> str:
    names = "|".join(_alternative(one) for one in step.alternatives)
    return names if step.hops == ir.ONE_HOP else f"{names} ({_hops(step.hops)}, breadth-first)"


def _alternative(one: ir.Alternative) -> str:
    if isinstance(one, ir.Stored) and len(one.predicates) > 1:
        return f"{one.written or 'any'} ({len(one.predicates)} predicates)"
    return one.written or (one.predicates[0] if isinstance(one, ir.Stored) else "derived")


def _hops(hops: ir.Hops) -> str:
    return f"{hops.least} or more hops" if hops.most is None else f"{hops.least} to {hops.most} hops"


def _tail(tail: ir.Tail) -> Iterator[str]:
    if tail.grouping is not None:
        yield f"group by {len(tail.grouping)} values" if tail.grouping else "put all rows together"
    if tail.having is not None:
        yield "keep groups by their values"
    yield f"compute {', '.join(one.title for one in tail.columns)}"
    if tail.order:
        yield f"order by {len(tail.order)} values, then by name and id"


def _nodes(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += one
        elif is_dataclass(one) and not isinstance(one, type):
            yield one
            waiting += [getattr(one, slot.name) for slot in fields(one)]
