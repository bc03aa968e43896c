"""Vocabularies and their plans, as the designer and the API show them."""

from __future__ import annotations

import hashlib
from typing import Any

from relgraph_web.accounts import Accounts

from relgraph import Graph, Vocabulary


def digest(words: Vocabulary) -> str:
    """Return a short digest of a vocabulary, for its ETag."""
    return hashlib.sha256(words.to_yaml().encode()).hexdigest()[:20]


def carry_out(graph: Graph, plan: Any, accounts: Accounts, *, policy: str) -> None:
    """Apply a plan; where it gives types or predicates other names, the rights of people follow."""
    graph.apply(plan, policy=policy)
    accounts.carry({**plan.names.types, **plan.names.predicates, **plan.names.readings})


def plan_json(plan: Any) -> dict[str, Any]:
    """Return a plan as JSON: what changes, and what data breaks it."""
    return {
        "changes": [str(one) for one in plan.changes],
        "problems": [
            {
                "code": one.code,
                "subject": one.subject,
                "count": one.count,
                "examples": list(one.examples),
                "message": one.message,
                "choices": list(one.choices),
            }
            for one in plan.problems
        ],
        "text": str(plan),
    }
