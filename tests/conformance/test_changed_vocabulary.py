"""What becomes of data when the vocabulary changes above it: policies, renames and fields of another kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import snapshot

Opening = Callable[..., Graph]


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
