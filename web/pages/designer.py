"""Changing the vocabulary: one predicate by a form in plain words, or all as text; a dry run before it is done."""

from __future__ import annotations

import json
from typing import Any, Final

import yaml
from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.problems import document, status_of
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import address, site, window
from relgraph_web.vocabularies import carry_out, digest, plan_json
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Entity, RelgraphError, ValueProblem, Vocabulary

KINDS: Final = ("percent", "money", "text", "integer", "decimal", "date", "boolean", "choice", "country", "url")
_ATTRIBUTES: Final = 6


def register(blueprint: Blueprint) -> None:
    """Register the designer."""
    page(blueprint, "/vocabulary/predicate", endpoint="designer", forms=())(designer)
    blueprint.add_url_rule("/vocabulary/predicate", "design", design, methods=["POST"])
    blueprint.add_url_rule("/vocabulary/text", "vocabulary_text", as_text, methods=["GET", "POST"])


def designer() -> Page:
    """Show the form of a predicate, or of a new one."""
    here = window()
    here.whole("designer")
    name = request.args.get("name", "")
    known = here.vocabulary.to_dict().get("predicates", {}).get(name, {})
    return _page(here, name, dict(known) if isinstance(known, dict) else {})


def design() -> BaseResponse:
    """Check a predicate against the data, or apply it."""
    here = window()
    graph = here.whole("designer")
    old = text_of("old")
    problem, plan, entry = None, None, {}
    name = text_of("name", most=200)
    try:
        everything = graph.vocabulary.to_dict()
        entry = _entry(dict(everything.get("predicates", {}).get(old, {})))
        if not name:
            raise ValueProblem("the predicate needs a name", hint="such as supplies: a word that reads 'X supplies Y'")
        changed = _with_predicate(everything, old, name, entry)
        new = Vocabulary.from_dict(changed)
        plan = graph.plan(new)
        if text_of("action") == "apply":
            if text_of("digest") != digest(graph.vocabulary):
                raise ValueProblem(
                    "the vocabulary was changed by somebody else meanwhile", hint="look at the plan again"
                )
            carry_out(graph, plan, site().accounts, policy=text_of("policy") or "refuse")
            site().accounts.record(here.user.name, "vocabulary changed", address=address(), predicate=name)
            return back("types", as_of=None, _anchor=f"p-{name}")
    except RelgraphError as error:
        problem = error
    return _page(here, name, entry, old=old, plan=plan, problem=problem).answer("html")


