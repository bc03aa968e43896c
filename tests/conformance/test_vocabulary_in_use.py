"""What a vocabulary says and a network then holds to, sentence by sentence as the model has it, on every store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

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


# changes with data in place


@pytest.mark.parametrize("policy", ["keep", "end", "remove"])
def test_each_policy_does_what_it_says(graph: Graph, words: relgraph.Vocabulary, policy: str) -> None:
    document = words.to_dict()
    document["predicates"]["supplies"]["max_objects"] = 1
    tighter = relgraph.Vocabulary.from_dict(document)
    with graph.transaction() as tx:
        for name in "abc":
            tx.add("Company", id=name, name=name)
        tx.relate("a", "supplies", "b", id="first", since="2020")
        tx.relate("a", "supplies", "c", id="second", since="2021")
        tx.relate("b", "supplies", "c", id="innocent", since="2021")
    before = snapshot(graph)
    with pytest.raises(relgraph.InUseError, match="supplies"):
        graph.apply(graph.plan(tighter))
    assert snapshot(graph) == before
    done = graph.apply(graph.plan(tighter), policy=policy)
    told = {one.id: None if one.until is None else str(one.until) for one in graph.relations(ever=True)}
    today = graph.day.isoformat()
    broken = [one.code for one in graph.check()]
    if policy == "keep":
        assert (told, broken) == ({"first": None, "second": None, "innocent": None}, ["rule-cardinality"])
    elif policy == "end":
        # what was too much till today stays so, and is listed; from today on it is not
        assert (told, broken) == ({"first": None, "second": today, "innocent": None}, ["rule-cardinality"])
        assert [one.id for one in graph.relations("supplies", subject="a")] == ["first"]
    else:
        assert (told, broken) == ({"first": None, "innocent": None}, [])
    assert graph.transactions()[0].id == done


def test_after_a_rename_data_and_all_questions_follow(graph: Graph, words: relgraph.Vocabulary) -> None:
    acme, bolt = graph.add("Company", name="ACME", sector="Steel", tags=["vip"]), graph.add("Company", name="Bolt")
    stake = graph.relate(acme, "owns", bolt, share="10%")
    told = graph.transactions()[0].recorded_at
    text = words.to_yaml()
    for old, new in (
        ("  owns:\n    inverse: owned_by", "  holds:\n    was: owns\n    inverse: held_by"),
        ("sector:\n", "branch:\n        was: sector\n"),
    ):
        assert old in text, text
        text = text.replace(old, new)
    graph.apply(graph.plan(relgraph.Vocabulary.from_text(text)))
    for view in (graph, graph.known_at(told)):
        assert [one.predicate for one in view.related(bolt.id)] == ["held_by"]
        assert view.relation(stake.id).predicate == "holds"
        assert view.get(acme.id)["branch"] == "Steel"
        assert [one.id for one in view.query("find Company that holds any Company").scalars()] == [acme.id]
    with pytest.raises(relgraph.RelgraphError, match="owns"):
        graph.related(bolt.id, "owns")
    assert [one.change for one in graph.history(stake.id)] == ["added"]


TURNED = [
    ("text", "13", "decimal", "> 5", Decimal(13)),
    ("integer", 5, "decimal", "> 4.5", Decimal(5)),
    ("text", "2020-01-02", "date", "> 2019-01-01", date(2020, 1, 2)),
    ("date", "2020-01-02", "text", '= "2020-01-02"', "2020-01-02"),
    ("decimal", "1.5", "text", '= "1.5"', "1.5"),
    ("percent", "25%", "decimal", "= 0.25", Decimal("0.25")),
    ("partial date", "2020-01-02", "date", "= 2020-01-02", date(2020, 1, 2)),
    ("date", "2020-01-02", "partial date", "= 2020-01-02", relgraph.PartialDate("2020-01-02")),
    ("datetime", "2020-01-02T10:00:00Z", "text", '= "2020-01-02T10:00:00.000000Z"', "2020-01-02T10:00:00.000000Z"),
]


def turning(kind: str) -> relgraph.Vocabulary:
    return relgraph.Vocabulary.from_text(f"""
