"""What was done: the network's own log, and logins, rights and exports beside it."""

from __future__ import annotations

from flask import Blueprint, request
from relgraph_web.api.common import reference_of
from relgraph_web.jsonable import change_json, event_json
from relgraph_web.pages.home import what_happened
from relgraph_web.render import Page, back, number_of, page, text_of
from relgraph_web.site import address, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import NotFound

_PAGE = 30
_CHANGES = 200


def register(blueprint: Blueprint) -> None:
    """Register the audit."""
    page(blueprint, "/audit", endpoint="audit", forms=("json", "csv"))(audit)
    page(blueprint, "/audit/<reference:reference>", endpoint="transaction", forms=("json",))(transaction)
    blueprint.add_url_rule("/undo", "undo", undo, methods=["POST"])


def audit() -> Page:
    """List transactions, or what people did on the site, the latest first."""
    here = window()
    graph = here.whole("designer")
    if request.args.get("of") == "site":
        here.need("admin")
        before = number_of("before", 0, most=2**53)
        entries = site().accounts.recorded(before=before or None, limit=_PAGE + 1)
        return Page(
            "relgraph/audit_site.html",
            {"entries": entries[:_PAGE], "next": entries[_PAGE - 1]["number"] if len(entries) > _PAGE else None},
            {"items": entries[:_PAGE]},
            ("at", "actor", "address", "what", "detail"),
            lambda: ((one["at"], one["actor"], one["address"], one["what"], str(one["detail"])) for one in entries),
        )
    actor = request.args.get("actor") or None
    events = graph.transactions(
        before=request.args.get("before") or None, actor=actor, batch=request.args.get("batch") or None, limit=_PAGE + 1
    )
    shown = events[:_PAGE]
    return Page(
        "relgraph/audit.html",
        {
            "events": [(one, *what_happened(one)) for one in shown],
            "next": shown[-1].id if len(events) > _PAGE else None,
            "actor": actor,
        },
        {"items": [event_json(one) for one in shown], "next": shown[-1].id if len(events) > _PAGE else None},
        ("number", "recorded_at", "kind", "actor", "reason", "batch", "id"),
        lambda: (
            (one.number, one.recorded_at.isoformat(), one.kind, one.actor, one.reason, one.batch, one.id)
            for one in shown
        ),
    )


def transaction(reference: str) -> Page:
    """Show what one transaction changed."""
    graph = window().whole("designer")
    # an entry is found by reading on from the one before it
    previous = graph.transactions(before=reference_of(reference), limit=1)
    after = previous[0].number if previous else None
    event = None
    changes = list(graph.changes(after=after, limit=_CHANGES + 1))
    if changes:
        event = changes[0].event
        changes = [one for one in changes if one.event.number == event.number]
    if event is None or reference not in {event.id, str(event.number)}:
        raise NotFound(f"transaction {reference} changed nothing that can be shown")
    return Page(
        "relgraph/transaction.html",
        {"event": event, "changes": changes[:_CHANGES], "more": len(changes) > _CHANGES},
        {"transaction": event_json(event), "items": [change_json(one) for one in changes[:_CHANGES]]},
    )


def undo() -> BaseResponse:
    """Take back a transaction or a batch."""
    here = window()
    reference = text_of("transaction")
    made = here.undo(reference, reason=text_of("reason") or None)
    site().accounts.record(here.user.name, "undo", address=address(), transaction=reference)
    if text_of("then"):
        return back("history", entity_id=text_of("then"), as_of=None)
    return back("transaction", reference=made, as_of=None) if here.may("designer") else back("home", as_of=None)
