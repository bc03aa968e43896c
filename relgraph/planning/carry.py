"""Carrying a plan out: the vocabulary and its data change in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from relgraph.engines.base import Finding, Store
from relgraph.errors import ConflictError, InUseError, ValueProblem, VocabularyError
from relgraph.model.buffer import today_in
from relgraph.model.drafts import Staging
from relgraph.model.freeze import freeze
from relgraph.model.operations import delete, retract
from relgraph.model.ports import Writer
from relgraph.model.records import ChangeSet, Delta, EntityRow, Note, RelationRow
from relgraph.planning.examine import Examination
from relgraph.planning.findings import findings
from relgraph.planning.judge import entities_of, relations_of, to_repair
from relgraph.vocabulary.define import vocabulary as composed
from relgraph.vocabulary.model import Vocabulary
from relgraph.vocabulary.plan import Plan, Policies, Problem, Work, make_plan, policies


class Planning:
    """Plans and checks of one store."""

    def __init__(self, store: Store, *, actor: str | None = None) -> None:
        self._store = store
        self._actor = actor

    @property
    def _today(self) -> int:
        return today_in(self._store.zone())

    def broken(self) -> Iterator[Finding]:
        """Yield what in the data breaks a rule, warnings included."""
        with self._store.read() as reader:
            yield from findings(reader, today=self._today)

    def plan(self, new: Vocabulary | str | PathLike[str]) -> Plan:
        """Return what a new vocabulary (a value or a YAML file) would change and break."""
        wanted = new if isinstance(new, Vocabulary) else Vocabulary.load(Path(new))
        with self._store.read() as reader:
            return make_plan(
                reader.vocabulary, wanted, examine=lambda plan: Examination(plan, reader, self._today).problems()
            )

    def define(self, *parts: Any) -> str | None:
        """Add parts to the vocabulary; refused where they would change or break what is there."""
        with self._store.read() as reader:
            held = reader.vocabulary
        plan = self.plan(composed(held, *parts, name=held.name))
        if not plan.additive:
            raise VocabularyError(
                "define only adds, and this would change what is there:\n" + str(plan),
                hint="use plan and apply to change a vocabulary",
            )
        return self.apply(plan, "refuse")

    def apply(self, plan: Plan, policy: str | Mapping[str, str]) -> str | None:
        """Carry a plan out and return the transaction's id; None where nothing changes."""
        if not isinstance(plan, Plan):
            raise ValueProblem(f"what is applied is a plan, not {type(plan).__name__}", hint="make it with graph.plan")
        if self._store.read_only:
            # refused in the words of the store, which knows why
            with self._store.write():
                pass
        if plan.empty:
            # a plan carried out before is carried out again; names it no longer touches are no mistake, words are
            for word in [policy] if isinstance(policy, str) else policy.values():
                policies(word, plan)
            return None
        with self._store.write() as writer:
            if writer.vocabulary != plan.old:
                raise ConflictError("the vocabulary has changed since the plan was made", hint="plan it again")
            examination = Examination(plan, writer, self._today)
            seen = plan.with_problems(examination.problems())
            chosen = policies(policy, seen)
            refused = [one for one in seen.problems if chosen.of(one.subject) == "refuse"]
            if refused:
                raise _refusal(refused)
            carrying = _Carrying(examination, writer, chosen, self._today)
            changes = carrying.changes()
            changes.vocabulary = plan.new
            changes.renames = list(plan.renames)
            detail = {"changes": [str(one) for one in plan.changes]}
            return writer.commit(changes, Note("vocabulary", self._actor, detail=detail)).id


def _refusal(problems: Sequence[Problem]) -> InUseError:
    said = "\n".join(str(one) for one in problems)
    return InUseError(
        f"data breaks the new vocabulary:\n{said}",
        hint="repair it first, or apply the plan with a policy for each: "
        + "; ".join(f"{one.subject}: {', '.join(one.choices)}" for one in problems),
        details={
            "rule": "plan",
            "problems": [
                {"code": one.code, "subject": one.subject, "count": one.count, "examples": list(one.examples)}
                for one in problems
            ],
        },
    )


