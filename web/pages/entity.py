"""The page of an entity: both readings of its relations, facts with their history, and forms that change all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, redirect, request
from markupsafe import Markup
from relgraph_web.access import Window, holds
from relgraph_web.jsonable import change_json, end_json, entity_json, relation_json, shown
from relgraph_web.pages.related import FIRST, Group, group_of
from relgraph_web.pictures.butterfly import Branch, Leaf, butterfly
from relgraph_web.pictures.style import ReadingStyle
from relgraph_web.pictures.times import bar, span_of, timeline
from relgraph_web.problems import document, status_of
from relgraph_web.render import Page, page
from relgraph_web.site import site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Entity, Relation, RelgraphError

_DRAWN: Final = 1000
"""Beyond so many relations the years are drawn when they are asked for."""


def register(blueprint: Blueprint) -> None:
    """Register the page and its history."""
    page(blueprint, "/entity/<reference:entity_id>", endpoint="entity", forms=("json",))(entity)
    page(blueprint, "/entity/<reference:entity_id>/history", endpoint="history", forms=("json",))(history)


def entity(entity_id: str) -> Page | BaseResponse:
    """Show an entity."""
    found = window().entity(entity_id)
    if found.id != entity_id:
        # it was merged into another: its address leads there
        return redirect(site().url("entity", entity_id=found.id), 302)
    return entity_page(found)


def entity_page(found: Entity, *, problem: RelgraphError | None = None, form: str = "") -> Page:
    """Return the page of an entity, with what was wrong about a form that it sent."""
    here, styles = window(), site().styles()
    groups = [
        group_of(here, one.predicate, one.held, one.total, one.first)
        for one in here.view.related_groups(found.id, first=FIRST)
    ]
    total = sum(group.total for group in groups)
    relations = [one.relation for group in groups for one in group.rows]
    drawn = total <= _DRAWN or request.args.get("timeline") == "1"
    values = {
        "entity": found,
        "style": styles.type(found.type),
        "groups": groups,
        "total": total,
        "span": span_of(relations, here.day),
        "day": here.day.isoformat(),
        "bar": bar,
        "holds": lambda one: holds(one, here.day),
        "picture": _picture(here, found, groups),
        "timeline": _timeline(here, found) if drawn else None,
        "facts": _facts(here, found),
        "fields": [(one, styles.say(one.label, one.name)) for one in here.vocabulary.fields(found.type).values()]
        if found.type in here.vocabulary.types
        else [],
        "tags": [(name, styles.say(here.vocabulary.tags[name].label, name)) for name in found.tags],
        "possible": possible(here, found.type) if here.may("editor") else [],
        "add": _adding(here, found),
        "edited": request.args.get("edit"),
        "may_write": here.may_write(found.type),
        "may_merge": here.may("editor") and not here.user.limited and not here.user.locked,
        "may_change": lambda relation: here.may_write(relation.predicate),
        "problem": None if problem is None else document(problem),
        "form": form,
    }
    data = {
        **entity_json(found),
        "relations": [
            {
                "reading": group.reading.name,
                "words": group.reading.words,
                "total": group.total,
                "ended": group.ended,
                "first": [
                    {"entity": end_json(one.entity), "relation": relation_json(one.relation)} for one in group.rows
                ],
            }
            for group in groups
        ],
    }
    return Page("relgraph/entity.html", values, data, status=200 if problem is None else status_of(problem))


def _picture(here: Window, found: Entity, groups: Sequence[Group]) -> Markup:
    styles = site().styles()
    sides: tuple[list[Branch], list[Branch]] = ([], [])
    for group in groups:
        live = [one for one in group.rows if holds(one.relation, here.day)]
        if not live:
            continue
        leaves = [
            Leaf(
                one.entity.name,
                site().url("entity", entity_id=one.entity.id),
                styles.type(one.entity.type),
                _share(one.relation),
            )
            for one in sorted(live, key=lambda one: -_weight(one.relation))
        ]
        # a symmetric predicate reads the same from both ends, and stands once
        sides[group.reading.forward or group.reading.symmetric].append(Branch(group.reading, leaves, group.held))
    return butterfly(found.name, styles.type(found.type), *sides)


def _share(relation: Relation) -> str:
    for name, value in relation.attributes.items():
        if relation.declared[name].kind == "percent":
            return shown(value)
    return ""


def _weight(relation: Relation) -> float:
    for name, value in relation.attributes.items():
        if relation.declared[name].kind == "percent":
            return float(value)
    return 0.0


def _timeline(here: Window, found: Entity) -> Markup:
    relations = [one.relation for one in here.view.related(found.id, ever=True)]
    return timeline(relations, here.day, lambda day: site().url("entity", entity_id=found.id, as_of=day))


def _facts(here: Window, found: Entity) -> list[tuple[str, Any, str]]:
    declared = here.vocabulary.fields(found.type) if found.type in here.vocabulary.types else {}
    styles = site().styles()
    caption = here.vocabulary.caption(found.type) if found.type in here.vocabulary.types else ()
    return [
        (styles.say(declared[name].label, name) if name in declared else name, value, declared[name].kind)
        for name, value in found.fields.items()
        # the name stands on top of the page
        if not (name in caption and shown(value) == found.name) and name in declared
    ]


def history(entity_id: str) -> Page:
    """Show all that happened to an entity and its relations, the latest first."""
    here = window()
    found = here.entity(entity_id)
    changes = list(reversed(here.history(found.id)))
    may_undo = here.may("editor") and not here.user.limited and not here.user.locked
    return Page(
        "relgraph/history.html",
        {"entity": found, "style": site().styles().type(found.type), "changes": changes, "may_undo": may_undo},
        {"items": [change_json(one) for one in changes]},
    )


def possible(here: Window, type_name: str) -> list[tuple[ReadingStyle, list[str]]]:
    """Return the readings that may start at a type, each with the types it may lead to."""
    words, styles = here.vocabulary, site().styles()
    if type_name not in words.types:
        return []
    concrete = [name for name, one in words.types.items() if not one.abstract]
    found = []
    for name, reading in words.readings.items():
        one = reading.predicate
        if not one.enabled or one.internal or not here.may_write(name):
            continue
        targets = [
            other
            for other in concrete
            if (
                words.allows(one.name, type_name, other)
                if reading.forward
                else words.allows(one.name, other, type_name)
            )
        ]
        if targets:
            found.append((styles.reading(name), targets))
    return found


def _adding(here: Window, found: Entity) -> dict[str, Any] | None:
    name = request.values.get("reading") if request.method == "POST" else request.args.get("add")
    if name is None or not here.may("editor"):
        return None
    for reading, targets in possible(here, found.type):
        if reading.name == name:
            predicate = here.vocabulary.readings[name].predicate
            styles = site().styles()
            return {
                "reading": reading,
                "targets": targets,
                "target_words": ", ".join(styles.type(one).label for one in targets[:6])
                + (f" and {len(targets) - 6} more" if len(targets) > 6 else ""),
                "attributes": [(one, styles.say(one.label, one.name)) for one in predicate.attributes],
                "dated": predicate.time != "none",
            }
    return None
