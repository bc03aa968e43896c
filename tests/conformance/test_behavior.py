"""What users of other link engines rely on: each numbered behavior of the model, on every store."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import relgraph
from relgraph import Graph
from tests.conformance.looking import company, snapshot


def both(graph: Graph, thing: relgraph.Entity) -> list[tuple[str, str]]:
    return [(one.predicate, one.entity.name) for one in graph.related(thing)]


# 1


def test_both_ends_show_the_relation_each_in_its_own_reading(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "owns", bolt, share="60%", since="2021-03")
    assert both(graph, acme) == [("owns", "Bolt")]
    assert both(graph, bolt) == [("owned_by", "ACME")]
    (seen,) = graph.related(bolt, "owned_by")
    assert seen.relation["share"] == relgraph.Percent("60%")
    assert str(seen.relation.since) == "2021-03"
    assert (seen.relation.subject.name, seen.relation.object.name) == ("ACME", "Bolt")


def test_the_inverse_name_stores_the_same_relation(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(bolt, "owned_by", acme, share="10%")
    assert both(graph, acme) == [("owns", "Bolt")]
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(acme, "owns", bolt)


def test_a_symmetric_relation_reads_the_same_from_both_ends_and_is_stored_once(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "partner_of", bolt)
    assert both(graph, acme) == [("partner_of", "Bolt")]
    assert both(graph, bolt) == [("partner_of", "ACME")]
    assert graph.count("partner_of") == 1
    with pytest.raises(relgraph.DuplicateRelationError):
        graph.relate(bolt, "partner_of", acme)


def test_asking_the_broad_predicate_finds_the_narrow_one(graph: Graph) -> None:
    ann, acme = graph.add("Person", name="Ann"), company(graph, "ACME")
    graph.relate(ann, "leads", acme)
    assert [one.predicate for one in graph.related(ann, "employed_by")] == ["leads"]
    assert graph.count("employed_by") == 1


# 2


@pytest.fixture
def market(graph: Graph) -> dict[str, relgraph.Entity]:
    things = {name: company(graph, name) for name in ("ACME", "Bolt", "Core")}
    things["Ann"] = graph.add("Person", name="Ann")
    things["Bob"] = graph.add("Person", name="Bob")
    things["Bank"] = graph.add("Bank", name="Bank")
    things["Other Bank"] = graph.add("Bank", name="Other Bank")
    things["Banned"] = graph.add("Company", name="Banned", tags=["banned"])
    things["Widget"] = graph.add("Product", name="Widget")
    graph.relate(things["ACME"], "owns", things["Bolt"], share="60%", since="2020-01-01")
    graph.relate(things["Bolt"], "owns", things["Core"], share="70%", since="2020-01-01")
    graph.relate(things["Ann"], "leads", things["ACME"])
    graph.relate(things["ACME"], "banks_with", things["Bank"])
    return things


REFUSED = [
    ("wrong type", "Widget", "owns", "Bolt", {}, relgraph.TypeRuleError),
    ("wrong type of the inverse", "Widget", "owned_by", "ACME", {}, relgraph.TypeRuleError),
    ("type of the broad predicate", "ACME", "leads", "Bolt", {}, relgraph.TypeRuleError),
    ("missing tag", "ACME", "audited_by", "Bolt", {}, relgraph.TagRuleError),
    ("forbidden tag", "ACME", "supplies", "Banned", {}, relgraph.TagRuleError),
    ("disabled", "ACME", "retired", "Bolt", {}, relgraph.DisabledPredicateError),
    ("internal", "ACME", "mirrors", "Bolt", {}, relgraph.DisabledPredicateError),
    ("self-relation", "ACME", "partner_of", "ACME", {}, relgraph.SelfRelationError),
    ("duplicate", "ACME", "owns", "Bolt", {"since": "2021"}, relgraph.DuplicateRelationError),
    ("too many objects", "ACME", "banks_with", "Other Bank", {}, relgraph.CardinalityError),
    ("too many subjects", "Bob", "leads", "ACME", {}, relgraph.CardinalityError),
    ("cycle", "Core", "owns", "ACME", {}, relgraph.CycleError),
    ("sum", "Ann", "owns", "Bolt", {"share": "41%"}, relgraph.SumError),
    ("value", "Ann", "owns", "Bolt", {"share": "130%"}, relgraph.FieldError),
    ("unknown attribute", "Ann", "owns", "Bolt", {"shares": "1%"}, relgraph.FieldError),
    ("dates where none are", "Ann", "paid", "Bob", {"since": "2020"}, relgraph.PeriodError),
    ("end before start", "Ann", "owns", "Bolt", {"since": "2021", "until": "2020"}, relgraph.PeriodError),
]


@pytest.mark.parametrize("case", REFUSED, ids=[one[0] for one in REFUSED])
def test_each_rule_has_its_own_error_and_nothing_of_the_transaction_stays(
    graph: Graph,
    market: dict[str, relgraph.Entity],
    case: tuple[str, str, str, str, dict[str, Any], type[relgraph.RuleError]],
) -> None:
    _, subject, predicate, target, values, error = case
    before = snapshot(graph)

    def change() -> None:
        with graph.transaction() as tx:
            tx.add("Company", name="Would be lost")
            tx.relate(market[subject], predicate, market[target], **values)

    with pytest.raises(error):
        change()
    assert snapshot(graph) == before


def test_a_violation_names_the_entity_the_rule_and_the_reading_of_the_side_that_broke(
    graph: Graph, market: dict[str, relgraph.Entity]
) -> None:
    with pytest.raises(relgraph.SumError) as caught:
        graph.relate(market["Ann"], "owns", market["Bolt"], share="41%")
    assert "Bolt" in caught.value.message
    assert "owned_by" in caught.value.message
    assert caught.value.details["entity"] == market["Bolt"].id
    assert caught.value.details["rule"] == "sum"


def test_all_violations_of_a_batch_come_together_in_row_order(graph: Graph, market: dict[str, relgraph.Entity]) -> None:
    rows = [
        {"subject": market["Widget"].id, "object": market["Bolt"].id},
        {"subject": market["ACME"].id, "object": market["Bank"].id, "share": "5%"},
        {"subject": market["Ann"].id, "object": market["Bolt"].id, "share": "1.5"},
        {"subject": "nobody", "object": market["Bolt"].id},
        {"subject": market["Bob"].id, "object": market["Bolt"].id, "share": "41%"},
    ]
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("owns", rows)
    assert [(one.details["row"], type(one).__name__) for one in caught.value.errors] == [
        (0, "TypeRuleError"),
        (2, "FieldError"),
        (3, "FieldError"),
        (4, "SumError"),
    ]
    assert caught.value.total == 4
    assert graph.count("owns") == 2


# 3


def test_removing_a_tag_that_an_open_relation_relies_on_is_refused_naming_it(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME", tags=["listed"]), company(graph, "Bolt")
    audit = graph.relate(acme, "audited_by", bolt)
    with pytest.raises(relgraph.TagRuleError) as caught:
        graph.untag(acme, "listed")
    assert audit.id in caught.value.details["relations"]
    graph.end(audit, on="2020-01-01")
    graph.untag(acme, "listed")
    assert graph.get(acme.id).tags == ()


def test_giving_a_forbidden_tag_is_refused_while_a_relation_forbids_it(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "supplies", bolt)
    with pytest.raises(relgraph.TagRuleError):
        graph.tag(bolt, "banned")


def test_changing_a_type_that_an_open_relation_relies_on_is_refused(graph: Graph) -> None:
    acme, bank = company(graph, "ACME"), graph.add("Bank", name="Bank")
    relation = graph.relate(acme, "banks_with", bank)
    with pytest.raises(relgraph.TypeRuleError) as caught:
        graph.update(bank, type="Company")
    assert relation.id in caught.value.details["relations"]
    graph.end(relation, on="2020-01-01")
    assert graph.update(bank.id, type="Company").type == "Company"  # type: ignore[union-attr]


# 4


def test_the_same_relation_twice_in_a_batch_is_created_once_by_merge_and_reported_by_relate(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    row = {"subject": acme.id, "object": bolt.id, "share": "10%", "since": "2020"}
    with pytest.raises(relgraph.RuleErrors) as caught:
        graph.relate_many("owns", [row, dict(row)])
    (error,) = caught.value.errors
    assert isinstance(error, relgraph.DuplicateRelationError)
    assert error.details["row"] == 1
    with graph.transaction() as tx:
        first, second = tx.merge_relation_many("owns", [row, dict(row)])
    assert first == second
    assert tx.summary == {"related": 1, "unchanged": 1}
    assert graph.count("owns") == 1


# 5


def test_tightening_a_rule_shows_what_breaks_it_before_anything_changes(
    graph: Graph, words: relgraph.Vocabulary
) -> None:
    acme, bolt, core = (company(graph, name) for name in ("ACME", "Bolt", "Core"))
    graph.relate(acme, "supplies", bolt)
    graph.relate(acme, "supplies", core)
    tighter = relgraph.Vocabulary.from_text(
        words.to_yaml().replace("inverse: supplied_by", "inverse: supplied_by\n    max_objects: 1")
    )
    before = snapshot(graph)
    plan = graph.plan(tighter)
    (problem,) = plan.problems
    assert (problem.subject, problem.count) == ("supplies", 1)
    assert "ACME" in problem.examples[0]
    assert snapshot(graph) == before
    assert graph.vocabulary == words
    with pytest.raises(relgraph.InUseError):
        graph.apply(plan)
    assert graph.vocabulary == words
    graph.apply(plan, policy="keep")
    assert [one.code for one in graph.check()] == ["rule-cardinality"]
    with pytest.raises(relgraph.CardinalityError):
        graph.relate(acme, "supplies", company(graph, "Dyne"))


# 6


def test_deleting_a_predicate_in_use_names_what_uses_it(graph: Graph, words: relgraph.Vocabulary) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    graph.relate(acme, "supplies", bolt)
    document = words.to_dict()
    del document["predicates"]["supplies"]
    plan = graph.plan(relgraph.Vocabulary.from_dict(document))
    assert [(one.subject, one.count) for one in plan.problems] == [("supplies", 1)]
    with pytest.raises(relgraph.InUseError) as caught:
        graph.apply(plan)
    assert "ACME supplies Bolt" in str(caught.value)
    graph.apply(plan, policy={"supplies": "remove"})
    assert "supplies" not in graph.vocabulary.predicates
    assert graph.related(acme) == []


def test_deleting_a_predicate_names_the_saved_questions_that_use_it(graph: Graph, words: relgraph.Vocabulary) -> None:
    saved = {
        "in brackets": "find Company that owns (Company supplied_by any Company)",
        "counted": "find Company show name, count(supplies)",
        "in a text": 'find Company where name = "supplies" -- supplied_by',
        "of another": "find Company owns Company",
    }
    with graph._store.write() as writer:
        for name, text in saved.items():
            writer.save("question", name, {"text": text})
    document = words.to_dict()
    del document["predicates"]["supplies"]
    (problem,) = graph.plan(relgraph.Vocabulary.from_dict(document)).problems
    assert (problem.subject, sorted(problem.examples)) == ("supplies", ["counted", "in brackets"])
    assert problem.message == "2 saved questions use it and could no longer be answered"


def test_deleting_what_has_both_data_and_questions_takes_one_policy_and_leaves_the_questions(
    graph: Graph, words: relgraph.Vocabulary
) -> None:
    graph.relate(company(graph, "ACME", tags=["vip"]), "supplies", company(graph, "Bolt"))
    widget = graph.add("Product", name="Widget")
    texts = {
        "a type": "find Product",
        "a tag": "find Company where vip",
        "a predicate": "find Company supplies Company",
    }
    with graph._store.write() as writer:
        for name, text in texts.items():
            writer.save("question", name, {"text": text})
    document = words.to_dict()
    del document["predicates"]["supplies"]
    del document["types"]["Product"]
    del document["tags"]["vip"]
    plan = graph.plan(relgraph.Vocabulary.from_dict(document))
    asked = [(one.subject, one.examples) for one in plan.problems if one.code == "asked"]
    assert sorted(asked) == [("Product", ("a type",)), ("supplies", ("a predicate",)), ("vip", ("a tag",))]
    assert "! supplies: 1 saved question uses it and could no longer be answered" in str(plan)
    assert "! Product: 1 entity is of this type" in str(plan)
    with pytest.raises(relgraph.InUseError):
        graph.apply(plan)
    graph.apply(plan, policy="remove")
    assert graph.count("Company") == 2
    with pytest.raises(relgraph.NotFound):
        graph.get(widget.id)
    with graph._store.read() as reader:
        assert {name for name, _ in reader.saved("question")} == set(texts)


def test_deleting_a_predicate_names_the_derived_ones_and_the_roles_that_use_it(opening: Any) -> None:
    shares = "attributes: {share: percent}, roles: {share: share}"
    names = f"""
