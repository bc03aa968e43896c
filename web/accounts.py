"""Who may come in: users, sessions, API tokens and saved views, in an SQLite file of their own.

Passwords are hashed with Argon2; of sessions, tokens and one-time links only a digest is kept. The file is apart from
the network so that a copy or an export of the network carries nobody's account.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from relgraph_web.users import Saved, TooManyAttempts, User, checked_role, may_see, saved_of, user_of

from relgraph import NotFound, ValueProblem

PASSWORD_LENGTH: Final = 10

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, password TEXT,
  hidden TEXT NOT NULL DEFAULT '[]', locked TEXT NOT NULL DEFAULT '[]', active INTEGER NOT NULL DEFAULT 1,
  single_keys INTEGER NOT NULL DEFAULT 1, made_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS secrets (
  digest TEXT PRIMARY KEY, kind TEXT NOT NULL, user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  label TEXT NOT NULL DEFAULT '', made_at REAL NOT NULL, expires_at REAL, used_at REAL);
CREATE TABLE IF NOT EXISTS saved (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  shared INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL, changed_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS attempts (who TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
  number INTEGER PRIMARY KEY, at REAL NOT NULL, actor TEXT, address TEXT, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS site (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Accounts:
    """The file of accounts; safe for threads and processes. ``:memory:`` keeps it for as long as this object lives."""

    def __init__(self, location: str | Path) -> None:
        self.location = str(location)
        self._lock = threading.RLock()
        self._held = self._connect() if self.location == ":memory:" else None
        self._local = threading.local()
        self._hasher = PasswordHasher()
        # verified when there is no such user, so that both cases take as long
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        with self._use() as held:
            held.executescript(_SCHEMA)
            held.execute("INSERT OR IGNORE INTO site VALUES ('secret', ?)", (secrets.token_urlsafe(32),))
            self._secret: bytes = held.execute("SELECT value FROM site WHERE name = 'secret'").fetchone()[0].encode()

    def _connect(self) -> sqlite3.Connection:
        if self.location != ":memory:":
            # made for its owner alone: it holds password hashes
            Path(self.location).touch(mode=0o600, exist_ok=True)
        held = sqlite3.connect(self.location, timeout=10, isolation_level=None, check_same_thread=False)
        held.row_factory = sqlite3.Row
        held.execute("PRAGMA foreign_keys = ON")
        return held

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        if self._held is not None:
            with self._lock:
                yield self._held
            return
        held = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = self._connect()
        yield held

    # -- users ------------------------------------------------------------------------------------------------------

    def add(self, name: str, role: str, *, password: str | None = None) -> User:
        """Make an account; ValueProblem for a name that is taken, a role that is none, a password that is too short."""
        name = name.strip()
        if not name or len(name) > 100 or not name.isprintable():
            raise ValueProblem("a user needs a name of 1 to 100 printable characters")
        checked_role(role)
        hashed = None if password is None else self._hash(password)
        with self._use() as held:
            try:
                held.execute(
                    "INSERT INTO users (name, role, password, made_at) VALUES (?, ?, ?, ?)",
                    (name, role, hashed, time.time()),
                )
            except sqlite3.IntegrityError:
                raise ValueProblem(f"there is a user {name!r} already") from None
        return self.named(name)

    def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_LENGTH:
            raise ValueProblem(f"a password has at least {PASSWORD_LENGTH} characters")
        if len(password) > 1000:
            raise ValueProblem("a password has at most 1,000 characters")
        return self._hasher.hash(password)

    def users(self) -> list[User]:
        """Return everybody, by name."""
        with self._use() as held:
            return [user_of(row) for row in held.execute("SELECT * FROM users ORDER BY name")]

    def user(self, user_id: int) -> User:
        """Return a user by number."""
        with self._use() as held:
            row = held.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
        if row is None:
            raise NotFound("there is no such user")
        return user_of(row)

    def named(self, name: str) -> User:
        """Return a user by name."""
        with self._use() as held:
            row = held.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise NotFound(f"there is no user {name!r}")
        return user_of(row)

    def change(
        self,
        user: User,
        /,
        *,
        role: str | None = None,
        password: str | None = None,
        hidden: frozenset[str] | None = None,
        locked: frozenset[str] | None = None,
        active: bool | None = None,
        single_keys: bool | None = None,
    ) -> User:
        """Change an account; the last active admin cannot be taken away."""
        values: dict[str, object] = {}
        if role is not None:
            values["role"] = checked_role(role)
        if password is not None:
            values["password"] = self._hash(password)
        for name, names in (("hidden", hidden), ("locked", locked)):
            if names is not None:
                values[name] = json.dumps(sorted(names))
        for name, flag in (("active", active), ("single_keys", single_keys)):
            if flag is not None:
                values[name] = int(flag)
        loses = (role is not None and role != "admin") or active is False
        with self._use() as held:
            held.execute("BEGIN IMMEDIATE")
            try:
                others = held.execute(
                    "SELECT count(*) FROM users WHERE role = 'admin' AND active AND id <> ?", (user.id,)
                ).fetchone()[0]
                if loses and user.role == "admin" and not others:
                    raise ValueProblem(f"{user.name} is the last admin", hint="make somebody else an admin first")  # noqa: TRY301 - rolled back below
                for name, value in values.items():
                    held.execute(f"UPDATE users SET {name} = ? WHERE id = ?", (value, user.id))
                if password is not None or active is False:
                    held.execute("DELETE FROM secrets WHERE user = ? AND kind = 'session'", (user.id,))
                if active is False:
                    held.execute("DELETE FROM secrets WHERE user = ?", (user.id,))
                held.execute("COMMIT")
            except BaseException:
                held.execute("ROLLBACK")
                raise
        return self.user(user.id)

    def carry(self, names: Mapping[str, str]) -> None:
        """Give types and predicates their new names in the rights of everybody; ``names`` are the new by the old."""
        with self._use() as held:
            for row in held.execute("SELECT id, hidden, locked FROM users").fetchall():
                before = [json.loads(row[key]) for key in ("hidden", "locked")]
                after = [sorted(names.get(one, one) for one in held_names) for held_names in before]
                if after != before:
                    held.execute(
                        "UPDATE users SET hidden = ?, locked = ? WHERE id = ?", (*map(json.dumps, after), row["id"])
                    )

    @property
    def ready(self) -> bool:
        """Whether an active admin with a password is there."""
        with self._use() as held:
            found = held.execute(
                "SELECT 1 FROM users WHERE role = 'admin' AND active AND password IS NOT NULL LIMIT 1"
            ).fetchone()
        return found is not None

    # -- coming in --------------------------------------------------------------------------------------------------

    def login(self, name: str, password: str, *, address: str, attempts: int, window: int) -> User | None:
        """Return who has this name and password; TooManyAttempts after several wrong ones by name or address."""
        now, who = time.time(), (f"name:{name.lower()}", f"from:{address}")
        with self._use() as held:
            held.execute("DELETE FROM attempts WHERE at < ?", (now - window,))
            # an address may stand for an office, so it has more room than a name
            for one, most in zip(who, (attempts, attempts * 5), strict=True):
                count = held.execute("SELECT count(*) FROM attempts WHERE who = ?", (one,)).fetchone()[0]
                if count >= most:
                    raise TooManyAttempts(
                        "too many wrong passwords", hint=f"try again in {max(1, window // 60)} minutes"
                    )
            row = held.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()
            hashed = self._nobody if row is None or row["password"] is None else row["password"]
            try:
                self._hasher.verify(hashed, password[:1000])
                right = row is not None and row["password"] is not None and bool(row["active"])
            except (VerificationError, InvalidHashError):
                right = False
            if not right:
                held.executemany("INSERT INTO attempts VALUES (?, ?)", [(one, now) for one in who])
                return None
            held.execute("DELETE FROM attempts WHERE who = ?", (who[0],))
            if self._hasher.check_needs_rehash(hashed):
                held.execute("UPDATE users SET password = ? WHERE id = ?", (self._hasher.hash(password), row["id"]))
        return user_of(row)

    def give_secret(
        self, user: User, kind: Literal["session", "token", "link"], *, hours: float | None, label: str = ""
    ) -> str:
        """Return a new secret for a user; only its digest is kept, so it cannot be shown again."""
        secret = {"session": "", "token": "rg_", "link": ""}[kind] + secrets.token_urlsafe(32)
        now = time.time()
        with self._use() as held:
            held.execute("DELETE FROM secrets WHERE expires_at < ?", (now,))
            held.execute(
                "INSERT INTO secrets (digest, kind, user, label, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                (_digest(secret), kind, user.id, label, now, None if hours is None else now + hours * 3600),
            )
        return secret

    def holder(self, secret: str, kind: str) -> User | None:
        """Return the active user whose secret this is, or None."""
        now = time.time()
        with self._use() as held:
            row = held.execute(
                "SELECT users.*, secrets.used_at AS used_at FROM secrets JOIN users ON users.id = secrets.user"
                " WHERE digest = ? AND kind = ? AND active AND (expires_at IS NULL OR expires_at > ?)",
                (_digest(secret), kind, now),
            ).fetchone()
            if row is not None and kind == "token" and (row["used_at"] or 0) < now - 60:
                held.execute("UPDATE secrets SET used_at = ? WHERE digest = ?", (now, _digest(secret)))
        return None if row is None else user_of(row)

    def drop_secret(self, secret: str) -> None:
        """Forget a secret: it opens nothing from now on."""
        with self._use() as held:
            held.execute("DELETE FROM secrets WHERE digest = ?", (_digest(secret),))

    def tokens(self, user: User) -> list[dict[str, Any]]:
        """Return the API tokens of a user, without the tokens themselves."""
        with self._use() as held:
            rows = held.execute(
                "SELECT digest, label, made_at, expires_at, used_at FROM secrets"
                " WHERE user = ? AND kind = 'token' ORDER BY made_at",
                (user.id,),
            )
            return [{**dict(row), "digest": row["digest"][:16]} for row in rows]

    def drop_token(self, user: User, digest: str) -> None:
        """Forget one token of a user, named by the beginning of its digest."""
        if len(digest) != 16 or not digest.isalnum():
            raise NotFound("there is no such token")
        with self._use() as held:
            held.execute(
                "DELETE FROM secrets WHERE user = ? AND kind = 'token' AND digest LIKE ?", (user.id, digest + "%")
            )

    def sign(self, text: str) -> str:
        """Return a signature that only this site can make."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    # -- views and questions that were kept ---------------------------------------------------------------------------

    def save(
        self,
        user: User,
        kind: str,
        name: str,
        document: Mapping[str, Any],
        /,
        *,
        shared: bool = False,
        saved_id: str | None = None,
    ) -> Saved:
        """Keep a document under a name; with an id, in the place of one's own that has it."""
        name = name.strip()
        if not name or len(name) > 200:
            raise ValueProblem("what is saved needs a name of 1 to 200 characters")
        text = json.dumps(document)
        if len(text) > 2_000_000:
            raise ValueProblem("this is too much to be saved: more than 2 MB")
        if saved_id is not None:
            held_before = self.saved(user, saved_id)
            if (held_before.user, held_before.kind) != (user.id, kind):
                raise NotFound(f"there is no such {kind} of yours")
        saved_id = saved_id or secrets.token_urlsafe(9)
        with self._use() as held:
            held.execute(
                "INSERT OR REPLACE INTO saved VALUES (?, ?, ?, ?, ?, ?, ?)",
                (saved_id, kind, name, user.id, int(shared), text, time.time()),
            )
        return self.saved(user, saved_id)

    def saved(self, user: User, saved_id: str) -> Saved:
        """Return what was saved by this user, or shared by another who sees no more than this one."""
        with self._use() as held:
            row = held.execute(f"{_SAVED} AND saved.id = ?", (user.id, saved_id)).fetchone()
        if row is None or not may_see(user, row):
            raise NotFound("there is nothing saved under this address")
        return saved_of(row)

    def all_saved(self, user: User, kind: str) -> list[Saved]:
        """Return what this user saved or others shared who see no more than this one, the latest first."""
        with self._use() as held:
            rows = held.execute(f"{_SAVED} AND kind = ? ORDER BY changed_at DESC", (user.id, kind))
            return [saved_of(row) for row in rows if may_see(user, row)]

    def drop_saved(self, user: User, saved_id: str) -> None:
        """Forget what this user saved."""
        with self._use() as held:
            held.execute("DELETE FROM saved WHERE id = ? AND user = ?", (saved_id, user.id))

    # -- what people did ----------------------------------------------------------------------------------------------

    def record(self, actor: str | None, what: str, *, address: str = "", **detail: object) -> None:
        """Write into the audit what the network's own history does not say: logins, rights, exports."""
        with self._use() as held:
            held.execute(
                "INSERT INTO audit (at, actor, address, what, detail) VALUES (?, ?, ?, ?, ?)",
                (time.time(), actor, address, what, json.dumps(detail, default=str)),
            )

    def recorded(self, *, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return entries of the audit, the latest first."""
        with self._use() as held:
            rows = held.execute(
                "SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?", (before or 2**62, limit)
            )
            return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]


def accounts_beside(network: str) -> str:
    """Return where the accounts of a network are: beside its file, in memory with it, or here for a server's.

    >>> accounts_beside("/data/crm.db")
    '/data/crm.accounts.db'
    """
    if network == ":memory:":
        return network
    if "://" in network:
        return str(Path.cwd() / "relgraph.accounts.db")
    path = Path(network)
    return str(path.with_name(path.stem + ".accounts.db"))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_SAVED: Final = (
    "SELECT saved.*, users.name AS owner, users.role AS role, users.hidden AS hidden FROM saved"
    " JOIN users ON users.id = saved.user WHERE (saved.user = ? OR saved.shared)"
)
