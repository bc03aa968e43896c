"""What a plan would break in the data: one problem per kind of work that finds any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow, RelationRow
from relgraph.model.rules.messages import to_error
from relgraph.planning.judge import doubles, entities_of, relations_of, rule_breaches, unsettled, wrong_values
from relgraph.query.words import names_in
from relgraph.vocabulary.model import Field, Vocabulary
from relgraph.vocabulary.plan import Plan, Policy, Problem, Work
from relgraph.vocabulary.renames import Renames, in_new_names

EXAMPLES = 5
# what is said of one, and of several
Said = tuple[str, str]
REMOVE: tuple[Policy, ...] = ("refuse", "remove")
KEEP_OR_REMOVE: tuple[Policy, ...] = ("refuse", "keep", "remove")


def in_old_names(plan: Plan) -> Vocabulary:
    """Return the new vocabulary with what is renamed under its old name, as the data still has it."""
    names = plan.names
    back = Renames(
        types={new: old for old, new in names.types.items()},
        tags={new: old for old, new in names.tags.items()},
        predicates={new: old for old, new in names.predicates.items()},
        fields={
            names.types.get(owner, owner): {new: old for old, new in table.items()}
            for owner, table in names.fields.items()
        },
        attributes={
            names.predicates.get(owner, owner): {new: old for old, new in table.items()}
            for owner, table in names.attributes.items()
        },
    )
    return in_new_names(plan.new, back)


class Examination:
    """Looks at the data that a plan touches."""

    def __init__(self, plan: Plan, reader: Reader, today: int) -> None:
        self.plan = plan
        self.reader = reader
        self.today = today
        self.judged = in_old_names(plan)

    def problems(self) -> Iterator[Problem]:
        """Yield what breaks, in the order of the plan's work, each predicate's rules once; then whom removals touch."""
        ruled: set[str] = set()
        for work in self.plan.work:
            match work.rows, work.reason:
                case _, "removed":
                    yield from self._removed(work)
                case "entities", "abstract":
                    yield from self._abstract(work)
                case "entities", "values" | "fields":
                    yield from self._entity_values(work)
                case "tags", _:
                    yield from self._carriers(work)
                case "relations", "values" | "attributes":
                    yield from self._relation_values(work)
                case _ if work.name not in ruled:
                    ruled.add(work.name)
                    yield from self._rules(work)
        yield from self._asked()

    def _problem(
        self,
        work: Work,
        subject: str,
        found: list[str],
        said: Said,
        choices: tuple[Policy, ...],
        *,
        count: int | None = None,
    ) -> Iterator[Problem]:
        total = len(found) if count is None else count
        if total:
            message = f"{total:,} {said[0] if total == 1 else said[1]}"
            yield Problem(work.reason, subject, total, tuple(found[:EXAMPLES]), message, choices)

    # -- removed ----------------------------------------------------------------------------------------------------

    def _removed(self, work: Work) -> Iterator[Problem]:
        name = work.name
        match work.rows:
            case "entities":
                count = self.reader.count_entities([name])
                examples = [self._entity(row) for row in self.reader.list_entities([name], after=None, limit=EXAMPLES)]
                said = ("entity is of this type", "entities are of this type")
                yield from self._problem(work, name, examples, said, REMOVE, count=count)
            case "relations":
                count = self.reader.count_relations([name])
                rows = self.reader.list_relations([name], after=-1, limit=EXAMPLES)
                examples = [self._relation(row) for row in rows]
                said = ("relation is of this predicate", "relations are of this predicate")
                yield from self._problem(work, name, examples, said, REMOVE, count=count)
            case "tags":
                rows_of = [self._entity(row) for row in self.tagged(name)]
                yield from self._problem(
                    work, name, rows_of, ("entity carries this tag", "entities carry this tag"), REMOVE
                )

    def _asked(self) -> Iterator[Problem]:
        """Yield the saved questions that name what is removed; whatever happens to its data, they stay."""
        questions: dict[str, set[str]] | None = None
        for change in self.plan.changes:
            if change.action != "removed" or change.owner:
                continue
            if questions is None:
                saved = self.reader.saved("question")
                questions = {name: names_in(str(document.get("text", ""))) for name, document in saved}
            gone = self.plan.old.predicates.get(change.name) or self.plan.old.derived.get(change.name)
            names = {change.name} if gone is None else {gone.name, gone.inverse}
            using = [name for name, words in questions.items() if words & names]
            if using:
                said = "saved question uses it and" if len(using) == 1 else "saved questions use it and"
                message = f"{len(using):,} {said} could no longer be answered"
                yield Problem("asked", change.name, len(using), tuple(using[:EXAMPLES]), message)

    def tagged(self, tag: str) -> Iterator[EntityRow]:
        """Yield the live entities that carry a tag."""
        types = self.plan.old.tags[tag].types
        names = [one for name in types for one in self.plan.old.subtypes(name)] or list(self.plan.old.types)
        page: list[EntityRow] = []
        for row in entities_of(self.reader, names):
            page.append(row)
            if len(page) == 1000:
                yield from self._carrying(page, tag)
                page = []
        yield from self._carrying(page, tag)

    def _carrying(self, rows: list[EntityRow], tag: str) -> Iterator[EntityRow]:
        tags = self.reader.tags([row.number for row in rows])
        return (row for row in rows if tag in tags.get(row.number, ()))

    # -- entities ---------------------------------------------------------------------------------------------------

    def _abstract(self, work: Work) -> Iterator[Problem]:
        count = self.reader.count_entities([work.name])
        examples = [self._entity(row) for row in self.reader.list_entities([work.name], after=None, limit=EXAMPLES)]
        said = "of this type, which becomes abstract"
        told = (f"entity is {said}", f"entities are {said}")
        yield from self._problem(work, work.now or work.name, examples, told, KEEP_OR_REMOVE, count=count)

    def broken_entities(self, work: Work) -> Iterator[tuple[EntityRow, str, str]]:
        """Yield (entity, field, why) for entities that a changed field does not take, fields by their old names."""
        if work.reason == "values":
            for row in entities_of(self.reader, [work.name]):
                yield from ((row, name, f"has {name}") for name in work.keys if name in row.fields)
            return
        fields, keys = self._changed_fields(work)
        for row in entities_of(self.reader, [work.name]):
            for name, why in wrong_values(fields, row.fields, keys, settling=True):
                yield row, name, why
        for name in keys:
            if fields[name].unique:
                for row, other in doubles(entities_of(self.reader, [work.name]), name, fields[name]):
                    yield row, name, f"{name} is also that of {other.caption}"

    def _changed_fields(self, work: Work) -> tuple[Mapping[str, Field], list[str]]:
        return self.judged.fields(work.name), [self._old_field(work, key) for key in work.keys]

    def unsettled_entities(self, work: Work) -> Iterator[tuple[EntityRow, dict[str, object]]]:
        """Yield entities with the values that changed fields take in another form, by the fields' old names."""
        fields, keys = self._changed_fields(work)
        for row in entities_of(self.reader, [work.name]):
            if found := dict(unsettled(fields, row.fields, keys)):
                yield row, found

    def _old_field(self, work: Work, key: str) -> str:
        for owner in self.plan.old.ancestors(work.name):
            for old, new in self.plan.names.fields.get(owner, {}).items():
                if new == key:
                    return old
        return key

    def _entity_values(self, work: Work) -> Iterator[Problem]:
        found: dict[str, list[str]] = {}
        for row, name, why in self.broken_entities(work):
            found.setdefault(name, []).append(f"{self._entity(row)}: {why}")
        choices = REMOVE if work.reason == "values" else KEEP_OR_REMOVE
        said = ("entity breaks it", "entities break it")
        if work.reason == "values":
            said = ("entity has a value that would be lost", "entities have a value that would be lost")
        for name, examples in found.items():
            yield from self._problem(work, f"{work.now or work.name}.{name}", examples, said, choices)

    def wrong_carriers(self, work: Work) -> Iterator[EntityRow]:
        """Yield the entities that carry a tag and may not any more."""
        allowed = self.judged.tags[work.name].types
        for row in self.tagged(work.name):
            if row.type in self.judged.types and not any(self.judged.is_a(row.type, one) for one in allowed):
                yield row

    def _carriers(self, work: Work) -> Iterator[Problem]:
        examples = [self._entity(row) for row in self.wrong_carriers(work)]
        said = ("entity carries this tag that may not any more", "entities carry this tag that may not any more")
        yield from self._problem(work, work.now or work.name, examples, said, KEEP_OR_REMOVE)

    # -- relations --------------------------------------------------------------------------------------------------

    def broken_relations(self, work: Work) -> Iterator[tuple[RelationRow, str, str]]:
        """Yield (relation, attribute, why) for relations that a changed attribute does not take, by old names."""
        if work.reason == "values":
            for row in relations_of(self.reader, [work.name]):
                yield from ((row, name, f"has {name}") for name in work.keys if name in row.attributes)
            return
        fields, keys = self._changed_attributes(work)
        for row in relations_of(self.reader, [work.name]):
            for name, why in wrong_values(fields, row.attributes, keys, settling=True):
                yield row, name, why

    def _changed_attributes(self, work: Work) -> tuple[Mapping[str, Field], list[str]]:
        back = {new: old for old, new in self.plan.names.attributes.get(work.name, {}).items()}
        fields = self.judged.attributes(work.name)
        return fields, [back.get(key, key) for key in work.keys]

    def unsettled_relations(self, work: Work) -> Iterator[tuple[RelationRow, dict[str, object]]]:
        """Yield relations with the values that changed attributes take in another form, by their old names."""
        fields, keys = self._changed_attributes(work)
        for row in relations_of(self.reader, [work.name]):
            if found := dict(unsettled(fields, row.attributes, keys)):
                yield row, found

    def _relation_values(self, work: Work) -> Iterator[Problem]:
        found: dict[str, list[str]] = {}
        for row, name, why in self.broken_relations(work):
            found.setdefault(name, []).append(f"{self._relation(row)}: {why}")
        lost = work.reason == "values"
        said = ("relation breaks it", "relations break it")
        if lost:
            said = ("relation has a value that would be lost", "relations have a value that would be lost")
        for name, examples in found.items():
            subject = f"{work.now or work.name}.{name}"
            yield from self._problem(work, subject, examples, said, REMOVE if lost else KEEP_OR_REMOVE)

    def _rules(self, work: Work) -> Iterator[Problem]:
        for name, found in rule_breaches(self.reader, self.judged, [work.name], today=self.today).items():
            errors = [to_error(one, self.judged, self._row, self._relation_row) for one in found.listed[:EXAMPLES]]
            examples = [error.message for error in errors]
            subject = self.plan.names.predicates.get(name, name)
            work = replace(work, name=name)
            said = ("relation breaks its rules", "relations break its rules")
            choices: tuple[Policy, ...] = ("refuse", "keep", "end", "remove")
            yield from self._problem(work, subject, examples, said, choices, count=found.total)

    # -- words ------------------------------------------------------------------------------------------------------

    def _row(self, number: int) -> EntityRow:
        return self.reader.entities([number])[number]

    def _relation_row(self, number: int) -> RelationRow | None:
        return self.reader.relations([number]).get(number)

    def _entity(self, row: EntityRow) -> str:
        return f"{row.caption} ({row.id})"

    def _relation(self, row: RelationRow) -> str:
        ends = self.reader.entities([row.subject, row.object])
        return f"{ends[row.subject].caption} {row.predicate} {ends[row.object].caption} ({row.id})"
