"""The rules of types, tags, predicates and names that a network holds to, sentence by sentence as the model has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import relgraph
from relgraph import Graph

Opening = Callable[..., Graph]


def test_an_abstract_type_is_no_entity_and_a_subtype_has_what_its_parents_have(graph: Graph) -> None:
    with pytest.raises(relgraph.TypeRuleError, match="abstract"):
        graph.add("Party", name="Somebody")
    bank = graph.add("Bank", name="Bank", sector="Media", vat="1")
    assert (bank["sector"], bank["vat"]) == ("Media", "1")
    graph.relate(bank, "supplies", graph.add("Bank", name="Other"))
    assert {one.name for one in graph.entities("Party")} == {"Bank", "Other"}
    # unique holds over the type that declares it and all below
    with pytest.raises(relgraph.UniqueFieldError):
        graph.add("Company", name="C", vat="1")


def test_a_tag_is_carried_by_its_types_only(graph: Graph) -> None:
    ann = graph.add("Person", name="Ann")
    with pytest.raises(relgraph.TypeRuleError, match="a Person cannot carry the tag 'listed'"):
        graph.tag(ann, "listed")
    with pytest.raises(relgraph.TypeRuleError, match="listed"):
        graph.add("Person", name="Bob", tags=["listed"])
    acme = graph.add("Company", name="ACME", tags=["listed"])
    with pytest.raises(relgraph.TypeRuleError, match="listed"):
        graph.update(acme, type="Person")
    assert [one.name for one in graph.entities()] == ["ACME", "Ann"]


def test_tags_and_fields_have_recorded_time_only(graph: Graph) -> None:
    acme = graph.add("Company", name="ACME", tags=["vip"], sector="Steel")
    told = graph.transactions()[0].recorded_at
    graph.untag(acme, "vip")
    graph.update(acme.id, sector="Media")
    assert graph.as_of("1990-01-01").get(acme.id).tags == ()
    assert graph.as_of("1990-01-01").get(acme.id)["sector"] == "Media"
    then = graph.known_at(told).get(acme.id)
    assert (then.tags, then["sector"]) == (("vip",), "Steel")


def test_what_is_disabled_takes_nothing_new_and_old_ones_stay(graph: Graph, words: relgraph.Vocabulary) -> None:
    acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
    old = graph.relate(acme, "supplies", bolt, since="2020")
    document = words.to_dict()
    document["predicates"]["supplies"]["enabled"] = False
    plan = graph.plan(relgraph.Vocabulary.from_dict(document))
    assert plan.problems == ()
    graph.apply(plan)
    with pytest.raises(relgraph.DisabledPredicateError):
        graph.relate(bolt, "supplies", acme)
    assert [one.entity.name for one in graph.related(acme, "supplies")] == ["Bolt"]
    assert not graph.vocabulary.predicates["supplies"].enabled
    # it may be corrected, ended and taken out
    graph.update(old.id, since="2021")
    graph.end(old.id, on="2024-01-01")
    graph.retract(old.id)


def test_an_internal_predicate_is_for_code_only(graph: Graph) -> None:
    acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
    with graph.transaction(by_code=True) as tx:
        made = tx.relate(acme, "mirrors", bolt)
    for change in (
        lambda: graph.relate(bolt, "mirrors", acme),
        lambda: graph.relate(acme, "mirrored_by", bolt),
        lambda: graph.update(made.id, since="2020"),
        lambda: graph.end(made.id, on="2030-01-01"),
        lambda: graph.retract(made.id),
        lambda: graph.merge_relation(bolt, "mirrors", acme),
    ):
        with pytest.raises(relgraph.DisabledPredicateError):
            change()
    with pytest.raises(relgraph.RuleErrors, match="only code adds"):
        graph.relate_many("mirrors", [{"subject": bolt.id, "object": acme.id}])
    with graph.transaction(by_code=True) as tx:
        tx.retract(made.id)
    assert graph.count("mirrors") == 0


UNIQUE = """
types: {T: {}}
predicates:
  calls: {inverse: called_by, unique: none}
  meets: {inverse: met_by, unique: pair}
  rents: {inverse: rented_by}
  holds_itself: {inverse: held_by_itself, irreflexive: false}
  bears: {inverse: born_by, time: none}
"""


def test_how_often_the_same_two_may_be_related(opening: Opening) -> None:
    graph = opening(relgraph.Vocabulary.from_text(UNIQUE))
    a, b = graph.add("T", id="a"), graph.add("T", id="b")
    for _ in range(3):
        graph.relate(a, "calls", b, since="2020")
    assert len(graph.related(a, "calls")) == 3
    graph.relate(a, "meets", b, since="2000", until="2001-01-01")
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(a, "meets", b, since="2020-01-01")
    graph.relate(b, "meets", a, since="2020-01-01")
    graph.relate(a, "rents", b, since="2000-01-01", until="2001-01-01")
    graph.relate(a, "rents", b, since="2001-01-01", until="2002-01-01")
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(a, "rents", b, since="2001-12-31")
    itself = graph.relate(a, "holds_itself", a)
    assert [(one.predicate, one.entity.id) for one in graph.related(a, "holds_itself")] == [("holds_itself", "a")]
    assert [one.relation.id for one in graph.related(a, "held_by_itself")] == [itself.id]
    graph.relate(a, "bears", b)
    with pytest.raises(relgraph.PeriodError):
        graph.update(graph.related(a, "bears")[0].relation, since="2020")


def test_a_missing_amount_counts_nothing_and_is_listed(opening: Opening) -> None:
    graph = opening(
        relgraph.Vocabulary.from_text(
            "types: {T: {}}\npredicates:\n  owns: {inverse: owned_by, attributes: {share: percent},"
            " sum: {attribute: share, per: object, max: 100%}}"
        )
    )
    for name in "abc":
        graph.add("T", id=name)
    graph.relate("a", "owns", "c", share="100%")
    graph.relate("b", "owns", "c")
    assert [one.code for one in graph.check()] == ["rule-required"]


def test_rules_of_the_broad_predicate_hold_over_both_but_for_its_uniqueness(opening: Opening) -> None:
    graph = opening(
        relgraph.Vocabulary.from_text(
            """