vocabulary: turning
types:
  Company: {{fields: {{name: text, worth: {kind}}}, caption: [name]}}
  Bank: {{extends: [Company]}}
predicates:
  owns: {{inverse: owned_by, attributes: {{part: {kind}}}}}
""")


class Turned(NamedTuple):
    """A value of one kind of field, and what it is once the field is of another."""

    kind: str
    value: Any
    now: str
    condition: str
    expected: Any


def turns(case: Turned) -> str:
    return f"{case.kind} to {case.now}"


@pytest.mark.parametrize("case", [Turned(*one) for one in TURNED], ids=turns)
def test_a_field_of_another_kind_has_its_values_and_questions_find_them(opening: Opening, case: Turned) -> None:
    graph = opening(turning(case.kind))
    bank, company = (graph.add(kind, name=name, worth=case.value) for kind, name in (("Bank", "A"), ("Company", "B")))
    link = graph.relate(bank, "owns", company, part=case.value)
    told = graph.transactions()[0].recorded_at
    graph.update(company, name="C")
    graph.retract(graph.relate(company, "owns", bank, part=case.value))
    graph.apply(graph.plan(turning(case.now)))
    for view in (graph, graph.known_at(told)):
        assert [one["worth"] for one in view.query("find Company order by name").scalars()] == [case.expected] * 2
        assert view.query("find Company that owns as o any Company show o.part").scalars() == [case.expected]
        assert len(view.query(f"find Company[worth {case.condition}]")) == 2
        found = view.query(f"find Company that owns[part {case.condition}] any Company show id")
        assert found.scalars() == [bank.id]
    assert (graph.get(bank.id)["worth"], graph.relation(link.id).attributes["part"]) == (case.expected, case.expected)
    assert graph.check() == []


@pytest.mark.parametrize(
    "case",
    [
        Turned("text", "25%", "percent", "= 25%", relgraph.Percent("25%")),
        Turned("text", "5 EUR", "money", "= 5 EUR", relgraph.Money(5, "EUR")),
        Turned("text", "5.0", "decimal", "= 5", Decimal(5)),
        Turned("text", "12", "integer", "= 12", 12),
        Turned("decimal", "12", "integer", "= 12", 12),
        Turned("text", "yes", "boolean", "= true", expected=True),
    ],
    ids=turns,
)
def test_what_a_person_could_type_is_brought_into_the_form_that_questions_read(opening: Opening, case: Turned) -> None:
    graph = opening(turning(case.kind))
    bank = graph.add("Bank", name="A", worth=case.value)
    link = graph.relate(bank, "owns", graph.add("Company", name="B"), part=case.value)
    gone = graph.relate(graph.add("Company", name="C"), "owns", graph.add("Company", name="D"), part=case.value)
    graph.retract(gone)
    told = graph.transactions()[0]
    graph.apply(graph.plan(turning(case.now)))
    assert graph.query(f"find Company[worth {case.condition}] show worth").scalars() == [case.expected]
    found = graph.query(f"find Company that owns[part {case.condition}] as o any Company show o.part")
    assert found.scalars() == [case.expected]
    assert (graph.get(bank.id)["worth"], graph.relation(link.id).attributes["part"]) == (case.expected, case.expected)
    graph.undo(told.id)
    assert graph.relation(gone.id).attributes["part"] == case.expected
    assert len(graph.query(f"find Company that owns[part {case.condition}] any Company")) == 2
    assert graph.check() == []
    assert [one.change for one in graph.history(link.id)] == ["added", "updated"]


def test_a_field_of_another_kind_stays_unique(opening: Opening) -> None:
    def unique(kind: str) -> relgraph.Vocabulary:
        return relgraph.Vocabulary.from_text(f"types: {{Company: {{fields: {{no: {{type: {kind}, unique: true}}}}}}}}")

    graph = opening(unique("integer"))
    first = graph.add("Company", no=5)
    graph.apply(graph.plan(unique("decimal")))
    with pytest.raises(relgraph.UniqueFieldError):
        graph.add("Company", no=5)
    graph.apply(graph.plan(unique("text")))
    second = graph.add("Company", no="5.0")
    with pytest.raises(relgraph.InUseError, match="no is also that of"):
        graph.apply(graph.plan(unique("decimal")))
    graph.delete(second)
    graph.apply(graph.plan(unique("decimal")))
    assert graph.get(first.id)["no"] == Decimal(5)


@pytest.mark.parametrize(
    ("kind", "value", "now"),
    [
        ("text", "much", "decimal"),
        ("text", "nan", "decimal"),
        ("money", "5 EUR", "decimal"),
        ("{type: money, list: true}", ["5 EUR", "6 USD"], "{type: decimal, list: true}"),
        ("decimal", "0.5", "integer"),
        ("partial date", "2020-01", "date"),
        ("date", "2020-01-02", "datetime"),
        ("{type: text, list: true}", ["a", "b"], "email"),
    ],
)
def test_what_stands_for_no_value_of_the_new_kind_is_refused_or_kept_as_it_is(
    opening: Opening, kind: str, value: Any, now: str
) -> None:
    graph = opening(turning(kind))
    bank = graph.add("Bank", name="A", worth=value)
    graph.relate(bank, "owns", graph.add("Company", name="B"), part=value)
    graph.retract(graph.relate(graph.add("Company", name="C"), "owns", bank, part=value))
    told = graph.transactions()[0]
    before = snapshot(graph)
    with pytest.raises(relgraph.InUseError) as refused:
        graph.apply(graph.plan(turning(now)))
    assert {one["subject"] for one in refused.value.details["problems"]} == {"Bank.worth", "owns.part"}
    assert snapshot(graph) == before
    graph.apply(graph.plan(turning(now)), policy="keep")
    assert {one.code for one in graph.check()} >= {"rule-field"}
    assert len(graph.to_networkx()) == 3
    assert graph.query("find Company that owns[part is present] any Company").scalars() == []
    assert graph.query("find Company[worth is missing] show name").scalars() == ["A", "B", "C"]
    with pytest.raises(relgraph.UndoError, match="does not take now"):
        graph.undo(told.id)
    graph.apply(graph.plan(turning(kind)))
    assert snapshot(graph) == before
    assert graph.check() == []


@pytest.mark.parametrize(
    ("before", "after", "value", "fits"),
    [
        ("{type: decimal, scale: 2}", "{type: decimal, scale: 4}", 60, False),
        ("{type: decimal, scale: 4}", "{type: decimal, scale: 2}", 30, True),
        ("integer", "decimal", 60, False),
        ("text", "decimal", "60", False),
        ("decimal", "integer", 30, True),
        ("decimal", "integer", 60, False),
    ],
)
def test_a_sum_is_judged_by_what_the_new_field_reads(
    opening: Opening, before: str, after: str, value: Any, *, fits: bool
) -> None:
    def added(kind: str, rule: str = "") -> relgraph.Vocabulary:
        owns = f"{{inverse: owned_by, attributes: {{part: {kind}}}, unique: none{rule}}}"
        return relgraph.Vocabulary.from_text(f"types: {{Company: {{}}}}\npredicates: {{owns: {owns}}}")

    graph = opening(added(before))
    one, two = graph.add("Company"), graph.add("Company")
    for _ in range(2):
        graph.relate(one, "owns", two, part=value)
    plan = graph.plan(added(after, ", sum: {attribute: part, per: object, max: 100}"))
    assert [problem.subject for problem in plan.problems] == ([] if fits else ["owns"])
    graph.apply(plan, policy="remove" if not fits else "refuse")
    assert graph.count("owns") == (2 if fits else 1)
    assert graph.check() == []
