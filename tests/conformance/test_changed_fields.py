"""What fields that are renamed, get another kind or go leave alone: their neighbors, and what was believed before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import relgraph

Opening = Callable[..., relgraph.Graph]

KEPT: dict[str, tuple[Any, Any]] = {
    "text": ("x", "x"),
    "integer": (5, 5),
    "boolean": (True, True),
    "decimal": ("1.50", "1.5"),
    "percent": ("25%", "0.25"),
    "money": ("5 EUR", ["5", "EUR"]),
    "date": ("2020-01-02", "2020-01-02"),
    "partial date": ("2020-01", "2020-01"),
    "datetime": ("2020-01-02T10:00:00Z", "2020-01-02T10:00:00.000000Z"),
}
"""A value of each kind, and its stored form."""


def with_fields(fields: str, attributes: str = "") -> relgraph.Vocabulary:
    return relgraph.Vocabulary.from_text(f"""
types: {{Company: {{fields: {{name: text{fields}}}, caption: [name]}}}}
predicates: {{owns: {{inverse: owned_by, attributes: {{{attributes}}}}}}}
""")


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("many", [False, True])
def test_what_was_believed_of_a_field_that_is_gone_is_told_as_it_was_stored(
    opening: Opening, kind: str, many: bool
) -> None:
    given, stored = KEPT[kind]
    value, expected = ([given], [stored]) if many else (given, stored)
    declared = f"{{type: {kind}, list: true}}" if many else kind
    graph = opening(with_fields(f", worth: {declared}", f"part: {declared}"))
    one, other = graph.add("Company", name="A", worth=value), graph.add("Company", name="B")
    link = graph.relate(one, "owns", other, part=value)
    graph.update(one, name="C")
    graph.retract(link)
    graph.apply(graph.plan(with_fields("")), policy="remove")
    added, renamed, removed = (change for change in graph.history(one.id) if change.thing == "entity")
    assert added.after["worth"] == expected
    assert renamed.after == {"name": "C"}
    assert (removed.before, removed.after) == ({"worth": expected}, {})
    related, retracted = graph.history(link.id)
    assert related.after["part"] == retracted.before["part"] == expected
    assert {*related.after} == {*retracted.before} == {"subject", "object", "part"}


def test_what_was_believed_of_a_type_and_a_predicate_that_are_gone_is_told_as_it_was_stored(opening: Opening) -> None:
    graph = opening(with_fields(", worth: money", "part: partial date"))
    one, other = graph.add("Company", name="A", worth="5 EUR"), graph.add("Company", name="B")
    link = graph.relate(one, "owns", other, part="2020-01")
    for entity in (one, other):
        graph.delete(entity, detach=True)
    graph.apply(graph.plan(relgraph.Vocabulary.from_text("types: {Place: {fields: {name: text}}}")))
    assert graph.history(one.id)[0].after == {"type": "Company", "name": "A", "worth": ["5", "EUR"]}
    assert graph.history(link.id)[0].after["part"] == "2020-01"


def test_a_field_whose_name_would_be_the_currency_of_another_is_left_alone(opening: Opening) -> None:
    beside = ", worth_currency: text, value_currency: text"
    graph = opening(with_fields(f", worth: text{beside}"))
    company = graph.add("Company", name="A", worth="5", worth_currency="hard", value_currency="soft")
    graph.apply(graph.plan(with_fields(f", worth: decimal{beside}")))
    graph.apply(graph.plan(with_fields(f", value: {{type: decimal, was: worth}}{beside}")))
    fields = {"name": "A", "worth_currency": "hard", "value_currency": "soft", "value": Decimal(5)}
    assert dict(graph.get(company.id).fields) == fields


def test_a_name_that_begins_with_a_line_is_a_field_like_others(opening: Opening) -> None:
    graph = opening(with_fields(", _since: partial date, _worth: money"))
    company = graph.add("Company", name="A", _since="2020", _worth="5 EUR")
    assert {name: str(value) for name, value in graph.get(company.id).fields.items()} == {
        "name": "A",
        "_since": "2020",
        "_worth": "5 EUR",
    }
    assert [*graph.history(company.id)[0].after] == ["type", "name", "_since", "_worth"]


@pytest.mark.parametrize(
    ("kind", "value", "now", "condition"), [("integer", 5, "decimal", "> 4.5"), ("text", "25%", "percent", "= 25%")]
)
def test_what_comes_back_from_the_trash_has_the_form_of_the_fields_of_today(
    opening: Opening, kind: str, value: Any, now: str, condition: str
) -> None:
    graph = opening(with_fields(f", worth: {kind}", f"part: {kind}"))
    one, other = graph.add("Company", name="A", worth=value), graph.add("Company", name="B")
    graph.relate(one, "owns", other, part=value)
    graph.trash(one)
    graph.apply(graph.plan(with_fields(f", worth: {now}", f"part: {now}")))
    graph.restore(one.id)
    assert graph.query(f"find Company[worth {condition}] show name").scalars() == ["A"]
    assert graph.query(f"find Company that owns[part {condition}] any Company show name").scalars() == ["A"]
    assert graph.check() == []


def test_what_is_no_value_of_the_fields_of_today_does_not_come_back_from_the_trash(opening: Opening) -> None:
    graph = opening(with_fields(", worth: text", "part: text"))
    one, other = graph.add("Company", name="A", worth="much"), graph.add("Company", name="B")
    graph.relate(other, "owns", graph.add("Company", name="C"), part="half")
    for entity in (one, other):
        graph.trash(entity)
    graph.apply(graph.plan(with_fields(", worth: decimal", "part: percent")))
    with pytest.raises(relgraph.FieldError, match=r"Company\.worth"):
        graph.restore(one.id)
    with pytest.raises(relgraph.FieldError, match=r"owns\.part"):
        graph.restore(other.id)
    assert graph.query("find Company show name").scalars() == ["C"]
    graph.apply(graph.plan(with_fields(", worth: text", "part: text")))
    for entity in (one, other):
        graph.restore(entity.id)
    assert graph.get(one.id)["worth"] == "much"
    assert graph.query("find Company that owns[part = 'half'] any Company show name").scalars() == ["B"]
