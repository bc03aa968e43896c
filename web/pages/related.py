"""The relations of an entity in groups, each a reading: ten rows on the entity's page, the others fifty by fifty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, request
from relgraph_web.access import Window, holds
from relgraph_web.jsonable import end_json, relation_json
from relgraph_web.pictures.style import ReadingStyle
from relgraph_web.pictures.times import bar, span_of
from relgraph_web.render import Page, number_of, page
from relgraph_web.site import site, window

from relgraph import NotFound, Related

FIRST: Final = 10
MORE: Final = 50
_CHUNK: Final = 1000


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
    """Register the pages of single groups."""
    page(blueprint, "/entity/<reference:entity_id>/relations/<reading>", endpoint="related", forms=("json", "csv"))(
        related
    )


def group_of(here: Window, name: str, held: int, total: int, rows: Sequence[Related]) -> Group:
    """Return rows of one reading as a group: with the attributes that they have as columns."""
    reading = here.vocabulary.readings[name]
    styles = site().styles()
    columns = [
        Column(one.name, styles.say(one.label, one.name), one.kind in {"integer", "decimal", "percent", "money"})
        for one in reading.predicate.attributes
        if any(row.relation[one.name] is not None for row in rows)
    ]
    may_add = reading.predicate.enabled and not reading.predicate.internal and here.may_write(name)
    return Group(styles.reading(name), held, total, rows, columns, any(row.relation.source for row in rows), may_add)


def related(entity_id: str, reading: str) -> Page:
    """Show one group after some row; without scripts this is a page of its own."""
    here = window()
    found = here.entity(entity_id)
    if reading not in here.vocabulary.readings:
        raise NotFound(f"there is no predicate {reading!r}")
    held, total = here.view.readings(found.id).get(reading, (0, 0))
    after = request.args.get("after") or None
    seen = number_of("seen", 0) if after else 0

    def rows_after(last: str | None, most: int) -> list[Related]:
        place = None if last is None else (reading, last)
        return here.view.related(found.id, reading, ever=True, alone=True, limit=most, after=place)

    def everything() -> Iterator[Related]:
        last = None
        while chunk := rows_after(last, _CHUNK):
            yield from chunk
            last = chunk[-1].relation.id

    group = group_of(here, reading, held, total, rows_after(after, MORE))
    shown_to = seen + len(group.rows)
    more = group.rows[-1].relation.id if group.rows and shown_to < total else None
    attributes = [one.name for one in here.vocabulary.readings[reading].predicate.attributes]
    values = {
        "entity": found,
        "group": group,
        "seen": seen,
        "shown_to": shown_to,
        "more": more,
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
            "next": more,
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