def _with_predicate(everything: dict[str, Any], old: str, name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return a vocabulary with a predicate in the place of an old one, or at its end."""
    predicates = dict(everything.get("predicates", {}))
    if old and old in predicates:
        if old != name:
            entry = {**entry, "was": old}
        predicates = {
            (name if one == old else one): (entry if one == old else value) for one, value in predicates.items()
        }
    elif name in predicates:
        raise ValueProblem(f"there is a predicate {name} already", hint="open it from the vocabulary to change it")
    else:
        predicates[name] = entry
    return {**everything, "predicates": predicates}


def _words(before: object, text: str) -> object:
    """Return a text with the same in other languages kept."""
    language = site().settings.language
    if isinstance(before, dict):
        return {**before, language: text}
    return text


def _entry(before: dict[str, Any]) -> dict[str, Any]:
    """Return the predicate that the form describes, over what it does not show of the one before."""
    entry = dict(before)

    def put(key: str, value: object, *, absent: object = None) -> None:
        if value == absent:
            entry.pop(key, None)
        else:
            entry[key] = value

    symmetric = request.form.get("symmetric") == "yes"
    put("symmetric", symmetric, absent=False)
    put("inverse", text_of("inverse") or None if not symmetric else None)
    if text_of("reading"):
        entry["reading"] = _words(before.get("reading"), text_of("reading"))
    if text_of("inverse_reading") and not symmetric:
        entry["inverse_reading"] = _words(before.get("inverse_reading"), text_of("inverse_reading"))
    if symmetric:
        entry.pop("inverse_reading", None)
    if "between" not in before:
        for side in ("subject", "object"):
            put(side, request.form.getlist(side) or None)
    attributes = _attributes(before.get("attributes", {}))
    put("attributes", attributes or None)
    put("time", "none" if request.form.get("dated") != "yes" else None)
    unique = text_of("unique") or "overlap"
    put("unique", unique if unique != "overlap" else None)
    level = text_of("irreflexive")
    put("irreflexive", {"off": False, "warn": "warn"}.get(level))
    put("acyclic", {"error": True, "warn": "warn"}.get(text_of("acyclic")))
    for key in ("max_objects", "max_subjects"):
        given = text_of(key)
        if given and not given.isdecimal():
            raise ValueProblem(f"how many? {given!r} is no whole number")
        warned = text_of(f"{key}_level") == "warn"
        put(key, None if not given else {"max": int(given), "level": "warn"} if warned else int(given))
    if text_of("sum_attribute"):
        summed: dict[str, Any] = {
            "attribute": text_of("sum_attribute"),
            "per": text_of("sum_per") or "object",
            "max": text_of("sum_max") or "100%",
        }
        if text_of("sum_level") == "warn":
            summed["level"] = "warn"
        # the form shows one sum; others of the predicate stay
        entry["sum"] = [summed, *_other_sums(before)]
    else:
        put("sum", _other_sums(before) or None)
    put("enabled", False if request.form.get("enabled") == "no" else None)
    return entry


def _other_sums(before: dict[str, Any]) -> list[Any]:
    held = before.get("sum")
    return list(held[1:]) if isinstance(held, list) else []


def _attributes(before: object) -> dict[str, Any]:
    known = before if isinstance(before, dict) else {}
    found: dict[str, Any] = {}
    for index in range(_ATTRIBUTES + len(known)):
        name = text_of(f"attribute{index}")
        if not name:
            continue
        kind = text_of(f"kind{index}") or "text"
        old = known.get(name)
        # what the form does not show of an attribute (limits, labels) stays
        held = dict(old) if isinstance(old, dict) else {}
        held["type"] = kind
        if request.form.get(f"required{index}") == "yes":
            held["required"] = True
        else:
            held.pop("required", None)
        found[name] = held
    return found


def _page(
    here: Window,
    name: str,
    entry: dict[str, Any],
    *,
    old: str | None = None,
    plan: Any = None,
    problem: RelgraphError | None = None,
) -> Page:
    words, styles = here.vocabulary, site().styles()
    old = name if old is None else old
    attributes = entry.get("attributes", {}) or {}
    listed = [
        (
            one,
            value.get("type", "text") if isinstance(value, dict) else str(value),
            isinstance(value, dict) and value.get("required"),
        )
        for one, value in attributes.items()
    ]
    reading = (
        styles.say(entry.get("reading"), name or "…") if not isinstance(entry.get("reading"), str) else entry["reading"]
    )
    inverse = str(entry.get("inverse", ""))
    back_reading = entry.get("inverse_reading")
    back_words = back_reading if isinstance(back_reading, str) else styles.say(back_reading, inverse or "…")
    summed = entry.get("sum")
    return Page(
        "relgraph/designer.html",
        {
            "name": name,
            "old": old if old in words.predicates else "",
            "entry": entry,
            "symmetric": bool(entry.get("symmetric")),
            "reading": reading if name or entry.get("reading") else "",
            "inverse": inverse,
            "inverse_reading": back_words if inverse or back_reading else "",
            "types": [(one, styles.say(words.types[one].label, one)) for one in words.types],
            "attributes": [*listed, *[("", "text", False)] * (2 if len(listed) < _ATTRIBUTES else 1)],
            "kinds": KINDS,
            "sum": summed[0] if isinstance(summed, list) and summed else summed or {},
            "maxima": {
                key: value if isinstance(value, dict) else {"max": value} if value else {}
                for key, value in (
                    ("max_objects", entry.get("max_objects")),
                    ("max_subjects", entry.get("max_subjects")),
                )
            },
            "example": _example(here, entry),
            "plan": None if plan is None else plan_json(plan),
            "problem": None if problem is None else document(problem),
            "digest": digest(words),
            "text": _as_yaml(name or "name", entry),
            "python": f"relgraph.predicate({name or 'name'!r}, {_keywords(entry)})",
            "used": here.counts().relations.get(old or "", 0),
        },
        status=status_of(problem) if problem else 200,
    )


def _example(here: Window, entry: dict[str, Any]) -> tuple[Entity, Entity] | None:
    """Return two entities of the network that the predicate may join."""
    ends: list[Entity] = []
    for side in ("subject", "object"):
        names = entry.get(side) or []
        names = [names] if isinstance(names, str) else names
        found = None
        for name in names or list(here.vocabulary.types):
            if name in here.vocabulary.types or name == "Entity":
                found = next((one for one in here.view.entities(name) if not ends or one.id != ends[0].id), None)
            if found is not None:
                break
        if found is None:
            return None
        ends.append(found)
    return ends[0], ends[1]


def _as_yaml(name: str, entry: dict[str, Any]) -> str:
    plain = json.loads(json.dumps({name: entry}, default=str))
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=60))


def _keywords(entry: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in entry.items())


def as_text() -> BaseResponse:
    """Show the vocabulary as text, plan what is changed in it, and apply that."""
    here = window()
    graph = here.whole("designer")
    text = request.form.get("yaml") if request.method == "POST" else here.vocabulary.to_yaml()
    problem = plan = None
    if request.method == "POST":
        try:
            plan = graph.plan(Vocabulary.from_text((text or "").replace("\r\n", "\n")))
            if text_of("action") == "apply":
                if text_of("digest") != digest(graph.vocabulary):
                    raise ValueProblem("the vocabulary was changed by somebody else meanwhile")
                carry_out(graph, plan, site().accounts, policy=text_of("policy") or "refuse")
                site().accounts.record(here.user.name, "vocabulary changed", address=address())
                return back("types", as_of=None)
        except RelgraphError as error:
            problem = error
    return Page(
        "relgraph/vocabulary_text.html",
        {
            "text": text,
            "plan": None if plan is None else plan_json(plan),
            "problem": None if problem is None else document(problem),
            "digest": digest(here.vocabulary),
        },
        status=status_of(problem) if problem else 200,
    ).answer("html")
