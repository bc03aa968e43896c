"""Pages and the JSON and CSV beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, g, redirect, render_template, request
from relgraph_web import jsonable
from relgraph_web.problems import BadRequest
from relgraph_web.site import current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

Answer = TypeVar("Answer")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows: a template with its values, the same as JSON, and its table where it has one."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    data: Any = None
    columns: Sequence[str] = ()
    rows: Callable[[], Iterable[Sequence[Any]]] | None = None
    status: int = 200

    def answer(self, form: str) -> Response:
        """Return the page in a form: html, json or csv."""
        match form:
            case "json":
                return json_answer(self.data, status=self.status)
            case "csv" if self.rows is not None:
                return csv_answer(self.columns, self.rows())
            case "html":
                return Response(render_template(self.template, **self.values), self.status, mimetype="text/html")
            case _:
                raise BadRequest(f"this page has no form {form}")


def json_answer(data: Any, *, status: int = 200) -> Response:
    """Return JSON."""
    return Response(jsonable.dumps(data), status, mimetype="application/json")


def csv_answer(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a table as CSV that a spreadsheet reads as text: nothing in it can become a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell(one) for one in columns])
    writer.writerows([_cell(one) for one in row] for row in rows)
    answer = Response("\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{request.path.rsplit("/", 1)[-1][:60] or "table"}"'
    answer.headers["Content-Disposition"] = answer.headers["Content-Disposition"].encode("ascii", "replace").decode()
    return answer


def _cell(value: Any) -> str:
    text = jsonable.shown(value) if not isinstance(value, int) or isinstance(value, bool) else str(value)
    return "'" + text if text.startswith(_FORMULA) and not isinstance(value, int) else text


def page(
    blueprint: Blueprint, rule: str, *, endpoint: str, forms: Sequence[str] = ("json",), login: bool = True
) -> Callable[[Callable[..., Page | BaseResponse]], Callable[..., BaseResponse]]:
    """Register a page under its address and, for each form, under the address with that ending."""

    def register(view: Callable[..., Page | BaseResponse]) -> Callable[..., BaseResponse]:
        @wraps(view)
        def shown(form: str = "html", **values: Any) -> BaseResponse:
            if login:
                current_user()
            g.form = form
            found = view(**values)
            return found.answer(form) if isinstance(found, Page) else found

        blueprint.add_url_rule(rule, endpoint, shown)
        for form in forms:
            # the home page has no name to put an ending to
            beside = f"/home.{form}" if rule == "/" else f"{rule}.{form}"
            blueprint.add_url_rule(beside, f"{endpoint}_{form}", shown, defaults={"form": form})
        return shown

    return register


def beside(form: str) -> str:
    """Return the address of this page in another form, with the same state."""
    path = request.path
    here = site().url("home", as_of=None)
    path = f"{path}home.{form}" if path == here else f"{path}.{form}"
    query = request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


def back(endpoint: str, **values: Any) -> BaseResponse:
    """Return the answer to a form that was sent: see there."""
    return redirect(site().url(endpoint, **values), 303)


def with_query(**changes: Any) -> str:
    """Return the address of this page with some of its state changed; None takes a part away."""
    held = {name: values for name, values in request.args.lists() if name not in changes}
    held.update({name: [str(value)] for name, value in changes.items() if value is not None})
    from urllib.parse import urlencode  # noqa: PLC0415 - only here

    query = urlencode(held, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def day_shown(name: str) -> str:
    """Return a day of the address as a field for dates holds it; nothing for what is no day."""
    try:
        return date.fromisoformat(request.args.get(name, "").strip()).isoformat()
    except ValueError:
        return ""


def text_of(name: str, *, most: int = 1000) -> str:
    """Return a field of the form that was sent, without surrounding space."""
    value = request.form.get(name, "").strip()
    if len(value) > most:
        raise BadRequest(f"{name} is longer than {most:,} characters")
    return value


def number_of(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    """Return a whole number of the address, or the default; BadRequest for what is none."""
    given = request.args.get(name)
    if given is None or not given.strip():
        return default
    try:
        value = int(given)
    except ValueError:
        raise BadRequest(f"{name} is a whole number, not {given[:40]!r}") from None
    if not least <= value <= most:
        raise BadRequest(f"{name} is from {least:,} to {most:,}, not {value:,}")
    return value


__all__ = [
    "Page",
    "back",
    "beside",
    "csv_answer",
    "json_answer",
    "number_of",
    "page",
    "text_of",
    "window",
    "with_query",
]
