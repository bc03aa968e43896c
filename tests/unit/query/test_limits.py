"""What a question may cost, and what it says where it was cut or could not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import relgraph
from relgraph.network.execute.answer import answer
from relgraph.vocabulary.model import Vocabulary

VOCABULARY = Vocabulary.from_text("""
vocabulary: limits
types:
  Node: {fields: {name: {type: text, required: true}, size: integer, seen: partial date, price: money}}
predicates:
  next: {inverse: before, subject: [Node], object: [Node], unique: none, attributes: {weight: decimal}}
""")


@pytest.fixture(scope="module")
def graph() -> Iterator[relgraph.Graph]:
    with relgraph.open(vocabulary=VOCABULARY) as made:
        with made.transaction() as tx:
            for index in range(30):
                size = index if index % 2 else None
                tx.add("Node", id=f"n{index:02}", name=f"N{index:02}", size=size, seen="2020" if index == 3 else None)
            for index in range(29):
                tx.relate(f"n{index:02}", "next", f"n{index + 1:02}")
            tx.update("n00", price="5 EUR")
            tx.update("n01", price="5 USD")
        yield made


def test_more_rows_than_asked_for_are_said(graph: relgraph.Graph) -> None:
    cut = graph.query("find Node", limit=10)
    assert (len(cut), cut.truncated) == (10, True)
    whole = graph.query("find Node", limit=30)
    assert (len(whole), whole.truncated) == (30, False)
    said = graph.query("find Node limit 5")
    assert (len(said), said.truncated) == (5, False)


def test_a_limit_beyond_the_hard_cap_is_refused(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.QueryLimitError, match="1,000,000"):
        graph.query("find Node limit 1000001")
    with pytest.raises(relgraph.QueryLimitError, match="limit=-1"):
        graph.query("find Node", limit=-1)
    with pytest.raises(relgraph.QueryLimitError, match="timeout=-1"):
        graph.query("find Node", timeout=-1)
    for options in ({"limit": "3"}, {"limit": True}, {"timeout": "1"}):
        with pytest.raises(relgraph.QueryTypeError, match="is a number"):
            graph.query("find Node", **options)


def numbers(count: int) -> str:
    """Return a question that is written out with a space more for each number."""
    return f"find Node where size in ({','.join(['1'] * count)})"


def test_what_was_asked_may_be_asked_again_however_long_it_is(graph: relgraph.Graph) -> None:
    # "find Node where size in (" and ")" beside three bytes for each number but the last
    most = (10_000 - 26 - 1) // 3 + 1
    found = graph.query(numbers(most))
    assert 10_000 - 3 < len(found.text) <= 10_000
    assert graph.query(found.text).text == found.text
    assert [one.id for one in graph.query(found.text).scalars()] == ["n01"]


def test_a_question_that_is_too_long_as_it_is_written_out_is_refused(graph: relgraph.Graph) -> None:
    text = numbers(3400)
    assert len(text) < 10_000
    for asked in (text, relgraph.parse(text), relgraph.parse(text).to_json()):
        with pytest.raises(relgraph.QueryLimitError, match="larger than 10,000 bytes") as caught:
            graph.query(asked)
        assert caught.value.hint == "give long lists as a parameter: in $names"
    with pytest.raises(relgraph.QueryLimitError, match=r"as it is written out: it has 10,22\d then"):
        graph.prepare(text)
    # the bytes count, not the letters
    names = ",".join(["'ä'"] * 1_700)
    with pytest.raises(relgraph.QueryLimitError, match="as it is written out"):
        graph.query(f"find Node where name in ({names})")
    assert graph.prepare("find Node where size in $sizes")(sizes=[1] * 3400).one().id == "n01"


def test_a_question_is_asked_as_json_as_well(graph: relgraph.Graph) -> None:
    said = relgraph.parse("find Node show name limit 2").to_json()
    wanted = [("N00",), ("N01",)]
    assert [tuple(one) for one in graph.query(said)] == wanted
    assert [tuple(one) for one in graph.query(json.loads(said))] == wanted
    assert graph.explain(said).text == "find Node show name limit 2"
    assert [tuple(one) for one in graph.prepare(said)()] == wanted
    for wrong in ({"find": "Node"}, '{"relgraph": "query"'):
        with pytest.raises(relgraph.QuerySyntaxError):
            graph.query(wrong)


def test_a_question_out_of_time_is_stopped(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.QueryTimeout, match="longer than 0 seconds"):
        graph.query("find Node next+ Node", timeout=0)


def test_a_question_can_be_cancelled(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.Cancelled):
        graph.query("find Node next+ Node", cancelled=lambda: True)


def test_what_was_missing_or_uncertain_is_counted(graph: relgraph.Graph) -> None:
    found = graph.query("find Node where size > 20")
    assert [one.id for one in found.scalars()] == ["n21", "n23", "n25", "n27", "n29"]
    assert found.notes == ("15 had no size",)
    found = graph.query("find Node where seen < 2020-06-01")
    assert not found
    assert found.notes == ("29 had no seen", "1 could not be told by seen")


def test_sums_over_several_currencies_list_them(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.QueryTypeError, match="EUR, USD"):
        graph.query("find Node show sum(price)")


def test_names_are_resolved_before_anything_runs(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.QueryNameError) as caught:
        graph.query('find Node next "N1"')
    assert caught.value.candidates
    assert graph.query('find Node next "n05"').one().id == "n04"
    with pytest.raises(relgraph.QueryNameError, match="nobody is known to ask"):
        graph.query("find Node next me")


def test_rows_are_read_by_name_by_position_and_as_attributes(graph: relgraph.Graph) -> None:
    row = graph.query("find Node as a next Node as b where a.size = 3 show a, b.name as onward").one()
    assert row["onward"] == row[1] == row.onward == "N04"
    assert row.to_dict()["a"].id == "n03"
    with pytest.raises(KeyError, match="onward"):
        row["nothing"]
    with pytest.raises(AttributeError, match="onward"):
        _ = row.nothing


def test_one_row_is_one_row(graph: relgraph.Graph) -> None:
    with pytest.raises(relgraph.NotFound):
        graph.query("find Node where size = 4").one()
    with pytest.raises(relgraph.RelgraphError, match="30 rows"):
        graph.query("find Node").one()
    assert graph.query("find Node where size = 4").first() is None
    assert graph.query("how many Node").one() == 30


def test_a_result_becomes_a_table_and_a_graph(graph: relgraph.Graph) -> None:
    result = graph.query("find Node as a next as r Node as b where a.size < 4 show a, r, b")
    drawn = result.to_networkx()
    assert sorted(drawn) == ["n01", "n02", "n03", "n04"]
    assert sorted((a, b) for a, b, _ in drawn.edges) == [("n01", "n02"), ("n03", "n04")]
    assert "<td>N01</td>" in result._repr_html_()


def test_a_prepared_question_takes_other_parameters(graph: relgraph.Graph) -> None:
    prepared = graph.prepare("find Node next+ $end where size in $sizes")
    assert prepared.parameters == ("end", "sizes")
    assert [one.id for one in prepared(end="n05", sizes=[1, 3]).scalars()] == ["n01", "n03"]
    assert [one.id for one in prepared(end=["n02", "n03"], sizes=[1, 3]).scalars()] == ["n01"]
    with pytest.raises(relgraph.QueryTypeError, match="empty list"):
        prepared(end=[], sizes=[1])


def test_a_question_is_explained_without_being_asked(graph: relgraph.Graph) -> None:
    told = graph.explain('find Node next+ "nobody"')
    assert told.text == 'find Node next+ "nobody"'
    assert 'walk back from "nobody"' in told.plan
    assert "itself is left out" in str(told)
    assert graph.profile("find Node limit 3").rows == 3
    assert graph.explain("find cycles via next{2..4}").question.splitlines()[0].endswith("today.")
    assert "goes through" in graph.explain("find cycles via next{2..4} through @n01").question


def test_what_is_done_over_arrays_is_told_with_how_much_it_meets(graph: relgraph.Graph) -> None:
    question = "find Node next Node next{1..3} $end"
    list(graph.query(question, end="n05"))
    count = graph.count("next")
    first, near, far = graph.explain(question).native.splitlines()
    assert first == "start with 1 named at the end"
    assert near.startswith(f"  next, inward: {count:,} relations")
    assert near.endswith("up to 3 times, what was met marked")
    assert far.startswith(f"  next, inward: {count:,} relations")
    assert far.endswith("reached")
    assert graph.profile(question, end="n05").explanation.native == graph.explain(question).native


@pytest.mark.parametrize("error", [relgraph.QueryTimeout, relgraph.QueryLimitError])
def test_a_note_that_would_cost_too_much_does_not_cost_the_answer(
    graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch, error: type[relgraph.QueryError]
) -> None:
    text = "find Node where name = 'n05'"
    assert "another case" in graph.query(text).notes[-1]
    asked = []

    def only_once(*given: Any) -> Any:
        asked.append(given)
        if len(asked) > 1:
            raise error("too much")
        return answer(*given)

    monkeypatch.setattr("relgraph.answering.answer", only_once)
    found = graph.query(text)
    assert (list(found), list(found.notes), len(asked)) == ([], [], 2)
