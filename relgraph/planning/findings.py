"""What ``check`` says of the data: every rule that is broken, kept or only warned of, and sources that disagree."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.engines.base import Finding
from relgraph.model.ports import Reader
from relgraph.model.records import EntityRow, RelationRow
from relgraph.model.rules import family
from relgraph.model.rules.messages import to_error
from relgraph.planning.judge import doubles, entities_of, relations_of, rule_breaches, wrong_values

PAGE = 1000


def findings(reader: Reader, *, today: int) -> Iterator[Finding]:
    """Yield every finding: rules of relations, fields of entities and relations, disagreeing sources.

    What ended by ``today`` relies on no type and no tag any more.
    """
    yield from _rules(reader, today)
    yield from _fields(reader)
    yield from _attributes(reader)
    yield from _disagreements(reader)


def _rules(reader: Reader, today: int) -> Iterator[Finding]:
    vocabulary = reader.vocabulary

    def entity(number: int) -> EntityRow:
        return reader.entities([number])[number]

    def relation(number: int) -> RelationRow | None:
        return reader.relations([number]).get(number)

    told = rule_breaches(reader, vocabulary, vocabulary.predicates, levels=family.ALL, today=today)
    for name, found in told.items():
        for breach in found.listed:
            error = to_error(breach, vocabulary, entity, relation)
            yield Finding(error.code, error.message, {**error.details, "level": breach.level})
        if found.total > len(found.listed):
            more = found.total - len(found.listed)
            yield Finding("rule-more", f"{name}: {more:,} more breaches are not listed", {"predicate": name})


def _fields(reader: Reader) -> Iterator[Finding]:
    vocabulary = reader.vocabulary
    for type_name, declared in vocabulary.types.items():
        fields = vocabulary.fields(type_name)
        if declared.abstract:
            for row in entities_of(reader, [type_name]):
                yield Finding(
                    "rule-type", f"{row.caption} ({row.id}) is of the abstract type {type_name}", {"entity": row.id}
                )
        for row in entities_of(reader, [type_name]):
            for name, why in wrong_values(fields, row.fields, fields):
                yield Finding("rule-field", f"{row.caption} ({row.id}): {why}", {"entity": row.id, "field": name})
    for type_name, declared in vocabulary.types.items():
        for field in declared.fields:
            if field.unique:
                for row, other in doubles(entities_of(reader, vocabulary.subtypes(type_name)), field.name, field):
                    yield Finding(
                        "rule-unique",
                        f"{row.caption} ({row.id}) has the same {field.name} as {other.caption} ({other.id})",
                        {"entity": row.id, "holder": other.id, "field": field.name},
                    )


def _attributes(reader: Reader) -> Iterator[Finding]:
    for name in reader.vocabulary.predicates:
        fields = reader.vocabulary.attributes(name)
        if not fields:
            continue
        for row in relations_of(reader, [name]):
            for attribute, why in wrong_values(
                fields, row.attributes, [one for one in fields if one in row.attributes]
            ):
                where = {"relation": row.id, "attribute": attribute}
                yield Finding("rule-field", f"{name} {row.id}: {why}", where)


def _disagreements(reader: Reader) -> Iterator[Finding]:
    after = -1
    while rows := reader.list_relations(None, after=after, limit=PAGE):
        after = rows[-1].number
        by_number = {row.number: row for row in rows}
        for number, told in reader.sources(by_number).items():
            for one in told:
                if one.says is not None:
                    row = by_number[number]
                    yield Finding(
                        "conflict",
                        f"{one.source} tells the relation {row.id} ({row.predicate}) otherwise",
                        {"relation": row.id, "source": one.source, "says": dict(one.says)},
                    )
