"""What history tells of a value is the value itself: a share is a percent there, an end the entity it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import relgraph
from relgraph import EntityRef, Graph, Money, PartialDate, Percent

KINDS: dict[str, tuple[str, object, object]] = {
    "title": ("text", "Old", "Old"),
    "count": ("integer", 1200, 1200),
    "weight": ("decimal", "0.50", Decimal("0.5")),
    "open": ("boolean", True, True),
    "day": ("date", "2024-03-05", date(2024, 3, 5)),
    "seen": ("datetime", "2024-03-05T12:00:00Z", datetime(2024, 3, 5, 12, tzinfo=UTC)),
    "about": ("partial date", "2024-03", PartialDate.parse("2024-03")),
    "part": ("percent", "100%", Percent("100%")),
    "price": ("money", "9000.50 EUR", Money(Decimal("9000.5"), "EUR")),
    "home": ("url", "https://example.com", "https://example.com"),
    "mail": ("email", "a@example.com", "a@example.com"),
    "land": ("country", "DE", "DE"),
}
GIVEN = {name: given for name, (_, given, _) in KINDS.items()}
TOLD = {name: told for name, (_, _, told) in KINDS.items()}


def test_history_tells_values_as_their_kind_says(graph: Graph) -> None:
    words = relgraph.vocabulary(
        relgraph.entity_type("Thing", fields={"name": "text", **{name: kind for name, (kind, _, _) in KINDS.items()}}),
        relgraph.predicate("holds", inverse="held_by", attributes={name: kind for name, (kind, _, _) in KINDS.items()}),
    )
    graph.apply(graph.plan(words), "keep")
    heard: list[relgraph.Change] = []
    graph.on("*", heard.append)
    one, other = graph.add("Thing", name="One", **GIVEN), graph.add("Thing", name="Other")
    relation = graph.relate(one, "holds", other, since="2020-03", until="2024", **GIVEN)
    ends = {
        "subject": EntityRef(one.id, "Thing", "One"),
        "object": EntityRef(other.id, "Thing", "Other"),
        "since": PartialDate.parse("2020-03"),
        "until": PartialDate.parse("2024"),
    }
    (entity_told,) = (change for change in graph.history(one.id) if change.thing == "entity")
    (relation_told,) = graph.history(relation.id)
    assert dict(entity_told.after) == {"type": "Thing", "name": "One", **TOLD}
    assert dict(relation_told.after) == {**ends, **TOLD}
    assert [str(ends["subject"]), str(relation_told.after["part"])] == ["One", "100%"]
    # the log, and who listens, are told the same
    assert {**entity_told.after} in [dict(change.after) for change in graph.changes()]
    assert [dict(change.after) for change in heard if change.thing == "relation"] == [dict(relation_told.after)]
    graph.update(relation.id, part="12.5%", price=None)
    changed = graph.history(relation.id)[-1]
    assert (dict(changed.before), dict(changed.after)) == (
        {"part": Percent("100%"), "price": TOLD["price"]},
        {"part": Percent("12.5%")},
    )


def test_what_another_source_says_is_told_as_values(graph: Graph) -> None:
    one, other = graph.add("Company", name="One"), graph.add("Company", name="Other")
    relation = graph.relate(one, "owns", other, share="40%", since="2020-03", source="first", key="1")
    with graph.transaction() as tx:
        tx.merge_relation(
            one, "owns", other, share="100%", since="2020-03", source="second", key="2", on_conflict="keep"
        )
    (said,) = (change.after["says"] for change in graph.history(relation.id) if "says" in change.after)
    assert said == {"since": PartialDate.parse("2020-03"), "share": Percent("100%")}


def test_history_says_relations_in_the_reading_of_their_predicate(opening: Callable[..., Graph]) -> None:
    words = relgraph.vocabulary(
        relgraph.entity_type("Company", fields={"name": "text"}),
        relgraph.predicate("supplies", inverse="supplied_by", reading={"en": "delivers to", "fr": "livre"}),
        relgraph.predicate("is_near", symmetric=True, attributes={"how": "text"}),
    )
    graph = opening(words)
    heard: list[str] = []
    graph.on("relation.*", lambda change: heard.append(change.words))
    one, other = graph.add("Company", name="One"), graph.add("Company", name="Other")
    relation = graph.relate(other, "supplied_by", one, source="list")
    graph.end(relation, on="2024-01-01")
    near = graph.relate(one, "is_near", other, how="by train")
    graph.update(near.id, how="on foot")
    told = ["One delivers to Other added", "list states that One delivers to Other", "One delivers to Other ended"]
    told += ["One is near Other added", "One is near Other updated"]
    for thing in (one.id, other.id):
        assert [change.words for change in graph.history(thing) if change.thing == "relation"] == told
    assert [change.words for change in graph.changes() if change.thing == "relation"] == told
    assert heard == told
    assert [change.predicate for change in graph.history(near.id)] == ["is_near", "is_near"]
    # what has no predicate any more is said by the name that it last had
    graph.apply(graph.plan(relgraph.vocabulary(words.types["Company"], words.predicates["supplies"])), "remove")
    assert next(change.words for change in graph.history(near.id)) == "One is_near Other added"
