"""Fields of types that were found one by one: said so that they go together in one vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from relgraph.engines.neo4j import adopt_kinds as kinds
from relgraph.vocabulary.check_types import kind_text
from relgraph.vocabulary.model import EntityType, Field, Predicate


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the wanted one, or that with a number behind it.

    >>> free_name("name_value", {"name", "name_value"})
    'name_value_2'
    """
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}_{number}"
    return found


def kept_as(one: Field) -> str:
    """Return the property that holds a field."""
    return one.was or one.name


def clear_of_readings(types: Sequence[EntityType], predicates: Sequence[Predicate]) -> list[EntityType]:
    """Return types whose fields have no name of a predicate, for a question could mean either."""
    readings = {name for one in predicates for name in (one.name, one.inverse)}
    names = {each.name for one in types for each in one.fields}
    changed: dict[str, str] = {}
    for name in sorted(names & readings):
        changed[name] = free_name(f"{name}_value", {*names, *readings, *changed.values()})
    return [
        replace(
            one,
            fields=tuple(
                replace(each, name=changed[each.name], was=kept_as(each)) if each.name in changed else each
                for each in one.fields
            ),
            caption=tuple(changed.get(name, name) for name in one.caption),
            key=tuple(changed.get(name, name) for name in one.key),
        )
        for one in types
    ]


def agreed(types: Sequence[EntityType]) -> tuple[list[EntityType], list[str]]:
    """Return types that say one kind for a field wherever one type has it from several others, and what to say of it.

    >>> from relgraph.vocabulary.model import EntityType, Field
    >>> found, notes = agreed([
    ...     EntityType("A", fields=(Field("v", kind="integer"),)),
    ...     EntityType("B", fields=(Field("v", kind="text"),)),
    ...     EntityType("C", extends=("A", "B")),
    ... ])
    >>> [one.fields[0].kind for one in found[:2]], notes
    (['text', 'text'], ['v is kept as text in A and B, which C extends'])
    """
    by_name = {one.name: one for one in types}
    notes: list[str] = []
    changed: dict[tuple[str, str], Field] = {}
    for field_name, owners, heir in _shared(by_name):
        fields = [one for name in owners for one in by_name[name].fields if one.name == field_name]
        kind, many = kinds.together({(one.kind, one.many) for one in fields})
        if all((one.kind, one.many) == (kind, many) for one in fields):
            continue
        scales = [one.scale for one in fields if one.scale is not None]
        scale = max(scales) if scales and kind == "decimal" else None
        told = kind_text(replace(fields[0], kind=kind, many=many))
        notes.append(f"{field_name} is kept as {told} in {' and '.join(owners)}, which {heir} extends")
        for name, declared in zip(owners, fields, strict=True):
            changed[name, field_name] = replace(declared, kind=kind, many=many, scale=scale)
    found = []
    for one in types:
        own = tuple(changed.get((one.name, each.name), each) for each in one.fields)
        lists = {each.name for each in own if each.many}
        if lists & set(one.key):
            notes.append(f"{one.name} has no key: its ids are made of what its nodes hold, and change with it")
        found.append(replace(one, fields=own, key=() if lists & set(one.key) else one.key))
    return found, notes


def _shared(types: Mapping[str, EntityType]) -> Iterator[tuple[str, list[str], str]]:
    """Yield each field that types above one type declare, with all whose kind it has to be, and the type below."""

    def lineage(name: str) -> set[str]:
        return {name}.union(*(lineage(one) for one in types[name].extends))

    groups: dict[str, list[tuple[set[str], str]]] = defaultdict(list)
    for heir in types:
        above: dict[str, set[str]] = defaultdict(set)
        for name in lineage(heir):
            for one in types[name].fields:
                above[one.name].add(name)
        for field_name, owners in above.items():
            if len(owners) > 1:
                joined, below = set(owners), heir
                apart = []
                for others, first in groups[field_name]:
                    if others & joined:
                        joined, below = joined | others, first
                    else:
                        apart.append((others, first))
                groups[field_name] = [*apart, (joined, below)]
    for field_name, found in sorted(groups.items()):
        for owners, heir in found:
            yield field_name, sorted(owners), heir


def by_property(fields: Iterable[Field]) -> dict[str, list[Field]]:
    """Return the fields that each property gives a value to: several, where types that are joined name it each its way.

    >>> from relgraph.vocabulary.model import Field
    >>> {kept: [one.name for one in found] for kept, found in by_property(
    ...     [Field("a_id", was="id"), Field("b_id", was="id"), Field("name")]).items()}
    {'id': ['a_id', 'b_id'], 'name': ['name']}
    """
    found: dict[str, list[Field]] = defaultdict(list)
    for one in fields:
        found[kept_as(one)].append(one)
    return dict(found)
