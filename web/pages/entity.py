"""The page of an entity: both readings of its relations, facts with their history, and changing all of it in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from flask import Blueprint, redirect, request
from markupsafe import Markup
from relgraph_web.access import Window, holds
from relgraph_web.jsonable import change_json, end_json, entity_json, relation_json, shown
from relgraph_web.pictures.butterfly import Branch, Leaf, butterfly
from relgraph_web.pictures.style import ReadingStyle
from relgraph_web.pictures.times import bar, span_of, timeline
from relgraph_web.problems import BadRequest, document
from relgraph_web.render import Page, back, number_of, page, text_of
from relgraph_web.site import site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import ConflictError, Entity, NotFound, Related, Relation, RelgraphError

FIRST: Final = 10
MORE: Final = 50
_DRAWN: Final = 1000
"""Beyond so many relations the years are drawn when they are asked for."""


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute that stands as a column of a group."""

    name: str
    label: str
    number: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The relations of an entity under one reading: the first rows, the live ones before the ended ones."""

    reading: ReadingStyle
    held: int
    total: int
    rows: Sequence[Related]
    columns: Sequence[Column]
    sources: bool
    may_add: bool

    @property
    def ended(self) -> int:
        """How many do not hold on the day of the page."""
        return self.total - self.held


def register(blueprint: Blueprint) -> None:
    """Register the pages of entities and what their forms send."""
    page(blueprint, "/entities", endpoint="entities", forms=("json", "csv"))(entities)
    blueprint.add_url_rule("/entities/new", "new_entity", new_entity, methods=["GET", "POST"])
    page(blueprint, "/entity/<reference:entity_id>", endpoint="entity", forms=("json",))(entity)
    page(blueprint, "/entity/<reference:entity_id>/relations/<reading>", endpoint="related", forms=("json", "csv"))(
        related
    )
    page(blueprint, "/entity/<reference:entity_id>/history", endpoint="history", forms=("json",))(history)
    for rule, name, view in (
        ("/entity/<reference:entity_id>/facts", "change_facts", change_facts),
        ("/entity/<reference:entity_id>/relate", "relate", relate),
        ("/entity/<reference:entity_id>/trash", "trash", trash),
        ("/relation/<reference:relation_id>/change", "change_relation", change_relation),
    ):
        blueprint.add_url_rule(rule, name, view, methods=["POST"])


# -- reading ----------------------------------------------------------------------------------------------------------


def entities() -> Page:
    """List the entities of a type by name."""
    here = window()
    name = request.args.get("type") or None
    after = request.args.get("after_name"), request.args.get("after_id")
    place = (after[0], after[1]) if after[0] is not None and after[1] is not None else None
    found = list(islice(here.view.entities(name, after=place), MORE + 1))
    more = found[MORE - 1] if len(found) > MORE else None
    shown_now = found[:MORE]
    fields = _telling_fields(here, name, shown_now)
    total = here.view.count(name) if name else here.counts().all_entities
    return Page(
        "relgraph/entities.html",
        {"type": name, "found": shown_now, "fields": fields, "more": more, "total": total, "first": place is None},
        {"items": [entity_json(one) for one in shown_now], "next": None if more is None else [more.name, more.id]},
        ("id", "type", "name", *(label for _, label in fields)),
        lambda: (
            (one.id, one.type, one.name, *(shown(one.get(field)) for field, _ in fields))
            for one in here.view.entities(name)
        ),
    )


def _telling_fields(here: Window, name: str | None, found: Iterable[Entity]) -> list[tuple[str, str]]:
    if name is None or name not in here.vocabulary.types:
        return []
    styles = site().styles()
    declared = here.vocabulary.fields(name)
    told = {field for one in found for field in one.fields}
    return [
        (field, styles.say(declared[field].label, field))
        for field in declared
        if field in told and field not in here.vocabulary.caption(name)
    ][:4]


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
    counts = here.view.readings(found.id)
    groups = [group_of(here, found, name, held, total) for name, (held, total) in counts.items()]
    total = sum(all_of for _, all_of in counts.values())
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
    from relgraph_web.problems import status_of  # noqa: PLC0415 - only where a form was refused

    return Page("relgraph/entity.html", values, data, status=200 if problem is None else status_of(problem))


def group_of(
    here: Window, found: Entity, name: str, held: int, total: int, *, skip: int = 0, most: int = FIRST
) -> Group:
    """Return the relations under one reading from some row on."""
    rows = rows_of(here, found, name, held, total, skip=skip, most=most)
    reading = here.vocabulary.readings[name]
    styles = site().styles()
    columns = [
        Column(one.name, styles.say(one.label, one.name), one.kind in {"integer", "decimal", "percent", "money"})
        for one in reading.predicate.attributes
        if any(row.relation[one.name] is not None for row in rows)
    ]
    may_add = reading.predicate.enabled and not reading.predicate.internal and here.may_write(name)
    return Group(styles.reading(name), held, total, rows, columns, any(row.relation.source for row in rows), may_add)


def rows_of(
    here: Window, found: Entity, name: str, held: int, total: int, *, skip: int, most: int
) -> Sequence[Related]:
    """Return rows of one reading: those that hold on the day, then the others."""
    # a broad predicate finds its narrow ones too, which stand in groups of their own
    alone = len(here.vocabulary.narrower(here.vocabulary.readings[name].predicate.name)) == 1
    limit = skip + most if alone else None
    live = [one for one in here.view.related(found.id, name, limit=limit) if one.predicate == name]
    rows = live[skip : skip + most]
    if len(rows) < most and total > held:
        past = [
            one
            for one in here.view.related(found.id, name, ever=True)
            if one.predicate == name and not holds(one.relation, here.day)
        ]
        begin = max(0, skip - held)
        rows += past[begin : begin + most - len(rows)]
    return rows


def related(entity_id: str, reading: str) -> Page:
    """Show one group from some row on; without scripts this is a page of its own."""
    here = window()
    found = here.entity(entity_id)
    if reading not in here.vocabulary.readings:
        raise NotFound(f"there is no predicate {reading!r}")
    held, total = here.view.readings(found.id).get(reading, (0, 0))
    skip = number_of("after", 0)
    group = group_of(here, found, reading, held, total, skip=skip, most=MORE)
    shown_to = skip + len(group.rows)
    everything: Callable[[], Iterable[Related]] = lambda: (  # noqa: E731 - the whole table, for CSV
        rows_of(here, found, reading, held, total, skip=0, most=total)
    )
    attributes = [one.name for one in here.vocabulary.readings[reading].predicate.attributes]
    values = {
        "entity": found,
        "group": group,
        "skip": skip,
        "shown_to": shown_to,
        "span": span_of([one.relation for one in group.rows], here.day),
        "day": here.day.isoformat(),
        "bar": bar,
        "holds": lambda one: holds(one, here.day),
        "may_change": lambda relation: here.may_write(relation.predicate),
        "edited": None,
    }
    template = "relgraph/rows.html" if request.headers.get("X-Fragment") else "relgraph/related.html"
    return Page(
        template,
        values,
        {
            "reading": reading,
            "total": total,
            "items": [{"entity": end_json(one.entity), "relation": relation_json(one.relation)} for one in group.rows],
            "next": shown_to if shown_to < total else None,
        },
        ("id", "name", "type", "since", "until", *attributes, "source", "relation"),
        lambda: (
            (
                one.entity.id,
                one.entity.name,
                one.entity.type,
                one.relation.since,
                one.relation.until,
                *(one.relation[name] for name in attributes),
                one.relation.source,
                one.relation.id,
            )
            for one in everything()
        ),
    )


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


# -- changing ---------------------------------------------------------------------------------------------------------


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


def new_entity() -> BaseResponse:
    """Add an entity of a type."""
    here, styles = window(), site().styles()
    here.need("editor")
    types = [name for name, one in here.vocabulary.types.items() if not one.abstract and here.may_write(name)]
    name = request.values.get("type") or (types[0] if len(types) == 1 else None)
    problem = None
    if name is not None and name not in types:
        raise NotFound(f"there is no type {name!r} that you may add to")
    if request.method == "POST" and name is not None:
        try:
            values = _field_values(here, name, only_given=True)
            made, _ = here.write(lambda tx: tx.add(name, fields=values), touches=[name], reason=text_of("reason"))
        except RelgraphError as error:
            problem = document(error)
        else:
            return back("entity", entity_id=made.id)
    fields = [(one, styles.say(one.label, one.name)) for one in here.vocabulary.fields(name).values()] if name else []
    return Page(
        "relgraph/new_entity.html",
        {"types": types, "type": name, "fields": fields, "problem": problem},
        status=422 if problem else 200,
    ).answer("html")


def _field_values(here: Window, type_name: str, *, only_given: bool = False) -> dict[str, Any]:
    """Return the fields of a form; an emptied one is None, which takes it away."""
    found: dict[str, Any] = {}
    for name, field in here.vocabulary.fields(type_name).items():
        key = f"field.{name}"
        if key not in request.form:
            continue
        text = text_of(key, most=100_000)
        if not text:
            if not only_given:
                found[name] = None
        elif field.many:
            found[name] = [one.strip() for one in text.splitlines() if one.strip()]
        else:
            found[name] = text
    return found


def _same_version(thing: Entity | Relation) -> None:
    if text_of("version") != str(thing.version):
        raise ConflictError(
            f"{thing} was changed by somebody else since you opened this page; nothing of yours was kept",
            hint="look at what changed, and enter it again",
        )


def _on_page(entity_id: str, form: str, work: Callable[[Window, Entity], object]) -> BaseResponse:
    """Do what a form of an entity's page asks for; where it is refused, show the page with the form as it was sent."""
    here = window()
    found = here.entity(entity_id)
    try:
        work(here, found)
    except (NotFound, RelgraphError) as error:
        return entity_page(here.entity(entity_id), problem=here.discreet(error), form=form).answer("html")
    return back("entity", entity_id=found.id)


