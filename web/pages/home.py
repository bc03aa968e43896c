"""Home: one field that finds entities, questions and pages; below it what was done lately and what needs a look."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from relgraph_web.jsonable import end_json, event_json, shown
from relgraph_web.render import Page, json_answer, page
from relgraph_web.site import current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import Event

_RECENT = 12
_MOST = "find {type} {predicate} anything as other group by name show name, count(other) as n order by n desc limit 20"


def register(blueprint: Blueprint) -> None:
    """Register home and its suggestions."""
    page(blueprint, "/", endpoint="home")(home)
    page(blueprint, "/search", endpoint="search", forms=("json", "csv"))(search)
    blueprint.add_url_rule("/suggest.json", "suggest", suggest)


def home() -> Page:
    """Show where one may begin."""
    here, user = window(), current_user()
    counts = here.counts()
    styles = site().styles()
    kinds = sorted(
        (
            (styles.type(name), count)
            for name, count in counts.entities.items()
            if count and name in here.vocabulary.types
        ),
        key=lambda one: -one[1],
    )
    may_check = here.may("designer") and not user.limited and not user.locked
    recent = [(one, *what_happened(one)) for one in here.recent(_RECENT)]
    values = {
        "counts": counts,
        "kinds": kinds,
        "recent": recent,
        "views": site().accounts.all_saved(user, "view")[:8],
        "questions": site().accounts.all_saved(user, "question")[:8],
        "alerts": [] if here.as_of else site().alerts.of(here, site().state()),
        "suggestions": questions_for(here),
        "checked": may_check,
        "findings": site().known_findings() if may_check else None,
    }
    data = {
        "entities": counts.entities,
        "relations": counts.relations,
        "recent": [event_json(one) for one, _, _ in recent],
    }
    return Page("relgraph/home.html", values, data)


def what_happened(event: Event) -> tuple[str, str]:
    """Return what an entry of the log did, in a few words, and the address that says more."""
    here = window()
    address = site().url("transaction", reference=event.id, as_of=None)
    if event.batch:
        # an import changes thousands of things, and its name says which list it was
        words = event.batch.split(":")[1] if event.batch.count(":") > 1 else event.batch
        return f"import of {words}", address
    # the first few changes tell what it was about
    after = None if event.number == 1 else event.number - 1
    changes = list(here.changes(after=after, limit=4))
    mine = [one for one in changes if one.event.number == event.number]
    words = mine[0].words if mine else event.kind
    if len(mine) > 1:
        words += f" and {len(mine) - 1} more" if len(mine) < 4 else " and more"
    return words, address


def search() -> Page:
    """List the entities that match."""
    text = request.args.get("q", "")[:500]
    found = window().view.search(text, limit=50) if text.strip() else []
    return Page(
        "relgraph/search.html",
        {"text": text, "found": [(one, telling(one)) for one in found]},
        {"items": [end_json(one) for one in found]},
        ("id", "type", "name"),
        lambda: ((one.id, one.type, one.name) for one in found),
    )


def suggest() -> BaseResponse:
    """Return what the field suggests: entities, saved questions, pages."""
    current_user()
    here, text = window(), request.args.get("q", "")[:200].strip()
    types = [one for one in request.args.getlist("type") if one in here.vocabulary.types]
    entities = []
    found = here.view.search(text, types=types, limit=20) if text else []
    # a name that is just what was typed comes first, then those that begin so
    found.sort(
        key=lambda one: (one.name.lower() != text.lower(), not one.name.lower().startswith(text.lower()), len(one.name))
    )
    for one in found[:8]:
        degree = sum(held for held, _ in here.view.readings(one).values())
        style = site().styles().type(one.type)
        entities.append(
            {
                **end_json(one),
                "label": style.label,
                "dot": str(style.dot()),
                "fact": telling(one),
                "degree": degree,
                "url": site().url("entity", entity_id=one.id),
            }
        )
    if request.args.get("only") == "entities":
        return json_answer({"entities": entities})
    folded = text.lower()
    asked = [
        {"name": name, "url": site().url("console", q=question)}
        for name, question in [
            *(
                (one.name, one.document.get("text", ""))
                for one in site().accounts.all_saved(current_user(), "question")
            ),
            *questions_for(here),
        ]
        if folded in name.lower()
    ][:5]
    places = [
        {"name": name, "url": site().url(endpoint)} for name, endpoint in _PLACES if folded and folded in name.lower()
    ]
    return json_answer({"entities": entities, "questions": asked, "pages": places})


_PLACES = (
    ("Explore the network", "explore"),
    ("Ask a question", "console"),
    ("Vocabulary: types and predicates", "types"),
    ("Import a list", "imports"),
    ("History and audit", "audit"),
    ("Account and API tokens", "account"),
)


def telling(entity: Any) -> str:
    """Return one fact that tells an entity from others of its name."""
    for name, value in entity.fields.items():
        text = shown(value)
        if text and text != entity.name and len(text) <= 60 and name not in {"name", "label"}:
            return text
    return ""


def questions_for(here: Any) -> list[tuple[str, str]]:
    """Return questions that this vocabulary answers, the most used predicates first."""
    words = here.vocabulary
    counts = here.counts().relations
    styles = site().styles()
    found = []
    for name in sorted(words.predicates, key=lambda one: -counts.get(one, 0)):
        one = words.predicates[name]
        # where one leads to one other at most, none leads to the most
        if not counts.get(name) or not one.subject or (one.max_objects is not None and one.max_objects.maximum == 1):
            continue
        others = _several(here, one.object[0]) if len(one.object) == 1 else "others"
        found.append(
            (
                f"Which {_several(here, one.subject[0])} {_plural(styles.reading(name).words)} the most {others}?",
                _MOST.format(type=one.subject[0], predicate=name),
            )
        )
        if len(found) == 4:
            break
    return found


def _several(here: Any, type_name: str) -> str:
    styles = site().styles()
    style = styles.type(type_name)
    named = (
        style.plural if style.plural != type_name else styles.say(here.vocabulary.types[type_name].plural, type_name)
    )
    return named.lower()


def _plural(words: str) -> str:
    """Return a reading for several: 'owns' is 'own', 'is owned by' is 'are owned by'."""
    first, _, rest = words.partition(" ")
    if first == "is":
        return f"are {rest}"
    if first == "has":
        return f"have {rest}"
    if first.endswith("s") and not first.endswith("ss"):
        return f"{first[:-1]} {rest}".strip()
    return words
