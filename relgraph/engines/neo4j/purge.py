"""Legal erasure: every version, key, word and document of entities and of their relations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.rows import dumps
from relgraph.engines.neo4j.snapshot import Run

_BATCH = 10_000


def erase(run: Run, reader: Reader, entities: Sequence[int]) -> dict[str, int]:
    """Erase inside the open transaction; return the counts that the log tells, which are all that is left."""
    erased = _with_merged(run, entities)
    relations = sorted({number for entity in erased for number in reader.relations_ever_of(entity)})
    ids, captions = _traces(run, erased)
    ids |= {row.id for row in reader.relations(relations).values()}
    for statement, numbers in (
        ("MATCH (x:_PastRelation {_number: i}) DELETE x", relations),
        ("MATCH (x:_Statement {relation: i}) DELETE x", relations),
        ("MATCH (x:_PastStatement {relation: i}) DELETE x", relations),
        ("MATCH (:Entity {_number: i})-[x]-() DELETE x", erased),
        ("MATCH (x:Entity {_number: i}) DELETE x", erased),
        ("MATCH (x:_PastEntity {_number: i}) DELETE x", erased),
        ("MATCH (x:_PastTag {entity: i}) DELETE x", erased),
        ("MATCH (x:_Key {entity: i}) DELETE x", erased),
        ("MATCH (x:_PastKey {entity: i}) DELETE x", erased),
    ):
        for start in range(0, len(numbers), _BATCH):
            run(f"UNWIND $list AS i {statement}", {"list": numbers[start : start + _BATCH]})
    _scrub(run, ids, captions)
    reader.forget()
    return {"purged_entities": len(erased), "purged_relations": len(relations)}


def _with_merged(run: Run, entities: Iterable[int]) -> list[int]:
    """Return the entities and all that were ever merged into them."""
    found = {int(one) for one in entities}
    level = sorted(found)
    while level:
        merged: set[int] = set()
        for label in ("Entity", "_PastEntity"):
            rows = run(
                f"UNWIND $list AS i MATCH (x:{label} {{_merged_into: i}}) RETURN DISTINCT x._number", {"list": level}
            )
            merged.update(row[0] for row in rows)
        level = sorted(merged - found)
        found |= merged
    return sorted(found)


def _traces(run: Run, entities: Sequence[int]) -> tuple[set[str], set[str]]:
    """Return the ids that are erased, and the captions that the entities ever had."""
    ids: set[str] = set()
    captions: set[str] = set()
    for label in ("Entity", "_PastEntity"):
        rows = run(
            f"UNWIND $list AS i MATCH (x:{label} {{_number: i}}) RETURN x.id, coalesce(x._caption_full, x._caption)",
            {"list": list(entities)},
        )
        ids.update(row[0] for row in rows if row[0])
        captions.update(row[1] for row in rows if row[1])
    return ids, captions


def _scrub(run: Run, ids: set[str], captions: set[str]) -> None:
    """Remove saved documents that name what is erased, and empty what the log says of it beside its changes."""
    for kind, name, text in run("MATCH (x:_Saved) WHERE x.kind <> 'setting' RETURN x.kind, x.name, x.document", {}):
        if mentions([name, json.loads(text)], ids, captions):
            run("MATCH (x:_Saved {kind: $kind, name: $name}) DELETE x", {"kind": kind, "name": name})
    for number, text in run("MATCH (x:_Transaction) WHERE x.detail <> '{}' RETURN x.number, x.detail", {}):
        detail = json.loads(text)
        kept = {key: value for key, value in detail.items() if not mentions([key, value], ids, captions)}
        if len(kept) < len(detail):
            run(
                "MATCH (x:_Transaction {number: $number}) SET x.detail = $detail",
                {"number": number, "detail": dumps(kept)},
            )


def mentions(value: Any, ids: set[str], captions: set[str]) -> bool:
    """Return whether a document names an id or a caption: as a text of its own, or quoted within a question."""
    match value:
        case str():
            if value in ids or value in captions:
                return True
            quoted = any(f"{mark}{one}{mark}" in value for one in captions | ids for mark in ('"', "'"))
            return quoted or ("@" in value and any(f"@{one}" in value for one in ids))
        case list():
            return any(mentions(one, ids, captions) for one in value)
        case dict():
            return any(mentions([key, one], ids, captions) for key, one in value.items())
    return False
