"""Vocabularies written in Python are read and checked as those in YAML are."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from relgraph.errors import VocabularyError, VocabularyErrors
from relgraph.vocabulary import define, keys
from relgraph.vocabulary.define import derived, entity_type, predicate, tag, vocabulary
from relgraph.vocabulary.load import load_vocabulary, vocabulary_from_text
from relgraph.vocabulary.model import Limit, Vocabulary


def test_python_and_yaml_give_the_same_vocabulary() -> None:
    made = vocabulary(
        entity_type("Person"),
        entity_type("Company", label={"en": "Company"}, fields={"name": "text", "size": {"type": "integer", "min": 0}}),
        tag("vip", types=["Person"]),
        predicate(
            "owns",
            "owned_by",
            subject=["Person", "Company"],
            object="Company",
            attributes={"share": {"type": "percent", "max": "100%"}},
            sum={"attribute": "share", "per": "object", "max": "100%", "level": "warn"},
            max_objects={"max": 3, "level": "warn"},
            subject_tags={"none": ["vip"]},
            irreflexive="warn",
            roles=["share"],
        ),
        predicate("runs", "run_by", between=[("Person", "Company")], acyclic=True, unique="pair"),
        derived("in_group_of", "group_includes", over="owned_by"),
        name="mine",
    )
    assert made == vocabulary_from_text("""
vocabulary: mine
types:
  Person: {}
  Company: {label: {en: Company}, fields: {name: text, size: {type: integer, min: 0}}}
tags: {vip: {types: [Person]}}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Company]
    object: Company
    attributes: {share: {type: percent, max: 100%}}
    sum: {attribute: share, per: object, max: 100%, level: warn}
    max_objects: {max: 3, level: warn}
    subject_tags: {none: [vip]}
    irreflexive: warn
    roles: [share]
  runs: {inverse: run_by, between: [[Person, Company]], acyclic: true, unique: pair}
derived: {in_group_of: {inverse: group_includes, over: owned_by}}
""")


@pytest.mark.parametrize(
    ("function", "section"),
    [(entity_type, keys.TYPE), (tag, keys.TAG), (predicate, keys.PREDICATE), (derived, keys.DERIVED)],
)
def test_each_function_takes_every_key(function: Callable[..., object], section: dict[str, str]) -> None:
    assert set(inspect.signature(function).parameters) == {"name", *section}


def test_a_fault_of_one_part_is_raised_at_once() -> None:
    with pytest.raises(VocabularyError, match=r"predicates\.owns: it has no inverse") as caught:
        predicate("owns")
    assert caught.value.hint is not None
    assert "owned_by" in caught.value.hint
    with pytest.raises(VocabularyErrors):
        entity_type("A", fields={"x": "txt", "y": {"typ": "text"}})


def test_faults_between_parts_come_together() -> None:
    with pytest.raises(VocabularyErrors) as caught:
        vocabulary(entity_type("A", extends="B"), predicate("p", "q", subject="C"))
    assert [one.details["where"] for one in caught.value.errors] == ["types.A.extends", "predicates.p.subject"]


def test_whole_vocabularies_and_lists_are_parts() -> None:
    pack = load_vocabulary("people")
    made = vocabulary(
        pack, [entity_type("Boat"), tag("old")], predicate("sails", "sailed_by", subject="Person"), name="x"
    )
    assert {"Boat", "Person"} <= set(made.types)
    assert set(pack.predicates) < set(made.predicates)
    assert vocabulary(pack).name == "vocabulary"


def test_a_later_part_adds_and_does_not_contradict() -> None:
    first = predicate("p", "q", max_objects=1)
    made = vocabulary(first, predicate("p", "q", reading="reads"))
    assert (made.predicates["p"].max_objects, made.predicates["p"].reading) == (Limit(1), {"": "reads"})
    with pytest.raises(VocabularyError, match=r"predicates\.p\.max_objects: is said twice: '1' and '2'"):
        vocabulary(first, predicate("p", "q", max_objects=2))


def test_nothing_at_all_is_an_empty_vocabulary() -> None:
    assert vocabulary() == Vocabulary()


def test_five_hundred_predicates_are_added_in_one_go() -> None:
    base = load_vocabulary("crm")
    more: list[Any] = [predicate(f"p{n}", f"q{n}", subject="Company", attributes={"a": "percent"}) for n in range(500)]
    assert len(define.vocabulary(base, more).predicates) == len(base.predicates) + 500
