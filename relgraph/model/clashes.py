"""What is done about rules that a merge or a restoration breaks, where the caller said so beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from relgraph.errors import RuleError
from relgraph.model.drafts import RelationDraft, Staging

ROUNDS = 50
"""Ending one relation may leave another clash to see; each round settles at least one."""

Check = Callable[[], Sequence[RuleError]]


def kept(staging: Staging, errors: Iterable[RuleError]) -> list[RuleError]:
    """Return the errors that are not a merge's own: what it made of moved relations and kept entities may stand."""
    moved = {one.id for one in staging.singles.values() if one.change in {"moved", "merged"}}
    merged = {one.merged_into for one in staging.entities.values() if one.change == "merged" and one.touched}
    return [
        error
        for error in errors
        if error in staging.problems or not (moved.intersection(_relations(error)) or _holder(error) in merged)
    ]


def settled(staging: Staging, errors: Sequence[RuleError], *, retract: bool, check: Check) -> Sequence[RuleError]:
    """End or retract relations of restored entities until they clash with nothing, and return what is still broken.

    ``check`` looks at the staging again. A relation is ended on the first day of its clash; one that clashes from its
    first day on cannot be, and stays an error.
    """
    for _ in range(ROUNDS):
        changed = False
        for relation_id, day in _clashing(staging, errors).items():
            draft = staging.relations[relation_id]
            if retract:
                staging.see(draft)
                staging.sources_of(draft)
                draft.gone, draft.change = True, "retracted"
                staging.summary["retracted"] += 1
                changed = True
            elif day is not None and draft.since < day < draft.until:
                staging.see(draft)
                draft.until, draft.until_precision, draft.change = day, 0, "ended"
                staging.summary["ended"] += 1
                changed = True
        if not changed:
            return errors
        errors = check()
        if not errors:
            return errors
    return errors


def _clashing(staging: Staging, errors: Iterable[RuleError]) -> dict[str, int | None]:
    """Return, per breach, one relation that came back with a restored entity, and the first day of its breaches."""
    restored = {one.id for one in staging.entities.values() if one.change == "restored" and one.touched}
    found: dict[str, int | None] = {}
    for error in errors:
        day = error.details.get("day")
        begins = date.fromisoformat(day).toordinal() if isinstance(day, str) else None
        for relation_id in _relations(error):
            draft = staging.find_relation(relation_id)
            if draft is not None and draft.before is not None and _touches(draft, restored):
                known = found.setdefault(relation_id, begins)
                if begins is not None and known is not None:
                    found[relation_id] = min(begins, known)
                break
    return found


def _touches(draft: RelationDraft, entities: set[str]) -> bool:
    return draft.subject in entities or draft.object in entities


def _relations(error: RuleError) -> tuple[str, ...]:
    named = error.details.get("relations")
    return tuple(map(str, named)) if isinstance(named, (list, tuple)) else ()


def _holder(error: RuleError) -> object:
    own = error.details.get("rule") in {"unique-field", "tags"}
    return error.details.get("entity") if own else None