predicates:
  controls: {{inverse: controlled_by}}
  owns: {{inverse: owned_by, {shares}, implies: [controls]}}
"""
    derived = "derived: {in_group_of: {inverse: group_includes, over: owned_by}}\n"
    graph = opening(relgraph.Vocabulary.from_text(names + derived))
    # what is computed from it has to go with it
    with pytest.raises(relgraph.VocabularyError, match="owned_by"):
        relgraph.Vocabulary.from_text("predicates: {controls: {inverse: controlled_by}}\n" + derived)
    plan = graph.plan(relgraph.Vocabulary.from_text("predicates: {controls: {inverse: controlled_by}}"))
    assert [str(one) for one in plan.changes] == [
        "- predicate owns, used by derived in_group_of, analyses (as share)",
        "- derived in_group_of",
    ]
    plan = graph.plan(relgraph.Vocabulary.from_text(f"predicates: {{owns: {{inverse: owned_by, {shares}}}}}"))
    assert "- predicate controls, used by predicate owns (implies it)" in [str(one) for one in plan.changes]


# 7


def test_a_trashed_entity_is_absent_everywhere_and_restored_everything_is_back(graph: Graph) -> None:
    acme, bolt, core = (company(graph, name) for name in ("ACME", "Bolt", "Core"))
    graph.relate(acme, "owns", bolt, share="50%")
    graph.relate(bolt, "partner_of", core)
    before = snapshot(graph)
    graph.trash(bolt)
    assert graph.related(acme) == []
    assert graph.count("Company") == 2
    assert graph.count("owns") == 0
    counted = graph.stats()
    assert (counted["entities"], counted["relations"], counted["hidden"]) == ({"Company": 2}, {}, 1)
    assert list(graph.relations(ever=True)) == []
    assert graph.search("bolt") == []
    with pytest.raises(relgraph.NotFound):
        graph.get(bolt.id)
    with pytest.raises(relgraph.NotFound):
        graph.entity("Bolt")
    with pytest.raises(relgraph.FrozenError):
        graph.relate(core, "supplies", bolt.id)
    graph.restore(bolt.id)
    assert snapshot(graph) == before
    assert [one.name for one in graph.search("bolt")] == ["Bolt"]


def test_a_trashed_entity_counts_in_no_rule_and_restoring_checks_again(graph: Graph) -> None:
    acme, one, two = company(graph, "ACME"), graph.add("Bank", name="One"), graph.add("Bank", name="Two")
    old = graph.relate(acme, "banks_with", one, since="2020")
    graph.trash(one)
    graph.relate(acme, "banks_with", two, since="2024-01-01")
    with pytest.raises(relgraph.CardinalityError):
        graph.restore(one.id)
    graph.restore(one.id, clashes="end")
    assert str(graph.relation(old.id).until) == "2024-01-01"
    assert graph.check() == []


# 8


def test_merging_related_entities_leaves_no_self_relation_and_no_duplicate_and_undo_restores_all(graph: Graph) -> None:
    with graph.transaction() as tx:
        acme = tx.add("Company", name="ACME", keys={"crm": "1"}, tags=["vip"])
        twin = tx.add("Company", name="Acme Ltd", sector="Steel", keys={"crm": "2", "erp": "9"}, tags=["listed"])
        core, dyne = tx.add("Company", name="Core"), tx.add("Company", name="Dyne")
        tx.relate(acme, "supplies", twin)
        tx.relate(twin, "supplies", acme)
        tx.relate(acme, "partner_of", core, level="gold", since="2000", until="2005", source="a")
        tx.relate(twin, "partner_of", core, level="silver", since="2004", until="2011", source="b")
        tx.relate(core, "partner_of", acme, level="bronze", since="2012", until="2015", source="c")
        tx.relate(dyne, "supplies", twin)
    before = snapshot(graph)
    with graph.transaction() as merging:
        merging.merge(acme.id, twin.id)
    kept = graph.get(acme.id)
    assert graph.get(twin.id).id == acme.id
    assert (kept.name, kept["sector"], kept.tags) == ("ACME", "Steel", ("listed", "vip"))
    assert kept.keys == (("crm", "1"), ("crm", "2"), ("erp", "9"))
    assert graph.by_key("erp", "9").id == acme.id
    found = [
        (
            one.predicate,
            one.entity.name,
            str(one.relation.since),
            str(one.relation.until),
            one.relation["level"] if one.predicate == "partner_of" else None,
        )
        for one in graph.related(kept, ever=True)
    ]
    assert found == [
        ("partner_of", "Core", "2000", "2011", "gold"),
        ("partner_of", "Core", "2012", "2015", "bronze"),
        ("supplied_by", "Dyne", "None", "None", None),
    ]
    oldest = next(one.relation for one in graph.related(kept, "partner_of", ever=True))
    assert [one.name for one in oldest.sources] == ["a", "b"]
    assert merging.notes
    assert merging.id is not None
    graph.undo(merging.id)
    assert snapshot(graph) == before


def test_relations_collapse_in_chains_and_merged_ids_resolve_step_by_step(graph: Graph) -> None:
    with graph.transaction() as tx:
        one, two, three, core = (tx.add("Company", name=name) for name in ("One", "Two", "Three", "Core"))
        tx.relate(one, "supplies", core, since="2000-01-01", until="2005-01-01")
        tx.relate(one, "supplies", core, since="2010-01-01", until="2015-01-01")
        tx.relate(two, "supplies", core, since="2004-01-01", until="2011-01-01")
    graph.merge(one.id, two.id)
    (left,) = graph.related(one.id, "supplies", ever=True)
    assert (str(left.relation.since), str(left.relation.until)) == ("2000-01-01", "2015-01-01")
    graph.merge(three.id, one.id)
    assert graph.get(two.id).id == three.id


# 9


def test_history_tells_who_linked_and_unlinked_what_from_both_ends(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    with graph.transaction(actor="ana", reason="call of 12 May") as tx:
        stake = tx.relate(bolt, "owned_by", acme, share="10%")
    with graph.transaction(actor="bob") as tx:
        tx.update(stake.id, share="20%")
    with graph.transaction(actor="cem") as tx:
        tx.retract(stake.id)
    expected = [("ana", "added"), ("bob", "updated"), ("cem", "retracted")]
    for thing in (acme, bolt):
        told = [(one.actor, one.change) for one in graph.history(thing) if one.thing == "relation"]
        assert told == expected
    linked = graph.history(stake.id)
    assert [(one.actor, one.change) for one in linked] == expected
    assert linked[0].event.reason == "call of 12 May"
    assert (linked[1].before, linked[1].after) == ({"share": "0.1"}, {"share": "0.2"})


# 12


STRINGS = [
    "Société Générale",
    "شركة النفط",
    "🚀 rocket 👩‍👩‍👧",
    "nul \x00 inside",
    "quotes ' \" ` ´ ’",
    "'; DROP TABLE entities; --",
    "MATCH (n) DETACH DELETE n",
    "{{7*7}} ${x} %s \\n",
    "株式会社東芝",
    "  spaces  ",
    "line\nbreak\ttab",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", STRINGS, ids=range(len(STRINGS)))
def test_any_string_is_stored_and_found_as_it_is(graph: Graph, text: str) -> None:
    entity = graph.add("Company", name=text, keys={text: text}, id=text)
    other = company(graph, "Other")
    relation = graph.relate(entity, "partner_of", other, level=text, source=text)
    assert graph.get(text).name == text
    assert graph.entity(text).id == text
    assert graph.by_key(text, text).id == text
    read = graph.relation(relation.id)
    assert (read["level"], read.source) == (text, text)


def test_long_text_is_stored_whole(graph: Graph) -> None:
    text = "x" * 16_000_000 if "neo4j" not in graph.name and "bolt" not in graph.name else "x" * 1_000_000
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    relation = graph.relate(acme, "partner_of", bolt, level=text)
    assert graph.relation(relation.id)["level"] == text


def test_two_letter_chinese_and_japanese_words_and_accents_are_found_by_search(graph: Graph) -> None:
    for name in ("株式会社東芝", "中国石油天然气", "Électricité de France", "Müller Łódź"):
        company(graph, name)
    assert [one.name for one in graph.search("東芝")] == ["株式会社東芝"]
    assert [one.name for one in graph.search("石油")] == ["中国石油天然气"]
    assert [one.name for one in graph.search("electricite")] == ["Électricité de France"]
    assert [one.name for one in graph.search("mull")] == ["Müller Łódź"]
    assert graph.search('"') == []


# 13


def test_two_clients_each_right_alone_and_wrong_together_never_both_commit(
    opening: Any, engine: str, words: relgraph.Vocabulary
) -> None:
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    one, other = opening(words), opening()
    ann, bob, acme = one.add("Person", name="Ann"), one.add("Person", name="Bob"), one.add("Company", name="ACME")
    first, second = one.transaction(), other.transaction()
    first.relate(ann, "owns", acme, share="60%")
    second.relate(bob.id, "owns", acme.id, share="60%")
    first.commit()
    with pytest.raises(relgraph.SumError):
        second.commit()
    assert len(one.related(acme, "owned_by")) == 1


def test_a_change_over_an_older_version_is_a_conflict(opening: Any, words: relgraph.Vocabulary) -> None:
    graph = opening(words)
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    stake = graph.relate(acme, "owns", bolt, share="10%")
    graph.update(stake, share="20%")
    changes: list[Callable[[], object]] = [
        lambda: graph.update(stake, share="30%"),
        lambda: graph.end(stake, on="2030-01-01"),
        lambda: graph.retract(stake),
    ]
    for change in changes:
        with pytest.raises(relgraph.ConflictError):
            change()
    assert graph.relation(stake.id)["share"] == relgraph.Percent("20%")


def test_two_that_count_on_from_one_number_are_not_both_right(
    opening: Any, engine: str, words: relgraph.Vocabulary
) -> None:
    if engine == "memory":
        pytest.skip("a network in memory has one client")
    one, other = opening(words), opening()
    acme, bolt = company(one, "ACME", revenue="1 EUR"), company(one, "Bolt")
    stake = one.relate(acme, "owns", bolt, share="10%")
    changes: list[Callable[[relgraph.Transaction], object]] = [
        lambda tx: tx.update(tx.get(acme.id), revenue="2 EUR"),
        lambda tx: tx.update(tx.relation(stake.id), share="20%"),
    ]
    for change in changes:
        first, second = one.transaction(), other.transaction()
        change(first)
        change(second)
        first.commit()
        # it comes to what stands there by now, and it was worked out from what stood there before
        with pytest.raises(relgraph.ConflictError):
            second.commit()


# 14 (a walk of fixed seeds here; the property test goes on at random)


@pytest.mark.parametrize("seed", range(3))
def test_known_at_gives_each_snapshot_and_undoing_goes_back_through_them(graph: Graph, seed: int) -> None:
    rng = random.Random(seed)
    ids = [company(graph, f"C{index}").id for index in range(5)]
    relations: list[str] = []
    taken: list[tuple[Any, dict[str, Any], str]] = []

    def step(tx: relgraph.Transaction) -> None:
        match rng.randrange(6):
            case 0 | 1:
                subject, target = rng.sample(ids, 2)
                relations.append(tx.relate(subject, "supplies", target, since=f"{rng.randrange(2000, 2010)}").id)
            case 2 if relations:
                tx.end(rng.choice(relations), on=f"{rng.randrange(2011, 2020)}-01-01")
            case 3 if relations:
                tx.retract(relations.pop(rng.randrange(len(relations))))
            case 4:
                tx.trash(rng.choice(ids))
            case _:
                tx.restore(rng.choice(ids))

    for _ in range(12):
        tx = graph.transaction()
        try:
            step(tx)
            tx.commit()
        except relgraph.RelgraphError:
            tx.discard()
            continue
        if tx.id is not None:
            moment = list(graph.changes())[-1].recorded_at
            taken.append((moment, snapshot(graph), tx.id))
    assert taken
    for moment, then, _ in taken:
        assert snapshot(graph.known_at(moment)) == then
    for index in range(len(taken) - 1, 0, -1):
        graph.undo(taken[index][2])
        assert snapshot(graph) == taken[index - 1][1]


# what a source says


def test_a_sources_key_names_one_relation(graph: Graph) -> None:
    acme, bolt, core = (company(graph, name) for name in ("ACME", "Bolt", "Core"))
    first = graph.relate(acme, "supplies", bolt, source="erp", key="7")
    before = snapshot(graph)
    with pytest.raises(relgraph.DuplicateRelationError, match="key '7' of source 'erp'") as caught:
        graph.relate(acme, "supplies", core, source="erp", key="7")
    assert first.id in caught.value.details["relations"]
    rows = [{"subject": bolt.id, "object": core.id}, {"subject": core.id, "object": bolt.id}]
    rows = [{**row, "source": "erp", "key": "8"} for row in rows]
    with pytest.raises(relgraph.RuleErrors, match="'8'") as many:
        graph.relate_many("supplies", rows)
    (error,) = many.value.errors
    assert (type(error), error.details["row"]) == (relgraph.DuplicateRelationError, 1)
    assert snapshot(graph) == before
    # the key of another source, and a key that was given up, are free
    graph.relate(acme, "supplies", core, source="crm", key="7")
    with graph.transaction() as tx:
        tx.retract(first.id)
        moved = tx.relate(bolt, "supplies", acme, source="erp", key="7")
    assert graph.relation(moved.id).sources[0].key == "7"
    # told again under its key, it is the same one with another end, and nobody else states the old one
    again = graph.merge_relation(bolt, "supplies", core, source="erp", key="7")
    assert [one.id for one in graph.relations("supplies", subject=bolt)] == [again.id]


def test_what_another_source_tells_otherwise_is_a_conflict(graph: Graph) -> None:
    acme, bolt = company(graph, "ACME"), company(graph, "Bolt")
    stake = graph.merge_relation(acme, "owns", bolt, share="10%", source="register", key="1")
    before = snapshot(graph)
    with pytest.raises(relgraph.SourceConflictError, match="register tells") as caught:
        graph.merge_relation(acme, "owns", bolt, share="20%", source="press", key="a")
    assert isinstance(caught.value, relgraph.ConflictError)
    assert caught.value.details["relation"] == stake.id
    assert snapshot(graph) == before
