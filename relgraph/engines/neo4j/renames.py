"""A new vocabulary over data in place: names that change are followed by labels, types and properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from relgraph.engines.neo4j.kinds import change_kinds
from relgraph.engines.neo4j.layout import kept_fields, key_property
from relgraph.engines.neo4j.names import label, labels_of, quoted, relationship_type
from relgraph.engines.neo4j.rows import Shapes, dumps
from relgraph.engines.neo4j.snapshot import Run, State
from relgraph.engines.neo4j.values import kept_properties
from relgraph.errors import CapabilityError
from relgraph.model.records import ChangeSet
from relgraph.vocabulary.dump import to_dict
from relgraph.vocabulary.model import Field, Vocabulary

Rename = tuple[str, str, str, str]

MOST_REWRITTEN = 500_000
"""Relations that a renamed predicate may have: each is deleted and made anew, all in one transaction."""
_PAGE = 5000


def apply_vocabulary(run: Run, state: State, changes: ChangeSet, version: int, number: int) -> State:
    """Keep the new vocabulary and bring what is there to its names; return the state that follows."""
    after = changes.vocabulary
    if after is None:
        return state
    before = state.shapes.vocabulary
    run(
        "CREATE (:_Vocabulary {version: $version, document: $document, _told: $number})",
        {"version": version, "document": dumps(to_dict(after)), "number": number},
    )
    renames = list(changes.renames)
    _rename_types(run, renames)
    used = _rename_predicates(run, state, renames)
    _rename_tags(run, renames)
    _rename_fields(run, before, after, renames)
    _relabel(run, before, after, renames)
    change_kinds(run, before, after, renames)
    shapes = Shapes(after)
    _reindex(run, before, shapes, renames)
    return State(state.last, version, shapes, used)


def renamed_predicates(renames: Iterable[Rename]) -> dict[str, str]:
    """Return the new names of predicates by the old ones."""
    return {old: new for kind, _, old, new in renames if kind == "predicate" and old != new}


def _steps(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return renames one at a time, by way of names that nobody has where two change places."""
    aside = {old: f"_renamed {index}" for index, (old, new) in enumerate(names.items()) if new in names}
    first = [(old, aside.get(old, new)) for old, new in names.items()]
    # those that step aside go first, so that their names are free
    first.sort(key=lambda step: step[0] not in aside)
    return first + [(kept, names[old]) for old, kept in aside.items()]


def _rename_types(run: Run, renames: Iterable[Rename]) -> None:
    names = {old: new for kind, _, old, new in renames if kind == "type" and old != new}
    for old, new in _steps({label(old): label(new) for old, new in names.items()}):
        run(f"MATCH (n:{quoted(old)}) SET n:{quoted(new)} REMOVE n:{quoted(old)}", {})
    for old, new in _steps(names):
        run("MATCH (x:_PastEntity) WHERE x._type = $old SET x._type = $new", {"old": old, "new": new})


def _rename_predicates(run: Run, state: State, renames: Iterable[Rename]) -> frozenset[str]:
    names = renamed_predicates(renames)
    for old in names:
        rewritten = relationship_type(old) != relationship_type(names[old])
        count = run(f"MATCH ()-[x:{quoted(relationship_type(old))}]->() RETURN count(x)", {})[0][0] if rewritten else 0
        if count > MOST_REWRITTEN:
            raise CapabilityError(
                f"{old} has {count:,} relations: on Neo4j each one is rewritten when its predicate gets another name,"
                f" and one transaction rewrites at most {MOST_REWRITTEN:,}",
                hint="change its reading instead, which is what people see",
                details={"capability": "exact rename of predicates", "predicate": old, "relations": count},
            )
    kinds = {relationship_type(old): relationship_type(new) for old, new in names.items()}
    for old, new in _steps({old: new for old, new in kinds.items() if old != new}):
        run(f"MATCH (a)-[x:{quoted(old)}]->(b) CREATE (a)-[y:{quoted(new)}]->(b) SET y = properties(x) DELETE x", {})
    for old, new in _steps(names):
        run("MATCH (x:_PastRelation) WHERE x._predicate = $old SET x._predicate = $new", {"old": old, "new": new})
        run("MATCH (x:_Told) WHERE x.predicate = $old SET x.predicate = $new", {"old": old, "new": new})
    return frozenset((state.used - names.keys()) | {new for old, new in names.items() if old in state.used})


def _rename_tags(run: Run, renames: Iterable[Rename]) -> None:
    names = {old: new for kind, _, old, new in renames if kind == "tag" and old != new}
    if names:
        run(
            "MATCH (n:Entity) WHERE any(t IN n._tags WHERE t IN $old)"
            " SET n._tags = [t IN n._tags | coalesce($names[t], t)]",
            {"old": list(names), "names": names},
        )
        run("MATCH (x:_PastTag) WHERE x.tag IN $old SET x.tag = $names[x.tag]", {"old": list(names), "names": names})


