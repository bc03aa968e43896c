"""Somebody with an account, what they kept, and what they may do and see of what others kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from relgraph import RelgraphError, ValueProblem

Role = Literal["reader", "editor", "designer", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account.

    ``hidden`` names types and predicates that this person may not read, ``locked`` those that may be read but not
    written; both cover subtypes and the predicates that imply them. An admin has no such limits.
    """

    id: int
    name: str
    role: Role
    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    active: bool = True
    single_keys: bool = True
    has_password: bool = True

    def may(self, role: Role) -> bool:
        """Return whether this person has a role or a wider one."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def limited(self) -> bool:
        """Whether something is hidden from this person."""
        return bool(self.hidden) and self.role != "admin"


@dataclass(frozen=True, slots=True)
class Saved:
    """A view of the canvas, or a question, that somebody kept."""

    id: str
    kind: str
    name: str
    user: int
    owner: str
    shared: bool
    document: Mapping[str, Any]
    changed_at: float


class TooManyAttempts(RelgraphError):
    """Too many wrong passwords in a short time."""

    code = "too-many-attempts"


def checked_role(role: str) -> Role:
    """Return a role, or say which there are."""
    for known in ROLES:
        if role == known:
            return known
    raise ValueProblem(f"{role!r} is no role", hint="roles are " + ", ".join(ROLES))


def user_of(row: sqlite3.Row) -> User:
    """Return a row of the accounts as a user."""
    return User(
        row["id"],
        row["name"],
        row["role"],
        frozenset(json.loads(row["hidden"])),
        frozenset(json.loads(row["locked"])),
        bool(row["active"]),
        bool(row["single_keys"]),
        row["password"] is not None,
    )


def may_see(user: User, row: sqlite3.Row) -> bool:
    """Return whether what somebody saved may be shown: its name and text may speak of all that its owner sees."""
    if row["user"] == user.id or not user.limited:
        return True
    return row["role"] != "admin" and user.hidden <= frozenset(json.loads(row["hidden"]))


def saved_of(row: sqlite3.Row) -> Saved:
    """Return a row of what was kept, with its owner's name, as a value."""
    return Saved(
        row["id"],
        row["kind"],
        row["name"],
        row["user"],
        row["owner"],
        bool(row["shared"]),
        json.loads(row["document"]),
        row["changed_at"],
    )