def change_facts(entity_id: str) -> BaseResponse:
    """Change fields and tags."""

    def work(here: Window, found: Entity) -> None:
        _same_version(found)
        values = {
            name: value
            for name, value in _field_values(here, found.type).items()
            if _as_typed(found.get(name)) != _as_typed(value)
        }
        tags = set(request.form.getlist("tag"))

        def write(tx: Any) -> None:
            if values:
                tx.update(found.id, fields=values)
            if "tags_shown" in request.form:
                tx.untag(found.id, *(one for one in found.tags if one not in tags))
                tx.tag(found.id, *sorted(tags - set(found.tags)))

        here.write(write, touches=[found.type], reason=text_of("reason"))

    return _on_page(entity_id, "facts", work)


def _as_typed(value: Any) -> str:
    return "\n".join(map(shown, value)) if isinstance(value, (tuple, list)) else "" if value is None else str(value)


def _target(here: Window, found: Entity, reading: str) -> Entity:
    given = text_of("target_id") or text_of("target")
    if not given:
        raise BadRequest("who is at the other end? type a name")
    fitting = {one.name: targets for one, targets in possible(here, found.type)}.get(reading, [])
    if text_of("target_id"):
        return here.view.get(given)
    try:
        return here.named(given)
    except RelgraphError:
        for type_name in fitting:
            try:
                return here.view.entity(given, type=type_name)
            except NotFound:
                continue
        raise


