"""The vocabulary as a map: which types there are, and which predicates join them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from relgraph_web.pictures.typemap import possible_pairs, told_pairs, type_map
from relgraph_web.render import Page, page
from relgraph_web.site import site, window

_COUNTED = 5000


def register(blueprint: Blueprint) -> None:
    """Register the map of types."""
    page(blueprint, "/vocabulary", endpoint="types", forms=("json", "csv"))(types)


def types() -> Page:
    """Show types and predicates with how often they are used."""
    here, styles = window(), site().styles()
    words, counts = here.vocabulary, here.counts()
    predicates: list[dict[str, Any]] = [
        {
            "name": name,
            "one": one,
            "style": styles.reading(name),
            "back": styles.reading(one.inverse),
            "subject": [styles.say(words.types[end].label, end) for end in one.subject if end in words.types],
            "object": [styles.say(words.types[end].label, end) for end in one.object if end in words.types],
            "count": counts.relations.get(name, 0),
        }
        for name, one in words.predicates.items()
    ]
    listed = [
        (styles.type(name), one, counts.entities.get(name, 0)) for name, one in words.types.items() if not one.abstract
    ]
    # beyond some thousands the vocabulary tells what may be joined, in place of what is
    if counts.all_relations <= _COUNTED:
        pairs = told_pairs(here.view.relations())
    else:
        pairs = possible_pairs(words, [name for name, count in counts.entities.items() if count], counts.relations)
    return Page(
        "relgraph/types.html",
        {
            "types": listed,
            "predicates": predicates,
            "derived": list(words.derived.values()),
            "picture": type_map(words, styles, counts.entities, pairs, lambda name: site().url("entities", type=name)),
            "yaml": words.to_yaml(),
            "may_design": here.may("designer") and not here.user.hidden,
        },
        words.to_dict(),
        ("predicate", "inverse", "subject", "object", "relations"),
        lambda: (
            (one["name"], one["one"].inverse, " ".join(one["one"].subject), " ".join(one["one"].object), one["count"])
            for one in predicates
        ),
    )
