"""What questions mean, for the rules that need a network of their own: on every store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import relgraph
from relgraph.vocabulary.model import Vocabulary
from tests.conformance.conftest import Opening

VOCABULARY = Vocabulary.from_text("""
vocabulary: alone
types:
  Company: {fields: {name: {type: text, required: true}, country: text, price: decimal,
            labels: {type: text, list: true}}}
  Person: {fields: {name: {type: text, required: true}}}
predicates:
  owns: {inverse: owned_by, subject: [Company], object: [Company],
         attributes: {share: percent, weight: decimal, voting: boolean}}
  employed_by: {inverse: employs, subject: [Person], object: [Company]}
  met: {symmetric: true, subject: [Company], object: [Company], unique: none}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  staff_of: {inverse: has_staff, path: [employed_by, in_group_of]}
  owner: {inverse: owner_of, path: [owned_by]}
""")


@pytest.fixture
def graph(opening: Opening) -> relgraph.Graph:
    made = opening(VOCABULARY, me="ann", us=["ann"])
    with made.transaction() as tx:
        for name in ("A", "B", "C", "D"):
            tx.add("Company", id=name.lower(), name=name)
        tx.add("Person", id="ann", name="Ann")
    return made


def names(graph: relgraph.View, text: str, **parameters: Any) -> list[Any]:
    rows = [tuple(getattr(one, "name", one) for one in row) for row in graph.query(text, **parameters)]
    return [row[0] if len(row) == 1 else row for row in rows]


# ------------------------------------------------------------------------------------------------------------ time


def test_a_derived_predicate_holds_on_the_questions_day_on_every_step(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", since="2020-01-01", until="2021-01-01")
    graph.relate("b", "owns", "c", since="2020-06-01")
    graph.relate("ann", "employed_by", "c", since="2022-01-01")
    assert names(graph, 'find Company in_group_of "A" as of 2020-07-01') == ["B", "C"]
    assert names(graph, 'find Company in_group_of "A" as of 2020-03-01') == ["B"]
    assert names(graph, 'find Company in_group_of "A" as of 2022-07-01') == []
    # no day on which both hold, but one period that each of them overlaps
    assert names(graph, 'find Person staff_of "A" as of 2022-07-01') == []
    assert names(graph, 'find Person staff_of "A" during 2020 to 2022') == ["Ann"]
    assert names(graph, 'find Person staff_of "A" as of any time') == ["Ann"]


def test_what_is_denied_is_denied_of_the_questions_day(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", since="2020-01-01", until="2021-01-01")
    graph.relate("c", "owns", "b", since="2023-01-01")
    assert names(graph, "find Company not owned_by Company as of 2020-07-01") == ["A", "C", "D"]
    assert names(graph, "find Company not owned_by Company as of 2022-01-01") == ["A", "B", "C", "D"]
    assert names(graph, 'find Company[name = "B"] only owned_by Company[name = "A"] as of 2020-07-01') == ["B"]
    assert names(graph, 'find Company[name = "B"] only owned_by Company[name = "A"] as of any time') == []
    assert names(graph, "find Company with exactly 1 owned_by Company as of any time") == []
    assert names(graph, "find Company with exactly 1 owned_by Company as of 2023-01-01") == ["B"]


def test_today_is_the_calendar_day_where_any_time_is_asked_for(graph: relgraph.Graph) -> None:
    day = graph.day
    graph.relate("a", "owns", "b", since=day - timedelta(days=3), until=day - timedelta(days=1))
    graph.relate("a", "owns", "c", since=day - timedelta(days=30))
    assert names(graph, "find Company owned_by[since > today - 7 days] Company as of any time") == ["B"]
    assert names(graph, "find Company owned_by[since > today - 7 days] Company") == []
    assert names(graph, f"find Company owned_by[since > today - 7 days] Company as of {day - timedelta(days=28)}") == [
        "C"
    ]


def test_fields_and_names_are_as_believed_then(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", share="40%")
    (relation,) = graph.relations("owns")
    then = list(graph.changes())[-1].recorded_at
    with graph.transaction() as tx:
        tx.update("a", name="Alpha", country="DE")
        tx.update(relation.id, share="60%")
    assert names(graph, 'find Company owned_by "Alpha"') == ["B"]
    assert names(graph, 'find Company owned_by[share < 50%] "A" known at $then', then=then) == ["B"]
    assert names(graph, 'find Company owned_by[share > 50%] "A" known at $then', then=then) == []
    assert names(graph, "find Company where country is present known at $then", then=then) == []
    assert names(graph, "find Company owns Company known at $then", then=then) == ["A"]
    with pytest.raises(relgraph.QueryNameError):
        graph.query('find Company owned_by "A"')
    with pytest.raises(relgraph.QueryNameError):
        graph.query('find Company owned_by "Alpha" known at $then', then=then)


# ------------------------------------------------------------------------------------------------------------ rows


def test_without_order_by_rows_stand_by_name_then_id_then_the_other_names(graph: relgraph.Graph) -> None:
    graph.add("Company", id="z", name="A")
    graph.add("Company", id="0", name="D")
    graph.relate("z", "owns", "0")
    graph.relate("z", "owns", "d")
    graph.relate("z", "owns", "b")
    assert [one.id for one in graph.query("find Company").scalars()] == ["a", "z", "b", "c", "0", "d"]
    assert [one.id for one in graph.query("find Company limit 5").scalars()] == ["a", "z", "b", "c", "0"]
    found = [(one[0].id, one[1].id) for one in graph.query("find Company as x owns Company as y")]
    assert found == [("z", "b"), ("z", "0"), ("z", "d")]


def test_nothing_is_cut_within_a_set_or_a_denial_only_the_answer_is(graph: relgraph.Graph) -> None:
    for one in ("a", "b", "c"):
        graph.relate(one, "owns", "d")
    found = graph.query("(find Company) minus (find Company owns Company)", limit=1)
    assert ([one.name for one in found.scalars()], found.truncated) == (["D"], False)
    found = graph.query("find Company not owns Company", limit=1)
    assert ([one.name for one in found.scalars()], found.truncated) == (["D"], False)
    assert graph.query("find Company show count()", limit=1).one() == 4


def test_numbers_are_exact_and_told_as_they_were_given(graph: relgraph.Graph) -> None:
    for one, price in (("a", "0.10"), ("b", "0.2"), ("c", "0.3")):
        graph.update(one, price=price)
    graph.relate("a", "owns", "d", share="33.3%", weight="0.10", confidence=0.5)
    graph.relate("b", "owns", "d", share="33.3%", weight="0.2")
    graph.relate("c", "owns", "d", share="33.4%", weight="0.7")
    text = """find Company owned_by as r Company
        show sum(r.share) as s, sum(r.weight) as w, avg(r.weight), product(r.weight)"""
    assert [str(one) for one in graph.query(text).one()][:2] == ["100%", "1"]
    assert str(graph.query(text).one()[3]) == "0.014"
    each = graph.query("find relations owns as r show r.weight, r.confidence, r.weight + 0.10 as more")
    assert [[str(one) for one in row] for row in each] == [
        ["0.1", "0.5", "0.2"],
        ["0.2", "None", "0.3"],
        ["0.7", "None", "0.8"],
    ]
    found = graph.query("find Company show name, price, price + 0.2 = 0.3 as sum order by name limit 1").one()
    assert [str(one) for one in found] == ["A", "0.1", "True"]


# ------------------------------------------------------------------------------------------------- tests and chains


def test_where_nobody_of_us_fits_a_position_is_an_error(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.QueryError, match="us"):
        graph.query("find Company owned_by us")
    assert names(graph, "find Company employs us") == []


def test_another_name_of_a_reading_means_the_same(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", until="2020-01-01")
    graph.relate("a", "owns", "c")
    assert names(graph, "find Company with no owner") == ["A", "B", "D"]
    assert names(graph, "find Company owner Company") == ["C"]
    assert names(graph, "find Company that owner_of Company") == ["A"]
    assert names(graph, "find Company with exactly 1 owner as of any time") == ["B", "C"]


def test_what_is_surely_empty_is_said(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b")
    graph.relate("b", "owns", "a")
    for text in (
        "find Company as c owns c",
        "find Company owns Company as c owns c",
        "find Company owns (Company as c owned_by c)",
    ):
        found = graph.query(text)
        assert not found
        assert "holds of nothing: a relation of an entity to itself is no step" in found.notes[-1], text
        assert found.notes[-1] in graph.explain(text).notes
    for text in ("find Company as c owns+ c", "find Company as c owns Company owns c", "find Company as c not owns c"):
        found = graph.query(text)
        assert found, text
        assert not any("holds of nothing" in one for one in (*found.notes, *graph.explain(text).notes))


def test_where_is_one_section_at_the_end(graph: relgraph.Graph) -> None:
    for text in (
        'find Company where country = "DE" owns Company',
        'find Company where country = "DE" where name = "A"',
    ):
        with pytest.raises(relgraph.QuerySyntaxError):
            graph.query(text)


def test_a_range_of_a_derived_predicate_has_entities_between_its_hops(graph: relgraph.Graph) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        graph.relate(one, "owns", other)
    # all are of one group: C is owned by B straight, and is in its group through A as well
    assert names(graph, 'find Company in_group_of{2..} "B"') == ["A", "C"]
    assert names(graph, 'find Company owned_by{2..} "B"') == ["A"]
    assert names(graph, 'find Company in_group_of{1..} "B"') == ["A", "C"]


def test_a_range_of_alternatives_that_are_derived_has_no_cap(graph: relgraph.Graph) -> None:
    # more paths than can be tried one by one
    with graph.transaction() as tx:
        for one in range(11):
            tx.add("Company", id=f"c{one}", name=f"C{one:02}")
        for one in range(11):
            for other in range(11):
                if one != other:
                    tx.relate(f"c{one}", "owns", f"c{other}")
    assert len(names(graph, "find Company owns|in_group_of+ @c0")) == 10


def test_relations_rise_by_days_that_are_partly_known(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", id="first", since="2020")
    graph.relate("b", "owns", "c", id="second", since="2021-05")
    graph.relate("c", "owns", "d", id="third", since="2020-06")
    graph.relate("c", "owns", "a", id="last", since="2022-01-01")
    assert names(graph, 'find Company owns[rising since]+ "C"') == ["A", "B"]
    assert names(graph, 'find Company owns[rising since]+ "D"') == ["C"]
    assert names(graph, 'find Company owns[falling since]{2..} "D"') == ["B"]
    (path,) = graph.query('find all paths from "A" to "C" via owns[rising since]{1..3}').scalars()
    assert [[one.id for one in hop] for hop in path.parallels] == [["first"], ["second"]]
    (ring,) = graph.query("find cycles via owns rising since").scalars()
    assert [one.name for one in ring.entities] == ["A", "B", "C"]
    assert [[one.id for one in hop] for hop in ring.parallels] == [["first"], ["second"], ["last"]]


def test_two_that_met_twice_are_no_ring(graph: relgraph.Graph) -> None:
    graph.relate("a", "met", "b", since="2020")
    graph.relate("a", "met", "b", since="2021")
    graph.relate("b", "met", "c", since="2022")
    assert names(graph, "find cycles via met") == []
    assert names(graph, "find cycles via met rising since") == []
    graph.relate("c", "met", "a", since="2023-05")
    (ring,) = graph.query("find cycles via met rising since").scalars()
    assert [one.name for one in ring.entities] == ["A", "B", "C"]


def test_two_that_own_each_other_are_a_ring_as_a_route(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b")
    graph.relate("b", "owns", "a")
    assert names(graph, "find Company as it owns+ as way it show it, way.hops") == [("A", 2), ("B", 2)]


def test_a_measure_reads_the_attribute_of_its_predicate_with_the_role_of_a_share(opening: Opening) -> None:
    graph = opening(
        Vocabulary.from_text("""
