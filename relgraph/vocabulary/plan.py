"""What a changed vocabulary would change, which data that touches, and what is to happen to data that breaks it.

This is the part that needs no data: a store's side looks at the :class:`Work` of a plan, adds the
:class:`Problem` s that it finds, and carries the plan out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast, get_args

from relgraph.errors import VocabularyError
from relgraph.vocabulary.difference import Change, difference
from relgraph.vocabulary.model import Field, Vocabulary
from relgraph.vocabulary.near import near
from relgraph.vocabulary.renames import Rename, Renames, in_new_names, renames
from relgraph.vocabulary.stricter import narrower_carriers, narrower_ends, stricter_field, stricter_rules

Policy = Literal["refuse", "keep", "end", "remove"]
POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
EVERYTHING_ELSE: Final = "*"
"""The name, among policies, of all that is not named."""

Rows = Literal["entities", "relations", "tags"]
Reason = Literal["removed", "values", "fields", "abstract", "carriers", "ends", "rules", "attributes", "family"]


@dataclass(frozen=True, slots=True)
class Work:
    """Data that a plan must look at.

    ``rows`` of the type, predicate or tag that is ``now`` called so (None: removed) and was called ``name``:

    ==============  ==========================================================================================
    removed         all of them lose their type, predicate or tag
    values          their values under ``keys`` (old names) lose their field or attribute
    fields          entities whose fields ``keys`` (new names) ask more than before
    abstract        entities of a type that is no more one of its own
    carriers        entities that may no longer carry the tag
    ends            relations whose ends may be of the wrong type
    rules           relations that may break the rules ``keys``
    attributes      relations whose attributes ``keys`` (new names) ask more than before
    family          relations of this predicate and of ``keys``, which now imply it: all its rules
    ==============  ==========================================================================================
    """

    rows: Rows
    name: str
    now: str | None
    reason: Reason
    keys: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The names by which a policy may speak of it."""
        name = self.now or self.name
        return (*(f"{name}.{key}" for key in self.keys), name, self.name)


