"""The console: a question with completion and marks under what is wrong, its parameters as a form, its answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final

from flask import Blueprint, request
from relgraph_web import questions
from relgraph_web.access import Window
from relgraph_web.alerts import KIND, watch
from relgraph_web.jsonable import shown, value_json
from relgraph_web.pages.cells import cell
from relgraph_web.pictures.chart import bars
from relgraph_web.problems import BadRequest, document, status_of
from relgraph_web.render import Page, back, json_answer, page, text_of
from relgraph_web.site import current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Entity, Path, Relation, RelgraphError

_PARAMETER: Final = re.compile(r"\$([^\W\d]\w*)")
_SHOWN: Final = 200
TABS: Final = ("table", "network", "chart", "explain", "code")


def register(blueprint: Blueprint) -> None:
    """Register the console and what its editor asks."""
    page(blueprint, "/query", endpoint="console", forms=("json", "csv"))(console)
    blueprint.add_url_rule("/query/complete.json", "complete", complete, methods=["POST"])
    blueprint.add_url_rule("/query/check.json", "check", check, methods=["POST"])
    blueprint.add_url_rule("/query/save", "save_question", save, methods=["POST"])
    blueprint.add_url_rule("/query/drop", "drop_question", drop, methods=["POST"])


def console() -> Page:
    """Answer the question of the address, if there is one."""
    here = window()
    text = request.args.get("q", "").replace("\r\n", "\n")[:20_000]
    tab = request.args.get("as", "table")
    names = parameters_of(text)
    given = {name: request.args.get(f"p.{name}", "") for name in names}
    missing = [name for name, value in given.items() if not value]
    values: dict[str, Any] = {
        "text": text,
        "tab": tab if tab in TABS else "table",
        "tabs": TABS,
        "parameters": given,
        "choices": _choices(here, text) if names else {},
        "missing": missing,
        "asked": None,
        "problem": None,
        "saved": site().accounts.all_saved(current_user(), "question"),
        "examples": [],
    }
    if not text.strip():
        from relgraph_web.pages.home import questions_for  # noqa: PLC0415 - home shows the same

        values["examples"] = questions_for(here)
        return Page("relgraph/console.html", values, {"columns": [], "rows": []}, (), lambda: ())
    if missing:
        told = {"missing": missing, "detail": "give each parameter a value as p.name"}
        return Page("relgraph/console.html", values, told, (), lambda: ())
    try:
        asked = questions.ask(here, site().settings, text, {name: _value(value) for name, value in given.items()})
    except RelgraphError as error:
        values["problem"] = document(error)
        values["mistakes"] = questions.mistakes(here, text)
        return Page("relgraph/console.html", values, document(error), (), lambda: (), status_of(error))
    result = asked.result
    columns = list(result.columns)
    rows = list(result)
    values |= {
        "asked": asked,
        "columns": columns,
        "rows": [[cell(one) for one in row] for row in rows[:_SHOWN]],
        "total": len(rows),
        "shown_most": _SHOWN,
        "numbers": [any(_is_number(row[index]) for row in rows[:50]) for index in range(len(columns))],
        "ids": _ids(rows)[: site().settings.canvas],
        "chart": bars(*_chart(columns, rows)) if values["tab"] == "chart" else None,
        "explained": _explained(here, text) if values["tab"] == "explain" else None,
        "code": _code(text, given),
    }
    return Page(
        "relgraph/console.html",
        values,
        {
            "columns": columns,
            "rows": [[value_json(cell) for cell in row] for row in rows],
            "truncated": result.truncated,
            "notes": list(result.notes),
        },
        columns,
        lambda: rows,
    )


def parameters_of(text: str) -> list[str]:
    """Return the parameters of a question in their order, those in quotes left out.

    >>> parameters_of('find Person knows $who and employed_by "A $ b" limit $n')
    ['who', 'n']
    """
    bare = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|--[^\n]*', "", text)
    return list(dict.fromkeys(_PARAMETER.findall(bare)))


def _choices(here: Window, text: str) -> dict[str, dict[str, str]]:
    try:
        return questions.parameters(here, text)
    except RelgraphError:
        # what is wrong is said where the question is asked, or marked in its text
        return {}


def _value(text: str) -> object:
    """Return a parameter as typed: whole numbers as numbers, the rest as text that the question makes sense of."""
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text


def _is_number(value: object) -> bool:
    return not isinstance(value, (str, bool, Entity, Relation, Path, tuple, type(None))) and not hasattr(
        value, "isoformat"
    )


def _ids(rows: list[Any]) -> list[str]:
    found: dict[str, None] = {}
    for row in rows:
        for one in row:
            match one:
                case Entity():
                    found[one.id] = None
                case Path():
                    found.update((other.id, None) for other in one.entities)
                case Relation():
                    found.update({one.subject.id: None, one.object.id: None})
                case _:
                    pass
    return list(found)


def _chart(columns: list[str], rows: list[Any]) -> tuple[str, list[tuple[str, float, str]]]:
    """Return what a chart of the answer shows: its first number by its first text, or how often each text is there."""
    if not rows:
        return "", []
    numbers = [index for index in range(len(columns)) if any(_is_number(row[index]) for row in rows)]
    texts = [index for index in range(len(columns)) if index not in numbers]
    if numbers and texts:
        label, value = texts[0], numbers[-1]
        return columns[value], [
            (shown(row[label]) or "none", _as_float(row[value]), shown(row[value]))
            for row in rows
            if row[value] is not None
        ][:40]
    counted = Counter(shown(row[0]) or "none" for row in rows)
    return "rows", [(name or "(missing)", float(count), f"{count:,}") for name, count in counted.most_common(40)]


def _as_float(value: Any) -> float:
    try:
        return float(getattr(value, "amount", value))
    except (TypeError, ValueError):
        return 0.0


def _explained(here: Window, text: str) -> str:
    try:
        return questions.explain(here, text)
    except RelgraphError as error:
        return str(error)


def _code(text: str, given: dict[str, str]) -> dict[str, str]:
    named = "".join(f", {name}={value!r}" for name, value in given.items())
    body = json.dumps({"text": text, **({"parameters": given} if given else {})}, ensure_ascii=False)
    address = site().url("home", _external=True, as_of=None) + "api/v1/query"
    return {
        "Python": f"for row in graph.query({text!r}{named}):\n    print(row)",
        "curl": "curl -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\\n"
        f"  -d {_quoted(body)} {address}",
    }


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _sent() -> dict[str, Any]:
    told = request.get_json(silent=True)
    if not isinstance(told, dict) or not isinstance(told.get("text"), str) or len(told["text"]) > 20_000:
        raise BadRequest("send the text of a question as JSON")
    return told


def complete() -> BaseResponse:
    """Say what may be written next."""
    current_user()
    told = _sent()
    cursor = told.get("cursor")
    if not isinstance(cursor, int) or isinstance(cursor, bool) or cursor < 0:
        raise BadRequest("cursor is a place in the text")
    return json_answer({"items": with_names(window(), told["text"], cursor)})


def with_names(here: Window, text: str, cursor: int) -> list[dict[str, Any]]:
    """Return completions; within quotes, the names of entities that begin so."""
    items = questions.complete(here, text, cursor)[:14]
    left = text[:cursor]
    if left.count('"') % 2:
        begin = left.rindex('"')
        fragment = left[begin + 1 :]
        if fragment.strip():
            names = here.view.search(fragment, limit=8)
            items = [
                {
                    "text": '"' + one.name.replace("\\", "\\\\").replace('"', '\\"') + '"',
                    "kind": "name",
                    "start": begin,
                    "end": cursor,
                    "detail": site().styles().type(one.type).label,
                    "target": [],
                }
                for one in names
            ] + [one for one in items if one["kind"] != "name"]
    styles = site().styles()
    for one in items:
        if one["kind"] == "predicate":
            one["detail"] = one["detail"] or styles.reading(one["text"]).words
    return items[:14]


def check() -> BaseResponse:
    """Say what is wrong with a question."""
    current_user()
    return json_answer({"items": questions.mistakes(window(), _sent()["text"])})


def save() -> BaseResponse:
    """Keep a question under a name, and watch it where that is asked for."""
    text, name = text_of("q", most=20_000), text_of("name", most=200)
    if not text:
        raise BadRequest("there is no question to keep")
    given = {one: text_of(f"p.{one}") for one in parameters_of(text)}
    accounts, user = site().accounts, current_user()
    if request.form.get("watch") == "yes":
        values = {one: _value(value) for one, value in given.items()}
        accounts.save(user, KIND, name, watch(window(), site().settings, text, values))
    accounts.save(user, "question", name, {"text": text}, shared=request.form.get("shared") == "yes")
    return back("console", q=text, **{f"p.{one}": value for one, value in given.items() if value})


def drop() -> BaseResponse:
    """Forget a question of one's own."""
    site().accounts.drop_saved(current_user(), text_of("id"))
    return back("console")
