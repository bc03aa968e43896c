"""What each kind of field holds and refuses, on entities and on relations, sentence by sentence as the model has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import snapshot

Opening = Callable[..., Graph]

KINDS = """
text: text
integer: integer
decimal: decimal
boolean: boolean
date: date
datetime: datetime
partial: partial date
percent: percent
money: money
url: url
email: email
phone: phone
country: country
choice: {type: choice, choices: [Steel, Media]}
"""


VALUES: dict[str, list[Any]] = {
    "text": ["", "a\x00b", "'; DROP TABLE"],
    "integer": [-(2**63), 2**63 - 1, 0],
    "decimal": [Decimal("0.1"), Decimal("-12345678.654321"), Decimal(0)],
    "boolean": [True, False],
    "date": [date(1, 1, 1), date(9999, 12, 31)],
    "datetime": [datetime(2024, 5, 1, 12, 0, 0, 500000, UTC), datetime(1, 1, 1, tzinfo=UTC)],
    "partial": [relgraph.PartialDate("2024"), relgraph.PartialDate("2024-03"), relgraph.PartialDate("2024-03-01")],
    "percent": [relgraph.Percent("25%"), relgraph.Percent("0.0001%")],
    "money": [relgraph.Money("9000.5 EUR"), relgraph.Money("-1 JPY")],
    "url": ["https://example.org/a?b=c"],
    "email": ["ana@example.org"],
    "phone": ["+33 1 23 45 67 89"],
    "country": ["FR", "DE"],
    "choice": ["Steel", "Media"],
}


def kinds(*, lists: bool) -> dict[str, Any]:
    words = relgraph.Vocabulary.from_text("types: {T: {fields: {" + ", ".join(KINDS.strip().splitlines()) + "}}}")
    found: dict[str, Any] = words.to_dict()["types"]["T"]["fields"]
    if not lists:
        return found
    return {name: {**({"type": one} if isinstance(one, str) else one), "list": True} for name, one in found.items()}


@pytest.mark.parametrize("lists", [False, True], ids=["single", "list"])
def test_every_kind_of_field_holds_for_entities_and_for_relations_alike(opening: Opening, lists: bool) -> None:
    fields = kinds(lists=lists)
    graph = opening(
        relgraph.Vocabulary.from_dict(
            {
                "types": {"Thing": {"fields": fields}},
                "predicates": {"has_to_do_with": {"inverse": "concerns", "attributes": fields}},
            }
        )
    )
    rows = max(map(len, VALUES.values()))
    for row in range(1 if lists else rows):
        values = {n: tuple(v) if lists else v[row % len(v)] for n, v in VALUES.items()}
        thing = graph.add("Thing", **values)
        relation = graph.relate(graph.add("Thing"), "has_to_do_with", thing, attributes=values)
        assert dict(graph.get(thing.id).fields) == values
        assert dict(graph.relation(relation.id).attributes) == values
        assert dict(graph.related(thing)[0].relation.attributes) == values


NO_VALUES = [
    ("integer", 2**63),
    ("integer", -(2**63) - 1),
    ("integer", 1.5),
    ("decimal", float("nan")),
    ("decimal", float("inf")),
    ("decimal", "1234567890.123456"),
    ("decimal", "0.1234567"),
    ("percent", "0.00001%"),
    ("money", "1.00001 EUR"),
    ("money", "1 XYZ"),
    ("text", "\udc00"),
    ("datetime", datetime(2024, 1, 1)),  # noqa: DTZ001 - that it has no zone is what is refused
    ("date", "0000-01-01"),
    ("date", "10000-01-01"),
    ("boolean", "perhaps"),
    ("country", "Atlantis"),
    ("choice", "Coal"),
]


@pytest.mark.parametrize(("name", "value"), NO_VALUES, ids=[f"{one}-{n}" for n, (one, _) in enumerate(NO_VALUES)])
def test_what_no_field_holds_is_refused_on_entities_and_relations(opening: Opening, name: str, value: Any) -> None:
    fields = kinds(lists=False)
    graph = opening(
        relgraph.Vocabulary.from_dict(
            {
                "types": {"Thing": {"fields": fields}},
                "predicates": {"has_to_do_with": {"inverse": "concerns", "attributes": fields}},
            }
        )
    )
    one, other = graph.add("Thing"), graph.add("Thing")
    before = snapshot(graph)
    with pytest.raises(relgraph.FieldError, match=name):
        graph.add("Thing", **{name: value})
    with pytest.raises(relgraph.FieldError, match=name):
        graph.update(one, **{name: value})
    with pytest.raises(relgraph.FieldError, match=name):
        graph.relate(one, "has_to_do_with", other, **{name: value})
    assert snapshot(graph) == before


def test_moments_are_kept_in_utc(opening: Opening) -> None:
    graph = opening(relgraph.Vocabulary.from_text("types: {Call: {fields: {at: datetime}}}"))
    call = graph.add("Call", at=datetime(2024, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))))
    assert graph.get(call.id)["at"] == datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    assert graph.get(call.id)["at"].utcoffset() == timedelta(0)


def test_facets_hold(opening: Opening) -> None:
    graph = opening(
        relgraph.Vocabulary.from_text(
            """
types:
  Company:
    fields:
      name: {type: text, required: true}
      code: {type: text, pattern: "[A-Z]{2}", unique: true}
      size: {type: integer, min: 1, max: 9, default: 3}
      rate: {type: decimal, scale: 1}
predicates:
  rates:
    inverse: rated_by
    attributes: {grade: {type: integer, default: 5, min: 1}, why: {type: text, required: true}}
"""
        )
    )
    acme = graph.add("Company", name="ACME", code="AC")
    assert acme["size"] == 3
    given: list[dict[str, Any]] = [{}, {"name": None}]
    for values in given:
        with pytest.raises(relgraph.RequiredFieldError, match="name"):
            graph.add("Company", **values)
    with pytest.raises(relgraph.RequiredFieldError, match="name"):
        graph.update(acme, name=None)
    given = [{"code": "abc"}, {"size": 0}, {"size": 10}, {"rate": "1.25"}]
    for values in given:
        with pytest.raises(relgraph.FieldError, match=next(iter(values))):
            graph.add("Company", name="B", **values)
    with pytest.raises(relgraph.UniqueFieldError, match="AC"):
        graph.add("Company", name="B", code="AC")
    bolt = graph.add("Company", name="Bolt", code="BO", size=1)
    assert graph.relate(acme, "rates", bolt, why="x")["grade"] == 5
    with pytest.raises(relgraph.RequiredFieldError, match="why"):
        graph.relate(bolt, "rates", acme)


def test_a_reference_as_a_field_says_which_predicate_to_declare() -> None:
    with pytest.raises(relgraph.VocabularyError, match=r"(?s)predicate.*max_objects: 1"):
        relgraph.Vocabulary.from_text("types:\n  Person: {}\n  Company: {fields: {owner: Person}}\n")
