"""Two dates side by side: which relations began and which ended between them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Final

from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.jsonable import relation_json
from relgraph_web.problems import BadRequest
from relgraph_web.render import Page, page
from relgraph_web.site import site, window

from relgraph import Relation

_SHOWN: Final = 200
_DRAWN: Final = 300


def register(blueprint: Blueprint) -> None:
    """Register the page."""
    page(blueprint, "/compare", endpoint="compare", forms=("json", "csv"))(compare)


def day_of(name: str) -> date | None:
    """Return a day of the address, None where there is none; BadRequest for what is no day."""
    given = request.args.get(name, "").strip()
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadRequest(f"{name} is a day such as 2024-03-31, not {given[:40]!r}") from None


def compare() -> Page:
    """List what began and what ended between a day and the day of the page, of all or of one entity."""
    here, before = window(), day_of("with")
    entity = here.view.get(request.args["entity"]) if request.args.get("entity") else None
    rows = [] if before is None else _changes(here, before, None if entity is None else entity.id)
    counts = Counter(kind for kind, _ in rows)
    ids = list(dict.fromkeys(end.id for _, one in rows for end in (one.subject, one.object)))
    drawn = None
    if before is not None and rows:
        drawn = site().url("explore", id=ids[:_DRAWN], compare=before.isoformat())
    words = {name: style.words for name in here.vocabulary.readings for style in (site().styles().reading(name),)}
    return Page(
        "relgraph/compare.html",
        {
            "before": None if before is None else before.isoformat(),
            "day": here.day.isoformat(),
            "entity": entity,
            "found": rows[:_SHOWN],
            "total": len(rows),
            "began": counts["began"],
            "ended": counts["ended"],
            "entities": len(ids),
            "drawn": drawn,
            "most": _DRAWN,
            "words": words,
        },
        {"items": [{"change": kind, "relation": relation_json(one)} for kind, one in rows]},
        ("change", "subject", "predicate", "object", "since", "until", "relation"),
        lambda: (
            (kind, one.subject.name, one.predicate, one.object.name, one.since, one.until, one.id) for kind, one in rows
        ),
    )


def _changes(here: Window, before: date, entity: str | None) -> list[tuple[str, Relation]]:
    """Return relations that hold on only one of the two days: those that began, then those that ended, by name."""
    earlier = here.moved(as_of=before.isoformat()).view
    held: list[dict[str, Relation]] = []
    for view in (earlier, here.view):
        found: Any = view.relations() if entity is None else (one.relation for one in view.related(entity))
        held.append({one.id: one for one in found})
    was, now = held
    rows = [("began", one) for key, one in now.items() if key not in was]
    rows += [("ended", one) for key, one in was.items() if key not in now]
    return sorted(rows, key=lambda row: (row[0], row[1].subject.name, row[1].predicate, row[1].object.name, row[1].id))
