"""What the forms about entities and relations send, as the library takes it."""

from __future__ import annotations

from typing import Any

from flask import request
from relgraph_web.access import Window
from relgraph_web.render import text_of


def field_values(here: Window, type_name: str, *, only_given: bool = False) -> dict[str, Any]:
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


def attribute_values(here: Window, reading: str) -> dict[str, Any]:
    """Return the attributes of a form about a relation; an emptied one is None."""
    found: dict[str, Any] = {}
    for field in here.vocabulary.readings[reading].predicate.attributes:
        key = f"attribute.{field.name}"
        if key in request.form:
            text = text_of(key, most=100_000)
            found[field.name] = (
                [one.strip() for one in text.splitlines() if one.strip()] if field.many else text
            ) or None
    return found
