"""Schemas of marshmallow that a vocabulary gives: what they take, what they refuse, what they write."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from marshmallow import ValidationError

from relgraph.values import Money, Percent
from relgraph.vocabulary.derive import entity_schema, fields_schema, relation_schema
from relgraph.vocabulary.load import load_vocabulary, vocabulary_from_text
from relgraph.vocabulary.model import Vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return vocabulary_from_text("""
types:
  Party: {abstract: true, fields: {name: {type: text, required: true}}}
  Person: {extends: Party}
  Company:
    extends: Party
    fields:
      size: {type: integer, min: 0}
      margin: percent
      revenue: money
      rate: decimal
      listed: boolean
      founded: partial date
      audited: date
      seen: datetime
      sector: {type: choice, choices: [Steel, Media], label: {en: Sector}, description: what it sells}
      codes: {type: text, list: true, pattern: "[A-Z]+"}
      stage: {type: text, required: true, default: new}
tags: {vip: {types: [Person]}, customer: {types: [Party]}, any: {}}
predicates:
  owns: {inverse: owned_by, attributes: {share: {type: percent, required: true, max: 100%}}}
  called: {inverse: called_by, time: none}
""")


TEXTS = {
    "name": "ACME",
    "size": 12,
    "margin": "12.5%",
    "revenue": "9000.50 EUR",
    "rate": "0.125",
    "listed": True,
    "founded": "1999-03",
    "audited": "2024-03-05",
    "seen": "2024-03-05T12:00:00.000000Z",
    "sector": "Steel",
    "codes": ["AB", "C"],
}


def test_values_are_loaded_as_a_transaction_takes_them(vocabulary: Vocabulary) -> None:
    found = fields_schema(vocabulary, "Company").load(TEXTS)
    assert found["size"] == 12
    assert found["margin"] == Percent("12.5%")
    assert found["revenue"] == Money(Decimal("9000.5"), "EUR")
    assert found["rate"] == Decimal("0.125")
    assert found["audited"] == date(2024, 3, 5)
    assert found["seen"] == datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert list(found["codes"]) == ["AB", "C"]


def test_what_is_dumped_is_json_and_loads_again(vocabulary: Vocabulary) -> None:
    schema = fields_schema(vocabulary, "Company")
    dumped = schema.dump(schema.load(TEXTS))
    assert json.loads(json.dumps(dumped)) == TEXTS


def test_faults_come_together_by_field(vocabulary: Vocabulary) -> None:
    given = {"size": -1, "sector": "Stele", "codes": ["AB", "c"], "listed": "maybe", "rate": "1e999", "naem": "x"}
    found = fields_schema(vocabulary, "Company").validate(given)
    assert set(found) == {"name", "size", "sector", "codes", "listed", "rate", "naem"}
    assert found["naem"] == ["Unknown field. Did you mean 'name'?"]
    assert str(found["codes"]).startswith("{1: ")
    assert "Steel" in found["sector"][0]


def test_required_fields_with_a_default_may_be_left_out(vocabulary: Vocabulary) -> None:
    schema = fields_schema(vocabulary, "Company")
    assert schema.validate({"name": "ACME"}) == {}
    assert set(schema.validate({})) == {"name"}
    assert schema.validate({}, partial=True) == {}
    assert set(schema.validate({"name": None})) == {"name"}
    assert schema.load({"name": "ACME", "size": None}) == {"name": "ACME", "size": None}


def test_an_entity_with_its_tags_and_keys(vocabulary: Vocabulary) -> None:
    schema = entity_schema(vocabulary, "Company")
    given = {"id": "a1", "type": "Company", "fields": {"name": "ACME"}, "tags": ["customer", "any"], "keys": {"x": "1"}}
    assert schema.load(given) == given
    found = schema.validate({"type": "Person", "fields": {}, "tags": ["vip"], "field": {}})
    assert set(found) == {"type", "fields", "tags", "field"}
    assert schema.validate({"fields": {}}, partial=True) == {}
    assert set(schema.validate({})) == {"fields"}


@pytest.mark.parametrize("name", ["owns", "owned_by"])
def test_a_relation_by_either_name(vocabulary: Vocabulary, name: str) -> None:
    schema = relation_schema(vocabulary, name)
    given = {"subject": "a", "predicate": name, "object": "b", "since": "2024", "attributes": {"share": "25%"}}
    found = schema.load(given)
    assert found["attributes"] == {"share": Percent("25%")}
    assert schema.dump(found) == given


def test_faults_of_a_relation(vocabulary: Vocabulary) -> None:
    schema = relation_schema(vocabulary, "owns")
    found = schema.validate({"object": "b", "since": "soon", "confidence": 2, "attributes": {"share": "120%"}})
    assert set(found) == {"subject", "since", "confidence", "attributes"}
    assert set(schema.validate({"subject": "a", "object": "b"})) == {"attributes"}
    assert set(relation_schema(vocabulary, "called").validate({"subject": "a", "object": "b", "since": "2024"})) == {
        "since"
    }


def test_names_that_there_are_not(vocabulary: Vocabulary) -> None:
    with pytest.raises(KeyError):
        entity_schema(vocabulary, "Firm")
    with pytest.raises(KeyError):
        relation_schema(vocabulary, "holds")


def test_words_for_an_interface_description(vocabulary: Vocabulary) -> None:
    field = fields_schema(vocabulary, "Company").fields["sector"]
    assert field.metadata == {"title": "Sector", "description": "what it sells", "enum": ["Steel", "Media"]}


def test_every_type_and_predicate_of_the_packs_has_a_schema() -> None:
    crm = load_vocabulary("crm")
    for name in crm.types:
        entity_schema(crm, name)
    for name in crm.readings:
        with pytest.raises(ValidationError):
            relation_schema(crm, name).load({})
