"""Callbacks of those who embed the library: before a commit they may refuse, after it they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from relgraph.model.changes import Change
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, same_fact
from relgraph.model.records import Note


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is about to be committed: what, by whom and why."""

    event: str
    id: str
    type: str
    subject: str | None
    object: str | None
    fields: dict[str, Any]
    actor: str | None
    reason: str | None


class Hooks:
    """The callbacks of one graph, by event pattern such as ``relation.added``, ``entity.*`` or ``*``."""

    def __init__(self) -> None:
        self._after: list[tuple[str, Callable[[Change], None]]] = []
        self._before: list[tuple[str, Callable[[Proposal], None]]] = []

    @property
    def listening(self) -> bool:
        """Whether anybody is to be told after a commit."""
        return bool(self._after)

    @property
    def refusing(self) -> bool:
        """Whether anybody may refuse before a commit."""
        return bool(self._before)

    def on(self, event: str, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Remember a callback for after commits; return what forgets it."""
        entry = (event, callback)
        self._after.append(entry)
        return lambda: self._after.remove(entry)

    def before(self, event: str, callback: Callable[[Proposal], None]) -> Callable[[], None]:
        """Remember a callback for before commits; return what forgets it."""
        entry = (event, callback)
        self._before.append(entry)
        return lambda: self._before.remove(entry)

    def tell(self, changes: Sequence[Change]) -> None:
        """Call those who listen, change by change."""
        for change in changes:
            for pattern, callback in list(self._after):
                if fnmatchcase(f"{change.thing}.{change.change}", pattern):
                    callback(change)

    def refuse(self, staging: Staging, note: Note) -> None:
        """Call those who may refuse; what they raise goes to whoever commits. The lock is not held yet."""
        for proposal in proposals(staging, note):
            for pattern, callback in list(self._before):
                if fnmatchcase(proposal.event, pattern):
                    callback(proposal)


def proposals(staging: Staging, note: Note) -> Iterator[Proposal]:
    """Yield what a staging would change, entities before relations."""
    for entity in list(staging.entities.values()):
        change = _entity_change(entity)
        if change is not None:
            yield Proposal(
                f"entity.{change}", entity.id, entity.type, None, None, dict(entity.fields), note.actor, note.reason
            )
    for relation in list(staging.relations.values()):
        change = _relation_change(relation)
        if change is not None:
            ends = str(relation.subject), str(relation.object)
            yield Proposal(
                f"relation.{change}",
                relation.id,
                relation.predicate,
                *ends,
                dict(relation.attributes),
                note.actor,
                note.reason,
            )


def _entity_change(draft: EntityDraft) -> str | None:
    if draft.before is None:
        return None if draft.gone else "added"
    if draft.gone or draft.touched:
        return draft.change
    return "tagged" if draft.tags != draft.tags_before else None


def _relation_change(draft: RelationDraft) -> str | None:
    if draft.before is None:
        return None if draft.gone else "added"
    if draft.gone or not same_fact(draft, draft.before) or draft.change == "moved":
        return draft.change
    return None
