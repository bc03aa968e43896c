"""Binding: names, directions, kinds and time become explicit."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from relgraph.errors import QueryError
from relgraph.query import ir
from relgraph.query import syntax as s
from relgraph.query.bind import bind
from relgraph.query.parse import parse
from relgraph.query.sentence import sentence
from relgraph.values import Money, Percent
from relgraph.vocabulary.model import Vocabulary
from tests.unit.query.asts import queries

QUESTIONS = [
    line.split("|||")[1].strip()
    for line in (Path(__file__).parent / "data" / "questions.txt").read_text(encoding="utf-8").splitlines()
]
TODAY = ir.AsOf(ir.Today())


def find(text: str, vocabulary: Vocabulary) -> ir.Find:
    query = bind(text, vocabulary).query
    assert isinstance(query, ir.Find)
    return query


def first_step(query: ir.Find) -> ir.Step:
    chain = query.test.parts[0]
    assert isinstance(chain, ir.Chain)
    return chain.links[0].step


def stored(step: ir.Step) -> ir.Stored:
    one = step.alternatives[0]
    assert isinstance(one, ir.Stored)
    return one


def compared(text: str, vocabulary: Vocabulary) -> ir.Compare:
    test = find(text, vocabulary).test.parts[0]
    assert isinstance(test, ir.Compare)
    return test


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_question_binds_and_so_does_its_canonical_text(text: str, commerce: Vocabulary) -> None:
    bound = bind(text, commerce)
    assert bind(bound.text, commerce) == bound
    assert bind(parse(text), commerce) == bound
    assert sentence(text, commerce)


def test_the_direction_is_explicit_and_narrow_predicates_are_included(commerce: Vocabulary) -> None:
    assert stored(first_step(find("find Company owned_by us", commerce))) == ir.Stored(
        ("owns", "wholly_owns"), "in", TODAY, None, "owned_by"
    )
    assert stored(first_step(find("find Company wholly_owns us", commerce))).predicates == ("wholly_owns",)
    assert stored(first_step(find("find Company partner_of us", commerce))).direction == "both"
    anyhow = stored(first_step(find("find Company any us", commerce)))
    assert anyhow.direction == "both"
    assert anyhow.predicates == tuple(commerce.predicates)


def test_time_stands_on_each_step_and_brackets_beat_the_tail(commerce: Vocabulary) -> None:
    query = find(
        "find Company owns[ever] Company owns[as of 2020-05-01] Company owns[during 2020 to 2021-Q1] Company owns us"
        " as of 2024-01-01",
        commerce,
    )
    chain = query.test.parts[0]
    assert isinstance(chain, ir.Chain)
    times = [stored(link.step).when for link in chain.links]
    assert times == [
        ir.AnyTime(),
        ir.AsOf(ir.Constant(date(2020, 5, 1), "date")),
        ir.During(
            ir.Constant(ir.Days(date(2020, 1, 1), date(2020, 12, 31)), "period"),
            ir.Constant(ir.Days(date(2021, 1, 1), date(2021, 3, 31)), "period"),
        ),
        ir.AsOf(ir.Constant(date(2024, 1, 1), "date")),
    ]
    assert query.time == ir.Time(ir.AsOf(ir.Constant(date(2024, 1, 1), "date")))


def test_an_operands_own_time_beats_the_one_after_the_parentheses(commerce: Vocabulary) -> None:
    query = bind(
        "(find Company supplies us) minus (find Company supplies us as of any time) during 2023 known at 2024-01-01",
        commerce,
    ).query
    assert isinstance(query, ir.SetQuery)
    one, other = query.operands
    year = ir.Constant(ir.Days(date(2023, 1, 1), date(2023, 12, 31)), "period")
    assert one.time == ir.Time(ir.During(year, year), ir.Constant(date(2024, 1, 1), "date"))
    assert other.time == ir.Time(ir.AnyTime(), ir.Constant(date(2024, 1, 1), "date"))


def test_tails_after_parentheses_join_those_inside(commerce: Vocabulary) -> None:
    query = bind("(find Company supplies us as of 2020-01-01) as of 2021-01-01 limit 3", commerce).query
    assert isinstance(query, ir.Find)
    assert query.time.valid == ir.AsOf(ir.Constant(date(2020, 1, 1), "date"))
    assert query.tail.limit == 3


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("find Company where sector = 'Steel'", ir.Constant("Steel", "text")),
        ("find Company where revenue > 10k EUR", ir.Constant(Money("10000", "EUR"), "money")),
        ("find Company where revenue.amount > 10k", ir.Constant(Decimal(10_000), "decimal")),
        ("find Company where degree > 3", ir.Constant(3, "integer")),
        ("find Company where public = true", ir.Constant(True, "boolean")),  # noqa: FBT003
        ("find Company where founded < 2023", ir.Constant(ir.Days(date(2023, 1, 1), date(2023, 12, 31)), "period")),
        ("find Company where founded = 2024-02", ir.Constant(ir.Days(date(2024, 2, 1), date(2024, 2, 29)), "period")),
        (
            "find Company where founded in 2024-Q4",
            ir.Constant(ir.Days(date(2024, 10, 1), date(2024, 12, 31)), "period"),
        ),
        ("find Person where born >= 1980-02-03", ir.Constant(date(1980, 2, 3), "date")),
        ("find Person where born > today - 1 year", ir.Today(-1, "year")),
        ("find Opportunity where seen_at > 2024-01-01T10:00", ir.Constant(datetime(2024, 1, 1, 10), "datetime")),  # noqa: DTZ001
        (
            "find Opportunity where seen_at > 2024-01-01",
            ir.Constant(ir.Days(date(2024, 1, 1), date(2024, 1, 1)), "period"),
        ),
        ("find Company where name = $n", ir.Parameter("n", "text")),
        ("find Company where founded > $d", ir.Parameter("d", "period")),
        ("find Company where region = name", ir.Attribute(ir.This(), "name", "text")),
    ],
)
def test_literals_take_the_kind_of_what_they_meet(text: str, right: ir.Expression, commerce: Vocabulary) -> None:
    assert compared(text, commerce).right == right


@pytest.mark.parametrize(("said", "value"), [("25%", "25%"), ("0", "0%"), ("0%", "0%")])
def test_percent_fields_take_percents_and_zero(said: str, value: str, commerce: Vocabulary) -> None:
    test = stored(first_step(find(f"find Person owns[share > {said}] us", commerce))).test
    assert isinstance(test, ir.Compare)
    assert test.right == ir.Constant(Percent(value), "percent")


def test_percent_literals_fit_decimals(commerce: Vocabulary) -> None:
    test = stored(first_step(find("find Person knows[strength > 25%] me", commerce))).test
    assert isinstance(test, ir.Compare)
    assert test.right == ir.Constant(Decimal("0.25"), "decimal")


def test_names_in_quotes_wait_for_their_ids_within_the_types_of_their_place(commerce: Vocabulary) -> None:
    assert bind("find Person employed_by 'ACME'", commerce).names == (ir.Named("ACME", ("Company",)),)
    assert bind("find Organization owned_by 'X' | Person 'Y'", commerce).names == (
        ir.Named("X", ("Company", "Person")),
        ir.Named("Y", ("Person",)),
    )
    assert bind("find anything linked_to 'X'", commerce).names == (ir.Named("X"),)


def test_parameters_are_listed_once_each_with_their_kind(commerce: Vocabulary) -> None:
    bound = bind(
        "find Company supplies $who and with at least $n owned_by Person where sector in $sectors limit $n", commerce
    )
    assert bound.parameters == (
        ir.Parameter("who", "entity", many=True, types=("Company", "Product")),
        ir.Parameter("n", "integer"),
        ir.Parameter("sectors", "text", many=True, choices=("Steel", "Media", "Rail")),
    )


def test_without_show_the_found_and_the_named_are_the_columns(commerce: Vocabulary) -> None:
    tail = find("find Company customer_of as deal us and optionally managed_by Person as m", commerce).tail
    assert [(one.title, one.kind) for one in tail.columns] == [
        ("entity", "entity"),
        ("deal", "relation"),
        ("m", "entity"),
    ]
    assert tail.things == (ir.FOUND, "deal", "m")
    query = find("find Company as c owned_by+ as way us", commerce)
    assert [one.sort for one in query.variables] == ["entity", "route"]
    assert query.tail.columns[0].title == "c"


def test_show_makes_the_rows_those_of_the_things_it_mentions(commerce: Vocabulary) -> None:
    assert find("find Company customer_of as d us and managed_by Person as m show m.name", commerce).tail.things == (
        "m",
    )
    tail = find(
        "find Company customer_of as d us show sector, sum(d.contract_value) as v group by sector", commerce
    ).tail
    assert tail.grouping == (ir.Attribute(ir.Ref("", "entity"), "sector", "text"),)
    value = tail.columns[1].value
    assert isinstance(value, ir.Aggregate)
    assert (value.over, value.kind) == (("d",), "money")


def test_aggregates_alone_make_one_row_and_group_by_alone_counts(commerce: Vocabulary) -> None:
    assert find("find Company show count()", commerce).tail.grouping == ()
    assert [one.title for one in find("how many Company", commerce).tail.columns] == ["count"]
    grouped = find("find Company group by sector", commerce).tail
    assert [one.title for one in grouped.columns] == ["sector", "count"]


def test_count_of_a_predicate_counts_for_each_found_thing(commerce: Vocabulary) -> None:
    column = find("find Company show name, count(supplied_by)", commerce).tail.columns[1]
    assert isinstance(column.value, ir.CountRelated)
    assert stored(column.value.step).direction == "in"


def test_titles_may_be_called_in_order_by_and_having(commerce: Vocabulary) -> None:
    tail = find(
        "find Company customer_of as d us group by sector show sector, sum(d.contract_value) as v"
        " having v > 10 EUR order by v desc",
        commerce,
    ).tail
    assert tail.order == (ir.OrderKey(tail.columns[1].value, descending=True),)
    assert isinstance(tail.having, ir.Compare)
    assert tail.having.left == tail.columns[1].value


def test_a_name_again_is_the_same_thing(commerce: Vocabulary) -> None:
    query = find("find Company as a owns Company owns a", commerce)
    chain = query.test.parts[0]
    assert isinstance(chain, ir.Chain)
    assert chain.links[1].target == ir.Same("a")


def test_with_and_no_before_a_field_are_present_and_missing(commerce: Vocabulary) -> None:
    sector = ir.Present(ir.Attribute(ir.This(), "sector", "text"))
    assert find("find Company with sector", commerce).test.parts == (sector,)
    assert find("find Company no sector", commerce).test.parts == (ir.Not(sector),)
    assert isinstance(find("find Company no contact", commerce).test.parts[0], ir.Not)


@pytest.mark.parametrize(
    ("said", "operator"),
    [("at least", ">="), ("at most", "<="), ("exactly", "="), ("more than", ">"), ("fewer than", "<")],
)
def test_counts_are_comparisons(said: str, operator: str, commerce: Vocabulary) -> None:
    test = find(f"find Company with {said} 3 times owned_by Person", commerce).test.parts[0]
    assert isinstance(test, ir.Count)
    assert (test.operator, test.number, test.relations) == (operator, 3, True)


def test_a_transitive_derived_predicate_is_a_hop_range(commerce: Vocabulary) -> None:
    step = first_step(find("find Company in_group_of as way us", commerce))
    assert step == ir.Step(
        (ir.Stored(("owns", "wholly_owns"), "in", TODAY, None, "owned_by"),), ir.Hops(1, None), (), "way"
    )
    turned = first_step(find("find Company group_includes us", commerce))
    assert stored(turned).direction == "out"
    assert first_step(find("find Company in_group_of* us", commerce)).hops == ir.Hops(0, None)
    twice = first_step(find("find Company in_group_of{2} us", commerce))
    assert isinstance(twice.alternatives[0], ir.Composite)


def test_a_path_is_its_steps_one_after_the_other_and_back(commerce: Vocabulary) -> None:
    step = first_step(find("find Person works_for_customer_of[ever] us", commerce))
    composite = step.alternatives[0]
    assert isinstance(composite, ir.Composite)
    assert [stored(one).written for one in composite.steps] == ["employed_by", "customer_of"]
    assert {stored(one).when for one in composite.steps} == {ir.AnyTime()}
    back = first_step(find("find Company has_customer_employing Person", commerce)).alternatives[0]
    assert isinstance(back, ir.Composite)
    assert [stored(one).written for one in back.steps] == ["has_customer", "employs"]


def test_a_measure_stays_one_and_its_share_can_be_tested_and_shown(commerce: Vocabulary) -> None:
    query = find("find Person ultimately_owns[share > 25%] as u 'ACME' show name, u.share", commerce)
    measure = first_step(query).alternatives[0]
    assert isinstance(measure, ir.Measure)
    assert (measure.measure, measure.forward, measure.share) == ("integrated_share", True, "share")
    assert query.tail.columns[1].value == ir.Attribute(ir.Ref("u", "route"), "share", "percent")
    back = first_step(find("find Company ultimately_owned_by Person", commerce)).alternatives[0]
    assert isinstance(back, ir.Measure)
    assert not back.forward
    assert stored(back.over).direction == "out"


def test_listed_paths_are_bounded(commerce: Vocabulary) -> None:
    query = bind("find shortest paths from me to 'X' via knows", commerce).query
    assert isinstance(query, ir.Paths)
    assert query.step.hops == ir.Hops(1, 6)
    assert query.count is None
    one = bind("find shortest path from me to 'X' via any", commerce).query
    assert isinstance(one, ir.Paths)
    assert one.count == 1
    strong = bind("find 5 strongest paths from me to 'X' via knows{1..4}", commerce, listed=ir.Hops(1, 3)).query
    assert isinstance(strong, ir.Paths)
    assert (strong.count, strong.prefer, strong.step.hops) == (5, "strength", ir.Hops(1, 4))


def test_relations_know_their_ends_in_the_reading_that_was_written(commerce: Vocabulary) -> None:
    query = bind("find relations owned_by as r from 'A' to Person as p where share > 5%", commerce).query
    assert isinstance(query, ir.Relations)
    assert query.alternatives[0].direction == "in"
    assert isinstance(query.source, ir.Pattern)
    assert query.source.members == (ir.Named("A", ("Company",)),)
    assert query.tail.things == ("r", "p")
    everything = bind("find relations between 'A' and 'B'", commerce).query
    assert isinstance(everything, ir.Relations)
    assert len(everything.ends) == 2


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("revenue / 2", "money"),
        ("revenue / revenue", "decimal"),
        ("degree * 2", "integer"),
        ("degree / 2", "decimal"),
        ("d.until - d.since", "duration"),
        ("avg(degree)", "decimal"),
        ("min(founded)", "partial date"),
        ("collect(sector)", "text"),
        ("count(distinct sector)", "integer"),
        ("first(region, name)", "text"),
        ("founded is missing", "boolean"),
        ("10% * revenue", "money"),
        ("50% / 25%", "decimal"),
    ],
)
def test_computed_values_have_a_kind(value: str, kind: str, commerce: Vocabulary) -> None:
    aggregated = value.startswith(("avg", "min", "collect", "count"))
    query = find(f"find Company customer_of as d us show {value} as v{'' if aggregated else ', name, d.id'}", commerce)
    assert query.tail.columns[0].kind == kind


def test_alternatives_and_missing_attributes(commerce: Vocabulary) -> None:
    query = find("find Person owns[share > 5%]|controls as hold 'X' show hold.share", commerce)
    assert query.tail.columns[0].kind == "percent"
    assert query.variables[1].kinds == ("owns", "wholly_owns", "controls")


def test_a_question_that_a_program_built_binds_as_its_text_does(commerce: Vocabulary) -> None:
    built = s.Find(s.Types((s.TypeOption("Compny"),)))
    with pytest.raises(QueryError) as caught:
        bind(built, commerce)
    assert caught.value.details["span"] == [5, 11]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries)
def test_no_question_crashes_the_binder(query: s.Query) -> None:
    refused = outcome(str(query))
    assert refused is None or all(one["message"] for one in refused.details["errors"])


def outcome(text: str) -> QueryError | None:
    try:
        bind(text, VOCABULARY)
    except QueryError as error:
        return error
    return None


VOCABULARY: Any = Vocabulary.from_text(
    """
types:
  Company: {fields: {name: {type: text}, deal: {type: money}, a: {type: date}}}
  group: {fields: {at: {type: percent}}}
  US: {}
tags: {x: {}}
predicates:
  owns: {inverse: by, attributes: {count: {type: decimal}, l: {type: boolean}, path: {type: integer}}}
  contains: {symmetric: true}
  Me: {inverse: least, subject: [Company], object: [group]}
derived:
  exactly: {inverse: exactly_by, over: owns}
"""
)
