"""The cells of answers."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from relgraph_web.jsonable import shown
from relgraph_web.site import site, window

from relgraph import Entity, Path, Relation


def cell(value: Any) -> Markup | str:
    """Return a value as it stands in a table: entities and paths as links."""
    match value:
        case Entity():
            return _link(value)
        case Path():
            step = Markup('<span class="step">{}</span>')
            return Markup(" ").join(
                Markup('<span class="muted small">{}</span> {}').format(words, step.format(_link(one)))
                if words
                else step.format(_link(one))
                for words, one in _steps(value)
            )
        case Relation():
            return f"{value.subject.name} {site().styles().reading(value.predicate).words} {value.object.name}"
        case _:
            return shown(value)


def _link(one: Entity) -> Markup:
    dot = site().styles().type(one.type).dot()
    return Markup('{} <a href="{}">{}</a>').format(dot, site().url("entity", entity_id=one.id), one.name)


def _steps(path: Path) -> list[tuple[str, Entity]]:
    """Return the entities of a path, each with the words that lead to it."""
    styles = site().styles()
    found = [("", path.entities[0])]
    for relation, before, after in zip(path.relations, path.entities, path.entities[1:], strict=False):
        predicate = window().vocabulary.predicates.get(relation.predicate)
        backwards = relation.subject.id != before.id and predicate is not None and not predicate.symmetric
        name = predicate.inverse if backwards and predicate is not None else relation.predicate
        found.append((styles.reading(name).words, after))
    return found
