"""The ready vocabularies: each loads, all go together, read well in two languages, and hold analysts' questions."""

import pytest

from relgraph.query.bind import bind
from relgraph.vocabulary.check import warnings
from relgraph.vocabulary.define import vocabulary
from relgraph.vocabulary.ends import meet, reading_ends
from relgraph.vocabulary.load import load_vocabulary, packs
from relgraph.vocabulary.model import Derived, Predicate, Vocabulary

PACKS = ("crm", "ownership", "parties", "payments", "people", "supply")
"""The packs that build on each other; the others follow a standard and stand alone."""
STANDARDS = ("followthemoney", "org")


@pytest.fixture(scope="module")
def crm() -> Vocabulary:
    return load_vocabulary("crm")


def test_these_packs_are_installed() -> None:
    assert set(packs()) == {*PACKS, *STANDARDS}


@pytest.mark.parametrize("name", packs())
def test_a_pack_loads_without_a_warning(name: str) -> None:
    found = load_vocabulary(name)
    assert found.name == name
    assert found.predicates
    assert not warnings(found)


def test_all_packs_together_are_one_vocabulary(crm: Vocabulary) -> None:
    together = vocabulary(*(load_vocabulary(name) for name in PACKS), name="crm")
    assert together == crm


@pytest.mark.parametrize("name", packs())
def test_everything_is_worded_in_english_and_french(name: str) -> None:
    found = load_vocabulary(name)
    for one in found.types.values():
        assert {"en", "fr"} <= set(one.label), one.name
        assert {"en", "fr"} <= set(one.plural), one.name
    for tag in found.tags.values():
        assert {"en", "fr"} <= set(tag.label), tag.name
    readings: list[Predicate | Derived] = [*found.predicates.values(), *found.derived.values()]
    for told in readings:
        assert {"en", "fr"} <= set(told.reading), told.name
        assert told.name == told.inverse or {"en", "fr"} <= set(told.inverse_reading), told.name
    labeled = [(one.name, one.fields) for one in found.types.values()]
    labeled += [(one.name, one.attributes) for one in found.predicates.values()]
    for owner, fields in labeled:
        for field in fields:
            assert {"en", "fr"} <= set(field.label), f"{owner}.{field.name}"


def test_rules_of_every_kind_are_used(crm: Vocabulary) -> None:
    def some(rule: str) -> bool:
        usual = getattr(Predicate("p", "q"), rule)
        return any(getattr(one, rule) != usual for one in crm.predicates.values())

    rules = ["symmetric", "between", "subject_tags", "attributes", "time", "unique", "max_objects", "max_subjects"]
    rules += ["irreflexive", "acyclic", "sums", "implies", "internal", "copiable", "roles", "order"]
    assert [rule for rule in rules if not some(rule)] == []
    assert {one.unique for one in crm.predicates.values()} == {"overlap", "pair", "none"}


@pytest.mark.parametrize(
    ("start", "reading", "end"),
    [
        ("Company", "supplies", "Company"),
        ("Product", "supplied_by", "Company"),
        ("Company", "partner_of", "Company"),
        ("Company", "customer_of", "Company"),
        ("Company", "customer_of", "Team"),
        ("Company", "has_customer", "Person"),
        ("Person", "owns", "Company"),
        ("Company", "owned_by", "Person"),
        ("Person", "employed_by", "Company"),
        ("Company", "competes_with", "Company"),
        ("Company", "account_managed_by", "Person"),
        ("Person", "manages_account", "Company"),
        ("Company", "managed_by", "User"),
        ("Person", "director_of", "Company"),
        ("Person", "controls", "Company"),
        ("Person", "knows", "Person"),
        ("Person", "worked_with", "Person"),
        ("Person", "studied_with", "Person"),
        ("Account", "transferred_to", "Account"),
        ("Person", "holds", "Account"),
        ("Account", "held_by", "Person"),
        ("Company", "registered_at", "Address"),
        ("Address", "registered_address_of", "Company"),
        ("Company", "located_in", "Region"),
        ("Site", "located_in", "Region"),
        ("Region", "part_of", "Region"),
        ("Product", "contains", "Component"),
        ("Component", "made_by", "Company"),
        ("Company", "makes", "Product"),
        ("Company", "resells", "Product"),
        ("Company", "certified_for", "Specialty"),
        ("Company", "contacted_by", "Team"),
        ("Company", "has_contact", "Person"),
        ("Company", "target_of", "Opportunity"),
        ("Company", "linked_to", "Account"),
        ("Person", "likes", "Message"),
        ("Message", "written_by", "Person"),
        ("Person", "ultimately_owns", "Company"),
    ],
)
def test_what_analysts_follow(crm: Vocabulary, start: str, reading: str, end: str) -> None:
    starts, ends = reading_ends(crm, reading)
    assert meet(starts, frozenset(crm.subtypes(start)))
    assert meet(ends, frozenset(crm.subtypes(end)))
    told = crm.readings.get(reading)
    if told is not None:
        pair = (start, end) if told.forward else (end, start)
        assert crm.allows(told.predicate.name, *pair)


@pytest.mark.parametrize(
    ("predicate", "attribute", "kind"),
    [
        ("owns", "share", "percent"),
        ("employed_by", "role", "text"),
        ("customer_of", "contract_value", "money"),
        ("customer_of", "active", "boolean"),
        ("supplies", "volume", "money"),
        ("partner_of", "level", "choice"),
        ("knows", "strength", "decimal"),
        ("knows", "last_contact", "date"),
        ("transferred_to", "amount", "money"),
        ("transferred_to", "booked", "date"),
        ("contacted", "date", "date"),
        ("called", "date", "date"),
    ],
)
def test_attributes_that_analysts_ask_for(crm: Vocabulary, predicate: str, attribute: str, kind: str) -> None:
    found = crm.predicates[predicate].attribute(attribute)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    ("type_name", "field"),
    [
        ("Person", "title"),
        ("Person", "role"),
        ("Person", "country"),
        ("Company", "sector"),
        ("Company", "status"),
        ("Company", "region"),
        ("Company", "country"),
        ("Opportunity", "stage"),
        ("Product", "name"),
    ],
)
def test_fields_that_analysts_ask_for(crm: Vocabulary, type_name: str, field: str) -> None:
    assert field in crm.fields(type_name)


def test_tags_that_analysts_ask_for(crm: Vocabulary) -> None:
    assert {"sanctioned", "vip", "customer", "critical"} <= set(crm.tags)


def test_nouns_are_other_names_of_readings_that_read_well(crm: Vocabulary) -> None:
    assert {one.name: one.path for one in crm.derived.values() if len(one.path) == 1} == {
        "account_manager": ("account_managed_by",),
        "contact": ("has_contact",),
    }
    for text, same in (
        ("find Company with no account_manager", "find Company with no account_managed_by"),
        ("find Person that account_manager_of Company", "find Person that manages_account Company"),
        ("find Company with exactly 1 contact Person", "find Company with exactly 1 has_contact Person"),
    ):
        assert bind(text, crm).query == bind(same, crm).query
