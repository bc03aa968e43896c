"""Whatever is sent to an address - ids, filters, bodies of any shape - is answered, and never by an error of ours."""

from __future__ import annotations

import os
import string
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

TRIES = settings(
    max_examples=10_000 if "RELGRAPH_FUZZ" in os.environ else 150,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.sampled_from(
    ["", "\x00", "..", "~", "~2F", "~ZZ", "a/b", "-1", "0", "1e9", "9" * 40, "NaN", "null", "'", '"', "%", "%2e",
     "\ufeff", "\u202e",
     "1", "ACME", "owns", "Company", "2024-01-01", "0000-00-00", "9999-12-31", "W10", "=1+1", "x" * 3000, "😀",
     "2024-13-45", "true", "[]", "{}", "\\", "\n", "find Company", "find", "paths", "; drop table x"]
)  # fmt: skip
TEXT = ODD | st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "after", "add", "alias", "aspect", "as", "as_of", "before", "common", "cursor", "ever", "fields", "focus", "form",
    "from",
    "id", "ids", "known_at", "limit", "most", "n", "name", "of", "on", "other", "page", "places", "policy", "predicate",
    "q",
    "reading", "selected", "since", "source", "subject", "tags", "target", "text", "to", "transaction", "type", "types",
    "until", "version", "view", "yaml",
)  # fmt: skip


def addresses(place: Any) -> list[Rule]:
    return [rule for rule in place.app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def filled(rule: Rule, values: list[str]) -> str:
    """Return an address of a route with any text in its places."""
    parts, rest = [], iter(values)
    for dynamic, text in rule._trace:
        parts.append(quote(next(rest), safe="~") or "x" if dynamic else text.removeprefix("|"))
    return "".join(parts)


def told(answer: Any, asked: str) -> None:
    assert answer.status_code < 500 or answer.status_code == 501, (asked, answer.text[:500])
    if answer.status_code >= 400 and answer.mimetype != "text/html":
        assert answer.mimetype == "application/problem+json", (asked, answer.mimetype)
        assert answer.json["status"] == answer.status_code
        assert answer.json["detail"]


@TRIES
@given(st.data())
def test_any_address_and_filter_is_answered(market: Any, data: st.DataObject) -> None:
    admin = market.visitor("admin")
    readings = [one for one in addresses(market) if "GET" in (one.methods or ()) and "welcome" not in one.rule]
    rule = data.draw(st.sampled_from(readings))
    path = filled(rule, data.draw(st.lists(TEXT, min_size=4, max_size=4)))
    given_names = data.draw(st.dictionaries(st.sampled_from(NAMES) | TEXT, TEXT, max_size=4))
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in given_names.items())
    told(admin.get(f"{path}?{query}"), f"{path}?{query}")


BY_SCRIPT = ("/query/", "/explore/", "/api/v1/")
KEPT = ("/api/v1/undo", "/api/v1/vocabulary")


@TRIES
@given(st.data())
def test_any_body_is_answered(market: Any, data: st.DataObject) -> None:
    """Those who send are readers: what is wrong with the body is looked at before anything could be written."""
    reader = market.visitor(data.draw(st.sampled_from(["reader", "limited"])))
    rules = [
        (method, one)
        for one in addresses(market)
        for method in sorted((one.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"})
        if one.rule.startswith(BY_SCRIPT) and not one.rule.startswith(KEPT)
    ]
    method, rule = data.draw(st.sampled_from(rules))
    path = filled(rule, data.draw(st.lists(TEXT, min_size=4, max_size=4)))
    body = data.draw(JSON | st.dictionaries(st.sampled_from(NAMES), JSON | st.lists(TEXT, max_size=5), max_size=6))
    told(reader.json(path, body, method=method, If_Match="*"), f"{method} {path} {body!r}")


@TRIES
@given(
    st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]),
    st.binary(max_size=200) | st.text(string.printable, max_size=200).map(str.encode),
    st.sampled_from(
        ["/api/v1/query", "/api/v1/entities", "/api/v1/imports", "/explore/network.json", "/query/check.json"]
    ),
)
def test_any_bytes_are_answered(market: Any, kind: str, body: bytes, path: str) -> None:
    admin = market.visitor("admin")
    answer = admin.client.post(
        path, data=body, headers={"X-Form-Token": admin.token}, **({"content_type": kind} if kind else {})
    )
    told(answer, f"{path} {kind} {body!r}")
    assert answer.status_code >= 400 or path.startswith(("/explore", "/query")), (path, kind, body)
