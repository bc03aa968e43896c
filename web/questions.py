"""Asking: a text to rows, to its meaning, to what may be written next; the same for the console and the API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relgraph_web.access import Window
from relgraph_web.settings import Settings

from relgraph import CapabilityError, QueryError, RelgraphError


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a question and how long it took; ``result`` is the library's."""

    result: Any
    milliseconds: float


def ask(
    here: Window,
    settings: Settings,
    text: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    limit: int | None = None,
) -> Asked:
    """Return the answer to a question, within this site's limits of rows and time.

    Raises the QueryError that says what is wrong with it.
    """
    begun = time.perf_counter()
    result = here.view.query(
        text,
        params=dict(parameters or {}),
        limit=min(limit or settings.rows, settings.rows) if limit != 0 else 0,
        timeout=settings.timeout or None,
    )
    return Asked(result, (time.perf_counter() - begun) * 1000)


def explain(here: Window, text: str) -> str:
    """Return what a question means and how it is answered, as text."""
    method = getattr(here.view, "explain", None)
    if method is None:
        raise CapabilityError("explaining a question is not there yet")
    return str(method(text))


def parameters(here: Window, text: str) -> dict[str, dict[str, str]]:
    """Return the parameters of a question, each with what it may be and the words for that.

    Where a field declares no choices there are none; raises what is wrong with the question.
    """
    prepared = here.view.prepare(text)
    return {name: prepared.choices(name) for name in prepared.parameters}


def complete(here: Window, text: str, cursor: int) -> list[dict[str, Any]]:
    """Return what may stand at a place of a question, as JSON."""
    cursor = min(cursor, len(text))
    try:
        found = here.view.complete(text, cursor)
    except RelgraphError:
        # half a question that has an error further left has nothing to offer
        return []
    items = [
        {
            "text": one.text,
            "kind": one.kind,
            "start": one.start,
            "end": one.end,
            "detail": one.detail,
            "target": list(one.target),
        }
        for one in found[:50]
    ]
    for one in items:
        if one["kind"] in {"type", "predicate"}:
            one["count"] = _count(here, str(one["text"]).strip("`"))
    return items


def _count(here: Window, name: str) -> int | None:
    try:
        return here.view.count(name)
    except RelgraphError:
        return None


def mistakes(here: Window, text: str) -> list[dict[str, Any]]:
    """Return what is wrong with a question: message, place, hint and names that may have been meant."""
    if not text.strip():
        return []
    try:
        here.view.prepare(text)
    except QueryError as error:
        return [_mistake(one, text) for one in _several(error)]
    return []


def _several(error: QueryError) -> list[dict[str, Any]]:
    told = error.to_dict()
    listed = told["details"].get("errors")
    return list(listed) if isinstance(listed, list) and listed else [told]


def _mistake(told: Mapping[str, Any], text: str) -> dict[str, Any]:
    details = told.get("details") or {}
    span = details.get("span") or (0, len(text))
    start, end = int(span[0]), int(span[1])
    start = max(0, min(start, len(text)))
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    return {
        "start": start,
        "end": max(start, min(end, len(text))),
        "line": details.get("line") or text.count("\n", 0, start) + 1,
        "column": details.get("column") or start - begin + 1,
        "source": text[begin : len(text) if stop < 0 else stop],
        "message": told.get("message"),
        "code": told.get("code"),
        "hint": told.get("hint"),
        "candidates": list(told.get("candidates") or ())[:5],
    }
