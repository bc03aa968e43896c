"""Questions that are watched: their answer is kept as it was looked at last, and what came and went since is told."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from relgraph_web.access import Window
from relgraph_web.accounts import Accounts
from relgraph_web.jsonable import dumps, shown, value_json
from relgraph_web.questions import ask
from relgraph_web.settings import Settings
from relgraph_web.users import Saved

from relgraph import Entity, Path, Relation, RelgraphError

KIND: Final = "alert"
_LONG: Final = 200
_KEPT: Final = 500
_BUDGET: Final = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """What came into the answer of a watched question and what went out of it since it was looked at."""

    new: Sequence[Sequence[Any]] = ()
    gone: Sequence[Sequence[str]] = ()
    columns: Sequence[str] = ()
    truncated: bool = False
    error: RelgraphError | None = None

    @property
    def words(self) -> str:
        """Return it in a few words."""
        if self.error is not None:
            return "can no longer be asked"
        told = [f"{len(some):,} {word}" for some, word in ((self.new, "new"), (self.gone, "gone")) if some]
        return ", ".join(told) or "nothing new"


def watch(here: Window, settings: Settings, text: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return a question with its answer as it is now, to be kept; raises what asking it does."""
    result = ask(here, settings, text, parameters).result
    return {
        "text": text,
        "parameters": dict(parameters),
        "columns": list(result.columns),
        "rows": {_key(row): [shown(cell)[:_LONG] for cell in row] for row in result},
        "truncated": bool(result.truncated),
        "hidden": sorted(here.user.hidden),
        "at": time.time(),
    }


def news(here: Window, settings: Settings, kept: Mapping[str, Any], *, timeout: float | None = None) -> News:
    """Return what is new and what is gone since a question was looked at."""
    limits = settings if timeout is None else settings.with_values({"timeout": timeout}, "an alert")
    try:
        result = ask(here, limits, kept["text"], kept["parameters"]).result
    except RelgraphError as error:
        return News(error=error)
    now = {_key(row): row for row in result}
    before: Mapping[str, list[str]] = kept["rows"]
    if here.user.limited or kept["hidden"] != sorted(here.user.hidden):
        # what was seen before may be hidden by now, by a right or by a type that it got since: it is no longer told
        before = {key: row for key, row in before.items() if key in now}
    return News(
        [list(row) for key, row in now.items() if key not in before],
        [row for key, row in before.items() if key not in now],
        list(result.columns),
        bool(result.truncated or kept["truncated"]),
    )


def _key(row: Sequence[Any]) -> str:
    """Return what a row is: things by id, so that a new name makes no new row."""
    return dumps([_identity(cell) for cell in row])


def _identity(cell: Any) -> Any:
    match cell:
        case Entity() | Relation():
            return cell.id
        case Path():
            return [one.id for one in cell.entities]
        case _:
            return value_json(cell)


@dataclass(slots=True)
class Alerts:
    """The watched questions of a site; what is new is looked for again only when the network has changed."""

    accounts: Accounts
    settings: Settings
    _known: OrderedDict[object, News] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, here: Window, state: object) -> list[tuple[Saved, News | None]]:
        """Return a person's watched questions with what is new; None for those for which there was no time."""
        found: list[tuple[Saved, News | None]] = []
        end = time.monotonic() + _BUDGET
        for one in self.accounts.all_saved(here.user, KIND):
            key = one.id, one.changed_at, here.user.hidden, state
            told = self._known.get(key)
            left = end - time.monotonic()
            if told is None and left > 0:
                told = news(here, self.settings, one.document, timeout=min(left, self.settings.timeout or left))
                if told.error is not None and told.error.code == "query-timeout":
                    told = None
            if told is not None:
                self._keep(key, told)
            found.append((one, told))
        return found

    def _keep(self, key: object, told: News) -> None:
        with self._lock:
            self._known[key] = told
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