def relate(entity_id: str) -> BaseResponse:
    """Add a relation in the reading of this end."""

    def work(here: Window, found: Entity) -> None:
        reading = text_of("reading")
        here.need_to_write(reading)
        other = _target(here, found, reading)
        attributes = _attribute_values(here, reading)
        here.write(
            lambda tx: tx.relate(
                found.id,
                reading,
                other.id,
                since=text_of("since") or None,
                until=text_of("until") or None,
                source=text_of("source") or None,
                attributes={name: value for name, value in attributes.items() if value is not None},
            ),
            touches=[reading],
            reason=text_of("reason"),
        )

    return _on_page(entity_id, "relate", work)


def _attribute_values(here: Window, reading: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in here.vocabulary.readings[reading].predicate.attributes:
        key = f"attribute.{field.name}"
        if key in request.form:
            text = text_of(key, most=100_000)
            found[field.name] = (
                [one.strip() for one in text.splitlines() if one.strip()] if field.many else text
            ) or None
    return found


def change_relation(relation_id: str) -> BaseResponse:
    """Change, end or retract a relation from the page of one of its ends."""
    here = window()
    relation = here.relation(relation_id)
    here.need_to_write(relation.predicate)
    entity_id = text_of("from")
    if entity_id not in {relation.subject.id, relation.object.id}:
        entity_id = relation.subject.id

    def work(here: Window, _: Entity) -> None:
        _same_version(relation)
        match text_of("action"):
            case "end":
                on = text_of("on")
                if not on:
                    raise BadRequest("on which day does it end? the first day on which it no longer holds")
                operation: Callable[[Any], object] = lambda tx: tx.end(relation, on=on)  # noqa: E731
            case "retract":
                operation = lambda tx: tx.retract(relation)  # noqa: E731
            case "change":
                values: dict[str, Any] = {"attributes": _attribute_values(here, relation.predicate)}
                for name in ("since", "until"):
                    if name in request.form:
                        values[name] = text_of(name) or None
                if text_of("source") and text_of("source") != relation.source:
                    values["source"] = text_of("source")
                operation = lambda tx: tx.update(relation, **values)  # noqa: E731
            case other:
                raise BadRequest(f"a relation is changed, ended or retracted, not {other!r}")
        here.write(operation, touches=[relation.predicate], reason=text_of("reason"))

    return _on_page(entity_id, f"relation-{relation_id}", work)


def trash(entity_id: str) -> BaseResponse:
    """Put an entity into the trash, and say how it comes back."""
    here = window()
    found = here.entity(entity_id)
    _same_version(found)
    here.write(lambda tx: tx.trash(found), touches=[found.type], reason=text_of("reason"))
    return back("home", as_of=None, trashed=found.id)