types: {Person: {}, Team: {}}
predicates:
  member_of: {inverse: has_member, subject: [Person], object: [Team], max_objects: 1}
  head_of: {inverse: headed_by, subject: [Person], object: [Team], implies: [member_of]}
"""
        )
    )
    graph.add_many("Person", [{"id": "p"}, {"id": "q"}])
    graph.add_many("Team", [{"id": "t"}, {"id": "u"}])
    graph.relate("p", "head_of", "t")
    with pytest.raises(relgraph.CardinalityError, match="member_of"):
        graph.relate("p", "member_of", "u")
    # the same two under both names are no duplicate
    graph.relate("p", "member_of", "t")
    assert [one.predicate for one in graph.related("p", "member_of")] == ["member_of", "head_of"]
    assert [one.predicate for one in graph.related("p", "head_of")] == ["head_of"]


def test_an_integer_attribute_orders_the_list(opening: Opening) -> None:
    graph = opening(
        relgraph.Vocabulary.from_text(
            "types: {T: {fields: {name: text}, caption: [name]}}\n"
            "predicates:\n  lists: {inverse: listed_by, attributes: {rank: integer}, order: rank}"
        )
    )
    top = graph.add("T", name="top")
    for name, rank in (("a", 3), ("b", 1), ("c", None), ("d", 2)):
        graph.relate(top, "lists", graph.add("T", name=name), rank=rank)
    assert [one.entity.name for one in graph.related(top, "lists")] == ["b", "d", "a", "c"]


WARNED = """
types: {T: {}, U: {}}
tags: {needed: {}}
predicates:
  p:
    inverse: q
    subject: [T]
    attributes: {share: percent}
    subject_tags: {all: [needed], level: warn}
    unique: {by: overlap, level: warn}
    max_objects: {max: 1, level: warn}
    max_subjects: {max: 1, level: warn}
    irreflexive: warn
    acyclic: warn
    sum: {attribute: share, per: object, max: 100%, level: warn}
"""


def test_every_rule_may_only_warn(opening: Opening) -> None:
    graph = opening(relgraph.Vocabulary.from_text(WARNED))
    for name in "abc":
        graph.add("T", id=name)
    graph.relate("a", "p", "b", share="60%")
    graph.relate("a", "p", "b", share="60%")
    graph.relate("b", "p", "a", share="60%")
    graph.relate("c", "p", "b", share="60%")
    graph.relate("a", "p", "a", share="1%")
    found = {one.code for one in graph.check()}
    assert found == {"rule-tag", "rule-duplicate", "rule-cardinality", "rule-self", "rule-cycle", "rule-sum"}
    assert all(one.where["level"] == "warn" for one in graph.check())


# names


@pytest.mark.parametrize(
    "text",
    [
        "types: {Firm: {}}\npredicates: {firm: {inverse: f}}",
        "predicates: {owns: {inverse: OWNS}}",
        "tags: {Vip: {}}\npredicates: {vip: {inverse: v}}",
        "types: {Entity: {}}",
        "types: {T: {fields: {id: text}}}",
        "types: {T: {fields: {degree: integer}}}",
        "predicates: {owns: {inverse: owned_by, attributes: {since: date}}}",
        "predicates: {owns: {inverse: owned_by, attributes: {confidence: decimal}}}",
        "types: {T: {fields: {owns: text}}}\npredicates: {owns: {inverse: owned_by, subject: [T]}}",
    ],
)
def test_names_that_could_mean_two_things_are_refused(text: str) -> None:
    with pytest.raises(relgraph.VocabularyError, match="line"):
        relgraph.Vocabulary.from_text(text)


def test_any_name_goes_in_backticks_and_is_in_composed_form(opening: Opening) -> None:
    graph = opening(
        relgraph.Vocabulary.from_dict(
            {
                "types": {"Socie\u0301te\u0301": {"fields": {"name": "text"}, "caption": ["name"]}},
                "predicates": {"is boss / of": {"inverse": "wird geführt von"}},
            }
        )
    )
    a, b = graph.add("Soci\u00e9t\u00e9", name="A"), graph.add("Société", name="B")
    graph.relate(b, "wird geführt von", a)
    assert [one.predicate for one in graph.related(a)] == ["is boss / of"]
    assert graph.query('find Société `is boss / of` "B"').scalars() == [a]