vocabulary: stakes
types: {Company: {fields: {name: {type: text, required: true}}}}
predicates:
  owns: {inverse: owned_by, subject: [Company], object: [Company], attributes: {stake: percent, votes: percent},
         roles: {share: stake}}
derived:
  ultimately_owns: {inverse: ultimately_owned_by, measure: integrated_share, over: owns}
  decides: {inverse: decided_by, measure: integrated_share, over: owns, attribute: votes}
""")
    )
    with graph.transaction() as tx:
        for one in ("A", "B", "C"):
            tx.add("Company", id=one.lower(), name=one)
        tx.relate("a", "owns", "b", stake="60%", votes="20%")
        tx.relate("b", "owns", "c", stake="50%", votes="40%")
    text = 'find Company as x ultimately_owns as u "C" show x, u.share order by x'
    assert [(one, str(share)) for one, share in names(graph, text)] == [("A", "30%"), ("B", "50%")]
    assert names(graph, 'find Company ultimately_owns[share > 30%] "C"') == ["B"]
    assert names(graph, 'find Company ultimately_owned_by[share >= 30%] "A"') == ["B", "C"]
    text = 'find Company as x decides as u "C" show x, u.votes order by x'
    assert [(one, str(share)) for one, share in names(graph, text)] == [("A", "8%"), ("B", "40%")]
    assert names(graph, 'find Company decides[votes > 8%] "C"') == ["B"]


# ---------------------------------------------------------------------------------------------------------- values


def test_a_name_is_meant_exactly_before_it_is_meant_loosely(graph: relgraph.Graph) -> None:
    graph.add("Company", id="lower", name="straße")
    graph.add("Company", id="upper", name="STRASSE")
    assert [one.id for one in graph.query('find Company "STRASSE"').scalars()] == ["upper"]
    with pytest.raises(relgraph.QueryNameError) as caught:
        graph.query('find Company "Strasse"')
    assert sorted(caught.value.candidates) == ["lower", "upper"]


def test_a_long_name_is_compared_to_its_end(graph: relgraph.Graph) -> None:
    for end in ("a", "b"):
        graph.add("Company", id=f"long {end}", name="x" * 3000 + end)
    found = graph.query("find Company where name = $name", name="x" * 3000 + "b")
    assert [one.id for one in found.scalars()] == ["long b"]
    assert len(graph.query("find Company where name >= $name", name="x" * 3000 + "b")) == 1


def test_a_yes_or_no_of_a_relation_is_compared_and_shown(graph: relgraph.Graph) -> None:
    graph.relate("a", "owns", "b", voting=True)
    graph.relate("b", "owns", "c", voting=False)
    graph.relate("c", "owns", "d")
    assert names(graph, "find Company owns[voting] Company") == ["A"]
    assert names(graph, "find Company owns[voting = false] Company") == ["B"]
    assert names(graph, "find Company as c owns as r Company show c, r.voting") == [
        ("A", True),
        ("B", False),
        ("C", None),
    ]


def test_a_list_that_was_emptied_is_missing(graph: relgraph.Graph) -> None:
    graph.update("a", labels=["big"])
    graph.update("b", labels=["old"])
    graph.update("b", labels=[])
    assert names(graph, "find Company where labels is missing") == ["B", "C", "D"]
    assert names(graph, "find Company show count(labels), count(distinct labels)") == [(1, 1)]
