"""Legal erasure: every version, key, word and cached byte of entities and of their relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from relgraph.engines.sqlite.codec import dumps, loads, numbers_text
from relgraph.engines.sqlite.connection import Link
from relgraph.model.records import TransactionRow

Tell = Callable[[Mapping[str, object]], TransactionRow]
_EVERYWHERE = ("", "_past")


def erase(link: Link, entities: Sequence[int], tell: Tell) -> TransactionRow:
    """Erase inside the open transaction; ``tell`` writes the entry of the log, which holds counts and no names."""
    erased = _with_merged(link, entities)
    relations = _relations_of(link, erased)
    traces = _traces(link, erased, relations)
    told = tell({"purged_entities": len(erased), "purged_relations": len(relations)})
    for table in _EVERYWHERE:
        _delete(link, f"relation_sources{table}", "relation", relations)
        _delete(link, f"relations{table}", "number", relations)
        for marks in ("tags", "external_keys"):
            _delete(link, f"{marks}{table}", "entity", erased)
        _delete(link, f"entities{table}", "number", erased)
    _delete(link, "field_values", "entity", erased)
    _delete(link, "search", "rowid", erased)
    # deleted words stay in the index until its parts are merged
    link.run("INSERT INTO search (search) VALUES ('optimize')")
    predicates = sorted(set(relations.values()))
    link.run(f"DELETE FROM adjacency WHERE predicate IN ({','.join(map(str, predicates)) or 'NULL'}) OR predicate = 0")
    link.many("INSERT INTO purged VALUES (?, 'entity', ?, NULL)", [(told.number, one) for one in sorted(erased)])
    link.many(
        "INSERT INTO purged VALUES (?, 'relation', ?, ?)",
        [(told.number, number, predicate) for number, predicate in sorted(relations.items())],
    )
    _scrub(link, traces, told.number)
    return told


def settle(link: Link) -> None:
    """Empty the journal, which still holds pages as they were."""
    busy = link.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy and busy[0][0]:
        # a reader holds an older snapshot; what it does not need is emptied now, the rest when the last one leaves
        link.rows("PRAGMA wal_checkpoint(PASSIVE)")


def _with_merged(link: Link, entities: Iterable[int]) -> set[int]:
    """Return the entities and all that were ever merged into them."""
    found = set(entities)
    level = list(found)
    while level:
        asked = {"list": numbers_text(level)}
        merged: set[int] = set()
        for table in _EVERYWHERE:
            rows = link.rows(
                f"SELECT x.number FROM json_each(:list) e CROSS JOIN entities{table} x ON x.merged_into = e.value",
                asked,
            )
            merged.update(row[0] for row in rows)
        level = sorted(merged - found)
        found |= merged
    return found


def _relations_of(link: Link, entities: set[int]) -> dict[int, int]:
    """Return the relations that ever touched the entities, with their predicates."""
    asked = {"list": numbers_text(sorted(entities))}
    found: dict[int, int] = {}
    for table in _EVERYWHERE:
        for column in ("subject", "object"):
            found.update(
                link.rows(
                    f"SELECT x.number, x.predicate FROM json_each(:list) e"
                    f" CROSS JOIN relations{table} x ON x.{column} = e.value",
                    asked,
                )
            )
    return found


def _traces(link: Link, entities: set[int], relations: Mapping[int, int]) -> tuple[set[str], set[str]]:
    """Return the ids that are erased, and the captions that the entities ever had."""
    ids: set[str] = set()
    captions: set[str] = set()
    asked = {"list": numbers_text(sorted(entities))}
    about = {"list": numbers_text(sorted(relations))}
    for table in _EVERYWHERE:
        rows = link.rows(
            f"SELECT x.id, x.caption FROM json_each(:list) e CROSS JOIN entities{table} x ON x.number = e.value", asked
        )
        ids.update(row[0] for row in rows)
        captions.update(row[1] for row in rows if row[1])
        rows = link.rows(
            f"SELECT x.id FROM json_each(:list) e CROSS JOIN relations{table} x ON x.number = e.value", about
        )
        ids.update(row[0] for row in rows)
    return ids, captions


def _delete(link: Link, table: str, column: str, numbers: Iterable[int]) -> None:
    link.many(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in numbers])


def _scrub(link: Link, traces: tuple[set[str], set[str]], number: int) -> None:
    """Remove saved documents that name what is erased, and empty what the log says of it beside its changes."""
    ids, captions = traces
    for kind, name, text in link.rows("SELECT kind, name, document FROM saved_documents WHERE kind <> 'setting'"):
        if _mentions([name, loads(text)], ids, captions):
            link.run("DELETE FROM saved_documents WHERE kind = ? AND name = ?", (kind, name))
    for told, text in link.rows(
        "SELECT number, detail FROM transactions WHERE detail <> '{}' AND number < ?", (number,)
    ):
        detail = loads(text)
        kept = {key: value for key, value in detail.items() if not _mentions([key, value], ids, captions)}
        if len(kept) < len(detail):
            link.run("UPDATE transactions SET detail = ? WHERE number = ?", (dumps(kept), told))


def _mentions(value: Any, ids: set[str], captions: set[str]) -> bool:
    """Return whether a document names an id or a caption: as a text of its own, or quoted within a question."""
    match value:
        case str():
            if value in ids or value in captions:
                return True
            if '"' not in value and "'" not in value and "@" not in value:
                return False
            return any(f'"{one}"' in value or f"'{one}'" in value for one in captions | ids) or any(
                f"@{one}" in value for one in ids
            )
        case list():
            return any(_mentions(one, ids, captions) for one in value)
        case dict():
            return any(_mentions([key, one], ids, captions) for key, one in value.items())
    return False
