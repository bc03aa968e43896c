"""A copy of what somebody may read, brought up to what the network has become, one change after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from relgraph import Entity, Graph, NotFound, Relation, RelgraphError, Transaction

MOST = 2000
"""More changes than these are not followed: a new copy is quicker."""
_RELINKED = frozenset({"merged", "moved", "undone", "renamed", "purged", "restored"})
"""Changes that bring back or move what is not among the changes themselves."""


class TooMuch(Exception):
    """What has changed is not followed; a new copy has to be made."""


def follow(copied: Graph, graph: Graph, after: int) -> int:
    """Bring a copy up to the network, from a transaction on; return how many changes there were.

    Raises TooMuch where a new copy should be made.
    What is looked at is how things are now, so following the same changes again does no harm.
    """
    changes = list(graph.changes(after=after or None, limit=MOST + 1))
    if len(changes) > MOST or any(one.change in _RELINKED or one.event.kind != "write" for one in changes):
        raise TooMuch
    entities = {one.id: one.change for one in changes if one.thing == "entity"}
    relations = dict.fromkeys(one.id for one in changes if one.thing == "relation")
    try:
        with copied.transaction(by_code=True) as tx:
            _Following(copied, graph, tx).run(entities, relations)
    except RelgraphError as error:
        # such as a key that went from one thing to another: the new copy has no such way to go
        raise TooMuch from error
    return len(changes)


class _Following:
    """One bringing up to date."""

    def __init__(self, copied: Graph, graph: Graph, tx: Transaction) -> None:
        self.copied = copied
        self.graph = graph
        self.tx = tx
        self.words = copied.vocabulary

    def run(self, entities: Iterable[str], relations: Iterable[str]) -> None:
        """Set right the entities, then the relations that were changed or came back with an end."""
        asked = dict.fromkeys(relations)
        for one in entities:
            asked.update(dict.fromkeys(self._entity(one)))
        for one in asked:
            self._relation(one)

    def _entity(self, entity_id: str) -> list[str]:
        """Set an entity right; return the ids of relations that may have come with it."""
        now, held = _entity_of(self.graph, entity_id), _entity_of(self.copied, entity_id)
        if now is None:
            if held is not None:
                self.tx.trash(entity_id)
            return []
        kind = self.words.types.get(now.type)
        if kind is None or kind.abstract:
            if held is not None:
                # it became what may not be read
                raise TooMuch
            return []
        if held is not None:
            self._changed(now, held)
            return []
        tags = [one for one in now.tags if one in self.words.tags]
        self.tx.add(now.type, id=now.id, keys=list(now.keys), tags=tags, fields=dict(now.fields))
        # it may have been of a type that is hidden, with relations that were there before
        return [one.id for end in ("subject", "object") for one in self.graph.relations(**{end: now.id}, ever=True)]

    def _changed(self, now: Entity, held: Entity) -> None:
        for source, key in set(held.keys) - set(now.keys):
            self.tx.take_key(held.id, source, key)
        fields = {name: now.fields.get(name) for name in {*now.fields, *held.fields}}
        self.tx.update(now.id, fields=fields, type=now.type, keys=list(now.keys))
        tags = {one for one in now.tags if one in self.words.tags}
        self.tx.untag(now.id, *(one for one in held.tags if one not in tags))
        self.tx.tag(now.id, *sorted(tags - set(held.tags)))

    def _relation(self, relation_id: str) -> None:
        now, held = _relation_of(self.graph, relation_id), _relation_of(self.copied, relation_id)
        if now is None:
            if held is not None and all(_entity_of(self.graph, end.id) for end in (held.subject, held.object)):
                self.tx.retract(relation_id)
            return
        if now.predicate not in self.words.predicates:
            return
        sources = [one.name for one in now.sources]
        told: dict[str, Any] = {"since": now.since, "until": now.until, "confidence": now.confidence}
        if held is None:
            if all(self._there(end.id) for end in (now.subject, now.object)):
                told |= {"id": now.id, "source": sources or None, "attributes": dict(now.attributes)}
                self.tx.relate(now.subject.id, now.predicate, now.object.id, **told)
            return
        if (now.predicate, now.subject.id, now.object.id) != (held.predicate, held.subject.id, held.object.id):
            raise TooMuch
        before = {one.name for one in held.sources}
        if before - set(sources):
            raise TooMuch
        attributes = {name: now.attributes.get(name) for name in {*now.attributes, *held.attributes}}
        self.tx.update(relation_id, attributes=attributes, **told)
        for one in sources:
            if one not in before:
                self.tx.update(relation_id, source=one)

    def _there(self, entity_id: str) -> bool:
        try:
            self.tx.get(entity_id)
        except NotFound:
            return False
        return True


def _entity_of(graph: Graph, entity_id: str) -> Entity | None:
    try:
        found = graph.get(entity_id)
    except NotFound:
        return None
    return found if found.id == entity_id else None


def _relation_of(graph: Graph, relation_id: str) -> Relation | None:
    try:
        return graph.relation(relation_id)
    except NotFound:
        return None
