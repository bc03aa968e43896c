"""What somebody from whom something is hidden may hear of the past, and of why a write was refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relgraph import (
    Change,
    EntityRef,
    Event,
    FieldError,
    Graph,
    NotFound,
    PeriodError,
    RelgraphError,
    RequiredFieldError,
    RuleError,
    SelfRelationError,
    Vocabulary,
)

_OF_ONES_OWN: Final = (FieldError, RequiredFieldError, PeriodError, SelfRelationError)
"""Refusals that speak only of what was sent."""


class Listener:
    """Tells the changes of a network as one person may hear them.

    Heard is only what happened to things that this person can read now, and could have read at the time; not why it
    was done nor as part of what, since those words are about all that was done then.
    """

    def __init__(self, graph: Graph, seen: Graph, name: str) -> None:
        self._graph = graph
        self._seen = seen
        self._words: Vocabulary = seen.vocabulary
        self._name = name
        self._types: dict[tuple[str, int], str | None] = {}

    def told(self, change: Change) -> Change | None:
        """Return a change as it may be told; None for one that may not."""
        if change.change in {"merged", "moved"}:
            # the words name another entity, which may be hidden
            return None
        heard = self._entity(change) if change.thing == "entity" else self._relation(change)
        return None if heard is None else replace(heard, event=self._event(change.event))

    def _entity(self, change: Change) -> Change | None:
        try:
            self._seen.get(change.id)
        except NotFound:
            return None
        if self._type_then(change) not in self._words.types:
            return None
        if change.change in {"tagged", "untagged"} and {*change.before.values(), *change.after.values()} - {
            *self._words.tags
        }:
            return None
        before = change.before.get("type")
        # what it was before it became readable stays untold
        return replace(change, before={}) if before is not None and before not in self._words.types else change

    def _relation(self, change: Change) -> Change | None:
        try:
            relation = self._seen.relation(change.id)
        except NotFound:
            return None
        # a relation that was moved here by a merge had another end before, which may be hidden
        ends = {relation.subject.id: relation.subject.name, relation.object.id: relation.object.name}
        named = [
            one.id for values in (change.before, change.after) for one in values.values() if isinstance(one, EntityRef)
        ]
        return change if {*named} <= {*ends} and all(name in change.words for name in ends.values()) else None

    def _type_then(self, change: Change) -> str | None:
        place = change.id, change.event.number
        if place not in self._types:
            try:
                self._types[place] = self._graph.known_at(change.event.recorded_at).get(change.id).type
            except NotFound:
                self._types[place] = None
        return self._types[place]

    def _event(self, event: Event) -> Event:
        return event if event.actor == self._name else replace(event, reason=None, batch=None, detail={})


def discreet(error: RelgraphError) -> RelgraphError:
    """Return a refusal without the particulars of what stands against it, which may be hidden."""
    if not isinstance(error, RuleError):
        return error
    if isinstance(error, _OF_ONES_OWN):
        # of tags, those of hidden types would be offered too
        offered = () if error.details.get("rule") == "tag" else error.candidates
        return type(error)(error.message, hint=error.hint, candidates=offered, details=error.details)
    kind = RuleError if isinstance(error, ExceptionGroup) else type(error)
    return kind(
        "this would break a rule of the vocabulary",
        hint="somebody who may read everything sees what stands against it",
    )
