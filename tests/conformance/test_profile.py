"""How answering went, step by step: how many rows each step was given and left, on every store."""

from __future__ import annotations

import pytest

import relgraph
from relgraph.vocabulary.load import load_vocabulary
from tests.conformance.analysts import ME, QUESTIONS, TODAY, US, write
from tests.conformance.conftest import Opening


@pytest.fixture
def network(opening: Opening) -> relgraph.View:
    graph = opening(load_vocabulary("crm"), me=ME, us=US)
    write(graph)
    return graph.as_of(TODAY)


CHAIN = """find Person[country = "FR"] employed_by Company[sector = "Media"] as c
    customer_of[contract_value > 60 EUR] Company where c.country = "DE" """


def test_each_step_of_a_chain_with_filters_is_told(network: relgraph.View) -> None:
    told = network.profile(CHAIN)
    assert told.rows == len(network.query(CHAIN)) == 1
    assert not told.truncated
    assert list(told.stages) == ["parse and bind", "answer"]
    first, *steps, last = told.steps
    assert (first.what, last.what) == ("names and parameters", "read what is shown")
    assert (last.rows_in, last.rows_out) == (1, 1)
    timed = [one.seconds for one in told.steps if one.seconds is not None]
    assert all(one >= 0 for one in timed)
    assert sum(timed) <= told.stages["answer"]
    if not steps[0].what.startswith("one statement of the server"):
        assert [(one.rows_in, one.rows_out, one.what) for one in steps] == [
            (None, 4, "start with every Person tested by country"),
            (4, 1, "along employed_by to Company"),
            (1, 1, "along customer_of tested by contract_value to Company"),
            (4, 1, "keep those for which: employed_by Company -> customer_of Company"),
            (1, 1, "keep those for which: test of country"),
            (1, 1, "put in order and cut"),
        ]
        return
    statement, *operators, rows = steps
    assert (statement.rows_in, statement.rows_out) == (None, 1)
    assert "MATCH" in statement.what
    assert rows.what == "put in order and cut"
    # the operators of the server, from the first to the one that gives the rows; it tells no times of them
    assert len(operators) > 3
    assert all(one.seconds is None for one in operators)
    assert operators[-1].what.startswith("  ProduceResults")
    assert operators[-1].rows_out == 1


@pytest.mark.parametrize("name", ["S3", "S4", "S6", "S10", "S13", "D2", "K1", "N1", "N2", "N7"])
def test_the_steps_of_every_form_end_with_its_rows(name: str, network: relgraph.View) -> None:
    told = network.profile(QUESTIONS[name])
    assert told.rows == len(network.query(QUESTIONS[name]))
    assert told.steps[-1].rows_out == told.rows
    assert len(told.steps) > 3
    assert f"{told.rows:,} rows" in str(told).splitlines()[-1]
    written = told.to_dict()
    assert [one["rows_out"] for one in written["steps"]] == [one.rows_out for one in told.steps]
    assert written["explanation"] == told.explanation.to_dict()


def test_it_takes_parameters_and_refuses_as_a_question_does(network: relgraph.View) -> None:
    text = "find Person employed_by $c"
    assert network.profile(text, c="x").rows == network.profile(text, params={"c": ["x"]}).rows == 2
    with pytest.raises(relgraph.QueryNameError, match=r"\$c"):
        network.profile(text)