def _rename_fields(run: Run, before: Vocabulary, after: Vocabulary, renames: Sequence[Rename]) -> None:
    now = {(kind, old): new for kind, _, old, new in renames if kind in ("type", "predicate")}
    owners: dict[tuple[str, str], list[tuple[Field, str]]] = defaultdict(list)
    for kind, given, old, new in renames:
        if kind == "field" and old != new:
            owners["type", now.get(("type", given), given)].append((before.fields(given)[old], new))
        elif kind == "attribute" and old != new:
            field = before.predicates[given].attribute(old)
            if field is not None:
                owners["predicate", now.get(("predicate", given), given)].append((field, new))
    for (kind, owner), names in owners.items():
        if kind == "type" and owner in after.types:
            _move(run, f"MATCH (x:Entity:{quoted(label(owner))})", "", names, {})
            types = list(after.subtypes(owner))
            _move(run, "MATCH (x:_PastEntity)", "x._type IN $types", names, {"types": types})
        elif kind == "predicate" and owner in after.predicates:
            _move(run, f"MATCH ()-[x:{quoted(relationship_type(owner))}]->()", "", names, {})
            _move(run, "MATCH (x:_PastRelation)", "x._predicate = $owner", names, {"owner": owner})


def _move(
    run: Run, match: str, condition: str, names: Sequence[tuple[Field, str]], parameters: Mapping[str, object]
) -> None:
    """Give properties other names, all at once, so that two may change places."""
    pairs = [
        (quoted(had), quoted(has))
        for field, new in names
        for had, has in zip(kept_properties(field), kept_properties(replace(field, name=new)), strict=True)
    ]
    present = " OR ".join(f"x.{old} IS NOT NULL" for old, _ in pairs)
    taken = ", ".join(f"x.{old} AS v{index}" for index, (old, _) in enumerate(pairs))
    removed = ", ".join(f"x.{old}" for old, _ in pairs)
    # what is not there stays away: a null takes a property off, also the one that another pair has just set
    given = " ".join(
        f"FOREACH (v IN CASE WHEN v{index} IS NULL THEN [] ELSE [v{index}] END | SET x.{new} = v)"
        for index, (_, new) in enumerate(pairs)
    )
    where = f"({present})" + (f" AND {condition}" if condition else "")
    run(f"{match} WHERE {where} WITH x, {taken} REMOVE {removed} {given}", dict(parameters))


def _relabel(run: Run, before: Vocabulary, after: Vocabulary, renames: Iterable[Rename]) -> None:
    """Give entities the labels of their type's ancestors where these have changed."""
    now = {old: new for kind, _, old, new in renames if kind == "type"}
    for old in before.types:
        name = now.get(old, old)
        if name not in after.types:
            continue
        had = ["Entity", *(label(now.get(one, one)) for one in before.ancestors(old))]
        has = labels_of(after, name)
        lost, won = [one for one in had if one not in has], [one for one in has if one not in had]
        if not lost and not won:
            continue
        below = {now.get(one, one) for one in before.subtypes(old)} | set(after.subtypes(name))
        others = "".join(f"&!{quoted(label(one))}" for one in sorted(below - {name}))
        text = "".join(f" REMOVE n:{quoted(one)}" for one in lost) + "".join(f" SET n:{quoted(one)}" for one in won)
        run(f"MATCH (n:Entity&{quoted(label(name))}{others}){text}", {})


def _reindex(run: Run, before: Vocabulary, shapes: Shapes, renames: Iterable[Rename]) -> None:
    """Index entities anew whose type searches other fields, or is looked up by others, than before."""
    was = {new: old for kind, _, old, new in renames if kind == "type"}
    after = shapes.vocabulary
    changed = [
        name
        for name in after.types
        if was.get(name, name) in before.types and _indexed(before, was.get(name, name)) != _indexed(after, name)
    ]
    labels = shapes.names.exactly(changed)
    if labels is None:
        return
    stale = sorted({key_property(one) for name in changed for one in kept_fields(before, was.get(name, name))})
    last = -1
    while True:
        rows = run(
            f"MATCH (n:Entity&({labels})) WHERE n._number > $last RETURN labels(n), properties(n)"
            " ORDER BY n._number LIMIT $limit",
            {"last": last, "limit": _PAGE},
        )
        found = [row for cells in rows if (row := shapes.entity(cells[0], cells[1])) is not None]
        if not found:
            return
        run(
            "UNWIND $rows AS row MATCH (n:Entity {_number: row[0]}) SET n += row[1]",
            {"rows": [[row.number, {**dict.fromkeys(stale), **shapes.index_properties(row)}] for row in found]},
        )
        last = found[-1].number


def _indexed(vocabulary: Vocabulary, name: str) -> tuple[object, ...]:
    return vocabulary.search(name), vocabulary.caption(name), kept_fields(vocabulary, name)
