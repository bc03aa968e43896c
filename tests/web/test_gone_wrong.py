"""What goes wrong around a request is told, as a page and as a problem document: what happened, and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import relgraph
from tests.web.conftest import Place, Visitor

Asking = Callable[[Place, Visitor, bool], Any]
"""Sends a request: as a person does from a page where the last is true, else as a program does."""


def question(text: str) -> Asking:
    def ask(_: Place, visitor: Visitor, page: bool) -> Any:
        if page:
            return visitor.client.get("/query", query_string={"q": text})
        return visitor.json("/api/v1/query", {"text": text})

    return ask


def reading(_: Place, visitor: Visitor, page: bool) -> Any:
    return visitor.get("/entities" if page else "/api/v1/entities")


def adding(_: Place, visitor: Visitor, page: bool) -> Any:
    if page:
        return visitor.send("/entities/new", type="Company", **{"field.name": "New"})
    return visitor.json("/api/v1/entities", {"type": "Company", "fields": {"name": "New"}})


def uploading(_: Place, visitor: Visitor, page: bool) -> Any:
    token, large = visitor.token, BytesIO(b"x" * 40_000)
    return visitor.client.post(
        "/import" if page else "/api/v1/imports",
        data={"form_token": token, "mapping": (large, "m.yaml")},
        headers={"X-Form-Token": token},
    )


def of_another_visit(_: Place, visitor: Visitor, page: bool) -> Any:
    if page:
        return visitor.client.post("/entities/new", data={"type": "Company", "form_token": "old"})
    return visitor.client.post("/api/v1/entities", json={"type": "Company"}, headers={"X-Form-Token": "old"})


def with_a_wrong_key(place: Place, _: Visitor, page: bool) -> Any:
    headers = {"Authorization": "Bearer rg_wrong"}
    return place.app.test_client().post("/undo" if page else "/api/v1/undo", headers=headers, json={})


def after_the_session(place: Place, visitor: Visitor, page: bool) -> Any:
    token = visitor.token
    with place.accounts._use() as held:
        held.execute("UPDATE secrets SET expires_at = 1 WHERE kind = 'session'")
    if page:
        return visitor.client.post("/undo", data={"form_token": token})
    return visitor.client.post("/api/v1/undo", json={}, headers={"X-Form-Token": token})


def with_an_old_version(place: Place, visitor: Visitor, page: bool) -> Any:
    acme = place.graph.entity("ACME")
    place.graph.update(acme, sector="Steel")
    if page:
        return visitor.send(f"/entity/{acme.id}/facts", version=str(acme.version), **{"field.sector": "Rail"})
    body = {"fields": {"sector": "Rail"}}
    return visitor.json(f"/api/v1/entities/{acme.id}", body, method="PATCH", If_Match=f'"{acme.version}"')


def damaged(file: Path, _: pytest.MonkeyPatch) -> None:
    file.write_bytes(os.urandom(200_000))


def deleted(file: Path, _: pytest.MonkeyPatch) -> None:
    file.unlink()


def replaced(file: Path, _: pytest.MonkeyPatch) -> None:
    other = file.with_name("other.db")
    relgraph.open(other).close()
    other.replace(file)


def stopped(_: Path, patch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise relgraph.StoreUnavailable("the server does not answer", hint="is it running?")

    patch.setattr("relgraph.engines.sqlite.store.SqliteStore.read", gone)


def full(_: Path, patch: pytest.MonkeyPatch) -> None:
    def write(*_: Any, **__: Any) -> Any:
        raise relgraph.StoreFull("no room left to write", hint="free space on the disk and try again")

    patch.setattr("relgraph.engines.sqlite.store.SqliteStore.write", write)


@dataclass(frozen=True)
class Wrong:
    """What goes wrong: the status of the page and of the problem document, and words of both."""

    ask: Asking
    page: int
    api: int
    happened: str
    to_do: str
    settings: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Path, pytest.MonkeyPatch], None] | None = None


WRONG = {
    "an upload too large": Wrong(uploading, 413, 413, "may be sent at once", "send less at once", {"upload": 20_000}),
    "a form of another visit": Wrong(of_another_visit, 403, 403, "earlier visit", "load the page again"),
    "a wrong key": Wrong(with_a_wrong_key, 401, 401, "not logged in", "send a token"),
    "an expired session": Wrong(after_the_session, 401, 401, "not logged in", "log in"),
    "an old version": Wrong(with_an_old_version, 409, 412, "changed", "look at what changed"),
    "a slow question": Wrong(
        question("find anything any{1..8} anything as b"), 503, 503, "took longer", "narrow it", {"timeout": 0.001}
    ),
    "a damaged file": Wrong(reading, 503, 503, "damaged", "restore a backup", before=damaged),
    "a deleted file": Wrong(adding, 503, 503, "moved, deleted or replaced", "put it back", before=deleted),
    "another file": Wrong(adding, 503, 503, "moved, deleted or replaced", "put it back", before=replaced),
    "a server that stopped": Wrong(reading, 503, 503, "does not answer", "is it running?", before=stopped),
    "a full disk": Wrong(adding, 507, 507, "no room left", "free space", before=full),
}


@pytest.mark.parametrize("page", [True, False], ids=["page", "problem"])
@pytest.mark.parametrize("name", WRONG)
def test_it_is_told_with_what_to_do(
    fresh: Callable[..., Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, page: bool
) -> None:
    wrong = WRONG[name]
    place = fresh(**wrong.settings)
    visitor = place.visitor("editor")
    if wrong.before is not None:
        wrong.before(tmp_path / "copy0.db", monkeypatch)
    answer = wrong.ask(place, visitor, page)
    text = unescape(answer.text)
    assert answer.status_code == (wrong.page if page else wrong.api), text[-1500:]
    assert wrong.happened in text, text[-1500:]
    assert wrong.to_do in text, text[-1500:]
    if page:
        assert answer.mimetype == "text/html"
        assert "<main" in text
    else:
        assert answer.mimetype == "application/problem+json"
        assert wrong.happened in answer.json["detail"]
        assert wrong.to_do in answer.json["hint"]
        assert answer.json["status"] == answer.status_code
