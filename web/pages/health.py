"""The health of the data: what a check of the whole network finds, by kind, with the things concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, request
from relgraph_web.render import Page, page
from relgraph_web.site import site, window

from relgraph import Finding, NotFound

_SHOWN: Final = 200


def register(blueprint: Blueprint) -> None:
    """Register the page."""
    page(blueprint, "/health", endpoint="health", forms=("json", "csv"))(health)


def health() -> Page:
    """Show what breaks a rule or is otherwise wrong."""
    here = window()
    findings = site().findings(here.whole("designer"))
    code = request.args.get("code") or None
    kinds: dict[str, int] = {}
    for one in findings:
        kinds[one.code] = kinds.get(one.code, 0) + 1
    chosen = [one for one in findings if code is None or one.code == code]
    return Page(
        "relgraph/health.html",
        {
            "kinds": sorted(kinds.items(), key=lambda one: (-one[1], one[0])),
            "code": code,
            "found": [(one, _links(one)) for one in chosen[:_SHOWN]],
            "total": len(chosen),
            "all": len(findings),
        },
        {
            "total": len(findings),
            "kinds": kinds,
            "items": [{"code": one.code, "message": one.message, "where": dict(one.where)} for one in chosen],
        },
        ("code", "message", "where"),
        lambda: ((one.code, one.message, ", ".join(_texts(one))) for one in chosen),
    )


def _texts(finding: Finding) -> list[str]:
    return [str(one) for value in finding.where.values() for one in _several(value)]


def _several(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _links(finding: Finding) -> list[tuple[str, str]]:
    """Return the name and address of each entity that a finding is about, ends of relations included."""
    here = window()
    found: dict[str, str] = {}
    for text in _texts(finding)[:6]:
        try:
            entity = here.view.get(text)
            found[entity.id] = entity.name
        except NotFound:
            try:
                relation = here.view.relation(text)
            except NotFound:
                continue
            found.update({end.id: end.name for end in (relation.subject, relation.object)})
    return [(name, site().url("entity", entity_id=one)) for one, name in found.items()]
