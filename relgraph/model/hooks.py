"""Callbacks of those who embed the library: before a commit they may refuse, after it they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args

from relgraph.errors import ValueProblem
from relgraph.model.changes import Change
from relgraph.model.drafts import EntityDraft, RelationDraft, Staging, same_fact
from relgraph.model.prepare import nearest
from relgraph.model.records import ChangeKind, Note

_KINDS = [one for one in get_args(ChangeKind) if one != "renamed"]
EVENTS = (
    *[f"entity.{one}" for one in (*_KINDS, "tagged", "untagged", "keyed", "unkeyed")],
    *[f"relation.{one}" for one in (*_KINDS, "stated", "withdrawn")],
    "network.purged",
)
"""What may happen, as a callback asks for it."""


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
        """Remember a callback for after commits; return what forgets it. ValueProblem for what never happens."""
        return _remembered(self._after, event, callback)

    def before(self, event: str, callback: Callable[[Proposal], None]) -> Callable[[], None]:
        """Remember a callback for before commits; return what forgets it. ValueProblem for what never happens."""
        return _remembered(self._before, event, callback)

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


def _remembered(
    entries: list[tuple[str, Callable[[Any], None]]], event: str, callback: Callable[[Any], None]
) -> Callable[[], None]:
    if not any(fnmatchcase(one, event) for one in EVENTS):
        raise ValueProblem(
            f"nothing that happens is called {event!r}",
            hint="an event is a thing and what became of it, such as relation.added; * stands for any",
            candidates=nearest(event, EVENTS),
        )
    entry = (event, callback)
    entries.append(entry)

    def forget() -> None:
        if entry in entries:
            entries.remove(entry)

    return forget


def proposals(staging: Staging, note: Note) -> Iterator[Proposal]:
    """Yield what a staging would change, entities before relations, a thing before its tags, keys and sources."""
    for entity in list(staging.entities.values()):

        def of(change: str, fields: dict[str, Any], entity: EntityDraft = entity) -> Proposal:
            return Proposal(f"entity.{change}", entity.id, entity.type, None, None, fields, note.actor, note.reason)

        change = _entity_change(entity)
        if change is not None:
            yield of(change, dict(entity.fields))
        if entity.gone and entity.before is None:
            continue
        yield from (of("tagged", {"tag": one}) for one in sorted(entity.tags - entity.tags_before))
        yield from (of("untagged", {"tag": one}) for one in sorted(entity.tags_before - entity.tags))
        for word, keys in (("keyed", entity.keys - entity.keys_before), ("unkeyed", entity.keys_before - entity.keys)):
            yield from (of(word, {"source": source, "key": key}) for source, key in sorted(keys))
    for relation in list(staging.relations.values()):
        yield from _relation_proposals(relation, note)


def _relation_proposals(relation: RelationDraft, note: Note) -> Iterator[Proposal]:
    ends = str(relation.subject), str(relation.object)

    def of(change: str, fields: dict[str, Any]) -> Proposal:
        event = f"relation.{change}"
        return Proposal(event, relation.id, relation.predicate, *ends, fields, note.actor, note.reason)

    change = _relation_change(relation)
    if change is not None:
        yield of(change, dict(relation.attributes))
    if relation.sources is None or (relation.gone and relation.before is None):
        return
    was = {(one.source, one.key): one.says for one in relation.sources_before}
    now = {} if relation.gone else relation.sources
    for word, one, other in (("stated", now, was), ("withdrawn", was, now)):
        for source, key in sorted(one):
            if (source, key) not in other or other[source, key] != one[source, key]:
                yield of(word, {"source": source, "key": key})


def _entity_change(draft: EntityDraft) -> str | None:
    if draft.before is None:
        return None if draft.gone else "added"
    return draft.change if draft.gone or draft.touched else None


def _relation_change(draft: RelationDraft) -> str | None:
    if draft.before is None:
        return None if draft.gone else "added"
    if draft.gone or not same_fact(draft, draft.before) or draft.change == "moved":
        return draft.change
    return None