class _Carrying:
    def __init__(self, examination: Examination, writer: Writer, chosen: Policies, today: int) -> None:
        self.examination = examination
        self.plan = examination.plan
        self.writer = writer
        self.chosen = chosen
        self.today = today
        self.staging = Staging(writer, today=today, by_code=True)

    def changes(self) -> ChangeSet:
        """Return what happens to the data, under its new names."""
        for problem in self.examination.problems():
            policy = self.chosen.of(problem.subject)
            if policy in {"end", "remove"}:
                for work in self._work_of(problem):
                    self._carry(work, problem, end=policy == "end")
        for work in self.plan.work:
            self._settle(work)
        changes, _ = freeze(self.staging, self.writer)
        return _Renaming(self.plan).renamed(changes)

    def _work_of(self, problem: Problem) -> Iterator[Work]:
        rules = {"ends", "rules", "family"}
        for work in self.plan.work:
            same = work.reason == problem.code or {work.reason, problem.code} <= rules
            if same and problem.subject in {*work.subjects, work.name}:
                yield work
                if problem.code in rules:
                    return

    def _carry(self, work: Work, problem: Problem, *, end: bool) -> None:
        match work.rows, work.reason:
            case "entities", "removed" | "abstract":
                for row in list(entities_of(self.writer, [work.name])):
                    delete(self.staging, row.id, detach=True)
            case "relations", "removed":
                self._take_out([row.number for row in relations_of(self.writer, [work.name])])
            case "tags", _:
                for name in self._carriers(work):
                    draft = self.staging.entity(name, live=False)
                    draft.tags.discard(work.name)
            case "entities", _:
                for entity, name, _ in list(self.examination.broken_entities(work)):
                    if problem.subject.endswith(f".{name}"):
                        draft = self.staging.entity(entity.id, live=False)
                        self.staging.see(draft)
                        draft.fields.pop(name, None)
                        draft.touched = True
            case "relations", "values" | "attributes":
                broken = list(self.examination.broken_relations(work))
                for relation, name, _ in broken:
                    if problem.subject.endswith(f".{name}"):
                        kept = self.staging.adopt_relations([relation])[0]
                        kept.attributes = {key: value for key, value in kept.attributes.items() if key != name}
            case _:
                numbers = to_repair(
                    self.writer, self.examination.judged, work.name, day=self.today if end else None, today=self.today
                )
                if end:
                    self._end(numbers)
                else:
                    self._take_out(numbers)

    def _settle(self, work: Work) -> None:
        """Bring what fields of another kind have left into the form that questions read."""
        match work.rows, work.reason:
            case "entities", "fields":
                for entity, values in list(self.examination.unsettled_entities(work)):
                    held = self.staging.find(entity.id)
                    if held is not None:
                        self.staging.see(held)
                        held.fields.update({name: value for name, value in values.items() if name in held.fields})
                        held.touched = True
            case "relations", "attributes":
                found = list(self.examination.unsettled_relations(work))
                by_id = {relation.id: values for relation, values in found}
                for draft in self.staging.adopt_relations(relation for relation, _ in found):
                    values = by_id[draft.id]
                    left = {name: value for name, value in values.items() if name in draft.attributes}
                    draft.attributes = {**draft.attributes, **left}
            case _:
                pass

    def _carriers(self, work: Work) -> list[str]:
        if work.reason == "removed":
            return [row.id for row in self.examination.tagged(work.name)]
        return [row.id for row in self.examination.wrong_carriers(work)]

    def _take_out(self, numbers: Sequence[int]) -> None:
        for draft in self.staging.adopt_relations(self.writer.relations(numbers).values()):
            retract(self.staging, draft.id)

    def _end(self, numbers: Sequence[int]) -> None:
        for draft in self.staging.adopt_relations(self.writer.relations(numbers).values()):
            if draft.since >= self.today:
                retract(self.staging, draft.id)
            elif draft.until > self.today:
                self.staging.see(draft)
                draft.until, draft.until_precision, draft.change = self.today, 0, "ended"


class _Renaming:
    """Puts the rows of a change set under the names of the new vocabulary."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names = plan.names

    def renamed(self, changes: ChangeSet) -> ChangeSet:
        if not self.plan.renames:
            return changes
        changes.entities = [
            Delta(one.before, None if one.after is None else self._entity(one.after), one.change)
            for one in changes.entities
        ]
        changes.relations = [
            Delta(one.before, None if one.after is None else self._relation(one.after), one.change)
            for one in changes.relations
        ]
        tags = self.names.tags
        changes.tags_removed = [one._replace(tag=tags.get(one.tag, one.tag)) for one in changes.tags_removed]
        return changes

    def _entity(self, row: EntityRow) -> EntityRow:
        table: dict[str, str] = {}
        for owner in reversed(self.plan.old.ancestors(row.type)):
            table.update(self.names.fields.get(owner, {}))
        fields = {table.get(name, name): value for name, value in row.fields.items()}
        return row._replace(type=self.names.types.get(row.type, row.type), fields=fields)

    def _relation(self, row: RelationRow) -> RelationRow:
        table = self.names.attributes.get(row.predicate, {})
        attributes = {table.get(name, name): value for name, value in row.attributes.items()}
        return row._replace(predicate=self.names.predicates.get(row.predicate, row.predicate), attributes=attributes)
