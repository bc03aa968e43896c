"""Days: when a relation takes part, and what moves the day of a question."""

from __future__ import annotations

import relgraph
from tests.conformance.meaning.asking import refused, rows


def test_a_relation_takes_part_if_it_holds_on_the_questions_day(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies "ACME"') == ["Bolt"]
    assert rows(market, 'find Company supplies "ACME" as of 2021-01-01') == ["Cog"]
    assert rows(market, 'find Company supplies "ACME" as of 2023-01-01') == ["Bolt"]
    assert rows(market, 'find Company not supplies "ACME" and supplies Company as of 2021-01-01') == ["Dyn", "Ente"]


def test_during_is_overlapping_and_any_time_switches_the_test_off(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies "ACME" during 2022') == ["Bolt", "Cog"]
    assert rows(market, 'find Company supplies "ACME" during 2018 to 2019-Q1') == ["Cog"]
    assert rows(market, 'find Company supplies "ACME" as of any time') == ["Bolt", "Cog"]


def test_brackets_move_one_step_and_beat_the_tail(market: relgraph.View) -> None:
    assert rows(market, 'find Company supplies[ever] "ACME" as of 2021-01-01') == ["Bolt", "Cog"]
    assert rows(market, 'find Company supplies[as of 2021-01-01] "ACME"') == ["Cog"]
    assert rows(market, 'find Company supplies[during 2023] "ACME" as of 2021-01-01') == ["Bolt"]


def test_an_operands_own_time_beats_the_outer_one(market: relgraph.View) -> None:
    text = '(find Company supplies "ACME") minus (find Company supplies "ACME" as of 2021-01-01) as of any time'
    assert rows(market, text) == ["Bolt"]


def test_as_of_takes_a_day(market: relgraph.View) -> None:
    assert refused(market, "find Company supplies Company as of 2023").details["about"] == "no-day"


def test_today_is_the_questions_day(market: relgraph.View) -> None:
    assert rows(market, "find relations customer_of[since > today - 2 years]") == ["Cog customer_of ACME"]
    assert rows(market, "find relations customer_of[since > today - 1 year] as of 2021-12-31") == [
        "Bolt customer_of ACME"
    ]


def test_a_condition_that_can_never_hold_is_an_error_with_the_way_out(market: relgraph.View) -> None:
    error = refused(market, "find Company supplies[until < today] Company")
    assert error.details["about"] == "never"
    assert "[ever and until < today]" in str(error.hint)
    assert refused(market, "find Company supplies us and not supplies us").details["about"] == "never"
    assert rows(market, "find Company supplies[ever and until < today] Company") == ["Cog"]
