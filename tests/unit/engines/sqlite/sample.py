"""A small vocabulary and ways to write rows without the rules in between."""

from __future__ import annotations

from datetime import date
from typing import Any

from relgraph.engines.sqlite import SqliteStore
from relgraph.model.records import (
    OPEN_END,
    OPEN_START,
    ChangeSet,
    Delta,
    EntityRow,
    Note,
    RelationRow,
    TransactionRow,
)
from relgraph.vocabulary.model import EntityType, Field, Predicate, Tag, Vocabulary

NAME = Field("name", "text", required=True)
VOCABULARY = Vocabulary(
    "test",
    types={
        "Organization": EntityType("Organization", abstract=True, fields=(NAME,), search=("name",)),
        "Company": EntityType(
            "Company",
            extends=("Organization",),
            fields=(Field("country", "country"), Field("vat", "text", unique=True)),
            key=("name", "country"),
        ),
        "Person": EntityType(
            "Person", fields=(NAME, Field("nicknames", "text", many=True)), search=("name", "nicknames")
        ),
    },
    tags={"vip": Tag("vip"), "sanctioned": Tag("sanctioned")},
    predicates={
        "owns": Predicate("owns", "owned_by", attributes=(Field("share", "percent"),), acyclic="error"),
        "knows": Predicate("knows", "knows", symmetric=True),
        "controls": Predicate("controls", "controlled_by", acyclic="error"),
    },
)


def day(text: str | None, *, end: bool = False) -> int:
    if text is None:
        return OPEN_END if end else OPEN_START
    return date.fromisoformat(text).toordinal()


def entity(number: int, name: str, kind: str = "Company", **fields: Any) -> EntityRow:
    return EntityRow(number, f"e{number}", kind, name, {"name": name, **fields}, "live", None, 0)


def relation(
    number: int,
    predicate: str,
    subject: int,
    target: int,
    *,
    since: str | None = None,
    until: str | None = None,
    **attributes: Any,
) -> RelationRow:
    return RelationRow(
        number, f"r{number}", predicate, subject, target, day(since), day(until, end=True), 0, 0, attributes, None, 0
    )


def write(store: SqliteStore, note: Note | None = None, **changes: Any) -> TransactionRow:
    with store.write() as writer:
        return writer.commit(ChangeSet(**changes), note or Note())


def update(before: Any, change: str = "updated", **values: Any) -> Delta[Any]:
    return Delta(before, before._replace(**values), change)  # type: ignore[arg-type]