@dataclass(frozen=True, slots=True)
class Problem:
    """Data that breaks the new vocabulary: of what, how much, the first of it, and what may be done with it.

    ``subject`` is the name that a policy uses: ``owns``, ``owns.share``, ``Company``, ``vip``.
    """

    code: str
    subject: str
    count: int
    examples: tuple[str, ...]
    message: str
    choices: tuple[Policy, ...] = POLICIES

    def __str__(self) -> str:
        lines = [f"! {self.subject}: {self.message}"]
        lines += [f"    {one}" for one in self.examples]
        if self.count > len(self.examples) and self.examples:
            lines.append(f"    and {self.count - len(self.examples):,} more")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Plan:
    """A change of vocabulary, before it is done; print it to read it."""

    old: Vocabulary
    new: Vocabulary
    changes: tuple[Change, ...] = ()
    names: Renames = field(default_factory=Renames)
    work: tuple[Work, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the two vocabularies say the same."""
        return not self.changes

    @property
    def renames(self) -> tuple[Rename, ...]:
        """What stored data must follow: kind, owner, old name, new name."""
        return self.names.data()

    @property
    def additive(self) -> bool:
        """Whether it only adds and rewords, so that no data can break it."""
        return not self.work and all(one.action == "added" or one.wording for one in self.changes)

    def with_problems(self, problems: Iterable[Problem]) -> Plan:
        """Return the plan with what was found in the data."""
        return replace(self, problems=tuple(problems))

    def __str__(self) -> str:
        if not self.changes:
            return "nothing changes"
        counts = [
            f"{count} {action}"
            for action in ("added", "renamed", "changed", "removed")
            if (count := sum(one.action == action for one in self.changes))
        ]
        lines = [", ".join(counts), *(f"  {one}" for one in self.changes)]
        if self.problems:
            lines.append("what is told breaks this:")
            lines += [f"  {line}" for one in self.problems for line in str(one).splitlines()]
        return "\n".join(lines)


def make_plan(old: Vocabulary, new: Vocabulary, *, examine: Callable[[Plan], Iterable[Problem]] | None = None) -> Plan:
    """Return what the new vocabulary changes; ``examine`` looks at the data and says what breaks it.

    Raises :exc:`VocabularyError` for a ``was`` that cannot be.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> old = vocabulary_from_text("predicates: {owns: {inverse: owned_by}}")
    >>> new = vocabulary_from_text("predicates: {holds: {inverse: held_by, was: owns, acyclic: true}}")
    >>> plan = make_plan(old, new)
    >>> print(plan)
    2 renamed, 1 changed
      > predicate owns becomes holds; its data follows
      ~ predicate holds: acyclic nothing -> true
      > the inverse of holds, owned_by, becomes held_by
    >>> [(one.name, one.now, one.reason, one.keys) for one in plan.work]
    [('owns', 'holds', 'rules', ('acyclic',))]
    """
    names = renames(old, new)
    plan = Plan(old, new, difference(old, new), names, tuple(_work(old, new, names)))
    return plan if examine is None else plan.with_problems(examine(plan))


def _work(old: Vocabulary, new: Vocabulary, names: Renames) -> Iterator[Work]:
    before = in_new_names(old, names)
    yield from _type_work(before, new, names)
    back = {now: name for name, now in names.tags.items()}
    for name, tag in before.tags.items():
        if name not in new.tags:
            yield Work("tags", name, None, "removed")
        elif narrower_carriers(before, tag, new, new.tags[name]):
            yield Work("tags", back.get(name, name), name, "carriers")
    yield from _predicate_work(before, new, names)


def _type_work(before: Vocabulary, new: Vocabulary, names: Renames) -> Iterator[Work]:
    back = {now: name for name, now in names.types.items()}
    for name, one in before.types.items():
        was = back.get(name, name)
        if one.abstract:
            continue
        if name not in new.types:
            yield Work("entities", was, None, "removed")
            continue
        if new.types[name].abstract:
            yield Work("entities", was, name, "abstract")
        unnamed = {
            now: field
            for above in before.ancestors(name)
            for field, now in names.fields.get(back.get(above, above), {}).items()
        }
        olds, news = before.fields(name), new.fields(name)
        yield from _field_work("entities", was, name, olds=olds, news=news, unnamed=unnamed)


def _predicate_work(before: Vocabulary, new: Vocabulary, names: Renames) -> Iterator[Work]:
    back = {now: name for name, now in names.predicates.items()}
    for name, one in before.predicates.items():
        was = back.get(name, name)
        if name not in new.predicates:
            yield Work("relations", was, None, "removed")
            continue
        now = new.predicates[name]
        if narrower_ends(before, one, new, now):
            yield Work("relations", was, name, "ends")
        rules = tuple(stricter_rules(one, now))
        if rules:
            yield Work("relations", was, name, "rules", rules)
        joining = tuple(
            back.get(narrow, narrow)
            for narrow in new.narrower(name)
            if narrow in before.predicates and narrow not in before.narrower(name)
        )
        if joining:
            yield Work("relations", was, name, "family", joining)
        unnamed = {after: attribute for attribute, after in names.attributes.get(was, {}).items()}
        olds, news = {each.name: each for each in one.attributes}, {each.name: each for each in now.attributes}
        yield from _field_work("relations", was, name, olds=olds, news=news, unnamed=unnamed)


def _field_work(
    rows: Rows,
    was: str,
    name: str,
    *,
    olds: Mapping[str, Field],
    news: Mapping[str, Field],
    unnamed: Mapping[str, str],
) -> Iterator[Work]:
    removed = tuple(unnamed.get(one, one) for one in olds if one not in news)
    if removed:
        yield Work(rows, was, name, "values", removed)
    stricter = tuple(
        one.name
        for one in news.values()
        if (one.required if one.name not in olds else stricter_field(olds[one.name], one))
    )
    if stricter:
        yield Work(rows, was, name, "fields" if rows == "entities" else "attributes", stricter)


@dataclass(frozen=True, slots=True)
class Policies:
    """What is to happen to data that breaks a plan: by the name of what it is of, else in general."""

    by_name: Mapping[str, Policy] = field(default_factory=dict)
    otherwise: Policy = "refuse"

    def of(self, subject: str) -> Policy:
        """Return the policy for a subject; that of ``owns`` holds for ``owns.share`` too.

        >>> Policies({"owns": "end"}).of("owns.share"), Policies({"owns": "end"}).of("vip")
        ('end', 'refuse')
        """
        found = self.by_name.get(subject)
        return found or self.by_name.get(subject.partition(".")[0], self.otherwise)


def policies(given: str | Mapping[str, str], plan: Plan) -> Policies:
    """Return the policies that a caller asks for: one for all, or one per name, ``*`` being all others.

    Raises :exc:`VocabularyError` for a word that is no policy, a name that the plan does not touch, and a policy
    that a problem of the plan does not take.
    """
    by_name = {EVERYTHING_ELSE: given} if isinstance(given, str) else dict(given)
    for word in by_name.values():
        if word not in POLICIES:
            hint = f"the policies are {', '.join(POLICIES)}"
            raise VocabularyError(f"there is no policy '{word}'", candidates=near(str(word), POLICIES), hint=hint)
    known = {name for work in plan.work for name in work.subjects} | {one.subject for one in plan.problems}
    known |= {name for change in plan.changes for name in (change.subject, change.owner or change.name)}
    for name in by_name:
        if name != EVERYTHING_ELSE and name not in known:
            raise VocabularyError(f"the plan does not touch '{name}'", candidates=near(name, known))
    otherwise = cast("Policy", by_name.pop(EVERYTHING_ELSE, "refuse"))
    found = Policies(cast("dict[str, Policy]", by_name), otherwise)
    for problem in plan.problems:
        policy = found.of(problem.subject)
        if policy != "refuse" and policy not in problem.choices:
            raise VocabularyError(
                f"what breaks {problem.subject} cannot be dealt with by '{policy}': {problem.message}",
                hint=f"choose {' or '.join(problem.choices)}",
            )
    return found
