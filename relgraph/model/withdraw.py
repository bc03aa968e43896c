"""Taking back what one source states: the relation goes only with the last statement of it."""

from __future__ import annotations

from relgraph.model.drafts import Staging
from relgraph.model.operations import retract


def withdraw(staging: Staging, relation_id: str, source: str, key: str = "") -> None:
    """Take a source's statement off a relation; retract the relation where no source states it any more."""
    draft = staging.find_relation(relation_id)
    if draft is None:
        return
    held = staging.sources_of(draft)
    if (source, key) not in held:
        return
    if len(held) == 1:
        retract(staging, relation_id)
    else:
        del held[source, key]
    staging.summary["withdrawn"] += 1
