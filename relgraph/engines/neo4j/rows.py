"""Between rows of the model and properties of nodes and relationships."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from relgraph.engines.neo4j.cypher.texts import Texts
from relgraph.engines.neo4j.layout import kept_fields, key_property, key_value
from relgraph.engines.neo4j.names import Names
from relgraph.engines.neo4j.search import caption_words, further_words
from relgraph.engines.neo4j.values import (
    Forms,
    Properties,
    bounds,
    from_order_key,
    order_key,
    properties,
    put_bounds,
)
from relgraph.folding import fold
from relgraph.ids import uuid7
from relgraph.model.records import EntityRow, Note, RelationRow, SourceRow, TransactionRow
from relgraph.values import parse_datetime
from relgraph.vocabulary.model import Field, Vocabulary

INDEXED = 2000
"""Characters of a caption that an index takes; longer ones are kept beside."""
_ENTITY = ("id",)
_RELATION = ("id", "since", "until", "confidence", "source")
_STATES = frozenset(("live", "trashed", "merged"))
_LARGEST = 2**40
"""More than any number that is given out: arrays have room for what is below."""


def caption_key(caption: str) -> str:
    """Return what captions are ordered and paged by in the database."""
    return order_key(caption[:INDEXED])


def caption_of(key: object, whole: object) -> str:
    """Return the caption that a node has: kept beside where it is longer than an index takes."""
    return from_order_key(str(key or "")) if whole is None else str(whole)


def folded_key(folded: str) -> str:
    """Return what folded captions are looked up by in the database."""
    return folded[:INDEXED]


def dumps(document: Mapping[str, Any]) -> str:
    """Return a document as the text that is kept."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class Shapes:
    """How the rows of one vocabulary look in the database."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.names = Names(vocabulary)
        self.statements: Texts[Any] = Texts()
        self.untold: Texts[Any] = Texts()
        self.complete: dict[tuple[str, str], bool] = {}
        """Of required attributes, by predicate and name, whether every relation has one, as far as that was asked."""
        self._kept_fields: dict[str, tuple[str, ...]] = {}
        self._forms: dict[str, Forms] = {}
        self._relation_forms: dict[str, Forms] = {}

    def fields(self, type_name: str) -> Mapping[str, Field]:
        """Return the fields of a type, none where today's vocabulary does not have it."""
        return self.vocabulary.fields(type_name) if type_name in self.vocabulary.types else {}

    def attributes(self, predicate: str) -> Mapping[str, Field]:
        """Return the attributes of a predicate, none where today's vocabulary does not have it."""
        return self.vocabulary.attributes(predicate)

    def _kept(self, type_name: str) -> tuple[str, ...]:
        if type_name not in self._kept_fields:
            self._kept_fields[type_name] = kept_fields(self.vocabulary, type_name)
        return self._kept_fields[type_name]

    def _forms_of(self, kind: str) -> Forms:
        found = self._forms.get(kind)
        if found is None:
            found = self._forms[kind] = Forms(self.fields(kind), _ENTITY)
        return found

    def _forms_between(self, predicate: str) -> Forms:
        found = self._relation_forms.get(predicate)
        if found is None:
            found = self._relation_forms[predicate] = Forms(self.attributes(predicate), _RELATION)
        return found

    # -- entities ------------------------------------------------------------------------------------------------

    def entity_properties(self, row: EntityRow, told: int) -> Properties:
        """Return the properties of an entity's node, without its tags."""
        found = properties(self.fields(row.type), row.fields)
        found["id"] = row.id
        found["_number"] = row.number
        found["_told"] = told
        found["_caption"] = caption_key(row.caption)
        if len(row.caption) > INDEXED:
            found["_caption_full"] = row.caption
        found["_folded"] = folded_key(fold(row.caption))
        if row.state != "live":
            found["_state"] = row.state
        found.update({name: value for name, value in self.index_properties(row).items() if value is not None})
        if row.merged_into is not None:
            found["_merged_into"] = row.merged_into
        return found

    def index_properties(self, row: EntityRow) -> Properties:
        """Return the properties by which an entity is searched and looked up, None for those it is to lack."""
        found: Properties = {
            key_property(name): key_value(row.fields[name]) for name in self._kept(row.type) if name in row.fields
        }
        live = row.state == "live"
        found["_caption_words"] = caption_words(row.caption) if live else None
        found["_words"] = (further_words(row, self.vocabulary) or None) if live else None
        return found

    def past_entity(self, row: EntityRow) -> Properties:
        """Return the properties of the node that keeps a version of an entity."""
        found = self.entity_properties(row, row.told_in)
        for name in ("_caption_words", "_words", *map(key_property, self._kept(row.type))):
            found.pop(name, None)
        found["_type"] = row.type
        return found

    def entity(self, labels: list[str], held: Mapping[str, Any]) -> EntityRow | None:
        """Return the row of a node; None where it is none of ours, or of a type that has no name today."""
        kind = held.get("_type") or self.names.type_of(labels)
        number, identifier, told = held.get("_number"), held.get("id"), held.get("_told")
        if kind is None or not _is_number(number):
            return None
        merged = held.get("_merged_into")
        state = held.get("_state", "live")
        return EntityRow(
            number,
            "" if identifier is None else str(identifier),
            kind,
            caption_of(held.get("_caption"), held.get("_caption_full")),
            self._forms_of(kind).stored(held),
            # a state that another program wrote hides the entity from what lists live ones
            state if state in _STATES else "trashed",
            merged if _is_number(merged) and merged != number else None,
            told if _is_number(told) else 0,
        )

    # -- relations -----------------------------------------------------------------------------------------------

    def relation_properties(self, row: RelationRow, told: int) -> Properties:
        """Return the properties of a relation, without the names of its sources."""
        found = properties(self.attributes(row.predicate), row.attributes) if row.attributes else {}
        put_bounds(found, row.since, row.until, row.since_precision, row.until_precision)
        found["id"] = row.id
        found["_number"] = row.number
        found["_told"] = told
        if row.confidence is not None:
            found["confidence"] = row.confidence
        return found

    def past_relation(self, row: RelationRow) -> Properties:
        """Return the properties of the node that keeps a version of a relation."""
        found = self.relation_properties(row, row.told_in)
        found["_predicate"] = row.predicate
        found["_subject"] = row.subject
        found["_object"] = row.object
        return found

    def relation(self, predicate: str, subject: int, obj: int, held: Mapping[str, Any]) -> RelationRow | None:
        """Return the row of a relationship; None where it is none of ours."""
        number, told = held.get("_number"), held.get("_told")
        if not (_is_number(number) and _is_number(subject) and _is_number(obj)):
            return None
        confidence = held.get("confidence")
        return RelationRow(
            number,
            str(held.get("id", "")),
            predicate,
            subject,
            obj,
            *bounds(held),
            self._forms_between(predicate).stored(held),
            float(confidence) if isinstance(confidence, int | float) else None,
            told if _is_number(told) else 0,
        )


def _is_number(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < _LARGEST


def source_row(held: Mapping[str, Any]) -> SourceRow:
    """Return a statement of a source."""
    says = held.get("says")
    return SourceRow(held["relation"], held["source"], held["key"], document(says) if says else None, held["_told"])


def document(text: Any) -> dict[str, Any] | None:
    """Return a document that is kept as text, None where another program left none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def transaction_row(held: Mapping[str, Any]) -> TransactionRow:
    """Return an entry of the log."""
    return TransactionRow(
        held["number"],
        held["id"],
        parse_datetime(held["recorded_at"].to_native()),
        held["kind"],
        held.get("actor"),
        held.get("reason"),
        held.get("batch"),
        held.get("undoes"),
        held["vocabulary"],
        document(held.get("detail")) or {},
    )


def note_properties(note: Note) -> Properties:
    """Return the properties of an entry of the log that its writer says; the clock adds number and time."""
    found = {
        "id": note.id or uuid7(),
        "kind": note.kind,
        "actor": note.actor,
        "reason": note.reason,
        "batch": note.batch,
        "undoes": note.undoes,
        "detail": dumps(note.detail),
    }
    return {name: value for name, value in found.items() if value is not None}
